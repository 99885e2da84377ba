/* centroid.c - the spectrum's centre of gravity: sum of f S(f) over sum of S(f), in Hz; 0 for silence.
 * librosa.feature.spectral_centroid; Klapuri and Davy, "Signal Processing Methods for Music Transcription", ch. 5. */
#include "feat/shape.h"

static bool centroid_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_array *freq) {
    u->power = 1;
    u->rows = 1;
    u->state = feat_bin_hz(c, in, freq);
    return u->state != NULL;
}

static bool centroid_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    (void)config;
    return centroid_open(c, u, in, NULL);
}

static void centroid_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    double sum[NUM_LANES], centre[NUM_LANES];
    (void)scratch, (void)stride;
    feat_moments(b, u->state, sum, centre);
    for (size_t m = 0; m < b->frames; m++) out[m] = (float)centre[m];
}

const feat_op feat_op_centroid = {
    .info = { "centroid", "librosa.feature.spectral_centroid", "centre of gravity of the spectrum", "Hz" },
    .open = centroid_by_name, .block = centroid_block,
};

sori_array *sori_spectral_centroid(sori_ctx *c, sori_audio y, const sori_spectral_config *config) {
    sori_spectral_config g = feat_shape_config(config);
    feat_input in;
    feat_use u = { .op = &feat_op_centroid };
    if (feat_shape_input(c, &in, "spectral_centroid", y, &g)) centroid_open(c, &u, &in, g.freq);
    return feat_run(c, &in, &u);
}
