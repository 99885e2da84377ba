/* Laws of the FFT: equal to the direct sum at every length, one signal alone and in a block of 16, inverse, Parseval,
 * linear, the same whatever the instruction set. */
#include "test.h"
#include "num/kernel/kernel.h"

static const char *const isas[] = { "portable", "avx2", "avx512" };

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static double *noise(size_t n, uint32_t key) {
    double *x = base_alloc(ctx, n, sizeof *x);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) x[i] = base_rng_uniform(&r) * 2 - 1;
    return x;
}

/* n values in the precision of k. */
static void *pack(const num_kernels *k, size_t n, const double *x) {
    void *p = base_alloc(ctx, n, k->real_size);
    for (size_t i = 0; i < n; i++) {
        if (k->real_size == 8) ((double *)p)[i] = x[i];
        else ((float *)p)[i] = (float)x[i];
    }
    return p;
}

/* The definition, in double: X[k] = sum x[j] exp(-2 pi i jk / n). */
static void direct(size_t n, const double *x, double *X) {
    double *w = base_alloc(ctx, 2 * n, sizeof *w);
    for (size_t j = 0; j < n; j++) {
        w[2 * j] = cos(2 * M_PI * (double)j / (double)n);
        w[2 * j + 1] = -sin(2 * M_PI * (double)j / (double)n);
    }
    for (size_t k = 0; k < n; k++) {
        double re = 0, im = 0;
        for (size_t j = 0, i = 0; j < n; j++, i = i + k < n ? i + k : i + k - n) {
            re += x[2 * j] * w[2 * i] - x[2 * j + 1] * w[2 * i + 1];
            im += x[2 * j] * w[2 * i + 1] + x[2 * j + 1] * w[2 * i];
        }
        X[2 * k] = re;
        X[2 * k + 1] = im;
    }
    base_free(ctx, w);
}

static double largest(size_t n, const double *x) {
    double m = 0;
    for (size_t i = 0; i < n; i++) m = fmax(m, fabs(x[i]));
    return m;
}

/* Forward against the direct sum X, and back. */
static void check_complex(const num_kernels *k, size_t n, const double *x, const double *X, double tolerance) {
    num_fft *f = num_fft_new_one(ctx, k, n, false);
    assert_ok(ctx);
    void *work = base_alloc(ctx, num_fft_single_work(f), 1), *in = pack(k, 2 * n, x), *out = pack(k, 2 * n, x);
    double scale = largest(2 * n, X);
    num_fft_one(f, false, in, out, work);
    for (size_t i = 0; i < 2 * n; i++)
        if (!(fabs(num_get(k, out, i) - X[i]) <= tolerance * scale))
            fail_msg("%s %zu points, value %zu: %g, expected %g", k->name, n, i, num_get(k, out, i), X[i]);
    num_fft_one(f, true, out, out, work);
    for (size_t i = 0; i < 2 * n; i++)
        if (!(fabs(num_get(k, out, i) / (double)n - num_get(k, in, i)) <= tolerance * 4))
            fail_msg("%s %zu points: the inverse differs at %zu", k->name, n, i);
    base_free(ctx, work);
    base_free(ctx, in);
    base_free(ctx, out);
    num_fft_free(ctx, f);
}

static void check_real(const num_kernels *k, size_t n, const double *x, const double *X, double tolerance) {
    num_fft *f = num_fft_new(ctx, k, n, true);
    assert_ok(ctx);
    size_t values = 2 * (n / 2 + 1);
    void *work = base_alloc(ctx, num_fft_single_work(f), 1), *in = pack(k, n, x), *back = pack(k, n, x);
    void *out = base_alloc(ctx, values, k->real_size);
    double scale = largest(2 * n, X);
    num_fft_real(f, in, out, work);
    for (size_t i = 0; i < values; i++)
        if (!(fabs(num_get(k, out, i) - X[i]) <= tolerance * scale))
            fail_msg("%s %zu real points, value %zu: %g, expected %g", k->name, n, i, num_get(k, out, i), X[i]);
    num_fft_real_inverse(f, out, back, work);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(num_get(k, back, i) / (double)n - num_get(k, in, i)) <= tolerance * 4))
            fail_msg("%s %zu real points: the inverse differs at %zu", k->name, n, i);
    base_free(ctx, work);
    base_free(ctx, in);
    base_free(ctx, out);
    base_free(ctx, back);
    num_fft_free(ctx, f);
}

/* Lane of row i of a block; part 1 is imaginary. */
static double get_lane(const num_kernels *k, const void *rows, size_t i, size_t row, size_t part, size_t lane) {
    return num_get(k, rows, i * row + part * NUM_LANES + lane);
}

/* The block's kernels: the signal in one lane, another multiple of it in each of the others. */
static void check_block(const num_kernels *k, size_t n, const double *x, const double *X, double tolerance) {
    num_fft *f = num_fft_new(ctx, k, n, true);
    assert_ok(ctx);
    size_t bins = n / 2 + 1, lanes[] = { 0, n % NUM_LANES, NUM_LANES - 1 };
    double *samples = base_alloc(ctx, n * NUM_LANES, sizeof *samples), *ones = base_alloc(ctx, n, sizeof *ones);
    for (size_t i = 0; i < n * NUM_LANES; i++) samples[i] = x[i / NUM_LANES] * ((double)(i % NUM_LANES) / 4 - 1);
    for (size_t i = 0; i < n; i++) ones[i] = num_fft_window_scale(f);
    uint32_t *offset = base_alloc(ctx, n, sizeof *offset);
    for (size_t i = 0; i < n; i++) offset[i] = (uint32_t)(i * NUM_LANES);
    void *t = pack(k, n * NUM_LANES, samples), *window = pack(k, n, ones), *work = base_alloc(ctx, num_fft_work(f), 1);
    void *spectrum = base_alloc(ctx, bins * NUM_ROW, k->real_size), *power = base_alloc(ctx, bins * NUM_LANES, 8);
    double scale = largest(2 * n, X), loudest = 0;
    k->fft_frames(f, t, offset, window, work);
    k->fft_spectrum(f, work, spectrum);
    k->fft_power(f, work, power);
    for (size_t i = 0; i < bins; i++) loudest = fmax(loudest, X[2 * i] * X[2 * i] + X[2 * i + 1] * X[2 * i + 1]);
    for (size_t l = 0; l < BASE_COUNT(lanes); l++)
        for (size_t i = 0; i < bins; i++) {
            double gain = (double)lanes[l] / 4 - 1, re = gain * X[2 * i], im = gain * X[2 * i + 1];
            double error = fmax(fabs(get_lane(k, spectrum, i, NUM_ROW, 0, lanes[l]) - re),
                                fabs(get_lane(k, spectrum, i, NUM_ROW, 1, lanes[l]) - im));
            double wrong = fabs(get_lane(k, power, i, NUM_LANES, 0, lanes[l]) - re * re - im * im);
            if (!(error <= tolerance * scale * 3) || !(wrong <= tolerance * loudest * 18))   /* |gain| <= 2.75 */
                fail_msg("%s block of %zu points, lane %zu: bin %zu differs", k->name, n, lanes[l], i);
        }
    k->fft_inverse(f, spectrum, work, t);
    for (size_t l = 0; l < BASE_COUNT(lanes); l++)
        for (size_t i = 0; i < n; i++)
            if (!(fabs(get_lane(k, t, i, NUM_LANES, 0, lanes[l]) / (double)n
                       - samples[i * NUM_LANES + lanes[l]]) <= tolerance * 12))
                fail_msg("%s block of %zu points, lane %zu: the inverse differs at %zu", k->name, n, lanes[l], i);
    void *all[] = { samples, ones, offset, t, window, work, spectrum, power };
    for (size_t i = 0; i < BASE_COUNT(all); i++) base_free(ctx, all[i]);
    num_fft_free(ctx, f);
}

/* Both kinds, by the tables given; the direct sum is taken once. The transform of the real parts alone is
 * (X[k] + conj X[n-k]) / 2. */
static void check_length(const num_kernels *const *tables, size_t count, size_t n) {
    double *x = noise(2 * n, (uint32_t)n), *real = base_alloc(ctx, n, sizeof *x);
    double *X = base_alloc(ctx, 2 * n, sizeof *x), *R = base_alloc(ctx, 2 * n, sizeof *x);
    direct(n, x, X);
    for (size_t k = 0; k < n; k++) {
        size_t partner = (n - k) % n;
        real[k] = x[2 * k];
        R[2 * k] = (X[2 * k] + X[2 * partner]) / 2;
        R[2 * k + 1] = (X[2 * k + 1] - X[2 * partner + 1]) / 2;
    }
    for (size_t i = 0; i < count; i++) {
        double tolerance = tables[i]->real_size == 8 ? 2e-14 : 2e-6;
        check_complex(tables[i], n, x, X, tolerance);
        check_real(tables[i], n, real, R, tolerance);
        check_block(tables[i], n, real, R, tolerance);
    }
    base_free(ctx, x);
    base_free(ctx, real);
    base_free(ctx, X);
    base_free(ctx, R);
}

/* Every length in a release build; in others every small one, and of the rest some of each kind. */
static bool wanted(size_t n) {
    static const size_t some[] = { 256, 257, 384, 400, 441, 480, 512, 600, 625, 640, 729, 800, 961, 997, 1000, 1023,
                                   1024, 1025, 1200, 1922, 2000, 2039, 2047, 2048 };
#ifdef NDEBUG
    if (n <= 2048) return true;
#endif
    for (size_t i = 0; i < BASE_COUNT(some); i++)
        if (some[i] == n) return true;
    return n <= 128;
}

static void every_length_is_the_direct_sum(void **state) {
    (void)state;
    const num_kernels *tables[] = { num_kernels_find(NULL, false), num_kernels_find(NULL, true) };
    for (size_t n = 1; n <= 2048; n++)
        if (wanted(n)) check_length(tables, 2, n);
}

static void every_instruction_set_agrees(void **state) {
    static const size_t lengths[] = { 1, 2, 3, 4, 8, 15, 16, 31, 64, 74, 100, 101, 210, 256, 441, 480, 512, 735, 1000 };
    (void)state;
    for (size_t s = 0; s < BASE_COUNT(isas); s++) {
        const num_kernels *tables[] = { num_kernels_find(isas[s], false), num_kernels_find(isas[s], true) };
        if (!tables[0]) continue;
        assert_string_equal(tables[0]->name, isas[s]);
        assert_string_equal(tables[1]->name, isas[s]);
        for (size_t i = 0; i < BASE_COUNT(lengths); i++) check_length(tables, 2, lengths[i]);
    }
    assert_null(num_kernels_find("abacus", false));
}

/* Lengths beyond the direct sum's reach: one signal along the lanes equals the same in a block. */
static void alone_is_as_in_company(void **state) {
    static const size_t lengths[] = { 4096, 12000, 16384, 44100, 22051 };
    (void)state;
    for (size_t i = 0; i < BASE_COUNT(lengths); i++) {
        size_t n = lengths[i], bins = n / 2 + 1;
        const num_kernels *k = num_kernels_find(NULL, true);
        num_fft *f = num_fft_new(ctx, k, n, true);
        assert_ok(ctx);
        double *x = noise(n, (uint32_t)i), *X = base_alloc(ctx, 2 * bins, sizeof *X);
        double *work = base_alloc(ctx, num_fft_work(f), 1), *rows = base_alloc(ctx, bins * NUM_ROW, sizeof *rows);
        num_fft_real(f, x, X, work);
        for (size_t j = 0; j < n; j++) {
            size_t row = f->packed ? j / 2 : j, part = f->packed && j % 2;
            work[row * NUM_ROW + part * NUM_LANES] = x[j] * num_fft_window_scale(f);
            if (!f->packed) work[row * NUM_ROW + NUM_LANES] = 0;
        }
        k->fft_rows(f, work);
        k->fft_spectrum(f, work, rows);
        for (size_t j = 0; j < bins; j++) {
            assert_close(X[2 * j], rows[j * NUM_ROW], 1e-13 * (double)n, 0);
            assert_close(X[2 * j + 1], rows[j * NUM_ROW + NUM_LANES], 1e-13 * (double)n, 0);
        }
        void *all[] = { x, X, work, rows };
        for (size_t j = 0; j < BASE_COUNT(all); j++) base_free(ctx, all[j]);
        num_fft_free(ctx, f);
    }
}

static void energy_is_kept(void **state) {
    (void)state;
    static const size_t lengths[] = { 1000, 4096, 10007, 65536 };
    for (size_t i = 0; i < BASE_COUNT(lengths); i++) {
        size_t n = lengths[i];
        num_fft *f = num_fft_new(ctx, num_kernels_find(NULL, true), n, false);
        assert_ok(ctx);
        double *x = noise(2 * n, 7), *work = base_alloc(ctx, num_fft_work(f), 1), before = 0, after = 0;
        for (size_t j = 0; j < 2 * n; j++) before += x[j] * x[j];
        num_fft_one(f, false, x, x, work);
        for (size_t j = 0; j < 2 * n; j++) after += x[j] * x[j] / (double)n;
        assert_close(after, before, 0, 1e-13);
        base_free(ctx, x);
        base_free(ctx, work);
        num_fft_free(ctx, f);
    }
}

static void sums_transform_to_sums(void **state) {
    (void)state;
    size_t n = 360;
    num_fft *f = num_fft_new(ctx, num_kernels_find(NULL, true), n, false);
    double *a = noise(2 * n, 1), *b = noise(2 * n, 2), *s = base_alloc(ctx, 2 * n, sizeof *s);
    void *work = base_alloc(ctx, num_fft_work(f), 1);
    for (size_t i = 0; i < 2 * n; i++) s[i] = 2 * a[i] - 3 * b[i];
    num_fft_one(f, false, a, a, work);
    num_fft_one(f, false, b, b, work);
    num_fft_one(f, false, s, s, work);
    for (size_t i = 0; i < 2 * n; i++) assert_close(s[i], 2 * a[i] - 3 * b[i], 1e-12, 0);
    base_free(ctx, a);
    base_free(ctx, b);
    base_free(ctx, s);
    base_free(ctx, work);
    num_fft_free(ctx, f);
}

static void no_length_is_an_error(void **state) {
    (void)state;
    assert_null(num_fft_new(ctx, num_kernels_find(NULL, false), 0, true));
    assert_int_equal(sori_error(ctx), SORI_EINVAL);
    sori_clear(ctx);
}

static void fast_lengths(void **state) {
    (void)state;
    assert_int_equal(num_fft_one_length(0, false), 16);
    assert_int_equal(num_fft_one_length(17, false), 32);
    assert_int_equal(num_fft_one_length(33, true), 64);
    assert_int_equal(num_fft_one_length(16 * 7, false), 16 * 8);
    assert_int_equal(num_fft_one_length(32 * 11 - 5, true), 32 * 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_is_the_direct_sum),
        cmocka_unit_test(every_instruction_set_agrees),
        cmocka_unit_test(alone_is_as_in_company),
        cmocka_unit_test(energy_is_kept),
        cmocka_unit_test(sums_transform_to_sums),
        cmocka_unit_test(no_length_is_an_error),
        cmocka_unit_test(fast_lengths),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
