/* features.h - what sori features has of one file, and the ways to write it. */
#ifndef CLI_FEATURES_H
#define CLI_FEATURES_H

#include "cli.h"

#define FEATURES_MAX 64   /* features asked for at once */

/* The features of one file: arrays [rows, frames] or [channels, rows, frames], f32 or c64; of events and single values
 * f64, [n] or [channels, 1]. */
typedef struct features {
    const char *path;
    double sr;                     /* after resampling, Hz */
    double duration_s;             /* 0 where the whole sound was not needed */
    int hop_length, n_fft;
    bool uncentered;
    size_t count;
    char *const *names;            /* [count] */
    const char *units[FEATURES_MAX];         /* [count] */
    sori_array *arrays[FEATURES_MAX];        /* [count] */
} features;

/* One line a frame: its time, then every row of every feature. Complex values take two columns. */
void features_put_csv(FILE *to, const features *f);
/* Events only, in order of time: "time,label", or a label file. */
void features_put_events_csv(FILE *to, const features *f);
void features_save_labels(cli *k, const features *f, const char *path, sori_labels_format format);
/* {"path", "sr", "hop_length", "features": {name: {"shape", "unit", "data"}}}, nested as the arrays are. */
void features_put_json(FILE *to, const features *f);
/* Shape, unit and range only: lines of a table, or a JSON object. */
extern const char features_heading[];
void features_put_summary(FILE *to, const features *f);
void features_put_summary_json(FILE *to, const features *f);

/* All sound files of a folder and those below it (features_batch.c). */
typedef struct features_batch {
    const char *dir, *out;       /* DIR/sub/name.wav becomes OUT/sub/name.npy */
    const char *ending;          /* ".npy" */
    char *const *names;          /* [count] features */
    size_t count;
    int (*fn)(cli *k, const char *path, void *user);   /* does one, as in cli_each */
    void *user;
} features_batch;
int features_run_batch(cli *k, const features_batch *b);
/* Where the result of the file at path goes. Freed by free(). */
char *features_batch_path(const features_batch *b, const char *path);

#endif
