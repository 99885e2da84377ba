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

/* scikit-learn's beta_loss: what the sum over all values of S against V = W H is made of. */
typedef enum sori_nmf_loss {
    SORI_NMF_FROBENIUS = 0,        /* (S - V)^2 / 2: loud parts count; magnitudes or powers */
    SORI_NMF_KULLBACK_LEIBLER,     /* S ln(S / V) - S + V: for magnitudes */
    SORI_NMF_ITAKURA_SAITO         /* S / V - ln(S / V) - 1: soft parts count as loud ones; for powers, none 0 */
} sori_nmf_loss;

typedef enum sori_nmf_solver {
    SORI_NMF_MU = 0,               /* multiplicative updates */
    SORI_NMF_HALS                  /* hierarchical alternating least squares: SORI_NMF_FROBENIUS alone, fewer sweeps */
} sori_nmf_solver;

typedef enum sori_nmf_init {
    SORI_NMF_INIT_DEFAULT = 0,     /* NNDSVDA if S has as many features and frames as components, or RANDOM */
    SORI_NMF_INIT_RANDOM,          /* |normal| of S's size, from the context's seed */
    SORI_NMF_INIT_NNDSVDA          /* singular vectors, the mean of S where they have nothing */
} sori_nmf_init;

typedef struct sori_nmf_config {
    int n_components;              /* W's, or H's, or as many as features */
    sori_nmf_loss loss;
    sori_nmf_solver solver;
    sori_nmf_init init;            /* where neither W nor H is given */
    const sori_array *W;           /* [features, <= n_components] f32, start of the first components; others: random */
    const sori_array *H;           /* [n_components, frames] f32, start; NULL beside W: one value everywhere */
    int fixed;                     /* 0: the first components of W that stay as they are, up to all of W */
    double alpha_W;                /* 0: weight of W's penalties, times frames as in scikit-learn */
    sori_opt alpha_H;              /* alpha_W: of H's, times features; SORI_NONE: 0 */
    double l1_ratio;               /* 0: share of the sum of values (sparse, 1) against half the sum of their squares */
    double smooth;                 /* 0: weight of H's roughness, sum over components of frames sum (h[t] - h[t - 1])^2
                                    * / sum h[t]^2; SORI_NMF_MU alone */
    int max_iter;                  /* 200 sweeps: W, then H */
    sori_opt tol;                  /* 1e-4: end when sqrt(2 loss) falls less, of the first; SORI_NONE: never */
    int every;                     /* 10: sweeps between losses, and tests of tol */
    bool exact;                    /* compute in double */
    uint32_t reserved[8];
} sori_nmf_config;

/* Arrays NULL after a failure. */
typedef struct sori_nmf_result {
    sori_array *W;                 /* [features, n_components] f32; sori_nmfd: [features, n_components, T] */
    sori_array *H;                 /* [n_components, frames] f32 */
    sori_array *loss;              /* f64: at the start, after every `every` sweeps, and after the last; no penalties */
    int n_iter;                    /* sweeps made */
} sori_nmf_result;

/* S as W H by the loss that fits it, from a start that may be known, with parts that may be kept: spectra of single
 * notes as W explain a mixture of them.                                      sklearn.decomposition.NMF(solver="mu")
 *   S    [features, frames] f32, values >= 0
 *   err  SORI_EINVAL sizes that do not fit; fixed without W; an option outside its range, or that the solver does not
 *        have; a value that is negative or not finite, with SORI_NMF_ITAKURA_SAITO also 0; sums that overflow
 *   cost with n = features frames n_components, a sweep takes 4 n (Frobenius), 8 n (Kullback-Leibler) or 12 n
 *        (Itakura-Saito) operations, at two thirds of the processor's peak or more; a loss 2 n. Memory: S twice, the
 *        factors six times
 * From the same start multiplicative updates are scikit-learn's, sweep by sweep, and HALS is its coordinate descent.
 * The loss never rises but for rounding, nor does it with L1 penalties when these are added to it. Results do not
 * depend on threads.
 * Lee and Seung, "Algorithms for non-negative matrix factorization", NIPS 2000; Fevotte and Idier, "Algorithms for
 * nonnegative matrix factorization with the beta-divergence", Neural Computation 23, 2011; Cichocki and Phan, above;
 * Virtanen, "Monaural sound source separation by nonnegative matrix factorization with temporal continuity and
 * sparseness criteria", IEEE TASLP 15, 2007. */
SORI_API sori_nmf_result sori_nmf(sori_ctx *c, const sori_array *S, const sori_nmf_config *config);

typedef struct sori_nmfd_config {
    sori_nmf_config nmf;           /* W is [features, <= n_components, T]; no NNDSVDA, no HALS */
    int T;                         /* frames of a component: W's, or 10 */
    uint32_t reserved[4];
} sori_nmfd_config;

/* The same with components that are spectrograms of T frames, heard whole whenever they begin: drums. V[f, t] = sum
 * over k and i < T of W[f, k, i] H[k, t - i].
 *   err  as sori_nmf; T < 1, or more than there are frames
 *   cost as sori_nmf with n_components T components
 * Smaragdis, "Non-negative matrix factor deconvolution", ICA 2004; H is updated from all T frames' sums at once
 * (Schmidt and Morup, "Nonnegative matrix factor 2-D deconvolution", ICA 2006) instead of by the mean of T updates, so
 * that the loss never rises. */
SORI_API sori_nmf_result sori_nmfd(sori_ctx *c, const sori_array *S, const sori_nmfd_config *config);

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
