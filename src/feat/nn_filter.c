/* nn_filter.c - every frame from those that are most like it.                           librosa.decompose.nn_filter
 *
 * The model: what repeats in a sound (a backing, a chord) is found in many frames, what does not (a voice) in one.
 * The mean of a frame's neighbours keeps the first and weakens the second; the median takes it out.
 *
 * How it works: 16 features at a time are transposed, so that a frame's are one row of 16 neighbouring values, and the
 * rows of a frame's neighbours are added, or sorted, whole. */
#include "feat/recurrence.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef struct filter {
    const feat_frames *f;
    const feat_links *l;
    sori_aggregate aggregate;
    const num_kernels *k;
    float *out;                  /* as the array S came from */
    size_t rows, longest;        /* frames rounded up to 16; the most neighbours of a frame */
    char *scratch;               /* [workers]: 16 features in, out, transposed back, list */
    size_t scratch_size;
    atomic_size_t next;
} filter;

/* Frame i of 16 features. */
static void one_frame(const filter *h, size_t i, const float *rows, float *list, float *out) {
    size_t n = h->l->count[i], at = i * h->l->room;
    if (n == 0) memcpy(out, rows + i * NUM_LANES, NUM_LANES * sizeof *out);
    else if (h->aggregate == SORI_AGGREGATE_MEDIAN) h->k->rows_median(n, h->l->index + at, rows, list, out);
    else {
        const double *weight = h->aggregate == SORI_AGGREGATE_AVERAGE ? h->l->value + at : NULL;
        h->k->rows_mean(n, h->l->index + at, weight, rows, out);
    }
}

/* Features [first, first + n) back to their place. turned is [16][rows]. */
static void put(const filter *h, size_t first, size_t n, const float *turned) {
    for (size_t m = 0; m < n; m++) {
        size_t f = first + m, inner = h->f->lines.inner;
        float *to = h->out + f / inner * h->f->n * inner + f % inner;
        if (inner == 1) memcpy(to, turned + m * h->rows, h->f->n * sizeof *to);
        for (size_t t = 0; inner > 1 && t < h->f->n; t++) to[t * inner] = turned[m * h->rows + t];
    }
}

static void sixteen(const filter *h, size_t first, char *scratch) {
    size_t n = BASE_MIN(h->f->d - first, NUM_LANES), values = h->rows * NUM_LANES;
    float *rows = (float *)scratch, *made = rows + values, *turned = made + values, *list = turned + values;
    h->k->transpose(h->f->n, n, h->f->n, h->f->x + first * h->f->n, NUM_LANES, rows);
    for (size_t t = 0; t < h->f->n; t++) one_frame(h, t, rows, list, made + t * NUM_LANES);
    h->k->transpose(NUM_LANES, h->rows, NUM_LANES, made, h->rows, turned);
    put(h, first, n, turned);
}

static void worker(void *arg, size_t w) {
    filter *h = arg;
    size_t n = (h->f->d + NUM_LANES - 1) / NUM_LANES;
    for (size_t i; (i = atomic_fetch_add(&h->next, 1)) < n;)
        sixteen(h, i * NUM_LANES, h->scratch + w * h->scratch_size);
}

static bool run(sori_ctx *c, filter *h) {
    h->k = num_kernels_find(NULL, false);
    h->rows = base_round_up(h->f->n, NUM_LANES);
    for (size_t i = 0; i < h->l->rows; i++) h->longest = BASE_MAX(h->longest, h->l->count[i]);
    h->scratch_size = (3 * h->rows + h->longest) * NUM_LANES * sizeof(float);
    size_t workers = BASE_MIN((size_t)sori_threads(c), (h->f->d + NUM_LANES - 1) / NUM_LANES);
    h->scratch = base_alloc(c, workers, h->scratch_size);
    if (h->scratch) base_parallel(c, workers, worker, h);
    base_free(c, h->scratch);
    return !base_failed(c);
}

/* --- a given recurrence matrix ---------------------------------------------------------------------------------- */

static bool check_matrix(sori_ctx *c, const sori_array *rec, size_t n) {
    char text[128];
    if (rec->dtype != SORI_U8 && rec->dtype != SORI_F32 && rec->dtype != SORI_F64)
        sori_fail(c, SORI_EINVAL, "nn_filter: rec is %s, not uint8, float32 or float64", sori_dtype_name(rec->dtype));
    else if (rec->ndim != 2 || rec->shape[0] != n || rec->shape[1] != n)
        sori_fail(c, SORI_EINVAL, "nn_filter: rec is %s, S has %zu frames",
                  array_shape_text(rec, text, sizeof text), n);
    for (size_t i = 0; !base_failed(c) && i < rec->size; i++)
        if (!isfinite(array_get(rec, i))) sori_fail(c, SORI_EINVAL, "nn_filter: value %zu of rec is not finite", i);
    return !base_failed(c);
}

/* Column i of rec holds the neighbours of frame i. */
static bool take_matrix(sori_ctx *c, const sori_array *rec, size_t n, feat_links *l) {
    size_t longest = 0;
    uint32_t *count = base_alloc(c, n, sizeof *count);
    for (size_t j = 0; count && j < n; j++)
        for (size_t i = 0; i < n; i++) count[i] += array_get(rec, j * n + i) != 0;
    for (size_t i = 0; count && i < n; i++) longest = BASE_MAX(longest, count[i]);
    base_free(c, count);
    if (!count || !feat_links_alloc(c, l, n, longest)) return false;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            double v = array_get(rec, j * n + i);
            if (v == 0) continue;
            l->index[i * longest + l->count[i]] = (uint32_t)j;
            l->value[i * longest + l->count[i]++] = v;
        }
    return true;
}

static bool check_weights(sori_ctx *c, const feat_links *l) {
    for (size_t i = 0; i < l->rows; i++) {
        double sum = 0;
        for (size_t m = 0; m < l->count[i]; m++) sum += l->value[i * l->room + m];
        if (l->count[i] > 0 && sum == 0) {
            sori_fail(c, SORI_EINVAL, "nn_filter: the weights of frame %zu sum to 0", i);
            return false;
        }
    }
    return true;
}

static bool links_of(sori_ctx *c, const feat_frames *f, const sori_nn_filter_config *g, feat_links *l) {
    feat_aggregate(c, "nn_filter", g->aggregate, SORI_AGGREGATE_MEAN,
                   FEAT_AGGREGATE(MEAN) | FEAT_AGGREGATE(MEDIAN) | FEAT_AGGREGATE(AVERAGE));
    if (base_failed(c)) return false;
    bool ok = g->rec ? check_matrix(c, g->rec, f->n) && take_matrix(c, g->rec, f->n, l)
                     : feat_recurrence(c, "nn_filter", f, &g->recurrence, l);
    return ok && (g->aggregate != SORI_AGGREGATE_AVERAGE || check_weights(c, l));
}

sori_array *sori_nn_filter(sori_ctx *c, const sori_array *S, const sori_nn_filter_config *config) {
    static const sori_nn_filter_config defaults;
    feat_frames f;
    feat_links links = { 0 };
    if (base_failed(c)) return NULL;
    if (!config) config = &defaults;
    int scope = sori_begin(c);
    sori_array *out = NULL;
    bool ok = feat_frames_open(c, &f, "nn_filter", S, config->recurrence.axis) && links_of(c, &f, config, &links);
    if (ok) out = array_new_raw(c, SORI_F32, S->ndim, S->shape);
    filter h = { .f = &f, .l = &links, .aggregate = config->aggregate, .out = out ? out->data : NULL };
    ok = out && run(c, &h);
    feat_links_free(c, &links);
    feat_frames_close(c, &f);
    return sori_end(c, scope, ok ? out : NULL);
}
