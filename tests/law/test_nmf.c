/* Laws of factorisations by beta divergences: a sweep is its definition, in plain loops; losses fall; what is fixed
 * stays; threads leave no trace. */
#include "arrays.h"
#include "law/tables.h"
#include <sori/decompose.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(&(sori_options){ .threads = 1 }); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static float *values(const sori_array *a) { return a->data; }
static double last(const sori_array *loss) { return ((double *)loss->data)[loss->size - 1]; }

/* Uniform in least .. 1 + least. */
static sori_array *noise(sori_ctx *c, int ndim, const size_t *shape, uint32_t key, double least) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(8, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < a->size; i++) values(a)[i] = (float)(base_rng_uniform(&r) + least);
    return a;
}
#define NOISE(c, key, ...) \
    noise(c, (int)(sizeof((size_t[]){ __VA_ARGS__ }) / sizeof(size_t)), (size_t[]){ __VA_ARGS__ }, key, 0.05)

/* --- the definition, in double and in plain loops; components of T frames --------------------------------------- */

typedef struct plain { size_t F, N, K, T; int loss; const float *S; double *W, *H, *V, *A, *B; } plain;

static double *doubles(const sori_array *a) { return sori_array_cast(ctx, a, SORI_F64)->data; }

static plain plain_of(const sori_array *S, const sori_array *W, const sori_array *H, int loss) {
    size_t n = S->size;
    plain p = { S->shape[0], S->shape[1], H->shape[0], W->ndim == 3 ? W->shape[2] : 1, loss, values(S) };
    p.W = doubles(W);
    p.H = doubles(H);
    p.V = sori_array_new(ctx, SORI_F64, 1, &n)->data;
    p.A = sori_array_new(ctx, SORI_F64, 1, &n)->data;
    p.B = sori_array_new(ctx, SORI_F64, 1, &n)->data;
    return p;
}

#define EACH(f, t) for (size_t f = 0; f < p->F; f++) for (size_t t = 0; t < p->N; t++)
#define EACH_PART(k, i) for (size_t k = 0; k < p->K; k++) for (size_t i = 0; i < p->T; i++)
#define W_AT(f, k, i) p->W[((f) * p->K + (k)) * p->T + (i)]

/* A and B: S V^(beta - 2) and V^(beta - 1). */
static void plain_model(plain *p) {
    EACH(f, t) {
        double v = 0, s = (double)p->S[f * p->N + t];
        EACH_PART(k, i) if (t >= i) v += W_AT(f, k, i) * p->H[k * p->N + t - i];
        p->V[f * p->N + t] = v;
        p->A[f * p->N + t] = p->loss == SORI_NMF_FROBENIUS ? s : p->loss == SORI_NMF_KULLBACK_LEIBLER ? s / v
                                                                                                   : s / (v * v);
        p->B[f * p->N + t] = p->loss == SORI_NMF_FROBENIUS ? v : p->loss == SORI_NMF_KULLBACK_LEIBLER ? 1 : 1 / v;
    }
}

static double plain_ratio(const plain *p, double up, double down) {
    return p->loss == SORI_NMF_ITAKURA_SAITO ? sqrt(up / down) : up / down;
}

static void plain_sweep(plain *p) {
    plain_model(p);
    for (size_t f = 0; f < p->F; f++)
        EACH_PART(k, i) {
            double up = 0, down = 0;
            for (size_t t = i; t < p->N; t++) {
                up += p->A[f * p->N + t] * p->H[k * p->N + t - i];
                down += p->B[f * p->N + t] * p->H[k * p->N + t - i];
            }
            W_AT(f, k, i) *= plain_ratio(p, up, down);
        }
    plain_model(p);
    for (size_t k = 0; k < p->K; k++)
        for (size_t t = 0; t < p->N; t++) {
            double up = 0, down = 0;
            for (size_t i = 0; i < p->T && t + i < p->N; i++)
                for (size_t f = 0; f < p->F; f++) {
                    up += p->A[f * p->N + t + i] * W_AT(f, k, i);
                    down += p->B[f * p->N + t + i] * W_AT(f, k, i);
                }
            p->H[k * p->N + t] *= plain_ratio(p, up, down);
        }
}

static double plain_loss(plain *p) {
    double sum = 0;
    plain_model(p);
    EACH(f, t) {
        double s = (double)p->S[f * p->N + t], v = p->V[f * p->N + t];
        sum += p->loss == SORI_NMF_FROBENIUS ? (s - v) * (s - v) / 2
             : p->loss == SORI_NMF_KULLBACK_LEIBLER ? s * log(s / v) - s + v : s / v - log(s / v) - 1;
    }
    return sum;
}

static void check_sweep(size_t F, size_t N, size_t K, size_t T, int loss, bool exact) {
    int scope = sori_begin(ctx);
    sori_array *S = NOISE(ctx, 1, F, N), *W = T ? NOISE(ctx, 2, F, K, T) : NOISE(ctx, 2, F, K);
    sori_array *H = NOISE(ctx, 3, K, N);
    plain p = plain_of(S, W, H, loss);
    double slack = exact ? 1e-7 : 2e-5, before = plain_loss(&p);
    sori_nmf_config g = { .loss = (sori_nmf_loss)loss, .W = W, .H = H, .max_iter = 2, .tol = SORI_NONE,
                          .exact = exact };
    sori_nmf_result r = T ? sori_nmfd(ctx, S, &(sori_nmfd_config){ .nmf = g }) : sori_nmf(ctx, S, &g);
    assert_ok(ctx);
    plain_sweep(&p);
    plain_sweep(&p);
    for (size_t i = 0; i < W->size; i++) assert_close((double)values(r.W)[i], p.W[i], 1e-7, slack);
    for (size_t i = 0; i < H->size; i++) assert_close((double)values(r.H)[i], p.H[i], 1e-7, slack);
    assert_int_equal(r.loss->size, 2);
    assert_close(((double *)r.loss->data)[0], before, exact ? 1e-9 : 1e-6 * (double)(F * N), 1e-6);
    assert_close(last(r.loss), plain_loss(&p), exact ? 1e-9 : 1e-6 * (double)(F * N), 1e-6);
    sori_end(ctx, scope, NULL);
}

static void a_sweep_is_its_definition(void **state) {
    (void)state;
    static const size_t sizes[][3] = { { 1, 1, 1 }, { 5, 7, 2 }, { 70, 130, 6 }, { 33, 64, 4 }, { 130, 19, 17 } };
    for (size_t i = 0; i < BASE_COUNT(sizes); i++)
        for (int loss = 0; loss < 3; loss++)
            for (int exact = 0; exact < 2; exact++) {
                check_sweep(sizes[i][0], sizes[i][1], sizes[i][2], 0, loss, exact);
                check_sweep(sizes[i][0], sizes[i][1], sizes[i][2], BASE_MIN(sizes[i][1], 1 + i), loss, exact);
            }
}

/* Every instruction set: the products of a panel, 12 rows and 8 components. */
static void check_kernels(const num_kernels *k) {
    enum { ROWS = 12, K = 8, STEP = 16, P = NUM_PANEL };
    double slack = k->real_size == 8 ? 1e-13 : 3e-6, loss[3] = { 0 };
    void *basis = base_alloc(ctx, ROWS * STEP, 8), *factor = base_alloc(ctx, K * P, 8);
    void *X = base_alloc(ctx, ROWS * P, 8);
    void *quotient = base_alloc(ctx, ROWS * P, 8), *reciprocal = base_alloc(ctx, ROWS * P, 8);
    void *up = base_alloc(ctx, K * P, 8), *plain_quotient = base_alloc(ctx, ROWS * P, 8);
    base_rng r = base_rng_new(8, BASE_RNG_TEST, 40, 0);
    for (size_t i = 0; i < ROWS * K; i++) num_put(k, basis, i / K * STEP + i % K, base_rng_uniform(&r));
    for (size_t i = 0; i < K * P; i++) num_put(k, factor, i, base_rng_uniform(&r) + 0.1);
    for (size_t i = 0; i < ROWS * P; i++) num_put(k, X, i, i % 7 ? base_rng_uniform(&r) : 0);
    k->nmf_quotients(ROWS, K, basis, STEP, factor, X, quotient, reciprocal);
    k->nmf_quotients(ROWS, K, basis, STEP, factor, X, plain_quotient, NULL);
    k->nmf_gather(ROWS, K, basis, STEP, quotient, P, P, up, P);
    for (size_t i = 0; i < ROWS * P; i++) {
        double v = 0, x = num_get(k, X, i);
        for (size_t j = 0; j < K; j++)
            v += num_get(k, basis, i / P * STEP + j) * num_get(k, factor, j * P + i % P);
        assert_close(num_get(k, reciprocal, i), 1 / v, 0, slack);
        assert_close(num_get(k, quotient, i), x / (v * v), 0, slack);
        assert_close(num_get(k, plain_quotient, i), x / v, 0, slack);
        loss[NUM_EUCLIDEAN] += (x - v) * (x - v) / 2;
        loss[NUM_KULLBACK_LEIBLER] += (x > 0 ? x * log(x / v) : 0) - x + v;
        loss[NUM_ITAKURA_SAITO] += x > 0 ? x / v - log(x / v) - 1 : 0;
    }
    for (int i = 0; i < 3; i++) assert_close(k->nmf_loss(i, ROWS, K, basis, STEP, factor, X), loss[i], 0, slack);
    for (size_t i = 0; i < K * P; i++) {
        double sum = 0;
        for (size_t row = 0; row < ROWS; row++)
            sum += num_get(k, basis, row * STEP + i / P) * num_get(k, quotient, row * P + i % P);
        assert_close(num_get(k, up, i), sum, 0, slack);
    }
    num_put(k, factor, 3, 1e-17);   /* below what is flushed */
    for (size_t i = 0; i < 4; i++) num_put(k, quotient, i, i == 1 ? 0 : 4);   /* nothing to divide by: epsilon */
    double second = num_get(k, factor, 1), first = num_get(k, factor, 0);
    k->nmf_multiply(16, true, true, up, quotient, factor);
    assert_close(num_get(k, factor, 0), first * sqrt(num_get(k, up, 0) / 4), 0, slack);
    assert_close(num_get(k, factor, 1), second * sqrt(num_get(k, up, 1) / 0x1p-23), 0, slack);
    assert_true(num_get(k, factor, 3) == 0);
    void *all[] = { basis, factor, X, quotient, reciprocal, up, plain_quotient };
    for (size_t i = 0; i < BASE_COUNT(all); i++) base_free(ctx, all[i]);
}

static void kernels(void **state) { (void)state; for_each_table(check_kernels); }

/* --- losses fall ------------------------------------------------------------------------------------------------ */

static double sum_of(const sori_array *a) {
    double sum = 0;
    for (size_t i = 0; i < a->size; i++) sum += (double)values(a)[i];
    return sum;
}

static void losses_never_rise(void **state) {
    (void)state;
    sori_array *S = NOISE(ctx, 1, 40, 90);
    for (int loss = 0; loss < 3; loss++)
        for (int kind = 0; kind < 3; kind++) {   /* NMF, NMFD, HALS */
            sori_nmf_config g = { .n_components = 5, .loss = (sori_nmf_loss)loss, .max_iter = 60, .tol = SORI_NONE,
                                  .every = 1, .solver = kind == 2 ? SORI_NMF_HALS : SORI_NMF_MU };
            if (kind == 2 && loss > 0) continue;
            sori_nmf_result r = kind == 1 ? sori_nmfd(ctx, S, &(sori_nmfd_config){ .nmf = g, .T = 4 })
                                          : sori_nmf(ctx, S, &g);
            assert_ok(ctx);
            assert_int_equal(r.loss->size, 61);
            const double *d = r.loss->data;
            for (size_t i = 1; i < r.loss->size; i++) assert_true(d[i] <= d[i - 1] * (1 + 1e-6));
            assert_true(d[60] < 0.8 * d[0]);
        }
}

/* With L1 penalties the sum falls; and activations are fewer. */
static void penalised_losses_fall(void **state) {
    (void)state;
    sori_array *S = NOISE(ctx, 1, 40, 90), *W = NOISE(ctx, 2, 40, 5), *H = NOISE(ctx, 3, 5, 90);
    for (int loss = 0; loss < 3; loss++) {
        sori_nmf_config g = { .loss = (sori_nmf_loss)loss, .W = W, .H = H, .tol = SORI_NONE, .l1_ratio = 1,
                              .alpha_W = 0.001, .alpha_H = SORI_VALUE(0.02) };
        double before = INFINITY;
        for (g.max_iter = 1; g.max_iter < 20; g.max_iter++) {
            sori_nmf_result r = sori_nmf(ctx, S, &g);
            double now = last(r.loss) + 90 * g.alpha_W * sum_of(r.W) + 40 * 0.02 * sum_of(r.H);
            assert_true(now <= before * (1 + 1e-6));
            before = now;
        }
        double sparse = sum_of(sori_nmf(ctx, S, &g).H);
        g.alpha_H = SORI_NONE;
        assert_true(sparse < 0.9 * sum_of(sori_nmf(ctx, S, &g).H));
    }
}

static double roughness(const sori_array *H) {
    double total = 0;
    for (size_t k = 0, n = H->shape[1]; k < H->shape[0]; k++) {
        double squares = 0, changes = 0;
        for (size_t t = 0; t < n; t++) {
            const float *h = values(H) + k * n + t;
            squares += (double)h[0] * (double)h[0];
            changes += t ? (double)(h[0] - h[-1]) * (double)(h[0] - h[-1]) : 0;
        }
        total += (double)n * changes / squares;
    }
    return total;
}

/* The penalty's up and down are its derivative: where sweeps come to rest, the definition is least. */
static void steady_activations(void **state) {
    (void)state;
    sori_array *S = NOISE(ctx, 1, 40, 90), *W = NOISE(ctx, 2, 40, 3);
    for (int loss = 0; loss < 3; loss++) {
        sori_nmf_config g = { .loss = (sori_nmf_loss)loss, .W = W, .fixed = 3, .tol = SORI_NONE, .max_iter = 4000,
                              .exact = true };
        double rough = roughness(sori_nmf(ctx, S, &g).H), loss_of[2];
        g.smooth = 0.5;
        sori_nmf_result r = sori_nmf(ctx, S, &g);
        assert_ok(ctx);
        assert_true(roughness(r.H) < 0.7 * rough);
        for (size_t i = 0; i < r.H->size; i += 29) {
            if (values(r.H)[i] < 0.01f) continue;
            float here = values(r.H)[i];
            double size = 0;
            for (int side = 0; side < 2; side++) {   /* the objective a little to the left and to the right */
                values(r.H)[i] = here * (side ? 1.01f : 0.99f);
                plain p = plain_of(S, r.W, r.H, loss);
                loss_of[side] = plain_loss(&p) + g.smooth * roughness(r.H);
            }
            values(r.H)[i] = here;
            plain p = plain_of(S, r.W, r.H, loss);
            size = plain_loss(&p) + g.smooth * roughness(r.H);
            assert_true(loss_of[0] > size * (1 - 1e-9) && loss_of[1] > size * (1 - 1e-9));
        }
    }
}

/* --- what is known ------------------------------------------------------------------------------------------------ */

static sori_array *product(const sori_array *W, const sori_array *H) {
    size_t F = W->shape[0], K = W->shape[1], N = H->shape[1];
    sori_array *S = sori_array_new(ctx, SORI_F32, 2, (size_t[]){ F, N });
    for (size_t i = 0; i < S->size; i++) {
        double sum = 0;
        for (size_t k = 0; k < K; k++)
            sum += (double)values(W)[i / N * K + k] * (double)values(H)[k * N + i % N];
        values(S)[i] = (float)sum;
    }
    return S;
}

/* A product is found again: its activations from its components, both from a start nearby. */
static void products_are_found_again(void **state) {
    (void)state;
    sori_array *W = NOISE(ctx, 2, 30, 4), *H = NOISE(ctx, 3, 4, 70), *S = product(W, H), *near = NOISE(ctx, 5, 30, 4);
    for (size_t i = 0; i < W->size; i++) values(near)[i] = values(W)[i] * (1 + 0.05f * values(near)[i]);
    for (int loss = 0; loss < 4; loss++) {
        sori_nmf_config g = { .loss = (sori_nmf_loss)(loss % 3), .solver = loss == 3 ? SORI_NMF_HALS : SORI_NMF_MU,
                              .W = W, .fixed = 4, .tol = SORI_NONE, .max_iter = 3000, .exact = true };
        sori_nmf_result r = sori_nmf(ctx, S, &g);
        assert_ok(ctx);
        assert_same(r.W, W);
        for (size_t i = 0; i < H->size; i++) assert_close((double)values(r.H)[i], (double)values(H)[i], 2e-3, 0);
        g.W = near;
        g.fixed = 0;
        r = sori_nmf(ctx, S, &g);
        assert_true(last(r.loss) < 1e-4 * ((double *)r.loss->data)[0]);
    }
}

static void fixed_components_stay(void **state) {
    (void)state;
    sori_array *S = NOISE(ctx, 1, 40, 90), *W = NOISE(ctx, 2, 40, 7), *T = NOISE(ctx, 4, 40, 2, 3);
    for (int kind = 0; kind < 4; kind++) {
        sori_nmf_config g = { .n_components = 9, .W = W, .fixed = 5, .loss = (sori_nmf_loss)(kind % 3), .max_iter = 9,
                              .solver = kind == 3 ? SORI_NMF_HALS : SORI_NMF_MU };
        sori_nmf_result r = sori_nmf(ctx, S, &g);
        assert_ok(ctx);
        for (size_t i = 0; i < 40 * 9; i++)
            if (i % 9 < 7) assert_true((values(r.W)[i] == values(W)[i / 9 * 7 + i % 9]) == (i % 9 < 5));
        g.W = T;
        g.n_components = 4;
        g.fixed = 1;
        if (kind == 3) continue;
        r = sori_nmfd(ctx, S, &(sori_nmfd_config){ .nmf = g });
        assert_ok(ctx);
        for (size_t i = 0; i < 40 * 12; i++)
            if (i % 12 < 6) assert_true((values(r.W)[i] == values(T)[i / 12 * 6 + i % 12]) == (i % 12 < 3));
    }
}

/* A quarter of the power, half the factors: the same sweeps, bit for bit. */
static void itakura_saito_knows_ratios_alone(void **state) {
    (void)state;
    sori_array *S = NOISE(ctx, 1, 40, 90), *W = NOISE(ctx, 2, 40, 5), *H = NOISE(ctx, 3, 5, 90);
    sori_nmf_config g = { .loss = SORI_NMF_ITAKURA_SAITO, .W = W, .H = H, .max_iter = 30 };
    sori_nmf_result a = sori_nmf(ctx, S, &g);
    for (size_t i = 0; i < S->size; i++) values(S)[i] /= 4;
    for (size_t i = 0; i < W->size; i++) values(W)[i] /= 2;
    for (size_t i = 0; i < H->size; i++) values(H)[i] /= 2;
    sori_nmf_result b = sori_nmf(ctx, S, &g);
    assert_ok(ctx);
    assert_same(a.loss, b.loss);
    for (size_t i = 0; i < W->size; i++) assert_true(values(a.W)[i] == 2 * values(b.W)[i]);
    for (size_t i = 0; i < H->size; i++) assert_true(values(a.H)[i] == 2 * values(b.H)[i]);
}

/* Components of one frame are components. */
static void deconvolution_of_one_frame(void **state) {
    (void)state;
    sori_array *S = NOISE(ctx, 1, 40, 90);
    for (int loss = 0; loss < 3; loss++) {
        sori_nmf_config g = { .n_components = 3, .loss = (sori_nmf_loss)loss, .init = SORI_NMF_INIT_RANDOM };
        sori_nmf_result a = sori_nmf(ctx, S, &g), b = sori_nmfd(ctx, S, &(sori_nmfd_config){ .nmf = g, .T = 1 });
        assert_ok(ctx);
        assert_same(a.W, b.W);
        assert_same(a.H, b.H);
    }
}

static uint64_t everything(sori_ctx *c) {
    sori_array *S = NOISE(c, 1, 150, 400);
    uint64_t h = 0;
    for (int kind = 0; kind < 6; kind++) {
        sori_nmf_config g = { .n_components = 6, .loss = (sori_nmf_loss)(kind % 3), .max_iter = 12,
                              .smooth = kind < 3 ? 0.1 : 0, .alpha_W = 1e-4, .l1_ratio = 0.5,
                              .init = kind == 5 ? SORI_NMF_INIT_RANDOM : SORI_NMF_INIT_DEFAULT };
        sori_nmf_result r = sori_nmf(c, S, &g), d = sori_nmfd(c, S, &(sori_nmfd_config){ .nmf = g, .T = 5 });
        g = (sori_nmf_config){ .n_components = 6, .solver = SORI_NMF_HALS, .max_iter = 12 };
        sori_nmf_result l = sori_nmf(c, S, &g);
        assert_ok(c);
        h = 3 * h ^ hash(r.W) ^ 5 * hash(r.H) ^ 7 * hash(r.loss) ^ 11 * hash(d.W) ^ 13 * hash(d.H) ^ 17 * hash(l.W);
    }
    return h;
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    uint64_t one = everything(ctx);
    for (int threads = 2; threads <= 4; threads += 2) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
        assert_true(everything(c) == one);
        sori_close(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_is_its_definition), cmocka_unit_test(kernels), cmocka_unit_test(losses_never_rise),
        cmocka_unit_test(penalised_losses_fall), cmocka_unit_test(steady_activations),
        cmocka_unit_test(products_are_found_again), cmocka_unit_test(fixed_components_stay),
        cmocka_unit_test(itakura_saito_knows_ratios_alone), cmocka_unit_test(deconvolution_of_one_frame),
        cmocka_unit_test(threads_leave_no_trace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
