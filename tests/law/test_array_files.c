/* save, then load, is the identity, for every format, dtype and shape; and a damaged file gives an array or one error,
 * never a crash: every truncation, and thousands of changed bytes, of small files. Run it under the asan preset. */
#include "test.h"
#include "base/base.h"
#include <sori/array.h>

#define PATH TEST_SCRATCH "/law"

static sori_array *random_array(sori_ctx *c, base_rng *r, sori_dtype dtype) {
    size_t shape[SORI_MAX_DIMS] = { 0 };
    int ndim = (int)base_rng_below(r, 5);
    for (int i = 0; i < ndim; i++) shape[i] = base_rng_below(r, 7);   /* empty ones too */
    sori_array *a = sori_array_new(c, dtype, ndim, shape);
    for (size_t i = 0; i < a->size * sori_dtype_size(dtype); i++) ((uint8_t *)a->data)[i] = (uint8_t)base_rng_u32(r);
    return a;
}

static void same_array(const sori_array *a, const sori_array *b) {
    assert_int_equal(a->dtype, b->dtype);
    assert_int_equal(a->ndim, b->ndim);
    assert_memory_equal(a->shape, b->shape, sizeof a->shape);
    if (a->size) assert_memory_equal(a->data, b->data, a->size * sori_dtype_size(a->dtype));
}

#define DTYPES 7

static void saving_and_loading_is_the_identity(void **state) {
    (void)state;
    static const char *const names[] = { "a", "b/c", "소리", "quote \" and \\", "e", "arr_0", "." };
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    for (int round = 0; round < 40; round++) {
        sori_ctx *c = sori_open(NULL);
        sori_named items[DTYPES];
        size_t n, plain = 0;
        for (int i = 0; i < DTYPES; i++) items[i] = (sori_named){ names[i], random_array(c, &r, (sori_dtype)i) };
        sori_save_npz(c, PATH ".npz", items, DTYPES);
        const sori_named *back = sori_load_npz(c, PATH ".npz", &n);
        assert_ok(c);
        assert_int_equal(n, DTYPES);
        for (int i = 0; i < DTYPES; i++) {
            assert_string_equal(back[i].name, items[i].name);
            same_array(back[i].array, items[i].array);
            sori_save_npy(c, PATH ".npy", items[i].array);
            same_array(sori_load_npy(c, PATH ".npy"), items[i].array);
            if (i != SORI_C64 && i != SORI_C128) items[plain++] = items[i];
        }
        sori_save_safetensors(c, PATH ".st", items, plain, round % 2 ? "{\"a\": \"1\"}" : NULL);
        const char *metadata;
        back = sori_load_safetensors(c, PATH ".st", &n, &metadata);
        assert_ok(c);
        assert_int_equal(n, plain);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n; k++)
                if (!strcmp(back[i].name, items[k].name)) same_array(back[i].array, items[k].array);
        if (round % 2) assert_string_equal(metadata, "{\"a\":\"1\"}");
        else assert_null(metadata);
        sori_close(c);
    }
}

static void larger_than_a_block(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    size_t n, shape[2] = { 300, 1000 };
    sori_array *a = sori_array_new(c, SORI_F32, 2, shape);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = (float)sin((double)i);
    sori_save_npz(c, PATH ".npz", &(sori_named){ "sine", a }, 1);
    same_array(sori_load_npz(c, PATH ".npz", &n)[0].array, a);
    assert_ok(c);
    sori_close(c);
}

/* --- damage ----------------------------------------------------------------------------------------------------- */

static void load_any(sori_ctx *c, const char *path, int kind) {
    size_t n;
    const char *metadata;
    int s = sori_begin(c);
    if (kind == 0) sori_load_npy(c, path);
    if (kind == 1) sori_load_npz(c, path, &n);
    if (kind == 2) sori_load_safetensors(c, path, &n, &metadata);
    if (sori_error(c) && sori_error(c) != SORI_EFORMAT) fail_msg("%s", sori_message(c));
    sori_clear(c);
    sori_end(c, s, NULL);
}

static void write_bytes(const char *path, const void *data, size_t n) {
    FILE *f = fopen(path, "wb");
    fwrite(data, 1, n, f);
    fclose(f);
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    static const char *const fixtures[] = { "f2.npy", "fortran.npy", "deflated.npz", "stored.npz", "t.safetensors" };
    static const int kinds[] = { 0, 0, 1, 1, 2 };
    sori_ctx *c = sori_open(NULL);
    base_rng r = base_rng_new(5, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < BASE_COUNT(fixtures); i++) {
        char *path = base_path_join(c, TEST_SOURCE_DIR "/tests/golden/arrays", fixtures[i]);
        size_t n, count;
        char *data = base_read_file(c, path, 1 << 20, &n);
        assert_ok(c);
        for (size_t cut = 0; cut < n; cut++) {
            write_bytes(PATH, data, cut);
            const void *got = kinds[i] == 0 ? (void *)sori_load_npy(c, PATH)
                              : kinds[i] == 1 ? (void *)(uintptr_t)sori_load_npz(c, PATH, &count)
                                              : (void *)(uintptr_t)sori_load_safetensors(c, PATH, &count, NULL);
            assert_null(got);
            assert_int_equal(sori_error(c), SORI_EFORMAT);
            sori_clear(c);
        }
        char *bad = malloc(n);
        for (int round = 0; round < 600; round++) {
            memcpy(bad, data, n);
            for (uint32_t k = 0; k <= base_rng_below(&r, 3); k++)
                bad[base_rng_below(&r, (uint32_t)n)] = (char)(base_rng_below(&r, 4) ? base_rng_u32(&r) : 0xff);
            write_bytes(PATH, bad, n);
            load_any(c, PATH, kinds[i]);
        }
        free(bad);
        base_free(c, data);
        base_free(c, path);
    }
    sori_close(c);
}

/* --- safetensors, by hand --------------------------------------------------------------------------------------- */

static void refuse_header(const char *header, size_t data, const char *words) {
    static char file[1 << 16];
    size_t n = strlen(header);
    memset(file, 0, sizeof file);
    file[0] = (char)(n & 255);
    file[1] = (char)(n >> 8);
    memcpy(file + 8, header, n);
    write_bytes(PATH, file, 8 + n + data);
    sori_ctx *c = sori_open(NULL);
    size_t count;
    assert_null(sori_load_safetensors(c, PATH, &count, NULL));
    if (sori_error(c) != SORI_EFORMAT || !strstr(sori_message(c), words)) fail_msg("%s: %s", words, sori_message(c));
    sori_close(c);
}

#define T(name, shape, from, to) \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" #from "," #to "]}"

static void impossible_tensors(void **state) {
    (void)state;
    char deep[200] = "{\"a\":";
    memset(deep + 5, '[', 100);
    refuse_header("{" T("a", "2", 0, 8) "," T("a", "2", 8, 16) "}", 16, "duplicate");
    refuse_header("{" T("a", "2", 0, 8) "," T("b", "2", 4, 12) "}", 12, "overlaps");
    refuse_header("{" T("a", "2", 0, 8) "," T("b", "2", 12, 20) "}", 20, "hole");
    refuse_header("{" T("a", "2", 0, 8) "}", 9, "belong to no tensor");
    refuse_header("{" T("a", "2", 0, 8) "}", 7, "outside the file");
    refuse_header("{" T("a", "3", 0, 8) "}", 8, "does not fit");
    refuse_header("{" T("a", "4611686018427387904,4", 0, 0) "}", 0, "does not fit");
    refuse_header("{" T("a", "-2", 0, 8) "}", 8, "not of sizes");
    refuse_header("{" T("a", "1,1,1,1,1,1,1,1,2", 0, 8) "}", 8, "more than 8 dimensions");
    refuse_header("{\"a\":{\"dtype\":\"F8\",\"shape\":[],\"data_offsets\":[0,0]}}", 0, "dtype is not supported");
    refuse_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[0]}}", 0, "needs exactly");
    refuse_header("{\"__metadata__\":{\"a\":1}}", 0, "object of strings");
    refuse_header("[]", 0, "not a JSON object");
    refuse_header("{} x", 0, "JSON");
    refuse_header(deep, 0, "deep");
    write_bytes(PATH, "\377\377\377\377\377\377\377\177{}", 10);
    sori_ctx *c = sori_open(NULL);
    size_t count;
    assert_null(sori_load_safetensors(c, PATH, &count, NULL));
    assert_int_equal(sori_error(c), SORI_EFORMAT);
    sori_close(c);
}

static void what_cannot_be_written(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *a = sori_array_new(c, SORI_F32, 1, (size_t[]){ 1 }), *z = sori_array_new(c, SORI_C64, 0, NULL);
    sori_named twice[] = { { "a", a }, { "a", a } };
    assert_int_equal(sori_save_npz(c, PATH "2.npz", twice, 2), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_save_safetensors(c, PATH "2.st", &(sori_named){ "z", z }, 1, NULL), SORI_EINVAL);
    assert_non_null(strstr(sori_message(c), "complex64"));
    sori_clear(c);
    assert_int_equal(sori_save_safetensors(c, PATH "2.st", twice, 1, "{\"n\": 1}"), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_save_safetensors(c, PATH "2.st", &(sori_named){ "\xff", a }, 1, NULL), SORI_EINVAL);
    sori_clear(c);
    assert_int_equal(sori_save_npy(c, TEST_SCRATCH "/no/folder.npy", a), SORI_EIO);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saving_and_loading_is_the_identity), cmocka_unit_test(larger_than_a_block),
        cmocka_unit_test(damaged_files_are_refused),          cmocka_unit_test(impossible_tensors),
        cmocka_unit_test(what_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
