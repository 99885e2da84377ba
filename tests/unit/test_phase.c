/* Gates of everything about phase, and what is smallest: one sample, one frame, nothing. */
#include "test.h"
#include "array/array.h"
#include "base/base.h"
#include <sori/fx.h>
#include <sori/phase.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static sori_audio sound(size_t n) {
    sori_audio y = { sori_array_new(ctx, SORI_F32, 1, &n), 22050 };
    for (size_t i = 0; i < n; i++) ((float *)y.y->data)[i] = (float)sin((double)i / 5);
    return y;
}

static sori_array *array(sori_dtype dtype, size_t rows, size_t columns) {
    return sori_array_new(ctx, dtype, 2, (size_t[]){ rows, columns });
}

/* The call gave nothing, and says so. */
#define refused(call, sentence) do { \
        assert_null(call); \
        assert_string_equal(sori_message(ctx), sentence); \
        sori_clear(ctx); \
    } while (0)

static void gates_of_stretching(void **state) {
    (void)state;
    sori_audio y = sound(3000), none = { array_new_raw(ctx, SORI_F32, 1, (size_t[]){ 0 }), 22050 };
    refused(sori_time_stretch(ctx, y, 0, NULL).y, "time_stretch: rate 0 is not above 0");
    refused(sori_time_stretch(ctx, y, -1, NULL).y, "time_stretch: rate -1 is not above 0");
    refused(sori_time_stretch(ctx, y, INFINITY, NULL).y, "time_stretch: rate inf is not above 0");
    refused(sori_time_stretch(ctx, y, 1e4, NULL).y, "time_stretch: rate 10000 makes 0 samples of 3000");
    refused(sori_time_stretch(ctx, y, 1e-20, NULL).y, "time_stretch: rate 1e-20 makes 3e+23 samples of 3000");
    refused(sori_time_stretch(ctx, none, 2, NULL).y, "time_stretch: the sound has no samples");
    refused(sori_time_stretch(ctx, (sori_audio){ NULL, 22050 }, 2, NULL).y, "time_stretch: no array given");
    refused(sori_time_stretch(ctx, y, 2, &(sori_stft_config){ .hop_length = -3 }).y,
            "time_stretch: hop_length -3 is below 1");
    refused(sori_pitch_shift(ctx, y, NAN, NULL).y, "pitch_shift: n_steps nan is not finite");
    refused(sori_pitch_shift(ctx, y, 1, &(sori_pitch_shift_config){ .bins_per_octave = -1 }).y,
            "pitch_shift: bins_per_octave -1 is below 1");
    refused(sori_speed(ctx, y, 0, SORI_SOXR_HQ).y, "speed: factor 0 is not above 0");
    ((float *)y.y->data)[17] = NAN;
    refused(sori_time_stretch(ctx, y, 2, NULL).y, "time_stretch: value 17 of the input is not finite");
    refused(sori_speed(ctx, y, 2, SORI_SOXR_HQ).y, "speed: value 17 of the input is not finite");
}

static void gates_of_spectra(void **state) {
    (void)state;
    sori_array *D = array(SORI_C64, 9, 4), *S = array(SORI_F32, 9, 4);
    refused(sori_phase_vocoder(ctx, D, 0, NULL), "phase_vocoder: rate 0 is not above 0");
    refused(sori_phase_vocoder(ctx, D, 1e-15, NULL), "phase_vocoder: rate 1e-15 makes 4e+15 frames");
    refused(sori_magphase(ctx, D, INFINITY).phase, "magphase: power inf is not finite");
    sori_griffinlim_config g = { .momentum = SORI_VALUE(-0.1) };
    refused(sori_griffinlim(ctx, S, 22050, &g).y, "griffinlim: momentum -0.1 is below 0");
    g = (sori_griffinlim_config){ .n_iter = SORI_VALUE(-1) };
    refused(sori_griffinlim(ctx, S, 22050, &g).y, "griffinlim: n_iter -1 is below 0");
    g = (sori_griffinlim_config){ .stft.n_fft = 20 };
    refused(sori_griffinlim(ctx, S, 22050, &g).y, "griffinlim: n_fft 20 has 11 bins, the spectrogram 9");
    g = (sori_griffinlim_config){ .length = 40 };
    refused(sori_griffinlim(ctx, S, 22050, &g).y, "griffinlim: 40 samples have 11 frames, the spectrogram 4");
    refused(sori_griffinlim(ctx, array(SORI_F32, 9, 1), 22050, NULL).y, "griffinlim: 1 frames make no sound");
    refused(sori_griffinlim(ctx, array(SORI_F32, 9, 0), 22050, NULL).y, "griffinlim: the spectrogram has no frames");
    ((float *)S->data)[3] = INFINITY;
    refused(sori_griffinlim(ctx, S, 22050, NULL).y, "griffinlim: value 3 of the input is not finite");
}

static void gates_of_reassignment(void **state) {
    (void)state;
    sori_audio y = sound(3000);
    sori_reassigned_config g = { .fixed_frequencies = true, .fixed_times = true };
    refused(sori_reassigned_spectrogram(ctx, y, &g).freqs,
            "reassigned_spectrogram: neither frequencies nor times are to be reassigned");
    g = (sori_reassigned_config){ .ref_power = SORI_VALUE(-1) };
    refused(sori_reassigned_spectrogram(ctx, y, &g).times, "reassigned_spectrogram: ref_power -1 is below 0");
    g = (sori_reassigned_config){ .S = array(SORI_C64, 1025, 5) };
    refused(sori_reassigned_spectrogram(ctx, y, &g).mags,
            "reassigned_spectrogram: S is not the STFT of y: 1025 bins, 6 frames");
    refused(sori_instantaneous_frequency(ctx, y, &(sori_if_config){ .amin = -1 }).frequency,
            "instantaneous_frequency: amin -1 is not above 0");
    refused(sori_if_to_audio(ctx, array(SORI_F32, 9, 4), array(SORI_F32, 9, 5), 22050, NULL).y,
            "if_to_audio: log_magnitude and frequency are not of one shape");
}

static void gates_of_mel(void **state) {
    (void)state;
    sori_array *M = array(SORI_F32, 8, 4);
    refused(sori_mel_to_stft(ctx, M, 22050, &(sori_mel_to_stft_config){ .fmax = 12000 }),
            "mel_to_stft: fmax 12000 Hz is above sr/2 11025 Hz");
    refused(sori_mel_to_stft(ctx, M, 22050, &(sori_mel_to_stft_config){ .power = -2 }),
            "mel_to_stft: power -2 is not positive");
    refused(sori_mel_to_stft(ctx, array(SORI_F32, 0, 4), 22050, NULL), "mel_to_stft: the spectrogram has no bands");
    ((float *)M->data)[5] = NAN;
    refused(sori_mel_to_audio(ctx, M, 22050, NULL).y, "mel_to_stft: value 5 of the input is not finite");
}

/* Everything from very little. */
static void the_smallest(void **state) {
    (void)state;
    sori_audio one = sound(1);
    ((float *)one.y->data)[0] = 0.5F;
    assert_int_equal(sori_time_stretch(ctx, one, 0.25, NULL).y->size, 4);
    assert_int_equal(sori_pitch_shift(ctx, one, 7, NULL).y->size, 1);
    assert_int_equal(sori_speed(ctx, one, 0.5, SORI_SOXR_HQ).y->size, 2);
    assert_int_equal(sori_reassigned_spectrogram(ctx, one, NULL).freqs->shape[1], 1);
    assert_int_equal(sori_instantaneous_frequency(ctx, one, NULL).frequency->shape[1], 1);
    assert_int_equal(sori_phase_vocoder(ctx, array(SORI_C64, 9, 0), 2, NULL)->size, 0);
    assert_int_equal(sori_phase_vocoder(ctx, array(SORI_C64, 9, 1), 2, NULL)->shape[1], 1);
    assert_int_equal(sori_phase_vocoder(ctx, array(SORI_C64, 0, 3), 2, NULL)->size, 0);
    assert_int_equal(sori_mel_to_stft(ctx, array(SORI_F32, 8, 0), 22050, NULL)->size, 0);
    assert_int_equal(sori_magphase(ctx, array(SORI_C64, 0, 0), 1).magnitude->size, 0);
    assert_ok(ctx);
}

/* After an error nothing more is done. */
static void after_an_error(void **state) {
    (void)state;
    sori_audio y = sound(3000);
    sori_array *D = array(SORI_C64, 9, 4), *S = array(SORI_F32, 9, 4);
    sori_fail(ctx, SORI_EINVAL, "before");
    assert_null(sori_time_stretch(ctx, y, 2, NULL).y);
    assert_null(sori_pitch_shift(ctx, y, 2, NULL).y);
    assert_null(sori_speed(ctx, y, 2, SORI_SOXR_HQ).y);
    assert_null(sori_phase_vocoder(ctx, D, 2, NULL));
    assert_null(sori_magphase(ctx, D, 1).phase);
    assert_null(sori_griffinlim(ctx, S, 22050, NULL).y);
    assert_null(sori_mel_to_stft(ctx, S, 22050, NULL));
    assert_null(sori_mel_to_audio(ctx, S, 22050, NULL).y);
    assert_null(sori_mfcc_to_audio(ctx, S, 22050, NULL).y);
    assert_null(sori_reassigned_spectrogram(ctx, y, NULL).times);
    assert_null(sori_instantaneous_frequency(ctx, y, NULL).frequency);
    assert_null(sori_if_to_audio(ctx, S, S, 22050, NULL).y);
    assert_string_equal(sori_message(ctx), "before");
    sori_clear(ctx);
}

/* A long iteration can be stopped. */
static void interruption(void **state) {
    (void)state;
    sori_array *S = array(SORI_F32, 129, 40);
    sori_interrupt(ctx);
    assert_null(sori_griffinlim(ctx, S, 22050, NULL).y);
    assert_int_equal(sori_error(ctx), SORI_EINTR);
    sori_clear(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates_of_stretching), cmocka_unit_test(gates_of_spectra),
        cmocka_unit_test(gates_of_reassignment), cmocka_unit_test(gates_of_mel), cmocka_unit_test(the_smallest),
        cmocka_unit_test(after_an_error), cmocka_unit_test(interruption),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
