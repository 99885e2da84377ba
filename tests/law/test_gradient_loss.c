/* Every loss against its definition, and its gradient against central differences: by the outputs, with rows of
 * classes, weights and label smoothing, and through whole models. */
#include "law/gradient.h"

typedef struct sizes { size_t n, rows, width; } sizes;

static const sizes all_sizes[] = { { 1, 1, 1 }, { 5, 1, 3 }, { 3, 1, 37 }, { 4, 3, 5 }, { 2, 16, 1 }, { 2, 4, 8 } };
/* Losses of waveforms have tables, and tests of their own. */
static const sori_loss all_losses[] = { SORI_MSE, SORI_CATEGORICAL_CROSSENTROPY, SORI_BINARY_CROSSENTROPY, SORI_MAE,
                                        SORI_HUBER, SORI_KL_DIVERGENCE };
static const char *const names[SORI_LOSS_COUNT] = {
    [SORI_MSE] = "mse", [SORI_CATEGORICAL_CROSSENTROPY] = "categorical", [SORI_BINARY_CROSSENTROPY] = "binary",
    [SORI_MAE] = "mae", [SORI_HUBER] = "huber", [SORI_KL_DIVERGENCE] = "kl",
};

static bool over_classes(sori_loss l) { return l == SORI_CATEGORICAL_CROSSENTROPY || l == SORI_KL_DIVERGENCE; }
static bool can_fuse(sori_loss l) { return l == SORI_CATEGORICAL_CROSSENTROPY || l == SORI_BINARY_CROSSENTROPY; }

/* Rows of positive numbers whose sum is a little below 1, where KL's clipping has a corner. */
static void to_probabilities(double *x, size_t rows, size_t width) {
    for (size_t i = 0; i < rows; i++, x += width) {
        double sum = 0;
        for (size_t k = 0; k < width; k++) sum += x[k] = 1 + fabs(x[k]);   /* differences want p far above H */
        for (size_t k = 0; k < width; k++) x[k] *= 0.95 / sum;
    }
}

static double squash(double x) { return 1 / (1 + exp(-x)); }

/* One number's part of a loss that is a mean, and one class's of a loss that is a sum. */
static double term(const nn_loss_run *r, double p, double t) {
    double d = p - t, s = r->label_smoothing, c = t * (1 - s) + s / (over_classes(r->loss) ? (double)r->width : 2);
    switch (r->loss) {
    case SORI_MSE: return d * d;
    case SORI_MAE: return fabs(d);
    case SORI_HUBER: return fabs(d) <= r->delta ? d * d / 2 : r->delta * (fabs(d) - r->delta / 2);
    case SORI_CATEGORICAL_CROSSENTROPY: return -c * log(p);
    case SORI_BINARY_CROSSENTROPY: return -c * log(p) - (1 - c) * log(1 - p);
    case SORI_KL_DIVERGENCE: return fmax(t, 1e-7) * log(fmax(t, 1e-7) / p);
    default: break;
    }
    return NAN;
}

/* The weighted sum over samples by the definition; p are probabilities where the loss wants them. */
static double defined(const nn_loss_run *r, const double *p, const double *t) {
    size_t size = r->rows * r->width;
    double total = 0;
    for (size_t i = 0; i < r->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < size; k++) sum += term(r, p[i * size + k], t[i * size + k]);
        total += (r->weight ? r->weight[i] : 1) * sum / (double)(over_classes(r->loss) ? r->rows : size);
    }
    return total;
}

static double kernel_loss(nn_loss_run r) {
    r.dp = NULL;
    nn_kernels_find(true, NULL)->loss(&r);
    return r.loss_sum;
}

static void check_loss(nn_loss_run r) {
    double p[512], t[512], q[512], dp[512], weight[8];
    size_t count = r.n * r.rows * r.width;
    base_rng draws = base_rng_new(5, BASE_RNG_TEST, (uint32_t)r.loss, (uint32_t)count);
    fill(p, count, &draws, 0);
    fill(t, count, &draws, 0);
    for (size_t i = 0; i < r.n; i++) weight[i] = base_rng_uniform(&draws);
    if (over_classes(r.loss)) to_probabilities(t, r.n * r.rows, r.width);
    if (r.loss == SORI_BINARY_CROSSENTROPY) for (size_t i = 0; i < count; i++) t[i] = squash(t[i]);
    if (over_classes(r.loss) && !r.fused) to_probabilities(p, r.n * r.rows, r.width);
    if (r.loss == SORI_BINARY_CROSSENTROPY && !r.fused) for (size_t i = 0; i < count; i++) p[i] = squash(p[i]);
    if (r.weight) r.weight = weight;
    r.p = p;
    r.t = t;
    r.dp = dp;
    r.scale = 0.25;
    nn_kernels_find(true, NULL)->loss(&r);

    memcpy(q, p, sizeof q);
    if (r.fused && r.loss == SORI_BINARY_CROSSENTROPY) for (size_t i = 0; i < count; i++) q[i] = squash(p[i]);
    else if (r.fused) nn_kernels_find(true, NULL)->activate(SORI_SOFTMAX, 0, p, q, r.n * r.rows, r.width);
    assert_close(r.loss_sum, defined(&r, q, t), 1e-12, 1e-12);
    for (size_t i = 0; i < count; i++) {
        double kept = p[i];
        p[i] = kept + H;
        double up = kernel_loss(r);
        p[i] = kept - H;
        double expected = 0.25 * (up - kernel_loss(r)) / (2 * H);
        p[i] = kept;
        if (!(fabs(dp[i] - expected) <= 1e-8 + 1e-6 * fabs(expected)))
            fail_msg("%s%s: dp[%zu] %.12g, by differences %.12g", names[r.loss], r.fused ? ", fused" : "", i, dp[i],
                     expected);
    }
}

static void by_outputs(void **state) {
    (void)state;
    static const double some;
    for (size_t l = 0; l < BASE_COUNT(all_losses); l++)
        for (int fused = 0; fused <= can_fuse(all_losses[l]); fused++)
            for (size_t i = 0; i < BASE_COUNT(all_sizes); i++)
                for (int option = 0; option < 3; option++)
                    check_loss((nn_loss_run){ .loss = all_losses[l], .fused = fused, .n = all_sizes[i].n,
                                              .rows = all_sizes[i].rows, .width = all_sizes[i].width,
                                              .delta = option == 2 ? 0.4 : 1, .weight = option ? &some : NULL,
                                              .label_smoothing = can_fuse(all_losses[l]) && option == 1 ? 0.1 : 0 });
}

/* Correct answers are counted row by row, whatever the weights, and only where they mean something. */
static void counts_rows(void **state) {
    (void)state;
    double p[] = { .2, .8, .6, .4, .1, .9 }, t[] = { 0, 1, 0, 1, .5, .6 }, weight[] = { 7 };
    nn_loss_run r = { .loss = SORI_CATEGORICAL_CROSSENTROPY, .scale = 1, .n = 1, .rows = 3, .width = 2, .counts = true,
                      .weight = weight, .p = p, .t = t };
    nn_kernels_find(true, NULL)->loss(&r);
    assert_close(r.correct, 2.0 / 3, 1e-15, 0);
    r = (nn_loss_run){ .loss = SORI_BINARY_CROSSENTROPY, .scale = 1, .n = 2, .rows = 3, .width = 1, .counts = true,
                       .p = p, .t = t };
    nn_kernels_find(true, NULL)->loss(&r);
    assert_close(r.correct, 4.0 / 3, 1e-15, 0);   /* wrong: .6 for 0, .4 for 1 */
    r.counts = false;
    nn_kernels_find(true, NULL)->loss(&r);
    assert_true(r.correct == 0);
}

/* Losses far from the middle stay finite: no overflow, no logarithm of 0. */
static void extremes(void **state) {
    (void)state;
    for (size_t l = 0; l < BASE_COUNT(all_losses); l++)
        for (int fused = 0; fused <= can_fuse(all_losses[l]); fused++)
            for (int exact = 0; exact < 2; exact++) {
                double far = fused ? 1e4 : 1, d[4] = { -far * fused, far, far, -far * fused }, dp[4];
                double dt[4] = { 1, 0, 1, 0 };
                float f[4], ft[4] = { 1, 0, 1, 0 };
                for (int i = 0; i < 4; i++) f[i] = (float)d[i];
                nn_loss_run r = { .loss = all_losses[l], .fused = fused, .scale = 1, .delta = 1, .n = 2, .rows = 1,
                                  .width = 2, .p = exact ? (void *)d : f, .t = exact ? (void *)dt : ft, .dp = dp };
                nn_kernels_find(exact, NULL)->loss(&r);
                assert_true(isfinite(r.loss_sum) && r.loss_sum >= 0);
                for (int i = 0; i < 4; i++) assert_true(isfinite(exact ? dp[i] : (double)((float *)dp)[i]));
            }
}

static void through_models(void **state) {
    (void)state;
    const sori_layer softmax[] = { { .op = SORI_DENSE, .units = 4, .act = SORI_TANH },
                                   { .op = SORI_DENSE, .units = 5, .act = SORI_SOFTMAX }, { 0 } };
    const sori_layer sigmoid[] = { { .op = SORI_DENSE, .units = 4, .act = SORI_TANH },
                                   { .op = SORI_DENSE, .units = 3, .act = SORI_SIGMOID }, { 0 } };
    const sori_compile_config categorical = { .loss = SORI_CATEGORICAL_CROSSENTROPY, .label_smoothing = 0.2 };
    const sori_compile_config binary = { .loss = SORI_BINARY_CROSSENTROPY, .label_smoothing = 0.2 };
    for (int i = 0; i < 2; i++) {
        sori_shape shape = i ? SORI_SHAPE(3, 2, 6) : SORI_SHAPE(6);
        check_model(shape, softmax, &categorical, 5);
        check_model(shape, softmax, &(sori_compile_config){ .loss = SORI_KL_DIVERGENCE }, 5);
        check_model(shape, sigmoid, &binary, 5);
        check_model(shape, sigmoid, &(sori_compile_config){ .loss = SORI_MAE }, 5);
        check_model(shape, sigmoid, &(sori_compile_config){ .loss = SORI_HUBER, .delta = 0.5 }, 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_outputs), cmocka_unit_test(counts_rows), cmocka_unit_test(extremes),
        cmocka_unit_test(through_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
