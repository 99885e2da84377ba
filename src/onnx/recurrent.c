/* recurrent.c - LSTM and GRU, to and from ONNX.
 *
 * ONNX has time before the batch, [t, N, c], gates in its own order, weights turned and one more axis for directions:
 *
 *   here    kernel [c, g u]   recurrent_kernel [u, g u]   bias [g u], GRU's [2, g u]       for each direction
 *           gates of LSTM i, f, g, o; of GRU z, r, g
 *   there   W [d, g u, c]     R [d, g u, u]               B [d, 2 g u]: with x, with h
 *           gates of LSTM i, o, f, g; of GRU z, r, g
 *   Y [t, d, N, u], Y_h [d, N, u]
 */
#include "onnx/import.h"
#include <string.h>

/* Of each gate there, its number here. */
static const int lstm_gates[] = { 0, 3, 1, 2 }, gru_gates[] = { 0, 1, 2 };

/* --- export ------------------------------------------------------------------------------------------------------- */

typedef struct cells { size_t t, in, u, gates, directions; const int *order; bool lstm; } cells;

static cells cells_of(const nn_node *n) {
    const nn_shape *x = &n->x[0];
    bool lstm = n->layer.op == SORI_LSTM;
    return (cells){ x->dim[x->ndim - 2], x->dim[x->ndim - 1], (size_t)n->layer.units, lstm ? 4 : 3,
                    n->layer.bidirectional ? 2 : 1, lstm ? lstm_gates : gru_gates, lstm };
}

/* Parameter k of all directions, [rows, g u] each, as [d, g u, rows]. */
static const char *put_weights(onnx_exporter *e, const nn_node *n, const cells *q, const char *name, size_t k,
                               size_t rows) {
    size_t columns = q->gates * q->u, each = (size_t)n->n_params / q->directions;
    float *out = base_alloc(e->m->c, q->directions * columns * rows, sizeof *out);
    for (size_t d = 0; out && d < q->directions; d++) {
        float *w = onnx_values(e, n, (int)(d * each + k)), *to = out + d * columns * rows;
        for (size_t i = 0; w && i < columns * rows; i++) {
            size_t column = i / rows, gate = (size_t)q->order[column / q->u];
            to[i] = w[i % rows * columns + gate * q->u + column % q->u];
        }
        base_free(e->m->c, w);
    }
    if (out) onnx_put_floats(&e->w, name, 3, (size_t[]){ q->directions, columns, rows }, out);
    base_free(e->m->c, out);
    return name;
}

/* [d, 2 g u]; LSTM's one bias is that with x. */
static const char *put_bias(onnx_exporter *e, const nn_node *n, const cells *q, const char *name) {
    size_t columns = q->gates * q->u;
    float *out = base_alloc(e->m->c, q->directions * 2 * columns, sizeof *out);
    for (size_t d = 0; out && d < q->directions; d++) {
        float *b = onnx_values(e, n, (int)(d * 3 + 2));
        for (size_t i = 0; b && i < (q->lstm ? 1 : 2) * columns; i++) {
            size_t gate = (size_t)q->order[i % columns / q->u];
            out[d * 2 * columns + i] = b[i / columns * columns + gate * q->u + i % q->u];
        }
        base_free(e->m->c, b);
    }
    if (out) onnx_put_floats(&e->w, name, 2, (size_t[]){ q->directions, 2 * columns }, out);
    base_free(e->m->c, out);
    return name;
}

static const char *list(onnx_exporter *e, const char *name, size_t n, const int64_t *v) {
    onnx_put_ints(&e->w, name, n, v);
    return name;
}

/* Y [t, d, N, u] or Y_h [d, N, u] with the batch before, directions side by side, in the sample's shape. */
static void put_output(onnx_exporter *e, const nn_node *n, const char *y) {
    bool all = n->layer.return_sequences, back = all && n->layer.go_backwards;
    onnx_name turned = onnx_part(n, "turned"), shape = onnx_part(n, "shape"), ordered = onnx_part(n, "ordered");
    if (back) {   /* here steps come as they were read, there as they lie */
        onnx_name first = onnx_part(n, "first"), last = onnx_part(n, "last"), axis = onnx_part(n, "axis");
        onnx_put(&e->w, "Slice", ONNX_IN(y, list(e, last.s, 1, (int64_t[]){ -1 }),
                                         list(e, first.s, 1, (int64_t[]){ INT64_MIN }),
                                         list(e, axis.s, 1, (int64_t[]){ 0 }), last.s), ordered.s, NULL);
        y = ordered.s;
    }
    onnx_attr perm = { "perm", ATTR_IS_INTS, .n = all ? 4 : 3, .ints = { 1, 0, 2 } };
    if (all) memcpy(perm.ints, (int64_t[]){ 2, 0, 1, 3 }, 4 * sizeof *perm.ints);
    int64_t to[5] = { -1 };
    for (int i = 0; i < n->y.ndim; i++) to[i + 1] = (int64_t)n->y.dim[i];
    onnx_put(&e->w, "Transpose", ONNX_IN(y), turned.s, ONNX_ATTRS(perm));
    onnx_put(&e->w, "Reshape", ONNX_IN(turned.s, list(e, shape.s, (size_t)n->y.ndim + 1, to)),
             onnx_out(n, LAST).s, NULL);
}

int onnx_put_recurrent(onnx_exporter *e, const nn_node *n) {
    cells q = cells_of(n);
    onnx_name w = onnx_part(n, "W"), r = onnx_part(n, "R"), b = onnx_part(n, "B"), rows = onnx_part(n, "rows");
    onnx_name flat = onnx_part(n, "sequences"), x = onnx_part(n, "steps"), y = onnx_part(n, "cells");
    bool backward = n->layer.go_backwards, bias = !n->layer.no_bias, all = n->layer.return_sequences;
    const char *in = onnx_in(e, n, 0, LAST);
    if (n->x[0].ndim > 2) {
        const char *to = list(e, rows.s, 3, (int64_t[]){ -1, (int64_t)q.t, (int64_t)q.in });
        onnx_put(&e->w, "Reshape", ONNX_IN(in, to), flat.s, NULL);
        in = flat.s;
    }
    onnx_attr perm = { "perm", ATTR_IS_INTS, .n = 3, .ints = { 1, 0, 2 } };
    onnx_put(&e->w, "Transpose", ONNX_IN(in), x.s, ONNX_ATTRS(perm));
    put_weights(e, n, &q, w.s, 0, q.in);
    put_weights(e, n, &q, r.s, 1, q.u);
    if (bias) put_bias(e, n, &q, b.s);
    onnx_put2(&e->w, q.lstm ? "LSTM" : "GRU", ONNX_IN(x.s, w.s, r.s, bias ? b.s : NULL), all ? y.s : "",
              all ? NULL : y.s,
              ONNX_ATTRS(ONNX_TEXT("direction", q.directions > 1 ? "bidirectional" : backward ? "reverse" : "forward"),
                         ONNX_INT("hidden_size", (int64_t)q.u),
                         { q.lstm ? NULL : "linear_before_reset", ATTR_IS_INT, .i = 1 }));
    put_output(e, n, y.s);
    return LAST;
}

/* --- import ------------------------------------------------------------------------------------------------------- */

bool onnx_is_zero(onnx_importer *im, const onnx_data *v) {
    if (!v || v->zeros) return v != NULL;
    float *x = v->tensor ? base_alloc_raw(im->c, v->tensor->size, sizeof *x) : NULL;
    bool zero = x && onnx_floats(v->tensor, x);
    for (size_t i = 0; zero && i < v->tensor->size; i++) zero = x[i] == 0;
    base_free(im->c, x);
    return zero;
}

/* What sori's cells do not do. */
static bool check_cells(onnx_importer *im, const onnx_node *n, bool lstm) {
    if (onnx_has(n, "activations") || onnx_has(n, "clip") || onnx_int(n, "input_forget", 0) || onnx_int(n, "layout", 0))
        return onnx_refuse(im, n, "activations, clip, input_forget or layout of its own");
    if (!lstm && onnx_int(n, "linear_before_reset", 0) != 1)
        return onnx_refuse(im, n, "the reset gate acts before the product");
    for (int i = 4; i < n->n_in; i++) {
        const onnx_data *v = onnx_input(im, n, i);
        if (!v) continue;
        if (i == 4) return onnx_refuse(im, n, "sequences of different lengths");
        if (!onnx_is_zero(im, v)) return onnx_refuse(im, n, "initial states other than zero, or peepholes");
    }
    return true;
}

/* [d, g u, rows] of direction d as [rows, g u] in our order of gates; takes nothing over. */
static float *turned(onnx_importer *im, const float *w, const cells *q, size_t d, size_t rows) {
    size_t columns = q->gates * q->u;
    float *out = base_alloc_raw(im->c, columns * rows, sizeof *out);
    for (size_t i = 0; out && i < columns * rows; i++) {
        size_t column = i / rows, gate = (size_t)q->order[column / q->u];
        out[i % rows * columns + gate * q->u + column % q->u] = w[d * columns * rows + i];
    }
    return out;
}

/* LSTM's two biases are only ever added. */
static float *biases(onnx_importer *im, const float *b, const cells *q, size_t d) {
    size_t columns = q->gates * q->u;
    float *out = base_alloc(im->c, (q->lstm ? 1 : 2) * columns, sizeof *out);
    for (size_t i = 0; out && i < 2 * columns; i++) {
        size_t gate = (size_t)q->order[i % columns / q->u], row = q->lstm ? 0 : i / columns;
        out[row * columns + gate * q->u + i % q->u] += b[d * 2 * columns + i];
    }
    return out;
}

/* Input i, of that shape, or an error. */
static float *weights(onnx_importer *im, const onnx_node *n, int i, int ndim, size_t a, size_t b, size_t c) {
    int have;
    size_t dim[ONNX_MAX_AXES];
    float *w = onnx_constant(im, n, i, &have, dim);
    if (!w || (have == ndim && dim[0] == a && dim[1] == b && (ndim < 3 || dim[2] == c))) return w;
    base_free(im->c, w);
    onnx_refuse(im, n, "weights of input %d have not the shape that hidden_size and the input ask for", i + 1);
    return NULL;
}

/* Which parameter of row `row` is number k of direction d. */
static const char *param_name(const onnx_importer *im, int row, const cells *q, size_t d, size_t k) {
    const nn_node *node = &im->m->nodes[row - 1];
    return strrchr(node->param[d * ((size_t)node->n_params / q->directions) + k].name, '/') + 1;
}

static bool set_weights(onnx_importer *im, const onnx_node *n, const cells *q, int row, bool bias) {
    size_t columns = q->gates * q->u;
    float *w = weights(im, n, 1, 3, q->directions, columns, q->in);
    float *r = w ? weights(im, n, 2, 3, q->directions, columns, q->u) : NULL;
    float *b = r && bias ? weights(im, n, 3, 2, q->directions, 2 * columns, 0) : NULL;
    bool ok = w && r && (b || !bias);
    for (size_t d = 0; ok && d < q->directions; d++) {
        ok = onnx_set(im, row, param_name(im, row, q, d, 0), turned(im, w, q, d, q->in), q->in * columns) &&
             onnx_set(im, row, param_name(im, row, q, d, 1), turned(im, r, q, d, q->u), q->u * columns);
        if (ok && bias)
            ok = onnx_set(im, row, param_name(im, row, q, d, 2), biases(im, b, q, d), (q->lstm ? 1 : 2) * columns);
    }
    base_free(im->c, w);
    base_free(im->c, r);
    base_free(im->c, b);
    return ok;
}

/* Y [t, d, N, u] of [t, d u]; two directions are two axes there. */
static bool give_all(onnx_importer *im, const onnx_node *n, const cells *q, int row) {
    onnx_layout y = { 4, { q->t, q->directions, 0, q->u }, { 1, ABSENT, BATCH, 2 } };
    if (q->directions > 1) {
        sori_layer split = { .op = SORI_RESHAPE, .shape = { (int)q->t, 2, (int)q->u } };
        row = onnx_row(im, n, -1, split, row);
        y.axis[1] = 2;
        y.axis[3] = 3;
    }
    return onnx_give(im, n, 0, row, &y);
}

/* Y_h [d, N, u] of [d u]. */
static bool give_last(onnx_importer *im, const onnx_node *n, const cells *q, int row) {
    onnx_layout y = { 3, { q->directions, 0, q->u }, { ABSENT, BATCH, 1 } };
    if (q->directions > 1) {
        row = onnx_row(im, n, -1, (sori_layer){ .op = SORI_RESHAPE, .shape = { 2, (int)q->u } }, row);
        y.axis[0] = 1;
        y.axis[2] = 2;
    }
    return onnx_give(im, n, 1, row, &y);
}

static bool is_read(onnx_importer *im, const onnx_node *n, int i) {
    const onnx_data *y = i < n->n_out ? onnx_find(im, n->out[i]) : NULL;
    return y && y->readers > 0;
}

static bool take_cells(onnx_importer *im, const onnx_node *n, bool lstm) {
    onnx_text way = onnx_string(n, "direction", "forward");
    bool both = onnx_text_is(way, "bidirectional"), back = onnx_text_is(way, "reverse"), all = is_read(im, n, 0);
    onnx_data *x = onnx_settled(im, n, 0);
    int64_t units = onnx_int(n, "hidden_size", 0);
    if (!x || !check_cells(im, n, lstm)) return false;
    if (x->layout.ndim != 3) return onnx_refuse(im, n, "an input of %d axes, must be 3", x->layout.ndim);
    if (is_read(im, n, 2) || (all && is_read(im, n, 1))) return onnx_refuse(im, n, "more than one output is asked for");
    if (back && all) return onnx_refuse(im, n, "all steps of the backward direction alone");
    if (units < 1 || units > 16384) return onnx_refuse(im, n, "hidden_size %lld is outside 1..16384", (long long)units);
    cells q = { x->layout.dim[0], x->layout.dim[2], (size_t)units, lstm ? 4 : 3, both ? 2 : 1,
                lstm ? lstm_gates : gru_gates, lstm };
    bool bias = onnx_input(im, n, 3) != NULL;
    sori_layer l = { .op = lstm ? SORI_LSTM : SORI_GRU, .units = (int)units, .bidirectional = both, .no_bias = !bias,
                     .go_backwards = back, .return_sequences = all };
    int row = onnx_row(im, n, 1, l, onnx_bring(im, n, x, (int[]){ 0, 2 }, 2));
    if (row < 0 || !set_weights(im, n, &q, row, bias) || !(all ? give_all : give_last)(im, n, &q, row)) return false;
    onnx_data *y = onnx_find(im, n->out[all ? 0 : 1]);
    if (y) y->fresh = false;   /* its own activations are within */
    return true;
}

bool onnx_take_lstm(onnx_importer *im, const onnx_node *n) { return take_cells(im, n, true); }
bool onnx_take_gru(onnx_importer *im, const onnx_node *n) { return take_cells(im, n, false); }
