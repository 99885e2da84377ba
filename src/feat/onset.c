/* onset.c - onset strength: how much louder the bands of a spectrum have become.   librosa.onset.onset_strength(_multi)
 *
 *     S in dB  ->  max(0, S[f, t] - ref[f, t - lag])  ->  mean or median over the bands f  ->  shift, detrend
 *
 * ref is S itself, or S after a maximum filter along f: a partial that only moves to the next bin (vibrato) is then no
 * rise. The shift makes up for lag and for frames being centred: librosa counts an onset from where the first frame
 * that holds it ends.
 *
 * Frames go in at one end and the envelope comes out at the other, 16 of them side by side; a median sorts them by a
 * network. Böck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013. */
#include "feat/rhythm.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define PIECE 128    /* frames a worker takes at a time, a multiple of 16 */

typedef struct flux {
    const float *S, *ref;        /* [channels][d][frames] */
    size_t channels, d, frames, lag;
    size_t below, above;         /* bins of the maximum filter on either side */
    size_t late;                 /* frames of shift beyond lag */
    size_t bands;                /* bands of the result */
    size_t (*edge)[2];           /* [bands] first bin of a band, and end */
    size_t widest;               /* of them */
    bool median;
    size_t n;                    /* frames of the result */
    float *out;                  /* [channels][bands][n] */
    const num_kernels *k;
    float *scratch;              /* [workers][PIECE / 16][widest][16] */
    atomic_size_t next;
} flux;

/* --- one piece ----------------------------------------------------------------------------------------------- */

/* The earlier spectrum at bin i, m frames from t on: in place, or filtered into row. */
static const float *earlier(const flux *f, const float *ref, size_t i, size_t t, size_t m, float *row) {
    size_t lo = i < f->below ? 0 : i - f->below, hi = BASE_MIN(i + f->above, f->d - 1);
    if (lo == hi) return ref + i * f->frames + t;
    memcpy(row, ref + lo * f->frames + t, m * sizeof *row);
    for (size_t j = lo + 1; j <= hi; j++) {
        const float *other = ref + j * f->frames + t;
        for (size_t k = 0; k < m; k++) row[k] = other[k] > row[k] ? other[k] : row[k];
    }
    return row;
}

/* The rise of a band's bins at m frames from t on, as blocks of rows [bins][16]; zeros in lanes beyond m. A bin at a
 * time over all frames of the piece, because bins are pages apart in memory. */
static void rise(const flux *f, size_t channel, const size_t edge[2], size_t t, size_t m, float *rows) {
    const float *S = f->S + channel * f->d * f->frames, *ref = f->ref + channel * f->d * f->frames;
    float filtered[PIECE], row[PIECE] = { 0 };
    size_t bins = edge[1] - edge[0];
    for (size_t i = edge[0]; i < edge[1]; i++) {
        const float *now = S + i * f->frames + t, *before = earlier(f, ref, i, t - f->lag, m, filtered);
        for (size_t k = 0; k < m; k++) {
            float change = now[k] - before[k];   /* unconditional, so that compilers see a vector */
            row[k] = change > 0 ? change : 0;
        }
        for (size_t k = 0; k < m; k += NUM_LANES)
            memcpy(rows + k * bins + (i - edge[0]) * NUM_LANES, row + k, NUM_LANES * sizeof *row);
    }
}

static void mean_rows(const float *rows, size_t n, size_t m, float *out) {
    double sum[NUM_LANES] = { 0 };
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < NUM_LANES; k++) sum[k] += (double)rows[i * NUM_LANES + k];
    for (size_t k = 0; k < m; k++) out[k] = (float)(sum[k] / (double)n);
}

/* numpy.median: the mean of the two in the middle, in float. */
static void median_rows(const num_kernels *kernels, float *rows, size_t n, size_t m, float *out) {
    const float *low = rows + (n - 1) / 2 * NUM_LANES, *high = rows + n / 2 * NUM_LANES;
    kernels->sort(n, rows);
    for (size_t k = 0; k < m; k++) out[k] = (low[k] + high[k]) / 2;
}

/* Frames [t, t + m) of the result, all of which have an earlier one. */
static void piece(const flux *f, size_t channel, size_t t, size_t m, float *rows) {
    for (size_t b = 0; b < f->bands; b++) {
        float *out = f->out + (channel * f->bands + b) * f->n + t;
        size_t n = f->edge[b][1] - f->edge[b][0];
        rise(f, channel, f->edge[b], t - f->late, m, rows);
        for (size_t k = 0; k < m; k += NUM_LANES) {
            size_t lanes = BASE_MIN(m - k, NUM_LANES);
            if (f->median) median_rows(f->k, rows + k * n, n, lanes, out + k);
            else mean_rows(rows + k * n, n, lanes, out + k);
        }
    }
}

static void worker(void *arg, size_t w) {
    flux *f = arg;
    float *rows = f->scratch + w * f->widest * PIECE;
    size_t first = f->late + f->lag, pieces = f->n > first ? (f->n - first + PIECE - 1) / PIECE : 0;
    for (size_t i; (i = atomic_fetch_add(&f->next, 1)) < pieces * f->channels;) {
        size_t from = first + i % pieces * PIECE;
        piece(f, i / pieces, from, BASE_MIN(f->n - from, PIECE), rows);
    }
}

/* scipy.signal.lfilter([1, -1], [1, -0.99]): a high pass that lets onsets through. */
static void detrend(float *x, size_t n) {
    double before = 0, y = 0;
    for (size_t t = 0; t < n; t++) {
        double now = x[t];
        y = now - before + 0.99 * y;
        before = now;
        x[t] = (float)y;
    }
}

/* --- the gate -------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const char *who, const sori_onset_config *g, bool multi) {
    feat_aggregate(c, who, g->aggregate, SORI_AGGREGATE_MEAN,
                   FEAT_AGGREGATE(MEAN) | FEAT_AGGREGATE(MEDIAN) | FEAT_AGGREGATE(NONE));
    if (g->lag < 0) sori_fail(c, SORI_EINVAL, "%s: lag %d is below 1", who, g->lag);
    else if (g->max_size < 0) sori_fail(c, SORI_EINVAL, "%s: max_size %d is below 1", who, g->max_size);
    else if (!multi && g->aggregate == SORI_AGGREGATE_NONE)
        sori_fail(c, SORI_EINVAL, "%s: without an aggregate use onset_strength_multi", who);
    else if (!multi && g->channels) sori_fail(c, SORI_EINVAL, "%s: channels are for onset_strength_multi", who);
    return !base_failed(c);
}

/* The spectrogram, in dB: given, or the mel spectrogram of y. Its frames and channels are in `in`. */
static const float *spectrum(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_onset_config *g) {
    const sori_mel_config *m = &g->mel;
    sori_feature_config f = { .stft = m->stft, .power = m->power, .n_mels = m->n_mels, .fmin = m->fmin,
                              .fmax = m->fmax, .htk = m->htk, .mel_norm = m->norm, .db = true };
    bool ok = feat_input_open(c, in, who, y, m->S, &m->stft);
    if (m->S) return ok ? in->S : NULL;
    feat_use u = { .op = feat_find("mel") };
    if (ok) u.op->open(c, &u, in, &f);
    sori_array *S = feat_run(c, in, &u);
    if (S) in->bins = S->shape[in->lead];
    return S ? S->data : NULL;
}

static bool check_ref(sori_ctx *c, const char *who, const sori_array *ref, const feat_input *in) {
    if (!array_check(c, who, ref, SORI_F32, 2)) return false;
    bool same = ref->ndim == in->lead + 2 && ref->shape[in->lead] == in->bins && ref->shape[in->lead + 1] == in->frames;
    for (int i = 0; same && i < in->lead; i++) same = ref->shape[i] == in->lead_shape[i];
    char text[128];
    if (!same) sori_fail(c, SORI_EINVAL, "%s: ref is %s, not %zu bins of %zu frames as the spectrum", who,
                         array_shape_text(ref, text, sizeof text), in->bins, in->frames);
    return same && feat_check_finite(c, who, ref->data, ref->size);
}

/* Bands as channels= says, each bin (no aggregate), or all. */
static bool make_edges(sori_ctx *c, const char *who, flux *f, const sori_onset_config *g) {
    const sori_array *a = g->channels;
    bool pairs = a && a->ndim == 2 && a->shape[1] == 2, each = g->aggregate == SORI_AGGREGATE_NONE;
    if (a && !each && (a->dtype != SORI_I64 || a->size < 2 || !(pairs || a->ndim == 1))) {
        sori_fail(c, SORI_EINVAL, "%s: channels must be i64, [k + 1] edges or [k, 2] pairs", who);
        return false;
    }
    f->bands = each ? f->d : pairs ? a->shape[0] : a ? a->size - 1 : 1;
    f->edge = base_alloc_raw(c, f->bands, sizeof *f->edge);
    f->widest = each ? 1 : f->d;
    for (size_t b = 0; f->edge && b < f->bands; b++) {
        const int64_t *edge = a && !each ? (const int64_t *)a->data + (pairs ? 2 * b : b) : NULL;
        int64_t lo = edge ? edge[0] : each ? (int64_t)b : 0, hi = edge ? edge[1] : each ? lo + 1 : (int64_t)f->d;
        if (lo < 0 || hi <= lo || hi > (int64_t)f->d) {
            sori_fail(c, SORI_EINVAL, "%s: channel %zu, bands %lld to %lld, is not within the %zu there are", who, b,
                      (long long)lo, (long long)hi, f->d);
            return false;
        }
        f->edge[b][0] = (size_t)lo, f->edge[b][1] = (size_t)hi;
    }
    return f->edge != NULL;
}

/* Sizes, librosa's way: uncentred, the result is as long as lag at least. */
static void measure(flux *f, const feat_input *in, const sori_onset_config *g) {
    const sori_stft_config *stft = &g->mel.stft;
    size_t n_fft = stft->n_fft ? (size_t)stft->n_fft : 2048, hop = stft->hop_length ? (size_t)stft->hop_length : 512;
    size_t size = g->max_size && !g->ref ? (size_t)g->max_size : 1;
    f->channels = in->channels;
    f->d = in->bins;
    f->frames = in->frames;
    f->lag = g->lag ? (size_t)g->lag : 1;
    f->below = BASE_MIN(size / 2, f->d);
    f->above = BASE_MIN(size - size / 2 - 1, f->d);
    f->late = g->uncentered ? 0 : n_fft / (2 * hop);
    f->n = g->uncentered ? BASE_MAX(f->frames, f->lag) : f->frames;
    f->median = g->aggregate == SORI_AGGREGATE_MEDIAN;
    f->k = num_kernels_find(NULL, false);
}

static sori_array *compute(sori_ctx *c, const char *who, const feat_input *in, flux *f, const sori_onset_config *g,
                           bool multi) {
    sori_array *out = make_edges(c, who, f, g) ? feat_result(c, in, SORI_F32, multi ? f->bands : 0, f->n) : NULL;
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), f->n * f->channels / PIECE), 1);
    f->scratch = out ? base_alloc_raw(c, workers * f->widest, PIECE * sizeof *f->scratch) : NULL;
    if (f->scratch) {
        f->out = memset(out->data, 0, out->size * sizeof *f->out);   /* frames without an earlier one stay 0 */
        base_parallel(c, workers, worker, f);
        for (size_t i = 0; g->detrend && i < f->channels * f->bands; i++) detrend(f->out + i * f->n, f->n);
    }
    base_free(c, f->scratch);
    base_free(c, f->edge);
    return base_failed(c) ? NULL : out;
}

static sori_array *strength(sori_ctx *c, const char *who, sori_audio y, const sori_onset_config *g, bool multi) {
    feat_input in;
    flux f = { 0 };
    if (base_failed(c) || !check(c, who, g, multi)) return NULL;
    int scope = sori_begin(c);
    sori_array *out = NULL;
    f.S = spectrum(c, &in, who, y, g);
    if (f.S && (!g->ref || check_ref(c, who, g->ref, &in))) {
        f.ref = g->ref ? g->ref->data : f.S;
        measure(&f, &in, g);
        out = compute(c, who, &in, &f, g, multi);
    }
    return sori_end(c, scope, out);
}

sori_array *sori_onset_strength(sori_ctx *c, sori_audio y, const sori_onset_config *config) {
    static const sori_onset_config defaults;
    return strength(c, "onset_strength", y, config ? config : &defaults, false);
}

sori_array *sori_onset_strength_multi(sori_ctx *c, sori_audio y, const sori_onset_config *config) {
    static const sori_onset_config defaults;
    return strength(c, "onset_strength_multi", y, config ? config : &defaults, true);
}

/* --- for those who need an envelope ---------------------------------------------------------------------------- */

bool feat_check_clock(sori_ctx *c, const char *who, double *sr, int *hop) {
    if (*hop == 0) *hop = 512;
    if (feat_check_rate(c, who, sr) && *hop < 1) sori_fail(c, SORI_EINVAL, "%s: hop_length %d is below 1", who, *hop);
    return !base_failed(c);
}

bool feat_envelope_open(sori_ctx *c, feat_envelope *e, const char *who, sori_audio y, const feat_envelope_plan *plan) {
    *e = (feat_envelope){ .who = who, .sr = y.sr, .hop = plan->hop_length, .channels = 1 };
    if (base_failed(c) || !feat_check_clock(c, who, &e->sr, &e->hop)) return false;
    const sori_array *a = plan->given;
    sori_onset_config g = { .mel.stft = { .hop_length = e->hop, .exact = plan->exact }, .aggregate = plan->aggregate };
    if (!a) a = strength(c, who, (sori_audio){ y.y, e->sr }, &g, false);
    if (base_failed(c) || !array_check(c, who, a, SORI_F32, 1)) return false;
    e->x = a->data;
    e->lead = a->ndim - 1;
    e->n = a->shape[e->lead];
    for (int i = 0; i < e->lead; i++) {
        e->lead_shape[i] = a->shape[i];
        e->channels *= a->shape[i];
    }
    if (a->size == 0) sori_fail(c, SORI_EINVAL, "%s: the onset envelope has no frames", who);
    else if (e->lead + 2 > SORI_MAX_DIMS)
        sori_fail(c, SORI_EINVAL, "%s: an envelope of %d axes (at most %d)", who, a->ndim, SORI_MAX_DIMS - 1);
    return !base_failed(c) && feat_check_finite(c, who, e->x, a->size);
}

sori_array *feat_envelope_result(sori_ctx *c, const feat_envelope *e, sori_dtype dtype, size_t rows, size_t columns) {
    size_t shape[2] = { rows ? rows : columns, columns };
    return array_new_lead(c, dtype, e->lead, e->lead_shape, (rows != 0) + (columns != 0), shape);
}
