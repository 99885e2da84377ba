/* works.h - what is timed against the peers, one line a work. bench/works/<family>.c holds sori's half of some works,
 * <family>.py beside it librosa's and the other peers'; the name ties them together. */
#ifndef WORKS_H
#define WORKS_H

#include <sori/sori.h>

typedef struct work_input {
    sori_ctx *c;
    sori_audio y;            /* [n] at 22050 Hz, or as the work's name says */
    bool exact;              /* compute in double, where that is a choice */
    sori_array *prepared;    /* what prepare() made, outside the timing */
} work_input;

typedef struct work {
    const char *name;        /* "mel" */
    sori_array *(*run)(const work_input *in);        /* from sound to result; freed by the caller */
    sori_array *(*prepare)(const work_input *in);    /* NULL: nothing */
} work;

/* Tables end with a row without a name. Add yours to bench_feat.c. */
extern const work works_cqt[], works_decompose[], works_level[], works_phase[], works_pitch[], works_resample[];
extern const work works_rhythm[], works_spectrum[], works_structure[];

#endif
