/* feat/pipeline.h - the pass from samples to features, shared by whole sounds (run.c) and streams (stream.c). Private
 * to feat.
 *
 * The unit of work is a group of up to FEAT_GROUP frames of one channel: its samples are laid out across lanes once,
 * then its blocks of 16 go through the FFT and the features one after the other. Groups are independent, so they run
 * on any thread, in any order, and neither the cut into groups nor the threads leave a trace in the numbers. */
#ifndef FEAT_PIPELINE_H
#define FEAT_PIPELINE_H

#include "feat/feat.h"
#include <math.h>

/* 4 blocks: frames of one group share all but n_fft - hop of the samples laid out, and the layout, 160 KB at 2048/512,
 * still fits the second cache. With very long hops a group is one block, to bound memory. */
#define FEAT_GROUP 64

/* One channel of sound, or the part of it that is at hand. */
typedef struct feat_sound {
    size_t channel;
    const float *y;         /* y[0] is sample `start` */
    int64_t start;
    int64_t n;              /* samples of the whole sound; INT64_MAX / 2 while unknown */
    int64_t padding;        /* samples of padding on either side: n_fft / 2 or 0 */
    int64_t tail;           /* padding on the right is made from the samples from here on: see feat_tail */
} feat_sound;

/* The samples [first, first + count) of the padded sound (first >= -padding; zeros beyond the padding): in place if all
 * are real, else put together in scratch [count]. */
const float *feat_padded(const feat_sound *s, sori_pad_mode mode, int64_t first, size_t count, float *scratch);

/* Where librosa.stft cuts the sound to pad its right end on its own: the start of the first frame that reaches past
 * the end; 0, the whole sound, if the left padding reaches as far. Only repeated reflection (n_fft/2 >= the cut's
 * length) can tell the difference. */
int64_t feat_tail(int64_t n, size_t n_fft, size_t hop);

/* Frames of a sound of n samples: 1 + (n + 2 (n_fft / 2) - n_fft) / hop centred; 0 if not even one. */
size_t feat_frames(size_t n, size_t n_fft, size_t hop, bool centered);

typedef struct feat_pipeline {
    const feat_input *in;
    feat_use *uses;
    size_t n_uses;
    size_t group;           /* frames a group: FEAT_GROUP or NUM_LANES */
    const num_kernels *k;
    num_fft *fft;           /* NULL: no feature wants a spectrum of samples */
    void *window;           /* [n_fft] as the FFT wants it */
    uint32_t *offset;       /* [n_fft] where sample i of 16 frames lies in the layout */
    size_t step;            /* samples from frame to frame in what feat_padded gives: hop, at most n_fft */
    size_t rows, stride;    /* of the layout: min(step, n_fft) rows, columns rounded up to 16 */
    size_t scratch;         /* bytes a thread needs, 64-byte aligned */
    size_t at_layout, at_work, at_S, at_use;   /* its parts, in bytes; samples come first; at_S: of a given S= */
} feat_pipeline;

#define FEAT_CACHE (1 << 21)   /* bytes: larger results would only drive the working set out of the second cache */
#define FEAT_PEAKS 2        /* the most a feature can ask for */

/* Where results of a use go: value of row r, frame m of the group to out[r * stride + m]. */
typedef struct feat_sink {
    float *out;
    size_t stride;
    bool bypass;            /* write past the caches, if the feature is S or X itself */
    float peak[FEAT_PEAKS]; /* raised to the largest values written, for features with a post() */
} feat_sink;

static inline void feat_sink_clear(feat_sink *s) {
    for (size_t i = 0; i < FEAT_PEAKS; i++) s->peak[i] = -INFINITY;
}

bool feat_pipeline_open(sori_ctx *c, feat_pipeline *p, const feat_input *in, feat_use *uses, size_t n);
void feat_pipeline_close(sori_ctx *c, feat_pipeline *p);

/* Frames [first, first + frames) of one channel of sound, at most p->group; first is a multiple of that. */
void feat_pipeline_sound(const feat_pipeline *p, const feat_sound *s, size_t first, size_t frames, char *scratch,
                         feat_sink *sinks);

/* The same of one channel of the input's spectrogram. */
void feat_pipeline_S(const feat_pipeline *p, size_t channel, size_t first, size_t frames, char *scratch,
                     feat_sink *sinks);

/* Rows of results and of what block() writes; floats a value. */
static inline size_t feat_block_rows(const feat_use *u) { return u->stored ? u->stored : u->rows; }
static inline size_t feat_floats(const feat_use *u) { return u->dtype == SORI_C64 ? 2 : 1; }

/* Open the named features, n > 0 of them, for `in`; uses [n], zero before. */
bool feat_open_named(sori_ctx *c, feat_input *in, feat_use *uses, const char *const *names, size_t n,
                     const sori_feature_config *config);

/* A new [lead..., rows, frames] array for a feature of this input. */
sori_array *feat_new_result(sori_ctx *c, const feat_input *in, const feat_use *u);

/* Free what the features hold. */
void feat_uses_close(sori_ctx *c, feat_use *uses, size_t n);

#endif
