/* intervals.c - values with their spread, one below the other: a name, a dot, a line from value - spread to value +
 * spread, and the number behind it.
 *
 * Unlike bars they do not begin at 0, so differences that are small beside the values can be seen. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define MOST 500
#define ROW_HEIGHT 24        /* units, with the space around it */
#define CAP 4                /* half of the short lines at the ends */
#define DOT 4                /* radius */
#define ROOM 0.16            /* of the axis, behind the last value for its number */

typedef struct intervals {
    size_t n;
    double *values, *spreads;   /* [n], one block */
} intervals;

static void intervals_free(sori_ctx *c, void *data) {
    base_free(c, ((intervals *)data)->values);
    base_free(c, data);
}

static double reach(const intervals *v, size_t i) { return isfinite(v->spreads[i]) ? fabs(v->spreads[i]) : 0; }

static void draw_spread(plot_canvas *k, uint32_t color, double from, double to, double y) {
    const double line[2][2] = { { from, y }, { to, y } };
    plot_polyline(k, line, 2, color, 1.8, false);
    for (int end = 0; end < 2; end++) {
        const double cap[2][2] = { { line[end][0], y - CAP }, { line[end][0], y + CAP } };
        plot_polyline(k, cap, 2, color, 1.8, false);
    }
}

static void write_number(char *out, size_t size, const intervals *v, size_t i) {
    if (isfinite(v->spreads[i])) base_format(out, size, "%.4g ± %.2g", v->values[i], fabs(v->spreads[i]));
    else base_format(out, size, "%.4g", v->values[i]);
    plot_minus(out, size);
}

static void intervals_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const intervals *v = panel->data;
    const plot_text style = { .size = 11, .color = theme->soft, .ay = 0.5 };
    double pitch = area.h / (double)v->n;
    for (size_t i = 0; i < v->n; i++) {
        if (!isfinite(v->values[i])) continue;
        char text[64];
        double y = area.y + ((double)i + 0.5) * pitch, x = plot_x(panel, area, v->values[i]);
        double from = plot_x(panel, area, v->values[i] - reach(v, i));
        double to = plot_x(panel, area, v->values[i] + reach(v, i));
        if (reach(v, i) > 0) draw_spread(k, theme->palette[0], from, to, y);
        plot_disc(k, x, y, DOT, theme->palette[0]);
        write_number(text, sizeof text, v, i);
        if (pitch >= 11) plot_draw_text(k, &style, fmax(to, x + DOT) + PLOT_GAP, y, text);
    }
}

static const plot_kind kind = { intervals_draw, intervals_free };

/* Round values around the data, or what is asked for; room for the numbers. */
static void set_range(plot_axis *a, const intervals *v, const sori_intervals_config *g) {
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < v->n; i++) {
        if (!isfinite(v->values[i])) continue;
        lo = fmin(lo, v->values[i] - reach(v, i));
        hi = fmax(hi, v->values[i] + reach(v, i));
    }
    if (g->min.mode == 1) lo = g->min.value;
    if (g->max.mode == 1) hi = g->max.value;
    plot_axis_range(a, lo, hi);
    double step = plot_nice_step((a->hi - a->lo) / 10);
    plot_axis_range(a, step * floor(a->lo / step + 1e-9), step * ceil(a->hi / step - 1e-9));
    plot_axis_range(a, a->lo, a->hi + ROOM * (a->hi - a->lo));
}

static bool check(sori_ctx *c, const double *values, size_t n, const sori_intervals_config *g) {
    if (n < 1 || n > MOST || !values)
        sori_fail(c, SORI_EINVAL, "intervals: %zu values (1 to %d)", values ? n : 0, MOST);
    else if ((g->min.mode == 1 && !isfinite(g->min.value)) || (g->max.mode == 1 && !isfinite(g->max.value)))
        sori_fail(c, SORI_EINVAL, "intervals: an end of the axis is not a number");
    else if (g->min.mode == 1 && g->max.mode == 1 && !(g->min.value < g->max.value))
        sori_fail(c, SORI_EINVAL, "intervals: min %g is not below max %g", g->min.value, g->max.value);
    return !base_failed(c);
}

sori_status sori_plot_intervals(sori_plot *p, const char *const *labels, const double *values, const double *spreads,
                                size_t n, const sori_intervals_config *config) {
    static const sori_intervals_config defaults;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    const sori_intervals_config *g = config ? config : &defaults;
    if (!check(p->c, values, n, g)) return sori_error(p->c);
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(intervals), g->title, g->height);
    if (!panel) return sori_error(p->c);
    intervals *v = panel->data;
    v->values = base_alloc(p->c, 2 * n, sizeof *v->values);
    if (v->values) {
        v->n = n;
        v->spreads = v->values + n;
        memcpy(v->values, values, n * sizeof *values);
        if (spreads) memcpy(v->spreads, spreads, n * sizeof *spreads);
        else for (size_t i = 0; i < n; i++) v->spreads[i] = NAN;
    }
    plot_names_new(p->c, panel, labels, n);
    panel->x.label = panel->x_label = plot_copy(p->c, g->x_label);
    set_range(&panel->x, v, g);
    panel->y.scale = PLOT_CATEGORIES;
    plot_axis_range(&panel->y, 0, (double)n);
    panel->area_height = ROW_HEIGHT * (double)n;
    panel->grid_x = true;
    return plot_add(p, panel);
}
