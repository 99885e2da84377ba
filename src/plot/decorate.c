/* decorate.c - draws a plot where layout.c put it: titles, grid, the panel's own data, axes, legend, colour bar. */
#include "plot/plot.h"
#include <math.h>

#define RIM 3                /* units around the area that lines and dots on its edge may use */

/* Light: ink and greys of one hue; dark: the same turned over. The series' colours are told apart with every common
 * kind of colour blindness (after Okabe and Ito, "Color universal design", 2008, toned down). */
static const plot_theme themes[2] = {
    { .paper = 0xffffffff, .ink = 0x1b2330ff, .soft = 0x55606eff, .grid = 0xe7eaeeff, .line = 0x8a94a1ff,
      .area = 0xd5d9deff, .peak = 0x9dbfe6ff, .rms = 0x2b6cb0ff,
      .cell_low = { 0xf6f9fcff, 0x8cb8deff, 0x2a70b2ff }, .cell_high = 0x0b3a66ff,
      .on_low = 0x1b2330ff, .on_high = 0xffffffff,
      .palette = { 0x2468b0ff, 0xd9731aff, 0x1f9469ff, 0xb8478eff, 0x6f56c0ff, 0x178f9eff, 0xa8860cff, 0x6b7280ff } },
    { .paper = 0x14181fff, .ink = 0xeef1f5ff, .soft = 0xaab3bfff, .grid = 0x272d37ff, .line = 0x6d7785ff,
      .area = 0x3a414cff, .peak = 0x33557eff, .rms = 0x78b0eeff,
      .cell_low = { 0x1b222cff, 0x245580ff, 0x4d94cfff }, .cell_high = 0xb5d8f5ff,
      .on_low = 0xe6ebf1ff, .on_high = 0x101419ff,
      .palette = { 0x6aaef5ff, 0xf0a050ff, 0x4cc49aff, 0xe283bfff, 0xa895f0ff, 0x4fc3d0ff, 0xd9b94aff, 0x9ca3afff } },
};

const plot_theme *plot_theme_of(bool dark) { return &themes[dark]; }

static plot_text styled(const plot_text *base, uint32_t color, double ax, double ay) {
    plot_text t = *base;
    t.color = color;
    t.ax = ax;
    t.ay = ay;
    return t;
}

/* --- axes ----------------------------------------------------------------------------------------------------- */

static void draw_grid(sori_plot *p, const plot_panel *panel) {
    const plot_place *at = &panel->place;
    plot_box a = at->area;
    for (int i = 0; panel->grid_y && i < at->y_n; i++)
        plot_hline(p->canvas, a.x, a.x + a.w, plot_y(panel, a, at->y[i].value), p->theme->grid);
    for (int i = 0; panel->grid_x && i < at->x_n; i++)
        plot_vline(p->canvas, plot_x(panel, a, at->x[i].value), a.y, a.y + a.h, p->theme->grid);
}

/* Every s-th name, where even small type would overlap. */
static size_t name_stride(double cell) { return (size_t)fmax(1, ceil(8 / fmax(cell, 1e-3))); }

static void draw_x_names(sori_plot *p, const plot_panel *panel) {
    const plot_place *at = &panel->place;
    double cell = at->area.w / (double)panel->names_n, y = at->area.y + at->area.h + PLOT_TICK + PLOT_GAP / 2.0;
    plot_text style = plot_name_text(cell);
    style.color = p->theme->soft;
    style.angle = at->angle;
    style.ax = at->angle == 0 ? 0.5 : 1;
    style.ay = at->angle == 0 ? 0 : 0.5;
    if (at->angle == 45) y += style.size * 0.4;   /* half the text's height, turned */
    for (size_t i = 0; i < panel->names_n; i += name_stride(cell))
        plot_draw_text(p->canvas, &style, at->area.x + ((double)i + 0.5) * cell, y, panel->names[i]);
}

static void draw_y_names(sori_plot *p, const plot_panel *panel) {
    const plot_place *at = &panel->place;
    double cell = at->area.h / (double)panel->names_n;
    plot_text style = plot_name_text(cell);
    style.color = p->theme->soft;
    style.ax = 1;
    style.ay = 0.5;
    for (size_t i = 0; i < panel->names_n; i += name_stride(cell))
        plot_draw_text(p->canvas, &style, at->area.x - PLOT_TICK - PLOT_GAP / 2.0,
                       at->area.y + ((double)i + 0.5) * cell, panel->names[i]);
}

static void draw_x_ticks(sori_plot *p, const plot_panel *panel, double end) {
    const plot_place *at = &panel->place;
    plot_text style = styled(&plot_tick_text, p->theme->soft, 0.5, 0);
    double y = at->area.y + at->area.h;
    for (int i = 0; i < at->x_n; i++) {
        double x = plot_x(panel, at->area, at->x[i].value);
        plot_vline(p->canvas, fmin(x, at->area.x + at->area.w - 1), y, y + PLOT_TICK, p->theme->line);
        if (!at->times) continue;
        double half = plot_text_size(p->canvas, &style, at->x[i].text).w / 2;
        x = fmin(x, end - 2 - half);                   /* the last label stays inside the column */
        plot_draw_text(p->canvas, &style, x, y + PLOT_TICK + PLOT_GAP / 2.0, at->x[i].text);
    }
}

static void draw_y_ticks(sori_plot *p, const plot_panel *panel) {
    const plot_place *at = &panel->place;
    plot_text style = styled(&plot_tick_text, p->theme->soft, 1, 0.5);
    for (int i = 0; i < at->y_n; i++) {
        double y = plot_y(panel, at->area, at->y[i].value);
        plot_hline(p->canvas, at->area.x - PLOT_TICK, at->area.x, fmin(y, at->area.y + at->area.h - 1), p->theme->line);
        plot_draw_text(p->canvas, &style, at->area.x - PLOT_TICK - PLOT_GAP / 2.0, y, at->y[i].text);
    }
}

static void draw_labels(sori_plot *p, const plot_panel *panel) {
    plot_box a = panel->place.area;
    const char *x = plot_axis_label(&panel->x), *y = plot_axis_label(&panel->y);
    if (x && panel->place.times) {
        plot_text style = styled(&plot_label_text, p->theme->soft, 0.5, 1);
        style.max_width = a.w;
        plot_draw_text(p->canvas, &style, a.x + a.w / 2, a.y + a.h + panel->place.footer - PLOT_PAD, x);
    }
    if (y) {
        plot_text style = styled(&plot_label_text, p->theme->soft, 0.5, 0);
        style.angle = 90;
        style.max_width = a.h + panel->place.header;
        plot_draw_text(p->canvas, &style, panel->place.column + PLOT_PAD, a.y + a.h / 2, y);
    }
}

static void draw_axes(sori_plot *p, const plot_panel *panel, double end) {
    plot_box a = panel->place.area;
    if (panel->image) plot_frame(p->canvas, a, p->theme->line);
    else plot_hline(p->canvas, a.x, a.x + a.w, a.y + a.h - 1, p->theme->line);
    if (panel->x.scale == PLOT_CATEGORIES) draw_x_names(p, panel);
    else draw_x_ticks(p, panel, end);
    if (panel->y.scale == PLOT_CATEGORIES) draw_y_names(p, panel);
    else draw_y_ticks(p, panel);
    draw_labels(p, panel);
}

/* --- around the axes ------------------------------------------------------------------------------------------ */

static void draw_bar(sori_plot *p, const plot_panel *panel) {
    enum { STEPS = 256 };
    const plot_place *at = &panel->place;
    const plot_colors *colors = &panel->colors;
    uint32_t pixels[STEPS * PLOT_BAR];   /* as wide as it is drawn: viewers of SVG blur one pixel drawn wide */
    for (int i = 0; i < STEPS * PLOT_BAR; i++) {
        double value = colors->hi - (i / PLOT_BAR + 0.5) / STEPS * (colors->hi - colors->lo);
        pixels[i] = plot_color_of(colors, value);
    }
    plot_box box = { at->area.x + at->area.w + PLOT_BAR_GAP, at->area.y, PLOT_BAR, at->area.h };
    box = plot_snap(p->canvas, box);
    plot_image(p->canvas, box, pixels, PLOT_BAR, STEPS);
    plot_frame(p->canvas, box, p->theme->line);
    plot_text style = styled(&plot_tick_text, p->theme->soft, 0, 0.5);
    for (int i = 0; i < at->bar_n; i++) {
        double y = box.y + box.h * (colors->hi - at->bar[i].value) / (colors->hi - colors->lo);
        plot_hline(p->canvas, box.x + box.w, box.x + box.w + PLOT_TICK, fmin(y, box.y + box.h - 1), p->theme->line);
        plot_draw_text(p->canvas, &style, box.x + box.w + PLOT_GAP, y, at->bar[i].text);
    }
    style.ay = 1;
    style.max_width = PLOT_NAME_WIDTH;
    double above = box.y - plot_text_size(p->canvas, &style, "0").h / 2;   /* clear of the topmost label */
    if (panel->unit) plot_draw_text(p->canvas, &style, box.x, above, panel->unit);
}

static void draw_swatch(sori_plot *p, const plot_legend *entry, double x, double y) {
    const double line[2][2] = { { x, y }, { x + PLOT_SWATCH, y } };
    plot_box block = { x + PLOT_SWATCH - 12, y - 5, 12, 10 };
    if (entry->block) plot_fill(p->canvas, block, entry->color);
    else if (entry->edge) plot_polyline(p->canvas, line, 2, entry->edge, 4, false);
    if (!entry->block) plot_polyline(p->canvas, line, 2, entry->color, 2, entry->dashed);
}

static double legend_length(sori_plot *p, const plot_panel *panel) {
    double w = 0;
    for (size_t i = 0; i < panel->legend_n; i++)
        if (panel->legend[i].label) w += plot_legend_width(p->canvas, &panel->legend[i]);
    return w;
}

/* Beside the title, flush right; or in rows of its own below it, flush left. */
static void draw_legend(sori_plot *p, const plot_panel *panel) {
    const plot_place *at = &panel->place;
    plot_text style = styled(&plot_tick_text, p->theme->soft, 0, 0.5);
    style.max_width = PLOT_NAME_WIDTH;
    double row = plot_text_size(p->canvas, &style, "Ag").h + PLOT_GAP, right = at->area.x + at->area.w;
    bool beside = at->legend_rows == 0;
    double start = beside ? right + 2 * PLOT_GAP - legend_length(p, panel) : at->area.x, x = start;
    double y = beside ? at->top + (at->header - PLOT_GAP) / 2 : at->area.y - ((double)at->legend_rows - 0.5) * row;
    for (size_t i = 0; i < panel->legend_n; i++) {
        if (!panel->legend[i].label) continue;
        double w = plot_legend_width(p->canvas, &panel->legend[i]);
        if (!beside && x > start && x + w > right) x = start, y += row;
        draw_swatch(p, &panel->legend[i], x, y);
        plot_draw_text(p->canvas, &style, x + PLOT_SWATCH + PLOT_GAP, y, panel->legend[i].label);
        x += w;
    }
}

static void draw_title(sori_plot *p, const plot_panel *panel) {
    const plot_place *at = &panel->place;
    plot_text style = styled(&plot_title_text, p->theme->ink, 0, 0);
    style.max_width = at->area.w;
    plot_draw_text(p->canvas, &style, at->area.x, at->top, panel->title);
}

static void draw_panel(sori_plot *p, plot_panel *panel, double width) {
    plot_place *at = &panel->place;
    at->area = plot_snap(p->canvas, at->area);
    if (panel->image) plot_fill(p->canvas, at->area, p->theme->area);
    draw_grid(p, panel);
    double rim = panel->image ? 0 : RIM;
    plot_clip(p->canvas, (plot_box){ at->area.x - rim, at->area.y - rim, at->area.w + 2 * rim, at->area.h + 2 * rim });
    plot_overlay_draw(panel, p->canvas, at->area, true);
    panel->kind->draw(panel, p->canvas, p->theme, at->area);
    plot_overlay_draw(panel, p->canvas, at->area, false);
    plot_unclip(p->canvas);
    draw_axes(p, panel, at->column + width);
    if (panel->bar) draw_bar(p, panel);
    if (panel->legend_n) draw_legend(p, panel);
    if (panel->title) draw_title(p, panel);
}

void plot_draw(sori_plot *p, plot_size size) {
    plot_fill(p->canvas, (plot_box){ 0, 0, size.w, size.h }, p->theme->paper);
    if (p->title) {
        plot_text style = styled(&plot_head_text, p->theme->ink, 0, 0);
        style.max_width = size.w - 2 * PLOT_PAD;
        plot_draw_text(p->canvas, &style, PLOT_PAD, PLOT_PAD, p->title);
    }
    for (size_t i = 0; i < p->count; i++) draw_panel(p, p->panels[i], size.w / (double)p->columns);
}
