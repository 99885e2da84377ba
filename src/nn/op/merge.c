/* merge.c - several inputs into one: side by side along an axis, their sum or their product.
 *                                                                    keras.layers.Concatenate, Add, Multiply */

static bool concat_shape(sori_ctx *c, nn_node *n) {
    if (!nn_axis_check(c, n)) return false;
    n->y = n->x[0];
    int axis = (int)nn_axis(n);
    for (int k = 1; k < n->n_in; k++) {
        bool fits = n->x[k].ndim == n->y.ndim;
        for (int i = 0; fits && i < n->y.ndim; i++) fits = i == axis || n->x[k].dim[i] == n->y.dim[i];
        if (!fits && !n->layer.axis)
            return nn_fail(c, n, "input %d differs from the first in more than the last axis", k + 1);
        if (!fits) return nn_fail(c, n, "input %d differs from the first in more than axis %d", k + 1, axis + 1);
        n->y.dim[axis] += n->x[k].dim[axis];
    }
    return true;
}

static bool add_shape(sori_ctx *c, nn_node *n) {
    n->y = n->x[0];
    for (int k = 1; k < n->n_in; k++) {
        bool fits = n->x[k].ndim == n->y.ndim;
        for (int i = 0; fits && i < n->y.ndim; i++) fits = n->x[k].dim[i] == n->y.dim[i];
        if (!fits) return nn_fail(c, n, "input %d has another shape than the first", k + 1);
    }
    return true;
}

/* Copy between the inputs and their places in the output, the same walk forward and backward: seen from the axes before
 * .axis, each is rows of as many values as lie along it and behind it. */
static void concat_walk(const nn_run *r, bool backward) {
    const nn_node *n = r->node;
    size_t axis = nn_axis(n), behind = nn_behind(&n->y, axis), width = n->y.dim[axis] * behind;
    size_t r0 = r->n0 * (n->y.size / width), r1 = r->n1 * (n->y.size / width), at = 0;
    for (int k = 0; k < n->n_in; k++) {
        size_t w = n->x[k].dim[axis] * behind;
        for (size_t i = r0; i < r1; i++) {
            if (!backward) memcpy((real *)r->y + i * width + at, (const real *)r->x[k] + i * w, w * sizeof(real));
            else if (r->dx[k])
                memcpy((real *)r->dx[k] + i * w, (const real *)r->dy + i * width + at, w * sizeof(real));
        }
        at += w;
    }
}

static void concat_forward(const nn_run *r) { concat_walk(r, false); }
static void concat_backward(const nn_run *r) { concat_walk(r, true); }

static void add_forward(const nn_run *r) {
    size_t per = r->node->y.size, first = r->n0 * per, n = (r->n1 - r->n0) * per;
    real *y = (real *)r->y + first;
    memcpy(y, (const real *)r->x[0] + first, n * sizeof *y);
    for (int k = 1; k < r->node->n_in; k++) add(y, (const real *)r->x[k] + first, n);
}

static void add_backward(const nn_run *r) {
    size_t per = r->node->y.size, first = r->n0 * per, n = (r->n1 - r->n0) * per;
    for (int k = 0; k < r->node->n_in; k++)
        if (r->dx[k]) memcpy((real *)r->dx[k] + first, (const real *)r->dy + first, n * sizeof(real));
}

static void multiply_by(real *restrict to, const real *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] *= from[i];
}

static void multiply_forward(const nn_run *r) {
    size_t per = r->node->y.size, first = r->n0 * per, n = (r->n1 - r->n0) * per;
    real *y = (real *)r->y + first;
    memcpy(y, (const real *)r->x[0] + first, n * sizeof *y);
    for (int k = 1; k < r->node->n_in; k++) multiply_by(y, (const real *)r->x[k] + first, n);
}

/* dx of one input is dy times the others; y / x would fail at zeros. */
static void multiply_backward(const nn_run *r) {
    size_t per = r->node->y.size, first = r->n0 * per, n = (r->n1 - r->n0) * per;
    for (int k = 0; k < r->node->n_in; k++) {
        if (!r->dx[k]) continue;
        real *dx = (real *)r->dx[k] + first;
        memcpy(dx, (const real *)r->dy + first, n * sizeof *dx);
        for (int j = 0; j < r->node->n_in; j++)
            if (j != k) multiply_by(dx, (const real *)r->x[j] + first, n);
    }
}

static const nn_op concat_op = {
    .name = "concatenate", .title = "Concatenate", .min_in = 2, .max_in = SORI_MAX_FROM,
    .shape = concat_shape, .forward = concat_forward, .backward = concat_backward,
};

static const nn_op add_op = {
    .name = "add", .title = "Add", .min_in = 2, .max_in = SORI_MAX_FROM,
    .shape = add_shape, .forward = add_forward, .backward = add_backward,
};

static const nn_op multiply_op = {
    .name = "multiply", .title = "Multiply", .min_in = 2, .max_in = SORI_MAX_FROM,
    .shape = add_shape, .forward = multiply_forward, .backward = multiply_backward,
};
