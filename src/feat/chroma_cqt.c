/* chroma_cqt.c - chroma from constant-Q bins: octaves folded onto one.
 *
 * Each octave's magnitudes are added to the classes as the octave machine computes them (octave.c); the transform
 * itself, 21 times as large as the result, is never stored. A transform that is given is folded block by block.
 *
 * librosa.filters.cq_to_chroma, feature.chroma_cqt, feature.chroma_vqt */
#include "feat/cqt.h"
#include <math.h>
#include <string.h>

/* --- which bin belongs where ---------------------------------------------------------------------------------- */

typedef struct fold_plan {
    const char *who;
    size_t bins, per_octave, classes;
    double fmin;
    bool base_a;
    const sori_array *window;
} fold_plan;

static bool check_fold(sori_ctx *c, const fold_plan *p) {
    const sori_array *w = p->window;
    if (p->per_octave % p->classes)
        sori_fail(c, SORI_EINVAL, "%s: bins_per_octave %zu is not a multiple of n_chroma %zu", p->who, p->per_octave,
                  p->classes);
    else if (w && (w->ndim != 1 || w->size == 0 || !array_is_real(w)))
        sori_fail(c, SORI_EINVAL, "%s: window must be one axis of real numbers, at least one", p->who);
    return !base_failed(c);
}

/* The class of bin k: bins around a class's pitch are its own. */
static size_t class_of(const fold_plan *p, size_t k) {
    size_t merge = p->per_octave / p->classes, class = (k + merge / 2) % p->per_octave / merge;
    double midi = 12 * (log2(p->fmin) - log2(440)) + 69, first = midi - 12 * floor(midi / 12) - (p->base_a ? 9 : 0);
    int64_t turn = (int64_t)rint(first * ((double)p->classes / 12)), n = (int64_t)p->classes;
    return (size_t)((((int64_t)class + turn) % n + n) % n);
}

/* [classes][bins], freed by base_free: bin k, and through the window its neighbours (scipy.signal.convolve, 'same'). */
static double *fold_matrix(sori_ctx *c, const fold_plan *p) {
    size_t n;
    if (base_failed(c) || !check_fold(c, p)) return NULL;
    if (base_mul_overflows(p->classes, p->bins, &n)) n = SIZE_MAX;
    double *matrix = base_alloc(c, n, sizeof *matrix);
    size_t taps = p->window ? p->window->size : 1, middle = (taps - 1) / 2;
    for (size_t k = 0; matrix && k < p->bins; k++) {
        double *row = matrix + class_of(p, k) * p->bins;
        for (size_t i = 0; i < taps; i++) {
            size_t at = k + i - middle;   /* wraps below 0 */
            if (at < p->bins) row[at] += p->window ? array_get(p->window, i) : 1;
        }
    }
    return matrix;
}

sori_array *sori_cq_to_chroma(sori_ctx *c, int n_input, const sori_cq_to_chroma_config *config) {
    static const sori_cq_to_chroma_config defaults;
    const sori_cq_to_chroma_config *g = config ? config : &defaults;
    int per = g->bins_per_octave ? g->bins_per_octave : 12, classes = g->n_chroma ? g->n_chroma : 12;
    fold_plan p = { "cq_to_chroma", (size_t)n_input, (size_t)per, (size_t)classes, g->fmin != 0 ? g->fmin : FEAT_C1,
                    g->base_a, g->window };
    if (base_failed(c) || !feat_check_scale(c, p.who, n_input, per, p.fmin)) return NULL;
    if (classes < 1) sori_fail(c, SORI_EINVAL, "%s: n_chroma %d is below 1", p.who, classes);
    double *matrix = base_failed(c) ? NULL : fold_matrix(c, &p);
    sori_array *a = matrix ? array_new_raw(c, SORI_F32, 2, (size_t[]){ p.classes, p.bins }) : NULL;
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = (float)matrix[i];
    base_free(c, matrix);
    return a;
}

/* --- folding a transform that is given ------------------------------------------------------------------------ */

typedef struct folder {
    double norm, threshold;   /* threshold: NAN is none */
    float *matrix;            /* [rows][bins] */
} folder;

static void clip(double threshold, size_t rows, size_t stride, size_t n, float *x) {
    for (size_t r = 0; r < rows && !isnan(threshold); r++)
        for (size_t m = 0; m < n; m++)
            if ((double)x[r * stride + m] < threshold) x[r * stride + m] = 0;
}

static void folder_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const folder *f = u->state;
    (void)scratch;
    u->k->matrix(u->rows, b->bins, f->matrix, b->S, b->frames, out, stride);
    clip(f->threshold, u->rows, stride, b->frames, out);
    feat_normalize_columns(f->norm, u->rows, stride, b->frames, out);
}

static void folder_close(sori_ctx *c, feat_use *u) {
    base_free(c, ((folder *)u->state)->matrix);
    base_free(c, u->state);
}

static const feat_op folder_op = { .info = { "chroma_cqt", "", "", "" }, .block = folder_block,
                                   .close = folder_close };

static sori_array *fold_given(sori_ctx *c, const sori_array *C, fold_plan *p, double norm, double threshold) {
    feat_input in;
    feat_use u = { .op = &folder_op, .power = 1, .rows = p->classes };
    if (feat_input_open(c, &in, p->who, (sori_audio){ 0 }, C, &(sori_stft_config){ 0 })) {
        p->bins = in.bins;
        double *matrix = fold_matrix(c, p);
        folder *f = u.state = matrix ? base_alloc(c, 1, sizeof *f) : NULL;
        if (f) *f = (folder){ norm, threshold, base_alloc_raw(c, p->classes * p->bins, sizeof(float)) };
        for (size_t i = 0; f && f->matrix && i < p->classes * p->bins; i++) f->matrix[i] = (float)matrix[i];
        base_free(c, matrix);
    }
    return feat_run(c, &in, &u);
}

/* --- folding while transforming ------------------------------------------------------------------------------- */

static sori_array *fold_sound(sori_ctx *c, const feat_input *in, const feat_vqt *v, fold_plan *p, double norm,
                              double threshold) {
    p->bins = v->w.n;
    double *matrix = fold_matrix(c, p);
    sori_array *out = matrix ? feat_result(c, in, SORI_F32, p->classes, v->frames) : NULL;
    if (out) {
        size_t plane = p->classes * v->frames;
        float *x = memset(out->data, 0, out->size * sizeof *x);   /* octaves are added */
        feat_vqt_sink sink = { .kind = FEAT_VQT_FOLDED, .out = x, .stride = v->frames, .plane = plane,
                               .rows = p->classes, .matrix = matrix };
        feat_vqt_run(c, v, in->y, in->channels, &sink);
        for (size_t i = 0; i < in->channels; i++) clip(threshold, p->classes, v->frames, v->frames, x + i * plane);
        feat_lines lines = { .outer = in->channels, .n = p->classes, .inner = v->frames };
        feat_normalize_lines(c, norm, &lines, x, x);
    }
    base_free(c, matrix);
    return out;
}

/* Sound to chroma: `transform` says how. */
static sori_array *chroma_of(sori_ctx *c, sori_audio y, const sori_vqt_config *transform, bool estimate, double gamma,
                             fold_plan *p, double norm, double threshold) {
    feat_input in;
    feat_vqt v = { 0 };
    double tuning;
    int scope = sori_begin(c);
    sori_array *out = NULL;
    if (feat_sound_open(c, &in, p->who, y, transform->cqt.hop_length, SORI_PAD_CONSTANT)
        && feat_tuning(c, p->who, y, transform->cqt.tuning, estimate, (int)p->per_octave, &tuning)
        && feat_vqt_open(c, &v, p->who, in.sr, in.n, transform, tuning, gamma))
        out = fold_sound(c, &in, &v, p, norm, threshold);
    feat_vqt_close(c, &v);
    return sori_end(c, scope, base_failed(c) ? NULL : out);
}

/* --- public ----------------------------------------------------------------------------------------------------- */

static bool count(sori_ctx *c, const char *who, const char *what, int given, int usual, size_t *out) {
    int n = given ? given : usual;
    *out = (size_t)n;
    if (n >= 1 && n <= FEAT_MAX_BINS) return true;
    sori_fail(c, SORI_EINVAL, "%s: %s %d is outside 1 to %d", who, what, n, FEAT_MAX_BINS);
    return false;
}

static bool total(sori_ctx *c, const char *who, size_t octaves, size_t per_octave, int *out) {
    if (octaves <= FEAT_MAX_BINS / per_octave) return *out = (int)(octaves * per_octave), true;
    sori_fail(c, SORI_EINVAL, "%s: %zu octaves of %zu bins are more than %d bins", who, octaves, per_octave,
              FEAT_MAX_BINS);
    return false;
}

sori_array *feat_chroma_cqt(sori_ctx *c, const char *who, sori_audio y, const sori_chroma_cqt_config *g, double norm,
                            double threshold) {
    fold_plan p = { .who = who, .fmin = g->fmin != 0 ? g->fmin : FEAT_C1, .window = g->window };
    size_t octaves;
    int bins = 1;
    if (base_failed(c) || !count(c, who, "n_chroma", g->n_chroma, 12, &p.classes)
        || !count(c, who, "bins_per_octave", g->bins_per_octave, 36, &p.per_octave)
        || !count(c, who, "n_octaves", g->n_octaves, 7, &octaves) || !total(c, who, octaves, p.per_octave, &bins)
        || !feat_check_scale(c, who, bins, (int)p.per_octave, p.fmin) || !check_fold(c, &p)) return NULL;
    if (g->C) return fold_given(c, g->C, &p, norm, threshold);
    sori_vqt_config transform = { .cqt = { .hop_length = g->hop_length, .fmin = p.fmin, .n_bins = bins,
                                           .bins_per_octave = (int)p.per_octave, .tuning = g->tuning,
                                           .exact = g->exact } };
    if (g->cqt_mode == SORI_CQT_FULL) return chroma_of(c, y, &transform, true, 0, &p, norm, threshold);
    int scope = sori_begin(c);
    if (g->tuning.mode != 1) transform.cqt.tuning = SORI_NONE;
    sori_array *C = sori_hybrid_cqt(c, y, &transform.cqt);
    return sori_end(c, scope, C ? fold_given(c, C, &p, norm, threshold) : NULL);
}

sori_array *sori_chroma_cqt(sori_ctx *c, sori_audio y, const sori_chroma_cqt_config *config) {
    static const sori_chroma_cqt_config defaults;
    double norm;
    if (!config) config = &defaults;
    if (base_failed(c) || !feat_take_norm(c, "chroma_cqt", config->norm, INFINITY, &norm)) return NULL;
    return feat_chroma_cqt(c, "chroma_cqt", y, config, norm, feat_option(config->threshold, 0, NAN));
}

sori_array *sori_chroma_vqt(sori_ctx *c, sori_audio y, const sori_chroma_vqt_config *config) {
    static const sori_chroma_vqt_config defaults;
    const sori_chroma_vqt_config *g = config ? config : &defaults;
    fold_plan p = { .who = "chroma_vqt", .fmin = g->fmin != 0 ? g->fmin : FEAT_C1 };
    int per = g->ratios ? (int)BASE_MIN(g->ratios->size, (size_t)FEAT_MAX_BINS + 1) : g->bins_per_octave, bins = 1;
    double norm, gamma = feat_option(g->gamma, 0, -1);
    size_t octaves;
    if (base_failed(c) || !count(c, p.who, "bins_per_octave", per, 12, &p.per_octave)
        || !count(c, p.who, "n_octaves", g->n_octaves, 7, &octaves) || !total(c, p.who, octaves, p.per_octave, &bins)
        || !feat_take_norm(c, p.who, g->norm, INFINITY, &norm)) return NULL;
    if (g->gamma.mode == 1 && !(gamma >= 0)) {
        sori_fail(c, SORI_EINVAL, "%s: gamma %g Hz is below 0", p.who, gamma);
        return NULL;
    }
    p.classes = p.per_octave;
    if (!feat_check_scale(c, p.who, bins, (int)p.per_octave, p.fmin)) return NULL;
    if (g->V) return fold_given(c, g->V, &p, norm, feat_option(g->threshold, 0, NAN));
    sori_vqt_config transform = { .cqt = { .hop_length = g->hop_length, .fmin = p.fmin, .n_bins = bins,
                                           .bins_per_octave = (int)p.per_octave, .exact = g->exact },
                                  .intervals = g->intervals, .ratios = g->ratios };
    return chroma_of(c, y, &transform, false, gamma, &p, norm, feat_option(g->threshold, 0, NAN));
}
