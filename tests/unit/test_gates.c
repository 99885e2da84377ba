/* What windows, levels, derivatives and conversions refuse, and the sentence they say. */
#include "test.h"
#include <sori/feat.h>

#define REFUSES(c, call, sentence) do { \
        assert_null(call); \
        assert_int_equal(sori_error(c), SORI_EINVAL); \
        assert_string_equal(sori_message(c), sentence); \
        sori_clear(c); \
    } while (0)

static sori_array *filled(sori_ctx *c, size_t rows, size_t n, float value) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ rows, n });
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = value;
    return a;
}

static void windows(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    REFUSES(c, sori_window(c, "hanning", 8, false), "window 'hanning': there is no window of this name");
    REFUSES(c, sori_window(c, "hann(1)", 8, false), "window 'hann(1)': takes no parameters");
    REFUSES(c, sori_window(c, "kaiser", 8, false), "window 'kaiser': has too few or too many parameters");
    REFUSES(c, sori_window(c, "kaiser(8", 8, false),
            "window 'kaiser(8': cannot be read; write a name, or name(parameter, ...)");
    REFUSES(c, sori_window(c, "kaiser(1e9)", 8, false),
            "window 'kaiser(1e9)': these parameters do not give finite values");
    REFUSES(c, sori_window(c, "gaussian(0)", 9, true),
            "window 'gaussian(0)': these parameters do not give finite values");
    REFUSES(c, sori_window(c, "dpss(4)", 8, false), "window 'dpss(4)': NW must be above 0 and below n/2");
    REFUSES(c, sori_window(c, "kbd(4)", 8, false),
            "window 'kbd(4)': it is defined for symmetric windows of even length only");
    REFUSES(c, sori_window(c, "hann", 0, false), "window: n 0 is below 1");
    REFUSES(c, sori_window(c, NULL, 8, false), "window: no name given");
    sori_close(c);
}

static void levels(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *a = filled(c, 2, 3, 1);
    REFUSES(c, sori_power_to_db(c, NULL, NULL), "power_to_db: no array given");
    REFUSES(c, sori_power_to_db(c, a, &(sori_db_config){ .top_db = SORI_VALUE(-1) }),
            "power_to_db: top_db -1 is below 0");
    REFUSES(c, sori_amplitude_to_db(c, a, &(sori_db_config){ .amin = -1 }), "amplitude_to_db: amin -1 is not above 0");
    ((float *)a->data)[4] = NAN;
    REFUSES(c, sori_power_to_db(c, a, NULL), "power_to_db: a value is NaN or infinite");
    ((float *)a->data)[4] = INFINITY;
    REFUSES(c, sori_amplitude_to_db(c, a, NULL), "amplitude_to_db: a value is NaN or infinite");
    assert_int_equal(sori_power_to_db(c, sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), NULL)->size, 0);
    assert_ok(c);
    sori_close(c);
}

static void derivatives(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *a = filled(c, 2, 5, 1);
    REFUSES(c, sori_delta(c, a, NULL), "delta: width 9 is above the 5 frames there are, which mode interp needs");
    REFUSES(c, sori_delta(c, a, &(sori_delta_config){ .width = 4 }),
            "delta: width 4 is not an odd number from 3 to 4095");
    REFUSES(c, sori_delta(c, a, &(sori_delta_config){ .width = 3, .order = 3 }),
            "delta: polyorder 3 is not below width 3 (and 65)");
    REFUSES(c, sori_delta(c, a, &(sori_delta_config){ .order = -1 }), "delta: order -1 is not within 1 .. 64");
    assert_int_equal(sori_delta(c, filled(c, 0, 9, 1), NULL)->size, 0);
    assert_int_equal(sori_delta(c, filled(c, 2, 0, 1), &(sori_delta_config){ .mode = SORI_DELTA_WRAP })->size, 0);
    assert_ok(c);
    sori_close(c);
}

static void conversions(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    REFUSES(c, sori_fft_frequencies(c, 0, 512), "fft_frequencies: sr 0 Hz is not above 0");
    REFUSES(c, sori_mel_frequencies(c, 0, 0, 8000, false), "mel_frequencies: n_mels 0 is below 1");
    REFUSES(c, sori_mel_frequencies(c, 3, -1, 8000, false),
            "mel_frequencies: fmin -1 Hz or fmax 8000 Hz is not a frequency");
    assert_int_equal(sori_frames_to_samples(INT64_MAX, 512, 2048), INT64_MAX);
    assert_int_equal(sori_samples_to_frames(INT64_MIN, 512, 2048), INT64_MIN / 512);
    assert_int_equal(sori_samples_to_frames(-1, 512, 0), -1);
    assert_int_equal(sori_time_to_samples(1e300, 22050), INT64_MAX);
    assert_int_equal(sori_time_to_samples(NAN, 22050), 0);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows), cmocka_unit_test(levels), cmocka_unit_test(derivatives),
        cmocka_unit_test(conversions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
