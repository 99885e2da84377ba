/* feat/beta.h - factorisations that beta divergences judge, on panels of columns. Private to feat. */
#ifndef FEAT_BETA_H
#define FEAT_BETA_H

#include "feat/feat.h"

/* A factor [k][length] as the kernels want it: panels of NUM_PANEL columns, zeros behind the last; and what a sweep
 * found for each value: up is why it should grow, down why it should shrink. */
typedef struct feat_factor {
    size_t length, panels;
    size_t k, room;              /* components, and the multiple of NUM_TALL that there is room for */
    void *values, *up, *down;    /* [panels][room][NUM_PANEL] */
} feat_factor;

/* S seen from one of its factors: S is about other factor^T model, a column for each column of the factor. */
typedef struct feat_side {
    feat_factor model;           /* its components are the taps of one after the other */
    feat_factor core;            /* that of which model is made, if activations have taps; else values is NULL */
    void *X;                     /* [panels][rows][NUM_PANEL] */
    size_t rows;                 /* the other factor's length, to a multiple of NUM_TALL */
    void *basis;                 /* [panels * NUM_PANEL][step]: model transposed, what the other side reads */
    size_t step;                 /* k, to a multiple of 16 */
    size_t from;                 /* components before it stay */
    double l1, l2;               /* penalties on the sum of its values, and on half their squares' */
    bool flush;                  /* what is next to nothing becomes zero */
} feat_side;

typedef struct feat_beta {
    int loss;                    /* NUM_EUCLIDEAN, ... */
    bool hals;
    size_t taps;                 /* frames of a component: 1 but for convolutive factorisations */
    double smooth;               /* weight of the activations' roughness */
    const num_kernels *kernels;
    feat_side W, H;              /* its factors: components by features, activations by frames */
    void *ones;                  /* [NUM_PANEL] */
    void *gram, *sums;           /* [room][step], [room][16] of the basis that is held */
    double *exact_gram;          /* [k][k] */
    double *partial;             /* loss of each panel of frames */
    double *rough;               /* [k][2]: squares of activations, and of their changes from frame to frame */
} feat_beta;

/* Memory for factors of k components of S [rows][columns], and S in panels; loss, hals and taps are filled in. False
 * with the error recorded; feat_beta_close frees what there is. */
bool feat_beta_open(sori_ctx *c, feat_beta *b, const float *S, size_t rows, size_t columns, size_t k, bool exact);
void feat_beta_close(sori_ctx *c, feat_beta *b);

/* The factor that is free: activations before they are repeated at every tap. */
static inline feat_factor *feat_side_free(feat_side *s) { return s->core.values ? &s->core : &s->model; }

static inline double feat_factor_get(const num_kernels *k, const feat_factor *f, size_t j, size_t t) {
    return num_get(k, f->values, (t / NUM_PANEL * f->room + j) * NUM_PANEL + t % NUM_PANEL);
}
static inline void feat_factor_put(const num_kernels *k, const feat_factor *f, size_t j, size_t t, double value) {
    num_put(k, f->values, (t / NUM_PANEL * f->room + j) * NUM_PANEL + t % NUM_PANEL, value);
}

/* Panel p of one of a factor's arrays, from row j. */
static inline void *feat_panel(const feat_beta *b, const feat_factor *f, void *values, size_t p, size_t j) {
    return (char *)values + (p * f->room + j) * NUM_PANEL * b->kernels->real_size;
}

/* After values were put into the free factor: model and basis follow. */
void feat_side_spread(sori_ctx *c, feat_beta *b, feat_side *s);

/* One factor improved while the other is held. */
void feat_side_update(sori_ctx *c, feat_beta *b, feat_side *s, const feat_side *held);

/* What penalties add to up and down of panel p of a side's free factor; steadiness needs feat_beta_roughness before. */
void feat_beta_penalise(const feat_beta *b, feat_side *s, size_t p);
void feat_beta_roughness(sori_ctx *c, feat_beta *b);

/* The divergence of S from the product of its factors. */
double feat_beta_loss(sori_ctx *c, feat_beta *b);

/* Sweeps, and the loss at the start, then every `every` sweeps and after the last. */
typedef struct feat_beta_run {
    const char *who;
    int max_iter, every;
    double tol;                  /* of the first loss's square root; 0: max_iter sweeps */
    double *loss;                /* [2 + max_iter / every] */
    int n_iter, n_loss;          /* what was made of it */
} feat_beta_run;
void feat_beta_improve(sori_ctx *c, feat_beta *b, feat_beta_run *run);

#endif
