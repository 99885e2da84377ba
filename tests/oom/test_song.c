/* Out of memory while a song is composed. */
#include "oom.h"
#include <sori/song.h>

static uint64_t compose(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_midi m = sori_compose(c, &(sori_song_config){ .seed = 1, .instruments = 8, .length_s = 20 });
    uint64_t h = base_hash(BASE_HASH_START, &m.n, sizeof m.n);
    for (size_t i = 0; i < m.n; i++) h = base_hash(h, m.tracks[i].notes, m.tracks[i].n * sizeof(sori_midi_note));
    return h;
}

static void songs(void **state) { (void)state; oom_every(&(oom_job){ .run = compose }); }

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(songs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
