/* cmd_synth.c - sori synth: recordings we make ourselves. `notes` plays single notes of a SoundFont's instruments into
 * a folder that `sori train` can read: DIR/<instrument>/<instrument>_<note>_<velocity>.wav, and examples.json as
 * NSynth's. */
#include "nsynth.h"
#include <stdlib.h>
#include <string.h>

#define MAX_VELOCITIES 127

typedef struct notes {
    sori_synth *synth;
    bool chosen[SORI_INSTRUMENTS];
    int low, high;                          /* pitches, both ends */
    int velocities[MAX_VELOCITIES];
    size_t velocity_count;
    const char *dir, *ending;               /* ".wav" */
    sori_note_config config;                /* what all notes share */
    sori_save_config save;
    size_t done, made, total;
    cli_out list;                           /* examples.json */
    cli_progress progress;
} notes;

/* --- one note -------------------------------------------------------------------------------------------------- */

/* Its file and its entry. A failure is in the context. */
static void make_note(cli *k, notes *n, int program, int pitch, int velocity) {
    char note[8];
    const char *instrument = sori_instrument_name(program);
    sori_note_config config = n->config;
    config.program = program;
    config.pitch = pitch;
    config.velocity = velocity;
    char *name = cli_printf("%s_%s_%d", instrument, sori_note_label(pitch, note), velocity);
    char *below = cli_printf("%s/%s%s", instrument, name, n->ending);
    char *path = cli_printf("%s/%s", n->dir, below);
    int scope = sori_begin(k->c);
    sori_audio y = sori_note(k->c, n->synth, &config);
    if (sori_error(k->c) == SORI_OK && sori_save(k->c, path, y, &n->save) == SORI_OK) {
        fputs(n->made ? ",\n  " : "{\n  ", n->list.to);
        nsynth_put(n->list.to, &(nsynth_note){ name, below, program, pitch, velocity, y.sr }, n->made++);
    }
    sori_end(k->c, scope, NULL);
    free(name);
    free(below);
    free(path);
}

/* A note the SoundFont cannot play must not stop the others; a disk that is full must. */
static bool may_go_on(cli *k) {
    if (cli_interrupted()) sori_fail(k->c, SORI_EINTR, "interrupted");
    if (sori_error(k->c) == SORI_OK) return true;
    if (sori_error(k->c) != SORI_EINVAL) return false;
    cli_error(k, "%s", sori_message(k->c));
    sori_clear(k->c);
    return true;
}

static bool make_instrument(cli *k, notes *n, int program) {
    char *folder = cli_printf("%s/%s", n->dir, sori_instrument_name(program));
    sori_make_dirs(k->c, folder);
    free(folder);
    for (int pitch = n->low; pitch <= n->high; pitch++)
        for (size_t v = 0; v < n->velocity_count; v++) {
            cli_progress_count(&n->progress, "notes", n->done++, n->total);
            if (sori_error(k->c) == SORI_OK) make_note(k, n, program, pitch, n->velocities[v]);
            if (!may_go_on(k)) return false;
        }
    return true;
}

/* --- all notes ------------------------------------------------------------------------------------------------- */

static void make_all(cli *k, notes *n) {
    char *list = cli_printf("%s/examples.json", n->dir);
    bool ok = sori_make_dirs(k->c, n->dir) == SORI_OK && cli_out_open(k, &n->list, list);
    for (int program = 0; ok && program < SORI_INSTRUMENTS; program++)
        if (n->chosen[program] && !make_instrument(k, n, program)) break;
    if (ok) {
        fputs(n->made ? "\n}\n" : "{}\n", n->list.to);
        cli_out_commit(&n->list);
    }
    free(list);
}

static int finish(cli *k, const notes *n) {
    if (sori_error(k->c)) return cli_fail(k);
    if (k->json) printf("{\"notes\": %zu, \"failed\": %zu, \"out\": ", n->made, n->total - n->made);
    if (k->json) cli_put_json(stdout, n->dir);
    if (k->json) puts("}");
    cli_say(k, "%zu notes in %s", n->made, n->dir);
    return n->made == n->total ? CLI_EXIT_OK : n->made ? CLI_EXIT_SOME_FAILED : CLI_EXIT_BAD_INPUT;
}

/* --- what is asked for ----------------------------------------------------------------------------------------- */

static bool choose_instruments(cli *k, notes *n) {
    size_t count;
    char **names = cli_list(k, "instruments", &count);
    for (size_t i = 0; i < count; i++) {
        bool all = !strcmp(names[i], "all");
        int program = all ? 0 : sori_instrument(k->c, names[i]);
        for (int p = 0; p < SORI_INSTRUMENTS; p++)
            if (all || p == program) n->chosen[p] = true;
    }
    free(names);
    if (count == 0) cli_usage(k, "--instruments is missing; 'sori synth --list' shows what there is");
    else if (sori_error(k->c)) cli_fail(k);
    return count > 0 && sori_error(k->c) == SORI_OK;
}

static bool choose_velocities(cli *k, notes *n) {
    size_t count;
    char **words = cli_list(k, "velocity", &count);
    bool ok = count > 0 && count <= MAX_VELOCITIES;
    if (!ok) cli_usage(k, "--velocity: 1 to %d values", MAX_VELOCITIES);
    for (size_t i = 0; ok && i < count; i++) {
        char *end;
        long v = strtol(words[i], &end, 10);
        ok = words[i][strspn(words[i], "0123456789")] == 0 && !*end && v >= 1 && v <= 127;
        if (!ok) cli_usage(k, "--velocity %s: not a whole number from 1 to 127", words[i]);
        n->velocities[n->velocity_count++] = (int)v;
    }
    free(words);
    return ok;
}

static bool choose_pitches(cli *k, notes *n) {
    if (sori_pitch_range(k->c, cli_text(k, "pitches"), &n->low, &n->high) != SORI_OK) {
        cli_fail(k);
        return false;
    }
    if (n->low >= 1) return true;
    cli_usage(k, "--pitches %s: the lowest note is C#-1", cli_text(k, "pitches"));
    return false;
}

static size_t count_notes(const notes *n) {
    size_t programs = 0;
    for (int p = 0; p < SORI_INSTRUMENTS; p++) programs += n->chosen[p];
    return programs * (size_t)(n->high - n->low + 1) * n->velocity_count;
}

static int make_notes(cli *k) {
    notes n = { .dir = cli_text(k, "out"), .ending = cli_choice(k, "format") ? ".flac" : ".wav",
                .save = { .subtype = (sori_subtype)cli_choice(k, "subtype") },
                .config = { .duration_s = cli_number(k, "duration"), .release_s = cli_number(k, "release"),
                            .sr = cli_number(k, "sr"), .stereo = cli_flag(k, "stereo") },
                .progress = cli_progress_new(k) };
    if (!choose_instruments(k, &n) || !choose_velocities(k, &n) || !choose_pitches(k, &n)) return CLI_EXIT_USAGE;
    if (!n.dir) return cli_usage(k, "--out is missing: a folder for the notes");
    if (cli_choice(k, "format") && n.save.subtype == SORI_FLOAT) return cli_usage(k, "FLAC holds no float samples");
    n.total = count_notes(&n);
    n.synth = sori_synth_open(k->c, cli_text(k, "soundfont"));
    if (!n.synth) return cli_fail(k);
    make_all(k, &n);
    cli_progress_end(&n.progress);
    sori_synth_close(n.synth);
    return finish(k, &n);
}

static int list_instruments(const cli *k) {
    if (!k->json) printf("%7s  %-18s %s\n", "PROGRAM", "NAME", "GENERAL MIDI");
    for (int p = 0; p < SORI_INSTRUMENTS; p++) {
        const char *name = sori_instrument_name(p), *title = sori_instrument_title(p);
        if (!k->json) printf("%7d  %-18s %s\n", p, name, title);
        else
            printf("%s{\"program\": %d, \"name\": \"%s\", \"title\": \"%s\"}", p ? ",\n  " : "[\n  ", p, name, title);
    }
    if (k->json) puts("\n]");
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    if (cli_flag(k, "list")) return list_instruments(k);
    if (k->operand_count == 0) return cli_usage(k, "what to make is missing: 'sori synth notes'");
    if (strcmp(k->operands[0], "notes")) return cli_usage(k, "%s cannot be made; notes can", k->operands[0]);
    return make_notes(k);
}

static const cli_option options[] = {
    { "soundfont", 0, CLI_FILE, "FILE", NULL, "an .sf2 or .sf3; default: the General MIDI one of the system" },
    { "instruments", 'i', CLI_LIST, "NAME,...", NULL, "names or General MIDI numbers, or all; --list shows them" },
    { "pitches", 'p', CLI_TEXT, "LOW:HIGH", "C3:C5", "notes (C4, F#3, Bb2) or MIDI numbers, both ends count" },
    { "velocity", 'v', CLI_LIST, "N,...", "100", "how hard the key is struck, 1 to 127" },
    { "duration", 0, CLI_NUMBER, "SECONDS", "1", "how long the key is held", 0.001, 600 },
    { "release", 0, CLI_NUMBER, "SECONDS", "0.25", "how long the sound goes on after", 0.001, 600 },
    { "sr", 0, CLI_NUMBER, "HZ", "22050", "sampling rate", 8000, 96000 },
    { "stereo", 0, CLI_FLAG, .help = "two channels instead of their mean" },
    { "format", 0, CLI_CHOICE, "wav|flac", "wav", "of the files" },
    { "subtype", 0, CLI_CHOICE, "pcm16|pcm24|float", "pcm16", "of the samples" },
    { "out", 'o', CLI_FOLDER, "DIR", NULL, "folder to write, one sub-folder an instrument" },
    { "list", 0, CLI_FLAG, .help = "show the instruments there are" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_synth = {
    .name = "synth",
    .summary = "make notes of sampled instruments, to learn from",
    .operands = "notes",
    .words = "notes",
    .max_operands = 1,
    .examples = {
        { "sori synth notes --instruments piano,guitar,bass --pitches C3:C5 --out notes", "three classes of 25 notes" },
        { "sori synth notes -i all -p A4 -v 60,100 -o all --soundfont my.sf2", "every instrument, struck twice" },
        { "sori synth --list", "the instruments there are" },
    },
    .groups = { &group },
    .text = "Writes DIR/INSTRUMENT/INSTRUMENT_NOTE_VELOCITY.wav, and DIR/examples.json that lists the notes as the "
            "NSynth data set does. The same note has the same samples in every run.",
    .run = run,
};
