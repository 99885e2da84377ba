/* pipeline.c - one group of frames: layout, window, FFT, power, features.
 *
 * Layout: t[r][m] = x[m * step + r], so that sample i of 16 neighbouring frames is the 16 neighbouring values at
 * t[i % step][first + i / step]: overlapping frames share it, each sample is moved once. Everything a block needs, its
 * samples, its transform (128 KB at 2048 in float) and its power, stays in the second cache from the first step to the
 * last feature; only the features' results go to memory. */
#include "feat/pipeline.h"
#include <math.h>
#include <string.h>

#define LONG_HOP 4096   /* samples: a group of 64 frames of this hop is 1 MB */

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

/* --- set-up ------------------------------------------------------------------------------------------------- */

static bool wants(const feat_pipeline *p, feat_domain domain) {
    for (size_t i = 0; i < p->n_uses; i++)
        if (p->uses[i].domain == domain) return true;
    return false;
}

/* A feature that needs more than S= can give. */
static bool check_domains(sori_ctx *c, const feat_pipeline *p) {
    if (p->in->S && (wants(p, FEAT_X) || wants(p, FEAT_SAMPLES)))
        sori_fail(c, SORI_EINVAL, "%s: cannot be computed from a spectrogram", p->in->who);
    return !base_failed(c);
}

static void lay_out_samples(feat_pipeline *p) {
    size_t n = p->in->n_fft;
    p->group = p->in->hop > LONG_HOP ? NUM_LANES : FEAT_GROUP;
    p->step = BASE_MIN(p->in->hop, n);
    p->rows = p->step;
    p->stride = round_up(p->group + (n - 1) / p->step, NUM_LANES);
}

static size_t samples_of(const feat_pipeline *p, size_t frames) { return (frames - 1) * p->step + p->in->n_fft; }

static void lay_out_scratch(feat_pipeline *p) {
    size_t real = p->k->real_size, use = 0, at = 0, row = NUM_LANES * real;
    if (!p->in->S) at += round_up(samples_of(p, p->group) * sizeof(float), BASE_ALIGN);
    p->at_layout = at;
    if (p->fft) at += p->rows * p->stride * real;
    p->at_work = at;
    if (p->fft) at += num_fft_work(p->fft);
    p->at_S = at;
    if (wants(p, FEAT_S)) at += p->in->bins * row;
    p->at_X = at;
    if (wants(p, FEAT_X)) at += p->in->bins * 2 * row;
    p->at_use = at;
    for (size_t i = 0; i < p->n_uses; i++) use = BASE_MAX(use, p->uses[i].scratch);
    p->scratch = at + round_up(use, BASE_ALIGN);
}

static bool plan_fft(sori_ctx *c, feat_pipeline *p) {
    size_t n = p->in->n_fft;
    p->fft = num_fft_new(c, p->k, n, true);
    p->window = base_alloc_raw(c, n, p->k->real_size);
    p->offset = base_alloc_raw(c, n, sizeof *p->offset);
    if (!p->fft || !p->window || !p->offset) return false;
    double scale = num_fft_window_scale(p->fft);
    for (size_t i = 0; i < n; i++) {
        double w = p->in->window[i] * scale;
        if (p->in->exact) ((double *)p->window)[i] = w;
        else ((float *)p->window)[i] = (float)w;
        p->offset[i] = (uint32_t)(i % p->step * p->stride + i / p->step);
    }
    return true;
}

bool feat_pipeline_open(sori_ctx *c, feat_pipeline *p, const feat_input *in, feat_use *uses, size_t n) {
    *p = (feat_pipeline){ .in = in, .uses = uses, .n_uses = n, .k = num_kernels_find(NULL, in->exact) };
    if (base_failed(c) || !check_domains(c, p)) return false;
    for (size_t i = 0; i < n; i++) uses[i].k = p->k;
    lay_out_samples(p);
    if (!in->S && (wants(p, FEAT_S) || wants(p, FEAT_X)) && !plan_fft(c, p)) return false;
    lay_out_scratch(p);
    return true;
}

void feat_pipeline_close(sori_ctx *c, feat_pipeline *p) {
    num_fft_free(c, p->fft);
    base_free(c, p->window);
    base_free(c, p->offset);
}

void feat_uses_close(sori_ctx *c, feat_use *uses, size_t n) {
    for (size_t i = 0; i < n; i++) {
        feat_use *u = &uses[i];
        if (u->op && u->op->close && u->state) u->op->close(c, u);
        else base_free(c, u->state);
        u->state = NULL;
    }
}

/* --- one block ---------------------------------------------------------------------------------------------- */

/* The largest of some rows that a feature wrote; 16 maxima side by side, as the values lie. */
static void raise_peak(float *largest, size_t rows, const float *out, size_t stride, size_t frames) {
    float peak[NUM_LANES];
    for (size_t m = 0; m < NUM_LANES; m++) peak[m] = *largest;
    for (size_t r = 0; r < rows; r++) {
        const float *row = out + r * stride;
        if (frames == NUM_LANES)
            for (size_t m = 0; m < NUM_LANES; m++) peak[m] = row[m] > peak[m] ? row[m] : peak[m];
        else
            for (size_t m = 0; m < frames; m++) peak[m] = row[m] > peak[m] ? row[m] : peak[m];
    }
    for (size_t m = 0; m < NUM_LANES; m++) *largest = BASE_MAX(*largest, peak[m]);
}

/* Block number `block` of the group through feature i. */
static void feed(const feat_pipeline *p, size_t i, const feat_block *b, size_t block, char *scratch, feat_sink *sinks) {
    const feat_use *u = &p->uses[i];
    float *out = sinks[i].out + block * NUM_LANES * feat_floats(u);
    u->op->block(u, b, scratch + p->at_use, out, sinks[i].stride);
    size_t parts = u->peaks ? u->peaks : 1, rows = u->stored / parts;
    for (size_t part = 0; u->stored && part < parts; part++)
        raise_peak(&sinks[i].peak[part], rows, out + part * rows * sinks[i].stride, sinks[i].stride, b->frames);
}

/* |X|^2 to |X|^power, in place. */
static void raise_power(const feat_pipeline *p, void *S, double power) {
    size_t n = p->in->bins * NUM_LANES;
    if (power == 1) p->k->sqrt(n, S);
    if (power == 1 || power == 2) return;
    for (size_t i = 0; i < n; i++) {
        if (p->in->exact) ((double *)S)[i] = pow(((double *)S)[i], power / 2);
        else ((float *)S)[i] = (float)pow((double)((float *)S)[i], power / 2);
    }
}

/* True if an earlier feature wants the same S. */
static bool served(const feat_pipeline *p, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (p->uses[j].domain == FEAT_S && p->uses[j].power == p->uses[i].power) return true;
    return false;
}

/* Features of S, those of equal power together. */
static void feed_S(const feat_pipeline *p, feat_block *b, size_t block, char *scratch, feat_sink *sinks) {
    b->S = scratch + p->at_S;
    for (size_t i = 0; i < p->n_uses; i++) {
        if (p->uses[i].domain != FEAT_S || served(p, i)) continue;
        p->k->fft_power(p->fft, scratch + p->at_work, scratch + p->at_S);
        raise_power(p, scratch + p->at_S, p->uses[i].power);
        for (size_t j = i; j < p->n_uses; j++)
            if (p->uses[j].domain == FEAT_S && p->uses[j].power == p->uses[i].power)
                feed(p, j, b, block, scratch, sinks);
    }
}

static void feed_X(const feat_pipeline *p, feat_block *b, size_t block, char *scratch, feat_sink *sinks) {
    if (!wants(p, FEAT_X)) return;
    b->X = scratch + p->at_X;
    p->k->fft_spectrum(p->fft, scratch + p->at_work, scratch + p->at_X);
    for (size_t i = 0; i < p->n_uses; i++)
        if (p->uses[i].domain == FEAT_X) feed(p, i, b, block, scratch, sinks);
}

/* --- groups ------------------------------------------------------------------------------------------------- */

static feat_block block_of(const feat_pipeline *p, size_t channel, size_t first, size_t block, size_t frames) {
    const feat_input *in = p->in;
    return (feat_block){ .frames = BASE_MIN(frames - block * NUM_LANES, NUM_LANES), .channel = channel,
                         .first = first + block * NUM_LANES, .bins = in->bins, .n_fft = in->n_fft, .hop = p->step,
                         .exact = in->exact };
}

/* Samples of `frames` frames, one every step. Frames further apart than their length are moved together. */
static const float *group_samples(const feat_pipeline *p, const feat_sound *s, sori_pad_mode mode, size_t first,
                                  size_t frames, float *scratch) {
    int64_t hop = (int64_t)p->in->hop, start = (int64_t)first * hop - s->padding;
    size_t n = p->in->n_fft;
    if (p->step == p->in->hop) return feat_padded(s, mode, start, samples_of(p, frames), scratch);
    for (size_t m = 0; m < frames; m++) {
        const float *x = feat_padded(s, mode, start + (int64_t)m * hop, n, scratch + m * n);
        if (x != scratch + m * n) memcpy(scratch + m * n, x, n * sizeof *x);
    }
    return scratch;
}

/* Idle lanes of the last block read layout columns that nothing has written: make them zero. */
static void clear_columns(const feat_pipeline *p, size_t from, size_t to, char *layout) {
    size_t real = p->k->real_size;
    for (size_t r = 0; r < p->rows; r++)
        memset(layout + (r * p->stride + from) * real, 0, (to - from) * real);
}

static void spectra(const feat_pipeline *p, const feat_sound *s, size_t first, size_t frames, char *scratch,
                    feat_sink *sinks) {
    const float *x = group_samples(p, s, p->in->pad, first, frames, (float *)scratch);
    size_t over = (p->in->n_fft - 1) / p->step, blocks = (frames + NUM_LANES - 1) / NUM_LANES;
    size_t short_rows = p->in->n_fft - over * p->step;   /* the last column ends with the last frame */
    char *layout = scratch + p->at_layout;
    size_t last = frames - 1 + over;
    if (frames % NUM_LANES) clear_columns(p, last, blocks * NUM_LANES + over, layout);
    p->k->transpose(p->rows, last, p->step, x, p->stride, layout);
    p->k->transpose(short_rows, 1, p->step, x + last * p->step, p->stride, layout + last * p->k->real_size);
    for (size_t block = 0; block < blocks; block++) {
        feat_block b = block_of(p, s->channel, first, block, frames);
        p->k->fft_frames(p->fft, layout + block * NUM_LANES * p->k->real_size, p->offset, p->window,
                         scratch + p->at_work);
        feed_S(p, &b, block, scratch, sinks);
        feed_X(p, &b, block, scratch, sinks);
    }
}

static void samples(const feat_pipeline *p, const feat_sound *s, size_t first, size_t frames, char *scratch,
                    feat_sink *sinks) {
    feat_sound whole = *s;
    whole.tail = 0;   /* rms and zero_crossing_rate pad the sound as a whole, unlike librosa.stft */
    for (size_t i = 0; i < p->n_uses; i++) {
        if (p->uses[i].domain != FEAT_SAMPLES) continue;
        const float *x = group_samples(p, &whole, p->uses[i].pad, first, frames, (float *)scratch);
        for (size_t block = 0; block * NUM_LANES < frames; block++) {
            feat_block b = block_of(p, s->channel, first, block, frames);
            b.y = x + block * NUM_LANES * p->step;
            feed(p, i, &b, block, scratch, sinks);
        }
    }
}

void feat_pipeline_sound(const feat_pipeline *p, const feat_sound *s, size_t first, size_t frames, char *scratch,
                         feat_sink *sinks) {
    if (p->fft) spectra(p, s, first, frames, scratch, sinks);
    samples(p, s, first, frames, scratch, sinks);
}

/* Rows of a spectrogram to [bins][16]. */
static void take_S(const feat_pipeline *p, const float *S, size_t stride, size_t frames, char *scratch) {
    for (size_t k = 0; k < p->in->bins; k++)
        for (size_t m = 0; m < NUM_LANES; m++) {
            float v = m < frames ? S[k * stride + m] : 0;
            if (p->in->exact) ((double *)(scratch + p->at_S))[k * NUM_LANES + m] = (double)v;
            else ((float *)(scratch + p->at_S))[k * NUM_LANES + m] = v;
        }
}

void feat_pipeline_S(const feat_pipeline *p, size_t channel, size_t first, size_t frames, char *scratch,
                     feat_sink *sinks) {
    const float *S = p->in->S + channel * p->in->bins * p->in->frames;
    for (size_t block = 0; block * NUM_LANES < frames; block++) {
        feat_block b = block_of(p, channel, first, block, frames);
        b.S = scratch + p->at_S;
        take_S(p, S + b.first, p->in->frames, b.frames, scratch);
        for (size_t i = 0; i < p->n_uses; i++) feed(p, i, &b, block, scratch, sinks);
    }
}
