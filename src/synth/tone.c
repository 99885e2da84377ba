/* tone.c - tones whose every property is known: a wave, times an envelope.
 *
 * What is checked and defaulted is here; the waves are in harmonics.c, fm.c and pluck.c. They give blocks of samples in
 * double, one after the other, which are shaped and rounded to float once. */
#include "array/array.h"
#include "synth/synth.h"
#include <math.h>

/* Attack, decay, sustain, release: piecewise straight lines. t, seconds. */
static double envelope(const sori_tone_config *k, double t) {
    double level = 1;
    if (t < k->attack_s) level = t / k->attack_s;
    else if (t < k->attack_s + k->decay_s) level = 1 - (1 - k->sustain) * (t - k->attack_s) / k->decay_s;
    else level = k->sustain;
    double left = k->duration_s - t;
    return left < k->release_s ? level * fmax(0, left) / k->release_s : level;
}

/* --- what is asked for ------------------------------------------------------------------------------------------- */

static bool check_harmonics(sori_ctx *c, const sori_tone_config *k) {
    if (!k->harmonics || k->n_harmonics == 0 || k->n_harmonics > SYNTH_MAX_PARTIALS) {
        sori_fail(c, SORI_EINVAL, "tone: %zu harmonics, not 1 to %d", k->harmonics ? k->n_harmonics : 0,
                  SYNTH_MAX_PARTIALS);
        return false;
    }
    for (size_t i = 0; i < k->n_harmonics; i++) {
        double phase = k->phases ? k->phases[i] : 0;
        if (isfinite(k->harmonics[i]) && isfinite(phase)) continue;
        sori_fail(c, SORI_EINVAL, "tone: harmonic %zu has amplitude %g, phase %g", i + 1, k->harmonics[i], phase);
        return false;
    }
    return true;
}

static void check_wave(sori_ctx *c, const sori_tone_config *k) {
    if (k->wave < SORI_SINE || k->wave > SORI_PLUCK) {
        sori_fail(c, SORI_EINVAL, "tone: there is no wave %d", (int)k->wave);
    } else if (k->wave == SORI_FM) {
        if (!(k->ratio > 0 && k->ratio <= 1e6) || !(k->index > 0 && k->index <= 100))
            sori_fail(c, SORI_EINVAL, "tone: ratio %g is not above 0, at most 1e6, or index %g not above 0, at most "
                      "100", k->ratio, k->index);
    } else if (k->wave == SORI_PLUCK) {
        if (!(k->damping > 0 && k->damping <= 0.5) || !(k->t60_s >= 0 && k->t60_s <= 1e6))
            sori_fail(c, SORI_EINVAL, "tone: damping %g is not above 0, at most 0.5, or t60 %g s not 0 to 1e6",
                      k->damping, k->t60_s);
        else if (!(k->frequency_hz <= k->sr / 4 && k->frequency_hz >= 1))
            sori_fail(c, SORI_EINVAL, "tone: a string of %g Hz; it must be within 1 and sr/4, %g Hz", k->frequency_hz,
                      k->sr / 4);
    } else if (k->wave != SORI_SINE && synth_partials(k) > SYNTH_MAX_PARTIALS) {
        sori_fail(c, SORI_EINVAL, "tone: %g Hz has %g partials below sr/2, at most %d can be", k->frequency_hz,
                  synth_partials(k), SYNTH_MAX_PARTIALS);
    } else if (k->wave == SORI_HARMONICS) {
        check_harmonics(c, k);
    }
}

static bool check_tone(sori_ctx *c, const sori_tone_config *k) {
    double shaped = k->attack_s + k->decay_s + k->release_s;
    if (!(k->sr >= 1 && k->sr <= 1e9) || !(k->duration_s > 0 && k->duration_s * k->sr < 0x1p40))
        sori_fail(c, SORI_EINVAL, "tone: %g s at %g Hz", k->duration_s, k->sr);
    else if (!(k->frequency_hz > 0 && k->frequency_hz < k->sr / 2))
        sori_fail(c, SORI_EINVAL, "tone: %g Hz is not within 0 and sr/2, %g Hz", k->frequency_hz, k->sr / 2);
    else if (!(k->attack_s >= 0 && k->decay_s >= 0 && k->release_s >= 0 && shaped <= k->duration_s))
        sori_fail(c, SORI_EINVAL, "tone: attack, decay and release take %g of %g s", shaped, k->duration_s);
    else if (!(k->sustain >= 0 && k->sustain <= 1) || !isfinite(k->amplitude) || !isfinite(k->phase))
        sori_fail(c, SORI_EINVAL, "tone: sustain %g must be 0 to 1, amplitude %g and phase %g finite", k->sustain,
                  k->amplitude, k->phase);
    else check_wave(c, k);
    return !base_failed(c);
}

static sori_tone_config with_defaults(const sori_tone_config *config) {
    sori_tone_config k = config ? *config : (sori_tone_config){ 0 };
    if (!k.frequency_hz) k.frequency_hz = 440;
    if (!k.duration_s) k.duration_s = 1;
    if (!k.sr) k.sr = 22050;
    if (!k.amplitude) k.amplitude = 0.5;
    if (!k.attack_s && !k.decay_s && !k.sustain && !k.release_s) k.sustain = 1;
    if (!k.ratio) k.ratio = 1;
    if (!k.index) k.index = 2;
    if (!k.damping) k.damping = 0.5;
    return k;
}

/* --- samples ----------------------------------------------------------------------------------------------------- */

typedef struct wave {
    synth_harmonics harmonics;
    synth_pluck pluck;
} wave;

static bool open_wave(sori_ctx *c, wave *w, const sori_tone_config *k) {
    if (k->wave == SORI_FM) return true;
    return k->wave == SORI_PLUCK ? synth_pluck_open(c, &w->pluck, k) : synth_harmonics_open(c, &w->harmonics, k);
}

static void run_wave(wave *w, const sori_tone_config *k, const double *level, size_t at, size_t count, double *out) {
    double index[SYNTH_BLOCK];
    if (k->wave == SORI_PLUCK) synth_pluck_run(&w->pluck, count, out);
    else if (k->wave != SORI_FM) synth_harmonics_run(&w->harmonics, k, at, count, out);
    else {
        for (size_t i = 0; i < count; i++) index[i] = k->index * (k->index_envelope ? level[i] : 1);
        synth_fm(k, index, at, count, out);
    }
}

static void fill(wave *w, const sori_tone_config *k, float *y, size_t n) {
    double x[SYNTH_BLOCK], level[SYNTH_BLOCK];
    for (size_t at = 0, count; at < n; at += count) {
        count = BASE_MIN(n - at, SYNTH_BLOCK);
        for (size_t i = 0; i < count; i++) level[i] = envelope(k, (double)(at + i) / k->sr);
        run_wave(w, k, level, at, count, x);
        for (size_t i = 0; i < count; i++) y[at + i] = (float)(k->amplitude * level[i] * x[i]);
    }
}

sori_audio sori_tone(sori_ctx *c, const sori_tone_config *config) {
    sori_tone_config k = with_defaults(config);
    sori_audio out = { .sr = k.sr };
    if (base_failed(c) || !check_tone(c, &k)) return out;
    wave w = { 0 };
    size_t n = (size_t)fmax(1, rint(k.duration_s * k.sr));
    out.y = array_new_raw(c, SORI_F32, 1, &n);
    if (out.y && open_wave(c, &w, &k)) fill(&w, &k, out.y->data, n);
    else out.y = NULL;
    synth_pluck_close(c, &w.pluck);
    synth_harmonics_close(c, &w.harmonics);
    return out;
}
