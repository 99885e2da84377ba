/* unmix_mask.c - a part's sound through its soft mask, Wiener's filter where spectra are powers.
 *
 *     mask[b, t] = V_part[b, t] / sum over all parts V[b, t]          where the model is silent, all parts get the same
 *
 * In slices every slice has a mask of its own, cross-faded as their activations are; weights of slices and masks of
 * parts sum to 1, so sounds of all parts sum to the mixture. Frames do not see each other: they go over the threads. */
#include "task/unmix.h"
#include <string.h>

typedef struct masking {
    const sori_unmix *u;
    int part;
    float *D;                     /* [channels][bins][frames] re, im */
    size_t channels, blocks;
    double *scratch;              /* [blocks][3][bins] */
} masking;

static void add_scaled(double *out, const float *x, double scale, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] += scale * (double)x[i];
}

/* Slice s's mask of frame t, times its weight, is added to mask. */
static void add_mask(const masking *m, size_t s, size_t t, double *mask, double *mine, double *all) {
    const sori_unmix *u = m->u;
    size_t bins = u->f.bins, n = unmix_length(u, s), i = t - unmix_first(u, s);
    memset(mine, 0, bins * sizeof *mine);
    memset(all, 0, bins * sizeof *all);
    if (u->drums) task_unmix_drums_model(u, t, m->part == u->drum_part ? mine : all);
    for (size_t j = 0; j < u->k; j++) {
        double h = (double)u->H_of[s][j * n + i];
        if (h > 0) add_scaled(u->names[j].part == m->part ? mine : all, u->W[s] + j * bins, h, bins);
    }
    double weight = unmix_weight(u, s, i), even = 1 / (double)u->parts;
    for (size_t b = 0; b < bins; b++)
        mask[b] += weight * (mine[b] + all[b] > 1e-30 ? mine[b] / (mine[b] + all[b]) : even);
}

static void mask_frame(const masking *m, size_t t, double *mask, double *mine, double *all) {
    const sori_unmix *u = m->u;
    size_t half = BASE_MAX(u->slice / 2, (size_t)1), last = BASE_MIN(t / half, u->slices - 1);
    memset(mask, 0, u->f.bins * sizeof *mask);
    for (size_t s = last ? last - 1 : 0; s <= last; s++)
        if (t < unmix_first(u, s) + unmix_length(u, s)) add_mask(m, s, t, mask, mine, all);
    for (size_t i = 0; i < m->channels * u->f.bins; i++)
        for (int p = 0; p < 2; p++) m->D[2 * (i * u->frames + t) + (size_t)p] *= (float)mask[i % u->f.bins];
}

static void mask_block(void *arg, size_t i) {
    const masking *m = arg;
    size_t bins = m->u->f.bins, from = i * m->u->frames / m->blocks, to = (i + 1) * m->u->frames / m->blocks;
    double *scratch = m->scratch + 3 * i * bins;
    for (size_t t = from; t < to; t++) mask_frame(m, t, scratch, scratch + bins, scratch + 2 * bins);
}

sori_audio sori_unmix_part(sori_unmix *u, sori_audio y, size_t part) {
    sori_audio out = { NULL, y.sr };
    if (!task_unmix_check_part(u, part) || !task_unmix_check_sound(u->c, &u->f, y.y, y.sr)) return out;
    sori_ctx *c = u->c;
    size_t n = y.y->shape[y.y->ndim - 1];
    if (n != u->samples) {
        sori_fail(c, SORI_EINVAL, "unmix: %zu samples, but %zu were taken apart", n, u->samples);
        return out;
    }
    int scope = sori_begin(c);
    sori_array *D = sori_stft(c, y, &u->f.stft);
    masking m = { .u = u, .part = (int)part, .D = D ? D->data : NULL, .channels = y.y->size / n,
                  .blocks = BASE_MIN(u->frames, (size_t)64) };
    m.scratch = D ? base_alloc_raw(c, 3 * m.blocks * u->f.bins, sizeof *m.scratch) : NULL;
    if (m.scratch) base_parallel(c, m.blocks, mask_block, &m);
    base_free(c, m.scratch);
    if (!base_failed(c)) out = sori_istft(c, D, y.sr, &(sori_istft_config){ .stft = u->f.stft, .length = n });
    sori_end(c, scope, out.y);
    return out;
}
