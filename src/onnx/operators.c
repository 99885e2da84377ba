/* operators.c - ONNX's operators as layers: those that work value by value, and the table of all. Adding one: a
 * function and its line at the end. */
#include "onnx/import.h"
#include <math.h>
#include <string.h>

/* --- activations -------------------------------------------------------------------------------------------------- */

static bool take_act(onnx_importer *im, const onnx_node *n, sori_act act, double alpha) {
    onnx_data *x = onnx_settled(im, n, 0);
    return x && onnx_activate(im, n, x, act, alpha, 1);
}

static bool take_relu(onnx_importer *im, const onnx_node *n) { return take_act(im, n, SORI_RELU, 0); }
static bool take_tanh(onnx_importer *im, const onnx_node *n) { return take_act(im, n, SORI_TANH, 0); }
static bool take_softplus(onnx_importer *im, const onnx_node *n) { return take_act(im, n, SORI_SOFTPLUS, 0); }

static bool take_elu(onnx_importer *im, const onnx_node *n) {
    return take_act(im, n, SORI_ELU, onnx_float(n, "alpha", 1));
}

static bool take_leaky_relu(onnx_importer *im, const onnx_node *n) {
    double alpha = onnx_float(n, "alpha", 0.01);
    return take_act(im, n, alpha == 0 ? SORI_RELU : SORI_LEAKY_RELU, alpha);
}

static bool take_gelu(onnx_importer *im, const onnx_node *n) {
    if (!onnx_text_is(onnx_string(n, "approximate", "none"), "none"))
        return onnx_refuse(im, n, "GELU approximated with tanh");
    return take_act(im, n, SORI_GELU, 0);
}

static bool take_hard_sigmoid(onnx_importer *im, const onnx_node *n) {
    double alpha = onnx_float(n, "alpha", 0.2), beta = onnx_float(n, "beta", 0.5);
    if (fabs(alpha - 1.0 / 6) > 1e-6 || beta != 0.5)
        return onnx_refuse(im, n, "hard sigmoid of slope %g and offset %g, sori's are 1/6 and 0.5", alpha, beta);
    return take_act(im, n, SORI_HARD_SIGMOID, 0);
}

/* ReLU and ReLU6 as files have them; limits were attributes before opset 11. */
static bool take_clip(onnx_importer *im, const onnx_node *n) {
    double low = onnx_float(n, "min", -INFINITY), high = onnx_float(n, "max", INFINITY);
    onnx_number(im, n, 1, &low);
    onnx_number(im, n, 2, &high);
    if (low == 0 && high == 6) return take_act(im, n, SORI_RELU6, 0);
    if (low == 0 && high > 1e30) return take_act(im, n, SORI_RELU, 0);
    return onnx_refuse(im, n, "limits %g to %g, possible are 0 to 6 and 0 to infinity", low, high);
}

/* x sigmoid(x) is SiLU, so it waits. */
static bool take_sigmoid(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_settled(im, n, 0), *y = onnx_find(im, n->out[0]);
    const onnx_node *reader = onnx_reader(im, n->out[0]);
    if (!x || !y) return false;
    if (!reader || !onnx_text_is(reader->op, "Mul")) return onnx_activate(im, n, x, SORI_SIGMOID, 0, 1);
    int readers = y->readers;
    onnx_text name = y->name;
    *y = *x;
    y->name = name;
    y->readers = readers;
    y->stage = SIGMOIDED;
    return true;
}

/* Part of a GELU, which waits for the rest. */
static bool take_erf(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_waiting(im, n, 0);
    if (!x || x->stage != PLAIN || fabs(x->scale - 0.70710678118654752) > 1e-6)
        return x && onnx_refuse(im, n, "Erf outside of a GELU");
    if (!onnx_alias(im, n, x)) return false;
    onnx_data *y = onnx_find(im, n->out[0]);
    y->stage = ERF;
    y->scale = 1;
    return true;
}

static bool take_softmax(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x) return false;
    int order[ONNX_MAX_AXES], ndim = x->layout.ndim;
    int axis = onnx_axis(im, n, onnx_int(n, "axis", im->g.opset < 13 ? 1 : -1), ndim);
    if (axis < 0) return false;
    if (im->g.opset < 13 && axis != ndim - 1) return onnx_refuse(im, n, "Softmax over several axes");
    const nn_shape *s = onnx_shape(im, x->source);
    if (x->layout.axis[axis] == s->ndim) return onnx_activate(im, n, x, SORI_SOFTMAX, 0, 1);
    int count = onnx_order(&x->layout, axis, order), source = onnx_bring(im, n, x, order, count);
    onnx_layout layout = onnx_lies(&x->layout, order, count);
    source = onnx_row(im, n, -1, (sori_layer){ .op = SORI_ACTIVATION, .act = SORI_SOFTMAX }, source);
    return onnx_give(im, n, 0, source, &layout);
}

/* --- sums and products -------------------------------------------------------------------------------------------- */

/* y = scale x + shift, a channel (the constant's one axis that is longer than one) or all alike. */
static bool put_affine(onnx_importer *im, const onnx_node *n, onnx_data *x, int constant, bool multiply, bool invert) {
    int ndim, order[ONNX_MAX_AXES];
    size_t dim[ONNX_MAX_AXES], size = 1;
    float *v = onnx_settle(im, n, x) ? onnx_constant(im, n, constant, &ndim, dim) : NULL;
    if (!v) return false;
    int axis = x->layout.ndim - 1;
    while (axis > 0 && x->layout.axis[axis] == BATCH) axis--;
    for (int i = 0; i < ndim; i++) {
        size *= dim[i];
        if (dim[i] > 1) axis = i + x->layout.ndim - ndim;
    }
    size_t channels = axis >= 0 ? x->layout.dim[axis] : 0;
    bool fits = channels && (size == 1 || size == channels);
    float *each = fits ? base_alloc_raw(im->c, channels, sizeof *each) : NULL;
    for (size_t i = 0; each && i < channels; i++) {
        double number = (double)v[size == 1 ? 0 : i];
        each[i] = (float)(!invert ? number : multiply ? 1 / number : -number);
    }
    base_free(im->c, v);
    if (!fits) return onnx_refuse(im, n, "a constant that is not one number, or one a channel");
    if (!each) return false;
    int count = onnx_order(&x->layout, axis, order), source = onnx_bring(im, n, x, order, count);
    onnx_layout layout = onnx_lies(&x->layout, order, count);
    if (source < 0) {
        base_free(im->c, each);
        return false;
    }
    int row = onnx_affine(im, n, source, multiply ? each : NULL, multiply ? NULL : each);
    return onnx_give(im, n, 0, row, &layout);
}

/* A product with a number waits. */
static bool scale_by(onnx_importer *im, const onnx_node *n, onnx_data *x, double factor) {
    if (x->stage == SIGMOIDED && !onnx_settle(im, n, x)) return false;
    if (!onnx_alias(im, n, x)) return false;
    onnx_data *y = onnx_find(im, n->out[0]);
    if (y) y->scale *= factor;
    return true;
}

/* All inputs with their axes in the first one's order, as one row. */
static bool put_merge(onnx_importer *im, const onnx_node *n, sori_op op) {
    int from[SORI_MAX_FROM], order[ONNX_MAX_AXES], count = 0;
    onnx_layout layout = { 0 };
    if (n->n_in > SORI_MAX_FROM) return onnx_refuse(im, n, "%d inputs, at most %d", n->n_in, SORI_MAX_FROM);
    for (int i = 0; i < n->n_in; i++) {
        onnx_data *x = onnx_settled(im, n, i);
        if (!x) return false;
        if (i == 0) count = onnx_order(&x->layout, -1, order), layout = onnx_lies(&x->layout, order, count);
        bool same = x->layout.ndim == layout.ndim && !memcmp(x->layout.dim, layout.dim, sizeof layout.dim);
        if (!same) return onnx_refuse(im, n, "inputs of different shapes");
        from[i] = onnx_bring(im, n, x, order, count);
    }
    if (n->n_in == 1) return onnx_give(im, n, 0, from[0], &layout);
    return onnx_give(im, n, 0, onnx_row_of(im, n, (sori_layer){ .op = op }, from, n->n_in), &layout);
}

static bool take_sum(onnx_importer *im, const onnx_node *n) { return put_merge(im, n, SORI_ADD); }

/* The output's number if it is a constant and the other is not, else -1. */
static int constant_input(onnx_importer *im, const onnx_node *n) {
    bool first = onnx_is_constant(onnx_input(im, n, 0)), second = onnx_is_constant(onnx_input(im, n, 1));
    return first == second ? -1 : first ? 0 : 1;
}

static bool take_add(onnx_importer *im, const onnx_node *n) {
    int constant = constant_input(im, n);
    double v;
    if (constant < 0) return put_merge(im, n, SORI_ADD);
    onnx_data *x = onnx_waiting(im, n, !constant);
    if (!x) return false;
    if (x->stage != ERF) return put_affine(im, n, x, constant, false, false);
    if (!onnx_number(im, n, constant, &v) || v != 1) return onnx_refuse(im, n, "no part of a GELU");
    onnx_alias(im, n, x);
    onnx_data *y = onnx_find(im, n->out[0]);
    if (y) y->stage = ERF_PLUS_1;
    return true;
}

static bool take_sub(onnx_importer *im, const onnx_node *n) {
    if (constant_input(im, n) != 1) return onnx_refuse(im, n, "what is taken away is no constant");
    onnx_data *x = onnx_waiting(im, n, 0);
    return x && put_affine(im, n, x, 1, false, true);
}

static bool same_value(const onnx_data *a, const onnx_data *b) {
    return a->source == b->source && a->flat == b->flat && !memcmp(&a->layout, &b->layout, sizeof a->layout);
}

/* x times s(x) is SiLU; x times 1 + erf(x / sqrt 2) is twice GELU. */
static bool take_mul(onnx_importer *im, const onnx_node *n) {
    int constant = constant_input(im, n);
    double v;
    if (constant >= 0) {
        onnx_data *x = onnx_waiting(im, n, !constant);
        if (!x) return false;
        return onnx_number(im, n, constant, &v) ? scale_by(im, n, x, v) : put_affine(im, n, x, constant, true, false);
    }
    if (onnx_is_constant(onnx_input(im, n, 0))) return onnx_take_product(im, n);
    onnx_data *a = onnx_waiting(im, n, 0), *b = a ? onnx_waiting(im, n, 1) : NULL;
    if (!b) return false;
    if (a->stage != PLAIN) {
        onnx_data *t = a;
        a = b;
        b = t;
    }
    bool alone = a->stage == PLAIN && same_value(a, b);
    if (alone && b->stage == SIGMOIDED && a->scale == 1) return onnx_activate(im, n, a, SORI_SILU, 0, 2);
    if (!alone || b->stage != ERF_PLUS_1) return put_merge(im, n, SORI_MULTIPLY);
    double scale = 2 * a->scale * b->scale;
    onnx_data plain = *a;
    plain.scale = 1;
    if (!onnx_activate(im, n, &plain, SORI_GELU, 0, 2)) return false;
    onnx_data *y = onnx_find(im, n->out[0]);
    if (y) y->scale = scale;
    return true;
}

static bool take_div(onnx_importer *im, const onnx_node *n) {
    double v;
    if (constant_input(im, n) != 1) return onnx_refuse(im, n, "what is divided by is no constant");
    onnx_data *x = onnx_waiting(im, n, 0);
    if (!x) return false;
    return onnx_number(im, n, 1, &v) ? scale_by(im, n, x, 1 / v) : put_affine(im, n, x, 1, true, true);
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

/* The same value under another name; constants too. */
static bool take_identity(onnx_importer *im, const onnx_node *n) {
    const onnx_data *x = onnx_input(im, n, 0);
    return x ? onnx_alias(im, n, x) : onnx_refuse(im, n, "its input is missing");
}

onnx_take *onnx_operator(const onnx_node *n) {
    static const struct { const char *name; onnx_take *take; } operators[] = {
        { "Add", take_add }, { "AveragePool", onnx_take_avgpool }, { "BatchNormalization", onnx_take_batchnorm },
        { "Cast", take_identity }, { "Clip", take_clip }, { "Concat", onnx_take_concat },
        { "ConstantOfShape", onnx_take_fill }, { "Conv", onnx_take_conv },
        { "ConvTranspose", onnx_take_conv_transpose },
        { "Div", take_div }, { "Dropout", take_identity }, { "Elu", take_elu }, { "Erf", take_erf },
        { "Expand", onnx_take_expand }, { "Flatten", onnx_take_flatten }, { "GRU", onnx_take_gru },
        { "Gather", onnx_take_gather }, { "Gelu", take_gelu }, { "Gemm", onnx_take_gemm },
        { "GlobalAveragePool", onnx_take_global_mean }, { "GlobalMaxPool", onnx_take_global_max },
        { "HardSigmoid", take_hard_sigmoid }, { "Identity", take_identity },
        { "InstanceNormalization", onnx_take_instancenorm }, { "LSTM", onnx_take_lstm },
        { "LayerNormalization", onnx_take_layernorm }, { "LeakyRelu", take_leaky_relu }, { "MatMul", onnx_take_matmul },
        { "MaxPool", onnx_take_maxpool }, { "Mul", take_mul }, { "PRelu", onnx_take_prelu }, { "Pad", onnx_take_pad },
        { "ReduceMax", onnx_take_reduce_max }, { "ReduceMean", onnx_take_reduce_mean }, { "Relu", take_relu },
        { "Reshape", onnx_take_reshape }, { "Resize", onnx_take_resize }, { "Shape", onnx_take_shape },
        { "Sigmoid", take_sigmoid }, { "Slice", onnx_take_slice }, { "Softmax", take_softmax },
        { "Softplus", take_softplus }, { "Squeeze", onnx_take_squeeze }, { "Sub", take_sub }, { "Sum", take_sum },
        { "Tanh", take_tanh }, { "Transpose", onnx_take_transpose }, { "Unsqueeze", onnx_take_unsqueeze },
    };
    bool ours = !n->domain.n || onnx_text_is(n->domain, "ai.onnx");
    for (size_t i = 0; ours && i < BASE_COUNT(operators); i++)
        if (onnx_text_is(n->op, operators[i].name)) return operators[i].take;
    return NULL;
}
