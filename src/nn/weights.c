/* weights.c - the parameter block: precision, initial values, access by name.
 *
 * Initial values as Keras's VarianceScaling: uniform in +-sqrt(6 / fan) or normal, truncated at two deviations, with
 * fan = (fan_in + fan_out) / 2 for Glorot, fan_in for He. Orthogonal: all axes but the last are rows, and these (the
 * columns, if there are more rows) are orthonormal. Drawn in double from the seed and the tensor's place in the table,
 * so that float and double models start from the same numbers. */
#include "nn/nn.h"
#include "array/array.h"
#include <math.h>
#include <string.h>

size_t nn_param_total(const sori_model *m) { return m->n_params; }

const nn_param *nn_param_at(const sori_model *m, size_t i) { return i < m->n_params ? m->params[i] : NULL; }

char *nn_lane_at(const sori_model *m, nn_lane l, size_t size, size_t n0) {
    return l.at ? nn_at(m, l.at, n0 * (l.stride - size)) : NULL;
}

char *nn_at(const sori_model *m, char *block, size_t element) { return block + element * m->k->real_size; }

/* A block converted to the new kernels' precision; NULL in, NULL out. */
static bool convert(sori_model *m, char **block, const nn_kernels *k) {
    if (!*block) return true;
    double *wide = base_alloc_raw(m->c, m->param_count, sizeof *wide);
    char *fresh = base_alloc(m->c, m->param_count, k->real_size);
    if (wide && fresh) {
        m->k->to_f64(wide, *block, m->param_count);
        k->from_f64(fresh, wide, m->param_count);
        base_free(m->c, *block);
        *block = fresh;
        fresh = NULL;
    }
    base_free(m->c, wide);
    base_free(m->c, fresh);
    return !base_failed(m->c);
}

void nn_close_nodes(sori_model *m) {
    for (int i = 0; i < m->n_nodes; i++)
        if (m->nodes[i].op->close) m->nodes[i].op->close(m->c, &m->nodes[i]);
    m->open = false;
}

static bool open_nodes(sori_model *m) {
    bool ok = true;
    for (int i = 0; ok && !m->open && i < m->n_nodes; i++)
        ok = !m->nodes[i].op->open || m->nodes[i].op->open(m->c, &m->nodes[i]);
    if (!ok) nn_close_nodes(m);
    return m->open = ok;
}

/* Parameters whose first values are a node's own affair. */
static bool init_nodes(sori_model *m) {
    bool ok = true;
    for (int i = 0; ok && i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        void *param[NN_MAX_PARAMS];
        for (int k = 0; k < n->n_params; k++) param[k] = nn_at(m, m->w, n->param[k].offset);
        ok = !n->op->init || n->op->init(m->c, n, param);
    }
    return ok;
}

bool nn_set_precision(sori_model *m, bool exact) {
    const nn_kernels *k = nn_kernels_find(exact, NULL);
    if (k->real_size != m->k->real_size) {
        nn_plan_free(m->train_plan);
        nn_plan_free(m->infer_plan);
        m->train_plan = m->infer_plan = NULL;
        nn_close_nodes(m);
        char **block;
        if (!convert(m, &m->w, k) || !convert(m, &m->best_w, k)) return false;
        for (size_t i = 0; (block = nn_optimizer_block(m, i, NULL)); i++)
            if (!convert(m, block, k)) return false;
        m->k = k;
        for (int i = 0; i < m->n_nodes; i++) m->nodes[i].op = k->ops[m->nodes[i].layer.op];
    }
    if (!open_nodes(m)) return false;
    if (!m->w) {
        m->w = base_alloc(m->c, m->param_count, m->k->real_size);
        if (!m->w) return false;
        nn_init_weights(m);
        if (base_failed(m->c) || !init_nodes(m)) {
            base_free(m->c, m->w);
            m->w = NULL;
        }
    }
    return !base_failed(m->c);
}

static double draw(const nn_param *p, base_rng *r) {
    double fan = p->init == SORI_HE_UNIFORM || p->init == SORI_HE_NORMAL ? (double)p->fan_in
                                                                         : (double)(p->fan_in + p->fan_out) / 2;
    if (p->init == SORI_RANDOM_NORMAL) return 0.05 * base_rng_normal(r);
    if (p->init == SORI_RANDOM_UNIFORM) return 0.05 * (2 * base_rng_uniform(r) - 1);
    if (p->init == SORI_GLOROT_UNIFORM || p->init == SORI_HE_UNIFORM) {
        double scale = p->init == SORI_HE_UNIFORM ? 6 : 3;   /* He: variance 2 / fan_in; Glorot: 1 / fan */
        return sqrt(scale / fan) * (2 * base_rng_uniform(r) - 1);
    }
    double v;
    do v = base_rng_normal(r);
    while (fabs(v) > 2);
    /* 0.8796: the deviation of a normal truncated at two deviations */
    return v * sqrt((p->init == SORI_HE_NORMAL ? 2 : 1) / fan) / 0.87962566103423978;
}

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Q of a normal matrix's QR decomposition with R's diagonal positive, which makes every rotation as likely: Gram and
 * Schmidt's way, each vector twice, after which what is left along the others is rounding (Giraud et al., 2005). */
static void orthonormalise(double *v, size_t count, size_t n) {
    for (size_t i = 0; i < count; i++) {
        double *a = v + i * n;
        for (size_t k = 0; k < 2 * i; k++) {
            const double *b = v + k % i * n;
            double along = dot(a, b, n);
            for (size_t j = 0; j < n; j++) a[j] -= along * b[j];
        }
        double length = sqrt(dot(a, a, n));
        for (size_t j = 0; j < n; j++) a[j] /= length;
    }
}

/* Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014. */
static void init_orthogonal(sori_model *m, const nn_param *p, base_rng *r) {
    size_t columns = p->shape.dim[p->shape.ndim - 1], rows = p->shape.size / columns;
    size_t count = BASE_MIN(rows, columns), n = BASE_MAX(rows, columns);
    double *v = base_alloc_raw(m->c, p->shape.size, sizeof *v);
    if (!v) return;
    for (size_t i = 0; i < p->shape.size; i++) v[i] = base_rng_normal(r);
    orthonormalise(v, count, n);
    for (size_t i = 0; i < p->shape.size; i++) {
        size_t row = i / columns, column = i % columns;
        m->k->from_f64(nn_at(m, m->w, p->offset + i), &v[rows <= columns ? i : column * n + row], 1);
    }
    base_free(m->c, v);
}

static double first_value(const nn_param *p, size_t i, base_rng *r) {
    if (p->random) return draw(p, r);
    return !p->init_count || i - p->init_first < p->init_count ? p->init_value : 0;
}

void nn_init_weights(sori_model *m) {
    m->version++;
    for (size_t i = 0; i < nn_param_total(m); i++) {
        const nn_param *p = nn_param_at(m, i);
        base_rng r = base_rng_new(sori_seed(m->c), BASE_RNG_INIT, (uint32_t)i, 0);
        if (p->random && p->init == SORI_ORTHOGONAL) {
            init_orthogonal(m, p, &r);
            continue;
        }
        for (size_t j = 0; j < p->shape.size; j++) {
            double v = first_value(p, j, &r);
            m->k->from_f64(nn_at(m, m->w, p->offset + j), &v, 1);
        }
    }
}

/* --- access ------------------------------------------------------------ */

size_t sori_weight_count(const sori_model *m) { return m ? nn_param_total(m) : 0; }

const char *sori_weight_name(const sori_model *m, size_t i) {
    const nn_param *p = m ? nn_param_at(m, i) : NULL;
    return p ? p->name : NULL;
}

size_t sori_model_params(const sori_model *m, bool trainable_only) {
    size_t n = 0;
    for (size_t i = 0; m && i < nn_param_total(m); i++) {
        const nn_param *p = nn_param_at(m, i);
        if (p->trainable || !trainable_only) n += p->shape.size;
    }
    return n;
}

static const nn_param *find_param(sori_model *m, const char *name) {
    for (size_t i = 0; i < nn_param_total(m); i++)
        if (!strcmp(nn_param_at(m, i)->name, name)) return nn_param_at(m, i);
    sori_fail(m->c, SORI_EINVAL, "model: no weight named '%s'", name);
    return NULL;
}

sori_array *sori_get_weight(sori_model *m, const char *name) {
    if (!m || base_failed(m->c)) return NULL;
    const nn_param *p = find_param(m, name);
    if (!p || !nn_set_precision(m, m->config.exact)) return NULL;
    bool wide = m->k->real_size == 8;
    return sori_array_from(m->c, wide ? SORI_F64 : SORI_F32, p->shape.ndim, p->shape.dim, nn_at(m, m->w, p->offset));
}

sori_status sori_set_weight(sori_model *m, const char *name, const sori_array *value) {
    if (!m) return SORI_EINVAL;
    if (base_failed(m->c)) return sori_error(m->c);
    const nn_param *p = find_param(m, name);
    if (!p || !nn_set_precision(m, m->config.exact)) return sori_error(m->c);
    bool same = value && value->ndim == p->shape.ndim;
    for (int i = 0; same && i < value->ndim; i++) same = value->shape[i] == p->shape.dim[i];
    if (!same || (value->dtype != SORI_F32 && value->dtype != SORI_F64))
        return sori_fail(m->c, SORI_EINVAL, "model: weight %s must be float of shape %s", name,
                         nn_shape_text(&p->shape, NULL, (char[96]){ 0 }, 96));
    m->version++;
    if (value->dtype == SORI_F32) m->k->from_f32(nn_at(m, m->w, p->offset), value->data, value->size);
    else m->k->from_f64(nn_at(m, m->w, p->offset), value->data, value->size);
    return SORI_OK;
}
