/* pluck.c - a plucked string: noise goes round in a delay line and loses its high partials on the way.
 *
 *        +--> out
 *   line [n] --> low-pass (1 - d) + d z^-1, times loss --> all-pass (g + z^-1) / (1 + g z^-1) --+
 *     ^                                                                                         |
 *     +-----------------------------------------------------------------------------------------+
 *
 * Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music J. 7(2), 1983. A line of
 * whole samples alone is out of tune; the all-pass of Jaffe and Smith, "Extensions of the Karplus-Strong plucked-string
 * algorithm", the same issue, adds the missing part of a sample, exact at the fundamental. Noise without a mean: a mean
 * would go round for ever. */
#include "synth/synth.h"
#include <math.h>

/* The all-pass may delay by LEAST to LEAST + 1 samples: near 0 its pole comes near the unit circle, and it rings. */
#define LEAST 0.3

/* Samples that the low-pass delays a sine of w radians a sample. */
static double low_pass_delay(double d, double w) { return atan2(d * sin(w), 1 - d + d * cos(w)) / w; }
static double low_pass_gain(double d, double w) { return hypot(1 - d + d * cos(w), d * sin(w)); }

/* Uniform noise in the line, of mean 0 and peak 1. */
static void pluck(synth_pluck *p, uint64_t seed) {
    base_rng r = base_rng_new(seed, BASE_RNG_SYNTH, SYNTH_DRAW_STRING, 0);
    double mean = 0, peak = 0;
    for (size_t i = 0; i < p->n; i++) mean += (p->line[i] = base_rng_uniform(&r)) / (double)p->n;
    for (size_t i = 0; i < p->n; i++) peak = fmax(peak, fabs(p->line[i] -= mean));
    for (size_t i = 0; peak > 0 && i < p->n; i++) p->line[i] /= peak;
}

bool synth_pluck_open(sori_ctx *c, synth_pluck *p, const sori_tone_config *k) {
    double w = 2 * M_PI * k->frequency_hz / k->sr, period = k->sr / k->frequency_hz;
    double rest = period - low_pass_delay(k->damping, w);
    p->n = (size_t)floor(rest - LEAST);
    rest -= (double)p->n;
    p->tune = sin(w * (1 - rest) / 2) / sin(w * (1 + rest) / 2);
    p->damping = k->damping;
    /* A period must leave 10^(-3 / (f t60)) of the fundamental; above 1 the loop would grow. */
    double wanted = pow(10, -3 / (k->frequency_hz * k->t60_s)) / low_pass_gain(k->damping, w);
    p->loss = k->t60_s > 0 ? fmin(1, wanted) : 1;
    p->line = base_alloc(c, p->n, sizeof *p->line);
    if (p->line) pluck(p, k->seed);
    return p->line != NULL;
}

void synth_pluck_close(sori_ctx *c, synth_pluck *p) { base_free(c, p->line); }

void synth_pluck_run(synth_pluck *p, size_t count, double *out) {
    for (size_t i = 0; i < count; i++) {
        double x = out[i] = p->line[p->at];
        double in = p->loss * ((1 - p->damping) * x + p->damping * p->before);
        p->before = x;
        p->line[p->at] = p->out = p->tune * (in - p->out) + p->in;
        p->in = in;
        p->at = p->at + 1 == p->n ? 0 : p->at + 1;
    }
}
