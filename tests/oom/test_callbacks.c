/* Out of memory while training writes its files: models, checkpoints, logs as CSV, event files. */
#include "oom.h"
#include <sori/callbacks.h>
#include <sys/stat.h>

#define FOLDER TEST_SCRATCH "/run"

/* Event files are new ones each time; thousands would pile up. */
static void clear_folder(const char *path) {
    char name[1024];
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (strstr(e->d_name, "tfevents")) unlink(name);
    }
    if (dir) closedir(dir);
}

static uint64_t train(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ 20, 2 }),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 20, 1 });
    for (size_t i = 0; x && i < 40; i++) ((float *)x->data)[i] = (float)i / 40;
    if (x) ((float *)x->data)[9] = NAN;   /* a batch is skipped */
    sori_model *m = sori_sequential(c, SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 3, .act = SORI_TANH },
                                                                  { .op = SORI_DENSE, .units = 1 }));
    sori_compile(m, &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM } });
    sori_csv_logger *csv = sori_csv_logger_new(c, FOLDER "/log.csv", NULL);
    sori_tensorboard *board = sori_tensorboard_new(c, FOLDER, &(sori_tensorboard_config){ .histogram_freq = 1 });
    sori_callback k[] = { sori_csv_logger_callback(csv), sori_tensorboard_callback(board) };
    sori_fit(m, x, y, &(sori_fit_config){
        .epochs = 2, .batch_size = 5, .validation_split = 0.25, .no_shuffle = true, .callbacks = k, .callback_count = 2,
        .checkpoint = FOLDER "/checkpoint", .checkpoint_freq = 2, .early_stopping_patience = 3,
        .restore_best_weights = true, .reduce_lr_on_plateau = &(sori_reduce_lr){ .patience = 1 },
        .model_checkpoint = &(sori_model_checkpoint){ .path = FOLDER "/model{epoch}", .last = FOLDER "/last" } });
    uint64_t h = hash(sori_get_weight(m, "dense/kernel"));
    sori_csv_logger_free(csv);
    sori_tensorboard_free(board);
    sori_model_free(m);
    clear_folder(FOLDER "/train");
    clear_folder(FOLDER "/validation");
    return h;
}

static uint64_t write_events(sori_ctx *c, const void *arg) {
    static const char png[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\2\x08\2";
    (void)arg;
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, 50 });
    sori_events *e = sori_events_new(c, FOLDER "/events", 0);
    sori_events_scalar(e, "a", 0, 1);
    sori_events_histogram(e, "b", 0, y);
    sori_events_image(e, "c", 0, png, sizeof png);
    sori_events_audio(e, "d", 0, y, 8000);
    sori_events_text(e, "e", 0, "text");
    sori_events_free(e);
    clear_folder(FOLDER "/events");
    return 0;
}

static void training_with_files(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = train, .most = 60 });
}

static void event_files(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = write_events });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(training_with_files), cmocka_unit_test(event_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
