/* LSTM, GRU and attention through the public interface: tables that are refused, shapes, names and counts of weights,
 * one answer on any number of threads and in any batch, and a task that needs memory. */
#include "test.h"
#include "nn/nn.h"

static void refused(sori_shape input, sori_layer layer, const char *sentence) {
    sori_ctx *c = sori_open(NULL);
    assert_null(sori_sequential(c, input, (const sori_layer[]){ layer, { 0 } }));
    assert_int_equal(sori_error(c), SORI_EMODEL);
    assert_string_equal(sori_message(c), sentence);
    sori_close(c);
}

static void bad_tables_are_named(void **state) {
    (void)state;
    refused(SORI_SHAPE(9), (sori_layer){ .op = SORI_LSTM, .units = 3 },
            "layer lstm: needs [..., time, channel], got 1 axis");
    refused(SORI_SHAPE(9, 2), (sori_layer){ .op = SORI_LSTM }, "layer lstm: units 0 is outside 1..16384");
    refused(SORI_SHAPE(9, 2), (sori_layer){ .op = SORI_GRU, .units = 16385 },
            "layer gru: units 16385 is outside 1..16384");
    refused(SORI_SHAPE(9, 2), (sori_layer){ .op = SORI_GRU, .units = 2, .act = SORI_RELU },
            "layer gru: act is built in (tanh, sigmoid); another needs a layer of its own");
    refused(SORI_SHAPE(100000, 2), (sori_layer){ .op = SORI_LSTM, .units = 16384 },
            "layer lstm: 100000 steps of 16384 units are too many");
    refused(SORI_SHAPE(9), (sori_layer){ .op = SORI_ATTENTION },
            "layer multi_head_attention: needs [..., time, channel], got 1 axis");
    refused(SORI_SHAPE(9, 2), (sori_layer){ .op = SORI_ATTENTION, .heads = -1 },
            "layer multi_head_attention: heads -1 is outside 1..65536");
    refused(SORI_SHAPE(9, 4), (sori_layer){ .op = SORI_ATTENTION, .heads = 3 },
            "layer multi_head_attention: units is not given and 4 channels do not divide into 3 heads");
    refused(SORI_SHAPE(9, 4), (sori_layer){ .op = SORI_ATTENTION, .units = -2 },
            "layer multi_head_attention: units -2 is outside 1..65536");
    refused(SORI_SHAPE(1000000, 4), (sori_layer){ .op = SORI_ATTENTION },
            "layer multi_head_attention: 1000000 steps of 1 heads are too many");
}

/* Shapes and counts are those of Keras 3 for the same layers. */
static void shapes_and_weights(void **state) {
    (void)state;
    static const struct { sori_layer layer; sori_shape in, out; size_t params; const char *weight; } cases[] = {
        { { .op = SORI_LSTM, .units = 64 }, { { 130, 13 } }, { { 64 } }, 19968, "l/recurrent_kernel" },
        { { .op = SORI_GRU, .units = 64, .return_sequences = true }, { { 130, 13 } }, { { 130, 64 } }, 15168,
          "l/bias" },
        { { .op = SORI_LSTM, .units = 8, .bidirectional = true }, { { 5, 3 } }, { { 16 } }, 768, "l/backward_bias" },
        { { .op = SORI_GRU, .units = 8, .bidirectional = true, .return_sequences = true }, { { 2, 5, 3 } },
          { { 2, 5, 16 } }, 624, "l/forward_kernel" },
        { { .op = SORI_ATTENTION, .heads = 4, .units = 8 }, { { 5, 16 } }, { { 5, 16 } }, 2160, "l/query_bias" },
        { { .op = SORI_ATTENTION, .heads = 4 }, { { 2, 5, 16 } }, { { 2, 5, 16 } }, 1088, "l/output_kernel" },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        sori_layer layer = cases[i].layer;
        layer.name = "l";
        sori_model *m = sori_sequential(c, cases[i].in, (const sori_layer[]){ layer, { 0 } });
        assert_ok(c);
        sori_shape out = sori_model_output(m);
        assert_memory_equal(&out, &cases[i].out, sizeof out);
        assert_int_equal(sori_model_params(m, true), cases[i].params);
        assert_non_null(sori_get_weight(m, cases[i].weight));
        sori_model_free(m);
    }
    sori_close(c);
}

/* Which of two halves holds the spike: the answer must be carried through the steps after it. */
static void make_spikes(sori_ctx *c, size_t n, sori_array **x, sori_array **y) {
    *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ n, 20, 3 });
    *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ n, 2 });
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < n; i++) {
        size_t at = base_rng_below(&r, 20);
        ((float *)(*x)->data)[(i * 20 + at) * 3 + 1] = 2;
        ((float *)(*y)->data)[2 * i + at / 10] = 1;
    }
}

static sori_model *spike_model(sori_ctx *c) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(20, 3), SORI_LAYERS(
        { .op = SORI_LSTM, .units = 24, .return_sequences = true, .bidirectional = true },
        { .op = SORI_ATTENTION, .heads = 2 },
        { .op = SORI_GRU, .units = 17 },
        { .op = SORI_DENSE, .units = 2, .act = SORI_SOFTMAX }));
    sori_compile(m, &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM, .learning_rate = 0.01 },
                                            .loss = SORI_CATEGORICAL_CROSSENTROPY });
    return m;
}

static uint64_t train(int threads, double *accuracy) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads, .seed = 3 });
    sori_array *x, *y;
    make_spikes(c, 200, &x, &y);
    sori_model *m = spike_model(c);
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 12 });
    sori_evaluate(m, x, y, NULL, accuracy);
    assert_ok(c);
    uint64_t hash = base_hash(BASE_HASH_START, m->w, m->param_count * sizeof(float));
    sori_model_free(m);
    sori_close(c);
    return hash;
}

static void learns_the_same_on_any_threads(void **state) {
    (void)state;
    double accuracy;
    uint64_t one = train(1, &accuracy);
    assert_true(accuracy > 0.95);
    for (int threads = 2; threads <= 8; threads *= 2) assert_true(train(threads, &accuracy) == one);
}

/* Alone, among others, and trained or not: a sample's bits are its own. */
static void answers_do_not_depend_on_the_batch(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    sori_array *x, *y;
    make_spikes(c, 37, &x, &y);
    sori_model *m = spike_model(c);
    sori_array *all = sori_predict(m, x);
    for (size_t i = 0; i < 37; i++) {
        sori_array *one = sori_predict(m, sori_array_from(c, SORI_F32, 3, (size_t[]){ 1, 20, 3 },
                                                          (float *)x->data + i * 60));
        assert_ok(c);
        assert_memory_equal(one->data, (float *)all->data + 2 * i, 2 * sizeof(float));
    }
    sori_model_free(m);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_tables_are_named), cmocka_unit_test(shapes_and_weights),
        cmocka_unit_test(learns_the_same_on_any_threads), cmocka_unit_test(answers_do_not_depend_on_the_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
