/* sori/midi.h - Standard MIDI files: which notes sound when, on which instruments.
 *
 *     sori_midi m = sori_load_midi(c, "song.mid", NULL);
 *     for (size_t t = 0; t < m.n; t++) printf("%s: %zu notes\n", m.tracks[t].name, m.tracks[t].n);
 */
#ifndef SORI_MIDI_H
#define SORI_MIDI_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_midi_note {
    double onset_s;              /* when it begins, seconds */
    double duration_s;           /* how long it sounds */
    int pitch;                   /* 0 .. 127, 60 is C4; a drum's key */
    int velocity;                /* 1 .. 127 */
} sori_midi_note;

/* The notes of one instrument. */
typedef struct sori_midi_track {
    const char *name;            /* UTF-8; read: never NULL; written: NULL is no name */
    int program;                 /* 0 .. 127, General MIDI's; of drums the kit */
    bool drums;                  /* MIDI's channel 10 */
    const sori_midi_note *notes; /* [n]; read: by onset */
    size_t n;
    uint32_t reserved[4];
} sori_midi_track;

typedef struct sori_midi_tempo {
    double time_s;               /* from when on */
    double bpm;                  /* quarter notes a minute */
} sori_midi_tempo;

/* A piece. Read, it lies whole in one array of the innermost scope. */
typedef struct sori_midi {
    sori_array *memory;          /* u8; NULL after a failure. Writing does not look at it */
    const sori_midi_track *tracks;
    size_t n;
    const sori_midi_tempo *tempos;   /* [n_tempos] by time; none: 120 */
    size_t n_tempos;
    double duration_s;           /* where the last track ends; writing does not look at it */
} sori_midi;

typedef struct sori_midi_config {
    bool ignore_pedal;           /* reading: a note ends when its key goes up, though the sustain pedal is down */
    int ticks_per_beat;          /* writing: of a quarter note, 24 .. 32767; 0: 480 */
    uint32_t reserved[4];
} sori_midi_config;

/* Read a Standard MIDI File of format 0 or 1. Tracks are split by channel and program: one for each instrument that has
 * notes, in the order in which the file has them. A note ends with its key, later under the sustain pedal, or where its
 * key is struck again; all end with their track. A track that sets no program has what tracks before it set on its
 * channel. What else there is (bends, other controllers, system messages, unknown chunks) is passed over.
 *   err  SORI_EIO cannot open; SORI_EFORMAT, with the place, not a MIDI file, format 2, truncated, a byte that begins
 *        no event; more than 16 MB, 1024 tracks, 2^32 ticks, or 24 hours
 * The Complete MIDI 1.0 Detailed Specification, "Standard MIDI Files 1.0", RP-001. */
SORI_API sori_midi sori_load_midi(sori_ctx *c, const char *path, const sori_midi_config *config);

/* Write one of format 1: tempos in the first track, then a track for each of m's, with name, program and notes. Times
 * are rounded to ticks (at 120 bpm 1.04 ms). Drums go to channel 10, others to the other 15 in turn. A note that
 * another of its pitch interrupts ends there, as a key can be down only once. Atomic.
 *   err  SORI_EINVAL a pitch, velocity or program out of range; a time below 0, or above 24 hours; tempos not by time,
 *        not within 4 .. 1000; more than 1023 tracks; a name that is not UTF-8, or longer than 254 bytes; SORI_EIO */
SORI_API sori_status sori_save_midi(sori_ctx *c, const char *path, const sori_midi *m, const sori_midi_config *config);

#ifdef __cplusplus
}
#endif
#endif
