/* fit_config.c - what a fit is asked for: every check, and the defaults filled in. */
#include "nn/fit.h"
#include <math.h>
#include <unistd.h>

static bool refuse(sori_model *m, const char *name, int value, const char *why) {
    sori_fail(m->c, SORI_EINVAL, "fit: %s %d %s", name, value, why);
    return false;
}

static bool check_counts(sori_model *m, const sori_fit_config *k) {
    const struct { const char *name; int value; } counts[] = {
        { "epochs", k->epochs }, { "initial_epoch", k->initial_epoch }, { "batch_size", k->batch_size },
        { "early_stopping_patience", k->early_stopping_patience },
        { "early_stopping_start_from_epoch", k->early_stopping_start_from_epoch },
        { "checkpoint_freq", k->checkpoint_freq }, { "max_bad_steps", k->max_bad_steps },
        { "overfit_batches", k->overfit_batches },
    };
    for (size_t i = 0; i < BASE_COUNT(counts); i++)
        if (counts[i].value < 0) return refuse(m, counts[i].name, counts[i].value, "must not be negative");
    return true;
}

static bool check_monitor(sori_model *m, const char *who, sori_monitor monitor, sori_mode mode) {
    if (monitor < SORI_VAL_LOSS || monitor > SORI_TRAIN_ACCURACY)
        sori_fail(m->c, SORI_EINVAL, "fit: %s watches the unknown value %d", who, (int)monitor);
    if (mode < SORI_AUTO || mode > SORI_MAX)
        sori_fail(m->c, SORI_EINVAL, "fit: %s has the unknown mode %d", who, (int)mode);
    return !base_failed(m->c);
}

static bool check_reduce_lr(sori_model *m, const sori_reduce_lr *k) {
    if (!check_monitor(m, "reduce_lr_on_plateau", k->monitor, k->mode)) return false;
    if (!(k->factor >= 0 && k->factor < 1))
        sori_fail(m->c, SORI_EINVAL, "fit: the factor %g of reduce_lr_on_plateau is outside 0..1", k->factor);
    if (!(k->min_lr >= 0)) sori_fail(m->c, SORI_EINVAL, "fit: min_lr %g is negative", k->min_lr);
    if (isnan(k->min_delta)) sori_fail(m->c, SORI_EINVAL, "fit: min_delta is not a number");
    if (k->patience < 0) return refuse(m, "patience", k->patience, "must not be negative");
    if (k->cooldown < 0) return refuse(m, "cooldown", k->cooldown, "must not be negative");
    return !base_failed(m->c);
}

/* Within an epoch nothing is validated. */
static bool check_model_checkpoint(sori_model *m, const sori_model_checkpoint *k) {
    bool within = k->monitor == SORI_TRAIN_LOSS || k->monitor == SORI_TRAIN_ACCURACY;
    if (!check_monitor(m, "model_checkpoint", k->monitor, k->mode)) return false;
    if (!k->path && !k->last) sori_fail(m->c, SORI_EINVAL, "fit: model_checkpoint has no file to write");
    if (k->save_freq < 0) return refuse(m, "save_freq", k->save_freq, "must not be negative");
    if (k->save_freq > 0 && k->save_best_only && !within)
        sori_fail(m->c, SORI_EINVAL, "fit: the best of every %d batches can only be watched on the training loss or "
                  "accuracy", k->save_freq);
    return !base_failed(m->c);
}

/* As many as there are classes, none negative. */
static bool check_class_weight(sori_model *m, const sori_fit_config *k) {
    const nn_shape *y = &m->nodes[m->n_nodes - 1].y;
    size_t classes = y->size == 1 ? 2 : y->size;
    if (!k->class_weight) return true;
    if (y->ndim != 1) sori_fail(m->c, SORI_EINVAL, "fit: class_weight needs an output of one axis, the classes");
    else if (k->class_weight_count != classes)
        sori_fail(m->c, SORI_EINVAL, "fit: %zu class weights for %zu classes", k->class_weight_count, classes);
    for (size_t i = 0; !base_failed(m->c) && i < classes; i++)
        if (!(k->class_weight[i] >= 0 && k->class_weight[i] < INFINITY))
            sori_fail(m->c, SORI_EINVAL, "fit: class_weight[%zu] is %g, must be 0 or above", i, k->class_weight[i]);
    return !base_failed(m->c);
}

static bool check(sori_model *m, const sori_fit_config *k) {
    if (!m->compiled) sori_fail(m->c, SORI_EINVAL, "fit: compile the model first");
    if (!(k->validation_split >= 0 && k->validation_split < 1))
        sori_fail(m->c, SORI_EINVAL, "fit: validation_split %g is outside 0..1", k->validation_split);
    if (!(k->max_time_s >= 0)) sori_fail(m->c, SORI_EINVAL, "fit: max_time_s %g is negative", k->max_time_s);
    if (!isfinite(k->early_stopping_baseline) || !isfinite(k->early_stopping_min_delta))
        sori_fail(m->c, SORI_EINVAL, "fit: the baseline or min_delta of early stopping is not finite");
    if (k->backup_and_restore && (k->checkpoint || k->resume))
        sori_fail(m->c, SORI_EINVAL, "fit: backup_and_restore is a checkpoint and resume by itself; leave those out");
    if (k->callback_count > 0 && !k->callbacks) sori_fail(m->c, SORI_EINVAL, "fit: no callbacks, but a count of them");
    return !base_failed(m->c) && check_counts(m, k) && nn_schedule_check(m->c, k) && check_class_weight(m, k) &&
           nn_mix_check(m, k) &&
           check_monitor(m, "early stopping", k->monitor, k->mode) &&
           (!k->reduce_lr_on_plateau || check_reduce_lr(m, k->reduce_lr_on_plateau)) &&
           (!k->model_checkpoint || check_model_checkpoint(m, k->model_checkpoint));
}

/* A run that only shows whether it runs leaves no trace. */
static void shorten(sori_fit_config *k) {
    k->initial_epoch = 0;
    k->epochs = 1;
    k->overfit_batches = 1;
    k->checkpoint = k->resume = k->backup_and_restore = NULL;
    k->model_checkpoint = NULL;
}

bool nn_fit_config(sori_model *m, const sori_fit_config *asked, sori_fit_config *config) {
    *config = asked ? *asked : (sori_fit_config){ 0 };
    if (base_failed(m->c) || !check(m, config)) return false;
    if (config->epochs == 0) config->epochs = 1;
    if (config->batch_size == 0) config->batch_size = 32;
    if (config->max_bad_steps == 0) config->max_bad_steps = 10;
    if (config->overfit_batches > 0) config->no_shuffle = true;
    if (config->fast_dev_run) shorten(config);
    if (config->backup_and_restore) {
        config->checkpoint = config->backup_and_restore;
        if (access(config->checkpoint, F_OK) == 0) config->resume = config->checkpoint;
    }
    return true;
}
