/* docs/parity.md tells of every function there is, and has a row for every kind of golden case, for every function of
 * librosa, and for every parameter that sori does not have; what it calls sori_* exists. */
#include "test.h"
#include "base/base.h"
#include <ctype.h>
#include <dirent.h>
#include <jansson.h>
#include <stdarg.h>

static char *read_text(sori_ctx *c, const char *path) {
    size_t n;
    char *text = base_read_file(c, path, 1 << 22, &n);
    assert_ok(c);
    return text;
}

/* The headers whose functions are librosa's. */
static const char *const headers[] = { "feat", "cqt", "phase", "level", "rhythm", "pitch", "decompose", "structure",
                                       "notation", "fx" };

/* Public names that are not functions librosa has (families of them end with _): the rest must be in the document. */
static bool is_ours(const char *name) {
    static const char *const ours[] = { "sori_feature_", "sori_stream_", "sori_live_", "sori_extract", "sori_magnitude",
                                        "sori_spec_augment", "sori_speed", "sori_if_to_audio", "sori_mela",
                                        "sori_nmf", "sori_nmfd", "sori_gain", "sori_invert_polarity", "sori_mix",
                                        "sori_shift", "sori_noise", "sori_add_noise", "sori_reverb", "sori_mp3",
                                        "sori_loudness" };
    for (size_t i = 0; i < BASE_COUNT(ours); i++) {
        size_t n = strlen(ours[i]);
        if (strncmp(name, ours[i], n) == 0 && (ours[i][n - 1] == '_' || name[n] == 0)) return true;
    }
    return false;
}

/* The number of functions that the header declares and the document has. */
static int look_up(sori_ctx *c, const char *header_name, const char *document) {
    char path[512];
    int found = 0;
    base_format(path, sizeof path, TEST_SOURCE_DIR "/include/sori/%s.h", header_name);
    char *header = read_text(c, path);
    for (char *s = header; (s = strstr(s, "SORI_API ")); s++) {
        char name[64], cell[80];
        size_t n = 0;
        for (char *p = strstr(s, "sori_"), *end = strchr(s, '('); p && p < end; p = strstr(p + 1, "sori_"))
            for (n = 0; n + 1 < sizeof name && (isalnum((unsigned char)p[n]) || p[n] == '_'); n++) name[n] = p[n];
        name[n] = 0;
        if (is_ours(name)) continue;
        snprintf(cell, sizeof cell, "\n| `%s` |", name);   /* the first cell: measured, not only named */
        bool alone = strstr(document, cell);
        snprintf(cell, sizeof cell, "\n| `%s(", name);     /* or with what it is given */
        if (!alone && !strstr(document, cell)) fail_msg("docs/parity.md has no row for %s", name);
        found++;
    }
    base_free(c, header);
    return found;
}

static void every_function_is_listed(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *document = read_text(c, TEST_SOURCE_DIR "/docs/parity.md");
    int found = 0;
    for (size_t i = 0; i < BASE_COUNT(headers); i++) found += look_up(c, headers[i], document);
    assert_true(found > 25);
    base_free(c, document);
    sori_close(c);
}

/* Add a family's tolerances to all there are: one name, one thing, because the document has one table of them. */
static void add_tolerances(json_t *all, const json_t *tolerances) {
    const char *name;
    json_t *t;
    json_object_foreach((json_t *)tolerances, name, t) {
        const json_t *other = json_object_get(all, name);
        if (other && !json_equal(other, t)) fail_msg("two families have different tolerances called %s", name);
        json_object_set(all, name, t);
    }
}

/* A family's cases, each with its function's name in C as "sori". */
static void add_cases(json_t *all, json_t *manifest) {
    json_t *names = json_object_get(manifest, "functions"), *cases = json_object_get(manifest, "cases"), *item;
    size_t i;
    json_array_foreach(cases, i, item)
        json_object_set(item, "sori", json_object_get(names, json_string_value(json_object_get(item, "function"))));
    json_array_extend(all, cases);
}

/* The cases, defaults and tolerances of every family. */
static json_t *read_manifests(void) {
    json_t *all = json_pack("{s:[],s:[],s:{}}", "cases", "defaults", "tolerances");
    DIR *folder = opendir(TEST_SOURCE_DIR "/tests/golden");
    assert_non_null(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        char path[512];
        if (strcmp(base_path_ext(e->d_name), "json") != 0) continue;
        base_format(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/%s", e->d_name);
        json_t *manifest = json_load_file(path, 0, NULL);
        assert_non_null(manifest);
        add_cases(json_object_get(all, "cases"), manifest);
        add_tolerances(json_object_get(all, "tolerances"), json_object_get(manifest, "tolerances"));
        json_array_extend(json_object_get(all, "defaults"), json_object_get(manifest, "defaults"));
        json_decref(manifest);
    }
    closedir(folder);
    return all;
}

/* How many cases are of the same function, precision and tolerance. */
static int alike(const json_t *cases, const json_t *like, const char *precision) {
    static const char *const keys[] = { "sori", "librosa" };
    size_t i;
    int n = 0;
    json_t *item;
    json_array_foreach(cases, i, item) {
        bool same = json_equal(json_object_get(item, precision), json_object_get(like, precision));
        for (int k = 0; k < 2; k++) same &= json_equal(json_object_get(item, keys[k]), json_object_get(like, keys[k]));
        n += same;
    }
    return n;
}

static void every_case_is_counted(void **state) {
    (void)state;
    static const char *const precisions[] = { "default", "exact" };
    sori_ctx *c = sori_open(NULL);
    char *document = read_text(c, TEST_SOURCE_DIR "/docs/parity.md");
    json_t *manifest = read_manifests(), *item;
    const json_t *cases = json_object_get(manifest, "cases");
    size_t i;
    json_array_foreach(cases, i, item) for (int k = 0; k < 2; k++) {
        char row[256];
        if (!json_object_get(item, precisions[k])) continue;
        snprintf(row, sizeof row, "| `%s` | `%s` | %s | %d |",
                 json_string_value(json_object_get(item, "sori")), json_string_value(json_object_get(item, "librosa")),
                 precisions[k], alike(cases, item, precisions[k]));
        if (!strstr(document, row)) fail_msg("docs/parity.md is out of date: no row %s", row);
    }
    assert_null(strstr(document, "FAILED"));
    json_decref(manifest);
    base_free(c, document);
    sori_close(c);
}

/* --- librosa's functions ------------------------------------------------------------------------------------------ */

static void has_row(const char *document, const char *format, ...) {
    char row[512];
    va_list args;
    va_start(args, format);
    vsnprintf(row, sizeof row, format, args);
    va_end(args);
    if (!strstr(document, row)) fail_msg("docs/parity.md is out of date: no row %s", row);
}

static void has_reasons(const char *document, const char *function, const json_t *reasons) {
    const char *parameter;
    json_t *why;
    json_object_foreach((json_t *)reasons, parameter, why)
        has_row(document, "\n| `%s` | `%s` | ", function, parameter);
}

static void every_librosa_function_is_told_of(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *document = read_text(c, TEST_SOURCE_DIR "/docs/parity.md");
    json_t *file = json_load_file(TEST_SOURCE_DIR "/tests/golden/api/coverage.json", 0, NULL), *row, *item;
    json_t *rows = json_object_get(file, "functions"), *manifest = read_manifests();
    const char *function;
    size_t i;
    assert_true(json_object_size(rows) > 200);
    json_object_foreach(rows, function, row) {
        const char *sori = json_string_value(json_object_get(row, "sori"));
        const char *missing = json_string_value(json_object_get(row, "missing"));
        if (missing) has_row(document, "\n| `%s` | %s |\n", function, missing);
        else has_row(document, "\n| `%s` | `%.*s`", function, (int)strcspn(sori, ","), sori);
        has_reasons(document, function, json_object_get(row, "parameters"));
    }
    json_array_foreach(json_object_get(manifest, "defaults"), i, item) {
        function = json_string_value(json_object_get(item, "librosa"));
        if (json_object_get(rows, function)) has_reasons(document, function, json_object_get(item, "without"));
    }
    json_decref(file);
    json_decref(manifest);
    base_free(c, document);
    sori_close(c);
}

/* Every `sori_...` of the document, but for composites in the measured table, is declared in a header. */
static void every_name_exists(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *document = read_text(c, TEST_SOURCE_DIR "/docs/parity.md"), path[512];
    static const char *const more[] = { "audio", "synth", "data", "plot" };
    char *all[BASE_COUNT(headers) + BASE_COUNT(more)];
    size_t n = 0, found = 0;
    for (size_t i = 0; i < BASE_COUNT(all); i++) {
        const char *name = i < BASE_COUNT(headers) ? headers[i] : more[i - BASE_COUNT(headers)];
        base_format(path, sizeof path, TEST_SOURCE_DIR "/include/sori/%s.h", name);
        all[n++] = read_text(c, path);
    }
    for (char *p = document; (p = strstr(p, "`sori_")); found++) {
        char call[80];
        size_t length = strcspn(++p, "`(");
        bool declared = false;
        snprintf(call, sizeof call, " %.*s(", (int)length, p);
        for (size_t i = 0; i < n; i++) declared |= strstr(all[i], call) != NULL;
        call[0] = '*';   /* a pointer is returned */
        for (size_t i = 0; i < n; i++) declared |= strstr(all[i], call) != NULL;
        if (!declared) fail_msg("docs/parity.md: no header declares %s)", call + 1);
        p += length;
    }
    assert_true(found > 400);
    for (size_t i = 0; i < n; i++) base_free(c, all[i]);
    base_free(c, document);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_is_listed), cmocka_unit_test(every_case_is_counted),
        cmocka_unit_test(every_librosa_function_is_told_of), cmocka_unit_test(every_name_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
