/* normalize.c - lines of an array divided by their norm.
 *
 * Norms are taken in double; values are multiplied by the reciprocal in double and rounded once. Along the last axis a
 * line is together; along another, up to 128 neighbouring lines are taken at once, so that memory is read in order.
 * librosa.util.normalize. */
#include "feat/feat.h"
#include <float.h>
#include <math.h>
#include <sori/level.h>
#include <string.h>

#define RUN 128   /* lines side by side: of 1025 values each they still lie in the second cache when divided */

typedef struct job {
    feat_lines lines;
    size_t runs;              /* of each outer part */
    double norm, threshold;
    sori_fill fill;
    const float *in;
    float *out;
} job;

/* Norms to factors, and what is added: a line too short to be divided is kept, or is `fill` in every place. */
static void find_factors(const job *j, size_t n, double *length, double *fill) {
    double p = j->norm, one = fabs(p) == INFINITY ? 1 : pow((double)j->lines.n, -1 / p);
    for (size_t i = 0; i < n; i++) {
        bool tiny = length[i] < j->threshold;
        fill[i] = tiny && j->fill == SORI_FILL_ONE ? one : 0;
        length[i] = !tiny ? 1 / length[i] : j->fill == SORI_FILL_KEEP ? 1 : 0;
    }
}

static void apply(const double *factor, const double *fill, size_t n, const float *x, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)x[i] * factor[i] + fill[i]);
}

static void run_lines(void *arg, size_t i) {
    const job *j = arg;
    size_t n = j->lines.n, inner = j->lines.inner, first = i % j->runs * RUN, lines = BASE_MIN(inner - first, RUN);
    const float *x = j->in + i / j->runs * n * inner + first;
    float *out = j->out + (x - j->in);
    double factor[RUN], fill[RUN];
    if (inner == 1) factor[0] = feat_norm_line(j->norm, n, x);
    else feat_norms(j->norm, n, inner, lines, x, factor);
    find_factors(j, lines, factor, fill);
    if (inner == 1)
        for (size_t t = 0; t < n; t++) out[t] = (float)((double)x[t] * factor[0] + fill[0]);
    else
        for (size_t t = 0; t < n; t++) apply(factor, fill, lines, x + t * inner, out + t * inner);
}

static void run(sori_ctx *c, job *j) {
    j->runs = (j->lines.inner + RUN - 1) / RUN;
    base_parallel(c, j->runs * j->lines.outer, run_lines, j);
}

void feat_normalize_lines(sori_ctx *c, double norm, const feat_lines *lines, const float *in, float *out) {
    job j = { .lines = *lines, .norm = norm, .threshold = (double)FLT_MIN, .in = in, .out = out };
    if (!isnan(norm)) run(c, &j);
}

static bool check(sori_ctx *c, const sori_array *S, const job *j) {
    if (!(j->threshold > 0)) sori_fail(c, SORI_EINVAL, "normalize: threshold %g is not above 0", j->threshold);
    else if ((unsigned)j->fill > SORI_FILL_ZERO) sori_fail(c, SORI_EINVAL, "normalize: unknown fill %d", (int)j->fill);
    else if (j->norm == 0 && j->fill == SORI_FILL_ONE)
        sori_fail(c, SORI_EINVAL, "normalize: norm 0 cannot be filled with ones");
    return !base_failed(c) && feat_check_finite(c, "normalize", S->data, S->size);
}

sori_array *sori_normalize(sori_ctx *c, const sori_array *S, const sori_normalize_config *config) {
    sori_normalize_config g = config ? *config : (sori_normalize_config){ 0 };
    job j = { .lines = { 0, 1, S ? S->size : 0, 1 }, .fill = g.fill,
              .threshold = g.threshold != 0 ? g.threshold : (double)FLT_MIN };
    if (base_failed(c) || !array_check(c, "normalize", S, SORI_F32, 0)
        || !feat_take_norm(c, "normalize", g.norm, INFINITY, &j.norm) || !check(c, S, &j)) return NULL;
    if (g.axis.mode != 2 && !feat_lines_open(c, "normalize", S, g.axis, 0, &j.lines)) return NULL;
    sori_array *out = array_new_raw(c, SORI_F32, S->ndim, S->shape);
    if (!out || S->size == 0) return out;
    if (isnan(j.norm)) {
        memcpy(out->data, S->data, S->size * sizeof(float));
        return out;
    }
    j.in = S->data;
    j.out = out->data;
    run(c, &j);
    return out;
}

sori_audio sori_normalize_peak(sori_ctx *c, sori_audio y, double peak) {
    sori_audio out = { NULL, y.sr };
    if (base_failed(c) || !array_check(c, "normalize_peak", y.y, SORI_F32, 1)) return out;
    if (!(peak >= 0 && isfinite(peak))) {
        sori_fail(c, SORI_EINVAL, "normalize_peak: peak %g is below 0", peak);
        return out;
    }
    out.y = sori_normalize(c, y.y, &(sori_normalize_config){ .axis = SORI_NONE });
    if (out.y && peak != 0)
        for (size_t i = 0; i < out.y->size; i++) ((float *)out.y->data)[i] *= (float)peak;
    return out;
}
