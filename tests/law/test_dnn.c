/* oneDNN's layers against our own, forward and backward, on random shapes; and what must hold of them as of ours: the
 * same bits on any number of threads, a sample's answer the same in any batch, no thread started behind our back.
 *
 * Tolerance: both sum the same n products in float in another order, an error of about sqrt(n) 6e-8 of the products'
 * size, so of the largest value sqrt(1e5) 6e-8 = 2e-5 at most. */
#include "test.h"
#include "nn/dnn.h"
#include <dirent.h>

#define TOLERANCE 2e-5

static void fill(float *x, size_t n, base_rng *r) {
    for (size_t i = 0; i < n; i++) x[i] = (float)base_rng_normal(r);
}

/* The layers twice, with one seed: by our kernels and by oneDNN; n samples in, and gradients of the loss computed. */
typedef struct twin {
    sori_ctx *c;
    sori_model *m;
    nn_plan *p;
} twin;

static twin twin_new(sori_engine engine, sori_shape input, const sori_layer *layers, size_t n) {
    twin t = { .c = sori_open(&(sori_options){ .threads = 2, .seed = 5 }) };
    t.m = sori_sequential(t.c, input, layers);
    sori_compile(t.m, &(sori_compile_config){ .engine = engine });
    assert_ok(t.c);
    t.p = nn_plan_get(t.m, n, true);
    assert_ok(t.c);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < nn_param_total(t.m); i++) {   /* biases away from 0 */
        const nn_param *w = nn_param_at(t.m, i);
        for (size_t j = 0; j < w->shape.size; j++)
            ((float *)t.m->w)[w->offset + j] += 0.1f * (float)base_rng_normal(&r);
    }
    t.m->version++;
    fill((float *)t.p->value[0].at, n * t.m->input.size, &r);
    fill((float *)t.p->target, n * t.m->nodes[t.m->n_nodes - 1].y.size, &r);
    double loss, correct;
    nn_forward(t.m, t.p, n);
    nn_loss(t.m, t.p, n, true, &loss, &correct);
    nn_backward(t.m, t.p, n);
    return t;
}

static void twin_free(twin *t) {
    sori_model_free(t->m);
    sori_close(t->c);
}

static void compare(const char *what, const char *name, const float *own, const float *other, size_t n) {
    double size = 0;
    for (size_t i = 0; i < n; i++) size = fmax(size, fabs((double)own[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)own[i] - (double)other[i]) <= TOLERANCE * size))
            fail_msg("%s %s[%zu]: ours %.9g, oneDNN's %.9g of at most %.3g", name, what, i, (double)own[i],
                     (double)other[i], size);
}

/* Number of nodes that oneDNN computed. */
static int check(sori_engine engine, sori_shape input, const sori_layer *layers, size_t n) {
    twin own = twin_new(SORI_ENGINE_OWN, input, layers, n), other = twin_new(engine, input, layers, n);
    int used = 0;
    for (int i = 0; i < own.m->n_nodes; i++) {
        const nn_node *node = &own.m->nodes[i];
        assert_null(nn_fast_name(own.p, i));
        const char *name = nn_fast_name(other.p, i);
        if (name) assert_null(strstr(name, "ref"));
        used += name != NULL;
        compare("output", node->name, (float *)own.p->value[i + 1].at, (float *)other.p->value[i + 1].at,
                n * node->y.size);
        for (int k = 0; k < node->n_params; k++) {
            const nn_param *w = &node->param[k];
            compare("gradient", w->name, (float *)own.p->dw + w->offset, (float *)other.p->dw + w->offset,
                    w->shape.size);
        }
    }
    twin_free(&own);
    twin_free(&other);
    return used;
}

static int between(base_rng *r, int low, int high) { return low + (int)base_rng_below(r, (uint32_t)(high - low + 1)); }

/* A layer with some window that fits an image of 17 x 19, or a sequence of 19. */
static sori_layer some_convolution(base_rng *r, sori_op op) {
    sori_layer l = { .op = op, .filters = between(r, 1, 40), .padding = (sori_padding)between(r, 0, 2),
                     .no_bias = between(r, 0, 2) == 0 };
    for (int i = 0; i < 2; i++) {
        l.kernel[i] = between(r, 1, 5);
        l.strides[i] = between(r, 1, 3);
        l.dilation[i] = between(r, 1, 3);
        if (l.strides[i] > 1 && l.padding == SORI_SAME) l.dilation[i] = 1;
    }
    for (int i = 0; i < 4; i++) l.pad[i] = between(r, 0, 3);
    return l;
}

static void convolutions(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    int used = 0;
    for (int i = 0; i < 60; i++) {
        bool image = i % 3 > 0;
        sori_layer l = some_convolution(&r, image ? SORI_CONV2D : SORI_CONV1D);
        int channels = between(&r, 1, 36);
        sori_shape first = image ? SORI_SHAPE(17, 19, channels) : SORI_SHAPE(19, channels),
                   second = image ? SORI_SHAPE(17, 19, 2) : SORI_SHAPE(19, 2);   /* behind a layer that sees dx */
        used += check(SORI_ENGINE_ONEDNN, first, SORI_LAYERS(l), 3);
        used += check(SORI_ENGINE_ONEDNN, second,
                      SORI_LAYERS({ .op = SORI_DENSE, .units = channels }, l,
                                  { .op = SORI_ACTIVATION, .act = SORI_TANH }), (size_t)between(&r, 1, 5));
    }
    assert_in_range(used, 60, 180);
}

static void towers(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    int used = check(SORI_ENGINE_ONEDNN, SORI_SHAPE(40, 24, 1),
                     SORI_LAYERS({ .op = SORI_CONV2D, .filters = 24, .kernel = { 3, 3 }, .padding = SORI_SAME,
                                   .no_bias = true },
                                 { .op = SORI_BATCHNORM, .act = SORI_TANH }, { .op = SORI_MAXPOOL2D },
                                 { .op = SORI_CONV2D, .name = "a", .filters = 32, .kernel = { 3, 3 },
                                   .padding = SORI_SAME, .act = SORI_SILU },
                                 { .op = SORI_CONV2D, .name = "b", .filters = 32, .kernel = { 3, 3 },
                                   .padding = SORI_SAME },
                                 { .op = SORI_ADD, .from = { "a", "b" } }), 9);
    assert_int_equal(used, 3);
}

/* Left to itself it computes some passes of some layers, and the operator the others. */
static void mixtures(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    sori_layer pixel = { .op = SORI_CONV2D, .filters = 24, .kernel = { 1, 1 } },
               strided = { .op = SORI_CONV2D, .filters = 16, .kernel = { 3, 3 }, .strides = { 2, 1 } },
               narrow = { .op = SORI_CONV2D, .filters = 5, .kernel = { 1, 1 } };
    sori_shape input = SORI_SHAPE(17, 19, 8);
    assert_int_equal(check(SORI_ENGINE_AUTO, input, SORI_LAYERS({ .op = SORI_DENSE, .units = 16 }, pixel), 3), 1);
    assert_int_equal(check(SORI_ENGINE_AUTO, input, SORI_LAYERS(pixel, strided, narrow), 3), 2);
    assert_int_equal(check(SORI_ENGINE_AUTO, input, SORI_LAYERS(strided), 3), 0);   /* dx is not wanted */
}

/* --- training and answering ------------------------------------------------------------ */

static const sori_layer net[] = {
    { .op = SORI_CONV2D, .filters = 16, .kernel = { 3, 3 }, .padding = SORI_SAME, .act = SORI_RELU },
    { .op = SORI_CONV2D, .filters = 24, .kernel = { 3, 3 }, .strides = { 2, 2 }, .act = SORI_RELU },
    { .op = SORI_CONV2D, .filters = 16, .kernel = { 2, 3 }, .dilation = { 1, 2 } },
    { .op = SORI_GLOBAL_AVGPOOL2D }, { .op = SORI_DENSE, .units = 3 }, { 0 }
};

static sori_array *noise(sori_ctx *c, int ndim, const size_t *shape) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(2, BASE_RNG_TEST, 0, 0);
    fill(a->data, a->size, &r);
    return a;
}

static sori_model *net_new(sori_ctx *c, sori_engine engine) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(32, 30, 2), net);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM }, .engine = engine });
    assert_ok(c);
    return m;
}

static uint64_t hash_of(const void *data, size_t bytes) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < bytes; i++) h = (h ^ ((const unsigned char *)data)[i]) * 1099511628211u;
    return h;
}

static uint64_t trained(int threads) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads, .seed = 1 });
    sori_model *m = net_new(c, SORI_ENGINE_ONEDNN);
    sori_fit(m, noise(c, 4, (size_t[]){ 43, 32, 30, 2 }), noise(c, 2, (size_t[]){ 43, 3 }),
             &(sori_fit_config){ .epochs = 2, .batch_size = 16 });
    assert_ok(c);
    uint64_t h = hash_of(m->w, m->param_count * sizeof(float));
    sori_model_free(m);
    sori_close(c);
    return h;
}

static void any_threads(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    uint64_t one = trained(1);
    for (int threads = 2; threads <= 8; threads *= 2) assert_true(trained(threads) == one);
}

static void any_batch(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 1 });
    sori_model *m = net_new(c, SORI_ENGINE_ONEDNN);
    sori_array *x = noise(c, 4, (size_t[]){ 37, 32, 30, 2 }), *all = sori_predict(m, x);
    size_t size = x->size / 37;
    for (size_t i = 0; i < 37; i += 6) {
        sori_array *one = sori_array_from(c, SORI_F32, 4, (size_t[]){ 1, 32, 30, 2 }, (float *)x->data + i * size);
        assert_memory_equal(sori_predict(m, one)->data, (float *)all->data + 3 * i, 3 * sizeof(float));
    }
    sori_model_free(m);
    sori_close(c);
}

/* Factors with 8 bits are off by 2^-9 at most, and what three layers make of that is averaged to numbers near 0: a
 * thirtieth of the largest. Where the processor does not multiply such numbers, nothing is rounded. */
static void rounded(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 1 });
    sori_model *m = net_new(c, SORI_ENGINE_AUTO);
    sori_array *x = noise(c, 4, (size_t[]){ 37, 32, 30, 2 }), *exact = sori_predict(m, x);
    sori_compile(m, &(sori_compile_config){ .bf16 = true });
    sori_array *all = sori_predict(m, x);
    double size = 0, worst = 0;
    for (size_t i = 0; i < all->size; i++) {
        double a = (double)((float *)all->data)[i], b = (double)((float *)exact->data)[i];
        size = fmax(size, fabs(b));
        worst = fmax(worst, fabs(a - b));
    }
    assert_true(worst <= size / 30);
    assert_true((worst > 0) == (nn_fast_name(m->infer_plan, 1) != NULL));
    size_t one = x->size / 37;
    for (size_t i = 0; i < 37; i += 6) {
        sori_array *y = sori_array_from(c, SORI_F32, 4, (size_t[]){ 1, 32, 30, 2 }, (float *)x->data + i * one);
        assert_memory_equal(sori_predict(m, y)->data, (float *)all->data + 3 * i, 3 * sizeof(float));
    }
    sori_model_free(m);
    sori_close(c);
}

/* Weights set, and another engine chosen, after the first answer. */
static void later_changes(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1, .seed = 1 });
    sori_model *m = net_new(c, SORI_ENGINE_ONEDNN);
    sori_array *x = noise(c, 4, (size_t[]){ 2, 32, 30, 2 }), *first = sori_predict(m, x);
    sori_array *w = sori_get_weight(m, "conv2d/kernel");
    for (size_t i = 0; i < w->size; i++) ((float *)w->data)[i] *= -2;
    sori_set_weight(m, "conv2d/kernel", w);
    sori_array *second = sori_predict(m, x);
    assert_true(memcmp(first->data, second->data, 6 * sizeof(float)) != 0);
    sori_compile(m, &(sori_compile_config){ .engine = SORI_ENGINE_OWN });
    compare("answer", "net", sori_predict(m, x)->data, second->data, 6);
    assert_null(nn_fast_name(m->infer_plan, 0));
    sori_model_free(m);
    sori_close(c);
}

static int threads_now(void) {
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    while (d && readdir(d)) n++;
    if (d) closedir(d);
    return n;
}

#ifdef SORI_WITH_ONEDNN
int omp_get_max_threads(void);
void omp_set_num_threads(int n);
#else
static int omp_get_max_threads(void) { return 3; }
static void omp_set_num_threads(int n) { (void)n; }
#endif

static void no_threads(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    omp_set_num_threads(3);
    int before = threads_now();
    trained(1);
    assert_int_equal(threads_now(), before);
    assert_int_equal(omp_get_max_threads(), 3);
}

static void files_do_not_tell(void **state) {
    (void)state;
    if (!nn_fast_built()) skip();
    uint64_t h[2];
    for (int i = 0; i < 2; i++) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = 1, .seed = 1 });
        sori_model *m = net_new(c, i ? SORI_ENGINE_ONEDNN : SORI_ENGINE_OWN);
        sori_model_save(m, TEST_SCRATCH "/m.safetensors", NULL);
        assert_ok(c);
        FILE *f = fopen(TEST_SCRATCH "/m.safetensors", "rb");
        static char text[1 << 18];
        h[i] = hash_of(text, fread(text, 1, sizeof text, f));
        fclose(f);
        sori_model_free(m);
        sori_close(c);
    }
    assert_true(h[0] == h[1]);
}

static void refusals(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(32, 30, 2), net);
    SAYS(c, sori_compile(m, &(sori_compile_config){ .engine = (sori_engine)3 }), "compile: unknown engine 3");
    if (!nn_fast_built()) {
        assert_int_equal(sori_compile(m, &(sori_compile_config){ .engine = SORI_ENGINE_ONEDNN }), SORI_EUNSUP);
        assert_string_equal(sori_message(c), "compile: sori was not built with oneDNN");
    }
    sori_model_free(m);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions), cmocka_unit_test(towers), cmocka_unit_test(mixtures),
        cmocka_unit_test(any_threads), cmocka_unit_test(any_batch), cmocka_unit_test(rounded),
        cmocka_unit_test(later_changes), cmocka_unit_test(no_threads),
        cmocka_unit_test(files_do_not_tell), cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
