/* beta_panel.c - a spectrogram and its factors in panels of 64 columns, for updates whose columns know nothing of each
 * other.
 *
 * With components held, a frame's activations depend on that frame of S alone; with activations held, a feature's
 * components on that feature alone. So S is kept twice, by frames and by features, both factors are updated by the same
 * code, each panel by one thread, and no sum ever crosses threads. */
#include "feat/beta.h"
#include <string.h>

static void *panels(sori_ctx *c, const feat_beta *b, size_t a, size_t rows, size_t columns, bool zeroed) {
    size_t n;
    if (!base_mul_overflows(rows, columns, &n) && !base_mul_overflows(n, a, &n))
        return (zeroed ? base_alloc : base_alloc_raw)(c, n, b->kernels->real_size);
    sori_fail(c, SORI_ENOMEM, "out of memory");
    return NULL;
}

static void open_factor(sori_ctx *c, const feat_beta *b, feat_factor *f, size_t k, size_t length) {
    *f = (feat_factor){ .length = length, .panels = (length + NUM_PANEL - 1) / NUM_PANEL, .k = k,
                        .room = base_round_up(k, NUM_TALL) };
    f->values = panels(c, b, f->panels, f->room, NUM_PANEL, true);
    f->up = panels(c, b, f->panels, f->room, NUM_PANEL, true);
    f->down = panels(c, b, f->panels, f->room, NUM_PANEL, true);
}

static void open_side(sori_ctx *c, const feat_beta *b, feat_side *s, size_t k, size_t length, size_t other) {
    open_factor(c, b, &s->model, k, length);
    s->rows = base_round_up(other, NUM_TALL);
    s->step = base_round_up(k, NUM_LANES);
    s->X = panels(c, b, s->model.panels, s->rows, NUM_PANEL, false);
    s->basis = panels(c, b, s->model.panels, s->step, NUM_PANEL, true);
}

/* --- S ------------------------------------------------------------------------------------------------------------ */

typedef struct packing {
    const feat_beta *b;
    const feat_side *side;
    const float *S;
    size_t row_step, column_step;   /* in S, of the side's rows and columns */
    size_t rows;
} packing;

static void pack_panel(void *arg, size_t p) {
    const packing *w = arg;
    size_t first = p * NUM_PANEL, n = BASE_MIN(w->side->model.length - first, NUM_PANEL);
    const num_kernels *k = w->b->kernels;
    const float *S = w->S + first * w->column_step;
    size_t row = NUM_PANEL * k->real_size, filled = n < NUM_PANEL ? 0 : w->rows;   /* behind them: zeros */
    char *X = (char *)w->side->X + p * w->side->rows * row;
    memset(X + filled * row, 0, (w->side->rows - filled) * row);
    if (w->column_step > 1) {
        k->transpose(w->rows, n, w->column_step, S, NUM_PANEL, X);
        return;
    }
    for (size_t r = 0; r < w->rows; r++)
        for (size_t i = 0; i < n; i++) num_put(k, X, r * NUM_PANEL + i, (double)S[r * w->row_step + i]);
}

static void pack(sori_ctx *c, const feat_beta *b, const float *S, size_t rows, size_t columns) {
    packing by_frames = { b, &b->H, S, columns, 1, rows }, by_features = { b, &b->W, S, 1, columns, columns };
    base_parallel(c, b->H.model.panels, pack_panel, &by_frames);
    base_parallel(c, b->W.model.panels, pack_panel, &by_features);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

bool feat_beta_open(sori_ctx *c, feat_beta *b, const float *S, size_t rows, size_t columns, size_t k, bool exact) {
    size_t all = k * b->taps, room = base_round_up(all, NUM_TALL);
    b->kernels = num_kernels_find(NULL, exact);
    open_side(c, b, &b->W, all, rows, columns);
    open_side(c, b, &b->H, all, columns, rows);
    if (b->taps > 1) open_factor(c, b, &b->H.core, k, columns);
    b->ones = base_alloc(c, NUM_PANEL, b->kernels->real_size);
    b->gram = panels(c, b, b->loss == NUM_EUCLIDEAN, room, b->W.step, true);
    b->sums = panels(c, b, 1, room, NUM_LANES, true);
    b->exact_gram = base_alloc(c, b->hals ? all * all : 0, sizeof *b->exact_gram);
    b->partial = base_alloc(c, b->H.model.panels, sizeof *b->partial);
    b->rough = base_alloc(c, 2 * k, sizeof *b->rough);
    if (base_failed(c)) return false;
    for (size_t i = 0; i < NUM_PANEL; i++) num_put(b->kernels, b->ones, i, 1);
    pack(c, b, S, rows, columns);
    return true;
}

static void close_factor(sori_ctx *c, feat_factor *f) {
    base_free(c, f->down);
    base_free(c, f->up);
    base_free(c, f->values);
}

static void close_side(sori_ctx *c, feat_side *s) {
    base_free(c, s->basis);
    base_free(c, s->X);
    close_factor(c, &s->core);
    close_factor(c, &s->model);
}

void feat_beta_close(sori_ctx *c, feat_beta *b) {
    base_free(c, b->rough);
    base_free(c, b->partial);
    base_free(c, b->exact_gram);
    base_free(c, b->sums);
    base_free(c, b->gram);
    base_free(c, b->ones);
    close_side(c, &b->H);
    close_side(c, &b->W);
}
