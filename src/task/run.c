/* run.c - the folder of a training run: what can be watched while it trains, and read when it is over.
 *
 *   log.csv              the logs of every epoch
 *   curves.svg           the same as curves, drawn again after every epoch: a browser shows them live
 *   train/ validation/   event files for TensorBoard, with histograms of the weights
 *   skipped.txt          recordings in batches that were skipped because a loss was not finite; there if there are any
 *
 * The model and its checkpoint lie in it too unless they were asked for elsewhere. All are rewritten whole, except the
 * event files, so a killed run leaves files that can be read. */
#include "task/task.h"
#include <sori/callbacks.h>
#include <string.h>
#include <unistd.h>

struct task_run {
    sori_ctx *c;
    const char *dir;
    const sori_list *list;
    const sori_dataset *train;
    sori_csv_logger *log, *csv;
    sori_tensorboard *board;
    bool draws;
    char *skipped_path, *skipped;    /* skipped.txt and its text */
    sori_callback *callbacks;        /* [count] */
    size_t count;
};

static void save_curves(void *user, sori_model *m, const sori_logs *logs) {
    task_run *r = user;
    (void)logs;
    sori_plot *plot = sori_plot_new(r->c, &(sori_plot_config){ .panel_height = 240 });
    char *path = base_path_join(r->c, r->dir, "curves.svg");
    task_put_curves(r->c, m, plot, true);
    if (path) sori_plot_save(plot, path);
    base_free(r->c, path);
    sori_plot_free(plot);
}

/* Whether a sample's recording stands in the batch's list before it. */
static bool named(const task_run *r, const sori_bad_batch *bad, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (sori_dataset_item(r->train, bad->samples[k]) == sori_dataset_item(r->train, bad->samples[i])) return true;
    return false;
}

static void add_skipped(task_run *r, const sori_bad_batch *bad, const char *path) {
    char *longer = base_printf(r->c, "%sepoch %u, batch %u, loss %g: %s\n", r->skipped ? r->skipped : "",
                               bad->epoch + 1, bad->step + 1, bad->loss, path);
    base_free(r->c, r->skipped);
    r->skipped = longer;
}

static void save_skipped(void *user, sori_model *m, const sori_bad_batch *bad) {
    task_run *r = user;
    (void)m;
    for (size_t i = 0; i < bad->count && !base_failed(r->c); i++)
        if (!named(r, bad, i)) add_skipped(r, bad, r->list->items[sori_dataset_item(r->train, bad->samples[i])].path);
    base_file *f = base_file_new(r->c, r->skipped_path);
    if (r->skipped) base_file_write(f, r->skipped, strlen(r->skipped));
    base_file_commit(f);
}

/* A resumed run goes on with its list, another begins a new one. */
static void open_skipped(task_run *r, bool resume) {
    size_t size;
    r->skipped_path = base_path_join(r->c, r->dir, "skipped.txt");
    if (!r->skipped_path || access(r->skipped_path, F_OK) != 0) return;
    if (resume) r->skipped = base_read_file(r->c, r->skipped_path, 1 << 26, &size);
    else unlink(r->skipped_path);
}

/* Found out before the training, where clearing the error can hide nothing. */
static bool can_draw(sori_ctx *c) {
    sori_plot *plot = sori_plot_new(c, NULL);
    sori_plot_free(plot);
    if (sori_error(c) != SORI_EUNSUP) return plot != NULL;
    sori_clear(c);
    base_warn(c, "curves.svg is not drawn: not built with cairo");
    return false;
}

static void open_folder(task_run *r, bool resume) {
    char *log = base_path_join(r->c, r->dir, "log.csv");
    r->log = sori_csv_logger_new(r->c, log, NULL);
    r->board = sori_tensorboard_new(r->c, r->dir, &(sori_tensorboard_config){ .histogram_freq = 1 });
    base_free(r->c, log);
    open_skipped(r, resume);
    if (!base_failed(r->c)) r->draws = can_draw(r->c);
}

task_run *task_run_new(sori_ctx *c, const sori_train_config *t, const sori_list *list, const sori_dataset *train) {
    if (base_failed(c)) return NULL;
    task_run *r = base_alloc(c, 1, sizeof *r);
    if (!r) return NULL;
    *r = (task_run){ .c = c, .dir = t->run, .list = list, .train = train };
    r->callbacks = base_alloc(c, t->callback_count + 4, sizeof *r->callbacks);
    for (size_t i = 0; r->callbacks && i < t->callback_count; i++) r->callbacks[r->count++] = t->callbacks[i];
    if (r->callbacks && !t->fast_dev_run) {
        if (t->run) open_folder(r, t->resume);
        if (t->csv) r->csv = sori_csv_logger_new(c, t->csv, NULL);
        r->callbacks[r->count++] = sori_csv_logger_callback(r->log);
        r->callbacks[r->count++] = sori_csv_logger_callback(r->csv);
        r->callbacks[r->count++] = sori_tensorboard_callback(r->board);
        if (t->run) r->callbacks[r->count++] = (sori_callback){ .user = r, .on_bad_batch = save_skipped,
                                                                .on_epoch_end = r->draws ? save_curves : NULL };
    }
    if (!base_failed(c)) return r;
    task_run_free(r);
    return NULL;
}

const sori_callback *task_run_callbacks(const task_run *r, size_t *count) {
    *count = r->count;
    return r->callbacks;
}

void task_run_free(task_run *r) {
    if (!r) return;
    sori_csv_logger_free(r->log);
    sori_csv_logger_free(r->csv);
    sori_tensorboard_free(r->board);
    base_free(r->c, r->skipped_path);
    base_free(r->c, r->skipped);
    base_free(r->c, r->callbacks);
    base_free(r->c, r);
}
