/* sori/synth.h - sound we make ourselves: notes of real sampled instruments, and plain tones. */
#ifndef SORI_SYNTH_H
#define SORI_SYNTH_H

#include <sori/audio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- names ------------------------------------------------------------------------------------------------------ */

#define SORI_INSTRUMENTS 128   /* General MIDI's programs, 0 to 127 */

/* The program called so: a short name ("piano", "bass"), General MIDI's own ("Acoustic Grand Piano"), or a number.
 * Case does not count; blanks, "-" and "_" are alike.   err SORI_EINVAL -1: no such instrument */
SORI_API int sori_instrument(sori_ctx *c, const char *name);
/* Its short name, fit for a file name or a label, and General MIDI's. NULL outside 0..127. */
SORI_API const char *sori_instrument_name(int program);
SORI_API const char *sori_instrument_title(int program);

/* "C4" = 60, "F#4", "Bb2", "C-1" = 0, or a plain number: sori_note_to_midi (notation.h) for instruments' keys alone.
 *   err SORI_EINVAL -1: not a note, or outside 0..127 */
SORI_API int sori_note_number(sori_ctx *c, const char *name);
/* 61 -> "C#4" in out [8]. */
SORI_API const char *sori_note_label(int midi, char *out);
/* "C3:C5": both ends count; one note alone is both.   err SORI_EINVAL, also when low is above high */
SORI_API sori_status sori_pitch_range(sori_ctx *c, const char *text, int *low, int *high);

/* --- instruments, through FluidSynth and a SoundFont ------------------------------------------------------------ */

/* A SoundFont, opened once and played many times. One thread at a time; several handles may live side by side.
 * FluidSynth's messages are switched off for the whole process, because it would print them. */
typedef struct sori_synth sori_synth;

/* soundfont is an .sf2 or .sf3; NULL: FluidR3_GM.sf2 or default-GM.sf2 of /usr/share/sounds/sf2.
 *   err  SORI_EIO none installed, cannot open; SORI_EFORMAT not a SoundFont, truncated; SORI_EUNSUP
 *   cost a few ms: samples are read when an instrument is first played */
SORI_API sori_synth *sori_synth_open(sori_ctx *c, const char *soundfont);
SORI_API void sori_synth_close(sori_synth *s);

typedef struct sori_note_config {
    const char *instrument;   /* as sori_instrument takes it; NULL: program */
    int program;              /* 0..127; 0: acoustic grand piano */
    int pitch;                /* MIDI note 1..127; 0: 60 (C4, middle C) */
    int velocity;             /* 1..127; 0: 100 */
    double duration_s;        /* the key is held so long; 0: 1 */
    double release_s;         /* and the sound goes on so long after; 0: 0.25 */
    double sr;                /* Hz; 0: 22050 */
    bool stereo;              /* [2, n] instead of the mean of both */
    uint32_t reserved[8];
} sori_note_config;

/* One note -> [n], n = ceil((duration + release) * sr). No reverb, no chorus; the last 10 ms fade out. The same note
 * has the same samples whatever was played before.
 *   err  SORI_EINVAL a value out of range; this SoundFont has no such instrument, or no sample at that pitch
 *   cost some 300 times faster than it sounds */
SORI_API sori_audio sori_note(sori_ctx *c, sori_synth *s, const sori_note_config *config);

/* --- tones ------------------------------------------------------------------------------------------------------ */

typedef struct sori_tone_config {
    double frequency_hz;      /* 0: 440 */
    double duration_s;        /* 0: 1 */
    double sr;                /* Hz; 0: 22050 */
    double amplitude;         /* peak; 0: 0.5 */
    /* The envelope: up to 1 in attack_s, down to `sustain` in decay_s, held, and to 0 over the last release_s.
     * All four zero: none. */
    double attack_s, decay_s, sustain, release_s;
    uint32_t reserved[8];
} sori_tone_config;

/* A sine, sin(2 pi f t) -> [n], n = round(duration * sr).
 *   err SORI_EINVAL frequency above sr/2, an envelope longer than the tone */
SORI_API sori_audio sori_tone(sori_ctx *c, const sori_tone_config *config);

#ifdef __cplusplus
}
#endif
#endif
