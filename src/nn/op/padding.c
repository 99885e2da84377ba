/* padding.c - zeros around an image or before and after in time, and the same cut away.
 *                                      keras.layers.ZeroPadding1D, ZeroPadding2D, Cropping1D, Cropping2D
 *   x [n, h, w, c]  ->  y [n, top + h + bottom, left + w + right, c]        zero padding
 *                   ->  y [n, h - top - bottom, w - left - right, c]        cropping
 *
 * .pad 0 is Keras's default: 1 on every side, but nothing cut from images. One is the other's backward pass: rows are
 * copied between the small image and its place in the large one. Memory-bound. */

/* before becomes the small image's place in the large one. sign: 1 adds zeros, -1 cuts. */
static bool padding_shape(sori_ctx *c, nn_node *n, int sign, int standard) {
    sori_layer *l = &n->layer;
    int axes = n->x[0].ndim == 2 ? 1 : 2;
    if (!nn_image_set(c, n, axes)) return false;
    bool given = false;
    for (int i = 0; i < 2 * axes; i++) given |= l->pad[i] > 0;
    for (int i = 0; i < 2 * axes && !given; i++) l->pad[i] = standard;
    n->y = n->x[0];
    for (int i = 0; i < axes; i++) {
        int to = i + 2 - axes;
        size_t both = (size_t)l->pad[2 * i] + (size_t)l->pad[2 * i + 1];
        if (sign < 0 && both >= n->window.in[to])
            return nn_fail(c, n, "pad %d + %d leaves nothing of %zu", l->pad[2 * i], l->pad[2 * i + 1],
                           n->window.in[to]);
        n->window.before[to] = (size_t)l->pad[2 * i];
        n->window.out[to] = sign < 0 ? n->window.in[to] - both : n->window.in[to] + both;
        n->y.dim[i] = n->window.out[to];
    }
    n->cost = (double)n->window.out[0] * (double)n->window.out[1] * (double)n->window.channels;
    return true;
}

static bool zero_padding_shape(sori_ctx *c, nn_node *n) { return padding_shape(c, n, 1, 1); }
static bool cropping_shape(sori_ctx *c, nn_node *n) { return padding_shape(c, n, -1, n->x[0].ndim == 2); }

/* A small image [h, w] at its place within a large one, whose rows are `wide` values. */
typedef struct padding_place { size_t h, w, wide, at, large; } padding_place;

static padding_place padding_place_of(const nn_window *g, const size_t *small, const size_t *large) {
    size_t wide = large[1] * g->channels;
    return (padding_place){ small[0], small[1] * g->channels, wide, g->before[0] * wide + g->before[1] * g->channels,
                            large[0] * wide };
}

/* Zeros, and the small image in them. */
static void padding_put(const padding_place *p, const real *small, real *large) {
    memset(large, 0, p->large * sizeof *large);
    for (size_t i = 0; i < p->h; i++) memcpy(large + p->at + i * p->wide, small + i * p->w, p->w * sizeof *large);
}

static void padding_cut(const padding_place *p, const real *large, real *small) {
    for (size_t i = 0; i < p->h; i++) memcpy(small + i * p->w, large + p->at + i * p->wide, p->w * sizeof *small);
}

static void zero_padding_forward(const nn_run *r) {
    const nn_node *n = r->node;
    padding_place p = padding_place_of(&n->window, n->window.in, n->window.out);
    for (size_t s = r->n0; s < r->n1; s++)
        padding_put(&p, (const real *)r->x[0] + s * n->x[0].size, (real *)r->y + s * n->y.size);
}

static void zero_padding_backward(const nn_run *r) {
    const nn_node *n = r->node;
    padding_place p = padding_place_of(&n->window, n->window.in, n->window.out);
    for (size_t s = r->n0; r->dx[0] && s < r->n1; s++)
        padding_cut(&p, (const real *)r->dy + s * n->y.size, (real *)r->dx[0] + s * n->x[0].size);
}

static void cropping_forward(const nn_run *r) {
    const nn_node *n = r->node;
    padding_place p = padding_place_of(&n->window, n->window.out, n->window.in);
    for (size_t s = r->n0; s < r->n1; s++)
        padding_cut(&p, (const real *)r->x[0] + s * n->x[0].size, (real *)r->y + s * n->y.size);
}

static void cropping_backward(const nn_run *r) {
    const nn_node *n = r->node;
    padding_place p = padding_place_of(&n->window, n->window.out, n->window.in);
    for (size_t s = r->n0; r->dx[0] && s < r->n1; s++)
        padding_put(&p, (const real *)r->dy + s * n->y.size, (real *)r->dx[0] + s * n->x[0].size);
}

static const nn_op zero_padding_op = {
    .name = "zero_padding", .title = "ZeroPadding", .min_in = 1, .max_in = 1,
    .shape = zero_padding_shape, .forward = zero_padding_forward, .backward = zero_padding_backward,
};

static const nn_op cropping_op = {
    .name = "cropping", .title = "Cropping", .min_in = 1, .max_in = 1,
    .shape = cropping_shape, .forward = cropping_forward, .backward = cropping_backward,
};
