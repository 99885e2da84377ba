/* beat.c - beats by dynamic programming.
 *
 * A good sequence of beats falls on frames of high onset strength and keeps an even distance. With period p in frames,
 * the best sequence that ends at frame t has
 *     C(t) = score(t) + max over tau in [p/2, 2p] of C(t - tau) - tightness (log tau - log p)^2
 * where score is the envelope, divided by its deviation and smoothed by a narrow Gaussian. Following the choices back
 * from the last good end gives the beats. The period may differ from frame to frame.
 *
 * Details are librosa 0.11's, its off-by-one included: the envelope's first value never enters the score.
 * Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007). librosa.beat.beat_track. */
#include "feat/rhythm.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define LONGEST (1 << 20)    /* frames of a beat */

/* One channel and its memory. */
typedef struct tracker {
    size_t n;
    double *x, *score, *sum;     /* [n] envelope, smoothed, C above */
    int32_t *link;               /* [n] the beat before, -1: none */
    const double *period;        /* frames a beat, whole numbers: of each frame, or one */
    bool varies;
    double tightness;
    double *window, *penalty;    /* [2 longest + 1] of the period at hand */
    double windowed, penalized;  /* that period; 0: none yet */
    uint8_t *beats;              /* [n] */
} tracker;

static double period_at(const tracker *b, size_t i) { return b->period[b->varies ? i : 0]; }

/* --- the score ------------------------------------------------------------------------------------------------- */

/* Divided by the standard deviation (n - 1), in float as librosa. */
static void normalize(const float *x, size_t n, double *out) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) mean += (double)x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    float deviation = (float)sqrt(squares / (double)(n - 1)) + FLT_MIN;
    for (size_t i = 0; i < n; i++) out[i] = (double)(x[i] / deviation);
}

static double dot(const double *a, const double *b, size_t n) {
    double sum[8] = { 0 };
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++) sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++) sum[0] += a[i] * b[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* A Gaussian of deviation p / 32 over 2p + 1 frames. */
static void make_window(tracker *b, double p) {
    if (b->windowed == p) return;
    b->windowed = p;
    for (double j = -p; j <= p; j++) b->window[(size_t)(j + p)] = exp(-0.5 * (j * 32 / p) * (j * 32 / p));
}

static void smooth(tracker *b) {
    for (size_t i = 0; i < b->n; i++) {
        make_window(b, period_at(b, i));
        size_t p = (size_t)period_at(b, i), first = i > p ? i - p : 1, last = BASE_MIN(i + p, b->n - 1);
        b->score[i] = first > last ? 0 : dot(b->window + (p + first - i), b->x + first, last - first + 1);
    }
}

/* --- the best sequence ----------------------------------------------------------------------------------------- */

static void make_penalty(tracker *b, double p) {
    if (b->penalized == p) return;
    b->penalized = p;
    for (size_t d = 1; d <= 2 * (size_t)p; d++) {
        double ratio = log((double)d) - log(p);
        b->penalty[d] = b->tightness * (ratio * ratio);
    }
}

/* The best beat before frame i: its distance, the smallest of equal ones, or 0; its worth to *best. */
static size_t best_before(const tracker *b, size_t i, double p, double *best) {
    size_t nearest = BASE_MAX((size_t)rint(p / 2), 1), furthest = BASE_MIN(2 * (size_t)p, i), at = 0;
    const double *end = b->sum + i;
    for (size_t d = nearest; d <= furthest; d++) {
        double worth = *(end - d) - b->penalty[d];
        if (worth > *best) *best = worth, at = d;
    }
    return at;
}

static void chain(tracker *b) {
    double threshold = 0;
    for (size_t i = 0; i < b->n; i++) threshold = i && b->score[i] <= threshold ? threshold : b->score[i];
    threshold *= 0.01;
    bool first = true;
    for (size_t i = 0; i < b->n; i++) {
        double p = period_at(b, i), best = -INFINITY;
        make_penalty(b, p);
        size_t d = best_before(b, i, p, &best);
        b->sum[i] = d ? b->score[i] + best : b->score[i];
        if (!(b->score[i] < threshold)) first = false;
        b->link[i] = first || !d ? -1 : (int32_t)(i - d);
    }
}

static bool is_top(const double *x, size_t n, size_t i) {
    return i > 0 && x[i] > x[i - 1] && (i + 1 == n || x[i] >= x[i + 1]);
}

/* The last local maximum of C worth at least half their median; x is scratch by now. */
static size_t last_beat(const tracker *b) {
    size_t tops = 0, i = b->n;
    for (size_t k = 0; k < b->n; k++)
        if (is_top(b->sum, b->n, k)) b->x[tops++] = b->sum[k];
    if (tops == 0) return b->n - 1;
    double threshold = 0.5 * feat_median(b->x, tops);
    while (i-- > 0)
        if (is_top(b->sum, b->n, i) && b->sum[i] >= threshold) return i;
    return b->n - 1;
}

/* Half the root mean square of the beats' scores, smoothed by [0, 1/2, 1, 1/2, 0]. librosa's mean counts up to two
 * values more than there are beats. scores [beats]. */
static double weak(const double *scores, size_t beats, size_t n) {
    size_t end = BASE_MIN(beats + 4, n + 2), count = 0;
    double squares = 0;
    for (size_t j = 2; j < end; j++, count++) {
        double v = j - 2 < beats ? scores[j - 2] : 0;
        if (j >= 3 && j - 3 < beats) v += 0.5 * scores[j - 3];
        if (j - 1 < beats) v += 0.5 * scores[j - 1];
        squares += v * v;
    }
    return count ? 0.5 * sqrt(squares / (double)count) : 0;
}

/* Take out the beats before the first and after the last frame whose score exceeds the threshold. */
static void trim(tracker *b, bool untrimmed) {
    size_t beats = 0, lo = 0, hi = b->n;
    for (size_t i = 0; i < b->n; i++)
        if (b->beats[i]) b->x[beats++] = b->score[i];
    double threshold = untrimmed ? 0 : weak(b->x, beats, b->n);
    while (lo < b->n && b->score[lo] <= threshold) b->beats[lo++] = 0;
    while (hi > lo && b->score[hi - 1] <= threshold) b->beats[--hi] = 0;
}

static void track(tracker *b, bool untrimmed) {
    smooth(b);
    chain(b);
    memset(b->beats, 0, b->n);
    for (int64_t i = (int64_t)last_beat(b); i >= 0; i = b->link[i]) b->beats[i] = 1;
    trim(b, untrimmed);
}

/* --- channels -------------------------------------------------------------------------------------------------- */

typedef struct job {
    const feat_envelope *e;
    const double *period;        /* [channels][periods] */
    size_t periods, longest;     /* periods: 1 or n */
    bool shared;                 /* one period for all channels */
    double tightness;
    bool untrimmed;
    uint8_t *beats;              /* [channels][n] */
} job;

static void one_channel(sori_ctx *c, void *arg, size_t i) {
    const job *j = arg;
    size_t n = j->e->n, table = 2 * j->longest + 1;
    tracker b = { .n = n, .period = j->period + (j->shared ? 0 : i * j->periods), .varies = j->periods > 1,
                  .tightness = j->tightness, .beats = j->beats + i * n };
    b.x = base_alloc_raw(c, 3 * n + 2 * table, sizeof *b.x);
    b.link = base_alloc_raw(c, n, sizeof *b.link);
    if (b.x && b.link) {
        b.score = b.x + n, b.sum = b.score + n, b.window = b.sum + n, b.penalty = b.window + table;
        normalize(j->e->x + i * n, n, b.x);
        track(&b, j->untrimmed);
    }
    base_free(c, b.link);
    base_free(c, b.x);
}

/* --- the gate -------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const sori_beat_config *g, const feat_envelope *e) {
    const char *who = e->who;
    if (e->lead && !g->dense) sori_fail(c, SORI_EINVAL, "%s: %d axes need dense results", who, e->lead + 1);
    else if ((int)g->units < 0 || g->units > SORI_UNITS_TIME)
        sori_fail(c, SORI_EINVAL, "%s: unknown units %d", who, (int)g->units);
    else if (!(g->tightness >= 0 && isfinite(g->tightness)))
        sori_fail(c, SORI_EINVAL, "%s: tightness %g is not above 0", who, g->tightness);
    else if (g->bpm_values && g->bpm_values->dtype != SORI_F64)
        sori_fail(c, SORI_EINVAL, "%s: bpm_values must be f64", who);
    else if (e->n > INT32_MAX) sori_fail(c, SORI_EINVAL, "%s: %zu frames are too many", who, e->n);
    return !base_failed(c);
}

/* The tempo: given, or estimated. */
static sori_array *tempo_of(sori_ctx *c, const feat_envelope *e, const sori_beat_config *g) {
    sori_tempo_config t = { .start_bpm = g->start_bpm, .logprior = g->logprior, .exact = g->exact };
    const sori_array *a = g->bpm_values;
    if (a) return sori_array_from(c, SORI_F64, a->ndim, a->shape, a->data);
    if (g->bpm != 0) return sori_array_from(c, SORI_F64, 1, (size_t[]){ 1 }, &g->bpm);
    return feat_tempo(c, e, &t);
}

/* Tempo to whole frames a beat: [tempo->size], freed by base_free. */
static double *periods_of(sori_ctx *c, const feat_envelope *e, const sori_array *tempo, job *j) {
    const double *bpm = tempo->data;
    bool frames = tempo->size == e->channels * e->n;
    if (tempo->size != 1 && tempo->size != e->channels && !frames) {
        sori_fail(c, SORI_EINVAL, "%s: %zu bpm_values for %zu channels of %zu frames", e->who, tempo->size, e->channels,
                  e->n);
        return NULL;
    }
    j->shared = tempo->size == 1;
    j->periods = frames && tempo->size > 1 ? e->n : 1;
    double *period = base_alloc_raw(c, tempo->size, sizeof *period);
    for (size_t i = 0; period && i < tempo->size; i++) {
        period[i] = bpm[i] > 0 ? rint(e->sr / e->hop * 60 / bpm[i]) : NAN;
        if (bpm[i] > 0 && period[i] >= 1 && period[i] <= LONGEST) j->longest = BASE_MAX(j->longest, (size_t)period[i]);
        else if (!base_failed(c))
            sori_fail(c, SORI_EINVAL, "%s: bpm %g is not a beat every 1 to %d frames", e->who, bpm[i], LONGEST);
    }
    j->period = period;
    return period;
}

static sori_array *flags_to_events(sori_ctx *c, const sori_array *flags, sori_event_units units,
                                   const feat_envelope *e) {
    const uint8_t *flag = flags->data;
    size_t n = 0;
    for (size_t i = 0; i < flags->size; i++) n += flag[i];
    sori_array *out = array_new_raw(c, SORI_I64, 1, &n);
    int64_t *at = out ? out->data : NULL;
    for (size_t i = 0; out && i < flags->size; i++)
        if (flag[i]) *at++ = (int64_t)i;
    return feat_events(c, out, units, e);
}

static sori_array *beats_of(sori_ctx *c, const feat_envelope *e, const sori_beat_config *g, const sori_array *tempo) {
    job j = { .e = e, .untrimmed = g->untrimmed };
    j.tightness = (double)(float)(g->tightness > 0 ? g->tightness : 100);   /* librosa's is a float32 */
    double *period = periods_of(c, e, tempo, &j);
    sori_array *flags = period && !base_failed(c) ? feat_envelope_result(c, e, SORI_U8, 0, e->n) : NULL;
    if (flags && e->n > 1) {
        j.beats = flags->data;
        base_each(c, e->channels, one_channel, &j);
    } else if (flags) memset(flags->data, 0, flags->size);   /* one frame has no deviation, and no beat */
    base_free(c, period);
    if (base_failed(c)) return NULL;
    return g->dense ? flags : flags_to_events(c, flags, g->units, e);
}

/* librosa's answer to an envelope of zeros: 0 BPM, no beats. */
static sori_array *nothing(sori_ctx *c, const feat_envelope *e, const sori_beat_config *g, sori_array **tempo) {
    sori_array *flags = feat_envelope_result(c, e, SORI_U8, 0, e->n);
    *tempo = feat_envelope_result(c, e, SORI_F64, 0, 1);
    if (!flags || !*tempo) return NULL;
    memset(flags->data, 0, flags->size);
    memset((*tempo)->data, 0, (*tempo)->size * sizeof(double));
    return g->dense ? flags : flags_to_events(c, flags, g->units, e);
}

sori_beat_result sori_beat_track(sori_ctx *c, sori_audio y, const sori_beat_config *config) {
    static const sori_beat_config defaults;
    const sori_beat_config *g = config ? config : &defaults;
    sori_beat_result out = { NULL, NULL };
    feat_envelope e;
    feat_envelope_plan plan = { g->onset_envelope, g->hop_length, SORI_AGGREGATE_MEDIAN, g->exact };
    if (base_failed(c)) return out;
    int scope = sori_begin(c);
    if (feat_envelope_open(c, &e, "beat_track", y, &plan) && check(c, g, &e)) {
        size_t i = 0;
        while (i < e.channels * e.n && e.x[i] == 0) i++;
        if (i == e.channels * e.n) out.beats = nothing(c, &e, g, &out.tempo);
        else if ((out.tempo = tempo_of(c, &e, g))) out.beats = beats_of(c, &e, g, out.tempo);
    }
    if (!out.beats || base_failed(c)) out = (sori_beat_result){ NULL, NULL };
    if (out.tempo) sori_keep(c, out.tempo);
    sori_end(c, scope, out.beats);
    return out;
}
