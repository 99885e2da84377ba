/* Laws of levels and effects: blocks are the whole, inverses undo, threads leave no trace, axes are alike. */
#include "arrays.h"
#include "base/base.h"
#include <sori/fx.h>
#include <sori/level.h>

static sori_array *noise(sori_ctx *c, int ndim, const size_t *shape, uint32_t key, double low, double high) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(5, BASE_RNG_TEST, key, 0);
    assert_ok(c);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = (float)(low + (high - low) * base_rng_uniform(&r));
    return a;
}

static float *values(const sori_array *a) { return a->data; }

/* Columns [first, first + n) of every row. */
static sori_array *columns(sori_ctx *c, const sori_array *a, size_t first, size_t n) {
    size_t all = a->shape[a->ndim - 1], shape[SORI_MAX_DIMS];
    memcpy(shape, a->shape, sizeof shape);
    shape[a->ndim - 1] = n;
    sori_array *out = sori_array_new(c, SORI_F32, a->ndim, shape);
    for (size_t i = 0; i < a->size / all; i++)
        memcpy(values(out) + i * n, values(a) + i * all + first, n * sizeof(float));
    return out;
}

/* --- PCEN ------------------------------------------------------------------------------------------------------ */

static void pcen_in_blocks(void **state) {
    (void)state;
    static const size_t sizes[] = { 1, 2, 63, 64, 65, 100, 7 };
    sori_ctx *c = sori_open(NULL);
    for (int exact = 0; exact < 2; exact++) {
        sori_array *S = noise(c, 3, (size_t[]){ 2, 21, 302 }, 1, 0, 9), *zf_whole, *zf = NULL;
        sori_pcen_config g = { .zf = &zf_whole, .exact = exact };
        const sori_array *whole = sori_pcen(c, S, &g);
        for (size_t i = 0, at = 0; i < BASE_COUNT(sizes); at += sizes[i], i++) {
            g = (sori_pcen_config){ .zi = zf, .zf = &zf, .exact = exact };
            const sori_array *part = sori_pcen(c, columns(c, S, at, sizes[i]), &g);
            assert_ok(c);
            assert_same(part, columns(c, whole, at, sizes[i]));
        }
        assert_same(zf, zf_whole);
    }
    sori_close(c);
}

/* The first axis of a transposed array is the last of the array. */
static void pcen_along_any_axis(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = noise(c, 2, (size_t[]){ 37, 150 }, 2, 0, 9);
    sori_array *T = sori_array_new(c, SORI_F32, 2, (size_t[]){ 150, 37 });
    for (size_t i = 0; i < S->size; i++) values(T)[i % 150 * 37 + i / 150] = values(S)[i];
    const sori_array *a = sori_pcen(c, S, NULL), *b = sori_pcen(c, T, &(sori_pcen_config){ .axis = SORI_VALUE(0) });
    assert_ok(c);
    for (size_t i = 0; i < S->size; i++) assert_true(values(a)[i] == values(b)[i % 150 * 37 + i / 150]);
    sori_close(c);
}

/* A steady sound: mean = S, so the result is (S^(1 - gain) + bias)^power - bias^power once the start is forgotten. */
static void pcen_of_a_steady_sound(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = noise(c, 2, (size_t[]){ 1, 2000 }, 3, 5, 5);
    const sori_array *a = sori_pcen(c, S, &(sori_pcen_config){ .exact = true });
    assert_close((double)values(a)[1999], sqrt(5 * pow(5 + 1e-6, -0.98) + 2) - sqrt(2), 0, 1e-6);
    sori_close(c);
}

/* --- emphasis ---------------------------------------------------------------------------------------------------- */

typedef sori_audio emphasis(sori_ctx *c, sori_audio y, const sori_emphasis_config *config);

static void blocks_are_the_whole(emphasis *f) {
    static const size_t sizes[] = { 2, 1, 300, 17, 80 };
    sori_ctx *c = sori_open(NULL);
    sori_array *y = noise(c, 2, (size_t[]){ 3, 400 }, 4, -1, 1), *zf = NULL, *zf_whole;
    sori_audio whole = f(c, (sori_audio){ y, 22050 }, &(sori_emphasis_config){ .zf = &zf_whole });
    for (size_t i = 0, at = 0; i < BASE_COUNT(sizes); at += sizes[i], i++) {
        sori_emphasis_config g = { .zi = zf, .zf = &zf };
        sori_audio part = f(c, (sori_audio){ columns(c, y, at, sizes[i]), 22050 }, &g);
        assert_ok(c);
        assert_same(part.y, columns(c, whole.y, at, sizes[i]));
    }
    assert_same(zf, zf_whole);
    sori_close(c);
}

static void emphasis_in_blocks(void **state) {
    (void)state;
    blocks_are_the_whole(sori_preemphasis);
    blocks_are_the_whole(sori_deemphasis);
}

static void emphasis_and_back(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = { noise(c, 2, (size_t[]){ 2, 5000 }, 5, -1, 1), 22050 };
    sori_audio back = sori_deemphasis(c, sori_preemphasis(c, y, NULL), NULL);
    assert_ok(c);
    for (size_t i = 0; i < y.y->size; i++)   /* float32 between the two, added up over 1 / (1 - coef) samples */
        assert_close((double)values(back.y)[i], (double)values(y.y)[i], 4e-6, 0);
    sori_close(c);
}

/* --- companding ------------------------------------------------------------------------------------------------- */

static void mu_law_and_back(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = noise(c, 1, (size_t[]){ 9001 }, 6, -1, 1);
    sori_mu_config continuous = { .continuous = true };
    const sori_array *back = sori_mu_expand(c, sori_mu_compress(c, x, &continuous), &continuous);
    const sori_array *steps = sori_mu_compress(c, x, NULL), *rough = sori_mu_expand(c, steps, NULL);
    assert_ok(c);
    for (size_t i = 0; i < x->size; i++) {
        double v = (double)values(x)[i];
        int64_t step = ((int64_t *)steps->data)[i];
        assert_close((double)values(back)[i], v, 1e-7, 3e-6);
        assert_true(step >= -128 && step <= 127);
        assert_close((double)values(rough)[i], v, 0.03 * fabs(v) + 3e-4, 0.03);   /* a step is 2.2 % of the size */
    }
    sori_close(c);
}

/* As numpy.digitize: the levels below v, found one by one. */
static void mu_law_is_a_search(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int mu = 1; mu <= 1023; mu = mu * 2 + 1) {
        sori_array *x = noise(c, 1, (size_t[]){ 2000 }, (uint32_t)mu, -1, 1);
        const sori_array *a = sori_mu_compress(c, x, &(sori_mu_config){ .mu = mu });
        for (size_t i = 0; i < x->size; i++) {
            double y = (double)values(x)[i], v = copysign(log1p(mu * fabs(y)) / log1p(mu), y);
            int64_t n = 0;
            while (n <= mu && -1 + 2 * (double)n / mu < v) n++;
            assert_int_equal(((int64_t *)a->data)[i], n - (mu + 1) / 2);
        }
    }
    sori_close(c);
}

static void quantised_sound_stays(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = noise(c, 1, (size_t[]){ 5000 }, 7, -1.2, 1.2);
    for (int bits = 2; bits <= 24; bits += 2) {
        const sori_array *once = sori_quantize(c, x, bits, false), *twice = sori_quantize(c, once, bits, false);
        double half = pow(2, bits - 1);
        assert_same(once, twice);
        for (size_t i = 0; i < x->size; i++) {
            double v = fmin(fmax((double)values(x)[i], -1), 1 - 1 / half);
            assert_close((double)values(once)[i], v, 0.5 / half + 1e-7, 0);
        }
    }
    sori_close(c);
}

static void norms_are_one(void **state) {
    (void)state;
    static const double norms[] = { INFINITY, 1, 2, 0.5, 3 };
    sori_ctx *c = sori_open(NULL);
    sori_array *x = noise(c, 2, (size_t[]){ 50, 700 }, 8, -3, 5);
    for (size_t k = 0; k < BASE_COUNT(norms); k++)
        for (int axis = 0; axis < 2; axis++) {
            sori_normalize_config g = { .norm = SORI_VALUE(norms[k]), .axis = SORI_VALUE(axis) };
            const sori_array *a = sori_normalize(c, x, &g);
            size_t n = x->shape[axis], stride = axis ? 1 : 700;
            double sum = 0;
            for (size_t t = 0; t < n; t++) {
                double v = fabs((double)values(a)[(axis ? 700 * 3 : 3) + t * stride]);
                sum = norms[k] == INFINITY ? fmax(sum, v) : sum + pow(v, norms[k]);
            }
            assert_close(sum, 1, 1e-5, 0);
        }
    sori_audio peak = sori_normalize_peak(c, (sori_audio){ x, 22050 }, 0.5);
    float largest = 0;
    for (size_t i = 0; i < x->size; i++) largest = fmaxf(largest, fabsf(values(peak.y)[i]));
    assert_true(largest == 0.5f);
    sori_close(c);
}

/* --- prediction, polynomials, memory ---------------------------------------------------------------------------- */

/* An autoregressive signal: its own coefficients come back. */
static void lpc_finds_the_filter(void **state) {
    (void)state;
    static const double a[] = { 1, -1.6, 0.9, -0.2 };
    sori_ctx *c = sori_open(NULL);
    sori_array *y = noise(c, 1, (size_t[]){ 200000 }, 9, -1, 1);
    for (size_t t = 3; t < y->size; t++)
        for (size_t k = 1; k < 4; k++) values(y)[t] -= (float)(a[k] * (double)values(y)[t - k]);
    const sori_array *found = sori_lpc(c, y, 3, (sori_opt){ 0 });
    assert_ok(c);
    for (size_t k = 0; k < 4; k++) assert_close((double)values(found)[k], a[k], 0.01, 0);
    sori_close(c);
}

/* What can be predicted without error: a constant, and a tone, whose a is 1, -2 cos(w), 1. */
static void lpc_of_pure_tones(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *dc = noise(c, 1, (size_t[]){ 1000 }, 15, 0.25, 0.25), *tone = noise(c, 1, (size_t[]){ 1000 }, 15, 0, 0);
    for (size_t t = 0; t < tone->size; t++) values(tone)[t] = (float)sin(0.3 * (double)t);
    const sori_array *a = sori_lpc(c, dc, 1, (sori_opt){ 0 }), *b = sori_lpc(c, tone, 2, (sori_opt){ 0 });
    assert_true(values(a)[0] == 1 && values(a)[1] == -1);
    assert_close((double)values(b)[1], -2 * cos(0.3), 1e-3, 0);   /* the ends count: some 1 / samples */
    assert_close((double)values(b)[2], 1, 1e-3, 0);
    for (int order = 1; order < 60; order++) {
        a = sori_lpc(c, dc, order, (sori_opt){ 0 });
        b = sori_lpc(c, tone, order, (sori_opt){ 0 });
        for (size_t k = 0; k < a->size; k++) assert_true(isfinite(values(a)[k]) && isfinite(values(b)[k]));
    }
    assert_ok(c);
    sori_close(c);
}

/* Spectra that are polynomials have those for answers. */
static void poly_finds_the_polynomial(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = sori_array_new(c, SORI_F32, 2, (size_t[]){ 257, 3 });
    for (size_t k = 0; k < 257; k++)
        for (size_t t = 0; t < 3; t++) {
            double hz = (double)k * 22050 / 512;
            values(S)[k * 3 + t] = (float)(3 + (double)t * 2e-4 * hz + 1e-8 * hz * hz);
        }
    const sori_array *a = sori_poly_features(c, (sori_audio){ NULL, 22050 },
                                             &(sori_poly_config){ .S = S, .order = SORI_VALUE(2) });
    assert_ok(c);
    for (size_t t = 0; t < 3; t++) {
        assert_close((double)values(a)[t], 1e-8, 1e-13, 0);
        assert_close((double)values(a)[3 + t], (double)t * 2e-4, 1e-9, 0);
        assert_close((double)values(a)[6 + t], 3, 1e-6, 0);
    }
    sori_close(c);
}

/* The future is the past backwards. */
static void memory_of_memory(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = noise(c, 2, (size_t[]){ 5, 60 }, 10, -1, 1), *back = sori_array_new(c, SORI_F32, 2, x->shape);
    for (size_t i = 0; i < x->size; i++) values(back)[i / 60 * 60 + 59 - i % 60] = values(x)[i];
    const sori_array *past = sori_stack_memory(c, x, &(sori_memory_config){ .n_steps = 4, .delay = 3 });
    const sori_array *future = sori_stack_memory(c, back, &(sori_memory_config){ .n_steps = 4, .delay = -3 });
    assert_ok(c);
    for (size_t i = 0; i < past->size; i++) assert_true(values(past)[i] == values(future)[i / 60 * 60 + 59 - i % 60]);
    sori_close(c);
}

/* Exactly so: -4 is a power of two. */
static void fmt_is_linear(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = noise(c, 2, (size_t[]){ 33, 200 }, 11, -1, 1);
    const sori_array *a = sori_fmt(c, x, NULL);
    for (size_t i = 0; i < x->size; i++) values(x)[i] *= -4;
    const sori_array *b = sori_fmt(c, x, NULL);
    assert_ok(c);
    for (size_t i = 0; i < 2 * a->size; i++) assert_true(values(b)[i] == -4 * values(a)[i]);
    sori_close(c);
}

/* --- threads ---------------------------------------------------------------------------------------------------- */

enum { WORKS = 10 };

static void run_all(sori_ctx *c, const sori_array **out) {
    sori_array *S = noise(c, 3, (size_t[]){ 2, 70, 900 }, 12, 0, 9), *y = noise(c, 2, (size_t[]){ 9, 9000 }, 13, -1, 1);
    sori_audio sound = { y, 22050 };
    out[0] = sori_pcen(c, S, NULL);
    out[1] = sori_mu_compress(c, y, NULL);
    out[2] = sori_normalize(c, S, &(sori_normalize_config){ .norm = SORI_VALUE(2), .axis = SORI_VALUE(1) });
    out[3] = sori_lpc(c, y, 10, (sori_opt){ 0 });
    out[4] = sori_fmt(c, y, &(sori_fmt_config){ .n_fmt = 1000 });
    out[5] = sori_poly_features(c, sound, &(sori_poly_config){ .order = SORI_VALUE(3) });
    out[6] = sori_stack_memory(c, S, NULL);
    out[7] = sori_deemphasis(c, sound, NULL).y;
    out[8] = sori_trim(c, sound, NULL).y.y;
    out[9] = sori_zero_crossings(c, y, NULL);
    assert_ok(c);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    const sori_array *out[3][WORKS];
    static const int counts[] = { 1, 2, 8 };
    sori_ctx *c[3];
    for (int k = 0; k < 3; k++) run_all(c[k] = sori_open(&(sori_options){ .threads = counts[k] }), out[k]);
    for (int k = 1; k < 3; k++)
        for (int i = 0; i < WORKS; i++) assert_same(out[k][i], out[0][i]);
    for (int k = 0; k < 3; k++) sori_close(c[k]);
}

/* --- cutting ---------------------------------------------------------------------------------------------------- */

/* What split finds lies within what trim keeps, in order, and reaches to its edges. */
static void split_fills_trim(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *y = noise(c, 1, (size_t[]){ 60000 }, 14, -1, 1);
    for (size_t i = 0; i < y->size; i++) values(y)[i] *= i / 7000 % 3 == 1 ? 1.0f : 1e-5f;
    sori_audio sound = { y, 22050 };
    const sori_array *parts = sori_split_silence(c, sound, NULL), *index = sori_trim(c, sound, NULL).index;
    assert_ok(c);
    const int64_t *edge = parts->data, *whole = index->data;
    assert_int_equal(parts->shape[0], 3);
    assert_true(edge[0] == whole[0] && edge[5] == whole[1]);
    for (size_t i = 1; i < 6; i++) assert_true(edge[i] > edge[i - 1]);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcen_in_blocks), cmocka_unit_test(pcen_along_any_axis),
        cmocka_unit_test(pcen_of_a_steady_sound),
        cmocka_unit_test(emphasis_in_blocks), cmocka_unit_test(emphasis_and_back), cmocka_unit_test(mu_law_and_back),
        cmocka_unit_test(mu_law_is_a_search), cmocka_unit_test(quantised_sound_stays), cmocka_unit_test(norms_are_one),
        cmocka_unit_test(lpc_finds_the_filter), cmocka_unit_test(lpc_of_pure_tones),
        cmocka_unit_test(poly_finds_the_polynomial),
        cmocka_unit_test(memory_of_memory), cmocka_unit_test(fmt_is_linear), cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(split_fills_trim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
