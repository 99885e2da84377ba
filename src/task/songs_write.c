/* songs_write.c - a song's folder, as Slakh2100 or MUSDB18 have it, with labels.
 *
 * All is written into NAME.part, which is emptied first and becomes NAME in the end: a folder under its final name is
 * whole. metadata.yaml has Slakh's fields in Slakh's order; loudness of stems is, as there, that of their files. */
#define _GNU_SOURCE                /* nftw */
#include "task/songs.h"
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <math.h>
#include <sori/labels.h>
#include <sori/score.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- folders ------------------------------------------------------------------------------------------------------ */

/* Every k-th song is a test, k = 1 / share: where the whole number of tests so far grows. */
static bool is_test(const songs *s, size_t number) {
    return floor((double)(number + 1) * s->test + 1e-9) > floor((double)number * s->test + 1e-9);
}

char *task_songs_folder(sori_ctx *c, const songs *s, size_t number) {
    const char *split = s->k.layout == SORI_SLAKH ? "" : is_test(s, number) ? "test/" : "train/";
    return base_printf(c, "%s/%sTrack%05zu", s->dir, split, number + 1);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* A folder and what is in it; none is none. Links are removed, not followed. */
static bool clear(sori_ctx *c, const char *path) {
    if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        sori_fail(c, SORI_EIO, "%s: cannot remove: %s", path, strerror(errno));
    return !base_failed(c);
}

static void make_folder(sori_ctx *c, const char *folder, const char *name) {
    char *path = base_path_join(c, folder, name);
    if (path) base_make_dirs(c, path);
    base_free(c, path);
}

/* --- sound and MIDI ----------------------------------------------------------------------------------------------- */

static void save_sound(sori_ctx *c, const songs *s, const char *folder, const char *name, sori_array *y) {
    const char *ending = s->k.layout == SORI_SLAKH ? "flac" : "wav";
    char *path = base_printf(c, "%s/%s.%s", folder, name, ending);
    if (path) sori_save(c, path, (sori_audio){ y, s->k.sr }, &(sori_save_config){ .subtype = SORI_PCM_24 });
    base_free(c, path);
}

/* Parts from .. from + n - 1. */
static void save_midi(sori_ctx *c, const songs_track *t, const char *folder, const char *name, size_t from, size_t n) {
    char *path = base_printf(c, "%s/%s.mid", folder, name);
    sori_midi_track *tracks = base_alloc(c, n, sizeof *tracks);
    sori_midi m = t->midi;
    for (size_t i = 0; tracks && i < n; i++) tracks[i] = t->parts[from + i].track;
    m.tracks = tracks;
    m.n = n;
    if (path && tracks) sori_save_midi(c, path, &m, NULL);
    base_free(c, tracks);
    base_free(c, path);
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

typedef struct heard {
    const songs_part *part;
    const sori_midi_note *note;
} heard;

static int by_onset(const void *a, const void *b) {
    const heard *p = a, *q = b;
    if (p->note->onset_s != q->note->onset_s) return p->note->onset_s < q->note->onset_s ? -1 : 1;
    if (p->part != q->part) return p->part < q->part ? -1 : 1;
    return p->note->pitch - q->note->pitch;
}

/* All notes by onset, freed by base_free. */
static heard *all_notes(sori_ctx *c, const songs_track *t, size_t *n) {
    size_t at = 0;
    *n = 0;
    for (size_t i = 0; i < t->midi.n; i++) *n += t->parts[i].track.n;
    heard *out = base_alloc(c, *n, sizeof *out);
    for (size_t i = 0; out && i < t->midi.n; i++)
        for (size_t j = 0; j < t->parts[i].track.n; j++)
            out[at++] = (heard){ &t->parts[i], &t->parts[i].track.notes[j] };
    if (out) qsort(out, *n, sizeof *out, by_onset);
    return out;
}

static const char *instrument_of(const heard *h) {
    return h->part->track.drums ? "drums" : sori_instrument_name(h->part->track.program);
}

static const char *name_of(const heard *h, char text[8]) {
    const char *drum = h->part->track.drums ? sori_drum_name(h->note->pitch) : NULL;
    return drum ? drum : sori_note_label(h->note->pitch, text);
}

static json_t *note_json(const songs_track *t, const heard *h) {
    char text[8];
    const sori_midi_note *x = h->note;
    bool drums = h->part->track.drums;
    json_t *hz = drums ? json_null() : json_real(440 * exp2((x->pitch - 69) / 12.0));
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:o, s:i, s:f, s:f}", "stem", t->stems[h->part->stem].name,
                     "instrument", instrument_of(h), "program", h->part->track.program, "pitch", x->pitch, "name",
                     name_of(h, text), "hz", hz, "velocity", x->velocity, "onset_s", x->onset_s, "duration_s",
                     x->duration_s);
}

static void put_json(base_file *f, json_t *o, const char *before) {
    char *text = json_dumps(o, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    base_file_printf(f, "%s%s", before, text ? text : "null");   /* a name that is not UTF-8 has none */
    free(text);
    json_decref(o);
}

/* A note a line, as `sori synth mix` writes them. */
static void save_json(sori_ctx *c, const songs *s, const songs_track *t, const char *folder, const heard *notes,
                      size_t n) {
    char *path = base_path_join(c, folder, "notes.json");
    base_file *f = path ? base_file_new(c, path) : NULL;
    base_file_printf(f, "{\"path\": \"%s\", \"sr\": %g, \"duration_s\": %.9g, \"source\": ",
                     s->k.layout == SORI_SLAKH ? "mix.flac" : "mixture.wav", s->k.sr, t->duration_s);
    if (f) put_json(f, t->file ? json_string(base_path_name(t->file)) : json_null(), "");
    base_file_printf(f, ", \"notes\": [");
    for (size_t i = 0; f && i < n; i++) put_json(f, note_json(t, &notes[i]), i ? ",\n  " : "\n  ");
    base_file_printf(f, "]}\n");
    if (f) base_file_commit(f);
    base_free(c, path);
}

static void save_jams(sori_ctx *c, const songs_track *t, const char *folder, const heard *notes, size_t n) {
    char *path = base_path_join(c, folder, "notes.jams"), text[8];
    sori_label *labels = base_alloc(c, n, sizeof *labels);
    char (*texts)[64] = base_alloc(c, n, sizeof *texts);
    for (size_t i = 0; labels && texts && i < n; i++) {
        const sori_midi_note *x = notes[i].note;
        base_format(texts[i], sizeof texts[i], "%s %s", instrument_of(&notes[i]), name_of(&notes[i], text));
        labels[i] = (sori_label){ .start_s = x->onset_s, .end_s = x->onset_s + x->duration_s, .text = texts[i] };
    }
    sori_labels_config k = { .name_space = "tag_open", .duration_s = t->duration_s };
    if (path && texts) sori_save_labels(c, path, labels, n, &k);
    base_free(c, texts);
    base_free(c, labels);
    base_free(c, path);
}

static void save_notes(sori_ctx *c, const songs *s, const songs_track *t, const char *folder) {
    size_t n;
    heard *notes = all_notes(c, t, &n);
    if (notes) save_json(c, s, t, folder, notes, n);
    if (notes) save_jams(c, t, folder, notes, n);
    base_free(c, notes);
}

/* --- Slakh2100 ---------------------------------------------------------------------------------------------------- */

static const char *class_of(const songs_part *p) {
    static const char *const classes[16] = {
        "Piano", "Chromatic Percussion", "Organ", "Guitar", "Bass", "Strings", "Strings (continued)", "Brass", "Reed",
        "Pipe", "Synth Lead", "Synth Pad", "Synth Effects", "Ethnic", "Percussive", "Sound effects",
    };
    return p->track.drums ? "Drums" : classes[p->track.program / 8];
}

/* YAML's quoted text is JSON's. */
static void put_text(base_file *f, const char *name, const char *text) {
    base_file_printf(f, "%s: ", name);
    put_json(f, text ? json_string(text) : json_null(), "");
    base_file_printf(f, "\n");
}

/* Always with a point, so that it is read as a float; silence has -.inf LUFS. */
static void put_number(base_file *f, const char *name, double v) {
    base_file_printf(f, "%s: ", name);
    if (isfinite(v)) put_json(f, json_real(v), "");
    base_file_printf(f, isfinite(v) ? "\n" : "-.inf\n");
}

static void put_stem(base_file *f, const songs *s, const songs_stem *stem, const songs_part *p) {
    bool drums = p->track.drums;
    base_file_printf(f, "  %s:\n    audio_rendered: true\n    inst_class: %s\n", stem->name, class_of(p));
    put_number(f, "    integrated_loudness", stem->loudness);
    base_file_printf(f, "    is_drum: %s\n    midi_program_name: %s\n    midi_saved: true\n", drums ? "true" : "false",
                     drums ? "Drums" : sori_instrument_title(p->track.program));
    put_text(f, "    plugin_name", base_path_name(s->soundfont));
    base_file_printf(f, "    program_num: %d\n", drums ? 128 : p->track.program);   /* 128: Slakh's for drums */
}

/* normalization_factor is what Slakh brings every stem to before the peaks are looked at; here it is the mixture's. */
static void save_metadata(sori_ctx *c, const songs *s, const songs_track *t, const char *folder) {
    char *path = base_path_join(c, folder, "metadata.yaml");
    base_file *f = path ? base_file_new(c, path) : NULL;
    base_file_printf(f, "UUID: \"%s\"\naudio_dir: stems\n", t->id);
    if (f) put_text(f, "lmd_midi_dir", t->file ? base_path_name(t->file) : NULL);
    base_file_printf(f, "midi_dir: MIDI\n");
    if (f) put_number(f, "normalization_factor", s->loudness);
    base_file_printf(f, "normalized: true\n");
    if (f) put_number(f, "overall_gain", t->overall_gain);
    base_file_printf(f, "stems:\n");
    for (size_t i = 0; f && i < t->midi.n; i++) put_stem(f, s, &t->stems[i], &t->parts[i]);
    if (f) put_number(f, "target_peak", SONGS_CEILING_DB);
    if (f) put_number(f, "mix_loudness", t->loudness);
    if (f) base_file_commit(f);
    base_free(c, path);
}

static void write_slakh(sori_ctx *c, const songs *s, const songs_track *t, const char *folder) {
    char *stems = base_path_join(c, folder, "stems"), *midi = base_path_join(c, folder, "MIDI");
    if (stems && midi) {
        make_folder(c, folder, "stems");
        make_folder(c, folder, "MIDI");
        save_sound(c, s, folder, "mix", t->mix);
        for (size_t i = 0; i < t->stem_count; i++) {
            save_sound(c, s, stems, t->stems[i].name, t->stems[i].y);
            save_midi(c, t, midi, t->stems[i].name, i, 1);
        }
        save_midi(c, t, folder, "all_src", 0, t->midi.n);
        save_metadata(c, s, t, folder);
    }
    base_free(c, midi);
    base_free(c, stems);
}

/* --- MUSDB18 ------------------------------------------------------------------------------------------------------ */

static void write_musdb(sori_ctx *c, const songs *s, const songs_track *t, const char *folder) {
    save_sound(c, s, folder, "mixture", t->mix);
    for (size_t i = 0; i < t->stem_count; i++) save_sound(c, s, folder, t->stems[i].name, t->stems[i].y);
    save_midi(c, t, folder, "notes", 0, t->midi.n);
}

bool task_songs_write(sori_ctx *c, const songs *s, const songs_track *t) {
    char *final = task_songs_folder(c, s, t->number), *part = final ? base_printf(c, "%s.part", final) : NULL;
    if (part && clear(c, part) && base_make_dirs(c, part) == SORI_OK) {
        if (s->k.layout == SORI_SLAKH) write_slakh(c, s, t, part);
        else write_musdb(c, s, t, part);
        save_notes(c, s, t, part);
        if (!base_failed(c) && !base_interrupted(c) && rename(part, final) != 0)
            sori_fail(c, SORI_EIO, "%s: cannot rename: %s", part, strerror(errno));
        if (base_failed(c)) clear(c, part);
    }
    base_free(c, part);
    base_free(c, final);
    return !base_failed(c);
}
