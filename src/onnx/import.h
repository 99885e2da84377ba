/* onnx/import.h - what the operators of an import share: values, the order of their axes, rows and weights.
 *
 * A value of the graph is a constant or the output of a row. Its axes in ONNX and those of the row's output are kept
 * apart: axis[i] tells where ONNX's axis i lies here. So a Transpose changes that list alone, a size of one may be
 * there or not, and only an operator that needs an order (onnx_bring) makes a row that changes it. Likewise Flatten
 * waits for its reader, since a Gemm can take its weights' rows in another order instead; and products with a number,
 * Sigmoid and Erf wait, since they may be parts of SiLU and GELU. */
#ifndef ONNX_IMPORT_H
#define ONNX_IMPORT_H

#include "onnx/read.h"

enum { ABSENT = -1, BATCH = 0 };           /* in axis[]: not there, its size being 1; the batch; else counted from 1 */

/* Axes as ONNX has them; the batch's size is 0. */
typedef struct onnx_layout {
    int ndim;
    size_t dim[ONNX_MAX_AXES];
    int axis[ONNX_MAX_AXES];
} onnx_layout;

/* What is still to be done to a value that waits: nothing, s(x), erf(x), 1 + erf(x). */
typedef enum onnx_stage { PLAIN, SIGMOIDED, ERF, ERF_PLUS_1 } onnx_stage;

typedef struct onnx_data {
    onnx_text name;
    int readers;                           /* nodes that need it, the graph's output among them */
    const onnx_tensor *tensor;             /* a constant of the file */
    bool numbers;                          /* a constant computed here: `count` whole numbers, one axis or none */
    int count, axes;
    int64_t number[ONNX_MAX_AXES];
    bool zeros;                            /* a constant of zeros of any shape */
    bool there;                            /* the output of a row, or the input: */
    int source;                            /* 0, or the row's number from 1 */
    onnx_layout layout;
    bool flat;                             /* ... of which ONNX sees [batch, all others] */
    bool fresh;                            /* nobody else sees the row's output: an activation may join it */
    double scale;                          /* to be multiplied with, when its time has come */
    onnx_stage stage;
} onnx_data;

typedef struct onnx_weight_set {           /* a parameter's values, until the model is complete */
    const char *name;                      /* "dense/kernel" */
    float *v;
    size_t size;
} onnx_weight_set;

typedef struct onnx_importer {
    sori_ctx *c;
    onnx_graph g;
    onnx_data *data;                       /* [n_data], by name */
    int n_data;
    bool *needed, *done;                   /* [nodes]: leads to the output; taken together with one before it */
    sori_model *m;
    onnx_weight_set *sets;
    int n_sets, room;
    bool channels_first;                   /* the input came as [N, c, ...] */
} onnx_importer;

/* One operator; false with an error. What it makes is put into its outputs' data. */
typedef bool onnx_take(onnx_importer *im, const onnx_node *n);
onnx_take *onnx_operator(const onnx_node *n);          /* operators.c; NULL: sori has it not */

/* SORI_EMODEL, "path: node conv (Conv): why"; false. */
bool onnx_refuse(onnx_importer *im, const onnx_node *n, const char *format, ...) SORI_PRINTF(3, 4);

/* --- values ------------------------------------------------------------------------------------------------------- */

onnx_data *onnx_find(onnx_importer *im, onnx_text name);
/* Input i, NULL where it is left out. */
onnx_data *onnx_input(onnx_importer *im, const onnx_node *n, int i);
/* Input i as the output of a row that waits for nothing; NULL with an error if it is a constant or not there. */
onnx_data *onnx_settled(onnx_importer *im, const onnx_node *n, int i);
/* The same, but products and functions may still wait: not its axes. */
onnx_data *onnx_waiting(onnx_importer *im, const onnx_node *n, int i);
bool onnx_settle(onnx_importer *im, const onnx_node *n, onnx_data *v);
/* Output i is row number source's output, with that layout; or another name for x. */
bool onnx_give(onnx_importer *im, const onnx_node *n, int i, int source, const onnx_layout *layout);
bool onnx_alias(onnx_importer *im, const onnx_node *n, const onnx_data *x);

/* --- constants ---------------------------------------------------------------------------------------------------- */

bool onnx_is_constant(const onnx_data *v);
/* Values of a constant, freed by base_free, with its shape; NULL with an error if it is none. */
float *onnx_constant(onnx_importer *im, const onnx_node *n, int i, int *ndim, size_t dim[ONNX_MAX_AXES]);
/* One number a unit, or one for all of them, times a factor; NULL after an error. */
float *onnx_bias(onnx_importer *im, const onnx_node *n, int input, double factor, size_t units);
/* A constant of one number; false without an error if it is none. */
bool onnx_number(onnx_importer *im, const onnx_node *n, int i, double *v);
/* A constant all of zeros. */
bool onnx_is_zero(onnx_importer *im, const onnx_data *v);
/* Up to ONNX_MAX_AXES whole numbers; how many, -1 without an error if they are not constant. */
int onnx_whole(onnx_importer *im, const onnx_node *n, int i, int64_t *v);

/* --- order of axes ------------------------------------------------------------------------------------------------ */

/* The number of a value that has just those axes of ONNX's, in that order (the batch apart). -1 after an error. */
int onnx_bring(onnx_importer *im, const onnx_node *n, const onnx_data *v, const int *order, int count);
/* The layout of what lies so: its axes of ONNX's in order; others are absent. */
onnx_layout onnx_lies(const onnx_layout *as, const int *order, int count);
/* Axes in the order in which they lie, `last` of ONNX's put behind the others (-1: left where it is). How many. */
int onnx_order(const onnx_layout *l, int last, int *order);
/* All axes but the batch in ONNX's order. */
int onnx_plain_order(const onnx_layout *l, int *order);
/* Axis number as files have it, from the end if below 0; -1 with an error. */
int onnx_axis(onnx_importer *im, const onnx_node *n, int64_t axis, int ndim);

/* --- rows and weights --------------------------------------------------------------------------------------------- */

/* A row that reads one value, or several; its number, -1 after an error. It is named after the tensor of that input of
 * the node's (-1: of none). */
int onnx_row(onnx_importer *im, const onnx_node *n, int named_by, sori_layer layer, int from);
int onnx_row_of(onnx_importer *im, const onnx_node *n, sori_layer layer, const int *from, int count);
const nn_shape *onnx_shape(const onnx_importer *im, int value);
/* Parameter `param` of row number `row` becomes v [size], which is taken over, also after an error. */
bool onnx_set(onnx_importer *im, int row, const char *param, float *v, size_t size);
/* y = scale x + shift a channel: the last axis of value `from`. Takes both over; NULL: 1, 0. */
int onnx_affine(onnx_importer *im, const onnx_node *n, int from, float *scale, float *shift);

/* The activation joins the row before, or becomes one. `readers` of x that vanish with it. */
bool onnx_activate(onnx_importer *im, const onnx_node *n, onnx_data *x, sori_act act, double alpha, int readers);

/* The one node that reads an output, NULL if there are more. */
const onnx_node *onnx_reader(const onnx_importer *im, onnx_text name);
void onnx_skip(onnx_importer *im, const onnx_node *n);

/* Output 0 is x as [batch, all others]. */
bool onnx_put_flat(onnx_importer *im, const onnx_node *n, onnx_data *x);

/* products.c, windows.c */
onnx_take onnx_take_avgpool, onnx_take_batchnorm, onnx_take_conv, onnx_take_conv_transpose, onnx_take_gemm,
    onnx_take_global_mean, onnx_take_global_max, onnx_take_instancenorm, onnx_take_layernorm,
    onnx_take_matmul, onnx_take_maxpool, onnx_take_prelu, onnx_take_reduce_max, onnx_take_reduce_mean;

/* shapes.c, recurrent.c */
onnx_take onnx_take_reshape, onnx_take_flatten, onnx_take_transpose, onnx_take_squeeze, onnx_take_unsqueeze,
    onnx_take_concat, onnx_take_slice, onnx_take_gather, onnx_take_pad, onnx_take_shape, onnx_take_fill,
    onnx_take_expand, onnx_take_resize, onnx_take_product, onnx_take_lstm, onnx_take_gru;

#endif
