/* Long transforms of single signals: equal to the short ones, back and forth, every kernel and precision. */
#include "test.h"
#include "num/num.h"

typedef struct job {
    const num_kernels *k;
    size_t n;
    bool real;
} job;

/* Against num_fft_one or num_fft_real, relative to the root of n, the size of a frequency of noise. Each rounds once a
 * pass, 17 times for 100000 points; the powers of a root, 15 products, add as much: some 2e-15 in double. */
static void check(sori_ctx *c, const job *j) {
    size_t values = j->real ? j->n : 2 * j->n, pairs = j->real ? j->n / 2 + 1 : j->n;
    num_long *t = num_long_new(c, j->k, j->n, j->real);
    num_fft *f = num_fft_new(c, j->k, j->n, j->real);
    void *x = base_alloc(c, values + 2, j->k->real_size), *back = base_alloc(c, values + 2, j->k->real_size);
    void *a = base_alloc(c, 2 * pairs, j->k->real_size), *b = base_alloc(c, 2 * pairs, j->k->real_size);
    void *work = base_alloc(c, num_long_work(t), 1), *other = base_alloc(c, num_fft_work(f), 1);
    base_rng r = base_rng_new(9, BASE_RNG_TEST, (uint32_t)j->n, 0);
    for (size_t i = 0; i < values; i++) {
        double v = base_rng_uniform(&r) - 0.5;
        if (j->k->real_size == 8) ((double *)x)[i] = v;
        else ((float *)x)[i] = (float)v;
    }
    num_long_forward(t, x, a, work);
    if (j->real) num_fft_real(f, x, b, other);
    else num_fft_one(f, false, x, b, other);
    double limit = (j->k->real_size == 8 ? 5e-15 : 1e-6) * sqrt((double)j->n);
    for (size_t i = 0; i < 2 * pairs; i++) assert_close(num_get(j->k, a, i), num_get(j->k, b, i), limit, 0);
    num_long_inverse(t, a, back, work);
    for (size_t i = 0; i < values; i++)
        assert_close(num_get(j->k, back, i) / (double)j->n, num_get(j->k, x, i), limit / sqrt((double)j->n), 0);
    void *all[] = { x, back, a, b, work, other };
    for (size_t i = 0; i < BASE_COUNT(all); i++) base_free(c, all[i]);
    num_long_free(c, t);
    num_fft_free(c, f);
}

static void as_short_ones(void **state) {
    (void)state;
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    static const size_t sizes[] = { 1, 32, 33, 100, 480, 1000, 4096, 5000, 100000 };
    sori_ctx *c = sori_open(NULL);
    for (size_t s = 0; s < BASE_COUNT(isas); s++)
        for (int exact = 0; exact < 2; exact++)
            for (size_t i = 0; i < BASE_COUNT(sizes); i++) {
                const num_kernels *k = num_kernels_find(isas[s], exact);
                if (k) check(c, &(job){ k, num_long_length(sizes[i], false), false });
                if (k) check(c, &(job){ k, num_long_length(sizes[i], true), true });
            }
    sori_close(c);
}

static void lengths(void **state) {
    (void)state;
    assert_int_equal(num_long_length(0, false), 16);
    assert_int_equal(num_long_length(17, false), 32);
    assert_int_equal(num_long_length(33, true), 64);
    assert_int_equal(num_long_length(16 * 7, false), 16 * 8);
    assert_int_equal(num_long_length(32 * 11 - 5, true), 32 * 12);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(as_short_ones), cmocka_unit_test(lengths) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
