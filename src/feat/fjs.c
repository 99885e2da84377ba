/* fjs.c - intervals of just intonation by name: the Functional Just System.
 *
 * A just interval is a product of primes. Those of 2 and 3 alone are names on the line of fifths (note.h). Any other is
 * a name near it, the first in the order 0, 1, -1, 2, -2 ... of fifths that comes within the tolerance, and its primes
 * from 5 on: those above as a superscript, those below as a subscript: 5/4 is E⁵. Which primes an interval
 * has is looked up among some 330 known ones. Nagata, "The Functional Just System", 2016. librosa/core/notation.py. */
#include "feat/note.h"
#include <math.h>

enum { MOST_FIFTHS = 32 };

/* The known intervals: above/below * 3^k, low <= k <= high, folded into an octave. */
static const struct { int above, below, low, high; } known[] = {
    { 1, 1, -33, 71 }, { 1, 5, -4, 6 }, { 5, 1, -4, 6 }, { 1, 7, -3, 3 }, { 7, 1, -3, 3 }, { 1, 11, -2, 2 },
    { 11, 1, -2, 2 }, { 1, 13, -2, 2 }, { 13, 1, -2, 2 }, { 1, 17, -2, 2 }, { 17, 1, -2, 2 }, { 1, 19, -1, 1 },
    { 19, 1, -1, 1 }, { 1, 23, -1, 1 }, { 23, 1, -1, 1 }, { 1, 25, -3, 5 }, { 25, 1, -4, 6 }, { 1, 35, -2, 2 },
    { 5, 7, -2, 2 }, { 7, 5, -2, 2 }, { 35, 1, -2, 2 }, { 1, 49, -1, 1 }, { 49, 1, -2, 2 }, { 1, 55, -1, 1 },
    { 5, 11, -1, 1 }, { 11, 5, -1, 1 }, { 55, 1, -1, 1 }, { 1, 65, -1, 1 }, { 5, 13, -1, 1 }, { 13, 5, -1, 1 },
    { 65, 1, -1, 1 }, { 1, 77, -1, 1 }, { 7, 11, -1, 1 }, { 11, 7, -1, 1 }, { 77, 1, -1, 1 }, { 1, 85, -1, 1 },
    { 5, 17, -1, 1 }, { 17, 5, -1, 1 }, { 85, 1, -1, 1 }, { 1, 91, -1, 1 }, { 7, 13, -1, 1 }, { 13, 7, -1, 1 },
    { 91, 1, -1, 1 }, { 1, 95, 0, 0 }, { 5, 19, 0, 0 }, { 19, 5, 0, 0 }, { 95, 1, 0, 0 }, { 1, 119, 0, 0 },
    { 7, 17, 0, 0 }, { 17, 7, 0, 0 }, { 119, 1, 0, 0 }, { 1, 125, -2, 4 }, { 125, 1, -3, 4 }, { 1, 175, 0, 0 },
    { 7, 25, -1, 1 }, { 25, 7, -1, 0 }, { 175, 1, -1, 1 }, { 49, 5, -1, 1 }, { 245, 1, -1, 1 },
    { 625, 1, -1, 2 },
};

/* By octaves to 1 <= d < 2, and to where its logarithm is nearest 0. */
static double fold(double d) { return d * exp2(-floor(log2(d))); }
static double fold_around(double d) { return d * exp2(-rint(log2(d))); }

static int find_fifths(double interval, double tolerance) {
    double limit = fabs(log2(tolerance));
    for (int n = 0; n < MOST_FIFTHS; n++)
        for (int sign = 1; sign >= -1; sign -= 2)
            if (fabs(log2(fold_around(interval / pow(3, n * sign)))) <= limit) return n * sign;
    return MOST_FIFTHS;
}

/* The nearest known interval, within the sixth digit; -1. */
static int find_known(double interval) {
    double folded = fold(interval), least = 1e-6;
    int best = -1;
    for (size_t i = 0; i < BASE_COUNT(known); i++)
        for (int k = known[i].low; k <= known[i].high; k++) {
            double away = fabs(fold(pow(3, k) * known[i].above / known[i].below) - folded);
            if (away < least) least = away, best = (int)i;
        }
    return best;
}

/* A number above 1, as ^n and _n, or with digits raised or lowered; returns the bytes. */
static int write_number(char *out, size_t size, int number, bool ascii, bool raised) {
    static const char *const up[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    static const char *const down[] = { "₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉" };
    int n = 0, unit = 1;
    if (number == 1) return 0;
    if (ascii) return base_format(out, size, "%c%d", raised ? '^' : '_', number);
    while (number / unit >= 10) unit *= 10;
    for (; unit > 0; unit /= 10)
        n += base_format(out + n, size - (size_t)n, "%s", (raised ? up : down)[number / unit % 10]);
    return n;
}

static const char *name_interval(sori_ctx *c, const char *who, double interval, double tolerance, const char *unison,
                                 bool ascii) {
    char text[FEAT_NAME + 64];
    if (base_failed(c)) return NULL;
    int i = interval > 0 && isfinite(interval) ? find_known(interval) : -1;
    if (!(interval > 0)) sori_fail(c, SORI_EINVAL, "%s: interval %g is not above 0", who, interval);
    else if (!(tolerance > 0)) sori_fail(c, SORI_EINVAL, "%s: tolerance %g is not above 0", who, tolerance);
    else if (i < 0) sori_fail(c, SORI_EINVAL, "%s: interval %.9g is none of the known just ones", who, interval);
    if (base_failed(c)) return NULL;
    const char *note = sori_fifths_to_note(c, unison, find_fifths(interval, tolerance), ascii);
    if (!note) return NULL;
    int n = base_format(text, sizeof text, "%s", note);
    n += write_number(text + n, sizeof text - (size_t)n, known[i].above, ascii, true);
    write_number(text + n, sizeof text - (size_t)n, known[i].below, ascii, false);
    return base_intern(c, text);
}

const char *sori_interval_to_fjs(sori_ctx *c, double interval, const sori_fjs_config *config) {
    sori_fjs_config g = config ? *config : (sori_fjs_config){ 0 };
    double tolerance = g.tolerance != 0 ? g.tolerance : 65.0 / 63;
    return name_interval(c, "interval_to_fjs", interval, tolerance, g.unison ? g.unison : "C", g.ascii);
}

const char *sori_hz_to_fjs(sori_ctx *c, double hz, double fmin, const char *unison, bool unicode) {
    sori_note_name_config g = { .no_octave = true, .ascii = true };
    feat_positive_midi(c, "hz_to_fjs", hz);
    feat_positive_midi(c, "hz_to_fjs", fmin);
    if (!unison) unison = sori_hz_to_note(c, fmin, &g);
    return name_interval(c, "hz_to_fjs", hz / fmin, 65.0 / 63, unison, !unicode);
}
