/* csv.c - lists of recordings in a CSV, as RFC 4180 has it.
 *
 * Fields may be quoted, hold commas, line breaks and doubled quotes; lines end with LF or CRLF; a UTF-8 byte-order
 * mark is passed over; bytes are kept as they are. The header names the columns. The text is read whole and cut in
 * place: a field is a string inside it. Errors name the line. */
#include "data/data.h"
#include <string.h>

#define LIMIT ((uint64_t)1 << 30)   /* bytes; a million recordings take about 100 MB */
#define MAX_COLUMNS 256

typedef struct csv {
    sori_ctx *c;
    const char *path;           /* of the CSV */
    char *next, *end;
    size_t line;                /* of next, from 1 */
    size_t record_line;         /* where the current record began */
    char *fields[MAX_COLUMNS];
    size_t count;
} csv;

/* --- records ---------------------------------------------------------------------------------------------------- */

static bool fail_line(csv *t, const char *what) {
    sori_fail(t->c, SORI_EFORMAT, "%s: line %zu: %s", t->path, t->record_line, what);
    return false;
}

/* A quoted field: next is behind its opening quote. Doubled quotes become one, in place. */
static bool quoted_field(csv *t) {
    char *out = t->next;
    t->fields[t->count++] = out;
    for (;; t->next++) {
        if (t->next == t->end) return fail_line(t, "a quoted field does not end");
        if (*t->next == '\n') t->line++;
        if (*t->next == '"' && *++t->next != '"') break;
        *out++ = *t->next;
    }
    bool good = t->next == t->end || *t->next == ',' || *t->next == '\n' || (*t->next == '\r' && t->next[1] == '\n');
    if (!good) return fail_line(t, "text behind a closing quote");
    if (out < t->next) *out = 0;
    return true;
}

static bool plain_field(csv *t) {
    t->fields[t->count++] = t->next;
    while (t->next < t->end && *t->next != ',' && *t->next != '\n') {
        if (*t->next == '"') return fail_line(t, "a quote inside a field that is not quoted");
        t->next++;
    }
    return true;
}

/* The separator at next becomes the field's NUL. True when the record goes on. */
static bool end_field(csv *t) {
    if (t->next == t->end) return false;   /* the reader put a NUL there */
    char separator = *t->next;
    if (separator == '\r') *t->next++ = 0;
    if (separator != ',' && t->next > t->fields[t->count - 1] && t->next[-1] == '\r') t->next[-1] = 0;
    *t->next++ = 0;
    if (separator != ',') t->line++;
    return separator == ',';
}

/* The next record into fields; false at the end and on error. Empty lines are passed over. */
static bool next_record(csv *t) {
    while (t->next < t->end && (*t->next == '\n' || (*t->next == '\r' && t->next[1] == '\n'))) {
        t->line += *t->next == '\n';
        t->next++;
    }
    t->count = 0;
    t->record_line = t->line;
    if (t->next == t->end) return false;
    do {
        if (t->count == MAX_COLUMNS) return fail_line(t, "more than 256 columns");
        bool quoted = *t->next == '"';
        t->next += quoted;
        if (!(quoted ? quoted_field(t) : plain_field(t))) return false;
    } while (end_field(t));
    return true;
}

/* --- columns ---------------------------------------------------------------------------------------------------- */

enum { PATH, LABEL, SPLIT, GROUP, COLUMNS };
static const char *const column_names[COLUMNS] = { "path", "label", "split", "group" };

/* Where each column is; -1 where it is not. */
static bool read_header(csv *t, int at[COLUMNS]) {
    for (int k = 0; k < COLUMNS; k++) at[k] = -1;
    if (!next_record(t)) {
        if (!base_failed(t->c)) sori_fail(t->c, SORI_EFORMAT, "%s: empty; a header \"path,label\" is needed", t->path);
        return false;
    }
    for (size_t i = 0; i < t->count; i++)
        for (int k = 0; k < COLUMNS; k++) {
            if (strcmp(t->fields[i], column_names[k])) continue;
            if (at[k] >= 0) return fail_line(t, "the header names a column twice");
            at[k] = (int)i;
        }
    if (at[PATH] < 0 || at[LABEL] < 0)
        return fail_line(t, "the header is not \"path,label[,split][,group]\"");
    return true;
}

static bool read_split(const char *text, sori_split *split) {
    static const char *const names[SORI_SPLIT_COUNT] = { "train", "val", "test" };
    for (int k = 0; k < SORI_SPLIT_COUNT; k++)
        if (!strcmp(text, names[k])) {
            *split = (sori_split)k;
            return true;
        }
    return false;
}

static char *resolve(csv *t, const char *path) {
    const char *slash = strrchr(t->path, '/');
    if (path[0] == '/' || !slash) return base_strdup(t->c, path);
    return base_printf(t->c, "%.*s/%s", (int)(slash - t->path), t->path, path);
}

static data_capture whole(const char *s) { return (data_capture){ s, strlen(s) }; }

static void add_record(csv *t, const int at[COLUMNS], size_t columns, data_rows *r) {
    if (t->count != columns) {
        sori_fail(t->c, SORI_EFORMAT, "%s: line %zu: %zu fields, but the header has %zu", t->path, t->record_line,
                  t->count, columns);
        return;
    }
    const char *path = t->fields[at[PATH]], *label = t->fields[at[LABEL]];
    sori_split split = SORI_TRAIN;
    if (!*path) fail_line(t, "the path is empty");
    else if (!*label) fail_line(t, "the label is empty");
    else if (at[SPLIT] >= 0 && !read_split(t->fields[at[SPLIT]], &split))
        fail_line(t, "the split is none of train, val, test");
    char *full = base_failed(t->c) ? NULL : resolve(t, path);
    data_capture group = at[GROUP] >= 0 ? whole(t->fields[at[GROUP]]) : (data_capture){ 0 };
    data_row *row = full ? data_rows_add(t->c, r, full, whole(label), group) : NULL;
    if (row) {
        row->split = split;
        row->line = t->record_line;
    }
    base_free(t->c, full);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

void data_scan_csv(sori_ctx *c, const char *path, data_rows *r, bool *split_given) {
    size_t size = 0;
    char *text = base_read_file(c, path, LIMIT, &size);
    if (!text) return;
    csv *t = base_alloc(c, 1, sizeof *t);
    int at[COLUMNS];
    if (t) {
        *t = (csv){ .c = c, .path = path, .next = text, .end = text + size, .line = 1 };
        if (size >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) t->next += 3;
        if (memchr(text, 0, size)) sori_fail(c, SORI_EFORMAT, "%s: not a CSV: it holds NUL bytes", path);
        else if (read_header(t, at)) {
            *split_given = at[SPLIT] >= 0;
            size_t columns = t->count;
            while (!base_failed(c) && next_record(t)) add_record(t, at, columns, r);
        }
    }
    base_free(c, t);
    base_free(c, text);
}
