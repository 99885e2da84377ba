/* safetensors.c - named tensors with string metadata.                  github.com/huggingface/safetensors, format 1
 *
 *   header length, u64 | header, JSON, padded with blanks | data, all tensors end to end
 *   {"__metadata__": {"k": "v"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
 *
 * A reader that meets a hostile file must not run code, follow a path, or believe a size: the header is bounded, names
 * stand once, and the offsets must cover the data exactly, without overlap or hole.
 * Writing puts larger elements first and pads the header to 8 bytes, so that every tensor is aligned for mmap. */
#include "array/file.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_HEADER (UINT64_C(16) << 20)
#define METADATA "__metadata__"

/* --- reading ---------------------------------------------------------------------------------------------------- */

typedef struct entry {
    const char *name;
    const array_type *type;
    int ndim;
    size_t shape[SORI_MAX_DIMS];
    uint64_t start, end;
    size_t order;          /* in the header */
} entry;

typedef struct tensors {
    sori_ctx *c;
    const char *path;
    int fd;
    uint64_t data, data_size;   /* where the data starts, and its bytes */
    json_t *header;             /* owns the names until they are copied */
    entry *entries;
    size_t count;
} tensors;

static bool refuse(const tensors *t, const char *name, const char *why) {
    sori_fail(t->c, SORI_EFORMAT, "%s: tensor \"%.100s\": %s", t->path, name, why);
    return false;
}

static bool parse_shape(const tensors *t, json_t *shape, entry *e) {
    size_t n = json_array_size(shape);
    if (!json_is_array(shape)) return refuse(t, e->name, "no shape");
    if (n > SORI_MAX_DIMS) return refuse(t, e->name, "more than 8 dimensions");
    e->ndim = (int)n;
    for (size_t i = 0; i < n; i++) {
        json_t *v = json_array_get(shape, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0) return refuse(t, e->name, "its shape is not of sizes");
        e->shape[i] = (size_t)json_integer_value(v);
    }
    return true;
}

static bool parse_offsets(const tensors *t, json_t *offsets, entry *e) {
    json_t *start = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(start) || !json_is_integer(end))
        return refuse(t, e->name, "data_offsets are not two integers");
    json_int_t from = json_integer_value(start), to = json_integer_value(end);
    if (from < 0 || to < from || (uint64_t)to > t->data_size)
        return refuse(t, e->name, "data_offsets outside the file");
    e->start = (uint64_t)from;
    e->end = (uint64_t)to;
    return true;
}

static bool parse_entry(const tensors *t, json_t *value, entry *e) {
    json_t *dtype = json_object_get(value, "dtype");
    if (json_object_size(value) != 3) return refuse(t, e->name, "needs exactly dtype, shape and data_offsets");
    e->type = json_is_string(dtype) ? array_type_of_safetensors(json_string_value(dtype)) : NULL;
    if (!e->type) return refuse(t, e->name, "its dtype is not supported");
    if (!parse_shape(t, json_object_get(value, "shape"), e)) return false;
    return parse_offsets(t, json_object_get(value, "data_offsets"), e);
}

static bool strings_only(json_t *object) {
    const char *key;
    json_t *value;
    if (!json_is_object(object)) return false;
    json_object_foreach(object, key, value) if (!json_is_string(value)) return false;
    return true;
}

static int by_offset(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;   /* empty tensors come first */
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool parse_entries(tensors *t) {
    const char *name;
    json_t *value;
    t->entries = base_alloc(t->c, json_object_size(t->header) + 1, sizeof *t->entries);
    if (!t->entries) return false;
    json_object_foreach(t->header, name, value) {
        if (!strcmp(name, METADATA)) {
            if (strings_only(value)) continue;
            sori_fail(t->c, SORI_EFORMAT, "%s: its metadata is not an object of strings", t->path);
            return false;
        }
        entry *e = &t->entries[t->count];
        *e = (entry){ .name = name, .order = t->count };
        if (!parse_entry(t, value, e)) return false;
        t->count++;
    }
    if (t->count) qsort(t->entries, t->count, sizeof *t->entries, by_offset);
    uint64_t at = 0;
    for (size_t i = 0; i < t->count; at = t->entries[i++].end)
        if (t->entries[i].start != at)
            return refuse(t, t->entries[i].name, t->entries[i].start < at ? "overlaps another" : "a hole before it");
    if (at == t->data_size) return true;
    sori_fail(t->c, SORI_EFORMAT, "%s: %llu bytes belong to no tensor", t->path,
              (unsigned long long)(t->data_size - at));
    return false;
}

/* The metadata as JSON text in the innermost scope; NULL if there are none. */
static const char *read_metadata(const tensors *t) {
    json_t *metadata = json_object_get(t->header, METADATA);
    char *text = metadata ? json_dumps(metadata, JSON_COMPACT) : NULL;
    if (metadata && !text) sori_fail(t->c, SORI_ENOMEM, "%s: out of memory", t->path);
    const char *kept = text ? array_scoped_text(t->c, text, strlen(text)) : NULL;
    free(text);
    return kept;
}

static bool read_header(tensors *t, uint64_t bytes) {
    unsigned char length[8];
    uint64_t n = 0;
    if (bytes < 8) {
        sori_fail(t->c, SORI_EFORMAT, "%s: not a safetensors file: %llu bytes", t->path, (unsigned long long)bytes);
        return false;
    }
    if (!array_read_at(t->c, t->path, t->fd, 0, length, 8)) return false;
    for (int i = 0; i < 8; i++) n |= (uint64_t)length[i] << (8 * i);
    if (n > MAX_HEADER || n > bytes - 8) {
        sori_fail(t->c, SORI_EFORMAT, "%s: not a safetensors file, or truncated: header of %llu bytes (at most %llu)",
                  t->path, (unsigned long long)n, (unsigned long long)BASE_MIN(MAX_HEADER, bytes - 8));
        return false;
    }
    t->data = 8 + n;
    t->data_size = bytes - 8 - n;
    char *text = base_alloc_raw(t->c, (size_t)n, 1);
    if (text && array_read_at(t->c, t->path, t->fd, 8, text, (size_t)n))
        t->header = base_json_parse(t->c, t->path, text, (size_t)n);
    base_free(t->c, text);
    if (t->header && !json_is_object(t->header))
        sori_fail(t->c, SORI_EFORMAT, "%s: its header is not a JSON object", t->path);
    return !base_failed(t->c);
}

static sori_named *read_tensors(const tensors *t) {
    sori_named *list = array_new_list(t->c, t->count);
    for (size_t i = 0; list && i < t->count && !base_failed(t->c); i++) {
        const entry *e = &t->entries[i];
        char *label = base_printf(t->c, "%s: tensor \"%.100s\"", t->path, e->name);
        array_stream s = { .c = t->c, .name = label, .fd = t->fd, .position = t->data + e->start,
                           .left = e->end - e->start };
        list[i].name = label ? array_scoped_text(t->c, e->name, strlen(e->name)) : NULL;
        if (list[i].name) list[i].array = array_read(&s, e->type, e->ndim, e->shape, false, false);
        base_free(t->c, label);
    }
    return base_failed(t->c) ? NULL : list;
}

const sori_named *sori_load_safetensors(sori_ctx *c, const char *path, size_t *count, const char **metadata_json) {
    uint64_t bytes = 0;
    tensors t = { .c = c, .path = path };
    sori_named *list = NULL;
    *count = 0;
    if (metadata_json) *metadata_json = NULL;
    t.fd = array_open(c, path, &bytes);
    if (t.fd < 0) return NULL;
    if (read_header(&t, bytes) && parse_entries(&t)) {
        if (metadata_json) *metadata_json = read_metadata(&t);
        list = base_failed(c) ? NULL : read_tensors(&t);
    }
    if (list) *count = t.count;
    json_decref(t.header);
    base_free(c, t.entries);
    close(t.fd);
    return list;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static bool check_tensors(sori_ctx *c, const char *path, const sori_named *items, size_t count) {
    if (!array_check_items(c, path, items, count)) return false;
    for (size_t i = 0; i < count; i++) {
        const array_type *type = array_type_of_dtype(items[i].array->dtype);
        if (!type->safetensors)
            sori_fail(c, SORI_EINVAL, "%s: \"%s\" is %s, which safetensors cannot hold", path, items[i].name,
                      sori_dtype_name(items[i].array->dtype));
        else if (!strcmp(items[i].name, METADATA))
            sori_fail(c, SORI_EINVAL, "%s: a tensor cannot be named %s", path, METADATA);
    }
    return !base_failed(c);
}

static size_t element(const sori_named *item) { return sori_dtype_size(item->array->dtype); }

/* Larger elements first, otherwise as given. */
static void order_items(const sori_named *items, size_t count, const sori_named **out) {
    size_t n = 0;
    for (size_t size = 8; size; size /= 2)
        for (size_t i = 0; i < count; i++)
            if (element(&items[i]) == size) out[n++] = &items[i];
}

static json_t *shape_of(const sori_array *a) {
    json_t *shape = json_array();
    for (int i = 0; i < a->ndim; i++) json_array_append_new(shape, json_integer((json_int_t)a->shape[i]));
    return shape;
}

static char *header_text(sori_ctx *c, const char *path, const sori_named **items, size_t count,
                         const char *metadata) {
    json_t *header = json_object();
    json_t *extra = metadata ? base_json_parse(c, "safetensors metadata", metadata, strlen(metadata)) : NULL;
    if (extra && !strings_only(extra))
        sori_fail(c, SORI_EINVAL, "%s: metadata must be a JSON object of strings", path);
    if (extra) json_object_set_new(header, METADATA, extra);
    size_t at = 0;
    for (size_t i = 0; i < count && !base_failed(c); i++) {
        const sori_array *a = items[i]->array;
        size_t end = at + a->size * element(items[i]);
        json_t *e = json_pack("{s:s, s:o, s:[I, I]}", "dtype", array_type_of_dtype(a->dtype)->safetensors, "shape",
                              shape_of(a), "data_offsets", (json_int_t)at, (json_int_t)end);
        if (json_object_set_new(header, items[i]->name, e) != 0)
            sori_fail(c, SORI_EINVAL, "%s: a tensor's name is not UTF-8", path);
        at = end;
    }
    char *text = base_failed(c) ? NULL : json_dumps(header, JSON_COMPACT);
    json_decref(header);
    if (!text) sori_fail(c, SORI_ENOMEM, "%s: out of memory", path);
    return text;
}

static sori_status write_tensors(sori_ctx *c, const char *path, const char *header, const sori_named **items,
                                 size_t count) {
    size_t n = strlen(header), padded = (n + 7) / 8 * 8;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)padded >> (8 * i));
    if (padded > MAX_HEADER)
        return sori_fail(c, SORI_EINVAL, "%s: the header would take %zu bytes, more than 16 MB", path, padded);
    base_file *f = base_file_new(c, path);
    if (!f) return sori_error(c);
    base_file_write(f, length, 8);
    base_file_write(f, header, n);
    base_file_write(f, "        ", padded - n);
    for (size_t i = 0; i < count; i++)
        base_file_write(f, items[i]->array->data, items[i]->array->size * element(items[i]));
    return base_file_commit(f);
}

sori_status sori_save_safetensors(sori_ctx *c, const char *path, const sori_named *items, size_t count,
                                  const char *metadata_json) {
    if (!check_tensors(c, path, items, count)) return sori_error(c);
    const sori_named **ordered = base_alloc(c, count + 1, sizeof *ordered);
    if (!ordered) return sori_error(c);
    order_items(items, count, ordered);
    char *header = header_text(c, path, ordered, count, metadata_json);
    if (header) write_tensors(c, path, header, ordered, count);
    free(header);
    base_free(c, ordered);
    return sori_error(c);
}
