/* Laws of the pipeline: a stream of blocks of any size gives the bits of the whole sound, and so does any number of
 * threads; several features in one pass are each what its own function returns. */
#include "test.h"
#include "base/base.h"
#include <sori/cqt.h>
#include <sori/pitch.h>

static const char *const names[] = {
    "stft", "spectrogram", "mel", "mfcc", "rms", "zcr", "centroid", "bandwidth", "rolloff", "flatness", "chroma_440",
    "poly_features", "contrast", "yin",
};
enum { NAMES = BASE_COUNT(names) };

typedef struct setting {
    const char *what;
    size_t n;
    int channels;
    sori_feature_config config;
} setting;

static const setting settings[] = {
    { "defaults", 60000, 1, { .db = false } },
    { "results beyond the cache", 150000, 2, { .power = 2 } },
    { "two channels, reflected", 30000, 2,
      { .stft = { .n_fft = 512, .hop_length = 128, .pad_mode = SORI_PAD_REFLECT } } },
    { "decibels, exact", 20000, 2, { .stft = { .n_fft = 1024, .exact = true }, .db = true, .n_mels = 40 } },
    { "not centred", 9000, 1, { .stft = { .n_fft = 400, .hop_length = 160, .uncentered = true }, .n_mels = 40 } },
    { "an odd length, a hop above it", 40000, 1, { .stft = { .n_fft = 255, .hop_length = 300 }, .n_mels = 20 } },
    { "a long hop, mirrored", 100000, 1,
      { .stft = { .n_fft = 512, .hop_length = 5000, .pad_mode = SORI_PAD_SYMMETRIC } } },
    { "a ramp, hop 1", 700, 1,
      { .stft = { .n_fft = 64, .hop_length = 1, .pad_mode = SORI_PAD_LINEAR_RAMP }, .n_mels = 8 } },
    { "shorter than a frame", 1200, 1, { .stft = { .pad_mode = SORI_PAD_EDGE } } },
    { "shorter than the padding", 500, 2, { .stft = { .pad_mode = SORI_PAD_REFLECT } } },
    { "one sample", 1, 1, { .stft = { .pad_mode = SORI_PAD_REFLECT } } },
    { "a chunk and a frame", 1024 * 16 + 16, 1, { .stft = { .n_fft = 32, .hop_length = 16 }, .n_mels = 4 } },
};

/* Contrast and yin come last: the lowest bands of the one need bins, the lowest pitch of the other a long frame. */
static size_t names_for(const setting *s) {
    return s->config.stft.n_fft && s->config.stft.n_fft < 400 ? NAMES - 2 : NAMES;
}

/* Noise under a swell, so that the loudest frame lies inside. [channels][n] */
static sori_audio sound(sori_ctx *c, const setting *s) {
    float *x = base_alloc(c, s->n * (size_t)s->channels, sizeof *x);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, (uint32_t)s->n, 0);
    for (size_t i = 0; i < s->n * (size_t)s->channels; i++)
        x[i] = (float)((base_rng_uniform(&r) - 0.5) * (0.01 + sin((double)(i % s->n) * 3.14 / (double)s->n)));
    size_t shape[2] = { (size_t)s->channels, s->n };
    int axes = s->channels > 1 ? 2 : 1;
    sori_audio y = { sori_array_from(c, SORI_F32, axes, shape + 2 - axes, x), 22050 };
    base_free(c, x);
    assert_ok(c);
    return y;
}

static void assert_same(const char *what, const char *name, const sori_array *a, const sori_array *b) {
    if (a->ndim != b->ndim || a->dtype != b->dtype) fail_msg("%s, %s: other axes or dtype", what, name);
    for (int i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i])
            fail_msg("%s, %s: axis %d is %zu, not %zu", what, name, i, a->shape[i], b->shape[i]);
    if (memcmp(a->data, b->data, a->size * sori_dtype_size(a->dtype)) != 0) fail_msg("%s, %s: other bits", what, name);
}

/* The sound in random blocks, through a stream that expects so many samples; 0: it does not know. */
static void stream(sori_ctx *c, const setting *s, sori_audio y, size_t expected, sori_array **out) {
    const float *x = y.y->data;
    size_t channels = (size_t)s->channels;
    float *piece = base_alloc(c, s->n * channels, sizeof *piece);
    base_rng r = base_rng_new(4, BASE_RNG_TEST, (uint32_t)s->n, 1);
    sori_stream *t = sori_stream_new(c, y.sr, s->channels, names, names_for(s), &s->config);
    if (expected) sori_stream_expect(t, expected);
    for (size_t at = 0; at < s->n;) {
        int scope = sori_begin(c);   /* what is written while it is open must outlive it */
        size_t n = base_rng_below(&r, 3) ? base_rng_below(&r, 3000) : base_rng_below(&r, 40000);
        n = BASE_MIN(n, s->n - at);
        for (size_t i = 0; i < n * channels; i++) piece[i] = x[i % channels * s->n + at + i / channels];
        sori_stream_push(t, piece, n);
        sori_end(c, scope, NULL);
        at += n;
    }
    sori_stream_finish(t, out);
    sori_stream_free(t);
    base_free(c, piece);
    assert_ok(c);
}

static void a_stream_is_the_whole(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(settings); i++) {
        int scope = sori_begin(c);
        sori_array *whole[NAMES], *parts[NAMES];
        sori_audio y = sound(c, &settings[i]);
        sori_extract(c, y, names, names_for(&settings[i]), &settings[i].config, whole);
        assert_ok(c);
        size_t n = settings[i].n, expected[] = { 0, n, n / 3 + 1, n + 1, 3 * n };
        for (size_t e = 0; e < BASE_COUNT(expected); e++) {
            stream(c, &settings[i], y, expected[e], parts);
            for (size_t k = 0; k < names_for(&settings[i]); k++)
                assert_same(settings[i].what, names[k], parts[k], whole[k]);
        }
        sori_end(c, scope, NULL);
    }
    sori_close(c);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    static const int counts[] = { 1, 2, 8 };
    sori_ctx *c[3];
    for (int k = 0; k < 3; k++) c[k] = sori_open(&(sori_options){ .threads = counts[k] });
    for (size_t i = 0; i < BASE_COUNT(settings); i++) {
        sori_array *out[3][NAMES];
        int scope[3];
        for (int k = 0; k < 3; k++) {
            scope[k] = sori_begin(c[k]);
            sori_extract(c[k], sound(c[k], &settings[i]), names, names_for(&settings[i]), &settings[i].config, out[k]);
            assert_ok(c[k]);
        }
        for (size_t f = 0; f < names_for(&settings[i]); f++) {
            assert_same(settings[i].what, names[f], out[1][f], out[0][f]);
            assert_same(settings[i].what, names[f], out[2][f], out[0][f]);
        }
        for (int k = 0; k < 3; k++) sori_end(c[k], scope[k], NULL);
    }
    for (int k = 0; k < 3; k++) sori_close(c[k]);
}

/* By name f0 is a row of float. */
static sori_array *as_row(sori_ctx *c, const sori_array *f0) {
    const sori_array *a = sori_array_cast(c, f0, SORI_F32);
    return sori_array_from(c, SORI_F32, 3, (size_t[]){ a->shape[0], 1, a->shape[1] }, a->data);
}

static void together_is_as_alone(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const setting *s = &settings[2];
    const sori_stft_config *stft = &s->config.stft;
    sori_audio y = sound(c, s);
    sori_rms_config rms = { .frame_length = stft->n_fft, .hop_length = stft->hop_length, .pad_mode = stft->pad_mode };
    sori_spectral_config shape = { .stft = *stft };
    sori_yin_config yin = { .frame_length = stft->n_fft, .hop_length = stft->hop_length, .pad_mode = stft->pad_mode };
    sori_array *out[NAMES], *alone[NAMES] = {
        sori_stft(c, y, stft),
        sori_spectrogram(c, y, &(sori_spectrogram_config){ .stft = *stft }),
        sori_melspectrogram(c, y, &(sori_mel_config){ .stft = *stft }),
        sori_mfcc(c, y, &(sori_mfcc_config){ .mel.stft = *stft }),
        sori_rms(c, y, &rms),
        sori_zero_crossing_rate(c, y, &(sori_zcr_config){ stft->n_fft, stft->hop_length }),
        sori_spectral_centroid(c, y, &shape),
        sori_spectral_bandwidth(c, y, &shape),
        sori_spectral_rolloff(c, y, &shape),
        sori_spectral_flatness(c, y, &shape),
        sori_chroma_stft(c, y, &(sori_chroma_config){ .stft = *stft, .tuning = SORI_VALUE(0) }),
        sori_poly_features(c, y, &(sori_poly_config){ .stft = *stft }),
        sori_spectral_contrast(c, y, &shape),
        as_row(c, sori_yin(c, y, &yin)),
    };
    sori_extract(c, y, names, NAMES, &s->config, out);
    assert_ok(c);
    for (size_t k = 0; k < NAMES; k++) assert_same("together", names[k], out[k], alone[k]);
    sori_close(c);
}

static void a_channel_is_as_alone(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const setting *s = &settings[2];
    sori_audio y = sound(c, s), second = { sori_array_from(c, SORI_F32, 1, &s->n, (float *)y.y->data + s->n), y.sr };
    sori_array *both = sori_melspectrogram(c, y, NULL), *one = sori_melspectrogram(c, second, NULL);
    assert_ok(c);
    assert_memory_equal((float *)both->data + one->size, one->data, one->size * sizeof(float));
    sori_close(c);
}

/* Whoever adds a feature of frames adds its name above; those of the whole sound are test_whole.c's. */
static void every_feature_is_tested(void **state) {
    (void)state;
    for (size_t i = 0; sori_feature_at(i); i++) {
        size_t k = 0;
        if (sori_feature_at(i)->whole) continue;
        while (k < NAMES && strcmp(names[k], sori_feature_at(i)->name) != 0) k++;
        if (k == NAMES) fail_msg("%s is not among the names of this test", sori_feature_at(i)->name);
    }
}

static void a_stream_refuses(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *out[1];
    static const char *const mel[] = { "mel" }, *const odd[] = { "smell" };
    const float bad[] = { 0, 1, NAN };
    assert_null(sori_stream_new(c, 22050, 0, mel, 1, NULL));
    assert_string_equal(sori_message(c), "stream: 0 channels (1 to 256)");
    sori_clear(c);
    assert_null(sori_stream_new(c, 22050, 1, odd, 1, NULL));
    assert_string_equal(sori_message(c), "stream: unknown feature \"smell\"");
    sori_clear(c);
    sori_stream *s = sori_stream_new(c, 22050, 1, mel, 1, NULL);
    assert_int_equal(sori_stream_push(s, bad, 3), SORI_EINVAL);
    assert_string_equal(sori_message(c), "stream: sample 2 is not finite");
    sori_clear(c);
    assert_int_equal(sori_stream_finish(s, out), SORI_EINVAL);
    assert_string_equal(sori_message(c), "stream: the sound has no samples");
    sori_clear(c);
    assert_int_equal(sori_stream_push(s, bad, 1), SORI_EINVAL);
    assert_string_equal(sori_message(c), "stream: already finished");
    sori_stream_free(s);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_the_whole),
        cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(together_is_as_alone),
        cmocka_unit_test(a_channel_is_as_alone),
        cmocka_unit_test(every_feature_is_tested),
        cmocka_unit_test(a_stream_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
