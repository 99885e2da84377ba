/* dense.c - fully connected layer, y = x W + b over the last axis.                          keras.layers.Dense
 *
 *   x [n, ..., in]   W [in, units]   b [units]   ->   y [n, ..., units]
 *   dx = dy W^T      dW = x^T dy     db = sum dy
 *
 * A sample may hold several rows (every axis but the last); the product sees them all as rows. dW of the whole batch
 * is computed by rows of W, each by one thread, instead of one copy a shard: a dense layer has more weights than the
 * rest of a network, and adding up copies would cost more than the product. Where W is larger than the first-level
 * cache and a sample one row, everything runs in pieces over the whole batch, so that W is read once: y by columns of
 * W, dx and dW by its rows.
 *
 * Cost: rows * in * units multiply-adds forward, twice that backward.
 *
 * This file is the example for all layers. It is included by kernel/ops.inc, once a precision; `real` is float or
 * double. Shape functions check and may fail; the rest is arithmetic on checked sizes and cannot. */

#define DENSE_ROWS_COST 65536.0   /* multiply-adds a sample from which dW is worth cutting by rows */
#define DENSE_PARTS_SIZE 65536    /* weights from which pieces pay for the meeting */

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
    bool pieces = n->x[0].size == in && w->shape.size >= DENSE_PARTS_SIZE;
    n->rows = w->by_rows && !pieces ? in : 0;
    n->parts = pieces ? NN_MAX_SHARDS : 0;
    n->part_work = pieces ? units + SLIDE_BLOCK : 0;
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

/* The piece's share of n, in whole panels of the product. */
static size_t dense_share(const nn_run *r, size_t n, size_t *from) {
    size_t panels = (n + 63) / 64, parts = r->node->parts;
    *from = BASE_MIN(panels * r->part / parts * 64, n);
    return BASE_MIN(panels * (r->part + 1) / parts * 64, n) - *from;
}

static void dense_forward_part(const nn_run *r) {
    const nn_node *n = r->node;
    size_t in = dense_in(n), units = (size_t)n->layer.units, from, columns = dense_share(r, units, &from);
    const real *x = (const real *)r->x[0] + r->n0 * in, *w = (const real *)r->param[0] + from, *b = r->param[1];
    real *y = (real *)r->y + r->n0 * units + from;
    if (columns == 0) return;
    for (size_t i = 0; b && i < r->n1 - r->n0; i++) memcpy(y + i * units, b + from, columns * sizeof *y);
    product(r->n1 - r->n0, columns, in, (matrix){ x, in, 1 }, (matrix){ w, units, 1 }, y, units, b != NULL);
}

/* dx of columns [from, from + count): its transpose is W's rows times dy transposed, which is in whole vectors. */
static void dense_backward_columns(const nn_run *r, size_t from, size_t count) {
    size_t in = dense_in(r->node), units = (size_t)r->node->layer.units, samples = r->n1, wide = slide_width(samples);
    const real *w = r->param[0], *dy = r->dy;
    real *turned = r->work, *columns = turned + units * wide, *dx = r->dx[0];
    for (size_t j = 0; j < units; j++) {
        for (size_t s = 0; s < samples; s++) turned[j * wide + s] = dy[s * units + j];
        for (size_t s = samples; s < wide; s++) turned[j * wide + s] = 0;
    }
    slide_runs run = { .down = 1, .across = 1, .length = units };
    slide_weights k = { .w = turned, .width = wide };
    for (size_t i = from; i < from + count; i += SLIDE_BLOCK) {
        size_t rows = BASE_MIN((size_t)SLIDE_BLOCK, from + count - i);
        const real *at[SLIDE_BLOCK];
        for (size_t l = 0; l < rows; l++) at[l] = w + (i + l) * units;
        slide_forward(&run, at, rows, &k, samples, columns);
        for (size_t s = 0; s < samples; s++)
            for (size_t l = 0; l < rows; l++) dx[s * in + i + l] = columns[l * samples + s];
    }
}

static void dense_backward_part(const nn_run *r) {
    const nn_node *n = r->node;
    size_t in = dense_in(n), units = (size_t)n->layer.units, from, rows = dense_share(r, in, &from);
    const real *x = (const real *)r->x[0] + from, *dy = r->dy;
    real *db = r->part == 0 ? r->dparam[1] : NULL;
    for (size_t s = 0; db && s < r->n1; s++) add(db, dy + s * units, units);
    if (rows == 0) return;
    product(rows, units, r->n1, (matrix){ x, 1, in }, (matrix){ dy, units, 1 }, (real *)r->dparam[0] + from * units,
            units, false);
    if (r->dx[0]) dense_backward_columns(r, from, rows);
}

static const nn_op dense_op = {
    .name = "dense", .title = "Dense", .min_in = 1, .max_in = 1, .folds = true,
    .shape = dense_shape, .forward = dense_forward, .backward = dense_backward, .backward_rows = dense_backward_rows,
    .forward_part = dense_forward_part, .backward_part = dense_backward_part,
};
