/* norm.c - vectors to length one, by any norm.   librosa.util.normalize, along the bins of a frame */
#include "feat/cqt.h"
#include <float.h>
#include <math.h>

bool feat_take_norm(sori_ctx *c, const char *who, sori_opt norm, double usual, double *out) {
    *out = norm.mode == 1 ? norm.value : norm.mode == 2 ? NAN : usual;
    if (norm.mode != 1 || norm.value >= 0 || norm.value == -INFINITY) return true;
    sori_fail(c, SORI_EINVAL, "%s: norm %g is neither 0, positive nor an infinity", who, norm.value);
    return false;
}

static double raised(double norm, double m) { return norm == 1 ? m : norm == 2 ? m * m : pow(m, norm); }
static double root(double norm, double sum) { return norm == 1 ? sum : norm == 2 ? sqrt(sum) : pow(sum, 1 / norm); }

double feat_norm(double norm, size_t n, const double *m, double tiny) {
    double length = norm == -INFINITY ? INFINITY : 0;
    if (isnan(norm)) return 1;
    if (norm == INFINITY)
        for (size_t i = 0; i < n; i++) length = fmax(length, m[i]);
    else if (norm == -INFINITY)
        for (size_t i = 0; i < n; i++) length = fmin(length, m[i]);
    else if (norm == 0)
        for (size_t i = 0; i < n; i++) length += m[i] > 0;
    else {
        for (size_t i = 0; i < n; i++) length += raised(norm, m[i]);
        length = root(norm, length);
    }
    return length < tiny ? 1 : length;
}

/* --- columns of an array -------------------------------------------------------------------------------------- */

#define RUN 64   /* neighbouring frames that are done at once */

/* Lengths of n <= RUN neighbouring columns, row by row, as the values lie. */
static void lengths_of(double norm, size_t rows, size_t stride, size_t n, const float *x, double *length) {
    for (size_t m = 0; m < n; m++) length[m] = norm == -INFINITY ? INFINITY : 0;
    for (size_t r = 0; r < rows; r++, x += stride)
        for (size_t m = 0; m < n; m++) {
            double v = fabs((double)x[m]);
            if (norm == INFINITY) length[m] = length[m] > v ? length[m] : v;
            else if (norm == -INFINITY) length[m] = length[m] < v ? length[m] : v;
            else if (norm == 0) length[m] += v > 0;
            else length[m] += raised(norm, v);
        }
    for (size_t m = 0; m < n; m++) {
        if (isfinite(norm) && norm != 0) length[m] = root(norm, length[m]);
        if (length[m] < (double)FLT_MIN) length[m] = 1;
    }
}

void feat_normalize_columns(double norm, size_t rows, size_t stride, size_t n, float *x) {
    double length[RUN];
    for (size_t first = 0; first < n && !isnan(norm); first += RUN) {
        size_t taken = BASE_MIN(n - first, RUN);
        lengths_of(norm, rows, stride, taken, x + first, length);
        for (size_t r = 0; r < rows; r++)
            for (size_t m = 0; m < taken; m++)
                x[r * stride + first + m] = (float)((double)x[r * stride + first + m] / length[m]);
    }
}

typedef struct normalizer {
    double norm;
    size_t rows, frames, runs;
    float *x;
} normalizer;

static void normalize_run(void *arg, size_t i) {
    const normalizer *z = arg;
    size_t first = i % z->runs * RUN;
    float *x = z->x + i / z->runs * z->rows * z->frames + first;
    feat_normalize_columns(z->norm, z->rows, z->frames, BASE_MIN(z->frames - first, RUN), x);
}

void feat_normalize(sori_ctx *c, double norm, size_t channels, size_t rows, size_t frames, float *x) {
    normalizer z = { .norm = norm, .rows = rows, .frames = frames, .runs = (frames + RUN - 1) / RUN, .x = x };
    if (!isnan(norm)) base_parallel(c, z.runs * channels, normalize_run, &z);
}
