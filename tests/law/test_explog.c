/* exp, log and their kin, of every instruction set and precision, against libm: over the whole range, at its ends, and
 * for values whose place in a vector differs; and Burg's step against a plain twin. */
#include "law/tables.h"
#include <float.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

enum { N = 20011 };   /* no multiple of a vector */

typedef void in_place(size_t n, void *values);

/* Units in the last place of a number of that precision. */
static double units(const num_kernels *k, double difference, long double want) {
    double epsilon = k->real_size == 8 ? DBL_EPSILON : (double)FLT_EPSILON;
    return fabs(difference) / (fabs((double)want) * epsilon);
}

/* Both of one sign. */
static double between(double low, double high, double u) {
    return copysign(exp(log(fabs(low)) * (1 - u) + log(fabs(high)) * u), low);
}

/* f against the same in long double at N values from low to high, evenly spaced (or their logarithms are). */
static void check(const num_kernels *k, const char *name, in_place *f, long double (*twin)(long double x), double low,
                  double high, bool geometric, double limit) {
    void *x = base_alloc(ctx, N, k->real_size), *y = base_alloc(ctx, N, k->real_size);
    for (size_t i = 0; i < N; i++) {
        double u = (double)i / (N - 1), v = geometric ? between(low, high, u) : low + (high - low) * u;
        stored(k, y, i, stored(k, x, i, v));
    }
    f(N, y);
    for (size_t i = 0; i < N; i++) {
        long double want = twin((long double)num_get(k, x, i));
        double off = units(k, (double)((long double)num_get(k, y, i) - want), want);
        if (want == 0 ? num_get(k, y, i) != 0 : !(off <= limit))
            fail_msg("%s %s of %zu bytes: at %.9g it is %.17g, %.2f units off", k->name, name, k->real_size,
                     num_get(k, x, i), num_get(k, y, i), off);
    }
    base_free(ctx, x);
    base_free(ctx, y);
}

static void check_range(const num_kernels *k) {
    bool wide = k->real_size == 8;
    double low = wide ? -708.3 : -87.3, high = wide ? 709.4 : 88.3, tiny = wide ? 1e-307 : 1.2e-38;
    double huge = wide ? 1e308 : 3e38;
    check(k, "exp", k->exp, expl, low, high, false, 3);
    check(k, "exp", k->exp, expl, -1, 1, false, 3);
    check(k, "expm1", k->expm1, expm1l, low, high, false, 3);
    check(k, "expm1", k->expm1, expm1l, -0.7, 0.7, false, 3);
    check(k, "expm1", k->expm1, expm1l, tiny, 1, true, 3);
    check(k, "expm1", k->expm1, expm1l, -tiny, -1, true, 3);
    check(k, "log", k->log, logl, tiny, huge, true, 3);
    check(k, "log", k->log, logl, 0.5, 2, false, 3);
    check(k, "log", k->log, logl, 0.999, 1.001, false, 3);
    check(k, "log", k->log, logl, wide ? 4.9e-324 : 1.4e-45, tiny, true, 3);   /* subnormal numbers */
    check(k, "log1p", k->log1p, log1pl, tiny, huge, true, 3);
    check(k, "log1p", k->log1p, log1pl, -0.9, 3, false, 3);
}

static void check_pow(const num_kernels *k) {
    double exponents[] = { 0.37, 3, -1.5, 0.5 };
    void *x = base_alloc(ctx, N, k->real_size), *y = base_alloc(ctx, N, k->real_size);
    for (size_t e = 0; e < BASE_COUNT(exponents); e++) {
        double p = k->real_size == 8 ? exponents[e] : (double)(float)exponents[e];
        for (size_t i = 0; i < N; i++) stored(k, y, i, stored(k, x, i, 1e-10 * pow(1e20, (double)i / (N - 1))));
        k->pow(N, y, p);
        for (size_t i = 0; i < N; i++) {
            long double v = (long double)num_get(k, x, i), want = powl(v, (long double)p);
            double off = units(k, (double)((long double)num_get(k, y, i) - want), want);
            assert_true(off <= 3 + 2 * fabs(p * (double)logl(v)));
        }
    }
    stored(k, x, 0, 0);
    k->pow(1, x, 0.37);
    assert_true(num_get(k, x, 0) == 0);
    base_free(ctx, x);
    base_free(ctx, y);
}

/* The ends: what is too small, too large, or no number. */
static void check_ends(const num_kernels *k) {
    const struct { in_place *f; double in, out; } cases[] = {
        { k->exp, -INFINITY, 0 }, { k->exp, -1e6, 0 }, { k->exp, INFINITY, INFINITY }, { k->exp, 1e6, INFINITY },
        { k->exp, 0, 1 }, { k->exp, NAN, NAN }, { k->expm1, 0, 0 }, { k->expm1, -INFINITY, -1 },
        { k->expm1, INFINITY, INFINITY }, { k->expm1, NAN, NAN }, { k->log, 0, -INFINITY }, { k->log, 1, 0 },
        { k->log, -1, NAN }, { k->log, INFINITY, INFINITY }, { k->log, NAN, NAN }, { k->log1p, 0, 0 },
        { k->log1p, INFINITY, INFINITY }, { k->log1p, NAN, NAN },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        double v[1];
        stored(k, v, 0, cases[i].in);
        cases[i].f(1, v);
        double got = num_get(k, v, 0);
        if (!(got == cases[i].out || (isnan(got) && isnan(cases[i].out))))
            fail_msg("%s: case %zu of %g is %g, not %g", k->name, i, cases[i].in, got, cases[i].out);
    }
}

/* A value's result does not depend on what lies beside it. */
static void check_places(const num_kernels *k) {
    char all[64 * 8], one[8];
    in_place *const functions[] = { k->exp, k->expm1, k->log, k->log1p };
    for (size_t f = 0; f < BASE_COUNT(functions); f++)
        for (size_t n = 1; n < 64; n += 9) {
            for (size_t i = 0; i < n; i++) stored(k, all, i, 0.01 + (double)i * 0.37);
            functions[f](n, all);
            for (size_t i = 0; i < n; i++) {
                stored(k, one, 0, 0.01 + (double)i * 0.37);
                functions[f](1, one);
                assert_memory_equal(one, all + i * k->real_size, k->real_size);
            }
        }
}

static void check_lattice(const num_kernels *k) {
    static const size_t sizes[] = { 1, 2, 3, 16, 17, 511, 512, 513, 514, 1500 };
    double f[1500], b[1500];
    for (size_t s = 0; s < BASE_COUNT(sizes); s++) {
        size_t n = sizes[s];
        void *F = base_alloc(ctx, n, k->real_size), *B = base_alloc(ctx, n, k->real_size);
        base_rng r = base_rng_new(1, BASE_RNG_TEST, 9, 0);
        for (size_t i = 0; i < n; i++) {
            f[i] = stored(k, F, i, base_rng_uniform(&r) - 0.5);
            b[i] = stored(k, B, i, base_rng_uniform(&r) - 0.5);
        }
        double got = k->lattice(n, 0.25, F, B), want = 0;
        for (size_t i = 0; i < n; i++) {
            double x = f[i];
            f[i] += 0.25 * b[i];
            b[i] += 0.25 * x;
            assert_close(num_get(k, F, i), f[i], 1e-7, 0);
            assert_close(num_get(k, B, i), b[i], 1e-7, 0);
        }
        for (size_t i = 0; i + 1 < n; i++) want += f[i + 1] * b[i];
        assert_close(got, want, k->real_size == 8 ? 1e-13 : 1e-4, 0);
        base_free(ctx, F);
        base_free(ctx, B);
    }
}

static void range(void **state) { (void)state; for_each_table(check_range); }
static void powers(void **state) { (void)state; for_each_table(check_pow); }
static void ends(void **state) { (void)state; for_each_table(check_ends); }
static void places(void **state) { (void)state; for_each_table(check_places); }
static void lattice(void **state) { (void)state; for_each_table(check_lattice); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range), cmocka_unit_test(powers), cmocka_unit_test(ends), cmocka_unit_test(places),
        cmocka_unit_test(lattice),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
