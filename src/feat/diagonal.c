/* diagonal.c - smoothing filters along a sloping line: a window laid on the diagonal of a matrix, and turned.
 *
 * Turning reads each cell of the result from where it lay before, between the cells, by B-splines of degree 5 without
 * the usual prefilter: that blurs the line over some three cells to each side. Negative values are cut off and the rest
 * scaled to sum 1. librosa.filters.diagonal_filter, scipy.ndimage.rotate. */
#include "feat/diagonal.h"
#include "feat/feat.h"
#include "array/array.h"
#include "feat/edge.h"
#include "num/num.h"
#include <math.h>

enum { DEGREE = 5, MAX_N = 4096 };

static const double pi = 3.14159265358979323846;

/* The B-spline of degree 5 at distance x from its middle. Unser, "Splines: a perfect fit", IEEE SP Mag. 1999. */
static double spline(double x) {
    x = fabs(x);
    if (x < 1) return 11. / 20 - x * x * (1. / 2 - x * x * (1. / 4 - x / 12));
    if (x < 2) return 17. / 40 + x * (5. / 8 - x * (7. / 4 - x * (5. / 4 - x * (3. / 8 - x / 24))));
    return x < 3 ? pow(3 - x, 5) / 120 : 0;
}

/* The value at row y, column x of a matrix that has window [n] on its diagonal; 0 outside it, but mirrored for the
 * splines near its edges. */
static double look_up(const double *window, ptrdiff_t n, double y, double x) {
    double sum = 0;
    if (!(y >= 0 && x >= 0 && y <= (double)(n - 1) && x <= (double)(n - 1))) return 0;
    ptrdiff_t top = (ptrdiff_t)floor(y) - DEGREE / 2, left = (ptrdiff_t)floor(x) - DEGREE / 2;
    for (ptrdiff_t r = top; r <= top + DEGREE; r++)
        for (ptrdiff_t m = left; m <= left + DEGREE; m++) {
            ptrdiff_t at = feat_extended(r, n, SORI_EXTEND_MIRROR);
            if (at == feat_extended(m, n, SORI_EXTEND_MIRROR))
                sum += window[at] * spline(y - (double)r) * spline(x - (double)m);
        }
    return sum;
}

static void turn(const double *window, size_t n, double cosine, double sine, feat_diagonal *d) {
    double middle = ((double)n - 1) / 2, rows = ((double)d->rows - 1) / 2, columns = ((double)d->columns - 1) / 2;
    double y0 = middle - (cosine * rows + sine * columns), x0 = middle - (cosine * columns - sine * rows);
    for (size_t r = 0; r < d->rows; r++)
        for (size_t m = 0; m < d->columns; m++) {
            double y = (double)r * cosine + (double)m * sine + y0, x = (double)m * cosine - (double)r * sine + x0;
            d->weights[r * d->columns + m] = look_up(window, (ptrdiff_t)n, y, x);
        }
}

static void scale(feat_diagonal *d) {
    double sum = 0;
    for (size_t i = 0; i < d->rows * d->columns; i++) sum += d->weights[i] = fmax(d->weights[i], 0);
    for (size_t i = 0; i < d->rows * d->columns; i++) d->weights[i] /= sum;
}

static bool check_filter(sori_ctx *c, const char *who, int n, double angle) {
    if (base_failed(c)) return false;
    if (n < 1 || n > MAX_N) sori_fail(c, SORI_EINVAL, "%s: n %d is not within 1 .. %d", who, n, MAX_N);
    else if (!isfinite(angle)) sori_fail(c, SORI_EINVAL, "%s: the angle is not finite", who);
    return !base_failed(c);
}

static bool make(sori_ctx *c, const double *window, size_t n, double angle, feat_diagonal *out) {
    bool diagonal = fabs(angle - pi / 4) <= 1e-8 + 1e-5 * (pi / 4);   /* numpy.isclose */
    double turned = (45 - angle * 180 / pi) * (pi / 180), cosine = cos(turned), sine = sin(turned);
    size_t side = diagonal ? n : (size_t)((fabs(cosine) + fabs(sine)) * (double)n + 0.5);
    *out = (feat_diagonal){ side, side, base_alloc(c, side, side * sizeof(double)) };
    if (!out->weights) return false;
    if (!diagonal) turn(window, n, cosine, sine, out);
    else
        for (size_t i = 0; i < n; i++) out->weights[i * n + i] = window[i];
    scale(out);
    return true;
}

bool feat_diagonal_open(sori_ctx *c, const char *who, const char *window, int n, double angle, feat_diagonal *out) {
    *out = (feat_diagonal){ 0 };
    if (!check_filter(c, who, n, angle)) return false;
    double *values = base_alloc(c, (size_t)n, sizeof *values);
    bool ok = values && feat_named_window(c, who, window, (size_t)n, true, values);
    ok = ok && make(c, values, (size_t)n, angle, out);
    base_free(c, values);
    if (ok && !isfinite(out->weights[0])) {
        sori_fail(c, SORI_EINVAL, "%s: a window of %d values leaves nothing to scale", who, n);
        base_free(c, out->weights);
        out->weights = NULL;
        return false;
    }
    return ok;
}

sori_array *sori_diagonal_filter(sori_ctx *c, int n, const sori_diagonal_filter_config *config) {
    static const sori_diagonal_filter_config defaults;
    const sori_diagonal_filter_config *g = config ? config : &defaults;
    double angle = g->angle.mode == 1 ? g->angle.value : atan(g->slope != 0 ? g->slope : 1);
    feat_diagonal d;
    if (!feat_diagonal_open(c, "diagonal_filter", g->window, n, angle, &d)) return NULL;
    size_t size = d.rows * d.columns;
    double sum = 0;
    for (size_t i = 0; i < size; i++) sum += d.weights[i];
    for (size_t i = 0; g->zero_mean && i < size; i++) d.weights[i] -= sum / (double)size;
    sori_array *out = sori_array_from(c, SORI_F64, 2, (size_t[]){ d.rows, d.columns }, d.weights);
    base_free(c, d.weights);
    return out;
}
