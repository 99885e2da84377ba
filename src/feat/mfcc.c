/* mfcc.c - mel-frequency cepstral coefficients, and the way back to mel.
 *
 * The model: the shape of the log-mel spectrum, without its details, says what vowel or instrument sounds. A cosine
 * transform across the mel bands packs that shape into its first coefficients.
 *
 * block() stores the mel power; when the loudest value is known, post() turns it into decibels with top_db, and
 * multiplies by the first rows of the cosine matrix, lifter included. Given S= (already decibels), block() multiplies
 * right away.
 *
 * Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in continuously
 * spoken sentences", IEEE Trans. ASSP 28 (1980).   librosa.feature.mfcc, librosa.feature.inverse.mfcc_to_mel */
#include "feat/mel.h"
#include <float.h>
#include <math.h>

typedef struct mfcc {
    feat_bank bank;
    size_t n_mels;
    void *matrix;      /* [rows][n_mels] in the precision of the kernels */
} mfcc;

/* lifter 0 is none; else coefficient i (from 1) is weighted by 1 + lifter/2 sin(pi i / lifter). */
static double lift(double lifter, size_t i) {
    return lifter > 0 ? 1 + lifter / 2 * sin(3.14159265358979323846 * (double)i / lifter) : 1;
}

static bool check_dct(sori_ctx *c, const char *who, int type, double lifter) {
    if (type < 1 || type > 3) sori_fail(c, SORI_EINVAL, "%s: dct_type %d is not 1, 2 or 3", who, type);
    else if (!(lifter >= 0)) sori_fail(c, SORI_EINVAL, "%s: lifter %g is below 0", who, lifter);
    return !base_failed(c);
}

static bool make_matrix(sori_ctx *c, mfcc *s, const feat_input *in, const sori_mfcc_config *g, int type, size_t rows) {
    size_t n = s->n_mels, values = 0;
    if (base_mul_overflows(n, rows, &values)) values = SIZE_MAX;
    double *m = base_alloc_raw(c, values, sizeof *m);
    s->matrix = base_alloc_raw(c, values, in->exact ? sizeof(double) : sizeof(float));
    if (m && s->matrix) num_dct_matrix(type, false, !g->dct_unnormalized, n, rows, m);
    for (size_t i = 0; m && s->matrix && i < values; i++) {
        double v = m[i] * lift(g->lifter, i / n + 1);
        if (in->exact) ((double *)s->matrix)[i] = v;
        else ((float *)s->matrix)[i] = (float)v;
    }
    base_free(c, m);
    return s->matrix != NULL && m != NULL;
}

static bool mfcc_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_mfcc_config *g) {
    int n_mfcc = g->n_mfcc ? g->n_mfcc : 20, type = g->dct_type ? g->dct_type : 2;
    mfcc *s = u->state = base_alloc(c, 1, sizeof *s);
    if (!s || !check_dct(c, in->who, type, g->lifter)) return false;
    if (n_mfcc < 1) {
        sori_fail(c, SORI_EINVAL, "%s: n_mfcc %d is below 1", in->who, n_mfcc);
        return false;
    }
    if (!in->S && !feat_bank_open(c, &s->bank, in, &g->mel)) return false;
    s->n_mels = in->S ? in->bins : s->bank.bands;
    if (type == 1 && s->n_mels < 2) sori_fail(c, SORI_EINVAL, "%s: dct_type 1 needs at least 2 mel bands", in->who);
    u->domain = FEAT_S;
    u->power = g->mel.power != 0 ? g->mel.power : 2;
    u->rows = BASE_MIN((size_t)n_mfcc, s->n_mels);   /* as librosa: there are no more */
    u->stored = in->S ? 0 : s->n_mels;
    u->scratch = s->n_mels * NUM_LANES * sizeof(double);
    return feat_check_power(c, in->who, u->power) && feat_top_db(c, in->who, g->top_db, &u->top_db)
        && make_matrix(c, s, in, g, type, u->rows);
}

static bool mfcc_open_named(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *f) {
    sori_mfcc_config g = { .mel = { .power = f->power, .n_mels = f->n_mels, .fmin = f->fmin, .fmax = f->fmax,
                                    .htk = f->htk, .norm = f->mel_norm },
                           .n_mfcc = f->n_mfcc, .dct_type = f->dct_type, .lifter = f->lifter, .top_db = f->top_db };
    return mfcc_open(c, u, in, &g);
}

static void mfcc_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const mfcc *s = u->state;
    (void)scratch;
    if (u->stored) feat_bank_apply(&s->bank, u->k, b, out, stride);
    else u->k->matrix(u->rows, s->n_mels, s->matrix, b->S, b->frames, out, stride);
}

static void mfcc_post(const feat_use *u, const float *peak, size_t n, const float *in, size_t in_stride, void *scratch,
                      float *out, size_t stride) {
    const mfcc *s = u->state;
    feat_decibel(u, s->n_mels, *peak, n, in, in_stride, scratch);
    u->k->matrix(u->rows, s->n_mels, s->matrix, scratch, n, out, stride);
}

static void mfcc_close(sori_ctx *c, feat_use *u) {
    mfcc *s = u->state;
    feat_bank_close(c, &s->bank);
    base_free(c, s->matrix);
    base_free(c, s);
}

const feat_op feat_op_mfcc = {
    .info = { "mfcc", "librosa.feature.mfcc", "mel-frequency cepstral coefficients: the shape of the spectrum", "" },
    .open = mfcc_open_named,
    .block = mfcc_block,
    .post = mfcc_post,
    .close = mfcc_close,
};

sori_array *sori_mfcc(sori_ctx *c, sori_audio y, const sori_mfcc_config *config) {
    static const sori_mfcc_config defaults;
    feat_input in;
    feat_use u = { .op = &feat_op_mfcc };
    if (!config) config = &defaults;
    if (feat_input_open(c, &in, "mfcc", y, config->mel.S, &config->mel.stft)) mfcc_open(c, &u, &in, config);
    return feat_run(c, &in, &u);
}

/* --- back to mel -------------------------------------------------------------------------------------------- */

/* One frame: unlift, the inverse transform of the coefficients padded with zeros (or cut) to n_mels, dB to power. */
static void frame_to_mel(const float *in, size_t rows, size_t n_mels, size_t frames, const double *matrix,
                         const sori_mfcc_to_mel_config *g, float *out) {
    double ref = g->ref != 0 ? g->ref : 1;
    for (size_t i = 0; i < n_mels; i++) {
        double db = 0;
        for (size_t j = 0; j < BASE_MIN(rows, n_mels); j++)
            db += matrix[i * n_mels + j] * ((double)in[j * frames] / (lift(g->lifter, j + 1) + (double)FLT_MIN));
        out[i * frames] = (float)(ref * pow(10, 0.1 * db));
    }
}

static bool check_to_mel(sori_ctx *c, const sori_array *a, int n_mels, int type, double lifter) {
    if (!array_check(c, "mfcc_to_mel", a, SORI_F32, 2) || !check_dct(c, "mfcc_to_mel", type, lifter)) return false;
    if (n_mels < 1 || (type == 1 && n_mels < 2))
        sori_fail(c, SORI_EINVAL, "mfcc_to_mel: n_mels %d is too small", n_mels);
    return !base_failed(c);
}

sori_array *sori_mfcc_to_mel(sori_ctx *c, const sori_array *a, const sori_mfcc_to_mel_config *config) {
    static const sori_mfcc_to_mel_config defaults;
    const sori_mfcc_to_mel_config *g = config ? config : &defaults;
    int n_mels = g->n_mels ? g->n_mels : 128, type = g->dct_type ? g->dct_type : 2;
    if (!check_to_mel(c, a, n_mels, type, g->lifter)) return NULL;
    size_t n = (size_t)n_mels, rows = a->shape[a->ndim - 2], frames = a->shape[a->ndim - 1];
    double *matrix = base_alloc_raw(c, n * n, sizeof *matrix);
    if (!matrix) return NULL;
    num_dct_matrix(type, true, !g->dct_unnormalized, n, n, matrix);
    sori_array *out = array_new_lead(c, SORI_F32, a->ndim - 2, a->shape, 2, (size_t[]){ n, frames });
    size_t channels = out && out->size ? out->size / (n * frames) : 0;
    for (size_t i = 0; i < channels * frames; i++) {
        size_t channel = i / frames, t = i % frames;
        frame_to_mel((const float *)a->data + channel * rows * frames + t, rows, n, frames, matrix, g,
                     (float *)out->data + channel * n * frames + t);
    }
    base_free(c, matrix);
    return out;
}
