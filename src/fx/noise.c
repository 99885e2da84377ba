/* noise.c - white, pink and brown noise.
 *
 * White noise is drawn in chunks of 4096 samples, each keyed by its place, so any thread may draw any: pairs of normal
 * numbers by Box and Muller, 32 bits of Philox a number. Colours are that noise through a row of first-order sections
 *
 *     brown   a pole at 10 Hz: 6 dB an octave
 *     pink    poles at 10 Hz * 4^k and zeros an octave above each: stairs whose mean falls by 3 dB an octave, and which
 *             differ from that by 0.23 dB (Corsini, Saletti, "A 1/f^gamma power spectrum noise sequence generator",
 *             IEEE Trans. Instrum. Meas. 37, 1988)
 *
 * and a last zero that puts the level at sr/2 where it should be, which sampled poles and zeros miss. The power of what
 * comes out, by which it is scaled, is the energy of the sections' impulse response. They run ten of the slowest pole's
 * time constants before the first sample, so that noise begins as if it had always been there. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>
#include <string.h>

#define CHUNK 4096
#define LOWEST 10.0     /* Hz: colours are level below */
#define SPACING 4.0     /* from pole to pole */
#define SECTIONS 16     /* 10 Hz * 4^14 is above half of 1e9 Hz */

/* --- white ------------------------------------------------------------------------------------------------------- */

typedef struct drawing {
    const num_kernels *k;     /* float */
    uint32_t key[2], color;
    size_t first, n;          /* samples of the sequence that are wanted: [first, first + n) */
    float *out;               /* [n] */
} drawing;

/* Normal numbers of one chunk: half of the 32-bit draws become radii, half angles. */
static void draw_chunk(const drawing *d, uint32_t chunk, float out[CHUNK]) {
    enum { HALF = CHUNK / 2 };
    float radius[HALF], angle[HALF], sine[HALF];
    for (uint32_t i = 0; i < HALF / 2; i++) {
        uint32_t word[4], counter[4] = { i, BASE_RNG_NOISE, chunk, d->color };
        base_philox(counter, d->key, word);
        for (int j = 0; j < 2; j++) {
            radius[2 * i + j] = ((float)word[j] + 1) * 0x1p-32f;              /* above 0, at most 1 */
            angle[2 * i + j] = (float)word[2 + j] * (float)(0x1p-31 * M_PI);
        }
    }
    d->k->log(HALF, radius);
    d->k->sincos(HALF, angle, sine, out);
    for (size_t i = 0; i < HALF; i++) {
        float r = sqrtf(-2 * radius[i]);
        out[i] *= r;
        out[HALF + i] = r * sine[i];
    }
}

static void draw(void *arg, size_t i) {
    const drawing *d = arg;
    size_t chunk = d->first / CHUNK + i, start = chunk * CHUNK;
    size_t from = BASE_MAX(start, d->first), end = BASE_MIN(start + CHUNK, d->first + d->n);
    float whole[CHUNK];
    draw_chunk(d, (uint32_t)chunk, whole);
    memcpy(d->out + (from - d->first), whole + (from - start), (end - from) * sizeof(float));
}

/* --- colours ----------------------------------------------------------------------------------------------------- */

/* Section k: v[t] - zero[k] v[t - 1] + pole[k] out[t - 1], one after the other. */
typedef struct color_filter {
    int sections;
    double zero[SECTIONS], pole[SECTIONS];
    double past[SECTIONS + 1];   /* the last input of each section, the output of the one before */
    double scale;
} color_filter;

static double step(color_filter *f, double v) {
    for (int k = 0; k < f->sections; k++) {
        double out = v - f->zero[k] * f->past[k] + f->pole[k] * f->past[k + 1];
        f->past[k] = v;
        v = out;
    }
    f->past[f->sections] = v;
    return v;
}

/* Samples that the slowest pole takes to forget all but e^-10. */
static size_t memory_of(double sr) { return (size_t)ceil(10 * sr / (2 * M_PI * LOWEST)); }

/* The zero q for which |1 + q|/|1 - q|, its gain at sr/2 beside that at 0 Hz, makes up for what is missing there. */
static void add_last_zero(color_filter *f, double wanted) {
    double gain = 1;
    for (int k = 0; k < f->sections; k++)
        gain *= (1 + f->zero[k]) / (1 + f->pole[k]) * (1 - f->pole[k]) / (1 - f->zero[k]);
    f->zero[f->sections] = (wanted / gain - 1) / (wanted / gain + 1);
    f->pole[f->sections++] = 0;
}

static void open_filter(color_filter *f, sori_noise_color color, double sr) {
    double turn = 2 * M_PI / sr, energy = 0;
    *f = (color_filter){ 0 };
    if (color == SORI_BROWN_NOISE) {
        f->pole[f->sections++] = exp(-turn * LOWEST);
        add_last_zero(f, LOWEST / (sr / 2));
    } else {   /* the stairs' mean meets the level of 0 Hz at LOWEST / sqrt(2) */
        for (double hz = LOWEST; hz * 2 < sr / 2; hz *= SPACING) {
            f->pole[f->sections] = exp(-turn * hz);
            f->zero[f->sections++] = exp(-turn * hz * 2);
        }
        add_last_zero(f, sqrt(LOWEST / sqrt(2) / (sr / 2)));
    }
    for (size_t t = 0; t < memory_of(sr); t++) {
        double h = step(f, t == 0);
        energy += h * h;
    }
    memset(f->past, 0, sizeof f->past);
    f->scale = 1 / sqrt(energy);
}

/* d's samples, white, to that colour in place. */
static void paint(drawing *d, sori_noise_color color, double sr) {
    color_filter f;
    float before[CHUNK];
    drawing early = *d;
    open_filter(&f, color, sr);
    for (early.first = 0; early.first < d->first; early.first += early.n) {
        early.n = BASE_MIN(d->first - early.first, (size_t)CHUNK);
        early.out = before;
        draw(&early, 0);
        for (size_t t = 0; t < early.n; t++) step(&f, (double)before[t]);
    }
    for (size_t t = 0; t < d->n; t++) d->out[t] = (float)(f.scale * step(&f, (double)d->out[t]));
}

/* --- the gate ---------------------------------------------------------------------------------------------------- */

sori_audio sori_noise(sori_ctx *c, sori_noise_color color, size_t n, double sr, uint64_t seed) {
    sori_audio out = { .sr = sr };
    if (base_failed(c) || !feat_check_rate(c, "noise", &out.sr)) return out;
    if (!(out.sr >= 1 && out.sr <= 1e9)) sori_fail(c, SORI_EINVAL, "noise: sr %g Hz is not within 1 .. 1e9", out.sr);
    else if ((unsigned)color > SORI_BROWN_NOISE) sori_fail(c, SORI_EINVAL, "noise: color %d is unknown", (int)color);
    else out.y = array_new_raw(c, SORI_F32, 1, &n);
    if (!out.y || n == 0) return out;
    drawing d = { .k = num_kernels_find(NULL, false), .key = { (uint32_t)seed, (uint32_t)(seed >> 32) },
                  .color = (uint32_t)color, .first = color ? memory_of(out.sr) : 0, .n = n, .out = out.y->data };
    base_parallel(c, (d.first + n - 1) / CHUNK - d.first / CHUNK + 1, draw, &d);
    if (color) paint(&d, color, out.sr);
    return out;
}
