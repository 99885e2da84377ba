/* augment_json.c - chains from JSON: said in the words of text, and then read as text (augment_parse.c).
 *
 *     [ { "name": "noise", "snr": [10, 30], "color": "pink", "p": 0.5 },
 *       { "name": "one_of", "of": [ { "name": "gain" }, { "name": "polarity" } ] } ]
 *
 * A list of two numbers is a range; "of" holds a group's members. */
#include "fx/augment.h"
#include <jansson.h>
#include <string.h>

#define LONGEST (1u << 20)   /* of a text, bytes */

typedef struct writer {
    sori_ctx *c;
    char *text;                  /* [room], n used */
    size_t n, room;
    int deep;
} writer;

static void put(writer *w, const char *s) {
    size_t n = strlen(s), room = 2 * w->room + n + 256;
    if (w->n + n + 1 > w->room) {
        char *grown = base_grow(w->c, w->text, w->room, room, 1);
        if (!grown) return;
        w->text = grown;
        w->room = room;
    }
    memcpy(w->text + w->n, s, n + 1);
    w->n += n;
}

static bool is_word(const char *s) {
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n && !s[n];
}

static void put_number(writer *w, const json_t *v) {
    char text[40];
    base_format(text, sizeof text, "%.17g", json_number_value(v));
    put(w, text);
}

static void put_value(writer *w, const char *key, const json_t *v) {
    const char *s = json_string_value(v);
    if (json_is_number(v)) put_number(w, v);
    else if (json_is_boolean(v)) put(w, json_is_true(v) ? "1" : "0");
    else if (json_array_size(v) == 2 && json_is_number(json_array_get(v, 0)) && json_is_number(json_array_get(v, 1))) {
        put_number(w, json_array_get(v, 0));
        put(w, "..");
        put_number(w, json_array_get(v, 1));
    } else if (s && !strchr(s, '"')) {
        put(w, is_word(s) ? "" : "\"");
        put(w, s);
        put(w, is_word(s) ? "" : "\"");
    } else {
        sori_fail(w->c, SORI_EINVAL, "augment: %.40s is no number, list of two numbers or word", key);
    }
}

static void put_list(writer *w, const json_t *list);

static void put_change(writer *w, const json_t *o) {
    const char *name = json_string_value(json_object_get(o, "name")), *key;
    const json_t *members = json_object_get(o, "of");
    json_t *v;
    if (!name || !is_word(name)) {
        sori_fail(w->c, SORI_EINVAL, "augment: a change without \"name\"");
        return;
    }
    put(w, name);
    put(w, "(");
    json_object_foreach((json_t *)o, key, v) {
        if (!strcmp(key, "name") || !strcmp(key, "of")) continue;
        if (!is_word(key)) sori_fail(w->c, SORI_EINVAL, "augment: %s has no parameter %.40s", name, key);
        put(w, key);
        put(w, "=");
        put_value(w, key, v);
        put(w, ",");
    }
    if (members) put_list(w, members);
    else if (w->n && w->text[w->n - 1] == ',') w->n--;
    put(w, ") ");
}

static void put_list(writer *w, const json_t *list) {
    size_t i;
    json_t *o;
    if (!json_is_array(list)) sori_fail(w->c, SORI_EINVAL, "augment: \"of\" is no list of changes");
    if (++w->deep > AUGMENT_DEEP + 1) sori_fail(w->c, SORI_EINVAL, "augment: groups are more than 4 deep");
    json_array_foreach(list, i, o) {
        if (base_failed(w->c)) return;
        put_change(w, o);
    }
    w->deep--;
}

char *fx_augment_from_json(sori_ctx *c, const char *json) {
    json_error_t why;
    writer w = { .c = c };
    if (strlen(json) > LONGEST) {
        sori_fail(c, SORI_EINVAL, "augment: a chain of more than %u bytes", LONGEST);
        return NULL;
    }
    json_t *list = json_loads(json, JSON_REJECT_DUPLICATES, &why);
    if (!list) sori_fail(c, SORI_EINVAL, "augment: no JSON: line %d: %.80s", why.line, why.text);
    put(&w, "");
    if (list && w.text) put_list(&w, list);
    json_decref(list);
    if (!base_failed(c)) return w.text;
    base_free(c, w.text);
    return NULL;
}
