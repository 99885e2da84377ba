/* conv.c - convolution over time or over an image (cross-correlation, as every network library).
 *                                                                                 keras.layers.Conv1D, Conv2D
 *   x [n, h, w, c]   W [kh, kw, c, filters]   b [filters]   ->   y [n, oh, ow, filters]
 *   x [n, t, c]      W [k, c, filters]        is an image of height 1
 *
 *   y    one product straight from the image with zeros around it (kernel/slide.h)
 *   dW   the other product of that file
 *   dx   with stride 1 again a convolution, of dy with zeros around it by W turned round and transposed; with larger
 *        strides the windows' gradients dy W^T are added back to where they came from
 *
 * 3x3 kernels on enough channels go through kernel/winograd.h instead, in all three.
 *
 * Weights in the order the products read them are packed once a step (prepare). Cost: oh * ow * kh * kw * c * filters
 * multiply-adds a sample forward, twice that backward. */

#define CONV_TILE 96   /* windows whose gradients are computed at a time, with strides */

/* A window slid over an image that has zeros around it. */
typedef struct conv_view {
    size_t in[2], channels;
    size_t framed[2];            /* with the zeros */
    size_t before[2];            /* zeros before it */
    size_t out[2], stride[2];
    slide_runs runs;
} conv_view;

static void conv_set_runs(conv_view *v, const nn_window *w) {
    size_t row = v->framed[1] * v->channels;
    bool joined = w->dilation[1] == 1;
    v->runs = (slide_runs){ .down = w->kernel[0], .across = joined ? 1 : w->kernel[1],
                            .down_step = w->dilation[0] * row, .across_step = w->dilation[1] * v->channels,
                            .length = joined ? w->kernel[1] * v->channels : v->channels };
}

static size_t conv_covered(const nn_window *w, int i) { return (w->kernel[i] - 1) * w->dilation[i] + 1; }

/* From about 16 channels on the transforms cost less than they save, where tiles of 4x4 cover the image well. */
static bool conv_is_winograd(const nn_window *w, size_t filters) {
    for (int i = 0; i < 2; i++)
        if (w->kernel[i] != 3 || w->stride[i] != 1 || w->dilation[i] != 1 || w->before[i] > 2) return false;
    size_t tiles = (w->out[0] + 3) / 4 * ((w->out[1] + 3) / 4);
    return w->channels >= 16 && filters >= 16 && 3 * w->out[0] * w->out[1] >= 2 * 16 * tiles;
}

static size_t conv_framed(const conv_view *v, int i, size_t covered, bool winograd) {
    size_t seen = winograd ? (v->out[i] + 3) / 4 * 4 + 2 : (v->out[i] - 1) * v->stride[i] + covered;
    return BASE_MAX(v->before[i] + v->in[i], seen);
}

/* The forward pass: x seen by the layer's window. */
static conv_view conv_forward_view(const nn_window *w, bool winograd) {
    conv_view v = { .channels = w->channels };
    for (int i = 0; i < 2; i++) {
        v.in[i] = w->in[i];
        v.before[i] = w->before[i];
        v.out[i] = w->out[i];
        v.stride[i] = w->stride[i];
        v.framed[i] = conv_framed(&v, i, conv_covered(w, i), winograd);
    }
    conv_set_runs(&v, w);
    return v;
}

/* Whether dx is a convolution of dy. */
static bool conv_turns_round(const nn_window *w) {
    for (int i = 0; i < 2; i++)
        if (w->stride[i] != 1 || conv_covered(w, i) - 1 < w->before[i]) return false;
    return true;
}

/* dy, which is filters wide, seen by the window turned round. */
static conv_view conv_backward_view(const nn_window *w, size_t filters, bool winograd) {
    conv_view v = { .channels = filters, .stride = { 1, 1 } };
    for (int i = 0; i < 2; i++) {
        v.in[i] = w->out[i];
        v.before[i] = conv_covered(w, i) - 1 - w->before[i];
        v.out[i] = w->in[i];
        v.framed[i] = conv_framed(&v, i, conv_covered(w, i), winograd);
    }
    conv_set_runs(&v, w);
    return v;
}

static size_t conv_framed_size(const conv_view *v) {
    bool bare = v->framed[0] == v->in[0] && v->framed[1] == v->in[1];
    return bare ? 0 : v->framed[0] * v->framed[1] * v->channels;
}

/* The image with its zeros, in work; or the image itself where it needs none. */
static const real *conv_frame(const conv_view *v, const real *image, real *work) {
    if (conv_framed_size(v) == 0) return image;
    size_t row = v->framed[1] * v->channels, left = v->before[1] * v->channels, in = v->in[1] * v->channels;
    memset(work, 0, v->before[0] * row * sizeof *work);
    for (size_t y = 0; y < v->in[0]; y++) {
        real *to = work + (v->before[0] + y) * row;
        memset(to, 0, left * sizeof *to);
        memcpy(to + left, image + y * in, in * sizeof *to);
        memset(to + left + in, 0, (row - left - in) * sizeof *to);
    }
    size_t below = v->before[0] + v->in[0];
    memset(work + below * row, 0, (v->framed[0] - below) * row * sizeof *work);
    return work;
}

/* Images that are used where they are lie one behind the other: their pixels are one list, which has few tails. */
static size_t conv_together(const conv_view *v, size_t samples) { return conv_framed_size(v) ? 1 : samples; }

/* Where the windows of output pixels [p0, p0 + count) begin; the pixels of further images follow. */
static void conv_places(const conv_view *v, const real *framed, size_t p0, size_t count, const real **in) {
    size_t row = p0 / v->out[1], x = p0 % v->out[1], y = row % v->out[0];
    framed += row / v->out[0] * v->framed[0] * v->framed[1] * v->channels;
    for (size_t i = 0; i < count; i++) {
        in[i] = framed + (y * v->stride[0] * v->framed[1] + x * v->stride[1]) * v->channels;
        if (++x < v->out[1]) continue;
        x = 0;
        if (++y < v->out[0]) continue;
        y = 0;
        framed += v->framed[0] * v->framed[1] * v->channels;
    }
}

/* --- the row and its memory ------------------------------------------------------------ */

static size_t conv_taps(const nn_window *w) { return w->kernel[0] * w->kernel[1]; }

/* Packed: W with its filters, and the bias, in whole vectors; then W turned round, [taps][filters][channels], and for
 * Winograd that once more as U. Sizes are those of 16 lanes, which no vector exceeds. */
static size_t conv_wide(size_t n) { return base_round_up(n, NN_ROUND); }
static size_t conv_rows(const nn_node *n) {   /* of the packed W, above the bias */
    return (n->winograd ? WINOGRAD_ELEMENTS : conv_taps(&n->window)) * n->window.channels;
}
static size_t conv_packed_forward(const nn_node *n) { return (conv_rows(n) + 1) * conv_wide((size_t)n->layer.filters); }
static size_t conv_packed_turned(const nn_node *n) {
    return conv_taps(&n->window) * (size_t)n->layer.filters * conv_wide(n->window.channels);
}

static void conv_set_memory(nn_node *n, size_t filters) {
    const nn_window *w = &n->window;
    n->winograd = conv_is_winograd(w, filters);
    conv_view forward = conv_forward_view(w, n->winograd), backward = conv_backward_view(w, filters, n->winograd);
    bool turns = conv_turns_round(w);
    n->packed = conv_packed_forward(n) + (turns ? conv_packed_turned(n) : 0);
    n->work = conv_framed_size(&forward) +
              (turns ? conv_framed_size(&backward) : CONV_TILE * conv_taps(w) * w->channels);
    if (!n->winograd) return;
    n->packed += WINOGRAD_ELEMENTS * filters * conv_wide(w->channels);
    n->work += BASE_MAX(winograd_work(w->channels, filters), winograd_work(filters, w->channels));
}

static bool conv_shape(sori_ctx *c, nn_node *n, int axes) {
    sori_layer *l = &n->layer;
    if (l->filters < 1) return nn_fail(c, n, "filters %d must be at least 1", l->filters);
    size_t filters = (size_t)l->filters;
    if (!nn_window_set(c, n, axes, filters)) return false;
    const nn_window *w = &n->window;
    size_t dim[4] = { w->kernel[0], w->kernel[1], w->channels, filters };
    nn_param *p = nn_add_param(c, n, "kernel", axes + 2, dim + 2 - axes);
    if (!p) return false;
    p->random = true;
    p->init = l->kernel_init;
    p->fan_in = conv_taps(w) * w->channels;
    p->fan_out = conv_taps(w) * filters;
    p->l1 = l->l1;
    p->l2 = l->l2;
    conv_set_memory(n, filters);
    n->cost = (double)w->out[0] * (double)w->out[1] * (double)p->shape.size;
    return l->no_bias || nn_add_param(c, n, "bias", 1, (size_t[]){ filters });
}

static bool conv1d_shape(sori_ctx *c, nn_node *n) { return conv_shape(c, n, 1); }
static bool conv2d_shape(sori_ctx *c, nn_node *n) { return conv_shape(c, n, 2); }

/* W [taps, c, filters] -> [taps from the last, filters, wide c]. */
static void conv_turn_round(const nn_window *w, size_t filters, const real *kernel, real *to) {
    size_t c = w->channels, wide = slide_width(c), taps = conv_taps(w);
    for (size_t t = 0; t < taps; t++) {
        const real *from = kernel + (taps - 1 - t) * c * filters;
        for (size_t f = 0; f < filters; f++, to += wide) {
            for (size_t i = 0; i < c; i++) to[i] = from[i * filters + f];
            for (size_t i = c; i < wide; i++) to[i] = 0;
        }
    }
}

static void conv_prepare_backward(const nn_run *r) {
    const nn_node *n = r->node;
    const nn_window *w = &n->window;
    size_t filters = (size_t)n->layer.filters;
    real *turned = (real *)r->packed + conv_packed_forward(n);
    if (!r->pass->training || !conv_turns_round(w)) return;
    conv_turn_round(w, filters, r->param[0], turned);
    if (n->winograd) winograd_pack(turned, filters, slide_width(w->channels), turned + conv_packed_turned(n));
}

static void conv_prepare(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, wide = slide_width(filters), rows = conv_rows(n);
    const real *w = r->param[0], *bias = r->param[1];
    real *to = r->packed, *last = to + rows * wide;
    if (n->winograd) winograd_pack(w, n->window.channels, filters, to);
    for (size_t i = 0; !n->winograd && i < rows; i++, to += wide) {
        memcpy(to, w + i * filters, filters * sizeof *to);
        memset(to + filters, 0, (wide - filters) * sizeof *to);
    }
    memset(last, 0, wide * sizeof *last);
    if (bias) memcpy(last, bias, filters * sizeof *last);
    conv_prepare_backward(r);
}

/* --- forward and backward ------------------------------------------------------------ */

/* Every pixel's window times packed weights. */
static void conv_slide(const conv_view *v, const real *framed, size_t images, const slide_weights *k, size_t filters,
                       real *y) {
    size_t pixels = images * v->out[0] * v->out[1];
    const real *in[SLIDE_BLOCK];
    for (size_t p = 0; p < pixels; p += SLIDE_BLOCK) {
        size_t count = BASE_MIN((size_t)SLIDE_BLOCK, pixels - p);
        conv_places(v, framed, p, count, in);
        slide_forward(&v->runs, in, count, k, filters, y + p * filters, filters);
    }
}

static winograd_grid conv_grid(const conv_view *v, size_t filters) {
    size_t across = (v->out[1] + 3) / 4;
    return (winograd_grid){ .across = across, .tiles = (v->out[0] + 3) / 4 * across, .channels = v->channels,
                            .filters = filters, .row = v->framed[1] * v->channels, .out = { v->out[0], v->out[1] } };
}

static void conv_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters;
    slide_weights k = { .w = r->packed, .width = slide_width(filters), .relu = r->relu };
    k.bias = k.w + conv_rows(n) * k.width;
    conv_view v = conv_forward_view(&n->window, n->winograd);
    winograd_grid g = conv_grid(&v, filters);
    size_t images = n->winograd ? 1 : conv_together(&v, r->n1 - r->n0);
    for (size_t s = r->n0; s < r->n1; s += images) {
        const real *framed = conv_frame(&v, (const real *)r->x[0] + s * n->x[0].size, r->work);
        real *work = (real *)r->work + conv_framed_size(&v), *y = (real *)r->y + s * n->y.size;
        if (n->winograd) winograd_forward(&g, framed, k.w, k.bias, k.relu, work, y);
        else conv_slide(&v, framed, images, &k, filters, y);
    }
}

/* dW of images, with their zeros around them. */
static void conv_slide_gradient(const conv_view *v, const real *framed, size_t images, const real *dy, size_t filters,
                                real *dw) {
    size_t pixels = images * v->out[0] * v->out[1];
    const real *in[SLIDE_BLOCK];
    for (size_t p = 0; p < pixels; p += SLIDE_BLOCK) {
        size_t count = BASE_MIN((size_t)SLIDE_BLOCK, pixels - p);
        conv_places(v, framed, p, count, in);
        slide_gradient(&v->runs, in, count, dy + p * filters, filters, dw);
    }
}

static void conv_backward_weights(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, channels = n->window.channels;
    conv_view v = conv_forward_view(&n->window, n->winograd);
    winograd_grid g = conv_grid(&v, filters);
    real *work = (real *)r->work + conv_framed_size(&v), *dw = r->dparam[0], *db = r->dparam[1];
    size_t du_size = WINOGRAD_ELEMENTS * channels * slide_width(filters);
    real *du = work + winograd_work(channels, filters) - WINOGRAD_ELEMENTS * channels * conv_wide(filters);
    if (n->winograd) memset(du, 0, du_size * sizeof *du);
    size_t images = n->winograd ? 1 : conv_together(&v, r->n1 - r->n0);
    for (size_t s = r->n0; s < r->n1; s += images) {
        const real *dy = (const real *)r->dy + s * n->y.size;
        const real *framed = conv_frame(&v, (const real *)r->x[0] + s * n->x[0].size, r->work);
        if (n->winograd) winograd_gradient(&g, framed, dy, work, du);
        else conv_slide_gradient(&v, framed, images, dy, filters, dw);
        if (db) add_rows(db, dy, images * (n->y.size / filters), filters);
    }
    if (n->winograd) winograd_unpack(du, channels, filters, dw);
}

/* Add the gradients of the windows of pixels [p0, p1), [taps, c] each, back to where they came from. */
static void conv_give_back(const nn_window *g, size_t p0, size_t p1, const real *windows, real *dx) {
    size_t c = g->channels, h = g->in[0], w = g->in[1];
    for (size_t p = p0; p < p1; p++) {
        size_t oy = p / g->out[1], ox = p % g->out[1];
        for (size_t ky = 0; ky < g->kernel[0]; ky++) {
            size_t iy = oy * g->stride[0] + ky * g->dilation[0] - g->before[0];   /* wraps to huge above the top */
            for (size_t kx = 0; kx < g->kernel[1]; kx++, windows += c) {
                size_t ix = ox * g->stride[1] + kx * g->dilation[1] - g->before[1];
                if (iy < h && ix < w) add(dx + (iy * w + ix) * c, windows, c);
            }
        }
    }
}

/* dx of one sample where the window has strides. */
static void conv_backward_strided(const nn_run *r, const real *dy, real *work, real *dx) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, pixels = n->y.size / filters, k = n->param[0].fan_in;
    matrix w = { r->param[0], 1, filters };
    memset(dx, 0, n->x[0].size * sizeof *dx);
    for (size_t p = 0; p < pixels; p += CONV_TILE) {
        size_t end = BASE_MIN(p + CONV_TILE, pixels);
        product(end - p, k, filters, (matrix){ dy + p * filters, filters, 1 }, w, work, k, false);
        conv_give_back(&n->window, p, end, work, dx);
    }
}

/* dx of one sample as a convolution of dy. */
static void conv_backward_turned(const nn_run *r, const real *dy, real *dx) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, channels = n->window.channels;
    const real *turned = (const real *)r->packed + conv_packed_forward(n);
    conv_view v = conv_backward_view(&n->window, filters, n->winograd);
    const real *framed = conv_frame(&v, dy, r->work);
    winograd_grid g = conv_grid(&v, channels);
    slide_weights k = { .w = turned, .width = slide_width(channels) };
    real *work = (real *)r->work + conv_framed_size(&v);
    if (n->winograd) winograd_forward(&g, framed, turned + conv_packed_turned(n), NULL, false, work, dx);
    else conv_slide(&v, framed, 1, &k, channels, dx);
}

static void conv_backward(const nn_run *r) {
    const nn_node *n = r->node;
    conv_backward_weights(r);
    for (size_t s = r->n0; r->dx[0] && s < r->n1; s++) {
        const real *dy = (const real *)r->dy + s * n->y.size;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        if (conv_turns_round(&n->window)) conv_backward_turned(r, dy, dx);
        else conv_backward_strided(r, dy, r->work, dx);
    }
}

static const nn_op conv1d_op = {
    .name = "conv1d", .title = "Conv1D", .min_in = 1, .max_in = 1,
    .relu = true, .folds = true, .shape = conv1d_shape, .prepare = conv_prepare, .forward = conv_forward,
    .backward = conv_backward,
};

static const nn_op conv2d_op = {
    .name = "conv2d", .title = "Conv2D", .min_in = 1, .max_in = 1,
    .relu = true, .folds = true, .shape = conv2d_shape, .prepare = conv_prepare, .forward = conv_forward,
    .backward = conv_backward,
};
