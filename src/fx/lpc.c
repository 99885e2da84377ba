/* lpc.c - linear prediction by Burg's method: the filter under which sound is most like noise.
 *
 * Order by order. f and b are what is left of the sound when each sample is predicted from those before, and from those
 * after it. The reflection coefficient k that makes both smallest together is
 *
 *     k = -2 sum f[i+1] b[i] / (sum f[i+1]^2 + b[i]^2)
 *
 * then f += k b, b += k f, the coefficients take Levinson's step, and the denominator follows without a new sum:
 * den (1 - k^2) - b_last^2 - f_first^2. The kernel updates f and b and adds up the next order's numerator in one pass.
 *
 * Marple, "A new autoregressive spectrum analysis algorithm", IEEE Trans. ASSP 28, 1980. librosa.lpc. */
#include "array/array.h"
#include "base/base.h"
#include "feat/feat.h"
#include <float.h>
#include <math.h>
#include <sori/fx.h>
#include <stdatomic.h>

typedef struct job {
    const num_kernels *k;
    feat_lines lines;
    size_t order, workers, room;   /* room: doubles a worker has */
    const float *in;
    float *out;
    double *memory;
    atomic_size_t next;
} job;

/* |2 f b| <= f^2 + b^2, so |k| <= 1; where nothing but rounding is left to predict, den may say otherwise. */
static double reflection(double product, double den) {
    return den > 0 ? fmin(fmax(-2 * product / (den + DBL_MIN), -1), 1) : 0;
}

/* Coefficients a [order + 1] of f, b [n], both of which hold the sound; before [order + 1] is scratch. */
static void burg(const num_kernels *kernels, size_t n, size_t order, double *f, double *b, double *a, double *before) {
    double den = 0, product = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        den += f[i + 1] * f[i + 1] + b[i] * b[i];
        product += f[i + 1] * b[i];
    }
    a[0] = 1;
    for (size_t m = 1; m <= order; m++) {
        size_t left = n - m;   /* f from here on has lost m values in front, b as many behind */
        double k = reflection(product, den);
        f++;
        for (size_t i = 0; i <= m; i++) before[i] = i < m ? a[i] : 0;
        for (size_t i = 1; i <= m; i++) a[i] = before[i] + k * before[m - i];
        product = kernels->lattice(left, k, f, b);
        den = (1 - k * k) * den - b[left - 1] * b[left - 1] - f[0] * f[0];
    }
}

static void run_line(const job *j, size_t i, double *room) {
    size_t n = j->lines.n, inner = j->lines.inner, order = j->order;
    double *f = room, *b = f + n, *a = b + n, *before = a + order + 1;
    float *out = j->out + i / inner * (order + 1) * inner + i % inner;
    const float *x = j->in + i / inner * n * inner + i % inner;
    for (size_t t = 0; t < n; t++) f[t] = b[t] = (double)x[t * inner];
    burg(j->k, n, order, f, b, a, before);
    for (size_t m = 0; m <= order; m++) out[m * inner] = (float)a[m];
}

static void work(void *arg, size_t w) {
    job *j = arg;
    size_t n = j->lines.outer * j->lines.inner;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < n;) run_line(j, i, j->memory + w * j->room);
}

sori_array *sori_lpc(sori_ctx *c, const sori_array *y, int order, sori_opt axis) {
    job j = { .k = num_kernels_find(NULL, true), .order = (size_t)order };
    if (base_failed(c) || !array_check(c, "lpc", y, SORI_F32, 1)) return NULL;
    if (!feat_lines_open(c, "lpc", y, axis, -1, &j.lines)) return NULL;
    if (order < 1 || j.order >= j.lines.n) {
        sori_fail(c, SORI_EINVAL, "lpc: order %d is outside 1 to %zu, the samples less one", order,
                  j.lines.n ? j.lines.n - 1 : 0);
        return NULL;
    }
    if (!feat_check_finite(c, "lpc", y->data, y->size)) return NULL;
    sori_array *out = feat_line_results(c, &j.lines, y, SORI_F32, j.order + 1);
    j.workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), j.lines.outer * j.lines.inner), 1);
    j.room = (2 * (j.lines.n + j.order + 1) + 7) / 8 * 8;
    j.memory = out ? base_alloc_raw(c, j.workers, j.room * sizeof *j.memory) : NULL;
    if (j.memory && out->size > 0) {
        j.in = y->data;
        j.out = out->data;
        base_parallel(c, j.workers, work, &j);
    }
    base_free(c, j.memory);
    return base_failed(c) ? NULL : out;
}
