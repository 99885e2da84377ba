/* Chords, scales and drums by name; notes played together and as people do (skipped where there is no SoundFont). */
#include "arrays.h"
#include <sori/notation.h>
#include <sori/pitch.h>
#include <sori/score.h>
#include <unistd.h>

static sori_ctx *c;
static int setup(void **state) { (void)state; c = sori_open(NULL); return c ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(c); return 0; }

static bool no_font(void) { return access("/usr/share/sounds/sf2/FluidR3_GM.sf2", R_OK) != 0; }

/* "60 64 67" */
static const char *text_of(const int *pitches, int n) {
    static char text[2048];
    text[0] = 0;
    for (int i = 0; i < n; i++) base_format(text + strlen(text), 8, i ? " %d" : "%d", pitches[i]);
    return text;
}

/* --- chords ------------------------------------------------------------------------------------------------------- */

static void chord_is(const char *name, sori_chord_config config, const char *expected) {
    int pitches[SORI_CHORD_NOTES], n = sori_chord_pitches(c, name, &config, pitches);
    assert_ok(c);
    assert_string_equal(text_of(pitches, n), expected);
}

static void chords_have_names(void **state) {
    (void)state;
    static const struct { const char *name, *expected; } cases[] = {
        { "C", "60 64 67" }, { "C4:maj", "60 64 67" }, { "C:major", "60 64 67" }, { "C4:maj7/1", "64 67 71 72" },
        { "C:maj/1", "64 67 72" }, { "C:maj/2", "67 72 76" }, { "C:maj/0", "60 64 67" }, { "C:maj7/3", "71 72 76 79" },
        { "C/E", "64 67 72" }, { "C/D", "50 60 64 67" }, { "C/B", "59 60 64 67" }, { "G3:7", "55 59 62 65" },
        { "F#:min", "66 69 73" }, { "Bb2:dim", "46 49 52" }, { "E♭:aug", "63 67 71" }, { "D-1:sus2", "2 4 9" },
        { "A:sus4", "69 74 76" }, { "C:9/4", "62 64 67 70 72" }, { "C:13", "60 64 67 70 74 77 81" }, { "N", "" },
        { "c:5", "60 67" }, { "C7", "96 100 103" },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) chord_is(cases[i].name, (sori_chord_config){ 0 }, cases[i].expected);
    size_t n;
    const char *const *names = sori_list_chords(&n);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        int pitches[SORI_CHORD_NOTES];
        base_format(name, sizeof name, "C:%s", names[i]);
        assert_true(sori_chord_pitches(c, name, NULL, pitches) >= 1 && pitches[0] == 60);
    }
    assert_string_equal(sori_chord_label(c, "C4:maj7/1"), "C:maj7/3");
    assert_string_equal(sori_chord_label(c, "Bb:7sus4/3"), "Bb:sus4(b7)/b7");
    assert_string_equal(sori_chord_label(c, "F#2"), "F#:maj");
    assert_string_equal(sori_chord_label(c, "N"), "N");
    assert_ok(c);
}

static void chords_have_voicings(void **state) {
    (void)state;
    chord_is("C:maj7", (sori_chord_config){ .octave = 3 }, "48 52 55 59");
    chord_is("C5:maj7", (sori_chord_config){ .octave = 3 }, "72 76 79 83");
    chord_is("C:maj", (sori_chord_config){ .voicing = SORI_OPEN_VOICING }, "60 67 76");
    chord_is("C:maj7", (sori_chord_config){ .voicing = SORI_OPEN_VOICING }, "60 67 76 83");
    chord_is("C:maj7", (sori_chord_config){ .voicing = SORI_DROP2_VOICING }, "55 60 64 71");
    chord_is("C:maj7", (sori_chord_config){ .voicing = SORI_DROP3_VOICING }, "52 60 67 71");
    chord_is("C:5", (sori_chord_config){ .voicing = SORI_DROP3_VOICING }, "60 67");
    chord_is("C:maj", (sori_chord_config){ .bass = true }, "48 60 64 67");
    chord_is("C:13", (sori_chord_config){ .bass = true }, "48 60 64 67 70 74 77 81");
}

#define NO_CHORD(text) "synth: \"" text "\" is not a chord such as C:maj, F#3:min7, G:7/1 (first inversion), C/E, or N"

static void impossible_chords(void **state) {
    (void)state;
    int p[SORI_CHORD_NOTES];
    static const char *const bad[] = { "", "H", "C:", "C:foo", "C:maj/", "C:maj/3", "C:maj/-1", "C:maj/H", "C:maj/E4",
                                       "C:maj:7", "Cmaj", "N:maj", "C:maj/99999999999999999999", "C:maj7 ", "C:/" };
    for (size_t i = 0; i < BASE_COUNT(bad); i++) {
        char says[200];
        snprintf(says, sizeof says, NO_CHORD("%s"), bad[i]);
        assert_int_equal(sori_chord_pitches(c, bad[i], NULL, p), -1);
        SAYS(c, 0, says);
        REFUSES(c, sori_chord_label(c, bad[i]), says);
    }
    SAYS(c, sori_chord_pitches(c, NULL, NULL, p), NO_CHORD(""));
    SAYS(c, sori_chord_pitches(c, "G9:maj", NULL, p), "synth: G9:maj has notes from 127 to 134, not within 1 and 127");
    SAYS(c, sori_chord_pitches(c, "C-1", NULL, p), "synth: C-1 has notes from 0 to 7, not within 1 and 127");
    SAYS(c, sori_chord_pitches(c, "C99", NULL, p), "synth: C99 has notes from 1200 to 1207, not within 1 and 127");
    SAYS(c, sori_chord_pitches(c, "C", &(sori_chord_config){ .octave = 10 }, p),
         "synth: there is no voicing 0, or octave 10 is not within -1 and 9");
    SAYS(c, sori_chord_pitches(c, "C", &(sori_chord_config){ .voicing = (sori_voicing)4 }, p),
         "synth: there is no voicing 4, or octave 0 is not within -1 and 9");
}

/* --- scales and drums --------------------------------------------------------------------------------------------- */

static void scale_is(const char *name, sori_scale_config config, const char *expected) {
    int pitches[SORI_SCALE_NOTES], n = sori_scale_pitches(c, name, &config, pitches);
    assert_ok(c);
    assert_string_equal(text_of(pitches, n), expected);
}

static void scales_have_names(void **state) {
    (void)state;
    scale_is("C", (sori_scale_config){ 0 }, "60 62 64 65 67 69 71 72");
    scale_is("D4 dorian", (sori_scale_config){ 0 }, "62 64 65 67 69 71 72 74");
    scale_is("D4:dor", (sori_scale_config){ .direction = SORI_DESCENDING }, "74 72 71 69 67 65 64 62");
    scale_is("A3 Melodic Minor", (sori_scale_config){ .direction = SORI_UP_AND_DOWN },
             "57 59 60 62 64 66 68 69 67 65 64 62 60 59 57");
    scale_is("C pentatonic", (sori_scale_config){ .octaves = 2, .octave = 3 }, "48 50 52 55 57 60 62 64 67 69 72");
    scale_is("E2:blues", (sori_scale_config){ 0 }, "40 43 45 46 47 50 52");
    int pitches[SORI_SCALE_NOTES];
    sori_scale_config most = { .direction = SORI_UP_AND_DOWN, .octaves = 10 };
    assert_int_equal(sori_scale_pitches(c, "C#-1 chromatic", &most, pitches), 241);
    size_t n;
    const char *const *names = sori_list_scales(&n);
    for (size_t i = 0; i < n; i++) {
        char name[40];
        base_format(name, sizeof name, "F#3 %s", names[i]);
        int count = sori_scale_pitches(c, name, NULL, pitches);
        assert_true(count >= 6 && pitches[0] == 54 && pitches[count - 1] == 66);
        for (int k = 1; k < count; k++) assert_true(pitches[k] > pitches[k - 1]);
    }
}

/* The modes are those of librosa's keys. */
static void modes_are_keys(void **state) {
    (void)state;
    static const char *const modes[] = { "major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian" };
    for (size_t i = 0; i < BASE_COUNT(modes); i++) {
        char name[40];
        int degrees[7], pitches[SORI_SCALE_NOTES];
        base_format(name, sizeof name, "Eb:%s", modes[i]);
        sori_key_to_degrees(c, name, degrees);
        assert_int_equal(sori_scale_pitches(c, name, NULL, pitches), 8);
        for (int k = 0; k < 7; k++) assert_int_equal(pitches[k] % 12, degrees[k]);
    }
}

#define NO_SCALE(text) "synth: \"" text "\" is not a scale such as C major, D4 dorian, Bb:harmonic_minor"

static void impossible_scales(void **state) {
    (void)state;
    int p[SORI_SCALE_NOTES];
    SAYS(c, sori_scale_pitches(c, "H major", NULL, p), NO_SCALE("H major"));
    SAYS(c, sori_scale_pitches(c, "C loud", NULL, p), NO_SCALE("C loud"));
    SAYS(c, sori_scale_pitches(c, "C4major", NULL, p), NO_SCALE("C4major"));
    SAYS(c, sori_scale_pitches(c, "C ", NULL, p), NO_SCALE("C "));
    SAYS(c, sori_scale_pitches(c, NULL, NULL, p), NO_SCALE(""));
    SAYS(c, sori_scale_pitches(c, "C9", NULL, p), "synth: C9 goes from note 120 to 132, not within 1 and 127");
    SAYS(c, sori_scale_pitches(c, "C", &(sori_scale_config){ .octaves = 11 }, p),
         "synth: 11 octaves from octave 4, direction 0, must be within 1 and 10, -1 and 9, 0 and 2");
    assert_int_equal(sori_scale_pitches(c, "C", &(sori_scale_config){ .octaves = -1 }, p), -1);
    sori_clear(c);
}

static void drums_have_names(void **state) {
    (void)state;
    for (int key = SORI_FIRST_DRUM; key <= SORI_LAST_DRUM; key++) {
        assert_int_equal(sori_drum(c, sori_drum_name(key)), key);
        assert_int_equal(sori_drum(c, sori_drum_title(key)), key);
    }
    assert_int_equal(sori_drum(c, "kick"), 36);
    assert_int_equal(sori_drum(c, "Snare"), 38);
    assert_int_equal(sori_drum(c, "hihat"), 42);
    assert_int_equal(sori_drum(c, "49"), 49);
    assert_ok(c);
    assert_null(sori_drum_name(34));
    assert_null(sori_drum_title(82));
    SAYS(c, sori_drum(c, "kazoo"), "synth: no drum is called \"kazoo\" (kick, snare, closed_hihat, open_hihat, crash, "
         "ride, low_tom, ..., any General MIDI name, or 35 to 81)");
    assert_int_equal(sori_drum(c, "82"), -1);
    sori_clear(c);
    assert_int_equal(sori_drum(c, NULL), -1);
    sori_clear(c);
}

/* --- notes together ----------------------------------------------------------------------------------------------- */

static void a_chord_is_the_sum_of_its_notes(void **state) {
    (void)state;
    if (no_font()) skip();
    sori_synth *s = sori_synth_open(c, NULL);
    int pitches[SORI_CHORD_NOTES], n = sori_chord_pitches(c, "C4:maj7/1", NULL, pitches);
    for (int stereo = 0; stereo < 2; stereo++) {
        int scope = sori_begin(c);
        sori_note_config k = { .instrument = "guitar", .duration_s = 0.4, .stereo = stereo };
        sori_audio chord = sori_chord(c, s, "C4:maj7/1", NULL, &k);
        assert_ok(c);
        float *sum = base_alloc(c, chord.y->size, sizeof *sum);
        for (int i = 0; i < n; i++) {
            k.pitch = pitches[i];
            sori_audio y = sori_note(c, s, &k);
            assert_int_equal(y.y->size, chord.y->size);
            for (size_t j = 0; j < y.y->size; j++) sum[j] += ((float *)y.y->data)[j];
        }
        assert_memory_equal(sum, chord.y->data, chord.y->size * sizeof *sum);
        base_free(c, sum);
        sori_end(c, scope, NULL);
    }
    sori_synth_close(s);
}

/* Onsets to the sample, lengths of their own, and what a note leaves at 0 from the config. */
static void notes_begin_where_they_say(void **state) {
    (void)state;
    if (no_font()) skip();
    int scope = sori_begin(c);
    sori_synth *s = sori_synth_open(c, NULL);
    sori_note_config k = { .program = 73, .pitch = 72, .duration_s = 0.2, .sr = 8000, .velocity = 80 };
    sori_score_note notes[] = { { .onset_s = 0.5 },
                                { .onset_s = 0.1, .duration_s = 0.3, .pitch = 76, .velocity = 90 } };
    sori_audio both = sori_play(c, s, notes, 2, &k), one = sori_note(c, s, &k);
    k.duration_s = 0.3, k.pitch = 76, k.velocity = 90;
    sori_audio two = sori_note(c, s, &k);
    assert_ok(c);
    assert_int_equal(both.y->size, 4000 + one.y->size);
    for (size_t i = 0; i < both.y->size; i++) {
        float sum = i >= 4000 ? ((float *)one.y->data)[i - 4000] : 0;
        if (i >= 800 && i < 800 + two.y->size) sum += ((float *)two.y->data)[i - 800];
        assert_true(((float *)both.y->data)[i] == sum);
    }
    sori_audio scale = sori_scale(c, s, "C5", NULL,
                                  &(sori_note_config){ .program = 73, .duration_s = 0.2, .sr = 8000 });
    assert_ok(c);
    assert_int_equal(scale.y->size, 7 * 1600 + 0.45 * 8000);
    sori_synth_close(s);
    sori_end(c, scope, NULL);
}

/* Mean f0 of the middle of a flute's note, by yin. */
static double heard_hz(sori_synth *s, sori_note_config k) {
    int scope = sori_begin(c);
    k.instrument = "flute", k.sr = 44100;
    sori_array *f0 = sori_yin(c, sori_note(c, s, &k), NULL);
    assert_ok(c);
    double sum = 0;
    for (size_t i = 20; i < 60; i++) sum += ((double *)f0->data)[i] / 40;
    sori_end(c, scope, NULL);
    return sum;
}

/* Against the same sample untuned, whose own pitch is six cents off and wavers. */
static void notes_can_be_tuned(void **state) {
    (void)state;
    if (no_font()) skip();
    sori_synth *s = sori_synth_open(c, NULL);
    double plain = heard_hz(s, (sori_note_config){ .pitch = 69 });
    static const double cents[] = { -49, -20, 7, 45 };
    for (size_t i = 0; i < BASE_COUNT(cents); i++) {
        double hz = heard_hz(s, (sori_note_config){ .pitch = 69, .cents = cents[i] });
        assert_close(1200 * log2(hz / plain), cents[i], 1, 0);
    }
    assert_close(heard_hz(s, (sori_note_config){ .pitch = 69, .a4_hz = 432 }) / plain, 432.0 / 440, 1e-3, 0);
    sori_audio a = sori_note(c, s, &(sori_note_config){ .pitch = 69, .cents = 300 });
    sori_audio b = sori_note(c, s, &(sori_note_config){ .pitch = 72 });
    assert_same(a.y, b.y);
    assert_same(sori_note(c, s, NULL).y, sori_note(c, s, &(sori_note_config){ .a4_hz = 440 }).y);
    sori_synth_close(s);
}

/* The centre of the spectrum tells a kick from a snare from a hi-hat. */
static void drums_sound_like_drums(void **state) {
    (void)state;
    if (no_font()) skip();
    sori_synth *s = sori_synth_open(c, NULL);
    double centre[3];
    for (int i = 0; i < 3; i++) {
        int scope = sori_begin(c), key = sori_drum(c, ((const char *[]){ "kick", "snare", "closed_hihat" })[i]);
        sori_audio y = sori_note(c, s, &(sori_note_config){ .drums = true, .pitch = key, .sr = 44100,
                                                            .duration_s = 0.3 });
        assert_ok(c);
        double power = 0, turning = 0;   /* power of the sound and of its steps: a mean of squared frequency */
        for (size_t n = 1; n < y.y->size; n++) {
            double x = ((float *)y.y->data)[n], step = x - ((float *)y.y->data)[n - 1];
            power += x * x, turning += step * step;
        }
        centre[i] = sqrt(turning / power) * 44100 / (2 * M_PI);
        sori_end(c, scope, NULL);
    }
    assert_true(centre[0] < centre[1] / 2 && centre[1] < centre[2] / 1.5);
    SAYS(c, sori_note(c, s, &(sori_note_config){ .drums = true, .program = 99 }),
         "synth: /usr/share/sounds/sf2/FluidR3_GM.sf2 has no drum kit 99");
    sori_synth_close(s);
}

static void impossible_music(void **state) {
    (void)state;
    if (no_font()) skip();
    sori_synth *s = sori_synth_open(c, NULL);
    sori_score_note note = { .pitch = 60 };
    REFUSES(c, sori_play(c, s, NULL, 3, NULL).y, "synth: 0 notes to play, not 1 to 65536");
    REFUSES(c, sori_play(c, s, &note, 65537, NULL).y, "synth: 65537 notes to play, not 1 to 65536");
    REFUSES(c, sori_play(c, NULL, &note, 1, NULL).y, "synth: no synthesiser given");
    note.onset_s = -1;
    REFUSES(c, sori_play(c, s, &note, 1, NULL).y, "synth: note 0 begins at -1 s, not within 0 and 3600");
    note = (sori_score_note){ .pitch = 128 };
    REFUSES(c, sori_play(c, s, &note, 1, NULL).y,
            "synth: program 0, pitch 128, velocity 100 must be within 0, 1, 1 to 127");
    note = (sori_score_note){ .cents = 1300 };
    REFUSES(c, sori_play(c, s, &note, 1, NULL).y,
            "synth: A4 at 440 Hz must be within 220 and 880, 1300 cents within -1200 and 1200");
    REFUSES(c, sori_note(c, s, &(sori_note_config){ .a4_hz = 100 }).y,
            "synth: A4 at 100 Hz must be within 220 and 880, 0 cents within -1200 and 1200");
    REFUSES(c, sori_note(c, s, &(sori_note_config){ .pitch = 126, .cents = 200 }).y,
            "synth: pitch 126, 200 cents higher, is not within 1 and 127");
    REFUSES(c, sori_chord(c, s, "N", NULL, NULL).y, "synth: 0 notes to play, not 1 to 65536");
    REFUSES(c, sori_chord(c, s, "Q", NULL, NULL).y, NO_CHORD("Q"));
    REFUSES(c, sori_scale(c, s, "Q", NULL, NULL).y, NO_SCALE("Q"));
    sori_synth_close(s);
}

/* --- as people play ----------------------------------------------------------------------------------------------- */

static void people_deviate_as_told(void **state) {
    (void)state;
    enum { N = 4000 };
    static sori_score_note notes[N], part[10];
    double sum[3] = { 0 }, squares[3] = { 0 };
    for (int i = 0; i < N; i++) notes[i] = (sori_score_note){ .onset_s = 1, .velocity = 64, .duration_s = 1 };
    for (int i = 0; i < 10; i++) part[i] = notes[i];
    assert_int_equal(sori_humanise(c, notes, N, &(sori_humanise_config){ .seed = 3 }), SORI_OK);
    for (int i = 0; i < N; i++) {
        double d[3] = { notes[i].onset_s - 1, notes[i].velocity - 64, notes[i].cents };
        for (int k = 0; k < 3; k++) sum[k] += d[k] / N, squares[k] += d[k] * d[k] / N;
        assert_true(fabs(d[0]) <= 0.03 + 1e-12 && fabs(d[1]) <= 18 && fabs(d[2]) <= 12 && notes[i].duration_s == 1);
    }
    static const double expected[3] = { 0.01, 6, 4 };
    for (int k = 0; k < 3; k++) {
        assert_close(sum[k], 0, 4 * expected[k] / sqrt(N), 0);
        assert_close(sqrt(squares[k]), expected[k], 0, 0.05);
    }
    sori_humanise(c, part, 10, &(sori_humanise_config){ .seed = 3, .first = 100 });   /* a part is the whole's */
    for (int i = 0; i < 10; i++)
        assert_true(part[i].onset_s == notes[100 + i].onset_s && part[i].velocity == notes[100 + i].velocity &&
                    part[i].cents == notes[100 + i].cents);
    sori_score_note one = { .velocity = 64 };
    sori_humanise(c, &one, 1, &(sori_humanise_config){ .onset_s = SORI_VALUE(0), .velocity = SORI_VALUE(0),
                                                       .cents = SORI_VALUE(0) });
    assert_true(one.onset_s == 0 && one.velocity == 64 && one.cents == 0);
    for (uint64_t seed = 0; seed < 50; seed++) {
        one = (sori_score_note){ .velocity = 120 };
        sori_humanise(c, &one, 1, &(sori_humanise_config){ .seed = seed, .velocity = SORI_VALUE(100) });
        assert_true(one.onset_s >= 0 && one.velocity >= 1 && one.velocity <= 127);
    }
    SAYS(c, sori_humanise(c, &one, 1, &(sori_humanise_config){ .cents = SORI_VALUE(-1) }),
         "synth: deviations of 0.01 s, velocity 6, -1 cents are not within 0 and 10, 127, 400");
    SAYS(c, sori_humanise(c, NULL, 1, NULL), "synth: no notes to humanise");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_have_names),           cmocka_unit_test(chords_have_voicings),
        cmocka_unit_test(impossible_chords),           cmocka_unit_test(scales_have_names),
        cmocka_unit_test(modes_are_keys),              cmocka_unit_test(impossible_scales),
        cmocka_unit_test(drums_have_names),            cmocka_unit_test(a_chord_is_the_sum_of_its_notes),
        cmocka_unit_test(notes_begin_where_they_say),  cmocka_unit_test(notes_can_be_tuned),
        cmocka_unit_test(drums_sound_like_drums),      cmocka_unit_test(impossible_music),
        cmocka_unit_test(people_deviate_as_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
