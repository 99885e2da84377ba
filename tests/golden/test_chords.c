/* Chords against mir_eval's reading of Harte's syntax: tests/golden/notation/chords.json, made by
 * tools/golden/make_chords.py. */
#include "test.h"
#include <jansson.h>
#include <sori/score.h>

static unsigned classes_of(const int *pitches, int n, int root) {
    unsigned classes = 0;
    for (int i = 0; i < n; i++) classes |= 1u << ((pitches[i] - root + 144) % 12);
    return classes;
}

static void check(sori_ctx *c, const json_t *one) {
    const char *label = json_string_value(json_array_get(one, 0));
    int root = (int)json_integer_value(json_array_get(one, 1)), bass = (int)json_integer_value(json_array_get(one, 3));
    unsigned classes = 0;
    size_t i;
    json_t *v;
    json_array_foreach(json_array_get(one, 2), i, v) classes |= 1u << json_integer_value(v);
    char note[8], name[64];   /* where Harte has a degree, the bass's name */
    sori_note_label(60 + (root + bass) % 12, note);
    snprintf(name, sizeof name, "%.*s/%.*s", (int)strcspn(label, "/"), label, (int)strcspn(note, "4"), note);
    int pitches[SORI_CHORD_NOTES], n = sori_chord_pitches(c, name, NULL, pitches);
    assert_ok(c);
    if (classes_of(pitches, n, root) != classes || pitches[0] % 12 != (root + bass) % 12) fail_msg("%s", label);
    assert_string_equal(sori_chord_label(c, name), label);
    for (int k = 1; k < n; k++) assert_true(pitches[k] > pitches[k - 1]);
}

static void chords_are_mir_evals(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    json_t *cases = json_load_file(TEST_SOURCE_DIR "/tests/golden/notation/chords.json", 0, NULL), *one;
    size_t i;
    assert_true(json_array_size(cases) > 400);
    json_array_foreach(cases, i, one) check(c, one);
    json_decref(cases);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(chords_are_mir_evals) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
