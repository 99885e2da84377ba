/* sori/fx.h - librosa's effects on sound, and augmentation: changes that leave the label true.
 *
 * Every draw of an augmentation comes from a counter-based generator keyed by (seed, epoch, sample), so a sample is
 * changed in the same way on any number of threads. */
#ifndef SORI_FX_H
#define SORI_FX_H

#include <sori/decompose.h>

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

/* --- silence -------------------------------------------------------------------------------------------------- */

typedef struct sori_silence_config {
    sori_opt top_db;          /* 60: frames that much below the reference are silent */
    double ref;               /* the RMS that is 0 dB; 0: the largest of all frames and channels */
    int frame_length;         /* 2048 */
    int hop_length;           /* 512 */
    sori_aggregate aggregate; /* of channels: SORI_AGGREGATE_MAX, the loudest counts; also MEAN, MIN */
    uint32_t reserved[4];
} sori_silence_config;

typedef struct sori_trim_result {
    sori_audio y;             /* [..., end - start] */
    sori_array *index;        /* [2] i64: start, end, samples */
} sori_trim_result;

/* Sound without the silence before and after it.                                            librosa.effects.trim
 *   y    [..., n] f32   ->   y [..., end - start] and where it was; all silence gives 0 samples, [0, 0]
 *   err  SORI_EINVAL a length below 1, ref < 0, no samples, NaN
 *   cost O(n * frame_length / hop_length) */
SORI_API sori_trim_result sori_trim(sori_ctx *c, sori_audio y, const sori_silence_config *config);

/* Where sound is not silent: [intervals, 2] i64, start and end in samples.                 librosa.effects.split
 *   (sori_split is what parts recordings into training and test.)
 *   err  as sori_trim; a sound of silence has no intervals */
SORI_API sori_array *sori_split_silence(sori_ctx *c, sori_audio y, const sori_silence_config *config);

typedef struct sori_remix_config {
    bool unaligned;           /* librosa align_zeros=False: cut where told, not at the nearest change of sign */
    uint32_t reserved[4];
} sori_remix_config;

/* Pieces of a sound in another order.                                                       librosa.effects.remix
 *   y         [..., n] f32
 *   intervals [m, 2] i64, start and end in samples, in the order wanted   ->   [..., sum of their lengths]
 *   err  SORI_EINVAL an interval that does not lie in the sound, or ends before it starts */
SORI_API sori_audio sori_remix(sori_ctx *c, sori_audio y, const sori_array *intervals, const sori_remix_config *config);

/* --- emphasis ------------------------------------------------------------------------------------------------- */

typedef struct sori_emphasis_config {
    sori_opt coef;            /* 0.97 */
    const sori_array *zi;     /* [..., 1] f32 or f64: the filter's state before the first sample; NULL: as if the sound
                                 had come in a straight line through its first two samples */
    sori_array **zf;          /* where the state after the last sample goes ([..., 1] f64), the next block's zi; NULL:
                                 nowhere */
    uint32_t reserved[4];
} sori_emphasis_config;

/* y[n] - coef y[n-1], and its inverse y[n] + coef out[n-1].        librosa.effects.preemphasis, deemphasis
 *   y    [..., n] f32 -> the same; block by block with zi and zf the numbers are those of the whole, bit for bit
 *   err  SORI_EINVAL coef or zi not finite, zi of another shape, no samples, NaN
 *   cost O(n), in double
 * librosa fails on one sample without zi; here it counts as level before. Without zi its deemphasis hands on a zf that
 * leaves out how it began, so its blocks are not its whole; this one's is the state. */
SORI_API sori_audio sori_preemphasis(sori_ctx *c, sori_audio y, const sori_emphasis_config *config);
SORI_API sori_audio sori_deemphasis(sori_ctx *c, sori_audio y, const sori_emphasis_config *config);

/* --- linear prediction ---------------------------------------------------------------------------------------- */

/* Coefficients of the all-pole filter that fits the sound best, by Burg's method.                    librosa.lpc
 *   y     any shape f32, n along axis (default -1)   ->   f32, order + 1 along axis; the first is 1
 *   order 1 .. n - 1
 *   err   SORI_EINVAL order out of range, NaN
 *   cost  O(n * order), in double
 * Silence predicts nothing: 1, 0, 0, ... Where nothing is left to predict (a pure tone) reflections stay within
 * -1 .. 1, librosa's may be anything. librosa computes in the sound's float32: on speech 5 % of its largest coefficient
 * are rounding.
 * Marple, "A new autoregressive spectrum analysis algorithm", IEEE Trans. ASSP 28, 1980. */
SORI_API sori_array *sori_lpc(sori_ctx *c, const sori_array *y, int order, sori_opt axis);

/* --- harmonic and percussive sound -------------------------------------------------------------------------- */

typedef struct sori_effects_hpss_config {
    sori_stft_config stft;   /* hop_length: win_length / 4 */
    sori_hpss_config hpss;   /* its mask: the sound of the masks themselves, as librosa's */
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
