/* mix.c - training on mixtures of the samples of a batch: mixup, CutMix, manifold mixup.
 *
 *   mixup     x_i <- l x_i + (1 - l) x_p(i), targets alike         Zhang et al., ICLR 2018
 *   manifold  the same of the values of a layer k                  Verma et al., ICML 2019
 *   CutMix    a rectangle of x_i is that of x_p(i); l is the share of the area left   Yun et al., ICCV 2019
 *
 * p is a permutation of the batch and l ~ Beta(alpha, alpha), one for each batch; with several of the three on, one is
 * drawn for each batch, and k among the layers that may be mixed. All is keyed by (seed, epoch, batch of the epoch), so
 * nothing has to be remembered in a checkpoint.
 *
 * Backward dh_i <- l dh_i + (1 - l) dh_q(i), q the inverse of p. The mixed values lie beside the layer's own, which its
 * activation's slope still needs; readers are shown the mixed ones (engine.c). A value may be mixed only where all that
 * the network knows of a sample passes through it: else a layer behind would hear of an unmixed sample under a mixed
 * target. */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

#define MOST_ALPHA 100.0   /* l is then within 0.5 +- 0.1 nearly always */

/* --- what can be mixed ------------------------------------------------------------ */

/* The number of the last layer with weights, the classifier's head: what it makes is not mixed any more. */
static int head_of(const sori_model *m) {
    int i = m->n_nodes - 1;
    while (i > 0 && m->nodes[i].n_params == 0) i--;
    return i;
}

/* Whether nothing goes round a value. Layers read from rows above theirs only. */
static bool all_pass(const sori_model *m, int value) {
    for (int i = value; i < m->n_nodes; i++)
        for (int j = 0; j < m->nodes[i].n_in; j++)
            if (m->nodes[i].in[j] < value) return false;
    return true;
}

/* The embedding that reads a value as whole numbers, between which there is nothing; or NULL. */
static const nn_node *numbers_for(const sori_model *m, int value) {
    for (int i = 0; i < m->n_nodes; i++)
        if (m->nodes[i].layer.op == SORI_EMBEDDING && nn_value_root(m, m->nodes[i].in[0]) == value)
            return &m->nodes[i];
    return NULL;
}

/* The value a layer's name or number stands for, -1: none. 0 and "input" are the model's input. */
static int find_layer(const sori_model *m, const char *name) {
    int64_t number;
    for (int i = 0; i < m->n_nodes; i++)
        if (!strcmp(m->nodes[i].name, name)) return i + 1;
    if (!strcmp(name, "input")) return 0;
    return base_parse_i64(name, &number) && number >= 0 && number <= m->n_nodes ? (int)number : -1;
}

/* Allow the layer of that name. */
static bool allow(sori_model *m, const char *name, bool *allowed) {
    int value = find_layer(m, name);
    const char *why = value < 0 ? "is no layer" : value > head_of(m) ? "is not before the last layer with weights"
                    : !all_pass(m, value) ? "is a layer that others go round" : NULL;
    int root = value < 0 ? 0 : nn_value_root(m, value);
    if (!why && numbers_for(m, root)) why = "is whole numbers for an embedding";
    if (why) return sori_fail(m->c, SORI_EINVAL, "fit: mixup_layers: '%.80s' %s", name, why), false;
    return allowed[root] = true;
}

static bool allow_named(sori_model *m, const char *list, bool *allowed) {
    char name[256];
    for (const char *at = list, *end = NULL; !end || *end; at = end + 1) {
        at += strspn(at, " ");
        end = at + strcspn(at, ",");
        base_format(name, sizeof name, "%.*s", (int)BASE_MIN(end - at, (ptrdiff_t)sizeof name - 1), at);
        if (!allow(m, name, allowed)) return false;
    }
    return true;
}

/* [nodes + 1] which values manifold mixup chooses from; freed by base_free. What only sees another in another shape is
 * that one. */
static bool *find_allowed(sori_model *m, const sori_fit_config *k) {
    bool *allowed = base_alloc(m->c, (size_t)m->n_nodes + 1, sizeof *allowed), any = false;
    if (!allowed) return NULL;
    if (k->mixup_layers) {
        any = allow_named(m, k->mixup_layers, allowed);
    } else {
        for (int v = 0; v <= head_of(m); v++) {
            allowed[v] = nn_value_root(m, v) == v && all_pass(m, v) && !numbers_for(m, v);
            any = any || allowed[v];
        }
        if (!any) sori_fail(m->c, SORI_EINVAL, "fit: the model has no layer for manifold_mixup");
    }
    if (any) return allowed;
    base_free(m->c, allowed);
    return NULL;
}

/* --- checks ------------------------------------------------------------ */

static bool check_cutmix(sori_model *m) {
    if (m->input.ndim < 2)
        sori_fail(m->c, SORI_EINVAL, "fit: cutmix needs an input of [time, channel] or [height, width, channel]");
    else if (m->nodes[m->n_nodes - 1].y.ndim != 1)
        sori_fail(m->c, SORI_EINVAL, "fit: cutmix needs an output of one axis, the classes");
    return !base_failed(m->c);
}

static bool check_layers(sori_model *m, const sori_fit_config *k) {
    bool *allowed = find_allowed(m, k), found = allowed != NULL;
    base_free(m->c, allowed);
    return found;
}

bool nn_mix_check(sori_model *m, const sori_fit_config *k) {
    const struct { const char *name; double alpha; } kinds[] = {
        { "mixup", k->mixup }, { "cutmix", k->cutmix }, { "manifold_mixup", k->manifold_mixup },
    };
    for (size_t i = 0; i < BASE_COUNT(kinds); i++)
        if (!(kinds[i].alpha >= 0 && kinds[i].alpha <= MOST_ALPHA))
            return sori_fail(m->c, SORI_EINVAL, "fit: %s %g is outside 0..%g", kinds[i].name, kinds[i].alpha,
                             MOST_ALPHA), false;
    const nn_node *reader = k->mixup > 0 ? numbers_for(m, 0) : NULL;
    if (reader)
        return sori_fail(m->c, SORI_EINVAL, "fit: mixup of whole numbers for the embedding %.80s; manifold_mixup mixes "
                         "what it makes of them", reader->name), false;
    if (k->mixup_layers && k->manifold_mixup == 0)
        return sori_fail(m->c, SORI_EINVAL, "fit: mixup_layers, but manifold_mixup is 0"), false;
    return (k->cutmix == 0 || check_cutmix(m)) && (k->manifold_mixup == 0 || check_layers(m, k));
}

/* --- memory ------------------------------------------------------------ */

static size_t size_of(const sori_model *m, int value) { return value ? m->nodes[value - 1].y.size : m->input.size; }

/* The values to choose from into x->layers; sizes of the largest of all that may be mixed, and of those with a
 * gradient. */
static bool list_layers(sori_model *m, const sori_fit_config *k, nn_mix *x, size_t *value, size_t *grad) {
    bool *allowed = k->manifold_mixup > 0 ? find_allowed(m, k) : NULL;
    *value = k->mixup > 0 || k->cutmix > 0 ? m->input.size : 0;
    *grad = 0;
    for (int v = 0; allowed && v <= m->n_nodes; v++) {
        if (!allowed[v]) continue;
        x->layers[x->layer_count++] = v;
        *value = BASE_MAX(*value, size_of(m, v));
        if (v > 0) *grad = BASE_MAX(*grad, size_of(m, v));
    }
    base_free(m->c, allowed);
    return !base_failed(m->c);
}

static void *block(sori_model *m, size_t batch, size_t size) {
    size_t n;
    if (!base_mul_overflows(batch, size, &n)) return base_alloc_raw(m->c, BASE_MAX(n, (size_t)1), m->k->real_size);
    sori_fail(m->c, SORI_ENOMEM, "fit: a batch of %zu does not fit in memory", batch);
    return NULL;
}

nn_mix *nn_mix_new(sori_model *m, const sori_fit_config *k, size_t batch) {
    sori_ctx *c = m->c;
    if (k->mixup == 0 && k->cutmix == 0 && k->manifold_mixup == 0) return NULL;
    nn_mix *x = base_alloc(c, 1, sizeof *x);
    if (!x) return NULL;
    *x = (nn_mix){ .m = m, .alpha = { k->mixup, k->cutmix, k->manifold_mixup } };
    size_t value = 0, grad = 0;
    x->layers = base_alloc(c, (size_t)m->n_nodes + 1, sizeof *x->layers);
    if (x->layers && list_layers(m, k, x, &value, &grad)) {
        x->partner = base_alloc(c, batch, sizeof *x->partner);
        x->inverse = base_alloc(c, batch, sizeof *x->inverse);
        x->weight = base_alloc(c, batch, sizeof *x->weight);
        x->value_block = block(m, batch, value);
        x->grad_block = block(m, batch, grad);
        x->target = block(m, batch, size_of(m, m->n_nodes));
    }
    if (!base_failed(c)) return x;
    nn_mix_free(x, NULL);
    return NULL;
}

/* The runs of a plan are made again when what is mixed changes. */
static void give(nn_plan *p, const nn_mix *x) {
    p->mix = x;
    p->pass.batch = 0;
}

void nn_mix_free(nn_mix *x, nn_plan *p) {
    if (!x) return;
    sori_ctx *c = x->m->c;
    if (p) give(p, NULL);
    base_free(c, x->layers);
    base_free(c, x->partner);
    base_free(c, x->inverse);
    base_free(c, x->weight);
    base_free(c, x->value_block);
    base_free(c, x->grad_block);
    base_free(c, x->target);
    base_free(c, x);
}

/* --- draws ------------------------------------------------------------ */

/* Height and width of the input, [time, channel] as an image of height 1. */
static void image_of(const nn_shape *s, size_t size[2]) {
    size[0] = s->ndim > 2 ? s->dim[s->ndim - 3] : 1;
    size[1] = s->dim[s->ndim - 2];
}

/* A rectangle of the image's proportions and 1 - l of its area, around any point and cut off at the edges, as Yun's;
 * l becomes what is left. */
static void draw_rectangle(nn_mix *x, base_rng *r) {
    size_t image[2], area = 1;
    image_of(&x->m->input, image);
    double part = 1 - x->share;
    if (x->m->input.ndim > 2) part = sqrt(part);
    for (int i = 0; i < 2; i++) {
        size_t side = i == 0 && x->m->input.ndim < 3 ? 1 : (size_t)floor((double)image[i] * part);
        size_t middle = base_rng_below(r, (uint32_t)image[i]), before = side / 2;
        x->from[i] = middle > before ? middle - before : 0;
        x->to[i] = BASE_MIN(middle + side - before, image[i]);
        area *= x->to[i] - x->from[i];
    }
    x->share = 1 - (double)area / (double)(image[0] * image[1]);
}

static nn_mix_kind draw_kind(const nn_mix *x, base_rng *r) {
    nn_mix_kind on[NN_MIX_KINDS];
    uint32_t count = 0;
    for (int i = 0; i < NN_MIX_KINDS; i++)
        if (x->alpha[i] > 0) on[count++] = (nn_mix_kind)i;
    return on[base_rng_below(r, count)];
}

static void draw(nn_mix *x, size_t n, uint32_t epoch, uint32_t batch) {
    base_rng r = base_rng_new(sori_seed(x->m->c), BASE_RNG_BATCH_MIX, epoch, batch);
    x->kind = draw_kind(x, &r);
    x->share = base_rng_beta(&r, x->alpha[x->kind]);
    x->value = x->kind == NN_MIX_MANIFOLD ? x->layers[base_rng_below(&r, (uint32_t)x->layer_count)] : 0;
    if (x->kind == NN_MIX_CUT) draw_rectangle(x, &r);
    for (uint32_t i = 0; i < n; i++) x->partner[i] = i;
    base_rng_shuffle(&r, x->partner, n);
    for (uint32_t i = 0; i < n; i++) x->inverse[x->partner[i]] = i;
}

void nn_mix_batch(nn_mix *x, nn_plan *p, size_t n, uint32_t epoch, uint32_t batch) {
    draw(x, n, epoch, batch);
    size_t size = size_of(x->m, x->value);
    x->mixed = (nn_lane){ x->value_block, size };
    x->grad = (nn_lane){ x->grad_block, size };
    for (size_t i = 0; p->weighted && i < n; i++)
        x->weight[i] = x->share * p->weight[i] + (1 - x->share) * p->weight[x->partner[i]];
    give(p, x);
}

/* --- a shard's samples ------------------------------------------------------------ */

/* Sample i of a value whose shards lie apart. */
static const char *sample_at(const nn_plan *p, const sori_model *m, nn_lane l, size_t size, size_t i) {
    size_t s = 0;
    while (nn_shard_start(p->pass.batch, p->shards, s + 1) <= i) s++;
    return nn_at(m, nn_lane_at(m, l, size, nn_shard_start(p->pass.batch, p->shards, s)), i * size);
}

/* to, which is the whole sample already, gets the partner's rectangle. */
static void paste(const nn_mix *x, char *to, const char *from) {
    const nn_shape *s = &x->m->input;
    size_t image[2], channels = s->dim[s->ndim - 1], real = x->m->k->real_size;
    image_of(s, image);
    size_t bytes = (x->to[1] - x->from[1]) * channels * real, all = s->size / channels / image[1];
    for (size_t row = 0; row < all; row++) {
        size_t y = row % image[0], at = (row * image[1] + x->from[1]) * channels * real;
        if (y >= x->from[0] && y < x->to[0]) memcpy(to + at, from + at, bytes);
    }
}

void nn_mix_forward(const sori_model *m, nn_plan *p, size_t s) {
    const nn_mix *x = p->mix;
    size_t size = size_of(m, x->value), outputs = size_of(m, m->n_nodes), n = p->pass.batch;
    for (size_t i = nn_shard_start(n, p->shards, s); i < nn_shard_start(n, p->shards, s + 1); i++) {
        const char *own = sample_at(p, m, p->value[x->value], size, i);
        const char *other = sample_at(p, m, p->value[x->value], size, x->partner[i]);
        char *to = nn_at(m, x->mixed.at, i * size);
        if (x->kind == NN_MIX_CUT) {
            memcpy(to, own, size * m->k->real_size);
            paste(x, to, other);
        } else {
            m->k->mix(to, own, other, x->share, size);
        }
        m->k->mix(nn_at(m, x->target, i * outputs), nn_at(m, p->target, i * outputs),
                  nn_at(m, p->target, x->partner[i] * outputs), x->share, outputs);
    }
}

void nn_mix_backward(const sori_model *m, nn_plan *p, size_t s) {
    const nn_mix *x = p->mix;
    size_t size = size_of(m, x->value), n = p->pass.batch;
    for (size_t i = nn_shard_start(n, p->shards, s); i < nn_shard_start(n, p->shards, s + 1); i++)
        m->k->mix(nn_at(m, x->grad.at, i * size), sample_at(p, m, p->grad[x->value], size, i),
                  sample_at(p, m, p->grad[x->value], size, x->inverse[i]), x->share, size);
}
