/* Names of notes, keys and degrees against librosa's, text for text: tests/golden/notation/names.json, made by
 * tools/golden/make_notation.py. A null there means that librosa refuses the arguments, and so must sori. */
#include "test.h"
#include "base/base.h"
#include <jansson.h>
#include <sori/notation.h>

typedef struct call {
    sori_ctx *c;
    const json_t *args;
} call;

static bool flag(const call *k, const char *name, bool usual) {
    const json_t *v = json_object_get(k->args, name);
    return v ? json_is_true(v) : usual;
}
static const char *text(const call *k, const char *name) { return json_string_value(json_object_get(k->args, name)); }
static double number(const call *k, const char *name) { return json_number_value(json_object_get(k->args, name)); }

/* A mela by name or number. */
static int mela(const call *k) {
    const json_t *v = json_object_get(k->args, "mela");
    return json_is_string(v) ? sori_mela(k->c, json_string_value(v)) : (int)json_integer_value(v);
}

static json_t *string(const char *s) { return s ? json_string(s) : json_null(); }

static json_t *strings(const call *k, const char *const *names, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n && !sori_error(k->c); i++) json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *seven(const int degrees[7]) {
    json_t *list = json_array();
    for (int i = 0; i < 7; i++) json_array_append_new(list, json_integer(degrees[i]));
    return list;
}

static json_t *note_to_midi(const call *k) {
    return json_real(sori_note_to_midi(k->c, text(k, "note"), !flag(k, "round_midi", true)));
}
static json_t *note_to_hz(const call *k) {
    return json_real(sori_note_to_hz(k->c, text(k, "note"), !flag(k, "round_midi", true)));
}

static sori_note_name_config note_config(const call *k) {
    return (sori_note_name_config){ .key = text(k, "key"), .no_octave = !flag(k, "octave", true),
                               .cents = flag(k, "cents", false), .ascii = !flag(k, "unicode", true) };
}
static json_t *midi_to_note(const call *k) {
    sori_note_name_config g = note_config(k);
    return string(sori_midi_to_note(k->c, number(k, "midi"), &g));
}
static json_t *hz_to_note(const call *k) {
    sori_note_name_config g = note_config(k);
    return string(sori_hz_to_note(k->c, number(k, "frequencies"), &g));
}
static json_t *fifths_to_note(const call *k) {
    return string(sori_fifths_to_note(k->c, text(k, "unison"), (int)number(k, "fifths"), !flag(k, "unicode", true)));
}

static json_t *interval_to_fjs(const call *k) {
    sori_fjs_config g = { .unison = text(k, "unison"), .tolerance = number(k, "tolerance"),
                          .ascii = !flag(k, "unicode", true) };
    return string(sori_interval_to_fjs(k->c, number(k, "interval"), &g));
}
static json_t *hz_to_fjs(const call *k) {
    bool unicode = flag(k, "unicode", false);
    return string(sori_hz_to_fjs(k->c, number(k, "frequencies"), number(k, "fmin"), text(k, "unison"), unicode));
}

static json_t *key_to_notes(const call *k) {
    const char *notes[12];
    sori_key_to_notes(k->c, text(k, "key"), !flag(k, "unicode", true), flag(k, "natural", false), notes);
    return strings(k, notes, 12);
}
static json_t *key_to_degrees(const call *k) {
    int degrees[7];
    sori_key_to_degrees(k->c, text(k, "key"), degrees);
    return seven(degrees);
}
static json_t *thaat_to_degrees(const call *k) {
    int degrees[7];
    sori_thaat_to_degrees(k->c, text(k, "thaat"), degrees);
    return seven(degrees);
}
static json_t *mela_to_degrees(const call *k) {
    int degrees[7];
    sori_mela_to_degrees(k->c, mela(k), degrees);
    return seven(degrees);
}

static sori_svara_config svara_config(const call *k) {
    return (sori_svara_config){ .unabbreviated = !flag(k, "abbr", true), .no_octave = !flag(k, "octave", true),
                                .ascii = !flag(k, "unicode", true) };
}
static json_t *mela_to_svara(const call *k) {
    sori_svara_config g = svara_config(k);
    const char *svara[12];
    sori_mela_to_svara(k->c, mela(k), &g, svara);
    return strings(k, svara, 12);
}
static json_t *midi_to_svara_h(const call *k) {
    sori_svara_config g = svara_config(k);
    return string(sori_midi_to_svara_h(k->c, number(k, "midi"), number(k, "Sa"), &g));
}
static json_t *midi_to_svara_c(const call *k) {
    sori_svara_config g = svara_config(k);
    return string(sori_midi_to_svara_c(k->c, number(k, "midi"), number(k, "Sa"), mela(k), &g));
}
static json_t *hz_to_svara_h(const call *k) {
    sori_svara_config g = svara_config(k);
    return string(sori_hz_to_svara_h(k->c, number(k, "frequencies"), number(k, "Sa"), &g));
}
static json_t *hz_to_svara_c(const call *k) {
    sori_svara_config g = svara_config(k);
    return string(sori_hz_to_svara_c(k->c, number(k, "frequencies"), number(k, "Sa"), mela(k), &g));
}
static json_t *note_to_svara_h(const call *k) {
    sori_svara_config g = svara_config(k);
    return string(sori_note_to_svara_h(k->c, text(k, "notes"), text(k, "Sa"), &g));
}
static json_t *note_to_svara_c(const call *k) {
    sori_svara_config g = svara_config(k);
    return string(sori_note_to_svara_c(k->c, text(k, "notes"), text(k, "Sa"), mela(k), &g));
}

static json_t *list_thaat(const call *k) {
    size_t n;
    const char *const *names = sori_list_thaat(&n);
    return strings(k, names, n);
}
static json_t *list_mela(const call *k) {
    size_t n;
    const char *const *names = sori_list_mela(&n);
    return strings(k, names, n);
}

static const struct { const char *name; json_t *(*run)(const call *k); } functions[] = {
    { "note_to_midi", note_to_midi }, { "note_to_hz", note_to_hz }, { "midi_to_note", midi_to_note },
    { "hz_to_note", hz_to_note }, { "fifths_to_note", fifths_to_note },
    { "interval_to_fjs", interval_to_fjs }, { "hz_to_fjs", hz_to_fjs }, { "key_to_notes", key_to_notes },
    { "key_to_degrees", key_to_degrees }, { "thaat_to_degrees", thaat_to_degrees },
    { "mela_to_degrees", mela_to_degrees }, { "mela_to_svara", mela_to_svara }, { "midi_to_svara_h", midi_to_svara_h },
    { "midi_to_svara_c", midi_to_svara_c }, { "hz_to_svara_h", hz_to_svara_h }, { "hz_to_svara_c", hz_to_svara_c },
    { "note_to_svara_h", note_to_svara_h }, { "note_to_svara_c", note_to_svara_c }, { "list_thaat", list_thaat },
    { "list_mela", list_mela },
};

static json_t *run(const call *k, const char *name) {
    for (size_t i = 0; i < BASE_COUNT(functions); i++)
        if (strcmp(functions[i].name, name) == 0) return functions[i].run(k);
    fail_msg("no such function: %s", name);
    return NULL;
}

/* Texts and whole numbers exactly; frequencies to the rounding of a power. */
static bool same(const json_t *a, const json_t *b) {
    if (!json_is_number(a) || !json_is_number(b)) return json_equal(a, b);
    double x = json_number_value(a), y = json_number_value(b);
    return fabs(x - y) <= 1e-14 * fabs(y);
}

/* What parity.sh needs of a case: it passed, as texts do, without any error. */
static void report(FILE *to, const char *name, bool right) {
    fprintf(to, "case\tsori_%s\tlibrosa.%s\tdefault\tnames\t%d\n", name, name, !right);
}

static bool check(sori_ctx *c, const json_t *item) {
    const json_t *expected = json_array_get(item, 2);
    const char *name = json_string_value(json_array_get(item, 0));
    json_t *got = run(&(call){ c, json_array_get(item, 1) }, name);
    bool refused = sori_error(c) == SORI_EINVAL;
    bool right = json_is_null(expected) ? refused : !refused && same(got, expected);
    if (!right) {
        char *args = json_dumps(json_array_get(item, 1), 0), *a = json_dumps(got, JSON_ENCODE_ANY);
        char *b = json_dumps(expected, JSON_ENCODE_ANY);
        print_error("%s %s: %s, not %s (%s)\n", name, args, a ? a : "NaN", b, sori_message(c));
        free(args);
        free(a);
        free(b);
    }
    sori_clear(c);
    json_decref(got);
    return right;
}

static void names(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    json_t *file = json_load_file(TEST_SOURCE_DIR "/tests/golden/notation/names.json", 0, NULL), *item;
    size_t i, wrong = 0;
    FILE *parity = fopen(TEST_SCRATCH "/parity.tsv", "w");
    assert_true(parity && json_array_size(json_object_get(file, "cases")) > 1000);
    fprintf(parity, "tolerance\tnames\tabs\t0\t0\t0\tthe same text, or refused by both; numbers to 1e-14\n");
    json_array_foreach(json_object_get(file, "cases"), i, item) {
        bool right = check(c, item);
        report(parity, json_string_value(json_array_get(item, 0)), right);
        wrong += !right;
    }
    fclose(parity);
    json_decref(file);
    sori_close(c);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
