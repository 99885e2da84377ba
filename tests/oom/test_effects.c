/* Out of memory in the effects on waveforms. libsndfile takes its memory for MP3 from malloc, which is not refused. */
#include "oom.h"
#include <sori/fx.h>

static uint64_t simple(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sori_noise(c, SORI_PINK_NOISE, 9000, 0, 1), z = sori_gain(c, y, -20);
    uint64_t h = hash(z.y) ^ hash(sori_invert_polarity(c, y).y) ^ hash(sori_shift(c, y, 0.1, NULL).y);
    h ^= hash(sori_mix(c, (sori_audio[]){ y, z }, 2, NULL).y) ^ hash(sori_add_noise(c, z, y, 10).y);
    h ^= hash(sori_clip(c, y, &(sori_clip_config){ .percentile = 10 }).y);
    return h ^ hash(sori_clip(c, y, &(sori_clip_config){ .soft = true }).y);
}

static uint64_t with_state(sori_ctx *c, const void *arg) {
    static const sori_band bands[] = { { SORI_LOWPASS, 900, 0, 0 }, { SORI_PEAKING, 300, 2, 3 } };
    (void)arg;
    sori_array *zf = NULL, *again = NULL, *pressed = NULL;
    sori_audio y = sori_noise(c, SORI_WHITE_NOISE, 3000, 0, 1);
    uint64_t h = hash(sori_equalize(c, y, bands, 2, &(sori_filter_config){ .zf = &zf }).y);
    h ^= hash(sori_equalize(c, y, bands, 2, &(sori_filter_config){ .zi = zf, .zf = &again }).y);
    h ^= hash(sori_filter(c, y, bands, NULL).y) ^ hash(sori_filter_sos(c, bands, 2, 8000));
    h ^= hash(sori_compress(c, y, &(sori_compress_config){ .zf = &pressed }).y);
    return h ^ hash(zf) ^ hash(again) ^ hash(pressed);
}

static uint64_t rooms(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sori_noise(c, SORI_WHITE_NOISE, 9000, 0, 1), ir = sori_noise(c, SORI_WHITE_NOISE, 100, 0, 2);
    uint64_t h = hash(sori_convolve(c, y, ir, &(sori_convolve_config){ .keep_tail = true }).y);
    return h ^ hash(sori_reverb(c, y, NULL).y);
}

#if defined(SORI_WITH_SNDFILE) && defined(SORI_WITH_SOXR)
static uint64_t coding(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_audio y = sori_noise(c, SORI_PINK_NOISE, 30000, 20000, 1);
    return hash(sori_mp3(c, y, NULL).y);
}

static void of_coding(void **state) { (void)state; oom_every(&(oom_job){ .run = coding }); }
#endif

static void of_simple(void **state) { (void)state; oom_every(&(oom_job){ .run = simple }); }
static void of_state(void **state) { (void)state; oom_every(&(oom_job){ .run = with_state }); }
static void of_rooms(void **state) { (void)state; oom_every(&(oom_job){ .run = rooms }); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_simple), cmocka_unit_test(of_state), cmocka_unit_test(of_rooms),
#if defined(SORI_WITH_SNDFILE) && defined(SORI_WITH_SOXR)
        cmocka_unit_test(of_coding),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
