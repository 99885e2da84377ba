/* Sines, cosines and angles of every instruction set and precision against the C library's in long double. */
#include "law/tables.h"
#include <float.h>

enum { N = 4099 };   /* a prime: a vector is never full at the end */

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static double epsilon(const num_kernels *k) { return k->real_size == 8 ? DBL_EPSILON : (double)FLT_EPSILON; }

/* Absolute error over -range .. range; near zero the relative error too. */
static void check_sincos_within(const num_kernels *k, double range) {
    void *x = base_alloc(ctx, N, k->real_size), *s = base_alloc(ctx, N, k->real_size);
    double angle[N], limit = k->real_size == 8 ? 4e-16 : 2e-7;
    base_rng r = base_rng_new(9, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) angle[i] = stored(k, x, i, (2 * base_rng_uniform(&r) - 1) * range);
    k->sincos(N, x, s, x);
    for (size_t i = 0; i < N; i++) {
        double sine = (double)sinl((long double)angle[i]), cosine = (double)cosl((long double)angle[i]);
        assert_close(num_get(k, s, i), sine, range < 1 ? 0 : limit, range < 1 ? epsilon(k) : 0);
        assert_close(num_get(k, x, i), cosine, limit, 0);
    }
    base_free(ctx, x);
    base_free(ctx, s);
}

static void check_sincos(const num_kernels *k) {
    check_sincos_within(k, 0.7);
    check_sincos_within(k, 3.2);
    check_sincos_within(k, k->real_size == 8 ? 1e6 : 8192);
    double zero[3] = { 0, 0, 0 }, s[3], c[3];
    k->sincos(1, zero, s, c);
    assert_true(num_get(k, s, 0) == 0 && num_get(k, c, 0) == 1);
}

static void check_atan2(const num_kernels *k) {
    void *x = base_alloc(ctx, N, k->real_size), *y = base_alloc(ctx, N, k->real_size);
    double re[N], im[N];
    base_rng r = base_rng_new(9, BASE_RNG_TEST, 1, 0);
    for (size_t i = 0; i < N; i++) {
        double size = pow(10, 30 * (base_rng_uniform(&r) - 0.5)), turn = 6.3 * base_rng_uniform(&r);
        double tilt = i % 3 ? 1 : pow(10, -6 * base_rng_uniform(&r));   /* angles near the axes */
        re[i] = stored(k, x, i, size * cos(turn) * (i % 2 ? tilt : 1));
        im[i] = stored(k, y, i, size * sin(turn) * (i % 2 ? 1 : tilt));
    }
    k->atan2(N, y, x, y);
    for (size_t i = 0; i < N; i++)
        assert_close(num_get(k, y, i), (double)atan2l((long double)im[i], (long double)re[i]), 0, 3 * epsilon(k) / 2);
    static const double zeros[4][2] = { { 0.0, 0.0 }, { -0.0, 0.0 }, { 0.0, -0.0 }, { -0.0, -0.0 } };
    for (size_t i = 0; i < 4; i++) {
        stored(k, y, i, zeros[i][0]);
        stored(k, x, i, zeros[i][1]);
    }
    k->atan2(4, y, x, y);
    for (size_t i = 0; i < 4; i++) {
        double expected = atan2(zeros[i][0], zeros[i][1]);
        assert_close(num_get(k, y, i), expected, 0, epsilon(k));
        assert_int_equal(!signbit(num_get(k, y, i)), !signbit(expected));
    }
    base_free(ctx, x);
    base_free(ctx, y);
}

/* There and back again. */
static void check_polar(const num_kernels *k) {
    enum { ROWS = 9 };
    void *z = base_alloc(ctx, ROWS * NUM_ROW, k->real_size), *back = base_alloc(ctx, ROWS * NUM_ROW, k->real_size);
    void *m = base_alloc(ctx, ROWS * NUM_LANES, k->real_size), *p = base_alloc(ctx, ROWS * NUM_LANES, k->real_size);
    base_rng r = base_rng_new(9, BASE_RNG_TEST, 2, 0);
    for (size_t i = 0; i < ROWS * NUM_ROW; i++) stored(k, z, i, i < 64 ? 0 : base_rng_normal(&r));
    k->to_polar(ROWS, z, m, p);
    k->from_polar(ROWS, m, p, back);
    for (size_t i = 0; i < ROWS * NUM_LANES; i++) {
        size_t at = i / NUM_LANES * NUM_ROW + i % NUM_LANES;
        double re = num_get(k, z, at), im = num_get(k, z, at + NUM_LANES);
        assert_close(num_get(k, m, i), hypot(re, im), 0, 2 * epsilon(k));
        assert_close(num_get(k, p, i), atan2(im, re), 0, 2 * epsilon(k));
        assert_close(num_get(k, back, at), re, 4 * epsilon(k) * hypot(re, im), 0);
        assert_close(num_get(k, back, at + NUM_LANES), im, 4 * epsilon(k) * hypot(re, im), 0);
    }
    base_free(ctx, z);
    base_free(ctx, back);
    base_free(ctx, m);
    base_free(ctx, p);
}

static void sines(void **state) { (void)state; for_each_table(check_sincos); }
static void angles(void **state) { (void)state; for_each_table(check_atan2); }
static void polar(void **state) { (void)state; for_each_table(check_polar); }

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(sines), cmocka_unit_test(angles), cmocka_unit_test(polar) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
