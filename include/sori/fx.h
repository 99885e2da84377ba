/* sori/fx.h - changes of sound: longer, higher, faster; and augmentation, changes that leave the label true.
 *
 * Every draw comes from a counter-based generator keyed by (seed, epoch, sample), so a sample is changed in the same
 * way on any number of threads. */
#ifndef SORI_FX_H
#define SORI_FX_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- time and pitch --------------------------------------------------------------------------------------------- */

/* Sound of another length and the same pitch.                                       librosa.effects.time_stretch
 *   y       [..., n] f32   ->   [..., round(n / rate)] f32; rate 2 is twice as fast
 *   config  n_fft 2048, hop_length win_length / 4, ...; NULL: the defaults
 *   err     SORI_EINVAL rate not above 0, or so high that no sample is left; as sori_stft
 *   cost    two STFTs and an inverse, in double; no spectrum is kept
 * By the phase vocoder, see sori_phase_vocoder for where it is better than librosa's. */
SORI_API sori_audio sori_time_stretch(sori_ctx *c, sori_audio y, double rate, const sori_stft_config *config);

typedef struct sori_pitch_shift_config {
    sori_stft_config stft;     /* of the stretching */
    int bins_per_octave;       /* 12: n_steps are semitones */
    sori_res_type res_type;    /* SORI_SOXR_HQ */
    bool scale;                /* librosa scale=True: keep the energy, not the amplitude, in resampling */
    uint32_t reserved[4];
} sori_pitch_shift_config;

/* Sound of another pitch and the same length.                                       librosa.effects.pitch_shift
 *   y    [..., n] f32   ->   the same; n_steps up, or down if negative; may be a fraction
 *   err  SORI_EINVAL n_steps not finite, bins_per_octave < 1; as sori_stft; SORI_EUNSUP built without libsoxr
 *   cost a time_stretch and a resampling */
SORI_API sori_audio sori_pitch_shift(sori_ctx *c, sori_audio y, double n_steps, const sori_pitch_shift_config *config);

/* Sound played `factor` times as fast: shorter and higher, as a tape. SoX's effect "speed".
 *   y    [..., n] f32   ->   [..., ceil(n / factor)] f32, at the rate of y
 *   err  SORI_EINVAL factor not above 0; SORI_EUNSUP built without libsoxr */
SORI_API sori_audio sori_speed(sori_ctx *c, sori_audio y, double factor, sori_res_type res_type);

/* --- augmentation ----------------------------------------------------------------------------------------------- */

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
