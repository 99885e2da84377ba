/* feat/nmf.h - factorisation of a checked spectrogram. Private to feat. */
#ifndef FEAT_NMF_H
#define FEAT_NMF_H

#include "feat/factor.h"

typedef struct feat_nmf {
    feat_matrix m;                     /* S, and k components */
    void *components, *activations;    /* [k][tall], [k][wide], from feat_tall and feat_wide */
    bool fixed;                        /* components are given and stay */
    int max_iter, n_iter;              /* n_iter: sweeps made */
    double tol;
} feat_nmf;

/* Fill in both factors, or activations alone.   cost two passes over S a sweep, k multiplications a value each */
bool feat_nmf_run(sori_ctx *c, feat_nmf *f);

/* The mean of S, and the start from its singular vectors alone: NNDSVDa, for k of at most rows and columns. */
double feat_nmf_mean(const feat_matrix *m);
bool feat_nmf_start(sori_ctx *c, feat_nmf *f, double mean);

#endif
