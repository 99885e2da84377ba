/* Optimisers, schedules and weights of samples in training: what they mean, that a run goes on to the same bits, and
 * every refusal. Their numbers are held against Keras's and PyTorch's in golden/test_training.c. */
#include "test.h"
#include "nn/nn.h"
#include <unistd.h>

#define N 60

/* Points of three classes, and a model with all that changes from batch to batch. */
static void make_points(sori_ctx *c, sori_array **x, sori_array **y) {
    *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ N, 6 });
    *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ N, 3 });
    base_rng r = base_rng_new(2, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < 6; k++)
            ((float *)(*x)->data)[i * 6 + k] = (float)(base_rng_normal(&r) + (k == i % 3 ? 2 : 0));
        ((float *)(*y)->data)[i * 3 + i % 3] = 1;
    }
}

static const sori_layer table[] = { { .op = SORI_DENSE, .units = 16, .act = SORI_RELU, .l2 = 0.001 },
                                    { .op = SORI_BATCHNORM }, { .op = SORI_DROPOUT, .rate = 0.2 },
                                    { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }, { 0 } };
static const sori_layer plain[] = { { .op = SORI_DENSE, .units = 3, .act = SORI_SOFTMAX }, { 0 } };

static const sori_optimizer everything = {
    .kind = SORI_RMSPROP, .momentum = 0.5, .centered = true, .global_clipnorm = 1, .weight_decay = 0.01,
    .gradient_accumulation_steps = 3, .use_ema = true, .ema_momentum = 0.7
};

typedef struct probe {
    sori_model *m;
    int interrupt_after, seen;
    double average[512];    /* of the weights after each step, as the optimiser should have it */
    double momentum;
} probe;

static uint64_t hash(const sori_model *m) {
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; i < nn_param_total(m); i++) {
        const nn_param *p = nn_param_at(m, i);
        h = base_hash(h, nn_at(m, m->w, p->offset), p->shape.size * m->k->real_size);
    }
    return h;
}

/* --- going on ------------------------------------------------------------ */

static void interrupt(void *user, sori_model *m, const sori_logs *logs) {
    probe *p = user;
    (void)logs;
    if (++p->seen == p->interrupt_after) sori_interrupt(m->c);
}

static uint64_t run(const sori_optimizer *o, int threads, int after, const char *checkpoint, const char *resume) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads, .seed = 4 });
    sori_array *x, *y;
    make_points(c, &x, &y);
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), table);
    sori_compile(m, &(sori_compile_config){ .optimizer = *o, .loss = SORI_CATEGORICAL_CROSSENTROPY });
    probe p = { .interrupt_after = after };
    sori_callback k = { .user = &p, .on_batch_end = interrupt };
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 4, .batch_size = 8, .validation_split = 0.3,
                                          .checkpoint = checkpoint, .resume = resume, .schedule = SORI_ONE_CYCLE,
                                          .callbacks = &k, .callback_count = 1 });
    if (!after) assert_ok(c);
    sori_clear(c);
    uint64_t h = hash(m);
    sori_model_free(m);
    sori_close(c);
    return h;
}

/* Stopped after any batch, also between the batches of one step, and on any number of threads: the same bits. */
static void resumes_to_the_same_bits(void **state) {
    (void)state;
    const char *path = TEST_SCRATCH "/run.checkpoint";
    sori_optimizer all[] = { everything, { .kind = SORI_ADAM, .use_ema = true }, { .momentum = 0.9, .clipnorm = 0.1 } };
    for (size_t i = 0; i < BASE_COUNT(all); i++) {
        uint64_t whole = run(&all[i], 1, 0, NULL, NULL);
        assert_true(run(&all[i], 4, 0, NULL, NULL) == whole);
        for (int after = 1; after < 24; after += i ? 7 : 2) {
            unlink(path);
            assert_true(run(&all[i], 2, after, path, NULL) != whole);
            assert_true(run(&all[i], 1, 0, path, path) == whole);
        }
    }
}

/* --- the moving average ------------------------------------------------------------ */

static void follow(void *user, sori_model *m, const sori_logs *logs) {
    probe *p = user;
    double part = p->seen++ ? 1 - everything.ema_momentum : 1;
    (void)logs;
    for (size_t i = 0; i < m->param_count; i++)
        p->average[i] += part * ((double)((float *)m->w)[i] - p->average[i]);
}

/* In on_epoch_end the model is the average, and so are the files written there. */
static void compare(void *user, sori_model *m, const sori_logs *logs) {
    probe *p = user;
    (void)logs;
    for (size_t i = 0; i < m->param_count; i++) assert_close(((float *)m->w)[i], p->average[i], 1e-5, 1e-5);
    assert_int_equal(sori_model_save(m, TEST_SCRATCH "/average.safetensors", NULL), SORI_OK);
}

static void average_is_what_is_used(void **state) {
    (void)state;
    const char *checkpoint = TEST_SCRATCH "/average.checkpoint";
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 4 });
    sori_array *x, *y;
    make_points(c, &x, &y);
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), table);
    sori_compile(m, &(sori_compile_config){
        .optimizer = { .kind = SORI_ADAM, .use_ema = true, .ema_momentum = everything.ema_momentum },
        .loss = SORI_CATEGORICAL_CROSSENTROPY });
    assert_true(m->param_count <= 512);
    probe p = { 0 };
    sori_callback k = { .user = &p, .on_batch_end = follow, .on_epoch_end = compare };
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 3, .batch_size = 16, .val_x = x, .val_y = y,
                                          .checkpoint = checkpoint, .callbacks = &k, .callback_count = 1 });
    assert_ok(c);
    for (size_t i = 0; i < m->param_count; i++) assert_close(((float *)m->w)[i], p.average[i], 1e-5, 1e-5);
    double loss;
    size_t epochs;
    const sori_logs *h = sori_history(m, &epochs);
    sori_evaluate(m, x, y, &loss, NULL);
    assert_close(loss, h[epochs - 1].val_loss, 1e-6, 1e-6);
    const char *files[] = { TEST_SCRATCH "/average.safetensors", checkpoint };
    for (int i = 0; i < 2; i++) {
        sori_model *again = sori_model_load(c, files[i], NULL);
        assert_ok(c);
        assert_true(hash(again) == hash(m));
        sori_model_free(again);
    }
    sori_model_free(m);
    sori_close(c);
}

/* A run without a single step: the average is the weights as they were set. */
static void average_before_the_first_step(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x, *y;
    make_points(c, &x, &y);
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), plain);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .use_ema = true, .gradient_accumulation_steps = 100 },
                                            .loss = SORI_CATEGORICAL_CROSSENTROPY });
    uint64_t before = hash(m);
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 2, .val_x = x, .val_y = y });
    assert_ok(c);
    assert_true(hash(m) == before);
    sori_model_free(m);
    sori_close(c);
}

/* --- weights of samples ------------------------------------------------------------ */

/* Trained by plain gradient descent on the first n samples, in one batch. */
static sori_array *trained(sori_ctx *c, const sori_array *x, const sori_array *y, const sori_fit_config *more) {
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), plain);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .learning_rate = 0.5 }, .exact = true,
                                            .loss = SORI_CATEGORICAL_CROSSENTROPY });
    sori_fit_config k = *more;
    k.epochs = 5;
    if (!k.batch_size) k.batch_size = N;
    k.no_shuffle = true;
    sori_fit(m, x, y, &k);
    assert_ok(c);
    sori_array *w = sori_get_weight(m, "dense/kernel");
    sori_model_free(m);
    return w;
}

static void same(const sori_array *a, const sori_array *b, double limit) {
    for (size_t i = 0; i < a->size; i++) assert_close(((double *)a->data)[i], ((double *)b->data)[i], limit, limit);
}

/* A weight of 2 is a sample that stands there twice, a weight of 0 one that does not. */
static void weights_are_repetitions(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    sori_array *x, *y, *weight = sori_array_new(c, SORI_F32, 1, (size_t[]){ N });
    make_points(c, &x, &y);
    sori_array *twice = sori_array_from(c, SORI_F32, 2, x->shape, x->data);
    sori_array *labels = sori_array_from(c, SORI_F32, 2, y->shape, y->data);
    for (size_t i = 0; i < N; i++) ((float *)weight->data)[i] = i % 5 == 0 ? 2 : i % 5 == 1 ? 0 : 1;
    for (size_t i = 0; i < N; i += 5) {
        memcpy((float *)twice->data + (i + 1) * 6, (float *)twice->data + i * 6, 24);
        memcpy((float *)labels->data + (i + 1) * 3, (float *)labels->data + i * 3, 12);
    }
    sori_array *weighted = trained(c, x, y, &(sori_fit_config){ .sample_weight = weight });
    same(weighted, trained(c, twice, labels, &(sori_fit_config){ 0 }), 1e-12);
    sori_close(c);
}

static void fill_source(sori_ctx *worker, void *user, uint32_t epoch, const uint32_t *indices, size_t n, float *x,
                        float *y) {
    sori_array *const *from = user;
    (void)worker;
    (void)epoch;
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * 6, (float *)from[0]->data + indices[i] * 6, 24);
        memcpy(y + i * 3, (float *)from[1]->data + indices[i] * 3, 12);
    }
}

/* A class's weight is that of its samples; both multiply; a source's weights are the same again. */
static void weights_of_classes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    sori_array *from[2], *by_sample = sori_array_new(c, SORI_F32, 1, (size_t[]){ N }),
               *both = sori_array_new(c, SORI_F32, 1, (size_t[]){ N });
    make_points(c, &from[0], &from[1]);
    const double class_weight[] = { 0.5, 2, 3 };
    for (size_t i = 0; i < N; i++) {
        ((float *)by_sample->data)[i] = (float)class_weight[i % 3];
        ((float *)both->data)[i] = (float)(class_weight[i % 3] * class_weight[i % 3]);
    }
    sori_fit_config classes = { .class_weight = class_weight, .class_weight_count = 3, .batch_size = 16 };
    sori_fit_config samples = { .sample_weight = by_sample, .batch_size = 16 };
    sori_array *expected = trained(c, from[0], from[1], &classes);
    same(trained(c, from[0], from[1], &samples), expected, 0);
    samples.sample_weight = both;
    classes.sample_weight = by_sample;
    expected = trained(c, from[0], from[1], &classes);
    same(trained(c, from[0], from[1], &samples), expected, 0);

    sori_source source = { .count = N, .fill = fill_source, .user = from, .sample_weight = by_sample };
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), plain);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .learning_rate = 0.5 }, .exact = true,
                                            .loss = SORI_CATEGORICAL_CROSSENTROPY });
    classes = (sori_fit_config){ .class_weight = class_weight, .class_weight_count = 3, .batch_size = 16, .epochs = 5,
                                 .no_shuffle = true };
    sori_fit_source(m, &source, &classes);
    assert_ok(c);
    same(sori_get_weight(m, "dense/kernel"), expected, 0);
    double weighted, unweighted, sum = 0;
    sori_evaluate_source(m, &source, &weighted, NULL);
    sori_array *p = sori_predict(m, from[0]);
    for (size_t i = 0; i < N; i++)
        sum -= (double)((float *)by_sample->data)[i] * log((double)((float *)p->data)[i * 3 + i % 3]);
    assert_close(weighted, sum / N, 1e-6, 0);
    sori_evaluate(m, from[0], from[1], &unweighted, NULL);
    assert_true(unweighted != weighted);
    sori_model_free(m);
    sori_close(c);
}

/* The split's validation samples keep their weights, and classes have none there. */
static void validation_is_weighted(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x, *y, *weight = sori_array_new(c, SORI_F32, 1, (size_t[]){ N });
    make_points(c, &x, &y);
    for (size_t i = 0; i < N; i++) ((float *)weight->data)[i] = i < N / 2 ? 1 : 3;
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), plain);
    sori_compile(m, &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY });
    sori_fit(m, x, y, &(sori_fit_config){ .validation_split = 0.5, .sample_weight = weight, .class_weight_count = 3,
                                          .class_weight = (double[]){ 5, 5, 5 } });
    sori_array *vx = sori_array_from(c, SORI_F32, 2, (size_t[]){ N / 2, 6 }, (float *)x->data + N / 2 * 6);
    sori_array *vy = sori_array_from(c, SORI_F32, 2, (size_t[]){ N / 2, 3 }, (float *)y->data + N / 2 * 3);
    double loss;
    size_t epochs;
    sori_evaluate(m, vx, vy, &loss, NULL);
    assert_ok(c);
    assert_close(sori_history(m, &epochs)[0].val_loss, 3 * loss, 1e-6, 1e-6);
    sori_model_free(m);
    sori_close(c);
}

/* --- refusals ------------------------------------------------------------ */

#define REFUSED(sentence, ...) SAYS(c, sori_compile(m, &(sori_compile_config){ __VA_ARGS__ }), "compile: " sentence)

static void bad_compiles(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 2 }));
    REFUSED("unknown optimizer 4", .optimizer = { .kind = (sori_optimizer_kind)4 });
    REFUSED("unknown loss 8", .loss = SORI_LOSS_COUNT);
    REFUSED("learning_rate -1 must be above 0", .optimizer = { .learning_rate = -1 });
    REFUSED("momentum 1 is outside 0..1", .optimizer = { .momentum = 1 });
    REFUSED("beta_1 -0.5 is outside 0..1", .optimizer = { .beta_1 = -0.5 });
    REFUSED("beta_2 1 is outside 0..1", .optimizer = { .beta_2 = 1 });
    REFUSED("rho 1.5 is outside 0..1", .optimizer = { .rho = 1.5 });
    REFUSED("ema_momentum 2 is outside 0..1", .optimizer = { .ema_momentum = 2 });
    REFUSED("epsilon -1 must be above 0", .optimizer = { .epsilon = -1 });
    REFUSED("weight_decay -1 must be above 0", .optimizer = { .weight_decay = -1 });
    REFUSED("clipnorm -1 must be above 0", .optimizer = { .clipnorm = -1 });
    REFUSED("global_clipnorm -2 must be above 0", .optimizer = { .global_clipnorm = -2 });
    REFUSED("clipvalue inf must be above 0", .optimizer = { .clipvalue = INFINITY });
    REFUSED("nesterov needs a momentum above 0", .optimizer = { .nesterov = true });
    REFUSED("only one of clipnorm, global_clipnorm and clipvalue may be set",
            .optimizer = { .clipnorm = 1, .clipvalue = 1 });
    REFUSED("gradient_accumulation_steps -2 is negative", .optimizer = { .gradient_accumulation_steps = -2 });
    REFUSED("label_smoothing 0.1 is for cross-entropies only", .label_smoothing = 0.1);
    REFUSED("label_smoothing 1 is outside 0..1", .label_smoothing = 1);
    REFUSED("delta -1 must be above 0", .loss = SORI_HUBER, .delta = -1);
    REFUSED("categorical cross-entropy needs a softmax as the last activation", .loss = SORI_CATEGORICAL_CROSSENTROPY);
    REFUSED("binary cross-entropy needs a sigmoid as the last activation", .loss = SORI_BINARY_CROSSENTROPY);
    sori_model_free(m);
    sori_close(c);
}

#define NOT_FITTED(sentence, ...) SAYS(c, sori_fit(m, x, y, &(sori_fit_config){ __VA_ARGS__ }), "fit: " sentence)

static void bad_fits(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x, *y, *weight = sori_array_new(c, SORI_F32, 1, (size_t[]){ N });
    make_points(c, &x, &y);
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), plain);
    sori_compile(m, &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY });
    NOT_FITTED("unknown schedule 5", .schedule = SORI_SCHEDULE_COUNT);
    NOT_FITTED("warmup_epochs -1 is negative", .warmup_epochs = -1);
    NOT_FITTED("decay_epochs -1 is negative", .decay_epochs = -1);
    NOT_FITTED("one-cycle has its own warm-up, warmup_epochs 2 must be 0", .schedule = SORI_ONE_CYCLE,
               .warmup_epochs = 2);
    NOT_FITTED("alpha 2 is outside 0..1", .alpha = 2);
    NOT_FITTED("decay_rate -1 is outside 0..1", .decay_rate = -1);
    NOT_FITTED("pct_start 1.5 is outside 0..1", .pct_start = 1.5);
    NOT_FITTED("div_factor 0.5 is outside 1..1e+09", .div_factor = 0.5);
    NOT_FITTED("final_div_factor -1 is outside 1..1e+09", .final_div_factor = -1);
    NOT_FITTED("base_momentum 1 is outside 0..0.9999", .base_momentum = 1);
    NOT_FITTED("max_momentum nan is outside 0..0.9999", .max_momentum = (double)NAN);
    NOT_FITTED("2 class weights for 3 classes", .class_weight = (double[]){ 1, 2 }, .class_weight_count = 2);
    NOT_FITTED("class_weight[1] is -2, must be 0 or above", .class_weight = (double[]){ 1, -2, 1 },
               .class_weight_count = 3);
    NOT_FITTED("sample_weight is float32 [60, 3], must be float32 [60]", .sample_weight = y);
    ((float *)weight->data)[7] = -1;
    NOT_FITTED("sample_weight[7] is -1, must be 0 or above", .sample_weight = weight);
    sori_source source = { .count = N, .fill = fill_source, .sample_weight = weight };
    SAYS(c, sori_fit_source(m, &source, NULL), "fit: sample_weight[7] is -1, must be 0 or above");
    SAYS(c, sori_evaluate_source(m, &source, NULL, NULL), "evaluate: sample_weight[7] is -1, must be 0 or above");
    sori_model_free(m);
    m = sori_sequential(c, SORI_SHAPE(6, 2), plain);
    sori_compile(m, &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY });
    x = sori_array_new(c, SORI_F32, 3, (size_t[]){ N, 6, 2 });
    y = sori_array_new(c, SORI_F32, 3, (size_t[]){ N, 6, 3 });
    NOT_FITTED("class_weight needs an output of one axis, the classes", .class_weight = (double[]){ 1 });
    sori_model_free(m);
    sori_close(c);
}

/* A checkpoint of other optimiser settings is refused. */
static void other_settings_do_not_resume(void **state) {
    (void)state;
    const char *path = TEST_SCRATCH "/other.checkpoint";
    sori_ctx *c = sori_open(NULL);
    sori_array *x, *y;
    make_points(c, &x, &y);
    sori_model *m = sori_sequential(c, SORI_SHAPE(6), table);
    sori_compile_config k = { .optimizer = everything, .loss = SORI_CATEGORICAL_CROSSENTROPY };
    sori_compile(m, &k);
    sori_fit(m, x, y, &(sori_fit_config){ .checkpoint = path });
    assert_ok(c);
    sori_optimizer others[3] = { everything, everything, everything };
    others[0].rho = 0.8;
    others[1].use_ema = false;
    others[2].gradient_accumulation_steps = 2;
    for (int i = 0; i < 3; i++) {
        k.optimizer = others[i];
        sori_compile(m, &k);
        assert_int_equal(sori_fit(m, x, y, &(sori_fit_config){ .resume = path }), SORI_EMODEL);
        sori_clear(c);
    }
    sori_model_free(m);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resumes_to_the_same_bits), cmocka_unit_test(average_is_what_is_used),
        cmocka_unit_test(average_before_the_first_step), cmocka_unit_test(weights_are_repetitions),
        cmocka_unit_test(weights_of_classes), cmocka_unit_test(validation_is_weighted), cmocka_unit_test(bad_compiles),
        cmocka_unit_test(bad_fits), cmocka_unit_test(other_settings_do_not_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
