/* sori/level.h - loudness, companding and compression of spectra: weightings, mu-law, PCEN, normalisation. */
#ifndef SORI_LEVEL_H
#define SORI_LEVEL_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- per-channel energy normalisation ------------------------------------------------------------------------- */

typedef struct sori_pcen_config {
    double sr;               /* 22050 Hz */
    int hop_length;          /* 512: with sr, how much time a frame is */
    sori_opt gain;           /* 0.98: how much of the running mean is divided out; >= 0 */
    sori_opt bias;           /* 2; >= 0 */
    sori_opt power;          /* 0.5: the compression's exponent; >= 0, 0 is a logarithm */
    double time_constant;    /* 0.4 s of the running mean */
    double eps;              /* 1e-6 */
    sori_opt b;              /* the running mean's coefficient, 0 .. 1, instead of time_constant */
    int max_size;            /* 1: the mean is taken of the largest of so many neighbouring bins */
    sori_opt max_axis;       /* the axis of those; needed beyond two axes */
    const sori_array *ref;   /* as S, f32: the mean is taken of this instead of S */
    sori_opt axis;           /* -1: time */
    const sori_array *zi;    /* S's shape with axis 1 long, f32 or f64: the mean's state; NULL: as after silence of 1 */
    sori_array **zf;         /* where the state after the last frame goes (f64), the next block's zi; NULL: nowhere */
    bool exact;              /* compute in double */
    uint32_t reserved[4];
} sori_pcen_config;

/* Per-channel energy normalisation: automatic gain control and compression of every band on its own.  librosa.pcen
 *   S    [..., bands, frames] f32, magnitude or power, >= 0   ->   the same f32
 *        (S / (eps + mean)^gain + bias)^power - bias^power, mean = (1 - b) mean + b ref along axis
 *        Frame by frame with zi and zf the numbers are those of the whole, bit for bit.
 *   err  SORI_EINVAL S or ref negative or not finite, a parameter out of range, a shape that does not fit
 *   cost O(S), 40 vector operations a value. In float 5e-6 of the largest value are lost, .exact rounds once
 * Wang et al., "Trainable frontend for robust and far-field keyword spotting", ICASSP 2017. */
SORI_API sori_array *sori_pcen(sori_ctx *c, const sori_array *S, const sori_pcen_config *config);

/* --- loudness ------------------------------------------------------------------------------------------------- */

/* Weights in dB of frequencies in Hz, f32 or f64 of any shape -> the same f64.    librosa.A_weighting ... Z_weighting
 *   min_db  -80, Z: none; no weight is below it
 *   err     SORI_EINVAL a frequency that is not finite
 * IEC 61672 (A, C, Z), IEC 537 (D). */
SORI_API sori_array *sori_A_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db);
SORI_API sori_array *sori_B_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db);
SORI_API sori_array *sori_C_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db);
SORI_API sori_array *sori_D_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db);
SORI_API sori_array *sori_Z_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db);

/* The weighting `kind`, a letter of "ABCDZ" in either case; 0 is 'A'.                librosa.frequency_weighting */
SORI_API sori_array *sori_frequency_weighting(sori_ctx *c, const sori_array *frequencies, char kind, sori_opt min_db);

/* Several, one behind the other: [...] -> [kinds, ...] f64. kinds NULL: "ZAC". librosa.multi_frequency_weighting */
SORI_API sori_array *sori_multi_frequency_weighting(sori_ctx *c, const sori_array *frequencies, const char *kinds,
                                                    sori_opt min_db);

typedef struct sori_perceptual_config {
    char kind;               /* 'A'; a letter of "ABCDZ" */
    sori_db_config db;       /* librosa's keywords of power_to_db */
    uint32_t reserved[4];
} sori_perceptual_config;

/* Power in dB plus the weighting of each bin.                                           librosa.perceptual_weighting
 *   S    [..., bins, frames] f32 power, frequencies [bins] Hz   ->   [..., bins, frames] f32 dB
 *   err  SORI_EINVAL as sori_power_to_db; as many frequencies as bins */
SORI_API sori_array *sori_perceptual_weighting(sori_ctx *c, const sori_array *S, const sori_array *frequencies,
                                               const sori_perceptual_config *config);

/* Integrated loudness in LUFS: K-weighting, blocks of 400 ms, gates at -70 LUFS and 10 LU below. -INFINITY where no
 * block is above -70: silence. NAN after an error.
 *   y    [n] or [channels, n] f32: left, right, centre, and two surround channels that count 1.41
 *   err  SORI_EINVAL more than 5 channels, shorter than 400 ms, sr not within 1000 and 1e6, a value that is not finite
 *   cost O(n), in double
 * Recommendation ITU-R BS.1770-4, Annex 1; EBU R 128. pyloudnorm with the filter class "DeMan". */
SORI_API double sori_loudness(sori_ctx *c, sori_audio y);

/* --- companding and quantisation ------------------------------------------------------------------------------ */

typedef struct sori_mu_config {
    double mu;               /* 255; > 0 */
    bool continuous;         /* librosa quantize=False: f32 in -1..1 instead of whole numbers */
    uint32_t reserved[4];
} sori_mu_config;

/* mu-law: sign(x) ln(1 + mu |x|) / ln(1 + mu), by default as the number of one of 1 + mu steps.  librosa.mu_compress
 *   x    any shape f32 in -1..1   ->   the same i64 in -(1 + mu)/2 .. (mu - 1)/2, or f32 in -1..1
 *   err  SORI_EINVAL mu <= 0 or above 2^24; a value outside -1..1
 * ITU-T G.711. Logarithms in double: librosa's, in float, may differ by one step where a value lies between two. */
SORI_API sori_array *sori_mu_compress(sori_ctx *c, const sori_array *x, const sori_mu_config *config);

/* And back: i64, i32 or f32 -> f32.                                                                 librosa.mu_expand
 *   err  SORI_EINVAL mu <= 0; a value outside the range of sori_mu_compress */
SORI_API sori_array *sori_mu_expand(sori_ctx *c, const sori_array *x, const sori_mu_config *config);

/* Sound rounded to `bits` bits, as a PCM file of that depth holds it: any shape f32 -> the same f32.
 *        q = x 2^(bits-1) rounded to the nearest whole number, halves to the even one, then limited to
 *        -2^(bits-1) .. 2^(bits-1) - 1; the result is q / 2^(bits-1), or q itself
 *   bits        2 .. 24
 *   as_integers the result is q, i32
 *   err  SORI_EINVAL bits out of range, a value that is not finite */
SORI_API sori_array *sori_quantize(sori_ctx *c, const sori_array *x, int bits, bool as_integers);

/* --- normalisation -------------------------------------------------------------------------------------------- */

typedef enum sori_fill { SORI_FILL_KEEP = 0, SORI_FILL_ONE, SORI_FILL_ZERO } sori_fill;

typedef struct sori_normalize_config {
    sori_opt norm;           /* INFINITY: the largest magnitude. -INFINITY the smallest, 0 the count of non-zeros, p > 0
                                (sum |x|^p)^(1/p); SORI_NONE: nothing is done */
    sori_opt axis;           /* 0; SORI_NONE: all values together */
    double threshold;        /* 1.2e-38, the smallest normal float: norms below it are not divided by */
    sori_fill fill;          /* those lines are kept (None), made to have norm 1 (True), or zero (False) */
    uint32_t reserved[4];
} sori_normalize_config;

/* Each line along axis divided by its norm: f32 of any shape -> the same.                        librosa.util.normalize
 *   err  SORI_EINVAL a value that is not finite, norm < 0 and finite, threshold < 0, fill 'one' with norm 0
 *   cost O(S); norms other than 1, 2 and the infinite ones a power a value */
SORI_API sori_array *sori_normalize(sori_ctx *c, const sori_array *S, const sori_normalize_config *config);

/* Sound whose largest magnitude over all channels is peak (0: 1); the balance of the channels stays, and silence.
 *   err  SORI_EINVAL peak < 0, a value that is not finite */
SORI_API sori_audio sori_normalize_peak(sori_ctx *c, sori_audio y, double peak);

#ifdef __cplusplus
}
#endif
#endif
