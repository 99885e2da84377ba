/* nn/fit.h - one run of training, between the files it is made of.
 *
 *   fit_config.c   what was asked for: checks, defaults, files to begin from
 *   fit.c          the loop: epochs, batches, callbacks, the end
 *   watch.c        values that should get better: early stopping, the rate on plateaus
 *   checkpoint.c   files written on the way
 */
#ifndef NN_FIT_H
#define NN_FIT_H

#include "nn/nn.h"

typedef struct nn_training {
    sori_model *m;
    sori_fit_config config;     /* every default filled in */
    nn_feed *train, *validation;
    nn_plan *plan;
    nn_mix *mix;                /* NULL: samples are not mixed */
    size_t batch, steps;        /* samples of a batch, batches of an epoch */
    uint32_t epochs;
    sori_logs logs;
    double started;             /* seconds, when this call began */
    double epoch_started;
    bool out_of_time;           /* stopped by max_time_s */
    bool cut;                   /* within an epoch: its checkpoint is of the batch, not of the epoch's end */
} nn_training;

/* fit_config.c */
bool nn_fit_config(sori_model *m, const sori_fit_config *asked, sori_fit_config *config);

/* watch.c: after an epoch, with its logs; false when out of memory. */
bool nn_watch_epoch(nn_training *t);
/* The value to watch, turned so that lower is better. */
double nn_monitored(const sori_logs *logs, bool validated, sori_monitor monitor, sori_mode mode);

/* checkpoint.c */
void nn_write_checkpoint(nn_training *t);
void nn_checkpoint_batch(nn_training *t);       /* after a batch: what is due every so many */
void nn_checkpoint_epoch(nn_training *t);       /* after an epoch */
void nn_checkpoint_done(nn_training *t);        /* after all: a backup is no longer needed */

#endif
