/* permute.c - the axes of a sample in another order.                                       keras.layers.Permute
 *
 *   .shape = { 2, 1, 3 }:  x [n, h, w, c]  ->  y [n, w, h, c];  axes are counted from 1, the batch's axis stays
 *
 * y is walked in its order, x in strides; where the last axis stays last its values are copied together. */

static bool permute_shape(sori_ctx *c, nn_node *n) {
    unsigned seen = 0;
    int ndim = n->x[0].ndim;
    n->y = n->x[0];
    for (int i = 0; i < ndim; i++) {
        int axis = n->layer.shape[i];
        if (axis < 1 || axis > ndim || (seen >> axis & 1))
            return nn_fail(c, n, "the axes must be 1..%d in some order, number %d is %d", ndim, i + 1, axis);
        seen |= 1u << axis;
        n->y.dim[i] = n->x[0].dim[axis - 1];
    }
    for (int i = ndim; i < 4; i++)
        if (n->layer.shape[i]) return nn_fail(c, n, "more axes than the input's %d", ndim);
    n->cost = (double)n->x[0].size;
    return true;
}

/* y's sizes, and how far apart its neighbours along each axis are in x; axes of size 1 in front make it four. */
typedef struct permute_walk { size_t dim[4], step[4]; } permute_walk;

static permute_walk permute_walk_of(const nn_node *n) {
    permute_walk w = { { 1, 1, 1, 1 }, { 0 } };
    int ndim = n->y.ndim;
    for (int i = 0; i < ndim; i++) {
        w.dim[4 - ndim + i] = n->y.dim[i];
        w.step[4 - ndim + i] = nn_behind(&n->x[0], (size_t)n->layer.shape[i] - 1);
    }
    return w;
}

static size_t permute_rows(const permute_walk *w) { return w->dim[0] * w->dim[1] * w->dim[2]; }

/* Where in x row number i of y begins. */
INLINE size_t permute_place(const permute_walk *w, size_t i) {
    return i / w->dim[2] / w->dim[1] * w->step[0] + i / w->dim[2] % w->dim[1] * w->step[1] + i % w->dim[2] * w->step[2];
}

static void permute_forward(const nn_run *r) {
    size_t size = r->node->y.size;
    permute_walk w = permute_walk_of(r->node);
    size_t run = w.dim[3], step = w.step[3];
    real *y = (real *)r->y + r->n0 * size;
    for (size_t s = r->n0; s < r->n1; s++)
        for (size_t i = 0; i < permute_rows(&w); i++, y += run) {
            const real *x = (const real *)r->x[0] + s * size + permute_place(&w, i);
            if (step == 1) memcpy(y, x, run * sizeof *y);
            else for (size_t k = 0; k < run; k++) y[k] = x[k * step];
        }
}

static void permute_backward(const nn_run *r) {
    size_t size = r->node->y.size;
    if (!r->dx[0]) return;
    permute_walk w = permute_walk_of(r->node);
    size_t run = w.dim[3], step = w.step[3];
    const real *dy = (const real *)r->dy + r->n0 * size;
    for (size_t s = r->n0; s < r->n1; s++)
        for (size_t i = 0; i < permute_rows(&w); i++, dy += run) {
            real *dx = (real *)r->dx[0] + s * size + permute_place(&w, i);
            if (step == 1) memcpy(dx, dy, run * sizeof *dx);
            else for (size_t k = 0; k < run; k++) dx[k * step] = dy[k];
        }
}

static const nn_op permute_op = {
    .name = "permute", .title = "Permute", .min_in = 1, .max_in = 1,
    .shape = permute_shape, .forward = permute_forward, .backward = permute_backward,
};
