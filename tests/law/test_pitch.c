/* Laws of pitch: kernels of every instruction set against plain twins; threads, channels and time shifts leave no
 * trace; tones have their own pitch; the decoder of pyin finds a path as probable as the full matrix does. */
#include "arrays.h"
#include "law/tables.h"
#include "feat/pyin.h"
#include "num/kernel/kernel.h"
#include <float.h>
#include <sori/pitch.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

/* --- kernels ------------------------------------------------------------------------------------------------------ */

/* n random values from a small set, if coarse, so that there are equal ones. */
static void *noise(const num_kernels *k, size_t n, uint32_t key, bool coarse) {
    void *p = base_alloc(ctx, n, k->real_size);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) num_put(k, p, i, coarse ? base_rng_below(&r, 5) : base_rng_uniform(&r) * 2 - 1);
    return p;
}

enum { FRAME = 100, LAGS = 41, POINTS = 160 };

/* Frames that do not overlap: sample i of lane m is t[16 i + m]. */
static void check_yin(const num_kernels *k) {
    num_fft *fft = num_fft_new(ctx, k, POINTS, true);
    void *t = noise(k, FRAME * NUM_LANES, 7, false), *window = base_alloc(ctx, POINTS, k->real_size);
    void *work = base_alloc(ctx, num_fft_work(fft), 1), *acf = base_alloc(ctx, (LAGS + 1) * NUM_LANES, k->real_size);
    void *d = base_alloc(ctx, LAGS * NUM_LANES, k->real_size);
    uint32_t offset[POINTS] = { 0 };
    for (uint32_t i = 0; i < FRAME; i++) offset[i] = i * NUM_LANES;
    for (size_t i = 0; i < FRAME; i++) num_put(k, window, i, num_fft_window_scale(fft));
    k->autocorrelate(fft, t, offset, window, work, LAGS, acf);
    k->yin_difference(3, LAGS - 1, t, offset, acf, d);
    for (size_t m = 0; m < NUM_LANES; m++) {
        double r[LAGS] = { 0 }, energy = 0, sum = 0;
        for (size_t lag = 0; lag < LAGS; lag++) {
            for (size_t i = 0; i + lag < FRAME; i++)
                r[lag] += num_get(k, t, i * NUM_LANES + m) * num_get(k, t, (i + lag) * NUM_LANES + m);
            assert_close(num_get(k, acf, lag * NUM_LANES + m), r[lag], k->real_size == 8 ? 1e-13 : 2e-5, 0);
        }
        for (size_t lag = 1; lag < LAGS; lag++) {
            energy += pow(num_get(k, t, (lag - 1) * NUM_LANES + m), 2);
            double difference = 2 * (r[0] - r[lag]) - (lag > 1 ? energy : 0);
            sum += difference;
            if (lag < 3) continue;
            assert_close(num_get(k, d, (lag - 3) * NUM_LANES + m), difference * (double)lag / sum,
                         k->real_size == 8 ? 1e-13 : 1e-5, 0);
        }
    }
    base_free(ctx, d), base_free(ctx, acf), base_free(ctx, work), base_free(ctx, window), base_free(ctx, t);
    num_fft_free(ctx, fft);
}

static void check_troughs(const num_kernels *k) {
    static const size_t lengths[] = { 2, 3, 40 };
    for (size_t l = 0; l < BASE_COUNT(lengths); l++) {
        size_t n = lengths[l];
        void *x = noise(k, n * NUM_LANES, 9, true);
        uint8_t flags[40 * NUM_LANES];
        uint32_t least[NUM_LANES];
        k->troughs(n, x, flags, least);
        for (size_t m = 0; m < NUM_LANES; m++) {
            size_t lowest = 0;
            for (size_t i = 0; i < n; i++) {
                double here = num_get(k, x, i * NUM_LANES + m);
                double after = i + 1 < n ? num_get(k, x, (i + 1) * NUM_LANES + m) : here;
                bool trough = i ? here < num_get(k, x, (i - 1) * NUM_LANES + m) && here <= after : here < after;
                if (here < num_get(k, x, lowest * NUM_LANES + m)) lowest = i;
                assert_int_equal(flags[i * NUM_LANES + m] != 0, trough);
            }
            assert_int_equal(least[m], lowest);
        }
        base_free(ctx, x);
    }
}

/* Whole numbers: there are many equal sums, of which the first counts. */
static void check_steps(const num_kernels *k) {
    enum { N = 128, WIDTH = 23 };
    void *x = noise(k, N + WIDTH, 11, true), *w = noise(k, WIDTH, 12, true), *matrix = noise(k, WIDTH * N, 13, true);
    void *best = base_alloc(ctx, N, k->real_size);
    uint16_t from[N];
    for (int full = 0; full < 2; full++) {
        num_put(k, x, 3, -INFINITY);
        if (full) k->best_source(N, WIDTH, x, matrix, N, best, from);
        else k->max_plus(N, WIDTH, x, w, best, from);
        for (size_t j = 0; j < N; j++) {
            double most = -INFINITY;
            size_t at = 0;
            for (size_t q = 0; q < WIDTH; q++) {
                double sum = full ? num_get(k, x, q) + num_get(k, matrix, q * N + j)
                                  : num_get(k, x, j + q) + num_get(k, w, q);
                if (sum > most) most = sum, at = q;
            }
            assert_true(num_get(k, best, j) == most);
            assert_int_equal(from[j], at);
        }
    }
    base_free(ctx, best), base_free(ctx, matrix), base_free(ctx, w), base_free(ctx, x);
}

static void kernels(void **state) {
    (void)state;
    for_each_table(check_yin);
    for_each_table(check_troughs);
    for_each_table(check_steps);
}

/* --- sounds ------------------------------------------------------------------------------------------------------- */

/* Two channels of a gliding tone that comes and goes, in noise. */
static sori_audio voices(sori_ctx *c, size_t n) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, n });
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < 2 * n; i++) {
        double t = (double)(i % n) / 22050, on = fmod(t, 0.4) < 0.25;
        double turns = 6.283185307 * (180 * t + 60 * t * t), x = on * (sin(turns) + 0.3 * sin(2 * turns));
        ((float *)a->data)[i] = (float)(0.4 * x + 0.05 * (base_rng_uniform(&r) - 0.5));
    }
    return (sori_audio){ a, 22050 };
}

static uint64_t everything(sori_ctx *c) {
    sori_audio y = voices(c, 40000);
    sori_pyin_result p = sori_pyin(c, y, NULL);
    sori_piptrack_result peaks = sori_piptrack(c, y, NULL);
    double tuning = sori_estimate_tuning(c, y, NULL), harmonics[] = { 1, 2, 3 };
    sori_array *S = sori_spectrogram(c, y, NULL);
    sori_array *freqs = sori_fft_frequencies(c, 22050, 2048), *mono = sori_array_cast(c, peaks.pitches, SORI_F32);
    sori_harmonics_config g = { .freqs = freqs, .harmonics = harmonics, .n_harmonics = 3 }, changing = g;
    changing.freqs = mono;
    sori_viterbi_result v = sori_viterbi_binary(c, p.voiced_prob, sori_transition_loop(c, 2, 0.9, NULL), NULL);
    assert_ok(c);
    uint64_t h = hash(p.f0) ^ hash(p.voiced_flag) ^ hash(p.voiced_prob) ^ hash(sori_yin(c, y, NULL));
    h ^= hash(peaks.pitches) ^ hash(peaks.magnitudes) ^ base_hash(BASE_HASH_START, &tuning, sizeof tuning);
    h ^= hash(v.states) ^ hash(v.logp) ^ hash(sori_salience(c, S, &g)) ^ hash(sori_f0_harmonics(c, S, p.f0, &g));
    return h ^ hash(sori_interp_harmonics(c, S, &changing));
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    static const int counts[] = { 1, 2, 8 };
    uint64_t h[3];
    for (int k = 0; k < 3; k++) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = counts[k] });
        h[k] = everything(c);
        sori_close(c);
    }
    assert_true(h[0] == h[1] && h[0] == h[2]);
}

static void a_channel_is_as_alone(void **state) {
    (void)state;
    int scope = sori_begin(ctx);
    size_t n = 30001;
    sori_audio y = voices(ctx, n), second = { sori_array_from(ctx, SORI_F32, 1, &n, (float *)y.y->data + n), y.sr };
    sori_pyin_result both = sori_pyin(ctx, y, NULL), one = sori_pyin(ctx, second, NULL);
    sori_array *yin = sori_yin(ctx, y, NULL), *yin_one = sori_yin(ctx, second, NULL);
    assert_ok(ctx);
    assert_memory_equal((double *)both.voiced_prob->data + one.f0->size, one.voiced_prob->data, one.f0->size * 8);
    assert_memory_equal((double *)both.f0->data + one.f0->size, one.f0->data, one.f0->size * 8);
    assert_memory_equal((double *)yin->data + yin_one->size, yin_one->data, yin_one->size * 8);
    sori_end(ctx, scope, NULL);
}

/* A sound that begins a hop later has its frames one later, to the bit. */
static void later_is_later(void **state) {
    (void)state;
    int scope = sori_begin(ctx);
    size_t n = 20000, rest = n - 512;
    sori_audio y = voices(ctx, n), late = { sori_array_from(ctx, SORI_F32, 1, &rest, (float *)y.y->data + 512), y.sr };
    y.y = sori_array_from(ctx, SORI_F32, 1, &n, y.y->data);
    const sori_yin_config g = { .uncentered = true };
    const sori_array *a = sori_yin(ctx, y, &g), *b = sori_yin(ctx, late, &g);
    assert_ok(ctx);
    assert_int_equal(a->size, b->size + 1);
    assert_memory_equal((double *)a->data + 1, b->data, b->size * 8);
    sori_end(ctx, scope, NULL);
}

/* A quarter of a semitone is 1.5 %; loudness does not matter. */
static void tones_have_their_pitch(void **state) {
    (void)state;
    for (double hz = 80; hz < 1700; hz *= 1.37)
        for (double loud = 1; loud > 1e-5; loud /= 1000) {
            int scope = sori_begin(ctx);
            sori_array *a = sori_array_new(ctx, SORI_F32, 1, (size_t[]){ 12000 });
            for (size_t i = 0; i < a->size; i++)
                ((float *)a->data)[i] = (float)(loud * sin(6.283185307179586 * hz * (double)i / 22050));
            sori_audio y = { a, 22050 };
            const sori_array *yin = sori_yin(ctx, y, &(sori_yin_config){ .uncentered = true });
            sori_pyin_result p = sori_pyin(ctx, y, &(sori_pyin_config){ .uncentered = true });
            assert_ok(ctx);
            for (size_t t = 0; t < yin->size; t++) {
                assert_close(((double *)yin->data)[t], hz, 0, 0.015);
                assert_close(((double *)p.f0->data)[t], hz, 0, 0.015);
                assert_int_equal(((uint8_t *)p.voiced_flag->data)[t], 1);
            }
            sori_end(ctx, scope, NULL);
        }
}

/* --- the decoder -------------------------------------------------------------------------------------------------- */

enum { BINS = 70, STEPS = 60, MOST = 5 };

typedef struct scene {
    feat_candidate candidates[STEPS][MOST];
    const feat_candidate *list[STEPS];
    uint32_t count[STEPS];
    double unvoiced[STEPS];
    double prob[2 * BINS][STEPS];
} scene;

/* Random candidates; every third frame is surely voiced, so that unvoiced states are as dead as the others. */
static void make_scene(scene *s, uint32_t key) {
    base_rng r = base_rng_new(9, BASE_RNG_TEST, key, 0);
    memset(s, 0, sizeof *s);
    for (size_t t = 0; t < STEPS; t++) {
        size_t bin = base_rng_below(&r, 12);
        double total = 0;
        s->list[t] = s->candidates[t];
        while (s->count[t] < MOST && bin < BINS) {
            double p = base_rng_uniform(&r) / MOST;
            s->candidates[t][s->count[t]++] = (feat_candidate){ p, (uint32_t)bin };
            total += p;
            bin += 1 + base_rng_below(&r, 25);
        }
        for (size_t k = 0; k < s->count[t]; k++) {
            double p = s->candidates[t][k].log_prob / (t % 3 ? 1 : total);
            s->prob[s->candidates[t][k].bin][t] = p;
            s->candidates[t][k].log_prob = log(p + DBL_MIN);
        }
        double rest = t % 3 ? (1 - total) / BINS : 0;
        for (size_t j = 0; j < BINS; j++) s->prob[BINS + j][t] = rest;
        s->unvoiced[t] = log(rest + DBL_MIN);
    }
}

static sori_array *full_matrix(size_t width, double switch_prob) {
    sori_array *a = sori_array_new(ctx, SORI_F64, 2, (size_t[]){ 2 * BINS, 2 * BINS });
    const double *local = sori_transition_local(ctx, BINS, (int)width, NULL, NULL, false)->data;
    for (size_t i = 0; i < 2 * BINS; i++)
        for (size_t j = 0; j < 2 * BINS; j++)
            ((double *)a->data)[i * 2 * BINS + j] =
                local[i % BINS * BINS + j % BINS] * ((i < BINS) == (j < BINS) ? 1 - switch_prob : switch_prob);
    return a;
}

static double path_logp(const scene *s, const double *matrix, const uint16_t *states) {
    double sum = log(1 / (2.0 * BINS) + DBL_MIN);
    for (size_t t = 0; t < STEPS; t++) {
        if (t) sum += log(matrix[states[t - 1] * 2 * BINS + states[t]] + DBL_MIN);
        sum += log(s->prob[states[t]][t] + DBL_MIN);
    }
    return sum;
}

static void check_decoder(uint32_t key, size_t width, double switch_prob) {
    static scene s;   /* large; tests are not threaded */
    uint16_t states[STEPS];
    feat_voicing v;
    int scope = sori_begin(ctx);
    make_scene(&s, key);
    assert_true(feat_voicing_open(ctx, &v, BINS, width, switch_prob));
    char *memory = base_alloc(ctx, feat_voicing_memory(&v, STEPS), 1);
    feat_observations o = { STEPS, s.list, s.count, s.unvoiced };
    feat_voicing_decode(&v, &o, memory, states);
    const sori_array *matrix = full_matrix(width, switch_prob);
    sori_array *prob = sori_array_from(ctx, SORI_F64, 2, (size_t[]){ 2 * BINS, STEPS }, s.prob);
    sori_viterbi_result full = sori_viterbi(ctx, prob, matrix, NULL);
    assert_ok(ctx);
    assert_close(path_logp(&s, matrix->data, states), *(double *)full.logp->data, 0, 1e-12);
    base_free(ctx, memory);
    feat_voicing_close(ctx, &v);
    sori_end(ctx, scope, NULL);
}

static void the_decoder_finds_the_best_path(void **state) {
    (void)state;
    for (uint32_t key = 0; key < 20; key++) {
        check_decoder(key, 11, 0.01);
        check_decoder(key, 4, 0.3);
        check_decoder(key, 1, 0.01);
        check_decoder(key, 11, 0);
        check_decoder(key, 11, 1);
        check_decoder(key, BINS, 0.5);
    }
}

/* The plain algorithm over the whole matrix. */
static double plain_viterbi(const double *prob, const double *matrix, size_t n, size_t steps, int64_t *states) {
    double *value = base_alloc(ctx, n, sizeof *value), *next = base_alloc(ctx, n, sizeof *next);
    uint16_t *from = base_alloc(ctx, n * steps, sizeof *from);
    for (size_t j = 0; j < n; j++) value[j] = log(prob[j * steps] + DBL_MIN) + log(1 / (double)n + DBL_MIN);
    for (size_t t = 1; t < steps; t++) {
        for (size_t j = 0; j < n; j++) {
            double best = -INFINITY;
            for (size_t i = 0; i < n; i++) {
                double sum = value[i] + log(matrix[i * n + j] + DBL_MIN);
                if (sum > best) best = sum, from[t * n + j] = (uint16_t)i;
            }
            next[j] = log(prob[j * steps + t] + DBL_MIN) + best;
        }
        memcpy(value, next, n * sizeof *value);
    }
    size_t state = 0;
    for (size_t j = 1; j < n; j++)
        if (value[j] > value[state]) state = j;
    double logp = value[state];
    for (size_t t = steps; t > 0; t--) {
        states[t - 1] = (int64_t)state;
        if (t > 1) state = from[(t - 1) * n + state];
    }
    base_free(ctx, from), base_free(ctx, next), base_free(ctx, value);
    return logp;
}

/* What is seen leaps about, so the path must take transitions of probability 0, to the bit as the plain one does. */
static void impossible_steps(void **state) {
    (void)state;
    enum { N = 150, T = 40 };
    for (uint32_t key = 0; key < 6; key++) {
        int scope = sori_begin(ctx);
        int64_t want[T];
        base_rng r = base_rng_new(10, BASE_RNG_TEST, key, 0);
        sori_array *prob = sori_array_new(ctx, SORI_F64, 2, (size_t[]){ N, T });
        double *p = prob->data;
        for (size_t t = 0; t < T; t++)
            for (int k = 0; k < 3; k++) p[base_rng_below(&r, N) * T + t] = base_rng_uniform(&r);
        const sori_array *m = sori_transition_local(ctx, N, key % 2 ? 5 : 40, NULL, NULL, key == 3);
        sori_viterbi_result got = sori_viterbi(ctx, prob, m, NULL);
        assert_ok(ctx);
        assert_true(plain_viterbi(p, m->data, N, T, want) == *(double *)got.logp->data);
        assert_memory_equal(got.states->data, want, sizeof want);
        sori_end(ctx, scope, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels), cmocka_unit_test(threads_leave_no_trace), cmocka_unit_test(a_channel_is_as_alone),
        cmocka_unit_test(later_is_later), cmocka_unit_test(tones_have_their_pitch),
        cmocka_unit_test(the_decoder_finds_the_best_path), cmocka_unit_test(impossible_steps),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
