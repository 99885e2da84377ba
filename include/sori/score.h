/* sori/score.h - chords, scales and drums by name, and notes played together.
 *
 *     int pitches[SORI_CHORD_NOTES], n = sori_chord_pitches(c, "F4:maj7/1", NULL, pitches);    A4 C5 E5 F5
 *     sori_audio y = sori_chord(c, s, "F4:maj7/1", NULL, &(sori_note_config){ .instrument = "guitar" });
 */
#ifndef SORI_SCORE_H
#define SORI_SCORE_H

#include <sori/synth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- notes together ---------------------------------------------------------------------------------------------- */

/* A note of a piece. What is 0, onset and cents apart, is as the sori_note_config says that it is played with. */
typedef struct sori_score_note {
    double onset_s;           /* when the key goes down; 0 .. 3600 */
    double duration_s;        /* how long it is held */
    int pitch;                /* MIDI note, or a drum's key */
    int velocity;             /* 1..127 */
    double cents;             /* how much higher it is than the others are tuned */
} sori_score_note;

/* Notes [n] of one instrument -> [m] or [2, m]: the sum of sori_note for each, each begun at sample round(onset * sr);
 * m is where the last one ends.
 *   err  SORI_EINVAL no notes, more than 65536; an onset out of range; as sori_note
 *   cost that of the notes one by one */
SORI_API sori_audio sori_play(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n,
                              const sori_note_config *config);

/* The same played by one synthesiser in one go: a part of a song. Faster than sori_play, and as on an instrument a key
 * is down only once: struck again, its note before ends. Keys go down and up every 64 / 44100 s, at the nearest; cents
 * of single notes do not count. The last 10 ms fade out. The same notes have the same samples in every call.
 *   notes [n], n may be 0: silence   ->   [m] or [2, m], m = ceil(length_s * sr); what sounds on is cut
 *   err  SORI_EINVAL length_s not above 0, or above 3600; a note out of range; this SoundFont has no such instrument
 *   cost some 400 times faster than it sounds, for each note that sounds at once */
SORI_API sori_audio sori_perform(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n, double length_s,
                                 const sori_note_config *config);

typedef struct sori_humanise_config {
    uint64_t seed;
    sori_opt onset_s;         /* standard deviation of onsets: 0.01 s */
    sori_opt velocity;        /* of velocities: 6 */
    sori_opt cents;           /* of tuning: 4 cents */
    uint32_t first;           /* the number of notes[0], where a piece is done in parts */
    uint32_t reserved[4];
} sori_humanise_config;

/* Nobody plays as written: move onset, velocity (where it is given) and tuning of each note by normal deviations, cut
 * at three times the standard deviation. Onsets stay at 0 or after, velocities within 1 .. 127. What a note gets
 * depends on seed and number alone.
 *   err  SORI_EINVAL a deviation below 0, or above 10 s, 127, 400 cents */
SORI_API sori_status sori_humanise(sori_ctx *c, sori_score_note *notes, size_t n, const sori_humanise_config *config);

/* --- chords ------------------------------------------------------------------------------------------------------- */

#define SORI_CHORD_NOTES 12   /* at most */

typedef enum sori_voicing {
    SORI_CLOSE_VOICING = 0,   /* as narrow as the chord is: C E G B */
    SORI_OPEN_VOICING,        /* every second note from below an octave up: C G E B */
    SORI_DROP2_VOICING,       /* the second note from above an octave down: G C E B */
    SORI_DROP3_VOICING        /* the third: E C G B */
} sori_voicing;

typedef struct sori_chord_config {
    sori_voicing voicing;     /* SORI_CLOSE_VOICING */
    int octave;               /* of a root without one; 0: 4 */
    bool bass;                /* the lowest note an octave below as well */
    uint32_t reserved[4];
} sori_chord_config;

/* The MIDI notes of a chord, rising. Returns how many; 0 for "N", no chord; -1 after an error.
 *   name   ROOT[:QUALITY][/INVERSION], the root with or without octave: "C4:maj7/1", "F#:min", "G". QUALITY: maj, min,
 *          dim, aug, sus2, sus4, 7, maj7, min7, ... as sori_list_chords; INVERSION: a number, 1 for the chord's second
 *          note at the bottom, 2 for the third, ...; or the note at the bottom, "C:maj/E", of the chord or not
 *   err    SORI_EINVAL not a chord, no such inversion; a note outside 1..127
 * Qualities are those of Harte et al., "Symbolic representation of musical chords", ISMIR 2005, which mir_eval reads.
 * Mind that there the number behind the slash is the bass's degree: sori_chord_label translates. */
SORI_API int sori_chord_pitches(sori_ctx *c, const char *name, const sori_chord_config *config,
                                int pitches[SORI_CHORD_NOTES]);

/* The chord in Harte's syntax, for JAMS: "C4:maj7/1" is "C:maj7/3". A text that the context keeps; NULL after an
 * error. */
SORI_API const char *sori_chord_label(sori_ctx *c, const char *name);

/* The names of all qualities. */
SORI_API const char *const *sori_list_chords(size_t *count);

/* The notes of a chord struck together.   err as sori_chord_pitches and sori_play; "N" is SORI_EINVAL */
SORI_API sori_audio sori_chord(sori_ctx *c, sori_synth *s, const char *name, const sori_chord_config *config,
                               const sori_note_config *note);

/* --- scales ------------------------------------------------------------------------------------------------------- */

#define SORI_SCALE_NOTES 256  /* at most */

typedef enum sori_direction { SORI_ASCENDING = 0, SORI_DESCENDING, SORI_UP_AND_DOWN } sori_direction;

typedef struct sori_scale_config {
    sori_direction direction; /* SORI_ASCENDING; down ends on the tonic, up and down plays the top note once */
    int octaves;              /* 1..10; 0: 1 */
    int octave;               /* of a tonic without one; 0: 4 */
    uint32_t reserved[4];
} sori_scale_config;

/* The MIDI notes of a scale from tonic to tonic, one after the other. Returns how many; -1 after an error.
 *   name   TONIC [SCALE], a blank or ":" between: "D4 dorian", "Bb:minor", "C". SCALE: major, minor, harmonic_minor,
 *          melodic_minor (which goes down as minor), the modes, pentatonic, blues, chromatic, ... as sori_list_scales
 *   err    SORI_EINVAL not a scale; octaves out of range; a note outside 1..127 */
SORI_API int sori_scale_pitches(sori_ctx *c, const char *name, const sori_scale_config *config,
                                int pitches[SORI_SCALE_NOTES]);
SORI_API const char *const *sori_list_scales(size_t *count);

/* The scale's notes, each beginning when the one before is let go.   err as sori_scale_pitches and sori_play */
SORI_API sori_audio sori_scale(sori_ctx *c, sori_synth *s, const char *name, const sori_scale_config *config,
                               const sori_note_config *note);

/* --- drums -------------------------------------------------------------------------------------------------------- */

#define SORI_FIRST_DRUM 35
#define SORI_LAST_DRUM 81

/* The key of General MIDI's percussion map: "kick" = 36, "snare" = 38, "closed_hihat", "crash", ..., its own names
 * ("Acoustic Snare"), or 35 to 81.   err SORI_EINVAL -1: no such drum */
SORI_API int sori_drum(sori_ctx *c, const char *name);
/* Its short name, and General MIDI's. NULL outside 35..81. */
SORI_API const char *sori_drum_name(int key);
SORI_API const char *sori_drum_title(int key);

#ifdef __cplusplus
}
#endif
#endif
