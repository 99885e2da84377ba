/* Damaged .safetensors files. */
#define FUZZ_EXT "safetensors"
#define FUZZ_ROOM 64   /* the shortest entry of the header against what is kept of it */
#include "fuzz.h"
#include <sori/array.h>

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    sori_named items[] = { { "dense/kernel", sori_array_new(c, SORI_F32, 2, (size_t[]){ 4, 3 }) },
                           { "dense/bias", sori_array_new(c, SORI_F64, 1, (size_t[]){ 3 }) } };
    if (i < 2) sori_save_safetensors(c, path, items, 2, i ? "{\"format\":\"sori\"}" : NULL);
    return i < 2;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    size_t n = 0;
    const char *metadata = NULL;
    const sori_named *items = sori_load_safetensors(c, path, &n, &metadata);
    for (size_t i = 0; items && i < n; i++) {
        fuzz_touch(items[i].name, strlen(items[i].name));
        fuzz_touch(items[i].array->data, items[i].array->size * sori_dtype_size(items[i].array->dtype));
    }
    if (metadata) fuzz_touch(metadata, strlen(metadata));
}
