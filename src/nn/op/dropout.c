/* dropout.c - in training, zero a random fraction of the values, or of the channels of each sample, and scale the rest
 * by 1 / (1 - rate).                                     keras.layers.Dropout, SpatialDropout1D, SpatialDropout2D
 *
 * Elements: Srivastava et al., JMLR 15, 2014. Channels, because neighbours in time or in an image are so alike that
 * zeroing some of them hides little: Tompson et al., CVPR 2015.
 *
 * The draw of an element is a function of (seed, step, layer, element), so the mask is the same on any number of
 * threads and is made again, not stored, for the backward pass. */

static bool dropout_shape(sori_ctx *c, nn_node *n) {
    if (!(n->layer.rate >= 0 && n->layer.rate < 1)) return nn_fail(c, n, "rate %g is outside 0..1", n->layer.rate);
    n->y = n->x[0];
    n->cost = (double)n->x[0].size;
    return true;
}

static bool spatial_dropout_shape(sori_ctx *c, nn_node *n) {
    if (n->x[0].ndim < 2) return nn_fail(c, n, "needs [time, channel] or [height, width, channel], got 1 axis");
    n->work = n->x[0].dim[n->x[0].ndim - 1];
    return dropout_shape(c, n);
}

#define DROPOUT_BLOCKS 16   /* of four draws, computed side by side */

/* base_philox of counters { block + i, purpose, high[0], high[1] }, with i in the lanes of vectors. */
static void dropout_draws(const uint32_t key[2], uint32_t block, uint32_t purpose, const uint32_t high[2],
                          uint32_t draw[4 * DROPOUT_BLOCKS]) {
    uint32_t x[4][DROPOUT_BLOCKS], k0 = key[0], k1 = key[1];
    for (uint32_t i = 0; i < DROPOUT_BLOCKS; i++) {
        x[0][i] = block + i;
        x[1][i] = purpose;
        x[2][i] = high[0];
        x[3][i] = high[1];
    }
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
        for (int i = 0; i < DROPOUT_BLOCKS; i++) {
            uint64_t a = (uint64_t)0xD2511F53u * x[0][i], b = (uint64_t)0xCD9E8D57u * x[2][i];
            uint32_t y0 = (uint32_t)(b >> 32) ^ x[1][i] ^ k0, y2 = (uint32_t)(a >> 32) ^ x[3][i] ^ k1;
            x[1][i] = (uint32_t)b;
            x[3][i] = (uint32_t)a;
            x[0][i] = y0;
            x[2][i] = y2;
        }
    for (int i = 0; i < DROPOUT_BLOCKS; i++)
        for (int w = 0; w < 4; w++) draw[4 * i + w] = x[w][i];
}

/* to = from * mask / (1 - rate), where the first value has draw number first, the last one end - 1. Four draws a Philox
 * block. */
static void dropout_apply(const nn_run *r, size_t first, size_t end, const real *from, real *to) {
    uint32_t key[2] = { (uint32_t)r->pass->seed, (uint32_t)(r->pass->seed >> 32) };
    uint32_t high[2] = { (uint32_t)r->pass->step, (uint32_t)(r->pass->step >> 32) };
    uint32_t purpose = BASE_RNG_DROPOUT | r->node->id << 8, draw[4 * DROPOUT_BLOCKS];
    uint32_t threshold = (uint32_t)(r->node->layer.rate * 4294967296.0);   /* zeroed below it: rate of 2^32 */
    real scale = (real)(1 / (1 - r->node->layer.rate));
    for (size_t i = first; i < end;) {
        size_t block = i / 4, count = BASE_MIN((block + DROPOUT_BLOCKS) * 4, end) - i;
        dropout_draws(key, (uint32_t)block, purpose, high, draw);
        for (size_t k = 0; k < count; k++) to[k] = draw[i % 4 + k] < threshold ? 0 : from[k] * scale;
        i += count;
        from += count;
        to += count;
    }
}

static void dropout_samples(const nn_run *r, const real *from, real *to) {
    size_t first = r->n0 * r->node->x[0].size, end = r->n1 * r->node->x[0].size;
    dropout_apply(r, first, end, from + first, to + first);
}

static bool dropout_drops(const nn_run *r) { return r->pass->training && r->node->layer.rate > 0; }

static void dropout_forward(const nn_run *r) {
    if (dropout_drops(r)) dropout_samples(r, r->x[0], r->y);
    else reshape_forward(r);
}

static void dropout_backward(const nn_run *r) {
    if (r->dx[0]) dropout_samples(r, r->dy, r->dx[0]);
}

/* One factor, 0 or 1 / (1 - rate), for each channel of each sample. */
static void spatial_dropout_samples(const nn_run *r, const real *from, real *to) {
    size_t size = r->node->x[0].size, c = r->node->x[0].dim[r->node->x[0].ndim - 1];
    real *factor = r->work;
    for (size_t s = r->n0; s < r->n1; s++) {
        for (size_t i = 0; i < c; i++) factor[i] = 1;
        dropout_apply(r, s * c, (s + 1) * c, factor, factor);
        for (size_t row = s * size; row < (s + 1) * size; row += c)
            for (size_t i = 0; i < c; i++) to[row + i] = from[row + i] * factor[i];
    }
}

static void spatial_dropout_forward(const nn_run *r) {
    if (dropout_drops(r)) spatial_dropout_samples(r, r->x[0], r->y);
    else reshape_forward(r);
}

static void spatial_dropout_backward(const nn_run *r) {
    if (r->dx[0]) spatial_dropout_samples(r, r->dy, r->dx[0]);
}

static const nn_op dropout_op = {
    .name = "dropout", .title = "Dropout", .min_in = 1, .max_in = 1,
    .shape = dropout_shape, .forward = dropout_forward, .backward = dropout_backward,
};

static const nn_op spatial_dropout_op = {
    .name = "spatial_dropout", .title = "SpatialDropout", .min_in = 1, .max_in = 1,
    .shape = spatial_dropout_shape, .forward = spatial_dropout_forward, .backward = spatial_dropout_backward,
};
