/* feat/feed.h - sound that arrives in pieces, and the frames it completes: what streams (stream.c) and live callbacks
 * (live.c) share. Private to feat.
 *
 * Samples wait in a window that holds one group of frames and n_fft samples before it, which the end of the sound may
 * still need for padding. All memory is taken by feat_feed_open; the other functions neither allocate nor lock. */
#ifndef FEAT_FEED_H
#define FEAT_FEED_H

#include "feat/pipeline.h"

typedef struct feat_feed {
    feat_input in;
    feat_use *uses;           /* [n_uses] */
    size_t n_uses;
    feat_pipeline p;
    char *scratch;
    feat_sink *sinks;         /* [n_uses]; whoever computes says where they write */
    float *y;                 /* [channels][capacity] the samples that wait */
    size_t capacity, waiting; /* of one channel */
    int64_t start;            /* number of the first that waits */
    size_t next;              /* the next frame to compute */
} feat_feed;

/* Open the named features for a sound to come. False with the error recorded; feat_feed_close either way. */
bool feat_feed_open(sori_ctx *c, feat_feed *f, const char *who, double sr, int channels, const char *const *names,
                    size_t n, const sori_feature_config *config);
void feat_feed_close(sori_ctx *c, feat_feed *f);

/* Samples the window has room for. */
static inline size_t feat_feed_room(const feat_feed *f) { return f->capacity - f->waiting; }

/* Take in n <= room samples of every channel, interleaved. */
void feat_feed_take(feat_feed *f, const float *interleaved, size_t n);

/* Frames whose last sample is in. */
size_t feat_feed_ready(const feat_feed *f);

/* Where use i writes its next frames: the part of channel 0, and values from channel to channel. */
typedef struct feat_place {
    float *out;
    size_t stride, channel_step;
} feat_place;

/* Compute the next `frames` frames, at most a group, that are ready. places [n_uses]. */
void feat_feed_compute(feat_feed *f, size_t frames, const feat_place *places);

/* Forget samples that no frame to come, nor the padding behind the last, can reach. */
void feat_feed_drop(feat_feed *f);

/* The sound has ended: fills in in.n and in.frames. False with the error recorded if it is too short for a frame.
 * Then feat_feed_rest computes frames that reach into the padding. */
bool feat_feed_end(sori_ctx *c, feat_feed *f);
void feat_feed_rest(feat_feed *f, size_t frames, const feat_place *places);

#endif
