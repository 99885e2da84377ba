/* What constant-Q transforms and chroma refuse, the sentence they say, and what they make of next to nothing. */
#include "test.h"
#include "base/base.h"
#include <sori/cqt.h>

#define CQT(...) sori_cqt(c, y, &(sori_cqt_config){ __VA_ARGS__ })
#define VQT(...) sori_vqt(c, y, &(sori_vqt_config){ __VA_ARGS__ })
#define CHROMA(...) sori_chroma_cqt(c, y, &(sori_chroma_cqt_config){ .tuning = SORI_VALUE(0), __VA_ARGS__ })

static sori_audio sound(sori_ctx *c, size_t n, float value) {
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), 22050 };
    for (size_t i = 0; i < n; i++) ((float *)y.y->data)[i] = value;
    return y;
}

static sori_array *list(sori_ctx *c, size_t n, const double *x) { return sori_array_from(c, SORI_F64, 1, &n, x); }

static void transforms(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0), nothing = sound(c, 0, 0), bad = sound(c, 10, NAN);
    REFUSES(c, CQT(.hop_length = -1), "cqt: hop_length -1 is below 1");
    REFUSES(c, CQT(.n_bins = -1), "cqt: n_bins -1 is outside 1 to 1048576");
    REFUSES(c, CQT(.bins_per_octave = -12), "cqt: bins_per_octave -12 is outside 1 to 1048576");
    REFUSES(c, CQT(.fmin = -3), "cqt: fmin -3 Hz is not positive");
    REFUSES(c, CQT(.filter_scale = -1), "cqt: filter_scale -1 is not positive");
    REFUSES(c, CQT(.sparsity = SORI_VALUE(1)), "cqt: sparsity 1 is outside 0 to 1");
    REFUSES(c, CQT(.norm = SORI_VALUE(-2)), "cqt: norm -2 is neither 0, positive nor an infinity");
    REFUSES(c, CQT(.window = "hanning"), "cqt: window 'hanning': there is no window of this name");
    REFUSES(c, CQT(.pad_mode = SORI_PAD_WRAP), "cqt: pad_mode wrap is not for frames, as in librosa");
    REFUSES(c, CQT(.tuning = SORI_VALUE(INFINITY)), "cqt: tuning inf is not finite");
    REFUSES(c, CQT(.n_bins = 120),
            "cqt: the highest filter ends at 32976.5 Hz, above sr/2 11025 Hz: fewer n_bins or a lower fmin");
    REFUSES(c, CQT(.filter_scale = 1e6), "cqt: a filter of 1.8259e+08 samples is longer than 16777216");
    REFUSES(c, sori_cqt(c, sound(c, 1, 1), &(sori_cqt_config){ .n_bins = 12 }),
            "cqt: a sound of 1 samples is too short for 1 octaves");
    REFUSES(c, sori_cqt(c, nothing, NULL), "cqt: the sound has no samples");
    REFUSES(c, sori_cqt(c, bad, NULL), "cqt: value 0 of the input is not finite");
    REFUSES(c, VQT(.gamma = SORI_VALUE(-1)), "vqt: gamma -1 Hz is below 0");
    REFUSES(c, VQT(.intervals = "ji11"), "vqt: unknown intervals \"ji11\" (equal, pythagorean, ji3, ji5, ji7)");
    REFUSES(c, VQT(.ratios = list(c, 2, (double[]){ 1, -1.5 })), "vqt: interval 1 is -1.5, not a positive ratio");
    REFUSES(c, sori_pseudo_cqt(c, y, &(sori_cqt_config){ .n_bins = -1 }),
            "pseudo_cqt: n_bins -1 is outside 1 to 1048576");
    REFUSES(c, sori_hybrid_cqt(c, y, &(sori_cqt_config){ .hop_length = -1 }), "hybrid_cqt: hop_length -1 is below 1");
    sori_close(c);
}

static sori_array *spectrum(sori_ctx *c, size_t bins, size_t frames, float value) {
    sori_array *C = sori_array_new(c, SORI_C64, 2, (size_t[]){ bins, frames });
    for (size_t i = 0; i < 2 * C->size; i++) ((float *)C->data)[i] = value;
    return C;
}

#define ICQT(C, ...) sori_icqt(c, C, 22050, &(sori_icqt_config){ .cqt = { __VA_ARGS__ } }).y

static void inverses(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *C = spectrum(c, 24, 5, 0), *real = sori_array_new(c, SORI_F32, 2, (size_t[]){ 24, 5 });
    REFUSES(c, ICQT(spectrum(c, 24, 1, 0), .fmin = 220), "icqt: 1 frames are not enough (2)");
    REFUSES(c, ICQT(C, .hop_length = -1), "icqt: hop_length -1 is below 1");
    REFUSES(c, ICQT(C, .tuning = SORI_NONE), "icqt: tuning must be a number");
    REFUSES(c, ICQT(spectrum(c, 24, 5, NAN), .fmin = 220), "icqt: value 0 of the input is not finite");
    REFUSES(c, sori_icqt(c, C, -1, NULL).y, "icqt: sampling rate -1 Hz is not positive");
    REFUSES(c, sori_griffinlim_cqt(c, real, 22050, &(sori_griffinlim_cqt_config){ .momentum = SORI_VALUE(-1) }).y,
            "griffinlim_cqt: momentum -1 is below 0");
    REFUSES(c, sori_griffinlim_cqt(c, real, 22050, &(sori_griffinlim_cqt_config){ .n_iter = SORI_VALUE(-1) }).y,
            "griffinlim_cqt: n_iter -1 is below 0");
    REFUSES(c, sori_griffinlim_cqt(c, real, 22050, &(sori_griffinlim_cqt_config){ .length = 9000 }).y,
            "griffinlim_cqt: 9000 samples have 18 frames, C has 5");
    assert_null(ICQT(real, .fmin = 220));
    assert_int_equal(sori_error(c), SORI_EINVAL);
    sori_clear(c);
    sori_close(c);
}

static void filters(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *falling = list(c, 2, (double[]){ 220, 110 }), *zero = list(c, 2, (double[]){ 0, 110 });
    sori_array *one = list(c, 1, (double[]){ 110 }), *two = list(c, 2, (double[]){ 110, 220 });
    sori_array *alphas = list(c, 3, (double[]){ 1, 1, 1 });
    REFUSES(c, sori_wavelet(c, falling, NULL), "wavelet: frequency 1, 110 Hz, is below the one before");
    REFUSES(c, sori_wavelet(c, zero, NULL), "wavelet: frequency 0, 0 Hz, is not positive");
    REFUSES(c, sori_wavelet(c, one, NULL), "wavelet: a single frequency says nothing of bandwidths: give alpha");
    REFUSES(c, sori_wavelet_lengths(c, two, &(sori_wavelet_config){ .alpha = alphas }, NULL),
            "wavelet_lengths: 3 values of alpha for 2 frequencies");
    REFUSES(c, sori_wavelet_lengths(c, NULL, NULL, NULL),
            "wavelet_lengths: freqs must be one axis of real numbers, at least one");
    REFUSES(c, sori_wavelet_lengths(c, two, &(sori_wavelet_config){ .gamma = SORI_VALUE(-1) }, NULL),
            "wavelet_lengths: gamma -1 Hz is below 0");
    REFUSES(c, sori_constant_q_lengths(c, 110, 84, 12, NULL),
            "constant_q_lengths: the highest filter ends at 13864.9 Hz, above sr/2 11025 Hz");
    REFUSES(c, sori_cqt_frequencies(c, 0, 110, 12, 0), "cqt_frequencies: n_bins 0 is outside 1 to 1048576");
    assert_true(sori_window_bandwidth(c, "smell") == 0);
    assert_string_equal(sori_message(c), "window_bandwidth: window 'smell': there is no window of this name");
    sori_clear(c);
    sori_close(c);
}

static void semitones(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0), odd = { y.y, 22050.5 }, brief = sound(c, 100, 0);
    REFUSES(c, sori_semitone_filterbank(c, 2), "semitone_filterbank: tuning 2 is outside -1 to 1");
    REFUSES(c, sori_iirt(c, y, &(sori_iirt_config){ .tuning = NAN }), "iirt: tuning nan is outside -1 to 1");
    REFUSES(c, sori_iirt(c, y, &(sori_iirt_config){ .hop_length = -1 }), "iirt: hop_length -1 is below 1");
    REFUSES(c, sori_iirt(c, odd, NULL), "iirt: sampling rate 22050.5 Hz is not a whole number up to 1000000");
    REFUSES(c, sori_iirt(c, brief, &(sori_iirt_config){ .win_length = 64 }),
            "iirt: 7 samples at 882 Hz are not more than the 27 the filters start with");
    REFUSES(c, sori_iirt(c, brief, &(sori_iirt_config){ .uncentered = true }),
            "iirt: n_fft 2048 is larger than the sound of 100 samples, and frames are not centred");
    sori_close(c);
}

static void chroma(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0);
    REFUSES(c, sori_chroma_stft(c, y, &(sori_chroma_config){ .n_chroma = -1 }),
            "chroma_stft: n_chroma -1 is outside 1 to 4096");
    REFUSES(c, sori_chroma_stft(c, y, &(sori_chroma_config){ .octwidth = SORI_VALUE(0) }),
            "chroma_stft: octwidth 0 is 0 or not finite");
    REFUSES(c, sori_chroma_filters(c, -1, NULL), "chroma_filters: sampling rate -1 Hz is not positive");
    REFUSES(c, CHROMA(.bins_per_octave = 13), "chroma_cqt: bins_per_octave 13 is not a multiple of n_chroma 12");
    REFUSES(c, CHROMA(.n_octaves = -1), "chroma_cqt: n_octaves -1 is outside 1 to 1048576");
    REFUSES(c, CHROMA(.n_octaves = 1 << 20), "chroma_cqt: 1048576 octaves of 36 bins are more than 1048576 bins");
    REFUSES(c, CHROMA(.norm = SORI_VALUE(NAN)), "chroma_cqt: norm nan is neither 0, positive nor an infinity");
    REFUSES(c, sori_cq_to_chroma(c, 84, &(sori_cq_to_chroma_config){ .n_chroma = -1 }),
            "cq_to_chroma: n_chroma -1 is below 1");
    REFUSES(c, sori_chroma_cens(c, y, &(sori_chroma_cens_config){ .win_len_smooth = SORI_VALUE(0.5) }),
            "chroma_cens: win_len_smooth 0.5 is not a number of frames");
    REFUSES(c, sori_chroma_vqt(c, y, &(sori_chroma_vqt_config){ .gamma = SORI_VALUE(-1) }),
            "chroma_vqt: gamma -1 Hz is below 0");
    REFUSES(c, sori_chroma_vqt(c, y, &(sori_chroma_vqt_config){ .intervals = "ji2" }),
            "chroma_vqt: unknown intervals \"ji2\" (equal, pythagorean, ji3, ji5, ji7)");
    sori_feature_config tuned = { .tuning = SORI_VALUE(NAN) };
    sori_array *out[1];
    assert_int_equal(sori_extract(c, y, (const char *[]){ "chroma_440" }, 1, &tuned, out), SORI_EINVAL);
    sori_clear(c);
    sori_close(c);
}

/* Silence is zero everywhere, and nothing is divided by it; the estimate of a tuning warns and is 0. */
static void silence(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0);
    sori_array *all[] = { sori_chroma_stft(c, y, NULL), sori_chroma_cqt(c, y, NULL), sori_chroma_cens(c, y, NULL),
                          sori_tonnetz(c, y, NULL), sori_hybrid_cqt(c, y, NULL), sori_pseudo_cqt(c, y, NULL) };
    assert_ok(c);
    for (size_t k = 0; k < BASE_COUNT(all); k++)
        for (size_t i = 0; i < all[k]->size; i++) assert_true(((float *)all[k]->data)[i] == 0);
    sori_close(c);
}

/* After a failure every call is a no-op. */
static void after_failure(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 4000, 0);
    sori_fail(c, SORI_EIO, "lost");
    assert_null(sori_cqt(c, y, NULL));
    assert_null(sori_chroma_stft(c, y, NULL));
    assert_null(sori_chroma_cqt(c, y, NULL));
    assert_null(sori_chroma_cens(c, y, NULL));
    assert_null(sori_tonnetz(c, y, NULL));
    assert_null(sori_hybrid_cqt(c, y, NULL));
    assert_null(sori_icqt(c, y.y, 22050, NULL).y);
    assert_null(sori_wavelet(c, y.y, NULL));
    assert_string_equal(sori_message(c), "lost");
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms), cmocka_unit_test(inverses), cmocka_unit_test(filters),
        cmocka_unit_test(semitones),
        cmocka_unit_test(chroma),         cmocka_unit_test(silence), cmocka_unit_test(after_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
