/* cmd_decompose.c - sori decompose: a mixture taken apart by what single notes look like: which note of which
 * instrument sounds when, and each instrument's sound. */
#include "decompose.h"
#include <stdlib.h>
#include <string.h>

/* --- what is asked for ------------------------------------------------------------------------------------------ */

static sori_templates_config transform_of(const cli *k, sori_nmf_loss loss) {
    return (sori_templates_config){
        .sr = cli_number(k, "sr"), .power = loss == SORI_NMF_ITAKURA_SAITO ? 2 : 1,
        .stft = { .n_fft = (int)cli_int(k, "n_fft"), .hop_length = (int)cli_int(k, "hop_length") },
        .per_note = (int)cli_int(k, "per_note"),
    };
}

static sori_unmix_config config_of(const cli *k) {
    static const sori_nmf_loss losses[] = { SORI_NMF_KULLBACK_LEIBLER, SORI_NMF_FROBENIUS, SORI_NMF_ITAKURA_SAITO };
    sori_unmix_config g = { .n_components = (int)cli_int(k, "components"), .slice_s = cli_number(k, "slice"),
                            .adapt = (int)cli_int(k, "adapt") };
    g.use = cli_flag(k, "fixed") ? SORI_UNMIX_FIXED : cli_flag(k, "random") ? SORI_UNMIX_NAMES : SORI_UNMIX_START;
    g.nmf = (sori_nmf_config){ .loss = losses[cli_choice(k, "loss")], .l1_ratio = 1, .tol = SORI_NONE,
                               .alpha_H = SORI_VALUE(cli_number(k, "sparse")), .smooth = cli_number(k, "smooth"),
                               .max_iter = (int)cli_int(k, "max_iter"), .every = (int)cli_int(k, "max_iter") };
    g.transform = transform_of(k, g.nmf.loss);
    return g;
}

static int check(cli *k) {
    int uses = cli_flag(k, "start") + cli_flag(k, "fixed") + cli_flag(k, "random");
    bool templates = cli_text(k, "templates") != NULL;
    if (!cli_text(k, "out")) return cli_usage(k, "--out is missing: a folder for what is found");
    if (!templates && cli_int(k, "components") == 0)
        return cli_usage(k, "--templates DIR is missing, notes of `sori synth notes`; or give --components N");
    if (uses > 1) return cli_usage(k, "--start, --fixed and --random: one of them");
    if (uses && !templates) return cli_usage(k, "--start, --fixed and --random say what to do with --templates");
    if (cli_choice(k, "format") && cli_choice(k, "subtype") == SORI_FLOAT)
        return cli_usage(k, "FLAC holds no float samples");
    return CLI_EXIT_OK;
}

/* --- the work --------------------------------------------------------------------------------------------------- */

/* Templates, and the configuration with them; NULL in it without --templates. False after an error. */
static bool load_templates(cli *k, sori_unmix_config *g, sori_templates **t) {
    const char *folder = cli_text(k, "templates");
    *t = folder ? sori_load_templates(k->c, folder, &g->transform) : NULL;
    g->templates = *t;
    g->drums = cli_flag(k, "drums") ? 3 : 0;
    if (*t && g->drums && sori_templates_drums(*t)) g->drums = -1;
    return sori_error(k->c) == SORI_OK;
}

static void take_apart(cli *k, decompose_run *r, const sori_unmix_config *g) {
    sori_load_config load = { .sr = cli_number(k, "sr"), .multichannel = true };
    sori_notes_config notes = { .threshold = cli_number(k, "threshold"), .min_s = cli_number(k, "min_note") };
    r->y = sori_load(k->c, r->path, &load);
    if (!r->y.y) return;
    r->u = sori_unmix_new(k->c, r->y, g);
    if (r->u) r->notes = sori_unmix_notes(r->u, &notes);
    if (r->notes.memory && sori_make_dirs(k->c, r->dir) == SORI_OK) decompose_write(r);
}

static int run(cli *k) {
    int code = check(k);
    if (code) return code;
    decompose_run r = { .k = k, .path = k->operands[0], .dir = cli_text(k, "out"),
                        .ending = cli_choice(k, "format") ? ".flac" : ".wav",
                        .save = { .subtype = (sori_subtype)cli_choice(k, "subtype") } };
    sori_unmix_config g = config_of(k);
    sori_templates *t;
    int scope = sori_begin(k->c);
    bool loaded = load_templates(k, &g, &t);
    if (loaded) take_apart(k, &r, &g);
    if (sori_error(k->c)) code = !loaded || r.notes.memory ? cli_fail(k) : cli_fail_with(k, r.path);
    else decompose_say(&r);
    sori_unmix_free(r.u);
    sori_templates_free(t);
    sori_end(k->c, scope, NULL);
    return code;
}

static const cli_option options[] = {
    { "templates", 't', CLI_FOLDER, "DIR", NULL, "single notes, as `sori synth notes` writes them" },
    { "out", 'o', CLI_FOLDER, "DIR", NULL, "folder to write" },
    { "start", 0, CLI_FLAG, .help = "templates are where the factorisation begins; the default" },
    { "fixed", 0, CLI_FLAG, .help = "templates stay as they are: best where their instruments are the mixture's own" },
    { "random", 0, CLI_FLAG, .help = "begin without them, and name what is found after them" },
    { "components", 0, CLI_INT, "N", "0", "how many, without templates; with them, how many more", 0, 4096 },
    { "drums", 0, CLI_FLAG, .help = "drums as well: those of the templates (drums_snare_100.wav), or three" },
    { "loss", 0, CLI_CHOICE, "kl|euclidean|is", "kl", "Kullback-Leibler, Euclidean or Itakura-Saito distance" },
    { "sparse", 0, CLI_NUMBER, "A", "0", "weight of the sum of activations; for euclidean, 0.001 is some", 0, 1e6 },
    { "smooth", 0, CLI_NUMBER, "A", "0", "weight of changes of activations from frame to frame", 0, 1e6 },
    { "slice", 0, CLI_NUMBER, "SECONDS", "0", "windows of this length, half over each other; 0: all at once", 0, 1e6 },
    { "max_iter", 0, CLI_INT, "N", "100", "sweeps", 1, 100000 },
    { "adapt", 0, CLI_INT, "N", "3", "with --start: sweeps in which templates change", 1, 100000 },
    { NULL }
};
static const cli_option notes_options[] = {
    { "threshold", 0, CLI_NUMBER, "SHARE", "0.08", "of the loudest activation: softer notes are left out", 1e-6, 1 },
    { "min_note", 0, CLI_NUMBER, "SECONDS", "0.06", "shorter notes are left out", 1e-6, 60 },
    { "per_note", 0, CLI_INT, "N", "2", "spectra of a template: attack, what follows, ...", 1, 8 },
    { "sr", 0, CLI_NUMBER, "HZ", "22050", "sampling rate of it all", 4000, 192000 },
    { "n_fft", 0, CLI_INT, "N", "4096", "samples in a frame", 64, 1 << 20 },
    { "hop_length", 0, CLI_INT, "N", "512", "samples from frame to frame", 1, 1 << 20 },
    { "format", 0, CLI_CHOICE, "wav|flac", "wav", "of the sounds" },
    { "subtype", 0, CLI_CHOICE, "pcm16|pcm24|float", "pcm16", "of their samples" },
    { NULL }
};
static const cli_group group = { "Options", options }, notes_group = { "Notes, frames and files", notes_options };

const cli_command cmd_decompose = {
    .name = "decompose",
    .summary = "take a mixture apart into notes and instruments",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .examples = {
        { "sori synth notes -i piano,guitar,bass -p E1:C6 -o notes", "what single notes look like" },
        { "sori decompose mix.wav --templates notes --out parts", "which are played when, and each instrument" },
        { "sori decompose mix.wav -t notes -o parts --fixed --drums --slice 4", "with drums, in slices of 4 s" },
        { "sori decompose loop.wav --components 8 -o parts", "eight components that nobody has a name for" },
    },
    .groups = { &group, &notes_group },
    .text = "Writes into DIR: roll.png, a piano roll; notes.mid; notes.json and notes.jams; and INSTRUMENT.wav for "
            "each instrument, through its soft mask, so that they sum to the mixture.\n\n"
            "The folder of templates is searched for files named INSTRUMENT_NOTE_... (piano_C4_100.wav).",
    .run = run,
};
