/* feat/vocoder.h - the phase vocoder as a source of frames. Private to feat.
 *
 * Frame t of the result stands at s = t * rate of the input: its magnitude lies between those of frames floor(s) and
 * floor(s) + 1, its phase is that of frame t - 1 turned by as much as the input turns between the two frames there.
 * Flanagan and Golden, "Phase vocoder", Bell Syst. Tech. J. 45 (1966); Laroche and Dolson, "Improved phase vocoder
 * time-scale modification of audio", IEEE Trans. SAP 7 (1999). */
#ifndef FEAT_VOCODER_H
#define FEAT_VOCODER_H

#include "feat/feat.h"

typedef struct feat_vocoder {
    const num_kernels *k;           /* given, and all up to steps */
    size_t bins, channels;
    size_t frames;                  /* of the input; beyond them is silence */
    double rate;
    size_t steps;                   /* frames of the result */
    size_t shards;                  /* of a channel: the phase of each's first frame is known */
    size_t *first;                  /* [shards] that frame, ascending from 0; freed by close */

    /* Given: input frames [first, first + lanes) of a channel as complex rows, which stay until the next call. */
    const void *(*load)(const void *source, char *scratch, size_t channel, size_t first, size_t lanes);
    const void *source;
    size_t source_scratch;          /* bytes, a multiple of 64 */

    size_t padded;                  /* bins, rounded up to 16 */
    char *phases;                   /* [channels][shards][2][padded] at the first frame of each shard */
    size_t state_size;              /* bytes of the state of a reader */
} feat_vocoder;

/* Set padded and state_size, from k, bins and source_scratch. */
void feat_vocoder_measure(feat_vocoder *v);

/* Make room; then compute the phases of every shard's beginning, on that many threads, with room for a reader's state
 * every `stride` bytes. */
bool feat_vocoder_open(sori_ctx *c, feat_vocoder *v);
bool feat_vocoder_prepare(sori_ctx *c, feat_vocoder *v, char *states, size_t stride, size_t workers);
void feat_vocoder_close(sori_ctx *c, feat_vocoder *v);

/* Read frames of the result in order from the beginning of a shard: complex rows, zero beyond steps or lanes. As
 * feat_inverse wants them. */
void feat_vocoder_begin(const void *vocoder, void *state, size_t channel, size_t shard, size_t first);
void feat_vocoder_read(const void *vocoder, void *state, size_t first, size_t lanes, void *rows);

/* Frames of the result of `frames` frames: numpy.arange(0, frames, rate). 0 with the error recorded if that is too
 * many, or rate is not above 0. */
size_t feat_vocoder_steps(sori_ctx *c, const char *who, size_t frames, double rate);

#endif
