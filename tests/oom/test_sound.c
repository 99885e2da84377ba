/* Out of memory while sound is written, looked at, loaded, resampled and read block by block. libsndfile and libsoxr
 * take their memory from malloc, which is not refused here. */
#include "oom.h"
#include <sori/audio.h>

#define WAV TEST_SCRATCH "/wav/out.wav"

static uint64_t hash_sound(sori_audio a) {
    return a.y ? base_hash(BASE_HASH_START, a.y->data, a.y->size * sizeof(float)) : 0;
}

static uint64_t write_and_read(sori_ctx *c, const void *arg) {
    float samples[4000];
    (void)arg;
    for (int i = 0; i < 4000; i++) samples[i] = (float)(i % 50) / 50;
    sori_save(c, WAV, sori_audio_from(c, samples, 2, 2000, 44100), NULL);
    sori_info info = { 0 };
    sori_file_info(c, WAV, &info);
    sori_audio mono = sori_load(c, WAV, NULL);
    sori_audio both = sori_load(c, WAV, &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
    sori_audio half = sori_resample(c, both, 8000, NULL);
    return hash_sound(mono) ^ hash_sound(sori_to_mono(c, half)) ^ info.frames;
}

static uint64_t stream(sori_ctx *c, const void *arg) {
    float block[300];
    uint64_t h = BASE_HASH_START;
    (void)arg;
    sori_reader *r = sori_reader_open(c, TEST_SCRATCH "/in.wav", NULL);
    for (size_t n; (n = sori_reader_read(r, block, 300)) > 0;) h = base_hash(h, block, n * sizeof *block);
    sori_reader_close(r);
    return h;
}

static void sound(void **state) {
    (void)state;
    float samples[3000] = { 0, 0.5f, -0.5f };
    sori_ctx *c = sori_open(NULL);
    base_make_dirs(c, TEST_SCRATCH "/wav");
    sori_save(c, TEST_SCRATCH "/in.wav", sori_audio_from(c, samples, 1, 3000, 44100), NULL);
    assert_ok(c);
    sori_close(c);
    oom_every(&(oom_job){ .run = write_and_read, .output = WAV });
    oom_every(&(oom_job){ .run = stream });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(sound) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
