/* feat/inverse.h - sound from frames of complex spectra, wherever those come from. Private to feat.
 *
 * Order of calls: fill in what is marked "given"; open; run, as often as wanted, with nothing allocated between;
 * close. */
#ifndef FEAT_INVERSE_H
#define FEAT_INVERSE_H

#include "feat/feat.h"
#include <stdatomic.h>

typedef struct feat_inverse {
    size_t n_fft, hop, bins, frames;     /* given; frames: those that are used */
    size_t start;                        /* given: samples of padding left out in front */
    size_t n, channels;                  /* given: of the result */
    bool exact;                          /* given */
    bool aligned;                        /* given: frames are asked for from multiples of 16 on */
    float *y;                            /* given, to run: [channels][n] */
    double *window;                      /* given, freed by close: [n_fft] */

    /* Given: frames [first, first + lanes) of a channel to complex rows [bins]; the other lanes are zero beyond the
     * last frame, finite elsewhere. Within a shard calls come in order, without a gap; begin says that one starts.
     * state is the worker's own. */
    void (*begin)(const void *source, void *state, size_t channel, size_t shard, size_t first);
    void (*load)(const void *source, void *state, size_t first, size_t lanes, void *rows);
    const void *source;
    size_t state_size;                   /* bytes, a multiple of 64 */

    const num_kernels *k;
    num_fft *fft;
    void *scaled;                        /* [n_fft] window / n_fft, in the kernels' precision */
    double *squares;                     /* [rows] sum of squared windows where all frames exist that can */
    uint32_t *offset;                    /* [n_fft] where sample i of 16 frames lies in the layout */
    size_t over;                         /* columns a frame reaches beyond its own: (n_fft - 1) / hop */
    size_t rows, stride;                 /* of the layout: min(hop, n_fft) */
    size_t columns, shards;              /* of a shard; shards a channel */
    size_t at_rows, at_layout, at_floats, at_state, scratch_size;   /* of one thread, bytes; work rows come first */
    char *scratch;
    size_t workers;
    atomic_size_t next;
} feat_inverse;

/* n_fft, hop, bins, exact and padding of checked settings; n and frames of `frames` frames: those beyond length are not
 * used, and without a length the padding is left out at both ends. librosa.istft's sizes. */
void feat_inverse_measure(feat_inverse *v, const feat_input *in, size_t frames, size_t length);

bool feat_inverse_open(sori_ctx *c, feat_inverse *v);
void feat_inverse_run(sori_ctx *c, feat_inverse *v);
void feat_inverse_close(sori_ctx *c, feat_inverse *v);

/* The first frame that shard i asks for, and the end of its frames. */
size_t feat_inverse_first(const feat_inverse *v, size_t shard);
size_t feat_inverse_end(const feat_inverse *v, size_t shard);

#endif
