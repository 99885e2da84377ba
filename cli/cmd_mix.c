/* cmd_mix.c - sori mix: sounds together in one, at given levels or at a signal-to-noise ratio. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SOUNDS 256

typedef struct mixing {
    sori_audio sounds[MOST_SOUNDS];
    double gains[MOST_SOUNDS];           /* dB */
    size_t n;
} mixing;

static size_t channels_of(sori_audio y) { return y.y->ndim > 1 ? y.y->shape[0] : 1; }

/* All at the first one's rate, or at --sr. A failure is said. */
static bool load_all(cli *k, mixing *m) {
    double sr = cli_number(k, "sr");
    for (m->n = 0; m->n < k->operand_count; m->n++) {
        sori_load_config config = { .sr = sr > 0 ? sr : SORI_SR_NATIVE, .multichannel = true };
        sori_audio y = sori_load(k->c, k->operands[m->n], &config);
        if (!y.y) {
            cli_fail_with(k, k->operands[m->n]);
            return false;
        }
        m->sounds[m->n] = y;
        sr = y.sr;
    }
    return true;
}

static void make_channels_alike(cli *k, mixing *m) {
    bool alike = true;
    for (size_t i = 1; i < m->n; i++) alike = alike && channels_of(m->sounds[i]) == channels_of(m->sounds[0]);
    if (alike) return;
    cli_say(k, "the sounds have different channels: the mixture has their mean");
    for (size_t i = 0; i < m->n; i++)
        if (channels_of(m->sounds[i]) > 1) m->sounds[i] = sori_to_mono(k->c, m->sounds[i]);
}

static bool read_gains(cli *k, mixing *m) {
    size_t count;
    char **words = cli_list(k, "gain_db", &count);
    bool ok = count == 0 || count == k->operand_count;
    if (!ok) cli_usage(k, "--gain_db: %zu values for %zu sounds", count, k->operand_count);
    for (size_t i = 0; ok && i < count; i++) {
        char *end;
        m->gains[i] = strtod(words[i], &end);
        ok = words[i][strspn(words[i], "0123456789+-.")] == 0 && !*end && fabs(m->gains[i]) <= 200;
        if (!ok) cli_usage(k, "--gain_db %s: not a number from -200 to 200", words[i]);
    }
    free(words);
    return ok;
}

/* The first is the signal, all others together are the noise. */
static sori_audio mixed(cli *k, const mixing *m) {
    if (!cli_given(k, "snr")) return sori_mix(k->c, m->sounds, m->n, m->gains);
    sori_audio noise = sori_mix(k->c, m->sounds + 1, m->n - 1, m->gains + 1);
    sori_audio signal = noise.y ? sori_gain(k->c, m->sounds[0], m->gains[0]) : noise;
    return signal.y ? sori_add_noise(k->c, signal, noise, cli_number(k, "snr")) : signal;
}

static int check(cli *k, const sori_save_config *save) {
    const char *path = cli_text(k, "out");
    if (!path) return cli_usage(k, "--out is missing: a .wav or .flac");
    if (!cli_ends_in(path, ".wav") && !cli_ends_in(path, ".flac"))
        return cli_usage(k, "--out %s: must end in .wav or .flac", path);
    if (cli_ends_in(path, ".flac") && save->subtype == SORI_FLOAT) return cli_usage(k, "FLAC holds no float samples");
    if (k->operand_count > MOST_SOUNDS)
        return cli_usage(k, "%zu sounds, at most %d", k->operand_count, MOST_SOUNDS);
    for (size_t i = 0; i < k->operand_count && !cli_flag(k, "overwrite"); i++)
        if (cli_same_file(path, k->operands[i]))
            return cli_usage(k, "%s: would be replaced by the mixture; --overwrite allows that", path);
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    mixing m = { .n = 0 };
    sori_save_config save = { .subtype = (sori_subtype)cli_choice(k, "subtype") };
    int code = check(k, &save);
    if (code != CLI_EXIT_OK) return code;
    if (!read_gains(k, &m)) return CLI_EXIT_USAGE;
    if (!load_all(k, &m)) return cli_exit_of(sori_error(k->c));
    make_channels_alike(k, &m);
    if (!sori_error(k->c)) cli_save_sound(k, cli_text(k, "out"), mixed(k, &m), &save);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

static const cli_option options[] = {
    { "out", 'o', CLI_FILE, "OUT", NULL, "a .wav or .flac" },
    { "snr", 0, CLI_NUMBER, "DB", NULL, "how far the others together lie below the first, which sets the length",
      -200, 200 },
    { "gain_db", 0, CLI_LIST, "DB,...", NULL, "one for each sound, before they are added; default: 0" },
    { "sr", 0, CLI_NUMBER, "HZ", "0", "of the mixture; 0: that of the first sound", 0, 2147483647 },
    { "subtype", 0, CLI_CHOICE, "pcm_16|pcm_24|float", "pcm_16", "of the samples" },
    { "overwrite", 0, CLI_FLAG, .help = "the mixture may take the place of one of the sounds" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_mix = {
    .name = "mix",
    .summary = "add sounds up, at given levels or at a signal-to-noise ratio",
    .operands = "SOUND SOUND...",
    .min_operands = 2,
    .max_operands = -1,
    .examples = {
        { "sori mix voice.wav street.wav --snr 10 -o noisy.wav", "the street 10 dB below the voice" },
        { "sori mix drums.wav bass.wav piano.wav --gain_db 0,-3,-6 -o song.wav", "as long as the longest" },
    },
    .groups = { &group },
    .text = "All take the rate of the first. With --snr the others are cut or repeated to its length; where either is "
            "silent the first comes out as it is. A mixture that would be clipped is made softer, and that is said.",
    .run = run,
};
