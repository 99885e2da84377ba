/* Gates and degenerate input of levels and effects: each error sentence, and what silence and one sample give. */
#include "test.h"
#include "base/base.h"
#include <sori/fx.h>
#include <sori/level.h>

static sori_ctx *ctx;
static int setup(void **state) { (void)state; ctx = sori_open(NULL); return ctx ? 0 : -1; }
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static sori_array *filled(int ndim, const size_t *shape, float value) {
    sori_array *a = sori_array_new(ctx, SORI_F32, ndim, shape);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = value;
    return a;
}

static sori_array *row(size_t n, float value) { return filled(1, &n, value); }

static void expect(const void *result, const char *sentence) {
    assert_null(result);
    assert_int_equal(sori_error(ctx), SORI_EINVAL);
    assert_string_equal(sori_message(ctx), sentence);
    sori_clear(ctx);
}

#define PCEN(...) sori_pcen(ctx, S, &(sori_pcen_config){ __VA_ARGS__ })

static void pcen_gate(void **state) {
    (void)state;
    sori_array *S = filled(2, (size_t[]){ 3, 4 }, 1), *zf = S, *three = filled(3, (size_t[]){ 2, 3, 4 }, 1);
    expect(PCEN(.gain = SORI_VALUE(-1), .zf = &zf), "pcen: gain -1 is below 0");
    assert_null(zf);
    expect(PCEN(.bias = SORI_VALUE(-2)), "pcen: bias -2 is below 0");
    expect(PCEN(.power = SORI_VALUE(-0.5)), "pcen: power -0.5 is below 0");
    expect(PCEN(.eps = -1), "pcen: eps -1 is not above 0");
    expect(PCEN(.time_constant = -1), "pcen: time_constant -1 s is not above 0");
    expect(PCEN(.sr = -1), "pcen: sr -1 Hz is not above 0");
    expect(PCEN(.hop_length = -1), "pcen: hop_length -1 is below 1");
    expect(PCEN(.max_size = -1), "pcen: max_size -1 is below 1");
    expect(PCEN(.b = SORI_VALUE(1.5)), "pcen: b 1.5 is outside 0 to 1");
    expect(PCEN(.axis = SORI_VALUE(2)), "pcen: there is no axis 2 of 2");
    expect(PCEN(.axis = SORI_VALUE(-3)), "pcen: there is no axis -3 of 2");
    expect(PCEN(.axis = SORI_VALUE(0.5)), "pcen: there is no axis 0.5 of 2");
    expect(PCEN(.zi = S), "pcen: zi must be real numbers of S's shape, with one on axis 1");
    expect(PCEN(.zi = filled(2, (size_t[]){ 3, 1 }, -1)), "pcen: value 0 of zi is below 0");
    expect(PCEN(.ref = three), "pcen: ref has not the shape of S");
    expect(PCEN(.ref = filled(2, (size_t[]){ 3, 4 }, -1)), "pcen: ref has a negative value, -1");
    expect(sori_pcen(ctx, three, &(sori_pcen_config){ .max_size = 3 }), "pcen: max_size 3 of 3 axes needs max_axis");
    expect(sori_pcen(ctx, row(9, 1), &(sori_pcen_config){ .max_size = 3 }), "pcen: max_size 3 needs two axes");
    ((float *)S->data)[5] = -1;
    expect(PCEN(0), "pcen: S has a negative value, -1");
    ((float *)S->data)[5] = NAN;
    expect(PCEN(0), "pcen: value 5 of the input is not finite");
    assert_int_equal(sori_pcen(ctx, filled(2, (size_t[]){ 3, 0 }, 0), NULL)->size, 0);
    assert_int_equal(sori_pcen(ctx, filled(2, (size_t[]){ 0, 3 }, 0), NULL)->size, 0);
}

static void weighting_gate(void **state) {
    (void)state;
    sori_array *hz = row(3, 1000), *S = filled(2, (size_t[]){ 4, 2 }, 1);
    sori_opt usual = { 0 };
    expect(sori_frequency_weighting(ctx, hz, 'Q', usual),
           "frequency_weighting: there is no weighting of kind Q (A, B, C, D, Z)");
    expect(sori_multi_frequency_weighting(ctx, hz, "", usual), "multi_frequency_weighting: no kinds");
    expect(sori_multi_frequency_weighting(ctx, hz, "AX", usual),
           "multi_frequency_weighting: there is no weighting of kind X (A, B, C, D, Z)");
    expect(sori_perceptual_weighting(ctx, S, hz, NULL), "perceptual_weighting: 3 frequencies, but 4 bins");
    ((float *)hz->data)[1] = INFINITY;
    expect(sori_A_weighting(ctx, hz, usual), "A_weighting: frequency 1 is not finite");
    const sori_array *silent = sori_A_weighting(ctx, row(1, 0), SORI_NONE);
    assert_true(((double *)silent->data)[0] == -INFINITY);
}

static void companding_gate(void **state) {
    (void)state;
    sori_array *x = row(4, 0.5f);
    expect(sori_mu_compress(ctx, x, &(sori_mu_config){ .mu = -1 }), "mu_compress: mu -1 is outside 0 to 2^20");
    expect(sori_mu_expand(ctx, x, &(sori_mu_config){ .mu = 1e9 }), "mu_expand: mu 1e+09 is outside 0 to 2^20");
    expect(sori_quantize(ctx, x, 1, false), "quantize: 1 bits are outside 2 to 24");
    expect(sori_quantize(ctx, x, 25, true), "quantize: 25 bits are outside 2 to 24");
    ((float *)x->data)[2] = 1.5f;
    expect(sori_mu_compress(ctx, x, NULL), "mu_compress: value 2, 1.5, is outside -1 to 1");
    expect(sori_mu_expand(ctx, x, &(sori_mu_config){ .continuous = true }),
           "mu_expand: value 2, 1.5, is outside -1 to 1");
    sori_array *steps = sori_array_new(ctx, SORI_I64, 1, (size_t[]){ 2 });
    ((int64_t *)steps->data)[1] = 129;
    expect(sori_mu_expand(ctx, steps, NULL), "mu_expand: value 1, 129, is outside -128 to 128");
    ((float *)x->data)[2] = NAN;
    expect(sori_mu_compress(ctx, x, NULL), "mu_compress: value 2, nan, is outside -1 to 1");
    assert_int_equal(sori_mu_compress(ctx, row(0, 0), NULL)->size, 0);
    const sori_array *q = sori_quantize(ctx, row(1, 2), 16, true);
    assert_true(q->dtype == SORI_I32 && ((int32_t *)q->data)[0] == 32767);
}

static void normalize_gate(void **state) {
    (void)state;
    sori_array *x = row(4, 0.5f);
    sori_normalize_config ones = { .norm = SORI_VALUE(0), .fill = SORI_FILL_ONE };
    expect(sori_normalize(ctx, x, &(sori_normalize_config){ .norm = SORI_VALUE(-1) }),
           "normalize: norm -1 is neither 0, positive nor an infinity");
    expect(sori_normalize(ctx, x, &(sori_normalize_config){ .threshold = -1 }),
           "normalize: threshold -1 is not above 0");
    expect(sori_normalize(ctx, x, &ones), "normalize: norm 0 cannot be filled with ones");
    expect(sori_normalize(ctx, x, &(sori_normalize_config){ .axis = SORI_VALUE(1) }),
           "normalize: there is no axis 1 of 1");
    expect(sori_normalize_peak(ctx, (sori_audio){ x, 22050 }, -1).y, "normalize_peak: peak -1 is below 0");
    sori_audio silence = sori_normalize_peak(ctx, (sori_audio){ row(9, 0), 22050 }, 1);
    for (size_t i = 0; i < 9; i++) assert_true(((float *)silence.y->data)[i] == 0);
}

static void feature_gate(void **state) {
    (void)state;
    sori_array *S = filled(2, (size_t[]){ 9, 4 }, 1), *freq = row(5, 1);
    sori_audio y = { row(3000, 0.5f), 22050 };
    expect(sori_poly_features(ctx, y, &(sori_poly_config){ .order = SORI_VALUE(-1) }),
           "poly_features: order -1 is not one of 0 to 15");
    expect(sori_poly_features(ctx, y, &(sori_poly_config){ .order = SORI_VALUE(16) }),
           "poly_features: order 16 is not one of 0 to 15");
    expect(sori_poly_features(ctx, y, &(sori_poly_config){ .S = S, .freq = freq }),
           "poly_features: freq must be 9 real numbers, one a bin");
    expect(sori_poly_features(ctx, y, &(sori_poly_config){ .S = S, .freq = filled(2, (size_t[]){ 9, 3 }, 1) }),
           "poly_features: freq must be [9], or of the spectrogram's shape, 4 frames of real numbers");
    expect(sori_stack_memory(ctx, S, &(sori_memory_config){ .n_steps = -1 }),
           "stack_memory: n_steps -1 is outside 1 to 2^20");
    expect(sori_stack_memory(ctx, filled(2, (size_t[]){ 3, 0 }, 0), NULL), "stack_memory: there are no frames");
    expect(sori_stack_memory(ctx, S, &(sori_memory_config){ .mode = (sori_pad_mode)9 }),
           "stack_memory: there is no mode 9");
    expect(sori_zero_crossings(ctx, freq, &(sori_crossings_config){ .threshold = SORI_VALUE(-1) }),
           "zero_crossings: threshold -1 is below 0");
}

static void length_gate(void **state) {
    (void)state;
    sori_array *x = row(30, 1);
    sori_opt last = { 0 };
    expect(sori_frame(ctx, x, 0, 1, last), "frame: frame_length 0 is below 1");
    expect(sori_frame(ctx, x, 1, 0, last), "frame: hop_length 0 is below 1");
    expect(sori_frame(ctx, x, 31, 1, last), "frame: 30 values are fewer than frame_length 31");
    expect(sori_pad_center(ctx, x, 29, NULL), "pad_center: size 29 is below the 30 values there are");
    expect(sori_fix_length(ctx, row(0, 0), 3, &(sori_length_config){ .mode = SORI_PAD_EDGE }),
           "fix_length: there are no values to pad with");
    expect(sori_fix_length(ctx, x, 3, &(sori_length_config){ .mode = (sori_pad_mode)8 }),
           "fix_length: there is no mode 8");
    assert_int_equal(sori_fix_length(ctx, x, 0, NULL)->size, 0);
    assert_int_equal(sori_fix_length(ctx, row(0, 0), 3, NULL)->size, 3);
}

#define FMT(...) sori_fmt(ctx, y, &(sori_fmt_config){ __VA_ARGS__ })

static void fmt_gate(void **state) {
    (void)state;
    sori_array *y = row(30, 1);
    expect(sori_fmt(ctx, row(3, 1), NULL), "fmt: 3 samples are below the 4 needed");
    expect(sori_fmt(ctx, row(2, 1), &(sori_fmt_config){ .kind = SORI_FMT_LINEAR }),
           "fmt: 2 samples are below the 3 needed");
    expect(FMT(.t_min = -1), "fmt: t_min -1 is outside 0 to 29");
    expect(FMT(.n_fmt = 2), "fmt: n_fmt 2 is below 3");
    expect(FMT(.over_sample = 0.5), "fmt: over_sample 0.5 is outside 1 to 10^6");
    expect(FMT(.beta = SORI_VALUE(NAN)), "fmt: beta is not finite");
    expect(FMT(.kind = (sori_fmt_kind)7), "fmt: there is no kind 7");
    expect(FMT(.n_fmt = 5000), "fmt: places 4960 and 4961 of n_fmt 5000 are at the same time");
}

static void cutting_gate(void **state) {
    (void)state;
    sori_audio y = { row(3000, 0.5f), 22050 }, none = { row(0, 0), 22050 };
    sori_array *pieces = sori_array_new(ctx, SORI_I64, 2, (size_t[]){ 1, 2 });
    expect(sori_trim(ctx, y, &(sori_silence_config){ .ref = -1 }).y.y, "trim: ref -1 is below 0");
    expect(sori_trim(ctx, y, &(sori_silence_config){ .top_db = SORI_NONE }).index, "trim: top_db must be a number");
    expect(sori_split_silence(ctx, y, &(sori_silence_config){ .hop_length = -1 }), "split: hop_length -1 is below 1");
    expect(sori_split_silence(ctx, y, &(sori_silence_config){ .frame_length = -1 }),
           "split: frame_length -1 is below 1");
    expect(sori_trim(ctx, y, &(sori_silence_config){ .aggregate = (sori_aggregate)5 }).y.y,
           "trim: there is no aggregate 5");
    expect(sori_trim(ctx, none, NULL).y.y, "trim: rms: the sound has no samples");
    ((int64_t *)pieces->data)[1] = 3001;
    expect(sori_remix(ctx, y, pieces, NULL).y, "remix: interval 0, 0 to 3001, does not lie in the 3000 samples");
    expect(sori_remix(ctx, none, pieces, NULL).y, "remix: the sound has no samples");
    expect(sori_remix(ctx, y, sori_array_new(ctx, SORI_I64, 2, (size_t[]){ 0, 2 }), NULL).y,
           "remix: intervals must be [m, 2], with m at least 1");
}

static void filter_gate(void **state) {
    (void)state;
    sori_audio y = { row(30, 0.5f), 22050 }, none = { row(0, 0), 22050 };
    sori_array *zf = y.y;
    sori_opt last = { 0 };
    expect(sori_preemphasis(ctx, y, &(sori_emphasis_config){ .coef = SORI_VALUE(NAN), .zf = &zf }).y,
           "preemphasis: coef nan is not possible");
    assert_null(zf);
    expect(sori_deemphasis(ctx, y, &(sori_emphasis_config){ .coef = SORI_VALUE(3) }).y,
           "deemphasis: coef 3 is not possible");
    expect(sori_preemphasis(ctx, none, NULL).y, "preemphasis: the sound has no samples");
    expect(sori_preemphasis(ctx, y, &(sori_emphasis_config){ .zi = y.y }).y,
           "preemphasis: zi must be [..., 1], one real number a channel");
    expect(sori_deemphasis(ctx, y, &(sori_emphasis_config){ .zi = row(1, NAN) }).y,
           "deemphasis: value 0 of zi is not finite");
    sori_audio one = sori_preemphasis(ctx, (sori_audio){ row(1, 0.5f), 22050 }, NULL);
    assert_true(((float *)one.y->data)[0] == 1);   /* as if it had been so before: 0.5 + 0.5 */
    expect(sori_lpc(ctx, y.y, 0, last), "lpc: order 0 is outside 1 to 29, the samples less one");
    expect(sori_lpc(ctx, y.y, 30, last), "lpc: order 30 is outside 1 to 29, the samples less one");
    expect(sori_lpc(ctx, none.y, 1, last), "lpc: order 1 is outside 1 to 0, the samples less one");
    ((float *)y.y->data)[7] = INFINITY;
    expect(sori_lpc(ctx, y.y, 3, last), "lpc: value 7 of the input is not finite");
}

/* After an error nothing is done. */
static void a_failed_context(void **state) {
    (void)state;
    sori_array *x = row(30, 0.5f);
    sori_audio y = { x, 22050 };
    sori_opt usual = { 0 };
    sori_fail(ctx, SORI_EINVAL, "before");
    assert_null(sori_pcen(ctx, x, NULL));
    assert_null(sori_A_weighting(ctx, x, usual));
    assert_null(sori_mu_compress(ctx, x, NULL));
    assert_null(sori_mu_expand(ctx, x, NULL));
    assert_null(sori_normalize(ctx, x, NULL));
    assert_null(sori_quantize(ctx, x, 8, false));
    assert_null(sori_fmt(ctx, x, NULL));
    assert_null(sori_stack_memory(ctx, x, NULL));
    assert_null(sori_poly_features(ctx, y, NULL));
    assert_null(sori_zero_crossings(ctx, x, NULL));
    assert_null(sori_trim(ctx, y, NULL).y.y);
    assert_null(sori_split_silence(ctx, y, NULL));
    assert_null(sori_remix(ctx, y, x, NULL).y);
    assert_null(sori_preemphasis(ctx, y, NULL).y);
    assert_null(sori_lpc(ctx, x, 3, usual));
    assert_string_equal(sori_message(ctx), "before");
    sori_clear(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcen_gate), cmocka_unit_test(weighting_gate), cmocka_unit_test(companding_gate),
        cmocka_unit_test(normalize_gate), cmocka_unit_test(feature_gate), cmocka_unit_test(length_gate),
        cmocka_unit_test(fmt_gate),
        cmocka_unit_test(cutting_gate), cmocka_unit_test(filter_gate), cmocka_unit_test(a_failed_context),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
