/* Out of memory in everything about phase. */
#include "oom.h"
#include <sori/fx.h>
#include <sori/phase.h>

enum { N = 3000 };

static sori_audio sound(sori_ctx *c) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, N });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return (sori_audio){ a, 22050 };
}

static const sori_stft_config settings = { .n_fft = 256, .hop_length = 64 };

static uint64_t stretched(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    uint64_t h = hash(sori_time_stretch(c, y, 0.8, &settings).y);
    h ^= hash(sori_pitch_shift(c, y, 2, &(sori_pitch_shift_config){ .stft = settings }).y);
    h ^= hash(sori_speed(c, y, 1.1, SORI_SOXR_HQ).y);
    sori_array *D = sori_stft(c, y, &settings);
    sori_magphase_result m = sori_magphase(c, D, 1);
    return h ^ hash(sori_phase_vocoder(c, D, 1.3, NULL)) ^ hash(m.magnitude) ^ hash(m.phase);
}

static uint64_t inverted(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_mel_config mel = { .stft = settings, .n_mels = 20 };
    sori_array *M = sori_melspectrogram(c, y, &mel);
    sori_mel_to_audio_config g = { .griffinlim = { .stft = settings, .n_iter = SORI_VALUE(2) } };
    uint64_t h = hash(sori_mel_to_audio(c, M, 22050, &g).y);
    sori_array *cepstrum = sori_mfcc(c, y, &(sori_mfcc_config){ .mel = mel, .n_mfcc = 8 });
    sori_mfcc_to_audio_config all = { .mfcc.n_mels = 20, .audio = g };
    return h ^ hash(sori_mfcc_to_audio(c, cepstrum, 22050, &all).y);
}

static uint64_t placed(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_reassigned_config g = { .stft = settings, .fill_nan = true };
    sori_reassigned_result r = sori_reassigned_spectrogram(c, y, &g);
    uint64_t h = hash(r.freqs) ^ hash(r.times) ^ hash(r.mags);
    sori_if_config i = { .stft = settings };
    sori_if_result f = sori_instantaneous_frequency(c, y, &i);
    return h ^ hash(f.frequency) ^ hash(f.log_magnitude)
         ^ hash(sori_if_to_audio(c, f.log_magnitude, f.frequency, 22050, &i).y);
}

static void stretching(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = stretched });
    oom_every(&(oom_job){ .run = stretched, .threads = 2, .most = 60 });
}

static void inversion(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = inverted });
}

static void placing(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = placed });
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretching), cmocka_unit_test(inversion), cmocka_unit_test(placing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
