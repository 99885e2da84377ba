/* json.c - reading JSON from files we do not trust, with jansson.
 *
 * jansson recurses once per level and spends some 100 bytes per value, so depth and number of values are bounded by a
 * look at the text first: a 16 MB header of brackets must not become gigabytes. A key that stands twice is an error,
 * since readers differ on which one counts. */
#include "base/base.h"
#include <jansson.h>
#include <string.h>

#define MAX_DEPTH 32

/* What a plain scan finds: the deepest nesting, and the number of objects and arrays. */
static void survey(const char *text, size_t n, size_t *depth, size_t *containers) {
    size_t level = 0;
    *depth = *containers = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        char ch = text[i];
        if (quoted && ch == '\\') i++;
        else if (ch == '"') quoted = !quoted;
        else if (!quoted && (ch == '{' || ch == '[')) {
            ++*containers;
            if (++level > *depth) *depth = level;
        } else if (!quoted && (ch == '}' || ch == ']') && level) level--;
    }
}

struct json_t *base_json_parse(sori_ctx *c, const char *what, const char *text, size_t n) {
    size_t depth, containers;
    json_error_t error;
    if (base_failed(c)) return NULL;
    survey(text, n, &depth, &containers);
    if (depth > MAX_DEPTH) {
        sori_fail(c, SORI_EFORMAT, "%s: JSON nested more than %d deep", what, MAX_DEPTH);
        return NULL;
    }
    if (containers > 64 + n / 8) {
        sori_fail(c, SORI_EFORMAT, "%s: JSON of %zu lists and objects in %zu bytes", what, containers, n);
        return NULL;
    }
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (root) return root;
    bool memory = json_error_code(&error) == json_error_out_of_memory;
    sori_fail(c, memory ? SORI_ENOMEM : SORI_EFORMAT, "%s: JSON: %s (line %d, column %d)", what, error.text,
              error.line, error.column);
    return NULL;
}
