/* What note, key and mela names refuse and the sentence they say; where sori differs from librosa on purpose. */
#include "test.h"
#include <sori/notation.h>

static void refusals(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *twelve[12];
    int seven[7];
    SAYS(c, sori_note_to_midi(c, "H4", false), "note_to_midi: 'H4' is not a note");
    SAYS(c, sori_note_to_midi(c, NULL, false), "note_to_midi: no note given");
    SAYS(c, sori_note_to_midi(c, "A4x", false), "note_to_midi: 'A4x' is not a note");
    SAYS(c, sori_note_to_midi(c, "A99999", false), "note_to_midi: the octave of 'A99999' is beyond +-9999");
    SAYS(c, sori_note_to_midi(c, "A4+10000", false), "note_to_midi: the cents of 'A4+10000' are beyond +-9999");
    SAYS(c, sori_note_to_midi(c, "A#################################4", false),
         "note_to_midi: 'A#################################4' is not a note");
    assert_true(isnan(sori_note_to_hz(c, "", false)));
    sori_clear(c);
    SAYS(c, sori_midi_to_note(c, NAN, NULL), "midi_to_note: MIDI number nan is not within +-100000");
    SAYS(c, sori_midi_to_note(c, 1e6, NULL), "midi_to_note: MIDI number 1e+06 is not within +-100000");
    SAYS(c, sori_midi_to_note(c, 60, &(sori_note_name_config){ .cents = true, .no_octave = true }),
         "midi_to_note: cents need an octave before them");
    SAYS(c, sori_hz_to_note(c, 0, NULL), "hz_to_note: 0 Hz is not a frequency above 0");
    SAYS(c, sori_fifths_to_note(c, "C", 201, false), "fifths_to_note: 201 fifths are beyond +-200");
    SAYS(c, sori_interval_to_fjs(c, 0, NULL), "interval_to_fjs: interval 0 is not above 0");
    SAYS(c, sori_interval_to_fjs(c, 1.4142, NULL), "interval_to_fjs: interval 1.4142 is none of the known just ones");
    SAYS(c, sori_hz_to_fjs(c, 55, 0, NULL, false), "hz_to_fjs: 0 Hz is not a frequency above 0");
    SAYS(c, sori_key_to_notes(c, "C:blues", false, false, twelve),
         "key_to_notes: 'C:blues' is not a key such as C:maj, F#:min or Eb:dorian");
    assert_null(twelve[0]);
    SAYS(c, sori_key_to_degrees(c, NULL, seven), "key_to_degrees: no key given");
    SAYS(c, sori_mela(c, "blues"), "mela: there is no mela named 'blues'");
    SAYS(c, sori_thaat_to_degrees(c, "blues", seven), "thaat_to_degrees: there is no thaat named 'blues'");
    SAYS(c, sori_mela_to_degrees(c, 73, seven), "mela_to_degrees: mela 73 is not within 1 .. 72");
    SAYS(c, sori_mela_to_svara(c, 0, NULL, twelve), "mela_to_svara: mela 0 is not within 1 .. 72");
    SAYS(c, sori_midi_to_svara_c(c, 60, 60, 99, NULL), "midi_to_svara_c: mela 99 is not within 1 .. 72");
    SAYS(c, sori_hz_to_svara_h(c, 440, -1, NULL), "hz_to_svara_h: -1 Hz is not a frequency above 0");
    SAYS(c, sori_times_like(c, 3, -1, 0, 0), "times_like: sr -1 Hz is not above 0");
    SAYS(c, sori_samples_like(c, 3, -1, 0), "samples_like: hop_length -1 is below 1");
    SAYS(c, sori_samples_like(c, 3, 0, -1), "samples_like: n_fft -1 is below 0");
    sori_close(c);
}

/* After an error nothing is done. */
static void failed_context(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *twelve[12];
    int seven[7] = { 1 };
    sori_fail(c, SORI_EINVAL, "first");
    assert_true(isnan(sori_note_to_midi(c, "A4", false)));
    assert_null(sori_midi_to_note(c, 60, NULL));
    assert_int_equal(sori_key_to_notes(c, "C:maj", false, false, twelve), SORI_EINVAL);
    assert_int_equal(sori_key_to_degrees(c, "D:maj", seven), SORI_EINVAL);
    assert_int_equal(seven[0], 0);
    assert_int_equal(sori_mela(c, "kanakangi"), 0);
    assert_null(sori_times_like(c, 3, 0, 0, 0));
    assert_null(sori_midi_to_note(NULL, 60, NULL));
    assert_string_equal(sori_message(c), "first");
    sori_close(c);
}

static void corrections(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_note_name_config cents = { .cents = true };
    assert_string_equal(sori_midi_to_note(c, -1, NULL), "B-2");          /* librosa: B-1 */
    assert_string_equal(sori_midi_to_note(c, -12, NULL), "C-2");
    assert_string_equal(sori_midi_to_note(c, 69.29, &cents), "A4+29");   /* librosa: A4+28 */
    assert_string_equal(sori_midi_to_note(c, 68.71, &cents), "A4-29");
    assert_true(sori_note_to_midi(c, "Cn4", false) == 60);               /* librosa reads n in keys alone */
    assert_string_equal(sori_interval_to_fjs(c, 243 / 128.0, NULL), "B");   /* librosa: unknown */
    assert_true(sori_blocks_to_frames(INT64_MAX, 2) == INT64_MAX);
    assert_true(sori_blocks_to_frames(INT64_MIN, 2) == INT64_MIN);
    assert_ok(c);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals), cmocka_unit_test(failed_context), cmocka_unit_test(corrections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
