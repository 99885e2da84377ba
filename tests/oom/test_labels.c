/* Out of memory while labels are written and read. jansson takes its memory from malloc, which is not refused here. */
#include "oom.h"
#include <sori/labels.h>

static uint64_t write_and_read(sori_ctx *c, const void *arg) {
    const char *path = arg;
    sori_label labels[40];
    for (int i = 0; i < 40; i++)
        labels[i] = (sori_label){ .start_s = i, .end_s = i + 0.5, .text = i % 2 ? "a \"b\", c" : "" };
    sori_save_labels(c, path, labels, 40, NULL);
    sori_labels l = sori_load_labels(c, path, NULL);
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; i < l.n; i++) {
        h = base_hash(h, &l.items[i].start_s, sizeof(double));
        h = base_hash(h, l.items[i].text, strlen(l.items[i].text));
    }
    return h;
}

static void labels(void **state) {
    (void)state;
    static const char *const paths[] = { TEST_SCRATCH "/a/l.txt", TEST_SCRATCH "/b/l.csv", TEST_SCRATCH "/c/l.jams" };
    sori_ctx *c = sori_open(NULL);
    base_make_dirs(c, TEST_SCRATCH "/a");
    base_make_dirs(c, TEST_SCRATCH "/b");
    base_make_dirs(c, TEST_SCRATCH "/c");
    assert_ok(c);
    sori_close(c);
    for (size_t i = 0; i < BASE_COUNT(paths); i++)
        oom_every(&(oom_job){ .run = write_and_read, .arg = paths[i], .output = paths[i] });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(labels) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
