/* feat/pyin.h - the decoder of pyin: a hidden Markov model of pitch bins, each voiced or not. Private to feat. */
#ifndef FEAT_PYIN_H
#define FEAT_PYIN_H

#include "feat/feat.h"

/* A voiced pitch that a frame may have. */
typedef struct feat_candidate {
    double log_prob;
    uint32_t bin;
} feat_candidate;

/* What is seen in the frames of a channel. All states without a candidate have probability 0. */
typedef struct feat_observations {
    size_t frames;
    const feat_candidate *const *candidates;   /* [frames] rising bins, each once */
    const uint32_t *count;                     /* [frames] */
    const double *unvoiced;                    /* [frames] log probability of every unvoiced bin */
} feat_observations;

/* The model: from bin i to bin i + o with a probability that falls with |o| and is 0 beyond `low` .. `high`, and from
 * voiced to unvoiced or back with switch_prob. State s < bins is voiced bin s, the others are unvoiced. */
typedef struct feat_voicing {
    const num_kernels *k;    /* in double */
    size_t bins, padded;     /* padded: to a multiple of 64 */
    ptrdiff_t low, high;
    double *weight;          /* [high - low + 1] log of the window, for the source j - high + q of target j */
    double *norm;            /* [bins] less log of the row's sum */
    double log_switch, log_stay;
} feat_voicing;

/* width: of the triangular window, in bins. bins <= FEAT_MOST_BINS. */
#define FEAT_MOST_BINS 32767
bool feat_voicing_open(sori_ctx *c, feat_voicing *v, size_t bins, size_t width, double switch_prob);
void feat_voicing_close(sori_ctx *c, feat_voicing *v);

/* Memory that decoding some frames needs, bytes; SIZE_MAX if it cannot be had. */
size_t feat_voicing_memory(const feat_voicing *v, size_t frames);

/* The most probable states [frames]; memory 64-byte aligned. */
void feat_voicing_decode(const feat_voicing *v, const feat_observations *o, char *memory, uint16_t *states);

#endif
