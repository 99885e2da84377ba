/* Songs with stems: the mixture is the sum of the stems in the files, bit for bit, at the loudness asked for and below
 * -1 dBFS; the same for any number of jobs, in one go or in two (skipped where there is no SoundFont). */
#define _GNU_SOURCE   /* nftw */
#include "arrays.h"
#include <ftw.h>
#include <sori/level.h>
#include <sori/songs.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR TEST_SCRATCH "/"
#define SHORT { .length_s = 4, .tempo = 120, .instruments = 3 }

static int no_font(void **state) {
    (void)state;
    return access("/usr/share/sounds/sf2/FluidR3_GM.sf2", R_OK) ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static const char *fresh(const char *folder) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return folder;
}

static sori_audio read_24(sori_ctx *c, const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return sori_load(c, path, &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
}

/* Read back, in whole numbers. */
static void check_sum(const char *folder, const char *mixture, const char *const *stems, size_t n, double lufs) {
    sori_ctx *c = sori_open(NULL);
    sori_audio mix = read_24(c, folder, mixture);
    assert_ok(c);
    int64_t *sum = calloc(mix.y->size, sizeof *sum), limit = (int64_t)(pow(10, -0.05) * 8388608);
    for (size_t k = 0; k < n; k++) {
        sori_audio y = read_24(c, folder, stems[k]);
        assert_ok(c);
        assert_int_equal(y.y->size, mix.y->size);
        for (size_t i = 0; i < y.y->size; i++) {
            double q = ((float *)y.y->data)[i] * 8388608.0;
            assert_true(q == rint(q) && fabs(q) <= limit);
            sum[i] += (int64_t)q;
        }
    }
    for (size_t i = 0; i < mix.y->size; i++) {
        assert_true(((float *)mix.y->data)[i] * 8388608.0 == (double)sum[i]);
        assert_true(llabs(sum[i]) <= limit);
    }
    double heard = sori_loudness(c, mix);
    assert_ok(c);
    assert_true(heard <= lufs + 0.01);
    if (lufs <= -23) assert_close(heard, lufs, 0.01, 0);
    free(sum);
    sori_close(c);
}

static void make(const char *folder, sori_songs_config k, int threads, sori_songs_result *r) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads, .seed = 7 });
    sori_make_songs(c, folder, &k, r);
    assert_ok(c);
    sori_close(c);
}

static void stems_sum_to_the_mixture(void **state) {
    static const char *const stems[] = { "stems/S00.flac", "stems/S01.flac", "stems/S02.flac" };
    static const char *const roles[] = { "vocals.wav", "drums.wav", "bass.wav", "other.wav" };
    if (no_font(state)) skip();
    sori_songs_result r;
    sori_songs_config k = { .tracks = 1, .song = SHORT, .sr = 22050 };
    make(fresh(DIR "quiet"), k, 1, &r);
    assert_true(r.made == 1 && r.kept == 0 && r.failed == 0);
    assert_close(r.duration_s, 6, 1e-9, 0);
    check_sum(DIR "quiet/Track00001", "mix.flac", stems, 3, -23);
    k.loudness = SORI_VALUE(-6);     /* the peaks decide */
    k.room_s = 0.5;
    make(fresh(DIR "loud"), k, 1, &r);
    check_sum(DIR "loud/Track00001", "mix.flac", stems, 3, -6);
    k = (sori_songs_config){ .layout = SORI_MUSDB, .tracks = 2, .song = { .length_s = 4, .instruments = 8 },
                             .test = SORI_VALUE(0.5) };
    make(fresh(DIR "musdb"), k, 2, &r);
    check_sum(DIR "musdb/train/Track00001", "mixture.wav", roles, 4, -23);
    check_sum(DIR "musdb/test/Track00002", "mixture.wav", roles, 4, -23);
}

static uint64_t hash_file(const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is missing", path);
    uint64_t h = BASE_HASH_START;
    for (int byte; (byte = getc(f)) != EOF;) h = base_hash(h, &(char){ (char)byte }, 1);
    fclose(f);
    return h;
}

static void assert_same_songs(const char *a, const char *b, int tracks) {
    static const char *const names[] = { "mix.flac", "stems/S00.flac", "stems/S02.flac", "MIDI/S01.mid", "all_src.mid",
                                         "metadata.yaml", "notes.json", "notes.jams" };
    for (int t = 1; t <= tracks; t++)
        for (size_t i = 0; i < BASE_COUNT(names); i++) {
            char name[64];
            snprintf(name, sizeof name, "Track%05d/%s", t, names[i]);
            if (hash_file(a, name) != hash_file(b, name)) fail_msg("%s differs", name);
        }
    assert_true(hash_file(a, "songs.json") == hash_file(b, "songs.json"));
}

static void seed_and_number_decide(void **state) {
    if (no_font(state)) skip();
    sori_songs_result r;
    sori_songs_config k = { .tracks = 4, .song = SHORT, .sr = 8000 };
    make(fresh(DIR "one"), k, 1, &r);
    make(fresh(DIR "two"), k, 2, &r);
    assert_same_songs(DIR "one", DIR "two", 4);
    assert_true(hash_file(DIR "one", "Track00001/mix.flac") != hash_file(DIR "one", "Track00002/mix.flac"));
    k.tracks = 2;                    /* and two more, over what an interrupted run left */
    make(fresh(DIR "grown"), k, 2, &r);
    assert_int_equal(mkdir(DIR "grown/Track00003.part", 0777), 0);
    assert_int_equal(mkdir(DIR "grown/Track00003.part/stems", 0777), 0);
    FILE *f = fopen(DIR "grown/Track00003.part/stems/S09.flac", "wb");
    assert_non_null(f);
    fclose(f);
    k.tracks = 4;
    make(DIR "grown", k, 2, &r);
    assert_true(r.made == 2 && r.kept == 2);
    assert_same_songs(DIR "one", DIR "grown", 4);
    assert_int_equal(access(DIR "grown/Track00003.part", F_OK), -1);
    assert_int_equal(access(DIR "grown/Track00003/stems/S09.flac", F_OK), -1);
    make(DIR "grown", k, 2, &r);
    assert_true(r.made == 0 && r.kept == 4);
}

/* A composed song, saved as MIDI and rendered from there, has the same stems in MUSDB's layout: who is who is found. */
static void files_are_songs(void **state) {
    if (no_font(state)) skip();
    sori_songs_result r;
    sori_songs_config k = { .tracks = 1, .song = { .length_s = 8, .tempo = 120, .instruments = 4 }, .sr = 8000 };
    make(fresh(DIR "composed"), k, 1, &r);
    const char *files[] = { DIR "composed/Track00001/all_src.mid", DIR "missing.mid" };
    k = (sori_songs_config){ .layout = SORI_MUSDB, .files = files, .n_files = 2, .sr = 8000, .test = SORI_VALUE(0) };
    make(fresh(DIR "rendered"), k, 2, &r);
    assert_true(r.made == 1 && r.failed == 1 && r.failure == SORI_EIO);
    sori_ctx *c = sori_open(NULL);
    static const char *const roles[] = { "vocals.wav", "drums.wav", "bass.wav", "other.wav" };
    for (int i = 0; i < 4; i++) {
        sori_audio y = read_24(c, DIR "rendered/train/Track00001", roles[i]);
        assert_ok(c);
        assert_true(isfinite(sori_loudness(c, y)));
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stems_sum_to_the_mixture),
        cmocka_unit_test(seed_and_number_decide),
        cmocka_unit_test(files_are_songs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
