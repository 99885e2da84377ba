/* windows.c - operators of an import that slide over images or look at whole ones: convolutions and pools. */
#include "onnx/import.h"
#include <string.h>

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
    else if (!onnx_text_is(way, "NOTSET"))
        return onnx_refuse(im, n, "padding %.*s", (int)BASE_MIN(way.n, (size_t)20), way.s);
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
        b = l->no_bias ? NULL : onnx_bias(im, n, 2, 1, dim[!channels_at]);
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

bool onnx_take_conv(onnx_importer *im, const onnx_node *n) {
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

bool onnx_take_conv_transpose(onnx_importer *im, const onnx_node *n) {
    int axes = spatial(im, n);
    sori_layer l = { .op = axes == 1 ? SORI_CONV1D_TRANSPOSE : SORI_CONV2D_TRANSPOSE };
    if (onnx_int(n, "group", 1) != 1 || onnx_has(n, "output_shape"))
        return onnx_refuse(im, n, "a transposed convolution in groups, or of a given output shape");
    return read_window(im, n, axes, &l) && read_output_padding(im, n, axes, &l) &&
           put_conv(im, n, &l, axes == 1 ? (int[]){ 2, 1, 0 } : (int[]){ 2, 3, 1, 0 }, 0);
}

/* Rounded up, the output would have one more where the windows do not fill the input. */
static bool check_ceil(onnx_importer *im, const onnx_node *n, const onnx_layout *layout, const sori_layer *l,
                       int axes) {
    if (!onnx_int(n, "ceil_mode", 0) || l->padding == SORI_SAME) return true;
    for (int i = 0; i < axes; i++) {
        size_t all = layout->dim[i + 2] + (size_t)l->pad[2 * i] + (size_t)l->pad[2 * i + 1], k = (size_t)l->kernel[i];
        if (all < k || (all - k) % (size_t)l->strides[i])
            return onnx_refuse(im, n, "windows that hang over, ceil_mode");
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

bool onnx_take_maxpool(onnx_importer *im, const onnx_node *n) {
    if (n->n_out > 1 && onnx_find(im, n->out[1]) && onnx_find(im, n->out[1])->readers)
        return onnx_refuse(im, n, "the places of the maxima are asked for");
    return take_pool(im, n, SORI_MAXPOOL1D, SORI_MAXPOOL2D);
}
bool onnx_take_avgpool(onnx_importer *im, const onnx_node *n) {
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

bool onnx_take_reduce_mean(onnx_importer *im, const onnx_node *n) { return take_reduce(im, n, true); }
bool onnx_take_reduce_max(onnx_importer *im, const onnx_node *n) { return take_reduce(im, n, false); }

static bool take_global(onnx_importer *im, const onnx_node *n, bool mean) {
    bool over[ONNX_MAX_AXES] = { false };
    onnx_data *x = onnx_settled(im, n, 0);
    for (int i = 2; x && i < x->layout.ndim; i++) over[i] = true;
    return x && put_reduce(im, n, x, over, true, mean);
}

bool onnx_take_global_mean(onnx_importer *im, const onnx_node *n) { return take_global(im, n, true); }
bool onnx_take_global_max(onnx_importer *im, const onnx_node *n) { return take_global(im, n, false); }
