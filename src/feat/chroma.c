/* chroma.c - chroma: how much of each pitch class there is, octaves folded onto one.
 *
 * Every bin of the power spectrum is shared out to the pitch classes by a bell around its pitch, a semitone or a bin
 * wide, whichever is wider; octaves far from the middle of the ear's range count less. The sums of a frame are then
 * divided by their largest. The tuning, how far the piece lies beside A = 440 Hz, is estimated first unless given;
 * that takes a transform of its own, which is cheaper than keeping the first.
 *
 * Ellis, "Chroma feature analysis and synthesis", 2007, http://labrosa.ee.columbia.edu/matlab/chroma-ansyn/.
 * librosa.filters.chroma, feature.chroma_stft */
#include "feat/cqt.h"
#include "feat/piptrack.h"
#include <math.h>

#define MAX_CHROMA 4096

/* --- filters ------------------------------------------------------------------------------------------------ */

typedef struct chroma_plan {
    double sr, tuning, ctroct, octwidth, norm;   /* octwidth, norm: NAN is none */
    size_t n_fft, bins, classes;
    bool base_a;
} chroma_plan;

/* Pitch of bin k in classes from A0 / 16 on; bin 0 lies one and a half octaves below the first. */
static double pitch_of(const chroma_plan *p, size_t k) {
    double classes = (double)p->classes, a440 = 440 * exp2(p->tuning / classes);
    double hz = (double)BASE_MAX(k, 1) * p->sr / (double)p->n_fft;
    return classes * log2(hz / (a440 / 16)) - (k ? 0 : 1.5 * classes);
}

/* x modulo n as numpy.remainder: in [0, n). */
static double wrap(double x, double n) {
    double r = fmod(x, n);
    return r < 0 ? r + n : r;
}

/* Weights of bin k, its pitch and the next bin's, to column[class]. */
static void make_column(const chroma_plan *p, size_t k, double pitch, double next, double *column) {
    double classes = (double)p->classes, half = rint(classes / 2);   /* numpy.round: 0.5 to the even neighbour */
    double width = k + 1 < p->n_fft ? fmax(next - pitch, 1) : 1;
    for (size_t i = 0; i < p->classes; i++) {
        double d = wrap(pitch - (double)i + half + 10 * classes, classes) - half;
        column[i] = exp(-0.5 * (2 * d / width) * (2 * d / width));
    }
    double length = feat_norm(p->norm, p->classes, column, 2.2250738585072014e-308), octave = 0;
    if (!isnan(p->octwidth)) octave = (pitch / classes - p->ctroct) / p->octwidth;
    for (size_t i = 0; i < p->classes; i++) column[i] = column[i] / length * exp(-0.5 * octave * octave);
}

/* matrix [classes][bins]; classes are turned so that C, not A, comes first. */
static bool make_matrix(sori_ctx *c, const chroma_plan *p, float *matrix) {
    double *column = base_alloc_raw(c, p->classes, sizeof *column), pitch = pitch_of(p, 0);
    size_t turn = p->base_a ? 0 : 3 * (p->classes / 12);
    for (size_t k = 0; column && k < p->bins; k++) {
        double next = pitch_of(p, k + 1);
        make_column(p, k, pitch, next, column);
        for (size_t i = 0; i < p->classes; i++) matrix[i * p->bins + k] = (float)column[(i + turn) % p->classes];
        pitch = next;
    }
    base_free(c, column);
    return column != NULL;
}

static bool plan(sori_ctx *c, chroma_plan *p, const char *who, const sori_chroma_config *g) {
    int classes = g->n_chroma ? g->n_chroma : 12;
    p->ctroct = feat_option(g->ctroct, 5, 5);
    p->octwidth = feat_option(g->octwidth, 2, NAN);
    p->base_a = g->base_a;
    if (classes < 1 || classes > MAX_CHROMA)
        sori_fail(c, SORI_EINVAL, "%s: n_chroma %d is outside 1 to %d", who, classes, MAX_CHROMA);
    else if (!isfinite(p->ctroct)) sori_fail(c, SORI_EINVAL, "%s: ctroct %g is not finite", who, p->ctroct);
    else if (p->octwidth == 0 || isinf(p->octwidth) || (g->octwidth.mode == 1 && isnan(p->octwidth)))
        sori_fail(c, SORI_EINVAL, "%s: octwidth %g is 0 or not finite", who, p->octwidth);
    p->classes = (size_t)classes;
    return !base_failed(c);
}

sori_array *sori_chroma_filters(sori_ctx *c, double sr, const sori_chroma_config *config) {
    static const sori_chroma_config defaults;
    chroma_plan p = { 0 };
    feat_input in;
    if (!config) config = &defaults;
    if (!feat_input_settings(c, &in, "chroma_filters", sr, &config->stft)) return NULL;
    if (!plan(c, &p, in.who, config) || !feat_take_norm(c, in.who, config->norm, 2, &p.norm)) return NULL;
    if (!feat_tuning(c, in.who, (sori_audio){ 0 }, config->tuning.mode == 2 ? SORI_VALUE(0) : config->tuning, false, 0,
                     &p.tuning)) return NULL;
    p.sr = in.sr;
    p.n_fft = in.n_fft;
    p.bins = in.bins;
    sori_array *m = array_new_raw(c, SORI_F32, 2, (size_t[]){ p.classes, p.bins });
    return m && make_matrix(c, &p, m->data) ? m : NULL;
}

/* --- the feature -------------------------------------------------------------------------------------------- */

typedef struct chroma {
    double norm;
    void *matrix;      /* [classes][bins] in the precision of the kernels */
} chroma;

static void chroma_close(sori_ctx *c, feat_use *u) {
    base_free(c, ((chroma *)u->state)->matrix);
    base_free(c, u->state);
}

static bool fill(sori_ctx *c, chroma *s, const chroma_plan *p, bool exact) {
    size_t n = p->classes * p->bins;
    s->matrix = base_alloc_raw(c, n, exact ? sizeof(double) : sizeof(float));
    float *matrix = exact ? base_alloc_raw(c, n, sizeof *matrix) : s->matrix;
    bool ok = s->matrix && matrix && make_matrix(c, p, matrix);
    for (size_t i = 0; ok && exact && i < n; i++) ((double *)s->matrix)[i] = (double)matrix[i];
    if (exact) base_free(c, matrix);
    return ok;
}

/* tuning is a number by now. */
static bool chroma_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_chroma_config *g, double tuning) {
    chroma *s = u->state = base_alloc(c, 1, sizeof *s);
    chroma_plan p = { .sr = in->sr, .n_fft = in->n_fft, .bins = in->bins, .tuning = tuning, .norm = 2 };
    if (!s || !plan(c, &p, in->who, g) || !feat_take_norm(c, in->who, g->norm, INFINITY, &s->norm)) return false;
    u->domain = FEAT_S;
    u->power = 2;
    u->rows = p.classes;
    return fill(c, s, &p, in->exact);
}

/* A block does not know the whole sound's tuning: it is given, or A = 440 Hz. */
static bool chroma_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *f) {
    sori_chroma_config g = { .n_chroma = f->n_chroma };
    double tuning = feat_option(f->tuning, 0, 0);
    if (isfinite(tuning)) return chroma_open(c, u, in, &g, tuning);
    sori_fail(c, SORI_EINVAL, "%s: tuning %g is not finite", in->who, tuning);
    return false;
}

static void chroma_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const chroma *s = u->state;
    (void)scratch;
    u->k->matrix(u->rows, b->bins, s->matrix, b->S, b->frames, out, stride);
    feat_normalize_columns(s->norm, u->rows, stride, b->frames, out);
}

const feat_op feat_op_chroma = {
    .info = { "chroma_440", "librosa.feature.chroma_stft(tuning=0)", "chroma of frames, the tuning not estimated", "" },
    .open = chroma_by_name, .block = chroma_block, .close = chroma_close,
};

sori_array *sori_chroma_stft(sori_ctx *c, sori_audio y, const sori_chroma_config *config) {
    static const sori_chroma_config defaults;
    feat_input in;
    feat_use u = { .op = &feat_op_chroma };
    chroma_plan checked = { 0 };
    double tuning = 0;
    if (!config) config = &defaults;
    int classes = config->n_chroma ? config->n_chroma : 12;
    bool ok = feat_input_open(c, &in, "chroma_stft", y, config->S, &config->stft) && plan(c, &checked, in.who, config);
    if (ok && config->tuning.mode != 1) {
        sori_tuning_config g = { .piptrack = { .stft = config->stft, .S = config->S }, .bins_per_octave = classes };
        g.piptrack.stft.hop_length = (int)in.hop;
        tuning = feat_estimate_tuning(c, in.who, y, &g, 2);
    } else if (ok) ok = feat_tuning(c, in.who, y, config->tuning, false, classes, &tuning);
    if (ok && !base_failed(c)) chroma_open(c, &u, &in, config, tuning);
    return feat_run(c, &in, &u);
}
