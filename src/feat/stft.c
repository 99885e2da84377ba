/* stft.c - the short-time Fourier transform itself, as a feature: the complex spectrum of every frame, kept.
 *
 * librosa.stft
 *
 * The pipeline's X itself, so there is no block() here; the pipeline stores it as pairs. */
#include "feat/feat.h"
#include <math.h>

static bool stft_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *f) {
    (void)f;
    u->domain = FEAT_X;
    u->dtype = SORI_C64;
    u->rows = in->bins;
    return !base_failed(c);
}

const feat_op feat_op_stft = {
    .info = { "stft", "librosa.stft", "complex spectrum of overlapping frames", "" },
    .open = stft_open,
};

sori_stft_config feat_stft_defaults(const sori_stft_config *config) {
    sori_stft_config g = config ? *config : (sori_stft_config){ 0 };
    if (g.n_fft == 0) g.n_fft = 2048;
    if (g.win_length == 0) g.win_length = g.n_fft;
    if (g.hop_length == 0) g.hop_length = g.win_length >= 4 ? g.win_length / 4 : -1;   /* -1: an error, as there */
    return g;
}

sori_array *sori_stft(sori_ctx *c, sori_audio y, const sori_stft_config *config) {
    sori_stft_config g = feat_stft_defaults(config);
    feat_input in;
    feat_use u = { .op = &feat_op_stft };
    if (feat_input_open(c, &in, "stft", y, NULL, &g)) stft_open(c, &u, &in, NULL);
    return feat_run(c, &in, &u);
}

sori_array *sori_magnitude(sori_ctx *c, const sori_array *D) {
    if (!array_check(c, "magnitude", D, SORI_C64, 0)) return NULL;
    sori_array *a = array_new_raw(c, SORI_F32, D->ndim, D->shape);
    const float *z = D->data;
    for (size_t i = 0; a && i < a->size; i++) {
        double re = (double)z[2 * i], im = (double)z[2 * i + 1];   /* squares of floats neither overflow nor vanish */
        ((float *)a->data)[i] = (float)sqrt(re * re + im * im);
    }
    return a;
}
