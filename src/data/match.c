/* match.c - globs on file names, with the fields {label} and {group}.
 *
 * fnmatch follows the locale, and refuses bytes it cannot decode; names are bytes here. The matcher backtracks: a star
 * or a field tries the shortest text first, so "{label}_*" takes up to the first underscore. Cost O(n^stars); patterns
 * are the user's own and short. */
#include "data/data.h"
#include <string.h>

typedef struct fields { data_capture *label, *group; } fields;

/* The set behind "[", as in [0-4], [!a-c], []x]; *after is behind its "]", NULL if there is none. */
static bool in_set(const char *p, unsigned char byte, const char **after) {
    bool negate = *p == '!' || *p == '^', found = false;
    if (negate) p++;
    const char *first = p;
    for (; *p && (*p != ']' || p == first); p++) {
        unsigned char low = (unsigned char)*p, high = low;
        if (p[1] == '-' && p[2] && p[2] != ']') {
            high = (unsigned char)p[2];
            p += 2;
        }
        found |= low <= byte && byte <= high;
    }
    *after = *p ? p + 1 : NULL;
    return found != negate;
}

static bool starts(const char *p, const char *word, const data_capture *wanted) {
    return wanted && strncmp(p, word, strlen(word)) == 0;
}

static bool match(const char *p, const char *t, const char *end, fields f);

/* p is behind a star or a field that takes at least `least` bytes of t: try the shortest first. */
static bool match_run(const char *p, const char *t, const char *end, fields f, size_t least, data_capture *out) {
    for (const char *s = t + least; s <= end; s++) {
        if (!match(p, s, end, f)) continue;
        if (out) *out = (data_capture){ t, (size_t)(s - t) };
        return true;
    }
    return false;
}

static bool match(const char *p, const char *t, const char *end, fields f) {
    for (; *p; p++, t++) {
        const char *after;
        if (*p == '*') return match_run(p + 1, t, end, f, 0, NULL);
        if (starts(p, "{label}", f.label)) return match_run(p + 7, t, end, f, 1, f.label);
        if (starts(p, "{group}", f.group)) return match_run(p + 7, t, end, f, 1, f.group);
        if (t == end) return false;
        if (*p == '?') continue;
        if (*p == '[') {
            bool in = in_set(p + 1, (unsigned char)*t, &after);
            if (after) {
                if (!in) return false;
                p = after - 1;
                continue;
            }   /* a bracket that is never closed stands for itself */
        }
        if (*p != *t) return false;
    }
    return t == end;
}

bool data_match(const char *pattern, const char *text, size_t n, data_capture *label, data_capture *group) {
    if (label) *label = (data_capture){ 0 };
    if (group) *group = (data_capture){ 0 };
    return match(pattern, text, text + n, (fields){ label, group });
}
