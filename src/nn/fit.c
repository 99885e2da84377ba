/* fit.c - the training loop: epochs, schedule, validation, early stopping, checkpoints, resume.
 *
 * Where training stands is data in the model (step, epoch, batches done of it, running sums, history), and every draw
 * is keyed by it, so a run that stops after any batch and resumes from its checkpoint ends with the same bits as one
 * that never stopped. A batch whose loss or gradient is not finite never reaches the weights: it is skipped, and too
 * many in a row end the run. */
#include "array/array.h"
#include "nn/nn.h"
#include <math.h>
#include <string.h>
#include <time.h>

typedef struct training {
    sori_model *m;
    const sori_fit_config *config;
    nn_feed *train, *validation;
    nn_plan *plan;
    size_t batch, steps;
    uint32_t epochs;
    int bad_in_row, max_bad;
    sori_logs logs;
    double started;
} training;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void sori_stop_training(sori_model *m) {
    if (m) m->stop = true;
}

const sori_logs *sori_history(const sori_model *m, size_t *epochs) {
    *epochs = m ? m->history_count : 0;
    return m ? m->history : NULL;
}

/* --- one step ------------------------------------------------------------ */

static nn_rate rate_at(const training *t, uint32_t step) {
    double steps = (double)t->steps;
    return nn_schedule_rate(&t->m->config.optimizer, t->config, (double)t->m->epoch * steps + step,
                            (double)t->epochs * steps, steps);
}

static void update_logs(training *t) {
    sori_model *m = t->m;
    t->logs.step = m->step_in_epoch;
    t->logs.loss = m->loss_sum / m->sample_sum;
    t->logs.accuracy = nn_has_accuracy(m->config.loss) ? m->correct_sum / m->sample_sum : NAN;
    t->logs.seconds = now_s() - t->started;
}

static bool count_bad(training *t, double loss) {
    if (++t->bad_in_row < t->max_bad) return true;
    sori_fail(t->m->c, SORI_EDIVERGED,
              "training diverged: the loss or its gradient was not finite (%g) in %d batches in "
              "a row, the last in epoch %u, batch %u",
              loss, t->bad_in_row, t->m->epoch + 1, t->m->step_in_epoch + 1);
    return false;
}

static bool train_batch(training *t, size_t n) {
    sori_model *m = t->m;
    double loss, correct;
    nn_rate rate = rate_at(t, m->step_in_epoch);
    nn_step(m, t->plan, n, &loss, &correct);
    t->logs.learning_rate = rate.learning_rate;
    if (isfinite(loss) && isfinite(nn_gradient_norm2(m, t->plan))) {
        m->loss_sum += loss + nn_penalty(m) * (double)n;
        m->correct_sum += correct;
        m->sample_sum += (double)n;
        t->bad_in_row = 0;
        nn_update_weights(m, t->plan, rate);
    } else if (!count_bad(t, loss)) {
        return false;
    }
    m->step_in_epoch++;
    return true;
}

/* --- one epoch ------------------------------------------------------------ */

enum { EPOCH_BEGIN, BATCH_END, EPOCH_END };

static void call_back(const training *t, int when) {
    for (size_t i = 0; i < t->config->callback_count; i++) {
        const sori_callback *k = &t->config->callbacks[i];
        void (*fn)(void *, sori_model *, const sori_logs *) =
            when == EPOCH_BEGIN ? k->on_epoch_begin : when == BATCH_END ? k->on_batch_end : k->on_epoch_end;
        if (fn) fn(k->user, t->m, &t->logs);
    }
}

static bool remember(training *t) {
    sori_model *m = t->m;
    if (m->history_count == m->history_room) {
        size_t room = m->history_room ? 2 * m->history_room : 16;
        sori_logs *larger = base_grow(m->c, m->history, m->history_count, room, sizeof *larger);
        if (!larger) return false;
        m->history = larger;
        m->history_room = room;
    }
    m->history[m->history_count++] = t->logs;
    return true;
}

static double monitored(const training *t) {
    bool validated = t->validation != NULL;
    switch (t->config->monitor) {
    case SORI_VAL_ACCURACY: return -(validated ? t->logs.val_accuracy : t->logs.accuracy);
    case SORI_TRAIN_ACCURACY: return -t->logs.accuracy;
    case SORI_TRAIN_LOSS: return t->logs.loss;
    case SORI_VAL_LOSS: break;
    }
    return validated ? t->logs.val_loss : t->logs.loss;
}

/* Keras's EarlyStopping: better means lower by more than min_delta; accuracies count negative. */
static bool watch_best(training *t) {
    sori_model *m = t->m;
    double value = monitored(t);
    if (isnan(m->best) || value < m->best - fabs(t->config->early_stopping_min_delta)) {
        m->best = value;
        m->waited = 0;
        size_t bytes = m->param_count * m->k->real_size;
        if (t->config->restore_best_weights && !m->best_w) m->best_w = base_alloc(m->c, bytes, 1);
        if (m->best_w) memcpy(m->best_w, m->w, bytes);
    } else if (++m->waited >= t->config->early_stopping_patience && t->config->early_stopping_patience > 0) {
        m->stop = true;
    }
    return !base_failed(m->c);
}

static bool end_epoch(training *t) {
    sori_model *m = t->m;
    nn_show_average(m, true);
    if (t->validation &&
        nn_evaluate(m, t->validation, t->batch, &t->logs.val_loss, &t->logs.val_accuracy) != SORI_OK)
        return false;
    t->logs.seconds = now_s() - t->started;
    m->epoch++;
    m->step_in_epoch = 0;
    m->loss_sum = m->correct_sum = m->sample_sum = 0;
    if (!remember(t) || !watch_best(t)) return false;
    call_back(t, EPOCH_END);
    if (t->config->checkpoint) nn_save(m, t->config->checkpoint, t->config->metadata_json, true);
    nn_show_average(m, false);
    return !base_failed(m->c);
}

/* An interrupted run keeps its place: write it down before the error makes every call a no-op. */
static void save_interrupted(training *t) {
    sori_ctx *c = t->m->c;
    sori_clear(c);
    if (t->config->checkpoint) nn_save(t->m, t->config->checkpoint, t->config->metadata_json, true);
    sori_fail(c, SORI_EINTR, "training interrupted in epoch %u of %u, after batch %u of %zu", t->m->epoch + 1,
              t->epochs, t->m->step_in_epoch, t->steps);
}

/* An epoch begun before an interruption may have no batch left: its logs are then all from here. */
static bool run_epoch(training *t) {
    sori_model *m = t->m;
    t->logs = (sori_logs){ .epoch = m->epoch,
                           .epochs = t->epochs,
                           .step = m->step_in_epoch,
                           .steps = (uint32_t)t->steps,
                           .loss = NAN,
                           .accuracy = NAN,
                           .val_loss = NAN,
                           .val_accuracy = NAN,
                           .learning_rate = m->step_in_epoch ? rate_at(t, m->step_in_epoch - 1).learning_rate : 0 };
    t->started = now_s();
    call_back(t, EPOCH_BEGIN);
    if (!nn_feed_start(t->train, m->epoch, m->step_in_epoch, !t->config->no_shuffle)) return false;
    for (size_t n; !m->stop && (n = nn_feed_next(t->train, t->plan)) > 0;) {
        if (!train_batch(t, n)) return false;
        if (t->config->callback_count) {
            update_logs(t);
            call_back(t, BATCH_END);
        }
        if (base_interrupted(m->c)) return false;
    }
    if (base_failed(m->c)) return false;
    update_logs(t);
    return end_epoch(t);
}

/* --- the run ------------------------------------------------------------ */

static sori_status run(training *t) {
    sori_model *m = t->m;
    t->plan = nn_plan_get(m, t->batch, true);
    m->stop = t->config->early_stopping_patience > 0 && m->waited >= t->config->early_stopping_patience;
    while (t->plan && !m->stop && m->epoch < t->epochs)
        if (!run_epoch(t)) break;
    if (sori_error(m->c) == SORI_EINTR) save_interrupted(t);
    if (base_failed(m->c)) nn_show_average(m, false);
    else nn_settle_average(m);
    if (!base_failed(m->c) && m->best_w) {
        memcpy(m->w, m->best_w, m->param_count * m->k->real_size);
        m->version++;
    }
    return sori_error(m->c);
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

static bool check_fit(sori_model *m, const sori_fit_config *k) {
    if (!m->compiled) sori_fail(m->c, SORI_EINVAL, "fit: compile the model first");
    if (k->epochs < 0 || k->batch_size < 0)
        sori_fail(m->c, SORI_EINVAL, "fit: epochs %d and batch_size %d must not be negative", k->epochs,
                  k->batch_size);
    if (!(k->validation_split >= 0 && k->validation_split < 1))
        sori_fail(m->c, SORI_EINVAL, "fit: validation_split %g is outside 0..1", k->validation_split);
    return nn_schedule_check(m->c, k) && check_class_weight(m, k);
}

/* A fresh call trains the weights on from where they are, but counts its epochs from 0, as Keras. */
static void begin(sori_model *m) {
    m->epoch = m->step_in_epoch = 0;
    m->loss_sum = m->correct_sum = m->sample_sum = 0;
    m->history_count = 0;
    m->best = NAN;
    m->waited = 0;
    base_free(m->c, m->best_w);
    m->best_w = NULL;
}

/* x, y or source; samples [train_count, all) of the arrays are validation when the config asks for a split. */
static sori_status fit_with(sori_model *m, const sori_array *x, const sori_array *y, const sori_source *source,
                            const sori_fit_config *k) {
    size_t all = source ? source->count : x->shape[0], count = all;
    if (!source && k->validation_split > 0) count = all - (size_t)floor((double)all * k->validation_split);
    if (count == 0 || all > UINT32_MAX) return sori_fail(m->c, SORI_EINVAL, "fit: %zu training samples", count);
    training t = { .m = m, .config = k, .epochs = (uint32_t)(k->epochs ? k->epochs : 1) };
    t.batch = BASE_MIN((size_t)(k->batch_size ? k->batch_size : 32), count);
    t.steps = (count + t.batch - 1) / t.batch;
    t.max_bad = k->max_bad_steps ? k->max_bad_steps : 10;
    begin(m);
    if (k->resume && nn_resume(m, k->resume) != SORI_OK) return sori_error(m->c);
    t.train = nn_feed_new(m, x, y, 0, count, source, t.batch);
    if (k->validation) t.validation = nn_feed_new(m, NULL, NULL, 0, k->validation->count, k->validation, t.batch);
    else if (k->val_x) t.validation = nn_feed_new(m, k->val_x, k->val_y, 0, k->val_x->shape[0], NULL, t.batch);
    else if (count < all) t.validation = nn_feed_new(m, x, y, count, all - count, NULL, t.batch);
    const float *weight = k->sample_weight ? k->sample_weight->data : NULL;
    if (t.train) nn_feed_weigh(t.train, weight, k->class_weight);
    if (t.validation && weight && !k->validation && !k->val_x) nn_feed_weigh(t.validation, weight + count, NULL);
    if (!base_failed(m->c)) run(&t);
    nn_feed_free(t.train);
    nn_feed_free(t.validation);
    return sori_error(m->c);
}

static const sori_fit_config defaults;

sori_status sori_fit(sori_model *m, const sori_array *x, const sori_array *y, const sori_fit_config *config) {
    if (!m) return SORI_EINVAL;
    if (!config) config = &defaults;
    if (base_failed(m->c) || !check_fit(m, config) || !nn_check_data(m, "fit", x, y)) return sori_error(m->c);
    if (config->val_x && !nn_check_data(m, "fit validation", config->val_x, config->val_y)) return sori_error(m->c);
    if (!nn_check_weights(m, "fit", config->sample_weight, x->shape[0])) return sori_error(m->c);
    return fit_with(m, x, y, NULL, config);
}

sori_status sori_fit_source(sori_model *m, const sori_source *train, const sori_fit_config *config) {
    if (!m) return SORI_EINVAL;
    if (!config) config = &defaults;
    if (base_failed(m->c) || !check_fit(m, config)) return sori_error(m->c);
    if (!train || train->count == 0 || (config->validation && config->validation->count == 0))
        return sori_fail(m->c, SORI_EINVAL, "fit: a source has no samples");
    if (config->val_x && !nn_check_data(m, "fit validation", config->val_x, config->val_y)) return sori_error(m->c);
    const sori_source *checked[] = { train, config->validation };
    for (int i = 0; i < 2; i++)
        if (checked[i] && !nn_check_weights(m, "fit", checked[i]->sample_weight, checked[i]->count))
            return sori_error(m->c);
    if (!nn_check_weights(m, "fit", config->sample_weight, train->count)) return sori_error(m->c);
    return fit_with(m, NULL, NULL, train, config);
}
