/* svara.c - the scales of Hindustani and Carnatic music: thaat, melakarta ragas, and the names of their degrees.
 *
 * A mela's number holds its scale: Sa and Pa are fixed; number - 1 is 36 * (raised Ma) + 6 * (which two of Ri and Ga) +
 * (which two of Dha and Ni), the two being chosen from the four semitones after Sa, or after Pa. The 12 semitones
 * have 16 names, so a mela decides those with two. Popley, The Music of India, 1921. librosa/core/notation.py,
 * convert.midi_to_svara_h and others. */
#include "feat/note.h"
#include <string.h>

enum { MELAS = 72 };

#define U_ABOVE "\xCC\x87"   /* U+0307, combining dot above */
#define U_BELOW "\xCC\xA3"   /* U+0323, combining dot below */

static const char *const thaat_names[] = {
    "bilaval", "khamaj", "kafi", "asavari", "bhairavi", "kalyan", "marva", "poorvi", "todi", "bhairav",
};

static const int thaat_degrees[][7] = {
    { 0, 2, 4, 5, 7, 9, 11 }, { 0, 2, 4, 5, 7, 9, 10 }, { 0, 2, 3, 5, 7, 9, 10 }, { 0, 2, 3, 5, 7, 8, 10 },
    { 0, 1, 3, 5, 7, 8, 10 }, { 0, 2, 4, 6, 7, 9, 11 }, { 0, 1, 4, 6, 7, 9, 11 }, { 0, 1, 4, 6, 7, 8, 11 },
    { 0, 1, 3, 6, 7, 8, 11 }, { 0, 1, 4, 5, 7, 8, 11 },
};

static const char *const mela_names[MELAS] = {
    "kanakangi", "ratnangi", "ganamurthi", "vanaspathi", "manavathi", "tanarupi", "senavathi", "hanumathodi",
    "dhenuka", "natakapriya", "kokilapriya", "rupavathi", "gayakapriya", "vakulabharanam", "mayamalavagaula",
    "chakravakom", "suryakantham", "hatakambari", "jhankaradhwani", "natabhairavi", "keeravani",
    "kharaharapriya", "gaurimanohari", "varunapriya", "mararanjini", "charukesi", "sarasangi", "harikambhoji",
    "dheerasankarabharanam", "naganandini", "yagapriya", "ragavardhini", "gangeyabhushani", "vagadheeswari",
    "sulini", "chalanatta", "salagam", "jalarnavam", "jhalavarali", "navaneetham", "pavani", "raghupriya",
    "gavambodhi", "bhavapriya", "subhapanthuvarali", "shadvidhamargini", "suvarnangi", "divyamani",
    "dhavalambari", "namanarayani", "kamavardhini", "ramapriya", "gamanasrama", "viswambhari", "syamalangi",
    "shanmukhapriya", "simhendramadhyamam", "hemavathi", "dharmavathi", "neethimathi", "kanthamani",
    "rishabhapriya", "latangi", "vachaspathi", "mechakalyani", "chitrambari", "sucharitra", "jyotisvarupini",
    "dhatuvardhini", "nasikabhushani", "kosalam", "rasikapriya",
};

const char *const *sori_list_thaat(size_t *count) {
    *count = BASE_COUNT(thaat_names);
    return thaat_names;
}

const char *const *sori_list_mela(size_t *count) {
    *count = MELAS;
    return mela_names;
}

/* --- scales --------------------------------------------------------------------------------------------------- */

static char lower(char x) { return x >= 'A' && x <= 'Z' ? (char)(x - 'A' + 'a') : x; }

/* Place of a name in a list, whatever the case; -1. */
static int find(const char *const *names, size_t n, const char *name) {
    for (size_t i = 0; name && i < n; i++) {
        size_t k = 0;
        while (name[k] && lower(name[k]) == names[i][k]) k++;
        if (!name[k] && !names[i][k]) return (int)i;
    }
    return -1;
}

int sori_mela(sori_ctx *c, const char *name) {
    if (base_failed(c)) return 0;
    int i = find(mela_names, MELAS, name);
    if (i < 0) sori_fail(c, SORI_EINVAL, "mela: there is no mela named '%.64s'", name ? name : "");
    return i + 1;
}

sori_status sori_thaat_to_degrees(sori_ctx *c, const char *thaat, int degrees[7]) {
    memset(degrees, 0, 7 * sizeof *degrees);
    if (base_failed(c)) return sori_error(c);
    int i = find(thaat_names, BASE_COUNT(thaat_names), thaat);
    if (i < 0)
        return sori_fail(c, SORI_EINVAL, "thaat_to_degrees: there is no thaat named '%.64s'", thaat ? thaat : "");
    memcpy(degrees, thaat_degrees[i], sizeof thaat_degrees[i]);
    return SORI_OK;
}

static bool check_mela(sori_ctx *c, const char *who, int mela) {
    if (base_failed(c)) return false;
    if (mela < 1 || mela > MELAS) sori_fail(c, SORI_EINVAL, "%s: mela %d is not within 1 .. %d", who, mela, MELAS);
    return !base_failed(c);
}

sori_status sori_mela_to_degrees(sori_ctx *c, int mela, int degrees[7]) {
    static const int two_of_four[6][2] = { { 1, 2 }, { 1, 3 }, { 1, 4 }, { 2, 3 }, { 2, 4 }, { 3, 4 } };
    memset(degrees, 0, 7 * sizeof *degrees);
    if (!check_mela(c, "mela_to_degrees", mela)) return sori_error(c);
    const int *lower_two = two_of_four[(mela - 1) % 36 / 6], *upper_two = two_of_four[(mela - 1) % 6];
    degrees[1] = lower_two[0], degrees[2] = lower_two[1];
    degrees[3] = mela > 36 ? 6 : 5;
    degrees[4] = 7;
    degrees[5] = 7 + upper_two[0], degrees[6] = 7 + upper_two[1];
    return SORI_OK;
}

/* --- svara ---------------------------------------------------------------------------------------------------- */

/* The four semitones with two names: the lower degree's highest form, or the upper one's lowest, as the mela has it. */
static void carnatic_names(int mela, const char *names[12]) {
    static const char *const fixed[12] = {
        "Sa", "Ri₁", NULL, NULL, "Ga₃", "Ma₁", "Ma₂", "Pa", "Dha₁", NULL, NULL, "Ni₃",
    };
    int low = (mela - 1) % 36, high = (mela - 1) % 6;
    memcpy(names, fixed, sizeof fixed);
    names[2] = low < 6 ? "Ga₁" : "Ri₂";
    names[3] = low < 30 ? "Ga₂" : "Ri₃";
    names[9] = high == 0 ? "Ni₁" : "Dha₂";
    names[10] = high == 5 ? "Dha₃" : "Ni₂";
}

/* Copy a name, without its vowels and h if abbreviated, and with plain digits if ascii: "Dha₁" -> "D₁" -> "D1". */
static void style(const char *name, const sori_svara_config *g, char out[16]) {
    size_t n = 0;
    while (*name) {
        size_t length = base_utf8_length(name);
        if (g->ascii && length == 3) out[n++] = (char)('0' + (name[2] & 0xF));   /* ₁ is E2 82 81 */
        else if (g->unabbreviated || !strchr("ahi", *name)) memcpy(out + n, name, length), n += length;
        name += length;
    }
    out[n] = 0;
}

sori_status sori_mela_to_svara(sori_ctx *c, int mela, const sori_svara_config *config, const char *svara[12]) {
    static const sori_svara_config defaults;
    const char *names[12];
    char text[16];
    memset(svara, 0, 12 * sizeof *svara);
    if (!check_mela(c, "mela_to_svara", mela)) return sori_error(c);
    carnatic_names(mela, names);
    for (int i = 0; i < 12; i++) {
        style(names[i], config ? config : &defaults, text);
        svara[i] = base_intern(c, text);
    }
    return sori_error(c);
}

/* The name with its octave's mark: combining dots behind the first letter, ' or , behind all. */
static const char *mark(sori_ctx *c, const char *name, int semitone, const sori_svara_config *g) {
    char text[32];
    bool above = semitone >= 12 && semitone < 24, below = semitone >= -12 && semitone < 0;
    if (g->no_octave || (!above && !below)) return base_intern(c, name);
    if (g->ascii) base_format(text, sizeof text, "%s%s", name, above ? "'" : ",");
    else base_format(text, sizeof text, "%c%s%s", name[0], above ? U_ABOVE : U_BELOW, name + 1);
    return base_intern(c, text);
}

static const char *hindustani(sori_ctx *c, const char *who, double semitones, const sori_svara_config *config) {
    static const sori_svara_config defaults;
    static const char *const names[12] = {
        "Sa", "re", "Re", "ga", "Ga", "ma", "Ma", "Pa", "dha", "Dha", "ni", "Ni",
    };
    const sori_svara_config *g = config ? config : &defaults;
    char name[16];
    int semitone;
    if (!feat_semitone(c, who, semitones, &semitone)) return NULL;
    base_format(name, sizeof name, g->unabbreviated ? "%s" : "%.1s", names[((semitone % 12) + 12) % 12]);
    return mark(c, name, semitone, g);
}

static const char *carnatic(sori_ctx *c, const char *who, double semitones, int mela, const sori_svara_config *config) {
    static const sori_svara_config defaults;
    const sori_svara_config *g = config ? config : &defaults;
    const char *names[12];
    char name[16];
    int semitone;
    if (!feat_semitone(c, who, semitones, &semitone) || !check_mela(c, who, mela)) return NULL;
    carnatic_names(mela, names);
    style(names[((semitone % 12) + 12) % 12], g, name);
    return mark(c, name, semitone, g);
}

/* --- from the three ways to name a pitch ---------------------------------------------------------------------- */

const char *sori_midi_to_svara_h(sori_ctx *c, double midi, double Sa, const sori_svara_config *config) {
    return hindustani(c, "midi_to_svara_h", midi - Sa, config);
}

const char *sori_midi_to_svara_c(sori_ctx *c, double midi, double Sa, int mela, const sori_svara_config *config) {
    return carnatic(c, "midi_to_svara_c", midi - Sa, mela, config);
}

static double hz_above(sori_ctx *c, const char *who, double hz, double Sa) {
    return feat_positive_midi(c, who, hz) - feat_positive_midi(c, who, Sa);
}

const char *sori_hz_to_svara_h(sori_ctx *c, double hz, double Sa, const sori_svara_config *config) {
    return hindustani(c, "hz_to_svara_h", hz_above(c, "hz_to_svara_h", hz, Sa), config);
}

const char *sori_hz_to_svara_c(sori_ctx *c, double hz, double Sa, int mela, const sori_svara_config *config) {
    return carnatic(c, "hz_to_svara_c", hz_above(c, "hz_to_svara_c", hz, Sa), mela, config);
}

/* librosa rounds Sa, and not the note. */
static double note_above(sori_ctx *c, const char *note, const char *Sa) {
    return sori_note_to_midi(c, note, true) - sori_note_to_midi(c, Sa, false);
}

const char *sori_note_to_svara_h(sori_ctx *c, const char *note, const char *Sa, const sori_svara_config *config) {
    return hindustani(c, "note_to_svara_h", note_above(c, note, Sa), config);
}

const char *sori_note_to_svara_c(sori_ctx *c, const char *note, const char *Sa, int mela,
                                 const sori_svara_config *config) {
    return carnatic(c, "note_to_svara_c", note_above(c, note, Sa), mela, config);
}
