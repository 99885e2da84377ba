/* poly.c - a polynomial in frequency fitted to each frame's spectrum: its level, its slope, its bend.
 *
 * Least squares with the powers of each bin's centre, V [bins][order + 1], each column brought to length 1:
 * coefficients are W S, W the pseudo-inverse of V. With centres that stay W is made once, and a frame costs a product
 * of order + 1 rows. W comes from the singular values of V by one-sided Jacobi rotations: columns are turned against
 * each other until all are orthogonal; their lengths are the singular values. Everything is in double, for high
 * powers nearly coincide.
 *
 * librosa.feature.poly_features, numpy.polyfit. Hestenes, "Inversion of matrices by biorthogonalization and related
 * results", SIAM J. 6, 1958. */
#include "feat/shape.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_ORDER 15
#define MOST (MAX_ORDER + 1)
#define MAX_SWEEPS 60    /* some 6 are needed */

typedef struct polynomial {
    size_t n, bins;           /* coefficients */
    double *weights;          /* [n][bins] W of centres that stay, or NULL */
    const num_kernels *k;     /* in double */
    const sori_array *moving; /* freq [..., bins, frames] */
    size_t frames;            /* of it */
} polynomial;

/* --- the fit ------------------------------------------------------------------------------------------------ */

static double dot(const double *a, const double *b, size_t n) {
    double sum[4] = { 0 };
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++) sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++) sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void rotate(double *a, double *b, size_t n, double cosine, double sine) {
    for (size_t i = 0; i < n; i++) {
        double x = a[i], y = b[i];
        a[i] = cosine * x - sine * y;
        b[i] = sine * x + cosine * y;
    }
}

/* Turn columns p and q [bins] of U, and with them those of R [n][n], until they are orthogonal. False: they were. */
static bool make_orthogonal(double *p, double *q, size_t bins, double *r_p, double *r_q, size_t n) {
    double a = dot(p, p, bins), b = dot(q, q, bins), d = dot(p, q, bins);
    if (!(fabs(d) > 1e-15 * sqrt(a * b))) return false;
    double zeta = (b - a) / (2 * d), t = copysign(1, zeta) / (fabs(zeta) + sqrt(1 + zeta * zeta));
    double cosine = 1 / sqrt(1 + t * t);
    rotate(p, q, bins, cosine, cosine * t);
    rotate(r_p, r_q, n, cosine, cosine * t);
    return true;
}

/* Columns x^(n-1), ..., x, 1 of length 1; scale [n] is what they were divided by. */
static void powers(const double *x, size_t bins, size_t n, double *U, double *scale) {
    for (size_t k = n; k-- > 0;) {
        double *column = U + k * bins;
        for (size_t i = 0; i < bins; i++) column[i] = k == n - 1 ? 1 : column[bins + i] * x[i];
    }
    for (size_t k = 0; k < n; k++) {
        scale[k] = sqrt(dot(U + k * bins, U + k * bins, bins));
        for (size_t i = 0; scale[k] > 0 && i < bins; i++) U[k * bins + i] /= scale[k];
    }
}

/* W [n][bins] of the centres x [bins]; U [n][bins] is scratch. */
static void solve(const double *x, size_t bins, size_t n, double *U, double *W) {
    double R[MOST * MOST] = { 0 }, scale[MOST], square[MOST], largest = 0;
    powers(x, bins, n, U, scale);
    for (size_t k = 0; k < n; k++) R[k * n + k] = 1;
    bool turned = true;
    for (int sweep = 0; turned && sweep < MAX_SWEEPS; sweep++) {
        turned = false;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                turned |= make_orthogonal(U + p * bins, U + q * bins, bins, R + p * n, R + q * n, n);
    }
    for (size_t k = 0; k < n; k++) largest = fmax(largest, square[k] = dot(U + k * bins, U + k * bins, bins));
    double least = (double)bins * DBL_EPSILON * sqrt(largest);
    memset(W, 0, n * bins * sizeof *W);
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; sqrt(square[k]) > least && j < n; j++) {
            double w = scale[j] > 0 ? R[k * n + j] / square[k] / scale[j] : 0;
            for (size_t i = 0; i < bins; i++) W[j * bins + i] += w * U[k * bins + i];
        }
}

/* --- frames ------------------------------------------------------------------------------------------------- */

static double centre(const polynomial *s, size_t channel, size_t bin, size_t frame) {
    size_t i = (channel * s->bins + bin) * s->frames + frame;
    return array_get(s->moving, i);
}

/* Each frame by itself. scratch: x [bins], y [bins], U and W [n][bins]. */
static void fit_moving(const polynomial *s, const feat_block *b, double *scratch, float *out, size_t stride) {
    size_t bins = b->bins;
    double *x = scratch, *y = x + bins, *U = y + bins, *W = U + s->n * bins;
    for (size_t m = 0; m < b->frames; m++) {
        for (size_t k = 0; k < bins; k++) {
            size_t at = k * NUM_LANES + m;
            x[k] = centre(s, b->channel, k, b->first + m);
            y[k] = b->exact ? ((const double *)b->S)[at] : (double)((const float *)b->S)[at];
        }
        solve(x, bins, s->n, U, W);
        for (size_t j = 0; j < s->n; j++) out[j * stride + m] = (float)dot(W + j * bins, y, bins);
    }
}

static void poly_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const polynomial *s = u->state;
    const void *rows = b->S;
    if (!s->weights) {
        fit_moving(s, b, scratch, out, stride);
        return;
    }
    if (!b->exact) {
        double *wide = scratch;
        for (size_t i = 0; i < b->bins * NUM_LANES; i++) wide[i] = (double)((const float *)b->S)[i];
        rows = wide;
    }
    s->k->matrix(s->n, b->bins, s->weights, rows, b->frames, out, stride);
}

/* --- the gate ----------------------------------------------------------------------------------------------- */

static bool check_moving(sori_ctx *c, const feat_input *in, const sori_array *freq) {
    bool fits = array_is_real(freq) && freq->ndim == in->lead + 2;
    for (int i = 0; fits && i < in->lead; i++) fits = freq->shape[i] == in->lead_shape[i];
    fits = fits && freq->shape[in->lead] == in->bins && freq->shape[in->lead + 1] == in->frames;
    if (!fits)
        sori_fail(c, SORI_EINVAL, "%s: freq must be [%zu], or of the spectrogram's shape, %zu frames of real numbers",
                  in->who, in->bins, in->frames);
    for (size_t i = 0; fits && i < freq->size; i++) {
        if (isfinite(array_get(freq, i))) continue;
        sori_fail(c, SORI_EINVAL, "%s: value %zu of freq is not finite", in->who, i);
        fits = false;
    }
    return fits;
}

static bool make_weights(sori_ctx *c, polynomial *s, const feat_input *in, const sori_array *freq) {
    double *x = feat_bin_hz(c, in, freq), *U = x ? base_alloc_raw(c, s->n * s->bins, sizeof *U) : NULL;
    s->weights = U ? base_alloc_raw(c, s->n * s->bins, sizeof *s->weights) : NULL;
    if (s->weights) solve(x, s->bins, s->n, U, s->weights);
    base_free(c, U);
    base_free(c, x);
    return s->weights != NULL;
}

static bool poly_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_array *freq, double order) {
    polynomial *s = u->state = base_alloc(c, 1, sizeof *s);
    if (!s) return false;
    if (!(order >= 0 && order <= MAX_ORDER && order == floor(order))) {
        sori_fail(c, SORI_EINVAL, "%s: order %g is not one of 0 to %d", in->who, order, MAX_ORDER);
        return false;
    }
    *s = (polynomial){ .n = (size_t)order + 1, .bins = in->bins, .k = num_kernels_find(NULL, true) };
    u->domain = FEAT_S;
    u->power = 1;
    u->rows = s->n;
    u->scratch = BASE_MAX((size_t)NUM_LANES, 2 * (s->n + 1)) * s->bins * sizeof(double);
    if (!freq || freq->ndim == 1) return make_weights(c, s, in, freq);
    s->moving = freq;
    s->frames = in->frames;
    return check_moving(c, in, freq);
}

static bool poly_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    (void)config;
    return poly_open(c, u, in, NULL, 1);
}

static void poly_close(sori_ctx *c, feat_use *u) {
    polynomial *s = u->state;
    if (s) base_free(c, s->weights);
    base_free(c, s);
}

const feat_op feat_op_poly = {
    .info = { "poly_features", "librosa.feature.poly_features", "slope and level of the spectrum's straight line", "" },
    .open = poly_by_name, .block = poly_block, .close = poly_close,
};

sori_array *sori_poly_features(sori_ctx *c, sori_audio y, const sori_poly_config *config) {
    sori_poly_config g = config ? *config : (sori_poly_config){ 0 };
    feat_input in;
    feat_use u = { .op = &feat_op_poly };
    if (feat_input_open(c, &in, "poly_features", y, g.S, &g.stft))
        poly_open(c, &u, &in, g.freq, feat_option(g.order, 1, 1));
    return feat_run(c, &in, &u);
}
