/* fx/augment.h - what the files of augmentation chains share. Private to fx. */
#ifndef FX_AUGMENT_H
#define FX_AUGMENT_H

#include "fx/fx.h"
#include <sori/augment.h>

#define AUGMENT_NODES 64
#define AUGMENT_DEEP 4

typedef struct augment_sound {
    float *y;                   /* [n] */
    size_t n;
    double sr;
} augment_sound;

typedef struct augment_files {
    char *path;
    augment_sound *sounds;      /* [n], at least one */
    size_t n, samples;          /* of all */
} augment_files;

/* Time t of a label becomes t * scale + shift, modulo the sound's length if circular. */
typedef struct augment_move {
    double scale, shift;
    bool circular;
} augment_move;

/* A change made with values v, with r for what else is random, and with sounds of files if it wants some. y.y NULL and
 * no error: nothing would be left. */
typedef sori_audio augment_wave(sori_ctx *c, sori_audio y, const double *v, base_rng *r, augment_move *move,
                                const augment_files *files);
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
    augment_files *files;       /* NULL: none */
    size_t end;                 /* the node behind this one and its members */
    uint32_t place;             /* of its draws: a hash of the name and of how many of that name were before */
} augment_node;

struct sori_augment {
    augment_node nodes[AUGMENT_NODES];
    size_t n;
    char *text;
};

/* JSON (begins with [) as text of the same chain; freed by base_free. NULL after an error. (augment_json.c) */
char *fx_augment_from_json(sori_ctx *c, const char *json);

/* The sounds of a folder, or one file, whose name is path [length]. NULL after an error. (augment_files.c) */
augment_files *fx_augment_files_open(sori_ctx *c, const char *path, size_t length);
void fx_augment_files_free(sori_ctx *c, augment_files *f);
/* One of them, mono at sr: of a longer one so many seconds from anywhere (0: all of it, from the start). */
sori_audio fx_augment_files_draw(sori_ctx *c, const augment_files *f, double sr, double least_s, base_rng *r);

#endif
