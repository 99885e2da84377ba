/* dtw_path.c - the steps of dynamic time warping, and the way back along them. librosa.sequence.dtw_backtracking. */
#include "feat/dtw.h"
#include <math.h>

enum { DEFAULTS = 3, MOST_STEPS = 256 - DEFAULTS };

static void set_step(dtw_steps *s, size_t k, int down, int across) {
    s->size[k][0] = down;
    s->size[k][1] = across;
    s->add[k] = 0;
    s->mul[k] = 1;
    s->reach = BASE_MAX(s->reach, (size_t)down);
}

static bool check_step(sori_ctx *c, const char *who, int down, int across) {
    const int most = 1 << 20;
    if (down < 0 || across < 0 || (down == 0 && across == 0) || down > most || across > most)
        sori_fail(c, SORI_EINVAL, "%s: (%d, %d) is not a step forward", who, down, across);
    return !base_failed(c);
}

/* A weight may be infinite: that step is never taken. */
static bool set_weights(sori_ctx *c, const char *who, dtw_steps *s, const double *add, const double *mul) {
    for (size_t k = s->first; k < s->n; k++) {
        if (add) s->add[k] = add[k - s->first];
        if (mul) s->mul[k] = mul[k - s->first];
        s->plain = s->plain && s->add[k] == 0 && s->mul[k] == 1;
        if (!isnan(s->add[k]) && !isnan(s->mul[k])) continue;
        sori_fail(c, SORI_EINVAL, "%s: a weight of step %zu is NaN", who, k - s->first);
        return false;
    }
    return true;
}

bool feat_dtw_steps(sori_ctx *c, const char *who, const int (*sigma)[2], size_t n, const double *add, const double *mul,
                    dtw_steps *s) {
    s->reach = 0;
    set_step(s, 0, 1, 1);
    set_step(s, 1, 0, 1);
    set_step(s, 2, 1, 0);
    s->first = sigma ? DEFAULTS : 0;
    s->n = DEFAULTS + (sigma ? n : 0);
    s->plain = !sigma;
    if (base_failed(c)) return false;
    if (sigma ? n < 1 || n > MOST_STEPS : n != 0 && n != DEFAULTS) {
        sori_fail(c, SORI_EINVAL, "%s: %zu steps, with step_sizes_sigma %s", who, n,
                  sigma ? "not within 1 .. 253" : "missing");
        return false;
    }
    for (size_t k = s->first; k < s->n && sigma; k++) {
        const int *step = sigma[k - s->first];
        if (!check_step(c, who, step[0], step[1])) return false;
        set_step(s, k, step[0], step[1]);
    }
    return set_weights(c, who, s, add, mul);
}

/* --- the way back --------------------------------------------------------------------------------------------- */

typedef struct walk {
    const dtw_steps *s;
    const void *steps;
    bool wide, subseq;
    size_t columns;
    ptrdiff_t i, j;          /* the cell */
} walk;

/* One step back; false at the beginning, or where a step would leave the matrix. *number: the step's. */
static bool back(walk *w, int32_t *number) {
    size_t at = (size_t)w->i * w->columns + (size_t)w->j;
    if (w->subseq ? w->i == 0 : w->i == 0 && w->j == 0) return false;
    *number = w->wide ? ((const int32_t *)w->steps)[at] : ((const uint8_t *)w->steps)[at];
    if (*number < 0 || (size_t)*number >= w->s->n) return false;
    w->i -= w->s->size[*number][0];
    w->j -= w->s->size[*number][1];
    return w->i >= 0 && w->j >= 0;
}

static void put(int64_t *path, size_t k, const walk *w, bool flip) {
    path[2 * k + flip] = w->i;
    path[2 * k + !flip] = w->j;
}

/* The walk is made twice: to count, and to write. */
sori_array *feat_dtw_path(sori_ctx *c, const dtw_steps *s, const void *steps, bool wide, const size_t shape[2],
                          bool subseq, size_t start, bool flip) {
    walk from = { s, steps, wide, subseq, shape[1], (ptrdiff_t)shape[0] - 1, (ptrdiff_t)start }, w = from;
    size_t n = 1;
    int32_t number = 0;
    while (back(&w, &number)) n++;
    if (number < 0 || (size_t)number >= s->n) {
        sori_fail(c, SORI_EINVAL, "dtw_backtracking: there is no step %d", (int)number);
        return NULL;
    }
    if (!wide && !subseq && (w.i != 0 || w.j != 0)) {
        sori_fail(c, SORI_EINVAL, "dtw: the path does not begin at the first cell; subseq allows that");
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_I64, 2, (size_t[]){ n, 2 });
    if (!out) return NULL;
    w = from;
    put(out->data, 0, &w, flip);
    for (size_t k = 1; k < n && back(&w, &number); k++) put(out->data, k, &w, flip);
    return out;
}

static bool check_backtracking(sori_ctx *c, const sori_array *steps, const sori_dtw_backtracking_config *g) {
    if (!array_check(c, "dtw_backtracking", steps, SORI_I32, 2)) return false;
    if (steps->ndim != 2 || steps->size == 0)
        sori_fail(c, SORI_EINVAL, "dtw_backtracking: steps must have two axes and values");
    else if (g->start.mode == 1 && !g->subseq)
        sori_fail(c, SORI_EINVAL, "dtw_backtracking: start is only for subseq");
    else if (g->start.mode == 1 && !(g->start.value >= 0 && g->start.value < (double)steps->shape[1]))
        sori_fail(c, SORI_EINVAL, "dtw_backtracking: start %g is outside the %zu columns", g->start.value,
                  steps->shape[1]);
    return !base_failed(c);
}

sori_array *sori_dtw_backtracking(sori_ctx *c, const sori_array *steps, const sori_dtw_backtracking_config *config) {
    static const sori_dtw_backtracking_config defaults;
    const sori_dtw_backtracking_config *g = config ? config : &defaults;
    dtw_steps s;
    if (base_failed(c) || !check_backtracking(c, steps, g)
        || !feat_dtw_steps(c, "dtw_backtracking", g->step_sizes_sigma, g->n_steps, NULL, NULL, &s)) return NULL;
    size_t start = g->start.mode == 1 ? (size_t)g->start.value : steps->shape[1] - 1;
    return feat_dtw_path(c, &s, steps->data, true, steps->shape, g->subseq, start, false);
}
