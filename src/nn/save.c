/* save.c - model files and checkpoints.
 *
 * A model file is a safetensors file with the weights under their names. Its metadata has one entry, "sori", a JSON
 * text: {"version": 1, "input": [...], "layers": [...], "compile": {...}, "history": [...], "user": {...}}. Python
 * opens the tensors with the safetensors package, and the metadata with json.
 *
 * A checkpoint is a model file that also holds what the optimiser keeps ("optimizer/m/...", see optimize.c), the best
 * weights so far ("best/...") and under "training" where the run stands. With use_ema the weights under the plain names
 * are the moving average, for use, and those in training "optimizer/raw/...". */
#include "array/array.h"
#include "nn/nn.h"
#include "nn/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION 1

/* --- metadata ------------------------------------------------------------ */

/* JSON has no NaN: what was not measured is null. */
static json_t *number(double v) { return isfinite(v) ? json_real(v) : json_null(); }
static double value_of(const json_t *j) { return json_is_number(j) ? json_number_value(j) : NAN; }

/* No times: the same run gives the same file. */
static json_t *logs_json(const sori_logs *l) {
    return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "epoch", (int)l->epoch, "steps", (int)l->steps, "loss",
                     number(l->loss), "accuracy", number(l->accuracy), "val_loss", number(l->val_loss), "val_accuracy",
                     number(l->val_accuracy), "learning_rate", number(l->learning_rate));
}

static json_t *compile_json(const sori_model *m) {
    const sori_optimizer *o = &m->config.optimizer;
    return json_pack("{s:i, s:f, s:f, s:b, s:b, s:i, s:f, s:f, s:b, s:f, s:f, s:f, s:b, s:f, s:f, s:f, s:f, s:f, s:i, "
                     "s:b, s:f}", "loss", (int)m->config.loss, "label_smoothing", m->config.label_smoothing, "delta",
                     m->config.delta, "keep_mean", m->config.keep_mean, "exact", m->config.exact, "optimizer",
                     (int)o->kind, "learning_rate", o->learning_rate, "momentum", o->momentum, "nesterov",
                     o->nesterov, "beta_1", o->beta_1, "beta_2", o->beta_2, "rho", o->rho, "centered", o->centered,
                     "epsilon", o->epsilon, "weight_decay",
                     o->weight_decay, "clipnorm", o->clipnorm, "global_clipnorm", o->global_clipnorm, "clipvalue",
                     o->clipvalue, "gradient_accumulation_steps", o->gradient_accumulation_steps, "use_ema",
                     o->use_ema, "ema_momentum", o->ema_momentum);
}

static json_t *watch_json(const nn_watch *w) {
    return json_pack("{s:o, s:i}", "best", number(w->best), "waited", w->waited);
}

static json_t *training_json(const sori_model *m) {
    return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:f, s:i, s:b}", "seed",
                     (json_int_t)sori_seed(m->c), "step", (json_int_t)m->step, "epoch", (json_int_t)m->epoch,
                     "step_in_epoch", (json_int_t)m->step_in_epoch, "loss_sum", number(m->loss_sum), "correct_sum",
                     number(m->correct_sum), "sample_sum", number(m->sample_sum), "early", watch_json(&m->early),
                     "plateau", watch_json(&m->plateau), "kept", watch_json(&m->kept), "cooldown", m->cooldown,
                     "lr_scale", m->lr_scale, "bad_in_row", m->bad_in_row, "early_stopped", m->early_stopped);
}

static json_t *model_json(const sori_model *m, const char *user, bool checkpoint) {
    json_t *layers = json_array(), *history = json_array(), *input = json_array(), *o = json_object();
    for (int i = 0; i < m->input.ndim; i++) json_array_append_new(input, json_integer((json_int_t)m->input.dim[i]));
    for (int i = 0; i < m->n_nodes; i++) json_array_append_new(layers, nn_layer_to_json(&m->nodes[i]));
    for (size_t i = 0; i < m->history_count; i++) json_array_append_new(history, logs_json(&m->history[i]));
    json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
    json_object_set_new(o, "library", json_string(SORI_VERSION));
    json_object_set_new(o, "input", input);
    json_object_set_new(o, "layers", layers);
    json_object_set_new(o, "history", history);
    if (m->compiled) json_object_set_new(o, "compile", compile_json(m));
    if (checkpoint) json_object_set_new(o, "training", training_json(m));
    if (user) json_object_set_new(o, "user", json_loads(user, JSON_REJECT_DUPLICATES, NULL));
    return o;
}

/* The metadata object of safetensors: strings only, so the JSON text is a string in it. NULL on failure. */
static char *metadata_text(sori_model *m, const char *user, bool checkpoint) {
    json_t *inner = model_json(m, user, checkpoint);
    char *text = inner ? json_dumps(inner, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_t *outer = text ? json_pack("{s:s}", "sori", text) : NULL;
    char *all = outer ? json_dumps(outer, JSON_COMPACT) : NULL;
    char *kept = all ? base_strdup(m->c, all) : NULL;
    if (!kept) sori_fail(m->c, SORI_ENOMEM, "out of memory");
    json_decref(inner);
    json_decref(outer);
    free(text);
    free(all);
    return kept;
}

/* --- saving ------------------------------------------------------------ */

/* prefix + every weight of a block, appended to items. */
static bool list_block(sori_model *m, const char *prefix, char *block, sori_named *items, size_t *count) {
    for (size_t i = 0; block && i < nn_param_total(m); i++) {
        const nn_param *p = nn_param_at(m, i);
        char *name = base_printf(m->c, "%s%s", prefix, p->name);
        items[*count].name = name ? base_intern(m->c, name) : NULL;
        base_free(m->c, name);
        items[*count].array = sori_array_from(m->c, m->k->real_size == 8 ? SORI_F64 : SORI_F32, p->shape.ndim,
                                              p->shape.dim, nn_at(m, block, p->offset));
        if (base_failed(m->c)) return false;
        ++*count;
    }
    return true;
}

static bool list_state(sori_model *m, sori_named *items, size_t *count) {
    const char *prefix = NULL;
    char **block;
    for (size_t i = 0; (block = nn_optimizer_block(m, i, &prefix)); i++)
        if (!list_block(m, prefix, *block, items, count)) return false;
    return list_block(m, "best/", m->best_w, items, count);
}

static bool check_user(sori_model *m, const char *user) {
    json_error_t why;
    json_t *j = user ? json_loads(user, JSON_REJECT_DUPLICATES, &why) : NULL;
    if (user && !json_is_object(j))
        sori_fail(m->c, SORI_EINVAL, "model: the metadata must be a JSON object: %s", j ? "it is not" : why.text);
    json_decref(j);
    return !base_failed(m->c);
}

sori_status nn_save(sori_model *m, const char *path, const char *user, bool checkpoint) {
    sori_ctx *c = m->c;
    if (base_failed(c) || !check_user(m, user) || !nn_set_precision(m, m->config.exact)) return sori_error(c);
    int scope = sori_begin(c);
    size_t count = 0, room = nn_param_total(m) * (checkpoint ? 7 : 1);
    bool averaged = m->averaged;
    sori_named *items = base_alloc(c, room, sizeof *items);
    char *metadata = items ? metadata_text(m, user, checkpoint) : NULL;
    if (checkpoint) nn_show_average(m, true);
    bool ok = metadata && list_block(m, "", m->w, items, &count) && (!checkpoint || list_state(m, items, &count));
    nn_show_average(m, averaged);
    if (ok) sori_save_safetensors(c, path, items, count, metadata);
    base_free(c, metadata);
    base_free(c, items);
    sori_end(c, scope, NULL);
    return sori_error(c);
}

sori_status sori_model_save(sori_model *m, const char *path, const char *metadata_json) {
    return m ? nn_save(m, path, metadata_json, false) : SORI_EINVAL;
}

/* --- loading ------------------------------------------------------------ */

typedef struct opened {
    const char *path;
    json_t *json;               /* the object under "sori" */
    const sori_named *items;
    size_t count;
} opened;

/* What the readers below call bad input is, in a model file, a rejected model. */
static bool reject_bad_input(sori_ctx *c) {
    if (sori_error(c) == SORI_EFORMAT) {
        char *why = base_strdup(c, sori_message(c));
        sori_clear(c);
        sori_fail(c, SORI_EMODEL, "%s", why ? why : "bad model file");
        base_free(c, why);
    }
    return !base_failed(c);
}

/* Tensors and metadata of a file, in the scope the caller opened. */
static bool open_model(sori_ctx *c, const char *path, opened *f) {
    const char *metadata = NULL;
    *f = (opened){ .path = path };
    f->items = sori_load_safetensors(c, path, &f->count, &metadata);
    if (!reject_bad_input(c)) return false;
    json_t *outer = metadata ? base_json_parse(c, path, metadata, strlen(metadata)) : NULL;
    const char *text = json_string_value(json_object_get(outer, "sori"));
    f->json = text ? base_json_parse(c, path, text, strlen(text)) : NULL;
    json_decref(outer);
    if (!reject_bad_input(c)) return false;
    if (!json_is_object(f->json)) sori_fail(c, SORI_EMODEL, "%s: not a sori model: no 'sori' in its metadata", path);
    else if (json_integer_value(json_object_get(f->json, "version")) != FORMAT_VERSION)
        sori_fail(c, SORI_EMODEL, "%s: model format version %d, this library reads %d", path,
                  (int)json_integer_value(json_object_get(f->json, "version")), FORMAT_VERSION);
    return !base_failed(c);
}

static bool read_input(const json_t *j, sori_shape *s) {
    size_t n = json_array_size(j);
    if (!json_is_array(j) || n < 1 || n > 4) return false;
    *s = (sori_shape){ { 0 } };
    for (size_t i = 0; i < n; i++) {
        json_int_t v = json_integer_value(json_array_get(j, i));
        if (v < 1 || v > INT32_MAX) return false;
        s->dim[i] = (int)v;
    }
    return true;
}

static sori_model *build(sori_ctx *c, const opened *f) {
    json_t *layers = json_object_get(f->json, "layers");
    size_t n = json_array_size(layers);
    sori_shape input;
    if (!read_input(json_object_get(f->json, "input"), &input) || n < 1 || n > NN_MAX_LAYERS) {
        sori_fail(c, SORI_EMODEL, "%s: the input shape or the layer table is missing or out of range", f->path);
        return NULL;
    }
    sori_layer *table = base_alloc(c, n, sizeof *table);
    bool ok = table != NULL;
    for (size_t i = 0; ok && i < n; i++) ok = nn_layer_from_json(c, json_array_get(layers, i), i, &table[i]);
    sori_model *m = ok ? nn_model_new(c, input, table, n) : NULL;
    base_free(c, table);
    return m;
}

static const sori_array *find(const opened *f, const char *prefix, const char *name) {
    size_t skip = strlen(prefix);
    for (size_t i = 0; i < f->count; i++)
        if (!strncmp(f->items[i].name, prefix, skip) && !strcmp(f->items[i].name + skip, name))
            return f->items[i].array;
    return NULL;
}

static bool fits(const sori_array *a, const nn_shape *s) {
    bool ok = (a->dtype == SORI_F32 || a->dtype == SORI_F64) && a->ndim == s->ndim;
    for (int i = 0; ok && i < s->ndim; i++) ok = a->shape[i] == s->dim[i];
    return ok;
}

/* The tensors named prefix + weight into block; all must be there, with their shapes. */
static bool read_block(sori_model *m, const opened *f, const char *prefix, char *block) {
    char want[96], have[128];
    m->version++;
    for (size_t i = 0; i < nn_param_total(m); i++) {
        const nn_param *p = nn_param_at(m, i);
        const sori_array *a = find(f, prefix, p->name);
        if (!a) {
            sori_fail(m->c, SORI_EMODEL, "%s: the tensor '%s%s' is missing", f->path, prefix, p->name);
            return false;
        }
        if (!fits(a, &p->shape)) {
            sori_fail(m->c, SORI_EMODEL, "%s: the tensor '%s%s' is %s %s, must be float %s", f->path, prefix, p->name,
                      sori_dtype_name(a->dtype), array_shape_text(a, have, sizeof have),
                      nn_shape_text(&p->shape, NULL, want, sizeof want));
            return false;
        }
        if (a->dtype == SORI_F32) m->k->from_f32(nn_at(m, block, p->offset), a->data, a->size);
        else m->k->from_f64(nn_at(m, block, p->offset), a->data, a->size);
    }
    return true;
}

static bool read_history(sori_model *m, const json_t *list) {
    size_t n = json_array_size(list);
    sori_logs *h = base_alloc(m->c, BASE_MAX(n, (size_t)1), sizeof *h);
    if (!h) return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i);
        h[i] = (sori_logs){ .epoch = (uint32_t)json_integer_value(json_object_get(o, "epoch")),
                            .steps = (uint32_t)json_integer_value(json_object_get(o, "steps")),
                            .loss = value_of(json_object_get(o, "loss")),
                            .accuracy = value_of(json_object_get(o, "accuracy")),
                            .val_loss = value_of(json_object_get(o, "val_loss")),
                            .val_accuracy = value_of(json_object_get(o, "val_accuracy")),
                            .learning_rate = value_of(json_object_get(o, "learning_rate")),
                            .seconds = NAN };
        h[i].step = h[i].steps;
        h[i].epochs = (uint32_t)n;
    }
    base_free(m->c, m->history);
    m->history = h;
    m->history_count = n;
    m->history_room = BASE_MAX(n, (size_t)1);
    return true;
}

static const char *user_text(sori_ctx *c, const opened *f) {
    char *text = json_dumps(json_object_get(f->json, "user"),
                            JSON_COMPACT | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY);
    const char *kept = text ? base_intern(c, text) : NULL;
    free(text);
    return kept;
}

sori_model *sori_model_load(sori_ctx *c, const char *path, const char **metadata_json) {
    if (metadata_json) *metadata_json = NULL;
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    opened f;
    sori_model *m = open_model(c, path, &f) ? build(c, &f) : NULL;
    if (m && nn_set_precision(m, false) && read_block(m, &f, "", m->w))
        read_history(m, json_object_get(f.json, "history"));
    if (m && metadata_json && json_object_get(f.json, "user")) *metadata_json = user_text(c, &f);
    json_decref(f.json);
    sori_end(c, scope, NULL);
    if (base_failed(c)) {
        base_fail_in(c, path);
        sori_model_free(m);
        return NULL;
    }
    return m;
}

/* --- resuming ------------------------------------------------------------ */

/* The checkpoint must be of this very model: the same table, input and seed. */
static bool same_run(sori_model *m, const opened *f, const json_t *state) {
    json_t *mine = model_json(m, NULL, true);
    bool same = json_equal(json_object_get(mine, "layers"), json_object_get(f->json, "layers")) &&
                json_equal(json_object_get(mine, "input"), json_object_get(f->json, "input")) &&
                json_equal(json_object_get(mine, "compile"), json_object_get(f->json, "compile"));
    bool seed = (uint64_t)json_integer_value(json_object_get(state, "seed")) == sori_seed(m->c);
    json_decref(mine);
    if (!same) sori_fail(m->c, SORI_EMODEL, "%s: the checkpoint is of another model or optimiser", f->path);
    else if (!seed)
        sori_fail(m->c, SORI_EMODEL, "%s: the checkpoint's seed is %lld, this run's %llu", f->path,
                  (long long)json_integer_value(json_object_get(state, "seed")), (unsigned long long)sori_seed(m->c));
    return same && seed;
}

static void read_watch(nn_watch *w, const json_t *j) {
    *w = (nn_watch){ value_of(json_object_get(j, "best")), (int)json_integer_value(json_object_get(j, "waited")) };
}

static void read_state(sori_model *m, const json_t *s) {
    m->step = (uint64_t)json_integer_value(json_object_get(s, "step"));
    m->epoch = (uint32_t)json_integer_value(json_object_get(s, "epoch"));
    m->step_in_epoch = (uint32_t)json_integer_value(json_object_get(s, "step_in_epoch"));
    m->loss_sum = value_of(json_object_get(s, "loss_sum"));
    m->correct_sum = value_of(json_object_get(s, "correct_sum"));
    m->sample_sum = value_of(json_object_get(s, "sample_sum"));
    read_watch(&m->early, json_object_get(s, "early"));
    read_watch(&m->plateau, json_object_get(s, "plateau"));
    read_watch(&m->kept, json_object_get(s, "kept"));
    m->cooldown = (int)json_integer_value(json_object_get(s, "cooldown"));
    double scale = value_of(json_object_get(s, "lr_scale"));
    m->lr_scale = scale > 0 && scale <= 1 ? scale : 1;
    m->bad_in_row = (int)json_integer_value(json_object_get(s, "bad_in_row"));
    m->early_stopped = json_is_true(json_object_get(s, "early_stopped"));
}

static bool read_optimizer(sori_model *m, const opened *f) {
    const char *prefix = NULL;
    char **block;
    for (size_t i = 0; (block = nn_optimizer_block(m, i, &prefix)); i++)
        if (*block && !read_block(m, f, prefix, *block)) return false;
    return true;
}

static bool read_checkpoint(sori_model *m, const opened *f) {
    const json_t *state = json_object_get(f->json, "training");
    if (!json_is_object(state)) {
        sori_fail(m->c, SORI_EMODEL, "%s: a finished model, not a checkpoint", f->path);
        return false;
    }
    if (!same_run(m, f, state)) return false;
    const char *first = nn_param_total(m) ? nn_param_at(m, 0)->name : "";
    if (find(f, "best/", first) && !m->best_w && !(m->best_w = base_alloc(m->c, m->param_count, m->k->real_size)))
        return false;
    if (!read_block(m, f, "", m->w) || !read_optimizer(m, f) || (m->best_w && !read_block(m, f, "best/", m->best_w)))
        return false;
    read_state(m, state);
    m->averaged = m->ema != NULL;
    nn_show_average(m, false);
    return read_history(m, json_object_get(f->json, "history"));
}

sori_status nn_resume(sori_model *m, const char *path) {
    if (base_failed(m->c)) return sori_error(m->c);
    int scope = sori_begin(m->c);
    opened f;
    if (open_model(m->c, path, &f)) read_checkpoint(m, &f);
    json_decref(f.json);
    sori_end(m->c, scope, NULL);
    return sori_error(m->c);
}
