/* nsynth.h - the list that lies beside made notes, as the NSynth data set has it. */
#ifndef CLI_NSYNTH_H
#define CLI_NSYNTH_H

#include "cli.h"

typedef struct nsynth_note {
    const char *note_str;      /* its key: "piano_C4_100" */
    const char *path;          /* relative to examples.json */
    int program, pitch, velocity;
    double sr;                 /* Hz */
} nsynth_note;

/* One entry `"note_str": {...}`; index counts the notes. */
void nsynth_put(FILE *to, const nsynth_note *note, size_t index);

#endif
