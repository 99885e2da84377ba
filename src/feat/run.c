/* run.c - features of a whole sound, or of a spectrogram, written straight to their place in the result.
 *
 * Groups of frames are handed to as many workers as there are threads, each with scratch of its own. A feature with a
 * post() writes to an array of its own first; when the loudest value is known, post() goes over that in blocks. */
#include "feat/pipeline.h"
#include <stdatomic.h>

typedef struct runner {
    feat_pipeline p;
    size_t workers, groups;       /* groups a channel */
    char *scratch;                /* [workers][p.scratch] */
    feat_sink *sinks;             /* [workers][n_uses] */
    float **before;               /* [n_uses] memory for what post() reads, or NULL */
    float **stored;               /* [n_uses] where block() writes: before, or the result's data */
    sori_array **out;             /* [n_uses] */
    atomic_size_t next;           /* the next group, of all channels */
} runner;

/* --- first pass: blocks ------------------------------------------------------------------------------------- */

static void run_group(runner *r, size_t item, char *scratch, feat_sink *sinks) {
    const feat_input *in = r->p.in;
    size_t channel = item / r->groups, first = item % r->groups * r->p.group;
    size_t frames = BASE_MIN(in->frames - first, r->p.group);
    for (size_t i = 0; i < r->p.n_uses; i++) {
        const feat_use *u = &r->p.uses[i];
        sinks[i].out = r->stored[i] + (channel * feat_block_rows(u) * in->frames + first) * feat_floats(u);
        sinks[i].stride = in->frames;
    }
    if (in->S) {
        feat_pipeline_S(&r->p, channel, first, frames, scratch, sinks);
        return;
    }
    feat_sound s = { .channel = channel, .y = in->y + channel * in->n, .n = (int64_t)in->n,
                     .padding = in->centered ? (int64_t)(in->n_fft / 2) : 0,
                     .tail = feat_tail((int64_t)in->n, in->n_fft, in->hop) };
    feat_pipeline_sound(&r->p, &s, first, frames, scratch, sinks);
}

static void block_worker(void *arg, size_t w) {
    runner *r = arg;
    char *scratch = r->scratch + w * r->p.scratch;
    feat_sink *sinks = r->sinks + w * r->p.n_uses;
    size_t n = r->groups * r->p.in->channels;
    for (size_t i; (i = atomic_fetch_add(&r->next, 1)) < n;) run_group(r, i, scratch, sinks);
}

/* --- second pass: post -------------------------------------------------------------------------------------- */

typedef struct poster {
    const runner *r;
    size_t use, blocks;           /* blocks a channel */
    float peak[FEAT_PEAKS];
    atomic_size_t next;
} poster;

static void post_worker(void *arg, size_t w) {
    poster *q = arg;
    const feat_use *u = &q->r->p.uses[q->use];
    size_t frames = q->r->p.in->frames, n = q->blocks * q->r->p.in->channels;
    char *scratch = q->r->scratch + w * q->r->p.scratch + q->r->p.at_use;
    for (size_t i; (i = atomic_fetch_add(&q->next, 1)) < n;) {
        size_t channel = i / q->blocks, first = i % q->blocks * NUM_LANES;
        const float *in = q->r->stored[q->use] + channel * u->stored * frames + first;
        float *out = (float *)q->r->out[q->use]->data + channel * u->rows * frames + first;
        u->op->post(u, q->peak, BASE_MIN(frames - first, NUM_LANES), in, frames, scratch, out, frames);
    }
}

static void post(sori_ctx *c, runner *r, size_t use) {
    poster q = { .r = r, .use = use, .blocks = (r->p.in->frames + NUM_LANES - 1) / NUM_LANES };
    for (size_t i = 0; i < FEAT_PEAKS; i++) {
        q.peak[i] = r->sinks[use].peak[i];
        for (size_t w = 1; w < r->workers; w++)
            q.peak[i] = BASE_MAX(q.peak[i], r->sinks[w * r->p.n_uses + use].peak[i]);
    }
    base_parallel(c, r->workers, post_worker, &q);
}

/* --- results ------------------------------------------------------------------------------------------------ */

sori_array *feat_new_result(sori_ctx *c, const feat_input *in, const feat_use *u) {
    return feat_result(c, in, u->dtype, u->rows, in->frames);
}

/* What block() writes: the result itself, or memory of its own that post() reads. */
static bool make_results(sori_ctx *c, runner *r) {
    const feat_input *in = r->p.in;
    for (size_t i = 0; i < r->p.n_uses; i++) {
        const feat_use *u = &r->p.uses[i];
        size_t values = in->channels * in->frames;
        r->out[i] = feat_new_result(c, in, u);
        if (!r->out[i]) return false;
        if (feat_in_place(u)) r->stored[i] = r->out[i]->data;
        else if (base_mul_overflows(values, u->stored, &values)) sori_fail(c, SORI_ENOMEM, "out of memory");
        else r->stored[i] = r->before[i] = base_alloc_raw(c, values, sizeof(float));
        if (!r->stored[i]) return false;
    }
    return true;
}

static bool prepare(sori_ctx *c, runner *r, feat_input *in, feat_use *u, size_t n) {
    if (!feat_pipeline_open(c, &r->p, in, u, n)) return false;
    r->groups = (in->frames + r->p.group - 1) / r->p.group;
    r->workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), r->groups * in->channels), 1);
    r->scratch = base_alloc_raw(c, r->workers, r->p.scratch);
    r->sinks = base_alloc(c, r->workers * n, sizeof *r->sinks);
    r->stored = base_alloc(c, n, sizeof *r->stored);
    r->before = base_alloc(c, n, sizeof *r->before);
    return r->scratch && r->sinks && r->stored && r->before;
}

static void run(sori_ctx *c, runner *r) {
    for (size_t i = 0; i < r->workers * r->p.n_uses; i++) {
        size_t use = i % r->p.n_uses;
        feat_sink_clear(&r->sinks[i]);
        size_t bytes = r->out[use]->size * sori_dtype_size(r->out[use]->dtype);
        r->sinks[i].bypass = !r->p.uses[use].stored && bytes > FEAT_CACHE;
    }
    base_parallel(c, r->workers, block_worker, r);
    for (size_t i = 0; i < r->p.n_uses; i++)
        if (r->p.uses[i].stored) post(c, r, i);
}

static void release(sori_ctx *c, runner *r) {
    for (size_t i = 0; r->before && i < r->p.n_uses; i++) base_free(c, r->before[i]);
    base_free(c, r->before);
    base_free(c, r->stored);
    base_free(c, r->sinks);
    base_free(c, r->scratch);
    feat_pipeline_close(c, &r->p);
}

sori_status feat_run_many(sori_ctx *c, feat_input *in, feat_use *u, size_t n, sori_array **out) {
    runner r = { .out = out };
    int scope = sori_begin(c);
    for (size_t i = 0; i < n; i++) out[i] = NULL;
    bool ok = !base_failed(c) && prepare(c, &r, in, u, n) && make_results(c, &r);
    if (ok) run(c, &r);
    for (size_t i = 0; i < n; i++) {
        if (ok) sori_keep(c, out[i]);
        else out[i] = NULL;
    }
    sori_end(c, scope, NULL);
    if (c) {
        release(c, &r);
        feat_uses_close(c, u, n);
        feat_input_close(c, in);
    }
    return sori_error(c);
}

sori_array *feat_run(sori_ctx *c, feat_input *in, feat_use *u) {
    sori_array *out = NULL;
    feat_run_many(c, in, u, 1, &out);
    return out;
}
