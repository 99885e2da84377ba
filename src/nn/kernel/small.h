/* small.h - a whole training step of a small chain of dense layers in one function: forward, loss, backward.
 *
 * Where a layer has a few dozen weights its arithmetic takes less time than finding out what is to be done. A network
 * of such layers only (small_fits) is walked here by plain loops, one sample after the other, with no calls in between.
 * Values lie where the engine's do; the sums are those of dense.c. */

#define SMALL_WEIGHTS 64   /* of a layer at most */

static bool small_act(sori_act act) {
    return act == SORI_LINEAR || act == SORI_RELU || act == SORI_LEAKY_RELU || act == SORI_SIGMOID || act == SORI_TANH;
}

static bool small_fits(const nn_node *n) {
    return n->op == &dense_op && n->n_in == 1 && n->param[0].shape.size <= SMALL_WEIGHTS &&
           n->x[0].size == n->param[0].shape.dim[0] && small_act(n->layer.act);
}

INLINE real small_activate(sori_act act, real alpha, real x) {
    switch (act) {
    case SORI_RELU: return x > 0 ? x : 0;
    case SORI_LEAKY_RELU: return x > 0 ? x : alpha * x;
    case SORI_SIGMOID: return sigmoid(x);
    case SORI_TANH: return sizeof(real) == 4 ? (real)tanhf((float)x) : (real)tanh((double)x);
    default: return x;
    }
}

INLINE real small_slope(sori_act act, real alpha, real y) {
    switch (act) {
    case SORI_RELU: return y > 0;
    case SORI_LEAKY_RELU: return y > 0 ? 1 : alpha;
    case SORI_SIGMOID: return y * (1 - y);
    case SORI_TANH: return 1 - y * y;
    default: return 1;
    }
}

static void small_forward(const nn_run *r, sori_act act, size_t s) {
    const nn_node *n = r->node;
    size_t in = n->x[0].size, units = n->y.size;
    const real *x = (const real *)r->x[0] + s * in, *w = r->param[0], *b = r->param[1];
    real *y = (real *)r->y + s * units, alpha = (real)n->layer.alpha;
    for (size_t j = 0; j < units; j++) {
        real sum = b ? b[j] : 0;
        for (size_t i = 0; i < in; i++) sum += x[i] * w[i * units + j];
        y[j] = small_activate(act, alpha, sum);
    }
}

static void small_backward(const nn_run *r, sori_act act, size_t s) {
    const nn_node *n = r->node;
    size_t in = n->x[0].size, units = n->y.size;
    const real *x = (const real *)r->x[0] + s * in, *w = r->param[0], *y = (const real *)r->y + s * units;
    real *dy = (real *)r->dy + s * units, *dw = r->dparam[0], *db = r->dparam[1], alpha = (real)n->layer.alpha;
    for (size_t j = 0; j < units; j++) {
        dy[j] *= small_slope(act, alpha, y[j]);
        if (db) db[j] += dy[j];
    }
    for (size_t i = 0; i < in; i++)
        for (size_t j = 0; j < units; j++) dw[i * units + j] += x[i] * dy[j];
    if (!r->dx[0]) return;
    real *dx = (real *)r->dx[0] + s * in;
    for (size_t i = 0; i < in; i++) {
        real sum = 0;
        for (size_t j = 0; j < units; j++) sum += dy[j] * w[i * units + j];
        dx[i] = sum;
    }
}

/* n samples through runs [nodes] of one shard; gradients are added to dparam. fused: the loss has the last activation
 * inside. */
static void small_step(const nn_run *runs, int nodes, size_t n, nn_loss_run *r) {
    sori_act last = r->fused ? SORI_LINEAR : runs[nodes - 1].node->layer.act;
    for (size_t s = 0; s < n; s++)
        for (int i = 0; i < nodes; i++) small_forward(&runs[i], i == nodes - 1 ? last : runs[i].node->layer.act, s);
    loss(r);
    for (size_t s = 0; s < n; s++)
        for (int i = nodes - 1; i >= 0; i--)
            small_backward(&runs[i], i == nodes - 1 ? last : runs[i].node->layer.act, s);
}
