/* Alignment, paths, segments, lags, and the matching of events against librosa, SciPy and scikit-learn. */
#include "golden/golden.h"
#include <sori/structure.h>

enum { MOST_STEPS = 8 };

/* --- dtw ------------------------------------------------------------------------------------------------------ */

typedef struct sizes { int size[MOST_STEPS][2]; size_t n; } sizes;

static void read_sizes(golden_call *g, sizes *s) {
    const json_t *list = golden_arg(g, "step_sizes_sigma"), *item;
    size_t i;
    s->n = 0;
    json_array_foreach(list, i, item) {
        s->size[i][0] = (int)json_integer_value(json_array_get(item, 0));
        s->size[i][1] = (int)json_integer_value(json_array_get(item, 1));
        s->n++;
    }
}

static const double *weights(golden_call *g, const char *name) {
    sori_array *a = golden_array(g, name);
    return a ? a->data : NULL;
}

static sori_dtw_result align(golden_call *g) {
    static const char *const metrics[] = { "euclidean", "sqeuclidean", "cityblock", "cosine" };
    sizes s;
    read_sizes(g, &s);
    bool backtrack = !golden_unusual(g, "backtrack", true), steps = golden_unusual(g, "return_steps", false);
    (void)backtrack, (void)steps;   /* every result is made; which one is looked at is the function's name */
    sori_dtw_config config = {
        .C = golden_array(g, "C"), .metric = (sori_metric)golden_choice(g, "metric", metrics, 4),
        .step_sizes_sigma = s.n ? (const int (*)[2])s.size : NULL, .n_steps = s.n,
        .weights_add = weights(g, "weights_add"), .weights_mul = weights(g, "weights_mul"),
        .subseq = golden_unusual(g, "subseq", false), .band_rad = golden_number(g, "band_rad"),
        .global_constraints = golden_unusual(g, "global_constraints", false), .return_steps = true,
    };
    sori_array *X = golden_array(g, "X"), *Y = golden_array(g, "Y");
    return sori_dtw(g->c, X, Y, &config);
}

static sori_array *run_dtw_D(golden_call *g) {
    sori_array *D = align(g).D;
    for (size_t i = 0; D && i < D->size; i++)
        if (isinf(((double *)D->data)[i])) ((double *)D->data)[i] = -1;
    return D;
}
static sori_array *run_dtw_wp(golden_call *g) { return align(g).wp; }
static sori_array *run_dtw_steps(golden_call *g) { return align(g).steps; }

static sori_array *run_dtw_backtracking(golden_call *g) {
    sizes s;
    read_sizes(g, &s);
    const int (*sigma)[2] = s.n ? (const int (*)[2])s.size : NULL;
    bool subseq = golden_unusual(g, "subseq", false);
    sori_dtw_config config = { .step_sizes_sigma = sigma, .n_steps = s.n, .subseq = subseq, .no_backtrack = true,
                               .return_steps = true };
    sori_array *X = golden_array(g, "X"), *Y = golden_array(g, "Y"), *steps = sori_dtw(g->c, X, Y, &config).steps;
    sori_dtw_backtracking_config back = { .step_sizes_sigma = sigma, .n_steps = s.n, .subseq = subseq,
                                          .start = golden_opt(g, "start") };
    return sori_dtw_backtracking(g->c, steps, &back);
}

/* --- recurrence ----------------------------------------------------------------------------------------------- */

static sori_rqa_result quantify(golden_call *g) {
    sori_array *sim = golden_array(g, "sim");
    float threshold = (float)golden_number(g, "threshold"), *v = sim->data;
    for (size_t i = 0; i < sim->size; i++) v[i] = v[i] > threshold ? v[i] : 0;
    (void)golden_unusual(g, "backtrack", true);
    sori_rqa_config config = { .gap_onset = golden_opt(g, "gap_onset"), .gap_extend = golden_opt(g, "gap_extend"),
                               .no_knight_moves = golden_unusual(g, "knight_moves", true) };
    return sori_rqa(g->c, sim, &config);
}
static sori_array *run_rqa_score(golden_call *g) { return quantify(g).score; }
static sori_array *run_rqa_path(golden_call *g) { return quantify(g).path; }

static sori_lag_config lag_config(golden_call *g) {
    const json_t *axis = golden_arg(g, "axis");
    return (sori_lag_config){ .unpadded = golden_unusual(g, "pad", true),
                              .axis0 = axis && json_integer_value(axis) == 0 };
}
static sori_array *run_recurrence_to_lag(golden_call *g) {
    sori_lag_config config = lag_config(g);
    return sori_recurrence_to_lag(g->c, golden_array(g, "rec"), &config);
}
static sori_array *run_lag_to_recurrence(golden_call *g) {
    const json_t *axis = golden_arg(g, "axis");
    sori_lag_config config = { .axis0 = axis && json_integer_value(axis) == 0 };
    return sori_lag_to_recurrence(g->c, golden_array(g, "lag"), &config);
}

static sori_matrix_filter_config window_config(golden_call *g) {
    const json_t *size = golden_arg(g, "size");
    return (sori_matrix_filter_config){ .size = { (int)json_integer_value(json_array_get(size, 0)),
                                                  (int)json_integer_value(json_array_get(size, 1)) } };
}
static sori_array *timelag(golden_call *g, sori_matrix_filter *filter) {
    sori_matrix_filter_config config = window_config(g);
    sori_lag_config lag = { .unpadded = golden_unusual(g, "pad", true) };
    return sori_timelag_filter(g->c, golden_array(g, "rec"), filter, &config, &lag);
}
static sori_array *run_timelag_median(golden_call *g) { return timelag(g, sori_median_of_window); }
static sori_array *run_timelag_mean(golden_call *g) { return timelag(g, sori_mean_of_window); }

static sori_extend extend(golden_call *g) {
    static const char *const modes[] = { "reflect", "constant", "nearest", "mirror", "wrap" };
    return (sori_extend)golden_choice(g, "mode", modes, 5);
}
static sori_array *window_filter(golden_call *g, sori_matrix_filter *filter) {
    sori_matrix_filter_config config = window_config(g);
    config.mode = extend(g);
    return filter(g->c, golden_array(g, "a"), &config);
}
static sori_array *run_median(golden_call *g) { return window_filter(g, sori_median_of_window); }
static sori_array *run_mean(golden_call *g) { return window_filter(g, sori_mean_of_window); }

/* --- diagonals ------------------------------------------------------------------------------------------------ */

static sori_array *run_diagonal_filter(golden_call *g) {
    sori_diagonal_filter_config config = { .window = golden_string(g, "window"), .slope = golden_number(g, "slope"),
                                           .angle = golden_opt(g, "angle"),
                                           .zero_mean = golden_unusual(g, "zero_mean", false) };
    return sori_diagonal_filter(g->c, golden_int(g, "n"), &config);
}

static sori_array *run_path_enhance(golden_call *g) {
    sori_path_enhance_config config = {
        .window = golden_string(g, "window"), .max_ratio = golden_number(g, "max_ratio"),
        .min_ratio = golden_number(g, "min_ratio"), .n_filters = golden_int(g, "n_filters"),
        .zero_mean = golden_unusual(g, "zero_mean", false), .unclipped = golden_unusual(g, "clip", true),
        .mode = extend(g), .cval = golden_number(g, "cval"),
    };
    sori_array *R = golden_array(g, "R");
    return sori_path_enhance(g->c, R, golden_int(g, "n"), &config);
}

/* --- segments, frames, events --------------------------------------------------------------------------------- */

static sori_array *run_agglomerative(golden_call *g) {
    sori_array *data = golden_array(g, "data");
    return sori_agglomerative(g->c, data, (size_t)golden_int(g, "k"));
}
static sori_array *run_agglomerative_mfcc(golden_call *g) {
    sori_audio y = golden_audio(g);
    size_t k = (size_t)golden_int(g, "k");
    return y.y ? sori_agglomerative(g->c, sori_mfcc(g->c, y, &(sori_mfcc_config){ .mel.stft.exact = true }), k) : NULL;
}
static sori_array *run_subsegment(golden_call *g) {
    sori_array *data = golden_array(g, "data"), *frames = golden_array(g, "frames");
    return sori_subsegment(g->c, data, frames, golden_int(g, "n_segments"));
}

static sori_fix_frames_config limits(golden_call *g, const char *low, const char *high) {
    return (sori_fix_frames_config){ .x_min = golden_opt(g, low), .x_max = golden_opt(g, high),
                                     .unpadded = golden_unusual(g, "pad", true) };
}
static sori_array *run_fix_frames(golden_call *g) {
    sori_fix_frames_config config = limits(g, "x_min", "x_max");
    return sori_fix_frames(g->c, golden_array(g, "frames"), &config);
}
static sori_array *run_index_to_slice(golden_call *g) {
    sori_fix_frames_config config = limits(g, "idx_min", "idx_max");
    return sori_index_to_slice(g->c, golden_array(g, "idx"), &config);
}

/* A list of pairs as [n, 2], any other as it is. */
static sori_array *pairs(golden_call *g, const char *name) {
    const json_t *list = golden_arg(g, name);
    size_t n = json_array_size(list);
    if (!json_is_array(json_array_get(list, 0))) return golden_array(g, name);
    sori_array *a = sori_array_new(g->c, SORI_F64, 2, (size_t[]){ n, 2 });
    for (size_t i = 0; i < 2 * n; i++)
        ((double *)a->data)[i] = json_number_value(json_array_get(json_array_get(list, i / 2), i % 2));
    return a;
}

static sori_array *run_sync(golden_call *g) {
    sori_sync_config config = { .aggregate = golden_aggregate(g, "aggregate", SORI_AGGREGATE_DEFAULT),
                                .unpadded = golden_unusual(g, "pad", true) };
    sori_array *data = golden_array(g, "data");
    return sori_sync(g->c, data, pairs(g, "idx"), &config);
}

static sori_array *run_match_events(golden_call *g) {
    sori_match_config config = { .not_left = golden_unusual(g, "left", true),
                                 .not_right = golden_unusual(g, "right", true) };
    sori_array *from = golden_array(g, "events_from"), *to = golden_array(g, "events_to");
    return sori_match_events(g->c, from, to, &config);
}
static sori_array *run_match_intervals(golden_call *g) {
    sori_match_config config = { .lenient = golden_unusual(g, "strict", true) };
    sori_array *from = pairs(g, "intervals_from"), *to = pairs(g, "intervals_to");
    return sori_match_intervals(g->c, from, to, &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "dtw_D", run_dtw_D }, { "dtw_wp", run_dtw_wp }, { "dtw_steps", run_dtw_steps },
        { "dtw_backtracking", run_dtw_backtracking }, { "rqa_score", run_rqa_score }, { "rqa_path", run_rqa_path },
        { "recurrence_to_lag", run_recurrence_to_lag }, { "lag_to_recurrence", run_lag_to_recurrence },
        { "timelag_median", run_timelag_median }, { "timelag_mean", run_timelag_mean }, { "median", run_median },
        { "mean", run_mean }, { "diagonal_filter", run_diagonal_filter }, { "path_enhance", run_path_enhance },
        { "agglomerative", run_agglomerative }, { "agglomerative_mfcc", run_agglomerative_mfcc },
        { "subsegment", run_subsegment }, { "fix_frames", run_fix_frames }, { "index_to_slice", run_index_to_slice },
        { "sync", run_sync }, { "match_events", run_match_events }, { "match_intervals", run_match_intervals },
    };
    return golden_main("structure", adapters, BASE_COUNT(adapters));
}
