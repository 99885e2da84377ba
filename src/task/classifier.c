/* classifier.c - a trained classifier in use: one file in, probabilities out.
 *
 * Everything comes from the model file: labels, how a sound becomes inputs, the standardisation. A sound takes the way
 * it took in training (data_features, data_segments), so a file gives the same bits here and there. */
#include "task/task.h"
#include <math.h>
#include <string.h>

#define BATCH 256   /* segments at a time: hours of sound in constant memory */

/* --- loading ---------------------------------------------------------------------------------------------------- */

/* What is wrong with the configuration of a model file makes it a rejected model. */
static void reject_config(sori_ctx *c, const char *path) {
    if (sori_error(c) != SORI_EINVAL && sori_error(c) != SORI_EFORMAT) return;
    char why[1024];
    base_format(why, sizeof why, "%s", sori_message(c));
    sori_clear(c);
    sori_fail(c, SORI_EMODEL, "%s: not a usable classifier: %s", path, why);
}

static void check_shapes(sori_classifier *k, const char *path, size_t bins) {
    sori_shape in = sori_model_input(k->model), out = sori_model_output(k->model), x = data_geometry_shape(&k->g);
    if (bins != k->g.bins)
        sori_fail(k->c, SORI_EMODEL, "%s: not a usable classifier: its feature has %zu bins, its mean %zu", path,
                  k->g.bins, bins);
    else if (memcmp(&in, &x, sizeof in) != 0)
        sori_fail(k->c, SORI_EMODEL, "%s: not a usable classifier: segments are %d x %d, the model takes %d x %d",
                  path, x.dim[0], x.dim[1], in.dim[0], in.dim[1]);
    else if ((size_t)out.dim[0] != k->label_count || out.dim[1] != 0)
        sori_fail(k->c, SORI_EMODEL, "%s: not a usable classifier: %zu labels, but the model has %d outputs", path,
                  k->label_count, out.dim[0]);
}

static void load(sori_classifier *k, const char *path) {
    const char *metadata = NULL;
    k->model = sori_model_load(k->c, path, &metadata);
    if (!task_metadata_read(k->c, path, metadata, k)) return;
    size_t bins = k->g.bins;
    sori_input_config input = k->g.input;
    if (data_geometry_open(k->c, &k->g, &input)) check_shapes(k, path, bins);
    reject_config(k->c, path);
}

sori_classifier *sori_classifier_load(sori_ctx *c, const char *path) {
    if (base_failed(c)) return NULL;
    sori_classifier *k = base_alloc(c, 1, sizeof *k);
    if (!k) return NULL;
    k->c = c;
    load(k, path);
    if (!base_failed(c)) return k;
    sori_classifier_free(k);
    return NULL;
}

void sori_classifier_free(sori_classifier *k) {
    if (!k) return;
    sori_model_free(k->model);
    data_geometry_close(k->c, &k->g);
    base_free(k->c, k->mean);
    base_free(k->c, k->scale);
    base_free(k->c, k->labels);
    base_free(k->c, k);
}

size_t sori_classifier_labels(const sori_classifier *k, const char *const **labels) {
    if (labels) *labels = k ? k->labels : NULL;
    return k ? k->label_count : 0;
}

sori_model *sori_classifier_model(sori_classifier *k) { return k ? k->model : NULL; }
const sori_input_config *sori_classifier_input(const sori_classifier *k) { return k ? &k->g.input : NULL; }

/* --- classifying ------------------------------------------------------------------------------------------------ */

static void add(float *sum, const sori_array *p) {
    const float *x = p->data;
    for (size_t i = 0; i < p->shape[0]; i++, x += p->shape[1])
        for (size_t l = 0; l < p->shape[1]; l++) sum[l] += x[l];
}

/* Mean over the segments, added up in their order as evaluation does. */
static sori_array *mean_probability(sori_classifier *k, const sori_array *features) {
    sori_ctx *c = k->c;
    sori_array *sum = sori_array_new(c, SORI_F32, 1, &k->label_count);
    if (!sum || !features) return NULL;
    size_t n = data_segment_count(&k->g, features->shape[1]);
    for (size_t first = 0; first < n && !base_failed(c); first += BATCH) {
        int scope = sori_begin(c);
        size_t some = BASE_MIN((size_t)BATCH, n - first);
        const sori_array *x = data_segments(c, &k->g, features, first, some, k->mean, k->scale);
        const sori_array *p = x ? sori_predict(k->model, x) : NULL;
        if (p) add(sum->data, p);
        sori_end(c, scope, NULL);
    }
    float *s = sum->data;
    for (size_t l = 0; l < k->label_count; l++) s[l] /= (float)n;
    return base_failed(c) ? NULL : sum;
}

static sori_array *classify_loaded(sori_classifier *k, sori_audio y) {
    int scope = sori_begin(k->c);
    sori_array *features = y.y ? data_features(k->c, &k->g.input, y) : NULL;
    return sori_end(k->c, scope, features ? mean_probability(k, features) : NULL);
}

sori_array *sori_classify(sori_classifier *k, sori_audio y) {
    if (!k || base_failed(k->c)) return NULL;
    if (!y.y) {
        sori_fail(k->c, SORI_EINVAL, "classify: no sound given");
        return NULL;
    }
    int scope = sori_begin(k->c);
    y = sori_to_mono(k->c, y);
    if (y.y && y.sr != k->g.input.sr) y = sori_resample(k->c, y, k->g.input.sr, NULL);
    return sori_end(k->c, scope, classify_loaded(k, y));
}

sori_array *sori_classify_file(sori_classifier *k, const char *path) {
    if (!k || base_failed(k->c)) return NULL;
    int scope = sori_begin(k->c);
    return sori_end(k->c, scope, classify_loaded(k, data_load(k->c, &k->g.input, path)));
}
