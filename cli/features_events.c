/* features_events.c - onsets and beats as label files: an instant a line. */
#include "features.h"
#include <stdlib.h>
#include <string.h>

static int compare_times(const void *a, const void *b) {
    const sori_label *p = a, *q = b;
    if (p->start_s != q->start_s) return p->start_s < q->start_s ? -1 : 1;
    return strcmp(p->text, q->text);
}

/* The events of all features in order of time, each named as its feature; freed by free(). */
static sori_label *events_of(const features *f, size_t *count) {
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++) n += f->arrays[i]->size;
    sori_label *labels = cli_alloc(n, sizeof *labels);
    *count = n;
    n = 0;
    for (size_t i = 0; i < f->count; i++)
        for (size_t e = 0; e < f->arrays[i]->size; e++) {
            double time_s = ((const double *)f->arrays[i]->data)[e];
            labels[n++] = (sori_label){ .start_s = time_s, .end_s = time_s, .text = f->names[i] };
        }
    qsort(labels, n, sizeof *labels, compare_times);
    return labels;
}

void features_put_events_csv(FILE *to, const features *f) {
    size_t n;
    sori_label *labels = events_of(f, &n);
    fputs("time,label\n", to);
    for (size_t i = 0; i < n; i++) fprintf(to, "%.17g,%s\n", labels[i].start_s, labels[i].text);
    free(labels);
}

void features_save_labels(cli *k, const features *f, const char *path, sori_labels_format format) {
    size_t n;
    sori_label *labels = events_of(f, &n);
    sori_labels_config config = { .format = format, .name_space = "tag_open", .duration_s = f->duration_s };
    sori_save_labels(k->c, path, labels, n, &config);
    free(labels);
}
