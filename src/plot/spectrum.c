/* spectrum.c - level over frequency.
 *
 * Welch's method: the mean power of overlapping Hann-windowed frames (Welch, "The use of fast Fourier transform for
 * the estimation of power spectra", IEEE Trans. Audio Electroacoust. 15(2), 1967). The frames are spread evenly, so
 * that they cover the sound from its first sample to its last. Amplitudes are divided by the window's sum and doubled,
 * as half of a sine's amplitude lies at the negative frequency: a sine of amplitude 1 at a bin's centre reads 1.
 * A sound shorter than n_fft, or one transformed as a whole, is one frame with a window of its own length. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define N_FFT 4096
#define MOST_N_FFT (1 << 28)
#define BLOCK 64             /* frames transformed at a time, so that memory does not grow with the sound */
#define FLOOR 1e-10          /* amplitude: -200 dB */
#define LOG_FMIN 20

/* What is transformed. */
typedef struct framing {
    int n_fft, window;       /* window <= n_fft, centred in zeros */
    size_t hop, frames;
} framing;

static framing frame(size_t n, const sori_spectrum_config *g) {
    framing f = { .n_fft = g->n_fft ? g->n_fft : N_FFT, .hop = 1, .frames = 1 };
    if (g->whole)
        for (f.n_fft = 1; (size_t)f.n_fft < n;) f.n_fft *= 2;
    f.window = (int)BASE_MIN(n, (size_t)f.n_fft);
    if (f.window < f.n_fft) return f;
    size_t rest = n - (size_t)f.n_fft, half = BASE_MAX((size_t)f.n_fft / 2, 1);
    f.frames = 1 + (rest + half - 1) / half;
    if (f.frames > 1) f.hop = rest / (f.frames - 1);
    return f;
}

/* The mean of the channels, with zeros around it if it is shorter than a frame. */
static sori_audio mono(sori_ctx *c, sori_audio y, size_t channels, size_t n, const framing *f) {
    size_t length = BASE_MAX(n, (size_t)f->n_fft), before = (length - n) / 2;
    const float *in = y.y->data;
    sori_array *out = sori_array_new(c, SORI_F32, 1, &length);
    for (size_t ch = 0; out && ch < channels; ch++)
        for (size_t i = 0; i < n; i++) ((float *)out->data)[before + i] += in[ch * n + i] / (float)channels;
    return (sori_audio){ out, y.sr };
}

/* Add the power of `frames` frames from sample `start` on to sum [bins]. */
static void add_frames(sori_ctx *c, sori_audio y, const framing *f, size_t start, size_t frames, double *sum) {
    int scope = sori_begin(c);
    size_t n = (size_t)f->n_fft + (frames - 1) * f->hop;
    sori_audio part = sori_audio_from(c, (const float *)y.y->data + start, 1, n, y.sr);
    sori_spectrogram_config g = { .power = 2, .stft = { .n_fft = f->n_fft, .win_length = f->window,
                                                        .hop_length = (int)f->hop, .uncentered = true } };
    sori_array *S = sori_spectrogram(c, part, &g);
    for (size_t i = 0; S && i < S->size; i++) sum[i / S->shape[1]] += ((const float *)S->data)[i];
    sori_end(c, scope, NULL);
}

/* Amplitude of every bin, or its level in dB. */
static void finish(const framing *f, double *v, size_t bins, bool linear) {
    double window_sum = f->window > 1 ? f->window / 2.0 : 1;       /* of a periodic Hann window */
    for (size_t k = 0; k < bins; k++) {
        bool single = k == 0 || 2 * k == (size_t)f->n_fft;         /* bins without a mirror image */
        v[k] = sqrt(v[k] / (double)f->frames) * (single ? 1 : 2) / window_sum;
        if (!linear) v[k] = 20 * log10(fmax(v[k], FLOOR));
    }
}

double *plot_levels(sori_ctx *c, sori_audio y, const sori_spectrum_config *g, int *n_fft) {
    size_t n = y.y->shape[y.y->ndim - 1];
    framing f = frame(n, g);
    size_t bins = 1 + (size_t)f.n_fft / 2;
    double *v = base_alloc(c, bins, sizeof *v);
    int scope = sori_begin(c);
    sori_audio m = mono(c, y, y.y->size / n, n, &f);
    for (size_t i = 0; i < f.frames && !base_failed(c); i += BLOCK)
        add_frames(c, m, &f, i * f.hop, BASE_MIN(BLOCK, f.frames - i), v);
    sori_end(c, scope, NULL);
    if (base_failed(c)) {
        base_free(c, v);
        return NULL;
    }
    finish(&f, v, bins, g->linear);
    *n_fft = f.n_fft;
    return v;
}

/* --- the panel ------------------------------------------------------------------------------------------------- */

/* dB: the axis ends at the ten above the highest level shown and reaches top_db down; what lies below runs along it. */
static void set_levels(sori_curves_config *curves, double *v, const double *hz, size_t bins, double lo_hz,
                       const sori_spectrum_config *g) {
    double max = -INFINITY, top_db = g->top_db > 0 ? g->top_db : 100;
    for (size_t k = 0; k < bins; k++)
        if (hz[k] >= lo_hz && v[k] > max) max = v[k];
    if (!isfinite(max)) max = 0;
    double top = 10 * ceil(fmax(max, 20 * log10(FLOOR) + top_db) / 10);
    for (size_t k = 0; k < bins; k++) v[k] = fmax(v[k], top - top_db);
    curves->y_max = SORI_VALUE(top);
    curves->y_min = SORI_VALUE(top - top_db);
}

static sori_status add_panel(sori_plot *p, double sr, int n_fft, double *v, double *hz,
                             const sori_spectrum_config *g) {
    size_t bins = 1 + (size_t)n_fft / 2;
    double hi = g->fmax > 0 ? g->fmax : sr / 2;
    double lo = g->fmin > 0 || g->axis != SORI_AXIS_LOG ? g->fmin : fmin(LOG_FMIN, hi / 16);
    sori_curves_config curves = { .title = g->title, .y_label = g->linear ? "Amplitude" : "Level (dBFS)",
                                  .x = SORI_FREQUENCY, .height = g->height };
    for (size_t k = 0; k < bins; k++) hz[k] = (double)k * sr / n_fft;
    while (bins > 1 && hz[bins - 1] > hi) bins--;
    if (!g->linear) set_levels(&curves, v, hz, bins, lo, g);
    plot_panel *panel = plot_curves_panel(p, &(sori_series){ .x = hz, .y = v, .n = bins }, 1, &curves);
    if (!panel) return sori_error(p->c);
    panel->x.scale = g->axis == SORI_AXIS_LOG ? PLOT_LOG : g->axis == SORI_AXIS_MEL ? PLOT_MEL : PLOT_LINEAR;
    plot_axis_range(&panel->x, lo, hi);
    return plot_add(p, panel);
}

static bool check(sori_ctx *c, double sr, size_t n, const sori_spectrum_config *g) {
    double hi = g->fmax > 0 ? g->fmax : sr / 2;
    if (g->n_fft < 0 || g->n_fft > MOST_N_FFT || (g->whole && n > MOST_N_FFT))
        sori_fail(c, SORI_EINVAL, "spectrum: n_fft %lld (1 to %d)", g->whole ? (long long)n : g->n_fft, MOST_N_FFT);
    else if (!(g->fmax <= sr / 2))
        sori_fail(c, SORI_EINVAL, "spectrum: fmax %g Hz is above sr/2 %g Hz", g->fmax, sr / 2);
    else if (!(g->fmin >= 0 && g->fmin < hi))
        sori_fail(c, SORI_EINVAL, "spectrum: fmin %g Hz is not between 0 and fmax %g Hz", g->fmin, hi);
    else if (!(g->top_db >= 0 && isfinite(g->top_db)))
        sori_fail(c, SORI_EINVAL, "spectrum: top_db %g is below 0", g->top_db);
    return !base_failed(c);
}

sori_status sori_plot_spectrum(sori_plot *p, sori_audio y, const sori_spectrum_config *config) {
    static const sori_spectrum_config defaults;
    size_t channels, n;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    const sori_spectrum_config *g = config ? config : &defaults;
    if (!plot_check_audio(p->c, "spectrum", y, &channels, &n) || !check(p->c, y.sr, n, g)) return sori_error(p->c);
    int n_fft = 0;
    double *v = plot_levels(p->c, y, g, &n_fft);
    double *hz = v ? base_alloc_raw(p->c, 1 + (size_t)n_fft / 2, sizeof *hz) : NULL;
    if (hz) add_panel(p, y.sr, n_fft, v, hz, g);
    base_free(p->c, hz);
    base_free(p->c, v);
    return sori_error(p->c);
}
