/* octave.c - the variable-Q transform octave by octave, from the highest down.
 *
 * An octave below has the same wavelets at half the sampling rate. So each octave is one short STFT with a rectangular
 * window, times the spectra of its wavelets (basis.c); then the sound and the hop are halved. Where the highest octave
 * lies low enough, the sound is halved before it, too. 16 frames go through the transform and straight into the
 * product, of which only bins that matter are kept; the STFT is never stored.
 *
 * Schörkhuber and Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010.  librosa.vqt */
#include "feat/cqt.h"
#include "feat/pipeline.h"
#include <math.h>
#include <stdatomic.h>

typedef struct feat_octave {
    double sr;             /* Hz */
    size_t low, high;      /* bins [low, high) */
    size_t n, hop, n_fft;  /* samples */
} feat_octave;

/* --- one octave as a feature ------------------------------------------------------------------------------------ */

typedef struct product {
    const feat_vqt_sink *sink;
    size_t bins;                /* of the octave */
    uint32_t *start, *count;    /* [bins] borrowed from the basis */
    void *weight;               /* pairs, in the precision of the kernels */
    void *matrix;               /* folded: [rows][bins], likewise */
} product;

static void octave_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const product *p = u->state;
    u->k->bank_complex(p->bins, p->start, p->count, p->weight, b->X, scratch);
    if (p->sink->kind == FEAT_VQT_COMPLEX) {
        u->k->store_complex(p->bins, scratch, 0, b->frames, out, stride, false);
        return;
    }
    u->k->row_magnitude(p->bins, scratch, scratch);
    if (p->sink->kind == FEAT_VQT_MAGNITUDE) {
        u->k->store(p->bins, scratch, 0, b->frames, out, stride, false);
        return;
    }
    float *sums = (float *)((char *)scratch + p->bins * NUM_ROW * u->k->real_size);
    u->k->matrix(p->sink->rows, p->bins, p->matrix, scratch, NUM_LANES, sums, NUM_LANES);
    for (size_t r = 0; r < p->sink->rows; r++)
        for (size_t m = 0; m < b->frames; m++) out[r * stride + m] += sums[r * NUM_LANES + m];
}

static void octave_close(sori_ctx *c, feat_use *u) {
    product *p = u->state;
    base_free(c, p->weight);
    base_free(c, p->matrix);
    base_free(c, p);
}

static const feat_op octave_op = { .block = octave_block, .close = octave_close };

/* The basis in the kernels' precision: for the lower energy of halved sound, and for the filters' lengths. */
static bool fill_product(sori_ctx *c, const feat_vqt *v, const feat_octave *o, const feat_basis *b, product *p) {
    const num_kernels *k = num_kernels_find(NULL, v->exact);
    size_t i = 0, all = v->w.n;
    double top = v->octave[0].sr;
    p->weight = base_alloc_raw(c, 2 * b->weights, k->real_size);
    if (p->sink->kind == FEAT_VQT_FOLDED) p->matrix = base_alloc_raw(c, p->sink->rows * p->bins, k->real_size);
    if (base_failed(c)) return false;
    for (size_t r = 0; r < p->bins; r++) {
        double scale = sqrt(top / o->sr);
        if (v->scale) scale /= sqrt(feat_wavelet_length(&v->w, o->low + r, top));
        for (size_t end = i + 2 * b->count[r]; i < end; i++) num_put(k, p->weight, i, b->weight[i] * scale);
    }
    for (size_t j = 0; p->matrix && j < p->sink->rows * p->bins; j++)
        num_put(k, p->matrix, j, p->sink->matrix[j / p->bins * all + o->low + j % p->bins]);
    return true;
}

static bool octave_open(sori_ctx *c, const feat_vqt *v, const feat_octave *o, const feat_basis *b,
                        const feat_vqt_sink *sink, feat_use *u) {
    product *p = base_alloc(c, 1, sizeof *p);
    if (!p) return false;
    *p = (product){ .sink = sink, .bins = b->rows, .start = b->start, .count = b->count };
    size_t sums = sink->kind == FEAT_VQT_FOLDED ? sink->rows * NUM_LANES * sizeof(float) : 0;
    *u = (feat_use){ .op = &octave_op, .domain = FEAT_X, .rows = b->rows, .state = p,
                     .dtype = sink->kind == FEAT_VQT_COMPLEX ? SORI_C64 : SORI_F32,
                     .scratch = b->rows * NUM_ROW * sizeof(double) + sums };
    return fill_product(c, v, o, b, p);
}

/* --- a pass over the sound --------------------------------------------------------------------------------------- */

typedef struct pass {
    feat_pipeline p;
    size_t frames, groups;       /* of a channel */
    char *scratch;
    float *out;
    size_t stride, plane;
    atomic_size_t next;
} pass;

static void pass_worker(void *arg, size_t w) {
    pass *q = arg;
    const feat_input *in = q->p.in;
    size_t floats = feat_floats(q->p.uses);
    feat_sink sink = { .stride = q->stride };
    for (size_t i; (i = atomic_fetch_add(&q->next, 1)) < q->groups * in->channels;) {
        size_t channel = i / q->groups, first = i % q->groups * q->p.group;
        feat_sound s = { .channel = channel, .y = in->y + channel * in->n, .n = (int64_t)in->n,
                         .padding = in->centered ? (int64_t)(in->n_fft / 2) : 0,
                         .tail = feat_tail((int64_t)in->n, in->n_fft, in->hop) };
        sink.out = q->out + floats * (channel * q->plane + first);
        feat_pipeline_sound(&q->p, &s, first, BASE_MIN(q->frames - first, q->p.group),
                            q->scratch + w * q->p.scratch, &sink);
    }
}

void feat_pass(sori_ctx *c, feat_input *in, feat_use *u, size_t frames, float *out, size_t stride, size_t plane) {
    pass q = { .frames = frames, .out = out, .stride = stride, .plane = plane };
    if (in->window && feat_pipeline_open(c, &q.p, in, u, 1)) {
        q.groups = (frames + q.p.group - 1) / q.p.group;
        size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), q.groups * in->channels), 1);
        q.scratch = base_alloc_raw(c, workers, q.p.scratch);
        if (q.scratch) base_parallel(c, workers, pass_worker, &q);
    }
    if (c) {
        base_free(c, q.scratch);
        if (q.p.in) feat_pipeline_close(c, &q.p);
        feat_uses_close(c, u, 1);
    }
}

static void run_octave(sori_ctx *c, const feat_vqt *v, const feat_octave *o, const feat_basis *b, const float *y,
                       size_t channels, const feat_vqt_sink *sink) {
    feat_input in = { .who = v->w.who, .sr = o->sr, .n_fft = o->n_fft, .win_length = o->n_fft,
                      .bins = o->n_fft / 2 + 1, .hop = o->hop, .centered = true, .pad = v->pad, .exact = v->exact,
                      .y = y, .channels = channels, .n = o->n, .frames = v->frames };
    size_t floats = sink->kind == FEAT_VQT_COMPLEX ? 2 : 1;
    size_t row = sink->kind == FEAT_VQT_FOLDED ? 0 : o->low;
    feat_use u = { 0 };
    in.window = base_alloc_raw(c, o->n_fft, sizeof *in.window);
    for (size_t i = 0; in.window && i < o->n_fft; i++) in.window[i] = 1;
    if (octave_open(c, v, o, b, sink, &u))
        feat_pass(c, &in, &u, v->frames, sink->out + floats * row * sink->stride, sink->stride, sink->plane);
    else feat_uses_close(c, &u, 1);
    base_free(c, in.window);
}

/* --- halving ------------------------------------------------------------------------------------------------------ */

typedef struct halving {
    const num_halve *h;
    const float *x;
    float *y;
    size_t n, count;       /* samples of a channel */
    int64_t first;
    size_t groups;         /* of a channel */
    char *scratch;
    size_t scratch_size, jobs;
    atomic_size_t next;
} halving;

static void halve_worker(void *arg, size_t w) {
    halving *q = arg;
    size_t group = num_halve_group(q->h);
    for (size_t i; (i = atomic_fetch_add(&q->next, 1)) < q->jobs;) {
        size_t channel = i / q->groups, at = i % q->groups * group;
        num_halve_run(q->h, q->x + channel * q->n, q->n, q->first + (int64_t)at, BASE_MIN(q->count - at, group),
                      q->y + channel * q->count + at, q->scratch + w * q->scratch_size);
    }
}

/* Samples [first, first + count) at half the rate of every channel of x [channels][n]; NULL with the error recorded. */
static float *halve(sori_ctx *c, const num_halve *h, const float *x, size_t channels, size_t n, int64_t first,
                    size_t count) {
    halving q = { .h = h, .x = x, .n = n, .count = count, .first = first, .scratch_size = num_halve_scratch(h) };
    q.groups = (count + num_halve_group(h) - 1) / num_halve_group(h);
    q.jobs = q.groups * channels;
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), q.jobs), 1);
    q.y = base_alloc_raw(c, channels * count, sizeof *q.y);
    q.scratch = base_alloc_raw(c, workers, q.scratch_size);
    if (q.y && q.scratch) base_parallel(c, workers, halve_worker, &q);
    base_free(c, q.scratch);
    if (!base_failed(c)) return q.y;
    base_free(c, q.y);
    return NULL;
}

#define RING 196   /* samples a halving reaches to either side, of the higher rate */

/* The sound at the first octave's rate. Between halvings what rings before its start and behind its end is kept, `more`
 * samples of it. soxr gives n / 2^early samples rounded, and librosa fills up with zeros. */
static float *lower(sori_ctx *c, const feat_vqt *v, const num_halve *h, const float *y, size_t channels) {
    size_t n = v->n, more = 0, given = (v->n + ((size_t)1 << v->early) / 2) >> v->early;
    float *from = NULL;
    for (size_t i = 1; i <= v->early && !base_failed(c); i++) {
        size_t left = v->early - i, keep = RING * (((size_t)1 << left) - 1), to = (v->n + ((size_t)1 << i) - 1) >> i;
        /* sample s of the sound lies at s + more in `from`; half of it, t, at 2t + more */
        float *half = halve(c, h, from ? from : y, channels, n, (int64_t)(more / 2) - (int64_t)keep, to + 2 * keep);
        base_free(c, from);
        from = half;
        n = to + 2 * keep;
        more = keep;
    }
    for (size_t channel = 0; from && channel < channels; channel++)
        for (size_t i = given; i < n; i++) from[channel * n + i] = 0;
    double louder = v->scale ? 1 : sqrt((double)((size_t)1 << v->early));
    for (size_t i = 0; from && louder != 1 && i < channels * n; i++) from[i] = (float)((double)from[i] * louder);
    return from;
}

/* --- running ------------------------------------------------------------------------------------------------------ */

/* The octave's basis: the one of the octave before, where that will do. */
static bool next_basis(sori_ctx *c, const feat_vqt *v, const feat_octave *o, feat_basis *b) {
    if (b->rows && feat_basis_serves(b, &v->w, o->low, o->high, o->sr, o->n_fft)) return true;
    feat_basis_close(c, b);
    return feat_basis_open(c, b, &v->w, o->low, o->high, o->sr, o->n_fft);
}

void feat_vqt_run(sori_ctx *c, const feat_vqt *v, const float *y, size_t channels, const feat_vqt_sink *sink) {
    if (base_failed(c)) return;
    num_halve *h = num_halve_new(c, num_kernels_find(NULL, false), false, sqrt(2));
    float *at = h && v->early ? lower(c, v, h, y, channels) : NULL;
    feat_basis b = { 0 };
    for (size_t i = 0; i < v->octaves && !base_failed(c) && !base_interrupted(c); i++) {
        const feat_octave *o = &v->octave[i];
        if (i && o->hop != v->octave[i - 1].hop) {
            float *half = halve(c, h, at ? at : y, channels, v->octave[i - 1].n, 0, o->n);
            base_free(c, at);
            at = half;
        }
        if (!base_failed(c) && next_basis(c, v, o, &b)) run_octave(c, v, o, &b, at ? at : y, channels, sink);
    }
    if (!c) return;
    feat_basis_close(c, &b);
    base_free(c, at);
    num_halve_free(c, h);
}

/* --- set-up ------------------------------------------------------------------------------------------------------- */

static size_t twos_in(size_t n) {
    size_t count = 0;
    for (; n % 2 == 0; n /= 2) count++;
    return count;
}

/* How often the sound is halved before the first octave: until the highest filter ends a quarter of the rate below, as
 * far as all octaves can still halve the hop. */
static size_t early_halvings(const feat_vqt *v) {
    double room = ceil(log2(v->w.sr / 2 / v->w.cutoff)) - 2;
    size_t twos = twos_in(v->hop), needed = v->octaves - 1, by_rate = room > 0 ? (size_t)room : 0;
    return BASE_MIN(by_rate, twos > needed ? twos - needed : 0);
}

/* Octave i from the one above it. */
static bool cut_octave(sori_ctx *c, feat_vqt *v, size_t i) {
    feat_octave *o = &v->octave[i];
    size_t taken = i * v->per_octave;
    if (i == 0) *o = (feat_octave){ .sr = v->w.sr / (double)((size_t)1 << v->early), .hop = v->hop >> v->early,
                                    .n = (v->n + ((size_t)1 << v->early) - 1) >> v->early };
    else {
        *o = v->octave[i - 1];
        if (o->hop % 2 == 0) {
            o->hop /= 2;
            o->sr /= 2;
            o->n = (o->n + 1) / 2;
        }
    }
    o->high = v->w.n - taken;
    o->low = o->high > v->per_octave ? o->high - v->per_octave : 0;
    o->n_fft = feat_wavelets_n_fft(c, &v->w, o->low, o->high, o->sr);
    size_t frames = o->n_fft ? feat_frames(o->n, o->n_fft, o->hop, true) : 0;
    v->frames = i == 0 ? frames : BASE_MIN(v->frames, frames);
    return o->n_fft != 0;
}

static bool check_settings(sori_ctx *c, const feat_vqt *v) {
    const char *who = v->w.who;
    if (v->w.cutoff > v->w.sr / 2)
        sori_fail(c, SORI_EINVAL,
                  "%s: the highest filter ends at %g Hz, above sr/2 %g Hz: fewer n_bins or a lower fmin", who,
                  v->w.cutoff, v->w.sr / 2);
    else if (v->n < (size_t)1 << v->early)
        sori_fail(c, SORI_EINVAL, "%s: a sound of %zu samples is too short for %zu octaves", who, v->n, v->octaves);
    return !base_failed(c);
}

static bool take_wavelets(sori_ctx *c, feat_vqt *v, const sori_vqt_config *config, double tuning, double gamma) {
    const sori_cqt_config *g = &config->cqt;
    int per = config->ratios ? (int)BASE_MIN(config->ratios->size, FEAT_MAX_BINS)
            : g->bins_per_octave ? g->bins_per_octave : 12, n_bins = g->n_bins ? g->n_bins : 84;
    double fmin = (g->fmin != 0 ? g->fmin : FEAT_C1) * exp2(tuning / per);
    sori_interval_config scale = { .intervals = config->intervals, .ratios = config->ratios, .bins_per_octave = per };
    v->w.hz = feat_scale(c, v->w.who, n_bins, fmin, &scale);
    if (!v->w.hz) return false;
    v->w.n = (size_t)n_bins;
    v->per_octave = (size_t)BASE_MIN(per, n_bins);
    v->w.window = g->window ? g->window : "hann";
    v->w.filter_scale = g->filter_scale != 0 ? g->filter_scale : 1;
    v->w.gamma = gamma;
    v->w.sparsity = feat_option(g->sparsity, 0.01, 0);
    return feat_take_norm(c, v->w.who, g->norm, 1, &v->w.norm) && feat_wavelets_open(c, &v->w, per);
}

bool feat_vqt_open(sori_ctx *c, feat_vqt *v, const char *who, double sr, size_t n, const sori_vqt_config *config,
                   double tuning, double gamma) {
    const sori_cqt_config *g = &config->cqt;
    *v = (feat_vqt){ .w = { .who = who, .sr = sr }, .hop = g->hop_length ? (size_t)g->hop_length : 512, .n = n,
                     .pad = g->pad_mode, .scale = !g->unscaled, .exact = g->exact };
    if (base_failed(c) || !take_wavelets(c, v, config, tuning, gamma)) return false;
    v->octaves = (v->w.n + v->per_octave - 1) / v->per_octave;
    v->early = early_halvings(v);
    if (!check_settings(c, v)) return false;
    v->octave = base_alloc(c, v->octaves, sizeof *v->octave);
    for (size_t i = 0; v->octave && i < v->octaves; i++)
        if (!cut_octave(c, v, i)) return false;
    return v->octave != NULL;
}

void feat_vqt_close(sori_ctx *c, feat_vqt *v) {
    if (!c) return;
    feat_wavelets_close(c, &v->w);
    base_free(c, v->octave);
}
