/* Gradient check in double: for every layer and loss, the backward pass against central differences of the loss. */
#include "law/gradient.h"

static void dense_and_activations(void **state) {
    (void)state;
    for (sori_act act = SORI_LINEAR; act < SORI_ACT_COUNT; act++) {
        check_model(SORI_SHAPE(4), SORI_LAYERS({ .op = SORI_DENSE, .units = 5, .act = act },
                                               { .op = SORI_DENSE, .units = 3 }), &mse, 6);
        check_model(SORI_SHAPE(3, 2, 4), SORI_LAYERS({ .op = SORI_DENSE, .units = 37, .act = act, .l2 = 0.01 },
                                                     { .op = SORI_ACTIVATION, .act = SORI_TANH },
                                                     { .op = SORI_DENSE, .units = 2, .no_bias = true }), &mse, 5);
    }
}

static void small_networks(void **state) {
    (void)state;
    for (sori_act act = SORI_LINEAR; act <= SORI_TANH; act++)
        check_model(SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 5, .act = act },
                                               { .op = SORI_DENSE, .units = 3, .act = act, .l2 = 0.1 },
                                               { .op = SORI_DENSE, .units = 2, .no_bias = true, .act = SORI_SIGMOID }),
                    &(sori_compile_config){ .loss = SORI_BINARY_CROSSENTROPY }, 7);
}

/* Large enough for gradients by rows, several shards and panels of every width. */
static void wide_dense(void **state) {
    (void)state;
    check_model(SORI_SHAPE(700), SORI_LAYERS({ .op = SORI_DENSE, .units = 139, .act = SORI_TANH },
                                             { .op = SORI_DENSE, .units = 523, .act = SORI_SIGMOID },
                                             { .op = SORI_DENSE, .units = 2 }), &mse, 8);
}

static void convolution(void **state) {
    (void)state;
    for (sori_padding padding = SORI_VALID; padding <= SORI_SAME; padding++)
        for (int stride = 1; stride <= 2; stride++)
            check_model(
                SORI_SHAPE(7, 6, 3),
                SORI_LAYERS(
                    { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 2 }, .padding = padding, .act = SORI_TANH },
                    { .op = SORI_CONV2D,
                      .filters = 19,
                      .kernel = { 2, 3 },
                      .strides = { stride, 1 },
                      .padding = padding,
                      .l2 = 0.1 },
                    { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }),
                &mse, 3);
    check_model(
        SORI_SHAPE(30, 20, 2), /* several tiles and shards */
        SORI_LAYERS({ .op = SORI_CONV2D, .filters = 16, .kernel = { 3, 3 }, .padding = SORI_SAME },
                    { .op = SORI_CONV2D, .filters = 9, .kernel = { 5, 5 }, .no_bias = true, .act = SORI_TANH },
                    { .op = SORI_GLOBAL_AVGPOOL2D }),
        &mse, 4);
}

/* 3x3 on 16 channels and more goes through Winograd's transforms; sizes that are no multiple of a tile. */
static void convolution_of_many_channels(void **state) {
    (void)state;
    for (sori_padding padding = SORI_VALID; padding <= SORI_SAME; padding++)
        check_model(SORI_SHAPE(11, 9, 2),
                    SORI_LAYERS({ .op = SORI_CONV2D, .filters = 17, .kernel = { 3, 3 }, .padding = padding },
                                { .op = SORI_CONV2D, .filters = 24, .kernel = { 3, 3 }, .padding = padding,
                                  .act = SORI_RELU, .l1 = 0.01 },
                                { .op = SORI_CONV2D, .filters = 33, .kernel = { 3, 3 }, .padding = SORI_EXPLICIT,
                                  .pad = { 1, 0, 2, 1 }, .no_bias = true, .act = SORI_TANH },
                                { .op = SORI_GLOBAL_AVGPOOL2D }), &mse, 3);
}

/* Whole vectors of channels and some more, windows that overlap and that leave gaps, behind a ReLU or not. */
static void largest_of_many_channels(void **state) {
    (void)state;
    sori_act acts[] = { SORI_LINEAR, SORI_RELU };
    for (int i = 0; i < 2; i++)
        for (int stride = 1; stride <= 4; stride++)
            check_model(SORI_SHAPE(8, 9, 1),
                        SORI_LAYERS({ .op = SORI_CONV2D, .filters = 27, .kernel = { 3, 3 }, .act = acts[i] },
                                    { .op = SORI_MAXPOOL2D, .kernel = { 3, 3 }, .strides = { stride, stride },
                                      .padding = SORI_SAME },
                                    { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }), &mse, 3);
}

static void pooling(void **state) {
    (void)state;
    sori_op ops[] = { SORI_MAXPOOL2D, SORI_AVGPOOL2D };
    for (int i = 0; i < 2; i++)
        for (sori_padding padding = SORI_VALID; padding <= SORI_SAME; padding++)
            for (int stride = 0; stride <= 2; stride++)
                check_model(SORI_SHAPE(7, 5, 2),
                            SORI_LAYERS({ .op = SORI_DENSE, .units = 3 },
                                        { .op = ops[i], .kernel = { 3, 2 }, .strides = { stride, stride },
                                          .padding = padding },
                                        { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }), &mse, 3);
    check_model(SORI_SHAPE(4, 5, 2), SORI_LAYERS({ .op = SORI_DENSE, .units = 3 }, { .op = SORI_GLOBAL_MAXPOOL2D }),
                &mse, 3);
    check_model(SORI_SHAPE(4, 5, 2), SORI_LAYERS({ .op = SORI_DENSE, .units = 3 }, { .op = SORI_GLOBAL_AVGPOOL2D }),
                &mse, 3);
}

static void batch_norm(void **state) {
    (void)state;
    check_model(SORI_SHAPE(5),
                SORI_LAYERS({ .op = SORI_DENSE, .units = 4 }, { .op = SORI_BATCHNORM, .act = SORI_TANH },
                            { .op = SORI_DENSE, .units = 2 }),
                &mse, 7);
    check_model(SORI_SHAPE(20, 30, 2), /* two in a row, and several shards */
                SORI_LAYERS({ .op = SORI_CONV2D, .filters = 8, .kernel = { 3, 3 } }, { .op = SORI_BATCHNORM },
                            { .op = SORI_BATCHNORM, .epsilon = 0.1, .act = SORI_SIGMOID },
                            { .op = SORI_CONV2D, .filters = 12, .kernel = { 3, 3 } }, { .op = SORI_BATCHNORM },
                            { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }),
                &mse, 6);
}

static void dropout(void **state) {
    (void)state;
    check_model(SORI_SHAPE(9), SORI_LAYERS({ .op = SORI_DENSE, .units = 11 }, { .op = SORI_DROPOUT, .rate = 0.4 },
                                           { .op = SORI_DENSE, .units = 2 }), &mse, 5);
}

/* A value with two and three readers, one layer reading the same value twice, and shapes changed on the way. */
static void graphs(void **state) {
    (void)state;
    check_model(SORI_SHAPE(4, 6),
                SORI_LAYERS({ .op = SORI_DENSE, .name = "a", .units = 5, .act = SORI_TANH },
                            { .op = SORI_DENSE, .name = "b", .units = 5, .from = { "a" }, .act = SORI_SIGMOID },
                            { .op = SORI_ADD, .name = "sum", .from = { "a", "b", "a" } },
                            { .op = SORI_CONCAT, .name = "wide", .from = { "sum", "b", "input" } },
                            { .op = SORI_RESHAPE, .name = "image", .from = { "wide" }, .shape = { 8, 4, 2 } },
                            { .op = SORI_FLATTEN, .name = "flat", .from = { "image" } },
                            { .op = SORI_FLATTEN, .name = "again", .from = { "image" }, .act = SORI_TANH },
                            { .op = SORI_ADD, .from = { "flat", "again" } },
                            { .op = SORI_DENSE, .units = 3 }), &mse, 4);
}

static void losses(void **state) {
    (void)state;
    const sori_layer softmax[] = { { .op = SORI_DENSE, .units = 4, .act = SORI_TANH },
                                   { .op = SORI_DENSE, .units = 5, .act = SORI_SOFTMAX }, { 0 } };
    const sori_layer sigmoid[] = { { .op = SORI_DENSE, .units = 4, .act = SORI_TANH },
                                   { .op = SORI_DENSE, .units = 3, .act = SORI_SIGMOID }, { 0 } };
    check_model(SORI_SHAPE(6), softmax, &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY }, 5);
    check_model(SORI_SHAPE(6), softmax,
                &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY, .label_smoothing = 0.1 }, 5);
    check_model(SORI_SHAPE(6), softmax, &mse, 5);
    check_model(SORI_SHAPE(6), sigmoid, &(sori_compile_config){ .loss = SORI_BINARY_CROSSENTROPY }, 5);
    check_model(SORI_SHAPE(6), sigmoid, &mse, 5);
}

/* Fused losses (from the values before the activation) equal the plain ones (from the probabilities). */
static void fused_losses_equal_plain(void **state) {
    (void)state;
    const nn_kernels *k = nn_kernels_find(true, NULL);
    double x[4] = { 0.3, -1.2, 2.0, 0.1 }, p[4], t[4] = { 0, 0.25, 0.75, 0 }, dx[4], dp[4];
    memcpy(p, x, sizeof p);
    k->activate(SORI_SOFTMAX, 0, x, p, 1, 4);
    nn_loss_run a = { .loss = SORI_CATEGORICAL_CROSSENTROPY, .fused = true, .scale = 1, .n = 1, .rows = 1, .width = 4,
                      .p = x, .t = t, .dp = dx };
    nn_loss_run b = a;
    b.fused = false;
    b.p = p;
    b.dp = dp;
    k->loss(&a);
    k->loss(&b);
    k->activate_back(SORI_SOFTMAX, 0, x, p, dp, 1, 4);
    assert_close(a.loss_sum, b.loss_sum, 1e-12, 0);
    for (int i = 0; i < 4; i++) assert_close(dx[i], dp[i], 1e-12, 0);

    memcpy(p, x, sizeof p);
    k->activate(SORI_SIGMOID, 0, x, p, 1, 4);
    a.loss = b.loss = SORI_BINARY_CROSSENTROPY;
    k->loss(&a);
    k->loss(&b);
    k->activate_back(SORI_SIGMOID, 0, x, p, dp, 1, 4);
    assert_close(a.loss_sum, b.loss_sum, 1e-12, 0);
    for (int i = 0; i < 4; i++) assert_close(dx[i], dp[i], 1e-12, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_and_activations), cmocka_unit_test(wide_dense), cmocka_unit_test(small_networks),
        cmocka_unit_test(convolution),
        cmocka_unit_test(convolution_of_many_channels),
        cmocka_unit_test(pooling), cmocka_unit_test(largest_of_many_channels), cmocka_unit_test(batch_norm),
        cmocka_unit_test(dropout), cmocka_unit_test(graphs),
        cmocka_unit_test(losses), cmocka_unit_test(fused_losses_equal_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
