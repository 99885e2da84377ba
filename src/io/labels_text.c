/* labels_text.c - labels as lines: Audacity's tab-separated tracks, and CSV.
 *
 * Audacity (manual, "Importing and exporting labels"): start TAB end TAB text, and below a label that has a band a line
 * "\" TAB low TAB high. CSV as RFC 4180: fields may be quoted and then hold commas, line breaks and doubled quotes.
 * Lines end with LF or CRLF; empty ones are passed over. */
#include "io/labels.h"
#include <string.h>
#include <strings.h>

/* A number that fills [s, end), which is cut off there. */
static bool number(char *s, char *end, double *out) {
    while (s < end && *s == ' ') s++;
    while (end > s && end[-1] == ' ') end--;
    *end = 0;   /* the separator's place, or the NUL behind the file */
    return s < end && (*s == '-' || *s == '+' || *s == '.' || (*s >= '0' && *s <= '9')) && base_parse_double(s, out);
}

static bool fail_line(io_labels_list *l, size_t line, const char *what) {
    sori_fail(l->c, SORI_EFORMAT, "%s: line %zu: %s", l->path, line, what);
    return false;
}

/* --- Audacity --------------------------------------------------------------------------------------------------- */

static char *field_end(char *s, char *end) {
    char *tab = memchr(s, '\t', (size_t)(end - s));
    return tab ? tab : end;
}

/* Behind the "\": the band of the label before. -1 is Audacity's word for an end that is not set. */
static bool audacity_band(io_labels_list *l, char *s, char *end, size_t line) {
    double low, high;
    char *stop = field_end(s, end);
    if (l->n == 0) return fail_line(l, line, "a band without a label");
    if (stop == end || !number(s, stop, &low) || !number(stop + 1, field_end(stop + 1, end), &high))
        return fail_line(l, line, "a band needs two frequencies");
    if (low < 0) low = 0;
    if (high < 0) low = high = 0;
    if (!(high >= low && high <= 1e12)) return fail_line(l, line, "the band's ends are the wrong way round");
    l->items[l->n - 1].low_hz = low;
    l->items[l->n - 1].high_hz = high;
    return true;
}

static bool audacity_line(io_labels_list *l, char *s, char *end, size_t line) {
    char where[32], *stop = field_end(s, end);
    sori_label label = { 0 };
    if (stop - s == 1 && *s == '\\') return audacity_band(l, stop < end ? stop + 1 : end, end, line);
    bool last = stop == end;
    if (!number(s, stop, &label.start_s)) return fail_line(l, line, "does not begin with a time");
    label.end_s = label.start_s;
    s = last ? end : stop + 1;
    stop = field_end(s, end);
    if (s < end && !number(s, stop, &label.end_s)) return fail_line(l, line, "the second field is not a time");
    s = stop < end ? stop + 1 : end;
    base_format(where, sizeof where, "line %zu", line);
    return io_labels_add(l, where, label, s, (size_t)(end - s));
}

bool io_labels_read_audacity(io_labels_list *l, char *text, size_t n) {
    char *s = text, *all = text + n;
    for (size_t line = 1; s < all; line++) {
        char *end = memchr(s, '\n', (size_t)(all - s)), *next = end ? end + 1 : all;
        if (!end) end = all;
        if (end > s && end[-1] == '\r') end--;
        if (end > s && !audacity_line(l, s, end, line)) return false;
        s = next;
    }
    return true;
}

bool io_labels_write_audacity(base_file *f, const sori_label *items, size_t n) {
    char a[32], b[32];
    for (size_t i = 0; i < n; i++) {
        io_labels_number(a, items[i].start_s);
        io_labels_number(b, items[i].end_s);
        if (!base_file_printf(f, "%s\t%s\t%s\n", a, b, items[i].text ? items[i].text : "")) return false;
        if (items[i].high_hz == 0) continue;
        io_labels_number(a, items[i].low_hz);
        io_labels_number(b, items[i].high_hz);
        if (!base_file_printf(f, "\\\t%s\t%s\n", a, b)) return false;
    }
    return true;
}

/* --- CSV -------------------------------------------------------------------------------------------------------- */

#define MAX_COLUMNS 64

typedef struct record {
    char *field[MAX_COLUMNS], *end[MAX_COLUMNS];
    size_t count, line;
} record;

/* What the columns mean; -1: not there. */
typedef struct columns { int start, end, duration, label; } columns;

/* A quoted field from s, behind its opening quote; doubled quotes become one, in place. Returns where it stops. */
static char *quoted(char *s, char *all, char **end, size_t *line) {
    char *out = s;
    for (; s < all; s++) {
        if (*s == '"' && !(s + 1 < all && s[1] == '"')) {
            *end = out;
            return s + 1;
        }
        if (*s == '"') s++;
        *line += *s == '\n';
        *out++ = *s;
    }
    return NULL;
}

/* The next record from *at on; false at the end and on error. */
static bool next_record(io_labels_list *l, char **at, char *all, size_t *line, record *r) {
    char *s = *at;
    while (s < all && (*s == '\n' || *s == '\r')) *line += *s++ == '\n';
    r->count = 0;
    r->line = *line;
    if (s == all) return false;
    for (;; s++) {
        if (r->count == MAX_COLUMNS) return fail_line(l, r->line, "more than 64 columns");
        char **end = &r->end[r->count], *stop;
        bool quote = s < all && *s == '"';
        r->field[r->count++] = s += quote;
        if (quote) stop = quoted(s, all, end, line);
        else for (stop = s; stop < all && *stop != ',' && *stop != '\n'; stop++) {}
        if (!stop) return fail_line(l, r->line, "a quoted field does not end");
        if (!quote) *end = stop > s && stop[-1] == '\r' && (stop == all || *stop == '\n') ? stop - 1 : stop;
        if (quote && stop < all && *stop == '\r') stop++;
        if (stop < all && *stop != ',' && *stop != '\n') return fail_line(l, r->line, "text behind a closing quote");
        s = stop;
        if (s == all || *s == '\n') break;
    }
    *line += s < all;
    *at = s < all ? s + 1 : s;   /* past the line break, where a NUL may be put */
    return true;
}

static bool is(const record *r, size_t i, const char *name) {
    size_t n = (size_t)(r->end[i] - r->field[i]);
    return n == strlen(name) && !strncasecmp(r->field[i], name, n);
}

/* From a header; false: this record is none. */
static bool name_columns(const record *r, columns *k) {
    static const struct { const char *name; int what; } names[] = {
        { "start", 0 }, { "onset", 0 }, { "time", 0 }, { "start_s", 0 }, { "end", 1 }, { "offset", 1 }, { "end_s", 1 },
        { "duration", 2 }, { "label", 3 }, { "text", 3 }, { "value", 3 },
    };
    int *at[] = { &k->start, &k->end, &k->duration, &k->label };
    *k = (columns){ -1, -1, -1, -1 };
    for (size_t i = r->count; i-- > 0;)
        for (size_t j = 0; j < BASE_COUNT(names); j++)
            if (is(r, i, names[j].name)) *at[names[j].what] = (int)i;
    return k->start >= 0;
}

static columns usual_columns(const record *r) {
    return r->count >= 3 ? (columns){ 0, 1, -1, 2 } : (columns){ 0, -1, -1, r->count == 2 ? 1 : -1 };
}

static bool csv_time(io_labels_list *l, record *r, int column, double *out) {
    if (column < 0) return true;
    if ((size_t)column < r->count && number(r->field[column], r->end[column], out)) return true;
    return fail_line(l, r->line, "a time is missing, or is not a number");
}

static bool csv_label(io_labels_list *l, record *r, const columns *k) {
    char where[32];
    double duration = 0;
    sori_label label = { 0 };
    size_t text = k->label >= 0 && (size_t)k->label < r->count ? (size_t)k->label : MAX_COLUMNS;
    if (!csv_time(l, r, k->start, &label.start_s) || !csv_time(l, r, k->duration, &duration)) return false;
    label.end_s = label.start_s + duration;
    if (!csv_time(l, r, k->end, &label.end_s)) return false;
    base_format(where, sizeof where, "line %zu", r->line);
    if (text == MAX_COLUMNS) return io_labels_add(l, where, label, "", 0);
    return io_labels_add(l, where, label, r->field[text], (size_t)(r->end[text] - r->field[text]));
}

bool io_labels_read_csv(io_labels_list *l, char *text, size_t n) {
    char *at = text, *all = text + n;
    size_t line = 1;
    record r;
    columns k = { -1, -1, -1, -1 };
    for (bool first = true; next_record(l, &at, all, &line, &r); first = false) {
        if (first && name_columns(&r, &k)) continue;
        if (first) k = usual_columns(&r);
        if (!csv_label(l, &r, &k)) return false;
    }
    return !base_failed(l->c);
}

/* Quoted where it must be. */
static bool write_field(base_file *f, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) return base_file_write(f, text, strlen(text));
    if (!base_file_write(f, "\"", 1)) return false;
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\"");
        if (!base_file_write(f, s, n) || (s[n] && !base_file_write(f, "\"\"", 2))) return false;
        s += n + (s[n] != 0);
    }
    return base_file_write(f, "\"", 1);
}

bool io_labels_write_csv(base_file *f, const sori_label *items, size_t n) {
    char a[32], b[32];
    if (!base_file_printf(f, "start,end,label\n")) return false;
    for (size_t i = 0; i < n; i++) {
        io_labels_number(a, items[i].start_s);
        io_labels_number(b, items[i].end_s);
        if (!base_file_printf(f, "%s,%s,", a, b) || !write_field(f, items[i].text ? items[i].text : "")
            || !base_file_write(f, "\n", 1))
            return false;
    }
    return true;
}
