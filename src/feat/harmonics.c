/* harmonics.c - energy at the harmonics of every frequency, or of a fundamental.
 *
 * A spectrum known at some frequencies is read at others by straight lines between neighbours, as scipy.interpolate.
 * interp1d does. Frequencies that all frames share are sorted once, and a harmonic of a bin is then one weighted sum of
 * two rows; frequencies that change (reassigned spectrograms) are sorted in every frame.
 *
 * librosa.interp_harmonics, salience, f0_harmonics */
#include "feat/viterbi.h"
#include <math.h>
#include <string.h>

/* The frequencies of one frame, or of all, in rising order. */
typedef struct grid {
    size_t n;
    double *hz;              /* [n] */
    uint32_t *bin;           /* [n] whose frequency it is */
} grid;

/* Between which bins a frequency lies: (1 - weight) of low and weight of high. */
typedef struct place {
    uint32_t low, high;
    double weight;
    bool inside;
} place;

typedef struct job {
    const sori_array *freqs;
    const float *x;
    const sori_array *f0;            /* NULL: of every frequency */
    const double *harmonics;
    size_t n_harmonics, channels, bins, frames;
    bool shared;                     /* freqs are those of all frames */
    float fill;
    grid fixed;                      /* sorted once, if shared */
    char *scratch;                   /* [channels][scratch_size] a grid each, if not */
    size_t scratch_size;
    float *out;
} job;

/* --- interpolation ------------------------------------------------------------------------------------------- */

/* The frequencies freqs[first + k * step] in order. They mostly are already, so they are inserted one by one. */
static void sort_grid(grid *g, const sori_array *freqs, size_t first, size_t step, size_t bins) {
    g->n = 0;
    for (size_t k = 0; k < bins; k++) {
        double hz = array_get(freqs, first + k * step);
        size_t at = g->n;
        if (!isfinite(hz)) continue;
        for (; at > 0 && g->hz[at - 1] > hz; at--) {
            g->hz[at] = g->hz[at - 1];
            g->bin[at] = g->bin[at - 1];
        }
        g->hz[at] = hz;
        g->bin[at] = (uint32_t)k;
        g->n++;
    }
}

/* scipy's choice: the last interval whose lower end is below hz, but the first at its very start. */
static place find(const grid *g, double hz) {
    place p = { .inside = g->n > 1 && hz >= g->hz[0] && hz <= g->hz[g->n - 1] };
    size_t low = 0, high = g->n - 1;
    if (!p.inside) return p;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (g->hz[middle] < hz) low = middle;
        else high = middle;
    }
    double width = g->hz[high] - g->hz[low];
    p.low = g->bin[low];
    p.high = g->bin[high];
    p.weight = width > 0 ? (hz - g->hz[low]) / width : 0;
    return p;
}

static float between(float low, float high, double weight) {
    return (float)(((double)high - (double)low) * weight + (double)low);
}

static float value_at(const job *j, const float *x, const grid *g, double hz) {
    place p = find(g, hz);
    return p.inside ? between(x[p.low * j->frames], x[p.high * j->frames], p.weight) : j->fill;
}

/* --- channels ------------------------------------------------------------------------------------------------ */

static void put_rows(const job *j, const float *x, double hz, float *out) {
    place p = find(&j->fixed, hz);
    const float *low = x + p.low * j->frames, *high = x + p.high * j->frames;
    for (size_t t = 0; t < j->frames; t++) out[t] = p.inside ? between(low[t], high[t], p.weight) : j->fill;
}

/* One harmonic of all bins of a channel, where frames share their frequencies. */
static void shared_harmonic(void *arg, size_t i) {
    const job *j = arg;
    size_t channel = i / j->n_harmonics;
    const float *x = j->x + channel * j->bins * j->frames;
    for (size_t k = 0; k < j->bins; k++)
        put_rows(j, x, j->harmonics[i % j->n_harmonics] * array_get(j->freqs, k),
                 j->out + (i * j->bins + k) * j->frames);
}

/* The grid of frame t. */
static grid frame_grid(const job *j, size_t channel, size_t t) {
    if (j->shared) return j->fixed;
    double *hz = (double *)(j->scratch + channel * j->scratch_size);
    grid g = { .hz = hz, .bin = (uint32_t *)(hz + j->bins) };
    sort_grid(&g, j->freqs, channel * j->bins * j->frames + t, j->frames, j->bins);
    return g;
}

static void changing_harmonics(void *arg, size_t channel) {
    const job *j = arg;
    size_t first = channel * j->bins * j->frames;
    for (size_t t = 0; t < j->frames; t++) {
        grid g = frame_grid(j, channel, t);
        for (size_t h = 0; h < j->n_harmonics; h++)
            for (size_t k = 0; k < j->bins; k++) {
                double hz = j->harmonics[h] * array_get(j->freqs, first + k * j->frames + t);
                j->out[((channel * j->n_harmonics + h) * j->bins + k) * j->frames + t] =
                    value_at(j, j->x + first + t, &g, hz);
            }
    }
}

static void fundamental_harmonics(void *arg, size_t channel) {
    const job *j = arg;
    for (size_t t = 0; t < j->frames; t++) {
        grid g = frame_grid(j, channel, t);
        double f0 = array_get(j->f0, channel * j->frames + t);
        for (size_t h = 0; h < j->n_harmonics; h++)
            j->out[(channel * j->n_harmonics + h) * j->frames + t] =
                value_at(j, j->x + channel * j->bins * j->frames + t, &g, j->harmonics[h] * f0);
    }
}

/* --- the gate ------------------------------------------------------------------------------------------------ */

static bool same_shape(const sori_array *a, const sori_array *b) {
    return a->ndim == b->ndim && memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
}

static bool check_harmonics(sori_ctx *c, const char *who, const sori_harmonics_config *g) {
    if (!g->harmonics || g->n_harmonics == 0) sori_fail(c, SORI_EINVAL, "%s: no harmonics given", who);
    for (size_t h = 0; g->harmonics && h < g->n_harmonics; h++)
        if (!(g->harmonics[h] >= 0 && isfinite(g->harmonics[h])))
            sori_fail(c, SORI_EINVAL, "%s: harmonic %g is below 0", who, g->harmonics[h]);
    return !base_failed(c);
}

static bool check_values(sori_ctx *c, const char *who, const sori_array *x) {
    for (size_t i = 0; i < x->size; i++)
        if (!isfinite(((const float *)x->data)[i])) {
            sori_fail(c, SORI_EINVAL, "%s: value %zu of the input is not finite", who, i);
            return false;
        }
    return true;
}

static bool make_grids(sori_ctx *c, const char *who, job *j) {
    size_t equal = 0;
    j->scratch_size = (j->bins * (sizeof(double) + sizeof(uint32_t)) + BASE_ALIGN - 1) / BASE_ALIGN * BASE_ALIGN;
    j->scratch = base_alloc_raw(c, j->shared ? 1 : j->channels, j->scratch_size);
    if (!j->scratch || !j->shared) return j->scratch != NULL;
    j->fixed.hz = (double *)j->scratch;
    j->fixed.bin = (uint32_t *)(j->fixed.hz + j->bins);
    sort_grid(&j->fixed, j->freqs, 0, 1, j->bins);
    for (size_t k = 1; k < j->fixed.n; k++) equal += j->fixed.hz[k] == j->fixed.hz[k - 1];
    if (equal) base_warn(c, "%s: %zu frequencies are not unique; harmonics there may be wrong", who, equal);
    return true;
}

/* Check everything and prepare; scratch is freed by base_free, also after a failure. */
static bool job_open(sori_ctx *c, job *j, const char *who, const sori_array *x, const sori_harmonics_config *g) {
    *j = (job){ .freqs = g ? g->freqs : NULL };
    if (!array_check(c, who, x, SORI_F32, 1) || !feat_viterbi_real(c, who, "freqs", j->freqs)) return false;
    j->bins = x->shape[BASE_MAX(x->ndim - 2, 0)];
    j->frames = x->ndim > 1 ? x->shape[x->ndim - 1] : 1;
    j->shared = j->freqs->ndim == 1 && j->freqs->size == j->bins;
    if (j->bins == 0 || j->frames == 0) sori_fail(c, SORI_EINVAL, "%s: the input is empty", who);
    else if (!j->shared && !same_shape(j->freqs, x))
        sori_fail(c, SORI_EINVAL, "%s: freqs must be %zu numbers, one a bin, or of the input's shape", who, j->bins);
    else if (!isfinite(g->fill_value)) sori_fail(c, SORI_EINVAL, "%s: fill_value is not finite", who);
    if (base_failed(c) || !check_harmonics(c, who, g) || !check_values(c, who, x)) return false;
    j->channels = x->size / (j->bins * j->frames);
    j->x = x->data;
    j->harmonics = g->harmonics;
    j->n_harmonics = g->n_harmonics;
    j->fill = (float)g->fill_value;
    return make_grids(c, who, j);
}

/* A new array of x's shape with the harmonics before its bins, or (fundamental) in their place. */
static sori_array *new_result(sori_ctx *c, const job *j, const char *who, const sori_array *x, bool fundamental) {
    size_t shape[SORI_MAX_DIMS + 1];
    int axis = BASE_MAX(x->ndim - 2, 0), more = !fundamental;
    if (x->ndim + more > SORI_MAX_DIMS) {
        sori_fail(c, SORI_EINVAL, "%s: the input has %d axes (at most %d)", who, x->ndim, SORI_MAX_DIMS - 1);
        return NULL;
    }
    memcpy(shape, x->shape, (size_t)axis * sizeof *shape);
    memcpy(shape + axis + more, x->shape + axis, (size_t)(x->ndim - axis) * sizeof *shape);
    shape[axis] = j->n_harmonics;
    return array_new_raw(c, SORI_F32, x->ndim + more, shape);
}

static sori_array *interpolate(sori_ctx *c, const char *who, const sori_array *x, const sori_harmonics_config *g) {
    job j;
    sori_array *out = NULL;
    if (job_open(c, &j, who, x, g) && (out = new_result(c, &j, who, x, false))) {
        j.out = out->data;
        if (j.shared) base_parallel(c, j.channels * j.n_harmonics, shared_harmonic, &j);
        else base_parallel(c, j.channels, changing_harmonics, &j);
    }
    base_free(c, j.scratch);
    return base_failed(c) ? NULL : out;
}

sori_array *sori_interp_harmonics(sori_ctx *c, const sori_array *x, const sori_harmonics_config *config) {
    return interpolate(c, "interp_harmonics", x, config);
}

sori_array *sori_f0_harmonics(sori_ctx *c, const sori_array *x, const sori_array *f0,
                              const sori_harmonics_config *config) {
    static const char who[] = "f0_harmonics";
    job j;
    sori_array *out = NULL;
    if (job_open(c, &j, who, x, config) && feat_viterbi_real(c, who, "f0", f0)) {
        if (f0->size != j.channels * j.frames || f0->shape[BASE_MAX(f0->ndim - 1, 0)] != j.frames)
            sori_fail(c, SORI_EINVAL, "%s: f0 has %zu values, the input %zu frames", who, f0->size,
                      j.channels * j.frames);
        else out = new_result(c, &j, who, x, true);
    }
    if (out) {
        j.f0 = f0;
        j.out = out->data;
        base_parallel(c, j.channels, fundamental_harmonics, &j);
    }
    base_free(c, j.scratch);
    return base_failed(c) ? NULL : out;
}

/* --- salience ------------------------------------------------------------------------------------------------ */

typedef struct mean {
    const float *harmonics;  /* [channels][n][bins][frames] */
    const float *S;
    const double *weights;
    double sum;              /* of the weights */
    size_t n, bins, frames;
    bool everywhere;
    float fill;
    float *out;
} mean;

/* scipy.signal.argrelmax: above both neighbours; the ends are none. */
static bool is_peak(const mean *s, const float *S, size_t k) {
    return k > 0 && k + 1 < s->bins && S[0] > S[-(ptrdiff_t)s->frames] && S[0] > S[s->frames];
}

static void mean_row(void *arg, size_t i) {
    const mean *s = arg;
    size_t channel = i / s->bins, k = i % s->bins;
    const float *S = s->S + i * s->frames, *x = s->harmonics + (channel * s->n * s->bins + k) * s->frames;
    for (size_t t = 0; t < s->frames; t++) {
        double total = 0;
        bool wanted = s->everywhere || is_peak(s, S + t, k);
        for (size_t h = 0; wanted && h < s->n; h++)
            total += (s->weights ? s->weights[h] : 1) * (double)x[h * s->bins * s->frames + t];
        s->out[i * s->frames + t] = wanted ? (float)(total / s->sum) : s->fill;
    }
}

static bool sum_weights(sori_ctx *c, const sori_harmonics_config *g, mean *s) {
    for (size_t h = 0; h < g->n_harmonics; h++) s->sum += g->weights ? g->weights[h] : 1;
    if (isfinite(s->sum) && s->sum != 0) return true;
    sori_fail(c, SORI_EINVAL, "salience: the sum of the weights is %g", s->sum);
    return false;
}

sori_array *sori_salience(sori_ctx *c, const sori_array *S, const sori_harmonics_config *config) {
    sori_array *out = NULL;
    int scope = sori_begin(c);
    sori_harmonics_config g = config ? *config : (sori_harmonics_config){ .fill_value = 0 };
    g.fill_value = 0;   /* outside the frequencies there is nothing */
    sori_array *harmonics = interpolate(c, "salience", S, &g);
    mean s = { .weights = g.weights, .n = g.n_harmonics, .everywhere = g.unfiltered };
    if (harmonics && sum_weights(c, &g, &s) && (out = array_new_raw(c, SORI_F32, S->ndim, S->shape))) {
        s.harmonics = harmonics->data;
        s.S = S->data;
        s.bins = S->shape[BASE_MAX(S->ndim - 2, 0)];
        s.frames = S->ndim > 1 ? S->shape[S->ndim - 1] : 1;
        s.fill = g.fill_na.mode == 1 ? (float)g.fill_na.value : NAN;
        s.out = out->data;
        base_parallel(c, S->size / s.frames, mean_row, &s);
    }
    return sori_end(c, scope, out);
}
