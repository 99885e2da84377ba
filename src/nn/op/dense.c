/* dense.c - fully connected layer, y = x W + b along the last axis, or along .axis.         keras.layers.Dense
 *
 *   x [n, ..., in]   W [in, units]   b [units]   ->   y [n, ..., units]
 *   dx = dy W^T      dW = x^T dy     db = sum dy
 *
 * A sample may hold several rows (every axis but the last); the product sees them all as rows. Along another axis (a
 * linear map of frequencies, say) x is blocks [in, behind], y blocks [units, behind], and each is one product with W on
 * the other side, nothing transposed:
 *
 *   y = W^T x        dx = W dy      dW = x dy^T
 *
 * Where a weight is used few times a sample, dW of the whole batch is computed by rows of W, each by one thread,
 * instead of one copy a shard: such a layer has more weights than the rest of a network, and adding up copies would
 * cost more than the product. Where W is larger than the first-level cache and a sample one row, all runs in pieces
 * over the whole batch, so that W is read once: y by columns of W, dx and dW by its rows.
 *
 * Cost: x's values * units multiply-adds forward, twice that backward.
 *
 * This file is the example for all layers. It is included by kernel/ops.inc, once a precision; `real` is float or
 * double. Shape functions check and may fail; the rest is arithmetic on checked sizes and cannot. */

#define DENSE_ROWS_COST 65536.0   /* multiply-adds a sample from which dW is worth cutting by rows */
#define DENSE_ROWS_USES 256       /* uses of a weight a sample up to which it is */
#define DENSE_PARTS_SIZE 65536    /* weights from which pieces pay for the meeting */

static bool dense_shape(sori_ctx *c, nn_node *n) {
    if (n->layer.units < 1) return nn_fail(c, n, "units %d must be at least 1", n->layer.units);
    if (!nn_axis_check(c, n)) return false;
    n->y = n->x[0];
    size_t axis = nn_axis(n), in = n->y.dim[axis], units = (size_t)n->layer.units;
    n->y.dim[axis] = units;
    n->cost = (double)n->x[0].size * (double)units;

    nn_param *w = nn_add_param(c, n, "kernel", 2, (size_t[]){ in, units });
    if (!w) return false;
    w->random = true;
    w->init = n->layer.kernel_init;
    w->fan_in = in;
    w->fan_out = units;
    w->l1 = n->layer.l1;
    w->l2 = n->layer.l2;
    w->by_rows = n->cost >= DENSE_ROWS_COST && n->x[0].size / in <= DENSE_ROWS_USES;
    bool pieces = n->x[0].size == in && w->shape.size >= DENSE_PARTS_SIZE;
    n->rows = w->by_rows && !pieces ? in : 0;
    n->parts = pieces ? NN_MAX_SHARDS : 0;
    n->part_work = pieces ? units + SLIDE_BLOCK : 0;
    return n->layer.no_bias || nn_add_param(c, n, "bias", 1, (size_t[]){ units });
}

/* count blocks [in, behind] of x from the first of sample n0 on. Along the last axis they are rows: behind is 1. */
typedef struct dense_blocks {
    size_t in, units, behind, count;
    size_t x, y;          /* where they begin */
} dense_blocks;

static dense_blocks dense_blocks_of(const nn_node *n, size_t n0, size_t n1) {
    size_t axis = nn_axis(n), in = n->x[0].dim[axis], behind = nn_behind(&n->y, axis);
    return (dense_blocks){ .in = in, .units = n->y.dim[axis], .behind = behind,
                           .count = (n1 - n0) * (n->x[0].size / in / behind),
                           .x = n0 * n->x[0].size, .y = n0 * n->y.size };
}

/* --- along the last axis ------------------------------------------------------------ */

static void dense_forward_last(const dense_blocks *d, const real *x, const real *w, const real *b, real *y) {
    for (size_t i = 0; b && i < d->count; i++) memcpy(y + i * d->units, b, d->units * sizeof *y);
    product(d->count, d->units, d->in, (matrix){ x, d->in, 1 }, (matrix){ w, d->units, 1 }, y, d->units, b != NULL);
}

static void dense_backward_x_last(const dense_blocks *d, const real *w, const real *dy, real *dx) {
    product(d->count, d->in, d->units, (matrix){ dy, d->units, 1 }, (matrix){ w, 1, d->units }, dx, d->in, false);
}

/* --- along another ------------------------------------------------------------ */

static void dense_forward_along(const dense_blocks *d, const real *x, const real *w, const real *b, real *y) {
    for (size_t i = 0; i < d->count; i++, x += d->in * d->behind, y += d->units * d->behind) {
        for (size_t k = 0; b && k < d->units; k++)
            for (size_t j = 0; j < d->behind; j++) y[k * d->behind + j] = b[k];
        product(d->units, d->behind, d->in, (matrix){ w, 1, d->units }, (matrix){ x, d->behind, 1 }, y, d->behind,
                b != NULL);
    }
}

static void dense_backward_x_along(const dense_blocks *d, const real *w, const real *dy, real *dx) {
    for (size_t i = 0; i < d->count; i++, dy += d->units * d->behind, dx += d->in * d->behind)
        product(d->in, d->behind, d->units, (matrix){ w, d->units, 1 }, (matrix){ dy, d->behind, 1 }, dx, d->behind,
                false);
}

/* --- either ------------------------------------------------------------ */

/* Rows [from, to) of dW, which are dw: x^T dy, or along another axis the sum of x dy^T of every block. */
static void dense_backward_w(const dense_blocks *d, size_t from, size_t to, const real *x, const real *dy, real *dw,
                             bool add) {
    x += from * d->behind;
    if (d->behind == 1)
        product(to - from, d->units, d->count, (matrix){ x, 1, d->in }, (matrix){ dy, d->units, 1 }, dw, d->units, add);
    else
        for (size_t i = 0; i < d->count; i++, x += d->in * d->behind, dy += d->units * d->behind)
            product(to - from, d->units, d->behind, (matrix){ x, d->behind, 1 }, (matrix){ dy, 1, d->behind }, dw,
                    d->units, add || i > 0);
}

static void dense_backward_b(const dense_blocks *d, const real *dy, real *db) {
    for (size_t i = 0; i < d->count; i++, dy += d->units * d->behind) {
        if (d->behind == 1) add(db, dy, d->units);
        else
            for (size_t k = 0; k < d->units; k++)
                for (size_t j = 0; j < d->behind; j++) db[k] += dy[k * d->behind + j];
    }
}

static void dense_forward(const nn_run *r) {
    dense_blocks d = dense_blocks_of(r->node, r->n0, r->n1);
    const real *x = (const real *)r->x[0] + d.x;
    real *y = (real *)r->y + d.y;
    if (d.behind == 1) dense_forward_last(&d, x, r->param[0], r->param[1], y);
    else dense_forward_along(&d, x, r->param[0], r->param[1], y);
}

static void dense_backward(const nn_run *r) {
    dense_blocks d = dense_blocks_of(r->node, r->n0, r->n1);
    const real *x = (const real *)r->x[0] + d.x, *dy = (const real *)r->dy + d.y;
    if (r->dparam[1]) dense_backward_b(&d, dy, r->dparam[1]);
    if (!r->node->param[0].by_rows) dense_backward_w(&d, 0, d.in, x, dy, r->dparam[0], true);
    if (!r->dx[0]) return;
    real *dx = (real *)r->dx[0] + d.x;
    if (d.behind == 1) dense_backward_x_last(&d, r->param[0], dy, dx);
    else dense_backward_x_along(&d, r->param[0], dy, dx);
}

static void dense_backward_rows(const nn_run *r) {
    dense_blocks d = dense_blocks_of(r->node, 0, r->pass->batch);
    dense_backward_w(&d, r->n0, r->n1, r->x[0], r->dy, (real *)r->dparam[0] + r->n0 * d.units, false);
}

/* --- in pieces: one row a sample ------------------------------------------------------------ */

static size_t dense_in(const nn_node *n) { return n->x[0].size; }

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
        slide_forward(&run, at, rows, &k, samples, columns, samples);
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
