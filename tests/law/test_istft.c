/* Laws of the STFT and its inverse: back and forth is the identity, energy is kept, sums transform to sums, a shift by
 * a hop shifts the frames, threads leave no trace. */
#include "test.h"
#include "base/base.h"
#include <sori/feat.h>

enum { N = 40000 };

static sori_audio noise(sori_ctx *c, size_t n, uint32_t key) {
    float *x = base_alloc(c, n, sizeof *x);
    base_rng r = base_rng_new(5, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) x[i] = (float)(base_rng_uniform(&r) - 0.5);
    sori_audio y = { sori_array_from(c, SORI_F32, 1, &n, x), 22050 };
    base_free(c, x);
    return y;
}

static const float *values(const sori_array *a) { return a->data; }

/* Every sample that windows cover; the last frames may end before the sound does. */
static void back_and_forth(void **state) {
    (void)state;
    static const sori_stft_config settings[] = {
        { .n_fft = 0 }, { .n_fft = 512, .hop_length = 100 }, { .n_fft = 1000, .window = "hamming" },
        { .n_fft = 255, .hop_length = 64 }, { .n_fft = 1024, .win_length = 600, .hop_length = 150 },
        { .n_fft = 600, .window = "boxcar", .hop_length = 600, .uncentered = true },
        { .n_fft = 74, .hop_length = 20, .exact = true }, { .n_fft = 256, .pad_mode = SORI_PAD_REFLECT },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(settings); i++) {
        sori_audio y = noise(c, N, 1);
        sori_array *D = sori_stft(c, y, &settings[i]);
        sori_audio z = sori_istft(c, D, y.sr, &(sori_istft_config){ .stft = settings[i], .length = N });
        assert_ok(c);
        assert_int_equal(z.y->size, N);
        assert_true(z.sr == y.sr);
        for (size_t k = 0; k < N - 2048; k++) assert_close((double)values(z.y)[k], (double)values(y.y)[k], 1e-6, 0);
    }
    sori_close(c);
}

static void length_is_the_frames(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *D = sori_stft(c, noise(c, N, 2), NULL);
    assert_int_equal(sori_istft(c, D, 22050, NULL).y->size, N / 512 * 512);
    assert_int_equal(sori_istft(c, D, 22050, &(sori_istft_config){ .length = 50000 }).y->size, 50000);
    assert_int_equal(sori_istft(c, D, 22050, &(sori_istft_config){ .length = 10 }).y->size, 10);
    assert_ok(c);
    assert_null(sori_istft(c, D, 22050, &(sori_istft_config){ .stft.n_fft = 1024 }).y);
    assert_string_equal(sori_message(c), "istft: n_fft 1024 has 513 bins, the spectrum 1025");
    sori_close(c);
}

/* Parseval, frame by frame: with a rectangular window sum |X|^2 = n_fft * sum x^2. */
static void energy_is_kept(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = noise(c, N, 3);
    sori_stft_config g = { .n_fft = 500, .hop_length = 500, .window = "boxcar", .uncentered = true };
    sori_array *S = sori_spectrogram(c, y, &(sori_spectrogram_config){ .stft = g, .power = 2 });
    assert_ok(c);
    for (size_t t = 0; t < S->shape[1]; t++) {
        double samples = 0, bins = 0;
        for (size_t i = 0; i < 500; i++) samples += pow((double)values(y.y)[t * 500 + i], 2);
        for (size_t k = 0; k <= 250; k++) bins += (k % 250 ? 2 : 1) * (double)values(S)[k * S->shape[1] + t];
        assert_close(bins, 500 * samples, 0, 1e-6);
    }
    sori_close(c);
}

static void sums_and_shifts(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio a = noise(c, N, 4), b = noise(c, N, 5), s = noise(c, N, 6), late = noise(c, N + 1024, 7);
    for (size_t i = 0; i < N; i++) {
        ((float *)s.y->data)[i] = 2 * values(a.y)[i] - values(b.y)[i];
        ((float *)late.y->data)[i + 1024] = values(a.y)[i];
    }
    sori_array *A = sori_stft(c, a, NULL), *B = sori_stft(c, b, NULL), *S = sori_stft(c, s, NULL);
    sori_array *late_A = sori_stft(c, late, NULL);
    assert_ok(c);
    for (size_t i = 0; i < 2 * S->size; i++)
        assert_close((double)values(S)[i], 2 * (double)values(A)[i] - (double)values(B)[i], 2e-4, 0);
    size_t frames = A->shape[1], late_frames = late_A->shape[1];
    for (size_t k = 0; k < A->shape[0]; k++)      /* frames clear of the padding: the same bits, two frames later */
        assert_memory_equal(values(late_A) + 2 * (k * late_frames + 10), values(A) + 2 * (k * frames + 8), 2 * 50 * 4);
    sori_close(c);
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    sori_ctx *one = sori_open(&(sori_options){ .threads = 1 }), *eight = sori_open(&(sori_options){ .threads = 8 });
    sori_audio y = noise(one, 700000, 8);
    sori_audio a = sori_istft(one, sori_stft(one, y, NULL), 22050, NULL);
    sori_audio b = sori_istft(eight, sori_stft(eight, y, NULL), 22050, NULL);
    assert_ok(one);
    assert_ok(eight);
    assert_int_equal(a.y->size, b.y->size);
    assert_memory_equal(a.y->data, b.y->data, a.y->size * sizeof(float));
    sori_close(one);
    sori_close(eight);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_and_forth), cmocka_unit_test(length_is_the_frames), cmocka_unit_test(energy_is_kept),
        cmocka_unit_test(sums_and_shifts), cmocka_unit_test(threads_leave_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
