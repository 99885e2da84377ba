/* contrast.c - peaks over valleys, octave by octave.
 *
 * Bands: 0 .. fmin, then n_bands octaves from fmin up; the last reaches to the end. A band's peak (valley) is the mean
 * of the largest (smallest) `quantile` of its bins, at least one; the contrast is their ratio in dB, each taken no
 * lower than 80 dB below the largest of its kind in the whole sound, as two calls of power_to_db do.
 *
 * As in librosa.feature.spectral_contrast, a band begins one bin early and gives its last bin away, but the share is
 * taken of the bins before that. Jiang, Lu, Zhang, Tao, Cai, "Music type classification by spectral contrast
 * feature", ICME 2002. */
#include "feat/shape.h"
#include <math.h>

#define AMIN 1e-10
#define TOP_DB 80
#define LISTED 24        /* shares up to this are kept in lists, 16 frames at once; larger ones are sorted */

typedef struct band {
    uint32_t *bins;      /* [count] */
    size_t count, share; /* share: how many make the peak, and the valley */
} band;

typedef struct contrast {
    band *bands;         /* [n] */
    size_t n;
    uint32_t *bins;      /* behind all bands' bins */
    bool linear;
} contrast;

/* --- the bands --------------------------------------------------------------------------------------------------- */

static void contrast_close(sori_ctx *c, feat_use *u) {
    contrast *s = u->state;
    base_free(c, s->bands);
    base_free(c, s->bins);
    base_free(c, s);
}

/* Bins of band k: lo <= f <= hi, one before the first, and in the last band all that follow. Returns their number. */
static size_t choose_bins(const double *hz, size_t bins, double lo, double hi, bool first, bool last, uint32_t *out) {
    size_t n = 0, begin = bins, end = 0;
    for (size_t i = 0; i < bins; i++)
        if (hz[i] >= lo && hz[i] <= hi) begin = BASE_MIN(begin, i), end = i;
    if (begin == bins) return 0;
    size_t before = first ? bins : (begin + bins - 1) % bins;
    for (size_t i = 0; i < bins; i++)
        if ((hz[i] >= lo && hz[i] <= hi) || i == before || (last && i > end)) out[n++] = (uint32_t)i;
    return n;
}

static bool fill_bands(sori_ctx *c, const feat_input *in, contrast *s, const double *hz, double fmin, double quantile) {
    double lo = 0, hi = fmin;
    for (size_t k = 0; k < s->n; k++, lo = hi, hi *= 2) {
        band *b = &s->bands[k];
        bool last = k + 1 == s->n;
        b->bins = s->bins + k * in->bins;
        b->count = choose_bins(hz, in->bins, lo, hi, k == 0, last, b->bins);
        b->share = (size_t)fmax(rint(quantile * (double)b->count), 1);
        if (!last && b->count > 0) b->count--;
        b->share = BASE_MIN(b->share, b->count);
        if (b->count > 0) continue;
        sori_fail(c, SORI_EINVAL, "%s: the band from %g to %g Hz holds no bins; use a larger n_fft or fmin", in->who,
                  lo, hi);
        return false;
    }
    return true;
}

static bool check(sori_ctx *c, const feat_input *in, double fmin, int n_bands, double quantile) {
    if (!(fmin > 0 && isfinite(fmin))) sori_fail(c, SORI_EINVAL, "%s: fmin %g Hz is not above 0", in->who, fmin);
    else if (n_bands < 1 || n_bands > 64)
        sori_fail(c, SORI_EINVAL, "%s: n_bands %d is not within 1 .. 64", in->who, n_bands);
    else if (!(quantile > 0 && quantile < 1))
        sori_fail(c, SORI_EINVAL, "%s: quantile %g is not between 0 and 1", in->who, quantile);
    else if (ldexp(fmin, n_bands - 1) >= in->sr / 2)
        sori_fail(c, SORI_EINVAL, "%s: band %d begins at %g Hz, which is not below sr/2 %g Hz", in->who, n_bands,
                  ldexp(fmin, n_bands - 1), in->sr / 2);
    return !base_failed(c);
}

static bool contrast_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_spectral_config *g) {
    double fmin = g->fmin != 0 ? g->fmin : 200, quantile = g->quantile != 0 ? g->quantile : 0.02;
    int n_bands = g->n_bands ? g->n_bands : 6;
    if (!check(c, in, fmin, n_bands, quantile)) return false;
    contrast *s = base_alloc(c, 1, sizeof *s);
    if (!s) return false;
    u->state = s;
    *s = (contrast){ .n = (size_t)n_bands + 1, .linear = g->linear };
    s->bands = base_alloc(c, s->n, sizeof *s->bands);
    s->bins = base_alloc_raw(c, s->n * in->bins, sizeof *s->bins);
    double *hz = feat_bin_hz(c, in, g->freq);
    bool ok = s->bands && s->bins && hz && fill_bands(c, in, s, hz, fmin, quantile);
    base_free(c, hz);
    u->power = 1;
    u->rows = s->n;
    u->stored = s->linear ? 0 : 2 * s->n;
    u->peaks = 2;
    u->scratch = BASE_MAX(in->bins, 2 * LISTED * NUM_LANES) * sizeof(double);
    return ok;
}

static bool contrast_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    sori_spectral_config g = { .n_bands = config->n_bands, .quantile = config->quantile };
    return contrast_open(c, u, in, &g);
}

/* --- peaks and valleys ------------------------------------------------------------------------------------------- */

static void swap(float *a, float *b) {
    float t = *a;
    *a = *b;
    *b = t;
}

/* Reorder x so that its k smallest come first (Hoare's selection, median of three as pivot). */
static void select_smallest(float *x, size_t n, size_t k) {
    while (n > 1 && k > 0 && k < n) {
        size_t mid = n / 2, i = 0, j = n - 1;
        if (x[mid] < x[0]) swap(&x[mid], &x[0]);
        if (x[n - 1] < x[0]) swap(&x[n - 1], &x[0]);
        if (x[n - 1] < x[mid]) swap(&x[n - 1], &x[mid]);
        if (n <= 3) return;              /* these are in order now */
        float pivot = x[mid];
        for (;;) {
            while (x[i] < pivot) i++;
            while (x[j] > pivot) j--;
            if (i >= j) break;
            swap(&x[i++], &x[j--]);
        }
        size_t left = j + 1;             /* x[0 .. j] <= pivot <= x[j + 1 ..] */
        if (k < left) n = left;
        else x += left, n -= left, k -= left;
    }
}

/* One value of S as float, as librosa has it. */
static float magnitude(const feat_block *b, size_t i) {
    return b->exact ? (float)((const double *)b->S)[i] : ((const float *)b->S)[i];
}

static double mean(const float *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i];
    return sum / (double)n;
}

/* The valleys and peaks of one band by sorting each frame's bins; x [bins]. */
static void sort_band(const band *at, const feat_block *b, float *x, double *valley, double *peak) {
    for (size_t m = 0; m < b->frames; m++) {
        for (size_t i = 0; i < at->count; i++) x[i] = magnitude(b, at->bins[i] * NUM_LANES + m);
        select_smallest(x, at->count, at->share);
        valley[m] = mean(x, at->share);
        select_smallest(x, at->count, at->count - at->share);
        peak[m] = mean(x + at->count - at->share, at->share);
    }
}

static void contrast_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const contrast *s = u->state;
    double valley[NUM_LANES], peak[NUM_LANES];
    for (size_t k = 0; k < s->n; k++) {
        const band *at = &s->bands[k];
        if (at->share > LISTED) sort_band(at, b, scratch, valley, peak);
        else u->k->extremes(at->count, at->bins, b->S, at->share, scratch, valley, peak);
        for (size_t m = 0; m < b->frames; m++) {
            out[k * stride + m] = (float)(s->linear ? peak[m] - valley[m] : peak[m]);
            if (!s->linear) out[(s->n + k) * stride + m] = (float)valley[m];
        }
    }
}

static double level(double v, double largest) {
    return fmax(10 * log10(fmax(v, AMIN)), 10 * log10(fmax(largest, AMIN)) - TOP_DB);
}

static void contrast_post(const feat_use *u, const float *peaks, size_t n, const float *in, size_t in_stride,
                          void *scratch, float *out, size_t stride) {
    size_t rows = ((const contrast *)u->state)->n;
    (void)scratch;
    for (size_t k = 0; k < rows; k++)
        for (size_t m = 0; m < n; m++) {
            double peak = (double)in[k * in_stride + m], valley = (double)in[(rows + k) * in_stride + m];
            out[k * stride + m] = (float)(level(peak, (double)peaks[0]) - level(valley, (double)peaks[1]));
        }
}

const feat_op feat_op_contrast = {
    .info = { "contrast", "librosa.feature.spectral_contrast", "peaks over valleys in octave bands", "dB" },
    .open = contrast_by_name, .block = contrast_block, .post = contrast_post, .close = contrast_close,
};

sori_array *sori_spectral_contrast(sori_ctx *c, sori_audio y, const sori_spectral_config *config) {
    sori_spectral_config g = feat_shape_config(config);
    feat_input in;
    feat_use u = { .op = &feat_op_contrast };
    if (feat_shape_input(c, &in, "spectral_contrast", y, &g)) contrast_open(c, &u, &in, &g);
    return feat_run(c, &in, &u);
}
