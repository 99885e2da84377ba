/* nsynth.c - entries of examples.json.
 *
 * Fields and numbers as in the NSynth data set: Engel et al., "Neural Audio Synthesis of Musical Notes with WaveNet
 * Autoencoders", ICML 2017, https://magenta.tensorflow.org/datasets/nsynth. Families and sources of General MIDI's
 * instruments are our reading of its eleven families; sound effects, which have none, are -1, "other". */
#include "nsynth.h"
#include <string.h>

static const char *const families[] = {
    "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal"
};
static const char *const sources[] = { "acoustic", "electronic", "synthetic" };

/* A family's first letter for each program (x: none; l: synth_lead), and its source's. Eight programs a group. */
static const char family_letters[] =
    "kkkkkkkk" "mmmmmmmm" "oooooooo" "gggggggg"    /* piano, chromatic percussion, organ, guitar */
    "bbbbbbbb" "sssssssm" "ssssvvvs" "BBBBBBBB"    /* bass, strings (timpani), ensemble, brass */
    "rrrrrrrr" "ffffffff" "llllllll" "llllllll"    /* reed, pipe, synth lead, synth pad */
    "llllllll" "ggggmrsr" "mmmmmmmx" "xxxxxxxx";   /* synth effects, ethnic, percussive, sound effects */
static const char source_letters[] =
    "aaeaeeae" "aaaeaaaa" "eeeaaaaa" "aaeeeeea" "aeeeeess" "aaaaaaaa" "aassaass" "aaaaaass"
    "aaaaaaaa" "aaaaaaaa" "ssssssss" "ssssssss" "ssssssss" "aaaaaaaa" "aaaaaasa" "ssssssss";

/* Index of the word the letter stands for, -1 if none. */
static int family_of(int program) {
    static const char letters[] = "bBfgkmorslv";
    const char *at = strchr(letters, family_letters[program]);
    return at ? (int)(at - letters) : -1;
}

static int source_of(int program) {
    return source_letters[program] == 'a' ? 0 : source_letters[program] == 'e' ? 1 : 2;
}

void nsynth_put(FILE *to, const nsynth_note *note, size_t index) {
    int family = family_of(note->program), source = source_of(note->program);
    cli_put_json(to, note->note_str);
    fprintf(to, ": {\"note\": %zu, \"note_str\": ", index);
    cli_put_json(to, note->note_str);
    fprintf(to, ", \"path\": ");
    cli_put_json(to, note->path);
    fprintf(to, ", \"instrument\": %d, \"instrument_str\": ", note->program);
    cli_put_json(to, sori_instrument_name(note->program));
    fprintf(to, ", \"pitch\": %d, \"velocity\": %d, \"sample_rate\": %.10g", note->pitch, note->velocity, note->sr);
    fprintf(to, ", \"qualities\": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], \"qualities_str\": []");
    fprintf(to, ", \"instrument_family\": %d, \"instrument_family_str\": \"%s\"", family,
            family < 0 ? "other" : families[family]);
    fprintf(to, ", \"instrument_source\": %d, \"instrument_source_str\": \"%s\"}", source, sources[source]);
}
