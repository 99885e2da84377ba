/* Out of memory while a plot is made and saved. cairo and Pango have memory of their own, which is left alone. */
#include "oom.h"
#include <sori/plot.h>
#include <sys/stat.h>

static uint64_t draw(sori_ctx *c, const void *arg) {
    float y[64];
    for (int i = 0; i < 64; i++) y[i] = (float)(i % 7);
    sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .title = "t", .width = 200, .panel_height = 60 });
    sori_audio sound = sori_audio_from(c, y, 2, 32, 8000);
    sori_plot_waveform(p, sound, &(sori_waveform_config){ .title = "w", .max_points = 10 });
    sori_plot_matrix(p, sound.y, &(sori_matrix_config){ .sr = 8000, .unit = "dB" });
    const double at[2] = { 0, 0.01 }, hz[2] = { 1, 2 };
    const char *names[2] = { "a", NULL };
    sori_plot_overlay(p, (sori_overlay[]){ { .label = "f", .x = at, .y = hz, .n = 2 },
                                           { .x = at, .n = 2, .names = names } }, 2);
    sori_plot_spectrum(p, sound, &(sori_spectrum_config){ .n_fft = 16 });
    sori_plot_curves(p, &(sori_series){ .label = "a", .y = (double[]){ 1, 2 }, .n = 2 }, 1, NULL);
    sori_plot_confusion(p, (uint64_t[]){ 1, 2, 3, 4 }, NULL, 2, NULL);
    sori_plot_bars(p, NULL, (double[]){ 1, 2 }, 2, NULL);
    sori_plot_intervals(p, NULL, (double[]){ 1, 2 }, NULL, 2, NULL);
    const sori_array *rows[1] = { sound.y };
    const char *series[1] = { "a" };
    sori_plot_roll(p, &(sori_roll_note){ 0, 1, 1, 0, 1 }, 1, &(sori_roll_config){
        .series = series, .low = 0, .high = 3, .activations = sound.y ? rows : NULL, .n_series = 1, .frame_s = 0.1 });
    sori_plot_save(p, arg);
    sori_array *png = sori_plot_png(p);
    uint64_t h = png ? base_hash(BASE_HASH_START, png->data, png->size) : 0;
    sori_plot_free(p);
    return h;
}

static void plots(void **state) {
    (void)state;
    mkdir(TEST_SCRATCH "/plot", 0777);
    const char *path = TEST_SCRATCH "/plot/x.png";
    oom_every(&(oom_job){ .run = draw, .arg = path, .output = path });
}

int main(void) {
    sori_ctx *c = sori_open(NULL);
    sori_plot_free(sori_plot_new(c, NULL));
    bool built = sori_error(c) != SORI_EUNSUP;
    sori_close(c);
    if (!built) return printf("skipped: not built with cairo\n") < 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(plots) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
