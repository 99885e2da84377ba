/* sori/structure.h - likeness of a sound with itself and with others: recurrence, segmentation, alignment. */
#ifndef SORI_STRUCTURE_H
#define SORI_STRUCTURE_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- recurrence ------------------------------------------------------------------------------------------------ */

typedef enum sori_metric {
    SORI_METRIC_EUCLIDEAN = 0, SORI_METRIC_SQEUCLIDEAN, SORI_METRIC_CITYBLOCK, SORI_METRIC_COSINE
} sori_metric;

typedef enum sori_recurrence_mode {
    SORI_CONNECTIVITY = 0,   /* 1 for neighbours */
    SORI_DISTANCE,           /* how far apart neighbours are */
    SORI_AFFINITY            /* exp(-distance / bandwidth) */
} sori_recurrence_mode;

/* The bandwidth of a pair of frames, from the distances to their k nearest neighbours. */
typedef enum sori_bandwidth {
    SORI_MED_K_SCALAR = 0,       /* one for all: the median distance to the k-th neighbour */
    SORI_MEAN_K, SORI_GMEAN_K,   /* mean, geometric mean of both distances to the k-th neighbour */
    SORI_MEAN_K_AVG, SORI_GMEAN_K_AVG,   /* the same of mean distances to the first k */
    SORI_MEAN_K_AVG_AND_PAIR     /* mean of both, and of the pair's own distance */
} sori_bandwidth;

typedef struct sori_recurrence_config {
    int k;                       /* neighbours; 2 ceil(sqrt(frames - 2 width + 1)), for cross_similarity of frames */
    int width;                   /* 1: frames nearer in time than this are no neighbours */
    sori_metric metric;          /* SORI_METRIC_EUCLIDEAN */
    bool sym;                    /* only mutual neighbours */
    sori_recurrence_mode mode;   /* SORI_CONNECTIVITY */
    sori_bandwidth bandwidth;    /* SORI_MED_K_SCALAR */
    double bandwidth_value;      /* > 0: this number instead */
    bool self;                   /* frames are their own neighbours */
    sori_opt axis;               /* the last: the axis of frames */
    bool full;                   /* distance, affinity: of all pairs, k for the bandwidth only */
    bool first_k;                /* connectivity as librosa 0.11 has it: see below */
    bool exact;                  /* compute in double; cosine always is */
    uint32_t reserved[4];
} sori_recurrence_config;

/* Which frames of a sound are like which: entry [i, j] is of frame i as one of the k nearest neighbours of frame j.
 *   data [..., features, frames] f32   ->   [frames, frames], u8 for connectivity, else f32; 0 for no neighbour
 *                                                                                   librosa.segment.recurrence_matrix
 *   err  SORI_EINVAL width outside 1 .. (frames - 1) / 2 - 1, k < 1; a value that is not finite; a bandwidth of frames
 *        without neighbours
 *   cost frames^2 * features / 16 vector operations; memory: the result, and k links a frame
 * Of neighbours equally far the earlier ones count. Frames at distance 0 are, as in librosa, no neighbours in modes
 * distance and affinity. librosa asks for k + 2 width neighbours and keeps k of those that are not too near in time; in
 * mode connectivity these are not the nearest but the first in time, as it sorts ones instead of distances. Here they
 * are the nearest; first_k is librosa's choice. full changes nothing in mode connectivity, as librosa documents. */
SORI_API sori_array *sori_recurrence_matrix(sori_ctx *c, const sori_array *data, const sori_recurrence_config *config);

/* The same between two sounds: entry [i, j] is that of frame i of data_ref as a neighbour of frame j of data. width,
 * sym, self, axis and first_k are not used; a bandwidth of pairs needs the frames of one sound and is an error.
 *   data [..., features, n], data_ref [..., features, n_ref] f32   ->   [n_ref, n]   librosa.segment.cross_similarity
 * full is of all pairs; librosa takes the n nearest. */
SORI_API sori_array *sori_cross_similarity(sori_ctx *c, const sori_array *data, const sori_array *data_ref,
                                           const sori_recurrence_config *config);

#ifdef __cplusplus
}
#endif
#endif
