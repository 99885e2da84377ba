/* axis.c - arrays taken apart along one axis: [outer][n][inner], for functions with librosa's axis argument. */
#include "feat/feat.h"
#include <math.h>

bool feat_lines_open(sori_ctx *c, const char *who, const sori_array *a, sori_opt axis, int usual, feat_lines *lines) {
    double wanted = axis.mode == 1 ? axis.value : usual;
    int at = wanted < 0 ? (int)fmax(wanted, -99) + a->ndim : (int)fmin(wanted, 99);
    if (at < 0 || at >= a->ndim || wanted != floor(wanted)) {
        sori_fail(c, SORI_EINVAL, "%s: there is no axis %g of %d", who, wanted, a->ndim);
        return false;
    }
    *lines = (feat_lines){ .axis = at, .outer = 1, .n = a->shape[at], .inner = 1 };
    for (int i = 0; i < at; i++) lines->outer *= a->shape[i];
    for (int i = at + 1; i < a->ndim; i++) lines->inner *= a->shape[i];
    return true;
}

void feat_line_read(const feat_lines *lines, const float *a, size_t i, float *line) {
    const float *x = a + i / lines->inner * lines->n * lines->inner + i % lines->inner;
    for (size_t t = 0; t < lines->n; t++) line[t] = x[t * lines->inner];
}

sori_array *feat_line_results(sori_ctx *c, const feat_lines *lines, const sori_array *a, sori_dtype dtype, size_t n) {
    size_t shape[SORI_MAX_DIMS];
    for (int i = 0; i < a->ndim; i++) shape[i] = i == lines->axis ? n : a->shape[i];
    return array_new_raw(c, dtype, a->ndim, shape);
}
