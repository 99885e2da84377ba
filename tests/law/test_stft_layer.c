/* The STFT, ISTFT and log-mel layers give the numbers of the features of the same name, sample for sample.
 *
 * Both run the same transform in float; they differ by the rounding of windows and of the sums around it: 2e-6 of the
 * largest value. Decibels: 1e-3, as the features themselves promise. In double the layer is held against the feature
 * computed exactly and rounded to float: 1e-6. */
#include "test.h"
#include "array/array.h"
#include "nn/nn.h"
#include <sori/feat.h>

#define SAMPLES 3000
#define BATCH 3

/* BATCH sounds of `channels` channels, [BATCH, SAMPLES, channels]. */
static sori_array *noise(sori_ctx *c, size_t channels) {
    sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ BATCH, SAMPLES, channels });
    base_rng r = base_rng_new(9, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)(0.3 * base_rng_normal(&r));
    return x;
}

static sori_audio sound_of(sori_ctx *c, const sori_array *x, size_t sample, size_t channel, double sr) {
    sori_array *y = sori_array_new(c, SORI_F32, 1, (size_t[]){ SAMPLES });
    size_t channels = x->shape[2];
    for (size_t i = 0; i < SAMPLES; i++)
        ((float *)y->data)[i] = ((float *)x->data)[(sample * SAMPLES + i) * channels + channel];
    return (sori_audio){ .y = y, .sr = sr };
}

static sori_array *through(sori_ctx *c, const sori_array *x, const sori_layer *layers, bool exact) {
    sori_shape shape = { { (int)x->shape[1], (int)x->shape[2], x->ndim > 3 ? (int)x->shape[3] : 0 } };
    sori_model *m = sori_sequential(c, shape, layers);
    sori_compile(m, &(sori_compile_config){ .exact = exact });
    sori_array *y = sori_predict(m, x);
    assert_ok(c);
    sori_model_free(m);
    return y;
}

static double largest(const sori_array *a, size_t n) {
    double top = 0;
    for (size_t i = 0; i < n; i++) top = fmax(top, fabs((double)((float *)a->data)[i]));
    return top;
}

static void check_stft(sori_ctx *c, const sori_layer *l, size_t channels, bool exact) {
    const sori_array *x = noise(c, channels), *y = through(c, x, (const sori_layer[]){ *l, { 0 } }, exact);
    sori_stft_config g = { .n_fft = l->n_fft, .hop_length = l->hop_length, .uncentered = l->uncentered,
                           .exact = exact };
    for (size_t s = 0; s < BATCH; s++)
        for (size_t ch = 0; ch < channels; ch++) {
            const sori_array *X = sori_stft(c, sound_of(c, x, s, ch, 22050), &g);
            assert_ok(c);
            assert_int_equal(X->shape[0], y->shape[1]);
            assert_int_equal(X->shape[1], y->shape[2]);
            assert_int_equal(2 * channels, y->shape[3]);
            double tolerance = (exact ? 1e-7 : 2e-6) * largest(X, 2 * X->size);
            const float *got = (const float *)y->data + s * 2 * channels * X->size + 2 * ch;
            for (size_t i = 0; i < X->size; i++)
                for (size_t part = 0; part < 2; part++)
                    assert_close((double)got[i * 2 * channels + part], (double)((float *)X->data)[2 * i + part],
                                 tolerance, 0);
        }
}

static const sori_layer stfts[] = {
    { .op = SORI_STFT, .n_fft = 512 },
    { .op = SORI_STFT, .n_fft = 512, .hop_length = 100, .uncentered = true },
    { .op = SORI_STFT, .n_fft = 255, .hop_length = 64 },
    { .op = SORI_STFT, .n_fft = 600, .hop_length = 700 },
    { .op = SORI_STFT, .n_fft = 2048, .hop_length = 2000 },
    { .op = SORI_STFT, .n_fft = 74, .hop_length = 10, .uncentered = true },   /* 37 is prime: Bluestein */
};

static void stft_is_the_feature(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    for (size_t i = 0; i < BASE_COUNT(stfts); i++)
        for (size_t channels = 1; channels <= 3; channels++)
            for (int exact = 0; exact < 2; exact++) check_stft(c, &stfts[i], channels, exact);
    sori_close(c);
}

static void check_istft(sori_ctx *c, const sori_layer *l, int length, bool exact) {
    sori_layer forward = { .op = SORI_STFT, .n_fft = 256, .hop_length = l->hop_length, .uncentered = l->uncentered };
    sori_layer back = *l;
    back.length = length;
    sori_array *x = noise(c, 2), *X = through(c, x, (const sori_layer[]){ forward, { 0 } }, exact);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < X->size; i++) ((float *)X->data)[i] *= (float)base_rng_uniform(&r);   /* no STFT any more */
    const sori_array *y = through(c, X, (const sori_layer[]){ back, { 0 } }, exact);
    sori_istft_config g = { .stft = { .hop_length = back.hop_length, .uncentered = back.uncentered, .exact = exact },
                            .length = (size_t)length };
    size_t pairs = X->shape[1] * X->shape[2];
    for (size_t s = 0; s < BATCH; s++)
        for (size_t ch = 0; ch < 2; ch++) {
            sori_array *D = sori_array_new(c, SORI_C64, 2, X->shape + 1);
            for (size_t i = 0; i < 2 * pairs; i++)
                ((float *)D->data)[i] = ((float *)X->data)[(s * pairs + i / 2) * 4 + 2 * ch + i % 2];
            const sori_array *sound = sori_istft(c, D, 22050, &g).y;
            assert_ok(c);
            assert_int_equal(sound->size, y->shape[1]);
            for (size_t i = 0; i < sound->size; i++)
                assert_close((double)((float *)y->data)[(s * sound->size + i) * 2 + ch],
                             (double)((float *)sound->data)[i], 5e-6 * largest(sound, sound->size), 0);
        }
}

static void istft_is_the_feature(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    for (int exact = 0; exact < 2; exact++)
        for (int length = 0; length <= 4000; length += 2000) {
            check_istft(c, &(sori_layer){ .op = SORI_ISTFT }, length, exact);
            check_istft(c, &(sori_layer){ .op = SORI_ISTFT, .hop_length = 50 }, length, exact);
            check_istft(c, &(sori_layer){ .op = SORI_ISTFT, .hop_length = 100, .uncentered = true }, length, exact);
        }
    sori_close(c);
}

/* A sound through both layers is itself. */
static void istft_inverts_stft(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    const sori_array *x = noise(c, 2);
    const sori_array *y = through(c, x, SORI_LAYERS({ .op = SORI_STFT, .n_fft = 400, .hop_length = 160 },
                                                    { .op = SORI_ISTFT, .hop_length = 160, .length = SAMPLES }), false);
    assert_int_equal(x->size, y->size);
    for (size_t i = 0; i < x->size; i++)
        assert_close((double)((float *)y->data)[i], (double)((float *)x->data)[i], 2e-6, 0);
    sori_close(c);
}

static void check_log_mel(sori_ctx *c, const sori_layer *l, bool exact) {
    sori_array *x = noise(c, 1);
    memset(x->data, 0, SAMPLES / 2 * sizeof(float));   /* silence, too */
    const sori_array *y = through(c, x, (const sori_layer[]){ *l, { 0 } }, exact);
    double sr = l->sr != 0 ? l->sr : 22050;
    sori_mel_config g = { .stft = { .n_fft = l->n_fft, .hop_length = l->hop_length ? l->hop_length : l->n_fft / 4,
                                    .uncentered = l->uncentered, .exact = exact },
                          .n_mels = l->n_mels, .fmin = l->fmin, .fmax = l->fmax };
    for (size_t s = 0; s < BATCH; s++) {
        const sori_array *S = sori_melspectrogram(c, sound_of(c, x, s, 0, sr), &g);
        const sori_array *D = sori_power_to_db(c, S, &(sori_db_config){ .top_db = SORI_NONE });
        assert_ok(c);
        assert_int_equal(D->size * BATCH, y->size);
        for (size_t i = 0; i < D->size; i++)
            assert_close((double)((float *)y->data)[s * D->size + i], (double)((float *)D->data)[i], 1e-3, 0);
    }
}

static void log_mel_is_the_feature(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    for (int exact = 0; exact < 2; exact++) {
        check_log_mel(c, &(sori_layer){ .op = SORI_LOG_MEL, .n_fft = 2048 }, exact);
        check_log_mel(c, &(sori_layer){ .op = SORI_LOG_MEL, .n_fft = 512, .hop_length = 160, .sr = 16000, .n_mels = 40,
                                        .fmin = 50, .fmax = 7000 }, exact);
        check_log_mel(c, &(sori_layer){ .op = SORI_LOG_MEL, .n_fft = 400, .uncentered = true, .n_mels = 30 }, exact);
    }
    sori_close(c);
}

/* A model file holds the filters: changed ones come back. */
static void filters_are_saved(void **state) {
    (void)state;
    const char *path = TEST_SCRATCH "/log_mel.safetensors";
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(SAMPLES, 1), SORI_LAYERS({ .op = SORI_LOG_MEL, .n_fft = 256,
                                                                             .n_mels = 20 }));
    sori_array *w = sori_get_weight(m, "log_mel/filters");
    assert_ok(c);
    assert_int_equal(sori_model_params(m, false), 20 * 129);
    assert_int_equal(sori_model_params(m, true), 0);
    for (size_t i = 0; i < w->size; i++) ((float *)w->data)[i] = i % 7 == 0 ? 0.25f : 0;
    const sori_array *before = sori_predict(m, noise(c, 1));
    sori_set_weight(m, "log_mel/filters", w);
    const sori_array *y = sori_predict(m, noise(c, 1));
    sori_model_save(m, path, NULL);
    sori_model *again = sori_model_load(c, path, NULL);
    const sori_array *z = sori_predict(again, noise(c, 1));
    assert_ok(c);
    assert_memory_not_equal(before->data, y->data, y->size * sizeof(float));
    assert_memory_equal(z->data, y->data, y->size * sizeof(float));
    sori_model_free(m);
    sori_model_free(again);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stft_is_the_feature), cmocka_unit_test(istft_is_the_feature),
        cmocka_unit_test(istft_inverts_stft), cmocka_unit_test(log_mel_is_the_feature),
        cmocka_unit_test(filters_are_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
