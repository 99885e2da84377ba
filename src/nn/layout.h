/* nn/layout.h - weights as other libraries keep them. Private to nn.
 *
 * A foreign tensor is some of our values in another order: pieces, each a box of up to four nested loops with a step
 * for every loop on either side. A kernel whose axes are permuted is one piece; gates in another order are one each. */
#ifndef NN_LAYOUT_H
#define NN_LAYOUT_H

#include "nn/nn.h"

#define NN_MAX_PIECES 4
#define NN_MAX_FOREIGN 16   /* tensors of a layer */

typedef struct nn_piece {
    size_t n[4];                      /* times round each loop, the outermost first */
    size_t theirs, their_step[4];     /* element of the foreign tensor, and to the next in each loop */
    size_t ours, our_step[4];
} nn_piece;

typedef struct nn_foreign {
    const nn_param *param;            /* ours; a tensor of several of ours is listed with each */
    char suffix[48];                  /* of its name: ".weight" */
    int ndim;
    size_t dim[4];
    bool added;                       /* a second bias: added to the first when read, zeros when written */
    int n_pieces;
    nn_piece piece[NN_MAX_PIECES];
} nn_foreign;

/* The tensors of layer i in that layout; their number. */
size_t nn_foreign_tensors(const sori_model *m, int i, sori_layout layout, nn_foreign out[NN_MAX_FOREIGN]);

/* Values from one side to the other; ours is the parameter's, [param->shape]. Reading adds where added says so. */
void nn_foreign_read(const nn_foreign *f, const double *theirs, double *ours);
void nn_foreign_write(const nn_foreign *f, const double *ours, double *theirs);

#endif
