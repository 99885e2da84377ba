/* MIDI files: what is written is read again, the pedal and other events do what they say, and every fault is one
 * sentence with the place. */
#include "test.h"
#include "base/base.h"
#include <glob.h>
#include <sori/midi.h>

#define PATH TEST_SCRATCH "/piece.mid"
#define HEAD(tracks) "MThd\0\0\0\6\0\1\0" tracks "\0\x60"   /* 96 ticks a beat: 192 a second */

static void put(const void *bytes, size_t n) {
    FILE *f = fopen(PATH, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* One track of these events, then its end. */
static sori_midi play(sori_ctx *c, const char *events, size_t n, const sori_midi_config *k) {
    uint8_t all[512] = HEAD("\1") "MTrk\0\0\0";
    memcpy(all + 22, events, n);
    memcpy(all + 22 + n, "\0\xff\x2f", 4);
    all[21] = (uint8_t)(n + 4);
    put(all, 26 + n);
    return sori_load_midi(c, PATH, k);
}
#define PLAY(c, events, k) play(c, events, sizeof events - 1, k)

#define FAULT(c, bytes, sentence) do { \
        put(bytes, sizeof bytes - 1); \
        sori_load_midi(c, PATH, NULL); \
        assert_int_equal(sori_error(c), SORI_EFORMAT); \
        assert_string_equal(sori_message(c), PATH ": " sentence); \
        sori_clear(c); \
    } while (0)

static void same_note(const sori_midi_note *a, const sori_midi_note *b, double tick_s) {
    assert_close(a->onset_s, b->onset_s, tick_s / 2 + 1e-9, 0);
    assert_close(a->duration_s, b->duration_s, tick_s + 1e-9, 0);
    assert_int_equal(a->pitch, b->pitch);
    assert_int_equal(a->velocity, b->velocity);
}

/* Random notes, no two of a pitch at once, over changing tempos; a tick lasts at most as long as the slowest says. */
static void written_is_read(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    enum { N = 500, TRACKS = 18 };
    static sori_midi_note notes[TRACKS][N];
    sori_midi_track tracks[TRACKS];
    sori_midi_tempo tempos[] = { { 0, 90.5 }, { 3.7, 61 }, { 10, 240 } };
    for (int t = 0; t < TRACKS; t++) {
        for (int i = 0; i < N; i++)
            notes[t][i] = (sori_midi_note){ 0.1 * i + 0.05 * base_rng_uniform(&r), 0.02 + base_rng_uniform(&r),
                                            20 + i % 100, 1 + (int)base_rng_below(&r, 127) };
        tracks[t] = (sori_midi_track){ .name = t ? "caf\xc3\xa9" : NULL, .program = t, .drums = t == 5,
                                       .notes = notes[t], .n = N };
    }
    sori_midi piece = { .tracks = tracks, .n = TRACKS, .tempos = tempos, .n_tempos = 3 };
    for (int ticks = 0; ticks <= 32767; ticks += 32767) {
        sori_save_midi(c, PATH, &piece, &(sori_midi_config){ .ticks_per_beat = ticks });
        sori_midi m = sori_load_midi(c, PATH, NULL);
        assert_ok(c);
        double tick_s = 60 / 61.0 / (ticks ? ticks : 480);
        assert_int_equal(m.n, TRACKS);
        assert_int_equal(m.n_tempos, 3);
        for (int i = 0; i < 3; i++) assert_close(m.tempos[i].bpm, tempos[i].bpm, 0, 1e-5);
        for (int t = 0; t < TRACKS; t++) {
            assert_string_equal(m.tracks[t].name, t ? "caf\xc3\xa9" : "");
            assert_int_equal(m.tracks[t].program, t);
            assert_true(m.tracks[t].drums == (t == 5) && m.tracks[t].n == N);
            for (int i = 0; i < N; i++) same_note(&m.tracks[t].notes[i], &notes[t][i], tick_s);
        }
    }
    sori_close(c);
}

static void a_key_is_down_once(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    static const sori_midi_note notes[] = { { 1, 2, 60, 9 }, { 0, 2, 60, 7 }, { 1, 0.5, 60, 8 }, { 5, 0, 61, 1 } };
    sori_midi_track track = { .notes = notes, .n = 4 };
    sori_save_midi(c, PATH, &(sori_midi){ .tracks = &track, .n = 1 }, NULL);
    sori_midi m = sori_load_midi(c, PATH, NULL);
    assert_ok(c);
    assert_int_equal(m.tracks[0].n, 3);
    same_note(&m.tracks[0].notes[0], &(sori_midi_note){ 0, 1, 60, 7 }, 0);
    same_note(&m.tracks[0].notes[1], &(sori_midi_note){ 1, 2, 60, 9 }, 0);
    same_note(&m.tracks[0].notes[2], &(sori_midi_note){ 5, 60.0 / 120 / 480, 61, 1 }, 0);   /* a tick at least */
    sori_close(c);
}

static void nothing_is_a_piece(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_save_midi(c, PATH, &(sori_midi){ 0 }, NULL);
    sori_midi m = sori_load_midi(c, PATH, NULL);
    assert_ok(c);
    assert_int_equal(m.n, 0);
    assert_int_equal(m.n_tempos, 1);
    assert_true(m.tempos[0].bpm == 120 && m.duration_s == 0);
    sori_close(c);
}

#define SECOND "\x81\x40"    /* 192 ticks */

static void events(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    /* The pedal holds the first note until it goes up, 2 s later; the second key stays down longer. */
    static const char pedal[] = "\0\x90\x3c\x40\0\x3e\x40\0\xb0\x40\x7f" SECOND "\x80\x3c\0" SECOND "\xb0\x40\0" SECOND
                                "\x80\x3e\0";
    sori_midi m = PLAY(c, pedal, NULL);
    assert_ok(c);
    assert_int_equal(m.tracks[0].n, 2);
    assert_true(m.tracks[0].notes[0].duration_s == 2 && m.tracks[0].notes[1].duration_s == 3);
    assert_true(m.duration_s == 3);
    m = PLAY(c, pedal, &(sori_midi_config){ .ignore_pedal = true });
    assert_true(m.tracks[0].notes[0].duration_s == 1 && m.tracks[0].notes[1].duration_s == 3);
    /* All notes off; a key struck twice; one that is never let go; velocity 0 lets go, also by running status. */
    m = PLAY(c, "\0\x90\x3c\x40" SECOND "\xb0\x7b\0" SECOND "\x90\x3d\x40" SECOND "\x3d\x41" SECOND "\x3e\x40" SECOND
                "\x3d\0", NULL);
    assert_ok(c);
    assert_int_equal(m.tracks[0].n, 4);
    static const double lengths[] = { 1, 1, 2, 1 };
    for (int i = 0; i < 4; i++) assert_true(m.tracks[0].notes[i].duration_s == lengths[i]);
    /* Programs split a track, and return to theirs; drums are apart; a name that is not UTF-8 is Latin-1. */
    m = PLAY(c, "\0\xff\3\4na\xef\n\0\xc0\5\0\x90\x3c\x40\0\xc0\6\0\x90\x3d\x40\0\xc0\5\0\x90\x3e\x40\0\x99\x24\x40",
             NULL);
    assert_ok(c);
    assert_int_equal(m.n, 3);
    assert_true(m.tracks[0].program == 5 && m.tracks[0].n == 2 && m.tracks[1].program == 6 && m.tracks[2].drums);
    assert_string_equal(m.tracks[0].name, "na\xc3\xaf ");
    sori_close(c);
}

static void faults_are_told(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    FAULT(c, "RIFF", "is not a MIDI file");
    FAULT(c, "MThd\0\0\0\6\0\2\0\1\0\x60", "a MIDI file of format 2 (separate patterns), not 0 or 1");
    FAULT(c, "MThd\0\0\0\6\0\3\0\1\0\x60", "a damaged MIDI file: its format is not 0 or 1");
    FAULT(c, "MThd\0\0\0\6\0\1\4\1\0\x60", "a MIDI file of more than 1024 tracks");
    FAULT(c, "MThd\0\0\0\6\0\1\0\1\0\0", "a damaged MIDI file: a quarter note has 0 ticks");
    FAULT(c, "MThd\0\0\0\6\0\1\0\1\xe0\1", "a damaged MIDI file: its time code has impossible frames");
    FAULT(c, HEAD("\1"), "a damaged MIDI file: track 1, byte 14: the file ends before this track");
    FAULT(c, HEAD("\1") "MTrk\0\0\0\x20", "a damaged MIDI file: track 1, byte 22: the file ends within this track");
#define EVENTS(n, bytes, at, sentence) \
    FAULT(c, HEAD("\1") "MTrk\0\0\0" n bytes, "a damaged MIDI file: track 1, byte " at ": " sentence)
    EVENTS("\2", "\0\x40", "23", "data without an event");
    EVENTS("\3", "\0\x90\x40", "24", "the track ends within an event");
    EVENTS("\4", "\0\x90\x40\x90", "26", "a status byte where data should be");
    EVENTS("\2", "\0\xf8", "24", "a message that a file cannot hold");
    EVENTS("\4", "\0\xff\3\7", "26", "an event is longer than the track");
    EVENTS("\5", "\x80\x80\x80\x80\0", "26", "a time that does not end");
    FAULT(c, HEAD("\1") "MTrk\0\0\0\7\0\xff\x51\3\0\0\0", "a damaged MIDI file: a tempo at tick 0 is none");
    FAULT(c, "MThd\0\0\0\6\0\1\0\1\0\1MTrk\0\0\0\x7\xff\xff\xff\x7f\x90\1\1", "a MIDI file of more than 24 hours");
    SAYS(c, sori_load_midi(c, NULL, NULL).n, "load_midi: no path given");
    sori_load_midi(c, TEST_SCRATCH "/none.mid", NULL);
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_close(c);
}

static void gates(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_midi_note note = { 0, 1, 60, 1 };
    sori_midi_track track = { .notes = &note, .n = 1 };
    sori_midi_tempo tempos[] = { { 1, 100 }, { 0, 100 } };
    sori_midi m = { .tracks = &track, .n = 1 };
    SAYS(c, sori_save_midi(c, NULL, &m, NULL), "save_midi: no path given");
    SAYS(c, sori_save_midi(c, PATH, NULL, NULL), "save_midi: no piece given");
    SAYS(c, sori_save_midi(c, PATH, &m, &(sori_midi_config){ .ticks_per_beat = 23 }),
         PATH ": 23 ticks a beat, not within 24 and 32767");
    SAYS(c, sori_save_midi(c, PATH, &(sori_midi){ .n = 1024 }, NULL), PATH ": 1024 tracks, above 1023");
    m.tempos = tempos;
    m.n_tempos = 2;
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": a tempo at 0 s, not within 1 and 86400");
    tempos[0].bpm = 3;
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": a tempo of 3 quarter notes a minute, not within 4 and 1000");
    m.n_tempos = 0;
    note.velocity = 0;
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": track 0: a velocity is not within 1 and 127");
    note.pitch = 128;
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": track 0: a pitch is not within 0 and 127");
    note.onset_s = NAN;
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": track 0: a note is not within 0 and 86400 s");
    track.program = 128;
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": track 0: its program is not within 0 and 127");
    track = (sori_midi_track){ .name = "\xff" };
    SAYS(c, sori_save_midi(c, PATH, &m, NULL), PATH ": track 0: its name is not UTF-8");
    sori_close(c);
}

/* Whatever the collections hold is read, or refused in a sentence. */
static void collections(void **state) {
    (void)state;
    const char *data = getenv("SORI_DATA");
    char pattern[1024];
    glob_t files;
    snprintf(pattern, sizeof pattern, "%s/midi/*/midi/*.mid", data ? data : TEST_SOURCE_DIR "/../shared/data");
    if (glob(pattern, 0, NULL, &files)) skip();
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i];
        sori_ctx *c = sori_open(NULL);
        sori_midi m = sori_load_midi(c, path, NULL);
        bool bad = strstr(path, "illegal") || strstr(path, "missing-byte") || strstr(path, "not-a-midi") ||
                   strstr(path, "empty-file") || strstr(path, "type-2");
        if (bad != (sori_error(c) == SORI_EFORMAT)) fail_msg("%s: %zu tracks, \"%s\"", path, m.n, sori_message(c));
        sori_close(c);
    }
    globfree(&files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_is_read), cmocka_unit_test(a_key_is_down_once), cmocka_unit_test(nothing_is_a_piece),
        cmocka_unit_test(events), cmocka_unit_test(faults_are_told), cmocka_unit_test(gates),
        cmocka_unit_test(collections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
