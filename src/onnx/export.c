/* export.c - from a network to an ONNX file: layer after layer, their weights and their activations.
 *
 * Each layer's writer (layers.c) takes its inputs in the order of axes its operators need and says in which it
 * left the result; the activation follows in the same order, since it does not care (softmax is told which axis).
 * What training alone needs (dropout) leaves nothing behind. */
#include "onnx/onnx.h"
#include <string.h>

/* --- names and weights -------------------------------------------------------------------------------------------- */

static onnx_name joined(const char *layer, const char *part) {
    onnx_name name;
    base_format(name.s, sizeof name.s, "%s%s%s", layer, *part ? "/" : "", part);
    return name;
}

onnx_name onnx_part(const nn_node *n, const char *part) { return joined(n->name, part); }

static onnx_name value_name(const char *layer, int order) {
    return joined(layer, order == FIRST ? "channels_first" : "");
}

onnx_name onnx_out(const nn_node *n, int order) {
    return n->layer.act == SORI_LINEAR ? value_name(n->name, order) : onnx_part(n, "linear");
}

float *onnx_values(onnx_exporter *e, const nn_node *n, int k) {
    const sori_model *m = e->m;
    const nn_param *p = &n->param[k];
    float *v = base_failed(m->c) ? NULL : base_alloc_raw(m->c, p->shape.size, sizeof *v);
    if (v) m->k->to_f32(v, nn_at(m, m->w, p->offset), p->shape.size);
    return v;
}

const char *onnx_weight_as(onnx_exporter *e, const nn_node *n, int k, int ndim, const size_t *shape, const int *order) {
    const nn_param *p = &n->param[k];
    float *v = onnx_values(e, n, k), *ordered = v ? base_alloc_raw(e->m->c, p->shape.size, sizeof *ordered) : NULL;
    size_t to[8];
    if (ordered) {
        for (int i = 0; i < ndim; i++) to[i] = shape[order[i]];
        onnx_permute(v, ndim, shape, order, ordered);
        onnx_put_floats(&e->w, p->name, ndim, to, ordered);
    }
    base_free(e->m->c, ordered);
    base_free(e->m->c, v);
    return p->name;
}

const char *onnx_weight(onnx_exporter *e, const nn_node *n, int k) {
    static const int same[] = { 0, 1, 2, 3 };
    return onnx_weight_as(e, n, k, n->param[k].shape.ndim, n->param[k].shape.dim, same);
}

const char *onnx_scalar(onnx_exporter *e, const char *name, double v) {
    onnx_put_floats(&e->w, name, 0, NULL, &(float){ (float)v });
    return name;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static const nn_shape *shape_of(const sori_model *m, int value) { return value ? &m->nodes[value - 1].y : &m->input; }

/* The value with its channels moved. One axis has no order. */
static const char *ordered(onnx_exporter *e, int value, int order) {
    onnx_value *v = &e->values[value];
    int axes = shape_of(e->m, value)->ndim;
    if (*v->name[order].s) return v->name[order].s;
    if (axes < 2) return v->name[!order].s;
    onnx_attr perm = { "perm", ATTR_IS_INTS, .n = axes + 1 };
    for (int i = 1; i <= axes; i++) {
        if (order == FIRST) perm.ints[i] = i == 1 ? axes : i - 1;
        else perm.ints[i] = i == axes ? 1 : i + 1;
    }
    v->name[order] = value_name(value ? e->m->nodes[value - 1].name : "input", order);
    onnx_put(&e->w, "Transpose", ONNX_IN(v->name[!order].s), v->name[order].s, ONNX_ATTRS(perm));
    return v->name[order].s;
}

const char *onnx_in(onnx_exporter *e, const nn_node *n, int k, int order) { return ordered(e, n->in[k], order); }

/* --- activations -------------------------------------------------------------------------------------------------- */

/* x / 2 (1 + erf(x / sqrt 2)); opset 17 has no operator for it. */
static void put_gelu(onnx_exporter *e, const nn_node *n, const char *x, const char *y) {
    onnx_name root = onnx_part(n, "root"), one = onnx_part(n, "one"), half = onnx_part(n, "half");
    onnx_name scaled = onnx_part(n, "scaled"), erf = onnx_part(n, "erf"), sum = onnx_part(n, "sum");
    onnx_name twice = onnx_part(n, "twice");
    onnx_put(&e->w, "Mul", ONNX_IN(x, onnx_scalar(e, root.s, 0.70710678118654752440)), scaled.s, NULL);
    onnx_put(&e->w, "Erf", ONNX_IN(scaled.s), erf.s, NULL);
    onnx_put(&e->w, "Add", ONNX_IN(erf.s, onnx_scalar(e, one.s, 1)), sum.s, NULL);
    onnx_put(&e->w, "Mul", ONNX_IN(x, sum.s), twice.s, NULL);
    onnx_put(&e->w, "Mul", ONNX_IN(twice.s, onnx_scalar(e, half.s, 0.5)), y, NULL);
}

static void put_activation(onnx_exporter *e, const nn_node *n, int order, const char *x, const char *y) {
    static const char *const plain[SORI_ACT_COUNT] = {
        [SORI_RELU] = "Relu", [SORI_SIGMOID] = "Sigmoid", [SORI_TANH] = "Tanh", [SORI_SOFTPLUS] = "Softplus",
    };
    double alpha = n->layer.alpha;
    int64_t channels = order == FIRST ? 1 : n->y.ndim;
    onnx_name gate = onnx_part(n, "sigmoid"), zero = onnx_part(n, "zero"), six = onnx_part(n, "six");
    switch (n->layer.act) {
    case SORI_LEAKY_RELU: onnx_put(&e->w, "LeakyRelu", ONNX_IN(x), y, ONNX_ATTRS(ONNX_FLOAT("alpha", alpha))); break;
    case SORI_ELU: onnx_put(&e->w, "Elu", ONNX_IN(x), y, ONNX_ATTRS(ONNX_FLOAT("alpha", alpha))); break;
    case SORI_SOFTMAX: onnx_put(&e->w, "Softmax", ONNX_IN(x), y, ONNX_ATTRS(ONNX_INT("axis", channels))); break;
    case SORI_HARD_SIGMOID:
        onnx_put(&e->w, "HardSigmoid", ONNX_IN(x), y,
                 ONNX_ATTRS(ONNX_FLOAT("alpha", 1.0 / 6), ONNX_FLOAT("beta", 0.5)));
        break;
    case SORI_RELU6:
        onnx_put(&e->w, "Clip", ONNX_IN(x, onnx_scalar(e, zero.s, 0), onnx_scalar(e, six.s, 6)), y, NULL);
        break;
    case SORI_SILU:
        onnx_put(&e->w, "Sigmoid", ONNX_IN(x), gate.s, NULL);
        onnx_put(&e->w, "Mul", ONNX_IN(x, gate.s), y, NULL);
        break;
    case SORI_GELU: put_gelu(e, n, x, y); break;
    default: onnx_put(&e->w, plain[n->layer.act], ONNX_IN(x), y, NULL); break;
    }
}

/* --- the network -------------------------------------------------------------------------------------------------- */

/* What leaves values as they are, but for the activation. */
static bool copies(const nn_node *n) {
    return n->layer.op == SORI_DROPOUT || n->layer.op == SORI_SPATIAL_DROPOUT || n->layer.op == SORI_ACTIVATION;
}

static void put_layer(onnx_exporter *e, int i) {
    const nn_node *n = &e->m->nodes[i];
    const onnx_value *x = &e->values[n->in[0]];
    onnx_value *y = &e->values[i + 1];
    bool linear = n->layer.act == SORI_LINEAR;
    if (copies(n) && linear && i < e->m->n_nodes - 1) {
        *y = *x;
        return;
    }
    int order = *x->name[LAST].s ? LAST : FIRST;
    onnx_name before = x->name[order];
    if (!copies(n) || linear) {
        order = onnx_layer(n->layer.op)(e, n);
        before = onnx_out(n, order);
    }
    y->name[order] = value_name(n->name, order);
    if (!linear) put_activation(e, n, order, before.s, y->name[order].s);
}

/* All layers that ONNX has no operator for are named at once. */
static bool check_layers(sori_model *m, const char *path) {
    char list[400];
    int used = 0, missing = 0;
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        if (onnx_layer(n->layer.op)) continue;
        if (used < (int)sizeof list - 100)
            used += base_format(list + used, sizeof list - (size_t)used, "%s%s (%s)", missing ? ", " : "", n->name,
                                n->op->title);
        missing++;
    }
    if (missing)
        sori_fail(m->c, SORI_EUNSUP, "%s: %d layers have no ONNX operator: %s", path, missing, list);
    return !missing;
}

sori_status sori_export_onnx(sori_model *m, const char *path) {
    if (!m) return SORI_EINVAL;
    sori_ctx *c = m->c;
    if (base_failed(c) || !check_layers(m, path) || !nn_set_precision(m, m->config.exact)) return sori_error(c);
    onnx_exporter e = { .m = m, .w = { .c = c, .nodes.c = c, .weights.c = c } };
    e.values = base_alloc(c, (size_t)m->n_nodes + 1, sizeof *e.values);
    if (!e.values) return sori_error(c);
    e.values[0].name[LAST] = value_name("input", LAST);
    for (int i = 0; i < m->n_nodes && !base_failed(c); i++) put_layer(&e, i);
    const char *output = ordered(&e, m->n_nodes, LAST);
    onnx_write(&e.w, path, &m->input, output, &m->nodes[m->n_nodes - 1].y);
    base_free(c, e.values);
    return sori_error(c);
}
