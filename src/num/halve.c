/* halve.c - sound at half or twice its sampling rate, as soxr's quality "hq" does it.
 *
 * The low pass is the one soxr designs for 2:1 and 1:2: a sinc of cutoff 0.4784 of the higher rate's Nyquist frequency
 * under a Kaiser window (Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974) of beta
 * 13.04 that reaches 194.5 samples to either side: flat to 0.913 of the lower Nyquist frequency, 120 dB down from it
 * on. Fitted to soxr's response to impulses, which it meets to 4e-8, the rounding of soxr's own float arithmetic.
 *
 * Overlap-save: blocks of HIGH samples of the higher rate, LOW of the lower, 16 side by side, are transformed, folded
 * and transformed back at the other length; EDGE samples at either end, which the circular filter spoils, are left
 * out. */
#include "num/num.h"
#include <math.h>
#include <string.h>

#define LOW 1024
#define HIGH (2 * LOW)
#define EDGE 196                   /* of the higher rate; even, and at least the filter's 194 samples */
#define KEPT (HIGH - 2 * EDGE)     /* samples of the higher rate a block gives */
#define CUTOFF 0.47843591
#define REACH 194
#define WINDOW "kaiser(13.04003692)"

struct num_halve {
    const num_kernels *k;
    bool up;
    size_t from, to;               /* points of the transforms forward and back */
    num_fft *forward, *back;
    void *ones;                    /* [from] window: the transform's own factor */
    void *gain;                    /* [LOW + 1] the low pass */
    uint32_t *offset;              /* [from] rows of the layout */
};

/* --- the filter --------------------------------------------------------------------------------------------- */

/* taps [REACH + 1]: the middle one and those to its right. The window is sampled at every second of its points, so that
 * its ends fall between samples. */
static bool make_taps(double *taps) {
    double window[2 * (2 * REACH + 1) + 1];
    char why[64];
    if (!num_window(WINDOW, BASE_COUNT(window), true, window, why, sizeof why)) return false;
    for (size_t d = 0; d <= REACH; d++) {
        double x = 3.14159265358979323846 * (double)d;
        taps[d] = (d ? sin(CUTOFF * x) / x : CUTOFF) * window[2 * REACH + 1 + 2 * d];
    }
    return true;
}

/* The transform of the symmetric taps: real. cos is taken once for each of the HIGH points of the circle. */
static void make_gain(num_halve *h, double scale, const double *taps, double *circle) {
    for (size_t i = 0; i < HIGH; i++) circle[i] = cos(6.28318530717958647692 * (double)i / HIGH);
    for (size_t k = 0; k <= LOW; k++) {
        double sum = taps[0];
        for (size_t d = 1; d <= REACH; d++) sum += 2 * taps[d] * circle[k * d % HIGH];
        sum *= scale / (h->up ? LOW : HIGH);   /* back / HIGH; half of it for every second sample, or twice for zeros */
        if (h->k->real_size == sizeof(double)) ((double *)h->gain)[k] = sum;
        else ((float *)h->gain)[k] = (float)sum;
    }
}

static bool make(sori_ctx *c, num_halve *h, double scale) {
    double taps[REACH + 1], *circle = base_alloc_raw(c, HIGH, sizeof *circle);
    h->forward = num_fft_new(c, h->k, h->from, true);
    h->back = num_fft_new(c, h->k, h->to, true);
    h->ones = base_alloc_raw(c, h->from, h->k->real_size);
    h->gain = base_alloc_raw(c, LOW + 1, h->k->real_size);
    h->offset = base_alloc_raw(c, h->from, sizeof *h->offset);
    bool ok = circle && h->forward && h->back && h->ones && h->gain && h->offset && make_taps(taps);
    if (ok) make_gain(h, scale, taps, circle);
    for (size_t i = 0; ok && i < h->from; i++) {
        double one = num_fft_window_scale(h->forward);
        h->offset[i] = (uint32_t)(i * NUM_LANES);
        if (h->k->real_size == sizeof(double)) ((double *)h->ones)[i] = one;
        else ((float *)h->ones)[i] = (float)one;
    }
    base_free(c, circle);
    return ok;
}

num_halve *num_halve_new(sori_ctx *c, const num_kernels *k, bool up, double scale) {
    num_halve *h = base_alloc(c, 1, sizeof *h);
    if (!h) return NULL;
    *h = (num_halve){ .k = k, .up = up, .from = up ? LOW : HIGH, .to = up ? HIGH : LOW };
    if (make(c, h, scale)) return h;
    num_halve_free(c, h);
    return NULL;
}

void num_halve_free(sori_ctx *c, num_halve *h) {
    if (!h) return;
    num_fft_free(c, h->forward);
    num_fft_free(c, h->back);
    base_free(c, h->ones);
    base_free(c, h->gain);
    base_free(c, h->offset);
    base_free(c, h);
}

/* --- a group of 16 blocks ----------------------------------------------------------------------------------- */

size_t num_halve_group(const num_halve *h) { return NUM_LANES * (size_t)(h->up ? KEPT : KEPT / 2); }

/* Samples and results, side by side and one after the other; the layout of rows; transforms. */
static size_t sound_bytes(void) { return (NUM_LANES * KEPT + 2 * EDGE) * sizeof(float); }

size_t num_halve_scratch(const num_halve *h) {
    size_t rows = NUM_LANES * HIGH * h->k->real_size, spectrum = NUM_ROW * (LOW + 1) * h->k->real_size;
    size_t work = BASE_MAX(num_fft_work(h->forward), num_fft_work(h->back));
    return base_aligned(sound_bytes()) + rows + 2 * spectrum + work;
}

/* `count` samples from `first` on of a sound of n; zeros around it. In place where it can be. */
static const float *samples(const float *x, size_t n, int64_t first, size_t count, float *scratch) {
    int64_t end = first + (int64_t)count, from = BASE_MIN(BASE_MAX(first, 0), end);
    int64_t to = BASE_MAX(BASE_MIN(end, (int64_t)n), from);
    if (from == first && to == end) return x + first;
    memset(scratch, 0, count * sizeof *scratch);
    if (to > from) memcpy(scratch + (from - first), x + from, (size_t)(to - from) * sizeof *x);
    return scratch;
}

/* The transforms of 16 blocks, from rows to rows. */
static void filter(const num_halve *h, void *rows, char *spectrum, void *work) {
    char *other = spectrum + NUM_ROW * (LOW + 1) * h->k->real_size;
    h->k->fft_frames(h->forward, rows, h->offset, h->ones, work);
    h->k->fft_spectrum(h->forward, work, spectrum);
    (h->up ? h->k->unfold : h->k->fold)(LOW, h->gain, spectrum, other);
    h->k->fft_inverse(h->back, other, work, rows);
}

/* Rows [edge, edge + kept) of 16 lanes as sound, lane after lane. */
static void rows_to_sound(const num_halve *h, const void *rows, size_t edge, size_t kept, float *out) {
    const double *d = rows;
    if (h->k->real_size == sizeof(float)) {
        h->k->transpose(NUM_LANES, kept, NUM_LANES, (const float *)rows + edge * NUM_LANES, kept, out);
        return;
    }
    for (size_t i = 0; i < kept; i++)
        for (size_t m = 0; m < NUM_LANES; m++) out[m * kept + i] = (float)d[(edge + i) * NUM_LANES + m];
}

void num_halve_run(const num_halve *h, const float *x, size_t n, int64_t first, size_t count, float *out,
                   void *scratch) {
    size_t in_hop = h->up ? KEPT / 2 : KEPT, kept = h->up ? KEPT : KEPT / 2, edge = h->up ? EDGE : EDGE / 2;
    int64_t start = h->up ? first / 2 - EDGE / 2 : 2 * first - EDGE;
    char *rows = (char *)scratch + base_aligned(sound_bytes());
    char *spectrum = rows + NUM_LANES * HIGH * h->k->real_size;
    void *work = spectrum + 2 * NUM_ROW * (LOW + 1) * h->k->real_size;
    const float *sound = samples(x, n, start, (NUM_LANES - 1) * in_hop + h->from, scratch);
    h->k->transpose(h->from, NUM_LANES, in_hop, sound, NUM_LANES, rows);
    filter(h, rows, spectrum, work);
    bool whole = count == NUM_LANES * kept;
    rows_to_sound(h, rows, edge, kept, whole ? out : scratch);
    if (!whole) memcpy(out, scratch, count * sizeof *out);
}
