/* nn/nn.h - the inside of the networks: nodes, what an operator is, and the kernels of one precision.
 *
 * Three layers of code, each knowing only the next:
 *   table -> graph     graph.c turns rows (sori_layer) into nodes with shapes and parameters; all checks are here
 *   graph -> steps     engine.c runs nodes forward and backward over shards of a batch
 *   op                 op/dense.c ... the arithmetic of one layer on raw pointers; cannot fail
 *
 * A shard is a range [n0, n1) of the batch's samples and runs on one thread through all nodes up to the next that
 * needs the whole batch (batch norm). Their number depends on the shapes only, so the bits do not depend on threads.
 */
#ifndef NN_NN_H
#define NN_NN_H

#include "base/base.h"
#include <sori/nn.h>

#define NN_MAX_PARAMS 8
#define NN_MAX_SHARDS 8
#define NN_MAX_LAYERS 4096
#define NN_MAX_ELEMENTS ((size_t)1 << 31)   /* of one tensor: sizes beyond are a mistake or an attack */
#define NN_CHUNK 131072                     /* values (512 kB as float) an operator works on at a time */
#define NN_ROUND 16                         /* tensors start at multiples of this many elements: whole vectors */

typedef struct nn_shape {
    int ndim;            /* without the batch axis */
    size_t dim[4];
    size_t size;         /* product */
} nn_shape;

/* One weight tensor, a range of the model's parameter block. */
typedef struct nn_param {
    const char *name;    /* "dense/kernel" */
    nn_shape shape;
    size_t offset;       /* elements from the block's start, a multiple of NN_ROUND */
    bool trainable;
    bool by_rows;        /* its gradient is written by backward_rows */
    bool random;         /* drawn as init says from fan_in and fan_out, else init_value everywhere */
    sori_init init;
    double init_value;
    size_t init_first, init_count;   /* the range that init_value is for, zeros elsewhere; count 0: everywhere */
    size_t fan_in, fan_out;
    double l1, l2;
} nn_param;

typedef struct nn_op nn_op;

/* How a window slides over an image, or over time: [time, channel] is an image of height 1. */
typedef struct nn_window {
    size_t in[2], out[2];           /* height, width */
    size_t kernel[2], stride[2], dilation[2];
    size_t before[2];               /* zeros before the first row and column */
    size_t channels;
} nn_window;

/* A layer placed in the graph. Value 0 is the model's input; node i makes value i + 1. */
typedef struct nn_node {
    sori_layer layer;    /* defaults filled in */
    const char *name;
    const nn_op *op;
    int n_in, in[SORI_MAX_FROM];
    nn_shape x[SORI_MAX_FROM], y;
    int n_params;
    nn_param param[NN_MAX_PARAMS];
    nn_window window;    /* of convolutions and pools */
    bool winograd;       /* a convolution that goes through kernel/winograd.h */
    size_t rows;         /* units of work of backward_rows */
    size_t parts;        /* pieces in which it runs over the whole batch (forward_part, backward_part); 0: by shards */
    size_t part_work;    /* elements of scratch that a piece needs a sample, of a batch in whole vectors */
    size_t work;         /* elements of scratch a shard needs */
    size_t packed;       /* elements prepare writes */
    size_t stash;        /* bytes a sample keeps from forward for backward */
    size_t stash_reals;  /* and numbers, of the model's precision; an operator has one of the two */
    size_t samples;      /* a shard should have at least, or its arithmetic is slow; 0: any number will do */
    size_t sums;         /* doubles of partial sums a shard, for operators over the whole batch */
    size_t kept;         /* doubles such an operator keeps from forward for backward */
    bool adds[SORI_MAX_FROM];   /* its gradient is added to one already written by a later reader of the value */
    double cost;         /* multiply-adds a sample, forward: decides the number of shards */
    size_t chunk;        /* samples run at a time, so that what one step leaves the next finds in the cache */
    int norm;            /* the batch norm that inference folds into its weights, by number; 0: none */
    bool folded;         /* a batch norm that is so folded */
    bool slopes;         /* backward applies the slope of the ReLU that made x, too */
    bool sloped;         /* a layer whose ReLU's slope its only reader so applies */
    uint32_t id;         /* key of its random draws */
    void *tables;        /* made by open: what forward and backward read only, such as a Fourier transform's plan */
} nn_node;

/* What is the same for all operators of a step. */
typedef struct nn_pass {
    size_t batch;                   /* samples */
    bool training;
    uint64_t seed, step;            /* key of the random draws */
} nn_pass;

/* What an operator sees of one shard in one step. Pointers are to the whole batch's tensors, [batch, shape]. */
typedef struct nn_run {
    const nn_node *node;
    const nn_pass *pass;
    size_t n0, n1;
    const void *x[SORI_MAX_FROM];
    void *y;
    const void *dy;                 /* gradient of the loss by y, before the activation */
    void *dx[SORI_MAX_FROM];        /* to be written; NULL: not wanted */
    void *param[NN_MAX_PARAMS];     /* written only by batch-wide operators, in done() */
    void *dparam[NN_MAX_PARAMS];    /* this shard's, to be added to; in backward_rows the only copy, to be written */
    void *packed;                   /* [packed], from prepare */
    struct nn_fast_lane *fast;      /* oneDNN's, in place of the operator's functions; or NULL */
    void *stash;                    /* [batch, stash] */
    void *work;
    double *sums;                   /* partial(): this shard's sums, to be written; done(): their total */
    double *kept;                   /* [kept] */
    bool relu;                      /* forward applies the ReLU too; for operators that do */
    int phase;
    size_t part;                    /* of node->parts */
} nn_run;

/* An operator: one file src/nn/op/<name>.c and one line in kernel/ops.inc. NULL where it has nothing to do. */
struct nn_op {
    const char *name;               /* "dense"; the layer's default name, as Keras's */
    const char *title;              /* "Dense", for the summary */
    int min_in, max_in;
    bool alias;                     /* y is x seen in another shape */
    bool relu;                      /* forward can apply a ReLU itself */
    bool folds;                     /* y = x W + b with W [..., channels]: inference folds a batch norm behind it */
    bool spares;                    /* inference needs no stash */
    bool slopes;                    /* backward can apply the slope of a ReLU before it */
    bool whole;                     /* runs all samples of a shard at once, however large */

    /* Check the row, fill in y, params, work, stash, cost and the layer's defaults; false with SORI_EMODEL. */
    bool (*shape)(sori_ctx *c, nn_node *n);

    /* Once the precision is known, before any run: make the tables, and what of work depends on them. close frees them,
     * also after an open that failed. */
    bool (*open)(sori_ctx *c, nn_node *n);
    void (*close)(sori_ctx *c, nn_node *n);
    /* First values of parameters that are neither drawn nor the same everywhere. */
    bool (*init)(sori_ctx *c, const nn_node *n, void *const *param);

    /* Weights in the order forward and backward read them, into packed; after every change of the weights. */
    void (*prepare)(const nn_run *r);
    /* y of samples [n0, n1), without the activation. */
    void (*forward)(const nn_run *r);
    /* dx, and dparam of the parameters not by_rows, of samples [n0, n1). */
    void (*backward)(const nn_run *r);
    /* dparam of the parameters by_rows, rows [n0, n1), from the whole batch: for large matrices, where a gradient a
     * shard would cost more than the arithmetic. */
    void (*backward_rows)(const nn_run *r);

    /* For weights so large that every shard reading them would cost more than the arithmetic: piece r->part of y, of
     * all samples [n0, n1); of dx and of the parameters by_rows, whose gradient is written. Instead of the above. */
    void (*forward_part)(const nn_run *r);
    void (*backward_part)(const nn_run *r);

    /* Operators over the whole batch, in training: in phase 0, 1, ... before forward (backward) proper each shard
     * writes its partial sums; they are added in a fixed tree (forward: joined, where join says how), and done sees
     * the total. */
    int forward_phases, backward_phases;
    void (*partial)(const nn_run *r, bool backward);
    void (*join)(const nn_node *n, double *a, double a_samples, const double *b, double b_samples);   /* a and b */
    void (*done)(const nn_run *r, bool backward);
};

/* The loss of a shard: n samples of width outputs. */
typedef struct nn_loss_run {
    sori_loss loss;
    bool fused;                     /* p is before the softmax or sigmoid */
    double label_smoothing, delta;
    double scale;                   /* dp is that of scale * loss_sum */
    size_t n, rows, width;          /* a sample has rows of width values (classes) */
    const double *weight;           /* [n] the samples'; NULL: 1 */
    bool counts;                    /* correct is wanted */
    size_t samples, channels;       /* of the losses of waveforms */
    bool keep_mean;
    const void *tables;             /* from loss_open */
    void *work;
    const void *p, *t;
    void *dp;                       /* NULL: not wanted */
    double loss_sum, correct;       /* out: sums over the samples */
} nn_loss_run;

/* An optimiser step over a range of the parameter block. */
typedef struct nn_update {
    sori_optimizer o;
    double learning_rate;
    double correct1, correct2;      /* Adam: 1 / (1 - beta^t) */
    double scale, limit;            /* of the gradient: times scale, then held within +- limit */
    void *w, *m, *v, *average;
    const void *g;
} nn_update;

/* The arithmetic of one precision for one instruction set (kernel/ops_f32.c, kernel/ops_f64.c). */
typedef struct nn_kernels {
    size_t real_size;               /* 4 or 8 */
    const nn_op *const *ops;        /* [SORI_OP_COUNT], by sori_op */
    /* y of x, which may be the same memory. */
    void (*activate)(sori_act act, double alpha, const void *x, void *y, size_t rows, size_t width);
    /* dy becomes the gradient before the activation; x is read only where nn_act_needs_input. */
    void (*activate_back)(sori_act act, double alpha, const void *x, const void *y, void *dy, size_t rows,
                          size_t width);
    /* w [rows, c] and b [c] (or NULL) with the batch norm's four weights in them, to w [rows, c] and then b [c]. */
    void (*fold)(const nn_node *norm, void *const weights[4], const void *w, const void *b, size_t rows, void *to);
    void (*loss)(nn_loss_run *r);
    /* Tables of a loss of waveforms of that many samples (NULL: needs none), and its scratch in elements. */
    bool (*loss_open)(sori_ctx *c, sori_loss kind, size_t samples, void **tables, size_t *work);
    void (*loss_close)(sori_ctx *c, void *tables);
    /* Small networks (kernel/small.h): whether a layer is one's; forward, loss and backward of n samples. */
    bool (*small_fits)(const nn_node *n);
    void (*small_step)(const nn_run *runs, int nodes, size_t n, nn_loss_run *r);
    void (*add)(void *to, const void *from, size_t n);
    double (*sum_squares)(const void *x, size_t n);
    double (*sum_magnitudes)(const void *x, size_t n);
    void (*add_scaled)(void *to, const void *from, double factor, size_t n);
    void (*add_signs)(void *to, const void *from, double factor, size_t n);   /* += factor * sign(from) */
    void (*update)(const nn_update *u, size_t n);
    void (*blend)(void *to, const void *from, double factor, size_t n);       /* += factor * (from - to) */
    void (*mix)(void *to, const void *a, const void *b, double share, size_t n);   /* share a + (1 - share) b */
    void (*from_f64)(void *to, const double *from, size_t n);
    void (*to_f64)(double *to, const void *from, size_t n);
    void (*from_f32)(void *to, const float *from, size_t n);
    void (*to_f32)(float *to, const void *from, size_t n);
} nn_kernels;

/* The fastest kernels this processor runs; isa NULL, or "portable", "avx2", "avx512" for tests (NULL if it cannot). */
const nn_kernels *nn_kernels_find(bool exact, const char *isa);

/* Losses of waveforms [samples] or [samples, channels]. */
static inline bool nn_loss_of_waves(sori_loss loss) { return loss == SORI_SI_SDR || loss == SORI_MULTI_RES_STFT; }
static inline bool nn_has_accuracy(sori_loss loss) {
    return loss == SORI_CATEGORICAL_CROSSENTROPY || loss == SORI_BINARY_CROSSENTROPY || loss == SORI_KL_DIVERGENCE;
}
static inline size_t nn_channels(const nn_shape *s) { return s->ndim > 1 ? s->dim[s->ndim - 1] : 1; }

/* --- the model ------------------------------------------------------------ */

/* Memory of a batch that values of several sizes take in turn. Sample n of any of them lies at n * stride or behind,
 * so that shards, which do not wait for each other, never meet in it. */
typedef struct nn_lane {
    char *at;
    size_t stride;                  /* elements a sample: the largest value's */
} nn_lane;

typedef struct nn_plan {            /* memory for batches of up to `batch` samples, planned once */
    sori_ctx *c;                    /* whose threads run it */
    int n_nodes;                    /* of the model */
    size_t batch, shards;
    nn_pass pass;                   /* of the step at hand; its batch is the one n0 and n1 of the runs are for */
    nn_run *runs;                   /* [shards][nodes] what each operator sees */
    char *block;                    /* everything below is inside */
    nn_lane *value;                 /* [nodes + 1] */
    char **before;                  /* [nodes] what an activation saw, where its slope needs that; else NULL */
    nn_lane *grad;                  /* [nodes + 1], NULL where not wanted */
    char **folded;                  /* [nodes] inference: kernel and bias with the batch norm in them */
    char **packed;                  /* [nodes] */
    struct nn_fast *fast;           /* oneDNN's primitives: a list */
    uint64_t prepared;              /* the model's version they are of */
    char **stash;                   /* [nodes] */
    char **work;                    /* [NN_MAX_SHARDS], of a shard or a piece */
    nn_lane extra[SORI_MAX_FROM];   /* gradients of inputs that are added to others; NULL where none is */
    char *target;                   /* [batch, output] */
    double *weight;                 /* [batch] the samples', if weighted */
    bool weighted;
    char *dw;                       /* [shards, param_count] */
    double *sums;                   /* [shards, max sums] */
    double **kept;                  /* [nodes] */
    nn_loss_run *loss;              /* [shards] */
    const struct nn_mix *mix;       /* what the step at hand mixes; NULL: nothing */
} nn_plan;

typedef enum nn_mix_kind { NN_MIX_UP, NN_MIX_CUT, NN_MIX_MANIFOLD, NN_MIX_KINDS } nn_mix_kind;

/* Samples mixed within their batch in training (mix.c); what is drawn for the step at hand, and its memory. */
typedef struct nn_mix {
    const sori_model *m;
    double alpha[NN_MIX_KINDS];     /* 0: off */
    int *layers;                    /* [layer_count] the values that manifold mixup chooses from */
    size_t layer_count;
    nn_mix_kind kind;
    int value;                      /* the value that is mixed: no other's alias */
    double share;                   /* a sample's own; 1 - share is its partner's */
    size_t from[2], to[2];          /* CutMix's rectangle: rows and columns */
    uint32_t *partner, *inverse;    /* [batch] permutations: whom a sample is mixed with; whose partner it is */
    nn_lane mixed, grad;            /* the value as its readers see it; its maker's gradient */
    char *value_block, *grad_block; /* where those are */
    char *target;                   /* [batch, output] mixed */
    double *weight;                 /* [batch] mixed */
} nn_mix;

/* Weights that lie together and are updated alike. */
typedef struct nn_range {
    size_t from, to;                /* elements of the block */
    double scale;                   /* what clipping makes of their gradient in this step */
} nn_range;

/* What a schedule sets for one step. */
typedef struct nn_rate {
    double learning_rate;
    double momentum;                /* SGD's and RMSprop's momentum, Adam's beta_1; NaN: the optimiser's own */
} nn_rate;

typedef struct nn_watch {           /* a value that should get better */
    double best;                    /* NaN before the first */
    int waited;                     /* epochs since */
} nn_watch;

struct sori_model {
    sori_ctx *c;
    nn_shape input;
    nn_node *nodes;
    int n_nodes;
    const nn_param **params;        /* [n_params] of all nodes, in table order */
    size_t n_params;
    int *consumers;                 /* [nodes + 1]: how many nodes read a value */
    bool open;                      /* the nodes have their tables */
    bool packs;                     /* some weights are prepared: packed or folded */
    bool small;                     /* trained by kernel/small.h */
    bool penalised;                 /* some weight has an L1 or L2 term */
    size_t param_count;             /* elements of the block, padding included */
    const nn_kernels *k;
    char *w;                        /* [param_count] */
    uint64_t version;               /* counts changes of w, from 1 */
    char *m, *v, *average;          /* the optimiser's moments; these and the next two are NULL where not in use */
    char *gradient_sum;             /* of the batches since the last step */
    char *ema;                      /* the weights' moving average; while averaged, the weights themselves */
    bool averaged;                  /* w is the moving average */
    struct nn_range *ranges;        /* [range_count] of w, for the optimiser */
    size_t range_count;
    bool compiled;
    sori_compile_config config;
    void *loss_tables;              /* from loss_open */
    size_t loss_work;               /* elements of scratch a shard */
    bool fused_loss;                /* the last activation is computed within the loss */
    nn_plan *train_plan, *infer_plan;

    /* where training stands; saved in checkpoints */
    uint64_t step;                  /* optimiser steps done */
    uint32_t epoch, step_in_epoch;  /* epochs done; batches done of the present one */
    double loss_sum, correct_sum, sample_sum;   /* of the present epoch */
    sori_logs *history;             /* [history_count] */
    size_t history_count, history_room;
    nn_watch early, plateau, kept;  /* early stopping, reduced rate, model files */
    int cooldown;                   /* epochs until a plateau counts again */
    double lr_scale;                /* what plateaus have made of the rate: times this */
    int bad_in_row;                 /* skipped steps */
    bool early_stopped;
    char *best_w;                   /* [param_count] or NULL */
    bool stop;
};

/* graph.c */
void nn_shape_set(nn_shape *s, int ndim, const size_t *dim);
const char *nn_shape_text(const nn_shape *s, const char *first, char *out, size_t size);   /* "(None, 64, 130)" */
sori_model *nn_model_new(sori_ctx *c, sori_shape input, const sori_layer *layers, size_t n);
/* The same row by row, for a maker who needs to know the shapes so far. close gives NULL, and frees, after an error. */
sori_model *nn_model_open(sori_ctx *c, sori_shape input, size_t most);
bool nn_model_add(sori_model *m, const sori_layer *layer);
sori_model *nn_model_close(sori_model *m);
/* SiLU and GELU: the slope is not a function of the output. */
bool nn_act_needs_input(sori_act act);
bool nn_fail(sori_ctx *c, const nn_node *n, const char *format, ...) SORI_PRINTF(3, 4);   /* SORI_EMODEL; false */
nn_param *nn_add_param(sori_ctx *c, nn_node *n, const char *name, int ndim, const size_t *dim);
/* The axis of y that .axis names, from 0; the sizes behind an axis, multiplied. */
bool nn_axis_check(sori_ctx *c, const nn_node *n);
size_t nn_axis(const nn_node *n);
size_t nn_behind(const nn_shape *s, size_t axis);

/* window.c, for shape functions. axes 2: [height, width, channel], 1: [time, channel].
 * Fill in n->window from the row's kernel, strides, dilation and padding, and the output's sizes into y with that many
 * channels. */
bool nn_window_set(sori_ctx *c, nn_node *n, int axes, size_t channels);
/* The window of the convolution that this one is the other way round: its in is y, its out x, its channels y's. */
bool nn_window_set_transposed(sori_ctx *c, nn_node *n, int axes, size_t channels);
/* The input as an image: in and channels, out the same, kernel, stride and dilation 1; .pad checked. */
bool nn_image_set(sori_ctx *c, nn_node *n, int axes);

/* weights.c */
bool nn_set_precision(sori_model *m, bool exact);   /* allocates the weights, or converts those already there */
void nn_init_weights(sori_model *m);
void nn_close_nodes(sori_model *m);                 /* free their tables */
size_t nn_param_total(const sori_model *m);         /* tensors */
const nn_param *nn_param_at(const sori_model *m, size_t i);
char *nn_at(const sori_model *m, char *block, size_t element);
/* Where a shard whose first sample is n0 finds sample 0 of a value of `size` elements a sample; NULL: there is none. */
char *nn_lane_at(const sori_model *m, nn_lane l, size_t size, size_t n0);

/* plan.c */
size_t nn_stash_bytes(const sori_model *m, const nn_node *n);   /* of one sample */
size_t nn_shard_start(size_t n, size_t shards, size_t s);       /* the first of n samples that is shard s's */
nn_plan *nn_plan_get(sori_model *m, size_t batch, bool training);
nn_plan *nn_plan_new(sori_ctx *c, const sori_model *m, size_t batch, bool training);   /* run on c's threads */
void nn_plan_free(nn_plan *p);

/* The value that a value shares its memory with in training, as it is the same in another shape; or itself. */
int nn_value_root(const sori_model *m, int value);

/* mix.c */
bool nn_mix_check(sori_model *m, const sori_fit_config *k);
nn_mix *nn_mix_new(sori_model *m, const sori_fit_config *k, size_t batch);   /* NULL: nothing is to be mixed */
void nn_mix_free(nn_mix *x, nn_plan *p);        /* p, or NULL, mixes nothing from then on */
/* Draw for a batch of n samples that is in the plan, which mixes it. */
void nn_mix_batch(nn_mix *x, nn_plan *p, size_t n, uint32_t epoch, uint32_t batch);
void nn_mix_forward(const sori_model *m, nn_plan *p, size_t s);    /* shard s's values and targets */
void nn_mix_backward(const sori_model *m, nn_plan *p, size_t s);   /* and gradients */

/* engine.c: fill in p->runs once the plan's memory is there. */
void nn_make_runs(const sori_model *m, nn_plan *p);

/* engine.c: n samples of the input and the targets are in the plan (nn_fill_plan) */
void nn_forward(const sori_model *m, nn_plan *p, size_t n);
void nn_loss(const sori_model *m, nn_plan *p, size_t n, bool gradient, double *loss_sum, double *correct);
void nn_backward(const sori_model *m, nn_plan *p, size_t n);   /* leaves the summed gradient, L1 and L2 too, in p->dw */
/* All three at once: what a training step does before its update. */
void nn_step(const sori_model *m, nn_plan *p, size_t n, double *loss_sum, double *correct);

#define NN_SLICE 16384   /* elements of the parameter block a thread takes at a time */
static inline size_t nn_slices(const sori_model *m) { return (m->param_count + NN_SLICE - 1) / NN_SLICE; }

/* optimize.c */
bool nn_optimizer_new(sori_model *m);              /* the blocks and ranges that m->config asks for */
/* Block i of what the optimiser keeps beside the weights, and its prefix in files; NULL after the last. */
char **nn_optimizer_block(sori_model *m, size_t i, const char **prefix);
double nn_gradient_norm2(const sori_model *m, nn_plan *p);
double nn_penalty(const sori_model *m);            /* the L1 and L2 terms of the loss */
void nn_update_weights(sori_model *m, nn_plan *p, nn_rate rate);
/* The moving average into w and the weights out of the way, or back; nothing without use_ema. */
void nn_show_average(sori_model *m, bool average);
void nn_settle_average(sori_model *m);             /* the weights are the average from now on */

/* schedule.c: for the batch after `done` batches of `all` */
bool nn_schedule_check(sori_ctx *c, const sori_fit_config *k);
nn_rate nn_schedule_rate(const sori_optimizer *o, const sori_fit_config *k, double done, double all, double steps);

/* feed.c: samples into a plan, from arrays or from a source that runs ahead on a thread of its own */
typedef struct nn_feed nn_feed;
nn_feed *nn_feed_new(sori_model *m, const sori_array *x, const sori_array *y, size_t first, size_t count,
                     const sori_source *source, size_t batch);
/* Weights of the samples, [count] or NULL, and of their classes, [classes] or NULL. */
void nn_feed_weigh(nn_feed *f, const float *sample_weight, const double *class_weight);
void nn_feed_free(nn_feed *f);
size_t nn_feed_count(const nn_feed *f);
/* Begin an epoch (UINT32_MAX: clean samples, in order) at batch `step`, in shuffled order if asked. */
bool nn_feed_start(nn_feed *f, uint32_t epoch, size_t step, bool shuffle);
/* The next batch into the plan's input and targets; its size, 0 at the end or on an error. */
size_t nn_feed_next(nn_feed *f, nn_plan *p);
/* Which samples the batch handed out last is of. */
const uint32_t *nn_feed_samples(const nn_feed *f);
/* n samples of input x (and targets t, or NULL), as the plan wants them. */
void nn_fill_plan(const sori_model *m, nn_plan *p, size_t n, const float *x, const float *t);

/* evaluate.c */
bool nn_check_weights(sori_model *m, const char *who, const sori_array *weight, size_t count);   /* NULL is right */
bool nn_check_data(sori_model *m, const char *who, const sori_array *x, const sori_array *y);
void nn_collect(const sori_model *m, const nn_plan *p, size_t n, float *out);   /* an inference plan's output */
sori_status nn_evaluate(sori_model *m, nn_feed *f, size_t batch, double *loss, double *accuracy);

/* save.c */
sori_status nn_save(sori_model *m, const char *path, const char *metadata_json, bool checkpoint);
sori_status nn_resume(sori_model *m, const char *path);

#endif
