/* global_pool.c - one value a channel: the mean or the maximum over the image, or over time.
 *                                 keras.layers.GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, ...
 *   x [n, h, w, c] or [n, t, c]  ->  y [n, c]
 *
 * The maximum's pixel is searched again in the backward pass; of equal values the first gets the gradient. */

static bool global_pool_shape(sori_ctx *c, nn_node *n, int axes) {
    if (n->x[0].ndim != axes + 1)
        return nn_fail(c, n, "needs [%s, channel], got %d axes", axes == 1 ? "time" : "height, width", n->x[0].ndim);
    nn_shape_set(&n->y, 1, (size_t[]){ n->x[0].dim[axes] });
    n->cost = (double)n->x[0].size / 8;
    return true;
}

static bool global_pool1d_shape(sori_ctx *c, nn_node *n) { return global_pool_shape(c, n, 1); }
static bool global_pool2d_shape(sori_ctx *c, nn_node *n) { return global_pool_shape(c, n, 2); }

static void global_avgpool_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = n->y.size, pixels = n->x[0].size / c;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *y = (real *)r->y + s * c;
        memset(y, 0, c * sizeof *y);
        for (size_t p = 0; p < pixels; p++) add(y, x + p * c, c);
        for (size_t i = 0; i < c; i++) y[i] /= (real)pixels;
    }
}

static void global_avgpool_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->y.size, pixels = n->x[0].size / c;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *dy = (const real *)r->dy + s * c;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        for (size_t i = 0; i < c; i++) dx[i] = dy[i] / (real)pixels;
        for (size_t p = 1; p < pixels; p++) memcpy(dx + p * c, dx, c * sizeof *dx);
    }
}

static void global_maxpool_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = n->y.size, pixels = n->x[0].size / c;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *y = (real *)r->y + s * c;
        memcpy(y, x, c * sizeof *y);
        for (size_t p = 1; p < pixels; p++)
            for (size_t i = 0; i < c; i++) y[i] = x[p * c + i] > y[i] ? x[p * c + i] : y[i];
    }
}

static void global_maxpool_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->y.size, pixels = n->x[0].size / c;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size, *dy = (const real *)r->dy + s * c;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t i = 0; i < c; i++) {
            size_t best = 0;
            for (size_t p = 1; p < pixels; p++)
                if (x[p * c + i] > x[best * c + i]) best = p;
            dx[best * c + i] = dy[i];
        }
    }
}

static const nn_op global_avgpool1d_op = {
    .name = "global_average_pooling1d", .title = "GlobalAveragePooling1D", .min_in = 1, .max_in = 1,
    .shape = global_pool1d_shape, .forward = global_avgpool_forward, .backward = global_avgpool_backward,
};

static const nn_op global_maxpool1d_op = {
    .name = "global_max_pooling1d", .title = "GlobalMaxPooling1D", .min_in = 1, .max_in = 1,
    .shape = global_pool1d_shape, .forward = global_maxpool_forward, .backward = global_maxpool_backward,
};

static const nn_op global_avgpool2d_op = {
    .name = "global_average_pooling2d", .title = "GlobalAveragePooling2D", .min_in = 1, .max_in = 1,
    .shape = global_pool2d_shape, .forward = global_avgpool_forward, .backward = global_avgpool_backward,
};

static const nn_op global_maxpool2d_op = {
    .name = "global_max_pooling2d", .title = "GlobalMaxPooling2D", .min_in = 1, .max_in = 1,
    .shape = global_pool2d_shape, .forward = global_maxpool_forward, .backward = global_maxpool_backward,
};
