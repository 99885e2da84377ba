/* conv_transpose.c - transposed convolution: what a convolution does to its gradient, as a layer.
 *                                                              keras.layers.Conv1DTranspose, Conv2DTranspose
 *   x [n, h, w, c]   W [kh, kw, filters, c]   b [filters]   ->   y [n, oh, ow, filters]
 *   x [n, t, c]      W [k, filters, c]        is an image of height 1
 *
 *   y[i s + k d - before, f]  +=  sum over c of x[i, c] W[k, f, c]        for every i and k that land inside, along
 *                                                                         both axes; sizes: window.c
 * With strides s, y's pixels fall into s classes (phases) along an axis: those of a phase see the same taps, every
 * s / gcd(s, d) -th, over adjacent pixels of x. So
 *
 *   y    for each phase one convolution of x with those taps turned round, stored s pixels apart (kernel/slide.h); no
 *        product with inserted zeros, nothing added up in memory
 *   dx   a plain convolution with strides, of dy by W as it lies
 *   dW   the other product of slide.h, with x and dy in each other's places
 *
 * Weights in these orders are packed once a step. Cost: h * w * kh * kw * c * filters multiply-adds a sample forward,
 * twice that backward.
 *
 * Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, chapter 4. */

/* Along one axis: the outputs o, o + s, ... of a phase and the taps they see. */
typedef struct convt_phase {
    size_t outputs;
    size_t taps, last, step;     /* number; the last of them, which meets the first value; kernel places between two */
    size_t start, apart;         /* where the first output's window begins in framed x; values between two taps' */
} convt_phase;

static size_t convt_gcd(size_t a, size_t b) { return b == 0 ? a : convt_gcd(b, a % b); }

/* Zeros before x: as many as the windows of the first outputs reach back. */
static size_t convt_zeros(const nn_window *w, int i) {
    size_t reach = (w->kernel[i] - 1) * w->dilation[i] / w->stride[i], first = w->before[i] / w->stride[i];
    return reach > first ? reach - first : 0;
}

/* The phase of output o < stride. Its outputs are o + j s; tap k meets x[q + j - (k d - r) / s], where o + before is
 * q s + r; taps are those whose k d leaves the same rest r. */
static convt_phase convt_phase_of(const nn_window *w, int i, size_t o) {
    size_t s = w->stride[i], d = w->dilation[i], r = (o + w->before[i]) % s, q = (o + w->before[i]) / s;
    size_t common = convt_gcd(s, d), first = 0;
    convt_phase p = { .outputs = (w->in[i] - o + s - 1) / s, .step = s / common, .apart = d / common };
    while (first < w->kernel[i] && first < p.step && first * d % s != r) first++;
    if (first >= w->kernel[i] || first == p.step) return p;   /* none: only the bias */
    p.taps = (w->kernel[i] - 1 - first) / p.step + 1;
    p.last = first + (p.taps - 1) * p.step;
    p.start = q + convt_zeros(w, i) - (p.last * d - r) / s;
    return p;
}

/* Phases that have outputs. */
static size_t convt_phases(const nn_window *w, int i) { return BASE_MIN(w->stride[i], w->in[i]); }

/* x, with the zeros that the windows of y's pixels reach. */
static conv_view convt_x_view(const nn_window *w, size_t channels) {
    conv_view v = { .channels = channels, .stride = { 1, 1 } };
    for (int i = 0; i < 2; i++) {
        v.in[i] = w->out[i];
        v.before[i] = convt_zeros(w, i);
        v.framed[i] = v.before[i] + BASE_MAX(v.in[i], (w->in[i] - 1 + w->before[i]) / w->stride[i] + 1);
    }
    return v;
}

static slide_runs convt_runs(const conv_view *v, const convt_phase *down, const convt_phase *across) {
    bool joined = across->apart == 1;
    return (slide_runs){ .down = down->taps, .across = joined ? 1 : across->taps,
                         .down_step = down->apart * v->framed[1] * v->channels,
                         .across_step = across->apart * v->channels,
                         .length = joined ? across->taps * v->channels : v->channels };
}

/* --- the row and its memory ------------------------------------------------------------ */

static size_t convt_channels(const nn_node *n) { return n->x[0].dim[n->x[0].ndim - 1]; }

/* Packed: the phases' taps, [taps, c, wide filters], and the bias; then W [taps, filters, wide c]. */
static size_t convt_packed_forward(const nn_node *n) {
    return (conv_taps(&n->window) * convt_channels(n) + 1) * conv_wide(n->window.channels);
}

static bool convt_shape(sori_ctx *c, nn_node *n, int axes) {
    sori_layer *l = &n->layer;
    if (l->filters < 1) return nn_fail(c, n, "filters %d must be at least 1", l->filters);
    size_t filters = (size_t)l->filters, channels = convt_channels(n);
    if (!nn_window_set_transposed(c, n, axes, filters)) return false;
    const nn_window *w = &n->window;
    size_t dim[4] = { w->kernel[0], w->kernel[1], filters, channels };
    nn_param *p = nn_add_param(c, n, "kernel", axes + 2, dim + 2 - axes);
    if (!p) return false;
    p->random = true;
    p->init = l->kernel_init;
    p->fan_in = conv_taps(w) * filters;   /* as Keras counts them */
    p->fan_out = conv_taps(w) * channels;
    p->l1 = l->l1;
    p->l2 = l->l2;
    conv_view x = convt_x_view(w, channels), y = conv_forward_view(w, false);
    n->work = BASE_MAX(conv_framed_size(&x), conv_framed_size(&y));
    n->packed = convt_packed_forward(n) + conv_taps(w) * filters * conv_wide(channels);
    n->cost = (double)w->out[0] * (double)w->out[1] * (double)p->shape.size;
    return l->no_bias || nn_add_param(c, n, "bias", 1, (size_t[]){ filters });
}

static bool conv1d_transpose_shape(sori_ctx *c, nn_node *n) { return convt_shape(c, n, 1); }
static bool conv2d_transpose_shape(sori_ctx *c, nn_node *n) { return convt_shape(c, n, 2); }

/* One row of n values and zeros up to whole vectors; the next row's place. NULL: zeros. */
static real *convt_pack_row(const real *from, size_t stride, size_t n, real *to) {
    size_t wide = slide_width(n);
    for (size_t i = 0; i < n; i++) to[i] = from ? from[i * stride] : 0;
    for (size_t i = n; i < wide; i++) to[i] = 0;
    return to + wide;
}

/* The taps of one phase, from the last, [taps][c][wide filters]. */
static real *convt_pack_phase(const nn_node *n, const real *kernel, const convt_phase *down,
                              const convt_phase *across, real *to) {
    size_t filters = n->window.channels, channels = convt_channels(n);
    for (size_t i = 0; i < down->taps; i++)
        for (size_t j = 0; j < across->taps; j++) {
            size_t ky = down->last - i * down->step, kx = across->last - j * across->step;
            const real *tap = kernel + (ky * n->window.kernel[1] + kx) * filters * channels;
            for (size_t k = 0; k < channels; k++) to = convt_pack_row(tap + k, channels, filters, to);
        }
    return to;
}

static void convt_prepare(const nn_run *r) {
    const nn_node *n = r->node;
    const nn_window *w = &n->window;
    size_t rows = conv_taps(w) * w->channels, channels = convt_channels(n);
    const real *kernel = r->param[0];
    real *to = convt_pack_row(r->param[1], 1, w->channels, r->packed);
    for (size_t oy = 0; oy < convt_phases(w, 0); oy++)
        for (size_t ox = 0; ox < convt_phases(w, 1); ox++) {
            convt_phase down = convt_phase_of(w, 0, oy), across = convt_phase_of(w, 1, ox);
            to = convt_pack_phase(n, kernel, &down, &across, to);
        }
    to = (real *)r->packed + convt_packed_forward(n);
    for (size_t i = 0; r->pass->training && i < rows; i++)
        to = convt_pack_row(kernel + i * channels, 1, channels, to);
}

/* --- forward and backward ------------------------------------------------------------ */

/* One row of a phase's outputs: count pixels whose windows begin at framed and one pixel on. */
static void convt_row(const conv_view *v, const slide_runs *runs, const real *framed, size_t count,
                      const slide_weights *k, size_t filters, real *y, size_t ldy) {
    const real *in[SLIDE_BLOCK];
    for (size_t p = 0; p < count; p += SLIDE_BLOCK) {
        size_t some = BASE_MIN((size_t)SLIDE_BLOCK, count - p);
        for (size_t i = 0; i < some; i++) in[i] = framed + (p + i) * v->channels;
        slide_forward(runs, in, some, k, filters, y + p * ldy, ldy);
    }
}

/* All outputs of a phase, of which (oy, ox) is the first; the weights behind its own. */
static const real *convt_run_phase(const nn_window *w, const conv_view *v, const real *framed, slide_weights k,
                                   size_t oy, size_t ox, real *y) {
    size_t filters = w->channels;
    convt_phase down = convt_phase_of(w, 0, oy), across = convt_phase_of(w, 1, ox);
    slide_runs runs = convt_runs(v, &down, &across);
    for (size_t i = 0; i < down.outputs; i++)
        convt_row(v, &runs, framed + ((down.start + i) * v->framed[1] + across.start) * v->channels, across.outputs, &k,
                  filters, y + ((oy + i * w->stride[0]) * w->in[1] + ox) * filters, w->stride[1] * filters);
    return k.w + down.taps * across.taps * v->channels * k.width;
}

static void convt_forward(const nn_run *r) {
    const nn_node *n = r->node;
    const nn_window *w = &n->window;
    slide_weights k = { .bias = r->packed, .width = slide_width(w->channels), .relu = r->relu };
    conv_view v = convt_x_view(w, convt_channels(n));
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *framed = conv_frame(&v, (const real *)r->x[0] + s * n->x[0].size, r->work);
        real *y = (real *)r->y + s * n->y.size;
        k.w = k.bias + k.width;
        for (size_t oy = 0; oy < convt_phases(w, 0); oy++)
            for (size_t ox = 0; ox < convt_phases(w, 1); ox++)
                k.w = convt_run_phase(w, &v, framed, k, oy, ox, y);
    }
}

static void convt_backward(const nn_run *r) {
    const nn_node *n = r->node;
    size_t filters = n->window.channels, channels = convt_channels(n);
    conv_view v = conv_forward_view(&n->window, false);
    slide_weights k = { .w = (const real *)r->packed + convt_packed_forward(n), .width = slide_width(channels) };
    real *db = r->dparam[1];
    for (size_t s = r->n0; s < r->n1; s++) {
        const real *x = (const real *)r->x[0] + s * n->x[0].size, *dy = (const real *)r->dy + s * n->y.size;
        const real *framed = conv_frame(&v, dy, r->work);
        if (db) add_rows(db, dy, n->y.size / filters, filters);
        conv_slide_gradient(&v, framed, 1, x, channels, r->dparam[0]);
        if (r->dx[0]) conv_slide(&v, framed, 1, &k, channels, (real *)r->dx[0] + s * n->x[0].size);
    }
}

static const nn_op conv1d_transpose_op = {
    .name = "conv1d_transpose", .title = "Conv1DTranspose", .min_in = 1, .max_in = 1,
    .relu = true, .shape = conv1d_transpose_shape, .prepare = convt_prepare, .forward = convt_forward,
    .backward = convt_backward,
};

static const nn_op conv2d_transpose_op = {
    .name = "conv2d_transpose", .title = "Conv2DTranspose", .min_in = 1, .max_in = 1,
    .relu = true, .shape = conv2d_transpose_shape, .prepare = convt_prepare, .forward = convt_forward,
    .backward = convt_backward,
};
