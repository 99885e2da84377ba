/* cmd_features.c - sori features: librosa's features of sound files, into .npy, .npz, .csv or .json.
 *
 * A file is read block by block and fed to a sori_stream, so that an hour of sound needs no more memory than its
 * features; one that needs the whole sound (beats, a constant-Q transform) has the file loaded first. Several features
 * share one pass over the sound and one STFT. */
#include "features.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536   /* samples read at a time, all channels together */

typedef enum format { NPY, NPZ, CSV, JSON, TXT, JAMS, SUMMARY } format;
static const char format_words[] = "npy|npz|csv|json|txt|jams";
static const char *const endings[] = { ".npy", ".npz", ".csv", ".json", ".txt", ".jams" };

typedef struct job {
    char **names;                 /* [count] features */
    size_t count;
    bool whole;                   /* one of them needs the whole sound */
    bool events;                  /* all are events */
    sori_load_config load;
    sori_feature_config config;
    format format;
    const char *out;              /* NULL: the summary; "-": standard output */
    bool folder;                  /* out is a folder with a file for each FILE */
    features_batch batch;         /* .dir NULL: there is none */
} job;

/* --- computing ------------------------------------------------------------------------------------------------- */

static void feed(cli *k, sori_reader *reader, sori_stream *stream) {
    size_t channels = (size_t)sori_reader_channels(reader), n = BLOCK / channels, got;
    float *block = cli_alloc(n * channels, sizeof *block);
    while ((got = sori_reader_read(reader, block, n)) > 0 && sori_stream_push(stream, block, got) == SORI_OK)
        if (cli_interrupted()) sori_fail(k->c, SORI_EINTR, "interrupted");
    free(block);
}

static void compute_whole(cli *k, const job *j, const char *path, features *f) {
    sori_audio y = sori_load(k->c, path, &j->load);
    f->sr = y.sr;
    f->duration_s = y.y ? (double)y.y->shape[y.y->ndim - 1] / y.sr : 0;
    if (y.y) sori_extract(k->c, y, (const char *const *)j->names, j->count, &j->config, f->arrays);
}

/* Failures are in the context. */
static void compute(cli *k, const job *j, const char *path, features *f) {
    if (j->whole) {
        compute_whole(k, j, path, f);
        return;
    }
    sori_reader *reader = sori_reader_open(k->c, path, &j->load);
    if (!reader) return;
    f->sr = sori_reader_sr(reader);
    sori_stream *stream = sori_stream_new(k->c, f->sr, sori_reader_channels(reader), (const char *const *)j->names,
                                          j->count, &j->config);
    if (stream) {
        sori_stream_expect(stream, sori_reader_expected(reader));
        feed(k, reader, stream);
        sori_stream_finish(stream, f->arrays);
    }
    sori_stream_free(stream);
    sori_reader_close(reader);
}

/* --- writing --------------------------------------------------------------------------------------------------- */

static char *output_path(const job *j, const char *path) {
    if (j->batch.dir) return features_batch_path(&j->batch, path);
    return j->folder ? cli_path_in(j->out, path, endings[j->format]) : cli_printf("%s", j->out);
}

static void save_npz(cli *k, const features *f, const char *path) {
    sori_named items[FEATURES_MAX];
    for (size_t i = 0; i < f->count; i++) items[i] = (sori_named){ f->names[i], f->arrays[i] };
    sori_save_npz(k->c, path, items, f->count);
}

static void save_text(cli *k, const job *j, const features *f, const char *path) {
    cli_out o;
    if (!cli_out_open(k, &o, path)) return;
    (j->format == JSON ? features_put_json : j->events ? features_put_events_csv : features_put_csv)(o.to, f);
    cli_out_commit(&o);
}

static void write_features(cli *k, const job *j, const features *f) {
    if (j->format == SUMMARY) {
        (k->json ? features_put_summary_json : features_put_summary)(k->out, f);
        return;
    }
    char *path = output_path(j, f->path);
    if (j->format == NPY) sori_save_npy(k->c, path, f->arrays[0]);
    else if (j->format == NPZ) save_npz(k, f, path);
    else if (j->format == TXT) features_save_labels(k, f, path, SORI_LABELS_AUDACITY);
    else if (j->format == JAMS) features_save_labels(k, f, path, SORI_LABELS_JAMS);
    else save_text(k, j, f, path);
    free(path);
}

/* Of its values. */
static const char *unit_of(const char *name, const sori_feature_config *config) {
    const sori_feature_info *info = sori_feature_find(name);
    bool in_db = config->db && (!strcmp(name, "mel") || !strcmp(name, "spectrogram"));
    return in_db ? "dB" : info ? info->unit : "";
}

static int features_file(cli *k, const char *path, void *user) {
    const job *j = user;
    features f = { .path = path, .hop_length = j->config.stft.hop_length, .n_fft = j->config.stft.n_fft,
                   .uncentered = j->config.stft.uncentered, .count = j->count, .names = j->names };
    for (size_t i = 0; i < j->count; i++) f.units[i] = unit_of(j->names[i], &j->config);
    int scope = sori_begin(k->c);
    compute(k, j, path, &f);
    int code = sori_error(k->c) ? cli_fail_with(k, path) : CLI_EXIT_OK;
    if (code == CLI_EXIT_OK) {
        write_features(k, j, &f);
        if (sori_error(k->c)) code = cli_fail(k);
    }
    sori_end(k->c, scope, NULL);
    return code;
}

/* --- what is asked for ----------------------------------------------------------------------------------------- */

/* The format that path's ending names, or SUMMARY. */
static format format_of(const char *path) {
    const char *dot = strrchr(path, '.');
    for (int i = NPY; dot && i < SUMMARY; i++)
        if (!strcmp(dot, endings[i])) return (format)i;
    return SUMMARY;
}

static int choose_standard_output(cli *k, job *j) {
    if (k->operand_count > 1) return cli_usage(k, "--out - takes one FILE; several go into a folder");
    j->format = cli_given(k, "format") ? (format)cli_choice(k, "format") : k->json ? JSON : CSV;
    if (j->format == CSV || j->format == JSON) return CLI_EXIT_OK;
    return cli_usage(k, "--format %s: standard output takes csv or json", cli_text(k, "format"));
}

/* Where results go and in which format. */
static int choose_output(cli *k, job *j) {
    j->format = SUMMARY;
    if (!j->out && cli_given(k, "format")) return cli_usage(k, "--format needs --out");
    if (!j->out) return CLI_EXIT_OK;
    if (!strcmp(j->out, "-")) return choose_standard_output(k, j);
    format ending = format_of(j->out);
    j->folder = k->operand_count > 1 || cli_is_folder(j->out);
    if (j->folder && ending != SUMMARY && !cli_is_folder(j->out))
        return cli_usage(k, "--out %s: several FILEs need a folder", j->out);
    j->format = cli_given(k, "format") ? (format)cli_choice(k, "format")
              : !j->folder ? ending : j->count == 1 ? NPY : NPZ;
    if (j->format == SUMMARY)
        return cli_usage(k, "--out %s: must end in .npy, .npz, .csv, .json, .txt or .jams", j->out);
    if (j->format == NPY && j->count > 1) return cli_usage(k, "a .npy file holds one feature; use .npz for several");
    return CLI_EXIT_OK;
}

/* Label files are lines of events. Lines of CSV are frames or events. */
static int check_kinds(cli *k, job *j) {
    const sori_feature_info *event = NULL, *other = NULL;
    for (size_t i = 0; i < j->count; i++) {
        const sori_feature_info *f = sori_feature_find(j->names[i]);
        j->whole |= f->whole;
        if (j->format == CSV && f->kind == SORI_FEATURE_VALUE)
            return cli_usage(k, "%s is one number a file, and CSV's lines are frames or events; use json, npy or npz",
                             f->name);
        *(f->kind == SORI_FEATURE_EVENTS ? &event : &other) = f;
    }
    j->events = !other;
    if (other && (j->format == TXT || j->format == JAMS))
        return cli_usage(k, "%s is not events, as the lines of a label file are; use %sjson, npy or npz", other->name,
                         other->kind == SORI_FEATURE_FRAMES ? "csv, " : "");
    if (j->format == CSV && event && other)
        return cli_usage(k, "%s is events and %s comes in frames: CSV's lines are either; use json or npz",
                         event->name, other->name);
    return CLI_EXIT_OK;
}

static void put_feature_json(const sori_feature_info *f, bool first) {
    const char *const keys[] = { "name", "unit", "librosa", "summary" };
    const char *const texts[] = { f->name, f->unit, f->librosa, f->summary };
    cli_put_json_texts(stdout, keys, texts, CLI_COUNT(keys), first);
}

static int list_features(const cli *k) {
    const sori_feature_info *f;
    if (!k->json) printf("%-18s %-6s %-40s %s\n", "NAME", "UNIT", "LIBROSA", "WHAT IT IS");
    for (size_t i = 0; (f = sori_feature_at(i)); i++) {
        if (k->json) put_feature_json(f, i == 0);
        else printf("%-18s %-6s %-40s %s\n", f->name, f->unit, f->librosa, f->summary);
    }
    if (k->json) puts("\n]");
    return CLI_EXIT_OK;
}

/* Are all names in the library's table, and is there one? Says which is not. */
static bool check_features(cli *k, char *const *names, size_t n) {
    if (n == 0) {
        cli_usage(k, "--feature is missing; 'sori features --list' shows what there is");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (sori_feature_find(names[i])) continue;
        cli_nearest near = { .typed = names[i] };
        const sori_feature_info *f;
        for (size_t j = 0; (f = sori_feature_at(j)); j++) cli_nearest_try(&near, f->name);
        if (near.best) cli_usage(k, "unknown feature %s; did you mean %s?", names[i], near.best);
        else cli_usage(k, "unknown feature %s; 'sori features --list' shows what there is", names[i]);
        return false;
    }
    return true;
}

static int compute_folder(cli *k, job *j) {
    if (!j->out || !strcmp(j->out, "-")) return cli_usage(k, "--batch needs --out, a folder");
    if (k->operand_count) return cli_usage(k, "--batch %s: takes no FILE besides", cli_text(k, "batch"));
    j->format = cli_given(k, "format") ? (format)cli_choice(k, "format") : j->count == 1 ? NPY : NPZ;
    if (j->format == NPY && j->count > 1) return cli_usage(k, "a .npy file holds one feature; use npz for several");
    int code = check_kinds(k, j);
    if (code != CLI_EXIT_OK) return code;
    j->batch = (features_batch){ .dir = cli_text(k, "batch"), .out = j->out, .ending = endings[j->format],
                                 .names = j->names, .count = j->count, .fn = features_file, .user = j };
    return features_run_batch(k, &j->batch);
}

static int compute_files(cli *k, job *j) {
    int code = choose_output(k, j);
    if (code == CLI_EXIT_OK) code = check_kinds(k, j);
    if (code == CLI_EXIT_OK && j->folder) code = cli_check_stems(k, j->out, endings[j->format]);
    if (code != CLI_EXIT_OK) return code;
    if (j->folder && sori_make_dirs(k->c, j->out) != SORI_OK) return cli_fail(k);
    bool summary = j->format == SUMMARY;
    code = cli_each_file(k, &(cli_each){ .fn = features_file, .user = j, .heading = features_heading, .list = summary,
                                         .counted = !summary });
    if (summary && !k->json && code <= CLI_EXIT_SOME_FAILED)
        cli_say(k, "--out FILE keeps the values, --out - prints them");
    return code;
}

static const cli_option batch_options[] = {
    { "batch", 0, CLI_FOLDER, "DIR", NULL, "all sound files in DIR and below it; OUT has the same folders" },
    { "jobs", 0, CLI_INT, "N", "0", "files done at once; 0: as many as --threads", 0, 256 },
    { "max_bad", 0, CLI_NUMBER, "FRACTION", "0", "share of the files that may fail: the exit code is still 0", 0, 1 },
    { "overwrite", 0, CLI_FLAG, .help = "do all files anew, also when OUT was made with other settings" },
    { NULL }
};
static const cli_group batch_group = { "Whole folders", batch_options };

static int run(cli *k) {
    if (cli_flag(k, "list")) return list_features(k);
    bool batch = cli_given(k, "batch");
    if (k->operand_count == 0 && !batch) return cli_usage(k, "FILE... is missing; see 'sori help features'");
    for (const cli_option *o = batch_options; o->name && !batch; o++)
        if (cli_given(k, o->name)) return cli_usage(k, "--%s needs --batch", o->name);
    job j = { .load = cli_load_config(k), .config = cli_feature_config(k), .out = cli_text(k, "out") };
    j.names = cli_list(k, "feature", &j.count);
    int code = CLI_EXIT_USAGE;
    if (j.count > FEATURES_MAX) cli_usage(k, "more than %d features", FEATURES_MAX);
    else if (check_features(k, j.names, j.count)) code = batch ? compute_folder(k, &j) : compute_files(k, &j);
    free(j.names);
    return code;
}

static const cli_option options[] = {
    { "feature", 'f', CLI_LIST, "NAME,...", NULL, "features to compute; --list shows them" },
    { "out", 'o', CLI_FILE, "OUT", NULL, "file to write, or a folder for several FILEs; - is standard output" },
    { "format", 0, CLI_CHOICE, format_words, NULL,
      "of OUT; default: OUT's ending, in a folder npy (one feature) or npz, on standard output csv" },
    { "list", 0, CLI_FLAG, .help = "show the features there are" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_features = {
    .name = "features",
    .summary = "compute librosa's features: spectrogram, mel, MFCC and others",
    .operands = "FILE...",
    .max_operands = -1,
    .examples = {
        { "sori features song.wav --feature mel --db -o mel.npy", "a mel spectrogram in dB for NumPy" },
        { "sori features song.wav --feature mfcc,rms -o song.csv", "one line a frame, for a spreadsheet" },
        { "sori features *.flac --feature mel,mfcc -o out/", "out/NAME.npz for every NAME.flac" },
        { "sori features --batch music/ --feature mel --db -o mels/", "all below music; interrupted, it goes on" },
        { "sori features song.wav --feature beats -o beats.txt", "labels for Audacity" },
        { "sori features --list", "the features there are" },
    },
    .groups = { &group, &batch_group, &cli_load_group, &cli_feature_group, &cli_value_group },
    .text = "Values and shapes are librosa's, with its defaults. Arrays are [row, frame], or [channel, row, frame] "
            "with --multichannel. In CSV every frame is a line: its centre in seconds, then all rows of all features; "
            "or every event. Onsets and beats also become label files, .txt and .jams. Without --out a summary is "
            "printed.\n\n"
            "With --batch, files whose result is newer than they are, and was made with the same settings, are "
            "passed over: OUT/sori-features.json tells the settings. OUT/sori-failed.txt lists files that failed.",
    .run = run,
};
