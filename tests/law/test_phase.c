/* Laws of phase: what is stretched keeps its pitch, for ten minutes too; what is analysed comes back; threads leave no
 * trace; the kernels equal plain loops. */
#include "test.h"
#include "num/num.h"
#include <sori/fx.h>
#include <sori/phase.h>

#define PI 3.14159265358979323846

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static float *values(const sori_array *a) { return a->data; }

static sori_audio tone(sori_ctx *c, size_t n, double hz) {
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), 22050 };
    for (size_t i = 0; i < n; i++) values(y.y)[i] = (float)(0.5 * sin(2 * PI * fmod(hz * (double)i / 22050, 1)));
    return y;
}

static sori_audio noise(sori_ctx *c, size_t n, uint32_t key) {
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), 22050 };
    base_rng r = base_rng_new(7, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) values(y.y)[i] = (float)(base_rng_uniform(&r) - 0.5);
    return y;
}

/* The frequency of a tone between two places far apart: the phase there, by correlation with a tone of nearly that
 * frequency over a second, and the turns between. */
static double phase_near(const float *y, size_t at, double hz) {
    double re = 0, im = 0;
    for (size_t i = 0; i < 22050; i++) {
        double turn = fmod(hz * (double)(at + i) / 22050, 1), w = 1 - cos(2 * PI * (double)i / 22050);
        re += (double)y[at + i] * w * cos(2 * PI * turn);
        im -= (double)y[at + i] * w * sin(2 * PI * turn);
    }
    return atan2(im, re);
}

/* How far a tone is off between second 2 and the last but two, if by less than a turn: Hz. */
static double drift(const sori_array *a, double hz) {
    size_t n = a->shape[a->ndim - 1], first = 44100, last = n - 66150;
    double d = phase_near(values(a), last, hz) - phase_near(values(a), first, hz);
    return remainder(d, 2 * PI) / (2 * PI) * 22050 / (double)(last - first);
}

/* The same over one second, which sees a whole turn or more. */
static double local_drift(const sori_array *a, double hz) {
    size_t at = a->shape[a->ndim - 1] - 88200;
    double d = phase_near(values(a), at + 22050, hz) - phase_near(values(a), at, hz);
    return remainder(d, 2 * PI) / (2 * PI);
}

static void ten_minutes_keep_their_pitch(void **state) {
    (void)state;
    int scope = sori_begin(ctx);
    sori_audio y = tone(ctx, 600 * 22050, 9000.3);
    sori_audio z = sori_time_stretch(ctx, y, 0.999, &(sori_stft_config){ .n_fft = 512, .hop_length = 128 });
    assert_ok(ctx);
    assert_int_equal(z.y->size, (size_t)rint(600 * 22050 / 0.999));
    assert_close(local_drift(z.y, 9000.3), 0, 1e-3, 0);   /* librosa: -7.5 Hz */
    assert_close(local_drift(z.y, 9000.2), 0.1, 1e-3, 0);
    assert_close(drift(z.y, 9000.3), 0, 1e-5, 0);
    sori_end(ctx, scope, NULL);
}

/* And a float vocoder on a spectrum of few bins: 16 points, 10 minutes, a phase that turns by an odd angle a frame. */
static void long_spectra_keep_their_pitch(void **state) {
    (void)state;
    enum { FRAMES = 100000 };
    int scope = sori_begin(ctx);
    sori_array *D = sori_array_new(ctx, SORI_C64, 2, (size_t[]){ 9, FRAMES });
    for (size_t k = 0; k < 9; k++)
        for (size_t t = 0; t < FRAMES; t++) {
            double turn = fmod(0.1234567 * (double)(k + 1) * (double)t, 1);
            values(D)[2 * (k * FRAMES + t)] = (float)cos(2 * PI * turn);
            values(D)[2 * (k * FRAMES + t) + 1] = (float)sin(2 * PI * turn);
        }
    sori_array *E = sori_phase_vocoder(ctx, D, 0.9999, NULL);
    assert_ok(ctx);
    size_t steps = E->shape[1], t = steps - 3;
    for (size_t k = 0; k < 9; k++) {
        const float *z = values(E) + 2 * (k * steps + t);
        double turn = fmod(0.1234567 * (double)(k + 1) * (double)t, 1);
        assert_close(remainder(atan2((double)z[1], (double)z[0]) / (2 * PI) - turn, 1), 0, 2e-4, 0);
        assert_close(hypot((double)z[0], (double)z[1]), 1, 1e-3, 0);
    }
    sori_end(ctx, scope, NULL);
}

/* At rate 1 nothing changes; the array's vocoder and the one from sound to sound are the same. */
static void rate_one_is_the_identity(void **state) {
    (void)state;
    sori_audio y = noise(ctx, 30000, 1), z = sori_time_stretch(ctx, y, 1, NULL);
    sori_array *D = sori_stft(ctx, y, NULL), *E = sori_phase_vocoder(ctx, D, 1, NULL);
    assert_ok(ctx);
    for (size_t i = 0; i < 28000; i++) assert_close((double)values(z.y)[i], (double)values(y.y)[i], 1e-6, 0);
    for (size_t i = 0; i < 2 * D->size; i++) assert_close((double)values(E)[i], (double)values(D)[i], 2e-4, 0);
    sori_array *F = sori_phase_vocoder(ctx, sori_stft(ctx, y, &(sori_stft_config){ .exact = true }), 0.7,
                                       &(sori_phase_vocoder_config){ .exact = true });
    sori_istft_config g = { .stft.exact = true, .length = 42857 };
    sori_audio a = sori_istft(ctx, F, 22050, &g), b = sori_time_stretch(ctx, y, 0.7, NULL);
    assert_ok(ctx);
    assert_int_equal(a.y->size, b.y->size);
    for (size_t i = 0; i < a.y->size; i++) assert_close((double)values(a.y)[i], (double)values(b.y)[i], 1e-5, 0);
}

static void pitch_and_speed(void **state) {
    (void)state;
    sori_audio y = tone(ctx, 10 * 22050, 440);
    sori_audio up = sori_pitch_shift(ctx, y, 12, NULL), down = sori_pitch_shift(ctx, y, -5, NULL);
    sori_audio fast = sori_speed(ctx, y, 1.25, SORI_SOXR_HQ);
    assert_ok(ctx);
    assert_int_equal(up.y->size, y.y->size);
    assert_int_equal(fast.y->size, 8 * 22050);
    assert_true(up.sr == 22050 && fast.sr == 22050);
    assert_close(local_drift(up.y, 880), 0, 1e-3, 0);
    assert_close(local_drift(down.y, 440 * pow(2, -5 / 12.0)), 0, 1e-3, 0);
    assert_close(local_drift(fast.y, 550), 0, 1e-3, 0);
}

/* Each channel of several is what it is alone. */
static void channels_are_alone(void **state) {
    (void)state;
    enum { N = 9000 };
    sori_audio a = noise(ctx, N, 2), b = noise(ctx, N, 3);
    sori_audio both = { sori_array_new(ctx, SORI_F32, 3, (size_t[]){ 1, 2, N }), 22050 };
    memcpy(both.y->data, a.y->data, N * sizeof(float));
    memcpy(values(both.y) + N, b.y->data, N * sizeof(float));
    sori_audio s = sori_time_stretch(ctx, both, 1.3, NULL), t = sori_time_stretch(ctx, b, 1.3, NULL);
    assert_ok(ctx);
    assert_int_equal(s.y->ndim, 3);
    assert_memory_equal(values(s.y) + t.y->size, t.y->data, t.y->size * sizeof(float));
    sori_reassigned_result r = sori_reassigned_spectrogram(ctx, both, NULL);
    sori_reassigned_result q = sori_reassigned_spectrogram(ctx, b, NULL);
    assert_ok(ctx);
    assert_memory_equal((double *)r.freqs->data + q.freqs->size, q.freqs->data, q.freqs->size * sizeof(double));
    sori_if_result e = sori_instantaneous_frequency(ctx, both, NULL), f = sori_instantaneous_frequency(ctx, b, NULL);
    assert_ok(ctx);
    assert_memory_equal(values(e.frequency) + f.frequency->size, f.frequency->data, f.frequency->size * sizeof(float));
}

static const sori_spectrogram_config quarters = { .stft = { .n_fft = 1024, .hop_length = 256 } };

/* The spectrogram of the result comes near the one wanted, nearer with more turns. */
static double distance(const sori_array *S, int n_iter) {
    sori_audio y = sori_griffinlim(ctx, S, 22050, &(sori_griffinlim_config){ .n_iter = SORI_VALUE(n_iter) });
    sori_array *Z = sori_spectrogram(ctx, y, &quarters);
    double off = 0, all = 0;
    assert_ok(ctx);
    for (size_t i = 0; i < S->size; i++) {
        off += pow((double)values(Z)[i] - (double)values(S)[i], 2);
        all += pow((double)values(S)[i], 2);
    }
    return sqrt(off / all);
}

static void griffinlim_comes_near(void **state) {
    (void)state;
    sori_audio y = tone(ctx, 20000, 500);
    for (size_t i = 0; i < 20000; i++) values(y.y)[i] *= (float)(1 + sin((double)i / 1000));
    sori_array *S = sori_spectrogram(ctx, y, &quarters);
    double none = distance(S, 0), some = distance(S, 8), many = distance(S, 64);
    assert_true(none > 0.3 && some < 0.5 * none && many < some && many < 0.1);
}

/* GANSynth's way there and back is the identity. */
static void frequency_and_back(void **state) {
    (void)state;
    static const sori_if_config settings[] = {
        { .amin = 0 }, { .stft = { .n_fft = 512, .hop_length = 100 }, .amin = 1e-4 }, { .stft.window = "hamming" },
    };
    for (size_t i = 0; i < BASE_COUNT(settings); i++) {
        sori_audio y = noise(ctx, 60000, 4);
        sori_if_config g = settings[i];
        sori_if_result r = sori_instantaneous_frequency(ctx, y, &g);
        g.length = 60000;
        sori_audio z = sori_if_to_audio(ctx, r.log_magnitude, r.frequency, 22050, &g);
        assert_ok(ctx);
        for (size_t k = 0; k < r.frequency->size; k++) assert_true(fabsf(values(r.frequency)[k]) <= 1);
        for (size_t k = 0; k < 58000; k++) assert_close((double)values(z.y)[k], (double)values(y.y)[k], 2e-5, 0);
    }
}

/* A tone's turn is its frequency: 2 hop hz / sr half turns, modulo 2. */
static void frequency_of_a_tone(void **state) {
    (void)state;
    sori_if_result r = sori_instantaneous_frequency(ctx, tone(ctx, 40000, 1000), NULL);
    assert_ok(ctx);
    size_t k = (size_t)rint(1000.0 * 2048 / 22050), frames = r.frequency->shape[1];
    for (size_t t = 5; t < 70; t++)
        assert_close((double)values(r.frequency)[k * frames + t], remainder(2 * 512 * 1000.0 / 22050, 2), 1e-5, 0);
}

/* All energy of a tone is at its frequency, all of an impulse at its time. */
static void reassignment_finds_it(void **state) {
    (void)state;
    sori_reassigned_result r = sori_reassigned_spectrogram(ctx, tone(ctx, 30000, 1234.5), NULL);
    assert_ok(ctx);
    size_t frames = r.mags->shape[1];
    for (size_t i = 0; i < r.mags->size; i++)
        if (values(r.mags)[i] > 10 && i % frames > 4 && i % frames < 50)
            assert_close(((double *)r.freqs->data)[i], 1234.5, 0.5, 0);
    sori_audio y = { sori_array_new(ctx, SORI_F32, 1, (size_t[]){ 30000 }), 22050 };
    values(y.y)[15000] = 1;
    r = sori_reassigned_spectrogram(ctx, y, NULL);
    assert_ok(ctx);
    for (size_t i = 0; i < r.mags->size; i++)
        if (values(r.mags)[i] > 0.1F) assert_close(((double *)r.times->data)[i], 15000 / 22050.0, 1 / 22050.0, 0);
}

/* A mel spectrogram of real spectra is met, and never less well than by the clipped solution. */
static void mel_is_met(void **state) {
    (void)state;
    sori_array *M = sori_melspectrogram(ctx, noise(ctx, 20000, 5), NULL);
    sori_array *S = sori_mel_to_stft(ctx, M, 22050, NULL);
    for (size_t i = 0; S && i < S->size; i++) values(S)[i] *= values(S)[i];
    sori_array *again = sori_melspectrogram(ctx, (sori_audio){ NULL, 22050 }, &(sori_mel_config){ .S = S });
    assert_ok(ctx);
    for (size_t i = 0; i < M->size; i++) assert_close((double)values(again)[i], (double)values(M)[i], 1e-4, 1e-5);
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static uint64_t hash(uint64_t h, const sori_array *a) {
    return base_hash(h, a->data, a->size * sori_dtype_size(a->dtype));
}

static uint64_t everything(sori_ctx *c) {
    uint64_t h = BASE_HASH_START;
    sori_audio y = noise(c, 200000, 6);
    sori_array *S = sori_spectrogram(c, y, NULL), *D = sori_stft(c, y, NULL), *M = sori_melspectrogram(c, y, NULL);
    sori_audio s = sori_time_stretch(c, y, 0.83, NULL), p = sori_pitch_shift(c, y, 3, NULL);
    sori_array *E = sori_phase_vocoder(c, D, 1.7, NULL);
    sori_audio g = sori_griffinlim(c, S, 22050, &(sori_griffinlim_config){ .n_iter = SORI_VALUE(3) });
    sori_reassigned_result r = sori_reassigned_spectrogram(c, y, &(sori_reassigned_config){ .fill_nan = true });
    sori_if_result f = sori_instantaneous_frequency(c, y, NULL);
    sori_audio z = sori_if_to_audio(c, f.log_magnitude, f.frequency, 22050, NULL);
    sori_magphase_result m = sori_magphase(c, D, 1);
    sori_array *X = sori_mel_to_stft(c, M, 22050, NULL);
    assert_ok(c);
    const sori_array *all[] = { s.y, p.y, E, g.y, r.freqs, r.times, r.mags, f.frequency, z.y, m.phase, m.magnitude, X };
    for (size_t i = 0; i < BASE_COUNT(all); i++) h = hash(h, all[i]);
    return h;
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    sori_ctx *one = sori_open(&(sori_options){ .threads = 1 }), *two = sori_open(&(sori_options){ .threads = 2 });
    sori_ctx *eight = sori_open(&(sori_options){ .threads = 8 });
    uint64_t h = everything(one);
    assert_true(h == everything(two));
    assert_true(h == everything(eight));
    sori_close(one);
    sori_close(two);
    sori_close(eight);
}

/* --- kernels ------------------------------------------------------------------------------------------------- */

static void *random_values(const num_kernels *k, size_t n, uint32_t key) {
    void *p = base_alloc(ctx, n, k->real_size);
    base_rng r = base_rng_new(8, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) {
        double x = base_rng_uniform(&r) - 0.5;
        if (k->real_size == 8) ((double *)p)[i] = x;
        else ((float *)p)[i] = (float)x;
    }
    return p;
}

static void check_columns(const num_kernels *k) {
    enum { BINS = 37, STRIDE = 96, IM = 48 };
    void *rows = random_values(k, BINS * NUM_ROW, 1), *back = base_alloc(ctx, BINS * NUM_ROW, k->real_size);
    void *columns = base_alloc(ctx, NUM_LANES * STRIDE, k->real_size);
    k->to_columns(BINS, rows, STRIDE, IM, columns);
    for (size_t m = 0; m < NUM_LANES; m++)
        for (size_t i = 0; i < BINS; i++) {
            assert_true(num_get(k, columns, m * STRIDE + i) == num_get(k, rows, i * NUM_ROW + m));
            assert_true(num_get(k, columns, m * STRIDE + IM + i) == num_get(k, rows, i * NUM_ROW + NUM_LANES + m));
        }
    k->from_columns(BINS, columns, STRIDE, IM, back);
    assert_memory_equal(rows, back, BINS * NUM_ROW * k->real_size);
    base_free(ctx, rows);
    base_free(ctx, back);
    base_free(ctx, columns);
}

static void check_vocoder(const num_kernels *k) {
    enum { N = 48 };
    double e = k->real_size == 8 ? 1e-14 : 1e-6;
    void *a = random_values(k, 3 * N, 2), *b = random_values(k, 3 * N, 3), *z = random_values(k, 3 * N, 4);
    void *out = base_alloc(ctx, 2 * N, k->real_size), *before = base_alloc(ctx, 3 * N, k->real_size);
    memset(a, 0, k->real_size);
    memset((char *)a + N * k->real_size, 0, k->real_size);
    memcpy(before, a, 3 * N * k->real_size);
    k->unit(N, a), k->unit(N, b), k->unit(N, z);
    assert_true(num_get(k, a, 0) == 1 && num_get(k, a, N) == 0 && num_get(k, a, 2 * N) == 0);
    k->blend(N, 0.3, a, b, z, out);
    for (size_t i = 0; i < N; i++) {
        double re = num_get(k, before, i), im = num_get(k, before, N + i), size = hypot(re, im);
        assert_close(num_get(k, a, 2 * N + i), size, e, 0);
        assert_close(num_get(k, a, i) * size, re, e, 0);
        assert_close(num_get(k, a, N + i) * size, im, e, 0);
        assert_close(num_get(k, out, i), num_get(k, z, i) * (0.7 * size + 0.3 * num_get(k, b, 2 * N + i)), e, 0);
    }
    memcpy(before, z, 2 * N * k->real_size);
    k->turn(N, a, b, z);
    for (size_t i = 0; i < N; i++) {
        double angle = atan2(num_get(k, before, N + i), num_get(k, before, i))
                     + atan2(num_get(k, b, N + i), num_get(k, b, i)) - atan2(num_get(k, a, N + i), num_get(k, a, i));
        assert_close(num_get(k, z, i), cos(angle), e, 0);
        assert_close(num_get(k, z, N + i), sin(angle), e, 0);
    }
    base_free(ctx, a), base_free(ctx, b), base_free(ctx, z), base_free(ctx, out), base_free(ctx, before);
}

static void check_project(const num_kernels *k) {
    enum { ROWS = 3 };
    double e = k->real_size == 8 ? 1e-14 : 1e-5;
    void *now = random_values(k, ROWS * NUM_ROW, 5), *before = random_values(k, ROWS * NUM_ROW, 6);
    void *size = random_values(k, ROWS * NUM_LANES, 7), *out = base_alloc(ctx, ROWS * NUM_ROW, k->real_size);
    for (int with = 0; with < 2; with++) {
        k->keep_phase(ROWS, now, with ? before : NULL, 0.4, size, out);
        for (size_t i = 0; i < ROWS * NUM_LANES; i++) {
            size_t at = i / NUM_LANES * NUM_ROW + i % NUM_LANES;
            double re = num_get(k, now, at) - with * 0.4 * num_get(k, before, at);
            double im = num_get(k, now, at + NUM_LANES) - with * 0.4 * num_get(k, before, at + NUM_LANES);
            assert_close(num_get(k, out, at), re / hypot(re, im) * num_get(k, size, i), e, 0);
            assert_close(num_get(k, out, at + NUM_LANES), im / hypot(re, im) * num_get(k, size, i), e, 0);
        }
    }
    base_free(ctx, now), base_free(ctx, before), base_free(ctx, size), base_free(ctx, out);
}

static void kernels(void **state) {
    (void)state;
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    for (size_t s = 0; s < BASE_COUNT(isas); s++)
        for (int exact = 0; exact < 2; exact++) {
            const num_kernels *k = num_kernels_find(isas[s], exact);
            if (!k) continue;
            check_columns(k);
            check_vocoder(k);
            check_project(k);
        }
}

/* numpy.random.RandomState(5489).random_sample(): the first, and the thousandth. */
static void mersenne_twister(void **state) {
    (void)state;
    num_mt r;
    num_mt_seed(&r, 5489);
    assert_true(num_mt_u32(&r) == 3499211612u);
    for (int i = 2; i < 10000; i++) num_mt_u32(&r);
    assert_true(num_mt_u32(&r) == 4123659995u);   /* what C++'s standard asks of mt19937 */
    num_mt_seed(&r, 0);
    assert_true(num_mt_uniform(&r) == 0.5488135039273248);   /* numpy's documentation, everywhere */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_minutes_keep_their_pitch), cmocka_unit_test(long_spectra_keep_their_pitch),
        cmocka_unit_test(rate_one_is_the_identity), cmocka_unit_test(pitch_and_speed),
        cmocka_unit_test(channels_are_alone), cmocka_unit_test(griffinlim_comes_near),
        cmocka_unit_test(frequency_and_back), cmocka_unit_test(frequency_of_a_tone),
        cmocka_unit_test(reassignment_finds_it), cmocka_unit_test(mel_is_met),
        cmocka_unit_test(threads_leave_no_trace), cmocka_unit_test(kernels), cmocka_unit_test(mersenne_twister),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
