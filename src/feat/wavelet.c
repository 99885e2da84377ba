/* wavelet.c - wavelets: complex tones under a window that lasts the same number of periods at every frequency.
 *
 * Q, the ratio of frequency to bandwidth, follows from the distance of the neighbouring frequencies; a wavelet is
 * Q sr / f samples long. With gamma, bandwidths grow by a constant, which shortens the long wavelets of low tones.
 *
 * Schörkhuber and Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010; Glasberg and Moore,
 * "Derivation of auditory filter shapes from notched-noise data", Hearing Research 47, 1990 (the ear's bandwidths).
 * librosa.filters.wavelet, wavelet_lengths, constant_q_lengths, window_bandwidth. */
#include "feat/cqt.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_N_FFT ((size_t)1 << 24)

/* --- bandwidth of windows ------------------------------------------------------------------------------------- */

/* librosa's table, values with the names that have them. Others are measured at 1000 samples. */
static const struct { double bandwidth; const char *names; } known[] = {
    { 1.3334961334912805, " bart bartlett brt " },
    { 1.4560255965133932, " barthann brthan bth " },
    { 2.0045975283585014, " bkh blackharr blackmanharris " },
    { 1.7269681554262326, " black blackman blk " },
    { 1.7859588613860062, " bman bmn bohman " },
    { 1.0, " box boxcar ones rect rectangular " },
    { 1.2337005350199792, " cosine halfcosine " },
    { 2.7762255046484143, " flat flattop flt " },
    { 1.3629455320350348, " ham hamm hamming " },
    { 1.50018310546875, " han hann " },
    { 1.9763500280946082, " nut nutl nuttall " },
    { 1.917460317460319, " par parz parzen " },
    { 1.333170652355585, " tri triang triangle " },
};

static double known_bandwidth(const char *window) {
    size_t n = strlen(window);
    for (size_t i = 0; i < BASE_COUNT(known); i++)
        for (const char *at = known[i].names; (at = strstr(at, window)); at++)
            if (at[-1] == ' ' && at[n] == ' ' && n > 0) return known[i].bandwidth;
    return 0;
}

static double bandwidth_of(sori_ctx *c, const char *who, const char *window) {
    double w[1000], sum = 0, squares = 0, found = known_bandwidth(window);
    if (found > 0) return found;
    if (!feat_named_window(c, who, window, BASE_COUNT(w), false, w)) return 0;
    for (size_t i = 0; i < BASE_COUNT(w); i++) {
        sum += w[i];
        squares += w[i] * w[i];
    }
    return (double)BASE_COUNT(w) * squares / (sum * sum + DBL_MIN);
}

double sori_window_bandwidth(sori_ctx *c, const char *window) {
    return base_failed(c) ? 0 : bandwidth_of(c, "window_bandwidth", window ? window : "hann");
}

/* --- lengths -------------------------------------------------------------------------------------------------- */

static double alpha_of(double octaves_inverse) {
    double r = exp2(2 / octaves_inverse);
    return (r - 1) / (r + 1);
}

/* From the distance to both neighbours in octaves. */
static void relative_bandwidths(size_t n, const double *hz, double *alpha) {
    for (size_t i = 0; i < n; i++) {
        size_t low = i ? i - 1 : 0, high = i + 1 < n ? i + 1 : i;
        alpha[i] = alpha_of((double)(high - low) / (log2(hz[high]) - log2(hz[low])));
    }
}

static bool check_tones(sori_ctx *c, const feat_wavelets *w) {
    for (size_t i = 0; i < w->n && !base_failed(c); i++) {
        if (!(w->hz[i] > 0) || !isfinite(w->hz[i]))
            sori_fail(c, SORI_EINVAL, "%s: frequency %zu, %g Hz, is not positive", w->who, i, w->hz[i]);
        else if (i && w->hz[i - 1] > w->hz[i])
            sori_fail(c, SORI_EINVAL, "%s: frequency %zu, %g Hz, is below the one before", w->who, i, w->hz[i]);
    }
    if (!(w->filter_scale > 0) || !isfinite(w->filter_scale))
        sori_fail(c, SORI_EINVAL, "%s: filter_scale %g is not positive", w->who, w->filter_scale);
    else if (!isfinite(w->gamma)) sori_fail(c, SORI_EINVAL, "%s: gamma %g Hz is not finite", w->who, w->gamma);
    else if (!(w->sparsity >= 0 && w->sparsity < 1))
        sori_fail(c, SORI_EINVAL, "%s: sparsity %g is outside 0 to 1", w->who, w->sparsity);
    return !base_failed(c);
}

/* ERB(f) = 24.7 + 0.108 f Hz: a bandwidth of alpha f + gamma is a constant share of it for this gamma. */
static double gamma_of(const feat_wavelets *w, size_t i) {
    return w->gamma >= 0 ? w->gamma : w->alpha[i] * 24.7 / 0.108;
}

double feat_wavelet_length(const feat_wavelets *w, size_t i, double sr) {
    return w->filter_scale / w->alpha[i] * sr / (w->hz[i] + gamma_of(w, i) / w->alpha[i]);
}

bool feat_wavelets_open(sori_ctx *c, feat_wavelets *w, int bins_per_octave) {
    double bandwidth = base_failed(c) ? 0 : bandwidth_of(c, w->who, w->window);
    if (base_failed(c) || !check_tones(c, w)) return false;
    w->length = base_alloc_raw(c, w->n, sizeof *w->length);
    if (!w->length) return false;
    if (!w->alpha) {
        w->alpha = base_alloc_raw(c, w->n, sizeof *w->alpha);
        if (!w->alpha) return false;
        if (w->n > 1) relative_bandwidths(w->n, w->hz, w->alpha);
        else w->alpha[0] = alpha_of(bins_per_octave);
    }
    w->cutoff = 0;
    for (size_t i = 0; i < w->n; i++) {
        double q = w->filter_scale / w->alpha[i];
        w->cutoff = fmax(w->cutoff, w->hz[i] * (1 + 0.5 * bandwidth / q) + 0.5 * gamma_of(w, i));
        w->length[i] = feat_wavelet_length(w, i, w->sr);
    }
    return true;
}

void feat_wavelets_close(sori_ctx *c, feat_wavelets *w) {
    base_free(c, w->hz);
    base_free(c, w->alpha);
    base_free(c, w->length);
}

size_t feat_wavelets_n_fft(sori_ctx *c, const feat_wavelets *w, size_t low, size_t high, double sr) {
    double longest = 1;
    size_t n_fft = 1;
    for (size_t i = low; i < high; i++) longest = fmax(longest, feat_wavelet_length(w, i, sr));
    if (!(longest <= (double)MAX_N_FFT)) {
        sori_fail(c, SORI_EINVAL, "%s: a filter of %g samples is longer than %zu", w->who, longest, MAX_N_FFT);
        return 0;
    }
    while ((double)n_fft < longest) n_fft *= 2;
    return n_fft;
}

/* --- values --------------------------------------------------------------------------------------------------- */

/* exp(i turn j) for j = from, from + 1, ...: the product of a coarse and a fine step, each from sine and cosine, so
 * that errors do not add up. */
#define FINE 32

static void tone(double turn, int64_t from, size_t n, double *out) {
    double fine[2 * FINE], re = 1, im = 0;
    for (size_t j = 0; j < FINE; j++) {
        fine[2 * j] = cos(turn * (double)j);
        fine[2 * j + 1] = sin(turn * (double)j);
    }
    for (size_t j = 0; j < n; j++) {
        const double *f = fine + 2 * (j % FINE);
        if (j % FINE == 0) {
            re = cos(turn * (double)(from + (int64_t)j));
            im = sin(turn * (double)(from + (int64_t)j));
        }
        out[2 * j] = re * f[0] - im * f[1];
        out[2 * j + 1] = re * f[1] + im * f[0];
    }
}

size_t feat_wavelet_values(const feat_wavelets *w, size_t i, double sr, int64_t *first, double *window, double *out) {
    double length = feat_wavelet_length(w, i, sr);
    char why[8];
    *first = (int64_t)floor(-length / 2);
    size_t n = (size_t)((int64_t)floor(length / 2) - *first);
    if (!out || !num_window(w->window, n, false, window, why, sizeof why)) return n;
    tone(6.28318530717958647692 * w->hz[i] / sr, *first, n, out);
    for (size_t j = 0; j < n; j++) {
        out[2 * j] *= window[j];
        out[2 * j + 1] *= window[j];
        window[j] = fabs(window[j]);
    }
    double divisor = feat_norm(w->norm, n, window, DBL_MIN);
    for (size_t j = 0; j < 2 * n; j++) out[j] /= divisor;
    return n;
}

/* --- public --------------------------------------------------------------------------------------------------- */

static bool check_list(sori_ctx *c, const char *who, const char *what, const sori_array *a) {
    if (base_failed(c)) return false;
    if (a && a->ndim == 1 && a->size > 0 && array_is_real(a)) return true;
    sori_fail(c, SORI_EINVAL, "%s: %s must be one axis of real numbers, at least one", who, what);
    return false;
}

/* alpha as given, one for all or one each. */
static bool take_alpha(sori_ctx *c, feat_wavelets *w, const sori_array *alpha) {
    if (!check_list(c, w->who, "alpha", alpha)) return false;
    if (alpha->size != 1 && alpha->size != w->n) {
        sori_fail(c, SORI_EINVAL, "%s: %zu values of alpha for %zu frequencies", w->who, alpha->size, w->n);
        return false;
    }
    w->alpha = base_alloc_raw(c, w->n, sizeof *w->alpha);
    for (size_t i = 0; w->alpha && i < w->n; i++) {
        w->alpha[i] = array_get(alpha, alpha->size > 1 ? i : 0);
        if (!(w->alpha[i] > 0) || !isfinite(w->alpha[i]))
            sori_fail(c, SORI_EINVAL, "%s: alpha %g is not positive", w->who, w->alpha[i]);
    }
    return !base_failed(c);
}

static bool take_settings(sori_ctx *c, feat_wavelets *w, const sori_wavelet_config *g) {
    w->sr = g->sr;
    w->window = g->window ? g->window : "hann";
    w->filter_scale = g->filter_scale != 0 ? g->filter_scale : 1;
    w->gamma = feat_option(g->gamma, 0, -1);
    if (feat_check_rate(c, w->who, &w->sr) && g->gamma.mode == 1 && !(w->gamma >= 0))
        sori_fail(c, SORI_EINVAL, "%s: gamma %g Hz is below 0", w->who, w->gamma);
    return !base_failed(c) && feat_take_norm(c, w->who, g->norm, 1, &w->norm);
}

static bool open_list(sori_ctx *c, feat_wavelets *w, const sori_array *freqs, const sori_wavelet_config *g) {
    if (!check_list(c, w->who, "freqs", freqs) || !take_settings(c, w, g)) return false;
    w->n = freqs->size;
    w->hz = base_alloc_raw(c, w->n, sizeof *w->hz);
    for (size_t i = 0; w->hz && i < w->n; i++) w->hz[i] = array_get(freqs, i);
    if (!w->hz || (g->alpha && !take_alpha(c, w, g->alpha))) return false;
    if (w->n > 1 || g->alpha) return feat_wavelets_open(c, w, 0);
    sori_fail(c, SORI_EINVAL, "%s: a single frequency says nothing of bandwidths: give alpha", w->who);
    return false;
}

sori_array *sori_wavelet_lengths(sori_ctx *c, const sori_array *freqs, const sori_wavelet_config *config,
                                 double *cutoff) {
    static const sori_wavelet_config defaults;
    feat_wavelets w = { .who = "wavelet_lengths" };
    bool ok = open_list(c, &w, freqs, config ? config : &defaults);
    sori_array *a = ok ? sori_array_from(c, SORI_F64, 1, &w.n, w.length) : NULL;
    if (cutoff) *cutoff = ok ? w.cutoff : 0;
    feat_wavelets_close(c, &w);
    return a;
}

sori_array *sori_constant_q_lengths(sori_ctx *c, double fmin, int n_bins, int bins_per_octave,
                                    const sori_wavelet_config *config) {
    static const sori_wavelet_config defaults;
    feat_wavelets w = { .who = "constant_q_lengths" };
    sori_interval_config scale = { .bins_per_octave = bins_per_octave };
    int per = bins_per_octave ? bins_per_octave : 12;
    bool ok = !base_failed(c) && take_settings(c, &w, config ? config : &defaults);
    w.hz = ok ? feat_scale(c, w.who, n_bins, fmin, &scale) : NULL;
    w.n = w.hz ? (size_t)n_bins : 0;
    w.alpha = w.hz ? base_alloc_raw(c, w.n, sizeof *w.alpha) : NULL;
    for (size_t i = 0; w.alpha && i < w.n; i++) w.alpha[i] = alpha_of(per);
    ok = w.alpha && feat_wavelets_open(c, &w, per);
    if (ok && w.cutoff > w.sr / 2)
        sori_fail(c, SORI_EINVAL, "%s: the highest filter ends at %g Hz, above sr/2 %g Hz", w.who, w.cutoff, w.sr / 2);
    sori_array *a = ok && !base_failed(c) ? sori_array_from(c, SORI_F64, 1, &w.n, w.length) : NULL;
    feat_wavelets_close(c, &w);
    return a;
}

/* Wavelet i into the middle of a row of `size` pairs. */
static void place(const feat_wavelets *w, size_t i, double *window, double *values, size_t size, float *row) {
    int64_t first;
    size_t n = feat_wavelet_values(w, i, w->sr, &first, window, values), before = (size - n) / 2;
    for (size_t j = 0; j < 2 * n; j++) row[2 * before + j] = (float)values[j];
}

sori_array *sori_wavelet(sori_ctx *c, const sori_array *freqs, const sori_wavelet_config *config) {
    static const sori_wavelet_config defaults;
    feat_wavelets w = { .who = "wavelet" };
    sori_array *a = NULL;
    if (!config) config = &defaults;
    size_t size = open_list(c, &w, freqs, config) ? feat_wavelets_n_fft(c, &w, 0, w.n, w.sr) : 0;
    if (size && config->pad_exactly) {
        double longest = 1;
        for (size_t i = 0; i < w.n; i++) longest = fmax(longest, w.length[i]);
        size = (size_t)ceil(longest);
    }
    if (size) a = sori_array_new(c, SORI_C64, 2, (size_t[]){ w.n, size });
    double *window = a ? base_alloc_raw(c, 3 * (size + 1), sizeof *window) : NULL;
    for (size_t i = 0; window && i < w.n; i++)
        place(&w, i, window, window + size + 1, size, (float *)a->data + 2 * size * i);
    base_free(c, window);
    feat_wavelets_close(c, &w);
    return base_failed(c) ? NULL : a;
}
