/* Networks and state dicts as PyTorch writes them (tools/golden/make_exchange.py): the same answers, the same
 * tensors. */
#include "test.h"
#include "base/base.h"
#include <sori/sori.h>

#define FOLDER TEST_SOURCE_DIR "/tests/golden/exchange/"

static const sori_array *find(const sori_named *items, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(items[i].name, name)) return items[i].array;
    fail_msg("there is no %s", name);
    return NULL;
}

/* PyTorch's answer within 1e-5 + 1e-4 |y|: both in float, sums in another order. */
static void network(const char *name) {
    char path[512];
    size_t n = 0;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1 });
    snprintf(path, sizeof path, FOLDER "%s.safetensors", name);
    const sori_named *items = sori_load_safetensors(c, path, &n, NULL);
    assert_ok(c);
    const sori_array *x = find(items, n, "x"), *y = find(items, n, "y");
    snprintf(path, sizeof path, FOLDER "%s.onnx", name);
    sori_model *m = sori_import_onnx(c, path);
    assert_ok(c);
    sori_array *p = sori_predict(m, x);
    assert_ok(c);
    assert_int_equal(p->ndim, y->ndim);
    for (int i = 0; i < y->ndim; i++) assert_int_equal(p->shape[i], y->shape[i]);
    for (size_t i = 0; i < y->size; i++) {
        double have = (double)((float *)p->data)[i], want = (double)((float *)y->data)[i];
        if (!(fabs(have - want) <= 1e-5 + 1e-4 * fabs(want))) fail_msg("%s: %g, PyTorch has %g", name, have, want);
    }
    sori_model_free(m);
    sori_close(c);
}

static void networks(void **state) {
    (void)state;
    static const char *const names[] = { "cnn", "mlp", "m5", "lstm", "bilstm", "gru", "residual", "rows" };
    char old[32];
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        network(names[i]);
        snprintf(old, sizeof old, "%s_old", names[i]);
        network(old);
    }
}

/* Every tensor of a state dict, laid out as safetensors has it: types, strides, views. */
static void state_dict(void **state) {
    (void)state;
    size_t n = 0, m = 0;
    sori_ctx *c = sori_open(NULL);
    const sori_named *items = sori_load_pt(c, FOLDER "state.pt", &n);
    const sori_named *wanted = sori_load_safetensors(c, FOLDER "state.safetensors", &m, NULL);
    assert_ok(c);
    assert_int_equal(n, 15);
    for (size_t i = 0; i < m; i++) {
        const sori_array *a = find(items, n, wanted[i].name), *b = wanted[i].array;
        assert_int_equal(a->dtype, b->dtype);
        assert_int_equal(a->ndim, b->ndim);
        for (int d = 0; d < b->ndim; d++) assert_int_equal(a->shape[d], b->shape[d]);
        assert_memory_equal(a->data, b->data, b->size * sori_dtype_size(b->dtype));
    }
    assert_int_equal(find(items, n, "empty")->size, 0);
    assert_int_equal(((uint8_t *)find(items, n, "bool")->data)[1], 1);
    sori_close(c);
}

static void nested(void **state) {
    (void)state;
    size_t n = 0;
    sori_ctx *c = sori_open(NULL);
    const sori_named *items = sori_load_pt(c, FOLDER "checkpoint.pt", &n);
    assert_ok(c);
    assert_int_equal(n, 6);
    assert_string_equal(items[0].name, "model.0.weight");
    assert_int_equal(items[0].array->shape[1], 7);
    sori_close(c);
}

static void refused(void **state) {
    (void)state;
    static const struct { const char *file, *says; } cases[] = {
        { "whole_model.pt", "whole_model.pt: holds the Python object torch.nn.modules.container.Sequential, only "
                            "tensors in dicts and lists are read (save model.state_dict())" },
        { "legacy.pt", "legacy.pt: a file as PyTorch wrote them before 1.6; load and save it with a newer one" },
        { "loop.pt", "loop.pt: containers more than 32 deep, or within themselves" },
        { "laughs.pt", "laughs.pt: too deeply shared containers" },
        { "expanded.pt", "expanded.pt: a tensor reaches beyond its storage, or is larger: tensor" },
        { "mlp.onnx", "mlp.onnx: not a .pt file, or truncated" },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        char path[512];
        size_t n = 9;
        snprintf(path, sizeof path, FOLDER "%s", cases[i].file);
        assert_null(sori_load_pt(c, path, &n));
        assert_int_equal(n, 0);
        assert_non_null(strstr(sori_message(c), cases[i].says));
        sori_clear(c);
    }
    sori_close(c);
}

int main(int argc, char **argv) {
    if (argc == 2) return network(argv[1]), 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(networks), cmocka_unit_test(state_dict),
                                        cmocka_unit_test(nested), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
