/* transition.c - transition matrices of hidden Markov models.   librosa.sequence.transition_* */
#include "feat/feat.h"
#include <math.h>
#include <sori/pitch.h>

#define MOST_STATES 65535   /* as the decoders */

static sori_array *new_matrix(sori_ctx *c, const char *who, int n, int least) {
    if (base_failed(c)) return NULL;
    if (n < least || n > MOST_STATES) {
        sori_fail(c, SORI_EINVAL, "%s: n_states %d is outside %d to %d", who, n, least, MOST_STATES);
        return NULL;
    }
    return sori_array_new(c, SORI_F64, 2, (size_t[]){ (size_t)n, (size_t)n });
}

sori_array *sori_transition_uniform(sori_ctx *c, int n_states) {
    sori_array *a = new_matrix(c, "transition_uniform", n_states, 1);
    for (size_t i = 0; a && i < a->size; i++) ((double *)a->data)[i] = 1.0 / n_states;
    return a;
}

/* Probability of staying in state i. */
static double stay(double prob, const double *probs, size_t i) { return probs ? probs[i] : prob; }

static bool check_probs(sori_ctx *c, const char *who, size_t n, double prob, const double *probs) {
    for (size_t i = 0; i < n; i++) {
        double p = stay(prob, probs, i);
        if (p >= 0 && p <= 1) continue;
        sori_fail(c, SORI_EINVAL, "%s: prob %g is not within 0 to 1", who, p);
        return false;
    }
    return true;
}

sori_array *sori_transition_loop(sori_ctx *c, int n_states, double prob, const double *probs) {
    sori_array *a = new_matrix(c, "transition_loop", n_states, 2);
    size_t n = (size_t)n_states;
    if (!a || !check_probs(c, "transition_loop", n, prob, probs)) return NULL;
    for (size_t i = 0; i < n; i++) {
        double *row = (double *)a->data + i * n, p = stay(prob, probs, i);
        for (size_t j = 0; j < n; j++) row[j] = i == j ? p : (1 - p) / (n_states - 1);
    }
    return a;
}

sori_array *sori_transition_cycle(sori_ctx *c, int n_states, double prob, const double *probs) {
    sori_array *a = new_matrix(c, "transition_cycle", n_states, 2);
    size_t n = (size_t)n_states;
    if (!a || !check_probs(c, "transition_cycle", n, prob, probs)) return NULL;
    for (size_t i = 0; i < n; i++) {
        double *row = (double *)a->data + i * n, p = stay(prob, probs, i);
        row[(i + 1) % n] = 1 - p;
        row[i] = p;
    }
    return a;
}

/* One row: the window, centred in n states, turned so that its middle is state i. Without wrap nothing beyond half a
 * width from i stays. */
static bool local_row(sori_ctx *c, double *row, size_t n, size_t i, const double *window, size_t width, bool wrap) {
    size_t turn = (n - width) / 2 + n / 2 + i + 1;
    double sum = 0;
    for (size_t q = 0; q < width; q++) row[(turn + q) % n] = window[q];
    for (size_t j = 0; j < n; j++) {
        if (!wrap && (j + width / 2 < i || j > i + width / 2)) row[j] = 0;
        sum += row[j];
    }
    for (size_t j = 0; sum > 0 && j < n; j++) row[j] /= sum;
    if (!(sum > 0)) sori_fail(c, SORI_EINVAL, "transition_local: the window leaves state %zu no transition", i);
    return sum > 0;
}

static bool check_widths(sori_ctx *c, size_t n, int width, const int *widths) {
    for (size_t i = 0; i < n; i++) {
        int w = widths ? widths[i] : width;
        if (w >= 1 && (size_t)w <= n) continue;
        sori_fail(c, SORI_EINVAL, "transition_local: width %d is outside 1 to n_states %zu", w, n);
        return false;
    }
    return true;
}

static bool make_local(sori_ctx *c, double *matrix, size_t n, int width, const int *widths, const char *name,
                       bool wrap) {
    size_t made = 0;
    double *window = base_alloc_raw(c, n, sizeof *window);
    bool ok = window != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        size_t w = (size_t)(widths ? widths[i] : width);
        if (w != made && !feat_named_window(c, "transition_local", name, w, true, window)) break;
        made = w;
        ok = local_row(c, matrix + i * n, n, i, window, w, wrap);
    }
    base_free(c, window);
    return !base_failed(c);
}

sori_array *sori_transition_local(sori_ctx *c, int n_states, int width, const int *widths, const char *window,
                                  bool wrap) {
    sori_array *a = new_matrix(c, "transition_local", n_states, 2);
    size_t n = (size_t)n_states;
    if (!a || !check_widths(c, n, width, widths)) return NULL;
    return make_local(c, a->data, n, width, widths, window ? window : "triangle", wrap) ? a : NULL;
}
