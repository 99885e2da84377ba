/* Comparisons: what is refused, whose the arrays are, the sheet. */
#include "arrays.h"
#include <sori/compare.h>
#include <sori/synth.h>

static sori_ctx *c;
static int setup(void **state) { (void)state; c = sori_open(NULL); return c ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(c); return 0; }

static void impossible_comparisons(void **state) {
    (void)state;
    sori_audio y = sori_tone(c, &(sori_tone_config){ .duration_s = 0.1 });
    sori_audio none = { NULL, 22050 }, empty = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), 22050 };
    sori_audio broken = sori_audio_from(c, (float[]){ 0, NAN }, 1, 2, 22050), still = { y.y, -1 };
    assert_null(sori_compare(c, y, none, NULL).a.y.y);
    assert_int_equal(sori_error(c), SORI_EINVAL);
    sori_clear(c);
    SAYS(c, sori_compare(c, empty, y, NULL), "compare: a sound without samples");
    SAYS(c, sori_compare(c, y, broken, NULL), "compare: value 1 of the input is not finite");
    SAYS(c, sori_compare(c, still, y, NULL), "compare: sampling rate -1 Hz is not positive");
    SAYS(c, sori_compare(c, y, y, &(sori_compare_config){ .sr = -1 }), "compare: sr -1 Hz is not within 0 .. 1e6");
    SAYS(c, sori_compare(c, y, y, &(sori_compare_config){ .duration_s = NAN }),
         "compare: duration_s nan is not within 0 .. 1e6");
    SAYS(c, sori_compare(c, y, y, &(sori_compare_config){ .f0_hz = -440 }),
         "compare: f0_hz -440 must be a frequency, or 0");
    SAYS(c, sori_compare(c, y, y, &(sori_compare_config){ .n_partials = 33 }),
         "compare: n_partials 33 is not within 1 .. 32");
    assert_int_equal(sori_compare_plot(c, NULL, NULL, NULL, NULL), SORI_EINVAL);
}

static void arrays_belong_to_the_scope(void **state) {
    (void)state;
    sori_audio y = sori_tone(c, &(sori_tone_config){ .duration_s = 0.2 });
    int scope = sori_begin(c);
    sori_comparison r = sori_compare(c, y, y, &(sori_compare_config){ .duration_s = 0.1 });
    assert_ok(c);
    assert_int_equal(r.a.y.y->size, 2205);
    assert_close(r.duration_s, 0.1, 1e-9, 0);
    assert_true(r.n_fft == 2048 && r.hop_length == 512 && r.n_partials == 10);
    assert_true(r.b.mel_db->shape[0] == 64 && r.b.mfcc->shape[0] == 20 && r.b.mfcc->shape[1] == 5);
    assert_true(r.b.spectrum_db->size == 1025 && r.b.envelope_db->size == 1 + 2205 / 22);
    sori_end(c, scope, NULL);
}

static void sheets_are_drawn(void **state) {
    (void)state;
#ifdef SORI_WITH_CAIRO
    sori_audio y = sori_tone(c, &(sori_tone_config){ .wave = SORI_SAW, .duration_s = 0.2 });
    sori_audio silent = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 1 }), 8000 };
    const sori_audio others[] = { y, silent };
    for (int i = 0; i < 2; i++) {
        sori_comparison r = sori_compare(c, i ? silent : y, others[i], NULL);
        sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .columns = 2, .panel_height = 230 });
        assert_int_equal(sori_compare_plot(c, p, &r, "하나", NULL), SORI_OK);
        assert_non_null(sori_plot_png(p));
        assert_ok(c);
        sori_plot_free(p);
    }
    sori_plot *p = sori_plot_new(c, NULL);
    SAYS(c, sori_compare_plot(c, p, &(sori_comparison){ .sr = 1 }, NULL, NULL),
         "compare: there is no comparison to draw");
    sori_plot_free(p);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible_comparisons), cmocka_unit_test(arrays_belong_to_the_scope),
        cmocka_unit_test(sheets_are_drawn),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
