/* match.c - which event, or interval, of one list belongs to each of another. librosa.util.match_events,
 * match_intervals. */
#include "feat/span.h"
#include <math.h>
#include <stdlib.h>

/* A value with its place in the list it came from: sorting keeps equal ones in order. */
typedef struct entry {
    double at;
    size_t index;
} entry;

static int by_place(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Every step-th of a's values from `first` on, in order; NULL with the error recorded. */
static entry *sorted(sori_ctx *c, const sori_array *a, size_t first, size_t step) {
    size_t n = a->size / step;
    entry *list = base_alloc_raw(c, n, sizeof *list);
    for (size_t i = 0; list && i < n; i++) list[i] = (entry){ array_get(a, i * step + first), i };
    if (list) qsort(list, n, sizeof *list, by_place);
    return list;
}

/* The first entry at v or behind it (behind: only behind it); n if there is none. */
static size_t search(const entry *list, size_t n, double v, bool behind) {
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (list[middle].at < v || (behind && list[middle].at == v)) low = middle + 1;
        else n = middle;
    }
    return low;
}

static bool check_list(sori_ctx *c, const char *who, const sori_array *a, int ndim) {
    if (base_failed(c)) return false;
    if (!a || a->ndim != ndim || a->dtype == SORI_C64 || a->dtype == SORI_C128)
        sori_fail(c, SORI_EINVAL, "%s: events must be a list of real numbers of %d axes", who, ndim);
    else if (a->size == 0) sori_fail(c, SORI_EINVAL, "%s: a list is empty", who);
    for (size_t i = 0; !base_failed(c) && i < a->size; i++)
        if (isnan(array_get(a, i))) sori_fail(c, SORI_EINVAL, "%s: value %zu is NaN", who, i);
    return !base_failed(c);
}

/* --- events --------------------------------------------------------------------------------------------------- */

/* The nearest entry on the sides that are allowed; n if there is none. Of two as near the one behind wins, as in
 * librosa, but an earlier one that is as early as others is the first of those. */
static size_t nearest(const entry *list, size_t n, double v, bool left, bool right) {
    size_t here = search(list, n, v, false);   /* at v or behind it */
    bool exact = here < n && list[here].at == v;
    if (exact || (!left && right)) return here;
    if (!left) return n;
    if (here == 0) return right ? 0 : n;
    if (!right || here == n || v - list[here - 1].at < list[here].at - v) return here - 1;
    return here;
}

sori_array *sori_match_events(sori_ctx *c, const sori_array *from, const sori_array *to,
                              const sori_match_config *config) {
    sori_match_config g = config ? *config : (sori_match_config){ 0 };
    if (!check_list(c, "match_events", from, 1) || !check_list(c, "match_events", to, 1)) return NULL;
    entry *list = sorted(c, to, 0, 1);
    sori_array *out = list ? array_new_raw(c, SORI_I64, 1, &from->size) : NULL;
    for (size_t i = 0; out && i < from->size; i++) {
        double v = array_get(from, i);
        size_t at = nearest(list, to->size, v, !g.not_left, !g.not_right);
        if (at < to->size) {
            ((int64_t *)out->data)[i] = (int64_t)list[search(list, to->size, list[at].at, false)].index;
            continue;
        }
        sori_fail(c, SORI_EINVAL, "match_events: no event is %s %g", !g.not_left ? "at or before"
                  : !g.not_right ? "at or after" : "exactly at", v);
        sori_array_free(c, out);
        out = NULL;
    }
    base_free(c, list);
    return out;
}

/* --- intervals ------------------------------------------------------------------------------------------------ */

typedef struct intervals {
    const sori_array *to;
    size_t n;
    entry *starts, *ends;    /* [n] in order */
} intervals;

/* Overlap over union (Jaccard); 0 for two that are one same point. */
static double likeness(double a0, double a1, double b0, double b1) {
    double overlap = fmin(a1, b1) - fmax(a0, b0), both = fmax(a1, b1) - fmin(a0, b0);
    return both > 0 ? fmax(overlap, 0) / both : 0;
}

/* The best of those that meet [a, b]: begin no later than b, end no earlier than a. n if there is none. */
static size_t best_overlap(const intervals *v, double a, double b) {
    size_t end = search(v->starts, v->n, b, true), best = v->n;
    double most = -1;
    for (size_t k = 0; k < end; k++) {
        size_t i = v->starts[k].index;
        double stop = array_get(v->to, 2 * i + 1), score = likeness(a, b, v->starts[k].at, stop);
        if (stop < a || score < most || (score == most && i > best)) continue;
        most = score;
        best = i;
    }
    return best;
}

/* The interval that ends last before a, or begins first behind b, whichever is nearer. */
static size_t nearest_interval(const intervals *v, double a, double b) {
    size_t before = search(v->ends, v->n, a, false), after = search(v->starts, v->n, b, true);
    if (after == v->n) return v->ends[before - 1].index;
    if (before == 0) return v->starts[after].index;
    bool earlier = a - v->ends[before - 1].at < v->starts[after].at - b;
    return earlier ? v->ends[before - 1].index : v->starts[after].index;
}

static bool check_intervals(sori_ctx *c, const sori_array *a) {
    if (!check_list(c, "match_intervals", a, 2)) return false;
    if (a->shape[1] != 2)
        sori_fail(c, SORI_EINVAL, "match_intervals: an interval is 2 numbers, not %zu", a->shape[1]);
    for (size_t i = 0; !base_failed(c) && i < a->size; i += 2)
        if (array_get(a, i) > array_get(a, i + 1))
            sori_fail(c, SORI_EINVAL, "match_intervals: interval %zu ends at %g, before it begins at %g", i / 2,
                      array_get(a, i + 1), array_get(a, i));
    return !base_failed(c);
}

static bool match_all(sori_ctx *c, const intervals *v, const sori_array *from, bool lenient, int64_t *out) {
    for (size_t i = 0; i < from->shape[0]; i++) {
        double a = array_get(from, 2 * i), b = array_get(from, 2 * i + 1);
        size_t best = best_overlap(v, a, b);
        if (best == v->n && !lenient) {
            sori_fail(c, SORI_EINVAL, "match_intervals: interval %zu, %g to %g, meets none of the others", i, a, b);
            return false;
        }
        out[i] = (int64_t)(best < v->n ? best : nearest_interval(v, a, b));
    }
    return true;
}

sori_array *sori_match_intervals(sori_ctx *c, const sori_array *from, const sori_array *to,
                                 const sori_match_config *config) {
    if (!check_intervals(c, from) || !check_intervals(c, to)) return NULL;
    intervals v = { .to = to, .n = to->shape[0], .starts = sorted(c, to, 0, 2), .ends = sorted(c, to, 1, 2) };
    sori_array *out = v.starts && v.ends ? array_new_raw(c, SORI_I64, 1, from->shape) : NULL;
    if (out && !match_all(c, &v, from, config && config->lenient, out->data)) {
        sori_array_free(c, out);
        out = NULL;
    }
    base_free(c, v.starts);
    base_free(c, v.ends);
    return out;
}
