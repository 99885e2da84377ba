/* mulaw.c - companding and quantisation: fine steps near zero, coarse ones far from it, as the ear hears.
 *
 * compress: v = sign(x) ln(1 + mu |x|) / ln(1 + mu), then the number of the first of 1 + mu equally spaced levels that
 * is not below v, counted from the middle. v is computed in float, 4096 values at a time, and gives the level or its
 * neighbour; which one it is, x itself decides: edges[i] is the largest float whose v is not above level i. So the
 * answer is that of a search in double. ITU-T G.711; librosa.mu_compress, mu_expand. */
#include "feat/feat.h"
#include <math.h>
#include <sori/level.h>
#include <stdatomic.h>

#define SHARD 4096
#define MOST 0x1p20   /* levels: the table of edges is 4 MB */

typedef struct job {
    const num_kernels *k;
    const void *in;
    sori_dtype dtype;         /* of in */
    void *out;
    size_t n;
    double mu, scale;         /* scale: 1 / ln(1 + mu), or the step of the levels times ln(1 + mu) */
    int64_t levels, middle;
    float *edges;             /* [levels], or NULL: not quantised */
    float most;               /* expand: the largest magnitude there can be */
    atomic_bool outside;      /* expand: one is larger */
} job;

static size_t shards(size_t n) { return (n + SHARD - 1) / SHARD; }

/* --- compress --------------------------------------------------------------------------------------------------- */

static float below(double x) { return (double)(float)x > x ? nextafterf((float)x, -INFINITY) : (float)x; }

static void find_edges(job *j) {
    double step = 2 / (double)BASE_MAX(j->levels - 1, 1);
    for (int64_t i = 0; i < j->levels; i++) {
        double v = i == j->levels - 1 && i > 0 ? 1 : (double)i * step - 1;
        j->edges[i] = below(copysign(expm1(fabs(v) / j->scale) / j->mu, v));
    }
    j->edges[0] = -1;
    if (j->levels > 1) j->edges[j->levels - 1] = 1;
}

/* The number of edges below x, at or next to guess. */
static int64_t search(const job *j, float x, float guess) {
    int64_t i = BASE_MIN(BASE_MAX((int64_t)guess, 0), j->levels);
    while (i < j->levels && j->edges[i] < x) i++;
    while (i > 0 && !(j->edges[i - 1] < x)) i--;
    return i;
}

static void compress_shard(void *arg, size_t s) {
    const job *j = arg;
    size_t first = s * SHARD, n = BASE_MIN(j->n - first, SHARD);
    const float *x = (const float *)j->in + first;
    float v[SHARD], mu = (float)j->mu, scale = (float)j->scale, half = (float)(j->levels - 1) / 2;
    for (size_t i = 0; i < n; i++) v[i] = mu * fabsf(x[i]);
    j->k->log1p(n, v);
    for (size_t i = 0; i < n; i++) v[i] = copysignf(v[i] * scale, x[i]);
    if (!j->edges)
        for (size_t i = 0; i < n; i++) ((float *)j->out)[first + i] = v[i];
    else
        for (size_t i = 0; i < n; i++)
            ((int64_t *)j->out)[first + i] = search(j, x[i], (v[i] + 1) * half + 1) - j->middle;
}

static bool check_mu(sori_ctx *c, const char *who, double mu) {
    if (mu > 0 && mu < MOST) return true;
    sori_fail(c, SORI_EINVAL, "%s: mu %g is outside 0 to 2^20", who, mu);
    return false;
}

static bool check_unit(sori_ctx *c, const char *who, const float *x, size_t n) {
    int outside = 0;
    for (size_t i = 0; i < n; i++) outside |= !(fabsf(x[i]) <= 1);
    for (size_t i = 0; outside && i < n && !base_failed(c); i++)
        if (!(fabsf(x[i]) <= 1))
            sori_fail(c, SORI_EINVAL, "%s: value %zu, %g, is outside -1 to 1", who, i, (double)x[i]);
    return !base_failed(c);
}

sori_array *sori_mu_compress(sori_ctx *c, const sori_array *x, const sori_mu_config *config) {
    static const sori_mu_config defaults;
    if (!config) config = &defaults;
    double mu = config->mu != 0 ? config->mu : 255;
    if (base_failed(c) || !array_check(c, "mu_compress", x, SORI_F32, 0)) return NULL;
    if (!check_mu(c, "mu_compress", mu) || !check_unit(c, "mu_compress", x->data, x->size)) return NULL;
    sori_array *out = array_new_raw(c, config->continuous ? SORI_F32 : SORI_I64, x->ndim, x->shape);
    if (!out) return NULL;
    job j = { .k = num_kernels_find(NULL, false), .in = x->data, .out = out->data, .n = x->size, .mu = mu,
              .scale = 1 / log1p(mu), .levels = (int64_t)(1 + mu) };
    j.middle = j.levels / 2;
    if (!config->continuous) {
        j.edges = base_alloc_raw(c, (size_t)j.levels, sizeof *j.edges);
        if (!j.edges) return NULL;
        find_edges(&j);
    }
    base_parallel(c, shards(j.n), compress_shard, &j);
    base_free(c, j.edges);
    return out;
}

/* --- expand ----------------------------------------------------------------------------------------------------- */

/* n values from the first on, as floats: whole numbers are below 2^20. */
static void read_values(const job *j, size_t first, size_t n, float *v) {
    if (j->dtype == SORI_F32)
        for (size_t i = 0; i < n; i++) v[i] = ((const float *)j->in)[first + i];
    else if (j->dtype == SORI_I32)
        for (size_t i = 0; i < n; i++) v[i] = (float)((const int32_t *)j->in)[first + i];
    else
        for (size_t i = 0; i < n; i++) v[i] = (float)((const int64_t *)j->in)[first + i];
}

static void expand_shard(void *arg, size_t s) {
    job *j = arg;
    size_t first = s * SHARD, n = BASE_MIN(j->n - first, SHARD);
    float v[SHARD], x[SHARD], scale = (float)j->scale, per_mu = (float)(1 / j->mu);
    int outside = 0;
    read_values(j, first, n, x);
    for (size_t i = 0; i < n; i++) {
        v[i] = fabsf(x[i]) * scale;
        outside |= !(fabsf(x[i]) <= j->most);
    }
    if (outside) atomic_store(&j->outside, true);
    j->k->expm1(n, v);
    for (size_t i = 0; i < n; i++) ((float *)j->out)[first + i] = copysignf(v[i] * per_mu, x[i]);
}

/* The sentence about the first value outside the range. */
static void tell_outside(sori_ctx *c, const job *j) {
    float x = 0;
    size_t i = 0;
    while (read_values(j, i, 1, &x), fabsf(x) <= j->most) i++;
    sori_fail(c, SORI_EINVAL, "mu_expand: value %zu, %g, is outside -%g to %g", i, (double)x, (double)j->most,
              (double)j->most);
}

sori_array *sori_mu_expand(sori_ctx *c, const sori_array *x, const sori_mu_config *config) {
    static const sori_mu_config defaults;
    if (!config) config = &defaults;
    double mu = config->mu != 0 ? config->mu : 255, step = config->continuous ? 1 : 2 / (1 + mu);
    bool whole = x && (x->dtype == SORI_I64 || x->dtype == SORI_I32);
    if (base_failed(c) || (!whole && !array_check(c, "mu_expand", x, SORI_F32, 0)) || !check_mu(c, "mu_expand", mu))
        return NULL;
    job j = { .k = num_kernels_find(NULL, false), .in = x->data, .dtype = x->dtype, .n = x->size, .mu = mu,
              .scale = log1p(mu) * step, .most = (float)(1 / step) };
    sori_array *out = array_new_raw(c, SORI_F32, x->ndim, x->shape);
    if (!out) return NULL;
    j.out = out->data;
    base_parallel(c, shards(j.n), expand_shard, &j);
    if (atomic_load(&j.outside)) tell_outside(c, &j);
    return base_failed(c) ? NULL : out;
}

/* --- quantise ------------------------------------------------------------------------------------------------- */

sori_array *sori_quantize(sori_ctx *c, const sori_array *x, int bits, bool as_integers) {
    if (base_failed(c) || !array_check(c, "quantize", x, SORI_F32, 0)) return NULL;
    if (bits < 2 || bits > 24) {
        sori_fail(c, SORI_EINVAL, "quantize: %d bits are outside 2 to 24", bits);
        return NULL;
    }
    if (!feat_check_finite(c, "quantize", x->data, x->size)) return NULL;
    sori_array *out = array_new_raw(c, as_integers ? SORI_I32 : SORI_F32, x->ndim, x->shape);
    float half = (float)(1 << (bits - 1));
    for (size_t i = 0; out && i < x->size; i++) {
        float q = fminf(fmaxf(rintf(((const float *)x->data)[i] * half), -half), half - 1);
        if (as_integers) ((int32_t *)out->data)[i] = (int32_t)q;
        else ((float *)out->data)[i] = q / half;
    }
    return out;
}
