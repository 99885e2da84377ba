/* chord.c - chords by name: which notes they have, in which octave each lies, and how Harte writes them.
 *
 * A quality is a list of semitones above the root. An inversion puts another of them at the bottom: what lies below it
 * goes up an octave. A voicing then moves notes by octaves. Harte, Sandler, Abdallah, Gomez, "Symbolic representation
 * of musical chords: a proposed syntax for text annotations", ISMIR 2005. */
#include "synth/synth.h"
#include <sori/score.h>
#include <stdlib.h>
#include <string.h>

typedef struct quality {
    const char *harte, *alias;          /* how Harte writes it; another name, or the same */
    int n, semitones[7];                /* rising from the root */
} quality;

static const quality qualities[] = {
    { "maj", "major", 3, { 0, 4, 7 } }, { "min", "minor", 3, { 0, 3, 7 } },
    { "dim", "diminished", 3, { 0, 3, 6 } }, { "aug", "augmented", 3, { 0, 4, 8 } },
    { "sus2", "sus2", 3, { 0, 2, 7 } }, { "sus4", "sus", 3, { 0, 5, 7 } },
    { "7", "dom7", 4, { 0, 4, 7, 10 } }, { "maj7", "major7", 4, { 0, 4, 7, 11 } },
    { "min7", "minor7", 4, { 0, 3, 7, 10 } }, { "minmaj7", "mM7", 4, { 0, 3, 7, 11 } },
    { "dim7", "diminished7", 4, { 0, 3, 6, 9 } }, { "hdim7", "m7b5", 4, { 0, 3, 6, 10 } },
    { "aug(b7)", "aug7", 4, { 0, 4, 8, 10 } }, { "sus4(b7)", "7sus4", 4, { 0, 5, 7, 10 } },
    { "maj6", "6", 4, { 0, 4, 7, 9 } }, { "min6", "m6", 4, { 0, 3, 7, 9 } },
    { "9", "dom9", 5, { 0, 4, 7, 10, 14 } }, { "maj9", "major9", 5, { 0, 4, 7, 11, 14 } },
    { "min9", "minor9", 5, { 0, 3, 7, 10, 14 } }, { "maj(9)", "add9", 4, { 0, 4, 7, 14 } },
    { "min(9)", "minadd9", 4, { 0, 3, 7, 14 } }, { "11", "dom11", 6, { 0, 4, 7, 10, 14, 17 } },
    { "min11", "minor11", 6, { 0, 3, 7, 10, 14, 17 } }, { "13", "dom13", 7, { 0, 4, 7, 10, 14, 17, 21 } },
    { "maj13", "major13", 7, { 0, 4, 7, 11, 14, 17, 21 } }, { "min13", "minor13", 7, { 0, 3, 7, 10, 14, 17, 21 } },
    { "5", "power", 2, { 0, 7 } }, { "1", "unison", 1, { 0 } },
};

const char *const *sori_list_chords(size_t *count) {
    static const char *const names[] = {
        "maj", "min", "dim", "aug", "sus2", "sus4", "7", "maj7", "min7", "minmaj7", "dim7", "hdim7", "aug7", "7sus4",
        "maj6", "min6", "9", "maj9", "min9", "add9", "minadd9", "11", "min11", "13", "maj13", "min13", "5", "1",
    };
    *count = BASE_COUNT(names);
    return names;
}

/* --- names ------------------------------------------------------------------------------------------------------- */

typedef struct chord {
    const quality *quality;    /* NULL: "N", no chord */
    int root;                  /* MIDI */
    int bass;                  /* semitones from the root up to the class of the lowest note, 0..11 */
    char spelled[40];          /* the root without its octave */
} chord;

static const quality *find_quality(const char *name, size_t n) {
    for (size_t i = 0; i < BASE_COUNT(qualities); i++) {
        const quality *q = &qualities[i];
        if ((strlen(q->harte) == n && !strncmp(q->harte, name, n)) ||
            (strlen(q->alias) == n && !strncmp(q->alias, name, n))) return q;
    }
    return NULL;
}

/* "/1", "/E": what lies at the bottom. */
static bool read_bass(const char *text, chord *h) {
    int64_t inversion;
    int semitones;
    if (*text >= '0' && *text <= '9') {
        if (!base_parse_i64(text, &inversion) || inversion >= h->quality->n) return false;
        h->bass = h->quality->semitones[inversion] % 12;
        return true;
    }
    const char *end = synth_read_class(text, &semitones);
    h->bass = ((semitones - h->root) % 12 + 12) % 12;
    return end && *end == 0;
}

static bool read_chord(sori_ctx *c, const char *name, int octave, chord *h) {
    *h = (chord){ 0 };
    if (base_failed(c)) return false;
    if (name && !strcmp(name, "N")) return true;
    int semitones;
    const char *p = name ? synth_read_root(name, octave, &h->root) : NULL;
    if (p) {
        int letters = (int)(synth_read_class(name, &semitones) - name);
        base_format(h->spelled, sizeof h->spelled, "%.*s", letters, name);
        bool told = *p == ':';
        size_t n = told ? strcspn(++p, "/") : 0;
        h->quality = told ? find_quality(p, n) : &qualities[0];
        p += n;
    }
    if (h->quality && (*p == 0 || (*p == '/' && read_bass(p + 1, h)))) return true;
    sori_fail(c, SORI_EINVAL, "synth: \"%.60s\" is not a chord such as C:maj, F#3:min7, G:7/1 (first inversion), C/E, "
              "or N", name ? name : "");
    return false;
}

/* Harte's degrees, for all that may lie at the bottom. */
const char *sori_chord_label(sori_ctx *c, const char *name) {
    static const char *const degrees[12] = { "1", "b2", "2", "b3", "3", "4", "b5", "5", "#5", "6", "b7", "7" };
    char text[80];
    chord h;
    if (!read_chord(c, name, 4, &h)) return NULL;
    if (!h.quality) return base_intern(c, "N");
    base_format(text, sizeof text, "%s:%s%s%s", h.spelled, h.quality->harte, h.bass ? "/" : "",
                h.bass ? degrees[h.bass] : "");
    return base_intern(c, text);
}

/* --- notes ------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The chord with its bass at the bottom, rising. A bass that is none of its notes comes below the root. */
static int close_notes(const chord *h, int *notes) {
    const quality *q = h->quality;
    bool own = false;
    int n = 0;
    for (int i = 0; i < q->n; i++) own |= q->semitones[i] % 12 == h->bass;
    int bass = h->root + h->bass - (own ? 0 : 12);
    notes[n++] = bass;
    for (int i = 0; i < q->n; i++) {
        int note = h->root + q->semitones[i];
        if (q->semitones[i] % 12 == h->bass) continue;
        while (note < bass) note += 12;
        notes[n++] = note;
    }
    qsort(notes, (size_t)n, sizeof *notes, compare);
    return n;
}

static void voice(sori_voicing voicing, int *notes, int n) {
    int drop = voicing == SORI_DROP2_VOICING ? 2 : voicing == SORI_DROP3_VOICING ? 3 : 0;
    for (int i = 1; voicing == SORI_OPEN_VOICING && i < n; i += 2) notes[i] += 12;
    if (drop && n > drop - 1) notes[n - drop] -= 12;
    qsort(notes, (size_t)n, sizeof *notes, compare);
}

int sori_chord_pitches(sori_ctx *c, const char *name, const sori_chord_config *config, int pitches[SORI_CHORD_NOTES]) {
    sori_chord_config k = config ? *config : (sori_chord_config){ 0 };
    chord h;
    if (!read_chord(c, name, k.octave ? k.octave : 4, &h)) return -1;
    if (!h.quality) return 0;
    if (k.voicing < SORI_CLOSE_VOICING || k.voicing > SORI_DROP3_VOICING || k.octave < -1 || k.octave > 9) {
        sori_fail(c, SORI_EINVAL, "synth: there is no voicing %d, or octave %d is not within -1 and 9", (int)k.voicing,
                  k.octave);
        return -1;
    }
    int n = close_notes(&h, pitches);
    voice(k.voicing, pitches, n);
    if (k.bass) {
        memmove(pitches + 1, pitches, (size_t)n++ * sizeof *pitches);
        pitches[0] = pitches[1] - 12;
    }
    if (pitches[0] >= 1 && pitches[n - 1] <= 127) return n;
    sori_fail(c, SORI_EINVAL, "synth: %.60s has notes from %d to %d, not within 1 and 127", name, pitches[0],
              pitches[n - 1]);
    return -1;
}
