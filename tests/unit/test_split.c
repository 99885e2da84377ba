/* Splits: fractions, groups, patterns, the same for the same seed. */
#include "test.h"
#include "data/data.h"
#include <unistd.h>

#define MAX_ITEMS 1000

/* A list of n recordings made by hand: label and group from the index. */
typedef struct fake {
    sori_item items[MAX_ITEMS];
    char text[MAX_ITEMS][2][32];
    sori_list list;
} fake;

static const char *const names[] = { "a", "b", "c", "d" };

static fake *make(size_t n, int labels, size_t group_size) {
    fake *f = calloc(1, sizeof *f);
    for (size_t i = 0; i < n; i++) {
        snprintf(f->text[i][0], 32, "dir/%03zu_%zu.wav", i, i % 10);
        snprintf(f->text[i][1], 32, "g%zu", i / (group_size ? group_size : 1));
        f->items[i] = (sori_item){ f->text[i][0], (int)(i % (size_t)labels) };
        if (group_size) f->items[i].group = f->text[i][1];
    }
    f->list = (sori_list){ f->items, n, names, (size_t)labels, false };
    return f;
}

static size_t count(const sori_list *l, sori_split split, int label) {
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) n += l->items[i].split == split && (label < 0 || l->items[i].label == label);
    return n;
}

static void labels_keep_their_fractions(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    fake *f = make(403, 4, 0);
    const sori_list *l = sori_split_list(c, &f->list, &(sori_split_config){ .seed = 7 });
    assert_ok(c);
    for (int k = 0; k < 4; k++) {
        size_t n = count(&f->list, SORI_TRAIN, k);
        assert_int_equal(count(l, SORI_TEST, k), (size_t)(0.15 * (double)n + 0.5));
        assert_int_equal(count(l, SORI_VAL, k), (size_t)(0.15 * (double)n + 0.5));
    }
    const sori_list *again = sori_split_list(c, &f->list, &(sori_split_config){ .seed = 7 });
    const sori_list *other = sori_split_list(c, &f->list, &(sori_split_config){ .seed = 8 });
    size_t same = 0, differ = 0;
    for (size_t i = 0; i < l->count; i++) {
        same += l->items[i].split == again->items[i].split;
        differ += l->items[i].split != other->items[i].split;
    }
    assert_int_equal(same, l->count);
    assert_in_range(differ, 50, 300);
    assert_int_equal(count(&f->list, SORI_TRAIN, -1), 403);   /* the old list is as it was */
    free(f);
    sori_close(c);
}

static void none_and_small(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    fake *f = make(6, 2, 0);   /* three a class: one each */
    const sori_list *l = sori_split_list(c, &f->list, NULL);
    assert_ok(c);
    for (int split = 0; split < 3; split++)
        for (int k = 0; k < 2; k++) assert_int_equal(count(l, (sori_split)split, k), 1);
    l = sori_split_list(c, &f->list, &(sori_split_config){ .val = -1, .test = 0.9 });
    assert_int_equal(count(l, SORI_VAL, -1), 0);
    assert_int_equal(count(l, SORI_TEST, -1), 4);
    l = sori_split_list(c, &f->list, &(sori_split_config){ .val = -1, .test = -1 });
    assert_int_equal(count(l, SORI_TRAIN, -1), 6);
    f->list.count = 5;         /* class b has two */
    assert_null(sori_split_list(c, &f->list, NULL));
    assert_string_equal(sori_message(c), "split: class \"b\" has 2 recordings, too few for 3 splits");
    sori_clear(c);
    assert_null(sori_split_list(c, &f->list, &(sori_split_config){ .val = 0.5, .test = 0.5 }));
    assert_int_equal(sori_error(c), SORI_EINVAL);
    free(f);
    sori_close(c);
}

static void groups_never_part(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (size_t size = 1; size <= 40; size += 3) {
        fake *f = make(400, 4, size);
        const sori_list *l = sori_split_list(c, &f->list, &(sori_split_config){ .seed = size });
        assert_ok(c);
        for (size_t i = 1; i < l->count; i++)
            if (!strcmp(l->items[i].group, l->items[i - 1].group))
                assert_int_equal(l->items[i].split, l->items[i - 1].split);
        assert_in_range(count(l, SORI_TEST, -1), 60 - size, 60 + size);
        assert_in_range(count(l, SORI_VAL, -1), 60 - size, 60 + size);
        free(f);
    }
    fake *f = make(30, 2, 10);   /* as many groups as splits */
    const sori_list *l = sori_split_list(c, &f->list, NULL);
    assert_ok(c);
    for (int split = 0; split < 3; split++) assert_int_equal(count(l, (sori_split)split, -1), 10);
    f->list.count = 20;
    assert_null(sori_split_list(c, &f->list, NULL));
    assert_string_equal(sori_message(c), "split: 2 groups cannot fill train, val and test");
    free(f);
    sori_close(c);
}

static void patterns_name_the_test(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    fake *f = make(200, 2, 0);
    const sori_list *l = sori_split_list(c, &f->list, &(sori_split_config){ .test_pattern = "*_[0-4].wav" });
    assert_ok(c);
    assert_int_equal(count(l, SORI_TEST, -1), 100);
    assert_int_equal(count(l, SORI_VAL, -1), 6 + 9);   /* 0.15 of the 40 of class a and 60 of b that are left */
    for (size_t i = 0; i < l->count; i++) assert_true((l->items[i].split == SORI_TEST) == (i % 10 < 5));
    l = sori_split_list(c, &f->list, &(sori_split_config){ .test_pattern = "*_9.wav", .val_pattern = "*_8.wav" });
    assert_int_equal(count(l, SORI_TEST, -1), 20);
    assert_int_equal(count(l, SORI_VAL, -1), 20);
    assert_null(sori_split_list(c, &f->list, &(sori_split_config){ .test_pattern = "*.flac" }));
    assert_string_equal(sori_message(c), "split: no recording's name fits the test pattern \"*.flac\"");
    sori_clear(c);
    assert_null(sori_split_list(c, &f->list, &(sori_split_config){ .test_pattern = "*_[02468].wav" }));
    assert_string_equal(sori_message(c), "split: class \"a\" has no training recordings");
    sori_clear(c);
    free(f);
    f = make(200, 2, 20);
    assert_null(sori_split_list(c, &f->list, &(sori_split_config){ .test_pattern = "*_3.wav" }));
    assert_string_equal(sori_message(c), "split: recordings of group \"g0\" fall into different splits");
    free(f);
    sori_close(c);
}

static void given_splits_stay(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    fake *f = make(100, 2, 0);
    f->list.split_given = true;
    for (size_t i = 0; i < 30; i++) f->items[i].split = SORI_TEST;
    const sori_list *l = sori_split_list(c, &f->list, NULL);
    assert_ok(c);
    for (size_t i = 0; i < 100; i++) assert_true((l->items[i].split == SORI_TEST) == (i < 30));
    assert_int_equal(count(l, SORI_VAL, -1), 10);   /* 0.15 of 35 a class */
    f->items[99].split = f->items[98].split = SORI_VAL;
    l = sori_split_list(c, &f->list, NULL);
    assert_int_equal(count(l, SORI_VAL, -1), 2);
    assert_null(sori_split_list(c, &f->list, &(sori_split_config){ .test_pattern = "*" }));
    assert_int_equal(sori_error(c), SORI_EINVAL);
    free(f);
    sori_close(c);
}

/* The spoken digits: 2,500 files named <digit>_<speaker>_<take>.wav; takes 0 to 4 are the official test. */
static void real_recordings(void **state) {
    (void)state;
    const char *given = getenv("SORI_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/speech/fsdd", given ? given : TEST_SOURCE_DIR "/../shared/data");
    if (access(path, R_OK) != 0) {
        print_message("skipped: no data\n");
        skip();
    }
    sori_ctx *c = sori_open(NULL);
    const sori_list *all = sori_scan(c, path, &(sori_scan_config){ .label_pattern = "{label}_*" });
    const sori_list *l = sori_split_list(c, all, &(sori_split_config){ .test_pattern = "*_[0-4].wav" });
    assert_ok(c);
    assert_int_equal(l->count, 2500);
    assert_int_equal(l->label_count, 10);
    for (int k = 0; k < 10; k++) {
        assert_int_equal(count(l, SORI_TEST, k), 25);
        assert_int_equal(count(l, SORI_VAL, k), 34);   /* 0.15 of 225, rounded */
    }
    all = sori_scan(c, path, &(sori_scan_config){ .label_pattern = "{label}_{group}_*" });
    l = sori_split_list(c, all, &(sori_split_config){ .test_pattern = "*_theo_*", .val_pattern = "*_lucas_*" });
    assert_ok(c);
    assert_int_equal(count(l, SORI_TRAIN, -1), 1500);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_keep_their_fractions), cmocka_unit_test(none_and_small),
        cmocka_unit_test(groups_never_part), cmocka_unit_test(patterns_name_the_test),
        cmocka_unit_test(given_splits_stay), cmocka_unit_test(real_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
