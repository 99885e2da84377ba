/* cmd_effects.c - sori effects: librosa's effects, and audiomentations's, from sound files to sound files.
 *
 * They are for sound that people listen to, so rate and channels stay the file's. A result never takes the place of a
 * FILE unless --overwrite says so: `sori effects trim *.wav -o .` would lose what cannot be had again. */
#include "effects.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char format_words[] = "wav|flac|txt|csv|jams";
static const char *const endings[] = { ".wav", ".flac", ".txt", ".csv", ".jams" };

/* --- one file --------------------------------------------------------------------------------------------------- */

char *effects_path(const effects_run *r, const char *suffix) {
    const effects_job *j = r->job;
    const char *ending = endings[j->format];
    if (!j->folder) return cli_printf("%.*s%s%s", (int)(strlen(j->out) - strlen(ending)), j->out, suffix, ending);
    char *last = cli_printf("%s%s", suffix, ending), *path = cli_path_in(j->out, r->path, last);
    free(last);
    return path;
}

static int compare_ids(const void *a, const void *b) {
    const effects_id *p = a, *q = b;
    if (p->device != q->device) return p->device < q->device ? -1 : 1;
    return (p->inode > q->inode) - (p->inode < q->inode);
}

static bool find_id(const char *path, effects_id *id) {
    struct stat st;
    if (stat(path, &st) != 0) return false;
    *id = (effects_id){ (uint64_t)st.st_dev, (uint64_t)st.st_ino };
    return true;
}

/* Is there no FILE at path, under whatever name? */
static bool may_write(effects_run *r, const char *path) {
    const effects_job *j = r->job;
    effects_id id;
    if (!find_id(path, &id) || !bsearch(&id, j->inputs, j->input_count, sizeof id, compare_ids)) return true;
    sori_fail(r->k->c, SORI_EINVAL, "%s: would be replaced by a result; --overwrite allows that", path);
    return false;
}

void effects_write(effects_run *r, const char *suffix, sori_audio y) {
    if (!y.y) return;
    if (y.y->size == 0) {
        sori_fail(r->k->c, SORI_EFORMAT, "%s: no sound is left", r->path);
        return;
    }
    char *path = effects_path(r, suffix);
    if (may_write(r, path)) sori_save(r->k->c, path, y, &r->job->save);
    r->told |= sori_error(r->k->c) != SORI_OK;
    free(path);
}

static void apply(effects_run *r) {
    const effect *e = r->job->effect;
    if (e->one) {   /* better known before than after the work */
        char *path = effects_path(r, "");
        bool may = may_write(r, path);
        free(path);
        r->told = !may;
        if (!may) return;
    }
    sori_audio y = sori_load(r->k->c, r->path, &r->job->load);
    if (!y.y) return;
    if (e->one) effects_write(r, "", e->one(r, y));
    else e->several(r, y);
}

static int effects_file(cli *k, const char *path, void *user) {
    effects_run r = { .k = k, .job = user, .path = path };
    int scope = sori_begin(k->c);
    apply(&r);
    int code = !sori_error(k->c) ? CLI_EXIT_OK : r.told ? cli_fail(k) : cli_fail_with(k, path);
    sori_end(k->c, scope, NULL);
    return code;
}

/* --- what is asked for ------------------------------------------------------------------------------------------ */

static const effect *find_effect(cli *k, const char *name) {
    cli_nearest near = { .typed = name };
    for (const effect *e = effects; e->name; e++) {
        if (!strcmp(e->name, name)) return e;
        cli_nearest_try(&near, e->name);
    }
    if (near.best) cli_usage(k, "unknown effect %s; did you mean %s?", name, near.best);
    else cli_usage(k, "unknown effect %s; 'sori effects --list' shows what there is", name);
    return NULL;
}

static bool is_in(const cli_group *group, const cli_option *option) {
    const cli_option *o = group->options;
    while (o->name && o != option) o++;
    return o->name;
}

/* Options of other effects are mistakes, and one without a default must be there. */
static int check_options(cli *k, const effect *e) {
    for (size_t i = 0; i < k->given_count; i++) {
        const cli_option *o = k->given[i].option;
        int index;
        bool of_effects = is_in(&effects_group, o) || is_in(&effects_wave_group, o);
        if (of_effects && !cli_is_word_of(e->options, o->name, strlen(o->name), &index))
            return cli_usage(k, "--%s is no option of %s, which takes %s", o->name, e->name,
                             *e->options ? e->options : "none");
    }
    if (e->needs && !cli_given(k, e->needs)) return cli_usage(k, "%s: --%s is missing", e->name, e->needs);
    return CLI_EXIT_OK;
}

static effects_format format_of(const char *path) {
    int format = EFFECTS_WAV;
    while (format < EFFECTS_UNKNOWN && !cli_ends_in(path, endings[format])) format++;
    return (effects_format)format;
}

/* Where results go and in which format. */
static int choose_output(cli *k, effects_job *j) {
    j->out = cli_text(k, "out");
    if (!j->out) return cli_usage(k, "--out is missing: a file, or a folder for several FILEs");
    if (!strcmp(j->out, "-")) return cli_usage(k, "--out -: sound is not written to standard output");
    effects_format ending = format_of(j->out), format = (effects_format)cli_choice(k, "format");
    bool given = cli_given(k, "format");
    j->folder = cli_is_folder(j->out) || k->operand_count > 1;
    if (k->operand_count > 1 && ending != EFFECTS_UNKNOWN && !cli_is_folder(j->out))
        return cli_usage(k, "--out %s: several FILEs need a folder", j->out);
    if (!j->folder && ending == EFFECTS_UNKNOWN && !j->effect->several)
        return cli_usage(k, "--out %s: must end in .wav or .flac, or be a folder", j->out);
    if (ending == EFFECTS_UNKNOWN) j->folder = true;   /* several results of one FILE */
    if (!j->folder && given && format != ending)
        return cli_usage(k, "--format %s: but --out ends in %s", cli_text(k, "format"), endings[ending]);
    j->format = j->folder ? format : ending;
    if (j->format >= EFFECTS_TXT && !j->effect->labels)
        return cli_usage(k, "%s makes sound, not %s", j->effect->name, endings[j->format]);
    return CLI_EXIT_OK;
}

static int check_subtype(cli *k, const effects_job *j) {
    if (j->format == EFFECTS_FLAC && j->save.subtype == SORI_FLOAT) return cli_usage(k, "FLAC holds no float samples");
    if (!strcmp(j->effect->name, "quantize") && cli_int(k, "bits") > 16 && j->save.subtype == SORI_PCM_16)
        return cli_usage(k, "--bits %d: a file of pcm_16 holds 16; add --subtype pcm_24", (int)cli_int(k, "bits"));
    return CLI_EXIT_OK;
}

static int apply_to_files(cli *k, effects_job *j) {
    static const char *const read_too[] = { "labels", "noise", "ir" };
    if (j->folder && sori_make_dirs(k->c, j->out) != SORI_OK) return cli_fail(k);
    j->inputs = cli_alloc(k->operand_count + CLI_COUNT(read_too), sizeof *j->inputs);
    for (size_t i = 0; i < k->operand_count && !cli_flag(k, "overwrite"); i++)
        j->input_count += find_id(k->operands[i], &j->inputs[j->input_count]);
    for (size_t i = 0; i < CLI_COUNT(read_too) && !cli_flag(k, "overwrite"); i++)
        if (cli_text(k, read_too[i])) j->input_count += find_id(cli_text(k, read_too[i]), &j->inputs[j->input_count]);
    qsort(j->inputs, j->input_count, sizeof *j->inputs, compare_ids);
    int code = cli_each_file(k, &(cli_each){ .fn = effects_file, .user = j, .counted = true });
    free(j->inputs);
    return code;
}

static int apply_all(cli *k) {
    effects_job j = { .load = cli_load_config(k), .save = { .subtype = (sori_subtype)cli_choice(k, "subtype") } };
    j.effect = find_effect(k, cli_take_operand(k));
    if (!j.effect) return CLI_EXIT_USAGE;
    if (k->operand_count == 0) return cli_usage(k, "FILE... is missing; see 'sori help effects'");
    int code = check_options(k, j.effect);
    if (code == CLI_EXIT_OK) code = choose_output(k, &j);
    if (code == CLI_EXIT_OK) code = check_subtype(k, &j);
    if (code == CLI_EXIT_OK && j.folder) code = cli_check_stems(k, j.out, endings[j.format]);
    return code == CLI_EXIT_OK ? apply_to_files(k, &j) : code;
}

static void put_json(const effect *e, bool first) {
    const char *const keys[] = { "name", "librosa", "summary", "options" };
    const char *const texts[] = { e->name, e->librosa, e->summary, e->options };
    cli_put_json_texts(stdout, keys, texts, CLI_COUNT(keys), first);
}

static int list_effects(const cli *k) {
    if (!k->json) printf("%-12s %-37s %s\n", "NAME", "ELSEWHERE", "WHAT IT MAKES");
    for (const effect *e = effects; e->name; e++) {
        if (k->json) put_json(e, e == effects);
        else printf("%-12s %-37s %s\n", e->name, e->librosa, e->summary);
    }
    if (k->json) puts("\n]");
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    if (cli_flag(k, "list")) return list_effects(k);
    if (k->operand_count == 0) return cli_usage(k, "which effect is missing; 'sori effects --list' shows them");
    return apply_all(k);
}

static const cli_option options[] = {
    { "out", 'o', CLI_FILE, "OUT", NULL, "a .wav or .flac, or a folder; split: also .txt, .csv or .jams, label files" },
    { "format", 0, CLI_CHOICE, format_words, "wav", "of the files in a folder" },
    { "subtype", 0, CLI_CHOICE, "pcm_16|pcm_24|float", "pcm_16", "of the samples" },
    { "overwrite", 0, CLI_FLAG, .help = "a result may take the place of a FILE" },
    { "list", 0, CLI_FLAG, .help = "show the effects there are" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_effects = {
    .name = "effects",
    .summary = "change sound: stretch, pitch, trim, split, harmonic, noise, reverb and others",
    .operands = "NAME FILE...",
    .words = "stretch|pitch|speed|harmonic|percussive|hpss|trim|split|remix|preemphasis|deemphasis|resample|normalize|"
             "quantize|gain|noise|shift|polarity|filter|equalize|compress|clip|reverb|convolve|mp3",
    .max_operands = -1,
    .examples = {
        { "sori effects stretch song.flac --rate 0.8 -o slow.flac", "slower, at the same pitch" },
        { "sori effects pitch song.wav --n_steps -2 -o low.wav", "two semitones down" },
        { "sori effects hpss song.wav -o parts/", "parts/song_harmonic.wav and parts/song_percussive.wav" },
        { "sori effects trim takes/*.wav --top_db 40 -o trimmed/", "many files" },
        { "sori effects split speech.wav -o speech.txt", "where there is no silence, as labels for Audacity" },
        { "sori effects noise speech.wav --snr 10 --color pink -o noisy.wav", "noise 10 dB below the speech" },
    },
    .groups = { &group, &effects_group, &effects_wave_group, &cli_sound_group },
    .text = "NAME is stretch, pitch, speed, harmonic, percussive, hpss, trim, split, remix, preemphasis, deemphasis, "
            "resample, normalize, quantize, gain, noise, shift, polarity, filter, equalize, compress, clip, reverb, "
            "convolve or mp3. Noise depends on --seed and on the name of the FILE.\n\n"
            "Rate and channels stay those of the file. Effects with several results put _harmonic, _000 and so on "
            "before the ending. Files appear whole or not at all. A file is held in memory while it is worked on.",
    .run = run,
};
