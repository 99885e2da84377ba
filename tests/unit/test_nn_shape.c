/* Layers that change a sample's shape: Keras's output shapes and defaults, and rows that are refused, each with its
 * sentence. */
#include "test.h"
#include "nn/nn.h"

static void gives(sori_shape input, sori_layer layer, const char *shape) {
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, input, (const sori_layer[]){ layer, { 0 } });
    assert_ok(c);
    assert_string_equal(nn_shape_text(&m->nodes[0].y, NULL, (char[96]){ 0 }, 96), shape);
    sori_model_free(m);
    sori_close(c);
}

#define GIVES(h, w, c, shape, ...) gives(SORI_SHAPE(h, w, c), (sori_layer){ __VA_ARGS__ }, shape)

static void shapes_are_kerass(void **state) {
    (void)state;
    GIVES(5, 7, 3, "(11, 15, 8)", .op = SORI_CONV2D_TRANSPOSE, .filters = 8, .kernel = { 3, 3 }, .strides = { 2, 2 });
    GIVES(5, 7, 3, "(10, 14, 8)", .op = SORI_CONV2D_TRANSPOSE, .filters = 8, .kernel = { 3, 3 }, .strides = { 2, 2 },
          .padding = SORI_SAME);
    GIVES(5, 7, 3, "(20, 35, 2)", .op = SORI_CONV2D_TRANSPOSE, .filters = 2, .kernel = { 2, 3 }, .strides = { 4, 5 });
    GIVES(5, 7, 3, "(8, 14, 8)", .op = SORI_CONV2D_TRANSPOSE, .filters = 8, .kernel = { 4, 4 }, .strides = { 2, 2 },
          .padding = SORI_EXPLICIT, .pad = { 2, 2, 1, 1 });
    GIVES(5, 7, 3, "(9, 7, 8)", .op = SORI_CONV2D_TRANSPOSE, .filters = 8, .kernel = { 3, 1 }, .dilation = { 2, 3 });
    GIVES(9, 4, 0, "(39, 6)", .op = SORI_CONV1D_TRANSPOSE, .filters = 6, .kernel = { 7 }, .strides = { 4 });
    GIVES(64, 10, 2, "(32, 10, 2)", .op = SORI_DENSE, .units = 32, .axis = 1);
    GIVES(64, 10, 2, "(64, 32, 2)", .op = SORI_DENSE, .units = 32, .axis = 2);
    GIVES(64, 10, 2, "(64, 10, 32)", .op = SORI_DENSE, .units = 32, .axis = 3);
    GIVES(12, 0, 0, "(12, 5)", .op = SORI_EMBEDDING, .vocabulary = 100, .units = 5);
    GIVES(4, 6, 3, "(8, 12, 3)", .op = SORI_UPSAMPLING);
    GIVES(4, 6, 3, "(4, 18, 3)", .op = SORI_UPSAMPLING, .kernel = { 1, 3 });
    GIVES(4, 6, 0, "(20, 6)", .op = SORI_UPSAMPLING, .kernel = { 5 });
    GIVES(4, 6, 3, "(6, 8, 3)", .op = SORI_ZERO_PADDING);
    GIVES(4, 6, 3, "(4, 9, 3)", .op = SORI_ZERO_PADDING, .pad = { 0, 0, 1, 2 });
    GIVES(4, 6, 0, "(6, 6)", .op = SORI_ZERO_PADDING);
    GIVES(4, 6, 3, "(4, 6, 3)", .op = SORI_CROPPING);
    GIVES(4, 6, 3, "(1, 5, 3)", .op = SORI_CROPPING, .pad = { 1, 2, 0, 1 });
    GIVES(4, 6, 0, "(2, 6)", .op = SORI_CROPPING);
    GIVES(4, 6, 3, "(3, 4, 6)", .op = SORI_PERMUTE, .shape = { 3, 1, 2 });
    GIVES(4, 6, 3, "(4, 6, 3)", .op = SORI_SPATIAL_DROPOUT, .rate = 0.5);
}

/* Kernels as Keras lays them out, and what a zero field means. */
static void weights_are_kerass(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(6, 5, 4),
                                    SORI_LAYERS({ .op = SORI_CONV2D_TRANSPOSE, .filters = 8, .kernel = { 3, 2 } },
                                                { .op = SORI_PRELU },
                                                { .op = SORI_RESHAPE, .shape = { 48, 8 } },
                                                { .op = SORI_CONV1D_TRANSPOSE, .filters = 2, .kernel = { 5 } },
                                                { .op = SORI_DENSE, .units = 3, .axis = 1 }));
    assert_ok(c);
    static const struct { const char *name, *shape; } all[] = {
        { "conv2d_transpose/kernel", "(3, 2, 8, 4)" }, { "conv2d_transpose/bias", "(8)" }, { "p_re_lu/alpha", "(8)" },
        { "conv1d_transpose/kernel", "(5, 2, 8)" }, { "conv1d_transpose/bias", "(2)" }, { "dense/kernel", "(52, 3)" },
        { "dense/bias", "(3)" },
    };
    assert_int_equal(nn_param_total(m), BASE_COUNT(all));
    for (size_t i = 0; i < BASE_COUNT(all); i++) {
        const nn_param *p = nn_param_at(m, i);
        assert_string_equal(p->name, all[i].name);
        assert_string_equal(nn_shape_text(&p->shape, NULL, (char[96]){ 0 }, 96), all[i].shape);
    }
    assert_true(nn_param_at(m, 2)->init_value == 0.25);
    sori_model_free(m);

    m = sori_sequential(c, SORI_SHAPE(4), SORI_LAYERS({ .op = SORI_EMBEDDING, .vocabulary = 50, .units = 40 }));
    sori_compile(m, &(sori_compile_config){ 0 });
    sori_array *w = sori_get_weight(m, "embedding/embeddings");
    assert_ok(c);
    double most = 0, sum = 0;
    for (size_t i = 0; i < w->size; i++) {
        double v = (double)((const float *)w->data)[i];
        most = fmax(most, fabs(v));
        sum += v * v;
    }
    assert_true(most <= 0.05 && most > 0.049);
    assert_close(sum / (double)w->size, 0.05 * 0.05 / 3, 1e-4, 0);   /* a uniform distribution's variance */
    sori_model_free(m);
    sori_close(c);
}

static void rejected(sori_shape input, const sori_layer *layers, const char *sentence) {
    sori_ctx *c = sori_open(NULL);
    assert_null(sori_sequential(c, input, layers));
    assert_int_equal(sori_error(c), SORI_EMODEL);
    assert_string_equal(sori_message(c), sentence);
    sori_close(c);
}

#define REJECTED(sentence, ...) rejected(SORI_SHAPE(8, 6, 2), SORI_LAYERS({ __VA_ARGS__ }), sentence)

static void bad_rows_are_named(void **state) {
    (void)state;
    REJECTED("layer conv2d_transpose: filters 0 must be at least 1", .op = SORI_CONV2D_TRANSPOSE);
    REJECTED("layer conv2d_transpose: kernel 0, stride 1 and dilation 1 must be at least 1",
             .op = SORI_CONV2D_TRANSPOSE, .filters = 1);
    REJECTED("layer conv1d_transpose: needs [time, channel], got 3 axes", .op = SORI_CONV1D_TRANSPOSE, .filters = 1,
             .kernel = { 1 });
    REJECTED("layer conv2d_transpose: kernel, stride or dilation above 65536", .op = SORI_CONV2D_TRANSPOSE,
             .filters = 1, .kernel = { 1, 1 }, .strides = { 65537, 1 });
    REJECTED("layer conv2d_transpose: pad 5 + 5 leaves nothing of 10", .op = SORI_CONV2D_TRANSPOSE, .filters = 1,
             .kernel = { 3, 3 }, .padding = SORI_EXPLICIT, .pad = { 5, 5, 0, 0 });
    REJECTED("layer conv2d_transpose: pad -1 is outside 0..65536", .op = SORI_CONV2D_TRANSPOSE, .filters = 1,
             .kernel = { 3, 3 }, .padding = SORI_EXPLICIT, .pad = { -1, 5, 0, 0 });
    REJECTED("layer conv2d_transpose: the image with the zeros its windows reach holds over 2^31 values",
             .op = SORI_CONV2D_TRANSPOSE, .filters = 1, .kernel = { 1, 1 }, .strides = { 65536, 65536 });
    REJECTED("layer conv2d_transpose: the image with the zeros its windows reach holds over 2^31 values",
             .op = SORI_CONV2D_TRANSPOSE, .filters = 1, .kernel = { 3, 3 }, .dilation = { 65536, 65536 },
             .padding = SORI_SAME);
    REJECTED("layer conv2d: the image with the zeros its windows reach holds over 2^31 values", .op = SORI_CONV2D,
             .filters = 1, .kernel = { 1, 1 }, .padding = SORI_EXPLICIT, .pad = { 65536, 65536, 65536, 65536 });
    REJECTED("layer dense: units 0 must be at least 1", .op = SORI_DENSE, .axis = 1);
    REJECTED("layer dense: axis 4 is outside 1..3 (0: the last)", .op = SORI_DENSE, .units = 2, .axis = 4);
    REJECTED("layer dense: axis -1 is outside 1..3 (0: the last)", .op = SORI_DENSE, .units = 2, .axis = -1);
    REJECTED("layer embedding: units 0 must be at least 1", .op = SORI_EMBEDDING, .vocabulary = 3);
    REJECTED("layer embedding: vocabulary 0 is outside 1..16777216", .op = SORI_EMBEDDING, .units = 3);
    REJECTED("layer embedding: vocabulary 16777217 is outside 1..16777216", .op = SORI_EMBEDDING, .units = 3,
             .vocabulary = 16777217);
    REJECTED("layer embedding: a tensor of over 2^31 or of no elements", .op = SORI_EMBEDDING, .units = 1000,
             .vocabulary = 16777216);
    rejected(SORI_SHAPE(2, 2, 2, 2), SORI_LAYERS({ .op = SORI_EMBEDDING, .units = 3, .vocabulary = 3 }),
             "layer embedding: an input of 4 axes, at most 3");
    REJECTED("layer up_sampling: kernel -2 is outside 1..65536", .op = SORI_UPSAMPLING, .kernel = { -2, 1 });
    REJECTED("layer up_sampling: kernel 65537 is outside 1..65536", .op = SORI_UPSAMPLING, .kernel = { 1, 65537 });
    REJECTED("layer up_sampling: a tensor of over 2^31 or of no elements", .op = SORI_UPSAMPLING,
             .kernel = { 65536, 65536 });
    rejected(SORI_SHAPE(5), SORI_LAYERS({ .op = SORI_UPSAMPLING }),
             "layer up_sampling: needs [height, width, channel], got 1 axes");
    REJECTED("layer zero_padding: pad 65537 is outside 0..65536", .op = SORI_ZERO_PADDING, .pad = { 65537 });
    REJECTED("layer cropping: pad 5 + 3 leaves nothing of 8", .op = SORI_CROPPING, .pad = { 5, 3 });
    REJECTED("layer cropping: pad -1 is outside 0..65536", .op = SORI_CROPPING, .pad = { 0, 0, -1, 0 });
    REJECTED("layer permute: the axes must be 1..3 in some order, number 1 is 0", .op = SORI_PERMUTE);
    REJECTED("layer permute: the axes must be 1..3 in some order, number 3 is 2", .op = SORI_PERMUTE,
             .shape = { 1, 2, 2 });
    REJECTED("layer permute: the axes must be 1..3 in some order, number 2 is 4", .op = SORI_PERMUTE,
             .shape = { 1, 4, 2 });
    REJECTED("layer permute: more axes than the input's 3", .op = SORI_PERMUTE, .shape = { 1, 3, 2, 4 });
    REJECTED("layer spatial_dropout: rate 1 is outside 0..1", .op = SORI_SPATIAL_DROPOUT, .rate = 1);
    rejected(SORI_SHAPE(5), SORI_LAYERS({ .op = SORI_SPATIAL_DROPOUT, .rate = 0.1 }),
             "layer spatial_dropout: needs [time, channel] or [height, width, channel], got 1 axis");
    REJECTED("layer concatenate: axis 4 is outside 1..3 (0: the last)", .op = SORI_CONCAT, .from = { "input", "input" },
             .axis = 4);
    REJECTED("layer multiply: 1 inputs, needs 2 to 4", .op = SORI_MULTIPLY);
    rejected(SORI_SHAPE(8, 6, 2),
             SORI_LAYERS({ .op = SORI_CROPPING, .name = "a", .pad = { 1, 0 } },
                         { .op = SORI_CONCAT, .from = { "a", "input" }, .axis = 2 }),
             "layer concatenate: input 2 differs from the first in more than axis 2");
    rejected(SORI_SHAPE(8, 6, 2),
             SORI_LAYERS({ .op = SORI_CROPPING, .name = "a", .pad = { 1, 0 } },
                         { .op = SORI_MULTIPLY, .from = { "a", "input" } }),
             "layer multiply: input 2 has another shape than the first");
}

/* All of them in one model: trained on any number of threads to the same bits, saved and loaded to the same outputs. */
static sori_model *u_net(sori_ctx *c) {
    return sori_sequential(c, SORI_SHAPE(14, 10, 2), SORI_LAYERS(
        { .op = SORI_ZERO_PADDING, .pad = { 1, 1, 1, 1 } },
        { .op = SORI_CONV2D, .name = "skip", .filters = 16, .kernel = { 3, 3 }, .padding = SORI_SAME },
        { .op = SORI_PRELU, .name = "act" },
        { .op = SORI_DENSE, .units = 16, .axis = 1, .act = SORI_RELU },
        { .op = SORI_MULTIPLY, .name = "gated", .from = { "act", "dense" } },
        { .op = SORI_CONV2D, .filters = 20, .kernel = { 2, 2 }, .strides = { 2, 2 }, .act = SORI_RELU },
        { .op = SORI_SPATIAL_DROPOUT, .rate = 0.2 },
        { .op = SORI_CONV2D_TRANSPOSE, .name = "up", .filters = 16, .kernel = { 2, 2 }, .strides = { 2, 2 },
          .act = SORI_RELU },
        { .op = SORI_CONCAT, .from = { "gated", "up" } },
        { .op = SORI_CROPPING, .pad = { 2, 2, 1, 1 } },
        { .op = SORI_PERMUTE, .shape = { 3, 2, 1 } },
        { .op = SORI_UPSAMPLING, .kernel = { 1, 2 }, .bilinear = true },
        { .op = SORI_FLATTEN },
        { .op = SORI_DENSE, .units = 3 }));
}

static uint64_t train(int threads) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads, .seed = 5 });
    sori_array *x = sori_array_new(c, SORI_F32, 4, (size_t[]){ 40, 14, 10, 2 });
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 40, 3 });
    assert_ok(c);
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)base_rng_normal(&r);
    for (size_t i = 0; i < y->size; i++) ((float *)y->data)[i] = (float)base_rng_normal(&r);
    sori_model *m = u_net(c);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM } });
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 3, .batch_size = 16 });
    const char *path = TEST_SCRATCH "/u_net.safetensors";
    sori_model_save(m, path, NULL);
    sori_model *again = sori_model_load(c, path, NULL);
    sori_array *one = sori_predict(m, x), *other = sori_predict(again, x);
    assert_ok(c);
    assert_memory_equal(one->data, other->data, one->size * sizeof(float));
    uint64_t hash = base_hash(BASE_HASH_START, m->w, m->param_count * m->k->real_size);
    sori_model_free(m);
    sori_model_free(again);
    sori_close(c);
    return hash;
}

static void trains_the_same_on_any_threads(void **state) {
    (void)state;
    uint64_t one = train(1);
    assert_true(train(2) == one);
    assert_true(train(4) == one);
    assert_true(train(8) == one);
}

/* Inference folds a batch norm into a dense layer in front of it, but not where that runs along another axis. */
static void norms_behind_another_axis_stay(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_layer table[] = { { .op = SORI_DENSE, .axis = 1, .units = 5 }, { .op = SORI_BATCHNORM }, { 0 } };
    sori_model *with = sori_sequential(c, SORI_SHAPE(4, 3), table);
    table[1] = (sori_layer){ 0 };
    sori_model *without = sori_sequential(c, SORI_SHAPE(4, 3), table);
    sori_compile(with, &(sori_compile_config){ 0 });
    sori_compile(without, &(sori_compile_config){ 0 });
    const float gamma[3] = { 1, 2, -3 };
    sori_set_weight(with, "batch_normalization/gamma", sori_array_from(c, SORI_F32, 1, (size_t[]){ 3 }, gamma));
    sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ 2, 4, 3 });
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)(i % 5) - 2;
    const sori_array *a = sori_predict(with, x), *b = sori_predict(without, x);
    assert_ok(c);
    for (size_t i = 0; i < a->size; i++)   /* running mean 0, variance 1 */
        assert_close(((const float *)a->data)[i], ((const float *)b->data)[i] * gamma[i % 3] / sqrt(1.001), 1e-6, 1e-6);
    sori_model_free(with);
    sori_model_free(without);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_kerass), cmocka_unit_test(weights_are_kerass),
        cmocka_unit_test(bad_rows_are_named), cmocka_unit_test(trains_the_same_on_any_threads),
        cmocka_unit_test(norms_behind_another_axis_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
