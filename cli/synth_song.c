/* synth_song.c - sori synth song: data sets of songs with stems, composed or from MIDI files. */
#include "synth.h"
#include <math.h>
#include <stdlib.h>

static void show_song(void *user, const sori_songs_song *song) {
    cli_progress *p = user;
    if (song->error) cli_error(p->k, "%s", song->error);
    if (song->done < song->total) cli_progress_count(p, "songs", song->done, song->total);
}

/* --instruments is a list for `notes`; here it is how many. False: said why. */
static bool choose_count(cli *k, int *out) {
    const char *text = cli_text(k, "instruments");
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : 4;
    *out = (int)n;
    if (!text || (end != text && !*end && n >= 2 && n <= SORI_SONG_PARTS)) return true;
    cli_usage(k, "--instruments %s: how many of a song, 2 to %d", text, SORI_SONG_PARTS);
    return false;
}

static int check(cli *k) {
    static const char *const composed[] = { "tracks", "length", "tempo", "key", "swing", "instruments" };
    for (size_t i = 0; k->operand_count && i < CLI_COUNT(composed); i++)
        if (cli_given(k, composed[i])) return cli_usage(k, "--%s is for composed songs, not MIDI files", composed[i]);
    if (!cli_text(k, "out")) return cli_usage(k, "--out is missing: a folder for the songs");
    if (cli_choice(k, "layout") == SORI_SLAKH && cli_given(k, "test"))
        return cli_usage(k, "--test is for --layout musdb: Slakh's tracks are in one folder");
    return CLI_EXIT_OK;
}

static int finish(cli *k, const sori_songs_result *r) {
    const char *dir = cli_text(k, "out");
    if (k->json) {
        printf("{\"songs\": %zu, \"kept\": %zu, \"failed\": %zu, \"duration_s\": ", r->made, r->kept, r->failed);
        cli_put_json_number(stdout, r->duration_s, 9);
        fputs(", \"out\": ", stdout);
        cli_put_json(stdout, dir);
        puts("}");
    }
    size_t there = r->made + r->kept;
    if (there) cli_say(k, "%zu song%s in %s, %zu made now", there, there == 1 ? "" : "s", dir, r->made);
    if (r->failed == 0) return CLI_EXIT_OK;
    return there ? CLI_EXIT_SOME_FAILED : cli_exit_of(r->failure);
}

int synth_song(cli *k) {
    cli_progress progress = cli_progress_new(k);
    sori_songs_result result;
    sori_songs_config songs = {
        .layout = (sori_songs_layout)cli_choice(k, "layout"), .tracks = (size_t)cli_int(k, "tracks"),
        .song = { .length_s = cli_number(k, "length"), .tempo = cli_number(k, "tempo"), .key = cli_text(k, "key"),
                  .swing = cli_opt(k, "swing") },
        .files = k->operands, .n_files = k->operand_count, .soundfont = cli_text(k, "soundfont"),
        .sr = cli_given(k, "sr") ? cli_number(k, "sr") : 0, .stereo = cli_flag(k, "stereo"),
        .room_s = cli_number(k, "room"), .loudness = SORI_VALUE(cli_number(k, "loudness")),
        .test = SORI_VALUE(cli_number(k, "test")), .jobs = (int)cli_int(k, "jobs"), .on_song = show_song,
        .user = &progress,
    };
    int code = check(k);
    if (code != CLI_EXIT_OK) return code;
    if (!k->operand_count && !choose_count(k, &songs.song.instruments)) return CLI_EXIT_USAGE;
    sori_make_songs(k->c, cli_text(k, "out"), &songs, &result);
    cli_progress_end(&progress);
    return sori_error(k->c) ? cli_fail(k) : finish(k, &result);
}

static const cli_option options[] = {
    { "tracks", 0, CLI_INT, "N", "10", "how many are composed", 1, 99999 },
    { "layout", 0, CLI_CHOICE, "slakh|musdb", "slakh", "of the folder: as Slakh2100, or as MUSDB18" },
    { "jobs", 0, CLI_INT, "N", "0", "songs at once, a thread each; 0: one for each of --threads, the most", 0, 256 },
    { "length", 0, CLI_NUMBER, "SECONDS", "60", "of a song, in whole bars, and 2 s to fade", 4, 3600 },
    { "tempo", 0, CLI_NUMBER, "BPM", NULL, "beats a minute; default: drawn, 72 to 150", 40, 240 },
    { "key", 0, CLI_TEXT, "KEY", NULL, "'D minor', 'F lydian'; default: drawn" },
    { "swing", 0, CLI_NUMBER_OR_NONE, "AMOUNT", "none", "0 straight, 1 triplets; none: drawn", 0, 1 },
    { "loudness", 0, CLI_NUMBER, "LUFS", "-23", "of the mixture; softer where a peak would exceed -1 dBFS", -60, -5 },
    { "room", 0, CLI_NUMBER, "SECONDS", "0", "reverberation time of the room; 0: none", 0, 20 },
    { "test", 0, CLI_NUMBER, "SHARE", "0.2", "musdb: of the songs, that go to test/", 0, 1 },
    { NULL }
};
const cli_group synth_song_group = { "Songs", options };
