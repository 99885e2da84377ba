/* basis.c - the spectra of wavelets, of which only the few bins that matter are kept.
 *
 * A wavelet is a narrow peak in the spectrum. From the smallest bins up, as many are left out as make `sparsity` of the
 * sum of magnitudes: of 129 bins about 10 remain, and those lie together. The transforms of eight wavelets at a time
 * run in the 16 lanes of real transforms, real and imaginary parts apart. */
#include "feat/cqt.h"
#include <math.h>
#include <string.h>

#define TOGETHER (NUM_LANES / 2)

/* --- which bins to keep ----------------------------------------------------------------------------------------- */

/* The magnitude from which on bins are kept: the first, in ascending order, at which the running share of the sum
 * reaches sparsity. Magnitudes fall into buckets an eighth of an octave wide, and only one bucket need be sorted. */
#define BUCKETS 2048

static uint32_t bucket_of(double magnitude) {
    float f = (float)magnitude;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits >> 20;
}

/* The smallest of m that is at least `from`. */
static double next_above(size_t n, const double *m, double from, bool strictly) {
    double least = INFINITY;
    for (size_t k = 0; k < n; k++)
        if ((strictly ? m[k] > from : m[k] >= from) && m[k] < least) least = m[k];
    return least;
}

static double threshold(size_t n, const double *m, double sparsity) {
    double sums[BUCKETS] = { 0 }, total = 0, below = 0;
    uint32_t bucket = 0;
    for (size_t k = 0; k < n; k++) {
        sums[bucket_of(m[k])] += m[k];
        total += m[k];
    }
    double wanted = sparsity * total;
    if (!(wanted > 0)) return 0;
    while (bucket + 1 < BUCKETS && below + sums[bucket] < wanted) below += sums[bucket++];
    float edge;
    memcpy(&edge, &(uint32_t){ bucket << 20 }, sizeof edge);
    double value = next_above(n, m, nextafterf(edge, 0), true);   /* a double just under the edge rounds up to it */
    for (size_t k = 0; k < n && isfinite(value); k++) {           /* ends long before n */
        for (size_t i = 0; i < n; i++)
            if (m[i] == value) below += value;
        if (below >= wanted) break;
        value = next_above(n, m, value, true);
    }
    return value;
}

/* --- one row ------------------------------------------------------------------------------------------------------ */

/* Keep of a spectrum [bins] pairs what is not below the threshold; returns the number of pairs from the first kept bin
 * to the last, which start at *start. */
static size_t sparsify(size_t bins, double *spectrum, double *magnitude, double sparsity, uint32_t *start) {
    size_t first = bins, last = 0;
    for (size_t k = 0; k < bins; k++) magnitude[k] = hypot(spectrum[2 * k], spectrum[2 * k + 1]);
    double least = threshold(bins, magnitude, sparsity);
    for (size_t k = 0; k < bins; k++) {
        if (magnitude[k] >= least) {
            first = BASE_MIN(first, k);
            last = k;
        } else spectrum[2 * k] = spectrum[2 * k + 1] = 0;
    }
    *start = (uint32_t)BASE_MIN(first, last);
    return last - *start + 1;
}

/* --- all rows --------------------------------------------------------------------------------------------------- */

typedef struct maker {
    const feat_wavelets *w;
    feat_basis *b;
    num_fft *fft;
    uint32_t *offset;      /* [n_fft] */
    double *ones;          /* [n_fft] */
    double *rows;          /* [n_fft][16] wavelets, and then [bins] complex rows of their spectra */
    double *values;        /* [3 * (n_fft + 1)] a window and a wavelet; or a spectrum and its magnitudes */
    void *work;
} maker;

static void free_maker(sori_ctx *c, maker *m) {
    num_fft_free(c, m->fft);
    base_free(c, m->offset);
    base_free(c, m->ones);
    base_free(c, m->rows);
    base_free(c, m->values);
    base_free(c, m->work);
}

static bool open_maker(sori_ctx *c, maker *m) {
    size_t n = m->b->n_fft;
    m->fft = num_fft_new(c, num_kernels_find(NULL, true), n, true);
    m->offset = base_alloc_raw(c, n, sizeof *m->offset);
    m->ones = base_alloc_raw(c, n, sizeof *m->ones);
    m->rows = base_alloc_raw(c, (n / 2 + 1) * NUM_ROW + n * NUM_LANES, sizeof *m->rows);
    m->values = base_alloc_raw(c, 3 * (n + 1), sizeof *m->values);
    m->work = m->fft ? base_alloc_raw(c, num_fft_work(m->fft), 1) : NULL;
    if (!m->fft || !m->offset || !m->ones || !m->rows || !m->values || !m->work) return false;
    for (size_t i = 0; i < n; i++) {
        m->offset[i] = (uint32_t)(i * NUM_LANES);
        m->ones[i] = num_fft_window_scale(m->fft);
    }
    return true;
}

/* Wavelet i, times length / n_fft, into two lanes. */
static void fill_lanes(const maker *m, size_t i, double *lanes) {
    size_t n_fft = m->b->n_fft;
    int64_t first;
    double *values = m->values + n_fft + 1, scale = feat_wavelet_length(m->w, i, m->b->sr) / (double)n_fft;
    size_t n = feat_wavelet_values(m->w, i, m->b->sr, &first, m->values, values), before = (n_fft - n) / 2;
    for (size_t j = 0; j < n; j++) {
        lanes[(before + j) * NUM_LANES] = (double)(float)values[2 * j] * scale;   /* librosa's wavelets are complex64 */
        lanes[(before + j) * NUM_LANES + 1] = (double)(float)values[2 * j + 1] * scale;
    }
}

/* The transforms of rows [row, row + n) of the basis. */
static void transform(const maker *m, size_t row, size_t n) {
    size_t n_fft = m->b->n_fft;
    double *lanes = m->rows + (n_fft / 2 + 1) * NUM_ROW;
    memset(lanes, 0, n_fft * NUM_LANES * sizeof *lanes);
    for (size_t i = 0; i < n; i++) fill_lanes(m, m->b->low + row + i, lanes + 2 * i);
    const num_kernels *k = num_kernels_find(NULL, true);
    k->fft_frames(m->fft, lanes, m->offset, m->ones, m->work);
    k->fft_spectrum(m->fft, m->work, m->rows);
}

/* The spectrum of the wavelet in lanes 2i and 2i + 1: that of its real part and i times that of its imaginary part. */
static void take_spectrum(const maker *m, size_t i, double *out) {
    for (size_t k = 0; k <= m->b->n_fft / 2; k++) {
        const double *re = m->rows + k * NUM_ROW + 2 * i, *im = re + NUM_LANES;
        out[2 * k] = re[0] - im[1];
        out[2 * k + 1] = im[0] + re[1];
    }
}

static bool add_row(sori_ctx *c, const maker *m, size_t row, size_t lane, size_t *room) {
    feat_basis *b = m->b;
    size_t bins = b->n_fft / 2 + 1;
    double *spectrum = m->values;
    take_spectrum(m, lane, spectrum);
    size_t n = sparsify(bins, spectrum, spectrum + 2 * bins, m->w->sparsity, &b->start[row]);
    if (b->weights + n > *room) {
        size_t more = 2 * *room + n;
        double *grown = base_grow(c, b->weight, 2 * *room, 2 * more, sizeof *grown);
        if (!grown) return false;
        b->weight = grown;
        *room = more;
    }
    memcpy(b->weight + 2 * b->weights, spectrum + 2 * (size_t)b->start[row], 2 * n * sizeof *spectrum);
    b->count[row] = (uint32_t)n;
    b->weights += n;
    return true;
}

bool feat_basis_open(sori_ctx *c, feat_basis *b, const feat_wavelets *w, size_t low, size_t high, double sr,
                     size_t n_fft) {
    *b = (feat_basis){ .rows = high - low, .n_fft = n_fft, .low = low, .sr = sr };
    maker m = { .w = w, .b = b };
    size_t room = b->rows * 16;
    b->start = base_alloc_raw(c, b->rows, sizeof *b->start);
    b->count = base_alloc_raw(c, b->rows, sizeof *b->count);
    b->weight = base_alloc_raw(c, 2 * room, sizeof *b->weight);
    bool ok = b->start && b->count && b->weight && open_maker(c, &m);
    for (size_t row = 0; ok && row < b->rows; row += TOGETHER) {
        size_t n = BASE_MIN(b->rows - row, TOGETHER);
        transform(&m, row, n);
        for (size_t i = 0; ok && i < n; i++) ok = add_row(c, &m, row + i, i, &room);
    }
    free_maker(c, &m);
    if (!ok) feat_basis_close(c, b);
    return ok;
}

void feat_basis_close(sori_ctx *c, feat_basis *b) {
    base_free(c, b->start);
    base_free(c, b->count);
    base_free(c, b->weight);
    *b = (feat_basis){ 0 };
}

/* --- octaves that are alike --------------------------------------------------------------------------------------- */

static bool near(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

bool feat_basis_serves(const feat_basis *b, const feat_wavelets *w, size_t low, size_t high, double sr, size_t n_fft) {
    if (b->rows != high - low || b->n_fft != n_fft) return false;
    for (size_t i = 0; i < b->rows; i++) {
        int64_t first, other;
        size_t old = b->low + i, new = low + i;
        size_t n = feat_wavelet_values(w, old, b->sr, &first, NULL, NULL);
        if (n != feat_wavelet_values(w, new, sr, &other, NULL, NULL)) return false;
        if (first != other || !near(w->hz[old] / b->sr, w->hz[new] / sr)) return false;
        if (!near(feat_wavelet_length(w, old, b->sr), feat_wavelet_length(w, new, sr))) return false;
    }
    return true;
}
