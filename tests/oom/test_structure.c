/* Out of memory in alignment, paths, segments, matching and notation. */
#include "oom.h"
#include <sori/notation.h>
#include <sori/structure.h>

static sori_array *noise(sori_ctx *c, size_t rows, size_t columns) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ rows, columns });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, (uint32_t)columns, 0);
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return a;
}

static sori_array *numbers(sori_ctx *c, size_t rows, size_t n) {
    size_t shape[2] = { n / rows, rows };
    sori_array *a = sori_array_new(c, SORI_I64, rows > 1 ? 2 : 1, rows > 1 ? shape : &n);
    for (size_t i = 0; a && i < n; i++) ((int64_t *)a->data)[i] = (int64_t)(3 * i + 1);
    return a;
}

static uint64_t alignment(sori_ctx *c, const void *arg) {
    (void)arg;
    static const int sigma[][2] = { { 1, 1 }, { 2, 1 }, { 1, 2 } };
    sori_array *X = noise(c, 3, 20), *Y = noise(c, 3, 23);
    sori_dtw_result r = sori_dtw(c, X, Y, &(sori_dtw_config){ .return_steps = true, .metric = SORI_METRIC_COSINE });
    uint64_t h = hash(r.D) ^ hash(r.wp) ^ hash(r.steps) ^ hash(sori_dtw_backtracking(c, r.steps, NULL));
    sori_dtw_config g = { .path_only = true, .step_sizes_sigma = sigma, .n_steps = 3, .subseq = true };
    h ^= hash(sori_dtw(c, Y, X, &g).wp);
    sori_rqa_result q = sori_rqa(c, r.D ? noise(c, 12, 17) : NULL, NULL);
    return h ^ hash(q.score) ^ hash(q.path);
}

static uint64_t segments(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *data = noise(c, 3, 40), *frames = numbers(c, 1, 9), *R = noise(c, 15, 15);
    sori_matrix_filter_config g = { .size = { 1, 3 } };
    uint64_t h = hash(sori_agglomerative(c, data, 5)) ^ hash(sori_subsegment(c, data, frames, 3));
    h ^= hash(sori_timelag_filter(c, R, sori_median_of_window, &g, NULL)) ^ hash(sori_mean_of_window(c, R, &g));
    h ^= hash(sori_path_enhance(c, R, 7, &(sori_path_enhance_config){ .zero_mean = true }));
    h ^= hash(sori_diagonal_filter(c, 9, NULL)) ^ hash(sori_fix_frames(c, frames, NULL));
    h ^= hash(sori_index_to_slice(c, frames, NULL)) ^ hash(sori_sync(c, data, frames, NULL));
    sori_array *spans = numbers(c, 2, 8);
    return h ^ hash(sori_match_events(c, frames, frames, NULL)) ^ hash(sori_match_intervals(c, spans, spans, NULL));
}

static uint64_t text(uint64_t h, const char *s) { return s ? base_hash(h, s, strlen(s)) : h; }

static uint64_t names(sori_ctx *c, const void *arg) {
    (void)arg;
    const char *notes[12], *svara[12];
    uint64_t h = text(BASE_HASH_START, sori_hz_to_note(c, 441, &(sori_note_name_config){ .cents = true }));
    sori_key_to_notes(c, "F#:min", false, true, notes);
    sori_mela_to_svara(c, 22, NULL, svara);
    for (int i = 0; i < 12; i++) h = text(text(h, notes[i]), svara[i]);
    h = text(text(h, sori_fifths_to_note(c, "C", 9, false)), sori_note_to_svara_c(c, "C5", "D4", 15, NULL));
    return text(h, sori_midi_to_svara_h(c, 70, 60, NULL)) ^ hash(sori_times_like(c, 9, 0, 0, 0))
         ^ hash(sori_samples_like(c, 9, 0, 0));
}

static void all(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = alignment });
    oom_every(&(oom_job){ .run = alignment, .threads = 2, .most = 40 });
    oom_every(&(oom_job){ .run = segments });
    oom_every(&(oom_job){ .run = names });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(all) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
