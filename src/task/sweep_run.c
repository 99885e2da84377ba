/* sweep_run.c - one run of a sweep: trained, or found done.
 *
 * A run's file is named by a hash of its key: version, content of the recordings, seed, settings. The file holds the
 * key itself, so one that says something else, or is damaged, counts as none and the run is trained. While it trains,
 * its model and checkpoint lie beside that file; a run that was cut goes on from there. */
#include "task/sweep.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT ((uint64_t)1 << 20)   /* bytes of a run's file; one is below a kilobyte */

/* Where a run's files are. */
typedef struct run_files {
    json_t *key;
    char *result, *model, *checkpoint;   /* freed by base_free */
} run_files;

static json_t *text_or_null(const char *s) { return s ? json_string(s) : json_null(); }

/* Everything the result depends on. */
static json_t *key_of(sori_ctx *c, const sweep *s, const sweep_run *r) {
    char content[20], seed[24];
    sori_split_config split = s->config->split;
    split.seed = r->seed;
    base_format(content, sizeof content, "%016" PRIx64, s->content[r->seed - sori_seed(s->c)]);
    base_format(seed, sizeof seed, "%" PRIu64, r->seed);   /* JSON's integers end at 2^63 */
    json_t *settings = task_sweep_settings_json(s, r->row), *cut = task_split_json(&split);
    json_t *key = settings && cut ? json_object() : NULL;
    json_object_set_new(key, "sori", json_string(SORI_VERSION));
    json_object_set_new(key, "content", json_string(content));
    json_object_set_new(key, "seed", json_string(seed));
    json_object_set_new(key, "settings", settings);
    json_object_set_new(key, "split", cut);
    json_object_set_new(key, "label_pattern", text_or_null(s->config->scan.label_pattern));
    json_object_set_new(key, "max_bad", json_real(s->config->max_bad));
    if (!key) sori_fail(c, SORI_EFORMAT, "sweep: a pattern is not valid UTF-8");
    return key;
}

static bool open_files(sori_ctx *c, const sweep *s, const sweep_run *r, run_files *f) {
    *f = (run_files){ .key = key_of(c, s, r) };
    char *text = f->key ? json_dumps(f->key, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;
    if (f->key && !text) sori_fail(c, SORI_ENOMEM, "out of memory");
    uint64_t h = text ? base_hash(BASE_HASH_START, text, strlen(text)) : 0;
    free(text);
    if (base_failed(c)) return false;
    f->result = base_printf(c, "%s/%016" PRIx64 ".json", s->folder, h);
    f->model = base_printf(c, "%s/%016" PRIx64 ".safetensors", s->folder, h);
    f->checkpoint = base_printf(c, "%s/%016" PRIx64 ".safetensors.checkpoint", s->folder, h);
    return !base_failed(c);
}

static void close_files(sori_ctx *c, run_files *f) {
    json_decref(f->key);
    base_free(c, f->result);
    base_free(c, f->model);
    base_free(c, f->checkpoint);
}

/* --- found -------------------------------------------------------------------------------------------------------- */

/* A share, or null for a split that is not there. */
static bool read_share(const json_t *o, const char *name, double *out) {
    const json_t *j = json_object_get(o, name);
    *out = json_is_null(j) ? NAN : json_number_value(j);
    return json_is_null(j) || (json_is_number(j) && *out >= 0 && *out <= 1);
}

static bool read_result(sori_ctx *c, const json_t *o, const json_t *key, sweep_run *r) {
    const json_t *seconds = json_object_get(o, "seconds"), *bad = json_object_get(o, "bad_files");
    const char *error = json_string_value(json_object_get(o, "error"));
    if (!json_equal(json_object_get(o, "run"), key) || !json_is_number(seconds) || !json_is_integer(bad)) return false;
    if (!read_share(o, "val_accuracy", &r->accuracy[SORI_VAL])) return false;
    if (!read_share(o, "test_accuracy", &r->accuracy[SORI_TEST])) return false;
    r->seconds = json_number_value(seconds);
    r->bad_files = (size_t)json_integer_value(bad);
    r->ok = !error;
    r->error = error ? base_strdup(c, error) : NULL;
    return r->seconds >= 0;
}

bool task_sweep_find_run(sweep *s, sweep_run *r) {
    run_files f;
    size_t size = 0;
    bool found = false;
    if (open_files(s->c, s, r, &f) && access(f.result, R_OK) == 0) {
        char *text = base_read_file(s->c, f.result, LIMIT, &size);
        json_t *o = text ? base_json_parse(s->c, f.result, text, size) : NULL;
        found = o && read_result(s->c, o, f.key, r);
        json_decref(o);
        base_free(s->c, text);
        sori_status status = sori_error(s->c);
        if (status == SORI_EFORMAT || status == SORI_EIO) sori_clear(s->c);
    }
    close_files(s->c, &f);
    r->done = found && !base_failed(s->c);
    return r->done;
}

/* --- trained ------------------------------------------------------------------------------------------------------ */

static json_t *number(double v) { return isfinite(v) ? json_real(v) : json_null(); }

static void save_result(sori_ctx *c, const run_files *f, const sweep_run *r) {
    json_t *o = json_pack("{s:O, s:o, s:o, s:f, s:I, s:o}", "run", f->key, "val_accuracy",
                          number(r->accuracy[SORI_VAL]), "test_accuracy", number(r->accuracy[SORI_TEST]), "seconds",
                          r->seconds, "bad_files", (json_int_t)r->bad_files, "error", text_or_null(r->error));
    char *text = o ? json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(o);
    if (!text) {
        sori_fail(c, SORI_ENOMEM, "out of memory");
        return;
    }
    base_file *file = base_file_new(c, f->result);
    base_file_printf(file, "%s\n", text);
    if (file) base_file_commit(file);
    free(text);
}

/* The settings' or the data's fault: another try would end the same way. */
static bool is_result(sori_status s) {
    return s == SORI_EINVAL || s == SORI_EFORMAT || s == SORI_EMODEL || s == SORI_EDIVERGED || s == SORI_EUNSUP;
}

/* A checkpoint that cannot be gone on from (a version in between wrote it) costs the work, not the run. */
static void train(sori_ctx *c, const sweep *s, sweep_run *r, const run_files *f) {
    sori_train_config t = task_sweep_settings(c, s, r->row);
    sori_train_result result = { 0 };
    t.split.seed = r->seed;
    t.resume = access(f->checkpoint, F_OK) == 0;
    sori_train_classifier(c, s->data, f->model, &t, &result);
    if (t.resume && is_result(sori_error(c))) {
        sori_clear(c);
        t.resume = false;
        sori_train_classifier(c, s->data, f->model, &t, &result);
    }
    r->accuracy[SORI_VAL] = result.val_accuracy;
    r->accuracy[SORI_TEST] = result.test_accuracy;
    r->seconds = result.seconds;
    r->bad_files = result.bad_files;
}

/* NaN is no accuracy, and an error's sentence must be text for JSON and for CSV. */
static void note_failure(sori_ctx *job, const sori_ctx *c, sweep_run *r) {
    r->accuracy[SORI_VAL] = r->accuracy[SORI_TEST] = NAN;
    r->seconds = 0;
    r->error = base_strdup(job, sori_message(c));
    for (char *p = r->error; p && *p;) {
        size_t n = base_utf8_length(p);
        if (n == 0 || (unsigned char)*p < ' ') *p = '?';
        p += n ? n : 1;
    }
}

void task_sweep_train_run(sori_ctx *job, const sweep *s, sweep_run *r) {
    run_files f = { 0 };
    sori_ctx *c = base_fork_run(job, r->seed);
    if (c && open_files(job, s, r, &f)) {
        train(c, s, r, &f);
        r->ok = !base_failed(c);
        if (is_result(sori_error(c))) note_failure(job, c, r);
        else sori_fail(job, sori_error(c), "%s", sori_message(c));
        if (!base_failed(job)) save_result(job, &f, r);
        r->done = !base_failed(job);
    }
    if (r->done) {
        unlink(f.model);
        unlink(f.checkpoint);
    }
    close_files(job, &f);
    sori_close(c);
}
