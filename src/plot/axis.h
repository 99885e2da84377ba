/* plot/axis.h - where values lie along an axis, and the round numbers written beside it. */
#ifndef PLOT_AXIS_H
#define PLOT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum plot_scale {
    PLOT_LINEAR = 0, PLOT_LOG, PLOT_MEL, PLOT_MEL_HTK,
    PLOT_CATEGORIES          /* lo = 0, hi = n: item i fills [i, i + 1]; its label stands in the middle */
} plot_scale;

/* Decides how ticks are chosen and written. */
typedef enum plot_quantity {
    PLOT_NUMBER = 0, PLOT_SECONDS, PLOT_HZ, PLOT_COUNT, /* whole numbers */
    PLOT_NOTES,              /* Hz, marked at every C */
    PLOT_BPM                 /* beats a minute, marked at 30, 60, 120, ... */
} plot_quantity;

typedef struct plot_axis {
    plot_scale scale;
    plot_quantity quantity;
    double lo, hi;           /* finite, lo < hi, and 0 < lo on a log scale: plot_axis_range sees to it */
    const char *label;       /* NULL: none, or for seconds and Hz the unit */
    const char *const *names;/* PLOT_CATEGORIES: [hi]; NULL: numbers */
} plot_axis;

#define PLOT_MAX_TICKS 64

typedef struct plot_tick {
    double value;
    char text[32];
} plot_tick;

/* Set lo and hi; values that cannot be an axis (equal, not finite, not positive on a log scale) are mended. */
void plot_axis_range(plot_axis *a, double lo, double hi);

/* Where v lies, 0 at lo and 1 at hi, and back. Values outside are not cut; on a log scale v <= 0 is far below. */
double plot_axis_place(const plot_axis *a, double v);
double plot_axis_value(const plot_axis *a, double u);

/* At most `most` ticks (and PLOT_MAX_TICKS) at round values within the axis, rising; returns how many.
 * Not for categories. */
int plot_axis_ticks(const plot_axis *a, int most, plot_tick *out);

/* The axis's own label, or the one its quantity implies ("Time (s)"); NULL for none. */
const char *plot_axis_label(const plot_axis *a);

/* Turn a leading hyphen into the minus sign, U+2212, which is as wide as a digit. */
void plot_minus(char *text, size_t size);

/* The smallest 1, 2 or 5 times a power of ten that is >= x > 0. */
double plot_nice_step(double x);

#endif
