/* Damaged ONNX files: a network or one sentence, and predictions that end. */
#define FUZZ_EXT "onnx"
#define FUZZ_ROOM 20000   /* a node of some bytes becomes rows of a table, and a row its memory of a step */
#define FUZZ_BASE ((size_t)64 << 20)   /* weights come from sizes that the shortest file may ask for */
#include "fuzz.h"
#include <sori/sori.h>

static const char *const seeds[] = { "cnn_old", "mlp_old", "rows_old", "residual_old", "m5", "cnn" };

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    if (i >= (int)BASE_COUNT(seeds)) return false;
    char from[512];
    size_t n = 0;
    snprintf(from, sizeof from, TEST_SOURCE_DIR "/tests/golden/exchange/%s.onnx", seeds[i]);
    char *bytes = base_read_file(c, from, FUZZ_MOST, &n);
    if (bytes) fuzz_put(path, bytes, n);
    base_free(c, bytes);
    return true;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    sori_model *m = sori_import_onnx(c, path);
    sori_shape out = sori_model_output(m);
    fuzz_touch(&out, sizeof out);
    sori_model_free(m);
}
