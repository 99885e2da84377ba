/* out.c - an output file as a stdio stream that appears whole or not at all; "-" is standard output.
 *
 * The stream is a cookie over sori_file, so that the same printing code serves both. */
#define _GNU_SOURCE
#include "cli.h"
#include <math.h>
#include <string.h>

#define MOST 0.999           /* of full scale, which PCM just does not reach */

static ssize_t write_cookie(void *cookie, const char *data, size_t n) {
    return sori_file_write(cookie, data, n) ? (ssize_t)n : 0;
}

bool cli_out_open(cli *k, cli_out *o, const char *path) {
    *o = (cli_out){ .k = k, .to = stdout };
    if (!strcmp(path, "-")) return true;
    o->file = sori_file_new(k->c, path);
    if (!o->file) return false;
    o->to = fopencookie(o->file, "w", (cookie_io_functions_t){ .write = write_cookie });
    if (o->to) return true;
    sori_fail(k->c, SORI_ENOMEM, "out of memory");
    sori_file_abort(o->file);
    return false;
}

bool cli_out_commit(cli_out *o) {
    if (!o->file) return !ferror(stdout);
    bool written = fclose(o->to) == 0;
    if (cli_interrupted()) sori_fail(o->k->c, SORI_EINTR, "interrupted");
    if (written && sori_error(o->k->c) == SORI_OK) return sori_file_commit(o->file) == SORI_OK;
    sori_fail(o->k->c, SORI_EIO, "cannot write");   /* the file's own sentence came first */
    sori_file_abort(o->file);
    return false;
}

static double peak_of(const sori_array *y) {
    float most = 0;
    for (size_t i = 0; i < y->size; i++) most = fmaxf(most, fabsf(((const float *)y->data)[i]));
    return most;
}

void cli_save_sound(cli *k, const char *path, sori_audio y, const sori_save_config *config) {
    double peak = y.y ? peak_of(y.y) : 0;
    if (peak > 1 && config->subtype != SORI_FLOAT) {
        y = sori_normalize_peak(k->c, y, MOST);
        cli_say(k, "%s: made %.1f dB softer, so that nothing is clipped", path, 20 * log10(peak / MOST));
    }
    if (y.y) sori_save(k->c, path, y, config);
}
