/* evaluate.c - how good a classifier is on labelled recordings. */
#include "task/task.h"
#include <string.h>

void *task_scoped(sori_ctx *c, size_t n, size_t size) {
    size_t bytes = n * size;
    sori_array *a = sori_array_new(c, SORI_U8, 1, &bytes);
    return a ? a->data : NULL;
}

/* Precision, recall and F1 of every class; 0 where nothing was predicted, or nothing was there. */
static void score_classes(const uint64_t *confusion, size_t n, sori_class_score *scores) {
    for (size_t k = 0; k < n; k++) {
        uint64_t right = confusion[k * n + k], predicted = 0, there = 0;
        for (size_t i = 0; i < n; i++) {
            predicted += confusion[i * n + k];
            there += confusion[k * n + i];
        }
        sori_class_score *s = &scores[k];
        *s = (sori_class_score){ .support = there };
        if (predicted) s->precision = (double)right / (double)predicted;
        if (there) s->recall = (double)right / (double)there;
        if (right) s->f1 = 2 * s->precision * s->recall / (s->precision + s->recall);
    }
}

static void tabulate(sori_classifier *k, const sori_list *list, const task_predictions *p, sori_evaluation *e) {
    size_t n = k->label_count;
    uint64_t *confusion = task_scoped(k->c, n * n, sizeof *confusion);
    sori_class_score *scores = task_scoped(k->c, n, sizeof *scores);
    sori_prediction *predictions = task_scoped(k->c, p->recordings, sizeof *predictions);
    if (base_failed(k->c)) return;
    for (size_t r = 0; r < p->recordings; r++) {
        const float *row = p->probabilities + r * n;
        size_t best = task_argmax(row, n);
        confusion[(size_t)p->labels[r] * n + best]++;
        predictions[r] = (sori_prediction){ list->items[p->items[r]].path, p->labels[r], (int)best, row[best] };
    }
    score_classes(confusion, n, scores);
    e->confusion = confusion;
    e->scores = scores;
    e->predictions = predictions;
    e->recordings = p->recordings;
    e->accuracy = p->accuracy;
    e->segment_accuracy = p->segment_accuracy;
    e->loss = p->loss;
}

static const sori_list *find_recordings(sori_classifier *k, const char *data, const sori_scan_config *scan,
                                        const sori_split_config *split, bool whole) {
    sori_scan_config config = scan ? *scan : (sori_scan_config){ 0 };
    config.labels = k->labels;
    config.label_count = k->label_count;
    if (!config.label_pattern) config.label_pattern = k->label_pattern;
    const sori_list *list = sori_scan(k->c, data, &config);
    return whole ? list : sori_split_list(k->c, list, split ? split : &k->split);
}

/* A vector seen as an array, without a copy. */
static sori_array view(float *data, size_t n) {
    return (sori_array){ .data = data, .dtype = SORI_F32, .ndim = 1, .shape = { n }, .size = n };
}

sori_status sori_evaluate_classifier(sori_classifier *k, const char *data, const sori_scan_config *scan,
                                     const sori_split_config *split, bool whole, sori_split which,
                                     double max_bad, sori_evaluation *out) {
    if (!k) return SORI_EINVAL;
    if (base_failed(k->c)) return sori_error(k->c);
    const sori_list *list = find_recordings(k, data, scan, split, whole);
    sori_array mean = view(k->mean, k->g.bins), scale = view(k->scale, k->g.bins);
    sori_dataset_config config = { .input = k->g.input, .mean = &mean, .scale = &scale, .max_bad = max_bad };
    sori_dataset *d = list ? sori_dataset_new(k->c, list, whole ? SORI_SPLIT_COUNT : which, &config) : NULL;
    sori_evaluation e = { .label_count = k->label_count, .labels = k->labels };
    task_predictions p;
    if (d && task_predict(k->c, k->model, d, k->label_count, &p)) tabulate(k, list, &p, &e);
    e.bad_files = sori_dataset_bad(d);
    for (size_t i = 0; i < e.bad_files; i++) base_warn(k->c, "skipped: %s", sori_dataset_bad_message(d, i));
    sori_dataset_free(d);
    if (!base_failed(k->c)) *out = e;
    return sori_error(k->c);
}
