/* Laws of resampling: a stream gives the bits of the whole, as does any number of threads; sums resample to sums; a
 * sine stays that sine; the kernel is its plain twin. */
#include "test.h"
#include "base/base.h"
#include "num/num.h"
#include <sori/audio.h>

#define N 20000

static const sori_res_type firs[] = { SORI_RES_KAISER_BEST, SORI_RES_KAISER_FAST, SORI_RES_POLYPHASE };
static const double rates[][2] = { { 44100, 22050 }, { 22050, 44100 }, { 44100, 48000 }, { 16000, 44100 },
                                   { 44100, 16000 }, { 8000, 7999 }, { 44100.5, 22050 } };

static sori_audio noise(sori_ctx *c, uint32_t key, size_t channels, size_t n, double sr) {
    float *x = base_alloc(c, channels * n, sizeof *x);
    base_rng r = base_rng_new(9, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < channels * n; i++) x[i] = (float)(base_rng_uniform(&r) - 0.5);
    sori_audio y = sori_audio_from(c, x, channels, n, sr);
    base_free(c, x);
    assert_ok(c);
    return y;
}

static sori_audio resample(sori_ctx *c, sori_audio y, double to, sori_res_type type) {
    sori_audio z = sori_resample(c, y, to, &(sori_resample_config){ .res_type = type });
    assert_ok(c);
    return z;
}

static bool possible(const double *pair, sori_res_type type) {
    return type != SORI_RES_POLYPHASE || pair[0] == floor(pair[0]);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    static const int counts[] = { 1, 2, 8 };
    sori_ctx *c[3];
    for (int k = 0; k < 3; k++) c[k] = sori_open(&(sori_options){ .threads = counts[k] });
    for (size_t i = 0; i < BASE_COUNT(rates); i++)
        for (int type = SORI_SOXR_HQ; type <= SORI_RES_ZERO_ORDER_HOLD; type++) {
            sori_audio y[3];
            if (!possible(rates[i], (sori_res_type)type)) continue;
            for (int k = 0; k < 3; k++)
                y[k] = resample(c[k], noise(c[k], 1, 3, N, rates[i][0]), rates[i][1], (sori_res_type)type);
            for (int k = 1; k < 3; k++) assert_memory_equal(y[k].y->data, y[0].y->data, y[0].y->size * sizeof(float));
        }
    for (int k = 0; k < 3; k++) sori_close(c[k]);
}

static void a_stream_is_the_whole(void **state) {
    (void)state;
    static const size_t steps[] = { 1000, 65536 };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(rates); i++)
        for (size_t t = 0; t < BASE_COUNT(firs); t++)
            for (size_t channels = 1; channels < 3; channels++) {
                double from = floor(rates[i][0]), to = rates[i][0] == from ? rates[i][1] : rates[i][1] + 0.5;
                if (firs[t] == SORI_RES_POLYPHASE && to != floor(to)) continue;
                int scope = sori_begin(c);
                sori_save(c, TEST_SCRATCH "/s.wav", noise(c, 2, channels, N, from),
                          &(sori_save_config){ .subtype = SORI_FLOAT });
                sori_load_config config = { .sr = to, .multichannel = true, .res_type = firs[t] };
                sori_audio whole = resample(c, noise(c, 2, channels, N, from), to, firs[t]);
                sori_audio loaded = sori_load(c, TEST_SCRATCH "/s.wav", &config);
                assert_ok(c);
                assert_int_equal(loaded.y->size, whole.y->size);
                assert_memory_equal(loaded.y->data, whole.y->data, whole.y->size * sizeof(float));
                sori_reader *r = sori_reader_open(c, TEST_SCRATCH "/s.wav", &config);
                float *block = base_alloc(c, steps[t % 2] * channels, sizeof *block);
                size_t n = whole.y->size / channels, at = 0;
                for (size_t got; (got = sori_reader_read(r, block, steps[t % 2])) > 0; at += got)
                    for (size_t j = 0; j < got * channels; j++)
                        assert_true(block[j] == ((float *)whole.y->data)[j % channels * n + at + j / channels]);
                assert_int_equal(at, n);
                base_free(c, block);
                sori_reader_close(r);
                sori_end(c, scope, NULL);
            }
    sori_close(c);
}

static void sums_resample_to_sums(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int type = SORI_SOXR_HQ; type <= SORI_RES_ZERO_ORDER_HOLD; type++) {
        sori_audio a = noise(c, 3, 1, N, 44100), b = noise(c, 4, 1, N, 44100), s = noise(c, 3, 1, N, 44100);
        for (size_t i = 0; i < N; i++) ((float *)s.y->data)[i] += ((float *)b.y->data)[i] / 2;
        sori_audio A = resample(c, a, 16000, (sori_res_type)type), B = resample(c, b, 16000, (sori_res_type)type);
        sori_audio S = resample(c, s, 16000, (sori_res_type)type);
        for (size_t i = 0; i < S.y->size; i++)
            assert_close(((float *)S.y->data)[i], ((float *)A.y->data)[i] + ((float *)B.y->data)[i] / 2, 1e-6, 0);
    }
    sori_close(c);
}

/* 440 Hz, far from the ends and from either Nyquist frequency. */
static void a_sine_stays_that_sine(void **state) {
    (void)state;
    static const struct { sori_res_type type; double error; } cases[] = {
        { SORI_SOXR_HQ, 1e-5 }, { SORI_SOXR_VHQ, 1e-5 }, { SORI_RES_KAISER_BEST, 1e-4 },
        { SORI_RES_KAISER_FAST, 3e-3 },   /* resampy's step through its table is whole: 185, not 185.76 */
        { SORI_RES_POLYPHASE, 1e-3 },     /* a Kaiser window of beta 5 */
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t k = 0; k < BASE_COUNT(cases); k++)
        for (size_t i = 0; i + 2 < BASE_COUNT(rates); i++) {
            sori_audio x = noise(c, 5, 1, N, rates[i][0]);
            for (size_t t = 0; t < N; t++) ((float *)x.y->data)[t] = (float)sin(2 * M_PI * 440 * (double)t / x.sr);
            sori_audio y = resample(c, x, rates[i][1], cases[k].type);
            for (size_t t = y.y->size / 3; t < y.y->size * 2 / 3; t++)
                assert_close(((float *)y.y->data)[t], sin(2 * M_PI * 440 * (double)t / y.sr), cases[k].error, 0);
        }
    sori_close(c);
}

static void the_kernel_is_its_twin(void **state) {
    (void)state;
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    enum { TAPS = 37, WIDE = 176, ROWS = 5 };
    sori_ctx *c = sori_open(NULL);
    for (size_t s = 0; s < BASE_COUNT(isas); s++) {
        const num_kernels *k = num_kernels_find(isas[s], false), *d = num_kernels_find(isas[s], true);
        if (!k) continue;
        float *t = base_alloc(c, ROWS * WIDE + 16, sizeof *t), w[TAPS], out[WIDE];
        double *u = base_alloc(c, ROWS * WIDE + 16, sizeof *u), v[TAPS], exact[WIDE];
        uint32_t offset[TAPS];
        for (int i = 0; i < ROWS * WIDE; i++) u[i] = t[i] = (float)((i * 37 % 101) - 50);
        for (int j = 0; j < TAPS; j++) v[j] = w[j] = (float)(j * 11 % 17) - 8, offset[j] = (uint32_t)(j * 13);
        for (size_t n = 16; n <= WIDE; n += 16) {
            k->fir(TAPS, offset, w, t, n, out);
            d->fir(TAPS, offset, v, u, n, exact);
            for (size_t m = 0; m < n; m++) {
                double sum = 0;   /* whole numbers: no rounding */
                for (int j = 0; j < TAPS; j++) sum += v[j] * u[offset[j] + m];
                assert_true(out[m] == (float)sum && exact[m] == sum);
            }
        }
        base_free(c, t);
        base_free(c, u);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_leave_no_trace), cmocka_unit_test(a_stream_is_the_whole),
        cmocka_unit_test(sums_resample_to_sums), cmocka_unit_test(a_sine_stays_that_sine),
        cmocka_unit_test(the_kernel_is_its_twin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
