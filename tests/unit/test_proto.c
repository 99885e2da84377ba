/* The wire format of protocol buffers: known bytes, what is written is read, damage. */
#include "test.h"
#include "base/proto.h"

static void known_bytes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_proto p = { .c = c };
    base_proto_varint(&p, 1, 150);                    /* the encoding guide's examples */
    base_proto_text(&p, 2, "testing");
    size_t inner = base_proto_begin(&p, 3);
    base_proto_varint(&p, 1, 150);
    base_proto_end(&p, inner);
    base_proto_varints(&p, 6, (int64_t[]){ 3, 270, 86942 }, 3);
    base_proto_float(&p, 7, 1);
    base_proto_double(&p, 16, 1);
    assert_ok(c);
    static const char expected[] = "\x08\x96\x01" "\x12\x07testing" "\x1a\x03\x08\x96\x01"
                                   "\x32\x06\x03\x8e\x02\x9e\xa7\x05" "\x3d\0\0\x80\x3f" "\x81\x01\0\0\0\0\0\0\xf0\x3f";
    assert_int_equal(p.size, sizeof expected - 1);
    assert_memory_equal(p.data, expected, p.size);
    base_proto_free(&p);
    sori_close(c);
}

static void read_what_was_written(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_proto p = { .c = c };
    static char large[1000];
    size_t inner = base_proto_begin(&p, 9);
    base_proto_varint(&p, 1, UINT64_MAX);
    base_proto_bytes(&p, 2, large, sizeof large);     /* moved when the length before it takes two bytes */
    base_proto_doubles(&p, 3, (double[]){ 1, -2.5 }, 2);
    base_proto_end(&p, inner);
    assert_ok(c);
    base_proto_reader r = { .at = p.data, .end = p.data + p.size };
    base_proto_field f, g;
    assert_true(base_proto_next(&r, &f));
    assert_int_equal(f.number, 9);
    assert_false(base_proto_next(&r, &g));
    assert_false(r.bad);
    base_proto_reader in = base_proto_within(&f);
    assert_true(base_proto_next(&in, &g) && g.number == 1 && g.value == UINT64_MAX);
    assert_true(base_proto_next(&in, &g) && g.number == 2 && g.size == sizeof large);
    assert_memory_equal(g.data, large, sizeof large);
    double v[2];
    assert_true(base_proto_next(&in, &g) && g.size == sizeof v);
    memcpy(v, g.data, sizeof v);
    assert_true(v[0] == 1 && v[1] == -2.5);
    assert_false(base_proto_next(&in, &g) || in.bad);
    base_proto_free(&p);
    sori_close(c);
}

static bool is_bad(const char *bytes, size_t n) {
    base_proto_reader r = { .at = (const uint8_t *)bytes, .end = (const uint8_t *)bytes + n };
    base_proto_field f;
    while (base_proto_next(&r, &f)) {}
    assert_ptr_equal(r.at, r.end);
    return r.bad;
}
#define IS_BAD(bytes) is_bad(bytes, sizeof(bytes) - 1)

static void damage(void **state) {
    (void)state;
    assert_false(IS_BAD(""));
    assert_true(IS_BAD("\x08"));                                          /* a key and nothing behind it */
    assert_true(IS_BAD("\x08\x80"));                                      /* a varint without end */
    assert_false(IS_BAD("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    assert_true(IS_BAD("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));  /* over 64 bits */
    assert_true(IS_BAD("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    assert_true(IS_BAD("\x12\x03" "ab"));                                 /* a length beyond the end */
    assert_true(IS_BAD("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    assert_true(IS_BAD("\x09\0\0\0\0\0\0\0"));
    assert_true(IS_BAD("\x0d\0\0\0"));
    assert_true(IS_BAD("\x0b"));                                          /* groups */
    assert_true(IS_BAD("\x0e"));                                          /* wire type 6 */
    assert_true(IS_BAD("\x02\0"));                                        /* field 0 */
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_bytes), cmocka_unit_test(read_what_was_written),
                                        cmocka_unit_test(damage) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
