/* feat/istft.h - overlap-add of spectra that are made as they are needed. Private to feat. */
#ifndef FEAT_ISTFT_H
#define FEAT_ISTFT_H

#include "feat/feat.h"

/* Complex rows [n_fft / 2 + 1] of `lanes` <= 16 frames from `first` on, and finite values in the other lanes; in double
 * if exact. Called on several threads at a time. */
typedef void feat_fill(const void *arg, size_t channel, size_t first, size_t lanes, void *rows);

/* Centred frames under a rectangular window. */
typedef struct feat_overlap {
    size_t n_fft, hop, frames, channels;
    size_t n;                /* samples of a channel wanted */
    bool exact;
    feat_fill *fill;
    const void *arg;
} feat_overlap;

/* y [channels][n]: what sori_istft makes of such spectra. */
void feat_overlap_add(sori_ctx *c, const feat_overlap *o, float *y);

#endif
