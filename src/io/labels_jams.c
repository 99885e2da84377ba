/* labels_jams.c - labels in JAMS, a JSON format for annotations of music.
 *
 *   { "annotations": [ { "namespace": "segment_open",
 *                        "data": [ { "time", "duration", "value", "confidence" }, ... ] } ],
 *     "file_metadata": { "duration" }, "sandbox": {} }
 *
 * Humphrey et al., "JAMS: a JSON annotated music specification for reproducible MIR research", ISMIR 2014. Frames of a
 * dense annotation may lie in lists beside each other, data = { "time": [...], "duration": [...], ... }. */
#include "io/labels.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

static bool fail(io_labels_list *l, const char *where, const char *what) {
    sori_fail(l->c, SORI_EFORMAT, "%s: %s%s%s", l->path, where, *where ? ": " : "", what);
    return false;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool add_value(io_labels_list *l, const char *where, sori_label label, const json_t *value) {
    if (json_is_string(value))
        return io_labels_add(l, where, label, json_string_value(value), json_string_length(value));
    if (!value || json_is_null(value)) return io_labels_add(l, where, label, "", 0);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!text) {
        sori_fail(l->c, SORI_ENOMEM, "out of memory");
        return false;
    }
    bool ok = io_labels_add(l, where, label, text, strlen(text));
    free(text);
    return ok;
}

static bool observation(io_labels_list *l, const char *where, const json_t *time, const json_t *duration,
                        const json_t *value, const json_t *confidence) {
    sori_label label = { 0 };
    if (!json_is_number(time)) return fail(l, where, "the time is missing, or is not a number");
    if (duration && !json_is_null(duration) && !json_is_number(duration))
        return fail(l, where, "the duration is not a number");
    label.start_s = json_number_value(time);
    label.end_s = label.start_s + (duration ? json_number_value(duration) : 0);
    label.has_confidence = json_is_number(confidence);
    if (label.has_confidence) label.confidence = json_number_value(confidence);
    return add_value(l, where, label, value);
}

static bool read_list(io_labels_list *l, const json_t *data) {
    static const char *const keys[] = { "time", "duration", "value", "confidence" };
    bool lists = json_is_object(data);
    const json_t *column[4];
    for (int k = 0; k < 4; k++) column[k] = json_object_get(data, keys[k]);
    size_t n = json_array_size(lists ? column[0] : data);
    if (!lists && !json_is_array(data)) return fail(l, "", "JAMS without a list of data");
    for (size_t i = 0; i < n; i++) {
        char where[48];
        const json_t *field[4], *item = lists ? NULL : json_array_get(data, i);
        for (int k = 0; k < 4; k++) field[k] = lists ? json_array_get(column[k], i) : json_object_get(item, keys[k]);
        base_format(where, sizeof where, "observation %zu", i);
        if (!observation(l, where, field[0], field[1], field[2], field[3])) return false;
    }
    return true;
}

bool io_labels_read_jams(io_labels_list *l, const char *text, size_t n, const sori_labels_config *config) {
    json_t *root = base_json_parse(l->c, l->path, text, n);
    if (!root) return false;
    const json_t *all = json_object_get(root, "annotations"), *found = NULL;
    for (size_t i = 0; i < json_array_size(all) && !found; i++) {
        const json_t *one = json_array_get(all, i);
        const char *name = json_string_value(json_object_get(one, "namespace"));
        if (!config->name_space || (name && !strcmp(name, config->name_space))) found = one;
    }
    bool ok = found ? read_list(l, json_object_get(found, "data"))
            : fail(l, "", !json_is_array(all) ? "not JAMS: no list of annotations"
                        : config->name_space ? "JAMS without an annotation of that namespace"
                                             : "JAMS without an annotation");
    json_decref(root);
    return ok;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

/* A text in JSON's quotes. False after an error. */
static bool write_string(base_file *f, const char *text) {
    json_t *s = json_string_nocheck(text);
    char *quoted = s ? json_dumps(s, JSON_ENCODE_ANY) : NULL;
    bool ok = quoted && base_file_write(f, quoted, strlen(quoted));
    free(quoted);
    json_decref(s);
    return ok;
}

static bool write_observation(base_file *f, const sori_label *label, bool last) {
    char time[32], duration[32], confidence[32] = "null";
    io_labels_number(time, label->start_s);
    io_labels_number(duration, label->end_s - label->start_s);
    if (label->has_confidence) io_labels_number(confidence, label->confidence);
    return base_file_printf(f, "        { \"time\": %s, \"duration\": %s, \"value\": ", time, duration)
        && write_string(f, label->text ? label->text : "")
        && base_file_printf(f, ", \"confidence\": %s }%s\n", confidence, last ? "" : ",");
}

bool io_labels_write_jams(base_file *f, const sori_label *items, size_t n, const sori_labels_config *config) {
    char duration[32];
    double end = config->duration_s;
    for (size_t i = 0; i < n && config->duration_s == 0; i++) end = fmax(end, items[i].end_s);
    io_labels_number(duration, end);
    bool ok = base_file_printf(f, "{\n  \"annotations\": [\n    {\n      \"namespace\": ")
           && write_string(f, config->name_space ? config->name_space : "segment_open")
           && base_file_printf(f, ",\n      \"data\": [\n");
    for (size_t i = 0; ok && i < n; i++) ok = write_observation(f, &items[i], i + 1 == n);
    return ok && base_file_printf(f, "      ],\n      \"annotation_metadata\": {},\n      \"sandbox\": {},\n"
                                     "      \"time\": 0,\n      \"duration\": %s\n    }\n  ],\n"
                                     "  \"file_metadata\": { \"duration\": %s, \"jams_version\": \"0.3.4\" },\n"
                                     "  \"sandbox\": {}\n}\n", duration, duration);
}
