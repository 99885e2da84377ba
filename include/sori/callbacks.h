/* sori/callbacks.h - ready-made callbacks for sori_fit: logs as CSV, and event files for TensorBoard.
 *
 *     sori_csv_logger *csv = sori_csv_logger_new(c, "run/log.csv", NULL);
 *     sori_tensorboard *board = sori_tensorboard_new(c, "run", &(sori_tensorboard_config){ .histogram_freq = 1 });
 *     sori_callback callbacks[] = { sori_csv_logger_callback(csv), sori_tensorboard_callback(board) };
 *     sori_fit(m, x, y, &(sori_fit_config){ .epochs = 20, .callbacks = callbacks, .callback_count = 2 });
 *     sori_csv_logger_free(csv);
 *     sori_tensorboard_free(board);
 *
 * What cannot be written is an error of the model's context and ends the training. Folders are made. NULL handles may
 * be passed to every call; their callbacks do nothing.
 */
#ifndef SORI_CALLBACKS_H
#define SORI_CALLBACKS_H

#include <sori/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- a line an epoch ---------------------------------------------------------------------------------------------- */

typedef struct sori_csv_logger sori_csv_logger;

typedef struct sori_csv_config {
    char separator;          /* ',' */
    bool append;             /* keep lines of earlier runs that are about epochs before this one's first */
    uint32_t reserved[4];
} sori_csv_config;

/* A CSV with the columns epoch (counted from 0), accuracy, learning_rate, loss, val_accuracy, val_loss; empty where a
 * value was not measured; numbers in the fewest digits that give the same double again.                   CSVLogger
 * The file is replaced as a whole after every epoch, so it is never half written, and has the history of a resumed run
 * from its first epoch: the same bytes as of an unbroken one.
 *   err SORI_EINVAL a separator that is part of a number; SORI_EIO */
SORI_API sori_csv_logger *sori_csv_logger_new(sori_ctx *c, const char *path, const sori_csv_config *config);
SORI_API sori_callback sori_csv_logger_callback(sori_csv_logger *l);
SORI_API void sori_csv_logger_free(sori_csv_logger *l);

/* --- TensorBoard -------------------------------------------------------------------------------------------------- */

typedef struct sori_tensorboard sori_tensorboard;

typedef struct sori_tensorboard_config {
    int histogram_freq;      /* epochs from one histogram of every weight to the next; 0: none */
    uint32_t reserved[4];
} sori_tensorboard_config;

/* After every epoch, event files under dir/train and dir/validation: epoch_loss, epoch_accuracy (both in either),
 * epoch_learning_rate and "dense/kernel/histogram". Look at them with: tensorboard --logdir DIR.       TensorBoard
 * A resumed run begins a new file, which tells TensorBoard to forget what it repeats.
 *   err SORI_EINVAL a negative histogram_freq; SORI_EIO */
SORI_API sori_tensorboard *sori_tensorboard_new(sori_ctx *c, const char *dir, const sori_tensorboard_config *config);
SORI_API sori_callback sori_tensorboard_callback(sori_tensorboard *b);
SORI_API void sori_tensorboard_free(sori_tensorboard *b);

/* One event file, for what a program wants to show by itself. It grows while it is open, a record a call, and can be
 * read all the time; TensorBoard passes over a record that a crash cut short. */
typedef struct sori_events sori_events;

/* A new file in dir. What older files in dir have about first_step and later is forgotten by TensorBoard.
 *   err SORI_EIO */
SORI_API sori_events *sori_events_new(sori_ctx *c, const char *dir, int64_t first_step);
SORI_API void sori_events_free(sori_events *e);

SORI_API sori_status sori_events_scalar(sori_events *e, const char *tag, int64_t step, double value);

/* Counts of values of any shape, f32 or f64, in 30 intervals between the least and the greatest; what is not finite is
 * left out.    err SORI_EINVAL another dtype */
SORI_API sori_status sori_events_histogram(sori_events *e, const char *tag, int64_t step, const sori_array *values);

/* A PNG of size bytes, as sori_plot_png makes.    err SORI_EINVAL not a PNG */
SORI_API sori_status sori_events_image(sori_events *e, const char *tag, int64_t step, const void *png, size_t size);

/* Sound [n] or [channels, n] f32 at sr Hz, -1 .. 1; stored as WAV of 16 bits.
 *   err SORI_EINVAL another shape, no samples, more than 8 channels, a rate outside 1 .. 2^20 Hz */
SORI_API sori_status sori_events_audio(sori_events *e, const char *tag, int64_t step, const sori_array *y, double sr);

/* Markdown. */
SORI_API sori_status sori_events_text(sori_events *e, const char *tag, int64_t step, const char *text);

#ifdef __cplusplus
}
#endif
#endif
