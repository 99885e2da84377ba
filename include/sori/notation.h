/* sori/notation.h - notes, keys and degrees by name.
 *
 * Names are UTF-8 and belong to the context: they live until it closes, each text once, and are never freed. A text
 * that cannot be read is an error in the context; the result is then NaN, or NULL. Note names are read as librosa reads
 * them: a letter A-G, any number of accidentals (# ♯ b ! ♭ n ♮ and the double 𝄪 𝄫), an octave (C4 is middle C, MIDI
 * 60; none is octave 0), cents ("A4+25").
 */
#ifndef SORI_NOTATION_H
#define SORI_NOTATION_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- pitch: Hz, MIDI numbers, octaves, tuning ----------------------------------------------------------------- */

SORI_API double sori_midi_to_hz(double midi);                   /* 440 * 2^((midi - 69) / 12) */
SORI_API double sori_hz_to_midi(double hz);                     /* fractional; 0 Hz is -infinity, below it NaN */

/* Octaves above C0 to which A0 = A440/16 belongs: log2(hz / (A440 / 16)).      librosa.hz_to_octs, octs_to_hz
 * tuning is in fractions of a bin, bins_per_octave 0 is 12. */
SORI_API double sori_hz_to_octs(double hz, double tuning, int bins_per_octave);
SORI_API double sori_octs_to_hz(double octs, double tuning, int bins_per_octave);

/* The frequency of A4 as a deviation from 440 Hz in fractions of a bin, and back; bins_per_octave 0 is 12. */
SORI_API double sori_A4_to_tuning(double A4, int bins_per_octave);
SORI_API double sori_tuning_to_A4(double tuning, int bins_per_octave);

/* --- notes ---------------------------------------------------------------------------------------------------- */

/* A note's MIDI number, rounded to whole semitones (half to even) unless `unrounded`.       librosa.note_to_midi
 *   err  SORI_EINVAL, and NaN: not a note, or an octave or cents beyond +-9999 */
SORI_API double sori_note_to_midi(sori_ctx *c, const char *note, bool unrounded);

/* The same in Hz.                                                                             librosa.note_to_hz */
SORI_API double sori_note_to_hz(sori_ctx *c, const char *note, bool unrounded);

typedef struct sori_note_name_config {
    const char *key;         /* "C:maj": decides between sharps and flats */
    bool no_octave;          /* "A" instead of "A4" (librosa octave=False) */
    bool cents;              /* append the deviation: "A4+25" */
    bool ascii;              /* # b n instead of ♯ ♭ ♮ (librosa unicode=False) */
    uint32_t reserved[4];
} sori_note_name_config;

/* The name of the nearest note.                                                 librosa.midi_to_note, hz_to_note
 *   err  SORI_EINVAL not finite or beyond +-100000, hz <= 0, cents without an octave, no such key
 * Two corrections of librosa 0.11: negative MIDI numbers get their true octave (-1 is B-2, librosa says B-1), and 29
 * cents are 29 (librosa truncates 28.999...). */
SORI_API const char *sori_midi_to_note(sori_ctx *c, double midi, const sori_note_name_config *config);
SORI_API const char *sori_hz_to_note(sori_ctx *c, double hz, const sori_note_name_config *config);

/* The note so many fifths above unison, without octave; below when negative.              librosa.fifths_to_note
 *   err  SORI_EINVAL unison is not a note; more than 200 fifths */
SORI_API const char *sori_fifths_to_note(sori_ctx *c, const char *unison, int fifths, bool ascii);

typedef struct sori_fjs_config {
    const char *unison;      /* "C": the note of interval 1 */
    double tolerance;        /* 65/63: how far a note may be from the interval it stands for, as a ratio */
    bool ascii;              /* # b ^5 _7 instead of ♯ ♭ ⁵ ₇ (librosa unicode=False) */
    uint32_t reserved[4];
} sori_fjs_config;

/* A just interval, as a ratio, in the notation of the Functional Just System: 5/4 is E⁵, 7/4 is B♭⁷.
 *                                                                                         librosa.interval_to_fjs
 *   err  SORI_EINVAL not above 0, none of librosa's some 330 just intervals to six digits, unison is not a note
 * librosa 0.11 does not know 243/128 and others whose sixth digit it cut off; sori does. */
SORI_API const char *sori_interval_to_fjs(sori_ctx *c, double interval, const sori_fjs_config *config);

/* The interval from fmin to hz; unison NULL is fmin's own note. librosa takes the least of its frequencies as fmin, and
 * here ASCII is its default.                                                                    librosa.hz_to_fjs */
SORI_API const char *sori_hz_to_fjs(sori_ctx *c, double hz, double fmin, const char *unison, bool unicode);

/* --- keys ----------------------------------------------------------------------------------------------------- */

/* A key is TONIC:SCALE: maj, min, or a mode (ion dor phr lyd mix aeo loc, also written out): "Eb:min", "F#:dorian". */

/* The 12 pitch classes from C on as this key spells them. natural: those outside the scale that are letters alone get
 * a ♮.                                                                                      librosa.key_to_notes
 *   err  SORI_EINVAL not a key */
SORI_API sori_status sori_key_to_notes(sori_ctx *c, const char *key, bool ascii, bool natural, const char *notes[12]);

/* The 7 pitch classes (0 is C) of the key's scale, from the tonic on.                      librosa.key_to_degrees */
SORI_API sori_status sori_key_to_degrees(sori_ctx *c, const char *key, int degrees[7]);

/* --- the music of India --------------------------------------------------------------------------------------- */

/* The 10 thaat of Hindustani music, the 72 melakarta ragas of Carnatic music in their order: number i + 1 is names[i].
 *                                                                                 librosa.list_thaat, list_mela */
SORI_API const char *const *sori_list_thaat(size_t *count);
SORI_API const char *const *sori_list_mela(size_t *count);

/* The number 1 .. 72 of a mela by name, in any case.   err SORI_EINVAL, and 0: no such mela */
SORI_API int sori_mela(sori_ctx *c, const char *name);

/* Semitones above Sa of the scale's 7 degrees.                          librosa.thaat_to_degrees, mela_to_degrees
 *   err  SORI_EINVAL no such thaat; mela outside 1 .. 72 */
SORI_API sori_status sori_thaat_to_degrees(sori_ctx *c, const char *thaat, int degrees[7]);
SORI_API sori_status sori_mela_to_degrees(sori_ctx *c, int mela, int degrees[7]);

typedef struct sori_svara_config {
    bool unabbreviated;      /* "Sa", "Ri₁" instead of "S", "R₁" (librosa abbr=False) */
    bool no_octave;          /* leave out the mark of the octave (librosa octave=False) */
    bool ascii;              /* ' and , for the octaves, plain digits (librosa unicode=False) */
    uint32_t reserved[4];
} sori_svara_config;

/* The svara of the 12 semitones above Sa in that mela; config's no_octave plays no part.     librosa.mela_to_svara */
SORI_API sori_status sori_mela_to_svara(sori_ctx *c, int mela, const sori_svara_config *config,
                                        const char *svara[12]);

/* The svara nearest a pitch, Sa being where the octave begins: Hindustani (h), and Carnatic (c) in a mela. A dot above
 * marks the octave above Sa's, a dot below the one below; the others have no mark.
 *       librosa.midi_to_svara_h, hz_to_svara_h, note_to_svara_h, midi_to_svara_c, hz_to_svara_c, note_to_svara_c
 *   err  SORI_EINVAL a pitch not finite or not positive, not a note, mela outside 1 .. 72 */
SORI_API const char *sori_midi_to_svara_h(sori_ctx *c, double midi, double Sa, const sori_svara_config *config);
SORI_API const char *sori_hz_to_svara_h(sori_ctx *c, double hz, double Sa, const sori_svara_config *config);
SORI_API const char *sori_note_to_svara_h(sori_ctx *c, const char *note, const char *Sa,
                                          const sori_svara_config *config);
SORI_API const char *sori_midi_to_svara_c(sori_ctx *c, double midi, double Sa, int mela,
                                          const sori_svara_config *config);
SORI_API const char *sori_hz_to_svara_c(sori_ctx *c, double hz, double Sa, int mela,
                                        const sori_svara_config *config);
SORI_API const char *sori_note_to_svara_c(sori_ctx *c, const char *note, const char *Sa, int mela,
                                          const sori_svara_config *config);

/* --- blocks of frames, and the places of frames --------------------------------------------------------------- */

/* Block i of a stream begins at this frame, sample, second.   librosa.blocks_to_frames, _to_samples, _to_time
 * Products beyond int64 give the nearest int64. hop_length 0 is 512, sr 0 is 22050. */
SORI_API int64_t sori_blocks_to_frames(int64_t block, int block_length);
SORI_API int64_t sori_blocks_to_samples(int64_t block, int block_length, int hop_length);
SORI_API double sori_blocks_to_time(int64_t block, int block_length, int hop_length, double sr);

/* Where frames 0 .. frames - 1 lie: [frames] i64 samples, or f64 seconds. hop_length 0 is 512, sr 0 is 22050; n_fft > 0
 * adds the n_fft/2 samples of uncentred frames.                                 librosa.samples_like, times_like
 *   err  SORI_EINVAL hop_length < 0, n_fft < 0, sr not positive */
SORI_API sori_array *sori_samples_like(sori_ctx *c, size_t frames, int hop_length, int n_fft);
SORI_API sori_array *sori_times_like(sori_ctx *c, size_t frames, double sr, int hop_length, int n_fft);

#ifdef __cplusplus
}
#endif
#endif
