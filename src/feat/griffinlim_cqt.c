/* griffinlim_cqt.c - sound from constant-Q magnitudes alone: the iteration of griffinlim.c with the constant-Q
 * transform and its inverse, which is only about one.
 *
 * Griffin and Lim, IEEE Trans. ASSP 32, 1984; Perraudin, Balazs and Søndergaard, "A fast Griffin-Lim algorithm",
 * WASPAA 2013.   librosa.griffinlim_cqt */
#include "feat/cqt.h"
#include <float.h>
#include <math.h>

typedef struct griffinlim {
    const sori_griffinlim_cqt_config *g;
    const sori_array *C;       /* magnitudes */
    double sr, share;          /* share: momentum / (1 + momentum) */
    size_t n_iter;
    float *angles;             /* pairs, as C's values */
    sori_array *before;        /* the last spectrum; NULL at first */
} griffinlim;

/* Phases exp(2 pi i u), u drawn in the order of C. */
static void draw_phases(const griffinlim *q) {
    num_mt r;
    num_mt_seed(&r, q->g->random_state);
    for (size_t i = 0; i < q->C->size; i++) {
        double turn = q->g->zero_phase ? 0 : 2 * 3.14159265358979323846 * num_mt_uniform(&r);
        q->angles[2 * i] = (float)cos(turn);
        q->angles[2 * i + 1] = (float)sin(turn);
    }
}

static sori_audio invert(sori_ctx *c, const griffinlim *q) {
    sori_icqt_config g = { .cqt = q->g->cqt, .length = q->g->length };
    sori_array *X = array_new_raw(c, SORI_C64, q->C->ndim, q->C->shape);
    const float *size = q->C->data;
    for (size_t i = 0; X && i < X->size; i++) {
        ((float *)X->data)[2 * i] = size[i] * q->angles[2 * i];
        ((float *)X->data)[2 * i + 1] = size[i] * q->angles[2 * i + 1];
    }
    return sori_icqt(c, X, q->sr, &g);
}

/* The phases of the new spectrum, taken further by a share of what has changed. */
static void turn_phases(const griffinlim *q, const sori_array *now) {
    const float *z = now->data, *old = q->before ? q->before->data : NULL;
    float share = (float)q->share;
    for (size_t i = 0; i < now->size; i++) {
        float re = z[2 * i] - (old ? share * old[2 * i] : 0), im = z[2 * i + 1] - (old ? share * old[2 * i + 1] : 0);
        float size = (float)hypot((double)re, (double)im) + FLT_MIN;
        q->angles[2 * i] = re / size;
        q->angles[2 * i + 1] = im / size;
    }
}

static bool one_turn(sori_ctx *c, griffinlim *q) {
    int scope = sori_begin(c);
    sori_cqt_config g = q->g->cqt;
    g.n_bins = (int)q->C->shape[q->C->ndim - 2];
    sori_array *now = sori_cqt(c, invert(c, q), &g);
    if (now) turn_phases(q, now);
    now = sori_end(c, scope, now);
    sori_array_free(c, q->before);
    q->before = now;
    return now && !base_interrupted(c);
}

static bool check(sori_ctx *c, griffinlim *q) {
    const sori_griffinlim_cqt_config *g = q->g;
    double n_iter = feat_option(g->n_iter, 32, 32);
    double momentum = feat_option(g->momentum, 0.99, 0.99);
    size_t hop = g->cqt.hop_length > 0 ? (size_t)g->cqt.hop_length : 512;
    if (!array_check(c, "griffinlim_cqt", q->C, SORI_F32, 2)) return false;
    size_t frames = q->C->shape[q->C->ndim - 1];
    if (!(momentum >= 0) || !isfinite(momentum))
        sori_fail(c, SORI_EINVAL, "griffinlim_cqt: momentum %g is below 0", momentum);
    else if (!(n_iter >= 0 && n_iter < 1e9)) sori_fail(c, SORI_EINVAL, "griffinlim_cqt: n_iter %g is below 0", n_iter);
    else if (g->length && g->length / hop + 1 != frames)
        sori_fail(c, SORI_EINVAL, "griffinlim_cqt: %zu samples have %zu frames, C has %zu", g->length,
                  g->length / hop + 1, frames);
    else if (q->C->shape[q->C->ndim - 2] > FEAT_MAX_BINS)
        sori_fail(c, SORI_EINVAL, "griffinlim_cqt: more than %d bins", FEAT_MAX_BINS);
    q->share = momentum / (1 + momentum);
    q->n_iter = base_failed(c) ? 0 : (size_t)n_iter;
    return !base_failed(c) && feat_check_finite(c, "griffinlim_cqt", q->C->data, q->C->size);
}

sori_audio sori_griffinlim_cqt(sori_ctx *c, const sori_array *C, double sr, const sori_griffinlim_cqt_config *config) {
    static const sori_griffinlim_cqt_config defaults;
    griffinlim q = { .g = config ? config : &defaults, .C = C, .sr = sr };
    sori_audio out = { NULL, sr == 0 ? 22050 : sr };
    if (base_failed(c) || !check(c, &q)) return out;
    int scope = sori_begin(c);
    q.angles = base_alloc_raw(c, C->size, 2 * sizeof *q.angles);
    if (q.angles) draw_phases(&q);
    for (size_t i = 0; i < q.n_iter && !base_failed(c); i++)
        if (!one_turn(c, &q)) break;
    if (!base_failed(c)) out = invert(c, &q);
    base_free(c, q.angles);
    out.y = sori_end(c, scope, base_failed(c) ? NULL : out.y);
    return out;
}
