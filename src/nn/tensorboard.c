/* tensorboard.c - the logs of every epoch, and histograms of the weights, as event files.       Keras's TensorBoard
 *
 * Two files, in the folders train and validation, so that TensorBoard lays the two curves of a tag over each other. */
#include "base/base.h"
#include <math.h>
#include <sori/callbacks.h>

struct sori_tensorboard {
    sori_ctx *c;
    char *train_dir, *validation_dir;
    int histogram_freq;
    sori_events *train, *validation;   /* while fit runs; validation once there is a value of it */
};

static void put(sori_events *e, const char *tag, int64_t step, double value) {
    if (!isnan(value)) sori_events_scalar(e, tag, step, value);
}

static void put_weights(sori_tensorboard *b, sori_model *m, int64_t step) {
    for (size_t i = 0; i < sori_weight_count(m) && !base_failed(b->c); i++) {
        int scope = sori_begin(b->c);
        char *tag = base_printf(b->c, "%s/histogram", sori_weight_name(m, i));
        sori_events_histogram(b->train, tag, step, sori_get_weight(m, sori_weight_name(m, i)));
        base_free(b->c, tag);
        sori_end(b->c, scope, NULL);
    }
}

static void close_files(sori_tensorboard *b) {
    sori_events_free(b->train);
    sori_events_free(b->validation);
    b->train = b->validation = NULL;
}

static void on_train_begin(void *user, sori_model *m, const sori_logs *logs) {
    sori_tensorboard *b = user;
    (void)m;
    close_files(b);
    b->train = sori_events_new(b->c, b->train_dir, logs->epoch);
}

static void on_epoch_end(void *user, sori_model *m, const sori_logs *logs) {
    sori_tensorboard *b = user;
    int64_t step = logs->epoch;
    put(b->train, "epoch_loss", step, logs->loss);
    put(b->train, "epoch_accuracy", step, logs->accuracy);
    put(b->train, "epoch_learning_rate", step, logs->learning_rate);
    if (b->histogram_freq > 0 && step % b->histogram_freq == 0) put_weights(b, m, step);
    if (isnan(logs->val_loss)) return;
    if (!b->validation) b->validation = sori_events_new(b->c, b->validation_dir, step);
    put(b->validation, "epoch_loss", step, logs->val_loss);
    put(b->validation, "epoch_accuracy", step, logs->val_accuracy);
}

static void on_train_end(void *user, sori_model *m, const sori_logs *logs) {
    (void)m;
    (void)logs;
    close_files(user);
}

sori_tensorboard *sori_tensorboard_new(sori_ctx *c, const char *dir, const sori_tensorboard_config *config) {
    if (base_failed(c)) return NULL;
    int freq = config ? config->histogram_freq : 0;
    if (!dir) sori_fail(c, SORI_EINVAL, "tensorboard: no folder to write to");
    if (freq < 0) sori_fail(c, SORI_EINVAL, "tensorboard: histogram_freq %d is negative", freq);
    sori_tensorboard *b = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *b);
    if (!b) return NULL;
    *b = (sori_tensorboard){ .c = c, .histogram_freq = freq, .train_dir = base_path_join(c, dir, "train"),
                             .validation_dir = base_path_join(c, dir, "validation") };
    if (base_failed(c) || base_make_dirs(c, dir) != SORI_OK) {
        sori_tensorboard_free(b);
        return NULL;
    }
    return b;
}

sori_callback sori_tensorboard_callback(sori_tensorboard *b) {
    if (!b) return (sori_callback){ 0 };
    return (sori_callback){ .user = b, .on_train_begin = on_train_begin, .on_epoch_end = on_epoch_end,
                            .on_train_end = on_train_end };
}

void sori_tensorboard_free(sori_tensorboard *b) {
    if (!b) return;
    close_files(b);
    base_free(b->c, b->train_dir);
    base_free(b->c, b->validation_dir);
    base_free(b->c, b);
}
