/* Finding recordings: folders, flat folders, CSV; and what is wrong with them. */
#include "test.h"
#include "data/data.h"
#include <sys/stat.h>
#include <unistd.h>

/* A fresh folder in the scratch space. */
static char *folder(const char *name) {
    static char path[512];
    char command[1200];
    snprintf(path, sizeof path, "%s/%s", TEST_SCRATCH, name);
    snprintf(command, sizeof command, "rm -rf '%s' && mkdir -p '%s'", path, path);
    assert_int_equal(system(command), 0);
    return path;
}

static void put(const char *dir, const char *name, const char *content) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    for (char *s = path + strlen(dir) + 1; (s = strchr(s, '/')); *s++ = '/') {
        *s = 0;
        mkdir(path, 0777);
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

static const sori_list *scan_csv(sori_ctx *c, const char *text) {
    char *dir = folder("csv"), path[600];
    put(dir, "list.csv", text);
    snprintf(path, sizeof path, "%s/list.csv", dir);
    return sori_scan(c, path, NULL);
}

static const char *name_of(const sori_list *l, size_t i) { return base_path_name(l->items[i].path); }

static void globs_match_bytes(void **state) {
    (void)state;
    data_capture label, group;
    const struct { const char *pattern, *text; bool fits; } cases[] = {
        { "*", "", true }, { "?", "", false }, { "*_[0-4].wav", "7_theo_3.wav", true },
        { "*_[0-4].wav", "7_theo_5.wav", false }, { "*_[0-4].wav", "7_theo_13.wav", false },
        { "[!a]b", "ab", false }, { "[!a]b", "xb", true }, { "[]x]", "]", true }, { "[a", "[a", true },
        { "a*b*c", "aXbYbZc", true }, { "a*b*c", "aXbYbZ", false }, { "\xff?", "\xff\xfe", true },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++)
        if (data_match(cases[i].pattern, cases[i].text, strlen(cases[i].text), NULL, NULL) != cases[i].fits)
            fail_msg("%s against %s", cases[i].pattern, cases[i].text);
    assert_true(data_match("{label}_*", "3_george_12", 11, &label, &group));
    assert_int_equal(label.length, 1);
    assert_int_equal(group.length, 0);
    assert_true(data_match("{label}_{group}_*", "stop_a1_2_x", 11, &label, &group));
    assert_memory_equal(group.start, "a1", 2);
    assert_int_equal(group.length, 2);
    assert_false(data_match("{label}_*", "_x", 2, &label, &group));
}

static void folder_a_class(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *dir = folder("classes");
    put(dir, "소리/b.WAV", "");
    put(dir, "소리/a.flac", "");
    put(dir, "소리/.hidden.wav", "");
    put(dir, "소리/notes.txt", "");
    put(dir, "noise/deep/deeper/x.ogg", "");
    put(dir, "noise/odd\nname.mp3", "");
    put(dir, ".git/objects/y.wav", "");
    put(dir, "stray.wav", "");
    const sori_list *l = sori_scan(c, dir, NULL);
    assert_ok(c);
    assert_int_equal(l->count, 4);
    assert_int_equal(l->label_count, 2);
    assert_string_equal(l->labels[0], "noise");
    assert_string_equal(l->labels[1], "소리");
    assert_string_equal(name_of(l, 0), "x.ogg");
    assert_string_equal(name_of(l, 1), "odd\nname.mp3");
    assert_string_equal(name_of(l, 2), "a.flac");
    assert_string_equal(name_of(l, 3), "b.WAV");
    assert_int_equal(l->items[1].label, 0);
    assert_int_equal(l->items[2].label, 1);
    assert_null(l->items[2].group);
    assert_false(l->split_given);
    sori_close(c);
}

static void flat_folder(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *dir = folder("flat");
    put(dir, "0_theo_1.wav", "");
    put(dir, "1_theo_1.wav", "");
    put(dir, "1_lucas_1.wav", "");
    const sori_list *l = sori_scan(c, dir, &(sori_scan_config){ .label_pattern = "{label}_{group}_*" });
    assert_ok(c);
    assert_int_equal(l->count, 3);
    assert_string_equal(l->items[1].group, "lucas");
    assert_int_equal(l->items[2].label, 1);
    assert_null(sori_scan(c, dir, NULL));
    assert_non_null(strstr(sori_message(c), "3 recordings lie in no class's sub-folder"));
    sori_clear(c);
    put(dir, "other.wav", "");
    assert_null(sori_scan(c, dir, &(sori_scan_config){ .label_pattern = "{label}_*" }));
    assert_non_null(strstr(sori_message(c), "other.wav: its name does not fit the label pattern \"{label}_*\""));
    sori_close(c);
}

static void group_from_the_name_label_from_the_folder(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *dir = folder("folds");
    put(dir, "dog/1-100032-A.ogg", "");
    put(dir, "rain/2-2.ogg", "");
    const sori_list *l = sori_scan(c, dir, &(sori_scan_config){ .label_pattern = "{group}-*" });
    assert_ok(c);
    assert_string_equal(l->labels[l->items[0].label], "dog");
    assert_string_equal(l->items[1].group, "2");
    sori_close(c);
}

static void links_are_harmless(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *dir = folder("links"), path[600], target[600];
    put(dir, "a/1.wav", "");
    put(dir, "b/2.wav", "");
    snprintf(path, sizeof path, "%s/a/loop", dir);
    assert_int_equal(symlink("..", path), 0);
    snprintf(path, sizeof path, "%s/b/self", dir);
    assert_int_equal(symlink(".", path), 0);
    snprintf(path, sizeof path, "%s/b/again.wav", dir);
    snprintf(target, sizeof target, "%s/b/2.wav", dir);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/b/broken.wav", dir);
    assert_int_equal(symlink("nowhere", path), 0);
    const sori_list *l = sori_scan(c, dir, NULL);
    assert_ok(c);
    assert_int_equal(l->count, 2);
    snprintf(path, sizeof path, "%s/a/of_b.wav", dir);
    assert_int_equal(symlink(target, path), 0);
    assert_null(sori_scan(c, dir, NULL));
    assert_non_null(strstr(sori_message(c), "are the same file"));
    sori_close(c);
}

static void folders_that_will_not_do(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    char *dir = folder("few");
    assert_null(sori_scan(c, dir, NULL));
    assert_int_equal(sori_error(c), SORI_EFORMAT);
    assert_non_null(strstr(sori_message(c), "no recordings found"));
    sori_clear(c);
    put(dir, "only/1.wav", "");
    assert_null(sori_scan(c, dir, NULL));
    assert_non_null(strstr(sori_message(c), "all 1 recordings have the label \"only\""));
    sori_clear(c);
    const char *const known[] = { "other", "only" }, *const unknown[] = { "x", "y" };
    const sori_list *l = sori_scan(c, dir, &(sori_scan_config){ .labels = known, .label_count = 2 });
    assert_ok(c);
    assert_int_equal(l->items[0].label, 1);
    assert_null(sori_scan(c, dir, &(sori_scan_config){ .labels = unknown, .label_count = 2 }));
    assert_non_null(strstr(sori_message(c), "is none of the model's 2 labels"));
    sori_clear(c);
    assert_null(sori_scan(c, TEST_SCRATCH "/missing", NULL));
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_close(c);
}

static void csv_as_rfc_4180(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const sori_list *l = scan_csv(c, "\xEF\xBB\xBFlabel,path,note,group,split\r\n"
                                     "cat,\"b, \"\"x\"\".wav\",\"two\r\nlines\",g1,test\r\n"
                                     "\r\n"
                                     "dog,/abs/a.wav,,,train\r\n"
                                     "dog,\xff\xfe.wav,,g2,val");
    assert_ok(c);
    assert_int_equal(l->count, 3);
    assert_true(l->split_given);
    assert_string_equal(l->items[0].path, "/abs/a.wav");
    assert_null(l->items[0].group);
    assert_int_equal(l->items[0].label, 1);
    assert_string_equal(name_of(l, 1), "b, \"x\".wav");
    assert_int_equal(l->items[1].split, SORI_TEST);
    assert_string_equal(l->items[1].group, "g1");
    assert_true(strstr(l->items[1].path, "/csv/b, ") != NULL);
    assert_string_equal(name_of(l, 2), "\xff\xfe.wav");
    assert_int_equal(l->items[2].split, SORI_VAL);
    sori_close(c);
}

static void csv_errors_name_the_line(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const struct { const char *text, *says; } cases[] = {
        { "", "empty" },
        { "file,label\na.wav,x\n", "line 1: the header is not" },
        { "path,label,path\n", "line 1: the header names a column twice" },
        { "path,label\na.wav,x\nb.wav\n", "line 3: 1 fields, but the header has 2" },
        { "path,label\n\"a\nb.wav\",x\n,y\n", "line 4: the path is empty" },
        { "path,label\na.wav,\n", "line 2: the label is empty" },
        { "path,label\n\"a.wav,x\n", "line 2: a quoted field does not end" },
        { "path,label\n\"a.wav\"b,x\n", "line 2: text behind a closing quote" },
        { "path,label\na\"b.wav,x\n", "line 2: a quote inside a field" },
        { "path,label,split\na.wav,x,dev\n", "line 2: the split is none of train, val, test" },
        { "path,label\nb.wav,x\na.wav,y\nb.wav,y\n", "line 4: \"" },
        { "path,label\n", "no recordings found" },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        assert_null(scan_csv(c, cases[i].text));
        assert_int_equal(sori_error(c), SORI_EFORMAT);
        if (!strstr(sori_message(c), cases[i].says))
            fail_msg("\"%s\" does not say \"%s\"", sori_message(c), cases[i].says);
        sori_clear(c);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs_match_bytes), cmocka_unit_test(folder_a_class), cmocka_unit_test(flat_folder),
        cmocka_unit_test(group_from_the_name_label_from_the_folder), cmocka_unit_test(links_are_harmless),
        cmocka_unit_test(folders_that_will_not_do), cmocka_unit_test(csv_as_rfc_4180),
        cmocka_unit_test(csv_errors_name_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
