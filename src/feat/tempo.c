/* tempo.c - the tempo of a recording, or of each frame, from the autocorrelation of the onset envelope.
 *
 * The most likely period is the lag where log(1 + 10^6 tg) + log prior is largest; the prior, log-normal around 120
 * BPM, stands for what listeners tap. The exponential of that sum, (1 + 10^6 tg) * prior, is largest at the same lag
 * and needs no logarithm a value.
 *
 * For the tempo of a whole recording the tempogram is averaged over time. Averaging commutes with the inverse
 * transform, and a frame's largest lag is lag 0, its energy: so the frames' power spectra are averaged, each divided by
 * its energy, and one mean spectrum is transformed back. No tempogram is ever made. Sums are taken over shards of
 * fixed size and added in order. librosa.feature.tempo. */
#include "feat/rhythm.h"
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define SHARD 512    /* frames whose power is summed by one thread at a time */

/* --- the prior ------------------------------------------------------------------------------------------------- */

typedef struct prior {
    size_t lags;
    const double *bpm;       /* [lags], bpm[0] infinite; the scope's */
    double *weight;          /* [lags] the prior, largest 1; the scope's */
} prior;

static bool check_prior(sori_ctx *c, const char *who, const sori_tempo_config *g, size_t lags) {
    const sori_array *a = g->logprior;
    if (!(g->start_bpm >= 0 && isfinite(g->start_bpm)))
        sori_fail(c, SORI_EINVAL, "%s: start_bpm %g is not above 0", who, g->start_bpm);
    else if (!(g->std_bpm >= 0)) sori_fail(c, SORI_EINVAL, "%s: std_bpm %g is not above 0", who, g->std_bpm);
    else if (g->max_tempo.mode == 1 && !(g->max_tempo.value > 0))
        sori_fail(c, SORI_EINVAL, "%s: max_tempo %g is not above 0", who, g->max_tempo.value);
    else if (a && (a->dtype != SORI_F64 || a->ndim != 1 || a->size != lags))
        sori_fail(c, SORI_EINVAL, "%s: logprior must be %zu values f64, one a lag", who, lags);
    for (size_t k = 0; a && !base_failed(c) && k < lags; k++)
        if (isnan(((const double *)a->data)[k])) sori_fail(c, SORI_EINVAL, "%s: logprior %zu is NaN", who, k);
    return !base_failed(c);
}

static double log_normal(double bpm, const sori_tempo_config *g) {
    double start = g->start_bpm > 0 ? g->start_bpm : 120, std = g->std_bpm > 0 ? g->std_bpm : 1;
    double z = (log2(bpm) - log2(start)) / std;
    return -0.5 * z * z;
}

static bool prior_open(sori_ctx *c, prior *p, const feat_envelope *e, const sori_tempo_config *g, size_t lags) {
    double fastest = feat_option(g->max_tempo, 320, 320), largest = -INFINITY;
    if (!check_prior(c, e->who, g, lags)) return false;
    sori_array *bpm = sori_tempo_frequencies(c, (int)lags, e->hop, e->sr);
    sori_array *weight = array_new_raw(c, SORI_F64, 1, &lags);
    if (!bpm || !weight) return false;
    *p = (prior){ lags, bpm->data, weight->data };
    size_t first = 0;
    if (g->max_tempo.mode != 2) while (first < lags && !(p->bpm[first] < fastest)) first++;
    if (first == lags) first = 0;   /* as librosa: then nothing is too fast */
    for (size_t k = 0; k < lags; k++) {
        p->weight[k] = g->logprior ? ((const double *)g->logprior->data)[k] : log_normal(p->bpm[k], g);
        if (k < first) p->weight[k] = -INFINITY;
        largest = fmax(largest, p->weight[k]);
    }
    for (size_t k = 0; k < lags; k++) p->weight[k] = isfinite(largest) ? exp(p->weight[k] - largest) : 0;
    return true;
}

static double likelihood(const prior *p, size_t lag, double tg) { return (1 + 1e6 * fmax(tg, 0)) * p->weight[lag]; }

/* The tempo of one autocorrelation; the first of equal ones. */
static double best_tempo(const prior *p, const double *tg) {
    size_t best = 0;
    for (size_t k = 1; k < p->lags; k++)
        if (likelihood(p, k, tg[k]) > likelihood(p, best, tg[best])) best = k;
    return p->bpm[best];
}

/* --- the mean over time, from power spectra -------------------------------------------------------------------- */

typedef struct averager {
    const feat_lags *l;
    size_t shards;           /* a channel */
    double *sums;            /* [channels][shards][bins] */
    char *scratch;           /* [workers][size]: the lags' scratch, then double [bins][16] */
    size_t size, at_sums;
    atomic_size_t next;
} averager;

/* Rows of power to those sums, each frame divided by its energy; m frames. */
static void add_power(const feat_lags *l, const char *scratch, size_t m, double *sums) {
    const float *f = (const float *)(scratch + l->at_power);
    const double *d = (const double *)(scratch + l->at_power);
    bool exact = l->k->real_size == sizeof(double);
    double energy[NUM_LANES] = { 0 }, scale[NUM_LANES];
    for (size_t k = 0; k < l->bins; k++) {
        double times = k == 0 || k + 1 == l->bins ? 1 : 2;   /* n_fft is even */
        for (size_t i = 0; i < NUM_LANES; i++)
            energy[i] += times * (exact ? d[k * NUM_LANES + i] : (double)f[k * NUM_LANES + i]);
    }
    for (size_t i = 0; i < NUM_LANES; i++) scale[i] = i < m && energy[i] >= (double)FLT_MIN ? 1 / energy[i] : 0;
    for (size_t k = 0; k < l->bins; k++)
        for (size_t i = 0; i < NUM_LANES; i++)
            sums[k * NUM_LANES + i] += scale[i] * (exact ? d[k * NUM_LANES + i] : (double)f[k * NUM_LANES + i]);
}

static void sum_shard(const averager *a, size_t item, char *scratch) {
    const feat_lags *l = a->l;
    double *rows = (double *)(scratch + a->at_sums), *out = a->sums + item * l->bins;
    size_t channel = item / a->shards, first = item % a->shards * SHARD, end = BASE_MIN(first + SHARD, l->frames);
    memset(rows, 0, l->bins * NUM_LANES * sizeof *rows);
    for (size_t t = first; t < end; t += NUM_LANES) {
        feat_lags_power(l, channel, t, scratch);
        add_power(l, scratch, BASE_MIN(end - t, NUM_LANES), rows);
    }
    for (size_t k = 0; k < l->bins; k++) {
        out[k] = 0;
        for (size_t i = 0; i < NUM_LANES; i++) out[k] += rows[k * NUM_LANES + i];
    }
}

static void worker(void *arg, size_t w) {
    averager *a = arg;
    for (size_t i; (i = atomic_fetch_add(&a->next, 1)) < a->shards * a->l->channels;)
        sum_shard(a, i, a->scratch + w * a->size);
}

/* The mean spectrum of each channel transformed back: tg [channels][win]. */
static bool transform_back(sori_ctx *c, const averager *a, double *tg) {
    const feat_lags *l = a->l;
    num_fft *fft = num_fft_new(c, num_kernels_find(NULL, true), l->n_fft, true);
    double *pairs = base_alloc(c, 2 * l->bins, sizeof *pairs), *lags = base_alloc_raw(c, l->n_fft, sizeof *lags);
    void *work = fft ? base_alloc_raw(c, num_fft_work(fft), 1) : NULL;
    bool ok = fft && pairs && lags && work;
    for (size_t i = 0; ok && i < l->channels; i++) {
        for (size_t k = 0; k < l->bins; k++) {
            pairs[2 * k] = pairs[2 * k + 1] = 0;
            for (size_t s = 0; s < a->shards; s++) pairs[2 * k] += a->sums[(i * a->shards + s) * l->bins + k];
        }
        num_fft_real_inverse(fft, pairs, lags, work);
        for (size_t j = 0; j < l->win; j++) tg[i * l->win + j] = lags[j] / (double)l->frames;
    }
    base_free(c, work);
    base_free(c, lags);
    base_free(c, pairs);
    num_fft_free(c, fft);
    return ok;
}

static bool mean_of_envelope(sori_ctx *c, const feat_envelope *e, const sori_tempogram_config *g, double *tg) {
    feat_lags l;
    if (!feat_lags_open(c, &l, e, g)) return false;
    averager a = { .l = &l, .shards = (l.frames + SHARD - 1) / SHARD };
    size_t workers = BASE_MIN((size_t)sori_threads(c), a.shards * l.channels);
    a.at_sums = base_aligned(l.scratch);
    a.size = a.at_sums + l.bins * NUM_LANES * sizeof(double);
    a.sums = base_alloc_raw(c, a.shards * l.channels * l.bins, sizeof *a.sums);
    a.scratch = base_alloc_raw(c, workers, a.size);
    if (a.sums && a.scratch) base_parallel(c, workers, worker, &a);
    bool ok = a.sums && a.scratch && transform_back(c, &a, tg);
    base_free(c, a.scratch);
    base_free(c, a.sums);
    feat_lags_close(c, &l);
    return ok;
}

/* --- the mean or median of a tempogram, and frames on their own ------------------------------------------------ */

/* Each row of a tempogram to one number. */
static bool reduce_rows(sori_ctx *c, const sori_array *tg, size_t frames, bool median, double *out) {
    double *row = base_alloc_raw(c, frames, sizeof *row);
    for (size_t r = 0; row && r < tg->size / frames; r++) {
        const float *x = (const float *)tg->data + r * frames;
        double sum = 0;
        for (size_t t = 0; t < frames; t++) sum += row[t] = (double)x[t];
        out[r] = median ? feat_median(row, frames) : sum / (double)frames;
    }
    base_free(c, row);
    return row != NULL;
}

typedef struct by_frame {
    const prior *p;
    const float *tg;         /* [channels][lags][frames] */
    size_t frames, blocks;   /* blocks of 16 frames, a channel */
    double *out;             /* [channels][frames] */
} by_frame;

static void tempo_of_frames(void *arg, size_t i) {
    const by_frame *b = arg;
    size_t channel = i / b->blocks, first = i % b->blocks * NUM_LANES, m = BASE_MIN(b->frames - first, NUM_LANES);
    const float *tg = b->tg + channel * b->p->lags * b->frames + first;
    double best[NUM_LANES];
    size_t at[NUM_LANES] = { 0 };
    for (size_t k = 0; k < b->p->lags; k++)
        for (size_t t = 0; t < m; t++) {
            double v = likelihood(b->p, k, (double)tg[k * b->frames + t]);
            if (k == 0 || v > best[t]) best[t] = v, at[t] = k;
        }
    for (size_t t = 0; t < m; t++) b->out[channel * b->frames + first + t] = b->p->bpm[at[t]];
}

/* --- putting it together --------------------------------------------------------------------------------------- */

static sori_array *tempo_per_frame(sori_ctx *c, const feat_envelope *e, const prior *p, const sori_array *tg) {
    sori_array *out = feat_envelope_result(c, e, SORI_F64, 0, tg->shape[tg->ndim - 1]);
    if (!out) return NULL;
    by_frame b = { p, tg->data, tg->shape[tg->ndim - 1], 0, out->data };
    b.blocks = (b.frames + NUM_LANES - 1) / NUM_LANES;
    base_parallel(c, b.blocks * e->channels, tempo_of_frames, &b);
    return out;
}

static sori_array *tempo_of_all(sori_ctx *c, const feat_envelope *e, const prior *p, const sori_array *tg,
                                const sori_tempogram_config *t, bool median) {
    sori_array *out = feat_envelope_result(c, e, SORI_F64, 0, 1);
    double *profile = base_alloc_raw(c, e->channels * p->lags, sizeof *profile);
    bool ok = out && profile && (tg ? reduce_rows(c, tg, tg->shape[tg->ndim - 1], median, profile)
                                    : mean_of_envelope(c, e, t, profile));
    for (size_t i = 0; ok && i < e->channels; i++)
        ((double *)out->data)[i] = best_tempo(p, profile + i * p->lags);
    base_free(c, profile);
    return ok ? out : NULL;
}

bool feat_tempogram_shape(sori_ctx *c, feat_envelope *e, const char *who, double sr, int hop, const sori_array *tg) {
    *e = (feat_envelope){ .who = who, .sr = sr, .hop = hop, .channels = 1 };
    if (base_failed(c) || !feat_check_clock(c, who, &e->sr, &e->hop) || !array_check(c, who, tg, SORI_F32, 2))
        return false;
    e->lead = tg->ndim - 2;
    e->n = tg->shape[e->lead + 1];
    for (int i = 0; i < e->lead; i++) {
        e->lead_shape[i] = tg->shape[i];
        e->channels *= tg->shape[i];
    }
    if (tg->size == 0) sori_fail(c, SORI_EINVAL, "%s: the tempogram is empty", who);
    return !base_failed(c) && feat_check_finite(c, who, tg->data, tg->size);
}

sori_array *feat_tempo(sori_ctx *c, const feat_envelope *e, const sori_tempo_config *g) {
    const sori_array *tg = g->tg;
    double seconds = g->ac_size != 0 ? g->ac_size : 8;
    int64_t lags = tg ? (int64_t)tg->shape[tg->ndim - 2] : sori_time_to_frames(seconds, e->sr, e->hop, 0);
    if (!(lags >= 1 && lags <= INT32_MAX))
        sori_fail(c, SORI_EINVAL, "%s: ac_size %g s is %lld frames", e->who, seconds, (long long)lags);
    sori_aggregate aggregate = feat_aggregate(c, e->who, g->aggregate, SORI_AGGREGATE_MEAN, FEAT_AGGREGATE(MEAN)
                                              | FEAT_AGGREGATE(MEDIAN) | FEAT_AGGREGATE(NONE));
    prior p;
    sori_tempogram_config t = { .win_length = (int)lags, .exact = g->exact };
    bool each = aggregate == SORI_AGGREGATE_NONE, median = aggregate == SORI_AGGREGATE_MEDIAN;
    if (base_failed(c) || !prior_open(c, &p, e, g, (size_t)lags)) return NULL;
    if (!tg && (each || median) && !(tg = feat_tempogram(c, e, &t))) return NULL;
    return each ? tempo_per_frame(c, e, &p, tg) : tempo_of_all(c, e, &p, tg, &t, median);
}

sori_array *sori_tempo(sori_ctx *c, sori_audio y, const sori_tempo_config *config) {
    static const sori_tempo_config defaults;
    const sori_tempo_config *g = config ? config : &defaults;
    feat_envelope e;
    feat_envelope_plan plan = { g->onset_envelope, g->hop_length, SORI_AGGREGATE_MEAN, g->exact };
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    bool ok = g->tg ? feat_tempogram_shape(c, &e, "tempo", y.sr, g->hop_length, g->tg)
                    : feat_envelope_open(c, &e, "tempo", y, &plan);
    return sori_end(c, scope, ok ? feat_tempo(c, &e, g) : NULL);
}
