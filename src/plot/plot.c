/* plot.c - the plot: a list of panels, and saving them.
 *
 * Saving lays out, draws onto the surface that the file's ending asks for, and streams the bytes into an atomic file
 * or a growing block. */
#include "plot/plot.h"
#include "array/array.h"
#include <math.h>
#include <string.h>
#include <strings.h>

/* Families that set well at small sizes, in order of preference; fontconfig fills in scripts they lack. */
#define FONTS "Inter, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif"

#define PANEL_HEIGHT 400
#define SHEET_HEIGHT 240     /* of a panel that shares its time axis with others */

bool plot_ready(const sori_plot *p) { return p && !base_failed(p->c); }

char *plot_copy(sori_ctx *c, const char *text) { return text ? base_strdup(c, text) : NULL; }

void plot_free_data(sori_ctx *c, void *data) { base_free(c, data); }

static bool good_size(double v) { return v >= 0 && v <= PLOT_MAX_PIXELS; }

sori_plot *sori_plot_new(sori_ctx *c, const sori_plot_config *config) {
    static const sori_plot_config defaults;
    if (base_failed(c)) return NULL;
    if (!config) config = &defaults;
    if (!good_size(config->width) || !good_size(config->panel_height) || !(config->scale >= 0 && config->scale <= 16)) {
        sori_fail(c, SORI_EINVAL, "plot: size %g x %g at scale %g (sizes 0 to %d, scale 0 to 16)", config->width,
                  config->panel_height, config->scale, PLOT_MAX_PIXELS);
        return NULL;
    }
    if (config->columns < 0 || config->columns > PLOT_MAX_COLUMNS) {
        sori_fail(c, SORI_EINVAL, "plot: %d columns (1 to %d)", config->columns, PLOT_MAX_COLUMNS);
        return NULL;
    }
    sori_plot *p = base_alloc(c, 1, sizeof *p);
    if (!p) return NULL;
    p->c = c;
    p->columns = config->columns ? (size_t)config->columns : 1;
    p->width = config->width;
    p->panel_height = config->panel_height > 0 ? config->panel_height
                      : config->share_time     ? SHEET_HEIGHT : PANEL_HEIGHT;
    p->scale = config->scale > 0 ? config->scale : 1;
    p->share_time = config->share_time;
    p->theme = plot_theme_of(config->dark);
    p->title = plot_copy(c, config->title);
    p->canvas = plot_canvas_new(c, config->font ? config->font : FONTS);
    if (base_failed(c)) {
        sori_plot_free(p);
        return NULL;
    }
    return p;
}

void sori_plot_free(sori_plot *p) {
    if (!p) return;
    for (size_t i = 0; i < p->count; i++) plot_panel_free(p->c, p->panels[i]);
    plot_canvas_free(p->canvas);
    base_free(p->c, p->panels);
    base_free(p->c, p->title);
    base_free(p->c, p);
}

/* --- panels --------------------------------------------------------------------------------------------------- */

plot_panel *plot_panel_new(sori_plot *p, const plot_kind *kind, size_t size, const char *title, double height) {
    if (!(height >= 0 && height <= PLOT_MAX_PIXELS)) {
        sori_fail(p->c, SORI_EINVAL, "plot: a panel's height of %g (0 to %d)", height, PLOT_MAX_PIXELS);
        return NULL;
    }
    plot_panel *panel = base_alloc(p->c, 1, sizeof *panel);
    if (!panel) return NULL;
    panel->kind = kind;
    panel->data = base_alloc(p->c, 1, size);
    panel->title = plot_copy(p->c, title);
    panel->height = height;
    if (base_failed(p->c)) {
        base_free(p->c, panel->data);
        base_free(p->c, panel->title);
        base_free(p->c, panel);
        return NULL;
    }
    return panel;
}

void plot_panel_free(sori_ctx *c, plot_panel *panel) {
    if (!panel) return;
    panel->kind->free(c, panel->data);
    for (size_t i = 0; i < panel->legend_n; i++) base_free(c, panel->legend[i].label);
    for (size_t i = 0; i < panel->names_n; i++) base_free(c, panel->names[i]);
    plot_overlay_free(c, panel);
    base_free(c, panel->legend);
    base_free(c, panel->names);
    base_free(c, panel->title);
    base_free(c, panel->x_label);
    base_free(c, panel->y_label);
    base_free(c, panel->unit);
    base_free(c, panel);
}

sori_status plot_add(sori_plot *p, plot_panel *panel) {
    if (!base_failed(p->c) && p->count == p->room) {
        size_t room = p->room ? 2 * p->room : 4;
        plot_panel **larger = base_grow(p->c, p->panels, p->room, room, sizeof *larger);
        if (larger) {
            p->panels = larger;
            p->room = room;
        }
    }
    if (base_failed(p->c)) plot_panel_free(p->c, panel);
    else p->panels[p->count++] = panel;
    return sori_error(p->c);
}

bool plot_legend_new(sori_ctx *c, plot_panel *panel, size_t n) {
    panel->legend = base_alloc(c, n, sizeof *panel->legend);
    panel->legend_n = panel->legend ? n : 0;
    return panel->legend;
}

bool plot_names_new(sori_ctx *c, plot_panel *panel, const char *const *labels, size_t n) {
    panel->names = base_alloc(c, n, sizeof *panel->names);
    panel->names_n = panel->names ? n : 0;
    for (size_t i = 0; i < panel->names_n; i++)
        panel->names[i] = labels && labels[i] ? base_strdup(c, labels[i]) : base_printf(c, "%zu", i);
    return !base_failed(c);
}

bool plot_check_audio(sori_ctx *c, const char *who, sori_audio y, size_t *channels, size_t *n) {
    char text[128];
    if (base_failed(c) || !array_check(c, who, y.y, SORI_F32, 1)) return false;
    *channels = y.y->ndim == 1 ? 1 : y.y->shape[0];
    *n = y.y->shape[y.y->ndim - 1];
    if (y.y->ndim > 2)
        sori_fail(c, SORI_EINVAL, "%s: sound of shape %s (needs [n] or [channels, n])", who,
                  array_shape_text(y.y, text, sizeof text));
    else if (y.y->size == 0) sori_fail(c, SORI_EINVAL, "%s: no samples", who);
    else if (!(y.sr > 0 && isfinite(y.sr))) sori_fail(c, SORI_EINVAL, "%s: sampling rate %g Hz (above 0)", who, y.sr);
    return !base_failed(c);
}

/* --- saving --------------------------------------------------------------------------------------------------- */

static sori_status draw_to(sori_plot *p, plot_format format, plot_sink sink, void *user) {
    if (p->count == 0) return sori_fail(p->c, SORI_EINVAL, "plot: nothing to draw, no panels were added");
    plot_size size = plot_measure(p);
    if (plot_canvas_begin(p->canvas, format, size.w, size.h, p->scale, sink, user)) return sori_error(p->c);
    plot_draw(p, size);
    return plot_canvas_end(p->canvas, p->title);
}

static bool to_file(void *user, const void *data, size_t n) { return base_file_write(user, data, n); }

static bool format_of(const char *path, plot_format *format) {
    static const char *const endings[] = { "png", "svg", "pdf" };
    for (size_t i = 0; i < BASE_COUNT(endings); i++)
        if (strcasecmp(base_path_ext(path), endings[i]) == 0) {
            *format = (plot_format)i;
            return true;
        }
    return false;
}

sori_status sori_plot_save(sori_plot *p, const char *path) {
    plot_format format;
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    if (!format_of(path, &format))
        return sori_fail(p->c, SORI_EINVAL, "%s: a picture's name ends in .png, .svg or .pdf", path);
    base_file *f = base_file_new(p->c, path);
    if (!f) return sori_error(p->c);
    if (draw_to(p, format, to_file, f) == SORI_OK) return base_file_commit(f);
    base_file_abort(f);
    return sori_error(p->c);
}

struct block {
    sori_ctx *c;
    char *data;
    size_t n, room;
};

static bool to_block(void *user, const void *data, size_t n) {
    struct block *b = user;
    if (b->n + n > b->room) {
        size_t room = BASE_MAX(2 * b->room, BASE_MAX(b->n + n, 65536));
        char *larger = base_grow(b->c, b->data, b->n, room, 1);
        if (!larger) return false;
        b->data = larger;
        b->room = room;
    }
    memcpy(b->data + b->n, data, n);
    b->n += n;
    return true;
}

sori_array *sori_plot_png(sori_plot *p) {
    if (!plot_ready(p)) return NULL;
    struct block b = { .c = p->c };
    sori_array *bytes = NULL;
    if (draw_to(p, PLOT_PNG, to_block, &b) == SORI_OK) bytes = sori_array_from(p->c, SORI_U8, 1, &b.n, b.data);
    base_free(p->c, b.data);
    return bytes;
}

sori_status sori_plot_size(sori_plot *p, double *width, double *height) {
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    plot_size size = plot_measure(p);
    *width = size.w;
    *height = size.h;
    return SORI_OK;
}
