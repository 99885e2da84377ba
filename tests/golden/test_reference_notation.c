/* Octaves against Dan Ellis's MATLAB, from librosa's fixtures in the data folder; skipped where that is missing. */
#include "golden/golden_input.h"
#include "golden/mat.h"
#include <sori/notation.h>

static void octaves(void **state) {
    (void)state;
    char path[4096];
    if (!data_folder()) {
        print_message("skipped: no data\n");
        skip();
    }
    sori_ctx *c = sori_open(NULL);
    for (int i = 1; i <= 2; i++) {
        base_format(path, sizeof path, "%s/reference/matlab/feature-hz_to_octs-%03d.mat", data_folder(), i);
        mat from = mat_load(c, path, "f"), to = mat_load(c, path, "result");
        for (size_t k = 0; k < from.rows * from.columns; k++)
            assert_close(sori_hz_to_octs(from.re[k], 0, 0), to.re[k], 1e-12, 1e-12);
        mat_free(&from);
        mat_free(&to);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(octaves) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
