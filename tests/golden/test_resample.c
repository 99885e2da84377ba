/* Loading and resampling against librosa 0.11 (tools/golden/make_resample.py).
 *
 * Tolerance 1e-6 of full scale: soxr's HQ recipe works in single precision, and the library inside Python's soxr was
 * built with another FFT; 1.5e-7 is the largest difference seen on minutes of music. VHQ works in double on both
 * sides, and is rounded to float at the end. */
#include "test.h"
#include "base/base.h"
#include <sori/audio.h>

#define DIR TEST_SOURCE_DIR "/tests/golden/resample/"

static void check(sori_ctx *c, sori_audio got, const char *name) {
    char *path = base_path_join(c, DIR, name);
    sori_array *want = sori_load_npy(c, path);
    double worst = 0;
    assert_ok(c);
    assert_int_equal(got.y->ndim, want->ndim);
    assert_memory_equal(got.y->shape, want->shape, (size_t)want->ndim * sizeof(size_t));
    for (size_t i = 0; i < want->size; i++)
        worst = fmax(worst, fabs((double)((float *)got.y->data)[i] - ((float *)want->data)[i]));
    if (!(worst <= 1e-6)) fail_msg("%s: differs by %g", name, worst);
    base_free(c, path);
}

static void load_is_librosas(void **state) {
    (void)state;
    static const double rates[] = { 22050, 16000, 48000, 8000 };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(rates); i++) {
        char name[32];
        base_format(name, sizeof name, "load_%.0f.npy", rates[i]);
        check(c, sori_load(c, DIR "in.wav", &(sori_load_config){ .sr = rates[i] }), name);
    }
    check(c, sori_load(c, DIR "in.wav", &(sori_load_config){ .multichannel = true, .offset_s = 0.0101,
                                                             .duration_s = 0.0099 }), "part.npy");
    sori_close(c);
}

static void every_quality(void **state) {
    (void)state;
    static const struct { const char *name; sori_res_type type; } cases[] = {
        { "soxr_vhq.npy", SORI_SOXR_VHQ }, { "soxr_mq.npy", SORI_SOXR_MQ }, { "soxr_lq.npy", SORI_SOXR_LQ },
        { "soxr_qq.npy", SORI_SOXR_QQ },
    };
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sori_load(c, DIR "in.wav", &(sori_load_config){ .sr = SORI_SR_NATIVE });
    y.sr = 8000;
    for (size_t i = 0; i < BASE_COUNT(cases); i++)
        check(c, sori_resample(c, y, 11025, &(sori_resample_config){ .res_type = cases[i].type }), cases[i].name);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(load_is_librosas), cmocka_unit_test(every_quality) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
