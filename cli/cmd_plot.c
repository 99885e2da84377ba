/* cmd_plot.c - sori plot: pictures of a sound file, one panel below the other. */
#include "picture.h"
#include <stdlib.h>
#include <string.h>

static const char *const all[] = { "waveform", "spectrum", "spectrogram", "mel", "mfcc" };

/* --- from the file to its panels ------------------------------------------------------------------------------- */

/* One pass over the sound for all that is needed. */
static void compute(cli *k, picture *p) {
    for (size_t i = 0; i < p->kind_count; i++)
        for (size_t j = 0; j < CLI_COUNT(p->kinds[i]->features) && p->kinds[i]->features[j]; j++)
            picture_need(p, p->kinds[i]->features[j]);
    picture_need_overlays(p);
    if (p->count > 0) sori_extract(k->c, p->mono, p->names, p->count, &p->config, p->arrays);
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int draw(cli *k, picture *p, const char *path) {
    sori_load_config load = cli_load_config(k);
    if (p->labels_path) p->labels = sori_load_labels(k->c, p->labels_path, NULL);
    if (sori_error(k->c)) return cli_fail_with(k, p->labels_path);
    p->y = sori_load(k->c, path, &load);
    p->mono = load.multichannel ? sori_to_mono(k->c, p->y) : p->y;
    p->config.db = false;   /* shown in dB, not computed: the loudest value is 0 dB here */
    compute(k, p);
    if (sori_error(k->c)) return cli_fail_with(k, path);
    const char *title = cli_text(k, "title");
    bool several = p->kind_count > 1 || !strcmp(p->kinds[0]->name, "hpss");
    p->plot = sori_plot_new(k->c, &(sori_plot_config){ .title = title ? title : name_of(path), .share_time = several,
                                                       .dark = cli_flag(k, "dark"), .width = p->width,
                                                       .panel_height = p->height,
                                                       .scale = cli_number(k, "density") });
    for (size_t i = 0; i < p->kind_count && !sori_error(k->c); i++) {
        p->kinds[i]->add(k, p, p->kinds[i]);
        picture_add_overlays(k, p, p->kinds[i]);
    }
    sori_plot_save(p->plot, cli_text(k, "out"));
    sori_plot_free(p->plot);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

/* --- what is asked for ----------------------------------------------------------------------------------------- */

static void choose(picture *p, const picture_kind *kind) {
    for (size_t i = 0; i < p->kind_count; i++)
        if (p->kinds[i] == kind) return;
    p->kinds[p->kind_count++] = kind;
}

static bool choose_kind(cli *k, picture *p, const char *word) {
    if (!strcmp(word, "all")) {
        for (size_t i = 0; i < CLI_COUNT(all); i++) choose(p, picture_kind_find(all[i]));
        return true;
    }
    const picture_kind *kind = picture_kind_find(word);
    if (kind) {
        choose(p, kind);
        return true;
    }
    cli_nearest near = { .typed = word };
    for (size_t i = 0; (kind = picture_kind_at(i)); i++) cli_nearest_try(&near, kind->name);
    if (near.best) cli_usage(k, "--kind %s: did you mean %s?", word, near.best);
    else cli_usage(k, "--kind %s: no such picture; 'sori plot --list' shows what there is", word);
    return false;
}

static bool choose_panels(cli *k, picture *p) {
    size_t kinds, overlays;
    char **words = cli_list(k, "kind", &kinds), **over = cli_list(k, "overlay", &overlays);
    bool ok = kinds > 0;
    if (!ok) cli_usage(k, "--kind is empty; 'sori plot --list' shows what there is");
    for (size_t i = 0; i < kinds && ok; i++) ok = choose_kind(k, p, words[i]);
    ok = ok && picture_choose_overlays(k, p, over, overlays);
    if (ok && p->labels_path) p->labels_path = cli_printf("%s", p->labels_path);
    free(words);
    free(over);
    return ok;
}

static int list_kinds(const cli *k) {
    const picture_kind *kind;
    if (!k->json) printf("%-18s %s\n", "KIND", "WHAT IT SHOWS");
    for (size_t i = 0; (kind = picture_kind_at(i)); i++) {
        if (!k->json) printf("%-18s %s\n", kind->name, kind->says);
        else printf("%s{\"name\": \"%s\", \"summary\": \"%s\"}", i ? ",\n  " : "[\n  ", kind->name, kind->says);
    }
    if (k->json) puts("\n]");
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    if (cli_flag(k, "list")) return list_kinds(k);
    picture p = { .config = cli_feature_config(k), .axis = (sori_freq_axis)cli_choice(k, "y_axis"),
                  .linear = cli_choice(k, "scale") == 0, .start_s = cli_number(k, "offset"),
                  .width = cli_number(k, "width"), .height = cli_number(k, "height") };
    if (k->operand_count == 0) return cli_usage(k, "FILE is missing; see 'sori help plot'");
    if (!choose_panels(k, &p)) return CLI_EXIT_USAGE;
    int code = CLI_EXIT_USAGE;
    if (!cli_text(k, "out")) cli_usage(k, "--out is missing: a picture's name, .png, .svg or .pdf");
    else if (p.linear && p.config.db) cli_usage(k, "--db and --scale linear contradict each other");
    else if (!p.linear && p.config.power && p.config.power != 1 && p.config.power != 2)
        cli_usage(k, "--power %g: decibels need 1 or 2", p.config.power);
    else code = draw(k, &p, k->operands[0]);
    free((char *)p.labels_path);
    return code;
}

static const cli_option options[] = {
    { "kind", 'k', CLI_LIST, "NAME,...", "all", "what to show, from the top down; --list shows what there is" },
    { "overlay", 0, CLI_LIST, "NAME,...", NULL,
      "over it: onsets, beats, labels=FILE as lines; f0, centroid, rolloff as curves where y is frequency" },
    { "out", 'o', CLI_FILE, "OUT", NULL, "picture to write: .png, .svg or .pdf" },
    { "scale", 0, CLI_CHOICE, "linear|db", "db", "of the values" },
    { "y_axis", 0, CLI_CHOICE, "auto|linear|log|mel", "auto", "of frequency; auto: mel for mel bands, else linear" },
    { "title", 0, CLI_TEXT, "TEXT", NULL, "above the picture; default: the file's name" },
    { "width", 0, CLI_NUMBER, "UNITS", "1000", "of the picture", 200, 16384 },
    { "height", 0, CLI_NUMBER, "UNITS", NULL, "of a panel; default: 400, or 240 with several", 80, 16384 },
    { "density", 0, CLI_NUMBER, "PIXELS", "1", "pixels a unit in PNG; 2 for fine screens", 0.1, 16 },
    { "dark", 0, CLI_FLAG, .help = "light on dark" },
    { "list", 0, CLI_FLAG, .help = "show the kinds of picture there are" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_plot = {
    .name = "plot",
    .summary = "draw a sound file: waveform, spectrogram, chroma, tempo, beats, pitch and others",
    .operands = "FILE",
    .max_operands = 1,
    .examples = {
        { "sori plot song.wav -o song.png", "waveform, spectrum, spectrogram, mel spectrogram and MFCC" },
        { "sori plot song.wav --kind spectrogram --y_axis log -o song.svg", "one panel" },
        { "sori plot song.wav --kind mel,chroma --overlay beats -o song.png", "beats drawn over both" },
        { "sori plot voice.wav -k mel --overlay f0,labels=voice.txt -o voice.png", "pitch, and Audacity's labels" },
        { "sori plot song.wav --kind waveform,mel --offset 10 --duration 5 -o part.pdf", "five seconds" },
        { "sori plot --list", "the kinds of picture there are" },
    },
    .groups = { &group, &cli_load_group, &cli_feature_group, &cli_value_group },
    .text = "The kind all is waveform, spectrum, spectrogram, mel and mfcc. Decibels are below the loudest value. With "
            "--multichannel the waveform has a lane a channel; the other panels show the channels' mean. A similarity "
            "compares at most 1500 moments: of a longer sound neighbouring frames are averaged. Pitch and f0 are "
            "sought from C2 to C7, or from --fmin to --fmax. Label files are Audacity's (.txt), .csv or .jams.",
    .run = run,
};
