/* path_enhance.c - bring out the diagonals of a similarity matrix: the largest of its convolutions with smoothing
 * filters along lines of several slopes.
 *
 * A filter is a line some ten cells wide in a square of n by n and more: only its cells above rounding count, as taps
 * (offset, weight) on a copy of the matrix in double that is padded once for all filters. Rows run on all threads, a
 * piece of 512 columns at a time, each through all filters while its neighbours are in cache. zero_mean takes the mean
 * of the square away, by a table of sums over all cells above and left (Crow, SIGGRAPH 1984): no more taps.
 * Müller and Kurth 2007. librosa.segment.path_enhance, scipy.ndimage.convolve. */
#include "feat/diagonal.h"
#include "feat/edge.h"
#include "feat/span.h"
#include "num/num.h"
#include <float.h>
#include <math.h>

enum { PIECE = 512, MAX_FILTERS = 1024 };

typedef struct line {
    size_t side;             /* of the square */
    size_t count;            /* taps */
    ptrdiff_t *offset;       /* [count] in the padded matrix, from the cell itself */
    double *weight;
} line;

typedef struct job {
    sori_path_enhance_config g;
    const num_kernels *k;    /* in double */
    const sori_array *R;
    sori_array *out;
    size_t rows, columns;    /* of one matrix */
    size_t pad, stride;      /* the padded matrix: [rows + 2 pad][stride = columns + 2 pad] */
    double *padded;
    double *table;           /* [rows + 2 pad + 1][stride + 1] sums over what lies above and left, for zero_mean */
    size_t filters;
    line *lines;             /* [filters] */
    size_t channel;          /* the matrix at hand */
} job;

/* --- filters -------------------------------------------------------------------------------------------------- */

/* A filter's cells as taps: the convolution takes weight (r, m) of a square to the cell side/2 - r below, side/2 - m
 * right. */
static bool set_line(sori_ctx *c, const job *j, const feat_diagonal *d, line *l) {
    size_t size = d->rows * d->columns;
    l->side = d->rows;
    l->offset = base_alloc(c, size, sizeof *l->offset);
    l->weight = base_alloc(c, size, sizeof *l->weight);
    for (size_t i = 0; l->offset && l->weight && i < size; i++) {
        ptrdiff_t half = (ptrdiff_t)(l->side / 2);
        ptrdiff_t down = half - (ptrdiff_t)(i / d->columns), right = half - (ptrdiff_t)(i % d->columns);
        if (!(fabs(d->weights[i]) > DBL_EPSILON)) continue;   /* SciPy's own limit */
        l->offset[l->count] = down * (ptrdiff_t)j->stride + right;
        l->weight[l->count++] = d->weights[i];
    }
    return l->offset && l->weight;
}

static double ratio(const job *j, size_t f) {
    double low = log2(j->g.min_ratio), high = log2(j->g.max_ratio);
    if (f > 0 && f + 1 == j->filters) return exp2(high);
    return exp2(low + (j->filters > 1 ? (double)f * ((high - low) / (double)(j->filters - 1)) : 0));
}

/* The filters, once to learn how far they reach, and again when the stride is known. */
static bool each_filter(sori_ctx *c, job *j, int n, bool keep) {
    for (size_t f = 0; f < j->filters; f++) {
        feat_diagonal d;
        if (!feat_diagonal_open(c, "path_enhance", j->g.window, n, atan(ratio(j, f)), &d)) return false;
        j->pad = BASE_MAX(j->pad, d.rows / 2 + 1);
        bool ok = !keep || set_line(c, j, &d, &j->lines[f]);
        base_free(c, d.weights);
        if (!ok) return false;
    }
    return true;
}

/* --- the padded matrix ---------------------------------------------------------------------------------------- */

static void pad_row(void *arg, size_t i) {
    job *j = arg;
    ptrdiff_t pad = (ptrdiff_t)j->pad, r = feat_extended((ptrdiff_t)i - pad, (ptrdiff_t)j->rows, j->g.mode);
    double *to = j->padded + i * j->stride;
    size_t from = (j->channel * j->rows + (size_t)BASE_MAX(r, 0)) * j->columns;
    for (size_t m = 0; m < j->stride; m++) {
        ptrdiff_t at = feat_extended((ptrdiff_t)m - pad, (ptrdiff_t)j->columns, j->g.mode);
        to[m] = r < 0 || at < 0 ? j->g.cval : array_get(j->R, from + (size_t)at);
    }
}

static void fill_table(job *j) {
    size_t wide = j->stride + 1;
    for (size_t r = 0; r < j->rows + 2 * j->pad; r++) {
        const double *above = j->table + r * wide;
        double *here = j->table + (r + 1) * wide, sum = 0;
        for (size_t m = 0; m < j->stride; m++) {
            sum += j->padded[r * j->stride + m];
            here[m + 1] = above[m + 1] + sum;
        }
    }
}

/* --- one row -------------------------------------------------------------------------------------------------- */

/* Take away the mean weight, 1 / side^2, times the sum of the square around each of n cells from (r, m) on. */
static void take_mean(const job *j, const line *l, size_t r, size_t m, size_t n, double *values) {
    size_t wide = j->stride + 1, s = l->side, top = r + j->pad + s / 2 + 1 - s, left = m + j->pad + s / 2 + 1 - s;
    const double *above = j->table + top * wide + left, *below = above + s * wide;
    for (size_t i = 0; i < n; i++)
        values[i] -= (below[i + s] - below[i] - above[i + s] + above[i]) / (double)(s * s);
}

static void merge(const job *j, size_t at, size_t n, bool first, const double *values) {
    double floor = j->g.unclipped ? -INFINITY : 0;
    for (size_t i = 0; i < n; i++) {
        double before = first ? floor : array_get(j->out, at + i);
        array_put(j->out, at + i, values[i] > before ? values[i] : before);
    }
}

static void one_row(void *arg, size_t r) {
    const job *j = arg;
    double values[PIECE];
    for (size_t m = 0; m < j->columns; m += PIECE) {
        size_t n = BASE_MIN(j->columns - m, PIECE), at = (j->channel * j->rows + r) * j->columns + m;
        const double *here = j->padded + (r + j->pad) * j->stride + j->pad + m;
        for (size_t f = 0; f < j->filters; f++) {
            const line *l = &j->lines[f];
            j->k->taps(n, l->count, l->offset, l->weight, here, values);
            if (j->g.zero_mean) take_mean(j, l, r, m, n, values);
            merge(j, at, n, f == 0, values);
        }
    }
}

/* --- the gate ------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, job *j, const sori_array *R) {
    sori_path_enhance_config *g = &j->g;
    if (!feat_check_real(c, "path_enhance", R, 2) || !feat_check_extend(c, "path_enhance", g->mode)) return false;
    if (g->max_ratio == 0) g->max_ratio = 2;
    if (g->min_ratio == 0) g->min_ratio = 1 / g->max_ratio;
    if (g->n_filters == 0) g->n_filters = 7;
    if (!(g->max_ratio > 0 && g->min_ratio > 0 && isfinite(g->max_ratio)))
        sori_fail(c, SORI_EINVAL, "path_enhance: ratios %g to %g are not above 0", g->min_ratio, g->max_ratio);
    else if (g->min_ratio > g->max_ratio)
        sori_fail(c, SORI_EINVAL, "path_enhance: min_ratio %g is above max_ratio %g", g->min_ratio, g->max_ratio);
    else if (g->n_filters < 1 || g->n_filters > MAX_FILTERS)
        sori_fail(c, SORI_EINVAL, "path_enhance: n_filters %d is not within 1 .. %d", g->n_filters, MAX_FILTERS);
    else if (!isfinite(g->cval)) sori_fail(c, SORI_EINVAL, "path_enhance: cval %g is not finite", g->cval);
    return !base_failed(c);
}

static bool prepare(sori_ctx *c, job *j, const sori_array *R, int n) {
    *j = (job){ .g = j->g, .k = num_kernels_find(NULL, true), .R = R, .rows = R->shape[R->ndim - 2],
                .columns = R->shape[R->ndim - 1], .filters = (size_t)j->g.n_filters };
    j->lines = base_alloc(c, j->filters, sizeof *j->lines);
    if (!j->lines || !each_filter(c, j, n, false)) return false;
    j->stride = j->columns + 2 * j->pad;
    size_t rows = j->rows + 2 * j->pad;
    if (!each_filter(c, j, n, true) || !(j->padded = base_alloc_raw(c, rows, j->stride * sizeof(double)))) return false;
    if (j->g.zero_mean && !(j->table = base_alloc(c, rows + 1, (j->stride + 1) * sizeof(double)))) return false;
    j->out = array_new_raw(c, R->dtype, R->ndim, R->shape);
    return j->out != NULL;
}

static void close(sori_ctx *c, job *j) {
    for (size_t f = 0; j->lines && f < j->filters; f++) {
        base_free(c, j->lines[f].offset);
        base_free(c, j->lines[f].weight);
    }
    base_free(c, j->lines);
    base_free(c, j->padded);
    base_free(c, j->table);
}

sori_array *sori_path_enhance(sori_ctx *c, const sori_array *R, int n, const sori_path_enhance_config *config) {
    job j = { .g = config ? *config : (sori_path_enhance_config){ 0 } };
    if (!check(c, &j, R)) return NULL;
    bool ok = prepare(c, &j, R, n);
    size_t cells = j.rows * j.columns;
    for (j.channel = 0; ok && cells && j.channel < R->size / cells && !base_interrupted(c); j.channel++) {
        base_parallel(c, j.rows + 2 * j.pad, pad_row, &j);
        if (j.table) fill_table(&j);
        base_parallel(c, j.rows, one_row, &j);
    }
    close(c, &j);
    if (!base_failed(c)) return j.out;
    sori_array_free(c, j.out);
    return NULL;
}
