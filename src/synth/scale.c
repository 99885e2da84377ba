/* scale.c - scales by name: semitones above the tonic, up and down.
 *
 * The modes are those of notation.h's keys; the others as in Persichetti, "Twentieth-Century Harmony", 1961. The
 * melodic minor goes up with raised sixth and seventh and comes down without. */
#include "synth/synth.h"
#include <sori/score.h>
#include <string.h>

typedef struct scale {
    int n, semitones[12], down[12];     /* rising, below the octave; down: coming down, where that differs */
} scale;

static const char *const names[] = {
    "major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian",
    "pentatonic", "minor_pentatonic", "blues", "major_blues", "whole_tone", "octatonic", "chromatic",
};

/* In the order of the names. */
static const scale scales[BASE_COUNT(names)] = {
    { 7, { 0, 2, 4, 5, 7, 9, 11 }, { 0 } }, { 7, { 0, 2, 3, 5, 7, 8, 10 }, { 0 } },
    { 7, { 0, 2, 3, 5, 7, 8, 11 }, { 0 } }, { 7, { 0, 2, 3, 5, 7, 9, 11 }, { 0, 2, 3, 5, 7, 8, 10 } },
    { 7, { 0, 2, 3, 5, 7, 9, 10 }, { 0 } }, { 7, { 0, 1, 3, 5, 7, 8, 10 }, { 0 } },
    { 7, { 0, 2, 4, 6, 7, 9, 11 }, { 0 } }, { 7, { 0, 2, 4, 5, 7, 9, 10 }, { 0 } },
    { 7, { 0, 1, 3, 5, 6, 8, 10 }, { 0 } },
    { 5, { 0, 2, 4, 7, 9 }, { 0 } }, { 5, { 0, 3, 5, 7, 10 }, { 0 } },
    { 6, { 0, 3, 5, 6, 7, 10 }, { 0 } }, { 6, { 0, 2, 3, 4, 7, 9 }, { 0 } },
    { 6, { 0, 2, 4, 6, 8, 10 }, { 0 } }, { 8, { 0, 2, 3, 5, 6, 8, 9, 11 }, { 0 } },
    { 12, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, { 0 } },
};

static const struct { const char *alias, *name; } aliases[] = {
    { "maj", "major" }, { "ionian", "major" }, { "min", "minor" }, { "aeolian", "minor" }, { "natural_minor", "minor" },
    { "major_pentatonic", "pentatonic" }, { "minor_blues", "blues" }, { "diminished", "octatonic" },
    { "dor", "dorian" }, { "phr", "phrygian" }, { "lyd", "lydian" }, { "mix", "mixolydian" }, { "loc", "locrian" },
    { "ion", "major" }, { "aeo", "minor" },
};

const char *const *sori_list_scales(size_t *count) {
    *count = BASE_COUNT(names);
    return names;
}

static const scale *find_scale(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(aliases); i++)
        if (synth_same_name(name, aliases[i].alias)) name = aliases[i].name;
    for (size_t i = 0; i < BASE_COUNT(names); i++)
        if (synth_same_name(name, names[i])) return &scales[i];
    return NULL;
}

/* NULL after an error. */
static const scale *read_scale(sori_ctx *c, const char *text, int octave, int *tonic) {
    const scale *found = NULL;
    const char *p = text ? synth_read_root(text, octave, tonic) : NULL;
    if (p && *p == 0) found = &scales[0];
    else if (p && strchr(" :_-", *p)) found = find_scale(p + 1 + strspn(p + 1, " "));
    if (!found)
        sori_fail(c, SORI_EINVAL, "synth: \"%.60s\" is not a scale such as C major, D4 dorian, Bb:harmonic_minor",
                  text ? text : "");
    return found;
}

static int go_up(const scale *s, int tonic, int octaves, int *pitches) {
    int n = 0;
    for (int o = 0; o < octaves; o++)
        for (int i = 0; i < s->n; i++) pitches[n++] = tonic + 12 * o + s->semitones[i];
    pitches[n++] = tonic + 12 * octaves;
    return n;
}

static int go_down(const scale *s, int tonic, int octaves, int *pitches) {
    const int *semitones = s->down[1] ? s->down : s->semitones;
    int n = 0;
    pitches[n++] = tonic + 12 * octaves;
    for (int o = octaves; o-- > 0;)
        for (int i = s->n; i-- > 0;) pitches[n++] = tonic + 12 * o + semitones[i];
    return n;
}

int sori_scale_pitches(sori_ctx *c, const char *name, const sori_scale_config *config, int pitches[SORI_SCALE_NOTES]) {
    sori_scale_config k = config ? *config : (sori_scale_config){ 0 };
    int tonic, n = 0, octaves = k.octaves ? k.octaves : 1, octave = k.octave ? k.octave : 4;
    if (base_failed(c)) return -1;
    const scale *s = read_scale(c, name, octave, &tonic);
    if (!s) return -1;
    if (octaves < 1 || octaves > 10 || octave < -1 || octave > 9 || k.direction < SORI_ASCENDING ||
        k.direction > SORI_UP_AND_DOWN)
        sori_fail(c, SORI_EINVAL, "synth: %d octaves from octave %d, direction %d, must be within 1 and 10, -1 and 9, "
                  "0 and 2", octaves, octave, (int)k.direction);
    else if (tonic < 1 || tonic + 12 * octaves > 127)
        sori_fail(c, SORI_EINVAL, "synth: %.60s goes from note %d to %d, not within 1 and 127", name, tonic,
                  tonic + 12 * octaves);
    if (base_failed(c)) return -1;
    if (k.direction != SORI_DESCENDING) n = go_up(s, tonic, octaves, pitches);
    if (k.direction == SORI_UP_AND_DOWN) n--;   /* the top note comes once */
    if (k.direction != SORI_ASCENDING) n += go_down(s, tonic, octaves, pitches + n);
    return n;
}
