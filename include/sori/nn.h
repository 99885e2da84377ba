/* sori/nn.h - neural networks as tables of layers, with Keras's words, defaults and meaning.
 *
 *     sori_model *m = sori_sequential(c, SORI_SHAPE(64, 130, 1), SORI_LAYERS(
 *         { .op = SORI_CONV2D, .filters = 32, .kernel = {3, 3}, .act = SORI_RELU },
 *         { .op = SORI_MAXPOOL2D, .kernel = {2, 2} },
 *         { .op = SORI_FLATTEN },
 *         { .op = SORI_DENSE, .units = 10, .act = SORI_SOFTMAX }));
 *     sori_compile(m, &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM },
 *                                             .loss = SORI_CATEGORICAL_CROSSENTROPY });
 *     sori_fit(m, x, y, &(sori_fit_config){ .epochs = 10 });
 *
 * Data is [sample, height, width, channel] (or [sample, features]), row-major f32. A layer takes its input from the
 * layer above it, or from the layers it names in .from, so one table holds a sequence as well as a graph.
 *
 * Deterministic: the same seed gives the same bits on any number of threads. A batch is cut into shards whose number
 * depends on the shapes only; partial sums are added in a fixed tree.
 */
#ifndef SORI_NN_H
#define SORI_NN_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_model sori_model;

/* --- layers ----------------------------------------------------------------------------------------------------- */

typedef enum sori_op {
    SORI_DENSE = 1,        /* .units .axis          y = act(x W + b) over the last axis or .axis  keras.layers.Dense */
    SORI_CONV1D,           /* .filters .kernel[0] .strides[0] .dilation[0] .padding  [t, c]         Conv1D */
    SORI_CONV2D,           /* .filters .kernel .strides .dilation .padding   [h, w, c]              Conv2D */
    SORI_CONV1D_TRANSPOSE, /* as conv1d, the other way round; explicit: .pad cut off                Conv1DTranspose */
    SORI_CONV2D_TRANSPOSE, /* as conv2d                                                             Conv2DTranspose */
    SORI_MAXPOOL1D,        /* .kernel[0] .strides[0] .padding                [t, c]                 MaxPooling1D */
    SORI_MAXPOOL2D,        /* .kernel .strides .padding                                             MaxPooling2D */
    SORI_AVGPOOL1D,        /* .kernel[0] .strides[0] .padding; padding is not counted               AveragePooling1D */
    SORI_AVGPOOL2D,        /* .kernel .strides .padding; padding is not counted                     AveragePooling2D */
    SORI_GLOBAL_AVGPOOL1D, /* [t, c] -> [c]                                                 GlobalAveragePooling1D */
    SORI_GLOBAL_AVGPOOL2D, /* [h, w, c] -> [c]                                              GlobalAveragePooling2D */
    SORI_GLOBAL_MAXPOOL1D, /* [t, c] -> [c]                                                 GlobalMaxPooling1D */
    SORI_GLOBAL_MAXPOOL2D, /* [h, w, c] -> [c]                                              GlobalMaxPooling2D */
    SORI_LSTM,             /* .units .return_sequences .bidirectional .go_backwards [..., t, c]  LSTM, Bidirectional */
    SORI_GRU,              /* the same; the reset gate acts after the product                       GRU */
    SORI_EMBEDDING,        /* .vocabulary .units    0 .. vocabulary - 1, else zeros: [...] -> [..., units]  Embedding */
    SORI_ATTENTION,        /* .heads .units (a head's; 0: c / heads)   self-attention of [t, c]  MultiHeadAttention */
    SORI_BATCHNORM,        /* .momentum .epsilon    over the last axis  BatchNormalization */
    SORI_LAYERNORM,        /* .epsilon              of each [c]  LayerNormalization */
    SORI_GROUPNORM,        /* .groups (32) .epsilon  GroupNormalization */
    SORI_INSTANCENORM,     /* .epsilon              each channel of each sample, as torch's affine InstanceNorm */
    SORI_DROPOUT,          /* .rate                                                                 Dropout */
    SORI_SPATIAL_DROPOUT,  /* .rate                 whole channels  SpatialDropout1D/2D */
    SORI_UPSAMPLING,       /* .kernel: times (2) .bilinear    [t, c] or [h, w, c]                   UpSampling1D/2D */
    SORI_ZERO_PADDING,     /* .pad (1, 1, 1, 1)     [t, c] or [h, w, c]                             ZeroPadding1D/2D */
    SORI_CROPPING,         /* .pad (in time 1, 1)   [t, c] or [h, w, c]                             Cropping1D/2D */
    SORI_FLATTEN,          /* [...] -> [n]                                                          Flatten */
    SORI_RESHAPE,          /* .shape                                                                Reshape */
    SORI_PERMUTE,          /* .shape: the axes, counted from 1: { 2, 1, 3 }                         Permute */
    SORI_CONCAT,           /* .from two or more, along the last axis or .axis                       Concatenate */
    SORI_ADD,              /* .from two or more of one shape                                        Add */
    SORI_MULTIPLY,         /* .from two or more of one shape                                        Multiply */
    SORI_ACTIVATION,       /* .act                                                                  Activation */
    SORI_PRELU,            /* max(x, 0) + alpha min(x, 0), alpha a weight a channel                 PReLU */
    SORI_STFT,             /* .n_fft .hop_length    [n] or [n, c] -> [bins, frames, 2 c]: real, imaginary of each */
    SORI_ISTFT,            /* .hop_length .length   [bins, frames, 2 c] -> [n, c]; STFT's other side */
    SORI_LOG_MEL,          /* .n_fft .hop_length .n_mels .sr .fmin .fmax  [n] or [n, 1] -> [n_mels, frames, 1], dB */
    SORI_OP_COUNT
} sori_op;

typedef enum sori_act {
    SORI_LINEAR = 0, SORI_RELU, SORI_LEAKY_RELU /* slope .alpha, 0.2 */, SORI_SIGMOID, SORI_TANH, SORI_SOFTMAX,
    SORI_ELU /* .alpha, 1 */, SORI_GELU /* with erf, as Keras's and torch's default */, SORI_SILU, SORI_SOFTPLUS,
    SORI_HARD_SIGMOID /* relu6(x + 3) / 6 */, SORI_RELU6, SORI_ACT_COUNT
} sori_act;

/* Of windows: none, zeros so that out = ceil(in / stride) (TensorFlow's way: the odd zero behind), or .pad's zeros. */
typedef enum sori_padding { SORI_VALID = 0, SORI_SAME, SORI_EXPLICIT } sori_padding;

typedef enum sori_init {
    SORI_GLOROT_UNIFORM = 0, SORI_GLOROT_NORMAL, SORI_HE_UNIFORM, SORI_HE_NORMAL, SORI_RANDOM_NORMAL /* 0.05 */,
    SORI_RANDOM_UNIFORM /* +-0.05 */, SORI_ORTHOGONAL
} sori_init;

#define SORI_MAX_FROM 4

/* One row of a model's table. Zero fields mean Keras's default. Layers over time use the first number of a pair. */
typedef struct sori_layer {
    sori_op op;
    const char *name;                    /* NULL: the op's with a number, "conv2d_1" */
    const char *from[SORI_MAX_FROM];     /* layers that feed this one ("input": the model's); none: the row above */
    int units;
    int filters;
    int kernel[2];                       /* height, width; pools and upsampling: 2, 2 */
    int strides[2];                      /* 1, 1; pools: the kernel */
    int dilation[2];                     /* 1, 1 */
    sori_padding padding;
    int pad[4];                          /* top, bottom, left, right (before, after in time) */
    sori_act act;
    double alpha;                        /* leaky ReLU's slope 0.2, ELU's limit 1; PReLU's first value, 0.25 */
    double rate;                         /* dropout: fraction set to zero */
    double l1, l2;                       /* adds l1 * sum |kernel| + l2 * sum(kernel^2) to the loss */
    bool no_bias;
    sori_init kernel_init;               /* embedding, 0: random uniform */
    double momentum, epsilon;            /* batch norm: 0.99, 0.001; other norms: 0.001 */
    int shape[4];                        /* reshape: target, zero-terminated; permute: axes */
    int axis;                            /* dense, concat: the sample's axis it works along, counted from 1; 0: last */
    int groups;                          /* group norm: 32 */
    int heads;                           /* attention: 1 */
    int vocabulary;                      /* embedding: how many different numbers */
    bool return_sequences;               /* recurrent: every step's output [t, units], not the last one's [units] */
    bool bidirectional;                  /* recurrent: a second one from the end; outputs side by side */
    bool go_backwards;                   /* recurrent: from the last step to the first */
    bool bilinear;                       /* upsampling: not the nearest value but between them */
    int n_fft, hop_length;               /* STFT: 2048, n_fft / 4; periodic Hann window */
    int length;                          /* inverse STFT: samples; 0: hop_length (frames - 1), uncentered + n_fft */
    bool uncentered;                     /* STFT: frame t starts at t hop_length; else it is centred there */
    int n_mels;                          /* 128 */
    double sr, fmin, fmax;               /* log-mel: 22050 Hz, 0, sr / 2 */
    uint32_t reserved[8];
} sori_layer;

/* The shape of one sample, zero-terminated: SORI_SHAPE(64, 130, 1). */
typedef struct sori_shape { int dim[4]; } sori_shape;
#define SORI_SHAPE(...) ((sori_shape){ { __VA_ARGS__ } })
#define SORI_LAYERS(...) ((const sori_layer[]){ __VA_ARGS__, { 0 } })

/* A model from a table that ends with a row of op 0 (SORI_LAYERS adds it). The table is copied.
 *   err  SORI_EMODEL unknown op or name, shapes that do not fit, a cycle, sizes out of range */
SORI_API sori_model *sori_sequential(sori_ctx *c, sori_shape input, const sori_layer *layers);
SORI_API void sori_model_free(sori_model *m);

SORI_API sori_shape sori_model_input(const sori_model *m);
SORI_API sori_shape sori_model_output(const sori_model *m);
SORI_API size_t sori_model_params(const sori_model *m, bool trainable_only);

/* Keras 3's summary table as text, or as JSON; the string lives in the context. */
SORI_API const char *sori_summary(sori_model *m);
SORI_API const char *sori_summary_json(sori_model *m);

/* --- training --------------------------------------------------------------------------------------------------- */

typedef enum sori_optimizer_kind { SORI_SGD = 0, SORI_ADAM, SORI_ADAMW, SORI_RMSPROP } sori_optimizer_kind;

typedef struct sori_optimizer {
    sori_optimizer_kind kind;
    double learning_rate;                /* SGD 0.01, the others 0.001 */
    double momentum;                     /* SGD, RMSprop: 0 */
    bool nesterov;                       /* SGD with momentum */
    double beta_1, beta_2;               /* Adam, AdamW: 0.9, 0.999 */
    double rho;                          /* RMSprop: 0.9 */
    bool centered;                       /* RMSprop: over the gradient's variance, not its mean square */
    double epsilon;                      /* 1e-7; RMSprop's stands under the root, as Keras's */
    double weight_decay;                 /* of all kinds, decoupled; AdamW 0.004; biases and batch norm too, as Keras */
    double clipnorm;                     /* each weight tensor's gradient to at most this norm; one of the three */
    double global_clipnorm;              /* the gradient of all weights together */
    double clipvalue;                    /* each value of it to +- this */
    int gradient_accumulation_steps;     /* a step every so many batches, on their mean gradient; over epochs' ends */
    bool use_ema;                        /* validation, model files and, after fit, the model have the weights' moving
                                          * average, batch norm's statistics included */
    double ema_momentum;                 /* 0.99 */
    uint32_t reserved[4];
} sori_optimizer;

typedef enum sori_loss {
    SORI_MSE = 0,                        /* mean over all outputs */
    SORI_CATEGORICAL_CROSSENTROPY,       /* targets [n, ..., classes] sum to 1, as one-hot or mixed labels do; mean over
                                          * the axes between; the last layer is a softmax */
    SORI_BINARY_CROSSENTROPY,            /* targets in 0..1, mean over all outputs; the last layer is a sigmoid */
    SORI_SI_SDR,                         /* minus the scale-invariant signal to distortion ratio, dB, of waveforms
                                          * [n, samples] or [n, samples, channels]; mean over the channels */
    SORI_MULTI_RES_STFT,                 /* spectral convergence and log magnitude of waveforms at n_fft 1024, 2048 and
                                          * 512, hops 120, 240, 50, windows 600, 1200, 240: Parallel WaveGAN's */
    SORI_MAE,
    SORI_HUBER,                          /* d^2 / 2, from |d| = .delta on a straight line */
    SORI_KL_DIVERGENCE,                  /* sum of t log(t / p) over [n, ..., classes]; both held within 1e-7 .. 1 */
    SORI_LOSS_COUNT
} sori_loss;

typedef enum sori_schedule {
    SORI_CONSTANT = 0,
    SORI_COSINE,                         /* down to .alpha of the rate                              CosineDecay */
    SORI_STEP,                           /* times .decay_rate every .decay_epochs                   torch's StepLR */
    SORI_EXPONENTIAL,                    /* the same, a little every batch                          ExponentialDecay */
    SORI_ONE_CYCLE,                      /* up to the rate and down to next to nothing, momentum or beta_1 the other
                                          * way                                                     OneCycleLR */
    SORI_SCHEDULE_COUNT
} sori_schedule;

/* Who computes: our own kernels, or oneDNN for the layers it knows. Training and answers differ in the last bits only;
 * model files do not depend on it. */
typedef enum sori_engine {
    SORI_ENGINE_AUTO = 0,                /* a layer at a time, by its shapes: what is faster */
    SORI_ENGINE_OWN,
    SORI_ENGINE_ONEDNN                   /* wherever it can */
} sori_engine;

typedef struct sori_compile_config {
    sori_optimizer optimizer;
    sori_loss loss;
    double label_smoothing;              /* cross-entropies, in training: t becomes t (1 - s) + s / classes (or 2) */
    double delta;                        /* Huber: 1 */
    bool keep_mean;                      /* SI-SDR: do not subtract the waveforms' means first */
    bool exact;                          /* weights and arithmetic in double, for gradient checks */
    sori_engine engine;                  /* of float arithmetic */
    bool bf16;                           /* answers: what convolutions and dense layers over rows multiply is rounded
                                          * to bfloat16 (8 bits), where that is faster: oneDNN and the processor have
                                          * it. Sums stay float */
    uint32_t reserved[8];
} sori_compile_config;

/* Choose loss and optimiser; a new model's weights are drawn from the context's seed, a loaded one's are kept.
 *   err  SORI_EINVAL a number out of range, softmax or sigmoid missing before its loss, two kinds of clipping
 *        SORI_EUNSUP .engine is ONEDNN and sori was built without */
SORI_API sori_status sori_compile(sori_model *m, const sori_compile_config *config);

/* Where samples come from when they do not lie in one array. fill writes samples indices[0..n) into x [n, input] and
 * y [n, output]; it may run on a thread of its own, one call at a time, while the network trains, and must depend on
 * (epoch, indices) only. epoch is counted from 0; UINT32_MAX asks for clean samples (evaluation). */
typedef struct sori_source {
    size_t count;
    void (*fill)(sori_ctx *worker, void *user, uint32_t epoch, const uint32_t *indices, size_t n, float *x, float *y);
    void *user;
    const sori_array *sample_weight;     /* [count] f32, as in sori_fit_config; NULL: none */
} sori_source;

/* What is known after a batch or an epoch; NaN where it is not measured. */
typedef struct sori_logs {
    uint32_t epoch, epochs;              /* counted from 0; asked for */
    uint32_t step, steps;                /* batches done in this epoch, of */
    double loss, accuracy;               /* running mean over the epoch */
    double val_loss, val_accuracy;       /* after the epoch */
    double learning_rate;
    double seconds;                      /* since the epoch began; not stored in files */
} sori_logs;

/* A batch whose loss or gradient was not finite: its step was skipped, the weights are as before. */
typedef struct sori_bad_batch {
    uint32_t epoch, step;                /* counted from 0 */
    double loss;                         /* of the batch, mean; finite where only the gradient was not */
    int in_a_row;                        /* this one included */
    const uint32_t *samples;             /* [count] which samples of x, or indices of the source */
    size_t count;
} sori_bad_batch;

/* Functions called by fit, in this order; NULL fields are left out. sori_stop_training(m) from any of them ends fit
 * after the batch, as Keras: with validation and on_epoch_end. sori_fail on the model's context ends it at once; also
 * then on_train_end is called.                                                                       LambdaCallback */
typedef struct sori_callback {
    void *user;
    void (*on_train_begin)(void *user, sori_model *m, const sori_logs *logs);   /* epoch, step: where it starts */
    void (*on_epoch_begin)(void *user, sori_model *m, const sori_logs *logs);
    void (*on_batch_begin)(void *user, sori_model *m, const sori_logs *logs);
    void (*on_bad_batch)(void *user, sori_model *m, const sori_bad_batch *bad);
    void (*on_batch_end)(void *user, sori_model *m, const sori_logs *logs);
    void (*on_epoch_end)(void *user, sori_model *m, const sori_logs *logs);
    void (*on_train_end)(void *user, sori_model *m, const sori_logs *logs);
} sori_callback;
SORI_API void sori_stop_training(sori_model *m);

/* What is watched; without validation data the training's value stands for it. */
typedef enum sori_monitor { SORI_VAL_LOSS = 0, SORI_VAL_ACCURACY, SORI_TRAIN_LOSS, SORI_TRAIN_ACCURACY } sori_monitor;
/* Which is better: by itself the lower loss and the higher accuracy. */
typedef enum sori_mode { SORI_AUTO = 0, SORI_MIN, SORI_MAX } sori_mode;

/* The rate times factor when a value has not improved for a while, on top of the schedule.        ReduceLROnPlateau */
typedef struct sori_reduce_lr {
    sori_monitor monitor;
    sori_mode mode;
    double factor;                       /* 0.1; below 1 */
    int patience;                        /* 10 epochs */
    double min_delta;                    /* 1e-4; negative: none */
    int cooldown;                        /* epochs after a reduction in which none is counted */
    double min_lr;                       /* the rate is not reduced below it */
    uint32_t reserved[4];
} sori_reduce_lr;

/* Model files while training, for sori_model_load.                                                  ModelCheckpoint */
typedef struct sori_model_checkpoint {
    const char *path;                    /* "{epoch}" in it becomes the epoch, counted from 1: one file each */
    const char *last;                    /* another file, written every time, better or not; NULL: none */
    bool save_best_only;                 /* path only when the value is better than ever before */
    sori_monitor monitor;
    sori_mode mode;
    int save_freq;                       /* batches from file to file; 0: at every epoch's end */
    uint32_t reserved[4];
} sori_model_checkpoint;

typedef struct sori_fit_config {
    int epochs;                          /* 1; the total, also when resuming */
    int initial_epoch;                   /* the first one's number, counted from 0; a resumed run has its own */
    int batch_size;                      /* 32 */
    bool no_shuffle;
    double validation_split;             /* the last fraction of x and y */
    const sori_array *val_x, *val_y;
    const sori_source *validation;
    const double *class_weight;          /* [class_weight_count]: the loss of a sample of class k is multiplied by the
                                          * k-th; its class is the largest target, or of one output whether above
                                          * 1/2. Not in validation; the mean is still over the number of samples */
    size_t class_weight_count;           /* the outputs; for one output 2 */
    const sori_array *sample_weight;     /* [n] f32, not negative: the same for each sample, also of validation_split */
    double mixup;                        /* alpha of Beta(alpha, alpha), 0 (off) to 100, of the share l: in each batch
                                          * x_i becomes l x_i + (1 - l) x_p(i), p a permutation of the batch, and so do
                                          * targets and weights of the samples            Zhang et al., ICLR 2018 */
    double cutmix;                       /* instead a rectangle of x_p(i), over the two axes before the channel (of
                                          * [time, channel] a stretch of time); targets and weights by the share of
                                          * the area; the output has one axis               Yun et al., ICCV 2019 */
    double manifold_mixup;               /* as mixup, of what one of the layers makes      Verma et al., ICML 2019 */
    const char *mixup_layers;            /* manifold mixup: names or numbers (0: the input) of the layers to choose
                                          * from, "input,conv1,3"; NULL: the input and every layer before the last one
                                          * with weights that no other goes round. Of several kinds of mixing one is
                                          * drawn for each batch, and so is the layer, all equally likely. In training
                                          * only; accuracy is then of the class with the largest share, and
                                          * class_weight is looked up before mixing */
    sori_schedule schedule;              /* of the learning rate, over all epochs, batch by batch */
    int warmup_epochs;                   /* of linear rise before the schedule; one-cycle has its own */
    double alpha;                        /* cosine: 0 */
    double decay_rate;                   /* step, exponential: 0.1 */
    int decay_epochs;                    /* 10 */
    double pct_start;                    /* one-cycle: the part of the steps that rises, 0.3 */
    double div_factor, final_div_factor; /* from rate / div_factor (25) to that over final_div_factor (10000) */
    double base_momentum, max_momentum;  /* 0.85, 0.95; .momentum, or beta_1 of Adam, where the optimiser has one */
    bool fixed_momentum;                 /* one-cycle: leave it alone (torch cycle_momentum=False) */
    int early_stopping_patience;         /* 0: off.                                                   EarlyStopping */
    double early_stopping_min_delta;
    double early_stopping_baseline;      /* being better than this is what counts; 0: none */
    int early_stopping_start_from_epoch; /* epochs before anything is counted */
    bool restore_best_weights;
    sori_monitor monitor;                /* of early stopping and the best weights */
    sori_mode mode;
    const sori_reduce_lr *reduce_lr_on_plateau;        /* NULL: off */
    const sori_model_checkpoint *model_checkpoint;     /* NULL: none */
    const char *checkpoint;              /* file rewritten at every epoch's end and on interruption, to go on from */
    int checkpoint_freq;                 /* and whenever so many batches are done; 0: not */
    const char *resume;                  /* go on from such a file, to the same bits as an unbroken run */
    const char *backup_and_restore;      /* a checkpoint gone on from when it is there, removed when training is done:
                                          * the same program, started again, loses little.          BackupAndRestore */
    const char *metadata_json;           /* stored in checkpoints: what sori_model_save takes */
    int max_bad_steps;                   /* 10 steps in a row with NaN or infinity: SORI_EDIVERGED; TerminateOnNaN: 1 */
    bool fast_dev_run;                   /* one batch of training and validation, no files: does it all work? */
    int overfit_batches;                 /* only so many batches of either, in order: can it learn them by heart? */
    double max_time_s;                   /* stop after the batch in which it is over; checkpoints stay, to go on from */
    const sori_callback *callbacks;
    size_t callback_count;
    uint32_t reserved[8];
} sori_fit_config;

/* Train.   x [n, ...input] f32, y [n, ...output] f32
 *   err  SORI_EINVAL shapes that do not fit the model, not compiled; SORI_EDIVERGED; SORI_EINTR after
 *        sori_interrupt, with the checkpoint written and the weights usable; SORI_EIO, SORI_EMODEL of checkpoints */
SORI_API sori_status sori_fit(sori_model *m, const sori_array *x, const sori_array *y, const sori_fit_config *config);
SORI_API sori_status sori_fit_source(sori_model *m, const sori_source *train, const sori_fit_config *config);

/* The logs of every epoch so far, also of those before a resume. */
SORI_API const sori_logs *sori_history(const sori_model *m, size_t *epochs);

/* Mean loss and accuracy (NaN but for cross-entropies and KL) without dropout, with running statistics and without
 * label smoothing; either pointer may be NULL. */
SORI_API sori_status sori_evaluate(sori_model *m, const sori_array *x, const sori_array *y, double *loss,
                                   double *accuracy);
SORI_API sori_status sori_evaluate_source(sori_model *m, const sori_source *source, double *loss, double *accuracy);

/* [n, ...input] -> [n, ...output] f32. The bits of a sample do not depend on the others beside it. */
SORI_API sori_array *sori_predict(sori_model *m, const sori_array *x);

/* Inference beside others: a model may be shared by any number of sessions, each used by one thread, as long as nobody
 * trains, changes or frees the model. Nothing is allocated while running; several samples at a time run on c's threads.
 *   batch  samples at a time; memory grows with it
 *   err    SORI_EINVAL no weights yet (compile or load the model first) */
typedef struct sori_session sori_session;
SORI_API sori_session *sori_session_new(sori_ctx *c, const sori_model *m, size_t batch);
SORI_API void sori_session_free(sori_session *s);

/* x [n, ...input] -> y [n, ...output], the bits of sori_predict. */
SORI_API sori_status sori_session_run(sori_session *s, const float *x, size_t n, float *y);

/* A line as Keras's progress bar, without colour or newline: "12/100 ━━━━ 3s 25ms/step - loss: 0.1234". Returns the
 * length as snprintf does. */
SORI_API int sori_progress_text(const sori_logs *logs, char *out, size_t size);

/* --- weights and files ------------------------------------------------------------------------------------------- */

/* A copy of a weight by name ("dense_1/kernel"), f32 (f64 when compiled exact); names in table order by index. */
SORI_API size_t sori_weight_count(const sori_model *m);
SORI_API const char *sori_weight_name(const sori_model *m, size_t i);
SORI_API sori_array *sori_get_weight(sori_model *m, const char *name);
SORI_API sori_status sori_set_weight(sori_model *m, const char *name, const sori_array *value);

/* Weights alone, as safetensors, in sori's layout, PyTorch's or Keras's. A tensor is called as its layer, with the
 * library's own words behind: conv1/kernel is conv1.weight in PyTorch; models of the zoo have the layer names of a
 * natural nn.Module. Axes are turned (kernels [height, width, channel, filter] and [filter, channel, height, width]),
 * the rows of a dense layer behind a flattened image put in PyTorch's order, PyTorch's two biases of an LSTM added
 * up. Keras's layout is sori's; before its names a model's may stand, "sequential/conv1/kernel". */
typedef enum sori_layout { SORI_LAYOUT_SORI = 0, SORI_LAYOUT_TORCH, SORI_LAYOUT_KERAS } sori_layout;

/* What a layer ("conv1" -> "features.0") or one weight ("conv1/kernel" -> "w1") is called in the file; a table of these
 * ends with a row whose sori is NULL. */
typedef struct sori_name_map { const char *sori, *theirs; } sori_name_map;

/* names: NULL, or what differs. Loading wants every weight, takes nothing that has no place (but PyTorch's
 * num_batches_tracked), and changes all weights or (unless memory runs out) none; the optimiser's
 * moments stay.
 *   err  SORI_EIO; SORI_EFORMAT a tensor that is missing, left over, no float or of another shape, with its name and
 *        both shapes; SORI_EINVAL names that no layer or weight has
 *   cost three copies of the weights */
SORI_API sori_status sori_weights_save(sori_model *m, const char *path, sori_layout layout,
                                       const sori_name_map *names);
SORI_API sori_status sori_weights_load(sori_model *m, const char *path, sori_layout layout,
                                       const sori_name_map *names);

/* A model file is a valid safetensors file: the weights under their names, and in its metadata under "sori" the
 * format's version, the layer table, the training history, and metadata_json (any JSON object, or NULL) as "user".
 *   err  SORI_EIO; SORI_EMODEL not a sori model, a table that is rejected, weights missing or of another shape */
SORI_API sori_status sori_model_save(sori_model *m, const char *path, const char *metadata_json);
SORI_API sori_model *sori_model_load(sori_ctx *c, const char *path, const char **metadata_json);

#ifdef __cplusplus
}
#endif
#endif
