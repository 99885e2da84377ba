/* batchnorm.c - batch normalisation over the last axis.                           keras.layers.BatchNormalization
 *
 *   training    y = gamma (x - mean) / sqrt(var + eps) + beta, mean and (biased) variance of the whole batch; the
 *               running statistics move by running = momentum running + (1 - momentum) batch
 *   inference   the same with the running statistics
 *   backward    dx = gamma / std (dy - mean(dy) - xhat mean(dy xhat)), dgamma = sum dy xhat, dbeta = sum dy
 *
 * Ioffe & Szegedy, "Batch normalization", ICML 2015. The statistics need the whole batch: phase 0 sums x, phase 1 the
 * squared distances from the mean (two passes, so that a large mean costs no digits); each shard sums its samples in
 * double and the sums are added in a fixed tree. Kept for the backward pass: mean, 1 / std, mean dy, mean dy xhat, each
 * [c]. */

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
    n->work = 3 * channels;
    n->cost = (double)n->x[0].size / 2;
    return true;
}

static size_t batchnorm_channels(const nn_node *n) { return n->x[0].dim[n->x[0].ndim - 1]; }

static void batchnorm_partial(const nn_run *r, bool backward) {
    size_t c = batchnorm_channels(r->node), per = r->node->x[0].size;
    const real *x = (const real *)r->x[0] + r->n0 * per, *end = (const real *)r->x[0] + r->n1 * per;
    const real *dy = backward ? (const real *)r->dy + r->n0 * per : NULL;
    const double *mean = r->kept, *inverse = r->kept + c;
    memset(r->sums, 0, 2 * c * sizeof *r->sums);
    for (; x < end; x += c) {
        if (backward) {
            for (size_t i = 0; i < c; i++) {
                r->sums[i] += (double)dy[i];
                r->sums[c + i] += (double)dy[i] * ((double)x[i] - mean[i]) * inverse[i];
            }
            dy += c;
        } else if (r->phase == 0) {
            for (size_t i = 0; i < c; i++) r->sums[i] += (double)x[i];
        } else {
            for (size_t i = 0; i < c; i++) r->sums[i] += ((double)x[i] - mean[i]) * ((double)x[i] - mean[i]);
        }
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
        double v = r->sums[i] / count;
        if (backward) {
            dy[i] = v;
            dyx[i] = r->sums[c + i] / count;
        } else if (r->phase == 0) {
            mean[i] = v;
        } else {
            inverse[i] = 1 / sqrt(v + r->node->layer.epsilon);
            batchnorm_move((real *)r->param[2] + i, mean[i], momentum);
            batchnorm_move((real *)r->param[3] + i, v, momentum);
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
    real *scale = r->work, *shift = scale + c;
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

static const nn_op batchnorm_op = {
    .name = "batch_normalization", .title = "BatchNormalization", .min_in = 1, .max_in = 1,
    .shape = batchnorm_shape, .forward = batchnorm_forward, .backward = batchnorm_backward,
    .forward_phases = 2, .backward_phases = 1, .partial = batchnorm_partial, .done = batchnorm_done,
};
