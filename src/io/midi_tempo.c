/* midi_tempo.c - the clock of a MIDI file: ticks to seconds and back, through changes of tempo.
 *
 * Between two changes a tick lasts as long as every other. A tempo is microseconds of a quarter note, 24 bits, so the
 * clock a file is written by uses what the file can hold, and reading it gives the same times. */
#include "io/midi.h"
#include <math.h>
#include <stdlib.h>

#define USUAL_US 500000      /* 120 quarter notes a minute, before the first tempo */

static bool add(sori_ctx *c, io_midi_clock *k, io_midi_span span) {
    if (k->n == k->room) {
        size_t room = 2 * k->room + 16;
        io_midi_span *spans = base_grow(c, k->spans, k->room, room, sizeof *spans);
        if (!spans) return false;
        k->spans = spans;
        k->room = room;
    }
    k->spans[k->n++] = span;
    return true;
}

void io_midi_clock_free(sori_ctx *c, io_midi_clock *k) { base_free(c, k->spans); }

/* --- of a file ---------------------------------------------------------------------------------------------------- */

/* time_s holds the number of the change as long as they are sorted. */
static int by_tick(const void *a, const void *b) {
    const io_midi_span *x = a, *y = b;
    if (x->tick != y->tick) return x->tick < y->tick ? -1 : 1;
    return x->time_s < y->time_s ? -1 : 1;
}

/* The last of those at one tick counts. */
static void settle(io_midi_clock *k) {
    size_t n = 0;
    qsort(k->spans, k->n, sizeof *k->spans, by_tick);
    for (size_t i = 0; i < k->n; i++) {
        if (n && k->spans[n - 1].tick == k->spans[i].tick) n--;
        k->spans[n] = k->spans[i];
        io_midi_span *s = &k->spans[n++];
        s->time_s = n > 1 ? s[-1].time_s + (double)(s->tick - s[-1].tick) * s[-1].tick_s : 0;
    }
    k->n = n;
}

static bool add_tempo(const io_midi_file *f, io_midi_clock *k, const io_midi_event *e) {
    unsigned us = e->n == 3 ? (unsigned)e->data[0] << 16 | (unsigned)e->data[1] << 8 | e->data[2] : 0;
    if (us) return add(f->c, k, (io_midi_span){ e->tick, (double)k->n, us * 1e-6 / f->ticks_per_beat });
    sori_fail(f->c, SORI_EFORMAT, "%s: a damaged MIDI file: a tempo at tick %llu is none", f->path,
              (unsigned long long)e->tick);
    return false;
}

bool io_midi_clock_read(const io_midi_file *f, io_midi_clock *k) {
    double tick_s = f->ticks_per_beat ? USUAL_US * 1e-6 / f->ticks_per_beat : f->tick_s;
    if (!add(f->c, k, (io_midi_span){ .tick_s = tick_s })) return false;
    for (size_t track = 0; f->ticks_per_beat && track < f->tracks; track++) {
        io_midi_cursor cursor = { .track = track };
        io_midi_event e;
        while (io_midi_next(f, &cursor, &e))
            if (e.kind == IO_MIDI_META && e.a == 0x51 && !add_tempo(f, k, &e)) return false;
    }
    settle(k);
    return !base_failed(f->c);
}

/* --- of a piece --------------------------------------------------------------------------------------------------- */

bool io_midi_clock_make(sori_ctx *c, io_midi_clock *k, const sori_midi *m, int ticks_per_beat) {
    if (!add(c, k, (io_midi_span){ .tick_s = USUAL_US * 1e-6 / ticks_per_beat })) return false;
    for (size_t i = 0; i < m->n_tempos; i++) {
        double tick_s = rint(60e6 / m->tempos[i].bpm) * 1e-6 / ticks_per_beat;
        uint64_t tick = io_midi_tick(k, m->tempos[i].time_s);
        io_midi_span last = k->spans[k->n - 1];
        if (tick == last.tick) k->spans[k->n - 1].tick_s = tick_s;
        else if (!add(c, k, (io_midi_span){ tick, last.time_s + (double)(tick - last.tick) * last.tick_s, tick_s }))
            return false;
    }
    return true;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

double io_midi_seconds(const io_midi_clock *k, size_t *at, uint64_t tick) {
    while (*at + 1 < k->n && k->spans[*at + 1].tick <= tick) ++*at;
    const io_midi_span *s = &k->spans[*at];
    return s->time_s + (double)(tick - s->tick) * s->tick_s;
}

uint64_t io_midi_tick(const io_midi_clock *k, double time_s) {
    size_t low = 0, high = k->n;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (k->spans[middle].time_s <= time_s) low = middle;
        else high = middle;
    }
    const io_midi_span *s = &k->spans[low];
    return s->tick + (uint64_t)rint((time_s - s->time_s) / s->tick_s);
}
