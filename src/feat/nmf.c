/* nmf.c - non-negative matrix factorisation: a spectrogram as a sum of few spectra that come and go.
 *
 * The model: S [features][frames] is about W H, W [features][k] the components (the spectrum of a note, of a drum), H
 * [k][frames] the activations (when and how loud). All numbers are at least 0, so parts can only be added, and what is
 * found looks like the parts a sound was made of (Lee and Seung 1999).
 *
 * How it works: begin with the singular vectors' positive or negative halves (NNDSVD: Boutsidis and Gallopoulos 2008),
 * then improve one factor while the other is held, in turn, by a rule. A rule is a table row; the one here is
 * coordinate descent on |S - W H|^2 (Cichocki and Phan 2009): a factor's gradient needs only W^T W and W^T S. Both
 * factors are stored as k rows, so both are updated by the same code on 16 neighbouring values at once.
 *
 * scikit-learn's NMF with its defaults, as librosa.decompose.decompose calls it. */
#include "feat/nmf.h"
#include <math.h>
#include <string.h>

#define SHARD 64            /* features that are updated together */
#define LEAST 1e-6          /* below, a starting value counts as 0 (scikit-learn's eps) */

/* --- rules ------------------------------------------------------------------------------------------------------ */

/* What a sweep needs beside the factors. */
typedef struct work {
    feat_nmf *f;
    double *gram;                /* [k][k] of the factor that is held */
    char *tall, *wide;           /* [room][tall], [room][wide]: the factor that is held times S; their ends stay zero */
    void *parts;
    double *violation;           /* of each shard */
} work;

/* How factors are improved. A divergence or a penalty of its own is a row of its own. */
typedef struct rule {
    double (*sweep)(sori_ctx *c, work *w);    /* both factors once; how far they were from the optimum */
    bool (*done)(double first, double now, double tol);
} rule;


static void descend_frames(void *arg, size_t strip, size_t first, size_t n) {
    work *w = arg;
    const feat_matrix *m = &w->f->m;
    size_t at = first * m->kernels->real_size;
    w->violation[strip] = m->kernels->descend(base_round_up(n, NUM_LANES), 0, m->k, m->wide, w->gram, w->wide + at,
                                              m->wide, (char *)w->f->activations + at);
}

static void descend_features(void *arg, size_t shard) {
    work *w = arg;
    const feat_matrix *m = &w->f->m;
    size_t first = shard * SHARD, n = BASE_MIN(m->tall - first, SHARD), at = first * m->kernels->real_size;
    w->violation[shard] = m->kernels->descend(n, 0, m->k, m->tall, w->gram, w->tall + at, m->tall,
                                              (char *)w->f->components + at);
}

static double sum_of(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum;
}

/* The frames of a strip are updated between its projection on the components and its expansion by the activations,
 * which are then the new ones: one pass over S updates both factors. */
static double descend(sori_ctx *c, work *w) {
    const feat_nmf *f = w->f;
    const feat_matrix *m = &f->m;
    size_t shards = (m->tall + SHARD - 1) / SHARD;
    feat_sweep sweep = { .m = m, .tall = f->components, .products = w->wide, .wide = f->activations,
                         .change = descend_frames, .arg = w, .sums = f->fixed ? NULL : w->tall, .parts = w->parts };
    feat_gram(c, m, f->components, m->tall, w->gram);
    feat_sweep_run(c, &sweep);
    double violation = sum_of(w->violation, feat_strips(m));
    if (f->fixed) return violation;
    feat_gram(c, m, f->activations, m->wide, w->gram);
    base_parallel(c, shards, descend_features, w);
    return violation + sum_of(w->violation, shards);
}

static bool descent_is_done(double first, double now, double tol) { return first == 0 || now / first <= tol; }

static const rule coordinate_descent = { descend, descent_is_done };

/* --- starting values -------------------------------------------------------------------------------------------- */

static double norm_of(const double *x, size_t n, double sign) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += sign * x[i] > 0 ? x[i] * x[i] : 0;
    return sqrt(sum);
}

/* The half of x with that sign, scaled; what is about 0 becomes the mean of S. */
static void put_half(const feat_matrix *m, const double *x, size_t n, double sign, double scale, double mean,
                     void *out) {
    for (size_t i = 0; i < n; i++) {
        double value = sign * x[i] > 0 ? sign * x[i] * scale : 0;
        num_put(m->kernels, out, i, value < LEAST ? mean : value);
    }
}

/* Component j from the j-th pair of singular vectors: of their positive and negative halves the pair that weighs more.
 * The first pair has one sign only. */
static void start_component(const feat_nmf *f, const feat_svd *v, size_t j, double mean) {
    const feat_matrix *m = &f->m;
    const double *left = v->left + j * v->tall, *right = v->right + j * v->wide;
    char *tall = (char *)f->components + j * m->tall * m->kernels->real_size;
    char *wide = (char *)f->activations + j * m->wide * m->kernels->real_size;
    double up[2] = { norm_of(left, m->rows, 1), norm_of(right, m->columns, 1) };
    double down[2] = { norm_of(left, m->rows, -1), norm_of(right, m->columns, -1) };
    double sign = up[0] * up[1] > down[0] * down[1] ? 1 : -1, *norm = sign > 0 ? up : down;
    double weight = norm[0] * norm[1], scale = weight > 0 ? sqrt(v->values[j] * weight) : 0;
    put_half(m, left, m->rows, sign, weight > 0 ? scale / norm[0] : 0, mean, tall);
    put_half(m, right, m->columns, sign, weight > 0 ? scale / norm[1] : 0, mean, wide);
}

double feat_nmf_mean(const feat_matrix *m) {
    double sum = 0;
    for (size_t r = 0; r < m->rows; r++) {
        float part[NUM_LANES] = { 0 };
        const float *row = m->S + r * m->columns;
        for (size_t t = 0; t < m->columns; t++) part[t % NUM_LANES] += row[t];
        for (size_t i = 0; i < NUM_LANES; i++) sum += (double)part[i];
    }
    return sum / ((double)m->rows * (double)m->columns);
}

bool feat_nmf_start(sori_ctx *c, feat_nmf *f, double mean) {
    feat_svd v;
    bool ok = feat_svd_open(c, &v, f->m.S, f->m.rows, f->m.columns, f->m.k);
    for (size_t j = 0; ok && j < f->m.k; j++) start_component(f, &v, j, mean);
    feat_svd_free(c, &v);
    return ok;
}

/* More components than S has rows or columns: noise, whose size fits the mean of S. */
static void start_at_random(sori_ctx *c, feat_nmf *f, double mean) {
    double size = sqrt(mean / (double)f->m.k);
    for (size_t j = 0; j < f->m.k; j++) {
        base_rng r = base_rng_new(sori_seed(c), BASE_RNG_INIT, (uint32_t)j, 0);
        for (size_t i = 0; i < f->m.rows; i++)
            num_put(f->m.kernels, f->components, j * f->m.tall + i, size * fabs(base_rng_normal(&r)));
        for (size_t t = 0; t < f->m.columns; t++)
            num_put(f->m.kernels, f->activations, j * f->m.wide + t, size * fabs(base_rng_normal(&r)));
    }
}

static bool start(sori_ctx *c, feat_nmf *f) {
    double mean = feat_nmf_mean(&f->m);
    if (f->m.k <= BASE_MIN(f->m.rows, f->m.columns)) return feat_nmf_start(c, f, mean);
    start_at_random(c, f, mean);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void improve(sori_ctx *c, work *w, const rule *by) {
    feat_nmf *f = w->f;
    double first = 0;
    for (f->n_iter = 1; !base_interrupted(c); f->n_iter++) {
        double now = by->sweep(c, w);
        if (f->n_iter == 1) first = now;
        if (by->done(first, now, f->tol) || f->n_iter == f->max_iter) break;
    }
}

bool feat_nmf_run(sori_ctx *c, feat_nmf *f) {
    const feat_matrix *m = &f->m;
    size_t shards = BASE_MAX((m->tall + SHARD - 1) / SHARD, feat_strips(m));
    work w = { f, base_alloc(c, m->k * m->k, sizeof *w.gram), feat_tall(c, m), feat_wide(c, m), feat_parts(c, m),
               base_alloc(c, shards, sizeof *w.violation) };
    if (!base_failed(c) && (f->fixed || start(c, f))) improve(c, &w, &coordinate_descent);
    base_free(c, w.violation);
    base_free(c, w.parts);
    base_free(c, w.wide);
    base_free(c, w.tall);
    base_free(c, w.gram);
    return !base_failed(c);
}
