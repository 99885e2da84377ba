/* Pictures as files: valid, of the asked size, atomic, defined for odd data; and what is refused. */
#include "test.h"
#include "base/base.h"
#include "plot/plot.h"
#include <dirent.h>
#include <unistd.h>

static sori_array *matrix(sori_ctx *c, size_t rows, size_t frames, float from, float step) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ rows, frames });
    for (size_t i = 0; i < rows * frames; i++) ((float *)a->data)[i] = from + step * (float)i;
    return a;
}

static sori_audio tone(sori_ctx *c, size_t channels, size_t n) {
    sori_array *y = channels == 1 ? sori_array_new(c, SORI_F32, 1, &n)
                                  : sori_array_new(c, SORI_F32, 2, (size_t[]){ channels, n });
    for (size_t i = 0; i < channels * n; i++) ((float *)y->data)[i] = 0.5f * sinf(0.05f * (float)i);
    return (sori_audio){ y, 22050 };
}

/* A sine at a bin's centre reads its amplitude: in one frame, in many, in a sound shorter than a frame, in stereo. */
static void spectrum_reads_a_sines_amplitude(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const size_t lengths[] = { 1024, 1025, 4096, 5000, 100000, 700 };
    for (size_t i = 0; i < BASE_COUNT(lengths); i++)
        for (size_t channels = 1; channels <= 2; channels++) {
            int n_fft, scope = sori_begin(c);
            sori_audio y = tone(c, channels, lengths[i]);
            double step = 2 * 3.14159265358979323846 * 64 / 1024;
            for (size_t j = 0; j < y.y->size; j++)
                ((float *)y.y->data)[j] = 0.25f * (float)cos(step * (double)(j % lengths[i]));
            double *v = plot_levels(c, y, &(sori_spectrum_config){ .n_fft = 1024, .linear = true }, &n_fft);
            assert_ok(c);
            assert_int_equal(n_fft, 1024);
            assert_close(v[64], 0.25, lengths[i] == 700 ? 1e-3 : 1e-5, 0);
            assert_true(v[0] < 1e-3 && v[200] < 1e-3);
            base_free(c, v);
            sori_end(c, scope, NULL);
        }
    sori_close(c);
}

static sori_plot *sheet(sori_ctx *c, double scale) {
    sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .title = "모든 그림 — all", .share_time = true, .scale = scale });
    sori_plot_waveform(p, tone(c, 2, 30000), &(sori_waveform_config){ .title = "Waveform" });
    sori_plot_matrix(p, matrix(c, 1025, 59, -80, 0.001f), &(sori_matrix_config){ .sr = 22050, .unit = "dB" });
    sori_plot_matrix(p, matrix(c, 40, 59, -1, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_MEL });
    sori_plot_matrix(p, matrix(c, 13, 59, -3, 0.01f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_COEFF });
    sori_plot_spectrum(p, tone(c, 2, 30000), &(sori_spectrum_config){ .axis = SORI_AXIS_LOG });
    const double at[3] = { 0.1, 0.5, 0.9 }, hz[3] = { 110, NAN, 440 };
    sori_plot_matrix(p, matrix(c, 84, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_CQT });
    sori_plot_overlay(p, (sori_overlay[]){ { .label = "f0", .x = at, .y = hz, .n = 3 }, { .x = at, .n = 3 } }, 2);
    sori_plot_matrix(p, matrix(c, 12, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_CHROMA });
    sori_plot_overlay(p, &(sori_overlay){ .label = "beats", .x = at, .n = 3, .dashed = true }, 1);
    sori_plot_matrix(p, matrix(c, 384, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_TEMPO });
    sori_plot_matrix(p, matrix(c, 59, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_TIME });
    sori_plot_matrix(p, matrix(c, 2, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050,
                     .row_names = (const char *[]){ "low", "high" } });
    const double loss[4] = { 2, 1, NAN, 0.5 };
    sori_plot_curves(p, &(sori_series){ .label = "loss", .y = loss, .n = 4 }, 1, NULL);
    sori_plot_confusion(p, (uint64_t[]){ 9, 1, 0, 0, 7, 2, 0, 0, 0 }, (const char *[]){ "가", "b<&>", NULL }, 3, NULL);
    sori_plot_bars(p, NULL, (double[]){ 0.5, NAN, -2 }, 3, NULL);
    return p;
}

static uint32_t big_endian(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void png_is_valid_and_of_the_asked_size(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int scale = 1; scale <= 2; scale++) {
        double w, h;
        sori_plot *p = sheet(c, scale);
        assert_int_equal(sori_plot_size(p, &w, &h), SORI_OK);
        sori_array *png = sori_plot_png(p);
        assert_ok(c);
        const uint8_t *b = png->data;
        assert_memory_equal(b, "\x89PNG\r\n\x1a\n", 8);
        assert_int_equal(big_endian(b + 16), scale * w);
        assert_int_equal(big_endian(b + 20), scale * h);
        assert_memory_equal(b + png->size - 8, "IEND", 4);
        sori_plot_free(p);
    }
    sori_close(c);
}

static void each_ending_gives_its_format(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_plot *p = sheet(c, 1);
    const char *const files[][2] = { { TEST_SCRATCH "/그림.png", "\x89PNG" }, { TEST_SCRATCH "/x.SVG", "<?xm" },
                                     { TEST_SCRATCH "/x.pdf", "%PDF" } };
    for (size_t i = 0; i < BASE_COUNT(files); i++) {
        size_t n = 0;
        sori_plot_save(p, files[i][0]);
        assert_ok(c);
        char *bytes = base_read_file(c, files[i][0], 1 << 24, &n);
        assert_true(n > 2000 && memcmp(bytes, files[i][1], 4) == 0);
        if (i == 1) assert_non_null(strstr(bytes, "</svg>"));
        if (i == 1) assert_null(strstr(bytes, "nan"));
        base_free(c, bytes);
    }
    sori_plot_free(p);
    sori_close(c);
}

static void same_plot_same_bytes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_plot *p = sheet(c, 1), *q = sheet(c, 1);
    sori_array *a = sori_plot_png(p), *b = sori_plot_png(q), *again = sori_plot_png(p);
    assert_ok(c);
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->data, b->data, a->size);
    assert_memory_equal(a->data, again->data, a->size);
    sori_plot_free(p);
    sori_plot_free(q);
    sori_close(c);
}

static int entries(const char *folder) {
    DIR *d = opendir(folder);
    int n = 0;
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

static void failure_leaves_nothing_behind(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *path = TEST_SCRATCH "/kept.png";
    sori_plot *empty = sori_plot_new(c, NULL), *p = sheet(c, 1);
    sori_plot_save(p, path);
    assert_ok(c);
    int before = entries(TEST_SCRATCH);
    assert_int_equal(sori_plot_save(empty, path), SORI_EINVAL);            /* no panels: the old file stays */
    sori_clear(c);
    assert_int_equal(sori_plot_save(p, TEST_SCRATCH "/x.gif"), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_plot_save(p, TEST_SCRATCH "/no/folder/x.png"), SORI_EIO);
    sori_clear(c);
    for (int i = 0; i < 50; i++) sori_plot_waveform(p, tone(c, 8, 10), NULL);   /* too tall */
    assert_int_equal(sori_plot_save(p, path), SORI_EINVAL);
    assert_int_equal(entries(TEST_SCRATCH), before);
    assert_int_equal(access(path, R_OK), 0);
    sori_plot_free(p);
    sori_plot_free(empty);
    sori_close(c);
}

static void odd_data_is_drawn(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const float values[] = { 0, 1, -1, NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-38f };
    const size_t shapes[][2] = { { 1, 1 }, { 1, 50 }, { 50, 1 }, { 3, 5000 }, { 700, 2 } };
    for (size_t i = 0; i < BASE_COUNT(values); i++) {
        sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .width = 150, .panel_height = 30 });
        for (size_t j = 0; j < BASE_COUNT(shapes); j++) {
            sori_array *a = matrix(c, shapes[j][0], shapes[j][1], values[i], j & 1 ? 0.25f : 0);
            sori_rows rows = (sori_rows)((i + j) % 3);
            sori_plot_matrix(p, a, &(sori_matrix_config){ .sr = i & 1 ? 0.5 : 8000, .rows = rows, .smooth = j == 0,
                                                          .axis = (sori_freq_axis)(i % 4) });
            sori_audio y = { sori_array_from(c, SORI_F32, 1, &shapes[j][1], a->data), 8000 };
            sori_plot_waveform(p, y, &(sori_waveform_config){ .max_points = 100 });
            for (size_t k = 0; k < y.y->size; k++) ((float *)y.y->data)[k] = i & 1 ? 0 : (float)i;
            sori_plot_spectrum(p, y, &(sori_spectrum_config){ .whole = j & 1, .axis = (sori_freq_axis)(i % 4) });
            const double v[2] = { values[i], 1e300 };
            sori_plot_curves(p, &(sori_series){ .y = v, .n = j % 3 }, 1, &(sori_curves_config){ .log_y = j & 1 });
            sori_plot_bars(p, NULL, v, 1 + j % 2, NULL);
        }
        sori_plot_png(p);
        assert_ok(c);
        sori_plot_free(p);
    }
    sori_close(c);
}

#define REFUSED(call) do { call; assert_int_equal(sori_error(c), SORI_EINVAL); sori_clear(c); } while (0)

static void bad_input_is_refused(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_plot *p = sori_plot_new(c, NULL);
    sori_array *S = matrix(c, 5, 4, 0, 1);
    REFUSED(sori_plot_new(c, &(sori_plot_config){ .width = 1e6 }));
    REFUSED(sori_plot_new(c, &(sori_plot_config){ .scale = NAN }));
    REFUSED(sori_plot_waveform(p, (sori_audio){ NULL, 22050 }, NULL));
    REFUSED(sori_plot_waveform(p, (sori_audio){ sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), 22050 }, NULL));
    REFUSED(sori_plot_waveform(p, (sori_audio){ tone(c, 1, 5).y, 0 }, NULL));
    REFUSED(sori_plot_waveform(p, tone(c, 9, 5), NULL));
    REFUSED(sori_plot_matrix(p, NULL, NULL));
    REFUSED(sori_plot_matrix(p, tone(c, 1, 5).y, NULL));
    REFUSED(sori_plot_matrix(p, S, &(sori_matrix_config){ .sr = 8000, .fmax = 4001 }));
    REFUSED(sori_plot_matrix(p, S, &(sori_matrix_config){ .sr = 8000, .fmin = 4000 }));
    REFUSED(sori_plot_matrix(p, S, &(sori_matrix_config){ .n_fft = 4 }));
    REFUSED(sori_plot_matrix(p, S, &(sori_matrix_config){ .vmin = SORI_VALUE(1), .vmax = SORI_VALUE(1) }));
    REFUSED(sori_plot_spectrum(p, tone(c, 1, 5), &(sori_spectrum_config){ .fmax = 11026 }));
    REFUSED(sori_plot_spectrum(p, tone(c, 1, 5), &(sori_spectrum_config){ .n_fft = -1 }));
    REFUSED(sori_plot_spectrum(p, sori_audio_from(c, (float[]){ NAN }, 1, 1, 8000), NULL));
    REFUSED(sori_plot_curves(p, NULL, 0, NULL));
    REFUSED(sori_plot_confusion(p, NULL, NULL, 2, NULL));
    REFUSED(sori_plot_confusion(p, (uint64_t[]){ 1 }, NULL, 501, NULL));
    REFUSED(sori_plot_bars(p, NULL, NULL, 1, NULL));
    REFUSED(sori_plot_matrix(p, S, &(sori_matrix_config){ .rows = (sori_rows)99 }));
    const double at[1] = { 0 };
    REFUSED(sori_plot_overlay(p, &(sori_overlay){ .x = at, .n = 1 }, 1));   /* over nothing */
    REFUSED(sori_plot_png(p));                                   /* nothing was added by all this */
    sori_plot_matrix(p, S, &(sori_matrix_config){ .rows = SORI_ROWS_CHROMA });
    REFUSED(sori_plot_overlay(p, (sori_overlay[9]){ { .x = at } }, 9));
    REFUSED(sori_plot_overlay(p, &(sori_overlay){ .x = at, .n = (size_t)-1 }, 1));
    sori_plot_matrix(p, matrix(c, 12, 4, 0, 1), &(sori_matrix_config){ .rows = SORI_ROWS_CHROMA });
    REFUSED(sori_plot_overlay(p, &(sori_overlay){ .x = at, .y = at, .n = 1 }, 1));   /* a curve over names */
    assert_int_equal(sori_plot_save(NULL, "x.png"), SORI_EINVAL);
    sori_plot_free(p);
    sori_close(c);
}

int main(void) {
    sori_ctx *c = sori_open(NULL);
    sori_plot_free(sori_plot_new(c, NULL));
    bool built = sori_error(c) != SORI_EUNSUP;
    sori_close(c);
    if (!built) return printf("skipped: not built with cairo\n") < 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_is_valid_and_of_the_asked_size), cmocka_unit_test(each_ending_gives_its_format),
        cmocka_unit_test(spectrum_reads_a_sines_amplitude),
        cmocka_unit_test(same_plot_same_bytes), cmocka_unit_test(failure_leaves_nothing_behind),
        cmocka_unit_test(odd_data_is_drawn), cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
