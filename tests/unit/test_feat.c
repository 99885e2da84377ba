/* The gates of the features: every argument out of its domain is one clear sentence; shapes; small known answers. */
#include "test.h"
#include "feat/pipeline.h"
#include <sori/feat.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static sori_audio ramp(size_t n) {
    sori_array *a = sori_array_new(ctx, SORI_F32, 1, &n);
    for (size_t i = 0; i < n; i++) ((float *)a->data)[i] = (float)i / (float)n;
    return (sori_audio){ a, 22050 };
}

static void expect(sori_array *a, const char *message) {
    assert_null(a);
    assert_string_equal(sori_message(ctx), message);
    assert_int_equal(sori_error(ctx), SORI_EINVAL);
    sori_clear(ctx);
}

static void framing_is_checked(void **state) {
    (void)state;
    sori_audio y = ramp(1000), none = { NULL, 22050 };
    size_t zero = 0;
    sori_audio empty = { sori_array_new(ctx, SORI_F32, 1, &zero), 22050 }, no_rate = { y.y, -1 };
    float bad[3] = { 0, NAN, 0 };
    expect(sori_stft(ctx, none, NULL), "stft: no array given");
    expect(sori_stft(ctx, empty, NULL), "stft: the sound has no samples");
    expect(sori_stft(ctx, no_rate, NULL), "stft: sampling rate -1 Hz is not positive");
    expect(sori_stft(ctx, sori_audio_from(ctx, bad, 1, 3, 22050), NULL), "stft: value 1 of the input is not finite");
    expect(sori_stft(ctx, y, &(sori_stft_config){ .n_fft = -1 }), "stft: n_fft -1 is outside 1 to 16777216");
    expect(sori_stft(ctx, y, &(sori_stft_config){ .hop_length = -3 }), "stft: hop_length -3 is below 1");
    expect(sori_stft(ctx, y, &(sori_stft_config){ .win_length = 4096 }),
           "stft: win_length 4096 is outside 1 to n_fft 2048");
    expect(sori_stft(ctx, y, &(sori_stft_config){ .uncentered = true }),
           "stft: n_fft 2048 is larger than the sound of 1000 samples, and frames are not centred");
    expect(sori_stft(ctx, y, &(sori_stft_config){ .pad_mode = SORI_PAD_WRAP }),
           "stft: pad_mode wrap is not for frames, as in librosa");
    expect(sori_stft(ctx, y, &(sori_stft_config){ .n_fft = 512, .window_values = y.y }),
           "stft: window_values must be 512 real numbers, as win_length says");
    assert_null(sori_stft(ctx, y, &(sori_stft_config){ .window = "glass" }));
    assert_non_null(strstr(sori_message(ctx), "glass"));
    sori_clear(ctx);
}

static void mel_is_checked(void **state) {
    (void)state;
    sori_audio y = ramp(3000);
    expect(sori_melspectrogram(ctx, y, &(sori_mel_config){ .fmax = 16000 }),
           "mel: fmax 16000 Hz is above sr/2 11025 Hz");
    expect(sori_melspectrogram(ctx, y, &(sori_mel_config){ .fmin = 900, .fmax = 800 }),
           "mel: fmax 800 Hz is not above fmin 900 Hz");
    expect(sori_melspectrogram(ctx, y, &(sori_mel_config){ .fmin = -1 }), "mel: fmin -1 Hz is below 0");
    expect(sori_melspectrogram(ctx, y, &(sori_mel_config){ .n_mels = -2 }), "mel: n_mels -2 is below 1");
    expect(sori_melspectrogram(ctx, y, &(sori_mel_config){ .power = -2 }), "mel: power -2 is not positive");
    expect(sori_mfcc(ctx, y, &(sori_mfcc_config){ .n_mfcc = -1 }), "mfcc: n_mfcc -1 is below 1");
    expect(sori_mfcc(ctx, y, &(sori_mfcc_config){ .dct_type = 4 }), "mfcc: dct_type 4 is not 1, 2 or 3");
    expect(sori_mfcc(ctx, y, &(sori_mfcc_config){ .lifter = -1 }), "mfcc: lifter -1 is below 0");
    expect(sori_mfcc(ctx, y, &(sori_mfcc_config){ .top_db = SORI_VALUE(-1) }), "mfcc: top_db -1 dB is below 0");
}

static void names_are_checked(void **state) {
    (void)state;
    sori_audio y = ramp(3000);
    sori_array *out[2];
    static const char *const bad[] = { "mel", "melody" }, *const high[] = { "mel" };
    assert_int_equal(sori_extract(ctx, y, bad, 2, NULL, out), SORI_EINVAL);
    assert_string_equal(sori_message(ctx), "extract: unknown feature \"melody\"");
    assert_null(out[0]);
    sori_clear(ctx);
    assert_int_equal(sori_extract(ctx, y, bad, 0, NULL, out), SORI_EINVAL);
    assert_string_equal(sori_message(ctx), "extract: no feature asked for");
    sori_clear(ctx);
    assert_int_equal(sori_extract(ctx, y, high, 1, &(sori_feature_config){ .fmax = 1e6 }, out), SORI_EINVAL);
    sori_clear(ctx);
    assert_non_null(sori_feature_find("mel"));
    assert_null(sori_feature_find("melody"));
    assert_null(sori_feature_find(NULL));
    size_t n = 0;
    while (sori_feature_at(n)) n++;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            assert_int_equal(!strcmp(sori_feature_at(i)->name, sori_feature_at(j)->name), i == j);
}

static void shapes_are_librosas(void **state) {
    (void)state;
    float two[2 * 3000] = { 0 };
    sori_array *a = sori_stft(ctx, ramp(3000), NULL);
    assert_true(a->ndim == 2 && a->dtype == SORI_C64 && a->shape[0] == 1025 && a->shape[1] == 6);
    a = sori_melspectrogram(ctx, sori_audio_from(ctx, two, 2, 3000, 22050), &(sori_mel_config){ .n_mels = 7 });
    assert_true(a->ndim == 3 && a->dtype == SORI_F32 && a->shape[0] == 2 && a->shape[1] == 7 && a->shape[2] == 6);
    a = sori_mfcc(ctx, ramp(1), NULL);
    assert_true(a->ndim == 2 && a->shape[0] == 20 && a->shape[1] == 1);
    a = sori_mfcc(ctx, ramp(3000), &(sori_mfcc_config){ .mel.n_mels = 10 });
    assert_int_equal(a->shape[0], 10);   /* no more coefficients than bands, as librosa */
    assert_ok(ctx);
}

/* A sine in bin 3 of 16, rectangular window: half its amplitude times 16, in that bin alone. */
static void a_sine_is_one_bin(void **state) {
    (void)state;
    float x[64];
    for (size_t i = 0; i < 64; i++) x[i] = (float)sin(2 * M_PI * 3 * (double)i / 16);
    sori_stft_config g = { .n_fft = 16, .window = "boxcar", .uncentered = true };
    sori_array *D = sori_stft(ctx, sori_audio_from(ctx, x, 1, 64, 16), &g), *A = sori_magnitude(ctx, D);
    assert_ok(ctx);
    for (size_t k = 0; k < 9; k++) assert_close((double)((float *)A->data)[k * A->shape[1]], k == 3 ? 8 : 0, 1e-5, 0);
    assert_close((double)((float *)D->data)[2 * 3 * D->shape[1] + 1], -8, 1e-5, 0);
}

static void silence_is_silent(void **state) {
    (void)state;
    static float x[5000];
    sori_audio y = sori_audio_from(ctx, x, 1, 5000, 22050);
    sori_array *mel = sori_melspectrogram(ctx, y, NULL), *mfcc = sori_mfcc(ctx, y, NULL);
    assert_ok(ctx);
    for (size_t i = 0; i < mel->size; i++) assert_true(((float *)mel->data)[i] == 0);
    for (size_t t = 0; t < mfcc->shape[1]; t++)   /* -100 dB in 128 bands: sqrt(128) * -100 */
        assert_close((double)((float *)mfcc->data)[t], -1131.3708, 5e-4, 0);
}

/* A bank with more bands than bins has empty ones, and says so. */
static void heard(void *user, const char *message) { snprintf(user, 200, "%s", message); }

static void empty_bands_are_told(void **state) {
    (void)state;
    char text[200] = "";
    sori_ctx *c = sori_open(&(sori_options){ .warn = heard, .warn_user = text });
    sori_array *f = sori_mel_filters(c, 22050, &(sori_mel_config){ .stft.n_fft = 64 });
    assert_ok(c);
    assert_true(f->shape[0] == 128 && f->shape[1] == 33);
    assert_non_null(strstr(text, "of 128 mel bands are empty"));
    sori_close(c);
}

/* numpy.pad, checked by hand. */
static void padding_modes(void **state) {
    (void)state;
    static const float y[3] = { 1, 2, 4 };
    static const struct { sori_pad_mode mode; float want[13]; } cases[] = {
        { SORI_PAD_CONSTANT, { 0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 0, 0, 0 } },
        { SORI_PAD_EDGE, { 1, 1, 1, 1, 1, 2, 4, 4, 4, 4, 4, 0, 0 } },
        { SORI_PAD_REFLECT, { 1, 2, 4, 2, 1, 2, 4, 2, 1, 2, 4, 0, 0 } },
        { SORI_PAD_SYMMETRIC, { 4, 4, 2, 1, 1, 2, 4, 4, 2, 1, 1, 0, 0 } },
        { SORI_PAD_LINEAR_RAMP, { 0, 0.25f, 0.5f, 0.75f, 1, 2, 4, 3, 2, 1, 0, 0, 0 } },
    };
    feat_sound s = { .y = y, .n = 3, .padding = 4 };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        float scratch[13];
        const float *got = feat_padded(&s, cases[i].mode, -4, 13, scratch);
        assert_memory_equal(got, cases[i].want, sizeof scratch);
    }
    assert_ptr_equal(feat_padded(&s, SORI_PAD_EDGE, 1, 2, NULL), y + 1);   /* real samples are not copied */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_is_checked), cmocka_unit_test(mel_is_checked), cmocka_unit_test(names_are_checked),
        cmocka_unit_test(shapes_are_librosas), cmocka_unit_test(a_sine_is_one_bin), cmocka_unit_test(silence_is_silent),
        cmocka_unit_test(empty_bands_are_told), cmocka_unit_test(padding_modes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
