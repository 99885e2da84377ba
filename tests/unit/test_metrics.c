/* Metrics: labels, one-hot and outputs are one; ties; distortion by its laws; every refusal. */
#include "test.h"
#include "base/base.h"
#include <sori/metrics.h>

static sori_array *floats(sori_ctx *c, size_t n, size_t columns, const float *v) {
    return sori_array_from(c, SORI_F32, columns ? 2 : 1, (size_t[]){ n, columns }, v);
}

static void forms_of_classes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *numbers = sori_array_from(c, SORI_I32, 1, (size_t[]){ 4 }, (int32_t[]){ 0, 1, 1, 0 });
    sori_array *one_hot = floats(c, 4, 2, (float[]){ 1, 0, 0, 1, 0, 1, 1, 0 });
    sori_array *sigmoid = floats(c, 4, 1, (float[]){ .2f, .7f, .5f, .9f });   /* 1/2 is class 0 */
    sori_array *softmax = floats(c, 4, 2, (float[]){ .8f, .2f, .3f, .7f, .5f, .5f, .1f, .9f });   /* the first of .5 */
    assert_true(sori_accuracy_score(c, numbers, one_hot) == 1);
    assert_true(sori_accuracy_score(c, one_hot, numbers) == 1);
    assert_true(sori_accuracy_score(c, numbers, sigmoid) == 0.5);
    assert_true(sori_accuracy_score(c, one_hot, softmax) == 0.5);
    sori_array *m = sori_confusion_matrix(c, one_hot, sigmoid, 3);
    assert_memory_equal(m->data, ((int64_t[]){ 1, 1, 0, 1, 1, 0, 0, 0, 0 }), 72);
    assert_int_equal(sori_confusion_matrix(c, numbers, numbers, 0)->shape[0], 2);
    assert_ok(c);
    sori_close(c);
}

/* By its definition: pairs of a positive and a negative sample, equal scores counting half. */
static void area_is_the_part_of_pairs(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *y = sori_array_new(c, SORI_U8, 1, (size_t[]){ 101 }), *s = sori_array_new(c, SORI_F32, 1, y->shape);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    for (int step = 1; step < 60; step *= 5) {   /* many equal scores, then few */
        double won = 0, pairs = 0;
        for (size_t i = 0; i < 101; i++) {
            ((uint8_t *)y->data)[i] = base_rng_below(&r, 3) == 0;
            ((float *)s->data)[i] = (float)base_rng_below(&r, (uint32_t)step * 3) + (float)((uint8_t *)y->data)[i];
        }
        for (size_t i = 0; i < 101; i++)
            for (size_t j = 0; j < 101; j++) {
                if (!((uint8_t *)y->data)[i] || ((uint8_t *)y->data)[j]) continue;
                float a = ((float *)s->data)[i], b = ((float *)s->data)[j];
                won += a > b ? 1 : a == b ? 0.5 : 0;
                pairs++;
            }
        assert_close(sori_roc_auc_score(c, y, s), won / pairs, 0, 1e-13);
    }
    assert_ok(c);
    sori_close(c);
}

static double first(const sori_array *a) { return ((double *)a->data)[0]; }

static void distortion(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *s = sori_array_new(c, SORI_F32, 3, (size_t[]){ 2, 2, 500 }),
               *e = sori_array_new(c, SORI_F32, 3, s->shape), *louder = sori_array_new(c, SORI_F64, 3, s->shape);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 1, 0);
    for (size_t i = 0; i < s->size; i++) {
        ((float *)s->data)[i] = (float)base_rng_normal(&r) + 0.5f;
        ((float *)e->data)[i] = ((float *)s->data)[i] + 0.1f * (float)base_rng_normal(&r);
        ((double *)louder->data)[i] = 7.5 * (double)((float *)e->data)[i];
    }
    sori_array *sdr = sori_sdr(c, s, e), *si = sori_si_sdr(c, s, e, false), *scaled = sori_si_sdr(c, s, louder, false);
    sori_array *centred = sori_si_sdr(c, s, louder, true);
    assert_ok(c);
    assert_true(sdr->ndim == 2 && sdr->shape[0] == 2 && sdr->shape[1] == 2);
    for (size_t row = 0; row < 4; row++) {
        double ss = 0, es = 0, ee = 0, dd = 0;
        for (size_t i = row * 500; i < row * 500 + 500; i++) {
            double a = (double)((float *)s->data)[i], b = (double)((float *)e->data)[i];
            ss += a * a, es += a * b, ee += b * b, dd += (a - b) * (a - b);
        }
        assert_close(((double *)sdr->data)[row], 10 * log10(ss / dd), 0, 1e-12);
        /* cos^2 of the angle between them over sin^2 */
        double cos2 = es * es / ss / ee;
        assert_close(((double *)si->data)[row], 10 * log10(cos2 / (1 - cos2)), 0, 1e-9);
        assert_close(((double *)scaled->data)[row], ((double *)si->data)[row], 0, 1e-9);
        assert_true(((double *)centred->data)[row] < ((double *)scaled->data)[row]);   /* the mean was an easy part */
    }
    sori_array *line = sori_array_from(c, SORI_F64, 1, (size_t[]){ 2 }, (double[]){ 1, 1 });
    sori_array *half = sori_array_from(c, SORI_F64, 1, (size_t[]){ 2 }, (double[]){ 0.5, 0.5 });
    sori_array *other = sori_array_from(c, SORI_F64, 1, (size_t[]){ 2 }, (double[]){ 2, 0 });
    sori_array *silence = sori_array_new(c, SORI_F64, 1, (size_t[]){ 2 });
    assert_int_equal(sori_sdr(c, line, half)->ndim, 0);
    assert_close(first(sori_sdr(c, line, half)), 10 * log10(4), 0, 1e-14);
    assert_close(first(sori_si_sdr(c, line, other, false)), 0, 1e-14, 0);   /* 45 degrees */
    assert_true(first(sori_sdr(c, line, line)) == (double)INFINITY);
    assert_close(first(sori_sdr(c, line, silence)), 0, 1e-14, 0);
    assert_true(isnan(first(sori_sdr(c, silence, line))) && isnan(first(sori_si_sdr(c, silence, line, false))));
    assert_ok(c);
    sori_close(c);
}

static void refusals(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *y = floats(c, 3, 0, (float[]){ 0, 1, 2 }), *two = floats(c, 2, 0, (float[]){ 0, 1 });
    sori_array *bad = floats(c, 3, 0, (float[]){ 0, 1.5f, 2 }), *nan = floats(c, 3, 0, (float[]){ 0, NAN, 2 });
    sori_array *s = floats(c, 3, 2, (float[]){ 1, 0, 1, 0, 1, 0 }), *ones = floats(c, 3, 0, (float[]){ 1, 1, 1 });
    sori_array *complex = sori_array_new(c, SORI_C64, 1, (size_t[]){ 3 });
    sori_array *none = sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 });
    sori_array *deep = sori_array_new(c, SORI_F32, 3, (size_t[]){ 3, 1, 1 });
    SAYS(c, sori_accuracy_score(c, y, two), "accuracy_score: 3 samples in y_true, 2 in y_pred");
    SAYS(c, sori_accuracy_score(c, bad, y), "accuracy_score: y_true has 1.5, classes are whole numbers from 0 to 4095");
    SAYS(c, sori_accuracy_score(c, y, nan), "accuracy_score: y_pred has a NaN");
    SAYS(c, sori_accuracy_score(c, NULL, y), "accuracy_score: y_true is NULL");
    SAYS(c, sori_accuracy_score(c, y, complex), "accuracy_score: y_pred is complex");
    SAYS(c, sori_accuracy_score(c, y, deep), "accuracy_score: y_pred has shape [3, 1, 1], must be [n] or [n, classes]");
    SAYS(c, sori_accuracy_score(c, none, none), "accuracy_score: y_true has shape [0], must be [n] or [n, classes]");
    REFUSES(c, sori_confusion_matrix(c, y, y, 2), "confusion_matrix: 2 classes, but there are 3 (at most 4096)");
    REFUSES(c, sori_confusion_matrix(c, y, y, -1), "confusion_matrix: -1 classes, but there are 3 (at most 4096)");
    REFUSES(c, sori_precision_recall_fscore(c, y, y, (sori_average)4), "precision_recall_fscore: unknown average 4");
    SAYS(c, sori_top_k_accuracy_score(c, y, s, 1), "top_k_accuracy_score: k 1 of 2 scores a sample, 3 classes");
    SAYS(c, sori_top_k_accuracy_score(c, two, floats(c, 2, 2, (float[]){ 1, 0, 1, 0 }), 0),
         "top_k_accuracy_score: k 0 of 2 scores a sample, 2 classes");
    SAYS(c, sori_roc_auc_score(c, y, y), "roc_auc_score: 3 classes in y_true, scores of 2");
    SAYS(c, sori_roc_auc_score(c, ones, y), "roc_auc_score: no sample, or every sample, belongs to class 1");
    SAYS(c, sori_roc_auc_score(c, ones, s), "roc_auc_score: no sample, or every sample, belongs to class 0");
    REFUSES(c, sori_sdr(c, y, two), "sdr: reference [3], estimate [2]: must be one shape, not empty");
    REFUSES(c, sori_si_sdr(c, none, none, false), "si_sdr: reference [0], estimate [0]: must be one shape, not empty");
    REFUSES(c, sori_sdr(c, y, complex), "sdr: reference and estimate must be float32 or float64");
    sori_fail(c, SORI_EINVAL, "before");
    assert_true(isnan(sori_accuracy_score(c, y, y)) && isnan(sori_roc_auc_score(c, two, two)));
    assert_null(sori_sdr(c, y, y));
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(forms_of_classes), cmocka_unit_test(area_is_the_part_of_pairs),
                                        cmocka_unit_test(distortion), cmocka_unit_test(refusals) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
