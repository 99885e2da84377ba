/* layout.c - how much room the text around each panel needs, measured, not guessed.
 *
 *     left    y label, widest tick label            the widest of a column, so that its areas line up
 *     right   colour bar and its labels             likewise
 *     header  title and legend      footer   tick labels (turned when they do not fit) and x label
 *
 * Some of it depends on itself in a circle (the width of the y labels on the ticks, these on the height, that on the
 * x labels, these on the width); it is cut by taking y ticks first for a guessed height, which can only be too wide. */
#include "plot/plot.h"
#include <math.h>

#define WIDTH 1000
#define Y_SPACING 24         /* units between ticks, at least */
#define MOST_Y 12
#define X_SPACING 64
#define X_CLEAR 10           /* units between neighbouring labels, at least */

const plot_text plot_head_text = { .size = 18, .bold = true, .ay = 0 };
const plot_text plot_title_text = { .size = 14, .bold = true, .ay = 0.5 };
const plot_text plot_label_text = { .size = 12, .ax = 0.5 };
const plot_text plot_tick_text = { .size = 11.5 };

plot_text plot_name_text(double cell) {
    plot_text t = plot_tick_text;
    t.size = fmax(7, fmin(t.size, cell * 0.8));
    t.max_width = PLOT_NAME_WIDTH;
    return t;
}

double plot_x(const plot_panel *panel, plot_box area, double v) {
    return area.x + area.w * plot_axis_place(&panel->x, v);
}

double plot_y(const plot_panel *panel, plot_box area, double v) {
    double u = plot_axis_place(&panel->y, v);
    return area.y + area.h * (panel->y.scale == PLOT_CATEGORIES ? u : 1 - u);
}

static double text_height(plot_canvas *k, const plot_text *style) { return plot_text_size(k, style, "Ag").h; }

static double widest_tick(plot_canvas *k, const plot_tick *ticks, int n) {
    double w = 0;
    for (int i = 0; i < n; i++) w = fmax(w, plot_text_size(k, &plot_tick_text, ticks[i].text).w);
    return w;
}

static double widest_name(plot_canvas *k, const plot_panel *panel, double cell) {
    plot_text style = plot_name_text(cell);
    double w = 0;
    for (size_t i = 0; i < panel->names_n; i++) w = fmax(w, plot_text_size(k, &style, panel->names[i]).w);
    return w;
}

/* --- left and right ------------------------------------------------------------------------------------------- */

static int most_ticks(double height) { return BASE_MIN((int)(height / Y_SPACING) + 1, MOST_Y); }

static void place_y_ticks(plot_canvas *k, plot_panel *panel, double height) {
    plot_place *at = &panel->place;
    if (panel->y.scale == PLOT_CATEGORIES) {
        at->tick_width = widest_name(k, panel, height / (double)panel->names_n);
    } else {
        at->y_n = plot_axis_ticks(&panel->y, most_ticks(height), at->y);
        at->tick_width = widest_tick(k, at->y, at->y_n);
    }
    plot_axis values = { .scale = PLOT_LINEAR, .lo = panel->colors.lo, .hi = panel->colors.hi };
    at->bar_n = panel->bar ? plot_axis_ticks(&values, most_ticks(height), at->bar) : 0;
}

static double left_of(plot_canvas *k, const plot_panel *panel) {
    double label = plot_axis_label(&panel->y) ? text_height(k, &plot_label_text) + PLOT_GAP : 0;
    return PLOT_PAD + label + panel->place.tick_width + PLOT_GAP + PLOT_TICK;
}

static double right_of(plot_canvas *k, const plot_panel *panel) {
    if (!panel->bar) return PLOT_PAD + 4;
    double unit = panel->unit ? plot_text_size(k, &plot_tick_text, panel->unit).w - PLOT_BAR : 0;
    double labels = PLOT_GAP + widest_tick(k, panel->place.bar, panel->place.bar_n);
    return PLOT_BAR_GAP + PLOT_BAR + fmax(labels, fmin(unit, PLOT_NAME_WIDTH)) + PLOT_PAD;
}

/* --- x axis --------------------------------------------------------------------------------------------------- */

static bool ticks_fit(plot_canvas *k, const plot_panel *panel, double width) {
    const plot_place *at = &panel->place;
    for (int i = 1; i < at->x_n; i++) {
        double apart = plot_axis_place(&panel->x, at->x[i].value) - plot_axis_place(&panel->x, at->x[i - 1].value);
        double half = plot_text_size(k, &plot_tick_text, at->x[i - 1].text).w / 2 +
                      plot_text_size(k, &plot_tick_text, at->x[i].text).w / 2;
        if (apart * width < half + X_CLEAR) return false;
    }
    return true;
}

/* Category names lie flat while they fit, then at 45 degrees, then upright. Returns the height they take. */
static double place_names(plot_canvas *k, plot_panel *panel, double width) {
    double cell = width / (double)panel->names_n, w = widest_name(k, panel, cell);
    plot_text style = plot_name_text(cell);
    double h = text_height(k, &style);
    panel->place.angle = w + X_CLEAR / 2.0 <= cell ? 0 : cell >= 1.6 * h ? 45 : 90;
    return panel->place.angle == 0 ? h : panel->place.angle == 45 ? (w + h) * sqrt(0.5) : w;
}

static double place_x_ticks(plot_canvas *k, plot_panel *panel, double width) {
    plot_place *at = &panel->place;
    if (panel->x.scale == PLOT_CATEGORIES) return place_names(k, panel, width);
    for (int most = BASE_MAX(2, (int)(width / X_SPACING)); most >= 1; most = most * 4 / 5) {
        at->x_n = plot_axis_ticks(&panel->x, most, at->x);
        if (ticks_fit(k, panel, width)) break;
    }
    return text_height(k, &plot_tick_text);
}

/* --- above and below ------------------------------------------------------------------------------------------ */

double plot_legend_width(plot_canvas *k, const plot_legend *entry) {
    plot_text style = plot_tick_text;
    style.max_width = PLOT_NAME_WIDTH;
    return PLOT_SWATCH + PLOT_GAP + plot_text_size(k, &style, entry->label).w + 2 * PLOT_GAP;
}

/* Rows of a legend packed into `width`; one that fits beside the title shares its row. */
static size_t legend_rows(plot_canvas *k, const plot_panel *panel, double width) {
    size_t rows = 0;
    double used = width;
    for (size_t i = 0; i < panel->legend_n; i++) {
        if (!panel->legend[i].label) continue;
        double w = plot_legend_width(k, &panel->legend[i]);
        if (used + w > width) rows++, used = 0;
        used += w;
    }
    if (rows == 1 && panel->title && used + plot_text_size(k, &plot_title_text, panel->title).w + PLOT_PAD <= width)
        return 0;
    return rows;
}

static double header_of(plot_canvas *k, const plot_panel *panel) {
    double row = text_height(k, &plot_tick_text) + PLOT_GAP;
    double rows = (double)panel->place.legend_rows * row;
    if (panel->title) return text_height(k, &plot_title_text) + PLOT_GAP + rows;
    return fmax(rows, (panel->bar && panel->unit) || panel->legend_n ? row : PLOT_GAP);
}

static void place_vertically(sori_plot *p, plot_panel *panel, double width) {
    plot_canvas *k = p->canvas;
    plot_place *at = &panel->place;
    double ticks = place_x_ticks(k, panel, width);
    at->footer = at->times ? PLOT_TICK + PLOT_GAP / 2.0 + ticks : PLOT_TICK;
    if (at->times && plot_axis_label(&panel->x)) at->footer += PLOT_GAP / 2.0 + text_height(k, &plot_label_text);
    at->footer += panel->joined ? 0 : PLOT_PAD;
    at->legend_rows = legend_rows(k, panel, width);
    at->header = header_of(k, panel);
}

static double area_height(const sori_plot *p, const plot_panel *panel) {
    if (panel->height <= 0 && panel->area_height > 0) return panel->area_height;
    double height = panel->height > 0 ? panel->height : p->panel_height;
    return fmax(20, height - panel->place.header - panel->place.footer);
}

/* --- time shared by several panels ---------------------------------------------------------------------------- */

static bool over_time(const plot_panel *panel) { return panel->x.quantity == PLOT_SECONDS; }

static void share_time(sori_plot *p) {
    double lo = INFINITY, hi = -INFINITY;
    plot_panel *last[PLOT_MAX_COLUMNS] = { NULL };
    for (size_t i = 0; i < p->count; i++) {
        plot_panel *panel = p->panels[i], **above = &last[i % p->columns];
        panel->place.times = !panel->joined;
        if (!p->share_time || !over_time(panel)) continue;
        lo = fmin(lo, panel->x.lo);
        hi = fmax(hi, panel->x.hi);
        panel->place.times = true;
        if (*above) (*above)->place.times = false;
        *above = panel;
    }
    for (size_t i = 0; lo <= hi && i < p->count; i++)
        if (over_time(p->panels[i])) plot_axis_range(&p->panels[i]->x, lo, hi);
}

/* --- columns and rows ----------------------------------------------------------------------------------------- */

/* What a column needs around its areas and for them: the most of its panels. */
typedef struct sides { double left, right, least; } sides;

static sides measure_column(sori_plot *p, size_t column) {
    sides s = { 0 };
    for (size_t i = column; i < p->count; i += p->columns) {
        plot_panel *panel = p->panels[i];
        double height = panel->height > 0 ? panel->height : p->panel_height;
        place_y_ticks(p->canvas, panel, panel->area_height > 0 ? panel->area_height : fmax(20, height - 60));
        s.left = fmax(s.left, left_of(p->canvas, panel));
        s.right = fmax(s.right, right_of(p->canvas, panel));
        s.least = fmax(s.least, panel->min_width);
    }
    return s;
}

/* Lay out n panels beside each other, their areas in line, from `top` down. Returns where they end. */
static double place_row(sori_plot *p, plot_panel **row, size_t n, const sides *columns, double width, double top) {
    double header = 0, footer = 0, height = 0;
    for (size_t i = 0; i < n; i++) {
        plot_place *at = &row[i]->place;
        at->column = (double)i * width;
        at->area.x = at->column + columns[i].left;
        at->area.w = fmax(20, width - columns[i].left - columns[i].right);
        place_vertically(p, row[i], at->area.w);
        header = fmax(header, at->header);
        footer = fmax(footer, at->footer);
    }
    for (size_t i = 0; i < n; i++) {
        plot_place *at = &row[i]->place;
        at->header = header;
        at->footer = footer;
        at->top = top;
        at->area.y = top + header;
        height = fmax(height, area_height(p, row[i]));
    }
    for (size_t i = 0; i < n; i++) {
        row[i]->place.area.h = height;
        place_y_ticks(p->canvas, row[i], height);
    }
    return top + header + height + footer;
}

plot_size plot_measure(sori_plot *p) {
    sides columns[PLOT_MAX_COLUMNS];
    double widest = 0, count = (double)p->columns;
    share_time(p);
    for (size_t i = 0; i < p->columns; i++) {
        columns[i] = measure_column(p, i);
        widest = fmax(widest, columns[i].left + columns[i].right + columns[i].least);
    }
    plot_size size = { p->width > 0 ? p->width : fmax(WIDTH, count * widest), PLOT_PAD };
    if (p->title) size.h += text_height(p->canvas, &plot_head_text) + 2 * PLOT_GAP;
    for (size_t i = 0; i < p->count; i += p->columns)
        size.h = place_row(p, p->panels + i, BASE_MIN(p->columns, p->count - i), columns, size.w / count, size.h);
    size.h = ceil(size.h);
    return size;
}
