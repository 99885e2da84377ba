/* norm.c - layer, group and instance normalisation: statistics of one sample, the same in training and inference.
 *                           keras.layers.LayerNormalization, GroupNormalization; torch.nn.InstanceNorm (affine)
 *   y = gamma xhat + beta, xhat = (x - mean) / sqrt(var + eps), var biased, gamma and beta one a channel, over
 *     layer      each row of channels
 *     group      all pixels of each of `groups` equal ranges of channels
 *     instance   all pixels of each channel: as many groups as channels
 *   dx = 1 / std (g - mean(g) - xhat mean(g xhat)), g = gamma dy;   dgamma = sum dy xhat, dbeta = sum dy
 *
 * Ba, Kiros & Hinton, "Layer normalization", 2016; Wu & He, "Group normalization", ECCV 2018; Ulyanov et al.,
 * "Instance normalization", 2016. Statistics are found in two passes in double. What x is centred by is the mean
 * rounded to the number type, so that the difference is exact; the rest of the mean goes into a shift. Groups are
 * summed channel by channel; pixels of few channels are taken several at a time, as one pixel of `period` channels.
 * Kept for the backward pass: mean and 1 / std of each row or group, in double. */

#define NORM_PERIOD 32   /* values summed side by side at least: enough for every vector */

static size_t norm_channels(const nn_node *n) { return n->x[0].dim[n->x[0].ndim - 1]; }
static size_t norm_period(size_t channels) { return (NORM_PERIOD + channels - 1) / channels * channels; }

/* statistics: rows or groups a sample. Room for 2 doubles and 4 numbers for each of `period` channels. */
static bool norm_shape(sori_ctx *c, nn_node *n, size_t statistics) {
    size_t channels = norm_channels(n), period = norm_period(channels);
    if (n->layer.epsilon == 0) n->layer.epsilon = 1e-3;
    if (!(n->layer.epsilon > 0)) return nn_fail(c, n, "epsilon %g must be above 0", n->layer.epsilon);
    n->y = n->x[0];
    n->stash = statistics * 2 * sizeof(double);
    n->work = 8 * base_round_up(period, NN_ROUND);
    n->cost = (double)n->x[0].size;
    nn_param *gamma = nn_add_param(c, n, "gamma", 1, &channels);
    if (!gamma) return false;
    gamma->init_value = 1;
    return nn_add_param(c, n, "beta", 1, &channels) != NULL;
}

static bool layernorm_shape(sori_ctx *c, nn_node *n) { return norm_shape(c, n, n->x[0].size / norm_channels(n)); }

static bool groupnorm_shape(sori_ctx *c, nn_node *n) {
    if (n->layer.groups == 0) n->layer.groups = 32;
    if (n->layer.groups < 1 || norm_channels(n) % (size_t)n->layer.groups)
        return nn_fail(c, n, "%zu channels cannot be cut into %d groups", norm_channels(n), n->layer.groups);
    return norm_shape(c, n, (size_t)n->layer.groups);
}

static bool instancenorm_shape(sori_ctx *c, nn_node *n) {
    if (n->x[0].ndim < 2) return nn_fail(c, n, "needs axes before the channels");
    return norm_shape(c, n, norm_channels(n));
}

/* What a call works in. */
typedef struct norm_scratch {
    double *sum, *product;                /* [period] */
    real *center, *inverse, *shift, *a;   /* [period] */
} norm_scratch;

static norm_scratch norm_scratch_of(const nn_run *r) {
    size_t period = base_round_up(norm_period(norm_channels(r->node)), NN_ROUND);
    double *sums = r->work;
    real *values = (real *)(sums + 2 * period);
    return (norm_scratch){ sums, sums + period, values, values + period, values + 2 * period, values + 3 * period };
}

/* Mean and 1 / std of sample s: 2 doubles a row or group. */
static double *norm_stash(const nn_run *r, size_t s) { return (double *)((char *)r->stash + s * r->node->stash); }

/* xhat = (x - center) * inverse + shift */
typedef struct norm_hat { real center, inverse, shift; } norm_hat;

INLINE norm_hat norm_hat_of(const double kept[2]) {
    real center = (real)kept[0];
    return (norm_hat){ center, (real)kept[1], (real)(((double)center - kept[0]) * kept[1]) };
}

/* --- rows ------------------------------------------------------------ */

static void layernorm_forward(const nn_run *r) {
    size_t c = norm_channels(r->node), per = r->node->x[0].size;
    const real *gamma = r->param[0], *beta = r->param[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        double *kept = norm_stash(r, s);
        for (size_t at = s * per; at < (s + 1) * per; at += c, kept += 2) {
            const real *x = (const real *)r->x[0] + at;
            real *y = (real *)r->y + at;
            kept[0] = total_of(x, c) / (double)c;
            kept[1] = 1 / sqrt(squares_from(x, kept[0], c) / (double)c + r->node->layer.epsilon);
            norm_hat h = norm_hat_of(kept);
            for (size_t i = 0; i < c; i++) y[i] = ((x[i] - h.center) * h.inverse + h.shift) * gamma[i] + beta[i];
        }
    }
}

/* dx of a row, and what it adds to the sums of dy and of dy xhat. */
static void layernorm_row_back(const real *x, const real *dy, const real *gamma, const double *kept, size_t c,
                               norm_scratch w, real *dx) {
    norm_hat h = norm_hat_of(kept);
    real *hat = w.shift, *g = w.a;
    for (size_t i = 0; i < c; i++) {
        hat[i] = (x[i] - h.center) * h.inverse + h.shift;
        g[i] = dy[i] * gamma[i];
        w.sum[i] += (double)dy[i];
        w.product[i] += (double)(dy[i] * hat[i]);
    }
    if (!dx) return;
    real mean = (real)(total_of(g, c) / (double)c), slope = (real)(dot_of(g, hat, c) / (double)c);
    for (size_t i = 0; i < c; i++) dx[i] = h.inverse * (g[i] - mean - hat[i] * slope);
}

static void layernorm_backward(const nn_run *r) {
    size_t c = norm_channels(r->node), per = r->node->x[0].size;
    norm_scratch w = norm_scratch_of(r);
    real *dgamma = r->dparam[0], *dbeta = r->dparam[1], *dx = r->dx[0];
    for (size_t i = 0; i < c; i++) w.sum[i] = w.product[i] = 0;
    for (size_t s = r->n0; s < r->n1; s++) {
        const double *kept = norm_stash(r, s);
        for (size_t at = s * per; at < (s + 1) * per; at += c, kept += 2)
            layernorm_row_back((const real *)r->x[0] + at, (const real *)r->dy + at, r->param[0], kept, c, w,
                               dx ? dx + at : NULL);
    }
    for (size_t i = 0; i < c; i++) {
        dgamma[i] += (real)w.product[i];
        dbeta[i] += (real)w.sum[i];
    }
}

/* --- groups of channels ------------------------------------------------------------ */

static size_t norm_groups(const nn_node *n) { return n->stash / (2 * sizeof(double)); }

/* sum[i] = the sum over pixels of x, or of the squared distance from center[i], for each channel of the period. */
static void norm_sums(const real *x, size_t n, size_t period, const real *center, double *sum) {
    for (size_t i = 0; i < period; i++) sum[i] = 0;
    for (size_t p = 0; p < n; p += period) {
        const real *v = x + p;
        size_t m = BASE_MIN(period, n - p);
        if (!center) for (size_t i = 0; i < m; i++) sum[i] += (double)v[i];
        else for (size_t i = 0; i < m; i++) sum[i] += (double)(v[i] - center[i]) * (double)(v[i] - center[i]);
    }
}

/* The mean over group g of weight[channel] * sum, weight NULL: 1. */
static double norm_group_mean(const nn_node *n, const double *sum, const real *weight, size_t g) {
    size_t c = norm_channels(n), period = norm_period(c), width = c / norm_groups(n);
    double total = 0;
    for (size_t p = 0; p < period; p += c)
        for (size_t i = g * width; i < (g + 1) * width; i++) total += sum[p + i] * (weight ? (double)weight[i] : 1);
    return total / (double)(n->x[0].size / norm_groups(n));
}

/* How group g's channels become xhat. */
static void norm_spread(const nn_node *n, const double kept[2], size_t g, norm_scratch w) {
    size_t c = norm_channels(n), period = norm_period(c), width = c / norm_groups(n);
    norm_hat h = norm_hat_of(kept);
    for (size_t p = 0; p < period; p += c)
        for (size_t i = p + g * width; i < p + (g + 1) * width; i++) {
            w.center[i] = h.center;
            w.inverse[i] = h.inverse;
            w.shift[i] = h.shift;
        }
}

/* The distances are taken from the rounded mean: their squares are too large by the rest's. */
static void groupnorm_statistics(const nn_node *n, const real *x, norm_scratch w, double *kept) {
    size_t period = norm_period(norm_channels(n)), per = n->x[0].size, groups = norm_groups(n);
    norm_sums(x, per, period, NULL, w.sum);
    for (size_t g = 0; g < groups; g++) {
        kept[2 * g] = norm_group_mean(n, w.sum, NULL, g);
        norm_spread(n, kept + 2 * g, g, w);
    }
    norm_sums(x, per, period, w.center, w.sum);
    for (size_t g = 0; g < groups; g++) {
        double rest = kept[2 * g] - (double)(real)kept[2 * g];
        double variance = BASE_MAX(norm_group_mean(n, w.sum, NULL, g) - rest * rest, 0);
        kept[2 * g + 1] = 1 / sqrt(variance + n->layer.epsilon);
        norm_spread(n, kept + 2 * g, g, w);
    }
}

/* y = (x - center) a + shift */
static void groupnorm_forward(const nn_run *r) {
    size_t c = norm_channels(r->node), period = norm_period(c), per = r->node->x[0].size;
    const real *gamma = r->param[0], *beta = r->param[1];
    norm_scratch w = norm_scratch_of(r);
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * per;
        real *y = (real *)r->y + s * per;
        groupnorm_statistics(r->node, x, w, norm_stash(r, s));
        for (size_t p = 0; p < period; p += c)
            for (size_t i = 0; i < c; i++) {
                w.a[p + i] = gamma[i] * w.inverse[p + i];
                w.shift[p + i] = gamma[i] * w.shift[p + i] + beta[i];
            }
        for (size_t p = 0; p < per; p += period)
            for (size_t i = 0, m = BASE_MIN(period, per - p); i < m; i++)
                y[p + i] = (x[p + i] - w.center[i]) * w.a[i] + w.shift[i];
    }
}

/* The sums of dy and of dy xhat for each channel of the period. */
static void groupnorm_sums_back(const nn_node *n, const real *x, const real *dy, const double *kept, norm_scratch w) {
    size_t period = norm_period(norm_channels(n)), per = n->x[0].size;
    for (size_t g = 0; g < norm_groups(n); g++) norm_spread(n, kept + 2 * g, g, w);
    for (size_t i = 0; i < period; i++) w.sum[i] = w.product[i] = 0;
    for (size_t p = 0; p < per; p += period)
        for (size_t i = 0, m = BASE_MIN(period, per - p); i < m; i++) {
            w.sum[i] += (double)dy[p + i];
            w.product[i] += (double)(dy[p + i] * ((x[p + i] - w.center[i]) * w.inverse[i] + w.shift[i]));
        }
}

/* dx = a dy + b (x - center) + shift, with a = gamma / std, b = -mean(g xhat) / var; b takes inverse's place. */
static void groupnorm_dx(const nn_run *r, const real *x, const real *dy, const double *kept, norm_scratch w, real *dx) {
    const nn_node *n = r->node;
    const real *gamma = r->param[0];
    size_t c = norm_channels(n), period = norm_period(c), per = n->x[0].size, width = c / norm_groups(n);
    for (size_t g = 0; g < norm_groups(n); g++) {
        double mean = norm_group_mean(n, w.sum, gamma, g), slope = norm_group_mean(n, w.product, gamma, g);
        double inverse = kept[2 * g + 1];
        for (size_t p = 0; p < period; p += c)
            for (size_t i = g * width; i < (g + 1) * width; i++) {
                w.a[p + i] = (real)((double)gamma[i] * inverse);
                w.inverse[p + i] = (real)(-slope * inverse * inverse);
                w.shift[p + i] = (real)(-inverse * (mean + slope * (double)w.shift[p + i]));
            }
    }
    for (size_t p = 0; p < per; p += period)
        for (size_t i = 0, m = BASE_MIN(period, per - p); i < m; i++)
            dx[p + i] = w.a[i] * dy[p + i] + w.inverse[i] * (x[p + i] - w.center[i]) + w.shift[i];
}

static void groupnorm_backward(const nn_run *r) {
    size_t c = norm_channels(r->node), period = norm_period(c), per = r->node->x[0].size;
    norm_scratch w = norm_scratch_of(r);
    real *dgamma = r->dparam[0], *dbeta = r->dparam[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * per, *dy = (const real *)r->dy + s * per;
        const double *kept = norm_stash(r, s);
        groupnorm_sums_back(r->node, x, dy, kept, w);
        for (size_t p = 0; p < period; p += c)
            for (size_t i = 0; i < c; i++) {
                dgamma[i] += (real)w.product[p + i];
                dbeta[i] += (real)w.sum[p + i];
            }
        if (r->dx[0]) groupnorm_dx(r, x, dy, kept, w, (real *)r->dx[0] + s * per);
    }
}

static const nn_op layernorm_op = {
    .name = "layer_normalization", .title = "LayerNormalization", .min_in = 1, .max_in = 1,
    .shape = layernorm_shape, .forward = layernorm_forward, .backward = layernorm_backward,
};

static const nn_op groupnorm_op = {
    .name = "group_normalization", .title = "GroupNormalization", .min_in = 1, .max_in = 1,
    .shape = groupnorm_shape, .forward = groupnorm_forward, .backward = groupnorm_backward,
};

static const nn_op instancenorm_op = {
    .name = "instance_normalization", .title = "InstanceNormalization", .min_in = 1, .max_in = 1,
    .shape = instancenorm_shape, .forward = groupnorm_forward, .backward = groupnorm_backward,
};
