/* Damaged PyTorch files. */
#define FUZZ_EXT "pt"
#define FUZZ_ROOM 20000   /* deflate packs up to 1032 to 1, tensors may share their storage 16 times */
#include "fuzz.h"
#include <sori/array.h>

static const char *const seeds[] = { "state", "checkpoint" };

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    if (i >= (int)BASE_COUNT(seeds)) return false;
    char from[512];
    size_t n = 0;
    snprintf(from, sizeof from, TEST_SOURCE_DIR "/tests/golden/exchange/%s.pt", seeds[i]);
    char *bytes = base_read_file(c, from, FUZZ_MOST, &n);
    if (bytes) fuzz_put(path, bytes, n);
    base_free(c, bytes);
    return true;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    size_t n = 0;
    const sori_named *items = sori_load_pt(c, path, &n);
    for (size_t i = 0; items && i < n; i++) {
        fuzz_touch(items[i].name, strlen(items[i].name));
        fuzz_touch(items[i].array->data, items[i].array->size * sori_dtype_size(items[i].array->dtype));
    }
}
