/* The layers that change a sample's shape against their definitions, plain loops in double, on random shapes; and
 * transposed convolution against the convolution it is the transpose of.
 *
 * Both compute in double, in another order of addition: 1e-12 of values of order 1 to 10. */
#include "test.h"
#include "nn/nn.h"

#define SAMPLES 3
#define TOLERANCE 1e-11

static int draw(base_rng *r, int from, int to) { return from + (int)base_rng_below(r, (uint32_t)(to - from + 1)); }

/* A compiled model with random weights that has run on random inputs, in training (so that dropout drops). */
typedef struct trial {
    sori_model *m;
    const nn_node *n;        /* its last layer */
    const double *x, *y;     /* that layer's, [SAMPLES, ...] */
    const double *w, *b;     /* its weights */
} trial;

static trial run(sori_ctx *c, sori_shape input, const sori_layer *layers, base_rng *r) {
    sori_model *m = sori_sequential(c, input, layers);
    sori_compile(m, &(sori_compile_config){ .exact = true });
    assert_ok(c);
    for (size_t i = 0; i < m->param_count; i++) ((double *)m->w)[i] = base_rng_normal(r);
    m->version++;
    nn_plan *p = nn_plan_get(m, SAMPLES, true);
    double *x = (double *)p->value[0].at;
    for (size_t i = 0; i < SAMPLES * m->input.size; i++) x[i] = base_rng_normal(r);
    nn_forward(m, p, SAMPLES);
    const nn_node *n = &m->nodes[m->n_nodes - 1];
    return (trial){ m, n, (double *)p->value[n->in[0]].at, (double *)p->value[m->n_nodes].at,
                    n->n_params > 0 ? (double *)m->w + n->param[0].offset : NULL,
                    n->n_params > 1 ? (double *)m->w + n->param[1].offset : NULL };
}

static void equals(const trial *t, const double *expected) {
    for (size_t i = 0; i < SAMPLES * t->n->y.size; i++) assert_close(t->y[i], expected[i], TOLERANCE, TOLERANCE);
}

/* Sizes as [height, width, channel], height 1 for [time, channel]. */
typedef struct sizes { long h, w, c; } sizes;
static sizes sizes_of(const nn_shape *s) {
    return s->ndim == 2 ? (sizes){ 1, (long)s->dim[0], (long)s->dim[1] }
                        : (sizes){ (long)s->dim[0], (long)s->dim[1], (long)s->dim[2] };
}

/* --- transposed convolution ------------------------------------------------------------ */

/* Keras's output size and the values cut in front of the whole result. */
static long transposed_size(const sori_layer *l, int i, long in, long *cut) {
    long covered = (l->kernel[i] - 1) * l->dilation[i] + 1, s = l->strides[i], whole = (in - 1) * s + covered;
    *cut = 0;
    if (l->padding == SORI_VALID) return in * s + (covered > s ? covered - s : 0);
    if (l->padding == SORI_EXPLICIT) {
        *cut = l->pad[2 * i];
        return whole - l->pad[2 * i] - l->pad[2 * i + 1];
    }
    *cut = covered > s ? (covered - s) / 2 : 0;
    return in * s;
}

/* Every input value, times the kernel, added at its place in the output. */
static void check_transposed(const trial *t) {
    const sori_layer *l = &t->n->layer;
    sizes x = sizes_of(&t->n->x[0]), y = sizes_of(&t->n->y);
    int wide = t->n->x[0].ndim - 2, kh = wide ? l->kernel[0] : 1, kw = l->kernel[wide];
    long top = 0, left;
    if (wide) assert_int_equal(y.h, transposed_size(l, 0, x.h, &top));
    assert_int_equal(y.w, transposed_size(l, wide, x.w, &left));
    double *out = calloc(SAMPLES * t->n->y.size, sizeof *out);
    for (long p = 0; t->b && p < SAMPLES * y.h * y.w * y.c; p++) out[p] = t->b[p % y.c];
    for (long p = 0; p < SAMPLES * x.h * x.w; p++)
        for (long k = 0; k < kh * kw; k++) {
            long s = p / x.w / x.h, i = p / x.w % x.h, j = p % x.w;
            long u = wide ? i * l->strides[0] + k / kw * l->dilation[0] - top : 0;
            long v = j * l->strides[wide] + k % kw * l->dilation[wide] - left;
            if (u < 0 || v < 0 || u >= y.h || v >= y.w) continue;
            for (long f = 0; f < y.c; f++)
                for (long c = 0; c < x.c; c++)
                    out[((s * y.h + u) * y.w + v) * y.c + f] += t->x[p * x.c + c] * t->w[(k * y.c + f) * x.c + c];
        }
    for (size_t i = 0; l->act == SORI_RELU && i < SAMPLES * t->n->y.size; i++) out[i] = fmax(out[i], 0);
    equals(t, out);
    free(out);
}

static void transposed_convolution(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    base_rng r = base_rng_new(13, BASE_RNG_TEST, 0, 0);
    for (int round = 0; round < 300; round++) {
        bool image = round % 3 > 0;
        sori_layer layer = { .op = image ? SORI_CONV2D_TRANSPOSE : SORI_CONV1D_TRANSPOSE,
                             .filters = draw(&r, 1, 40),
                             .kernel = { draw(&r, 1, 5), draw(&r, 1, 5) },
                             .strides = { draw(&r, 1, 6), draw(&r, 1, 6) },
                             .dilation = { draw(&r, 1, 4), draw(&r, 1, 4) },
                             .padding = (sori_padding)draw(&r, 0, 2),
                             .pad = { draw(&r, 0, 6), draw(&r, 0, 2), draw(&r, 0, 2), draw(&r, 0, 6) },
                             .act = draw(&r, 0, 1) ? SORI_RELU : SORI_LINEAR,
                             .no_bias = draw(&r, 0, 1) };
        sori_shape input = SORI_SHAPE(draw(&r, 10, 14), draw(&r, 10, 14), image ? draw(&r, 1, 20) : 0);
        trial t = run(c, input, (const sori_layer[]){ layer, { 0 } }, &r);
        check_transposed(&t);
        sori_model_free(t.m);
    }
    sori_close(c);
}

/* <conv(x), y> = <x, transposed(y)> with one kernel, where both have the same windows. */
static void transposes_the_convolution(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(17, BASE_RNG_TEST, 0, 0);
    for (int round = 0; round < 30; round++) {
        int stride = draw(&r, 1, 3), dilation = draw(&r, 1, 2);
        sori_layer conv = { .op = SORI_CONV2D, .filters = 5, .kernel = { 3, 4 }, .strides = { stride, 1 },
                            .dilation = { 1, dilation }, .padding = (sori_padding)draw(&r, 0, 1), .no_bias = true };
        sori_layer back = conv;
        back.op = SORI_CONV2D_TRANSPOSE;
        back.filters = 2;
        int h = 3 * stride, rows = conv.padding == SORI_SAME ? 3 * stride : 3 + (h - 3) / stride * stride;
        trial a = run(c, SORI_SHAPE(rows, 11, 2), (const sori_layer[]){ conv, { 0 } }, &r);
        sori_shape out = sori_model_output(a.m);
        trial b = run(c, out, (const sori_layer[]){ back, { 0 } }, &r);
        memcpy(b.m->w, a.m->w, a.n->param[0].shape.size * sizeof(double));
        b.m->version++;
        nn_forward(b.m, nn_plan_get(b.m, SAMPLES, true), SAMPLES);
        assert_int_equal(b.n->y.dim[0], rows);
        double one = 0, other = 0;
        for (size_t i = 0; i < SAMPLES * a.n->y.size; i++) one += a.y[i] * b.x[i];
        for (size_t i = 0; i < SAMPLES * a.n->x[0].size; i++) other += a.x[i] * b.y[i];
        assert_close(one, other, 1e-10, 1e-11);
        sori_model_free(a.m);
        sori_model_free(b.m);
    }
    sori_close(c);
}

/* --- the others ------------------------------------------------------------ */

/* Keras's resize along one axis: the value at place i of `times` as many. */
static double between(const double *x, long n, long apart, long i, long times, bool bilinear) {
    if (!bilinear) return x[i / times * apart];
    double at = ((double)i + 0.5) / (double)times - 0.5, t = at - floor(at);
    long lo = (long)floor(at), hi = lo + 1;
    return (1 - t) * x[(lo < 0 ? 0 : lo) * apart] + t * x[(hi > n - 1 ? n - 1 : hi) * apart];
}

static double upsampled(const trial *t, sizes x, long i, long j, long k) {
    const sori_layer *l = &t->n->layer;
    int wide = t->n->x[0].ndim - 2;
    double column[64];
    for (long u = 0; u < x.h; u++)
        column[u] = between(t->x + u * x.w * x.c + k, x.w, x.c, j, l->kernel[wide], l->bilinear);
    return wide ? between(column, x.h, 1, i, l->kernel[0], l->bilinear) : column[0];
}

static double padded(const trial *t, sizes x, long i, long j, long k) {
    const sori_layer *l = &t->n->layer;
    int wide = t->n->x[0].ndim - 2, sign = l->op == SORI_CROPPING ? 1 : -1;
    i += wide ? sign * l->pad[0] : 0;
    j += sign * l->pad[2 * wide];
    return i < 0 || j < 0 || i >= x.h || j >= x.w ? 0 : t->x[(i * x.w + j) * x.c + k];
}

static double mapped(const trial *t, sizes x, long i, long j, long k) {   /* dense along an axis */
    long at[3] = { i, j, k }, axis = t->n->layer.axis + (t->n->x[0].ndim == 2), units = t->n->layer.units, out;
    long in = axis == 1 ? x.h : axis == 2 ? x.w : x.c;
    out = at[axis - 1];
    double sum = t->b ? t->b[out] : 0;
    for (long v = 0; v < in; v++) {
        at[axis - 1] = v;
        sum += t->x[(at[0] * x.w + at[1]) * x.c + at[2]] * t->w[v * units + out];
    }
    return sum;
}

static double prelu(const trial *t, sizes x, long i, long j, long k) {
    double v = t->x[(i * x.w + j) * x.c + k];
    return fmax(v, 0) + t->w[k] * fmin(v, 0);
}

static double expected(const trial *t, sizes x, long i, long j, long k) {
    switch ((int)t->n->layer.op) {
    case SORI_UPSAMPLING: return upsampled(t, x, i, j, k);
    case SORI_DENSE: return mapped(t, x, i, j, k);
    case SORI_PRELU: return prelu(t, x, i, j, k);
    default: return padded(t, x, i, j, k);
    }
}

static void check_pixels(trial t) {
    sizes x = sizes_of(&t.n->x[0]), y = sizes_of(&t.n->y);
    for (size_t s = 0; s < SAMPLES; s++, t.x += t.n->x[0].size, t.y += t.n->y.size)
        for (long e = 0; e < y.h * y.w * y.c; e++)
            assert_close(t.y[e], expected(&t, x, e / y.c / y.w, e / y.c % y.w, e % y.c), TOLERANCE, TOLERANCE);
}

static void pixels(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    base_rng r = base_rng_new(19, BASE_RNG_TEST, 0, 0);
    static const sori_op ops[] = { SORI_UPSAMPLING, SORI_ZERO_PADDING, SORI_CROPPING, SORI_DENSE, SORI_PRELU };
    for (int round = 0; round < 300; round++) {
        bool image = draw(&r, 0, 1);
        sori_shape input = SORI_SHAPE(draw(&r, 6, 40), draw(&r, 6, 14), image ? draw(&r, 1, 9) : 0);
        sori_layer layer = { .op = ops[round % 5],
                             .units = draw(&r, 1, 50),
                             .axis = draw(&r, 1, image ? 3 : 2),
                             .kernel = { draw(&r, 1, 4), draw(&r, 1, 4) },
                             .pad = { draw(&r, 1, 3), draw(&r, 0, 2), draw(&r, 0, 2), draw(&r, 0, 3) },
                             .bilinear = draw(&r, 0, 1),
                             .no_bias = draw(&r, 0, 1) };
        trial t = run(c, input, (const sori_layer[]){ layer, { 0 } }, &r);
        check_pixels(t);
        sori_model_free(t.m);
    }
    sori_close(c);
}

/* y[i0, i1, i2] = x[...], where x's axis shape[a] counts i_a. */
static void permute(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(23, BASE_RNG_TEST, 0, 0);
    static const int orders[][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
    for (size_t o = 0; o < BASE_COUNT(orders); o++) {
        const int *order = orders[o];
        trial t = run(c, SORI_SHAPE(4, 9, 7),
                      SORI_LAYERS({ .op = SORI_PERMUTE, .shape = { order[0], order[1], order[2] } }), &r);
        const size_t *x = t.n->x[0].dim, *y = t.n->y.dim;
        for (size_t e = 0; e < SAMPLES * t.n->y.size; e++) {
            size_t s = e / t.n->y.size, i[3], at[4] = { e / y[2] / y[1] % y[0], e / y[2] % y[1], e % y[2] };
            for (int a = 0; a < 3; a++) i[order[a] - 1] = at[a];
            assert_true(t.y[e] == t.x[((s * x[0] + i[0]) * x[1] + i[1]) * x[2] + i[2]]);
        }
        sori_model_free(t.m);
    }
    sori_close(c);
}

static void concat_and_multiply(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(29, BASE_RNG_TEST, 0, 0);
    for (int axis = 1; axis <= 2; axis++) {   /* both halves of the input side by side are the input */
        int down = axis == 1 ? 4 : 0, across = axis == 2 ? 3 : 0;
        trial t = run(c, SORI_SHAPE(8, 6, 4),
                      SORI_LAYERS({ .op = SORI_CROPPING, .name = "first", .pad = { 0, down, 0, across } },
                                  { .op = SORI_CROPPING, .name = "second", .pad = { down, 0, across, 0 },
                                    .from = { "input" } },
                                  { .op = SORI_CONCAT, .from = { "first", "second" }, .axis = axis }), &r);
        equals(&t, (double *)t.m->train_plan->value[0].at);
        sori_model_free(t.m);
    }
    trial t = run(c, SORI_SHAPE(5, 3), SORI_LAYERS({ .op = SORI_DENSE, .name = "a", .units = 3 },
                                                   { .op = SORI_MULTIPLY, .from = { "a", "input", "a" } }), &r);
    const double *in = (double *)t.m->train_plan->value[0].at;
    for (size_t i = 0; i < SAMPLES * 15; i++) assert_close(t.y[i], t.x[i] * in[i] * t.x[i], TOLERANCE, TOLERANCE);
    sori_model_free(t.m);
    sori_close(c);
}

/* Whole numbers find their row, and whatever else is in the input finds none. */
static void embedding(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(31, BASE_RNG_TEST, 0, 0);
    trial t = run(c, SORI_SHAPE(4), SORI_LAYERS({ .op = SORI_EMBEDDING, .vocabulary = 5, .units = 3 }), &r);
    nn_plan *p = nn_plan_get(t.m, SAMPLES, true);
    double numbers[SAMPLES * 4] = { 0, 4, 2, 4, 5, -1, 1e300, NAN, -INFINITY, INFINITY, 1, -0.5 };
    memcpy(p->value[0].at, numbers, sizeof numbers);
    nn_forward(t.m, p, SAMPLES);
    for (size_t i = 0; i < SAMPLES * 4; i++)
        for (size_t k = 0; k < 3; k++) {
            bool known = numbers[i] >= 0 && numbers[i] < 5;
            assert_true(t.y[i * 3 + k] == (known ? t.w[(size_t)numbers[i] * 3 + k] : 0));
        }
    sori_model_free(t.m);
    sori_close(c);
}

/* A channel of a sample is zero or x / (1 - rate) as a whole; about rate of them are zero; inference keeps all. */
static void spatial_dropout(void **state) {
    (void)state;
    enum { CHANNELS = 900, TIME = 5 };
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(37, BASE_RNG_TEST, 0, 0);
    trial t = run(c, SORI_SHAPE(TIME, CHANNELS), SORI_LAYERS({ .op = SORI_SPATIAL_DROPOUT, .rate = 0.25 }), &r);
    size_t dropped = 0;
    for (size_t s = 0; s < SAMPLES; s++)
        for (size_t k = 0; k < CHANNELS; k++) {
            bool zero = t.y[s * TIME * CHANNELS + k] == 0;
            dropped += zero;
            for (size_t i = 0; i < TIME; i++) {
                size_t e = (s * TIME + i) * CHANNELS + k;
                assert_close(t.y[e], zero ? 0 : t.x[e] / 0.75, TOLERANCE, TOLERANCE);
            }
        }
    assert_close((double)dropped, 0.25 * SAMPLES * CHANNELS, 6 * sqrt(0.25 * 0.75 * SAMPLES * CHANNELS), 0);
    nn_plan *p = nn_plan_get(t.m, SAMPLES, false);
    memcpy(p->value[0].at, t.x, SAMPLES * TIME * CHANNELS * sizeof(double));
    assert_int_equal(p->shards, 1);
    nn_forward(t.m, p, SAMPLES);
    assert_memory_equal(p->value[1].at, t.x, SAMPLES * TIME * CHANNELS * sizeof(double));
    sori_model_free(t.m);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transposed_convolution), cmocka_unit_test(transposes_the_convolution),
        cmocka_unit_test(pixels), cmocka_unit_test(permute), cmocka_unit_test(concat_and_multiply),
        cmocka_unit_test(embedding), cmocka_unit_test(spatial_dropout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
