/* Damaged model files: a table of layers from a stranger. */
#define FUZZ_EXT "safetensors"
#define FUZZ_ROOM 256   /* weights, gradients and running sums of what the file really holds */
#include "fuzz.h"
#include <sori/nn.h>

static sori_model *classifier(sori_ctx *c) {
    return sori_sequential(c, SORI_SHAPE(6, 5, 1), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 }, .padding = SORI_SAME },
        { .op = SORI_BATCHNORM, .act = SORI_RELU },
        { .op = SORI_MAXPOOL2D },
        { .op = SORI_FLATTEN },
        { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }));
}

static sori_model *shapes(sori_ctx *c) {
    return sori_sequential(c, SORI_SHAPE(3, 4), SORI_LAYERS(
        { .op = SORI_EMBEDDING, .vocabulary = 5, .units = 2 },
        { .op = SORI_CONV2D_TRANSPOSE, .filters = 2, .kernel = { 2, 3 }, .strides = { 2, 1 }, .dilation = { 1, 2 },
          .padding = SORI_EXPLICIT, .pad = { 1, 0, 0, 1 } },
        { .op = SORI_UPSAMPLING, .name = "up", .bilinear = true },
        { .op = SORI_DENSE, .name = "map", .units = 10, .axis = 1 },
        { .op = SORI_CONCAT, .from = { "map", "up" }, .axis = 1 },
        { .op = SORI_CROPPING, .pad = { 1, 2, 1, 0 } },
        { .op = SORI_ZERO_PADDING },
        { .op = SORI_PRELU },
        { .op = SORI_PERMUTE, .shape = { 3, 1, 2 } },
        { .op = SORI_SPATIAL_DROPOUT, .rate = 0.5 },
        { .op = SORI_FLATTEN },
        { .op = SORI_DENSE, .units = 2, .act = SORI_SOFTMAX }));
}

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    if (i > 1) return false;
    sori_model *m = i == 0 ? classifier(c) : shapes(c);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM },
                                            .loss = SORI_CATEGORICAL_CROSSENTROPY });
    sori_model_save(m, path, "{\"labels\":[\"a\",\"b\",\"c\"]}");
    sori_model_free(m);
    return true;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    const char *metadata = NULL;
    sori_model *m = sori_model_load(c, path, &metadata);
    const char *summary = m ? sori_summary(m) : NULL;
    if (summary) fuzz_touch(summary, strlen(summary));
    if (metadata) fuzz_touch(metadata, strlen(metadata));
    for (size_t i = 0; m && i < sori_weight_count(m); i++) {
        sori_array *w = sori_get_weight(m, sori_weight_name(m, i));
        if (w) fuzz_touch(w->data, w->size * sori_dtype_size(w->dtype));
    }
    sori_model_free(m);
}
