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
        cmocka_unit_test(centroid_and_rolloff), cmocka_unit_test(fftw_transforms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
