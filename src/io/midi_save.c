/* midi_save.c - notes of instruments into a MIDI file of format 1.
 *
 * A track's notes become events: key down, key up. They are sorted by tick, ups first, so that a key that is struck
 * again at once goes up before. Running status is not used; every event says what it is. */
#include "io/midi.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DELTA 0x0FFFFFFFu    /* what 4 groups of 7 bits hold */
#define MOST_BYTES 10            /* of an event: a delta, and a note's 3 or a tempo's 6 */

/* A key from tick `on` to tick `off`. */
typedef struct press {
    uint64_t on, off;
    int pitch, velocity;
} press;

typedef struct stroke {
    uint64_t tick;
    int pitch, velocity;         /* velocity 0: up */
} stroke;

typedef struct writer {
    sori_ctx *c;
    const char *path;
    base_file *file;
    io_midi_clock clock;
    int ticks_per_beat;
    uint8_t *bytes;              /* of the track at hand */
    size_t n;
    uint64_t tick;
} writer;

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static void put(writer *w, const void *bytes, size_t n) {
    memcpy(w->bytes + w->n, bytes, n);
    w->n += n;
}

static void put_number(writer *w, uint32_t v) {
    for (int shift = 21; shift >= 0; shift -= 7)
        if (v >> shift || shift == 0) w->bytes[w->n++] = (uint8_t)((v >> shift & 0x7f) | (shift ? 0x80 : 0));
}

/* False where the pause since the event before is too long to be written. */
static bool put_delta(writer *w, uint64_t tick) {
    uint64_t delta = tick - w->tick;
    if (delta > MAX_DELTA)
        return sori_fail(w->c, SORI_EINVAL, "%s: a pause of %llu ticks, above 2^28 - 1", w->path,
                         (unsigned long long)delta), false;
    put_number(w, (uint32_t)delta);
    w->tick = tick;
    return true;
}

static void put_meta(writer *w, uint8_t type, const void *data, size_t n) {
    put(w, (uint8_t[]){ 0xFF, type }, 2);
    put_number(w, (uint32_t)n);
    put(w, data, n);
}

static void begin_track(writer *w) { w->n = w->tick = 0; }

static bool end_track(writer *w) {
    put_number(w, 0);
    put_meta(w, 0x2F, "", 0);
    uint8_t head[8] = { 'M', 'T', 'r', 'k', (uint8_t)(w->n >> 24), (uint8_t)(w->n >> 16), (uint8_t)(w->n >> 8),
                        (uint8_t)w->n };
    return base_file_write(w->file, head, sizeof head) && base_file_write(w->file, w->bytes, w->n);
}

/* --- tracks ------------------------------------------------------------------------------------------------------- */

static bool write_tempos(writer *w) {
    begin_track(w);
    for (size_t i = 0; i < w->clock.n; i++) {
        unsigned us = (unsigned)rint(w->clock.spans[i].tick_s * 1e6 * w->ticks_per_beat);
        if (!put_delta(w, w->clock.spans[i].tick)) return false;
        put_meta(w, 0x51, (uint8_t[]){ (uint8_t)(us >> 16), (uint8_t)(us >> 8), (uint8_t)us }, 3);
    }
    return end_track(w);
}

static int by_key(const void *a, const void *b) {
    const press *x = a, *y = b;
    if (x->pitch != y->pitch) return x->pitch - y->pitch;
    if (x->on != y->on) return x->on < y->on ? -1 : 1;
    if (x->off != y->off) return x->off > y->off ? -1 : 1;
    return y->velocity - x->velocity;
}

static int by_tick(const void *a, const void *b) {
    const stroke *x = a, *y = b;
    if (x->tick != y->tick) return x->tick < y->tick ? -1 : 1;
    if (!x->velocity != !y->velocity) return x->velocity ? 1 : -1;
    return x->pitch - y->pitch;
}

/* presses [n] -> strokes [2 n], sorted; returns how many. Of two that begin together the longer stays. */
static size_t make_strokes(press *p, size_t n, stroke *out) {
    size_t count = 0;
    if (n) qsort(p, n, sizeof *p, by_key);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && p[next].pitch == p[i].pitch && p[next].on == p[i].on;) next++;
        bool again = next < n && p[next].pitch == p[i].pitch;
        out[count++] = (stroke){ p[i].on, p[i].pitch, p[i].velocity };
        out[count++] = (stroke){ again ? BASE_MIN(p[i].off, p[next].on) : p[i].off, p[i].pitch, 0 };
    }
    if (count) qsort(out, count, sizeof *out, by_tick);
    return count;
}

static bool put_notes(writer *w, const sori_midi_track *t, int channel) {
    press *p = base_alloc_raw(w->c, t->n, sizeof *p);
    stroke *s = base_alloc_raw(w->c, 2 * t->n, sizeof *s);
    bool ok = p && s;
    for (size_t i = 0; ok && i < t->n; i++) {
        const sori_midi_note *x = &t->notes[i];
        uint64_t on = io_midi_tick(&w->clock, x->onset_s);
        uint64_t off = io_midi_tick(&w->clock, x->onset_s + x->duration_s);
        p[i] = (press){ on, BASE_MAX(off, on + 1), x->pitch, x->velocity };
    }
    size_t count = ok ? make_strokes(p, t->n, s) : 0;
    for (size_t i = 0; ok && i < count; i++) {
        ok = put_delta(w, s[i].tick);
        uint8_t kind = s[i].velocity ? IO_MIDI_ON : IO_MIDI_OFF;
        if (ok) put(w, (uint8_t[]){ (uint8_t)(kind << 4 | channel), (uint8_t)s[i].pitch, (uint8_t)s[i].velocity }, 3);
    }
    base_free(w->c, p);
    base_free(w->c, s);
    return ok;
}

static bool write_track(writer *w, const sori_midi_track *t, int channel) {
    begin_track(w);
    if (t->name) {
        put_number(w, 0);
        put_meta(w, 0x03, t->name, strlen(t->name));
    }
    put_number(w, 0);
    put(w, (uint8_t[]){ (uint8_t)(IO_MIDI_PROGRAM << 4 | channel), (uint8_t)t->program }, 2);
    return put_notes(w, t, channel) && end_track(w);
}

static bool write_all(writer *w, const sori_midi *m) {
    unsigned tracks = (unsigned)m->n + 1, ticks = (unsigned)w->ticks_per_beat;
    uint8_t head[14] = { 'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1, (uint8_t)(tracks >> 8), (uint8_t)tracks,
                         (uint8_t)(ticks >> 8), (uint8_t)ticks };
    bool ok = base_file_write(w->file, head, sizeof head) && write_tempos(w);
    for (size_t i = 0, others = 0; ok && i < m->n; i++) {
        int other = (int)(others % 15);
        others += !m->tracks[i].drums;
        ok = write_track(w, &m->tracks[i], m->tracks[i].drums ? IO_MIDI_DRUMS : other + (other >= IO_MIDI_DRUMS));
    }
    return ok;
}

/* --- the gate ----------------------------------------------------------------------------------------------------- */

/* NULL if all is well. */
static const char *fault_of_name(const char *name) {
    if (!name) return NULL;
    if (strlen(name) > 2 * IO_MIDI_NAME) return "its name is longer than 254 bytes";
    while (base_utf8_length(name)) name += base_utf8_length(name);
    return *name ? "its name is not UTF-8" : NULL;
}

static const char *fault_of_note(const sori_midi_note *x) {
    if (!(x->onset_s >= 0 && x->duration_s >= 0 && x->onset_s + x->duration_s <= IO_MIDI_SECONDS))
        return "a note is not within 0 and 86400 s";
    if (x->pitch < 0 || x->pitch > 127) return "a pitch is not within 0 and 127";
    return x->velocity < 1 || x->velocity > 127 ? "a velocity is not within 1 and 127" : NULL;
}

static bool check_tempos(sori_ctx *c, const char *path, const sori_midi *m) {
    double last_s = 0;
    if (!m->tempos && m->n_tempos) sori_fail(c, SORI_EINVAL, "%s: no tempos given", path);
    for (size_t i = 0; !base_failed(c) && i < m->n_tempos; i++) {
        const sori_midi_tempo *t = &m->tempos[i];
        if (!(t->bpm >= 4 && t->bpm <= 1000))
            sori_fail(c, SORI_EINVAL, "%s: a tempo of %g quarter notes a minute, not within 4 and 1000", path, t->bpm);
        else if (!(t->time_s >= last_s && t->time_s <= IO_MIDI_SECONDS))
            sori_fail(c, SORI_EINVAL, "%s: a tempo at %g s, not within %g and 86400", path, t->time_s, last_s);
        last_s = t->time_s;
    }
    return !base_failed(c);
}

static bool check(sori_ctx *c, const char *path, const sori_midi *m, int ticks_per_beat) {
    if (!path || !m) sori_fail(c, SORI_EINVAL, "save_midi: no %s given", path ? "piece" : "path");
    else if (m->n >= IO_MIDI_TRACKS || (m->n && !m->tracks))
        sori_fail(c, SORI_EINVAL, "%s: %zu tracks, above 1023", path, m->n);
    else if (ticks_per_beat < 24 || ticks_per_beat > 32767)
        sori_fail(c, SORI_EINVAL, "%s: %d ticks a beat, not within 24 and 32767", path, ticks_per_beat);
    if (base_failed(c) || !check_tempos(c, path, m)) return false;
    for (size_t i = 0; i < m->n && !base_failed(c); i++) {
        const sori_midi_track *t = &m->tracks[i];
        const char *fault = fault_of_name(t->name);
        if (t->program < 0 || t->program > 127) fault = "its program is not within 0 and 127";
        if (t->n > IO_MIDI_BYTES || (t->n && !t->notes)) fault = "more than 2^24 notes, or none given";
        for (size_t j = 0; !fault && j < t->n; j++) fault = fault_of_note(&t->notes[j]);
        if (fault) sori_fail(c, SORI_EINVAL, "%s: track %zu: %s", path, i, fault);
    }
    return !base_failed(c);
}

sori_status sori_save_midi(sori_ctx *c, const char *path, const sori_midi *m, const sori_midi_config *config) {
    int ticks = config && config->ticks_per_beat ? config->ticks_per_beat : 480;
    if (base_failed(c) || !check(c, path, m, ticks)) return sori_error(c);
    writer w = { .c = c, .path = path, .ticks_per_beat = ticks };
    size_t most = 1 + m->n_tempos;
    for (size_t i = 0; i < m->n; i++) most = BASE_MAX(most, 2 * m->tracks[i].n);
    bool ok = io_midi_clock_make(c, &w.clock, m, ticks) &&
              (w.bytes = base_alloc_raw(c, most * MOST_BYTES + 2 * IO_MIDI_NAME + 32, 1)) &&
              (w.file = base_file_new(c, path)) && write_all(&w, m);
    if (ok) base_file_commit(w.file);
    else if (w.file) base_file_abort(w.file);
    base_free(c, w.bytes);
    io_midi_clock_free(c, &w.clock);
    return sori_error(c);
}
