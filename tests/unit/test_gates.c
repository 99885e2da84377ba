/* What windows, levels, derivatives, conversions and the features of a spectrum's shape refuse, and the sentence they
 * say. */
#include "arrays.h"
#include <sori/feat.h>

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

static void shapes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = filled(c, 257, 3, 1), *one = filled(c, 1, 3, 1), *ten = filled(c, 1, 10, 1);
    sori_audio y = { filled(c, 2, 900, 0.5f), 22050 };
#define SHAPE(...) &(sori_spectral_config){ __VA_ARGS__ }
    REFUSES(c, sori_spectral_centroid(c, y, SHAPE(.S = S, .freq = ten)),
            "spectral_centroid: freq must be 257 real numbers, one a bin");
    REFUSES(c, sori_spectral_centroid(c, y, SHAPE(.S = one)), "spectral_centroid: a spectrogram of one bin needs freq");
    REFUSES(c, sori_spectral_bandwidth(c, y, SHAPE(.S = S, .p = -1)), "spectral_bandwidth: p -1 is not above 0");
    REFUSES(c, sori_spectral_bandwidth(c, y, SHAPE(.S = S, .centroid = ten)),
            "spectral_bandwidth: centroid must be 3 real numbers, one a frame");
    REFUSES(c, sori_spectral_rolloff(c, y, SHAPE(.roll_percent = 1)),
            "spectral_rolloff: roll_percent 1 is not between 0 and 1");
    REFUSES(c, sori_spectral_flatness(c, y, SHAPE(.amin = -1)),
            "spectral_flatness: amin -1 is not above 0, or power 0 is not finite");
    REFUSES(c, sori_spectral_contrast(c, y, SHAPE(.n_bands = 7)),
            "spectral_contrast: band 7 begins at 12800 Hz, which is not below sr/2 11025 Hz");
    REFUSES(c, sori_spectral_contrast(c, y, SHAPE(.stft.n_fft = 64)),
            "spectral_contrast: the band from 0 to 200 Hz holds no bins; use a larger n_fft or fmin");
    REFUSES(c, sori_spectral_contrast(c, y, SHAPE(.quantile = 1)),
            "spectral_contrast: quantile 1 is not between 0 and 1");
    ((float *)S->data)[5] = -1;
    REFUSES(c, sori_spectral_flatness(c, y, SHAPE(.S = S)),
            "spectral_flatness: value 5 of the spectrogram is negative");
    REFUSES(c, sori_rms(c, y, &(sori_rms_config){ .S = S, .frame_length = 2048 }),
            "rms: S has 257 bins, frame_length 2048 has 1025");
    REFUSES(c, sori_zero_crossing_rate(c, y, &(sori_zcr_config){ .threshold = SORI_VALUE(-1) }),
            "zero_crossing_rate: threshold -1 is below 0");
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows), cmocka_unit_test(levels), cmocka_unit_test(derivatives),
        cmocka_unit_test(conversions), cmocka_unit_test(shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
