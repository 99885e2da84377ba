/* Mixtures taken apart: parts sum to the mixture, what was mixed is found again, silence has no notes, and no number of
 * threads changes a bit. Notes are made of harmonics, so that no SoundFont is needed. */
#include "arrays.h"
#include <sori/synth.h>
#include <sori/metrics.h>
#include <sori/unmix.h>

#define SR 11025.0
#define SAMPLES 22050

static const double organ[] = { 1, 0.5, 0.3, 0.2, 0.1 }, reed[] = { 1, 0.05, 0.7, 0.05, 0.5, 0.05, 0.4 };
static const sori_templates_config transform = { .sr = SR, .stft = { .n_fft = 2048, .hop_length = 256 } };

static sori_audio note(sori_ctx *c, bool of_reed, int pitch, double duration_s) {
    return sori_tone(c, &(sori_tone_config){ .wave = SORI_HARMONICS, .harmonics = of_reed ? reed : organ,
                                             .n_harmonics = of_reed ? 7 : 5, .sr = SR, .duration_s = duration_s,
                                             .frequency_hz = 440 * exp2((pitch - 69) / 12.0), .amplitude = 0.2,
                                             .attack_s = 0.01, .sustain = 1, .release_s = 0.02 });
}

static sori_templates *learn(sori_ctx *c) {
    sori_templates *t = sori_templates_new(c, &transform);
    for (int i = 0; i < 2; i++)
        for (int pitch = 60; pitch < 72; pitch++)
            sori_templates_add(t, i ? "reed" : "organ", pitch, note(c, i, pitch, 0.8));
    assert_ok(c);
    return t;
}

static void add(sori_ctx *c, sori_array *mix, bool of_reed, int pitch, double start_s, double duration_s) {
    sori_audio y = note(c, of_reed, pitch, duration_s);
    size_t at = (size_t)(start_s * SR);
    for (size_t i = 0; i < y.y->size; i++) ((float *)mix->data)[at + i] += ((float *)y.y->data)[i];
}

static const struct { bool reed; int pitch; double start, duration; } played[] = {
    { false, 60, 0.20, 0.5 }, { true, 67, 0.35, 0.6 }, { false, 64, 0.80, 0.4 }, { true, 62, 1.10, 0.5 },
    { false, 69, 1.30, 0.5 },
};
#define PLAYED BASE_COUNT(played)

static sori_audio mixture(sori_ctx *c) {
    sori_array *y = sori_array_new(c, SORI_F32, 1, (size_t[]){ SAMPLES });
    for (size_t i = 0; i < PLAYED; i++) add(c, y, played[i].reed, played[i].pitch, played[i].start, played[i].duration);
    return (sori_audio){ y, SR };
}

static const sori_nmf_config kl = { .loss = SORI_NMF_KULLBACK_LEIBLER, .max_iter = 60, .tol = { 2, 0 }, .every = 60 };

/* --- laws ------------------------------------------------------------------------------------------------------- */

static void sums_to(sori_ctx *c, sori_unmix *u, sori_audio y) {
    sori_array *sum = sori_array_new(c, SORI_F64, 1, &y.y->size);
    for (size_t p = 0; p < sori_unmix_parts(u); p++) {
        sori_audio part = sori_unmix_part(u, y, p);
        assert_ok(c);
        assert_int_equal(part.y->ndim, y.y->ndim);
        for (size_t i = 0; i < y.y->size; i++) ((double *)sum->data)[i] += (double)((float *)part.y->data)[i];
    }
    for (size_t i = 0; i < y.y->size; i++)
        assert_close(((double *)sum->data)[i], (double)((float *)y.y->data)[i], 2e-6, 0);
}

static void parts_sum_to_the_mixture(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_templates *t = learn(c);
    const sori_unmix_config configs[] = {
        { .templates = t, .nmf = kl }, { .templates = t, .use = SORI_UNMIX_FIXED, .nmf = kl },
        { .templates = t, .use = SORI_UNMIX_FIXED, .n_components = 3, .nmf = kl },
        { .templates = t, .slice_s = 0.5, .nmf = kl }, { .templates = t, .slice_s = 0.7, .drums = 2, .nmf = kl },
        { .templates = t, .use = SORI_UNMIX_NAMES, .n_components = 6, .nmf = kl },
        { .transform = transform, .n_components = 4, .slice_s = 0.9, .nmf = kl },
        { .transform = transform, .n_components = 4, .drums = 1,
          .nmf = { .loss = SORI_NMF_ITAKURA_SAITO, .max_iter = 20 } },
        { .templates = t, .nmf = { .max_iter = 20 } },
    };
    for (size_t i = 0; i < BASE_COUNT(configs); i++) {
        int scope = sori_begin(c);
        sori_audio y = mixture(c);
        sori_unmix *u = sori_unmix_new(c, y, &configs[i]);
        assert_ok(c);
        assert_true(isfinite(sori_unmix_loss(u)));
        sums_to(c, u, y);
        sori_unmix_free(u);
        sori_end(c, scope, NULL);
    }
    sori_templates_free(t);
    sori_close(c);
}

/* Two channels: both through one mask, each summing to itself. */
static void channels(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_templates *t = learn(c);
    sori_audio y = mixture(c), both = { sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, SAMPLES }), SR };
    for (size_t i = 0; i < SAMPLES; i++) {
        ((float *)both.y->data)[i] = ((float *)y.y->data)[i];
        ((float *)both.y->data)[SAMPLES + i] = 0.25f * ((float *)y.y->data)[SAMPLES - 1 - i];
    }
    sori_unmix *u = sori_unmix_new(c, both, &(sori_unmix_config){ .templates = t, .slice_s = 0.6, .nmf = kl });
    assert_ok(c);
    sums_to(c, u, both);
    sori_unmix_free(u);
    sori_templates_free(t);
    sori_close(c);
}

/* Notes of the templates themselves are found: every one, nothing else, each of its instrument; and the instruments'
 * sounds are nearly what was mixed. */
static void found_again(sori_ctx *c, const sori_templates *t, sori_unmix_use use, double slice_s) {
    sori_audio y = mixture(c), alone = { sori_array_new(c, SORI_F32, 1, (size_t[]){ SAMPLES }), SR };
    for (size_t i = 0; i < PLAYED; i++)
        if (played[i].reed) add(c, alone.y, true, played[i].pitch, played[i].start, played[i].duration);
    const sori_unmix_config g = { .templates = t, .use = use, .slice_s = slice_s, .nmf = kl };
    sori_unmix *u = sori_unmix_new(c, y, &g);
    sori_note_events e = sori_unmix_notes(u, NULL);
    assert_ok(c);
    assert_string_equal(sori_unmix_part_name(u, 1), "reed");
    assert_int_equal(e.n, PLAYED);
    for (size_t i = 0; i < PLAYED; i++) {
        assert_int_equal(e.items[i].part, played[i].reed);
        assert_int_equal(e.items[i].pitch, played[i].pitch);
        assert_close(e.items[i].start_s, played[i].start, 0.05, 0);
        assert_close(e.items[i].end_s, played[i].start + played[i].duration, 0.12, 0);
        assert_in_range(e.items[i].velocity, 1, 127);
    }
    sori_array *sdr = sori_sdr(c, alone.y, sori_unmix_part(u, y, 1).y);
    assert_ok(c);
    assert_true(*(double *)sdr->data > 12);
    sori_unmix_free(u);
}

static void pure_templates(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_templates *t = learn(c);
    assert_int_equal(sori_templates_count(t), 48);
    found_again(c, t, SORI_UNMIX_FIXED, 0);
    found_again(c, t, SORI_UNMIX_FIXED, 0.6);
    found_again(c, t, SORI_UNMIX_START, 0);
    sori_templates_free(t);
    sori_close(c);
}

/* A note struck again at once is two; held, it is one. */
static void struck_again(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_templates *t = learn(c);
    sori_audio y = { sori_array_new(c, SORI_F32, 1, (size_t[]){ SAMPLES }), SR };
    add(c, y.y, false, 64, 0.2, 0.4);
    add(c, y.y, false, 64, 0.7, 0.9);
    sori_unmix *u = sori_unmix_new(c, y, &(sori_unmix_config){ .templates = t, .use = SORI_UNMIX_FIXED, .nmf = kl });
    sori_note_events e = sori_unmix_notes(u, NULL);
    assert_ok(c);
    assert_int_equal(e.n, 2);
    assert_close(e.items[0].start_s, 0.2, 0.03, 0);
    assert_close(e.items[1].start_s, 0.7, 0.03, 0);
    sori_unmix_free(u);
    sori_templates_free(t);
    sori_close(c);
}

/* Strokes of noise over a held note: as many as there are, when they are. */
static void strokes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_templates *t = learn(c);
    sori_audio y = { sori_array_new(c, SORI_F32, 1, (size_t[]){ SAMPLES }), SR };
    sori_audio stroke = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 1200 }), SR };
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < 1200; i++)
        ((float *)stroke.y->data)[i] = (float)(0.3 * base_rng_normal(&r) * exp(-(double)i / 200));
    add(c, y.y, false, 60, 0.1, 1.8);
    for (int k = 0; k < 4; k++)
        for (size_t i = 0; i < 1200; i++)
            ((float *)y.y->data)[(size_t)((0.3 + 0.4 * k) * SR) + i] += ((float *)stroke.y->data)[i];
    sori_templates_add_drum(t, 38, stroke);
    assert_int_equal(sori_templates_drums(t), 1);
    sori_unmix *u = sori_unmix_new(c, y, &(sori_unmix_config){ .templates = t, .drums = -1, .nmf = kl });
    sori_note_events e = sori_unmix_notes(u, NULL);
    assert_ok(c);
    size_t drums = sori_unmix_drum_part(u), n = 0;
    assert_string_equal(sori_unmix_part_name(u, drums), "drums");
    for (size_t i = 0; i < e.n; i++) {
        if ((size_t)e.items[i].part != drums) continue;
        assert_int_equal(e.items[i].pitch, 38);
        assert_close(e.items[i].start_s, 0.3 + 0.4 * (double)n++, 0.04, 0);
    }
    assert_int_equal(n, 4);
    sums_to(c, u, y);
    sori_unmix_free(u);
    sori_templates_free(t);
    sori_close(c);
}

static void silence(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_templates *t = learn(c);
    for (int i = 0; i < 8; i++) {
        sori_audio y = { sori_array_new(c, SORI_F32, 1, (size_t[]){ i < 6 ? SAMPLES : 1 }), SR };
        sori_unmix_config g = { .templates = i % 2 ? t : NULL, .transform = transform, .n_components = i % 2 ? 0 : 3,
                                .drums = i < 6 && i % 3 == 2, .slice_s = i > 2 ? 0.5 : 0, .nmf = kl };
        if (i == 4) g.nmf.loss = SORI_NMF_ITAKURA_SAITO;
        sori_unmix *u = sori_unmix_new(c, y, &g);
        assert_ok(c);
        assert_int_equal(sori_unmix_notes(u, NULL).n, 0);
        assert_true(isfinite(sori_unmix_loss(u)));
        sums_to(c, u, y);
        sori_unmix_free(u);
    }
    assert_ok(c);
    sori_templates_free(t);
    sori_close(c);
}

/* --- bits ------------------------------------------------------------------------------------------------------- */

static uint64_t bits(int threads) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
    sori_templates *t = learn(c);
    sori_audio y = mixture(c);
    const sori_unmix_config g = { .templates = t, .n_components = 2, .slice_s = 0.5, .drums = 2, .nmf = kl };
    sori_unmix *u = sori_unmix_new(c, y, &g);
    uint64_t h = hash(sori_unmix_notes(u, NULL).memory);
    for (size_t p = 0; p < sori_unmix_parts(u); p++) h = h * 31 + hash(sori_unmix_part(u, y, p).y);
    assert_ok(c);
    sori_unmix_free(u);
    sori_templates_free(t);
    sori_close(c);
    return h;
}

static void threads(void **state) {
    (void)state;
    uint64_t one = bits(1);
    assert_true(one == bits(2));
    assert_true(one == bits(5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_sum_to_the_mixture), cmocka_unit_test(channels), cmocka_unit_test(pure_templates),
        cmocka_unit_test(struck_again), cmocka_unit_test(strokes), cmocka_unit_test(silence), cmocka_unit_test(threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
