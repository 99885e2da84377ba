/* Damaged .npy files. */
#define FUZZ_EXT "npy"
#define FUZZ_ROOM 16   /* a bool becomes an int32, rows are turned around beside the original */
#include "fuzz.h"
#include <sori/array.h>

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    static const sori_dtype dtypes[] = { SORI_F32, SORI_C128, SORI_U8 };
    if (i == (int)BASE_COUNT(dtypes)) return false;
    sori_save_npy(c, path, sori_array_new(c, dtypes[i], i + 1, (size_t[]){ 2, 3, 4 }));
    return true;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    sori_array *a = sori_load_npy(c, path);
    if (a) fuzz_touch(a->data, a->size * sori_dtype_size(a->dtype));
}
