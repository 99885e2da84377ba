/* nmf.c - non-negative matrix factorisation: a spectrogram as a sum of few spectra that come and go.
 *
 * The model: S [features][frames] is about W H, W [features][k] the components (the spectrum of a note, of a drum), H
 * [k][frames] the activations (when and how loud). All numbers are at least 0, so parts can only be added, and what is
 * found looks like the parts a sound was made of (Lee and Seung 1999).
 *
 * How it works: begin with the singular vectors' positive or negative halves (NNDSVD: Boutsidis and Gallopoulos 2008),
 * then improve one factor while the other is held, in turn, by a rule. A rule is a table row; the one here is coordinate
 * descent on |S - W H|^2 (Cichocki and Phan 2009): a factor's gradient needs only W^T W and W^T S, which is one pass over
 * S. Both factors are stored as k rows, so both are updated by the same code on 16 neighbouring values at once.
 *
 * scikit-learn's NMF with its defaults, as librosa.decompose.decompose calls it. */
#include "feat/nmf.h"
#include <math.h>
#include <string.h>

#define SHARD 64            /* values of a factor that are updated together, for all k */
#define LEAST 1e-6          /* below, a starting value counts as 0 (scikit-learn's eps) */

/* --- one factor, the other held ---------------------------------------------------------------------------------- */

/* The factor that is to change, and what it is multiplied with. */
typedef struct side {
    const feat_matrix *m;
    bool wide;                   /* activations; else components */
    size_t length;               /* of a vector, zeros at its end included */
    char *factor;
    const char *other;
    double *gram;                /* [k][k] of the other */
    char *products;              /* [room][length]: other times S; its end stays zero */
    double *violation;           /* [shards] */
} side;

static void descend_shard(void *arg, size_t i) {
    side *s = arg;
    size_t real = s->m->kernels->real_size, first = i * SHARD, n = BASE_MIN(s->length - first, SHARD);
    s->violation[i] = s->m->kernels->descend(n, s->m->k, s->length, s->gram, s->products + first * real, s->length,
                                             s->factor + first * real);
}

/* One sweep; returns by how much the factor was not yet where it should be. */
static double descend(sori_ctx *c, side *s) {
    size_t shards = (s->length + SHARD - 1) / SHARD;
    double sum = 0;
    feat_gram(c, s->m, s->other, s->wide ? s->m->tall : s->m->wide, s->gram);
    if (s->wide) feat_project(c, s->m, s->other, s->products);
    else feat_expand(c, s->m, s->other, s->products);
    base_parallel(c, shards, descend_shard, s);
    for (size_t i = 0; i < shards; i++) sum += s->violation[i];
    return sum;
}

/* How factors are improved. A divergence or a penalty of its own is a row of its own. */
typedef struct rule {
    double (*update)(sori_ctx *c, side *s);   /* one factor once; how far it was from the optimum */
    bool (*done)(double first, double now, double tol);
} rule;

static bool descent_is_done(double first, double now, double tol) { return first == 0 || now / first <= tol; }

static const rule coordinate_descent = { descend, descent_is_done };

/* --- starting values ----------------------------------------------------------------------------------------------- */

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
        feat_put(m, out, i, value < LEAST ? mean : value);
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

static double mean_of(const feat_matrix *m) {
    double sum = 0;
    for (size_t r = 0; r < m->rows; r++) {
        float part[NUM_LANES] = { 0 };
        const float *row = m->S + r * m->columns;
        for (size_t t = 0; t < m->columns; t++) part[t % NUM_LANES] += row[t];
        for (size_t i = 0; i < NUM_LANES; i++) sum += (double)part[i];
    }
    return sum / ((double)m->rows * (double)m->columns);
}

static bool start_from_svd(sori_ctx *c, feat_nmf *f, double mean) {
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
            feat_put(&f->m, f->components, j * f->m.tall + i, size * fabs(base_rng_normal(&r)));
        for (size_t t = 0; t < f->m.columns; t++)
            feat_put(&f->m, f->activations, j * f->m.wide + t, size * fabs(base_rng_normal(&r)));
    }
}

static bool start(sori_ctx *c, feat_nmf *f) {
    double mean = mean_of(&f->m);
    if (f->m.k <= BASE_MIN(f->m.rows, f->m.columns)) return start_from_svd(c, f, mean);
    start_at_random(c, f, mean);
    return true;
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static void improve(sori_ctx *c, feat_nmf *f, side *tall, side *wide) {
    const rule *by = &coordinate_descent;
    double first = 0;
    for (f->n_iter = 1; !base_interrupted(c); f->n_iter++) {
        double now = by->update(c, wide);
        if (!f->fixed) now += by->update(c, tall);
        if (f->n_iter == 1) first = now;
        if (by->done(first, now, f->tol) || f->n_iter == f->max_iter) break;
    }
}

bool feat_nmf_run(sori_ctx *c, feat_nmf *f) {
    const feat_matrix *m = &f->m;
    double *gram = base_alloc(c, m->k * m->k, sizeof *gram);
    double *violation = base_alloc(c, (BASE_MAX(m->tall, m->wide) + SHARD - 1) / SHARD, sizeof *violation);
    side tall = { m, false, m->tall, f->components, f->activations, gram, feat_tall(c, m), violation };
    side wide = { m, true, m->wide, f->activations, f->components, gram, feat_wide(c, m), violation };
    bool ok = gram && violation && tall.products && wide.products;
    if (ok && (f->fixed || start(c, f))) improve(c, f, &tall, &wide);
    base_free(c, wide.products);
    base_free(c, tall.products);
    base_free(c, violation);
    base_free(c, gram);
    return !base_failed(c);
}
