/* onnx/onnx.h - ONNX files: field numbers of their messages, what writing shares, and a graph as read. Private to nn.
 *
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
#ifndef ONNX_ONNX_H
#define ONNX_ONNX_H

#include "base/proto.h"
#include "nn/nn.h"
#include <sori/interchange.h>

#define ONNX_OPSET 17
#define ONNX_MAX_BYTES ((size_t)INT32_MAX)   /* protocol buffers end there */

enum { MODEL_IR_VERSION = 1, MODEL_PRODUCER = 2, MODEL_PRODUCER_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5, NODE_DOMAIN = 7 };
enum { ATTR_NAME = 1, ATTR_F = 2, ATTR_I = 3, ATTR_S = 4, ATTR_T = 5, ATTR_FLOATS = 7, ATTR_INTS = 8,
       ATTR_STRINGS = 9, ATTR_TYPE = 20 };
enum { ATTR_IS_FLOAT = 1, ATTR_IS_INT = 2, ATTR_IS_STRING = 3, ATTR_IS_INTS = 7, ATTR_IS_STRINGS = 8 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_FLOATS = 4, TENSOR_INT32S = 5, TENSOR_INT64S = 7, TENSOR_NAME = 8,
       TENSOR_RAW = 9, TENSOR_DOUBLES = 10, TENSOR_LOCATION = 14 };
enum { TYPE_FLOAT = 1, TYPE_INT32 = 6, TYPE_INT64 = 7, TYPE_BOOL = 9, TYPE_DOUBLE = 11 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2, SHAPE_DIM = 1,
       DIM_VALUE = 1, DIM_PARAM = 2 };

/* --- writing (write.c) --------------------------------------------------------------------------------------- */

/* A name in the file. Layers' names have at most 80 bytes, what is added to them fewer than 30. */
typedef struct onnx_name { char s[112]; } onnx_name;

/* An attribute of a node: a whole number, a list of them (n > 0), a real one or a text. */
typedef struct onnx_attr {
    const char *name;                       /* NULL ends the list */
    int type;                               /* ATTR_IS_... */
    int64_t i;
    double f;
    const char *s;
    int n;
    int64_t ints[8];
} onnx_attr;

typedef struct onnx_writer {
    sori_ctx *c;
    base_proto nodes, weights;              /* the graph's fields so far */
} onnx_writer;

#define ONNX_IN(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ONNX_ATTRS(...) ((const onnx_attr[]){ __VA_ARGS__, { NULL } })
#define ONNX_INT(name, v) { name, ATTR_IS_INT, .i = (v) }
#define ONNX_FLOAT(name, v) { name, ATTR_IS_FLOAT, .f = (v) }
#define ONNX_TEXT(name, v) { name, ATTR_IS_STRING, .s = (v) }

/* A node named like its output. inputs end with NULL, "" is one left out; attrs NULL: none. */
void onnx_put(onnx_writer *w, const char *op, const char *const *inputs, const char *output, const onnx_attr *attrs);
/* The same with two outputs, the first "" if nobody wants it. */
void onnx_put2(onnx_writer *w, const char *op, const char *const *inputs, const char *first, const char *second,
               const onnx_attr *attrs);
/* Initializers: float32 of a shape, and whole numbers in a row. */
void onnx_put_floats(onnx_writer *w, const char *name, int ndim, const size_t *shape, const float *v);
void onnx_put_ints(onnx_writer *w, const char *name, size_t n, const int64_t *v);
/* The whole file; frees the writer's memory. */
sori_status onnx_write(onnx_writer *w, const char *path, const nn_shape *input, const char *output,
                       const nn_shape *output_shape);

/* y = x with its axes in another order: y's axis i is x's axis order[i]. At most 8 axes. */
void onnx_permute(const float *x, int ndim, const size_t *shape, const int *order, float *y);

/* --- from layers to operators (export.c) --------------------------------------------------------------------- */

/* The names a value has in the file, "" where nobody asked for it in that order of axes: channels last, as here, and
 * channels first, as most of ONNX's operators want them. A Transpose is written when a value is first asked for in the
 * other order, so that none is where two operators in a row want the same. */
typedef struct onnx_value { onnx_name name[2]; } onnx_value;
enum { LAST = 0, FIRST = 1 };

typedef struct onnx_exporter {
    sori_model *m;
    onnx_writer w;
    onnx_value *values;                     /* [nodes + 1] */
} onnx_exporter;

/* Input k of a layer in that order of axes. */
const char *onnx_in(onnx_exporter *e, const nn_node *n, int k, int order);
/* "layer/part", for what lies between a layer's operators. */
onnx_name onnx_part(const nn_node *n, const char *part);
/* The name of a layer's result before its activation, which its writer must make in that order of axes. */
onnx_name onnx_out(const nn_node *n, int order);
/* Parameter k as an initializer under its own name: as it is, or reordered. */
const char *onnx_weight(onnx_exporter *e, const nn_node *n, int k);
const char *onnx_weight_as(onnx_exporter *e, const nn_node *n, int k, int ndim, const size_t *shape, const int *order);
/* Parameter k's values; freed by base_free. NULL after an error. */
float *onnx_values(onnx_exporter *e, const nn_node *n, int k);
/* A constant of that name; returns the name. */
const char *onnx_scalar(onnx_exporter *e, const char *name, double v);

/* Writes a layer's operators; which order of axes its result has. */
typedef int onnx_put_layer(onnx_exporter *e, const nn_node *n);
/* layers.c; NULL: ONNX has no operator for it. */
onnx_put_layer *onnx_layer(sori_op op);
onnx_put_layer onnx_put_recurrent, onnx_put_attention;
#endif
