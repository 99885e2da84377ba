/* Every layer's forward pass against its definition written as plain loops in double, on random shapes.
 *
 * Both compute in double, in another order of addition: 1e-12 of values of order 1 to 10. */
#include "test.h"
#include "nn/nn.h"

#define SAMPLES 3
#define TOLERANCE 1e-11

typedef struct image { size_t h, w, c; const double *p; } image;

static double at(image x, long i, long j, size_t k) {
    bool inside = i >= 0 && j >= 0 && i < (long)x.h && j < (long)x.w;
    return inside ? x.p[((size_t)i * x.w + (size_t)j) * x.c + k] : 0;
}

/* TensorFlow's rule: zeros before the first row or column. */
static long zeros_before(size_t in, size_t out, int kernel, int stride, sori_padding padding) {
    long all = (long)(out - 1) * stride + kernel - (long)in;
    return padding == SORI_SAME && all > 0 ? all / 2 : 0;
}

static double conv(const sori_layer *l, image x, const double *w, const double *b, size_t oh, size_t ow, size_t i,
                   size_t j, size_t f) {
    size_t filters = (size_t)l->filters;
    long top = zeros_before(x.h, oh, l->kernel[0], l->strides[0], l->padding);
    long left = zeros_before(x.w, ow, l->kernel[1], l->strides[1], l->padding);
    double sum = b ? b[f] : 0;
    for (int u = 0; u < l->kernel[0]; u++)
        for (int v = 0; v < l->kernel[1]; v++)
            for (size_t k = 0; k < x.c; k++)
                sum += at(x, (long)i * l->strides[0] + u - top, (long)j * l->strides[1] + v - left, k) *
                       w[(((size_t)u * (size_t)l->kernel[1] + (size_t)v) * x.c + k) * filters + f];
    return sum;
}

static double pool(const sori_layer *l, image x, size_t oh, size_t ow, size_t i, size_t j, size_t k) {
    long top = (long)i * l->strides[0] - zeros_before(x.h, oh, l->kernel[0], l->strides[0], l->padding);
    long left = (long)j * l->strides[1] - zeros_before(x.w, ow, l->kernel[1], l->strides[1], l->padding);
    double best = -INFINITY, sum = 0;
    int count = 0;
    for (long u = top; u < top + l->kernel[0]; u++)
        for (long v = left; v < left + l->kernel[1]; v++)
            if (u >= 0 && v >= 0 && u < (long)x.h && v < (long)x.w) {
                best = fmax(best, at(x, u, v, k));
                sum += at(x, u, v, k);
                count++;
            }
    return l->op == SORI_MAXPOOL2D ? best : sum / count;
}

static double expected(const sori_layer *l, image x, const nn_node *n, const sori_model *m, size_t i, size_t j,
                       size_t k) {
    const double *w = n->n_params > 0 ? (const double *)m->w + n->param[0].offset : NULL;
    const double *b = n->n_params > 1 ? (const double *)m->w + n->param[1].offset : NULL;
    if (l->op == SORI_CONV2D) return conv(l, x, w, b, n->y.dim[0], n->y.dim[1], i, j, k);
    if (l->op != SORI_DENSE) return pool(l, x, n->y.dim[0], n->y.dim[1], i, j, k);
    double sum = b ? b[k] : 0;
    for (size_t c = 0; c < x.c; c++) sum += at(x, (long)i, (long)j, c) * w[c * (size_t)l->units + k];
    return sum;
}

static void check(sori_ctx *c, sori_shape input, const sori_layer *layer, base_rng *r) {
    sori_model *m = sori_sequential(c, input, (const sori_layer[]){ *layer, { 0 } });
    sori_compile(m, &(sori_compile_config){ .exact = true });
    assert_ok(c);
    const nn_node *n = &m->nodes[0];
    for (size_t i = 0; i < m->param_count; i++) ((double *)m->w)[i] = base_rng_normal(r);
    m->version++;
    nn_plan *p = nn_plan_get(m, SAMPLES, true);
    double *x = (double *)p->value[0].at, *y = (double *)p->value[1].at;
    for (size_t i = 0; i < SAMPLES * m->input.size; i++) x[i] = base_rng_normal(r);
    nn_forward(m, p, SAMPLES);
    for (size_t s = 0; s < SAMPLES; s++) {
        image in = { n->x[0].dim[0], n->x[0].dim[1], n->x[0].dim[2], x + s * n->x[0].size };
        for (size_t e = 0; e < n->y.size; e++) {
            size_t k = e % n->y.dim[2], j = e / n->y.dim[2] % n->y.dim[1], i = e / n->y.dim[2] / n->y.dim[1];
            assert_close(y[s * n->y.size + e], expected(&n->layer, in, n, m, i, j, k), TOLERANCE, TOLERANCE);
        }
    }
    sori_model_free(m);
}

static int draw(base_rng *r, int from, int to) { return from + (int)base_rng_below(r, (uint32_t)(to - from + 1)); }

static void layers_match_their_definitions(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    base_rng r = base_rng_new(11, BASE_RNG_TEST, 0, 0);
    static const sori_op ops[] = { SORI_CONV2D, SORI_MAXPOOL2D, SORI_AVGPOOL2D, SORI_DENSE };
    for (int round = 0; round < 300; round++) {
        sori_shape input = SORI_SHAPE(draw(&r, 6, 14), draw(&r, 6, 14), draw(&r, 1, 9));
        sori_layer layer = { .op = ops[round % 4],
                             .filters = draw(&r, 1, 40),
                             .units = draw(&r, 1, 90),
                             .kernel = { draw(&r, 1, 5), draw(&r, 1, 5) },
                             .strides = { draw(&r, 1, 3), draw(&r, 1, 3) },
                             .padding = (sori_padding)draw(&r, 0, 1),
                             .no_bias = draw(&r, 0, 1) };
        if (round % 12 == 0) {   /* Winograd's way */
            input.dim[2] = draw(&r, 16, 70);
            layer.filters = draw(&r, 16, 70);
            layer.kernel[0] = layer.kernel[1] = 3;
            layer.strides[0] = layer.strides[1] = 1;
        }
        check(c, input, &layer, &r);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(layers_match_their_definitions) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
