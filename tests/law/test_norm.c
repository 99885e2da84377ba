/* Layer, group and instance normalisation against their definition in plain loops in double.
 *
 * In double the two differ by rounding, 1e-11 of values of order 1. In float, on values with a mean 1000 times their
 * spread, what is lost is the input's own rounding (the definition sees the rounded input) and a few units of the
 * result: 2e-6. */
#include "test.h"
#include "nn/nn.h"

#define SAMPLES 3

typedef struct norm_case {
    sori_shape shape;
    sori_layer layer;
} norm_case;

/* Whether values i and j of a sample are normalised together. */
static bool together(const sori_layer *l, size_t channels, size_t i, size_t j) {
    size_t a = i % channels, b = j % channels;
    if (l->op == SORI_LAYERNORM) return i / channels == j / channels;
    if (l->op == SORI_INSTANCENORM) return a == b;
    size_t width = channels / (size_t)l->groups;
    return a / width == b / width;
}

static double expected(const nn_node *n, const double *x, const double *gamma, const double *beta, size_t i) {
    size_t channels = n->x[0].dim[n->x[0].ndim - 1], count = 0;
    double sum = 0, squares = 0;
    for (size_t j = 0; j < n->x[0].size; j++)
        if (together(&n->layer, channels, i, j)) {
            sum += x[j];
            count++;
        }
    double mean = sum / (double)count;
    for (size_t j = 0; j < n->x[0].size; j++)
        if (together(&n->layer, channels, i, j)) squares += (x[j] - mean) * (x[j] - mean);
    return gamma[i % channels] * (x[i] - mean) / sqrt(squares / (double)count + n->layer.epsilon) + beta[i % channels];
}

/* The layer's output for x, which becomes what the precision leaves of it, against the definition. */
static void check(const norm_case *t, bool exact, double mean, double tolerance) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    sori_model *m = sori_sequential(c, t->shape, (const sori_layer[]){ t->layer, { 0 } });
    sori_compile(m, &(sori_compile_config){ .exact = exact });
    assert_ok(c);
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    double weights[2][80], *x = malloc(SAMPLES * m->input.size * sizeof *x), y;
    const nn_node *n = &m->nodes[0];
    for (int k = 0; k < 2; k++) {
        size_t channels = n->param[k].shape.size;
        for (size_t i = 0; i < channels; i++) weights[k][i] = (double)(float)(base_rng_normal(&r) + 1);
        m->k->from_f64(nn_at(m, m->w, n->param[k].offset), weights[k], channels);
    }
    for (size_t i = 0; i < SAMPLES * m->input.size; i++) x[i] = (double)(float)(mean + base_rng_normal(&r));
    for (int training = 0; training < 2; training++) {
        nn_plan *p = nn_plan_get(m, SAMPLES, training);
        m->k->from_f64(p->value[0].at, x, SAMPLES * m->input.size);
        nn_forward(m, p, SAMPLES);
        for (size_t i = 0; i < SAMPLES * m->input.size; i++) {
            const double *sample = x + i / m->input.size * m->input.size;
            m->k->to_f64(&y, nn_at(m, p->value[1].at, i), 1);
            assert_close(y, expected(n, sample, weights[0], weights[1], i % m->input.size), tolerance, tolerance);
        }
    }
    free(x);
    sori_model_free(m);
    sori_close(c);
}

static void definitions(void **state) {
    (void)state;
    const norm_case cases[] = {
        { SORI_SHAPE(9), { .op = SORI_LAYERNORM } },
        { SORI_SHAPE(3, 64), { .op = SORI_LAYERNORM } },
        { SORI_SHAPE(2, 3, 5), { .op = SORI_LAYERNORM, .epsilon = 0.5 } },
        { SORI_SHAPE(6), { .op = SORI_GROUPNORM, .groups = 2 } },
        { SORI_SHAPE(5, 4, 6), { .op = SORI_GROUPNORM, .groups = 3 } },
        { SORI_SHAPE(11, 64), { .op = SORI_GROUPNORM } },
        { SORI_SHAPE(7, 1), { .op = SORI_INSTANCENORM } },
        { SORI_SHAPE(50, 3), { .op = SORI_INSTANCENORM } },
        { SORI_SHAPE(5, 4, 33), { .op = SORI_INSTANCENORM } },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        check(&cases[i], true, 3, 1e-11);
        check(&cases[i], false, 1000, 2e-6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(definitions) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
