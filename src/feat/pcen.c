/* pcen.c - per-channel energy normalisation: every band divided by a running mean of itself, then compressed.
 *
 * The mean is a filter of one pole along time, mean = (1 - b) mean + b S, with b such that its squared response is half
 * as high after time_constant: b = (sqrt(1 + 4 T^2) - 1) / (2 T^2), T the time constant in frames. A recursion is slow
 * along time, so 16 bands lie side by side in the lanes of a vector and take their steps together: pieces of 64 frames
 * are transposed, filtered and compressed by the kernel, and transposed back, all in the first cache. The state is
 * double and frames do not meet but in it, so blocks give the bits of the whole.
 *
 * librosa.pcen, which starts the filter as if it had seen ones for ever. Wang et al., "Trainable frontend for robust
 * and far-field keyword spotting", ICASSP 2017; Lostanlen et al., "Per-channel energy normalization: why and how",
 * IEEE Signal Processing Letters 26, 2019. */
#include "feat/feat.h"
#include <math.h>
#include <sori/level.h>
#include <string.h>

#define PIECE NUM_PCEN_FRAMES

typedef struct job {
    num_pcen p;
    const num_kernels *k, *floats;   /* of the precision; for transposing results */
    feat_lines lines;
    size_t groups;            /* of 16 lines in each outer part */
    const float *S, *ref;
    double *state;            /* [outer * inner] */
    float *out;
} job;

/* --- the reference ---------------------------------------------------------------------------------------------- */

typedef struct widening {
    feat_lines lines;
    size_t size;
    const float *S;
    float *out;
} widening;

/* Rows of one outer part, each the largest of those around it: row t of [t - size / 2, t - size / 2 + size). Beyond the
 * ends SciPy reflects, which brings nothing that is not in reach anyway. */
static void widen(void *arg, size_t o) {
    const widening *w = arg;
    size_t n = w->lines.n, inner = w->lines.inner, before = w->size / 2, after = w->size - 1 - before;
    for (size_t t = 0; t < n; t++) {
        float *row = w->out + (o * n + t) * inner;
        size_t first = t < before ? 0 : t - before, last = BASE_MIN(t + after, n - 1);
        memcpy(row, w->S + (o * n + first) * inner, inner * sizeof *row);
        for (size_t s = first + 1; s <= last; s++) {
            const float *other = w->S + (o * n + s) * inner;
            for (size_t i = 0; i < inner; i++) row[i] = other[i] > row[i] ? other[i] : row[i];
        }
    }
}

/* S, or its maximum filter in memory of its own. NULL on failure. */
static float *widened(sori_ctx *c, const sori_array *S, const sori_pcen_config *g, const feat_lines *time) {
    widening w = { .size = (size_t)g->max_size, .S = S->data };
    int usual = time->axis == 0 ? 1 : 0;
    if (S->ndim == 1) sori_fail(c, SORI_EINVAL, "pcen: max_size %d needs two axes", g->max_size);
    else if (S->ndim > 2 && g->max_axis.mode != 1)
        sori_fail(c, SORI_EINVAL, "pcen: max_size %d of %d axes needs max_axis", g->max_size, S->ndim);
    if (base_failed(c) || !feat_lines_open(c, "pcen", S, g->max_axis, usual, &w.lines)) return NULL;
    w.out = base_alloc_raw(c, S->size, sizeof *w.out);
    if (w.out) base_parallel(c, w.lines.outer, widen, &w);
    return w.out;
}

/* --- 16 lines --------------------------------------------------------------------------------------------------- */

/* Frames [t, t + n) of `lanes` neighbouring lines, the first of which begins at x, to rows of 16. */
static void gather(const job *j, const float *x, size_t t, size_t n, size_t lanes, float *rows) {
    if (lanes < NUM_LANES) memset(rows, 0, n * NUM_LANES * sizeof *rows);
    if (j->lines.inner == 1) j->floats->transpose(n, lanes, j->lines.n, x + t, NUM_LANES, rows);
    else
        for (size_t i = 0; i < n; i++)
            memcpy(rows + i * NUM_LANES, x + (t + i) * j->lines.inner, lanes * sizeof *rows);
}

static void scatter(const job *j, const float *rows, size_t t, size_t n, size_t lanes, float *out) {
    if (j->lines.inner == 1) j->floats->transpose(lanes, n, NUM_LANES, rows, j->lines.n, out + t);
    else
        for (size_t i = 0; i < n; i++)
            memcpy(out + (t + i) * j->lines.inner, rows + i * NUM_LANES, lanes * sizeof *rows);
}

static void run_group(void *arg, size_t i) {
    const job *j = arg;
    const feat_lines *l = &j->lines;
    float S[PIECE * NUM_LANES] __attribute__((aligned(64))), other[PIECE * NUM_LANES] __attribute__((aligned(64)));
    double state[NUM_LANES] = { 0 };
    bool along = l->inner == 1;   /* lines one behind the other, else side by side */
    size_t per = along ? l->outer : l->inner, part = i / j->groups, first = i % j->groups * NUM_LANES;
    size_t lanes = BASE_MIN(per - first, NUM_LANES), at = along ? first * l->n : part * l->n * l->inner + first;
    double *kept = j->state + part * l->inner + first;
    memcpy(state, kept, lanes * sizeof *state);
    for (size_t t = 0; t < l->n; t += PIECE) {
        size_t n = BASE_MIN(l->n - t, PIECE);
        gather(j, j->S + at, t, n, lanes, S);
        if (j->ref != j->S) gather(j, j->ref + at, t, n, lanes, other);
        j->k->pcen(&j->p, n, S, j->ref != j->S ? other : S, state, S);
        scatter(j, S, t, n, lanes, j->out + at);
    }
    memcpy(kept, state, lanes * sizeof *state);
}

/* --- the gate ------------------------------------------------------------------------------------------------- */

static bool check_energy(sori_ctx *c, const char *what, const sori_array *a) {
    if (feat_are_magnitudes(c, a->data, a->size)) return true;
    if (!feat_check_finite(c, "pcen", a->data, a->size)) return false;
    const float *x = a->data;
    float least = 0;
    for (size_t i = 0; i < a->size; i++) least = x[i] < least ? x[i] : least;
    if (least < 0) sori_fail(c, SORI_EINVAL, "pcen: %s has a negative value, %g", what, (double)least);
    return !base_failed(c);
}

static bool check(sori_ctx *c, const sori_pcen_config *g, const num_pcen *p) {
    const struct { const char *name; double value; } numbers[] = {
        { "gain", p->gain }, { "bias", p->bias }, { "power", p->power },
    };
    for (size_t i = 0; i < BASE_COUNT(numbers); i++)
        if (!(numbers[i].value >= 0 && isfinite(numbers[i].value)))
            sori_fail(c, SORI_EINVAL, "pcen: %s %g is below 0", numbers[i].name, numbers[i].value);
    if (!(p->eps > 0 && isfinite(p->eps))) sori_fail(c, SORI_EINVAL, "pcen: eps %g is not above 0", p->eps);
    else if (!(g->time_constant > 0 && isfinite(g->time_constant)))
        sori_fail(c, SORI_EINVAL, "pcen: time_constant %g s is not above 0", g->time_constant);
    else if (!(g->sr > 0 && isfinite(g->sr))) sori_fail(c, SORI_EINVAL, "pcen: sr %g Hz is not above 0", g->sr);
    else if (g->hop_length < 1) sori_fail(c, SORI_EINVAL, "pcen: hop_length %d is below 1", g->hop_length);
    else if (g->max_size < 1) sori_fail(c, SORI_EINVAL, "pcen: max_size %d is below 1", g->max_size);
    else if (!(p->b >= 0 && p->b <= 1)) sori_fail(c, SORI_EINVAL, "pcen: b %g is outside 0 to 1", p->b);
    return !base_failed(c);
}

static sori_pcen_config with_defaults(const sori_pcen_config *config) {
    sori_pcen_config g = config ? *config : (sori_pcen_config){ 0 };
    g.sr = g.sr != 0 ? g.sr : 22050;
    g.hop_length = g.hop_length ? g.hop_length : 512;
    g.time_constant = g.time_constant != 0 ? g.time_constant : 0.4;
    g.max_size = g.max_size ? g.max_size : 1;
    return g;
}

static num_pcen numbers_of(const sori_pcen_config *g) {
    double T = g->time_constant * g->sr / g->hop_length, b = (sqrt(1 + 4 * T * T) - 1) / (2 * T * T);
    num_pcen p = { .b = feat_option(g->b, b, b), .gain = feat_option(g->gain, 0.98, 0.98),
                   .bias = feat_option(g->bias, 2, 2), .power = feat_option(g->power, 0.5, 0.5),
                   .eps = g->eps != 0 ? g->eps : 1e-6 };
    p.scale = pow(p.bias, p.power);
    return p;
}

/* --- state ------------------------------------------------------------------------------------------------------ */

static bool same_shape(const sori_array *a, const sori_array *b, int but) {
    bool same = a->ndim == b->ndim;
    for (int i = 0; same && i < a->ndim; i++) same = a->shape[i] == (i == but ? 1 : b->shape[i]);
    return same;
}

/* The filter's memory before the first frame, an array as zf. NULL on failure. */
static sori_array *first_state(sori_ctx *c, const sori_array *S, const sori_array *zi, const job *j) {
    bool real = array_is_real(zi);
    if (zi && (!real || !same_shape(zi, S, j->lines.axis)))
        sori_fail(c, SORI_EINVAL, "pcen: zi must be real numbers of S's shape, with one on axis %d", j->lines.axis);
    if (base_failed(c)) return NULL;
    sori_array *z = feat_line_results(c, &j->lines, S, SORI_F64, 1);
    double *state = z ? z->data : NULL;
    for (size_t i = 0; z && i < z->size; i++) {
        state[i] = zi ? array_get(zi, i) : 1 - j->p.b;
        if (!(state[i] >= 0 && isfinite(state[i]))) sori_fail(c, SORI_EINVAL, "pcen: value %zu of zi is below 0", i);
    }
    return base_failed(c) ? NULL : z;
}

static bool take_reference(sori_ctx *c, const sori_array *S, const sori_pcen_config *g, job *j, float **own) {
    j->ref = j->S;
    if (g->ref) {
        if (!array_check(c, "pcen", g->ref, SORI_F32, 1)) return false;
        if (!same_shape(g->ref, S, -1)) sori_fail(c, SORI_EINVAL, "pcen: ref has not the shape of S");
        else if (check_energy(c, "ref", g->ref)) j->ref = g->ref->data;
    } else if (g->max_size > 1 && S->size > 0) {
        *own = widened(c, S, g, &j->lines);
        j->ref = *own;
    }
    return !base_failed(c);
}

sori_array *sori_pcen(sori_ctx *c, const sori_array *S, const sori_pcen_config *config) {
    sori_pcen_config g = with_defaults(config);
    job j = { .p = numbers_of(&g), .floats = num_kernels_find(NULL, false) };
    float *own = NULL;
    if (g.zf) *g.zf = NULL;
    if (base_failed(c) || !array_check(c, "pcen", S, SORI_F32, 1) || !check(c, &g, &j.p)) return NULL;
    if (!feat_lines_open(c, "pcen", S, g.axis, -1, &j.lines) || !check_energy(c, "S", S)) return NULL;
    /* What a float cannot hold: eps^-gain with a large gain, tiny numbers. */
    bool wide = j.p.gain > 1 || j.p.eps < 1e-30 || (j.p.bias > 0 && j.p.bias < 1e-30);
    j.k = num_kernels_find(NULL, g.exact || wide);
    j.S = S->data;
    int scope = sori_begin(c);
    bool ok = take_reference(c, S, &g, &j, &own);
    sori_array *z = ok ? first_state(c, S, g.zi, &j) : NULL;
    sori_array *out = z ? array_new_raw(c, SORI_F32, S->ndim, S->shape) : NULL;
    if (out && S->size > 0) {
        bool along = j.lines.inner == 1;
        j.groups = ((along ? j.lines.outer : j.lines.inner) + NUM_LANES - 1) / NUM_LANES;
        j.state = z->data;
        j.out = out->data;
        base_parallel(c, j.groups * (along ? 1 : j.lines.outer), run_group, &j);
    }
    base_free(c, own);
    if (out && g.zf) sori_keep(c, *g.zf = z);
    return sori_end(c, scope, out);
}
