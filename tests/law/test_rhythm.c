/* Laws of onsets, tempo and beats: fast sums are the plain ones, a channel is as alone, threads leave no trace, clicks
 * are found where they are. */
#include "test.h"
#include "array/array.h"
#include "num/kernel/kernel.h"
#include <sori/rhythm.h>

enum { PERIOD = 22, FRAMES = 1500 };

static float *values(const sori_array *a) { return a->data; }

static sori_array *random_array(sori_ctx *c, int ndim, const size_t *shape, uint32_t key) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(7, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < a->size; i++) values(a)[i] = (float)base_rng_uniform(&r);
    return a;
}

/* Strong values every PERIOD frames, noise between them. */
static sori_array *clicks(sori_ctx *c, size_t channels, size_t n) {
    sori_array *a = random_array(c, channels > 1 ? 2 : 1, (size_t[]){ channels > 1 ? channels : n, n }, 1);
    for (size_t i = 0; i < a->size; i++) values(a)[i] = i % n % PERIOD == 5 ? 1 : values(a)[i] / 50;
    return a;
}

static sori_audio sound(sori_ctx *c, size_t channels, size_t n) {
    sori_array *a = random_array(c, channels > 1 ? 2 : 1, (size_t[]){ channels > 1 ? channels : n, n }, 2);
    for (size_t i = 0; i < a->size; i++) values(a)[i] *= i % n % 9000 < 900 ? 0.8f : 0.01f;
    return (sori_audio){ a, 22050 };
}

static void assert_equal(const char *what, const sori_array *a, const sori_array *b) {
    assert_non_null(a);
    assert_non_null(b);
    if (a->size != b->size || memcmp(a->data, b->data, a->size * sori_dtype_size(a->dtype)) != 0)
        fail_msg("%s: other bits", what);
}

/* --- kernels ------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

/* Every lane sorted, many equal values among them. */
static void check_sort(sori_ctx *c, const num_kernels *k) {
    static const size_t sizes[] = { 0, 1, 2, 3, 5, 8, 31, 64, 100, 127, 128, 129, 300 };
    base_rng r = base_rng_new(7, BASE_RNG_TEST, 3, 0);
    for (size_t s = 0; s < BASE_COUNT(sizes); s++) {
        size_t n = sizes[s];
        void *rows = base_alloc(c, n * 16, k->real_size);
        double *want = base_alloc(c, n * 16, sizeof *want);
        for (size_t i = 0; i < n * 16; i++) {
            double v = want[i % 16 * n + i / 16] = floor(base_rng_uniform(&r) * 90) / 8 - 4;
            if (k->real_size == 8) ((double *)rows)[i] = v;
            else ((float *)rows)[i] = (float)v;
        }
        k->sort(n, rows);
        for (size_t m = 0; m < 16; m++) qsort(want + m * n, n, sizeof *want, ascending);
        for (size_t i = 0; i < n * 16; i++) {
            double v = k->real_size == 8 ? ((double *)rows)[i] : (double)((float *)rows)[i];
            if (v != want[i % 16 * n + i / 16]) fail_msg("%s: sort of %zu, value %zu", k->name, n, i);
        }
        base_free(c, want);
        base_free(c, rows);
    }
}

static void sorting(void **state) {
    (void)state;
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    sori_ctx *c = sori_open(NULL);
    for (size_t s = 0; s < BASE_COUNT(isas); s++)
        for (int exact = 0; exact < 2; exact++) {
            const num_kernels *k = num_kernels_find(isas[s], exact);
            if (k) check_sort(c, k);
        }
    sori_close(c);
}

/* --- sums ---------------------------------------------------------------------------------------------------- */

static void autocorrelation_is_the_sum(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = random_array(c, 2, (size_t[]){ 3, 77 }, 4), *d = sori_array_cast(c, x, SORI_F64);
    sori_array *z = sori_array_from(c, SORI_C64, 1, (size_t[]){ 115 }, x->data);
    sori_array *f = sori_autocorrelate(c, x, NULL), *e = sori_autocorrelate(c, d, NULL);
    sori_array *g = sori_autocorrelate(c, z, NULL);
    sori_array *h = sori_autocorrelate(c, x, &(sori_autocorrelate_config){ .max_size = 10, .exact = true });
    assert_ok(c);
    for (size_t row = 0; row < 3; row++)
        for (size_t k = 0; k < 77; k++) {
            const float *p = values(x) + row * 77;
            double sum = 0;
            for (size_t i = 0; i + k < 77; i++) sum += (double)p[i] * (double)p[i + k];
            assert_close((double)values(f)[row * 77 + k], sum, 2e-5, 0);
            assert_close(((double *)e->data)[row * 77 + k], sum, 1e-13, 0);
            if (k < 10) assert_close((double)values(h)[row * 10 + k], sum, 0, 1e-7);
        }
    for (size_t k = 0; k < 115; k++) {
        double re = 0, im = 0;
        const float *p = z->data;
        for (size_t i = 0; i + k < 115; i++) {
            const float *a = p + 2 * (i + k), *b = p + 2 * i;
            re += (double)a[0] * (double)b[0] + (double)a[1] * (double)b[1];
            im += (double)a[1] * (double)b[0] - (double)a[0] * (double)b[1];
        }
        assert_close((double)values(g)[2 * k], re, 1e-4, 0);
        assert_close((double)values(g)[2 * k + 1], im, 1e-4, 0);
    }
    sori_close(c);
}

/* A boxcar tempogram, uncentred and without norm, is the autocorrelation of each piece. */
static void tempogram_is_the_sum(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = random_array(c, 1, (size_t[]){ 100 }, 5);
    sori_tempogram_config g = { .onset_envelope = x, .win_length = 33, .uncentered = true, .window = "boxcar",
                                .norm = SORI_NONE, .exact = true };
    sori_array *a = sori_tempogram(c, (sori_audio){ 0 }, &g);
    g.norm = SORI_VALUE(-INFINITY);
    sori_array *least = sori_tempogram(c, (sori_audio){ 0 }, &g);
    assert_ok(c);
    assert_int_equal(a->shape[1], 68);
    for (size_t t = 0; t < 68; t++) {
        double smallest = INFINITY;
        for (size_t k = 0; k < 33; k++) {
            double sum = 0;
            for (size_t i = 0; i + k < 33; i++) sum += (double)values(x)[t + i] * (double)values(x)[t + i + k];
            smallest = fmin(smallest, sum);
            assert_close((double)values(a)[k * 68 + t], sum, 1e-7, 1e-6);
        }
        assert_close((double)values(least)[t], (double)values(a)[t] / smallest, 0, 1e-5);
    }
    sori_close(c);
}

/* The mean of power transformed back is the mean of tempograms: with narrow priors every lag has its say. */
static void mean_power_is_the_mean(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = random_array(c, 2, (size_t[]){ 4, 1300 }, 6);
    for (size_t i = 0; i < x->size; i++) {
        size_t t = i % 1300, period = 10 + 7 * (i / 1300);
        values(x)[i] = (t % period ? values(x)[i] / 3 : 1) + (t / 300 % 2 ? 0.7f : 0) - 0.2f;
    }
    sori_array *tg = sori_tempogram(c, (sori_audio){ 0 },
                                    &(sori_tempogram_config){ .onset_envelope = x, .win_length = 344 });
    for (double start = 40; start < 250; start += 0.5) {
        sori_tempo_config g = { .onset_envelope = x, .start_bpm = start, .std_bpm = 0.1 };
        sori_tempo_config h = { .tg = tg, .start_bpm = start, .std_bpm = 0.1 };
        sori_array *a = sori_tempo(c, (sori_audio){ 0 }, &g), *b = sori_tempo(c, (sori_audio){ 0 }, &h);
        assert_ok(c);
        assert_int_equal(a->size, 4);
        assert_equal("tempo", a, b);
    }
    sori_close(c);
}

/* --- finding ------------------------------------------------------------------------------------------------- */

static void clicks_are_found(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = clicks(c, 1, FRAMES);
    sori_audio none = { 0 };
    sori_array *onsets = sori_onset_detect(c, none, &(sori_onset_detect_config){ .onset_envelope = x });
    sori_beat_result b = sori_beat_track(c, none, &(sori_beat_config){ .onset_envelope = x });
    sori_array *pulse = sori_plp(c, none, &(sori_plp_config){ .onset_envelope = x, .equal_weights = true });
    assert_ok(c);
    assert_close(((double *)b.tempo->data)[0], 60.0 * 22050 / 512 / PERIOD, 0, 1e-12);
    assert_int_equal(onsets->size, (FRAMES - 5 + PERIOD - 1) / PERIOD);
    for (size_t i = 0; i < onsets->size; i++) assert_int_equal(((int64_t *)onsets->data)[i], 5 + PERIOD * i);
    assert_true(b.beats->size >= onsets->size - 2);
    for (size_t i = 0; i < b.beats->size; i++) assert_int_equal(((int64_t *)b.beats->data)[i] % PERIOD, 5);
    for (size_t t = 205; t < FRAMES - 205; t += PERIOD) {
        size_t click = (t - 5) / PERIOD * PERIOD + 5;
        assert_true(values(pulse)[click] > values(pulse)[click + 3] && values(pulse)[click] > values(pulse)[click - 3]);
    }
    sori_close(c);
}

/* librosa takes the logarithm of values below -1 there, and finds the fastest tempo for NaN. */
static void an_envelope_may_be_negative(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = clicks(c, 1, FRAMES);
    for (size_t i = 0; i < FRAMES; i++) values(x)[i] -= 0.05f;
    sori_array *bpm = sori_tempo(c, (sori_audio){ 0 }, &(sori_tempo_config){ .onset_envelope = x });
    assert_ok(c);
    assert_close(((double *)bpm->data)[0], 60.0 * 22050 / 512 / PERIOD, 0, 1e-12);
    sori_close(c);
}

/* --- channels and threads ------------------------------------------------------------------------------------- */

enum { RESULTS = 15 };

/* Everything, of a sound and of an envelope. */
static void everything(sori_ctx *c, size_t channels, sori_array *out[RESULTS]) {
    sori_audio y = sound(c, channels, 60000), none = { 0 };
    sori_array *x = clicks(c, channels, FRAMES);
    sori_beat_result b = sori_beat_track(c, none, &(sori_beat_config){ .onset_envelope = x, .dense = true });
    sori_beat_result d = sori_beat_track(c, y, &(sori_beat_config){ .dense = true });
    sori_array *all[RESULTS] = {
        sori_onset_strength(c, y, NULL),
        sori_onset_strength(c, y, &(sori_onset_config){ .detrend = true, .max_size = 3 }),
        sori_onset_strength(c, y, &(sori_onset_config){ .aggregate = SORI_AGGREGATE_MEDIAN }),
        sori_onset_strength_multi(c, y, &(sori_onset_config){ .aggregate = SORI_AGGREGATE_NONE }),
        sori_onset_detect(c, y, &(sori_onset_detect_config){ .dense = true }),
        sori_tempogram(c, none, &(sori_tempogram_config){ .onset_envelope = x }),
        sori_fourier_tempogram(c, none, &(sori_tempogram_config){ .onset_envelope = x, .win_length = 100 }),
        sori_tempo(c, none, &(sori_tempo_config){ .onset_envelope = x }),
        sori_tempo(c, none, &(sori_tempo_config){ .onset_envelope = x, .aggregate = SORI_AGGREGATE_NONE }),
        sori_tempogram_ratio(c, none, &(sori_tempogram_ratio_config){ .tempogram.onset_envelope = x }),
        b.tempo, b.beats, d.tempo, d.beats,
        sori_plp(c, none, &(sori_plp_config){ .onset_envelope = x }),
    };
    assert_ok(c);
    memcpy(out, all, sizeof all);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    static const int counts[] = { 1, 2, 8 };
    sori_ctx *c[3];
    sori_array *out[3][RESULTS];
    for (int k = 0; k < 3; k++) {
        c[k] = sori_open(&(sori_options){ .threads = counts[k] });
        everything(c[k], 2, out[k]);
    }
    for (size_t i = 0; i < RESULTS; i++) {
        char what[32];
        base_format(what, sizeof what, "result %zu", i);
        assert_equal(what, out[1][i], out[0][i]);
        assert_equal(what, out[2][i], out[0][i]);
    }
    for (int k = 0; k < 3; k++) sori_close(c[k]);
}

/* Not what depends on the loudest value of all channels, as librosa's decibels do. */
static void a_channel_is_as_alone(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *both[RESULTS], *one[RESULTS];
    everything(c, 3, both);
    everything(c, 1, one);   /* the same random values first */
    for (size_t i = 5; i < RESULTS; i++) {
        if (i == 12 || i == 13) continue;
        assert_int_equal(both[i]->size, 3 * one[i]->size);
        assert_memory_equal(both[i]->data, one[i]->data, one[i]->size * sori_dtype_size(one[i]->dtype));
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorting), cmocka_unit_test(autocorrelation_is_the_sum), cmocka_unit_test(tempogram_is_the_sum),
        cmocka_unit_test(mean_power_is_the_mean), cmocka_unit_test(clicks_are_found),
        cmocka_unit_test(an_envelope_may_be_negative), cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(a_channel_is_as_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
