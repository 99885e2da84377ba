/* task/task.h - the inside of a classifier, and what training, evaluation and classification share. */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "array/array.h"
#include "base/base.h"
#include "data/data.h"
#include <sori/plot.h>
#include <sori/task.h>

struct json_t;

struct sori_classifier {
    sori_ctx *c;
    sori_model *model;
    data_geometry g;
    float *mean, *scale;           /* [g.bins] */
    const char **labels;           /* the texts belong to the context */
    size_t label_count;
    const char *label_pattern;     /* of the training; NULL: none */
    sori_split_config split;
};

/* --- metadata (metadata.c) ---------------------------------------------------------------------------------------- */

/* What a model file says beyond its weights, as a JSON object. */
typedef struct task_metadata {
    const char *const *labels;
    size_t label_count;
    const sori_input_config *input;
    const float *mean, *scale;     /* [bins] */
    size_t bins;
    const char *label_pattern;
    const sori_split_config *split;
    const sori_train_config *train;
    const sori_train_result *result;   /* NULL in checkpoints */
} task_metadata;

/* JSON text, freed with free().   err SORI_EFORMAT a label or pattern that is not UTF-8 */
char *task_metadata_text(sori_ctx *c, const task_metadata *t);

/* A split's settings as they stand in it. */
struct json_t *task_split_json(const sori_split_config *s);

/* Fill in what k has from the text: labels, input, mean, scale, pattern, split. k->g.bins is set, its geometry is not
 * opened.   err SORI_EMODEL, with the file's path and the reason */
bool task_metadata_read(sori_ctx *c, const char *path, const char *text, sori_classifier *k);

/* Whether a checkpoint's metadata describe the same run as text. */
bool task_same_run(const char *text, const char *checkpoint);

/* --- predictions (predict.c) -------------------------------------------------------------------------------------- */

/* Of a dataset's segments: clean, in batches, the dataset's own way. */
typedef struct task_predictions {
    size_t recordings;
    const int64_t *items;          /* [recordings] index into the list, rising */
    const int32_t *labels;         /* [recordings] the true ones */
    const float *probabilities;    /* [recordings][labels] mean over the recording's segments */
    double loss, segment_accuracy; /* over segments: cross-entropy, share right */
    double accuracy;               /* over recordings */
} task_predictions;

/* All arrays in the innermost scope. */
bool task_predict(sori_ctx *c, sori_model *m, sori_dataset *d, size_t labels, task_predictions *out);

/* --- a training run ----------------------------------------------------------------------------------------------- */

/* The callbacks of a run: the caller's, then those of its folder and CSV, if there are any (run.c). */
typedef struct task_run task_run;
task_run *task_run_new(sori_ctx *c, const sori_train_config *t, const sori_list *list, const sori_dataset *train);
const sori_callback *task_run_callbacks(const task_run *r, size_t *count);
void task_run_free(task_run *r);

/* Panels of loss and accuracy over epochs, and of the learning rate (curves.c). */
void task_put_curves(sori_ctx *c, const sori_model *m, sori_plot *plot, bool rate);

/* Where p [n] is largest; of equals the first. */
size_t task_argmax(const float *p, size_t n);

/* n zeroed elements of the innermost scope (evaluate.c). */
void *task_scoped(sori_ctx *c, size_t n, size_t size);

#endif
