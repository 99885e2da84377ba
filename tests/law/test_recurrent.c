/* LSTM, GRU and attention against their definitions, step by step in plain loops, on random shapes and options; and
 * what their first weights are like.
 *
 * Both compute in double, in another order of addition: 1e-12 of values of order 1, over up to a dozen steps. */
#include "test.h"
#include "nn/nn.h"

#define SAMPLES 3
#define TOLERANCE 1e-11
#define MOST 64   /* units, channels, steps */

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static const double *weight(const sori_model *m, int i) { return (const double *)m->w + m->nodes[0].param[i].offset; }

/* sum_k a[k] w[k][column] */
static double along(const double *a, size_t n, const double *w, size_t columns, size_t column) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += a[k] * w[k * columns + column];
    return sum;
}

/* One step: h and, of LSTM, c become the next ones. w, r, b are a direction's weights, b NULL for none. */
static void lstm_step(const double *x, size_t in, size_t u, const double *w, const double *r, const double *b,
                      double *h, double *c) {
    double next[MOST];
    for (size_t i = 0; i < u; i++) {
        double z[4];
        for (size_t g = 0; g < 4; g++)
            z[g] = along(x, in, w, 4 * u, g * u + i) + along(h, u, r, 4 * u, g * u + i) + (b ? b[g * u + i] : 0);
        c[i] = sigmoid(z[1]) * c[i] + sigmoid(z[0]) * tanh(z[2]);
        next[i] = sigmoid(z[3]) * tanh(c[i]);
    }
    memcpy(h, next, u * sizeof *h);
}

static void gru_step(const double *x, size_t in, size_t u, const double *w, const double *r, const double *b, double *h,
                     double *unused) {
    double next[MOST];
    (void)unused;
    for (size_t i = 0; i < u; i++) {
        double a[3], p[3];
        for (size_t g = 0; g < 3; g++) {
            a[g] = along(x, in, w, 3 * u, g * u + i) + (b ? b[g * u + i] : 0);
            p[g] = along(h, u, r, 3 * u, g * u + i) + (b ? b[(3 + g) * u + i] : 0);
        }
        double z = sigmoid(a[0] + p[0]), candidate = tanh(a[2] + sigmoid(a[1] + p[1]) * p[2]);
        next[i] = z * h[i] + (1 - z) * candidate;
    }
    memcpy(h, next, u * sizeof *h);
}

/* Keras's Bidirectional: the second layer reads the other way, and its outputs are turned round. */
static void check_direction(const sori_model *m, const double *x, const double *y, size_t t, size_t d) {
    const nn_node *n = &m->nodes[0];
    const sori_layer *l = &n->layer;
    size_t in = n->x[0].dim[n->x[0].ndim - 1], u = (size_t)l->units, all = n->y.dim[n->y.ndim - 1];
    int first = (int)d * (l->no_bias ? 2 : 3);
    const double *b = l->no_bias ? NULL : weight(m, first + 2);
    double h[MOST] = { 0 }, c[MOST] = { 0 };
    for (size_t s = 0; s < t; s++) {
        bool from_end = l->go_backwards != (d == 1);
        const double *at = x + (from_end ? t - 1 - s : s) * in;
        (l->op == SORI_LSTM ? lstm_step : gru_step)(at, in, u, weight(m, first), weight(m, first + 1), b, h, c);
        if (!l->return_sequences && s < t - 1) continue;
        size_t row = !l->return_sequences ? 0 : d == 1 ? t - 1 - s : s;
        for (size_t i = 0; i < u; i++) assert_close(y[row * all + d * u + i], h[i], TOLERANCE, TOLERANCE);
    }
}

static void project(const double *x, size_t t, size_t in, const double *w, const double *b, size_t out, double *y) {
    for (size_t i = 0; i < t; i++)
        for (size_t k = 0; k < out; k++) y[i * out + k] = along(x + i * in, in, w, out, k) + b[k];
}

static void check_attention(const sori_model *m, const double *x, const double *y, size_t t) {
    static double q[MOST * MOST], k[MOST * MOST], v[MOST * MOST], o[MOST * MOST], expected[MOST * MOST];
    const nn_node *n = &m->nodes[0];
    size_t c = n->y.dim[n->y.ndim - 1], units = (size_t)n->layer.units, width = (size_t)n->layer.heads * units;
    project(x, t, c, weight(m, 0), weight(m, 1), width, q);
    project(x, t, c, weight(m, 2), weight(m, 3), width, k);
    project(x, t, c, weight(m, 4), weight(m, 5), width, v);
    for (size_t i = 0; i < t; i++)
        for (size_t e = 0; e < width; e++) {
            double sum = 0, all = 0;
            for (size_t j = 0; j < t; j++) {
                double score = 0;
                for (size_t f = e / units * units; f < (e / units + 1) * units; f++)
                    score += q[i * width + f] * k[j * width + f];
                double weight_of = exp(score / sqrt((double)units));
                sum += weight_of * v[j * width + e];
                all += weight_of;
            }
            o[i * width + e] = sum / all;
        }
    project(o, t, width, weight(m, 6), weight(m, 7), c, expected);
    for (size_t i = 0; i < t * c; i++) assert_close(y[i], expected[i], TOLERANCE, TOLERANCE);
}

static void check_sequences(const sori_model *m, const double *x, const double *y) {
    const nn_node *n = &m->nodes[0];
    size_t t = n->x[0].dim[n->x[0].ndim - 2], in = n->x[0].dim[n->x[0].ndim - 1], size = t * in;
    size_t sequences = SAMPLES * n->x[0].size / size, per = SAMPLES * n->y.size / sequences;
    for (size_t s = 0; s < sequences; s++) {
        if (n->layer.op == SORI_ATTENTION) check_attention(m, x + s * size, y + s * per, t);
        else for (size_t d = 0; d < (n->layer.bidirectional ? 2 : 1); d++)
            check_direction(m, x + s * size, y + s * per, t, d);
    }
}

/* In training and in inference, which keep different things; with the vectors of every instruction set. */
static void check(sori_ctx *c, sori_shape input, sori_layer layer, base_rng *r) {
    sori_model *m = sori_sequential(c, input, (const sori_layer[]){ layer, { 0 } });
    sori_compile(m, &(sori_compile_config){ .exact = true });
    assert_ok(c);
    for (size_t i = 0; i < m->param_count; i++) ((double *)m->w)[i] = 0.5 * base_rng_normal(r);
    sori_array *x = sori_array_new(c, SORI_F64, 1, (size_t[]){ SAMPLES * m->input.size });
    for (size_t i = 0; i < x->size; i++) ((double *)x->data)[i] = base_rng_normal(r);
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    for (size_t i = 0; i < 2 * BASE_COUNT(isas); i++) {
        const nn_kernels *k = nn_kernels_find(true, isas[i / 2]);
        bool training = i % 2;
        if (!k) continue;
        m->nodes[0].op = k->ops[layer.op];
        m->version++;
        nn_plan *p = nn_plan_get(m, SAMPLES, training);
        assert_int_equal(p->shards, 1);   /* so that values lie at the same places in both */
        memcpy(p->value[0].at, x->data, x->size * sizeof(double));
        nn_forward(m, p, SAMPLES);
        check_sequences(m, x->data, (const double *)p->value[1].at);
    }
    sori_model_free(m);
}

static int draw(base_rng *r, int from, int to) { return from + (int)base_rng_below(r, (uint32_t)(to - from + 1)); }

static void layers_match_their_definitions(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(12, BASE_RNG_TEST, 0, 0);
    static const sori_op ops[] = { SORI_LSTM, SORI_GRU, SORI_ATTENTION };
    for (int round = 0; round < 90; round++) {
        sori_shape input = round % 2 ? SORI_SHAPE(draw(&r, 1, 9), draw(&r, 1, 6))
                                     : SORI_SHAPE(draw(&r, 1, 4), draw(&r, 1, 6), draw(&r, 1, 6));
        sori_layer layer = { .op = ops[round % 3], .units = draw(&r, 1, round % 3 == 2 ? 5 : 20) };
        if (layer.op == SORI_ATTENTION) {
            layer.heads = draw(&r, 1, 3);
        } else {
            layer.return_sequences = draw(&r, 0, 1);
            layer.bidirectional = draw(&r, 0, 1);
            layer.go_backwards = draw(&r, 0, 1);
            layer.no_bias = draw(&r, 0, 3) == 0;
        }
        check(c, input, layer, &r);
    }
    sori_close(c);
}

/* Far out the gates rest at their limits and nothing overflows; NaN comes out as NaN. */
static void gates_at_their_limits(void **state) {
    (void)state;
    const float in[4] = { 0, 3e38f, -3e38f, NAN };
    for (sori_op op = SORI_LSTM; op <= SORI_GRU; op++)
        for (int i = 0; i < 4; i++) {
            sori_ctx *c = sori_open(NULL);
            sori_model *m = sori_sequential(c, SORI_SHAPE(3, 1), SORI_LAYERS({ .op = op, .units = 3 }));
            sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ 1, 3, 1 });
            for (size_t k = 0; k < 3; k++) ((float *)x->data)[k] = in[i];
            sori_array *y = sori_predict(m, x);
            assert_ok(c);
            for (size_t k = 0; k < 3; k++) {
                float v = ((float *)y->data)[k];
                assert_true(i == 3 ? isnan(v) : fabsf(v) <= 1);
            }
            sori_model_free(m);
            sori_close(c);
        }
}

/* The first weights: orthonormal rows (or columns, if there are more rows), the forget gate's bias 1, all others 0. */
static void first_weights(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(9, 40),
                                    SORI_LAYERS({ .op = SORI_LSTM, .name = "a", .units = 13 },
                                                { .op = SORI_DENSE, .name = "b", .units = 5,
                                                  .kernel_init = SORI_ORTHOGONAL }));
    sori_compile(m, &(sori_compile_config){ .exact = true });
    const double *r = sori_get_weight(m, "a/recurrent_kernel")->data, *w = sori_get_weight(m, "b/kernel")->data;
    const double *b = sori_get_weight(m, "a/bias")->data;
    assert_ok(c);
    for (size_t i = 0; i < 13; i++)
        for (size_t k = 0; k < 13; k++) {
            double dot = 0;
            for (size_t j = 0; j < 52; j++) dot += r[i * 52 + j] * r[k * 52 + j];
            assert_close(dot, i == k, 1e-14, 0);
        }
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) assert_close(along((const double[13]){ w[i], w[5 + i], w[10 + i], w[15 + i],
            w[20 + i], w[25 + i], w[30 + i], w[35 + i], w[40 + i], w[45 + i], w[50 + i], w[55 + i], w[60 + i] },
            13, w, 5, k), i == k, 1e-14, 0);
    for (size_t i = 0; i < 52; i++) assert_true(b[i] == (i / 13 == 1));
    sori_model_free(m);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(layers_match_their_definitions),
                                        cmocka_unit_test(gates_at_their_limits), cmocka_unit_test(first_weights) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
