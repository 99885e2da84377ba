/* fm.c - frequency modulation, a rich spectrum from two sines, without the sidebands that would fold back.
 *
 *   sin(a + I sin b) = sum over all k of J_k(I) sin(a + k b)          J_-k = (-1)^k J_k
 *
 * with a, b the angles of carrier and modulator and J_k the Bessel functions of the first kind (Chowning 1973, equation
 * 2). The right side is summed, for those k whose frequency lies within -sr/2 and sr/2: negative frequencies belong to
 * the sound, as Chowning says, those beyond do not. J_k comes from Miller's backward recurrence, since the index may
 * change with every sample; beyond k = I + O(I^1/3) it is nothing.
 */
#include "synth/synth.h"
#include <math.h>

/* J_k falls below 1e-16 before k reaches this: where the sum ends, and where the recurrence begins, which must be even.
 * At index 100, the largest, 152. */
#define SIDEBANDS 160
static size_t sidebands(double index) { return 2 * (size_t)((index + 16 + 8 * cbrt(index)) / 2); }

/* J_0 .. J_n of x >= 0: any start far beyond x grows downwards into the right ratios, and J_0 + 2 J_2 + 2 J_4 + ... = 1
 * gives the scale. Below 1e-12 J_k is 0 but for J_0, and the recurrence would leave the range of double. */
static void bessel(double x, size_t n, double *j) {
    double above = 0, here = 1e-250, sum = 0;
    for (size_t k = 0; k <= n; k++) j[k] = k == 0;
    if (x < 1e-12) return;
    for (size_t k = n; k > 0; k--) {
        double below = 2 * (double)k / x * here - above;
        j[k] = here;
        if (k % 2 == 0) sum += 2 * here;
        above = here;
        here = below;
    }
    j[0] = here;
    sum += here;
    for (size_t k = 0; k <= n; k++) j[k] /= sum;
}

typedef struct fm_series { double at_rest, c[SIDEBANDS], s[SIDEBANDS]; size_t n; } fm_series;

/* sin(a + ...) = sin(a) (at_rest + sum c_k cos kb) + cos(a) sum s_k sin kb, upper and lower sidebands together. */
static void series_of(const sori_tone_config *k, double index, fm_series *f) {
    double j[SIDEBANDS + 1], nyquist = k->sr / 2, step = k->ratio * k->frequency_hz;
    f->n = sidebands(index);
    bessel(index, f->n, j);
    f->at_rest = j[0];
    for (size_t i = 1; i <= f->n; i++) {
        double upper = k->frequency_hz + (double)i * step < nyquist ? j[i] : 0;
        double lower = k->frequency_hz - (double)i * step > -nyquist ? (i % 2 ? -j[i] : j[i]) : 0;
        f->c[i - 1] = upper + lower;
        f->s[i - 1] = upper - lower;
    }
}

void synth_fm(const sori_tone_config *k, const double *index, size_t at, size_t count, double *out) {
    double cosines[SYNTH_BLOCK], sines[SYNTH_BLOCK], angle[SYNTH_BLOCK] = { 0 };
    fm_series f;
    for (size_t i = 0; i < count; i++) angle[i] = synth_angle(k->ratio * k->frequency_hz, at + i, k->sr);
    for (size_t i = 0, run; i < count; i += run) {   /* samples of the same index at once */
        for (run = 1; i + run < count && index[i + run] == index[i]; run++) {}
        series_of(k, index[i], &f);
        synth_cosines(f.c, f.n, angle + i, run, cosines);
        synth_sines(f.s, f.n, angle + i, run, sines);
        for (size_t r = 0; r < run; r++) {
            double carrier = synth_angle(k->frequency_hz, at + i + r, k->sr) + k->phase;
            out[i + r] = sin(carrier) * (f.at_rest + cosines[r]) + cos(carrier) * sines[r];
        }
    }
}
