/* synth_tone.c - sori synth tone, noise, clicks: sounds that are computed, not sampled. */
#include "synth.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NUMBERS 256
#define CHIRP 7              /* behind the library's waves */

/* --- values ----------------------------------------------------------------------------------------------------- */

/* The numbers of a list option into out [MOST_NUMBERS]; how many. False: said why. */
static bool read_numbers(cli *k, const char *name, double *out, size_t *n) {
    char **words = cli_list(k, name, n);
    bool ok = *n <= MOST_NUMBERS;
    if (!ok) cli_usage(k, "--%s: %zu values, at most %d", name, *n, MOST_NUMBERS);
    for (size_t i = 0; ok && i < *n; i++) {
        char *end;
        out[i] = strtod(words[i], &end);
        ok = words[i][strspn(words[i], "0123456789+-.eE")] == 0 && !*end && isfinite(out[i]);
        if (!ok) cli_usage(k, "--%s %s: not a number", name, words[i]);
    }
    free(words);
    return ok;
}

/* "440", or a note's name, tuned as --tuning says. */
static bool read_frequency(cli *k, const char *name, double *hz) {
    const char *text = cli_text(k, name);
    char *end;
    *hz = strtod(text, &end);
    if (text[strspn(text, "0123456789.")] == 0 && *text && !*end && *hz > 0) return true;
    bool is_note = *text && !strchr("0123456789+-.", *text);
    double semitones = is_note ? sori_note_to_midi(k->c, text, true) - 69 : NAN;
    *hz = cli_number(k, "tuning") * exp2(semitones / 12);
    if (!isfinite(*hz)) cli_usage(k, "--%s %s: neither a frequency above 0 nor a note such as A4", name, text);
    return isfinite(*hz);
}

static int write_one(cli *k, const synth_out *o, sori_audio y) {
    cli_save_sound(k, o->path, y, &o->save);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

/* --- tone ------------------------------------------------------------------------------------------------------- */

static bool read_envelope(cli *k, sori_tone_config *config) {
    double v[MOST_NUMBERS] = { 0 };
    size_t n;
    if (!read_numbers(k, "adsr", v, &n)) return false;
    if (n != 0 && n != 4) {
        cli_usage(k, "--adsr: attack, decay, sustain, release: 4 numbers, not %zu", n);
        return false;
    }
    config->attack_s = v[0], config->decay_s = v[1], config->sustain = v[2], config->release_s = v[3];
    return true;
}

static sori_audio chirp(cli *k, double from, double amplitude) {
    double to;
    sori_audio none = { 0 };
    if (!read_frequency(k, "to", &to)) return none;
    sori_chirp_config config = { .sr = cli_number(k, "sr"), .duration_s = cli_number(k, "duration"),
                                 .linear = cli_flag(k, "linear") };
    sori_audio y = sori_chirp(k->c, from, to, &config);
    return y.y ? sori_gain(k->c, y, 20 * log10(amplitude)) : y;
}

/* Options of other waves are mistakes. */
static bool check_wave(cli *k, int wave) {
    static const struct { const char *option, *waves; } only[] = {
        { "harmonics", "harmonics" }, { "ratio", "fm" }, { "index", "fm" }, { "index_envelope", "fm" },
        { "damping", "pluck" }, { "t60", "pluck" }, { "to", "chirp" }, { "linear", "chirp" },
        { "adsr", "sine|triangle|square|saw|harmonics|fm|pluck" },
        { "phase", "sine|triangle|square|saw|harmonics|fm" } };
    const char *name = cli_text(k, "wave");
    int index;
    for (size_t i = 0; i < CLI_COUNT(only); i++)
        if (cli_given(k, only[i].option) && !cli_is_word_of(only[i].waves, name, strlen(name), &index)) {
            cli_usage(k, "--%s is for --wave %s", only[i].option, only[i].waves);
            return false;
        }
    if (wave == SORI_HARMONICS && !cli_given(k, "harmonics")) cli_usage(k, "--harmonics is missing: their amplitudes");
    else if (wave == CHIRP && !cli_given(k, "to")) cli_usage(k, "--to is missing: where the chirp ends");
    else return true;
    return false;
}

int synth_tone(cli *k) {
    synth_out out;
    double harmonics[MOST_NUMBERS];
    int wave = cli_choice(k, "wave");
    sori_tone_config config = { .wave = (sori_wave)wave, .duration_s = cli_number(k, "duration"),
                                .sr = cli_number(k, "sr"), .amplitude = cli_number(k, "amplitude"),
                                .phase = cli_number(k, "phase"), .harmonics = harmonics,
                                .ratio = cli_number(k, "ratio"), .index = cli_number(k, "index"),
                                .index_envelope = cli_flag(k, "index_envelope"), .damping = cli_number(k, "damping"),
                                .t60_s = cli_number(k, "t60"), .seed = (uint64_t)cli_int(k, "seed") };
    bool ok = synth_choose_out(k, &out, false) && check_wave(k, wave) &&
              read_frequency(k, "frequency", &config.frequency_hz) && read_envelope(k, &config) &&
              read_numbers(k, "harmonics", harmonics, &config.n_harmonics);
    if (!ok) return CLI_EXIT_USAGE;
    sori_audio y = wave == CHIRP ? chirp(k, config.frequency_hz, config.amplitude) : sori_tone(k->c, &config);
    if (!y.y && !sori_error(k->c)) return CLI_EXIT_USAGE;
    return write_one(k, &out, y);
}

/* --- noise and clicks ------------------------------------------------------------------------------------------- */

static size_t samples_of(cli *k) { return (size_t)fmax(1, rint(cli_number(k, "duration") * cli_number(k, "sr"))); }

int synth_noise(cli *k) {
    synth_out out;
    if (!synth_choose_out(k, &out, false)) return CLI_EXIT_USAGE;
    sori_audio y = sori_noise(k->c, (sori_noise_color)cli_choice(k, "color"), samples_of(k), cli_number(k, "sr"),
                              (uint64_t)cli_int(k, "seed"));
    return write_one(k, &out, y.y ? sori_gain(k->c, y, 20 * log10(cli_number(k, "rms"))) : y);
}

/* --times, or the beats of --bpm within --duration. */
static sori_array *click_times(cli *k) {
    double given[MOST_NUMBERS], beat = 60 / cli_number(k, "bpm");
    size_t n, beats = (size_t)ceil(cli_number(k, "duration") / beat - 1e-9);
    if (!read_numbers(k, "times", given, &n)) return NULL;
    if (cli_given(k, "times")) return sori_array_from(k->c, SORI_F64, 1, &n, given);
    sori_array *times = sori_array_new(k->c, SORI_F64, 1, &beats);
    for (size_t i = 0; times && i < beats; i++) ((double *)times->data)[i] = (double)i * beat;
    return times;
}

int synth_clicks(cli *k) {
    synth_out out;
    if (!synth_choose_out(k, &out, false)) return CLI_EXIT_USAGE;
    sori_clicks_config config = { .sr = cli_number(k, "sr"), .click_freq = cli_number(k, "click_freq"),
                                  .click_duration_s = cli_number(k, "click_duration") };
    if (!cli_given(k, "times") || cli_given(k, "duration")) config.length = samples_of(k);
    sori_array *times = click_times(k);
    if (!times && !sori_error(k->c)) return CLI_EXIT_USAGE;
    return write_one(k, &out, sori_clicks(k->c, times, &config));
}

/* --- options ---------------------------------------------------------------------------------------------------- */

static const cli_option options[] = {
    { "wave", 'w', CLI_CHOICE, "sine|triangle|square|saw|harmonics|fm|pluck|chirp", "sine", "what it is made of" },
    { "frequency", 'f', CLI_TEXT, "HZ|NOTE", "440", "its pitch; of a chirp, where it begins" },
    { "amplitude", 0, CLI_NUMBER, "A", "0.5", "its peak", 1e-9, 1e3 },
    { "phase", 0, CLI_NUMBER, "RADIANS", "0", "where in its period it begins", -1e6, 1e6 },
    { "adsr", 0, CLI_LIST, "A,D,S,R", NULL, "attack, decay (s), sustained level, release (s); default: no envelope" },
    { "harmonics", 0, CLI_LIST, "A1,A2,...", NULL, "harmonics: the amplitude of each" },
    { "ratio", 0, CLI_NUMBER, "R", "1", "fm: the modulator's frequency over the carrier's", 1e-6, 1e6 },
    { "index", 0, CLI_NUMBER, "I", "2", "fm: how far it modulates", 1e-9, 100 },
    { "index_envelope", 0, CLI_FLAG, .help = "fm: the louder, the brighter" },
    { "damping", 0, CLI_NUMBER, "D", "0.5", "pluck: how soon it becomes dull", 1e-9, 0.5 },
    { "t60", 0, CLI_NUMBER, "SECONDS", NULL, "pluck: time in which it fades by 60 dB; default: its own", 1e-3, 1e4 },
    { "to", 0, CLI_TEXT, "HZ|NOTE", "", "chirp: where it ends" },
    { "linear", 0, CLI_FLAG, .help = "chirp: Hz rise evenly, not octaves" },
    { "color", 0, CLI_CHOICE, "white|pink|brown", "white", "noise: equal at all frequencies, 1/f or 1/f^2" },
    { "rms", 0, CLI_NUMBER, "R", "0.1", "noise: its level", 1e-9, 1e3 },
    { "times", 0, CLI_LIST, "SECONDS,...", NULL, "clicks: when; default: the beats of --bpm" },
    { "click_freq", 0, CLI_NUMBER, "HZ", "1000", "clicks: their pitch", 1, 1e6 },
    { "click_duration", 0, CLI_NUMBER, "SECONDS", "0.1", "clicks: their length", 1e-3, 10 },
    { NULL }
};
const cli_group synth_tone_group = { "Tones, noise and clicks", options };
