/* Out of memory while features are computed: each alone, together, in a stream, from a spectrogram, and back. */
#include "oom.h"
#include <sori/feat.h>

enum { N = 9000 };

static sori_audio sound(sori_ctx *c) {
    sori_array *a = sori_array_new(c, SORI_F32, 1, (size_t[]){ N });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; a && i < N; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return (sori_audio){ a, 22050 };
}

static uint64_t alone(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_stft_config prime = { .n_fft = 254 };   /* 127 points: Bluestein */
    uint64_t h = hash(sori_melspectrogram(c, y, NULL)) ^ hash(sori_mel_filters(c, 22050, NULL));
    sori_array *D = sori_stft(c, y, &prime), *mfcc = sori_mfcc(c, y, &(sori_mfcc_config){ .n_mfcc = 13 });
    h ^= hash(mfcc) ^ hash(sori_mfcc_to_mel(c, mfcc, NULL)) ^ hash(D);
    sori_array *S = sori_spectrogram(c, y, NULL);
    h ^= hash(sori_melspectrogram(c, y, &(sori_mel_config){ .S = S })) ^ hash(sori_magnitude(c, D));
    return h ^ hash(sori_istft(c, D, 22050, &(sori_istft_config){ .stft = prime }).y);
}

static uint64_t shapes(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_array *S = sori_spectrogram(c, y, NULL), *freq = sori_fft_frequencies(c, 22050, 2048);
    sori_array *centroid = sori_spectral_centroid(c, y, &(sori_spectral_config){ .S = S, .freq = freq });
    sori_spectral_config spread = { .S = S, .centroid = centroid };
    uint64_t h = hash(sori_spectral_bandwidth(c, y, &spread)) ^ hash(sori_spectral_rolloff(c, y, NULL));
    h ^= hash(sori_spectral_flatness(c, y, NULL)) ^ hash(sori_spectral_contrast(c, y, NULL)) ^ hash(centroid);
    h ^= hash(sori_rms(c, y, NULL)) ^ hash(sori_rms(c, y, &(sori_rms_config){ .S = S }));
    return h ^ hash(sori_zero_crossing_rate(c, y, NULL));
}

static uint64_t levels(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *a = sound(c).y, *db = sori_amplitude_to_db(c, a, NULL);
    uint64_t h = hash(db) ^ hash(sori_power_to_db(c, a, NULL)) ^ hash(sori_db_to_amplitude(c, db, 0));
    h ^= hash(sori_delta(c, a, NULL)) ^ hash(sori_window(c, "chebwin(60)", 64, false));
    return h ^ hash(sori_db_to_power(c, db, 0)) ^ hash(sori_mel_frequencies(c, 40, 0, 8000, false));
}

static const char *const names[] = { "stft", "mel", "mfcc", "contrast", "rms" };
static const sori_feature_config config = { .stft = { .n_fft = 512, .exact = true }, .db = true };

enum { NAMES = BASE_COUNT(names) };

static uint64_t hash_all(sori_array **out) {
    uint64_t h = 0;
    for (size_t i = 0; i < NAMES; i++) h ^= hash(out[i]);
    return h;
}

static uint64_t together(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *out[NAMES] = { NULL };
    sori_extract(c, sound(c), names, NAMES, &config, out);
    return hash_all(out);
}

static uint64_t streamed(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sound(c);
    sori_array *out[NAMES] = { NULL };
    sori_stream *s = sori_stream_new(c, 22050, 1, names, NAMES, &config);
    for (size_t at = 0; y.y && at < N; at += 1000) sori_stream_push(s, (const float *)y.y->data + at, 1000);
    sori_stream_finish(s, out);
    sori_stream_free(s);
    return hash_all(out);
}

static uint64_t live(sori_ctx *c, const void *arg) {
    static const sori_feature_config unfloored = { .stft = { .n_fft = 512 }, .top_db = { 2, 0 } };
    (void)arg;
    size_t rows, stride;
    sori_audio y = sound(c);
    sori_live *l = sori_live_new(c, 22050, 1, names, 3, N, &unfloored);
    size_t frames = y.y ? sori_live_process(l, y.y->data, N) : 0;
    const float *mfcc = sori_live_values(l, 2, 0, &rows, &stride);
    uint64_t h = mfcc && frames ? base_hash(BASE_HASH_START, mfcc, frames * sizeof *mfcc) : 0;
    sori_live_free(l);
    return h;
}

static void features(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = alone });
    oom_every(&(oom_job){ .run = shapes });
    oom_every(&(oom_job){ .run = levels });
}

static void extraction(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = together });
    oom_every(&(oom_job){ .run = together, .threads = 2, .most = 60 });
}

static void streams(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = streamed });
    oom_every(&(oom_job){ .run = live });
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features), cmocka_unit_test(extraction), cmocka_unit_test(streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
