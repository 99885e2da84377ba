/* feat/dtw.h - what dynamic time warping is made of: costs of cells (dtw_cost.c), their accumulation (dtw.c), the way
 * back (dtw_path.c). Private to feat. */
#ifndef FEAT_DTW_H
#define FEAT_DTW_H

#include "array/array.h"
#include "base/base.h"
#include "num/num.h"
#include <sori/structure.h>

enum { DTW_QUAD = 4 };       /* rows that are worked on at once */

/* Where costs come from. */
typedef struct dtw_cost {
    const num_kernels *k;    /* in double */
    size_t rows, columns;
    size_t stride;           /* columns, padded to a multiple of 16 */
    const sori_array *C;     /* given, or NULL */
    sori_metric metric;
    bool exchanged;          /* X and Y changed places: subseq looks for the shorter one in the longer */
    size_t features;
    double *x;               /* [quads][features][4] frames of X */
    double *y;               /* [features][stride] frames of Y */
    double *x_norm, *y_norm; /* cosine: [rows rounded up to 4], [stride] lengths */
    bool band;               /* cells with column - row outside (low, high) are infinite */
    ptrdiff_t low, high;
} dtw_cost;

/* Check what costs come from and prepare it; false with the error recorded. Closing is always allowed. */
bool feat_dtw_cost_open(sori_ctx *c, dtw_cost *d, const sori_array *X, const sori_array *Y, const sori_dtw_config *g);
void feat_dtw_cost_close(sori_ctx *c, dtw_cost *d);

/* The costs of the rows 4 * quad .. 4 * quad + 3, as far as they exist, to out [4][stride]. */
void feat_dtw_cost_rows(const dtw_cost *d, size_t quad, double *out);

/* Steps: number k moves size[k] rows and columns. Those before `first` are librosa's three defaults, in no use. */
typedef struct dtw_steps {
    int size[256][2];
    double add[256], mul[256];
    size_t first, n;
    size_t reach;            /* most rows a step spans */
    bool plain;              /* the defaults, unweighted */
} dtw_steps;

bool feat_dtw_steps(sori_ctx *c, const char *who, const int (*sigma)[2], size_t n, const double *add, const double *mul,
                    dtw_steps *out);

/* The path back from the cell (rows - 1, start), over steps [rows][columns] of one byte (or i32, if wide): [length, 2]
 * i64, turned to (column, row) if flip. NULL with the error recorded. */
sori_array *feat_dtw_path(sori_ctx *c, const dtw_steps *s, const void *steps, bool wide, const size_t shape[2],
                          bool subseq, size_t start, bool flip);

#endif
