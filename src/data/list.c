/* list.c - from loose rows to a list: sorted, checked, in one block.
 *
 * A list is one u8 array of the innermost scope: [sori_list][items][labels][texts], so it is freed with the scope and
 * copied with two loops, however many recordings it has. Order is by path, byte by byte: the order of files on disk,
 * the locale and the folder's place change nothing. */
#include "data/data.h"
#include "array/array.h"
#include <stdlib.h>
#include <string.h>

/* --- rows ------------------------------------------------------------------------------------------------------- */

static char *copy_text(sori_ctx *c, const char *s, size_t n) {
    char *p = base_alloc_raw(c, n + 1, 1);
    if (!p) return NULL;
    memcpy(p, s, n);
    p[n] = 0;
    return p;
}

data_row *data_rows_add(sori_ctx *c, data_rows *r, const char *path, data_capture label, data_capture group) {
    if (base_failed(c)) return NULL;
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 64;
        data_row *rows = base_grow(c, r->rows, r->room, room, sizeof *rows);
        if (!rows) return NULL;
        r->rows = rows;
        r->room = room;
    }
    data_row *row = &r->rows[r->count++];   /* counted before it is complete: freed with the others */
    *row = (data_row){ .path = base_strdup(c, path) };
    row->label = copy_text(c, label.start, label.length);
    if (group.length) row->group = copy_text(c, group.start, group.length);
    return base_failed(c) ? NULL : row;
}

static void free_texts(sori_ctx *c, data_row *row) {
    base_free(c, row->path);
    base_free(c, row->label);
    base_free(c, row->group);
}

void data_rows_free(sori_ctx *c, data_rows *r) {
    for (size_t i = 0; i < r->count; i++) free_texts(c, &r->rows[i]);
    base_free(c, r->rows);
    *r = (data_rows){ 0 };
}

static int by_path(const void *a, const void *b) {
    const data_row *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_inode(const void *a, const void *b) {
    const data_row *x = *(data_row *const *)a, *y = *(data_row *const *)b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode) return x->inode < y->inode ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* --- one recording, one row ------------------------------------------------------------------------------------- */

static void check_paths_differ(sori_ctx *c, const data_rows *r, const char *source) {
    for (size_t i = 1; i < r->count; i++)
        if (!strcmp(r->rows[i - 1].path, r->rows[i].path))
            sori_fail(c, SORI_EFORMAT, "%s: line %zu: \"%s\" is on line %zu already", source, r->rows[i].line,
                      r->rows[i].path, r->rows[i - 1].line);
}

static void remove_dropped(sori_ctx *c, data_rows *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].drop) free_texts(c, &r->rows[i]);
        else r->rows[kept++] = r->rows[i];
    r->count = kept;
}

/* Links can show one file under two names. It must not sit in train and test at once: the first name stays. Rows of
 * a CSV have no inode; there a file linked twice is the user's word. */
static void drop_links(sori_ctx *c, data_rows *r) {
    data_row **order = base_alloc_raw(c, r->count, sizeof *order);
    if (!order) return;
    for (size_t i = 0; i < r->count; i++) order[i] = &r->rows[i];
    qsort(order, r->count, sizeof *order, by_inode);
    size_t dropped = 0;
    const data_row *first = order[0];
    for (size_t i = 1; i < r->count && !base_failed(c); i++) {
        data_row *row = order[i];
        if (!row->inode || row->device != first->device || row->inode != first->inode) {
            first = row;
            continue;
        }
        if (strcmp(row->label, first->label))
            sori_fail(c, SORI_EFORMAT, "%s (label \"%s\") and %s (label \"%s\") are the same file", first->path,
                      first->label, row->path, row->label);
        row->drop = true;
        dropped++;
    }
    base_free(c, order);
    remove_dropped(c, r);
    if (dropped) base_warn(c, "%zu links to recordings already found are left out", dropped);
}

/* --- labels ----------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* The distinct labels, sorted, into labels [r->count]; their number. */
static size_t collect_labels(const data_rows *r, const char **labels) {
    for (size_t i = 0; i < r->count; i++) labels[i] = r->rows[i].label;
    qsort(labels, r->count, sizeof *labels, by_text);
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        if (n == 0 || strcmp(labels[n - 1], labels[i])) labels[n++] = labels[i];
    return n;
}

static int find_label(const char *const *labels, size_t n, const char *label) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(labels[i], label)) return (int)i;
    return -1;
}

static int find_sorted(const char *const *labels, size_t n, const char *label) {
    const char **at = bsearch(&label, labels, n, sizeof *labels, by_text);
    return at ? (int)(at - (const char **)labels) : -1;
}

/* --- packing ---------------------------------------------------------------------------------------------------- */

static char *put_text(char **at, const char *s) {
    size_t n = strlen(s) + 1;
    char *p = memcpy(*at, s, n);
    *at += n;
    return p;
}

/* An empty list with room for that many items, labels and bytes of text; *texts is where these go. */
static sori_list *list_new(sori_ctx *c, size_t items, size_t labels, size_t bytes, char **texts) {
    size_t item_bytes = items * sizeof(sori_item), label_bytes = labels * sizeof(char *);
    size_t size = sizeof(sori_list) + item_bytes + label_bytes + bytes;
    sori_array *block = sori_array_new(c, SORI_U8, 1, &size);
    if (!block) return NULL;
    sori_list *list = block->data;
    char *rest = (char *)(list + 1);
    *list = (sori_list){ .items = (sori_item *)rest, .count = items, .label_count = labels };
    list->labels = (const char *const *)(rest + item_bytes);
    *texts = rest + item_bytes + label_bytes;
    return list;
}

static size_t text_size(const char *s) { return s ? strlen(s) + 1 : 0; }

static void put_labels(sori_list *list, const char *const *labels, char **at) {
    const char **out = (const char **)list->labels;
    for (size_t i = 0; i < list->label_count; i++) out[i] = put_text(at, labels[i]);
}

static sori_list *pack(sori_ctx *c, const data_rows *r, const char *source, const char *const *labels, size_t n,
                       bool sorted) {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) bytes += text_size(labels[i]);
    for (size_t i = 0; i < r->count; i++) bytes += text_size(r->rows[i].path) + text_size(r->rows[i].group);
    char *at = NULL;
    sori_list *list = list_new(c, r->count, n, bytes, &at);
    if (!list) return NULL;
    put_labels(list, labels, &at);
    for (size_t i = 0; i < r->count; i++) {
        const data_row *row = &r->rows[i];
        int label = sorted ? find_sorted(labels, n, row->label) : find_label(labels, n, row->label);
        if (label < 0) {
            sori_fail(c, SORI_EFORMAT, "%s: label \"%s\" of %s is none of the model's %zu labels", source, row->label,
                      row->path, n);
            return NULL;
        }
        sori_item *item = (sori_item *)&list->items[i];
        *item = (sori_item){ .path = put_text(&at, row->path), .label = label, .split = row->split };
        if (row->group) item->group = put_text(&at, row->group);
    }
    return list;
}

sori_list *data_list_copy(sori_ctx *c, const sori_list *list) {
    size_t bytes = 0;
    for (size_t i = 0; i < list->label_count; i++) bytes += text_size(list->labels[i]);
    for (size_t i = 0; i < list->count; i++) bytes += text_size(list->items[i].path) + text_size(list->items[i].group);
    char *at = NULL;
    sori_list *copy = list_new(c, list->count, list->label_count, bytes, &at);
    if (!copy) return NULL;
    copy->split_given = list->split_given;
    put_labels(copy, list->labels, &at);
    for (size_t i = 0; i < list->count; i++) {
        sori_item *item = (sori_item *)&copy->items[i];
        *item = list->items[i];
        item->path = put_text(&at, item->path);
        if (item->group) item->group = put_text(&at, item->group);
    }
    return copy;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

const sori_list *data_list_build(sori_ctx *c, data_rows *r, const char *source, const sori_scan_config *config,
                                 bool split_given) {
    if (base_failed(c)) return NULL;
    if (r->count == 0) {
        sori_fail(c, SORI_EFORMAT, "%s: no recordings found", source);
        return NULL;
    }
    qsort(r->rows, r->count, sizeof *r->rows, by_path);
    check_paths_differ(c, r, source);
    if (!base_failed(c)) drop_links(c, r);
    const char **own = base_failed(c) ? NULL : base_alloc(c, r->count, sizeof *own);
    if (!own) return NULL;
    size_t n = collect_labels(r, own);
    sori_list *list = NULL;
    if (config->labels)
        list = pack(c, r, source, config->labels, config->label_count, false);
    else if (n < 2)
        sori_fail(c, SORI_EFORMAT, "%s: all %zu recordings have the label \"%s\"; at least two classes are needed",
                  source, r->count, own[0]);
    else
        list = pack(c, r, source, own, n, true);
    base_free(c, own);
    if (list) list->split_given = split_given;
    return list;
}
