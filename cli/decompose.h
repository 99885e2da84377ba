/* decompose.h - what `sori decompose` found, and how it is written. */
#ifndef CLI_DECOMPOSE_H
#define CLI_DECOMPOSE_H

#include "cli.h"

typedef struct decompose_run {
    cli *k;
    const char *path, *dir, *ending;   /* ".wav" */
    sori_save_config save;
    sori_audio y;                      /* the mixture */
    sori_unmix *u;
    sori_note_events notes;
} decompose_run;

/* All files. A failure is in the context. */
void decompose_write(decompose_run *r);
/* What came of it, on standard error or as JSON. */
void decompose_say(const decompose_run *r);

#endif
