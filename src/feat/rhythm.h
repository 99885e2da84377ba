/* feat/rhythm.h - what onsets, tempo and beats share: the envelope they are computed from, and its autocorrelation
 * frame by frame. Private to feat. */
#ifndef FEAT_RHYTHM_H
#define FEAT_RHYTHM_H

#include "feat/feat.h"
#include <sori/rhythm.h>

/* --- the onset envelope ---------------------------------------------------------------------------------------- */

/* A checked envelope, given or computed; its values belong to the innermost scope. */
typedef struct feat_envelope {
    const char *who;
    double sr;
    int hop;                 /* samples a frame */
    const float *x;          /* [channels][n] */
    size_t channels, n;      /* n >= 1 frames */
    int lead;                /* leading axes */
    size_t lead_shape[SORI_MAX_DIMS];
} feat_envelope;

/* What computes it from y, where it is not given. */
typedef struct feat_envelope_plan {
    const sori_array *given; /* [..., frames] f32, or NULL */
    int hop_length;          /* 0: 512 */
    sori_aggregate aggregate;
    bool exact;
} feat_envelope_plan;

/* False with the error recorded: no frames, NaN or infinity; as sori_onset_strength. */
bool feat_envelope_open(sori_ctx *c, feat_envelope *e, const char *who, sori_audio y, const feat_envelope_plan *plan);

/* A rate (0: 22050 Hz) and a hop (0: 512), for calls without a sound. */
bool feat_check_clock(sori_ctx *c, const char *who, double *sr, int *hop);

/* A result of the envelope's leading axes and up to two more: 0 is no axis. */
sori_array *feat_envelope_result(sori_ctx *c, const feat_envelope *e, sori_dtype dtype, size_t rows, size_t columns);

/* Events in frames, [k] i64, in the units wanted; frames may be changed in place. */
sori_array *feat_events(sori_ctx *c, sori_array *frames, sori_event_units units, const feat_envelope *e);

/* --- autocorrelation of 16 neighbouring frames ----------------------------------------------------------------- */

/* The envelope, padded, and the transform of its windows. Read-only once open: each thread brings scratch. */
typedef struct feat_lags {
    const num_kernels *k;
    num_fft *fft;            /* of n_fft >= 2 win - 1 points: no lag wraps around */
    size_t win, n_fft, bins; /* bins: n_fft / 2 + 1 */
    size_t channels, frames; /* of the result, a channel */
    void *x;                 /* [channels][stride] envelope, padded, in the precision of k */
    size_t stride;
    void *window;            /* [n_fft] as the FFT wants it, zeros from win on */
    uint32_t *offset;        /* [n_fft] */
    size_t at_power, at_spectrum, at_lags, scratch;   /* parts of a thread's scratch, bytes */
} feat_lags;

/* win_length etc. as in the config.   err SORI_EINVAL win_length < 1, too few frames uncentered, the window */
bool feat_lags_open(sori_ctx *c, feat_lags *l, const feat_envelope *e, const sori_tempogram_config *g);
void feat_lags_close(sori_ctx *c, feat_lags *l);

/* The power of frames [first, first + 16) of one channel, at scratch + at_power: [bins][16]. */
void feat_lags_power(const feat_lags *l, size_t channel, size_t first, char *scratch);

/* That power transformed back: n_fft times the autocorrelation, at scratch + at_lags: [n_fft][16], win of them used.
 * The scratch must have begun as zeros. */
void feat_lags_back(const feat_lags *l, char *scratch);

/* sori_tempogram of an envelope: [..., win, frames] f32. */
sori_array *feat_tempogram(sori_ctx *c, const feat_envelope *e, const sori_tempogram_config *g);

/* --- tempo ----------------------------------------------------------------------------------------------------- */

/* sori_tempo of a checked envelope, or of g->tg, for which the caller fills e (all but x) by feat_tempogram_shape. */
sori_array *feat_tempo(sori_ctx *c, const feat_envelope *e, const sori_tempo_config *g);

/* The channels and frames of a tempogram [..., lags, frames] f32, as an envelope without values; checks that tg is one,
 * finite and not empty, sr and hop. */
bool feat_tempogram_shape(sori_ctx *c, feat_envelope *e, const char *who, double sr, int hop, const sori_array *tg);

#endif
