/* Memory that runs out while sounds are compared, and while the sheet is drawn. */
#include "oom.h"
#include <sori/compare.h>

static sori_audio tone(sori_ctx *c, size_t channels, double hz) {
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ channels, 3000 });
    for (size_t i = 0; y && i < y->size; i++) ((float *)y->data)[i] = (float)sin(6.283185307 * hz * (double)i / 8000);
    return (sori_audio){ y, 8000 };
}

static uint64_t compare(sori_ctx *c, const void *arg) {
    uint64_t h = BASE_HASH_START;
    sori_audio a = tone(c, 1, 220), b = tone(c, 2, 440);
    sori_comparison r = sori_compare(c, a, b, &(sori_compare_config){ .n_partials = 3 });
    if (sori_error(c)) return 0;
    h = base_hash(base_hash(h, &r.mfcc_dtw, sizeof r.mfcc_dtw), r.b.partials, sizeof r.b.partials);
    if (!arg) return h;
    sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .columns = 2, .panel_height = 100, .width = 300 });
    sori_compare_plot(c, p, &r, "a", "b");
    sori_plot_free(p);
    return h;
}

static void comparisons(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = compare });
}

static void sheets(void **state) {
    (void)state;
#ifdef SORI_WITH_CAIRO
    oom_every(&(oom_job){ .run = compare, .arg = "", .most = 150 });
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(comparisons), cmocka_unit_test(sheets) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
