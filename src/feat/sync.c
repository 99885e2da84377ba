/* sync.c - frame numbers as boundaries, the spans between them, and one value a span.
 * librosa.util.fix_frames, index_to_slice, sync. */
#include "feat/feat.h"
#include "feat/span.h"
#include <math.h>
#include <stdlib.h>

/* --- checks --------------------------------------------------------------------------------------------------- */

bool feat_check_real(sori_ctx *c, const char *who, const sori_array *a, int min_ndim) {
    if (base_failed(c)) return false;
    if (!a) sori_fail(c, SORI_EINVAL, "%s: no array given", who);
    else if (!array_is_real(a) || a->ndim < min_ndim)
        sori_fail(c, SORI_EINVAL, "%s: the input must be float32 or float64 of at least %d axes", who, min_ndim);
    for (size_t i = 0; !base_failed(c) && i < a->size; i++)
        if (!isfinite(array_get(a, i)))
            sori_fail(c, SORI_EINVAL, "%s: value %zu of the input is not finite", who, i);
    return !base_failed(c);
}

int64_t *feat_frame_numbers(sori_ctx *c, const char *who, const sori_array *a, int ndim) {
    if (base_failed(c)) return NULL;
    if (!a || a->ndim != ndim || a->dtype == SORI_C64 || a->dtype == SORI_C128) {
        sori_fail(c, SORI_EINVAL, "%s: frames must be an array of whole numbers of %d axes", who, ndim);
        return NULL;
    }
    int64_t *frames = base_alloc_raw(c, a->size, sizeof *frames);
    for (size_t i = 0; frames && i < a->size; i++) {
        double v = array_get(a, i);
        if (v >= 0 && v < 0x1p53 && v == floor(v)) {
            frames[i] = (int64_t)v;
            continue;
        }
        sori_fail(c, SORI_EINVAL, "%s: frame %g is not a whole number from 0 on", who, v);
        base_free(c, frames);
        return NULL;
    }
    return frames;
}

/* --- boundaries ----------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

size_t feat_unique_frames(int64_t *frames, size_t n, int64_t low, int64_t high) {
    size_t left = 0;
    qsort(frames, n, sizeof *frames, by_value);
    for (size_t i = 0; i < n; i++)
        if (frames[i] >= low && frames[i] <= high && (left == 0 || frames[i] != frames[left - 1]))
            frames[left++] = frames[i];
    return left;
}

typedef struct limits {
    bool has_low, has_high;
    int64_t low, high;
} limits;

static bool take_limit(sori_ctx *c, const char *who, sori_opt o, bool *has, int64_t *out) {
    if (o.mode == 1 && !(o.value >= 0 && o.value < 0x1p53 && o.value == floor(o.value)))
        sori_fail(c, SORI_EINVAL, "%s: limit %g is not a whole number from 0 on", who, o.value);
    if (o.mode == 1) *out = base_failed(c) ? 0 : (int64_t)o.value;
    *has |= o.mode == 1;
    return !base_failed(c);
}

/* librosa clips before it adds the limits, or drops what is outside without; boundaries [*n] from base_alloc. */
static int64_t *fixed(sori_ctx *c, const char *who, const sori_array *a, const limits *l, bool pad, size_t *n) {
    int64_t *given = feat_frame_numbers(c, who, a, 1);
    int64_t *out = given ? base_alloc_raw(c, a->size + 2, sizeof *out) : NULL;
    int64_t low = l->has_low ? l->low : 0, high = l->has_high ? l->high : INT64_MAX;
    *n = 0;
    for (size_t i = 0; out && i < a->size; i++)
        out[(*n)++] = pad ? BASE_MIN(BASE_MAX(given[i], low), high) : given[i];
    if (out && pad && l->has_low) out[(*n)++] = low;
    if (out && pad && l->has_high) out[(*n)++] = high;
    if (out) *n = feat_unique_frames(out, *n, low, high);
    base_free(c, given);
    return out;
}

static int64_t *fixed_by_config(sori_ctx *c, const char *who, const sori_array *a, const sori_fix_frames_config *g,
                                bool from_zero, size_t *n) {
    static const sori_fix_frames_config defaults;
    limits l = { .has_low = from_zero };
    if (!g) g = &defaults;
    if (g->x_min.mode == 2) l.has_low = false;
    if (base_failed(c) || !take_limit(c, who, g->x_min, &l.has_low, &l.low)
        || !take_limit(c, who, g->x_max, &l.has_high, &l.high)) return NULL;
    return fixed(c, who, a, &l, !g->unpadded, n);
}

sori_array *sori_fix_frames(sori_ctx *c, const sori_array *frames, const sori_fix_frames_config *config) {
    size_t n;
    int64_t *v = fixed_by_config(c, "fix_frames", frames, config, true, &n);
    sori_array *out = v ? sori_array_from(c, SORI_I64, 1, &n, v) : NULL;
    base_free(c, v);
    return out;
}

/* Neighbours as pairs. */
static sori_array *spans_of(sori_ctx *c, const int64_t *v, size_t n) {
    sori_array *out = v ? array_new_raw(c, SORI_I64, 2, (size_t[]){ n ? n - 1 : 0, 2 }) : NULL;
    for (size_t i = 0; out && i < out->size; i++) ((int64_t *)out->data)[i] = v[(i + 1) / 2];
    return out;
}

sori_array *sori_index_to_slice(sori_ctx *c, const sori_array *idx, const sori_fix_frames_config *config) {
    size_t n;
    int64_t *v = fixed_by_config(c, "index_to_slice", idx, config, false, &n);
    sori_array *out = spans_of(c, v, n);
    base_free(c, v);
    return out;
}

/* --- one value a span ----------------------------------------------------------------------------------------- */

typedef struct job {
    sori_sync_config g;
    const sori_array *in;
    sori_array *out;
    const int64_t *spans;    /* [n][2] */
    size_t n, frames;
    double *scratch;         /* [rows][longest span], or one row for a function */
    size_t longest;
} job;

static double aggregate(const sori_sync_config *g, double *x, size_t n) {
    double sum = 0, low = x[0], high = x[0];
    if (g->function) return g->function(g->user, x, n);
    if (g->aggregate == SORI_AGGREGATE_MEDIAN) return feat_median(x, n);
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    if (g->aggregate == SORI_AGGREGATE_MIN) return low;
    if (g->aggregate == SORI_AGGREGATE_MAX) return high;
    return g->aggregate == SORI_AGGREGATE_SUM ? sum : sum / (double)n;
}

static void one_row(void *arg, size_t r) {
    const job *j = arg;
    double *x = j->scratch + (j->g.function ? 0 : r * j->longest);
    for (size_t i = 0; i < j->n; i++) {
        size_t first = (size_t)j->spans[2 * i], n = (size_t)j->spans[2 * i + 1] - first;
        for (size_t k = 0; k < n; k++) x[k] = array_get(j->in, r * j->frames + first + k);
        double v = aggregate(&j->g, x, n);
        array_put(j->out, r * j->n + i, v);
    }
}

static bool check_spans(sori_ctx *c, job *j) {
    for (size_t i = 0; i < j->n; i++) {
        int64_t first = j->spans[2 * i], end = j->spans[2 * i + 1];
        if (first >= end || end > (int64_t)j->frames) {
            sori_fail(c, SORI_EINVAL, "sync: slice %lld to %lld is empty or beyond the %zu frames", (long long)first,
                      (long long)end, j->frames);
            return false;
        }
        j->longest = BASE_MAX(j->longest, (size_t)(end - first));
    }
    return true;
}

/* Boundaries, or slices as they are. */
static int64_t *read_spans(sori_ctx *c, const sori_array *idx, bool pad, size_t frames, size_t *n) {
    if (idx && idx->ndim == 2 && idx->shape[1] == 2) {
        *n = idx->shape[0];
        return feat_frame_numbers(c, "sync", idx, 2);
    }
    limits l = { true, true, 0, (int64_t)frames };
    int64_t *v = fixed(c, "sync", idx, &l, pad, n), *spans = v ? base_alloc_raw(c, *n, 2 * sizeof *spans) : NULL;
    *n = *n ? *n - 1 : 0;
    for (size_t i = 0; spans && i < 2 * *n; i++) spans[i] = v[(i + 1) / 2];
    base_free(c, v);
    return spans;
}

static bool check_sync(sori_ctx *c, const sori_array *data, const sori_sync_config *g) {
    if (!feat_check_real(c, "sync", data, 1)) return false;
    feat_aggregate(c, "sync", g->aggregate, SORI_AGGREGATE_MEAN, FEAT_AGGREGATE(MEAN) | FEAT_AGGREGATE(MEDIAN)
                   | FEAT_AGGREGATE(MIN) | FEAT_AGGREGATE(MAX) | FEAT_AGGREGATE(SUM));
    return !base_failed(c);
}

sori_array *sori_sync(sori_ctx *c, const sori_array *data, const sori_array *idx, const sori_sync_config *config) {
    job j = { .g = config ? *config : (sori_sync_config){ 0 }, .in = data };
    if (!check_sync(c, data, &j.g)) return NULL;
    j.frames = data->shape[data->ndim - 1];
    int64_t *spans = read_spans(c, idx, !j.g.unpadded, j.frames, &j.n);
    j.spans = spans;
    if (spans && check_spans(c, &j)) {
        size_t rows = j.frames ? data->size / j.frames : 0;
        j.scratch = base_alloc_raw(c, j.g.function ? 1 : rows, j.longest * sizeof *j.scratch);
        j.out = j.scratch ? array_new_lead(c, data->dtype, data->ndim - 1, data->shape, 1, &j.n) : NULL;
        if (j.out && j.g.function)
            for (size_t r = 0; r < rows; r++) one_row(&j, r);
        else if (j.out) base_parallel(c, rows, one_row, &j);
    }
    base_free(c, j.scratch);
    base_free(c, spans);
    return j.out;
}
