/* sori/pitch.h - fundamental frequency, tuning, and the Viterbi decoders behind them. */
#ifndef SORI_PITCH_H
#define SORI_PITCH_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- spectral peaks and tuning ------------------------------------------------------------------------------- */

typedef struct sori_piptrack_config {
    sori_stft_config stft;   /* hop_length: win_length / 4, as sori_stft */
    const sori_array *S;     /* [..., 1 + n_fft/2, frames] f32 magnitude or power, instead of sound */
    sori_opt fmin;           /* 150 Hz */
    double fmax;             /* 4000 Hz; above sr/2 it is sr/2 */
    sori_opt threshold;      /* 0.1: a peak is above this times the loudest bin of its frame */
    sori_opt ref;            /* SORI_VALUE: a peak is above this magnitude, and threshold is not used */
    uint32_t reserved[4];
} sori_piptrack_config;

typedef struct sori_piptrack_result { sori_array *pitches, *magnitudes; } sori_piptrack_result;

/* Peaks of the spectrum, each moved to the top of the parabola through its three bins.          librosa.piptrack
 *   y    [..., n] f32   ->   pitches [..., 1 + n_fft/2, frames] f32, Hz; magnitudes, the same; 0 where no peak is
 *   err  SORI_EINVAL fmin < 0, fmax <= fmin; as sori_stft
 *   cost one STFT
 * librosa's ref=function is its default, the maximum; for another, give S and the number.
 * J. O. Smith, "Spectral Audio Signal Processing", Sinusoidal peak interpolation. */
SORI_API sori_piptrack_result sori_piptrack(sori_ctx *c, sori_audio y, const sori_piptrack_config *config);

typedef struct sori_tuning_config {
    sori_piptrack_config piptrack;   /* estimate_tuning: how the peaks are found */
    double resolution;               /* 0.01 of a bin: a cent; in (0, 1] */
    int bins_per_octave;             /* 12 */
    uint32_t reserved[4];
} sori_tuning_config;

/* How far pitches lie from the scale tuned to A = 440 Hz, as a fraction of a bin in [-0.5, 0.5): the most frequent
 * deviation, rounded down to `resolution`.                                                   librosa.pitch_tuning
 *   frequencies  f32 or f64 of any shape, Hz; those that are not above 0 (0, NaN) or infinite do not count. None left:
 *                a warning, and 0
 *   err          SORI_EINVAL resolution outside (0, 1], bins_per_octave < 1 */
SORI_API double sori_pitch_tuning(sori_ctx *c, const sori_array *frequencies, const sori_tuning_config *config);

/* The same of a sound (or config->piptrack.S): from the louder half of its spectral peaks. All channels together give
 * one number.                                                                             librosa.estimate_tuning
 *   cost one STFT; the peaks are never spread out as sori_piptrack does */
SORI_API double sori_estimate_tuning(sori_ctx *c, sori_audio y, const sori_tuning_config *config);

/* --- fundamental frequency ------------------------------------------------------------------------------------ */

typedef struct sori_yin_config {
    double fmin, fmax;       /* 65.406 Hz (C2), 2093.005 Hz (C7): librosa has no defaults, but recommends these */
    int frame_length;        /* 2048 */
    int hop_length;          /* frame_length / 4 */
    double trough_threshold; /* 0.1 */
    bool uncentered;         /* librosa center=False: frame t starts at t * hop */
    sori_pad_mode pad_mode;  /* SORI_PAD_CONSTANT; any of numpy.pad's */
    bool exact;              /* compute in double; librosa does not for float32 sound */
    uint32_t reserved[4];
} sori_yin_config;

/* Fundamental frequency of each frame, voiced or not.                                              librosa.yin
 *   y    [..., n] f32   ->   [..., 1 + n/hop_length] f64, Hz (uncentered: 1 + (n - frame_length)/hop)
 *   err  SORI_EINVAL not 0 < fmin < fmax <= sr/2; a period of fmin is frame_length - 1 samples or more; as sori_rms.
 *        Less than two periods: a warning
 *   cost two FFTs of frame_length + sr/fmin points a frame
 * A silent frame gives sr / floor(sr/fmax), as librosa. librosa's win_length has no effect in 0.11.
 * By name ("yin", in a stream as well) it is a row of f32, [..., 1, frames], of n_fft and hop_length's frames.
 * De Cheveigné and Kawahara, J. Acoust. Soc. Am. 111, 2002. */
SORI_API sori_array *sori_yin(sori_ctx *c, sori_audio y, const sori_yin_config *config);

typedef struct sori_pyin_config {
    double fmin, fmax;           /* as sori_yin */
    int frame_length;            /* 2048 */
    int hop_length;              /* frame_length / 4 */
    int n_thresholds;            /* 100 */
    double beta_parameters[2];   /* 2, 18: of the thresholds' distribution */
    double boltzmann_parameter;  /* 2; larger ones favour shorter periods */
    double resolution;           /* 0.1 semitones a pitch bin */
    double max_transition_rate;  /* 35.92 octaves a second */
    sori_opt switch_prob;        /* 0.01: from voiced to unvoiced, or back */
    sori_opt no_trough_prob;     /* 0.01: of the deepest trough, where none is below a threshold */
    sori_opt fill_na;            /* NaN: f0 of unvoiced frames; SORI_NONE: the best guess */
    bool uncentered;             /* librosa center=False: frame t starts at t * hop */
    sori_pad_mode pad_mode;      /* SORI_PAD_CONSTANT; any of numpy.pad's */
    bool exact;                  /* frames in double; librosa does not for float32 sound. The path always is */
    uint32_t reserved[4];
} sori_pyin_config;

/* f0 [..., frames] f64, Hz; voiced_flag u8, 0 or 1; voiced_prob f64. All NULL after a failure. */
typedef struct sori_pyin_result { sori_array *f0, *voiced_flag, *voiced_prob; } sori_pyin_result;

/* Fundamental frequency and whether there is one, by probabilistic YIN and a Viterbi decoder.          librosa.pyin
 *   y    [..., n] f32   ->   as above, frames as sori_yin
 *   err  SORI_EINVAL as sori_yin; a parameter outside its range; more than 32767 pitch bins
 *   cost two FFTs a frame, and bins * (transition width) sums; 4 bytes a bin and frame while it runs
 * Where fmin and fmax lie closer than the transitions reach, librosa fails; here the band is cut.
 * Mauch and Dixon, ICASSP 2014. */
SORI_API sori_pyin_result sori_pyin(sori_ctx *c, sori_audio y, const sori_pyin_config *config);

/* --- the most probable sequence of states --------------------------------------------------------------------- */

typedef struct sori_viterbi_config {
    const sori_array *p_init;    /* [n_states] f32 or f64, probability of the first state; NULL: all equal */
    const sori_array *p_state;   /* [n_states], how often each state is: not viterbi; NULL: all equal */
    uint32_t reserved[4];
} sori_viterbi_config;

/* states [..., n_steps] i64 and the logarithm of their probability [...] f64. Both NULL after a failure. */
typedef struct sori_viterbi_result { sori_array *states, *logp; } sori_viterbi_result;

/* The most probable states, given how probable each makes what is seen.                librosa.sequence.viterbi
 *   prob        [..., n_states, n_steps] f32 or f64, within 0 .. 1
 *   transition  [n_states, n_states] f32 or f64, from row to column; rows of sum 1
 *   err         SORI_EINVAL shapes that do not fit, probabilities out of range, more than 65535 states
 *   cost        n_steps * n_states^2, or n_states * band if transitions are 0 outside a band; 2 bytes a state and step
 * Zero probabilities count as the smallest normal number of prob's dtype, as in librosa; of equal states the lowest
 * is taken. Channels are decoded each for itself. Viterbi, IEEE Trans. Information Theory 13, 1967. */
SORI_API sori_viterbi_result sori_viterbi(sori_ctx *c, const sori_array *prob, const sori_array *transition,
                                          const sori_viterbi_config *config);

/* The same given how probable each state is (columns of prob have sum 1).   librosa.sequence.viterbi_discriminative */
SORI_API sori_viterbi_result sori_viterbi_discriminative(sori_ctx *c, const sori_array *prob,
                                                         const sori_array *transition,
                                                         const sori_viterbi_config *config);

/* Each row of prob by itself: is it on or off?                                  librosa.sequence.viterbi_binary
 *   prob [..., n_states, n_steps] or [n_steps], how probable it is on; transition [2, 2] or [n_states, 2, 2], from off
 *   (0) and on (1); p_init, p_state: of being on, 0.5   ->   states [..., n_states, n_steps], logp [..., n_states] */
SORI_API sori_viterbi_result sori_viterbi_binary(sori_ctx *c, const sori_array *prob, const sori_array *transition,
                                                 const sori_viterbi_config *config);

/* Transition matrices [n_states, n_states] f64.                                librosa.sequence.transition_*
 *   uniform  1 / n_states
 *   loop     prob to stay, the others equal       cycle   prob to stay, else on to the next
 *            prob: one number; or, where probs is not NULL, probs [n_states] f64
 *   local    a window of `width` around the state; where widths is not NULL, widths [n_states]. window NULL:
 *            "triangle"; wrap: the last state is a neighbour of the first
 *   err      SORI_EINVAL n_states < 1 (2 but for uniform), probabilities outside 0 .. 1, width outside 1 .. n_states,
 *            a window that leaves a state without transitions */
SORI_API sori_array *sori_transition_uniform(sori_ctx *c, int n_states);
SORI_API sori_array *sori_transition_loop(sori_ctx *c, int n_states, double prob, const double *probs);
SORI_API sori_array *sori_transition_cycle(sori_ctx *c, int n_states, double prob, const double *probs);
SORI_API sori_array *sori_transition_local(sori_ctx *c, int n_states, int width, const int *widths, const char *window,
                                           bool wrap);

/* --- energy at harmonics --------------------------------------------------------------------------------------- */

typedef struct sori_harmonics_config {
    const sori_array *freqs;     /* [bins] f32 or f64, Hz; or x's shape, for frequencies that change. Must be given */
    const double *harmonics;     /* [n_harmonics], not below 0: 1 is the frequency itself, 0.5 the octave below */
    size_t n_harmonics;          /* how many; > 0 */
    double fill_value;           /* 0: where a harmonic lies outside freqs; salience: see fill_na */
    const double *weights;       /* salience: [n_harmonics]; NULL: all equal */
    bool unfiltered;             /* salience: everywhere, not at peaks only (librosa filter_peaks=False) */
    sori_opt fill_na;            /* salience: NaN, the value between peaks (librosa fill_value) */
    uint32_t reserved[4];
} sori_harmonics_config;

/* x at multiples of every frequency, linear between bins.                               librosa.interp_harmonics
 *   x    [..., bins, frames] f32, or [bins]   ->   [..., n_harmonics, bins, frames] f32, or [n_harmonics, bins]
 *   err  SORI_EINVAL freqs missing or of another shape, no harmonics, a harmonic below 0
 * Frequencies need not rise; those that are not finite are left out. Equal ones: a warning, and the first counts. */
SORI_API sori_array *sori_interp_harmonics(sori_ctx *c, const sori_array *x, const sori_harmonics_config *config);

/* The weighted mean over harmonics of each frequency, where S has a peak.      librosa.salience (aggregate=np.average)
 *   S    [..., bins, frames] f32   ->   the same
 *   err  as sori_interp_harmonics; weights of sum 0 */
SORI_API sori_array *sori_salience(sori_ctx *c, const sori_array *S, const sori_harmonics_config *config);

/* x at multiples of a fundamental that changes; fill_value where f0 is NaN, too.             librosa.f0_harmonics
 *   x    [..., bins, frames] f32, f0 [..., frames] f32 or f64   ->   [..., n_harmonics, frames] f32 */
SORI_API sori_array *sori_f0_harmonics(sori_ctx *c, const sori_array *x, const sori_array *f0,
                                       const sori_harmonics_config *config);

#ifdef __cplusplus
}
#endif
#endif
