/* structure.c - alignment, diagonal paths and segments, on matrices made from the sound's samples: their cost depends
 * on sizes, not on what is heard. The first 12 * 3000 samples are two sequences of 3000 frames of 12
 * features. */
#include "works.h"
#include <sori/structure.h>

enum { FEATURES = 12, FRAMES = 3000, SIDE = 1000 };

/* The first samples as a matrix. */
static sori_array *matrix(const work_input *in, size_t rows, size_t columns) {
    const float *y = in->y.y->data;
    return sori_array_from(in->c, SORI_F32, 2, (size_t[]){ rows, columns }, y);
}

static sori_array *part(const work_input *in, size_t i) {
    const sori_array *a = in->prepared;
    size_t shape[2] = { a->shape[1], a->shape[2] };
    return sori_array_from(in->c, SORI_F32, 2, shape, (const float *)a->data + i * shape[0] * shape[1]);
}

static sori_array *two_sequences(const work_input *in) {
    return sori_array_from(in->c, SORI_F32, 3, (size_t[]){ 2, FEATURES, FRAMES }, in->y.y->data);
}

static sori_array *dtw(const work_input *in) {
    int scope = sori_begin(in->c);
    sori_array *X = part(in, 0), *Y = part(in, 1);
    return sori_end(in->c, scope, sori_dtw(in->c, X, Y, NULL).D);
}

static sori_array *dtw_path(const work_input *in) {
    int scope = sori_begin(in->c);
    sori_array *X = part(in, 0), *Y = part(in, 1);
    return sori_end(in->c, scope, sori_dtw(in->c, X, Y, &(sori_dtw_config){ .path_only = true }).wp);
}

static sori_array *agglomerative(const work_input *in) {
    int scope = sori_begin(in->c);
    return sori_end(in->c, scope, sori_agglomerative(in->c, matrix(in, FEATURES, FRAMES), 20));
}

/* Samples below a fifth of the largest are no match. */
static sori_array *similarity(const work_input *in) {
    sori_array *a = sori_array_new(in->c, SORI_F32, 2, (size_t[]){ SIDE, SIDE });
    const float *y = in->y.y->data;
    size_t n = in->y.y->size;
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = y[i % n] > 0.2f ? y[i % n] : 0;
    return a;
}

static sori_array *rqa(const work_input *in) {
    int scope = sori_begin(in->c);
    return sori_end(in->c, scope, sori_rqa(in->c, in->prepared, NULL).score);
}

static sori_array *path_enhance(const work_input *in) { return sori_path_enhance(in->c, in->prepared, 51, NULL); }

static sori_array *path_enhance_zero_mean(const work_input *in) {
    return sori_path_enhance(in->c, in->prepared, 51, &(sori_path_enhance_config){ .zero_mean = true });
}

const work works_structure[] = {
    { "dtw", dtw, two_sequences }, { "dtw_path", dtw_path, two_sequences }, { "agglomerative", agglomerative },
    { "rqa", rqa, similarity }, { "path_enhance", path_enhance, similarity },
    { "path_enhance_zero_mean", path_enhance_zero_mean, similarity }, { NULL },
};
