/* csv_logger.c - the logs of every epoch as a CSV file.                                           Keras's CSVLogger
 *
 * The text is kept in memory and the file replaced as a whole, so that a killed run leaves no half line, and a resumed
 * one no line twice: its history, which checkpoints hold, is where the lines come from. */
#include "base/base.h"
#include <math.h>
#include <sori/callbacks.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST ((uint64_t)1 << 26)   /* bytes of an earlier file that are read */

struct sori_csv_logger {
    sori_ctx *c;
    char *path;
    sori_csv_config config;
    char *text;            /* [size] of [room]: the file */
    size_t size, room;
    size_t rows;           /* epochs of the history that are in it */
};

static void add(sori_csv_logger *l, const char *text, size_t n) {
    if (base_failed(l->c)) return;
    if (l->size + n > l->room) {
        size_t room = 2 * (l->size + n) + 256;
        char *larger = base_grow(l->c, l->text, l->size, room, 1);
        if (!larger) return;
        l->text = larger;
        l->room = room;
    }
    memcpy(l->text + l->size, text, n);
    l->size += n;
}

static void add_text(sori_csv_logger *l, const char *text) { add(l, text, strlen(text)); }

static void add_number(sori_csv_logger *l, double v) {
    char text[40];
    double again = NAN;
    add(l, &l->config.separator, 1);
    if (!isfinite(v)) return;
    for (int digits = 15; digits <= 17 && !(again == v); digits++) {
        base_format(text, sizeof text, "%.*g", digits, v);
        base_parse_double(text, &again);
    }
    add_text(l, text);
}

static void add_row(sori_csv_logger *l, const sori_logs *r) {
    char epoch[16];
    base_format(epoch, sizeof epoch, "%u", r->epoch);
    add_text(l, epoch);
    const double values[] = { r->accuracy, r->learning_rate, r->loss, r->val_accuracy, r->val_loss };
    for (size_t i = 0; i < BASE_COUNT(values); i++) add_number(l, values[i]);
    add_text(l, "\n");
}

static void add_header(sori_csv_logger *l) {
    static const char *const names[] = { "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss" };
    add_text(l, "epoch");
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        add(l, &l->config.separator, 1);
        add_text(l, names[i]);
    }
    add_text(l, "\n");
}

/* The lines of the file there is that begin with the number of an epoch before the first one. */
static void keep_earlier(sori_csv_logger *l, uint32_t first) {
    size_t size = 0;
    char *old = access(l->path, F_OK) == 0 ? base_read_file(l->c, l->path, MOST, &size) : NULL;
    for (char *line = old, *end; old && (end = strchr(line, '\n')); line = end + 1) {
        char *behind;
        unsigned long epoch = strtoul(line, &behind, 10);
        if (behind > line && *behind == l->config.separator && epoch < first) add(l, line, (size_t)(end + 1 - line));
    }
    base_free(l->c, old);
}

static void on_train_begin(void *user, sori_model *m, const sori_logs *logs) {
    sori_csv_logger *l = user;
    size_t n = 0;
    const sori_logs *history = sori_history(m, &n);
    if (base_failed(l->c)) return;
    l->size = l->rows = 0;
    add_header(l);
    if (l->config.append) keep_earlier(l, n ? history[0].epoch : logs->epoch);
}

static void on_epoch_end(void *user, sori_model *m, const sori_logs *logs) {
    sori_csv_logger *l = user;
    size_t n = 0;
    const sori_logs *history = sori_history(m, &n);
    (void)logs;
    while (l->rows < n) add_row(l, &history[l->rows++]);
    base_file *f = base_file_new(l->c, l->path);
    base_file_write(f, l->text, l->size);
    base_file_commit(f);
}

sori_csv_logger *sori_csv_logger_new(sori_ctx *c, const char *path, const sori_csv_config *config) {
    if (base_failed(c)) return NULL;
    sori_csv_config k = config ? *config : (sori_csv_config){ 0 };
    if (k.separator == 0) k.separator = ',';
    if (!path) sori_fail(c, SORI_EINVAL, "csv_logger: no file to write");
    else if (strchr("0123456789.+-e\n\r\"", k.separator))
        sori_fail(c, SORI_EINVAL, "csv_logger: the separator '%c' is part of a number or a line", k.separator);
    sori_csv_logger *l = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *l);
    if (!l) return NULL;
    *l = (sori_csv_logger){ .c = c, .config = k, .path = base_strdup(c, path) };
    char *dir = l->path ? base_strdup(c, path) : NULL, *slash = dir ? strrchr(dir, '/') : NULL;
    if (slash && slash > dir) {
        *slash = 0;
        base_make_dirs(c, dir);
    }
    base_free(c, dir);
    if (base_failed(c)) {
        sori_csv_logger_free(l);
        return NULL;
    }
    return l;
}

sori_callback sori_csv_logger_callback(sori_csv_logger *l) {
    if (!l) return (sori_callback){ 0 };
    return (sori_callback){ .user = l, .on_train_begin = on_train_begin, .on_epoch_end = on_epoch_end };
}

void sori_csv_logger_free(sori_csv_logger *l) {
    if (!l) return;
    base_free(l->c, l->text);
    base_free(l->c, l->path);
    base_free(l->c, l);
}
