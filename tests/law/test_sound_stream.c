/* A stream is the whole file: blocks of any size give the bits of sori_load, and a part gives the bits of the whole.
 * Saving and loading is the identity on what the format can hold. */
#include "test.h"
#include "base/base.h"
#include <sori/audio.h>
#include <unistd.h>

#define N 50000

/* Two channels of noise on the grid of 16 bits, [2, N]. */
static sori_audio noise(sori_ctx *c, double sr) {
    static float x[2 * N];
    base_rng r = base_rng_new(7, BASE_RNG_TEST, 0, 0);
    for (int i = 0; i < 2 * N; i++) x[i] = (float)((int)base_rng_below(&r, 65536) - 32768) / 32768.0f;
    return sori_audio_from(c, x, 2, N, sr);
}

static void save_as(sori_ctx *c, const char *path, double sr, sori_subtype subtype) {
    sori_save(c, path, noise(c, sr), &(sori_save_config){ .subtype = subtype });
    assert_ok(c);
}

static void same_audio(sori_audio a, sori_audio b) {
    assert_true(a.sr == b.sr);
    assert_int_equal(a.y->ndim, b.y->ndim);
    assert_int_equal(a.y->size, b.y->size);
    assert_memory_equal(a.y->shape, b.y->shape, (size_t)a.y->ndim * sizeof(size_t));
    assert_memory_equal(a.y->data, b.y->data, a.y->size * sizeof(float));
}

static void saving_and_loading_is_the_identity(void **state) {
    (void)state;
    static const struct { const char *name; sori_subtype subtype; } kinds[] = {
        { "a.wav", SORI_PCM_16 }, { "b.wav", SORI_PCM_24 }, { "c.wav", SORI_FLOAT }, { "d.flac", SORI_PCM_16 },
        { "e.FLAC", SORI_PCM_24 },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(kinds); i++) {
        char *path = base_path_join(c, TEST_SCRATCH, kinds[i].name);
        save_as(c, path, 8000, kinds[i].subtype);
        sori_audio y = sori_load(c, path, &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
        assert_ok(c);
        same_audio(y, noise(c, 8000));
        base_free(c, path);
    }
    sori_close(c);
}

static void equal_sound_gives_equal_files(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    size_t n, m;
    save_as(c, TEST_SCRATCH "/one.wav", 44100, SORI_FLOAT);
    char *a = base_read_file(c, TEST_SCRATCH "/one.wav", 1 << 20, &n);
    sleep(1);   /* libsndfile's peak chunk, which must not be there, has the time in seconds */
    save_as(c, TEST_SCRATCH "/one.wav", 44100, SORI_FLOAT);
    char *b = base_read_file(c, TEST_SCRATCH "/one.wav", 1 << 20, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    base_free(c, a);
    base_free(c, b);
    sori_close(c);
}

static float *stream(sori_ctx *c, const char *path, const sori_load_config *config, size_t step, size_t *n) {
    sori_reader *r = sori_reader_open(c, path, config);
    assert_ok(c);
    size_t width = (size_t)sori_reader_channels(r), got;
    float *x = calloc(20 * N * width, sizeof *x);
    *n = 0;
    while ((got = sori_reader_read(r, x + *n * width, step)) > 0) *n += got;
    assert_ok(c);
    assert_int_equal(sori_reader_read(r, x, 1), 0);
    sori_reader_close(r);
    return x;
}

static void blocks_of_any_size_are_the_whole(void **state) {
    (void)state;
    static const double rates[] = { SORI_SR_NATIVE, 22050, 16000, 96000, 11025.5 };
    static const size_t steps[] = { 1, 441, 16384, 100000 };
    sori_ctx *c = sori_open(NULL);
    save_as(c, TEST_SCRATCH "/s.flac", 44100, SORI_PCM_16);
    for (size_t i = 0; i < BASE_COUNT(rates); i++)
        for (size_t k = 0; k < BASE_COUNT(steps); k++) {
            sori_load_config config = { .sr = rates[i] };
            sori_audio whole = sori_load(c, TEST_SCRATCH "/s.flac", &config);
            assert_ok(c);
            size_t n;
            float *x = stream(c, TEST_SCRATCH "/s.flac", &config, steps[k], &n);
            assert_int_equal(n, whole.y->size);
            assert_int_equal(n, (size_t)ceil(N * (whole.sr / 44100)));
            assert_memory_equal(x, whole.y->data, n * sizeof *x);
            free(x);
        }
    sori_close(c);
}

/* mean over channels, then resampling: three calls on arrays give what the reader does on the way. */
static void loading_is_mean_then_resample(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    save_as(c, TEST_SCRATCH "/m.wav", 44100, SORI_PCM_16);
    sori_audio loaded = sori_load(c, TEST_SCRATCH "/m.wav", NULL);
    same_audio(loaded, sori_resample(c, sori_to_mono(c, noise(c, 44100)), 22050, NULL));
    loaded = sori_load(c, TEST_SCRATCH "/m.wav", &(sori_load_config){ .sr = 8000, .multichannel = true });
    same_audio(loaded, sori_resample(c, noise(c, 44100), 8000, NULL));
    assert_ok(c);
    sori_close(c);
}

static void parts_are_of_the_whole(void **state) {
    (void)state;
    static const char *const names[] = { TEST_SCRATCH "/p.wav", TEST_SCRATCH "/p.flac" };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        save_as(c, names[i], 8000, SORI_PCM_16);
        sori_load_config config = { .sr = SORI_SR_NATIVE, .offset_s = 1.23456, .duration_s = 2.5 };
        sori_audio whole = sori_to_mono(c, noise(c, 8000)), part = sori_load(c, names[i], &config);
        assert_ok(c);
        assert_int_equal(part.y->size, 20000);   /* int(2.5 * 8000) frames from int(1.23456 * 8000) = 9876 */
        assert_memory_equal(part.y->data, (float *)whole.y->data + 9876, 20000 * sizeof(float));
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saving_and_loading_is_the_identity),
        cmocka_unit_test(equal_sound_gives_equal_files),
        cmocka_unit_test(blocks_of_any_size_are_the_whole),
        cmocka_unit_test(loading_is_mean_then_resample),
        cmocka_unit_test(parts_are_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
