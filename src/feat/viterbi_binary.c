/* viterbi_binary.c - on or off: a Viterbi decoder of two states for each row.   librosa.sequence.viterbi_binary
 *
 * A row's log probabilities of being seen off and on are log(1 - p) and log p, less those of being off and on at all
 * (p_state). Rows are decoded in parallel. */
#include "feat/viterbi.h"
#include <float.h>
#include <math.h>
#include <string.h>

typedef struct rows {
    const sori_array *prob, *transition, *p_init, *p_state;
    size_t n, steps;
    uint8_t *from;           /* [rows][steps] bit j: where state j comes from */
    int64_t *states;
    double *logp;
} rows;

static double log_of(double p) { return log(p + DBL_MIN); }

/* log of being off (j = 0) or on, from the probability of being on. */
static double log_state(const sori_array *p, size_t i, int j) {
    double on = p ? array_get(p, i) : 0.5;
    return log_of(j ? on : 1 - on);
}

/* 1 - p in prob's own precision, as numpy. */
static double seen(const rows *r, size_t i, int j) {
    double p = array_get(r->prob, i), off = r->prob->dtype == SORI_F32 ? (double)(1 - (float)p) : 1 - p;
    return log_of(j ? p : off);
}

static void decode_row(void *arg, size_t row) {
    const rows *r = arg;
    size_t state_of = row % r->n, at = row * r->steps, matrix = r->transition->ndim == 3 ? 4 * state_of : 0;
    double move[2][2], marginal[2], value[2], next[2];
    for (int j = 0; j < 2; j++) {
        marginal[j] = log_state(r->p_state, state_of, j);
        value[j] = seen(r, at, j) - marginal[j] + log_state(r->p_init, state_of, j);
        for (int i = 0; i < 2; i++) move[i][j] = log_of(array_get(r->transition, matrix + (size_t)(2 * i + j)));
    }
    for (size_t t = 1; t < r->steps; t++) {
        uint8_t from = 0;
        for (int j = 0; j < 2; j++) {
            double off = value[0] + move[0][j], on = value[1] + move[1][j];
            from |= (uint8_t)((on > off) << j);
            next[j] = seen(r, at + t, j) - marginal[j] + (on > off ? on : off);
        }
        r->from[at + t] = from;
        memcpy(value, next, sizeof value);
    }
    int state = value[1] > value[0];
    r->logp[row] = value[state];
    for (size_t t = r->steps; t > 0; t--) {
        r->states[at + t - 1] = state;
        if (t > 1) state = r->from[at + t - 1] >> state & 1;
    }
}

static bool check_marginal(sori_ctx *c, const char *who, const char *what, const sori_array *p, size_t n) {
    if (!p) return true;
    if (!feat_viterbi_real(c, who, what, p) || !feat_viterbi_probabilities(c, who, what, p)) return false;
    if (p->ndim == 1 && p->size == n) return true;
    sori_fail(c, SORI_EINVAL, "%s: %s must be %zu probabilities, one a state", who, what, n);
    return false;
}

static bool check(sori_ctx *c, const char *who, const rows *r) {
    const sori_array *t = r->transition;
    bool one = t->ndim == 2 && t->shape[0] == 2 && t->shape[1] == 2;
    bool each = t->ndim == 3 && t->shape[0] == r->n && t->shape[1] == 2 && t->shape[2] == 2;
    if (r->prob->ndim < 1 || r->n == 0 || r->steps == 0)
        sori_fail(c, SORI_EINVAL, "%s: prob must be [..., states, steps], at least one of each", who);
    else if (!one && !each) sori_fail(c, SORI_EINVAL, "%s: transition must be [2, 2] or [%zu, 2, 2]", who, r->n);
    return !base_failed(c) && feat_viterbi_rows(c, who, t) && feat_viterbi_probabilities(c, who, "prob", r->prob)
        && check_marginal(c, who, "p_init", r->p_init, r->n) && check_marginal(c, who, "p_state", r->p_state, r->n);
}

static sori_viterbi_result run(sori_ctx *c, rows *r) {
    size_t shape[SORI_MAX_DIMS] = { 1 };
    int ndim = BASE_MAX(r->prob->ndim, 2);
    memcpy(shape + (r->prob->ndim == 1), r->prob->shape, (size_t)r->prob->ndim * sizeof *shape);
    sori_viterbi_result out = { array_new_raw(c, SORI_I64, ndim, shape), array_new_raw(c, SORI_F64, ndim - 1, shape) };
    r->from = base_alloc_raw(c, r->prob->size, sizeof *r->from);
    if (out.states && out.logp && r->from) {
        r->states = out.states->data;
        r->logp = out.logp->data;
        base_parallel(c, r->prob->size / r->steps, decode_row, r);
    }
    base_free(c, r->from);
    return out;
}

sori_viterbi_result sori_viterbi_binary(sori_ctx *c, const sori_array *prob, const sori_array *transition,
                                        const sori_viterbi_config *config) {
    static const char who[] = "viterbi_binary";
    sori_viterbi_result r = { NULL, NULL };
    rows d = { .prob = prob, .transition = transition };
    int scope = sori_begin(c);
    if (config) d.p_init = config->p_init, d.p_state = config->p_state;
    if (feat_viterbi_real(c, who, "prob", prob) && feat_viterbi_real(c, who, "transition", transition)) {
        d.steps = prob->ndim > 0 ? prob->shape[prob->ndim - 1] : 0;
        d.n = prob->ndim > 1 ? prob->shape[prob->ndim - 2] : 1;
        if (check(c, who, &d)) r = run(c, &d);
    }
    return feat_viterbi_done(c, scope, r);
}
