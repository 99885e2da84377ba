/* sori/task.h - the jobs people come for, each one call: train a classifier, evaluate it, classify a file, find the
 * settings that pay. */
#ifndef SORI_TASK_H
#define SORI_TASK_H

#include <sori/data.h>
#include <sori/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_train_config {
    const char *recipe;              /* what zero fields below mean, see docs/training.md: "voice" (NULL too): words,
                                      * speakers, short sounds; "sounds": the surroundings, in segments of 5 s */
    const char *model;               /* zoo name; NULL: the recipe's */
    sori_input_config input;         /* zero fields: what the model was made for, and from the data, see
                                        docs/training.md */
    sori_scan_config scan;
    sori_split_config split;
    sori_spec_augment_config augment;   /* all zero: the recipe's */
    const char *chain;               /* instead of these and the recipe's mixup: changes as sori_augment_new reads them,
                                      * those of batches too; NULL: none */
    int variants;                    /* renderings of a recording by the chain, as in sori_dataset_config; 0: 4 */
    bool no_augment;                 /* neither these nor a chain nor the recipe's mixup */
    double mixup;                    /* alpha, as in sori_dataset_config; 0: the recipe's; negative: none */
    double cutmix, manifold_mixup;   /* alphas, as in sori_fit_config. With one of them a mixup of 0 is none, and any
                                      * other fit's, too: for each batch one of those that are on is drawn */
    const char *mixup_layers;        /* of manifold mixup, as in sori_fit_config */
    sori_optimizer optimizer;        /* all zero: AdamW; the rate falls to zero as a cosine whatever the kind */
    double label_smoothing;          /* 0.1; negative: none */
    int epochs, batch_size;          /* 0: the recipe's */
    int early_stopping_patience;     /* epochs without a better validation loss; then the best weights are kept */
    int reduce_lr_patience;          /* 0: the rate falls as a cosine; else it is constant after its rise, and a tenth
                                      * after so many epochs without a better validation loss */
    bool fast_dev_run;               /* one batch of training and validation, and nothing written: does it all work? */
    int overfit_batches;             /* only so many batches, unchanged by augmentation; 0: all */
    double max_time_s;               /* of training; the model is as it is then, and the checkpoint stays. 0: no end */
    int checkpoint_freq;             /* batches from checkpoint to checkpoint; 0: an epoch */
    const char *run;                 /* folder for log.csv, curves.svg, TensorBoard's files, skipped.txt; NULL: none */
    const char *csv;                 /* the log as CSV, wherever; NULL: none */
    const char *cache;               /* feature cache folder; NULL: none */
    double max_bad;                  /* as in sori_dataset_config */
    bool resume;                     /* go on from out's checkpoint, if there is one */
    const sori_callback *callbacks;
    size_t callback_count;
    void (*progress)(void *user, const char *stage, size_t done, size_t total);   /* while features are computed */
    void *progress_user;
    uint32_t reserved[8];
} sori_train_config;

/* What came of it. */
typedef struct sori_train_result {
    size_t train_segments, val_segments, test_segments, bad_files;
    double val_accuracy, test_accuracy;      /* by recording; NaN without such a split, or when interrupted */
    double seconds;
    bool out_of_time;                        /* max_time_s was over before the last epoch */
} sori_train_result;

/* DATA (folder or CSV) -> a model file at out; NULL: model.safetensors in config's run folder. The checkpoint
 * lies at out with ".checkpoint" behind it while training, and stays there when training is interrupted or out of time,
 * a usable model by itself; an older file at out is untouched by an interruption. Files that were skipped are named in
 * warnings. The context's seed decides everything random.
 *   err  as sori_scan, sori_split_list, sori_dataset_new, sori_fit_source; SORI_EINVAL a checkpoint of other data or
 *        settings; SORI_EINTR */
SORI_API sori_status sori_train_classifier(sori_ctx *c, const char *data, const char *out,
                                           const sori_train_config *config, sori_train_result *result);

/* A trained classifier, ready to use: everything comes from the one file. */
typedef struct sori_classifier sori_classifier;
SORI_API sori_classifier *sori_classifier_load(sori_ctx *c, const char *path);
SORI_API void sori_classifier_free(sori_classifier *k);
SORI_API size_t sori_classifier_labels(const sori_classifier *k, const char *const **labels);
SORI_API sori_model *sori_classifier_model(sori_classifier *k);
SORI_API const sori_input_config *sori_classifier_input(const sori_classifier *k);

/* Class probabilities of a sound: the mean over its segments.   -> [labels] f32 */
SORI_API sori_array *sori_classify(sori_classifier *k, sori_audio y);
SORI_API sori_array *sori_classify_file(sori_classifier *k, const char *path);

typedef struct sori_class_score { double precision, recall, f1; size_t support; } sori_class_score;

/* One recording: what it is, what the model takes it for, and how sure it is. */
typedef struct sori_prediction {
    const char *path;
    int label, predicted;            /* indices into labels */
    float probability;               /* of the predicted class */
} sori_prediction;

typedef struct sori_evaluation {
    double accuracy;                 /* by recording */
    double segment_accuracy;
    double loss;
    size_t recordings, bad_files;
    size_t label_count;
    const char *const *labels;
    const sori_class_score *scores;  /* [label_count] */
    const uint64_t *confusion;       /* [true][predicted] */
    const sori_prediction *predictions;   /* [recordings], sorted by path */
} sori_evaluation;

/* Evaluate on one split of DATA; whole: on everything. scan and split NULL, or without a label pattern, mean those of
 * the training; max_bad is as in sori_dataset_config. What out points to belongs to the innermost scope, the labels
 * to k.
 *   err  as sori_scan, sori_split_list, sori_dataset_new; SORI_EFORMAT a label that k does not know */
SORI_API sori_status sori_evaluate_classifier(sori_classifier *k, const char *data, const sori_scan_config *scan,
                                              const sori_split_config *split, bool whole, sori_split which,
                                              double max_bad, sori_evaluation *out);

/* Write an evaluation into a folder, made if need be: report.html (one page with everything inside: figures, the
 * confusion matrix, training curves, a sound and its pictures for every class, the mistakes with their sounds) and
 * confusion.png.    err SORI_EIO; SORI_EUNSUP not built with cairo */
SORI_API sori_status sori_evaluation_report(sori_ctx *c, sori_classifier *k, const sori_evaluation *e,
                                            const char *title, const char *dir);

/* --- sweeps ------------------------------------------------------------------------------------------------------- */

/* One parameter and the values to try, as text: "sr" and "8000", "16000". */
typedef struct sori_sweep_axis {
    const char *name;                /* one of sori_sweep_parameter_at */
    const char *const *values;       /* [count] none twice */
    size_t count;
} sori_sweep_axis;

/* What can be swept. Parameters that no axis names have the defaults of sori_train_config. */
typedef struct sori_sweep_parameter {
    const char *name;                /* as the option of `sori train`: "n_mels" */
    const char *summary;             /* one phrase */
} sori_sweep_parameter;
SORI_API const sori_sweep_parameter *sori_sweep_parameter_at(size_t i);   /* NULL behind the last */

/* A run that has ended. */
typedef struct sori_sweep_run {
    const char *name;                /* "sr=8000 n_mels=40 seed=1" */
    size_t done, total;              /* of the runs this call trains */
    double accuracy, seconds;        /* NaN when it failed */
    const char *error;               /* why it did; NULL: it did not */
} sori_sweep_run;

typedef struct sori_sweep_config {
    const sori_sweep_axis *axes;     /* every combination of their values is trained */
    size_t axis_count;               /* 0: one combination, the defaults */
    int seeds;                       /* runs of each, with the context's seed and those that follow it; 1 */
    bool by_validation;              /* compare by validation accuracy, though there is a test split */
    sori_scan_config scan;
    sori_split_config split;         /* its seed is that of the run */
    double max_bad;                  /* as in sori_dataset_config */
    const char *cache;               /* feature cache folder, shared by all runs; NULL: "cache" in the sweep's folder */
    int jobs;                        /* runs at once, each on one thread; 0: as many as the context has threads, which
                                        is also the most */
    void (*progress)(void *user, const char *stage, size_t done, size_t total);   /* while the recordings are read */
    void (*on_run)(void *user, const sori_sweep_run *run);   /* from any thread, one at a time */
    void *user;
    uint32_t reserved[8];
} sori_sweep_config;

/* What came of one combination, over its seeds. */
typedef struct sori_sweep_row {
    const char *const *values;       /* [axis_count] */
    size_t runs;                     /* that succeeded */
    double accuracy, spread;         /* mean and standard deviation of what is compared; spread NaN for one run */
    double val_accuracy, test_accuracy;      /* means; NaN without such a split */
    double seconds;                  /* mean time of a run */
    const char *error;               /* why a run failed; NULL: none did */
} sori_sweep_row;

/* What one value of one parameter is worth: the mean over the combinations of the other parameters that succeeded with
 * every value of this one, so that values are compared in the same company. */
typedef struct sori_sweep_margin {
    size_t axis;
    const char *value;
    size_t rows;                     /* combinations it is the mean of; 0: there is nothing to compare */
    double accuracy, spread;         /* spread: of that mean over the seeds; NaN for one seed */
    double seconds;                  /* mean time of a run */
} sori_sweep_margin;

typedef struct sori_sweep_result {
    const sori_sweep_axis *axes;     /* the config's */
    size_t axis_count;
    size_t seeds;
    bool by_validation;              /* accuracy is of the validation split, else of the test */
    size_t trained, kept, failed;    /* runs of this call, runs found done, and those of both that failed */
    size_t bad_files;                /* that a run skipped, at most */
    const sori_sweep_row *rows;      /* [row_count] the best first, the failed last */
    size_t row_count;
    const sori_sweep_margin *margins;/* [margin_count] axis by axis, in the values' order */
    size_t margin_count;
} sori_sweep_result;

/* Train every combination of a grid, times the seeds, and write what came of it into the folder dir: results.csv,
 * sweep.svg and sweep.png (not without cairo), report.html; and runs/, a JSON file for every finished run. A run is
 * known by its settings, its seed and the content of the recordings: one found there is not trained again, so the same
 * call goes on after an interruption, within the run that was cut, and a larger grid trains only what is new. A run
 * equals sori_train_classifier with its settings and seed, whatever jobs is. A run that fails because of its settings
 * (a model too large for the segment) is part of the result. What out points to belongs to the innermost scope.
 *   err  SORI_EINVAL an unknown parameter (the message lists the known ones), a value out of range or given twice,
 *        above 10000 runs, neither validation nor test recordings; as sori_scan, sori_split_list; SORI_EIO; SORI_EINTR
 *   cost of the runs, and one reading of all recordings */
SORI_API sori_status sori_sweep(sori_ctx *c, const char *data, const char *dir, const sori_sweep_config *config,
                                sori_sweep_result *out);

#ifdef __cplusplus
}
#endif
#endif
