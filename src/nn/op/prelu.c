/* prelu.c - leaky ReLU whose slope below zero is learned, one a channel.                       keras.layers.PReLU
 *
 *   y = max(x, 0) + a min(x, 0)     dx = dy (x > 0), a dy (else)     da = sum of dy min(x, 0)
 *
 * As keras.layers.PReLU with shared_axes all but the last, and torch.nn.PReLU(channels). He et al., "Delving deep into
 * rectifiers", ICCV 2015. */

static bool prelu_shape(sori_ctx *c, nn_node *n) {
    n->y = n->x[0];
    n->cost = (double)n->x[0].size;
    nn_param *a = nn_add_param(c, n, "alpha", 1, &n->y.dim[n->y.ndim - 1]);
    if (a) a->init_value = n->layer.alpha;
    return a != NULL;
}

static void prelu_forward(const nn_run *r) {
    size_t c = r->node->param[0].shape.size, per = r->node->x[0].size;
    const real *restrict a = r->param[0], *x = (const real *)r->x[0] + r->n0 * per;
    real *restrict y = (real *)r->y + r->n0 * per;
    for (size_t row = 0; row < (r->n1 - r->n0) * per; row += c, x += c, y += c)
        for (size_t i = 0; i < c; i++) y[i] = x[i] > 0 ? x[i] : a[i] * x[i];
}

static void prelu_backward(const nn_run *r) {
    size_t c = r->node->param[0].shape.size, first = r->n0 * r->node->x[0].size, end = r->n1 * r->node->x[0].size;
    const real *restrict a = r->param[0], *x = r->x[0], *dy = r->dy;
    real *restrict da = r->dparam[0], *restrict dx = r->dx[0];
    for (size_t row = first; row < end; row += c)
        for (size_t i = 0; i < c; i++) da[i] += x[row + i] > 0 ? 0 : x[row + i] * dy[row + i];
    for (size_t row = first; dx && row < end; row += c)
        for (size_t i = 0; i < c; i++) dx[row + i] = x[row + i] > 0 ? dy[row + i] : a[i] * dy[row + i];
}

static const nn_op prelu_op = {
    .name = "p_re_lu", .title = "PReLU", .min_in = 1, .max_in = 1,
    .shape = prelu_shape, .forward = prelu_forward, .backward = prelu_backward,
};
