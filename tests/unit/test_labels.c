/* Label files: what is written is read again in all three formats, others' files are read, and every fault is one
 * sentence with the line and the reason. */
#include "test.h"
#include "base/base.h"
#include <locale.h>
#include <sori/labels.h>

#define PATH TEST_SCRATCH "/labels"

static const sori_label some[] = {
    { .start_s = 0, .end_s = 0.5, .text = "kick" },
    { .start_s = 0.1, .end_s = 0.1, .text = "an instant" },
    { .start_s = 1.0 / 3, .end_s = 1e6 + 1.0 / 7, .text = "caf\xc3\xa9, \"quoted\"", .low_hz = 100, .high_hz = 4000.25,
      .confidence = 0.75, .has_confidence = true },
    { .start_s = 3, .end_s = 4 },
    { .start_s = -2.5, .end_s = 1e-9, .text = " blanks " },
};
enum { SOME = BASE_COUNT(some) };

static void put(const char *path, const char *text, size_t n) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static sori_labels read_text(sori_ctx *c, const char *path, const char *text) {
    put(path, text, strlen(text));
    return sori_load_labels(c, path, NULL);
}

static void same(const sori_label *a, const sori_label *b, bool band, bool confidence) {
    assert_true(a->start_s == b->start_s);
    assert_close(a->end_s, b->end_s, 1e-9, 1e-15);   /* JAMS writes a duration */
    assert_string_equal(a->text, b->text ? b->text : "");
    if (band) assert_true(a->low_hz == b->low_hz && a->high_hz == b->high_hz);
    if (confidence) assert_true(a->has_confidence == b->has_confidence && a->confidence == b->confidence);
}

static void written_is_read(void **state) {
    (void)state;
    static const char *const endings[] = { ".txt", ".csv", ".jams" };
    sori_ctx *c = sori_open(NULL);
    for (size_t e = 0; e < BASE_COUNT(endings); e++)
        for (size_t n = 0; n <= SOME; n++) {
            char path[256];
            base_format(path, sizeof path, PATH "%s", endings[e]);
            assert_int_equal(sori_save_labels(c, path, some, n, NULL), SORI_OK);
            sori_labels l = sori_load_labels(c, path, NULL);
            assert_ok(c);
            assert_int_equal(l.n, n);
            assert_non_null(l.memory);
            for (size_t i = 0; i < n; i++) same(&l.items[i], &some[i], e == 0, e == 2);
        }
    sori_close(c);
}

static void the_locale_does_not_matter(void **state) {
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) skip();
    sori_ctx *c = sori_open(NULL);
    sori_save_labels(c, PATH ".jams", some, SOME, NULL);
    sori_labels l = sori_load_labels(c, PATH ".jams", NULL);
    assert_ok(c);
    assert_true(l.items[2].start_s == some[2].start_s);
    sori_close(c);
    setlocale(LC_ALL, "C");
}

static void audacity(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_labels l = read_text(c, PATH ".txt", "\xef\xbb\xbf"
                                              "0.5\t1.25\tone\r\n\r\n2\t2\t\n\\\t100.0\t2000.0\n3\t4\ttwo"
                                              "\tmore"
                                              "\n\\\t-1.0\t500\n4.5");
    assert_ok(c);
    assert_int_equal(l.n, 4);
    assert_string_equal(l.items[0].text, "one");
    assert_true(l.items[0].start_s == 0.5 && l.items[0].end_s == 1.25 && l.items[0].high_hz == 0);
    assert_string_equal(l.items[1].text, "");
    assert_true(l.items[1].low_hz == 100 && l.items[1].high_hz == 2000);
    assert_string_equal(l.items[2].text, "two\tmore");
    assert_true(l.items[2].low_hz == 0 && l.items[2].high_hz == 500);
    assert_true(l.items[3].start_s == 4.5 && l.items[3].end_s == 4.5);
    assert_string_equal(l.items[3].text, "");
    l = read_text(c, PATH ".txt", "");
    assert_true(sori_error(c) == SORI_OK && l.n == 0);
    sori_close(c);
}

static void csv(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_labels l = read_text(c, PATH ".csv", "0.5,1,\"a, \"\"b\"\"\nc\"\r\n2,3,d,ignored\n\n4,5,\n");
    assert_ok(c);
    assert_int_equal(l.n, 3);
    assert_string_equal(l.items[0].text, "a, \"b\"\nc");
    assert_string_equal(l.items[1].text, "d");
    assert_string_equal(l.items[2].text, "");
    l = read_text(c, PATH ".csv", "time,label\n0.5,beat\n1.0,7\n");
    assert_ok(c);
    assert_int_equal(l.n, 2);
    assert_true(l.items[1].start_s == 1 && l.items[1].end_s == 1);
    assert_string_equal(l.items[1].text, "7");
    l = read_text(c, PATH ".csv", "0.25,beat");
    assert_ok(c);
    assert_true(l.n == 1 && l.items[0].end_s == 0.25);
    l = read_text(c, PATH ".csv", "Name,Label,Onset,Duration\nx,horn,1.5,0.5\n");
    assert_ok(c);
    assert_true(l.n == 1 && l.items[0].start_s == 1.5 && l.items[0].end_s == 2);
    assert_string_equal(l.items[0].text, "horn");
    sori_close(c);
}

static void jams(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *text = "{\"annotations\": [{\"namespace\": \"beat\", \"data\": [{\"time\": 1, \"duration\": 0,"
                       "\"value\": 4,"
                       "\"confidence\": null}, {\"time\": 1.5, \"value\": {\"a\": [1]}, \"confidence\": 0.5}]},"
                       "{\"namespace\": \"chord\", \"data\": {\"time\": [0, 2], \"duration\": [2, 1], \"value\": "
                       "[\"C:maj\", null], \"confidence\": [1]}}]}";
    sori_labels l = read_text(c, PATH ".jams", text);
    assert_ok(c);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.items[0].text, "4");
    assert_string_equal(l.items[1].text, "{\"a\":[1]}");
    assert_true(!l.items[0].has_confidence && l.items[1].has_confidence && l.items[1].confidence == 0.5);
    l = sori_load_labels(c, PATH ".jams", &(sori_labels_config){ .name_space = "chord" });
    assert_ok(c);
    assert_true(l.n == 2 && l.items[1].start_s == 2 && l.items[1].end_s == 3 && l.items[0].confidence == 1);
    assert_string_equal(l.items[0].text, "C:maj");
    assert_string_equal(l.items[1].text, "");
    sori_close(c);
}

static void refused(sori_ctx *c, const char *path, const char *text, const char *sentence) {
    sori_labels l = read_text(c, path, text);
    if (sori_error(c) != SORI_EFORMAT || l.items || l.memory || !strstr(sori_message(c), sentence)
        || !strstr(sori_message(c), path))
        fail_msg("\"%s\": %s", text, sori_message(c));
    sori_clear(c);
}

static void faults_in_files(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *txt = PATH ".txt", *sheet = PATH ".csv", *json = PATH ".jams";
    refused(c, txt, "0\t1\ta\nb\n", "line 2: does not begin with a time");
    refused(c, txt, "0\tx\ta", "line 1: the second field is not a time");
    refused(c, txt, "nan\t1\ta", "line 1: does not begin with a time");
    refused(c, txt, "0\t1e999\ta", "line 1: a time is not a finite number");
    refused(c, txt, "0,5\t1\ta", "line 1: does not begin with a time");
    refused(c, txt, "2\t1\ta", "line 1: ends at 1 s, before its start at 2 s");
    refused(c, txt, "\\\t1\t2\n", "line 1: a band without a label");
    refused(c, txt, "0\t1\ta\n\\\t1\n", "line 2: a band needs two frequencies");
    refused(c, txt, "0\t1\ta\n\\\t3\t2\n", "line 2: the band's ends are the wrong way round");
    refused(c, sheet, "start,end,label\n0,x,a\n", "line 2: a time is missing, or is not a number");
    refused(c, sheet, "start,end,label\n0\n", "line 2: a time is missing, or is not a number");
    refused(c, sheet, "0,1,\"a\n", "line 1: a quoted field does not end");
    refused(c, sheet, "0,1,\"a\"b\n", "line 1: text behind a closing quote");
    refused(c, sheet, "label,time,duration\na,1,-2\n", "line 2: ends at -1 s, before its start at 1 s");
    refused(c, json, "[]", "not JAMS: no list of annotations");
    refused(c, json, "{\"annotations\": []}", "JAMS without an annotation");
    refused(c, json, "{\"annotations\": [{}]}", "JAMS without a list of data");
    refused(c, json, "{\"annotations\": [{\"data\": [{}]}]}", "observation 0: the time is missing, or is not a number");
    refused(c, json, "{\"annotations\": [{\"data\": [{\"time\": 1, \"duration\": -1}]}]}",
            "ends at 0 s, before its start");
    refused(c, json, "{\"annotations\": [{\"data\": [{\"time\": 1, \"duration\": \"1\"}]}]}",
            "the duration is not a number");
    refused(c, json, "{\"annotations\": [{\"data\": [{\"time\": 1, \"value\": \"a\\u0000b\"}]}]}", "JSON");
    put(txt, "0\t1\ta\0b", 7);
    sori_load_labels(c, txt, NULL);
    assert_int_equal(sori_error(c), SORI_EFORMAT);
    assert_non_null(strstr(sori_message(c), "line 1: the text holds a NUL"));
    sori_clear(c);
    char deep[200];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    refused(c, json, deep, "JSON nested more than 32 deep");
    assert_int_equal(sori_load_labels(c, TEST_SCRATCH "/nowhere.txt", NULL).n, 0);
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_close(c);
}

static void faults_in_labels(void **state) {
    (void)state;
    static const struct { sori_label label; const char *ending, *sentence; } cases[] = {
        { { .start_s = NAN, .end_s = 1 }, ".csv", "label 0: a time is not a finite number" },
        { { .start_s = 2, .end_s = 1 }, ".csv", "label 0: ends at 1 s, before its start at 2 s" },
        { { .text = "a\tb" }, ".txt", "label 0: a tab or a line break in the text" },
        { { .low_hz = 3, .high_hz = 2 }, ".txt", "label 0: the band 3 Hz to 2 Hz is none" },
        { { .text = "\xff" }, ".jams", "label 0: the text is not UTF-8" },
        { { .has_confidence = true, .confidence = INFINITY }, ".jams", "label 0: the confidence is not a finite" },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        char path[256];
        base_format(path, sizeof path, TEST_SCRATCH "/never%s", cases[i].ending);
        assert_int_equal(sori_save_labels(c, path, &cases[i].label, 1, NULL), SORI_EINVAL);
        if (!strstr(sori_message(c), cases[i].sentence)) fail_msg("%s", sori_message(c));
        sori_clear(c);
        assert_null(fopen(path, "rb"));
    }
    assert_int_equal(sori_save_labels(c, NULL, some, 1, NULL), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_save_labels(c, PATH ".csv", NULL, 1, NULL), SORI_EINVAL);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_is_read), cmocka_unit_test(the_locale_does_not_matter), cmocka_unit_test(audacity),
        cmocka_unit_test(csv), cmocka_unit_test(jams), cmocka_unit_test(faults_in_files),
        cmocka_unit_test(faults_in_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
