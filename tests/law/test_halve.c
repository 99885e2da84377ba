/* Half and double rate: the filter is the one soxr has, groups do not show, and up after down keeps what is low. */
#include "test.h"
#include "num/num.h"

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static void assert_near(double a, double b, double limit) {
    if (!(fabs(a - b) <= limit)) fail_msg("%.9g is not %.9g", a, b);
}

static float *run(bool exact, bool up, const float *x, size_t n, int64_t first, size_t count) {
    num_halve *h = num_halve_new(ctx, num_kernels_find(NULL, exact), up, 1);
    float *out = base_alloc(ctx, count, sizeof *out);
    void *scratch = base_alloc_raw(ctx, num_halve_scratch(h), 1);
    for (size_t i = 0; i < count; i += num_halve_group(h))
        num_halve_run(h, x, n, first + (int64_t)i, BASE_MIN(count - i, num_halve_group(h)), out + i, scratch);
    base_free(ctx, scratch);
    num_halve_free(ctx, h);
    return out;
}

/* The definition: taps by the formula, sums in double. */
static double tap(int64_t d) {
    double x = M_PI * 0.47843591 * (double)d, r = (double)d / 194.5, z = 13.04003692 * sqrt(fmax(0, 1 - r * r));
    double term = 1, sum = 1, whole = 1, of_beta = 1;
    if (d < -194 || d > 194) return 0;
    for (int i = 1; i < 60; i++) {
        term *= z * z / (4.0 * i * i), sum += term;
        whole *= 13.04003692 * 13.04003692 / (4.0 * i * i), of_beta += whole;
    }
    return (d ? 0.47843591 * sin(x) / x : 0.47843591) * sum / of_beta;
}

static void check(bool exact, double limit) {
    enum { N = 60000 };
    float *x = base_alloc(ctx, N, sizeof *x);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 1, 0);
    for (size_t i = 0; i < N; i++) x[i] = (float)(base_rng_uniform(&r) * 2 - 1);
    float *down = run(exact, false, x, N, -200, N / 2 + 400), *up = run(exact, true, x, N, -400, 2 * N + 800);
    for (int64_t at = -200; at < N / 2 + 200; at += 97) {
        double sum = 0, twice = 0;
        for (int64_t d = -194; d <= 194; d++) {
            int64_t i = 2 * at + d, j = at + d;
            if (i >= 0 && i < N) sum += tap(d) * (double)x[i];
            if (j % 2 == 0 && j >= 0 && j / 2 < N) twice += 2 * tap(d) * (double)x[j / 2];
        }
        assert_near((double)down[at + 200], sum, limit);
        assert_near((double)up[at + 400], twice, limit);
    }
    base_free(ctx, x);
    base_free(ctx, down);
    base_free(ctx, up);
}

static void equals_the_sum(void **state) {
    (void)state;
    check(false, 1e-6);
    check(true, 1e-7);
}

/* Any cut into calls gives the same; a result beyond the sound and the filter's reach is zero. */
static void cut_anywhere(void **state) {
    (void)state;
    float x[1000];
    for (size_t i = 0; i < 1000; i++) x[i] = (float)sin(0.3 * (double)i);
    float *all = run(false, false, x, 1000, -300, 1200), *part = run(false, false, x, 1000, 100, 7);
    for (size_t i = 0; i < 7; i++) assert_near((double)part[i], (double)all[400 + i], 1e-6);
    assert_near((double)all[0], 0, 1e-6);
    assert_near((double)all[1199], 0, 1e-6);
    base_free(ctx, all);
    base_free(ctx, part);
}

static void low_tone_survives(void **state) {
    (void)state;
    enum { N = 4000 };
    float x[N];
    for (size_t i = 0; i < N; i++) x[i] = (float)sin(0.2 * (double)i);
    float *half = run(false, false, x, N, 0, N / 2), *back = run(false, true, half, N / 2, 0, N);
    for (size_t i = 500; i < N - 500; i++) assert_near((double)back[i], (double)x[i], 2e-6);
    base_free(ctx, half);
    base_free(ctx, back);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_sum), cmocka_unit_test(cut_anywhere), cmocka_unit_test(low_tone_survives),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
