/* effects_wave.c - effects on the samples of a sound: level, noise, filters, dynamics, rooms, coding; and the options
 * of these. Rows of the table in effects.c.
 *
 * A second sound (--noise, --ir) is read at the rate of the first, and its channels are averaged unless both have as
 * many. */
#include "effects.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BANDS 64

/* --- level and time -------------------------------------------------------------------------------------------- */

sori_audio effects_gain(effects_run *r, sori_audio y) { return sori_gain(r->k->c, y, cli_number(r->k, "gain_db")); }

sori_audio effects_polarity(effects_run *r, sori_audio y) { return sori_invert_polarity(r->k->c, y); }

sori_audio effects_shift(effects_run *r, sori_audio y) {
    sori_shift_config config = { .circular = cli_flag(r->k, "circular") };
    return sori_shift(r->k->c, y, cli_number(r->k, "seconds"), &config);
}

/* --- noise ------------------------------------------------------------------------------------------------------ */

static size_t channels_of(sori_audio y) { return y.y->ndim > 1 ? y.y->shape[0] : 1; }

/* The sound that an option names. A failure is in the context, and told with that name. */
static sori_audio load_second(effects_run *r, const char *option, sori_audio y) {
    sori_audio second = sori_load(r->k->c, cli_text(r->k, option),
                                  &(sori_load_config){ .sr = y.sr, .multichannel = true });
    r->told |= !second.y;
    return second.y && channels_of(second) != channels_of(y) ? sori_to_mono(r->k->c, second) : second;
}

/* FNV-1a of the file's name: files of one run get different noise, the same in every run and folder. */
static uint64_t seed_of(const effects_run *r) {
    size_t n;
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)cli_int(r->k, "seed");
    for (const char *s = cli_stem(r->path, &n), *end = s + n; s < end; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h;
}

/* As long as y, in as many channels, which do not know of each other. */
static sori_audio noise_for(effects_run *r, sori_audio y) {
    sori_noise_color color = (sori_noise_color)cli_choice(r->k, "color");
    sori_audio noise = sori_noise(r->k->c, color, y.y->size, y.sr, seed_of(r));
    if (noise.y) noise.y = sori_array_from(r->k->c, SORI_F32, y.y->ndim, y.y->shape, noise.y->data);
    return noise;
}

sori_audio effects_noise(effects_run *r, sori_audio y) {
    sori_audio noise = cli_text(r->k, "noise") ? load_second(r, "noise", y) : noise_for(r, y);
    return noise.y ? sori_add_noise(r->k->c, y, noise, cli_number(r->k, "snr")) : noise;
}

/* --- filters ---------------------------------------------------------------------------------------------------- */

static const char kind_words[] = "lowpass|highpass|bandpass|notch|peaking|low_shelf|high_shelf";

sori_audio effects_filter(effects_run *r, sori_audio y) {
    sori_band band = { .kind = (sori_band_kind)cli_choice(r->k, "kind"), .q = cli_number(r->k, "q"),
                       .frequency_hz = cli_number(r->k, "frequency"), .gain_db = cli_number(r->k, "gain_db") };
    return sori_filter(r->k->c, y, &band, NULL);
}

/* "KIND:HZ[:DB[:Q]]" */
static bool read_band(const char *text, sori_band *band) {
    double *const values[] = { &band->frequency_hz, &band->gain_db, &band->q };
    size_t n = strcspn(text, ":"), i = 0;
    int kind;
    if (!cli_is_word_of(kind_words, text, n, &kind)) return false;
    *band = (sori_band){ .kind = (sori_band_kind)kind };
    for (text += n; *text == ':' && i < CLI_COUNT(values); i++) {
        char *end;
        if (!text[1] || !strchr("0123456789.+-", text[1])) return false;
        *values[i] = strtod(text + 1, &end);
        if (end == text + 1) return false;
        text = end;
    }
    return i > 0 && *text == 0;
}

sori_audio effects_equalize(effects_run *r, sori_audio y) {
    sori_band bands[MOST_BANDS];
    size_t n;
    char **words = cli_list(r->k, "bands", &n);
    if (n > MOST_BANDS) sori_fail(r->k->c, SORI_EINVAL, "--bands: %zu bands, at most %d", n, MOST_BANDS);
    for (size_t i = 0; i < n && i < MOST_BANDS; i++)
        if (!read_band(words[i], &bands[i]))
            sori_fail(r->k->c, SORI_EINVAL, "--bands %.60s: not KIND:HZ[:DB[:Q]], KIND one of %s", words[i],
                      kind_words);
    free(words);
    r->told |= sori_error(r->k->c) != SORI_OK;
    return sori_equalize(r->k->c, y, bands, n, NULL);
}

/* --- dynamics and coding ---------------------------------------------------------------------------------------- */

sori_audio effects_compress(effects_run *r, sori_audio y) {
    const cli *k = r->k;
    sori_compress_config config = { .threshold_db = cli_opt(k, "threshold_db"), .ratio = cli_number(k, "ratio"),
                                    .knee_db = cli_opt(k, "knee_db"), .attack_s = cli_opt(k, "attack"),
                                    .release_s = cli_opt(k, "release"), .makeup_db = cli_number(k, "makeup_db"),
                                    .separate = cli_flag(k, "separate") };
    return sori_compress(k->c, y, &config);
}

sori_audio effects_clip(effects_run *r, sori_audio y) {
    sori_clip_config config = { .level = cli_number(r->k, "level"), .percentile = cli_number(r->k, "percentile"),
                                .soft = cli_flag(r->k, "soft") };
    return sori_clip(r->k->c, y, &config);
}

sori_audio effects_mp3(effects_run *r, sori_audio y) {
    sori_mp3_config config = { .bit_rate = cli_number(r->k, "bit_rate"), .quality = cli_opt(r->k, "quality") };
    return sori_mp3(r->k->c, y, &config);
}

/* --- rooms ------------------------------------------------------------------------------------------------------ */

sori_audio effects_reverb(effects_run *r, sori_audio y) {
    sori_reverb_config config = { .decay_s = cli_number(r->k, "decay"), .damping = cli_opt(r->k, "damping"),
                                  .room_size = cli_number(r->k, "room_size"), .wet = cli_opt(r->k, "wet"),
                                  .keep_tail = cli_flag(r->k, "keep_tail") };
    return sori_reverb(r->k->c, y, &config);
}

sori_audio effects_convolve(effects_run *r, sori_audio y) {
    sori_convolve_config config = { .wet = cli_opt(r->k, "wet"), .keep_tail = cli_flag(r->k, "keep_tail") };
    sori_audio ir = load_second(r, "ir", y);
    return ir.y ? sori_convolve(r->k->c, y, ir, &config) : ir;
}

/* --- options ---------------------------------------------------------------------------------------------------- */

static const cli_option options[] = {
    { "gain_db", 0, CLI_NUMBER, "DB", NULL, "gain: louder, or softer if negative; filter: of peaking and shelves",
      -200, 200 },
    { "snr", 0, CLI_NUMBER, "DB", NULL, "noise: how far below the sound it lies", -200, 200 },
    { "color", 0, CLI_CHOICE, "white|pink|brown", "white", "noise: equal at all frequencies, 1/f or 1/f^2" },
    { "noise", 0, CLI_FILE, "SOUND", NULL, "noise: this sound instead, cut or repeated" },
    { "seconds", 0, CLI_NUMBER, "S", NULL, "shift: later, or earlier if negative", -1e6, 1e6 },
    { "circular", 0, CLI_FLAG, .help = "shift: what leaves at one end enters at the other" },
    { "kind", 0, CLI_CHOICE, kind_words, "lowpass", "filter: what it lets through" },
    { "frequency", 0, CLI_NUMBER, "HZ", NULL, "filter: its corner or centre", 1e-3, 1e9 },
    { "q", 0, CLI_NUMBER, "Q", "0.70710678", "filter: how narrow it is", 1e-3, 1e3 },
    { "bands", 0, CLI_LIST, "KIND:HZ[:DB[:Q]],...", NULL, "equalize: filters one after the other; kinds as --kind" },
    { "threshold_db", 0, CLI_NUMBER, "DB", "-20", "compress: what is above becomes quieter", -200, 200 },
    { "ratio", 0, CLI_NUMBER, "R", "4", "compress: decibels in for one out", 1, 1e6 },
    { "knee_db", 0, CLI_NUMBER, "DB", "6", "compress: width of the bend", 0, 200 },
    { "attack", 0, CLI_NUMBER, "S", "0.005", "compress: time until it has become quieter", 0, 100 },
    { "release", 0, CLI_NUMBER, "S", "0.1", "compress: and louder again", 0, 100 },
    { "makeup_db", 0, CLI_NUMBER, "DB", "0", "compress: gain afterwards", -200, 200 },
    { "separate", 0, CLI_FLAG, .help = "compress: every channel for itself" },
    { "level", 0, CLI_NUMBER, "L", NULL, "clip: what no sample exceeds; default: 1", 1e-9, 1e9 },
    { "percentile", 0, CLI_NUMBER, "P", NULL, "clip: percent of the samples to clip, instead of --level", 1e-9, 100 },
    { "soft", 0, CLI_FLAG, .help = "clip: bend with tanh" },
    { "decay", 0, CLI_NUMBER, "S", "1", "reverb: time until 60 dB are gone", 0.01, 100 },
    { "damping", 0, CLI_NUMBER, "D", "0.5", "reverb: how much sooner high frequencies are", 0, 1 },
    { "room_size", 0, CLI_NUMBER, "R", "0.5", "reverb: 1 is a hall", 1e-3, 1 },
    { "ir", 0, CLI_FILE, "SOUND", NULL, "convolve: the impulse response" },
    { "wet", 0, CLI_NUMBER, "SHARE", NULL, "reverb, convolve: share of the room; default: 0.33, 1", 0, 1 },
    { "keep_tail", 0, CLI_FLAG, .help = "the same: go on until the room is silent" },
    { "bit_rate", 0, CLI_NUMBER, "KBIT", NULL, "mp3: kbit a second; default: 64", 8, 320 },
    { "quality", 0, CLI_NUMBER, "Q", NULL, "mp3: variable bit rate instead, 0 (best) to 9", 0, 9 },
    { NULL }
};
const cli_group effects_wave_group = { "Options of the effects on samples", options };
