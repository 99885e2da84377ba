/* tuning.c - how far the pitches of a piece lie beside the scale whose A is 440 Hz.
 *
 * A pitch f lies log2(f / 27.5) octaves above the lowest A, bins_per_octave times that in bins; what is left of the
 * nearest bin is its deviation, -0.5 .. 0.5. The most frequent one is the tuning: deviations are counted in cells of
 * `resolution`, and the fullest cell's lower edge is the answer (the first of several, as numpy.argmax).
 *
 * librosa computes deviations in the pitches' own precision, float for those of piptrack, and compares with edges in
 * double; so does this. The louder half of the peaks decides (estimate_tuning): magnitudes above zero sort as their
 * bits do, so their median takes two counts of 65536 cells, and no sorting.   librosa.pitch_tuning, estimate_tuning */
#include "feat/piptrack.h"
#include <math.h>
#include <string.h>

#define HALF_BITS 65536
#define SHARDS 16
#define MANY_CELLS 16384   /* above, one shard: counts of its own for each would take more memory than time is worth */

typedef struct histogram {
    size_t cells;
    double *edge;            /* [cells + 1] */
    size_t *count;           /* [cells] */
    size_t used;             /* pitches counted */
    double bins_per_octave;
} histogram;

/* --- counting ----------------------------------------------------------------------------------------------- */

static bool histogram_open(sori_ctx *c, histogram *h, const char *who, const sori_tuning_config *g) {
    double resolution = g->resolution != 0 ? g->resolution : 0.01;
    int bins = g->bins_per_octave ? g->bins_per_octave : 12;
    *h = (histogram){ .bins_per_octave = bins };
    if (base_failed(c)) return false;
    if (!(resolution >= 1e-7 && resolution <= 1))
        sori_fail(c, SORI_EINVAL, "%s: resolution %g is not within 1e-7 .. 1", who, resolution);
    else if (bins < 1) sori_fail(c, SORI_EINVAL, "%s: bins_per_octave %d is below 1", who, bins);
    if (base_failed(c)) return false;
    h->cells = (size_t)ceil(1 / resolution);
    h->edge = base_alloc_raw(c, h->cells + 1, sizeof *h->edge);
    h->count = base_alloc(c, h->cells, sizeof *h->count);
    if (!h->edge || !h->count) return false;
    double step = 1 / (double)h->cells;
    for (size_t i = 0; i < h->cells; i++) h->edge[i] = (double)i * step - 0.5;   /* numpy.linspace(-0.5, 0.5) */
    h->edge[h->cells] = 0.5;
    return true;
}

static void histogram_close(sori_ctx *c, histogram *h) {
    base_free(c, h->edge);
    base_free(c, h->count);
}

/* One deviation: the last cell includes its upper edge. */
static void count_one(histogram *h, double deviation) {
    size_t i = (size_t)fmin(fmax((deviation + 0.5) * (double)h->cells, 0), (double)(h->cells - 1));
    while (i > 0 && deviation < h->edge[i]) i--;
    while (i + 1 < h->cells && deviation >= h->edge[i + 1]) i++;
    h->count[i]++;
    h->used++;
}

/* Only what is above 0 counts, and is finite. A deviation of half a bin and more is one of the next bin. */
static void count_float(histogram *h, float hz) {
    if (!(hz > 0 && isfinite(hz))) return;
    float bins = (float)h->bins_per_octave * (float)log2((double)(hz / 27.5f)), rest = bins - floorf(bins);
    count_one(h, (double)(rest >= 0.5f ? rest - 1 : rest));
}

static void count_double(histogram *h, double hz) {
    if (!(hz > 0 && isfinite(hz))) return;
    double bins = h->bins_per_octave * log2(hz / 27.5), rest = bins - floor(bins);
    count_one(h, rest >= 0.5 ? rest - 1 : rest);
}

static double fullest(sori_ctx *c, const histogram *h, const char *who) {
    size_t best = 0;
    for (size_t i = 1; i < h->cells; i++)
        if (h->count[i] > h->count[best]) best = i;
    if (h->used) return h->edge[best];
    base_warn(c, "%s: there are no pitches to estimate a tuning from", who);
    return 0;
}

double sori_pitch_tuning(sori_ctx *c, const sori_array *frequencies, const sori_tuning_config *config) {
    static const sori_tuning_config defaults;
    histogram h;
    double tuning = 0;
    bool real = array_is_real(frequencies);
    if (!base_failed(c) && !real) sori_fail(c, SORI_EINVAL, "pitch_tuning: frequencies must be float32 or float64");
    bool ok = histogram_open(c, &h, "pitch_tuning", config ? config : &defaults);
    for (size_t i = 0; ok && i < frequencies->size; i++) {
        if (frequencies->dtype == SORI_F32) count_float(&h, ((const float *)frequencies->data)[i]);
        else count_double(&h, ((const double *)frequencies->data)[i]);
    }
    if (ok) tuning = fullest(c, &h, "pitch_tuning");
    histogram_close(c, &h);
    return tuning;
}

/* --- the louder half of the peaks --------------------------------------------------------------------------- */

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The cell of `cells` in which element `*rank` (from 0) lies; *rank is then its place in that cell. */
static uint32_t find_cell(const size_t *cells, size_t *rank) {
    uint32_t i = 0;
    for (; *rank >= cells[i]; i++) *rank -= cells[i];
    return i;
}

/* The magnitude of that rank: its upper 16 bits, and then, among those that share them, the lower. */
static float ranked(const feat_peaks *p, size_t rank, size_t *cells) {
    uint32_t upper = 0;
    for (int pass = 0; pass < 2; pass++) {
        memset(cells, 0, HALF_BITS * sizeof *cells);
        for (size_t i = 0; i < p->n; i++) {
            uint32_t bits = bits_of(p->magnitude[i]);
            if (pass == 0) cells[bits >> 16]++;
            else if (bits >> 16 == upper) cells[bits & 0xffff]++;
        }
        if (pass == 0) upper = find_cell(cells, &rank);
    }
    uint32_t bits = upper << 16 | find_cell(cells, &rank);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The magnitude of rank n / 2 - 1, given that of n / 2: the same, or the largest below it if half are below. */
static float one_below(const feat_peaks *p, float above) {
    size_t less = 0;
    float most = 0;
    for (size_t i = 0; i < p->n; i++) {
        float x = p->magnitude[i];
        less += x < above;
        most = x < above && x > most ? x : most;
    }
    return less == p->n / 2 ? most : above;
}

/* numpy.median of all peaks' magnitudes. */
static float median(const feat_peaks *p, size_t *cells) {
    if (p->n == 0) return 0;
    float above = ranked(p, p->n / 2, cells);
    return p->n % 2 ? above : (one_below(p, above) + above) / 2;
}

typedef struct counting {
    histogram *parts;        /* [shards] with counts of their own */
    size_t shards;
    const feat_peaks *peaks;
    float threshold;
} counting;

static void count_shard(void *arg, size_t s) {
    const counting *j = arg;
    const feat_peaks *p = j->peaks;
    for (size_t i = p->n * s / j->shards; i < p->n * (s + 1) / j->shards; i++)
        if (p->magnitude[i] >= j->threshold) count_float(&j->parts[s], p->hz[i]);
}

/* Counts are whole numbers, so neither the peaks' order nor the shards are seen in their sums. */
static bool count_loud(sori_ctx *c, histogram *h, const feat_peaks *p, float threshold) {
    histogram parts[SHARDS];
    counting j = { parts, h->cells > MANY_CELLS ? 1 : SHARDS, p, threshold };
    size_t *counts = base_alloc(c, j.shards * h->cells, sizeof *counts);
    for (size_t s = 0; s < j.shards; s++) {
        parts[s] = *h;
        parts[s].count = counts + s * h->cells;
    }
    if (counts) base_parallel(c, j.shards, count_shard, &j);
    for (size_t s = 0; counts && s < j.shards; s++) {
        h->used += parts[s].used;
        for (size_t i = 0; i < h->cells; i++) h->count[i] += parts[s].count[i];
    }
    base_free(c, counts);
    return counts != NULL;
}

double feat_estimate_tuning(sori_ctx *c, const char *who, sori_audio y, const sori_tuning_config *config,
                            double power) {
    histogram h;
    feat_peaks p;
    double tuning = 0;
    size_t *cells = base_alloc_raw(c, HALF_BITS, sizeof *cells);
    bool ok = histogram_open(c, &h, who, config);
    ok = feat_peaks_open(c, &p, who, y, &config->piptrack, power) && ok && cells;
    ok = ok && count_loud(c, &h, &p, median(&p, cells));
    if (ok) tuning = fullest(c, &h, who);
    feat_peaks_close(c, &p);
    histogram_close(c, &h);
    base_free(c, cells);
    return tuning;
}

double sori_estimate_tuning(sori_ctx *c, sori_audio y, const sori_tuning_config *config) {
    static const sori_tuning_config defaults;
    return feat_estimate_tuning(c, "estimate_tuning", y, config ? config : &defaults, 1);
}
