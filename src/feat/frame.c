/* frame.c - lines cut into frames, and lines made longer or shorter.
 *
 * Nothing is computed, only copied; what lies beyond the ends is numpy.pad's. Any axis: lines along it are read one by
 * one. librosa.util.frame, fix_length, pad_center. */
#include "feat/pipeline.h"
#include <sori/feat.h>
#include <string.h>

/* --- frames ----------------------------------------------------------------------------------------------------- */

typedef struct framing {
    feat_lines lines;
    size_t frame_length, hop, frames;
    bool last;                /* axis counts from the end: [..., sample, frame, ...], else [..., frame, sample, ...] */
    const float *in;
    float *out;
} framing;

/* One outer part: out [sample][frame][inner], or [frame][sample][inner]. */
static void cut(void *arg, size_t o) {
    const framing *j = arg;
    size_t inner = j->lines.inner, L = j->frame_length, F = j->frames;
    const float *x = j->in + o * j->lines.n * inner;
    float *out = j->out + o * L * F * inner;
    for (size_t a = 0; a < (j->last ? L : F); a++)
        for (size_t b = 0; b < (j->last ? F : L); b++, out += inner) {
            size_t at = j->last ? b * j->hop + a : a * j->hop + b;
            if (inner == 1) *out = x[at];
            else memcpy(out, x + at * inner, inner * sizeof *out);
        }
}

sori_array *sori_frame(sori_ctx *c, const sori_array *x, int frame_length, int hop_length, sori_opt axis) {
    framing j = { .frame_length = (size_t)frame_length, .hop = (size_t)hop_length };
    size_t shape[SORI_MAX_DIMS];
    if (base_failed(c) || !array_check(c, "frame", x, SORI_F32, 1)) return NULL;
    if (!feat_lines_open(c, "frame", x, axis, -1, &j.lines)) return NULL;
    if (x->ndim == SORI_MAX_DIMS) sori_fail(c, SORI_EINVAL, "frame: %d axes are the most there can be", x->ndim);
    else if (frame_length < 1) sori_fail(c, SORI_EINVAL, "frame: frame_length %d is below 1", frame_length);
    else if (hop_length < 1) sori_fail(c, SORI_EINVAL, "frame: hop_length %d is below 1", hop_length);
    else if (j.lines.n < j.frame_length)
        sori_fail(c, SORI_EINVAL, "frame: %zu values are fewer than frame_length %d", j.lines.n, frame_length);
    if (base_failed(c)) return NULL;
    j.last = axis.mode != 1 || axis.value < 0;
    j.frames = 1 + (j.lines.n - j.frame_length) / j.hop;
    for (int i = 0; i < x->ndim; i++) shape[i + (i > j.lines.axis)] = x->shape[i];
    shape[j.lines.axis] = j.last ? j.frame_length : j.frames;
    shape[j.lines.axis + 1] = j.last ? j.frames : j.frame_length;
    sori_array *out = array_new_raw(c, SORI_F32, x->ndim + 1, shape);
    if (!out || out->size == 0) return out;
    j.in = x->data;
    j.out = out->data;
    base_parallel(c, j.lines.outer, cut, &j);
    return out;
}

/* --- lengths ---------------------------------------------------------------------------------------------------- */

typedef struct fitting {
    feat_lines lines;
    size_t size, before;      /* values wanted; of them in front of the first */
    sori_pad_mode mode;
    const float *in;
    float *out;
    float *line;              /* [n + size] */
} fitting;

/* What lies in front, what is there, what lies behind. */
static void fit_line(const fitting *j, const float *x, float *out) {
    size_t n = j->lines.n, kept = BASE_MIN(n, j->size), after = j->size - kept - j->before;
    feat_sound left = { .y = x, .n = (int64_t)n, .padding = (int64_t)j->before }, right = left;
    right.padding = (int64_t)after;
    if (j->before) feat_padded(&left, j->mode, -(int64_t)j->before, j->before, out);
    memcpy(out + j->before, x, kept * sizeof *out);
    if (after) feat_padded(&right, j->mode, (int64_t)n, after, out + j->before + kept);
}

static bool fit_open(sori_ctx *c, fitting *j, const char *who, const sori_array *a, size_t size,
                     const sori_length_config *g) {
    *j = (fitting){ .size = size, .mode = g->mode };
    if (base_failed(c) || !array_check(c, who, a, SORI_F32, 1)) return false;
    if (!feat_lines_open(c, who, a, g->axis, -1, &j->lines)) return false;
    if ((unsigned)g->mode > SORI_PAD_WRAP) sori_fail(c, SORI_EINVAL, "%s: there is no mode %d", who, (int)g->mode);
    else if (j->lines.n == 0 && size > 0 && g->mode != SORI_PAD_CONSTANT)
        sori_fail(c, SORI_EINVAL, "%s: there are no values to pad with", who);
    return !base_failed(c);
}

static sori_array *fit(sori_ctx *c, fitting *j, const sori_array *a) {
    sori_array *out = feat_line_results(c, &j->lines, a, SORI_F32, j->size);
    size_t lines = j->lines.outer * j->lines.inner, inner = j->lines.inner;
    j->line = out ? base_alloc_raw(c, j->lines.n + j->size, sizeof *j->line) : NULL;
    for (size_t i = 0; j->line && out->size && i < lines; i++) {
        float *made = j->line + j->lines.n, *to = (float *)out->data + i / inner * j->size * inner + i % inner;
        feat_line_read(&j->lines, a->data, i, j->line);
        fit_line(j, j->line, made);
        for (size_t t = 0; t < j->size; t++) to[t * inner] = made[t];
    }
    base_free(c, j->line);
    return base_failed(c) ? NULL : out;
}

sori_array *sori_fix_length(sori_ctx *c, const sori_array *data, size_t size, const sori_length_config *config) {
    static const sori_length_config defaults;
    fitting j;
    if (!fit_open(c, &j, "fix_length", data, size, config ? config : &defaults)) return NULL;
    return fit(c, &j, data);
}

sori_array *sori_pad_center(sori_ctx *c, const sori_array *data, size_t size, const sori_length_config *config) {
    static const sori_length_config defaults;
    fitting j;
    if (!fit_open(c, &j, "pad_center", data, size, config ? config : &defaults)) return NULL;
    if (size < j.lines.n) {
        sori_fail(c, SORI_EINVAL, "pad_center: size %zu is below the %zu values there are", size, j.lines.n);
        return NULL;
    }
    j.before = (size - j.lines.n) / 2;
    return fit(c, &j, data);
}
