/* Laws of the effects on waveforms, checked against plain loops in double on random input: what each is defined to be;
 * block by block is the whole; any number of threads gives the same bits; no sample, one sample, any shape. */
#include "arrays.h"
#include <sori/fx.h>

static sori_audio rand_sound(sori_ctx *c, uint32_t key, int ndim, const size_t *shape) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(31, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = (float)(base_rng_uniform(&r) - 0.5);
    return (sori_audio){ a, 22050 };
}

static sori_audio mono(sori_ctx *c, uint32_t key, size_t n) { return rand_sound(c, key, 1, &n); }
static sori_audio stereo(sori_ctx *c, uint32_t key, size_t n) { return rand_sound(c, key, 2, (size_t[]){ 2, n }); }

static float *samples(sori_audio y) {
    assert_non_null(y.y);
    return y.y->data;
}

static double energy(const float *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* --- every effect as a function of sound alone -------------------------------------------------------------------- */

static const sori_band bands[] = { { SORI_LOW_SHELF, 200, 0, 6 }, { SORI_PEAKING, 1500, 2, -9 },
                                   { SORI_HIGH_SHELF, 3000, 0, 3 } };

static sori_audio loud(sori_ctx *c, sori_audio y) { return sori_gain(c, y, 6); }
static sori_audio sum(sori_ctx *c, sori_audio y) {
    return sori_mix(c, (sori_audio[]){ y, y }, 2, (double[]){ -3, 1 });
}
static sori_audio moved(sori_ctx *c, sori_audio y) { return sori_shift(c, y, 0.01, NULL); }
static sori_audio round_about(sori_ctx *c, sori_audio y) {
    return sori_shift(c, y, -0.013, &(sori_shift_config){ .circular = true });
}
static sori_audio noisy(sori_ctx *c, sori_audio y) {
    return sori_add_noise(c, y, sori_noise(c, SORI_PINK_NOISE, 777, 0, 3), 10);
}
static sori_audio low(sori_ctx *c, sori_audio y) {
    return sori_filter(c, y, &(sori_band){ .frequency_hz = 800 }, NULL);
}
static sori_audio equal(sori_ctx *c, sori_audio y) { return sori_equalize(c, y, bands, 3, NULL); }
static sori_audio pressed(sori_ctx *c, sori_audio y) { return sori_compress(c, y, NULL); }
static sori_audio pressed_apart(sori_ctx *c, sori_audio y) {
    return sori_compress(c, y, &(sori_compress_config){ .separate = true });
}
static sori_audio cut(sori_ctx *c, sori_audio y) { return sori_clip(c, y, &(sori_clip_config){ .level = 0.2 }); }
static sori_audio cut_share(sori_ctx *c, sori_audio y) {
    return sori_clip(c, y, &(sori_clip_config){ .percentile = 30 });
}
static sori_audio bent(sori_ctx *c, sori_audio y) { return sori_clip(c, y, &(sori_clip_config){ .soft = true }); }
static sori_audio heard(sori_ctx *c, sori_audio y) {
    return sori_convolve(c, y, mono(c, 9, 4000), &(sori_convolve_config){ .wet = SORI_VALUE(0.4) });
}
static sori_audio reverberant(sori_ctx *c, sori_audio y) { return sori_reverb(c, y, NULL); }

static sori_audio (*const effects[])(sori_ctx *c, sori_audio y) = {
    loud, sori_invert_polarity, sum, moved, round_about, noisy, low, equal, pressed, pressed_apart, cut, cut_share,
    bent, heard, reverberant,
};

static void any_length_and_shape(void **state) {
    (void)state;
    static const size_t shapes[][4] = { { 1, 0 }, { 1, 1 }, { 1, 2 }, { 2, 2, 0 }, { 2, 0, 5 }, { 2, 2, 1 },
                                        { 3, 2, 3, 50 }, { 2, 3, 1000 } };
    sori_ctx *c = sori_open(NULL);
    for (size_t s = 0; s < BASE_COUNT(shapes); s++)
        for (size_t e = 0; e < BASE_COUNT(effects); e++) {
            sori_audio y = rand_sound(c, 1, (int)shapes[s][0], shapes[s] + 1), z = effects[e](c, y);
            assert_ok(c);
            assert_int_equal(z.y->ndim, y.y->ndim);
            for (int d = 0; d < y.y->ndim; d++) assert_int_equal(z.y->shape[d], y.y->shape[d]);
            for (size_t i = 0; i < z.y->size; i++) assert_true(isfinite(samples(z)[i]));
        }
    sori_close(c);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    sori_ctx *one = sori_open(&(sori_options){ .threads = 1 }), *many = sori_open(&(sori_options){ .threads = 5 });
    for (size_t e = 0; e < BASE_COUNT(effects); e++) {
        sori_audio a = effects[e](one, rand_sound(one, 2, 3, (size_t[]){ 3, 2, 30011 }));
        sori_audio b = effects[e](many, rand_sound(many, 2, 3, (size_t[]){ 3, 2, 30011 }));
        assert_ok(many);
        assert_same(a.y, b.y);
    }
    for (int color = 0; color < 3; color++)
        assert_same(sori_noise(one, (sori_noise_color)color, 50000, 0, 7).y,
                    sori_noise(many, (sori_noise_color)color, 50000, 0, 7).y);
    sori_close(one);
    sori_close(many);
}

/* --- level and time ---------------------------------------------------------------------------------------------- */

static void gain_and_sum(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio a = stereo(c, 3, 3000), b = stereo(c, 4, 2000);
    sori_audio g = sori_gain(c, a, -7.5), p = sori_invert_polarity(c, a);
    sori_audio m = sori_mix(c, (sori_audio[]){ b, a }, 2, (double[]){ 2, -7.5 });
    assert_ok(c);
    assert_int_equal(m.y->shape[1], 3000);
    for (size_t i = 0; i < 6000; i++) {
        double x = (double)samples(a)[i], gained = x * pow(10, -7.5 / 20);
        double other = i % 3000 < 2000 ? (double)samples(b)[i / 3000 * 2000 + i % 3000] : 0;
        assert_true(samples(g)[i] == (float)gained && samples(p)[i] == -samples(a)[i]);
        assert_close((double)samples(m)[i], other * pow(10, 0.1) + gained, 6e-8, 1e-7);
    }
    sori_close(c);
}

static void shift_moves_samples(void **state) {
    (void)state;
    static const int by[] = { 0, 1, -1, 499, -499, 500, -500, 700, -1203 };
    sori_ctx *c = sori_open(NULL);
    sori_audio y = stereo(c, 5, 500);
    for (size_t k = 0; k < 2 * BASE_COUNT(by); k++) {
        bool circular = k % 2;
        int64_t d = by[k / 2];
        sori_audio z = sori_shift(c, y, (double)d / 22050, &(sori_shift_config){ .circular = circular });
        assert_ok(c);
        for (int64_t i = 0; i < 1000; i++) {
            int64_t from = i % 500 - d, wrapped = ((from % 500) + 500) % 500;
            float wanted = circular || wrapped == from ? samples(y)[i / 500 * 500 + wrapped] : 0;
            assert_true(samples(z)[i] == wanted);
        }
    }
    sori_close(c);
}

/* --- noise ------------------------------------------------------------------------------------------------------- */

static void noise_begins_the_same(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int color = 0; color < 3; color++) {
        sori_noise_color k = (sori_noise_color)color;
        sori_audio whole = sori_noise(c, k, 20000, 16000, 5);
        for (size_t n = 1; n < 20000; n = 3 * n + 7)
            assert_memory_equal(samples(sori_noise(c, k, n, 16000, 5)), samples(whole), n * sizeof(float));
        assert_memory_not_equal(samples(sori_noise(c, k, 20000, 16000, 6)), samples(whole), 80000);
        assert_int_equal(sori_noise(c, k, 0, 0, 5).y->size, 0);
    }
    assert_ok(c);
    sori_close(c);
}

/* White noise is normal: its moments, within four deviations of what they scatter by; neighbours are independent. */
static void white_noise_is_normal(void **state) {
    (void)state;
    enum { COUNT = 1000000 };
    sori_ctx *c = sori_open(NULL);
    const float *x = samples(sori_noise(c, SORI_WHITE_NOISE, COUNT, 0, 11));
    double m[5] = { 0 }, next = 0, half = 0;
    for (size_t i = 0; i < COUNT; i++)
        for (int p = 1; p < 5; p++) m[p] += pow((double)x[i], p) / COUNT;
    for (size_t i = 0; i + 2048 < COUNT; i++) {
        next += (double)x[i] * (double)x[i + 1] / COUNT;
        half += (double)x[i] * (double)x[i + 2048] / COUNT;   /* the other of a pair */
    }
    assert_close(m[1], 0, 4e-3, 0);
    assert_close(m[2], 1, 4 * sqrt(2) * 1e-3, 0);
    assert_close(m[3], 0, 4 * sqrt(15) * 1e-3, 0);
    assert_close(m[4], 3, 4 * sqrt(96) * 1e-3, 0);
    assert_close(next, 0, 4e-3, 0);
    assert_close(half, 0, 4e-3, 0);
    sori_close(c);
}

/* Mean power per Hz in the octave that begins at hz: of S [1025, frames] at sr. */
static double density(const sori_array *S, double hz, double sr) {
    size_t first = (size_t)ceil(hz * 2048 / sr), last = (size_t)(2 * hz * 2048 / sr), frames = S->shape[1];
    double power = 0;
    for (size_t k = first; k <= last; k++)
        for (size_t t = 0; t < frames; t++) power += (double)((const float *)S->data)[k * frames + t];
    return power / (double)((last - first + 1) * frames);
}

/* Octave by octave white stays, pink falls by 3 and brown by 6 dB; RMS 1. */
static void colors_have_their_slopes(void **state) {
    (void)state;
    static const double rates[] = { 8000, 22050, 48000 };
    sori_ctx *c = sori_open(NULL);
    for (size_t r = 0; r < BASE_COUNT(rates); r++)
        for (int color = 0; color < 3; color++) {
            int scope = sori_begin(c);
            size_t n = (size_t)(40 * rates[r]);
            sori_audio y = sori_noise(c, (sori_noise_color)color, n, rates[r], 1);
            sori_array *S = sori_spectrogram(c, y, &(sori_spectrogram_config){ .power = 2 });
            assert_ok(c);
            assert_close(sqrt(energy(samples(y), n) / (double)n), 1, color == 2 ? 0.08 : 0.02, 0);
            double ref = 200, before = density(S, ref, rates[r]);
            for (double hz = 2 * ref; 2 * hz < rates[r] / 2; hz *= 2) {
                double fall = 10 * log10(before / density(S, hz, rates[r]));
                assert_close(fall, 10 * log10(2) * color * log2(hz / ref), 1, 0);
            }
            sori_end(c, scope, NULL);
        }
    sori_close(c);
}

/* The ratio of sums is the one asked for, to the rounding of the result. */
static void noise_has_its_ratio(void **state) {
    (void)state;
    static const size_t lengths[] = { 1, 300, 3000, 7000 };   /* repeated, once, cut */
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(lengths); i++)
        for (int channels = 1; channels < 3; channels++)
            for (double snr = -20; snr <= 40; snr += 15) {
                sori_audio y = stereo(c, 6, 3000);
                sori_audio noise = channels == 2 ? stereo(c, 7, lengths[i]) : mono(c, 7, lengths[i]);
                sori_audio z = sori_add_noise(c, y, noise, snr);
                double added = 0;
                assert_ok(c);
                for (size_t t = 0; t < 6000; t++) added += pow((double)samples(z)[t] - (double)samples(y)[t], 2);
                assert_close(10 * log10(energy(samples(y), 6000) / added), snr, 1e-4, 0);
            }
    sori_close(c);
}

static void silence_has_no_ratio(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = mono(c, 8, 100), silence = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 100 }), 22050 };
    sori_audio none = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), 22050 }, late = mono(c, 9, 500);
    memset(samples(late), 0, 100 * sizeof(float));
    assert_same(sori_add_noise(c, y, silence, 10).y, y.y);
    assert_same(sori_add_noise(c, y, none, 10).y, y.y);
    assert_same(sori_add_noise(c, y, late, 10).y, y.y);
    assert_same(sori_add_noise(c, silence, y, 10).y, silence.y);
    assert_int_equal(sori_add_noise(c, none, y, 10).y->size, 0);
    assert_ok(c);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_and_shape), cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(gain_and_sum), cmocka_unit_test(shift_moves_samples),
        cmocka_unit_test(noise_begins_the_same), cmocka_unit_test(white_noise_is_normal),
        cmocka_unit_test(colors_have_their_slopes), cmocka_unit_test(noise_has_its_ratio),
        cmocka_unit_test(silence_has_no_ratio),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
