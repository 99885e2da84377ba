/* Out of memory while a MIDI file is written and read. */
#include "oom.h"
#include <sori/midi.h>

static uint64_t write_and_read(sori_ctx *c, const void *arg) {
    sori_midi_note notes[60];
    for (int i = 0; i < 60; i++) notes[i] = (sori_midi_note){ i * 0.25, 0.2, 40 + i, 1 + i };
    sori_midi_track tracks[20];
    for (int i = 0; i < 20; i++)
        tracks[i] = (sori_midi_track){ .name = "a name", .program = i, .drums = i == 3, .notes = notes, .n = 60 };
    sori_midi_tempo tempos[20];
    for (int i = 0; i < 20; i++) tempos[i] = (sori_midi_tempo){ i, 60 + i };
    sori_save_midi(c, arg, &(sori_midi){ .tracks = tracks, .n = 20, .tempos = tempos, .n_tempos = 20 }, NULL);
    sori_midi m = sori_load_midi(c, arg, NULL);
    uint64_t h = base_hash(BASE_HASH_START, &m.n, sizeof m.n);
    for (size_t i = 0; i < m.n; i++) h = base_hash(h, m.tracks[i].notes, m.tracks[i].n * sizeof *notes);
    return h;
}

static void midi(void **state) {
    (void)state;
    const char *path = TEST_SCRATCH "/a/piece.mid";
    sori_ctx *c = sori_open(NULL);
    base_make_dirs(c, TEST_SCRATCH "/a");
    assert_ok(c);
    sori_close(c);
    oom_every(&(oom_job){ .run = write_and_read, .arg = path, .output = path });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(midi) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
