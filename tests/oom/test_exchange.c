/* Out of memory while networks and tensors come from and go to other programs. */
#include "oom.h"
#include <sori/sori.h>
#include <sys/stat.h>

#define FILES TEST_SOURCE_DIR "/tests/golden/exchange/"
#define OUTPUT TEST_SCRATCH "/onnx/m.onnx"

static uint64_t import(sori_ctx *c, const void *path) {
    sori_model *m = sori_import_onnx(c, path);
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; i < sori_weight_count(m); i++) h ^= hash(sori_get_weight(m, sori_weight_name(m, i)));
    sori_model_free(m);
    return h;
}

static uint64_t export(sori_ctx *c, const void *path) {
    sori_model *m = sori_import_onnx(c, path);
    sori_export_onnx(m, OUTPUT);
    sori_model_free(m);
    return 0;
}

static uint64_t load_pt(sori_ctx *c, const void *path) {
    size_t n = 0;
    const sori_named *items = sori_load_pt(c, path, &n);
    uint64_t h = n;
    for (size_t i = 0; items && i < n; i++) h ^= hash(items[i].array) + i;
    return h;
}

static void imports(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = import, .arg = FILES "cnn.onnx", .most = 100 });
    oom_every(&(oom_job){ .run = import, .arg = FILES "gru_old.onnx", .most = 100 });
}

static void exports(void **state) {
    (void)state;
    mkdir(TEST_SCRATCH "/onnx", 0777);
    oom_every(&(oom_job){ .run = export, .arg = FILES "bilstm.onnx", .output = OUTPUT, .most = 100 });
}

static void tensors(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = load_pt, .arg = FILES "state.pt" });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(imports), cmocka_unit_test(exports),
                                        cmocka_unit_test(tensors) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
