/* unmix_drums.c - drums: what is percussive, as spectrograms of a few frames that begin again and again.
 *
 * A stroke is a vertical line in a spectrogram, a tone a horizontal one; hpss tells them apart by medians. Its
 * percussive part is factorised with components of T frames (sori_nmfd), its harmonic part is left to the notes. Both
 * models share in the masks. Smaragdis, "Non-negative matrix factor deconvolution", ICA 2004; Dittmar and Gärtner,
 * "Real-time transcription and separation of drum recordings based on NMF decomposition", DAFx 2014. */
#include "task/unmix.h"
#include <math.h>
#include <string.h>

/* Keys of drums that no template names, from low to high: kick, snare, closed hi-hat; then what else is common. */
static const int usual_keys[] = { 36, 38, 42, 45, 46, 49, 50, 51 };

/* --- names -------------------------------------------------------------------------------------------------------- */

/* The mean bin of a drum's spectrum. */
static double centroid(const sori_unmix *u, size_t d) {
    double sum = 0, moment = 0;
    for (size_t i = 0; i < u->f.T; i++)
        for (size_t b = 0; b < u->f.bins; b++) {
            double v = (double)u->drum_W[(d * u->f.T + i) * u->f.bins + b];
            sum += v;
            moment += v * (double)b;
        }
    return sum > 0 ? moment / sum : 0;
}

/* Drums without a template: the lower, the lower the usual key. */
static void name_drums(sori_unmix *u, const sori_templates *t) {
    size_t given = t ? BASE_MIN(t->drum_count, u->drums) : 0, named = BASE_COUNT(usual_keys);
    for (size_t d = 0; d < u->drums; d++) {
        size_t rank = 0;
        for (size_t e = given; e < u->drums; e++)
            rank += centroid(u, e) < centroid(u, d) || (e < d && centroid(u, e) == centroid(u, d));
        u->drum_keys[d] = d < given ? t->drum_keys[d] : usual_keys[BASE_MIN(rank, named - 1)];
    }
}

/* --- factorisation ------------------------------------------------------------------------------------------------ */

/* [bins, given, T] of the templates' first drums; NULL if there are none. */
static sori_array *start(sori_unmix *u, const sori_templates *t, size_t drums) {
    size_t given = t ? BASE_MIN(t->drum_count, drums) : 0, T = u->f.T, bins = u->f.bins;
    sori_array *W = given ? array_new_raw(u->c, SORI_F32, 3, (size_t[]){ bins, given, T }) : NULL;
    for (size_t d = 0; W && d < given; d++)
        for (size_t i = 0; i < T; i++)
            for (size_t b = 0; b < bins; b++)
                ((float *)W->data)[(b * given + d) * T + i] = t->drums[(d * T + i) * bins + b];
    return W;
}

/* Every drum of sum 1, [drums][T][bins]. */
static void keep(sori_unmix *u, const sori_nmf_result *r) {
    size_t T = u->f.T, bins = u->f.bins;
    const float *W = r->W->data, *H = r->H->data;
    for (size_t d = 0; d < u->drums; d++) {
        double sum = 0;
        for (size_t b = 0; b < bins; b++)
            for (size_t i = 0; i < T; i++) sum += (double)W[(b * u->drums + d) * T + i];
        float scale = sum > 0 ? (float)sum : 1;
        for (size_t b = 0; b < bins; b++)
            for (size_t i = 0; i < T; i++)
                u->drum_W[(d * T + i) * bins + b] = W[(b * u->drums + d) * T + i] / scale;
        for (size_t t = 0; t < u->frames; t++) u->drum_H[d * u->frames + t] = H[d * u->frames + t] * scale;
    }
}

sori_array *task_unmix_drums(sori_unmix *u, const sori_array *S, const sori_unmix_config *config, size_t drums) {
    sori_ctx *c = u->c;
    if (u->frames < u->f.T) {
        sori_fail(c, SORI_EINVAL, "unmix: %zu frames, fewer than a drum's %zu", u->frames, u->f.T);
        return NULL;
    }
    sori_hpss_result parts = sori_hpss(c, S, NULL);
    u->drum_keys = base_alloc(c, drums, sizeof *u->drum_keys);
    u->drum_W = base_alloc(c, drums * u->f.T * u->f.bins, sizeof *u->drum_W);
    u->drum_H = base_alloc(c, drums * u->frames, sizeof *u->drum_H);
    if (base_failed(c)) return NULL;
    u->drums = drums;
    float most = 0;
    for (size_t i = 0; i < S->size; i++) most = BASE_MAX(most, ((const float *)parts.percussive->data)[i]);
    sori_nmfd_config g = { .nmf = { .loss = config->nmf.loss, .max_iter = config->nmf.max_iter, .tol = config->nmf.tol,
                                    .exact = config->nmf.exact, .n_components = (int)drums,
                                    .W = start(u, config->templates, drums) }, .T = (int)u->f.T };
    if (g.nmf.W && config->use == SORI_UNMIX_FIXED) g.nmf.fixed = (int)g.nmf.W->shape[1];
    for (size_t i = 0; g.nmf.loss == SORI_NMF_ITAKURA_SAITO && i < S->size; i++)
        ((float *)parts.percussive->data)[i] += 1e-10f * most + 1e-30f;
    sori_nmf_result r = { NULL };
    if (most > 0 && !base_failed(c)) r = sori_nmfd(c, parts.percussive, &g);
    if (r.W) keep(u, &r);
    if (!base_failed(c)) name_drums(u, config->templates);
    return base_failed(c) ? NULL : parts.harmonic;
}

void task_unmix_drums_model(const sori_unmix *u, size_t t, double *out) {
    for (size_t d = 0; d < u->drums; d++)
        for (size_t i = 0; i < u->f.T && i <= t; i++) {
            double h = (double)u->drum_H[d * u->frames + t - i];
            const float *w = u->drum_W + (d * u->f.T + i) * u->f.bins;
            for (size_t b = 0; h > 0 && b < u->f.bins; b++) out[b] += h * (double)w[b];
        }
}
