/* metrics.c - scores of classes, from pairs of what is true and what is predicted. scikit-learn's metrics.
 *
 * All but the area under the curve and top-k come from the confusion matrix. The area is the Mann-Whitney statistic:
 * with samples ranked by score, equal ones sharing their mean rank, and R the sum of the P positives' ranks,
 *
 *     AUC = (R - P (P + 1) / 2) / (P N)
 */
#include "array/array.h"
#include <math.h>
#include <sori/metrics.h>
#include <stdlib.h>

#define MAX_CLASSES 4096   /* their matrix has 128 MB */

/* --- classes ------------------------------------------------------------ */

static size_t columns(const sori_array *a) { return a->ndim == 2 ? a->shape[1] : 1; }

/* Of sample i; see the header. */
static size_t class_of(const sori_array *a, size_t i) {
    size_t width = columns(a), best = 0;
    if (a->ndim == 1) return (size_t)array_get(a, i);
    if (width == 1) return array_get(a, i) > 0.5;
    for (size_t k = 1; k < width; k++)
        if (array_get(a, i * width + k) > array_get(a, i * width + best)) best = k;
    return best;
}

static bool check_values(sori_ctx *c, const char *who, const char *name, const sori_array *a, bool numbers) {
    for (size_t i = 0; i < a->size && !base_failed(c); i++) {
        double v = array_get(a, i);
        if (isnan(v)) sori_fail(c, SORI_EINVAL, "%s: %s has a NaN", who, name);
        else if (numbers && !(v >= 0 && v < MAX_CLASSES && v == floor(v)))
            sori_fail(c, SORI_EINVAL, "%s: %s has %g, classes are whole numbers from 0 to %d", who, name, v,
                      MAX_CLASSES - 1);
    }
    return !base_failed(c);
}

/* [n] or [n, columns] of real numbers; [n] are classes unless they are scores. */
static bool check_one(sori_ctx *c, const char *who, const char *name, const sori_array *a, bool scores) {
    char shape[128];
    if (base_failed(c)) return false;
    if (!a || a->dtype == SORI_C64 || a->dtype == SORI_C128)
        sori_fail(c, SORI_EINVAL, "%s: %s is %s", who, name, a ? "complex" : "NULL");
    else if (a->ndim < 1 || a->ndim > 2 || a->size == 0 || columns(a) > MAX_CLASSES)
        sori_fail(c, SORI_EINVAL, "%s: %s has shape %s, must be [n] or [n, classes]", who, name,
                  array_shape_text(a, shape, sizeof shape));
    return !base_failed(c) && check_values(c, who, name, a, a->ndim == 1 && !scores);
}

static bool check_pair(sori_ctx *c, const char *who, const sori_array *y_true, const char *name, const sori_array *y,
                       bool scores) {
    if (!check_one(c, who, "y_true", y_true, false) || !check_one(c, who, name, y, scores)) return false;
    if (y_true->shape[0] != y->shape[0])
        sori_fail(c, SORI_EINVAL, "%s: %zu samples in y_true, %zu in %s", who, y_true->shape[0], y->shape[0], name);
    return !base_failed(c);
}

/* One more than the largest class that a can hold, or holds. */
static size_t classes_in(const sori_array *a) {
    size_t most = a->ndim == 2 ? BASE_MAX(columns(a), (size_t)2) : 0;
    for (size_t i = 0; a->ndim == 1 && i < a->size; i++) most = BASE_MAX(most, class_of(a, i) + 1);
    return most;
}

/* --- counts ------------------------------------------------------------ */

static sori_array *confusion(sori_ctx *c, const char *who, const sori_array *y_true, const sori_array *y_pred,
                             int classes) {
    if (!check_pair(c, who, y_true, "y_pred", y_pred, false)) return NULL;
    size_t n = BASE_MAX(classes_in(y_true), classes_in(y_pred));
    if (classes != 0 && (classes < 1 || (size_t)classes < n || classes > MAX_CLASSES)) {
        sori_fail(c, SORI_EINVAL, "%s: %d classes, but there are %zu (at most %d)", who, classes, n, MAX_CLASSES);
        return NULL;
    }
    if (classes) n = (size_t)classes;
    sori_array *m = sori_array_new(c, SORI_I64, 2, (size_t[]){ n, n });
    for (size_t i = 0; m && i < y_true->shape[0]; i++)
        ((int64_t *)m->data)[class_of(y_true, i) * n + class_of(y_pred, i)]++;
    return m;
}

sori_array *sori_confusion_matrix(sori_ctx *c, const sori_array *y_true, const sori_array *y_pred, int classes) {
    return confusion(c, "confusion_matrix", y_true, y_pred, classes);
}

double sori_accuracy_score(sori_ctx *c, const sori_array *y_true, const sori_array *y_pred) {
    size_t right = 0;
    if (!check_pair(c, "accuracy_score", y_true, "y_pred", y_pred, false)) return NAN;
    for (size_t i = 0; i < y_true->shape[0]; i++) right += class_of(y_true, i) == class_of(y_pred, i);
    return (double)right / (double)y_true->shape[0];
}

double sori_top_k_accuracy_score(sori_ctx *c, const sori_array *y_true, const sori_array *y_score, int k) {
    if (!check_pair(c, "top_k_accuracy_score", y_true, "y_score", y_score, true)) return NAN;
    size_t width = columns(y_score), n = y_true->shape[0], found = 0;
    if (k < 1 || width < 2 || classes_in(y_true) > width) {
        sori_fail(c, SORI_EINVAL, "top_k_accuracy_score: k %d of %zu scores a sample, %zu classes", k, width,
                  classes_in(y_true));
        return NAN;
    }
    for (size_t i = 0; i < n; i++) {
        size_t own = class_of(y_true, i), above = 0;
        double v = array_get(y_score, i * width + own);
        for (size_t j = 0; j < width; j++) {
            double other = array_get(y_score, i * width + j);
            above += other > v || (other == v && j > own);
        }
        found += above < (size_t)k;
    }
    return (double)found / (double)n;
}

/* --- precision, recall, F1 ------------------------------------------------------------ */

static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

/* right, predicted, there -> precision, recall, F1, there. */
static void put_scores(double *out, double right, double predicted, double there) {
    out[0] = ratio(right, predicted);
    out[1] = ratio(right, there);
    out[2] = ratio(2 * right, predicted + there);
    out[3] = there;
}

static void class_counts(const sori_array *m, size_t k, double *right, double *predicted, double *there) {
    const int64_t *count = m->data;
    size_t n = m->shape[0];
    *right = (double)count[k * n + k];
    *predicted = *there = 0;
    for (size_t i = 0; i < n; i++) {
        *predicted += (double)count[i * n + k];
        *there += (double)count[k * n + i];
    }
}

static void averaged(const sori_array *m, sori_average average, double *out) {
    double right, predicted, there, all_right = 0, samples = 0, weights = 0, sum[3] = { 0 }, each[4];
    for (size_t k = 0; k < m->shape[0]; k++) {
        class_counts(m, k, &right, &predicted, &there);
        if (predicted + there == 0) continue;   /* a class that does not occur */
        double weight = average == SORI_AVERAGE_WEIGHTED ? there : 1;
        put_scores(each, right, predicted, there);
        for (int i = 0; i < 3; i++) sum[i] += weight * each[i];
        weights += weight;
        all_right += right;
        samples += there;
    }
    if (average == SORI_AVERAGE_MICRO) put_scores(out, all_right, samples, samples);
    for (int i = 0; average != SORI_AVERAGE_MICRO && i < 3; i++) out[i] = sum[i] / weights;
    out[3] = samples;
}

sori_array *sori_precision_recall_fscore(sori_ctx *c, const sori_array *y_true, const sori_array *y_pred,
                                         sori_average average) {
    static const char who[] = "precision_recall_fscore";
    if (base_failed(c)) return NULL;
    if (average < SORI_AVERAGE_NONE || average > SORI_AVERAGE_WEIGHTED)
        sori_fail(c, SORI_EINVAL, "%s: unknown average %d", who, (int)average);
    sori_array *m = confusion(c, who, y_true, y_pred, 0), *out = NULL;
    if (!m) return NULL;
    if (average == SORI_AVERAGE_NONE) out = sori_array_new(c, SORI_F64, 2, (size_t[]){ m->shape[0], 4 });
    else out = sori_array_new(c, SORI_F64, 1, (size_t[]){ 4 });
    if (out && average != SORI_AVERAGE_NONE) averaged(m, average, out->data);
    for (size_t k = 0; out && average == SORI_AVERAGE_NONE && k < m->shape[0]; k++) {
        double right, predicted, there;
        class_counts(m, k, &right, &predicted, &there);
        put_scores((double *)out->data + 4 * k, right, predicted, there);
    }
    sori_array_free(c, m);
    return out;
}

/* --- area under the curve ------------------------------------------------------------ */

typedef struct scored {
    double score;
    bool positive;
} scored;

static int by_score(const void *a, const void *b) {
    double x = ((const scored *)a)->score, y = ((const scored *)b)->score;
    return (x > y) - (x < y);
}

/* Of n samples, which are sorted here; NaN if all are of one kind. */
static double area(scored *s, size_t n) {
    double ranks = 0, positives = 0;
    qsort(s, n, sizeof *s, by_score);
    for (size_t i = 0, end; i < n; i = end) {
        double here = 0;
        for (end = i; end < n && s[end].score == s[i].score; end++) here += s[end].positive;
        ranks += here * ((double)(i + 1) + (double)end) / 2;   /* the mean of ranks i + 1 .. end */
        positives += here;
    }
    return (ranks - positives * (positives + 1) / 2) / (positives * ((double)n - positives));
}

static bool belongs(const sori_array *y_true, size_t i, size_t k, bool binary) {
    if (binary) return array_get(y_true, i) > 0.5;
    return columns(y_true) > 1 ? array_get(y_true, i * columns(y_true) + k) > 0.5 : class_of(y_true, i) == k;
}

double sori_roc_auc_score(sori_ctx *c, const sori_array *y_true, const sori_array *y_score) {
    static const char who[] = "roc_auc_score";
    if (!check_pair(c, who, y_true, "y_score", y_score, true)) return NAN;
    size_t n = y_true->shape[0], width = columns(y_score), classes = classes_in(y_true);
    bool binary = width == 1;
    if (classes > (binary ? 2 : width) || (columns(y_true) > 1 && columns(y_true) != width)) {
        sori_fail(c, SORI_EINVAL, "%s: %zu classes in y_true, scores of %zu", who, classes, binary ? 2 : width);
        return NAN;
    }
    scored *s = base_alloc(c, n, sizeof *s);
    double sum = 0;
    for (size_t k = 0; s && k < width && !base_failed(c); k++) {
        for (size_t i = 0; i < n; i++)
            s[i] = (scored){ array_get(y_score, i * width + k), belongs(y_true, i, k, binary) };
        double one = area(s, n);
        if (isnan(one))
            sori_fail(c, SORI_EINVAL, "%s: no sample, or every sample, belongs to class %zu", who, binary ? 1 : k);
        sum += one;
    }
    base_free(c, s);
    return base_failed(c) ? NAN : sum / (double)width;
}
