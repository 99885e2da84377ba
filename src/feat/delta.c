/* delta.c - derivatives over time by the filter of Savitzky and Golay.
 *
 * The n-th derivative at a frame is that of the polynomial of degree polyorder that fits the `width` frames around it
 * best (least squares): a weighted sum of those frames, with weights that depend only on where in the window the
 * derivative is taken. Row `half` of weights [width][width] is the filter for the middle; the other rows serve the
 * first and last half = width/2 frames in mode interp, where one polynomial is fitted to the whole edge.
 *
 * Weights come from Gram's polynomials, orthogonal on the points of the window, so no equations are solved and high
 * degrees stay exact: w[i] = sum over k of p_k(x_i) p_k^(order)(t) / |p_k|^2.
 * Savitzky and Golay, Anal. Chem. 36 (1964); Gorry, Anal. Chem. 62 (1990). librosa.feature.delta, scipy.signal.
 * savgol_filter. */
#include "array/array.h"
#include "base/base.h"
#include <math.h>
#include <sori/feat.h>

#define MAX_DEGREE 64     /* 2^-64, the size of such a polynomial, squared is far from underflow */

typedef struct job {
    const float *in;
    float *out;
    size_t frames;
    int width;
    sori_delta_mode mode;
    double cval;
    double *weights;      /* [width][width]: row t, derivative at position t of the window */
} job;

/* Values and derivatives up to `order` of one Gram polynomial: p [order + 1][width]. From those of the two before it:
 * p_{k+1} = x p_k - b p_{k-1}, x in -1 .. 1, and the same differentiated d times. */
static void next_polynomial(double *next, const double *p, const double *before, double b, int order, int width) {
    for (int d = 0; d <= order; d++)
        for (int i = 0; i < width; i++) {
            double x = (double)(i - width / 2) / (width / 2), v = x * p[d * width + i];
            if (d > 0) v += d * p[(d - 1) * width + i];
            next[d * width + i] = v - b * before[d * width + i];
        }
}

static double square_sum(const double *p, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += p[i] * p[i];
    return sum;
}

/* weights [width][width]; work holds three polynomials. */
static void make_weights(double *weights, double *work, int width, int order, int polyorder, double spacing) {
    size_t size = (size_t)(order + 1) * (size_t)width;
    double *before = work, *p = work + size, *next = work + 2 * size, norm_before = 1;
    for (int i = 0; i < width; i++) p[i] = 1;
    for (int k = 0; k <= polyorder; k++) {
        double norm = square_sum(p, width);
        const double *derivative = p + (size_t)order * (size_t)width;
        for (int t = 0; t < width; t++)
            for (int i = 0; i < width; i++) weights[t * width + i] += p[i] * derivative[t] / norm;
        next_polynomial(next, p, before, k ? norm / norm_before : 0, order, width);
        double *spare = before;
        before = p, p = next, next = spare;
        norm_before = norm;
    }
    double scale = pow(spacing * (width / 2), -order);   /* points are 2 / (width - 1) apart above */
    for (int i = 0; i < width * width; i++) weights[i] *= scale;
}

/* Where frame t of an endless extension is found among n frames; -1: nowhere (constant). scipy.ndimage's modes. */
static ptrdiff_t extended(ptrdiff_t t, ptrdiff_t n, sori_delta_mode mode) {
    if (t >= 0 && t < n) return t;
    if (mode == SORI_DELTA_NEAREST) return t < 0 ? 0 : n - 1;
    if (mode == SORI_DELTA_WRAP) return (t % n + n) % n;
    if (mode != SORI_DELTA_MIRROR) return -1;
    ptrdiff_t period = BASE_MAX(2 * (n - 1), 1), r = (t % period + period) % period;   /* d c b | a b c d | c b a */
    return BASE_MIN(r, period - r) % n;
}

/* Frame t of a row by row `at` of the weights, from the window that begins at frame first. */
static float fitted(const job *j, const float *x, ptrdiff_t first, int at) {
    const double *w = j->weights + at * j->width;
    double sum = 0;
    for (int i = 0; i < j->width; i++) {
        ptrdiff_t k = extended(first + i, (ptrdiff_t)j->frames, j->mode);
        sum += w[i] * (k < 0 ? j->cval : (double)x[k]);
    }
    return (float)sum;
}

static void edge_frame(const job *j, const float *x, float *y, size_t t) {
    ptrdiff_t half = j->width / 2, at = (ptrdiff_t)t, n = (ptrdiff_t)j->frames;
    if (j->mode != SORI_DELTA_INTERP) y[t] = fitted(j, x, at - half, (int)half);
    else if (at < half) y[t] = fitted(j, x, 0, (int)at);
    else y[t] = fitted(j, x, n - j->width, (int)(at - (n - j->width)));
}

static void one_row(void *arg, size_t i) {
    const job *j = arg;
    const float *x = j->in + i * j->frames;
    float *y = j->out + i * j->frames;
    size_t half = (size_t)j->width / 2, n = j->frames;
    const double *w = j->weights + half * (size_t)j->width;
    for (size_t t = 0; t < BASE_MIN(half, n); t++) edge_frame(j, x, y, t);
    for (size_t t = half; t + half < n; t++) {
        double sum = 0;
        for (size_t k = 0; k < (size_t)j->width; k++) sum += w[k] * (double)x[t - half + k];
        y[t] = (float)sum;
    }
    for (size_t t = n > 2 * half ? n - half : half; t < n; t++) edge_frame(j, x, y, t);
}

static bool check(sori_ctx *c, const sori_array *a, const sori_delta_config *g) {
    if (!array_check(c, "delta", a, SORI_F32, 1)) return false;
    size_t frames = a->shape[a->ndim - 1];
    if (g->width < 3 || g->width % 2 == 0 || g->width > 4095)
        sori_fail(c, SORI_EINVAL, "delta: width %d is not an odd number from 3 to 4095", g->width);
    else if (g->order < 1 || g->order > MAX_DEGREE)
        sori_fail(c, SORI_EINVAL, "delta: order %d is not within 1 .. %d", g->order, MAX_DEGREE);
    else if (g->polyorder < 0 || g->polyorder >= g->width || g->polyorder > MAX_DEGREE)
        sori_fail(c, SORI_EINVAL, "delta: polyorder %d is not below width %d (and %d)", g->polyorder, g->width,
                  MAX_DEGREE + 1);
    else if ((unsigned)g->mode > SORI_DELTA_WRAP)
        sori_fail(c, SORI_EINVAL, "delta: there is no mode %d", (int)g->mode);
    else if (!isfinite(g->spacing) || !isfinite(g->cval))
        sori_fail(c, SORI_EINVAL, "delta: spacing or cval is not finite");
    else if (g->mode == SORI_DELTA_INTERP && (size_t)g->width > frames)
        sori_fail(c, SORI_EINVAL, "delta: width %d is above the %zu frames there are, which mode interp needs",
                  g->width, frames);
    return !base_failed(c);
}

sori_array *sori_delta(sori_ctx *c, const sori_array *a, const sori_delta_config *config) {
    sori_delta_config g = config ? *config : (sori_delta_config){ 0 };
    g.width = g.width ? g.width : 9;
    g.order = g.order ? g.order : 1;
    g.polyorder = g.polyorder ? g.polyorder : g.order;
    g.spacing = g.spacing != 0 ? g.spacing : 1;
    if (base_failed(c) || !check(c, a, &g)) return NULL;
    size_t width = (size_t)g.width, frames = a->shape[a->ndim - 1];
    sori_array *out = array_new_raw(c, SORI_F32, a->ndim, a->shape);
    double *work = base_alloc(c, width * (width + 3 * (size_t)(g.order + 1)), sizeof *work);
    if (out && work && out->size > 0) {
        make_weights(work, work + width * width, g.width, g.order, g.polyorder, g.spacing);
        job j = { a->data, out->data, frames, g.width, g.mode, g.cval, work };
        base_parallel(c, out->size / frames, one_row, &j);
    }
    base_free(c, work);
    return base_failed(c) ? NULL : out;
}
