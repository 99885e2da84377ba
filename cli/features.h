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
    int hop_length, n_fft;
    bool uncentered;
    size_t count;
    char *const *names;            /* [count] */
    const char *units[FEATURES_MAX];         /* [count] */
    sori_array *arrays[FEATURES_MAX];        /* [count] */
} features;

#define FEATURES_MAX 64

/* One line a frame: its time, then every row of every feature. Complex values take two columns. */
void features_put_csv(FILE *to, const features *f);
/* {"path", "sr", "hop_length", "features": {name: {"shape", "unit", "data"}}}, nested as the arrays are. */
void features_put_json(FILE *to, const features *f);
/* Shape, unit and range only: lines of a table, or a JSON object. */
extern const char features_heading[];
void features_put_summary(FILE *to, const features *f);
void features_put_summary_json(FILE *to, const features *f);

#endif
