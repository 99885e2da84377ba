/* Weights alone, in and out of files: layouts, names, and every way a file can be wrong. */
#include "test.h"
#include "array/array.h"
#include "nn/layout.h"

#define PATH TEST_SCRATCH "/weights.safetensors"

static const sori_layer table[] = {
    { .op = SORI_CONV2D, .name = "conv", .filters = 3, .kernel = { 2, 3 } },
    { .op = SORI_BATCHNORM, .name = "bn" },
    { .op = SORI_FLATTEN },
    { .op = SORI_BATCHNORM, .name = "flat" },
    { .op = SORI_DENSE, .name = "fc", .units = 2 },
    { 0 }
};

static const sori_layer over_time[] = {
    { .op = SORI_RESHAPE, .shape = { 4, 10 } },
    { .op = SORI_ATTENTION, .name = "look", .heads = 2 },
    { .op = SORI_LSTM, .name = "lstm", .units = 3, .return_sequences = true, .bidirectional = true },
    { .op = SORI_GRU, .name = "gru", .units = 2, .return_sequences = true },
    { .op = SORI_GRU, .name = "both", .units = 2, .bidirectional = true },
    { 0 }
};

static sori_model *model(sori_ctx *c, const sori_layer *layers) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(4, 5, 2), layers);
    sori_compile(m, NULL);
    for (size_t i = 0; i < m->param_count; i++) ((float *)m->w)[i] = (float)i;   /* every weight another */
    assert_ok(c);
    return m;
}

static void comes_back(const sori_layer *layers) {
    for (sori_layout layout = SORI_LAYOUT_SORI; layout <= SORI_LAYOUT_KERAS; layout++) {
        sori_ctx *c = sori_open(NULL);
        sori_model *a = model(c, layers), *b = model(c, layers);
        memset(b->w, 0, b->param_count * sizeof(float));
        assert_int_equal(sori_weights_save(a, PATH, layout, NULL), SORI_OK);
        assert_int_equal(sori_weights_load(b, PATH, layout, NULL), SORI_OK);
        for (size_t i = 0; i < nn_param_total(a); i++) {
            const nn_param *p = nn_param_at(a, i);
            assert_memory_equal((float *)a->w + p->offset, (float *)b->w + p->offset, p->shape.size * sizeof(float));
        }
        sori_model_free(a);
        sori_model_free(b);
        sori_close(c);
    }
}

static void every_layout_comes_back(void **state) {
    (void)state;
    comes_back(table);
    comes_back(over_time);
}

static const sori_array *saved(sori_ctx *c, sori_model *m, sori_layout layout, const sori_name_map *names,
                               const char *name) {
    size_t n;
    sori_weights_save(m, PATH, layout, names);
    const sori_named *items = sori_load_safetensors(c, PATH, &n, NULL);
    assert_ok(c);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(items[i].name, name)) return items[i].array;
    fail_msg("no %s", name);
    return NULL;
}

/* Element by element, by the rule. */
static void kernels_are_turned(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = model(c, table);
    const sori_array *k = saved(c, m, SORI_LAYOUT_TORCH, NULL, "conv.weight");
    const sori_array *ours = sori_get_weight(m, "conv/kernel");
    assert_memory_equal(k->shape, ((size_t[]){ 3, 2, 2, 3 }), 4 * sizeof(size_t));
    for (size_t f = 0; f < 3; f++)
        for (size_t i = 0; i < 2; i++)
            for (size_t y = 0; y < 2; y++)
                for (size_t x = 0; x < 3; x++)
                    assert_true(((float *)k->data)[((f * 2 + i) * 2 + y) * 3 + x] ==
                                ((float *)ours->data)[((y * 3 + x) * 2 + i) * 3 + f]);
    const sori_array *fc = saved(c, m, SORI_LAYOUT_TORCH, NULL, "fc.weight");   /* of a 3 x 3 image, 3 channels */
    const sori_array *flat = saved(c, m, SORI_LAYOUT_TORCH, NULL, "flat.running_var");
    const float *rows = sori_get_weight(m, "fc/kernel")->data, *var = sori_get_weight(m, "flat/moving_variance")->data;
    assert_memory_equal(fc->shape, ((size_t[]){ 2, 27 }), 2 * sizeof(size_t));
    for (size_t channel = 0; channel < 3; channel++)
        for (size_t at = 0; at < 9; at++) {
            assert_true(((float *)flat->data)[channel * 9 + at] == var[at * 3 + channel]);
            for (size_t u = 0; u < 2; u++)
                assert_true(((float *)fc->data)[u * 27 + channel * 9 + at] == rows[(at * 3 + channel) * 2 + u]);
        }
    sori_model_free(m);
    sori_close(c);
}

static void names_are_kerass_or_yours(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = model(c, table);
    const sori_name_map names[] = { { "conv", "features.0" }, { "fc/kernel", "w" }, { "fc", "head" }, { NULL, NULL } };
    saved(c, m, SORI_LAYOUT_KERAS, NULL, "bn/moving_variance");
    saved(c, m, SORI_LAYOUT_TORCH, names, "features.0.bias");
    saved(c, m, SORI_LAYOUT_TORCH, names, "w");
    saved(c, m, SORI_LAYOUT_TORCH, names, "head.bias");
    assert_int_equal(sori_weights_load(m, PATH, SORI_LAYOUT_TORCH, names), SORI_OK);
    /* a Keras model's name in front */
    size_t n;
    sori_weights_save(m, PATH, SORI_LAYOUT_KERAS, NULL);
    const sori_named *items = sori_load_safetensors(c, PATH, &n, NULL);
    sori_named *longer = calloc(n, sizeof *longer);
    char text[16][64];
    for (size_t i = 0; i < n; i++) {
        snprintf(text[i], sizeof text[i], "sequential_1/%s", items[i].name);
        longer[i] = (sori_named){ text[i], items[i].array };
    }
    sori_save_safetensors(c, PATH, longer, n, NULL);
    assert_int_equal(sori_weights_load(m, PATH, SORI_LAYOUT_KERAS, NULL), SORI_OK);
    free(longer);
    sori_model_free(m);
    sori_close(c);
}

/* PyTorch's gates are rows, GRU's r, z, n where ours are z, r, n; LSTM's second bias is zeros. */
static void gates_are_put_in_order(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = model(c, over_time);
    const float *ours = sori_get_weight(m, "gru/kernel")->data, *bias = sori_get_weight(m, "gru/bias")->data;
    const sori_array *w = saved(c, m, SORI_LAYOUT_TORCH, NULL, "gru.weight_ih_l0");
    const sori_array *b = saved(c, m, SORI_LAYOUT_TORCH, NULL, "gru.bias_hh_l0");
    static const size_t order[] = { 1, 0, 2 };
    assert_memory_equal(w->shape, ((size_t[]){ 6, 6 }), 2 * sizeof(size_t));
    for (size_t g = 0; g < 3; g++)
        for (size_t u = 0; u < 2; u++) {
            assert_true(((float *)b->data)[g * 2 + u] == bias[6 + order[g] * 2 + u]);
            for (size_t i = 0; i < 6; i++)
                assert_true(((float *)w->data)[(g * 2 + u) * 6 + i] == ours[i * 6 + order[g] * 2 + u]);
        }
    const sori_array *zeros = saved(c, m, SORI_LAYOUT_TORCH, NULL, "lstm.bias_hh_l0_reverse");
    for (size_t i = 0; i < 12; i++) assert_true(((float *)zeros->data)[i] == 0);
    const sori_array *in = saved(c, m, SORI_LAYOUT_TORCH, NULL, "look.in_proj_weight");   /* query, key, value */
    const float *key = sori_get_weight(m, "look/key_kernel")->data;
    assert_memory_equal(in->shape, ((size_t[]){ 30, 10 }), 2 * sizeof(size_t));
    for (size_t i = 0; i < 100; i++) assert_true(((float *)in->data)[100 + i] == key[i % 10 * 10 + i / 10]);
    saved(c, m, SORI_LAYOUT_TORCH, NULL, "look.out_proj.bias");
    saved(c, m, SORI_LAYOUT_KERAS, NULL, "look/attention_output/kernel");
    saved(c, m, SORI_LAYOUT_KERAS, NULL, "gru/gru_cell/recurrent_kernel");
    saved(c, m, SORI_LAYOUT_KERAS, NULL, "lstm/backward_lstm/lstm_cell/bias");
    saved(c, m, SORI_LAYOUT_KERAS, NULL, "both/forward_gru/gru_cell/kernel");
    sori_model_free(m);
    sori_close(c);
}

/* A model that has predicted sees the new weights, whatever it keeps packed. */
static void predictions_follow(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *a = model(c, table), *b = model(c, table);
    sori_array *x = sori_array_new(c, SORI_F32, 4, (size_t[]){ 1, 4, 5, 2 });
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)i;
    memset(b->w, 0, b->param_count * sizeof(float));
    sori_array *before = sori_predict(b, x);
    sori_weights_save(a, PATH, SORI_LAYOUT_TORCH, NULL);
    sori_weights_load(b, PATH, SORI_LAYOUT_TORCH, NULL);
    const sori_array *want = sori_predict(a, x), *got = sori_predict(b, x);
    assert_ok(c);
    assert_memory_equal(got->data, want->data, 2 * sizeof(float));
    assert_memory_not_equal(got->data, before->data, 2 * sizeof(float));
    sori_model_free(a);
    sori_model_free(b);
    sori_close(c);
}

/* Double models write and read doubles. */
static void exact_models_keep_their_digits(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 1 }));
    sori_compile(m, &(sori_compile_config){ .exact = true });
    double w[2] = { 1.0 / 3, 2.0 / 3 };
    sori_set_weight(m, "dense/kernel", sori_array_from(c, SORI_F64, 2, (size_t[]){ 2, 1 }, w));
    const sori_array *k = saved(c, m, SORI_LAYOUT_TORCH, NULL, "dense.weight");
    assert_int_equal(k->dtype, SORI_F64);
    assert_memory_equal(k->data, w, sizeof w);
    sori_model_free(m);
    sori_close(c);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

/* The file of `written`, read into the model of `table`: the sentence, and no weight changed. */
static void refused(const sori_layer *written, sori_layout as, sori_layout read, const sori_name_map *names,
                    sori_status status, const char *sentence) {
    sori_ctx *c = sori_open(NULL);
    sori_model *a = model(c, written), *b = model(c, table);
    sori_weights_save(a, PATH, as, NULL);
    assert_ok(c);
    memset(b->w, 0, b->param_count * sizeof(float));
    assert_int_equal(sori_weights_load(b, PATH, read, names), status);
    if (!strstr(sori_message(c), sentence)) fail_msg("'%s' does not say '%s'", sori_message(c), sentence);
    for (size_t i = 0; i < b->param_count; i++) assert_true(((float *)b->w)[i] == 0);
    sori_model_free(a);
    sori_model_free(b);
    sori_close(c);
}

static void changed(int row, sori_layer other, sori_layout layout, const char *sentence) {
    sori_layer layers[BASE_COUNT(table)];
    memcpy(layers, table, sizeof table);
    layers[row] = other;
    refused(layers, layout, layout, NULL, SORI_EFORMAT, sentence);
}

static void files_that_do_not_fit_are_named(void **state) {
    (void)state;
    const sori_layer wide = { .op = SORI_DENSE, .name = "fc", .units = 3 };
    const sori_layer bare = { .op = SORI_DENSE, .name = "fc", .units = 2, .no_bias = true };
    const sori_layer more = { .op = SORI_DENSE, .name = "more", .units = 27 };
    changed(4, wide, SORI_LAYOUT_TORCH, "tensor 'fc.weight' is (3, 27), the model's fc/kernel needs (2, 27)");
    changed(4, wide, SORI_LAYOUT_KERAS, "tensor 'fc/kernel' is (27, 3), the model's fc/kernel needs (27, 2)");
    changed(4, bare, SORI_LAYOUT_TORCH, "no tensor 'fc.bias' for the model's fc/bias (2)");
    changed(3, more, SORI_LAYOUT_TORCH, "no tensor 'flat.weight' for the model's flat/gamma (27)");
    refused(table, SORI_LAYOUT_KERAS, SORI_LAYOUT_TORCH, NULL, SORI_EFORMAT, "no tensor 'conv.weight' for the model's "
            "conv/kernel (2, 3, 2, 3)");
    sori_layer longer[BASE_COUNT(table) + 1];
    memcpy(longer, table, sizeof table);
    longer[5] = (sori_layer){ .op = SORI_DENSE, .name = "extra", .units = 1, .no_bias = true };
    longer[6] = (sori_layer){ 0 };
    refused(longer, SORI_LAYOUT_TORCH, SORI_LAYOUT_TORCH, NULL, SORI_EFORMAT,
            "tensor 'extra.weight' (1, 2) has no place in the model");
    const sori_name_map unknown[] = { { "conv9", "x" }, { NULL, NULL } }, empty[] = { { "fc", NULL }, { NULL, NULL } };
    refused(table, SORI_LAYOUT_TORCH, SORI_LAYOUT_TORCH, unknown, SORI_EINVAL,
            "weights: the name map has 'conv9', which no layer or weight is called");
    refused(table, SORI_LAYOUT_TORCH, SORI_LAYOUT_TORCH, empty, SORI_EINVAL, "has nothing for 'fc'");
    refused(table, SORI_LAYOUT_TORCH, (sori_layout)7, NULL, SORI_EINVAL, "weights: no layout 7");
}

static void whole_numbers_are_no_weights(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 1, .no_bias = true }));
    sori_array *a = sori_array_new(c, SORI_I32, 2, (size_t[]){ 1, 2 });
    sori_save_safetensors(c, PATH, &(sori_named){ "dense.weight", a }, 1, NULL);
    assert_int_equal(sori_weights_load(m, PATH, SORI_LAYOUT_TORCH, NULL), SORI_EFORMAT);
    assert_non_null(strstr(sori_message(c), "tensor 'dense.weight' is of int32, weights are float"));
    sori_clear(c);
    assert_int_equal(sori_weights_load(m, TEST_SCRATCH "/none.safetensors", SORI_LAYOUT_TORCH, NULL), SORI_EIO);
    sori_clear(c);
    SAYS(c, sori_weights_load(m, NULL, SORI_LAYOUT_TORCH, NULL), "weights: no file given");
    assert_int_equal(sori_weights_load(NULL, PATH, SORI_LAYOUT_TORCH, NULL), SORI_EINVAL);
    assert_int_equal(sori_weights_save(NULL, PATH, SORI_LAYOUT_TORCH, NULL), SORI_EINVAL);
    sori_model_free(m);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_comes_back), cmocka_unit_test(kernels_are_turned),
        cmocka_unit_test(names_are_kerass_or_yours), cmocka_unit_test(exact_models_keep_their_digits),
        cmocka_unit_test(gates_are_put_in_order), cmocka_unit_test(predictions_follow),
        cmocka_unit_test(files_that_do_not_fit_are_named), cmocka_unit_test(whole_numbers_are_no_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
