/* affinity.c - from distances to likeness: exp(-distance / bandwidth).
 *
 * The bandwidth says which distance still counts as near. One number for all frames is their median distance to the
 * k-th neighbour; one of each pair, from what is near for either, tells the parts of a sound apart whose frames lie at
 * different density (Zelnik-Manor and Perona, "Self-tuning spectral clustering", NIPS 2004; Wang et al., "Similarity
 * network fusion", Nature Methods 11, 2014).
 * librosa.segment.recurrence_matrix, mode affinity */
#include "feat/recurrence.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What is near for frame i: the distance to its k-th neighbour, or the mean of those to the first k. NaN without any.
 * sorted [room] is scratch. */
static double reach(const feat_links *l, size_t i, size_t k, bool average, double *sorted) {
    size_t n = l->count[i];
    double sum = 0;
    if (n == 0) return NAN;
    memcpy(sorted, l->value + i * l->room, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    n = BASE_MIN(n, k);
    if (!average) return sorted[n - 1];
    for (size_t m = 0; m < n; m++) sum += sorted[m];
    return sum / (double)n;
}

/* The median of those that are numbers, which are moved to the front; NaN if there are none. */
static double median_of(double *x, size_t n) {
    size_t some = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) x[some++] = x[i];
    return some ? feat_median(x, some) : NAN;
}

static double bandwidth_of(sori_bandwidth how, double a, double b, double distance) {
    switch (how) {
    case SORI_BANDWIDTH_GMEAN_K:
    case SORI_BANDWIDTH_GMEAN_K_AVG: return sqrt(a * b);
    case SORI_BANDWIDTH_MEAN_K_AVG_AND_PAIR: return (a + b + distance) / 3;
    default: return (a + b) / 2;
    }
}

static bool check_reach(sori_ctx *c, const char *who, const double *near, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isnan(near[i])) {
            sori_fail(c, SORI_EINVAL, "%s: frame %zu has no neighbours, which its bandwidth needs", who, i);
            return false;
        }
    return true;
}

/* near [rows]: what is near for each frame. */
static bool apply(sori_ctx *c, const char *who, const sori_recurrence_config *g, feat_links *l, double *near) {
    bool one = g->bandwidth == SORI_BANDWIDTH_MED_K_SCALAR || g->bandwidth_value > 0;
    double scalar = g->bandwidth_value > 0 ? g->bandwidth_value : one ? median_of(near, l->rows) : 0;
    if (isnan(scalar)) sori_fail(c, SORI_EINVAL, "%s: no frame has neighbours, which the bandwidth needs", who);
    if (base_failed(c) || (!one && !check_reach(c, who, near, l->rows))) return false;
    for (size_t i = 0; i < l->rows; i++)
        for (size_t m = 0; m < l->count[i]; m++) {
            double *d = l->value + i * l->room + m;
            const double other = one ? 0 : near[l->index[i * l->room + m]];
            *d = exp(-*d / (one ? scalar : bandwidth_of(g->bandwidth, near[i], other, *d)));
        }
    return true;
}

bool feat_affinity(sori_ctx *c, const char *who, const sori_recurrence_config *g, size_t k, feat_links *l) {
    double *near = base_alloc(c, l->rows, sizeof *near), *sorted = base_alloc(c, l->room, sizeof *sorted);
    bool average = g->bandwidth >= SORI_BANDWIDTH_MEAN_K_AVG, ok = near && sorted;
    for (size_t i = 0; ok && i < l->rows; i++) near[i] = reach(l, i, k, average, sorted);
    ok = ok && apply(c, who, g, l, near);
    base_free(c, sorted);
    base_free(c, near);
    return ok;
}
