/* Resampling: what is refused, and the smallest sounds. */
#include "test.h"
#include "base/base.h"
#include <sori/audio.h>

static sori_audio ramp(sori_ctx *c, size_t n, double sr) {
    float x[64];
    for (size_t i = 0; i < n; i++) x[i] = (float)i / 64;
    return sori_audio_from(c, x, 1, n, sr);
}

static void refused(sori_ctx *c, sori_audio y, double to, sori_resample_config k, sori_status status,
                    const char *sentence) {
    sori_audio z = sori_resample(c, y, to, &k);
    if (z.y || sori_error(c) != status || !strstr(sori_message(c), sentence)) fail_msg("%s", sori_message(c));
    sori_clear(c);
}

static void gates(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = ramp(c, 64, 22050), none = { NULL, 22050 };
    sori_resample_config best = { .res_type = SORI_RES_KAISER_BEST }, poly = { .res_type = SORI_RES_POLYPHASE };
    refused(c, none, 8000, best, SORI_EINVAL, "resample");
    refused(c, y, 0, best, SORI_EINVAL, "22050 Hz to 0 Hz: rates must be above 0");
    refused(c, y, NAN, best, SORI_EINVAL, "rates must be above 0");
    refused(c, (sori_audio){ y.y, -1 }, 8000, best, SORI_EINVAL, "rates must be above 0");
    refused(c, y, 1e300, best, SORI_EINVAL, "makes 2.9");
    refused(c, y, 8000, (sori_resample_config){ .res_type = (sori_res_type)99 }, SORI_EINVAL, "res_type 99 is unknown");
    refused(c, y, 8000.5, poly, SORI_EINVAL, "polyphase needs whole rates in a small ratio, not 22050 Hz to 8000.5 Hz");
    refused(c, y, 1, best, SORI_EINVAL, "resample");
    refused(c, ramp(c, 1, 44100), 8000, best, SORI_EINVAL, "1 samples are too few for 44100 Hz to 8000 Hz");
    sori_audio bad = ramp(c, 64, 22050);
    ((float *)bad.y->data)[63] = NAN;
    ((float *)bad.y->data)[40] = -INFINITY;
    refused(c, bad, 8000, (sori_resample_config){ 0 }, SORI_EINVAL, "sample 40 is not finite");
    sori_close(c);
}

static void every_method_on_the_smallest(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int type = SORI_SOXR_HQ; type <= SORI_RES_ZERO_ORDER_HOLD; type++)
        for (size_t n = 1; n < 5; n++) {
            sori_resample_config k = { .res_type = (sori_res_type)type };
            sori_audio up = sori_resample(c, ramp(c, n, 8000), 11025, &k);
            sori_audio same = sori_resample(c, ramp(c, n, 8000), 8000, &k);
            assert_ok(c);
            assert_int_equal(up.y->size, (size_t)ceil((double)n * 11025 / 8000));
            assert_int_equal(same.y->size, n);
            assert_memory_equal(same.y->data, ramp(c, n, 8000).y->data, n * sizeof(float));
            for (size_t i = 0; i < up.y->size; i++) assert_true(isfinite(((float *)up.y->data)[i]));
        }
    sori_close(c);
}

/* Nothing there, more axes than two. */
static void shapes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int type = SORI_SOXR_HQ; type <= SORI_RES_ZERO_ORDER_HOLD; type++) {
        sori_resample_config k = { .res_type = (sori_res_type)type };
        sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ 2, 3, 40 });
        sori_array *nothing = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, 0 });
        for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)(i / 40);
        sori_audio y = sori_resample(c, (sori_audio){ x, 8000 }, 16000, &k);
        assert_ok(c);
        assert_int_equal(y.y->ndim, 3);
        assert_true(y.y->shape[0] == 2 && y.y->shape[1] == 3 && y.y->shape[2] == 80);
        assert_close(((float *)y.y->data)[80 * 5 + 40], 5, 0.05, 0);
        assert_int_equal(sori_resample(c, (sori_audio){ nothing, 8000 }, 16000, &k).y->shape[1], 0);
        assert_ok(c);
    }
    sori_close(c);
}

static void readers_take_what_can_stream(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_save(c, TEST_SCRATCH "/r.wav", ramp(c, 64, 22050), NULL);
    sori_load(c, TEST_SCRATCH "/r.wav", &(sori_load_config){ .sr = 8000, .res_type = SORI_RES_FFT });
    assert_int_equal(sori_error(c), SORI_EINVAL);
    assert_non_null(strstr(sori_message(c), "needs the whole sound"));
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates), cmocka_unit_test(every_method_on_the_smallest), cmocka_unit_test(shapes),
        cmocka_unit_test(readers_take_what_can_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
