/* Out of memory while arrays are read from and written to .npy, .npz and .safetensors files. */
#include "oom.h"
#include <sori/array.h>

#define NPY TEST_SCRATCH "/npy/out.npy"
#define NPZ TEST_SCRATCH "/npz/out.npz"
#define TENSORS TEST_SCRATCH "/safetensors/out.safetensors"

static uint64_t hash_array(uint64_t h, const sori_array *a) {
    return a ? base_hash(h, a->data, a->size * sori_dtype_size(a->dtype)) : h;
}

static sori_array *ramp(sori_ctx *c, sori_dtype dtype, size_t n) {
    sori_array *a = sori_array_new(c, SORI_F64, 2, (size_t[]){ 2, n });
    for (size_t i = 0; a && i < a->size; i++) ((double *)a->data)[i] = (double)i;
    return sori_array_cast(c, a, dtype);
}

static uint64_t npy(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_save_npy(c, NPY, ramp(c, SORI_F32, 1000));
    return hash_array(BASE_HASH_START, sori_load_npy(c, NPY));
}

static uint64_t hash_named(const sori_named *items, size_t n) {
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; items && i < n; i++) {
        h = base_hash(h, items[i].name, strlen(items[i].name));
        h = hash_array(h, items[i].array);
    }
    return h;
}

static uint64_t npz(sori_ctx *c, const void *arg) {
    (void)arg;
    size_t n = 0;
    sori_named items[] = { { "mel", ramp(c, SORI_F32, 700) }, { "소리", ramp(c, SORI_I32, 3) } };
    sori_save_npz(c, NPZ, items, 2);
    return hash_named(sori_load_npz(c, NPZ, &n), n);
}

static uint64_t tensors(sori_ctx *c, const void *arg) {
    (void)arg;
    size_t n = 0;
    const char *metadata = NULL;
    sori_named items[] = { { "dense.w", ramp(c, SORI_F32, 70) }, { "dense.b", ramp(c, SORI_F64, 3) } };
    sori_save_safetensors(c, TENSORS, items, 2, "{\"format\":\"sori\",\"labels\":\"piano, violin\"}");
    uint64_t h = hash_named(sori_load_safetensors(c, TENSORS, &n, &metadata), n);
    return metadata ? base_hash(h, metadata, strlen(metadata)) : h;
}

static void every_format(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    base_make_dirs(c, TEST_SCRATCH "/npy");
    base_make_dirs(c, TEST_SCRATCH "/npz");
    base_make_dirs(c, TEST_SCRATCH "/safetensors");
    assert_ok(c);
    sori_close(c);
    oom_every(&(oom_job){ .run = npy, .output = NPY });
    oom_every(&(oom_job){ .run = npz, .output = NPZ });
    oom_every(&(oom_job){ .run = tensors, .output = TENSORS });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_format) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
