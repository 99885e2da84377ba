/* Loudness: BS.1770's own calibration, its gates, pyloudnorm's numbers, every error. */
#include "test.h"
#include "base/base.h"
#include <sori/level.h>

static sori_audio sound(sori_ctx *c, size_t channels, size_t n, double sr) {
    sori_audio y = { sori_array_new(c, SORI_F32, 2, (size_t[]){ channels, n }), sr };
    assert_ok(c);
    return y;
}

/* A sine of 997 Hz at full scale in one channel is -3.01 LUFS; half the amplitude 6.02 LU less; both channels 3.01
 * more. */
static void calibration(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (size_t both = 0; both < 2; both++)
        for (int half = 0; half < 2; half++) {
            sori_audio y = sound(c, 2, 48000 * 5, 48000);
            for (size_t i = 0; i < y.y->size; i++)
                ((float *)y.y->data)[i] = i >= 48000 * 5 && !both ? 0
                    : (float)((half ? 0.5 : 1) * sin(2 * M_PI * 997 * (double)(i % (48000 * 5)) / 48000));
            assert_close(sori_loudness(c, y), -3.01 + 3.0103 * (double)both - 6.0206 * half, 0.005, 0);
        }
    sori_close(c);
}

/* Tones whose level falls by 34 dB for a second out of three; the answers are pyloudnorm 0.2.0's, filter class "DeMan".
 * It is double as well, but its filters run in another form. */
static void numbers_are_pyloudnorms(void **state) {
    (void)state;
    static const struct { double sr; size_t channels; double lufs; } cases[] = {
        { 48000, 1, -11.842704846692783 }, { 44100, 2, -8.501842138029298 }, { 22050, 1, -11.787290012780618 },
        { 96000, 5, -3.5533736581802877 },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        size_t second = (size_t)cases[i].sr, n = 6 * second;
        sori_audio y = sound(c, cases[i].channels, n, cases[i].sr);
        for (size_t k = 0; k < y.y->size; k++) {
            double t = (double)(k % n) / cases[i].sr, a = k % n / second % 3 == 1 ? 0.01 : 0.5;
            double low = a * sin(2 * M_PI * 110 * (double)(k / n + 1) * t);
            ((float *)y.y->data)[k] = (float)(low + 0.1 * sin(2 * M_PI * 2500 * t));
        }
        assert_close(sori_loudness(c, y), cases[i].lufs, 1e-6, 0);
    }
    sori_close(c);
}

/* Silence around a sound does not count, but for the blocks at its edges. */
static void silence_is_gated(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio all = sound(c, 1, 44100 * 30, 44100), part = sound(c, 1, 44100 * 20, 44100);
    assert_true(sori_loudness(c, all) == -INFINITY);
    for (size_t i = 0; i < part.y->size; i++)
        ((float *)all.y->data)[i + 44100 * 5] = ((float *)part.y->data)[i] = (float)sin(0.2 * (double)i);
    assert_close(sori_loudness(c, all), sori_loudness(c, part), 0.1, 0);
    sori_close(c);
}

static void gates(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    SAYS(c, sori_loudness(c, sound(c, 6, 48000, 48000)), "loudness: 6 channels, above 5");
    SAYS(c, sori_loudness(c, sound(c, 1, 19199, 48000)), "loudness: 19199 samples at 48000 Hz, less than 400 ms");
    SAYS(c, sori_loudness(c, sound(c, 1, 48000, 1)), "loudness: sampling rate 1 Hz is not within 1000 and 1000000");
    sori_audio y = sound(c, 1, 48000, 48000);
    ((float *)y.y->data)[7] = NAN;
    sori_loudness(c, y);
    assert_int_equal(sori_error(c), SORI_EINVAL);
    assert_true(isnan(sori_loudness(c, y)));
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calibration), cmocka_unit_test(numbers_are_pyloudnorms), cmocka_unit_test(silence_is_gated),
        cmocka_unit_test(gates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
