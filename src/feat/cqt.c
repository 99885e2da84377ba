/* cqt.c - constant-Q and variable-Q transforms of a sound: the gates before the octave machine (octave.c).
 *
 * librosa.cqt, librosa.vqt */
#include "feat/cqt.h"
#include <math.h>
#include <sori/pitch.h>

bool feat_sound_open(sori_ctx *c, feat_input *in, const char *who, sori_audio y, int hop_length, sori_pad_mode pad) {
    *in = (feat_input){ .who = who };
    if (base_failed(c)) return false;
    if (pad == SORI_PAD_WRAP) {
        sori_fail(c, SORI_EINVAL, "%s: pad_mode wrap is not for frames, as in librosa", who);
        return false;
    }
    return feat_input_frames(c, in, who, y, 0, hop_length, false, pad);
}

bool feat_tuning(sori_ctx *c, const char *who, sori_audio y, sori_opt tuning, bool estimate, int bins_per_octave,
                 double *out) {
    *out = feat_option(tuning, 0, 0);
    if (tuning.mode == 2 || (tuning.mode == 0 && estimate))
        *out = sori_estimate_tuning(c, y, &(sori_tuning_config){ .bins_per_octave = bins_per_octave });
    if (!isfinite(*out)) sori_fail(c, SORI_EINVAL, "%s: tuning %g is not finite", who, *out);
    return !base_failed(c);
}

/* gamma as feat_wavelets has it: negative for the ear's. */
static bool take_gamma(sori_ctx *c, const char *who, sori_opt gamma, double *out) {
    *out = feat_option(gamma, -1, -1);
    if (gamma.mode != 1 || *out >= 0) return true;
    sori_fail(c, SORI_EINVAL, "%s: gamma %g Hz is below 0", who, *out);
    return false;
}

static sori_array *transform(sori_ctx *c, const char *who, sori_audio y, const sori_vqt_config *g) {
    feat_input in;
    feat_vqt v = { 0 };
    double tuning, gamma;
    int per = g->ratios ? (int)BASE_MIN(g->ratios->size, FEAT_MAX_BINS)
                        : g->cqt.bins_per_octave ? g->cqt.bins_per_octave : 12;
    int scope = sori_begin(c);
    sori_array *out = NULL;
    if (feat_sound_open(c, &in, who, y, g->cqt.hop_length, g->cqt.pad_mode) && take_gamma(c, who, g->gamma, &gamma)
        && feat_tuning(c, who, y, g->cqt.tuning, false, per, &tuning)
        && feat_vqt_open(c, &v, who, in.sr, in.n, g, tuning, gamma))
        out = feat_result(c, &in, SORI_C64, v.w.n, v.frames);
    if (out) {
        feat_vqt_sink sink = { .out = out->data, .stride = v.frames, .plane = v.w.n * v.frames };
        feat_vqt_run(c, &v, in.y, in.channels, &sink);
    }
    feat_vqt_close(c, &v);
    return sori_end(c, scope, base_failed(c) ? NULL : out);
}

sori_array *sori_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config) {
    sori_vqt_config g = { .gamma = SORI_VALUE(0) };
    if (config) g.cqt = *config;
    return transform(c, "cqt", y, &g);
}

sori_array *sori_vqt(sori_ctx *c, sori_audio y, const sori_vqt_config *config) {
    static const sori_vqt_config defaults;
    return transform(c, "vqt", y, config ? config : &defaults);
}
