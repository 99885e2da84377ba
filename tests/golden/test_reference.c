/* Answers that come from neither librosa nor SciPy's own code: Dan Ellis's and librosa's MATLAB fixtures (mel filters,
 * mel scale, STFT, centroid, rolloff), and FFTW's cosine transforms, kept with SciPy's tests. They lie in the data
 * folder (reference/); where that is missing these tests are skipped. */
#include "golden/golden_input.h"
#include "golden/mat.h"
#include "num/num.h"

static const char *numbered(const char *name, int i) {
    char text[128];
    base_format(text, sizeof text, "reference/matlab/%s-%03d.mat", name, i);
    return data_path(text);
}

/* 1e-7 of the largest weight: MATLAB's are double, ours float. */
static void mel_filters(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    int i = 1;
    for (const char *path; (path = numbered("feature-melfb", i)); i++) {
        int scope = sori_begin(c);
        sori_mel_config g = {
            .stft.n_fft = (int)mat_scalar(c, path, "nfft"), .n_mels = (int)mat_scalar(c, path, "nfilts"),
            .fmin = mat_scalar(c, path, "fmin"), .fmax = mat_scalar(c, path, "fmax"),
            .htk = mat_scalar(c, path, "htk") != 0,
        };
        const sori_array *a = sori_mel_filters(c, mat_scalar(c, path, "sr"), &g);
        mat want = mat_load(c, path, "wts");      /* [n_mels, n_fft]: MATLAB pads with zeros */
        assert_ok(c);
        for (size_t m = 0; m < a->shape[0]; m++)
            for (size_t k = 0; k < a->shape[1]; k++)
                assert_close((double)((float *)a->data)[m * a->shape[1] + k], want.re[k * want.rows + m], 2e-9, 1e-7);
        mat_free(&want);
        sori_end(c, scope, NULL);
    }
    assert_true(i > 60);
    sori_close(c);
}

static void scale(sori_ctx *c, const char *family, double (*f)(double, bool)) {
    int i = 1;
    for (const char *path; (path = numbered(family, i)); i++) {
        mat from = mat_load(c, path, "f"), to = mat_load(c, path, "result");
        bool htk = mat_scalar(c, path, "htk") != 0;
        for (size_t k = 0; k < from.rows * from.columns; k++) assert_close(f(from.re[k], htk), to.re[k], 1e-9, 1e-12);
        mat_free(&from);
        mat_free(&to);
    }
    assert_true(i > 4);
}

static void mel_scale(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    scale(c, "feature-hz_to_mel", sori_hz_to_mel);
    scale(c, "feature-mel_to_hz", sori_mel_to_hz);
    sori_close(c);
}

/* The mean of both channels of the fixtures' recording. */
static sori_audio recording(sori_ctx *c) {
    const char *path = data_path("reference/matlab/test1_22050.wav");
    sori_audio y = sori_load(c, path, &(sori_load_config){ .sr = SORI_SR_NATIVE });
    assert_ok(c);
    return y;
}

/* MATLAB's transform is the conjugate of ours, as ' transposes with conjugation there. */
static void stft(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    for (int i = 1; i <= 3; i++) {
        int scope = sori_begin(c);
        sori_audio y = recording(c);
        const char *path = numbered("core-stft", i);
        sori_stft_config g = { .n_fft = (int)mat_scalar(c, path, "nfft"), .uncentered = true, .exact = true,
                               .hop_length = (int)mat_scalar(c, path, "hop_length") };
        g.window = mat_scalar(c, path, "hann_w") != 0 ? "hann" : "boxcar";
        const sori_array *a = sori_stft(c, y, &g);
        mat want = mat_load(c, path, "D");
        assert_ok(c);
        assert_int_equal(a->shape[0], want.rows);
        assert_int_equal(a->shape[1], want.columns);
        for (size_t k = 0; k < want.rows; k++)
            for (size_t t = 0; t < want.columns; t++) {
                const float *z = (float *)a->data + 2 * (k * want.columns + t);
                assert_close((double)z[0], want.re[t * want.rows + k], 2e-6, 1e-6);   /* float: 5e-8 of 40 */
                assert_close((double)z[1], -want.im[t * want.rows + k], 2e-6, 1e-6);
            }
        mat_free(&want);
        sori_end(c, scope, NULL);
    }
    sori_close(c);
}

/* Its inverse adds windowed frames up and leaves it at that (times 2/3 for Hann); ours divides by the sum of squared
 * windows. So ours times that sum is its. */
static void istft(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    for (int i = 1; i <= 3; i++) {
        int scope = sori_begin(c);
        const char *path = numbered("core-istft", i);
        size_t n = (size_t)mat_scalar(c, path, "nfft"), hop = (size_t)mat_scalar(c, path, "hop_length");
        bool hann = mat_scalar(c, path, "hann_w") != 0;
        mat D = mat_load(c, path, "D"), want = mat_load(c, path, "Dinv");
        sori_array *z = sori_array_new(c, SORI_C64, 2, (size_t[]){ D.rows, D.columns });
        for (size_t k = 0; k < D.rows; k++)
            for (size_t t = 0; t < D.columns; t++) {
                ((float *)z->data)[2 * (k * D.columns + t)] = (float)D.re[t * D.rows + k];
                ((float *)z->data)[2 * (k * D.columns + t) + 1] = (float)-D.im[t * D.rows + k];
            }
        sori_istft_config g = { .stft = { .n_fft = (int)n, .hop_length = (int)hop, .uncentered = true,
                                          .window = hann ? "hann" : "boxcar" } };
        sori_audio y = sori_istft(c, z, 22050, &g);
        const double *window = sori_window(c, g.stft.window, (int)n, false)->data;
        assert_ok(c);
        assert_int_equal(y.y->size, want.columns);
        for (size_t m = 0; m < want.columns; m++) {
            double sum = 0;
            for (size_t t = m >= n ? (m - n) / hop + 1 : 0; t * hop <= m && t < D.columns; t++)
                sum += window[m - t * hop] * window[m - t * hop];
            assert_close((double)((float *)y.y->data)[m] * sum * (hann ? 2.0 / 3 : 1), want.re[m], 1e-6, 0);
        }
        mat_free(&D);
        mat_free(&want);
        sori_end(c, scope, NULL);
    }
    sori_close(c);
}

/* wavread's samples, exactly. */
static void load(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    for (int i = 1; i <= 2; i++) {
        mat want = mat_load(c, numbered("core-load", i), "y");
        sori_load_config g = { .sr = SORI_SR_NATIVE, .multichannel = i == 1 };
        sori_audio y = sori_load(c, data_path("reference/matlab/test1_44100.wav"), &g);
        assert_ok(c);
        assert_int_equal(y.y->size, want.rows * want.columns);
        for (size_t k = 0; k < want.rows; k++)
            for (size_t t = 0; t < want.columns; t++)
                assert_true((double)((float *)y.y->data)[k * want.columns + t] == want.re[t * want.rows + k]);
        mat_free(&want);
    }
    sori_close(c);
}

/* MATLAB's resample is a polyphase filter with a Kaiser window, of another length than SciPy's: 7e-4 of the sound's RMS
 * lies between them, in the band that both filters cut; soxr keeps more of it. */
static void resample(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    const char *path = numbered("core-resample", 1);
    mat in = mat_load(c, path, "y_in"), want = mat_load(c, path, "y_out");
    size_t n = in.rows * in.columns;
    float *x = base_alloc(c, n, sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (float)in.re[i];
    sori_audio y = sori_audio_from(c, x, 1, n, mat_scalar(c, path, "sr_in"));
    const struct { sori_res_type type; double limit; } methods[] = {
        { SORI_RES_POLYPHASE, 8e-4 }, { SORI_SOXR_HQ, 5e-3 }, { SORI_RES_KAISER_BEST, 8e-3 },
    };
    for (size_t k = 0; k < BASE_COUNT(methods); k++) {
        sori_audio out = sori_resample(c, y, mat_scalar(c, path, "sr_out"),
                                       &(sori_resample_config){ .res_type = methods[k].type });
        double error = 0, power = 0;
        assert_ok(c);
        assert_int_equal(out.y->size, want.rows * want.columns);
        for (size_t i = 0; i < out.y->size; i++) {
            double d = (double)((float *)out.y->data)[i] - want.re[i];
            error += d * d;
            power += want.re[i] * want.re[i];
        }
        assert_true(sqrt(error / power) < methods[k].limit);
    }
    base_free(c, x);
    mat_free(&in);
    mat_free(&want);
    sori_close(c);
}

/* MATLAB's own spectrogram, as float. */
static sori_array *fixture_S(sori_ctx *c) {
    mat S = mat_load(c, numbered("met-bandwidth", 1), "S");
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ S.rows, S.columns });
    for (size_t k = 0; k < S.rows; k++)
        for (size_t t = 0; t < S.columns; t++)
            ((float *)a->data)[k * S.columns + t] = (float)S.re[t * S.rows + k];
    mat_free(&S);
    return a;
}

static void centroid_and_rolloff(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    sori_ctx *c = sori_open(NULL);
    sori_audio y = { NULL, 22050 };
    sori_spectral_config g = { .S = fixture_S(c) };
    const sori_array *a = sori_spectral_centroid(c, y, &g);
    mat want = mat_load(c, numbered("met-centroid", 1), "centroid");
    assert_ok(c);
    for (size_t t = 0; t < a->size; t++) assert_close((double)((float *)a->data)[t], want.re[t], 0, 1e-6);
    mat_free(&want);
    for (int i = 1; i <= 3; i++) {
        g.roll_percent = mat_scalar(c, numbered("met-rolloff", i), "pct");
        a = sori_spectral_rolloff(c, y, &g);
        want = mat_load(c, numbered("met-rolloff", i), "rolloff");
        for (size_t t = 0; t < a->size; t++) assert_close((double)((float *)a->data)[t], want.re[t], 0, 1e-6);
        mat_free(&want);
    }
    sori_close(c);
}

static const sori_array *named(const sori_named *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0) return list[i].array;
    fail_msg("no array %s", name);
    return NULL;
}

/* FFTW's transforms of 0, 1, 2, ... */
static void fftw_transforms(void **state) {
    (void)state;
    need_data("reference/matlab/core-stft-001.mat");
    static const int sizes[] = { 2, 3, 4, 8, 12, 15, 16, 17, 32, 64, 128, 256, 512, 1024 };
    sori_ctx *c = sori_open(NULL);
    size_t count;
    const sori_named *list = sori_load_npz(c, data_path("reference/scipy/fftpack/tests/fftw_double_ref.npz"), &count);
    assert_ok(c);
    for (int type = 1; type <= 3; type++)
        for (size_t s = 0; s < BASE_COUNT(sizes); s++) {
            char name[32];
            double in[1024], out[1024], largest = 0;
            base_format(name, sizeof name, "dct_%d_%d", type, sizes[s]);
            const double *want = named(list, count, name)->data;
            for (int i = 0; i < sizes[s]; i++) in[i] = i;
            num_dct(type, false, false, (size_t)sizes[s], in, out);
            for (int i = 0; i < sizes[s]; i++) largest = fmax(largest, fabs(want[i]));
            for (int i = 0; i < sizes[s]; i++) assert_close(out[i], want[i], 1e-13 * largest, 0);
        }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mel_filters), cmocka_unit_test(mel_scale), cmocka_unit_test(stft),
        cmocka_unit_test(istft), cmocka_unit_test(load), cmocka_unit_test(resample),
        cmocka_unit_test(centroid_and_rolloff), cmocka_unit_test(fftw_transforms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
