/* Out of memory in onsets, tempo and beats. */
#include "oom.h"
#include <sori/rhythm.h>

enum { N = 9000, FRAMES = 300 };

static sori_array *noise(sori_ctx *c, size_t n) {
    sori_array *a = sori_array_new(c, SORI_F32, 1, &n);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, (uint32_t)n, 0);
    for (size_t i = 0; a && i < n; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return a;
}

static uint64_t beats(sori_ctx *c, sori_audio y, const sori_beat_config *g) {
    sori_beat_result r = sori_beat_track(c, y, g);
    assert_true((r.tempo != NULL) == (r.beats != NULL));
    return hash(r.tempo) ^ 3 * hash(r.beats);
}

static uint64_t from_sound(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = { noise(c, N), 22050 };
    int64_t edges[] = { 0, 9, 100 };
    sori_array *channels = sori_array_from(c, SORI_I64, 1, (size_t[]){ 3 }, edges);
    uint64_t h = hash(sori_onset_strength(c, y, &(sori_onset_config){ .detrend = true }));
    h ^= hash(sori_onset_strength_multi(c, y, &(sori_onset_config){ .channels = channels, .max_size = 3 }));
    h ^= hash(sori_onset_detect(c, y, &(sori_onset_detect_config){ .backtrack = true, .units = SORI_UNITS_TIME }));
    return h ^ beats(c, y, &(sori_beat_config){ .units = SORI_UNITS_TIME });
}

static uint64_t from_envelope(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *x = noise(c, FRAMES);
    sori_audio none = { 0 };
    sori_tempogram_config t = { .onset_envelope = x, .win_length = 100 };
    sori_array *tg = sori_tempogram(c, none, &t);
    uint64_t h = hash(tg) ^ hash(sori_fourier_tempogram(c, none, &t)) ^ hash(sori_autocorrelate(c, x, NULL));
    h ^= hash(sori_tempo(c, none, &(sori_tempo_config){ .onset_envelope = x }));
    h ^= hash(sori_tempo(c, none, &(sori_tempo_config){ .onset_envelope = x, .aggregate = SORI_AGGREGATE_NONE }));
    h ^= hash(sori_tempo(c, none, &(sori_tempo_config){ .tg = tg, .aggregate = SORI_AGGREGATE_MEDIAN }));
    h ^= hash(sori_tempogram_ratio(c, none, &(sori_tempogram_ratio_config){ .tempogram = t }));
    h ^= hash(sori_tempogram_ratio(c, none, &(sori_tempogram_ratio_config){ .tg = tg,
                                                                           .aggregate = SORI_AGGREGATE_MEDIAN }));
    h ^= beats(c, none, &(sori_beat_config){ .onset_envelope = x, .bpm = 100 });
    return h ^ hash(sori_plp(c, none, &(sori_plp_config){ .onset_envelope = x, .win_length = 100 }));
}

static uint64_t small(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *x = noise(c, FRAMES), *zeros = sori_array_new(c, SORI_F32, 1, (size_t[]){ 20 });
    sori_peak_pick_config g = { .pre_max = 2, .post_max = 2, .pre_avg = 2, .post_avg = 2, .wait = 1 };
    sori_array *peaks = sori_peak_pick(c, x, &g);
    uint64_t h = hash(peaks) ^ hash(sori_onset_backtrack(c, peaks, x)) ^ hash(sori_localmax(c, x, 0));
    h ^= hash(sori_localmin(c, x, 0)) ^ hash(sori_tempo_frequencies(c, 20, 0, 0));
    h ^= beats(c, (sori_audio){ 0 }, &(sori_beat_config){ .onset_envelope = zeros });
    return h ^ hash(sori_fourier_tempo_frequencies(c, 0, 0, 0));
}

static void sounds(void **state) { (void)state; oom_every(&(oom_job){ .run = from_sound }); }
static void envelopes(void **state) { (void)state; oom_every(&(oom_job){ .run = from_envelope }); }
static void small_ones(void **state) { (void)state; oom_every(&(oom_job){ .run = small }); }
static void with_threads(void **state) { (void)state; oom_every(&(oom_job){ .run = from_sound, .threads = 3 }); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sounds), cmocka_unit_test(envelopes), cmocka_unit_test(small_ones),
        cmocka_unit_test(with_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
