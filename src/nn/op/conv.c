/* conv.c - convolution over time or over an image (cross-correlation, as every network library).
 *                                                                                 keras.layers.Conv1D, Conv2D
 *   x [n, h, w, c]   W [kh, kw, c, filters]   b [filters]   ->   y [n, oh, ow, filters]
 *   x [n, t, c]      W [k, c, filters]        is an image of height 1
 *
 * Output pixels are taken in tiles of CONV_TILE; the inputs a tile sees are gathered into rows of kh * kw * c, zeros
 * where the window leaves the image, and the tile is one matrix product:
 *
 *   y = cols W + b      dW += cols^T dy      dcols = dy W^T, added back to where each came from
 *
 * The gathered rows are made again in the backward pass, which costs less than storing them. A tile and its rows fit
 * the second-level cache. Cost: oh * ow * kh * kw * c * filters multiply-adds a sample forward,
 * twice that backward. */

#define CONV_TILE 96

static bool conv_shape(sori_ctx *c, nn_node *n, int axes) {
    sori_layer *l = &n->layer;
    if (l->filters < 1) return nn_fail(c, n, "filters %d must be at least 1", l->filters);
    size_t filters = (size_t)l->filters;
    if (!nn_window_set(c, n, axes, filters)) return false;
    const nn_window *w = &n->window;
    size_t taps = w->kernel[0] * w->kernel[1], dim[4] = { w->kernel[0], w->kernel[1], w->channels, filters };
    nn_param *p = nn_add_param(c, n, "kernel", axes + 2, dim + 2 - axes);
    if (!p) return false;
    p->random = true;
    p->init = l->kernel_init;
    p->fan_in = taps * w->channels;
    p->fan_out = taps * filters;
    p->l1 = l->l1;
    p->l2 = l->l2;
    n->work = 2 * CONV_TILE * p->fan_in;
    n->cost = (double)w->out[0] * (double)w->out[1] * (double)p->shape.size;
    return l->no_bias || nn_add_param(c, n, "bias", 1, (size_t[]){ filters });
}

static bool conv1d_shape(sori_ctx *c, nn_node *n) { return conv_shape(c, n, 1); }
static bool conv2d_shape(sori_ctx *c, nn_node *n) { return conv_shape(c, n, 2); }

/* Walk the kernel's taps over pixels [p0, p1): gather what they see into cols, or add cols back to the image. */
static void conv_walk(const nn_window *g, size_t p0, size_t p1, const real *image, real *back, real *cols) {
    size_t c = g->channels, h = g->in[0], w = g->in[1];
    for (size_t p = p0; p < p1; p++) {
        size_t oy = p / g->out[1], ox = p % g->out[1];
        for (size_t ky = 0; ky < g->kernel[0]; ky++) {
            size_t iy = oy * g->stride[0] + ky * g->dilation[0] - g->before[0];   /* wraps to huge above the top */
            for (size_t kx = 0; kx < g->kernel[1]; kx++, cols += c) {
                size_t ix = ox * g->stride[1] + kx * g->dilation[1] - g->before[1];
                bool inside = iy < h && ix < w;
                if (back) {
                    if (inside) add(back + (iy * w + ix) * c, cols, c);
                } else if (inside) {
                    memcpy(cols, image + (iy * w + ix) * c, c * sizeof *cols);
                } else {
                    memset(cols, 0, c * sizeof *cols);
                }
            }
        }
    }
}

static void conv_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, pixels = n->y.size / filters, k = n->param[0].fan_in;
    const real *w = r->param[0], *b = r->param[1];
    real *cols = r->work;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *y = (real *)r->y + s * n->y.size;
        for (size_t p = 0; p < pixels; p += CONV_TILE) {
            size_t end = BASE_MIN(p + CONV_TILE, pixels);
            conv_walk(&n->window, p, end, x, NULL, cols);
            for (size_t i = p; b && i < end; i++) memcpy(y + i * filters, b, filters * sizeof *y);
            product(end - p, filters, k, (matrix){ cols, k, 1 }, (matrix){ w, filters, 1 }, y + p * filters, filters,
                    b != NULL);
        }
    }
}

static void conv_backward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = (size_t)n->layer.filters, pixels = n->y.size / filters, k = n->param[0].fan_in;
    const real *w = r->param[0];
    real *cols = r->work, *dcols = cols + CONV_TILE * k, *dw = r->dparam[0], *db = r->dparam[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size, *dy = (const real *)r->dy + s * n->y.size;
        real *dx = r->dx[0] ? (real *)r->dx[0] + s * n->x[0].size : NULL;
        if (dx) memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t i = 0; db && i < pixels; i++) add(db, dy + i * filters, filters);
        for (size_t p = 0; p < pixels; p += CONV_TILE) {
            size_t end = BASE_MIN(p + CONV_TILE, pixels), rows = end - p;
            const real *dtile = dy + p * filters;
            conv_walk(&n->window, p, end, x, NULL, cols);
            product(k, filters, rows, (matrix){ cols, 1, k }, (matrix){ dtile, filters, 1 }, dw, filters, true);
            if (!dx) continue;
            product(rows, k, filters, (matrix){ dtile, filters, 1 }, (matrix){ w, 1, filters }, dcols, k, false);
            conv_walk(&n->window, p, end, NULL, dx, dcols);
        }
    }
}

static const nn_op conv1d_op = {
    .name = "conv1d", .title = "Conv1D", .min_in = 1, .max_in = 1,
    .shape = conv1d_shape, .forward = conv_forward, .backward = conv_backward,
};

static const nn_op conv2d_op = {
    .name = "conv2d", .title = "Conv2D", .min_in = 1, .max_in = 1,
    .shape = conv2d_shape, .forward = conv_forward, .backward = conv_backward,
};
