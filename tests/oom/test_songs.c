/* Out of memory while songs with stems are made: no folder under a final name is less than whole. */
#define _GNU_SOURCE   /* nftw */
#include "oom.h"
#include <ftw.h>
#include <sori/songs.h>
#include <sys/stat.h>

#define DIR TEST_SCRATCH "/songs"

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static uint64_t make(sori_ctx *c, const void *arg) {
    const sori_songs_config *k = arg;
    const char *last = k->layout ? DIR "/train/Track00001/notes.jams" : DIR "/Track00001/notes.jams";
    sori_songs_result r;
    nftw(DIR, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    if (sori_make_songs(c, DIR, k, &r) == SORI_OK) return oom_hash_file(last);
    assert_int_equal(access(k->layout ? DIR "/train/Track00001" : DIR "/Track00001", F_OK), -1);
    return 0;
}

static void songs(void **state) {
    (void)state;
    if (access("/usr/share/sounds/sf2/FluidR3_GM.sf2", R_OK) != 0) skip();
    sori_songs_config k = { .tracks = 1, .sr = 8000, .room_s = 0.1,
                            .song = { .length_s = 4, .tempo = 240, .instruments = 2 } };
    oom_every(&(oom_job){ .run = make, .arg = &k, .most = 40 });
    k.layout = SORI_MUSDB;
    oom_every(&(oom_job){ .run = make, .arg = &k, .most = 15 });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(songs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
