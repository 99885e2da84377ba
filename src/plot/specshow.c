/* specshow.c - a matrix over time as a picture.                                      librosa.display.specshow
 *
 * The matrix is copied with its frames reduced to a few per pixel. Drawing asks, for every pixel, which cells it
 * covers: columns by time, rows by where they lie on the y axis (rows.c), so one rule serves every combination of rows
 * and axis. */
#include "plot/raster.h"
#include "plot/rows.h"
#include "array/array.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define OVERSAMPLE 4         /* cells kept a pixel: then their borders do not beat against the pixels' */

typedef struct spec {
    sori_ctx *c;             /* for the pixels while drawing */
    float *values;           /* [rows][cols] */
    size_t rows, cols;
    double first_s, step_s;  /* left edge of the first column, and their width, on the x axis */
    plot_reduce reduce;
    plot_rows on_y;
} spec;

static void spec_free(sori_ctx *c, void *data) {
    base_free(c, ((spec *)data)->values);
    base_free(c, data);
}

/* --- drawing -------------------------------------------------------------------------------------------------- */

static void column_spans(const spec *s, const plot_panel *panel, plot_span *spans, size_t w) {
    double span = (panel->x.hi - panel->x.lo) / (double)w, lo = panel->x.lo - s->first_s;
    for (size_t i = 0; i < w; i++)
        spans[i] = plot_span_of((lo + span * (double)i) / s->step_s, (lo + span * (double)(i + 1)) / s->step_s,
                                s->cols, s->reduce);
}

static void color_row(const plot_panel *panel, const float *v, const plot_span *spans, size_t w, uint32_t missing,
                      uint32_t *argb) {
    for (size_t x = 0; x < w; x++) {
        uint32_t color = plot_color_of(&panel->colors, v[x]);
        argb[x] = spans[x].count == 0 ? 0 : color ? color : missing;
    }
}

/* Pixel rows from the top; the data's rows count from the bottom. */
static void paint(const plot_panel *panel, const float *wide, const plot_span *spans, size_t w, size_t h,
                  const plot_theme *theme, float *line, uint32_t *argb) {
    const spec *s = panel->data;
    uint32_t missing = 0xff000000 | theme->area >> 8;
    for (size_t y = 0; y < h; y++) {
        double top = plot_row_at(&s->on_y, plot_axis_value(&panel->y, 1 - (double)y / (double)h));
        double bottom = plot_row_at(&s->on_y, plot_axis_value(&panel->y, 1 - (double)(y + 1) / (double)h));
        plot_span span = plot_span_of(fmin(bottom, top), fmax(bottom, top), s->rows, s->reduce);
        if (span.count == 0) continue;
        plot_reduce_rows(wide, w, span, s->reduce, line, line + w);
        color_row(panel, line, spans, w, missing, argb + y * w);
    }
}

static void spec_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const spec *s = panel->data;
    size_t w, h;
    plot_pixels(k, area, &w, &h);
    plot_span *spans = base_alloc(s->c, w, sizeof *spans);
    float *wide = base_alloc_raw(s->c, s->rows * w, sizeof *wide), *line = base_alloc_raw(s->c, 2 * w, sizeof *line);
    uint32_t *argb = base_alloc(s->c, w * h, sizeof *argb);
    if (!base_failed(s->c)) {
        column_spans(s, panel, spans, w);
        for (size_t r = 0; r < s->rows; r++)
            plot_reduce_row(s->values + r * s->cols, spans, w, s->reduce, wide + r * w);
        paint(panel, wide, spans, w, h, theme, line, argb);
        plot_image(k, area, argb, w, h);
    }
    base_free(s->c, argb);
    base_free(s->c, line);
    base_free(s->c, wide);
    base_free(s->c, spans);
}

static const plot_kind kind = { spec_draw, spec_free };

/* --- taking the data ------------------------------------------------------------------------------------------ */

/* One row as floats: the matrix's own, or a copy in out. */
static const float *row_of(const sori_array *S, size_t row, float *out) {
    size_t n = S->shape[1];
    if (S->dtype == SORI_F32) return (const float *)S->data + row * n;
    const double *v = (const double *)S->data + row * n;
    for (size_t i = 0; i < n; i++) out[i] = isfinite(v[i]) ? (float)fmin(fmax(v[i], -FLT_MAX), FLT_MAX) : (float)v[i];
    return out;
}

/* Infinities would spoil means: they become the nearest finite value of the matrix. */
static const float *finite_row(const float *in, size_t n, const plot_stats *stats, float *out) {
    if (stats->infinite == 0) return in;
    for (size_t i = 0; i < n; i++)
        out[i] = !isinf(in[i]) || !stats->finite ? in[i] : (float)(in[i] > 0 ? stats->max : stats->min);
    return out;
}

/* Reduce the frames to OVERSAMPLE times the picture's width, row by row. */
static void take(sori_plot *p, spec *s, const sori_array *S, const plot_stats *stats) {
    size_t frames = S->shape[1], most = (size_t)(OVERSAMPLE * p->scale * fmax(p->width, 1000));
    size_t block = (frames + most - 1) / most;
    s->rows = S->shape[0];
    s->cols = (frames + block - 1) / block;
    s->values = base_alloc_raw(p->c, s->rows * s->cols, sizeof *s->values);
    float *row = base_alloc_raw(p->c, frames, sizeof *row);
    plot_span *spans = base_alloc_raw(p->c, s->cols, sizeof *spans);
    for (size_t i = 0; spans && i < s->cols; i++)
        spans[i] = (plot_span){ i * block, BASE_MIN(block, frames - i * block), 1, 1 };
    for (size_t r = 0; !base_failed(p->c) && r < s->rows; r++) {
        const float *values = finite_row(row_of(S, r, row), frames, stats, row);
        plot_reduce_row(values, spans, s->cols, s->reduce, s->values + r * s->cols);
    }
    base_free(p->c, spans);
    base_free(p->c, row);
    s->step_s *= (double)block;
}

static plot_stats stats_of(sori_ctx *c, const sori_array *S) {
    plot_stats stats = PLOT_NO_STATS;
    float *row = base_alloc_raw(c, S->shape[1], sizeof *row);
    for (size_t r = 0; row && r < S->shape[0]; r++) plot_stats_add(&stats, row_of(S, r, row), S->shape[1]);
    base_free(c, row);
    return stats;
}

/* --- axes and colours ----------------------------------------------------------------------------------------- */

static void set_time(plot_panel *panel, spec *s, const sori_matrix_config *g, size_t frames, int n_fft) {
    if (g->sr <= 0) {
        s->first_s = -0.5;
        s->step_s = 1;
        panel->x.quantity = PLOT_COUNT;
        panel->x.label = "Frame";
        plot_axis_range(&panel->x, -0.5, (double)frames - 0.5);
        return;
    }
    double middle = g->start_s + (g->uncentered ? n_fft / 2 / g->sr : 0);
    s->step_s = (g->hop_length ? g->hop_length : 512) / g->sr;
    s->first_s = middle - s->step_s / 2;
    panel->x.quantity = PLOT_SECONDS;
    plot_axis_range(&panel->x, fmax(s->first_s, g->start_s), s->first_s + (double)frames * s->step_s);
}

/* Only one side of zero is asked for: rounding errors on the other do not make two. */
static plot_colors one_sided(plot_colors colors) {
    return (plot_colors){ plot_magma, colors.lo, colors.hi, false };
}

static void set_colors(plot_panel *panel, const plot_stats *stats, const sori_matrix_config *g) {
    panel->colors = plot_colors_of(stats);
    if (g->vmin.mode == 1) panel->colors.lo = g->vmin.value;
    if (g->vmax.mode == 1) panel->colors.hi = g->vmax.value;
    if (panel->colors.lo >= 0 || panel->colors.hi <= 0) panel->colors = one_sided(panel->colors);
    if (panel->colors.lo < panel->colors.hi) return;
    if (g->vmin.mode == 1) panel->colors.hi = panel->colors.lo + 1;   /* all data beyond the one end that was given */
    else panel->colors.lo = panel->colors.hi - 1;
}

/* --- the gate ------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const sori_array *S, const sori_matrix_config *g, int n_fft) {
    char text[128];
    if (!S) return sori_fail(c, SORI_EINVAL, "specshow: no array given"), false;
    if ((S->dtype != SORI_F32 && S->dtype != SORI_F64) || S->ndim != 2 || S->size == 0)
        sori_fail(c, SORI_EINVAL, "specshow: needs [rows, frames] of float32 or float64, got %s of %s",
                  array_shape_text(S, text, sizeof text), sori_dtype_name(S->dtype));
    else if (!isfinite(g->sr) || !isfinite(g->start_s) || g->sr < 0 || g->hop_length < 0 || n_fft < 1)
        sori_fail(c, SORI_EINVAL, "specshow: sr %g Hz, hop_length %d, n_fft %d, start_s %g", g->sr, g->hop_length,
                  n_fft, g->start_s);
    else if (g->sr > 0 && !(g->fmax <= g->sr / 2))
        sori_fail(c, SORI_EINVAL, "specshow: fmax %g Hz is above sr/2 %g Hz", g->fmax, g->sr / 2);
    else if (g->sr > 0 && !(g->fmin >= 0 && g->fmin < (g->fmax > 0 ? g->fmax : g->sr / 2)))
        sori_fail(c, SORI_EINVAL, "specshow: fmin %g Hz is not between 0 and fmax %g Hz", g->fmin,
                  g->fmax > 0 ? g->fmax : g->sr / 2);
    else if ((int)g->rows < 0 || g->rows > SORI_ROWS_TIME || g->bins_per_octave < 0)
        sori_fail(c, SORI_EINVAL, "specshow: rows %d, bins_per_octave %d", (int)g->rows, g->bins_per_octave);
    else if (g->rows == SORI_ROWS_FFT && S->shape[0] > 1 + (size_t)n_fft / 2 && S->shape[0] > 1)
        sori_fail(c, SORI_EINVAL, "specshow: %zu rows, but n_fft %d has %d bins", S->shape[0], n_fft, 1 + n_fft / 2);
    else if ((g->vmin.mode == 1 && !isfinite(g->vmin.value)) || (g->vmax.mode == 1 && !isfinite(g->vmax.value)) ||
             (g->vmin.mode == 1 && g->vmax.mode == 1 && !(g->vmin.value < g->vmax.value)))
        sori_fail(c, SORI_EINVAL, "specshow: vmin %g is not below vmax %g", g->vmin.value, g->vmax.value);
    return !base_failed(c);
}

static int n_fft_of(const sori_array *S, const sori_matrix_config *g) {
    if (g->n_fft || !S || S->ndim < 1) return g->n_fft ? g->n_fft : 1;
    return (int)BASE_MIN(BASE_MAX(2 * (S->shape[0] - 1), 1), 1 << 30);
}

sori_status sori_plot_matrix(sori_plot *p, const sori_array *S, const sori_matrix_config *config) {
    static const sori_matrix_config defaults;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    const sori_matrix_config *g = config ? config : &defaults;
    int n_fft = n_fft_of(S, g);
    if (!check(p->c, S, g, n_fft)) return sori_error(p->c);
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(spec), g->title, g->height);
    if (!panel) return sori_error(p->c);
    spec *s = panel->data;
    plot_stats stats = stats_of(p->c, S);
    s->c = p->c;
    set_colors(panel, &stats, g);
    bool peak = g->reduce == SORI_REDUCE_AUTO ? !panel->colors.two_sided : g->reduce == SORI_REDUCE_PEAK;
    s->reduce = g->smooth ? PLOT_SMOOTH : peak ? PLOT_PEAK : PLOT_MEAN;
    set_time(panel, s, g, S->shape[1], n_fft);
    plot_rows_set(p, panel, &s->on_y, g, S->shape[0], n_fft);
    take(p, s, S, &stats);
    panel->unit = plot_copy(p->c, g->unit);
    panel->image = panel->bar = true;
    return plot_add(p, panel);
}
