/* spec_augment.c - random changes of a spectrogram: shift, stretch, warp, gain, noise, masks.
 *
 * SpecAugment: Park et al., "SpecAugment: a simple data augmentation method for automatic speech recognition",
 * Interspeech 2019 (masks). VTLP: Jaitly and Hinton, "Vocal tract length perturbation (VTLP) improves speech
 * recognition", ICML workshop 2013 (frequency warp). Both axes are resampled by linear interpolation, which is what a
 * spectrogram smoothed by its window deserves. The draws of shift, stretch, warp and gain are made whether they are
 * used or not, so switching one on does not alter the others. */
#include "fx/fx.h"
#include "array/array.h"
#include <math.h>
#include <string.h>

/* VTLP scales frequencies up to this fraction of the axis and bends the rest so that the top stays the top. */
#define VTLP_BREAK 0.8

/* Points of a random frequency response: shelves and broad bumps, not single resonances. */
#define KNOTS 5
#define NEPER 0.23025851f   /* ln(10) / 10: power = exp(NEPER * dB) */
#define TILT_DB 10.0   /* of the background's spectrum, either way at each knot */

/* --- gate ------------------------------------------------------------------------------------------------------- */

bool fx_spec_check(sori_ctx *c, const sori_spec_augment_config *config) {
    const struct { const char *name; double value, max; } fields[] = {
        { "time_shift", config->time_shift, 1 }, { "time_stretch", config->time_stretch, 1 },
        { "freq_warp", config->freq_warp, 1 },   { "gain_db", config->gain_db, 200 },
        { "eq_db", config->eq_db, 200 },         { "background_db", config->background_db, 200 },
        { "noise_db", config->noise_db, 200 },   { "time_mask", config->time_mask, 1 },
        { "freq_mask", config->freq_mask, 1 },   { "time_masks", config->time_masks, 100 },
        { "freq_masks", config->freq_masks, 100 },
    };
    for (size_t i = 0; i < BASE_COUNT(fields); i++)
        if (!(fields[i].value >= 0 && fields[i].value <= fields[i].max))
            sori_fail(c, SORI_EINVAL, "augment: %s %g is outside 0..%g", fields[i].name, fields[i].value,
                      fields[i].max);
    if (!isfinite(config->fill)) sori_fail(c, SORI_EINVAL, "augment: fill is not a number");
    return !base_failed(c);
}

/* --- draws ------------------------------------------------------------------------------------------------------ */

/* Uniform in -a .. a; a = 0 gives 0 exactly. */
static double draw_symmetric(base_rng *r, double a) { return a * (2 * base_rng_uniform(r) - 1); }

/* Log-uniform in 1/(1+s) .. 1+s, so that faster and slower are equally likely; s = 0 gives 1 exactly. */
static double draw_rate(base_rng *r, double s) { return exp(draw_symmetric(r, log1p(s))); }

/* --- resampling of one axis ------------------------------------------------------------------------------------- */

/* The value at a fractional position of x [n], elements stride apart; outside is fill. */
static float value_at(const float *x, size_t n, size_t stride, double position, float fill) {
    if (!(position > -1 && position < (double)n)) return fill;
    double below = floor(position);
    float w = (float)(position - below);
    float a = below < 0 ? fill : x[(size_t)below * stride];
    float b = below + 1 >= (double)n ? fill : x[(size_t)(below + 1) * stride];
    return w > 0 ? a + w * (b - a) : a;
}

/* Frame t shows what was at centre + (t - centre) * rate - shift. */
static void move_time(float *S, size_t bins, size_t frames, double shift, double rate, const float *fill,
                      float *scratch) {
    double centre = 0.5 * (double)(frames - 1);
    for (size_t b = 0; b < bins; b++) {
        float *row = S + b * frames;
        for (size_t t = 0; t < frames; t++)
            scratch[t] = value_at(row, frames, 1, centre + ((double)t - centre) * rate - shift, fill[b]);
        memcpy(row, scratch, frames * sizeof *row);
    }
}

/* Bin b shows what was at b * rate, up to the break; from there a straight line leads to the top bin. */
static double vtlp(double b, double top, double rate) {
    double to = VTLP_BREAK * top * BASE_MIN(rate, 1.0), from = to / rate;
    double position = b <= from ? b * rate : top - (top - to) / (top - from) * (top - b);
    return BASE_MIN(position, top);   /* rounding may pass the top */
}

static void warp_frequency(float *S, size_t bins, size_t frames, double rate, float *scratch) {
    for (size_t t = 0; t < frames; t++) {
        float *column = S + t, top = column[(bins - 1) * frames];
        for (size_t b = 0; b < bins; b++)
            scratch[b] = value_at(column, bins, frames, vtlp((double)b, (double)(bins - 1), rate), top);
        for (size_t b = 0; b < bins; b++) column[b * frames] = scratch[b];
    }
}

/* --- levels and masks ------------------------------------------------------------------------------------------- */

/* A curve over the bins: KNOTS values, equally spaced, joined by straight lines. */
static float curve(const double knots[KNOTS], size_t b, size_t bins) {
    double at = bins > 1 ? (double)b * (KNOTS - 1) / (double)(bins - 1) : 0;
    int k = BASE_MIN((int)at, KNOTS - 2);
    return (float)(knots[k] + (at - k) * (knots[k + 1] - knots[k]));
}

/* Silence stays silence at any gain. */
static void change_gain(float *S, size_t bins, size_t frames, const double knots[KNOTS], const float *fill) {
    for (size_t b = 0; b < bins; b++) {
        float gain = curve(knots, b, bins);
        for (float *x = S + b * frames; x < S + (b + 1) * frames; x++)
            if (*x > fill[b]) *x = fmaxf(*x + gain, fill[b]);
    }
}

/* Powers add. The power of noise in one bin of one frame is about exponentially distributed. In float, for speed: this
 * is most of an augmentation's time. */
static void add_background(float *S, size_t bins, size_t frames, const double knots[KNOTS], const float *fill,
                           base_rng *r) {
    for (size_t b = 0; b < bins; b++) {
        float mean = expf(NEPER * (fill[b] + curve(knots, b, bins)));
        for (float *x = S + b * frames; x < S + (b + 1) * frames; x++) {
            float uniform = ((float)(base_rng_u32(r) >> 8) + 0.5f) * 0x1p-24f;   /* in (0, 1) */
            *x = logf(expf(NEPER * *x) - mean * logf(uniform)) / NEPER;
        }
    }
}

static void add_noise(float *S, size_t n, double deviation, base_rng *r) {
    for (size_t i = 0; i < n; i++) S[i] += (float)(deviation * base_rng_normal(r));
}

/* A stripe of 0 .. widest of n, every width and every place equally likely. */
static void draw_mask(base_rng *r, size_t n, double fraction, size_t *start, size_t *width) {
    uint32_t widest = (uint32_t)(fraction * (double)n);
    *width = base_rng_below(r, widest + 1);
    *start = base_rng_below(r, (uint32_t)(n - *width + 1));
}

static void mask_time(float *S, size_t bins, size_t frames, size_t start, size_t width, const float *fill) {
    for (size_t b = 0; b < bins; b++)
        for (size_t t = start; t < start + width; t++) S[b * frames + t] = fill[b];
}

static void mask_frequency(float *S, size_t frames, size_t start, size_t width, const float *fill) {
    for (size_t b = start; b < start + width; b++)
        for (size_t t = 0; t < frames; t++) S[b * frames + t] = fill[b];
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

void fx_spec_augment(float *S, size_t bins, size_t frames, const sori_spec_augment_config *config, const float *fill,
                     float *scratch, uint64_t seed, uint32_t epoch, uint32_t sample) {
    if (bins == 0 || frames == 0) return;
    base_rng r = base_rng_new(seed, BASE_RNG_AUGMENT, epoch, sample);
    double shift = draw_symmetric(&r, config->time_shift) * (double)frames;
    double rate = draw_rate(&r, config->time_stretch), warp = draw_rate(&r, config->freq_warp);
    double gain = draw_symmetric(&r, config->gain_db), deviation = config->noise_db * base_rng_uniform(&r);
    double knots[KNOTS], background = config->background_db * base_rng_uniform(&r), noise[KNOTS];
    for (int k = 0; k < KNOTS; k++) {
        knots[k] = gain + draw_symmetric(&r, config->eq_db);
        noise[k] = background + draw_symmetric(&r, TILT_DB);
    }
    if (shift != 0 || rate != 1) move_time(S, bins, frames, shift, rate, fill, scratch);
    if (warp != 1 && bins > 1) warp_frequency(S, bins, frames, warp, scratch);
    if (config->gain_db > 0 || config->eq_db > 0) change_gain(S, bins, frames, knots, fill);
    if (config->background_db > 0) add_background(S, bins, frames, noise, fill, &r);
    if (deviation > 0) add_noise(S, bins * frames, deviation, &r);
    size_t start, width;
    for (int i = 0; i < config->time_masks; i++) {
        draw_mask(&r, frames, config->time_mask, &start, &width);
        mask_time(S, bins, frames, start, width, fill);
    }
    for (int i = 0; i < config->freq_masks; i++) {
        draw_mask(&r, bins, config->freq_mask, &start, &width);
        mask_frequency(S, frames, start, width, fill);
    }
}

sori_status sori_spec_augment(sori_ctx *c, sori_array *S, const sori_spec_augment_config *config, uint64_t seed,
                              uint32_t epoch, uint32_t sample) {
    static const sori_spec_augment_config none;
    if (!config) config = &none;
    if (!array_check(c, "augment", S, SORI_F32, 2) || !fx_spec_check(c, config)) return sori_error(c);
    size_t bins = S->shape[0], frames = S->shape[1];
    if (S->ndim != 2 || bins > INT32_MAX || frames > INT32_MAX)
        return sori_fail(c, SORI_EINVAL, "augment: needs one [bins, frames] spectrogram");
    float *fill = base_alloc_raw(c, bins, sizeof *fill), *scratch = NULL;
    for (size_t b = 0; fill && b < bins; b++) fill[b] = config->fill;
    if (fill) scratch = base_alloc_raw(c, BASE_MAX(bins, frames), sizeof *scratch);
    if (scratch) fx_spec_augment(S->data, bins, frames, config, fill, scratch, seed, epoch, sample);
    base_free(c, scratch);
    base_free(c, fill);
    return sori_error(c);
}
