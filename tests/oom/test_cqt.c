/* Constant-Q transforms and chroma with every allocation refused. */
#include "oom/oom.h"
#include <sori/cqt.h>

static sori_audio sound(sori_ctx *c) {
    float x[3000];
    for (size_t i = 0; i < 3000; i++) x[i] = (float)((i * 7919) % 1000) / 1000 - 0.5f;
    return sori_audio_from(c, x, 1, 3000, 22050);
}

static const sori_cqt_config small = { .fmin = 440, .n_bins = 20, .hop_length = 256 };

static uint64_t transforms(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_vqt_config vqt = { .cqt = small, .intervals = "ji5" };
    sori_array *C = sori_cqt(c, y, &small);
    uint64_t h = hash(C) ^ hash(sori_vqt(c, y, &vqt)) ^ hash(sori_hybrid_cqt(c, y, &small));
    return h ^ hash(C ? sori_icqt(c, C, 22050, &(sori_icqt_config){ .cqt = small }).y : NULL);
}

static uint64_t early(sori_ctx *c, const void *arg) {
    (void)arg;
    return hash(sori_cqt(c, sound(c), &(sori_cqt_config){ .fmin = 110, .n_bins = 12, .hop_length = 64 }));
}

static uint64_t griffin(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *C = sori_array_new(c, SORI_F32, 2, (size_t[]){ 12, 5 });
    for (size_t i = 0; C && i < C->size; i++) ((float *)C->data)[i] = (float)(i % 7);
    sori_griffinlim_cqt_config g = { .cqt = { .fmin = 440 }, .n_iter = SORI_VALUE(2) };
    return hash(sori_griffinlim_cqt(c, C, 22050, &g).y);
}

static uint64_t semitones(sori_ctx *c, const void *arg) {
    (void)arg;
    return hash(sori_semitone_filterbank(c, 0)) ^ hash(sori_iirt(c, sound(c), NULL));
}

static uint64_t filters(sori_ctx *c, const void *arg) {
    (void)arg;
    double hz[] = { 110, 220 };
    sori_array *freqs = sori_array_from(c, SORI_F64, 1, (size_t[]){ 2 }, hz);
    uint64_t h = hash(sori_wavelet(c, freqs, NULL)) ^ hash(sori_wavelet_lengths(c, freqs, NULL, NULL));
    h ^= hash(sori_constant_q_lengths(c, 110, 12, 12, NULL)) ^ hash(sori_cqt_frequencies(c, 12, 110, 12, 0));
    h ^= hash(sori_interval_frequencies(c, 12, 110, &(sori_interval_config){ .intervals = "ji7" }));
    return h ^ hash(sori_cq_to_chroma(c, 84, NULL)) ^ hash(sori_chroma_filters(c, 22050, NULL));
}

static uint64_t chroma(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_chroma_cqt_config g = { .fmin = 440, .n_octaves = 2, .bins_per_octave = 12 };
    sori_array *a = sori_chroma_cqt(c, y, &g);
    uint64_t h = hash(a) ^ hash(sori_tonnetz(c, y, &(sori_tonnetz_config){ .chroma = a, .cqt = g }));
    h ^= hash(sori_chroma_cens(c, y, &(sori_chroma_cens_config){ .cqt = g }));
    h ^= hash(sori_chroma_vqt(c, y, &(sori_chroma_vqt_config){ .fmin = 440, .n_octaves = 2 }));
    return h ^ hash(sori_chroma_stft(c, y, &(sori_chroma_config){ .stft.n_fft = 512 }));
}

static void all(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = transforms });
    oom_every(&(oom_job){ .run = early });
    oom_every(&(oom_job){ .run = griffin, .most = 150 });
    oom_every(&(oom_job){ .run = semitones });
    oom_every(&(oom_job){ .run = filters });
    oom_every(&(oom_job){ .run = chroma });
    oom_every(&(oom_job){ .run = chroma, .threads = 2, .most = 40 });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(all) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
