/* loudness.c - how loud a programme is: ITU-R BS.1770-4, as EBU R 128 takes it.
 *
 *   K-weighting: a high shelf (the head), then a high-pass (low bass is heard less)
 *   power of blocks of 400 ms, 100 ms apart, channels added (surround ones count 1.41)
 *   mean over the blocks above -70 LUFS, then over those of them less than 10 LU below that mean
 *
 * The standard gives the filters' coefficients at 48 kHz only. Here they are the bilinear transforms of the analogue
 * filters that have those coefficients there (De Man, "Evaluation of Implementations of the EBU R128 Loudness
 * Measurement", AES 145, 2018; pyloudnorm's filter class "DeMan"). A block is the sum of four steps of 100 ms, so the
 * sound is gone through once. */
#include "array/array.h"
#include "feat/feat.h"
#include <math.h>
#include <sori/level.h>

#define OFFSET (-0.691)      /* dB: what makes 997 Hz at full scale in one channel -3.01 LUFS */
#define GATE (-70.0)         /* LUFS */
#define RELATIVE (-10.0)     /* LU */
#define CHANNELS 5

typedef struct biquad {
    double b[3], a[2], z[2]; /* z: the state, in transposed direct form II */
} biquad;

/* Both filters are (b0 s^2 + b1 w s / Q + b2 w^2) / (s^2 + w s / Q + w^2), warped so that w is exact. */
static biquad design(double hz, double q, const double b[3], double sr) {
    double k = tan(M_PI * hz / sr), norm = 1 + k / q + k * k;
    return (biquad){ { (b[0] + b[1] * k / q + b[2] * k * k) / norm, 2 * (b[2] * k * k - b[0]) / norm,
                       (b[0] - b[1] * k / q + b[2] * k * k) / norm },
                     { 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm }, { 0, 0 } };
}

static void k_weighting(biquad out[2], double sr) {
    double gain = pow(10, 3.999843853973347 / 20);
    out[0] = design(1681.974450955533, 0.7071752369554196, (double[]){ gain, pow(gain, 0.4996667741545416), 1 }, sr);
    out[1] = design(38.13547087602444, 0.5003270373238773, (double[]){ 1, 0, 0 }, sr);
    /* The standard's high-pass has the numerator 1, -2, 1, not divided. */
    double k = tan(M_PI * 38.13547087602444 / sr), norm = 1 + k / 0.5003270373238773 + k * k;
    for (int i = 0; i < 3; i++) out[1].b[i] *= norm;
}

static double run(biquad *f, double x) {
    double y = f->b[0] * x + f->z[0];
    f->z[0] = f->b[1] * x - f->a[0] * y + f->z[1];
    f->z[1] = f->b[2] * x - f->a[1] * y;
    return y;
}

/* Where step i of 100 ms begins. */
static size_t edge(size_t i, double sr) { return (size_t)rint(0.1 * (double)i * sr); }

/* Adds a channel's weighted energy in each step. */
static void add_channel(const float *x, size_t steps, double sr, double weight, double *energy) {
    biquad f[2];
    k_weighting(f, sr);
    for (size_t i = 0; i < steps; i++) {
        double sum = 0;
        for (size_t t = edge(i, sr); t < edge(i + 1, sr); t++) {
            double y = run(&f[1], run(&f[0], (double)x[t]));
            sum += y * y;
        }
        energy[i] += weight * sum;
    }
}

static double lufs(double power) { return OFFSET + 10 * log10(power); }

/* Mean power of the blocks louder than gate; 0 if there are none. */
static double gated(const double *energy, size_t steps, double sr, double gate) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i + 4 <= steps; i++) {
        double power = (energy[i] + energy[i + 1] + energy[i + 2] + energy[i + 3]) / (0.4 * sr);
        if (!(lufs(power) > gate)) continue;
        sum += power;
        count++;
    }
    return count ? sum / (double)count : 0;
}

double sori_loudness(sori_ctx *c, sori_audio y) {
    if (base_failed(c) || !array_check(c, "loudness", y.y, SORI_F32, 1)) return NAN;
    size_t n = y.y->shape[y.y->ndim - 1], channels = n ? y.y->size / n : 0, steps = 0;
    if (y.y->ndim > 2 || channels > CHANNELS)
        sori_fail(c, SORI_EINVAL, "loudness: %zu channels, above %d", channels, CHANNELS);
    else if (!(y.sr >= 1000 && y.sr <= 1e6))
        sori_fail(c, SORI_EINVAL, "loudness: sampling rate %g Hz is not within 1000 and 1000000", y.sr);
    else if ((double)n < edge(4, y.sr))
        sori_fail(c, SORI_EINVAL, "loudness: %zu samples at %g Hz, less than 400 ms", n, y.sr);
    if (base_failed(c) || !feat_check_finite(c, "loudness", y.y->data, y.y->size)) return NAN;
    while (edge(steps + 1, y.sr) <= n) steps++;
    double *energy = base_alloc(c, steps, sizeof *energy), power = NAN;
    for (size_t i = 0; energy && i < channels; i++)
        add_channel((const float *)y.y->data + i * n, steps, y.sr, i < 3 ? 1 : 1.41, energy);
    if (energy) power = gated(energy, steps, y.sr, GATE);
    if (power > 0) power = gated(energy, steps, y.sr, lufs(power) + RELATIVE);
    base_free(c, energy);
    return power > 0 ? lufs(power) : power == 0 ? -INFINITY : NAN;
}
