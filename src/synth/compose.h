/* synth/compose.h - a song under construction: what compose.c plans and compose_*.c play. Private to synth. */
#ifndef SYNTH_COMPOSE_H
#define SYNTH_COMPOSE_H

#include "synth/synth.h"
#include <sori/song.h>

enum { COMPOSE_SECTION = 8 };    /* bars */
enum { COMPOSE_EIGHTHS = 8, COMPOSE_STEPS = 16 };   /* of a bar */

typedef struct compose_part {
    sori_midi_note *notes;       /* [n] */
    size_t n, room;
    base_rng players;            /* what makes timing and loudness human */
} compose_part;

typedef struct compose_song {
    sori_ctx *c;
    uint64_t seed;
    uint32_t number;
    int tonic, scale[7];         /* pitch class; semitones above it */
    double beat_s, swing;
    size_t bars;
    const int *progression[2];   /* [4] degrees of sections A and B */
    compose_part parts[SORI_SONG_PARTS];
    compose_part *part;          /* the one being written */
} compose_song;

/* Draws for a part, and for one of its sections (0: A, 1: B), which is the same each time it returns. */
base_rng synth_compose_rng(const compose_song *s, int part, int section);

/* Degrees of the scale count on through the octaves; degree 0 is the tonic at MIDI 0..11. */
int synth_compose_pitch(const compose_song *s, int degree);
int synth_compose_degree(const compose_song *s, int pitch);       /* the lowest one at pitch or above */

static inline int compose_section(size_t bar) { return bar / COMPOSE_SECTION % 4 == 2; }
static inline bool compose_last(const compose_song *s, size_t bar) { return bar + 1 == s->bars; }
/* Degree of a bar's chord, 0..6. The song ends at home. */
int synth_compose_chord(const compose_song *s, size_t bar);

/* A note of the current part, in beats from the bar's start, for the straight time. */
void synth_compose_add(compose_song *s, size_t bar, double beat, double beats, int pitch, int velocity);

/* The parts; each writes s->part, section by section. */
void synth_compose_melody(compose_song *s, int part);
void synth_compose_counter(compose_song *s, int part);
void synth_compose_chords(compose_song *s, int part);
void synth_compose_pad(compose_song *s, int part);
void synth_compose_arpeggio(compose_song *s, int part);
void synth_compose_bass(compose_song *s, int part);
void synth_compose_drums(compose_song *s, int part);
void synth_compose_percussion(compose_song *s, int part);

#endif
