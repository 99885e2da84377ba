/* batchnorm.c - batch normalisation over the last axis.                           keras.layers.BatchNormalization
 *
 *   training    y = gamma (x - mean) / sqrt(var + eps) + beta, mean and (biased) variance of the whole batch; the
 *               running statistics move by running = momentum running + (1 - momentum) batch
 *   inference   the same with the running statistics
 *   backward    dx = gamma / std (dy - mean(dy) - xhat mean(dy xhat)), dgamma = sum dy xhat, dbeta = sum dy
 *
 * Ioffe & Szegedy, "Batch normalization", ICML 2015. The statistics need the whole batch: each shard finds the mean of
 * its own samples and, while they are in the cache, the sum of squared distances from it, so that a large mean costs no
 * digits; two shards' are joined by Chan, Golub & LeVeque's formula (1979), in a fixed tree. Sums run over BLOCK pixels
 * in the number type and over blocks in double. Kept for the backward pass: mean, 1 / std, mean dy, mean dy xhat, each
 * [c]. */

#define BATCHNORM_BLOCK 64

static bool batchnorm_shape(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    if (l->momentum == 0) l->momentum = 0.99;
    if (l->epsilon == 0) l->epsilon = 1e-3;
    if (!(l->momentum > 0 && l->momentum < 1)) return nn_fail(c, n, "momentum %g is outside 0..1", l->momentum);
    if (!(l->epsilon > 0)) return nn_fail(c, n, "epsilon %g must be above 0", l->epsilon);
    n->y = n->x[0];
    size_t channels = n->x[0].dim[n->x[0].ndim - 1];
    static const char *const names[] = { "gamma", "beta", "moving_mean", "moving_variance" };
    for (int i = 0; i < 4; i++) {
        nn_param *p = nn_add_param(c, n, names[i], 1, &channels);
        if (!p) return false;
        p->init_value = i == 0 || i == 3;
        p->trainable = i < 2;
    }
    n->sums = 2 * channels;
    n->kept = 4 * channels;
    n->work = 3 * base_round_up(channels, NN_ROUND);
    n->cost = (double)n->x[0].size / 2;
    return true;
}

static size_t batchnorm_channels(const nn_node *n) { return n->x[0].dim[n->x[0].ndim - 1]; }

/* Of LANES channels over the pixels of a block: the sums of w and of (x - center) w, with w = dy or x - center. */
typedef struct batchnorm_sums { vec plain, product; } batchnorm_sums;

INLINE batchnorm_sums batchnorm_block(const real *x, const real *dy, size_t pixels, size_t c, vec center) {
    batchnorm_sums s = { { 0 }, { 0 } };
    for (size_t p = 0; p < pixels; p++) {
        vec v = load(x + p * c) - center, w = dy ? load(dy + p * c) : v;
        s.plain += w;
        s.product += v * w;
    }
    return s;
}

/* The same for channels [i, i + lanes), lanes < LANES: through a copy in whole vectors. */
INLINE batchnorm_sums batchnorm_block_tail(const real *x, const real *dy, size_t pixels, size_t c, vec center,
                                           size_t lanes) {
    real wide[2][BATCHNORM_BLOCK * LANES] = { { 0 } };
    for (size_t p = 0; p < pixels; p++) {
        memcpy(wide[0] + p * LANES, x + p * c, lanes * sizeof *x);
        if (dy) memcpy(wide[1] + p * LANES, dy + p * c, lanes * sizeof *dy);
    }
    return batchnorm_block(wide[0], dy ? wide[1] : NULL, pixels, LANES, center);
}

/* The same of all channels, over any number of pixels. */
static void batchnorm_sum(const real *x, const real *dy, size_t pixels, size_t c, const real *center, double *plain,
                          double *product) {
    for (size_t i = 0; i < c; i++) plain[i] = product[i] = 0;
    for (size_t p = 0; p < pixels; p += BATCHNORM_BLOCK) {
        size_t count = BASE_MIN((size_t)BATCHNORM_BLOCK, pixels - p);
        for (size_t i = 0; i < c; i += LANES) {
            size_t lanes = BASE_MIN(LANES, c - i), at = p * c + i;
            const real *w = dy ? dy + at : NULL;
            batchnorm_sums s = lanes == LANES ? batchnorm_block(x + at, w, count, c, load(center + i))
                                              : batchnorm_block_tail(x + at, w, count, c, load(center + i), lanes);
            for (size_t k = 0; k < lanes; k++) {
                plain[i + k] += (double)s.plain[k];
                product[i + k] += (double)s.product[k];
            }
        }
    }
}

/* Forward: the shard's mean in sums[0, c), its squared distances in sums[c, 2c). The distances are taken from the mean
 * rounded to the number type, what that misses is corrected. Backward: sum dy, sum dy xhat. */
static void batchnorm_partial(const nn_run *r, bool backward) {
    size_t c = batchnorm_channels(r->node), per = r->node->x[0].size, pixels = (r->n1 - r->n0) * (per / c);
    const real *x = (const real *)r->x[0] + r->n0 * per, *dy = backward ? (const real *)r->dy + r->n0 * per : NULL;
    real *center = r->work;
    double *plain = r->sums, *product = r->sums + c;
    memset(plain, 0, 2 * c * sizeof *plain);
    if (pixels == 0) return;   /* the last batch may leave shards empty: what lies at x is another's */
    for (size_t i = 0; i < c; i++) center[i] = backward ? (real)r->kept[i] : x[i];
    batchnorm_sum(x, dy, pixels, c, center, plain, product);
    for (size_t i = 0; backward && i < c; i++) product[i] *= r->kept[c + i];
    if (backward) return;
    for (size_t i = 0; i < c; i++) center[i] = (real)((double)center[i] + plain[i] / (double)pixels);
    batchnorm_sum(x, NULL, pixels, c, center, plain, product);
    for (size_t i = 0; i < c; i++) {
        double rest = plain[i] / (double)pixels;
        product[i] -= plain[i] * rest;
        plain[i] = (double)center[i] + rest;
    }
}

/* Two shards' mean and squared distances: those of their samples together. */
static void batchnorm_join(const nn_node *n, double *a, double a_samples, const double *b, double b_samples) {
    size_t c = batchnorm_channels(n);
    double all = BASE_MAX(a_samples + b_samples, 1), per = (double)(n->x[0].size / c);
    for (size_t i = 0; i < c; i++) {
        double apart = b[i] - a[i];
        a[i] += apart * b_samples / all;
        a[c + i] += b[c + i] + apart * apart * per * a_samples * b_samples / all;
    }
}

static void batchnorm_move(real *running, double value, double momentum) {
    if (isfinite(value)) *running = (real)(momentum * (double)*running + (1 - momentum) * value);
}

static void batchnorm_done(const nn_run *r, bool backward) {
    size_t c = batchnorm_channels(r->node);
    double *mean = r->kept, *inverse = r->kept + c, *dy = r->kept + 2 * c, *dyx = r->kept + 3 * c;
    double count = (double)r->pass->batch * (double)(r->node->x[0].size / c), momentum = r->node->layer.momentum;
    for (size_t i = 0; i < c; i++) {
        if (backward) {
            dy[i] = r->sums[i] / count;
            dyx[i] = r->sums[c + i] / count;
        } else {
            double variance = r->sums[c + i] / count;
            mean[i] = r->sums[i];
            inverse[i] = 1 / sqrt(variance + r->node->layer.epsilon);
            batchnorm_move((real *)r->param[2] + i, mean[i], momentum);
            batchnorm_move((real *)r->param[3] + i, variance, momentum);
        }
    }
    if (!backward) return;
    /* The sums over the batch are the gradients of beta and gamma, whole, in the first shard's copy. */
    real *dgamma = r->dparam[0], *dbeta = r->dparam[1];
    for (size_t i = 0; i < c; i++) {
        dgamma[i] += (real)r->sums[c + i];
        dbeta[i] += (real)r->sums[i];
    }
}

/* y = x scale + shift, with the channel's scale and shift in work. */
static void batchnorm_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t c = batchnorm_channels(n), per = n->x[0].size;
    const real *gamma = r->param[0], *beta = r->param[1], *running_mean = r->param[2], *running_var = r->param[3];
    real *scale = r->work, *shift = scale + base_round_up(c, NN_ROUND);
    for (size_t i = 0; i < c; i++) {
        double mean = r->pass->training ? r->kept[i] : (double)running_mean[i];
        double inverse = r->pass->training ? r->kept[c + i] : 1 / sqrt((double)running_var[i] + n->layer.epsilon);
        scale[i] = (real)((double)gamma[i] * inverse);
        shift[i] = (real)((double)beta[i] - mean * (double)gamma[i] * inverse);
    }
    const real *x = (const real *)r->x[0] + r->n0 * per;
    real *y = (real *)r->y + r->n0 * per;
    for (size_t k = 0; k < (r->n1 - r->n0) * per; k += c)
        for (size_t i = 0; i < c; i++) y[k + i] = x[k + i] * scale[i] + shift[i];
}

/* dx = a dy + b x + d, with a = gamma / std, b = -a mean(dy xhat) / std, d = -a mean(dy) - b mean. */
static void batchnorm_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = batchnorm_channels(n), per = n->x[0].size;
    const real *gamma = r->param[0];
    real *a = r->work, *b = a + c, *d = b + c;
    for (size_t i = 0; i < c; i++) {
        double mean = r->kept[i], inverse = r->kept[c + i], slope = (double)gamma[i] * inverse;
        double by_x = -slope * r->kept[3 * c + i] * inverse;
        a[i] = (real)slope;
        b[i] = (real)by_x;
        d[i] = (real)(-slope * r->kept[2 * c + i] - by_x * mean);
    }
    const real *x = (const real *)r->x[0] + r->n0 * per, *dy = (const real *)r->dy + r->n0 * per;
    real *dx = (real *)r->dx[0] + r->n0 * per;
    for (size_t k = 0; k < (r->n1 - r->n0) * per; k += c)
        for (size_t i = 0; i < c; i++) dx[k + i] = a[i] * dy[k + i] + b[i] * x[k + i] + d[i];
}

/* gamma (x W + b - mean) / std + beta = x (W gamma / std) + (b - mean) gamma / std + beta */
static void batchnorm_fold(const nn_node *norm, void *const weights[4], const void *w, const void *b, size_t rows,
                           void *to) {
    size_t c = batchnorm_channels(norm);
    const real *gamma = weights[0], *beta = weights[1], *mean = weights[2], *variance = weights[3];
    const real *from = w, *bias = b;
    real *kernel = to, *shift = kernel + rows * c;
    for (size_t i = 0; i < c; i++) {
        double slope = (double)gamma[i] / sqrt((double)variance[i] + norm->layer.epsilon);
        double before = bias ? (double)bias[i] : 0;
        shift[i] = (real)((before - (double)mean[i]) * slope + (double)beta[i]);
        for (size_t r = 0; r < rows; r++) kernel[r * c + i] = (real)((double)from[r * c + i] * slope);
    }
}

static const nn_op batchnorm_op = {
    .name = "batch_normalization", .title = "BatchNormalization", .min_in = 1, .max_in = 1,
    .shape = batchnorm_shape, .forward = batchnorm_forward, .backward = batchnorm_backward,
    .forward_phases = 1, .backward_phases = 1, .partial = batchnorm_partial, .join = batchnorm_join,
    .done = batchnorm_done,
};
