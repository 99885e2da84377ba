/* feat/feat.h - how features are computed: one pass over the sound in blocks of 16 frames, any number of features.
 *
 *     samples -> 16 frames side by side -> window, FFT -> S = |X|^power [bins][16] -> every feature's block()
 *
 * A feature is a feat_op, one constant in its own file, and one line in the table of table.c. It sees a feat_block at
 * a time and writes `stored` rows of results for its frames. A feature that must know the loudest value of the whole
 * sound first (decibels below the maximum) writes what it needs in block() and finishes in post(), which is called
 * with that maximum. It never sees where frames come from: a whole sound, a stream, or a spectrogram given as S=.
 *
 * Order of calls: open once; block for each block, on several threads at a time, each with scratch of its own;
 * post, likewise; close once. Frames are independent of each other, so stream = whole, bit for bit.
 * src/feat/mel.c is the example to imitate. */
#ifndef FEAT_FEAT_H
#define FEAT_FEAT_H

#include "array/array.h"
#include "base/base.h"
#include "num/num.h"
#include <sori/decompose.h>
#include <sori/feat.h>

typedef struct feat_op feat_op;

/* --- what comes in ------------------------------------------------------------------------------------------ */

/* Where frames come from, checked, with every default filled in. */
typedef struct feat_input {
    const char *who;            /* the caller's name, for messages: "mel" */
    double sr;                  /* Hz */
    size_t n_fft;               /* samples a frame */
    size_t win_length;          /* of them under the window */
    size_t bins;                /* 1 + n_fft / 2, or S's rows */
    size_t hop;                 /* samples from frame to frame */
    bool centered;              /* n_fft / 2 samples of padding on both sides */
    sori_pad_mode pad;          /* what the padding holds */
    bool exact;                 /* S and X hold double instead of float */
    double *window;             /* [n_fft], win_length centred in zeros; NULL: no spectrum is wanted */
    const float *y;             /* [channels][n], or NULL */
    const float *S;             /* [channels][bins][frames], instead of y */
    size_t channels, n, frames; /* n, frames are 0 in a stream: not yet known */
    int lead;                   /* leading axes of the result: [lead_shape..., rows, frames] */
    size_t lead_shape[SORI_MAX_DIMS];
} feat_input;

/* Check y (or S, a spectrogram, when not NULL) and the STFT's settings; hop_length 0 is librosa.feature's 512. False,
 * with the error recorded, if wrong.
 *   err  SORI_EINVAL as sori_stft; no samples; NaN or infinity; S of wrong dtype or rank */
bool feat_input_open(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_array *S,
                     const sori_stft_config *config);

/* The same for features of the samples themselves (rms, zcr): no window, no FFT. frame_length 0: 2048, hop 0: 512. */
bool feat_input_frames(sori_ctx *c, feat_input *in, const char *who, sori_audio y, int frame_length, int hop_length,
                       bool uncentered, sori_pad_mode pad);

/* librosa.stft's and istft's own default: hop_length = win_length / 4, win_length = n_fft. n_fft 0 is 2048. */
sori_stft_config feat_stft_defaults(const sori_stft_config *config);

/* The settings alone, for a sound that is yet to come: no window, nothing to close. */
bool feat_input_settings(sori_ctx *c, feat_input *in, const char *who, double sr, const sori_stft_config *config);

/* The window of checked settings: [n_fft], freed by base_free; NULL with the error recorded. */
double *feat_window(sori_ctx *c, const char *who, const sori_stft_config *config, size_t n_fft, size_t win_length);

void feat_input_close(sori_ctx *c, feat_input *in);

/* A new array, not zeroed: in's leading axes, then rows and columns, of which 0 is no axis. */
sori_array *feat_result(sori_ctx *c, const feat_input *in, sori_dtype dtype, size_t rows, size_t columns);

/* --- a feature in use --------------------------------------------------------------------------------------- */

typedef enum feat_domain {
    FEAT_S = 0,     /* block->S */
    FEAT_X,         /* block->X; cannot be computed from S= */
    FEAT_SAMPLES    /* block->y; cannot be computed from S= */
} feat_domain;

/* Filled by op->open; zero before. */
typedef struct feat_use {
    const feat_op *op;
    feat_domain domain;
    double power;           /* FEAT_S: the exponent of |X| it wants (2: power). S= is handed on as it is */
    sori_pad_mode pad;      /* FEAT_SAMPLES: its padding, whatever the STFT's */
    sori_dtype dtype;       /* of the result: SORI_F32 (0) or SORI_C64 */
    size_t rows;            /* rows of the result */
    size_t stored;          /* rows block() writes, f32; 0: there is no post(), they are the result */
    size_t peaks;           /* stored rows fall into so many equal parts, each with a maximum of its own; 0: 1 */
    size_t scratch;         /* bytes of 64-byte aligned scratch block() and post() get, per thread */
    const num_kernels *k;   /* set by the pipeline: kernels of the precision in use */
    double top_db;          /* for features in decibels: the floor below the loudest value; infinity: none */
    void *state;            /* the feature's own, from base_alloc; freed by base_free if op->close is NULL */
    size_t at, step;        /* the pipeline's own: where its S or X lies in scratch, bytes from block to block */
} feat_use;

/* 16 frames (NUM_LANES) side by side. Lanes from `frames` on hold finite values nobody reads. */
typedef struct feat_block {
    size_t frames;          /* lanes in use, 1 .. 16 */
    size_t channel, first;  /* lane 0 is this frame of this channel */
    size_t bins, n_fft, hop;
    bool exact;             /* S and X are double */
    const void *S;          /* [bins][16] |X|^power */
    const void *X;          /* [bins][2][16] real parts, then imaginary parts */
    const float *y;         /* sample i of frame m is y[m * hop + i] */
} feat_block;

/* One feature. */
struct feat_op {
    sori_feature_info info;

    /* Check what the feature is given by name and fill u (all but op, k). False with the error recorded. A public
     * function with a config of its own calls a static function that this one calls too. */
    bool (*open)(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config);

    /* Results of one block: value of row r, frame m to out[r * stride + m], m < b->frames. out is float, or float
     * pairs with dtype SORI_C64 (stride counts pairs). Cannot fail. NULL: the result is S, or X, itself; only from
     * sound. */
    void (*block)(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride);

    /* Final results of n <= 16 frames from what block() stored; peak [peaks] is the largest stored value of the whole
     * sound, over all channels. in [stored] rows, out [rows] rows. NULL if there is nothing to finish. */
    void (*post)(const feat_use *u, const float *peak, size_t n, const float *in, size_t in_stride, void *scratch,
                 float *out, size_t stride);

    /* Free u->state; NULL: base_free(state) will do. */
    void (*close)(sori_ctx *c, feat_use *u);
};

/* The table: every feature that has a name. */
const feat_op *feat_find(const char *name);

/* Row k of the block's S in double, whatever its precision: for features whose arithmetic is light. */
static inline void feat_row(const feat_block *b, size_t k, double row[NUM_LANES]) {
    const double *d = (const double *)b->S + k * NUM_LANES;
    const float *f = (const float *)b->S + k * NUM_LANES;
    for (int m = 0; m < NUM_LANES; m++) row[m] = b->exact ? d[m] : (double)f[m];
}

/* --- features of the whole sound ---------------------------------------------------------------------------- */

/* What the whole-sound features of one sori_extract have in common, made in its one pass or when first asked for. */
typedef struct feat_shared feat_shared;

typedef enum feat_need { FEAT_NEED_SOUND = 0, FEAT_NEED_MAGNITUDE, FEAT_NEED_POWER, FEAT_NEED_MEL_DB } feat_need;

/* A feature whose frames look at each other, so that no stream can give it: a row of whole.c's table. */
typedef struct feat_whole {
    sori_feature_info info;
    feat_need need;          /* what the pass should leave for it */
    sori_array *(*run)(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared);
} feat_whole;

const feat_whole *feat_whole_find(const char *name);
const feat_whole *feat_whole_at(size_t i);   /* NULL beyond the last */

/* The spectrogram the pass left; NULL where the feature must start from the sound (.exact). */
const sori_array *feat_shared_S(const feat_shared *s, feat_need need);

/* --- sums over frames of samples ----------------------------------------------------------------------------- */

/* Parts of `hop` samples that frames of a block share, so that each is added up once: n_fft / hop of them make a frame.
 * 1, the whole frame, where they do not share whole parts, or only tiny ones. */
static inline size_t feat_hops(size_t n_fft, size_t hop) { return hop >= 16 && n_fft % hop == 0 ? n_fft / hop : 1; }

/* --- what features share ------------------------------------------------------------------------------------ */

/* n values must be finite; magnitudes, and not negative either: the sentence names the first that is not. */
bool feat_check_finite(sori_ctx *c, const char *who, const float *x, size_t n);
bool feat_check_magnitude(sori_ctx *c, const char *who, const float *x, size_t n);
bool feat_are_magnitudes(sori_ctx *c, const float *x, size_t n);   /* feat_check_magnitude that says nothing */

/* sori_hpss for callers who say who they are; a part whose pointer is NULL is not computed. False on failure. */
bool feat_hpss(sori_ctx *c, const char *who, const sori_array *S, const sori_hpss_config *config,
               sori_array **harmonic, sori_array **percussive);

/* The aggregate asked for, `usual` by default. known: bits 1 << SORI_AGGREGATE_...; another is SORI_EINVAL. */
sori_aggregate feat_aggregate(sori_ctx *c, const char *who, sori_aggregate asked, sori_aggregate usual,
                              unsigned known);
#define FEAT_AGGREGATE(name) (1u << SORI_AGGREGATE_##name)

/* An option's number: `usual` left alone, `none` for SORI_NONE. */
static inline double feat_option(sori_opt o, double usual, double none) {
    return o.mode == 0 ? usual : o.mode == 1 ? o.value : none;
}

/* A sampling rate: 22050 Hz for 0.   err SORI_EINVAL not positive, or infinite */
bool feat_check_rate(sori_ctx *c, const char *who, double *sr);

/* The window of that name (NULL: "hann"), n samples into out; periodic unless symmetric.   err as sori_window */
bool feat_named_window(sori_ctx *c, const char *who, const char *name, size_t n, bool symmetric, double *out);

/* power must be positive and finite. */
bool feat_check_power(sori_ctx *c, const char *who, double power);

/* A top_db option: 80 by default, infinity for none.   err SORI_EINVAL below 0 */
bool feat_top_db(sori_ctx *c, const char *who, sori_opt top_db, double *out);

/* For a feature whose block() writes power in u->rows rows: have post() = feat_post_db turn it into decibels. */
bool feat_want_db(sori_ctx *c, feat_use *u, const feat_input *in, sori_opt top_db);
void feat_post_db(const feat_use *u, const float *peak, size_t n, const float *in, size_t in_stride, void *scratch,
                  float *out, size_t stride);

/* Whether block() may write to the result itself, which post() then turns into decibels in place. */
static inline bool feat_in_place(const feat_use *u) {
    return !u->stored || (u->op->post == feat_post_db && u->stored == u->rows && u->dtype == SORI_F32);
}

/* The arithmetic of it: `rows` rows of power to decibels, floored at u->top_db below peak, db [rows][16]. */
void feat_decibel(const feat_use *u, size_t rows, float peak, size_t n, const float *in, size_t in_stride, void *db);

/* --- arrays that are no frames ------------------------------------------------------------------------------- */

/* An array as outer * inner lines of n values along one axis: value t of line i is
 * data[(i / inner * n + t) * inner + i % inner]. */
typedef struct feat_lines {
    int axis;
    size_t outer, n, inner;
} feat_lines;

/* axis: an option whose default is `usual`; negative ones count from the end.   err SORI_EINVAL no such axis */
bool feat_lines_open(sori_ctx *c, const char *who, const sori_array *a, sori_opt axis, int usual, feat_lines *lines);

/* Line i of a, together in line [n]. */
void feat_line_read(const feat_lines *lines, const float *a, size_t i, float *line);

/* A new array of a's shape, but n long along the axis. */
sori_array *feat_line_results(sori_ctx *c, const feat_lines *lines, const sori_array *a, sori_dtype dtype, size_t n);

/* --- norms and medians (norm.c, normalize.c, median.c) --------------------------------------------------------- */

/* librosa.util.normalize's norm as one number; NAN is None, infinity the largest magnitude, 0 how many are not 0. */
bool feat_take_norm(sori_ctx *c, const char *who, sori_opt norm, double usual, double *out);

/* The norms of n columns x[r * stride + m], r < rows, and of one line of n values. norm is not NAN. */
void feat_norms(double norm, size_t rows, size_t stride, size_t n, const float *x, double *length);
double feat_norm_line(double norm, size_t n, const float *x);

/* What n magnitudes are divided by; 1 where they are as good as zero (below `tiny`). */
double feat_norm(double norm, size_t n, const double *magnitude, double tiny);

/* Columns m < n of x[r * stride + m], r < rows, to that norm along the rows, in place; and lines of an array, on all
 * threads; out may be in. Those of norms below the least normal float stay. */
void feat_normalize_columns(double norm, size_t rows, size_t stride, size_t n, float *x);
void feat_normalize_lines(sori_ctx *c, double norm, const feat_lines *lines, const float *in, float *out);

/* Value k < n of the sorted values, and numpy.median of n >= 1; they are moved about, x[k] to its place, smaller ones
 * in front of it.   cost O(n) */
double feat_select(double *x, size_t n, size_t k);
double feat_median(double *x, size_t n);

/* librosa.effects.time_stretch: [..., n] -> [..., round(n / rate)], by the phase vocoder. hop_length 0 is a quarter of
 * the window.   err SORI_EINVAL rate not above 0, no sample left; as sori_stft */
sori_audio feat_time_stretch(sori_ctx *c, const char *who, sori_audio y, double rate, const sori_stft_config *config);

/* --- running ------------------------------------------------------------------------------------------------ */

/* Compute one feature (or n of them in one pass, results in out) and close u and in, whatever happened before:
 *
 *     feat_input in;
 *     feat_use u = { .op = &feat_mel };
 *     if (feat_input_open(c, &in, "mel", y, g->S, &g->stft)) mel_open(c, &u, &in, g);
 *     return feat_run(c, &in, &u);
 */
sori_array *feat_run(sori_ctx *c, feat_input *in, feat_use *u);
sori_status feat_run_many(sori_ctx *c, feat_input *in, feat_use *u, size_t n, sori_array **out);

#endif
