/* beta.c - the updates of non-negative factors, and the losses they make smaller.
 *
 * The model: S is about V = W H, all at least 0. How far it is from it is a beta divergence: half the squared distance
 * (Euclidean: the loud parts count), Kullback-Leibler's (amplitudes), or Itakura-Saito's, which knows ratios alone, so
 * that soft parts count as loud ones do (powers). For each, a factor's gradient is down - up, both at least 0:
 *
 *     loss                up                 down
 *     Euclidean           basis^T S          basis^T basis factor
 *     Kullback-Leibler    basis^T (S / V)    sums of the basis
 *     Itakura-Saito       basis^T (S / V^2)  basis^T (1 / V)
 *
 * Multiplicative updates: factor *= up / down (Itakura-Saito: its square root), which never makes the loss larger (Lee
 * and Seung 2001; Fevotte and Idier 2011). HALS: for the Euclidean loss one component after the other to its own
 * optimum (Cichocki and Phan 2009), on the same products.
 *
 * Components of several frames (Smaragdis 2004) are as many components of one frame whose activations are one
 * another's, a frame later each. Their sums come together in fold, which is that gradient (Schmidt and Morup 2006);
 * Smaragdis takes the mean of the updates. So the loss falls here too.
 *
 * scikit-learn's NMF(solver="mu"), its order and its least values included. */
#include "feat/beta.h"
#include <math.h>
#include <string.h>

#define BLOCK 32   /* rows whose quotients are kept: 8 kB, in the first cache; and rows that are added in one sum */

typedef struct update {
    feat_beta *b;
    feat_side *side;
    const feat_side *held;
} update;

static bool is_staged(const feat_beta *b, const feat_side *s) {
    return s->core.values || (b->smooth > 0 && s == &b->H);
}

/* --- up and down -------------------------------------------------------------------------------------------------- */

static const char *row_of(const feat_beta *b, const void *values, size_t row, size_t step) {
    return (const char *)values + row * step * b->kernels->real_size;
}

/* Of what a sum over all rows of the basis needs: once a sweep, on one thread. */
static void prepare(feat_beta *b, const feat_side *held, size_t rows) {
    size_t room = held->model.room, real = b->kernels->real_size, k = held->model.k;
    void *out = b->loss == NUM_EUCLIDEAN ? b->gram : b->sums;
    size_t columns = b->loss == NUM_EUCLIDEAN ? held->step : NUM_LANES;
    if (b->loss == NUM_ITAKURA_SAITO) return;
    memset(out, 0, room * columns * real);
    for (size_t r = 0; r < rows; r += BLOCK) {
        const char *basis = row_of(b, held->basis, r, held->step);
        bool gram = b->loss == NUM_EUCLIDEAN;
        b->kernels->nmf_gather(BASE_MIN(rows - r, BLOCK), room, basis, held->step, gram ? basis : b->ones,
                               gram ? held->step : 0, columns, out, columns);
    }
    for (size_t i = 0; b->hals && i < k * k; i++)
        b->exact_gram[i] = num_get(b->kernels, b->gram, i / k * held->step + i % k);
}

/* out += basis^T x, for components from `from`, a multiple of NUM_TALL. */
static void gather(const update *u, size_t rows, const char *basis, const void *x, size_t from, void *out) {
    const num_kernels *k = u->b->kernels;
    k->nmf_gather(rows, u->side->model.room - from, basis + from * k->real_size, u->held->step, x, NUM_PANEL,
                  NUM_PANEL, out, NUM_PANEL);
}

static void products(const update *u, size_t p, size_t from, void *up, void *down) {
    const feat_beta *b = u->b;
    const feat_side *s = u->side;
    double quotient[BLOCK * NUM_PANEL] __attribute__((aligned(64)));
    double reciprocal[BLOCK * NUM_PANEL] __attribute__((aligned(64)));
    void *factor = feat_panel(b, &s->model, s->model.values, p, 0);
    bool inverse = b->loss == NUM_ITAKURA_SAITO;
    for (size_t r = 0; r < s->rows; r += BLOCK) {
        size_t n = BASE_MIN(s->rows - r, BLOCK);
        const char *basis = row_of(b, u->held->basis, r, u->held->step);
        const void *x = row_of(b, s->X, p * s->rows + r, NUM_PANEL);
        if (b->loss != NUM_EUCLIDEAN) {
            b->kernels->nmf_quotients(n, s->model.room, basis, u->held->step, factor, x, quotient,
                                      inverse ? reciprocal : NULL);
            x = quotient;
        }
        gather(u, n, basis, x, from, up);
        if (inverse) gather(u, n, basis, reciprocal, from, down);
    }
}

static void down_of_sums(const feat_beta *b, size_t rows, const char *sums, char *down) {
    size_t real = b->kernels->real_size;
    for (size_t j = 0; j < rows; j++)
        for (size_t i = 0; i < NUM_PANEL; i += NUM_LANES)
            memcpy(down + (j * NUM_PANEL + i) * real, sums + j * NUM_LANES * real, NUM_LANES * real);
}

/* up and down of one panel, for the components that move and some before them. */
static void measure(const update *u, size_t p) {
    feat_beta *b = u->b;
    feat_factor *f = &u->side->model;
    size_t from = u->side->from / NUM_TALL * NUM_TALL, real = b->kernels->real_size;
    size_t bytes = (f->room - from) * NUM_PANEL * real;
    void *up = memset(feat_panel(b, f, f->up, p, from), 0, bytes);
    void *down = memset(feat_panel(b, f, f->down, p, from), 0, bytes);
    products(u, p, from, up, down);
    if (b->loss == NUM_KULLBACK_LEIBLER) down_of_sums(b, f->room - from, row_of(b, b->sums, from, NUM_LANES), down);
    else if (b->loss == NUM_EUCLIDEAN && !b->hals)
        gather(u, f->room, b->gram, feat_panel(b, f, f->values, p, 0), from, down);
}

/* --- from those to the factor ------------------------------------------------------------------------------------- */

/* Component j, tap i at a frame: what the free factor says i frames earlier. */
static void repeat_panel(const feat_beta *b, feat_side *s, size_t p) {
    for (size_t row = 0; row < s->model.k; row++)
        for (size_t t = p * NUM_PANEL, tap = row % b->taps; t < BASE_MIN((p + 1) * NUM_PANEL, s->model.length); t++)
            feat_factor_put(b->kernels, &s->model, row, t,
                            t < tap ? 0 : feat_factor_get(b->kernels, &s->core, row / b->taps, t - tap));
}

static void transpose_panel(const feat_beta *b, feat_side *s, size_t p) {
    const void *panel = feat_panel(b, &s->model, s->model.values, p, 0);
    void *basis = (char *)s->basis + p * NUM_PANEL * s->step * b->kernels->real_size;
    if (b->kernels->real_size == sizeof(float)) {
        b->kernels->transpose(NUM_PANEL, s->model.k, NUM_PANEL, panel, s->step, basis);
        return;
    }
    for (size_t i = 0; i < NUM_PANEL; i++)
        for (size_t j = 0; j < s->model.k; j++)
            ((double *)basis)[i * s->step + j] = ((const double *)panel)[j * NUM_PANEL + i];
}

/* The sum of what the taps found of a frame; taps behind the last frame were not heard. */
static void fold_panel(const feat_beta *b, feat_side *s, size_t p) {
    feat_factor up = s->model, down = s->model, up_core = s->core, down_core = s->core;
    up.values = up.up;
    down.values = down.down;
    up_core.values = up_core.up;
    down_core.values = down_core.down;
    for (size_t j = 0; j < s->core.k; j++)
        for (size_t t = p * NUM_PANEL; t < BASE_MIN((p + 1) * NUM_PANEL, s->core.length); t++) {
            double sum_up = 0, sum_down = 0;
            for (size_t i = 0; i < b->taps && t + i < s->core.length; i++) {
                sum_up += feat_factor_get(b->kernels, &up, j * b->taps + i, t + i);
                sum_down += feat_factor_get(b->kernels, &down, j * b->taps + i, t + i);
            }
            feat_factor_put(b->kernels, &up_core, j, t, sum_up);
            feat_factor_put(b->kernels, &down_core, j, t, sum_down);
        }
}

static void change(const feat_beta *b, feat_side *s, size_t p) {
    feat_factor *f = feat_side_free(s);
    void *factor = feat_panel(b, f, f->values, p, 0);
    if (b->hals) {
        b->kernels->descend(NUM_PANEL, s->from, f->k, NUM_PANEL, b->exact_gram, feat_panel(b, f, f->up, p, 0),
                            NUM_PANEL, factor);
        return;
    }
    size_t n = (f->room - s->from) * NUM_PANEL;
    b->kernels->nmf_multiply(n, b->loss == NUM_ITAKURA_SAITO, s->flush, feat_panel(b, f, f->up, p, s->from),
                             feat_panel(b, f, f->down, p, s->from), feat_panel(b, f, f->values, p, s->from));
}

static void finish(const update *u, size_t p) {
    change(u->b, u->side, p);
    if (!u->side->core.values) transpose_panel(u->b, u->side, p);
}

static void update_panel(void *arg, size_t p) {
    const update *u = arg;
    measure(u, p);
    if (is_staged(u->b, u->side)) return;
    feat_beta_penalise(u->b, u->side, p);
    finish(u, p);
}

/* What looks at neighbouring frames waits for all panels. */
static void gather_panel(void *arg, size_t p) {
    const update *u = arg;
    if (u->side->core.values) fold_panel(u->b, u->side, p);
    feat_beta_penalise(u->b, u->side, p);
}

static void finish_panel(void *arg, size_t p) { finish(arg, p); }

static void spread_panel(void *arg, size_t p) {
    const update *u = arg;
    if (u->side->core.values) repeat_panel(u->b, u->side, p);
    transpose_panel(u->b, u->side, p);
}

void feat_side_spread(sori_ctx *c, feat_beta *b, feat_side *s) {
    update u = { b, s, NULL };
    base_parallel(c, s->model.panels, spread_panel, &u);
}

void feat_side_update(sori_ctx *c, feat_beta *b, feat_side *s, const feat_side *held) {
    update u = { b, s, held };
    prepare(b, held, s->rows);
    for (size_t j = 0; b->hals && j < s->model.k; j++) b->exact_gram[j * s->model.k + j] += s->l2;
    base_parallel(c, s->model.panels, update_panel, &u);
    if (!is_staged(b, s)) return;
    if (b->smooth > 0 && s == &b->H) feat_beta_roughness(c, b);
    base_parallel(c, s->model.panels, gather_panel, &u);
    base_parallel(c, s->model.panels, finish_panel, &u);
    if (s->core.values) feat_side_spread(c, b, s);
}

/* --- loss --------------------------------------------------------------------------------------------------------- */

static void panel_loss(void *arg, size_t p) {
    feat_beta *b = arg;
    b->partial[p] = b->kernels->nmf_loss(b->loss, b->H.rows, b->H.model.room, b->W.basis, b->W.step,
                                         feat_panel(b, &b->H.model, b->H.model.values, p, 0),
                                         row_of(b, b->H.X, p * b->H.rows, NUM_PANEL));
}

double feat_beta_loss(sori_ctx *c, feat_beta *b) {
    double sum = 0;
    base_parallel(c, b->H.model.panels, panel_loss, b);
    for (size_t p = 0; p < b->H.model.panels; p++) sum += b->partial[p];
    return sum;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static double root(double loss) { return sqrt(2 * fmax(loss, 0)); }

/* One more loss; whether sweeps should end. scikit-learn's rule: square roots no longer fall by tol of the first. */
static bool note_loss(sori_ctx *c, feat_beta *b, feat_beta_run *run) {
    double loss = feat_beta_loss(c, b);
    run->loss[run->n_loss++] = loss;
    if (!isfinite(loss))
        sori_fail(c, SORI_EINVAL, "%s: the loss is not finite after %d sweeps: scale the spectrogram", run->who,
                  run->n_iter);
    if (base_failed(c)) return true;
    if (run->n_loss == 1 || run->tol <= 0) return false;
    return root(run->loss[run->n_loss - 2]) - root(loss) < run->tol * root(run->loss[0]);
}

void feat_beta_improve(sori_ctx *c, feat_beta *b, feat_beta_run *run) {
    bool done = note_loss(c, b, run);
    while (!done && run->n_iter < run->max_iter && !base_interrupted(c)) {
        if (b->W.from < b->W.model.k) feat_side_update(c, b, &b->W, &b->H);
        feat_side_update(c, b, &b->H, &b->W);
        run->n_iter++;
        if (run->n_iter % run->every == 0 || run->n_iter == run->max_iter) done = note_loss(c, b, run);
    }
}
