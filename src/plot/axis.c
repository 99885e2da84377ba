/* axis.c - scales and ticks.
 *
 * Ticks lie at multiples of 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph labels", Graphics Gems,
 * 1990), of minutes and hours on a long time axis, and on logarithmic and mel axes of frequency at powers of two,
 * as librosa's. A tick's value is computed as integer times step, so that no rounding error piles up. */
#include "plot/axis.h"
#include "base/base.h"
#include <math.h>
#include <sori/feat.h>
#include <string.h>

static double mel_of(plot_scale scale, double hz) { return sori_hz_to_mel(hz, scale == PLOT_MEL_HTK); }
static double hz_of(plot_scale scale, double mel) { return sori_mel_to_hz(mel, scale == PLOT_MEL_HTK); }

static bool is_mel(const plot_axis *a) { return a->scale == PLOT_MEL || a->scale == PLOT_MEL_HTK; }

#define LARGEST 1e300        /* differences and ratios of ends stay finite */
#define SMALLEST 1e-290

void plot_axis_range(plot_axis *a, double lo, double hi) {
    if (!isfinite(lo)) lo = isfinite(hi) ? hi : 0;
    if (!isfinite(hi)) hi = lo;
    lo = fmin(fmax(lo, -LARGEST), LARGEST);
    hi = fmin(fmax(hi, -LARGEST), LARGEST);
    if (a->scale == PLOT_LOG) {
        if (hi < SMALLEST) hi = 1;
        lo = lo <= 0 ? hi / 1e3 : fmax(lo, hi * 1e-200);
        if (hi < lo * (1 + 1e-9)) hi = lo * 2, lo /= 2;
    } else if (!(hi - lo > 1e-9 * fmax(fabs(lo), fabs(hi)) + SMALLEST)) {
        double pad = fabs(lo) > SMALLEST ? 0.1 * fabs(lo) : 1;
        hi = lo + pad;
        lo -= pad;
    }
    a->lo = lo;
    a->hi = hi;
}

double plot_axis_place(const plot_axis *a, double v) {
    if (a->scale == PLOT_LOG) return v > 0 ? log(v / a->lo) / log(a->hi / a->lo) : -1e3;
    if (is_mel(a)) {
        double lo = mel_of(a->scale, a->lo);
        return (mel_of(a->scale, v) - lo) / (mel_of(a->scale, a->hi) - lo);
    }
    return (v - a->lo) / (a->hi - a->lo);
}

double plot_axis_value(const plot_axis *a, double u) {
    if (a->scale == PLOT_LOG) return a->lo * pow(a->hi / a->lo, u);
    if (is_mel(a)) {
        double lo = mel_of(a->scale, a->lo), hi = mel_of(a->scale, a->hi);
        return hz_of(a->scale, lo + u * (hi - lo));
    }
    return a->lo + u * (a->hi - a->lo);
}

double plot_nice_step(double x) {
    double power = pow(10, floor(log10(x))), part = x / power;
    /* a hair of tolerance, so that 0.3 / 3 is 0.1 */
    return power * (part <= 1 + 1e-9 ? 1 : part <= 2 + 1e-9 ? 2 : part <= 5 + 1e-9 ? 5 : 10);
}

/* --- writing numbers ------------------------------------------------------------------------------------------ */

void plot_minus(char *text, size_t size) {
    size_t n = strlen(text) + 1;
    if (text[0] != '-' || n + 2 > size) return;
    memmove(text + 3, text + 1, n - 1);
    memcpy(text, "\xe2\x88\x92", 3);
}

/* value as a multiple of step: as many decimals as the step has, or a power of ten for very large or small. */
static void write_number(char *out, size_t size, double value, double step, double largest) {
    if (fabs(value) < step / 2) value = 0;   /* no "-0" */
    int decimals = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;
    if (decimals > 4 && largest < 1e-3) base_format(out, size, "%.3g", value);
    else if (largest >= 1e7 && step >= 1e3) base_format(out, size, "%.6g", value);
    else base_format(out, size, "%.*f", BASE_MIN(decimals, 9), value);
    plot_minus(out, size);
}

static void write_clock(char *out, size_t size, double seconds, bool hours) {
    long s = lround(fabs(seconds));
    const char *sign = seconds < 0 ? "-" : "";
    if (hours) base_format(out, size, "%s%ld:%02ld:%02ld", sign, s / 3600, s / 60 % 60, s % 60);
    else base_format(out, size, "%s%ld:%02ld", sign, s / 60, s % 60);
}

/* --- how a time axis is written: below 0.1 s in ms, to 90 s in s, then on the clock --------------------------- */

typedef enum clock_style { CLOCK_MS, CLOCK_S, CLOCK_MIN, CLOCK_H } clock_style;

static clock_style clock_of(const plot_axis *a) {
    double span = a->hi - a->lo, end = fmax(fabs(a->lo), fabs(a->hi));
    if (end < 0.1) return CLOCK_MS;
    if (end <= 90 || span < 5) return CLOCK_S;
    return end < 3600 ? CLOCK_MIN : CLOCK_H;
}

const char *plot_axis_label(const plot_axis *a) {
    static const char *const times[] = { "Time (ms)", "Time (s)", "Time (min:s)", "Time (h:min:s)" };
    if (a->label) return a->label;
    if (a->quantity == PLOT_SECONDS) return times[clock_of(a)];
    if (a->quantity == PLOT_BPM) return "Tempo (BPM)";
    return a->quantity == PLOT_HZ ? "Frequency (Hz)" : a->quantity == PLOT_NOTES ? "Note" : NULL;
}

/* Whole seconds that divide the clock evenly; above two days whole days. */
static double clock_step(double at_least) {
    static const double steps[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
                                    43200 };
    for (size_t i = 0; i < BASE_COUNT(steps); i++)
        if (steps[i] >= at_least) return steps[i];
    return 86400 * plot_nice_step(fmax(1, at_least / 86400));
}

/* --- the three kinds of ticks --------------------------------------------------------------------------------- */

/* The finest step that puts at most `most` ticks on the axis; *first is the first tick's multiple of it. */
static double even_step(const plot_axis *a, bool clock, int most, double *first) {
    double wanted = (a->hi - a->lo) / most;
    if (a->quantity == PLOT_COUNT) wanted = fmax(1, wanted);
    for (;;) {
        double step = clock ? clock_step(wanted) : plot_nice_step(wanted);
        *first = ceil(a->lo / step - 1e-6);
        if (floor(a->hi / step + 1e-6) - *first < most) return step;
        wanted = 1.1 * step;
    }
}

static int even_ticks(const plot_axis *a, int most, plot_tick *out) {
    clock_style style = a->quantity == PLOT_SECONDS ? clock_of(a) : CLOCK_S;
    bool clock = style == CLOCK_MIN || style == CLOCK_H;
    double first, step = even_step(a, clock, most, &first), largest = fmax(fabs(a->lo), fabs(a->hi));
    double unit = style == CLOCK_MS ? 1000 : 1;
    int n = 0;
    for (double k = first; n < most && k * step <= a->hi + 1e-6 * step; k++, n++) {
        out[n].value = k * step;
        if (clock) write_clock(out[n].text, sizeof out[n].text, k * step, style == CLOCK_H);
        else write_number(out[n].text, sizeof out[n].text, k * step * unit, step * unit, largest * unit);
        if (k + 1 == k) break;   /* beyond double's precision */
    }
    return n;
}

/* Powers of two within the axis, and 0 where a mel axis starts there; every s-th with s so that at most `most` fit.
 * On a mel axis, which is linear below 1 kHz, low octaves crowd: those closer than 1/most are left out. */
static int octave_ticks(const plot_axis *a, int most, plot_tick *out) {
    int first = (int)ceil(log2(fmax(a->lo, 1)) - 1e-9), last = (int)floor(log2(a->hi) + 1e-9), n = 0;
    int stride = a->scale == PLOT_LOG ? BASE_MAX(1, (last - first + most) / most) : 1;
    double below = 0;                                  /* where the last tick lies */
    if (is_mel(a) && a->lo <= 0) out[n++] = (plot_tick){ 0, "0" };
    for (int k = last - (last - first) / stride * stride; k <= last && n < most; k += stride) {
        double v = ldexp(1, k), at = plot_axis_place(a, v);
        if (is_mel(a) && n > 0 && at - below < 0.9 / most) continue;
        out[n].value = v;
        write_number(out[n].text, sizeof out[n].text, v, 1, v);
        below = at;
        n++;
    }
    return n;
}

/* 1, 1.5, 2, 3, 5, 7 in every decade, or 1, 2, 5, or only the powers of ten, or every s-th of them. */
static int decade_ticks(const plot_axis *a, int most, plot_tick *out) {
    static const double finest[] = { 1, 1.5, 2, 3, 5, 7 }, fine[] = { 1, 2, 5 };
    double decades = log10(a->hi / a->lo);
    size_t parts = decades * 6 <= most && a->lo >= 10 ? 6 : decades * 3 <= most ? 3 : 1;
    int stride = parts > 1 ? 1 : BASE_MAX(1, (int)ceil(decades / most)), n = 0;
    for (int k = (int)floor(log10(a->lo)); k <= log10(a->hi) && n < most; k += stride)
        for (size_t i = 0; i < parts && n < most; i++) {
            double v = (parts == 6 ? finest : fine)[i] * pow(10, k);
            if (v < a->lo * (1 - 1e-9) || v > a->hi * (1 + 1e-9)) continue;
            out[n].value = v;
            if (k < -4 || k > 6) base_format(out[n].text, sizeof out[n].text, "%.0e", v);
            else base_format(out[n].text, sizeof out[n].text, "%.*f", BASE_MAX(0, -k), v);
            n++;
        }
    return n;
}

/* base times every power of two within the axis: the Cs, from C-1 on, or beats a minute. */
static int doubling_ticks(const plot_axis *a, double base, int most, plot_tick *out) {
    int first = (int)ceil(log2(a->lo / base) - 1e-6), last = (int)floor(log2(a->hi / base) + 1e-6), n = 0;
    int stride = BASE_MAX(1, (last - first + most) / most);
    for (int k = first; k <= last && n < most; k += stride, n++) {
        out[n].value = ldexp(base, k);
        if (a->quantity == PLOT_NOTES) base_format(out[n].text, sizeof out[n].text, "C%d", k - 1);
        else base_format(out[n].text, sizeof out[n].text, "%g", out[n].value);
    }
    return n;
}

#define LOWEST_C 8.175798915643707   /* Hz: C-1, MIDI note 0 */

int plot_axis_ticks(const plot_axis *a, int most, plot_tick *out) {
    most = BASE_MAX(1, BASE_MIN(most, PLOT_MAX_TICKS));
    int n = 0;
    if (a->quantity == PLOT_NOTES) return doubling_ticks(a, LOWEST_C, most, out);
    if (a->quantity == PLOT_BPM) return doubling_ticks(a, 15, most, out);
    if (a->scale == PLOT_LOG && a->quantity != PLOT_HZ && a->hi >= 5 * a->lo) n = decade_ticks(a, most, out);
    else if ((a->scale == PLOT_LOG || is_mel(a)) && a->hi >= 4 * fmax(a->lo, 16)) n = octave_ticks(a, most, out);
    return n >= 2 ? n : even_ticks(a, most, out);
}
