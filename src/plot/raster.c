/* raster.c - reducing rows of values to rows of pixels.
 *
 * Each pixel knows its span of cells. The work is separable, along time first and across rows second, and touches
 * every value once: cost O(values). */
#include "plot/raster.h"
#include <math.h>

static plot_span one_cell(double at, size_t n) {
    double cell = fmin(fmax(floor(at), 0), (double)n - 1);
    return (plot_span){ (size_t)cell, 1, 1, 1 };
}

/* The two cells whose middles lie around `at`. */
static plot_span blend(double at, size_t n) {
    double left = floor(at - 0.5), part = at - 0.5 - left;
    if (left < 0 || left + 1 >= (double)n) return one_cell(at, n);
    return (plot_span){ (size_t)left, 2, (float)(1 - part), (float)part };
}

plot_span plot_span_of(double from, double to, size_t n, plot_reduce mode) {
    double middle = (from + to) / 2, last = (double)n;
    if (n == 0 || !(middle >= 0 && middle <= last)) return (plot_span){ 0, 0, 0, 0 };
    if (to - from < 1) return mode == PLOT_SMOOTH ? blend(middle, n) : one_cell(middle, n);
    double a = fmax(from, 0), b = fmin(to, last);
    if (mode == PLOT_PEAK) {
        a = fmin(ceil(a - 0.5), last - 1);             /* first cell with its middle at or after `from` */
        b = fmax(ceil(b - 0.5), a + 1);                /* first one with its middle at or after `to` */
        return (plot_span){ (size_t)a, (size_t)(b - a), 1, 1 };
    }
    double first = fmin(floor(a), last - 1), end = fmax(ceil(b), first + 1);
    if (end - first < 2) return one_cell(first, n);
    return (plot_span){ (size_t)first, (size_t)(end - first), (float)(first + 1 - a), (float)(b - (end - 1)) };
}

static float weight(const plot_span *s, size_t i) {
    return i == 0 ? s->first_weight : i + 1 == s->count ? s->last_weight : 1;
}

/* A comparison with NaN is false, so NaN never becomes the best. */
static float peak_of(const float *v, size_t n) {
    float best = -INFINITY;
    for (size_t i = 0; i < n; i++) best = v[i] > best ? v[i] : best;
    return best > -INFINITY ? best : NAN;
}

static float mean_of(const float *v, const plot_span *s) {
    double sum = 0, weights = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (isnan(v[i])) continue;
        sum += (double)weight(s, i) * v[i];
        weights += weight(s, i);
    }
    return weights > 0 ? (float)(sum / weights) : NAN;
}

void plot_reduce_row(const float *in, const plot_span *spans, size_t w, plot_reduce mode, float *out) {
    for (size_t i = 0; i < w; i++) {
        const float *v = in + spans[i].first;
        out[i] = spans[i].count == 0   ? NAN
                 : spans[i].count == 1 ? v[0]
                 : mode == PLOT_PEAK   ? peak_of(v, spans[i].count) : mean_of(v, &spans[i]);
    }
}

static void peak_rows(const float *in, size_t w, size_t rows, float *out) {
    for (size_t x = 0; x < w; x++) out[x] = in[x];
    for (size_t r = 1; r < rows; r++)
        for (size_t x = 0; x < w; x++) {
            float v = in[r * w + x];
            out[x] = v <= out[x] || isnan(v) ? out[x] : v;
        }
}

void plot_reduce_rows(const float *in, size_t w, plot_span span, plot_reduce mode, float *out, float *scratch) {
    in += span.first * w;
    if (mode == PLOT_PEAK || span.count == 1) {
        peak_rows(in, w, span.count, out);
        return;
    }
    for (size_t x = 0; x < w; x++) out[x] = scratch[x] = 0;
    for (size_t r = 0; r < span.count; r++) {
        float k = weight(&span, r);
        for (size_t x = 0; x < w; x++) {
            float v = in[r * w + x], used = isnan(v) ? 0 : k;
            out[x] += isnan(v) ? 0 : k * v;
            scratch[x] += used;
        }
    }
    for (size_t x = 0; x < w; x++) out[x] = scratch[x] > 0 ? out[x] / scratch[x] : NAN;
}
