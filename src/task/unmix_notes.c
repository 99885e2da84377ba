/* unmix_notes.c - activations as notes.
 *
 *     activation   ____/\_______      above `on` a note begins, below `off` it ends (hysteresis)
 *     on           --/----\-----      a fall and a new rise within it: struck again
 *     off          -/------\----
 *
 * A frame hears a note from n_fft / 2 samples before it begins, so a crossing of a threshold comes early for loud notes
 * and late for soft ones. The steepest rise does not: it is where the middle of the window meets the onset. */
#include "task/unmix.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRUM_S 0.1           /* a stroke's note */
#define DRUM_APART_S 0.05    /* two strokes of a drum are not nearer */

typedef struct finder {
    sori_unmix *u;
    double frame_s, on, off, again;
    size_t least;                 /* frames of a note */
    sori_note_event *items;       /* [n] */
    size_t n, room;
} finder;

static void add(finder *f, int part, int pitch, double start_s, double end_s, double peak) {
    if (f->n == f->room) {
        size_t room = BASE_MAX(2 * f->room, (size_t)64);
        sori_note_event *items = base_grow(f->u->c, f->items, f->room, room, sizeof *items);
        if (!items) return;
        f->items = items;
        f->room = room;
    }
    f->items[f->n++] = (sori_note_event){ .start_s = fmax(start_s, 0), .end_s = end_s, .part = part, .pitch = pitch,
                                          .strength = peak };
}

/* --- notes ------------------------------------------------------------------------------------------------------ */

/* Where a, from frame `low` on, rises most steeply before its next fall behind frame `high`. */
static double onset(const float *a, size_t frames, size_t low, size_t high) {
    size_t best = low;
    float most = low == 0 ? a[0] : 0;
    for (size_t t = low + 1; t < frames && (t <= high || a[t] > a[t - 1]); t++)
        if (a[t] - a[t - 1] > most) {
            most = a[t] - a[t - 1];
            best = t;
        }
    return best == 0 ? 0 : (double)best - 0.5;
}

/* One note that reaches `on` at frame t, or several if it is struck again; returns the frame where all is over. */
static size_t follow(finder *f, const float *a, size_t frames, size_t t, int part, int pitch) {
    size_t low = t;
    while (low > 0 && (double)a[low - 1] >= f->off && a[low - 1] < a[low]) low--;
    if (low > 0) low--;
    double begun = onset(a, frames, low, t);
    float peak = a[t];
    for (low = t; t < frames && (double)a[t] >= f->off; t++) {
        if (a[t] < a[low]) low = t;
        bool again = (double)(a[t] - a[low]) > f->again * (double)peak && (double)a[t] >= f->on && a[low] < peak;
        if (again && (double)t - begun > (double)f->least && (double)low > begun) {
            double next = onset(a, frames, low, t);
            if (next - begun >= (double)f->least)
                add(f, part, pitch, begun * f->frame_s, next * f->frame_s, (double)peak);
            begun = next;
            peak = a[t];
            low = t;
        }
        if (a[t] >= peak) {
            peak = a[t];
            low = t;
        }
    }
    if ((double)t - begun >= (double)f->least)
        add(f, part, pitch, begun * f->frame_s, (double)t * f->frame_s, (double)peak);
    return t;
}

static void find_notes(finder *f, const sori_array *a, int part) {
    size_t frames = a->shape[1];
    for (int pitch = 0; pitch < UNMIX_PITCHES && !base_failed(f->u->c); pitch++) {
        const float *row = (const float *)a->data + (size_t)pitch * frames;
        for (size_t t = 0; t < frames; t++)
            if ((double)row[t] >= f->on && row[t] > 0) t = follow(f, row, frames, t, part, pitch);
    }
}

/* --- drums ------------------------------------------------------------------------------------------------------ */

/* Frames from where a drum's component begins to where it is struck: the steepest rise of what it sounds like. */
static double strike(const sori_unmix *u, size_t d) {
    double before = 0, most = -1, at = 0;
    for (size_t i = 0; i < u->f.T; i++) {
        double sum = 0;
        for (size_t b = 0; b < u->f.bins; b++) sum += (double)u->drum_W[(d * u->f.T + i) * u->f.bins + b];
        if (sum - before > most) {
            most = sum - before;
            at = i == 0 ? 0 : (double)i - 0.5;
        }
        before = sum;
    }
    return at;
}

static void find_strokes(finder *f, size_t d, double threshold) {
    const sori_unmix *u = f->u;
    const float *h = u->drum_H + d * u->frames;
    double most = 0, last = -INFINITY, offset = strike(u, d);
    for (size_t t = 0; t < u->frames; t++) most = fmax(most, (double)h[t]);
    for (size_t t = 0; t < u->frames; t++) {
        bool top = (t == 0 || h[t] >= h[t - 1]) && (t + 1 == u->frames || h[t] > h[t + 1]);
        double at = ((double)t + offset) * f->frame_s;
        if (!top || h[t] <= 0 || (double)h[t] < threshold * most || at - last < DRUM_APART_S) continue;
        add(f, u->drum_part, u->drum_keys[d], at, at + DRUM_S, (double)h[t]);
        last = at;
    }
}

/* --- all -------------------------------------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b) {
    const sori_note_event *x = a, *y = b;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    return x->part != y->part ? x->part - y->part : x->pitch - y->pitch;
}

/* Strengths of each part so that its loudest is 1, and velocities. */
static void scale(finder *f) {
    for (size_t part = 0; part < f->u->parts; part++) {
        double most = 0;
        for (size_t i = 0; i < f->n; i++)
            if (f->items[i].part == (int)part) most = fmax(most, f->items[i].strength);
        for (size_t i = 0; i < f->n; i++) {
            sori_note_event *e = &f->items[i];
            if (e->part != (int)part) continue;
            e->strength /= most;
            e->velocity = BASE_MAX(1, (int)rint(127 * sqrt(e->strength)));
        }
    }
}

static bool check(sori_ctx *c, const sori_notes_config *g) {
    const struct { const char *name; double value, most; } options[] = {
        { "threshold", g->threshold, 1 }, { "release", g->release, 1 }, { "min_s", g->min_s, 1e6 },
        { "again", g->again, 1e6 }, { "drum_threshold", g->drum_threshold, 1 },
    };
    for (size_t i = 0; i < BASE_COUNT(options); i++)
        if (!(options[i].value >= 0 && options[i].value <= options[i].most)) {
            sori_fail(c, SORI_EINVAL, "notes: %s %g is outside 0 to %g", options[i].name, options[i].value,
                      options[i].most);
            return false;
        }
    return true;
}

static double largest(const sori_array *a) {
    double most = 0;
    for (size_t i = 0; i < a->size; i++) most = fmax(most, (double)((const float *)a->data)[i]);
    return most;
}

/* Every part's activations are looked at twice: for the loudest of all, and for notes. */
static void find_all(finder *f, const sori_notes_config *g) {
    double threshold = g->threshold ? g->threshold : 0.08, most = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t p = 0; p < f->u->parts && !base_failed(f->u->c); p++) {
            if ((int)p == f->u->drum_part) continue;
            sori_array *a = sori_unmix_activations(f->u, p);
            if (a && pass == 0) most = fmax(most, largest(a));
            f->on = threshold * most;
            f->off = (g->release ? g->release : 0.4) * f->on;
            if (a && pass == 1 && most > 0) find_notes(f, a, (int)p);
            sori_array_free(f->u->c, a);
        }
    for (size_t d = 0; d < f->u->drums; d++) find_strokes(f, d, g->drum_threshold ? g->drum_threshold : 0.3);
}

sori_note_events sori_unmix_notes(sori_unmix *u, const sori_notes_config *config) {
    static const sori_notes_config defaults;
    const sori_notes_config *g = config ? config : &defaults;
    sori_note_events out = { NULL };
    if (!u || base_failed(u->c) || !check(u->c, g)) return out;
    finder f = { .u = u, .frame_s = (double)u->f.hop / u->f.sr, .again = g->again ? g->again : 0.5 };
    f.least = (size_t)fmin(1e9, ceil((g->min_s ? g->min_s : 0.06) / f.frame_s));
    find_all(&f, g);
    if (!base_failed(u->c)) {
        scale(&f);
        if (f.n) qsort(f.items, f.n, sizeof *f.items, by_start);
        out.memory = sori_array_from(u->c, SORI_U8, 1, (size_t[]){ f.n * sizeof *f.items }, f.items);
    }
    base_free(u->c, f.items);
    if (!out.memory) return (sori_note_events){ NULL };
    out.items = out.memory->data;
    out.n = f.n;
    return out;
}
