/* synth.h - what `sori synth` can make: a table, one row a kind, and what its rows share.
 *
 * A piece is parts, each the notes of one instrument; it becomes one sound, and a list of what is heard when. */
#ifndef CLI_SYNTH_H
#define CLI_SYNTH_H

#include "cli.h"

typedef struct synth_kind {
    const char *name;
    const char *summary;
    const char *options;           /* those it takes, "rate|n_fft" */
    const char *operands;          /* what must follow the name; "[...]": what may; NULL: nothing may */
    int (*run)(cli *k);            /* returns an exit code */
} synth_kind;

/* --- results (synth_out.c) -------------------------------------------------------------------------------------- */

/* Where sound goes: a file, or a folder with a file for each operand. */
typedef struct synth_out {
    const char *path;
    bool folder;
    const char *ending;            /* ".wav" */
    sori_save_config save;
} synth_out;

/* From --out, --format and --subtype; may_be_folder: there may be several results. False: said why. */
bool synth_choose_out(cli *k, synth_out *o, bool may_be_folder);
/* The path of result i, of what was asked for so. Freed by free(). */
char *synth_path(const synth_out *o, size_t i, const char *text);

/* --- pieces (synth_piece.c) ------------------------------------------------------------------------------------- */

#define SYNTH_PARTS 64

typedef struct synth_part {
    sori_note_config config;       /* what its notes share */
    sori_score_note *notes;        /* [n] */
    size_t n, room;
} synth_part;

typedef struct synth_chord { double start_s, end_s; const char *name; } synth_chord;

typedef struct synth_piece {
    synth_part parts[SYNTH_PARTS];
    size_t part_count;
    synth_chord *chords;           /* [chord_count] */
    size_t chord_count, chord_room;
    size_t struck;                 /* sounds so far: which of --velocity is next */
    int velocities[127];           /* [velocity_count] */
    size_t velocity_count;
} synth_piece;

/* An empty piece; the velocities are --velocity's. False: said why. */
bool synth_piece_new(cli *k, synth_piece *p);
void synth_piece_free(synth_piece *p);
/* A part more, of that instrument, or drums; NULL: said why, or in the context. */
synth_part *synth_piece_part(cli *k, synth_piece *p, const char *instrument, bool drums);
/* Sounds one after the other, from time `at` on; return when they end. Failures are in the context. */
double synth_put_chord(cli *k, synth_piece *p, synth_part *to, const char *name, double at, double length_s);
double synth_put_scale(cli *k, synth_piece *p, synth_part *to, const char *name, double at, double length_s);
/* "C4", "C:maj", "-", each also with "*2", twice as long. */
double synth_put_sound(cli *k, synth_piece *p, synth_part *to, const char *text, double at, double length_s);
/* "x..X", steps of step_s; repeated until `until`, at least `times` times. */
void synth_put_pattern(cli *k, synth_piece *p, synth_part *to, int key, const char *pattern, double step_s,
                       size_t times, double until);
/* Play it and write sound and labels. A failure is in the context. */
void synth_make_piece(cli *k, synth_piece *p, sori_synth *s, const synth_out *o, const char *path);

/* The velocities of --velocity into out [127]; how many, 0: said why. */
size_t synth_velocities(cli *k, int out[127]);

/* --- labels (synth_labels.c) ------------------------------------------------------------------------------------ */

/* Beside the sound at path, as --labels says. */
void synth_save_labels(cli *k, const synth_piece *p, const char *path, sori_audio y);

/* --- kinds ------------------------------------------------------------------------------------------------------ */

int synth_tone(cli *k);            /* synth_tone.c */
int synth_noise(cli *k);
int synth_clicks(cli *k);
int synth_chords(cli *k);          /* synth_play.c */
int synth_scale(cli *k);
int synth_drums(cli *k);
int synth_mix(cli *k);
int synth_song(cli *k);            /* synth_song.c */

extern const cli_group synth_tone_group, synth_play_group, synth_song_group;

#endif
