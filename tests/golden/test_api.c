/* Whoever uses librosa finds every function: tests/golden/api/coverage.json has a row for each function of librosa
 * (librosa_api.json, by inspect.signature), the functions of sori it names exist, and every parameter of librosa is
 * compared, its default too, or has a reason.
 *
 * A row has "sori", the functions, or "missing", the reason why there is none. Where no family of golden cases has the
 * function, "proof" is the file under tests/ that looks into what stands in for it, and "as" the function of librosa
 * whose cases are also this one's. "parameters" are those of librosa that sori does not have, each with what is true
 * instead; a family may say that itself (same_defaults, "without"). */
#include "test.h"
#include "base/base.h"
#include <ctype.h>
#include <dirent.h>
#include <jansson.h>

typedef struct tables {
    sori_ctx *c;
    json_t *api, *rows;      /* {"librosa.stft": ...} of librosa_api.json and coverage.json */
    json_t *cases;           /* {"librosa.stft": {parameter: true}}: what golden cases are told */
    json_t *defaults;        /* {"librosa.stft": [entries of same_defaults]} */
    json_t *names;           /* the cases of notation/names.json */
    char *headers;           /* the public ones, one behind the other */
    int wrong;
} tables;

static const char *text(const json_t *o, const char *key) { return json_string_value(json_object_get(o, key)); }

static void complain(tables *t, const char *function, const char *what, const char *which) {
    print_error("%s: %s %s\n", function, what, which);
    t->wrong++;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static json_t *load(const char *name, const char *key) {
    char path[512];
    base_format(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/%s", name);
    json_t *file = json_load_file(path, 0, NULL);
    json_t *value = file ? json_incref(json_object_get(file, key)) : NULL;
    if (!value) fail_msg("%s has no %s", name, key);
    json_decref(file);
    return value;
}

/* The entry of a table, made by `fresh` if there is none yet. */
static json_t *entry(json_t *table, const char *key, json_t *(*fresh)(void)) {
    if (!json_object_get(table, key)) json_object_set_new(table, key, fresh());
    return json_object_get(table, key);
}

static void read_family(tables *t, const char *file) {
    json_t *cases = load(file, "cases"), *defaults = load(file, "defaults"), *item;
    size_t i;
    json_array_foreach(cases, i, item)
        json_object_update(entry(t->cases, text(item, "librosa"), json_object), json_object_get(item, "args"));
    json_array_foreach(defaults, i, item)
        json_array_append(entry(t->defaults, text(item, "librosa"), json_array), item);
    json_decref(cases);
    json_decref(defaults);
}

/* Call `visit` with every file of a folder of the source tree that ends so. */
static void each_file(tables *t, const char *folder, const char *ending, void (*visit)(tables *, const char *)) {
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *e; (e = readdir(open));)
        if (strcmp(base_path_ext(e->d_name), ending) == 0) visit(t, e->d_name);
    closedir(open);
}

static char *read_text(tables *t, const char *path) {
    size_t n;
    char *all = base_read_file(t->c, path, 1 << 24, &n);
    if (!all) fail_msg("%s", sori_message(t->c));
    return all;
}

static void read_header(tables *t, const char *name) {
    char path[512];
    base_format(path, sizeof path, TEST_SOURCE_DIR "/include/sori/%s", name);
    char *header = read_text(t, path);
    size_t before = t->headers ? strlen(t->headers) : 0, n = strlen(header);
    t->headers = realloc(t->headers, before + n + 1);
    memcpy(t->headers + before, header, n + 1);
    base_free(t->c, header);
}

static int set_up(void **state) {
    static tables t;
    t = (tables){ .c = sori_open(NULL), .cases = json_object(), .defaults = json_object() };
    t.api = load("api/librosa_api.json", "functions");
    t.rows = load("api/coverage.json", "functions");
    t.names = load("notation/names.json", "cases");
    each_file(&t, TEST_SOURCE_DIR "/tests/golden", "json", read_family);
    each_file(&t, TEST_SOURCE_DIR "/include/sori", "h", read_header);
    *state = &t;
    return 0;
}

static int tear_down(void **state) {
    tables *t = *state;
    json_t *all[] = { t->api, t->rows, t->cases, t->defaults, t->names };
    for (size_t i = 0; i < BASE_COUNT(all); i++) json_decref(all[i]);
    free(t->headers);
    sori_close(t->c);
    return 0;
}

/* --- the rows ---------------------------------------------------------------------------------------------------- */

/* Whether text has `name` as a whole word that `next` follows (0: anything that ends a word). */
static bool has_word(const char *all, const char *name, char next) {
    size_t n = strlen(name);
    for (const char *p = all; (p = strstr(p, name)); p += n) {
        char before = p == all ? ' ' : p[-1];
        bool begins = !isalnum((unsigned char)before) && before != '_';
        bool ends = next ? p[n] == next : !isalnum((unsigned char)p[n]) && p[n] != '_';
        if (begins && ends) return true;
    }
    return false;
}

/* Call `check` for each of the functions in "sori_a, sori_b". */
static void each_name(tables *t, const char *function, const char *list, const char *in,
                      void (*check)(tables *, const char *function, const char *name, const char *in)) {
    char name[64];
    int n;
    for (; sscanf(list, "%63[^, ]%n", name, &n) == 1; list += strspn(list, ", ")) {
        check(t, function, name, in);
        list += n;
    }
}

static void check_declared(tables *t, const char *function, const char *name, const char *headers) {
    if (!has_word(headers, name, '(')) complain(t, function, "no public header declares", name);
}

static void check_named(tables *t, const char *function, const char *name, const char *file) {
    if (!has_word(file, name, 0)) complain(t, function, "its proof does not name", name);
}

static void check_proof(tables *t, const char *function, const json_t *row) {
    char path[512];
    base_format(path, sizeof path, TEST_SOURCE_DIR "/tests/%s", text(row, "proof"));
    char *file = read_text(t, path);
    if (strstr(path, "notation/names.json")) check_named(t, function, function + strlen("librosa."), file);
    else each_name(t, function, text(row, "sori"), file, check_named);
    base_free(t->c, file);
}

/* Every function of librosa has a row, every row a function; what it says is there is there. */
static void every_function_has_a_row(void **state) {
    tables *t = *state;
    const char *function;
    json_t *value;
    t->wrong = 0;
    json_object_foreach(t->api, function, value)
        if (!json_object_get(t->rows, function)) complain(t, function, "has no row in", "coverage.json");
    json_object_foreach(t->rows, function, value) {
        const char *sori = text(value, "sori"), *missing = text(value, "missing");
        if (!json_object_get(t->api, function)) complain(t, function, "is not in", "librosa_api.json");
        if (!sori == !(missing && *missing)) complain(t, function, "needs one of", "\"sori\" and \"missing\"");
        if (!sori) continue;
        each_name(t, function, sori, t->headers, check_declared);
        if (text(value, "proof")) check_proof(t, function, value);
        else if (!json_object_get(t->cases, function)) complain(t, function, "has no golden case and no", "proof");
    }
    assert_true(json_object_size(t->api) > 200);
    assert_int_equal(t->wrong, 0);
}

/* --- the parameters ---------------------------------------------------------------------------------------------- */

/* Whether an entry of same_defaults compares the parameter's default, or says why not. A parameter whose default is
 * None may also be given: then there is nothing to compare. */
static bool in_entry(const json_t *e, const char *name, const json_t *value) {
    const char *reason = text(json_object_get(e, "without"), name);
    if (json_object_get(json_object_get(e, "signature"), name) || (reason && *reason)) return true;
    const json_t *given = json_object_get(json_object_get(e, "args"), name);
    return given && (json_is_null(value) || json_equal(given, value));
}

static bool by_family(const tables *t, const char *function, const char *name, const json_t *value) {
    const json_t *e;
    size_t i;
    json_array_foreach(json_object_get(t->defaults, function), i, e) if (in_entry(e, name, value)) return true;
    return !value && json_object_get(json_object_get(t->cases, function), name);
}

/* Whether a name's golden case is told the parameter, or (with a default) leaves it to be the default. */
static bool by_names(const tables *t, const char *function, const char *name, const json_t *value) {
    const json_t *item;
    size_t i;
    json_array_foreach(t->names, i, item) {
        const json_t *told = json_object_get(json_array_get(item, 1), name);
        if (strcmp(json_string_value(json_array_get(item, 0)), function + strlen("librosa.")) != 0) continue;
        if (!json_is_null(json_array_get(item, 2)) && !told == !!value) return true;
    }
    return false;
}

static void check_parameter(tables *t, const char *function, const json_t *row, const json_t *parameter) {
    const char *name = json_string_value(json_array_get(parameter, 0));
    const char *kind = json_string_value(json_array_get(parameter, 1));
    const char *reason = text(json_object_get(row, "parameters"), name);
    const char *as = text(row, "as") ? text(row, "as") : function;
    const json_t *value = json_array_get(parameter, 2);   /* NULL: there is no default */
    if (reason && *reason) return;
    if (strcmp(kind, "VAR_KEYWORD") == 0) complain(t, function, "coverage.json does not say what takes its", name);
    else if (by_family(t, as, name, value) || by_names(t, as, name, value)) return;
    else if (value) complain(t, function, "no same_defaults compares the default of", name);
    else if (!text(row, "proof")) complain(t, function, "no golden case has its", name);
}

static void every_parameter_is_compared(void **state) {
    tables *t = *state;
    const char *function;
    json_t *value, *parameter;
    size_t i;
    t->wrong = 0;
    json_object_foreach(t->api, function, value) {
        const json_t *row = json_object_get(t->rows, function);
        if (!text(row, "sori")) continue;
        json_array_foreach(json_object_get(value, "parameters"), i, parameter)
            check_parameter(t, function, row, parameter);
    }
    assert_int_equal(t->wrong, 0);
}

/* A reason for a parameter that librosa's function does not have, or no longer has, is one too many. */
static void no_reason_is_left_over(void **state) {
    tables *t = *state;
    const char *function, *name;
    json_t *row, *reason;
    t->wrong = 0;
    json_object_foreach(t->rows, function, row) json_object_foreach(json_object_get(row, "parameters"), name, reason) {
        const json_t *parameter, *all = json_object_get(json_object_get(t->api, function), "parameters");
        size_t i;
        bool found = false;
        json_array_foreach(all, i, parameter)
            found |= strcmp(json_string_value(json_array_get(parameter, 0)), name) == 0;
        if (!found) complain(t, function, "has no parameter", name);
    }
    assert_int_equal(t->wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_has_a_row), cmocka_unit_test(every_parameter_is_compared),
        cmocka_unit_test(no_reason_is_left_over),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
