/* merge.c - several inputs into one: side by side along the last axis, or their sum.  keras.layers.Concatenate, Add */

static bool concat_shape(sori_ctx *c, nn_node *n) {
    n->y = n->x[0];
    int last = n->y.ndim - 1;
    for (int k = 1; k < n->n_in; k++) {
        bool fits = n->x[k].ndim == n->y.ndim;
        for (int i = 0; fits && i < last; i++) fits = n->x[k].dim[i] == n->y.dim[i];
        if (!fits) return nn_fail(c, n, "input %d differs from the first in more than the last axis", k + 1);
        n->y.dim[last] += n->x[k].dim[last];
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

/* Copy between the inputs' columns and the output's: the same walk forward and backward. */
static void concat_walk(const nn_run *r, bool backward) {
    const nn_node *n = r->node;
    size_t width = n->y.dim[n->y.ndim - 1], per_sample = n->y.size / width, at = 0;
    size_t r0 = r->n0 * per_sample, r1 = r->n1 * per_sample;
    for (int k = 0; k < n->n_in; k++) {
        size_t w = n->x[k].dim[n->x[k].ndim - 1];
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

static const nn_op concat_op = {
    .name = "concatenate", .title = "Concatenate", .min_in = 2, .max_in = SORI_MAX_FROM,
    .shape = concat_shape, .forward = concat_forward, .backward = concat_backward,
};

static const nn_op add_op = {
    .name = "add", .title = "Add", .min_in = 2, .max_in = SORI_MAX_FROM,
    .shape = add_shape, .forward = add_forward, .backward = add_backward,
};
