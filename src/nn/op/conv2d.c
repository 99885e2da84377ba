/* conv2d.c - two-dimensional convolution (cross-correlation, as every network library).     keras.layers.Conv2D
 *
 *   x [n, h, w, c]   W [kh, kw, c, filters]   b [filters]   ->   y [n, oh, ow, filters]
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

static bool conv2d_shape(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    if (n->x[0].ndim != 3) return nn_fail(c, n, "needs [height, width, channel], got %d axes", n->x[0].ndim);
    if (l->filters < 1) return nn_fail(c, n, "filters %d must be at least 1", l->filters);
    for (int i = 0; i < 2; i++)
        if (!l->strides[i]) l->strides[i] = 1;
    size_t h, w, channels = n->x[0].dim[2], filters = (size_t)l->filters;
    if (!nn_window(c, n, 0, &h) || !nn_window(c, n, 1, &w)) return false;
    nn_shape_set(&n->y, 3, (size_t[]){ h, w, filters });

    size_t kh = (size_t)l->kernel[0], kw = (size_t)l->kernel[1];
    nn_param *p = nn_add_param(c, n, "kernel", 4, (size_t[]){ kh, kw, channels, filters });
    if (!p) return false;
    p->random = true;
    p->init = l->kernel_init;
    p->fan_in = kh * kw * channels;
    p->fan_out = kh * kw * filters;
    p->l2 = l->l2;
    n->work = 2 * CONV_TILE * p->fan_in;
    n->cost = (double)h * (double)w * (double)p->shape.size;
    return l->no_bias || nn_add_param(c, n, "bias", 1, (size_t[]){ filters });
}

/* The part of kernel row ky that lies inside the image, for the output pixel at column ox: the first kx inside, how
 * many, and the input column of that first; 0 if none. */
static size_t conv2d_inside(const nn_node *n, size_t ox, size_t *first_kx, size_t *ix) {
    size_t kw = (size_t)n->layer.kernel[1], w = n->x[0].dim[1], left = n->before[1];
    size_t start = ox * (size_t)n->layer.strides[1];   /* in the padded image */
    size_t from = BASE_MAX(start, left), to = BASE_MIN(start + kw, left + w);
    if (from >= to) return 0;
    *first_kx = from - start;
    *ix = from - left;
    return to - from;
}

/* Walk the kernel rows of pixels [p0, p1): gather them into cols, or add cols back to the image. */
static void conv2d_walk(const nn_node *n, size_t p0, size_t p1, const real *image, real *back, real *cols) {
    size_t kh = (size_t)n->layer.kernel[0], kw = (size_t)n->layer.kernel[1], c = n->x[0].dim[2];
    size_t h = n->x[0].dim[0], w = n->x[0].dim[1], width = n->y.dim[1], k = kh * kw * c;
    for (size_t p = p0; p < p1; p++, cols += k) {
        size_t oy = p / width, kx = 0, ix = 0, count = conv2d_inside(n, p % width, &kx, &ix);
        for (size_t ky = 0; ky < kh; ky++) {
            size_t iy = oy * (size_t)n->layer.strides[0] + ky - n->before[0];   /* wraps to huge when above the top */
            real *row = cols + ky * kw * c;
            bool inside = iy < h && count;
            if (back) {
                if (inside) add(back + (iy * w + ix) * c, row + kx * c, count * c);
                continue;
            }
            if (!inside || count < kw) memset(row, 0, kw * c * sizeof *row);
            if (inside) memcpy(row + kx * c, image + (iy * w + ix) * c, count * c * sizeof *row);
        }
    }
}

static void conv2d_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = n->y.dim[2], pixels = n->y.dim[0] * n->y.dim[1], k = n->param[0].fan_in;
    const real *w = r->param[0], *b = r->param[1];
    real *cols = r->work;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *y = (real *)r->y + s * n->y.size;
        for (size_t p = 0; p < pixels; p += CONV_TILE) {
            size_t end = BASE_MIN(p + CONV_TILE, pixels);
            conv2d_walk(n, p, end, x, NULL, cols);
            for (size_t i = p; b && i < end; i++) memcpy(y + i * filters, b, filters * sizeof *y);
            product(end - p, filters, k, (matrix){ cols, k, 1 }, (matrix){ w, filters, 1 }, y + p * filters, filters,
                    b != NULL);
        }
    }
}

static void conv2d_backward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = n->y.dim[2], pixels = n->y.dim[0] * n->y.dim[1], k = n->param[0].fan_in;
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
            conv2d_walk(n, p, end, x, NULL, cols);
            product(k, filters, rows, (matrix){ cols, 1, k }, (matrix){ dtile, filters, 1 }, dw, filters, true);
            if (!dx) continue;
            product(rows, k, filters, (matrix){ dtile, filters, 1 }, (matrix){ w, 1, filters }, dcols, k, false);
            conv2d_walk(n, p, end, NULL, dx, dcols);
        }
    }
}

static const nn_op conv2d_op = {
    .name = "conv2d", .title = "Conv2D", .min_in = 1, .max_in = 1,
    .shape = conv2d_shape, .forward = conv2d_forward, .backward = conv2d_backward,
};
