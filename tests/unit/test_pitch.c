/* What pitch, tuning, decoders and harmonics refuse, and what they make of silence and of very little. */
#include "test.h"
#include "base/base.h"
#include <sori/pitch.h>

static sori_audio sound(sori_ctx *c, size_t n, float value) {
    sori_array *a = sori_array_new(c, SORI_F32, 1, &n);
    for (size_t i = 0; i < n; i++) ((float *)a->data)[i] = value;
    return (sori_audio){ a, 22050 };
}

static sori_array *numbers(sori_ctx *c, size_t n, const double *x) { return sori_array_from(c, SORI_F64, 1, &n, x); }

static sori_array *matrix(sori_ctx *c, size_t rows, size_t columns, double value) {
    sori_array *a = sori_array_new(c, SORI_F64, 2, (size_t[]){ rows, columns });
    for (size_t i = 0; i < a->size; i++) ((double *)a->data)[i] = value;
    return a;
}

static void peaks_refuse(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0.5f);
    SAYS(c, sori_piptrack(c, y, &(sori_piptrack_config){ .fmin = SORI_VALUE(-1) }),
            "piptrack: fmin -1 Hz is below 0");
    SAYS(c, sori_piptrack(c, y, &(sori_piptrack_config){ .fmax = 100 }),
            "piptrack: fmax 100 Hz is not above fmin 150 Hz");
    SAYS(c, sori_piptrack(c, y, &(sori_piptrack_config){ .threshold = SORI_VALUE(-0.1) }),
            "piptrack: threshold -0.1 is below 0");
    SAYS(c, sori_piptrack(c, y, &(sori_piptrack_config){ .ref = SORI_VALUE(NAN) }), "piptrack: ref is not finite");
    SAYS(c, sori_piptrack(c, (sori_audio){ NULL, 22050 }, NULL), "piptrack: no array given");
    SAYS(c, sori_estimate_tuning(c, y, &(sori_tuning_config){ .resolution = 2 }),
            "estimate_tuning: resolution 2 is not within 1e-7 .. 1");
    SAYS(c, sori_pitch_tuning(c, NULL, NULL), "pitch_tuning: frequencies must be float32 or float64");
    SAYS(c, sori_pitch_tuning(c, numbers(c, 1, (double[]){ 440 }), &(sori_tuning_config){ .bins_per_octave = -1 }),
            "pitch_tuning: bins_per_octave -1 is below 1");
    sori_close(c);
}

static void warned(void *user, const char *text) {
    (void)text;
    ++*(int *)user;
}

static void tuning_of_little(void **state) {
    (void)state;
    int warnings = 0;
    sori_ctx *c = sori_open(&(sori_options){ .warn = warned, .warn_user = &warnings });
    const double some[] = { 0, NAN, -440, INFINITY, 452.8 };   /* half a semitone above A, but for a hair */
    assert_close(sori_pitch_tuning(c, numbers(c, 5, some), NULL), 0.49, 1e-15, 0);
    assert_int_equal(warnings, 0);
    assert_true(sori_pitch_tuning(c, numbers(c, 4, some), NULL) == 0);
    assert_true(sori_pitch_tuning(c, numbers(c, 0, some), NULL) == 0);
    assert_true(sori_estimate_tuning(c, sound(c, 5000, 0), NULL) == 0);
    assert_int_equal(warnings, 3);
    assert_ok(c);
    sori_close(c);
}

static void voices_refuse(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0.5f);
    SAYS(c, sori_yin(c, y, &(sori_yin_config){ .fmin = 500, .fmax = 400 }),
            "yin: fmin 500 Hz is not below fmax 400 Hz");
    SAYS(c, sori_yin(c, y, &(sori_yin_config){ .fmin = -1 }), "yin: fmin -1 Hz is not above 0");
    SAYS(c, sori_yin(c, y, &(sori_yin_config){ .fmax = 12000 }), "yin: fmax 12000 Hz is above sr/2 11025 Hz");
    SAYS(c, sori_yin(c, y, &(sori_yin_config){ .frame_length = 256 }),
            "yin: a period of fmin 65.4064 Hz, 337.123 samples, does not fit into frame_length 256; use fmin 86.471 Hz "
            "or frame_length 339");
    SAYS(c, sori_yin(c, y, &(sori_yin_config){ .trough_threshold = INFINITY }),
            "yin: trough_threshold is not finite");
    SAYS(c, sori_yin(c, sound(c, 0, 0), NULL), "yin: the sound has no samples");
    SAYS(c, sori_yin(c, sound(c, 3, NAN), NULL), "yin: value 0 of the input is not finite");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .n_thresholds = -3 }),
            "pyin: n_thresholds -3 is outside 1 to 1000000");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .beta_parameters = { 2, 0 } }),
            "pyin: beta_parameters 2, 0 are not above 0");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .boltzmann_parameter = -1 }),
            "pyin: boltzmann_parameter -1 is not above 0");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .resolution = 1.5 }), "pyin: resolution 1.5 is not within 0 to 1");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .resolution = 1e-4 }),
            "pyin: resolution 0.0001 makes 600001 pitch bins (at most 32767)");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .max_transition_rate = -1 }),
            "pyin: max_transition_rate -1 is below 0");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .switch_prob = SORI_VALUE(2) }),
            "pyin: switch_prob 2 is not within 0 to 1");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .no_trough_prob = SORI_VALUE(-1) }),
            "pyin: no_trough_prob -1 is not within 0 to 1");
    SAYS(c, sori_pyin(c, y, &(sori_pyin_config){ .fill_na = SORI_VALUE(INFINITY) }), "pyin: fill_na is infinite");
    sori_close(c);
}

static void silence_has_no_voice(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    static const size_t lengths[] = { 1, 513, 5000 };
    for (size_t i = 0; i < BASE_COUNT(lengths); i++) {
        const sori_array *yin = sori_yin(c, sound(c, lengths[i], 0), NULL);
        sori_pyin_result r = sori_pyin(c, sound(c, lengths[i], 0), NULL);
        assert_ok(c);
        assert_int_equal(r.f0->size, 1 + lengths[i] / 512);
        for (size_t t = 0; t < r.f0->size; t++) {
            assert_true(((double *)yin->data)[t] == 22050 / 10.0);   /* floor(sr / fmax) samples */
            assert_true(isnan(((double *)r.f0->data)[t]));
            assert_int_equal(((uint8_t *)r.voiced_flag->data)[t], 0);
            assert_true(((double *)r.voiced_prob->data)[t] == 0);
        }
    }
    sori_close(c);
}

/* librosa cannot build the transitions of so few bins. */
static void a_narrow_range(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 8000, 0);
    for (size_t i = 0; i < 8000; i++) ((float *)y.y->data)[i] = (float)sin(6.283185307 * 120 * (double)i / 22050);
    sori_pyin_result r = sori_pyin(c, y, &(sori_pyin_config){ .fmin = 100, .fmax = 150, .uncentered = true });
    assert_ok(c);
    for (size_t t = 0; t < r.f0->size; t++) assert_close(((double *)r.f0->data)[t], 120, 0, 0.005);
    sori_close(c);
}

static void decoders_refuse(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *p = matrix(c, 3, 4, 0.3), *t = sori_transition_uniform(c, 3), *two = matrix(c, 2, 2, 0.5);
    SAYS(c, sori_viterbi(c, NULL, t, NULL), "viterbi: prob must be an array of float32 or float64");
    SAYS(c, sori_viterbi(c, p, two, NULL), "viterbi: transition must be [3, 3], as prob has 3 states");
    SAYS(c, sori_viterbi(c, p, matrix(c, 3, 3, 0.5), NULL), "viterbi: row 0 of transition has not sum 1");
    SAYS(c, sori_viterbi(c, matrix(c, 3, 4, 1.5), t, NULL), "viterbi: value 0 of prob, 1.5, is not within 0 to 1");
    SAYS(c, sori_viterbi(c, matrix(c, 3, 0, 1), t, NULL),
            "viterbi: prob must be [..., states, steps], at least one of each");
    SAYS(c, sori_viterbi(c, p, t, &(sori_viterbi_config){ .p_init = numbers(c, 2, (double[]){ 0.5, 0.5 }) }),
            "viterbi: p_init must be 3 probabilities of sum 1");
    SAYS(c, sori_viterbi_discriminative(c, p, t, NULL), "viterbi_discriminative: column 0 of prob has not sum 1");
    SAYS(c, sori_viterbi_binary(c, p, t, NULL), "viterbi_binary: transition must be [2, 2] or [3, 2, 2]");
    SAYS(c, sori_viterbi_binary(c, p, two, &(sori_viterbi_config){ .p_state = numbers(c, 1, (double[]){ 0.5 }) }),
            "viterbi_binary: p_state must be 3 probabilities, one a state");
    SAYS(c, sori_transition_uniform(c, 0), "transition_uniform: n_states 0 is outside 1 to 65535");
    SAYS(c, sori_transition_loop(c, 1, 0.5, NULL), "transition_loop: n_states 1 is outside 2 to 65535");
    SAYS(c, sori_transition_cycle(c, 3, 1.5, NULL), "transition_cycle: prob 1.5 is not within 0 to 1");
    SAYS(c, sori_transition_local(c, 3, 4, NULL, NULL, false),
            "transition_local: width 4 is outside 1 to n_states 3");
    SAYS(c, sori_transition_local(c, 3, 0, (int[]){ 1, 2, 0 }, NULL, false),
            "transition_local: width 0 is outside 1 to n_states 3");
    SAYS(c, sori_transition_local(c, 3, 2, NULL, "round", false),
            "transition_local: window 'round': there is no window of this name");
    SAYS(c, sori_transition_local(c, 9, 2, NULL, "hann", false),
            "transition_local: the window leaves state 0 no transition");
    sori_close(c);
}

/* https://en.wikipedia.org/wiki/Viterbi_algorithm: healthy, healthy, fever. */
static void the_doctor(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *p = sori_array_from(c, SORI_F64, 2, (size_t[]){ 2, 3 }, (double[]){ 0.5, 0.4, 0.1, 0.1, 0.3, 0.6 });
    sori_array *t = sori_array_from(c, SORI_F64, 2, (size_t[]){ 2, 2 }, (double[]){ 0.7, 0.3, 0.4, 0.6 });
    sori_viterbi_result r =
        sori_viterbi(c, p, t, &(sori_viterbi_config){ .p_init = numbers(c, 2, (double[]){ 0.6, 0.4 }) });
    assert_ok(c);
    assert_memory_equal(r.states->data, ((int64_t[]){ 0, 0, 1 }), 24);
    assert_close(*(double *)r.logp->data, log(0.01512), 1e-12, 0);
    assert_int_equal(r.logp->ndim, 0);
    sori_close(c);
}

static void harmonics_refuse(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const double one[] = { 1 }, bad[] = { -1 }, hz[] = { 0, 100, 200 };
    sori_array *x = sori_array_cast(c, matrix(c, 3, 4, 1), SORI_F32);
    sori_harmonics_config g = { .freqs = numbers(c, 3, hz), .harmonics = one, .n_harmonics = 1 }, wrong = g;
    SAYS(c, sori_interp_harmonics(c, x, NULL), "interp_harmonics: freqs must be an array of float32 or float64");
    wrong.freqs = numbers(c, 2, hz);
    SAYS(c, sori_interp_harmonics(c, x, &wrong),
            "interp_harmonics: freqs must be 3 numbers, one a bin, or of the input's shape");
    wrong = g, wrong.n_harmonics = 0;
    SAYS(c, sori_salience(c, x, &wrong), "salience: no harmonics given");
    wrong = g, wrong.harmonics = bad;
    SAYS(c, sori_interp_harmonics(c, x, &wrong), "interp_harmonics: harmonic -1 is below 0");
    wrong = g, wrong.weights = (double[]){ 0 };
    SAYS(c, sori_salience(c, x, &wrong), "salience: the sum of the weights is 0");
    SAYS(c, sori_f0_harmonics(c, x, numbers(c, 3, hz), &g), "f0_harmonics: f0 has 3 values, the input 4 frames");
    sori_close(c);
}

/* Frequencies that are NaN, an f0 that is, and a spectrum without a frame axis. */
static void harmonics_of_little(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const double one[] = { 1, 2 }, hz[] = { NAN, 200, 100 }, f0[] = { NAN, 100, 150, 300 };
    sori_harmonics_config g = { .freqs = numbers(c, 3, hz), .harmonics = one, .n_harmonics = 2, .fill_value = -1 };
    sori_array *x = sori_array_from(c, SORI_F32, 1, (size_t[]){ 3 }, (float[]){ 9, 4, 2 });
    const sori_array *out = sori_interp_harmonics(c, x, &g);
    assert_ok(c);
    assert_int_equal(out->ndim, 2);
    assert_memory_equal(out->data, ((float[]){ -1, 4, 2, -1, -1, 4 }), 24);
    x = sori_array_cast(c, matrix(c, 3, 4, 3), SORI_F32);
    out = sori_f0_harmonics(c, x, numbers(c, 4, f0), &g);
    assert_ok(c);
    assert_memory_equal(out->data, ((float[]){ -1, 3, 3, -1, -1, 3, -1, -1 }), 32);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peaks_refuse), cmocka_unit_test(tuning_of_little), cmocka_unit_test(voices_refuse),
        cmocka_unit_test(silence_has_no_voice), cmocka_unit_test(a_narrow_range), cmocka_unit_test(decoders_refuse),
        cmocka_unit_test(the_doctor), cmocka_unit_test(harmonics_refuse), cmocka_unit_test(harmonics_of_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
