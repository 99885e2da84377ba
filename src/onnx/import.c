/* import.c - from an ONNX file to a model: which nodes are needed, whether sori has them all, then one by one.
 *
 * Nodes stand in topological order, so each finds its inputs made. What nobody needs for the output is left out. */
#include "onnx/import.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_A_NODE 6      /* more than any operator makes, with the changes of order before it */

bool onnx_refuse(onnx_importer *im, const onnx_node *n, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    base_vformat(text, sizeof text, format, args);
    va_end(args);
    sori_fail(im->c, SORI_EMODEL, "%s: node %.*s (%.*s): %s", im->g.path, (int)BASE_MIN(n->name.n, (size_t)80),
              n->name.s ? n->name.s : "", (int)BASE_MIN(n->op.n, (size_t)40), n->op.s ? n->op.s : "", text);
    return false;
}

/* --- values by name ----------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
    return onnx_text_order(((const onnx_data *)a)->name, ((const onnx_data *)b)->name);
}

onnx_data *onnx_find(onnx_importer *im, onnx_text name) {
    onnx_data key = { .name = name };
    return name.n ? bsearch(&key, im->data, (size_t)im->n_data, sizeof *im->data, by_name) : NULL;
}

static bool damaged(onnx_importer *im, const char *what, onnx_text name) {
    sori_fail(im->c, SORI_EFORMAT, "%s: %s '%.*s'", im->g.path, what, (int)BASE_MIN(name.n, (size_t)80),
              name.s ? name.s : "");
    return false;
}

static void list_name(onnx_importer *im, onnx_text name, const onnx_tensor *tensor) {
    if (name.n) im->data[im->n_data++] = (onnx_data){ .name = name, .tensor = tensor, .scale = 1 };
}

/* Every name is made once. */
static bool list_values(onnx_importer *im) {
    const onnx_graph *g = &im->g;
    size_t most = (size_t)g->n_tensors + (size_t)g->n_inputs + ONNX_MAX_OUT * (size_t)g->n_nodes;
    im->data = base_alloc(im->c, most + 1, sizeof *im->data);
    if (!im->data) return false;
    for (int i = 0; i < g->n_tensors; i++) list_name(im, g->tensors[i].name, &g->tensors[i]);
    for (int i = 0; i < g->n_inputs; i++) list_name(im, g->inputs[i].name, NULL);
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i].n_out; k++) list_name(im, g->nodes[i].out[k], NULL);
    qsort(im->data, (size_t)im->n_data, sizeof *im->data, by_name);
    for (int i = 1; i < im->n_data; i++)
        if (!by_name(&im->data[i - 1], &im->data[i])) return damaged(im, "two values are named", im->data[i].name);
    return true;
}

/* From the output backward; counts readers on the way. */
static bool find_needed(onnx_importer *im) {
    const onnx_graph *g = &im->g;
    im->needed = base_alloc(im->c, (size_t)g->n_nodes + 1, sizeof *im->needed);
    im->done = base_alloc(im->c, (size_t)g->n_nodes + 1, sizeof *im->done);
    if (!im->needed || !im->done) return false;
    onnx_data *output = onnx_find(im, g->outputs[0].name);
    if (!output) return damaged(im, "no node makes the output", g->outputs[0].name);
    output->readers++;
    for (int i = g->n_nodes - 1; i >= 0; i--) {
        const onnx_node *n = &g->nodes[i];
        for (int k = 0; k < n->n_out; k++) {
            const onnx_data *y = onnx_find(im, n->out[k]);
            im->needed[i] |= y && y->readers > 0;
        }
        for (int k = 0; k < n->n_in && im->needed[i]; k++) {
            onnx_data *x = onnx_find(im, n->in[k]);
            if (!x && n->in[k].n) return damaged(im, "nothing makes the value", n->in[k]);
            if (x) x->readers++;
        }
    }
    return true;
}

/* All operators that sori has not, at once. */
static bool check_operators(onnx_importer *im) {
    char list[800];
    size_t used = 0, missing = 0;
    for (int i = 0; i < im->g.n_nodes; i++) {
        const onnx_node *n = &im->g.nodes[i];
        if (!im->needed[i] || onnx_operator(n)) continue;
        if (used < sizeof list - 150)
            used += (size_t)base_format(list + used, sizeof list - used, "%s%.*s (%.*s)", used ? ", " : "",
                                        (int)BASE_MIN(n->op.n, (size_t)40), n->op.s ? n->op.s : "",
                                        (int)BASE_MIN(n->name.n, (size_t)80), n->name.s ? n->name.s : "");
        missing++;
    }
    if (missing)
        sori_fail(im->c, SORI_EMODEL, "%s: %zu operators that sori has not: %s%s", im->g.path, missing, list,
                  used < sizeof list - 150 ? "" : ", ...");
    return !missing;
}

const onnx_node *onnx_reader(const onnx_importer *im, onnx_text name) {
    const onnx_node *reader = NULL;
    for (int i = 0; i < im->g.n_nodes; i++)
        for (int k = 0; k < im->g.nodes[i].n_in; k++) {
            if (!im->needed[i] || onnx_text_order(im->g.nodes[i].in[k], name)) continue;
            if (reader) return NULL;
            reader = &im->g.nodes[i];
        }
    return onnx_text_order(name, im->g.outputs[0].name) ? reader : NULL;
}

void onnx_skip(onnx_importer *im, const onnx_node *n) { im->done[n - im->g.nodes] = true; }

/* --- input and output --------------------------------------------------------------------------------------------- */

/* Whether the channels of a value are its second axis: what reads it first, past what does not care, wants them so. */
static bool wants_first(const onnx_importer *im, onnx_text name) {
    static const char *const first[] = { "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool",
                                         "GlobalMaxPool", "BatchNormalization", "InstanceNormalization", "Resize" };
    static const char *const any[] = { "Identity", "Dropout", "Relu", "Mul", "Add", "Sub", "Div", "Pad", "Cast" };
    for (int i = 0; i < im->g.n_nodes; i++) {
        const onnx_node *n = &im->g.nodes[i];
        if (!im->needed[i] || !n->n_in || onnx_text_order(n->in[0], name)) continue;
        for (size_t k = 0; k < BASE_COUNT(first); k++)
            if (onnx_text_is(n->op, first[k])) return true;
        for (size_t k = 0; k < BASE_COUNT(any); k++)
            if (onnx_text_is(n->op, any[k]) && n->n_out) name = n->out[0];
    }
    return false;
}

static bool open_model(onnx_importer *im) {
    const onnx_port *in = &im->g.inputs[0];
    onnx_data *v = onnx_find(im, in->name);
    sori_shape shape = { { 0 } };
    if (in->ndim < 2 || in->ndim > 5) {
        sori_fail(im->c, SORI_EMODEL, "%s: the input has %d axes, must have 2 to 5, the first the batch's", im->g.path,
                  in->ndim);
        return false;
    }
    im->channels_first = in->ndim > 2 && in->ndim < 5 && wants_first(im, in->name);
    v->layout = (onnx_layout){ .ndim = in->ndim };
    for (int i = 1; i < in->ndim; i++) {
        int to = !im->channels_first ? i : i == 1 ? in->ndim - 1 : i - 1;
        v->layout.axis[i] = to;
        v->layout.dim[i] = in->dim[i];
        shape.dim[to - 1] = (int)BASE_MIN(in->dim[i], (size_t)INT32_MAX);
        if (in->dim[i]) continue;
        sori_fail(im->c, SORI_EMODEL, "%s: axis %d of the input has no fixed size", im->g.path, i);
        return false;
    }
    v->there = true;
    size_t rows = BASE_MIN((size_t)NN_MAX_LAYERS, ROWS_A_NODE * (size_t)im->g.n_nodes + 2);
    im->m = nn_model_open(im->c, shape, rows);
    return im->m != NULL;
}

/* Images that were made channels last stay so; else the axes are put as the file has them. The output must be a row. */
static bool close_model(onnx_importer *im) {
    onnx_data *v = onnx_find(im, im->g.outputs[0].name);
    onnx_node end = { .name = im->g.outputs[0].name, .op = { "output", 6 } };
    if (!v->there) return onnx_refuse(im, &end, "it is not computed from the input");
    if (!onnx_settle(im, &end, v)) return false;
    int order[ONNX_MAX_AXES], count = onnx_plain_order(&v->layout, order);
    bool image = im->channels_first && v->layout.ndim > 2 && v->layout.axis[1] == v->layout.ndim - 1;
    for (int i = 2; i < v->layout.ndim; i++) image &= v->layout.axis[i] == i - 1;
    int source = image ? v->source : onnx_bring(im, &end, v, order, count);
    if (source == 0) source = onnx_row(im, &end, -1, (sori_layer){ .op = SORI_ACTIVATION }, 0);
    return source > 0;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static bool check_graph(const onnx_graph *g) {
    if (g->n_inputs == 1 && g->n_outputs == 1) return true;
    sori_fail(g->c, SORI_EMODEL, "%s: %d inputs and %d outputs, a model here has one of each", g->path, g->n_inputs,
              g->n_outputs);
    return false;
}

static bool take_nodes(onnx_importer *im) {
    for (int i = 0; i < im->g.n_nodes; i++) {
        const onnx_node *n = &im->g.nodes[i];
        if (!im->needed[i] || im->done[i]) continue;
        if (!n->n_out) return onnx_refuse(im, n, "it has no output");
        if (!onnx_operator(n)(im, n)) return false;
    }
    return true;
}

static bool put_weights(onnx_importer *im) {
    sori_model *m = im->m;
    if (!nn_set_precision(m, false)) return false;
    for (size_t i = 0; i < nn_param_total(m); i++)
        for (int k = 0; k < im->n_sets; k++)
            if (!strcmp(nn_param_at(m, i)->name, im->sets[k].name))
                m->k->from_f32(nn_at(m, m->w, nn_param_at(m, i)->offset), im->sets[k].v, im->sets[k].size);
    m->version++;
    return true;
}

static void free_importer(onnx_importer *im) {
    for (int i = 0; i < im->n_sets; i++) base_free(im->c, im->sets[i].v);
    base_free(im->c, im->sets);
    base_free(im->c, im->done);
    base_free(im->c, im->needed);
    base_free(im->c, im->data);
    onnx_graph_free(&im->g);
}

sori_model *sori_import_onnx(sori_ctx *c, const char *path) {
    onnx_importer im = { .c = c };
    if (onnx_read(c, path, &im.g) && check_graph(&im.g) && list_values(&im) && find_needed(&im) &&
        check_operators(&im) && open_model(&im) && take_nodes(&im))
        close_model(&im);
    sori_model *m = nn_model_close(im.m);
    im.m = m;
    if (m && !put_weights(&im)) {
        sori_model_free(m);
        m = NULL;
    }
    free_importer(&im);
    if (base_failed(c)) base_fail_in(c, path);
    return m;
}
