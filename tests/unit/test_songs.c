/* Songs with stems: every refusal is one sentence, and leaves nothing behind. */
#include "test.h"
#include "base/base.h"
#include <sori/songs.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR TEST_SCRATCH "/songs"
#define FONT TEST_SCRATCH "/font.sf2"

static bool no_font(void) { return access("/usr/share/sounds/sf2/FluidR3_GM.sf2", R_OK) != 0; }

#define REFUSED(sentence, ...) SAYS(c, sori_make_songs(c, DIR, &(sori_songs_config){ __VA_ARGS__ }, NULL), sentence)

static void options(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *files[] = { "a.mid" };
    SAYS(c, sori_make_songs(c, NULL, NULL, NULL), "songs: no folder to write");
    REFUSED("songs: unknown layout 2", .layout = (sori_songs_layout)2);
    REFUSED("songs: 100000 tracks, above 99999", .tracks = 100000);
    REFUSED("songs: 100000 tracks, above 99999", .files = files, .n_files = 100000);
    REFUSED("songs: no files given", .n_files = 1);
    REFUSED("songs: sr 44100.5 is not a whole number within 8000 and 192000", .sr = 44100.5);
    REFUSED("songs: sr nan is not a whole number within 8000 and 192000", .sr = NAN);
    REFUSED("songs: room_s 0.01 is not within 0.05 and 20", .room_s = 0.01);
    REFUSED("songs: loudness 0 is not within -60 and -5 LUFS", .loudness = SORI_VALUE(0));
    REFUSED("songs: test 1.5 is not within 0 and 1", .test = SORI_VALUE(1.5));
    REFUSED("songs: -1 jobs are not 1 to 256", .jobs = -1);
    REFUSED("compose: a song of 3 s is not within 4 and 3600", .song = { .length_s = 3 });
    REFUSED("compose: 9 instruments are not 2 to 8", .song = { .instruments = 9 });
    assert_int_equal(access(DIR, F_OK), -1);
    sori_close(c);
}

static void refuses_font(const void *bytes, size_t n, const char *sentence) {
    FILE *f = fopen(FONT, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(sori_make_songs(c, DIR, &(sori_songs_config){ .soundfont = FONT }, NULL), SORI_EFORMAT);
    assert_string_equal(sori_message(c), sentence);
    assert_int_equal(access(DIR, F_OK), -1);
    sori_close(c);
}

static void soundfonts(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(sori_make_songs(c, DIR, &(sori_songs_config){ .soundfont = TEST_SCRATCH "/no.sf2" }, NULL),
                     SORI_EIO);
    assert_string_equal(sori_message(c), TEST_SCRATCH "/no.sf2: cannot open the SoundFont: No such file or directory");
    sori_close(c);
    refuses_font("", 0, FONT ": is not a SoundFont (.sf2 or .sf3)");
    refuses_font("RIFF\xff\0\0\0sfbk", 12, FONT ": truncated SoundFont");
    refuses_font("RIFF\x04\0\0\0sfbk", 12, FONT ": damaged SoundFont: a part is missing or broken");
    unsigned char noise[4096];
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (unsigned char)base_rng_u32(&r);
    refuses_font(noise, sizeof noise, FONT ": is not a SoundFont (.sf2 or .sf3)");
}

typedef struct said { size_t songs, errors; char error[256]; } said;

static void on_song(void *user, const sori_songs_song *song) {
    said *s = user;
    s->songs++;
    if (!song->error) return;
    s->errors++;
    snprintf(s->error, sizeof s->error, "%s", song->error);
}

static void put_midi(sori_ctx *c, const char *path, int program, double onset_s) {
    const sori_midi_note note = { onset_s, 0.5, 60, 100 };
    sori_midi_track track = { .name = "x", .program = program, .notes = &note, .n = 1 };
    assert_int_equal(sori_save_midi(c, path, &(sori_midi){ .tracks = &track, .n = 1 }, NULL), SORI_OK);
}

/* Files that cannot be rendered do not stop the others; of nothing, nothing is left but the folder. */
static void files(void **state) {
    (void)state;
    if (no_font()) skip();
    sori_ctx *c = sori_open(NULL);
    said s = { 0 };
    const char *list[] = { TEST_SCRATCH "/long.mid" };
    sori_songs_result r;
    sori_songs_config k = { .files = list, .n_files = 1, .sr = 8000, .on_song = on_song, .user = &s };
    put_midi(c, list[0], 0, 4000);
    assert_int_equal(sori_make_songs(c, DIR, &k, &r), SORI_OK);
    assert_true(r.made == 0 && r.failed == 1 && r.failure == SORI_EFORMAT && s.errors == 1);
    assert_string_equal(s.error, TEST_SCRATCH "/long.mid: lasts 4000 s, above 3600");
    assert_int_equal(rmdir(DIR), 0);
    put_midi(c, list[0], 0, 1800);
    k.sr = 192000, k.stereo = true;
    assert_int_equal(sori_make_songs(c, DIR, &k, &r), SORI_OK);
    assert_int_equal(r.failure, SORI_EINVAL);
    assert_string_equal(s.error, TEST_SCRATCH "/long.mid: songs: 1 stem of 1802.5 s at 192000 Hz: more than "
                                 "536870912 samples");
    assert_int_equal(rmdir(DIR), 0);
    sori_close(c);
}

static void clear_songs(void) {
    assert_int_equal(system("rm -rf '" DIR "'"), 0);   /* the scratch folder */
}

static void other_settings(void **state) {
    (void)state;
    if (no_font()) skip();
    clear_songs();
    sori_ctx *c = sori_open(NULL);
    sori_songs_config k = { .tracks = 1, .sr = 8000, .song = { .length_s = 4, .tempo = 120, .instruments = 2 } };
    assert_int_equal(sori_make_songs(c, DIR, &k, NULL), SORI_OK);
    REFUSED(DIR "/songs.json: the songs there have sr 8000.0, not 44100.0: choose another folder", .song = k.song);
    REFUSED(DIR "/songs.json: the songs there have tempo 120.0, not 100.0: choose another folder", .sr = 8000,
            .song = { .length_s = 4, .tempo = 100, .instruments = 2 });
    REFUSED(DIR "/songs.json: the songs there have key null, not \"D\": choose another folder", .sr = 8000,
            .song = { .length_s = 4, .tempo = 120, .instruments = 2, .key = "D" });
    FILE *f = fopen(DIR "/songs.json", "wb");
    assert_non_null(f);
    fputs("{]", f);
    fclose(f);
    assert_int_equal(sori_make_songs(c, DIR, &k, NULL), SORI_EFORMAT);
    assert_non_null(strstr(sori_message(c), DIR "/songs.json"));
    sori_close(c);
    clear_songs();
}

/* Nobody is asked whether to go on. */
static void interrupt(void *user, const sori_songs_song *song) {
    (void)song;
    sori_interrupt(user);
}

static void interrupted(void **state) {
    (void)state;
    if (no_font()) skip();
    clear_songs();
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1 });
    sori_songs_config k = { .tracks = 3, .sr = 8000, .song = { .length_s = 4, .instruments = 2 },
                            .on_song = interrupt, .user = c };
    assert_int_equal(sori_make_songs(c, DIR, &k, NULL), SORI_EINTR);
    assert_int_equal(access(DIR "/Track00001/notes.jams", R_OK), 0);
    assert_int_equal(access(DIR "/Track00002", F_OK), -1);
    assert_int_equal(access(DIR "/Track00002.part", F_OK), -1);
    sori_close(c);
    clear_songs();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options), cmocka_unit_test(soundfonts),     cmocka_unit_test(files),
        cmocka_unit_test(other_settings), cmocka_unit_test(interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
