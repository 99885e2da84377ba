/* transfer.c - weights alone, to and from safetensors files in the layouts of other libraries.
 *
 * Which tensors a model wants is asked of layout.c, layer by layer. A file is looked through whole before the first
 * value is taken, so that a model whose file is refused is what it was. */
#include "array/array.h"
#include "nn/layout.h"
#include <string.h>

typedef struct transfer {
    sori_model *m;
    const char *path;
    sori_layout layout;
    const sori_name_map *names;
    sori_named *items;             /* the file's */
    size_t count;
    bool *used;                    /* [count] */
} transfer;

typedef bool (*each_tensor)(transfer *t, const nn_foreign *f, const char *name);

/* --- names -------------------------------------------------------------------------------------------------------- */

static const char *mapped(const transfer *t, const char *name, size_t n) {
    for (const sori_name_map *w = t->names; w && w->sori; w++)
        if (strlen(w->sori) == n && !strncmp(w->sori, name, n)) return w->theirs;
    return NULL;
}

/* The whole weight's name in the map, else the layer's (in the map or its own) and the suffix. */
static const char *foreign_name(const transfer *t, const nn_foreign *f) {
    const char *whole = f->param->name, *own = strchr(whole, '/'), *name = mapped(t, whole, strlen(whole));
    size_t n = (size_t)(own - whole);
    const char *layer = mapped(t, whole, n);
    if (name) return name;
    char *text = layer ? base_printf(t->m->c, "%s%s", layer, f->suffix)
                       : base_printf(t->m->c, "%.*s%s", (int)n, whole, f->suffix);
    name = text ? base_intern(t->m->c, text) : NULL;
    base_free(t->m->c, text);
    return name;
}

static bool for_each(transfer *t, each_tensor visit) {
    nn_foreign f[NN_MAX_FOREIGN];
    for (int i = 0; i < t->m->n_nodes; i++) {
        size_t n = nn_foreign_tensors(t->m, i, t->layout, f);
        for (size_t k = 0; k < n; k++) {
            const char *name = foreign_name(t, &f[k]);
            if (!name || !visit(t, &f[k], name)) return false;
        }
    }
    return true;
}

/* --- the gate ----------------------------------------------------------------------------------------------------- */

static bool known_layer(const sori_model *m, const char *name) {
    for (size_t i = 0; i < nn_param_total(m); i++) {
        const char *whole = nn_param_at(m, i)->name, *own = strchr(whole, '/');
        size_t n = (size_t)(own - whole);
        if (!strcmp(whole, name) || (strlen(name) == n && !strncmp(whole, name, n))) return true;
    }
    return false;
}

static bool check_call(sori_model *m, const char *path, sori_layout layout, const sori_name_map *names) {
    sori_ctx *c = m->c;
    if (base_failed(c)) return false;
    if (!path) sori_fail(c, SORI_EINVAL, "weights: no file given");
    else if ((unsigned)layout > SORI_LAYOUT_KERAS) sori_fail(c, SORI_EINVAL, "weights: no layout %d", (int)layout);
    for (const sori_name_map *w = names; w && w->sori && !base_failed(c); w++) {
        if (!known_layer(m, w->sori))
            sori_fail(c, SORI_EINVAL, "weights: the name map has '%.80s', which no layer or weight is called", w->sori);
        else if (!w->theirs) sori_fail(c, SORI_EINVAL, "weights: the name map has nothing for '%.80s'", w->sori);
    }
    return nn_set_precision(m, m->config.exact);
}

/* --- saving ------------------------------------------------------------------------------------------------------- */

static double *our_values(transfer *t, const nn_param *p) {
    double *v = base_alloc_raw(t->m->c, p->shape.size, sizeof *v);
    if (v) t->m->k->to_f64(v, nn_at(t->m, t->m->w, p->offset), p->shape.size);
    return v;
}

/* The tensor of that name, made if there is none yet. */
static sori_array *tensor_to_fill(transfer *t, const nn_foreign *f, const char *name) {
    for (size_t i = 0; i < t->count; i++)
        if (!strcmp(t->items[i].name, name)) return t->items[i].array;
    sori_array *a = sori_array_new(t->m->c, SORI_F64, f->ndim, f->dim);
    t->items[t->count++] = (sori_named){ name, a };
    return a;
}

static bool put(transfer *t, const nn_foreign *f, const char *name) {
    double *ours = our_values(t, f->param);
    sori_array *a = ours ? tensor_to_fill(t, f, name) : NULL;
    if (a) nn_foreign_write(f, ours, a->data);
    base_free(t->m->c, ours);
    return a != NULL;
}

/* In the model's precision. */
static bool put_all(transfer *t) {
    bool ok = for_each(t, put);
    for (size_t i = 0; ok && i < t->count && t->m->k->real_size == 4; i++) {
        sori_array *wide = t->items[i].array;
        t->items[i].array = sori_array_cast(t->m->c, wide, SORI_F32);
        sori_array_free(t->m->c, wide);
        ok = t->items[i].array != NULL;
    }
    return ok;
}

sori_status sori_weights_save(sori_model *m, const char *path, sori_layout layout, const sori_name_map *names) {
    if (!m) return SORI_EINVAL;
    sori_ctx *c = m->c;
    if (!check_call(m, path, layout, names)) return sori_error(c);
    transfer t = { .m = m, .path = path, .layout = layout, .names = names };
    int scope = sori_begin(c);
    t.items = base_alloc(c, (size_t)m->n_nodes * NN_MAX_FOREIGN, sizeof *t.items);
    if (t.items && put_all(&t)) sori_save_safetensors(c, path, t.items, t.count, NULL);
    base_free(c, t.items);
    sori_end(c, scope, NULL);
    return sori_error(c);
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

/* Of Keras's names a model's in front is passed over: "sequential/dense/kernel" is "dense/kernel". */
static bool is_named(const transfer *t, const char *item, const char *name) {
    size_t n = strlen(item), k = strlen(name);
    if (!strcmp(item, name)) return true;
    return t->layout == SORI_LAYOUT_KERAS && n > k && item[n - k - 1] == '/' && !strcmp(item + n - k, name);
}

static sori_named *find(transfer *t, const char *name) {
    for (size_t i = 0; i < t->count; i++)
        if (is_named(t, t->items[i].name, name)) {
            t->used[i] = true;
            return &t->items[i];
        }
    return NULL;
}

static const char *dims_text(int ndim, const size_t *dim, char *out, size_t size) {
    int n = base_format(out, size, "(");
    for (int i = 0; i < ndim; i++) n += base_format(out + n, size - (size_t)n, i ? ", %zu" : "%zu", dim[i]);
    base_format(out + n, size - (size_t)n, ")");
    return out;
}

static bool check_tensor(transfer *t, const nn_foreign *f, const char *name) {
    sori_ctx *c = t->m->c;
    const sori_named *found = find(t, name);
    char has[200], needs[200];
    if (!found) {
        sori_fail(c, SORI_EFORMAT, "%s: no tensor '%s' for the model's %s %s", t->path, name, f->param->name,
                  nn_shape_text(&f->param->shape, NULL, has, sizeof has));
        return false;
    }
    const sori_array *a = found->array;
    if (a->dtype != SORI_F32 && a->dtype != SORI_F64)
        sori_fail(c, SORI_EFORMAT, "%s: tensor '%s' is of %s, weights are float", t->path, name,
                  sori_dtype_name(a->dtype));
    else if (a->ndim != f->ndim || memcmp(a->shape, f->dim, (size_t)f->ndim * sizeof *f->dim) != 0)
        sori_fail(c, SORI_EFORMAT, "%s: tensor '%s' is %s, the model's %s needs %s", t->path, name,
                  dims_text(a->ndim, a->shape, has, sizeof has), f->param->name,
                  dims_text(f->ndim, f->dim, needs, sizeof needs));
    return !base_failed(c);
}

/* PyTorch's batch norm counts its batches, which only matters where momentum is None. */
static bool passed_over(const transfer *t, const char *name) {
    static const char counter[] = ".num_batches_tracked";
    size_t n = strlen(name), k = sizeof counter - 1;
    return t->layout == SORI_LAYOUT_TORCH && n > k && !strcmp(name + n - k, counter);
}

static bool check_rest(const transfer *t) {
    char shape[200];
    for (size_t i = 0; i < t->count; i++) {
        const sori_named *n = &t->items[i];
        if (t->used[i] || passed_over(t, n->name)) continue;
        sori_fail(t->m->c, SORI_EFORMAT, "%s: tensor '%s' %s has no place in the model", t->path, n->name,
                  dims_text(n->array->ndim, n->array->shape, shape, sizeof shape));
        return false;
    }
    return true;
}

static bool get(transfer *t, const nn_foreign *f, const char *name) {
    sori_ctx *c = t->m->c;
    double *ours = our_values(t, f->param);
    sori_array *theirs = ours ? sori_array_cast(c, find(t, name)->array, SORI_F64) : NULL;
    if (theirs) {
        nn_foreign_read(f, theirs->data, ours);
        t->m->k->from_f64(nn_at(t->m, t->m->w, f->param->offset), ours, f->param->shape.size);
        sori_array_free(c, theirs);
    }
    base_free(c, ours);
    return theirs != NULL;
}

sori_status sori_weights_load(sori_model *m, const char *path, sori_layout layout, const sori_name_map *names) {
    if (!m) return SORI_EINVAL;
    sori_ctx *c = m->c;
    if (!check_call(m, path, layout, names)) return sori_error(c);
    transfer t = { .m = m, .path = path, .layout = layout, .names = names };
    int scope = sori_begin(c);
    t.items = (sori_named *)sori_load_safetensors(c, path, &t.count, NULL);
    t.used = t.items ? base_alloc(c, t.count, sizeof *t.used) : NULL;
    if (t.used && for_each(&t, check_tensor) && check_rest(&t)) {
        for_each(&t, get);
        m->version++;
    }
    base_free(c, t.used);
    sori_end(c, scope, NULL);
    return sori_error(c);
}
