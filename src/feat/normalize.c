/* normalize.c - lines of an array divided by their norm.
 *
 * Norms are taken in double. Along the last axis a line is together; along another, neighbouring lines are taken in runs
 * of 64, so that memory is read in order. librosa.util.normalize. */
#include "feat/feat.h"
#include <float.h>
#include <math.h>
#include <sori/level.h>
#include <string.h>

#define RUN 64   /* lines side by side */

typedef struct job {
    feat_lines lines;
    size_t runs;              /* of each outer part */
    double norm, threshold;
    sori_fill fill;
    const float *in;
    float *out;
} job;

static void measure(const job *j, const float *x, size_t lines, double *length) {
    double p = j->norm;
    for (size_t i = 0; i < lines; i++) length[i] = p == -INFINITY ? INFINITY : 0;
    for (size_t t = 0; t < j->lines.n; t++, x += j->lines.inner)
        for (size_t i = 0; i < lines; i++) {
            double v = fabs((double)x[i]);
            if (p == INFINITY) length[i] = v > length[i] ? v : length[i];
            else if (p == -INFINITY) length[i] = v < length[i] ? v : length[i];
            else if (p == 0) length[i] += v > 0;
            else length[i] += p == 1 ? v : p == 2 ? v * v : pow(v, p);
        }
    if (p > 0 && p != INFINITY && p != 1)
        for (size_t i = 0; i < lines; i++) length[i] = p == 2 ? sqrt(length[i]) : pow(length[i], 1 / p);
}

/* A line too short to be divided by gets `instead` in every place, or stays. */
static void divide(const job *j, const float *x, size_t lines, const double *length, float *out) {
    double p = j->norm, one = fabs(p) == INFINITY ? 1 : pow((double)j->lines.n, -1 / p);
    float instead = j->fill == SORI_FILL_ONE ? (float)one : 0;
    for (size_t t = 0; t < j->lines.n; t++, x += j->lines.inner, out += j->lines.inner)
        for (size_t i = 0; i < lines; i++) {
            bool tiny = length[i] < j->threshold;
            out[i] = !tiny ? (float)((double)x[i] / length[i]) : j->fill == SORI_FILL_KEEP ? x[i] : instead;
        }
}

static void run_lines(void *arg, size_t i) {
    const job *j = arg;
    size_t first = i % j->runs * RUN, lines = BASE_MIN(j->lines.inner - first, RUN);
    size_t at = i / j->runs * j->lines.n * j->lines.inner + first;
    double length[RUN];
    measure(j, j->in + at, lines, length);
    divide(j, j->in + at, lines, length, j->out + at);
}

static bool check(sori_ctx *c, const sori_array *S, const job *j) {
    bool norm = j->norm >= 0 || j->norm == -INFINITY;
    if (!norm) sori_fail(c, SORI_EINVAL, "normalize: norm %g is below 0", j->norm);
    else if (!(j->threshold > 0)) sori_fail(c, SORI_EINVAL, "normalize: threshold %g is not above 0", j->threshold);
    else if ((unsigned)j->fill > SORI_FILL_ZERO) sori_fail(c, SORI_EINVAL, "normalize: unknown fill %d", (int)j->fill);
    else if (j->norm == 0 && j->fill == SORI_FILL_ONE)
        sori_fail(c, SORI_EINVAL, "normalize: norm 0 cannot be filled with ones");
    return !base_failed(c) && feat_check_finite(c, "normalize", S->data, S->size);
}

sori_array *sori_normalize(sori_ctx *c, const sori_array *S, const sori_normalize_config *config) {
    sori_normalize_config g = config ? *config : (sori_normalize_config){ 0 };
    job j = { .lines = { 0, 1, S ? S->size : 0, 1 }, .norm = g.norm.mode == 1 ? g.norm.value : INFINITY, .fill = g.fill,
              .threshold = g.threshold != 0 ? g.threshold : (double)FLT_MIN };
    if (base_failed(c) || !array_check(c, "normalize", S, SORI_F32, 0) || !check(c, S, &j)) return NULL;
    if (g.axis.mode != 2 && !feat_lines_open(c, "normalize", S, g.axis, 0, &j.lines)) return NULL;
    sori_array *out = array_new_raw(c, SORI_F32, S->ndim, S->shape);
    if (!out || S->size == 0) return out;
    if (g.norm.mode == 2) {
        memcpy(out->data, S->data, S->size * sizeof(float));
        return out;
    }
    j.runs = (j.lines.inner + RUN - 1) / RUN;
    j.in = S->data;
    j.out = out->data;
    base_parallel(c, j.runs * j.lines.outer, run_lines, &j);
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
