/* cmd_plot.c - sori plot: pictures of a sound file, one panel below the other. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

typedef enum kind { WAVEFORM, SPECTRUM, SPECTROGRAM, MEL, MFCC, KINDS } kind;
static const char kind_words[] = "waveform|spectrum|spectrogram|mel|mfcc|all";
static const char *const feature_names[KINDS] = { NULL, NULL, "spectrogram", "mel", "mfcc" };

typedef struct picture {
    sori_plot *plot;
    sori_audio y, mono;
    sori_feature_config config;
    double start_s;
    sori_freq_axis axis;
    bool linear;                   /* --scale linear; default: dB */
    bool wanted[KINDS];
    sori_array *features[KINDS];   /* of the kinds that are wanted */
} picture;

/* --- panels ---------------------------------------------------------------------------------------------------- */

static void add_waveform(const picture *p) {
    sori_plot_waveform(p->plot, p->y, &(sori_waveform_config){ .title = "Waveform", .start_s = p->start_s });
}

static void add_spectrum(const picture *p) {
    sori_plot_spectrum(p->plot, p->mono,
                       &(sori_spectrum_config){ .title = "Spectrum", .linear = p->linear, .axis = p->axis });
}

static void add_matrix(const picture *p, const sori_array *S, sori_rows rows, const char *title, const char *unit) {
    sori_plot_matrix(p->plot, S, &(sori_matrix_config){
        .title = title, .unit = unit, .rows = rows, .axis = p->axis, .start_s = p->start_s, .sr = p->mono.sr,
        .hop_length = p->config.stft.hop_length, .n_fft = p->config.stft.n_fft,
        .uncentered = p->config.stft.uncentered, .htk = p->config.htk,
        .fmin = rows == SORI_ROWS_MEL ? p->config.fmin : 0, .fmax = rows == SORI_ROWS_MEL ? p->config.fmax : 0 });
}

/* In dB below the loudest value, as librosa's tutorials show spectrograms. */
static sori_array *in_db(cli *k, const sori_array *S, double power) {
    sori_db_config config = { .ref_max = true, .top_db = cli_opt(k, "top_db") };
    return power == 1 ? sori_amplitude_to_db(k->c, S, &config) : sori_power_to_db(k->c, S, &config);
}

static void add_spectrogram(cli *k, const picture *p) {
    double power = p->config.power ? p->config.power : 1;
    sori_array *S = p->features[SPECTROGRAM];
    if (p->linear) add_matrix(p, S, SORI_ROWS_FFT, "Spectrogram", power == 2 ? "power" : "amplitude");
    else add_matrix(p, in_db(k, S, power), SORI_ROWS_FFT, "Spectrogram", "dB");
}

static void add_mel(cli *k, const picture *p) {
    double power = p->config.power ? p->config.power : 2;
    sori_array *S = p->features[MEL];
    if (p->linear) add_matrix(p, S, SORI_ROWS_MEL, "Mel spectrogram", power == 1 ? "amplitude" : "power");
    else add_matrix(p, in_db(k, S, power), SORI_ROWS_MEL, "Mel spectrogram", "dB");
}

static void add_panels(cli *k, const picture *p) {
    if (p->wanted[WAVEFORM]) add_waveform(p);
    if (p->wanted[SPECTRUM]) add_spectrum(p);
    if (p->wanted[SPECTROGRAM]) add_spectrogram(k, p);
    if (p->wanted[MEL]) add_mel(k, p);
    if (p->wanted[MFCC]) add_matrix(p, p->features[MFCC], SORI_ROWS_COEFF, "MFCC", "");
}

/* --- from the file to its panels ------------------------------------------------------------------------------- */

/* One pass over the sound for all that need an STFT. */
static void compute(cli *k, picture *p) {
    const char *names[KINDS];
    sori_array *out[KINDS];
    size_t n = 0, next = 0;
    for (int i = 0; i < KINDS; i++)
        if (p->wanted[i] && feature_names[i]) names[n++] = feature_names[i];
    if (n == 0 || sori_extract(k->c, p->mono, names, n, &p->config, out) != SORI_OK) return;
    for (int i = 0; i < KINDS; i++)
        if (p->wanted[i] && feature_names[i]) p->features[i] = out[next++];
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int draw(cli *k, picture *p, const char *path) {
    sori_load_config load = cli_load_config(k);
    p->y = sori_load(k->c, path, &load);
    p->mono = load.multichannel ? sori_to_mono(k->c, p->y) : p->y;
    compute(k, p);
    if (sori_error(k->c)) return cli_fail_with(k, path);
    const char *title = cli_text(k, "title");
    int panels = 0;
    for (int i = 0; i < KINDS; i++) panels += p->wanted[i];
    p->plot = sori_plot_new(k->c, &(sori_plot_config){ .title = title ? title : name_of(path),
                                                       .share_time = panels > 1,
                                                       .dark = cli_flag(k, "dark"),
                                                       .width = cli_number(k, "width"),
                                                       .panel_height = cli_number(k, "height"),
                                                       .scale = cli_number(k, "density") });
    add_panels(k, p);
    sori_plot_save(p->plot, cli_text(k, "out"));
    sori_plot_free(p->plot);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

static bool choose_kinds(cli *k, picture *p) {
    size_t n;
    char **words = cli_list(k, "kind", &n);
    bool ok = n > 0;
    for (size_t i = 0; i < n && ok; i++) {
        int index;
        ok = cli_is_word_of(kind_words, words[i], strlen(words[i]), &index);
        for (int j = 0; ok && j < KINDS; j++)
            if (index == KINDS || index == j) p->wanted[j] = true;
        if (!ok) cli_usage(k, "--kind %s: must be one of %s", words[i], kind_words);
    }
    free(words);
    return ok;
}

static int run(cli *k) {
    picture p = { .config = cli_feature_config(k), .axis = (sori_freq_axis)cli_choice(k, "y_axis"),
                  .linear = cli_choice(k, "scale") == 0, .start_s = cli_number(k, "offset") };
    if (!choose_kinds(k, &p)) return CLI_EXIT_USAGE;
    if (!cli_text(k, "out")) return cli_usage(k, "--out is missing: a picture's name, .png, .svg or .pdf");
    if (!p.linear && p.config.power && p.config.power != 1 && p.config.power != 2)
        return cli_usage(k, "--power %g: decibels need 1 or 2", p.config.power);
    return draw(k, &p, k->operands[0]);
}

static const cli_option options[] = {
    { "kind", 'k', CLI_LIST, kind_words, "all", "what to show; several with commas" },
    { "out", 'o', CLI_FILE, "OUT", NULL, "picture to write: .png, .svg or .pdf" },
    { "scale", 0, CLI_CHOICE, "linear|db", "db", "of the values" },
    { "y_axis", 0, CLI_CHOICE, "auto|linear|log|mel", "auto", "of frequency; auto: mel for mel bands, else linear" },
    { "title", 0, CLI_TEXT, "TEXT", NULL, "above the picture; default: the file's name" },
    { "width", 0, CLI_NUMBER, "UNITS", "1000", "of the picture", 200, 16384 },
    { "height", 0, CLI_NUMBER, "UNITS", NULL, "of a panel; default: 400, or 240 with several", 80, 16384 },
    { "density", 0, CLI_NUMBER, "PIXELS", "1", "pixels a unit in PNG; 2 for fine screens", 0.1, 16 },
    { "dark", 0, CLI_FLAG, .help = "light on dark" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_plot = {
    .name = "plot",
    .summary = "draw a sound file: waveform, spectrum, spectrogram, mel spectrogram, MFCC",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .examples = {
        { "sori plot song.wav -o song.png", "everything, one panel below the other" },
        { "sori plot song.wav --kind spectrogram --y_axis log -o song.svg", "one panel" },
        { "sori plot song.wav --kind waveform,mel --offset 10 --duration 5 -o part.pdf", "five seconds" },
    },
    .groups = { &group, &cli_load_group, &cli_feature_group },
    .text = "Decibels are below the loudest value. With --multichannel the waveform has a lane a channel; the other "
            "panels show the channels' mean.",
    .run = run,
};
