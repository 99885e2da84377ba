/* engine.c - run the graph: forward, loss, backward, update, each over shards of the batch.
 *
 * A pass is a list of steps. Steps of one shard (an operator on its samples) follow each other without waiting for
 * other shards; only before a step that needs the whole batch (batch norm's statistics) do the shards meet. So a pass
 * is one parallel call for a plain network, and one more for each batch norm's phase:
 *
 *   forward    for each node: [its phases: partial | meet, add, done] forward, activation
 *   backward   for each node from the last: activation back, [its phases] backward
 *   then       rows of large weight matrices in parallel; the shards' gradients added in a fixed tree; L2
 */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

typedef struct pass {
    sori_model *m;
    nn_plan *p;
    size_t n;              /* samples of the batch */
    bool training, backward;
    int node;              /* where the parallel stretch starts */
    int phase;             /* phases of that node already done */
    int stop_node;         /* where it stops: the node of the next meeting, or one past the end */
    int stop_phase;
} pass;

static size_t shard_start(size_t n, size_t shards, size_t s) { return n * s / shards; }

static int phases(const nn_node *n, const pass *q) {
    return !q->training ? 0 : q->backward ? n->op->backward_phases : n->op->forward_phases;
}

/* What operator i sees of shard s. */
static nn_run make_run(const pass *q, int i, size_t s) {
    const sori_model *m = q->m;
    const nn_plan *p = q->p;
    const nn_node *n = &m->nodes[i];
    nn_run r = { .node = n, .batch = q->n, .training = q->training, .seed = sori_seed(m->c), .step = m->step };
    r.n0 = shard_start(q->n, p->shards, s);
    r.n1 = shard_start(q->n, p->shards, s + 1);
    char **value = p->value;
    if (!p->training) {   /* each shard has its own values, from its first sample on */
        value += s * ((size_t)m->n_nodes + 1);
        r.stash = p->stash[i] ? p->stash[i] + r.n0 * n->stash : NULL;
        r.batch = r.n1 -= r.n0;
        r.n0 = 0;
    } else {
        r.stash = p->stash[i];
        r.dy = p->grad[i + 1];
        r.kept = p->kept[i];
        r.sums = p->sums + s * n->sums;
    }
    for (int j = 0; j < n->n_in; j++) {
        r.x[j] = value[n->in[j]];
        r.dx[j] = !p->training ? NULL : n->adds[j] && n->in[j] > 0 ? p->extra[j] : p->grad[n->in[j]];
    }
    r.y = value[i + 1];
    r.work = p->work[s];
    for (int k = 0; k < n->n_params; k++) {
        const nn_param *w = &n->param[k];
        r.param[k] = nn_at(m, m->w, w->offset);
        if (p->training) r.dparam[k] = nn_at(m, p->dw, (w->by_rows ? 0 : s * m->param_count) + w->offset);
    }
    return r;
}

/* Rows and width of a shard's part of a value, for the activations (softmax runs along the last axis). */
static char *shard_part(const sori_model *m, const nn_run *r, void *value, size_t *rows, size_t *width) {
    const nn_shape *y = &r->node->y;
    *width = y->dim[y->ndim - 1];
    *rows = (r->n1 - r->n0) * (y->size / *width);
    return nn_at(m, value, r->n0 * y->size);
}

/* The last activation is left to the loss, which computes both at once without overflow. */
static bool activates(const pass *q, int i) {
    bool last = i == q->m->n_nodes - 1;
    return q->m->nodes[i].layer.act != SORI_LINEAR && !(last && q->training && q->m->fused_loss);
}

static void forward_node(const pass *q, int i, size_t s) {
    nn_run r = make_run(q, i, s);
    if (r.y != r.x[0]) r.node->op->forward(&r);
    if (!activates(q, i)) return;
    size_t rows, width;
    char *y = shard_part(q->m, &r, r.y, &rows, &width);
    q->m->k->activate(r.node->layer.act, r.node->layer.alpha, y, rows, width);
}

static void activate_back_node(const pass *q, int i, size_t s) {
    if (!activates(q, i)) return;
    nn_run r = make_run(q, i, s);
    size_t rows, width;
    char *y = shard_part(q->m, &r, r.y, &rows, &width), *dy = shard_part(q->m, &r, q->p->grad[i + 1], &rows, &width);
    q->m->k->activate_back(r.node->layer.act, r.node->layer.alpha, y, dy, rows, width);
}

static void backward_node(const pass *q, int i, size_t s) {
    nn_run r = make_run(q, i, s);
    if (r.dx[0] == r.dy) return;   /* shared memory */
    r.node->op->backward(&r);
    for (int j = 0; j < r.node->n_in; j++) {
        if (!r.node->adds[j] || r.node->in[j] == 0) continue;
        size_t size = r.node->x[j].size, at = r.n0 * size;
        q->m->k->add(nn_at(q->m, q->p->grad[r.node->in[j]], at), nn_at(q->m, r.dx[j], at), (r.n1 - r.n0) * size);
    }
}

/* One shard's stretch: finish the node the last meeting was about, go on, and make the partial sums of the next. */
static void run_stretch(void *arg, size_t s) {
    const pass *q = arg;
    int i = q->node, step = q->backward ? -1 : 1, end = q->backward ? -1 : q->m->n_nodes;
    bool resumed = q->phase > 0;
    for (; i != q->stop_node && i != end; i += step, resumed = false) {
        if (q->backward && !resumed) activate_back_node(q, i, s);
        if (q->backward) backward_node(q, i, s);
        else forward_node(q, i, s);
    }
    if (i == end) return;
    if (q->backward && !(resumed && i == q->node)) activate_back_node(q, i, s);
    nn_run r = make_run(q, i, s);
    r.phase = q->stop_phase;
    r.node->op->partial(&r, q->backward);
}

/* Sums of all shards into the first's, pairwise. */
static void add_sums(double *sums, size_t shards, size_t n) {
    for (size_t stride = 1; stride < shards; stride *= 2)
        for (size_t s = 0; s + stride < shards; s += 2 * stride)
            for (size_t i = 0; i < n; i++) sums[s * n + i] += sums[(s + stride) * n + i];
}

static void meet(const pass *q) {
    const nn_node *n = &q->m->nodes[q->stop_node];
    add_sums(q->p->sums, q->p->shards, n->sums);
    nn_run r = make_run(q, q->stop_node, 0);
    r.phase = q->stop_phase;
    n->op->done(&r, q->backward);
}

static void run_pass(sori_model *m, nn_plan *p, size_t n, bool training, bool backward) {
    pass q = { .m = m, .p = p, .n = n, .training = training, .backward = backward };
    int step = backward ? -1 : 1, end = backward ? -1 : m->n_nodes;
    q.node = backward ? m->n_nodes - 1 : 0;
    while (q.node != end) {
        q.stop_node = q.node;
        q.stop_phase = q.phase;
        if (q.phase >= phases(&m->nodes[q.node], &q)) {
            do q.stop_node += step;
            while (q.stop_node != end && phases(&m->nodes[q.stop_node], &q) == 0);
            q.stop_phase = 0;
        }
        base_parallel(m->c, p->shards, run_stretch, &q);
        if (q.stop_node == end) break;
        meet(&q);
        q.node = q.stop_node;
        q.phase = q.stop_phase + 1;
    }
}

void nn_forward(sori_model *m, nn_plan *p, size_t n, bool training) { run_pass(m, p, n, training, false); }

/* --- loss ------------------------------------------------------------ */

static void shard_loss(void *arg, size_t s) {
    const pass *q = arg;
    sori_model *m = q->m;
    nn_plan *p = q->p;
    size_t last = (size_t)m->n_nodes, width = m->nodes[last - 1].y.size;
    size_t n0 = shard_start(q->n, p->shards, s), n1 = shard_start(q->n, p->shards, s + 1);
    nn_loss_run *r = &p->loss[s];
    *r = (nn_loss_run){ .loss = m->config.loss, .label_smoothing = m->config.label_smoothing, .n = n1 - n0,
                        .width = width, .scale = 1.0 / (double)q->n, .fused = q->training && m->fused_loss };
    r->t = nn_at(m, p->target, n0 * width);
    if (p->training) {
        r->p = nn_at(m, p->value[last], n0 * width);
        r->dp = q->backward ? nn_at(m, p->grad[last], n0 * width) : NULL;
    } else {
        r->p = p->value[s * (last + 1) + last];
        r->label_smoothing = 0;
    }
    m->k->loss(r);
}

void nn_loss(sori_model *m, nn_plan *p, size_t n, bool gradient, double *loss_sum, double *correct) {
    pass q = { .m = m, .p = p, .n = n, .training = p->training, .backward = gradient };
    base_parallel(m->c, p->shards, shard_loss, &q);
    for (size_t stride = 1; stride < p->shards; stride *= 2)
        for (size_t s = 0; s + stride < p->shards; s += 2 * stride) {
            p->loss[s].loss_sum += p->loss[s + stride].loss_sum;
            p->loss[s].correct += p->loss[s + stride].correct;
        }
    *loss_sum = p->loss[0].loss_sum;
    *correct = p->loss[0].correct;
}

double nn_penalty(const sori_model *m) {
    double sum = 0;
    for (int i = 0; i < m->n_nodes; i++)
        for (int k = 0; k < m->nodes[i].n_params; k++) {
            const nn_param *w = &m->nodes[i].param[k];
            if (w->l2 > 0) sum += w->l2 * m->k->sum_squares(nn_at(m, m->w, w->offset), w->shape.size);
        }
    return sum;
}

/* --- gradients ------------------------------------------------------------ */

#define CHUNK 16384   /* elements of the parameter block a thread takes at a time */

static void clear_chunk(void *arg, size_t s) {
    const pass *q = arg;
    memset(nn_at(q->m, q->p->dw, s * q->m->param_count), 0, q->m->param_count * q->m->k->real_size);
}

/* Item s of S takes rows [rows s / S, rows (s + 1) / S) of every node that works by rows. */
static void run_rows(void *arg, size_t s) {
    const pass *q = arg;
    for (int i = 0; i < q->m->n_nodes; i++) {
        const nn_node *n = &q->m->nodes[i];
        if (!n->rows) continue;
        nn_run r = make_run(q, i, 0);
        r.n0 = shard_start(n->rows, NN_MAX_SHARDS, s);
        r.n1 = shard_start(n->rows, NN_MAX_SHARDS, s + 1);
        n->op->backward_rows(&r);
    }
}

/* Shards' gradients into the first's, pairwise, and the L2 terms. Parameters by rows have one copy only; adding the
 * other shards' zeros would change nothing but time, so they are left out. */
static void add_range(const pass *q, size_t from, size_t n) {
    sori_model *m = q->m;
    for (size_t stride = 1; stride < q->p->shards; stride *= 2)
        for (size_t s = 0; s + stride < q->p->shards; s += 2 * stride)
            m->k->add(nn_at(m, q->p->dw, s * m->param_count + from),
                      nn_at(m, q->p->dw, (s + stride) * m->param_count + from), n);
}

static void add_shards(void *arg, size_t i) {
    const pass *q = arg;
    const nn_param *w = nn_param_at(q->m, i);
    if (!w->by_rows) add_range(q, w->offset, w->shape.size);
    if (w->l2 > 0)
        q->m->k->add_scaled(nn_at(q->m, q->p->dw, w->offset), nn_at(q->m, q->m->w, w->offset), 2 * w->l2,
                            w->shape.size);
}

void nn_backward(sori_model *m, nn_plan *p, size_t n) {
    pass q = { .m = m, .p = p, .n = n, .training = true, .backward = true };
    bool rows = false;
    for (int i = 0; i < m->n_nodes; i++) rows |= m->nodes[i].rows > 0;
    base_parallel(m->c, p->shards, clear_chunk, &q);
    run_pass(m, p, n, true, true);
    if (rows) base_parallel(m->c, NN_MAX_SHARDS, run_rows, &q);
    size_t params = nn_param_total(m);
    if (p->shards == 1) for (size_t i = 0; i < params; i++) add_shards(&q, i);
    else base_parallel(m->c, params, add_shards, &q);
}

double nn_gradient_norm2(sori_model *m, nn_plan *p) { return m->k->sum_squares(p->dw, m->param_count); }

typedef struct update_job {
    sori_model *m;
    nn_update u;
    const char *g;
} update_job;

/* The part of one parameter that lies in [from, to) of the block. Running statistics are not the optimiser's. */
static void update_part(const update_job *job, const nn_param *w, size_t from, size_t to) {
    sori_model *m = job->m;
    from = BASE_MAX(from, w->offset);
    to = BASE_MIN(to, w->offset + w->shape.size);
    if (from >= to || !w->trainable) return;
    nn_update u = job->u;
    u.w = nn_at(m, m->w, from);
    u.m = m->m ? nn_at(m, m->m, from) : NULL;
    u.v = m->v ? nn_at(m, m->v, from) : NULL;
    u.g = job->g + from * m->k->real_size;
    m->k->update(&u, to - from);
}

static void update_chunk(void *arg, size_t chunk) {
    const update_job *job = arg;
    for (int i = 0; i < job->m->n_nodes; i++)
        for (int k = 0; k < job->m->nodes[i].n_params; k++)
            update_part(job, &job->m->nodes[i].param[k], chunk * CHUNK, (chunk + 1) * CHUNK);
}

void nn_update_weights(sori_model *m, nn_plan *p, double learning_rate) {
    const sori_optimizer *o = &m->config.optimizer;
    update_job job = { .m = m, .g = p->dw, .u = { .o = *o, .learning_rate = learning_rate } };
    m->step++;
    if (o->kind != SORI_SGD) {
        job.u.correct1 = 1 / (1 - pow(o->beta_1, (double)m->step));
        job.u.correct2 = 1 / (1 - pow(o->beta_2, (double)m->step));
    }
    size_t chunks = (m->param_count + CHUNK - 1) / CHUNK;
    base_parallel(m->c, chunks, update_chunk, &job);
}
