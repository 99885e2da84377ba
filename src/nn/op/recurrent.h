/* recurrent.h - what LSTM and GRU share: sequences through packed weights, and back through time.
 *
 *   x [n, ..., t, c]  ->  y [n, ..., t, d u], or [n, ..., d u] of the last step;   d: directions, 1 or 2
 *
 * Every [t, c] is a sequence of its own. What a unit sums up over x_t and h_t-1 is four numbers, one a slot: LSTM's
 * are its gates; GRU's are candidate from x, update, reset, candidate from h, so that x adds to the first `gates`
 * slots, h to the last. LANES units make a panel: weights are packed once a training step as [panel][k][slot][lane],
 * in the order they are read, and a tile of a few sequences x one panel has its four slots in registers when the sums
 * are done. The cell (lstm.c, gru.c) takes it from there, on whole vectors. A panel's weights stay in the first-level
 * cache for all tiles of a step, which is why shards want several samples.
 *
 * In training slots and states are kept, slots as [sequence][panel][t][slot][lane]. On the way back a cell replaces the
 * slots by their gradients; only dh_t-1 = dz_t R^T is a product a step, the others take all steps of a sequence:
 *
 *   dW += x^T dz      dR += h_before^T dz      db += sum dz      dx = dz W^T
 *
 * Order: direction 0 reads x forward (or with go_backwards from the end), direction 1 the other way. Outputs are in the
 * order of reading, direction 1's turned round, as Keras's. Everything kept is in x's order.
 *
 * Cost: t (c + u) gates u multiply-adds a sequence and direction forward, twice that backward. */

#define SLOTS 4
#define PANEL_SIZE (SLOTS * LANES)
#define RNN_ROWS ROWS_BY_4            /* sequences of a tile: with 4 vectors each they fill the registers */
#define RNN_SAMPLES 8                 /* sequences a shard needs so that tiles are full */

typedef struct rnn rnn;

/* One kind of cell. */
typedef struct rnn_kind {
    size_t gates;
    unsigned char from_x[SLOTS], from_h[SLOTS];   /* Keras's gate in x's slots, in h's (counted from its first) */
    size_t bias_rows;                             /* 2: products with x and with h have biases of their own */
    /* Tiles: z [rows][slot][lane], before the activations, of sequences [n, n + rows) at step s; z is its own. */
    void (*forward)(const rnn *q, size_t s, size_t panel, size_t n, size_t rows, real *z);
    void (*backward)(const rnn *q, size_t s, size_t panel, size_t n);
} rnn_kind;

/* One direction of a shard. */
struct rnn {
    const rnn_kind *kind;
    size_t t, c, u, wide, panels, n;    /* steps, channels, units, units with padding, panels, sequences */
    bool from_end, keep, sequences;     /* read x from its end; keep slots for the way back; y has all steps */
    size_t first, all;                  /* this direction's first place in a row of y, and the row's length */
    bool turned;
    const real *x, *dy;
    real *y, *dx;
    real *slots;                        /* [n][panel][t][slot][lane], only with keep */
    real *c_state, *h;                  /* [n][t][wide]; without keep two steps, in turn */
    real *dh, *carry;                   /* [n][wide] gradient by h, and what the cell hands to the step before */
    real *w, *r;                        /* packed: [panel][c][slot][lane], [panel][wide][slot][lane] */
    real *wt, *rt;                      /* transposed: [panel][slot][lane][c], [panel][slot][lane][wide] */
    real *bias;                         /* [panel][slot][lane] */
};

/* --- places ------------------------------------------------------------ */

INLINE size_t rnn_x_step(const rnn *q, size_t s) { return q->from_end ? q->t - 1 - s : s; }
INLINE size_t rnn_kept_step(const rnn *q, size_t s) { return q->keep ? rnn_x_step(q, s) : s % 2; }
/* Where sequence n's state after step s begins. */
INLINE size_t rnn_at(const rnn *q, size_t n, size_t s) { return (n * q->t + rnn_kept_step(q, s)) * q->wide; }
INLINE real *rnn_slots(const rnn *q, size_t n, size_t panel, size_t s) {
    return q->slots + ((n * q->panels + panel) * q->t + rnn_x_step(q, s)) * PANEL_SIZE;
}
/* A panel's units in y (or dy): how many, where, and whether step s has a place there. */
INLINE size_t rnn_width(const rnn *q, size_t panel) { return BASE_MIN((size_t)LANES, q->u - panel * LANES); }
INLINE size_t rnn_y_at(const rnn *q, size_t n, size_t panel, size_t s) {
    size_t row = q->sequences ? n * q->t + (q->turned ? q->t - 1 - s : s) : n;
    return row * q->all + q->first + panel * LANES;
}
INLINE bool rnn_is_seen(const rnn *q, size_t s) { return q->sequences || s == q->t - 1; }

INLINE void rnn_put(const rnn *q, size_t n, size_t panel, size_t s, vec h) {
    store(q->h + rnn_at(q, n, s) + panel * LANES, h);
    if (!rnn_is_seen(q, s)) return;
    real *y = q->y + rnn_y_at(q, n, panel, s);
    if (rnn_width(q, panel) == LANES) store(y, h);
    else store_some(y, h, rnn_width(q, panel));
}

/* The whole gradient by h of step s: from y and from the step after. */
INLINE vec rnn_dh(const rnn *q, size_t n, size_t panel, size_t s) {
    vec d = load(q->dh + n * q->wide + panel * LANES);
    if (!rnn_is_seen(q, s)) return d;
    const real *dy = q->dy + rnn_y_at(q, n, panel, s);
    return d + (rnn_width(q, panel) == LANES ? load(dy) : load_some(dy, rnn_width(q, panel)));
}

/* --- gates: NaN goes through, so that a network that diverges is seen to ------------------------------------------ */

INLINE vec rnn_sigmoid(vec x) {
    vector scale, p = exp_parts(held(-(vector)x, -80, 80), &scale);
    return (vec)(1 / (1 + (scale * p + scale)));
}
/* e / (e + 2), e = e^2x - 1, which near 0 loses no digits; beyond +-20 it is +-1 in double too. */
INLINE vec rnn_tanh(vec x) {
    vector scale, p = exp_parts(held(2 * (vector)x, -40, 40), &scale), e = scale * p + (scale - 1);
    return (vec)(e / (e + 2));
}

/* --- forward ------------------------------------------------------------ */

/* acc [rows][slots first ...] += a [rows, k] w [k][gates][lane] */
INLINE void rnn_dot(vec acc[][SLOTS], size_t k, const real *a, size_t stride, const real *w, const int rows,
                    const int gates, const int first) {
    for (size_t l = 0; l < k; l++, w += (size_t)gates * LANES) {
        vec v[SLOTS];
#pragma GCC unroll 4
        for (int g = 0; g < gates; g++) v[g] = load(w + (size_t)g * LANES);
#pragma GCC unroll 6
        for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (int g = 0; g < gates; g++) acc[i][first + g] += a[(size_t)i * stride + l] * v[g];
    }
}

INLINE void rnn_tile(const rnn *q, size_t s, size_t panel, size_t n, const int rows, const int gates) {
    vec acc[RNN_ROWS][SLOTS];
    real z[RNN_ROWS * PANEL_SIZE];
    size_t per_k = (size_t)gates * LANES;
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < SLOTS; v++) acc[i][v] = load(q->bias + panel * PANEL_SIZE + (size_t)v * LANES);
    rnn_dot(acc, q->c, q->x + (n * q->t + rnn_x_step(q, s)) * q->c, q->t * q->c, q->w + panel * q->c * per_k, rows,
            gates, 0);
    if (s > 0)
        rnn_dot(acc, q->u, q->h + rnn_at(q, n, s - 1), q->t * q->wide, q->r + panel * q->wide * per_k, rows, gates,
                SLOTS - gates);
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < SLOTS; v++) store(z + ((size_t)i * SLOTS + (size_t)v) * LANES, acc[i][v]);
    q->kind->forward(q, s, panel, n, (size_t)rows, z);
}

INLINE void rnn_tile_of(const rnn *q, size_t s, size_t panel, size_t n, size_t rows, const int gates) {
    switch (rows) {
    case 1: rnn_tile(q, s, panel, n, 1, gates); break;
    case 2: rnn_tile(q, s, panel, n, 2, gates); break;
    case 3: rnn_tile(q, s, panel, n, 3, gates); break;
#if RNN_ROWS > 3
    case 4: rnn_tile(q, s, panel, n, 4, gates); break;
    case 5: rnn_tile(q, s, panel, n, 5, gates); break;
    default: rnn_tile(q, s, panel, n, 6, gates); break;
#endif
    }
}

/* Tiles of nearly equal height, each at most RNN_ROWS. */
static void rnn_forward_steps(const rnn *q) {
    size_t tiles = (q->n + RNN_ROWS - 1) / RNN_ROWS;
    for (size_t s = 0; s < q->t; s++)
        for (size_t panel = 0; panel < q->panels; panel++)
            for (size_t i = 0; i < tiles; i++) {
                size_t n = q->n * i / tiles, rows = q->n * (i + 1) / tiles - n;
                if (q->kind->gates == 4) rnn_tile_of(q, s, panel, n, rows, 4);
                else rnn_tile_of(q, s, panel, n, rows, 3);
            }
}

/* --- weights ------------------------------------------------------------ */

/* from [k][gate][u] into [panel][k][slot][lane], zeros behind the last unit. */
static void rnn_pack(const rnn *q, const unsigned char *gate_of, const real *from, size_t k, size_t room, real *to) {
    size_t gates = q->kind->gates;
    memset(to, 0, q->panels * room * gates * LANES * sizeof *to);
    for (size_t panel = 0; panel < q->panels; panel++)
        for (size_t l = 0; l < k; l++)
            for (size_t v = 0; v < gates; v++)
                memcpy(to + ((panel * room + l) * gates + v) * LANES,
                       from + (l * gates + gate_of[v]) * q->u + panel * LANES, rnn_width(q, panel) * sizeof *to);
}

/* The same transposed: [panel][slot][lane][k], rows of `room` numbers. */
static void rnn_pack_transposed(const rnn *q, const unsigned char *gate_of, const real *from, size_t k, size_t room,
                                real *to) {
    size_t gates = q->kind->gates;
    memset(to, 0, q->wide * gates * room * sizeof *to);
    for (size_t panel = 0; panel < q->panels; panel++)
        for (size_t v = 0; v < gates; v++)
            for (size_t i = 0; i < rnn_width(q, panel); i++)
                for (size_t l = 0; l < k; l++)
                    to[((panel * gates + v) * LANES + i) * room + l] =
                        from[(l * gates + gate_of[v]) * q->u + panel * LANES + i];
}

/* A gradient [panel][k][slot][lane], added to where it belongs. */
static void rnn_unpack(const rnn *q, const unsigned char *gate_of, const real *from, size_t k, size_t room, real *to) {
    size_t gates = q->kind->gates;
    for (size_t panel = 0; panel < q->panels; panel++)
        for (size_t l = 0; l < k; l++)
            for (size_t v = 0; v < gates; v++)
                add(to + (l * gates + gate_of[v]) * q->u + panel * LANES,
                    from + ((panel * room + l) * gates + v) * LANES, rnn_width(q, panel));
}

/* bias [rows][gate][u] between the parameter and [panel][slot][lane]: in, or its gradient out. */
static void rnn_bias(const rnn *q, real *bias, real *packed, bool out) {
    const rnn_kind *k = q->kind;
    for (size_t row = 0; bias && row < k->bias_rows; row++)
        for (size_t panel = 0; panel < q->panels; panel++)
            for (size_t v = 0; v < k->gates; v++) {
                size_t slot = row ? SLOTS - k->gates + v : v, gate = row ? k->from_h[v] : k->from_x[v];
                real *a = bias + (row * k->gates + gate) * q->u + panel * LANES;
                real *b = packed + panel * PANEL_SIZE + slot * LANES;
                if (out) add(a, b, rnn_width(q, panel));
                else add(b, a, rnn_width(q, panel));
            }
}

/* --- backward ------------------------------------------------------------ */

/* Slots become their gradients, from the last step to the first. */
static void rnn_backward_steps(const rnn *q) {
    size_t gates = q->kind->gates, across = q->panels * q->t * PANEL_SIZE;
    memset(q->dh, 0, q->n * q->wide * sizeof *q->dh);
    memset(q->carry, 0, q->n * q->wide * sizeof *q->carry);
    for (size_t s = q->t; s-- > 0;) {
        for (size_t n = 0; n < q->n; n++)
            for (size_t panel = 0; panel < q->panels; panel++) q->kind->backward(q, s, panel, n);
        for (size_t panel = 0; s > 0 && panel < q->panels; panel++) {
            const real *dz = rnn_slots(q, 0, panel, s) + (SLOTS - gates) * LANES;
            product(q->n, q->wide, gates * LANES, (matrix){ dz, across, 1 },
                    (matrix){ q->rt + panel * gates * LANES * q->wide, q->wide, 1 }, q->dh, q->wide, panel > 0);
        }
    }
}

/* What one sequence adds to the packed gradients of a panel, and to dx. */
static void rnn_backward_panel(const rnn *q, size_t n, size_t panel, real *dw, real *dr, real *db) {
    size_t width = q->kind->gates * LANES, t = q->t;
    const real *x = q->x + n * t * q->c, *dz = q->slots + (n * q->panels + panel) * t * PANEL_SIZE;
    const real *h = q->h + (n * t + q->from_end) * q->wide;   /* h before dz's steps: the row above, or below */
    const real *dz_h = dz + (q->from_end ? 0 : PANEL_SIZE) + PANEL_SIZE - width;
    product(q->c, width, t, (matrix){ x, 1, q->c }, (matrix){ dz, PANEL_SIZE, 1 }, dw + panel * q->c * width, width,
            true);
    if (t > 1)
        product(q->wide, width, t - 1, (matrix){ h, 1, q->wide }, (matrix){ dz_h, PANEL_SIZE, 1 },
                dr + panel * q->wide * width, width, true);
    for (size_t i = 0; i < t; i++) add(db + panel * PANEL_SIZE, dz + i * PANEL_SIZE, PANEL_SIZE);
    if (q->dx)
        product(t, q->c, width, (matrix){ dz, PANEL_SIZE, 1 }, (matrix){ q->wt + panel * width * q->c, q->c, 1 },
                q->dx + n * t * q->c, q->c, panel > 0 || q->turned);
}

/* --- a layer ------------------------------------------------------------ */

static size_t rnn_directions(const nn_node *n) { return n->layer.bidirectional ? 2 : 1; }
static size_t rnn_round(size_t u, size_t to) { return (u + to - 1) / to * to; }

/* Direction d of the shard, its memory handed out from the stash, which the layer's shape has measured. */
static rnn rnn_of(const nn_run *r, const rnn_kind *kind, size_t d) {
    const nn_node *n = r->node;
    const nn_shape *x = &n->x[0];
    rnn q = { .kind = kind, .t = x->dim[x->ndim - 2], .c = x->dim[x->ndim - 1], .u = (size_t)n->layer.units };
    size_t outer = x->size / (q.t * q.c), first = r->n0 * outer;
    q.wide = rnn_round(q.u, LANES);
    q.panels = q.wide / LANES;
    q.n = (r->n1 - r->n0) * outer;
    q.turned = d == 1;
    q.from_end = n->layer.go_backwards != q.turned;
    q.keep = r->pass->training;
    q.sequences = n->layer.return_sequences;
    q.first = d * q.u;
    q.all = rnn_directions(n) * q.u;
    q.x = (const real *)r->x[0] + first * q.t * q.c;
    q.y = (real *)r->y + r->n0 * n->y.size;
    if (r->dy) q.dy = (const real *)r->dy + r->n0 * n->y.size;
    if (r->dx[0]) q.dx = (real *)r->dx[0] + first * q.t * q.c;
    q.slots = (real *)r->stash + r->n0 * n->stash_reals + d * (r->n1 - r->n0) * (n->stash_reals / rnn_directions(n));
    q.c_state = q.slots + q.n * q.t * q.wide * SLOTS;
    q.h = q.c_state + q.n * q.t * q.wide;
    q.dh = q.h + q.n * q.t * q.wide;
    q.carry = q.dh + q.n * q.wide;
    q.w = (real *)r->packed + d * (n->packed / rnn_directions(n));
    q.wt = q.w + q.c * q.wide * SLOTS;
    q.r = q.wt + q.c * q.wide * SLOTS;
    q.rt = q.r + q.wide * q.wide * SLOTS;
    q.bias = q.rt + q.wide * q.wide * SLOTS;
    return q;
}

static size_t rnn_params(const nn_node *n) { return n->layer.no_bias ? 2 : 3; }

static void rnn_prepare(const nn_run *r, const rnn_kind *kind) {
    for (size_t d = 0; d < rnn_directions(r->node); d++) {
        rnn q = rnn_of(r, kind, d);
        void *const *param = r->param + d * rnn_params(r->node);
        rnn_pack(&q, kind->from_x, param[0], q.c, q.c, q.w);
        rnn_pack(&q, kind->from_h, param[1], q.u, q.wide, q.r);
        memset(q.bias, 0, q.panels * PANEL_SIZE * sizeof *q.bias);
        rnn_bias(&q, r->node->layer.no_bias ? NULL : param[2], q.bias, false);
        if (!q.keep) continue;
        rnn_pack_transposed(&q, kind->from_x, param[0], q.c, q.c, q.wt);
        rnn_pack_transposed(&q, kind->from_h, param[1], q.u, q.wide, q.rt);
    }
}

static void rnn_forward(const nn_run *r, const rnn_kind *kind) {
    for (size_t d = 0; d < rnn_directions(r->node); d++) {
        rnn q = rnn_of(r, kind, d);
        rnn_forward_steps(&q);
    }
}

static void rnn_backward(const nn_run *r, const rnn_kind *kind) {
    for (size_t d = 0; d < rnn_directions(r->node); d++) {
        rnn q = rnn_of(r, kind, d);
        void *const *grad = r->dparam + d * rnn_params(r->node);
        real *dw = r->work, *dr = dw + q.c * q.wide * SLOTS, *db = dr + q.wide * q.wide * SLOTS;
        rnn_backward_steps(&q);
        memset(dw, 0, (q.c + q.wide + 1) * q.wide * SLOTS * sizeof *dw);
        for (size_t n = 0; n < q.n; n++)
            for (size_t panel = 0; panel < q.panels; panel++) rnn_backward_panel(&q, n, panel, dw, dr, db);
        rnn_unpack(&q, kind->from_x, dw, q.c, q.c, grad[0]);
        rnn_unpack(&q, kind->from_h, dr, q.u, q.wide, grad[1]);
        rnn_bias(&q, r->node->layer.no_bias ? NULL : grad[2], db, true);
    }
}

static nn_param *rnn_add_param(sori_ctx *c, nn_node *n, size_t d, const char *name, size_t rows, size_t columns) {
    char text[32];
    const char *side = !n->layer.bidirectional ? "" : d == 0 ? "forward_" : "backward_";
    base_format(text, sizeof text, "%s%s", side, name);
    return nn_add_param(c, n, text, rows ? 2 : 1, rows ? (size_t[]){ rows, columns } : &columns);
}

static bool rnn_add_params(sori_ctx *c, nn_node *n, const rnn_kind *kind, size_t d) {
    size_t in = n->x[0].dim[n->x[0].ndim - 1], u = (size_t)n->layer.units, columns = kind->gates * u;
    nn_param *w = rnn_add_param(c, n, d, "kernel", in, columns);
    nn_param *r = w ? rnn_add_param(c, n, d, "recurrent_kernel", u, columns) : NULL;
    if (!r) return false;
    w->random = r->random = true;
    w->init = n->layer.kernel_init;
    w->fan_in = in;
    w->fan_out = columns;
    w->l1 = n->layer.l1;
    w->l2 = n->layer.l2;
    r->init = SORI_ORTHOGONAL;
    return n->layer.no_bias || rnn_add_param(c, n, d, "bias", kind->bias_rows > 1 ? kind->bias_rows : 0, columns);
}

#define RNN_MAX_UNITS 16384   /* 4 u^2 weights below 2^31 */

static bool rnn_shape(sori_ctx *c, nn_node *n, const rnn_kind *kind) {
    const sori_layer *l = &n->layer;
    const nn_shape *x = &n->x[0];
    if (x->ndim < 2) return nn_fail(c, n, "needs [..., time, channel], got %d axis", x->ndim);
    if (l->units < 1 || l->units > RNN_MAX_UNITS)
        return nn_fail(c, n, "units %d is outside 1..%d", l->units, RNN_MAX_UNITS);
    if (l->act != SORI_LINEAR)
        return nn_fail(c, n, "act is built in (tanh, sigmoid); another needs a layer of its own");
    size_t t = x->dim[x->ndim - 2], in = x->dim[x->ndim - 1], u = (size_t)l->units, d = rnn_directions(n);
    size_t sequences = x->size / (t * in), wide = rnn_round(u, NN_ROUND);
    if (sequences * t > NN_MAX_ELEMENTS / (wide * (SLOTS + 2)) || in > NN_MAX_ELEMENTS / (wide * SLOTS))
        return nn_fail(c, n, "%zu steps of %zu units are too many", sequences * t, u);
    nn_shape y = *x;
    y.ndim = l->return_sequences ? x->ndim : x->ndim - 1;
    y.dim[y.ndim - 1] = d * u;
    nn_shape_set(&n->y, y.ndim, y.dim);
    n->cost = (double)(sequences * t * d) * (double)(in + u) * (double)(kind->gates * u);
    n->samples = (RNN_SAMPLES + sequences - 1) / sequences;
    n->stash_reals = d * sequences * wide * (t * (SLOTS + 2) + 2);
    n->work = SLOTS * wide * (in + wide + 1);
    n->packed = d * SLOTS * wide * (2 * in + 2 * wide + 1);
    for (size_t i = 0; i < d; i++)
        if (!rnn_add_params(c, n, kind, i)) return false;
    return true;
}
