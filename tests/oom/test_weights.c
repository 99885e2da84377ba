/* Out of memory while weights go to a file of another library's layout, and come from it. */
#include "oom.h"
#include <sori/nn.h>
#include <sys/stat.h>

#define WEIGHTS TEST_SCRATCH "/weights/w.safetensors"

static const sori_name_map names[] = { { "dense", "head" }, { NULL, NULL } };

static sori_model *make_model(sori_ctx *c) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(6, 5, 1), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 } },
        { .op = SORI_BATCHNORM, .act = SORI_RELU },
        { .op = SORI_RESHAPE, .shape = { 4, 12 } },
        { .op = SORI_GRU, .units = 2 },
        { .op = SORI_DENSE, .units = 3 }));
    sori_compile(m, NULL);
    return m;
}

static uint64_t there_and_back(sori_ctx *c, const void *arg) {
    const sori_layout *layout = arg;
    sori_model *m = make_model(c), *again = make_model(c);
    sori_weights_save(m, WEIGHTS, *layout, names);
    sori_weights_load(again, WEIGHTS, *layout, names);
    sori_array *x = sori_array_new(c, SORI_F32, 4, (size_t[]){ 2, 6, 5, 1 });
    for (size_t i = 0; x && i < x->size; i++) ((float *)x->data)[i] = (float)i / (float)x->size;
    uint64_t h = hash(sori_predict(again, x));
    sori_model_free(again);
    sori_model_free(m);
    return h;
}

static void weight_files(void **state) {
    (void)state;
    mkdir(TEST_SCRATCH "/weights", 0777);
    for (sori_layout layout = SORI_LAYOUT_TORCH; layout <= SORI_LAYOUT_KERAS; layout++)
        oom_every(&(oom_job){ .run = there_and_back, .arg = &layout, .output = WEIGHTS, .most = 120 });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(weight_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
