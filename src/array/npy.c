/* npy.c - one array in NumPy's format.                    numpy.lib.format, versions 1.0 to 3.0
 *
 *   "\x93NUMPY" major minor | header length, u16 (version 1) or u32 | header: a Python dict, blanks, "\n" | data
 *
 * The dict has exactly the keys descr, fortran_order and shape. Object and structured arrays are refused: an object
 * array is a pickle, which runs code (CVE-2019-6446). Files written are NumPy's own, byte for byte. */
#include "array/file.h"
#include <string.h>
#include <unistd.h>

#define MAGIC "\x93NUMPY"
#define MAX_HEADER 65535   /* of versions 2 and 3 too: only structured types need more */

/* --- the header's Python ---------------------------------------------------------------------------------------- */

typedef struct header {
    char descr[16];
    bool fortran;
    int ndim;
    size_t shape[SORI_MAX_DIMS];
    const char *fault;
} header;

static const char *blanks(const char *p) {
    while (*p == ' ' || *p == '\n') p++;
    return p;
}

/* Pass over a word. Each of these gives NULL if what it wants is not there, or p is NULL already. */
static const char *expect(const char *p, const char *word) {
    if (!p) return NULL;
    p = blanks(p);
    size_t n = strlen(word);
    return strncmp(p, word, n) ? NULL : p + n;
}

static const char *quoted(const char *p, char *out, size_t size) {
    if (!p) return NULL;
    p = blanks(p);
    char quote = *p++;
    if (quote != '\'' && quote != '"') return NULL;
    size_t n = 0;
    for (; *p && *p != quote; p++) {
        if (n + 1 == size) return NULL;
        out[n++] = *p;
    }
    out[n] = 0;
    return *p == quote ? p + 1 : NULL;
}

static const char *parse_size(const char *p, size_t *out) {
    p = blanks(p);
    if (*p < '0' || *p > '9') return NULL;
    for (*out = 0; *p >= '0' && *p <= '9'; p++)
        if (base_mul_overflows(*out, 10, out) || base_add_overflows(*out, (size_t)(*p - '0'), out)) return NULL;
    return *p == 'L' ? p + 1 : p;   /* Python 2 wrote long integers so */
}

/* "()", "(3,)", "(3, 4)" */
static const char *parse_shape(const char *p, header *h) {
    p = expect(p, "(");
    while (p && *(p = blanks(p)) != ')') {
        if (h->ndim == SORI_MAX_DIMS) {
            h->fault = "more than 8 dimensions";
            return NULL;
        }
        p = parse_size(p, &h->shape[h->ndim++]);
        if (p && *(p = blanks(p)) != ')') p = expect(p, ",");
    }
    return expect(p, ")");
}

static const char *parse_bool(const char *p, bool *out) {
    const char *yes = expect(p, "True");
    *out = yes;
    return yes ? yes : expect(p, "False");
}

static unsigned key_bit(const char *key) {
    if (!strcmp(key, "descr")) return 1;
    return !strcmp(key, "fortran_order") ? 2 : !strcmp(key, "shape") ? 4 : 0;
}

static bool parse_header(const char *p, header *h) {
    unsigned seen = 0;
    p = expect(p, "{");
    while (p && *(p = blanks(p)) != '}') {
        char key[16];
        p = expect(quoted(p, key, sizeof key), ":");
        unsigned bit = p ? key_bit(key) : 0;
        if (!bit || (seen & bit)) return false;
        seen |= bit;
        if (bit == 1 && *blanks(p) == '[') h->fault = "holds records, which are not supported";
        if (bit == 1) p = quoted(p, h->descr, sizeof h->descr);
        else p = bit == 2 ? parse_bool(p, &h->fortran) : parse_shape(p, h);
        if (p && *(p = blanks(p)) != '}') p = expect(p, ",");
    }
    p = expect(p, "}");
    return p && *blanks(p) == 0 && seen == 7;
}

static const array_type *type_of(header *h) {
    const char *d = h->descr;
    if (!strcmp(d, "|O") || !strcmp(d, "O")) h->fault = "holds Python objects, which are not read";
    return strchr("<>|=", d[0]) && d[0] ? array_type_of_npy(d + 1) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool read_header(array_stream *s, header *h) {
    unsigned char start[12];
    char *text;
    if (!array_stream_read(s, start, 10)) return false;
    if (memcmp(start, MAGIC, 6) || start[6] < 1 || start[6] > 3) {
        sori_fail(s->c, SORI_EFORMAT, "%s: not a .npy file (versions 1 to 3)", s->name);
        return false;
    }
    size_t n = start[8] | (size_t)start[9] << 8;
    if (start[6] > 1) {
        if (!array_stream_read(s, start + 10, 2)) return false;
        n |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
    }
    if (n > MAX_HEADER || n > s->left) {
        sori_fail(s->c, SORI_EFORMAT, "%s: header of %zu bytes, more than the file or the limit of %d", s->name, n,
                  MAX_HEADER);
        return false;
    }
    if (!(text = base_alloc_raw(s->c, n + 1, 1))) return false;
    text[n] = 0;
    bool ok = array_stream_read(s, text, n) && !memchr(text, 0, n) && parse_header(text, h);
    if (!ok) sori_fail(s->c, SORI_EFORMAT, "%s: %s", s->name, h->fault ? h->fault : "damaged .npy header");
    base_free(s->c, text);
    return ok;
}

sori_array *array_read_npy(array_stream *s) {
    header h = { 0 };
    if (!read_header(s, &h)) return NULL;
    const array_type *type = type_of(&h);
    if (type) return array_read(s, type, h.ndim, h.shape, h.descr[0] == '>', h.fortran);
    if (h.fault) sori_fail(s->c, SORI_EFORMAT, "%s: %s", s->name, h.fault);
    sori_fail(s->c, SORI_EFORMAT, "%s: dtype '%s' is not supported", s->name, h.descr);
    return NULL;
}

sori_array *sori_load_npy(sori_ctx *c, const char *path) {
    array_stream s = { .c = c, .name = path };
    s.fd = array_open(c, path, &s.left);
    if (s.fd < 0) return NULL;
    sori_array *a = array_read_npy(&s);
    close(s.fd);
    return a;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

/* NumPy leaves blanks for the first dimension to grow to 21 digits in place, then pads to a multiple of 64. */
size_t array_npy_header(const sori_array *a, char *out) {
    char dict[ARRAY_NPY_HEADER], first[32];
    const array_type *t = array_type_of_dtype(a->dtype);
    int n = base_format(dict, sizeof dict, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                        t->size > 1 ? '<' : '|', t->npy);
    for (int i = 0; i < a->ndim; i++)
        n += base_format(dict + n, sizeof dict - (size_t)n, i ? ", %zu" : "%zu", a->shape[i]);
    n += base_format(dict + n, sizeof dict - (size_t)n, a->ndim == 1 ? ",), }" : "), }");
    int growth = a->ndim ? 21 - base_format(first, sizeof first, "%zu", a->shape[0]) : 0;
    size_t total = (10 + (size_t)(n + growth) + 1 + 63) / 64 * 64;
    memset(out, ' ', total);
    memcpy(out, MAGIC "\1\0", 8);
    out[8] = (char)((total - 10) & 255);
    out[9] = (char)((total - 10) >> 8);
    memcpy(out + 10, dict, (size_t)n);
    out[total - 1] = '\n';
    return total;
}

sori_status sori_save_npy(sori_ctx *c, const char *path, const sori_array *a) {
    char text[ARRAY_NPY_HEADER];
    if (base_failed(c)) return sori_error(c);
    if (!a) return sori_fail(c, SORI_EINVAL, "%s: no array given", path);
    base_file *f = base_file_new(c, path);
    if (!f) return sori_error(c);
    base_file_write(f, text, array_npy_header(a, text));
    base_file_write(f, a->data, a->size * sori_dtype_size(a->dtype));
    return base_file_commit(f);
}
