/* engine.c - run the graph: forward, loss, backward, each over shards of the batch.
 *
 * A pass is a list of steps. Steps of one shard (an operator on its samples) follow each other without waiting for
 * other shards; only before a step that needs the whole batch (batch norm's statistics) do the shards meet. So a pass
 * is one parallel call for a plain network, and one more for each batch norm's phase:
 *
 *   forward    for each node: [its phases: partial | meet, add, done] forward, activation
 *   backward   for each node from the last: activation back, [its phases] backward
 *              a node with parts meets too, and runs piece by piece over the whole batch instead
 *   mixing     (mix.c) where a training step mixes its samples the shards meet before the first reader, and on the way
 *              back before the maker
 *   then       rows of large weight matrices in parallel; the shards' gradients added in a fixed tree; L1 and L2
 *
 * An operator and its activation take a few samples at a time (chunk), so that the second finds them in the cache.
 * What each operator sees (nn_run) is made once with the plan: a step of a small network costs little more than its
 * arithmetic. */
#include "nn/dnn.h"
#include <math.h>
#include <string.h>

typedef struct stretch {
    const sori_model *m;
    nn_plan *p;
    bool backward;
    int node;              /* where the parallel stretch starts */
    int phase;             /* phases of that node already done */
    int stop_node;         /* where it stops: the node of the next meeting, or one past the end */
    int stop_phase;
    int end;               /* the pass's last node is before this one */
} stretch;

static int phases(const nn_node *n, const stretch *q) {
    if (n->parts) return 1;
    return !q->p->pass.training ? 0 : q->backward ? n->op->backward_phases : n->op->forward_phases;
}

/* --- what operators see ------------------------------------------------------------ */

/* The row whose activation node i applies: its own, or that of the batch norm folded into it; NULL: none. The last one
 * is left to the loss in training, which computes both at once without overflow. */
static const sori_layer *activation_of(const sori_model *m, const nn_plan *p, int i) {
    const nn_node *n = &m->nodes[i];
    if (!p->pass.training && n->folded) return NULL;
    if (!p->pass.training && n->norm) n = &m->nodes[n->norm];
    bool left = i == m->n_nodes - 1 && p->pass.training && m->fused_loss;
    return n->layer.act == SORI_LINEAR || left ? NULL : &n->layer;
}

/* Operator i on shard s; all but its samples. */
static void make_run(const sori_model *m, nn_plan *p, int i, size_t s) {
    const nn_node *n = &m->nodes[i];
    nn_run *r = &p->runs[s * (size_t)m->n_nodes + (size_t)i];
    bool training = p->pass.training;
    *r = (nn_run){ .node = n, .pass = &p->pass, .work = p->work[s], .packed = p->packed[i],
                    .stash = p->stash[i] };
    if (training) {
        r->kept = p->kept[i];
        r->sums = p->sums + s * n->sums;
    }
    for (int k = 0; k < n->n_params; k++) {
        const nn_param *w = &n->param[k];
        r->param[k] = nn_at(m, m->w, w->offset);
        if (training) r->dparam[k] = nn_at(m, p->dw, (w->by_rows ? 0 : s * m->param_count) + w->offset);
    }
    if (p->folded[i]) {
        r->param[0] = p->folded[i];
        r->param[1] = nn_at(m, p->folded[i], n->param[0].shape.size);
    }
    const sori_layer *l = activation_of(m, p, i);
    r->relu = l && l->act == SORI_RELU && n->op->relu;
}

void nn_make_runs(const sori_model *m, nn_plan *p) {
    for (size_t s = 0; s < p->shards; s++)
        for (int i = 0; i < m->n_nodes; i++) make_run(m, p, i, s);
}

static bool makes_mixed(const nn_plan *p, int i) { return p->mix && p->mix->value == i + 1; }

/* Where the readers of a value find it. */
static nn_lane seen(const sori_model *m, const nn_plan *p, int value) {
    return p->mix && nn_value_root(m, value) == p->mix->value ? p->mix->mixed : p->value[value];
}

static void set_values(const sori_model *m, nn_plan *p, nn_run *r, int i) {
    const nn_node *n = r->node;
    bool mixed = makes_mixed(p, i);
    nn_lane y = mixed ? p->value[i + 1] : seen(m, p, i + 1), dy = mixed ? p->mix->grad : p->grad[i + 1];
    r->y = p->before[i] ? p->before[i] : nn_lane_at(m, y, n->y.size, r->n0);
    r->dy = nn_lane_at(m, dy, n->y.size, r->n0);
    for (int j = 0; j < n->n_in; j++) {
        nn_lane back = n->adds[j] && n->in[j] > 0 ? p->extra[j] : p->grad[n->in[j]];
        r->x[j] = nn_lane_at(m, seen(m, p, n->in[j]), n->x[j].size, r->n0);
        r->dx[j] = nn_lane_at(m, back, n->x[j].size, r->n0);
    }
}

/* The samples of every shard, for a batch of n. */
static void set_batch(const sori_model *m, nn_plan *p, size_t n) {
    for (size_t s = 0; s < p->shards; s++)
        for (int i = 0; i < m->n_nodes; i++) {
            nn_run *r = &p->runs[s * (size_t)m->n_nodes + (size_t)i];
            r->n0 = nn_shard_start(n, p->shards, s);
            r->n1 = nn_shard_start(n, p->shards, s + 1);
            set_values(m, p, r, i);
        }
    p->pass.batch = n;
}

static nn_run *run_of(const stretch *q, int i, size_t s) { return &q->p->runs[s * (size_t)q->m->n_nodes + (size_t)i]; }

/* --- one operator ------------------------------------------------------------ */

/* The value node i makes for shard s, after its activation. */
static char *value_of(const stretch *q, int i, size_t s) {
    const nn_run *r = run_of(q, i, s);
    return nn_lane_at(q->m, q->p->value[i + 1], r->node->y.size, r->n0);
}

/* Rows and width of samples [n0, n1) for the activations (softmax runs along the last axis), and where they begin. */
static size_t rows_of(const nn_run *r, size_t *width, size_t *first) {
    const nn_shape *y = &r->node->y;
    *width = y->dim[y->ndim - 1];
    *first = r->n0 * y->size;
    return (r->n1 - r->n0) * (y->size / *width);
}

static void activate_part(const stretch *q, int i, size_t s, const nn_run *r) {
    const sori_layer *l = activation_of(q->m, q->p, i);
    if (!l || r->relu) return;
    size_t width, first, rows = rows_of(r, &width, &first);
    q->m->k->activate(l->act, l->alpha, nn_at(q->m, r->y, first), nn_at(q->m, value_of(q, i, s), first), rows, width);
}

static void activate_back_part(const stretch *q, int i, size_t s, const nn_run *r) {
    const sori_layer *l = activation_of(q->m, q->p, i);
    if (!l || (r->node->sloped && !makes_mixed(q->p, i))) return;
    size_t width, first, rows = rows_of(r, &width, &first);
    q->m->k->activate_back(l->act, l->alpha, nn_at(q->m, r->y, first), nn_at(q->m, value_of(q, i, s), first),
                           nn_at(q->m, (char *)r->dy, first), rows, width);
}

/* Gradients of values that have several readers. */
static void add_part(const stretch *q, int i, size_t s, const nn_run *r) {
    for (int j = 0; j < r->node->n_in; j++) {
        if (!r->node->adds[j] || r->node->in[j] == 0) continue;
        size_t size = r->node->x[j].size, at = r->n0 * size;
        char *sum = nn_lane_at(q->m, q->p->grad[r->node->in[j]], size, run_of(q, i, s)->n0);
        q->m->k->add(nn_at(q->m, sum, at), nn_at(q->m, r->dx[j], at), (r->n1 - r->n0) * size);
    }
}

enum { FORWARD = 1, ACTIVATE = 2, ACTIVATE_BACK = 4, BACKWARD = 8, ADD = 16 };

static void run_part(const stretch *q, int i, size_t s, const nn_run *r, int what) {
    bool shared = q->backward ? r->dx[0] == r->dy : r->y == r->x[0];   /* an alias: nothing to do */
    if (what & FORWARD && !shared) (r->fast ? nn_fast_forward : r->node->op->forward)(r);
    if (what & ACTIVATE) activate_part(q, i, s, r);
    if (what & ACTIVATE_BACK) activate_back_part(q, i, s, r);
    if (what & BACKWARD && !shared) (r->fast ? nn_fast_backward : r->node->op->backward)(r);
    if (what & ADD && !shared) add_part(q, i, s, r);
}

/* Operator i on its shard's samples, chunk by chunk. */
static void run_node(const stretch *q, int i, size_t s, int what) {
    const nn_run *r = run_of(q, i, s);
    size_t chunk = r->node->chunk;
    if (r->n1 - r->n0 <= chunk) {
        run_part(q, i, s, r, what);
        return;
    }
    nn_run some = *r;
    for (some.n0 = r->n0; some.n0 < r->n1; some.n0 = some.n1) {
        some.n1 = BASE_MIN(some.n0 + chunk, r->n1);
        run_part(q, i, s, &some, what);
    }
}

/* --- all of them ------------------------------------------------------------ */

/* What a stretch does with a node; met: the node's meetings are over and it is the first. */
static int work_on(const stretch *q, const nn_node *n, bool met) {
    if (!q->backward) return n->parts ? ACTIVATE : FORWARD | ACTIVATE;
    return (met ? 0 : ACTIVATE_BACK) | (n->parts ? 0 : BACKWARD) | ADD;
}

/* One shard's stretch: finish the node the last meeting was about, go on, and make the partial sums of the next. */
static void run_stretch(void *arg, size_t s) {
    const stretch *q = arg;
    int i = q->node, step = q->backward ? -1 : 1;
    bool met = q->phase > 0;
    for (; i != q->stop_node && i != q->end; i += step, met = false)
        run_node(q, i, s, work_on(q, &q->m->nodes[i], met));
    if (i == q->end) return;
    if (q->backward && !(met && i == q->node)) run_node(q, i, s, ACTIVATE_BACK);
    nn_run *r = run_of(q, i, s);
    r->phase = q->stop_phase;
    if (!r->node->parts) r->node->op->partial(r, q->backward);
}

/* A piece of a node that runs over the whole batch. */
static void run_piece(void *arg, size_t part) {
    const stretch *q = arg;
    const nn_op *op = q->m->nodes[q->stop_node].op;
    nn_run r = *run_of(q, q->stop_node, 0);
    r.n1 = q->p->pass.batch;
    r.part = part;
    r.work = q->p->work[part];
    if (q->backward) op->backward_part(&r);
    else op->forward_part(&r);
}

/* Sums of all shards into the first's, pairwise. */
static void add_sums(const stretch *q, const nn_node *n) {
    const nn_plan *p = q->p;
    size_t shards = p->shards, batch = p->pass.batch;
    for (size_t stride = 1; stride < shards; stride *= 2)
        for (size_t s = 0; s + stride < shards; s += 2 * stride) {
            double *a = p->sums + s * n->sums, *b = p->sums + (s + stride) * n->sums;
            size_t from = nn_shard_start(batch, shards, s), middle = nn_shard_start(batch, shards, s + stride);
            size_t to = nn_shard_start(batch, shards, BASE_MIN(s + 2 * stride, shards));
            if (n->op->join && !q->backward) n->op->join(n, a, (double)(middle - from), b, (double)(to - middle));
            else for (size_t i = 0; i < n->sums; i++) a[i] += b[i];
        }
}

static void meet(stretch *q) {
    nn_run *r = run_of(q, q->stop_node, 0);
    if (r->node->parts) {
        base_parallel(q->p->c, r->node->parts, run_piece, q);
        return;
    }
    add_sums(q, r->node);
    r->phase = q->stop_phase;
    r->node->op->done(r, q->backward);
}

/* Nodes from `from` on up to `end`, which is not run; backward down to it. */
static void run_nodes(stretch *q, int from, int end) {
    int step = q->backward ? -1 : 1;
    q->node = from;
    q->phase = 0;
    q->end = end;
    while (q->node != end) {
        q->stop_node = q->node;
        q->stop_phase = q->phase;
        if (q->phase >= phases(&q->m->nodes[q->node], q)) {
            do q->stop_node += step;
            while (q->stop_node != end && phases(&q->m->nodes[q->stop_node], q) == 0);
            q->stop_phase = 0;
        }
        base_parallel(q->p->c, q->p->shards, run_stretch, q);
        if (q->stop_node == end) break;
        meet(q);
        q->node = q->stop_node;
        q->phase = q->stop_phase + 1;
    }
}

static void mix_shard(void *arg, size_t s) {
    const stretch *q = arg;
    (q->backward ? nn_mix_backward : nn_mix_forward)(q->m, q->p, s);
}

static void run_pass(const sori_model *m, nn_plan *p, size_t n, bool backward) {
    stretch q = { .m = m, .p = p, .backward = backward };
    int from = backward ? m->n_nodes - 1 : 0, end = backward ? -1 : m->n_nodes;
    if (p->pass.batch != n) set_batch(m, p, n);
    p->pass.seed = sori_seed(m->c);
    p->pass.step = m->step;
    if (p->mix) {
        int middle = backward ? p->mix->value - 1 : p->mix->value;   /* the maker, or the first that may read it */
        run_nodes(&q, from, middle);
        if (!backward || middle >= 0) base_parallel(p->c, p->shards, mix_shard, &q);
        from = middle;
    }
    run_nodes(&q, from, end);
}

static void fold(const sori_model *m, nn_plan *p, int i) {
    const nn_node *n = &m->nodes[i], *norm = &m->nodes[n->norm];
    void *weights[4];
    for (int k = 0; k < 4; k++) weights[k] = nn_at(m, m->w, norm->param[k].offset);
    m->k->fold(norm, weights, nn_at(m, m->w, n->param[0].offset),
               n->n_params > 1 ? nn_at(m, m->w, n->param[1].offset) : NULL,
               n->param[0].shape.size / n->y.dim[n->y.ndim - 1], p->folded[i]);
}

static void prepare(void *arg, size_t i) {
    const stretch *q = arg;
    const nn_run *r = run_of(q, (int)i, 0);
    if (q->p->folded[i]) fold(q->m, q->p, (int)i);
    if (r->fast) nn_fast_prepare(r);
    else if (r->node->op->prepare) r->node->op->prepare(r);
}

void nn_forward(const sori_model *m, nn_plan *p, size_t n) {
    stretch q = { .m = m, .p = p };
    if (p->prepared != m->version) {
        base_parallel(p->c, m->packs ? (size_t)m->n_nodes : 0, prepare, &q);
        p->prepared = m->version;
    }
    run_pass(m, p, n, false);
}

/* --- loss ------------------------------------------------------------ */

typedef struct loss_job {
    const sori_model *m;
    nn_plan *p;
    size_t n;
    bool gradient;
} loss_job;

/* Weights of the samples from n0 on, or NULL. */
static const double *weights_of(const nn_plan *p, size_t n0) {
    if (!p->weighted) return NULL;
    return (p->mix ? p->mix->weight : p->weight) + n0;
}

/* The loss of shard s, ready to be computed. */
static nn_loss_run *loss_of(const loss_job *q, size_t s) {
    const sori_model *m = q->m;
    nn_plan *p = q->p;
    size_t last = (size_t)m->n_nodes;
    const nn_shape *y = &m->nodes[last - 1].y;
    size_t n0 = nn_shard_start(q->n, p->shards, s), n1 = nn_shard_start(q->n, p->shards, s + 1);
    nn_loss_run *r = &p->loss[s];
    *r = (nn_loss_run){ .loss = m->config.loss, .label_smoothing = m->config.label_smoothing,
                        .delta = m->config.delta, .n = n1 - n0, .width = y->dim[y->ndim - 1],
                        .scale = 1.0 / (double)q->n, .fused = p->pass.training && m->fused_loss,
                        .counts = nn_has_accuracy(m->config.loss), .weight = weights_of(p, n0) };
    r->rows = y->size / r->width;
    r->channels = nn_channels(y);
    r->samples = y->size / r->channels;
    r->keep_mean = m->config.keep_mean;
    r->tables = m->loss_tables;
    r->work = p->work[s];
    r->t = nn_at(m, p->mix ? p->mix->target : p->target, n0 * y->size);
    r->p = nn_at(m, nn_lane_at(m, p->value[last], y->size, n0), n0 * y->size);
    if (p->pass.training) {
        r->dp = q->gradient ? nn_at(m, p->grad[last].at, n0 * y->size) : NULL;
    } else {
        r->label_smoothing = 0;
    }
    return r;
}

static void shard_loss(void *arg, size_t s) {
    const loss_job *q = arg;
    q->m->k->loss(loss_of(q, s));
}

void nn_loss(const sori_model *m, nn_plan *p, size_t n, bool gradient, double *loss_sum, double *correct) {
    loss_job q = { m, p, n, gradient };
    base_parallel(p->c, p->shards, shard_loss, &q);
    for (size_t stride = 1; stride < p->shards; stride *= 2)
        for (size_t s = 0; s + stride < p->shards; s += 2 * stride) {
            p->loss[s].loss_sum += p->loss[s + stride].loss_sum;
            p->loss[s].correct += p->loss[s + stride].correct;
        }
    *loss_sum = p->loss[0].loss_sum;
    *correct = p->loss[0].correct;
}

/* --- gradients ------------------------------------------------------------ */

/* The shard's gradients to 0; those by rows will be written, not added to. */
static void clear_gradients(void *arg, size_t s) {
    const stretch *q = arg;
    for (size_t i = 0; i < q->m->n_params; i++) {
        const nn_param *w = q->m->params[i];
        if (!w->by_rows)
            memset(nn_at(q->m, q->p->dw, s * q->m->param_count + w->offset), 0, w->shape.size * q->m->k->real_size);
    }
}

/* Item s of S takes rows [rows s / S, rows (s + 1) / S) of every node that works by rows. */
static void run_rows(void *arg, size_t s) {
    const stretch *q = arg;
    for (int i = 0; i < q->m->n_nodes; i++) {
        const nn_node *n = &q->m->nodes[i];
        if (!n->rows) continue;
        nn_run r = *run_of(q, i, 0);
        r.n0 = nn_shard_start(n->rows, NN_MAX_SHARDS, s);
        r.n1 = nn_shard_start(n->rows, NN_MAX_SHARDS, s + 1);
        n->op->backward_rows(&r);
    }
}

/* Shards' gradients into the first's, pairwise, and the L1 and L2 terms. Parameters by rows have one copy only. */
static void add_range(const stretch *q, size_t from, size_t n) {
    const sori_model *m = q->m;
    for (size_t stride = 1; stride < q->p->shards; stride *= 2)
        for (size_t s = 0; s + stride < q->p->shards; s += 2 * stride)
            m->k->add(nn_at(m, q->p->dw, s * m->param_count + from),
                      nn_at(m, q->p->dw, (s + stride) * m->param_count + from), n);
}

/* A slice of the parameter block. */
static void add_shards(void *arg, size_t slice) {
    const stretch *q = arg;
    const sori_model *m = q->m;
    for (size_t i = 0; i < m->n_params; i++) {
        const nn_param *w = m->params[i];
        size_t from = BASE_MAX(slice * NN_SLICE, w->offset);
        size_t to = BASE_MIN((slice + 1) * NN_SLICE, w->offset + w->shape.size);
        if (from >= to) continue;
        void *gradient = nn_at(m, q->p->dw, from), *weight = nn_at(m, m->w, from);
        if (!w->by_rows) add_range(q, from, to - from);
        if (w->l1 > 0) m->k->add_signs(gradient, weight, w->l1, to - from);
        if (w->l2 > 0) m->k->add_scaled(gradient, weight, 2 * w->l2, to - from);
    }
}

void nn_backward(const sori_model *m, nn_plan *p, size_t n) {
    stretch q = { .m = m, .p = p, .backward = true };
    bool rows = false;
    for (int i = 0; i < m->n_nodes; i++) rows |= m->nodes[i].rows > 0;
    base_parallel(p->c, p->shards, clear_gradients, &q);
    run_pass(m, p, n, true);
    if (rows) base_parallel(p->c, NN_MAX_SHARDS, run_rows, &q);
    if (p->shards > 1 || m->penalised) base_parallel(p->c, nn_slices(m), add_shards, &q);
}

static void small_step(const sori_model *m, nn_plan *p, size_t n, double *loss_sum, double *correct) {
    stretch q = { .m = m, .p = p, .backward = true };
    loss_job job = { m, p, n, true };
    if (p->pass.batch != n) set_batch(m, p, n);
    clear_gradients(&q, 0);
    nn_loss_run *r = loss_of(&job, 0);
    m->k->small_step(p->runs, m->n_nodes, n, r);
    for (size_t i = 0; m->penalised && i < nn_slices(m); i++) add_shards(&q, i);
    *loss_sum = r->loss_sum;
    *correct = r->correct;
}

void nn_step(const sori_model *m, nn_plan *p, size_t n, double *loss_sum, double *correct) {
    if (m->small && p->shards == 1 && !p->mix) {
        small_step(m, p, n, loss_sum, correct);
        return;
    }
    nn_forward(m, p, n);
    nn_loss(m, p, n, true, loss_sum, correct);
    nn_backward(m, p, n);
}
