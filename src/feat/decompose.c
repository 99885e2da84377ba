/* decompose.c - the gate of the factorisation of spectrograms.                          librosa.decompose.decompose */
#include "feat/nmf.h"
#include <string.h>

#define MAX_COMPONENTS 65536

static bool check_components(sori_ctx *c, const sori_array *S, const sori_array *given, int n) {
    char a[128], b[128];
    if (!array_check(c, "decompose", given, SORI_F32, 2)) return false;
    bool same = given->ndim == S->ndim && memcmp(given->shape, S->shape, (size_t)(S->ndim - 1) * sizeof *S->shape) == 0;
    size_t k = given->shape[given->ndim - 1];
    if (!same)
        sori_fail(c, SORI_EINVAL, "decompose: components are %s, which do not fit S, %s",
                  array_shape_text(given, a, sizeof a), array_shape_text(S, b, sizeof b));
    else if (k == 0 || k > MAX_COMPONENTS || (n > 0 && k != (size_t)n))
        sori_fail(c, SORI_EINVAL, "decompose: %zu components are given, n_components is %d", k, n);
    return !base_failed(c) && feat_check_magnitude(c, "decompose", given->data, given->size);
}

static bool check(sori_ctx *c, const sori_array *S, const sori_decompose_config *g) {
    if (!array_check(c, "decompose", S, SORI_F32, 2)) return false;
    if (S->size == 0) sori_fail(c, SORI_EINVAL, "decompose: the spectrogram is empty");
    else if (g->n_components < 0 || g->n_components > MAX_COMPONENTS)
        sori_fail(c, SORI_EINVAL, "decompose: n_components %d is outside 1 to %d", g->n_components, MAX_COMPONENTS);
    else if (g->max_iter < 0) sori_fail(c, SORI_EINVAL, "decompose: max_iter %d is below 1", g->max_iter);
    else if (g->tol.mode == 1 && !(g->tol.value >= 0))
        sori_fail(c, SORI_EINVAL, "decompose: tol %g is below 0", g->tol.value);
    else if (g->sort && S->ndim > 2)
        sori_fail(c, SORI_EINVAL, "decompose: sort is for one [features, frames] spectrogram, as in librosa");
    if (base_failed(c) || !feat_check_magnitude(c, "decompose", S->data, S->size)) return false;
    return !g->components || check_components(c, S, g->components, g->n_components);
}

static double component(const feat_nmf *f, size_t j, size_t row) {
    return num_get(f->m.kernels, f->components, j * f->m.tall + row);
}

/* The row where component j is largest. */
static size_t peak_of(const feat_nmf *f, size_t j) {
    size_t peak = 0;
    for (size_t i = 1; i < f->m.rows; i++)
        if (component(f, j, i) > component(f, j, peak)) peak = i;
    return peak;
}

/* order [k]: the components by rising peak, equal ones in the order they have. peak [k] is scratch. */
static void sort_components(const feat_nmf *f, size_t *order, size_t *peak) {
    for (size_t j = 0; j < f->m.k; j++) {
        size_t at = j, here = peak_of(f, j);
        for (; at > 0 && peak[at - 1] > here; at--) {
            peak[at] = peak[at - 1];
            order[at] = order[at - 1];
        }
        peak[at] = here;
        order[at] = j;
    }
}

static bool fill(sori_ctx *c, const feat_nmf *f, bool sort, float *components, float *activations) {
    size_t k = f->m.k, *order = base_alloc(c, 2 * k, sizeof *order);
    if (!order) return false;
    for (size_t j = 0; j < k; j++) order[j] = j;
    if (sort) sort_components(f, order, order + k);
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < f->m.rows; i++)
            components[i * k + j] = (float)component(f, order[j], i);
        for (size_t t = 0; t < f->m.columns; t++)
            activations[j * f->m.columns + t] = (float)num_get(f->m.kernels, f->activations, order[j] * f->m.wide + t);
    }
    base_free(c, order);
    return true;
}

/* Fixed components, given as [features][k], to rows. */
static void take_components(const feat_nmf *f, const float *given) {
    for (size_t j = 0; j < f->m.k; j++)
        for (size_t i = 0; i < f->m.rows; i++)
            num_put(f->m.kernels, f->components, j * f->m.tall + i, (double)given[i * f->m.k + j]);
}

static bool run(sori_ctx *c, const sori_array *S, const sori_decompose_config *g, sori_decompose_result *r) {
    size_t columns = S->shape[S->ndim - 1], rows = S->size / columns;
    size_t k = g->components ? g->components->shape[S->ndim - 1] : g->n_components ? (size_t)g->n_components : rows;
    feat_nmf f = { .m = feat_matrix_of(S->data, rows, columns, k, g->exact), .fixed = g->components != NULL,
                   .max_iter = g->max_iter ? g->max_iter : 200, .tol = feat_option(g->tol, 1e-4, 0) };
    r->components = array_new_lead(c, SORI_F32, S->ndim - 1, S->shape, 1, &k);
    r->activations = array_new_raw(c, SORI_F32, 2, (size_t[]){ k, columns });
    f.components = feat_tall(c, &f.m);
    f.activations = feat_wide(c, &f.m);
    bool ok = !base_failed(c);
    if (ok && f.fixed) take_components(&f, g->components->data);
    ok = ok && feat_nmf_run(c, &f) && fill(c, &f, g->sort, r->components->data, r->activations->data);
    r->n_iter = f.n_iter;
    if (ok && f.n_iter == f.max_iter && f.tol > 0)
        base_warn(c, "decompose: not yet converged after max_iter %d sweeps", f.max_iter);
    base_free(c, f.activations);
    base_free(c, f.components);
    return ok;
}

sori_decompose_result sori_decompose(sori_ctx *c, const sori_array *S, const sori_decompose_config *config) {
    static const sori_decompose_config defaults;
    sori_decompose_result r = { NULL, NULL, 0 };
    if (base_failed(c)) return r;
    if (!config) config = &defaults;
    int scope = sori_begin(c);
    if (check(c, S, config) && run(c, S, config, &r)) {
        sori_keep(c, r.components);
        sori_keep(c, r.activations);
    } else r = (sori_decompose_result){ NULL, NULL, 0 };
    sori_end(c, scope, NULL);
    return r;
}
