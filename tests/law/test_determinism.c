/* The same seed gives the same run, bit for bit: on 1, 2, 4 and 8 threads, and stopped after any batch and resumed.
 *
 * What is compared is the checkpoint of the last epoch, byte for byte: weights, the optimiser's state, the history of
 * every epoch, what is watched, and where training stands. */
#include "test.h"
#include "array/array.h"
#include "base/base.h"
#include "nn/nn.h"
#include <unistd.h>

#define PATH TEST_SCRATCH "/run.checkpoint"
#define SAMPLES 52
#define EPOCHS 3

typedef struct study {
    const char *name;
    const sori_layer *layers;
    sori_compile_config compile;
    sori_fit_config fit;
    bool from_source;
} study;

#define CNN SORI_LAYERS( \
    { .op = SORI_CONV2D, .filters = 5, .kernel = { 3, 3 }, .padding = SORI_SAME, .no_bias = true }, \
    { .op = SORI_BATCHNORM, .act = SORI_RELU, .momentum = 0.8 }, { .op = SORI_MAXPOOL2D }, \
    { .op = SORI_DROPOUT, .rate = 0.3 }, { .op = SORI_FLATTEN }, \
    { .op = SORI_DENSE, .units = 4, .act = SORI_SOFTMAX, .l2 = 0.01 })
#define MLP SORI_LAYERS( \
    { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 9, .act = SORI_TANH, .l1 = 0.001 }, \
    { .op = SORI_DROPOUT, .rate = 0.5 }, { .op = SORI_DENSE, .units = 4, .act = SORI_SIGMOID })

static const sori_reduce_lr plateau = { .patience = 1, .factor = 0.5, .min_delta = 0.5, .monitor = SORI_TRAIN_LOSS };

static const study studies[] = {
    { "batch norm, dropout, Adam, cosine", CNN,
      { .optimizer = { .kind = SORI_ADAM, .learning_rate = 0.02 }, .loss = SORI_CATEGORICAL_CROSSENTROPY,
        .label_smoothing = 0.1 },
      { .validation_split = 0.2, .schedule = SORI_COSINE, .warmup_epochs = 1 }, false },
    { "a source, AdamW, plateau, best weights", CNN,
      { .optimizer = { .kind = SORI_ADAMW }, .loss = SORI_CATEGORICAL_CROSSENTROPY },
      { .reduce_lr_on_plateau = &plateau, .restore_best_weights = true, .early_stopping_patience = 9 }, true },
    { "momentum in double, in order", MLP,
      { .optimizer = { .kind = SORI_SGD, .momentum = 0.9, .nesterov = true, .learning_rate = 0.1 },
        .loss = SORI_BINARY_CROSSENTROPY, .exact = true },
      { .no_shuffle = true, .validation_split = 0.1 }, false },
    { "RMSprop, accumulation, moving average, one cycle, clipping", CNN,
      { .optimizer = { .kind = SORI_RMSPROP, .momentum = 0.5, .centered = true, .gradient_accumulation_steps = 3,
                       .use_ema = true, .ema_momentum = 0.7, .global_clipnorm = 0.5 },
        .loss = SORI_CATEGORICAL_CROSSENTROPY },
      { .validation_split = 0.2, .schedule = SORI_ONE_CYCLE, .restore_best_weights = true }, false },
    { "plain SGD, the first batches only", MLP, { .optimizer = { .kind = SORI_SGD } },
      { .overfit_batches = 3, .reduce_lr_on_plateau = &plateau }, false },
    { "mixup, CutMix and manifold mixup, accumulation", CNN,
      { .optimizer = { .kind = SORI_ADAM, .gradient_accumulation_steps = 2 }, .loss = SORI_CATEGORICAL_CROSSENTROPY },
      { .validation_split = 0.2, .mixup = 0.4, .cutmix = 1, .manifold_mixup = 2 }, false },
    { "manifold mixup of named layers, from a source", CNN,
      { .optimizer = { .kind = SORI_ADAMW }, .loss = SORI_CATEGORICAL_CROSSENTROPY },
      { .manifold_mixup = 2, .mixup_layers = "input,conv2d,4" }, true },
};

/* A value of the sample's number, and a class that follows from it. */
static void write_sample(uint32_t epoch, uint32_t i, float *x, float *y) {
    base_rng r = base_rng_new(7, BASE_RNG_TEST, epoch, i);
    for (int j = 0; j < 42; j++) x[j] = (float)(base_rng_normal(&r) + 0.3 * ((i + (uint32_t)j) % 4 == 0));
    for (int j = 0; j < 4; j++) y[j] = (uint32_t)j == i % 4;
}

static void fill(sori_ctx *worker, void *user, uint32_t epoch, const uint32_t *indices, size_t n, float *x, float *y) {
    (void)worker;
    (void)user;
    for (size_t i = 0; i < n; i++) write_sample(epoch, indices[i], x + 42 * i, y + 4 * i);
}

static void stop_after(void *user, sori_model *m, const sori_logs *logs) {
    int *left = user;
    (void)logs;
    if (--*left == 0) sori_interrupt(m->c);
}

/* Train, from the checkpoint if asked, to the end or for so many batches (0: all). */
static sori_status train(const study *s, int threads, bool resume, int batches) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads, .seed = 5 });
    sori_array *x = sori_array_new(c, SORI_F32, 4, (size_t[]){ SAMPLES, 7, 6, 1 }),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ SAMPLES, 4 });
    for (uint32_t i = 0; i < SAMPLES; i++)
        write_sample(0, i, (float *)x->data + 42 * i, (float *)y->data + 4 * i);
    sori_model *m = sori_sequential(c, SORI_SHAPE(7, 6, 1), s->layers);
    sori_compile(m, &s->compile);
    sori_callback stop = { .user = &batches, .on_batch_end = stop_after };
    sori_source source = { .count = SAMPLES, .fill = fill };
    sori_fit_config fit = s->fit;
    fit.epochs = EPOCHS;
    fit.batch_size = 12;
    fit.checkpoint = PATH;
    fit.resume = resume ? PATH : NULL;
    fit.callbacks = &stop;
    fit.callback_count = batches > 0;
    sori_status status = s->from_source ? sori_fit_source(m, &source, &fit) : sori_fit(m, x, y, &fit);
    if (status != SORI_EINTR) assert_ok(c);
    sori_model_free(m);
    sori_close(c);
    return status;
}

static uint64_t file_hash(void) {
    sori_ctx *c = sori_open(NULL);
    size_t size = 0;
    char *data = base_read_file(c, PATH, 1 << 20, &size);
    assert_ok(c);
    uint64_t h = base_hash(BASE_HASH_START, data, size);
    base_free(c, data);
    sori_close(c);
    return h;
}

static uint64_t whole_run(const study *s, int threads) {
    unlink(PATH);
    assert_int_equal(train(s, threads, false, 0), SORI_OK);
    return file_hash();
}

static void any_number_of_threads(void **state) {
    (void)state;
    for (size_t i = 0; i < BASE_COUNT(studies); i++) {
        uint64_t one = whole_run(&studies[i], 1);
        for (int threads = 2; threads <= 8; threads *= 2)
            if (whole_run(&studies[i], threads) != one) fail_msg("%s: %d threads differ", studies[i].name, threads);
    }
}

static void stopped_after_any_batch(void **state) {
    (void)state;
    for (size_t i = 0; i < BASE_COUNT(studies); i++) {
        uint64_t whole = whole_run(&studies[i], 2);
        for (int batches = 1;; batches++) {
            unlink(PATH);
            if (train(&studies[i], 1, false, batches) == SORI_OK) {
                assert_true(batches > 3 * EPOCHS);   /* there were so many to stop after */
                break;
            }
            train(&studies[i], 4, true, 0);
            if (file_hash() != whole) fail_msg("%s: stopped after batch %d differs", studies[i].name, batches);
        }
    }
}

/* The hardest way: every batch in a run of its own. */
static void stopped_after_every_batch(void **state) {
    (void)state;
    for (size_t i = 0; i < BASE_COUNT(studies); i++) {
        uint64_t whole = whole_run(&studies[i], 1);
        unlink(PATH);
        int runs = 1;
        while (train(&studies[i], 1 + runs % 2, runs > 1, 1) == SORI_EINTR) assert_true(++runs < 100);
        if (file_hash() != whole) fail_msg("%s: %d runs of one batch differ", studies[i].name, runs);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(any_number_of_threads),
                                        cmocka_unit_test(stopped_after_any_batch),
                                        cmocka_unit_test(stopped_after_every_batch) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
