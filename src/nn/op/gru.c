/* gru.c - gated recurrent unit, in one or two directions.                           keras.layers.GRU, Bidirectional
 *
 *   z = sigmoid(x_t Wz + h_t-1 Rz + bz)     r = sigmoid(x_t Wr + h_t-1 Rr + br)
 *   p = h_t-1 Rg + bg'                      g = tanh(x_t Wg + bg + r p)          h_t = z h_t-1 + (1 - z) g
 *
 *   dz = dh (h_t-1 - g)     da = dh (1 - z) (1 - g^2), a what g is tanh of     dr = da p     dp = da r
 *   dh_t-1 = dh z + what comes back through the products
 *
 * The reset gate acts after the product (Keras's reset_after=True, cuDNN's and PyTorch's form). Weights as Keras's:
 * kernel [c, 3u], recurrent_kernel [u, 3u], bias [2, 3u] (with x, with h), gates in the order z, r, g. Slots: a (g once
 * it is known), z, r, p. How sequences run through it is in recurrent.h.
 *
 * K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014. */

static vec gru_before(const rnn *q, size_t s, size_t panel, size_t n) {
    return s > 0 ? load(q->h + rnn_at(q, n, s - 1) + panel * LANES) : (vec){ 0 };
}

static void gru_cells(const rnn *q, size_t s, size_t panel, size_t n, size_t rows, real *in) {
    for (size_t k = 0; k < rows; k++) {
        real *slots = in + k * PANEL_SIZE;
        vec r = rnn_sigmoid(load(slots + 2 * LANES));
        store(slots + LANES, rnn_sigmoid(load(slots + LANES)));
        store(slots + 2 * LANES, r);
        store(slots, load(slots) + r * load(slots + 3 * LANES));
    }
    for (size_t k = 0; k < rows; k++) {
        real *slots = in + k * PANEL_SIZE;
        vec g = rnn_tanh(load(slots)), z = load(slots + LANES);
        store(slots, g);
        rnn_put(q, n + k, panel, s, g + z * (gru_before(q, s, panel, n + k) - g));
        if (q->keep) memcpy(rnn_slots(q, n + k, panel, s), slots, PANEL_SIZE * sizeof *slots);
    }
}

static void gru_cell_back(const rnn *q, size_t s, size_t panel, size_t n) {
    real *slots = rnn_slots(q, n, panel, s), *carry = q->carry + n * q->wide + panel * LANES;
    vec g = load(slots), z = load(slots + LANES), r = load(slots + 2 * LANES), p = load(slots + 3 * LANES);
    vec dh = rnn_dh(q, n, panel, s) + load(carry), da = dh * (1 - z) * (1 - g * g);
    store(carry, dh * z);
    store(slots, da);
    store(slots + LANES, dh * (gru_before(q, s, panel, n) - g) * z * (1 - z));
    store(slots + 2 * LANES, da * p * r * (1 - r));
    store(slots + 3 * LANES, da * r);
}

static const rnn_kind gru_kind = {
    .gates = 3, .from_x = { 2, 0, 1 }, .from_h = { 0, 1, 2 }, .bias_rows = 2,
    .forward = gru_cells, .backward = gru_cell_back,
};

static bool gru_shape(sori_ctx *c, nn_node *n) { return rnn_shape(c, n, &gru_kind); }
static void gru_prepare(const nn_run *r) { rnn_prepare(r, &gru_kind); }
static void gru_forward(const nn_run *r) { rnn_forward(r, &gru_kind); }
static void gru_backward(const nn_run *r) { rnn_backward(r, &gru_kind); }

static const nn_op gru_op = {
    .name = "gru", .title = "GRU", .min_in = 1, .max_in = 1, .whole = true,
    .shape = gru_shape, .prepare = gru_prepare,
    .forward = gru_forward, .backward = gru_backward,
};
