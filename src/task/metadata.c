/* metadata.c - what a classifier's file says beyond its weights, written and read as JSON.
 *
 * The file may come from anywhere: every field has a type and a range, and one that is missing or outside makes the
 * file a rejected one. Fields that are not known are passed over, so that a later version may add some. The ranges
 * keep sizes derived from them (frames, filters) small enough to allocate. */
#include "task/task.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define MAX_LABELS 65536
#define MAX_BINS 65536

/* --- the input's numbers: one table for writing and reading ----------------------------------------------------- */

typedef enum field_kind { REAL, WHOLE, FLAG, CHOICE } field_kind;

typedef struct field {
    const char *name;
    field_kind kind;
    size_t offset;               /* in sori_input_config */
    double low, high;
    const char *const *choices;  /* CHOICE: NULL-terminated, in the enum's order */
    bool later;                  /* models of earlier versions are without it; 0 then */
} field;

#define AT(member) offsetof(sori_input_config, member)

static const char *const pad_modes[] = { "constant", "edge", "reflect", "symmetric", "linear_ramp", "wrap", NULL };
static const char *const norms[] = { "slaney", "none", "l1", "l2", "inf", NULL };

static const field fields[] = {
    { "sr", REAL, AT(sr), 1, 1e6, NULL },
    { "range_db", REAL, AT(range_db), -1000, 1000, NULL },
    { "segment_s", REAL, AT(segment_s), 1e-6, 3600, NULL },
    { "hop_s", REAL, AT(hop_s), 1e-6, 3600, NULL },
    { "n_fft", WHOLE, AT(config.stft.n_fft), 1, 1 << 20, NULL },
    { "hop_length", WHOLE, AT(config.stft.hop_length), 1, 1 << 20, NULL },
    { "win_length", WHOLE, AT(config.stft.win_length), 1, 1 << 20, NULL },
    { "uncentered", FLAG, AT(config.stft.uncentered), 0, 1, NULL },
    { "pad_mode", CHOICE, AT(config.stft.pad_mode), 0, 5, pad_modes },
    { "exact", FLAG, AT(config.stft.exact), 0, 1, NULL },
    { "power", REAL, AT(config.power), 0, 100, NULL },
    { "n_mels", WHOLE, AT(config.n_mels), 1, 4096, NULL },
    { "fmin", REAL, AT(config.fmin), 0, 1e6, NULL },
    { "fmax", REAL, AT(config.fmax), 0, 1e6, NULL },
    { "htk", FLAG, AT(config.htk), 0, 1, NULL },
    { "mel_norm", CHOICE, AT(config.mel_norm), 0, 4, norms },
    { "n_mfcc", WHOLE, AT(config.n_mfcc), 1, 4096, NULL },
    { "dct_type", WHOLE, AT(config.dct_type), 1, 4, NULL },
    { "lifter", REAL, AT(config.lifter), 0, 1e6, NULL },
    { "roll_percent", REAL, AT(config.roll_percent), 0, 1, NULL },
    { "n_bands", WHOLE, AT(config.n_bands), 0, 4096, NULL },
    { "quantile", REAL, AT(config.quantile), 0, 1, NULL },
    { "tuning_mode", WHOLE, AT(config.tuning.mode), 0, 2, NULL, true },
    { "tuning", REAL, AT(config.tuning.value), -1e3, 1e3, NULL, true },
    { "n_chroma", WHOLE, AT(config.n_chroma), 0, 4096, NULL, true },
    { "n_bins", WHOLE, AT(config.n_bins), 0, 4096, NULL, true },
    { "bins_per_octave", WHOLE, AT(config.bins_per_octave), 0, 4096, NULL, true },
    { "start_bpm", REAL, AT(config.start_bpm), 0, 1e6, NULL, true },
};

_Static_assert(sizeof(sori_pad_mode) == sizeof(int) && sizeof(sori_norm) == sizeof(int), "enums are read as int");

static json_t *field_json(const field *f, const sori_input_config *in) {
    const void *at = (const char *)in + f->offset;
    switch (f->kind) {
    case REAL: return json_real(*(const double *)at);
    case WHOLE: return json_integer(*(const int *)at);
    case FLAG: return json_boolean(*(const bool *)at);
    case CHOICE: return json_string(f->choices[*(const int *)at]);
    }
    return NULL;
}

static int find_choice(const field *f, const char *text) {
    for (int i = 0; text && f->choices[i]; i++)
        if (!strcmp(f->choices[i], text)) return i;
    return -1;
}

static bool read_field(const field *f, const json_t *j, sori_input_config *in) {
    void *at = (char *)in + f->offset;
    bool typed = f->kind == REAL ? json_is_number(j) : f->kind == WHOLE ? json_is_integer(j)
               : f->kind == FLAG ? json_is_boolean(j) : json_is_string(j);
    double v = f->kind == FLAG ? json_is_true(j) : f->kind == CHOICE ? find_choice(f, json_string_value(j))
                                                                     : json_number_value(j);
    if (!typed || !(v >= f->low && v <= f->high)) return false;
    if (f->kind == REAL) *(double *)at = v;
    else if (f->kind == FLAG) *(bool *)at = v != 0;
    else *(int *)at = (int)v;
    return true;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static json_t *number(double v) { return isfinite(v) ? json_real(v) : json_null(); }
static json_t *text_or_null(const char *s) { return s ? json_string(s) : json_null(); }

static json_t *strings_json(const char *const *s, size_t n) {
    json_t *a = json_array();
    for (size_t i = 0; i < n; i++)
        if (json_array_append_new(a, json_string(s[i])) != 0) {
            json_decref(a);
            return NULL;
        }
    return a;
}

/* A float as a double in 17 digits comes back as the same float. */
static json_t *floats_json(const float *x, size_t n) {
    json_t *a = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(a, json_real((double)x[i]));
    return a;
}

static json_t *input_json(const sori_input_config *in) {
    json_t *o = json_object();
    json_object_set_new(o, "feature", json_string(in->feature));
    json_object_set_new(o, "window", json_string(in->config.stft.window));
    for (size_t i = 0; i < BASE_COUNT(fields); i++) json_object_set_new(o, fields[i].name, field_json(&fields[i], in));
    return o;
}

json_t *task_split_json(const sori_split_config *s) {
    char seed[24];
    base_format(seed, sizeof seed, "%llu", (unsigned long long)s->seed);   /* JSON's integers end at 2^63 */
    return json_pack("{s:f, s:f, s:o, s:o, s:s}", "val", s->val, "test", s->test, "test_pattern",
                     text_or_null(s->test_pattern), "val_pattern", text_or_null(s->val_pattern), "seed", seed);
}

static json_t *train_json(const sori_train_config *t) {
    const sori_spec_augment_config *a = &t->augment;
    const sori_optimizer *o = &t->optimizer;
    json_t *augment = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:i, s:i, s:f, s:f}", "time_shift",
                                a->time_shift, "time_stretch", a->time_stretch, "freq_warp", a->freq_warp, "gain_db",
                                a->gain_db, "eq_db", a->eq_db, "background_db", a->background_db, "noise_db",
                                a->noise_db, "time_masks", a->time_masks, "freq_masks", a->freq_masks, "time_mask",
                                a->time_mask, "freq_mask", a->freq_mask);
    json_t *json = json_pack("{s:o, s:f, s:i, s:i, s:i, s:f, s:i, s:f, s:f, s:i, s:i}", "augment", augment, "mixup",
                             t->mixup, "epochs", t->epochs, "batch_size", t->batch_size, "early_stopping_patience",
                             t->early_stopping_patience, "label_smoothing", t->label_smoothing, "optimizer",
                             (int)o->kind, "learning_rate", o->learning_rate, "weight_decay", o->weight_decay,
                             "reduce_lr_patience", t->reduce_lr_patience, "overfit_batches", t->overfit_batches);
    /* what older versions did not have is left out where it is off, so that their checkpoints can be gone on from */
    if (t->cutmix > 0) json_object_set_new(json, "cutmix", json_real(t->cutmix));
    if (t->manifold_mixup > 0) json_object_set_new(json, "manifold_mixup", json_real(t->manifold_mixup));
    if (t->chain) json_object_set_new(json, "chain", json_string(t->chain));
    if (t->chain && t->variants) json_object_set_new(json, "variants", json_integer(t->variants));
    if (t->mixup_layers) json_object_set_new(json, "mixup_layers", json_string(t->mixup_layers));
    return json;
}

/* No times: the same run gives the same file. */
static json_t *result_json(const sori_train_result *r) {
    return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "train_segments", (json_int_t)r->train_segments,
                     "val_segments", (json_int_t)r->val_segments, "test_segments", (json_int_t)r->test_segments,
                     "bad_files", (json_int_t)r->bad_files, "val_accuracy", number(r->val_accuracy), "test_accuracy",
                     number(r->test_accuracy));
}

char *task_metadata_text(sori_ctx *c, const task_metadata *t) {
    if (base_failed(c)) return NULL;
    json_t *labels = strings_json(t->labels, t->label_count), *split = task_split_json(t->split);
    json_t *o = labels && split ? json_object() : NULL;
    json_object_set_new(o, "kind", json_string("classifier"));
    json_object_set_new(o, "format", json_integer(FORMAT));
    json_object_set_new(o, "labels", labels);
    json_object_set_new(o, "input", input_json(t->input));
    json_object_set_new(o, "mean", floats_json(t->mean, t->bins));
    json_object_set_new(o, "scale", floats_json(t->scale, t->bins));
    json_object_set_new(o, "label_pattern", text_or_null(t->label_pattern));
    json_object_set_new(o, "split", split);
    json_object_set_new(o, "training", train_json(t->train));
    if (t->result) json_object_set_new(o, "result", result_json(t->result));
    char *text = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(o);
    if (!labels || !split)
        sori_fail(c, SORI_EFORMAT, "a label or a file name pattern is not valid UTF-8; rename the class");
    else if (!text) sori_fail(c, SORI_ENOMEM, "out of memory");
    return text;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

typedef struct reader {
    sori_ctx *c;
    const char *path;
    sori_classifier *k;
} reader;

static bool reject(const reader *r, const char *what) {
    sori_fail(r->c, SORI_EMODEL, "%s: not a usable classifier: %s", r->path, what);
    return false;
}

/* A string without NUL (jansson refuses these) kept by the context; NULL stays NULL. */
static bool keep_text(const reader *r, const json_t *j, const char **out) {
    *out = json_is_string(j) ? base_intern(r->c, json_string_value(j)) : NULL;
    return !base_failed(r->c);
}

static bool read_labels(const reader *r, const json_t *j) {
    size_t n = json_array_size(j);
    if (n < 2 || n > MAX_LABELS) return reject(r, "its labels are missing");
    r->k->labels = base_alloc(r->c, n, sizeof *r->k->labels);
    if (!r->k->labels) return false;
    for (size_t i = 0; i < n; i++) {
        if (!json_string_length(json_array_get(j, i))) return reject(r, "a label is not text");
        if (!keep_text(r, json_array_get(j, i), &r->k->labels[i])) return false;
    }
    r->k->label_count = n;
    return true;
}

static bool read_input(const reader *r, const json_t *j) {
    sori_input_config *in = &r->k->g.input;
    *in = (sori_input_config){ 0 };
    for (size_t i = 0; i < BASE_COUNT(fields); i++) {
        const json_t *value = json_object_get(j, fields[i].name);
        if ((!value && fields[i].later) || read_field(&fields[i], value, in)) continue;
        char what[80];
        base_format(what, sizeof what, "input.%s is missing or out of range", fields[i].name);
        return reject(r, what);
    }
    if (!keep_text(r, json_object_get(j, "feature"), &in->feature)) return false;
    if (!keep_text(r, json_object_get(j, "window"), &in->config.stft.window)) return false;
    if (!in->feature || !in->config.stft.window) return reject(r, "input.feature or input.window is missing");
    if (!data_is_input(in->feature)) return reject(r, "input.feature is not known to this version");
    in->config.db = !strcmp(in->feature, "mel") || !strcmp(in->feature, "spectrogram");
    in->config.top_db = SORI_NONE;
    return true;
}

static bool read_floats(const reader *r, const json_t *j, const char *name, size_t n, float **out) {
    char what[64];
    base_format(what, sizeof what, "%s is missing or of the wrong length", name);
    if (!json_is_array(j) || json_array_size(j) != n) return reject(r, what);
    *out = base_alloc(r->c, n, sizeof **out);
    for (size_t i = 0; *out && i < n; i++) {
        const json_t *v = json_array_get(j, i);
        (*out)[i] = (float)json_number_value(v);
        if (!json_is_number(v) || !isfinite((*out)[i])) return reject(r, "mean or scale holds what is not a number");
    }
    return *out != NULL;
}

static bool read_split(const reader *r, const json_t *j) {
    sori_split_config *s = &r->k->split;
    const char *seed = json_string_value(json_object_get(j, "seed"));
    char *end = NULL;
    *s = (sori_split_config){ .val = json_number_value(json_object_get(j, "val")),
                              .test = json_number_value(json_object_get(j, "test")) };
    if (seed) s->seed = strtoull(seed, &end, 10);
    if (!seed || *end || !isfinite(s->val) || !isfinite(s->test)) return reject(r, "its split is missing");
    return keep_text(r, json_object_get(j, "test_pattern"), &s->test_pattern) &&
           keep_text(r, json_object_get(j, "val_pattern"), &s->val_pattern);
}

static bool read_all(const reader *r, const json_t *o) {
    const char *kind = json_string_value(json_object_get(o, "kind"));
    const json_t *mean = json_object_get(o, "mean");
    if (!kind || strcmp(kind, "classifier")) return reject(r, "its metadata describe none");
    if (json_integer_value(json_object_get(o, "format")) != FORMAT)
        return reject(r, "its metadata are of another version");
    size_t bins = json_array_size(mean);
    if (bins < 1 || bins > MAX_BINS) return reject(r, "mean is missing");
    r->k->g.bins = bins;
    return read_labels(r, json_object_get(o, "labels")) && read_input(r, json_object_get(o, "input")) &&
           read_floats(r, mean, "mean", bins, &r->k->mean) &&
           read_floats(r, json_object_get(o, "scale"), "scale", bins, &r->k->scale) &&
           read_split(r, json_object_get(o, "split")) &&
           keep_text(r, json_object_get(o, "label_pattern"), &r->k->label_pattern);
}

bool task_metadata_read(sori_ctx *c, const char *path, const char *text, sori_classifier *k) {
    reader r = { c, path, k };
    if (base_failed(c)) return false;
    json_t *o = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool ok = o ? read_all(&r, o) : reject(&r, "it has no metadata of one");
    json_decref(o);
    return ok && !base_failed(c);
}

bool task_same_run(const char *text, const char *checkpoint) {
    json_t *a = json_loads(text, 0, NULL), *b = checkpoint ? json_loads(checkpoint, 0, NULL) : NULL;
    bool same = a && b && json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return same;
}
