/* Out of memory in FLAC, in array files others wrote (converted while read), and in notes played. What libsndfile,
 * soxr, jansson and FluidSynth allocate on their own does not come through the context. */
#include "oom.h"
#include <sori/score.h>
#include <sys/stat.h>

#define FOLDER TEST_SCRATCH "/out"

static uint64_t hash_array(uint64_t h, const sori_array *a) {
    return a ? base_hash(h, a->data, a->size * sori_dtype_size(a->dtype)) : 0;
}

static uint64_t load_sound(sori_ctx *c, const void *path) {
    sori_load_config config = { .multichannel = true };
    sori_audio mono = sori_load(c, path, NULL), all = sori_load(c, path, &config);
    sori_info info;
    sori_file_info(c, path, &info);
    return base_failed(c) ? 0 : base_hash(hash_array(hash_array(BASE_HASH_START, mono.y), all.y), &info, sizeof info);
}

static uint64_t save_sound(sori_ctx *c, const void *path) {
    sori_save(c, path, sori_tone(c, &(sori_tone_config){ .duration_s = 0.1 }), NULL);
    return 0;
}

static void flac(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio a = sori_tone(c, &(sori_tone_config){ .duration_s = 2, .sr = 8000 });
    a.y = sori_array_from(c, SORI_F32, 2, (size_t[]){ 2, 8000 }, a.y->data);
    assert_int_equal(sori_save(c, TEST_SCRATCH "/a.flac", a, NULL), SORI_OK);
    sori_close(c);
    oom_every(&(oom_job){ .run = load_sound, .arg = TEST_SCRATCH "/a.flac" });
    oom_every(&(oom_job){ .run = save_sound, .arg = FOLDER "/a.flac", .output = FOLDER "/a.flac" });
}

static uint64_t signals(sori_ctx *c, const void *unused) {
    (void)unused;
    sori_array *times = sori_array_from(c, SORI_F32, 1, (size_t[]){ 2 }, (float[]){ 0.1f, 0.2f });
    sori_audio chirp = sori_chirp(c, 100, 1000, &(sori_chirp_config){ .length = 300 }), clicks = { 0 };
    if (times) clicks = sori_clicks(c, times, NULL);
    return hash_array(hash_array(BASE_HASH_START, chirp.y), clicks.y);
}

static uint64_t tones(sori_ctx *c, const void *unused) {
    (void)unused;
    static const double harmonics[] = { 1, 0.5 };
    uint64_t h = BASE_HASH_START;
    for (int wave = SORI_SINE; wave <= SORI_PLUCK; wave++)
        h = hash_array(h, sori_tone(c, &(sori_tone_config){ .wave = (sori_wave)wave, .duration_s = 0.01,
                                                            .harmonics = harmonics, .phases = harmonics,
                                                            .n_harmonics = 2 }).y);
    return h;
}

static void made(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = signals });
    oom_every(&(oom_job){ .run = tones });
}

#define GOLDEN TEST_SOURCE_DIR "/tests/golden/arrays/"

static uint64_t load_npy(sori_ctx *c, const void *path) { return hash_array(BASE_HASH_START, sori_load_npy(c, path)); }

static uint64_t hash_list(const sori_named *list, size_t n) {
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; list && i < n; i++)
        h = hash_array(base_hash(h, list[i].name, strlen(list[i].name)), list[i].array);
    return h;
}

static uint64_t load_npz(sori_ctx *c, const void *path) {
    size_t n;
    const sori_named *list = sori_load_npz(c, path, &n);
    return hash_list(list, n);
}

static uint64_t load_safetensors(sori_ctx *c, const void *path) {
    size_t n;
    const char *metadata;
    const sori_named *list = sori_load_safetensors(c, path, &n, &metadata);
    return list ? base_hash(hash_list(list, n), metadata, strlen(metadata)) : 0;
}

static void reading_arrays(void **state) {
    (void)state;
    static const char *const files[] = { GOLDEN "f4.npy", GOLDEN "fortran.npy", GOLDEN "f2.npy" };
    for (size_t i = 0; i < BASE_COUNT(files); i++) oom_every(&(oom_job){ .run = load_npy, .arg = files[i] });
    oom_every(&(oom_job){ .run = load_npz, .arg = GOLDEN "deflated.npz" });
    oom_every(&(oom_job){ .run = load_npz, .arg = GOLDEN "stored.npz" });
    oom_every(&(oom_job){ .run = load_safetensors, .arg = GOLDEN "t.safetensors" });
}

static uint64_t play_note(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_synth *s = sori_synth_open(c, NULL);
    sori_audio a = sori_note(c, s, &(sori_note_config){ .instrument = "flute", .duration_s = 0.05 });
    sori_synth_close(s);
    return base_failed(c) ? 0 : hash_array(BASE_HASH_START, a.y);
}

static uint64_t play_chord(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_synth *s = sori_synth_open(c, NULL);
    sori_audio a = sori_chord(c, s, "C:maj", NULL, &(sori_note_config){ .instrument = "flute", .duration_s = 0.02 });
    sori_synth_close(s);
    const char *label = sori_chord_label(c, "C:maj/1");
    return base_failed(c) ? 0 : base_hash(hash_array(BASE_HASH_START, a.y), label, strlen(label));
}

static void notes(void **state) {
    (void)state;
    if (access("/usr/share/sounds/sf2/FluidR3_GM.sf2", R_OK) != 0) skip();
    oom_every(&(oom_job){ .run = play_note });
    oom_every(&(oom_job){ .run = play_chord });
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flac), cmocka_unit_test(made), cmocka_unit_test(reading_arrays), cmocka_unit_test(notes),
    };
    mkdir(FOLDER, 0777);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
