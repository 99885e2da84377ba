/* Augmentation: laws every change obeys. */
#include "test.h"
#include "fx/fx.h"

#define BINS 24
#define FRAMES 50

static sori_array *ramp(sori_ctx *c) {
    sori_array *S = sori_array_new(c, SORI_F32, 2, (size_t[]){ BINS, FRAMES });
    for (size_t i = 0; i < S->size; i++) ((float *)S->data)[i] = (float)(i / FRAMES) * 2 - 0.5f * (float)(i % FRAMES);
    return S;
}

static float at(const sori_array *S, size_t b, size_t t) { return ((const float *)S->data)[b * FRAMES + t]; }

static void nothing_asked_nothing_changed(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = ramp(c), *T = ramp(c);
    sori_spec_augment(c, S, NULL, 1, 2, 3);
    sori_spec_augment(c, S, &(sori_spec_augment_config){ .fill = 7, .time_masks = 3 }, 1, 2, 3);
    assert_memory_equal(S->data, T->data, S->size * 4);
    assert_ok(c);
    sori_close(c);
}

static const sori_spec_augment_config everything = {
    .time_shift = 0.1, .time_stretch = 0.1, .freq_warp = 0.1, .gain_db = 3, .eq_db = 3, .background_db = 30,
    .noise_db = 1,
    .time_masks = 2, .freq_masks = 2, .time_mask = 0.2, .freq_mask = 0.2, .fill = -100,
};

static void same_key_same_bits(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *a = ramp(c), *b = ramp(c), *d = ramp(c), *e = ramp(c);
    sori_spec_augment(c, a, &everything, 5, 1, 9);
    sori_spec_augment(c, b, &everything, 5, 1, 9);
    sori_spec_augment(c, d, &everything, 5, 1, 10);
    sori_spec_augment(c, e, &everything, 5, 2, 9);
    assert_memory_equal(a->data, b->data, a->size * 4);
    assert_memory_not_equal(a->data, d->data, a->size * 4);
    assert_memory_not_equal(a->data, e->data, a->size * 4);
    sori_close(c);
}

static void masks_keep_to_their_width(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_spec_augment_config k = { .time_masks = 1, .time_mask = 0.2, .fill = -100 };
    size_t widest = 0, none = 0, late = 0;
    for (uint32_t i = 0; i < 300; i++) {
        int s = sori_begin(c);
        sori_array *S = ramp(c), *T = ramp(c);
        sori_spec_augment(c, S, &k, 0, 0, i);
        size_t width = 0, first = FRAMES;
        for (size_t t = 0; t < FRAMES; t++) {
            bool masked = at(S, 0, t) == -100;
            for (size_t b = 0; b < BINS; b++) assert_true(at(S, b, t) == (masked ? -100 : at(T, b, t)));
            width += masked;
            if (masked && first == FRAMES) first = t;
        }
        for (size_t t = first; t < first + width && t < FRAMES; t++) assert_true(at(S, 0, t) == -100);
        if (width > widest) widest = width;
        none += width == 0;
        late += first > FRAMES / 2 && first < FRAMES;
        sori_end(c, s, NULL);
    }
    assert_int_equal(widest, FRAMES / 5);
    assert_in_range(none, 10, 55);    /* 300 / 11 = 27 expected */
    assert_in_range(late, 80, 190);   /* masks lie anywhere */
    sori_close(c);
}

/* A linear ramp over time stays one under stretch: slope times rate, inside what was there. */
static void stretch_scales_the_slope(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    double least = 9, most = 0;
    for (uint32_t i = 0; i < 200; i++) {
        int s = sori_begin(c);
        sori_array *S = ramp(c);
        sori_spec_augment(c, S, &(sori_spec_augment_config){ .time_stretch = 0.25, .fill = 1000 }, 3, 0, i);
        double slope = (at(S, 2, 30) - at(S, 2, 20)) / 10.0 / -0.5;
        assert_close((at(S, 2, 29) - at(S, 2, 21)) / 8.0 / -0.5, slope, 1e-4, 0);
        least = fmin(least, slope);
        most = fmax(most, slope);
        sori_end(c, s, NULL);
    }
    assert_in_range((int)(least * 1000), 800, 830);
    assert_in_range((int)(most * 1000), 1210, 1250);
    sori_close(c);
}

static void shift_moves_and_fills(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    bool left = false, right = false;
    for (uint32_t i = 0; i < 50; i++) {
        int s = sori_begin(c);
        sori_array *S = ramp(c), *T = ramp(c);
        sori_spec_augment(c, S, &(sori_spec_augment_config){ .time_shift = 0.2, .fill = 500 }, 3, 0, i);
        double moved = (at(S, 0, 25) - at(T, 0, 25)) / 0.5;   /* frames, from the ramp's slope */
        assert_in_range((int)(fabs(moved) * 100), 0, 1000);
        if (moved > 1) assert_true(at(S, 3, 0) == 500);
        if (moved < -1) assert_true(at(S, 3, FRAMES - 1) == 500);
        left |= moved < -1;
        right |= moved > 1;
        sori_end(c, s, NULL);
    }
    assert_true(left && right);
    sori_close(c);
}

static void warp_keeps_the_ends_and_the_order(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (uint32_t i = 0; i < 100; i++) {
        int s = sori_begin(c);
        sori_array *S = ramp(c), *T = ramp(c);
        sori_spec_augment(c, S, &(sori_spec_augment_config){ .freq_warp = 0.3 }, 3, 0, i);
        for (size_t t = 0; t < FRAMES; t++) {
            assert_close(at(S, 0, t), at(T, 0, t), 0, 0);
            assert_close(at(S, BINS - 1, t), at(T, BINS - 1, t), 1e-4, 0);
            for (size_t b = 1; b < BINS; b++) assert_true(at(S, b, t) > at(S, b - 1, t));
        }
        assert_memory_not_equal(S->data, T->data, S->size * 4);
        sori_end(c, s, NULL);
    }
    sori_close(c);
}

static void gain_leaves_silence_alone(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (uint32_t i = 0; i < 20; i++) {
        int s = sori_begin(c);
        sori_array *S = ramp(c), *T = ramp(c);
        sori_spec_augment(c, S, &(sori_spec_augment_config){ .gain_db = 6, .fill = 10 }, 3, 0, i);
        float gain = at(S, BINS - 1, 0) - at(T, BINS - 1, 0);
        assert_true(fabsf(gain) <= 6 && gain != 0);
        for (size_t k = 0; k < S->size; k++) {
            float before = ((float *)T->data)[k], after = ((float *)S->data)[k];
            assert_close(after, before <= 10 ? before : fmaxf(before + gain, 10), 1e-5, 0);
        }
        sori_end(c, s, NULL);
    }
    sori_close(c);
}

/* Another microphone: the same gain in every frame, within its bounds, and no steps between neighbouring bins. */
static void eq_is_one_smooth_curve(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    double most = 0;
    for (uint32_t i = 0; i < 50; i++) {
        int s = sori_begin(c);
        sori_array *S = ramp(c), *T = ramp(c);
        sori_spec_augment(c, S, &(sori_spec_augment_config){ .eq_db = 6, .fill = -1000 }, 3, 0, i);
        double before = at(S, 0, 0) - at(T, 0, 0);
        for (size_t b = 0; b < BINS; b++) {
            double gain = at(S, b, 0) - at(T, b, 0);
            assert_true(fabs(gain) <= 6 + 1e-4);
            assert_true(fabs(gain - before) <= 12 * 4.0 / (BINS - 1) + 1e-4);   /* 4 straight lines */
            for (size_t t = 1; t < FRAMES; t++) assert_close(at(S, b, t) - at(T, b, t), gain, 1e-4, 0);
            most = fmax(most, fabs(gain));
            before = gain;
        }
        sori_end(c, s, NULL);
    }
    assert_true(most > 4);
    sori_close(c);
}

/* Noise only adds power, and what is far above it stays as it is. */
static void background_fills_the_silence(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    double rise = 0;
    for (uint32_t i = 0; i < 50; i++) {
        int s = sori_begin(c);
        sori_array *S = sori_array_new(c, SORI_F32, 2, (size_t[]){ BINS, FRAMES });
        float *x = S->data;
        for (size_t k = 0; k < S->size; k++) x[k] = k % 2 ? -100 : 0;
        sori_spec_augment(c, S, &(sori_spec_augment_config){ .background_db = 40, .fill = -100 }, 3, 0, i);
        for (size_t k = 0; k < S->size; k++) {
            assert_true(x[k] >= (k % 2 ? -100 : -1e-4));
            if (k % 2 == 0) assert_close(x[k], 0, 0.001, 0);   /* noise at most -100 + 40 + 10 + 10 dB */
            else rise += (x[k] + 100) / (50.0 * (double)S->size / 2);
        }
        sori_end(c, s, NULL);
    }
    assert_in_range((int)rise, 15, 25);   /* 20 dB on average, less 2.5: the mean of a power's logarithm */
    sori_close(c);
}

static void odd_shapes_and_bad_fields(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const size_t shapes[][2] = { { 1, 1 }, { 1, 7 }, { 7, 1 }, { 0, 4 }, { 4, 0 } };
    for (size_t i = 0; i < BASE_COUNT(shapes); i++)
        sori_spec_augment(c, sori_array_new(c, SORI_F32, 2, shapes[i]), &everything, 1, 1, 1);
    assert_ok(c);
    sori_spec_augment_config bad = { .time_mask = 1.5 };
    assert_int_equal(sori_spec_augment(c, ramp(c), &bad, 0, 0, 0), SORI_EINVAL);
    assert_string_equal(sori_message(c), "augment: time_mask 1.5 is outside 0..1");
    sori_clear(c);
    assert_int_equal(sori_spec_augment(c, NULL, NULL, 0, 0, 0), SORI_EINVAL);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_nothing_changed), cmocka_unit_test(same_key_same_bits),
        cmocka_unit_test(masks_keep_to_their_width), cmocka_unit_test(stretch_scales_the_slope),
        cmocka_unit_test(shift_moves_and_fills), cmocka_unit_test(warp_keeps_the_ends_and_the_order),
        cmocka_unit_test(gain_leaves_silence_alone), cmocka_unit_test(eq_is_one_smooth_curve),
        cmocka_unit_test(background_fills_the_silence), cmocka_unit_test(odd_shapes_and_bad_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
