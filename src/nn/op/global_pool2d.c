/* global_pool2d.c - one value a channel: the mean or the maximum over the image.
 *                                                       keras.layers.GlobalAveragePooling2D, GlobalMaxPooling2D
 *   x [n, h, w, c]  ->  y [n, c]
 *
 * The maximum's pixel is searched again in the backward pass; of equal values the first gets the gradient. */

static bool global_pool2d_shape(sori_ctx *c, nn_node *n) {
    if (n->x[0].ndim != 3) return nn_fail(c, n, "needs [height, width, channel], got %d axes", n->x[0].ndim);
    nn_shape_set(&n->y, 1, (size_t[]){ n->x[0].dim[2] });
    n->cost = (double)n->x[0].size / 8;
    return true;
}

static void global_avgpool2d_forward(const nn_run *r) {
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

static void global_avgpool2d_backward(const nn_run *r) {
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

static void global_maxpool2d_forward(const nn_run *r) {
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

static void global_maxpool2d_backward(const nn_run *r) {
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

static const nn_op global_avgpool2d_op = {
    .name = "global_average_pooling2d", .title = "GlobalAveragePooling2D", .min_in = 1, .max_in = 1,
    .shape = global_pool2d_shape, .forward = global_avgpool2d_forward, .backward = global_avgpool2d_backward,
};

static const nn_op global_maxpool2d_op = {
    .name = "global_max_pooling2d", .title = "GlobalMaxPooling2D", .min_in = 1, .max_in = 1,
    .shape = global_pool2d_shape, .forward = global_maxpool2d_forward, .backward = global_maxpool2d_backward,
};
