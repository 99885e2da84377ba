/* check.c - what the effects on waveforms have in common: gates, results, sums. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>

#define MOST_DB 200   /* a factor of 10^10: beyond, float samples lose their meaning */

bool fx_check(sori_ctx *c, const char *who, sori_audio *y) {
    return !base_failed(c) && array_check(c, who, y->y, SORI_F32, 1) && feat_check_rate(c, who, &y->sr) &&
           feat_check_finite(c, who, y->y->data, y->y->size);
}

static bool same_channels(const sori_array *y, const sori_array *other) {
    bool same = other->ndim == y->ndim;
    for (int i = 0; same && i + 1 < y->ndim; i++) same = other->shape[i] == y->shape[i];
    return same || other->ndim == 1;
}

bool fx_check_other(sori_ctx *c, const char *who, const char *name, sori_audio y, sori_audio *other) {
    char a[128], b[128];
    if (!fx_check(c, who, other)) return false;
    if (other->sr != y.sr)
        sori_fail(c, SORI_EINVAL, "%s: the %s is at %g Hz, the sound at %g Hz", who, name, other->sr, y.sr);
    else if (!same_channels(y.y, other->y))
        sori_fail(c, SORI_EINVAL, "%s: %s of shape %s for sound of shape %s: one channel is needed, or the same", who,
                  name, array_shape_text(other->y, a, sizeof a), array_shape_text(y.y, b, sizeof b));
    return !base_failed(c);
}

bool fx_check_db(sori_ctx *c, const char *who, const char *name, double db) {
    if (!(fabs(db) <= MOST_DB))
        sori_fail(c, SORI_EINVAL, "%s: %s %g is not within -%d .. %d dB", who, name, db, MOST_DB, MOST_DB);
    return !base_failed(c);
}

bool fx_check_share(sori_ctx *c, const char *who, const char *name, double share) {
    if (!(share >= 0 && share <= 1))
        sori_fail(c, SORI_EINVAL, "%s: %s %g is not within 0 .. 1", who, name, share);
    return !base_failed(c);
}

sori_array *fx_state(sori_ctx *c, const char *who, const sori_array *zi, const sori_array *y, int lead, int more,
                     const size_t *shape) {
    char given[128], wanted[128];
    sori_array *z = array_new_lead(c, SORI_F64, lead, y->shape, more, shape);
    if (!z) return NULL;
    bool fits = !zi || (array_is_real(zi) && zi->ndim == z->ndim);
    for (int i = 0; zi && fits && i < z->ndim; i++) fits = zi->shape[i] == z->shape[i];
    if (!fits)
        sori_fail(c, SORI_EINVAL, "%s: zi %s must be real numbers of shape %s", who,
                  array_shape_text(zi, given, sizeof given), array_shape_text(z, wanted, sizeof wanted));
    for (size_t i = 0; fits && i < z->size; i++) {
        double v = ((double *)z->data)[i] = zi ? array_get(zi, i) : 0;
        if (!isfinite(v)) sori_fail(c, SORI_EINVAL, "%s: value %zu of zi is not finite", who, i);
    }
    return base_failed(c) ? NULL : z;
}

sori_array *fx_result(sori_ctx *c, const sori_array *y, size_t n) {
    return array_new_lead(c, SORI_F32, y->ndim - 1, y->shape, 1, &n);
}

/* Eight sums side by side: the compiler makes vectors of them, and no order is left to it. */
double fx_energy(const float *x, size_t n) {
    double sum[8] = { 0 }, rest = 0;
    size_t whole = n / 8 * 8;
    for (size_t i = 0; i < whole; i += 8)
        for (size_t j = 0; j < 8; j++) sum[j] += (double)x[i + j] * (double)x[i + j];
    for (size_t i = whole; i < n; i++) rest += (double)x[i] * (double)x[i];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7])) + rest;
}

void fx_blend(float *out, size_t n, const float *y, size_t m, double wet) {
    float w = (float)wet, dry = (float)(1 - wet);
    for (size_t i = 0; i < m; i++) out[i] = dry * y[i] + w * out[i];
    for (size_t i = m; i < n; i++) out[i] *= w;
}
