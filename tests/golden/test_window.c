/* Windows and cosine transforms against SciPy. */
#include "golden/golden.h"
#include "num/num.h"

static sori_array *run_window(golden_call *g) {
    char text[512];
    const char *name = golden_window(g, "window", text, sizeof text);
    return sori_window(g->c, name, golden_int(g, "Nx"), golden_unusual(g, "fftbins", true));
}

/* scipy.fft.dct and idct along the last axis of x. */
static sori_array *run_dct(golden_call *g) {
    static const char *const norms[] = { "None", "backward", "ortho" };
    const sori_array *x = sori_array_cast(g->c, golden_array(g, "x"), SORI_F64);
    bool inverse = strcmp(g->librosa, "scipy.fft.idct") == 0, ortho = golden_choice(g, "norm", norms, 3) == 2;
    int type = golden_int(g, "type");
    sori_array *out = sori_array_new(g->c, SORI_F64, x->ndim, x->shape);
    size_t n = x->shape[x->ndim - 1];
    for (size_t i = 0; i < x->size; i += n)
        num_dct(type ? type : 2, inverse, ortho, n, (double *)x->data + i, (double *)out->data + i);
    return out;
}

/* The same as matrix product of the first rows, as features that keep a few coefficients use it. */
static sori_array *run_dct_rows(golden_call *g) {
    const sori_array *x = sori_array_cast(g->c, golden_array(g, "x"), SORI_F64);
    size_t n = x->size, rows = (size_t)golden_int(g, "rows");
    double *m = base_alloc(g->c, rows * n, sizeof *m), *y;
    sori_array *out = sori_array_new(g->c, SORI_F64, 1, &rows);
    num_dct_matrix(golden_int(g, "type"), false, true, n, rows, m);
    y = out->data;
    for (size_t k = 0; k < rows; k++)
        for (size_t i = 0; i < n; i++) y[k] += m[k * n + i] * ((double *)x->data)[i];
    base_free(g->c, m);
    return out;
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "window", run_window }, { "dct", run_dct }, { "dct_rows", run_dct_rows },
    };
    return golden_main("window", adapters, BASE_COUNT(adapters));
}
