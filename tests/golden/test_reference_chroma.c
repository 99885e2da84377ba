/* Chroma filters against Dan Ellis's MATLAB fixtures, tonnetz against MSAF's. They lie in the data folder
 * (reference/matlab); where that is missing these tests are skipped. */
#include "golden/golden_input.h"
#include "golden/mat.h"
#include <sori/cqt.h>

static const char *numbered(int i) {
    char text[128];
    base_format(text, sizeof text, "reference/matlab/feature-chromafb-%03d.mat", i);
    return data_path(text);
}

/* a440 instead of a tuning, an octwidth of 0 for none, and A as the first class. 1e-6: ours are float. */
static void chroma_filters(void **state) {
    (void)state;
    need_data("reference/matlab/feature-chromafb-001.mat");
    sori_ctx *c = sori_open(NULL);
    int i = 1;
    for (const char *path; (path = numbered(i)); i++) {
        int scope = sori_begin(c);
        int classes = (int)mat_scalar(c, path, "nchroma");
        double a440 = mat_scalar(c, path, "a440"), octwidth = mat_scalar(c, path, "octwidth");
        sori_chroma_config g = {
            .stft.n_fft = (int)mat_scalar(c, path, "nfft"), .n_chroma = classes, .base_a = true,
            .tuning = SORI_VALUE(classes * log2(a440 / 440)), .ctroct = SORI_VALUE(mat_scalar(c, path, "ctroct")),
            .octwidth = octwidth > 0 ? SORI_VALUE(octwidth) : SORI_NONE,
        };
        const sori_array *a = sori_chroma_filters(c, mat_scalar(c, path, "sr"), &g);
        mat want = mat_load(c, path, "wts");
        assert_ok(c);
        for (size_t m = 0; m < a->shape[0]; m++)
            for (size_t k = 0; k < a->shape[1]; k++) {
                double x = (double)((float *)a->data)[m * a->shape[1] + k], y = want.re[k * want.rows + m];
                if (!(fabs(x - y) <= 1e-6)) fail_msg("%s: class %zu, bin %zu is %g, not %g", path, m, k, x, y);
            }
        mat_free(&want);
        sori_end(c, scope, NULL);
    }
    assert_true(i > 49);
    sori_close(c);
}

static void tonnetz(void **state) {
    (void)state;
    need_data("reference/matlab/feature-chromafb-001.mat");
    sori_ctx *c = sori_open(NULL);
    const sori_array *given = sori_load_npy(c, data_path("reference/matlab/feature-tonnetz-chroma.npy"));
    const sori_array *chroma = sori_array_cast(c, given, SORI_F32);
    const sori_array *want = sori_load_npy(c, data_path("reference/matlab/feature-tonnetz-msaf.npy"));
    const sori_array *a = sori_tonnetz(c, (sori_audio){ 0 }, &(sori_tonnetz_config){ .chroma = chroma });
    assert_ok(c);
    assert_int_equal(a->size, want->size);
    for (size_t i = 0; i < a->size; i++) {
        double x = (double)((float *)a->data)[i], y = ((double *)want->data)[i];
        if (!(fabs(x - y) <= 1e-6)) fail_msg("value %zu is %g, not %g", i, x, y);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(chroma_filters), cmocka_unit_test(tonnetz) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
