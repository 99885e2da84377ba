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
 *   frequencies  f32 or f64 of any shape, Hz; values that are not above 0 (0, NaN) do not count. None left: a warning, 0
 *   err          SORI_EINVAL resolution outside (0, 1], bins_per_octave < 1 */
SORI_API double sori_pitch_tuning(sori_ctx *c, const sori_array *frequencies, const sori_tuning_config *config);

/* The same of a sound (or config->piptrack.S): from the louder half of its spectral peaks. All channels together give
 * one number.                                                                             librosa.estimate_tuning
 *   cost one STFT; the peaks are never spread out as sori_piptrack does */
SORI_API double sori_estimate_tuning(sori_ctx *c, sori_audio y, const sori_tuning_config *config);

#ifdef __cplusplus
}
#endif
#endif
