/* zoo.c - models by name, each a table of layers and nothing else.
 *
 *   mlp      flatten, 512-256-64, dropout 0.3, L2 0.001: the classic first classifier
 *   cnn      three blocks of convolution, max pooling, batch norm; dense 64, dropout 0.3
 *   melcnn   three blocks of convolution, batch norm, ReLU; the maximum over time, for every frequency by itself
 */
#include "base/base.h"
#include <sori/model.h>
#include <string.h>

#define CLASSES (-1)   /* stands for the number of classes in a table */
#define WHOLE (-1)     /* stands for the width (time) of what comes in, as a kernel's second number */

static const sori_layer mlp[] = {
    { .op = SORI_FLATTEN },
    { .op = SORI_DENSE, .units = 512, .act = SORI_RELU, .l2 = 0.001 },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    { .op = SORI_DENSE, .units = 256, .act = SORI_RELU, .l2 = 0.001 },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    { .op = SORI_DENSE, .units = 64, .act = SORI_RELU, .l2 = 0.001 },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    { .op = SORI_DENSE, .units = CLASSES, .act = SORI_SOFTMAX },
    { 0 }
};

static const sori_layer cnn[] = {
    { .op = SORI_CONV2D, .filters = 32, .kernel = { 3, 3 }, .act = SORI_RELU },
    { .op = SORI_MAXPOOL2D, .kernel = { 3, 3 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM },
    { .op = SORI_CONV2D, .filters = 32, .kernel = { 3, 3 }, .act = SORI_RELU },
    { .op = SORI_MAXPOOL2D, .kernel = { 3, 3 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM },
    { .op = SORI_CONV2D, .filters = 32, .kernel = { 2, 2 }, .act = SORI_RELU },
    { .op = SORI_MAXPOOL2D, .kernel = { 2, 2 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM },
    { .op = SORI_FLATTEN },
    { .op = SORI_DENSE, .units = 64, .act = SORI_RELU },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    { .op = SORI_DENSE, .units = CLASSES, .act = SORI_SOFTMAX },
    { 0 }
};

#define MELCNN_BLOCK(width) \
    { .op = SORI_CONV2D, .filters = (width), .kernel = { 3, 3 }, .padding = SORI_SAME, .no_bias = true, \
      .kernel_init = SORI_HE_NORMAL }, \
    { .op = SORI_BATCHNORM, .act = SORI_RELU, .momentum = 0.9 }

static const sori_layer melcnn[] = {
    MELCNN_BLOCK(16),
    { .op = SORI_MAXPOOL2D },
    MELCNN_BLOCK(32),
    { .op = SORI_MAXPOOL2D },
    MELCNN_BLOCK(64),
    { .op = SORI_MAXPOOL2D, .kernel = { 1, WHOLE } },
    { .op = SORI_FLATTEN },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    { .op = SORI_DENSE, .units = CLASSES, .act = SORI_SOFTMAX },
    { 0 }
};

static const struct entry {
    sori_zoo_entry public;
    const sori_layer *table;
} entries[] = {
    { { "melcnn", "three 3x3 convolutions with batch norm, maximum over time (default)" }, melcnn },
    { { "cnn", "three convolutions with max pooling and batch norm, dense 64" }, cnn },
    { { "mlp", "flatten, dense 512-256-64 with dropout" }, mlp },
};

#define COUNT BASE_COUNT(entries)

const sori_zoo_entry *sori_zoo_at(size_t i) { return i < COUNT ? &entries[i].public : NULL; }

/* "melcnn, cnn, mlp" */
static const char *names(char *out, size_t size) {
    int n = 0;
    for (size_t i = 0; i < COUNT; i++)
        n += base_format(out + n, size - (size_t)n, i ? ", %s" : "%s", entries[i].public.name);
    return out;
}

/* A copy of a table with CLASSES and WHOLE replaced. Only pooling changes the width in tables that use WHOLE. */
static void fill_in(sori_layer *out, const sori_layer *table, sori_shape input, int classes) {
    int width = input.dim[1];
    do {
        *out = *table;
        if (out->units == CLASSES) out->units = classes;
        if (out->kernel[1] == WHOLE) out->kernel[1] = BASE_MAX(width, 1);
        if (out->op == SORI_MAXPOOL2D) width /= out->kernel[1] ? out->kernel[1] : 2;
        out++;
    } while (table++->op);
}

sori_model *sori_zoo_model(sori_ctx *c, const char *name, sori_shape input, int classes) {
    if (base_failed(c)) return NULL;
    if (classes < 2) {
        sori_fail(c, SORI_EINVAL, "model: %d classes, needs at least 2", classes);
        return NULL;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (name && strcmp(name, entries[i].public.name)) continue;
        sori_layer layers[32];
        fill_in(layers, entries[i].table, input, classes);
        return sori_sequential(c, input, layers);
    }
    char text[256];
    sori_fail(c, SORI_EINVAL, "model: no model '%.60s'; there are %s", name, names(text, sizeof text));
    return NULL;
}
