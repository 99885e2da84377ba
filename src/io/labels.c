/* labels.c - label files: what every format shares.
 *
 * A file is read whole, up to a limit, and cut into labels by its format's reader; what a label may be is checked in
 * one place, for files that are read and for labels that are written. */
#include "io/labels.h"
#include "array/array.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LIMIT ((uint64_t)1 << 28)   /* bytes of a file; an hour of labels every 10 ms has 10 MB */

void io_labels_number(char out[32], double v) {
    double again;
    base_format(out, 32, "%.6f", v);
    for (int digits = 15; fabs(v) > 1e15 || !base_parse_double(out, &again) || again != v; digits += 2) {
        base_format(out, 32, "%.*g", digits, v);
        if (digits == 17) return;
    }
}

/* --- what a label may be ---------------------------------------------------------------------------------------- */

/* NULL, or what is wrong; to be said after "label 3". */
static const char *fault_of(const sori_label *l, char *text, size_t size) {
    if (!isfinite(l->start_s) || !isfinite(l->end_s)) return "a time is not a finite number";
    if (l->end_s < l->start_s) {
        base_format(text, size, "ends at %g s, before its start at %g s", l->end_s, l->start_s);
        return text;
    }
    if (!isfinite(l->low_hz) || !isfinite(l->high_hz) || l->low_hz < 0 || l->high_hz < l->low_hz) {
        base_format(text, size, "the band %g Hz to %g Hz is none", l->low_hz, l->high_hz);
        return text;
    }
    return l->has_confidence && !isfinite(l->confidence) ? "the confidence is not a finite number" : NULL;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool grow_items(io_labels_list *l) {
    size_t room = 2 * l->room + 16;
    size_t *text_at = base_grow(l->c, l->text_at, l->room, room, sizeof *text_at);
    if (!text_at) return false;
    l->text_at = text_at;
    sori_label *items = base_grow(l->c, l->items, l->room, room, sizeof *items);
    if (!items) return false;
    l->items = items;
    l->room = room;
    return true;
}

static bool grow_text(io_labels_list *l, size_t n) {
    size_t room = BASE_MAX(2 * l->text_room, l->text_room + n);
    char *text = base_grow(l->c, l->text, l->text_room, room, 1);
    if (!text) return false;
    l->text = text;
    l->text_room = room;
    return true;
}

bool io_labels_add(io_labels_list *l, const char *where, sori_label label, const char *text, size_t n) {
    char said[128];
    const char *fault = fault_of(&label, said, sizeof said);
    if (!fault && memchr(text, 0, n)) fault = "the text holds a NUL";
    if (fault) {
        sori_fail(l->c, SORI_EFORMAT, "%s: %s: %s", l->path, where, fault);
        return false;
    }
    if (l->n == l->room && !grow_items(l)) return false;
    if (l->text_room - l->text_n < n + 1 && !grow_text(l, n + 1)) return false;
    memcpy(l->text + l->text_n, text, n);
    l->text[l->text_n + n] = 0;
    l->text_at[l->n] = l->text_n;
    l->items[l->n++] = label;
    l->text_n += n + 1;
    return true;
}

static sori_labels gather(io_labels_list *l) {
    sori_labels out = { 0 };
    size_t head = l->n * sizeof *l->items, bytes = head + l->text_n;
    out.memory = array_new_raw(l->c, SORI_U8, 1, &bytes);
    if (!out.memory) return out;
    sori_label *items = out.memory->data;
    char *text = (char *)out.memory->data + head;
    if (l->text_n) memcpy(text, l->text, l->text_n);
    for (size_t i = 0; i < l->n; i++) {
        items[i] = l->items[i];
        items[i].text = text + l->text_at[i];
    }
    out.items = items;
    out.n = l->n;
    return out;
}

static sori_labels_format format_of(const char *path, const sori_labels_config *k) {
    const char *ext = base_path_ext(path);
    if (k->format) return k->format;
    if (!strcasecmp(ext, "csv")) return SORI_LABELS_CSV;
    return !strcasecmp(ext, "jams") || !strcasecmp(ext, "json") ? SORI_LABELS_JAMS : SORI_LABELS_AUDACITY;
}

/* path and format are there. */
static bool check(sori_ctx *c, const char *who, const char *path, const sori_labels_config *k) {
    if (base_failed(c)) return false;
    if (!path) sori_fail(c, SORI_EINVAL, "%s: no path given", who);
    else if (k->format < SORI_LABELS_BY_NAME || k->format > SORI_LABELS_JAMS)
        sori_fail(c, SORI_EINVAL, "%s: format %d is unknown", path, (int)k->format);
    return !base_failed(c);
}

sori_labels sori_load_labels(sori_ctx *c, const char *path, const sori_labels_config *config) {
    static const sori_labels_config defaults;
    const sori_labels_config *k = config ? config : &defaults;
    sori_labels out = { 0 };
    size_t n = 0;
    if (!check(c, "load_labels", path, k)) return out;
    char *text = base_read_file(c, path, LIMIT, &n);
    if (!text) return out;
    io_labels_list l = { .c = c, .path = path };
    size_t mark = n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;   /* UTF-8's byte-order mark */
    sori_labels_format format = format_of(path, k);
    bool ok = format == SORI_LABELS_JAMS ? io_labels_read_jams(&l, text + mark, n - mark, k)
            : (format == SORI_LABELS_CSV ? io_labels_read_csv : io_labels_read_audacity)(&l, text + mark, n - mark);
    if (ok) out = gather(&l);
    base_free(c, l.items);
    base_free(c, l.text_at);
    base_free(c, l.text);
    base_free(c, text);
    return out;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static bool is_utf8(const char *text) {
    while (*text && base_utf8_length(text)) text += base_utf8_length(text);
    return !*text;
}

static bool check_items(sori_ctx *c, const char *path, const sori_label *items, size_t n, sori_labels_format format) {
    char said[128];
    for (size_t i = 0; i < n && !base_failed(c); i++) {
        const char *fault = fault_of(&items[i], said, sizeof said);
        const char *text = items[i].text ? items[i].text : "";
        if (!fault && format == SORI_LABELS_JAMS && !is_utf8(text)) fault = "the text is not UTF-8, which JAMS needs";
        if (!fault && format == SORI_LABELS_AUDACITY && strpbrk(text, "\t\r\n"))
            fault = "a tab or a line break in the text, which Audacity's format cannot hold";
        if (fault) sori_fail(c, SORI_EINVAL, "%s: label %zu: %s", path, i, fault);
    }
    return !base_failed(c);
}

sori_status sori_save_labels(sori_ctx *c, const char *path, const sori_label *items, size_t n,
                             const sori_labels_config *config) {
    static const sori_labels_config defaults;
    const sori_labels_config *k = config ? config : &defaults;
    if (!check(c, "save_labels", path, k)) return sori_error(c);
    if (!items && n) return sori_fail(c, SORI_EINVAL, "%s: no labels given", path);
    sori_labels_format format = format_of(path, k);
    if (format == SORI_LABELS_JAMS && k->name_space && !is_utf8(k->name_space))
        return sori_fail(c, SORI_EINVAL, "%s: the namespace is not UTF-8", path);
    if (!(k->duration_s >= 0) || !isfinite(k->duration_s))
        return sori_fail(c, SORI_EINVAL, "%s: duration_s %g is not a length", path, k->duration_s);
    if (!check_items(c, path, items, n, format)) return sori_error(c);
    base_file *f = base_file_new(c, path);
    if (!f) return sori_error(c);
    bool ok = format == SORI_LABELS_JAMS ? io_labels_write_jams(f, items, n, k)
            : (format == SORI_LABELS_CSV ? io_labels_write_csv : io_labels_write_audacity)(f, items, n);
    if (ok) return base_file_commit(f);
    base_file_abort(f);
    return base_failed(c) ? sori_error(c) : sori_fail(c, SORI_ENOMEM, "out of memory");   /* jansson's own */
}
