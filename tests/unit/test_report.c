/* The report: hostile text stays text, base64 and WAV are what they should be, files appear whole. */
#include "test.h"
#include "report/html.h"
#include <sori/report.h>
#include <unistd.h>

static const char *escaped(report_text *t, const char *s) {
    t->n = 0;
    report_put_escaped(t, s);
    report_put_bytes(t, "", 1);
    return t->data;
}

static void text_is_escaped(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    report_text t = { .c = c };
    assert_string_equal(escaped(&t, "<a href=\"x\">'&amp;"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;");
    assert_string_equal(escaped(&t, "피아노 🎹\n\t"), "피아노 🎹\n\t");
    assert_string_equal(escaped(&t, "a\x01\x7f\xc2\x85z"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
    assert_string_equal(escaped(&t, "\xff\xc0\xafz\xe2\x82"), "���z��");
    report_text_free(&t);
    sori_close(c);
}

/* Whatever the bytes, no character with a meaning is left, and the result is UTF-8. */
static void no_bytes_get_through(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    report_text t = { .c = c };
    for (uint32_t i = 0; i < 3000; i++) {
        base_rng r = base_rng_new(3, BASE_RNG_TEST, i, 0);
        char s[64] = { 0 };
        for (int j = 0; j < 63; j++) {
            bool telling = base_rng_below(&r, 4) > 0;
            s[j] = telling ? "<>&\"'\xf0\xe0\xed\x80\xa0 a"[base_rng_below(&r, 12)] : (char)base_rng_below(&r, 256);
        }
        const char *out = escaped(&t, s);
        assert_null(strpbrk(out, "<>\"'"));
        for (size_t n; *out; out += n) assert_true((n = base_utf8_length(out)) > 0);
    }
    report_text_free(&t);
    sori_close(c);
}

/* RFC 4648, section 10. */
static void base64_known_answers(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    report_text t = { .c = c };
    const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
                                     { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" } };
    for (size_t i = 0; i < BASE_COUNT(pairs); i++) {
        t.n = 0;
        report_put_base64(&t, pairs[i][0], strlen(pairs[i][0]));
        assert_int_equal(t.n, strlen(pairs[i][1]));
        if (t.n) assert_memory_equal(t.data, pairs[i][1], t.n);
    }
    report_text_free(&t);
    sori_close(c);
}

static char *saved(sori_ctx *c, sori_report *r) {
    size_t n;
    sori_report_save(r, TEST_SCRATCH "/보고서.html");
    assert_ok(c);
    return base_read_file(c, TEST_SCRATCH "/보고서.html", 1 << 24, &n);
}

static int count(const char *text, const char *what) {
    int n = 0;
    for (; (text = strstr(text, what)); text++) n++;
    return n;
}

static void fill(sori_report *r, sori_ctx *c) {
    const char *evil = "</pre></main><script>alert(1)</script><img src=\"http://x/\" onerror='y'>\xff";
    const char *cells[] = { evil, "1", "b", "98.7 %", NULL, "-3" };
    sori_report_text(r, evil);
    sori_report_code(r, evil);
    sori_report_figures(r, &(sori_report_figure){ evil, evil }, 1);
    for (int i = 0; i < 3; i++) sori_report_section(r, evil);
    sori_report_table(r, (const char *[]){ evil, "n" }, cells, 3, 2, evil);
    sori_report_grid_begin(r);
    sori_report_card(r, evil);
    sori_report_audio(r, sori_audio_from(c, (float[]){ 0, 1, -1, 2, NAN, 0.5f }, 1, 6, 8000), evil);
    sori_report_card(r, evil);
}

/* The page has exactly the elements that were asked for, balanced, and no script. */
static void hostile_text_stays_text(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_report *r = sori_report_new(c, "<title>");
    fill(r, c);
    char *page = saved(c, r);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<img"));
    assert_null(strstr(page, "onerror='"));
    assert_int_equal(count(page, "<div"), count(page, "</div>"));
    assert_int_equal(count(page, "<h2"), 3);
    assert_int_equal(count(page, "<tr>"), 4);
    assert_int_equal(count(page, "</main>"), 1);
    assert_int_equal(count(page, "class=\"n\""), 4);          /* the column of numbers, with its head */
    base_free(c, page);
    sori_report_section(r, "more");
    page = saved(c, r);
    assert_int_equal(count(page, "<div"), count(page, "</div>"));
    base_free(c, page);
    sori_report_free(r);
    sori_close(c);
}

/* 0, 1, -1, 2 (clipped), NaN (0), 0.5 as 16 bits behind a RIFF header of 8 kHz mono. */
static void sound_is_a_wav(void **state) {
    (void)state;
    static const uint8_t wav[] = { 'R', 'I', 'F', 'F', 48, 0, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0,
                                   1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0, 'd', 'a', 't', 'a',
                                   12, 0, 0, 0, 0, 0, 0xff, 0x7f, 1, 0x80, 0xff, 0x7f, 0, 0, 0, 0x40 };
    sori_ctx *c = sori_open(NULL);
    sori_report *r = sori_report_new(c, NULL);
    report_text expected = { .c = c };
    fill(r, c);
    char *page = saved(c, r);
    report_put(&expected, "data:audio/wav;base64,");
    report_put_base64(&expected, wav, sizeof wav);
    report_put_bytes(&expected, "\"", 2);
    assert_non_null(strstr(page, expected.data));
    report_text_free(&expected);
    base_free(c, page);
    sori_report_free(r);
    sori_close(c);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_report *r = sori_report_new(c, "t");
    sori_array *y = sori_array_new(c, SORI_F32, 1, (size_t[]){ 4 });
    sori_array *none = sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 });
    assert_int_equal(sori_report_audio(r, (sori_audio){ y, 0 }, NULL), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_report_audio(r, (sori_audio){ none, 8000 }, NULL), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_report_table(r, NULL, NULL, 1, 0, NULL), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_report_plot(r, NULL, NULL), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_report_save(r, TEST_SCRATCH "/no/folder/x.html"), SORI_EIO);
    sori_clear(c);
    assert_int_equal(sori_report_text(NULL, "x"), SORI_EINVAL);
    sori_report_free(r);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped), cmocka_unit_test(no_bytes_get_through),
        cmocka_unit_test(base64_known_answers), cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(sound_is_a_wav), cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
