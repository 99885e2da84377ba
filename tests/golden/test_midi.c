/* MIDI files against pretty_midi's reading of them: tests/golden/midi, made by tools/golden/make_midi.py. */
#include "test.h"
#include <jansson.h>
#include <sori/midi.h>

static double number(const json_t *list, size_t i) { return json_number_value(json_array_get(list, i)); }

/* Both are sums over ticks in double: they differ by rounding only. */
#define TIME_TOLERANCE 1e-9

/* Notes of one onset may be in any order. */
static bool holds(const sori_midi_track *t, const json_t *note) {
    for (size_t i = 0; i < t->n; i++) {
        const sori_midi_note *x = &t->notes[i];
        if (fabs(x->onset_s - number(note, 0)) < TIME_TOLERANCE && x->pitch == (int)number(note, 2) &&
            x->velocity == (int)number(note, 3) &&
            fabs(x->onset_s + x->duration_s - number(note, 1)) < TIME_TOLERANCE)
            return true;
    }
    return false;
}

static const sori_midi_track *track_of(const sori_midi *m, const json_t *track) {
    for (size_t i = 0; i < m->n; i++)
        if (m->tracks[i].program == (int)number(track, 0) &&
            m->tracks[i].drums == json_is_true(json_array_get(track, 1)))
            return &m->tracks[i];
    fail_msg("no program %g", number(track, 0));
    return NULL;
}

static void check(const sori_midi *m, const json_t *answer) {
    const json_t *tempos = json_object_get(answer, "tempos"), *tracks = json_object_get(answer, "tracks");
    assert_int_equal(m->n_tempos, json_array_size(tempos));
    for (size_t i = 0; i < m->n_tempos; i++) {
        assert_close(m->tempos[i].time_s, number(json_array_get(tempos, i), 0), TIME_TOLERANCE, 0);
        assert_close(m->tempos[i].bpm, number(json_array_get(tempos, i), 1), 0, 1e-12);
    }
    assert_int_equal(m->n, json_array_size(tracks));
    for (size_t i = 0; i < m->n; i++) {
        const json_t *track = json_array_get(tracks, i), *notes = json_array_get(track, 3);
        const sori_midi_track *t = track_of(m, track);
        assert_string_equal(t->name, json_string_value(json_array_get(track, 2)));
        assert_int_equal(t->n, json_array_size(notes));
        for (size_t j = 0; j < t->n; j++)
            if (!holds(t, json_array_get(notes, j))) fail_msg("%s: note %zu", t->name, j);
    }
}

static void notes_are_pretty_midis(void **state) {
    (void)state;
    json_t *answers = json_load_file(TEST_SOURCE_DIR "/tests/golden/midi/notes.json", 0, NULL), *answer;
    const char *name;
    assert_int_equal(json_object_size(answers), 2);
    json_object_foreach(answers, name, answer) {
        char path[1024];
        snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/midi/%s", name);
        sori_ctx *c = sori_open(NULL);
        sori_midi m = sori_load_midi(c, path, NULL);
        assert_ok(c);
        check(&m, answer);
        sori_close(c);
    }
    json_decref(answers);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(notes_are_pretty_midis) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
