/* onnx_operators.c - ONNX's operators as layers. Adding one: a function and its line in the table at the end. */
#include "nn/onnx_import.h"
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

/* A bias of one number a unit, or one for all, times a factor; NULL after an error. */
static float *bias_of(onnx_importer *im, const onnx_node *n, int input, double factor, size_t units) {
    int ndim;
    size_t dim[ONNX_MAX_AXES], size = 1;
    float *b = onnx_constant(im, n, input, &ndim, dim), *out = NULL;
    for (int i = 0; b && i < ndim; i++) size *= dim[i];
    bool fits = b && (size == 1 || (size == units && dim[ndim - 1] == units));
    if (fits) out = base_alloc_raw(im->c, units, sizeof *out);
    else if (b) onnx_refuse(im, n, "a bias of %zu numbers for %zu units", size, units);
    for (size_t i = 0; out && i < units; i++) out[i] = (float)(factor * (double)b[size == 1 ? 0 : i]);
    base_free(im->c, b);
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

static bool take_gemm(onnx_importer *im, const onnx_node *n) {
    size_t in = 0, units = 0;
    onnx_layout layout;
    onnx_data *x = product_input(im, n);
    if (!x) return false;
    if (onnx_int(n, "transA", 0)) return onnx_refuse(im, n, "a transposed input");
    float *w = matrix(im, n, onnx_int(n, "transB", 0) != 0, onnx_float(n, "alpha", 1), &in, &units);
    bool bias = w && n->n_in > 2 && n->in[2].n;
    float *b = bias ? bias_of(im, n, 2, onnx_float(n, "beta", 1), units) : NULL;
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

static bool take_matmul(onnx_importer *im, const onnx_node *n) {
    size_t in = 0, units = 0;
    int input = 0;
    onnx_layout layout;
    onnx_data *x = product_input(im, n);
    float *w = x ? matrix(im, n, false, 1, &in, &units) : NULL;
    if (!w) return false;
    const onnx_node *add = bias_behind(im, n, units, &input);
    float *b = add ? bias_of(im, add, input, 1, units) : NULL;
    if (add) onnx_skip(im, add);
    int source = add && !b ? -1 : bring_rows(im, n, x, units, &layout);
    return put_dense(im, n, x, source, w, b, in, units, add ? add : n, &layout);
}

/* --- windows ------------------------------------------------------------------------------------------------------ */

/* Spatial axes first, the channels (ONNX's axis 1) last. */
static int image_order(const onnx_layout *l, int *order) {
    int count = 0;
    for (int i = 2; i < l->ndim; i++) order[count++] = i;
    order[count++] = 1;
    return count;
}

static int bring_image(onnx_importer *im, const onnx_node *n, const onnx_data *x, onnx_layout *layout) {
    int order[ONNX_MAX_AXES];
    if (x->layout.ndim < 3 || x->layout.ndim > 4)
        return onnx_refuse(im, n, "%d axes, must be 3 or 4", x->layout.ndim), -1;
    int count = image_order(&x->layout, order);
    *layout = onnx_lies(&x->layout, order, count);
    return onnx_bring(im, n, x, order, count);
}

/* Numbers one an axis; false if there are others. */
static bool read_pair(onnx_importer *im, const onnx_node *n, const char *name, int axes, int64_t standard, int *to) {
    int64_t v[4] = { standard, standard };
    int count = onnx_ints(n, name, v, 4);
    if (count && count != axes) return onnx_refuse(im, n, "%d numbers in %s, must be %d", count, name, axes);
    for (int i = 0; i < axes; i++) {
        if (v[i] < 1 || v[i] > 65536)
            return onnx_refuse(im, n, "%s of %lld is outside 1..65536", name, (long long)v[i]);
        to[i] = (int)v[i];
    }
    return true;
}

/* Zeros before and behind, or TensorFlow's way. */
static bool read_pads(onnx_importer *im, const onnx_node *n, int axes, sori_layer *l) {
    int64_t v[8] = { 0 };
    onnx_text way = onnx_string(n, "auto_pad", "NOTSET");
    int count = onnx_ints(n, "pads", v, 8);
    if (onnx_text_is(way, "SAME_UPPER")) l->padding = SORI_SAME;
    else if (onnx_text_is(way, "VALID")) l->padding = SORI_VALID;
    else if (!onnx_text_is(way, "NOTSET")) return onnx_refuse(im, n, "padding %.*s", (int)BASE_MIN(way.n, (size_t)20), way.s);
    if (!onnx_text_is(way, "NOTSET") || !count) return true;
    if (count != 2 * axes) return onnx_refuse(im, n, "%d pads, must be %d", count, 2 * axes);
    for (int i = 0; i < count; i++) {
        if (v[i] < 0 || v[i] > 65536) return onnx_refuse(im, n, "a pad of %lld is outside 0..65536", (long long)v[i]);
        l->pad[2 * (i % axes) + i / axes] = (int)v[i];
        if (v[i]) l->padding = SORI_EXPLICIT;
    }
    return true;
}

static bool read_window(onnx_importer *im, const onnx_node *n, int axes, sori_layer *l) {
    return read_pair(im, n, "strides", axes, 1, l->strides) && read_pair(im, n, "dilations", axes, 1, l->dilation) &&
           read_pads(im, n, axes, l);
}

static void set_dims(const onnx_importer *im, int source, onnx_layout *layout) {
    const nn_shape *s = onnx_shape(im, source);
    for (int i = 0; i < layout->ndim; i++)
        if (layout->axis[i] > 0) layout->dim[i] = s->dim[layout->axis[i] - 1];
}

/* The row of a convolution, its weights [a, b, kernel] brought to the order of ours. */
static bool put_conv(onnx_importer *im, const onnx_node *n, sori_layer *l, const int *order, int channels_at) {
    onnx_layout layout;
    int ndim = 0, source;
    size_t dim[ONNX_MAX_AXES], size = 1;
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x || (source = bring_image(im, n, x, &layout)) < 0) return false;
    float *w = onnx_constant(im, n, 1, &ndim, dim), *ours = NULL, *b = NULL;
    bool ok = w && (ndim == x->layout.ndim || onnx_refuse(im, n, "weights of %d axes", ndim));
    for (int i = 0; ok && i < ndim; i++) size *= dim[i];
    if (ok && dim[channels_at] != x->layout.dim[1])
        ok = onnx_refuse(im, n, "weights for %zu channels, the input has %zu", dim[channels_at], x->layout.dim[1]);
    if (ok) {
        l->filters = (int)BASE_MIN(dim[!channels_at], (size_t)INT32_MAX);
        for (int i = 2; i < ndim; i++) l->kernel[i - 2] = (int)BASE_MIN(dim[i], (size_t)65537);
        l->no_bias = !onnx_input(im, n, 2);
        ours = base_alloc_raw(im->c, size, sizeof *ours);
        b = l->no_bias ? NULL : bias_of(im, n, 2, 1, dim[!channels_at]);
        ok = ours && (l->no_bias || b);
    }
    if (ok) onnx_permute(w, ndim, dim, order, ours);
    base_free(im->c, w);
    int row = ok ? onnx_row(im, n, 1, *l, source) : -1;
    ok = onnx_set(im, row, "kernel", ours, size);
    if (b) ok = onnx_set(im, row, "bias", b, (size_t)l->filters) && ok;
    if (ok) set_dims(im, row, &layout);
    return ok && onnx_give(im, n, 0, row, &layout);
}

static int spatial(onnx_importer *im, const onnx_node *n) {
    const onnx_data *x = onnx_input(im, n, 0);
    return x && x->layout.ndim == 3 ? 1 : 2;
}

static bool take_conv(onnx_importer *im, const onnx_node *n) {
    int axes = spatial(im, n);
    sori_layer l = { .op = axes == 1 ? SORI_CONV1D : SORI_CONV2D };
    if (onnx_int(n, "group", 1) != 1)
        return onnx_refuse(im, n, "a convolution in %lld groups", (long long)onnx_int(n, "group", 1));
    return read_window(im, n, axes, &l) &&
           put_conv(im, n, &l, axes == 1 ? (int[]){ 2, 1, 0 } : (int[]){ 2, 3, 1, 0 }, 1);
}

/* Output padding is less cut off behind; where nothing is cut off, as much as Keras adds when strides leave gaps. */
static bool read_output_padding(onnx_importer *im, const onnx_node *n, int axes, sori_layer *l) {
    int64_t more[4] = { 0 };
    const onnx_data *w = onnx_input(im, n, 1);
    bool cuts = false, as_keras = w && w->tensor && l->padding != SORI_SAME;
    onnx_ints(n, "output_padding", more, 4);
    for (int i = 0; as_keras && i < axes; i++) {
        int64_t taps = (int64_t)w->tensor->dim[i + 2], gap = l->strides[i] - ((taps - 1) * l->dilation[i] + 1);
        as_keras = l->pad[2 * i] == 0 && more[i] - l->pad[2 * i + 1] == BASE_MAX(gap, (int64_t)0);
    }
    if (as_keras) {
        memset(l->pad, 0, sizeof l->pad);
        l->padding = SORI_VALID;
        return true;
    }
    for (int i = 0; i < axes; i++) {
        if (more[i] < 0 || more[i] > l->pad[2 * i + 1])
            return onnx_refuse(im, n, "output padding %lld above the pad behind, %d", (long long)more[i],
                               l->pad[2 * i + 1]);
        l->pad[2 * i + 1] -= (int)more[i];
        cuts |= more[i] > 0;
    }
    if (l->padding != SORI_SAME || cuts) l->padding = SORI_EXPLICIT;
    return true;
}

static bool take_conv_transpose(onnx_importer *im, const onnx_node *n) {
    int axes = spatial(im, n);
    sori_layer l = { .op = axes == 1 ? SORI_CONV1D_TRANSPOSE : SORI_CONV2D_TRANSPOSE };
    if (onnx_int(n, "group", 1) != 1 || onnx_has(n, "output_shape"))
        return onnx_refuse(im, n, "a transposed convolution in groups, or of a given output shape");
    return read_window(im, n, axes, &l) && read_output_padding(im, n, axes, &l) &&
           put_conv(im, n, &l, axes == 1 ? (int[]){ 2, 1, 0 } : (int[]){ 2, 3, 1, 0 }, 0);
}

/* Rounded up, the output would have one more where the windows do not fill the input. */
static bool check_ceil(onnx_importer *im, const onnx_node *n, const onnx_layout *layout, const sori_layer *l, int axes) {
    if (!onnx_int(n, "ceil_mode", 0) || l->padding == SORI_SAME) return true;
    for (int i = 0; i < axes; i++) {
        size_t all = layout->dim[i + 2] + (size_t)l->pad[2 * i] + (size_t)l->pad[2 * i + 1], k = (size_t)l->kernel[i];
        if (all < k || (all - k) % (size_t)l->strides[i]) return onnx_refuse(im, n, "windows that hang over, ceil_mode");
    }
    return true;
}

static bool take_pool(onnx_importer *im, const onnx_node *n, sori_op one, sori_op two) {
    int axes = spatial(im, n), source;
    onnx_layout layout;
    sori_layer l = { .op = axes == 1 ? one : two };
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x || (source = bring_image(im, n, x, &layout)) < 0) return false;
    if (!read_pair(im, n, "kernel_shape", axes, 1, l.kernel) || !read_window(im, n, axes, &l)) return false;
    if (!check_ceil(im, n, &layout, &l, axes)) return false;
    if (onnx_int(n, "count_include_pad", 0) && l.padding == SORI_EXPLICIT) {   /* zeros that count are values */
        sori_layer zeros = { .op = SORI_ZERO_PADDING };
        memcpy(zeros.pad, l.pad, sizeof l.pad);
        memset(l.pad, 0, sizeof l.pad);
        l.padding = SORI_VALID;
        source = onnx_row(im, n, -1, zeros, source);
    }
    source = onnx_row(im, n, -1, l, source);
    if (source < 0) return false;
    set_dims(im, source, &layout);
    return onnx_give(im, n, 0, source, &layout);
}

static bool take_maxpool(onnx_importer *im, const onnx_node *n) {
    if (n->n_out > 1 && onnx_find(im, n->out[1]) && onnx_find(im, n->out[1])->readers)
        return onnx_refuse(im, n, "the places of the maxima are asked for");
    return take_pool(im, n, SORI_MAXPOOL1D, SORI_MAXPOOL2D);
}
static bool take_avgpool(onnx_importer *im, const onnx_node *n) {
    return take_pool(im, n, SORI_AVGPOOL1D, SORI_AVGPOOL2D);
}

/* Over the axes marked, which must leave one besides the batch's. */
static bool put_reduce(onnx_importer *im, const onnx_node *n, onnx_data *x, const bool *over, bool keep, bool mean) {
    const onnx_layout *l = &x->layout;
    int order[ONNX_MAX_AXES], count = 0, left = -1, rest = 0;
    for (int i = 0; i < l->ndim; i++) {
        if (over[i]) order[count++] = i;
        else if (l->axis[i] != BATCH && (l->dim[i] > 1 || left < 0)) left = i, rest += l->dim[i] > 1;
    }
    if (rest > 1 || left < 0 || count < 1 || count > 2)
        return onnx_refuse(im, n, "over %d axes, leaving %d; possible is over one or two, leaving one", count, rest);
    sori_op op = mean ? count == 1 ? SORI_GLOBAL_AVGPOOL1D : SORI_GLOBAL_AVGPOOL2D
                      : count == 1 ? SORI_GLOBAL_MAXPOOL1D : SORI_GLOBAL_MAXPOOL2D;
    order[count] = left;
    int row = onnx_row(im, n, -1, (sori_layer){ .op = op }, onnx_bring(im, n, x, order, count + 1));
    onnx_layout y = { 0 };
    for (int i = 0; i < l->ndim; i++) {
        if (over[i] && !keep) continue;
        y.dim[y.ndim] = over[i] ? 1 : l->dim[i];
        y.axis[y.ndim++] = l->axis[i] == BATCH ? BATCH : i == left ? 1 : ABSENT;
    }
    return onnx_give(im, n, 0, row, &y);
}

static bool take_reduce(onnx_importer *im, const onnx_node *n, bool mean) {
    int64_t axes[ONNX_MAX_AXES];
    bool over[ONNX_MAX_AXES] = { false };
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x) return false;
    int count = onnx_ints(n, "axes", axes, ONNX_MAX_AXES);
    if (!count && n->n_in > 1) count = onnx_whole(im, n, 1, axes);
    if (count < 1) return onnx_refuse(im, n, "over all axes, or over axes that are not constant");
    for (int i = 0; i < count; i++) {
        int axis = onnx_axis(im, n, axes[i], x->layout.ndim);
        if (axis < 0) return false;
        over[axis] = true;
        if (x->layout.axis[axis] == BATCH) return onnx_refuse(im, n, "over the batch");
    }
    return put_reduce(im, n, x, over, onnx_int(n, "keepdims", 1) != 0, mean);
}

static bool take_reduce_mean(onnx_importer *im, const onnx_node *n) { return take_reduce(im, n, true); }
static bool take_reduce_max(onnx_importer *im, const onnx_node *n) { return take_reduce(im, n, false); }

static bool take_global(onnx_importer *im, const onnx_node *n, bool mean) {
    bool over[ONNX_MAX_AXES] = { false };
    onnx_data *x = onnx_settled(im, n, 0);
    for (int i = 2; x && i < x->layout.ndim; i++) over[i] = true;
    return x && put_reduce(im, n, x, over, true, mean);
}

static bool take_global_mean(onnx_importer *im, const onnx_node *n) { return take_global(im, n, true); }
static bool take_global_max(onnx_importer *im, const onnx_node *n) { return take_global(im, n, false); }

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
        float *v = bias_of(im, n, i + 1, 1, x->layout.dim[axis]);
        if (!v || !onnx_set(im, row, params[i], v, x->layout.dim[axis])) return false;
    }
    return onnx_give(im, n, 0, row, &layout);
}

static const char *const norm_params[] = { "gamma", "beta", "moving_mean", "moving_variance", NULL };
static const char *const short_params[] = { "gamma", "beta", NULL };

static bool take_batchnorm(onnx_importer *im, const onnx_node *n) {
    double momentum = onnx_float(n, "momentum", 0.9);
    sori_layer l = { .op = SORI_BATCHNORM, .epsilon = onnx_float(n, "epsilon", 1e-5),
                     .momentum = momentum > 0 && momentum < 1 ? momentum : 0.9 };
    if (onnx_int(n, "training_mode", 0)) return onnx_refuse(im, n, "in training mode");
    return put_norm(im, n, l, 1, norm_params);
}

static bool take_instancenorm(onnx_importer *im, const onnx_node *n) {
    sori_layer l = { .op = SORI_INSTANCENORM, .epsilon = onnx_float(n, "epsilon", 1e-5) };
    return put_norm(im, n, l, 1, short_params);
}

static bool take_layernorm(onnx_importer *im, const onnx_node *n) {
    sori_layer l = { .op = SORI_LAYERNORM, .epsilon = onnx_float(n, "epsilon", 1e-5) };
    const onnx_data *x = onnx_input(im, n, 0);
    int64_t axis = onnx_int(n, "axis", -1);
    if (axis != -1 && x && axis != x->layout.ndim - 1) return onnx_refuse(im, n, "over more than the last axis");
    return put_norm(im, n, l, -1, short_params);
}

/* Slopes of one number a channel, wherever the constant's axis says the channels are. */
static bool take_prelu(onnx_importer *im, const onnx_node *n) {
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
        { "Add", take_add }, { "AveragePool", take_avgpool }, { "BatchNormalization", take_batchnorm },
        { "Cast", take_identity }, { "Clip", take_clip }, { "Concat", onnx_take_concat },
        { "ConstantOfShape", onnx_take_fill }, { "Conv", take_conv }, { "ConvTranspose", take_conv_transpose },
        { "Div", take_div }, { "Dropout", take_identity }, { "Elu", take_elu }, { "Erf", take_erf },
        { "Expand", onnx_take_expand }, { "Flatten", onnx_take_flatten }, { "GRU", onnx_take_gru },
        { "Gather", onnx_take_gather }, { "Gelu", take_gelu }, { "Gemm", take_gemm },
        { "GlobalAveragePool", take_global_mean }, { "GlobalMaxPool", take_global_max },
        { "HardSigmoid", take_hard_sigmoid }, { "Identity", take_identity },
        { "InstanceNormalization", take_instancenorm }, { "LSTM", onnx_take_lstm },
        { "LayerNormalization", take_layernorm }, { "LeakyRelu", take_leaky_relu }, { "MatMul", take_matmul },
        { "MaxPool", take_maxpool }, { "Mul", take_mul }, { "PRelu", take_prelu }, { "Pad", onnx_take_pad },
        { "ReduceMax", take_reduce_max }, { "ReduceMean", take_reduce_mean }, { "Relu", take_relu },
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
