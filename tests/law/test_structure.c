/* Laws of alignment, paths, segments and lags: kernels are their plain twins, threads leave no trace, exchanging the
 * sequences turns the matrix, a path costs what it says, clusters are nested, lags go there and back. */
#include "arrays.h"
#include "law/tables.h"
#include "array/array.h"
#include <sori/structure.h>

static sori_array *noise(sori_ctx *c, size_t rows, size_t columns, uint32_t key) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ rows, columns });
    base_rng r = base_rng_new(3, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = (float)(base_rng_uniform(&r) - 0.5);
    return a;
}

static double at(const sori_array *a, size_t i, size_t j) { return ((const double *)a->data)[i * a->shape[1] + j]; }

/* --- kernels -------------------------------------------------------------------------------------------------- */

enum { MOST = 200 };

typedef struct buffer { double plain[5 * MOST]; float narrow[5 * MOST]; } buffer;

/* n random values, exact in float; what kernels of that precision are given. */
static void *fill(buffer *b, const num_kernels *k, size_t n, uint32_t key) {
    base_rng r = base_rng_new(4, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) {
        b->narrow[i] = (float)(base_rng_uniform(&r) - 0.5);
        b->plain[i] = (double)b->narrow[i];
    }
    return k->real_size == 8 ? (void *)b->plain : (void *)b->narrow;
}

static void check_distances(const num_kernels *k) {
    enum { FEATURES = 5, STRIDE = 32 };
    static buffer x, y;
    double out[4 * STRIDE];
    void *px = fill(&x, k, 4 * FEATURES, 1), *py = fill(&y, k, FEATURES * STRIDE, 2);
    for (int kind = 0; kind < 3; kind++) {
        k->dtw_costs(kind, FEATURES, px, py, STRIDE, out);
        for (size_t r = 0; r < 4; r++)
            for (size_t j = 0; j < STRIDE; j++) {
                double sum = 0;
                for (size_t f = 0; f < FEATURES; f++) {
                    double a = x.plain[4 * f + r], b = y.plain[f * STRIDE + j];
                    sum += kind == 0 ? (a - b) * (a - b) : kind == 1 ? fabs(a - b) : a * b;
                }
                assert_close(num_get(k, out, r * STRIDE + j), sum, 1e-6, 0);
            }
    }
}

/* Exactly as much memory as named, so that a sanitizer finds a step beside it. */
static void check_dtw(const num_kernels *k) {
    static buffer cost, top;
    for (size_t n = 1; n < 40; n++) {
        void *pc = fill(&cost, k, 4 * n, 3), *pt = fill(&top, k, n, 4);
        char *rows = malloc(4 * n * k->real_size);
        uint8_t *steps = malloc(n);
        k->dtw_rows(n, pt, pc, n, rows, n);
        for (size_t r = 0; r < 4; r++) {
            const void *above = r ? rows + (r - 1) * n * k->real_size : pt;
            k->dtw_steps(n, above, (char *)pc + r * n * k->real_size, rows + r * n * k->real_size, steps);
            for (size_t m = 0; m < n; m++) {
                double up = num_get(k, above, m), left = m ? num_get(k, rows, r * n + m - 1) : INFINITY;
                double diagonal = m ? num_get(k, above, m - 1) : INFINITY, c = cost.plain[r * n + m];
                assert_close(num_get(k, rows, r * n + m), c + fmin(up, fmin(left, diagonal)), 1e-6, 0);
                double from = steps[m] == 0 ? diagonal : steps[m] == 1 ? left : up;
                assert_close(from + c, num_get(k, rows, r * n + m), 1e-6, 0);
            }
        }
        free(rows);
        free(steps);
    }
}

static void check_ties(const num_kernels *k) {
    double zero[40] = { 0 };
    uint8_t steps[20];
    for (int i = 0; i < 40; i++) zero[i] = 0;
    k->dtw_steps(20, zero, zero, zero, steps);
    assert_int_equal(steps[0], 2);
    for (int m = 1; m < 20; m++) assert_int_equal(steps[m], 0);
}

static double worth(double score, double sim, bool match) { return match ? score : score - (sim > 0 ? 0.25 : 0.125); }

static void check_rqa(const num_kernels *k) {
    static buffer sim, score;
    for (size_t n = 2; n < 40; n++)
        for (int knight = 0; knight < 2; knight++) {
            char *s = fill(&sim, k, 3 * n, 5), *p = fill(&score, k, 2 * n, 6), *out = calloc(n, k->real_size);
            size_t row = n * k->real_size;
            k->rqa_row(n, knight, 0.25, 0.125, s, s + row, s + 2 * row, p, p + row, out);
            for (size_t j = 2; j < n; j++) {
                bool match = sim.plain[j] > 0;
                double best = worth(score.plain[j - 1], sim.plain[n + j - 1], match);
                if (knight) best = fmax(best, worth(score.plain[j - 2], sim.plain[n + j - 2], match));
                if (knight) best = fmax(best, worth(score.plain[n + j - 1], sim.plain[2 * n + j - 1], match));
                assert_close(num_get(k, out, j), match ? best + sim.plain[j] : fmax(best, 0), 1e-7, 0);
            }
            free(out);
        }
}

static void check_taps(const num_kernels *k) {
    static const ptrdiff_t offset[] = { -3, 0, 4, 2 };
    static buffer in, weight;
    char *x = fill(&in, k, MOST, 7);
    void *w = fill(&weight, k, 4, 8);
    for (size_t n = 1; n < MOST - 8; n += 13) {
        char *out = malloc(n * k->real_size);
        k->taps(n, 4, offset, w, x + 3 * k->real_size, out);
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t t = 0; t < 4; t++) sum += weight.plain[t] * in.plain[3 + (size_t)((ptrdiff_t)j + offset[t])];
            assert_close(num_get(k, out, j), sum, 1e-6, 0);
        }
        free(out);
    }
}

static void kernels(void **state) {
    (void)state;
    for_each_table(check_distances);
    for_each_table(check_dtw);
    for_each_table(check_ties);
    for_each_table(check_rqa);
    for_each_table(check_taps);
}

/* --- alignment ------------------------------------------------------------------------------------------------ */

static void exchange_turns(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *X = noise(c, 7, 61, 1), *Y = noise(c, 7, 50, 2);
    sori_array *D = sori_dtw(c, X, Y, NULL).D, *E = sori_dtw(c, Y, X, NULL).D;
    assert_ok(c);
    for (size_t i = 0; i < 61; i++)
        for (size_t j = 0; j < 50; j++) assert_close(at(D, i, j), at(E, j, i), 0, 1e-13);
    sori_dtw_result r = sori_dtw(c, X, X, NULL);
    for (size_t i = 0; i < 61; i++) assert_true(at(r.D, i, i) == 0);
    assert_int_equal(r.wp->shape[0], 61);
    sori_close(c);
}

/* The sum of C along the path is D at its end, and the path is the one that steps lead back, with and without D. */
static void path_costs_what_it_says(void **state) {
    (void)state;
    static const int knight[][2] = { { 1, 1 }, { 2, 1 }, { 1, 2 }, { 0, 3 } };
    sori_ctx *c = sori_open(NULL);
    sori_array *C = sori_array_cast(c, noise(c, 45, 52, 3), SORI_F64);
    for (size_t i = 0; i < C->size; i++) ((double *)C->data)[i] += 0.5;
    for (int k = 0; k < 4; k++) {
        sori_dtw_config g = { .C = C, .return_steps = true, .subseq = k % 2 };
        sori_dtw_backtracking_config back = { .subseq = k % 2 };
        if (k > 1) g.step_sizes_sigma = back.step_sizes_sigma = knight, g.n_steps = back.n_steps = 4;
        sori_dtw_result r = sori_dtw(c, NULL, NULL, &g);
        assert_ok(c);
        const int64_t *p = r.wp->data;
        size_t n = r.wp->shape[0];
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += at(C, (size_t)p[2 * i], (size_t)p[2 * i + 1]);
        assert_close(at(r.D, (size_t)p[0], (size_t)p[1]), sum, 1e-12, 0);
        if (g.subseq) back.start = SORI_VALUE((double)p[1]);
        assert_same(sori_dtw_backtracking(c, r.steps, &back), r.wp);
        g.path_only = true;
        sori_dtw_result alone = sori_dtw(c, NULL, NULL, &g);
        assert_null(alone.D);
        assert_same(alone.wp, r.wp);
        assert_same(alone.steps, r.steps);
    }
    sori_close(c);
}

/* Steps spelled out are the usual ones: another code computes the same. */
static void usual_steps_spelled_out(void **state) {
    (void)state;
    static const int usual[][2] = { { 1, 1 }, { 0, 1 }, { 1, 0 } };
    sori_ctx *c = sori_open(NULL);
    for (size_t n = 1; n < 40; n += 3) {
        sori_array *X = noise(c, 3, n, 4), *Y = noise(c, 3, 40 - n, 5);
        sori_dtw_result a = sori_dtw(c, X, Y, NULL);
        sori_dtw_result b = sori_dtw(c, X, Y, &(sori_dtw_config){ .step_sizes_sigma = usual, .n_steps = 3 });
        assert_ok(c);
        assert_same(a.D, b.D);
        assert_same(a.wp, b.wp);
    }
    sori_close(c);
}

/* --- segments and lags ---------------------------------------------------------------------------------------- */

static void clusters_are_nested(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *data = noise(c, 4, 60, 6), *before = NULL;
    for (size_t k = 1; k <= 60; k++) {
        sori_array *now = sori_agglomerative(c, data, k);
        assert_ok(c);
        size_t found = 0;
        const int64_t *a = now->data, *b = before ? before->data : NULL;
        for (size_t i = 0; before && i < k; i++) found += found < before->size && b[found] == a[i];
        assert_int_equal(found, before ? before->size : 0);
        before = now;
    }
    sori_close(c);
}

static void lags_there_and_back(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *rec = noise(c, 23, 23, 7);
    for (int i = 0; i < 4; i++) {
        sori_lag_config g = { .unpadded = i % 2, .axis0 = i / 2 };
        assert_same(sori_lag_to_recurrence(c, sori_recurrence_to_lag(c, rec, &g), &g), rec);
        assert_same(sori_timelag_filter(c, rec, sori_median_of_window, &(sori_matrix_filter_config){ 0 }, &g), rec);
    }
    sori_close(c);
}

/* A constant stays, twice the matrix gives twice the result, and filters sum to 1. */
static void smoothing(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *R = noise(c, 30, 70, 8), *twice = noise(c, 30, 70, 8), *flat = noise(c, 30, 70, 8);
    for (size_t i = 0; i < R->size; i++) ((float *)twice->data)[i] *= 2, ((float *)flat->data)[i] = 0.75f;
    sori_array *a = sori_path_enhance(c, R, 11, NULL), *b = sori_path_enhance(c, twice, 11, NULL);
    sori_array *level = sori_path_enhance(c, flat, 11, NULL);
    sori_array *none = sori_path_enhance(c, flat, 11, &(sori_path_enhance_config){ .zero_mean = true });
    assert_ok(c);
    for (size_t i = 0; i < R->size; i++) {
        assert_true(((float *)b->data)[i] == 2 * ((float *)a->data)[i]);
        assert_close((double)((float *)level->data)[i], 0.75, 1e-6, 0);
        assert_close((double)((float *)none->data)[i], 0, 1e-6, 0);
    }
    sori_close(c);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    static const int counts[] = { 1, 2, 8 };
    sori_ctx *c[3];
    sori_array *D[3], *wp[3], *paths[3], *synced[3], *median[3];
    for (int k = 0; k < 3; k++) {
        c[k] = sori_open(&(sori_options){ .threads = counts[k] });
        sori_array *X = noise(c[k], 12, 150, 9), *Y = noise(c[k], 12, 131, 10);
        sori_dtw_result r = sori_dtw(c[k], X, Y, NULL);
        D[k] = r.D, wp[k] = r.wp;
        sori_path_enhance_config zero_mean = { .zero_mean = true };
        paths[k] = sori_path_enhance(c[k], noise(c[k], 40, 700, 11), 9, &zero_mean);
        synced[k] = sori_sync(c[k], X, sori_agglomerative(c[k], X, 9), NULL);
        median[k] = sori_median_of_window(c[k], X, &(sori_matrix_filter_config){ .size = { 3, 5 } });
        assert_ok(c[k]);
        assert_same(D[0], D[k]);
        assert_same(wp[0], wp[k]);
        assert_same(paths[0], paths[k]);
        assert_same(synced[0], synced[k]);
        assert_same(median[0], median[k]);
    }
    for (int k = 0; k < 3; k++) sori_close(c[k]);
}

static void interrupted(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *X = noise(c, 2, 90, 12);
    sori_interrupt(c);
    sori_dtw_result r = sori_dtw(c, X, X, NULL);
    assert_null(r.D);
    assert_null(r.wp);
    assert_int_equal(sori_error(c), SORI_EINTR);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels), cmocka_unit_test(exchange_turns), cmocka_unit_test(path_costs_what_it_says),
        cmocka_unit_test(usual_steps_spelled_out), cmocka_unit_test(clusters_are_nested),
        cmocka_unit_test(lags_there_and_back), cmocka_unit_test(smoothing), cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
