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

/* --- set-up ------------------------------------------------------------------------------------------------- */

static bool wants(const feat_pipeline *p, feat_domain domain) {
    for (size_t i = 0; i < p->n_uses; i++)
        if (p->uses[i].domain == domain) return true;
    return false;
}

/* The result is S or X itself. */
static bool is_spectrum(const feat_use *u) { return !u->op->block; }

/* A feature that needs more than S= can give. */
static bool check_domains(sori_ctx *c, const feat_pipeline *p) {
    for (size_t i = 0; p->in->S && i < p->n_uses; i++)
        if (p->uses[i].domain != FEAT_S || is_spectrum(&p->uses[i]))
            sori_fail(c, SORI_EINVAL, "%s: cannot be computed from a spectrogram", p->in->who);
    return !base_failed(c);
}

static void lay_out_samples(feat_pipeline *p) {
    size_t n = p->in->n_fft;
    p->group = p->in->hop > LONG_HOP ? NUM_LANES : FEAT_GROUP;
    p->step = BASE_MIN(p->in->hop, n);
    p->rows = p->step;
    p->stride = base_round_up(p->group + (n - 1) / p->step, NUM_LANES);
}

static size_t samples_of(const feat_pipeline *p, size_t frames) { return (frames - 1) * p->step + p->in->n_fft; }

/* Features of the same X, or of equal power of it. */
static bool share(const feat_use *a, const feat_use *b) {
    return a->domain == b->domain && (a->domain == FEAT_X || (a->domain == FEAT_S && a->power == b->power));
}

static bool first_of_its_kind(const feat_pipeline *p, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (share(&p->uses[j], &p->uses[i])) return false;
    return true;
}

/* Room for the S or X of use i and of those that share it: one block, or a whole group where one of them is the
 * spectrum itself, which is stored a group at a time. Returns where it ends. */
static size_t lay_out_spectrum(feat_pipeline *p, size_t i, size_t at) {
    const feat_use *u = &p->uses[i];
    size_t block = p->in->bins * (u->domain == FEAT_X ? NUM_ROW : NUM_LANES) * p->k->real_size;
    bool group = false;
    for (size_t j = i; j < p->n_uses; j++) group |= share(u, &p->uses[j]) && is_spectrum(&p->uses[j]);
    for (size_t j = i; j < p->n_uses; j++)
        if (share(u, &p->uses[j])) {
            p->uses[j].at = at;
            p->uses[j].step = group ? block : 0;
        }
    return at + block * (group ? p->group / NUM_LANES : 1);
}

static void lay_out_scratch(feat_pipeline *p) {
    size_t real = p->k->real_size, use = 0, at = 0;
    if (!p->in->S) at += base_aligned(samples_of(p, p->group) * sizeof(float));
    p->at_layout = at;
    if (p->fft) at += p->rows * p->stride * real;
    p->at_work = at;
    if (p->fft) at += num_fft_work(p->fft);
    p->at_S = at;
    if (p->in->S) at += p->in->bins * NUM_LANES * real;
    for (size_t i = 0; p->fft && i < p->n_uses; i++)
        if (p->uses[i].domain != FEAT_SAMPLES && first_of_its_kind(p, i)) at = lay_out_spectrum(p, i, at);
    p->at_use = at;
    for (size_t i = 0; i < p->n_uses; i++) use = BASE_MAX(use, p->uses[i].scratch);
    p->scratch = at + base_aligned(use);
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
        size_t t = 0;
        for (; t + NUM_LANES <= frames; t += NUM_LANES)
            for (size_t m = 0; m < NUM_LANES; m++) peak[m] = row[t + m] > peak[m] ? row[t + m] : peak[m];
        for (size_t m = 0; t + m < frames; m++) peak[m] = row[t + m] > peak[m] ? row[t + m] : peak[m];
    }
    for (size_t m = 0; m < NUM_LANES; m++) *largest = BASE_MAX(*largest, peak[m]);
}

/* The maxima of what feature i wrote for some frames of the group. */
static void raise_peaks(const feat_use *u, feat_sink *sink, const float *out, size_t frames) {
    size_t parts = u->peaks ? u->peaks : 1, rows = u->stored / parts;
    for (size_t part = 0; u->stored && part < parts; part++)
        raise_peak(&sink->peak[part], rows, out + part * rows * sink->stride, sink->stride, frames);
}

/* Block number `block` of the group through feature i. */
static void feed(const feat_pipeline *p, size_t i, const feat_block *b, size_t block, char *scratch, feat_sink *sinks) {
    const feat_use *u = &p->uses[i];
    float *out = sinks[i].out + block * NUM_LANES * feat_floats(u);
    u->op->block(u, b, scratch + p->at_use, out, sinks[i].stride);
    raise_peaks(u, &sinks[i], out, b->frames);
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

/* The block's spectrum in the form that feature i wants, and through all that share it. */
static void feed_spectrum(const feat_pipeline *p, size_t i, feat_block *b, size_t block, char *scratch,
                          feat_sink *sinks) {
    const feat_use *u = &p->uses[i];
    void *spectrum = scratch + u->at + block * u->step;
    if (u->domain == FEAT_X) p->k->fft_spectrum(p->fft, scratch + p->at_work, spectrum);
    else {
        p->k->fft_power(p->fft, scratch + p->at_work, spectrum);
        raise_power(p, spectrum, u->power);
    }
    *(u->domain == FEAT_X ? &b->X : &b->S) = spectrum;
    for (size_t j = i; j < p->n_uses; j++)
        if (share(u, &p->uses[j]) && !is_spectrum(&p->uses[j])) feed(p, j, b, block, scratch, sinks);
}

/* The group's spectra that are results themselves. */
static void store_spectra(const feat_pipeline *p, size_t frames, const char *scratch, feat_sink *sinks) {
    for (size_t i = 0; i < p->n_uses; i++) {
        const feat_use *u = &p->uses[i];
        if (!is_spectrum(u)) continue;
        (u->domain == FEAT_X ? p->k->store_complex : p->k->store)(u->rows, scratch + u->at, u->step / p->k->real_size,
                                                                  frames, sinks[i].out, sinks[i].stride,
                                                                  sinks[i].bypass);
        raise_peaks(u, &sinks[i], sinks[i].out, frames);
    }
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
        for (size_t i = 0; i < p->n_uses; i++)
            if (p->uses[i].domain != FEAT_SAMPLES && first_of_its_kind(p, i))
                feed_spectrum(p, i, &b, block, scratch, sinks);
    }
    store_spectra(p, frames, scratch, sinks);
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
