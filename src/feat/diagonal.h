/* feat/diagonal.h - smoothing filters along a sloping line. Private to feat. */
#ifndef FEAT_DIAGONAL_H
#define FEAT_DIAGONAL_H

#include "base/base.h"
#include <sori/structure.h>

typedef struct feat_diagonal {
    size_t rows, columns;
    double *weights;         /* [rows][columns], sum 1, from base_alloc */
} feat_diagonal;

/* Make the filter of that length and angle (radians; pi/4 is the diagonal itself); false with the error recorded. */
bool feat_diagonal_open(sori_ctx *c, const char *who, const char *window, int n, double angle, feat_diagonal *out);

#endif
