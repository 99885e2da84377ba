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
 * Schoerkhuber and Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010. Where librosa lowers the
 * rate before the first octave by 4 or more, its first samples differ: soxr forgets what rings before the sound. */
SORI_API sori_array *sori_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config);

typedef struct sori_vqt_config {
    sori_cqt_config cqt;
    const char *intervals;      /* "equal", ... as sori_interval_config; its ratios: */
    const sori_array *ratios;   /* [k], instead; bins_per_octave is then k */
    sori_opt gamma;             /* left alone or SORI_NONE: bandwidths a constant share of the ear's (ERB);
                                   SORI_VALUE(0): constant Q; larger: Hz added to every bandwidth */
    uint32_t reserved[4];
} sori_vqt_config;

/* Variable-Q transform: shorter filters for low tones.   as sori_cqt                                    librosa.vqt
 *   err  SORI_EINVAL gamma < 0, unknown intervals; as sori_cqt
 * Schoerkhuber, Klapuri, Holighaus and Doerfler, "A Matlab toolbox for efficient perfect reconstruction
 * time-frequency transforms with log-frequency resolution", AES 2014. */
SORI_API sori_array *sori_vqt(sori_ctx *c, sori_audio y, const sori_vqt_config *config);

/* Magnitudes from one STFT that all filters share; their phases are neglected.   [..., n_bins, frames] f32
 *                                                                                                librosa.pseudo_cqt */
SORI_API sori_array *sori_pseudo_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config);

/* Magnitudes of sori_pseudo_cqt where filters are shorter than 2 hop_length, of sori_cqt below.   librosa.hybrid_cqt */
SORI_API sori_array *sori_hybrid_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config);

#ifdef __cplusplus
}
#endif
#endif
