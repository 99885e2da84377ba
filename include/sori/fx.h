/* sori/fx.h - effects on sound, and augmentation: changes that leave the label true.
 *
 * Every draw of an augmentation comes from a counter-based generator keyed by (seed, epoch, sample), so a sample is
 * changed in the same way on any number of threads. */
#ifndef SORI_FX_H
#define SORI_FX_H

#include <sori/decompose.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- harmonic and percussive sound -------------------------------------------------------------------------- */

typedef struct sori_effects_hpss_config {
    sori_hpss_config hpss;   /* its mask: the sound of the masks themselves, as librosa's */
    sori_stft_config stft;   /* hop_length: win_length / 4 */
    uint32_t reserved[4];
} sori_effects_hpss_config;

/* y of both is NULL after a failure. */
typedef struct sori_effects_hpss_result {
    sori_audio harmonic, percussive;
} sori_effects_hpss_result;

/* Sound split into what lasts and what strikes: STFT, sori_hpss, inverse.       librosa.effects.hpss, and one alone
 *   y    [..., n] f32   ->   [..., n] f32
 *   err  SORI_EINVAL as sori_stft and sori_hpss
 *   cost one STFT, sori_hpss, one inverse a part
 * librosa takes a window and does not use it; here it is used, in both directions. */
SORI_API sori_effects_hpss_result sori_effects_hpss(sori_ctx *c, sori_audio y, const sori_effects_hpss_config *config);
SORI_API sori_audio sori_harmonic(sori_ctx *c, sori_audio y, const sori_effects_hpss_config *config);
SORI_API sori_audio sori_percussive(sori_ctx *c, sori_audio y, const sori_effects_hpss_config *config);

/* --- augmentation --------------------------------------------------------------------------------------------- */

/* Changes of one [bins, frames] spectrogram in dB, made in this order; zero fields are off. */
typedef struct sori_spec_augment_config {
    double time_shift;       /* up to this fraction of the frames, either way; what enters is fill */
    double time_stretch;     /* rate drawn from 1/(1+s) .. 1+s, about the centre */
    double freq_warp;        /* vocal tract length: bins scaled by 1/(1+s) .. 1+s, the top bin stays (VTLP) */
    double gain_db;          /* up to +- this many dB on what lies above fill, never below fill */
    double eq_db;            /* another microphone: a smooth curve over the bins of up to +- this many dB */
    double background_db;    /* background noise, its level from fill up to this far above it, tilted at random */
    double noise_db;         /* Gaussian noise added to the dB values, standard deviation up to this */
    int time_masks, freq_masks;       /* SpecAugment (Park et al. 2019): stripes of fill */
    double time_mask, freq_mask;      /* widest mask, as a fraction of the axis */
    float fill;              /* the level of silence */
    uint32_t reserved[8];
} sori_spec_augment_config;

/* Change S [bins, frames] f32 in place. Same (seed, epoch, sample), same change.
 *   err  SORI_EINVAL a fraction outside 0..1, a count outside 0..100, gain or noise outside 0..200 dB
 *   cost O(bins * frames) */
SORI_API sori_status sori_spec_augment(sori_ctx *c, sori_array *S, const sori_spec_augment_config *config,
                                       uint64_t seed, uint32_t epoch, uint32_t sample);

#ifdef __cplusplus
}
#endif
#endif
