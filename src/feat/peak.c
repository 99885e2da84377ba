/* peak.c - peaks of a signal, and onsets as the peaks of the onset envelope.
 *
 * A value is a peak if it is the largest of its neighbourhood, exceeds the neighbourhood's mean by delta, and more than
 * `wait` frames have passed since the last one. Means are added up in float from left to right, as librosa does, so
 * that a peak exactly on the threshold falls on the same side.
 *
 * Böck, Krebs and Schedl, "Evaluating the online capabilities of onset detection methods", ISMIR 2012.
 * librosa.util.peak_pick, localmax, localmin; librosa.onset.onset_detect, onset_backtrack. */
#include "feat/rhythm.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* --- peaks ----------------------------------------------------------------------------------------------------- */

typedef struct picker {
    const float *x;              /* [channels][n] */
    size_t n;
    uint8_t *peaks;              /* [channels][n] */
    size_t pre_max, post_max, pre_avg, post_avg, wait;
    float delta;
} picker;

static bool is_peak(const picker *p, const float *x, size_t i) {
    size_t end = BASE_MIN(i + p->post_max, p->n), start = i - BASE_MIN(i, p->pre_max);
    for (size_t k = start; k < end; k++)
        if (x[k] > x[i]) return false;
    end = BASE_MIN(i + p->post_avg, p->n), start = i - BASE_MIN(i, p->pre_avg);
    float sum = 0;
    for (size_t k = start; k < end; k++) sum += x[k];
    return (double)x[i] >= (double)sum / (double)(end - start) + (double)p->delta;
}

static void pick(void *arg, size_t channel) {
    const picker *p = arg;
    const float *x = p->x + channel * p->n;
    uint8_t *peaks = p->peaks + channel * p->n;
    memset(peaks, 0, p->n);
    for (size_t i = 0; i < p->n;) {
        peaks[i] = is_peak(p, x, i);
        i += peaks[i] ? p->wait + 1 : 1;
    }
}

static bool check_limits(sori_ctx *c, const char *who, const sori_peak_pick_config *g) {
    if (g->pre_max < 0) sori_fail(c, SORI_EINVAL, "%s: pre_max %d is below 0", who, g->pre_max);
    else if (g->post_max < 1) sori_fail(c, SORI_EINVAL, "%s: post_max %d is below 1", who, g->post_max);
    else if (g->pre_avg < 0) sori_fail(c, SORI_EINVAL, "%s: pre_avg %d is below 0", who, g->pre_avg);
    else if (g->post_avg < 1) sori_fail(c, SORI_EINVAL, "%s: post_avg %d is below 1", who, g->post_avg);
    else if (!(g->delta >= 0)) sori_fail(c, SORI_EINVAL, "%s: delta %g is below 0", who, g->delta);
    else if (g->wait < 0) sori_fail(c, SORI_EINVAL, "%s: wait %d is below 0", who, g->wait);
    return !base_failed(c);
}

/* The flags' indices: [k] i64. */
static sori_array *indices(sori_ctx *c, const uint8_t *flags, size_t n) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++) k += flags[i];
    sori_array *out = array_new_raw(c, SORI_I64, 1, &k);
    int64_t *at = out ? out->data : NULL;
    for (size_t i = 0; out && i < n; i++)
        if (flags[i]) *at++ = (int64_t)i;
    return out;
}

/* The gate of all that finds events: x [..., n], one axis unless dense. */
static bool check_axes(sori_ctx *c, const char *who, int axes, bool dense) {
    if (!dense && axes != 1) sori_fail(c, SORI_EINVAL, "%s: %d axes need dense results", who, axes);
    return !base_failed(c);
}

static sori_array *peaks_of(sori_ctx *c, const sori_array *x, const sori_peak_pick_config *g) {
    sori_array *flags = array_new_raw(c, SORI_U8, x->ndim, x->shape);
    if (!flags || x->size == 0) return g->dense || !flags ? flags : indices(c, NULL, 0);
    picker p = { .x = x->data, .n = x->shape[x->ndim - 1], .peaks = flags->data, .pre_max = (size_t)g->pre_max,
                 .post_max = (size_t)g->post_max, .pre_avg = (size_t)g->pre_avg, .post_avg = (size_t)g->post_avg,
                 .wait = (size_t)g->wait, .delta = (float)g->delta };
    base_parallel(c, x->size / p.n, pick, &p);
    return g->dense ? flags : indices(c, flags->data, p.n);
}

sori_array *sori_peak_pick(sori_ctx *c, const sori_array *x, const sori_peak_pick_config *config) {
    static const sori_peak_pick_config defaults;
    const sori_peak_pick_config *g = config ? config : &defaults;
    if (base_failed(c) || !array_check(c, "peak_pick", x, SORI_F32, 1) || !check_limits(c, "peak_pick", g)
        || !check_axes(c, "peak_pick", x->ndim, g->dense) || !feat_check_finite(c, "peak_pick", x->data, x->size))
        return NULL;
    int scope = sori_begin(c);
    return sori_end(c, scope, peaks_of(c, x, g));
}

/* --- local extremes -------------------------------------------------------------------------------------------- */

/* Of sign * x along an axis of n values, `step` apart. */
static void extremes_along(const float *x, size_t n, size_t step, float sign, uint8_t *out) {
    for (size_t i = 0; i < n; i++) {
        float here = sign * x[i * step];
        out[i * step] = i > 0 && here > sign * x[(i - 1) * step] && (i + 1 == n || here >= sign * x[(i + 1) * step]);
    }
}

static sori_array *local_extremes(sori_ctx *c, const char *who, const sori_array *x, int axis, float sign) {
    if (base_failed(c) || !array_check(c, who, x, SORI_F32, 1)) return NULL;
    if (axis < -x->ndim || axis >= x->ndim) {
        sori_fail(c, SORI_EINVAL, "%s: there is no axis %d among %d", who, axis, x->ndim);
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_U8, x->ndim, x->shape);
    int at = axis < 0 ? axis + x->ndim : axis;
    size_t n = x->shape[at], step = 1;
    for (int i = at + 1; i < x->ndim; i++) step *= x->shape[i];
    for (size_t i = 0; out && x->size && i < x->size / n; i++) {
        size_t from = i / step * step * n + i % step;
        extremes_along((const float *)x->data + from, n, step, sign, (uint8_t *)out->data + from);
    }
    return out;
}

sori_array *sori_localmax(sori_ctx *c, const sori_array *x, int axis) {
    return local_extremes(c, "localmax", x, axis, 1);
}

sori_array *sori_localmin(sori_ctx *c, const sori_array *x, int axis) {
    return local_extremes(c, "localmin", x, axis, -1);
}

/* --- backtracking ---------------------------------------------------------------------------------------------- */

/* The last minimum at or before frame i, or 0. */
static int64_t minimum_before(const float *energy, int64_t n, int64_t i) {
    for (i = BASE_MIN(i, n - 2); i > 0; i--)
        if (energy[i] <= energy[i - 1] && energy[i] < energy[i + 1]) return i;
    return 0;
}

static sori_array *backtrack(sori_ctx *c, const char *who, const sori_array *events, const sori_array *energy) {
    if (!array_check(c, who, energy, SORI_F32, 1)) return NULL;
    if (energy->ndim != 1) {
        sori_fail(c, SORI_EINVAL, "%s: energy has %d axes, not 1", who, energy->ndim);
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_I64, events->ndim, events->shape);
    for (size_t i = 0; out && i < events->size; i++) {
        int64_t event = ((const int64_t *)events->data)[i];
        if (event < 0) sori_fail(c, SORI_EINVAL, "%s: event %zu, %lld, is below 0", who, i, (long long)event);
        if (event < 0) return NULL;
        ((int64_t *)out->data)[i] = minimum_before(energy->data, (int64_t)energy->size, event);
    }
    return out;
}

sori_array *sori_onset_backtrack(sori_ctx *c, const sori_array *events, const sori_array *energy) {
    if (base_failed(c) || !array_check(c, "onset_backtrack", events, SORI_I64, 1)) return NULL;
    int scope = sori_begin(c);
    return sori_end(c, scope, backtrack(c, "onset_backtrack", events, energy));
}

/* --- onsets ---------------------------------------------------------------------------------------------------- */

/* Python's x // y. */
static double floor_division(double x, double y) { return floor((x - fmod(x, y)) / y + 0.5); }

/* A limit in frames: rounded up as librosa does, or otherwise. */
static int frames_of(sori_opt given, double otherwise) {
    double v = ceil(given.mode == 1 ? given.value : otherwise);
    return v > -1e9 && v < 1e9 ? (int)v : v < 0 ? -1 : 1000000000;   /* NaN: many */
}

static sori_peak_pick_config limits(const sori_onset_detect_config *g, const feat_envelope *e) {
    double hop = e->hop, ms30 = floor_division(0.03 * e->sr, hop), ms100 = floor_division(0.10 * e->sr, hop);
    return (sori_peak_pick_config){
        .pre_max = frames_of(g->pre_max, ms30), .post_max = frames_of(g->post_max, 1),
        .pre_avg = frames_of(g->pre_avg, ms100), .post_avg = frames_of(g->post_avg, ms100 + 1),
        .wait = frames_of(g->wait, ms30), .delta = feat_option(g->delta, 0.07, 0.07), .dense = g->dense,
    };
}

/* To 0 .. 1, in float as librosa. */
static void normalize(float *x, size_t n) {
    float least = x[0], most = x[0];
    for (size_t i = 1; i < n; i++) {
        least = BASE_MIN(least, x[i]);
        most = BASE_MAX(most, x[i]);
    }
    for (size_t i = 0; i < n; i++) x[i] = (x[i] - least) / (most - least + FLT_MIN);
}

sori_array *feat_events(sori_ctx *c, sori_array *frames, sori_event_units units, const feat_envelope *e) {
    sori_array *out = frames;
    int64_t *at = frames ? frames->data : NULL;
    if (frames && units == SORI_UNITS_TIME) out = array_new_raw(c, SORI_F64, frames->ndim, frames->shape);
    for (size_t i = 0; out && i < out->size; i++) {
        if (units == SORI_UNITS_SAMPLES) at[i] = sori_frames_to_samples(at[i], e->hop, 0);
        if (units == SORI_UNITS_TIME) ((double *)out->data)[i] = sori_frames_to_time((double)at[i], e->sr, e->hop, 0);
    }
    return out;
}

static bool check_detect(sori_ctx *c, const sori_onset_detect_config *g, const feat_envelope *e) {
    if ((int)g->units < 0 || g->units > SORI_UNITS_TIME)
        sori_fail(c, SORI_EINVAL, "onset_detect: unknown units %d", (int)g->units);
    else if (g->backtrack && g->dense)
        sori_fail(c, SORI_EINVAL, "onset_detect: backtracking needs events, not dense flags");
    return check_axes(c, "onset_detect", e->lead + 1, g->dense);
}

static sori_array *detect(sori_ctx *c, sori_audio y, const sori_onset_detect_config *g) {
    feat_envelope e;
    feat_envelope_plan plan = { g->onset_envelope, g->hop_length, SORI_AGGREGATE_MEAN, g->exact };
    if (!feat_envelope_open(c, &e, "onset_detect", y, &plan) || !check_detect(c, g, &e)) return NULL;
    sori_peak_pick_config limit = limits(g, &e);
    sori_array *x = feat_envelope_result(c, &e, SORI_F32, 0, e.n), *found = NULL;
    if (!x || !check_limits(c, "onset_detect", &limit)) return NULL;
    memcpy(x->data, e.x, x->size * sizeof *e.x);
    for (size_t i = 0; !g->unnormalized && i < e.channels; i++) normalize((float *)x->data + i * e.n, e.n);
    bool any = false;
    for (size_t i = 0; i < x->size && !any; i++) any = ((float *)x->data)[i] != 0;
    if (any) found = peaks_of(c, x, &limit);
    else if (g->dense) found = sori_array_new(c, SORI_U8, x->ndim, x->shape);
    else found = indices(c, NULL, 0);
    if (found && g->backtrack) found = backtrack(c, "onset_detect", found, g->energy ? g->energy : x);
    return g->dense ? found : feat_events(c, found, g->units, &e);
}

sori_array *sori_onset_detect(sori_ctx *c, sori_audio y, const sori_onset_detect_config *config) {
    static const sori_onset_detect_config defaults;
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    return sori_end(c, scope, detect(c, y, config ? config : &defaults));
}
