/* memory.c - frames with those before them, stacked: context for models that see one frame at a time.
 *
 * Row r of step s is row r of the data moved s * delay frames to the right (left, if delay is negative); what
 * moves in is numpy.pad's. Nothing is computed: a row is a copy and its padding. librosa.feature.stack_memory. */
#include "feat/pipeline.h"
#include <sori/feat.h>
#include <string.h>

typedef struct job {
    const float *in;
    float *out;
    size_t bins, frames, n_steps;
    int64_t delay, padding;   /* padding: frames on the side that the past (or future) comes from */
    sori_pad_mode mode;
    float fill;               /* SORI_PAD_CONSTANT's value */
} job;

/* Frames [first, first + count) of a row, all beyond one of its ends. */
static void beyond(const job *j, const float *row, int64_t first, size_t count, float *out) {
    feat_sound s = { .y = row, .n = (int64_t)j->frames, .padding = j->padding };
    if (j->mode != SORI_PAD_CONSTANT) feat_padded(&s, j->mode, first, count, out);
    else
        for (size_t t = 0; t < count; t++) out[t] = j->fill;
}

/* All steps of one row. */
static void stack_row(void *arg, size_t i) {
    const job *j = arg;
    size_t channel = i / j->bins, bin = i % j->bins, n = j->frames;
    const float *row = j->in + i * n;
    for (size_t s = 0; s < j->n_steps; s++) {
        float *out = j->out + ((channel * j->n_steps + s) * j->bins + bin) * n;
        int64_t moved = (int64_t)s * j->delay;
        size_t enters = BASE_MIN((size_t)(moved < 0 ? -moved : moved), n), stays = n - enters;
        if (moved >= 0) {
            beyond(j, row, -moved, enters, out);
            memcpy(out + enters, row, stays * sizeof *out);
        } else {
            memcpy(out, row + enters, stays * sizeof *out);
            beyond(j, row, BASE_MAX((int64_t)n, -moved), enters, out + stays);
        }
    }
}

static bool check(sori_ctx *c, const sori_array *data, const sori_memory_config *g) {
    if (!array_check(c, "stack_memory", data, SORI_F32, 1)) return false;
    if (g->n_steps < 1 || g->n_steps > 1 << 20)
        sori_fail(c, SORI_EINVAL, "stack_memory: n_steps %d is outside 1 to 2^20", g->n_steps);
    else if ((unsigned)g->mode > SORI_PAD_WRAP)
        sori_fail(c, SORI_EINVAL, "stack_memory: there is no mode %d", (int)g->mode);
    else if (data->size == 0) sori_fail(c, SORI_EINVAL, "stack_memory: there are no frames");
    return !base_failed(c) && feat_check_finite(c, "stack_memory", data->data, data->size);
}

sori_array *sori_stack_memory(sori_ctx *c, const sori_array *data, const sori_memory_config *config) {
    sori_memory_config g = config ? *config : (sori_memory_config){ 0 };
    size_t shape[SORI_MAX_DIMS] = { 0 };
    g.n_steps = g.n_steps ? g.n_steps : 2;
    g.delay = g.delay ? g.delay : 1;
    if (base_failed(c) || !check(c, data, &g)) return NULL;
    int ndim = BASE_MAX(data->ndim, 2);
    job j = { .in = data->data, .frames = data->shape[data->ndim - 1], .n_steps = (size_t)g.n_steps, .mode = g.mode,
              .bins = data->ndim > 1 ? data->shape[data->ndim - 2] : 1, .delay = g.delay,
              .fill = (float)g.constant_values };
    j.padding = (int64_t)(g.n_steps - 1) * (g.delay < 0 ? -(int64_t)g.delay : g.delay);
    memcpy(shape, data->shape, sizeof shape);
    shape[ndim - 1] = j.frames;
    if (base_mul_overflows(j.bins, j.n_steps, &shape[ndim - 2])) {
        sori_fail(c, SORI_ENOMEM, "out of memory");
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_F32, ndim, shape);
    if (!out) return NULL;
    j.out = out->data;
    base_parallel(c, data->size / j.frames, stack_row, &j);
    return out;
}
