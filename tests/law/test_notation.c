/* Laws of notation: a note's name read back is the note in every key, a key spells every pitch class once, octaves and
 * tuning go there and back. */
#include "test.h"
#include "base/base.h"
#include <sori/notation.h>

static void names_read_back(void **state) {
    (void)state;
    static const char *const scales[] = { "maj", "min", "dorian", "lyd", "locrian" };
    sori_ctx *c = sori_open(NULL);
    for (int tonic = -14; tonic <= 14; tonic++)
        for (size_t s = 0; s < BASE_COUNT(scales); s++) {
            char key[64];
            base_format(key, sizeof key, "%s:%s", sori_fifths_to_note(c, "C", tonic, false), scales[s]);
            for (int midi = 0; midi < 128; midi++) {
                sori_note_name_config g = { .key = key, .no_octave = true, .ascii = midi % 2 };
                double read = sori_note_to_midi(c, sori_midi_to_note(c, midi, &g), false);
                assert_true(fmod(read - midi + 240, 12) == 0);
            }
        }
    for (int midi = -200; midi < 300; midi++)
        assert_true(sori_note_to_midi(c, sori_midi_to_note(c, midi, NULL), false) == midi);
    for (int cents = -49; cents < 50; cents++) {
        double midi = 69 + cents / 100.0;
        const char *name = sori_midi_to_note(c, midi, &(sori_note_name_config){ .cents = true });
        assert_close(sori_note_to_midi(c, name, true), midi, 1e-12, 0);
    }
    assert_ok(c);
    sori_close(c);
}

/* The scale's degrees are spelled with seven different letters. */
static void scales_use_every_letter(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int tonic = -7; tonic <= 7; tonic++) {
        char key[64];
        const char *notes[12];
        int degrees[7], letters = 0;
        base_format(key, sizeof key, "%s:maj", sori_fifths_to_note(c, "C", tonic, true));
        sori_key_to_notes(c, key, true, false, notes);
        sori_key_to_degrees(c, key, degrees);
        assert_ok(c);
        for (int i = 0; i < 7; i++) letters |= 1 << (notes[degrees[i]][0] - 'A');
        assert_int_equal(letters, 0x7F);
    }
    sori_close(c);
}

static void there_and_back(void **state) {
    (void)state;
    for (double hz = 10; hz < 20000; hz *= 1.3) {
        assert_close(sori_midi_to_hz(sori_hz_to_midi(hz)), hz, 0, 1e-13);
        assert_close(sori_octs_to_hz(sori_hz_to_octs(hz, 0.3, 36), 0.3, 36), hz, 0, 1e-13);
        assert_close(sori_tuning_to_A4(sori_A4_to_tuning(hz, 0), 0), hz, 0, 1e-13);
    }
}

/* The svara of a mela's degrees are its seven, one of each first letter but for Ri and Ga, Dha and Ni. */
static void melas_have_seven_degrees(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int mela = 1; mela <= 72; mela++) {
        static const char initials[] = "SRGMPDN";
        const char *svara[12];
        int degrees[7];
        sori_mela_to_degrees(c, mela, degrees);
        sori_mela_to_svara(c, mela, NULL, svara);
        assert_ok(c);
        for (int i = 0; i < 7; i++) assert_int_equal(svara[degrees[i]][0], initials[i]);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_read_back), cmocka_unit_test(scales_use_every_letter),
        cmocka_unit_test(there_and_back), cmocka_unit_test(melas_have_seven_degrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
