/* onnx/read.h - the graph of an ONNX file as it stands there. Private to the import.
 *
 * Texts and data are places in the file's bytes, which the graph holds. */
#ifndef ONNX_READ_H
#define ONNX_READ_H

#include "onnx/onnx.h"

#define ONNX_MAX_IN 16
#define ONNX_MAX_OUT 4
#define ONNX_MAX_AXES 8
#define ONNX_MAX_NODES 16384

typedef struct onnx_text { const char *s; size_t n; } onnx_text;   /* without a NUL */

typedef struct onnx_tensor {
    onnx_text name;
    int type;                              /* TYPE_FLOAT, ... */
    int ndim;
    size_t dim[ONNX_MAX_AXES], size;
    base_proto_field message;              /* where the numbers are: */
    uint32_t field;                        /* under this number, TENSOR_RAW as bytes */
} onnx_tensor;

typedef struct onnx_node {
    onnx_text name, op, domain, in[ONNX_MAX_IN], out[ONNX_MAX_OUT];
    int n_in, n_out;
    base_proto_field message;
} onnx_node;

/* An input or output of the graph: sizes, 0 where they are not fixed. */
typedef struct onnx_port {
    onnx_text name;
    int ndim;
    size_t dim[ONNX_MAX_AXES];
} onnx_port;

typedef struct onnx_graph {
    sori_ctx *c;
    const char *path;
    char *bytes;
    int64_t opset;
    onnx_node *nodes;
    onnx_tensor *tensors;                  /* initializers and Constant's */
    onnx_port *inputs, *outputs;           /* inputs without those that are initializers */
    int n_nodes, n_tensors, n_inputs, n_outputs;
} onnx_graph;

/* False after an error; free it either way. */
bool onnx_read(sori_ctx *c, const char *path, onnx_graph *g);
void onnx_graph_free(onnx_graph *g);

bool onnx_text_is(onnx_text t, const char *s);
int onnx_text_order(onnx_text a, onnx_text b);

/* A node's attributes, or the given value where it has not that one. */
int64_t onnx_int(const onnx_node *n, const char *name, int64_t standard);
double onnx_float(const onnx_node *n, const char *name, double standard);
onnx_text onnx_string(const onnx_node *n, const char *name, const char *standard);
/* Up to most numbers into v; how many there are, 0 if none. */
int onnx_ints(const onnx_node *n, const char *name, int64_t *v, int most);
/* A tensor; false, with an error only if it is damaged. */
bool onnx_tensor_of(const onnx_graph *g, const onnx_node *n, const char *name, onnx_tensor *t);
bool onnx_has(const onnx_node *n, const char *name);

/* A tensor's numbers, all its size; false if its type is none of float, double, int32, int64, bool. */
bool onnx_floats(const onnx_tensor *t, float *out);
bool onnx_int64s(const onnx_tensor *t, int64_t *out);

#endif
