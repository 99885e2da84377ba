/* Out of memory while pitch is found. */
#include "oom.h"
#include <sori/pitch.h>

enum { N = 5000 };

static sori_audio sound(sori_ctx *c) {
    sori_array *a = sori_array_new(c, SORI_F32, 1, (size_t[]){ N });
    for (size_t i = 0; a && i < N; i++) ((float *)a->data)[i] = (float)(0.5 * sin((double)(i * (1000 + i)) / 20000));
    return (sori_audio){ a, 22050 };
}

static uint64_t peaks(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_piptrack_result r = sori_piptrack(c, y, NULL);
    double tuning[] = { sori_estimate_tuning(c, y, NULL), sori_pitch_tuning(c, r.pitches, NULL) };
    return hash(r.pitches) ^ hash(r.magnitudes) ^ base_hash(BASE_HASH_START, tuning, sizeof tuning);
}

static uint64_t voices(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_pyin_result r = sori_pyin(c, y, &(sori_pyin_config){ .exact = true });
    return hash(sori_yin(c, y, NULL)) ^ hash(r.f0) ^ hash(r.voiced_flag) ^ hash(r.voiced_prob);
}

static uint64_t sequences(sori_ctx *c, const void *arg) {
    (void)arg;
    static const double harmonics[] = { 1, 2 };
    sori_array *u = sori_transition_uniform(c, 3), *local = sori_transition_local(c, 3, 2, NULL, NULL, false);
    sori_array *loop = sori_transition_loop(c, 2, 0.9, NULL), *cycle = sori_transition_cycle(c, 3, 0.9, NULL);
    sori_viterbi_result a = sori_viterbi(c, u, local, NULL), b = sori_viterbi_discriminative(c, u, cycle, NULL);
    sori_viterbi_result d = sori_viterbi_binary(c, u, loop, NULL);
    sori_array *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ 3, 5 }), *f = sori_fft_frequencies(c, 100, 4);
    sori_array *f0 = sori_array_new(c, SORI_F32, 1, (size_t[]){ 5 });
    sori_harmonics_config g = { .freqs = f, .harmonics = harmonics, .n_harmonics = 2 }, changing = g;
    changing.freqs = x;
    uint64_t h = hash(a.states) ^ hash(a.logp) ^ hash(b.states) ^ hash(b.logp) ^ hash(d.states) ^ hash(d.logp);
    h ^= hash(sori_interp_harmonics(c, x, &g)) ^ hash(sori_salience(c, x, &g)) ^ hash(sori_f0_harmonics(c, x, f0, &g));
    return h ^ hash(sori_interp_harmonics(c, x, &changing));
}

static void everything(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = peaks });
    oom_every(&(oom_job){ .run = voices });
    oom_every(&(oom_job){ .run = sequences });
    oom_every(&(oom_job){ .run = voices, .threads = 2, .most = 40 });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(everything) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
