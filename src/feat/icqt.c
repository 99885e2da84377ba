/* icqt.c - sound from a constant-Q transform.
 *
 * Every octave's bins, times the conjugates of their wavelets' spectra and divided by those spectra's power, are a
 * spectrum whose overlap-add is the octave's share of the sound, at the octave's rate. From the lowest octave up the
 * sum so far is doubled in rate and the next octave added, so every rate is passed once. Between doublings what rings
 * before the start and behind the end is kept.
 *
 * librosa doubles each octave up to the full rate by itself.   librosa.icqt */
#include "feat/cqt.h"
#include "feat/inverse.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define RING 256   /* samples kept beyond either end: half of them and the low pass's 194 / 2 are less */

typedef struct inverse {
    feat_wavelets w;           /* at the full rate */
    size_t per_octave, octaves, hop;
    bool scale, exact;
    size_t frames, channels, bins, stride;   /* frames in use, and those C has */
    const float *C;            /* [channels][bins][stride] pairs */
} inverse;

/* --- one octave --------------------------------------------------------------------------------------------------- */

typedef struct octave {
    const inverse *v;
    const num_kernels *k;
    const feat_basis *b;
    void *weight;              /* conjugate spectra, scaled; in the precision of the kernels */
} octave;

/* The state is the channel. */
static void begin_channel(const void *source, void *state, size_t channel, size_t shard, size_t first) {
    (void)source, (void)shard, (void)first;
    *(size_t *)state = channel;
}

static void load_spectra(const void *source, void *state, size_t first, size_t lanes, void *rows) {
    const octave *o = source;
    const inverse *v = o->v;
    size_t real = o->k->real_size, channel = *(const size_t *)state;
    _Alignas(BASE_ALIGN) char bin[NUM_ROW * sizeof(double)];
    const float *C = v->C + 2 * ((channel * v->bins + o->b->low) * v->stride + first);
    memset(rows, 0, (o->b->n_fft / 2 + 1) * NUM_ROW * real);
    for (size_t r = 0, at = 0; r < o->b->rows; at += o->b->count[r], r++) {
        o->k->load_complex(1, C + 2 * r * v->stride, v->stride, lanes, bin);
        o->k->spread_complex(1, &o->b->start[r], &o->b->count[r], (const char *)o->weight + 2 * at * real, bin, rows);
    }
}

/* The inverse of a wavelet's power, times what the transform had divided by. */
static bool fill_weights(sori_ctx *c, octave *o) {
    const inverse *v = o->v;
    const feat_basis *b = o->b;
    o->weight = base_alloc_raw(c, 2 * b->weights, o->k->real_size);
    for (size_t r = 0, i = 0; o->weight && r < b->rows; r++) {
        double power = 0, length = v->w.length[b->low + r];
        size_t end = i + 2 * b->count[r];
        for (size_t j = i; j < end; j++) power += b->weight[j] * b->weight[j];
        double scale = (double)b->n_fft / length / power * (v->scale ? sqrt(length) : 1);
        for (; i < end; i++) {
            double w = b->weight[i] * (i % 2 ? -scale : scale);
            if (v->exact) ((double *)o->weight)[i] = w;
            else ((float *)o->weight)[i] = (float)w;
        }
    }
    return o->weight != NULL;
}

/* The octave's sound, [channels][n]; NULL with the error recorded. */
static float *octave_sound(sori_ctx *c, const inverse *v, const feat_basis *b, size_t hop, size_t n) {
    octave o = { .v = v, .k = num_kernels_find(NULL, v->exact), .b = b };
    float *y = base_alloc_raw(c, v->channels * n, sizeof *y);
    feat_inverse f = { .n_fft = b->n_fft, .hop = hop, .bins = b->n_fft / 2 + 1, .frames = v->frames,
                       .start = b->n_fft / 2, .n = n, .channels = v->channels, .exact = v->exact, .y = y,
                       .window = base_alloc_raw(c, b->n_fft, sizeof(double)), .begin = begin_channel,
                       .load = load_spectra, .source = &o, .state_size = BASE_ALIGN };
    for (size_t i = 0; f.window && i < b->n_fft; i++) f.window[i] = 1;
    if (y && f.window && fill_weights(c, &o) && feat_inverse_open(c, &f)) feat_inverse_run(c, &f);
    feat_inverse_close(c, &f);
    base_free(c, o.weight);
    if (!base_failed(c)) return y;
    base_free(c, y);
    return NULL;
}

/* --- doubling ----------------------------------------------------------------------------------------------------- */

typedef struct doubling {
    const num_halve *h;
    const float *x;        /* [channels][n + 2 RING] */
    float *y;              /* [channels][2 n + 2 RING] */
    size_t n, count, groups, jobs, scratch_size;
    char *scratch;
    atomic_size_t next;
} doubling;

static void double_worker(void *arg, size_t w) {
    doubling *q = arg;
    size_t group = num_halve_group(q->h), in = q->n + 2 * RING;
    for (size_t i; (i = atomic_fetch_add(&q->next, 1)) < q->jobs;) {
        size_t channel = i / q->groups, at = i % q->groups * group;
        num_halve_run(q->h, q->x + channel * in, in, (int64_t)(RING + at), BASE_MIN(q->count - at, group),
                      q->y + channel * q->count + at, q->scratch + w * q->scratch_size);
    }
}

/* The sum at twice its rate, in new memory. */
static float *doubled(sori_ctx *c, const num_halve *h, const float *x, size_t channels, size_t n) {
    doubling q = { .h = h, .x = x, .n = n, .count = 2 * n + 2 * RING, .scratch_size = num_halve_scratch(h) };
    q.groups = (q.count + num_halve_group(h) - 1) / num_halve_group(h);
    q.jobs = q.groups * channels;
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), q.jobs), 1);
    q.y = base_alloc_raw(c, channels * q.count, sizeof *q.y);
    q.scratch = base_alloc_raw(c, workers, q.scratch_size);
    if (q.y && q.scratch) base_parallel(c, workers, double_worker, &q);
    base_free(c, q.scratch);
    return q.y;
}

/* --- all octaves -------------------------------------------------------------------------------------------------- */

static size_t halvings(const inverse *v) {
    size_t count = 0, hop = v->hop;
    for (; hop % 2 == 0 && count + 1 < v->octaves; hop /= 2) count++;
    return count;
}

static bool next_basis(sori_ctx *c, const inverse *v, size_t i, double sr, feat_basis *b) {
    size_t low = i * v->per_octave, high = BASE_MIN(low + v->per_octave, v->w.n);
    size_t n_fft = feat_wavelets_n_fft(c, &v->w, low, high, sr);
    if (!n_fft) return false;
    if (b->rows && feat_basis_serves(b, &v->w, low, high, sr, n_fft)) {
        b->low = low;
        b->sr = sr;
        return true;
    }
    feat_basis_close(c, b);
    return feat_basis_open(c, b, &v->w, low, high, sr, n_fft);
}

/* Add an octave [channels][n] to the sum. */
static void add_octave(const inverse *v, const float *y, size_t n, float *sum) {
    for (size_t channel = 0; channel < v->channels; channel++) {
        float *to = sum + channel * (n + 2 * RING) + RING;
        for (size_t i = 0; i < n; i++) to[i] += y[channel * n + i];
    }
}

/* [channels][n + 2 RING], n = hop (frames - 1). */
static float *sum_octaves(sori_ctx *c, const inverse *v, const num_halve *h) {
    size_t down = halvings(v), hop = v->hop >> down, n = hop * (v->frames - 1);
    double sr = v->w.sr / (double)((size_t)1 << down);
    float *sum = base_alloc(c, v->channels * (n + 2 * RING), sizeof *sum);
    feat_basis b = { 0 };
    for (size_t i = 0; i < v->octaves && !base_failed(c) && !base_interrupted(c); i++) {
        if (i + down >= v->octaves) {   /* the upper octaves' rates rise */
            float *twice = doubled(c, h, sum, v->channels, n);
            base_free(c, sum);
            sum = twice;
            hop *= 2;
            n *= 2;
            sr *= 2;
        }
        float *y = !base_failed(c) && next_basis(c, v, i, sr, &b) ? octave_sound(c, v, &b, hop, n) : NULL;
        if (y) add_octave(v, y, n, sum);
        base_free(c, y);
    }
    feat_basis_close(c, &b);
    return sum;
}

/* --- set-up ------------------------------------------------------------------------------------------------------- */

static bool take_wavelets(sori_ctx *c, inverse *v, const sori_cqt_config *g, size_t bins) {
    int per = g->bins_per_octave ? g->bins_per_octave : 12;
    double tuning = feat_option(g->tuning, 0, 0);
    double fmin = (g->fmin != 0 ? g->fmin : FEAT_C1) * exp2(tuning / per);
    sori_interval_config scale = { .bins_per_octave = per };
    v->w.hz = feat_scale(c, v->w.who, (int)BASE_MIN(bins, (size_t)FEAT_MAX_BINS + 1), fmin, &scale);
    if (!v->w.hz) return false;
    v->w.n = bins;
    v->w.window = g->window ? g->window : "hann";
    v->w.filter_scale = g->filter_scale != 0 ? g->filter_scale : 1;
    v->w.sparsity = feat_option(g->sparsity, 0.01, 0);
    v->per_octave = (size_t)per;
    v->octaves = (bins + v->per_octave - 1) / v->per_octave;
    return feat_take_norm(c, v->w.who, g->norm, 1, &v->w.norm) && feat_wavelets_open(c, &v->w, per);
}

static bool check(sori_ctx *c, inverse *v, const sori_cqt_config *g) {
    const char *who = v->w.who;
    if (!feat_check_rate(c, who, &v->w.sr)) return false;
    if (g->hop_length < 0) sori_fail(c, SORI_EINVAL, "%s: hop_length %d is below 1", who, g->hop_length);
    else if (g->tuning.mode == 2) sori_fail(c, SORI_EINVAL, "%s: tuning must be a number", who);
    else if (v->stride < 2) sori_fail(c, SORI_EINVAL, "%s: %zu frames are not enough (2)", who, v->stride);
    return !base_failed(c);
}

static bool open_inverse(sori_ctx *c, inverse *v, const sori_array *C, double sr, const sori_icqt_config *config) {
    const sori_cqt_config *g = &config->cqt;
    *v = (inverse){ .w = { .who = "icqt", .sr = sr == 0 ? 22050 : sr }, .scale = !g->unscaled, .exact = g->exact,
                    .hop = g->hop_length ? (size_t)g->hop_length : 512, .channels = 1 };
    if (!array_check(c, "icqt", C, SORI_C64, 2)) return false;
    v->bins = C->shape[C->ndim - 2];
    v->stride = v->frames = C->shape[C->ndim - 1];
    for (int i = 0; i < C->ndim - 2; i++) v->channels *= C->shape[i];
    v->C = C->data;
    if (!check(c, v, g) || !take_wavelets(c, v, g, v->bins)) return false;
    if (!feat_check_finite(c, "icqt", v->C, 2 * C->size)) return false;
    double longest = 0;
    for (size_t i = 0; i < v->w.n; i++) longest = fmax(longest, v->w.length[i]);
    double needed = ceil(((double)config->length + longest) / (double)v->hop);
    if (config->length && needed < (double)v->frames) v->frames = BASE_MAX((size_t)needed, 2);
    return true;
}

/* The sum without what rings, cut or filled with zeros to the length that is wanted. */
static sori_array *take_sound(sori_ctx *c, const inverse *v, const sori_array *C, const float *sum, size_t length) {
    size_t n = v->hop * (v->frames - 1);
    if (!length) length = n;
    sori_array *y = array_new_lead(c, SORI_F32, C->ndim - 2, C->shape, 1, &length);
    for (size_t i = 0; y && i < v->channels; i++) {
        float *out = (float *)y->data + i * length;
        size_t kept = BASE_MIN(n, length);
        memcpy(out, sum + i * (n + 2 * RING) + RING, kept * sizeof *out);
        memset(out + kept, 0, (length - kept) * sizeof *out);
    }
    return y;
}

sori_audio sori_icqt(sori_ctx *c, const sori_array *C, double sr, const sori_icqt_config *config) {
    static const sori_icqt_config defaults;
    sori_audio out = { NULL, sr == 0 ? 22050 : sr };
    inverse v = { 0 };
    if (!config) config = &defaults;
    if (base_failed(c)) return out;
    bool ok = open_inverse(c, &v, C, sr, config);
    num_halve *h = ok ? num_halve_new(c, num_kernels_find(NULL, false), true, 1) : NULL;
    float *sum = h ? sum_octaves(c, &v, h) : NULL;
    if (!base_failed(c)) out.y = take_sound(c, &v, C, sum, config->length);
    base_free(c, sum);
    num_halve_free(c, h);
    feat_wavelets_close(c, &v.w);
    return out;
}
