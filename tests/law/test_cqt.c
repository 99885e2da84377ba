/* Laws of constant-Q transforms: a tone is found in its bin, transforms are linear, the inverse gives the sound back,
 * threads and channels leave no trace, and the kernels are what their plain twins are. */
#include "test.h"
#include "num/num.h"
#include <sori/cqt.h>

static void assert_near(double a, double b, double limit) {
    if (!(fabs(a - b) <= limit)) fail_msg("%.9g is not %.9g", a, b);
}

static sori_audio tones(sori_ctx *c, size_t n, size_t count, const double *hz) {
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), 22050 };
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < n; i++)
            ((float *)y.y->data)[i] += (float)(0.3 * sin(2 * M_PI * hz[k] * (double)i / 22050));
    assert_ok(c);
    return y;
}

static double magnitude(const sori_array *C, size_t bin, size_t frame) {
    const float *p = (const float *)C->data + 2 * (bin * C->shape[1] + frame);
    return hypot((double)p[0], (double)p[1]);
}

static void a_tone_in_its_bin(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (size_t bin = 20; bin < 84; bin += 9) {
        double hz = 32.703195662574829 * exp2((double)bin / 12);
        sori_array *C = sori_cqt(c, tones(c, 40000, 1, &hz), NULL);
        size_t best = 0;
        for (size_t k = 0; k < 84; k++)
            if (magnitude(C, k, 40) > magnitude(C, best, 40)) best = k;
        assert_int_equal(best, bin);
        double length = 22050 / hz / ((exp2(1.0 / 6) - 1) / (exp2(1.0 / 6) + 1));   /* of the filter, whose sum is 1 */
        assert_near(magnitude(C, bin, 40), 0.15 * sqrt(length), 0.01 * sqrt(length));
        sori_array *chroma = sori_chroma_cqt(c, tones(c, 40000, 1, &hz),
                                             &(sori_chroma_cqt_config){ .tuning = SORI_VALUE(0) });
        assert_near((double)((float *)chroma->data)[(bin % 12) * chroma->shape[1] + 40], 1, 0);
    }
    sori_close(c);
}

/* A note is the loudest semitone, and its energy that of the sine in the window. */
static void a_note_in_its_band(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (size_t band = 5; band < 85; band += 16) {
        double hz = 440 * exp2(((double)band + 24 - 69) / 12);
        sori_array *E = sori_iirt(c, tones(c, 60000, 1, &hz), NULL);
        const float *e = (const float *)E->data + 60;
        size_t best = 0;
        for (size_t k = 0; k < 85; k++)
            if (e[k * E->shape[1]] > e[best * E->shape[1]]) best = k;
        assert_int_equal(best, band);
        double energy = 0.3 * 0.3 / 2 * 2048;   /* the filters' pass band ripples by 1 dB, there and back */
        if (!(e[best * E->shape[1]] <= 1.05 * energy && e[best * E->shape[1]] > 0.6 * energy))
            fail_msg("band %zu: %g of %g", band, (double)e[best * E->shape[1]], energy);
    }
    sori_close(c);
}

static void linear(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    static const double a[] = { 110, 1000 }, b[] = { 333 }, both[] = { 110, 1000, 333 };
    sori_array *A = sori_cqt(c, tones(c, 9000, 2, a), NULL), *B = sori_cqt(c, tones(c, 9000, 1, b), NULL);
    sori_array *S = sori_cqt(c, tones(c, 9000, 3, both), NULL);
    for (size_t i = 0; i < 2 * S->size; i++)
        assert_near((double)((float *)S->data)[i], (double)((float *)A->data)[i] + (double)((float *)B->data)[i], 1e-5);
    sori_close(c);
}

/* librosa's own bound: the inverse is no exact one, but close in the middle of a sound within its band. */
static void back_again(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    static const double hz[] = { 130.8, 440, 987.8, 1500 };
    sori_audio y = tones(c, 60000, 4, hz);
    sori_cqt_config g = { .hop_length = 128, .bins_per_octave = 36, .n_bins = 216, .filter_scale = 1 };
    sori_array *C = sori_cqt(c, y, &g);
    sori_audio back = sori_icqt(c, C, 22050, &(sori_icqt_config){ .cqt = g, .length = 60000 });
    assert_ok(c);
    assert_int_equal(back.y->shape[0], 60000);
    double error = 0, power = 0;
    for (size_t i = 15000; i < 45000; i++) {
        double x = (double)((float *)y.y->data)[i], d = x - (double)((float *)back.y->data)[i];
        error += d * d;
        power += x * x;
    }
    if (!(error < 1e-2 * power)) fail_msg("the error is %g of the sound", error / power);
    sori_close(c);
}

/* [2, n]: noise, and the same louder. */
static sori_audio two_channels(sori_ctx *c) {
    enum { N = 30000 };
    float *x = base_alloc(c, 2 * N, sizeof *x);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 5, 0);
    for (size_t i = 0; i < N; i++) x[N + i] = 2 * (x[i] = (float)(base_rng_uniform(&r) * 0.5 - 0.25));
    sori_audio y = sori_audio_from(c, x, 2, N, 22050);
    base_free(c, x);
    return y;
}

static void make_all(sori_ctx *c, sori_audio y, sori_array *out[9]) {
    sori_array *C = sori_cqt(c, y, NULL);
    sori_array *all[9] = { C, sori_vqt(c, y, NULL), sori_hybrid_cqt(c, y, NULL), sori_chroma_cqt(c, y, NULL),
                           sori_chroma_stft(c, y, NULL), sori_chroma_cens(c, y, NULL), sori_tonnetz(c, y, NULL),
                           sori_icqt(c, C, 22050, NULL).y, sori_iirt(c, y, NULL) };
    memcpy(out, all, sizeof all);
    assert_ok(c);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    static const int threads[] = { 1, 2, 8 };
    sori_array *out[3][9];
    sori_ctx *c[3];
    for (int k = 0; k < 3; k++) {
        c[k] = sori_open(&(sori_options){ .threads = threads[k] });
        make_all(c[k], two_channels(c[k]), out[k]);
        for (int i = 0; i < 9; i++)
            assert_memory_equal(out[0][i]->data, out[k][i]->data,
                                out[0][i]->size * sori_dtype_size(out[0][i]->dtype));
    }
    for (int k = 0; k < 3; k++) sori_close(c[k]);
}

/* Twice the sound is twice the transform, to the bit; each channel for itself. */
static void channels_apart(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *C = sori_cqt(c, two_channels(c), NULL);
    for (size_t i = 0; i < C->size; i++)
        assert_true(((float *)C->data)[C->size + i] == 2 * ((float *)C->data)[i]);
    sori_close(c);
}

/* --- kernels ------------------------------------------------------------------------------------------------------ */

enum { ROWS = 33, BANDS = 3 };

/* Zeros, room for n doubles or floats; freed with the context. */
static void *room(sori_ctx *c, size_t n) { return sori_array_new(c, SORI_F64, 1, &n)->data; }

static void *noise(sori_ctx *c, const num_kernels *k, size_t n, uint32_t key) {
    void *p = room(c, n);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) {
        double x = base_rng_uniform(&r) * 2 - 1;
        if (k->real_size == 8) ((double *)p)[i] = x;
        else ((float *)p)[i] = (float)x;
    }
    return p;
}

static void check_products(sori_ctx *c, const num_kernels *k) {
    static const uint32_t start[BANDS] = { 2, 0, 17 }, count[BANDS] = { 5, 0, 16 };
    void *rows = noise(c, k, ROWS * 32, 1), *w = noise(c, k, 2 * 21, 2), *out = noise(c, k, BANDS * 32, 3);
    void *size = room(c, BANDS * 16), *back = room(c, ROWS * 32);
    double limit = k->real_size == 8 ? 1e-14 : 1e-5;
    k->bank_complex(BANDS, start, count, w, rows, out);
    k->row_magnitude(BANDS, out, size);
    k->spread_complex(BANDS, start, count, w, out, back);
    for (size_t f = 0, at = 0; f < BANDS; at += count[f], f++)
        for (size_t m = 0; m < 16; m++) {
            double re = 0, im = 0, x = num_get(k, out, f * 32 + m), y = num_get(k, out, f * 32 + 16 + m);
            for (size_t i = 0; i < count[f]; i++) {
                size_t row = (start[f] + i) * 32 + m;
                double a = num_get(k, rows, row), b = num_get(k, rows, row + 16);
                double u = num_get(k, w, 2 * (at + i)), v = num_get(k, w, 2 * (at + i) + 1);
                re += a * u - b * v;
                im += a * v + b * u;
                assert_near(num_get(k, back, (start[f] + i) * 32 + m), x * u - y * v, limit);
                assert_near(num_get(k, back, (start[f] + i) * 32 + 16 + m), x * v + y * u, limit);
            }
            assert_near(x, re, limit);
            assert_near(y, im, limit);
            assert_near(num_get(k, size, f * 16 + m), hypot(re, im), limit);
        }
}

static void check_folds(sori_ctx *c, const num_kernels *k) {
    enum { LOW = 8 };
    void *x = noise(c, k, (LOW + 1) * 32, 4), *g = noise(c, k, LOW + 1, 5);
    void *half = room(c, (LOW / 2 + 1) * 32), *twice = room(c, (LOW + 1) * 32);
    double limit = k->real_size == 8 ? 1e-15 : 1e-6;
    k->fold(LOW, g, x, half);
    k->unfold(LOW, g, half, twice);
    for (size_t i = 0; i <= LOW; i++)
        for (size_t m = 0; m < 32; m++) {
            double sign = m < 16 ? 1 : -1, gi = num_get(k, g, i);
            size_t other = LOW - i;
            if (i <= LOW / 2) {
                double mirrored = num_get(k, x, other * 32 + m) * num_get(k, g, other);
                double sum = num_get(k, x, i * 32 + m) * gi + sign * mirrored;
                assert_near(num_get(k, half, i * 32 + m), sum, limit);
            }
            double from = i <= LOW / 2 ? num_get(k, half, i * 32 + m) : sign * num_get(k, half, other * 32 + m);
            if (i != LOW / 2) assert_near(num_get(k, twice, i * 32 + m), from * gi, limit);
        }
}

/* Two sections against the recurrence itself, and backwards is forwards of the rows in reverse. */
static void check_sos(sori_ctx *c, const num_kernels *k) {
    enum { N = 20, SECTIONS = 2 };
    void *rows = noise(c, k, N * 16, 6), *w = noise(c, k, SECTIONS * 5 * 16, 7), *s = noise(c, k, SECTIONS * 2 * 16, 8);
    void *mirror = room(c, N * 16), *t = room(c, SECTIONS * 2 * 16);
    double limit = k->real_size == 8 ? 1e-9 : 1e-1, y[N][16];
    for (size_t i = 0; i < N; i++)
        memcpy((char *)mirror + i * 16 * k->real_size, (char *)rows + (N - 1 - i) * 16 * k->real_size,
               16 * k->real_size);
    memcpy(t, s, SECTIONS * 2 * 16 * k->real_size);
    for (size_t m = 0; m < 16; m++)
        for (size_t i = 0; i < N; i++) y[i][m] = num_get(k, rows, i * 16 + m);
    for (size_t m = 0; m < 16; m++)
        for (size_t q = 0; q < SECTIONS; q++) {
            double z[2] = { num_get(k, s, q * 32 + m), num_get(k, s, q * 32 + 16 + m) }, b[5];
            for (size_t i = 0; i < 5; i++) b[i] = num_get(k, w, (q * 5 + i) * 16 + m);
            for (size_t i = 0; i < N; i++) {
                double x = y[i][m];
                y[i][m] = b[0] * x + z[0];
                z[0] = b[1] * x - b[3] * y[i][m] + z[1];
                z[1] = b[2] * x - b[4] * y[i][m];
            }
        }
    k->sos(N, SECTIONS, w, s, false, rows);
    k->sos(N, SECTIONS, w, t, true, mirror);
    for (size_t i = 0; i < N; i++)
        for (size_t m = 0; m < 16; m++) {
            assert_near(num_get(k, rows, i * 16 + m), y[i][m], limit * fmax(1, fabs(y[i][m])) / 100);
            assert_true(num_get(k, mirror, (N - 1 - i) * 16 + m) == num_get(k, rows, i * 16 + m));
        }
}

static void kernels(void **state) {
    (void)state;
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < 6; i++) {
        const num_kernels *k = num_kernels_find(isas[i / 2], i % 2);
        if (k) check_products(c, k);
        if (k) check_folds(c, k);
        if (k) check_sos(c, k);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_in_its_bin), cmocka_unit_test(a_note_in_its_band), cmocka_unit_test(linear),
        cmocka_unit_test(back_again),
        cmocka_unit_test(threads_leave_no_trace), cmocka_unit_test(channels_apart), cmocka_unit_test(kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
