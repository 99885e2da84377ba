/* The training loop: callbacks and their order, what is watched, files on the way, short runs, what is refused. */
#include "test.h"
#include "array/array.h"
#include "nn/fit.h"
#include <unistd.h>

#define FILE_AT(name) TEST_SCRATCH "/" name

typedef struct setup {
    sori_ctx *c;
    sori_model *m;
    sori_array *x, *y;
    char warning[512];
} setup;

static void keep_warning(void *user, const char *message) {
    setup *s = user;
    snprintf(s->warning, sizeof s->warning, "%s", message);
}

/* 50 points of two classes; five batches of ten. */
static void begin(setup *s) {
    *s = (setup){ 0 };
    s->c = sori_open(&(sori_options){ .threads = 1, .seed = 2, .warn = keep_warning, .warn_user = s });
    s->x = sori_array_new(s->c, SORI_F32, 2, (size_t[]){ 50, 3 });
    s->y = sori_array_new(s->c, SORI_F32, 2, (size_t[]){ 50, 2 });
    base_rng r = base_rng_new(9, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < 50; i++) {
        for (size_t j = 0; j < 3; j++)
            ((float *)s->x->data)[3 * i + j] = (float)(base_rng_normal(&r) + (i % 2 ? 1 : -1));
        ((float *)s->y->data)[2 * i + i % 2] = 1;
    }
    s->m = sori_sequential(s->c, SORI_SHAPE(3), SORI_LAYERS({ .op = SORI_DENSE, .units = 4, .act = SORI_TANH },
                                                            { .op = SORI_BATCHNORM },
                                                            { .op = SORI_DENSE, .units = 2, .act = SORI_SOFTMAX }));
    sori_compile(s->m, &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY });
    assert_ok(s->c);
}

static void end(setup *s) {
    sori_model_free(s->m);
    sori_close(s->c);
}

static sori_status fit(setup *s, sori_fit_config k) {
    if (k.batch_size == 0) k.batch_size = 10;
    return sori_fit(s->m, s->x, s->y, &k);
}

/* --- callbacks ---------------------------------------------------------------------------------------------------- */

typedef struct witness {
    char seen[256];                 /* a letter a call */
    uint32_t samples[64];
    sori_bad_batch bad;
    int stop_at_batch;              /* of the run, counted from 1 */
    int batches;
} witness;

static void note(void *user, char letter) {
    witness *w = user;
    size_t n = strlen(w->seen);
    if (n + 1 < sizeof w->seen) w->seen[n] = letter;
}

static void train_begin(void *user, sori_model *m, const sori_logs *l) { (void)m; (void)l; note(user, '<'); }
static void epoch_begin(void *user, sori_model *m, const sori_logs *l) { (void)m; (void)l; note(user, '('); }
static void batch_begin(void *user, sori_model *m, const sori_logs *l) { (void)m; (void)l; note(user, 'b'); }
static void epoch_end(void *user, sori_model *m, const sori_logs *l) { (void)m; (void)l; note(user, ')'); }
static void train_end(void *user, sori_model *m, const sori_logs *l) { (void)m; (void)l; note(user, '>'); }

static void batch_end(void *user, sori_model *m, const sori_logs *logs) {
    witness *w = user;
    (void)logs;
    note(w, 'e');
    if (++w->batches == w->stop_at_batch) sori_stop_training(m);
}

static void bad_batch(void *user, sori_model *m, const sori_bad_batch *bad) {
    witness *w = user;
    (void)m;
    note(w, '!');
    w->bad = *bad;
    memcpy(w->samples, bad->samples, bad->count * sizeof *bad->samples);
}

static sori_callback watcher(witness *w) {
    return (sori_callback){ .user = w, .on_train_begin = train_begin, .on_epoch_begin = epoch_begin,
                            .on_batch_begin = batch_begin, .on_bad_batch = bad_batch, .on_batch_end = batch_end,
                            .on_epoch_end = epoch_end, .on_train_end = train_end };
}

static void callbacks_come_in_order(void **state) {
    (void)state;
    setup s;
    witness w = { 0 }, stopped = { .stop_at_batch = 7 };
    sori_callback k[2] = { watcher(&w), watcher(&stopped) };
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 2, .batch_size = 20, .callbacks = k, .callback_count = 1 });
    assert_string_equal(w.seen, "<(bebebe)(bebebe)>");
    fit(&s, (sori_fit_config){ .epochs = 9, .callbacks = k + 1, .callback_count = 1 });
    assert_string_equal(stopped.seen, "<(bebebebebe)(bebe)>");
    assert_ok(s.c);
    end(&s);
}

static void bad_batches_name_their_samples(void **state) {
    (void)state;
    setup s;
    witness w = { 0 };
    sori_callback k = watcher(&w);
    begin(&s);
    ((float *)s.x->data)[3 * 23 + 1] = NAN;
    fit(&s, (sori_fit_config){ .epochs = 1, .callbacks = &k, .callback_count = 1 });
    assert_ok(s.c);
    for (size_t i = 0; i < s.m->param_count; i++) assert_true(isfinite(((float *)s.m->w)[i]));
    bool named = false;
    for (size_t i = 0; i < w.bad.count; i++) named = named || w.samples[i] == 23;
    assert_true(named && w.bad.count == 10 && w.bad.in_a_row == 1);
    assert_non_null(strchr(w.seen, '!'));
    fit(&s, (sori_fit_config){ .epochs = 1, .no_shuffle = true });
    assert_string_equal(s.warning, "epoch 1, batch 3 skipped: its loss nan or gradient is not finite; samples 20, 21, "
                                   "22, 23, 24, 25, 26, 27, 28, 29");
    fit(&s, (sori_fit_config){ .epochs = 1, .max_bad_steps = 1 });
    assert_int_equal(sori_error(s.c), SORI_EDIVERGED);
    end(&s);
}

/* --- what is watched: Keras's rules on values given by hand ------------------------------------------------------- */

/* After each loss: the epochs waited, or -1 when stopped. */
static void early_stops(const sori_fit_config *k, const double *loss, const int *waited, size_t n) {
    sori_ctx *c = sori_open(NULL);
    sori_model m = { .c = c, .k = nn_kernels_find(false, NULL), .early = { .best = NAN }, .lr_scale = 1 };
    nn_training t = { .m = &m, .config = *k };
    for (size_t i = 0; i < n; i++) {
        t.logs = (sori_logs){ .epoch = (uint32_t)i, .loss = loss[i], .accuracy = -loss[i] };
        assert_true(nn_watch_epoch(&t));
        assert_int_equal(m.stop ? -1 : m.early.waited, waited[i]);
    }
    sori_close(c);
}

static void early_stopping_counts_as_keras(void **state) {
    (void)state;
    const double loss[] = { 5, 4, 4, 3.5, 3.4, 3.6 };
    const sori_fit_config plain = { .early_stopping_patience = 2 },
        delta = { .early_stopping_patience = 2, .early_stopping_min_delta = 0.6 },
        baseline = { .early_stopping_patience = 4, .early_stopping_baseline = 3.5 },
        late = { .early_stopping_patience = 2, .early_stopping_start_from_epoch = 2 },
        higher = { .early_stopping_patience = 3, .mode = SORI_MAX },
        accuracy = { .early_stopping_patience = 2, .monitor = SORI_TRAIN_ACCURACY };
    early_stops(&plain, loss, (const int[]){ 0, 0, 1, 0, 0, 1 }, 6);
    early_stops(&delta, loss, (const int[]){ 0, 0, 1, -1 }, 4);
    early_stops(&baseline, loss, (const int[]){ 1, 2, 3, 4, 0, 1 }, 6);   /* better, but not than 3.5: it waits on */
    early_stops(&late, loss, (const int[]){ 0, 0, 0, 0, 0, 1 }, 6);
    early_stops(&higher, loss, (const int[]){ 0, 1, 2, -1 }, 4);
    early_stops(&accuracy, loss, (const int[]){ 0, 0, 1, 0, 0, 1 }, 6);
}

/* The rate after each loss, as Keras 3's ReduceLROnPlateau has it with the same numbers. */
static void plateaus(const sori_reduce_lr *k, const double *loss, const double *rate, size_t n) {
    sori_ctx *c = sori_open(NULL);
    sori_model m = { .c = c, .k = nn_kernels_find(false, NULL), .early.best = NAN, .plateau.best = NAN, .lr_scale = 1 };
    m.config.optimizer.learning_rate = 0.1;
    nn_training t = { .m = &m, .config = { .reduce_lr_on_plateau = k } };
    for (size_t i = 0; i < n; i++) {
        t.logs = (sori_logs){ .epoch = (uint32_t)i, .loss = loss[i] };
        assert_true(nn_watch_epoch(&t));
        assert_close(0.1 * m.lr_scale, rate[i], 1e-15, 1e-12);
    }
    sori_close(c);
}

static void plateaus_reduce_as_keras(void **state) {
    (void)state;
    const double flat[] = { 1, 1, 1, 1, 1, 1, 1, 1 }, creeping[] = { 1, 0.99995, 0.9999, 0.9 };
    plateaus(&(sori_reduce_lr){ .patience = 2, .factor = 0.5 }, flat,
             (const double[]){ 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125 }, 8);
    plateaus(&(sori_reduce_lr){ .patience = 2, .factor = 0.5, .cooldown = 2 }, flat,
             (const double[]){ 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025 }, 8);
    plateaus(&(sori_reduce_lr){ .patience = 1, .min_lr = 0.03 }, flat, (const double[]){ 0.1, 0.03, 0.03 }, 3);
    plateaus(&(sori_reduce_lr){ .patience = 1 }, creeping, (const double[]){ 0.1, 0.01, 0.001, 0.001 }, 4);
    plateaus(&(sori_reduce_lr){ .patience = 1, .min_delta = -1 }, creeping, (const double[]){ 0.1, 0.1, 0.1, 0.1 }, 4);
    plateaus(&(sori_reduce_lr){ 0 }, flat, (const double[]){ 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 }, 8);
}

static void a_plateau_slows_the_training(void **state) {
    (void)state;
    setup s;
    size_t n;
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 4,
                               .reduce_lr_on_plateau = &(sori_reduce_lr){ .patience = 1, .min_delta = 9 } });
    const sori_logs *h = sori_history(s.m, &n);
    assert_int_equal(n, 4);
    assert_close(h[1].learning_rate, 0.01, 0, 1e-12);   /* the first epoch sets the mark, the second misses it */
    assert_close(h[2].learning_rate, 0.001, 0, 1e-12);
    assert_close(h[3].learning_rate, 0.0001, 0, 1e-12);
    end(&s);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static bool there(const char *path) { return access(path, F_OK) == 0; }

static double loss_of(setup *s, const char *path) {
    double loss = NAN;
    sori_model *m = sori_model_load(s->c, path, NULL);
    sori_compile(m, &(sori_compile_config){ .loss = SORI_CATEGORICAL_CROSSENTROPY });
    sori_evaluate(m, s->x, s->y, &loss, NULL);
    assert_ok(s->c);
    sori_model_free(m);
    return loss;
}

static void models_are_kept(void **state) {
    (void)state;
    setup s;
    double loss;
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 3, .model_checkpoint = &(sori_model_checkpoint){
        .path = FILE_AT("m{epoch}.safetensors"), .last = FILE_AT("last.safetensors") } });
    sori_evaluate(s.m, s.x, s.y, &loss, NULL);
    assert_true(there(FILE_AT("m1.safetensors")) && there(FILE_AT("m2.safetensors")));
    assert_false(there(FILE_AT("m4.safetensors")));
    assert_close(loss_of(&s, FILE_AT("m3.safetensors")), loss, 0, 1e-12);
    assert_close(loss_of(&s, FILE_AT("last.safetensors")), loss, 0, 1e-12);
    end(&s);
}

static void the_best_model_is_kept(void **state) {
    (void)state;
    setup s;
    size_t n, best = 0;
    begin(&s);
    for (size_t i = 0; i < 50; i++) ((float *)s.y->data)[2 * i] = ((float *)s.y->data)[2 * i + 1] = 0.5f;
    for (size_t i = 0; i < 150; i++) ((float *)s.x->data)[i] *= 30;   /* the loss goes up and down */
    fit(&s, (sori_fit_config){ .epochs = 6, .val_x = s.x, .val_y = s.y, .model_checkpoint = &(sori_model_checkpoint){
        .path = FILE_AT("best.safetensors"), .save_best_only = true, .mode = SORI_MAX } });
    const sori_logs *h = sori_history(s.m, &n);
    for (size_t i = 0; i < n; i++) best = h[i].val_loss > h[best].val_loss ? i : best;
    assert_true(best + 1 < n);
    assert_close(loss_of(&s, FILE_AT("best.safetensors")), h[best].val_loss, 1e-6, 1e-6);
    end(&s);
}

static void every_so_many_batches(void **state) {
    (void)state;
    setup s;
    begin(&s);
    unlink(FILE_AT("steps.safetensors"));
    witness w = { .stop_at_batch = 3 };
    sori_callback k = watcher(&w);
    sori_model_checkpoint often = { .path = FILE_AT("steps.safetensors"), .save_freq = 4, .save_best_only = true,
                                    .monitor = SORI_TRAIN_LOSS };
    fit(&s, (sori_fit_config){ .model_checkpoint = &often, .callbacks = &k, .callback_count = 1 });
    assert_false(there(FILE_AT("steps.safetensors")));
    fit(&s, (sori_fit_config){ .model_checkpoint = &often });
    assert_true(there(FILE_AT("steps.safetensors")));
    assert_ok(s.c);
    end(&s);
}

static void stop_hard(void *user, sori_model *m, const sori_logs *logs) {
    int *left = user;
    (void)logs;
    if (--*left == 0) sori_fail(m->c, SORI_EINVAL, "the process was killed");
}

/* Killed between two checkpoints, and started again: the run of one that was not. */
static void backups_restore_by_themselves(void **state) {
    (void)state;
    setup s;
    double whole, again;
    const char *path = FILE_AT("backup");
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 3 });
    sori_evaluate(s.m, s.x, s.y, &whole, NULL);
    end(&s);
    for (int batches = 13; batches >= 0; batches -= 13) {
        int left = batches;
        sori_callback k = { .user = &left, .on_batch_end = stop_hard };
        begin(&s);
        fit(&s, (sori_fit_config){ .epochs = 3, .backup_and_restore = path, .checkpoint_freq = 3, .callbacks = &k,
                                   .callback_count = 1 });
        assert_int_equal(sori_error(s.c), batches ? SORI_EINVAL : SORI_OK);
        assert_int_equal(there(path), batches > 0);
        if (batches == 0) assert_int_equal(left, -3);   /* batches 13 to 15: the last backup was after the 12th */
        sori_evaluate(s.m, s.x, s.y, &again, NULL);
        end(&s);
    }
    assert_true(again == whole);
}

/* --- short runs --------------------------------------------------------------------------------------------------- */

static void a_fast_dev_run_leaves_no_files(void **state) {
    (void)state;
    setup s;
    size_t n;
    witness w = { 0 };
    sori_callback k = watcher(&w);
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 8, .fast_dev_run = true, .validation_split = 0.5, .checkpoint = FILE_AT("no"),
                               .model_checkpoint = &(sori_model_checkpoint){ .path = FILE_AT("no") }, .callbacks = &k,
                               .callback_count = 1 });
    assert_string_equal(w.seen, "<(be)>");
    const sori_logs *h = sori_history(s.m, &n);
    assert_true(n == 1 && isfinite(h[0].val_loss) && !there(FILE_AT("no")));
    end(&s);
}

static void overfitting_sees_the_same_batches(void **state) {
    (void)state;
    setup s;
    size_t n;
    begin(&s);
    for (size_t i = 60; i < 150; i++) ((float *)s.x->data)[i] = NAN;   /* samples 20 and on are never seen */
    fit(&s, (sori_fit_config){ .epochs = 3, .overfit_batches = 2 });
    const sori_logs *h = sori_history(s.m, &n);
    assert_true(n == 3 && h[2].steps == 2 && isfinite(h[2].loss) && s.warning[0] == 0);
    end(&s);
}

static void waste_time(void *user, sori_model *m, const sori_logs *logs) {
    (void)user; (void)m; (void)logs;
    usleep(2000);
}

/* Out of time within an epoch: the checkpoint is of the batch, so that going on gives the whole run. */
static void time_runs_out(void **state) {
    (void)state;
    setup s;
    size_t n = 0;
    double whole, again;
    sori_callback k = { .on_batch_end = waste_time };
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 2 });
    sori_evaluate(s.m, s.x, s.y, &whole, NULL);
    end(&s);
    for (int run = 0; n < 2; run++) {
        assert_true(run < 40);
        begin(&s);
        fit(&s, (sori_fit_config){ .epochs = 2, .max_time_s = 0.001, .callbacks = &k, .callback_count = 1,
                                   .backup_and_restore = FILE_AT("timed") });
        assert_ok(s.c);
        const sori_logs *h = sori_history(s.m, &n);
        n = n == 2 && h[1].step == 5 ? 2 : 0;
        sori_evaluate(s.m, s.x, s.y, &again, NULL);
        assert_int_equal(there(FILE_AT("timed")), n < 2);
        end(&s);
    }
    assert_true(again == whole);
}

static void epochs_begin_where_asked(void **state) {
    (void)state;
    setup s;
    size_t n;
    begin(&s);
    fit(&s, (sori_fit_config){ .epochs = 5, .initial_epoch = 3 });
    const sori_logs *h = sori_history(s.m, &n);
    assert_true(n == 2 && h[0].epoch == 3 && h[1].epoch == 4 && h[1].epochs == 5);
    fit(&s, (sori_fit_config){ .epochs = 2, .initial_epoch = 4 });
    sori_history(s.m, &n);
    assert_int_equal(n, 0);
    assert_ok(s.c);
    end(&s);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void bad_settings_are_named(void **state) {
    (void)state;
    setup s;
    begin(&s);
#define REFUSED(sentence, ...) SAYS(s.c, fit(&s, (sori_fit_config){ __VA_ARGS__ }), sentence)
#define PLATEAU(...) .reduce_lr_on_plateau = &(sori_reduce_lr){ __VA_ARGS__ }
#define MODELS(...) .model_checkpoint = &(sori_model_checkpoint){ __VA_ARGS__ }
    REFUSED("fit: epochs -1 must not be negative", .epochs = -1);
    REFUSED("fit: initial_epoch -2 must not be negative", .initial_epoch = -2);
    REFUSED("fit: batch_size -3 must not be negative", .batch_size = -3);
    REFUSED("fit: overfit_batches -4 must not be negative", .overfit_batches = -4);
    REFUSED("fit: max_bad_steps -5 must not be negative", .max_bad_steps = -5);
    REFUSED("fit: validation_split 1 is outside 0..1", .validation_split = 1);
    REFUSED("fit: max_time_s -1 is negative", .max_time_s = -1);
    REFUSED("fit: the baseline or min_delta of early stopping is not finite", .early_stopping_baseline = NAN);
    REFUSED("fit: early stopping watches the unknown value 9", .monitor = (sori_monitor)9);
    REFUSED("fit: early stopping has the unknown mode 7", .mode = (sori_mode)7);
    REFUSED("fit: no callbacks, but a count of them", .callback_count = 2);
    REFUSED("fit: backup_and_restore is a checkpoint and resume by itself; leave those out",
            .backup_and_restore = "a", .checkpoint = "b");
    REFUSED("fit: the factor 1 of reduce_lr_on_plateau is outside 0..1", PLATEAU(.factor = 1));
    REFUSED("fit: min_lr -1 is negative", PLATEAU(.min_lr = -1));
    REFUSED("fit: min_delta is not a number", PLATEAU(.min_delta = NAN));
    REFUSED("fit: patience -1 must not be negative", PLATEAU(.patience = -1));
    REFUSED("fit: cooldown -1 must not be negative", PLATEAU(.cooldown = -1));
    REFUSED("fit: model_checkpoint has no file to write", MODELS(0));
    REFUSED("fit: save_freq -1 must not be negative", MODELS(.path = "a", .save_freq = -1));
    REFUSED("fit: the best of every 2 batches can only be watched on the training loss or accuracy",
            MODELS(.path = "a", .save_freq = 2, .save_best_only = true));
    REFUSED("fit: model_checkpoint has the unknown mode 3", MODELS(.path = "a", .mode = (sori_mode)3));
    end(&s);
}

static void mixing_is_refused(void **state) {
    (void)state;
    setup s;
    begin(&s);
    REFUSED("fit: mixup -1 is outside 0..100", .mixup = -1);
    REFUSED("fit: cutmix 101 is outside 0..100", .cutmix = 101);
    REFUSED("fit: manifold_mixup nan is outside 0..100", .manifold_mixup = NAN);
    REFUSED("fit: cutmix needs an input of [time, channel] or [height, width, channel]", .cutmix = 1);
    REFUSED("fit: mixup_layers, but manifold_mixup is 0", .mixup = 1, .mixup_layers = "dense");
#define LAYERS(list) .manifold_mixup = 1, .mixup_layers = list
    REFUSED("fit: mixup_layers: 'cake' is no layer", LAYERS("dense, cake"));
    REFUSED("fit: mixup_layers: '' is no layer", LAYERS(""));
    REFUSED("fit: mixup_layers: '' is no layer", LAYERS("0,"));
    REFUSED("fit: mixup_layers: '4' is no layer", LAYERS("4"));
    REFUSED("fit: mixup_layers: '-1' is no layer", LAYERS("-1"));
    REFUSED("fit: mixup_layers: 'dense_1' is not before the last layer with weights", LAYERS("input,dense_1"));
    assert_int_equal(fit(&s, (sori_fit_config){ LAYERS("input, dense,2") }), SORI_OK);
    assert_int_equal(fit(&s, (sori_fit_config){ .manifold_mixup = 1, .batch_size = 1 }), SORI_OK);
    end(&s);
}

/* fit of noise on a model of that table. */
static void refused_by(sori_shape input, const sori_layer *layers, sori_fit_config k, const char *sentence) {
    sori_ctx *c = sori_open(NULL);
    sori_model *m = sori_sequential(c, input, layers);
    sori_compile(m, NULL);
    sori_shape out = sori_model_output(m);
    size_t in_size[5] = { 2 }, out_size[5] = { 2 };
    int in_axes = 1, out_axes = 1;
    for (int i = 0; i < 4; i++) {
        if (input.dim[i]) in_size[in_axes++] = (size_t)input.dim[i];
        if (out.dim[i]) out_size[out_axes++] = (size_t)out.dim[i];
    }
    sori_array *x = sori_array_new(c, SORI_F32, in_axes, in_size), *y = sori_array_new(c, SORI_F32, out_axes, out_size);
    assert_ok(c);
    SAYS(c, sori_fit(m, x, y, &k), sentence);
    sori_model_free(m);
    sori_close(c);
}

static void mixing_needs_a_model_for_it(void **state) {
    (void)state;
    const sori_layer *numbers = SORI_LAYERS({ .op = SORI_EMBEDDING, .vocabulary = 9, .units = 3 },
                                            { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 });
    refused_by(SORI_SHAPE(5), numbers, (sori_fit_config){ .mixup = 1 }, "fit: mixup of whole numbers for the embedding "
               "embedding; manifold_mixup mixes what it makes of them");
    refused_by(SORI_SHAPE(5), numbers, (sori_fit_config){ LAYERS("input") },
               "fit: mixup_layers: 'input' is whole numbers for an embedding");
    refused_by(SORI_SHAPE(5), SORI_LAYERS({ .op = SORI_EMBEDDING, .vocabulary = 9, .units = 3 }),
               (sori_fit_config){ .manifold_mixup = 1 }, "fit: the model has no layer for manifold_mixup");
    refused_by(SORI_SHAPE(5, 3), SORI_LAYERS({ .op = SORI_DENSE, .units = 2 }), (sori_fit_config){ .cutmix = 1 },
               "fit: cutmix needs an output of one axis, the classes");
    refused_by(SORI_SHAPE(5), SORI_LAYERS({ .op = SORI_DENSE, .name = "a", .units = 4 },
                                          { .op = SORI_DENSE, .name = "b", .units = 4 },
                                          { .op = SORI_ADD, .from = { "a", "b" } }, { .op = SORI_DENSE, .units = 2 }),
               (sori_fit_config){ LAYERS("b") }, "fit: mixup_layers: 'b' is a layer that others go round");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_come_in_order), cmocka_unit_test(bad_batches_name_their_samples),
        cmocka_unit_test(early_stopping_counts_as_keras), cmocka_unit_test(plateaus_reduce_as_keras),
        cmocka_unit_test(a_plateau_slows_the_training), cmocka_unit_test(models_are_kept),
        cmocka_unit_test(the_best_model_is_kept), cmocka_unit_test(every_so_many_batches),
        cmocka_unit_test(backups_restore_by_themselves), cmocka_unit_test(a_fast_dev_run_leaves_no_files),
        cmocka_unit_test(overfitting_sees_the_same_batches), cmocka_unit_test(time_runs_out),
        cmocka_unit_test(epochs_begin_where_asked), cmocka_unit_test(bad_settings_are_named),
        cmocka_unit_test(mixing_is_refused), cmocka_unit_test(mixing_needs_a_model_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
