/* synth/fluid.h - a SoundFont opened by FluidSynth: what notes (soundfont.c) and whole parts (perform.c) share. */
#ifndef SYNTH_FLUID_H
#define SYNTH_FLUID_H

#include "synth/synth.h"
#include <fluidsynth.h>

#define SYNTH_RATE 44100.0
#define SYNTH_FLUID_BLOCK 64   /* FluidSynth's own; parameters change only between blocks */
#define SYNTH_GAIN 1.0         /* for one note; FluidSynth's 0.2 leaves room for 16 parts */
#define SYNTH_FADE_S 0.01

struct sori_synth {
    sori_ctx *c;
    fluid_settings_t *settings;
    fluid_synth_t *fluid;
    int font;
    char *path;
};

/* Channel 0 plays the note's program. False after an error. */
bool synth_select(sori_ctx *c, sori_synth *s, fluid_synth_t *fluid, int font, const sori_note_config *k);
/* Key of the nearest sample, and what is missing to k's tuning as cents of channel 0. */
bool synth_tune(sori_ctx *c, fluid_synth_t *fluid, sori_note_config *k);
/* y [2, m] at SYNTH_RATE -> [n] or [2, n] at k->sr, the end faded. NULL after an error. */
sori_array *synth_finish(sori_ctx *c, const sori_note_config *k, sori_array *y, size_t n);

#endif
