/* key.c - how a key spells the 12 pitch classes, and which of them its scale has.
 *
 * A key's spelling is 12 neighbours on the line of fifths (note.h): F C G ... A♯ with sharps, G♭ D♭ ... B with flats;
 * each sharp of the key beyond the fifth, or flat, moves the window on by one: E♯ for F, C♭ for B. Keys with double
 * accidentals are those with single ones moved by 7. A mode has the notes of the major key whose scale it shares,
 * which lies so many fifths from its tonic. librosa/core/notation.py. */
#include "feat/note.h"
#include <string.h>

typedef struct key {
    int place;               /* the tonic's on the line of fifths */
    bool minor;
    int rotation;            /* degree of the scale at which it begins: modes */
} key;

static const struct { const char *name; int fifths, rotation; } modes[] = {   /* fifths to the major key's tonic */
    { "ion", 0, 0 }, { "dor", -2, 1 }, { "phr", -4, 2 }, { "phryg", -4, 2 }, { "lyd", 1, 3 }, { "mix", -1, 4 },
    { "mixolyd", -1, 4 }, { "aeo", -3, 5 }, { "aeol", -3, 5 }, { "loc", -5, 6 }, { "locr", -5, 6 },
};

/* "phr", "mix", "aeo" and "loc" are whole names; the others may end in "ian". */
static bool is_mode(const char *text, const char *name) {
    size_t n = strlen(name);
    if (strncmp(text, name, n) != 0) return false;
    bool short_form = strstr("phr mix aeo loc", name) != NULL;
    return text[n] == 0 || (!short_form && strcmp(text + n, "ian") == 0);
}

static bool read_scale(const char *text, key *k) {
    k->minor = strcmp(text, "min") == 0 || strcmp(text, "minor") == 0;
    if (k->minor || strcmp(text, "maj") == 0 || strcmp(text, "major") == 0) return true;
    for (size_t i = 0; i < BASE_COUNT(modes); i++)
        if (is_mode(text, modes[i].name)) {
            k->place += modes[i].fifths;
            k->rotation = modes[i].rotation;
            return true;
        }
    return false;
}

static bool read_key(sori_ctx *c, const char *who, const char *text, key *k) {
    const char *s = text;
    *k = (key){ 0 };
    if (base_failed(c)) return false;
    if (text && feat_name_read(&s, &k->place) && *s == ':' && read_scale(s + 1, k)) return true;
    if (!text) sori_fail(c, SORI_EINVAL, "%s: no key given", who);
    else sori_fail(c, SORI_EINVAL, "%s: '%.64s' is not a key such as C:maj, F#:min or Eb:dorian", who, text);
    return false;
}

/* Where the window of 12 places begins for a tonic with at most one accidental. */
static int window_of_plain(int place, bool minor) {
    int letter = ((place % 7) + 7) % 7, sharps = (place - letter) / 7;
    int number = ((place - 1 - (minor ? 3 : 0)) % 12 + 12) % 12;   /* fifths above C of the major key */
    bool b_sharp_major = number == 0 && letter == 6;               /* 12 sharps, not none */
    if (sharps > 0 || (sharps == 0 && number < 6)) return BASE_MAX((b_sharp_major ? 12 : number) - 5, 0);
    return -5 - BASE_MAX((12 - number) % 12 - 5, 0);
}

static int window(const key *k) {
    int letter = ((k->place % 7) + 7) % 7, sharps = (k->place - letter) / 7;
    int beyond = sharps > 1 ? sharps - 1 : sharps < -1 ? sharps + 1 : 0;
    return window_of_plain(k->place - 7 * beyond, k->minor) + 7 * beyond;
}

static void degrees_of(const key *k, int degrees[7]) {
    static const int major[7] = { 0, 2, 4, 5, 7, 9, 11 }, minor[7] = { 0, 2, 3, 5, 7, 8, 10 };
    int tonic = feat_place_class(k->place);
    for (int i = 0; i < 7; i++) degrees[i] = ((k->minor ? minor : major)[(i + k->rotation) % 7] + tonic) % 12;
}

/* librosa marks naturals only in keys whose tonic has at most one accidental. */
static bool marks_naturals(const key *k) { return k->place >= -7 && k->place < 14; }

sori_status sori_key_to_notes(sori_ctx *c, const char *text, bool ascii, bool natural, const char *notes[12]) {
    key k;
    int degrees[7];
    for (int i = 0; i < 12; i++) notes[i] = NULL;
    if (!read_key(c, "key_to_notes", text, &k)) return sori_error(c);
    degrees_of(&k, degrees);
    for (int first = window(&k), place = first; place < first + 12; place++) {
        char name[FEAT_NAME];
        int class = feat_place_class(place);
        bool in_scale = false;
        for (int i = 0; i < 7; i++) in_scale |= degrees[i] == class;
        feat_name_write(place, ascii, false, name);
        if (natural && !in_scale && marks_naturals(&k) && !name[1]) strcpy(name + 1, ascii ? "n" : "♮");
        notes[class] = base_intern(c, name);
    }
    return sori_error(c);
}

sori_status sori_key_to_degrees(sori_ctx *c, const char *text, int degrees[7]) {
    key k;
    for (int i = 0; i < 7; i++) degrees[i] = 0;
    if (read_key(c, "key_to_degrees", text, &k)) degrees_of(&k, degrees);
    return sori_error(c);
}
