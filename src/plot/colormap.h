/* plot/colormap.h - from values to colours. */
#ifndef PLOT_COLORMAP_H
#define PLOT_COLORMAP_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const uint8_t plot_magma[256][3];
extern const uint8_t plot_coolwarm[256][3];

/* What a matrix says about its own colours, from one pass over it. */
typedef struct plot_stats {
    size_t finite, negative, positive;       /* how many values; the latter two are finite */
    size_t infinite;
    double min, max;                         /* of the finite ones */
    double max_negative, min_positive;       /* the neighbours of zero, for the percentiles' interpolation */
} plot_stats;

#define PLOT_NO_STATS ((plot_stats){ 0, 0, 0, 0, INFINITY, -INFINITY, -INFINITY, INFINITY })

/* Count in n more values. */
void plot_stats_add(plot_stats *s, const float *v, size_t n);

/* librosa's question: is the 2nd percentile below zero and the 98th above it? */
bool plot_two_sided(const plot_stats *s);

/* A range of values and its colours. Two-sided data has the table's middle at zero, each half its own slope. */
typedef struct plot_colors {
    const uint8_t (*table)[3];
    double lo, hi;           /* lo < hi */
    bool two_sided;
} plot_colors;

plot_colors plot_colors_of(const plot_stats *s);

/* 0xFFRRGGBB. NaN is transparent black, 0; values outside the range take its ends' colours. */
uint32_t plot_color_of(const plot_colors *colors, double v);

#endif
