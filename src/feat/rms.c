/* rms.c - root mean square a frame, of samples or, by Parseval's theorem, of a magnitude spectrogram.
 *
 * Squares are added in double in 16 partial sums, which the compiler turns into vectors; librosa adds in float, which
 * is worth some 1e-6. Frames that overlap by whole hops share the sums of those. librosa.feature.rms. */
#include "feat/feat.h"
#include <math.h>

static bool rms_open(feat_use *u, const feat_input *in, sori_pad_mode pad) {
    u->domain = in->S ? FEAT_S : FEAT_SAMPLES;
    u->power = 1;
    u->pad = pad;
    u->rows = 1;
    u->scratch = (NUM_LANES + feat_hops(in->n_fft, in->hop)) * sizeof(double);
    return true;
}

static bool rms_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    (void)c;
    return rms_open(u, in, config->stft.pad_mode);
}

static double square_sum(const float *x, size_t n) {
    double sum[16] = { 0 };
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; k++) sum[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) sum[i % 16] += (double)x[i] * (double)x[i];
    for (int half = 8; half; half /= 2)
        for (int k = 0; k < half; k++) sum[k] += sum[k + half];
    return sum[0];
}

/* The spectrum of real samples holds every bin twice, but the first and, if n_fft is even, the last. */
static void from_spectrum(const feat_block *b, double power[NUM_LANES]) {
    double row[NUM_LANES], n = (double)b->n_fft;
    for (size_t k = 0; k < b->bins; k++) {
        bool once = k == 0 || (b->n_fft % 2 == 0 && k + 1 == b->bins);
        feat_row(b, k, row);
        for (int m = 0; m < NUM_LANES; m++) power[m] += row[m] * row[m] * (once ? 0.5 : 1);
    }
    for (int m = 0; m < NUM_LANES; m++) power[m] *= 2 / (n * n);
}

static void from_samples(const feat_block *b, double *sums, double power[NUM_LANES]) {
    size_t parts = feat_hops(b->n_fft, b->hop), length = b->n_fft / parts;
    for (size_t i = 0; i < b->frames + parts - 1; i++) sums[i] = square_sum(b->y + i * b->hop, length);
    for (size_t m = 0; m < b->frames; m++) {
        for (size_t i = 0; i < parts; i++) power[m] += sums[m + i];
        power[m] /= (double)b->n_fft;
    }
}

static void rms_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    double power[NUM_LANES] = { 0 };
    (void)stride;
    if (u->domain == FEAT_S) from_spectrum(b, power);
    else from_samples(b, scratch, power);
    for (size_t m = 0; m < b->frames; m++) out[m] = (float)sqrt(power[m]);
}

const feat_op feat_op_rms = {
    .info = { "rms", "librosa.feature.rms", "root mean square of the samples", "" },
    .open = rms_by_name, .block = rms_block,
};

/* S= needs no frame_length, but one that is given must fit. */
static bool spectrum_input(sori_ctx *c, feat_input *in, sori_audio y, const sori_rms_config *g) {
    if (!feat_input_open(c, in, "rms", y, g->S, &(sori_stft_config){ .n_fft = g->frame_length })) return false;
    size_t length = g->frame_length ? (size_t)g->frame_length : BASE_MAX(2 * (in->bins - 1), 1);
    in->n_fft = length;
    if (length / 2 + 1 == in->bins) return true;
    sori_fail(c, SORI_EINVAL, "rms: S has %zu bins, frame_length %zu has %zu", in->bins, length, length / 2 + 1);
    return false;
}

sori_array *sori_rms(sori_ctx *c, sori_audio y, const sori_rms_config *config) {
    sori_rms_config g = config ? *config : (sori_rms_config){ 0 };
    feat_input in;
    feat_use u = { .op = &feat_op_rms };
    bool ok = g.S ? spectrum_input(c, &in, y, &g)
                  : feat_input_frames(c, &in, "rms", y, g.frame_length, g.hop_length, g.uncentered, g.pad_mode);
    if (ok) rms_open(&u, &in, g.pad_mode);
    return feat_run(c, &in, &u);
}
