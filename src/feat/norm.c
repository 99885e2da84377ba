/* norm.c - lengths of vectors by any norm: what librosa.util.normalize divides by. */
#include "feat/feat.h"
#include <float.h>
#include <math.h>

bool feat_take_norm(sori_ctx *c, const char *who, sori_opt norm, double usual, double *out) {
    *out = feat_option(norm, usual, NAN);
    if (norm.mode != 1 || norm.value >= 0 || norm.value == -INFINITY) return true;
    sori_fail(c, SORI_EINVAL, "%s: norm %g is neither 0, positive nor an infinity", who, norm.value);
    return false;
}

/* Not fmax and fmin, which would have to mind NaN. */
static double larger(double a, double b) { return b > a ? b : a; }
static double smaller(double a, double b) { return b < a ? b : a; }

/* Add a row to what the norms of n lines are made of; what is made of nothing; the norm itself. */
static void add_row(double p, size_t n, const float *x, double *sum) {
    if (p == INFINITY)
        for (size_t i = 0; i < n; i++) sum[i] = larger(sum[i], fabs((double)x[i]));
    else if (p == -INFINITY)
        for (size_t i = 0; i < n; i++) sum[i] = smaller(sum[i], fabs((double)x[i]));
    else if (p == 0)
        for (size_t i = 0; i < n; i++) sum[i] += x[i] != 0;
    else if (p == 1)
        for (size_t i = 0; i < n; i++) sum[i] += fabs((double)x[i]);
    else if (p == 2)
        for (size_t i = 0; i < n; i++) sum[i] += (double)x[i] * (double)x[i];
    else
        for (size_t i = 0; i < n; i++) sum[i] += pow(fabs((double)x[i]), p);
}

static double empty(double p) { return p == -INFINITY ? INFINITY : 0; }

static double root(double p, double sum) {
    if (p <= 0 || p == 1 || p == INFINITY) return sum;
    return p == 2 ? sqrt(sum) : pow(sum, 1 / p);
}

void feat_norms(double p, size_t rows, size_t stride, size_t n, const float *x, double *length) {
    for (size_t i = 0; i < n; i++) length[i] = empty(p);
    for (size_t r = 0; r < rows; r++) add_row(p, n, x + r * stride, length);
    for (size_t i = 0; i < n; i++) length[i] = root(p, length[i]);
}

/* 16 partial norms, so that no sum waits for the last. */
double feat_norm_line(double p, size_t n, const float *x) {
    double part[16], total = empty(p);
    size_t i = 0;
    for (int k = 0; k < 16; k++) part[k] = total;
    for (; i + 16 <= n; i += 16) add_row(p, 16, x + i, part);
    add_row(p, n - i, x + i, part);
    for (int k = 0; k < 16; k++)
        total = p == INFINITY ? larger(total, part[k]) : p == -INFINITY ? smaller(total, part[k]) : total + part[k];
    return root(p, total);
}

double feat_norm(double p, size_t n, const double *m, double tiny) {
    double sum = empty(p);
    if (isnan(p)) return 1;
    for (size_t i = 0; i < n; i++)
        if (p == INFINITY) sum = larger(sum, m[i]);
        else if (p == -INFINITY) sum = smaller(sum, m[i]);
        else sum += p == 0 ? m[i] > 0 : p == 1 ? m[i] : p == 2 ? m[i] * m[i] : pow(m[i], p);
    double length = root(p, sum);
    return length < tiny ? 1 : length;
}

#define RUN 64   /* neighbouring columns that are done at once */

void feat_normalize_columns(double p, size_t rows, size_t stride, size_t n, float *x) {
    double length[RUN];
    for (size_t first = 0; first < n && !isnan(p); first += RUN) {
        size_t taken = BASE_MIN(n - first, RUN);
        feat_norms(p, rows, stride, taken, x + first, length);
        for (size_t m = 0; m < taken; m++) length[m] = length[m] < (double)FLT_MIN ? 1 : 1 / length[m];
        for (size_t r = 0; r < rows; r++)
            for (size_t m = 0; m < taken; m++)
                x[r * stride + first + m] = (float)((double)x[r * stride + first + m] * length[m]);
    }
}
