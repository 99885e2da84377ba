/* reshape.c - the same values in another shape.                               keras.layers.Flatten, Reshape
 *
 * Where the input has no other reader the plan lets both share memory and nothing is run; else it is a copy. */

static bool flatten_shape(sori_ctx *c, nn_node *n) {
    (void)c;
    nn_shape_set(&n->y, 1, (size_t[]){ n->x[0].size });
    return true;
}

static bool reshape_shape(sori_ctx *c, nn_node *n) {
    size_t dim[4], size = 1;
    int ndim = 0;
    for (; ndim < 4 && n->layer.shape[ndim] > 0; ndim++) {
        dim[ndim] = (size_t)n->layer.shape[ndim];
        if (base_mul_overflows(size, dim[ndim], &size)) break;
    }
    if (ndim == 0 || size != n->x[0].size)
        return nn_fail(c, n, "the target shape holds %zu values, the input %zu", size, n->x[0].size);
    nn_shape_set(&n->y, ndim, dim);
    return true;
}

static void reshape_forward(const nn_run *r) {
    size_t per = r->node->y.size;
    memcpy((real *)r->y + r->n0 * per, (const real *)r->x[0] + r->n0 * per, (r->n1 - r->n0) * per * sizeof(real));
}

static void reshape_backward(const nn_run *r) {
    size_t per = r->node->y.size;
    if (!r->dx[0]) return;
    memcpy((real *)r->dx[0] + r->n0 * per, (const real *)r->dy + r->n0 * per, (r->n1 - r->n0) * per * sizeof(real));
}

static const nn_op flatten_op = {
    .name = "flatten", .title = "Flatten", .min_in = 1, .max_in = 1, .alias = true,
    .shape = flatten_shape, .forward = reshape_forward, .backward = reshape_backward,
};

static const nn_op reshape_op = {
    .name = "reshape", .title = "Reshape", .min_in = 1, .max_in = 1, .alias = true,
    .shape = reshape_shape, .forward = reshape_forward, .backward = reshape_backward,
};
