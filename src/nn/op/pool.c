/* pool.c - the largest or the mean value of a sliding window.
 *                                                                   keras.layers.MaxPooling1D, AveragePooling2D, ...
 *   x [n, h, w, c]  ->  y [n, oh, ow, c]          x [n, t, c] is an image of height 1
 *
 * Windows that leave the image (padding same) see only what is inside: the maximum of it, or the mean over it. Training
 * keeps where in its window each maximum was, of equal values the first; back, every pixel of x takes the gradients of
 * the maxima that it was, so that dx is written once. A maximum that a ReLU made 0 was nowhere: that ReLU needs no
 * backward pass of its own. Channels are the inner loop. */

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

static bool maxpool_shape(sori_ctx *c, nn_node *n, int axes) {
    if (!pool_shape(c, n, axes)) return false;
    n->stash_reals = n->y.size;   /* integers of that size */
    return true;
}

static bool maxpool1d_shape(sori_ctx *c, nn_node *n) { return maxpool_shape(c, n, 1); }
static bool maxpool2d_shape(sori_ctx *c, nn_node *n) { return maxpool_shape(c, n, 2); }

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

/* One output pixel's window, values in a row of the image and taps in one of the kernel: what the passes share. */
typedef struct pool_window { const real *x; pool_span s; size_t row, kernel_row, c; } pool_window;

INLINE size_t pool_tap(const pool_window *w, size_t ky, size_t kx) {
    return (w->s.top + ky) * w->row + (w->s.left + kx) * w->c;
}

/* A window's maximum and its place, the kernel's taps being numbered row by row. */
typedef struct pool_best { vec value; int_vector tap; } pool_best;

INLINE int_vector pool_splat(INT x) { return (int_vector){ 0 } + x; }

INLINE void pool_better(pool_best *best, vec v, INT tap) {
    int_vector here = (int_vector)(v > best->value);
    best->value = larger(v, best->value);
    best->tap = (here & pool_splat(tap)) | (~here & best->tap);
}

/* Of LANES channels from i on, over a window of down x across pixels: constants for the usual ones. */
INLINE pool_best maxpool_of(const pool_window *w, size_t i, size_t down, size_t across) {
    const real *x = w->x + pool_tap(w, w->s.ky0, w->s.kx0) + i;
    size_t first = w->s.ky0 * w->kernel_row + w->s.kx0;
    pool_best best = { load(x), pool_splat((INT)first) };
#pragma GCC unroll 3
    for (size_t ky = 0; ky < down; ky++)
#pragma GCC unroll 3
        for (size_t kx = 0; kx < across; kx++)
            pool_better(&best, load(x + ky * w->row + kx * w->c), (INT)(first + ky * w->kernel_row + kx));
    return best;
}

INLINE pool_best maxpool_vector(const pool_window *w, size_t i) {
    size_t down = w->s.ky1 - w->s.ky0, across = w->s.kx1 - w->s.kx0;
    if (down == 3 && across == 3) return maxpool_of(w, i, 3, 3);
    if (down == 3 && across == 2) return maxpool_of(w, i, 3, 2);
    if (down == 2 && across == 2) return maxpool_of(w, i, 2, 2);
    return maxpool_of(w, i, down, across);
}

/* Of one channel. */
INLINE real maxpool_value(const pool_window *w, size_t i, INT *tap) {
    real best = w->x[pool_tap(w, w->s.ky0, w->s.kx0) + i];
    *tap = (INT)(w->s.ky0 * w->kernel_row + w->s.kx0);
    for (size_t ky = w->s.ky0; ky < w->s.ky1; ky++)
        for (size_t kx = w->s.kx0; kx < w->s.kx1; kx++) {
            real v = w->x[pool_tap(w, ky, kx) + i];
            if (!(v > best)) continue;
            best = v;
            *tap = (INT)(ky * w->kernel_row + kx);
        }
    return best;
}

/* Call body for every output pixel p of every sample, with its window w. */
#define POOL_PIXELS(r, w, body) do { \
        const nn_window pool_win = (r)->node->window; \
        size_t pool_pixels = pool_win.out[0] * pool_win.out[1], c = pool_win.channels; \
        for (size_t sample = (r)->n0; sample < (r)->n1; sample++) { \
            pool_window w = { .x = (const real *)(r)->x[0] + sample * (r)->node->x[0].size, \
                              .row = pool_win.in[1] * c, .kernel_row = pool_win.kernel[1], .c = c }; \
            for (size_t oy = 0, p = 0; oy < pool_win.out[0]; oy++) \
                for (size_t ox = 0; ox < pool_win.out[1]; ox++, p++) { \
                    w.s = pool_at(&pool_win, oy, ox); \
                    body \
                } \
        } \
    } while (0)

/* y of a pixel; tap, where it was found, NULL: not wanted. slopes: 0 was found nowhere. */
INLINE void maxpool_pixel(const pool_window *w, real *y, INT *tap, bool slopes) {
    size_t i = 0;
    for (; i + LANES <= w->c; i += LANES) {
        pool_best best = maxpool_vector(w, i);
        store(y + i, best.value);
        if (slopes) best.tap |= ~(int_vector)(best.value > 0);
        if (tap) store((real *)(tap + i), (vec)best.tap);
    }
    for (INT at; i < w->c; i++) {
        y[i] = maxpool_value(w, i, &at);
        if (tap) tap[i] = slopes && !(y[i] > 0) ? -1 : at;
    }
}

static void maxpool_forward(const nn_run *r) {
    bool training = r->pass->training;
    POOL_PIXELS(r, w, {
        size_t at = (sample * pool_pixels + p) * c;
        maxpool_pixel(&w, (real *)r->y + at, training ? (INT *)r->stash + at : NULL, r->node->slopes);
    });
}

/* Along one axis, the windows [first, end) that hold a pixel and its place in the first; in the next it is a stride
 * less. Going on to the pixel's neighbour moves both ends. */
typedef struct pool_cover { size_t first, end, place; } pool_cover;

INLINE void pool_cover_move(pool_cover *v, const nn_window *w, int axis, size_t pixel) {
    size_t at = pixel + w->before[axis], stride = w->stride[axis];
    while (v->end < w->out[axis] && v->end * stride <= at) v->end++;
    while (v->first < v->end && v->first * stride + w->kernel[axis] <= at) v->first++;
    v->place = at - v->first * stride;
}

/* What dx of a pixel is made of: dy and the taps of one sample, and the windows that hold the pixel. */
typedef struct pool_back { const real *dy; const INT *tap; pool_cover y, x; } pool_back;

/* dx of LANES channels from i on, by so many vectors. */
INLINE void maxpool_take(const nn_window *w, const pool_back *b, size_t i, real *dx, const int vectors) {
    vec sum[2] = { { 0 }, { 0 } };
    for (size_t oy = b->y.first, ky = b->y.place; oy < b->y.end; oy++, ky -= w->stride[0])
        for (size_t ox = b->x.first, kx = b->x.place; ox < b->x.end; ox++, kx -= w->stride[1]) {
            size_t at = (oy * w->out[1] + ox) * w->channels + i;
            int_vector tap = pool_splat((INT)(ky * w->kernel[1] + kx));
#pragma GCC unroll 2
            for (size_t j = 0; j < (size_t)vectors; j++, at += LANES) {
                int_vector here = (int_vector)load((const real *)(b->tap + at)) == tap;
                sum[j] += (vec)(here & (int_vector)load(b->dy + at));
            }
        }
#pragma GCC unroll 2
    for (size_t j = 0; j < (size_t)vectors; j++) store(dx + i + j * LANES, sum[j]);
}

/* The same of one channel. */
INLINE real maxpool_take_value(const nn_window *w, const pool_back *b, size_t i) {
    real sum = 0;
    for (size_t oy = b->y.first, ky = b->y.place; oy < b->y.end; oy++, ky -= w->stride[0])
        for (size_t ox = b->x.first, kx = b->x.place; ox < b->x.end; ox++, kx -= w->stride[1]) {
            size_t at = (oy * w->out[1] + ox) * w->channels + i;
            if (b->tap[at] == (INT)(ky * w->kernel[1] + kx)) sum += b->dy[at];
        }
    return sum;
}

static void maxpool_backward(const nn_run *r) {
    if (!r->dx[0]) return;
    const nn_window w = r->node->window;
    size_t c = w.channels;
    for (size_t s = r->n0; s < r->n1; s++) {
        real *dx = (real *)r->dx[0] + s * r->node->x[0].size;
        pool_back b = { .dy = (const real *)r->dy + s * r->node->y.size,
                        .tap = (const INT *)r->stash + s * r->node->y.size };
        for (size_t y = 0; y < w.in[0]; y++) {
            pool_cover_move(&b.y, &w, 0, y);
            b.x = (pool_cover){ 0 };
            for (size_t x = 0; x < w.in[1]; x++, dx += c) {
                pool_cover_move(&b.x, &w, 1, x);
                size_t i = 0;
                for (; i + 2 * LANES <= c; i += 2 * LANES) maxpool_take(&w, &b, i, dx, 2);
                for (; i + LANES <= c; i += LANES) maxpool_take(&w, &b, i, dx, 1);
                for (; i < c; i++) dx[i] = maxpool_take_value(&w, &b, i);
            }
        }
    }
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
    .name = "max_pooling1d", .title = "MaxPooling1D", .min_in = 1, .max_in = 1, .spares = true, .slopes = true,
    .shape = maxpool1d_shape, .forward = maxpool_forward, .backward = maxpool_backward,
};

static const nn_op avgpool1d_op = {
    .name = "average_pooling1d", .title = "AveragePooling1D", .min_in = 1, .max_in = 1,
    .shape = pool1d_shape, .forward = avgpool_forward, .backward = avgpool_backward,
};

static const nn_op maxpool2d_op = {
    .name = "max_pooling2d", .title = "MaxPooling2D", .min_in = 1, .max_in = 1, .spares = true, .slopes = true,
    .shape = maxpool2d_shape, .forward = maxpool_forward, .backward = maxpool_backward,
};

static const nn_op avgpool2d_op = {
    .name = "average_pooling2d", .title = "AveragePooling2D", .min_in = 1, .max_in = 1,
    .shape = pool2d_shape, .forward = avgpool_forward, .backward = avgpool_backward,
};
