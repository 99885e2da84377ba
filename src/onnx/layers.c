/* layers.c - what each layer is in ONNX's operators. Adding one: a writer and its line in the table below. */
#include "onnx/onnx.h"
#include <string.h>

static onnx_attr ints(const char *name, const size_t *v, int n) {
    onnx_attr a = { name, ATTR_IS_INTS, .n = n };
    for (int i = 0; i < n; i++) a.ints[i] = (int64_t)v[i];
    return a;
}

/* A constant of whole numbers under the layer's name. */
static const char *list(onnx_exporter *e, const char *name, size_t n, const int64_t *v) {
    onnx_put_ints(&e->w, name, n, v);
    return name;
}

/* --- dense -------------------------------------------------------------------------------------------------------- */

/* [N, in] is one Gemm; rows within a sample are a MatMul and an Add. */
static void put_product(onnx_exporter *e, const nn_node *n, const char *x, const char *y) {
    bool bias = n->n_params > 1;
    onnx_name product = onnx_part(n, "product");
    const char *w = onnx_weight(e, n, 0), *b = bias ? onnx_weight(e, n, 1) : NULL;
    if (n->x[0].ndim == 1) {
        onnx_put(&e->w, "Gemm", ONNX_IN(x, w, b), y, NULL);
        return;
    }
    onnx_put(&e->w, "MatMul", ONNX_IN(x, w), bias ? product.s : y, NULL);
    if (bias) onnx_put(&e->w, "Add", ONNX_IN(product.s, b), y, NULL);
}

/* Along another axis than the last, the two change places before and behind. */
static int put_dense(onnx_exporter *e, const nn_node *n) {
    int last = n->x[0].ndim, axis = n->layer.axis ? n->layer.axis : last;
    const char *x = onnx_in(e, n, 0, LAST);
    onnx_name y = onnx_out(n, LAST), before = onnx_part(n, "before"), after = onnx_part(n, "after");
    if (axis == last) {
        put_product(e, n, x, y.s);
        return LAST;
    }
    onnx_attr perm = ints("perm", (size_t[]){ 0, 1, 2, 3, 4 }, last + 1);
    perm.ints[axis] = last;
    perm.ints[last] = axis;
    onnx_put(&e->w, "Transpose", ONNX_IN(x), before.s, ONNX_ATTRS(perm));
    put_product(e, n, before.s, after.s);
    onnx_put(&e->w, "Transpose", ONNX_IN(after.s), y.s, ONNX_ATTRS(perm));
    return LAST;
}

/* --- windows ------------------------------------------------------------------------------------------------------ */

/* What slides over time has one axis, the second of a window's pairs. */
static int axes_of(const nn_node *n) { return n->x[0].ndim - 1; }

/* Zeros before, then behind: those the last window needs, which a window that starts within needs not. */
static onnx_attr pads(const nn_node *n) {
    const nn_window *w = &n->window;
    int axes = axes_of(n);
    onnx_attr a = { "pads", ATTR_IS_INTS, .n = 2 * axes };
    for (int i = 0; i < axes; i++) {
        int k = i + 2 - axes;
        size_t covered = (w->kernel[k] - 1) * w->dilation[k] + 1, end = (w->out[k] - 1) * w->stride[k] + covered;
        a.ints[i] = (int64_t)w->before[k];
        a.ints[axes + i] = end > w->in[k] + w->before[k] ? (int64_t)(end - w->in[k] - w->before[k]) : 0;
    }
    return a;
}

static onnx_attr pair(const nn_node *n, const char *name, const size_t v[2]) {
    return ints(name, v + 2 - axes_of(n), axes_of(n));
}

/* [kernel, in, out] -> [out, in, kernel]; the last two change places too when they are the other way round. */
static const char *window_weight(onnx_exporter *e, const nn_node *n) {
    static const int order[2][4] = { { 2, 1, 0 }, { 3, 2, 0, 1 } };
    const nn_shape *s = &n->param[0].shape;
    return onnx_weight_as(e, n, 0, s->ndim, s->dim, order[s->ndim - 3]);
}

static int put_conv(onnx_exporter *e, const nn_node *n) {
    const char *bias = n->n_params > 1 ? onnx_weight(e, n, 1) : NULL, *w = window_weight(e, n);
    onnx_put(&e->w, "Conv", ONNX_IN(onnx_in(e, n, 0, FIRST), w, bias), onnx_out(n, FIRST).s,
             ONNX_ATTRS(pair(n, "kernel_shape", n->window.kernel), pair(n, "strides", n->window.stride),
                        pair(n, "dilations", n->window.dilation), pads(n)));
    return FIRST;
}

/* What is cut off before and behind; below zero it is more that the output gets. Kernel [kernel, out, in] -> [in, out,
 * kernel]. */
static int put_conv_transpose(onnx_exporter *e, const nn_node *n) {
    const nn_window *w = &n->window;
    int axes = axes_of(n);
    onnx_attr cut = { "pads", ATTR_IS_INTS, .n = 2 * axes }, more = { "output_padding", ATTR_IS_INTS, .n = axes };
    for (int i = 0; i < axes; i++) {
        int k = i + 2 - axes;
        size_t in = n->x[0].dim[i], out = n->y.dim[i];
        int64_t all = (int64_t)((in - 1) * w->stride[k] + (w->kernel[k] - 1) * w->dilation[k] + 1);
        int64_t behind = all - (int64_t)w->before[k] - (int64_t)out;
        cut.ints[i] = (int64_t)w->before[k];
        cut.ints[axes + i] = behind > 0 ? behind : 0;
        more.ints[i] = behind < 0 ? -behind : 0;
    }
    const char *bias = n->n_params > 1 ? onnx_weight(e, n, 1) : NULL, *kernel = window_weight(e, n);
    onnx_put(&e->w, "ConvTranspose", ONNX_IN(onnx_in(e, n, 0, FIRST), kernel, bias), onnx_out(n, FIRST).s,
             ONNX_ATTRS(pair(n, "kernel_shape", w->kernel), pair(n, "strides", w->stride),
                        pair(n, "dilations", w->dilation), cut, more));
    return FIRST;
}

static int put_pool(onnx_exporter *e, const nn_node *n, const char *op) {
    onnx_put(&e->w, op, ONNX_IN(onnx_in(e, n, 0, FIRST)), onnx_out(n, FIRST).s,
             ONNX_ATTRS(pair(n, "kernel_shape", n->window.kernel), pair(n, "strides", n->window.stride), pads(n)));
    return FIRST;
}

static int put_maxpool(onnx_exporter *e, const nn_node *n) { return put_pool(e, n, "MaxPool"); }
static int put_avgpool(onnx_exporter *e, const nn_node *n) { return put_pool(e, n, "AveragePool"); }

/* Over all axes but the channels', in whichever order they lie. */
static int put_reduce(onnx_exporter *e, const nn_node *n, const char *op) {
    bool first = !*e->values[n->in[0]].name[LAST].s;
    onnx_attr axes = ints("axes", first ? (size_t[]){ 2, 3 } : (size_t[]){ 1, 2 }, axes_of(n));
    onnx_put(&e->w, op, ONNX_IN(onnx_in(e, n, 0, first ? FIRST : LAST)), onnx_out(n, LAST).s,
             ONNX_ATTRS(axes, ONNX_INT("keepdims", 0)));
    return LAST;
}

static int put_global_avgpool(onnx_exporter *e, const nn_node *n) { return put_reduce(e, n, "ReduceMean"); }
static int put_global_maxpool(onnx_exporter *e, const nn_node *n) { return put_reduce(e, n, "ReduceMax"); }

/* --- normalisation ------------------------------------------------------------------------------------------------ */

static int put_batchnorm(onnx_exporter *e, const nn_node *n) {
    const char *w[4];
    for (int i = 0; i < 4; i++) w[i] = onnx_weight(e, n, i);
    onnx_put(&e->w, "BatchNormalization", ONNX_IN(onnx_in(e, n, 0, FIRST), w[0], w[1], w[2], w[3]),
             onnx_out(n, FIRST).s, ONNX_ATTRS(ONNX_FLOAT("epsilon", n->layer.epsilon)));
    return FIRST;
}

static int put_layernorm(onnx_exporter *e, const nn_node *n) {
    const char *gamma = onnx_weight(e, n, 0), *beta = onnx_weight(e, n, 1);
    onnx_put(&e->w, "LayerNormalization", ONNX_IN(onnx_in(e, n, 0, LAST), gamma, beta), onnx_out(n, LAST).s,
             ONNX_ATTRS(ONNX_INT("axis", -1), ONNX_FLOAT("epsilon", n->layer.epsilon)));
    return LAST;
}

static int put_instancenorm(onnx_exporter *e, const nn_node *n) {
    const char *gamma = onnx_weight(e, n, 0), *beta = onnx_weight(e, n, 1);
    onnx_put(&e->w, "InstanceNormalization", ONNX_IN(onnx_in(e, n, 0, FIRST), gamma, beta), onnx_out(n, FIRST).s,
             ONNX_ATTRS(ONNX_FLOAT("epsilon", n->layer.epsilon)));
    return FIRST;
}

/* Opset 17 has no operator for it: every group becomes the one channel of an instance, then back. */
static int put_groupnorm(onnx_exporter *e, const nn_node *n) {
    const char *x = onnx_in(e, n, 0, FIRST);
    int axes = n->y.ndim;
    size_t groups = (size_t)n->layer.groups, channels = n->y.dim[axes - 1];
    onnx_name one = onnx_part(n, "one"), zero = onnx_part(n, "zero"), shape = onnx_part(n, "shape");
    onnx_name rows = onnx_part(n, "rows"), flat = onnx_part(n, "flat"), normal = onnx_part(n, "normal");
    onnx_name back = onnx_part(n, "back"), scaled = onnx_part(n, "scaled");
    float *constant = base_alloc(e->m->c, groups, sizeof *constant);
    if (!constant) return FIRST;
    onnx_put_floats(&e->w, zero.s, 1, &groups, constant);
    for (size_t i = 0; i < groups; i++) constant[i] = 1;
    onnx_put_floats(&e->w, one.s, 1, &groups, constant);
    base_free(e->m->c, constant);
    int64_t split[] = { 0, (int64_t)groups, -1 }, whole[5] = { -1, (int64_t)channels };
    for (int i = 1; i < axes; i++) whole[i + 1] = (int64_t)n->y.dim[i - 1];
    onnx_put(&e->w, "Reshape", ONNX_IN(x, list(e, rows.s, 3, split)), flat.s, NULL);
    onnx_put(&e->w, "InstanceNormalization", ONNX_IN(flat.s, one.s, zero.s), normal.s,
             ONNX_ATTRS(ONNX_FLOAT("epsilon", n->layer.epsilon)));
    onnx_put(&e->w, "Reshape", ONNX_IN(normal.s, list(e, shape.s, (size_t)axes + 1, whole)), back.s, NULL);
    size_t wide[4] = { channels, 1, 1, 1 };
    const char *gamma = onnx_weight_as(e, n, 0, axes, wide, (int[]){ 0, 1, 2, 3 });
    const char *beta = onnx_weight_as(e, n, 1, axes, wide, (int[]){ 0, 1, 2, 3 });
    onnx_put(&e->w, "Mul", ONNX_IN(back.s, gamma), scaled.s, NULL);
    onnx_put(&e->w, "Add", ONNX_IN(scaled.s, beta), onnx_out(n, FIRST).s, NULL);
    return FIRST;
}

static int put_prelu(onnx_exporter *e, const nn_node *n) {
    const char *alpha = onnx_weight(e, n, 0);   /* [channels] is spread over the last axis */
    onnx_put(&e->w, "PRelu", ONNX_IN(onnx_in(e, n, 0, LAST), alpha), onnx_out(n, LAST).s, NULL);
    return LAST;
}

/* --- shapes ------------------------------------------------------------------------------------------------------- */

static int put_flatten(onnx_exporter *e, const nn_node *n) {
    onnx_put(&e->w, "Flatten", ONNX_IN(onnx_in(e, n, 0, LAST)), onnx_out(n, LAST).s, ONNX_ATTRS(ONNX_INT("axis", 1)));
    return LAST;
}

static int put_reshape(onnx_exporter *e, const nn_node *n) {
    int64_t shape[5] = { 0 };   /* 0: as many as come in */
    for (int i = 0; i < n->y.ndim; i++) shape[i + 1] = (int64_t)n->y.dim[i];
    const char *to = list(e, onnx_part(n, "shape").s, (size_t)n->y.ndim + 1, shape);
    onnx_put(&e->w, "Reshape", ONNX_IN(onnx_in(e, n, 0, LAST), to), onnx_out(n, LAST).s, NULL);
    return LAST;
}

static int put_permute(onnx_exporter *e, const nn_node *n) {
    onnx_attr perm = { "perm", ATTR_IS_INTS, .n = n->y.ndim + 1 };
    for (int i = 0; i < n->y.ndim; i++) perm.ints[i + 1] = n->layer.shape[i];
    onnx_put(&e->w, "Transpose", ONNX_IN(onnx_in(e, n, 0, LAST)), onnx_out(n, LAST).s, ONNX_ATTRS(perm));
    return LAST;
}

static int put_padding(onnx_exporter *e, const nn_node *n) {
    int axes = axes_of(n), all = axes + 2;
    int64_t pad[8] = { 0 };   /* of every axis before, then of every axis behind */
    for (int i = 0; i < axes; i++) {
        pad[i + 1] = n->layer.pad[2 * i];
        pad[all + i + 1] = n->layer.pad[2 * i + 1];
    }
    const char *by = list(e, onnx_part(n, "pads").s, (size_t)(2 * all), pad);
    onnx_put(&e->w, "Pad", ONNX_IN(onnx_in(e, n, 0, LAST), by), onnx_out(n, LAST).s, NULL);
    return LAST;
}

static int put_cropping(onnx_exporter *e, const nn_node *n) {
    size_t axes = (size_t)axes_of(n);
    int64_t start[2], end[2];
    onnx_name starts = onnx_part(n, "starts"), ends = onnx_part(n, "ends"), along = onnx_part(n, "axes");
    for (size_t i = 0; i < axes; i++) {
        start[i] = n->layer.pad[2 * i];
        end[i] = start[i] + (int64_t)n->y.dim[i];
    }
    onnx_put(&e->w, "Slice", ONNX_IN(onnx_in(e, n, 0, LAST), list(e, starts.s, axes, start), list(e, ends.s, axes, end),
                                     list(e, along.s, axes, (int64_t[]){ 1, 2 })), onnx_out(n, LAST).s, NULL);
    return LAST;
}

static int put_upsampling(onnx_exporter *e, const nn_node *n) {
    float scale[4] = { 1, 1 };
    int axes = axes_of(n);
    onnx_name scales = onnx_part(n, "scales");
    for (int i = 0; i < axes; i++) scale[i + 2] = (float)(n->y.dim[i] / n->x[0].dim[i]);
    onnx_put_floats(&e->w, scales.s, 1, (size_t[]){ (size_t)axes + 2 }, scale);
    const char *const inputs[] = { onnx_in(e, n, 0, FIRST), "", scales.s, NULL };
    onnx_put(&e->w, "Resize", inputs, onnx_out(n, FIRST).s, n->layer.bilinear
             ? ONNX_ATTRS(ONNX_TEXT("mode", "linear"), ONNX_TEXT("coordinate_transformation_mode", "half_pixel"))
             : ONNX_ATTRS(ONNX_TEXT("mode", "nearest"), ONNX_TEXT("nearest_mode", "floor"),
                          ONNX_TEXT("coordinate_transformation_mode", "asymmetric")));
    return FIRST;
}

/* --- several inputs, or none of its own --------------------------------------------------------------------------- */

static int put_merge(onnx_exporter *e, const nn_node *n, const char *op, const onnx_attr *attrs) {
    const char *in[SORI_MAX_FROM + 1] = { NULL };
    for (int k = 0; k < n->n_in; k++) in[k] = onnx_in(e, n, k, LAST);
    onnx_put(&e->w, op, in, onnx_out(n, LAST).s, attrs);
    return LAST;
}

static int put_concat(onnx_exporter *e, const nn_node *n) {
    int axis = n->layer.axis ? n->layer.axis : n->y.ndim;
    return put_merge(e, n, "Concat", ONNX_ATTRS(ONNX_INT("axis", axis)));
}

static int put_add(onnx_exporter *e, const nn_node *n) { return put_merge(e, n, "Sum", NULL); }

static int put_multiply(onnx_exporter *e, const nn_node *n) {
    onnx_name so_far = { "" };
    for (int k = 1; k < n->n_in; k++) {
        char part[16];
        base_format(part, sizeof part, "product%d", k);
        onnx_name y = k == n->n_in - 1 ? onnx_out(n, LAST) : onnx_part(n, part);
        onnx_put(&e->w, "Mul", ONNX_IN(k == 1 ? onnx_in(e, n, 0, LAST) : so_far.s, onnx_in(e, n, k, LAST)), y.s, NULL);
        so_far = y;
    }
    return LAST;
}

/* Numbers 0, 1, ... come as floats. */
static int put_embedding(onnx_exporter *e, const nn_node *n) {
    onnx_name index = onnx_part(n, "index");
    onnx_put(&e->w, "Cast", ONNX_IN(onnx_in(e, n, 0, LAST)), index.s, ONNX_ATTRS(ONNX_INT("to", TYPE_INT64)));
    onnx_put(&e->w, "Gather", ONNX_IN(onnx_weight(e, n, 0), index.s), onnx_out(n, LAST).s, NULL);
    return LAST;
}

/* An activation as a layer: where there is none to write, an Identity. In the order that is there. */
static int put_identity(onnx_exporter *e, const nn_node *n) {
    int order = *e->values[n->in[0]].name[LAST].s ? LAST : FIRST;
    onnx_put(&e->w, "Identity", ONNX_IN(onnx_in(e, n, 0, order)), onnx_out(n, order).s, NULL);
    return order;
}

onnx_put_layer *onnx_layer(sori_op op) {
    static onnx_put_layer *const layers[SORI_OP_COUNT] = {
        [SORI_DENSE] = put_dense, [SORI_CONV1D] = put_conv, [SORI_CONV2D] = put_conv,
        [SORI_CONV1D_TRANSPOSE] = put_conv_transpose, [SORI_CONV2D_TRANSPOSE] = put_conv_transpose,
        [SORI_MAXPOOL1D] = put_maxpool, [SORI_MAXPOOL2D] = put_maxpool,
        [SORI_AVGPOOL1D] = put_avgpool, [SORI_AVGPOOL2D] = put_avgpool,
        [SORI_GLOBAL_AVGPOOL1D] = put_global_avgpool, [SORI_GLOBAL_AVGPOOL2D] = put_global_avgpool,
        [SORI_GLOBAL_MAXPOOL1D] = put_global_maxpool, [SORI_GLOBAL_MAXPOOL2D] = put_global_maxpool,
        [SORI_LSTM] = onnx_put_recurrent, [SORI_GRU] = onnx_put_recurrent,
        [SORI_ATTENTION] = onnx_put_attention,
        [SORI_EMBEDDING] = put_embedding, [SORI_BATCHNORM] = put_batchnorm, [SORI_LAYERNORM] = put_layernorm,
        [SORI_GROUPNORM] = put_groupnorm, [SORI_INSTANCENORM] = put_instancenorm, [SORI_DROPOUT] = put_identity,
        [SORI_SPATIAL_DROPOUT] = put_identity, [SORI_UPSAMPLING] = put_upsampling, [SORI_ZERO_PADDING] = put_padding,
        [SORI_CROPPING] = put_cropping, [SORI_FLATTEN] = put_flatten, [SORI_RESHAPE] = put_reshape,
        [SORI_PERMUTE] = put_permute, [SORI_CONCAT] = put_concat, [SORI_ADD] = put_add, [SORI_MULTIPLY] = put_multiply,
        [SORI_ACTIVATION] = put_identity, [SORI_PRELU] = put_prelu,
    };
    return op < SORI_OP_COUNT ? layers[op] : NULL;
}
