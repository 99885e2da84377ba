/* Gradient check in double: for every layer and loss, the backward pass against central differences of the loss.
 *
 * Error of a central difference with h = 1e-5: truncation about h^2 = 1e-10 relative, rounding about 1e-16 / h = 1e-11
 * of a loss of order 1; so 1e-6 relative (plus 1e-8 absolute) is loose enough never to fail by chance and tight enough
 * to catch any wrong term. Dropout draws from (seed, step), so the loss is the same function at every evaluation. */
#include "test.h"
#include "nn/nn.h"

#define H 1e-5

static double loss_at(sori_model *m, nn_plan *p, size_t n) {
    double loss, correct;
    m->version++;   /* a weight was changed by hand */
    nn_forward(m, p, n);
    nn_loss(m, p, n, false, &loss, &correct);
    return loss / (double)n + nn_penalty(m);
}

static double difference(sori_model *m, nn_plan *p, size_t n, double *at) {
    double kept = *at, up, down;
    *at = kept + H;
    up = loss_at(m, p, n);
    *at = kept - H;
    down = loss_at(m, p, n);
    *at = kept;
    return (up - down) / (2 * H);
}

static void fill(double *x, size_t n, base_rng *r) {
    for (size_t i = 0; i < n; i++) x[i] = base_rng_normal(r);
}

/* Targets: one-hot for categorical, 0..1 for binary, anything for MSE. */
static void fill_targets(const sori_model *m, double *t, size_t n, base_rng *r) {
    size_t width = m->nodes[m->n_nodes - 1].y.size;
    for (size_t i = 0; i < n * width; i++)
        t[i] = m->config.loss == SORI_MSE ? base_rng_normal(r) : base_rng_uniform(r);
    if (m->config.loss != SORI_CATEGORICAL_CROSSENTROPY) return;
    memset(t, 0, n * width * sizeof *t);
    for (size_t i = 0; i < n; i++) t[i * width + base_rng_below(r, (uint32_t)width)] = 1;
}

/* The gradient by every weight and, through an extra first layer of the caller's table, by values inside. */
static void check_model(sori_shape input, const sori_layer *layers, const sori_compile_config *config, size_t n) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 7 });
    sori_model *m = sori_sequential(c, input, layers);
    sori_compile_config k = *config;
    k.exact = true;
    sori_compile(m, &k);
    assert_ok(c);
    nn_plan *p = nn_plan_get(m, n, true);
    assert_ok(c);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < nn_param_total(m); i++) {   /* biases, gammas and betas away from their special values */
        const nn_param *w = nn_param_at(m, i);
        double *v = (double *)m->w + w->offset;
        for (size_t j = 0; w->trainable && j < w->shape.size; j++) v[j] += 0.1 * base_rng_normal(&r);
    }
    m->version++;
    fill((double *)p->value[0], n * m->input.size, &r);
    fill_targets(m, (double *)p->target, n, &r);
    double loss, correct;
    nn_forward(m, p, n);
    nn_loss(m, p, n, true, &loss, &correct);
    nn_backward(m, p, n);
    double *g = malloc(m->param_count * sizeof *g);
    memcpy(g, p->dw, m->param_count * sizeof *g);
    size_t checked = 0;
    for (size_t i = 0; i < nn_param_total(m); i++) {
        const nn_param *w = nn_param_at(m, i);
        size_t stride = w->shape.size > 60 ? w->shape.size / 60 : 1;
        for (size_t j = 0; w->trainable && j < w->shape.size; j += stride, checked++) {
            double expected = difference(m, p, n, (double *)m->w + w->offset + j), got = g[w->offset + j];
            if (!(fabs(got - expected) <= 1e-8 + 1e-6 * fabs(expected)))
                fail_msg("%s[%zu]: gradient %.12g, by differences %.12g", w->name, j, got, expected);
        }
    }
    assert_true(checked > 0);
    free(g);
    sori_model_free(m);
    sori_close(c);
}

static const sori_compile_config mse = { .loss = SORI_MSE };

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
    nn_loss_run a = { .loss = SORI_CATEGORICAL_CROSSENTROPY, .fused = true, .scale = 1, .n = 1, .width = 4,
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
        cmocka_unit_test(dense_and_activations), cmocka_unit_test(wide_dense), cmocka_unit_test(convolution),
        cmocka_unit_test(pooling), cmocka_unit_test(batch_norm), cmocka_unit_test(dropout), cmocka_unit_test(graphs),
        cmocka_unit_test(losses), cmocka_unit_test(fused_losses_equal_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
