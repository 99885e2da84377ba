/* pool.c - the largest or the mean value of a sliding window.
 *                                                                   keras.layers.MaxPooling1D, AveragePooling2D, ...
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
    n->cost = (double)n->y.size * (double)(n->window.kernel[0] * n->window.kernel[1]) / 8;   /* memory-bound */
    return true;
}

static bool pool1d_shape(sori_ctx *c, nn_node *n) { return pool_shape(c, n, 1); }
static bool pool2d_shape(sori_ctx *c, nn_node *n) { return pool_shape(c, n, 2); }

/* One output pixel's window: kernel rows [ky0, ky1) and columns [kx0, kx1) inside the image, whose input pixel for
 * (ky, kx) is (top + ky, left + kx); top and left may wrap below zero, the sums do not. */
typedef struct pool_span { size_t ky0, ky1, kx0, kx1, top, left; } pool_span;

INLINE pool_span pool_at(const nn_window *w, size_t oy, size_t ox) {
    size_t top = oy * w->stride[0], left = ox * w->stride[1];
    return (pool_span){ .ky0 = top < w->before[0] ? w->before[0] - top : 0,
                        .ky1 = BASE_MIN(w->kernel[0], w->before[0] + w->in[0] - top),
                        .kx0 = left < w->before[1] ? w->before[1] - left : 0,
                        .kx1 = BASE_MIN(w->kernel[1], w->before[1] + w->in[1] - left),
                        .top = top - w->before[0], .left = left - w->before[1] };
}

/* One output pixel's window, the image's width and channels: what the passes below have in common. */
typedef struct pool_window { const real *x; pool_span s; size_t row, c; } pool_window;

INLINE size_t pool_tap(const pool_window *w, size_t ky, size_t kx) {
    return (w->s.top + ky) * w->row + (w->s.left + kx) * w->c;
}

INLINE vec pool_largest(vec a, vec b) { return (vec)choose((int_vector)(a > b), (vector)a, (vector)b); }

/* The maximum of LANES channels from i on, over a window of down x across pixels: constants for the usual ones. */
INLINE vec maxpool_of(const pool_window *w, size_t i, size_t down, size_t across) {
    const real *x = w->x + pool_tap(w, w->s.ky0, w->s.kx0) + i;
    vec best = load(x);
#pragma GCC unroll 3
    for (size_t ky = 0; ky < down; ky++)
#pragma GCC unroll 3
        for (size_t kx = 0; kx < across; kx++) best = pool_largest(load(x + ky * w->row + kx * w->c), best);
    return best;
}

INLINE vec maxpool_vector(const pool_window *w, size_t i) {
    size_t down = w->s.ky1 - w->s.ky0, across = w->s.kx1 - w->s.kx0;
    if (down == 3 && across == 3) return maxpool_of(w, i, 3, 3);
    if (down == 2 && across == 2) return maxpool_of(w, i, 2, 2);
    return maxpool_of(w, i, down, across);
}

INLINE real maxpool_value(const pool_window *w, size_t i) {
    real best = w->x[pool_tap(w, w->s.ky0, w->s.kx0) + i];
    for (size_t ky = w->s.ky0; ky < w->s.ky1; ky++)
        for (size_t kx = w->s.kx0; kx < w->s.kx1; kx++) {
            real v = w->x[pool_tap(w, ky, kx) + i];
            best = v > best ? v : best;
        }
    return best;
}

/* Call body for every output pixel p of every sample, with its window w. */
#define POOL_PIXELS(r, w, body) do { \
        const nn_window pool_win = (r)->node->window; \
        size_t pool_pixels = pool_win.out[0] * pool_win.out[1], c = pool_win.channels; \
        for (size_t sample = (r)->n0; sample < (r)->n1; sample++) { \
            pool_window w = { .x = (const real *)(r)->x[0] + sample * (r)->node->x[0].size, \
                              .row = pool_win.in[1] * c, .c = c }; \
            for (size_t oy = 0, p = 0; oy < pool_win.out[0]; oy++) \
                for (size_t ox = 0; ox < pool_win.out[1]; ox++, p++) { \
                    w.s = pool_at(&pool_win, oy, ox); \
                    body \
                } \
        } \
    } while (0)

static void maxpool_forward(const nn_run *r) {
    POOL_PIXELS(r, w, {
        real *y = (real *)r->y + (sample * pool_pixels + p) * c;
        size_t i = 0;
        for (; i + LANES <= c; i += LANES) store(y + i, maxpool_vector(&w, i));
        for (; i < c; i++) y[i] = maxpool_value(&w, i);
    });
}

/* Where x is the maximum, the rest of the gradient goes there and nothing is left for later pixels. */
INLINE void maxpool_give(const pool_window *w, size_t i, vec rest, real *dx, size_t down, size_t across) {
    vec best = maxpool_of(w, i, down, across), none = { 0 };
    size_t first = pool_tap(w, w->s.ky0, w->s.kx0) + i;
#pragma GCC unroll 3
    for (size_t ky = 0; ky < down; ky++)
#pragma GCC unroll 3
        for (size_t kx = 0; kx < across; kx++) {
            size_t at = first + ky * w->row + kx * w->c;
            int_vector here = (int_vector)(load(w->x + at) == best);
            store(dx + at, load(dx + at) + (vec)choose(here, (vector)rest, (vector)none));
            rest = (vec)choose(here, (vector)none, (vector)rest);
        }
}

INLINE void maxpool_give_vector(const pool_window *w, size_t i, vec rest, real *dx) {
    size_t down = w->s.ky1 - w->s.ky0, across = w->s.kx1 - w->s.kx0;
    if (down == 3 && across == 3) maxpool_give(w, i, rest, dx, 3, 3);
    else if (down == 2 && across == 2) maxpool_give(w, i, rest, dx, 2, 2);
    else maxpool_give(w, i, rest, dx, down, across);
}

static void maxpool_give_value(const pool_window *w, size_t i, real dy, real *dx) {
    real best = maxpool_value(w, i);
    for (size_t ky = w->s.ky0; ky < w->s.ky1; ky++)
        for (size_t kx = w->s.kx0; kx < w->s.kx1; kx++)
            if (w->x[pool_tap(w, ky, kx) + i] == best) {
                dx[pool_tap(w, ky, kx) + i] += dy;
                return;
            }
}

static void maxpool_backward(const nn_run *r) {
    if (!r->dx[0]) return;
    size_t size = r->node->x[0].size;
    memset((real *)r->dx[0] + r->n0 * size, 0, (r->n1 - r->n0) * size * sizeof(real));
    POOL_PIXELS(r, w, {
        const real *dy = (const real *)r->dy + (sample * pool_pixels + p) * c;
        real *dx = (real *)r->dx[0] + sample * size;
        size_t i = 0;
        for (; i + LANES <= c; i += LANES) maxpool_give_vector(&w, i, load(dy + i), dx);
        for (; i < c; i++) maxpool_give_value(&w, i, dy[i], dx);
    });
}

INLINE real avgpool_scale(const pool_span *s) { return 1 / (real)((s->ky1 - s->ky0) * (s->kx1 - s->kx0)); }

static void avgpool_forward(const nn_run *r) {
    POOL_PIXELS(r, w, {
        real *y = (real *)r->y + (sample * pool_pixels + p) * c;
        real scale = avgpool_scale(&w.s);
        memset(y, 0, c * sizeof *y);
        for (size_t ky = w.s.ky0; ky < w.s.ky1; ky++)
            for (size_t kx = w.s.kx0; kx < w.s.kx1; kx++) add(y, w.x + pool_tap(&w, ky, kx), c);
        for (size_t i = 0; i < c; i++) y[i] *= scale;
    });
}

static void avgpool_backward(const nn_run *r) {
    if (!r->dx[0]) return;
    size_t size = r->node->x[0].size;
    memset((real *)r->dx[0] + r->n0 * size, 0, (r->n1 - r->n0) * size * sizeof(real));
    POOL_PIXELS(r, w, {
        const real *dy = (const real *)r->dy + (sample * pool_pixels + p) * c;
        real *dx = (real *)r->dx[0] + sample * size;
        double share = (double)avgpool_scale(&w.s);
        for (size_t ky = w.s.ky0; ky < w.s.ky1; ky++)
            for (size_t kx = w.s.kx0; kx < w.s.kx1; kx++) add_scaled(dx + pool_tap(&w, ky, kx), dy, share, c);
    });
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
