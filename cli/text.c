/* text.c - strings on their way out: visible, as JSON, wrapped; and the program's own memory. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80   /* of the help, as terminals have been since the VT52 */

void *cli_alloc(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size);
    if (p) return p;
    fputs("sori: out of memory\n", stderr);
    exit(CLI_EXIT_MEMORY);
}

char *cli_printf(const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = cli_alloc((size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

/* The length of the valid UTF-8 sequence at s (RFC 3629: shortest form, no surrogates, up to U+10FFFF), or 0. */
static int utf8_length(const char *s) {
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] < 0x80) return 1;
    int n = u[0] >= 0xc2 && u[0] <= 0xdf ? 2 : (u[0] & 0xf0) == 0xe0 ? 3 : u[0] >= 0xf0 && u[0] <= 0xf4 ? 4 : 0;
    for (int i = 1; i < n; i++)
        if ((u[i] & 0xc0) != 0x80) return 0;
    bool overlong = (u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xf0 && u[1] < 0x90);
    bool surrogate = u[0] == 0xed && u[1] > 0x9f, too_large = u[0] == 0xf4 && u[1] > 0x8f;
    return overlong || surrogate || too_large ? 0 : n;
}

void cli_put_visible(FILE *to, const char *s) {
    for (int n; *s; s += n) {
        unsigned char u = (unsigned char)*s;
        n = utf8_length(s);
        bool c1 = n == 2 && u == 0xc2 && (unsigned char)s[1] < 0xa0;   /* U+0080..9f: control characters too */
        if (*s == '\n') fputs("\\n", to);
        else if (u < 0x20 || u == 0x7f || n == 0) fprintf(to, "\\x%02x", u);
        else if (c1) fprintf(to, "\\x%02x\\x%02x", u, (unsigned char)s[1]);
        else fwrite(s, 1, (size_t)n, to);
        if (n == 0) n = 1;
    }
}

void cli_put_json(FILE *to, const char *s) {
    fputc('"', to);
    for (int n; *s; s += n) {
        unsigned char u = (unsigned char)*s;
        n = utf8_length(s);
        if (n == 0) fprintf(to, "\\udc%02x", u), n = 1;
        else if (u == '"' || u == '\\') fprintf(to, "\\%c", u);
        else if (u == '\n') fputs("\\n", to);
        else if (u < 0x20 || u == 0x7f) fprintf(to, "\\u%04x", u);
        else fwrite(s, 1, (size_t)n, to);
    }
    fputc('"', to);
}

void cli_put_json_texts(FILE *to, const char *const *keys, const char *const *texts, size_t n, bool first) {
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : first ? "[\n  {" : ",\n  {", to);
        cli_put_json(to, keys[i]);
        fputs(": ", to);
        cli_put_json(to, texts[i]);
    }
    fputc('}', to);
}

void cli_put_json_number(FILE *to, double v, int digits) {
    if (isfinite(v)) fprintf(to, "%.*g", digits, v);
    else fputs("null", to);
}

void cli_put_bold(FILE *to, bool on, const char *text) { fprintf(to, on ? "\033[1m%s\033[0m" : "%s", text); }

void cli_put_wrapped(FILE *to, const char *text, int indent, int at) {
    bool first = true;
    while (*text) {
        int n = (int)strcspn(text, " \n");
        if (!first && at + 1 + n > WIDTH) fputc('\n', to), at = 0;
        if (n && at < indent) fprintf(to, "%*s", indent - at, ""), at = indent;
        else if (!first) fputc(' ', to), at++;
        fwrite(text, 1, (size_t)n, to);
        at += n;
        first = false;
        text += n;
        while (*text == ' ') text++;
        if (*text != '\n') continue;
        fputc('\n', to), at = 0, text++;   /* a newline in the text is kept */
        first = true;
    }
    fputc('\n', to);
}
