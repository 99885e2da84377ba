/* sori/synth.h - sound we make ourselves: notes of real sampled instruments, tones, clicks. */
#ifndef SORI_SYNTH_H
#define SORI_SYNTH_H

#include <sori/feat.h>

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
    double a4_hz;             /* what A4 is tuned to, 220 .. 880; 0: 440 */
    double cents;             /* how much higher all is, -1200 .. 1200 */
    bool drums;               /* program is a drum kit (0: the standard one), pitch a key of sori_drum; 0: the kick */
    uint32_t reserved[8];
} sori_note_config;

/* One note -> [n], n = ceil((duration + release) * sr). No reverb, no chorus; the last 10 ms fade out. The same note
 * has the same samples whatever was played before. Tuned by more than half a semitone it is its neighbour's sample, as
 * that key would be; a drum stays the drum.
 *   err  SORI_EINVAL a value out of range; this SoundFont has no such instrument, or no sample at that pitch
 *   cost some 300 times faster than it sounds */
SORI_API sori_audio sori_note(sori_ctx *c, sori_synth *s, const sori_note_config *config);

/* --- tones ------------------------------------------------------------------------------------------------------ */

typedef enum sori_wave {
    SORI_SINE = 0,
    SORI_TRIANGLE, SORI_SQUARE, SORI_SAW,   /* all begin at 0 and rise, as the sine does */
    SORI_HARMONICS,           /* the sum of given harmonics */
    SORI_FM,                  /* frequency modulation */
    SORI_PLUCK                /* a plucked string */
} sori_wave;

typedef struct sori_tone_config {
    sori_wave wave;           /* SORI_SINE */
    double frequency_hz;      /* 0: 440 */
    double duration_s;        /* 0: 1 */
    double sr;                /* Hz; 0: 22050 */
    double amplitude;         /* peak; 0: 0.5 */
    double phase;             /* radians of the period at which it begins; not of a pluck */
    /* The envelope: up to 1 in attack_s, down to `sustain` in decay_s, held, and to 0 over the last release_s.
     * All four zero: none. */
    double attack_s, decay_s, sustain, release_s;
    const double *harmonics;  /* SORI_HARMONICS: [n_harmonics], amplitudes of frequency_hz * 1, 2, 3, ... */
    const double *phases;     /* the same: [n_harmonics], radians; NULL: all 0 */
    size_t n_harmonics;
    double ratio;             /* SORI_FM: the modulator's frequency over frequency_hz, the carrier's; 0: 1 */
    double index;             /* the same: modulation index, 0 .. 100; 0: 2 */
    bool index_envelope;      /* the same: the index follows the envelope, so that what is louder is brighter */
    double damping;           /* SORI_PLUCK: share d of the sample before in the string's low-pass, (1 - d) x[n] +
                               * d x[n-1], 0 .. 0.5; 0: 0.5, which is Karplus and Strong's mean of two */
    double t60_s;             /* the same: the fundamental falls by 60 dB in this time, or faster where the low-pass
                               * alone is faster; 0: by the low-pass alone */
    uint64_t seed;            /* the same: of the noise that plucks it */
    uint32_t reserved[8];
} sori_tone_config;

/* A tone -> [n] f32, n = max(1, round(duration * sr)). Bands are limited: partials at or above sr/2 are left out, they
 * do not fold back.
 *   sine, triangle, square, saw   of peak `amplitude` with all their partials; without those above sr/2 corners
 *              overshoot by up to 9 % of a jump (Gibbs)
 *   harmonics  amplitude * sum h_k sin(2 pi k f t + phase_k): nothing is normalised
 *   fm         amplitude * sin(2 pi f t + index sin(2 pi ratio f t)): partials J_k(index) at f (1 + k ratio)
 *   pluck      a delay line of noise, averaged in a loop; the loop's period is sr/f samples exactly, by an all-pass.
 *              The burst's peak is `amplitude`
 *   err  SORI_EINVAL frequency not within 0 and sr/2 (pluck: sr/4), an envelope longer than the tone, more than 65536
 *        partials below sr/2, no harmonics, values out of range
 *   cost O(n * partials); pluck O(n)
 * Chowning, "The Synthesis of Complex Audio Spectra by Means of Frequency Modulation", J. Audio Eng. Soc. 21, 1973.
 * Karplus and Strong, Computer Music J. 7(2), 1983. Jaffe and Smith, the same. librosa.tone is the sine. */
SORI_API sori_audio sori_tone(sori_ctx *c, const sori_tone_config *config);

/* --- sounds to measure and to listen with ----------------------------------------------------------------------- */

typedef struct sori_chirp_config {
    double sr;                /* Hz; 0: 22050 */
    double duration_s;        /* 0: 1 (librosa has no default) */
    size_t length;            /* samples, instead of duration_s */
    bool linear;              /* Hz rise evenly, not octaves */
    sori_opt phi;             /* phase at the beginning, radians; -pi/2: a sine's */
    uint32_t reserved[4];
} sori_chirp_config;

/* A tone that goes from fmin to fmax Hz, of amplitude 1.   -> [floor(duration_s * sr)] f32               librosa.chirp
 *   err  SORI_EINVAL fmin or fmax outside 0 .. sr/2 (0 only linear), no samples, phi not finite
 * A length is kept; librosa's, converted to seconds and back, may lose a sample. */
SORI_API sori_audio sori_chirp(sori_ctx *c, double fmin, double fmax, const sori_chirp_config *config);

typedef struct sori_clicks_config {
    const sori_array *frames; /* [k] numbers of frames, hop_length apart, instead of times */
    double sr;                /* Hz; 0: 22050 */
    int hop_length;           /* 0: 512 */
    double click_freq;        /* Hz; 0: 1000 */
    double click_duration_s;  /* 0: 0.1 */
    const sori_array *click;  /* [..., m] f32: a sound of your own instead, sampled at sr */
    size_t length;            /* samples; 0: until the last click has ended */
    uint32_t reserved[4];
} sori_clicks_config;

/* A click at each of some times, to hear beats or onsets against the sound.                          librosa.clicks
 *   times [k] seconds; NULL: config->frames   ->   [..., length] f32. Clicks that overlap add up; those beyond length
 *         are left out
 *   err   SORI_EINVAL neither times nor frames, an event before 0, no events and no length, click_freq above sr/2 */
SORI_API sori_audio sori_clicks(sori_ctx *c, const sori_array *times, const sori_clicks_config *config);

#ifdef __cplusplus
}
#endif
#endif
