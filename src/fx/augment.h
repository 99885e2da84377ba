/* fx/augment.h - what the files of augmentation chains share. Private to fx. */
#ifndef FX_AUGMENT_H
#define FX_AUGMENT_H

#include "fx/fx.h"
#include <sori/augment.h>

#define AUGMENT_NODES 64
#define AUGMENT_DEEP 4

/* Time t of a label becomes t * scale + shift, modulo the sound's length if circular. */
typedef struct augment_move {
    double scale, shift;
    bool circular;
} augment_move;

/* A change made with values v, and with r for what else is random. y.y NULL and no error: nothing would be left. */
typedef sori_audio augment_wave(sori_ctx *c, sori_audio y, const double *v, base_rng *r, augment_move *move);
typedef void augment_image(float *S, size_t bins, size_t frames, float *scratch, const float *fill, const double *v,
                           base_rng *r);

typedef struct augment_transform {
    sori_augment_change is;
    augment_wave *wave;
    augment_image *image;
} augment_transform;

/* Ends with a name that is NULL (augment_table.c). */
extern const augment_transform fx_augment_transforms[];

/* The chain lies in preorder: a group's members follow it. */
typedef struct augment_node {
    const augment_transform *transform;
    double p, low[SORI_AUGMENT_PARAMETERS], high[SORI_AUGMENT_PARAMETERS];
    size_t end;                 /* the node behind this one and its members */
    uint32_t place;             /* of its draws: a hash of the name and of how many of that name were before */
} augment_node;

struct sori_augment {
    augment_node nodes[AUGMENT_NODES];
    size_t n;
    char *text;
};

#endif
