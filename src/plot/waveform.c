/* waveform.c - amplitude over time.                                                    librosa.display.waveshow
 *
 * Up to max_points samples are kept as they are and drawn as a line. More are cut into blocks of n / max_points
 * samples, of each of which the lowest, the highest and the RMS are kept: nothing that sticks out is lost, whatever the
 * width. librosa draws a symmetric envelope of |y|; the lowest and highest sample show offsets and asymmetry too. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define MAX_POINTS 11025
#define MAX_LANES 8
#define LANE 44              /* units, the least height of one of several, */
#define AROUND 60            /* and what title and time axis take of all */
#define DOT_SPACING 7        /* units between samples from which each gets a dot */

/* One channel: samples [n], or blocks [n] when `low` is set. */
typedef struct waveform {
    float *samples, *low, *high, *rms;
    size_t n;
    sori_ctx *c;             /* for scratch while drawing */
    double start_s, step_s;  /* time of the first sample or block, and from one to the next */
} waveform;

static void waveform_free(sori_ctx *c, void *data) {
    waveform *w = data;
    base_free(c, w->samples);
    base_free(c, w->low);
    base_free(c, w->high);
    base_free(c, w->rms);
    base_free(c, w);
}

/* --- drawing -------------------------------------------------------------------------------------------------- */

static double level(const plot_panel *panel, plot_box area, double v) {
    return fmin(fmax(plot_y(panel, area, v), area.y - 2), area.y + area.h + 2);
}

/* Runs of finite samples, each a line; dots where they stand far apart. */
static void draw_samples(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const waveform *w = panel->data;
    enum { RUN = 1024 };
    double xy[RUN][2], spacing = area.w * w->step_s / (panel->x.hi - panel->x.lo);
    size_t run = 0;
    for (size_t i = 0; i <= w->n; i++) {
        bool there = i < w->n && isfinite(w->samples[i]);
        if (there) {
            xy[run][0] = plot_x(panel, area, w->start_s + (double)i * w->step_s);
            xy[run][1] = level(panel, area, w->samples[i]);
            if (spacing >= DOT_SPACING || w->n == 1) plot_disc(k, xy[run][0], xy[run][1], 2.2, theme->rms);
            run++;
        }
        if (run == RUN || (!there && run > 0)) {
            plot_polyline(k, (const double (*)[2])xy, run, theme->rms, 1.1, false);
            memcpy(xy[0], xy[run - 1], sizeof xy[0]);   /* a long line goes on from its last point */
            run = there ? 1 : 0;
        }
    }
}

/* Lowest, highest and RMS of the blocks in one column of pixels; false if none is finite. */
static bool column(const waveform *w, size_t from, size_t to, double *low, double *high, double *rms) {
    double squares = 0;
    size_t n = 0;
    *low = INFINITY, *high = -INFINITY;
    for (size_t i = from; i < to; i++) {
        if (isnan(w->low[i])) continue;
        *low = fmin(*low, w->low[i]);
        *high = fmax(*high, w->high[i]);
        squares += (double)w->rms[i] * w->rms[i];
        n++;
    }
    *rms = n ? sqrt(squares / (double)n) : 0;
    return n > 0;
}

/* Fill between edge[i] = { top, bottom } of columns from, ..., to - 1, stepwise: along the top to the right, along
 * the bottom back. xy has room for 4 points a column. */
static void fill_run(plot_canvas *k, plot_box area, double width, const double (*edge)[2], size_t from, size_t to,
                     double (*xy)[2], uint32_t color) {
    size_t last = 4 * (to - from) - 1;
    for (size_t i = from; i < to; i++) {
        double gap = fmax(0, 1 - (edge[i][1] - edge[i][0])) / 2;   /* silence is a thin line, not nothing */
        size_t there = 2 * (i - from), back = last - there;
        xy[there][0] = xy[back][0] = area.x + (double)i * width;
        xy[there + 1][0] = xy[back - 1][0] = area.x + (double)(i + 1) * width;
        xy[there][1] = xy[there + 1][1] = edge[i][0] - gap;
        xy[back][1] = xy[back - 1][1] = edge[i][1] + gap;
    }
    plot_polygon(k, (const double (*)[2])xy, last + 1, color);
}

/* The runs of columns that have samples. */
static void fill_band(plot_canvas *k, plot_box area, const double (*edge)[2], size_t columns, double (*xy)[2],
                      uint32_t color) {
    size_t from = 0;
    for (size_t i = 0; i <= columns; i++) {
        if (i < columns && !isnan(edge[i][0])) continue;
        if (i > from) fill_run(k, area, area.w / (double)columns, edge, from, i, xy, color);
        from = i + 1;
    }
}

/* Top and bottom of both bands in every column of pixels; NaN where there are no samples. */
static void find_edges(const plot_panel *panel, plot_box area, size_t columns, double (*peak)[2], double (*rms)[2]) {
    const waveform *w = panel->data;
    double span = (panel->x.hi - panel->x.lo) / (double)columns;
    for (size_t i = 0; i < columns; i++) {
        double t = panel->x.lo + span * (double)i - w->start_s, low, high, mean;
        double from = fmax(floor(t / w->step_s), 0), to = fmin(ceil((t + span) / w->step_s), (double)w->n);
        bool there = from < to && column(w, (size_t)from, (size_t)to, &low, &high, &mean);
        peak[i][0] = there ? level(panel, area, high) : NAN;
        peak[i][1] = there ? level(panel, area, low) : NAN;
        rms[i][0] = there ? level(panel, area, fmin(mean, high)) : NAN;
        rms[i][1] = there ? level(panel, area, fmax(-mean, low)) : NAN;
    }
}

static void draw_envelope(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const waveform *w = panel->data;
    size_t columns, rows;
    plot_pixels(k, area, &columns, &rows);
    double (*edges)[2] = base_alloc_raw(w->c, 6 * columns, sizeof *edges);
    if (!edges) return;
    double (*rms)[2] = edges + columns, (*xy)[2] = rms + columns;
    find_edges(panel, area, columns, edges, rms);
    fill_band(k, area, (const double (*)[2])edges, columns, xy, theme->peak);
    fill_band(k, area, (const double (*)[2])rms, columns, xy, theme->rms);
    base_free(w->c, edges);
}

static void waveform_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const waveform *w = panel->data;
    if (w->samples) draw_samples(panel, k, theme, area);
    else draw_envelope(panel, k, theme, area);
}

static const plot_kind kind = { waveform_draw, waveform_free };

/* --- taking the data ------------------------------------------------------------------------------------------ */

static void block_of(const float *y, size_t n, float *low, float *high, float *rms) {
    float a = INFINITY, b = -INFINITY;
    double squares = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(y[i])) continue;
        a = y[i] < a ? y[i] : a;
        b = y[i] > b ? y[i] : b;
        squares += (double)y[i] * y[i];
        count++;
    }
    *low = count ? a : NAN;
    *high = count ? b : NAN;
    *rms = count ? (float)sqrt(squares / (double)count) : NAN;
}

static void take(sori_ctx *c, waveform *w, const float *y, size_t n, double sr, size_t max_points) {
    size_t block = n <= max_points ? 1 : n / max_points;
    w->n = (n + block - 1) / block;
    w->step_s = (double)block / sr;
    if (n <= max_points) {
        w->samples = base_alloc_raw(c, n, sizeof *y);
        if (w->samples) memcpy(w->samples, y, n * sizeof *y);
        return;
    }
    w->low = base_alloc_raw(c, w->n, sizeof *y);
    w->high = base_alloc_raw(c, w->n, sizeof *y);
    w->rms = base_alloc_raw(c, w->n, sizeof *y);
    for (size_t i = 0; !base_failed(c) && i < w->n; i++)
        block_of(y + i * block, BASE_MIN(block, n - i * block), &w->low[i], &w->high[i], &w->rms[i]);
}

/* One range for all channels, symmetric, a little beyond the highest sample. */
static double peak_of(const float *y, size_t n) {
    float peak = 0;
    for (size_t i = 0; i < n; i++) peak = isfinite(y[i]) && fabsf(y[i]) > peak ? fabsf(y[i]) : peak;
    return peak > 0 ? 1.05 * peak : 1;
}

static void legend_of(sori_ctx *c, plot_panel *panel, const plot_theme *theme) {
    if (!plot_legend_new(c, panel, 2)) return;
    panel->legend[0] = (plot_legend){ .label = plot_copy(c, "peak"), .color = theme->peak, .block = true };
    panel->legend[1] = (plot_legend){ .label = plot_copy(c, "RMS"), .color = theme->rms, .block = true };
}

static sori_status add_lane(sori_plot *p, sori_audio y, const sori_waveform_config *g, size_t lane, size_t lanes) {
    size_t n = y.y->shape[y.y->ndim - 1];
    const float *samples = y.y->data;
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(waveform), lane == 0 ? g->title : NULL,
                                       lanes == 1 ? g->height : 0);
    if (!panel) return sori_error(p->c);
    waveform *w = panel->data;
    w->c = p->c;
    w->start_s = g->start_s;
    take(p->c, w, samples + lane * n, n, y.sr, g->max_points ? g->max_points : MAX_POINTS);
    if (w->low && lane == 0) legend_of(p->c, panel, p->theme);
    if (lanes == 2) panel->y_label = plot_copy(p->c, lane ? "Right" : "Left");
    else if (lanes > 2) panel->y_label = base_printf(p->c, "Channel %zu", lane + 1);
    else panel->y_label = plot_copy(p->c, "Amplitude");
    panel->y.label = panel->y_label;
    panel->x.quantity = PLOT_SECONDS;
    plot_axis_range(&panel->x, g->start_s, g->start_s + (double)n / y.sr);
    double peak = g->peak > 0 ? g->peak : peak_of(samples, lanes * n);
    plot_axis_range(&panel->y, -peak, peak);
    double height = (g->height > 0 ? g->height : p->panel_height) - AROUND;
    if (lanes > 1) panel->area_height = fmax(LANE, height / (double)lanes - PLOT_GAP - PLOT_TICK);
    panel->joined = lane + 1 < lanes;
    panel->grid_x = panel->grid_y = true;
    return plot_add(p, panel);
}

sori_status sori_plot_waveform(sori_plot *p, sori_audio y, const sori_waveform_config *config) {
    static const sori_waveform_config defaults;
    size_t lanes, n;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    if (!config) config = &defaults;
    if (!plot_check_audio(p->c, "waveform", y, &lanes, &n)) return sori_error(p->c);
    if (lanes > MAX_LANES)
        return sori_fail(p->c, SORI_EINVAL, "waveform: %zu channels (at most %d)", lanes, MAX_LANES);
    if (!isfinite(config->start_s)) return sori_fail(p->c, SORI_EINVAL, "waveform: start_s is not a number");
    if (!(config->peak >= 0 && isfinite(config->peak)))
        return sori_fail(p->c, SORI_EINVAL, "waveform: peak %g is not an amplitude", config->peak);
    for (size_t i = 0; i < lanes; i++)
        if (add_lane(p, y, config, i, lanes)) break;
    return sori_error(p->c);
}
