/* values.c - values of an import: what waits, in which order their axes lie, the rows that change it, weights. */
#include "onnx/import.h"
#include <string.h>

/* --- inputs and outputs ------------------------------------------------------------------------------------------- */

onnx_data *onnx_input(onnx_importer *im, const onnx_node *n, int i) {
    return i < n->n_in ? onnx_find(im, n->in[i]) : NULL;
}

onnx_data *onnx_waiting(onnx_importer *im, const onnx_node *n, int i) {
    onnx_data *v = onnx_input(im, n, i);
    if (v && v->there) return v;
    onnx_refuse(im, n, "input %d is %s", i + 1, v ? "a constant, or made later" : "missing");
    return NULL;
}

onnx_data *onnx_settled(onnx_importer *im, const onnx_node *n, int i) {
    onnx_data *v = onnx_waiting(im, n, i);
    return v && onnx_settle(im, n, v) ? v : NULL;
}

bool onnx_give(onnx_importer *im, const onnx_node *n, int i, int source, const onnx_layout *layout) {
    onnx_data *y = i < n->n_out ? onnx_find(im, n->out[i]) : NULL;
    if (source < 0) return false;
    if (!y) return true;   /* nobody wants it */
    y->there = y->fresh = true;
    y->source = source;
    y->layout = *layout;
    return true;
}

bool onnx_alias(onnx_importer *im, const onnx_node *n, const onnx_data *x) {
    onnx_data *y = onnx_find(im, n->out[0]);
    if (!y) return true;
    onnx_text name = y->name;
    int readers = y->readers;
    bool fresh = x->fresh && x->readers == 1;
    *y = *x;
    y->name = name;
    y->readers = readers;
    y->fresh = fresh;
    return true;
}

/* --- what waits --------------------------------------------------------------------------------------------------- */

/* [batch, all others], in ONNX's order. */
static bool settle_flat(onnx_importer *im, const onnx_node *n, onnx_data *v) {
    int order[ONNX_MAX_AXES], count = onnx_plain_order(&v->layout, order);
    int source = onnx_bring(im, n, v, order, count);
    if (source >= 0 && onnx_shape(im, source)->ndim > 1)
        source = onnx_row(im, n, -1, (sori_layer){ .op = SORI_FLATTEN }, source);
    if (source < 0) return false;
    v->source = source;
    v->layout = (onnx_layout){ .ndim = 2, .dim = { 0, onnx_shape(im, source)->size }, .axis = { BATCH, 1 } };
    v->flat = v->fresh = false;
    return true;
}

bool onnx_settle(onnx_importer *im, const onnx_node *n, onnx_data *v) {
    if (v->flat && !settle_flat(im, n, v)) return false;
    if (v->stage == SIGMOIDED) {
        v->source = onnx_row(im, n, -1, (sori_layer){ .op = SORI_ACTIVATION, .act = SORI_SIGMOID }, v->source);
        v->stage = PLAIN;
    } else if (v->stage != PLAIN) {
        return onnx_refuse(im, n, "its input is an Erf that is no part of a GELU");
    }
    if (v->source < 0) return false;
    if (v->scale == 1) return true;
    const nn_shape *s = onnx_shape(im, v->source);
    size_t channels = s->dim[s->ndim - 1];
    float *scale = base_alloc_raw(im->c, channels, sizeof *scale);
    for (size_t i = 0; scale && i < channels; i++) scale[i] = (float)v->scale;
    v->source = scale ? onnx_affine(im, n, v->source, scale, NULL) : -1;
    v->scale = 1;
    return v->source >= 0;
}

/* --- constants ---------------------------------------------------------------------------------------------------- */

bool onnx_is_constant(const onnx_data *v) { return v && (v->tensor || v->numbers || v->zeros); }

float *onnx_constant(onnx_importer *im, const onnx_node *n, int i, int *ndim, size_t dim[ONNX_MAX_AXES]) {
    const onnx_data *v = onnx_input(im, n, i);
    const onnx_tensor *t = v ? v->tensor : NULL;
    float *out = NULL;
    if (t && t->size) out = base_alloc_raw(im->c, t->size, sizeof *out);
    if (out && onnx_floats(t, out)) {
        *ndim = t->ndim;
        memcpy(dim, t->dim, sizeof t->dim);
        return out;
    }
    base_free(im->c, out);
    onnx_refuse(im, n, "input %d must be a constant of float, double or whole numbers", i + 1);
    return NULL;
}

bool onnx_number(onnx_importer *im, const onnx_node *n, int i, double *v) {
    const onnx_data *d = onnx_input(im, n, i);
    float one;
    if (d && d->numbers && d->count == 1) *v = (double)d->number[0];
    else if (d && d->tensor && d->tensor->size == 1 && onnx_floats(d->tensor, &one)) *v = (double)one;
    else return false;
    return true;
}

int onnx_whole(onnx_importer *im, const onnx_node *n, int i, int64_t *v) {
    const onnx_data *d = onnx_input(im, n, i);
    if (d && d->numbers) {
        memcpy(v, d->number, (size_t)d->count * sizeof *v);
        return d->count;
    }
    bool few = d && d->tensor && d->tensor->size <= ONNX_MAX_AXES;
    return few && onnx_int64s(d->tensor, v) ? (int)d->tensor->size : -1;
}

/* A bias of one number a unit, or one for all, times a factor; NULL after an error. */
float *onnx_bias(onnx_importer *im, const onnx_node *n, int input, double factor, size_t units) {
    int ndim;
    size_t dim[ONNX_MAX_AXES], size = 1;
    float *b = onnx_constant(im, n, input, &ndim, dim), *out = NULL;
    for (int i = 0; b && i < ndim; i++) size *= dim[i];
    bool fits = b && (size == 1 || (size == units && dim[ndim - 1] == units));
    if (fits) out = base_alloc_raw(im->c, units, sizeof *out);
    else if (b) onnx_refuse(im, n, "a bias of %zu numbers for %zu units", size, units);
    for (size_t i = 0; out && i < units; i++) out[i] = (float)(factor * (double)b[size == 1 ? 0 : i]);
    base_free(im->c, b);
    return out;
}

/* --- order of axes ------------------------------------------------------------------------------------------------ */

int onnx_plain_order(const onnx_layout *l, int *order) {
    int count = 0;
    for (int i = 0; i < l->ndim; i++)
        if (l->axis[i] != BATCH) order[count++] = i;
    return count;
}

int onnx_order(const onnx_layout *l, int last, int *order) {
    int count = 0;
    for (int at = 1; at <= 4; at++)
        for (int i = 0; i < l->ndim; i++)
            if (l->axis[i] == at && i != last) order[count++] = i;
    if (last >= 0) order[count++] = last;
    return count;
}

onnx_layout onnx_lies(const onnx_layout *as, const int *order, int count) {
    onnx_layout l = *as;
    for (int i = 0; i < l.ndim; i++)
        if (l.axis[i] != BATCH) l.axis[i] = ABSENT;
    for (int k = 0; k < count; k++) l.axis[order[k]] = k + 1;
    return l;
}

int onnx_axis(onnx_importer *im, const onnx_node *n, int64_t axis, int ndim) {
    if (axis < 0) axis += ndim;
    if (axis >= 0 && axis < ndim) return (int)axis;
    onnx_refuse(im, n, "an axis is outside the input's %d", ndim);
    return -1;
}

/* Row of another shape, if it is another. */
static int reshaped(onnx_importer *im, const onnx_node *n, int source, const size_t *dim, int count) {
    const nn_shape *s = onnx_shape(im, source);
    sori_layer l = { .op = SORI_RESHAPE };
    bool same = s->ndim == count;
    for (int i = 0; i < count; i++) {
        same = same && s->dim[i] == dim[i];
        l.shape[i] = (int)dim[i];
    }
    return same ? source : onnx_row(im, n, -1, l, source);
}

/* The axes that are larger than one, in the order wanted; those of size one lie behind them until the reshape. */
static int permuted(onnx_importer *im, const onnx_node *n, const onnx_data *v, const int *order, int count) {
    const nn_shape *s = onnx_shape(im, v->source);
    sori_layer l = { .op = SORI_PERMUTE };
    int at = 0, before = 0;
    bool moved = false;
    for (int k = 0; k < count; k++) {
        if (v->layout.dim[order[k]] == 1) continue;
        l.shape[at++] = v->layout.axis[order[k]];
        moved = moved || v->layout.axis[order[k]] < before;
        before = v->layout.axis[order[k]];
    }
    for (int i = 1; i <= s->ndim; i++)
        if (s->dim[i - 1] == 1) l.shape[at++] = i;
    return moved ? onnx_row(im, n, -1, l, v->source) : v->source;
}

int onnx_bring(onnx_importer *im, const onnx_node *n, const onnx_data *v, const int *order, int count) {
    size_t dim[ONNX_MAX_AXES], size = 1;
    for (int k = 0; k < count; k++) {
        if (v->layout.axis[order[k]] == BATCH) return onnx_refuse(im, n, "it works along the batch's axis"), -1;
        dim[k] = v->layout.dim[order[k]];
        size *= dim[k];
    }
    if (count > 4) return onnx_refuse(im, n, "a sample of %d axes, at most 4 are possible", count), -1;
    if (size != onnx_shape(im, v->source)->size)
        return onnx_refuse(im, n, "the batch's axis is not where it must be"), -1;
    if (count == 0) dim[count++] = 1;
    int source = permuted(im, n, v, order, count);
    return source < 0 ? -1 : reshaped(im, n, source, dim, count);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

const nn_shape *onnx_shape(const onnx_importer *im, int value) {
    return value ? &im->m->nodes[value - 1].y : &im->m->input;
}

static bool taken(const onnx_importer *im, const char *name) {
    for (int i = 0; i < im->m->n_nodes; i++)
        if (!strcmp(im->m->nodes[i].name, name)) return true;
    return !strcmp(name, "input");
}

/* "features.0.weight" and "conv2d/kernel" come from layers features.0 and conv2d. NULL: the standard name. */
static const char *name_of(onnx_importer *im, const onnx_node *n, int named_by) {
    char name[81];
    size_t size = 0;
    if (named_by < 0 || named_by >= n->n_in) return NULL;
    onnx_text t = n->in[named_by];
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] == '/' || t.s[i] == '.') size = i;
    if (size < 1 || size >= sizeof name || memchr(t.s, ':', size)) return NULL;
    for (size_t i = 0; i < size; i++) {
        if (t.s[i] <= ' ' || t.s[i] > '~') return NULL;
        name[i] = t.s[i] == '/' ? '.' : t.s[i];
    }
    name[size] = 0;
    return taken(im, name) ? NULL : base_intern(im->c, name);
}

static const char *value_name(const onnx_importer *im, int value) {
    return value ? im->m->nodes[value - 1].name : "input";
}

static int add_row(onnx_importer *im, const onnx_node *n, sori_layer *l) {
    if (base_failed(im->c)) return -1;
    if ((size_t)im->m->n_nodes >= BASE_MIN((size_t)NN_MAX_LAYERS, 6 * (size_t)im->g.n_nodes + 2))
        return onnx_refuse(im, n, "over %d layers", im->m->n_nodes), -1;
    return nn_model_add(im->m, l) ? im->m->n_nodes : -1;
}

int onnx_row(onnx_importer *im, const onnx_node *n, int named_by, sori_layer layer, int from) {
    if (from < 0) return -1;
    layer.name = name_of(im, n, named_by);
    layer.from[0] = value_name(im, from);
    return add_row(im, n, &layer);
}

int onnx_row_of(onnx_importer *im, const onnx_node *n, sori_layer layer, const int *from, int count) {
    for (int i = 0; i < count; i++) {
        if (from[i] < 0) return -1;
        layer.from[i] = value_name(im, from[i]);
    }
    return add_row(im, n, &layer);
}

/* --- weights ------------------------------------------------------------------------------------------------------ */

static bool keep(onnx_importer *im, const char *name, float *v, size_t size) {
    if (im->n_sets == im->room) {
        int room = im->room ? 2 * im->room : 16;
        onnx_weight_set *grown = base_grow(im->c, im->sets, (size_t)im->room, (size_t)room, sizeof *grown);
        if (!grown) return false;
        im->sets = grown;
        im->room = room;
    }
    im->sets[im->n_sets++] = (onnx_weight_set){ name, v, size };
    return true;
}

bool onnx_set(onnx_importer *im, int row, const char *param, float *v, size_t size) {
    const nn_node *n = row > 0 ? &im->m->nodes[row - 1] : NULL;
    for (int i = 0; n && v && i < n->n_params; i++) {
        if (strcmp(strrchr(n->param[i].name, '/') + 1, param)) continue;
        if (n->param[i].shape.size == size && keep(im, n->param[i].name, v, size)) return true;
        sori_fail(im->c, SORI_EMODEL, "%s: %s has %zu values, must have %zu", im->g.path, n->param[i].name, size,
                  n->param[i].shape.size);
        break;
    }
    base_free(im->c, v);
    return false;
}

/* A batch norm of mean 0 and variance 1, whose epsilon is below a float's last digit. */
int onnx_affine(onnx_importer *im, const onnx_node *n, int from, float *scale, float *shift) {
    int row = onnx_row(im, n, -1, (sori_layer){ .op = SORI_BATCHNORM, .epsilon = 1e-12 }, from);
    size_t channels = row > 0 ? im->m->nodes[row - 1].param[0].shape.size : 0;
    bool ok = true;
    if (scale) ok = onnx_set(im, row, "gamma", scale, channels);
    if (shift) ok = onnx_set(im, row, "beta", shift, channels) && ok;
    return ok ? row : -1;
}

/* --- activations -------------------------------------------------------------------------------------------------- */

bool onnx_activate(onnx_importer *im, const onnx_node *n, onnx_data *x, sori_act act, double alpha, int readers) {
    nn_node *row = x->source ? &im->m->nodes[x->source - 1] : NULL;
    bool joins = row && x->fresh && x->readers == readers && row->layer.act == SORI_LINEAR && !row->op->alias;
    onnx_layout layout = x->layout;
    int source = x->source;
    if (joins) {
        row->layer.act = act;
        row->layer.alpha = alpha ? alpha : row->layer.alpha;
    } else {
        source = onnx_row(im, n, -1, (sori_layer){ .op = SORI_ACTIVATION, .act = act, .alpha = alpha }, source);
    }
    bool ok = onnx_give(im, n, 0, source, &layout);
    onnx_data *y = onnx_find(im, n->out[0]);
    if (ok && y) y->fresh = false;
    return ok;
}
