/* sori/structure.h - likeness of a sound with itself and with others: recurrence, segmentation, alignment. */
#ifndef SORI_STRUCTURE_H
#define SORI_STRUCTURE_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How far apart two frames are. */
typedef enum sori_metric {
    SORI_METRIC_EUCLIDEAN = 0, SORI_METRIC_SQEUCLIDEAN, SORI_METRIC_CITYBLOCK, SORI_METRIC_COSINE
} sori_metric;

/* --- alignment of two sequences ------------------------------------------------------------------------------- */

typedef struct sori_dtw_config {
    const sori_array *C;     /* [N, M] f32 or f64 costs; then X and Y must be NULL */
    sori_metric metric;      /* SORI_METRIC_EUCLIDEAN */
    const int (*step_sizes_sigma)[2];  /* [n_steps] (rows, columns) of each step; NULL: (1, 1), (0, 1), (1, 0) */
    size_t n_steps;          /* of step_sizes_sigma: 1 .. 253; without those 0 */
    const double *weights_add;   /* [n_steps], or [3]: added to the cost of a step; NULL: 0 */
    const double *weights_mul;   /* the same: factors of the cost; NULL: 1 */
    bool subseq;             /* X is found anywhere within Y: the path may begin and end at any of its frames */
    bool no_backtrack;       /* D alone, no path (librosa backtrack=False) */
    bool global_constraints; /* only cells near the diagonal: the band of Sakoe and Chiba */
    double band_rad;         /* 0.25: the band's radius as a fraction of the shorter side */
    bool return_steps;       /* also which step led to each cell */
    bool path_only;          /* no D: one byte a cell instead of nine, for long sequences */
    size_t max_cells;        /* refuse more than this many cells N * M; 0: 2^28, 2 GB of D and 256 MB for the path */
    uint32_t reserved[4];
} sori_dtw_config;

typedef struct sori_dtw_result {
    sori_array *D;           /* [N, M] f64 accumulated cost; NULL with path_only */
    sori_array *wp;          /* [length, 2] i64 cells of the path, from its end to its beginning, as librosa's */
    sori_array *steps;       /* [N, M] i32 the number of each cell's step, if return_steps */
} sori_dtw_result;

/* Dynamic time warping: the cheapest way to walk through two sequences at once.            librosa.sequence.dtw
 *   X, Y [..., K, N] and [..., K, M] f32 or f64 features ([N] is one feature); all members NULL after a failure
 *   err  SORI_EINVAL K differs; NaN or infinity in X, Y; NaN or -infinity in C; a frame of zeros under cosine;
 *        no frames; steps that are negative, (0, 0) or too many; no path; more than max_cells cells
 *   cost O(N M (K + steps)) time; D, and N M bytes if a path is wanted
 * As in librosa, subseq exchanges X and Y if X is the longer one, D then being [M, N]; step numbers count from 3 if
 * step sizes are given, and cells no path reaches have step 0.
 * Sakoe, Chiba, IEEE Trans. ASSP 26 (1978); Müller, Fundamentals of Music Processing, 2015. */
SORI_API sori_dtw_result sori_dtw(sori_ctx *c, const sori_array *X, const sori_array *Y, const sori_dtw_config *config);

typedef struct sori_dtw_backtracking_config {
    const int (*step_sizes_sigma)[2];   /* as they were given to sori_dtw */
    size_t n_steps;          /* 0 with NULL */
    bool subseq;             /* as it was */
    sori_opt start;          /* with subseq: the column of the last row to begin at; the last one */
    uint32_t reserved[4];
} sori_dtw_backtracking_config;

/* The path of steps [N, M] i32.   -> [length, 2] i64                          librosa.sequence.dtw_backtracking
 *   err  SORI_EINVAL a number that is not a step's; start without subseq, or outside the columns */
SORI_API sori_array *sori_dtw_backtracking(sori_ctx *c, const sori_array *steps,
                                           const sori_dtw_backtracking_config *config);

typedef struct sori_rqa_config {
    sori_opt gap_onset;      /* 1: what the first missing cell of a path costs */
    sori_opt gap_extend;     /* 1: each further one */
    bool no_knight_moves;    /* steps (1, 1) alone, not (1, 2) and (2, 1) (librosa knight_moves=False) */
    bool no_backtrack;       /* score alone */
    uint32_t reserved[4];
} sori_rqa_config;

typedef struct sori_rqa_result {
    sori_array *score;       /* [N, M] as sim */
    sori_array *path;        /* [length, 2] i64 cells of the best path, from beginning to end; NULL if not wanted */
} sori_rqa_result;

/* Recurrence quantification: the score of the best diagonal path that ends in each cell of a similarity matrix.
 *                                                                                          librosa.sequence.rqa
 *   sim  [N, M] f32 or f64; values above 0 are matches
 *   err  SORI_EINVAL no cells, NaN or infinity, negative costs
 *   cost O(N M)
 * librosa 0.11 follows a knight's move out of the second column to the wrong cell; sori to the one it came from.
 * Serra, Serra, Andrzejak, "Cross recurrence quantification for cover song identification", New J. Phys. 11 (2009). */
SORI_API sori_rqa_result sori_rqa(sori_ctx *c, const sori_array *sim, const sori_rqa_config *config);

/* --- segments ------------------------------------------------------------------------------------------------- */

/* Cut time into k segments, merging the neighbours that are most alike (Ward).            librosa.segment.agglomerative
 *   data [..., n] f32 or f64   ->   [k] i64 first frames of the segments, the first 0
 *   err  SORI_EINVAL no frames, k outside 1 .. n, NaN or infinity
 *   cost O(n (features + log n))
 * Merges equally good are taken in scikit-learn's order. One frame is one segment (librosa: an error).
 * Ward, J. Am. Stat. Assoc. 58 (1963); McFee, Ellis, ICASSP 2014. */
SORI_API sori_array *sori_agglomerative(sori_ctx *c, const sori_array *data, size_t k);

/* Cut each segment into at most n_segments (0: 4).                                     librosa.segment.subsegment
 *   data [..., n], frames [m] boundaries, integers   ->   i64 first frames
 *   err  as sori_agglomerative; a negative frame */
SORI_API sori_array *sori_subsegment(sori_ctx *c, const sori_array *data, const sori_array *frames, int n_segments);

typedef struct sori_lag_config {
    bool unpadded;           /* recurrence_to_lag: lags modulo t (librosa pad=False) */
    bool axis0;              /* time runs down axis 0, lags along axis 1 (librosa axis=0) */
    uint32_t reserved[4];
} sori_lag_config;

/* A recurrence matrix [t, t] of any dtype as time against lag, lag[l, j] = rec[(l + j) mod 2t, j], and back.
 *   [t, t] -> [2t, t] (unpadded [t, t]; axis0 [t, 2t])      librosa.segment.recurrence_to_lag, lag_to_recurrence
 *   err  SORI_EINVAL not square; a lag matrix that is neither square nor twice as long in lag as in time */
SORI_API sori_array *sori_recurrence_to_lag(sori_ctx *c, const sori_array *rec, const sori_lag_config *config);
SORI_API sori_array *sori_lag_to_recurrence(sori_ctx *c, const sori_array *lag, const sori_lag_config *config);

/* Makes a matrix of the same shape from one. The result belongs to the innermost scope; NULL: an error was recorded. */
typedef sori_array *sori_matrix_filter(sori_ctx *c, const sori_array *a, void *user);

/* A filter applied in time-lag coordinates, where diagonals are rows.                  librosa.segment.timelag_filter
 *   rec  [t, t]   ->   [t, t]; filter sees [2t, t] ([t, t] if unpadded) */
SORI_API sori_array *sori_timelag_filter(sori_ctx *c, const sori_array *rec, sori_matrix_filter *filter, void *user,
                                         const sori_lag_config *config);

/* How a matrix goes on beyond its edges: scipy.ndimage's names. */
typedef enum sori_extend {
    SORI_EXTEND_REFLECT = 0, /* c b a | a b c | c b a */
    SORI_EXTEND_CONSTANT,    /* cval */
    SORI_EXTEND_NEAREST, SORI_EXTEND_MIRROR, SORI_EXTEND_WRAP
} sori_extend;

typedef struct sori_matrix_filter_config {
    int size[2];             /* rows, columns of the window; 0: 1 */
    sori_extend mode;        /* SORI_EXTEND_REFLECT */
    double cval;             /* 0: of SORI_EXTEND_CONSTANT */
    uint32_t reserved[4];
} sori_matrix_filter_config;

/* Two filters of that form, user being a sori_matrix_filter_config: the median of a window, and its mean.
 *   [..., rows, columns] f32 or f64 -> the same           scipy.ndimage.median_filter, uniform_filter
 *   err  SORI_EINVAL size < 1, or beyond the matrix
 *   cost median: O(cells * window); mean: O(cells * (rows + columns of the window)) */
SORI_API sori_array *sori_median_of_window(sori_ctx *c, const sori_array *a, void *config);
SORI_API sori_array *sori_mean_of_window(sori_ctx *c, const sori_array *a, void *config);

typedef struct sori_diagonal_filter_config {
    const char *window;      /* "hann" */
    double slope;            /* 1: rows a column; 2 is twice the tempo */
    sori_opt angle;          /* radians, instead of slope */
    bool zero_mean;          /* subtract the mean: flat ground gives 0 */
    uint32_t reserved[4];
} sori_diagonal_filter_config;

/* A smoothing filter along a line of that slope: [h, w] f64 of sum 1, a diagonal of n turned by quintic splines.
 *                                                                                librosa.filters.diagonal_filter
 *   err  SORI_EINVAL n outside 1 .. 4096, slope or angle not finite, unknown window */
SORI_API sori_array *sori_diagonal_filter(sori_ctx *c, int n, const sori_diagonal_filter_config *config);

typedef struct sori_path_enhance_config {
    const char *window;      /* "hann" */
    double max_ratio;        /* 2: the largest tempo ratio */
    double min_ratio;        /* 1 / max_ratio */
    int n_filters;           /* 7 ratios, spaced evenly in their logarithm */
    bool zero_mean;          /* as above */
    bool unclipped;          /* keep negative values (librosa clip=False) */
    sori_extend mode;        /* SORI_EXTEND_REFLECT */
    double cval;             /* 0: of SORI_EXTEND_CONSTANT */
    uint32_t reserved[4];
} sori_path_enhance_config;

/* Bring out the diagonals of a similarity matrix: the largest of its convolutions with diagonal filters of length n.
 *                                                                                   librosa.segment.path_enhance
 *   R    [..., N, M] f32 or f64   ->   the same
 *   err  SORI_EINVAL NaN or infinity, min_ratio > max_ratio, n_filters < 1; as sori_diagonal_filter
 *   cost O(N M n_filters 10 n), zero_mean the same
 * Müller, Kurth, EURASIP J. Appl. Signal Process. 2007. */
SORI_API sori_array *sori_path_enhance(sori_ctx *c, const sori_array *R, int n, const sori_path_enhance_config *config);

/* --- frames, slices, events ----------------------------------------------------------------------------------- */

typedef struct sori_fix_frames_config {
    sori_opt x_min;          /* 0; SORI_NONE: no limit */
    sori_opt x_max;          /* no limit */
    bool unpadded;           /* do not add the limits, and drop frames outside instead of moving them (pad=False) */
    uint32_t reserved[4];
} sori_fix_frames_config;

/* Frame numbers in order, each once, within limits.   [n] integers -> i64                    librosa.util.fix_frames
 *   err  SORI_EINVAL a negative frame */
SORI_API sori_array *sori_fix_frames(sori_ctx *c, const sori_array *frames, const sori_fix_frames_config *config);

/* The spans between such frames: [spans, 2] i64 first frame, frame behind the last.      librosa.util.index_to_slice
 * x_min and x_max are librosa's idx_min, idx_max; here both are no limit by default. */
SORI_API sori_array *sori_index_to_slice(sori_ctx *c, const sori_array *idx, const sori_fix_frames_config *config);

typedef struct sori_sync_config {
    sori_aggregate aggregate;    /* SORI_AGGREGATE_MEAN; also MEDIAN, MIN, MAX, SUM */
    double (*function)(void *user, const double *x, size_t n);   /* instead: the value of n >= 1 values; one thread */
    void *user;              /* handed to function */
    bool unpadded;           /* do not add frame 0 and the last one (librosa pad=False) */
    uint32_t reserved[4];
} sori_sync_config;

/* Aggregate the frames between boundaries.                                                        librosa.util.sync
 *   data [..., n] f32 or f64; idx [m] boundaries or [spans, 2] slices, integers   ->   [..., spans] as data
 *   err  SORI_EINVAL a negative boundary, a slice that is empty or leaves 0 .. n */
SORI_API sori_array *sori_sync(sori_ctx *c, const sori_array *data, const sori_array *idx,
                               const sori_sync_config *config);

typedef struct sori_match_config {
    bool not_left;           /* match_events: never to an earlier event (librosa left=False) */
    bool not_right;          /* match_events: never to a later one */
    bool lenient;            /* match_intervals: one that meets none matches the nearest (librosa strict=False) */
    uint32_t reserved[4];
} sori_match_config;

/* For each event the nearest of others: [n], [m] f32, f64 or integers -> [n] i64.           librosa.util.match_events
 *   err  SORI_EINVAL no events, NaN, no event on the side that is allowed
 *   cost O((n + m) log m). Of equal events the first. */
SORI_API sori_array *sori_match_events(sori_ctx *c, const sori_array *events_from, const sori_array *events_to,
                                       const sori_match_config *config);

/* For each interval that of the others with the largest overlap over union: [n, 2], [m, 2] -> [n] i64.
 *                                                                                        librosa.util.match_intervals
 *   err  SORI_EINVAL no intervals, NaN, an end before its beginning, one that meets none unless lenient
 *   cost O(n m) at worst. Of equal overlaps the first (librosa: in no certain order). lenient takes the nearest, as
 *        librosa's text says; its code (0.11) passes over the interval that follows next. */
SORI_API sori_array *sori_match_intervals(sori_ctx *c, const sori_array *intervals_from,
                                          const sori_array *intervals_to, const sori_match_config *config);

/* --- recurrence ------------------------------------------------------------------------------------------------ */

typedef enum sori_recurrence_mode {
    SORI_RECURRENCE_CONNECTIVITY = 0,   /* 1 for neighbours */
    SORI_RECURRENCE_DISTANCE,           /* how far apart neighbours are */
    SORI_RECURRENCE_AFFINITY            /* exp(-distance / bandwidth) */
} sori_recurrence_mode;

/* The bandwidth of a pair of frames, from the distances to their k nearest neighbours. */
typedef enum sori_bandwidth {
    SORI_BANDWIDTH_MED_K_SCALAR = 0,   /* one for all: the median distance to the k-th neighbour */
    SORI_BANDWIDTH_MEAN_K,             /* mean of both distances to the k-th neighbour */
    SORI_BANDWIDTH_GMEAN_K,            /* their geometric mean */
    SORI_BANDWIDTH_MEAN_K_AVG,         /* the same two of mean distances to the first k */
    SORI_BANDWIDTH_GMEAN_K_AVG,
    SORI_BANDWIDTH_MEAN_K_AVG_AND_PAIR /* mean of both, and of the pair's own distance */
} sori_bandwidth;

typedef struct sori_recurrence_config {
    int k;                       /* neighbours; 2 ceil(sqrt(frames - 2 width + 1)), for cross_similarity of frames */
    int width;                   /* 1: frames nearer in time than this are no neighbours */
    sori_metric metric;          /* SORI_METRIC_EUCLIDEAN */
    bool sym;                    /* only mutual neighbours */
    sori_recurrence_mode mode;   /* SORI_RECURRENCE_CONNECTIVITY */
    sori_bandwidth bandwidth;    /* SORI_BANDWIDTH_MED_K_SCALAR */
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
