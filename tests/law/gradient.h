/* gradient.h - the backward pass of any table of layers against central differences of the loss, in double.
 *
 * Error of a central difference with h = 1e-5: truncation about h^2 = 1e-10 relative, rounding about 1e-16 / h = 1e-11
 * of a loss of order 1; so 1e-6 relative (plus 1e-8 absolute) is loose enough never to fail by chance and tight enough
 * to catch any wrong term. Dropout draws from (seed, step), so the loss is the same function at every evaluation.
 *
 * Only weights are moved. To check a layer's gradient by its input, put it behind a layer with weights. */
#ifndef LAW_GRADIENT_H
#define LAW_GRADIENT_H

#include "test.h"
#include "nn/nn.h"

#define H 1e-5

static const sori_compile_config mse = { .loss = SORI_MSE };

static inline double loss_at(sori_model *m, nn_plan *p, size_t n) {
    double loss, correct;
    m->version++;   /* a weight was changed by hand */
    nn_forward(m, p, n);
    nn_loss(m, p, n, false, &loss, &correct);
    return loss / (double)n + nn_penalty(m);
}

static inline double difference(sori_model *m, nn_plan *p, size_t n, double *at) {
    double kept = *at, up, down;
    *at = kept + H;
    up = loss_at(m, p, n);
    *at = kept - H;
    down = loss_at(m, p, n);
    *at = kept;
    return (up - down) / (2 * H);
}

/* Normal numbers, or with below > 0 whole numbers from 0 to below - 1. */
static inline void fill(double *x, size_t n, base_rng *r, uint32_t below) {
    for (size_t i = 0; i < n; i++) x[i] = below ? (double)base_rng_below(r, below) : base_rng_normal(r);
}

/* Targets: rows of sum 1, every other one-hot, for losses over classes; 0..1 for binary; else anything. */
static inline void fill_targets(const sori_model *m, double *t, size_t n, base_rng *r) {
    const nn_shape *y = &m->nodes[m->n_nodes - 1].y;
    size_t width = y->dim[y->ndim - 1], rows = n * y->size / width;
    sori_loss loss = m->config.loss;
    bool classes = loss == SORI_CATEGORICAL_CROSSENTROPY || loss == SORI_KL_DIVERGENCE;
    for (size_t i = 0; i < rows * width; i++)
        t[i] = classes || loss == SORI_BINARY_CROSSENTROPY ? base_rng_uniform(r) : base_rng_normal(r);
    for (size_t i = 0; classes && i < rows; i++) {
        double sum = 0;
        if (i % 2 == 0) memset(t + i * width, 0, width * sizeof *t);
        if (i % 2 == 0) t[i * width + base_rng_below(r, (uint32_t)width)] = 1;
        for (size_t k = 0; k < width; k++) sum += t[i * width + k];
        for (size_t k = 0; k < width; k++) t[i * width + k] /= sum;
    }
}

/* Biases, gammas and betas away from their special values. */
static inline void move_weights(sori_model *m, base_rng *r) {
    for (size_t i = 0; i < nn_param_total(m); i++) {
        const nn_param *w = nn_param_at(m, i);
        double *v = (double *)m->w + w->offset;
        for (size_t j = 0; w->trainable && j < w->shape.size; j++) v[j] += 0.1 * base_rng_normal(r);
    }
    m->version++;
}

/* The gradient g by every weight, of large tensors by about 60. */
static inline void compare_gradients(sori_model *m, nn_plan *p, size_t n, const double *g) {
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
}

/* As check_model, on inputs that are whole numbers from 0 to below - 1 (below 0: normal numbers). */
static inline void check_model_of(sori_shape input, uint32_t below, const sori_layer *layers,
                                  const sori_compile_config *config, size_t n) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 7 });
    sori_model *m = sori_sequential(c, input, layers);
    assert_ok(c);
    sori_compile_config k = *config;
    k.exact = true;
    sori_compile(m, &k);
    assert_ok(c);
    nn_plan *p = nn_plan_get(m, n, true);
    assert_ok(c);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    move_weights(m, &r);
    fill((double *)p->value[0].at, n * m->input.size, &r, below);
    fill_targets(m, (double *)p->target, n, &r);
    double loss, correct;
    nn_forward(m, p, n);
    nn_loss(m, p, n, true, &loss, &correct);
    nn_backward(m, p, n);
    double *g = malloc(m->param_count * sizeof *g);
    memcpy(g, p->dw, m->param_count * sizeof *g);
    double whole = loss;
    nn_step(m, p, n, &loss, &correct);   /* small networks have a way of their own */
    assert_close(loss, whole, 1e-12, 1e-12);
    for (size_t i = 0; i < m->param_count; i++) assert_close(((double *)p->dw)[i], g[i], 1e-12, 1e-12);
    compare_gradients(m, p, n, g);
    free(g);
    sori_model_free(m);
    sori_close(c);
}

/* The gradient by every weight of a table of layers, for n samples of normal numbers. */
static inline void check_model(sori_shape input, const sori_layer *layers, const sori_compile_config *config,
                               size_t n) {
    check_model_of(input, 0, layers, config, n);
}

#endif
