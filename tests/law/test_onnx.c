/* Networks to ONNX and back: the same predictions, the same file again, the structure that was promised.
 *
 * Every layer with an operator stands in a table below. With --write FOLDER this program writes each network as
 * NAME.onnx and an input and its predictions as NAME.safetensors, for tools/golden/check_onnx.py. */
#include "test.h"
#include "base/base.h"
#include <sori/sori.h>

#define FILE_PATH TEST_SCRATCH "/model.onnx"
#define FILE_AGAIN TEST_SCRATCH "/again.onnx"
#define BATCH_SIZE 3

typedef struct network {
    const char *name;
    sori_shape input;
    const sori_layer *layers;
    const char *no_way_back;   /* why the import refuses it; NULL: it does not */
} network;
#define NET(name, ...) static const sori_layer name##_layers[] = { __VA_ARGS__, { 0 } }
#define SHAPE(...) { { __VA_ARGS__ } }

NET(dense, { .op = SORI_DENSE, .units = 7, .act = SORI_RELU }, { .op = SORI_DENSE, .units = 3, .no_bias = true });
NET(rows, { .op = SORI_DENSE, .units = 6, .act = SORI_TANH }, { .op = SORI_DENSE, .units = 5, .no_bias = true });
NET(axis, { .op = SORI_DENSE, .units = 6, .axis = 1, .act = SORI_SIGMOID },
    { .op = SORI_DENSE, .units = 2, .axis = 2 });
NET(conv2d, { .op = SORI_CONV2D, .filters = 5, .kernel = { 3, 2 }, .act = SORI_RELU },
    { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 }, .strides = { 2, 1 }, .padding = SORI_SAME, .no_bias = true },
    { .op = SORI_CONV2D, .filters = 3, .kernel = { 2, 3 }, .dilation = { 2, 1 }, .padding = SORI_EXPLICIT,
      .pad = { 1, 2, 0, 3 } });
NET(conv1d, { .op = SORI_CONV1D, .filters = 6, .kernel = { 4 }, .strides = { 3 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM, .act = SORI_RELU }, { .op = SORI_CONV1D, .filters = 4, .kernel = { 3 }, .dilation = { 2 } },
    { .op = SORI_MAXPOOL1D }, { .op = SORI_AVGPOOL1D, .kernel = { 3 }, .strides = { 1 }, .padding = SORI_SAME },
    { .op = SORI_GLOBAL_AVGPOOL1D });
NET(transposed, { .op = SORI_CONV2D_TRANSPOSE, .filters = 4, .kernel = { 3, 2 }, .strides = { 2, 3 } },
    { .op = SORI_CONV2D_TRANSPOSE, .filters = 3, .kernel = { 3, 3 }, .strides = { 2, 1 }, .padding = SORI_SAME });
NET(transposed1d,
    { .op = SORI_CONV1D_TRANSPOSE, .filters = 4, .kernel = { 5 }, .strides = { 2 }, .padding = SORI_SAME },
    { .op = SORI_CONV1D_TRANSPOSE, .filters = 2, .kernel = { 4 }, .strides = { 2 }, .padding = SORI_EXPLICIT,
      .pad = { 1, 1 }, .no_bias = true });
NET(pools, { .op = SORI_MAXPOOL2D, .kernel = { 3, 3 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_AVGPOOL2D, .kernel = { 2, 3 }, .strides = { 1, 1 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM }, { .op = SORI_MAXPOOL2D, .name = "last_pool" },
    { .op = SORI_GLOBAL_AVGPOOL2D, .name = "mean" },
    { .op = SORI_GLOBAL_MAXPOOL2D, .name = "max", .from = { "last_pool" } },
    { .op = SORI_CONCAT, .from = { "mean", "max" } },
    { .op = SORI_DROPOUT, .rate = 0.3 }, { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX });
NET(maxima1d, { .op = SORI_GLOBAL_MAXPOOL1D });
NET(activations, { .op = SORI_DENSE, .units = 8, .act = SORI_GELU }, { .op = SORI_DENSE, .units = 8, .act = SORI_SILU },
    { .op = SORI_DENSE, .units = 8, .act = SORI_ELU, .alpha = 0.7 },
    { .op = SORI_DENSE, .units = 8, .act = SORI_LEAKY_RELU },
    { .op = SORI_DENSE, .units = 8, .act = SORI_SOFTPLUS }, { .op = SORI_DENSE, .units = 8, .act = SORI_HARD_SIGMOID },
    { .op = SORI_DENSE, .units = 8, .act = SORI_RELU6 }, { .op = SORI_ACTIVATION, .act = SORI_TANH });
NET(image_softmax, { .op = SORI_CONV2D, .filters = 3, .kernel = { 2, 2 }, .act = SORI_SOFTMAX },
    { .op = SORI_ACTIVATION, .act = SORI_SIGMOID });
NET(shapes, { .op = SORI_ZERO_PADDING, .pad = { 1, 2, 0, 1 } }, { .op = SORI_CROPPING, .pad = { 0, 1, 2, 0 } },
    { .op = SORI_PERMUTE, .shape = { 3, 1, 2 } }, { .op = SORI_RESHAPE, .shape = { 7, 6, 2 } },
    { .op = SORI_CONV2D, .filters = 3, .kernel = { 2, 2 } }, { .op = SORI_FLATTEN },
    { .op = SORI_DENSE, .units = 4, .act = SORI_SOFTMAX });
NET(larger, { .op = SORI_UPSAMPLING, .kernel = { 2, 3 } }, { .op = SORI_CONV2D, .filters = 3, .kernel = { 3, 3 } },
    { .op = SORI_UPSAMPLING, .bilinear = true }, { .op = SORI_PRELU });
NET(merged, { .op = SORI_CONV2D, .name = "a", .filters = 4, .kernel = { 3, 3 }, .padding = SORI_SAME },
    { .op = SORI_CONV2D, .name = "b", .filters = 4, .kernel = { 1, 1 }, .from = { "input" } },
    { .op = SORI_ADD, .name = "sum", .from = { "a", "b" }, .act = SORI_RELU },
    { .op = SORI_MULTIPLY, .name = "product", .from = { "a", "b", "sum" } },
    { .op = SORI_CONCAT, .name = "wide", .from = { "sum", "product", "a" } },
    { .op = SORI_CONCAT, .name = "tall", .from = { "wide", "wide" }, .axis = 1 });
NET(norms, { .op = SORI_LAYERNORM }, { .op = SORI_INSTANCENORM, .epsilon = 1e-5 },
    { .op = SORI_GROUPNORM, .groups = 2, .act = SORI_RELU }, { .op = SORI_SPATIAL_DROPOUT, .rate = 0.2 });
NET(lstm, { .op = SORI_LSTM, .units = 5, .return_sequences = true }, { .op = SORI_LSTM, .units = 4 },
    { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX });
NET(gru, { .op = SORI_GRU, .units = 5, .return_sequences = true, .bidirectional = true },
    { .op = SORI_GRU, .units = 4, .bidirectional = true });
NET(both_ways, { .op = SORI_LSTM, .units = 5, .return_sequences = true, .bidirectional = true },
    { .op = SORI_LSTM, .units = 4, .bidirectional = true, .no_bias = true });
NET(backwards, { .op = SORI_LSTM, .units = 4, .go_backwards = true });
NET(images_in_time, { .op = SORI_GRU, .units = 4, .return_sequences = true });
NET(attention, { .op = SORI_ATTENTION, .heads = 2, .units = 3, .act = SORI_RELU },
    { .op = SORI_ATTENTION, .no_bias = true });
NET(words, { .op = SORI_EMBEDDING, .vocabulary = 9, .units = 4 }, { .op = SORI_GLOBAL_AVGPOOL1D },
    { .op = SORI_DENSE, .units = 2 });

static const network networks[] = {
    { "dense", SHAPE(6), dense_layers }, { "rows", SHAPE(4, 3), rows_layers }, { "axis", SHAPE(4, 3, 2), axis_layers },
    { "conv2d", SHAPE(9, 8, 3), conv2d_layers }, { "conv1d", SHAPE(40, 2), conv1d_layers },
    { "transposed", SHAPE(5, 4, 3), transposed_layers }, { "transposed1d", SHAPE(7, 3), transposed1d_layers },
    { "pools", SHAPE(11, 13, 4), pools_layers }, { "maxima1d", SHAPE(6, 5), maxima1d_layers },
    { "activations", SHAPE(6), activations_layers }, { "image_softmax", SHAPE(4, 5, 2), image_softmax_layers },
    { "shapes", SHAPE(5, 7, 2), shapes_layers }, { "larger", SHAPE(4, 5, 2), larger_layers },
    { "merged", SHAPE(6, 5, 2), merged_layers }, { "norms", SHAPE(5, 4, 6), norms_layers },
    { "lstm", SHAPE(6, 4), lstm_layers }, { "gru", SHAPE(6, 4), gru_layers },
    { "both_ways", SHAPE(6, 4), both_ways_layers },
    { "backwards", SHAPE(6, 4), backwards_layers }, { "images_in_time", SHAPE(3, 5, 4), images_in_time_layers,
      "node gru/sequences (Reshape): a shape into which the samples do not go one by one" },
    { "attention", SHAPE(5, 4), attention_layers,
      "node multi_head_attention/products (MatMul): input 2 must be a constant" },
    { "words", SHAPE(7), words_layers },
};

/* Weights that make no operator a matter of course: a batch norm's differ from 0 and 1. */
static void draw_weights(sori_ctx *c, sori_model *m, double scale) {
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < sori_weight_count(m); i++) {
        const char *name = sori_weight_name(m, i);
        sori_array *w = sori_get_weight(m, name);
        bool variance = strstr(name, "variance") || strstr(name, "gamma");
        for (size_t k = 0; k < w->size; k++)
            ((float *)w->data)[k] = (float)(variance ? 0.5 + base_rng_uniform(&r)
                                                    : scale * (base_rng_uniform(&r) - 0.5));
        sori_set_weight(m, name, w);
    }
    assert_ok(c);
}

static sori_array *draw_input(sori_ctx *c, const network *net) {
    size_t shape[5] = { BATCH_SIZE };
    int ndim = 1;
    while (ndim < 5 && net->input.dim[ndim - 1]) shape[ndim] = (size_t)net->input.dim[ndim - 1], ndim++;
    sori_array *x = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(6, BASE_RNG_TEST, 0, 0);
    bool whole = net->layers[0].op == SORI_EMBEDDING;
    for (size_t i = 0; x && i < x->size; i++)
        ((float *)x->data)[i] = whole ? (float)base_rng_below(&r, 9) : (float)(2 * base_rng_uniform(&r) - 1);
    return x;
}

static sori_model *make(sori_ctx *c, const network *net) {
    sori_model *m = sori_sequential(c, net->input, net->layers);
    assert_ok(c);
    draw_weights(c, m, 1);
    return m;
}

static void assert_equal_predictions(sori_model *a, sori_model *b, const sori_array *x, const char *name) {
    sori_array *p = sori_predict(a, x), *q = sori_predict(b, x);
    assert_true(p && q);
    assert_int_equal(p->ndim, q->ndim);
    assert_int_equal(p->size, q->size);
    for (size_t i = 0; i < p->size; i++) {
        double u = (double)((float *)p->data)[i], v = (double)((float *)q->data)[i];
        if (!(fabs(u - v) <= 1e-6 + 1e-6 * fabs(u))) fail_msg("%s: %g became %g", name, u, v);
    }
}

static void there_and_back(void **state) {
    (void)state;
    for (size_t i = 0; i < BASE_COUNT(networks); i++) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = 1 });
        sori_model *m = make(c, &networks[i]), *back;
        sori_export_onnx(m, FILE_PATH);
        back = sori_import_onnx(c, FILE_PATH);
        if (networks[i].no_way_back) {
            assert_null(back);
            assert_int_equal(sori_error(c), SORI_EMODEL);
            if (!strstr(sori_message(c), networks[i].no_way_back)) fail_msg("%s", sori_message(c));
            sori_model_free(m);
            sori_close(c);
            continue;
        }
        if (sori_error(c)) fail_msg("%s: %s", networks[i].name, sori_message(c));
        assert_equal_predictions(m, back, draw_input(c, &networks[i]), networks[i].name);
        sori_model_free(back);
        sori_model_free(m);
        sori_close(c);
    }
}

/* A model of the zoo. */
static sori_model *zoo_model(sori_ctx *c, const sori_zoo_entry *entry, network *net) {
    *net = (network){ entry->name, entry->input, (const sori_layer[]){ { .op = SORI_DENSE } }, NULL };
    sori_model *m = sori_zoo_model(c, entry->name, entry->input, 4);
    assert_ok(c);
    draw_weights(c, m, 0.1);   /* else the softmax is 0 and 1 */
    return m;
}

static void zoo(void **state) {
    (void)state;
    const sori_zoo_entry *entry;
    for (size_t i = 0; (entry = sori_zoo_at(i)); i++) {
        network net;
        sori_ctx *c = sori_open(NULL);
        sori_model *m = zoo_model(c, entry, &net), *back;
        sori_export_onnx(m, FILE_PATH);
        back = sori_import_onnx(c, FILE_PATH);
        if (sori_error(c)) fail_msg("%s: %s", net.name, sori_message(c));
        assert_equal_predictions(m, back, draw_input(c, &net), net.name);
        sori_model_free(back);
        sori_model_free(m);
        sori_close(c);
    }
}

/* The same network gives the same bytes; operators that sori has not are all listed with their nodes. */
static void files(void **state) {
    (void)state;
    size_t n = 0, k = 0;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = make(c, &networks[3]);
    sori_export_onnx(m, FILE_PATH);
    sori_export_onnx(m, FILE_AGAIN);
    char *a = base_read_file(c, FILE_PATH, 1 << 20, &n), *b = base_read_file(c, FILE_AGAIN, 1 << 20, &k);
    assert_ok(c);
    assert_int_equal(n, k);
    assert_memory_equal(a, b, n);
    for (size_t i = 0; i + 4 < n; i++)   /* "Conv" -> "Clnv", "Relu" -> "Rflu" */
        if (!memcmp(a + i, "\"\004Conv", 6) || !memcmp(a + i, "\"\004Relu", 6)) a[i + 3]++;
    FILE *f = fopen(FILE_PATH, "wb");
    assert_true(f && fwrite(a, 1, n, f) == n && fclose(f) == 0);
    assert_null(sori_import_onnx(c, FILE_PATH));
    assert_int_equal(sori_error(c), SORI_EMODEL);
    assert_string_equal(sori_message(c), FILE_PATH ": 4 operators that sori has not: Cpnv (conv2d/linear), "
                        "Rflu (conv2d/channels_first), Cpnv (conv2d_1/channels_first), Cpnv (conv2d_2/channels_first)");
    sori_clear(c);
    base_free(c, a);
    base_free(c, b);
    sori_model_free(m);
    sori_model *stft = sori_sequential(c, SORI_SHAPE(400), SORI_LAYERS({ .op = SORI_STFT, .n_fft = 64 }));
    assert_int_equal(sori_export_onnx(stft, FILE_PATH), SORI_EUNSUP);
    assert_string_equal(sori_message(c), FILE_PATH ": 1 layers have no ONNX operator: stft (STFT)");
    sori_model_free(stft);
    sori_close(c);
}

static void write_one(sori_ctx *c, sori_model *m, const char *folder, const char *kind,
                      const network *net) {
    char path[1024];
    sori_array *x = draw_input(c, net);
    sori_named items[] = { { "x", x }, { "y", sori_predict(m, x) } };
    snprintf(path, sizeof path, "%s/%s%s.onnx", folder, kind, net->name);
    sori_export_onnx(m, path);
    snprintf(path, sizeof path, "%s/%s%s.safetensors", folder, kind, net->name);
    sori_save_safetensors(c, path, items, 2, NULL);
    if (sori_error(c)) printf("%s\n", sori_message(c));
    sori_model_free(m);
}

static int write_all(const char *folder) {
    const sori_zoo_entry *entry;
    network net;
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(networks); i++) write_one(c, make(c, &networks[i]), folder, "", &networks[i]);
    for (size_t i = 0; (entry = sori_zoo_at(i)); i++) write_one(c, zoo_model(c, entry, &net), folder, "zoo_", &net);
    sori_close(c);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "--write")) return write_all(argv[2]);
    const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(zoo),
                                        cmocka_unit_test(files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
