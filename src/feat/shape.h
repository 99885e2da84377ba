/* feat/shape.h - what the features of a spectrum's shape have in common: centroid, bandwidth, rolloff, flatness,
 * contrast. Private to feat. */
#ifndef FEAT_SHAPE_H
#define FEAT_SHAPE_H

#include "feat/feat.h"

/* Sound, or a magnitude spectrogram without negative values. */
bool feat_shape_input(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_spectral_config *config);

/* The centre of every bin in Hz, [bins]: freq, or fft_frequencies if that is NULL. From base_alloc. */
double *feat_bin_hz(sori_ctx *c, const feat_input *in, const sori_array *freq);

/* The settings of a public call, all defaults if there are none. */
static inline sori_spectral_config feat_shape_config(const sori_spectral_config *config) {
    return config ? *config : (sori_spectral_config){ 0 };
}

/* The first moment of one block: sum[m] of S, and centre[m] = sum of hz S / sum of S. A silent frame's sum counts as
 * 1, as librosa.util.normalize leaves it alone: its centre is 0. */
void feat_moments(const feat_block *b, const double *hz, double sum[NUM_LANES], double centre[NUM_LANES]);

#endif
