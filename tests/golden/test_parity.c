/* docs/parity.md tells of every function there is, and has a row for every kind of golden case. */
#include "test.h"
#include "base/base.h"
#include <ctype.h>
#include <dirent.h>
#include <jansson.h>

static char *read_text(sori_ctx *c, const char *path) {
    size_t n;
    char *text = base_read_file(c, path, 1 << 22, &n);
    assert_ok(c);
    return text;
}

/* The headers whose functions are librosa's. */
static const char *const headers[] = { "feat", "cqt", "phase", "level", "rhythm", "pitch", "decompose", "structure",
                                       "notation", "fx" };

/* Public names that are not functions librosa has: the rest must be in the document. */
static bool is_ours(const char *name) {
    static const char *const ours[] = { "sori_feature_", "sori_stream_", "sori_live_", "sori_extract", "sori_magnitude",
                                        "sori_spec_augment", "sori_speed", "sori_if_to_audio" };
    for (size_t i = 0; i < BASE_COUNT(ours); i++)
        if (strncmp(name, ours[i], strlen(ours[i])) == 0) return true;
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
        snprintf(cell, sizeof cell, "| `%s` |", name);
        if (!strstr(document, cell)) fail_msg("docs/parity.md has no row for %s", name);
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

/* The cases of every family (but the defaults), its table of functions merged in: {"cases": [...], "functions": {}}. */
static json_t *read_manifests(void) {
    json_t *all = json_pack("{s:[],s:{}}", "cases", "functions");
    DIR *folder = opendir(TEST_SOURCE_DIR "/tests/golden");
    assert_non_null(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        char path[512];
        if (strcmp(base_path_ext(e->d_name), "json") != 0) continue;
        base_format(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/%s", e->d_name);
        json_t *manifest = json_load_file(path, 0, NULL);
        assert_non_null(manifest);
        json_array_extend(json_object_get(all, "cases"), json_object_get(manifest, "cases"));
        json_object_update(json_object_get(all, "functions"), json_object_get(manifest, "functions"));
        json_decref(manifest);
    }
    closedir(folder);
    return all;
}

/* How many cases are of the same function, precision and tolerance. */
static int alike(const json_t *cases, const json_t *like, const char *precision) {
    static const char *const keys[] = { "function", "librosa" };
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
    const json_t *cases = json_object_get(manifest, "cases"), *names = json_object_get(manifest, "functions");
    size_t i;
    json_array_foreach(cases, i, item) for (int k = 0; k < 2; k++) {
        char row[256];
        if (!json_object_get(item, precisions[k])) continue;
        snprintf(row, sizeof row, "| `%s` | `%s` | %s | %d |",
                 json_string_value(json_object_get(names, json_string_value(json_object_get(item, "function")))),
                 json_string_value(json_object_get(item, "librosa")), precisions[k], alike(cases, item, precisions[k]));
        if (!strstr(document, row)) fail_msg("docs/parity.md is out of date: no row %s", row);
    }
    assert_null(strstr(document, "FAILED"));
    json_decref(manifest);
    base_free(c, document);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_is_listed), cmocka_unit_test(every_case_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
