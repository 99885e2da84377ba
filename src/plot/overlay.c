/* overlay.c - what is drawn over a panel's data: events as vertical lines, curves, points.
 *
 * Lines at events lie behind curves and waveforms, and over pictures; what they are called and curves lie on top. */
#include "plot/plot.h"
#include <math.h>

#define MOST 8
#define MOST_POINTS (1 << 20)
#define CROWDED 32           /* units from event to event, on average, below which they are; */
#define FAINT 0xa0           /* and their alpha then */
#define DARK_EDGE 0x00000099
#define LIGHT_EDGE 0xffffffb0
#define BACK 0xcc            /* alpha behind names on pictures, at least */
#define NAME_GAP 3           /* units before and behind a name */

/* Bright, and not magma's own. Over the light colours of two-sided data it is the palette for light paper. */
static const uint32_t on_image[] = { 0x35e0ffff, 0xb6ff6eff, 0xffffffff, 0xffc14dff, 0x5f97ffff };

void plot_overlay_free(sori_ctx *c, plot_panel *panel) {
    for (size_t i = 0; i < panel->overlays_n; i++) {
        plot_overlay *o = &panel->overlays[i];
        for (size_t j = 0; o->names && j < o->n; j++) base_free(c, o->names[j]);
        base_free(c, o->names);
        base_free(c, o->xy);
    }
    base_free(c, panel->overlays);
}

/* --- drawing -------------------------------------------------------------------------------------------------- */

static double within(double v, double from, double length) { return fmin(fmax(v, from - length), from + 2 * length); }

static bool event_at(const plot_panel *panel, plot_box a, const plot_overlay *o, size_t i, double *x) {
    *x = plot_x(panel, a, o->xy[i][0]);
    return *x >= a.x - 1 && *x <= a.x + a.w + 1;
}

/* Crowded lines over a picture let it shine through. */
static void draw_events(const plot_panel *panel, plot_canvas *k, plot_box a, const plot_overlay *o) {
    double x, count = 0;
    for (size_t i = 0; i < o->n; i++) count += event_at(panel, a, o, i, &x);
    bool crowded = panel->image && count * CROWDED > a.w;
    uint32_t color = crowded ? (o->color & 0xffffff00) | FAINT : o->color;
    for (size_t i = 0; i < o->n; i++) {
        if (!event_at(panel, a, o, i, &x)) continue;
        const double line[2][2] = { { x, a.y }, { x, a.y + a.h } };
        if (panel->image && !crowded) plot_polyline(k, line, 2, o->edge, 2.6, false);
        plot_polyline(k, line, 2, color, 1.2, o->dashed);
    }
}

/* Each name right of its line, at the top. What would cover the one before, or be cut at the edge, is left out. */
static void draw_names(const plot_panel *panel, plot_canvas *k, plot_box a, const plot_overlay *o) {
    plot_text style = plot_tick_text;
    style.color = o->color;
    style.max_width = PLOT_NAME_WIDTH;
    double end = a.x;
    for (size_t i = 0; i < o->n; i++) {
        double x = plot_x(panel, a, o->xy[i][0]) + NAME_GAP;
        if (!o->names[i] || !o->names[i][0] || !(x >= end)) continue;
        plot_size size = plot_text_size(k, &style, o->names[i]);
        if (x + size.w + NAME_GAP > a.x + a.w) continue;
        plot_fill(k, (plot_box){ x, a.y + 1, size.w + NAME_GAP, size.h }, o->back);
        plot_draw_text(k, &style, x, a.y + 1, o->names[i]);
        end = x + size.w + 2 * NAME_GAP;
    }
}

static void draw_run(const plot_panel *panel, plot_canvas *k, const plot_overlay *o, const double (*xy)[2], size_t n) {
    if (o->dots || n == 1) {
        for (size_t i = 0; i < n; i++) {
            if (panel->image) plot_disc(k, xy[i][0], xy[i][1], 2.8, o->edge);
            plot_disc(k, xy[i][0], xy[i][1], 1.8, o->color);
        }
        return;
    }
    if (panel->image) plot_polyline(k, xy, n, o->edge, 3.6, false);
    plot_polyline(k, xy, n, o->color, 1.8, o->dashed);
}

static void draw_curve(const plot_panel *panel, plot_canvas *k, plot_box a, plot_overlay *o) {
    size_t run = 0;
    double(*px)[2] = o->px;
    for (size_t i = 0; i <= o->n; i++) {
        if (i < o->n && isfinite(o->xy[i][0]) && isfinite(o->xy[i][1])) {
            px[run][0] = within(plot_x(panel, a, o->xy[i][0]), a.x, a.w);
            px[run][1] = within(plot_y(panel, a, o->xy[i][1]), a.y, a.h);
            run++;
        } else if (run > 0) {
            draw_run(panel, k, o, (const double(*)[2])px, run);
            run = 0;
        }
    }
}

void plot_overlay_draw(const plot_panel *panel, plot_canvas *k, plot_box area, bool before) {
    for (size_t i = 0; i < panel->overlays_n; i++)
        if (panel->overlays[i].events && before != panel->image) draw_events(panel, k, area, &panel->overlays[i]);
    for (size_t i = 0; i < panel->overlays_n && !before; i++) {
        plot_overlay *o = &panel->overlays[i];
        if (o->names) draw_names(panel, k, area, o);
        if (!o->events) draw_curve(panel, k, area, o);
    }
}

/* --- taking the data ------------------------------------------------------------------------------------------- */

static bool check(sori_plot *p, const sori_overlay *overlays, size_t n) {
    const plot_panel *panel = p->count ? p->panels[p->count - 1] : NULL;
    if (!panel) sori_fail(p->c, SORI_EINVAL, "overlay: the plot has no panel to draw over");
    else if (n > MOST || panel->overlays_n + n > MOST)
        sori_fail(p->c, SORI_EINVAL, "overlay: more than %d overlays on a panel", MOST);
    else if (panel->x.scale == PLOT_CATEGORIES)
        sori_fail(p->c, SORI_EINVAL, "overlay: the panel has names, not an axis");
    for (size_t i = 0; i < n && !base_failed(p->c); i++) {
        if (overlays[i].n > MOST_POINTS)
            sori_fail(p->c, SORI_EINVAL, "overlay: %zu points (at most %d)", overlays[i].n, MOST_POINTS);
        else if (overlays[i].y && panel->y.scale == PLOT_CATEGORIES)
            sori_fail(p->c, SORI_EINVAL, "overlay: a curve needs a y axis of numbers");
    }
    return !base_failed(p->c);
}

static uint32_t color_of(const sori_plot *p, const plot_panel *panel, const sori_overlay *o, size_t number) {
    size_t color = o->color > 0 ? (size_t)o->color - 1 : number;
    if (panel->image && !panel->colors.two_sided) return on_image[color % BASE_COUNT(on_image)];
    return (panel->image ? plot_theme_of(false) : p->theme)->palette[(color + 1) % PLOT_PALETTE];
}

static uint32_t edge_of(const plot_panel *panel) {
    return !panel->image ? 0 : panel->colors.two_sided ? LIGHT_EDGE : DARK_EDGE;
}

static void take(sori_plot *p, plot_panel *panel, const sori_overlay *from) {
    size_t number = panel->overlays_n;
    plot_overlay *o = &panel->overlays[panel->overlays_n++];
    *o = (plot_overlay){ .n = from->n, .color = color_of(p, panel, from, number), .dashed = from->dashed,
                         .dots = from->dots, .events = !from->y };
    o->xy = base_alloc_raw(p->c, 2 * from->n, sizeof *o->xy);
    o->px = o->xy ? o->xy + from->n : NULL;
    o->edge = edge_of(panel);
    o->back = panel->image ? o->edge | BACK : (p->theme->paper & 0xffffff00) | FAINT;
    o->names = from->names && !from->y ? base_alloc(p->c, from->n, sizeof *o->names) : NULL;
    for (size_t i = 0; o->names && i < from->n; i++) o->names[i] = plot_copy(p->c, from->names[i]);
    for (size_t i = 0; o->xy && i < from->n; i++) {
        o->xy[i][0] = from->x[i];
        o->xy[i][1] = from->y ? from->y[i] : 0;
    }
}

static void add_legend(sori_plot *p, plot_panel *panel, const sori_overlay *overlays, size_t n) {
    size_t old = panel->legend_n;
    plot_legend *longer = base_grow(p->c, panel->legend, old, old + n, sizeof *longer);
    if (!longer) return;
    panel->legend = longer;
    panel->legend_n = old + n;
    for (size_t i = 0; i < n; i++)
        longer[old + i] = (plot_legend){ .label = plot_copy(p->c, overlays[i].label),
                                         .color = panel->overlays[panel->overlays_n - n + i].color,
                                         .dashed = overlays[i].dashed, .edge = edge_of(panel) };
}

static void add_to(sori_plot *p, plot_panel *panel, const sori_overlay *overlays, size_t n, bool legend) {
    plot_overlay *longer = base_grow(p->c, panel->overlays, panel->overlays_n, panel->overlays_n + n, sizeof *longer);
    if (!longer) return;
    panel->overlays = longer;
    for (size_t i = 0; i < n; i++) take(p, panel, &overlays[i]);
    if (legend) add_legend(p, panel, overlays, n);
}

sori_status sori_plot_overlay(sori_plot *p, const sori_overlay *overlays, size_t n) {
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    if (!check(p, overlays, n)) return sori_error(p->c);
    size_t first = p->count - 1;
    while (first > 0 && p->panels[first - 1]->joined) first--;   /* all lanes of a waveform */
    for (size_t i = first; i < p->count; i++) add_to(p, p->panels[i], overlays, n, i == first);
    return sori_error(p->c);
}
