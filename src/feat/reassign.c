/* reassign.c - the spectrogram with its energy moved to where it comes from.   librosa.reassigned_spectrogram
 *
 * A window smears energy over its width in time and frequency, but the phase still knows the centre. With the spectra
 * under the window h, its derivative h' and the window times time t h, the energy of a bin is centred
 * -Im(X[h'] / X[h]) sr / 2 pi  Hz above the bin's frequency,  Re(X[t h] / X[h]) / sr  seconds after the frame's time.
 *
 * Three transforms, one after the other, then one pass over the bins. They are in double whatever the settings say: a
 * weak bin's place is a quotient of two small numbers, in which a float transform's rounding, 1e-7 of the loudest bin,
 * would show.
 *
 * Auger and Flandrin, "Improving the readability of time-frequency and time-scale representations by the reassignment
 * method", IEEE Trans. SP 43, 1995; Fulop and Fitz, "Algorithms for computing the time-corrected instantaneous
 * frequency (reassigned) spectrogram", JASA 119, 2006. */
#include "feat/feat.h"
#include <math.h>
#include <sori/phase.h>

typedef struct job {
    const sori_reassigned_config *g;
    const float *plain, *slope, *timed;     /* [rows][frames] pairs; slope or timed NULL: not wanted */
    size_t bins, frames;
    double bin_hz, frame_s, start_s;        /* between bins, between frames, of frame 0 */
    double sr, end_s;                       /* of the sound */
    float floor;                            /* the magnitude below which nothing is reassigned */
    double *freqs, *times;
    float *mags;
} job;

/* --- one row -------------------------------------------------------------------------------------------------- */

/* Where the values of a row stand without reassignment, how far they may go, and what a quotient is worth. */
typedef struct axis {
    const float *other;         /* the spectrum over the plain one; NULL: nothing moves */
    bool imaginary;             /* which part of the quotient counts */
    double start, step;         /* frame t stands at start + t * step */
    double scale, end;
} axis;

/* Loops without branches, which the compiler makes vectors of. Without energy there is no quotient: 0 / 0, NaN.
 * Re(o / z) = (re o.re + im o.im) / |z|^2, -Im(o / z) = (im o.re - re o.im) / |z|^2. */
static void displace(const axis *a, const float *plain, size_t n, double *out) {
    size_t first = a->imaginary, second = !a->imaginary;
    double sign = a->imaginary ? -1 : 1;
    for (size_t t = 0; t < n; t++) {
        double re = (double)plain[2 * t], im = (double)plain[2 * t + 1];
        double x = (double)a->other[2 * t + first], y = (double)a->other[2 * t + second];
        out[t] = a->start + (double)t * a->step + (sign * re * x + im * y) * a->scale / (re * re + im * im);
    }
}

/* What is too weak, or not a number, and what has gone too far. */
static void settle(const job *j, const axis *a, const float *mags, size_t n, double *out) {
    double low = j->g->unclipped ? -INFINITY : 0, high = j->g->unclipped ? INFINITY : a->end;
    for (size_t t = 0; t < n; t++) {
        double v = mags[t] < j->floor ? (double)NAN : out[t], usual = a->start + (double)t * a->step;
        v = v < low ? low : v;
        v = v > high ? high : v;
        out[t] = j->g->fill_nan && isnan(v) ? usual : v;
    }
}

static void one_axis(const job *j, const axis *a, const float *plain, const float *mags, double *out) {
    if (!a->other)
        for (size_t t = 0; t < j->frames; t++) out[t] = a->start + (double)t * a->step;
    else {
        displace(a, plain, j->frames, out);
        settle(j, a, mags, j->frames, out);
    }
}

static void one_row(void *arg, size_t row) {
    const job *j = arg;
    size_t at = row * j->frames;
    const float *plain = j->plain + 2 * at;
    float *mags = j->mags + at;
    for (size_t t = 0; t < j->frames; t++) {
        double re = (double)plain[2 * t], im = (double)plain[2 * t + 1];
        mags[t] = (float)sqrt(re * re + im * im);
    }
    axis hz = { j->slope ? j->slope + 2 * at : NULL, true, (double)(row % j->bins) * j->bin_hz, 0,
                j->sr / (2 * 3.14159265358979323846), j->sr / 2 };
    axis s = { j->timed ? j->timed + 2 * at : NULL, false, j->start_s, j->frame_s, 1 / j->sr, j->end_s };
    one_axis(j, &hz, plain, mags, j->freqs + at);
    one_axis(j, &s, plain, mags, j->times + at);
}

/* --- windows -------------------------------------------------------------------------------------------------- */

/* Central differences around the circle. */
static void differentiate(const double *h, size_t n, double *out) {
    for (size_t i = 0; i < n; i++) out[i] = (h[(i + 1) % n] - h[(i + n - 1) % n]) / 2;
}

/* Samples from the middle of the window, which lies between two samples if n is even. */
static void weight_by_time(const double *h, size_t n, double *out) {
    double middle = (double)(n / 2) - (n % 2 ? 0 : 0.5);
    for (size_t i = 0; i < n; i++) out[i] = h[i] * ((double)i - middle);
}

/* The STFT of y under another window made from h. */
static sori_array *transform(sori_ctx *c, sori_audio y, const sori_stft_config *settings, const double *h,
                             void (*make)(const double *h, size_t n, double *out)) {
    size_t n = (size_t)settings->n_fft;
    sori_array *w = array_new_raw(c, SORI_F64, 1, &n);
    if (!w) return NULL;
    make(h, n, w->data);
    sori_stft_config g = *settings;
    g.window_values = w;
    g.win_length = g.n_fft;
    return sori_stft(c, y, &g);
}

/* --- the gate ------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const sori_reassigned_config *g, sori_audio y, const feat_input *in, double power) {
    if (g->fixed_frequencies && g->fixed_times)
        sori_fail(c, SORI_EINVAL, "reassigned_spectrogram: neither frequencies nor times are to be reassigned");
    else if (!(power >= 0 && isfinite(power)))
        sori_fail(c, SORI_EINVAL, "reassigned_spectrogram: ref_power %g is below 0", power);
    else if (g->S && array_check(c, "reassigned_spectrogram", g->S, SORI_C64, 2)) {
        bool same = g->S->ndim == y.y->ndim + 1 && g->S->shape[g->S->ndim - 2] == in->bins
                 && g->S->shape[g->S->ndim - 1] == in->frames;
        for (int i = 0; same && i < in->lead; i++) same = g->S->shape[i] == in->lead_shape[i];
        if (!same) sori_fail(c, SORI_EINVAL, "reassigned_spectrogram: S is not the STFT of y: %zu bins, %zu frames",
                             in->bins, in->frames);
    }
    return !base_failed(c);
}

static void run(sori_ctx *c, sori_audio y, const feat_input *in, const sori_stft_config *s, job *j,
                sori_reassigned_result *out) {
    const sori_array *S = j->g->S ? j->g->S : sori_stft(c, y, s);
    const sori_array *slope = j->g->fixed_frequencies ? NULL : transform(c, y, s, in->window, differentiate);
    const sori_array *timed = j->g->fixed_times ? NULL : transform(c, y, s, in->window, weight_by_time);
    if (base_failed(c)) return;
    out->freqs = array_new_raw(c, SORI_F64, S->ndim, S->shape);
    out->times = array_new_raw(c, SORI_F64, S->ndim, S->shape);
    out->mags = array_new_raw(c, SORI_F32, S->ndim, S->shape);
    if (base_failed(c)) return;
    j->plain = S->data;
    j->slope = slope ? slope->data : NULL;
    j->timed = timed ? timed->data : NULL;
    j->freqs = out->freqs->data;
    j->times = out->times->data;
    j->mags = out->mags->data;
    base_parallel(c, S->size / j->frames, one_row, j);
}

sori_reassigned_result sori_reassigned_spectrogram(sori_ctx *c, sori_audio y, const sori_reassigned_config *config) {
    static const sori_reassigned_config defaults;
    sori_reassigned_result out = { NULL, NULL, NULL };
    job j = { .g = config ? config : &defaults };
    sori_stft_config s = feat_stft_defaults(&j.g->stft);
    s.exact = true;
    double power = j.g->ref_power.mode == 0 ? 1e-6 : j.g->ref_power.value;
    feat_input in;
    if (!feat_input_open(c, &in, "reassigned_spectrogram", y, NULL, &s)) return out;
    if (check(c, j.g, y, &in, power)) {
        int scope = sori_begin(c);
        j.bins = in.bins, j.frames = in.frames, j.sr = in.sr;
        j.bin_hz = 1 / ((double)in.n_fft * (1 / in.sr));
        j.frame_s = (double)in.hop / in.sr;
        j.start_s = in.centered ? 0 : (double)(in.n_fft / 2) / in.sr;
        j.end_s = (double)in.n / in.sr;
        j.floor = (float)sqrt(power);
        run(c, y, &in, &s, &j, &out);
        if (base_failed(c)) out = (sori_reassigned_result){ NULL, NULL, NULL };
        sori_keep(c, out.freqs);
        sori_keep(c, out.times);
        sori_keep(c, out.mags);
        sori_end(c, scope, NULL);
    }
    feat_input_close(c, &in);
    return out;
}
