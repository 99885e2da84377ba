/* Out of memory while sound is resampled, by every method of our own, and read through a filter. libsoxr takes its
 * memory from malloc, which is not refused here. */
#include "oom.h"
#include <sori/audio.h>

#define WAV TEST_SCRATCH "/r.wav"

typedef struct setting { sori_res_type type; double from, to; } setting;

static uint64_t hash_sound(sori_audio a) {
    return a.y ? base_hash(BASE_HASH_START, a.y->data, a.y->size * sizeof(float)) : 0;
}

static uint64_t arrays(sori_ctx *c, const void *arg) {
    const setting *s = arg;
    float x[606];
    for (int i = 0; i < 606; i++) x[i] = (float)(i % 50) / 50;
    return hash_sound(sori_resample(c, sori_audio_from(c, x, 2, 303, s->from), s->to,
                                    &(sori_resample_config){ .res_type = s->type }));
}

static uint64_t file(sori_ctx *c, const void *arg) {
    const setting *s = arg;
    return hash_sound(sori_load(c, WAV, &(sori_load_config){ .sr = s->to, .res_type = s->type }));
}

static void resampling(void **state) {
    (void)state;
    static const setting settings[] = {
        { SORI_RES_KAISER_BEST, 8000, 4000 }, { SORI_RES_KAISER_FAST, 8000.5, 4000 },
        { SORI_RES_KAISER_FAST, 8000, 11025 }, { SORI_RES_POLYPHASE, 8000, 16000 },
        { SORI_RES_FFT, 8000, 11025 }, { SORI_RES_LINEAR, 8000, 4000 }, { SORI_SOXR_HQ, 8000, 4000 },
    };
    float x[3000] = { 0, 0.5f, -0.5f };
    sori_ctx *c = sori_open(NULL);
    sori_save(c, WAV, sori_audio_from(c, x, 1, 3000, 8000), NULL);
    assert_ok(c);
    sori_close(c);
    for (size_t i = 0; i < BASE_COUNT(settings); i++)
        oom_every(&(oom_job){ .run = arrays, .arg = &settings[i], .threads = i % 2 ? 2 : 1, .most = 200 });
    for (size_t i = 0; i < 4; i++) oom_every(&(oom_job){ .run = file, .arg = &settings[i] });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(resampling) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
