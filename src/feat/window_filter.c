/* window_filter.c - the median and the mean of a window that slides over a matrix. scipy.ndimage.median_filter,
 * uniform_filter, each with a size a matrix axis. */
#include "feat/edge.h"
#include "feat/feat.h"
#include "feat/span.h"

typedef struct job {
    sori_matrix_filter_config g;
    const sori_array *in;
    sori_array *out;
    size_t rows, columns;
    size_t size[2];
    double *scratch;         /* [rows of all matrices][window], the median's */
    double *sums;            /* [channels][rows][columns], the mean's first pass */
} job;

static double cell(const job *j, size_t channel, ptrdiff_t r, ptrdiff_t m) {
    r = feat_extended(r, (ptrdiff_t)j->rows, j->g.mode);
    m = feat_extended(m, (ptrdiff_t)j->columns, j->g.mode);
    return r < 0 || m < 0 ? j->g.cval
                          : array_get(j->in, (channel * j->rows + (size_t)r) * j->columns + (size_t)m);
}

/* --- median --------------------------------------------------------------------------------------------------- */

static void median_row(void *arg, size_t i) {
    const job *j = arg;
    size_t n = j->size[0] * j->size[1], channel = i / j->rows, r = i % j->rows;
    double *x = j->scratch + i * n;
    for (size_t m = 0; m < j->columns; m++) {
        for (size_t k = 0; k < n; k++)
            x[k] = cell(j, channel, (ptrdiff_t)(r + k / j->size[1]) - (ptrdiff_t)(j->size[0] / 2),
                        (ptrdiff_t)(m + k % j->size[1]) - (ptrdiff_t)(j->size[1] / 2));
        array_put(j->out, i * j->columns + m, feat_select(x, n, n / 2));   /* of an even number the upper, as SciPy */
    }
}

/* --- mean ----------------------------------------------------------------------------------------------------- */

/* Down the columns first, as SciPy, which rounds in between. */
static void mean_down(void *arg, size_t i) {
    const job *j = arg;
    size_t channel = i / j->rows, r = i % j->rows, n = j->size[0];
    double *out = j->sums + i * j->columns;
    for (size_t m = 0; m < j->columns; m++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++) sum += cell(j, channel, (ptrdiff_t)(r + k) - (ptrdiff_t)(n / 2), (ptrdiff_t)m);
        out[m] = sum / (double)n;
    }
}

static void mean_along(void *arg, size_t i) {
    const job *j = arg;
    size_t n = j->size[1];
    for (size_t m = 0; m < j->columns; m++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++) {
            ptrdiff_t at = feat_extended((ptrdiff_t)(m + k) - (ptrdiff_t)(n / 2), (ptrdiff_t)j->columns, j->g.mode);
            sum += at < 0 ? j->g.cval : j->sums[i * j->columns + (size_t)at];
        }
        array_put(j->out, i * j->columns + m, sum / (double)n);
    }
}

/* --- the gate ------------------------------------------------------------------------------------------------- */

static bool filter_open(sori_ctx *c, job *j, const char *who, const sori_array *a, const void *config) {
    *j = (job){ .in = a };
    if (config) j->g = *(const sori_matrix_filter_config *)config;
    if (!feat_check_real(c, who, a, 2) || !feat_check_extend(c, who, j->g.mode)) return false;
    j->rows = a->shape[a->ndim - 2];
    j->columns = a->shape[a->ndim - 1];
    for (int i = 0; i < 2; i++) {
        int size = j->g.size[i] ? j->g.size[i] : 1;
        size_t n = a->shape[a->ndim - 2 + i];
        j->size[i] = (size_t)BASE_MAX(size, 1);
        if (size < 1 || (size > 1 && j->size[i] > n)) {
            sori_fail(c, SORI_EINVAL, "%s: size %d is outside 1 .. %zu, the length of that axis", who, size, n);
            return false;
        }
    }
    j->out = array_new_raw(c, a->dtype, a->ndim, a->shape);
    return j->out != NULL;
}

/* The result, or NULL and nothing left behind. */
static sori_array *filter_close(sori_ctx *c, job *j) {
    base_free(c, j->scratch);
    base_free(c, j->sums);
    if (!base_failed(c)) return j->out;
    sori_array_free(c, j->out);
    return NULL;
}

static size_t all_rows(const job *j) { return j->columns ? j->in->size / j->columns : 0; }

sori_array *sori_median_of_window(sori_ctx *c, const sori_array *a, void *config) {
    job j;
    if (!filter_open(c, &j, "median_of_window", a, config)) return NULL;
    j.scratch = base_alloc_raw(c, all_rows(&j), j.size[0] * j.size[1] * sizeof(double));
    if (j.scratch) base_parallel(c, all_rows(&j), median_row, &j);
    return filter_close(c, &j);
}

sori_array *sori_mean_of_window(sori_ctx *c, const sori_array *a, void *config) {
    job j;
    if (!filter_open(c, &j, "mean_of_window", a, config)) return NULL;
    j.sums = base_alloc_raw(c, a->size, sizeof(double));
    if (j.sums) base_parallel(c, all_rows(&j), mean_down, &j);
    if (j.sums) base_parallel(c, all_rows(&j), mean_along, &j);
    return filter_close(c, &j);
}
