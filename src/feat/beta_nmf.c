/* beta_nmf.c - the gate of sori_nmf and sori_nmfd: what is given is checked, factors begin, results leave.
 *                                                                                        sklearn.decomposition.NMF */
#include "feat/beta.h"
#include "feat/nmf.h"
#include <math.h>
#include <string.h>

#define MAX_COMPONENTS 65536
#define MAX_SWEEPS 1000000
#define LARGEST 1e30         /* of weights: float holds them, and their products with what they weigh */

/* A call, with every default filled in. */
typedef struct call {
    const char *who;
    const sori_array *S;
    const sori_nmf_config *g;
    size_t rows, columns, k, taps;
    size_t given;                /* components of W */
    double alpha_H;
    feat_beta_run run;
} call;

/* --- what is given ------------------------------------------------------------------------------------------------ */

/* A dimension of a factor that is given, if it is: else the usual one. */
static size_t dimension(const sori_array *a, int axis, size_t usual) {
    return a && axis < a->ndim ? a->shape[axis] : usual;
}

static void take_sizes(call *f, int T) {
    const sori_nmf_config *g = f->g;
    f->rows = f->S->shape[0];
    f->columns = f->S->shape[1];
    f->k = g->n_components > 0 ? (size_t)g->n_components : dimension(g->W, 1, dimension(g->H, 0, f->rows));
    f->taps = T > 0 ? (size_t)T : T == 0 ? dimension(g->W, 2, 10) : 1;
    f->given = dimension(g->W, 1, 0);
    f->alpha_H = feat_option(g->alpha_H, g->alpha_W, 0);
    f->run = (feat_beta_run){ .who = f->who, .max_iter = g->max_iter ? g->max_iter : 200,
                              .every = g->every ? g->every : 10, .tol = feat_option(g->tol, 1e-4, 0) };
}

static bool fits(const sori_array *a, int ndim, const size_t *shape, int loose) {
    if (a->ndim != ndim) return false;
    for (int i = 0; i < ndim; i++)
        if (i == loose ? a->shape[i] > shape[i] || a->shape[i] == 0 : a->shape[i] != shape[i]) return false;
    return true;
}

static bool check_factor(sori_ctx *c, const call *f, const sori_array *a, bool is_W, bool convolutive) {
    char text[128], wanted[128];
    if (!a) return true;
    if (!array_check(c, f->who, a, SORI_F32, 1)) return false;
    sori_array whole = { .ndim = is_W && convolutive ? 3 : 2 };
    size_t W[3] = { f->rows, f->k, f->taps }, H[2] = { f->k, f->columns };
    memcpy(whole.shape, is_W ? W : H, (size_t)whole.ndim * sizeof *whole.shape);
    if (!fits(a, whole.ndim, whole.shape, is_W ? 1 : -1))
        sori_fail(c, SORI_EINVAL, "%s: %s is %s, which does not fit %s", f->who, is_W ? "W" : "H",
                  array_shape_text(a, text, sizeof text), array_shape_text(&whole, wanted, sizeof wanted));
    else if (!feat_are_magnitudes(c, a->data, a->size))
        sori_fail(c, SORI_EINVAL, "%s: a value of %s is negative or not finite", f->who, is_W ? "W" : "H");
    return !base_failed(c);
}

static bool check_numbers(sori_ctx *c, const call *f) {
    const sori_nmf_config *g = f->g;
    const struct { const char *name; double value, low, high; } numbers[] = {
        { "alpha_W", g->alpha_W, 0, LARGEST }, { "alpha_H", f->alpha_H, 0, LARGEST }, { "l1_ratio", g->l1_ratio, 0, 1 },
        { "smooth", g->smooth, 0, LARGEST }, { "tol", f->run.tol, 0, LARGEST },
        { "max_iter", f->run.max_iter, 1, MAX_SWEEPS }, { "every", f->run.every, 1, MAX_SWEEPS },
    };
    for (size_t i = 0; i < BASE_COUNT(numbers); i++)
        if (!(numbers[i].value >= numbers[i].low && numbers[i].value <= numbers[i].high)) {
            sori_fail(c, SORI_EINVAL, "%s: %s %.7g is outside %g to %.7g", f->who, numbers[i].name, numbers[i].value,
                      numbers[i].low, numbers[i].high);
            return false;
        }
    return true;
}

static bool check_choices(sori_ctx *c, const call *f, bool convolutive) {
    const sori_nmf_config *g = f->g;
    bool hals = g->solver == SORI_NMF_HALS, svd = g->init == SORI_NMF_INIT_NNDSVDA;
    const char *why = NULL;
    if ((unsigned)g->loss > SORI_NMF_ITAKURA_SAITO) why = "no such loss";
    else if ((unsigned)g->solver > SORI_NMF_HALS) why = "no such solver";
    else if ((unsigned)g->init > SORI_NMF_INIT_NNDSVDA) why = "no such init";
    else if (hals && convolutive) why = "HALS is for components of one frame: sori_nmf";
    else if (hals && g->loss != SORI_NMF_FROBENIUS) why = "HALS is for the Frobenius loss alone";
    else if (hals && g->smooth > 0) why = "smooth is for multiplicative updates alone";
    else if (svd && convolutive) why = "NNDSVDA is for components of one frame: sori_nmf";
    else if (svd && f->k > BASE_MIN(f->rows, f->columns)) why = "NNDSVDA has no more components than S rows or columns";
    if (why) sori_fail(c, SORI_EINVAL, "%s: %s", f->who, why);
    else if (g->fixed < 0 || (size_t)g->fixed > f->given)
        sori_fail(c, SORI_EINVAL, "%s: fixed %d is outside 0 to %zu, the components of W", f->who, g->fixed, f->given);
    return !base_failed(c);
}

static bool check_sizes(sori_ctx *c, const call *f) {
    if (f->S->ndim != 2) sori_fail(c, SORI_EINVAL, "%s: the spectrogram has %d axes, not 2", f->who, f->S->ndim);
    else if (f->S->size == 0) sori_fail(c, SORI_EINVAL, "%s: the spectrogram is empty", f->who);
    else if (f->g->n_components < 0 || f->k < 1 || f->k > MAX_COMPONENTS)
        sori_fail(c, SORI_EINVAL, "%s: n_components %d is outside 1 to %d", f->who,
                  f->g->n_components < 0 ? f->g->n_components : (int)BASE_MIN(f->k, INT32_MAX), MAX_COMPONENTS);
    else if (f->taps < 1 || f->taps > f->columns)
        sori_fail(c, SORI_EINVAL, "%s: T %zu is outside 1 to %zu, the frames of S", f->who, f->taps, f->columns);
    else if (f->k * f->taps > MAX_COMPONENTS)
        sori_fail(c, SORI_EINVAL, "%s: %zu components of %zu frames are more than %d", f->who, f->k, f->taps,
                  MAX_COMPONENTS);
    return !base_failed(c);
}

static bool check_values(sori_ctx *c, const call *f) {
    const float *S = f->S->data;
    if (!feat_check_magnitude(c, f->who, S, f->S->size)) return false;
    for (size_t i = 0; f->g->loss == SORI_NMF_ITAKURA_SAITO && i < f->S->size; i++)
        if (S[i] == 0) {
            sori_fail(c, SORI_EINVAL, "%s: value %zu of the spectrogram is 0, where the Itakura-Saito loss is infinite:"
                      " add a small value", f->who, i);
            return false;
        }
    return true;
}

/* --- how factors begin -------------------------------------------------------------------------------------------- */

/* Components from `from`. */
static void draw(sori_ctx *c, const feat_beta *b, feat_factor *f, size_t from, uint32_t which, double size) {
    for (size_t j = from; j < f->k; j++) {
        base_rng r = base_rng_new(sori_seed(c), BASE_RNG_INIT, (uint32_t)j, which);
        for (size_t t = 0; t < f->length; t++) feat_factor_put(b->kernels, f, j, t, size * fabs(base_rng_normal(&r)));
    }
}

static bool start_from_svd(sori_ctx *c, feat_beta *b, const call *f, double mean) {
    feat_nmf n = { .m = feat_matrix_of(f->S->data, f->rows, f->columns, f->k, true) };
    n.components = feat_tall(c, &n.m);
    n.activations = feat_wide(c, &n.m);
    bool ok = !base_failed(c) && feat_nmf_start(c, &n, mean);
    for (size_t j = 0; ok && j < f->k; j++) {
        for (size_t i = 0; i < f->rows; i++)
            feat_factor_put(b->kernels, &b->W.model, j, i, num_get(n.m.kernels, n.components, j * n.m.tall + i));
        for (size_t t = 0; t < f->columns; t++)
            feat_factor_put(b->kernels, &b->H.model, j, t, num_get(n.m.kernels, n.activations, j * n.m.wide + t));
    }
    base_free(c, n.activations);
    base_free(c, n.components);
    return ok;
}

/* What is not given. */
static void start_at_random(sori_ctx *c, feat_beta *b, const call *f, double size) {
    feat_factor *H = feat_side_free(&b->H);
    draw(c, b, &b->W.model, f->given * f->taps, 2, size);
    draw(c, b, H, f->g->W || f->g->H ? H->k : 0, 3, size);
    for (size_t j = 0; f->g->W && !f->g->H && j < H->k; j++)
        for (size_t t = 0; t < H->length; t++) feat_factor_put(b->kernels, H, j, t, size);
}

static void take_given(const feat_beta *b, const call *f, feat_factor *W, feat_factor *H) {
    size_t n = f->given * f->taps;
    for (size_t i = 0; f->g->W && i < f->rows; i++)
        for (size_t j = 0; j < n; j++)
            feat_factor_put(b->kernels, W, j, i, (double)((const float *)f->g->W->data)[i * n + j]);
    for (size_t i = 0; f->g->H && i < f->k * f->columns; i++)
        feat_factor_put(b->kernels, H, i / f->columns, i % f->columns, (double)((const float *)f->g->H->data)[i]);
}

static bool start(sori_ctx *c, feat_beta *b, const call *f) {
    const sori_nmf_config *g = f->g;
    feat_matrix m = feat_matrix_of(f->S->data, f->rows, f->columns, f->k, true);
    double mean = feat_nmf_mean(&m);
    bool small = f->taps == 1 && f->k <= BASE_MIN(f->rows, f->columns);
    if (!g->W && !g->H && g->init != SORI_NMF_INIT_RANDOM && small) {
        if (!start_from_svd(c, b, f, mean)) return false;
    } else start_at_random(c, b, f, sqrt(mean / (double)(f->k * f->taps)));
    take_given(b, f, &b->W.model, feat_side_free(&b->H));
    feat_side_spread(c, b, &b->W);
    feat_side_spread(c, b, &b->H);
    return true;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void set_up(feat_beta *b, const call *f) {
    const sori_nmf_config *g = f->g;
    double frames = (double)f->columns, features = (double)f->rows;
    b->smooth = g->smooth;
    b->W.from = (size_t)g->fixed * f->taps;
    b->W.l1 = frames * g->alpha_W * g->l1_ratio;
    b->W.l2 = frames * g->alpha_W * (1 - g->l1_ratio);
    b->H.l1 = features * f->alpha_H * g->l1_ratio;
    b->H.l2 = features * f->alpha_H * (1 - g->l1_ratio);
    b->W.flush = g->loss == SORI_NMF_ITAKURA_SAITO;   /* scikit-learn's choice */
    b->H.flush = g->loss != SORI_NMF_FROBENIUS;
}

static void fill(const feat_beta *b, const feat_factor *f, bool transposed, float *out) {
    for (size_t j = 0; j < f->k; j++)
        for (size_t t = 0; t < f->length; t++)
            out[transposed ? t * f->k + j : j * f->length + t] = (float)feat_factor_get(b->kernels, f, j, t);
}

static void run(sori_ctx *c, call *f, bool convolutive, sori_nmf_result *r) {
    static const int losses[] = { NUM_EUCLIDEAN, NUM_KULLBACK_LEIBLER, NUM_ITAKURA_SAITO };
    feat_beta b = { .loss = losses[f->g->loss], .hals = f->g->solver == SORI_NMF_HALS, .taps = f->taps };
    f->run.loss = base_alloc(c, 2 + (size_t)(f->run.max_iter / f->run.every), sizeof *f->run.loss);
    r->W = array_new_raw(c, SORI_F32, convolutive ? 3 : 2, (size_t[]){ f->rows, f->k, f->taps });
    r->H = array_new_raw(c, SORI_F32, 2, (size_t[]){ f->k, f->columns });
    if (!base_failed(c) && feat_beta_open(c, &b, f->S->data, f->rows, f->columns, f->k, f->g->exact)) {
        set_up(&b, f);
        if (start(c, &b, f)) feat_beta_improve(c, &b, &f->run);
    }
    if (!base_failed(c)) {
        r->loss = sori_array_from(c, SORI_F64, 1, (size_t[]){ (size_t)f->run.n_loss }, f->run.loss);
        r->n_iter = f->run.n_iter;
        fill(&b, &b.W.model, true, r->W->data);
        fill(&b, feat_side_free(&b.H), false, r->H->data);
        if (f->run.tol > 0 && f->run.n_iter == f->run.max_iter)
            base_warn(c, "%s: not yet converged after max_iter %d sweeps", f->who, f->run.max_iter);
    }
    feat_beta_close(c, &b);
    base_free(c, f->run.loss);
}

/* T: frames of a component, 0 the default; below 0: there are none, this is sori_nmf. */
static sori_nmf_result factorise(sori_ctx *c, const char *who, const sori_array *S, const sori_nmf_config *g, int T) {
    sori_nmf_result r = { NULL };
    call f = { .who = who, .S = S, .g = g };
    if (base_failed(c) || !array_check(c, who, S, SORI_F32, 2)) return r;
    bool convolutive = T >= 0;
    take_sizes(&f, T);
    int scope = sori_begin(c);
    if (check_sizes(c, &f) && check_numbers(c, &f) && check_factor(c, &f, g->W, true, convolutive)
        && check_factor(c, &f, g->H, false, convolutive) && check_choices(c, &f, convolutive)
        && check_values(c, &f))
        run(c, &f, convolutive, &r);
    if (base_failed(c)) r = (sori_nmf_result){ NULL };
    else {
        sori_keep(c, r.W);
        sori_keep(c, r.H);
        sori_keep(c, r.loss);
    }
    sori_end(c, scope, NULL);
    return r;
}

sori_nmf_result sori_nmf(sori_ctx *c, const sori_array *S, const sori_nmf_config *config) {
    static const sori_nmf_config defaults;
    return factorise(c, "nmf", S, config ? config : &defaults, -1);
}

sori_nmf_result sori_nmfd(sori_ctx *c, const sori_array *S, const sori_nmfd_config *config) {
    static const sori_nmfd_config defaults;
    sori_nmf_result r = { NULL };
    if (!config) config = &defaults;
    if (config->T >= 0) return factorise(c, "nmfd", S, &config->nmf, config->T);
    sori_fail(c, SORI_EINVAL, "nmfd: T %d is below 1", config->T);
    return r;
}
