/* task/unmix.h - what the files that take mixtures apart share: templates, and a mixture that was factorised. */
#ifndef TASK_UNMIX_H
#define TASK_UNMIX_H

#include "array/array.h"
#include "base/base.h"
#include <sori/unmix.h>

#define UNMIX_PITCHES 128
#define UNMIX_MAX_PARTS 64    /* instruments */
#define UNMIX_MAX_DRUMS 64

/* What a component is heard as. */
typedef struct unmix_name {
    int part, pitch;          /* pitch -1: none */
} unmix_name;

/* The transform, every default filled in. */
typedef struct unmix_transform {
    double sr, power;
    sori_stft_config stft;
    size_t bins, hop, T;
    int per_note;
} unmix_transform;

struct sori_templates {
    sori_ctx *c;
    unmix_transform f;
    const char *instruments[UNMIX_MAX_PARTS];   /* the context keeps the texts */
    size_t parts;
    float *columns;           /* [count][bins], each of sum 1 */
    unmix_name *names;        /* [count] */
    size_t count, room;
    float *drums;             /* [drum_count][T][bins], each of sum 1 */
    int drum_keys[UNMIX_MAX_DRUMS];
    size_t drum_count;
};

struct sori_unmix {
    sori_ctx *c;
    unmix_transform f;
    size_t samples, frames;
    const char **part_names;  /* [parts] the context keeps the texts */
    size_t parts;
    int drum_part;            /* -1: there are no drums */
    unmix_name *names;        /* [k] */
    size_t k;
    float *H;                 /* [k][frames] of the whole: those of the slices, cross-faded */
    size_t slices, slice;     /* how many; frames of one, an even number; 1 slice: all frames */
    float **W, **H_of;        /* [slices] W [k][bins], all one array where templates are fixed; H [k][its frames] */
    int *drum_keys;           /* [drums] */
    size_t drums;
    float *drum_W, *drum_H;   /* [drums][T][bins], [drums][frames] */
    double loss;
};

/* Defaults and checks; false after an error. */
bool task_unmix_transform_of(sori_ctx *c, const sori_templates_config *config, unmix_transform *f);
/* |STFT|^power [bins, frames] of y [n]. */
sori_array *task_unmix_spectrogram(sori_ctx *c, const unmix_transform *f, sori_audio y);

/* Sound that a factorisation takes; a part that there is. False after an error. */
bool task_unmix_check_sound(sori_ctx *c, const unmix_transform *f, const sori_array *y, double sr);
bool task_unmix_check_part(sori_unmix *u, size_t part);

/* The MIDI note whose harmonics fit a spectrum best. */
int task_unmix_pitch_of(const unmix_transform *f, const float *spectrum, size_t step);

/* The first frame of slice s, and its frames. */
static inline size_t unmix_first(const sori_unmix *u, size_t s) { return s * (u->slice / 2); }
static inline size_t unmix_length(const sori_unmix *u, size_t s) {
    return BASE_MIN(u->slice, u->frames - unmix_first(u, s));
}

/* Weight of a slice at its frame i: rises over the half it shares with the one before, falls over the other; those of
 * two slices add up to 1. */
static inline double unmix_weight(const sori_unmix *u, size_t s, size_t i) {
    double half = (double)(u->slice / 2), at = ((double)i + 0.5) / half;
    if (at < 1) return s == 0 ? 1 : at;
    return s + 1 == u->slices ? 1 : 2 - at;
}

/* --- drums (unmix_drums.c) ---------------------------------------------------------------------------------------- */

/* Split S into what sori_hpss finds harmonic, which is returned, and the rest, which drums explain. */
sori_array *task_unmix_drums(sori_unmix *u, const sori_array *S, const sori_unmix_config *config, size_t drums);

/* The drums' model of frame t into out [bins]. */
void task_unmix_drums_model(const sori_unmix *u, size_t t, double *out);

#endif
