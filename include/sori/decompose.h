/* sori/decompose.h - a spectrogram taken apart: harmonic and percussive, NMF, nearest neighbours. */
#ifndef SORI_DECOMPOSE_H
#define SORI_DECOMPOSE_H

#include <sori/structure.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- harmonic and percussive -------------------------------------------------------------------------------- */

typedef struct sori_hpss_config {
    int kernel_size[2];      /* 31 frames (harmonic), 31 bins (percussive); the second 0: as the first */
    double power;            /* 2: exponent of the soft masks; INFINITY: hard masks */
    bool mask;               /* the masks instead of the parts */
    double margin[2];        /* 1, 1: how far a part must stand out from the other; the second 0: as the first */
    uint32_t reserved[4];
} sori_hpss_config;

/* Both NULL after a failure. */
typedef struct sori_hpss_result {
    sori_array *harmonic, *percussive;
} sori_hpss_result;

/* A spectrogram split into what lasts (harmonic) and what strikes (percussive), by medians over time and over
 * frequency. With margins of 1 the parts add up to S; above, a residual is left.                librosa.decompose.hpss
 *   S    [..., bins, frames] f32, values >= 0, or c64   ->   two arrays like S; masks f32
 *   err  SORI_EINVAL kernel_size < 1, power <= 0, margin < 1; a value of S that is negative or not finite
 *   cost O(S) for windows of 31: some 30 vector operations a value and filter; other windows 4 * kernel_size. Memory:
 *        the results and 1 MB a thread
 * Medians are scipy.ndimage.median_filter's: the edges reflect (d c b a | a b c d | d c b a), and of an even number of
 * values the upper middle one is taken. Hard masks are 0 or 1 in f32, in librosa bool.
 * Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010; Driedger, Müller and Disch,
 * "Extending harmonic-percussive separation of audio", ISMIR 2014. */
SORI_API sori_hpss_result sori_hpss(sori_ctx *c, const sori_array *S, const sori_hpss_config *config);

typedef struct sori_softmask_config {
    double power;            /* 1; INFINITY: hard masks */
    bool split_zeros;        /* 0.5 where X and X_ref are both about 0, instead of 0 */
    uint32_t reserved[4];
} sori_softmask_config;

/* X^power / (X^power + X_ref^power).                                                          librosa.util.softmask
 *   X, X_ref   f32 of one shape, values >= 0   ->   the same shape, f32; a hard mask is 1 where X > X_ref
 *   err  SORI_EINVAL shapes that differ, power <= 0, a value that is negative or not finite */
SORI_API sori_array *sori_softmask(sori_ctx *c, const sori_array *X, const sori_array *X_ref,
                                   const sori_softmask_config *config);

/* --- non-negative matrix factorisation ------------------------------------------------------------------------ */

typedef struct sori_decompose_config {
    int n_components;              /* as many as features */
    bool sort;                     /* components by rising peak */
    const sori_array *components;  /* [..., features, n_components] f32: given and kept (librosa fit=False) */
    int max_iter;                  /* 200 sweeps over both factors */
    sori_opt tol;                  /* 1e-4 of the first sweep's violation; SORI_NONE: max_iter sweeps */
    bool exact;                    /* compute in double */
    uint32_t reserved[4];
} sori_decompose_config;

/* Arrays NULL after a failure. */
typedef struct sori_decompose_result {
    sori_array *components;        /* [..., features, n_components] f32 */
    sori_array *activations;       /* [n_components, frames] f32 */
    int n_iter;                    /* sweeps made */
} sori_decompose_result;

/* Spectra and their loudness over time whose sum is about S: S = components @ activations.  librosa.decompose.decompose
 *   S    [..., features, frames] f32, values >= 0
 *   err  SORI_EINVAL n_components < 1, sort with leading axes, components that do not fit; a value of S that is
 *        negative or not finite
 *   cost one pass over S a sweep, 2 n_components multiplications a value each. Memory: results and factors
 * The transformer is scikit-learn's NMF with its defaults: coordinate descent on the Frobenius norm, NNDSVDa start. Its
 * singular vectors are found by iteration to 1e-8, at most 40 rounds, instead of by 4 or 7 random ones: where those of
 * scikit-learn have converged, results are the same; in noise, whose singular values are nearly equal, another optimum
 * may be found. With more components than features or frames the start is random, from the context's seed;
 * scikit-learn's is different in every call.
 * Cichocki and Phan, "Fast local algorithms for large scale nonnegative matrix and tensor factorizations", IEICE Trans.
 * E92-A, 2009; Boutsidis and Gallopoulos, "SVD based initialization", Pattern Recognition 41, 2008. */
SORI_API sori_decompose_result sori_decompose(sori_ctx *c, const sori_array *S, const sori_decompose_config *config);

/* --- nearest neighbours --------------------------------------------------------------------------------------- */

typedef struct sori_nn_filter_config {
    const sori_array *rec;               /* [frames, frames] u8, f32 or f64, NULL: computed */
    sori_aggregate aggregate;            /* SORI_AGGREGATE_MEAN; also MEDIAN, and AVERAGE, weighted by rec */
    sori_recurrence_config recurrence;   /* how rec is computed; its axis is also the one that is filtered */
    uint32_t reserved[4];
} sori_nn_filter_config;

/* Every frame replaced by the mean or median of its nearest neighbours, wherever they are. librosa.decompose.nn_filter
 *   S    [..., features, frames] f32   ->   the same
 *   err  SORI_EINVAL rec of another shape, weights that sum to 0; as sori_recurrence_matrix
 *   cost sori_recurrence_matrix, and k operations a value (median: k^2)
 * Frames without neighbours stay as they are. For librosa's own choice of neighbours see first_k.
 * Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005; Rafii and Pardo, "Music/voice
 * separation using the similarity matrix", ISMIR 2012. */
SORI_API sori_array *sori_nn_filter(sori_ctx *c, const sori_array *S, const sori_nn_filter_config *config);

#ifdef __cplusplus
}
#endif
#endif
