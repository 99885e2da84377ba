/* Normalisation, STFT, ISTFT, log-mel and the losses of waveforms: what their gates refuse, and that they train. */
#include "test.h"
#include "nn/nn.h"

static sori_ctx *c;

static int setup(void **state) {
    (void)state;
    c = sori_open(NULL);
    return c ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    sori_close(c);
    return 0;
}

static void refuses(sori_shape input, const sori_layer *layer, const char *sentence) {
    assert_null(sori_sequential(c, input, (const sori_layer[]){ *layer, { 0 } }));
    assert_int_equal(sori_error(c), SORI_EMODEL);
    assert_string_equal(sori_message(c), sentence);
    sori_clear(c);
}
#define LAYER(...) (&(sori_layer){ __VA_ARGS__ })

static void norms(void **state) {
    (void)state;
    refuses(SORI_SHAPE(4, 6), LAYER(.op = SORI_LAYERNORM, .epsilon = -1),
            "layer layer_normalization: epsilon -1 must be above 0");
    refuses(SORI_SHAPE(4, 6), LAYER(.op = SORI_GROUPNORM),
            "layer group_normalization: 6 channels cannot be cut into 32 groups");
    refuses(SORI_SHAPE(4, 6), LAYER(.op = SORI_GROUPNORM, .groups = -2),
            "layer group_normalization: 6 channels cannot be cut into -2 groups");
    refuses(SORI_SHAPE(6), LAYER(.op = SORI_INSTANCENORM),
            "layer instance_normalization: needs axes before the channels");
}

static void stft(void **state) {
    (void)state;
    refuses(SORI_SHAPE(100, 2, 2), LAYER(.op = SORI_STFT),
            "layer stft: needs [samples] or [samples, channels], got 3 axes");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_STFT, .n_fft = 1), "layer stft: n_fft 1 is outside 2..1048576");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_STFT, .n_fft = 1 << 24),
            "layer stft: n_fft 16777216 is outside 2..1048576");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_STFT, .hop_length = -1),
            "layer stft: hop_length -1 is outside 1..1048576");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_STFT, .uncentered = true),
            "layer stft: 100 samples are shorter than n_fft 2048");
    refuses(SORI_SHAPE(1 << 30), LAYER(.op = SORI_STFT, .hop_length = 1),
            "layer stft: a tensor of over 2^31 or of no elements");
}

static void istft(void **state) {
    (void)state;
    refuses(SORI_SHAPE(9, 4), LAYER(.op = SORI_ISTFT), "layer istft: needs [bins, frames, pairs of channels]");
    refuses(SORI_SHAPE(9, 4, 3), LAYER(.op = SORI_ISTFT), "layer istft: needs [bins, frames, pairs of channels]");
    refuses(SORI_SHAPE(1, 4, 2), LAYER(.op = SORI_ISTFT), "layer istft: 1 bins are no spectrum");
    refuses(SORI_SHAPE(9, 4, 2), LAYER(.op = SORI_ISTFT, .n_fft = 32), "layer istft: 9 bins do not fit n_fft 32");
    refuses(SORI_SHAPE(9, 1, 2), LAYER(.op = SORI_ISTFT), "layer istft: one frame, centred, is no sound; set length");
    refuses(SORI_SHAPE(9, 4, 2), LAYER(.op = SORI_ISTFT, .length = -1), "layer istft: length -1 is negative");
    refuses(SORI_SHAPE(2, 1 << 20, 2), LAYER(.op = SORI_ISTFT, .hop_length = 1 << 20),
            "layer istft: 1048576 frames cover more than 2^31 samples");
}

static void log_mel(void **state) {
    (void)state;
    refuses(SORI_SHAPE(100, 2), LAYER(.op = SORI_LOG_MEL), "layer log_mel: needs [samples] or [samples, 1]");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_LOG_MEL, .n_mels = -1), "layer log_mel: n_mels -1 is outside 1..65536");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_LOG_MEL, .sr = -1), "layer log_mel: sr -1 Hz must be above 0");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_LOG_MEL, .fmax = 12000),
            "layer log_mel: fmin 0 and fmax 12000 Hz must rise within 0..sr/2 11025");
    refuses(SORI_SHAPE(100), LAYER(.op = SORI_LOG_MEL, .fmin = 5000, .fmax = 4000),
            "layer log_mel: fmin 5000 and fmax 4000 Hz must rise within 0..sr/2 11025");
}

static void losses(void **state) {
    (void)state;
    sori_model *m = sori_sequential(c, SORI_SHAPE(4, 5, 2), SORI_LAYERS({ .op = SORI_DENSE, .units = 2 }));
    SAYS(c, sori_compile(m, &(sori_compile_config){ .loss = SORI_SI_SDR }),
         "compile: a loss of waveforms needs [samples] or [samples, channels], got 3 axes");
    sori_model_free(m);
}

/* Compiled again with another loss, in another precision, a model of layers with tables goes on as if new. */
static void compiled_again(void **state) {
    (void)state;
    const sori_layer rows[] = { { .op = SORI_STFT, .n_fft = 64 }, { .op = SORI_LAYERNORM }, { .op = SORI_ISTFT },
                                { 0 } };
    const sori_loss order[] = { SORI_MSE, SORI_MULTI_RES_STFT, SORI_SI_SDR, SORI_MULTI_RES_STFT, SORI_MSE };
    sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ 5, 640, 1 });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)base_rng_normal(&r);
    sori_model *m = sori_sequential(c, SORI_SHAPE(640, 1), rows);
    for (size_t i = 0; i < BASE_COUNT(order); i++)
        for (int exact = 0; exact < 2; exact++) {
            sori_compile_config k = { .loss = order[i], .exact = exact };
            double loss, fresh_loss, accuracy;
            sori_model *fresh = sori_sequential(c, SORI_SHAPE(640, 1), rows);
            sori_compile(m, &k);
            sori_compile(fresh, &k);
            sori_evaluate(m, x, x, &loss, &accuracy);
            sori_evaluate(fresh, x, x, &fresh_loss, NULL);
            assert_ok(c);
            assert_true(isnan(accuracy));
            assert_true(loss == fresh_loss);
            sori_model_free(fresh);
        }
    sori_model_free(m);
}

/* A mixture is unmixed: the losses go down. Some noise bounds the best SI-SDR at 17 dB, around which Adam is calm. */
static void losses_fall(void **state) {
    (void)state;
    const sori_loss order[] = { SORI_MULTI_RES_STFT, SORI_SI_SDR };
    sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ 8, 800, 2 });
    sori_array *y = sori_array_new(c, SORI_F32, 3, (size_t[]){ 8, 800, 1 });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)base_rng_normal(&r);
    for (size_t i = 0; i < y->size; i++)
        ((float *)y->data)[i] = 0.2f * ((float *)x->data)[2 * i] - 0.7f * ((float *)x->data)[2 * i + 1] +
                                0.1f * (float)base_rng_normal(&r);
    for (size_t i = 0; i < BASE_COUNT(order); i++) {
        sori_model *m = sori_sequential(c, SORI_SHAPE(800, 2), SORI_LAYERS({ .op = SORI_DENSE, .units = 1 }));
        sori_compile(m, &(sori_compile_config){ .loss = order[i], .optimizer = { .kind = SORI_ADAM,
                                                                                 .learning_rate = 0.02 } });
        double before, after;
        sori_evaluate(m, x, y, &before, NULL);
        sori_fit(m, x, y, &(sori_fit_config){ .epochs = 30, .batch_size = 4 });
        sori_evaluate(m, x, y, &after, NULL);
        assert_ok(c);
        assert_true(order[i] == SORI_SI_SDR ? after < -15 && before > -5 : after < 0.5 * before);
        sori_model_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms), cmocka_unit_test(stft), cmocka_unit_test(istft), cmocka_unit_test(log_mel),
        cmocka_unit_test(losses), cmocka_unit_test(compiled_again), cmocka_unit_test(losses_fall),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
