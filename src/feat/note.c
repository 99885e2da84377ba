/* note.c - notes by name, MIDI number, frequency and octave.
 *
 * A name is a letter, accidentals, and perhaps an octave and cents; see note.h for the line of fifths on which letter
 * and accidentals are one number. A4 is MIDI 69, 440 Hz. librosa/core/convert.py, notation.fifths_to_note. */
#include "feat/note.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ACCIDENTALS 32
#define MAX_FIFTHS 200
#define MAX_MIDI 100000
#define MAX_NUMBER 9999     /* of an octave, and of cents */

static const char circle[] = "FCGDAEB";

/* --- reading -------------------------------------------------------------------------------------------------- */

static const struct { const char *text; int sharps; } accidentals[] = {
    { "#", 1 }, { "♯", 1 }, { "𝄪", 2 }, { "b", -1 }, { "!", -1 }, { "♭", -1 }, { "𝄫", -2 }, { "♮", 0 }, { "n", 0 },
};

static bool read_accidental(const char **text, int *sharps) {
    for (size_t i = 0; i < BASE_COUNT(accidentals); i++) {
        size_t n = strlen(accidentals[i].text);
        if (strncmp(*text, accidentals[i].text, n) != 0) continue;
        *text += n;
        *sharps += accidentals[i].sharps;
        return true;
    }
    return false;
}

bool feat_name_read(const char **text, int *place) {
    char letter = **text >= 'a' && **text <= 'g' ? (char)(**text - 'a' + 'A') : **text;
    const char *at = letter ? strchr(circle, letter) : NULL;
    int sharps = 0, count = 0;
    if (!at) return false;
    for (++*text; read_accidental(text, &sharps); count++)
        if (count == MAX_ACCIDENTALS) return false;
    *place = (int)(at - circle) + 7 * sharps;
    return true;
}

/* A whole number with a sign, or where it need not have one without. 1 if there was one, 0 if not, -1 beyond 9999. */
static int read_number(const char **text, bool need_sign, int *out) {
    const char *s = *text;
    bool sign = *s == '+' || *s == '-', minus = *s == '-';
    int v = 0;
    if (need_sign && !sign) return 0;
    s += sign;
    if (*s < '0' || *s > '9') return 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if ((v = 10 * v + (*s - '0')) > MAX_NUMBER) return -1;
    *out = minus ? -v : v;
    *text = s;
    return 1;
}

bool feat_note_read(sori_ctx *c, const char *who, const char *text, feat_note *note) {
    const char *s = text;
    *note = (feat_note){ 0 };
    if (base_failed(c)) return false;
    if (!text) sori_fail(c, SORI_EINVAL, "%s: no note given", who);
    else if (!feat_name_read(&s, &note->place)) sori_fail(c, SORI_EINVAL, "%s: '%.64s' is not a note", who, text);
    else if (read_number(&s, false, &note->octave) < 0)
        sori_fail(c, SORI_EINVAL, "%s: the octave of '%.64s' is beyond +-%d", who, text, MAX_NUMBER);
    else if (read_number(&s, true, &note->cents) < 0)
        sori_fail(c, SORI_EINVAL, "%s: the cents of '%.64s' are beyond +-%d", who, text, MAX_NUMBER);
    else if (*s) sori_fail(c, SORI_EINVAL, "%s: '%.64s' is not a note", who, text);
    return !base_failed(c);
}

double sori_note_to_midi(sori_ctx *c, const char *text, bool unrounded) {
    feat_note note;
    if (!feat_note_read(c, "note_to_midi", text, &note)) return NAN;
    double midi = feat_place_midi(note.place, note.octave) + note.cents * 0.01;
    return unrounded ? midi : rint(midi);
}

double sori_note_to_hz(sori_ctx *c, const char *text, bool unrounded) {
    return sori_midi_to_hz(sori_note_to_midi(c, text, unrounded));
}

/* --- writing -------------------------------------------------------------------------------------------------- */

static void append(char out[FEAT_NAME], const char *text, int times) {
    size_t n = strlen(out), length = strlen(text);
    for (int i = 0; i < times && n + length < FEAT_NAME; i++, n += length) memcpy(out + n, text, length + 1);
}

void feat_name_write(int place, bool ascii, bool doubles_first, char out[FEAT_NAME]) {
    int letter = ((place % 7) + 7) % 7, sharps = (place - letter) / 7, count = abs(sharps);
    const char *one = ascii ? (sharps < 0 ? "b" : "#") : sharps < 0 ? "♭" : "♯";
    const char *two = ascii ? (sharps < 0 ? "bb" : "##") : sharps < 0 ? "𝄫" : "𝄪";
    out[0] = circle[letter];
    out[1] = 0;
    if (doubles_first) append(out, two, count / 2);
    append(out, one, count % 2);
    if (!doubles_first) append(out, two, count / 2);
}

bool feat_semitone(sori_ctx *c, const char *who, double midi, int *semitone) {
    *semitone = 0;
    if (base_failed(c)) return false;
    if (!(fabs(midi) <= MAX_MIDI)) {
        sori_fail(c, SORI_EINVAL, "%s: MIDI number %g is not within +-%d", who, midi, MAX_MIDI);
        return false;
    }
    *semitone = (int)rint(midi);
    return true;
}

static const char *name_note(sori_ctx *c, const char *who, double midi, const sori_note_name_config *config) {
    sori_note_name_config g = config ? *config : (sori_note_name_config){ 0 };
    const char *notes[12];
    char text[FEAT_NAME + 32];
    int nearest;
    if (!feat_semitone(c, who, midi, &nearest)) return NULL;
    if (g.cents && g.no_octave) sori_fail(c, SORI_EINVAL, "%s: cents need an octave before them", who);
    if (sori_key_to_notes(c, g.key ? g.key : "C:maj", g.ascii, false, notes) != SORI_OK) return NULL;
    int class = ((nearest % 12) + 12) % 12, n = base_format(text, sizeof text, "%s", notes[class]);
    if (!g.no_octave) n += base_format(text + n, sizeof text - (size_t)n, "%d", (nearest - class) / 12 - 1);
    if (g.cents) base_format(text + n, sizeof text - (size_t)n, "%+d", (int)rint(100 * (midi - nearest)));
    return base_intern(c, text);
}

const char *sori_midi_to_note(sori_ctx *c, double midi, const sori_note_name_config *config) {
    return name_note(c, "midi_to_note", midi, config);
}

const char *sori_hz_to_note(sori_ctx *c, double hz, const sori_note_name_config *config) {
    return name_note(c, "hz_to_note", feat_positive_midi(c, "hz_to_note", hz), config);
}

const char *sori_fifths_to_note(sori_ctx *c, const char *unison, int fifths, bool ascii) {
    feat_note note;
    char name[FEAT_NAME];
    if (!feat_note_read(c, "fifths_to_note", unison, &note)) return NULL;
    if (abs(fifths) > MAX_FIFTHS) {
        sori_fail(c, SORI_EINVAL, "fifths_to_note: %d fifths are beyond +-%d", fifths, MAX_FIFTHS);
        return NULL;
    }
    feat_name_write(note.place + fifths, ascii, true, name);
    return base_intern(c, name);
}

/* --- numbers -------------------------------------------------------------------------------------------------- */

static double bins(int bins_per_octave) { return bins_per_octave ? bins_per_octave : 12; }

double sori_midi_to_hz(double midi) { return 440 * exp2((midi - 69) / 12); }
double sori_hz_to_midi(double hz) { return 12 * (log2(hz) - log2(440)) + 69; }

double sori_hz_to_octs(double hz, double tuning, int bins_per_octave) {
    return log2(hz / (440 * exp2(tuning / bins(bins_per_octave)) / 16));
}

double sori_octs_to_hz(double octs, double tuning, int bins_per_octave) {
    return 440 * exp2(tuning / bins(bins_per_octave)) / 16 * exp2(octs);
}

double sori_A4_to_tuning(double A4, int bins_per_octave) { return bins(bins_per_octave) * (log2(A4) - log2(440)); }
double sori_tuning_to_A4(double tuning, int bins_per_octave) { return 440 * exp2(tuning / bins(bins_per_octave)); }

double feat_positive_midi(sori_ctx *c, const char *who, double hz) {
    if (hz > 0 && isfinite(hz)) return sori_hz_to_midi(hz);
    sori_fail(c, SORI_EINVAL, "%s: %g Hz is not a frequency above 0", who, hz);
    return NAN;
}
