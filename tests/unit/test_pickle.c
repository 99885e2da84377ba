/* The machine that reads pickles: what it makes, and what it refuses. */
#include "test.h"
#include "array/pickle.h"

static const char *refusal(sori_ctx *c, const char *bytes, size_t n) {
    pickle p;
    sori_clear(c);
    bool ok = array_pickle_run(&p, c, "x.pt", (const uint8_t *)bytes, n);
    array_pickle_free(&p);
    assert_false(ok);
    assert_int_equal(sori_error(c), SORI_EFORMAT);
    return sori_message(c);
}
#define REFUSED(bytes, sentence) assert_string_equal(refusal(c, bytes, sizeof(bytes) - 1), sentence)

static void refused(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    REFUSED("", "x.pt: damaged pickle: truncated");
    REFUSED(".", "x.pt: damaged pickle: nothing on its stack");
    REFUSED("(.", "x.pt: damaged pickle: nothing on its stack");
    REFUSED("t.", "x.pt: damaged pickle: no mark on its stack");
    REFUSED("\x85.", "x.pt: damaged pickle: nothing on its stack");
    REFUSED("(N\x86.", "x.pt: damaged pickle: a mark within a tuple");
    REFUSED("Na.", "x.pt: damaged pickle: nothing on its stack");
    REFUSED("NNa.", "x.pt: damaged pickle: items for what is no list or dict");
    REFUSED("}(Nu.", "x.pt: damaged pickle: a key without a value");
    REFUSED("(Ne.", "x.pt: damaged pickle: items without a container");
    REFUSED("h\x05.", "x.pt: damaged pickle: a memo that was never made");
    REFUSED("Nr\xff\xff\xff\xff.", "x.pt: damaged pickle: a memo with gaps");
    REFUSED("X\xff\xff\xff\x7fhello.", "x.pt: damaged pickle: truncated");
    REFUSED("cos\nsystem\n", "x.pt: holds the Python object os.system, only tensors in dicts and lists are read "
                             "(save model.state_dict())");
    REFUSED("\x8c\x02os\x8c\x06system\x93", "x.pt: holds the Python object os.system, only tensors in dicts and lists "
                                            "are read (save model.state_dict())");
    REFUSED("N)\x81.", "x.pt: its pickle has the instruction 0x81, which tensors in dicts and lists do not need");
    REFUSED("ctorch._utils\n_rebuild_tensor_v2\n)R.", "x.pt: damaged pickle: a call with other arguments than torch's");
    REFUSED("NNR.", "x.pt: damaged pickle: a call of what cannot be called");
    REFUSED("NQ.", "x.pt: damaged pickle: something kept outside that is no storage");
    sori_close(c);
}

/* {"a": [1, -2], 300: (None, True)} in protocol 4's words. */
static void made(void **state) {
    (void)state;
    static const char bytes[] = "\x80\x04}(\x8c\x01" "a](K\x01J\xfe\xff\xff\xff" "eM\x2c\x01N\x88\x86u.";
    sori_ctx *c = sori_open(NULL);
    pickle p;
    assert_true(array_pickle_run(&p, c, "x.pt", (const uint8_t *)bytes, sizeof bytes - 1));
    const pickle_object *root = &p.objects[p.root], *list = array_pickle_item(&p, root, 1);
    assert_int_equal(root->kind, PICKLE_DICT);
    assert_int_equal(root->count, 4);
    assert_int_equal(list->kind, PICKLE_LIST);
    assert_int_equal(array_pickle_item(&p, list, 1)->whole, -2);
    assert_int_equal(array_pickle_item(&p, root, 2)->whole, 300);
    assert_int_equal(array_pickle_item(&p, array_pickle_item(&p, root, 3), 1)->whole, 1);
    assert_null(array_pickle_item(&p, root, 4));
    array_pickle_free(&p);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(refused), cmocka_unit_test(made) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
