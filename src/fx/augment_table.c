/* augment_table.c - the changes that chains are made of: one row each, its parameters, and what it calls. */
#include "fx/augment.h"
#include <math.h>
#include <string.h>

#define NYQUIST_SHARE 0.49   /* of sr: as high as a filter's frequency goes */

/* --- waveforms -------------------------------------------------------------------------------------------------- */

#define WAVE(name)                                                                                                     \
    static sori_audio name(sori_ctx *c, sori_audio y, const double *v, base_rng *r, augment_move *move,                \
                           const augment_files *files)
#define UNUSED ((void)v, (void)r, (void)move, (void)files)

WAVE(gain) { return UNUSED, sori_gain(c, y, v[0]); }
WAVE(polarity) { return UNUSED, sori_invert_polarity(c, y); }
WAVE(pitch_shift) { return UNUSED, sori_pitch_shift(c, y, v[0], NULL); }
WAVE(harmonic) { return UNUSED, sori_harmonic(c, y, NULL); }
WAVE(percussive) { return UNUSED, sori_percussive(c, y, NULL); }
WAVE(clip) { return UNUSED, sori_clip(c, y, &(sori_clip_config){ .level = v[0] }); }
WAVE(mp3) { return UNUSED, sori_mp3(c, y, &(sori_mp3_config){ .bit_rate = v[0] }); }

WAVE(noise) {
    (void)move, (void)files;
    uint64_t seed = (uint64_t)base_rng_u32(r) << 32;
    seed |= base_rng_u32(r);
    return sori_add_noise(c, y, sori_noise(c, (sori_noise_color)v[1], fx_samples(y.y), y.sr, seed), v[0]);
}

WAVE(time_stretch) {
    (void)r, (void)files;
    if (round((double)fx_samples(y.y) / v[0]) < 1) return (sori_audio){ 0 };
    move->scale = 1 / v[0];
    return sori_time_stretch(c, y, v[0], NULL);
}

WAVE(speed) {
    (void)r, (void)files;
    move->scale = 1 / v[0];
    return sori_speed(c, y, v[0], SORI_SOXR_HQ);
}

WAVE(shift) {
    (void)r, (void)files;
    double seconds = round(v[0] * (double)fx_samples(y.y)) / y.sr;
    *move = (augment_move){ 1, seconds, v[1] != 0 };
    return sori_shift(c, y, seconds, &(sori_shift_config){ .circular = v[1] != 0 });
}

WAVE(reverb) {
    UNUSED;
    return sori_reverb(c, y, &(sori_reverb_config){ .decay_s = v[0], .wet = SORI_VALUE(v[1]) });
}

/* The background begins anywhere in its file, and begins again where it is too short. */
WAVE(background) {
    (void)move;
    return sori_add_noise(c, y, fx_augment_files_draw(c, files, y.sr, (double)fx_samples(y.y) / y.sr, r), v[0]);
}

WAVE(impulse) {
    (void)move;
    sori_audio ir = fx_augment_files_draw(c, files, y.sr, 0, r);
    return sori_convolve(c, y, ir, &(sori_convolve_config){ .wet = SORI_VALUE(v[0]) });
}

WAVE(filter) {
    UNUSED;
    sori_band band = { .kind = (sori_band_kind)v[1], .frequency_hz = BASE_MIN(v[0], NYQUIST_SHARE * y.sr) };
    return sori_filter(c, y, &band, NULL);
}

/* Every band by up to v, up or down. */
WAVE(equalizer) {
    (void)move, (void)files;
    static const double frequencies[] = { 100, 250, 630, 1600, 4000, 8000 };
    sori_band bands[BASE_COUNT(frequencies)];
    for (size_t i = 0; i < BASE_COUNT(bands); i++)
        bands[i] = (sori_band){ .kind = SORI_PEAKING, .frequency_hz = BASE_MIN(frequencies[i], NYQUIST_SHARE * y.sr),
                                .gain_db = v[0] * (2 * base_rng_uniform(r) - 1) };
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

#define SOUND(name, summary, ...) { { #name, summary, SORI_AUGMENT_WAVEFORM, { __VA_ARGS__ } }, name, NULL }
#define FILES(name, summary, ...) { { #name, summary, SORI_AUGMENT_WAVEFORM, { __VA_ARGS__ }, true }, name, NULL }
#define PICTURE(name, summary, ...) { { #name, summary, SORI_AUGMENT_SPECTROGRAM, { __VA_ARGS__ } }, NULL, name }
#define MIXING(name, summary, alpha)                                                                                   \
    { { name, summary, SORI_AUGMENT_BATCH, { { "alpha", alpha, alpha, 0, 100, false, false, NULL } } }, NULL, NULL }
#define GROUP(name, summary, ...) { { name, summary, SORI_AUGMENT_GROUP, { __VA_ARGS__ } }, NULL, NULL }
#define NONE { NULL, 0, 0, 0, 0, false, false, NULL }

const augment_transform fx_augment_transforms[] = {
    SOUND(gain, "louder or softer", { "db", -6, 6, -200, 200, false, false, NULL }),
    SOUND(noise, "noise at a signal-to-noise ratio in dB", { "snr", 10, 30, -200, 200, false, false, NULL },
          { "color", 0, 0, 0, 2, false, true, "white|pink|brown" }),
    SOUND(pitch_shift, "higher or lower by semitones", { "steps", -2, 2, -48, 48, false, false, NULL }),
    SOUND(time_stretch, "faster or slower at the same pitch", { "rate", 0.8, 1.25, 0.1, 10, true, false, NULL }),
    SOUND(speed, "faster and higher, or slower and lower", { "factor", 0.9, 1.1, 0.1, 10, true, false, NULL }),
    SOUND(shift, "later or earlier by a share of the length", { "fraction", -0.25, 0.25, -1, 1, false, false, NULL },
          { "circular", 0, 0, 0, 1, false, true, NULL }),
    SOUND(polarity, "upside down", NONE),
    SOUND(reverb, "in a room", { "decay", 0.2, 1, 0.01, 100, true, false, NULL },
          { "wet", 0.33, 0.33, 0, 1, false, false, NULL }),
    FILES(background, "a sound of files mixed in, at a ratio in dB", { "snr", 5, 20, -200, 200, false, false, NULL }),
    FILES(impulse, "heard through an impulse response of files", { "wet", 1, 1, 0, 1, false, false, NULL }),
    SOUND(filter, "through a filter", { "frequency", 300, 4000, 1, 1e6, true, false, NULL },
          { "kind", 0, 0, 0, 3, false, true, "lowpass|highpass|bandpass|notch" }),
    SOUND(equalizer, "six bands, each raised or lowered by up to db", { "db", 6, 6, -200, 200, false, false, NULL }),
    SOUND(compress, "loud parts made quieter", { "threshold", -30, -10, -200, 200, false, false, NULL },
          { "ratio", 4, 4, 1, 1000, false, false, NULL }),
    SOUND(clip, "cut off at a level", { "level", 0.5, 0.9, 1e-6, 1000, false, false, NULL }),
    SOUND(mp3, "through MP3, kbit/s", { "bit_rate", 32, 96, 8, 320, false, false, NULL }),
    SOUND(harmonic, "what lasts, without what strikes", NONE),
    SOUND(percussive, "what strikes, without what lasts", NONE),
    PICTURE(time_mask, "frames of silence, a share of all", { "width", 0.1, 0.1, 0, 1, false, false, NULL },
            { "count", 1, 1, 0, 100, false, true, NULL }),
    PICTURE(freq_mask, "bins of silence, a share of all", { "width", 0.1, 0.1, 0, 1, false, false, NULL },
            { "count", 1, 1, 0, 100, false, true, NULL }),
    PICTURE(freq_warp, "bins up or down, as pitch moves them", { "amount", 0.1, 0.1, 0, 1, false, false, NULL }),
    PICTURE(time_warp, "the sound's middle earlier or later", { "width", 0.05, 0.05, 0, 0.4, false, false, NULL }),
    PICTURE(random_resized_crop, "a part as large as the whole", { "scale", 0.8, 1, 0.01, 1, false, false, NULL }),
    MIXING("mixup", "pairs of a batch's samples mixed", 0.2),
    MIXING("cutmix", "rectangles of a batch's samples exchanged", 1),
    MIXING("manifold_mixup", "pairs mixed at a layer drawn for the batch", 1),
    GROUP("compose", "all of its members, or none", NONE),
    GROUP("one_of", "one of its members", NONE),
    GROUP("some_of", "n of its members", { "n", 1, 1, 0, 64, false, true, NULL }),
    { { NULL, NULL, SORI_AUGMENT_GROUP, { NONE } }, NULL, NULL },
};

const sori_augment_change *sori_augment_change_at(size_t i) {
    return i + 1 < BASE_COUNT(fx_augment_transforms) ? &fx_augment_transforms[i].is : NULL;
}
