/* sori/cqt.h - constant-Q transforms, chroma, tonnetz: spectra on a musical scale.
 *
 * A constant-Q transform has bins a musical interval apart and a window for each that holds the same number of periods.
 * Chroma folds octaves onto one; tonnetz maps chroma into a space where consonant tones are near. All equal librosa's
 * numbers; where librosa transforms in double, float is the default here, as in sori/feat.h. */
#ifndef SORI_CQT_H
#define SORI_CQT_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- scales ------------------------------------------------------------------------------------------------- */

/* n_bins frequencies in Hz, fmin 2^((i + tuning) / bins_per_octave): [n_bins] f64.           librosa.cqt_frequencies
 *   bins_per_octave 0: 12
 *   err  SORI_EINVAL n_bins < 1, bins_per_octave < 0, fmin not above 0 */
SORI_API sori_array *sori_cqt_frequencies(sori_ctx *c, int n_bins, double fmin, int bins_per_octave, double tuning);

typedef struct sori_interval_config {
    const char *intervals;      /* "equal"; "pythagorean", "ji3", "ji5", "ji7" (just intonation up to that prime) */
    const sori_array *ratios;   /* [k] f32 or f64, numbers from 1 on and below 2, instead of intervals */
    int bins_per_octave;        /* 12; with ratios their number */
    double tuning;              /* 0: of a bin; equal only */
    bool unsorted;              /* in the order the intervals are found (librosa sort=False) */
    uint32_t reserved[4];
} sori_interval_config;

/* n_bins frequencies in Hz that repeat a set of intervals in every octave: [n_bins] f64.   librosa.interval_frequencies
 *   err  SORI_EINVAL unknown intervals, ratios not positive, as sori_cqt_frequencies
 * Tenney, "On 'Crystal growth' in harmonic space", Contemporary Music Review 27, 2008 (ji3, ji5, ji7). */
SORI_API sori_array *sori_interval_frequencies(sori_ctx *c, int n_bins, double fmin,
                                               const sori_interval_config *config);

/* --- filters ------------------------------------------------------------------------------------------------ */

/* Equivalent noise bandwidth of a window, in bins; 0 on failure. Names that librosa has in its table give the table's
 * value, others are measured at 1000 samples.                                     librosa.filters.window_bandwidth
 *   window  NULL: "hann"
 *   err     SORI_EINVAL unknown window */
SORI_API double sori_window_bandwidth(sori_ctx *c, const char *window);

typedef struct sori_wavelet_config {
    double sr;                  /* 22050 Hz */
    const char *window;         /* "hann" */
    double filter_scale;        /* 1: smaller is shorter, better in time, coarser in frequency */
    sori_opt gamma;             /* 0: Hz added to every bandwidth; SORI_NONE: a constant share of the ear's (ERB) */
    const sori_array *alpha;    /* [n] or [1] f64 relative bandwidths; NULL: from the neighbours' distance */
    sori_opt norm;              /* 1: sori_wavelet only; the norm of a filter. SORI_NONE: as it is */
    bool pad_exactly;           /* sori_wavelet: as long as the longest, not the next power of two (pad_fft=False) */
    uint32_t reserved[4];
} sori_wavelet_config;

/* Lengths in samples of wavelets at freqs [n] f64, ascending: [n] f64.              librosa.filters.wavelet_lengths
 *   cutoff  the highest frequency that the highest wavelet lets through, Hz; may be NULL
 *   err     SORI_EINVAL freqs not ascending or not above 0, one frequency without alpha, filter_scale, gamma < 0 */
SORI_API sori_array *sori_wavelet_lengths(sori_ctx *c, const sori_array *freqs, const sori_wavelet_config *config,
                                          double *cutoff);

/* The same for equal temperament, with librosa's check: bins_per_octave 0: 12.  librosa.filters.constant_q_lengths
 *   err  SORI_EINVAL also when the highest filter reaches beyond sr/2 */
SORI_API sori_array *sori_constant_q_lengths(sori_ctx *c, double fmin, int n_bins, int bins_per_octave,
                                             const sori_wavelet_config *config);

/* The wavelets themselves, centred: [n, longest padded] c64.                                librosa.filters.wavelet */
SORI_API sori_array *sori_wavelet(sori_ctx *c, const sori_array *freqs, const sori_wavelet_config *config);

/* --- transforms --------------------------------------------------------------------------------------------- */

typedef struct sori_cqt_config {
    int hop_length;             /* 512; halved from octave to octave as long as it is even */
    double fmin;                /* 32.703 Hz: C1 */
    int n_bins;                 /* 84 */
    int bins_per_octave;        /* 12 */
    sori_opt tuning;            /* 0, in bins; SORI_NONE: estimated from the sound */
    double filter_scale;        /* 1 */
    sori_opt norm;              /* 1: norm of each filter: SORI_VALUE(p), p > 0, 0, INFINITY, -INFINITY; SORI_NONE */
    sori_opt sparsity;          /* 0.01: the share of a filter's spectrum that is left out */
    const char *window;         /* "hann" */
    bool unscaled;              /* not divided by the root of the filter's length (librosa scale=False) */
    sori_pad_mode pad_mode;     /* SORI_PAD_CONSTANT */
    bool exact;                 /* transforms in double; the sound is halved in float, as librosa's soxr does */
    uint32_t reserved[4];
} sori_cqt_config;

/* Constant-Q transform.   y [..., n] f32  ->  [..., n_bins, 1 + n/hop_length] c64                       librosa.cqt
 *   err  SORI_EINVAL the highest filter reaches beyond sr/2; hop_length, n_bins, bins_per_octave, filter_scale < 1 or
 *        not positive; sparsity outside [0, 1); unknown window, norm; as sori_stft
 *   cost one STFT an octave at a halved rate each, and 2 to 4 % of the dense product with the filters
 * Schörkhuber and Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010. Where librosa lowers the
 * rate before the first octave by 4 or more, its first samples differ: soxr forgets what rings before the sound. */
SORI_API sori_array *sori_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config);

typedef struct sori_vqt_config {
    sori_cqt_config cqt;        /* all of a constant-Q transform's settings */
    const char *intervals;      /* "equal", ... as sori_interval_config; its ratios: */
    const sori_array *ratios;   /* [k], instead; bins_per_octave is then k */
    sori_opt gamma;             /* left alone or SORI_NONE: bandwidths a constant share of the ear's (ERB);
                                   SORI_VALUE(0): constant Q; larger: Hz added to every bandwidth */
    uint32_t reserved[4];
} sori_vqt_config;

/* Variable-Q transform: shorter filters for low tones.   as sori_cqt                                    librosa.vqt
 *   err  SORI_EINVAL gamma < 0, unknown intervals; as sori_cqt
 * Schörkhuber, Klapuri, Holighaus and Dörfler, "A Matlab toolbox for efficient perfect reconstruction
 * time-frequency transforms with log-frequency resolution", AES 2014. */
SORI_API sori_array *sori_vqt(sori_ctx *c, sori_audio y, const sori_vqt_config *config);

/* Magnitudes from one STFT that all filters share; their phases are neglected.   [..., n_bins, frames] f32
 *                                                                                                librosa.pseudo_cqt */
SORI_API sori_array *sori_pseudo_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config);

/* Magnitudes of sori_pseudo_cqt where filters are shorter than 2 hop_length, of sori_cqt below.   librosa.hybrid_cqt */
SORI_API sori_array *sori_hybrid_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config);

typedef struct sori_icqt_config {
    sori_cqt_config cqt;        /* as the transform was made; n_bins, pad_mode are not used, tuning is a number */
    size_t length;              /* samples wanted; 0: hop_length (frames - 1) */
    uint32_t reserved[4];
} sori_icqt_config;

/* Sound whose constant-Q transform is about C.   [..., bins, frames] c64  ->  y [..., n] f32, at rate sr  librosa.icqt
 *   err  SORI_EINVAL C of wrong dtype or rank, fewer than 2 frames; as sori_cqt
 *   cost one inverse STFT an octave, each doubled in rate from the lowest up. In its first and last 20 ms librosa's
 *        differs: soxr, asked for a higher factor than 2 at once, cuts off what rings between its stages. */
SORI_API sori_audio sori_icqt(sori_ctx *c, const sori_array *C, double sr, const sori_icqt_config *config);

typedef struct sori_griffinlim_cqt_config {
    sori_cqt_config cqt;        /* as the transform was made; n_bins is C's, tuning is a number */
    sori_opt n_iter;            /* 32 */
    size_t length;              /* samples wanted, of as many frames as C has; 0: hop_length (frames - 1) */
    sori_opt momentum;          /* 0.99; 0 is the method of 1984 */
    bool zero_phase;            /* librosa init=None: begin with phase 0 instead of random phases */
    uint32_t random_state;      /* 0: the phases are those of numpy.random.RandomState(random_state) */
    uint32_t reserved[4];
} sori_griffinlim_cqt_config;

/* Sound whose constant-Q magnitudes come near C.                                            librosa.griffinlim_cqt
 *   C    [..., bins, frames] f32 magnitude   ->   y [..., n] f32, at sampling rate sr
 *   err  SORI_EINVAL momentum < 0, n_iter < 0, a length of another number of frames; as sori_icqt; SORI_EINTR
 *   cost a transform and its inverse an iteration
 * As sori_griffinlim (sori/phase.h). librosa draws new phases at every call unless told a random_state. */
SORI_API sori_audio sori_griffinlim_cqt(sori_ctx *c, const sori_array *C, double sr,
                                        const sori_griffinlim_cqt_config *config);

/* --- semitone filters --------------------------------------------------------------------------------------- */

/* Elliptic band passes for MIDI notes 24 to 108: [85, sections, 6] f64, b0 b1 b2 1 a1 a2 each; a filter of fewer
 * sections ends with 1 0 0 1 0 0. They run at 882 Hz (36 of them), 4410 Hz (34) and 22050 Hz (15).
 *                                                            librosa.filters.semitone_filterbank, flayout='sos'
 *   tuning  in semitones, -1 to 1 */
SORI_API sori_array *sori_semitone_filterbank(sori_ctx *c, double tuning);

typedef struct sori_iirt_config {
    int win_length;             /* 2048 samples */
    int hop_length;             /* win_length / 4 */
    bool uncentered;            /* librosa center=False: frame t starts at t * hop */
    double tuning;              /* 0, in semitones */
    sori_pad_mode pad_mode;     /* SORI_PAD_CONSTANT; all of numpy.pad's */
    uint32_t reserved[4];
} sori_iirt_config;

/* Energy of 85 semitones, from forward-and-backward filters.   [..., n] -> [..., 85, frames] f32       librosa.iirt
 *   err  SORI_EINVAL a rate that is not a whole number; a sound of less than 30 ms; tuning outside -1 to 1
 *   cost 13 multiplications a section, sample and band, on 16 bands at once
 * Müller, "Information retrieval for music and motion", Springer 2007. */
SORI_API sori_array *sori_iirt(sori_ctx *c, sori_audio y, const sori_iirt_config *config);

/* --- chroma ------------------------------------------------------------------------------------------------- */

typedef struct sori_chroma_config {
    sori_stft_config stft;      /* of the sound */
    const sori_array *S;        /* [..., 1 + n_fft/2, frames] f32 power spectrogram instead of sound */
    sori_opt norm;              /* INFINITY: a frame's largest is 1; sori_chroma_filters: 2, of each bin's weights */
    sori_opt tuning;            /* in bins; left alone or SORI_NONE: estimated (sori_chroma_filters: 0) */
    int n_chroma;               /* 12 */
    sori_opt ctroct;            /* 5: the octave that counts most, from 27.5 Hz / 16 on */
    sori_opt octwidth;          /* 2 octaves, the deviation of that weight; SORI_NONE: all count alike */
    bool base_a;                /* the first class is A instead of C */
    uint32_t reserved[4];
} sori_chroma_config;

/* Weights of frequencies in pitch classes: [n_chroma, 1 + n_fft/2] f32.                     librosa.filters.chroma */
SORI_API sori_array *sori_chroma_filters(sori_ctx *c, double sr, const sori_chroma_config *config);

/* Chroma from the power spectrum.   [..., n] -> [..., n_chroma, frames] f32            librosa.feature.chroma_stft
 *   err  SORI_EINVAL n_chroma < 1, octwidth 0, norm negative; as sori_stft
 *   cost one STFT, another where the tuning is estimated. By name: "chroma"; "chroma_440", for streams too, has a
 *        tuning of 0 unless one is given. */
SORI_API sori_array *sori_chroma_stft(sori_ctx *c, sori_audio y, const sori_chroma_config *config);

typedef struct sori_cq_to_chroma_config {
    int bins_per_octave;        /* 12; a multiple of n_chroma */
    int n_chroma;               /* 12 */
    double fmin;                /* 32.703 Hz: C1 */
    const sori_array *window;   /* [k] f32 or f64: weights over neighbouring bins; NULL: none */
    bool base_a;                /* the first class is A instead of C */
    uint32_t reserved[4];
} sori_cq_to_chroma_config;

/* Which of n_input constant-Q bins belong to which class: [n_chroma, n_input] f32.    librosa.filters.cq_to_chroma
 *   err  SORI_EINVAL bins_per_octave not a multiple of n_chroma; n_input, n_chroma < 1; fmin not above 0 */
SORI_API sori_array *sori_cq_to_chroma(sori_ctx *c, int n_input, const sori_cq_to_chroma_config *config);

typedef enum sori_cqt_mode { SORI_CQT_FULL = 0, SORI_CQT_HYBRID } sori_cqt_mode;

typedef struct sori_chroma_cqt_config {
    const sori_array *C;        /* [..., bins, frames] f32 constant-Q magnitude instead of sound */
    int hop_length;             /* 512 */
    double fmin;                /* 32.703 Hz: C1 */
    sori_opt norm;              /* INFINITY; sori_chroma_cens: 2 */
    sori_opt threshold;         /* 0: values below become 0; SORI_NONE: none do. Not of sori_chroma_cens */
    sori_opt tuning;            /* in bins; left alone or SORI_NONE: estimated */
    int n_chroma;               /* 12 */
    int n_octaves;              /* 7 */
    int bins_per_octave;        /* 36; a multiple of n_chroma */
    const sori_array *window;   /* as sori_cq_to_chroma_config */
    sori_cqt_mode cqt_mode;     /* SORI_CQT_FULL */
    bool exact;                 /* transforms in double */
    uint32_t reserved[4];
} sori_chroma_cqt_config;

/* Chroma from the constant-Q transform, which is folded as it is computed and never stored.
 *   [..., n] -> [..., n_chroma, frames] f32                                             librosa.feature.chroma_cqt
 *   err  SORI_EINVAL as sori_cqt, sori_cq_to_chroma */
SORI_API sori_array *sori_chroma_cqt(sori_ctx *c, sori_audio y, const sori_chroma_cqt_config *config);

typedef struct sori_chroma_cens_config {
    sori_chroma_cqt_config cqt;     /* of the chroma */
    sori_opt win_len_smooth;        /* 41 frames; SORI_NONE: not smoothed */
    const char *smoothing_window;   /* "hann" */
    uint32_t reserved[4];
} sori_chroma_cens_config;

/* Chroma energy normalized statistics: shares of a frame in five steps, smoothed.       librosa.feature.chroma_cens
 *   err  SORI_EINVAL win_len_smooth < 1, unknown window; as sori_chroma_cqt
 * Müller and Ewert, "Chroma toolbox: MATLAB implementations for extracting variants of chroma-based audio features",
 * ISMIR 2011. */
SORI_API sori_array *sori_chroma_cens(sori_ctx *c, sori_audio y, const sori_chroma_cens_config *config);

typedef struct sori_chroma_vqt_config {
    const sori_array *V;        /* [..., bins, frames] f32 variable-Q magnitude instead of sound */
    int hop_length;             /* 512 */
    double fmin;                /* 32.703 Hz: C1 */
    const char *intervals;      /* "equal" (librosa has no default), ... as sori_interval_config; its ratios: */
    const sori_array *ratios;   /* [k], instead; bins_per_octave is then k */
    sori_opt norm;              /* INFINITY */
    sori_opt threshold;         /* 0; SORI_NONE */
    int n_octaves;              /* 7 */
    int bins_per_octave;        /* 12; also the number of classes */
    sori_opt gamma;             /* 0; SORI_NONE: a constant share of the ear's bandwidths */
    bool exact;                 /* transforms in double */
    uint32_t reserved[4];
} sori_chroma_vqt_config;

/* Chroma of any set of intervals.   [..., n] -> [..., bins_per_octave, frames] f32      librosa.feature.chroma_vqt */
SORI_API sori_array *sori_chroma_vqt(sori_ctx *c, sori_audio y, const sori_chroma_vqt_config *config);

typedef struct sori_tonnetz_config {
    const sori_array *chroma;       /* [..., n, frames] f32, values >= 0, instead of sound */
    sori_chroma_cqt_config cqt;     /* of the chroma that is computed from sound */
    uint32_t reserved[4];
} sori_tonnetz_config;

/* Tonal centroids: sine and cosine on the circles of fifths, minor and major thirds.
 *   [..., n] -> [..., 6, frames] f32                                                       librosa.feature.tonnetz
 * Harte, Sandler and Gasser, "Detecting harmonic change in musical audio", ACM Multimedia 2006. */
SORI_API sori_array *sori_tonnetz(sori_ctx *c, sori_audio y, const sori_tonnetz_config *config);

#ifdef __cplusplus
}
#endif
#endif
