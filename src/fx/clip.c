/* clip.c - samples cut off at a level, or bent towards it.
 *
 * Hard: what is beyond the level, or beyond two percentiles of all samples, becomes it (audiomentations
 * ClippingDistortion). Soft: level * tanh(y / level), by tanh |u| = -e / (2 + e), e = exp(-2 |u|) - 1, which is accurate
 * near 0 and cannot overflow. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>

#define PIECE 512   /* a multiple of 16 */

/* numpy.percentile of n >= 1 values, which are moved about: linear between two of them. */
static double percentile_of(double *x, size_t n, double percentile) {
    double place = percentile / 100 * (double)(n - 1), below = floor(place);
    size_t k = BASE_MIN((size_t)below, n - 1);
    double a = feat_select(x, n, k), b = a;
    if (k + 1 < n && place > below) {   /* the next one is the least of those behind */
        b = x[k + 1];
        for (size_t i = k + 2; i < n; i++) b = fmin(b, x[i]);
    }
    return a + (place - below) * (b - a);
}

/* Limits that leave so many percent of the samples outside. False on failure. */
static bool find_limits(sori_ctx *c, const sori_array *y, double percentile, double *low, double *high) {
    double *x = base_alloc_raw(c, y->size, sizeof *x);
    if (!x) return false;
    for (size_t i = 0; i < y->size; i++) x[i] = (double)((const float *)y->data)[i];
    *low = percentile_of(x, y->size, percentile / 2);
    *high = percentile_of(x, y->size, 100 - percentile / 2);
    base_free(c, x);
    return true;
}

static void cut(const float *y, size_t n, float low, float high, float *out) {
    for (size_t i = 0; i < n; i++) {
        float v = y[i] < low ? low : y[i];
        out[i] = v > high ? high : v;
    }
}

static void bend(const float *y, size_t n, double level, float *out) {
    const num_kernels *k = num_kernels_find(NULL, true);
    double e[PIECE] = { 0 };
    for (size_t at = 0; at < n; at += PIECE) {
        size_t count = BASE_MIN(n - at, (size_t)PIECE);
        for (size_t i = 0; i < count; i++) e[i] = -2 * fmin(fabs((double)y[at + i]) / level, 40);   /* tanh(40) is 1 */
        k->expm1(PIECE, e);
        for (size_t i = 0; i < count; i++) out[at + i] = (float)copysign(level * -e[i] / (2 + e[i]), (double)y[at + i]);
    }
}

static bool check(sori_ctx *c, const sori_clip_config *g) {
    if (!(g->level >= 0 && g->level <= 1e30)) sori_fail(c, SORI_EINVAL, "clip: level %g is not above 0", g->level);
    else if (!(g->percentile >= 0 && g->percentile <= 100))
        sori_fail(c, SORI_EINVAL, "clip: percentile %g is not within 0 .. 100", g->percentile);
    else if (g->percentile > 0 && (g->level != 0 || g->soft))
        sori_fail(c, SORI_EINVAL, "clip: a percentile goes with neither level nor soft");
    return !base_failed(c);
}

sori_audio sori_clip(sori_ctx *c, sori_audio y, const sori_clip_config *config) {
    sori_clip_config g = config ? *config : (sori_clip_config){ 0 };
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, "clip", &y) || !check(c, &g)) return out;
    double level = g.level != 0 ? g.level : 1, low = -level, high = level;
    if (g.percentile > 0 && y.y->size && !find_limits(c, y.y, g.percentile, &low, &high)) return out;
    if (!(out.y = fx_result(c, y.y, fx_samples(y.y)))) return out;
    if (g.soft) bend(y.y->data, y.y->size, level, out.y->data);
    else cut(y.y->data, y.y->size, (float)low, (float)high, out.y->data);
    return out;
}
