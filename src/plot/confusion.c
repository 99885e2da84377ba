/* confusion.c - the confusion matrix: counts in cells whose colour is the share of their row.
 *
 * Up to a dozen classes have room for the share as text too; with more, the count alone is written, smaller, and from
 * about sixty on colour alone. The panel grows with the classes, so fifty are readable. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define MOST 500
#define SMALLEST_TEXT 6.5

typedef struct confusion {
    size_t n;
    uint64_t *counts;        /* [n][n] */
    double *totals;          /* [n] of rows */
    uint8_t table[256][3];   /* colours of shares */
} confusion;

static void confusion_free(sori_ctx *c, void *data) {
    confusion *m = data;
    base_free(c, m->counts);
    base_free(c, m->totals);
    base_free(c, m);
}

/* --- drawing --------------------------------------------------------------------------------------------------- */

static double share(const confusion *m, size_t row, size_t col) {
    return m->totals[row] > 0 ? (double)m->counts[row * m->n + col] / m->totals[row] : 0;
}

/* Text in the middle of a box at the largest size up to `size` at which it fits; nothing if that is too small. */
static void fit_text(plot_canvas *k, plot_box box, double size, uint32_t color, const char *text) {
    plot_text style = { .size = size, .color = color, .ax = 0.5, .ay = 0.5 };
    double width = plot_text_size(k, &style, text).w;
    style.size *= fmin(1, fmin((box.w - 3) / width, box.h / (1.15 * size)));
    if (style.size < SMALLEST_TEXT) return;
    plot_draw_text(k, &style, box.x + box.w / 2, box.y + box.h / 2, text);
}

static void draw_cell(const confusion *m, plot_canvas *k, const plot_theme *theme, plot_box box, size_t row,
                      size_t col) {
    char text[32];
    uint64_t count = m->counts[row * m->n + col];
    double part = share(m, row, col);
    const uint8_t *rgb = m->table[(int)(255 * part + 0.5)];
    plot_fill(k, box, (uint32_t)rgb[0] << 24 | (uint32_t)rgb[1] << 16 | (uint32_t)rgb[2] << 8 | 0xff);
    bool roomy = box.h >= 34 && box.w >= 40;
    if (count == 0 && !roomy) return;
    uint32_t color = count == 0 ? theme->line : part > 0.5 ? theme->on_high : theme->on_low;
    base_format(text, sizeof text, "%llu", (unsigned long long)count);
    plot_box line = { box.x, box.y + 0.08 * box.h, box.w, 0.5 * box.h };
    fit_text(k, roomy && count ? line : box, roomy ? 13 : 12, color, text);
    if (!roomy || count == 0) return;
    base_format(text, sizeof text, part >= 0.9995 ? "%.0f %%" : "%.1f %%", 100 * part);
    line.y = box.y + 0.52 * box.h;
    line.h = 0.4 * box.h;
    fit_text(k, line, 10, color, text);
}

static void confusion_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const confusion *m = panel->data;
    double w = area.w / (double)m->n, h = area.h / (double)m->n;
    double gap = fmin(w, h) >= 8 ? 1 : 0;          /* paper between cells */
    plot_fill(k, area, theme->paper);
    for (size_t row = 0; row < m->n; row++)
        for (size_t col = 0; col < m->n; col++) {
            plot_box box = plot_snap(k, (plot_box){ area.x + (double)col * w, area.y + (double)row * h, w, h });
            draw_cell(m, k, theme, (plot_box){ box.x, box.y, box.w - gap, box.h - gap }, row, col);
        }
}

static const plot_kind kind = { confusion_draw, confusion_free };

/* --- taking the data ------------------------------------------------------------------------------------------- */

static double channel(uint32_t rgba, int i) { return rgba >> (24 - 8 * i) & 255; }

/* The theme's four stops, evenly spaced, with straight lines between them. */
static void fill_table(confusion *m, const plot_theme *theme) {
    const uint32_t stops[4] = { theme->cell_low[0], theme->cell_low[1], theme->cell_low[2], theme->cell_high };
    for (int i = 0; i < 256; i++) {
        double at = 3 * i / 255.0;
        int k = BASE_MIN((int)at, 2);
        for (int j = 0; j < 3; j++) {
            double a = channel(stops[k], j), b = channel(stops[k + 1], j);
            m->table[i][j] = (uint8_t)lround(a + (at - k) * (b - a));
        }
    }
}

static void take(sori_ctx *c, confusion *m, const uint64_t *counts, size_t n) {
    m->n = n;
    m->counts = base_alloc_raw(c, n * n, sizeof *counts);
    m->totals = base_alloc(c, n, sizeof *m->totals);
    if (base_failed(c)) return;
    memcpy(m->counts, counts, n * n * sizeof *counts);
    for (size_t i = 0; i < n * n; i++) m->totals[i / n] += (double)counts[i];
}

/* Cells as large as their text wants, for few classes and for many. */
static void set_size(plot_panel *panel, size_t n) {
    double cells = (double)n;
    double height = n <= 4 ? 60 : n <= 12 ? 42 : n <= 24 ? 30 : 20, width = n <= 12 ? 50 : n <= 24 ? 36 : 27;
    panel->area_height = n <= 60 ? height * cells : 1200;
    panel->min_width = n <= 60 ? width * cells : 1600;
}

static void set_axis(plot_axis *a, size_t n, const char *label) {
    a->scale = PLOT_CATEGORIES;
    plot_axis_range(a, 0, (double)n);
    a->label = label;
}

sori_status sori_plot_confusion(sori_plot *p, const uint64_t *counts, const char *const *labels, size_t n,
                                const sori_confusion_config *config) {
    static const sori_confusion_config defaults;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    const sori_confusion_config *g = config ? config : &defaults;
    if (n < 1 || n > MOST || !counts)
        return sori_fail(p->c, SORI_EINVAL, "confusion: %zu classes (1 to %d)", counts ? n : 0, MOST);
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(confusion), g->title, g->height);
    if (!panel) return sori_error(p->c);
    confusion *m = panel->data;
    take(p->c, m, counts, n);
    fill_table(m, p->theme);
    plot_names_new(p->c, panel, labels, n);
    panel->x_label = plot_copy(p->c, g->col_label ? g->col_label : "Predicted class");
    panel->y_label = plot_copy(p->c, g->row_label ? g->row_label : "True class");
    set_axis(&panel->x, n, panel->x_label);
    set_axis(&panel->y, n, panel->y_label);
    set_size(panel, n);
    panel->image = panel->bar = true;
    panel->colors = (plot_colors){ .table = (const uint8_t (*)[3])m->table, .lo = 0, .hi = 100 };
    panel->unit = plot_copy(p->c, "% of row");
    return plot_add(p, panel);
}
