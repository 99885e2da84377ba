/* layout.c - how PyTorch and Keras keep the weights of a layer.
 *
 *   kernels         ours [kh, kw, c, f] and [in, units], Keras's; PyTorch [f, c, kh, kw] and [units, in]: the last two
 *                   axes come first, and change places
 *   flattened       ours in the order of height, width, channel; in PyTorch the channel comes first, so the rows of a
 *                   dense layer behind a Flatten, or a Reshape that merges frequency and channel, stand otherwise
 *   norms           gamma, beta, moving_mean, moving_variance: weight, bias, running_mean, running_var
 *
 *   recurrent       ours kernel [c, gates u] and one bias, Keras's; PyTorch [gates u, c] and two biases. LSTM's gates
 *                   have one order (i, f, g, o), so the biases are added up; GRU's z, r, n are r, z, n in PyTorch
 *
 *   attention       ours kernels [c, heads, units] of query, key and value, Keras's; PyTorch one matrix, of all three
 *
 * Keras's layouts are ours; its recurrent layers have a cell in their names, its attention layers within. */
#include "nn/layout.h"
#include <string.h>

/* --- pieces ------------------------------------------------------------------------------------------------------- */

/* The offsets of every element of a piece on both sides, in turn. */
typedef struct walk { size_t at[4], theirs, ours; } walk;

static bool next(const nn_piece *p, walk *w) {
    for (int i = 3; i >= 0; i--) {
        w->theirs += p->their_step[i];
        w->ours += p->our_step[i];
        if (++w->at[i] < p->n[i]) return true;
        w->theirs -= p->n[i] * p->their_step[i];
        w->ours -= p->n[i] * p->our_step[i];
        w->at[i] = 0;
    }
    return false;
}

void nn_foreign_read(const nn_foreign *f, const double *theirs, double *ours) {
    for (const nn_piece *p = f->piece; p < f->piece + f->n_pieces; p++) {
        walk w = { .theirs = p->theirs, .ours = p->ours };
        do ours[w.ours] = theirs[w.theirs] + (f->added ? ours[w.ours] : 0);
        while (next(p, &w));
    }
}

void nn_foreign_write(const nn_foreign *f, const double *ours, double *theirs) {
    for (const nn_piece *p = f->piece; p < f->piece + f->n_pieces; p++) {
        walk w = { .theirs = p->theirs, .ours = p->ours };
        do theirs[w.theirs] = f->added ? 0 : ours[w.ours];
        while (next(p, &w));
    }
}

/* --- order of features -------------------------------------------------------------------------------------------- */

/* Whether PyTorch has the value with channels first: what convolutions make, and images that come in. */
static bool channels_first(const sori_model *m, int value) {
    if (value == 0) return m->input.ndim == 3;
    const nn_node *n = &m->nodes[value - 1];
    switch (n->layer.op) {
    case SORI_CONV1D: case SORI_CONV2D: case SORI_CONV1D_TRANSPOSE: case SORI_CONV2D_TRANSPOSE: return true;
    case SORI_DENSE: case SORI_LSTM: case SORI_GRU: case SORI_EMBEDDING: case SORI_ATTENTION: case SORI_LAYERNORM:
        return false;
    default: return channels_first(m, n->in[0]);
    }
}

/* The features of a value whose last axis is several merged: how many of them are channels, which we have innermost
 * and PyTorch outermost; 1: both have the same order. */
static size_t merged_channels(const sori_model *m, int value) {
    while (value > 0) {
        const nn_node *n = &m->nodes[value - 1];
        const nn_shape *x = &n->x[0], *y = &n->y;
        size_t last = x->dim[x->ndim - 1];
        switch (n->layer.op) {
        case SORI_FLATTEN: case SORI_RESHAPE:
            if (y->dim[y->ndim - 1] != last)
                return x->ndim > 1 && y->dim[y->ndim - 1] % last == 0 && channels_first(m, n->in[0]) ? last : 1;
            break;
        case SORI_DROPOUT: case SORI_SPATIAL_DROPOUT: case SORI_ACTIVATION: case SORI_PRELU: case SORI_BATCHNORM: break;
        default: return 1;
        }
        value = n->in[0];
    }
    return 1;
}

/* --- tensors ------------------------------------------------------------------------------------------------------ */

static nn_foreign *start(nn_foreign *f, const nn_param *p, const char *before, const char *name, const char *behind) {
    *f = (nn_foreign){ .param = p };
    base_format(f->suffix, sizeof f->suffix, "%s%s%s", before, name, behind);
    return f;
}

static void set_dims(nn_foreign *f, int ndim, const size_t *dim) {
    f->ndim = ndim;
    memcpy(f->dim, dim, (size_t)ndim * sizeof *dim);
}

/* The same axes in the same order. */
static void keep_axes(nn_foreign *f) {
    const nn_shape *s = &f->param->shape;
    set_dims(f, s->ndim, s->dim);
    f->piece[f->n_pieces++] = (nn_piece){ .n = { 1, 1, 1, s->size }, .their_step = { 0, 0, 0, 1 },
                                          .our_step = { 0, 0, 0, 1 } };
}

/* The last two axes first, and exchanged. */
static void turn_kernel(nn_foreign *f) {
    const nn_shape *s = &f->param->shape;
    int order[4] = { s->ndim - 1, s->ndim - 2, 0, 1 };
    size_t dim[4], ours[4], step = 1;
    nn_piece p = { .n = { 1, 1, 1, 1 } };
    for (int i = s->ndim - 1; i >= 0; step *= s->dim[i--]) ours[i] = step;
    for (int i = 0; i < s->ndim; i++) {
        p.n[i] = dim[i] = s->dim[order[i]];
        p.our_step[i] = ours[order[i]];
    }
    set_dims(f, s->ndim, dim);
    step = 1;
    for (int i = s->ndim - 1; i >= 0; step *= dim[i--]) p.their_step[i] = step;
    f->piece[f->n_pieces++] = p;
}

/* A matrix from `in` features, of which `channels` are channels, to columns first .. first+n of ours: rows of theirs
 * from row `row` on, `rows` in all. */
static void turn_matrix(nn_foreign *f, size_t in, size_t channels, size_t rows, size_t row, size_t first, size_t n) {
    size_t columns = f->param->shape.size / in, places = in / channels;
    set_dims(f, 2, (size_t[]){ rows, in });
    f->piece[f->n_pieces++] = (nn_piece){
        .n = { 1, n, channels, places },
        .theirs = row * in, .their_step = { 0, in, places, 1 },
        .ours = first, .our_step = { 0, 1, columns, channels * columns },
    };
}

/* A vector of features. */
static void turn_vector(nn_foreign *f, size_t channels) {
    size_t n = f->param->shape.size, places = n / channels;
    set_dims(f, 1, &n);
    f->piece[f->n_pieces++] = (nn_piece){ .n = { 1, 1, channels, places }, .their_step = { 0, 0, places, 1 },
                                          .our_step = { 0, 0, 1, channels } };
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

static const struct { const char *ours, *torch; } names[] = {
    { "kernel", "weight" }, { "gamma", "weight" }, { "beta", "bias" }, { "moving_mean", "running_mean" },
    { "moving_variance", "running_var" }, { "alpha", "weight" }, { "embeddings", "weight" },
};

/* The part of "dense_1/kernel" behind the layer's name. */
static const char *own_name(const nn_param *p) { return strchr(p->name, '/') + 1; }

static const char *torch_name(const nn_param *p) {
    for (size_t i = 0; i < BASE_COUNT(names); i++)
        if (!strcmp(own_name(p), names[i].ours)) return names[i].torch;
    return own_name(p);
}

static void torch_tensor(const sori_model *m, const nn_node *n, const nn_param *p, nn_foreign *f) {
    bool kernel = !strcmp(own_name(p), "kernel") && p->shape.ndim > 1;
    bool last = n->layer.axis == 0 || n->layer.axis == n->x[0].ndim;
    size_t channels = last ? merged_channels(m, n->in[0]) : 1;
    start(f, p, ".", torch_name(p), "");
    if (n->layer.op == SORI_DENSE && kernel)
        turn_matrix(f, p->shape.dim[0], channels, p->shape.dim[1], 0, 0, p->shape.dim[1]);
    else if (kernel) turn_kernel(f);
    else if (n->layer.op == SORI_BATCHNORM || n->layer.op == SORI_PRELU) turn_vector(f, channels);
    else keep_axes(f);
}

/* --- recurrent layers --------------------------------------------------------------------------------------------- */

static bool is_recurrent(const nn_node *n) { return n->layer.op == SORI_LSTM || n->layer.op == SORI_GRU; }

/* A recurrent layer's parameter is kernel, recurrent_kernel or bias, of two directions with one of these in front. */
static bool skip(const char **name, const char *word) {
    size_t n = strlen(word);
    bool there = !strncmp(*name, word, n);
    if (there) *name += n;
    return there;
}

/* Where PyTorch's gate stands among ours. */
static size_t gate_of(const nn_node *n, size_t gate) { return n->layer.op == SORI_GRU && gate < 2 ? 1 - gate : gate; }

/* Gate by gate, from element `from` of our bias on. */
static void turn_bias(const nn_node *n, nn_foreign *f, size_t gates, size_t from) {
    size_t u = (size_t)n->layer.units, size = gates * u;
    set_dims(f, 1, &size);
    for (size_t g = 0; g < gates; g++)
        f->piece[f->n_pieces++] = (nn_piece){ .n = { 1, 1, 1, u }, .theirs = g * u, .their_step = { 0, 0, 0, 1 },
                                              .ours = from + gate_of(n, g) * u, .our_step = { 0, 0, 0, 1 } };
}

static size_t torch_biases(const nn_node *n, const nn_param *p, const char *side, size_t gates, nn_foreign *out) {
    bool two = n->layer.op == SORI_GRU;
    turn_bias(n, start(&out[0], p, ".bias_ih_l0", side, ""), gates, 0);
    turn_bias(n, start(&out[1], p, ".bias_hh_l0", side, ""), gates, two ? p->shape.size / 2 : 0);
    out[1].added = !two;
    return 2;
}

static size_t torch_recurrent(const sori_model *m, const nn_node *n, const nn_param *p, nn_foreign *out) {
    size_t gates = n->layer.op == SORI_GRU ? 3 : 4, u = (size_t)n->layer.units;
    const char *name = own_name(p), *side = skip(&name, "backward_") ? "_reverse" : "";
    skip(&name, "forward_");
    if (!strcmp(name, "bias")) return torch_biases(n, p, side, gates, out);
    bool from_x = !strcmp(name, "kernel");
    start(out, p, from_x ? ".weight_ih_l0" : ".weight_hh_l0", side, "");
    for (size_t g = 0; g < gates; g++)
        turn_matrix(out, p->shape.dim[0], from_x ? merged_channels(m, n->in[0]) : 1, gates * u, g * u,
                    gate_of(n, g) * u, u);
    return 1;
}

/* "/lstm_cell/kernel", "/forward_gru/gru_cell/bias": the layer within Bidirectional has the default name. */
static void keras_recurrent(const nn_node *n, const nn_param *p, nn_foreign *f) {
    const char *name = own_name(p);
    bool lstm = n->layer.op == SORI_LSTM;
    const char *side = skip(&name, "backward_") ? "/backward" : skip(&name, "forward_") ? "/forward" : "";
    const char *cell = !*side ? lstm ? "/lstm_cell/" : "/gru_cell/" : lstm ? "_lstm/lstm_cell/" : "_gru/gru_cell/";
    start(f, p, side, cell, name);
    keep_axes(f);
}

/* --- attention ---------------------------------------------------------------------------------------------------- */

/* The kernels of query, key and value are parts of one tensor, which is listed three times. */
static void torch_attention(const nn_node *n, const nn_param *p, nn_foreign *f) {
    static const char *const parts[] = { "query_", "key_", "value_" };
    size_t width = (size_t)n->layer.heads * (size_t)n->layer.units, in = p->shape.dim[0], part = 0;
    const char *name = own_name(p);
    while (part < 3 && !skip(&name, parts[part])) part++;
    bool kernel = strstr(name, "kernel") != NULL, output = part == 3;
    start(f, p, output ? ".out_proj" : ".in_proj_", output ? "." : "", kernel ? "weight" : "bias");
    if (output && kernel) turn_matrix(f, width, 1, p->shape.dim[2], 0, 0, p->shape.dim[2]);
    else if (output) keep_axes(f);
    else if (kernel) turn_matrix(f, in, 1, 3 * width, part * width, 0, width);
    else {
        keep_axes(f);
        f->piece[0].theirs = part * width;
        set_dims(f, 1, (size_t[]){ 3 * width });
    }
}

/* query_kernel is "query/kernel", output_kernel "attention_output/kernel". */
static void keras_attention(const nn_param *p, nn_foreign *f) {
    const char *name = own_name(p), *what = strchr(name, '_');
    start(f, p, !strncmp(name, "output", 6) ? "/attention_output/" : !strncmp(name, "query", 5) ? "/query/"
          : !strncmp(name, "key", 3) ? "/key/" : "/value/", what + 1, "");
    keep_axes(f);
}

/* --- all of a layer ----------------------------------------------------------------------------------------------- */

size_t nn_foreign_tensors(const sori_model *m, int i, sori_layout layout, nn_foreign out[NN_MAX_FOREIGN]) {
    const nn_node *n = &m->nodes[i];
    size_t count = 0;
    for (int k = 0; k < n->n_params; k++) {
        const nn_param *p = &n->param[k];
        nn_foreign *f = &out[count];
        size_t tensors = 1;
        if (layout == SORI_LAYOUT_TORCH && is_recurrent(n)) tensors = torch_recurrent(m, n, p, f);
        else if (layout == SORI_LAYOUT_TORCH && n->layer.op == SORI_ATTENTION) torch_attention(n, p, f);
        else if (layout == SORI_LAYOUT_TORCH) torch_tensor(m, n, p, f);
        else if (layout == SORI_LAYOUT_KERAS && is_recurrent(n)) keras_recurrent(n, p, f);
        else if (layout == SORI_LAYOUT_KERAS && n->layer.op == SORI_ATTENTION) keras_attention(p, f);
        else keep_axes(start(f, p, "/", own_name(p), ""));
        count += tensors;
    }
    return count;
}
