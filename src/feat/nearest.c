/* nearest.c - the k nearest of many frames to each of many.
 *
 * Brute force: some frames are compared with all others, a strip of those at a time, in whole vectors; then the k
 * smallest of each row of distances are kept in a heap, whose root most of them do not get past. Cosines are taken in
 * double: 1 - cos of two like frames is a difference of nearly equal numbers. Squares and sizes of differences lose
 * nothing in float. */
#include "feat/recurrence.h"
#include <math.h>
#include <stdatomic.h>

#define FRAMES 64                  /* that are compared with all others in one go */
#define STRIP_VALUES (1 << 16)     /* of those others: a quarter of a megabyte stays in the second cache meanwhile */

typedef struct entry {
    double distance;
    uint32_t index;
} entry;

typedef struct search {
    const feat_frames *f, *ref;
    size_t k, stride;            /* of a row of distances */
    sori_metric metric;
    bool skip_self;
    const num_kernels *kernels;
    double *norm, *ref_norm;     /* cosine: lengths of the frames */
    feat_links *out;
    char *scratch;               /* [workers]: distances [FRAMES][stride], heap [k], points [d][FRAMES] */
    size_t at_heap, at_points, scratch_size;
    atomic_size_t next;
} search;

/* --- a heap with the farthest on top; of equal distances the later frame is farther ----------------------------- */

static bool farther(const entry *a, const entry *b) {
    return a->distance > b->distance || (a->distance == b->distance && a->index > b->index);
}

static void sink(entry *heap, size_t n, size_t at) {
    entry moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && farther(&heap[child + 1], &heap[child])) child++;
        if (!farther(&heap[child], &moved)) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* The k nearest of n distances, from the first on, into heap; index `skip` is left out. Returns how many. */
static size_t keep_nearest(const search *s, const void *row, size_t skip, entry *heap) {
    size_t n = 0;
    for (size_t j = 0; j < s->ref->n; j++) {
        double d = num_get(s->kernels, row, j);
        if (j == skip || (n == s->k && d >= heap[0].distance)) continue;
        if (n < s->k) {
            heap[n++] = (entry){ d, (uint32_t)j };
            for (size_t i = n / 2; n == s->k && i-- > 0;) sink(heap, n, i);
        } else {
            heap[0] = (entry){ d, (uint32_t)j };
            sink(heap, n, 0);
        }
    }
    return n;
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

static void cosines(const search *s, double *row, size_t i) {
    for (size_t j = 0; j < s->ref->n; j++) {
        double both = s->norm[i] * s->ref_norm[j];
        row[j] = fmax(1 - (both > 0 ? row[j] / both : 0), 0);
    }
}

static int sum_of(sori_metric metric) {
    return metric == SORI_METRIC_COSINE ? NUM_PRODUCTS : metric == SORI_METRIC_CITYBLOCK ? NUM_SIZES : NUM_SQUARES;
}

/* Frames first .. first + n as the kernel wants them: [n / NUM_POINTS][d][NUM_POINTS]. */
static void take_points(const search *s, size_t first, size_t n, float *points) {
    for (size_t p = 0; p < n; p++)
        for (size_t f = 0; f < s->f->d; f++)
            points[(p / NUM_POINTS * s->f->d + f) * NUM_POINTS + p % NUM_POINTS] = s->f->x[f * s->f->n + first + p];
}

/* Row p of distances: frame first + p to all of ref, a strip of those at a time. */
static void measure(const search *s, size_t n, const float *points, char *rows) {
    size_t real = s->kernels->real_size, strip = BASE_MAX(STRIP_VALUES / s->f->d / 64, 1) * 64;
    for (size_t t = 0; t < s->ref->n; t += strip)
        for (size_t p = 0; p < n; p += NUM_POINTS)
            s->kernels->distances(sum_of(s->metric), s->f->d, BASE_MIN(s->ref->n - t, strip), s->ref->x + t, s->ref->n,
                                  points + p * s->f->d, NUM_POINTS, rows + (p * s->stride + t) * real, s->stride);
}

static void some_rows(const search *s, size_t first, char *scratch) {
    size_t n = BASE_MIN(s->f->n - first, FRAMES);
    entry *heap = (entry *)(scratch + s->at_heap);
    take_points(s, first, n, (float *)(scratch + s->at_points));
    measure(s, n, (float *)(scratch + s->at_points), scratch);
    for (size_t p = 0; p < n; p++) {
        size_t i = first + p, at = i * s->out->room;
        char *row = scratch + p * s->stride * s->kernels->real_size;
        if (s->metric == SORI_METRIC_COSINE) cosines(s, (double *)row, i);
        size_t found = keep_nearest(s, row, s->skip_self ? i : SIZE_MAX, heap);
        for (size_t m = 0; m < found; m++) {
            double d = heap[m].distance;
            s->out->index[at + m] = heap[m].index;
            s->out->value[at + m] = s->metric == SORI_METRIC_EUCLIDEAN ? sqrt(d) : d;
        }
        s->out->count[i] = (uint32_t)found;
    }
}

static void worker(void *arg, size_t w) {
    search *s = arg;
    size_t n = (s->f->n + FRAMES - 1) / FRAMES;
    for (size_t i; (i = atomic_fetch_add(&s->next, 1)) < n;)
        some_rows(s, i * FRAMES, s->scratch + w * s->scratch_size);
}

/* --- set-up ----------------------------------------------------------------------------------------------------- */

static double *norms(sori_ctx *c, const feat_frames *f) {
    double *norm = base_alloc(c, f->n, sizeof *norm);
    for (size_t i = 0; norm && i < f->d; i++)
        for (size_t t = 0; t < f->n; t++) norm[t] += (double)f->x[i * f->n + t] * (double)f->x[i * f->n + t];
    for (size_t t = 0; norm && t < f->n; t++) norm[t] = sqrt(norm[t]);
    return norm;
}

bool feat_nearest(sori_ctx *c, const feat_frames *f, const feat_frames *ref, size_t k, sori_metric metric, bool exact,
                  bool skip_self, feat_links *out) {
    search s = { .f = f, .ref = ref, .k = k, .stride = base_round_up(ref->n, NUM_LANES), .metric = metric,
                 .skip_self = skip_self, .out = out,
                 .kernels = num_kernels_find(NULL, exact || metric == SORI_METRIC_COSINE) };
    s.at_heap = FRAMES * s.stride * s.kernels->real_size;
    s.at_points = s.at_heap + base_aligned(k * sizeof(entry));
    s.scratch_size = s.at_points + base_aligned(f->d * FRAMES * sizeof(float));
    size_t workers = BASE_MIN((size_t)sori_threads(c), (f->n + FRAMES - 1) / FRAMES);
    if (metric == SORI_METRIC_COSINE) {
        s.norm = norms(c, f);
        s.ref_norm = norms(c, ref);
    }
    s.scratch = base_alloc(c, workers, s.scratch_size);
    if (!base_failed(c)) base_parallel(c, workers, worker, &s);
    base_free(c, s.scratch);
    base_free(c, s.ref_norm);
    base_free(c, s.norm);
    return !base_failed(c);
}
