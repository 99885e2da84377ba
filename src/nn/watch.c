/* watch.c - values that should get better: early stopping with the best weights, and the rate reduced on plateaus.
 *
 * Keras's EarlyStopping and ReduceLROnPlateau, rule for rule. Values are turned so that lower is better. What is
 * remembered from epoch to epoch is in the model and so in checkpoints. A value that is NaN is never better. */
#include "nn/fit.h"
#include <math.h>
#include <string.h>

static bool of_accuracy(sori_monitor monitor) {
    return monitor == SORI_VAL_ACCURACY || monitor == SORI_TRAIN_ACCURACY;
}

static double turned(double value, sori_monitor monitor, sori_mode mode) {
    return mode == SORI_MAX || (mode == SORI_AUTO && of_accuracy(monitor)) ? -value : value;
}

double nn_monitored(const sori_logs *logs, bool validated, sori_monitor monitor, sori_mode mode) {
    bool of_validation = validated && (monitor == SORI_VAL_LOSS || monitor == SORI_VAL_ACCURACY);
    double loss = of_validation ? logs->val_loss : logs->loss;
    double accuracy = of_validation ? logs->val_accuracy : logs->accuracy;
    return turned(of_accuracy(monitor) ? accuracy : loss, monitor, mode);
}

static bool better(double value, double than, double min_delta) { return value < than - fabs(min_delta); }

static bool keep_best_weights(nn_training *t) {
    sori_model *m = t->m;
    size_t bytes = m->param_count * m->k->real_size;
    if (t->config.restore_best_weights && !m->best_w) m->best_w = base_alloc(m->c, bytes, 1);
    if (m->best_w) memcpy(m->best_w, m->w, bytes);
    return !base_failed(m->c);
}

/* Getting better than ever is not enough to go on waiting: it must also be better than the baseline. */
static bool watch_early_stopping(nn_training *t) {
    const sori_fit_config *k = &t->config;
    nn_watch *w = &t->m->early;
    double value = nn_monitored(&t->logs, t->validation != NULL, k->monitor, k->mode);
    double baseline = turned(k->early_stopping_baseline, k->monitor, k->mode);
    if (t->logs.epoch < (uint32_t)k->early_stopping_start_from_epoch) return true;
    w->waited++;
    if (isnan(w->best) || better(value, w->best, k->early_stopping_min_delta)) {
        w->best = value;
        if (baseline == 0 || better(value, baseline, k->early_stopping_min_delta)) w->waited = 0;
        return keep_best_weights(t);
    }
    if (k->early_stopping_patience > 0 && w->waited >= k->early_stopping_patience)
        t->m->stop = t->m->early_stopped = true;
    return true;
}

static void reduce_rate(sori_model *m, const sori_reduce_lr *k) {
    double base = m->config.optimizer.learning_rate, rate = base * m->lr_scale;
    if (rate <= k->min_lr) return;
    m->lr_scale = BASE_MAX(rate * k->factor, k->min_lr) / base;
    m->cooldown = k->cooldown;
    m->plateau.waited = 0;
}

static sori_reduce_lr filled(const sori_reduce_lr *asked) {
    sori_reduce_lr k = *asked;
    if (k.factor == 0) k.factor = 0.1;
    if (k.patience == 0) k.patience = 10;
    if (k.min_delta == 0) k.min_delta = 1e-4;
    if (k.min_delta < 0) k.min_delta = 0;
    return k;
}

static void watch_plateau(nn_training *t) {
    sori_model *m = t->m;
    nn_watch *w = &m->plateau;
    sori_reduce_lr k = filled(t->config.reduce_lr_on_plateau);
    double value = nn_monitored(&t->logs, t->validation != NULL, k.monitor, k.mode);
    if (m->cooldown > 0) {
        m->cooldown--;
        w->waited = 0;
    }
    if (isnan(w->best) || better(value, w->best, k.min_delta)) {
        w->best = value;
        w->waited = 0;
    } else if (m->cooldown == 0 && ++w->waited >= k.patience) {
        reduce_rate(m, &k);
    }
}

bool nn_watch_epoch(nn_training *t) {
    if (t->config.reduce_lr_on_plateau) watch_plateau(t);
    return watch_early_stopping(t);
}
