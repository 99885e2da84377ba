/* Laws of tones: waves are their Fourier series up to sr/2 and have nothing between; frequency modulation has
 * Chowning's sidebands; strings are in tune to a cent and fade as told; an envelope is a factor, whatever the wave. */
#include "arrays.h"
#include "test.h"
#include "base/base.h"
#include <sori/notation.h>
#include <sori/pitch.h>
#include <sori/synth.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static const float *tone(const sori_tone_config *k) {
    sori_audio a = sori_tone(ctx, k);
    assert_ok(ctx);
    return a.y->data;
}

/* --- spectra -------------------------------------------------------------------------------------------------- */

enum { N = 4096 };

/* Amplitudes of x [N] at the N/2 bins below sr/2: a plain DFT. */
static void spectrum(const float *x, double *amplitude) {
    static double cosine[N], sine[N];
    for (int i = 0; i < N; i++) cosine[i] = cos(2 * M_PI * i / N), sine[i] = sin(2 * M_PI * i / N);
    for (size_t k = 0; k < N / 2; k++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < N; i++) {
            re += x[i] * cosine[k * i % N];
            im += x[i] * sine[k * i % N];
        }
        amplitude[k] = hypot(re, im) * 2 / N;
    }
}

/* The largest amplitude at bins that are no multiple of the fundamental's. The constant counts. */
static double between(const double *amplitude, int fundamental) {
    double most = amplitude[0];
    for (int k = 1; k < N / 2; k++)
        if (k % fundamental) most = fmax(most, amplitude[k]);
    return most;
}

/* Partial k of a wave of peak 1, for k >= 1. */
static double partial(sori_wave wave, int k) {
    if (wave == SORI_SAW) return 2 / (M_PI * k);
    if (k % 2 == 0) return 0;
    return wave == SORI_SQUARE ? 4 / (M_PI * k) : 8 / (M_PI * M_PI * k * k);
}

/* 37 periods in N samples: 55 partials lie below sr/2, and those above, folded back, would lie between them. */
static void waves_do_not_fold_back(void **state) {
    (void)state;
    static const sori_wave waves[] = { SORI_TRIANGLE, SORI_SQUARE, SORI_SAW };
    static double amplitude[N / 2];
    static float naive[N];
    int scope = sori_begin(ctx);
    for (size_t w = 0; w < BASE_COUNT(waves); w++) {
        sori_tone_config k = { .wave = waves[w], .frequency_hz = 37, .sr = N, .amplitude = 1 };
        spectrum(tone(&k), amplitude);
        for (int i = 1; 37 * i < N / 2; i++) assert_close(amplitude[37 * i], partial(waves[w], i), 1e-7, 1e-6);
        assert_true(between(amplitude, 37) < 1e-7);   /* -140 dB: rounding to float */
    }
    for (int i = 0; i < N; i++) naive[i] = (float)(2 * fmod(37.0 * i / N + 0.5, 1) - 1);
    spectrum(naive, amplitude);
    assert_true(between(amplitude, 37) > 1e-3);       /* and this is what would be seen */
    sori_end(ctx, scope, NULL);
}

/* The partial at sr/2 itself is left out: with an even number of samples a period there could be one. */
static void no_partial_at_half_the_rate(void **state) {
    (void)state;
    int scope = sori_begin(ctx);
    const float *square = tone(&(sori_tone_config){ .wave = SORI_SQUARE, .frequency_hz = 100, .sr = 600, .amplitude = 1,
                                                    .phase = M_PI / 2 });
    for (int i = 0; i < 600; i++) assert_close(square[i], 4 / M_PI * cos(M_PI * i / 3), 1e-6, 0);
    sori_end(ctx, scope, NULL);
}

static double plain_sum(const sori_tone_config *k, double t) {
    double sum = 0;
    for (size_t i = 1; (double)i * k->frequency_hz < k->sr / 2; i++) {
        double x = (double)i * (2 * M_PI * fmod(k->frequency_hz * t, 1) + k->phase);
        if (k->wave == SORI_HARMONICS && i > k->n_harmonics) break;
        if (k->wave == SORI_HARMONICS) sum += k->harmonics[i - 1] * sin(x + (k->phases ? k->phases[i - 1] : 0));
        else if (k->wave == SORI_SAW) sum += sin(x + (i % 2 ? 0 : M_PI)) * partial(k->wave, (int)i);
        else if (k->wave == SORI_TRIANGLE) sum += sin(x + (i % 4 == 1 ? 0 : M_PI)) * partial(k->wave, (int)i);
        else sum += sin(x) * partial(k->wave, (int)i);
    }
    return sum * k->amplitude;
}

static void waves_are_sums_of_sines(void **state) {
    (void)state;
    base_rng r = base_rng_new(4, BASE_RNG_TEST, 0, 0);
    double harmonics[9], phases[9];
    for (int round = 0; round < 40; round++) {
        int scope = sori_begin(ctx);
        for (int i = 0; i < 9; i++) harmonics[i] = base_rng_normal(&r), phases[i] = 6 * base_rng_normal(&r);
        sori_tone_config k = { .wave = SORI_TRIANGLE + round % 4, .sr = 8000 + 300 * round, .duration_s = 0.05,
                               .amplitude = base_rng_normal(&r), .phase = base_rng_normal(&r), .harmonics = harmonics,
                               .phases = round % 8 < 4 ? phases : NULL, .n_harmonics = 1 + (size_t)round % 9 };
        k.frequency_hz = k.sr / 2 * pow(base_rng_uniform(&r), 3) + 10;
        const float *y = tone(&k);
        for (int i = 0; i < (int)(k.sr * 0.05); i++) assert_close(y[i], plain_sum(&k, i / k.sr), 1e-5, 1e-5);
        sori_end(ctx, scope, NULL);
    }
}

/* --- frequency modulation -------------------------------------------------------------------------------------- */

/* Carrier and modulator on bins: every sideband is J_k(index) there, those that meet add up, none folds back. */
static void sidebands_are_bessel_functions(void **state) {
    (void)state;
    static const double ratios[] = { 1, 0.25, 1.5, 3 }, indices[] = { 0.01, 1, 5, 30 };
    static double amplitude[N / 2], expected[N];
    for (int round = 0; round < 16; round++) {
        int scope = sori_begin(ctx), carrier = 200;
        double ratio = ratios[round / 4], index = indices[round % 4];
        memset(expected, 0, sizeof expected);
        for (int s = -100; s <= 100; s++) {
            int bin = (int)(carrier * (1 + s * ratio));
            double j = s < 0 && s % 2 ? -jn(-s, index) : jn(abs(s), index);   /* sin(-x) = -sin(x) */
            if (abs(bin) < N / 2) expected[abs(bin)] += bin < 0 ? -j : j;
        }
        expected[0] = 0;   /* sin(0) */
        spectrum(tone(&(sori_tone_config){ .wave = SORI_FM, .frequency_hz = carrier, .sr = N, .amplitude = 1,
                                           .ratio = ratio, .index = index }), amplitude);
        for (int k = 0; k < N / 2; k++) assert_close(amplitude[k], fabs(expected[k]), 1e-6, 0);
        sori_end(ctx, scope, NULL);
    }
}

/* Where nothing reaches sr/2 the sum of sidebands is Chowning's formula, also when the index moves. */
static void modulation_is_chownings(void **state) {
    (void)state;
    for (int moving = 0; moving < 2; moving++) {
        int scope = sori_begin(ctx);
        sori_tone_config k = { .wave = SORI_FM, .frequency_hz = 441.7, .sr = 44100, .amplitude = 1, .ratio = 1.41,
                               .index = 7, .attack_s = 0.1, .sustain = 1, .release_s = 0.2, .index_envelope = moving };
        const float *y = tone(&k);
        for (int i = 0; i < 44100; i++) {
            double t = i / k.sr, level = fmin(1, fmin(t / 0.1, (1 - t) / 0.2));
            double x = 2 * M_PI * k.frequency_hz * t, index = moving ? 7 * level : 7;
            assert_close(y[i], level * sin(x + index * sin(x * 1.41)), 1e-6, 0);
        }
        sori_end(ctx, scope, NULL);
    }
}

/* --- strings --------------------------------------------------------------------------------------------------- */

/* Frequency and fall (natural logarithm a second) of what is near hz, from the angle and size of two windows of whole
 * length, one `gap` after the other. */
static void fundamental(const float *y, double sr, double hz, size_t from, size_t gap, double *found, double *fall) {
    double angle[2], size[2];
    size_t m = (size_t)(rint(20 * sr / hz));
    for (size_t w = 0; w < 2; w++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < m; i++) {
            size_t at = from + w * gap + i;
            double x = 2 * M_PI * fmod(hz * (double)at / sr, 1);
            double hann = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)m);
            re += hann * y[at] * cos(x);
            im += hann * y[at] * sin(x);
        }
        angle[w] = atan2(-im, re);
        size[w] = hypot(re, im);
    }
    double turn = remainder(angle[1] - angle[0], 2 * M_PI), seconds = (double)gap / sr;
    *found = hz + turn / (2 * M_PI * seconds);
    *fall = log(size[0] / size[1]) / seconds;
}

static void strings_are_in_tune(void **state) {
    (void)state;
    static const double rates[] = { 22050, 44100 }, dampings[] = { 0.5, 0.2 };
    double worst = 0;
    for (int round = 0; round < 4; round++)
        for (int midi = 28; midi <= 96; midi++) {
            int scope = sori_begin(ctx);
            double hz = sori_midi_to_hz(midi + 0.37), sr = rates[round % 2], found, fall;
            const float *y = tone(&(sori_tone_config){ .wave = SORI_PLUCK, .frequency_hz = hz, .sr = sr, .amplitude = 1,
                                                       .damping = dampings[round / 2], .seed = (uint64_t)midi });
            size_t gap = (size_t)fmax(4, 30 * sr / hz / 4);
            fundamental(y, sr, hz, (size_t)(10 * sr / hz), gap, &found, &fall);
            double cents = 1200 * log2(found / hz);
            worst = fmax(worst, fabs(cents));
            sori_end(ctx, scope, NULL);
        }
    if (worst > 0.25) fail_msg("a string is %.3f cents out of tune", worst);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* And as sori's own ear has it, up to E4: higher up, yin's parabola reads a pure sine two cents too high. */
static void yin_hears_the_string(void **state) {
    (void)state;
    for (int midi = 40; midi <= 64; midi += 3) {
        int scope = sori_begin(ctx);
        double hz = sori_midi_to_hz(midi);
        sori_audio a = sori_tone(ctx, &(sori_tone_config){ .wave = SORI_PLUCK, .frequency_hz = hz, .sr = 44100 });
        sori_array *f0 = sori_yin(ctx, a, NULL);
        assert_ok(ctx);
        qsort(f0->data, f0->size, sizeof(double), compare);
        assert_close(1200 * log2(((double *)f0->data)[f0->size / 2] / hz), 0, 1, 0);
        sori_end(ctx, scope, NULL);
    }
}

static void strings_fade_as_told(void **state) {
    (void)state;
    for (int round = 0; round < 6; round++) {
        int scope = sori_begin(ctx);
        double found, fall, t60 = 0.3 + 0.2 * round;
        const float *y = tone(&(sori_tone_config){ .wave = SORI_PLUCK, .frequency_hz = 220, .sr = 44100, .t60_s = t60,
                                                   .duration_s = 2 });
        fundamental(y, 44100, 220, 4410, 8820, &found, &fall);
        assert_close(log(1000) / fall, t60, 0, 0.02);
        sori_end(ctx, scope, NULL);
    }
}

/* No mean goes round: after a long time nothing is left, and the noise depends on the seed alone. */
static void strings_end(void **state) {
    (void)state;
    int scope = sori_begin(ctx);
    sori_tone_config k = { .wave = SORI_PLUCK, .frequency_hz = 440, .sr = 8000, .duration_s = 10, .amplitude = 1 };
    const float *y = tone(&k), *again = tone(&k);
    assert_memory_equal(y, again, 80000 * sizeof *y);
    float peak = 0;
    for (int i = 0; i < 18; i++) peak = fmaxf(peak, fabsf(y[i]));
    assert_close(peak, 1, 0.2, 0);
    for (int i = 79000; i < 80000; i++) assert_true(fabsf(y[i]) < 1e-4f);
    k.seed = 1;
    assert_true(memcmp(tone(&k), y, 64) != 0);
    sori_end(ctx, scope, NULL);
}

/* --- envelopes ------------------------------------------------------------------------------------------------- */

static void an_envelope_is_a_factor(void **state) {
    (void)state;
    for (int wave = SORI_SINE; wave <= SORI_PLUCK; wave++) {
        int scope = sori_begin(ctx);
        sori_tone_config k = { .wave = (sori_wave)wave, .frequency_hz = 330, .sr = 8000,
                               .harmonics = (double[]){ 1, 0.5 }, .n_harmonics = 2 };
        const float *plain = tone(&k);
        k.attack_s = 0.1, k.decay_s = 0.2, k.sustain = 0.4, k.release_s = 0.3;
        const float *shaped = tone(&k);
        for (int i = 0; i < 8000; i++) {
            double t = i / 8000.0, level = t < 0.1 ? t / 0.1 : t < 0.3 ? 1 - 0.6 * (t - 0.1) / 0.2 : 0.4;
            if (t > 0.7) level *= (1 - t) / 0.3;
            assert_close(shaped[i], level * plain[i], 1e-7, 1e-6);
        }
        sori_end(ctx, scope, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_do_not_fold_back),       cmocka_unit_test(no_partial_at_half_the_rate),
        cmocka_unit_test(waves_are_sums_of_sines),      cmocka_unit_test(sidebands_are_bessel_functions),
        cmocka_unit_test(modulation_is_chownings),      cmocka_unit_test(strings_are_in_tune),
        cmocka_unit_test(yin_hears_the_string),         cmocka_unit_test(strings_fade_as_told),
        cmocka_unit_test(strings_end),                  cmocka_unit_test(an_envelope_is_a_factor),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
