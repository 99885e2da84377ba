/* curves.c - lines over a common x: loss and accuracy over epochs, features over time, spectra.
 *
 * Long series are thinned when they are added: of every block of points the lowest and the highest are kept, in their
 * order, so the drawn line covers what the full one would. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define MOST_POINTS 8192     /* of a series, kept; twice the blocks */
#define DOT_SPACING 14       /* units between points from which each gets a dot */

typedef struct line {
    double (*xy)[2];         /* [n] */
    size_t n;
    uint32_t color;
    bool dashed;
} line;

typedef struct curves {
    sori_ctx *c;             /* for scratch while drawing */
    size_t count;
    line lines[PLOT_MAX_SERIES];
} curves;

static void curves_free(sori_ctx *c, void *data) {
    curves *v = data;
    for (size_t i = 0; i < v->count; i++) base_free(c, v->lines[i].xy);
    base_free(c, v);
}

/* --- drawing --------------------------------------------------------------------------------------------------- */

static bool drawable(const plot_panel *panel, const double *xy) {
    return isfinite(xy[0]) && isfinite(xy[1]) && (panel->x.scale != PLOT_LOG || xy[0] > 0) &&
           (panel->y.scale != PLOT_LOG || xy[1] > 0);
}

/* Values far outside the axes stay far outside, but within what cairo can count. */
static double bounded(double v, double from, double length) {
    return fmin(fmax(v, from - 10 * length), from + 11 * length);
}

static void draw_line(const plot_panel *panel, plot_canvas *k, plot_box area, const line *l, double (*px)[2]) {
    bool dots = area.w / (double)l->n >= DOT_SPACING;
    size_t run = 0;
    for (size_t i = 0; i <= l->n; i++) {
        bool there = i < l->n && drawable(panel, l->xy[i]);
        if (there) {
            px[run][0] = bounded(plot_x(panel, area, l->xy[i][0]), area.x, area.w);
            px[run][1] = bounded(plot_y(panel, area, l->xy[i][1]), area.y, area.h);
            if (dots) plot_disc(k, px[run][0], px[run][1], 2.4, l->color);
            run++;
            continue;
        }
        if (run == 1) plot_disc(k, px[0][0], px[0][1], 2.4, l->color);
        if (run > 1) plot_polyline(k, (const double (*)[2])px, run, l->color, l->n > 2000 ? 1.1 : 1.8, l->dashed);
        run = 0;
    }
}

static void curves_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const curves *v = panel->data;
    (void)theme;
    for (size_t i = v->count; i-- > 0;) {          /* the first series lies on top */
        double (*px)[2] = base_alloc_raw(v->c, v->lines[i].n, sizeof *px);
        if (px) draw_line(panel, k, area, &v->lines[i], px);
        base_free(v->c, px);
    }
}

static const plot_kind kind = { curves_draw, curves_free };

/* --- taking the data ------------------------------------------------------------------------------------------- */

static double x_of(const sori_series *s, size_t i) { return s->x ? s->x[i] : (double)(i + 1); }

/* Lowest and highest of points from, ..., to - 1, the earlier one first; a block without any becomes one gap. */
static size_t keep_extremes(const sori_series *s, size_t from, size_t to, double (*out)[2]) {
    size_t low = to, high = to;
    for (size_t i = from; i < to; i++) {
        if (!isfinite(s->y[i])) continue;
        if (low == to || s->y[i] < s->y[low]) low = i;
        if (high == to || s->y[i] > s->y[high]) high = i;
    }
    size_t pick[2] = { BASE_MIN(low, high), BASE_MAX(low, high) }, n = low == high ? 1 : 2;
    if (low == to) pick[0] = from;
    for (size_t i = 0; i < n; i++) {
        out[i][0] = x_of(s, pick[i]);
        out[i][1] = s->y[pick[i]];
    }
    return n;
}

static void take(sori_ctx *c, line *l, const sori_series *s) {
    size_t block = s->n <= MOST_POINTS ? 1 : (2 * s->n + MOST_POINTS - 1) / MOST_POINTS;
    l->xy = base_alloc_raw(c, block == 1 ? s->n : MOST_POINTS + 2, sizeof *l->xy);
    for (size_t i = 0; l->xy && i < s->n; i += block)
        l->n += keep_extremes(s, i, BASE_MIN(i + block, s->n), l->xy + l->n);
}

/* The finite (on a log axis, positive) extremes of x or y, whichever `which` says. */
static void extremes(const curves *v, int which, bool log, double *lo, double *hi) {
    *lo = INFINITY, *hi = -INFINITY;
    for (size_t i = 0; i < v->count; i++)
        for (size_t j = 0; j < v->lines[i].n; j++) {
            double u = v->lines[i].xy[j][which];
            if (!isfinite(u) || (log && u <= 0)) continue;
            *lo = fmin(*lo, u);
            *hi = fmax(*hi, u);
        }
}

/* The y axis ends at round values, and starts at 0 where the data comes near it. */
static void set_y(plot_panel *panel, const curves *v, const sori_curves_config *g) {
    double lo, hi;
    panel->y.scale = g->log_y ? PLOT_LOG : PLOT_LINEAR;
    extremes(v, 1, g->log_y, &lo, &hi);
    if (g->log_y) {
        double margin = lo > 0 && hi > lo ? pow(hi / lo, 0.04) : 1;
        plot_axis_range(&panel->y, lo / margin, hi * margin);
    } else {
        if (lo > 0 && lo <= 0.5 * hi) lo = 0;
        plot_axis_range(&panel->y, lo, hi);
        double step = plot_nice_step((panel->y.hi - panel->y.lo) / 10);
        plot_axis_range(&panel->y, step * floor(panel->y.lo / step + 1e-9), step * ceil(panel->y.hi / step - 1e-9));
    }
    lo = g->y_min.mode == 1 ? g->y_min.value : panel->y.lo;
    hi = g->y_max.mode == 1 ? g->y_max.value : panel->y.hi;
    plot_axis_range(&panel->y, lo, hi > lo ? hi : lo + 1);
}

static void set_x(plot_panel *panel, const curves *v, const sori_curves_config *g, bool counted) {
    double lo, hi;
    panel->x.scale = g->log_x ? PLOT_LOG : PLOT_LINEAR;
    panel->x.quantity = g->x == SORI_TIME ? PLOT_SECONDS : g->x == SORI_FREQUENCY ? PLOT_HZ
                        : counted         ? PLOT_COUNT : PLOT_NUMBER;
    extremes(v, 0, g->log_x, &lo, &hi);
    if (g->x_min.mode == 1) lo = g->x_min.value;
    if (g->x_max.mode == 1) hi = g->x_max.value;
    plot_axis_range(&panel->x, lo, hi);
}

static void take_all(sori_plot *p, plot_panel *panel, const sori_series *series, size_t n) {
    curves *v = panel->data;
    v->c = p->c;
    if (!plot_legend_new(p->c, panel, n)) return;
    for (size_t i = 0; i < n && !base_failed(p->c); i++) {
        line *l = &v->lines[v->count++];
        int color = series[i].color > 0 ? series[i].color - 1 : (int)i;
        l->color = p->theme->palette[color % PLOT_PALETTE];
        l->dashed = series[i].dashed;
        take(p->c, l, &series[i]);
        panel->legend[i] = (plot_legend){ .label = plot_copy(p->c, series[i].label), .color = l->color,
                                          .dashed = l->dashed };
    }
}

static void check_ends(sori_ctx *c, const char *axis, sori_opt lo, sori_opt hi, bool log) {
    const sori_opt ends[2] = { lo, hi };
    for (int i = 0; i < 2; i++)
        if (ends[i].mode == 1 && (!isfinite(ends[i].value) || (log && ends[i].value <= 0)))
            sori_fail(c, SORI_EINVAL, "curves: the %s axis cannot end at %g", axis, ends[i].value);
    if (lo.mode == 1 && hi.mode == 1 && !(lo.value < hi.value))
        sori_fail(c, SORI_EINVAL, "curves: %s_min %g is not below %s_max %g", axis, lo.value, axis, hi.value);
}

static bool check(sori_ctx *c, const sori_series *series, size_t n, const sori_curves_config *g) {
    if (n < 1 || n > PLOT_MAX_SERIES) sori_fail(c, SORI_EINVAL, "curves: %zu series (1 to %d)", n, PLOT_MAX_SERIES);
    for (size_t i = 0; i < n && !base_failed(c); i++)
        if (series[i].n > 0 && !series[i].y) sori_fail(c, SORI_EINVAL, "curves: series %zu has no values", i);
    check_ends(c, "y", g->y_min, g->y_max, g->log_y);
    check_ends(c, "x", g->x_min, g->x_max, g->log_x);
    return !base_failed(c);
}

plot_panel *plot_curves_panel(sori_plot *p, const sori_series *series, size_t n, const sori_curves_config *g) {
    bool counted = true;
    if (!check(p->c, series, n, g)) return NULL;
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(curves), g->title, g->height);
    if (!panel) return NULL;
    take_all(p, panel, series, n);
    for (size_t i = 0; i < n; i++) counted = counted && !series[i].x;
    panel->x.label = panel->x_label = plot_copy(p->c, g->x_label);
    panel->y.label = panel->y_label = plot_copy(p->c, g->y_label);
    set_x(panel, panel->data, g, counted);
    set_y(panel, panel->data, g);
    panel->grid_x = panel->grid_y = true;
    return panel;
}

sori_status sori_plot_curves(sori_plot *p, const sori_series *series, size_t n, const sori_curves_config *config) {
    static const sori_curves_config defaults;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    plot_panel *panel = plot_curves_panel(p, series, n, config ? config : &defaults);
    return panel ? plot_add(p, panel) : sori_error(p->c);
}
