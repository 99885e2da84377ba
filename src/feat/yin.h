/* feat/yin.h - YIN's difference function of a block of frames, for yin and pyin. Private to feat. */
#ifndef FEAT_YIN_H
#define FEAT_YIN_H

#include "feat/feat.h"
#include <sori/pitch.h>

typedef struct feat_yin {
    double sr;
    size_t n, step;          /* samples a frame, and from frame to frame in a block */
    size_t first, last;      /* periods in samples: floor(sr / fmax) to ceil(sr / fmin) */
    const num_kernels *k;
    num_fft *fft;            /* of at least n + last points */
    void *window;            /* 1 for n samples, then zeros, as the FFT wants it */
    uint32_t *offset;        /* where sample i of 16 frames lies in the layout */
    size_t rows, stride;     /* of the layout: see pipeline.c */
    size_t at_work, at_difference, at_flags, scratch;   /* bytes */
} feat_yin;

/* What a block is found to hold: d' of the periods first + k in rows, and where its local minima are. */
typedef struct feat_difference {
    const void *rows;                /* [last - first + 1][16] */
    const uint8_t *flags;            /* [last - first + 1][16] not 0: a local minimum */
    uint32_t least[NUM_LANES];       /* the row of the smallest value */
} feat_difference;

/* Frequencies, or librosa's recommendation where they are 0: C2, 65.4 Hz, and C7, 2093 Hz. */
void feat_yin_range(double *fmin, double *fmax);

/* feat_input_frames with librosa's own default, hop_length = frame_length / 4. */
bool feat_yin_input(sori_ctx *c, feat_input *in, const char *who, sori_audio y, int frame_length, int hop_length,
                    bool uncentered, sori_pad_mode pad);

/* Check fmin and fmax and prepare for frames of `in`; closed by feat_yin_close, also after a failure. */
bool feat_yin_open(sori_ctx *c, feat_yin *y, const feat_input *in, double fmin, double fmax);
void feat_yin_close(sori_ctx *c, feat_yin *y);

/* scratch: y->scratch bytes, in which the result lies. */
feat_difference feat_yin_block(const feat_yin *y, const feat_block *b, char *scratch);

static inline double feat_yin_value(const feat_yin *y, const feat_difference *d, size_t k, size_t m) {
    return num_get(y->k, d->rows, k * NUM_LANES + m);
}

/* The period of lane m at the bottom of the parabola through row k and its neighbours. */
double feat_yin_period(const feat_yin *y, const feat_difference *d, size_t k, size_t m);

#endif
