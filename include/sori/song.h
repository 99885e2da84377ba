/* sori/song.h - songs composed from a seed: notes of several instruments.
 *
 *     sori_midi m = sori_compose(c, &(sori_song_config){ .seed = 7, .instruments = 4 });
 *     sori_save_midi(c, "song.mid", &m, NULL);
 */
#ifndef SORI_SONG_H
#define SORI_SONG_H

#include <sori/midi.h>
#include <sori/synth.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SORI_SONG_PARTS 8

typedef struct sori_song_config {
    uint64_t seed;
    uint32_t number;          /* songs of one seed are told apart by it */
    double length_s;          /* 4 .. 3600, rounded to whole bars, two at least; 0: 60 */
    double tempo;             /* 40 .. 240 quarter notes a minute; 0: drawn, 72 .. 150 */
    const char *key;          /* "D4 dorian", "A:minor": a scale of seven notes, as sori_scale_pitches; NULL: drawn */
    int instruments;          /* 2 .. 8; 0: 4 */
    sori_opt swing;           /* 0 (straight) .. 1 (the second eighth at two thirds of the beat); else drawn */
    uint32_t reserved[8];
} sori_song_config;

/* A song in 4/4: sections of 8 bars, A A B A and again, over progressions of four chords. Its tracks are the first
 * `instruments` of melody, chords, bass, drums, pad, arpeggio, counter melody, percussion: those are their names, and
 * their programs are drawn. Strong beats of the melody are notes of the chord, others follow the scale in steps; chords
 * move each voice as little as they can. Onsets and velocities vary as players' do. Depends on the config alone.
 *   err  SORI_EINVAL a value out of range; a key that is no scale of seven notes */
SORI_API sori_midi sori_compose(sori_ctx *c, const sori_song_config *config);

#ifdef __cplusplus
}
#endif
#endif
