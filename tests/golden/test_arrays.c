/* Array files written by NumPy and safetensors (tools/golden/make_arrays.py) are read value for value; what sori writes
 * is NumPy's file byte for byte. Values are compared exactly: nothing here rounds. */
#include "test.h"
#include "base/base.h"
#include <sori/array.h>

#define DIR TEST_SOURCE_DIR "/tests/golden/arrays/"

static sori_array *load(sori_ctx *c, const char *path, sori_dtype dtype, int ndim) {
    sori_array *a = sori_load_npy(c, path);
    assert_ok(c);
    assert_int_equal(a->dtype, dtype);
    assert_int_equal(a->ndim, ndim);
    return a;
}

/* [3, 4]: 0, 0.25, 0.5, ... */
static void check_quarters(const sori_array *a) {
    assert_int_equal(a->shape[0], 3);
    assert_int_equal(a->shape[1], 4);
    for (int i = 0; i < 12; i++) assert_true(((float *)a->data)[i] == (float)i / 4);
}

static void plain_and_orders(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    check_quarters(load(c, DIR "f4.npy", SORI_F32, 2));
    check_quarters(load(c, DIR "version3.npy", SORI_F32, 2));
    sori_array *f = load(c, DIR "fortran.npy", SORI_I64, 3);
    for (int i = 0; i < 24; i++) assert_int_equal(((int64_t *)f->data)[i], i);
    double *d = load(c, DIR "f8_big.npy", SORI_F64, 2)->data;
    float *z = load(c, DIR "c8_big.npy", SORI_C64, 2)->data;
    for (int i = 0; i < 12; i++) assert_true(d[i] == i / 4.0 && z[2 * i] == d[i] && z[2 * i + 1] == d[i] + 1);
    assert_true(*(double *)load(c, DIR "scalar.npy", SORI_F64, 0)->data == 2.5);
    sori_close(c);
}

static void narrow_types_widen(void **state) {
    (void)state;
    static const float halves[6] = { 1, -2.5f, 65504, 0x1p-24f, -0.0f, INFINITY };
    sori_ctx *c = sori_open(NULL);
    assert_memory_equal(load(c, DIR "f2.npy", SORI_F32, 1)->data, halves, sizeof halves);
    assert_memory_equal(load(c, DIR "i2_big.npy", SORI_I32, 1)->data, ((int32_t[]){ -3, 32767 }), 8);
    assert_memory_equal(load(c, DIR "u4.npy", SORI_I64, 1)->data, ((int64_t[]){ 0, 4294967295 }), 16);
    assert_memory_equal(load(c, DIR "bool.npy", SORI_U8, 1)->data, "\1\0", 2);
    sori_close(c);
}

static void what_is_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { DIR "object.npy", "holds Python objects" }, { DIR "record.npy", "holds records" },
        { DIR "u8.npy", "dtype '<u8' is not supported" }, { DIR "t.safetensors", "not a .npy file" },
        { DIR "missing.npy", "cannot open" }, { DIR, "is a directory" },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        assert_null(sori_load_npy(c, cases[i][0]));
        if (!strstr(sori_message(c), cases[i][1]) || !strstr(sori_message(c), cases[i][0]))
            fail_msg("%s", sori_message(c));
        sori_clear(c);
    }
    sori_close(c);
}

static void archives(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    size_t n;
    const sori_named *z = sori_load_npz(c, DIR "stored.npz", &n);
    assert_ok(c);
    assert_int_equal(n, 2);
    assert_string_equal(z[0].name, "a");
    check_quarters(z[0].array);
    assert_string_equal(z[1].name, "b");
    assert_int_equal(((int64_t *)z[1].array->data)[2], 2);
    z = sori_load_npz(c, DIR "deflated.npz", &n);
    assert_ok(c);
    check_quarters(z[0].array);
    assert_string_equal(z[1].name, "한국");
    assert_int_equal(z[1].array->size, 0);
    sori_close(c);
}

static void tensors(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    size_t n;
    const char *metadata;
    const sori_named *t = sori_load_safetensors(c, DIR "t.safetensors", &n, &metadata);
    assert_ok(c);
    assert_int_equal(n, 4);   /* in the order of their data: safetensors puts larger elements first */
    assert_string_equal(t[0].name, "step");
    assert_int_equal(*(int64_t *)t[0].array->data, 3);
    assert_string_equal(t[1].name, "w");
    check_quarters(t[1].array);
    assert_string_equal(t[2].name, "half");
    assert_true(*(float *)t[2].array->data == 1.5f);
    assert_memory_equal(t[3].array->data, "\0\1\2\3\4", 5);
    assert_string_equal(metadata, "{\"k\":\"v \\\"q\\\" 소리\"}");
    sori_close(c);
}

static void same_file(sori_ctx *c, const char *a, const char *b) {
    size_t n, m;
    char *x = base_read_file(c, a, 1 << 20, &n), *y = base_read_file(c, b, 1 << 20, &m);
    assert_ok(c);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    base_free(c, x);
    base_free(c, y);
}

static void what_is_written_is_numpys(void **state) {
    (void)state;
    static const char *const names[] = { "f4.npy", "scalar.npy" };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        char *original = base_path_join(c, DIR, names[i]);
        sori_save_npy(c, TEST_SCRATCH "/x.npy", sori_load_npy(c, original));
        same_file(c, TEST_SCRATCH "/x.npy", original);
        base_free(c, original);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_orders),  cmocka_unit_test(narrow_types_widen),
        cmocka_unit_test(what_is_refused),   cmocka_unit_test(archives),
        cmocka_unit_test(tensors),           cmocka_unit_test(what_is_written_is_numpys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
