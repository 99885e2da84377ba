/* What must hold of any comparison: a sound is like itself; silence before, level, rate and channels do not matter; the
 * table of partials says what the tone was made of. */
#include "arrays.h"
#include <sori/compare.h>
#include <sori/fx.h>
#include <sori/synth.h>

static sori_ctx *c;
static int setup(void **state) { (void)state; c = sori_open(NULL); return c ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(c); return 0; }

static const double strengths[] = { 1, 0.5, 0, 0.25, 0.8, 0.01, 0.003, 0.1 };

/* Partials at f0 * k * (1 + stretch k^2), as a stiff string's. */
static sori_audio string_at(double f0, double sr, double seconds, double stretch) {
    size_t n = (size_t)(seconds * sr);
    sori_array *y = sori_array_new(c, SORI_F32, 1, &n);
    for (size_t i = 0; i < n; i++) {
        double v = 0;
        for (int k = 1; k <= 8; k++) {
            double hz = f0 * k * (1 + stretch * k * k);
            if (hz < sr / 2) v += strengths[k - 1] * sin(2 * 3.14159265358979323846 * hz * (double)i / sr + k);
        }
        ((float *)y->data)[i] = (float)(0.2 * v * exp(-2 * (double)i / (double)n));
    }
    return (sori_audio){ y, sr };
}

static void is_like(const sori_comparison *r, double most) {
    assert_ok(c);
    assert_true(r->log_mel_db <= most && r->mfcc_dtw <= most && r->mfcc_mean <= most);
    assert_true(isnan(r->partials_db) || r->partials_db <= most);
}

static void a_sound_is_like_itself(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        int scope = sori_begin(c);
        sori_audio y = seed == 0 ? string_at(220, 22050, 0.7, 0)
                     : seed == 1 ? string_at(220, 8000, 0.05, 1e-3)
                     : seed == 2 ? sori_chirp(c, 100, 3000, NULL)
                                 : sori_noise(c, (sori_noise_color)(seed % 3), 1 + 977 * (size_t)seed, 16000, seed);
        sori_comparison r = sori_compare(c, y, y, &(sori_compare_config){ .unaligned = seed == 4 });
        is_like(&r, 0);
        assert_memory_equal(r.a.partials, r.b.partials, sizeof r.a.partials);
        assert_memory_equal(r.a.y.y->data, r.b.y.y->data, r.a.y.y->size * sizeof(float));
        sori_end(c, scope, NULL);
    }
}

/* compare(a, b) is compare(b, a), the sides exchanged. */
static void sides_may_be_exchanged(void **state) {
    (void)state;
    sori_audio a = string_at(220, 22050, 0.5, 0), b = string_at(330, 22050, 0.8, 1e-4);
    sori_comparison r = sori_compare(c, a, b, NULL), s = sori_compare(c, b, a, NULL);
    assert_ok(c);
    assert_true(r.log_mel_db == s.log_mel_db && r.mfcc_mean == s.mfcc_mean && r.partials_db == s.partials_db);
    assert_close(r.mfcc_dtw, s.mfcc_dtw, 0, 1e-2);       /* of paths equally cheap either may be taken */
    assert_memory_equal(r.a.partials, s.b.partials, sizeof r.a.partials);
    assert_true(r.log_mel_db > 5 && r.mfcc_dtw > 5);
}

/* Silence in front, gain, a second channel, another rate. */
static void what_does_not_matter(void **state) {
    (void)state;
    sori_audio y = string_at(220, 22050, 0.7, 0);
    size_t n = y.y->size, later = 4410;
    sori_array *moved = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, n + later });
    for (size_t i = 0; i < 2 * n; i++)
        ((float *)moved->data)[i / n * (n + later) + later + i % n] = 0.3f * ((float *)y.y->data)[i % n];
    sori_comparison r = sori_compare(c, y, (sori_audio){ moved, 22050 }, NULL);
    is_like(&r, 1e-2);
    assert_close(r.b.onset_s - r.a.onset_s, 0.2, 1e-3, 0);
    assert_close(r.b.gain_db - r.a.gain_db, -20 * log10(0.3), 1e-3, 0);
    r = sori_compare(c, y, sori_resample(c, y, 44100, NULL), NULL);
    assert_ok(c);
    assert_true(r.sr == 22050 && r.log_mel_db < 3 && r.partials_db < 0.1);
    assert_close(r.b.f0_hz, r.a.f0_hz, 0, 1e-5);
    sori_compare_config plain = { .unaligned = true, .keep_level = true };
    r = sori_compare(c, y, (sori_audio){ moved, 22050 }, &plain);
    assert_true(r.b.onset_s == 0 && r.b.gain_db == 0 && r.log_mel_db > 5);
}

static void partials_are_found(void **state) {
    (void)state;
    static const struct { double f0, sr, seconds, stretch; } cases[] = {
        { 110, 22050, 2, 0 }, { 440, 44100, 1, 0 }, { 261.63, 16000, 0.6, 3e-4 }, { 1000, 22050, 0.3, 1e-3 },
        { 55, 22050, 3, 1e-4 }, { 3000, 48000, 0.2, 0 } };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        int scope = sori_begin(c);
        sori_audio y = string_at(cases[i].f0, cases[i].sr, cases[i].seconds, cases[i].stretch);
        sori_comparison r = sori_compare(c, y, y, &(sori_compare_config){ .n_partials = 9 });
        assert_ok(c);
        double first = cases[i].f0 * (1 + cases[i].stretch);
        assert_close(r.a.f0_hz, first, 0, 1e-4);
        for (int k = 1; k <= 9; k++) {
            const sori_partial *p = &r.a.partials[k - 1];
            double strength = k < 9 ? strengths[k - 1] : 0, hz = cases[i].f0 * k * (1 + cases[i].stretch * k * k);
            if (hz >= cases[i].sr / 2) {
                assert_true(isnan(p->hz) && isnan(p->cents));
            } else if (strength == 0) {
                assert_true(isnan(p->hz) && isnan(p->cents) && p->db == SORI_PARTIAL_FLOOR);
            } else {
                assert_close(p->db, 20 * log10(strength), 0.2, 0);
                assert_close(p->cents, 1200 * log2(hz / first / k), 0.5, 0);
            }
        }
        sori_end(c, scope, NULL);
    }
}

/* Against a pitch that is given, deviations are those from it. */
static void a_given_pitch_is_kept(void **state) {
    (void)state;
    sori_audio y = string_at(442, 22050, 1, 0);
    sori_comparison r = sori_compare(c, y, y, &(sori_compare_config){ .f0_hz = 440, .n_partials = 2 });
    assert_ok(c);
    assert_true(r.a.f0_hz == 440);
    assert_close(r.a.partials[0].cents, 1200 * log2(442 / 440.0), 0.1, 0);
    assert_close(r.a.partials[1].cents, 1200 * log2(442 / 440.0), 0.1, 0);
}

/* White noise has its centre in the middle, a sine where it is; a ramp's attack is eight tenths of it. */
static void words_for_timbre(void **state) {
    (void)state;
    sori_audio sine = sori_tone(c, &(sori_tone_config){ .frequency_hz = 1000, .attack_s = 0.5, .sustain = 1 });
    sori_audio noise = sori_noise(c, SORI_WHITE_NOISE, 22050, 22050, 1);
    sori_comparison r = sori_compare(c, sine, noise, NULL);
    assert_ok(c);
    assert_close(r.a.centroid_hz, 1000, 10, 0);
    assert_close(r.b.centroid_hz, 5512, 100, 0);
    assert_close(r.b.rolloff_hz, 0.85 * 11025, 150, 0);
    assert_true(r.a.flatness < 1e-4 && r.b.flatness > 0.5 && r.b.flatness < 1);
    assert_close(r.a.attack_s, 0.4, 0.01, 0);
    assert_true(isnan(r.b.f0_hz) && isnan(r.partials_db) && isnan(r.b.partials[0].hz));
    assert_close(r.a.f0_hz, 1000, 0, 1e-4);
    float most = -200;
    for (size_t i = 0; i < r.b.envelope_db->size; i++) most = fmaxf(most, ((float *)r.b.envelope_db->data)[i]);
    assert_close(most, -18.5, 1.5, 0);
}

static void silence_is_defined(void **state) {
    (void)state;
    sori_audio silent = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 5000 }), 22050 };
    sori_audio y = string_at(220, 22050, 0.2, 0);
    sori_comparison r = sori_compare(c, silent, silent, NULL);
    is_like(&r, 0);
    assert_true(r.a.onset_s == 0 && r.a.gain_db == 0 && isnan(r.a.f0_hz) && isnan(r.a.attack_s));
    assert_true(isnan(r.a.centroid_hz) && isnan(r.a.flatness));
    r = sori_compare(c, silent, y, NULL);
    assert_ok(c);
    assert_true(r.log_mel_db > 20 && isfinite(r.mfcc_dtw) && isnan(r.partials_db) && isfinite(r.b.f0_hz));
}

/* One sample, a rate at which nothing has a pitch, a very high one. */
static void odd_sounds_are_defined(void **state) {
    (void)state;
    static const double rates[] = { 1, 50, 1000, 192000 };
    for (size_t i = 0; i < BASE_COUNT(rates); i++)
        for (size_t n = 1; n < 300; n = 3 * n + 1) {
            sori_audio y = sori_noise(c, SORI_WHITE_NOISE, n, rates[i], 1);
            sori_comparison r = sori_compare(c, y, y, NULL);
            is_like(&r, 0);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_is_like_itself), cmocka_unit_test(sides_may_be_exchanged),
        cmocka_unit_test(what_does_not_matter), cmocka_unit_test(partials_are_found),
        cmocka_unit_test(a_given_pitch_is_kept), cmocka_unit_test(words_for_timbre),
        cmocka_unit_test(silence_is_defined), cmocka_unit_test(odd_sounds_are_defined),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
