/* emphasis.c - pre-emphasis lifts high frequencies by 6 dB an octave, de-emphasis takes that back.
 *
 *     pre   out[n] = y[n] - coef y[n-1]          state: -coef y[n-1]
 *     de    out[n] = y[n] + coef out[n-1]        state: coef out[n-1]
 *
 * The state is what is added to the next sample, as in scipy.signal.lfilter. Without one the sound is continued
 * before its beginning: librosa's pre-emphasis adds 2 y[0] - y[1] to the first sample; its de-emphasis is the inverse
 * of that, which is the state -((2 - coef) y[0] - y[1]) / (3 - coef). librosa.effects.preemphasis, deemphasis. */
#include "array/array.h"
#include "base/base.h"
#include "feat/feat.h"
#include <math.h>
#include <sori/fx.h>

#define PIECE ((size_t)1 << 18)   /* samples a thread lifts at a time, 1 MB */

typedef struct job {
    size_t n, pieces;         /* samples and pieces a channel */
    double coef;
    const float *y;
    float *out;
    double *state;            /* [channels] */
} job;

/* Every sample needs its neighbour alone, so pieces are independent. */
static void lift(void *arg, size_t i) {
    const job *j = arg;
    size_t channel = i / j->pieces, first = i % j->pieces * PIECE, end = BASE_MIN(first + PIECE, j->n);
    const float *y = j->y + channel * j->n;
    float *out = j->out + channel * j->n;
    if (first == 0) out[first++] = (float)((double)y[0] + j->state[channel]);
    for (size_t t = first; t < end; t++) out[t] = (float)((double)y[t] - j->coef * (double)y[t - 1]);
}

static void lift_all(sori_ctx *c, job *j, size_t channels) {
    base_parallel(c, channels * j->pieces, lift, j);
    for (size_t i = 0; i < channels; i++) j->state[i] = -j->coef * (double)j->y[(i + 1) * j->n - 1];
}

static void lower(void *arg, size_t i) {
    const job *j = arg;
    const float *y = j->y + i * j->n;
    float *out = j->out + i * j->n;
    double coef = j->coef, state = j->state[i];
    for (size_t t = 0; t < j->n; t++) {
        double v = (double)y[t] + state;
        out[t] = (float)v;
        state = coef * v;
    }
    j->state[i] = state;
}

/* --- state ------------------------------------------------------------------------------------------------------ */

static double straight(const float *y, size_t n, double coef, bool inverse) {
    double first = (double)y[0], second = n > 1 ? (double)y[1] : first;
    return inverse ? -((2 - coef) * first - second) / (3 - coef) : 2 * first - second;
}

static bool check_state(sori_ctx *c, const char *who, const sori_array *zi, const sori_array *y) {
    bool fits = array_is_real(zi) && zi->ndim == y->ndim;
    for (int i = 0; fits && i < y->ndim; i++) fits = zi->shape[i] == (i == y->ndim - 1 ? 1 : y->shape[i]);
    if (!fits) sori_fail(c, SORI_EINVAL, "%s: zi must be [..., 1], one real number a channel", who);
    for (size_t i = 0; fits && i < zi->size; i++)
        if (!isfinite(array_get(zi, i))) sori_fail(c, SORI_EINVAL, "%s: value %zu of zi is not finite", who, i);
    return !base_failed(c);
}

/* The states before the first sample, an array as zf. NULL on failure. */
static sori_array *first_state(sori_ctx *c, const sori_array *y, const sori_array *zi, const job *j, bool inverse) {
    feat_lines lines = { .axis = y->ndim - 1 };
    sori_array *z = feat_line_results(c, &lines, y, SORI_F64, 1);
    for (size_t i = 0; z && i < z->size; i++)
        ((double *)z->data)[i] = zi ? array_get(zi, i) : straight(j->y + i * j->n, j->n, j->coef, inverse);
    return z;
}

static sori_audio emphasis(sori_ctx *c, const char *who, sori_audio y, const sori_emphasis_config *config,
                           bool inverse) {
    sori_emphasis_config g = config ? *config : (sori_emphasis_config){ 0 };
    sori_audio out = { NULL, y.sr };
    job j = { .coef = feat_option(g.coef, 0.97, 0.97) };
    if (g.zf) *g.zf = NULL;
    if (base_failed(c) || !array_check(c, who, y.y, SORI_F32, 1)) return out;
    if (!isfinite(j.coef) || (inverse && !g.zi && j.coef == 3))
        sori_fail(c, SORI_EINVAL, "%s: coef %g is not possible", who, j.coef);
    else if (y.y->size == 0) sori_fail(c, SORI_EINVAL, "%s: the sound has no samples", who);
    if (base_failed(c) || !feat_check_finite(c, who, y.y->data, y.y->size)) return out;
    if (g.zi && !check_state(c, who, g.zi, y.y)) return out;
    int scope = sori_begin(c);
    j.n = y.y->shape[y.y->ndim - 1];
    j.y = y.y->data;
    sori_array *z = first_state(c, y.y, g.zi, &j, inverse);
    sori_array *result = z ? array_new_raw(c, SORI_F32, y.y->ndim, y.y->shape) : NULL;
    if (result) {
        j.out = result->data;
        j.state = z->data;
        j.pieces = (j.n + PIECE - 1) / PIECE;
        if (inverse) base_parallel(c, y.y->size / j.n, lower, &j);
        else lift_all(c, &j, y.y->size / j.n);
        if (g.zf) sori_keep(c, *g.zf = z);
    }
    out.y = sori_end(c, scope, result);
    return out;
}

sori_audio sori_preemphasis(sori_ctx *c, sori_audio y, const sori_emphasis_config *config) {
    return emphasis(c, "preemphasis", y, config, false);
}

sori_audio sori_deemphasis(sori_ctx *c, sori_audio y, const sori_emphasis_config *config) {
    return emphasis(c, "deemphasis", y, config, true);
}
