/* pyin_path.c - Viterbi decoding of voiced and unvoiced pitch bins, exactly, without visiting every transition.
 *
 * The model has 2 * bins states; librosa's transition matrix is the Kronecker product of a 2 x 2 matrix (stay, switch)
 * and of a band (a triangle of `width` bins, each row of sum 1). As a full matrix it takes 1.4 million sums a frame
 * with 601 bins. Here:
 *   - Voiced and unvoiced sources share the band: its best source is found once for each half, then stay and switch
 *     are added. The unvoiced half is a max-plus convolution in vectors of targets (num_kernels.max_plus).
 *   - A voiced state in which nothing was seen costs log of the smallest double, -708. From those some ten candidates
 *     a frame are left to look at, unless the best way into any state is as bad as that: then, as the check shows, the
 *     whole voiced half is convolved too.
 *   - Transitions of probability 0 cost -708 as well in librosa, which adds the smallest double before it takes
 *     logarithms. The best of those comes from the best state of all, so that one is compared everywhere.
 * Equal sums go to the lower state, as numpy.argmax does. What differs from the full matrix is rounding: log(a) +
 * log(b) for log(a b). Paths of equal probability, which the unvoiced states are full of, may so be chosen differently.
 *
 * Viterbi, "Error bounds for convolutional codes", IEEE Trans. Information Theory 13, 1967. */
#include "feat/pyin.h"
#include <float.h>
#include <math.h>

#define LOG_TINY -708.39641853226408    /* log of DBL_MIN */

/* --- the model ---------------------------------------------------------------------------------------------- */

/* Where a window of `width` lies around a state, as librosa's transition_local puts it: even ones are off centre. */
static ptrdiff_t first_offset(size_t bins, size_t width) {
    if (width > bins) return -(ptrdiff_t)(width / 2);
    return (ptrdiff_t)((bins - width) / 2 + bins / 2 + 1) - (ptrdiff_t)bins;
}

/* scipy.signal.windows.triang */
static double triangle(size_t i, size_t width) {
    double n = (double)BASE_MIN(i, width - 1 - i);
    return width % 2 ? 2 * (n + 1) / (double)(width + 1) : (2 * n + 1) / (double)width;
}

bool feat_voicing_open(sori_ctx *c, feat_voicing *v, size_t bins, size_t width, double switch_prob) {
    ptrdiff_t first = first_offset(bins, width);
    *v = (feat_voicing){ .k = num_kernels_find(NULL, true), .bins = bins, .padded = (bins + 63) / 64 * 64,
                         .low = first, .high = first + (ptrdiff_t)width - 1 };
    v->log_switch = switch_prob > 0 ? log(switch_prob) : -INFINITY;
    v->log_stay = switch_prob < 1 ? log(1 - switch_prob) : -INFINITY;
    v->weight = base_alloc_raw(c, width, sizeof *v->weight);
    v->norm = base_alloc_raw(c, bins, sizeof *v->norm);
    if (!v->weight || !v->norm) return false;
    for (size_t q = 0; q < width; q++) v->weight[q] = log(triangle(width - 1 - q, width));
    for (size_t i = 0; i < bins; i++) {
        double sum = 0;
        for (size_t q = 0; q < width; q++) {
            ptrdiff_t to = (ptrdiff_t)i + first + (ptrdiff_t)q;
            if (to >= 0 && to < (ptrdiff_t)bins) sum += triangle(q, width);
        }
        v->norm[i] = -log(sum);
    }
    return true;
}

void feat_voicing_close(sori_ctx *c, feat_voicing *v) {
    base_free(c, v->weight);
    base_free(c, v->norm);
    *v = (feat_voicing){ 0 };
}

/* --- memory ------------------------------------------------------------------------------------------------- */

/* The sources of a convolution: bins values between -infinities. */
static size_t source_size(const feat_voicing *v) { return v->padded + (size_t)(v->high - v->low) + 64; }

typedef struct decoder {
    const feat_voicing *v;
    double *voiced, *unvoiced;           /* [padded] log probability of the best path to each state */
    double *next_voiced, *next_unvoiced; /* [padded] the same one frame later */
    double *best_voiced, *best_unvoiced; /* [padded] of the best step from either half, less stay or switch */
    double *aside;                       /* [padded] the candidates of the frame, while the others are looked at */
    double *source;                      /* [source_size] */
    uint16_t *from_voiced, *from_unvoiced;   /* [padded] bins where those steps come from */
    uint16_t *from;                      /* [frames][2 * bins] states */
    double most, dead;                   /* the best of all states; of voiced ones without a candidate */
    size_t most_at;
} decoder;

size_t feat_voicing_memory(const feat_voicing *v, size_t frames) {
    size_t fixed = (7 * v->padded + source_size(v)) * sizeof(double) + 2 * v->padded * sizeof(uint16_t), pointers, all;
    if (base_mul_overflows(frames, 2 * v->bins * sizeof(uint16_t), &pointers)) return SIZE_MAX;
    return base_add_overflows(fixed + BASE_ALIGN, pointers, &all) ? SIZE_MAX : all / BASE_ALIGN * BASE_ALIGN;
}

static decoder place(const feat_voicing *v, char *memory) {
    double *d = (double *)memory;
    decoder x = { .v = v, .voiced = d, .unvoiced = d + v->padded, .best_voiced = d + 2 * v->padded,
                  .best_unvoiced = d + 3 * v->padded, .next_voiced = d + 4 * v->padded,
                  .next_unvoiced = d + 5 * v->padded, .aside = d + 6 * v->padded,
                  .source = d + 7 * v->padded };
    x.from_voiced = (uint16_t *)(x.source + source_size(v));
    x.from_unvoiced = x.from_voiced + v->padded;
    x.from = x.from_unvoiced + v->padded;
    for (size_t i = 0; i < source_size(v); i++) x.source[i] = -INFINITY;
    for (size_t i = v->bins; i < v->padded; i++)   /* the states there are not */
        x.voiced[i] = x.unvoiced[i] = x.next_voiced[i] = x.next_unvoiced[i] = -INFINITY;
    return x;
}

/* --- one step ----------------------------------------------------------------------------------------------- */

/* Best source of each target in one half: all bins. */
static void convolve(decoder *x, const double *value, double *best, uint16_t *from) {
    const feat_voicing *v = x->v;
    double *middle = x->source + v->high;   /* high >= 0 */
    for (size_t i = 0; i < v->bins; i++) middle[i] = value[i] + v->norm[i];
    v->k->max_plus(v->padded, (size_t)(v->high - v->low) + 1, x->source, v->weight, best, from);
    for (size_t j = 0; j < v->bins; j++) from[j] = (uint16_t)((ptrdiff_t)(j + from[j]) - v->high);
}

/* The same of the voiced half, from the few bins with a candidate. */
static void scatter(decoder *x, const feat_candidate *candidates, size_t n) {
    const feat_voicing *v = x->v;
    for (size_t j = 0; j < v->bins; j++) x->best_voiced[j] = -INFINITY;
    for (size_t k = 0; k < n; k++) {
        size_t i = candidates[k].bin;
        double value = x->voiced[i] + v->norm[i];
        ptrdiff_t low = BASE_MAX((ptrdiff_t)i + v->low, 0);
        ptrdiff_t high = BASE_MIN((ptrdiff_t)i + v->high, (ptrdiff_t)v->bins - 1);
        const double *weight = v->weight + (v->high - (low - (ptrdiff_t)i));   /* falls as the target rises */
        for (ptrdiff_t j = low; j <= high; j++, weight--) {
            double sum = value + *weight;
            if (!(sum > x->best_voiced[j])) continue;
            x->best_voiced[j] = sum;
            x->from_voiced[j] = (uint16_t)i;
        }
    }
}

/* The best way into bin j, given the cost of coming from either half; the lower state if equal. */
static inline double arrive(const decoder *x, size_t j, double from_voiced, double from_unvoiced, double jump,
                            uint16_t *from) {
    double v = x->best_voiced[j] + from_voiced, u = x->best_unvoiced[j] + from_unvoiced, best = v >= u ? v : u;
    size_t at = v >= u ? x->from_voiced[j] : x->v->bins + x->from_unvoiced[j];
    if (jump > best || (jump == best && x->most_at < at)) {
        best = jump;
        at = x->most_at;
    }
    *from = (uint16_t)at;
    return best;
}

/* Best ways into all states, still without what is seen there. Returns the worst of them. */
static double arrive_all(const decoder *x, uint16_t *from) {
    const feat_voicing *v = x->v;
    double jump = x->most + LOG_TINY, worst = INFINITY;
    for (size_t j = 0; j < v->bins; j++) {
        double a = arrive(x, j, v->log_stay, v->log_switch, jump, &from[j]);
        double b = arrive(x, j, v->log_switch, v->log_stay, jump, &from[v->bins + j]);
        x->next_voiced[j] = a;
        x->next_unvoiced[j] = b;
        worst = a < worst ? a : worst;
        worst = b < worst ? b : worst;
    }
    return worst;
}

/* The largest of n values, a multiple of 64: 16 maxima side by side. */
static double largest(const double *value, size_t n) {
    double most[16];
    for (size_t m = 0; m < 16; m++) most[m] = -INFINITY;
    for (size_t j = 0; j < n; j += 16)
        for (size_t m = 0; m < 16; m++) most[m] = value[j + m] > most[m] ? value[j + m] : most[m];
    for (size_t m = 1; m < 16; m++) most[0] = most[m] > most[0] ? most[m] : most[0];
    return most[0];
}

/* The first of the largest values, if it is larger than the one so far. */
static void take_most(decoder *x, const double *value, size_t first) {
    double most = largest(value, x->v->padded);
    if (!(most > x->most)) return;
    x->most = most;
    for (x->most_at = first; value[x->most_at - first] != most;) x->most_at++;
}

/* Add what is seen in frame t, and find the best states: of the dead ones while the candidates stand aside. */
static void observe(decoder *x, const feat_observations *o, size_t t) {
    const feat_candidate *candidates = o->candidates[t];
    size_t n = o->count[t];
    for (size_t k = 0; k < n; k++) {
        x->aside[k] = x->voiced[candidates[k].bin] + candidates[k].log_prob;
        x->voiced[candidates[k].bin] = -INFINITY;
    }
    for (size_t j = 0; j < x->v->padded; j++) {
        x->voiced[j] += LOG_TINY;
        x->unvoiced[j] += o->unvoiced[t];
    }
    x->dead = largest(x->voiced, x->v->padded);
    for (size_t k = 0; k < n; k++) x->voiced[candidates[k].bin] = x->aside[k];
    x->most = -INFINITY;
    take_most(x, x->voiced, 0);
    take_most(x, x->unvoiced, x->v->bins);
}

static void swap(double **a, double **b) {
    double *kept = *a;
    *a = *b;
    *b = kept;
}

/* From frame t - 1 to frame t. No transition gains, so a source that is worse than the worst arrival was not missed. */
static void step(decoder *x, const feat_observations *o, size_t t) {
    uint16_t *from = x->from + t * 2 * x->v->bins;
    convolve(x, x->unvoiced, x->best_unvoiced, x->from_unvoiced);
    scatter(x, o->candidates[t - 1], o->count[t - 1]);
    if (arrive_all(x, from) <= x->dead) {
        convolve(x, x->voiced, x->best_voiced, x->from_voiced);
        arrive_all(x, from);
    }
    swap(&x->voiced, &x->next_voiced);
    swap(&x->unvoiced, &x->next_unvoiced);
    observe(x, o, t);
}

void feat_voicing_decode(const feat_voicing *v, const feat_observations *o, char *memory, uint16_t *states) {
    decoder x = place(v, memory);
    if (o->frames == 0) return;
    for (size_t j = 0; j < v->bins; j++) x.voiced[j] = x.unvoiced[j] = -log(2 * (double)v->bins);
    observe(&x, o, 0);
    for (size_t t = 1; t < o->frames; t++) step(&x, o, t);
    states[o->frames - 1] = (uint16_t)x.most_at;
    for (size_t t = o->frames - 1; t > 0; t--) states[t - 1] = x.from[t * 2 * v->bins + states[t]];
}
