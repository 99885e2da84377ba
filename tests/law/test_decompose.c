/* Laws of decompositions: parts add up, a tone is harmonic and a click percussive, few parts are found again,
 * neighbours are mutual, threads leave no trace. */
#include "arrays.h"
#include "base/base.h"
#include <sori/fx.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(&(sori_options){ .threads = 1 }); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static sori_array *noise(sori_ctx *c, sori_dtype dtype, size_t rows, size_t columns, uint32_t key) {
    sori_array *a = sori_array_new(c, dtype, 2, (size_t[]){ rows, columns });
    base_rng r = base_rng_new(6, BASE_RNG_TEST, key, 0);
    size_t n = a->size * (dtype == SORI_C64 ? 2 : 1);
    double shift = dtype == SORI_C64 ? 0.5 : 0;
    for (size_t i = 0; i < n; i++) ((float *)a->data)[i] = (float)(base_rng_uniform(&r) - shift);
    return a;
}

static const float *values(const sori_array *a) { return a->data; }

/* --- harmonic and percussive ------------------------------------------------------------------------------------ */

static void parts_add_up(void **state) {
    (void)state;
    for (int complex = 0; complex < 2; complex++) {
        sori_array *S = noise(ctx, complex ? SORI_C64 : SORI_F32, 70, 300, 1);
        sori_hpss_result r = sori_hpss(ctx, S, NULL), wide = sori_hpss(ctx, S, &(sori_hpss_config){ .margin = { 2 } });
        assert_ok(ctx);
        for (size_t i = 0; i < S->size * (complex ? 2 : 1); i++) {
            double s = (double)values(S)[i];
            double h = (double)values(wide.harmonic)[i], p = (double)values(wide.percussive)[i];
            assert_close((double)values(r.harmonic)[i] + (double)values(r.percussive)[i], s, 1e-6, 0);
            assert_true(fabs(h + p) <= fabs(s) * (1 + 1e-6));
        }
    }
}

static size_t reflected(ptrdiff_t i, size_t n) {
    while (i < 0 || i >= (ptrdiff_t)n) i = i < 0 ? -1 - i : 2 * (ptrdiff_t)n - 1 - i;
    return (size_t)i;
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The median around one place, along frames or bins. */
static float median_at(const sori_array *S, size_t bin, size_t t, bool over_time, size_t window) {
    float some[64];
    for (size_t i = 0; i < window; i++) {
        ptrdiff_t shift = (ptrdiff_t)i - (ptrdiff_t)(window / 2);
        size_t b = over_time ? bin : reflected((ptrdiff_t)bin + shift, S->shape[0]);
        size_t f = over_time ? reflected((ptrdiff_t)t + shift, S->shape[1]) : t;
        some[i] = values(S)[b * S->shape[1] + f];
    }
    qsort(some, window, sizeof *some, by_size);
    return some[window / 2];
}

/* Hard masks say which median is larger: those of a plain sort, over the edges of tiles and of the spectrogram. */
static void medians_are_a_sorts(void **state) {
    (void)state;
    static const size_t shapes[][2] = { { 530, 40 }, { 40, 600 }, { 3, 5 }, { 1, 20 }, { 20, 1 }, { 257, 257 } };
    static const int sizes[][2] = { { 31, 31 }, { 17, 4 }, { 60, 2 } };
    for (size_t s = 0; s < BASE_COUNT(shapes); s++)
        for (size_t k = 0; k < BASE_COUNT(sizes); k++) {
            int scope = sori_begin(ctx);
            sori_array *S = noise(ctx, SORI_F32, shapes[s][0], shapes[s][1], 2);
            sori_hpss_config g = { .kernel_size = { sizes[k][0], sizes[k][1] }, .power = (double)INFINITY,
                                   .mask = true };
            sori_hpss_result r = sori_hpss(ctx, S, &g);
            assert_ok(ctx);
            for (size_t i = 0; i < S->size; i += 1 + S->size / 3000) {
                size_t bin = i / S->shape[1], t = i % S->shape[1];
                float h = median_at(S, bin, t, true, (size_t)sizes[k][0]);
                float p = median_at(S, bin, t, false, (size_t)sizes[k][1]);
                assert_true(values(r.harmonic)[i] == (h > p) && values(r.percussive)[i] == (p > h));
            }
            sori_end(ctx, scope, NULL);
        }
}

static void tones_last_and_clicks_strike(void **state) {
    (void)state;
    enum { N = 44100 };
    sori_array *tone = sori_array_new(ctx, SORI_F32, 1, (size_t[]){ N });
    sori_array *both = sori_array_new(ctx, SORI_F32, 1, (size_t[]){ N });
    for (size_t i = 0; i < N; i++) {
        ((float *)tone->data)[i] = (float)(0.3 * sin((double)i * 0.1));
        ((float *)both->data)[i] = values(tone)[i] + (i % 11025 == 5000 ? 0.9f : 0);
    }
    sori_audio y = { both, 22050 };
    sori_effects_hpss_result r = sori_effects_hpss(ctx, y, NULL);
    sori_audio h = sori_harmonic(ctx, y, NULL), p = sori_percussive(ctx, y, NULL);
    assert_ok(ctx);
    assert_memory_equal(h.y->data, r.harmonic.y->data, N * sizeof(float));
    assert_memory_equal(p.y->data, r.percussive.y->data, N * sizeof(float));
    for (size_t i = 0; i < N; i++) {
        bool click = i % 11025 == 5000;
        assert_close((double)values(h.y)[i] + (double)values(p.y)[i], (double)values(both)[i], 1e-5, 0);
        if (i > 4096 && i < N - 4096)
            assert_close((double)values(h.y)[i], (double)values(tone)[i], click ? 0.2 : 0.05, 0);
        if (click) assert_true(values(p.y)[i] > 0.5f);
    }
}

/* --- factorisation ---------------------------------------------------------------------------------------------- */

static double distance(const sori_array *S, sori_decompose_result r) {
    size_t n = S->shape[1], k = r.activations->shape[0];
    double square = 0;
    for (size_t i = 0; i < S->size; i++) {
        double sum = -(double)values(S)[i];
        for (size_t j = 0; j < k; j++)
            sum += (double)values(r.components)[i / n * k + j] * (double)values(r.activations)[j * n + i % n];
        square += sum * sum;
    }
    return sqrt(square);
}

/* Two spectra that take turns are found again; every sweep comes nearer. */
static void parts_are_found(void **state) {
    (void)state;
    enum { BINS = 30, FRAMES = 90 };
    sori_array *S = sori_array_new(ctx, SORI_F32, 2, (size_t[]){ BINS, FRAMES });
    for (size_t i = 0; i < S->size; i++) {
        size_t bin = i / FRAMES, t = i % FRAMES;
        ((float *)S->data)[i] = (float)((bin % 7 == 0) * (t % 20 < 9) + 2 * (bin % 5 == 1) * (t % 13 < 5));
    }
    double before = (double)INFINITY;
    for (int sweeps = 1; sweeps <= 64; sweeps *= 4) {
        sori_decompose_config g = { .n_components = 2, .max_iter = sweeps, .tol = SORI_NONE, .exact = true };
        sori_decompose_result r = sori_decompose(ctx, S, &g);
        assert_ok(ctx);
        assert_int_equal(r.n_iter, sweeps);
        assert_true(distance(S, r) < before);
        before = distance(S, r);
    }
    sori_decompose_result r = sori_decompose(ctx, S, &(sori_decompose_config){ .n_components = 2, .sort = true });
    assert_true(distance(S, r) < 1e-2);
    assert_true(values(r.components)[0] > 0.1f && values(r.components)[1] < 1e-3f);   /* bin 0 is of the first */
    sori_decompose_config fixed = { .components = r.components, .tol = SORI_VALUE(1e-7) };
    sori_decompose_result again = sori_decompose(ctx, S, &fixed);
    assert_ok(ctx);
    assert_memory_equal(again.components->data, r.components->data, r.components->size * sizeof(float));
    assert_true(distance(S, again) < 1e-2);
}

/* --- neighbours ------------------------------------------------------------------------------------------------- */

static void neighbours_are_k_and_mutual(void **state) {
    (void)state;
    enum { N = 120 };
    sori_array *S = noise(ctx, SORI_F32, 8, N, 3);
    sori_recurrence_config g = { .k = 5, .width = 4, .mode = SORI_RECURRENCE_DISTANCE };
    sori_array *R = sori_recurrence_matrix(ctx, S, &g), *cross = sori_cross_similarity(ctx, S, S, &g);
    g.sym = true;
    sori_array *M = sori_recurrence_matrix(ctx, S, &g);
    assert_ok(ctx);
    for (size_t i = 0; i < N; i++) {
        size_t links = 0, crossed = 0;
        for (size_t j = 0; j < N; j++) {
            float link = values(R)[j * N + i], back = values(R)[i * N + j], mutual = values(M)[i * N + j];
            links += link > 0;
            crossed += values(cross)[j * N + i] > 0;
            assert_true(mutual == values(M)[j * N + i] && (mutual > 0) == (link > 0 && back > 0));
            if (link > 0) assert_true(i > j ? i - j >= 4 : j - i >= 4);
        }
        assert_int_equal(links, 5);
        assert_int_equal(crossed, 4);   /* of five neighbours one is the frame itself, at distance 0 */
    }
}

/* A sound of equal frames is its own mean and median. */
static void what_repeats_stays(void **state) {
    (void)state;
    sori_array *S = sori_array_new(ctx, SORI_F32, 2, (size_t[]){ 20, 70 });
    for (size_t i = 0; i < S->size; i++) ((float *)S->data)[i] = (float)(i / 70 % 5) + (i % 70 % 7 == 0 && i / 70 == 3);
    for (int how = 0; how < 3; how++) {
        sori_nn_filter_config g = { .aggregate = (sori_aggregate)how, .recurrence.k = 6 };
        sori_array *F = sori_nn_filter(ctx, S, &g);
        assert_ok(ctx);
        for (size_t i = 0; i < S->size; i++) assert_close((double)values(F)[i], (double)values(S)[i], 1e-6, 0);
    }
}

/* --- threads ---------------------------------------------------------------------------------------------------- */

static uint64_t everything(int threads) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
    sori_array *S = noise(c, SORI_F32, 300, 900, 4), *D = noise(c, SORI_C64, 300, 500, 5);
    sori_hpss_result a = sori_hpss(c, D, NULL), b = sori_hpss(c, S, &(sori_hpss_config){ .kernel_size = { 9, 12 } });
    sori_decompose_result n = sori_decompose(c, S, &(sori_decompose_config){ .n_components = 5, .max_iter = 9 });
    sori_nn_filter_config g = { .aggregate = SORI_AGGREGATE_AVERAGE, .recurrence.mode = SORI_RECURRENCE_AFFINITY };
    uint64_t h = hash(a.harmonic) ^ hash(a.percussive) * 3 ^ hash(b.harmonic) * 5 ^ hash(b.percussive) * 7;
    h ^= hash(n.components) * 11 ^ hash(n.activations) * 13 ^ hash(sori_nn_filter(c, S, &g)) * 17;
    h ^= hash(sori_recurrence_matrix(c, S, &(sori_recurrence_config){ .metric = SORI_METRIC_COSINE })) * 19;
    h ^= hash(sori_cross_similarity(c, S, S, &(sori_recurrence_config){ .mode = SORI_RECURRENCE_DISTANCE })) * 23;
    assert_ok(c);
    sori_close(c);
    return h;
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    uint64_t one = everything(1);
    assert_true(one == everything(2));
    assert_true(one == everything(8));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_up), cmocka_unit_test(medians_are_a_sorts),
        cmocka_unit_test(tones_last_and_clicks_strike), cmocka_unit_test(parts_are_found),
        cmocka_unit_test(neighbours_are_k_and_mutual), cmocka_unit_test(what_repeats_stays),
        cmocka_unit_test(threads_leave_no_trace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
