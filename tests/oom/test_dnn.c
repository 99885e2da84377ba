/* Out of memory while layers are handed to oneDNN: all of them, and those that are by themselves. */
#include "oom.h"
#include <sori/nn.h>

static sori_array *noise(sori_ctx *c, int ndim, const size_t *shape) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return a;
}

static uint64_t train(sori_ctx *c, const void *arg) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(9, 10, 8), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 8, .kernel = { 1, 1 }, .act = SORI_RELU },
        { .op = SORI_CONV2D, .filters = 16, .kernel = { 3, 3 }, .strides = { 2, 1 } },
        { .op = SORI_DENSE, .units = 8 },
        { .op = SORI_GLOBAL_AVGPOOL2D }));
    sori_compile(m, arg);
    sori_array *x = noise(c, 4, (size_t[]){ 20, 9, 10, 8 });
    sori_fit(m, x, noise(c, 2, (size_t[]){ 20, 8 }), NULL);
    uint64_t h = hash(sori_predict(m, x));
    sori_model_free(m);
    return h;
}

static void left_to_itself(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = train, .arg = &(sori_compile_config){ .bf16 = true }, .most = 120 });
}

static void everything(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(3), SORI_LAYERS({ .op = SORI_DENSE, .units = 1 }));
    bool built = sori_compile(m, &(sori_compile_config){ .engine = SORI_ENGINE_ONEDNN }) == SORI_OK;
    sori_model_free(m);
    sori_close(c);
    if (!built) skip();
    oom_every(&(oom_job){ .run = train, .arg = &(sori_compile_config){ .engine = SORI_ENGINE_ONEDNN }, .most = 120 });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(left_to_itself), cmocka_unit_test(everything) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
