/* pseudo.c - constant-Q magnitudes from one STFT: pseudo and hybrid transforms.
 *
 * The magnitudes of wavelets' spectra, without their phases, weight the magnitudes of one STFT under a Hann window that
 * is as long as the longest wavelet, or two hops. Good where wavelets are shorter than that; below, the hybrid takes
 * the true transform.   librosa.pseudo_cqt, hybrid_cqt */
#include "feat/cqt.h"
#include "feat/pipeline.h"
#include <math.h>

typedef struct weights {
    feat_basis b;
    void *weight;      /* in the precision of the kernels */
} weights;

static void pseudo_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const weights *s = u->state;
    (void)scratch;
    u->k->bank(s->b.rows, s->b.start, s->b.count, s->weight, b->S, b->frames, out, stride);
}

static void pseudo_close(sori_ctx *c, feat_use *u) {
    weights *s = u->state;
    feat_basis_close(c, &s->b);
    base_free(c, s->weight);
    base_free(c, s);
}

static const feat_op pseudo_op = { .block = pseudo_block, .close = pseudo_close };

/* --- set-up ------------------------------------------------------------------------------------------------------- */

/* A part of the scale: bins from fmin on. */
typedef struct part {
    feat_wavelets w;
    size_t hop, n_fft, frames;
    bool scale, exact;
    sori_pad_mode pad;
} part;

static int per_octave(const sori_cqt_config *g) { return g->bins_per_octave ? g->bins_per_octave : 12; }

/* fmin is tuned already. */
static bool take_wavelets(sori_ctx *c, feat_wavelets *w, const sori_cqt_config *g, double fmin, int n_bins) {
    sori_interval_config scale = { .bins_per_octave = per_octave(g) };
    w->hz = feat_scale(c, w->who, n_bins, fmin, &scale);
    if (!w->hz) return false;
    w->n = (size_t)n_bins;
    w->window = g->window ? g->window : "hann";
    w->filter_scale = g->filter_scale != 0 ? g->filter_scale : 1;
    w->sparsity = feat_option(g->sparsity, 0.01, 0);
    return feat_take_norm(c, w->who, g->norm, 1, &w->norm) && feat_wavelets_open(c, w, per_octave(g));
}

/* As long as the longest wavelet, and at least two hops, rounded up to a power of two. */
static size_t length_for(size_t n_fft, size_t hop) {
    size_t least = 1;
    while (least < hop) least *= 2;
    return BASE_MAX(n_fft, 2 * least);
}

static bool part_open(sori_ctx *c, part *p, const feat_input *in, const sori_cqt_config *g, double fmin, int n_bins) {
    *p = (part){ .w = { .who = in->who, .sr = in->sr }, .hop = in->hop, .scale = !g->unscaled, .exact = g->exact,
                 .pad = g->pad_mode };
    if (!take_wavelets(c, &p->w, g, fmin, n_bins)) return false;
    p->n_fft = feat_wavelets_n_fft(c, &p->w, 0, p->w.n, in->sr);
    if (!p->n_fft) return false;
    p->n_fft = length_for(p->n_fft, p->hop);
    p->frames = feat_frames(in->n, p->n_fft, p->hop, true);
    return true;
}

static bool fill_weights(sori_ctx *c, const part *p, weights *s) {
    if (!feat_basis_open(c, &s->b, &p->w, 0, p->w.n, p->w.sr, p->n_fft)) return false;
    s->weight = base_alloc_raw(c, s->b.weights, p->exact ? sizeof(double) : sizeof(float));
    if (!s->weight) return false;
    for (size_t r = 0, i = 0; r < s->b.rows; r++) {
        double scale = sqrt((p->scale ? 1 : p->w.length[r]) / (double)p->n_fft);
        for (size_t end = i + s->b.count[r]; i < end; i++) {
            double w = hypot(s->b.weight[2 * i], s->b.weight[2 * i + 1]) * scale;
            if (p->exact) ((double *)s->weight)[i] = w;
            else ((float *)s->weight)[i] = (float)w;
        }
    }
    return true;
}

/* Rows from `out` on, `frames` of them a row and `plane` floats a channel. */
static void part_run(sori_ctx *c, const part *p, const feat_input *sound, size_t frames, float *out, size_t plane) {
    feat_input in = *sound;
    weights *s = base_alloc(c, 1, sizeof *s);
    feat_use u = { .op = &pseudo_op, .power = 1, .rows = p->w.n, .state = s };
    in.n_fft = in.win_length = p->n_fft;
    in.bins = p->n_fft / 2 + 1;
    in.pad = p->pad;
    in.exact = p->exact;
    in.window = feat_window(c, in.who, &(sori_stft_config){ .window = "hann" }, p->n_fft, p->n_fft);
    if (s && in.window && fill_weights(c, p, s)) feat_pass(c, &in, &u, frames, out, frames, plane);
    else if (s) feat_uses_close(c, &u, 1);
    base_free(c, in.window);
}

static bool open_sound(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_cqt_config *g,
                       double *fmin) {
    double tuning = 0;
    if (!feat_sound_open(c, in, who, y, g->hop_length, g->pad_mode)
        || !feat_tuning(c, who, y, g->tuning, false, per_octave(g), &tuning)) return false;
    *fmin = (g->fmin != 0 ? g->fmin : FEAT_C1) * exp2(tuning / per_octave(g));
    return true;
}

sori_array *sori_pseudo_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config) {
    static const sori_cqt_config defaults;
    feat_input in;
    part p = { 0 };
    double fmin;
    sori_array *out = NULL;
    if (!config) config = &defaults;
    int scope = sori_begin(c);
    if (open_sound(c, &in, "pseudo_cqt", y, config, &fmin)
        && part_open(c, &p, &in, config, fmin, config->n_bins ? config->n_bins : 84))
        out = feat_result(c, &in, SORI_F32, p.w.n, p.frames);
    if (out) part_run(c, &p, &in, p.frames, out->data, p.w.n * p.frames);
    if (c) feat_wavelets_close(c, &p.w);
    return sori_end(c, scope, base_failed(c) ? NULL : out);
}

/* --- hybrid ------------------------------------------------------------------------------------------------------- */

/* Wavelets that fit within two hops once they are padded to a power of two: the highest ones. */
static size_t short_ones(const feat_wavelets *w, size_t hop) {
    size_t count = 0;
    for (size_t i = 0; i < w->n; i++) count += exp2(ceil(log2(w->length[i]))) < 2 * (double)hop;
    return count;
}

typedef struct hybrid {
    part high;
    feat_vqt low;
    size_t n_high, n_low, frames;
} hybrid;

static bool hybrid_open(sori_ctx *c, hybrid *h, const feat_input *in, const sori_cqt_config *g, double fmin) {
    feat_wavelets all = { .who = in->who, .sr = in->sr };
    sori_vqt_config low = { .cqt = *g };
    bool ok = take_wavelets(c, &all, g, fmin, g->n_bins ? g->n_bins : 84);
    h->n_high = ok ? short_ones(&all, in->hop) : 0;
    h->n_low = all.n - h->n_high;
    h->frames = SIZE_MAX;
    if (ok && h->n_high) {
        ok = part_open(c, &h->high, in, g, all.hz[h->n_low], (int)h->n_high);
        h->frames = h->high.frames;
    }
    low.cqt.fmin = fmin;
    low.cqt.n_bins = (int)h->n_low;
    if (ok && h->n_low) {
        ok = feat_vqt_open(c, &h->low, in->who, in->sr, in->n, &low, 0, 0);
        h->frames = BASE_MIN(h->frames, h->low.frames);
    }
    h->low.frames = h->frames;
    feat_wavelets_close(c, &all);
    return ok;
}

sori_array *sori_hybrid_cqt(sori_ctx *c, sori_audio y, const sori_cqt_config *config) {
    static const sori_cqt_config defaults;
    feat_input in;
    hybrid h = { 0 };
    double fmin;
    sori_array *out = NULL;
    if (!config) config = &defaults;
    int scope = sori_begin(c);
    if (open_sound(c, &in, "hybrid_cqt", y, config, &fmin) && hybrid_open(c, &h, &in, config, fmin))
        out = feat_result(c, &in, SORI_F32, h.n_low + h.n_high, h.frames);
    if (out) {
        size_t plane = (h.n_low + h.n_high) * h.frames;
        float *x = out->data;
        feat_vqt_sink sink = { .kind = FEAT_VQT_MAGNITUDE, .out = x, .stride = h.frames, .plane = plane };
        if (h.n_high) part_run(c, &h.high, &in, h.frames, x + h.n_low * h.frames, plane);
        if (h.n_low) feat_vqt_run(c, &h.low, in.y, in.channels, &sink);
    }
    if (c) feat_wavelets_close(c, &h.high.w);
    feat_vqt_close(c, &h.low);
    return sori_end(c, scope, base_failed(c) ? NULL : out);
}
