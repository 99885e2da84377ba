/* augment_table.c - the changes that chains are made of: one row each, its parameters, and what it calls. */
#include "fx/augment.h"
#include <math.h>
#include <string.h>

#define NYQUIST_SHARE 0.49   /* of sr: as high as a filter's frequency goes */

/* --- waveforms -------------------------------------------------------------------------------------------------- */

#define WAVE(name) static sori_audio name(sori_ctx *c, sori_audio y, const double *v, base_rng *r, augment_move *move)
#define UNUSED ((void)v, (void)r, (void)move)

WAVE(gain) { return UNUSED, sori_gain(c, y, v[0]); }
WAVE(polarity) { return UNUSED, sori_invert_polarity(c, y); }
WAVE(pitch_shift) { return UNUSED, sori_pitch_shift(c, y, v[0], NULL); }
WAVE(harmonic) { return UNUSED, sori_harmonic(c, y, NULL); }
WAVE(percussive) { return UNUSED, sori_percussive(c, y, NULL); }
WAVE(clip) { return UNUSED, sori_clip(c, y, &(sori_clip_config){ .level = v[0] }); }
WAVE(mp3) { return UNUSED, sori_mp3(c, y, &(sori_mp3_config){ .bit_rate = v[0] }); }

WAVE(noise) {
    (void)move;
    uint64_t seed = (uint64_t)base_rng_u32(r) << 32;
    seed |= base_rng_u32(r);
    return sori_add_noise(c, y, sori_noise(c, (sori_noise_color)v[1], fx_samples(y.y), y.sr, seed), v[0]);
}

WAVE(time_stretch) {
    (void)r;
    if (round((double)fx_samples(y.y) / v[0]) < 1) return (sori_audio){ 0 };
    move->scale = 1 / v[0];
    return sori_time_stretch(c, y, v[0], NULL);
}

WAVE(speed) {
    (void)r;
    move->scale = 1 / v[0];
    return sori_speed(c, y, v[0], SORI_SOXR_HQ);
}

WAVE(shift) {
    (void)r;
    double seconds = round(v[0] * (double)fx_samples(y.y)) / y.sr;
    *move = (augment_move){ 1, seconds, v[1] != 0 };
    return sori_shift(c, y, seconds, &(sori_shift_config){ .circular = v[1] != 0 });
}

WAVE(reverb) {
    UNUSED;
    return sori_reverb(c, y, &(sori_reverb_config){ .decay_s = v[0], .wet = SORI_VALUE(v[1]) });
}

WAVE(filter) {
    UNUSED;
    sori_band band = { .kind = (sori_band_kind)v[1], .frequency_hz = BASE_MIN(v[0], NYQUIST_SHARE * y.sr) };
    return sori_filter(c, y, &band, NULL);
}

/* v is drawn for the lowest band; the others get theirs from the same range, symmetric or not, by r. */
WAVE(equalizer) {
    (void)move;
    static const double frequencies[] = { 100, 250, 630, 1600, 4000, 8000 };
    sori_band bands[BASE_COUNT(frequencies)];
    for (size_t i = 0; i < BASE_COUNT(bands); i++)
        bands[i] = (sori_band){ .kind = SORI_PEAKING, .frequency_hz = BASE_MIN(frequencies[i], NYQUIST_SHARE * y.sr),
                                .gain_db = i ? fabs(v[0]) * (2 * base_rng_uniform(r) - 1) : v[0] };
    return sori_equalize(c, y, bands, BASE_COUNT(bands), NULL);
}

WAVE(compress) {
    UNUSED;
    return sori_compress(c, y, &(sori_compress_config){ .threshold_db = SORI_VALUE(v[0]), .ratio = v[1] });
}

/* --- spectrograms ----------------------------------------------------------------------------------------------- */

#define IMAGE(name)                                                                                                    \
    static void name(float *S, size_t bins, size_t frames, float *scratch, const float *fill, const double *v, \
                     base_rng *r)

static void one_change(float *S, size_t bins, size_t frames, float *scratch, const float *fill, base_rng *r,
                       const sori_spec_augment_config *config) {
    fx_spec_augment(S, bins, frames, config, fill, scratch, base_rng_u32(r), 0, 0);
}

IMAGE(time_mask) {
    one_change(S, bins, frames, scratch, fill, r,
               &(sori_spec_augment_config){ .time_mask = v[0], .time_masks = (int)v[1] });
}

IMAGE(freq_mask) {
    one_change(S, bins, frames, scratch, fill, r,
               &(sori_spec_augment_config){ .freq_mask = v[0], .freq_masks = (int)v[1] });
}

IMAGE(freq_warp) { one_change(S, bins, frames, scratch, fill, r, &(sori_spec_augment_config){ .freq_warp = v[0] }); }

/* x [n], elements stride apart, read at a place within 0 .. n - 1. */
static float value_at(const float *x, size_t n, size_t stride, double place) {
    size_t below = BASE_MIN((size_t)place, n - 1), above = BASE_MIN(below + 1, n - 1);
    float w = (float)(place - (double)below);
    return x[below * stride] + w * (x[above * stride] - x[below * stride]);
}

IMAGE(time_warp) {
    (void)fill;
    double last = (double)(frames - 1), most = v[0] * last;
    if (frames < 3 || most == 0) return;
    double from = most + base_rng_uniform(r) * (last - 2 * most), to = from + most * (2 * base_rng_uniform(r) - 1);
    to = BASE_MIN(BASE_MAX(to, 0.5), last - 0.5);
    for (size_t b = 0; b < bins; b++, S += frames) {
        for (size_t t = 0; t < frames; t++) {
            double at = (double)t;
            at = at < to ? at * from / to : last - (last - at) * (last - from) / (last - to);
            scratch[t] = value_at(S, frames, 1, BASE_MIN(BASE_MAX(at, 0), last));
        }
        memcpy(S, scratch, frames * sizeof *S);
    }
}

/* A part of x [n], from `start` on and `share` of it long, spread over all of it. */
static void zoom(float *x, size_t n, size_t stride, double start, double share, float *scratch) {
    for (size_t i = 0; i < n; i++) scratch[i] = value_at(x, n, stride, start + share * (double)i);
    for (size_t i = 0; i < n; i++) x[i * stride] = scratch[i];
}

IMAGE(random_resized_crop) {
    (void)fill;
    double share = sqrt(v[0]), time = base_rng_uniform(r) * (1 - share) * (double)(frames - 1);
    double frequency = base_rng_uniform(r) * (1 - share) * (double)(bins - 1);
    for (size_t b = 0; b < bins; b++) zoom(S + b * frames, frames, 1, time, share, scratch);
    for (size_t t = 0; t < frames; t++) zoom(S + t, bins, frames, frequency, share, scratch);
}

/* --- the table -------------------------------------------------------------------------------------------------- */

#define SOUND(name, ...) { #name, AUGMENT_WAVE, { __VA_ARGS__ }, name, NULL }
#define PICTURE(name, ...) { #name, AUGMENT_SPECTRUM, { __VA_ARGS__ }, NULL, name }
#define MIXING(name, alpha)                                                                                            \
    { name, AUGMENT_BATCH, { { "alpha", alpha, alpha, 0, 100, false, false, NULL } }, NULL, NULL }
#define NONE { NULL, 0, 0, 0, 0, false, false, NULL }

const augment_transform fx_augment_transforms[] = {
    SOUND(gain, { "db", -6, 6, -200, 200, false, false, NULL }),
    SOUND(noise, { "snr", 10, 30, -200, 200, false, false, NULL },
          { "color", 0, 0, 0, 2, false, true, "white|pink|brown" }),
    SOUND(pitch_shift, { "steps", -2, 2, -48, 48, false, false, NULL }),
    SOUND(time_stretch, { "rate", 0.8, 1.25, 0.1, 10, true, false, NULL }),
    SOUND(speed, { "factor", 0.9, 1.1, 0.1, 10, true, false, NULL }),
    SOUND(shift, { "fraction", -0.25, 0.25, -1, 1, false, false, NULL }, { "circular", 0, 0, 0, 1, false, true, NULL }),
    SOUND(polarity, NONE),
    SOUND(reverb, { "decay", 0.2, 1, 0.01, 100, true, false, NULL }, { "wet", 0.33, 0.33, 0, 1, false, false, NULL }),
    SOUND(filter, { "frequency", 300, 4000, 1, 1e6, true, false, NULL },
          { "kind", 0, 0, 0, 3, false, true, "lowpass|highpass|bandpass|notch" }),
    SOUND(equalizer, { "db", -6, 6, -200, 200, false, false, NULL }),
    SOUND(compress, { "threshold", -30, -10, -200, 200, false, false, NULL },
          { "ratio", 4, 4, 1, 1000, false, false, NULL }),
    SOUND(clip, { "level", 0.5, 0.9, 1e-6, 1000, false, false, NULL }),
    SOUND(mp3, { "bit_rate", 32, 96, 8, 320, false, false, NULL }),
    SOUND(harmonic, NONE),
    SOUND(percussive, NONE),
    PICTURE(time_mask, { "width", 0.1, 0.1, 0, 1, false, false, NULL }, { "count", 1, 1, 0, 100, false, true, NULL }),
    PICTURE(freq_mask, { "width", 0.1, 0.1, 0, 1, false, false, NULL }, { "count", 1, 1, 0, 100, false, true, NULL }),
    PICTURE(freq_warp, { "amount", 0.1, 0.1, 0, 1, false, false, NULL }),
    PICTURE(time_warp, { "width", 0.05, 0.05, 0, 0.4, false, false, NULL }),
    PICTURE(random_resized_crop, { "scale", 0.8, 1, 0.01, 1, false, false, NULL }),
    MIXING("mixup", 0.2),
    MIXING("cutmix", 1),
    MIXING("manifold_mixup", 1),
    { "compose", AUGMENT_GROUP, { NONE }, NULL, NULL },
    { "one_of", AUGMENT_GROUP, { NONE }, NULL, NULL },
    { "some_of", AUGMENT_GROUP, { { "n", 1, 1, 0, 64, false, true, NULL } }, NULL, NULL },
    { NULL, AUGMENT_GROUP, { NONE }, NULL, NULL },
};
