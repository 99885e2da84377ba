/* beta_penalty.c - what is asked of factors beside the loss: few values (L1), small ones (L2), steady activations.
 *
 * Penalties enter a multiplicative update as the loss does: the parts of their gradient that make a value smaller go
 * to down, those that make it larger to up. Steadiness is Virtanen's temporal continuity (2007): a component's
 * roughness is
 *
 *     r = T sum over t of (h[t] - h[t - 1])^2 / sum over t of h[t]^2,
 *
 * which a change of scale between W and H cannot make smaller; its gradient is 2 T / sum h^2 times 2 h - neighbours,
 * less 2 r h / sum h^2. The first and the last frame have one neighbour. */
#include "feat/beta.h"

/* --- steady activations ------------------------------------------------------------------------------------------- */

static void row_roughness(void *arg, size_t j) {
    feat_beta *b = arg;
    const feat_factor *f = feat_side_free(&b->H);
    double before = feat_factor_get(b->kernels, f, j, 0), squares = 0, changes = 0;
    for (size_t t = 0; t < f->length; t++) {
        double here = feat_factor_get(b->kernels, f, j, t);
        squares += here * here;
        changes += (here - before) * (here - before);
        before = here;
    }
    b->rough[2 * j] = squares;
    b->rough[2 * j + 1] = changes;
}

void feat_beta_roughness(sori_ctx *c, feat_beta *b) { base_parallel(c, feat_side_free(&b->H)->k, row_roughness, b); }

static void steady_row(const feat_beta *b, const feat_factor *f, size_t j, size_t p) {
    double squares = b->rough[2 * j], changes = b->rough[2 * j + 1];
    const num_kernels *k = b->kernels;
    if (squares == 0) return;
    double scale = 2 * b->smooth * (double)f->length / squares;
    for (size_t t = p * NUM_PANEL; t < BASE_MIN((p + 1) * NUM_PANEL, f->length); t++) {
        size_t at = (p * f->room + j) * NUM_PANEL + t % NUM_PANEL;
        bool first = t == 0, last = t + 1 == f->length;
        double here = feat_factor_get(k, f, j, t), beside = first ? 0 : feat_factor_get(k, f, j, t - 1);
        beside += last ? 0 : feat_factor_get(k, f, j, t + 1);
        num_put(k, f->up, at, num_get(k, f->up, at) + scale * (beside + here * changes / squares));
        num_put(k, f->down, at, num_get(k, f->down, at) + scale * here * (double)(2 - first - last));
    }
}

/* --- few and small values ----------------------------------------------------------------------------------------- */

void feat_beta_penalise(const feat_beta *b, feat_side *s, size_t p) {
    feat_factor *f = feat_side_free(s);
    size_t n = f->room * NUM_PANEL;
    for (size_t j = 0; s->l1 > 0 && j < f->room; j++)   /* descent subtracts down from up itself: see beta.c */
        b->kernels->add_scaled(NUM_PANEL, b->hals ? -s->l1 : s->l1, b->ones,
                               feat_panel(b, f, b->hals ? f->up : f->down, p, j));
    if (s->l2 > 0 && !b->hals)
        b->kernels->add_scaled(n, s->l2, feat_panel(b, f, f->values, p, 0), feat_panel(b, f, f->down, p, 0));
    for (size_t j = 0; b->smooth > 0 && s == &b->H && j < f->k; j++) steady_row(b, f, j, p);
}
