/* Context, scopes, first error, threads, random numbers, atomic files. */
#include "test.h"
#include "array/array.h"
#include "base/base.h"
#include <locale.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void first_error_stays(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(sori_fail(c, SORI_EINVAL, "mel: n_mels %d is below 1", 0), SORI_EINVAL);
    sori_fail(c, SORI_EIO, "later");
    assert_string_equal(sori_message(c), "mel: n_mels 0 is below 1");
    assert_null(sori_array_new(c, SORI_F32, 1, (size_t[]){ 3 }));   /* every call is a no-op now */
    sori_clear(c);
    assert_int_equal(sori_error(c), SORI_OK);
    assert_non_null(sori_array_new(c, SORI_F32, 1, (size_t[]){ 3 }));
    sori_close(c);
    assert_int_equal(sori_error(NULL), SORI_ENOMEM);
}

static void errors_learn_where_they_were(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_fail_in(c, "a.safetensors");
    assert_string_equal(sori_message(c), "");
    sori_fail(c, SORI_EMODEL, "row 1 has the unknown operator 99");
    base_fail_in(c, "a.safetensors");
    base_fail_in(c, "a.safetensors");
    assert_string_equal(sori_message(c), "a.safetensors: row 1 has the unknown operator 99");
    base_fail_in(NULL, "x");
    sori_close(c);
}

struct counter { int live, total; };

static void *counted_alloc(void *user, size_t size) {
    struct counter *n = user;
    n->live++;
    n->total++;
    void *p = NULL;
    return posix_memalign(&p, 64, size) ? NULL : p;
}

static void counted_free(void *user, void *p) {
    ((struct counter *)user)->live--;
    free(p);
}

static void scopes_free_their_arrays(void **state) {
    (void)state;
    struct counter n = { 0 };
    sori_allocator a = { counted_alloc, counted_free, &n };
    sori_ctx *c = sori_open(&(sori_options){ .allocator = &a, .threads = 1 });
    int live = n.live;
    int s = sori_begin(c);
    sori_array_new(c, SORI_F32, 1, (size_t[]){ 10 });
    int inner = sori_begin(c);
    sori_array *kept = sori_array_new(c, SORI_F64, 2, (size_t[]){ 2, 3 });
    sori_array_new(c, SORI_F64, 2, (size_t[]){ 2, 3 });
    assert_ptr_equal(sori_end(c, inner, kept), kept);
    assert_int_equal(n.live, live + 2);
    sori_keep(c, kept);
    sori_end(c, s, NULL);
    assert_int_equal(n.live, live + 1);
    assert_int_equal((uintptr_t)kept->data % 64, 0);
    sori_close(c);
    assert_int_equal(n.live, 0);
}

static void array_sizes_are_checked(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_null(sori_array_new(c, SORI_F32, 2, (size_t[]){ SIZE_MAX / 2, 3 }));
    assert_int_equal(sori_error(c), SORI_EINVAL);
    sori_clear(c);
    assert_null(sori_array_new(c, SORI_F32, 9, (size_t[]){ 1, 1, 1, 1, 1, 1, 1, 1, 1 }));
    sori_close(c);
}

static void add_one(void *arg, size_t i) { ((int *)arg)[i]++; }

static void parallel_visits_each_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 8; threads *= 2) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
        int hits[1000] = { 0 };
        for (int round = 0; round < 200; round++) base_parallel(c, 1000, add_one, hits);
        for (int i = 0; i < 1000; i++) assert_int_equal(hits[i], 200);
        sori_close(c);
    }
}

static void fail_some(sori_ctx *job, void *arg, size_t i) {
    (void)arg;
    if (i % 7 == 3) sori_fail(job, SORI_EFORMAT, "item %zu", i);
}

static void each_reports_the_lowest_failure(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
        assert_int_equal(base_each(c, 100, fail_some, NULL), SORI_EFORMAT);
        assert_string_equal(sori_message(c), "item 3");
        sori_close(c);
    }
}

/* Known answers of the Random123 library's test vectors. */
static void philox_known_answers(void **state) {
    (void)state;
    uint32_t out[4];
    base_philox((uint32_t[]){ 0, 0, 0, 0 }, (uint32_t[]){ 0, 0 }, out);
    assert_memory_equal(out, ((uint32_t[]){ 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 }), 16);
    base_philox((uint32_t[]){ ~0u, ~0u, ~0u, ~0u }, (uint32_t[]){ ~0u, ~0u }, out);
    assert_memory_equal(out, ((uint32_t[]){ 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd }), 16);
}

static void normal_draws_have_their_moments(void **state) {
    (void)state;
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    double sum = 0, squares = 0;
    for (int i = 0; i < 100000; i++) {
        double v = base_rng_normal(&r);
        sum += v;
        squares += v * v;
    }
    assert_close(sum / 1e5, 0, 0.015, 0);        /* 4.7 standard errors */
    assert_close(squares / 1e5, 1, 0.02, 0);
}

static void files_appear_whole_or_not_at_all(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *path = TEST_SCRATCH "/한국어 file.txt";
    base_file *f = base_file_new(c, path);
    base_file_printf(f, "%.2f", 1.5);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(base_file_commit(f), SORI_OK);
    f = base_file_new(c, path);
    base_file_write(f, "half", 4);
    base_file_abort(f);
    size_t n;
    char *text = base_read_file(c, path, 100, &n);
    assert_string_equal(text, "1.50");
    base_free(c, text);
    unlink(TEST_SCRATCH "/pipe");
    assert_int_equal(mkfifo(TEST_SCRATCH "/pipe", 0600), 0);
    int reader = open(TEST_SCRATCH "/pipe", O_RDWR | O_NONBLOCK);   /* so that the writer need not wait for one */
    assert_int_equal(sori_file_commit(sori_file_new(c, TEST_SCRATCH "/pipe")), SORI_OK);
    close(reader);
    struct stat st;
    assert_true(stat(TEST_SCRATCH "/pipe", &st) == 0 && S_ISFIFO(st.st_mode));   /* not replaced */
    unlink(TEST_SCRATCH "/link");
    assert_int_equal(symlink(path, TEST_SCRATCH "/link"), 0);
    assert_int_equal(sori_file_commit(sori_file_new(c, TEST_SCRATCH "/link")), SORI_OK);
    assert_true(lstat(TEST_SCRATCH "/link", &st) == 0 && S_ISLNK(st.st_mode));
    assert_true(stat(path, &st) == 0 && st.st_size == 0);
    assert_null(base_file_new(c, TEST_SCRATCH "/no/such/folder/x"));
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_close(c);
    unlink(path);
}

static void numbers_ignore_the_locale(void **state) {
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8");   /* where it is not installed the test still holds */
    double v;
    assert_true(base_parse_double("1.25", &v));
    assert_close(v, 1.25, 0, 0);
    assert_false(base_parse_double("1,25", &v));
    assert_false(base_parse_double("1.25x", &v));
    char text[16];
    base_format(text, sizeof text, "%.1f", 2.5);
    assert_string_equal(text, "2.5");
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_stays), cmocka_unit_test(errors_learn_where_they_were),
        cmocka_unit_test(scopes_free_their_arrays),
        cmocka_unit_test(array_sizes_are_checked), cmocka_unit_test(parallel_visits_each_once),
        cmocka_unit_test(each_reports_the_lowest_failure), cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(normal_draws_have_their_moments), cmocka_unit_test(files_appear_whole_or_not_at_all),
        cmocka_unit_test(numbers_ignore_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
