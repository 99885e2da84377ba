/* upsampling.c - every value several times along time, or along height and width; or values between them.
 *                                                                      keras.layers.UpSampling1D, UpSampling2D
 *   x [n, h, w, c]  ->  y [n, h kh, w kw, c]        x [n, t, c] is an image of height 1
 *
 *   nearest    y[i] = x[i / k]
 *   bilinear   y[i] lies at (i + 1/2) / k - 1/2 in x, between two values; before the first and behind the last it is
 *              that value (half-pixel centres, as TensorFlow's resize and torch's align_corners=False)
 *
 * Nearest is bilinear with no share of the second value, so both are one walk. Memory-bound. */

static bool upsampling_shape(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    int axes = n->x[0].ndim == 2 ? 1 : 2;
    if (!nn_image_set(c, n, axes)) return false;
    for (int i = 0; i < axes; i++) {
        if (l->kernel[i] == 0) l->kernel[i] = 2;
        if (l->kernel[i] < 1 || l->kernel[i] > 65536)
            return nn_fail(c, n, "kernel %d is outside 1..65536", l->kernel[i]);
        n->window.stride[i + 2 - axes] = (size_t)l->kernel[i];
        n->window.out[i + 2 - axes] *= (size_t)l->kernel[i];
    }
    n->y = n->x[0];
    for (int i = 0; i < axes; i++) n->y.dim[i] *= (size_t)l->kernel[i];
    n->work = n->window.in[1] * n->window.channels;
    n->cost = (double)n->window.out[0] * (double)n->window.out[1] * (double)n->window.channels;
    return true;
}

/* Where an output lies along an axis: t of the way from value lo to value hi. */
typedef struct upsampling_place { size_t lo, hi; real t; } upsampling_place;

INLINE upsampling_place upsampling_at(const nn_node *n, int axis, size_t o) {
    size_t k = n->window.stride[axis], last = n->window.in[axis] - 1;
    if (!n->layer.bilinear) return (upsampling_place){ o / k, o / k, 0 };
    size_t twice = 2 * o + 1 + k;   /* 2 k (place + 1): whole numbers above zero */
    size_t above = twice / (2 * k);
    return (upsampling_place){ above ? above - 1 : 0, BASE_MIN(above, last), (real)(twice % (2 * k)) / (real)(2 * k) };
}

/* y = a (1 - t) + b t */
INLINE void upsampling_mix(const real *a, const real *b, real t, real *y, size_t c) {
    for (size_t i = 0; i < c; i++) y[i] = a[i] + t * (b[i] - a[i]);
}

/* One output row from the input row or the mixture of two. */
static void upsampling_row(const nn_node *n, const real *row, real *y) {
    size_t c = n->window.channels;
    for (size_t o = 0; o < n->window.out[1]; o++, y += c) {
        upsampling_place p = upsampling_at(n, 1, o);
        if (p.t == 0) memcpy(y, row + p.lo * c, c * sizeof *y);
        else upsampling_mix(row + p.lo * c, row + p.hi * c, p.t, y, c);
    }
}

static void upsampling_forward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t in = n->window.in[1] * n->window.channels, out = n->window.out[1] * n->window.channels;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size;
        real *y = (real *)r->y + s * n->y.size;
        for (size_t o = 0; o < n->window.out[0]; o++, y += out) {
            upsampling_place p = upsampling_at(n, 0, o);
            const real *row = x + p.lo * in;
            if (!n->layer.bilinear && o % n->window.stride[0] > 0) {
                memcpy(y, y - out, out * sizeof *y);
                continue;
            }
            if (p.t > 0) upsampling_mix(row, x + p.hi * in, p.t, r->work, in);
            upsampling_row(n, p.t > 0 ? r->work : row, y);
        }
    }
}

/* Each value's gradient to the two it was made of. */
INLINE void upsampling_share(real *lo, real *hi, real t, const real *dy, size_t c) {
    if (t == 0) {
        add(lo, dy, c);
        return;
    }
    for (size_t i = 0; i < c; i++) {   /* lo and hi may be the same */
        lo[i] += (1 - t) * dy[i];
        hi[i] += t * dy[i];
    }
}

static void upsampling_backward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->dx[0]) return;
    size_t c = n->window.channels, in = n->window.in[1] * c;
    real *row = r->work;
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *dy = (const real *)r->dy + s * n->y.size;
        real *dx = (real *)r->dx[0] + s * n->x[0].size;
        memset(dx, 0, n->x[0].size * sizeof *dx);
        for (size_t o = 0; o < n->window.out[0]; o++) {
            memset(row, 0, in * sizeof *row);
            for (size_t i = 0; i < n->window.out[1]; i++, dy += c) {
                upsampling_place p = upsampling_at(n, 1, i);
                upsampling_share(row + p.lo * c, row + p.hi * c, p.t, dy, c);
            }
            upsampling_place p = upsampling_at(n, 0, o);
            upsampling_share(dx + p.lo * in, dx + p.hi * in, p.t, row, in);
        }
    }
}

static const nn_op upsampling_op = {
    .name = "up_sampling", .title = "UpSampling", .min_in = 1, .max_in = 1,
    .shape = upsampling_shape, .forward = upsampling_forward, .backward = upsampling_backward,
};
