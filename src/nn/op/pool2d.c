/* pool2d.c - the largest or the mean value of a sliding window.          keras.layers.MaxPooling2D, AveragePooling2D
 *
 *   x [n, h, w, c]  ->  y [n, oh, ow, c]
 *
 * Windows that leave the image (padding same) see only what is inside: the maximum of it, or the mean over it. The
 * backward pass of the maximum looks for it again instead of storing where it was; of equal values the first gets the
 * gradient. Channels are the inner loop. */

static bool pool2d_shape(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    if (n->x[0].ndim != 3) return nn_fail(c, n, "needs [height, width, channel], got %d axes", n->x[0].ndim);
    for (int i = 0; i < 2; i++) {
        if (!l->kernel[i]) l->kernel[i] = 2;
        if (!l->strides[i]) l->strides[i] = l->kernel[i];
    }
    size_t h, w;
    if (!nn_window(c, n, 0, &h) || !nn_window(c, n, 1, &w)) return false;
    nn_shape_set(&n->y, 3, (size_t[]){ h, w, n->x[0].dim[2] });
    n->work = 2 * n->y.dim[2];
    n->cost = (double)n->y.size * l->kernel[0] * l->kernel[1] / 8;   /* no multiplications, and memory-bound */
    return true;
}

/* One output pixel's window: kernel rows [ky0, ky1) and columns [kx0, kx1) inside the image, whose input pixel for
 * (ky, kx) is (top + ky, left + kx); top and left may wrap below zero, the sums do not. */
typedef struct pool2d_span { size_t ky0, ky1, kx0, kx1, top, left; } pool2d_span;

static pool2d_span pool2d_at(const nn_node *n, size_t oy, size_t ox) {
    size_t out[2] = { oy, ox }, from[2], to[2], origin[2];
    for (int i = 0; i < 2; i++) {
        size_t start = out[i] * (size_t)n->layer.strides[i], k = (size_t)n->layer.kernel[i];
        size_t before = n->before[i], size = n->x[0].dim[i];
        from[i] = start < before ? before - start : 0;
        to[i] = BASE_MIN(k, before + size - start);
        origin[i] = start - before;
    }
    return (pool2d_span){ from[0], to[0], from[1], to[1], origin[0], origin[1] };
}

/* y = max(y, x), elementwise. */
static void maxpool2d_raise(real *restrict y, const real *restrict x, size_t c) {
    for (size_t i = 0; i < c; i++) y[i] = x[i] > y[i] ? x[i] : y[i];
}

static void maxpool2d_window(const nn_node *n, pool2d_span s, const real *x, real *y) {
    size_t c = n->x[0].dim[2], w = n->x[0].dim[1];
    memcpy(y, x + ((s.top + s.ky0) * w + s.left + s.kx0) * c, c * sizeof *y);
    for (size_t ky = s.ky0; ky < s.ky1; ky++)
        for (size_t kx = s.kx0; kx < s.kx1; kx++) maxpool2d_raise(y, x + ((s.top + ky) * w + s.left + kx) * c, c);
}

static void maxpool2d_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = n->y.dim[2];
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        for (size_t p = 0; p < n->y.dim[0] * n->y.dim[1]; p++)
            maxpool2d_window(n, pool2d_at(n, p / n->y.dim[1], p % n->y.dim[1]), x,
                             (real *)r->y + s * n->y.size + p * c);
    }
}

/* Where x is the maximum, the rest of the gradient goes there and nothing is left for later pixels. */
static void maxpool2d_give(real *restrict dx, real *restrict rest, const real *restrict x, const real *restrict top,
                           size_t c) {
    for (size_t i = 0; i < c; i++) {
        real share = x[i] == top[i] ? rest[i] : 0;
        dx[i] += share;
        rest[i] -= share;
    }
}

static void maxpool2d_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->y.dim[2], w = n->x[0].dim[1];
    real *top = r->work, *rest = top + c;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t p = 0; p < n->y.dim[0] * n->y.dim[1]; p++) {
            pool2d_span at = pool2d_at(n, p / n->y.dim[1], p % n->y.dim[1]);
            maxpool2d_window(n, at, x, top);
            memcpy(rest, (const real *)r->dy + s * n->y.size + p * c, c * sizeof *rest);
            for (size_t ky = at.ky0; ky < at.ky1; ky++)
                for (size_t kx = at.kx0; kx < at.kx1; kx++) {
                    size_t here = ((at.top + ky) * w + at.left + kx) * c;
                    maxpool2d_give(dx + here, rest, x + here, top, c);
                }
        }
    }
}

static void avgpool2d_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = n->y.dim[2], w = n->x[0].dim[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        for (size_t p = 0; p < n->y.dim[0] * n->y.dim[1]; p++) {
            pool2d_span at = pool2d_at(n, p / n->y.dim[1], p % n->y.dim[1]);
            real *y = (real *)r->y + s * n->y.size + p * c;
            real scale = 1 / (real)((at.ky1 - at.ky0) * (at.kx1 - at.kx0));
            memset(y, 0, c * sizeof *y);
            for (size_t ky = at.ky0; ky < at.ky1; ky++)
                for (size_t kx = at.kx0; kx < at.kx1; kx++) add(y, x + ((at.top + ky) * w + at.left + kx) * c, c);
            for (size_t i = 0; i < c; i++) y[i] *= scale;
        }
    }
}

static void avgpool2d_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->y.dim[2], w = n->x[0].dim[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t p = 0; p < n->y.dim[0] * n->y.dim[1]; p++) {
            pool2d_span at = pool2d_at(n, p / n->y.dim[1], p % n->y.dim[1]);
            const real *dy = (const real *)r->dy + s * n->y.size + p * c;
            double share = 1.0 / (double)((at.ky1 - at.ky0) * (at.kx1 - at.kx0));
            for (size_t ky = at.ky0; ky < at.ky1; ky++)
                for (size_t kx = at.kx0; kx < at.kx1; kx++)
                    add_scaled(dx + ((at.top + ky) * w + at.left + kx) * c, dy, share, c);
        }
    }
}

static const nn_op maxpool2d_op = {
    .name = "max_pooling2d", .title = "MaxPooling2D", .min_in = 1, .max_in = 1,
    .shape = pool2d_shape, .forward = maxpool2d_forward, .backward = maxpool2d_backward,
};

static const nn_op avgpool2d_op = {
    .name = "average_pooling2d", .title = "AveragePooling2D", .min_in = 1, .max_in = 1,
    .shape = pool2d_shape, .forward = avgpool2d_forward, .backward = avgpool2d_backward,
};
