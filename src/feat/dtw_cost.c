/* dtw_cost.c - the cost of matching frame i of X with frame j of Y, four frames of X at a time.
 *
 * Frames are held in double, Y as it comes (feature after feature, padded to 16 frames), X in groups of 4 frames, so
 * that a register of Y's frames meets 4 of X. Lengths for the cosine are taken once. scipy.spatial.distance.cdist,
 * librosa.util.fill_off_diagonal. */
#include "feat/dtw.h"
#include <math.h>

static size_t frames_of(const sori_array *a) { return a->shape[a->ndim - 1]; }
static size_t features_of(const sori_array *a) { return a->size / frames_of(a); }

/* --- checks --------------------------------------------------------------------------------------------------- */

static bool check_real(sori_ctx *c, const char *name, const sori_array *a, int ndim) {
    if (base_failed(c)) return false;
    if (!a) sori_fail(c, SORI_EINVAL, "dtw: no %s given", name);
    else if (!array_is_real(a) || a->ndim < ndim)
        sori_fail(c, SORI_EINVAL, "dtw: %s must be float32 or float64 of at least %d axes", name, ndim);
    else if (a->size == 0) sori_fail(c, SORI_EINVAL, "dtw: %s has no values", name);
    return !base_failed(c);
}

static bool check_features(sori_ctx *c, const char *name, const sori_array *a) {
    if (!check_real(c, name, a, 1)) return false;
    for (size_t i = 0; i < a->size; i++)
        if (!isfinite(array_get(a, i))) {
            sori_fail(c, SORI_EINVAL, "dtw: value %zu of %s is not finite", i, name);
            return false;
        }
    return true;
}

static bool check_costs(sori_ctx *c, const sori_array *C) {
    if (!check_real(c, "C", C, 2)) return false;
    if (C->ndim != 2) sori_fail(c, SORI_EINVAL, "dtw: C has %d axes, not 2", C->ndim);
    for (size_t i = 0; i < C->size && !base_failed(c); i++)
        if (isnan(array_get(C, i)) || array_get(C, i) == -INFINITY)
            sori_fail(c, SORI_EINVAL, "dtw: value %zu of C is %g", i, array_get(C, i));
    return !base_failed(c);
}

/* --- preparing ------------------------------------------------------------------------------------------------ */

/* Cells whose column - row lies strictly between low and high stay: a band as wide as the matrix is oblong. */
static void set_band(dtw_cost *d, double radius) {
    ptrdiff_t n = (ptrdiff_t)d->rows, m = (ptrdiff_t)d->columns;
    ptrdiff_t r = (ptrdiff_t)rint(radius * (double)BASE_MIN(n, m));
    d->band = true;
    d->low = -r - BASE_MAX(n - m, 0);
    d->high = r + BASE_MAX(m - n, 0);
}

static void set_frames(dtw_cost *d, const sori_array *X, const sori_array *Y) {
    for (size_t k = 0; k < d->features; k++) {
        for (size_t i = 0; i < d->rows; i++)
            d->x[(i / DTW_QUAD * d->features + k) * DTW_QUAD + i % DTW_QUAD] = array_get(X, k * d->rows + i);
        for (size_t j = 0; j < d->columns; j++) d->y[k * d->stride + j] = array_get(Y, k * d->columns + j);
    }
}

static bool set_norm(sori_ctx *c, const char *name, const sori_array *a, double *norm) {
    size_t n = frames_of(a), features = features_of(a);
    for (size_t k = 0; k < features; k++)
        for (size_t i = 0; i < n; i++) norm[i] += array_get(a, k * n + i) * array_get(a, k * n + i);
    for (size_t i = 0; i < n; i++) {
        norm[i] = sqrt(norm[i]);
        if (norm[i] > 0) continue;
        sori_fail(c, SORI_EINVAL, "dtw: frame %zu of %s is all zero, which has no cosine", i, name);
        return false;
    }
    return true;
}

static bool set_features(sori_ctx *c, dtw_cost *d, const sori_array *X, const sori_array *Y) {
    size_t rows = (d->rows + DTW_QUAD - 1) / DTW_QUAD * DTW_QUAD, bytes = d->features * sizeof(double);
    d->x = base_alloc(c, rows, bytes);
    d->y = base_alloc(c, d->stride, bytes);
    if (!d->x || !d->y) return false;
    set_frames(d, X, Y);
    if (d->metric != SORI_METRIC_COSINE) return true;
    d->x_norm = base_alloc(c, rows, sizeof(double));
    d->y_norm = base_alloc(c, d->stride, sizeof(double));
    return d->x_norm && d->y_norm && set_norm(c, d->exchanged ? "Y" : "X", X, d->x_norm)
        && set_norm(c, d->exchanged ? "X" : "Y", Y, d->y_norm);
}

static bool check_cells(sori_ctx *c, const dtw_cost *d, size_t most) {
    size_t cells, limit = most ? most : (size_t)1 << 28;
    if (!base_mul_overflows(d->rows, d->stride, &cells) && cells / d->stride * d->columns <= limit) return true;
    sori_fail(c, SORI_EINVAL, "dtw: %zu x %zu cells are more than max_cells %zu", d->rows, d->columns, limit);
    return false;
}

static bool check_pair(sori_ctx *c, const sori_array *X, const sori_array *Y, const sori_dtw_config *g) {
    if ((unsigned)g->metric > SORI_METRIC_COSINE)
        sori_fail(c, SORI_EINVAL, "dtw: there is no metric %d", (int)g->metric);
    if (!check_features(c, "X", X) || !check_features(c, "Y", Y)) return false;
    if (features_of(X) != features_of(Y))
        sori_fail(c, SORI_EINVAL, "dtw: X has %zu features, Y has %zu", features_of(X), features_of(Y));
    return !base_failed(c);
}

bool feat_dtw_cost_open(sori_ctx *c, dtw_cost *d, const sori_array *X, const sori_array *Y, const sori_dtw_config *g) {
    *d = (dtw_cost){ .k = num_kernels_find(NULL, true), .C = g->C, .metric = g->metric };
    if (base_failed(c)) return false;
    if (g->C && (X || Y)) sori_fail(c, SORI_EINVAL, "dtw: both C and X or Y are given");
    if (g->C ? !check_costs(c, g->C) : !check_pair(c, X, Y, g)) return false;
    d->exchanged = !g->C && g->subseq && frames_of(X) > frames_of(Y);
    if (d->exchanged) {
        const sori_array *longer = X;
        X = Y;
        Y = longer;
    }
    d->rows = g->C ? g->C->shape[0] : frames_of(X);
    d->columns = g->C ? g->C->shape[1] : frames_of(Y);
    d->stride = base_round_up(d->columns, NUM_LANES);
    d->features = g->C ? 0 : features_of(X);
    if (!check_cells(c, d, g->max_cells)) return false;
    double radius = g->band_rad != 0 ? g->band_rad : 0.25;
    if (!(radius > 0 && radius <= 1))
        sori_fail(c, SORI_EINVAL, "dtw: band_rad %g is not above 0 and up to 1", radius);
    if (g->global_constraints) set_band(d, radius);
    return !base_failed(c) && (g->C || set_features(c, d, X, Y));
}

void feat_dtw_cost_close(sori_ctx *c, dtw_cost *d) {
    base_free(c, d->x);
    base_free(c, d->y);
    base_free(c, d->x_norm);
    base_free(c, d->y_norm);
}

/* --- costs ---------------------------------------------------------------------------------------------------- */

static void cosine(const dtw_cost *d, size_t quad, double *out) {
    for (size_t r = 0; r < DTW_QUAD; r++)
        for (size_t j = 0; j < d->columns; j++) {
            double *v = out + r * d->stride + j, cos = *v / (d->x_norm[quad * DTW_QUAD + r] * d->y_norm[j]);
            *v = 1 - (fabs(cos) > 1 ? copysign(1, cos) : cos);
        }
}

static void from_frames(const dtw_cost *d, size_t quad, double *out) {
    static const int kinds[] = { 0, 0, 1, 2 };   /* of num_kernels.distances */
    const double *x = d->x + quad * d->features * DTW_QUAD;
    d->k->dtw_costs(kinds[d->metric], d->features, x, d->y, d->stride, out);
    if (d->metric == SORI_METRIC_EUCLIDEAN) d->k->sqrt(DTW_QUAD * d->stride, out);
    if (d->metric == SORI_METRIC_COSINE) cosine(d, quad, out);
}

static void from_matrix(const dtw_cost *d, size_t row, double *out) {
    for (size_t j = 0; j < d->columns; j++) out[j] = array_get(d->C, row * d->columns + j);
}

static void clear_outside(const dtw_cost *d, size_t row, double *out) {
    ptrdiff_t n = (ptrdiff_t)d->columns, at = (ptrdiff_t)row;
    ptrdiff_t from = BASE_MAX(BASE_MIN(at + d->low + 1, n), 0), to = BASE_MAX(BASE_MIN(at + d->high, n), from);
    for (ptrdiff_t j = 0; j < from; j++) out[j] = INFINITY;
    for (ptrdiff_t j = to; j < n; j++) out[j] = INFINITY;
}

void feat_dtw_cost_rows(const dtw_cost *d, size_t quad, double *out) {
    if (!d->C) from_frames(d, quad, out);
    for (size_t r = 0, row = quad * DTW_QUAD; r < DTW_QUAD && row < d->rows; r++, row++) {
        if (d->C) from_matrix(d, row, out + r * d->stride);
        if (d->band) clear_outside(d, row, out + r * d->stride);
    }
}
