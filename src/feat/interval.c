/* interval.c - the frequencies of a musical scale.   librosa.cqt_frequencies, interval_frequencies
 *
 * Equal temperament, Pythagorean fifths, or just intonation grown as a crystal: ratios are points of a lattice with one
 * axis for each prime above 2, octaves left out; the next point is the neighbour of those taken whose harmonic
 * distances to them add up to the least.
 *
 * Tenney, "On 'Crystal growth' in harmonic space (1993-1998)", Contemporary Music Review 27, 2008. */
#include "feat/cqt.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRIMES 3

typedef struct point {
    int power[PRIMES];      /* of 3, 5, 7 */
    double distance;        /* the sum of harmonic distances to the points taken */
} point;

static double log_of(int prime) { return log2((double)(const int[]){ 3, 5, 7 }[prime]); }

/* --- crystal growth ----------------------------------------------------------------------------------------- */

/* log2 of numerator times denominator of the ratio between two points in lowest terms; 6 digits, as librosa. */
static double harmonic_distance(const point *a, const point *b) {
    double sum = 0;
    for (int i = 0; i < PRIMES; i++) {
        int above = BASE_MIN(BASE_MAX(a->power[i], 0), BASE_MAX(b->power[i], 0));
        int below = BASE_MAX(BASE_MAX(-a->power[i], 0), BASE_MAX(-b->power[i], 0));
        sum += log_of(i) * (a->power[i] + b->power[i] - 2 * (above - below));
    }
    return rint(sum * 1e6) / 1e6;
}

static double size_of(const point *a) {
    double sum = 0;
    for (int i = 0; i < PRIMES; i++) sum += log_of(i) * abs(a->power[i]);
    return sum;
}

static bool same_point(const point *a, const point *b) { return memcmp(a->power, b->power, sizeof a->power) == 0; }

static bool listed(const point *list, size_t n, const point *p) {
    for (size_t i = 0; i < n; i++)
        if (same_point(&list[i], p)) return true;
    return false;
}

/* The frontier's point of least distance; of nearly equal ones (numpy.isclose) the smaller. */
static size_t nearest(const point *frontier, size_t n) {
    size_t best = 0;
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double d = frontier[i].distance;
        bool close = isfinite(least) && fabs(d - least) <= 1e-8 + 1e-5 * fabs(least);
        if (d < least || (close && size_of(&frontier[i]) < size_of(&frontier[best]))) {
            least = d;
            best = i;
        }
    }
    return best;
}

/* Neighbours of a point, up before down on every axis, that are not yet known. Returns the frontier's new size. */
static size_t extend(const point *of, int primes, const point *taken, size_t n_taken, point *frontier, size_t n) {
    for (int i = 0; i < 2 * primes; i++) {
        point p = *of;
        p.power[i / 2] += i % 2 ? -1 : 1;
        p.distance = 0;
        if (listed(taken, n_taken, &p) || listed(frontier, n, &p)) continue;
        for (size_t k = 0; k + 1 < n_taken; k++) p.distance += harmonic_distance(&p, &taken[k]);
        frontier[n++] = p;
    }
    return n;
}

/* log2 of n ratios within the octave, in the order they are found. */
static bool grow(sori_ctx *c, int primes, size_t n, double *out) {
    point *taken = base_alloc(c, n * (size_t)(2 * primes + 1) + (size_t)(4 * primes), sizeof *taken);
    if (!taken) return false;
    point *frontier = taken + n;
    size_t edge = extend(&taken[0], primes, taken, 1, frontier, 0);
    for (size_t count = 1; count < n; count++) {
        for (size_t i = 0; i < edge; i++) frontier[i].distance += harmonic_distance(&frontier[i], &taken[count - 1]);
        size_t best = nearest(frontier, edge);
        taken[count] = frontier[best];
        edge--;
        memmove(&frontier[best], &frontier[best + 1], (edge - best) * sizeof *frontier);
        edge = extend(&taken[count], primes, taken, count + 1, frontier, edge);
    }
    for (size_t i = 0; i < n; i++) {
        double sum = 0, whole;
        for (int k = 0; k < PRIMES; k++) sum += taken[i].power[k] * log_of(k);
        out[i] = modf(sum, &whole);
        if (out[i] < 0) out[i] += 1;
    }
    base_free(c, taken);
    return true;
}

/* --- ratios of an octave -------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool take_ratios(sori_ctx *c, const char *who, const sori_array *ratios, double *out) {
    for (size_t i = 0; i < ratios->size; i++) {
        out[i] = array_get(ratios, i);
        if (out[i] > 0 && isfinite(out[i])) continue;
        sori_fail(c, SORI_EINVAL, "%s: interval %zu is %g, not a positive ratio", who, i, out[i]);
        return false;
    }
    return true;
}

static bool find_ratios(sori_ctx *c, const char *who, const char *name, double tuning, size_t n, double *out) {
    double whole;
    if (strcmp(name, "equal") == 0) {
        for (size_t i = 0; i < n; i++) out[i] = exp2((tuning + (double)i) / (double)n);
        return true;
    }
    if (strcmp(name, "pythagorean") == 0)
        for (size_t i = 0; i < n; i++) out[i] = modf((double)i * log_of(0), &whole);
    else if (strncmp(name, "ji", 2) == 0 && (name[2] == '3' || name[2] == '5' || name[2] == '7') && name[3] == 0) {
        if (!grow(c, (name[2] - '1') / 2, n, out)) return false;
    } else {
        sori_fail(c, SORI_EINVAL, "%s: unknown intervals \"%s\" (equal, pythagorean, ji3, ji5, ji7)", who, name);
        return false;
    }
    for (size_t i = 0; i < n; i++) out[i] = exp2(out[i]);
    return true;
}

static bool check_ratios(sori_ctx *c, const char *who, const sori_array *a) {
    if (a->ndim == 1 && a->size > 0 && a->size <= INT32_MAX && array_is_real(a))
        return true;
    sori_fail(c, SORI_EINVAL, "%s: ratios must be one axis of real numbers, at least one", who);
    return false;
}

bool feat_check_scale(sori_ctx *c, const char *who, int n_bins, int bins_per_octave, double fmin) {
    if (n_bins < 1 || n_bins > FEAT_MAX_BINS)
        sori_fail(c, SORI_EINVAL, "%s: n_bins %d is outside 1 to %d", who, n_bins, FEAT_MAX_BINS);
    else if (bins_per_octave < 1 || bins_per_octave > FEAT_MAX_BINS)
        sori_fail(c, SORI_EINVAL, "%s: bins_per_octave %d is outside 1 to %d", who, bins_per_octave, FEAT_MAX_BINS);
    else if (!(fmin > 0) || !isfinite(fmin))
        sori_fail(c, SORI_EINVAL, "%s: fmin %g Hz is not positive", who, fmin);
    return !base_failed(c);
}

double *feat_scale(sori_ctx *c, const char *who, int n_bins, double fmin, const sori_interval_config *g) {
    if (base_failed(c) || (g->ratios && !check_ratios(c, who, g->ratios))) return NULL;
    int octave = g->ratios ? (int)g->ratios->size : g->bins_per_octave ? g->bins_per_octave : 12;
    if (!feat_check_scale(c, who, n_bins, octave, fmin)) return NULL;
    size_t n = (size_t)n_bins, per = (size_t)octave;
    double *hz = base_alloc_raw(c, n, sizeof *hz), *ratio = base_alloc_raw(c, per, sizeof *ratio);
    bool ok = hz && ratio && (g->ratios ? take_ratios(c, who, g->ratios, ratio)
                                        : find_ratios(c, who, g->intervals ? g->intervals : "equal", g->tuning, per,
                                                      ratio));
    if (ok && !g->unsorted && !g->ratios) qsort(ratio, per, sizeof *ratio, by_value);
    for (size_t i = 0; ok && i < n; i++) hz[i] = exp2((double)(i / per)) * ratio[i % per];
    if (ok && !g->unsorted) qsort(hz, n, sizeof *hz, by_value);
    for (size_t i = 0; ok && i < n; i++) hz[i] *= fmin;
    base_free(c, ratio);
    if (ok) return hz;
    base_free(c, hz);
    return NULL;
}

/* --- public ------------------------------------------------------------------------------------------------- */

sori_array *sori_cqt_frequencies(sori_ctx *c, int n_bins, double fmin, int bins_per_octave, double tuning) {
    int per = bins_per_octave ? bins_per_octave : 12;
    if (base_failed(c) || !feat_check_scale(c, "cqt_frequencies", n_bins, per, fmin)) return NULL;
    sori_array *a = array_new_raw(c, SORI_F64, 1, (size_t[]){ (size_t)n_bins });
    for (int i = 0; a && i < n_bins; i++)
        ((double *)a->data)[i] = exp2(tuning / per) * fmin * exp2((double)i / per);
    return a;
}

sori_array *sori_interval_frequencies(sori_ctx *c, int n_bins, double fmin, const sori_interval_config *config) {
    static const sori_interval_config defaults;
    double *hz = feat_scale(c, "interval_frequencies", n_bins, fmin, config ? config : &defaults);
    sori_array *a = hz ? sori_array_from(c, SORI_F64, 1, (size_t[]){ (size_t)n_bins }, hz) : NULL;
    base_free(c, hz);
    return a;
}
