/* Mixup, CutMix and manifold mixup meet their definitions, and the gradient goes back through them.
 *
 *   forward   the network's answer is that of its upper layers alone, fed with values mixed by plain loops
 *   backward  central differences in double, mixed at every layer that may be
 *   draws     shares are Beta's, permutations are permutations, kinds and layers even */
#include "law/gradient.h"
#include "nn/dnn.h"

#define N 7

static sori_model *double_model(sori_ctx *c, sori_shape input, const sori_layer *layers,
                                const sori_compile_config *config) {
    sori_model *m = sori_sequential(c, input, layers);
    sori_compile_config k = *config;
    k.exact = true;
    sori_compile(m, &k);
    assert_ok(c);
    return m;
}

/* A training plan with n random samples in it. */
static nn_plan *filled_plan(sori_model *m, size_t n, base_rng *r) {
    nn_plan *p = nn_plan_get(m, n, true);
    assert_non_null(p);
    fill((double *)p->value[0].at, n * m->input.size, r, 0);
    fill_targets(m, (double *)p->target, n, r);
    return p;
}

static nn_mix *mix_at(sori_model *m, size_t n, const char *layers) {
    nn_mix *x = nn_mix_new(m, &(sori_fit_config){ .manifold_mixup = 2, .mixup_layers = layers }, n);
    assert_ok(m->c);
    return x;
}

/* --- gradients ------------------------------------------------------------ */

static void check_gradient(sori_model *m, nn_plan *p, size_t n) {
    double loss, correct, whole;
    nn_forward(m, p, n);
    nn_loss(m, p, n, true, &whole, &correct);
    nn_backward(m, p, n);
    double *g = malloc(m->param_count * sizeof *g);
    memcpy(g, p->dw, m->param_count * sizeof *g);
    nn_step(m, p, n, &loss, &correct);   /* small networks go through the graph, too, when they are mixed */
    assert_close(loss, whole, 1e-12, 1e-12);
    for (size_t i = 0; i < m->param_count; i++) assert_close(((double *)p->dw)[i], g[i], 1e-12, 1e-12);
    compare_gradients(m, p, n, g);
    free(g);
}

/* Mixed at every layer there is to choose from, of which there are so many, one after the other. */
static void check_mixed(sori_shape input, const sori_layer *layers, const sori_compile_config *config, size_t n,
                        size_t expected) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 7 });
    sori_model *m = double_model(c, input, layers, config);
    base_rng r = base_rng_new(4, BASE_RNG_TEST, 0, 0);
    move_weights(m, &r);
    nn_plan *p = filled_plan(m, n, &r);
    nn_mix *all = mix_at(m, n, NULL);
    assert_int_equal(all->layer_count, expected);
    for (size_t i = 0; i < all->layer_count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", all->layers[i]);
        nn_mix *x = mix_at(m, n, number);
        nn_mix_batch(x, p, n, 1, (uint32_t)i);
        assert_int_equal(x->value, all->layers[i]);
        check_gradient(m, p, n);
        nn_mix_free(x, p);
    }
    nn_mix_free(all, p);
    sori_model_free(m);
    sori_close(c);
}

static const sori_compile_config classes = { .loss = SORI_CATEGORICAL_CROSSENTROPY, .label_smoothing = 0.1 };

static void gradients_of_chains(void **state) {
    (void)state;
    check_mixed(SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 4, .act = SORI_TANH },
                                           { .op = SORI_DENSE, .units = 1, .act = SORI_SIGMOID }),
                &(sori_compile_config){ .loss = SORI_BINARY_CROSSENTROPY }, N, 2);
    check_mixed(SORI_SHAPE(6), SORI_LAYERS({ .op = SORI_DENSE, .units = 9, .act = SORI_GELU },
                                           { .op = SORI_DROPOUT, .rate = 0.3 },
                                           { .op = SORI_DENSE, .units = 8, .act = SORI_RELU, .l2 = 0.01 },
                                           { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }), &classes, N, 4);
    check_mixed(SORI_SHAPE(5, 4), SORI_LAYERS({ .op = SORI_LSTM, .units = 5, .return_sequences = true },
                                              { .op = SORI_GRU, .units = 4, .bidirectional = true },
                                              { .op = SORI_DENSE, .units = 3 }), &mse, 5, 3);
}

/* ReLU before max pooling, which knows its slope; batch norm's meetings; flatten, no value of its own. */
static void gradients_of_images(void **state) {
    (void)state;
    check_mixed(SORI_SHAPE(6, 6, 2), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 }, .act = SORI_RELU },
        { .op = SORI_MAXPOOL2D }, { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }),
        &classes, N, 3);
    check_mixed(SORI_SHAPE(6, 5, 1), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 }, .no_bias = true },
        { .op = SORI_BATCHNORM, .act = SORI_TANH }, { .op = SORI_BATCHNORM, .act = SORI_RELU },
        { .op = SORI_GLOBAL_AVGPOOL2D }, { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }), &classes, N, 5);
    check_mixed(SORI_SHAPE(4, 3), SORI_LAYERS(
        { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 5, .act = SORI_TANH }, { .op = SORI_DENSE, .units = 2 }),
        &mse, N, 2);
}

/* Several readers of the mixed value; values that others go round are none to choose. */
static void gradients_of_graphs(void **state) {
    (void)state;
    const sori_layer *residual = SORI_LAYERS(
        { .op = SORI_DENSE, .name = "in", .units = 6, .act = SORI_TANH },
        { .op = SORI_DENSE, .name = "a", .units = 6, .act = SORI_TANH },
        { .op = SORI_ADD, .name = "sum", .from = { "in", "a" } },
        { .op = SORI_DENSE, .name = "b", .units = 4, .act = SORI_SILU },
        { .op = SORI_CONCAT, .from = { "b", "sum" } }, { .op = SORI_DENSE, .units = 2 });
    check_mixed(SORI_SHAPE(5), residual, &mse, N, 4);
}

/* Layers in several shards, one that runs in pieces, and one whose gradient is made by rows. */
static void gradients_of_large_layers(void **state) {
    (void)state;
    check_mixed(SORI_SHAPE(300), SORI_LAYERS({ .op = SORI_DENSE, .units = 700, .act = SORI_TANH },
                                             { .op = SORI_DENSE, .units = 900, .act = SORI_TANH },
                                             { .op = SORI_DENSE, .units = 2 }), &mse, 9, 3);
}

/* --- values ------------------------------------------------------------ */

/* The layers from number `value` on as a model of their own, with the same weights. */
static sori_model *upper(const sori_model *m, const sori_layer *layers, int value,
                         const sori_compile_config *config) {
    const nn_shape *s = value ? &m->nodes[value - 1].y : &m->input;
    sori_shape input = { { 0 } };
    for (int i = 0; i < s->ndim; i++) input.dim[i] = (int)s->dim[i];
    sori_model *u = double_model(m->c, input, layers + value, config);
    for (int i = 0; i < u->n_nodes; i++)
        for (int k = 0; k < u->nodes[i].n_params; k++)
            memcpy((double *)u->w + u->nodes[i].param[k].offset,
                   (double *)m->w + m->nodes[value + i].param[k].offset,
                   u->nodes[i].param[k].shape.size * sizeof(double));
    u->version++;
    return u;
}

static void mixed_by_loops(const nn_mix *x, const double *from, size_t n, size_t size, double *to) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size; k++)
            to[i * size + k] = x->share * from[i * size + k] + (1 - x->share) * from[x->partner[i] * size + k];
}

static void check_values(sori_shape input, const sori_layer *layers, int value) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 3 });
    sori_model *m = double_model(c, input, layers, &classes);
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    move_weights(m, &r);
    nn_plan *p = filled_plan(m, N, &r);
    nn_forward(m, p, N);
    char number[16];
    snprintf(number, sizeof number, "%d", value);
    nn_mix *x = mix_at(m, N, number);
    nn_mix_batch(x, p, N, 0, 0);
    sori_model *u = upper(m, layers, value, &classes);
    nn_plan *q = nn_plan_get(u, N, true);
    size_t outputs = m->nodes[m->n_nodes - 1].y.size;
    mixed_by_loops(x, (double *)p->value[value].at, N, u->input.size, (double *)q->value[0].at);
    mixed_by_loops(x, (double *)p->target, N, outputs, (double *)q->target);
    double loss, correct, want, want_correct;
    nn_forward(m, p, N);
    nn_loss(m, p, N, false, &loss, &correct);
    nn_forward(u, q, N);
    nn_loss(u, q, N, false, &want, &want_correct);
    const double *y = (double *)p->value[m->n_nodes].at, *expected = (double *)q->value[u->n_nodes].at;
    for (size_t i = 0; i < N * outputs; i++) assert_close(y[i], expected[i], 1e-13, 1e-13);
    assert_close(loss, want, 1e-12, 1e-12);
    assert_close(correct, want_correct, 0, 0);
    nn_mix_free(x, p);
    sori_model_free(u);
    sori_model_free(m);
    sori_close(c);
}

static void values_and_targets_are_mixed(void **state) {
    (void)state;
    const sori_layer *image = SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 }, .act = SORI_RELU }, { .op = SORI_MAXPOOL2D },
        { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 5, .act = SORI_TANH },
        { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX });
    for (int value = 0; value <= 4; value++) check_values(SORI_SHAPE(6, 6, 2), image, value);
}

/* Every value is the sample's own or, in the rectangle, the partner's; the share is counted. */
static void check_cut(sori_shape input, size_t channels) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    sori_model *m = double_model(c, input, SORI_LAYERS({ .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }), &mse);
    base_rng r = base_rng_new(6, BASE_RNG_TEST, 0, 0);
    nn_plan *p = filled_plan(m, N, &r);
    nn_mix *x = nn_mix_new(m, &(sori_fit_config){ .cutmix = 1 }, N);
    size_t size = m->input.size, width = m->input.dim[m->input.ndim - 2], cut_batches = 0;
    for (uint32_t batch = 0; batch < 50; batch++) {
        nn_mix_batch(x, p, N, 2, batch);
        nn_forward(m, p, N);
        const double *own = (double *)p->value[0].at, *mixed = (double *)x->mixed.at, *t = (double *)p->target;
        size_t cut = 0;
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < size; k++) {
                size_t column = k / channels % width, height = m->input.ndim > 2 ? m->input.dim[m->input.ndim - 3] : 1;
                size_t row = k / channels / width % height;
                bool in = row >= x->from[0] && row < x->to[0] && column >= x->from[1] && column < x->to[1];
                assert_true(mixed[i * size + k] == own[(in ? x->partner[i] : i) * size + k]);
                cut += in;
            }
        assert_close(x->share, 1 - (double)cut / (double)(N * size), 1e-15, 0);
        for (size_t i = 0; i < 2 * N; i++) {
            double want = x->share * t[i] + (1 - x->share) * t[2 * x->partner[i / 2] + i % 2];
            assert_close(((double *)x->target)[i], want, 1e-15, 1e-15);
        }
        cut_batches += cut > 0;
    }
    assert_true(cut_batches > 25);
    nn_mix_free(x, p);
    sori_model_free(m);
    sori_close(c);
}

static void cutmix_cuts_rectangles(void **state) {
    (void)state;
    check_cut(SORI_SHAPE(9, 7, 3), 3);
    check_cut(SORI_SHAPE(20, 2), 2);
    check_cut(SORI_SHAPE(2, 5, 6, 2), 2);
}

/* Weights of samples are mixed as their targets are. */
static void weights_are_mixed(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = double_model(c, SORI_SHAPE(3), SORI_LAYERS({ .op = SORI_DENSE, .units = 2 }), &mse);
    base_rng r = base_rng_new(8, BASE_RNG_TEST, 0, 0);
    nn_plan *p = filled_plan(m, N, &r);
    p->weighted = true;
    for (size_t i = 0; i < N; i++) p->weight[i] = (double)i;
    nn_mix *x = nn_mix_new(m, &(sori_fit_config){ .mixup = 1 }, N);
    nn_mix_batch(x, p, N, 0, 0);
    double loss, correct, want = 0;
    nn_forward(m, p, N);
    nn_loss(m, p, N, false, &loss, &correct);
    const double *y = (double *)p->value[1].at, *t = (double *)p->target;
    for (size_t i = 0; i < N; i++) {
        double weight = x->share * (double)i + (1 - x->share) * x->partner[i], sum = 0;
        for (size_t k = 0; k < 2; k++) {
            double d = y[2 * i + k] - x->share * t[2 * i + k] - (1 - x->share) * t[2 * x->partner[i] + k];
            sum += d * d / 2;
        }
        want += weight * sum;
    }
    assert_close(loss, want, 1e-12, 1e-12);
    nn_mix_free(x, p);
    sori_model_free(m);
    sori_close(c);
}

/* --- draws ------------------------------------------------------------ */

#define BATCHES 6000

/* Mean 1/2 and variance 1 / (4 (2 alpha + 1)) of Beta(alpha, alpha), to five standard errors (of at most 1/2 and 1/4,
 * as shares lie in 0..1); the partner of sample 0 is any of N, each of K layers and kinds as often as the others. */
static void draws_are_even(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 11 });
    sori_model *m = double_model(c, SORI_SHAPE(4, 2), SORI_LAYERS(
        { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 5 }, { .op = SORI_DENSE, .units = 4 },
        { .op = SORI_DENSE, .units = 2 }), &mse);
    const double alpha = 0.4, error = 5 / sqrt(BATCHES);
    base_rng r = base_rng_new(9, BASE_RNG_TEST, 0, 0);
    nn_plan *p = filled_plan(m, N, &r);
    nn_mix *x = nn_mix_new(m, &(sori_fit_config){ .mixup = alpha, .cutmix = alpha, .manifold_mixup = alpha }, N);
    size_t kind[NN_MIX_KINDS] = { 0 }, layer[5] = { 0 }, partner[N] = { 0 }, shares = 0;
    double sum = 0, squares = 0;
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        nn_mix_batch(x, p, N, 0, batch);
        kind[x->kind]++;
        partner[x->partner[0]]++;
        for (size_t i = 0; i < N; i++) assert_int_equal(x->partner[x->inverse[i]], i);
        if (x->kind == NN_MIX_MANIFOLD) layer[x->value]++;
        else assert_int_equal(x->value, 0);
        if (x->kind == NN_MIX_CUT) continue;
        shares++;
        sum += x->share;
        squares += (x->share - 0.5) * (x->share - 0.5);
    }
    assert_close(sum / (double)shares, 0.5, error, 0);
    assert_close(squares / (double)shares, 1 / (4 * (2 * alpha + 1)), error, 0);
    for (int i = 0; i < NN_MIX_KINDS; i++) assert_close((double)kind[i] / BATCHES, 1.0 / 3, error / 2, 0);
    for (int i = 0; i < N; i++) assert_close((double)partner[i] / BATCHES, 1.0 / N, error / 2, 0);
    const double of_manifold = (double)kind[NN_MIX_MANIFOLD];
    for (int v = 0; v < 5; v++)   /* the input, which flatten only reshapes, and two layers */
        assert_close((double)layer[v] / of_manifold, v == 0 || v == 2 || v == 3 ? 1.0 / 3 : 0, error, 0);
    nn_mix_free(x, p);
    sori_model_free(m);
    sori_close(c);
}

/* --- a run ------------------------------------------------------------ */

/* Once a fit that mixes is over, nothing is mixed: the model goes on as one that has its weights. */
static void nothing_is_mixed_afterwards(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 2 });
    const sori_layer *layers = SORI_LAYERS({ .op = SORI_DENSE, .units = 6, .act = SORI_TANH },
                                           { .op = SORI_DENSE, .units = 2 });
    sori_model *a = double_model(c, SORI_SHAPE(3), layers, &mse), *b = double_model(c, SORI_SHAPE(3), layers, &mse);
    sori_array *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ 20, 3 }),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 20, 2 });
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < 60; i++) ((float *)x->data)[i] = (float)base_rng_normal(&r);
    for (size_t i = 0; i < 40; i++) ((float *)y->data)[i] = (float)base_rng_normal(&r);
    sori_fit(b, x, y, &(sori_fit_config){ .epochs = 2, .batch_size = 6 });
    sori_fit(a, x, y, &(sori_fit_config){ .epochs = 2, .batch_size = 6, .manifold_mixup = 1 });
    assert_memory_not_equal(a->w, b->w, a->param_count * sizeof(double));
    memcpy(b->w, a->w, a->param_count * sizeof(double));
    b->version++;
    b->step = a->step;
    sori_fit(a, x, y, &(sori_fit_config){ .epochs = 2, .batch_size = 6 });
    sori_fit(b, x, y, &(sori_fit_config){ .epochs = 2, .batch_size = 6 });
    assert_ok(c);
    assert_memory_equal(a->w, b->w, a->param_count * sizeof(double));
    sori_model_free(a);
    sori_model_free(b);
    sori_close(c);
}

/* The loss after two epochs of an image network, mixed, on one of the engines. */
static double loss_on(sori_engine engine) {
    sori_ctx *c = sori_open(&(sori_options){ .seed = 2, .threads = 2 });
    sori_model *m = sori_sequential(c, SORI_SHAPE(8, 8, 3), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 16, .kernel = { 3, 3 }, .act = SORI_RELU },
        { .op = SORI_CONV2D, .filters = 16, .kernel = { 3, 3 }, .act = SORI_RELU }, { .op = SORI_MAXPOOL2D },
        { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }));
    sori_compile(m, &(sori_compile_config){ .engine = engine });
    sori_array *x = sori_array_new(c, SORI_F32, 4, (size_t[]){ 24, 8, 8, 3 }),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 24, 2 });
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = (float)base_rng_normal(&r);
    for (size_t i = 0; i < y->size; i++) ((float *)y->data)[i] = (float)base_rng_normal(&r);
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 2, .batch_size = 8, .cutmix = 1, .manifold_mixup = 2 });
    assert_ok(c);
    size_t epochs;
    double loss = sori_history(m, &epochs)[1].loss;
    sori_model_free(m);
    sori_close(c);
    return loss;
}

static void either_engine(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    assert_close(loss_on(SORI_ENGINE_ONEDNN), loss_on(SORI_ENGINE_OWN), 0, 1e-5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_chains), cmocka_unit_test(gradients_of_images),
        cmocka_unit_test(gradients_of_graphs), cmocka_unit_test(gradients_of_large_layers),
        cmocka_unit_test(values_and_targets_are_mixed), cmocka_unit_test(cutmix_cuts_rectangles),
        cmocka_unit_test(weights_are_mixed), cmocka_unit_test(draws_are_even),
        cmocka_unit_test(nothing_is_mixed_afterwards), cmocka_unit_test(either_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
