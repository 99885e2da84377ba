/* synth_play.c - sori synth chords, scale, drums, mix: what is played by a SoundFont's instruments. */
#include "synth.h"
#include <stdlib.h>
#include <string.h>

/* --- one after the other ---------------------------------------------------------------------------------------- */

typedef double put_fn(cli *k, synth_piece *p, synth_part *to, const char *name, double at, double length_s);

/* The operands from..to - 1 as one piece. A failure is said. */
static int play_sequence(cli *k, sori_synth *s, put_fn *put, const synth_out *o, size_t from, size_t to) {
    synth_piece piece;
    double at = 0;
    if (!synth_piece_new(k, &piece)) return CLI_EXIT_USAGE;
    synth_part *part = synth_piece_part(k, &piece, cli_text(k, "instrument"), false);
    for (size_t i = from; part && i < to && !sori_error(k->c); i++)
        at = put(k, &piece, part, k->operands[i], at, cli_number(k, "duration"));
    char *path = synth_path(o, from, k->operands[from]);
    if (!sori_error(k->c)) synth_make_piece(k, &piece, s, o, path);
    free(path);
    synth_piece_free(&piece);
    if (cli_interrupted()) sori_fail(k->c, SORI_EINTR, "interrupted");
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

static int play_operands(cli *k, put_fn *put) {
    synth_out out;
    int code = CLI_EXIT_OK;
    if (!synth_choose_out(k, &out, true)) return CLI_EXIT_USAGE;
    if (out.folder && sori_make_dirs(k->c, out.path) != SORI_OK) return cli_fail(k);
    sori_synth *s = sori_synth_open(k->c, cli_text(k, "soundfont"));
    if (!s) return cli_fail(k);
    if (!out.folder) code = play_sequence(k, s, put, &out, 0, k->operand_count);
    for (size_t i = 0; out.folder && code == CLI_EXIT_OK && i < k->operand_count; i++)
        code = play_sequence(k, s, put, &out, i, i + 1);
    sori_synth_close(s);
    return code;
}

int synth_chords(cli *k) { return play_operands(k, synth_put_chord); }
int synth_scale(cli *k) { return play_operands(k, synth_put_scale); }

/* --- together --------------------------------------------------------------------------------------------------- */

static bool is_pattern(const char *text) { return *text && text[strspn(text, "xX.")] == 0 && strpbrk(text, "xX"); }

/* "piano=C:maj,F:maj". Returns when it ends. */
static double put_part(cli *k, synth_piece *p, const char *instrument, const char *sounds) {
    double at = 0;
    char *copy = cli_printf("%s", sounds), *rest = copy;
    synth_part *part = synth_piece_part(k, p, instrument, false);
    for (char *word; part && !sori_error(k->c) && (word = strsep(&rest, ","));)
        at = synth_put_sound(k, p, part, word, at, cli_number(k, "duration"));
    free(copy);
    return at;
}

/* One for all drums. */
static synth_part *drum_part(cli *k, synth_piece *p) {
    for (size_t i = 0; i < p->part_count; i++)
        if (p->parts[i].config.drums) return &p->parts[i];
    return synth_piece_part(k, p, NULL, true);
}

/* "kick=x...x..." */
static void put_drum(cli *k, synth_piece *p, const char *name, const char *pattern, double until) {
    int key = sori_drum(k->c, name);
    synth_part *part = key > 0 ? drum_part(k, p) : NULL;
    double step_s = 60 / cli_number(k, "bpm") / (double)cli_int(k, "steps");
    if (part) synth_put_pattern(k, p, part, key, pattern, step_s, (size_t)cli_int(k, "repeat"), until);
}

/* The operands that are patterns, or those that are not, into the piece. Returns when the latest of those ends. */
static double put_operands(cli *k, synth_piece *p, bool patterns, double until) {
    double end = 0;
    for (size_t i = 0; i < k->operand_count && !sori_error(k->c); i++) {
        const char *equal = strchr(k->operands[i], '=');
        if (!equal || is_pattern(equal + 1) != patterns) continue;
        char *name = cli_printf("%.*s", (int)(equal - k->operands[i]), k->operands[i]);
        if (patterns) {
            put_drum(k, p, name, equal + 1, until);
        } else {
            double at = put_part(k, p, name, equal + 1);
            end = at > end ? at : end;
        }
        free(name);
    }
    return end;
}

static bool check_parts(cli *k, bool drums_only) {
    for (size_t i = 0; i < k->operand_count; i++) {
        const char *text = k->operands[i], *equal = strchr(text, '=');
        if (!equal || equal == text || !equal[1])
            cli_usage(k, "%s: not %s", text, drums_only ? "DRUM=PATTERN" : "INSTRUMENT=SOUND,... or DRUM=PATTERN");
        else if (drums_only && !is_pattern(equal + 1))
            cli_usage(k, "%s: a pattern is made of x (struck), X (harder) and . (not)", text);
        else continue;
        return false;
    }
    return true;
}

static int play_parts(cli *k, bool drums_only) {
    synth_out out;
    synth_piece piece;
    if (!synth_choose_out(k, &out, false) || !check_parts(k, drums_only)) return CLI_EXIT_USAGE;
    if (!synth_piece_new(k, &piece)) return CLI_EXIT_USAGE;
    double end = put_operands(k, &piece, false, 0);
    put_operands(k, &piece, true, end);
    sori_synth *s = sori_error(k->c) ? NULL : sori_synth_open(k->c, cli_text(k, "soundfont"));
    if (s) synth_make_piece(k, &piece, s, &out, out.path);
    sori_synth_close(s);
    synth_piece_free(&piece);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

int synth_mix(cli *k) { return play_parts(k, false); }
int synth_drums(cli *k) { return play_parts(k, true); }

/* --- options ---------------------------------------------------------------------------------------------------- */

static const cli_option options[] = {
    { "instrument", 0, CLI_TEXT, "NAME", "piano", "chords, scale: who plays, a name or a General MIDI number" },
    { "octave", 0, CLI_INT, "N", "4", "chords, scale: of names without one", 1, 9 },
    { "voicing", 0, CLI_CHOICE, "close|open|drop2|drop3", "close", "chords: how their notes are spread" },
    { "bass", 0, CLI_FLAG, .help = "chords: the lowest note an octave below as well" },
    { "direction", 0, CLI_CHOICE, "up|down|both", "up", "scale: which way" },
    { "octaves", 0, CLI_INT, "N", "1", "scale: how far", 1, 10 },
    { "bpm", 0, CLI_NUMBER, "BPM", "120", "drums, clicks: beats a minute", 1, 1000 },
    { "steps", 0, CLI_INT, "N", "4", "drums: steps of a pattern in a beat", 1, 64 },
    { "repeat", 0, CLI_INT, "N", "1", "drums: how often; in a mix at least until the others end", 1, 4096 },
    { "humanise", 0, CLI_FLAG, .help = "small deviations of onset, loudness and tuning, by --seed" },
    { "labels", 0, CLI_CHOICE, "json|jams|csv|txt|none", "json", "what is heard when, in a file beside the sound" },
    { "label_by", 0, CLI_CHOICE, "notes|chords", "notes", "what the labels of jams, csv and txt are" },
    { NULL }
};
const cli_group synth_play_group = { "Chords, scales, drums and mixtures", options };
