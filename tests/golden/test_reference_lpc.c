/* MATLAB's arburg, on signals whose true coefficients are known too: cells of the files core-lpcburg-*.mat. */
#include "golden/golden_input.h"
#include "golden/mat.h"
#include <sori/fx.h>

/* Cell i of variable `name`: an array of cells is flags, dimensions, name, then matrices without names. */
static mat cell(sori_ctx *c, const char *path, const char *name, size_t i) {
    size_t size;
    mat out = { 0 };
    char *file = base_read_file(c, path, 1 << 24, &size);
    assert_true(file && size > 136);
    for (const char *p = file + 128; !out.re && p + 8 <= file + size;) {
        mat_element e = mat_next(p);
        uLongf room = 1 << 24;
        char *inflated = malloc(room);
        assert_int_equal(e.type, MAT_DEFLATED);
        assert_true(inflated && e.next <= file + size);
        assert_int_equal(uncompress((Bytef *)inflated, &room, (const Bytef *)e.data, e.n), Z_OK);
        mat_element dims = mat_next(mat_next(mat_next(inflated).data).next), text = mat_next(dims.next);
        if (text.n == strlen(name) && memcmp(text.data, name, text.n) == 0) {
            mat_element at = mat_next(text.next);
            assert_true(i < (size_t)mat_number(&dims, 0) * (size_t)mat_number(&dims, 1));
            for (size_t k = 0; k < i; k++) at = mat_next(at.next);
            assert_true(mat_take(at.data, "", &out));
        }
        free(inflated);
        p = e.next;
    }
    base_free(c, file);
    if (!out.re) fail_msg("%s: no variable %s", path, name);
    return out;
}

enum { CELLS = 11 };

static void check_cell(sori_ctx *c, const char *path, size_t i) {
    int scope = sori_begin(c);
    mat x = cell(c, path, "signal", i), order = cell(c, path, "order", i), want = cell(c, path, "est_coeffs", i);
    size_t n = x.rows * x.columns, coefficients = want.rows * want.columns;
    sori_array *y = sori_array_new(c, SORI_F32, 1, &n);
    for (size_t k = 0; k < n; k++) ((float *)y->data)[k] = (float)x.re[k];
    assert_int_equal((size_t)order.re[0] + 1, coefficients);
    const sori_array *a = sori_lpc(c, y, (int)coefficients - 1, (sori_opt){ 0 });
    assert_ok(c);
    for (size_t k = 0; k < coefficients; k++)   /* MATLAB's signal is double, ours float */
        assert_close((double)((float *)a->data)[k], want.re[k], 1e-5, 1e-5);
    mat_free(&x);
    mat_free(&order);
    mat_free(&want);
    sori_end(c, scope, NULL);
}

static void burg(void **state) {
    (void)state;
    char path[4096];
    sori_ctx *c = sori_open(NULL);
    for (int file = 1; data_folder() && file <= 3; file++) {
        base_format(path, sizeof path, "%s/reference/matlab/core-lpcburg-%03d.mat", data_folder(), file);
        if (access(path, R_OK) != 0) break;
        for (size_t i = 0; i < CELLS; i++) check_cell(c, path, i);
        if (file == 3) {
            sori_close(c);
            return;
        }
    }
    sori_close(c);
    print_message("skipped: no data\n");
    skip();
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(burg) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
