/* PyTorch's weights in sori's models: a state_dict as people save it, and the zoo as one would write it in PyTorch,
 * with weights that both sides draw (tools/golden/make_torch.py). Predictions must be PyTorch's. */
#include "golden/golden_input.h"
#include <sori/model.h>

#define FOLDER TEST_SOURCE_DIR "/tests/golden/torch/"

static void close_enough(const char *name, size_t i, double got, double want) {
    if (!(fabs(got - want) <= 1e-5 + 1e-4 * fabs(want)))
        fail_msg("%s: output %zu is %.9g, not %.9g", name, i, got, want);
}

static const sori_name_map numbers[] = {
    { "conv2d", "0" }, { "batch_normalization", "1" }, { "dense", "5" }, { "dense_1", "7" }, { NULL, NULL },
};

static sori_model *small_model(sori_ctx *c) {
    return sori_sequential(c, SORI_SHAPE(8, 5, 2), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 5, .kernel = { 3, 2 } },
        { .op = SORI_BATCHNORM, .act = SORI_RELU, .epsilon = 1e-5 },
        { .op = SORI_MAXPOOL2D },
        { .op = SORI_FLATTEN },
        { .op = SORI_DENSE, .units = 6, .act = SORI_TANH },
        { .op = SORI_DENSE, .units = 3 }));
}

static const sori_array *named(const sori_named *items, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(items[i].name, name)) return items[i].array;
    fail_msg("no %s", name);
    return NULL;
}

static void a_state_dict_predicts_the_same(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = small_model(c);
    sori_weights_load(m, FOLDER "small.safetensors", SORI_LAYOUT_TORCH, numbers);
    assert_ok(c);
    size_t n;
    const sori_named *answers = sori_load_safetensors(c, FOLDER "small_answers.safetensors", &n, NULL);
    const sori_array *want = named(answers, n, "y"), *y = sori_predict(m, named(answers, n, "x"));
    assert_ok(c);
    assert_int_equal(y->size, want->size);
    for (size_t i = 0; i < y->size; i++)
        close_enough("small", i, ((float *)y->data)[i], ((double *)want->data)[i]);
    sori_model_free(m);
    sori_close(c);
}

/* What PyTorch gave comes back from sori, name for name and bit for bit, but for its count of batches. */
static void a_state_dict_comes_back(void **state) {
    (void)state;
    const char *path = TEST_SCRATCH "/back.safetensors";
    sori_ctx *c = sori_open(NULL);
    sori_model *m = small_model(c);
    sori_weights_load(m, FOLDER "small.safetensors", SORI_LAYOUT_TORCH, numbers);
    sori_weights_save(m, path, SORI_LAYOUT_TORCH, numbers);
    size_t n, k;
    const sori_named *theirs = sori_load_safetensors(c, FOLDER "small.safetensors", &n, NULL);
    const sori_named *ours = sori_load_safetensors(c, path, &k, NULL);
    assert_ok(c);
    assert_int_equal(k, n - 1);
    for (size_t i = 0; i < k; i++) {
        const sori_array *a = ours[i].array, *b = named(theirs, n, ours[i].name);
        assert_int_equal(a->ndim, b->ndim);
        assert_memory_equal(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape);
        assert_memory_equal(a->data, b->data, a->size * sizeof(float));
    }
    sori_model_free(m);
    sori_close(c);
}

/* --- the zoo ------------------------------------------------------------------------------------------------------ */

static sori_array *drawn(sori_ctx *c, uint32_t *seed, int ndim, const size_t *shape, double scale, double offset) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    for (size_t i = 0; i < a->size; i++)
        ((float *)a->data)[i] = (float)(offset + scale * ((draw(seed) - 0x1p23) / 0x1p23));
    return a;
}

static int shape_of(const json_t *list, size_t *shape) {
    size_t i;
    json_t *dim;
    json_array_foreach(list, i, dim) shape[i] = (size_t)json_integer_value(dim);
    return (int)i;
}

/* The state_dict that PyTorch had, in a file. */
static void write_state(sori_ctx *c, const char *path, const json_t *tensors, uint32_t *seed) {
    size_t i, n = json_array_size(tensors), shape[SORI_MAX_DIMS];
    sori_named *items = calloc(n, sizeof *items);
    json_t *t;
    json_array_foreach(tensors, i, t) {
        int ndim = shape_of(json_object_get(t, "shape"), shape);
        items[i] = (sori_named){ json_text(t, "name"), drawn(c, seed, ndim, shape, json_number(t, "scale", 0),
                                                             json_number(t, "offset", 0)) };
    }
    sori_save_safetensors(c, path, items, n, NULL);
    assert_ok(c);
    free(items);
}

static void check_zoo(const json_t *row, size_t batch, int classes, uint32_t seed) {
    const char *path = TEST_SCRATCH "/state.safetensors", *name = json_text(row, "model");
    sori_ctx *c = sori_open(NULL);
    size_t shape[5] = { batch };
    int ndim = shape_of(json_object_get(row, "input"), shape + 1);
    sori_shape input = { { 0 } };
    for (int i = 0; i < ndim; i++) input.dim[i] = (int)shape[i + 1];
    write_state(c, path, json_object_get(row, "tensors"), &seed);
    sori_model *m = sori_zoo_model(c, name, input, classes);
    sori_weights_load(m, path, SORI_LAYOUT_TORCH, NULL);
    assert_ok(c);
    sori_array *y = sori_predict(m, drawn(c, &seed, ndim + 1, shape, 1, 0));
    assert_ok(c);
    const json_t *want = json_object_get(row, "y");
    assert_int_equal(y->size, json_array_size(want));
    for (size_t i = 0; i < y->size; i++)
        close_enough(name, i, ((float *)y->data)[i], json_number_value(json_array_get(want, i)));
    sori_model_free(m);
    sori_close(c);
}

static void the_zoo_takes_natural_modules(void **state) {
    (void)state;
    json_t *file = json_load_file(FOLDER "zoo.json", 0, NULL), *row;
    size_t i;
    json_array_foreach(json_object_get(file, "models"), i, row)
        check_zoo(row, (size_t)json_number(file, "batch", 0), (int)json_number(file, "classes", 0),
                  (uint32_t)json_number(file, "seed", 0));
    assert_null(sori_zoo_at(i));   /* all of them */
    json_decref(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_dict_predicts_the_same), cmocka_unit_test(a_state_dict_comes_back),
        cmocka_unit_test(the_zoo_takes_natural_modules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
