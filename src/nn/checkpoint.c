/* checkpoint.c - files that training writes on its way: checkpoints to go on from, and models to use.
 *
 * A checkpoint holds the place in the epoch, so it can be written after any batch. Each file is the old one or the new
 * one, whole, whenever the process is killed. Models are written before the checkpoint: a run killed between the two
 * repeats the epoch and writes the same model again. */
#include "nn/fit.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

void nn_write_checkpoint(nn_training *t) {
    if (t->config.checkpoint) nn_save(t->m, t->config.checkpoint, t->config.metadata_json, true);
}

/* "{epoch}" in a path becomes the number. With use_ema the model is the moving average, also within an epoch. */
static void save_model(nn_training *t, const char *path) {
    static const char mark[] = "{epoch}";
    bool averaged = t->m->averaged;
    const char *at = strstr(path, mark);
    char *name = at ? base_printf(t->m->c, "%.*s%u%s", (int)(at - path), path, t->logs.epoch + 1,
                                  at + sizeof mark - 1)
                    : NULL;
    nn_show_average(t->m, true);
    if (!base_failed(t->m->c)) nn_save(t->m, name ? name : path, t->config.metadata_json, false);
    nn_show_average(t->m, averaged);
    base_free(t->m->c, name);
}

static void keep_model(nn_training *t, bool validated) {
    const sori_model_checkpoint *k = t->config.model_checkpoint;
    nn_watch *w = &t->m->kept;
    double value = nn_monitored(&t->logs, validated, k->monitor, k->mode);
    bool best = isfinite(value) && !(value >= w->best);
    if (best) w->best = value;
    if (k->last) save_model(t, k->last);
    if (k->path && (best || !k->save_best_only)) save_model(t, k->path);
}

static bool due(const nn_training *t, int every) {
    return every > 0 && ((uint64_t)t->m->epoch * t->steps + t->m->step_in_epoch) % (uint64_t)every == 0;
}

void nn_checkpoint_batch(nn_training *t) {
    const sori_model_checkpoint *k = t->config.model_checkpoint;
    if (k && due(t, k->save_freq)) keep_model(t, false);
    if (due(t, t->config.checkpoint_freq)) nn_write_checkpoint(t);
}

void nn_checkpoint_epoch(nn_training *t) {
    const sori_model_checkpoint *k = t->config.model_checkpoint;
    if (k && k->save_freq == 0) keep_model(t, t->validation != NULL);
    if (!t->cut) nn_write_checkpoint(t);
}

void nn_checkpoint_done(nn_training *t) {
    bool more = t->out_of_time && (t->cut || t->m->epoch < t->epochs);
    if (t->config.backup_and_restore && !more && !base_failed(t->m->c)) unlink(t->config.backup_and_restore);
}
