/* mulaw.c - companding and quantisation: fine steps near zero, coarse ones far from it, as the ear hears.
 *
 * compress: v = sign(x) ln(1 + mu |x|) / ln(1 + mu), then the number of the first of 1 + mu equally spaced levels that is
 * not below v, counted from the middle. The level is found by arithmetic and put right by looking at the level itself,
 * so the answer is that of a search. Logarithms are taken in double, 4096 values at a time.
 * ITU-T G.711; librosa.mu_compress, mu_expand. */
#include "feat/feat.h"
#include <math.h>
#include <sori/level.h>

#define SHARD 4096
#define MOST 0x1p24   /* levels: more than a float can tell apart */

typedef struct job {
    const num_kernels *k;
    const void *in;
    sori_dtype dtype;         /* of in */
    void *out;
    size_t n;
    double mu, scale;         /* scale: 1 / ln(1 + mu), or the step of the levels */
    double top, step;         /* level i is -1 + i step, i <= top */
    int64_t middle;
    bool continuous;
} job;

static size_t shards(size_t n) { return (n + SHARD - 1) / SHARD; }

/* --- compress --------------------------------------------------------------------------------------------------- */

/* The number of levels below v. */
static double search(const job *j, double v) {
    double i = fmin(ceil((v + 1) / j->step), j->top);
    if (i > 0 && v <= (i - 1) * j->step - 1) i -= 1;
    else if (i < j->top && v > i * j->step - 1) i += 1;
    return i;
}

static void compress_shard(void *arg, size_t s) {
    const job *j = arg;
    size_t first = s * SHARD, n = BASE_MIN(j->n - first, SHARD);
    const float *x = (const float *)j->in + first;
    double v[SHARD];
    for (size_t i = 0; i < n; i++) v[i] = j->mu * fabs((double)x[i]);
    j->k->log1p(n, v);
    for (size_t i = 0; i < n; i++) v[i] = copysign(v[i] * j->scale, (double)x[i]);
    if (j->continuous)
        for (size_t i = 0; i < n; i++) ((float *)j->out)[first + i] = (float)v[i];
    else
        for (size_t i = 0; i < n; i++) ((int64_t *)j->out)[first + i] = (int64_t)search(j, v[i]) - j->middle;
}

static bool check_mu(sori_ctx *c, const char *who, double mu) {
    if (mu > 0 && mu < MOST) return true;
    sori_fail(c, SORI_EINVAL, "%s: mu %g is outside 0 to 2^24", who, mu);
    return false;
}

static bool check_unit(sori_ctx *c, const char *who, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(x[i]) <= 1)) {
            sori_fail(c, SORI_EINVAL, "%s: value %zu, %g, is outside -1 to 1", who, i, (double)x[i]);
            return false;
        }
    return true;
}

sori_array *sori_mu_compress(sori_ctx *c, const sori_array *x, const sori_mu_config *config) {
    static const sori_mu_config defaults;
    if (!config) config = &defaults;
    double mu = config->mu != 0 ? config->mu : 255, levels = floor(1 + mu);
    if (base_failed(c) || !array_check(c, "mu_compress", x, SORI_F32, 0) || !check_mu(c, "mu_compress", mu)) return NULL;
    if (!check_unit(c, "mu_compress", x->data, x->size)) return NULL;
    sori_array *out = array_new_raw(c, config->continuous ? SORI_F32 : SORI_I64, x->ndim, x->shape);
    if (!out) return NULL;
    job j = { .k = num_kernels_find(NULL, true), .in = x->data, .out = out->data, .n = x->size, .mu = mu,
              .scale = 1 / log1p(mu), .top = levels, .step = 2 / BASE_MAX(levels - 1, 1),
              .middle = (int64_t)levels / 2, .continuous = config->continuous };
    base_parallel(c, shards(j.n), compress_shard, &j);
    return out;
}

/* --- expand ----------------------------------------------------------------------------------------------------- */

static double value_of(const job *j, size_t i) {
    if (j->dtype == SORI_I64) return (double)((const int64_t *)j->in)[i];
    return j->dtype == SORI_I32 ? (double)((const int32_t *)j->in)[i] : (double)((const float *)j->in)[i];
}

static void expand_shard(void *arg, size_t s) {
    const job *j = arg;
    size_t first = s * SHARD, n = BASE_MIN(j->n - first, SHARD);
    double v[SHARD];
    for (size_t i = 0; i < n; i++) v[i] = fabs(value_of(j, first + i)) * j->step * j->scale;
    j->k->expm1(n, v);
    for (size_t i = 0; i < n; i++)
        ((float *)j->out)[first + i] = (float)copysign(v[i] / j->mu, value_of(j, first + i));
}

sori_array *sori_mu_expand(sori_ctx *c, const sori_array *x, const sori_mu_config *config) {
    static const sori_mu_config defaults;
    if (!config) config = &defaults;
    double mu = config->mu != 0 ? config->mu : 255;
    bool whole = x && (x->dtype == SORI_I64 || x->dtype == SORI_I32);
    if (base_failed(c) || (!whole && !array_check(c, "mu_expand", x, SORI_F32, 0)) || !check_mu(c, "mu_expand", mu))
        return NULL;
    job j = { .k = num_kernels_find(NULL, true), .in = x->data, .dtype = x->dtype, .n = x->size, .mu = mu,
              .scale = log1p(mu), .step = config->continuous ? 1 : 2 / (1 + mu) };
    for (size_t i = 0; i < j.n; i++)
        if (!(fabs(value_of(&j, i) * j.step) <= 1)) {
            sori_fail(c, SORI_EINVAL, "mu_expand: value %zu, %g, is outside -%g to %g", i, value_of(&j, i), 1 / j.step,
                      1 / j.step);
            return NULL;
        }
    sori_array *out = array_new_raw(c, SORI_F32, x->ndim, x->shape);
    if (!out) return NULL;
    j.out = out->data;
    base_parallel(c, shards(j.n), expand_shard, &j);
    return out;
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
