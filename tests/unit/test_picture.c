/* Pictures as files: valid, of the asked size, atomic, defined for odd data; and what is refused. */
#include "test.h"
#include "base/base.h"
#include "plot/rows.h"
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
    sori_plot_overlay(p, &(sori_overlay){ .label = "beats", .x = at, .n = 3, .dashed = true,
                                          .names = (const char *[]){ "하나", NULL, "three" } }, 1);
    sori_plot_matrix(p, matrix(c, 384, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_TEMPO });
    sori_plot_matrix(p, matrix(c, 59, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_TIME });
    sori_plot_matrix(p, matrix(c, 2, 59, 0, 0.001f), &(sori_matrix_config){ .sr = 22050,
                     .row_names = (const char *[]){ "low", "high" } });
    const double loss[4] = { 2, 1, NAN, 0.5 };
    sori_plot_curves(p, &(sori_series){ .label = "loss", .y = loss, .n = 4 }, 1, NULL);
    sori_plot_confusion(p, (uint64_t[]){ 9, 1, 0, 0, 7, 2, 0, 0, 0 }, (const char *[]){ "가", "b<&>", NULL }, 3, NULL);
    sori_plot_bars(p, NULL, (double[]){ 0.5, NAN, -2 }, 3, NULL);
    sori_plot_intervals(p, (const char *[]){ "8000", NULL, "하나" }, (double[]){ 90, NAN, 95 },
                        (double[]){ 1, 1, NAN }, 3, &(sori_intervals_config){ .title = "sr", .x_label = "%" });
    return p;
}

/* Panels of a row have the same height and lie beside each other, those of a column have the same sides. */
static void panels_fill_rows(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .columns = 2, .panel_height = 200, .share_time = true });
    sori_plot_waveform(p, tone(c, 1, 30000), &(sori_waveform_config){ .title = "left" });
    sori_plot_matrix(p, matrix(c, 1025, 59, -80, 0.001f), &(sori_matrix_config){ .sr = 22050, .unit = "dB" });
    sori_plot_matrix(p, matrix(c, 13, 59, -3, 0.01f), &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_COEFF });
    sori_plot_waveform(p, tone(c, 1, 30000), NULL);
    sori_plot_waveform(p, tone(c, 1, 30000), NULL);
    assert_non_null(sori_plot_png(p));
    const plot_place *at[5];
    for (int i = 0; i < 5; i++) at[i] = &p->panels[i]->place;
    for (int i = 0; i < 4; i += 2) {
        assert_true(at[i]->area.y == at[i + 1]->area.y && at[i]->area.h == at[i + 1]->area.h);
        assert_true(at[i]->area.x + at[i]->area.w < 500 && at[i + 1]->area.x > 500);
        assert_true(at[i + 1]->area.x + at[i + 1]->area.w < 1000);
        assert_true(at[i + 2]->area.x == at[i]->area.x && at[i + 2]->top > at[i]->area.y + at[i]->area.h);
    }
    assert_true(at[3]->area.x == at[1]->area.x && at[3]->times && at[4]->times && !at[0]->times && !at[2]->times);
    sori_plot_free(p);
    sori_close(c);
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

/* --- what lies where ---------------------------------------------------------------------------------------------- */

static double row_at(sori_ctx *c, sori_matrix_config g, size_t rows, int n_fft, double height, double *value) {
    sori_plot *p = sori_plot_new(c, NULL);
    plot_panel panel = { 0 };
    plot_rows r;
    plot_rows_set(p, &panel, &r, &g, rows, n_fft);
    double v = value && *value > 0 ? *value : plot_axis_value(&panel.y, height), row = plot_row_at(&r, v);
    for (size_t i = 0; i < panel.names_n; i++) base_free(c, panel.names[i]);
    base_free(c, panel.names);
    sori_plot_free(p);
    return row;
}

/* Names stand beside their rows, numbers in the middle of theirs, times where the frame is, a lag at its tempo. */
static void rows_lie_at_their_names_and_values(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *names[5] = { "a", "b", "c", "d", "e" };
    for (double u = 0; u <= 1; u += 0.125) {
        sori_matrix_config chroma = { .sr = 8000, .rows = SORI_ROWS_CHROMA };
        sori_matrix_config named = { .sr = 8000, .row_names = names };
        sori_matrix_config coeff = { .sr = 8000, .rows = SORI_ROWS_COEFF }, cqt = { .sr = 8000, .rows = SORI_ROWS_CQT };
        assert_close(row_at(c, chroma, 12, 1, u, NULL), 12 * u, 1e-9, 0);
        assert_close(row_at(c, named, 5, 1, u, NULL), 5 * u, 1e-9, 0);
        assert_close(row_at(c, coeff, 20, 1, u, NULL), 20 * u, 1e-9, 0);
        assert_close(row_at(c, cqt, 84, 1, u, NULL), 84 * u, 1e-9, 0);
    }
    sori_matrix_config time = { .sr = 1000, .hop_length = 100, .start_s = 7, .rows = SORI_ROWS_TIME };
    sori_matrix_config lag = { .sr = 1000, .hop_length = 100, .rows = SORI_ROWS_TEMPO };
    sori_matrix_config bin = { .sr = 1000, .hop_length = 100, .rows = SORI_ROWS_FOURIER_TEMPO };
    assert_close(row_at(c, time, 20, 1, 0, (double[]){ 8 }), 10.5, 1e-9, 0);
    assert_close(row_at(c, time, 20, 1, 0, NULL), 0.5, 1e-9, 0);          /* half a frame lies before the sound */
    assert_close(row_at(c, time, 20, 1, 1, NULL), 20, 1e-9, 0);
    assert_close(row_at(c, lag, 50, 1, 0, (double[]){ 120 }), 5.5, 1e-9, 0);
    assert_close(row_at(c, bin, 50, 98, 0, (double[]){ 600 / 98. * 20 }), 20.5, 1e-9, 0);
    assert_true(row_at(c, lag, 50, 1, 1, NULL) < row_at(c, lag, 50, 1, 0, NULL));   /* fast is up */
    assert_ok(c);
    sori_close(c);
}

static void colours_and_axes_are_those_asked_for(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_plot *p = sori_plot_new(c, NULL);
    sori_array *S = matrix(c, 10, 10, -10, 0.2f);
    sori_plot_matrix(p, S, NULL);
    sori_plot_matrix(p, S, &(sori_matrix_config){ .vmin = SORI_VALUE(0) });   /* what is below is not shown */
    sori_plot_curves(p, &(sori_series){ .y = (double[]){ 1, 2 }, .n = 2 }, 1,
                     &(sori_curves_config){ .x_min = SORI_VALUE(-3), .x_max = SORI_VALUE(5), .y_min = SORI_VALUE(0) });
    assert_ok(c);
    assert_ptr_equal(p->panels[0]->colors.table, plot_coolwarm);
    assert_ptr_equal(p->panels[1]->colors.table, plot_magma);
    assert_false(p->panels[1]->colors.two_sided);
    assert_close(p->panels[2]->x.lo, -3, 0, 0);
    assert_close(p->panels[2]->x.hi, 5, 0, 0);
    assert_close(p->panels[2]->y.lo, 0, 0, 0);
    sori_plot_free(p);
    sori_close(c);
}

/* Over each kind of panel; what is outside it, has no points or no text is left out. */
static void overlays_change_the_picture(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const double at[] = { 0.2, 0.21, 0.5, 99, NAN, -1 }, hz[] = { 100, 200, NAN, 400, 300, 1e300 };
    const char *names[] = { "one", "too near", "", NULL, "nowhere", "before" };
    const sori_overlay overlays[] = { { .x = at, .n = 0 }, { .x = at, .n = 3 }, { .x = at, .n = 6, .names = names },
                                      { .x = at, .y = hz, .n = 6 }, { .x = at, .y = hz, .n = 6, .dots = true } };
    for (int dark = 0; dark < 2; dark++)
        for (int kind = 0; kind < 4; kind++) {
            uint64_t seen[5];
            for (size_t i = 0; i < 5; i++) {
                sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .dark = dark, .width = 400 });
                sori_matrix_config g = { .sr = 22050, .vmin = SORI_VALUE(kind == 1 ? 0 : -9) };
                if (kind == 0) sori_plot_waveform(p, tone(c, 2, 30000), NULL);
                else if (kind < 3) sori_plot_matrix(p, matrix(c, 100, 59, -1, 1e-3f), &g);
                else sori_plot_curves(p, &(sori_series){ .y = (double[]){ 1, 2 }, .n = 2 }, 1,
                                      &(sori_curves_config){ .x = SORI_TIME, .x_min = SORI_VALUE(0) });
                sori_plot_overlay(p, &overlays[i], 1);
                sori_array *png = sori_plot_png(p);
                assert_ok(c);
                seen[i] = base_hash(BASE_HASH_START, png->data, png->size);
                sori_plot_free(p);
            }
            size_t differ = kind == 0 || kind == 3 ? 3 : 5;   /* the curves lie far above an amplitude */
            for (size_t i = 1; i < differ; i++)
                for (size_t j = 0; j < i; j++) assert_true(seen[i] != seen[j]);
        }
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
            sori_plot_intervals(p, NULL, v, j % 3 ? v : NULL, 1 + j % 2, NULL);
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
    REFUSED(sori_plot_new(c, &(sori_plot_config){ .columns = 5 }));
    REFUSED(sori_plot_new(c, &(sori_plot_config){ .columns = -1 }));
    REFUSED(sori_plot_waveform(p, (sori_audio){ NULL, 22050 }, NULL));
    REFUSED(sori_plot_waveform(p, (sori_audio){ sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), 22050 }, NULL));
    REFUSED(sori_plot_waveform(p, (sori_audio){ tone(c, 1, 5).y, 0 }, NULL));
    REFUSED(sori_plot_waveform(p, tone(c, 9, 5), NULL));
    REFUSED(sori_plot_waveform(p, tone(c, 1, 5), &(sori_waveform_config){ .peak = -1 }));
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
    const double one[1] = { 1 };
    REFUSED(sori_plot_intervals(p, NULL, NULL, NULL, 1, NULL));
    REFUSED(sori_plot_intervals(p, NULL, one, NULL, 501, NULL));
    REFUSED(sori_plot_intervals(p, NULL, one, NULL, 1, &(sori_intervals_config){ .min = SORI_VALUE(NAN) }));
    REFUSED(sori_plot_intervals(p, NULL, one, NULL, 1, &(sori_intervals_config){ .min = SORI_VALUE(2),
                                                                                 .max = SORI_VALUE(1) }));
    REFUSED(sori_plot_matrix(p, S, &(sori_matrix_config){ .rows = (sori_rows)99 }));
    const sori_series line = { .y = (double[]){ 1, 2 }, .n = 2 };
    REFUSED(sori_plot_curves(p, &line, 1, &(sori_curves_config){ .x_min = SORI_VALUE(1), .x_max = SORI_VALUE(1) }));
    REFUSED(sori_plot_curves(p, &line, 1, &(sori_curves_config){ .x_max = SORI_VALUE(NAN) }));
    REFUSED(sori_plot_curves(p, &line, 1, &(sori_curves_config){ .log_x = true, .x_min = SORI_VALUE(0) }));
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
        cmocka_unit_test(rows_lie_at_their_names_and_values), cmocka_unit_test(colours_and_axes_are_those_asked_for),
        cmocka_unit_test(overlays_change_the_picture),
        cmocka_unit_test(odd_data_is_drawn), cmocka_unit_test(panels_fill_rows), cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
