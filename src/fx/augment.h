/* fx/augment.h - what the files of augmentation chains share. Private to fx. */
#ifndef FX_AUGMENT_H
#define FX_AUGMENT_H

#include "fx/fx.h"
#include <sori/augment.h>

#define AUGMENT_PARAMETERS 2
#define AUGMENT_NODES 64
#define AUGMENT_DEEP 4

typedef enum augment_stage { AUGMENT_WAVE, AUGMENT_SPECTRUM, AUGMENT_BATCH, AUGMENT_GROUP } augment_stage;

typedef struct augment_parameter {
    const char *name;           /* NULL: there are no more */
    double low, high;           /* the default's range */
    double least, most;         /* limits */
    bool log, whole;            /* drawn on a logarithmic scale; a whole number */
    const char *words;          /* "white|pink|brown": a word, its index the value */
} augment_parameter;

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
    const char *name;
    augment_stage stage;
    augment_parameter parameters[AUGMENT_PARAMETERS];
    augment_wave *wave;
    augment_image *image;
} augment_transform;

/* Ends with a name that is NULL (table.c). */
extern const augment_transform fx_augment_transforms[];

/* The chain lies in preorder: a group's members follow it. */
typedef struct augment_node {
    const augment_transform *transform;
    double p, low[AUGMENT_PARAMETERS], high[AUGMENT_PARAMETERS];
    size_t end;                 /* the node behind this one and its members */
    uint32_t place;             /* of its draws: a hash of the name and of how many of that name were before */
} augment_node;

struct sori_augment {
    augment_node nodes[AUGMENT_NODES];
    size_t n;
    char *text;
};

#endif
