/* Songs: composed alike from the same seed, playable, in their key and time; parts performed alike in every call. */
#include "test.h"
#include "base/base.h"
#include <sori/score.h>
#include <sori/song.h>

static bool same(const sori_midi *a, const sori_midi *b) {
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++)
        equal = a->tracks[i].n == b->tracks[i].n && a->tracks[i].program == b->tracks[i].program &&
                !memcmp(a->tracks[i].notes, b->tracks[i].notes, a->tracks[i].n * sizeof(sori_midi_note));
    return equal;
}

/* A song with more instruments has those of one with fewer, note for note. */
static void seeds_decide(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_song_config k = { .seed = 3, .number = 1, .instruments = 8 };
    sori_midi a = sori_compose(c, &k), b = sori_compose(c, &k);
    assert_ok(c);
    assert_true(a.n == 8 && same(&a, &b));
    k.number = 2;
    b = sori_compose(c, &k);
    assert_false(same(&a, &b));
    k = (sori_song_config){ .seed = 3, .number = 1, .instruments = 3 };
    b = sori_compose(c, &k);
    a.n = 3;
    assert_true(same(&a, &b));
    sori_close(c);
}

static bool in_key(int pitch) { return (1 << pitch % 12 & 0xAB5) != 0; }   /* C D E F G A B */

static void check_track(const sori_midi *m, const sori_midi_track *t) {
    double free_at[128] = { 0 };
    assert_true(t->n > 0);
    for (size_t i = 0; i < t->n; i++) {
        const sori_midi_note *x = &t->notes[i];
        assert_true(x->pitch > 0 && x->pitch < 128 && x->velocity > 0 && x->velocity < 128);
        assert_true(t->drums || in_key(x->pitch));
        assert_true(x->onset_s >= 0 && x->duration_s >= 0 && x->onset_s < m->duration_s);
        assert_true(i == 0 || x->onset_s >= t->notes[i - 1].onset_s);
        assert_true(x->onset_s >= free_at[x->pitch] - 1e-12);
        free_at[x->pitch] = x->onset_s + x->duration_s;
    }
}

static void songs_are_playable(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (uint32_t seed = 0; seed < 50; seed++) {
        int scope = sori_begin(c);
        sori_midi m = sori_compose(c, &(sori_song_config){ .seed = seed, .instruments = 8, .key = "C", .tempo = 120,
                                                           .length_s = 2.0 * (2 + seed), .swing = SORI_VALUE(0.5) });
        assert_ok(c);
        assert_close(m.duration_s, 2.0 * (2 + seed), 1e-9, 0);
        for (size_t i = 0; i < m.n; i++) check_track(&m, &m.tracks[i]);
        sori_end(c, scope, NULL);
    }
    sori_close(c);
}

static void gates(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    SAYS(c, sori_compose(c, &(sori_song_config){ .length_s = 3 }), "compose: a song of 3 s is not within 4 and 3600");
    SAYS(c, sori_compose(c, &(sori_song_config){ .tempo = 20 }), "compose: a tempo of 20 is not within 40 and 240");
    SAYS(c, sori_compose(c, &(sori_song_config){ .instruments = 9 }), "compose: 9 instruments are not 2 to 8");
    SAYS(c, sori_compose(c, &(sori_song_config){ .swing = SORI_VALUE(2) }), "compose: swing 2 is not within 0 and 1");
    SAYS(c, sori_compose(c, &(sori_song_config){ .key = "C blues" }),
         "compose: the key \"C blues\" has 6 notes, not 7");
    assert_null(sori_compose(c, &(sori_song_config){ .key = "H" }).memory);
    assert_int_equal(sori_error(c), SORI_EINVAL);
    sori_close(c);
}

/* --- played ----------------------------------------------------------------------------------------------------- */

static void parts_are_performed(void **state) {
    (void)state;
    static const sori_score_note notes[] = { { 0.5, 0.3, 60, 90, 0 }, { 0.5, 0.2, 64, 90, 0 }, { 1, 0.5, 60, 90, 0 } };
    sori_ctx *c = sori_open(NULL);
    sori_synth *s = sori_synth_open(c, NULL);
    if (!s) skip();
    sori_note_config k = { .program = 24, .sr = 22050, .stereo = true };
    sori_audio a = sori_perform(c, s, notes, 3, 2.5, &k);
    sori_perform(c, s, notes, 2, 1, &(sori_note_config){ .drums = true });
    sori_audio b = sori_perform(c, s, notes, 3, 2.5, &k), silence = sori_perform(c, s, NULL, 0, 1, &k);
    assert_ok(c);
    assert_int_equal(a.y->shape[1], 55125);
    assert_memory_equal(a.y->data, b.y->data, a.y->size * sizeof(float));
    const float *x = a.y->data;
    double before = 0, after = 0;
    for (size_t i = 0; i < 22050 / 2 - 200; i++) before = fmax(before, fabs((double)x[i]));
    for (size_t i = 22050 / 2; i < 22050; i++) after = fmax(after, fabs((double)x[i]));
    assert_true(before < 1e-3 && after > 0.01);
    for (size_t i = 0; i < silence.y->size; i++) assert_true(((float *)silence.y->data)[i] == 0);
    SAYS(c, sori_perform(c, s, notes, 3, 0, &k), "synth: a part of 0 s is not above 0 and at most 3600");
    SAYS(c, sori_perform(c, s, &(sori_score_note){ 0, 1, 60, 0, 0 }, 1, 1, &k),
         "synth: note 0: pitch 60, velocity 0 must be within 1 and 127");
    SAYS(c, sori_perform(c, s, &(sori_score_note){ -1, 1, 60, 1, 0 }, 1, 1, &k),
         "synth: note 0 begins at -1 s and lasts 1 s");
    sori_synth_close(s);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_decide), cmocka_unit_test(songs_are_playable), cmocka_unit_test(gates),
        cmocka_unit_test(parts_are_performed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
