/* plot/canvas.h - the only door to cairo and Pango: shapes and text in units, onto PNG, SVG or PDF.
 *
 * Text can be measured before the picture's size is known; drawing happens between begin and end. Colours are
 * 0xRRGGBBAA. Every coordinate must be finite. Where the library is built without cairo, plot_canvas_new fails with
 * SORI_EUNSUP. */
#ifndef PLOT_CANVAS_H
#define PLOT_CANVAS_H

#include "base/base.h"

typedef struct plot_canvas plot_canvas;
typedef enum plot_format { PLOT_PNG, PLOT_SVG, PLOT_PDF } plot_format;
typedef struct plot_box { double x, y, w, h; } plot_box;
typedef struct plot_size { double w, h; } plot_size;

/* Where the finished bytes go; false stops. */
typedef bool (*plot_sink)(void *user, const void *data, size_t n);

#define PLOT_MAX_PIXELS 16384

plot_canvas *plot_canvas_new(sori_ctx *c, const char *font);
void plot_canvas_free(plot_canvas *k);

/* Start and finish a picture of w x h units at `scale` pixels each; end gives it to the sink. */
sori_status plot_canvas_begin(plot_canvas *k, plot_format format, double w, double h, double scale,
                              plot_sink sink, void *user);
sori_status plot_canvas_end(plot_canvas *k, const char *title);
void plot_canvas_abort(plot_canvas *k);

/* --- text ----------------------------------------------------------------------------------------------------- */

typedef struct plot_text {
    double size;             /* units an em */
    bool bold;
    uint32_t color;
    double ax, ay;           /* the point of the text that stands at (x, y): 0 left or top, 1 right or bottom */
    double angle;            /* degrees, counted counter-clockwise, around that point */
    double max_width;        /* longer text is cut with an ellipsis; 0: as long as it is */
} plot_text;

plot_size plot_text_size(plot_canvas *k, const plot_text *style, const char *text);
void plot_draw_text(plot_canvas *k, const plot_text *style, double x, double y, const char *text);

/* --- shapes --------------------------------------------------------------------------------------------------- */

void plot_fill(plot_canvas *k, plot_box box, uint32_t color);
void plot_frame(plot_canvas *k, plot_box box, uint32_t color);           /* its edge, one thin line */
/* Thin straight lines that fall on whole pixels. */
void plot_hline(plot_canvas *k, double x0, double x1, double y, uint32_t color);
void plot_vline(plot_canvas *k, double x, double y0, double y1, uint32_t color);
/* n points xy [n][2]. */
void plot_polyline(plot_canvas *k, const double (*xy)[2], size_t n, uint32_t color, double width, bool dashed);
void plot_polygon(plot_canvas *k, const double (*xy)[2], size_t n, uint32_t color);
void plot_disc(plot_canvas *k, double x, double y, double radius, uint32_t color);
void plot_clip(plot_canvas *k, plot_box box);                            /* until plot_unclip; they nest */
void plot_unclip(plot_canvas *k);

/* The box moved to whole pixels, and how many pixels a picture in it should have (two a unit in SVG and PDF). */
plot_box plot_snap(const plot_canvas *k, plot_box box);
void plot_pixels(const plot_canvas *k, plot_box box, size_t *w, size_t *h);
/* argb [h][w], alpha 0 or 255, stretched over the box. */
void plot_image(plot_canvas *k, plot_box box, const uint32_t *argb, size_t w, size_t h);

#endif
