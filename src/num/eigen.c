/* eigen.c - eigenvalues and eigenvectors of a symmetric matrix.
 *
 * Householder reflections make it tridiagonal, one column after the other; implicit QL steps with Wilkinson's shift
 * then take what is beside the diagonal to zero, and the vectors along. Vectors are rows, so that a rotation goes over
 * two contiguous runs.
 * Golub and Van Loan, "Matrix Computations", 4th ed., 8.3. */
#include "num/num.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_STEPS 60   /* a value: two or three are usual */

static double product(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* The reflection that takes row k right of the diagonal to (side, 0, 0, ...): v in its place, 2 / v.v returned. */
static double reflection(size_t n, double *v, double *side) {
    double norm = sqrt(product(n, v, v));
    *side = v[0] > 0 ? -norm : norm;
    if (norm == 0) return 0;
    v[0] -= *side;
    return 2 / product(n, v, v);
}

/* a <- H a H on the rows and columns that v [n] spans, H = 1 - scale v v^T; a has rows of `stride`. */
static void reflect(size_t n, size_t stride, const double *v, double scale, double *a, double *w) {
    for (size_t i = 0; i < n; i++) w[i] = scale * product(n, a + i * stride, v);
    double half = scale / 2 * product(n, w, v);
    for (size_t i = 0; i < n; i++) w[i] -= half * v[i];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) a[i * stride + j] -= v[i] * w[j] + w[i] * v[j];
}

/* a to tridiagonal form: diagonal d, e[i] between i and i + 1; the rows of q are the basis it has that form in. */
static void make_tridiagonal(size_t n, double *a, double *d, double *e, double *q) {
    memset(q, 0, n * n * sizeof *q);
    for (size_t i = 0; i < n; i++) q[i * n + i] = 1;
    for (size_t k = 0; k + 1 < n; k++) {
        size_t left = n - k - 1;
        double *v = a + k * n + k + 1, scale = reflection(left, v, &e[k]);
        d[k] = a[k * n + k];
        if (scale > 0) reflect(left, n, v, scale, a + (k + 1) * n + k + 1, e + k + 1);
        a[k * n + k] = scale;   /* kept for the second half */
    }
    d[n - 1] = a[n * n - 1];
    for (size_t k = n - 1; k-- > 0;) {
        const double *v = a + k * n + k + 1;
        for (size_t i = k + 1; i < n; i++) {
            double by = a[k * n + k] * product(n - k - 1, q + i * n + k + 1, v);
            for (size_t j = 0; j < n - k - 1; j++) q[i * n + k + 1 + j] -= by * v[j];
        }
    }
    e[n - 1] = 0;
}

/* One implicit QL step on rows l .. m. */
static void step(size_t n, size_t l, size_t m, double *d, double *e, double *q) {
    double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1), s = 1, c = 1, p = 0;
    g = d[m] - d[l] + e[l] / (g + copysign(r, g));
    for (size_t i = m; i-- > l;) {
        double f = s * e[i], b = c * e[i];
        e[i + 1] = r = hypot(f, g);
        if (r == 0) {   /* it fell apart at i + 1 */
            d[i + 1] -= p;
            e[m] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        double *low = q + i * n, *high = low + n;
        for (size_t k = 0; k < n; k++) {
            double x = high[k];
            high[k] = s * low[k] + c * x;
            low[k] = c * low[k] - s * x;
        }
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0;
}

static void put_in_order(size_t n, double *d, double *q) {
    for (size_t i = 0; i < n; i++) {
        size_t largest = i;
        for (size_t j = i + 1; j < n; j++) largest = d[j] > d[largest] ? j : largest;
        if (largest == i) continue;
        double value = d[i];
        d[i] = d[largest];
        d[largest] = value;
        for (size_t k = 0; k < n; k++) {
            double x = q[i * n + k];
            q[i * n + k] = q[largest * n + k];
            q[largest * n + k] = x;
        }
    }
}

void num_eigen(size_t n, double *a, double *values, double *vectors, double *work) {
    double *e = work;
    if (n == 0) return;
    make_tridiagonal(n, a, values, e, vectors);
    for (size_t l = 0; l < n; l++)
        for (int tries = 0; tries < MAX_STEPS; tries++) {
            size_t m = l;
            while (m + 1 < n && fabs(e[m]) > DBL_EPSILON * (fabs(values[m]) + fabs(values[m + 1]))) m++;
            if (m == l) break;
            step(n, l, m, values, e, vectors);
        }
    put_in_order(n, values, vectors);
}
