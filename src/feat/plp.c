/* plp.c - predominant local pulse: where the beats would be if the tempo around each frame were steady.
 *
 * The short-time Fourier transform of the onset envelope says, frame by frame, which periodicity is strongest and with
 * what phase. That wave, under the window, is a guess of the pulse around the frame; neighbouring guesses are added up
 * (librosa: an inverse STFT with hop 1), so that they strengthen each other where they agree. Only the positive half is
 * kept, its largest value is 1.
 *
 * First pass, on the pipeline: the strongest bin of each frame. Second pass, over shards of the result: each frame's
 * single wave is added sample by sample, which costs less than an inverse transform of a spectrum full of zeros.
 * Grosche and Müller, "Extracting predominant local pulse information from music recordings", IEEE Trans. ASLP 19
 * (2011). librosa.beat.plp. */
#include "feat/rhythm.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define SHARD 2048       /* values of the result made by one thread at a time */
#define TURN 6.28318530717958647692

enum { BIN, RE, IM, ROWS };   /* what is known of a frame */

/* --- first pass: the strongest bin ----------------------------------------------------------------------------- */

typedef struct picker {
    size_t lo, end;          /* bins within the tempo's limits */
    double *weight;          /* [bins] the prior, largest 1 */
    double floor;            /* the largest weight of a bin beyond the limits, where there is no magnitude */
    bool equal;              /* equal_weights */
} picker;

static void picker_close(sori_ctx *c, feat_use *u) {
    picker *p = u->state;
    base_free(c, p->weight);
    base_free(c, p);
}

/* librosa divides by |largest value of the frame|, the largest in the order of complex numbers: by real part. All
 * other bins are 0 then, so it is 0 itself if the real part is negative. */
static double size_of(const picker *p, size_t bins, double re, double im) {
    bool positive = p->equal || bins == 1 || re > 0 || (re == 0 && im > 0);
    return sqrt((double)FLT_MIN) + (positive ? hypot(re, im) : 0);
}

static double part(const feat_block *b, size_t k, size_t imaginary, size_t m) {
    size_t i = (2 * k + imaginary) * NUM_LANES + m;
    return b->exact ? ((const double *)b->X)[i] : (double)((const float *)b->X)[i];
}

static void pick_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const picker *p = u->state;
    double best[NUM_LANES];
    size_t at[NUM_LANES] = { 0 };
    (void)scratch;
    for (size_t m = 0; m < NUM_LANES; m++) best[m] = -1;
    for (size_t k = p->lo; k < p->end; k++)
        for (size_t m = 0; m < b->frames; m++) {
            double re = part(b, k, 0, m), im = part(b, k, 1, m);
            double v = (1 + 1e6 * sqrt(re * re + im * im)) * p->weight[k];
            if (v > best[m]) best[m] = v, at[m] = k;
        }
    for (size_t m = 0; m < b->frames; m++) {
        bool any = best[m] >= p->floor && best[m] >= 0;
        double re = any ? part(b, at[m], 0, m) : 0, im = any ? part(b, at[m], 1, m) : 0;
        double size = size_of(p, b->bins, re, im);
        out[BIN * stride + m] = (float)at[m];
        out[RE * stride + m] = (float)(re / size);
        out[IM * stride + m] = (float)(im / size);
    }
}

static const feat_op pick_op = { .info = { "plp", "librosa.beat.plp", "", "" }, .block = pick_block,
                                 .close = picker_close };

static bool check_limits(sori_ctx *c, const sori_plp_config *g, double lo, double hi, size_t bins) {
    const sori_array *a = g->logprior;
    if (isnan(lo) || isnan(hi) || hi <= lo)
        sori_fail(c, SORI_EINVAL, "plp: tempo_max %g BPM is not above tempo_min %g BPM", hi, lo);
    else if (a && (a->dtype != SORI_F64 || a->ndim != 1 || a->size != bins))
        sori_fail(c, SORI_EINVAL, "plp: logprior must be %zu values f64, one a bin", bins);
    for (size_t k = 0; a && !base_failed(c) && k < bins; k++)
        if (isnan(((const double *)a->data)[k])) sori_fail(c, SORI_EINVAL, "plp: logprior %zu is NaN", k);
    return !base_failed(c);
}

/* The prior as weights, and the bins within the limits. */
static void weigh(picker *p, const sori_plp_config *g, const double *bpm, size_t bins, double lo, double hi) {
    double largest = -INFINITY;
    const double *prior = g->logprior ? g->logprior->data : NULL;
    for (size_t k = 0; prior && k < bins; k++) largest = fmax(largest, prior[k]);
    p->lo = bins;
    for (size_t k = 0; k < bins; k++) {
        bool within = bpm[k] >= lo && bpm[k] <= hi;
        p->weight[k] = !prior ? 1 : isfinite(largest) ? exp(prior[k] - largest) : 0;
        if (within && p->lo == bins) p->lo = k;
        if (within) p->end = k + 1;
        else p->floor = fmax(p->floor, p->weight[k]);
    }
}

/* u->state is the picker; closed by feat_run. */
static bool picker_open(sori_ctx *c, feat_use *u, const feat_envelope *e, size_t win, const sori_plp_config *g) {
    double lo = feat_option(g->tempo_min, 30, -INFINITY), hi = feat_option(g->tempo_max, 300, INFINITY);
    size_t bins = win / 2 + 1;
    picker *p = u->state = base_alloc(c, 1, sizeof *p);
    if (!p || !check_limits(c, g, lo, hi, bins)) return false;
    p->equal = g->equal_weights;
    p->weight = base_alloc(c, bins, sizeof *p->weight);
    sori_array *bpm = sori_fourier_tempo_frequencies(c, e->sr, (int)win, e->hop);
    if (!p->weight || !bpm) return false;
    weigh(p, g, bpm->data, bins, lo, hi);
    u->domain = FEAT_X;
    u->rows = ROWS;
    return true;
}

/* --- second pass: adding waves --------------------------------------------------------------------------------- */

typedef struct adder {
    const float *picked;     /* [channels][ROWS][frames] */
    size_t win, frames, n, shards;
    double *window;          /* [win] */
    double *cosine;          /* [win][2] cosine and sine of j / win turns */
    double *squares;         /* [win + 1] running sum of the window's squares */
    float *out;              /* [channels][n] */
} adder;

/* The wave of frame t to values [from, to) of the result; value i is the frame's sample i + win / 2 - t. */
static void add_wave(const adder *a, const float *picked, size_t t, size_t from, size_t to, double *sum) {
    size_t half = a->win / 2, k = (size_t)picked[BIN * a->frames + t];
    size_t lo = BASE_MAX(t > half ? t - half : 0, from), hi = BASE_MIN(t + a->win - half, to);
    double times = k == 0 || 2 * k == a->win ? 1 : 2;   /* the mirrored half of the spectrum */
    double re = times * (double)picked[RE * a->frames + t], im = times * (double)picked[IM * a->frames + t];
    if (re == 0 && im == 0) return;
    size_t j = lo + half - t, at = k * j % a->win;
    for (size_t i = lo; i < hi; i++, j++) {
        sum[i - from] += a->window[j] * (re * a->cosine[2 * at] - im * a->cosine[2 * at + 1]);
        at += k;
        if (at >= a->win) at -= a->win;
    }
}

static void add_shard(void *arg, size_t item) {
    const adder *a = arg;
    size_t channel = item / a->shards, from = item % a->shards * SHARD, to = BASE_MIN(from + SHARD, a->n);
    size_t half = a->win / 2, first = from + half < a->win ? 0 : from + half + 1 - a->win;
    double sum[SHARD] = { 0 };
    const float *picked = a->picked + channel * ROWS * a->frames;
    for (size_t t = first; t < a->frames && t < to + half; t++) add_wave(a, picked, t, from, to, sum);
    for (size_t i = from; i < to; i++) {
        size_t last = BASE_MIN(i + half, a->win - 1), start = i + half < a->frames ? 0 : i + half - (a->frames - 1);
        double squares = a->squares[last + 1] - a->squares[BASE_MIN(start, last + 1)];
        double v = sum[i - from] / (double)a->win / (squares > (double)FLT_MIN ? squares : 1);
        a->out[channel * a->n + i] = v > 0 ? (float)v : 0;
    }
}

static void normalize(float *x, size_t n) {
    float most = 0;
    for (size_t i = 0; i < n; i++) most = BASE_MAX(most, x[i]);
    for (size_t i = 0; i < n && most >= FLT_MIN; i++) x[i] /= most;
}

static bool adder_open(sori_ctx *c, adder *a) {
    a->window = feat_window(c, "plp", &(sori_stft_config){ 0 }, a->win, a->win);
    a->cosine = base_alloc_raw(c, 2 * a->win, sizeof *a->cosine);
    a->squares = base_alloc(c, a->win + 1, sizeof *a->squares);
    if (!a->window || !a->cosine || !a->squares) return false;
    for (size_t j = 0; j < a->win; j++) {
        a->cosine[2 * j] = cos(TURN * (double)j / (double)a->win);
        a->cosine[2 * j + 1] = sin(TURN * (double)j / (double)a->win);
        a->squares[j + 1] = a->squares[j] + a->window[j] * a->window[j];
    }
    return true;
}

static sori_array *add_all(sori_ctx *c, const feat_envelope *e, const sori_array *picked, size_t win) {
    adder a = { .picked = picked->data, .win = win, .frames = picked->shape[picked->ndim - 1], .n = e->n,
                .shards = (e->n + SHARD - 1) / SHARD };
    sori_array *out = feat_envelope_result(c, e, SORI_F32, 0, e->n);
    bool ok = out && adder_open(c, &a);
    if (ok) {
        a.out = out->data;
        base_parallel(c, a.shards * e->channels, add_shard, &a);
        for (size_t i = 0; i < e->channels; i++) normalize(a.out + i * e->n, e->n);
    }
    base_free(c, a.squares);
    base_free(c, a.cosine);
    base_free(c, a.window);
    return ok ? out : NULL;
}

static sori_array *pulse(sori_ctx *c, const feat_envelope *e, const sori_plp_config *g) {
    sori_stft_config stft = { .n_fft = g->win_length ? g->win_length : 384, .hop_length = 1, .exact = g->exact };
    if (stft.n_fft < 1) {
        sori_fail(c, SORI_EINVAL, "plp: win_length %d is below 1", stft.n_fft);
        return NULL;
    }
    sori_array *x = feat_envelope_result(c, e, SORI_F32, 0, e->n);
    if (!x) return NULL;
    memcpy(x->data, e->x, x->size * sizeof *e->x);
    feat_input in;
    feat_use u = { .op = &pick_op };
    if (feat_input_open(c, &in, "plp", (sori_audio){ x, e->sr }, NULL, &stft)) picker_open(c, &u, e, in.n_fft, g);
    sori_array *picked = feat_run(c, &in, &u);
    return picked ? add_all(c, e, picked, (size_t)stft.n_fft) : NULL;
}

sori_array *sori_plp(sori_ctx *c, sori_audio y, const sori_plp_config *config) {
    static const sori_plp_config defaults;
    const sori_plp_config *g = config ? config : &defaults;
    feat_envelope e;
    feat_envelope_plan plan = { g->onset_envelope, g->hop_length, SORI_AGGREGATE_MEDIAN, g->exact };
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    return sori_end(c, scope, feat_envelope_open(c, &e, "plp", y, &plan) ? pulse(c, &e, g) : NULL);
}
