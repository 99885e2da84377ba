/* lstm.c - long short-term memory, in one or two directions.                       keras.layers.LSTM, Bidirectional
 *
 *   [i f g o] = x_t W + h_t-1 R + b        i, f, o through the sigmoid, g through tanh
 *   c_t = f c_t-1 + i g                    h_t = o tanh(c_t)
 *
 *   dc += dh o (1 - tanh^2 c)     do = dh tanh c     di = dc g     df = dc c_t-1     dg = dc i     dc_t-1 = dc f
 *
 * Weights as Keras's: kernel [c, 4u], recurrent_kernel [u, 4u], bias [4u], gates in the order i, f, g, o; the forget
 * gate's bias begins at 1. How sequences run through it is in recurrent.h.
 *
 * S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997; forget gate: F. Gers et al.,
 * Neural Computation 12(10), 2000. */

/* In stages of short chains over all rows, which the processor overlaps; a row at a time would wait for itself. */
static void lstm_cells(const rnn *q, size_t s, size_t panel, size_t n, size_t rows, real *z) {
    real *c = q->c_state + panel * LANES;
    for (size_t k = 0; k < rows; k++) {
        real *slots = z + k * PANEL_SIZE;
        store(slots, rnn_sigmoid(load(slots)));
        store(slots + LANES, rnn_sigmoid(load(slots + LANES)));
        store(slots + 2 * LANES, rnn_tanh(load(slots + 2 * LANES)));
        store(slots + 3 * LANES, rnn_sigmoid(load(slots + 3 * LANES)));
    }
    for (size_t k = 0; k < rows; k++) {
        const real *slots = z + k * PANEL_SIZE;
        vec now = load(slots) * load(slots + 2 * LANES);
        if (s > 0) now += load(slots + LANES) * load(c + rnn_at(q, n + k, s - 1));
        store(c + rnn_at(q, n + k, s), now);
        rnn_put(q, n + k, panel, s, load(slots + 3 * LANES) * rnn_tanh(now));
        if (q->keep) memcpy(rnn_slots(q, n + k, panel, s), slots, PANEL_SIZE * sizeof *slots);
    }
}

static void lstm_cell_back(const rnn *q, size_t s, size_t panel, size_t n) {
    real *slots = rnn_slots(q, n, panel, s), *carry = q->carry + n * q->wide + panel * LANES;
    vec i = load(slots), f = load(slots + LANES), g = load(slots + 2 * LANES), o = load(slots + 3 * LANES);
    vec before = s > 0 ? load(q->c_state + rnn_at(q, n, s - 1) + panel * LANES) : (vec){ 0 };
    vec t = rnn_tanh(load(q->c_state + rnn_at(q, n, s) + panel * LANES)), dh = rnn_dh(q, n, panel, s);
    vec dc = load(carry) + dh * o * (1 - t * t);
    store(carry, dc * f);
    store(slots, dc * g * i * (1 - i));
    store(slots + LANES, dc * before * f * (1 - f));
    store(slots + 2 * LANES, dc * i * (1 - g * g));
    store(slots + 3 * LANES, dh * t * o * (1 - o));
}

static const rnn_kind lstm_kind = {
    .gates = 4, .from_x = { 0, 1, 2, 3 }, .from_h = { 0, 1, 2, 3 }, .bias_rows = 1,
    .forward = lstm_cells, .backward = lstm_cell_back,
};

static bool lstm_shape(sori_ctx *c, nn_node *n) {
    if (!rnn_shape(c, n, &lstm_kind)) return false;
    for (int k = 2; !n->layer.no_bias && k < n->n_params; k += 3) {
        n->param[k].init_value = 1;
        n->param[k].init_first = n->param[k].init_count = (size_t)n->layer.units;
    }
    return true;
}

static void lstm_prepare(const nn_run *r) { rnn_prepare(r, &lstm_kind); }
static void lstm_forward(const nn_run *r) { rnn_forward(r, &lstm_kind); }
static void lstm_backward(const nn_run *r) { rnn_backward(r, &lstm_kind); }

static const nn_op lstm_op = {
    .name = "lstm", .title = "LSTM", .min_in = 1, .max_in = 1, .whole = true,
    .shape = lstm_shape, .prepare = lstm_prepare,
    .forward = lstm_forward, .backward = lstm_backward,
};
