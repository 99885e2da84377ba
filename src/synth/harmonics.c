/* harmonics.c - triangle, square, saw, and sounds of given harmonics: sums of the partials below sr/2.
 *
 * A wave with corners that is computed point by point has partials without end, and those above sr/2 fold back as tones
 * that are not harmonic. Here the Fourier series is summed instead and simply ends below sr/2 (Moorer, "The synthesis
 * of complex audio spectra by means of discrete summation formulas", J. Audio Eng. Soc. 24, 1976). */
#include "synth/synth.h"
#include <math.h>

double synth_partials(const sori_tone_config *k) { return ceil(k->sr / 2 / k->frequency_hz) - 1; }

/* Fourier coefficients, sines alone, of waves between -1 and 1 that begin at 0 and rise. */
static double coefficient(sori_wave wave, size_t k) {
    double odd = k % 2 ? 1 : 0, n = (double)k;
    switch (wave) {
    case SORI_TRIANGLE: return odd * (k % 4 == 1 ? 8 : -8) / (M_PI * M_PI * n * n);
    case SORI_SQUARE: return odd * 4 / (M_PI * n);
    case SORI_SAW: return (k % 2 ? 2 : -2) / (M_PI * n);
    default: return k == 1;
    }
}

bool synth_harmonics_open(sori_ctx *c, synth_harmonics *h, const sori_tone_config *k) {
    size_t below = (size_t)synth_partials(k), given = k->wave == SORI_HARMONICS ? k->n_harmonics : below;
    h->n = k->wave == SORI_SINE ? 1 : BASE_MIN(below, given);
    h->s = base_alloc(c, h->n, sizeof *h->s);
    h->c = k->wave == SORI_HARMONICS && k->phases ? base_alloc(c, h->n, sizeof *h->c) : NULL;
    if (base_failed(c)) return false;
    for (size_t i = 0; i < h->n; i++) {
        double phase = h->c ? k->phases[i] : 0;
        h->s[i] = k->wave == SORI_HARMONICS ? k->harmonics[i] * cos(phase) : coefficient(k->wave, i + 1);
        if (h->c) h->c[i] = k->harmonics[i] * sin(phase);
    }
    return true;
}

void synth_harmonics_close(sori_ctx *c, synth_harmonics *h) {
    base_free(c, h->c);
    base_free(c, h->s);
}

void synth_harmonics_run(const synth_harmonics *h, const sori_tone_config *k, size_t at, size_t count, double *out) {
    double angle[SYNTH_BLOCK] = { 0 }, even[SYNTH_BLOCK];
    for (size_t i = 0; i < count; i++) angle[i] = synth_angle(k->frequency_hz, at + i, k->sr) + k->phase;
    synth_sines(h->s, h->n, angle, count, out);
    if (!h->c) return;
    synth_cosines(h->c, h->n, angle, count, even);
    for (size_t i = 0; i < count; i++) out[i] += even[i];
}
