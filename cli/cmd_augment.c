/* cmd_augment.c - sori augment: sounds changed at random, as training would, to be heard, seen and kept.
 *
 * Copy k of the i-th FILE is drawn with epoch k and sample i, so it is the same for any number of threads. */
#include "augment.h"
#include <stdlib.h>
#include <string.h>

static const char *const endings[] = { ".wav", ".flac" };

/* --- one copy of a file ----------------------------------------------------------------------------------------- */

/* A line of JSON; the log of sori_augment_apply, a line a change, is its list. */
static void put_log(FILE *to, const char *path, int copy, const char *out, const char *log) {
    fputs("{\"file\": ", to);
    cli_put_json(to, path);
    fprintf(to, ", \"copy\": %d, \"out\": ", copy);
    cli_put_json(to, out);
    fputs(", \"changes\": [", to);
    for (const char *s = log; *s; s += strcspn(s, "\n") + 1)
        fprintf(to, "%s%.*s", s == log ? "" : ", ", (int)strcspn(s, "\n"), s);
    fputs("]}\n", to);
}

static char *copy_path(const augment_job *j, const char *path, int copy, const char *ending) {
    char *last = j->copies > 1 ? cli_printf("_%d%s", copy + 1, ending) : cli_printf("%s", ending);
    char *out = cli_path_in(j->out, path, last);
    free(last);
    return out;
}

static void save_labels(cli *k, const augment_job *j, const char *path, int copy, const sori_labels *labels,
                        sori_audio y) {
    const char *ending = strrchr(j->labels, '.');
    char *out = copy_path(j, path, copy, ending ? ending : ".txt");
    sori_labels_config config = { .duration_s = (double)y.y->shape[y.y->ndim - 1] / y.sr };
    if (cli_same_file(out, j->labels))
        sori_fail(k->c, SORI_EINVAL, "%s: would be replaced by those of the copy; choose another folder", out);
    else sori_save_labels(k->c, out, labels->items, labels->n, &config);
    free(out);
}

static void make_copy(cli *k, const augment_job *j, const char *path, sori_audio y, int copy) {
    sori_array *log = NULL;
    sori_labels labels = { 0 };
    if (j->labels) labels = sori_load_labels(k->c, j->labels, NULL);
    sori_audio z = sori_augment_apply(k->c, j->chain, y, j->labels ? &labels : NULL, sori_seed(k->c), (uint32_t)copy,
                                      augment_number(j, path), &log);
    if (!z.y) return;
    char *out = copy_path(j, path, copy, endings[j->format]);
    if (cli_same_file(out, path))
        sori_fail(k->c, SORI_EINVAL, "%s: would be replaced by its copy; choose another folder", out);
    else cli_save_sound(k, out, z, &j->save);
    if (j->labels && !sori_error(k->c)) save_labels(k, j, path, copy, &labels, z);
    if (!sori_error(k->c)) put_log(k->out, path, copy + 1, out, log->data);
    free(out);
}

static int augment_file(cli *k, const char *path, void *user) {
    const augment_job *j = user;
    int scope = sori_begin(k->c);
    sori_audio y = sori_load(k->c, path, &j->load);
    for (int copy = 0; y.y && copy < j->copies && !sori_error(k->c); copy++) {
        int each = sori_begin(k->c);
        make_copy(k, j, path, y, copy);
        sori_end(k->c, each, NULL);
    }
    int code = sori_error(k->c) ? cli_fail_with(k, path) : CLI_EXIT_OK;
    sori_end(k->c, scope, NULL);
    return code;
}

uint32_t augment_number(const augment_job *j, const char *path) {
    uint32_t i = 0;
    while (i < j->count && j->files[i] != path) i++;
    return i;
}

/* --- the list ---------------------------------------------------------------------------------------------------- */

static void put_value(const sori_augment_parameter *p, double v) {
    const char *s = p->words;
    for (int i = 0; s && i < (int)v; i++) s = strchr(s, '|') + 1;
    if (s) printf("%.*s", (int)strcspn(s, "|"), s);
    else printf("%g", v);
}

static void put_change(const sori_augment_change *a) {
    printf("%-20s %s\n", a->name, a->summary);
    if (a->files) puts("    files=   a sound, or a folder of sounds");
    for (int i = 0; i < SORI_AUGMENT_PARAMETERS && a->parameters[i].name; i++) {
        const sori_augment_parameter *p = &a->parameters[i];
        printf("    %s=", p->name);
        put_value(p, p->low);
        if (p->high != p->low) {
            fputs("..", stdout);
            put_value(p, p->high);
        }
        if (p->words) printf("   one of %s\n", p->words);
        else printf("   within %g and %g%s\n", p->least, p->most, p->whole ? ", whole" : "");
    }
}

static void put_json(const sori_augment_change *a, bool first) {
    static const char *const stages[] = { "waveform", "spectrogram", "batch", "group" };
    const char *const keys[] = { "name", "stage", "summary" };
    const char *const texts[] = { a->name, stages[a->stage], a->summary };
    cli_put_json_texts(stdout, keys, texts, CLI_COUNT(keys), first);
}

static int list_changes(const cli *k) {
    static const char *const heads[] = {
        "Of waveforms", "Of spectrograms, in every epoch of a training", "Of batches, while a network is trained",
        "Groups, whose list follows: one_of(gain noise(p=0.5))"
    };
    for (size_t i = 0; sori_augment_change_at(i); i++) {
        const sori_augment_change *a = sori_augment_change_at(i);
        if (k->json) put_json(a, i == 0);
        if (k->json) continue;
        bool new_stage = i == 0 || a->stage != sori_augment_change_at(i - 1)->stage;
        if (new_stage) printf("%s%s\n\n", i ? "\n" : "", heads[a->stage]);
        put_change(a);
    }
    if (k->json) puts("\n]");
    else puts("\nEvery change takes p=1, its probability, too. LOW..HIGH is drawn from, a number is taken as it is.");
    return CLI_EXIT_OK;
}

/* --- what is asked for ------------------------------------------------------------------------------------------- */

static int check(cli *k, const augment_job *j, bool preview) {
    if (!j->out) return cli_usage(k, "--out is missing: a folder");
    if (k->operand_count == 0) return cli_usage(k, "FILE... is missing; see 'sori help augment'");
    if (!preview && !cli_given(k, "chain")) return cli_usage(k, "--chain is missing; --list shows what it may hold");
    if (j->labels && k->operand_count > 1) return cli_usage(k, "--labels: of one FILE only");
    if (preview && k->operand_count > 1) return cli_usage(k, "--preview: of one FILE only");
    if (preview && j->labels) return cli_usage(k, "--preview: has no labels");
    if (j->format == 1 && j->save.subtype == SORI_FLOAT) return cli_usage(k, "FLAC holds no float samples");
    return cli_check_stems(k, j->out, endings[j->format]);
}

static int run(cli *k) {
    bool preview = cli_flag(k, "preview");
    if (cli_flag(k, "list")) return list_changes(k);
    augment_job j = { .files = k->operands, .count = k->operand_count, .out = cli_text(k, "out"),
                      .labels = cli_text(k, "labels"), .format = cli_choice(k, "format"), .load = cli_load_config(k),
                      .save = { .subtype = (sori_subtype)cli_choice(k, "subtype") } };
    j.copies = cli_given(k, "copies") || !preview ? (int)cli_int(k, "copies") : 5;
    int code = check(k, &j, preview);
    if (code != CLI_EXIT_OK) return code;
    if (cli_given(k, "chain")) j.chain = sori_augment_new(k->c, cli_text(k, "chain"));
    if (sori_error(k->c) || sori_make_dirs(k->c, j.out) != SORI_OK) code = cli_fail(k);
    else code = preview ? augment_preview(k, &j) : cli_each_file(k, &(cli_each){ .fn = augment_file, .user = &j });
    sori_augment_free(k->c, j.chain);
    return code;
}

static const cli_option options[] = {
    { "chain", 0, CLI_TEXT, "CHAIN", NULL, "what is done: 'pitch_shift(-2..2,p=0.5) noise(snr=10..30)'" },
    { "out", 'o', CLI_FOLDER, "DIR", NULL, "where the copies go, under the files' names" },
    { "copies", 0, CLI_INT, "N", "1", "of every file, NAME_1, NAME_2, ..., each drawn anew", 1, 10000 },
    { "labels", 0, CLI_FILE, "FILE", NULL, "labels of the sound (.txt, .csv, .jams), which move with it" },
    { "preview", 0, CLI_FLAG, .help = "DIR/preview.png instead, and what it shows as sounds: the FILE after every "
                                      "change there is, or after 5 copies of the chain" },
    { "format", 0, CLI_CHOICE, "wav|flac", "wav", "of the copies" },
    { "subtype", 0, CLI_CHOICE, "pcm_16|pcm_24|float", "pcm_16", "of their samples" },
    { "dark", 0, CLI_FLAG, .help = "preview: light on dark" },
    { "list", 0, CLI_FLAG, .help = "show the changes there are, with parameters and limits" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_augment = {
    .name = "augment",
    .summary = "change sounds at random, as training does: pitch, noise, rooms, ...",
    .operands = "[FILE...]",
    .max_operands = -1,
    .examples = {
        { "sori augment voice.wav --preview -o out", "what every change does: a sheet of pictures, and sounds" },
        { "sori augment a.wav b.wav --chain 'pitch_shift(-2..2) noise(snr=10..30,p=0.5)' --copies 3 -o out",
          "three copies of each" },
        { "sori augment song.wav --labels song.txt --chain 'time_stretch(0.9..1.1)' -o out",
          "labels stay with what they are about" },
        { "sori train words/ -o m.safetensors --augment 'pitch_shift(-2..2) time_mask'", "the same while training" },
    },
    .groups = { &group, &cli_sound_group },
    .text = "Standard output tells what was drawn, a line of JSON a copy. Draws depend on --seed, the number of the "
            "copy and of the file. Changes of spectrograms and batches are for training; here only --preview shows "
            "those of spectrograms.",
    .run = run,
};
