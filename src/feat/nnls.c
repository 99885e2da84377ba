/* nnls.c - what bins can have given these sums of bands: min |A x - b|, x >= 0.   librosa.util.nnls
 *
 * There are more bins than bands, so many spectra fit. librosa starts from x0, the least-squares solution with negative
 * values cut off, and goes downhill until its optimiser (L-BFGS-B) has had enough; where that is depends on how loud
 * and how long the sound is, and often it is x0. Here the answer is the optimum nearest to x0: of
 *     |x - x0|^2 / 2 + |A x - b|^2 / (2 e),  x >= 0,  e small,
 * whose solution is x = max(x0 + A' y, 0) with one multiplier a band. They are the zero of
 *     g(y) = A max(x0 + A' y, 0) - b + e y,
 * the gradient of a convex function f, found by Newton's method: the Jacobian A D A' + e (D: the bins that are not
 * zero) is tridiagonal, because only neighbouring bands overlap. Steps are halved until f goes down enough (Armijo).
 *
 * Qi and Sun, "A nonsmooth version of Newton's method", Mathematical Programming 58, 1993. */
#include "feat/nnls.h"
#include <math.h>
#include <string.h>

#define MOST_STEPS 60
#define ENOUGH 1e-10           /* of the largest band: far below float */

/* --- sums over bands --------------------------------------------------------------------------------------------- */

static const double *weights(const feat_nnls *s, size_t band) { return (const double *)s->bank->weight + s->at[band]; }

/* x = max(x0 + A' y, 0) */
static void spread(const feat_nnls *s, const double *x0, const double *y, double *x) {
    if (x0) memcpy(x, x0, s->bins * sizeof *x);
    else memset(x, 0, s->bins * sizeof *x);
    for (size_t i = 0; i < s->bank->bands; i++) {
        const double *w = weights(s, i);
        double *to = x + s->bank->start[i];
        for (size_t k = 0; k < s->bank->count[i]; k++) to[k] += w[k] * y[i];
    }
    for (size_t k = 0; k < s->bins; k++) x[k] = x[k] > 0 ? x[k] : 0;
}

/* g = A x - b + e y */
static void gradient(const feat_nnls *s, const double *x, const double *b, const double *y, double *g) {
    for (size_t i = 0; i < s->bank->bands; i++) {
        const double *w = weights(s, i), *from = x + s->bank->start[i];
        double sum = 0;
        for (size_t k = 0; k < s->bank->count[i]; k++) sum += w[k] * from[k];
        g[i] = sum - b[i] + s->least * y[i];
    }
}

/* A D A' + e: its diagonal and, beside it, band i with band i + 1. x NULL: all bins count. */
static void jacobian(const feat_nnls *s, const double *x, double least, double *diagonal, double *beside) {
    const feat_bank *bank = s->bank;
    for (size_t i = 0; i < bank->bands; i++) {
        const double *w = weights(s, i);
        size_t end = bank->start[i] + bank->count[i], next = i + 1 < bank->bands ? bank->start[i + 1] : end;
        diagonal[i] = least;
        beside[i] = 0;
        for (size_t k = bank->start[i]; k < end; k++)
            if (!x || x[k] > 0) diagonal[i] += w[k - bank->start[i]] * w[k - bank->start[i]];
        for (size_t k = next; k < end && k - next < bank->count[i + 1]; k++)
            if (!x || x[k] > 0) beside[i] += w[k - bank->start[i]] * weights(s, i + 1)[k - next];
    }
}

/* Solve the tridiagonal equations in place, right side in v; a row that depends on those before gets 0. */
static void solve(size_t n, double *diagonal, const double *beside, double *v) {
    for (size_t i = 0; i < n; i++) {
        double own = diagonal[i], factor = i && diagonal[i - 1] > 0 ? beside[i - 1] / diagonal[i - 1] : 0;
        if (i) diagonal[i] -= factor * beside[i - 1], v[i] -= factor * v[i - 1];
        if (!(diagonal[i] > 1e-13 * own)) diagonal[i] = 0;
    }
    for (size_t i = n; i-- > 0;) {
        double after = i + 1 < n ? beside[i] * v[i + 1] : 0;
        v[i] = diagonal[i] > 0 ? (v[i] - after) / diagonal[i] : 0;
    }
}

/* --- Newton ------------------------------------------------------------------------------------------------------ */

static double value(const feat_nnls *s, const double *x, const double *b, const double *y) {
    double f = 0;
    for (size_t k = 0; k < s->bins; k++) f += x[k] * x[k] / 2;
    for (size_t i = 0; i < s->bank->bands; i++) f += y[i] * (s->least * y[i] / 2 - b[i]);
    return f;
}

static double largest(const double *v, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(v[i]));
    return most;
}

/* Along the step d from y: the first of 1, 1/2, 1/4 ... that goes down enough. y and x move there. */
static double descend(const feat_nnls *s, const double *b, const double *x0, const double *d, double slope, double f,
                      double *y, double *trial, double *x) {
    size_t n = s->bank->bands;
    for (double step = 1;; step /= 2) {
        for (size_t i = 0; i < n; i++) trial[i] = y[i] + step * d[i];
        spread(s, x0, trial, x);
        double now = value(s, x, b, trial);
        if (now <= f + 1e-4 * step * slope || step < 1e-9) {
            memcpy(y, trial, n * sizeof *y);
            return now;
        }
    }
}

size_t feat_nnls_work(const feat_nnls *s) { return 6 * s->bank->bands + s->bins; }

void feat_nnls_solve(const feat_nnls *s, const double *b, bool clipped, double *x, double *work) {
    size_t n = s->bank->bands;
    double *y = work, *g = y + n, *d = g + n, *diagonal = d + n, *beside = diagonal + n, *trial = beside + n;
    double *x0 = trial + n;
    memcpy(y, b, n * sizeof *y);
    jacobian(s, NULL, 0, diagonal, beside);
    solve(n, diagonal, beside, y);
    spread(s, NULL, y, x);
    if (clipped) return;
    memcpy(x0, x, s->bins * sizeof *x0);
    memset(y, 0, n * sizeof *y);
    double f = value(s, x, b, y), enough = ENOUGH * largest(b, n);
    for (int i = 0; i < MOST_STEPS; i++) {
        gradient(s, x, b, y, g);
        if (largest(g, n) <= enough) return;
        double slope = 0;
        for (size_t k = 0; k < n; k++) d[k] = -g[k];
        jacobian(s, x, s->least, diagonal, beside);
        solve(n, diagonal, beside, d);
        for (size_t k = 0; k < n; k++) slope += g[k] * d[k];
        f = descend(s, b, x0, d, slope, f, y, trial, x);
    }
}

/* --- set-up ------------------------------------------------------------------------------------------------------ */

bool feat_nnls_open(sori_ctx *c, feat_nnls *s, const feat_bank *bank, size_t bins) {
    *s = (feat_nnls){ .bank = bank, .bins = bins, .at = base_alloc_raw(c, bank->bands, sizeof *s->at) };
    double smallest = INFINITY;
    for (size_t i = 0, at = 0; s->at && i < bank->bands; at += bank->count[i], i++) {
        double squares = 0;
        s->at[i] = at;
        for (size_t k = 0; k < bank->count[i]; k++) squares += weights(s, i)[k] * weights(s, i)[k];
        if (squares > 0) smallest = fmin(smallest, squares);
    }
    s->least = isfinite(smallest) ? 1e-8 * smallest : 1;
    return s->at != NULL;
}

void feat_nnls_close(sori_ctx *c, feat_nnls *s) { base_free(c, s->at); }
