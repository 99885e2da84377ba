/* picture.h - what sori plot draws: kinds of panels, and what lies over them.
 *
 * A kind is a row of the table in picture_kinds.c: its name, the features it is made of, what its rows are, and its
 * words. An overlay is a row of the table in picture_overlays.c. The features of all of them come from one call of
 * sori_extract, that is from one STFT. */
#ifndef PICTURE_H
#define PICTURE_H

#include "cli.h"

#define PICTURE_KINDS 64         /* rows of the table, at most */
#define PICTURE_FEATURES 256     /* features of all rows and overlays, at most */

typedef struct picture_kind picture_kind;

typedef struct picture {
    sori_plot *plot;
    sori_audio y, mono;
    sori_feature_config config;
    double start_s;              /* time of the first sample in the file */
    sori_freq_axis axis;
    bool linear;                 /* --scale linear; default: dB */
    double width, height;        /* of the picture, and of a panel; height 0: the plot's own */
    const picture_kind *kinds[PICTURE_KINDS];
    size_t kind_count;
    unsigned overlays;           /* a bit for each row of the table of overlays */
    const char *labels_path;     /* NULL: no labels */
    sori_labels labels;
    const char *names[PICTURE_FEATURES];   /* [count] features that are needed, each once, and their arrays */
    sori_array *arrays[PICTURE_FEATURES];
    size_t count;
} picture;

struct picture_kind {
    const char *name, *says;     /* for --list */
    void (*add)(cli *k, const picture *p, const picture_kind *kind);
    const char *features[3];     /* its first is what a matrix or a curve shows */
    const char *title, *unit;    /* unit: of the colours, or the label of a curve's y axis */
    sori_rows rows;
    const char *const *row_names;
    double power;                /* shown in dB: 1 an amplitude, 2 a power; 0: as it is */
    bool power_option;           /* --power says which, if given */
    bool one_is_most;            /* values from 0 to 1 */
    bool log_y;                  /* curves */
    bool hz;                     /* the y axis is frequency, so f0 can be drawn over it */
    bool untimed;                /* x is not time */
    unsigned draws;              /* overlays it shows itself */
};

enum { DRAW_ONSETS = 1, DRAW_BEATS = 2, DRAW_F0 = 4, DRAW_CENTROID = 8, DRAW_ROLLOFF = 16, DRAW_LABELS = 32 };

const picture_kind *picture_kind_at(size_t i);             /* NULL beyond the last */
const picture_kind *picture_kind_find(const char *name);
void picture_need(picture *p, const char *feature);
sori_array *picture_feature(const picture *p, const char *name);   /* NULL: not computed */

/* --overlay's words into p, and the features they need. False: said why. Their names follow p's kinds. */
bool picture_choose_overlays(cli *k, picture *p, char **words, size_t n);
void picture_need_overlays(picture *p);
/* Over the panel added last, of that kind: what was chosen and fits, and what the kind draws itself. */
void picture_add_overlays(cli *k, const picture *p, const picture_kind *kind);
/* The middle of every frame in seconds, [n]; freed by free(). */
double *picture_times(const picture *p, size_t n);

#endif
