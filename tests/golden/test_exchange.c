/* Networks and state dicts as PyTorch writes them (tools/golden/make_torch.py): the same answers, the same tensors. */
#include "test.h"
#include <sori/sori.h>
#include "base/base.h"
#include <dirent.h>

#define FOLDER TEST_SOURCE_DIR "/tests/golden/torch/"

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

int main(int argc, char **argv) {
    if (argc == 2) return network(argv[1]), 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(networks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
