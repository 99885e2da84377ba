/* compare_partials.c - the harmonics of a sound: how strong each is, and how far from its place.
 *
 * One long spectrum (Hann's window over the first four seconds, padded with zeros to twice that or more) resolves
 * partials to a fraction of a hertz. The k-th is the highest peak near k times where the one below it leads; a piano's
 * lie ever higher than the multiples, which the search follows. Its frequency is the centre of the peak, its level the
 * power of all that lies around: vibrato spreads a partial, and its top alone would sink. */
#include "base/base.h"
#include "task/compare.h"
#include <math.h>
#include <sori/pitch.h>
#include <stdlib.h>
#include <string.h>

#define MOST_S 4.0           /* of the sound */
#define LOWEST 27.5          /* Hz, A0 */
#define HIGHEST 4186.0       /* C8 */
#define SPREAD 60.0          /* cents around a partial that belong to it */
#define STANDS_OUT 40.0      /* power of a peak over that of the quieter bins around it: noise hardly reaches it */
#define PEAK 0.01            /* power of bins that belong to a peak's centre, of its top */

/* --- fundamental ------------------------------------------------------------------------------------------------- */

typedef struct weighed { double hz, weight; } weighed;

static int by_hz(const void *a, const void *b) {
    double p = ((const weighed *)a)->hz, q = ((const weighed *)b)->hz;
    return (p > q) - (p < q);
}

/* The median by weight; NaN if voiced frames hold less than half of all energy. */
static double median_f0(sori_ctx *c, const sori_pyin_result *f, const sori_array *rms) {
    size_t n = 0, frames = f->f0->size;
    double all = 0, voiced = 0, sum = 0, hz = NAN;
    weighed *v = base_alloc(c, frames, sizeof *v);
    for (size_t t = 0; v && t < frames; t++) {
        double level = ((const float *)rms->data)[t], f0 = ((const double *)f->f0->data)[t];
        all += level * level;
        if (!isfinite(f0)) continue;
        voiced += level * level;
        v[n++] = (weighed){ f0, level * level };
    }
    if (n) qsort(v, n, sizeof *v, by_hz);
    for (size_t i = 0; voiced > 0 && voiced >= all / 2 && i < n && sum < voiced / 2; i++) {
        sum += v[i].weight;
        hz = v[i].hz;
    }
    base_free(c, v);
    return hz;
}

static double find_f0(sori_ctx *c, sori_audio y) {
    double fmax = fmin(HIGHEST, y.sr / 2);
    int frame = task_power_of_two(2 * y.sr / LOWEST);
    if (fmax <= 2 * LOWEST) return NAN;
    sori_pyin_result f = sori_pyin(c, y, &(sori_pyin_config){ .fmin = LOWEST, .fmax = fmax, .frame_length = frame });
    sori_array *rms = sori_rms(c, y, &(sori_rms_config){ .frame_length = frame, .hop_length = frame / 4 });
    return rms && f.f0 ? median_f0(c, &f, rms) : NAN;
}

/* --- spectrum ---------------------------------------------------------------------------------------------------- */

typedef struct spectrum {
    double *power;           /* [bins] */
    double *sorted;          /* [bins] scratch */
    size_t bins;
    double hz;               /* a bin's width */
    double lobe_hz;          /* half the width of a sine */
} spectrum;

/* y stands in the middle of zeros, under a window of its length. */
static bool take_spectrum(sori_ctx *c, sori_audio y, spectrum *s) {
    size_t n = y.y->size, size = (size_t)task_power_of_two(2 * (double)n);
    sori_array *padded = sori_pad_center(c, y.y, size, NULL);
    sori_array *D = padded ? sori_stft(c, (sori_audio){ padded, y.sr },
                                       &(sori_stft_config){ .n_fft = (int)size, .win_length = (int)n,
                                                            .hop_length = (int)size, .uncentered = true }) : NULL;
    s->bins = size / 2 + 1;
    s->hz = y.sr / (double)size;
    s->lobe_hz = 2 * y.sr / (double)n;
    s->power = D ? base_alloc_raw(c, s->bins, sizeof *s->power) : NULL;
    s->sorted = D ? base_alloc_raw(c, s->bins, sizeof *s->sorted) : NULL;
    for (size_t k = 0; s->power && k < s->bins; k++) {
        double re = ((const float *)D->data)[2 * k], im = ((const float *)D->data)[2 * k + 1];
        s->power[k] = re * re + im * im;
    }
    return !base_failed(c);
}

/* --- partials ---------------------------------------------------------------------------------------------------- */

/* Bins first .. last within `reach` Hz. */
typedef struct range { size_t first, last; } range;

static range around(const spectrum *s, double hz, double reach) {
    double last = (double)(s->bins - 1);
    return (range){ (size_t)fmin(last, fmax(0, ceil((hz - reach) / s->hz))),
                    (size_t)fmin(last, fmax(0, floor((hz + reach) / s->hz))) };
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* What a quarter of the bins stay below. */
static double quiet(const spectrum *s, range at) {
    size_t n = at.last - at.first + 1;
    memcpy(s->sorted, s->power + at.first, n * sizeof *s->sorted);
    qsort(s->sorted, n, sizeof *s->sorted, by_value);
    return s->sorted[n / 4];
}

/* Half the width in Hz of what belongs to a partial at hz. */
static double width_of(const spectrum *s, double hz, double f0) {
    return fmin(0.45 * f0, fmax(s->lobe_hz, hz * (exp2(SPREAD / 1200) - 1)));
}

/* The partial near hz: its frequency, NaN if nothing stands out, and its power. */
static double look_near(const spectrum *s, double hz, double f0, double *power) {
    range at = around(s, hz, width_of(s, hz, f0));
    size_t top = at.first;
    double sum = 0, moment = 0;
    for (size_t k = at.first; k <= at.last; k++) top = s->power[k] > s->power[top] ? k : top;
    if (!(s->power[top] > STANDS_OUT * quiet(s, around(s, hz, 0.45 * f0)))) return NAN;
    double peak = s->power[top], centre = (double)top * s->hz;
    at = around(s, centre, width_of(s, centre, f0));
    *power = 0;
    for (size_t k = at.first; k <= at.last; k++) {
        *power += s->power[k];
        if (s->power[k] < PEAK * peak) continue;
        sum += s->power[k];
        moment += s->power[k] * (double)k * s->hz;
    }
    return moment / sum;
}

/* hz and power [n] of the partials of f0; those not there are NaN and 0. */
static void find_partials(const spectrum *s, double f0, int n, sori_partial *out, double *power) {
    double step = f0;
    for (int k = 0; k < n; k++) {
        double hz = (k + 1) * step;
        power[k] = 0;
        if (hz >= (double)(s->bins - 1) * s->hz) continue;
        out[k].hz = look_near(s, hz, f0, &power[k]);
        if (isfinite(out[k].hz)) step = out[k].hz / (k + 1);
    }
}

/* Levels and deviations, and the fundamental where none was given. */
static void rate_partials(sori_compared *s, int n, bool given, double half_sr, const double *power) {
    double most = 0;
    for (int k = 0; k < n; k++) most = fmax(most, power[k]);
    if (most == 0 && !given) {
        s->f0_hz = NAN;
        return;
    }
    for (int k = n - 1; k >= 0; k--)
        if (power[k] < most * pow(10, SORI_PARTIAL_FLOOR / 10)) s->partials[k].hz = NAN;
        else if (!given && power[k] > 0) s->f0_hz = s->partials[k].hz / (k + 1);
    for (int k = 0; k < n; k++) {
        sori_partial *p = &s->partials[k];
        bool there = isfinite(p->hz);
        p->db = there ? 10 * log10(power[k] / most) : (k + 1) * s->f0_hz < half_sr ? SORI_PARTIAL_FLOOR : NAN;
        p->cents = there ? 1200 * log2(p->hz / ((k + 1) * s->f0_hz)) : NAN;
    }
}

bool task_partials(sori_ctx *c, sori_compared *s, int n_partials, double f0_hz) {
    double power[SORI_COMPARE_PARTIALS];
    spectrum v = { 0 };
    int scope = sori_begin(c);
    size_t n = BASE_MIN(s->y.y->size, (size_t)fmax(1, MOST_S * s->y.sr));
    sori_audio y = { sori_array_from(c, SORI_F32, 1, &n, s->y.y->data), s->y.sr };
    s->f0_hz = f0_hz > 0 ? f0_hz : y.y ? find_f0(c, y) : NAN;
    for (int k = 0; k < n_partials; k++) s->partials[k] = (sori_partial){ NAN, NAN, NAN };
    if (!base_failed(c) && s->f0_hz < y.sr / 2 && take_spectrum(c, y, &v)) {
        find_partials(&v, s->f0_hz, n_partials, s->partials, power);
        rate_partials(s, n_partials, f0_hz > 0, y.sr / 2, power);
    }
    base_free(c, v.power);
    base_free(c, v.sorted);
    sori_end(c, scope, NULL);
    return !base_failed(c);
}
