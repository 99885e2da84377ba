/* add_noise.c - noise, or any background, mixed in at a signal-to-noise ratio.
 *
 *     out = y + s noise,   s^2 = sum y^2 / (sum noise^2 * 10^(snr_db / 10))
 *
 * with the sums over what is heard: the noise as it is cut or repeated, and of one channel as often as it is added.
 * audiomentations AddBackgroundNoise, AddColorNoise; WHAM (Wichern et al., Interspeech 2019). */
#include "fx/fx.h"
#include <math.h>

/* The energy of n samples of noise [m], repeated as needed. */
static double energy_of(const float *noise, size_t m, size_t n) {
    double rounds = (double)(n / m);
    return (n >= m ? rounds * fx_energy(noise, m) : 0) + fx_energy(noise, n % m);
}

/* out [n] = y + s noise [m]. */
static void add(const float *y, size_t n, const float *noise, size_t m, double s, float *out) {
    for (size_t at = 0; at < n; at += m) {
        size_t count = BASE_MIN(m, n - at);
        for (size_t t = 0; t < count; t++) out[at + t] = (float)((double)y[at + t] + s * (double)noise[t]);
    }
}

/* The noise that is added to a channel of y. */
static const float *noise_for(const sori_array *noise, size_t channel) {
    const float *x = noise->data;
    return x + (noise->ndim > 1 ? channel * fx_samples(noise) : 0);
}

/* s, or 0 where one of the two is silence. */
static double scale_of(const sori_array *y, const sori_array *noise, double snr_db) {
    double sound = fx_energy(y->data, y->size), added = 0;
    for (size_t i = 0; noise->size && i < fx_channels(y); i++)
        added += energy_of(noise_for(noise, i), fx_samples(noise), fx_samples(y));
    return added > 0 ? sqrt(sound / added) * pow(10, -snr_db / 20) : 0;
}

sori_audio sori_add_noise(sori_ctx *c, sori_audio y, sori_audio noise, double snr_db) {
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, "add_noise", &y) || !fx_check_other(c, "add_noise", "noise", y, &noise) ||
        !fx_check_db(c, "add_noise", "snr_db", snr_db))
        return out;
    double s = scale_of(y.y, noise.y, snr_db);
    if (s == 0) out.y = sori_array_from(c, SORI_F32, y.y->ndim, y.y->shape, y.y->data);
    else out.y = fx_result(c, y.y, fx_samples(y.y));
    for (size_t i = 0; s > 0 && out.y && i < fx_channels(y.y); i++) {
        size_t n = fx_samples(y.y), at = i * n;
        add((const float *)y.y->data + at, n, noise_for(noise.y, i), fx_samples(noise.y), s,
            (float *)out.y->data + at);
    }
    return out;
}
