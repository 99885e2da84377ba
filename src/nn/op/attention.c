/* attention.c - self-attention: every step looks at all steps of its sequence.        keras.layers.MultiHeadAttention
 *
 *   x [n, ..., t, c]  ->  y [n, ..., t, c], in `heads` heads of `units` numbers each (0: c / heads)
 *
 *   Q = x Wq + bq, K = x Wk + bk, V = x Wv + bv           [t, heads units]
 *   P = softmax(Q K^T / sqrt(units)), O = P V             a head by itself, P [t, t]
 *   y = O Wo + bo
 *
 *   dO = dy Wo^T     dV = P^T dO     dP = dO V^T     dS = softmax'(dP) / sqrt(units)     dQ = dS K     dK = dS^T Q
 *   dx = dQ Wq^T + dK Wk^T + dV Wv^T
 *
 * Keras's mha(x, x). Weights as Keras's: query_kernel, key_kernel, value_kernel [c, heads, units], their biases
 * [heads, units], output_kernel [heads, units, c], output_bias [c]. Every [t, c] is a sequence by itself; Q, K, V, O
 * and P of all are kept for the way back.
 *
 * Cost: 4 t c heads units + 2 t^2 heads units multiply-adds a sequence forward, twice that backward.
 *
 * A. Vaswani et al., "Attention is all you need", NeurIPS 2017. */

enum { QUERY, KEY, VALUE, OUTPUT, PROJECTIONS };

/* One sequence. */
typedef struct attention {
    size_t t, c, heads, units, width;      /* width: heads * units */
    real *kept[PROJECTIONS];               /* Q, K, V, O [t, width] */
    real *p;                               /* [heads, t, t] */
    real *grad[PROJECTIONS];               /* theirs, [t, width] */
    real *dp;                              /* [t, t] */
} attention;

static attention attention_of(const nn_run *r, size_t sequence) {
    const nn_node *n = r->node;
    const nn_shape *x = &n->x[0];
    attention a = { .t = x->dim[x->ndim - 2], .c = x->dim[x->ndim - 1], .heads = (size_t)n->layer.heads,
                    .units = (size_t)n->layer.units };
    a.width = a.heads * a.units;
    size_t size = a.t * a.width;
    real *stash = (real *)r->stash + sequence * (PROJECTIONS * size + a.heads * a.t * a.t), *work = r->work;
    for (size_t i = 0; i < PROJECTIONS; i++) {
        a.kept[i] = stash + i * size;
        a.grad[i] = work + i * size;
    }
    a.p = stash + PROJECTIONS * size;
    a.dp = work + PROJECTIONS * size;
    return a;
}

static void *attention_kernel(const nn_run *r, void *const *of, size_t i) {
    return of[r->node->layer.no_bias ? i : 2 * i];
}
static void *attention_bias(const nn_run *r, void *const *of, size_t i) {
    return r->node->layer.no_bias ? NULL : of[2 * i + 1];
}

/* y [t, out] = x [t, in] W + b of projection i. */
static void attention_project(const nn_run *r, size_t i, size_t t, size_t in, size_t out, const real *x, real *y) {
    const real *b = attention_bias(r, r->param, i);
    for (size_t k = 0; b && k < t; k++) memcpy(y + k * out, b, out * sizeof *y);
    product(t, out, in, (matrix){ x, in, 1 }, (matrix){ attention_kernel(r, r->param, i), out, 1 }, y, out, b != NULL);
}

/* Back: dx, if wanted, written or added to; dW and db added to. */
static void attention_project_back(const nn_run *r, size_t i, size_t t, size_t in, size_t out, const real *x,
                                   const real *dy, real *dx, bool more) {
    real *db = attention_bias(r, r->dparam, i);
    for (size_t k = 0; db && k < t; k++) add(db, dy + k * out, out);
    product(in, out, t, (matrix){ x, 1, in }, (matrix){ dy, out, 1 }, attention_kernel(r, r->dparam, i), out, true);
    if (dx)
        product(t, in, out, (matrix){ dy, out, 1 }, (matrix){ attention_kernel(r, r->param, i), 1, out }, dx, in, more);
}

static void attention_head(const attention *a, size_t head) {
    size_t at = head * a->units, t = a->t, width = a->width;
    real *p = a->p + head * t * t, scale = 1 / sqrt_real((real)a->units);
    product(t, t, a->units, (matrix){ a->kept[QUERY] + at, width, 1 }, (matrix){ a->kept[KEY] + at, 1, width }, p, t,
            false);
    for (size_t i = 0; i < t * t; i++) p[i] *= scale;
    softmax(p, p, t, t);
    product(t, a->units, t, (matrix){ p, t, 1 }, (matrix){ a->kept[VALUE] + at, width, 1 }, a->kept[OUTPUT] + at, width,
            false);
}

static void attention_head_back(const attention *a, size_t head) {
    size_t at = head * a->units, t = a->t, width = a->width;
    const real *p = a->p + head * t * t, *out = a->grad[OUTPUT] + at;
    real *dp = a->dp, scale = 1 / sqrt_real((real)a->units);
    product(t, a->units, t, (matrix){ p, 1, t }, (matrix){ out, width, 1 }, a->grad[VALUE] + at, width, false);
    product(t, t, a->units, (matrix){ out, width, 1 }, (matrix){ a->kept[VALUE] + at, 1, width }, dp, t, false);
    softmax_back(p, dp, t, t);
    for (size_t i = 0; i < t * t; i++) dp[i] *= scale;
    product(t, a->units, t, (matrix){ dp, t, 1 }, (matrix){ a->kept[KEY] + at, width, 1 }, a->grad[QUERY] + at, width,
            false);
    product(t, a->units, t, (matrix){ dp, 1, t }, (matrix){ a->kept[QUERY] + at, width, 1 }, a->grad[KEY] + at, width,
            false);
}

static size_t attention_sequences(const nn_node *n) {
    const nn_shape *x = &n->x[0];
    return x->size / (x->dim[x->ndim - 1] * x->dim[x->ndim - 2]);
}

static void attention_forward(const nn_run *r) {
    size_t per = attention_sequences(r->node);
    for (size_t s = r->n0 * per; s < r->n1 * per; s++) {
        attention a = attention_of(r, s);
        size_t at = s * a.t * a.c;
        for (size_t i = QUERY; i <= VALUE; i++)
            attention_project(r, i, a.t, a.c, a.width, (const real *)r->x[0] + at, a.kept[i]);
        for (size_t head = 0; head < a.heads; head++) attention_head(&a, head);
        attention_project(r, OUTPUT, a.t, a.width, a.c, a.kept[OUTPUT], (real *)r->y + at);
    }
}

static void attention_backward(const nn_run *r) {
    size_t per = attention_sequences(r->node);
    for (size_t s = r->n0 * per; s < r->n1 * per; s++) {
        attention a = attention_of(r, s);
        size_t at = s * a.t * a.c;
        real *dx = r->dx[0] ? (real *)r->dx[0] + at : NULL;
        attention_project_back(r, OUTPUT, a.t, a.width, a.c, a.kept[OUTPUT], (const real *)r->dy + at, a.grad[OUTPUT],
                               false);
        for (size_t head = 0; head < a.heads; head++) attention_head_back(&a, head);
        for (size_t i = QUERY; i <= VALUE; i++)
            attention_project_back(r, i, a.t, a.c, a.width, (const real *)r->x[0] + at, a.grad[i], dx, i > QUERY);
    }
}

/* Fans as Keras counts them for its three-axis kernels: the first axis multiplies both. */
static bool attention_add_params(sori_ctx *c, nn_node *n, size_t channels) {
    static const char *const name[PROJECTIONS] = { "query", "key", "value", "output" };
    size_t in[3] = { channels, (size_t)n->layer.heads, (size_t)n->layer.units }, out[3] = { in[1], in[2], in[0] };
    for (size_t i = 0; i < PROJECTIONS; i++) {
        const size_t *dim = i == OUTPUT ? out : in;
        char kernel[32], bias[32];
        base_format(kernel, sizeof kernel, "%s_kernel", name[i]);
        base_format(bias, sizeof bias, "%s_bias", name[i]);
        nn_param *w = nn_add_param(c, n, kernel, 3, dim);
        if (!w) return false;
        w->random = true;
        w->init = n->layer.kernel_init;
        w->fan_in = dim[0] * dim[1];
        w->fan_out = dim[0] * dim[2];
        w->l1 = n->layer.l1;
        w->l2 = n->layer.l2;
        if (!n->layer.no_bias && !nn_add_param(c, n, bias, i == OUTPUT ? 1 : 2, i == OUTPUT ? &channels : in + 1))
            return false;
    }
    return true;
}

#define ATTENTION_MOST 65536   /* heads, units of one: their product with the steps stays below 2^64 */

static bool attention_shape(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    const nn_shape *x = &n->x[0];
    if (x->ndim < 2) return nn_fail(c, n, "needs [..., time, channel], got %d axis", x->ndim);
    size_t t = x->dim[x->ndim - 2], channels = x->dim[x->ndim - 1], sequences = attention_sequences(n);
    if (!l->heads) l->heads = 1;
    if (l->heads < 1 || l->heads > ATTENTION_MOST)
        return nn_fail(c, n, "heads %d is outside 1..%d", l->heads, ATTENTION_MOST);
    if (!l->units && channels % (size_t)l->heads)
        return nn_fail(c, n, "units is not given and %zu channels do not divide into %d heads", channels, l->heads);
    if (!l->units) l->units = (int)(channels / (size_t)l->heads);
    if (l->units < 1 || l->units > ATTENTION_MOST)
        return nn_fail(c, n, "units %d is outside 1..%d", l->units, ATTENTION_MOST);
    size_t width = (size_t)l->heads * (size_t)l->units, heads = (size_t)l->heads;
    if (width > NN_MAX_ELEMENTS / PROJECTIONS / (sequences * t) || heads * t > NN_MAX_ELEMENTS / (sequences * t))
        return nn_fail(c, n, "%zu steps of %d heads are too many", sequences * t, l->heads);
    n->y = *x;
    n->cost = (double)(sequences * t) * (double)width * (4 * (double)channels + 2 * (double)t);
    n->stash_reals = sequences * (PROJECTIONS * t * width + heads * t * t);
    n->work = PROJECTIONS * t * width + t * t;
    return attention_add_params(c, n, channels);
}

static const nn_op attention_op = {
    .name = "multi_head_attention", .title = "MultiHeadAttention", .min_in = 1, .max_in = 1,
    .shape = attention_shape, .forward = attention_forward, .backward = attention_backward,
};
