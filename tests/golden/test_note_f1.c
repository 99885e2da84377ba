/* Notes found against notes played, by mir_eval: tools/golden/make_note_f1.py. Quotients of the same counts. */
#include "golden/golden_input.h"
#include <sori/metrics.h>

static json_t *manifest;

static sori_array *notes_of(sori_ctx *c, const json_t *list) {
    size_t n = json_array_size(list);
    sori_array *a = sori_array_new(c, SORI_F64, 2, (size_t[]){ n, 3 });
    for (size_t i = 0; i < 3 * n; i++)
        ((double *)a->data)[i] = json_number_value(json_array_get(json_array_get(list, i / 3), i % 3));
    return a;
}

static void scores(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(manifest, "cases"), i, item) {
        const json_t *ratio = json_object_get(item, "offset_ratio");
        sori_note_scores_config g = { .onset_s = SORI_VALUE(json_number(item, "onset", NAN)) };
        if (json_is_number(ratio)) g.offset_ratio = SORI_VALUE(json_number_value(ratio));
        sori_note_scores s = sori_note_f1(c, notes_of(c, json_object_get(item, "truth")),
                                          notes_of(c, json_object_get(item, "found")), &g);
        assert_ok(c);
        assert_close(s.precision, json_number(item, "precision", NAN), 1e-15, 1e-13);
        assert_close(s.recall, json_number(item, "recall", NAN), 1e-15, 1e-13);
        assert_close(s.f1, json_number(item, "f1", NAN), 1e-15, 1e-13);
    }
    sori_close(c);
}

int main(void) {
    manifest = json_load_file(TEST_SOURCE_DIR "/tests/golden/metrics/note_f1.json", 0, NULL);
    const struct CMUnitTest tests[] = { cmocka_unit_test(scores) };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(manifest);
    return failed;
}
