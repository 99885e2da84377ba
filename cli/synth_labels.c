/* synth_labels.c - what is heard when, beside made sound: every note in JSON, or a label file of notes or chords. */
#include "synth.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct heard {
    const synth_part *part;
    const sori_score_note *note;
} heard;

static int by_onset(const void *a, const void *b) {
    const heard *p = a, *q = b;
    if (p->note->onset_s != q->note->onset_s) return p->note->onset_s < q->note->onset_s ? -1 : 1;
    if (p->note->pitch != q->note->pitch) return p->note->pitch < q->note->pitch ? -1 : 1;
    return (p->part > q->part) - (p->part < q->part);
}

/* All notes by their onset; freed by free(). */
static heard *all_notes(const synth_piece *p, size_t *count) {
    size_t n = 0;
    for (size_t i = 0; i < p->part_count; i++) n += p->parts[i].n;
    heard *out = cli_alloc(n, sizeof *out);
    *count = n;
    for (size_t i = p->part_count; i-- > 0;)
        for (size_t j = p->parts[i].n; j-- > 0;) out[--n] = (heard){ &p->parts[i], &p->parts[i].notes[j] };
    qsort(out, *count, sizeof *out, by_onset);
    return out;
}

static const char *instrument_of(const heard *h) {
    return h->part->config.drums ? "drums" : sori_instrument_name(h->part->config.program);
}

static const char *name_of(const heard *h, char text[8]) {
    const char *drum = h->part->config.drums ? sori_drum_name(h->note->pitch) : NULL;
    return drum ? drum : sori_note_label(h->note->pitch, text);
}

/* --- JSON ------------------------------------------------------------------------------------------------------- */

static void put_number(FILE *to, const char *key, double v) {
    fprintf(to, ", \"%s\": ", key);
    cli_put_json_number(to, v, 9);
}

static void put_note(FILE *to, const heard *h) {
    char text[8];
    const sori_note_config *config = &h->part->config;
    double hz = config->a4_hz * exp2((h->note->pitch - 69 + h->note->cents / 100) / 12);
    fprintf(to, "{\"instrument\": \"%s\", \"program\": %d, \"pitch\": %d, \"name\": \"%s\"", instrument_of(h),
            config->program, h->note->pitch, name_of(h, text));
    put_number(to, "hz", config->drums ? NAN : hz);
    fprintf(to, ", \"velocity\": %d", h->note->velocity);
    put_number(to, "onset_s", h->note->onset_s);
    put_number(to, "duration_s", h->note->duration_s);
    fputc('}', to);
}

static void put_chord(FILE *to, const synth_chord *h) {
    fputs("{\"name\": ", to);
    cli_put_json(to, h->name);
    put_number(to, "start_s", h->start_s);
    put_number(to, "end_s", h->end_s);
    fputc('}', to);
}

static void save_json(cli *k, const synth_piece *p, const char *path, const char *sound, sori_audio y) {
    cli_out out;
    size_t n;
    const char *slash = strrchr(sound, '/');
    if (!cli_out_open(k, &out, path)) return;
    heard *notes = all_notes(p, &n);
    fputs("{\"path\": ", out.to);
    cli_put_json(out.to, slash ? slash + 1 : sound);
    put_number(out.to, "sr", y.sr);
    put_number(out.to, "duration_s", (double)y.y->shape[y.y->ndim - 1] / y.sr);
    fputs(", \"notes\": [", out.to);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ",\n  " : "\n  ", out.to);
        put_note(out.to, &notes[i]);
    }
    fputs("], \"chords\": [", out.to);
    for (size_t i = 0; i < p->chord_count; i++) {
        fputs(i ? ",\n  " : "\n  ", out.to);
        put_chord(out.to, &p->chords[i]);
    }
    fputs("]}\n", out.to);
    free(notes);
    cli_out_commit(&out);
}

/* --- label files ------------------------------------------------------------------------------------------------ */

static void save_chords(cli *k, const synth_piece *p, const char *path, sori_labels_config *config) {
    sori_label *labels = cli_alloc(p->chord_count, sizeof *labels);
    for (size_t i = 0; i < p->chord_count; i++)
        labels[i] = (sori_label){ .start_s = p->chords[i].start_s, .end_s = p->chords[i].end_s,
                                  .text = p->chords[i].name };
    config->name_space = "chord";
    sori_save_labels(k->c, path, labels, p->chord_count, config);
    free(labels);
}

/* "C4", and "piano C4" where there are several instruments. */
static void save_notes(cli *k, const synth_piece *p, const char *path, sori_labels_config *config) {
    size_t n;
    heard *notes = all_notes(p, &n);
    sori_label *labels = cli_alloc(n, sizeof *labels);
    char (*texts)[64] = cli_alloc(n, sizeof *texts), text[8];
    for (size_t i = 0; i < n; i++) {
        const char *name = name_of(&notes[i], text);
        if (p->part_count > 1) snprintf(texts[i], sizeof texts[i], "%s %s", instrument_of(&notes[i]), name);
        else snprintf(texts[i], sizeof texts[i], "%s", name);
        labels[i] = (sori_label){ .start_s = notes[i].note->onset_s, .text = texts[i],
                                  .end_s = notes[i].note->onset_s + notes[i].note->duration_s };
    }
    config->name_space = "tag_open";
    sori_save_labels(k->c, path, labels, n, config);
    free(texts);
    free(labels);
    free(notes);
}

void synth_save_labels(cli *k, const synth_piece *p, const char *path, sori_audio y) {
    static const char *const endings[] = { "json", "jams", "csv", "txt" };
    size_t format = (size_t)cli_choice(k, "labels"), stem = strlen(path);
    sori_labels_config config = { .duration_s = (double)y.y->shape[y.y->ndim - 1] / y.sr };
    if (format >= CLI_COUNT(endings)) return;
    while (stem > 0 && path[stem] != '.') stem--;
    char *beside = cli_printf("%.*s.%s", (int)stem, path, endings[format]);
    if (format == 0) save_json(k, p, beside, path, y);
    else if (cli_choice(k, "label_by") == 0) save_notes(k, p, beside, &config);
    else save_chords(k, p, beside, &config);
    free(beside);
}
