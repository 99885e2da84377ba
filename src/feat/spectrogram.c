/* spectrogram.c - |STFT| ^ power, the magnitude by default.   librosa.core.spectrum._spectrogram
 *
 * The pipeline's S itself, so there is no block() here. By name it may be asked for in decibels: then it is computed
 * as power, because amplitude_to_db(|X|) is power_to_db(|X|^2). */
#include "feat/feat.h"

static bool spectrogram_open(sori_ctx *c, feat_use *u, const feat_input *in, double power) {
    u->domain = FEAT_S;
    u->power = power != 0 ? power : 1;
    u->rows = in->bins;
    return feat_check_power(c, in->who, u->power);
}

static bool spectrogram_open_named(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *f) {
    if (!spectrogram_open(c, u, in, f->power)) return false;
    if (!f->db) return true;
    if (u->power != 1 && u->power != 2) {
        sori_fail(c, SORI_EINVAL, "%s: decibels need power 1 or 2, not %g", in->who, u->power);
        return false;
    }
    u->power = 2;
    return feat_want_db(c, u, in, f->top_db);
}

const feat_op feat_op_spectrogram = {
    .info = { "spectrogram", "librosa.core.spectrum._spectrogram", "magnitude (or power) of every frequency", "" },
    .open = spectrogram_open_named,
    .post = feat_post_db,
};

sori_array *sori_spectrogram(sori_ctx *c, sori_audio y, const sori_spectrogram_config *config) {
    static const sori_spectrogram_config defaults;
    feat_input in;
    feat_use u = { .op = &feat_op_spectrogram };
    if (!config) config = &defaults;
    if (feat_input_open(c, &in, "spectrogram", y, NULL, &config->stft)) spectrogram_open(c, &u, &in, config->power);
    return feat_run(c, &in, &u);
}
