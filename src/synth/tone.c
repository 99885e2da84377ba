/* tone.c - a sine with an envelope: the sound whose every property is known. */
#include "array/array.h"
#include <sori/synth.h>
#include <math.h>

/* Attack, decay, sustain, release: piecewise straight lines. t of duration, seconds. */
static double envelope(const sori_tone_config *k, double t, double duration) {
    double level = 1;
    if (t < k->attack_s) level = t / k->attack_s;
    else if (t < k->attack_s + k->decay_s) level = 1 - (1 - k->sustain) * (t - k->attack_s) / k->decay_s;
    else level = k->sustain;
    double left = duration - t;
    return left < k->release_s ? level * left / k->release_s : level;
}

static bool check_tone(sori_ctx *c, const sori_tone_config *k) {
    double shaped = k->attack_s + k->decay_s + k->release_s;
    if (!(k->sr >= 1 && k->sr <= 1e9) || !(k->duration_s > 0 && k->duration_s * k->sr < 0x1p40))
        sori_fail(c, SORI_EINVAL, "tone: %g s at %g Hz", k->duration_s, k->sr);
    else if (!(k->frequency_hz > 0 && k->frequency_hz <= k->sr / 2))
        sori_fail(c, SORI_EINVAL, "tone: %g Hz is not within 0 and sr/2, %g Hz", k->frequency_hz, k->sr / 2);
    else if (!(k->attack_s >= 0 && k->decay_s >= 0 && k->release_s >= 0 && shaped <= k->duration_s))
        sori_fail(c, SORI_EINVAL, "tone: attack, decay and release take %g of %g s", shaped, k->duration_s);
    else if (!(k->sustain >= 0 && k->sustain <= 1) || !isfinite(k->amplitude))
        sori_fail(c, SORI_EINVAL, "tone: sustain %g must be 0 to 1, amplitude %g finite", k->sustain, k->amplitude);
    return !base_failed(c);
}

sori_audio sori_tone(sori_ctx *c, const sori_tone_config *config) {
    sori_tone_config k = config ? *config : (sori_tone_config){ 0 };
    if (!k.frequency_hz) k.frequency_hz = 440;
    if (!k.duration_s) k.duration_s = 1;
    if (!k.sr) k.sr = 22050;
    if (!k.amplitude) k.amplitude = 0.5;
    if (!k.attack_s && !k.decay_s && !k.sustain && !k.release_s) k.sustain = 1;
    sori_audio out = { .sr = k.sr };
    if (base_failed(c) || !check_tone(c, &k)) return out;
    size_t n = (size_t)fmax(1, rint(k.duration_s * k.sr));
    out.y = array_new_raw(c, SORI_F32, 1, &n);
    for (size_t i = 0; out.y && i < n; i++) {
        double t = (double)i / k.sr, turns = k.frequency_hz * t;
        ((float *)out.y->data)[i] =
            (float)(k.amplitude * envelope(&k, t, k.duration_s) * sin(2 * M_PI * (turns - floor(turns))));
    }
    return out;
}
