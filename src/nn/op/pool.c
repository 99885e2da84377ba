/* pool.c - the largest or the mean value of a sliding window.
 *                                             keras.layers.MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D
 *   x [n, h, w, c]  ->  y [n, oh, ow, c]          x [n, t, c] is an image of height 1
 *
 * Windows that leave the image (padding same) see only what is inside: the maximum of it, or the mean over it. The
 * backward pass of the maximum looks for it again instead of storing where it was; of equal values the first gets the
 * gradient. Channels are the inner loop. */

static bool pool_shape(sori_ctx *c, nn_node *n, int axes) {
    sori_layer *l = &n->layer;
    for (int i = 0; i < axes; i++) {
        if (!l->kernel[i]) l->kernel[i] = 2;
        if (!l->strides[i]) l->strides[i] = l->kernel[i];
        if (l->dilation[i] > 1) return nn_fail(c, n, "pools have no dilation");
        if (l->padding == SORI_EXPLICIT && (l->pad[2 * i] >= l->kernel[i] || l->pad[2 * i + 1] >= l->kernel[i]))
            return nn_fail(c, n, "padding of a whole window, %d", l->kernel[i]);
    }
    if (!nn_window_set(c, n, axes, n->x[0].dim[n->x[0].ndim - 1])) return false;
    n->work = 2 * n->window.channels;
    n->cost = (double)n->y.size * (double)(n->window.kernel[0] * n->window.kernel[1]) / 8;   /* memory-bound */
    return true;
}

static bool pool1d_shape(sori_ctx *c, nn_node *n) { return pool_shape(c, n, 1); }
static bool pool2d_shape(sori_ctx *c, nn_node *n) { return pool_shape(c, n, 2); }

/* One output pixel's window: kernel rows [ky0, ky1) and columns [kx0, kx1) inside the image, whose input pixel for
 * (ky, kx) is (top + ky, left + kx); top and left may wrap below zero, the sums do not. */
typedef struct pool_span { size_t ky0, ky1, kx0, kx1, top, left; } pool_span;

static pool_span pool_at(const nn_node *n, size_t oy, size_t ox) {
    size_t out[2] = { oy, ox }, from[2], to[2], origin[2];
    for (int i = 0; i < 2; i++) {
        size_t start = out[i] * n->window.stride[i], k = n->window.kernel[i];
        size_t before = n->window.before[i], size = n->window.in[i];
        from[i] = start < before ? before - start : 0;
        to[i] = BASE_MIN(k, before + size - start);
        origin[i] = start - before;
    }
    return (pool_span){ from[0], to[0], from[1], to[1], origin[0], origin[1] };
}

/* y = max(y, x), elementwise. */
static void maxpool_raise(real *restrict y, const real *restrict x, size_t c) {
    for (size_t i = 0; i < c; i++) y[i] = x[i] > y[i] ? x[i] : y[i];
}

static void maxpool_window(const nn_node *n, pool_span s, const real *x, real *y) {
    size_t c = n->window.channels, w = n->window.in[1];
    memcpy(y, x + ((s.top + s.ky0) * w + s.left + s.kx0) * c, c * sizeof *y);
    for (size_t ky = s.ky0; ky < s.ky1; ky++)
        for (size_t kx = s.kx0; kx < s.kx1; kx++) maxpool_raise(y, x + ((s.top + ky) * w + s.left + kx) * c, c);
}

static void maxpool_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = n->window.channels;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        for (size_t p = 0; p < n->window.out[0] * n->window.out[1]; p++)
            maxpool_window(n, pool_at(n, p / n->window.out[1], p % n->window.out[1]), x,
                             (real *)r->y + s * n->y.size + p * c);
    }
}

/* Where x is the maximum, the rest of the gradient goes there and nothing is left for later pixels. */
static void maxpool_give(real *restrict dx, real *restrict rest, const real *restrict x, const real *restrict top,
                           size_t c) {
    for (size_t i = 0; i < c; i++) {
        real share = x[i] == top[i] ? rest[i] : 0;
        dx[i] += share;
        rest[i] -= share;
    }
}

static void maxpool_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->window.channels, w = n->window.in[1];
    real *top = r->work, *rest = top + c;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t p = 0; p < n->window.out[0] * n->window.out[1]; p++) {
            pool_span at = pool_at(n, p / n->window.out[1], p % n->window.out[1]);
            maxpool_window(n, at, x, top);
            memcpy(rest, (const real *)r->dy + s * n->y.size + p * c, c * sizeof *rest);
            for (size_t ky = at.ky0; ky < at.ky1; ky++)
                for (size_t kx = at.kx0; kx < at.kx1; kx++) {
                    size_t here = ((at.top + ky) * w + at.left + kx) * c;
                    maxpool_give(dx + here, rest, x + here, top, c);
                }
        }
    }
}

static void avgpool_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = n->window.channels, w = n->window.in[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        for (size_t p = 0; p < n->window.out[0] * n->window.out[1]; p++) {
            pool_span at = pool_at(n, p / n->window.out[1], p % n->window.out[1]);
            real *y = (real *)r->y + s * n->y.size + p * c;
            real scale = 1 / (real)((at.ky1 - at.ky0) * (at.kx1 - at.kx0));
            memset(y, 0, c * sizeof *y);
            for (size_t ky = at.ky0; ky < at.ky1; ky++)
                for (size_t kx = at.kx0; kx < at.kx1; kx++) add(y, x + ((at.top + ky) * w + at.left + kx) * c, c);
            for (size_t i = 0; i < c; i++) y[i] *= scale;
        }
    }
}

static void avgpool_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->window.channels, w = n->window.in[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t p = 0; p < n->window.out[0] * n->window.out[1]; p++) {
            pool_span at = pool_at(n, p / n->window.out[1], p % n->window.out[1]);
            const real *dy = (const real *)r->dy + s * n->y.size + p * c;
            double share = 1.0 / (double)((at.ky1 - at.ky0) * (at.kx1 - at.kx0));
            for (size_t ky = at.ky0; ky < at.ky1; ky++)
                for (size_t kx = at.kx0; kx < at.kx1; kx++)
                    add_scaled(dx + ((at.top + ky) * w + at.left + kx) * c, dy, share, c);
        }
    }
}

static const nn_op maxpool1d_op = {
    .name = "max_pooling1d", .title = "MaxPooling1D", .min_in = 1, .max_in = 1,
    .shape = pool1d_shape, .forward = maxpool_forward, .backward = maxpool_backward,
};

static const nn_op avgpool1d_op = {
    .name = "average_pooling1d", .title = "AveragePooling1D", .min_in = 1, .max_in = 1,
    .shape = pool1d_shape, .forward = avgpool_forward, .backward = avgpool_backward,
};

static const nn_op maxpool2d_op = {
    .name = "max_pooling2d", .title = "MaxPooling2D", .min_in = 1, .max_in = 1,
    .shape = pool2d_shape, .forward = maxpool_forward, .backward = maxpool_backward,
};

static const nn_op avgpool2d_op = {
    .name = "average_pooling2d", .title = "AveragePooling2D", .min_in = 1, .max_in = 1,
    .shape = pool2d_shape, .forward = avgpool_forward, .backward = avgpool_backward,
};
