/* synth/synth.h - the inside of the synthesis room. Other rooms use <sori/synth.h>. */
#ifndef SYNTH_SYNTH_H
#define SYNTH_SYNTH_H

#include "base/base.h"
#include <sori/synth.h>

/* Look over a SoundFont before FluidSynth does: a regular file, whole, of the right kind, its tables of whole records.
 * False after an error with the path and the reason. */
bool synth_check_soundfont(sori_ctx *c, const char *path);

#endif
