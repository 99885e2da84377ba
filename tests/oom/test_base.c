/* Out of memory in base and array: every allocation refused in turn. And the harness itself must notice a job that
 * forgets to look, leaks, or leaves half a file. */
#include "oom.h"
#include "array/array.h"
#include <sys/stat.h>

static uint64_t make_arrays(sori_ctx *c, const void *arg) {
    (void)arg;
    int s = sori_begin(c);
    sori_array *a = sori_array_from(c, SORI_I32, 2, (size_t[]){ 2, 3 }, (int32_t[]){ 1, 2, 3, 4, 5, 6 });
    sori_array *b = sori_array_cast(c, a, SORI_C128);
    sori_array *zeros = sori_array_new(c, SORI_F32, 1, (size_t[]){ 100 });
    uint64_t h = hash(b) ^ hash(zeros);
    sori_end(c, s, b);
    return h;
}

static void arrays(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = make_arrays });
}

static uint64_t handle_text(sori_ctx *c, const void *arg) {
    (void)arg;
    if (base_failed(c)) return 0;
    uint64_t h = BASE_HASH_START;
    const char *once = base_intern(c, "mel"), *again = base_intern(c, "mel");
    if (once) assert_ptr_equal(once, again);
    char *path = base_path_join(c, "folder", "file"), *copy = path ? base_strdup(c, path) : NULL;
    uint32_t *grown = base_alloc(c, 4, sizeof *grown);
    uint32_t *larger = grown ? base_grow(c, grown, 4, 9, sizeof *grown) : NULL;
    if (copy) h = base_hash(h, copy, strlen(copy));
    if (larger) h = base_hash(h, larger, 9 * sizeof *larger);
    base_free(c, larger ? larger : grown);
    base_free(c, copy);
    base_free(c, path);
    return h;
}

static void text_and_growth(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = handle_text });
}

static void fill_item(sori_ctx *job, void *arg, size_t i) {
    uint32_t *scratch = base_alloc_raw(job, 16, sizeof *scratch);
    if (scratch) scratch[3] = (uint32_t)(i * i);
    if (scratch) ((uint32_t *)arg)[i] = scratch[3];
    base_free(job, scratch);
}

static uint64_t run_each(sori_ctx *c, const void *arg) {
    (void)arg;
    uint32_t items[20] = { 0 };
    base_each(c, 20, fill_item, items);
    return base_hash(BASE_HASH_START, items, sizeof items);
}

static void add_one(void *arg, size_t i) { ((int *)arg)[i]++; }

static uint64_t run_parallel(sori_ctx *c, const void *arg) {
    (void)arg;
    int items[20] = { 0 };
    if (!base_failed(c)) base_parallel(c, 20, add_one, items);
    return base_hash(BASE_HASH_START, items, sizeof items);
}

static void threads(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = run_each });
    oom_every(&(oom_job){ .run = run_parallel, .threads = 3 });   /* no memory for a pool: goes on without */
}

#define FOLDER TEST_SCRATCH "/files"

static uint64_t write_file(sori_ctx *c, const void *arg) {
    base_file *f = base_file_new(c, arg);
    char line[600];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = 0;
    base_file_printf(f, "%s\n", line);   /* longer than the buffer on the stack */
    base_file_write(f, "end\n", 4);
    base_file_commit(f);
    size_t n = 0;
    char *text = base_read_file(c, arg, 1000, &n);
    uint64_t h = text ? base_hash(BASE_HASH_START, text, n) : 0;
    base_free(c, text);
    return h;
}

static void files(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(base_make_dirs(c, FOLDER "/plain"), SORI_OK);
    sori_close(c);
    oom_every(&(oom_job){ .run = write_file, .arg = FOLDER "/plain/out.txt", .output = FOLDER "/plain/out.txt" });
}

/* --- the harness --------------------------------------------------------------------------------------------- */

static void *forgotten;   /* freed by the test, for the leak sanitizer's sake */

static uint64_t leaks(sori_ctx *c, const void *arg) {
    (void)arg;
    if (base_failed(c)) return 0;
    void *a = base_alloc(c, 1, 1), *b = base_alloc(c, 1, 1);
    if (a && b) base_free(c, a);
    else forgotten = a;
    base_free(c, b);
    return 0;
}

static uint64_t forgets(sori_ctx *c, const void *arg) {
    (void)arg;
    if (base_failed(c)) return 0;
    void *p = base_alloc(c, 1, 1);
    sori_clear(c);
    base_free(c, p);
    return p != NULL;
}

static uint64_t mistakes(sori_ctx *c, const void *arg) {
    (void)arg;
    if (base_failed(c)) return 0;
    void *p = base_alloc(c, 1, 1);
    if (!p) sori_clear(c);
    if (!p) sori_fail(c, SORI_EINVAL, "n_fft 0 is below 1");
    base_free(c, p);
    return 0;
}

static uint64_t writes_in_place(sori_ctx *c, const void *arg) {
    FILE *f = fopen(arg, "w");
    char *rest = base_strdup(c, " and the rest");
    fputs("the first half", f);
    if (rest) fputs(rest, f);
    fclose(f);
    base_free(c, rest);
    return 0;
}

static void the_harness_notices(void **state) {
    (void)state;
    char text[512];
    const char *path = FOLDER "/harness/out.txt";
    mkdir(FOLDER "/harness", 0777);
    assert_string_equal(oom_find(&(oom_job){ .run = leaks }, text, sizeof text), "memory leaked");
    free(forgotten);
    assert_string_equal(oom_find(&(oom_job){ .run = forgets }, text, sizeof text), "a different result and no error");
    assert_string_equal(oom_find(&(oom_job){ .run = mistakes }, text, sizeof text), "another error than SORI_ENOMEM");
    assert_string_equal(text, "request 2 of 2 refused: another error than SORI_ENOMEM: n_fft 0 is below 1");
    assert_string_equal(oom_find(&(oom_job){ .run = writes_in_place, .arg = path, .output = path }, text, sizeof text),
                        "half a file was left");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays), cmocka_unit_test(text_and_growth), cmocka_unit_test(threads), cmocka_unit_test(files),
        cmocka_unit_test(the_harness_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
