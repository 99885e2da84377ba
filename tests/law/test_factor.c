/* Products with few vectors, coordinate descent, distances and eigenvectors, against plain twins; singular vectors. */
#include "test.h"
#include "feat/factor.h"

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(&(sori_options){ .threads = 2 }); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static float *noise(size_t n, uint32_t key) {
    float *x = base_alloc(ctx, n, sizeof *x);
    base_rng r = base_rng_new(4, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) x[i] = (float)base_rng_uniform(&r);
    return x;
}

static void for_each_table(void (*check)(const feat_matrix *m)) {
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    static const size_t shapes[][3] = { { 1, 1, 1 }, { 5, 7, 2 }, { 70, 300, 6 }, { 33, 64, 4 }, { 300, 19, 9 } };
    for (size_t s = 0; s < BASE_COUNT(isas); s++)
        for (int exact = 0; exact < 2; exact++)
            for (size_t i = 0; i < BASE_COUNT(shapes); i++) {
                float *S = noise(shapes[i][0] * shapes[i][1], (uint32_t)i);
                feat_matrix m = feat_matrix_of(S, shapes[i][0], shapes[i][1], shapes[i][2], exact);
                m.kernels = num_kernels_find(isas[s], exact);
                if (m.kernels) check(&m);
                base_free(ctx, S);
            }
}

static void fill(const feat_matrix *m, void *vectors, size_t n, size_t length, uint32_t key) {
    float *x = noise(m->k * n, key);
    for (size_t j = 0; j < m->k; j++)
        for (size_t i = 0; i < n; i++) num_put(m->kernels, vectors, j * length + i, (double)x[j * n + i]);
    base_free(ctx, x);
}

/* tall S, S (tall S)^T, and the scalar products of that. */
static void check_products(const feat_matrix *m) {
    double slack = m->kernels->real_size == 8 ? 1e-13 : 2e-6, *gram = base_alloc(ctx, m->k * m->k, sizeof *gram);
    void *tall = feat_tall(ctx, m), *wide = feat_wide(ctx, m), *sums = feat_tall(ctx, m), *parts = feat_parts(ctx, m);
    fill(m, tall, m->rows, m->tall, 20);
    feat_sweep sweep = { .m = m, .tall = tall, .products = wide, .wide = wide, .sums = sums, .parts = parts };
    feat_sweep_run(ctx, &sweep);
    feat_gram(ctx, m, wide, m->wide, gram);
    for (size_t j = 0; j < m->k; j++) {
        double product = 0;
        for (size_t t = 0; t < m->wide; t++) {
            double sum = 0, got = num_get(m->kernels, wide, j * m->wide + t);
            for (size_t r = 0; t < m->columns && r < m->rows; r++)
                sum += (double)m->S[r * m->columns + t] * num_get(m->kernels, tall, j * m->tall + r);
            assert_close(got, sum, 0, slack);
            product += got * got;
        }
        assert_close(gram[j * m->k + j], product, 0, slack);
        for (size_t r = 0; r < m->tall; r++) {
            double sum = 0;
            for (size_t t = 0; r < m->rows && t < m->columns; t++)
                sum += (double)m->S[r * m->columns + t] * num_get(m->kernels, wide, j * m->wide + t);
            assert_close(num_get(m->kernels, sums, j * m->tall + r), sum, 0, slack);
        }
    }
    base_free(ctx, parts);
    base_free(ctx, sums);
    base_free(ctx, wide);
    base_free(ctx, tall);
    base_free(ctx, gram);
}

/* Against the same arithmetic, a value at a time; a fifth of the values starts at 0. */
static void check_descent(const feat_matrix *m) {
    enum { N = 32 };
    size_t k = m->k;
    double gram[81], x[9 * N], violation = 0, slack = m->kernels->real_size == 8 ? 1e-12 : 2e-5;
    feat_matrix few = *m;
    few.wide = N;
    void *factor = feat_wide(ctx, &few), *products = feat_wide(ctx, &few);
    fill(m, products, N, N, 21);
    for (size_t i = 0; i < k * k; i++) gram[i] = 1 + (i / k == i % k ? 3 : 0);
    for (size_t i = 0; i < k * N; i++) {
        x[i] = (double)(i % 5) / 4;
        num_put(m->kernels, factor, i, x[i]);
    }
    double got = m->kernels->descend(N, 0, k, N, gram, products, N, factor);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < k; j++) {
            double gradient = -num_get(m->kernels, products, j * N + i);
            for (size_t r = 0; r < k; r++) gradient += gram[j * k + r] * x[r * N + i];
            violation += fabs(x[j * N + i] == 0 ? fmin(gradient, 0) : gradient);
            x[j * N + i] = fmax(x[j * N + i] - gradient / gram[j * k + j], 0);
        }
    assert_close(got, violation, 0, slack);
    for (size_t i = 0; i < k * N; i++) assert_close(num_get(m->kernels, factor, i), x[i], slack, 0);
    base_free(ctx, products);
    base_free(ctx, factor);
}

static void check_distances(const feat_matrix *m) {
    size_t n = m->columns, d = m->rows, length = m->wide;
    double slack = m->kernels->real_size == 8 ? 1e-12 : 1e-5;
    float *points = noise(d * NUM_POINTS, 22);
    void *out = base_alloc(ctx, NUM_POINTS * length, m->kernels->real_size);
    for (int metric = NUM_SQUARES; metric <= NUM_PRODUCTS; metric++) {
        m->kernels->distances(metric, d, n, m->S, n, points, NUM_POINTS, out, length);
        for (size_t p = 0; p < NUM_POINTS; p++)
            for (size_t t = 0; t < n; t++) {
                double sum = 0;
                for (size_t f = 0; f < d; f++) {
                    double x = (double)m->S[f * n + t], y = (double)points[f * NUM_POINTS + p];
                    sum += metric == NUM_SQUARES ? (x - y) * (x - y) : metric == NUM_SIZES ? fabs(x - y) : x * y;
                }
                assert_close(num_get(m->kernels, out, p * length + t), sum, 0, slack);
            }
    }
    base_free(ctx, out);
    base_free(ctx, points);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check_neighbours(const feat_matrix *m) {
    static const uint32_t index[] = { 7, 2, 2, 0, 19, 5, 11 };
    static const double weight[] = { 1, 0.5, 2, 0, 3, 1, 1 };
    feat_matrix rows = *m;
    rows.k = 20;
    double some[7], slack = m->kernels->real_size == 8 ? 1e-13 : 1e-6;
    void *x = base_alloc(ctx, 20 * NUM_LANES, m->kernels->real_size), *list = base_alloc(ctx, 7 * NUM_LANES, 8);
    void *mean = base_alloc(ctx, NUM_LANES, 8), *average = base_alloc(ctx, NUM_LANES, 8);
    void *median = base_alloc(ctx, NUM_LANES, 8);
    fill(&rows, x, NUM_LANES, NUM_LANES, 23);
    for (size_t n = 2; n <= 7; n++) {
        m->kernels->rows_mean(n, index, NULL, x, mean);
        m->kernels->rows_mean(n, index, weight, x, average);
        m->kernels->rows_median(n, index, x, list, median);
        for (size_t lane = 0; lane < NUM_LANES; lane++) {
            double sum = 0, weighted = 0, total = 0;
            for (size_t i = 0; i < n; i++) {
                some[i] = num_get(m->kernels, x, index[i] * NUM_LANES + lane);
                sum += some[i];
                weighted += some[i] * weight[i];
                total += weight[i];
            }
            qsort(some, n, sizeof *some, by_size);
            assert_close(num_get(m->kernels, mean, lane), sum / (double)n, 0, slack);
            assert_close(num_get(m->kernels, average, lane), weighted / total, 0, slack);
            assert_close(num_get(m->kernels, median, lane), (some[n / 2] + some[(n - 1) / 2]) / 2, 0, slack);
        }
    }
    base_free(ctx, median);
    base_free(ctx, average);
    base_free(ctx, mean);
    base_free(ctx, list);
    base_free(ctx, x);
}

/* A v = value v, orthonormal, falling; also for matrices that fall apart, of rank 1 and of nothing. */
static void check_eigen(size_t n, int kind) {
    double *a = base_alloc(ctx, n * n, sizeof *a), *b = base_alloc(ctx, n * n, sizeof *b), values[60], work[120];
    double *v = base_alloc(ctx, n * n, sizeof *v);
    float *x = noise(n * n, (uint32_t)kind);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double entry = kind == 0 ? (double)x[i * n + j] - 0.4 : kind == 1 ? (i == j) * (double)(i % 3)
                         : kind == 2 ? (double)x[i] * (double)x[j] : kind == 3 ? 0
                         : i / 3 == j / 3 ? 1 + (double)x[i] : 0;
            a[i * n + j] = a[j * n + i] = b[i * n + j] = b[j * n + i] = entry;
        }
    num_eigen(n, b, values, v, work);
    for (size_t k = 0; k < n; k++) {
        assert_true(k == 0 || values[k] <= values[k - 1]);
        for (size_t i = 0; i < n; i++) {
            double sum = 0, product = 0;
            for (size_t j = 0; j < n; j++) {
                sum += a[i * n + j] * v[k * n + j];
                product += v[i * n + j] * v[k * n + j];
            }
            assert_close(sum, values[k] * v[k * n + i], 1e-13 * (double)n, 0);
            assert_close(product, i == k, 1e-13 * (double)n, 0);
        }
    }
    base_free(ctx, x);
    base_free(ctx, v);
    base_free(ctx, b);
    base_free(ctx, a);
}

static void eigenvectors(void **state) {
    (void)state;
    for (size_t n = 1; n <= 60; n += n < 8 ? 1 : 13)
        for (int kind = 0; kind < 5; kind++) check_eigen(n, kind);
}

/* S = sum of value left right, for a matrix of as many singular values as are asked for; zeros beyond its rank. */
static void singular_vectors(void **state) {
    (void)state;
    enum { ROWS = 50, COLUMNS = 80, RANK = 4, K = 6 };
    float *a = noise(ROWS * RANK, 30), *b = noise(RANK * COLUMNS, 31), S[ROWS * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        double sum = 0;
        for (size_t j = 0; j < RANK; j++)
            sum += (double)a[i / COLUMNS * RANK + j] * (double)b[j * COLUMNS + i % COLUMNS] * pow(0.2, (double)j);
        S[i] = (float)sum;
    }
    feat_svd v;
    assert_true(feat_svd_open(ctx, &v, S, ROWS, COLUMNS, K));
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        double sum = 0;
        for (size_t j = 0; j < K; j++)
            sum += v.values[j] * v.left[j * v.tall + i / COLUMNS] * v.right[j * v.wide + i % COLUMNS];
        assert_close(sum, (double)S[i], 1e-6, 0);
    }
    for (size_t j = 0; j < RANK; j++) {
        double left = 0, right = 0;
        for (size_t i = 0; i < ROWS; i++) left += v.left[j * v.tall + i] * v.left[j * v.tall + i];
        for (size_t t = 0; t < COLUMNS; t++) right += v.right[j * v.wide + t] * v.right[j * v.wide + t];
        assert_close(left, 1, 1e-12, 0);
        assert_close(right, 1, 1e-9, 0);
    }
    assert_true(v.values[RANK] < 1e-5);
    feat_svd_free(ctx, &v);
    base_free(ctx, a);
    base_free(ctx, b);
}

static void products(void **state) { (void)state; for_each_table(check_products); }
static void descent(void **state) { (void)state; for_each_table(check_descent); }
static void distances(void **state) { (void)state; for_each_table(check_distances); }
static void neighbours(void **state) { (void)state; for_each_table(check_neighbours); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products), cmocka_unit_test(descent), cmocka_unit_test(distances),
        cmocka_unit_test(neighbours), cmocka_unit_test(eigenvectors), cmocka_unit_test(singular_vectors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
