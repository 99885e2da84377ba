/* Out of memory while a network is built, trained, checkpointed, saved, loaded and asked. */
#include "oom.h"
#include <sori/metrics.h>
#include <sori/nn.h>
#include <sys/stat.h>

#define MODEL TEST_SCRATCH "/model/m.safetensors"
#define CHECKPOINT TEST_SCRATCH "/checkpoint/c.safetensors"

static sori_array *noise(sori_ctx *c, int ndim, const size_t *shape) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return a;
}

static sori_array *one_hot(sori_ctx *c, size_t n) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ n, 3 });
    for (size_t i = 0; a && i < n; i++) ((float *)a->data)[i * 3 + i % 3] = 1;
    return a;
}

static sori_model *make_model(sori_ctx *c) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(6, 5, 1), SORI_LAYERS(
        { .op = SORI_CONV2D, .filters = 4, .kernel = { 3, 3 }, .padding = SORI_SAME },
        { .op = SORI_BATCHNORM, .act = SORI_RELU },
        { .op = SORI_MAXPOOL2D },
        { .op = SORI_FLATTEN },
        { .op = SORI_DROPOUT, .rate = 0.3 },
        { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }));
    sori_compile(m, &(sori_compile_config){
        .optimizer = { .kind = SORI_RMSPROP, .momentum = 0.5, .centered = true, .use_ema = true,
                       .gradient_accumulation_steps = 2 },
        .loss = SORI_CATEGORICAL_CROSSENTROPY });
    return m;
}

static uint64_t train(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_model *m = make_model(c);
    sori_array *x = noise(c, 4, (size_t[]){ 40, 6, 5, 1 });
    sori_fit(m, x, one_hot(c, 40), &(sori_fit_config){ .epochs = 2, .batch_size = 16, .validation_split = 0.2,
                                                       .checkpoint = CHECKPOINT, .restore_best_weights = true,
                                                       .early_stopping_patience = 1, .cutmix = 1,
                                                       .manifold_mixup = 1, .mixup_layers = "input,max_pooling2d" });
    uint64_t h = hash(sori_predict(m, x));
    sori_model_free(m);
    return h;
}

static uint64_t save_and_load(sori_ctx *c, const void *arg) {
    (void)arg;
    const char *metadata = NULL;
    sori_model *m = make_model(c);
    sori_model_save(m, MODEL, "{\"labels\":[\"a\",\"b\",\"c\"]}");
    sori_model *again = sori_model_load(c, MODEL, &metadata);
    const char *summary = sori_summary(again);
    uint64_t h = hash(sori_predict(again, noise(c, 4, (size_t[]){ 2, 6, 5, 1 })));
    if (summary && metadata) h ^= strlen(summary) + strlen(metadata);
    sori_model_free(again);
    sori_model_free(m);
    return h;
}

/* Layers and a loss with tables of their own; compiled twice, the second time in double. */
static uint64_t waves(sori_ctx *c, const void *arg) {
    (void)arg;
    const sori_layer front[] = { { .op = SORI_LOG_MEL, .n_fft = 64, .n_mels = 8 }, { .op = SORI_LAYERNORM }, { 0 } };
    sori_model *a = sori_sequential(c, SORI_SHAPE(300), front);
    sori_array *x = noise(c, 2, (size_t[]){ 3, 300 }), *y = noise(c, 3, (size_t[]){ 3, 288, 1 });
    uint64_t h = hash(sori_predict(a, x));
    sori_model_free(a);
    sori_model *m = sori_sequential(c, SORI_SHAPE(300), SORI_LAYERS({ .op = SORI_STFT, .n_fft = 64 },
                                                                    { .op = SORI_DENSE, .units = 2 },
                                                                    { .op = SORI_ISTFT }));
    sori_compile(m, &(sori_compile_config){ .loss = SORI_MULTI_RES_STFT });
    sori_fit(m, x, y, NULL);
    h ^= hash(sori_predict(m, x));
    sori_compile(m, &(sori_compile_config){ .loss = SORI_SI_SDR, .exact = true });
    sori_fit(m, x, y, NULL);
    h ^= hash(sori_predict(m, x));
    sori_model_free(m);
    return h;
}

static void layers_with_tables(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = waves, .most = 200 });
}

static uint64_t metrics(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *y = one_hot(c, 40), *p = noise(c, 2, (size_t[]){ 40, 3 });
    double v[2] = { sori_accuracy_score(c, y, p), sori_roc_auc_score(c, y, p) };
    return hash(sori_confusion_matrix(c, y, p, 5)) ^ hash(sori_precision_recall_fscore(c, y, p, SORI_AVERAGE_NONE)) ^
           hash(sori_si_sdr(c, y, p, true)) ^ base_hash(BASE_HASH_START, v, sizeof v);
}

static void scores(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = metrics, .most = 40 });
}

static void training(void **state) {
    (void)state;
    mkdir(TEST_SCRATCH "/checkpoint", 0777);
    oom_every(&(oom_job){ .run = train, .most = 120 });
}

static void model_files(void **state) {
    (void)state;
    mkdir(TEST_SCRATCH "/model", 0777);
    oom_every(&(oom_job){ .run = save_and_load, .output = MODEL, .most = 120 });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(training), cmocka_unit_test(layers_with_tables),
                                        cmocka_unit_test(model_files), cmocka_unit_test(scores) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
