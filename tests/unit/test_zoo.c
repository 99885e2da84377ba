/* The zoo: parameter counts worked out by hand, shapes, and what is refused. */
#include "test.h"
#include "nn/nn.h"
#include <sori/model.h>

/* Trainable parameters, each sum as the layers stand in src/model/tables.c. */
static const struct { const char *name; sori_shape input; size_t params; } counts[] = {
    /* 3x3 convolutions without biases, gamma and beta; 64 channels at 64 / 4 frequencies, 10 classes */
    { "maxcnn", { { 64, 80, 1 } }, 9 * 16 + 32 + 9 * 16 * 32 + 64 + 9 * 32 * 64 + 128 + 16 * 64 * 10 + 10 },
    { "melcnn", { { 64, 80, 1 } },
      9 * 16 + 32 + 9 * 16 * 32 + 64 + 9 * 32 * 64 + 128 + 9 * 64 * 64 + 128 + 128 * 10 + 10 },
    { "bandcnn", { { 64, 200, 1 } },
      9 * 16 + 32 + 9 * 16 * 32 + 64 + 9 * 32 * 64 + 128 + 9 * 64 * 64 + 128 + 8 * 128 * 10 + 10 },
    /* a GRU of 32 each way sees 64 channels at 64 / 16 frequencies: 3 gates, two biases each */
    { "crnn", { { 64, 80, 1 } },
      9 * 32 + 64 + 9 * 32 * 64 + 128 + 9 * 64 * 64 + 128 + 2 * 3 * (256 * 32 + 32 * 32 + 2 * 32) + 64 * 10 + 10 },
    { "cnn", { { 130, 13, 1 } }, 45322 },   /* Keras's count */
    { "lstm", { { 130, 13 } }, 57802 },     /* Keras's count */
    { "lstm", { { 13, 130, 1 } }, 57802 },  /* turned */
    { "mlp", { { 130, 13, 1 } }, 1690 * 512 + 512 + 512 * 256 + 256 + 256 * 64 + 64 + 64 * 10 + 10 },
    { "m5", { { 8000, 1 } },
      80 * 128 + 256 + 3 * 128 * 128 + 256 + 3 * 128 * 256 + 512 + 3 * 256 * 512 + 1024 + 512 * 10 + 10 },
    { "mlp_sum", { { 2 } }, 2 * 5 + 5 + 5 + 1 },
};

static void parameter_counts(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(counts); i++) {
        sori_model *m = sori_zoo_model(c, counts[i].name, counts[i].input, 10);
        assert_ok(c);
        if (sori_model_params(m, true) != counts[i].params)
            fail_msg("%s has %zu parameters, not %zu", counts[i].name, sori_model_params(m, true), counts[i].params);
        sori_model_free(m);
    }
    sori_close(c);
}

/* Every entry makes a model of its usual input that learns a step. */
static void every_model_runs(void **state) {
    (void)state;
    const sori_zoo_entry *e;
    for (size_t i = 0; (e = sori_zoo_at(i)); i++) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
        sori_model *m = sori_zoo_model(c, e->name, e->input, 4);
        assert_ok(c);
        sori_compile(m, &(sori_compile_config){ .loss = e->feature ? SORI_CATEGORICAL_CROSSENTROPY : SORI_MSE });
        size_t shape[5] = { 3 };
        int ndim = 1;
        for (; ndim < 5 && e->input.dim[ndim - 1]; ndim++) shape[ndim] = (size_t)e->input.dim[ndim - 1];
        sori_array *x = sori_array_new(c, SORI_F32, ndim, shape);
        sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 3, e->feature ? 4 : 1 });
        base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
        for (size_t k = 0; k < x->size; k++) ((float *)x->data)[k] = (float)base_rng_normal(&r);
        for (size_t k = 0; k < 3; k++) ((float *)y->data)[k * (e->feature ? 4 : 1)] = 1;
        assert_int_equal(sori_fit(m, x, y, NULL), SORI_OK);
        sori_array *p = sori_predict(m, x);
        assert_ok(c);
        for (size_t k = 0; k < p->size; k++) assert_true(isfinite(((float *)p->data)[k]));
        assert_int_equal(p->shape[1], e->feature ? 4 : 1);
        sori_model_free(m);
        sori_close(c);
    }
}

static void refused(const char *name, sori_shape input, int classes, const char *sentence) {
    sori_ctx *c = sori_open(NULL);
    assert_null(sori_zoo_model(c, name, input, classes));
    if (!strstr(sori_message(c), sentence)) fail_msg("'%s' does not say '%s'", sori_message(c), sentence);
    sori_close(c);
}

static void what_does_not_fit_is_named(void **state) {
    (void)state;
    refused("resnet", SORI_SHAPE(64, 80, 1), 10, "model: no model 'resnet'; there are maxcnn, melcnn, bandcnn, crnn, ");
    refused("cnn", SORI_SHAPE(130, 13, 1), 1, "model: 1 classes, needs at least 2");
    refused("cnn", SORI_SHAPE(130, 2, 1), 10, "layer conv1: kernel 3 is larger than the input's 2");
    refused("maxcnn", SORI_SHAPE(64, 80), 10, "layer conv1: needs [height, width, channel], got 2 axes");
    refused("maxcnn", SORI_SHAPE(64, 1, 1), 10, "layer max_pooling2d: ");
    refused("m5", SORI_SHAPE(64, 80, 1), 10, "layer conv1: needs [time, channel], got 3 axes");
    refused("m5", SORI_SHAPE(100, 1), 10, "is larger than the input's");
    refused("lstm", SORI_SHAPE(13, 130, 1, 1), 10, "layer permute: ");
    refused("lstm", SORI_SHAPE(0), 10, "the input shape must have 1 to 4 sizes");
    sori_ctx *c = sori_open(NULL);
    assert_string_equal(sori_zoo_find(c, NULL)->name, sori_zoo_at(0)->name);
    assert_string_equal(sori_zoo_find(c, "m5")->feature, "waveform");
    assert_null(sori_zoo_find(c, "m6"));
    assert_null(sori_zoo_at(1000));
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameter_counts), cmocka_unit_test(every_model_runs),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
