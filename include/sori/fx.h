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

/* --- level and time ------------------------------------------------------------------------------------------- */

/* What the effects from here to sori_mp3 have in common: y is [..., n] f32 of any length, none and one sample included;
 * where there is none, none comes back. All take O(n) time where nothing else is said.
 *   err  SORI_EINVAL  a sample that is NaN or infinite, a rate that is not above 0 */

/* y * 10^(gain_db / 20).                                                                        audiomentations Gain
 *   err  SORI_EINVAL gain_db beyond +-200 */
SORI_API sori_audio sori_gain(sori_ctx *c, sori_audio y, double gain_db);

/* -y.                                                                              audiomentations PolarityInversion */
SORI_API sori_audio sori_invert_polarity(sori_ctx *c, sori_audio y);

/* The sum of n >= 1 sounds of one rate and the same channels, each times 10^(gain_db[i] / 20) (NULL: as they are). The
 * longest sets the length; summed in double.
 *   err  SORI_EINVAL rates or channels that differ, a gain beyond +-200 */
SORI_API sori_audio sori_mix(sori_ctx *c, const sori_audio *sounds, size_t n, const double *gain_db);

typedef struct sori_shift_config {
    bool circular;            /* what leaves at one end enters at the other; default: silence enters */
    uint32_t reserved[4];
} sori_shift_config;

/* Sound moved by round(seconds * sr) samples, later if positive, its length kept.              audiomentations Shift
 *   err  SORI_EINVAL seconds not finite */
SORI_API sori_audio sori_shift(sori_ctx *c, sori_audio y, double seconds, const sori_shift_config *config);

/* --- noise ---------------------------------------------------------------------------------------------------- */

typedef enum sori_noise_color {
    SORI_WHITE_NOISE = 0,     /* the same power at every frequency */
    SORI_PINK_NOISE,          /* power 1/f from 10 Hz on, within 0.6 dB from 20 Hz to sr/2; level below */
    SORI_BROWN_NOISE          /* power 1/f^2 from 10 Hz on, within 1 dB from 20 Hz; level below */
} sori_noise_color;

/* Gaussian noise, [n] f32 at sr (0: 22050 Hz), whose expected RMS is 1.
 *   seed   the same seed, the same noise; its first samples do not depend on n, so that shorter noises are parts of
 *          longer ones, bit for bit. Colours of one seed are independent
 *   err    SORI_EINVAL an unknown colour, sr not within 1 .. 1e9 Hz
 *   cost   O(n), and for colours a sixth of a second more: it begins as if it had always been there
 * What n samples measure scatters about 1: 1 s of brown noise, which is mostly below 20 Hz, by a tenth. */
SORI_API sori_audio sori_noise(sori_ctx *c, sori_noise_color color, size_t n, double sr, uint64_t seed);

/* y with noise, or another background, mixed in at a signal-to-noise ratio: y + s * noise with
 * 10 log10(sum y^2 / sum (s noise)^2) = snr_db, sums over all samples and channels.
 *                                                     audiomentations AddBackgroundNoise; WHAM, Wichern et al. 2019
 *   noise  at the rate of y; [m], or with the channels of y; cut to the length of y, or repeated
 *   err    SORI_EINVAL snr_db beyond +-200, another rate, other channels
 * Where y or the part of the noise that is used is silence there is no such ratio: y comes back unchanged. */
SORI_API sori_audio sori_add_noise(sori_ctx *c, sori_audio y, sori_audio noise, double snr_db);

/* --- filters -------------------------------------------------------------------------------------------------- */

typedef enum sori_band_kind {
    SORI_LOWPASS = 0, SORI_HIGHPASS, /* 12 dB an octave */
    SORI_BANDPASS,                   /* 0 dB at the centre */
    SORI_NOTCH,
    SORI_PEAKING,                    /* gain_db at the centre */
    SORI_LOW_SHELF, SORI_HIGH_SHELF  /* gain_db below, above */
} sori_band_kind;

/* One second-order filter. */
typedef struct sori_band {
    sori_band_kind kind;
    double frequency_hz;      /* corner or centre, between 0 and sr/2 */
    double q;                 /* 0: 1/sqrt(2): Butterworth, the steepest shelf without a bump */
    double gain_db;           /* of peaking and shelves */
    uint32_t reserved[4];
} sori_band;

typedef struct sori_filter_config {
    const sori_array *zi;     /* [..., bands, 2] f32 or f64: the state before the first sample; NULL: rest */
    sori_array **zf;          /* where the state after the last sample goes ([..., bands, 2] f64), the next block's zi;
                                 NULL: nowhere */
    uint32_t reserved[4];
} sori_filter_config;

/* Sound through one filter, or through several one after the other.
 *                                                  audiomentations LowPassFilter, PeakingFilter, SevenBandParametricEQ
 *   bands  count >= 1
 *   err    SORI_EINVAL a frequency not between 0 and sr/2, q not above 0, gain_db beyond +-200, zi of another shape
 *   cost   O(n * bands), in double; block by block with zi and zf the numbers are those of the whole, bit for bit
 * Bristow-Johnson, "Audio EQ cookbook"; direct form II transposed, its state as scipy.signal.sosfilt's (there with the
 * sections first). */
SORI_API sori_audio sori_filter(sori_ctx *c, sori_audio y, const sori_band *band, const sori_filter_config *config);
SORI_API sori_audio sori_equalize(sori_ctx *c, sori_audio y, const sori_band *bands, size_t count,
                                  const sori_filter_config *config);

/* Their coefficients: [count, 6] f64, b0 b1 b2 1 a1 a2, as SciPy's sos.   err as sori_equalize */
SORI_API sori_array *sori_filter_sos(sori_ctx *c, const sori_band *bands, size_t count, double sr);

/* --- dynamics ------------------------------------------------------------------------------------------------- */

typedef struct sori_compress_config {
    sori_opt threshold_db;    /* -20: of full scale */
    double ratio;             /* 4: dB in for a dB out above the threshold, at least 1; INFINITY is a limiter */
    sori_opt knee_db;         /* 6: width of the bend */
    sori_opt attack_s;        /* 0.005: time constants; 0 is at once */
    sori_opt release_s;       /* 0.1 */
    double makeup_db;         /* 0: gain afterwards */
    bool separate;            /* every channel for itself; default: the loudest sets the gain of all */
    const sori_array *zi;     /* [2] (separate: [..., 2]) f32 or f64: the state before the first sample; NULL: rest */
    sori_array **zf;          /* where the state after the last sample goes, f64; NULL: nowhere */
    uint32_t reserved[4];
} sori_compress_config;

/* Loud parts made quieter.                                                          pedalboard Compressor, SoX compand
 *   y     [..., n] f32   ->   the same
 *   err   SORI_EINVAL ratio below 1, a knee or a time below 0, decibels beyond +-200, zi of another shape
 *   cost  a logarithm and an exponential a sample, in double; block by block with zi and zf as the whole, bit for bit
 * Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES 60 (2012): feed-forward, soft knee
 * (equation 4), smooth decoupled peak detector on the gain in dB (equation 17). */
SORI_API sori_audio sori_compress(sori_ctx *c, sori_audio y, const sori_compress_config *config);

typedef struct sori_clip_config {
    double level;             /* 1: what no sample exceeds */
    double percentile;        /* instead of level: percent of the samples that are clipped, half below, half above */
    bool soft;                /* level * tanh(y / level) */
    uint32_t reserved[4];
} sori_clip_config;

/* Distortion.                                                        audiomentations ClippingDistortion, TanhDistortion
 *   err  SORI_EINVAL level not above 0, percentile out of range, percentile with level or soft
 * A percentile is numpy.percentile's of all channels together; audiomentations takes whole halves, this any. */
SORI_API sori_audio sori_clip(sori_ctx *c, sori_audio y, const sori_clip_config *config);

/* --- rooms ---------------------------------------------------------------------------------------------------- */

typedef struct sori_convolve_config {
    sori_opt wet;             /* 1: share of the result, 0 .. 1; the rest is y */
    bool keep_tail;           /* all n + m - 1 samples; default: the n of y */
    uint32_t reserved[4];
} sori_convolve_config;

/* Sound heard through an impulse response: a room, a loudspeaker.                 audiomentations ApplyImpulseResponse
 *   y    [..., n] f32   ->   [..., n], or [..., n + m - 1]
 *   ir   [m] at the rate of y, or with the channels of y; m >= 1
 *   err  SORI_EINVAL wet outside 0 .. 1, another rate, other channels, no response
 *   cost O(n log m), by transforms in double (overlap-save): the numbers are those of the sum, rounded */
SORI_API sori_audio sori_convolve(sori_ctx *c, sori_audio y, sori_audio ir, const sori_convolve_config *config);

typedef struct sori_reverb_config {
    double decay_s;           /* 1: RT60, the time in which low frequencies fade by 60 dB */
    sori_opt damping;         /* 0.5, 0 .. 1: how much faster high ones do; at sr/2 in 1 - 0.9 damping of that time */
    double room_size;         /* 0.5, up to 1: length of the echo paths; 1 is 22 to 110 ms, a hall */
    sori_opt wet;             /* 0.33: share of the result, 0 .. 1; the rest is y */
    bool keep_tail;           /* and decay_s more; default: the n samples of y */
    uint32_t reserved[4];
} sori_reverb_config;

/* Sound in a room, each channel for itself.                                                     pedalboard Reverb
 *   y    [..., n] f32   ->   [..., n], or [..., n + ceil(decay_s * sr)]
 *   err  SORI_EINVAL decay_s not within 0.01 .. 100 s, damping, room_size or wet out of range, sr above 1e6 Hz
 * A feedback delay network of 16 lines. Without damping its impulse response has the energy 1, within 0.5 dB:
 * what is wet is as loud as what is dry.
 * Jot, Chaigne, "Digital delay networks for designing artificial reverberators", AES 90, 1991. */
SORI_API sori_audio sori_reverb(sori_ctx *c, sori_audio y, const sori_reverb_config *config);

/* --- coding --------------------------------------------------------------------------------------------------- */

typedef struct sori_mp3_config {
    double bit_rate;          /* 64 kbit/s, 8 .. 320; the nearest that the rate has: 32 .. 320 from 32 kHz on, 8 .. 160
                                 from 16 kHz on, 8 .. 64 below */
    sori_opt quality;         /* instead: variable bit rate, from 0 (best) to 9 */
    uint32_t reserved[4];
} sori_mp3_config;

/* Sound as it is after a round trip through MP3: the same length, not delayed.          audiomentations Mp3Compression
 *   y    [..., n] f32   ->   the same; [2, n] is coded as joint stereo, other channels each for itself
 *   err  SORI_EINVAL bit_rate or quality out of range; SORI_EUNSUP libsndfile is missing or has no MP3
 *   cost some hundred times as fast as the sound
 * MP3 has 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100 and 48000 Hz; other rates go through the next higher
 * one, or the highest. */
SORI_API sori_audio sori_mp3(sori_ctx *c, sori_audio y, const sori_mp3_config *config);

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
