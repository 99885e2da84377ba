/* What taking mixtures apart, piano rolls and scores of notes refuse, and the sentence they say; names of files. */
#include "arrays.h"
#include <sori/metrics.h>
#include <sori/plot.h>
#include <sori/unmix.h>
#include <sys/stat.h>

static sori_ctx *c;
static int setup(void **state) { (void)state; c = sori_open(NULL); return c ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(c); return 0; }

static sori_audio tone(size_t n, double period) {
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), 22050 };
    for (size_t i = 0; i < n; i++) ((float *)y.y->data)[i] = (float)(0.3 * sin(6.283185307179586 * (double)i / period));
    return y;
}

static sori_array *array2(size_t rows, size_t columns, sori_dtype dtype) {
    return sori_array_new(c, dtype, 2, (size_t[]){ rows, columns });
}

/* --- templates -------------------------------------------------------------------------------------------------- */

static void templates(void **state) {
    (void)state;
#define NEW(...) sori_templates_new(c, &(sori_templates_config){ __VA_ARGS__ })
    REFUSES(c, NEW(.sr = -1), "templates: sampling rate -1 Hz is not positive");
    REFUSES(c, NEW(.stft.n_fft = -2), "templates: n_fft -2 is outside 1 to 16777216");
    REFUSES(c, NEW(.stft.n_fft = 32), "templates: n_fft 32 is below 64");
    REFUSES(c, NEW(.stft.uncentered = true), "templates: the transform must be centred");
    REFUSES(c, NEW(.per_note = 9), "templates: per_note 9 is outside 1 to 8");
    REFUSES(c, NEW(.per_note = -1), "templates: per_note -1 is outside 1 to 8");
    REFUSES(c, NEW(.T = -1), "templates: T -1 is outside 1 to 1024");
    REFUSES(c, NEW(.T = 1025), "templates: T 1025 is outside 1 to 1024");
    REFUSES(c, NEW(.power = -1), "templates: power -1 is not positive");
    sori_templates *t = sori_templates_new(c, NULL);
    assert_ok(c);
    assert_true(sori_templates_sr(t) == 22050);
    sori_audio y = tone(8000, 50), other = { y.y, 8000 }, stereo = { array2(2, 4000, SORI_F32), 22050 };
    sori_audio silent = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 8000 }), 22050 };
    SAYS(c, sori_templates_add(t, NULL, 60, y), "templates: a note of no instrument");
    SAYS(c, sori_templates_add(t, "", 60, y), "templates: a note of no instrument");
    SAYS(c, sori_templates_add(t, "piano", 0, y), "templates: pitch 0 is outside 1 to 127");
    SAYS(c, sori_templates_add(t, "piano", 128, y), "templates: pitch 128 is outside 1 to 127");
    SAYS(c, sori_templates_add(t, "piano", 60, other), "templates: a note at 8000 Hz, not 22050");
    SAYS(c, sori_templates_add(t, "piano", 60, stereo), "templates: a note of 2 axes, not one channel");
    SAYS(c, sori_templates_add_drum(t, 20, y), "templates: 20 is no drum's key");
    assert_int_equal(sori_templates_add(t, "piano", 60, silent), SORI_EFORMAT);
    assert_string_equal(sori_message(c), "templates: the note is silent");
    sori_clear(c);
    assert_int_equal(sori_templates_add_drum(t, 36, silent), SORI_EFORMAT);
    assert_string_equal(sori_message(c), "templates: the drum is silent");
    sori_clear(c);
    assert_int_equal(sori_templates_count(t) + sori_templates_drums(t), 0);
    for (int i = 0; i < 64; i++) {
        char name[16];
        snprintf(name, sizeof name, "i%d", i);
        assert_int_equal(sori_templates_add(t, name, 60, y), SORI_OK);
    }
    SAYS(c, sori_templates_add(t, "more", 60, y), "templates: more is one instrument more than 64");
    assert_int_equal(sori_templates_add(t, "i3", 61, y), SORI_OK);
    sori_templates_free(t);
    sori_templates_free(NULL);
    assert_int_equal(sori_templates_add(NULL, "piano", 60, y), SORI_EINVAL);
    assert_int_equal(sori_templates_count(NULL), 0);
}

static void save(const char *folder, const char *name) {
    char path[1024];
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    sori_save(c, path, tone(6000, 40), NULL);
}

/* What a file's name says; refused names end in a sentence with the path. */
static void names_of_files(void **state) {
    (void)state;
    static const char folder[] = TEST_SCRATCH "/named", *const bad[] = {
        "piano.wav", "piano_H4_100.wav", "piano_C12.wav", "_C4.wav", "C4_piano.wav", "drums_100.wav",
        "drums_drumsnare.wav",
    };
    static const char *const good[] = { "electric_piano_F#3_100.wav", "violin_As4_1_forte.wav", "oboe_Bb2.wav",
                                        "bass_C-1_1.wav", "drums_closed_hihat_90.wav", "drums_kick.wav" };
    char path[1024];
    save(folder, good[0]);
    if (sori_error(c) == SORI_EUNSUP) {
        sori_clear(c);
        return;
    }
    for (size_t i = 1; i < BASE_COUNT(good); i++) save(folder, good[i]);
    sori_templates *t = sori_load_templates(c, folder, &(sori_templates_config){ .per_note = 1 });
    assert_int_equal(sori_error(c), SORI_EFORMAT);   /* C-1 is MIDI's 0, which is no note of an instrument */
    sori_clear(c);
    snprintf(path, sizeof path, "%s/%s", folder, good[3]);
    remove(path);
    t = sori_load_templates(c, folder, &(sori_templates_config){ .per_note = 1 });
    assert_ok(c);
    assert_int_equal(sori_templates_count(t), 3);
    assert_int_equal(sori_templates_drums(t), 2);
    sori_templates_free(t);
    for (size_t i = 0; i < BASE_COUNT(bad); i++) {
        char says[1200];
        save(TEST_SCRATCH "/bad", bad[i]);
        snprintf(path, sizeof path, "%s/%s", TEST_SCRATCH "/bad", bad[i]);
        bool drum = !strncmp(bad[i], "drums_", 6);
        snprintf(says, sizeof says, "%s: no %s in its name, as in %s", path, drum ? "drum" : "note",
                 drum ? "drums_snare_100.wav" : "piano_C4_100.wav");
        assert_null(sori_load_templates(c, TEST_SCRATCH "/bad", NULL));
        assert_int_equal(sori_error(c), SORI_EFORMAT);
        assert_string_equal(sori_message(c), says);
        sori_clear(c);
        remove(path);
    }
    assert_null(sori_load_templates(c, TEST_SCRATCH "/bad", NULL));
    assert_string_equal(sori_message(c), TEST_SCRATCH "/bad: there is no sound file in it");
    sori_clear(c);
    assert_null(sori_load_templates(c, TEST_SCRATCH "/missing", NULL));
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_clear(c);
    REFUSES(c, sori_load_templates(c, NULL, NULL), "templates: no folder given");
}

/* --- mixtures --------------------------------------------------------------------------------------------------- */

static void mixtures(void **state) {
    (void)state;
    sori_audio y = tone(16000, 50), none = { NULL, 22050 };
    sori_audio empty = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), 22050 };
    sori_audio deep = { sori_array_new(c, SORI_F32, 3, (size_t[]){ 2, 2, 100 }), 22050 };
    sori_templates *t = sori_templates_new(c, NULL), *bare = sori_templates_new(c, NULL);
    sori_templates_add(t, "flute", 69, y);
#define UNMIX(y_, ...) sori_unmix_new(c, y_, &(sori_unmix_config){ .nmf.max_iter = 5, __VA_ARGS__ })
    REFUSES(c, sori_unmix_new(c, y, NULL), "unmix: neither templates of notes nor n_components");
    REFUSES(c, UNMIX(y, .templates = bare), "unmix: neither templates of notes nor n_components");
    REFUSES(c, UNMIX(y, .use = SORI_UNMIX_NAMES, .n_components = 2),
            "unmix: there are no templates to name components after");
    REFUSES(c, UNMIX(y, .use = (sori_unmix_use)7, .templates = t), "unmix: no such use of templates");
    REFUSES(c, UNMIX(y, .n_components = -1), "unmix: n_components -1 is outside 0 to 4096");
    REFUSES(c, UNMIX(y, .n_components = 4097), "unmix: n_components 4097 is outside 0 to 4096");
    REFUSES(c, UNMIX(y, .templates = t, .drums = 65), "unmix: drums 65 is outside -1 to 64");
    REFUSES(c, UNMIX(y, .templates = t, .adapt = -1), "unmix: adapt -1 is outside 0 to 1000000");
    REFUSES(c, UNMIX(y, .templates = t, .slice_s = -1), "unmix: slice_s -1 is outside 0 to 1e6");
    REFUSES(c, UNMIX(y, .templates = t, .slice_s = (double)NAN), "unmix: slice_s nan is outside 0 to 1e6");
    REFUSES(c, UNMIX(y, .templates = t, .slice_s = 0.05), "unmix: a slice of 0.05 s has 2 frames, fewer than 4");
    REFUSES(c, UNMIX(tone(2000, 50), .templates = t, .drums = 1), "unmix: 4 frames, fewer than a drum's 10");
    REFUSES(c, UNMIX(none, .templates = t), "unmix: no array given");
    REFUSES(c, UNMIX(empty, .templates = t), "unmix: no samples");
    REFUSES(c, UNMIX(deep, .templates = t), "unmix: sound of shape [2, 2, 100] (needs [n] or [channels, n])");
    REFUSES(c, UNMIX(((sori_audio){ y.y, 8000 }), .templates = t), "unmix: sound at 8000 Hz, templates at 22050");
    REFUSES(c, UNMIX(y, .templates = t, .nmf.smooth = -1), "nmf: smooth -1 is outside 0 to 1e+30");
    sori_unmix *u = UNMIX(y, .templates = t);
    assert_ok(c);
    assert_int_equal(sori_unmix_parts(u), 1);
    assert_null(sori_unmix_part_name(u, 1));
    assert_true(sori_unmix_drum_part(u) == SIZE_MAX);
    REFUSES(c, sori_unmix_activations(u, 1), "unmix: part 1 of 1");
    REFUSES(c, sori_unmix_part(u, y, 1).y, "unmix: part 1 of 1");
    REFUSES(c, sori_unmix_part(u, tone(15999, 50), 0).y, "unmix: 15999 samples, but 16000 were taken apart");
#define NOTES(...) sori_unmix_notes(u, &(sori_notes_config){ __VA_ARGS__ }).memory
    REFUSES(c, NOTES(.threshold = 2), "notes: threshold 2 is outside 0 to 1");
    REFUSES(c, NOTES(.release = -1), "notes: release -1 is outside 0 to 1");
    REFUSES(c, NOTES(.min_s = -1), "notes: min_s -1 is outside 0 to 1e+06");
    REFUSES(c, NOTES(.again = (double)NAN), "notes: again nan is outside 0 to 1e+06");
    REFUSES(c, NOTES(.drum_threshold = 1.5), "notes: drum_threshold 1.5 is outside 0 to 1");
    sori_unmix_free(u);
    sori_unmix_free(NULL);
    assert_int_equal(sori_unmix_parts(NULL), 0);
    sori_templates_free(t);
    sori_templates_free(bare);
}

/* Components without templates have the pitch of their harmonics, and names that sort. */
static void nameless(void **state) {
    (void)state;
    sori_audio y = tone(22050, 22050 / 440.0);
    sori_unmix *u = UNMIX(y, .n_components = 1);
    sori_note_events e = sori_unmix_notes(u, NULL);
    assert_ok(c);
    assert_string_equal(sori_unmix_part_name(u, 0), "01");
    assert_int_equal(e.n, 1);
    assert_int_equal(e.items[0].pitch, 69);
    assert_int_equal(e.items[0].velocity, 127);
    sori_unmix_free(u);
}

/* --- scores and pictures ---------------------------------------------------------------------------------------- */

static sori_array *notes_of(size_t n, const double (*rows)[3]) {
    return sori_array_from(c, SORI_F64, 2, (size_t[]){ n, 3 }, rows);
}

static void scores(void **state) {
    (void)state;
    sori_array *one = notes_of(1, (const double[][3]){ { 0, 1, 60 } }), *none = array2(0, 3, SORI_F64);
#define F1(...) sori_note_f1(c, one, one, &(sori_note_scores_config){ __VA_ARGS__ })
    SAYS(c, sori_note_f1(c, NULL, one, NULL), "note_f1: no array given");
    SAYS(c, sori_note_f1(c, array2(2, 2, SORI_F64), one, NULL), "note_f1: true notes are [2, 2], not [n, 3]");
    SAYS(c, sori_note_f1(c, one, notes_of(1, (const double[][3]){ { 2, 1, 60 } }), NULL),
         "note_f1: found note 0, 2 to 1 s, pitch 60, is none");
    SAYS(c, F1(.onset_s = SORI_VALUE(-1)), "note_f1: onset_s -1 is below 0");
    SAYS(c, F1(.cents = SORI_VALUE(-1)), "note_f1: cents -1 is below 0");
    SAYS(c, F1(.offset_ratio = SORI_VALUE(-0.5)), "note_f1: offset_ratio -0.5 is below 0");
    SAYS(c, F1(.offset_s = SORI_VALUE((double)NAN)), "note_f1: offset_s nan is below 0");
    assert_true(isnan(sori_note_f1(c, one, NULL, NULL).f1));
    sori_clear(c);
    assert_true(F1(.onset_s = SORI_VALUE(0)).f1 == 1);
    assert_true(sori_note_f1(c, one, none, NULL).f1 == 0 && sori_note_f1(c, none, none, NULL).precision == 0);
    assert_ok(c);
}

static void rolls(void **state) {
    (void)state;
    sori_plot *p = sori_plot_new(c, NULL);
    if (sori_error(c) == SORI_EUNSUP) {
        sori_clear(c);
        return;
    }
    const sori_roll_note note = { 0, 1, 60, 0, 1 }, wrong = { 0, (double)NAN, 60, 0, 1 }, stray = { 0, 1, 60, 3, 1 };
    const sori_array *flat[1] = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 5 }) };
    const sori_array *good[1] = { filled(c, 128, 20, 1) };
    const char *const rows[] = { "kick", "snare" };
#define ROLL(notes, n, ...) sori_plot_roll(p, notes, n, &(sori_roll_config){ __VA_ARGS__ })
    SAYS(c, ROLL(NULL, 0, .title = "x"), "roll: no rows to show, or more than 512");
    SAYS(c, ROLL(&note, 1, .n_series = 65), "roll: 65 series (up to 64)");
    SAYS(c, ROLL(NULL, 3, .n_series = 1), "roll: 0 notes (up to 1048576)");
    SAYS(c, ROLL(&wrong, 1, .n_series = 1), "roll: note 0, 0 to nan s, row 60, cannot be shown");
    SAYS(c, ROLL(&stray, 1, .n_series = 2), "roll: note 0 is of series 3 of 2");
    SAYS(c, ROLL(&note, 1, .low = 1, .high = 600), "roll: no rows to show, or more than 512");
    SAYS(c, ROLL(&note, 1, .row_names = rows), "roll: no rows to show, or more than 512");
    SAYS(c, ROLL(&note, 1, .activations = good), "roll: frames are 0 s apart (above 0)");
    SAYS(c, ROLL(&note, 1, .activations = flat, .frame_s = 1),
         "roll: activations of series 0 are not [rows, frames] f32, as wide as others");
    assert_int_equal(ROLL(&note, 1, .activations = good, .frame_s = 0.05), SORI_OK);
    assert_int_equal(ROLL(&note, 1, .low = 21, .high = 108), SORI_OK);
    assert_int_equal(ROLL(NULL, 0, .low = 1, .high = 2, .row_names = rows), SORI_OK);
    assert_non_null(sori_plot_png(p));
    assert_ok(c);
    assert_int_equal(sori_plot_roll(NULL, &note, 1, NULL), SORI_EINVAL);
    sori_plot_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(templates, setup, teardown),
        cmocka_unit_test_setup_teardown(names_of_files, setup, teardown),
        cmocka_unit_test_setup_teardown(mixtures, setup, teardown),
        cmocka_unit_test_setup_teardown(nameless, setup, teardown),
        cmocka_unit_test_setup_teardown(scores, setup, teardown),
        cmocka_unit_test_setup_teardown(rolls, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
