/* series.c - sums of harmonics without a sine for each.
 *
 * Clenshaw's recurrence: b_k = a_k + 2 cos(x) b_(k+1) - b_(k+2) from the last harmonic down gives
 * sum a_k sin(k x) = b_1 sin(x) and sum a_k cos(k x) = b_1 cos(x) - b_2, one multiplication a term. Samples lie side by
 * side in the lanes of vectors, since a recurrence alone would wait for itself. Clenshaw, Math. Comp. 9, 1955. */
#include "synth/synth.h"
#include <math.h>
#include <string.h>

/* b_1, b_2 [SYNTH_BLOCK] for the angles. */
static void recur(const double *a, size_t n, const double *angle, size_t count, double *b1, double *b2) {
    double twice[SYNTH_BLOCK] = { 0 };
    for (size_t i = 0; i < count; i++) twice[i] = 2 * cos(angle[i]);
    memset(b1, 0, SYNTH_BLOCK * sizeof *b1);
    memset(b2, 0, SYNTH_BLOCK * sizeof *b2);
    for (size_t k = n; k-- > 0;)
        for (size_t i = 0; i < count; i++) {
            double b = a[k] + twice[i] * b1[i] - b2[i];
            b2[i] = b1[i];
            b1[i] = b;
        }
}

void synth_cosines(const double *c, size_t n, const double *angle, size_t count, double *out) {
    double b1[SYNTH_BLOCK], b2[SYNTH_BLOCK];
    recur(c, n, angle, count, b1, b2);
    for (size_t i = 0; i < count; i++) out[i] = b1[i] * cos(angle[i]) - b2[i];
}

void synth_sines(const double *s, size_t n, const double *angle, size_t count, double *out) {
    double b1[SYNTH_BLOCK], b2[SYNTH_BLOCK];
    recur(s, n, angle, count, b1, b2);
    for (size_t i = 0; i < count; i++) out[i] = b1[i] * sin(angle[i]);
}

double synth_angle(double hz, size_t i, double sr) {
    double turns = hz * ((double)i / sr);
    return 2 * M_PI * (turns - floor(turns));
}
