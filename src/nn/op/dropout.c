/* dropout.c - in training, zero a random fraction of the values and scale the rest by 1 / (1 - rate).
 *                                                                                        keras.layers.Dropout
 * Srivastava et al., JMLR 15, 2014. The draw of an element is a function of (seed, step, layer, element), so the mask
 * is the same on any number of threads and is made again, not stored, for the backward pass. */

static bool dropout_shape(sori_ctx *c, nn_node *n) {
    if (!(n->layer.rate >= 0 && n->layer.rate < 1)) return nn_fail(c, n, "rate %g is outside 0..1", n->layer.rate);
    n->y = n->x[0];
    n->cost = (double)n->x[0].size;
    return true;
}

/* to = from * mask / (1 - rate) over elements [first, end) of the batch. Four draws a Philox block. */
static void dropout_apply(const nn_run *r, const real *from, real *to) {
    size_t first = r->n0 * r->node->x[0].size, end = r->n1 * r->node->x[0].size;
    uint32_t key[2] = { (uint32_t)r->pass->seed, (uint32_t)(r->pass->seed >> 32) }, draw[4];
    uint64_t step = r->pass->step;
    uint32_t counter[4] = { 0, BASE_RNG_DROPOUT | r->node->id << 8, (uint32_t)step, (uint32_t)(step >> 32) };
    uint32_t threshold = (uint32_t)(r->node->layer.rate * 4294967296.0);   /* zeroed below it: rate of 2^32 */
    real scale = (real)(1 / (1 - r->node->layer.rate));
    for (size_t i = first; i < end; i++) {
        if (i == first || i % 4 == 0) {
            counter[0] = (uint32_t)(i / 4);
            base_philox(counter, key, draw);
        }
        to[i] = draw[i % 4] < threshold ? 0 : from[i] * scale;
    }
}

static void dropout_forward(const nn_run *r) {
    size_t per = r->node->x[0].size;
    if (r->pass->training && r->node->layer.rate > 0) dropout_apply(r, r->x[0], r->y);
    else
        memcpy((real *)r->y + r->n0 * per, (const real *)r->x[0] + r->n0 * per, (r->n1 - r->n0) * per * sizeof(real));
}

static void dropout_backward(const nn_run *r) {
    if (r->dx[0]) dropout_apply(r, r->dy, r->dx[0]);
}

static const nn_op dropout_op = {
    .name = "dropout", .title = "Dropout", .min_in = 1, .max_in = 1,
    .shape = dropout_shape, .forward = dropout_forward, .backward = dropout_backward,
};
