/* feed.c - batches, in order or shuffled, from arrays or from a source that runs ahead.
 *
 * Arrays are copied as they lie. A source (features, augmentation) fills the next batch on a thread of its own while
 * the network works on this one. What a source writes depends on (epoch, indices) only, so running ahead changes
 * nothing but time. */
#include "nn/nn.h"

struct nn_feed {
    sori_model *m;
    size_t count, batch, x_size, y_size;
    uint32_t *order;
    const float *x, *y;               /* arrays, or NULL */
    const sori_source *source;
    const float *sample_weight;       /* [count], NULL: 1 */
    const double *class_weight;       /* [classes], NULL: 1 */

    size_t step, steps;               /* next batch to hand out */
    uint32_t epoch;

    base_ahead *ahead;
    float *buffer_x[2], *buffer_y[2]; /* of the source's batches, step mod 2 */
};

static size_t batch_size(const nn_feed *f, size_t step) {
    size_t first = step * f->batch;
    return first >= f->count ? 0 : BASE_MIN(f->batch, f->count - first);
}

static void fill(sori_ctx *worker, void *arg, size_t step) {
    nn_feed *f = arg;
    f->source->fill(worker, f->source->user, f->epoch, f->order + step * f->batch, batch_size(f, step),
                    f->buffer_x[step % 2], f->buffer_y[step % 2]);
}

nn_feed *nn_feed_new(sori_model *m, const sori_array *x, const sori_array *y, size_t first, size_t count,
                     const sori_source *source, size_t batch) {
    sori_ctx *c = m->c;
    nn_feed *f = base_alloc(c, 1, sizeof *f);
    if (!f) return NULL;
    *f = (nn_feed){ .m = m, .count = count, .batch = batch, .source = source };
    if (source && source->sample_weight) f->sample_weight = source->sample_weight->data;
    f->x_size = m->input.size;
    f->y_size = m->nodes[m->n_nodes - 1].y.size;
    if (!source) {
        f->x = (const float *)x->data + first * f->x_size;
        f->y = (const float *)y->data + first * f->y_size;
    }
    f->order = base_alloc(c, count, sizeof *f->order);
    for (int i = 0; source && i < 2; i++) {
        f->buffer_x[i] = base_alloc(c, batch * f->x_size, sizeof(float));
        f->buffer_y[i] = base_alloc(c, batch * f->y_size, sizeof(float));
    }
    if (source && !base_failed(c)) f->ahead = base_ahead_new(c, fill, f);
    if (base_failed(c)) {
        nn_feed_free(f);
        return NULL;
    }
    return f;
}

void nn_feed_weigh(nn_feed *f, const float *sample_weight, const double *class_weight) {
    if (sample_weight) f->sample_weight = sample_weight;
    f->class_weight = class_weight;
}

size_t nn_feed_count(const nn_feed *f) { return f->count; }

void nn_feed_free(nn_feed *f) {
    if (!f) return;
    sori_ctx *c = f->m->c;
    base_ahead_free(f->ahead);
    for (int i = 0; i < 2; i++) {
        base_free(c, f->buffer_x[i]);
        base_free(c, f->buffer_y[i]);
    }
    base_free(c, f->order);
    base_free(c, f);
}

bool nn_feed_start(nn_feed *f, uint32_t epoch, size_t step, bool shuffle) {
    if (base_failed(f->m->c)) return false;
    if (f->ahead) base_ahead_stop(f->ahead);
    f->epoch = epoch;
    f->step = step;
    f->steps = (f->count + f->batch - 1) / f->batch;
    for (size_t i = 0; i < f->count; i++) f->order[i] = (uint32_t)i;
    base_rng r = base_rng_new(sori_seed(f->m->c), BASE_RNG_SHUFFLE, epoch, 0);
    if (shuffle) base_rng_shuffle(&r, f->order, f->count);
    if (f->ahead) base_ahead_start(f->ahead, step, f->steps);
    return true;
}

void nn_fill_plan(const sori_model *m, nn_plan *p, size_t n, const float *x, const float *t) {
    size_t per = m->input.size, y = m->nodes[m->n_nodes - 1].y.size;
    for (size_t s = 0; s < p->shards; s++) {
        size_t n0 = nn_shard_start(n, p->shards, s), n1 = nn_shard_start(n, p->shards, s + 1);
        char *to = nn_lane_at(m, p->value[0], per, n0);
        m->k->from_f32(nn_at(m, to, n0 * per), x + n0 * per, (n1 - n0) * per);
    }
    if (t) m->k->from_f32(p->target, t, n * y);
    p->weighted = false;
}

/* The class of targets t: the largest, or of one whether it is above 1/2. */
static size_t class_of(const float *t, size_t n) {
    size_t best = 0;
    if (n == 1) return t[0] > 0.5f;
    for (size_t i = 1; i < n; i++)
        if (t[i] > t[best]) best = i;
    return best;
}

/* Weights of the n samples of this step; their targets lie in t, one after the other, or in the epoch's order in y. */
static void weigh(const nn_feed *f, nn_plan *p, size_t n, const float *t) {
    const uint32_t *order = f->order + f->step * f->batch;
    p->weighted = f->sample_weight || f->class_weight;
    for (size_t i = 0; p->weighted && i < n; i++) {
        const float *target = t ? t + i * f->y_size : f->y + order[i] * f->y_size;
        p->weight[i] = f->sample_weight ? (double)f->sample_weight[order[i]] : 1;
        if (f->class_weight) p->weight[i] *= f->class_weight[class_of(target, f->y_size)];
    }
}

/* Arrays, one sample after the other in the epoch's order. */
static void gather(nn_feed *f, nn_plan *p, size_t n) {
    const uint32_t *order = f->order + f->step * f->batch;
    const nn_kernels *k = f->m->k;
    for (size_t s = 0; s < p->shards; s++) {
        size_t n0 = nn_shard_start(n, p->shards, s), n1 = nn_shard_start(n, p->shards, s + 1);
        char *to = nn_lane_at(f->m, p->value[0], f->x_size, n0);
        for (size_t i = n0; i < n1; i++)
            k->from_f32(nn_at(f->m, to, i * f->x_size), f->x + order[i] * f->x_size, f->x_size);
    }
    for (size_t i = 0; i < n; i++)
        k->from_f32(nn_at(f->m, p->target, i * f->y_size), f->y + order[i] * f->y_size, f->y_size);
}

size_t nn_feed_next(nn_feed *f, nn_plan *p) {
    size_t n = batch_size(f, f->step), slot = f->step % 2;
    if (n == 0 || base_failed(f->m->c)) return 0;
    if (f->source) {
        if (!base_ahead_wait(f->ahead, f->step)) return 0;
        nn_fill_plan(f->m, p, n, f->buffer_x[slot], f->buffer_y[slot]);
        weigh(f, p, n, f->buffer_y[slot]);
        base_ahead_release(f->ahead, f->step);
    } else {
        gather(f, p, n);
        weigh(f, p, n, NULL);
    }
    f->step++;
    return n;
}

const uint32_t *nn_feed_samples(const nn_feed *f) { return f->order + (f->step - 1) * f->batch; }
