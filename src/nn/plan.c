/* plan.c - all memory of a step in one block, planned once for a batch size.
 *
 * A training plan keeps every value (the backward pass reads them), its gradient, and one gradient block a shard. An
 * inference plan keeps two values at a time where the graph is a chain: a value's memory is taken again once its last
 * reader has run. There each shard has its own values, so that shards do not meet in reused memory.
 *
 * Layout is decided by walking the same code twice: first with block NULL to add up the size, then to hand out. */
#include "nn/nn.h"
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

/* Shards depend on the shapes only: enough work in each to be worth a hand-over (about 20 us), at most 8. */
static size_t shard_count(const sori_model *m, size_t batch) {
    double cost = 0;
    for (int i = 0; i < m->n_nodes; i++) cost += m->nodes[i].cost;
    double wanted = cost * (double)batch / 400e3;
    size_t shards = wanted < 1 ? 1 : wanted > NN_MAX_SHARDS ? NN_MAX_SHARDS : (size_t)wanted;
    return BASE_MIN(shards, batch);
}

static bool is_alias(const sori_model *m, int i) {
    const nn_node *n = &m->nodes[i];
    return n->op->alias && n->layer.act == SORI_LINEAR && m->consumers[n->in[0]] == 1;
}

static const nn_shape *shape_of(const sori_model *m, int value) {
    return value == 0 ? &m->input : &m->nodes[value - 1].y;
}

static void lay_out_training(const sori_model *m, nn_plan *p, arena *a) {
    size_t real = m->k->real_size, extra[SORI_MAX_FROM] = { 0 }, sums = 0;
    for (int v = 0; v <= m->n_nodes; v++) {
        bool alias = v > 0 && is_alias(m, v - 1);
        int from = alias ? m->nodes[v - 1].in[0] : 0;
        p->value[v] = alias ? p->value[from] : take(a, p->batch * shape_of(m, v)->size, real);
        if (v > 0 && alias && from > 0) p->grad[v] = p->grad[from];
        else if (v > 0) p->grad[v] = take(a, p->batch * shape_of(m, v)->size, real);
        if (v > 0 && nn_act_needs_input(m->nodes[v - 1].layer.act))
            p->before[v - 1] = take(a, p->batch * shape_of(m, v)->size, real);
    }
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        if (n->stash) p->stash[i] = take(a, p->batch, n->stash);
        if (n->kept) p->kept[i] = take(a, n->kept, sizeof(double));
        sums = BASE_MAX(sums, n->sums);
        for (int j = 0; j < n->n_in; j++)
            if (n->adds[j] && n->in[j] > 0) extra[j] = BASE_MAX(extra[j], n->x[j].size);
    }
    for (int j = 0; j < SORI_MAX_FROM; j++)
        if (extra[j]) p->extra[j] = take(a, p->batch * extra[j], real);
    p->target = take(a, p->batch * shape_of(m, m->n_nodes)->size, real);
    p->dw = take(a, p->shards * m->param_count, real);
    p->sums = take(a, p->shards * BASE_MAX(sums, (size_t)1), sizeof(double));
}

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
        int maker = v - 1, s = 0;
        if (v > 0 && is_alias(m, maker)) {
            s = of[m->nodes[maker].in[0]];
        } else {
            while (s < count && slots[s].busy_until >= maker) s++;
            if (s == count) slots[count++] = (slot){ 0 };
        }
        of[v] = s;
        slots[s].size = BASE_MAX(slots[s].size, shape_of(m, v)->size);
        slots[s].busy_until = BASE_MAX(slots[s].busy_until, last_reader(m, v));
    }
    return count;
}

static void lay_out_inference(const sori_model *m, nn_plan *p, arena *a, const slot *slots, int count,
                              const int *of) {
    size_t real = m->k->real_size, per_shard = (p->batch + p->shards - 1) / p->shards;
    int values = m->n_nodes + 1;
    for (size_t s = 0; s < p->shards; s++)
        for (int k = 0; k < count; k++) {
            char *at = take(a, per_shard * slots[k].size, real);
            for (int v = 0; v < values; v++)
                if (of[v] == k) p->value[s * (size_t)values + (size_t)v] = at;
        }
    for (int i = 0; i < m->n_nodes; i++)   /* max pooling writes its places even when nobody reads them */
        if (m->nodes[i].stash) p->stash[i] = take(a, p->batch, m->nodes[i].stash);
    p->target = take(a, p->batch * shape_of(m, m->n_nodes)->size, real);
}

static void lay_out(const sori_model *m, nn_plan *p, arena *a, const slot *slots, int count, const int *of) {
    size_t nodes = (size_t)m->n_nodes, work = 1;
    if (p->pass.training) lay_out_training(m, p, a);
    else lay_out_inference(m, p, a, slots, count, of);
    size_t workers = p->shards;
    for (size_t i = 0; i < nodes; i++) {
        size_t part_work = p->pass.training ? base_round_up(p->batch, NN_ROUND) * m->nodes[i].part_work : 0;
        work = BASE_MAX(work, BASE_MAX(m->nodes[i].work, part_work));
        if (m->nodes[i].parts) workers = NN_MAX_SHARDS;
    }
    for (size_t i = 0; i < nodes; i++)
        if (m->nodes[i].packed) p->packed[i] = take(a, m->nodes[i].packed, m->k->real_size);
    for (size_t s = 0; s < workers; s++) p->work[s] = take(a, work, m->k->real_size);
}

void nn_plan_free(sori_model *m, nn_plan *p) {
    if (!p) return;
    sori_ctx *c = m->c;
    base_free(c, p->block);
    base_free(c, p->value);
    base_free(c, p->before);
    base_free(c, p->runs);
    base_free(c, p->grad);
    base_free(c, p->packed);
    base_free(c, p->stash);
    base_free(c, p->kept);
    base_free(c, p->work);
    base_free(c, p->loss);
    base_free(c, p);
}

static nn_plan *plan_new(sori_model *m, size_t batch, bool training) {
    sori_ctx *c = m->c;
    nn_plan *p = base_alloc(c, 1, sizeof *p);
    if (!p) return NULL;
    *p = (nn_plan){ .c = c, .batch = batch, .pass.training = training, .shards = shard_count(m, batch) };
    size_t values = (size_t)m->n_nodes + 1;
    slot *slots = base_alloc(c, values, sizeof *slots);
    int *of = base_alloc(c, values, sizeof *of);
    p->value = base_alloc(c, training ? values : values * p->shards, sizeof *p->value);
    p->before = base_alloc(c, values, sizeof *p->before);
    p->runs = base_alloc(c, p->shards * values, sizeof *p->runs);
    p->grad = base_alloc(c, values, sizeof *p->grad);
    p->packed = base_alloc(c, values, sizeof *p->packed);
    p->stash = base_alloc(c, values, sizeof *p->stash);
    p->kept = base_alloc(c, values, sizeof *p->kept);
    p->work = base_alloc(c, NN_MAX_SHARDS, sizeof *p->work);
    p->loss = base_alloc(c, p->shards, sizeof *p->loss);
    arena a = { 0 };
    if (!base_failed(c)) {
        int count = training ? 0 : assign_slots(m, slots, of);
        lay_out(m, p, &a, slots, count, of);
        if (a.overflow) sori_fail(c, SORI_ENOMEM, "model: a batch of %zu does not fit in memory", batch);
        else p->block = a.block = base_alloc(c, a.used, 1);
        a.used = 0;
        if (a.block) {
            lay_out(m, p, &a, slots, count, of);
            nn_make_runs(m, p);
        }
    }
    base_free(c, slots);
    base_free(c, of);
    if (base_failed(c)) {
        nn_plan_free(m, p);
        return NULL;
    }
    return p;
}

nn_plan *nn_plan_get(sori_model *m, size_t batch, bool training) {
    nn_plan **p = training ? &m->train_plan : &m->infer_plan;
    if (*p && (*p)->batch == batch) return *p;
    nn_plan_free(m, *p);
    *p = plan_new(m, batch, training);
    return *p;
}
