/* shift.c - sound moved in time, its length kept.   audiomentations Shift */
#include "fx/fx.h"
#include <math.h>
#include <string.h>

/* Samples to move by, later if positive, at most n either way; circular: 0 .. n - 1. */
static int64_t samples_of(double samples, size_t n, bool circular) {
    double most = (double)n, moved = circular ? fmod(samples, most) : fmax(-most, fmin(samples, most));
    return (int64_t)(circular && moved < 0 ? moved + most : moved);
}

/* out [n] is x moved by `by`; what enters is what left, or silence. */
static void move(const float *x, size_t n, int64_t by, bool circular, float *out) {
    size_t later = by > 0 ? (size_t)by : 0, earlier = by < 0 ? (size_t)-by : 0, kept = n - later - earlier;
    memcpy(out + later, x + earlier, kept * sizeof *out);
    if (circular) {
        memcpy(out, x + kept, later * sizeof *out);
        return;
    }
    memset(out, 0, later * sizeof *out);
    memset(out + kept, 0, earlier * sizeof *out);
}

sori_audio sori_shift(sori_ctx *c, sori_audio y, double seconds, const sori_shift_config *config) {
    bool circular = config && config->circular;
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, "shift", &y)) return out;
    size_t n = fx_samples(y.y);
    if (!isfinite(seconds * y.sr)) sori_fail(c, SORI_EINVAL, "shift: %g seconds is not finite", seconds);
    else out.y = fx_result(c, y.y, n);
    int64_t by = out.y && n ? samples_of(rint(seconds * y.sr), n, circular) : 0;
    for (size_t i = 0; out.y && i < fx_channels(y.y); i++)
        move((const float *)y.y->data + i * n, n, by, circular, (float *)out.y->data + i * n);
    return out;
}
