/* canvas_none.c - the canvas of a build without cairo: none can be made, so the rest is never reached. */
#include "plot/canvas.h"

#ifndef SORI_WITH_CAIRO
plot_canvas *plot_canvas_new(sori_ctx *c, const char *font) {
    (void)font;
    sori_fail(c, SORI_EUNSUP, "plot: not built with cairo");
    return NULL;
}

void plot_canvas_free(plot_canvas *k) { (void)k; }

sori_status plot_canvas_begin(plot_canvas *k, plot_format format, double w, double h, double scale,
                              plot_sink sink, void *user) {
    (void)k, (void)format, (void)w, (void)h, (void)scale, (void)sink, (void)user;
    return SORI_EUNSUP;
}

sori_status plot_canvas_end(plot_canvas *k, const char *title) {
    (void)k, (void)title;
    return SORI_EUNSUP;
}

void plot_canvas_abort(plot_canvas *k) { (void)k; }

plot_size plot_text_size(plot_canvas *k, const plot_text *style, const char *text) {
    (void)k, (void)style, (void)text;
    return (plot_size){ 0, 0 };
}

void plot_draw_text(plot_canvas *k, const plot_text *style, double x, double y, const char *text) {
    (void)k, (void)style, (void)x, (void)y, (void)text;
}

void plot_fill(plot_canvas *k, plot_box box, uint32_t color) { (void)k, (void)box, (void)color; }
void plot_frame(plot_canvas *k, plot_box box, uint32_t color) { (void)k, (void)box, (void)color; }

void plot_hline(plot_canvas *k, double x0, double x1, double y, uint32_t color) {
    (void)k, (void)x0, (void)x1, (void)y, (void)color;
}

void plot_vline(plot_canvas *k, double x, double y0, double y1, uint32_t color) {
    (void)k, (void)x, (void)y0, (void)y1, (void)color;
}

void plot_polyline(plot_canvas *k, const double (*xy)[2], size_t n, uint32_t color, double width, bool dashed) {
    (void)k, (void)xy, (void)n, (void)color, (void)width, (void)dashed;
}

void plot_polygon(plot_canvas *k, const double (*xy)[2], size_t n, uint32_t color) {
    (void)k, (void)xy, (void)n, (void)color;
}

void plot_disc(plot_canvas *k, double x, double y, double radius, uint32_t color) {
    (void)k, (void)x, (void)y, (void)radius, (void)color;
}

void plot_clip(plot_canvas *k, plot_box box) { (void)k, (void)box; }
void plot_unclip(plot_canvas *k) { (void)k; }

plot_box plot_snap(const plot_canvas *k, plot_box box) {
    (void)k;
    return box;
}

void plot_pixels(const plot_canvas *k, plot_box box, size_t *w, size_t *h) {
    (void)k, (void)box;
    *w = *h = 1;
}

void plot_image(plot_canvas *k, plot_box box, const uint32_t *argb, size_t w, size_t h) {
    (void)k, (void)box, (void)argb, (void)w, (void)h;
}
#endif
