/* feat/nnls.h - non-negative least squares under a bank of overlapping triangles. Private to feat. */
#ifndef FEAT_NNLS_H
#define FEAT_NNLS_H

#include "feat/mel.h"

typedef struct feat_nnls {
    const feat_bank *bank;     /* weights in double; a band overlaps its neighbours only */
    size_t bins;
    size_t *at;                /* [bands] where a band's weights begin */
    double least;              /* the weight of the multipliers: see nnls.c */
} feat_nnls;

bool feat_nnls_open(sori_ctx *c, feat_nnls *s, const feat_bank *bank, size_t bins);
void feat_nnls_close(sori_ctx *c, feat_nnls *s);

/* Doubles of work space. */
size_t feat_nnls_work(const feat_nnls *s);

/* x >= 0 [bins] with the least |A x - b|, b [bands]; of many, the one nearest to the clipped least-squares solution.
 * clipped: that solution itself.   cost: some ten passes over the bank */
void feat_nnls_solve(const feat_nnls *s, const double *b, bool clipped, double *x, double *work);

#endif
