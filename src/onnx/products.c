/* products.c - operators of an import that are products with constant weights: Gemm, MatMul, norms, PReLU. */
#include "onnx/import.h"
#include <string.h>

/* --- products with constants -------------------------------------------------------------------------------------- */

/* [in, units] of a matrix that lies so or turned, times a factor; NULL after an error. */
static float *matrix(onnx_importer *im, const onnx_node *n, bool turned, double factor, size_t *in, size_t *units) {
    int ndim = 0;
    size_t dim[ONNX_MAX_AXES];
    float *w = onnx_constant(im, n, 1, &ndim, dim), *out = NULL;
    if (w && ndim == 2) out = base_alloc_raw(im->c, dim[0] * dim[1], sizeof *out);
    else if (w) onnx_refuse(im, n, "weights of %d axes, must be 2", ndim);
    if (out) {
        onnx_permute(w, 2, dim, turned ? (int[]){ 1, 0 } : (int[]){ 0, 1 }, out);
        *in = dim[turned];
        *units = dim[!turned];
        for (size_t i = 0; i < dim[0] * dim[1]; i++) out[i] = (float)(factor * (double)out[i]);
    }
    base_free(im->c, w);
    return out;
}

/* Rows of w [in, units] from the order of ONNX's flattened axes into that of ours. */
static float *reorder_rows(onnx_importer *im, const onnx_data *x, float *w, size_t units) {
    size_t dim[ONNX_MAX_AXES], size = units;
    int plain[ONNX_MAX_AXES], lies[ONNX_MAX_AXES], order[ONNX_MAX_AXES], kept = 0, place = 0, of_axis[ONNX_MAX_AXES];
    int count = onnx_plain_order(&x->layout, plain), there = onnx_order(&x->layout, -1, lies);
    for (int k = 0; k < count; k++) {   /* those of size one do not matter, and may be absent */
        of_axis[plain[k]] = kept;
        if (x->layout.dim[plain[k]] != 1) dim[kept++] = x->layout.dim[plain[k]];
    }
    for (int k = 0; k < there; k++)
        if (x->layout.dim[lies[k]] != 1) order[place++] = of_axis[lies[k]];
    order[place] = kept;
    dim[kept] = units;
    for (int k = 0; k < kept; k++) size *= dim[k];
    float *out = base_alloc_raw(im->c, size, sizeof *out);
    if (out) onnx_permute(w, kept + 1, dim, order, out);
    base_free(im->c, w);
    return out;
}

/* x W + b as a row; takes w and b over. x may be flat, then it is flattened as it lies. */
static bool put_dense(onnx_importer *im, const onnx_node *n, onnx_data *x, int source, float *w, float *b, size_t in,
                      size_t units, const onnx_node *last, const onnx_layout *layout) {
    sori_layer l = { .op = SORI_DENSE, .units = (int)BASE_MIN(units, (size_t)INT32_MAX), .no_bias = !b };
    size_t have = source < 0 ? 0 : onnx_shape(im, source)->dim[onnx_shape(im, source)->ndim - 1];
    bool ok = source >= 0 && (have == in || onnx_refuse(im, n, "weights for %zu numbers, the input has %zu", in, have));
    if (ok && x->flat) w = reorder_rows(im, x, w, units);
    int row = ok && w ? onnx_row(im, n, 1, l, source) : -1;
    ok = onnx_set(im, row, "kernel", w, in * units);
    if (b) ok = onnx_set(im, row, "bias", b, units) && ok;
    return ok && onnx_give(im, last, 0, row, layout);
}

/* The last axis of x as ONNX sees it behind the others, or x flattened as it lies; *layout is the result's. */
static int bring_rows(onnx_importer *im, const onnx_node *n, onnx_data *x, size_t units, onnx_layout *layout) {
    int order[ONNX_MAX_AXES], count;
    if (x->flat) {
        *layout = (onnx_layout){ .ndim = 2, .dim = { 0, units }, .axis = { BATCH, 1 } };
        bool one = onnx_shape(im, x->source)->ndim == 1;
        return one ? x->source : onnx_row(im, n, -1, (sori_layer){ .op = SORI_FLATTEN }, x->source);
    }
    int last = x->layout.ndim - 1;
    count = onnx_order(&x->layout, last, order);
    *layout = onnx_lies(&x->layout, order, count);
    layout->dim[last] = units;
    return onnx_bring(im, n, x, order, count);
}

/* Flattened values that wait for nothing else may stay so. */
static onnx_data *product_input(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_waiting(im, n, 0);
    bool stays = x && x->flat && x->scale == 1 && x->stage == PLAIN && x->layout.axis[0] == BATCH;
    return !x || stays || onnx_settle(im, n, x) ? x : NULL;
}

bool onnx_take_gemm(onnx_importer *im, const onnx_node *n) {
    size_t in = 0, units = 0;
    onnx_layout layout;
    onnx_data *x = product_input(im, n);
    if (!x) return false;
    if (onnx_int(n, "transA", 0)) return onnx_refuse(im, n, "a transposed input");
    float *w = matrix(im, n, onnx_int(n, "transB", 0) != 0, onnx_float(n, "alpha", 1), &in, &units);
    bool bias = w && n->n_in > 2 && n->in[2].n;
    float *b = bias ? onnx_bias(im, n, 2, onnx_float(n, "beta", 1), units) : NULL;
    if (w && (b || !bias))
        return put_dense(im, n, x, bring_rows(im, n, x, units, &layout), w, b, in, units, n, &layout);
    base_free(im->c, w);
    return false;
}

/* The Add of a constant vector behind a MatMul is its bias. */
static const onnx_node *bias_behind(onnx_importer *im, const onnx_node *n, size_t units, int *input) {
    const onnx_node *add = onnx_reader(im, n->out[0]);
    if (!add || !onnx_text_is(add->op, "Add") || add->n_in != 2 || add->n_out < 1) return NULL;
    *input = onnx_text_order(add->in[0], n->out[0]) ? 0 : 1;
    const onnx_data *b = onnx_input(im, add, *input);
    return b && b->tensor && b->tensor->ndim == 1 && b->tensor->dim[0] == units ? add : NULL;
}

bool onnx_take_matmul(onnx_importer *im, const onnx_node *n) {
    size_t in = 0, units = 0;
    int input = 0;
    onnx_layout layout;
    onnx_data *x = product_input(im, n);
    float *w = x ? matrix(im, n, false, 1, &in, &units) : NULL;
    if (!w) return false;
    const onnx_node *add = bias_behind(im, n, units, &input);
    float *b = add ? onnx_bias(im, add, input, 1, units) : NULL;
    if (add) onnx_skip(im, add);
    int source = add && !b ? -1 : bring_rows(im, n, x, units, &layout);
    return put_dense(im, n, x, source, w, b, in, units, add ? add : n, &layout);
}

/* --- normalisation ------------------------------------------------------------------------------------------------ */

/* A row over the channels, ONNX's axis `axis`, with parameters of one number a channel from inputs 1 to count. */
static bool put_norm(onnx_importer *im, const onnx_node *n, sori_layer l, int axis, const char *const *params) {
    int order[ONNX_MAX_AXES];
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x || (axis = onnx_axis(im, n, axis, x->layout.ndim)) < 0) return false;
    int count = onnx_order(&x->layout, axis, order);
    onnx_layout layout = onnx_lies(&x->layout, order, count);
    int row = onnx_row(im, n, 1, l, onnx_bring(im, n, x, order, count));
    for (int i = 0; row > 0 && params[i]; i++) {
        if (!onnx_input(im, n, i + 1)) continue;   /* LayerNormalization may have no bias */
        float *v = onnx_bias(im, n, i + 1, 1, x->layout.dim[axis]);
        if (!v || !onnx_set(im, row, params[i], v, x->layout.dim[axis])) return false;
    }
    return onnx_give(im, n, 0, row, &layout);
}

static const char *const norm_params[] = { "gamma", "beta", "moving_mean", "moving_variance", NULL };
static const char *const short_params[] = { "gamma", "beta", NULL };

bool onnx_take_batchnorm(onnx_importer *im, const onnx_node *n) {
    double momentum = onnx_float(n, "momentum", 0.9);
    sori_layer l = { .op = SORI_BATCHNORM, .epsilon = onnx_float(n, "epsilon", 1e-5),
                     .momentum = momentum > 0 && momentum < 1 ? momentum : 0.9 };
    if (onnx_int(n, "training_mode", 0)) return onnx_refuse(im, n, "in training mode");
    return put_norm(im, n, l, 1, norm_params);
}

bool onnx_take_instancenorm(onnx_importer *im, const onnx_node *n) {
    sori_layer l = { .op = SORI_INSTANCENORM, .epsilon = onnx_float(n, "epsilon", 1e-5) };
    return put_norm(im, n, l, 1, short_params);
}

bool onnx_take_layernorm(onnx_importer *im, const onnx_node *n) {
    sori_layer l = { .op = SORI_LAYERNORM, .epsilon = onnx_float(n, "epsilon", 1e-5) };
    const onnx_data *x = onnx_input(im, n, 0);
    int64_t axis = onnx_int(n, "axis", -1);
    if (axis != -1 && x && axis != x->layout.ndim - 1) return onnx_refuse(im, n, "over more than the last axis");
    return put_norm(im, n, l, -1, short_params);
}

/* Slopes of one number a channel, wherever the constant's axis says the channels are. */
bool onnx_take_prelu(onnx_importer *im, const onnx_node *n) {
    int ndim, order[ONNX_MAX_AXES];
    size_t dim[ONNX_MAX_AXES], size = 1;
    onnx_data *x = onnx_settled(im, n, 0);
    float *slope = x ? onnx_constant(im, n, 1, &ndim, dim) : NULL;
    if (!slope) return false;
    int axis = x->layout.ndim > 1 ? 1 : 0;
    for (int i = 0; i < ndim; i++) {
        size *= dim[i];
        if (dim[i] > 1) axis = i + x->layout.ndim - ndim;
    }
    size_t channels = axis < 0 ? 0 : x->layout.dim[axis];
    bool fits = ndim <= x->layout.ndim && (size == 1 || size == channels);
    float *alpha = fits ? base_alloc_raw(im->c, channels, sizeof *alpha) : NULL;
    for (size_t i = 0; alpha && i < channels; i++) alpha[i] = slope[size == 1 ? 0 : i];
    base_free(im->c, slope);
    if (!alpha) return onnx_refuse(im, n, "%zu slopes for %zu channels", size, channels);
    int count = onnx_order(&x->layout, axis, order);
    onnx_layout layout = onnx_lies(&x->layout, order, count);
    int row = onnx_row(im, n, 1, (sori_layer){ .op = SORI_PRELU }, onnx_bring(im, n, x, order, count));
    return onnx_set(im, row, "alpha", alpha, channels) && onnx_give(im, n, 0, row, &layout);
}
