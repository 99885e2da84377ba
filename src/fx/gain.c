/* gain.c - louder and quieter, upside down, and the sum of several sounds.
 *
 * audiomentations Gain, PolarityInversion. */
#include "fx/fx.h"
#include <math.h>

static sori_audio scaled(sori_ctx *c, const char *who, sori_audio y, double factor) {
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, who, &y) || !(out.y = fx_result(c, y.y, fx_samples(y.y)))) return out;
    const float *x = y.y->data;
    for (size_t i = 0; i < y.y->size; i++) ((float *)out.y->data)[i] = (float)(factor * (double)x[i]);
    return out;
}

sori_audio sori_gain(sori_ctx *c, sori_audio y, double gain_db) {
    if (base_failed(c) || !fx_check_db(c, "gain", "gain_db", gain_db)) return (sori_audio){ NULL, y.sr };
    return scaled(c, "gain", y, pow(10, gain_db / 20));
}

sori_audio sori_invert_polarity(sori_ctx *c, sori_audio y) { return scaled(c, "invert_polarity", y, -1); }

/* --- sums -------------------------------------------------------------------------------------------------------- */

static bool check_mix(sori_ctx *c, const sori_audio *sounds, size_t n, const double *gain_db, size_t *longest) {
    char text[128];
    if (base_failed(c)) return false;
    if (!sounds || n == 0) sori_fail(c, SORI_EINVAL, "mix: no sounds given");
    sori_audio first = { 0 };
    for (size_t i = 0; !base_failed(c) && i < n; i++) {
        sori_audio one = sounds[i];
        if (!fx_check(c, "mix", &one) || (gain_db && !fx_check_db(c, "mix", "gain_db", gain_db[i]))) return false;
        if (i == 0) first = one;
        bool same = one.y->ndim == first.y->ndim;
        for (int d = 0; same && d + 1 < one.y->ndim; d++) same = one.y->shape[d] == first.y->shape[d];
        if (one.sr != first.sr)
            sori_fail(c, SORI_EINVAL, "mix: sound %zu is at %g Hz, the first at %g Hz", i, one.sr, first.sr);
        else if (!same)
            sori_fail(c, SORI_EINVAL, "mix: sound %zu of shape %s has other channels than the first", i,
                      array_shape_text(one.y, text, sizeof text));
        *longest = BASE_MAX(*longest, fx_samples(one.y));
    }
    return !base_failed(c);
}

#define PIECE 1024

/* Samples [first, first + count) of a channel. */
static void mix_piece(const sori_audio *sounds, size_t n, const double *factor, size_t channel, size_t first,
                      size_t count, float *out) {
    double sum[PIECE] = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t length = fx_samples(sounds[i].y), end = BASE_MIN(length, first + count);
        const float *x = (const float *)sounds[i].y->data + channel * length;
        for (size_t t = first; t < end; t++) sum[t - first] += factor[i] * (double)x[t];
    }
    for (size_t t = 0; t < count; t++) out[t] = (float)sum[t];
}

sori_audio sori_mix(sori_ctx *c, const sori_audio *sounds, size_t n, const double *gain_db) {
    sori_audio out = { NULL, sounds && n ? sounds[0].sr : 0 };
    size_t longest = 0;
    if (!check_mix(c, sounds, n, gain_db, &longest)) return out;
    double *factor = base_alloc_raw(c, n, sizeof *factor);
    if (factor) out.y = fx_result(c, sounds[0].y, longest);
    for (size_t i = 0; out.y && i < n; i++) factor[i] = gain_db ? pow(10, gain_db[i] / 20) : 1;
    for (size_t channel = 0; out.y && channel < fx_channels(out.y); channel++)
        for (size_t t = 0; t < longest; t += PIECE)
            mix_piece(sounds, n, factor, channel, t, BASE_MIN(longest - t, (size_t)PIECE),
                      (float *)out.y->data + channel * longest + t);
    base_free(c, factor);
    return out;
}
