/* cmd_synth.c - sori synth: recordings we make ourselves; the table of what there is. `notes` plays single notes of a
 * SoundFont's instruments into a folder that `sori train` can read: DIR/INSTRUMENT/INSTRUMENT_NOTE_VELOCITY.wav, and
 * examples.json as NSynth's. */
#include "nsynth.h"
#include "synth.h"
#include <stdlib.h>
#include <string.h>

typedef struct notes {
    sori_synth *synth;
    bool chosen[SORI_INSTRUMENTS];
    int low, high;                          /* pitches, both ends */
    int velocities[127];
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
                            .sr = cli_number(k, "sr"), .stereo = cli_flag(k, "stereo"),
                            .a4_hz = cli_number(k, "tuning") },
                .progress = cli_progress_new(k) };
    n.velocity_count = synth_velocities(k, n.velocities);
    if (n.velocity_count == 0 || !choose_instruments(k, &n) || !choose_pitches(k, &n)) return CLI_EXIT_USAGE;
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

/* --- the table --------------------------------------------------------------------------------------------------- */

#define SOUND "out|sr|subtype"
#define PLAYED SOUND "|duration|release|velocity|tuning|stereo|soundfont|humanise|labels|label_by"

static const synth_kind kinds[] = {
    { "notes", "single notes of instruments, to learn from",
      SOUND "|soundfont|instruments|pitches|velocity|duration|release|tuning|stereo|format", NULL, make_notes },
    { "chords", "C:maj F:7 G:min/1 ..., one after the other", PLAYED "|format|instrument|octave|voicing|bass",
      "CHORD...", synth_chords },
    { "scale", "'D4 dorian' ..., note by note", PLAYED "|format|instrument|octave|octaves|direction", "SCALE...",
      synth_scale },
    { "drums", "kick=x...x... snare=..x...x. ...", PLAYED "|bpm|steps|repeat", "DRUM=PATTERN...", synth_drums },
    { "mix", "piano=C:maj,F:maj bass=C2,F2 kick=x... ..., together",
      PLAYED "|octave|voicing|bass|bpm|steps|repeat", "PART...", synth_mix },
    { "song", "songs with a stem for each instrument, composed or from MIDI files",
      "out|sr|stereo|soundfont|instruments|tracks|layout|jobs|length|tempo|key|swing|loudness|room|test",
      "[FILE.mid...]", synth_song },
    { "tone", "a wave: sine, saw, FM, plucked string, chirp, ...",
      SOUND "|duration|tuning|wave|frequency|amplitude|phase|adsr|harmonics|ratio|index|index_envelope|damping|t60|to|"
      "linear", NULL, synth_tone },
    { "noise", "white, pink or brown noise", SOUND "|duration|color|rms", NULL, synth_noise },
    { "clicks", "clicks at given times, or on the beats", SOUND "|duration|times|bpm|click_freq|click_duration", NULL,
      synth_clicks },
    { NULL }
};

static const synth_kind *find_kind(cli *k, const char *name) {
    cli_nearest near = { .typed = name };
    for (const synth_kind *kind = kinds; kind->name; kind++) {
        if (!strcmp(kind->name, name)) return kind;
        cli_nearest_try(&near, kind->name);
    }
    if (near.best) cli_usage(k, "%s cannot be made; did you mean %s?", name, near.best);
    else cli_usage(k, "%s cannot be made; see 'sori help synth'", name);
    return NULL;
}

static const char *drum_at(size_t i) { return sori_drum_name(SORI_FIRST_DRUM + (int)i); }

/* What chords, scales or drums are called; the instruments for all others. */
static int list_names(const cli *k, const synth_kind *kind) {
    size_t n = SORI_LAST_DRUM - SORI_FIRST_DRUM + 1;
    bool drums = kind->run == synth_drums;
    if (!drums && kind->run != synth_chords && kind->run != synth_scale) return list_instruments(k);
    const char *const *names = drums ? NULL : kind->run == synth_chords ? sori_list_chords(&n) : sori_list_scales(&n);
    for (size_t i = 0; i < n; i++) {
        if (k->json) fputs(i ? ", " : "[", stdout);
        if (k->json) cli_put_json(stdout, names ? names[i] : drum_at(i));
        else puts(names ? names[i] : drum_at(i));
    }
    if (k->json) puts("]");
    return CLI_EXIT_OK;
}

static bool is_global(const cli_option *option) {
    const cli_option *o = cli_global_group.options;
    while (o->name && o != option) o++;
    return o->name;
}

/* Options of other kinds are mistakes. */
static int check(cli *k, const synth_kind *kind) {
    for (size_t i = 0; i < k->given_count; i++) {
        const cli_option *o = k->given[i].option;
        int index;
        if (!is_global(o) && !cli_is_word_of(kind->options, o->name, strlen(o->name), &index))
            return cli_usage(k, "--%s is no option of %s", o->name, kind->name);
    }
    bool needed = kind->operands && *kind->operands != '[';
    if (needed && k->operand_count == 0) return cli_usage(k, "%s: %s is missing", kind->name, kind->operands);
    if (!kind->operands && k->operand_count > 0)
        return cli_usage(k, "%s: '%s' is one too many", kind->name, k->operands[0]);
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    if (cli_flag(k, "list") && k->operand_count == 0) return list_instruments(k);
    if (k->operand_count == 0) return cli_usage(k, "what to make is missing: 'sori synth notes', chords, tone, ...");
    const synth_kind *kind = find_kind(k, cli_take_operand(k));
    if (kind && cli_flag(k, "list")) return list_names(k, kind);
    int code = kind ? check(k, kind) : CLI_EXIT_USAGE;
    return code == CLI_EXIT_OK ? kind->run(k) : code;
}

static const cli_option options[] = {
    { "out", 'o', CLI_FILE, "OUT", NULL, "a .wav or .flac; notes, song: a folder, chords, scale: or a folder" },
    { "duration", 0, CLI_NUMBER, "SECONDS", "1", "how long a key is held, or a tone lasts", 0.001, 600 },
    { "release", 0, CLI_NUMBER, "SECONDS", "0.25", "how long the sound goes on after a key", 0.001, 600 },
    { "velocity", 'v', CLI_LIST, "N,...", "100",
      "how hard keys are struck, 1 to 127; notes: each so, others: in turn" },
    { "tuning", 0, CLI_NUMBER, "HZ", "440", "of A4", 220, 880 },
    { "sr", 0, CLI_NUMBER, "HZ", "22050", "sampling rate; song: 44100 by default", 8000, 96000 },
    { "stereo", 0, CLI_FLAG, .help = "two channels instead of their mean" },
    { "subtype", 0, CLI_CHOICE, "pcm16|pcm24|float", "pcm16", "of the samples" },
    { "format", 0, CLI_CHOICE, "wav|flac", "wav", "of the files in a folder" },
    { "soundfont", 0, CLI_FILE, "FILE", NULL, "an .sf2 or .sf3; default: the General MIDI one of the system" },
    { "instruments", 'i', CLI_LIST, "NAME,...", NULL,
      "notes: names or General MIDI numbers, or all; song: how many, 2 to 8 [4]" },
    { "pitches", 'p', CLI_TEXT, "LOW:HIGH", "C3:C5", "notes: C4, F#3, Bb2 or MIDI numbers, both ends count" },
    { "list", 0, CLI_FLAG, .help = "show the instruments there are; chords, scale, drums: the names of these" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_synth = {
    .name = "synth",
    .summary = "make sound whose truth is known: notes, chords, scales, drums, songs with stems, tones",
    .operands = "WHAT [NAME...]",
    .words = "notes|chords|scale|drums|mix|song|tone|noise|clicks",
    .max_operands = -1,
    .examples = {
        { "sori synth notes --instruments piano,guitar,bass --pitches C3:C5 --out notes", "three classes of 25 notes" },
        { "sori synth chords C:maj F:maj7 G:7/1 --instrument guitar -o chords.wav", "and chords.json, its notes" },
        { "sori synth scale 'D4 dorian' --direction both --duration 0.3 -o scale.wav", "up and down" },
        { "sori synth drums kick=x...x... snare=..x...x. hihat=xxxxxxxx --repeat 4 -o drums.wav", "a pattern" },
        { "sori synth mix piano=C:maj,A:min bass=C2,A1 kick=x... -o mix.wav --labels jams", "together, with labels" },
        { "sori synth song --tracks 200 --out songs --jobs 2", "a data set for separation, as Slakh2100" },
        { "sori synth tone --wave pluck --frequency E2 --duration 3 -o string.wav", "no instrument" },
    },
    .groups = { &group, &synth_play_group, &synth_song_group, &synth_tone_group },
    .text = "WHAT is one of\n\n"
            "notes: every instrument of --instruments at every pitch, as DIR/INSTRUMENT/INSTRUMENT_NOTE_VELOCITY.wav, "
            "and DIR/examples.json that lists them as the NSynth data set does.\n\n"
            "chords CHORD...: ROOT[:QUALITY][/INVERSION], C:maj, F#3:min7, G:7/1, C/E. scale SCALE...: 'C major', "
            "D4:dorian. Into one file one after the other, into a folder each by itself.\n\n"
            "drums DRUM=PATTERN...: x is struck, X harder, . not. mix: these, and INSTRUMENT=SOUND,... of notes, "
            "chords and rests (-) that last --duration each, or twice as long as C4*2.\n\n"
            "song [FILE.mid...]: the files, or composed songs, as mixture and stems whose sum it is, sample for "
            "sample. --layout slakh: TrackNNNNN/mix.flac, stems/S00.flac, MIDI/S00.mid, metadata.yaml; musdb: "
            "train/TrackNNNNN/mixture.wav, vocals.wav (the melody), drums.wav, bass.wav, other.wav, and test/. Songs "
            "that are there are not made again: after Ctrl-C the same command goes on.\n\n"
            "tone, noise, clicks: sounds that need no SoundFont; frequencies in Hz or as notes.\n\n"
            "Beside chords, scales, drums and mixtures lies a .json with every note and chord, or another label file "
            "(--labels). The same command makes the same samples every time.",
    .run = run,
};
