/* html.c - a growing text, escaping, base64.
 *
 * Labels and file names come from outside and may hold anything. Escaping the five characters that mean something in
 * content or in a quoted attribute is enough, as texts are never put into a script, a style or an unquoted attribute.
 * Bytes that are not UTF-8 and control characters, which HTML forbids, become U+FFFD. */
#include "report/html.h"
#include <string.h>

/* Room for n more bytes. */
static bool reserve(report_text *t, size_t n) {
    size_t needed;
    if (base_failed(t->c)) return false;
    if (base_add_overflows(t->n, n, &needed)) needed = SIZE_MAX;
    if (needed <= t->room) return true;
    size_t room = BASE_MAX(needed, t->room < SIZE_MAX / 2 ? BASE_MAX(2 * t->room, 4096) : SIZE_MAX);
    char *larger = base_grow(t->c, t->data, t->n, room, 1);
    if (!larger) return false;
    t->data = larger;
    t->room = room;
    return true;
}

void report_put_bytes(report_text *t, const void *data, size_t n) {
    if (n == 0 || !reserve(t, n)) return;
    memcpy(t->data + t->n, data, n);
    t->n += n;
}

void report_put(report_text *t, const char *s) { report_put_bytes(t, s, strlen(s)); }

void report_printf(report_text *t, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    base_vformat(text, sizeof text, format, args);
    va_end(args);
    report_put(t, text);
}

static const char *escape(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* C0 but tab and new line, DEL, C1. */
static bool forbidden(const char *s) {
    unsigned char c = (unsigned char)s[0], d = (unsigned char)s[1];
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c == 0xc2 && d < 0xa0);
}

void report_put_escaped(report_text *t, const char *s) {
    while (*s) {
        size_t plain = 0, n;
        while ((n = base_utf8_length(s + plain)) > 0 && !escape(s[plain]) && !forbidden(s + plain)) plain += n;
        report_put_bytes(t, s, plain);
        s += plain;
        if (!*s) break;
        const char *instead = escape(*s);
        report_put(t, instead ? instead : "\xef\xbf\xbd");
        s += n ? n : 1;
    }
}

void report_put_base64(report_text *t, const void *data, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = data;
    if (!reserve(t, n / 3 * 4 + 4)) return;
    char *out = t->data + t->n;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = BASE_MIN(n - i, 3);
        uint32_t word = (uint32_t)in[i] << 16 | (uint32_t)(left > 1 ? in[i + 1] : 0) << 8 | (left > 2 ? in[i + 2] : 0);
        for (size_t j = 0; j < 4; j++) *out++ = j <= left ? digits[word >> (18 - 6 * j) & 63] : '=';
    }
    t->n = (size_t)(out - t->data);
}

void report_text_free(report_text *t) { base_free(t->c, t->data); }
