/* window.c - how windows slide over images and over time: the numbers of convolutions, pools and what reshapes images.
 *
 * [time, channel] is an image of height 1. For a kernel of k values, dilation d and stride s a window covers
 * (k - 1) d + 1 values:
 *
 *   padding     a window's way                       the other way round (transposed)
 *   valid       (in - covered) / s + 1               (in - 1) s + max(covered, s)              as Keras
 *   same        ceil(in / s)                         in s                                      as Keras
 *   explicit    (in + pad - covered) / s + 1         (in - 1) s + covered - pad                as PyTorch
 *
 * Rows come from model files too: every size is bounded before it is multiplied. */
#include "nn/nn.h"

static size_t covered_by(const nn_window *w, int i) { return (w->kernel[i] - 1) * w->dilation[i] + 1; }

/* TensorFlow's rule: of the zeros needed so that out windows cover in values, the odd one goes behind. */
static size_t same_before(size_t in, size_t out, size_t stride, size_t covered) {
    size_t needed = (out - 1) * stride + covered;
    return needed > in ? (needed - in) / 2 : 0;
}

/* The output's size along axis i, and the zeros before the first value. */
static bool slide(sori_ctx *c, nn_node *n, int i, size_t pad_before, size_t pad_after) {
    nn_window *w = &n->window;
    size_t covered = covered_by(w, i), padded = w->in[i];
    w->before[i] = 0;
    if (n->layer.padding == SORI_SAME) {
        w->out[i] = (w->in[i] + w->stride[i] - 1) / w->stride[i];
        w->before[i] = same_before(w->in[i], w->out[i], w->stride[i], covered);
        return true;
    }
    if (n->layer.padding == SORI_EXPLICIT) {
        w->before[i] = pad_before;
        padded += pad_before + pad_after;
    }
    if (covered > padded) return nn_fail(c, n, "kernel %zu is larger than the input's %zu", covered, padded);
    w->out[i] = (padded - covered) / w->stride[i] + 1;
    return true;
}

/* The same with the layer's input as out: its output, in, is what windows would have slid over. */
static bool slide_back(sori_ctx *c, nn_node *n, int i, size_t pad_before, size_t pad_after) {
    nn_window *w = &n->window;
    size_t covered = covered_by(w, i), whole = (w->out[i] - 1) * w->stride[i] + covered;
    w->before[i] = 0;
    if (n->layer.padding == SORI_SAME) {
        w->in[i] = w->out[i] * w->stride[i];
        w->before[i] = same_before(w->in[i], w->out[i], w->stride[i], covered);
    } else if (n->layer.padding == SORI_EXPLICIT) {
        if (pad_before + pad_after >= whole)
            return nn_fail(c, n, "pad %zu + %zu leaves nothing of %zu", pad_before, pad_after, whole);
        w->in[i] = whole - pad_before - pad_after;
        w->before[i] = pad_before;
    } else {
        w->in[i] = BASE_MAX(whole, w->out[i] * w->stride[i]);
    }
    return true;
}

/* The row's numbers along one axis, 0: the standard. */
static bool window_numbers(sori_ctx *c, nn_node *n, int from, int to) {
    sori_layer *l = &n->layer;
    if (l->strides[from] == 0) l->strides[from] = 1;
    if (l->dilation[from] == 0) l->dilation[from] = 1;
    int kernel = l->kernel[from], stride = l->strides[from], dilation = l->dilation[from];
    if (kernel < 1 || stride < 1 || dilation < 1)
        return nn_fail(c, n, "kernel %d, stride %d and dilation %d must be at least 1", kernel, stride, dilation);
    if (kernel > 65536 || stride > 65536 || dilation > 65536)
        return nn_fail(c, n, "kernel, stride or dilation above 65536");
    n->window.kernel[to] = (size_t)kernel;
    n->window.stride[to] = (size_t)stride;
    n->window.dilation[to] = (size_t)dilation;
    return true;
}

static bool check_pads(sori_ctx *c, const nn_node *n) {
    for (int i = 0; i < 4; i++)
        if (n->layer.pad[i] < 0 || n->layer.pad[i] > 65536)
            return nn_fail(c, n, "pad %d is outside 0..65536", n->layer.pad[i]);
    return true;
}

/* Operators copy images into frames of zeros as wide as a window reaches: these are tensors too. */
static bool frame_fits(sori_ctx *c, const nn_node *n, const size_t *reach, size_t channels) {
    size_t size = BASE_MAX(n->window.channels, channels);
    for (int i = 0; i < 2; i++)
        if (base_mul_overflows(size, reach[i], &size) || size > NN_MAX_ELEMENTS)
            return nn_fail(c, n, "the image with the zeros its windows reach holds over 2^31 values");
    return true;
}

bool nn_image_set(sori_ctx *c, nn_node *n, int axes) {
    if (n->x[0].ndim != axes + 1)
        return nn_fail(c, n, "needs [%s, channel], got %d axes", axes == 1 ? "time" : "height, width", n->x[0].ndim);
    size_t height = axes == 2 ? n->x[0].dim[0] : 1, width = n->x[0].dim[axes - 1];
    n->window = (nn_window){ .in = { height, width }, .out = { height, width }, .kernel = { 1, 1 }, .stride = { 1, 1 },
                             .dilation = { 1, 1 }, .channels = n->x[0].dim[axes] };
    return check_pads(c, n);
}

static void set_output(nn_node *n, int axes, const size_t *size, size_t channels) {
    nn_shape_set(&n->y, axes + 1, axes == 1 ? (size_t[]){ size[1], channels }
                                            : (size_t[]){ size[0], size[1], channels });
}

typedef bool along_axis(sori_ctx *c, nn_node *n, int i, size_t pad_before, size_t pad_after);

static bool set_window(sori_ctx *c, nn_node *n, int axes, along_axis *along, size_t channels) {
    size_t reach[2] = { 1, 1 };
    for (int i = 0; i < axes; i++) {
        int to = i + 2 - axes;
        size_t before = (size_t)n->layer.pad[2 * i], after = (size_t)n->layer.pad[2 * i + 1];
        if (!window_numbers(c, n, i, to) || !along(c, n, to, before, after)) return false;
        reach[to] = BASE_MAX(n->window.in[to], n->window.out[to]) + covered_by(&n->window, to) + before + after;
    }
    return frame_fits(c, n, reach, channels);
}

bool nn_window_set(sori_ctx *c, nn_node *n, int axes, size_t channels) {
    if (!nn_image_set(c, n, axes) || !set_window(c, n, axes, slide, channels)) return false;
    set_output(n, axes, n->window.out, channels);
    return true;
}

bool nn_window_set_transposed(sori_ctx *c, nn_node *n, int axes, size_t channels) {
    if (!nn_image_set(c, n, axes) || !set_window(c, n, axes, slide_back, channels)) return false;
    n->window.channels = channels;
    set_output(n, axes, n->window.in, channels);
    return true;
}
