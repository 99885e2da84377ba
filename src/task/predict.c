/* predict.c - what a model says of every recording of a dataset.
 *
 * Segments are asked for clean (epoch UINT32_MAX), in batches through one pair of arrays. A recording's probabilities
 * are the mean over its segments, so long and short recordings count the same. */
#include "task/task.h"
#include <math.h>
#include <string.h>

#define BATCH 64

size_t task_argmax(const float *p, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (p[i] > p[best]) best = i;
    return best;
}

typedef struct run {
    sori_ctx *c;
    sori_model *m;
    const sori_dataset *d;
    sori_source source;
    size_t labels;
    sori_array *item, *label, *count;   /* [recordings] index into the list; the true label; segments */
    sori_array *sums;                   /* [recordings][labels] f32 */
    double loss;
    size_t right;
} run;

/* Recordings stand in the order of the list, their segments together. */
static size_t count_recordings(const sori_dataset *d) {
    size_t n = 0;
    for (size_t i = 0; i < sori_dataset_count(d); i++)
        n += i == 0 || sori_dataset_item(d, i) != sori_dataset_item(d, i - 1);
    return n;
}

/* Add the outputs of segments first .. first+n to their recordings; *r is the recording of the segment before. */
static void add_outputs(run *u, const float *p, size_t first, size_t n, size_t *r) {
    for (size_t i = first; i < first + n; i++, p += u->labels) {
        size_t item = sori_dataset_item(u->d, i), label = (size_t)sori_dataset_label(u->d, i);
        *r += i > 0 && item != sori_dataset_item(u->d, i - 1);
        ((int64_t *)u->item->data)[*r] = (int64_t)item;
        ((int32_t *)u->label->data)[*r] = (int32_t)label;
        ((int32_t *)u->count->data)[*r]++;
        float *sums = (float *)u->sums->data + *r * u->labels;
        for (size_t k = 0; k < u->labels; k++) sums[k] += p[k];
        u->loss -= log(fmax(p[label], 1e-7));   /* Keras's epsilon */
        u->right += task_argmax(p, u->labels) == label;
    }
}

static void run_batches(run *u) {
    uint32_t indices[BATCH];
    size_t all = u->source.count, recording = 0;
    sori_shape s = sori_dataset_shape(u->d);
    for (size_t first = 0, n; first < all && !base_failed(u->c); first += n) {
        n = BASE_MIN((size_t)BATCH, all - first);
        int scope = sori_begin(u->c);
        size_t shape[4] = { n, (size_t)s.dim[0], (size_t)s.dim[1], (size_t)s.dim[2] };
        sori_array *x = array_new_raw(u->c, SORI_F32, s.dim[2] ? 4 : 3, shape);
        sori_array *y = array_new_raw(u->c, SORI_F32, 2, (size_t[]){ n, u->labels });
        for (size_t i = 0; i < n; i++) indices[i] = (uint32_t)(first + i);
        if (y) u->source.fill(u->c, u->source.user, UINT32_MAX, indices, n, x->data, y->data);
        const sori_array *p = y ? sori_predict(u->m, x) : NULL;
        if (p) add_outputs(u, p->data, first, n, &recording);
        sori_end(u->c, scope, NULL);
    }
}

/* Sums to means; the number of recordings that are right. */
static size_t finish(run *u) {
    size_t right = 0;
    for (size_t r = 0; r < u->sums->shape[0]; r++) {
        float *p = (float *)u->sums->data + r * u->labels;
        for (size_t k = 0; k < u->labels; k++) p[k] /= (float)((const int32_t *)u->count->data)[r];
        right += (int32_t)task_argmax(p, u->labels) == ((const int32_t *)u->label->data)[r];
    }
    return right;
}

bool task_predict(sori_ctx *c, sori_model *m, sori_dataset *d, size_t labels, task_predictions *out) {
    if (base_failed(c)) return false;
    run u = { .c = c, .m = m, .d = d, .source = sori_dataset_source(d), .labels = labels };
    size_t n = count_recordings(d);
    u.item = sori_array_new(c, SORI_I64, 1, &n);
    u.label = sori_array_new(c, SORI_I32, 1, &n);
    u.count = sori_array_new(c, SORI_I32, 1, &n);
    u.sums = sori_array_new(c, SORI_F32, 2, (size_t[]){ n, labels });
    if (!base_failed(c)) run_batches(&u);
    if (base_failed(c)) return false;
    *out = (task_predictions){ .recordings = n, .items = u.item->data, .labels = u.label->data };
    out->accuracy = (double)finish(&u) / (double)n;
    out->probabilities = u.sums->data;
    out->loss = u.loss / (double)u.source.count;
    out->segment_accuracy = (double)u.right / (double)u.source.count;
    return true;
}
