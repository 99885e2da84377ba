/* zoo.c - from a name and an input shape to a model.
 *
 * A table is copied and the numbers that its input decides are filled in. The sizes at a row are those the rows above
 * it make, so they are asked of a model of those rows: making one costs no more than a look at each row, and memory
 * for weights is not taken before it is compiled. */
#include "base/base.h"
#include "model/tables.h"
#include <string.h>

const sori_zoo_entry *sori_zoo_at(size_t i) {
    size_t n = 0;
    while (model_entries[n].public.name && n < i) n++;
    return model_entries[n].public.name ? &model_entries[n].public : NULL;
}

/* "maxcnn, melcnn, ..." */
static const char *names(char *out, size_t size) {
    int n = 0;
    for (const model_entry *e = model_entries; e->public.name; e++)
        n += base_format(out + n, size - (size_t)n, n ? ", %s" : "%s", e->public.name);
    return out;
}

static const model_entry *find(sori_ctx *c, const char *name) {
    char text[256];
    for (const model_entry *e = model_entries; e->public.name; e++)
        if (!name || !strcmp(name, e->public.name)) return e;
    sori_fail(c, SORI_EINVAL, "model: no model '%.60s'; there are %s", name, names(text, sizeof text));
    return NULL;
}

const sori_zoo_entry *sori_zoo_find(sori_ctx *c, const char *name) {
    const model_entry *e = base_failed(c) ? NULL : find(c, name);
    return e ? &e->public : NULL;
}

static bool depends(const sori_layer *l) { return l->kernel[1] < 0 || l->shape[0] < 0; }

/* What arrives below the first n rows. */
static sori_shape shape_after(sori_ctx *c, sori_shape input, const sori_layer *rows, size_t n) {
    sori_layer some[MODEL_MAX_LAYERS];
    if (n == 0) return input;
    memcpy(some, rows, n * sizeof *rows);
    some[n] = (sori_layer){ 0 };
    sori_model *m = sori_sequential(c, input, some);
    sori_shape s = sori_model_output(m);
    sori_model_free(m);
    return s;
}

/* How many rows there are down to the one that feeds row i: the one above, or that which it names. */
static size_t rows_before(const sori_layer *rows, size_t i) {
    const char *from = rows[i].from[0];
    for (size_t n = 0; from && n < i; n++)
        if (rows[n].name && !strcmp(rows[n].name, from)) return n + 1;
    return i;
}

static void fill_sizes(sori_layer *l, sori_shape at) {
    int64_t rest = (int64_t)BASE_MAX(at.dim[1], 1) * BASE_MAX(at.dim[2], 1);
    if (l->kernel[1] == MODEL_WIDTH) l->kernel[1] = at.dim[1];
    for (int i = 0; i < 4; i++) {
        if (l->shape[i] == MODEL_FIRST) l->shape[i] = at.dim[0];
        if (l->shape[i] == MODEL_REST) l->shape[i] = (int)BASE_MIN(rest, (int64_t)INT32_MAX);
    }
}

/* An image of features and frames becomes frames of features: what layers over time want. */
static const sori_layer turn[] = {
    { .op = SORI_PERMUTE, .shape = { 2, 1, 3 } },
    { .op = SORI_RESHAPE, .shape = { MODEL_FIRST, MODEL_REST } },
};

/* The rows for this input; false after an error. */
static bool fill_in(sori_ctx *c, sori_layer *out, const sori_layer *table, sori_shape input, int classes) {
    size_t n = 0, rows = 0;
    if (table->op == SORI_LSTM && input.dim[2] > 0) {
        memcpy(out, turn, sizeof turn);
        n = BASE_COUNT(turn);
    }
    while (table[rows].op) rows++;
    memcpy(out + n, table, (rows + 1) * sizeof *table);
    for (size_t i = 0; out[i].op && !base_failed(c); i++) {
        if (out[i].units == MODEL_CLASSES) out[i].units = classes;
        if (depends(&out[i])) fill_sizes(&out[i], shape_after(c, input, out, rows_before(out, i)));
    }
    return !base_failed(c);
}

sori_model *sori_zoo_model(sori_ctx *c, const char *name, sori_shape input, int classes) {
    sori_layer layers[MODEL_MAX_LAYERS];
    const model_entry *e = base_failed(c) ? NULL : find(c, name);
    if (!e) return NULL;
    if (e->public.feature && classes < 2) {
        sori_fail(c, SORI_EINVAL, "model: %d classes, needs at least 2", classes);
        return NULL;
    }
    return fill_in(c, layers, e->table, input, classes) ? sori_sequential(c, input, layers) : NULL;
}
