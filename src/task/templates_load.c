/* templates_load.c - a folder of notes: what each file's name says is played. */
#include "data/data.h"
#include "task/unmix.h"
#include <sori/score.h>
#include <string.h>

/* The note at text, up to "_" or end: "C4", "F#3", "Bb2", "As4"; -1 if it is none. */
static int read_note(const char *text, size_t n) {
    static const int classes[] = { 9, 11, 0, 2, 4, 5, 7 };   /* A to G */
    if (n < 2 || text[0] < 'A' || text[0] > 'G') return -1;
    int pitch = classes[text[0] - 'A'];
    size_t at = 1;
    if (text[at] == '#' || text[at] == 's') pitch++, at++;
    else if (text[at] == 'b') pitch--, at++;
    bool below = at < n && text[at] == '-';
    if (below) at++;
    if (at + 1 != n || text[at] < '0' || text[at] > '9') return -1;
    int octave = text[at] - '0';
    pitch += 12 * ((below ? -octave : octave) + 1);
    return pitch >= 1 && pitch <= 127 ? pitch : -1;
}

/* Where the note in a stem stands: the first word behind a "_" that is one. NULL: nowhere. */
static const char *find_note(const char *stem, size_t n, int *pitch) {
    for (size_t i = 1; i < n; i++) {
        if (stem[i - 1] != '_' || i < 2) continue;
        const char *end = memchr(stem + i, '_', n - i);
        *pitch = read_note(stem + i, end ? (size_t)(end - stem) - i : n - i);
        if (*pitch >= 0) return stem + i;
    }
    return NULL;
}

static void add_note(sori_templates *t, const char *path, sori_audio y) {
    const char *name = base_path_name(path), *ending = base_path_ext(path);
    size_t n = strlen(name) - (*ending ? strlen(ending) + 1 : 0);
    int pitch;
    const char *at = find_note(name, n, &pitch);
    char *instrument = at ? base_printf(t->c, "%.*s", (int)(at - name) - 1, name) : NULL;
    if (!at) sori_fail(t->c, SORI_EFORMAT, "no note in its name, as in piano_C4_100.wav");
    if (instrument) sori_templates_add(t, instrument, pitch, y);
    base_free(t->c, instrument);
}

/* "drums_closed_hihat_100": the longest name of whole words that is a drum's. */
static void add_drum(sori_templates *t, const char *path, sori_audio y) {
    const char *name = base_path_name(path) + strlen("drums_");
    int key = -1;
    size_t longest = 0;
    for (int k = SORI_FIRST_DRUM; k <= SORI_LAST_DRUM; k++) {
        size_t n = strlen(sori_drum_name(k));
        if (n <= longest || strncmp(name, sori_drum_name(k), n) || !strchr("_.", name[n])) continue;
        key = k;
        longest = n;
    }
    if (key < 0) sori_fail(t->c, SORI_EFORMAT, "no drum in its name, as in drums_snare_100.wav");
    else sori_templates_add_drum(t, key, y);
}

static void add_file(sori_templates *t, const char *path) {
    int scope = sori_begin(t->c);
    sori_audio y = sori_load(t->c, path, &(sori_load_config){ .sr = t->f.sr });
    if (y.y) (strncmp(base_path_name(path), "drums_", 6) ? add_note : add_drum)(t, path, y);
    sori_end(t->c, scope, NULL);
    if (base_failed(t->c)) base_fail_in(t->c, path);
}

sori_templates *sori_load_templates(sori_ctx *c, const char *folder, const sori_templates_config *config) {
    if (base_failed(c)) return NULL;
    if (!folder) {
        sori_fail(c, SORI_EINVAL, "templates: no folder given");
        return NULL;
    }
    data_rows rows = { 0 };
    sori_templates *t = sori_templates_new(c, config);
    if (t) data_scan_folder(c, folder, &(sori_scan_config){ .label_pattern = "{label}" }, &rows);
    for (size_t i = 0; i < rows.count && !base_failed(c) && !base_interrupted(c); i++) add_file(t, rows.rows[i].path);
    data_rows_free(c, &rows);
    if (t && !base_failed(c) && t->count + t->drum_count == 0)
        sori_fail(c, SORI_EFORMAT, "%s: there is no sound file in it", folder);
    if (!base_failed(c)) return t;
    sori_templates_free(t);
    return NULL;
}
