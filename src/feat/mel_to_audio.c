/* mel_to_audio.c - from mel spectrograms and MFCCs back to sound.   librosa.feature.inverse
 *
 * Bands to bins by non-negative least squares (nnls.c), frame by frame; bins to sound by Griffin-Lim. */
#include "feat/nnls.h"
#include <math.h>
#include <sori/phase.h>
#include <stdatomic.h>

typedef struct job {
    feat_nnls solver;
    const float *M;              /* [channels][bands][frames] */
    float *out;                  /* [channels][bins][frames] */
    size_t bands, bins, frames, blocks;   /* blocks of 16 frames a channel */
    double power;
    bool clipped;
    double *work;                /* [workers][work_size] */
    size_t work_size, channels;
    atomic_size_t next;
} job;

/* 16 frames; their bins are put side by side before they go out, a row at a time. */
static void one_block(const job *j, size_t channel, size_t first, double *work) {
    const float *M = j->M + channel * j->bands * j->frames + first;
    float *out = j->out + channel * j->bins * j->frames + first;
    size_t lanes = BASE_MIN(j->frames - first, NUM_LANES);
    double *b = work, *x = b + j->bands, *all = x + j->bins, *rest = all + j->bins * NUM_LANES;
    for (size_t m = 0; m < lanes; m++) {
        for (size_t i = 0; i < j->bands; i++) b[i] = (double)M[i * j->frames + m];
        feat_nnls_solve(&j->solver, b, j->clipped, x, rest);
        for (size_t k = 0; k < j->bins; k++)
            all[k * NUM_LANES + m] = j->power == 2 ? sqrt(x[k]) : j->power == 1 ? x[k] : pow(x[k], 1 / j->power);
    }
    for (size_t k = 0; k < j->bins; k++)
        for (size_t m = 0; m < lanes; m++) out[k * j->frames + m] = (float)all[k * NUM_LANES + m];
}

static void worker(void *arg, size_t w) {
    job *j = arg;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->blocks * j->channels;)
        one_block(j, i / j->blocks, i % j->blocks * NUM_LANES, j->work + w * j->work_size);
}

static void run(sori_ctx *c, job *j) {
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), j->blocks * j->channels), 1);
    j->work_size = j->bands + j->bins * (1 + NUM_LANES) + feat_nnls_work(&j->solver);
    j->work = base_alloc_raw(c, workers * j->work_size, sizeof *j->work);
    if (j->work) base_parallel(c, workers, worker, j);
    base_free(c, j->work);
}

sori_array *sori_mel_to_stft(sori_ctx *c, const sori_array *M, double sr, const sori_mel_to_stft_config *config) {
    static const sori_mel_to_stft_config defaults;
    const sori_mel_to_stft_config *g = config ? config : &defaults;
    feat_input in;
    feat_bank bank;
    job j = { .power = g->power != 0 ? g->power : 2, .clipped = g->clipped };
    if (!array_check(c, "mel_to_stft", M, SORI_F32, 2)) return NULL;
    sori_mel_config mel = { .n_mels = (int)BASE_MIN(M->shape[M->ndim - 2], (size_t)1 << 24), .fmin = g->fmin,
                            .fmax = g->fmax, .htk = g->htk, .norm = g->norm };
    if (mel.n_mels == 0) sori_fail(c, SORI_EINVAL, "mel_to_stft: the spectrogram has no bands");
    if (!feat_input_settings(c, &in, "mel_to_stft", sr, &(sori_stft_config){ .n_fft = g->n_fft, .exact = true })
        || !feat_check_power(c, "mel_to_stft", j.power) || !feat_check_finite(c, "mel_to_stft", M->data, M->size)
        || !feat_bank_open(c, &bank, &in, &mel)) return NULL;
    j.frames = M->shape[M->ndim - 1];
    sori_array *out = array_new_lead(c, SORI_F32, M->ndim - 2, M->shape, 2, (size_t[]){ in.bins, j.frames });
    if (feat_nnls_open(c, &j.solver, &bank, in.bins) && out && out->size) {
        j.M = M->data, j.out = out->data;
        j.bands = bank.bands, j.bins = in.bins;
        j.channels = M->size / (j.bands * j.frames);
        j.blocks = (j.frames + NUM_LANES - 1) / NUM_LANES;
        run(c, &j);
    }
    feat_nnls_close(c, &j.solver);
    feat_bank_close(c, &bank);
    return base_failed(c) ? NULL : out;
}

sori_audio sori_mel_to_audio(sori_ctx *c, const sori_array *M, double sr, const sori_mel_to_audio_config *config) {
    static const sori_mel_to_audio_config defaults;
    sori_mel_to_audio_config g = config ? *config : defaults;
    sori_audio out = { NULL, sr };
    if (g.griffinlim.stft.n_fft == 0) g.griffinlim.stft.n_fft = 2048;
    g.mel.n_fft = g.griffinlim.stft.n_fft;
    int scope = sori_begin(c);
    sori_array *S = sori_mel_to_stft(c, M, sr, &g.mel);
    if (S) out.y = sori_griffinlim(c, S, sr, &g.griffinlim).y;
    sori_end(c, scope, out.y);
    return out;
}

sori_audio sori_mfcc_to_audio(sori_ctx *c, const sori_array *mfcc, double sr, const sori_mfcc_to_audio_config *config) {
    sori_audio out = { NULL, sr };
    int scope = sori_begin(c);
    sori_array *M = sori_mfcc_to_mel(c, mfcc, config ? &config->mfcc : NULL);
    if (M) out.y = sori_mel_to_audio(c, M, sr, config ? &config->audio : NULL).y;
    sori_end(c, scope, out.y);
    return out;
}
