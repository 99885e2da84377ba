/* decompose_write.c - what `sori decompose` found as files: picture, MIDI, labels, sounds. */
#include "decompose.h"
#include <stdlib.h>
#include <string.h>

#define LEGEND 16                /* parts, at most, that are shown apart */

static char *path_of(const decompose_run *r, const char *name, const char *ending) {
    return cli_printf("%s/%s%s", r->dir, name, ending);
}

static const char *name_of(const decompose_run *r, int part) { return sori_unmix_part_name(r->u, (size_t)part); }

static bool is_drums(const decompose_run *r, int part) {
    return part >= 0 && (size_t)part == sori_unmix_drum_part(r->u);
}

/* --- labels ----------------------------------------------------------------------------------------------------- */

/* "C4", or a drum's name. */
static const char *label_of(const decompose_run *r, const sori_note_event *e, char out[8]) {
    return is_drums(r, e->part) ? sori_drum_name(e->pitch) : sori_note_label(e->pitch, out);
}

static void put_note(FILE *to, const decompose_run *r, const sori_note_event *e) {
    char note[8];
    fprintf(to, "{\"start\": %.4f, \"end\": %.4f, \"instrument\": ", e->start_s, e->end_s);
    cli_put_json(to, name_of(r, e->part));
    fprintf(to, ", \"pitch\": %d, \"note\": \"%s\", \"velocity\": %d, \"strength\": %.4f}", e->pitch,
            label_of(r, e, note), e->velocity, e->strength);
}

static void write_json(const decompose_run *r) {
    char *path = path_of(r, "notes", ".json");
    cli_out o;
    if (cli_out_open(r->k, &o, path)) {
        fputs("{\"file\": ", o.to);
        cli_put_json(o.to, r->path);
        fputs(", \"instruments\": [", o.to);
        for (size_t p = 0; p < sori_unmix_parts(r->u); p++) {
            if (p) fputs(", ", o.to);
            cli_put_json(o.to, name_of(r, (int)p));
        }
        fputs("],\n \"notes\": [", o.to);
        for (size_t i = 0; i < r->notes.n; i++) {
            fputs(i ? ",\n  " : "\n  ", o.to);
            put_note(o.to, r, &r->notes.items[i]);
        }
        fputs("\n ]}\n", o.to);
        cli_out_commit(&o);
    }
    free(path);
}

static void write_jams(const decompose_run *r) {
    size_t n = r->notes.n;
    sori_label *labels = cli_alloc(n, sizeof *labels);
    char **texts = cli_alloc(n, sizeof *texts), note[8];
    for (size_t i = 0; i < n; i++) {
        const sori_note_event *e = &r->notes.items[i];
        texts[i] = cli_printf("%s %s", name_of(r, e->part), label_of(r, e, note));
        labels[i] = (sori_label){ .start_s = e->start_s, .end_s = e->end_s, .text = texts[i],
                                  .confidence = e->strength, .has_confidence = true };
    }
    char *path = path_of(r, "notes", ".jams");
    size_t samples = r->y.y->shape[r->y.y->ndim - 1];
    sori_save_labels(r->k->c, path, labels, n, &(sori_labels_config){ .name_space = "tag_open",
                                                                      .duration_s = (double)samples / r->y.sr });
    for (size_t i = 0; i < n; i++) free(texts[i]);
    free(path);
    free(texts);
    free(labels);
}

/* --- MIDI ------------------------------------------------------------------------------------------------------- */

/* General MIDI's program of that name, or the piano. */
static int program_of(const decompose_run *r, const char *name) {
    int program = sori_instrument(r->k->c, name);
    if (program < 0) sori_clear(r->k->c);
    return program < 0 ? 0 : program;
}

static void write_midi(const decompose_run *r) {
    size_t parts = sori_unmix_parts(r->u), at = 0, used = 0;
    sori_midi_track *tracks = cli_alloc(parts, sizeof *tracks);
    sori_midi_note *notes = cli_alloc(r->notes.n, sizeof *notes);
    for (int p = 0; p < (int)parts; p++) {
        size_t first = at;
        for (size_t i = 0; i < r->notes.n; i++) {
            const sori_note_event *e = &r->notes.items[i];
            if (e->part == p)
                notes[at++] = (sori_midi_note){ e->start_s, e->end_s - e->start_s, e->pitch, e->velocity };
        }
        if (at == first) continue;
        bool drums = is_drums(r, p);
        tracks[used++] = (sori_midi_track){ .name = name_of(r, p), .drums = drums, .notes = notes + first,
                                            .n = at - first, .program = drums ? 0 : program_of(r, name_of(r, p)) };
    }
    char *path = path_of(r, "notes", ".mid");
    sori_save_midi(r->k->c, path, &(sori_midi){ .tracks = tracks, .n = used }, NULL);
    free(path);
    free(notes);
    free(tracks);
}

/* --- the picture ------------------------------------------------------------------------------------------------ */

/* One panel: the notes of drums, or of all others. Too many parts to tell apart have one colour. */
static size_t gather(const decompose_run *r, bool drums, bool apart, sori_roll_note *out, int *low, int *high) {
    size_t n = 0;
    *low = 127, *high = 0;
    for (size_t i = 0; i < r->notes.n; i++) {
        const sori_note_event *e = &r->notes.items[i];
        if (is_drums(r, e->part) != drums) continue;
        out[n++] = (sori_roll_note){ e->start_s, e->end_s, e->pitch, apart ? e->part : 0, e->strength };
        if (e->pitch < *low) *low = e->pitch;
        if (e->pitch > *high) *high = e->pitch;
    }
    return n;
}

static void add_notes(const decompose_run *r, sori_plot *plot, sori_roll_note *notes, double duration_s) {
    size_t parts = sori_unmix_parts(r->u), shown = sori_unmix_drum_part(r->u) < parts ? parts - 1 : parts;
    const char *names[LEGEND];
    const sori_array *activations[LEGEND];
    bool apart = parts <= LEGEND;
    int low, high;
    size_t n = gather(r, false, apart, notes, &low, &high);
    for (size_t p = 0; apart && p < parts; p++) {
        names[p] = name_of(r, (int)p);
        activations[p] = is_drums(r, (int)p) ? NULL : sori_unmix_activations(r->u, p);
    }
    bool last = is_drums(r, (int)parts - 1);   /* its legend is below */
    if (n == 0) low = 58, high = 74;
    sori_plot_roll(plot, notes, n, &(sori_roll_config){
        .title = "Notes", .series = apart ? names : NULL, .n_series = !apart ? 1 : last ? shown : parts,
        .low = low > 2 ? low - 2 : 1, .high = high + 2, .activations = apart ? activations : NULL,
        .frame_s = sori_unmix_frame_s(r->u), .duration_s = duration_s });
}

static void add_drums(const decompose_run *r, sori_plot *plot, sori_roll_note *notes, double duration_s) {
    const char *names[1 + SORI_LAST_DRUM - SORI_FIRST_DRUM], *series[LEGEND] = { NULL };
    int rows[128], low, high, used = 0, part = (int)sori_unmix_drum_part(r->u);
    if (part >= LEGEND) part = 0;
    series[part] = "drums";
    size_t n = gather(r, true, false, notes, &low, &high);
    for (int key = low; key <= high; key++) {   /* only keys that are struck have a row */
        bool struck = false;
        for (size_t i = 0; i < n; i++) struck |= notes[i].row == key;
        rows[key] = used + 1;
        if (struck) names[used++] = sori_drum_name(key);
    }
    for (size_t i = 0; i < n; i++) {
        notes[i].row = rows[notes[i].row];
        notes[i].series = part;   /* its own colour */
    }
    if (n)
        sori_plot_roll(plot, notes, n, &(sori_roll_config){
            .title = "Drums", .series = series, .n_series = (size_t)part + 1, .low = 1, .high = used,
            .row_names = names, .duration_s = duration_s });
}

static void write_picture(const decompose_run *r) {
    const char *slash = strrchr(r->path, '/');
    double duration_s = (double)r->y.y->shape[r->y.y->ndim - 1] / r->y.sr;
    sori_roll_note *notes = cli_alloc(r->notes.n, sizeof *notes);
    int scope = sori_begin(r->k->c);
    sori_plot *plot = sori_plot_new(r->k->c, &(sori_plot_config){ .title = slash ? slash + 1 : r->path, .scale = 2,
                                                                  .share_time = true });
    add_notes(r, plot, notes, duration_s);
    if (sori_unmix_drum_part(r->u) < sori_unmix_parts(r->u)) add_drums(r, plot, notes, duration_s);
    char *path = path_of(r, "roll", ".png");
    if (sori_error(r->k->c) == SORI_OK) sori_plot_save(plot, path);
    free(path);
    sori_plot_free(plot);
    sori_end(r->k->c, scope, NULL);
    free(notes);
}

/* --- sounds ----------------------------------------------------------------------------------------------------- */

static void write_sounds(decompose_run *r) {
    cli_progress progress = cli_progress_new(r->k);
    size_t parts = sori_unmix_parts(r->u);
    for (size_t p = 0; p < parts && sori_error(r->k->c) == SORI_OK; p++) {
        cli_progress_count(&progress, "sounds", p, parts);
        int scope = sori_begin(r->k->c);
        char *path = path_of(r, name_of(r, (int)p), r->ending);
        sori_audio y = sori_unmix_part(r->u, r->y, p);
        if (y.y) sori_save(r->k->c, path, y, &r->save);
        free(path);
        sori_end(r->k->c, scope, NULL);
    }
    cli_progress_end(&progress);
}

/* Built without cairo there is no picture, and the rest is written all the same. */
void decompose_write(decompose_run *r) {
    write_picture(r);
    if (sori_error(r->k->c) == SORI_EUNSUP) {
        cli_say(r->k, "no picture: %s", sori_message(r->k->c));
        sori_clear(r->k->c);
    }
    if (sori_error(r->k->c) == SORI_OK) write_json(r);
    if (sori_error(r->k->c) == SORI_OK) write_jams(r);
    if (sori_error(r->k->c) == SORI_OK) write_midi(r);
    write_sounds(r);
}

void decompose_say(const decompose_run *r) {
    size_t parts = sori_unmix_parts(r->u);
    if (!r->k->json) {
        cli_say(r->k, "%zu notes of %zu parts in %s", r->notes.n, parts, r->dir);
        return;
    }
    fputs("{\"file\": ", stdout);
    cli_put_json(stdout, r->path);
    printf(", \"parts\": %zu, \"notes\": %zu, \"out\": ", parts, r->notes.n);
    cli_put_json(stdout, r->dir);
    puts("}");
}
