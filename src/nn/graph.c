/* graph.c - from a table of layers to a graph of nodes with shapes and parameters.
 *
 * A row's inputs are the rows it names, which must stand above it, so the table's order is a topological order and
 * there can be no cycle. Every check of a table is made here or in an operator's shape function; what comes out can
 * be run without looking again. Tables also come from model files, so sizes are bounded before they are multiplied. */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

/* dim may be s's own. */
void nn_shape_set(nn_shape *s, int ndim, const size_t *dim) {
    nn_shape fresh = { .ndim = ndim, .size = 1 };
    for (int i = 0; i < ndim; i++) {
        fresh.dim[i] = dim[i];
        fresh.size *= dim[i];
    }
    *s = fresh;
}

/* first: "None" for the batch's axis, or NULL. */
const char *nn_shape_text(const nn_shape *s, const char *first, char *out, size_t size) {
    int n = base_format(out, size, "(%s", first ? first : "");
    for (int i = 0; i < s->ndim; i++)
        n += base_format(out + n, size - (size_t)n, i || first ? ", %zu" : "%zu", s->dim[i]);
    base_format(out + n, size - (size_t)n, ")");
    return out;
}

bool nn_fail(sori_ctx *c, const nn_node *n, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    base_vformat(text, sizeof text, format, args);
    va_end(args);
    sori_fail(c, SORI_EMODEL, "layer %s: %s", n->name ? n->name : "?", text);
    return false;
}

/* A tensor no larger than NN_MAX_ELEMENTS, every axis at least 1. */
static bool shape_is_sane(sori_ctx *c, const char *name, const nn_shape *s) {
    size_t size = 1;
    for (int i = 0; i < s->ndim; i++) {
        if (s->dim[i] < 1 || s->dim[i] > NN_MAX_ELEMENTS || (size *= s->dim[i]) > NN_MAX_ELEMENTS) {
            sori_fail(c, SORI_EMODEL, "layer %s: a tensor of over 2^31 or of no elements", name);
            return false;
        }
    }
    return true;
}

static bool shape_from_public(sori_ctx *c, sori_shape s, nn_shape *out) {
    size_t dim[4];
    int n = 0;
    while (n < 4 && s.dim[n] > 0) {
        dim[n] = (size_t)s.dim[n];
        n++;
    }
    if (n == 0 || (n < 4 && s.dim[n] < 0)) {
        sori_fail(c, SORI_EMODEL, "model: the input shape must have 1 to 4 sizes, all above 0");
        return false;
    }
    *out = (nn_shape){ .ndim = n };
    memcpy(out->dim, dim, (size_t)n * sizeof *dim);
    if (!shape_is_sane(c, "input", out)) return false;
    nn_shape_set(out, n, dim);
    return true;
}

/* --- help for shape functions ------------------------------------------------------------ */

size_t nn_axis(const nn_node *n) {
    return (size_t)(n->layer.axis > 0 ? n->layer.axis : n->y.ndim) - 1;
}

bool nn_axis_check(sori_ctx *c, const nn_node *n) {
    if (n->layer.axis >= 0 && n->layer.axis <= n->x[0].ndim) return true;
    return nn_fail(c, n, "axis %d is outside 1..%d (0: the last)", n->layer.axis, n->x[0].ndim);
}

size_t nn_behind(const nn_shape *s, size_t axis) {
    size_t size = 1;
    for (int i = (int)axis + 1; i < s->ndim; i++) size *= s->dim[i];
    return size;
}

nn_param *nn_add_param(sori_ctx *c, nn_node *n, const char *name, int ndim, const size_t *dim) {
    nn_shape s = { .ndim = ndim };
    memcpy(s.dim, dim, (size_t)ndim * sizeof *dim);
    if (!shape_is_sane(c, n->name, &s)) return NULL;
    nn_param *p = &n->param[n->n_params++];
    *p = (nn_param){ .trainable = true };
    nn_shape_set(&p->shape, ndim, dim);
    char *full = base_printf(c, "%s/%s", n->name, name);
    p->name = full ? base_intern(c, full) : NULL;
    base_free(c, full);
    return p->name ? p : NULL;
}

/* --- building ------------------------------------------------------------ */

static bool name_taken(const sori_model *m, const char *name) {
    for (int i = 0; i < m->n_nodes; i++)
        if (!strcmp(m->nodes[i].name, name)) return true;
    return false;
}

/* Keras's scheme: dense, dense_1, dense_2, ... */
static const char *default_name(sori_model *m, const char *op) {
    char text[96];
    base_format(text, sizeof text, "%s", op);
    for (int i = 1; name_taken(m, text); i++) base_format(text, sizeof text, "%s_%d", op, i);
    return base_intern(m->c, text);
}

static bool give_name(sori_model *m, nn_node *n) {
    const char *name = n->layer.name;
    n->name = n->op->name;
    if (name && (!*name || strlen(name) > 80 || strchr(name, '/') || !strcmp(name, "input")))
        return nn_fail(m->c, n, "the name '%.80s' is empty, longer than 80, holds '/' or is 'input'", name);
    if (name && name_taken(m, name)) return nn_fail(m->c, n, "the name '%s' is used twice", name);
    n->name = name ? base_intern(m->c, name) : default_name(m, n->op->name);
    n->layer.name = n->name;
    return n->name != NULL;
}

static int find_value(const sori_model *m, const char *name) {
    if (!strcmp(name, "input")) return 0;
    for (int i = 0; i < m->n_nodes; i++)
        if (!strcmp(m->nodes[i].name, name)) return i + 1;
    return -1;
}

static const nn_shape *value_shape(const sori_model *m, int value) {
    return value == 0 ? &m->input : &m->nodes[value - 1].y;
}

static bool connect(sori_model *m, nn_node *n) {
    for (int i = 0; i < SORI_MAX_FROM && n->layer.from[i]; i++) {
        int value = find_value(m, n->layer.from[i]);
        if (value < 0) return nn_fail(m->c, n, "no layer '%.80s' above it", n->layer.from[i]);
        n->layer.from[i] = value == 0 ? "input" : m->nodes[value - 1].name;
        n->in[n->n_in++] = value;
    }
    if (n->n_in == 0) n->in[n->n_in++] = m->n_nodes;   /* the row above, or the input */
    if (n->n_in < n->op->min_in || n->n_in > n->op->max_in)
        return nn_fail(m->c, n, "%d inputs, needs %d to %d", n->n_in, n->op->min_in, n->op->max_in);
    for (int i = 0; i < n->n_in; i++) n->x[i] = *value_shape(m, n->in[i]);
    return true;
}

static bool check_common(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    if (l->act < SORI_LINEAR || l->act >= SORI_ACT_COUNT) return nn_fail(c, n, "unknown activation %d", (int)l->act);
    if (l->padding < SORI_VALID || l->padding > SORI_EXPLICIT)
        return nn_fail(c, n, "unknown padding %d", (int)l->padding);
    if (!(l->l1 >= 0 && l->l1 < 1e6)) return nn_fail(c, n, "l1 %g is outside 0..1e6", l->l1);
    if (!(l->l2 >= 0 && l->l2 < 1e6)) return nn_fail(c, n, "l2 %g is outside 0..1e6", l->l2);
    if (l->kernel_init < SORI_GLOROT_UNIFORM || l->kernel_init > SORI_ORTHOGONAL)
        return nn_fail(c, n, "unknown kernel_init %d", (int)l->kernel_init);
    if (l->alpha == 0) l->alpha = l->act == SORI_ELU ? 1 : l->op == SORI_PRELU ? 0.25 : 0.2;
    return true;
}

bool nn_act_needs_input(sori_act act) { return act == SORI_GELU || act == SORI_SILU; }

/* Samples whose values fill about half of the second-level cache; but weights larger than that are read once. */
static void set_chunk(nn_node *n) {
    size_t values = n->y.size, weights = 0;
    for (int i = 0; i < n->n_in; i++) values += n->x[i].size;
    for (int i = 0; i < n->n_params; i++) weights += n->param[i].shape.size;
    n->chunk = n->op->whole || weights > values ? SIZE_MAX : BASE_MAX((size_t)1, NN_CHUNK / values);
}

static bool add_node(sori_model *m, const sori_layer *layer) {
    sori_ctx *c = m->c;
    nn_node *n = &m->nodes[m->n_nodes];
    *n = (nn_node){ .layer = *layer, .id = (uint32_t)m->n_nodes };
    if (layer->op < 1 || layer->op >= SORI_OP_COUNT || !m->k->ops[layer->op]) {
        sori_fail(c, SORI_EMODEL, "model: row %d has the unknown operator %d", m->n_nodes + 1, (int)layer->op);
        return false;
    }
    n->op = m->k->ops[layer->op];
    if (!give_name(m, n) || !connect(m, n) || !check_common(c, n) || !n->op->shape(c, n)) return false;
    if (!shape_is_sane(c, n->name, &n->y)) return false;
    nn_shape_set(&n->y, n->y.ndim, n->y.dim);
    set_chunk(n);
    m->packs |= n->op->prepare != NULL || n->layer.op == SORI_BATCHNORM;
    for (int i = 0; i < n->n_params; i++) {
        nn_param *p = &n->param[i];
        p->offset = m->param_count;
        m->param_count += (p->shape.size + NN_ROUND - 1) / NN_ROUND * NN_ROUND;
    }
    if (m->param_count > NN_MAX_ELEMENTS) return nn_fail(c, n, "the model has over 2^31 parameters");
    m->n_nodes++;
    return true;
}

/* Count the readers of every value. In the backward pass the last reader writes the value's gradient and the others
 * add to it. */
static bool count_consumers(sori_model *m) {
    m->consumers = base_alloc(m->c, (size_t)m->n_nodes + 1, sizeof *m->consumers);
    if (!m->consumers) return false;
    for (int i = m->n_nodes - 1; i >= 0; i--)
        for (int j = 0; j < m->nodes[i].n_in; j++) m->nodes[i].adds[j] = m->consumers[m->nodes[i].in[j]]++ > 0;
    for (int i = 0; i < m->n_nodes - 1; i++)
        if (!m->consumers[i + 1]) return nn_fail(m->c, &m->nodes[i], "its output is used by no layer");
    return true;
}

/* A chain of layers that kernel/small.h walks. */
static bool is_small(const sori_model *m) {
    for (int i = 0; i < m->n_nodes; i++)
        if (m->nodes[i].in[0] != i || !m->k->small_fits(&m->nodes[i])) return false;
    return true;
}

/* Batch norms behind a layer that nobody else reads, which inference folds into that layer's weights. */
static void find_folds(sori_model *m) {
    for (int i = 1; i < m->n_nodes; i++) {
        nn_node *n = &m->nodes[i], *before = n->in[0] > 0 ? &m->nodes[n->in[0] - 1] : NULL;
        if (n->layer.op != SORI_BATCHNORM || !before || !before->op->folds) continue;
        if (nn_axis(before) + 1 != (size_t)before->y.ndim) continue;   /* dense along another axis than the norm's */
        if (before->layer.act != SORI_LINEAR || m->consumers[n->in[0]] != 1) continue;
        before->norm = i;
        n->folded = true;
    }
}

/* Layers that know where a ReLU before them was 0, and nobody else reads. */
static void find_slopes(sori_model *m) {
    for (int i = 1; i < m->n_nodes; i++) {
        nn_node *n = &m->nodes[i], *before = n->in[0] > 0 ? &m->nodes[n->in[0] - 1] : NULL;
        if (!n->op->slopes || !before || before->layer.act != SORI_RELU || m->consumers[n->in[0]] != 1) continue;
        n->slopes = before->sloped = true;
    }
}

static bool list_params(sori_model *m) {
    for (int i = 0; i < m->n_nodes; i++) m->n_params += (size_t)m->nodes[i].n_params;
    m->params = base_alloc(m->c, m->n_params, sizeof *m->params);
    for (int i = 0, at = 0; m->params && i < m->n_nodes; i++)
        for (int k = 0; k < m->nodes[i].n_params; k++) {
            const nn_param *w = m->params[at++] = &m->nodes[i].param[k];
            m->penalised |= w->l1 > 0 || w->l2 > 0;
        }
    m->small = is_small(m);
    return m->params != NULL;
}

sori_model *nn_model_open(sori_ctx *c, sori_shape input, size_t most) {
    sori_model *m = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *m);
    if (!m) return NULL;
    m->c = c;
    m->k = nn_kernels_find(false, NULL);
    m->version = 1;
    m->nodes = base_alloc(c, most, sizeof *m->nodes);
    if (m->nodes && shape_from_public(c, input, &m->input)) return m;
    sori_model_free(m);
    return NULL;
}

bool nn_model_add(sori_model *m, const sori_layer *layer) { return add_node(m, layer); }

sori_model *nn_model_close(sori_model *m) {
    if (m && !base_failed(m->c) && count_consumers(m) && list_params(m)) {
        find_folds(m);
        find_slopes(m);
        return m;
    }
    sori_model_free(m);
    return NULL;
}

sori_model *nn_model_new(sori_ctx *c, sori_shape input, const sori_layer *layers, size_t n) {
    if (base_failed(c)) return NULL;
    if (n < 1 || n > NN_MAX_LAYERS) {
        sori_fail(c, SORI_EMODEL, "model: %zu layers, must be 1 to %d", n, NN_MAX_LAYERS);
        return NULL;
    }
    sori_model *m = nn_model_open(c, input, n);
    for (size_t i = 0; m && i < n && nn_model_add(m, &layers[i]); i++) {}
    return nn_model_close(m);
}

sori_model *sori_sequential(sori_ctx *c, sori_shape input, const sori_layer *layers) {
    size_t n = 0;
    while (n <= NN_MAX_LAYERS && layers[n].op) n++;
    return nn_model_new(c, input, layers, n);
}

void sori_model_free(sori_model *m) {
    if (!m) return;
    sori_ctx *c = m->c;
    nn_plan_free(m->train_plan);
    nn_plan_free(m->infer_plan);
    nn_close_nodes(m);
    m->k->loss_close(c, m->loss_tables);
    base_free(c, m->nodes);
    base_free(c, m->consumers);
    base_free(c, m->params);
    base_free(c, m->w);
    char **block;
    for (size_t i = 0; (block = nn_optimizer_block(m, i, NULL)); i++) base_free(c, *block);
    base_free(c, m->ranges);
    base_free(c, m->best_w);
    base_free(c, m->history);
    base_free(c, m);
}

static sori_shape public_shape(const nn_shape *s) {
    sori_shape out = { { 0 } };
    for (int i = 0; i < s->ndim; i++) out.dim[i] = (int)s->dim[i];
    return out;
}

sori_shape sori_model_input(const sori_model *m) { return m ? public_shape(&m->input) : (sori_shape){ { 0 } }; }

sori_shape sori_model_output(const sori_model *m) {
    return m ? public_shape(&m->nodes[m->n_nodes - 1].y) : (sori_shape){ { 0 } };
}
