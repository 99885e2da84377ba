/* feat/factor.h - what factorisations of a spectrogram share: its products with few vectors on all threads, and its
 * singular vectors. Private to feat. */
#ifndef FEAT_FACTOR_H
#define FEAT_FACTOR_H

#include "feat/feat.h"

/* S [rows][columns], and k vectors to multiply it with. Vectors are rows of the kernels' precision, `tall` values apart
 * if they have one value a row of S, `wide` apart if one a column; up to a multiple of 16 zeros follow. */
typedef struct feat_matrix {
    const float *S;
    size_t rows, columns, tall, wide;
    size_t k, room;              /* vectors, and the multiple of NUM_FACTORS that arrays of them hold */
    const num_kernels *kernels;
} feat_matrix;

feat_matrix feat_matrix_of(const float *S, size_t rows, size_t columns, size_t k, bool exact);

/* A zeroed array of m->room vectors. */
void *feat_tall(sori_ctx *c, const feat_matrix *m);
void *feat_wide(sori_ctx *c, const feat_matrix *m);

/* One pass over S in strips of columns, on all threads. In each: products = tall S; then change(arg, strip, first, n),
 * if not NULL, works on columns [first, first + n) of wide; then sums += S wide while S is in the cache. wide may be
 * products; sums (zeroed first) may be NULL. */
typedef struct feat_sweep {
    const feat_matrix *m;
    const void *tall;            /* [room][tall] */
    void *products, *wide;       /* [room][wide] */
    void (*change)(void *arg, size_t strip, size_t first, size_t n);
    void *arg;
    void *sums;                  /* [room][tall] */
    void *parts;                 /* memory for partial sums: feat_parts */
} feat_sweep;

void feat_sweep_run(sori_ctx *c, const feat_sweep *s);
void *feat_parts(sori_ctx *c, const feat_matrix *m);
size_t feat_strips(const feat_matrix *m);

/* gram [k][k]: scalar products of k vectors, `length` apart. */
void feat_gram(sori_ctx *c, const feat_matrix *m, const void *vectors, size_t length, double *gram);

/* The k <= min(rows, columns) largest singular values of S and their vectors; freed by feat_svd_free. */
typedef struct feat_svd {
    double *values;              /* [k] */
    double *left, *right;        /* [k][tall], [k][wide]: orthonormal; zeros where the value is 0 */
    size_t tall, wide;
} feat_svd;

bool feat_svd_open(sori_ctx *c, feat_svd *v, const float *S, size_t rows, size_t columns, size_t k);
void feat_svd_free(sori_ctx *c, feat_svd *v);

#endif
