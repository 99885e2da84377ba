/* db.c - levels in decibels, and back.
 *
 *     power_to_db      10 log10(max(amin, S)) - 10 log10(max(amin, ref)), then not below its own maximum - top_db
 *     amplitude_to_db  power_to_db of S^2, ref^2 and amin^2
 *
 * The maximum is that of the whole array, all channels and frames, as librosa's. Logarithms are taken in double and
 * rounded once. Two passes, each over shards of fixed size: the first finds the largest value, which gives the floor.
 * librosa.power_to_db, amplitude_to_db, db_to_power, db_to_amplitude. */
#include "array/array.h"
#include "base/base.h"
#include <math.h>
#include <sori/feat.h>

#define SHARD 16384   /* elements a shard: 0.2 ms of logarithms */

typedef struct job {
    const float *in;
    float *out;
    size_t n;
    float *largest;       /* [shards]: the largest value, NaN if one is not finite */
    bool squared;         /* in is amplitude */
    double amin;          /* in power */
    double offset;        /* 10 log10(ref) */
    double floor;         /* dB; -infinity: none */
    double gain;          /* inverse: the factor before 10^(rate * x) */
    double rate;
} job;

static size_t shards(size_t n) { return (n + SHARD - 1) / SHARD; }

static void find_largest(void *arg, size_t i) {
    const job *j = arg;
    size_t end = BASE_MIN(j->n, (i + 1) * SHARD);
    float largest = -INFINITY, bad = 0;
    for (size_t k = i * SHARD; k < end; k++) {
        float v = j->squared ? fabsf(j->in[k]) : j->in[k];
        largest = v > largest ? v : largest;
        bad += v - v;    /* 0 if finite, else NaN */
    }
    j->largest[i] = bad == 0 ? largest : NAN;
}

static double level(const job *j, double v) {
    if (j->squared) v *= v;
    return 10 * log10(fmax(v, j->amin)) - j->offset;
}

static void to_db(void *arg, size_t i) {
    const job *j = arg;
    size_t end = BASE_MIN(j->n, (i + 1) * SHARD);
    for (size_t k = i * SHARD; k < end; k++) j->out[k] = (float)fmax(level(j, j->in[k]), j->floor);
}

/* The largest value of the array; NaN, with the error recorded, if one is not finite. */
static double largest_of(sori_ctx *c, const char *who, job *j) {
    double largest = -INFINITY;
    j->largest = base_alloc_raw(c, shards(j->n), sizeof *j->largest);
    if (!j->largest) return NAN;
    base_parallel(c, shards(j->n), find_largest, j);
    for (size_t i = 0; i < shards(j->n) && !isnan(largest); i++)
        largest = isnan(j->largest[i]) ? NAN : fmax(largest, j->largest[i]);
    base_free(c, j->largest);
    if (isnan(largest)) sori_fail(c, SORI_EINVAL, "%s: a value is NaN or infinite", who);
    return largest;
}

static bool check(sori_ctx *c, const char *who, const sori_array *S, const sori_db_config *g) {
    if (!array_check(c, who, S, SORI_F32, 0)) return false;
    if (!(g->amin >= 0 && isfinite(g->amin))) sori_fail(c, SORI_EINVAL, "%s: amin %g is not above 0", who, g->amin);
    else if (!isfinite(g->ref)) sori_fail(c, SORI_EINVAL, "%s: ref is not finite", who);
    else if (g->top_db.mode == 1 && !(g->top_db.value >= 0))
        sori_fail(c, SORI_EINVAL, "%s: top_db %g is below 0", who, g->top_db.value);
    return !base_failed(c);
}

static sori_array *decibels(sori_ctx *c, const char *who, const sori_array *S, const sori_db_config *config,
                            bool squared) {
    sori_db_config g = config ? *config : (sori_db_config){ 0 };
    if (base_failed(c) || !check(c, who, S, &g)) return NULL;
    double amin = g.amin > 0 ? g.amin : squared ? 1e-5 : 1e-10;
    job j = { .in = S->data, .n = S->size, .squared = squared, .amin = squared ? amin * amin : amin,
              .floor = -INFINITY };
    double largest = largest_of(c, who, &j), ref = g.ref_max ? largest : g.ref != 0 ? fabs(g.ref) : 1;
    sori_array *out = array_new_raw(c, SORI_F32, S->ndim, S->shape);
    if (!out) return NULL;
    j.out = out->data;
    j.offset = level(&j, ref);
    if (g.top_db.mode != 2) j.floor = level(&j, largest) - (g.top_db.mode == 1 ? g.top_db.value : 80);
    base_parallel(c, shards(j.n), to_db, &j);
    return out;
}

sori_array *sori_power_to_db(sori_ctx *c, const sori_array *S, const sori_db_config *config) {
    return decibels(c, "power_to_db", S, config, false);
}

sori_array *sori_amplitude_to_db(sori_ctx *c, const sori_array *S, const sori_db_config *config) {
    return decibels(c, "amplitude_to_db", S, config, true);
}

/* --- and back --------------------------------------------------------------------------------------------------- */

static void from_db(void *arg, size_t i) {
    const job *j = arg;
    size_t end = BASE_MIN(j->n, (i + 1) * SHARD);
    for (size_t k = i * SHARD; k < end; k++) j->out[k] = (float)(j->gain * pow(10, j->rate * j->in[k]));
}

static sori_array *undo(sori_ctx *c, const char *who, const sori_array *S_db, double gain, double rate) {
    if (base_failed(c) || !array_check(c, who, S_db, SORI_F32, 0)) return NULL;
    sori_array *out = array_new_raw(c, SORI_F32, S_db->ndim, S_db->shape);
    if (!out) return NULL;
    job j = { .in = S_db->data, .out = out->data, .n = S_db->size, .gain = gain, .rate = rate };
    base_parallel(c, shards(j.n), from_db, &j);
    return out;
}

sori_array *sori_db_to_power(sori_ctx *c, const sori_array *S_db, double ref) {
    return undo(c, "db_to_power", S_db, ref != 0 ? ref : 1, 0.1);
}

sori_array *sori_db_to_amplitude(sori_ctx *c, const sori_array *S_db, double ref) {
    return undo(c, "db_to_amplitude", S_db, ref != 0 ? fabs(ref) : 1, 0.05);   /* sqrt(ref^2 10^(dB / 10)) */
}
