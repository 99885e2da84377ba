/* sori/fx.h - augmentation: changes that leave the label true.
 *
 * Every draw comes from a counter-based generator keyed by (seed, epoch, sample), so a sample is changed in the same
 * way on any number of threads. */
#ifndef SORI_FX_H
#define SORI_FX_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes of one [bins, frames] spectrogram in dB; zero fields are off. */
typedef struct sori_spec_augment_config {
    double time_shift;       /* up to this fraction of the frames, either way; what enters is fill */
    double time_stretch;     /* rate drawn from 1/(1+s) .. 1+s, about the centre */
    double freq_warp;        /* vocal-tract-like: frequency axis scaled by 1/(1+s) .. 1+s */
    int time_masks, freq_masks;       /* SpecAugment (Park et al. 2019) */
    double time_mask, freq_mask;      /* widest mask, as a fraction of the axis */
    double gain_db;          /* up to +- this many dB */
    double noise_db;         /* Gaussian noise added to the dB values, standard deviation up to this */
    float fill;              /* value of what is masked or shifted in */
    uint32_t reserved[8];
} sori_spec_augment_config;

/* Change S [bins, frames] f32 in place. Same (seed, epoch, sample), same change.    cost O(bins * frames) */
SORI_API void sori_spec_augment(float *S, size_t bins, size_t frames, const sori_spec_augment_config *config,
                                uint64_t seed, uint32_t epoch, uint32_t sample);

#ifdef __cplusplus
}
#endif
#endif
