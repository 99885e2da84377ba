/* fit.c - the training loop: epochs, batches, the schedule, validation, callbacks, the end.
 *
 * Where training stands is data in the model (step, epoch, batches done of it, running sums, history, what is watched),
 * and every draw is keyed by it, so a run that stops after any batch and resumes from its checkpoint ends with the same
 * bits as one that never stopped. A batch whose loss or gradient is not finite never reaches the weights: it is
 * skipped, its samples are named, and too many in a row end the run. */
#include "array/array.h"
#include "nn/fit.h"
#include <math.h>
#include <string.h>
#include <time.h>

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

static nn_rate rate_at(const nn_training *t, uint32_t step) {
    double steps = (double)t->steps;
    nn_rate rate = nn_schedule_rate(&t->m->config.optimizer, &t->config, (double)t->m->epoch * steps + step,
                                    (double)t->epochs * steps, steps);
    rate.learning_rate *= t->m->lr_scale;
    return rate;
}

static void update_logs(nn_training *t) {
    sori_model *m = t->m;
    t->logs.step = m->step_in_epoch;
    t->logs.loss = m->loss_sum / m->sample_sum;
    t->logs.accuracy = nn_has_accuracy(m->config.loss) ? m->correct_sum / m->sample_sum : NAN;
    t->logs.seconds = now_s() - t->epoch_started;
}

static void warn_bad(const nn_training *t, const sori_bad_batch *bad) {
    char list[256] = "";
    size_t used = 0, shown = 0;
    for (; shown < bad->count && used + 16 < sizeof list; shown++)
        used += (size_t)base_format(list + used, sizeof list - used, shown ? ", %u" : "%u", bad->samples[shown]);
    base_warn(t->m->c, "epoch %u, batch %u skipped: its loss %g or gradient is not finite; samples %s%s",
              bad->epoch + 1, bad->step + 1, bad->loss, list, shown < bad->count ? ", ..." : "");
}

/* Skip a batch, saying which samples it is of; false when there have been too many in a row. */
static bool skip_batch(nn_training *t, double loss, size_t n) {
    sori_model *m = t->m;
    sori_bad_batch bad = { .epoch = m->epoch, .step = m->step_in_epoch, .loss = loss / (double)n,
                           .in_a_row = ++m->bad_in_row, .samples = nn_feed_samples(t->train), .count = n };
    warn_bad(t, &bad);
    for (size_t i = 0; i < t->config.callback_count; i++)
        if (t->config.callbacks[i].on_bad_batch)
            t->config.callbacks[i].on_bad_batch(t->config.callbacks[i].user, m, &bad);
    if (m->bad_in_row < t->config.max_bad_steps) return true;
    sori_fail(m->c, SORI_EDIVERGED,
              "training diverged: the loss or its gradient was not finite (%g) in %d batches in a row, the last in "
              "epoch %u, batch %u", bad.loss, m->bad_in_row, m->epoch + 1, m->step_in_epoch + 1);
    return false;
}

static bool train_batch(nn_training *t, size_t n) {
    sori_model *m = t->m;
    double loss, correct;
    nn_rate rate = rate_at(t, m->step_in_epoch);
    if (t->mix) nn_mix_batch(t->mix, t->plan, n, m->epoch, m->step_in_epoch);
    nn_step(m, t->plan, n, &loss, &correct);
    t->logs.learning_rate = rate.learning_rate;
    if (isfinite(loss) && isfinite(nn_gradient_norm2(m, t->plan))) {
        m->loss_sum += loss + nn_penalty(m) * (double)n;
        m->correct_sum += correct;
        m->sample_sum += (double)n;
        m->bad_in_row = 0;
        nn_update_weights(m, t->plan, rate);
    } else if (!skip_batch(t, loss, n)) {
        return false;
    }
    m->step_in_epoch++;
    return true;
}

/* --- one epoch ------------------------------------------------------------ */

enum { TRAIN_BEGIN, EPOCH_BEGIN, BATCH_BEGIN, BATCH_END, EPOCH_END, TRAIN_END };

static void call_back(const nn_training *t, int when) {
    for (size_t i = 0; i < t->config.callback_count; i++) {
        const sori_callback *k = &t->config.callbacks[i];
        void (*const fn[])(void *, sori_model *, const sori_logs *) = {
            [TRAIN_BEGIN] = k->on_train_begin, [EPOCH_BEGIN] = k->on_epoch_begin, [BATCH_BEGIN] = k->on_batch_begin,
            [BATCH_END] = k->on_batch_end,     [EPOCH_END] = k->on_epoch_end,     [TRAIN_END] = k->on_train_end,
        };
        if (fn[when]) fn[when](k->user, t->m, &t->logs);
    }
}

static bool remember(nn_training *t) {
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

static bool end_epoch(nn_training *t) {
    sori_model *m = t->m;
    nn_show_average(m, true);
    if (t->validation &&
        nn_evaluate(m, t->validation, t->batch, &t->logs.val_loss, &t->logs.val_accuracy) != SORI_OK)
        return false;
    t->logs.seconds = now_s() - t->epoch_started;
    m->epoch++;
    m->step_in_epoch = 0;
    m->loss_sum = m->correct_sum = m->sample_sum = 0;
    if (!remember(t) || !nn_watch_epoch(t)) return false;
    call_back(t, EPOCH_END);
    nn_checkpoint_epoch(t);
    nn_show_average(m, false);
    return !base_failed(m->c);
}

/* An interrupted run keeps its place: write it down before the error makes every call a no-op. */
static void save_interrupted(nn_training *t) {
    sori_ctx *c = t->m->c;
    sori_clear(c);
    nn_write_checkpoint(t);
    sori_fail(c, SORI_EINTR, "training interrupted in epoch %u of %u, after batch %u of %zu", t->m->epoch + 1,
              t->epochs, t->m->step_in_epoch, t->steps);
}

/* Time is up after a batch: it is written down, then the epoch ends here as after sori_stop_training. */
static void watch_time(nn_training *t) {
    if (t->config.max_time_s == 0 || now_s() - t->started < t->config.max_time_s) return;
    t->cut = t->m->step_in_epoch < t->steps;
    t->out_of_time = t->m->stop = true;
    if (t->cut) nn_write_checkpoint(t);
}

static bool run_batch(nn_training *t, size_t n) {
    bool heard = t->config.callback_count > 0, kept = t->config.checkpoint_freq > 0 || t->config.model_checkpoint;
    if (heard) call_back(t, BATCH_BEGIN);
    if (!train_batch(t, n)) return false;
    if (heard || kept) update_logs(t);
    if (heard) call_back(t, BATCH_END);
    if (kept) nn_checkpoint_batch(t);
    watch_time(t);
    return !base_failed(t->m->c) && !base_interrupted(t->m->c);
}

static void begin_logs(nn_training *t) {
    const sori_model *m = t->m;
    t->logs = (sori_logs){ .epoch = m->epoch,
                           .epochs = t->epochs,
                           .step = m->step_in_epoch,
                           .steps = (uint32_t)t->steps,
                           .loss = NAN,
                           .accuracy = NAN,
                           .val_loss = NAN,
                           .val_accuracy = NAN,
                           .learning_rate = m->step_in_epoch ? rate_at(t, m->step_in_epoch - 1).learning_rate : 0 };
}

/* An epoch begun before an interruption may have no batch left: its logs are then all from here. */
static bool run_epoch(nn_training *t) {
    sori_model *m = t->m;
    begin_logs(t);
    t->epoch_started = now_s();
    call_back(t, EPOCH_BEGIN);
    if (!nn_feed_start(t->train, m->epoch, m->step_in_epoch, !t->config.no_shuffle)) return false;
    for (size_t n; !m->stop && (n = nn_feed_next(t->train, t->plan)) > 0;)
        if (!run_batch(t, n)) return false;
    if (base_failed(m->c)) return false;
    update_logs(t);
    return end_epoch(t);
}

/* --- the run ------------------------------------------------------------ */

static sori_status run(nn_training *t) {
    sori_model *m = t->m;
    t->plan = nn_plan_get(m, t->batch, true);
    t->mix = base_failed(m->c) ? NULL : nn_mix_new(m, &t->config, t->batch);
    m->stop = t->config.early_stopping_patience > 0 && m->early_stopped;
    begin_logs(t);
    if (t->plan) call_back(t, TRAIN_BEGIN);
    while (!base_failed(m->c) && !m->stop && m->epoch < t->epochs)
        if (!run_epoch(t)) break;
    if (sori_error(m->c) == SORI_EINTR) save_interrupted(t);
    if (base_failed(m->c)) nn_show_average(m, false);
    else nn_settle_average(m);
    if (!base_failed(m->c) && m->best_w) {
        memcpy(m->w, m->best_w, m->param_count * m->k->real_size);
        m->version++;
    }
    nn_mix_free(t->mix, t->plan);
    if (t->plan) call_back(t, TRAIN_END);
    nn_checkpoint_done(t);
    return sori_error(m->c);
}

/* A fresh call trains the weights on from where they are, but counts its epochs from 0, as Keras. */
static void begin(sori_model *m, int initial_epoch) {
    m->epoch = (uint32_t)initial_epoch;
    m->step_in_epoch = 0;
    m->loss_sum = m->correct_sum = m->sample_sum = 0;
    m->history_count = 0;
    m->early = m->plateau = m->kept = (nn_watch){ .best = NAN };
    m->cooldown = m->bad_in_row = 0;
    m->lr_scale = 1;
    m->early_stopped = false;
    base_free(m->c, m->best_w);
    m->best_w = NULL;
}

/* Samples [first, first + count) of x and y, or of a source; all of them, or the first batches when asked. */
static nn_feed *open_feed(const nn_training *t, const sori_array *x, const sori_array *y, size_t first, size_t count,
                          const sori_source *source) {
    size_t most = (size_t)t->config.overfit_batches * t->batch;
    return nn_feed_new(t->m, x, y, first, most > 0 ? BASE_MIN(count, most) : count, source, t->batch);
}

/* x, y or source; samples [count, all) of the arrays are validation when the config asks for a split. */
static sori_status fit_with(sori_model *m, const sori_array *x, const sori_array *y, const sori_source *source,
                            const sori_fit_config *k) {
    size_t all = source ? source->count : x->shape[0], count = all;
    if (!source && k->validation_split > 0) count = all - (size_t)floor((double)all * k->validation_split);
    if (count == 0 || all > UINT32_MAX) return sori_fail(m->c, SORI_EINVAL, "fit: %zu training samples", count);
    nn_training t = { .m = m, .config = *k, .epochs = (uint32_t)k->epochs, .started = now_s() };
    t.batch = BASE_MIN((size_t)k->batch_size, count);
    begin(m, k->initial_epoch);
    if (k->resume && nn_resume(m, k->resume) != SORI_OK) return sori_error(m->c);
    t.train = open_feed(&t, x, y, 0, count, source);
    if (k->validation) t.validation = open_feed(&t, NULL, NULL, 0, k->validation->count, k->validation);
    else if (k->val_x) t.validation = open_feed(&t, k->val_x, k->val_y, 0, k->val_x->shape[0], NULL);
    else if (count < all) t.validation = open_feed(&t, x, y, count, all - count, NULL);
    if (!base_failed(m->c)) t.steps = (nn_feed_count(t.train) + t.batch - 1) / t.batch;
    const float *weight = k->sample_weight ? k->sample_weight->data : NULL;
    if (t.train) nn_feed_weigh(t.train, weight, k->class_weight);
    if (t.validation && weight && !k->validation && !k->val_x) nn_feed_weigh(t.validation, weight + count, NULL);
    if (!base_failed(m->c)) run(&t);
    nn_feed_free(t.train);
    nn_feed_free(t.validation);
    return sori_error(m->c);
}

sori_status sori_fit(sori_model *m, const sori_array *x, const sori_array *y, const sori_fit_config *config) {
    sori_fit_config k;
    if (!m) return SORI_EINVAL;
    if (!nn_fit_config(m, config, &k) || !nn_check_data(m, "fit", x, y)) return sori_error(m->c);
    if (k.val_x && !nn_check_data(m, "fit validation", k.val_x, k.val_y)) return sori_error(m->c);
    if (!nn_check_weights(m, "fit", k.sample_weight, x->shape[0])) return sori_error(m->c);
    return fit_with(m, x, y, NULL, &k);
}

sori_status sori_fit_source(sori_model *m, const sori_source *train, const sori_fit_config *config) {
    sori_fit_config k;
    if (!m) return SORI_EINVAL;
    if (!nn_fit_config(m, config, &k)) return sori_error(m->c);
    if (!train || train->count == 0 || (k.validation && k.validation->count == 0))
        return sori_fail(m->c, SORI_EINVAL, "fit: a source has no samples");
    if (k.val_x && !nn_check_data(m, "fit validation", k.val_x, k.val_y)) return sori_error(m->c);
    const sori_source *checked[] = { train, k.validation };
    for (int i = 0; i < 2; i++)
        if (checked[i] && !nn_check_weights(m, "fit", checked[i]->sample_weight, checked[i]->count))
            return sori_error(m->c);
    if (!nn_check_weights(m, "fit", k.sample_weight, train->count)) return sori_error(m->c);
    return fit_with(m, NULL, NULL, train, &k);
}
