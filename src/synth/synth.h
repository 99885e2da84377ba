/* synth/synth.h - the inside of the synthesis room. Other rooms use its public headers. */
#ifndef SYNTH_SYNTH_H
#define SYNTH_SYNTH_H

#include "base/base.h"
#include <sori/synth.h>

/* Look over a SoundFont before FluidSynth does: a regular file, whole, of the right kind, its tables of whole records.
 * False after an error with the path and the reason. */
bool synth_check_soundfont(sori_ctx *c, const char *path);

/* The file it plays. */
const char *synth_soundfont_path(const sori_synth *s);

/* First index of BASE_RNG_SYNTH's draws: what they are for. */
enum { SYNTH_DRAW_STRING = 0, SYNTH_DRAW_PLAYER, SYNTH_DRAW_SONG = 16 };

/* Equal but for case; blanks, "-" and "_" are alike. */
bool synth_same_name(const char *a, const char *b);

/* "F#": semitones above C, and what follows in the text. NULL if it begins with no note. */
const char *synth_read_class(const char *text, int *semitones);
/* The same with an octave, or without one that octave: "F#3" is 54. */
const char *synth_read_root(const char *text, int octave, int *midi);

/* The note's defaults, and checks. False after an error. */
bool synth_check_note(sori_ctx *c, const sori_synth *s, sori_note_config *k);
size_t synth_note_samples(const sori_note_config *k);

/* --- waves: parts of sori_tone, for values that it has checked --------------------------------------------------- */

#define SYNTH_BLOCK 64          /* samples at once */
#define SYNTH_MAX_PARTIALS 65536

/* Sums over k = 1 .. n of c_k cos(k angle) and of s_k sin(k angle), for `count` <= SYNTH_BLOCK angles. c, s [n]. */
void synth_cosines(const double *c, size_t n, const double *angle, size_t count, double *out);
void synth_sines(const double *s, size_t n, const double *angle, size_t count, double *out);

/* Partials of the tone below sr/2. */
double synth_partials(const sori_tone_config *k);

typedef struct synth_harmonics {
    double *c, *s;             /* [n] amplitudes of cosines (NULL: none) and sines */
    size_t n;
} synth_harmonics;
/* False where there is no memory. */
bool synth_harmonics_open(sori_ctx *c, synth_harmonics *h, const sori_tone_config *k);
/* Samples at .. at + count of the tone, without its envelope and amplitude. */
void synth_harmonics_run(const synth_harmonics *h, const sori_tone_config *k, size_t at, size_t count, double *out);
void synth_harmonics_close(sori_ctx *c, synth_harmonics *h);

/* The same for frequency modulation; index [count] is the modulation index of each sample. */
void synth_fm(const sori_tone_config *k, const double *index, size_t at, size_t count, double *out);

typedef struct synth_pluck {
    double *line;              /* [n] */
    size_t n, at;
    double damping, loss, tune;
    double before, in, out;    /* the low-pass's last input, the all-pass's last input and output */
} synth_pluck;
bool synth_pluck_open(sori_ctx *c, synth_pluck *p, const sori_tone_config *k);
void synth_pluck_run(synth_pluck *p, size_t count, double *out);
void synth_pluck_close(sori_ctx *c, synth_pluck *p);

/* The angle of a tone of hz at sample i, radians within 0 .. 2 pi. */
double synth_angle(double hz, size_t i, double sr);

#endif
