/* hpss.c - the harmonic and the percussive part of a sound: STFT, masks, and back.
 *
 * The phases are the sound's own, so with margins of 1 the parts add up to it.
 * librosa.effects.hpss, harmonic, percussive */
#include "feat/feat.h"
#include <sori/fx.h>

/* A part back to sound of n samples. Masks are taken as spectra without imaginary parts. */
static sori_audio back(sori_ctx *c, sori_array *part, sori_audio y, const sori_stft_config *g) {
    sori_audio none = { NULL, y.sr };
    sori_array *D = part->dtype == SORI_C64 ? part : sori_array_cast(c, part, SORI_C64);
    if (!D) return none;
    sori_istft_config config = { .stft = *g, .length = y.y->shape[y.y->ndim - 1] };
    return sori_istft(c, D, y.sr, &config);
}

/* The parts that are asked for; y NULL after a failure. */
static void split(sori_ctx *c, const char *who, sori_audio y, const sori_effects_hpss_config *config,
                  sori_audio *harmonic, sori_audio *percussive) {
    static const sori_effects_hpss_config defaults;
    sori_array *h = NULL, *p = NULL;
    if (base_failed(c)) return;
    if (!config) config = &defaults;
    sori_stft_config g = feat_stft_defaults(&config->stft);
    int scope = sori_begin(c);
    sori_array *D = sori_stft(c, y, &g);
    if (!D) base_fail_in(c, who);
    else if (feat_hpss(c, who, D, &config->hpss, harmonic ? &h : NULL, percussive ? &p : NULL)) {
        sori_array_free(c, D);
        if (h) *harmonic = back(c, h, y, &g);
        sori_array_free(c, h);
        if (p && !base_failed(c)) *percussive = back(c, p, y, &g);
    }
    bool failed = base_failed(c);
    if (harmonic && failed) harmonic->y = NULL;
    if (percussive && failed) percussive->y = NULL;
    if (harmonic && harmonic->y) sori_keep(c, harmonic->y);
    if (percussive && percussive->y) sori_keep(c, percussive->y);
    sori_end(c, scope, NULL);
}

sori_effects_hpss_result sori_effects_hpss(sori_ctx *c, sori_audio y, const sori_effects_hpss_config *config) {
    sori_effects_hpss_result r = { { NULL, y.sr }, { NULL, y.sr } };
    split(c, "hpss", y, config, &r.harmonic, &r.percussive);
    return r;
}

sori_audio sori_harmonic(sori_ctx *c, sori_audio y, const sori_effects_hpss_config *config) {
    sori_audio harmonic = { NULL, y.sr };
    split(c, "harmonic", y, config, &harmonic, NULL);
    return harmonic;
}

sori_audio sori_percussive(sori_ctx *c, sori_audio y, const sori_effects_hpss_config *config) {
    sori_audio percussive = { NULL, y.sr };
    split(c, "percussive", y, config, NULL, &percussive);
    return percussive;
}
