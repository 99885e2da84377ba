/* colormap.c - librosa's choice of colours (librosa.display.cmap), and looking them up.
 *
 * librosa takes the 2nd and 98th percentiles, as numpy.percentile interpolates them, and asks only for their signs.
 * That needs no sorting: percentile p lies between the sorted values k and k + 1 with k = floor(p (n - 1)), so
 * counting the values on either side of zero answers it, and where zero falls just between these two the values
 * next to zero decide. One pass, O(n). */
#include "plot/colormap.h"
#include <float.h>
#include <math.h>

/* Independent running values, so that the compiler may use vectors. */
enum { LANES = 16 };
typedef struct lanes {
    float min[LANES], max[LANES], neg[LANES], pos[LANES];
    uint32_t finite[LANES], infinite[LANES], below[LANES], above[LANES];
} lanes;

static void add_block(lanes *l, const float *v) {
    for (int j = 0; j < LANES; j++) {
        float x = v[j], low = fabsf(x) <= FLT_MAX ? x : INFINITY, high = fabsf(x) <= FLT_MAX ? x : -INFINITY;
        float under = low < 0 ? low : -INFINITY, over = high > 0 ? high : INFINITY;
        l->finite[j] += fabsf(x) <= FLT_MAX;
        l->infinite[j] += fabsf(x) > FLT_MAX;
        l->below[j] += low < 0;
        l->above[j] += high > 0;
        l->min[j] = low < l->min[j] ? low : l->min[j];
        l->max[j] = high > l->max[j] ? high : l->max[j];
        l->neg[j] = under > l->neg[j] ? under : l->neg[j];
        l->pos[j] = over < l->pos[j] ? over : l->pos[j];
    }
}

void plot_stats_add(plot_stats *s, const float *v, size_t n) {
    lanes l = { .min = { 0 } };
    float rest[LANES];
    for (int j = 0; j < LANES; j++) l.min[j] = l.pos[j] = INFINITY, l.max[j] = l.neg[j] = -INFINITY;
    for (; n >= LANES; n -= LANES, v += LANES) add_block(&l, v);
    for (size_t j = 0; j < LANES; j++) rest[j] = j < n ? v[j] : NAN;
    add_block(&l, rest);
    for (int j = 0; j < LANES; j++) {
        s->finite += l.finite[j];
        s->infinite += l.infinite[j];
        s->negative += l.below[j];
        s->positive += l.above[j];
        s->min = fmin(s->min, l.min[j]);
        s->max = fmax(s->max, l.max[j]);
        s->max_negative = fmax(s->max_negative, l.neg[j]);
        s->min_positive = fmin(s->min_positive, l.pos[j]);
    }
}

/* The sign of the percentile between sorted values k and k + 1. Values far from zero may stand in for one another,
 * as only the sign is asked; the two on either side of a change of sign are known exactly. */
static int sign_at(const plot_stats *s, double at) {
    size_t k = (size_t)at, zeros_end = s->finite - s->positive;
    double part = at - (double)k;
    double a = k < s->negative ? s->max_negative : k < zeros_end ? 0 : s->min_positive;
    double b = k + 1 < s->negative ? s->max_negative : k + 1 < zeros_end ? 0 : s->min_positive;
    double v = k + 1 < s->finite ? a + part * (b - a) : a;
    return (v > 0) - (v < 0);
}

bool plot_two_sided(const plot_stats *s) {
    if (s->finite == 0) return false;
    double last = (double)(s->finite - 1);
    return sign_at(s, 0.02 * last) < 0 && sign_at(s, 0.98 * last) > 0;
}

/* A range of no width would divide by zero: widen it around the value. */
plot_colors plot_colors_of(const plot_stats *s) {
    plot_colors colors = { plot_magma, 0, 0, plot_two_sided(s) };
    if (colors.two_sided) colors.table = plot_coolwarm;
    if (s->finite > 0) colors.lo = s->min, colors.hi = s->max;
    if (!(colors.hi - colors.lo > 1e-6 * fmax(fabs(colors.lo), fabs(colors.hi)))) {
        double pad = colors.lo != 0 ? 0.1 * fabs(colors.lo) : 1;
        colors.lo -= pad;
        colors.hi += pad;
    }
    return colors;
}

static double position(const plot_colors *k, double v) {
    if (!k->two_sided || k->lo >= 0 || k->hi <= 0) return (v - k->lo) / (k->hi - k->lo);
    return v < 0 ? 0.5 - 0.5 * v / k->lo : 0.5 + 0.5 * v / k->hi;
}

uint32_t plot_color_of(const plot_colors *colors, double v) {
    if (isnan(v)) return 0;
    double u = 256 * position(colors, v);
    const uint8_t *rgb = colors->table[u >= 255 ? 255 : u > 0 ? (int)u : 0];
    return UINT32_C(0xff000000) | (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}
