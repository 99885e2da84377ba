/* text.c - numbers to text and back, the same under every locale.
 *
 * printf and strtod follow the process's locale, which the library must neither trust nor touch; the "C" locale
 * object is passed explicitly instead (POSIX 2008). */
#define _GNU_SOURCE
#include "base/base.h"
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

int base_vformat(char *out, size_t size, const char *format, va_list args) {
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(c_locale ? c_locale : LC_GLOBAL_LOCALE);
    int n = vsnprintf(out, size, format, args);
    uselocale(before);
    if (c_locale) freelocale(c_locale);
    return n;
}

int base_format(char *out, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = base_vformat(out, size, format, args);
    va_end(args);
    return n;
}

bool base_parse_double(const char *s, double *out) {
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale) return false;
    char *end;
    double v = strtod_l(s, &end, c_locale);
    freelocale(c_locale);
    if (end == s || *end) return false;
    *out = v;
    return true;
}

bool base_parse_i64(const char *s, int64_t *out) {
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (end == s || *end || errno) return false;
    *out = v;
    return true;
}
