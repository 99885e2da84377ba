/* compress.c - loud parts made quieter: a compressor, with a ratio of infinity a limiter.
 *
 * Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design - a tutorial and analysis", JAES 60 (2012):
 *
 *     level       x = 20 log10 |y|, of the loudest channel
 *     too much    d = x less what the curve allows: 0 below the knee, (1 - 1/ratio) (x - threshold) above it, a parabola
 *                 between                                                                                  (equation 4)
 *     smoothed    r = max(d, R r + (1 - R) d)     releases slowly, follows what grows at once
 *                 g = A g + (1 - A) r             attacks                                                 (equation 17)
 *     gain        makeup - g dB,  A = exp(-1 / (attack sr)), R likewise
 *
 * Levels and gains are computed in vectors, pieces of samples at a time; only r and g run sample by sample. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>
#include <string.h>

#define PIECE 512             /* samples at a time, a multiple of 16 */
#define SILENCE 1e-10         /* -200 dB: below every threshold */

typedef struct job {
    size_t n, linked;         /* samples; channels that share a gain */
    double threshold, slope, knee, attack, release, makeup;   /* slope 1 - 1/ratio; times as A and R */
    const num_kernels *k;     /* double */
    const float *y;
    float *out;
    double *state;            /* [groups][2]: r, g */
} job;

/* What the curve takes away from a level x, in dB. */
static double excess(const job *j, double x) {
    double over = x - j->threshold;
    if (2 * over <= -j->knee) return 0;
    if (2 * over >= j->knee) return j->slope * over;
    double into = over + j->knee / 2;
    return j->slope * into * into / (2 * j->knee);
}

/* Levels of samples [at, at + n) in dB, of the loudest of j->linked channels. */
static void measure(const job *j, const float *y, size_t n, double level[PIECE]) {
    for (size_t t = 0; t < PIECE; t++) level[t] = SILENCE;
    for (size_t ch = 0; ch < j->linked; ch++)
        for (size_t t = 0; t < n; t++) {
            double size = fabs((double)y[ch * j->n + t]);
            level[t] = size > level[t] ? size : level[t];
        }
    j->k->log(PIECE, level);
    for (size_t t = 0; t < n; t++) level[t] *= 20 / M_LN10;
}

static void run_group(void *arg, size_t i) {
    const job *j = arg;
    double value[PIECE], *state = j->state + 2 * i, r = state[0], g = state[1];
    for (size_t at = 0; at < j->n; at += PIECE) {
        size_t n = BASE_MIN(j->n - at, (size_t)PIECE), first = i * j->linked * j->n + at;
        measure(j, j->y + first, n, value);
        for (size_t t = 0; t < n; t++) {
            double d = excess(j, value[t]), released = j->release * r + (1 - j->release) * d;
            r = d > released ? d : released;
            g = j->attack * g + (1 - j->attack) * r;
            value[t] = (j->makeup - g) * (M_LN10 / 20);
        }
        j->k->exp(PIECE, value);
        for (size_t ch = 0; ch < j->linked; ch++)
            for (size_t t = 0; t < n; t++)
                j->out[first + ch * j->n + t] = (float)(value[t] * (double)j->y[first + ch * j->n + t]);
    }
    state[0] = r;
    state[1] = g;
}

/* --- the gate ---------------------------------------------------------------------------------------------------- */

static bool check_not_below(sori_ctx *c, const char *name, double v, double least) {
    if (!(v >= least)) sori_fail(c, SORI_EINVAL, "compress: %s %g is below %g", name, v, least);
    return !base_failed(c);
}

static double constant(double seconds, double sr) { return seconds > 0 ? exp(-1 / (seconds * sr)) : 0; }

static bool open_job(sori_ctx *c, job *j, const sori_compress_config *g, double sr) {
    double attack = feat_option(g->attack_s, 0.005, 0), release = feat_option(g->release_s, 0.1, 0);
    double ratio = g->ratio != 0 ? g->ratio : 4;
    *j = (job){ .threshold = feat_option(g->threshold_db, -20, -20), .slope = 1 - 1 / ratio, .makeup = g->makeup_db,
                .knee = feat_option(g->knee_db, 6, 0), .attack = constant(attack, sr),
                .release = constant(release, sr), .k = num_kernels_find(NULL, true) };
    return fx_check_db(c, "compress", "threshold_db", j->threshold) && check_not_below(c, "ratio", ratio, 1) &&
           check_not_below(c, "knee_db", j->knee, 0) && fx_check_db(c, "compress", "knee_db", j->knee) &&
           check_not_below(c, "attack_s", attack, 0) && check_not_below(c, "release_s", release, 0) &&
           fx_check_db(c, "compress", "makeup_db", j->makeup);
}

sori_audio sori_compress(sori_ctx *c, sori_audio y, const sori_compress_config *config) {
    sori_compress_config g = config ? *config : (sori_compress_config){ 0 };
    sori_audio out = { NULL, y.sr };
    job j;
    if (g.zf) *g.zf = NULL;
    if (!fx_check(c, "compress", &y) || !open_job(c, &j, &g, y.sr)) return out;
    int scope = sori_begin(c);
    sori_array *z = fx_state(c, "compress", g.zi, y.y, g.separate ? y.y->ndim - 1 : 0, 1, &(size_t){ 2 });
    sori_array *result = z ? fx_result(c, y.y, fx_samples(y.y)) : NULL;
    if (result) {
        j.n = fx_samples(y.y);
        j.linked = g.separate ? 1 : fx_channels(y.y);
        j.y = y.y->data;
        j.out = result->data;
        j.state = z->data;
        if (y.y->size) base_parallel(c, g.separate ? fx_channels(y.y) : 1, run_group, &j);
        if (g.zf) sori_keep(c, *g.zf = z);
    }
    out.y = sori_end(c, scope, result);
    return out;
}
