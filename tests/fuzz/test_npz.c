/* Damaged .npz files. */
#define FUZZ_EXT "npz"
#define FUZZ_ROOM 20000   /* deflate packs up to 1032 to 1; elements may widen to 16 times */
#include "fuzz.h"
#include <sori/array.h>

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    sori_named items[] = { { "mel", sori_array_new(c, SORI_F32, 2, (size_t[]){ 3, 5 }) },
                           { "\xec\x86\x8c\xeb\xa6\xac", sori_array_new(c, SORI_I32, 0, NULL) } };
    if (i == 0) sori_save_npz(c, path, items, 2);
    return i == 0;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    size_t n = 0;
    const sori_named *items = sori_load_npz(c, path, &n);
    for (size_t i = 0; items && i < n; i++) {
        fuzz_touch(items[i].name, strlen(items[i].name));
        fuzz_touch(items[i].array->data, items[i].array->size * sori_dtype_size(items[i].array->dtype));
    }
}
