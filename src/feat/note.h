/* feat/note.h - a note's name as numbers, for notes, keys and svara. Private to feat.
 *
 * Names lie on the line of fifths: ... B♭ F C G D A E B F♯ ... F is 0, C is 1; seven places further on is the same
 * letter a sharp higher. A name's place holds letter and accidentals in one number, and transposing adds to it. */
#ifndef FEAT_NOTE_H
#define FEAT_NOTE_H

#include "base/base.h"
#include <sori/notation.h>

enum { FEAT_NAME = 256 };    /* bytes that hold any name made here: 64 + 200/7 sharps are 46 doubles of 4 bytes */

typedef struct feat_note {
    int place;               /* on the line of fifths */
    int octave;              /* 0 if there was none */
    int cents;
} feat_note;

/* Read all of text; false with the error recorded: "note_to_midi: 'H4' is not a note". */
bool feat_note_read(sori_ctx *c, const char *who, const char *text, feat_note *note);

/* Read letter and accidentals at *text and step behind them; false if there is no letter, or over 32 accidentals. */
bool feat_name_read(const char **text, int *place);

/* The MIDI number of place in octave, C-1 being 0; the pitch class 0 .. 11 of a place. */
static inline int feat_place_midi(int place, int octave) {
    int letter = ((place % 7) + 7) % 7, sharps = (place - letter) / 7;
    static const int semitones[7] = { 5, 0, 7, 2, 9, 4, 11 };   /* F C G D A E B */
    return 12 * (octave + 1) + semitones[letter] + sharps;
}
static inline int feat_place_class(int place) { return ((7 * (place - 1)) % 12 + 12) % 12; }

/* The name of a place, at most 92 sharps or flats: doubles first, or last (librosa has both). */
void feat_name_write(int place, bool ascii, bool doubles_first, char out[FEAT_NAME]);

/* Whole semitones nearest to `midi`, half to even; false with the error recorded. */
bool feat_semitone(sori_ctx *c, const char *who, double midi, int *semitone);

/* A frequency as a MIDI number; NaN with the error recorded unless it is positive. */
double feat_positive_midi(sori_ctx *c, const char *who, double hz);

#endif
