/* train.c - from a folder of recordings to a model file, in one call.
 *
 *   scan, split -> datasets (features, standardisation of the training split) -> model of the zoo -> fit -> save
 *
 * The defaults are measurements, see docs/training.md. A run can be interrupted and resumed to the same bits: all that
 * is random is keyed by the seed, and the checkpoint's metadata say what run it is of. */
#include "task/task.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LEARNING_RATE 0.003
#define LABEL_SMOOTHING 0.1

/* What kinds of sound want to be trained differently. Voices say a word however high, fast and through whatever
 * microphone; a sound in the surroundings is known by just these, in seconds rather than in one. */
typedef struct recipe {
    const char *name, *model;
    double segment_s;
    int epochs, batch_size;
    double mixup;
    sori_spec_augment_config augment;
} recipe;

static const recipe recipes[] = {
    { "voice", "maxcnn", 1, 30, 32, 0,
      { .time_shift = 0.1, .time_stretch = 0.15, .freq_warp = 0.15, .eq_db = 10, .time_masks = 1, .freq_masks = 1,
        .time_mask = 0.15, .freq_mask = 0.15 } },
    { "sounds", "bandcnn", 5, 80, 16, 0.2, { .time_shift = 0.5 } },
};

typedef struct training {
    sori_ctx *c;
    sori_train_config config;            /* every default filled in */
    char *out, *checkpoint;
    const sori_list *list;
    sori_augment *chain;                 /* NULL: none */
    sori_dataset *split[SORI_SPLIT_COUNT];   /* NULL: the split is empty */
    const char *stage;
    sori_model *model;
    char *metadata;                      /* of the run, without its result; from malloc */
    task_run *run;
    sori_train_result result;
} training;

/* --- settings --------------------------------------------------------------------------------------------------- */

static bool all_zero(const void *p, size_t n) {
    for (const char *s = p; n--; s++)
        if (*s) return false;
    return true;
}

/* A model sees what it was made for unless told otherwise; one for waveforms sees nothing else, and no other does. */
static void choose_feature(sori_ctx *c, sori_train_config *t) {
    const sori_zoo_entry *e = sori_zoo_find(c, t->model);
    if (!e) return;
    if (!e->feature) {
        sori_fail(c, SORI_EINVAL, "train: %s is no classifier of sounds", e->name);
        return;
    }
    if (!t->input.feature) t->input.feature = e->feature;
    if (data_is_waveform(e->feature) != data_is_waveform(t->input.feature))
        sori_fail(c, SORI_EINVAL, "train: the model %s is for the feature %s, not %s", e->name, e->feature,
                  t->input.feature);
}

static const recipe *find_recipe(sori_ctx *c, const char *name) {
    for (size_t i = 0; i < BASE_COUNT(recipes); i++)
        if (!name || !strcmp(name, recipes[i].name)) return &recipes[i];
    sori_fail(c, SORI_EINVAL, "train: no recipe '%.60s'; there are voice, sounds", name);
    return NULL;
}

/* Whether batches are mixed while training, not segments when they are made. */
static bool mixes_batches(const sori_train_config *t) { return t->cutmix != 0 || t->manifold_mixup != 0; }

/* Fill in from the recipe what was not asked for. */
static void follow(const recipe *r, sori_train_config *t) {
    if (!t->model) t->model = r->model;
    if (t->input.segment_s == 0) t->input.segment_s = r->segment_s;
    if (t->mixup == 0 && !mixes_batches(t) && !t->no_augment && !t->chain) t->mixup = r->mixup;
    if (t->epochs == 0) t->epochs = r->epochs;
    if (t->batch_size == 0) t->batch_size = r->batch_size;
    if (all_zero(&t->augment, sizeof t->augment) && !t->chain) t->augment = r->augment;
}

/* Read the chain; what it says of batches is as if it were said by itself. */
static sori_augment *read_chain(sori_ctx *c, sori_train_config *t) {
    if (t->no_augment || t->overfit_batches > 0) t->chain = NULL;
    sori_augment *chain = t->chain ? sori_augment_new(c, t->chain) : NULL;
    double *alphas[] = { &t->mixup, &t->cutmix, &t->manifold_mixup };
    static const char *const names[] = { "mixup", "cutmix", "manifold_mixup" };
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        double alpha = sori_augment_alpha(chain, names[i]);
        if (alpha > 0 && *alphas[i] != 0)
            sori_fail(c, SORI_EINVAL, "train: %s is given twice, once in the chain", names[i]);
        else if (alpha > 0) *alphas[i] = alpha;
    }
    if (chain) t->chain = sori_augment_text(chain);   /* as the metadata tell it */
    return chain;
}

static void settle(sori_ctx *c, sori_train_config *t) {
    static const sori_spec_augment_config none;
    const recipe *r = find_recipe(c, t->recipe);
    if (!r || base_failed(c)) return;
    follow(r, t);
    choose_feature(c, t);
    if (t->no_augment || t->overfit_batches > 0) t->augment = none;
    if (t->mixup < 0 || t->overfit_batches > 0) t->mixup = 0;
    if (t->overfit_batches > 0) {
        t->cutmix = t->manifold_mixup = 0;
        t->mixup_layers = NULL;
    }
    if (all_zero(&t->optimizer, sizeof t->optimizer)) t->optimizer.kind = SORI_ADAMW;
    if (t->optimizer.learning_rate == 0 && t->optimizer.kind == SORI_ADAMW)
        t->optimizer.learning_rate = LEARNING_RATE;
    if (t->label_smoothing == 0) t->label_smoothing = LABEL_SMOOTHING;
    if (t->label_smoothing < 0) t->label_smoothing = 0;
}

/* Where the model goes. A folder that cannot be written to is found before the training, not after. */
static void choose_out(training *t, const char *out) {
    const sori_train_config *k = &t->config;
    t->out = out ? base_strdup(t->c, out) : base_path_join(t->c, k->run, "model.safetensors");
    t->checkpoint = base_printf(t->c, "%s.checkpoint", t->out ? t->out : "");
    if (k->run && !k->fast_dev_run) base_make_dirs(t->c, k->run);
    if (out || !k->fast_dev_run) sori_file_abort(sori_file_new(t->c, t->out));
}

/* --- data ------------------------------------------------------------------------------------------------------- */

static void count_progress(void *user, size_t done, size_t total) {
    const training *t = user;
    t->config.progress(t->config.progress_user, t->stage, done, total);
}

static bool has_split(const sori_list *list, sori_split s) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].split == s) return true;
    return false;
}

static void load_split(training *t, sori_split s) {
    static const char *const stages[SORI_SPLIT_COUNT] = { "features of train", "features of val", "features of test" };
    sori_dataset_config config = {
        .input = t->config.input, .cache = t->config.cache, .max_bad = t->config.max_bad, .seed = sori_seed(t->c),
        .augment = t->config.augment, .mixup = mixes_batches(&t->config) ? 0 : t->config.mixup,
        .progress = t->config.progress ? count_progress : NULL, .progress_user = t,
    };
    if (s == SORI_TRAIN) {   /* elsewhere nothing is changed: renderings would be made for nothing */
        config.chain = t->chain;
        config.variants = t->config.variants;
    }
    t->stage = stages[s];
    if (s != SORI_TRAIN) {
        config.input = *sori_dataset_input(t->split[SORI_TRAIN]);
        config.mean = sori_dataset_mean(t->split[SORI_TRAIN]);
        config.scale = sori_dataset_scale(t->split[SORI_TRAIN]);
    }
    t->split[s] = sori_dataset_new(t->c, t->list, s, &config);
    for (size_t i = 0; i < sori_dataset_bad(t->split[s]); i++)
        base_warn(t->c, "skipped: %s", sori_dataset_bad_message(t->split[s], i));
    t->result.bad_files += sori_dataset_bad(t->split[s]);
}

static void load_data(training *t, const char *data) {
    const sori_list *found = sori_scan(t->c, data, &t->config.scan);
    t->list = sori_split_list(t->c, found, &t->config.split);
    for (int s = 0; s < SORI_SPLIT_COUNT && !base_failed(t->c); s++)
        if (s == SORI_TRAIN || has_split(t->list, (sori_split)s)) load_split(t, (sori_split)s);
    if (base_failed(t->c)) return;
    double limit = t->config.max_bad == 0 ? 0.01 : BASE_MAX(t->config.max_bad, 0);
    if ((double)t->result.bad_files > limit * (double)t->list->count)
        sori_fail(t->c, SORI_EFORMAT, "%zu of %zu recordings cannot be read, more than %g %%", t->result.bad_files,
                  t->list->count, 100 * limit);
    t->result.train_segments = sori_dataset_count(t->split[SORI_TRAIN]);
    t->result.val_segments = sori_dataset_count(t->split[SORI_VAL]);
    t->result.test_segments = sori_dataset_count(t->split[SORI_TEST]);
}

/* --- model ------------------------------------------------------------------------------------------------------ */

static char *metadata(training *t, const sori_train_result *result) {
    const sori_dataset *d = t->split[SORI_TRAIN];
    return task_metadata_text(t->c, &(task_metadata){
        .labels = t->list->labels, .label_count = t->list->label_count, .input = sori_dataset_input(d),
        .mean = sori_dataset_mean(d)->data, .scale = sori_dataset_scale(d)->data, .bins = sori_dataset_mean(d)->size,
        .label_pattern = t->config.scan.label_pattern, .split = &t->config.split, .train = &t->config,
        .result = result });
}

/* A table that does not fit is the fault of the segments, not of a file. */
static void explain_shape(training *t, sori_shape s) {
    char why[512];
    if (sori_error(t->c) != SORI_EMODEL) return;
    base_format(why, sizeof why, "%s", sori_message(t->c));
    sori_clear(t->c);
    sori_fail(t->c, SORI_EINVAL, "segments of %d x %d values are too small for the model (%s); use longer ones",
              s.dim[0], s.dim[1], why);
}

static void make_model(training *t) {
    if (base_failed(t->c)) return;
    t->metadata = metadata(t, NULL);
    sori_shape shape = sori_dataset_shape(t->split[SORI_TRAIN]);
    t->model = sori_zoo_model(t->c, t->config.model, shape, (int)t->list->label_count);
    if (!t->model) explain_shape(t, shape);
    else
        sori_compile(t->model, &(sori_compile_config){ .optimizer = t->config.optimizer,
                                                       .loss = SORI_CATEGORICAL_CROSSENTROPY,
                                                       .label_smoothing = t->config.label_smoothing });
}

/* Whether there is a checkpoint to go on from. One of other data or settings is an error. */
static bool can_resume(training *t) {
    if (base_failed(t->c) || !t->config.resume) return false;
    if (access(t->checkpoint, F_OK) != 0) {
        base_warn(t->c, "%s: no such checkpoint; training begins anew", t->checkpoint);
        return false;
    }
    const char *text = NULL;
    sori_model_free(sori_model_load(t->c, t->checkpoint, &text));
    if (!base_failed(t->c) && !task_same_run(t->metadata, text))
        sori_fail(t->c, SORI_EINVAL, "%s: the checkpoint is of other data or settings; give those again, or do without "
                  "resuming", t->checkpoint);
    return !base_failed(t->c);
}

/* Whether epochs are missing at the end, or batches of the last one. */
static bool is_cut(const training *t) {
    size_t n;
    const sori_logs *h = sori_history(t->model, &n);
    return n > 0 && (h[n - 1].epoch + 1 < (uint32_t)t->config.epochs || h[n - 1].step < h[n - 1].steps);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fit(training *t) {
    bool resume = can_resume(t);
    t->run = task_run_new(t->c, &t->config, t->list, t->split[SORI_TRAIN]);
    if (base_failed(t->c)) return;
    sori_source train = sori_dataset_source(t->split[SORI_TRAIN]), val = sori_dataset_source(t->split[SORI_VAL]);
    const sori_reduce_lr plateau = { .patience = t->config.reduce_lr_patience };
    bool reduces = t->config.reduce_lr_patience > 0;
    sori_fit_config config = {
        .epochs = t->config.epochs, .batch_size = t->config.batch_size,
        .schedule = reduces ? SORI_CONSTANT : SORI_COSINE, .warmup_epochs = 1,
        .reduce_lr_on_plateau = reduces ? &plateau : NULL,
        .validation = t->split[SORI_VAL] ? &val : NULL, .checkpoint = t->checkpoint,
        .checkpoint_freq = t->config.checkpoint_freq, .resume = resume ? t->checkpoint : NULL,
        .metadata_json = t->metadata, .early_stopping_patience = t->config.early_stopping_patience,
        .restore_best_weights = t->config.early_stopping_patience > 0, .fast_dev_run = t->config.fast_dev_run,
        .overfit_batches = t->config.overfit_batches, .max_time_s = t->config.max_time_s,
        .mixup = mixes_batches(&t->config) ? t->config.mixup : 0, .cutmix = t->config.cutmix,
        .manifold_mixup = t->config.manifold_mixup, .mixup_layers = t->config.mixup_layers,
    };
    config.callbacks = task_run_callbacks(t->run, &config.callback_count);
    double started = now_s();
    if (sori_fit_source(t->model, &train, &config) == SORI_OK && t->config.max_time_s > 0)
        t->result.out_of_time = is_cut(t) && now_s() - started >= t->config.max_time_s;
}

static double accuracy(training *t, sori_split s) {
    task_predictions p;
    if (!t->split[s]) return NAN;
    return task_predict(t->c, t->model, t->split[s], t->list->label_count, &p) ? p.accuracy : NAN;
}

static void finish(training *t, double started) {
    if (base_failed(t->c)) return;
    t->result.seconds = now_s() - started;
    if (t->config.fast_dev_run) return;
    t->result.val_accuracy = accuracy(t, SORI_VAL);
    t->result.test_accuracy = accuracy(t, SORI_TEST);
    t->result.seconds = now_s() - started;
    char *text = metadata(t, &t->result);
    if (text && sori_model_save(t->model, t->out, text) == SORI_OK && !t->result.out_of_time) unlink(t->checkpoint);
    free(text);
}

sori_status sori_train_classifier(sori_ctx *c, const char *data, const char *out, const sori_train_config *config,
                                  sori_train_result *result) {
    if (base_failed(c)) return sori_error(c);
    if (!data || !(out || (config && config->run)))
        return sori_fail(c, SORI_EINVAL, "train: %s", data ? "no file to write" : "no data given");
    double started = now_s();
    int scope = sori_begin(c);
    training t = { .c = c, .result = { .val_accuracy = NAN, .test_accuracy = NAN } };
    if (config) t.config = *config;
    t.chain = read_chain(c, &t.config);
    settle(c, &t.config);
    choose_out(&t, out);
    if (!base_failed(c)) load_data(&t, data);
    make_model(&t);
    fit(&t);
    finish(&t, started);
    task_run_free(t.run);
    sori_model_free(t.model);
    for (int s = 0; s < SORI_SPLIT_COUNT; s++) sori_dataset_free(t.split[s]);
    sori_augment_free(c, t.chain);
    free(t.metadata);
    base_free(c, t.checkpoint);
    base_free(c, t.out);
    sori_end(c, scope, NULL);
    if (result) *result = t.result;
    return sori_error(c);
}
