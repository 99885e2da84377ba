/* embedding.c - a row of a table for each number.                                        keras.layers.Embedding
 *
 *   x [n, ...] whole numbers 0 .. vocabulary - 1   W [vocabulary, units]   ->   y [n, ..., units] = W[x]
 *   dW[x] += dy
 *
 * A number outside the vocabulary (or NaN) has the row of zeros, as in TensorFlow on a GPU: no value can make the layer
 * read elsewhere. The gradient is made by rows, each range of the table by one thread that goes through the batch,
 * instead of a copy of the table a shard. Numbers have no gradient: dx is zero.
 *
 * Cost: one copy a value; the backward pass clears and updates the whole table. */

#define EMBEDDING_MOST (1 << 24)   /* the whole numbers a float holds */

static bool embedding_shape(sori_ctx *c, nn_node *n) {
    const sori_layer *l = &n->layer;
    if (l->units < 1) return nn_fail(c, n, "units %d must be at least 1", l->units);
    if (l->vocabulary < 1 || l->vocabulary > EMBEDDING_MOST)
        return nn_fail(c, n, "vocabulary %d is outside 1..%d", l->vocabulary, EMBEDDING_MOST);
    if (n->x[0].ndim > 3) return nn_fail(c, n, "an input of %d axes, at most 3", n->x[0].ndim);
    n->y = n->x[0];
    n->y.dim[n->y.ndim++] = (size_t)l->units;
    n->cost = (double)n->x[0].size * l->units;

    nn_param *w = nn_add_param(c, n, "embeddings", 2, (size_t[]){ (size_t)l->vocabulary, (size_t)l->units });
    if (!w) return false;
    w->random = true;
    w->init = l->kernel_init ? l->kernel_init : SORI_RANDOM_UNIFORM;
    w->fan_in = (size_t)l->vocabulary;
    w->fan_out = (size_t)l->units;
    w->l1 = l->l1;
    w->l2 = l->l2;
    w->by_rows = true;
    n->rows = (size_t)l->vocabulary;
    return true;
}

/* The row of a number, or vocabulary if it has none. */
INLINE size_t embedding_row(real x, size_t vocabulary) {
    return x >= 0 && x < (real)vocabulary ? (size_t)x : vocabulary;
}

static void embedding_forward(const nn_run *r) {
    size_t per = r->node->x[0].size, units = (size_t)r->node->layer.units, rows = (size_t)r->node->layer.vocabulary;
    const real *x = r->x[0], *w = r->param[0];
    real *y = r->y;
    for (size_t i = r->n0 * per; i < r->n1 * per; i++) {
        size_t row = embedding_row(x[i], rows);
        if (row < rows) memcpy(y + i * units, w + row * units, units * sizeof *y);
        else memset(y + i * units, 0, units * sizeof *y);
    }
}

static void embedding_backward(const nn_run *r) {
    size_t per = r->node->x[0].size;
    if (r->dx[0]) memset((real *)r->dx[0] + r->n0 * per, 0, (r->n1 - r->n0) * per * sizeof(real));
}

static void embedding_backward_rows(const nn_run *r) {
    size_t numbers = r->pass->batch * r->node->x[0].size, units = (size_t)r->node->layer.units;
    size_t rows = (size_t)r->node->layer.vocabulary;
    const real *x = r->x[0], *dy = r->dy;
    real *dw = r->dparam[0];
    memset(dw + r->n0 * units, 0, (r->n1 - r->n0) * units * sizeof *dw);
    for (size_t i = 0; i < numbers; i++) {
        size_t row = embedding_row(x[i], rows);
        if (row >= r->n0 && row < r->n1) add(dw + row * units, dy + i * units, units);
    }
}

static const nn_op embedding_op = {
    .name = "embedding", .title = "Embedding", .min_in = 1, .max_in = 1,
    .shape = embedding_shape, .forward = embedding_forward, .backward = embedding_backward,
    .backward_rows = embedding_backward_rows,
};
