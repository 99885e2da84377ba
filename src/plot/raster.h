/* plot/raster.h - many values onto few pixels, or few onto many. */
#ifndef PLOT_RASTER_H
#define PLOT_RASTER_H

#include <stdbool.h>
#include <stddef.h>

/* The cells that one pixel shows: count from first, the first and last of them with these weights, the others with
 * weight 1. count 0: the pixel lies outside the data. */
typedef struct plot_span {
    size_t first, count;
    float first_weight, last_weight;
} plot_span;

typedef enum plot_reduce { PLOT_PEAK, PLOT_MEAN, PLOT_SMOOTH } plot_reduce;

/* The span of a pixel over [from, to), from <= to, in units of cells: cell j fills [j, j + 1), there are n.
 * PEAK   every cell belongs to the one pixel that holds its middle; a pixel within a cell shows that cell
 * MEAN   cells weigh by how much of the pixel they fill; a pixel within a cell shows that cell
 * SMOOTH as MEAN, but a pixel smaller than a cell blends the two nearest by distance */
plot_span plot_span_of(double from, double to, size_t n, plot_reduce mode);

/* out[w] from in[], by spans; NaN values are left out, and a pixel of nothing but NaN is NaN. */
void plot_reduce_row(const float *in, const plot_span *spans, size_t w, plot_reduce mode, float *out);
/* The same across rows: out[w] from the rows in[..][w] that one span covers. scratch [w] holds the weights' sum. */
void plot_reduce_rows(const float *in, size_t w, plot_span span, plot_reduce mode, float *out, float *scratch);

#endif
