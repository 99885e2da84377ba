/* write.c - the messages of an ONNX file.
 *
 * Nodes and initializers are written into two buffers as the exporter meets them and joined to one graph at the end.
 * Nothing depends on addresses, times or the machine, so the same network gives the same bytes. */
#include "onnx/onnx.h"
#include <string.h>

static void put_attr(base_proto *p, const onnx_attr *a) {
    size_t attr = base_proto_begin(p, NODE_ATTRIBUTE);
    base_proto_text(p, ATTR_NAME, a->name);
    if (a->type == ATTR_IS_INT) base_proto_varint(p, ATTR_I, (uint64_t)a->i);
    if (a->type == ATTR_IS_FLOAT) base_proto_float(p, ATTR_F, (float)a->f);
    if (a->type == ATTR_IS_STRING) base_proto_text(p, ATTR_S, a->s);
    for (int i = 0; i < a->n; i++) base_proto_varint(p, ATTR_INTS, (uint64_t)a->ints[i]);
    base_proto_varint(p, ATTR_TYPE, (uint64_t)a->type);
    base_proto_end(p, attr);
}

void onnx_put2(onnx_writer *w, const char *op, const char *const *inputs, const char *first, const char *second,
               const onnx_attr *attrs) {
    base_proto *p = &w->nodes;
    size_t node = base_proto_begin(p, GRAPH_NODE);
    for (; *inputs; inputs++) base_proto_text(p, NODE_INPUT, *inputs);
    base_proto_text(p, NODE_OUTPUT, first);
    if (second) base_proto_text(p, NODE_OUTPUT, second);
    base_proto_text(p, NODE_NAME, *first ? first : second);
    base_proto_text(p, NODE_OP, op);
    for (; attrs && attrs->name; attrs++) put_attr(p, attrs);
    base_proto_end(p, node);
}

void onnx_put(onnx_writer *w, const char *op, const char *const *inputs, const char *output, const onnx_attr *attrs) {
    onnx_put2(w, op, inputs, output, NULL, attrs);
}

static void put_tensor(onnx_writer *w, const char *name, int type, int ndim, const size_t *shape, const void *v,
                       size_t size) {
    base_proto *p = &w->weights;
    size_t bytes = size, tensor = base_proto_begin(p, GRAPH_INITIALIZER);
    for (int i = 0; i < ndim; i++) {
        base_proto_varint(p, TENSOR_DIMS, shape[i]);
        bytes *= shape[i];
    }
    base_proto_varint(p, TENSOR_TYPE, (uint64_t)type);
    base_proto_text(p, TENSOR_NAME, name);
    base_proto_bytes(p, TENSOR_RAW, v, bytes);
    base_proto_end(p, tensor);
}

void onnx_put_floats(onnx_writer *w, const char *name, int ndim, const size_t *shape, const float *v) {
    put_tensor(w, name, TYPE_FLOAT, ndim, shape, v, sizeof *v);
}

void onnx_put_ints(onnx_writer *w, const char *name, size_t n, const int64_t *v) {
    put_tensor(w, name, TYPE_INT64, 1, &n, v, sizeof *v);
}

/* name: float [N, shape] */
static void put_value(base_proto *p, int field, const char *name, const nn_shape *s) {
    size_t value = base_proto_begin(p, field);
    base_proto_text(p, VALUE_NAME, name);
    size_t type = base_proto_begin(p, VALUE_TYPE), tensor = base_proto_begin(p, TYPE_TENSOR);
    base_proto_varint(p, TENSOR_ELEMENT, TYPE_FLOAT);
    size_t shape = base_proto_begin(p, TENSOR_SHAPE);
    for (int i = -1; i < s->ndim; i++) {
        size_t dim = base_proto_begin(p, SHAPE_DIM);
        if (i < 0) base_proto_text(p, DIM_PARAM, "N");
        else base_proto_varint(p, DIM_VALUE, s->dim[i]);
        base_proto_end(p, dim);
    }
    base_proto_end(p, shape);
    base_proto_end(p, tensor);
    base_proto_end(p, type);
    base_proto_end(p, value);
}

/* What stands before the graph, and within it before and behind the nodes and weights. */
static void put_head(base_proto *p) {
    base_proto_varint(p, MODEL_IR_VERSION, 8);
    base_proto_text(p, MODEL_PRODUCER, "sori");
    base_proto_text(p, MODEL_PRODUCER_VERSION, SORI_VERSION);
    size_t opset = base_proto_begin(p, MODEL_OPSET);
    base_proto_text(p, OPSET_DOMAIN, "");
    base_proto_varint(p, OPSET_VERSION, ONNX_OPSET);
    base_proto_end(p, opset);
}

/* The graph is too large to be copied once more: its key and length are written, then its parts. */
static sori_status write_file(onnx_writer *w, const char *path, base_proto *head, const base_proto *tail) {
    const base_proto *parts[] = { head, &w->nodes, &w->weights, tail };
    size_t graph = w->nodes.size + w->weights.size + tail->size;
    if (graph > ONNX_MAX_BYTES - 1024)
        return sori_fail(w->c, SORI_EINVAL, "%s: the model takes %zu MB, an ONNX file at most 2048", path, graph >> 20);
    base_proto_key(head, MODEL_GRAPH, graph);
    base_file *f = base_failed(w->c) ? NULL : base_file_new(w->c, path);
    for (size_t i = 0; f && i < BASE_COUNT(parts); i++)
        if (parts[i]->size) base_file_write(f, parts[i]->data, parts[i]->size);
    return f ? base_file_commit(f) : sori_error(w->c);
}

sori_status onnx_write(onnx_writer *w, const char *path, const nn_shape *input, const char *output,
                       const nn_shape *output_shape) {
    base_proto head = { .c = w->c }, tail = { .c = w->c };
    put_head(&head);
    base_proto_text(&tail, GRAPH_NAME, "sori");
    put_value(&tail, GRAPH_INPUT, "input", input);
    put_value(&tail, GRAPH_OUTPUT, output, output_shape);
    sori_status status = write_file(w, path, &head, &tail);
    base_proto_free(&head);
    base_proto_free(&tail);
    base_proto_free(&w->nodes);
    base_proto_free(&w->weights);
    return status;
}

void onnx_permute(const float *x, int ndim, const size_t *shape, const int *order, float *y) {
    size_t stride[8], at[8] = { 0 }, size = 1, from = 0;
    for (int i = ndim - 1; i >= 0; i--) {
        stride[i] = size;
        size *= shape[i];
    }
    for (size_t k = 0; k < size; k++) {
        y[k] = x[from];
        for (int i = ndim - 1; i >= 0; i--) {
            from += stride[order[i]];
            if (++at[i] < shape[order[i]]) break;
            from -= stride[order[i]] * shape[order[i]];
            at[i] = 0;
        }
    }
}
