/* Damaged MIDI files. */
#define FUZZ_EXT "mid"
#define FUZZ_ROOM 64   /* a note of 40 bytes is as short as 3, and buffers grow by a half */
#include "fuzz.h"
#include <sori/midi.h>

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    static const sori_midi_note notes[] = { { 0, 0.5, 60, 100 }, { 0.5, 0.25, 64, 80 }, { 0.5, 3, 67, 1 } };
    static const sori_midi_track tracks[] = {
        { .name = "piano", .notes = notes, .n = 3 },
        { .name = "kit", .drums = true, .notes = notes, .n = 2 },
        { .program = 127 },
    };
    static const sori_midi_tempo tempos[] = { { 0, 90 }, { 1, 180 } };
    /* Format 0, running status, a sysex, a pedal, time code. */
    static const uint8_t bytes[] = "MThd\0\0\0\6\0\0\0\1\xe7\x28MTrk\0\0\0\x20"
                                   "\0\xff\3\2a\xe9\0\xf0\3ab\xf7\0\x90\x3c\x40\x10\x40\x40\0\xb0\x40\x7f\x20\x80\x3c\0"
                                   "\x81\0\xff\x2f";
    if (i == 0)
        sori_save_midi(c, path, &(sori_midi){ .tracks = tracks, .n = 3, .tempos = tempos, .n_tempos = 2 }, NULL);
    if (i == 1) fuzz_put(path, bytes, sizeof bytes);   /* its NUL is the end's length */
    return i < 2;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    sori_midi m = sori_load_midi(c, path, NULL);
    for (size_t i = 0; i < m.n; i++) {
        fuzz_touch(m.tracks[i].name, strlen(m.tracks[i].name));
        fuzz_touch(m.tracks[i].notes, m.tracks[i].n * sizeof *m.tracks[i].notes);
        for (size_t j = 0; j < m.tracks[i].n; j++)
            if (!(m.tracks[i].notes[j].duration_s >= 0)) fuzz_die("a note of negative length", path);
    }
    if (m.memory) fuzz_touch(m.memory->data, m.memory->size);
}
