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

/* The forward pass: x seen by the layer's window. */
static conv_view conv_forward_view(const nn_window *w) {
    conv_view v = { .channels = w->channels };
    for (int i = 0; i < 2; i++) {
        v.in[i] = w->in[i];
        v.before[i] = w->before[i];
        v.out[i] = w->out[i];
        v.stride[i] = w->stride[i];
        v.framed[i] = BASE_MAX(w->before[i] + w->in[i], (w->out[i] - 1) * w->stride[i] + conv_covered(w, i));
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
static conv_view conv_backward_view(const nn_window *w, size_t filters) {
    conv_view v = { .channels = filters, .stride = { 1, 1 } };
    for (int i = 0; i < 2; i++) {
        v.in[i] = w->out[i];
        v.before[i] = conv_covered(w, i) - 1 - w->before[i];
        v.out[i] = w->in[i];
        v.framed[i] = BASE_MAX(v.before[i] + v.in[i], v.out[i] + conv_covered(w, i) - 1);
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

/* Where the windows of output pixels [p0, p0 + count) begin. */
static void conv_places(const conv_view *v, const real *framed, size_t p0, size_t count, const real **in) {
    size_t y = p0 / v->out[1], x = p0 % v->out[1];
    for (size_t i = 0; i < count; i++) {
        in[i] = framed + (y * v->stride[0] * v->framed[1] + x * v->stride[1]) * v->channels;
        if (++x == v->out[1]) {
            x = 0;
            y++;
        }
    }
}

/* --- the row and its memory ------------------------------------------------------------ */

static size_t conv_taps(const nn_window *w) { return w->kernel[0] * w->kernel[1]; }

/* Packed: W with its filters, and the bias, in whole vectors; then W turned round, [taps][filters][channels]. Sizes are
 * those of 16 lanes, which no vector exceeds. */
static size_t conv_wide(size_t n) { return base_round_up(n, NN_ROUND); }
static size_t conv_packed_forward(const nn_window *w, size_t filters) {
    return (conv_taps(w) * w->channels + 1) * conv_wide(filters);
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
    conv_view forward = conv_forward_view(w), backward = conv_backward_view(w, filters);
    bool turns = conv_turns_round(w);
    n->work = conv_framed_size(&forward) + (turns ? conv_framed_size(&backward) : CONV_TILE * p->fan_in);
    n->packed = conv_packed_forward(w, filters) + (turns ? conv_taps(w) * filters * conv_wide(w->channels) : 0);
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

static void conv_prepare(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, wide = slide_width(filters), k = n->param[0].fan_in;
    const real *w = r->param[0], *bias = r->param[1];
    real *to = r->packed;
    for (size_t i = 0; i <= k; i++, to += wide) {   /* the rows of W, then the bias */
        const real *from = i < k ? w + i * filters : bias;
        memset(to + filters, 0, (wide - filters) * sizeof *to);
        if (from) memcpy(to, from, filters * sizeof *to);
        else memset(to, 0, filters * sizeof *to);
    }
    if (r->pass->training && conv_turns_round(&n->window))
        conv_turn_round(&n->window, filters, w, (real *)r->packed + conv_packed_forward(&n->window, filters));
}

/* --- forward and backward ------------------------------------------------------------ */

/* Every pixel's window times packed weights. */
static void conv_slide(const conv_view *v, const real *framed, const slide_weights *k, size_t filters, real *y) {
    size_t pixels = v->out[0] * v->out[1];
    const real *in[SLIDE_BLOCK];
    for (size_t p = 0; p < pixels; p += SLIDE_BLOCK) {
        size_t count = BASE_MIN((size_t)SLIDE_BLOCK, pixels - p);
        conv_places(v, framed, p, count, in);
        slide_forward(&v->runs, in, count, k, filters, y + p * filters);
    }
}

static void conv_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters;
    slide_weights k = { .w = r->packed, .width = slide_width(filters), .relu = n->layer.act == SORI_RELU };
    k.bias = k.w + n->param[0].fan_in * k.width;
    conv_view v = conv_forward_view(&n->window);
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        conv_slide(&v, conv_frame(&v, x, r->work), &k, filters, (real *)r->y + s * n->y.size);
    }
}

/* dW and db of one sample. */
static void conv_backward_weights(const nn_run *r, const conv_view *v, const real *x, const real *dy) {
    size_t filters = (size_t)r->node->layer.filters, pixels = v->out[0] * v->out[1];
    const real *framed = conv_frame(v, x, r->work), *in[SLIDE_BLOCK];
    real *dw = r->dparam[0], *db = r->dparam[1];
    for (size_t p = 0; p < pixels; p += SLIDE_BLOCK) {
        size_t count = BASE_MIN((size_t)SLIDE_BLOCK, pixels - p);
        conv_places(v, framed, p, count, in);
        slide_gradient(&v->runs, in, count, dy + p * filters, filters, dw);
        for (size_t i = p; db && i < p + count; i++) add(db, dy + i * filters, filters);
    }
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

static void conv_backward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters;
    conv_view forward = conv_forward_view(&n->window), backward = conv_backward_view(&n->window, filters);
    slide_weights turned = { .w = (const real *)r->packed + conv_packed_forward(&n->window, filters),
                             .width = slide_width(n->window.channels) };
    real *work = (real *)r->work + conv_framed_size(&forward);
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size, *dy = (const real *)r->dy + s * n->y.size;
        conv_backward_weights(r, &forward, x, dy);
        if (!r->dx[0]) continue;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        if (!conv_turns_round(&n->window)) conv_backward_strided(r, dy, work, dx);
        else conv_slide(&backward, conv_frame(&backward, dy, work), &turned, n->window.channels, dx);
    }
}

static const nn_op conv1d_op = {
    .name = "conv1d", .title = "Conv1D", .min_in = 1, .max_in = 1,
    .relu = true, .shape = conv1d_shape, .prepare = conv_prepare, .forward = conv_forward,
    .backward = conv_backward,
};

static const nn_op conv2d_op = {
    .name = "conv2d", .title = "Conv2D", .min_in = 1, .max_in = 1,
    .relu = true, .shape = conv2d_shape, .prepare = conv_prepare, .forward = conv_forward,
    .backward = conv_backward,
};
