/* recurrence.c - which frames of a sound are like which.
 *
 * A frame's nearest neighbours (nearest.c) are thinned out: not those close by in time, no more than k, mutual ones
 * only, as asked for. They are kept as sparse rows, k links a frame, which is all that nn_filter needs; the dense
 * matrix is made of them at the end.
 * librosa.segment.recurrence_matrix, cross_similarity */
#include "feat/recurrence.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- frames of an array ----------------------------------------------------------------------------------------- */

bool feat_frames_open(sori_ctx *c, feat_frames *f, const char *who, const sori_array *a, sori_opt axis) {
    *f = (feat_frames){ 0 };
    if (!array_check(c, who, a, SORI_F32, 1)) return false;
    if (!feat_lines_open(c, who, a, axis, -1, &f->lines)) return false;
    f->n = f->lines.n;
    f->d = f->lines.outer * f->lines.inner;
    f->x = a->data;
    if (f->n > INT32_MAX) sori_fail(c, SORI_EINVAL, "%s: %zu frames are too many", who, f->n);
    else if (a->size == 0) sori_fail(c, SORI_EINVAL, "%s: there are no frames, or no features", who);
    if (base_failed(c) || !feat_check_finite(c, who, a->data, a->size)) return false;
    if (f->lines.inner == 1) return true;
    f->x = f->copy = base_alloc_raw(c, a->size, sizeof *f->copy);
    for (size_t i = 0; f->copy && i < f->d; i++) feat_line_read(&f->lines, a->data, i, f->copy + i * f->n);
    return f->copy != NULL;
}

void feat_frames_close(sori_ctx *c, feat_frames *f) { base_free(c, f->copy); }

/* --- links ------------------------------------------------------------------------------------------------------ */

bool feat_links_alloc(sori_ctx *c, feat_links *l, size_t rows, size_t room) {
    size_t n;
    *l = (feat_links){ .rows = rows, .room = room };
    if (base_mul_overflows(rows, room, &n)) sori_fail(c, SORI_ENOMEM, "out of memory");
    else {
        l->index = base_alloc_raw(c, n, sizeof *l->index);
        l->value = base_alloc_raw(c, n, sizeof *l->value);
        l->count = base_alloc(c, rows, sizeof *l->count);
    }
    if (!base_failed(c)) return true;
    feat_links_free(c, l);
    return false;
}

void feat_links_free(sori_ctx *c, feat_links *l) {
    base_free(c, l->index);
    base_free(c, l->value);
    base_free(c, l->count);
    *l = (feat_links){ 0 };
}

typedef struct link {
    double value;
    uint32_t index;
} link;

static int by_index(const void *a, const void *b) {
    uint32_t x = ((const link *)a)->index, y = ((const link *)b)->index;
    return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b) {
    double x = ((const link *)a)->value, y = ((const link *)b)->value;
    return x != y ? (x > y) - (x < y) : by_index(a, b);
}

/* What is done to every row. */
typedef struct thinning {
    feat_links *l;
    size_t k, width;             /* width 0: nothing is taken out */
    bool distances;              /* links of distance 0 go */
    bool first;                  /* the k earliest stay, not the nearest */
    link *work;                  /* [rows][room]: rows are thinned on any thread */
} thinning;

static void thin_row(void *arg, size_t i) {
    const thinning *h = arg;
    feat_links *l = h->l;
    link *row = h->work + i * l->room;
    size_t n = 0, at = i * l->room;
    for (size_t m = 0; m < l->count[i]; m++) {
        size_t j = l->index[at + m], apart = i > j ? i - j : j - i;
        if (apart < h->width || (h->distances && l->value[at + m] == 0)) continue;
        row[n++] = (link){ l->value[at + m], (uint32_t)j };
    }
    qsort(row, n, sizeof *row, h->first ? by_index : by_value);
    n = BASE_MIN(n, h->k);
    if (!h->first) qsort(row, n, sizeof *row, by_index);
    for (size_t m = 0; m < n; m++) {
        l->index[at + m] = row[m].index;
        l->value[at + m] = row[m].value;
    }
    l->count[i] = (uint32_t)n;
}

static bool thin(sori_ctx *c, thinning *h) {
    h->work = base_alloc_raw(c, h->l->rows * h->l->room, sizeof *h->work);
    if (h->work) base_parallel(c, h->l->rows, thin_row, h);
    base_free(c, h->work);
    return !base_failed(c);
}

/* Where row i has its link to j; NULL if it has none. */
static double *find(const feat_links *l, size_t i, uint32_t j) {
    size_t low = 0, high = l->count[i];
    const uint32_t *index = l->index + i * l->room;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (index[middle] < j) low = middle + 1;
        else high = middle;
    }
    return low < l->count[i] && index[low] == j ? l->value + i * l->room + low : NULL;
}

/* Only mutual links stay, each with the smaller of both values. */
static bool keep_mutual(sori_ctx *c, feat_links *l) {
    feat_links all = *l;
    if (!feat_links_alloc(c, l, all.rows, all.room)) {
        *l = all;
        return false;
    }
    for (size_t i = 0; i < all.rows; i++)
        for (size_t m = 0; m < all.count[i]; m++) {
            uint32_t j = all.index[i * all.room + m];
            const double *other = find(&all, j, (uint32_t)i);
            if (!other) continue;
            size_t at = i * l->room + l->count[i]++;
            l->index[at] = j;
            l->value[at] = fmin(*other, all.value[i * all.room + m]);
        }
    feat_links_free(c, &all);
    return true;
}

/* Every frame its own neighbour; rows have room for it. */
static void link_self(feat_links *l) {
    for (size_t i = 0; i < l->rows; i++) {
        size_t at = i * l->room, n = l->count[i], m = n;
        for (; m > 0 && l->index[at + m - 1] > i; m--) {
            l->index[at + m] = l->index[at + m - 1];
            l->value[at + m] = l->value[at + m - 1];
        }
        l->index[at + m] = (uint32_t)i;
        l->value[at + m] = 1;   /* connected; affinity at distance 0 */
        l->count[i]++;
    }
}

static void connect(feat_links *l) {
    for (size_t i = 0; i < l->rows; i++)
        for (size_t m = 0; m < l->count[i]; m++) l->value[i * l->room + m] = 1;
}

/* [columns, rows] from sparse rows: entry [j, i] is the link of frame i to frame j. */
static sori_array *dense(sori_ctx *c, const feat_links *l, size_t columns, bool flags) {
    sori_array *a = sori_array_new(c, flags ? SORI_U8 : SORI_F32, 2, (size_t[]){ columns, l->rows });
    for (size_t i = 0; a && i < l->rows; i++)
        for (size_t m = 0; m < l->count[i]; m++) {
            size_t at = (size_t)l->index[i * l->room + m] * l->rows + i;
            if (flags) ((uint8_t *)a->data)[at] = 1;
            else ((float *)a->data)[at] = (float)l->value[i * l->room + m];
        }
    return a;
}

/* --- the gates -------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const char *who, const sori_recurrence_config *g) {
    if (g->k < 0) sori_fail(c, SORI_EINVAL, "%s: k %d is below 1", who, g->k);
    else if ((unsigned)g->metric > SORI_METRIC_COSINE)
        sori_fail(c, SORI_EINVAL, "%s: there is no metric %d", who, (int)g->metric);
    else if ((unsigned)g->mode > SORI_RECURRENCE_AFFINITY)
        sori_fail(c, SORI_EINVAL, "%s: there is no mode %d", who, (int)g->mode);
    else if ((unsigned)g->bandwidth > SORI_BANDWIDTH_MEAN_K_AVG_AND_PAIR)
        sori_fail(c, SORI_EINVAL, "%s: there is no bandwidth %d", who, (int)g->bandwidth);
    else if (!(g->bandwidth_value >= 0) || !isfinite(g->bandwidth_value))
        sori_fail(c, SORI_EINVAL, "%s: bandwidth_value %g is not above 0", who, g->bandwidth_value);
    return !base_failed(c);
}

bool feat_recurrence(sori_ctx *c, const char *who, const feat_frames *f, const sori_recurrence_config *g,
                     feat_links *out) {
    size_t n = f->n, width = g->width ? (size_t)BASE_MAX(g->width, 0) : 1;
    *out = (feat_links){ 0 };
    if (!check(c, who, g)) return false;
    if (width < 1 || width >= (n - 1) / 2) {
        sori_fail(c, SORI_EINVAL, "%s: width %d is not at least 1 and below %zu, half of the %zu frames", who,
                  g->width ? g->width : 1, (n - 1) / 2, n);
        return false;
    }
    bool full = g->full && g->mode != SORI_RECURRENCE_CONNECTIVITY;
    size_t wanted = g->k ? (size_t)g->k : 2 * (size_t)ceil(sqrt((double)(n - 2 * width + 1))), k = full ? n : wanted;
    size_t near = BASE_MIN(n - 1, k + 2 * width);
    thinning h = { .l = out, .k = full ? n : wanted, .width = full ? 0 : width,
                   .distances = g->mode != SORI_RECURRENCE_CONNECTIVITY,
                   .first = g->first_k && g->mode == SORI_RECURRENCE_CONNECTIVITY };
    bool ok = feat_links_alloc(c, out, n, near + 1) && feat_nearest(c, f, f, near, g->metric, g->exact, true, out)
           && thin(c, &h);
    if (ok && g->sym) ok = keep_mutual(c, out);
    if (ok && g->mode == SORI_RECURRENCE_AFFINITY) ok = feat_affinity(c, who, g, wanted, out);
    if (ok && g->mode == SORI_RECURRENCE_CONNECTIVITY) connect(out);
    if (ok && g->self && g->mode != SORI_RECURRENCE_DISTANCE) link_self(out);
    if (!ok) feat_links_free(c, out);
    return ok;
}

sori_array *sori_recurrence_matrix(sori_ctx *c, const sori_array *data, const sori_recurrence_config *config) {
    static const sori_recurrence_config defaults;
    feat_frames f;
    feat_links links;
    sori_array *out = NULL;
    if (base_failed(c)) return NULL;
    if (!config) config = &defaults;
    if (feat_frames_open(c, &f, "recurrence_matrix", data, config->axis)
        && feat_recurrence(c, "recurrence_matrix", &f, config, &links)) {
        out = dense(c, &links, f.n, config->mode == SORI_RECURRENCE_CONNECTIVITY);
        feat_links_free(c, &links);
    }
    feat_frames_close(c, &f);
    return out;
}

static bool check_pair(sori_ctx *c, const sori_array *a, const sori_array *b, const sori_recurrence_config *g) {
    char x[128], y[128];
    bool same = a->ndim == b->ndim && memcmp(a->shape, b->shape, (size_t)(a->ndim - 1) * sizeof *a->shape) == 0;
    if (!same)
        sori_fail(c, SORI_EINVAL, "cross_similarity: data is %s, data_ref %s: their features differ",
                  array_shape_text(a, x, sizeof x), array_shape_text(b, y, sizeof y));
    else if (g->mode == SORI_RECURRENCE_AFFINITY && g->bandwidth != SORI_BANDWIDTH_MED_K_SCALAR
             && g->bandwidth_value == 0)
        sori_fail(c, SORI_EINVAL, "cross_similarity: a bandwidth of pairs needs the frames of one sound");
    return !base_failed(c) && check(c, "cross_similarity", g);
}

/* The links of each frame of f to those of ref. */
static bool cross(sori_ctx *c, const feat_frames *f, const feat_frames *ref, const sori_recurrence_config *g,
                  feat_links *links) {
    size_t wanted = g->k ? (size_t)g->k : 2 * (size_t)ceil(sqrt((double)ref->n));
    size_t k = g->full && g->mode != SORI_RECURRENCE_CONNECTIVITY ? ref->n : BASE_MIN(wanted, ref->n);
    thinning h = { .l = links, .k = k, .distances = g->mode != SORI_RECURRENCE_CONNECTIVITY };
    return feat_links_alloc(c, links, f->n, k) && feat_nearest(c, f, ref, k, g->metric, g->exact, false, links)
        && thin(c, &h)
        && (g->mode != SORI_RECURRENCE_AFFINITY
            || feat_affinity(c, "cross_similarity", g, BASE_MIN(wanted, ref->n), links));
}

sori_array *sori_cross_similarity(sori_ctx *c, const sori_array *data, const sori_array *data_ref,
                                  const sori_recurrence_config *config) {
    static const sori_recurrence_config defaults;
    feat_frames f = { 0 }, ref = { 0 };
    feat_links links = { 0 };
    sori_array *out = NULL;
    if (base_failed(c)) return NULL;
    if (!config) config = &defaults;
    if (feat_frames_open(c, &f, "cross_similarity", data, (sori_opt){ 0 })
        && feat_frames_open(c, &ref, "cross_similarity", data_ref, (sori_opt){ 0 })
        && check_pair(c, data, data_ref, config) && cross(c, &f, &ref, config, &links))
        out = dense(c, &links, ref.n, config->mode == SORI_RECURRENCE_CONNECTIVITY);
    feat_links_free(c, &links);
    return out;
}
