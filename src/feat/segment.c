/* segment.c - time cut into segments that are alike inside: Ward's clustering of a chain of frames.
 *
 * Every segment keeps its sum and mean. Merging two neighbours adds m1 m2 / (m1 + m2) |mean1 - mean2|^2 to the sum of
 * squares around the means; the cheapest merge is taken until k segments are left. Candidates wait in a heap ordered by
 * (cost, newer segment, older segment), which is scikit-learn's order; those whose segments are gone are passed over.
 * A segment's number grows with every merge; its place in the arrays is that of its first frame.
 * Ward 1963. librosa.segment.agglomerative, subsegment; sklearn.cluster.AgglomerativeClustering. */
#include "feat/span.h"

typedef struct merge {
    double cost;
    size_t newer, older;     /* numbers of the two segments */
} merge;

typedef struct chain {
    size_t frames, features;
    double *sum, *mean;      /* [frames][features] */
    double *count;           /* [frames] frames of the segment */
    size_t *id;              /* [frames] the segment's number */
    size_t *next, *previous; /* [frames] first frames of the neighbours; frames: none */
    size_t *place;           /* [2 * frames] first frame of a segment by number, SIZE_MAX once it is gone */
    merge *heap;             /* [3 * frames] */
    size_t waiting;
} chain;

/* --- the heap ------------------------------------------------------------------------------------------------- */

static bool sooner(const merge *a, const merge *b) {
    if (a->cost != b->cost) return a->cost < b->cost;
    return a->newer != b->newer ? a->newer < b->newer : a->older < b->older;
}

static void push(chain *h, merge m) {
    size_t i = h->waiting++;
    for (; i > 0 && sooner(&m, &h->heap[(i - 1) / 2]); i = (i - 1) / 2) h->heap[i] = h->heap[(i - 1) / 2];
    h->heap[i] = m;
}

static merge pop(chain *h) {
    merge top = h->heap[0], m = h->heap[--h->waiting];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < h->waiting; i = child) {
        if (child + 1 < h->waiting && sooner(&h->heap[child + 1], &h->heap[child])) child++;
        if (!sooner(&h->heap[child], &m)) break;
        h->heap[i] = h->heap[child];
    }
    h->heap[i] = m;
    return top;
}

/* --- merging -------------------------------------------------------------------------------------------------- */

static void propose(chain *h, size_t a, size_t b) {
    size_t newer = h->id[a] > h->id[b] ? a : b, older = newer == a ? b : a;
    const double *x = h->mean + newer * h->features, *y = h->mean + older * h->features;
    double sum = 0;
    for (size_t k = 0; k < h->features; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
    double weight = h->count[a] * h->count[b] / (h->count[a] + h->count[b]);
    push(h, (merge){ sum * weight, h->id[newer], h->id[older] });
}

/* The segments at a and at its next neighbour become one of that number. */
static void join(chain *h, size_t a, size_t number) {
    size_t b = h->next[a], n = h->features;
    h->place[h->id[a]] = h->place[h->id[b]] = SIZE_MAX;
    h->count[a] += h->count[b];
    for (size_t k = 0; k < n; k++) {
        h->sum[a * n + k] += h->sum[b * n + k];
        h->mean[a * n + k] = h->sum[a * n + k] / h->count[a];
    }
    h->id[a] = number;
    h->place[number] = a;
    h->next[a] = h->next[b];
    if (h->next[a] < h->frames) h->previous[h->next[a]] = a;
    if (h->previous[a] < h->frames) propose(h, a, h->previous[a]);
    if (h->next[a] < h->frames) propose(h, a, h->next[a]);
}

static void merge_down_to(chain *h, size_t k) {
    for (size_t t = 1; t < h->frames; t++) propose(h, t, t - 1);
    for (size_t number = h->frames; number < 2 * h->frames - k;) {
        merge m = pop(h);
        size_t a = h->place[m.newer], b = h->place[m.older];
        if (a == SIZE_MAX || b == SIZE_MAX) continue;
        join(h, BASE_MIN(a, b), number++);
    }
}

/* --- frames in, boundaries out -------------------------------------------------------------------------------- */

static void chain_close(sori_ctx *c, chain *h) {
    base_free(c, h->sum);
    base_free(c, h->mean);
    base_free(c, h->count);
    base_free(c, h->id);
    base_free(c, h->next);
    base_free(c, h->previous);
    base_free(c, h->place);
    base_free(c, h->heap);
}

/* Room for chains of up to n frames. */
static bool chain_open(sori_ctx *c, chain *h, size_t n, size_t features) {
    size_t bytes = features * sizeof(double);
    *h = (chain){ .features = features };
    return (h->sum = base_alloc_raw(c, n, bytes)) && (h->mean = base_alloc_raw(c, n, bytes))
        && (h->count = base_alloc_raw(c, n, sizeof(double))) && (h->id = base_alloc_raw(c, n, sizeof(size_t)))
        && (h->next = base_alloc_raw(c, n, sizeof(size_t))) && (h->previous = base_alloc_raw(c, n, sizeof(size_t)))
        && (h->place = base_alloc_raw(c, n, 2 * sizeof(size_t))) && (h->heap = base_alloc_raw(c, n, 3 * sizeof(merge)));
}

/* Boundaries of `frames` frames from `first` on, cut into k, to out, counted from 0; their number is k. */
static void cut(chain *h, const sori_array *data, size_t first, size_t frames, size_t k, int64_t *out) {
    size_t all = data->shape[data->ndim - 1], n = h->features;
    h->frames = frames;
    h->waiting = 0;
    for (size_t t = 0; t < frames; t++) {
        for (size_t i = 0; i < n; i++) h->sum[t * n + i] = h->mean[t * n + i] = array_get(data, i * all + first + t);
        h->count[t] = 1;
        h->id[t] = h->place[t] = t;
        h->next[t] = t + 1;
        h->previous[t] = t ? t - 1 : frames;
    }
    merge_down_to(h, k);
    for (size_t t = 0; t < frames; t = h->next[t]) *out++ = (int64_t)(first + t);
}

sori_array *sori_agglomerative(sori_ctx *c, const sori_array *data, size_t k) {
    chain h = { 0 };
    if (!feat_check_real(c, "agglomerative", data, 1)) return NULL;
    size_t n = data->shape[data->ndim - 1];
    if (data->size == 0) sori_fail(c, SORI_EINVAL, "agglomerative: the data have no frames");
    else if (k < 1 || k > n) sori_fail(c, SORI_EINVAL, "agglomerative: k %zu is not within 1 .. %zu frames", k, n);
    sori_array *out = base_failed(c) ? NULL : array_new_raw(c, SORI_I64, 1, &k);
    if (out && chain_open(c, &h, n, data->size / n)) cut(&h, data, 0, n, k, out->data);
    chain_close(c, &h);
    if (!base_failed(c)) return out;
    sori_array_free(c, out);
    return NULL;
}

/* Segments [spans + 1] boundaries; out has room for all. Returns how many were written. */
static size_t cut_each(sori_ctx *c, chain *h, const sori_array *data, const int64_t *bounds, size_t spans, size_t most,
                       int64_t *out) {
    size_t n = 0;
    for (size_t i = 0; i < spans && !base_interrupted(c); i++) {
        size_t first = (size_t)bounds[i], frames = (size_t)bounds[i + 1] - first, k = BASE_MIN(frames, most);
        cut(h, data, first, frames, k, out + n);
        n += k;
    }
    return n;
}

static sori_array *subsegment(sori_ctx *c, const sori_array *data, const sori_array *bounds, size_t most) {
    chain h = { 0 };
    size_t frames = data->shape[data->ndim - 1], n = 0;
    int64_t *all = base_alloc_raw(c, frames, sizeof *all);
    if (all && chain_open(c, &h, frames, data->size / frames))
        n = cut_each(c, &h, data, bounds->data, bounds->size - 1, most, all);
    sori_array *out = base_failed(c) ? NULL : sori_array_from(c, SORI_I64, 1, &n, all);
    chain_close(c, &h);
    base_free(c, all);
    return out;
}

sori_array *sori_subsegment(sori_ctx *c, const sori_array *data, const sori_array *frames, int n_segments) {
    if (!feat_check_real(c, "subsegment", data, 1)) return NULL;
    if (data->size == 0) sori_fail(c, SORI_EINVAL, "subsegment: the data have no frames");
    if (n_segments < 0) sori_fail(c, SORI_EINVAL, "subsegment: n_segments %d is below 1", n_segments);
    int scope = sori_begin(c);
    sori_fix_frames_config g = { .x_max = SORI_VALUE((double)data->shape[data->ndim - 1]) };
    sori_array *bounds = sori_fix_frames(c, frames, &g), *out = NULL;
    if (bounds) out = subsegment(c, data, bounds, n_segments ? (size_t)n_segments : 4);
    return sori_end(c, scope, out);
}
