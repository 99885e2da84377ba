/* sori/phase.h - what phase is good for: phase vocoder, Griffin-Lim, reassignment, inversion back to sound.
 *
 * Stretching sound and shifting its pitch is in fx.h. A config of NULL, or a field left zero, means librosa 0.11's
 * default. */
#ifndef SORI_PHASE_H
#define SORI_PHASE_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- magnitude and phase -------------------------------------------------------------------------------------- */

typedef struct sori_magphase_result {
    sori_array *magnitude;   /* [..., bins, frames] f32: |D| ^ power */
    sori_array *phase;       /* [..., bins, frames] c64: D / |D|, 1 where D is 0 */
} sori_magphase_result;

/* A complex spectrum as magnitude times phase.   c64 -> f32, c64                               librosa.magphase
 *   power 0: 1
 *   err   SORI_EINVAL power not finite */
SORI_API sori_magphase_result sori_magphase(sori_ctx *c, const sori_array *D, double power);

typedef struct sori_phase_vocoder_config {
    bool exact;              /* compute in double */
    uint32_t reserved[4];
} sori_phase_vocoder_config;

/* Frames `rate` times as fast, phases carried on.                                          librosa.phase_vocoder
 *   D    [..., bins, frames] c64   ->   [..., bins, ceil(frames / rate)] c64
 *   err  SORI_EINVAL rate not above 0
 *   cost O(bins * frames)
 * librosa's hop_length and n_fft only set the phase advance it expects, which drops out of the result modulo 2 pi. It
 * keeps the phase in a float32 that grows with every frame and loses its fraction: a tone of 9000.3 Hz becomes 8992.8
 * Hz after ten minutes. Here it stays 9000.3 Hz; on short clips the two agree. Flanagan and Golden, "Phase vocoder",
 * Bell Syst. Tech. J. 45, 1966. */
SORI_API sori_array *sori_phase_vocoder(sori_ctx *c, const sori_array *D, double rate,
                                        const sori_phase_vocoder_config *config);

/* --- reassignment --------------------------------------------------------------------------------------------- */

typedef struct sori_reassigned_config {
    sori_stft_config stft;   /* hop_length: win_length / 4 */
    const sori_array *S;     /* [..., bins, frames] c64, the STFT of y under the same settings; NULL: computed */
    bool fixed_frequencies;  /* librosa reassign_frequencies=False: freqs are those of the bins */
    bool fixed_times;        /* librosa reassign_times=False: times are those of the frames */
    sori_opt ref_power;      /* 1e-6: what has less power is not reassigned but NaN; 0: only zeros */
    bool fill_nan;           /* the bin's frequency and the frame's time instead of NaN */
    bool unclipped;          /* librosa clip=False: freqs beyond 0 .. sr/2 and times beyond the sound stay */
    uint32_t reserved[4];
} sori_reassigned_config;

typedef struct sori_reassigned_result {
    sori_array *freqs;       /* [..., bins, frames] f64, Hz: the energy's centre of gravity, NaN where there is none */
    sori_array *times;       /* [..., bins, frames] f64, seconds */
    sori_array *mags;        /* [..., bins, frames] f32 magnitude */
} sori_reassigned_result;

/* Where in time and frequency the energy of each bin really is.                      librosa.reassigned_spectrogram
 *   y    [..., n] f32
 *   err  SORI_EINVAL both fixed_frequencies and fixed_times; ref_power < 0; as sori_stft
 *   cost three STFTs, in double
 * Flandrin, Auger and Chassande-Mottin, "Time-frequency reassignment: from principles to algorithms", 2002. */
SORI_API sori_reassigned_result sori_reassigned_spectrogram(sori_ctx *c, sori_audio y,
                                                            const sori_reassigned_config *config);

/* --- sound from magnitudes -------------------------------------------------------------------------------------- */

typedef struct sori_griffinlim_config {
    sori_stft_config stft;   /* n_fft 0: 2 * (bins - 1); hop_length: win_length / 4 */
    sori_opt n_iter;         /* 32 */
    size_t length;           /* samples wanted, of as many frames as S has; 0: as many as the frames cover */
    sori_opt momentum;       /* 0.99; 0 is the method of 1984 */
    bool zero_phase;         /* librosa init=None: begin with phase 0 instead of random phases */
    uint32_t random_state;   /* 0: the phases are those of numpy.random.RandomState(random_state) */
    uint32_t reserved[4];
} sori_griffinlim_config;

/* Sound whose spectrogram comes near S.                                                         librosa.griffinlim
 *   S    [..., bins, frames] f32 magnitude   ->   y [..., n] f32, at sampling rate sr
 *   err  SORI_EINVAL momentum < 0, n_iter < 0, a length of another number of frames; SORI_EINTR
 *   cost an STFT and its inverse an iteration
 * Griffin and Lim, IEEE Trans. ASSP 32, 1984; Perraudin, Balazs and Søndergaard, "A fast Griffin-Lim algorithm",
 * WASPAA 2013. librosa draws new phases at every call unless told a random_state; here 0 is one. */
SORI_API sori_audio sori_griffinlim(sori_ctx *c, const sori_array *S, double sr, const sori_griffinlim_config *config);

typedef struct sori_mel_to_stft_config {
    int n_fft;               /* 2048 */
    double power;            /* 2: M holds sums of magnitude ^ power */
    double fmin, fmax;       /* 0 and sr/2: the bank's, as in sori_mel_config */
    bool htk;                /* HTK's mel formula instead of Slaney's */
    sori_norm norm;          /* SORI_NORM_SLANEY: each filter has area 1 */
    bool clipped;            /* the least-squares solution with negative values cut off: see below */
    uint32_t reserved[4];
} sori_mel_to_stft_config;

/* The magnitudes behind a mel spectrogram, by non-negative least squares.        librosa.feature.inverse.mel_to_stft
 *   M    [..., n_mels, frames] f32   ->   [..., 1 + n_fft/2, frames] f32 magnitude
 *   err  SORI_EINVAL power not above 0; as sori_mel_filters; M not finite
 *   cost O(frames * n_fft), some ten passes over the bank
 * With more bins than bands many spectra fit; this is the best one that is nearest to the clipped solution, from which
 * librosa sets out, too. librosa's optimiser stops by a threshold on a gradient that shrinks with the length and the
 * level of the sound: for most recordings at once, which is the answer of `clipped`; its mel spectrogram may be 15 %
 * off, ours is M again. */
SORI_API sori_array *sori_mel_to_stft(sori_ctx *c, const sori_array *M, double sr,
                                      const sori_mel_to_stft_config *config);

typedef struct sori_mel_to_audio_config {
    sori_mel_to_stft_config mel;   /* what M was made with; n_fft is stft's */
    sori_griffinlim_config griffinlim;   /* stft: n_fft 2048, hop_length: win_length / 4 */
    uint32_t reserved[4];
} sori_mel_to_audio_config;

/* [..., n_mels, frames] -> y [..., n].                                   librosa.feature.inverse.mel_to_audio */
SORI_API sori_audio sori_mel_to_audio(sori_ctx *c, const sori_array *M, double sr,
                                      const sori_mel_to_audio_config *config);

typedef struct sori_mfcc_to_audio_config {
    sori_mfcc_to_mel_config mfcc;      /* what the coefficients were made with */
    sori_mel_to_audio_config audio;    /* how the way goes on from there */
    uint32_t reserved[4];
} sori_mfcc_to_audio_config;

/* [..., n_mfcc, frames] -> y [..., n].                                  librosa.feature.inverse.mfcc_to_audio */
SORI_API sori_audio sori_mfcc_to_audio(sori_ctx *c, const sori_array *mfcc, double sr,
                                       const sori_mfcc_to_audio_config *config);

/* --- instantaneous frequency -------------------------------------------------------------------------------------- */

typedef struct sori_if_config {
    sori_stft_config stft;   /* hop_length: win_length / 4 */
    double amin;             /* 1e-6: added to magnitudes before the logarithm */
    size_t length;           /* of the way back: samples; 0: as many as the frames cover */
    uint32_t reserved[4];
} sori_if_config;

typedef struct sori_if_result {
    sori_array *log_magnitude;   /* [..., bins, frames] f32: ln(|D| + amin) */
    sori_array *frequency;       /* [..., bins, frames] f32, -1 .. 1: turn of the phase since the last frame, over pi */
} sori_if_result;

/* Sound as GANSynth learns it: log magnitude and instantaneous frequency. The first frame holds the phase itself, over
 * pi. Engel et al., "GANSynth: Adversarial neural audio synthesis", ICLR 2019.
 *   y    [..., n] f32
 *   err  as sori_stft; amin not above 0
 *   cost one STFT in double and an angle a bin */
SORI_API sori_if_result sori_instantaneous_frequency(sori_ctx *c, sori_audio y, const sori_if_config *config);

/* And back: phases are the running sum of the frequencies, then sori_istft.
 *   err  SORI_EINVAL shapes that differ; as sori_istft */
SORI_API sori_audio sori_if_to_audio(sori_ctx *c, const sori_array *log_magnitude, const sori_array *frequency,
                                     double sr, const sori_if_config *config);

#ifdef __cplusplus
}
#endif
#endif
