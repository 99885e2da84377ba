/* Scores of classes against scikit-learn's: tools/golden/make_metrics.py. Both are quotients of counts in double. */
#include "golden/golden_input.h"
#include <sori/metrics.h>

static json_t *manifest;

static sori_array *values(sori_ctx *c, const json_t *list, size_t columns, sori_dtype dtype) {
    size_t n = json_array_size(list), i;
    sori_array *a = sori_array_new(c, SORI_F64, columns ? 2 : 1, (size_t[]){ columns ? n / columns : n, columns });
    const json_t *v;
    json_array_foreach(list, i, v) ((double *)a->data)[i] = json_number_value(v);
    return sori_array_cast(c, a, dtype);
}

static void same(const json_t *expected, const sori_array *got, size_t stride, size_t keep) {
    assert_int_equal(json_array_size(expected), got->size / stride * keep);
    for (size_t i = 0; i < json_array_size(expected); i++)
        assert_close(((double *)got->data)[i / keep * stride + i % keep],
                     json_number_value(json_array_get(expected, i)), 1e-15, 1e-13);
}

static void check(sori_ctx *c, const json_t *item) {
    static const char *const averages[] = { "none", "macro", "micro", "weighted" };
    size_t classes = (size_t)json_number(item, "classes", 0), k;
    const json_t *v;
    sori_array *y_true = values(c, json_object_get(item, "true"), 0, SORI_I64);
    sori_array *score = values(c, json_object_get(item, "score"), classes, SORI_F32);
    assert_close(sori_accuracy_score(c, y_true, score), json_number(item, "accuracy", NAN), 0, 1e-15);
    sori_array *confusion = sori_array_cast(c, sori_confusion_matrix(c, y_true, score, 0), SORI_F64);
    same(json_object_get(item, "confusion"), confusion, 1, 1);
    for (int a = 0; a < 4; a++)
        same(json_object_get(item, averages[a]), sori_precision_recall_fscore(c, y_true, score, (sori_average)a), 4, 3);
    json_array_foreach(json_object_get(item, "top_k"), k, v)
        assert_close(sori_top_k_accuracy_score(c, y_true, score, (int)k + 1), json_number_value(v), 0, 1e-15);
    if (json_object_get(item, "auc"))
        assert_close(sori_roc_auc_score(c, y_true, score), json_number(item, "auc", NAN), 1e-15, 1e-13);
    assert_ok(c);
}

static void scores(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(manifest, "cases"), i, item) check(c, item);
    sori_close(c);
}

/* Several labels a sample: the mean over columns, each for itself. */
static void several_labels(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const json_t *item = json_object_get(manifest, "multilabel");
    sori_array *y_true = values(c, json_object_get(item, "true"), 3, SORI_U8);
    assert_close(sori_roc_auc_score(c, y_true, values(c, json_object_get(item, "score"), 3, SORI_F64)),
                 json_number(item, "auc", NAN), 0, 1e-13);
    assert_ok(c);
    sori_close(c);
}

int main(void) {
    manifest = json_load_file(TEST_SOURCE_DIR "/tests/golden/metrics/metrics.json", 0, NULL);
    const struct CMUnitTest tests[] = { cmocka_unit_test(scores), cmocka_unit_test(several_labels) };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(manifest);
    return failed;
}
