/* Ticks, colours, reduction to pixels: the parts of a picture that are numbers. */
#include "test.h"
#include "plot/axis.h"
#include "plot/colormap.h"
#include "plot/raster.h"
#include "base/base.h"

static base_rng rng(uint32_t i) { return base_rng_new(7, BASE_RNG_TEST, i, 0); }

/* --- ticks ------------------------------------------------------------------------------------------------------- */

/* v = k * {1, 2, 5} * 10^n for the step between neighbouring ticks. */
static bool is_nice(double step) {
    double part = step / pow(10, floor(log10(step) + 1e-9));
    return fabs(part - 1) < 1e-6 || fabs(part - 2) < 1e-6 || fabs(part - 5) < 1e-6;
}

static void check_even(const plot_axis *a, int most) {
    plot_tick t[PLOT_MAX_TICKS];
    int n = plot_axis_ticks(a, most, t);
    assert_in_range(n, 0, most);
    double step = n > 1 ? plot_nice_step((t[n - 1].value - t[0].value) / (n - 1) * (1 - 1e-7)) : 0;
    double slack = 1e-5 * fmax(step, a->hi - a->lo);
    assert_true(n < 2 || is_nice(step));
    for (int i = 0; i < n; i++) {
        assert_true(t[i].value >= a->lo - slack && t[i].value <= a->hi + slack);
        if (i) assert_close(t[i].value - t[i - 1].value, step, slack, 0);
        if (n > 1) assert_close(t[i].value / step, round(t[i].value / step), 1e-5, 1e-9);
    }
    if (most >= 5) assert_true(n >= 2);
}

static void ticks_are_round(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        base_rng r = rng(i);
        plot_axis a = { .scale = PLOT_LINEAR };
        double lo = pow(10, 8 * base_rng_uniform(&r) - 4) * (base_rng_uniform(&r) - 0.5);
        plot_axis_range(&a, lo, lo + pow(10, 10 * base_rng_uniform(&r) - 5));
        check_even(&a, 1 + (int)base_rng_below(&r, 20));
    }
}

static void expect_ticks(plot_axis a, double lo, double hi, int most, const char *expected) {
    plot_tick t[PLOT_MAX_TICKS];
    char text[512] = "";
    plot_axis_range(&a, lo, hi);
    int n = plot_axis_ticks(&a, most, t);
    for (int i = 0; i < n; i++) {
        strcat(text, i ? " " : "");
        strcat(text, t[i].text);
    }
    assert_string_equal(text, expected);
}

static void ticks_read_as_people_write_them(void **state) {
    (void)state;
    plot_axis number = { .quantity = PLOT_NUMBER }, time = { .quantity = PLOT_SECONDS };
    plot_axis hz = { .quantity = PLOT_HZ }, count = { .quantity = PLOT_COUNT };
    plot_axis octaves = { .quantity = PLOT_HZ, .scale = PLOT_LOG }, mel = { .quantity = PLOT_HZ, .scale = PLOT_MEL };
    plot_axis decades = { .quantity = PLOT_NUMBER, .scale = PLOT_LOG };
    expect_ticks(number, -1, 1, 5, "−1.0 −0.5 0.0 0.5 1.0");
    expect_ticks(number, 0, 0.3, 4, "0.0 0.1 0.2 0.3");
    expect_ticks(number, 1e-9, 3e-9, 3, "1e-09 2e-09 3e-09");
    expect_ticks(time, 0, 5.33, 6, "0 1 2 3 4 5");
    expect_ticks(time, 0, 0.05, 6, "0 10 20 30 40 50");                     /* ms */
    expect_ticks(time, 0, 600, 6, "0:00 2:00 4:00 6:00 8:00 10:00");
    expect_ticks(time, 0, 200, 8, "0:00 0:30 1:00 1:30 2:00 2:30 3:00");
    expect_ticks(time, 0, 7200, 5, "0:00:00 0:30:00 1:00:00 1:30:00 2:00:00");
    expect_ticks(hz, 0, 11025, 8, "0 2000 4000 6000 8000 10000");
    expect_ticks(octaves, 20, 11025, 12, "32 64 128 256 512 1024 2048 4096 8192");
    expect_ticks(octaves, 20, 11025, 5, "32 128 512 2048 8192");
    expect_ticks(octaves, 300, 600, 4, "300 400 500 600");
    expect_ticks(mel, 0, 8000, 6, "0 512 1024 2048 4096");
    expect_ticks(decades, 0.01, 10, 12, "0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10");
    expect_ticks(decades, 60, 440, 8, "70 100 150 200 300");
    expect_ticks(decades, 1e-6, 1, 4, "1e-06 0.0001 0.01 1");
    expect_ticks(count, 1, 3, 10, "1 2 3");
    expect_ticks(count, 1, 1, 10, "1");
}

static void axes_mend_what_cannot_be_one(void **state) {
    (void)state;
    const double odd[] = { NAN, INFINITY, -INFINITY, 0, -0.0, 1, -1, 1e300, -1e300, 5e-324, 1e-300 };
    for (plot_scale scale = PLOT_LINEAR; scale <= PLOT_MEL_HTK; scale++)
        for (size_t i = 0; i < BASE_COUNT(odd); i++)
            for (size_t j = 0; j < BASE_COUNT(odd); j++) {
                plot_axis a = { .scale = scale };
                plot_tick t[PLOT_MAX_TICKS];
                plot_axis_range(&a, odd[i], odd[j]);
                assert_true(isfinite(a.lo) && isfinite(a.hi) && a.lo < a.hi);
                if (scale <= PLOT_LOG) assert_in_range(plot_axis_ticks(&a, 8, t), 0, 8);
            }
}

/* place and value undo one another, on every scale. */
static void places_and_values_agree(void **state) {
    (void)state;
    for (plot_scale scale = PLOT_LINEAR; scale <= PLOT_MEL_HTK; scale++) {
        plot_axis a = { .scale = scale };
        plot_axis_range(&a, 20, 11025);
        assert_close(plot_axis_place(&a, 20), 0, 1e-12, 0);
        assert_close(plot_axis_place(&a, 11025), 1, 1e-12, 0);
        for (double hz = 20; hz < 11025; hz *= 1.1)
            assert_close(plot_axis_value(&a, plot_axis_place(&a, hz)), hz, 0, 1e-9);
    }
}

/* --- colours ------------------------------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* numpy.percentile on sorted values. */
static double percentile(const float *sorted, size_t n, double p) {
    double at = p * (double)(n - 1), part = at - floor(at);
    size_t k = (size_t)at;
    return k + 1 < n ? sorted[k] + part * ((double)sorted[k + 1] - sorted[k]) : sorted[k];
}

static void two_sided_is_librosas_question(void **state) {
    (void)state;
    int yes = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        base_rng r = rng(i);
        float v[300], sorted[300];
        size_t n = 1 + base_rng_below(&r, 299);
        double shift = 8 * (base_rng_uniform(&r) - 0.5), zeros = base_rng_uniform(&r);
        for (size_t j = 0; j < n; j++)
            v[j] = base_rng_uniform(&r) < 0.3 * zeros ? 0 : (float)(base_rng_normal(&r) + shift);
        memcpy(sorted, v, sizeof v);
        qsort(sorted, n, sizeof *sorted, ascending);
        bool expected = percentile(sorted, n, 0.02) < 0 && percentile(sorted, n, 0.98) > 0;
        plot_stats s = PLOT_NO_STATS;
        plot_stats_add(&s, v, n / 3);
        plot_stats_add(&s, v + n / 3, n - n / 3);
        assert_int_equal(s.finite, n);
        assert_close(s.min, sorted[0], 0, 0);
        assert_close(s.max, sorted[n - 1], 0, 0);
        if (plot_two_sided(&s) != expected) fail_msg("case %u: expected %d", i, expected);
        yes += expected;
    }
    assert_in_range(yes, 500, 3500);   /* both answers were asked for */
}

static plot_colors colors_of(const float *v, size_t n) {
    plot_stats s = PLOT_NO_STATS;
    plot_stats_add(&s, v, n);
    return plot_colors_of(&s);
}

static void colors_span_the_data(void **state) {
    (void)state;
    plot_colors one = colors_of((float[]){ -80, -40, 0 }, 3);
    assert_ptr_equal(one.table, plot_magma);
    assert_int_equal(plot_color_of(&one, -80), 0xff000004);
    assert_int_equal(plot_color_of(&one, -1e9), 0xff000004);
    assert_int_equal(plot_color_of(&one, 0), 0xfffcfdbf);
    assert_int_equal(plot_color_of(&one, NAN), 0);
    plot_colors two = colors_of((float[]){ -100, 1, 2 }, 3);
    assert_ptr_equal(two.table, plot_coolwarm);
    uint32_t zero = plot_color_of(&two, 0), red = zero >> 16 & 255, blue = zero & 255;
    assert_true(abs((int)red - (int)blue) < 4);                   /* grey */
    assert_int_equal(plot_color_of(&two, -100), 0xff3b4cc0);      /* the ends Moreland chose */
    assert_int_equal(plot_color_of(&two, 2), 0xffb40426);
    const float odd[][2] = { { 3, 3 }, { 0, 0 }, { NAN, NAN }, { INFINITY, -INFINITY }, { 3e38f, -3e38f } };
    for (size_t i = 0; i < BASE_COUNT(odd); i++) {
        plot_colors k = colors_of(odd[i], 2);
        assert_true(isfinite(k.lo) && isfinite(k.hi) && k.lo < k.hi);
    }
}

/* --- pixels ------------------------------------------------------------------------------------------------------- */

/* PEAK: every cell is in exactly one pixel as soon as pixels are no smaller than cells. MEAN: weights add up to the
 * pixel's width, so the mean of the pixels is the mean of the cells. */
static void pixels_lose_nothing(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        base_rng r = rng(i);
        size_t w = 1 + base_rng_below(&r, 50), n = w + base_rng_below(&r, 200), hits[250] = { 0 };
        float v[250], out[50];
        plot_span peak[50], mean[50];
        double sum = 0, pixels = 0;
        for (size_t j = 0; j < n; j++) sum += v[j] = (float)base_rng_normal(&r);
        for (size_t x = 0; x < w; x++) {
            double from = (double)(x * n) / (double)w, to = (double)((x + 1) * n) / (double)w;
            peak[x] = plot_span_of(from, to, n, PLOT_PEAK);
            mean[x] = plot_span_of(from, to, n, PLOT_MEAN);
            for (size_t j = 0; j < peak[x].count; j++) hits[peak[x].first + j]++;
        }
        for (size_t j = 0; j < n; j++) assert_int_equal(hits[j], 1);
        plot_reduce_row(v, mean, w, PLOT_MEAN, out);
        for (size_t x = 0; x < w; x++) pixels += out[x];
        assert_close(pixels / (double)w, sum / (double)n, 1e-5, 1e-5);
    }
}

static void pixels_outside_and_missing(void **state) {
    (void)state;
    const float v[4] = { 1, NAN, NAN, 4 };
    float out[4], scratch[2];
    plot_span s[4] = { plot_span_of(-3, -2, 4, PLOT_PEAK), plot_span_of(0, 2, 4, PLOT_PEAK),
                       plot_span_of(1, 3, 4, PLOT_PEAK), plot_span_of(3.9, 3.95, 4, PLOT_PEAK) };
    plot_reduce_row(v, s, 4, PLOT_PEAK, out);
    assert_int_equal(s[0].count, 0);
    assert_true(isnan(out[0]) && out[1] == 1 && isnan(out[2]) && out[3] == 4);
    plot_reduce_rows(v, 2, plot_span_of(0, 2, 2, PLOT_MEAN), PLOT_MEAN, out, scratch);   /* [2][2], mean of rows */
    assert_true(out[0] == 1 && out[1] == 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round), cmocka_unit_test(ticks_read_as_people_write_them),
        cmocka_unit_test(axes_mend_what_cannot_be_one), cmocka_unit_test(places_and_values_agree),
        cmocka_unit_test(two_sided_is_librosas_question), cmocka_unit_test(colors_span_the_data),
        cmocka_unit_test(pixels_lose_nothing), cmocka_unit_test(pixels_outside_and_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
