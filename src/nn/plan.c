/* plan.c - all memory of a step in one block, planned once for a batch size.
 *
 * A training plan keeps every value (the backward pass reads them) and one block of weight gradients a shard; gradients
 * of values take turns, each living from the first of its value's readers to go back to the layer that made it. An
 * inference plan keeps two values at a time where the graph is a chain: a value's memory is taken again once its last
 * reader has run.
 *
 * Layout is decided by walking the same code twice: first with block NULL to add up the size, then to hand out. */
#include "nn/dnn.h"
#include <string.h>

typedef struct arena {
    char *block;        /* NULL while measuring */
    size_t used;
    bool overflow;
} arena;

static void *take(arena *a, size_t n, size_t size) {
    size_t bytes, at = a->used;
    if (base_mul_overflows(n, size, &bytes) || bytes > SIZE_MAX / 4 || at > SIZE_MAX / 4) {
        a->overflow = true;
        return NULL;
    }
    a->used = at + base_aligned(bytes);
    return a->block ? a->block + at : NULL;
}

size_t nn_shard_start(size_t n, size_t shards, size_t s) { return n * s / shards; }

/* Shards depend on the shapes only: enough work in each to be worth a hand-over (about 20 us), as many samples as the
 * operators ask for where that leaves two of them, at most 8. */
static size_t shard_count(const sori_model *m, size_t batch) {
    double cost = 0;
    size_t samples = 1;
    for (int i = 0; i < m->n_nodes; i++) {
        cost += m->nodes[i].cost;
        samples = BASE_MAX(samples, m->nodes[i].samples);
    }
    double wanted = cost * (double)batch / 400e3;
    size_t shards = wanted < 1 ? 1 : wanted > NN_MAX_SHARDS ? NN_MAX_SHARDS : (size_t)wanted;
    return BASE_MIN(BASE_MIN(shards, batch), BASE_MAX(batch / samples, (size_t)2));
}

size_t nn_stash_bytes(const sori_model *m, const nn_node *n) { return n->stash + n->stash_reals * m->k->real_size; }

static bool is_alias(const sori_model *m, int i, bool training) {
    const nn_node *n = &m->nodes[i];
    if (n->folded && !training) return true;
    return n->op->alias && n->layer.act == SORI_LINEAR && m->consumers[n->in[0]] == 1;
}

static const nn_shape *shape_of(const sori_model *m, int value) {
    return value == 0 ? &m->input : &m->nodes[value - 1].y;
}

/* The value whose memory a value shares: its own, or that of what it is an alias of. In training that of its gradient,
 * which the input need not have. */
static int root_of(const sori_model *m, int value, bool training) {
    while (value > 0 && is_alias(m, value - 1, training) && m->nodes[value - 1].in[0] >= (training ? 1 : 0))
        value = m->nodes[value - 1].in[0];
    return value;
}

int nn_value_root(const sori_model *m, int value) {
    while (value > 0 && is_alias(m, value - 1, true)) value = m->nodes[value - 1].in[0];
    return value;
}

/* Pieces take a value whole: it has a lane of its own. So does the loss with the output's gradient. */
static bool is_whole(const sori_model *m, int value, bool training) {
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        if (!n->parts) continue;
        if (root_of(m, i + 1, training) == value) return true;
        for (int j = 0; j < n->n_in; j++)
            if (root_of(m, n->in[j], training) == value) return true;
    }
    return training && root_of(m, m->n_nodes, true) == value;
}

/* --- training: gradients take turns ------------------------------------------------------------ */

/* A lane of gradients and the node whose backward step reads the one in it last. */
typedef struct turn { size_t stride; int until; } turn;

/* first[v]: the node whose backward step is the first to write the gradient of root v; the output's is the loss. */
static void find_first_writers(const sori_model *m, int *first) {
    for (int v = 0; v <= m->n_nodes; v++) first[v] = 0;
    for (int i = 0; i < m->n_nodes; i++)
        for (int j = 0; j < m->nodes[i].n_in; j++) {
            int v = root_of(m, m->nodes[i].in[j], true);
            if (root_of(m, i + 1, true) != v) first[v] = BASE_MAX(first[v], i);
        }
    first[root_of(m, m->n_nodes, true)] = m->n_nodes;
}

/* lane[v] of every root that wants a gradient. Walks backward, as the pass does. Returns the number of lanes. */
static int assign_turns(const sori_model *m, const int *first, turn *turns, int *lane) {
    int count = 0;
    for (int step = m->n_nodes; step >= 0; step--)
        for (int v = 1; v <= m->n_nodes; v++) {
            if (first[v] != step || root_of(m, v, true) != v) continue;
            bool whole = is_whole(m, v, true);
            int t = whole ? count : 0;
            while (t < count && turns[t].until <= step) t++;   /* read by a step that is not behind us */
            if (t == count) turns[count++] = (turn){ 0 };
            turns[t].until = whole ? -1 : v - 1;
            turns[t].stride = BASE_MAX(turns[t].stride, shape_of(m, v)->size);
            lane[v] = t;
        }
    return count;
}

static void lay_out_gradients(const sori_model *m, nn_plan *p, arena *a, const turn *turns, int count,
                              const int *lane) {
    size_t real = m->k->real_size, extra[SORI_MAX_FROM] = { 0 };
    for (int t = 0; t < count; t++) {
        nn_lane l = { take(a, p->batch * turns[t].stride, real), turns[t].stride };
        for (int v = 1; v <= m->n_nodes; v++)
            if (lane[root_of(m, v, true)] == t) p->grad[v] = l;
    }
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        for (int j = 0; j < n->n_in; j++)
            if (n->adds[j] && n->in[j] > 0) extra[j] = BASE_MAX(extra[j], n->x[j].size);
    }
    for (int j = 0; j < SORI_MAX_FROM; j++)
        if (extra[j]) p->extra[j] = (nn_lane){ take(a, p->batch * extra[j], real), extra[j] };
}

static void lay_out_training(const sori_model *m, nn_plan *p, arena *a) {
    size_t real = m->k->real_size, sums = 0;
    for (int v = 0; v <= m->n_nodes; v++) {
        bool alias = v > 0 && is_alias(m, v - 1, true);
        size_t size = shape_of(m, v)->size;
        p->value[v] = alias ? p->value[m->nodes[v - 1].in[0]] : (nn_lane){ take(a, p->batch * size, real), size };
        if (v > 0 && nn_act_needs_input(m->nodes[v - 1].layer.act))
            p->before[v - 1] = take(a, p->batch * size, real);
    }
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        if (nn_stash_bytes(m, n)) p->stash[i] = take(a, p->batch, nn_stash_bytes(m, n));
        if (n->kept) p->kept[i] = take(a, n->kept, sizeof(double));
        sums = BASE_MAX(sums, n->sums);
    }
    p->target = take(a, p->batch * shape_of(m, m->n_nodes)->size, real);
    p->dw = take(a, p->shards * m->param_count, real);
    p->sums = take(a, p->shards * BASE_MAX(sums, (size_t)1), sizeof(double));
}

/* --- inference ------------------------------------------------------------ */

/* Inference: first fit among the holes that dead values left. A hole is a range of elements a sample. */
typedef struct slot { size_t size; int busy_until; } slot;

static int last_reader(const sori_model *m, int value) {
    int last = value == m->n_nodes ? m->n_nodes : value;   /* the output lives to the end */
    for (int i = 0; i < m->n_nodes; i++)
        for (int j = 0; j < m->nodes[i].n_in; j++)
            if (m->nodes[i].in[j] == value && i > last) last = i;
    return last;
}

/* of[v] = the slot that holds value v; slots grow to the largest value they ever hold. Returns their number. */
static int assign_slots(const sori_model *m, slot *slots, int *of) {
    int count = 0;
    for (int v = 0; v <= m->n_nodes; v++) {
        int maker = v - 1, root = root_of(m, v, false), s = 0;
        bool whole = is_whole(m, root, false);
        if (root != v) {
            s = of[root];
        } else {
            while (s < count && (whole || slots[s].busy_until >= maker)) s++;
            if (s == count) slots[count++] = (slot){ 0 };
        }
        of[v] = s;
        slots[s].size = BASE_MAX(slots[s].size, shape_of(m, v)->size);
        slots[s].busy_until = whole ? m->n_nodes : BASE_MAX(slots[s].busy_until, last_reader(m, v));
    }
    return count;
}

static void lay_out_inference(const sori_model *m, nn_plan *p, arena *a, const slot *slots, int count,
                              const int *of) {
    size_t real = m->k->real_size;
    for (int k = 0; k < count; k++) {
        nn_lane l = { take(a, p->batch * slots[k].size, real), slots[k].size };
        for (int v = 0; v <= m->n_nodes; v++)
            if (of[v] == k) p->value[v] = l;
    }
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        if (nn_stash_bytes(m, n) && !n->op->spares) p->stash[i] = take(a, p->batch, nn_stash_bytes(m, n));
    }
    p->target = take(a, p->batch * shape_of(m, m->n_nodes)->size, real);
}

/* Which memory each value (inference) or gradient (training) takes its turn in. */
typedef struct sharing {
    slot *slots;
    turn *turns;
    int *of, *first;   /* [nodes + 1] */
    int count;
} sharing;

static void lay_out(const sori_model *m, nn_plan *p, arena *a, const sharing *h) {
    size_t nodes = (size_t)m->n_nodes, work = BASE_MAX(m->loss_work, (size_t)1);
    if (p->pass.training) {
        lay_out_training(m, p, a);
        lay_out_gradients(m, p, a, h->turns, h->count, h->of);
    } else {
        lay_out_inference(m, p, a, h->slots, h->count, h->of);
    }
    p->weight = take(a, p->batch, sizeof *p->weight);
    size_t workers = p->shards;
    for (size_t i = 0; i < nodes; i++) {
        size_t part_work = p->pass.training ? base_round_up(p->batch, NN_ROUND) * m->nodes[i].part_work : 0;
        work = BASE_MAX(work, BASE_MAX(m->nodes[i].work, part_work));
        if (m->nodes[i].parts) workers = NN_MAX_SHARDS;
        const nn_node *n = &m->nodes[i];
        if (n->norm && !p->pass.training)
            p->folded[i] = take(a, n->param[0].shape.size + n->y.dim[n->y.ndim - 1], m->k->real_size);
        if (n->packed) p->packed[i] = take(a, n->packed, m->k->real_size);
    }
    for (size_t s = 0; s < workers; s++) p->work[s] = take(a, work, m->k->real_size);
}

static bool share(sori_ctx *c, const sori_model *m, bool training, sharing *h) {
    size_t values = (size_t)m->n_nodes + 1;
    h->slots = base_alloc(c, values, sizeof *h->slots);
    h->turns = base_alloc(c, values, sizeof *h->turns);
    h->of = base_alloc(c, values, sizeof *h->of);
    h->first = base_alloc(c, values, sizeof *h->first);
    if (base_failed(c)) return false;
    if (training) {
        find_first_writers(m, h->first);
        for (size_t v = 0; v < values; v++) h->of[v] = -1;
        h->count = assign_turns(m, h->first, h->turns, h->of);
    } else {
        h->count = assign_slots(m, h->slots, h->of);
    }
    return true;
}

static void unshare(sori_ctx *c, sharing *h) {
    base_free(c, h->slots);
    base_free(c, h->turns);
    base_free(c, h->of);
    base_free(c, h->first);
}

void nn_plan_free(nn_plan *p) {
    if (!p) return;
    sori_ctx *c = p->c;
    base_free(c, p->block);
    base_free(c, p->value);
    base_free(c, p->before);
    base_free(c, p->runs);
    base_free(c, p->grad);
    base_free(c, p->folded);
    base_free(c, p->packed);
    nn_fast_free(p);
    base_free(c, p->stash);
    base_free(c, p->kept);
    base_free(c, p->work);
    base_free(c, p->loss);
    base_free(c, p);
}

nn_plan *nn_plan_new(sori_ctx *c, const sori_model *m, size_t batch, bool training) {
    nn_plan *p = base_alloc(c, 1, sizeof *p);
    if (!p) return NULL;
    *p = (nn_plan){ .c = c, .n_nodes = m->n_nodes, .batch = batch, .pass.training = training };
    p->shards = shard_count(m, batch);
    size_t values = (size_t)m->n_nodes + 1;
    sharing h = { 0 };
    p->value = base_alloc(c, values, sizeof *p->value);
    p->before = base_alloc(c, values, sizeof *p->before);
    p->runs = base_alloc(c, p->shards * values, sizeof *p->runs);
    p->grad = base_alloc(c, values, sizeof *p->grad);
    p->folded = base_alloc(c, values, sizeof *p->folded);
    p->packed = base_alloc(c, values, sizeof *p->packed);
    p->stash = base_alloc(c, values, sizeof *p->stash);
    p->kept = base_alloc(c, values, sizeof *p->kept);
    p->work = base_alloc(c, NN_MAX_SHARDS, sizeof *p->work);
    p->loss = base_alloc(c, p->shards, sizeof *p->loss);
    arena a = { 0 };
    if (!base_failed(c) && share(c, m, training, &h)) {
        lay_out(m, p, &a, &h);
        if (a.overflow) sori_fail(c, SORI_ENOMEM, "model: a batch of %zu does not fit in memory", batch);
        else p->block = a.block = base_alloc(c, a.used, 1);
        a.used = 0;
        if (a.block) {
            lay_out(m, p, &a, &h);
            nn_make_runs(m, p);
            nn_fast_plan(m, p);
        }
    }
    unshare(c, &h);
    if (base_failed(c)) {
        nn_plan_free(p);
        return NULL;
    }
    return p;
}

nn_plan *nn_plan_get(sori_model *m, size_t batch, bool training) {
    nn_plan **p = training ? &m->train_plan : &m->infer_plan;
    if (*p && (*p)->batch == batch) return *p;
    nn_plan_free(*p);
    *p = nn_plan_new(m->c, m, batch, training);
    return *p;
}
