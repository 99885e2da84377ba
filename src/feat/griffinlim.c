/* griffinlim.c - sound from magnitudes alone.   librosa.griffinlim
 *
 * No sound has just any spectrum: frames overlap. Griffin and Lim's iteration takes the given magnitudes with guessed
 * phases, makes sound of them, and takes the phases of that sound's own spectrum as the next guess; each turn brings
 * the two nearer. The fast version (Perraudin et al.) goes beyond the new spectrum by a share of the change:
 * X = Z[i] - momentum / (1 + momentum) Z[i-1], of which the phases are kept.
 *
 * Only Z[i] and Z[i-1] are in memory, in the transform's own layout: blocks of 16 frames, each [bins][2][16]. The
 * inverse reads both, and the magnitudes, and puts X together on the way; the transform writes over the older one. A
 * block is written and read whole, so nothing strides through memory, and no turn allocates. */
#include "feat/inverse.h"
#include "feat/pipeline.h"
#include <math.h>
#include <sori/phase.h>
#include <string.h>

typedef struct griffinlim {
    feat_input in;                  /* the sound, as the transform sees it */
    feat_pipeline pipeline;
    feat_use use;
    feat_inverse inverse;
    size_t blocks, rows;            /* blocks a channel; bins */
    char *now, *before;             /* [channels][blocks][bins][2][16]: the two last spectra */
    char *size;                     /* [channels][blocks][bins][16] magnitudes; zero beyond the last frame */
    bool first;                     /* there is no spectrum before this one */
    double share;                   /* momentum / (1 + momentum) */
    char *scratch;                  /* [workers] of the pipeline */
    size_t groups;                  /* groups a channel */
    atomic_size_t next;
} griffinlim;

static size_t row_size(const griffinlim *g) { return NUM_LANES * g->pipeline.k->real_size; }

/* Where block b of all channels begins among rows of `parts` parts. */
static size_t block_at(const griffinlim *g, size_t b, size_t parts) { return b * g->rows * parts * row_size(g); }

/* --- spectra to sound ----------------------------------------------------------------------------------------- */

/* The inverse's state is the channel. */
static void begin_channel(const void *source, void *state, size_t channel, size_t shard, size_t first) {
    (void)source, (void)shard, (void)first;
    *(size_t *)state = channel;
}

static void load_projected(const void *source, void *state, size_t first, size_t lanes, void *rows) {
    const griffinlim *g = source;
    size_t b = *(const size_t *)state * g->blocks + first / NUM_LANES;
    (void)lanes;   /* beyond the last frame magnitudes are zero; within a shard's neighbour nobody minds */
    g->pipeline.k->keep_phase(g->rows, g->now + block_at(g, b, 2), g->first ? NULL : g->before + block_at(g, b, 2),
                           g->share, g->size + block_at(g, b, 1), rows);
}

/* --- sound to spectra ----------------------------------------------------------------------------------------- */

static void keep_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    griffinlim *g = u->state;
    (void)scratch, (void)out, (void)stride;
    size_t at = b->channel * g->blocks + b->first / NUM_LANES;
    memcpy(g->before + block_at(g, at, 2), b->X, 2 * g->rows * row_size(g));
}

static const feat_op keep_op = { .block = keep_block };

static void transform_worker(void *arg, size_t w) {
    griffinlim *g = arg;
    const feat_input *in = &g->in;
    for (size_t i; (i = atomic_fetch_add(&g->next, 1)) < g->groups * in->channels;) {
        size_t channel = i / g->groups, first = i % g->groups * g->pipeline.group;
        feat_sound s = { .channel = channel, .y = in->y + channel * in->n, .n = (int64_t)in->n,
                         .padding = in->centered ? (int64_t)(in->n_fft / 2) : 0,
                         .tail = feat_tail((int64_t)in->n, in->n_fft, in->hop) };
        feat_sink sink = { .out = NULL };
        feat_pipeline_sound(&g->pipeline, &s, first, BASE_MIN(in->frames - first, g->pipeline.group),
                            g->scratch + w * g->pipeline.scratch, &sink);
    }
}

/* The new spectrum takes the place of the one before last. */
static void transform(sori_ctx *c, griffinlim *g) {
    atomic_store(&g->next, 0);
    base_parallel(c, g->inverse.workers, transform_worker, g);
    char *older = g->now;
    g->now = g->before;
    g->before = older;
}

static void iterate(sori_ctx *c, griffinlim *g, size_t n_iter) {
    g->first = true;
    for (size_t i = 0; i < n_iter; i++) {
        feat_inverse_run(c, &g->inverse);
        transform(c, g);
        g->first = i == 0;   /* what stands in `before` is then the guess, not a spectrum */
        if (base_interrupted(c)) return;
    }
    feat_inverse_run(c, &g->inverse);
}

/* --- the first guess ------------------------------------------------------------------------------------------ */

/* Values of one row of an array, frame by frame, to part `part` of the row's places in the blocks. */
static void put_row(const griffinlim *g, char *blocks, size_t channel, size_t k, size_t part, size_t parts,
                    const double *values) {
    for (size_t t = 0; t < g->in.frames; t += NUM_LANES) {
        char *block = blocks + block_at(g, channel * g->blocks + t / NUM_LANES, parts);
        for (size_t m = 0; m < BASE_MIN(g->in.frames - t, NUM_LANES); m++)
            num_put(g->pipeline.k, block, (k * parts + part) * NUM_LANES + m, values[t + m]);
    }
}

/* Phases exp(2 pi i u), u drawn in the order of S; rounded to complex64 in any case, as librosa's are.
 * work [2][frames]. */
static void draw_phases(const griffinlim *g, uint32_t seed, bool zero, double *work) {
    const num_kernels *k = num_kernels_find(NULL, true);
    size_t frames = g->in.frames;
    double *re = work, *im = work + frames;
    num_mt r;
    num_mt_seed(&r, seed);
    for (size_t row = 0; row < g->in.channels * g->rows; row++) {
        for (size_t t = 0; t < frames; t++) im[t] = zero ? 0 : 2 * 3.14159265358979323846 * num_mt_uniform(&r);
        k->sincos(frames, im, im, re);
        for (size_t t = 0; t < 2 * frames; t++) work[t] = (double)(float)work[t];
        put_row(g, g->now, row / g->rows, row % g->rows, 0, 2, re);
        put_row(g, g->now, row / g->rows, row % g->rows, 1, 2, im);
    }
}

static void take_sizes(const griffinlim *g, const float *S, double *work) {
    for (size_t row = 0; row < g->in.channels * g->rows; row++) {
        for (size_t t = 0; t < g->in.frames; t++) work[t] = (double)S[row * g->in.frames + t];
        put_row(g, g->size, row / g->rows, row % g->rows, 0, 1, work);
    }
}

/* --- set-up --------------------------------------------------------------------------------------------------- */

static bool open_spectra(sori_ctx *c, griffinlim *g) {
    size_t values = 0;
    g->rows = g->in.bins;
    g->blocks = (g->in.frames + NUM_LANES - 1) / NUM_LANES;
    if (base_mul_overflows(g->blocks * NUM_LANES, g->rows, &values) || base_mul_overflows(values, 2, &values)
        || base_mul_overflows(values, g->in.channels, &values)) values = SIZE_MAX;
    g->now = base_alloc(c, values, g->pipeline.k->real_size);
    g->before = base_alloc(c, values, g->pipeline.k->real_size);
    g->size = base_alloc(c, values / 2, g->pipeline.k->real_size);
    return g->now && g->before && g->size;
}

static bool open_transforms(sori_ctx *c, griffinlim *g, sori_array *y) {
    g->use = (feat_use){ .op = &keep_op, .domain = FEAT_X, .rows = g->in.bins, .state = g };
    g->in.y = g->inverse.y = y->data;
    if (!feat_pipeline_open(c, &g->pipeline, &g->in, &g->use, 1) || !open_spectra(c, g)) return false;
    g->inverse.begin = begin_channel;
    g->inverse.load = load_projected;
    g->inverse.source = g;
    g->inverse.state_size = BASE_ALIGN;
    g->inverse.aligned = true;
    if (!feat_inverse_open(c, &g->inverse)) return false;
    g->groups = (g->in.frames + g->pipeline.group - 1) / g->pipeline.group;
    g->scratch = base_alloc_raw(c, g->inverse.workers, g->pipeline.scratch);
    return g->scratch != NULL;
}

static void close_all(sori_ctx *c, griffinlim *g) {
    base_free(c, g->scratch);
    base_free(c, g->now);
    base_free(c, g->before);
    base_free(c, g->size);
    feat_inverse_close(c, &g->inverse);
    feat_pipeline_close(c, &g->pipeline);
    feat_input_close(c, &g->in);
}

static bool check(sori_ctx *c, const sori_array *S, const griffinlim *g, const sori_griffinlim_config *config) {
    size_t bins = S->shape[S->ndim - 2], frames = S->shape[S->ndim - 1];
    double momentum = feat_option(config->momentum, 0.99, 0);
    double n_iter = feat_option(config->n_iter, 32, 0);
    if (bins != g->in.bins)
        sori_fail(c, SORI_EINVAL, "griffinlim: n_fft %zu has %zu bins, the spectrogram %zu", g->in.n_fft, g->in.bins,
                  bins);
    else if (frames == 0 || S->size == 0) sori_fail(c, SORI_EINVAL, "griffinlim: the spectrogram has no frames");
    else if (!(momentum >= 0 && isfinite(momentum)))
        sori_fail(c, SORI_EINVAL, "griffinlim: momentum %g is below 0", momentum);
    else if (!(n_iter >= 0 && n_iter < 1e9)) sori_fail(c, SORI_EINVAL, "griffinlim: n_iter %g is below 0", n_iter);
    return !base_failed(c) && feat_check_finite(c, "griffinlim", S->data, S->size);
}

/* Sizes of the sound, and whether its frames are those of S. */
static bool measure(sori_ctx *c, griffinlim *g, const sori_array *S, size_t length) {
    size_t frames = S->shape[S->ndim - 1];
    feat_inverse_measure(&g->inverse, &g->in, frames, length);
    g->in.n = g->inverse.n;
    g->in.frames = feat_frames(g->in.n, g->in.n_fft, g->in.hop, g->in.centered);
    g->in.channels = g->inverse.channels = S->size / (frames * g->in.bins);
    if (g->in.n == 0) sori_fail(c, SORI_EINVAL, "griffinlim: %zu frames make no sound", frames);
    else if (g->in.frames != frames)
        sori_fail(c, SORI_EINVAL, "griffinlim: %zu samples have %zu frames, the spectrogram %zu", g->in.n, g->in.frames,
                  frames);
    return !base_failed(c);
}

static sori_array *run(sori_ctx *c, griffinlim *g, const sori_array *S, const sori_griffinlim_config *config) {
    double momentum = feat_option(config->momentum, 0.99, 0);
    sori_array *y = array_new_lead(c, SORI_F32, S->ndim - 2, S->shape, 1, &g->in.n);
    double *work = base_alloc_raw(c, g->in.frames, 2 * sizeof *work);
    if (y && work && open_transforms(c, g, y)) {
        g->share = momentum / (1 + momentum);
        draw_phases(g, config->random_state, config->zero_phase, work);
        take_sizes(g, S->data, work);
        iterate(c, g, (size_t)feat_option(config->n_iter, 32, 0));
    }
    base_free(c, work);
    return base_failed(c) ? NULL : y;
}

sori_audio sori_griffinlim(sori_ctx *c, const sori_array *S, double sr, const sori_griffinlim_config *config) {
    static const sori_griffinlim_config defaults;
    sori_audio out = { NULL, sr };
    griffinlim g = { .first = true };
    if (!config) config = &defaults;
    if (!array_check(c, "griffinlim", S, SORI_F32, 2)) return out;
    sori_stft_config s = config->stft;
    if (s.n_fft == 0) s.n_fft = 2 * ((int)BASE_MIN(S->shape[S->ndim - 2], (size_t)1 << 24) - 1);
    s = feat_stft_defaults(&s);
    if (!feat_input_settings(c, &g.in, "griffinlim", sr, &s) || !check(c, S, &g, config)) return out;
    if (measure(c, &g, S, config->length)) {
        g.in.window = feat_window(c, "griffinlim", &s, g.in.n_fft, g.in.win_length);
        g.inverse.window = feat_window(c, "griffinlim", &s, g.in.n_fft, g.in.win_length);
        if (g.in.window && g.inverse.window) out.y = run(c, &g, S, config);
    }
    close_all(c, &g);
    return out;
}
