/* sori/rhythm.h - onsets, beats, tempo.
 *
 * Everything begins with the onset envelope, one number a frame: how much louder the bands of the spectrum have become
 * since the frame before. Every call computes it from sound with librosa's defaults, or takes one made before
 * (onset_envelope), whatever it was made from. Then y gives only the sampling rate: (sori_audio){ .sr = 22050 };
 * an sr of 0 is 22050 Hz. Envelopes are [..., frames] f32; leading axes are channels. */
#ifndef SORI_RHYTHM_H
#define SORI_RHYTHM_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What detected events are counted in. */
typedef enum sori_event_units {
    SORI_UNITS_FRAMES = 0,   /* i64 */
    SORI_UNITS_SAMPLES,      /* i64 */
    SORI_UNITS_TIME          /* f64, seconds */
} sori_event_units;

/* --- the onset envelope --------------------------------------------------------------------------------------- */

typedef struct sori_onset_config {
    sori_mel_config mel;     /* the spectrogram whose rise is measured, in dB. mel.S here is one already in dB (as
                              * librosa's S=, of any feature); n_fft and hop_length still say how far onsets shift */
    int lag;                 /* 1: frames between the two that are compared */
    int max_size;            /* 1: bins of the maximum filter on the earlier frame, against vibrato; 1 is none */
    const sori_array *ref;   /* [..., d, frames] f32: the earlier spectrum itself, instead of that filter */
    bool detrend;            /* take the constant part out: y[t] = x[t] - x[t-1] + 0.99 y[t-1] */
    bool uncentered;         /* librosa center=False: do not shift by n_fft / (2 hop_length) frames. The frames stay as
                              * mel.stft says, centred */
    sori_aggregate aggregate;  /* over the bands: SORI_AGGREGATE_MEAN; NONE (multi only) keeps them all */
    const sori_array *channels;       /* multi: [k + 1] i64, rising: channel i is bands channels[i] up to, without,
                                       * channels[i + 1]; or [k, 2] i64: first band, end. NULL: one, of all bands */
    uint32_t reserved[4];
} sori_onset_config;

/* Spectral flux: mean over bands of max(0, S[f, t] - ref[f, t - lag]).                librosa.onset.onset_strength
 *   y    [..., n] f32   ->   [..., frames] f32   (uncentered: max(frames, lag) values)
 *   err  SORI_EINVAL lag or max_size < 1; ref not of S's shape; aggregate NONE; channels given; as sori_melspectrogram
 *   cost a mel spectrogram; a median over d bands sorts them, O(d log^2 d) a frame, 16 frames at once
 * librosa gives float64 with detrend; here all is f32, computed in double.
 * Böck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013. */
SORI_API sori_array *sori_onset_strength(sori_ctx *c, sori_audio y, const sori_onset_config *config);

/* The same for several channels of bands.   [..., n] -> [..., k, frames] f32    librosa.onset.onset_strength_multi
 *   err  also: channels not rising, empty, or beyond the bands there are */
SORI_API sori_array *sori_onset_strength_multi(sori_ctx *c, sori_audio y, const sori_onset_config *config);

/* --- peaks ---------------------------------------------------------------------------------------------------- */

typedef struct sori_peak_pick_config {
    int pre_max, post_max;   /* frames before n, and from n on, whose largest value x[n] must be; >= 0, >= 1 */
    int pre_avg, post_avg;   /* the same, whose mean x[n] must exceed by delta; >= 0, >= 1 */
    double delta;            /* >= 0 */
    int wait;                /* >= 0: frames that are passed over after a peak */
    bool dense;              /* librosa sparse=False: a flag a frame instead of indices */
    uint32_t reserved[4];
} sori_peak_pick_config;

/* Peaks of a signal, as in Böck, Krebs and Schedl, ISMIR 2012.                           librosa.util.peak_pick
 *   x    [n] f32   ->   [peaks] i64;   dense: [..., n] -> the same u8, 0 or 1
 *   err  SORI_EINVAL a limit below the above (librosa has no defaults); several axes unless dense; NaN or infinity
 *   cost O(n * (pre_max + post_max)) */
SORI_API sori_array *sori_peak_pick(sori_ctx *c, const sori_array *x, const sori_peak_pick_config *config);

/* Local maxima (x[i-1] < x[i] >= x[i+1]) and minima along an axis, as flags; the first value is never one.
 *   x [...] f32 -> the same u8; axis as NumPy's, librosa's default is 0          librosa.util.localmax, localmin */
SORI_API sori_array *sori_localmax(sori_ctx *c, const sori_array *x, int axis);
SORI_API sori_array *sori_localmin(sori_ctx *c, const sori_array *x, int axis);

typedef struct sori_onset_detect_config {
    const sori_array *onset_envelope;   /* [..., frames] f32, instead of y */
    int hop_length;          /* 512 */
    bool backtrack;          /* move each onset back to the last minimum of energy */
    const sori_array *energy;           /* [frames] f32; NULL: the envelope */
    bool unnormalized;       /* librosa normalize=False: do not scale the envelope to 0 .. 1 first */
    bool dense;              /* librosa sparse=False: a flag a frame; needed for several channels */
    sori_event_units units;  /* SORI_UNITS_FRAMES; of events, not of flags */
    sori_opt pre_max, post_max;         /* floor(0.03 sr / hop), 1 */
    sori_opt pre_avg, post_avg;         /* floor(0.10 sr / hop), the same + 1 */
    sori_opt wait, delta;    /* floor(0.03 sr / hop), 0.07 */
    bool exact;              /* from y: a double FFT */
    uint32_t reserved[4];
} sori_onset_detect_config;

/* Note onsets: the peaks of the onset envelope.                                         librosa.onset.onset_detect
 *   y    [n] f32   ->   [onsets] i64 frames or samples, or f64 seconds;   dense: [..., n] -> [..., frames] u8
 *   err  SORI_EINVAL several channels unless dense; backtrack with dense; as sori_peak_pick, sori_onset_strength
 * Silence has no onsets: an empty array. */
SORI_API sori_array *sori_onset_detect(sori_ctx *c, sori_audio y, const sori_onset_detect_config *config);

/* Each event moved to the last local minimum of energy at or before it, or to 0.     librosa.onset.onset_backtrack
 *   events [k] i64 frames, energy [frames] f32   ->   [k] i64
 *   err  SORI_EINVAL an event below 0 */
SORI_API sori_array *sori_onset_backtrack(sori_ctx *c, const sori_array *events, const sori_array *energy);

/* --- tempograms ------------------------------------------------------------------------------------------------ */

typedef struct sori_autocorrelate_config {
    int max_size;            /* lags 0 .. max_size - 1; 0, or more than there are: as many as values */
    bool exact;              /* f32 input: transform in double */
    uint32_t reserved[4];
} sori_autocorrelate_config;

/* z[k] = sum over i of y[i + k] conj(y[i]), along the last axis.                             librosa.autocorrelate
 *   y    [..., n] f32, f64, c64 or c128   ->   [..., min(n, max_size)] of the same dtype
 *   cost O(n log n) */
SORI_API sori_array *sori_autocorrelate(sori_ctx *c, const sori_array *y, const sori_autocorrelate_config *config);

typedef struct sori_tempogram_config {
    const sori_array *onset_envelope;   /* [..., frames] f32, instead of y */
    int hop_length;          /* 512 */
    int win_length;          /* 384 frames */
    bool uncentered;         /* librosa center=False: frame t starts at t */
    const char *window;      /* "hann", as in sori_stft_config */
    const sori_array *window_values;    /* [win_length] f32 or f64, instead of window */
    sori_opt norm;           /* INFINITY: the largest lag becomes 1; p > 0; 0 (how many are not 0); -INFINITY; none */
    bool exact;              /* compute in double */
    uint32_t reserved[4];
} sori_tempogram_config;

/* Autocorrelation of the onset envelope around each frame.                              librosa.feature.tempogram
 *   y    [..., n] f32   ->   [..., win_length, frames] f32   (uncentered: frames - win_length + 1)
 *   err  SORI_EINVAL win_length < 1, or above the frames there are uncentered; norm below 0
 *   cost O(frames * win_length log win_length)
 * Grosche, Müller and Kurth, "Cyclic tempogram", ICASSP 2010. */
SORI_API sori_array *sori_tempogram(sori_ctx *c, sori_audio y, const sori_tempogram_config *config);

/* Short-time Fourier transform of the onset envelope; norm is not used.         librosa.feature.fourier_tempogram
 *   y    [..., n] f32   ->   [..., 1 + win_length/2, frames + 1] c64   (odd win_length: frames) */
SORI_API sori_array *sori_fourier_tempogram(sori_ctx *c, sori_audio y, const sori_tempogram_config *config);

/* Beats per minute of a tempogram's bins (bin 0 is infinity) and of a Fourier tempogram's: f64.
 * hop_length 0: 512, sr 0: 22050, win_length 0: 384      librosa.tempo_frequencies, fourier_tempo_frequencies */
SORI_API sori_array *sori_tempo_frequencies(sori_ctx *c, int n_bins, int hop_length, double sr);
SORI_API sori_array *sori_fourier_tempo_frequencies(sori_ctx *c, double sr, int win_length, int hop_length);

/* --- tempo ----------------------------------------------------------------------------------------------------- */

typedef struct sori_tempo_config {
    const sori_array *onset_envelope;   /* [..., frames] f32, instead of y */
    const sori_array *tg;    /* [..., lags, frames] f32: a tempogram, instead of both */
    int hop_length;          /* 512 */
    double start_bpm;        /* 120: where the log-normal prior is highest */
    double std_bpm;          /* 1: its deviation, octaves */
    double ac_size;          /* 8 s: length of the autocorrelation window */
    sori_opt max_tempo;      /* 320 BPM; SORI_NONE: any */
    sori_aggregate aggregate;    /* SORI_AGGREGATE_MEAN; NONE: a tempo for every frame */
    const sori_array *logprior;         /* [lags] f64, instead of the log-normal prior: librosa's prior.logpdf at
                                         * sori_tempo_frequencies(lags). lags: tg's, else floor(ac_size * sr / hop) */
    bool exact;              /* compute in double */
    uint32_t reserved[4];
} sori_tempo_config;

/* Tempo: the lag where log(1 + 10^6 tempogram) + log prior is largest.           librosa.feature.tempo, beat.tempo
 *   y    [..., n] f32   ->   [..., 1] f64 BPM;   aggregate NONE: [..., frames]
 *   err  SORI_EINVAL start_bpm, std_bpm or max_tempo <= 0; ac_size under one hop; logprior of other length, or NaN
 *   cost half a tempogram (the mean of the frames' power is transformed back once), a whole one with MEDIAN and NONE
 * An autocorrelation below 0 (detrended envelopes) counts as 0; in librosa its logarithm is NaN and wins. */
SORI_API sori_array *sori_tempo(sori_ctx *c, sori_audio y, const sori_tempo_config *config);

/* Between two lags: kinds of SciPy's interp1d. */
typedef enum sori_ratio_kind {
    SORI_RATIO_LINEAR = 0, SORI_RATIO_NEAREST, SORI_RATIO_PREVIOUS, SORI_RATIO_NEXT   /* lower, higher tempo */
} sori_ratio_kind;

typedef struct sori_tempogram_ratio_config {
    sori_tempogram_config tempogram;    /* how to compute it, if tg is NULL */
    const sori_array *tg;    /* [..., lags, frames] f32 */
    const sori_array *bpm;   /* [..., frames] f64; NULL: sori_tempo of every frame */
    double start_bpm, std_bpm;          /* as sori_tempo, whose bpm is then computed: 120, 1 octave */
    sori_opt max_tempo;      /* 320 BPM; SORI_NONE: any */
    const sori_array *logprior;         /* [lags] f64, as sori_tempo */
    const sori_array *freqs; /* [lags] f64, BPM, all different; NULL: sori_tempo_frequencies */
    const sori_array *factors;          /* [k] f64; NULL: 4, 8/3, 3, 2, 4/3, 3/2, 1, 2/3, 3/4, 1/2, 1/3, 3/8, 1/4 */
    sori_ratio_kind kind;    /* SORI_RATIO_LINEAR */
    double fill_value;       /* 0: beyond the frequencies there are */
    sori_aggregate aggregate;    /* SORI_AGGREGATE_NONE; MEAN, MEDIAN: over the frames */
    uint32_t reserved[4];
} sori_tempogram_ratio_config;

/* The tempogram at multiples of the tempo.                                        librosa.feature.tempogram_ratio
 *   y    [..., n] f32   ->   [..., factors, frames] f32;   MEAN, MEDIAN: [..., factors]
 *   err  SORI_EINVAL bpm, freqs of other shapes, freqs with repeated values; as sori_tempogram, sori_tempo
 * Splines (kind quadratic, cubic) are not offered.   Peeters, ISMIR 2005; Prockup et al., WASPAA 2015. */
SORI_API sori_array *sori_tempogram_ratio(sori_ctx *c, sori_audio y, const sori_tempogram_ratio_config *config);

/* --- beats ----------------------------------------------------------------------------------------------------- */

typedef struct sori_beat_config {
    const sori_array *onset_envelope;   /* [..., frames] f32, instead of y, from which it is made with a median */
    int hop_length;          /* 512 */
    double start_bpm;        /* 120 */
    double tightness;        /* 100: how closely beats keep to the tempo */
    bool untrimmed;          /* librosa trim=False: keep weak beats at both ends */
    double bpm;              /* 0: estimated */
    const sori_array *bpm_values;       /* instead of bpm: [1], or [channels...] f64, or one a frame, [..., frames] */
    const sori_array *logprior;         /* as sori_tempo */
    sori_event_units units;  /* SORI_UNITS_FRAMES; of beats, not of flags */
    bool dense;              /* librosa sparse=False: a flag a frame; needed for several channels */
    bool exact;              /* compute envelope and tempo in double */
    uint32_t reserved[4];
} sori_beat_config;

typedef struct sori_beat_result {
    sori_array *tempo;       /* f64 BPM: as bpm was given, else [..., 1]; 0 if the envelope is all zeros */
    sori_array *beats;       /* [beats] i64 or f64;   dense: [..., frames] u8 */
} sori_beat_result;

/* Beats by dynamic programming: frames of high onset strength, a beat period apart.       librosa.beat.beat_track
 *   y    [n] f32   ->   tempo and beats; both NULL after a failure
 *   err  SORI_EINVAL several channels unless dense; tightness <= 0; bpm <= 0, or of another shape, or above one beat
 *        a frame; as sori_tempo
 *   cost a mel spectrogram, a tempo, and O(frames * period)
 * Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007). */
SORI_API sori_beat_result sori_beat_track(sori_ctx *c, sori_audio y, const sori_beat_config *config);

typedef struct sori_plp_config {
    const sori_array *onset_envelope;   /* [..., frames] f32, instead of y, from which it is made with a median */
    int hop_length;          /* 512 */
    int win_length;          /* 384 frames */
    sori_opt tempo_min, tempo_max;      /* 30, 300 BPM; SORI_NONE: no limit */
    const sori_array *logprior;         /* [1 + win_length/2] f64: prior.logpdf at sori_fourier_tempo_frequencies */
    bool equal_weights;      /* every frame's wave has the same size, as the paper says. librosa divides by the complex
                              * "largest" value, which is 0 for the half of the frames whose peak has a real part
                              * below 0: these alone make its pulse, weighted by their magnitudes */
    bool exact;              /* compute in double */
    uint32_t reserved[4];
} sori_plp_config;

/* Predominant local pulse: the sum of each neighbourhood's strongest periodicity.              librosa.beat.plp
 *   y    [..., n] f32   ->   [..., frames] f32, 0 .. 1
 *   err  SORI_EINVAL tempo_max not above tempo_min; logprior of other length, or NaN; as sori_fourier_tempogram
 *   cost O(frames * win_length log win_length)
 * Grosche and Müller, "Extracting predominant local pulse information", IEEE Trans. ASLP 19 (2011). */
SORI_API sori_array *sori_plp(sori_ctx *c, sori_audio y, const sori_plp_config *config);

#ifdef __cplusplus
}
#endif
#endif
