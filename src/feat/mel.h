/* feat/mel.h - the mel filter bank, for the features built on it (mel.c, mfcc.c). Private to feat. */
#ifndef FEAT_MEL_H
#define FEAT_MEL_H

#include "feat/feat.h"

/* Triangles on the frequency axis, each kept as the run of bins where it is not zero: 2,018 weights at 128 bands of
 * 2048 points instead of a matrix of 131,200. */
typedef struct feat_bank {
    size_t bands;
    uint32_t *start, *count;   /* [bands] first bin of a band, number of its bins */
    void *weight;              /* one band after the other, in the precision of the kernels */
} feat_bank;

/* librosa.filters.mel for `bins` frequencies of an n_fft-point transform.
 *   err  SORI_EINVAL n_mels < 1, fmin < 0, fmax above sr/2 or not above fmin, unknown norm */
bool feat_bank_open(sori_ctx *c, feat_bank *b, const feat_input *in, const sori_mel_config *config);
void feat_bank_close(sori_ctx *c, feat_bank *b);

/* The bands' sums over one block to out: what the kernels' bank does. */
static inline void feat_bank_apply(const feat_bank *b, const num_kernels *k, const feat_block *block, float *out,
                                   size_t stride) {
    k->bank(b->bands, b->start, b->count, b->weight, block->S, block->frames, out, stride);
}

#endif
