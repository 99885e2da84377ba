/* dense.c - fully connected layer, y = x W + b over the last axis.                          keras.layers.Dense
 *
 *   x [n, ..., in]   W [in, units]   b [units]   ->   y [n, ..., units]
 *   dx = dy W^T      dW = x^T dy     db = sum dy
 *
 * A sample may hold several rows (every axis but the last); the product sees them all as rows. dW of the whole batch
 * is computed by rows of W, each by one thread, instead of one copy a shard: a dense layer has more weights than the
 * rest of a network, and adding up copies would cost more than the product.
 *
 * Cost: rows * in * units multiply-adds forward, twice that backward.
 *
 * This file is the example for all layers. It is included by kernel/ops.inc, once a precision; `real` is float or
 * double. Shape functions check and may fail; the rest is arithmetic on checked sizes and cannot. */

#define DENSE_ROWS_COST 65536.0   /* multiply-adds a sample from which dW is worth cutting by rows */

static bool dense_shape(sori_ctx *c, nn_node *n) {
    if (n->layer.units < 1) return nn_fail(c, n, "units %d must be at least 1", n->layer.units);
    size_t in = n->x[0].dim[n->x[0].ndim - 1], units = (size_t)n->layer.units;
    n->y = n->x[0];
    n->y.dim[n->y.ndim - 1] = units;
    n->cost = (double)n->x[0].size * (double)units;

    nn_param *w = nn_add_param(c, n, "kernel", 2, (size_t[]){ in, units });
    if (!w) return false;
    w->random = true;
    w->init = n->layer.kernel_init;
    w->fan_in = in;
    w->fan_out = units;
    w->l1 = n->layer.l1;
    w->l2 = n->layer.l2;
    w->by_rows = n->cost >= DENSE_ROWS_COST;
    n->rows = w->by_rows ? in : 0;
    return n->layer.no_bias || nn_add_param(c, n, "bias", 1, (size_t[]){ units });
}

static size_t dense_in(const nn_node *n) { return n->x[0].dim[n->x[0].ndim - 1]; }

static void dense_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t in = dense_in(n), units = (size_t)n->layer.units, per_sample = n->x[0].size / in;
    size_t first = r->n0 * per_sample, rows = (r->n1 - r->n0) * per_sample;
    const real *x = (const real *)r->x[0] + first * in, *w = r->param[0], *b = r->param[1];
    real *y = (real *)r->y + first * units;
    for (size_t i = 0; b && i < rows; i++) memcpy(y + i * units, b, units * sizeof *y);
    product(rows, units, in, (matrix){ x, in, 1 }, (matrix){ w, units, 1 }, y, units, b != NULL);
}

static void dense_backward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t in = dense_in(n), units = (size_t)n->layer.units, per_sample = n->x[0].size / in;
    size_t first = r->n0 * per_sample, rows = (r->n1 - r->n0) * per_sample;
    const real *x = (const real *)r->x[0] + first * in, *dy = (const real *)r->dy + first * units;
    real *dx = r->dx[0], *db = r->dparam[1];
    for (size_t i = 0; db && i < rows; i++) add(db, dy + i * units, units);
    if (!n->param[0].by_rows)
        product(in, units, rows, (matrix){ x, 1, in }, (matrix){ dy, units, 1 }, r->dparam[0], units, true);
    if (dx)
        product(rows, in, units, (matrix){ dy, units, 1 }, (matrix){ r->param[0], 1, units }, dx + first * in, in,
                false);
}

static void dense_backward_rows(const nn_run *r) {
    const nn_node *n = r->node;
    size_t in = dense_in(n), units = (size_t)n->layer.units, rows = r->pass->batch * (n->x[0].size / in);
    const real *x = (const real *)r->x[0] + r->n0;
    real *dw = (real *)r->dparam[0] + r->n0 * units;
    product(r->n1 - r->n0, units, rows, (matrix){ x, 1, in }, (matrix){ r->dy, units, 1 }, dw, units, false);
}

static const nn_op dense_op = {
    .name = "dense", .title = "Dense", .min_in = 1, .max_in = 1,
    .shape = dense_shape, .forward = dense_forward, .backward = dense_backward, .backward_rows = dense_backward_rows,
};
