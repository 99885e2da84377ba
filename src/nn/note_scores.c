/* note_scores.c - notes found against notes played: precision, recall and F1.   mir_eval.transcription
 *
 * A found note may stand for a true one if their onsets, pitches and, where asked for, ends are near. Of all ways to
 * pair them one with one, one with the most pairs counts: a largest matching of a graph with two sides, found by adding
 * one shortest alternating path at a time (Berge 1957). Found notes lie in the order of their onsets, so that the few
 * that are near a true one stand together. */
#include "array/array.h"
#include <math.h>
#include <sori/metrics.h>
#include <stdlib.h>

#define NONE SIZE_MAX

typedef struct note { double start, end, pitch; } note;

typedef struct pairing {
    const note *truth, *found;    /* [n], [m]; found by onset */
    size_t n, m;
    double onset, cents, ratio, offset;    /* ratio < 0: ends do not count */
    size_t *of_found, *of_truth;  /* [m], [n] the other side, NONE: nobody */
    size_t *from, *queue;         /* [m] the true note by which a found one was reached; [n] */
} pairing;

/* Differences are rounded to 0.1 ms, as there: 50 ms are 50 ms in any arithmetic. */
static double apart(double a, double b) { return rint(fabs(a - b) * 1e4) / 1e4; }

static bool near(const pairing *p, const note *t, const note *f) {
    if (apart(t->start, f->start) > p->onset || 100 * fabs(t->pitch - f->pitch) > p->cents) return false;
    return p->ratio < 0 || apart(t->end, f->end) <= fmax(p->ratio * (t->end - t->start), p->offset);
}

/* The first found note whose onset may be near. */
static size_t first_near(const pairing *p, double start) {
    size_t low = 0, high = p->m;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->found[middle].start < start - p->onset - 1e-4) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Turn the path that ends at found note j. */
static void turn(pairing *p, size_t j) {
    while (j != NONE) {
        size_t i = p->from[j], before = p->of_truth[i];
        p->of_found[j] = i;
        p->of_truth[i] = j;
        j = before;
    }
}

/* A path from true note i to a found one that nobody has; `reached` are from[j] set on the way. */
static bool find_path(pairing *p, size_t i, size_t *reached, size_t *count) {
    size_t head = 0, tail = 0;
    p->queue[tail++] = i;
    while (head < tail) {
        const note *t = &p->truth[i = p->queue[head++]];
        for (size_t j = first_near(p, t->start); j < p->m && p->found[j].start <= t->start + p->onset + 1e-4; j++) {
            if (p->from[j] != NONE || !near(p, t, &p->found[j])) continue;
            p->from[j] = i;
            reached[(*count)++] = j;
            if (p->of_found[j] == NONE) return turn(p, j), true;
            p->queue[tail++] = p->of_found[j];
        }
    }
    return false;
}

static size_t match(pairing *p, size_t *reached) {
    size_t matched = 0;
    for (size_t j = 0; j < p->m; j++) p->of_found[j] = p->from[j] = NONE;
    for (size_t i = 0; i < p->n; i++) p->of_truth[i] = NONE;
    for (size_t i = 0; i < p->n; i++) {
        size_t count = 0;
        matched += find_path(p, i, reached, &count);
        for (size_t r = 0; r < count; r++) p->from[reached[r]] = NONE;
    }
    return matched;
}

static bool check_notes(sori_ctx *c, const char *which, const sori_array *a) {
    char text[128];
    if (!array_check(c, "note_f1", a, SORI_F64, 2)) return false;
    if (a->ndim != 2 || a->shape[1] != 3)
        sori_fail(c, SORI_EINVAL, "note_f1: %s notes are %s, not [n, 3]", which,
                  array_shape_text(a, text, sizeof text));
    const note *notes = a->data;
    for (size_t i = 0; !base_failed(c) && i < a->shape[0]; i++)
        if (!isfinite(notes[i].start + notes[i].end + notes[i].pitch) || notes[i].end < notes[i].start)
            sori_fail(c, SORI_EINVAL, "note_f1: %s note %zu, %g to %g s, pitch %g, is none", which, i, notes[i].start,
                      notes[i].end, notes[i].pitch);
    return !base_failed(c);
}

static double tolerance(sori_ctx *c, const char *name, sori_opt o, double usual) {
    double v = o.mode == 1 ? o.value : usual;
    if (o.mode == 1 && !(v >= 0 && isfinite(v))) sori_fail(c, SORI_EINVAL, "note_f1: %s %g is below 0", name, v);
    return v;
}

static int by_start(const void *a, const void *b) {
    const note *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

sori_note_scores sori_note_f1(sori_ctx *c, const sori_array *truth, const sori_array *found,
                              const sori_note_scores_config *config) {
    static const sori_note_scores_config defaults;
    const sori_note_scores_config *g = config ? config : &defaults;
    sori_note_scores r = { NAN, NAN, NAN, 0 };
    if (base_failed(c) || !check_notes(c, "true", truth) || !check_notes(c, "found", found)) return r;
    pairing p = { .truth = truth->data, .n = truth->shape[0], .m = found->shape[0],
                  .onset = tolerance(c, "onset_s", g->onset_s, 0.05), .cents = tolerance(c, "cents", g->cents, 50),
                  .ratio = tolerance(c, "offset_ratio", g->offset_ratio, -1),
                  .offset = tolerance(c, "offset_s", g->offset_s, 0.05) };
    if (base_failed(c)) return r;
    int scope = sori_begin(c);
    sori_array *sorted = sori_array_from(c, SORI_F64, 2, found->shape, found->data);
    size_t *links = sorted ? base_alloc_raw(c, 2 * (p.n + p.m) + p.m, sizeof *links) : NULL;
    if (links) {
        if (p.m) qsort(sorted->data, p.m, sizeof(note), by_start);
        p.found = sorted->data;
        p.of_found = links, p.from = links + p.m, p.of_truth = links + 2 * p.m, p.queue = p.of_truth + p.n;
        r.matched = match(&p, p.queue + p.n);
        r.precision = p.m && p.n ? (double)r.matched / (double)p.m : 0;
        r.recall = p.m && p.n ? (double)r.matched / (double)p.n : 0;
        r.f1 = r.matched ? 2 * r.precision * r.recall / (r.precision + r.recall) : 0;
    }
    base_free(c, links);
    sori_end(c, scope, NULL);
    return r;
}
