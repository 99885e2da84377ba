/* canvas.c - cairo for shapes, Pango for text (docs/decisions/0001-pango.md).
 *
 * cairo remembers its first error as our contexts do: drawing calls are not checked one by one, plot_canvas_end asks
 * once. Glyph positions are not rounded to pixels, so a text measures the same at every scale and in every format,
 * and one layout serves them all. cairo, Pango and fontconfig allocate with malloc, outside the context's
 * allocator; the pixels of a picture are the only large part of it. */
#include "plot/canvas.h"

#ifdef SORI_WITH_CAIRO
#include <assert.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#define VECTOR_DENSITY 2      /* pixels a unit of pictures inside SVG and PDF */
#define MAX_TEXT 300          /* bytes of a text that are looked at: nothing longer fits a picture */

struct plot_canvas {
    sori_ctx *c;
    PangoContext *pango;
    PangoLayout *layout;
    PangoFontDescription *font;
    cairo_t *cr;              /* between begin and end */
    plot_format format;
    double scale;             /* pixels a unit; 1 in SVG and PDF */
    plot_sink sink;
    void *user;
};

plot_canvas *plot_canvas_new(sori_ctx *c, const char *font) {
    plot_canvas *k = base_alloc(c, 1, sizeof *k);
    if (!k) return NULL;
    k->c = c;
    k->pango = pango_font_map_create_context(pango_cairo_font_map_get_default());
    k->layout = pango_layout_new(k->pango);
    k->font = pango_font_description_from_string(font);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(k->pango, options);
    pango_context_set_round_glyph_positions(k->pango, FALSE);
    cairo_font_options_destroy(options);
    pango_layout_set_ellipsize(k->layout, PANGO_ELLIPSIZE_END);
    return k;
}

void plot_canvas_free(plot_canvas *k) {
    if (!k) return;
    plot_canvas_abort(k);
    pango_font_description_free(k->font);
    g_object_unref(k->layout);
    g_object_unref(k->pango);
    base_free(k->c, k);
}

/* --- surfaces ------------------------------------------------------------------------------------------------- */

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned int n) {
    plot_canvas *k = closure;
    return k->sink(k->user, data, n) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static sori_status fail_cairo(plot_canvas *k, cairo_status_t status) {
    return sori_fail(k->c, status == CAIRO_STATUS_NO_MEMORY ? SORI_ENOMEM : SORI_EIO, "plot: cannot draw: %s",
                     cairo_status_to_string(status));
}

static cairo_surface_t *new_surface(plot_canvas *k, double w, double h) {
    if (k->format == PLOT_SVG) return cairo_svg_surface_create_for_stream(write_bytes, k, w, h);
    if (k->format == PLOT_PDF) return cairo_pdf_surface_create_for_stream(write_bytes, k, w, h);
    return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(w * k->scale), (int)ceil(h * k->scale));
}

sori_status plot_canvas_begin(plot_canvas *k, plot_format format, double w, double h, double scale,
                              plot_sink sink, void *user) {
    k->format = format;
    k->scale = format == PLOT_PNG ? scale : 1;
    k->sink = sink;
    k->user = user;
    if (!(w * k->scale >= 1 && h * k->scale >= 1 && w * k->scale <= PLOT_MAX_PIXELS && h * k->scale <= PLOT_MAX_PIXELS))
        return sori_fail(k->c, SORI_EINVAL, "plot: a picture of %.0f x %.0f pixels (at most %d each way)",
                         w * k->scale, h * k->scale, PLOT_MAX_PIXELS);
    cairo_surface_t *surface = new_surface(k, w, h);
    k->cr = cairo_create(surface);
    cairo_surface_destroy(surface);       /* k->cr holds it */
    if (cairo_status(k->cr) != CAIRO_STATUS_SUCCESS) {
        fail_cairo(k, cairo_status(k->cr));
        plot_canvas_abort(k);
        return sori_error(k->c);
    }
    cairo_scale(k->cr, k->scale, k->scale);
    return SORI_OK;
}

void plot_canvas_abort(plot_canvas *k) {
    if (k->cr) cairo_destroy(k->cr);
    k->cr = NULL;
}

sori_status plot_canvas_end(plot_canvas *k, const char *title) {
    cairo_surface_t *surface = cairo_surface_reference(cairo_get_target(k->cr));
    cairo_status_t status = cairo_status(k->cr);
    if (status == CAIRO_STATUS_SUCCESS && k->format == PLOT_PNG)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, k);
    if (k->format == PLOT_PDF && title && title[0])
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    plot_canvas_abort(k);
    cairo_surface_finish(surface);        /* SVG and PDF write their last bytes here */
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) fail_cairo(k, status);
    return sori_error(k->c);
}

/* --- text ----------------------------------------------------------------------------------------------------- */

/* Pango complains on stderr about bytes that are not UTF-8, and draws control characters as boxes: replace the former
 * by U+FFFD and the latter by spaces. out holds 3 bytes for each of text's. */
static void clean_text(char *out, const char *text) {
    for (const char *end = text + MAX_TEXT; *text && text < end;) {
        size_t n = base_utf8_length(text);
        bool control = (unsigned char)*text < 0x20 || *text == 0x7f;
        memcpy(out, n == 0 ? "\xef\xbf\xbd" : control ? " " : text, n == 0 ? 3 : n);
        out += n == 0 ? 3 : n;
        text += n == 0 ? 1 : n;
    }
    *out = 0;
}

/* Lay the text out; *size is its logical extent. */
static void lay_out(plot_canvas *k, const plot_text *style, const char *text, plot_size *size) {
    char clean[3 * MAX_TEXT + 8];
    clean_text(clean, text);
    pango_font_description_set_absolute_size(k->font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(k->font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(k->layout, k->font);
    pango_layout_set_width(k->layout, style->max_width > 0 ? (int)(style->max_width * PANGO_SCALE) : -1);
    pango_layout_set_text(k->layout, clean, -1);
    PangoRectangle ink, logical;
    pango_layout_get_extents(k->layout, &ink, &logical);
    if (pango_layout_is_ellipsized(k->layout)) logical.width = ink.x + ink.width;   /* not what was allowed */
    *size = (plot_size){ (double)logical.width / PANGO_SCALE, (double)logical.height / PANGO_SCALE };
}

plot_size plot_text_size(plot_canvas *k, const plot_text *style, const char *text) {
    plot_size size;
    lay_out(k, style, text, &size);
    return size;
}

static void set_color(plot_canvas *k, uint32_t rgba) {
    cairo_set_source_rgba(k->cr, (rgba >> 24) / 255.0, (rgba >> 16 & 255) / 255.0, (rgba >> 8 & 255) / 255.0,
                          (rgba & 255) / 255.0);
}

void plot_draw_text(plot_canvas *k, const plot_text *style, double x, double y, const char *text) {
    assert(isfinite(x) && isfinite(y));
    plot_size size;
    lay_out(k, style, text, &size);
    cairo_save(k->cr);
    cairo_translate(k->cr, x, y);
    cairo_rotate(k->cr, -style->angle * G_PI / 180);
    cairo_move_to(k->cr, -style->ax * size.w, -style->ay * size.h);
    set_color(k, style->color);
    pango_cairo_show_layout(k->cr, k->layout);
    cairo_restore(k->cr);
}

/* --- shapes --------------------------------------------------------------------------------------------------- */

void plot_fill(plot_canvas *k, plot_box box, uint32_t color) {
    assert(isfinite(box.x + box.y + box.w + box.h));
    set_color(k, color);
    cairo_rectangle(k->cr, box.x, box.y, box.w, box.h);
    cairo_fill(k->cr);
}

static double thin(const plot_canvas *k) { return fmax(1, floor(k->scale)) / k->scale; }

void plot_hline(plot_canvas *k, double x0, double x1, double y, uint32_t color) {
    assert(isfinite(x0) && isfinite(x1) && isfinite(y));
    double width = thin(k), top = floor(y * k->scale) / k->scale;
    plot_fill(k, (plot_box){ x0, top, x1 - x0, width }, color);
}

void plot_vline(plot_canvas *k, double x, double y0, double y1, uint32_t color) {
    assert(isfinite(x) && isfinite(y0) && isfinite(y1));
    double width = thin(k), left = floor(x * k->scale) / k->scale;
    plot_fill(k, (plot_box){ left, y0, width, y1 - y0 }, color);
}

void plot_frame(plot_canvas *k, plot_box box, uint32_t color) {
    double last = thin(k);
    plot_hline(k, box.x, box.x + box.w, box.y, color);
    plot_hline(k, box.x, box.x + box.w, box.y + box.h - last, color);
    plot_vline(k, box.x, box.y, box.y + box.h, color);
    plot_vline(k, box.x + box.w - last, box.y, box.y + box.h, color);
}

static void trace(plot_canvas *k, const double (*xy)[2], size_t n) {
    cairo_new_path(k->cr);
    for (size_t i = 0; i < n; i++) {
        assert(isfinite(xy[i][0]) && isfinite(xy[i][1]));
        cairo_line_to(k->cr, xy[i][0], xy[i][1]);
    }
}

void plot_polyline(plot_canvas *k, const double (*xy)[2], size_t n, uint32_t color, double width, bool dashed) {
    static const double dash[] = { 5, 3.5 };
    trace(k, xy, n);
    set_color(k, color);
    cairo_set_line_width(k->cr, width);
    cairo_set_line_join(k->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(k->cr, dashed ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
    cairo_set_dash(k->cr, dash, dashed ? 2 : 0, 0);
    cairo_stroke(k->cr);
    cairo_set_dash(k->cr, NULL, 0, 0);
}

void plot_polygon(plot_canvas *k, const double (*xy)[2], size_t n, uint32_t color) {
    trace(k, xy, n);
    set_color(k, color);
    cairo_fill(k->cr);
}

void plot_disc(plot_canvas *k, double x, double y, double radius, uint32_t color) {
    assert(isfinite(x) && isfinite(y) && isfinite(radius));
    set_color(k, color);
    cairo_new_path(k->cr);
    cairo_arc(k->cr, x, y, radius, 0, 2 * G_PI);
    cairo_fill(k->cr);
}

void plot_clip(plot_canvas *k, plot_box box) {
    cairo_save(k->cr);
    cairo_rectangle(k->cr, box.x, box.y, box.w, box.h);
    cairo_clip(k->cr);
}

void plot_unclip(plot_canvas *k) { cairo_restore(k->cr); }

plot_box plot_snap(const plot_canvas *k, plot_box box) {
    double x = round(box.x * k->scale), y = round(box.y * k->scale);
    return (plot_box){ x / k->scale, y / k->scale, fmax(1, round((box.x + box.w) * k->scale) - x) / k->scale,
                       fmax(1, round((box.y + box.h) * k->scale) - y) / k->scale };
}

void plot_pixels(const plot_canvas *k, plot_box box, size_t *w, size_t *h) {
    double density = k->format == PLOT_PNG ? k->scale : VECTOR_DENSITY;
    *w = (size_t)fmax(1, round(box.w * density));
    *h = (size_t)fmax(1, round(box.h * density));
}

void plot_image(plot_canvas *k, plot_box box, const uint32_t *argb, size_t w, size_t h) {
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)w, (int)h);
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS) {
        unsigned char *to = cairo_image_surface_get_data(image);
        size_t stride = (size_t)cairo_image_surface_get_stride(image);
        cairo_surface_flush(image);
        for (size_t i = 0; i < h; i++) memcpy(to + i * stride, argb + i * w, w * sizeof *argb);
        cairo_surface_mark_dirty(image);
    }
    cairo_save(k->cr);
    cairo_translate(k->cr, box.x, box.y);
    cairo_scale(k->cr, box.w / (double)w, box.h / (double)h);
    cairo_set_source_surface(k->cr, image, 0, 0);   /* an error of the surface becomes the canvas's */
    cairo_pattern_set_filter(cairo_get_source(k->cr), CAIRO_FILTER_NEAREST);
    cairo_paint(k->cr);
    cairo_restore(k->cr);
    cairo_surface_destroy(image);
}
#endif
