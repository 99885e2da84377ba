/* optimize.c - an optimiser step: accumulate, clip, update, average.
 *
 * The optimiser's values (moments, summed gradient, moving average) lie in blocks laid out as the weights', so a step
 * is one pass over a few blocks, in chunks that threads share. Padding between tensors has no gradient and stays 0
 * under every optimiser, so trainable tensors that stand side by side are one range; running statistics are left out.
 *
 * Order as in Keras 3: the mean gradient of gradient_accumulation_steps batches, clipping, weight decay, the update,
 * the moving average (which is the weights themselves after the first step). */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

#define SUM_PARTS 8   /* of many values, which are summed in parallel */

/* --- memory ------------------------------------------------------------ */

char **nn_optimizer_block(sori_model *m, size_t i, const char **prefix) {
    static const struct { const char *prefix; size_t offset; } blocks[] = {
        { "optimizer/m/", offsetof(sori_model, m) },
        { "optimizer/v/", offsetof(sori_model, v) },
        { "optimizer/average/", offsetof(sori_model, average) },
        { "optimizer/sum/", offsetof(sori_model, gradient_sum) },
        { "optimizer/raw/", offsetof(sori_model, ema) },   /* in files the average stands under the plain names */
    };
    if (i >= BASE_COUNT(blocks)) return NULL;
    if (prefix) *prefix = blocks[i].prefix;
    return (char **)((char *)m + blocks[i].offset);
}

static bool alloc_blocks(sori_model *m) {
    const sori_optimizer *o = &m->config.optimizer;
    bool adam = o->kind == SORI_ADAM || o->kind == SORI_ADAMW, rmsprop = o->kind == SORI_RMSPROP;
    const bool wanted[] = { adam || o->momentum > 0, adam || rmsprop, rmsprop && o->centered,
                            o->gradient_accumulation_steps > 1, o->use_ema };
    for (size_t i = 0; i < BASE_COUNT(wanted); i++) {
        char **block = nn_optimizer_block(m, i, NULL);
        base_free(m->c, *block);
        *block = wanted[i] ? base_alloc(m->c, m->param_count, m->k->real_size) : NULL;
    }
    m->averaged = false;
    return !base_failed(m->c);
}

/* Trainable tensors; those side by side together, unless each is clipped for itself. */
static bool make_ranges(sori_model *m) {
    base_free(m->c, m->ranges);
    m->range_count = 0;
    m->ranges = base_alloc(m->c, nn_param_total(m), sizeof *m->ranges);
    for (int i = 0; m->ranges && i < m->n_nodes; i++)
        for (int k = 0; k < m->nodes[i].n_params; k++) {
            const nn_param *p = &m->nodes[i].param[k];
            nn_range *last = m->range_count ? &m->ranges[m->range_count - 1] : NULL;
            size_t end = p->offset + base_round_up(p->shape.size, NN_ROUND);
            if (!p->trainable) continue;
            if (last && last->to == p->offset && m->config.optimizer.clipnorm == 0) last->to = end;
            else m->ranges[m->range_count++] = (nn_range){ p->offset, end, 1 };
        }
    return m->ranges != NULL;
}

bool nn_optimizer_new(sori_model *m) { return alloc_blocks(m) && make_ranges(m); }

/* --- sums of many values ------------------------------------------------------------ */

typedef double sum_function(const void *x, size_t n);

typedef struct sum_job {
    const sori_model *m;
    sum_function *sum;
    const char *x;
    size_t n;
    double sums[SUM_PARTS];
} sum_job;

static void sum_part(void *arg, size_t i) {
    sum_job *job = arg;
    size_t from = job->n * i / SUM_PARTS, to = job->n * (i + 1) / SUM_PARTS;
    job->sums[i] = job->sum(job->x + from * job->m->k->real_size, to - from);
}

static double sum_of(const sori_model *m, sum_function *f, const char *x, size_t n) {
    sum_job job = { .m = m, .sum = f, .x = x, .n = n };
    if (n < SUM_PARTS * NN_SLICE) return f(x, n);
    base_parallel(m->c, SUM_PARTS, sum_part, &job);
    double sum = 0;
    for (size_t i = 0; i < SUM_PARTS; i++) sum += job.sums[i];
    return sum;
}

static double norm2_of(const sori_model *m, const char *g) {
    return sum_of(m, m->k->sum_squares, g, m->param_count);
}

double nn_gradient_norm2(const sori_model *m, nn_plan *p) { return norm2_of(m, p->dw); }

double nn_penalty(const sori_model *m) {
    double sum = 0;
    if (!m->penalised) return 0;
    for (int i = 0; i < m->n_nodes; i++)
        for (int k = 0; k < m->nodes[i].n_params; k++) {
            const nn_param *w = &m->nodes[i].param[k];
            if (w->l1 > 0) sum += w->l1 * sum_of(m, m->k->sum_magnitudes, nn_at(m, m->w, w->offset), w->shape.size);
            if (w->l2 > 0) sum += w->l2 * sum_of(m, m->k->sum_squares, nn_at(m, m->w, w->offset), w->shape.size);
        }
    return sum;
}

/* --- a step ------------------------------------------------------------ */

typedef struct update_job {
    sori_model *m;
    nn_update u;
    char *g;               /* the gradient, a block as the weights' */
    double follow;         /* what the moving average takes of the new weights */
} update_job;

static char *at(const sori_model *m, char *block, size_t element) { return block ? nn_at(m, block, element) : NULL; }

static void update_range(const update_job *job, const nn_range *r, size_t from, size_t to) {
    const sori_model *m = job->m;
    from = BASE_MAX(from, r->from);
    to = BASE_MIN(to, r->to);
    if (from >= to) return;
    nn_update u = job->u;
    u.scale = r->scale;
    u.w = at(m, m->w, from);
    u.m = at(m, m->m, from);
    u.v = at(m, m->v, from);
    u.average = at(m, m->average, from);
    u.g = at(m, job->g, from);
    m->k->update(&u, to - from);
}

static void update_chunk(void *arg, size_t chunk) {
    const update_job *job = arg;
    const sori_model *m = job->m;
    size_t from = chunk * NN_SLICE, to = BASE_MIN(from + NN_SLICE, m->param_count);
    for (size_t i = 0; i < m->range_count; i++) update_range(job, &m->ranges[i], from, to);
    if (m->ema) m->k->blend(at(m, m->ema, from), at(m, m->w, from), job->follow, to - from);
}

static void add_chunk(void *arg, size_t chunk) {
    const update_job *job = arg;
    const sori_model *m = job->m;
    size_t from = chunk * NN_SLICE, to = BASE_MIN(from + NN_SLICE, m->param_count);
    m->k->add(at(m, m->gradient_sum, from), at(m, job->g, from), to - from);
}

static void clear_sum(sori_model *m) { memset(m->gradient_sum, 0, m->param_count * m->k->real_size); }

/* The scale under which a gradient whose square has the sum norm2 is no longer than limit. */
static double clipped(double norm2, double scale, double limit) {
    double norm = scale * sqrt(norm2);
    return norm > limit ? scale * limit / norm : scale;
}

/* What multiplies each range's gradient: one over the batches in it, and what clipping by norms makes of that. */
static void set_scales(const update_job *job, double scale) {
    const sori_model *m = job->m;
    const sori_optimizer *o = &job->u.o;
    if (o->global_clipnorm > 0) scale = clipped(norm2_of(m, job->g), scale, o->global_clipnorm);
    for (size_t i = 0; i < m->range_count; i++) {
        nn_range *r = &m->ranges[i];
        r->scale = scale;
        if (o->clipnorm > 0)
            r->scale = clipped(m->k->sum_squares(at(m, job->g, r->from), r->to - r->from), scale, o->clipnorm);
    }
}

/* Adam's correction of its moments' start at 0, for step t. */
static void set_corrections(nn_update *u, uint64_t t) {
    if (u->o.kind != SORI_ADAM && u->o.kind != SORI_ADAMW) return;
    u->correct1 = 1 / (1 - pow(u->o.beta_1, (double)t));
    u->correct2 = 1 / (1 - pow(u->o.beta_2, (double)t));
}

static void set_momentum(sori_optimizer *o, double momentum) {
    if (isnan(momentum)) return;
    if (o->kind == SORI_ADAM || o->kind == SORI_ADAMW) o->beta_1 = momentum;
    else o->momentum = momentum;
}

void nn_update_weights(sori_model *m, nn_plan *p, nn_rate rate) {
    const sori_optimizer *o = &m->config.optimizer;
    size_t chunks = nn_slices(m), every = (size_t)o->gradient_accumulation_steps;
    update_job job = { .m = m, .g = p->dw, .u = { .o = *o, .learning_rate = rate.learning_rate } };
    m->step++;
    if (m->gradient_sum) {
        base_parallel(m->c, chunks, add_chunk, &job);
        if (m->step % every != 0) return;
        job.g = m->gradient_sum;
    }
    m->version++;
    job.u.limit = o->clipvalue > 0 ? o->clipvalue : INFINITY;
    job.follow = m->step / every == 1 ? 1 : 1 - o->ema_momentum;
    set_momentum(&job.u.o, rate.momentum);
    set_corrections(&job.u, m->step / every);
    set_scales(&job, 1.0 / (double)every);
    base_parallel(m->c, chunks, update_chunk, &job);
    if (m->gradient_sum) clear_sum(m);
}

/* --- the moving average ------------------------------------------------------------ */

static void swap_bytes(char *a, char *b, size_t n) {
    char kept[4096];
    for (size_t i = 0; i < n; i += sizeof kept) {
        size_t some = BASE_MIN(sizeof kept, n - i);
        memcpy(kept, a + i, some);
        memcpy(a + i, b + i, some);
        memcpy(b + i, kept, some);
    }
}

/* Before the first step the average is the weights, whatever they have been set to. */
void nn_show_average(sori_model *m, bool average) {
    size_t bytes = m->param_count * m->k->real_size;
    if (!m->ema || m->averaged == average) return;
    if (average && m->step < (uint64_t)m->config.optimizer.gradient_accumulation_steps) memcpy(m->ema, m->w, bytes);
    swap_bytes(m->w, m->ema, bytes);
    m->averaged = average;
    m->version++;
}

void nn_settle_average(sori_model *m) {
    if (!m->ema) return;
    nn_show_average(m, true);
    memcpy(m->ema, m->w, m->param_count * m->k->real_size);
    m->averaged = false;
}
