/* Medians, masks and magnitudes of every instruction set and precision, each against a plain twin. */
#include "law/tables.h"

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Rows hold few different values, so that equal ones are everywhere; exactly as many rows as are needed. */
static void check_median_of(const num_kernels *k, size_t n, size_t window, size_t stride, size_t out_stride) {
    size_t rows = n + window - 1, size = (rows - 1) * stride + NUM_LANES;
    double sorted[128];
    void *x = base_alloc(ctx, size, k->real_size), *list = base_alloc(ctx, window * NUM_LANES, k->real_size);
    void *out = base_alloc(ctx, n * out_stride, k->real_size);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, (uint32_t)window, (uint32_t)n);
    for (size_t i = 0; i < size; i++) num_put(k, x, i, (double)base_rng_below(&r, n % 3 ? 40 : 5) - 10.25);
    k->median(n, window, x, stride, list, out, out_stride);
    for (size_t i = 0; i < n; i++)
        for (size_t m = 0; m < NUM_LANES; m++) {
            for (size_t j = 0; j < window; j++) sorted[j] = num_get(k, x, (i + j) * stride + m);
            qsort(sorted, window, sizeof *sorted, by_size);
            if (num_get(k, out, i * out_stride + m) != sorted[window / 2])
                fail_msg("%s %zu: window %zu, %zu medians, row %zu, lane %zu", k->name, k->real_size, window, n, i, m);
        }
    base_free(ctx, out);
    base_free(ctx, list);
    base_free(ctx, x);
}

static void check_median(const num_kernels *k) {
    for (size_t window = 1; window <= 35; window++) check_median_of(k, 1 + window % 5, window, 16, 16);
    for (size_t n = 1; n <= 41; n++) check_median_of(k, n, 31, n % 2 ? 16 : 40, 24);
    check_median_of(k, 30, 100, 33, 16);
    check_median_of(k, 200, 31, 16, 16);
    k->median(0, 31, NULL, 16, NULL, NULL, 16);
}

static void check_magnitude(const num_kernels *k) {
    enum { N = 37 };
    static const double scales[] = { 1, 1e-30, 1e30, 1e-20, 0 };
    for (size_t s = 0; s < BASE_COUNT(scales); s++) {
        float z[2 * N], out[N];
        for (int i = 0; i < 2 * N; i++) z[i] = (float)((i * 37 % 23 - 11) * scales[s] / (i % 7 + 1));
        k->magnitude(N, z, out);
        for (int i = 0; i < N; i++)
            assert_close((double)out[i], hypot((double)z[2 * i], (double)z[2 * i + 1]), 1e-45, 2e-7);
    }
}

static double mask_of(double x, double ref, double power, double neither) {
    double tiny = 1.17549435e-38, large = fmax(x, ref);
    if (isinf(power)) return x > ref;
    if (large < tiny) return neither;
    return pow(x / large, power) / (pow(x / large, power) + pow(ref / large, power));
}

static void check_masks(const num_kernels *k) {
    static const float some[] = { 0, 1e-42f, 1e-30f, 0.5f, 1, 3, 1e30f };
    static const double powers[] = { 0.5, 1, 2, 3.7, (double)INFINITY };
    enum { N = BASE_COUNT(some) };
    float x[N * N], ref[N * N], mask[N * N], out[2 * N * N];
    for (size_t i = 0; i < N * N; i++) x[i] = some[i % N], ref[i] = some[i / N];
    for (size_t p = 0; p < BASE_COUNT(powers); p++) {
        double lost = pow(1.2e-38, fmin(powers[p], 1));      /* what a float's ratio loses below its least number */
        k->soft_mask(N * N, x, ref, 2, powers[p], 0.25, mask);
        for (size_t i = 0; i < N * N; i++) {
            if (x[i] > 0 && x[i] < 1e-40f) continue;   /* the twin does not lose digits there */
            double expected = mask_of((double)x[i], 2 * (double)ref[i], powers[p], 0.25);
            assert_close((double)mask[i], expected, lost, 1e-6);
        }
    }
    k->mask_real(N * N, x, mask, out);
    for (size_t i = 0; i < N * N; i++) assert_true(out[i] == x[i] * mask[i]);
    float pairs[2 * N * N];
    for (size_t i = 0; i < 2 * N * N; i++) pairs[i] = (float)i - 20;
    k->mask_complex(N * N, pairs, mask, out);
    for (size_t i = 0; i < 2 * N * N; i++) assert_true(out[i] == pairs[i] * mask[i / 2]);
}

static void medians(void **state) { (void)state; for_each_table(check_median); }
static void magnitudes(void **state) { (void)state; for_each_table(check_magnitude); }
static void masks(void **state) { (void)state; for_each_table(check_masks); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians), cmocka_unit_test(magnitudes), cmocka_unit_test(masks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
