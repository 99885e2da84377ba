/* The kernels around the FFT, of every instruction set and precision, each against a plain twin. */
#include "law/tables.h"
#include "num/kernel/kernel.h"

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

/* n random values in the precision of k; x gets the same in double. */
static void *noise(const num_kernels *k, size_t n, double *x, uint32_t key) {
    void *p = base_alloc(ctx, n, k->real_size);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = base_rng_uniform(&r) * 2 - 1;
        if (k->real_size == 8) ((double *)p)[i] = x[i];
        else x[i] = ((float *)p)[i] = (float)x[i];
    }
    return p;
}

/* The input has exactly the samples named, so that a sanitizer finds a read beyond them. */
static void check_transpose(const num_kernels *k) {
    static const struct { size_t rows, columns, hop; } cases[] =
        { { 1, 1, 1 }, { 16, 16, 16 }, { 512, 19, 512 }, { 33, 67, 40 }, { 7, 5, 9 }, { 100, 16, 100 }, { 1, 40, 1 } };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        size_t rows = cases[i].rows, columns = cases[i].columns, hop = cases[i].hop, stride = (columns + 15) / 16 * 16;
        size_t n = (columns - 1) * hop + rows;
        float *x = base_alloc(ctx, n, sizeof *x);
        void *t = base_alloc(ctx, rows * stride, k->real_size);
        for (size_t j = 0; j < n; j++) x[j] = (float)j;
        k->transpose(rows, columns, hop, x, stride, t);
        for (size_t r = 0; r < rows; r++)
            for (size_t m = 0; m < columns; m++)
                if (num_get(k, t, r * stride + m) != (double)x[m * hop + r])
                    fail_msg("%s: transpose, case %zu, row %zu, column %zu", k->name, i, r, m);
        base_free(ctx, x);
        base_free(ctx, t);
    }
}

enum { ROWS = 40, BANDS = 3, STRIDE = 20 };

static void check_sums(const num_kernels *k) {
    static const uint32_t start[BANDS] = { 2, 0, 17 }, count[BANDS] = { 5, 0, 23 };
    double x[ROWS * 16], w[6 * ROWS];
    void *rows = noise(k, BASE_COUNT(x), x, 1), *weight = noise(k, BASE_COUNT(w), w, 2);
    for (size_t lanes = 1; lanes <= 16; lanes += 5) {
        float out[6 * STRIDE] = { 0 };
        k->bank(BANDS, start, count, weight, rows, lanes, out, STRIDE);
        for (size_t f = 0, at = 0; f < BANDS; at += count[f], f++)
            for (size_t m = 0; m < STRIDE; m++) {
                double expected = 0;
                for (size_t i = 0; m < lanes && i < count[f]; i++) expected += w[at + i] * x[(start[f] + i) * 16 + m];
                assert_close((double)out[f * STRIDE + m], expected, 1e-6, 1e-6);
            }
        k->matrix(6, ROWS, weight, rows, lanes, out, STRIDE);
        for (size_t r = 0; r < 6; r++)
            for (size_t m = 0; m < lanes; m++) {
                double expected = 0;
                for (size_t j = 0; j < ROWS; j++) expected += w[r * ROWS + j] * x[j * 16 + m];
                assert_close((double)out[r * STRIDE + m], expected, 2e-6, 1e-6);
            }
    }
    base_free(ctx, rows);
    base_free(ctx, weight);
}

static void check_decibel(const num_kernels *k) {
    double tolerance = k->real_size == 8 ? 1e-12 : 6e-5;   /* 2 ulp of 380 dB */
    void *rows = base_alloc(ctx, 16, k->real_size);
    for (int i = -290; i < 380; i++) {
        float in[16] = { (float)pow(10, i / 10.0), 3, 0, -1, 1 };
        k->decibel(1, in, 16, 16, 1e-30, -1000, rows);
        assert_close(num_get(k, rows, 0), 10 * log10((double)in[0]), tolerance, 0);
        assert_close(num_get(k, rows, 1), 10 * log10(3), tolerance, 0);
        assert_close(num_get(k, rows, 2), -300, tolerance, 0);
        assert_close(num_get(k, rows, 3), -300, tolerance, 0);
        assert_true(num_get(k, rows, 4) == 0);
        k->decibel(1, in, 16, 5, 1e-10, -50, rows);
        assert_true(num_get(k, rows, 2) == -50);
    }
    base_free(ctx, rows);
}

/* Two rows of four blocks, any number of frames, at any alignment, through the caches and past them. */
static void check_store(const num_kernels *k) {
    enum { BLOCK = 2 * NUM_ROW, STEP = 70 };
    double x[4 * BLOCK];
    void *rows = noise(k, BASE_COUNT(x), x, 3);
    for (size_t frames = 1; frames <= NUM_GROUP; frames += frames % 7 ? 5 : 4)
        for (size_t skew = 0; skew < 4; skew++) {
            float out[4 * STEP + 4] = { 0 };
            k->store(2, rows, BLOCK, frames, out + skew, STEP, skew % 2);
            for (size_t m = 0; m < STEP; m++) {
                double expected = m < frames ? x[m / 16 * BLOCK + 16 + m % 16] : 0;
                assert_true(out[skew + STEP + m] == (float)expected);
            }
            memset(out, 0, sizeof out);
            k->store_complex(2, rows, BLOCK, frames, out + skew, STEP, skew % 2);
            for (size_t m = 0; m < STEP; m++)
                for (size_t part = 0; part < 2; part++) {
                    double expected = m < frames ? x[m / 16 * BLOCK + 32 + part * 16 + m % 16] : 0;
                    assert_true(out[skew + 2 * (STEP + m) + part] == (float)expected);
                }
        }
    base_free(ctx, rows);
}

/* What store_complex writes, load_complex reads; lanes left out are zero. */
static void check_load(const num_kernels *k) {
    double x[3 * NUM_ROW];
    void *rows = noise(k, BASE_COUNT(x), x, 5), *back = base_alloc(ctx, BASE_COUNT(x), k->real_size);
    for (size_t lanes = 1; lanes <= NUM_LANES; lanes++) {
        float pairs[3 * 2 * 20];
        k->store_complex(3, rows, 0, NUM_LANES, pairs, 20, false);
        k->load_complex(3, pairs, 20, lanes, back);
        for (size_t i = 0; i < BASE_COUNT(x); i++)
            assert_true(num_get(k, back, i) == (i % NUM_LANES < lanes ? (double)(float)x[i] : 0));
    }
    base_free(ctx, rows);
    base_free(ctx, back);
}

static void check_add(const num_kernels *k) {
    enum { N = 9 };
    static const uint32_t offset[N] = { 0, 20, 40, 1, 21, 41, 2, 22, 42 };
    double x[N * NUM_LANES], w[N], sum[64] = { 0 };
    void *rows = noise(k, BASE_COUNT(x), x, 6), *window = noise(k, N, w, 7), *t = base_alloc(ctx, 64, k->real_size);
    for (size_t i = 0; i < N; i++)
        for (size_t m = 0; m < NUM_LANES; m++) sum[offset[i] + m] += x[i * NUM_LANES + m] * w[i];
    k->add_frames(N, rows, offset, window, t);
    for (size_t i = 0; i < 64; i++) assert_close(num_get(k, t, i), sum[i], 1e-6, 0);
    base_free(ctx, rows);
    base_free(ctx, window);
    base_free(ctx, t);
}

static void check_sqrt(const num_kernels *k) {
    double x[32];
    void *values = noise(k, 32, x, 4);
    for (size_t i = 0; i < 32; i++) x[i] *= x[i];
    for (size_t i = 0; i < 32; i++) {
        if (k->real_size == 8) ((double *)values)[i] = x[i];
        else ((float *)values)[i] = (float)x[i];
    }
    k->sqrt(32, values);
    for (size_t i = 0; i < 32; i++) assert_close(num_get(k, values, i), sqrt(x[i]), 0, 1e-7);
    base_free(ctx, values);
}

static int ascending(const void *a, const void *b) {
    double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

static void check_extremes(const num_kernels *k) {
    double x[40 * 16], smallest[16], largest[16], sorted[20];
    uint32_t index[20];
    void *rows = noise(k, BASE_COUNT(x), x, 5), *list = base_alloc(ctx, 2 * 20 * 16, sizeof(double));
    for (uint32_t i = 0; i < 20; i++) index[i] = 2 * i + 1;
    for (size_t share = 1; share <= 20; share++) {
        k->extremes(20, index, rows, share, list, smallest, largest);
        for (size_t m = 0; m < 16; m++) {
            double low = 0, high = 0;
            for (size_t i = 0; i < 20; i++) sorted[i] = x[index[i] * 16 + m];
            qsort(sorted, 20, sizeof *sorted, ascending);
            for (size_t i = 0; i < share; i++) low += sorted[i], high += sorted[19 - i];
            assert_close(smallest[m], low / (double)share, 1e-15, 0);
            assert_close(largest[m], high / (double)share, 1e-15, 0);
        }
    }
    base_free(ctx, list);
    base_free(ctx, rows);
}

static void transposes(void **state) { (void)state; for_each_table(check_transpose); }
static void sums(void **state) { (void)state; for_each_table(check_sums); }
static void decibels(void **state) { (void)state; for_each_table(check_decibel); }
static void stores(void **state) { (void)state; for_each_table(check_store); }
static void loads(void **state) { (void)state; for_each_table(check_load); }
static void frames_added(void **state) { (void)state; for_each_table(check_add); }
static void square_roots(void **state) { (void)state; for_each_table(check_sqrt); }
static void extremes(void **state) { (void)state; for_each_table(check_extremes); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transposes), cmocka_unit_test(sums), cmocka_unit_test(decibels), cmocka_unit_test(stores),
        cmocka_unit_test(square_roots), cmocka_unit_test(loads), cmocka_unit_test(frames_added),
        cmocka_unit_test(extremes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
