/* sori/task.h - the jobs people come for, each one call: train a classifier, evaluate it, classify a file. */
#ifndef SORI_TASK_H
#define SORI_TASK_H

#include <sori/data.h>
#include <sori/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_train_config {
    const char *model;               /* zoo name; NULL: the default one */
    sori_input_config input;         /* zero fields: chosen from the data, see docs/training.md */
    sori_scan_config scan;
    sori_split_config split;
    sori_spec_augment_config augment;
    bool no_augment;                 /* default: the augmentation that measured best, see docs/training.md */
    sori_optimizer optimizer;        /* default AdamW with a cosine schedule */
    double label_smoothing;
    int epochs, batch_size;
    int early_stopping_patience;
    const char *cache;               /* feature cache folder; NULL: none */
    double max_bad;
    bool resume;                     /* go on from out's checkpoint, if there is one */
    const sori_callback *callbacks;
    size_t callback_count;
    void (*progress)(void *user, const char *stage, size_t done, size_t total);
    void *progress_user;
    uint32_t reserved[8];
} sori_train_config;

/* What came of it. The labels and bad-file messages belong to the context. */
typedef struct sori_train_result {
    size_t train_segments, val_segments, test_segments, bad_files;
    double val_accuracy, test_accuracy;      /* by recording; NaN without such a split */
    double seconds;
} sori_train_result;

/* DATA (folder or CSV) -> a model file at out. The checkpoint lies at out with ".checkpoint" behind it while training.
 *   err  as sori_scan, sori_dataset_new, sori_fit_source */
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

/* Evaluate on one split of DATA (split as in training, or the CSV's); whole: on everything.
 * Memory of the result belongs to the context. */
SORI_API sori_status sori_evaluate_classifier(sori_classifier *k, const char *data, const sori_scan_config *scan,
                                              const sori_split_config *split, bool whole, sori_split which,
                                              sori_evaluation *out);

/* Write an evaluation into a folder, made if need be: report.html (one page with everything inside: figures, the
 * confusion matrix, training curves, a sound and its pictures for every class, the mistakes with their sounds) and
 * confusion.png. NULL title: the model's file name.    err SORI_EIO; SORI_EUNSUP not built with cairo */
SORI_API sori_status sori_evaluation_report(sori_classifier *k, const sori_evaluation *e, const char *title,
                                            const char *dir);

#ifdef __cplusplus
}
#endif
#endif
