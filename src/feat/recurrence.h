/* feat/recurrence.h - nearest neighbours of frames, as sparse rows. Private to feat. */
#ifndef FEAT_RECURRENCE_H
#define FEAT_RECURRENCE_H

#include "feat/feat.h"
#include <sori/structure.h>

/* Frames in columns: x [d][n], of any array whose axis `axis` counts frames. */
typedef struct feat_frames {
    const float *x;
    size_t d, n;
    float *copy;                 /* what x points to, if not the array itself */
    feat_lines lines;            /* one a feature */
} feat_frames;

bool feat_frames_open(sori_ctx *c, feat_frames *f, const char *who, const sori_array *a, sori_opt axis);
void feat_frames_close(sori_ctx *c, feat_frames *f);

/* The neighbours of each frame: row i has count[i] links to frames index[i * room + ...], rising, with values. */
typedef struct feat_links {
    size_t rows, room;
    uint32_t *index, *count;
    double *value;
} feat_links;

/* The neighbours of every frame of f among those of f (recurrence), or of ref. */
bool feat_recurrence(sori_ctx *c, const char *who, const feat_frames *f, const sori_recurrence_config *config,
                     feat_links *out);
bool feat_links_alloc(sori_ctx *c, feat_links *l, size_t rows, size_t room);
void feat_links_free(sori_ctx *c, feat_links *l);

/* The k nearest of ref's frames to each of f's, in no order; skip_self leaves out the one of the same number. */
bool feat_nearest(sori_ctx *c, const feat_frames *f, const feat_frames *ref, size_t k, sori_metric metric, bool exact,
                  bool skip_self, feat_links *out);

/* Distances of links to affinities; the bandwidth looks at the k smallest of each row. */
bool feat_affinity(sori_ctx *c, const char *who, const sori_recurrence_config *config, size_t k, feat_links *l);

#endif
