/* bars.c - horizontal bars, each with its name on the left and its value at the end. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define MOST 500
#define BAR_HEIGHT 24        /* units a bar, with the space around it */

typedef struct bars {
    size_t n;
    double *values;          /* [n] */
} bars;

static void bars_free(sori_ctx *c, void *data) {
    base_free(c, ((bars *)data)->values);
    base_free(c, data);
}

/* Four digits, as many as an eye compares. */
static void write_value(char *out, size_t size, double v) {
    double a = fabs(v);
    base_format(out, size, a >= 1e6 || (a > 0 && a < 1e-3) ? "%.3g" : a >= 100 ? "%.1f" : a >= 10 ? "%.2f" : "%.3f", v);
    plot_minus(out, size);
}

/* Behind the bar's end, or inside where there is no room behind it. */
static void draw_value(plot_canvas *k, const plot_theme *theme, plot_box area, double end, double y, double v) {
    char text[32];
    plot_text style = { .size = 11, .color = theme->soft, .ay = 0.5 };
    write_value(text, sizeof text, v);
    bool inside = end + 2 * PLOT_GAP + plot_text_size(k, &style, text).w > area.x + area.w;
    if (inside) {
        style.ax = 1;
        style.color = theme->paper;
    }
    plot_draw_text(k, &style, inside ? fmin(end, area.x + area.w) - PLOT_GAP : fmax(end, area.x) + PLOT_GAP, y, text);
}

static void bars_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const bars *b = panel->data;
    double pitch = area.h / (double)b->n, zero = plot_x(panel, area, fmin(fmax(0, panel->x.lo), panel->x.hi));
    for (size_t i = 0; i < b->n; i++) {
        if (!isfinite(b->values[i])) continue;
        double end = area.x + area.w * fmin(fmax(plot_axis_place(&panel->x, b->values[i]), -1), 2);
        double top = area.y + ((double)i + 0.18) * pitch;
        plot_fill(k, (plot_box){ fmin(zero, end), top, fabs(end - zero), 0.64 * pitch }, theme->palette[0]);
        if (pitch >= 11) draw_value(k, theme, area, fmax(end, zero), top + 0.32 * pitch, b->values[i]);
    }
}

static const plot_kind kind = { bars_draw, bars_free };

/* From 0, or the lowest value below it, to a round value beyond the highest. */
static void set_range(plot_axis *a, const double *values, size_t n, const sori_opt *max) {
    double lo = 0, hi = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) continue;
        lo = fmin(lo, values[i]);
        hi = fmax(hi, values[i]);
    }
    double step = hi > lo ? plot_nice_step((hi - lo) / 10) : 1;
    hi = max->mode == 1 && max->value > lo ? max->value : fmax(step, step * ceil(hi / step - 1e-9));
    plot_axis_range(a, step * floor(lo / step + 1e-9), hi);
}

sori_status sori_plot_bars(sori_plot *p, const char *const *labels, const double *values, size_t n,
                           const sori_bars_config *config) {
    static const sori_bars_config defaults;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    const sori_bars_config *g = config ? config : &defaults;
    if (n < 1 || n > MOST || !values)
        return sori_fail(p->c, SORI_EINVAL, "bars: %zu values (1 to %d)", values ? n : 0, MOST);
    if (g->max.mode == 1 && !isfinite(g->max.value))
        return sori_fail(p->c, SORI_EINVAL, "bars: the axis cannot end at %g", g->max.value);
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(bars), g->title, g->height);
    if (!panel) return sori_error(p->c);
    bars *b = panel->data;
    b->n = n;
    b->values = base_alloc_raw(p->c, n, sizeof *values);
    if (b->values) memcpy(b->values, values, n * sizeof *values);
    plot_names_new(p->c, panel, labels, n);
    panel->x.label = panel->x_label = plot_copy(p->c, g->x_label);
    set_range(&panel->x, values, n, &g->max);
    panel->y.scale = PLOT_CATEGORIES;
    plot_axis_range(&panel->y, 0, (double)n);
    panel->area_height = BAR_HEIGHT * (double)n;
    panel->grid_x = true;
    return plot_add(p, panel);
}
