/* What alignment, paths, segments and matching refuse, the sentence they say, and what they make of next to nothing. */
#include "arrays.h"
#include <sori/structure.h>

static sori_array *list(sori_ctx *c, size_t n, const double *values) {
    return sori_array_from(c, SORI_F64, 1, &n, values);
}
#define LIST(c, ...) list(c, sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), (double[]){ __VA_ARGS__ })

static sori_array *pairs(sori_ctx *c, size_t n, const double *values) {
    return sori_array_from(c, SORI_F64, 2, (size_t[]){ n / 2, 2 }, values);
}
#define PAIRS(c, ...) pairs(c, sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), (double[]){ __VA_ARGS__ })

static void expect(const sori_array *a, size_t n, const int64_t *values) {
    assert_non_null(a);
    assert_int_equal(a->size, n);
    for (size_t i = 0; i < n; i++) assert_int_equal(((const int64_t *)a->data)[i], values[i]);
}
#define EXPECT(a, ...) expect(a, sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t), (int64_t[]){ __VA_ARGS__ })

static void alignment(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *X = filled(c, 3, 5, 1), *Y = filled(c, 3, 4, 2), *Z = filled(c, 2, 4, 1), *zero = filled(c, 3, 4, 0);
    REFUSES(c, sori_dtw(c, NULL, Y, NULL).D, "dtw: no X given");
    REFUSES(c, sori_dtw(c, X, NULL, NULL).D, "dtw: no Y given");
    REFUSES(c, sori_dtw(c, X, Z, NULL).D, "dtw: X has 3 features, Y has 2");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .C = Z }).D, "dtw: both C and X or Y are given");
    REFUSES(c, sori_dtw(c, X, zero, &(sori_dtw_config){ .metric = SORI_METRIC_COSINE }).D,
            "dtw: frame 0 of Y is all zero, which has no cosine");
    REFUSES(c, sori_dtw(c, X, zero, &(sori_dtw_config){ .metric = SORI_METRIC_COSINE, .subseq = true }).D,
            "dtw: frame 0 of Y is all zero, which has no cosine");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .metric = 9 }).D, "dtw: there is no metric 9");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .max_cells = 19 }).D,
            "dtw: 5 x 4 cells are more than max_cells 19");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .band_rad = -1 }).D,
            "dtw: band_rad -1 is not above 0 and up to 1");
    REFUSES(c, sori_dtw(c, X, filled(c, 3, 0, 1), NULL).D, "dtw: Y has no values");
    static const int back[][2] = { { 1, -1 } }, none[][2] = { { 0, 0 } }, far[][2] = { { 4, 4 } };
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .step_sizes_sigma = back, .n_steps = 1 }).D,
            "dtw: (1, -1) is not a step forward");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .step_sizes_sigma = none, .n_steps = 1 }).D,
            "dtw: (0, 0) is not a step forward");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .step_sizes_sigma = far, .n_steps = 0 }).D,
            "dtw: 0 steps, with step_sizes_sigma not within 1 .. 253");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .n_steps = 1 }).D, "dtw: 1 steps, with step_sizes_sigma missing");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .step_sizes_sigma = far, .n_steps = 1 }).wp,
            "dtw: these steps lead to no path through 5 x 4 cells");
    REFUSES(c, sori_dtw(c, X, Y, &(sori_dtw_config){ .weights_add = (double[]){ 0, NAN, 0 } }).D,
            "dtw: a weight of step 1 is NaN");
    ((float *)X->data)[7] = NAN;
    REFUSES(c, sori_dtw(c, X, Y, NULL).D, "dtw: value 7 of X is not finite");
    REFUSES(c, sori_dtw(c, NULL, NULL, &(sori_dtw_config){ .C = X }).D, "dtw: value 7 of C is nan");
    ((float *)X->data)[7] = -INFINITY;
    REFUSES(c, sori_dtw(c, NULL, NULL, &(sori_dtw_config){ .C = X }).D, "dtw: value 7 of C is -inf");
    sori_dtw_result r = sori_dtw(c, NULL, NULL, &(sori_dtw_config){ .C = zero, .no_backtrack = true });
    assert_ok(c);
    assert_non_null(r.D);
    assert_null(r.wp);
    assert_null(r.steps);
    sori_close(c);
}

static void backtracking(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    int32_t numbers[] = { 0, 1, 1, 2, 0, 1, 2, 2, 0 };
    sori_array *steps = sori_array_from(c, SORI_I32, 2, (size_t[]){ 3, 3 }, numbers);
    EXPECT(sori_dtw_backtracking(c, steps, NULL), 2, 2, 1, 1, 0, 0);
    sori_dtw_backtracking_config start = { .start = SORI_VALUE(1) };
    REFUSES(c, sori_dtw_backtracking(c, steps, &start), "dtw_backtracking: start is only for subseq");
    start.subseq = true;
    EXPECT(sori_dtw_backtracking(c, steps, &start), 2, 1, 1, 1, 0, 0);
    start.start.value = 3;
    REFUSES(c, sori_dtw_backtracking(c, steps, &start), "dtw_backtracking: start 3 is outside the 3 columns");
    ((int32_t *)steps->data)[4] = 3;
    REFUSES(c, sori_dtw_backtracking(c, steps, NULL), "dtw_backtracking: there is no step 3");
    ((int32_t *)steps->data)[4] = -1;
    REFUSES(c, sori_dtw_backtracking(c, steps, NULL), "dtw_backtracking: there is no step -1");
    sori_close(c);
}

static void quantification(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *sim = filled(c, 3, 3, 0);
    REFUSES(c, sori_rqa(c, NULL, NULL).score, "rqa: no similarity matrix given");
    REFUSES(c, sori_rqa(c, filled(c, 3, 0, 0), NULL).score, "rqa: the similarity matrix has no cells");
    REFUSES(c, sori_rqa(c, sim, &(sori_rqa_config){ .gap_onset = SORI_VALUE(-1) }).score,
            "rqa: gap_onset -1 is not 0 or above");
    REFUSES(c, sori_rqa(c, sim, &(sori_rqa_config){ .gap_extend = SORI_VALUE(NAN) }).score,
            "rqa: gap_extend nan is not 0 or above");
    assert_int_equal(sori_rqa(c, sim, NULL).path->shape[0], 0);
    assert_null(sori_rqa(c, sim, &(sori_rqa_config){ .no_backtrack = true }).path);
    EXPECT(sori_rqa(c, filled(c, 1, 1, 2), NULL).path, 0, 0);
    /* A knight's move from column 0 to column 1, which librosa 0.11 follows to the wrong cell. */
    ((float *)sim->data)[0] = 5, ((float *)sim->data)[3] = 1, ((float *)sim->data)[7] = 1;
    EXPECT(sori_rqa(c, sim, NULL).path, 0, 0, 2, 1);
    ((float *)sim->data)[4] = INFINITY;
    REFUSES(c, sori_rqa(c, sim, NULL).score, "rqa: value 4 of the similarity matrix is not finite");
    sori_close(c);
}

static void segments(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *data = filled(c, 2, 6, 1);
    REFUSES(c, sori_agglomerative(c, data, 0), "agglomerative: k 0 is not within 1 .. 6 frames");
    REFUSES(c, sori_agglomerative(c, data, 7), "agglomerative: k 7 is not within 1 .. 6 frames");
    REFUSES(c, sori_agglomerative(c, filled(c, 2, 0, 1), 1), "agglomerative: the data have no frames");
    REFUSES(c, sori_subsegment(c, data, LIST(c, 2), -1), "subsegment: n_segments -1 is below 1");
    REFUSES(c, sori_subsegment(c, data, LIST(c, 2.5), 2), "fix_frames: frame 2.5 is not a whole number from 0 on");
    EXPECT(sori_agglomerative(c, filled(c, 2, 1, 1), 1), 0);
    EXPECT(sori_subsegment(c, data, LIST(c, 1, 2), 9), 0, 1, 2, 3, 4, 5);
    ((float *)data->data)[3] = NAN;
    REFUSES(c, sori_agglomerative(c, data, 2), "agglomerative: value 3 of the input is not finite");
    sori_close(c);
}

static sori_array *nothing(sori_ctx *c, const sori_array *a, void *user) { (void)c, (void)a, (void)user; return NULL; }

static void lags(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *oblong = filled(c, 3, 4, 1), *square = filled(c, 3, 3, 1);
    REFUSES(c, sori_recurrence_to_lag(c, oblong, NULL),
            "recurrence_to_lag: the recurrence matrix of 3 x 4 is not square");
    REFUSES(c, sori_lag_to_recurrence(c, oblong, NULL),
            "lag_to_recurrence: 3 lags are neither as many as the 4 frames nor twice");
    REFUSES(c, sori_recurrence_to_lag(c, LIST(c, 1), NULL), "recurrence_to_lag: the matrix has 1 axes, not 2");
    REFUSES(c, sori_timelag_filter(c, square, NULL, NULL, NULL), "timelag_filter: no filter given");
    REFUSES(c, sori_timelag_filter(c, square, nothing, NULL, NULL), "timelag_filter: the filter made nothing");
    REFUSES(c, sori_median_of_window(c, square, &(sori_matrix_filter_config){ .size = { 1, 4 } }),
            "median_of_window: size 4 is outside 1 .. 3, the length of that axis");
    REFUSES(c, sori_mean_of_window(c, square, &(sori_matrix_filter_config){ .mode = 7 }),
            "mean_of_window: there is no mode 7");
    assert_int_equal(sori_recurrence_to_lag(c, filled(c, 0, 0, 1), NULL)->size, 0);
    assert_int_equal(sori_median_of_window(c, filled(c, 3, 0, 1), NULL)->size, 0);
    assert_ok(c);
    sori_close(c);
}

static void diagonals(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *R = filled(c, 3, 4, 1);
    REFUSES(c, sori_diagonal_filter(c, 0, NULL), "diagonal_filter: n 0 is not within 1 .. 4096");
    REFUSES(c, sori_diagonal_filter(c, 2, NULL), "diagonal_filter: a window of 2 values leaves nothing to scale");
    REFUSES(c, sori_diagonal_filter(c, 9, &(sori_diagonal_filter_config){ .angle = SORI_VALUE(NAN) }),
            "diagonal_filter: the angle is not finite");
    REFUSES(c, sori_path_enhance(c, R, 5000, NULL), "path_enhance: n 5000 is not within 1 .. 4096");
    REFUSES(c, sori_path_enhance(c, R, 5, &(sori_path_enhance_config){ .min_ratio = 3 }),
            "path_enhance: min_ratio 3 is above max_ratio 2");
    REFUSES(c, sori_path_enhance(c, R, 5, &(sori_path_enhance_config){ .max_ratio = -1 }),
            "path_enhance: ratios -1 to -1 are not above 0");
    REFUSES(c, sori_path_enhance(c, R, 5, &(sori_path_enhance_config){ .n_filters = -1 }),
            "path_enhance: n_filters -1 is not within 1 .. 1024");
    REFUSES(c, sori_path_enhance(c, R, 5, &(sori_path_enhance_config){ .mode = 5 }),
            "path_enhance: there is no mode 5");
    assert_int_equal(sori_path_enhance(c, filled(c, 3, 0, 1), 5, NULL)->size, 0);
    assert_int_equal(sori_path_enhance(c, filled(c, 1, 1, 1), 5, NULL)->size, 1);
    assert_ok(c);
    sori_close(c);
}

static double largest_gap(void *user, const double *x, size_t n) { (void)x; return *(double *)user + (double)n; }

static void spans(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *data = filled(c, 2, 6, 3);
    REFUSES(c, sori_fix_frames(c, LIST(c, 3, -1), NULL), "fix_frames: frame -1 is not a whole number from 0 on");
    REFUSES(c, sori_fix_frames(c, LIST(c, 3), &(sori_fix_frames_config){ .x_max = SORI_VALUE(-2) }),
            "fix_frames: limit -2 is not a whole number from 0 on");
    REFUSES(c, sori_sync(c, data, PAIRS(c, 2, 2), NULL), "sync: slice 2 to 2 is empty or beyond the 6 frames");
    REFUSES(c, sori_sync(c, data, PAIRS(c, 2, 7), NULL), "sync: slice 2 to 7 is empty or beyond the 6 frames");
    REFUSES(c, sori_sync(c, data, LIST(c, 2), &(sori_sync_config){ .aggregate = 9 }), "sync: there is no aggregate 9");
    double one = 1;
    sori_array *called = sori_sync(c, data, LIST(c, 2), &(sori_sync_config){ .function = largest_gap, .user = &one });
    assert_ok(c);
    assert_true(((float *)called->data)[0] == 3 && ((float *)called->data)[3] == 5);
    assert_int_equal(sori_sync(c, data, LIST(c, 2), &(sori_sync_config){ .unpadded = true })->size, 0);
    EXPECT(sori_index_to_slice(c, LIST(c, 4, 1, 9), NULL), 1, 4, 4, 9);
    assert_int_equal(sori_index_to_slice(c, LIST(c, 4), NULL)->size, 0);
    sori_close(c);
}

static void matching(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *events = LIST(c, 1, 5, 5, 9), *none = sori_array_new(c, SORI_F64, 1, (size_t[]){ 0 });
    REFUSES(c, sori_match_events(c, events, none, NULL), "match_events: a list is empty");
    REFUSES(c, sori_match_events(c, LIST(c, 1, NAN), events, NULL), "match_events: value 1 is NaN");
    REFUSES(c, sori_match_events(c, LIST(c, 10), events, &(sori_match_config){ .not_left = true }),
            "match_events: no event is at or after 10");
    REFUSES(c, sori_match_events(c, LIST(c, 0), events, &(sori_match_config){ .not_right = true }),
            "match_events: no event is at or before 0");
    REFUSES(c, sori_match_events(c, LIST(c, 2), events, &(sori_match_config){ .not_left = true, .not_right = true }),
            "match_events: no event is exactly at 2");
    EXPECT(sori_match_events(c, LIST(c, 5.5, 3, 100, -7), events, NULL), 1, 1, 3, 0);
    sori_array *to = PAIRS(c, 0, 1, 4, 5, 8, 9, 20, 21);
    REFUSES(c, sori_match_intervals(c, PAIRS(c, 2, 3), to, NULL),
            "match_intervals: interval 0, 2 to 3, meets none of the others");
    REFUSES(c, sori_match_intervals(c, PAIRS(c, 3, 2), to, NULL),
            "match_intervals: interval 0 ends at 2, before it begins at 3");
    REFUSES(c, sori_match_intervals(c, events, to, NULL),
            "match_intervals: events must be a list of real numbers of 2 axes");
    /* The nearest on either side, the next one too, which librosa 0.11 passes over. */
    EXPECT(sori_match_intervals(c, PAIRS(c, 2.5, 3, 1.5, 2, 30, 31, -3, -2, 5, 6), to,
                                &(sori_match_config){ .lenient = true }), 1, 0, 3, 0, 1);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alignment), cmocka_unit_test(backtracking), cmocka_unit_test(quantification),
        cmocka_unit_test(segments), cmocka_unit_test(lags), cmocka_unit_test(diagonals), cmocka_unit_test(spans),
        cmocka_unit_test(matching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
