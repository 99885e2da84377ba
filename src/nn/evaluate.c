/* evaluate.c - loss, accuracy and predictions without training: no dropout, running statistics. */
#include "array/array.h"
#include "nn/nn.h"
#include <math.h>

#define BATCH 32   /* samples a pass: enough for every shard, little enough to stay in cache */

/* [n, ...shape] f32, n >= 1. */
static bool check_samples(sori_model *m, const char *who, const sori_array *a, const nn_shape *s) {
    if (!array_check(m->c, who, a, SORI_F32, 1)) return false;
    char have[128], want[96];
    bool fits = a->ndim == s->ndim + 1 && a->shape[0] >= 1;
    for (int i = 0; fits && i < s->ndim; i++) fits = a->shape[i + 1] == s->dim[i];
    if (!fits)
        sori_fail(m->c, SORI_EINVAL, "%s: shape %s does not fit %s", who, array_shape_text(a, have, sizeof have),
                  nn_shape_text(s, "samples", want, sizeof want));
    return fits;
}

bool nn_check_data(sori_model *m, const char *who, const sori_array *x, const sori_array *y) {
    const nn_shape *out = &m->nodes[m->n_nodes - 1].y;
    if (!check_samples(m, who, x, &m->input) || !check_samples(m, who, y, out)) return false;
    if (x->shape[0] != y->shape[0])
        sori_fail(m->c, SORI_EINVAL, "%s: %zu inputs but %zu targets", who, x->shape[0], y->shape[0]);
    return !base_failed(m->c);
}

bool nn_check_weights(sori_model *m, const char *who, const sori_array *weight, size_t count) {
    if (!weight) return true;
    if (weight->dtype != SORI_F32 || weight->ndim != 1 || weight->shape[0] != count) {
        char have[128];
        sori_fail(m->c, SORI_EINVAL, "%s: sample_weight is %s %s, must be float32 [%zu]", who,
                  sori_dtype_name(weight->dtype), array_shape_text(weight, have, sizeof have), count);
    }
    for (size_t i = 0; !base_failed(m->c) && i < count; i++) {
        double v = (double)((const float *)weight->data)[i];
        if (!(v >= 0 && v < INFINITY))
            sori_fail(m->c, SORI_EINVAL, "%s: sample_weight[%zu] is %g, must be 0 or above", who, i, v);
    }
    return !base_failed(m->c);
}

sori_status nn_evaluate(sori_model *m, nn_feed *f, size_t batch, double *loss, double *accuracy) {
    nn_plan *p = nn_plan_get(m, batch, false);
    double loss_sum = 0, correct_sum = 0, l, k;
    if (!p || !nn_feed_start(f, UINT32_MAX, 0, false)) return sori_error(m->c);
    for (size_t n; (n = nn_feed_next(f, p)) > 0 && !base_interrupted(m->c);) {
        nn_forward(m, p, n);
        nn_loss(m, p, n, false, &l, &k);
        loss_sum += l;
        correct_sum += k;
    }
    double count = (double)nn_feed_count(f);
    if (loss) *loss = loss_sum / count + nn_penalty(m);
    if (accuracy) *accuracy = nn_has_accuracy(m->config.loss) ? correct_sum / count : NAN;
    return sori_error(m->c);
}

static sori_status evaluate_with(sori_model *m, const sori_array *x, const sori_array *y, const sori_source *source,
                                 double *loss, double *accuracy) {
    if (!nn_set_precision(m, m->config.exact)) return sori_error(m->c);
    nn_feed *f = nn_feed_new(m, x, y, 0, source ? source->count : x->shape[0], source, BATCH);
    if (f) nn_evaluate(m, f, BATCH, loss, accuracy);
    nn_feed_free(f);
    return sori_error(m->c);
}

sori_status sori_evaluate(sori_model *m, const sori_array *x, const sori_array *y, double *loss, double *accuracy) {
    if (!m) return SORI_EINVAL;
    if (base_failed(m->c) || !nn_check_data(m, "evaluate", x, y)) return sori_error(m->c);
    return evaluate_with(m, x, y, NULL, loss, accuracy);
}

sori_status sori_evaluate_source(sori_model *m, const sori_source *source, double *loss, double *accuracy) {
    if (!m) return SORI_EINVAL;
    if (base_failed(m->c)) return sori_error(m->c);
    if (!source || source->count == 0) return sori_fail(m->c, SORI_EINVAL, "evaluate: the source has no samples");
    if (!nn_check_weights(m, "evaluate", source->sample_weight, source->count)) return sori_error(m->c);
    return evaluate_with(m, NULL, NULL, source, loss, accuracy);
}

/* The shards' outputs to their places in the result. */
void nn_collect(const sori_model *m, const nn_plan *p, size_t n, float *out) {
    size_t width = m->nodes[m->n_nodes - 1].y.size;
    for (size_t s = 0; s < p->shards; s++) {
        size_t n0 = nn_shard_start(n, p->shards, s), n1 = nn_shard_start(n, p->shards, s + 1);
        char *from = nn_lane_at(m, p->value[m->n_nodes], width, n0);
        m->k->to_f32(out + n0 * width, nn_at(m, from, n0 * width), (n1 - n0) * width);
    }
}

sori_array *sori_predict(sori_model *m, const sori_array *x) {
    if (!m || base_failed(m->c) || !check_samples(m, "predict", x, &m->input)) return NULL;
    if (!nn_set_precision(m, m->config.exact)) return NULL;
    const nn_shape *out = &m->nodes[m->n_nodes - 1].y;
    size_t shape[5] = { x->shape[0] }, batch = BASE_MIN((size_t)BATCH, x->shape[0]);
    for (int i = 0; i < out->ndim; i++) shape[i + 1] = out->dim[i];
    sori_array *y = array_new_raw(m->c, SORI_F32, out->ndim + 1, shape);
    nn_plan *p = y ? nn_plan_get(m, batch, false) : NULL;
    for (size_t first = 0; p && first < shape[0] && !base_interrupted(m->c); first += batch) {
        size_t n = BASE_MIN(batch, shape[0] - first);
        nn_fill_plan(m, p, n, (const float *)x->data + first * m->input.size, NULL);
        nn_forward(m, p, n);
        nn_collect(m, p, n, (float *)y->data + first * out->size);
    }
    return base_failed(m->c) ? NULL : y;
}
