/* viterbi.c - the most probable sequence of states of a hidden Markov model.
 *
 * value[j], the log probability of the best path that ends in state j, is carried from step to step: the best over i of
 * value[i] + log transition[i][j], plus what is seen in j; and for each j that i is kept. From the best last state they
 * lead back to the first. Targets are taken 64 at a time, in vectors, over the sources from which any of them can be
 * reached. A transition of probability 0 costs log of the smallest number, as in librosa; of those only the one from
 * the best state of all can win, so outside the sources' range that one alone is compared. That is exact, to the bit.
 *
 * Viterbi, IEEE Trans. Information Theory 13, 1967.   librosa.sequence.viterbi, viterbi_discriminative */
#include "feat/viterbi.h"
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define BLOCK 64        /* targets */
#define TILE 16         /* steps whose logarithms are taken at once: prob is read along its rows */

/* --- the gate ------------------------------------------------------------------------------------------------ */

bool feat_viterbi_real(sori_ctx *c, const char *who, const char *what, const sori_array *a) {
    if (base_failed(c)) return false;
    if (array_is_real(a)) return true;
    sori_fail(c, SORI_EINVAL, "%s: %s must be an array of float32 or float64", who, what);
    return false;
}

bool feat_viterbi_probabilities(sori_ctx *c, const char *who, const char *what, const sori_array *a) {
    for (size_t i = 0; i < a->size; i++) {
        double p = array_get(a, i);
        if (p >= 0 && p <= 1) continue;
        sori_fail(c, SORI_EINVAL, "%s: value %zu of %s, %g, is not within 0 to 1", who, i, what, p);
        return false;
    }
    return true;
}

/* n values from `first` on, `step` apart, have sum 1 (numpy.allclose). */
static bool sums_to_one(const sori_array *a, size_t first, size_t step, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += array_get(a, first + i * step);
    return fabs(sum - 1) <= 1e-8 + 1e-5;
}

bool feat_viterbi_rows(sori_ctx *c, const char *who, const sori_array *transition) {
    size_t n = transition->shape[transition->ndim - 1];
    if (!feat_viterbi_probabilities(c, who, "transition", transition)) return false;
    for (size_t i = 0; i < transition->size; i += n) {
        if (sums_to_one(transition, i, 1, n)) continue;
        sori_fail(c, SORI_EINVAL, "%s: row %zu of transition has not sum 1", who, i / n);
        return false;
    }
    return true;
}

static bool check_distribution(sori_ctx *c, const char *who, const char *what, const sori_array *p, size_t n) {
    if (!p) return true;
    if (!feat_viterbi_real(c, who, what, p) || !feat_viterbi_probabilities(c, who, what, p)) return false;
    if (p->ndim == 1 && p->size == n && sums_to_one(p, 0, 1, n)) return true;
    sori_fail(c, SORI_EINVAL, "%s: %s must be %zu probabilities of sum 1", who, what, n);
    return false;
}

static bool check_columns(sori_ctx *c, const char *who, const sori_array *prob, size_t n, size_t steps) {
    for (size_t i = 0; i < prob->size / n; i++) {
        if (sums_to_one(prob, i / steps * n * steps + i % steps, steps, n)) continue;
        sori_fail(c, SORI_EINVAL, "%s: column %zu of prob has not sum 1", who, i % steps);
        return false;
    }
    return true;
}

static bool check_sizes(sori_ctx *c, const char *who, const sori_array *prob, const sori_array *transition) {
    if (!feat_viterbi_real(c, who, "prob", prob) || !feat_viterbi_real(c, who, "transition", transition)) return false;
    size_t n = prob->ndim >= 2 ? prob->shape[prob->ndim - 2] : 0;
    if (n == 0 || prob->shape[prob->ndim - 1] == 0)
        sori_fail(c, SORI_EINVAL, "%s: prob must be [..., states, steps], at least one of each", who);
    else if (n > 65535) sori_fail(c, SORI_EINVAL, "%s: %zu states (at most 65535)", who, n);
    else if (transition->ndim != 2 || transition->shape[0] != n || transition->shape[1] != n)
        sori_fail(c, SORI_EINVAL, "%s: transition must be [%zu, %zu], as prob has %zu states", who, n, n, n);
    return !base_failed(c);
}

/* --- the model ---------------------------------------------------------------------------------------------- */

typedef struct model {
    const num_kernels *k;        /* in double */
    const sori_array *prob;
    size_t n, padded, steps, channels;
    double tiny, log_tiny;       /* what zero counts as: of prob's dtype */
    double *matrix;              /* [n][padded] log transition; -infinity in the padding */
    double *init, *marginal;     /* [n] log p_init; log p_state, or NULL */
    uint32_t *first, *end;       /* [padded / BLOCK] sources of a block of targets */
    int64_t *states;             /* [channels][steps] */
    double *logp;                /* [channels] */
    char *memory;                /* [workers][memory_size] */
    size_t memory_size;
    atomic_size_t next;
} model;

static void take_logs(const model *m, const sori_array *p, double *out) {
    for (size_t i = 0; i < m->n; i++) out[i] = log((p ? array_get(p, i) : 1 / (double)m->n) + m->tiny);
}

static void fill_matrix(const model *m, const sori_array *transition) {
    for (size_t b = 0; b < m->padded / BLOCK; b++) m->first[b] = (uint32_t)m->n;
    for (size_t i = 0; i < m->n; i++)
        for (size_t j = 0; j < m->padded; j++) {
            double p = j < m->n ? array_get(transition, i * m->n + j) : 0;
            m->matrix[i * m->padded + j] = j < m->n ? log(p + m->tiny) : -INFINITY;
            if (p == 0) continue;
            m->first[j / BLOCK] = BASE_MIN(m->first[j / BLOCK], (uint32_t)i);
            m->end[j / BLOCK] = (uint32_t)i + 1;
        }
}

static bool model_open(sori_ctx *c, model *m, const sori_array *transition, const sori_viterbi_config *g, bool given) {
    size_t matrix = 0, pointers = 0;
    if (base_mul_overflows(m->n, m->padded, &matrix)) matrix = SIZE_MAX;
    m->matrix = base_alloc_raw(c, matrix, sizeof *m->matrix);
    m->init = base_alloc_raw(c, m->n, sizeof *m->init);
    m->marginal = given ? base_alloc_raw(c, m->n, sizeof *m->marginal) : NULL;
    m->first = base_alloc(c, m->padded / BLOCK, sizeof *m->first);
    m->end = base_alloc(c, m->padded / BLOCK, sizeof *m->end);
    if (!m->matrix || !m->init || (given && !m->marginal) || !m->first || !m->end) return false;
    fill_matrix(m, transition);
    take_logs(m, g->p_init, m->init);
    if (given) take_logs(m, g->p_state, m->marginal);
    size_t fixed = (2 + TILE) * m->padded * sizeof(double);
    if (base_mul_overflows(m->steps, m->padded * sizeof(uint16_t), &pointers)
        || base_add_overflows(fixed, pointers, &m->memory_size)) m->memory_size = SIZE_MAX;
    m->memory = base_alloc_raw(c, BASE_MAX(BASE_MIN((size_t)sori_threads(c), m->channels), 1), m->memory_size);
    return m->memory != NULL;
}

static void model_close(sori_ctx *c, model *m) {
    base_free(c, m->matrix);
    base_free(c, m->init);
    base_free(c, m->marginal);
    base_free(c, m->first);
    base_free(c, m->end);
    base_free(c, m->memory);
}

/* --- one channel --------------------------------------------------------------------------------------------- */

/* What is seen at `count` steps: seen [TILE][padded]. librosa takes float32's logarithm in float32. */
static void look(const model *m, size_t channel, size_t t, size_t count, double *seen) {
    for (size_t s = 0; s < m->n; s++)
        for (size_t i = 0; i < count; i++) {
            double p = array_get(m->prob, (channel * m->n + s) * m->steps + t + i) + m->tiny;
            double value = m->prob->dtype == SORI_F32 ? (double)(float)log((double)(float)p) : log(p);
            seen[i * m->padded + s] = m->marginal ? value - m->marginal[s] : value;
        }
}

/* The first of the largest values. */
static size_t best_state(const double *value, size_t n) {
    size_t at = 0;
    for (size_t j = 1; j < n; j++)
        if (value[j] > value[at]) at = j;
    return at;
}

static void step(const model *m, const double *value, const double *seen, double *next, uint16_t *from) {
    size_t most = best_state(value, m->n);
    double jump = value[most] + m->log_tiny;
    for (size_t b = 0; b < m->padded / BLOCK; b++) {
        size_t first = m->first[b], end = BASE_MAX(m->end[b], first), at = b * BLOCK;
        m->k->best_source(BLOCK, end - first, value + first, m->matrix + first * m->padded + at, m->padded, next + at,
                          from + at);
        for (size_t j = at; j < BASE_MIN(at + BLOCK, m->n); j++) {
            size_t source = first + from[j];
            bool jumps = (most < first || most >= end) && (jump > next[j] || (jump == next[j] && most < source));
            from[j] = (uint16_t)(jumps ? most : source);
            next[j] = (jumps ? jump : next[j]) + seen[j];
        }
    }
}

static void decode(const model *m, size_t channel, char *memory) {
    double *value = (double *)memory, *next = value + m->padded, *seen = next + m->padded;
    uint16_t *from = (uint16_t *)(seen + TILE * m->padded);
    int64_t *states = m->states + channel * m->steps;
    for (size_t t = 0; t < m->steps; t++) {
        if (t % TILE == 0) look(m, channel, t, BASE_MIN(m->steps - t, TILE), seen);
        const double *now = seen + t % TILE * m->padded;
        if (t > 0) step(m, value, now, next, from + t * m->padded);
        for (size_t j = 0; j < m->n; j++) value[j] = t > 0 ? next[j] : now[j] + m->init[j];
    }
    size_t state = best_state(value, m->n);
    m->logp[channel] = value[state];
    for (size_t t = m->steps - 1;; t--) {
        states[t] = (int64_t)state;
        if (t == 0) break;
        state = from[t * m->padded + state];
    }
}

static void worker(void *arg, size_t w) {
    model *m = arg;
    for (size_t i; (i = atomic_fetch_add(&m->next, 1)) < m->channels;) decode(m, i, m->memory + w * m->memory_size);
}

/* --- all of it ----------------------------------------------------------------------------------------------- */

/* states: prob's shape without its states; logp: without its steps, too. */
static bool make_results(sori_ctx *c, const sori_array *prob, sori_viterbi_result *r) {
    int lead = prob->ndim - 2;
    r->states = array_new_lead(c, SORI_I64, lead, prob->shape, 1, &prob->shape[lead + 1]);
    r->logp = array_new_raw(c, SORI_F64, lead, prob->shape);
    return r->states && r->logp;
}

sori_viterbi_result feat_viterbi_done(sori_ctx *c, int scope, sori_viterbi_result r) {
    if (base_failed(c)) r = (sori_viterbi_result){ NULL, NULL };
    else {
        sori_keep(c, r.states);
        sori_keep(c, r.logp);
    }
    sori_end(c, scope, NULL);
    return r;
}

static sori_viterbi_result run(sori_ctx *c, const sori_array *prob, const sori_array *transition,
                               const sori_viterbi_config *g, bool given) {
    sori_viterbi_result r = { NULL, NULL };
    size_t n = prob->shape[prob->ndim - 2], steps = prob->shape[prob->ndim - 1];
    model m = { .k = num_kernels_find(NULL, true), .prob = prob, .n = n, .steps = steps,
                .padded = (n + BLOCK - 1) / BLOCK * BLOCK, .channels = prob->size / (n * steps),
                .tiny = prob->dtype == SORI_F32 ? (double)FLT_MIN : DBL_MIN };
    m.log_tiny = log(m.tiny);
    if (make_results(c, prob, &r) && model_open(c, &m, transition, g, given) && !base_interrupted(c)) {
        m.states = r.states->data;
        m.logp = r.logp->data;
        base_parallel(c, BASE_MAX(BASE_MIN((size_t)sori_threads(c), m.channels), 1), worker, &m);
    }
    model_close(c, &m);
    return r;
}

static const sori_viterbi_config defaults;

sori_viterbi_result sori_viterbi(sori_ctx *c, const sori_array *prob, const sori_array *transition,
                                 const sori_viterbi_config *config) {
    const sori_viterbi_config *g = config ? config : &defaults;
    sori_viterbi_result r = { NULL, NULL };
    int scope = sori_begin(c);
    if (check_sizes(c, "viterbi", prob, transition) && feat_viterbi_rows(c, "viterbi", transition)
        && feat_viterbi_probabilities(c, "viterbi", "prob", prob)
        && check_distribution(c, "viterbi", "p_init", g->p_init, transition->shape[0]))
        r = run(c, prob, transition, g, false);
    return feat_viterbi_done(c, scope, r);
}

sori_viterbi_result sori_viterbi_discriminative(sori_ctx *c, const sori_array *prob, const sori_array *transition,
                                                const sori_viterbi_config *config) {
    static const char who[] = "viterbi_discriminative";
    const sori_viterbi_config *g = config ? config : &defaults;
    sori_viterbi_result r = { NULL, NULL };
    int scope = sori_begin(c);
    if (check_sizes(c, who, prob, transition) && feat_viterbi_rows(c, who, transition)
        && feat_viterbi_probabilities(c, who, "prob", prob)
        && check_columns(c, who, prob, transition->shape[0], prob->shape[prob->ndim - 1])
        && check_distribution(c, who, "p_init", g->p_init, transition->shape[0])
        && check_distribution(c, who, "p_state", g->p_state, transition->shape[0]))
        r = run(c, prob, transition, g, true);
    return feat_viterbi_done(c, scope, r);
}
