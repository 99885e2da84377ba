/* midi_event.c - the bytes of a MIDI file as chunks, and those of a track as events.
 *
 *   MThd 6 format tracks division   { MTrk length events }   { any other chunk, passed over }
 *   event = delta, [status], data: delta in 7-bit groups; a status left out is that of the event before
 *
 * The running status also survives meta events and system messages: files rely on it, though RP-001 says otherwise. */
#include "io/midi.h"
#include <string.h>

static bool fail(const io_midi_file *f, size_t track, size_t at, const char *what) {
    sori_fail(f->c, SORI_EFORMAT, "%s: a damaged MIDI file: track %zu, byte %zu: %s", f->path, track + 1, at, what);
    return false;
}

static bool refuse(const io_midi_file *f, const char *what) {
    sori_fail(f->c, SORI_EFORMAT, "%s: %s", f->path, what);
    return false;
}

/* --- outline ------------------------------------------------------------------------------------------------------ */

static unsigned u16(const uint8_t *p) { return (unsigned)p[0] << 8 | p[1]; }
static uint32_t u32(const uint8_t *p) { return (uint32_t)u16(p) << 16 | u16(p + 2); }

/* Ticks of a quarter note, or, with the upper bit, ticks of a frame and the negative of frames a second, where 29
 * stands for 30/1.001 (drop frame). */
static bool read_division(io_midi_file *f, unsigned division) {
    int frames = 256 - (int)(division >> 8), ticks = division & 0xff;
    if (division & 0x8000) {
        if ((frames != 24 && frames != 25 && frames != 29 && frames != 30) || ticks == 0)
            return refuse(f, "a damaged MIDI file: its time code has impossible frames");
        f->tick_s = 1 / ((frames == 29 ? 30 / 1.001 : frames) * ticks);
    } else if ((f->ticks_per_beat = (int)division) == 0) {
        return refuse(f, "a damaged MIDI file: a quarter note has 0 ticks");
    }
    return true;
}

static bool read_header(io_midi_file *f, size_t *promised, size_t *at) {
    if (f->n < 14 || memcmp(f->bytes, "MThd", 4) || u32(f->bytes + 4) < 6) return refuse(f, "is not a MIDI file");
    unsigned format = u16(f->bytes + 8);
    *promised = u16(f->bytes + 10);
    *at = 8 + (size_t)u32(f->bytes + 4);
    if (format == 2) return refuse(f, "a MIDI file of format 2 (separate patterns), not 0 or 1");
    if (format > 2) return refuse(f, "a damaged MIDI file: its format is not 0 or 1");
    if (*promised > IO_MIDI_TRACKS) return refuse(f, "a MIDI file of more than 1024 tracks");
    return read_division(f, u16(f->bytes + 12));
}

static bool read_outline(io_midi_file *f) {
    size_t promised = 0, at = 0;
    if (!read_header(f, &promised, &at)) return false;
    while (f->tracks < promised) {
        if (at > f->n || f->n - at < 8) return fail(f, f->tracks, f->n, "the file ends before this track");
        size_t size = u32(f->bytes + at + 4);
        bool track = !memcmp(f->bytes + at, "MTrk", 4);
        at += 8;
        if (size > f->n - at) return fail(f, f->tracks, f->n, "the file ends within this track");
        if (track) {
            f->at[f->tracks] = at;
            f->end[f->tracks++] = at + size;
        }
        at += size;
    }
    return true;
}

bool io_midi_open(sori_ctx *c, io_midi_file *f, const char *path) {
    *f = (io_midi_file){ .c = c, .path = path };
    f->bytes = (uint8_t *)base_read_file(c, path, IO_MIDI_BYTES, &f->n);
    return f->bytes && read_outline(f);
}

void io_midi_close(io_midi_file *f) { base_free(f->c, f->bytes); }

/* --- events ------------------------------------------------------------------------------------------------------- */

/* What is left of the track's bytes. */
typedef struct rest {
    const uint8_t *at, *end;
} rest;

/* A number in groups of 7 bits, the last with its upper bit clear; at most 4 of them. */
static bool read_number(rest *r, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4 && r->at < r->end; i++) {
        *out = *out << 7 | (*r->at & 0x7f);
        if (!(*r->at++ & 0x80)) return true;
    }
    return false;
}

static const char *read_data(rest *r, io_midi_event *e) {
    uint32_t n;
    if (!read_number(r, &n) || n > (size_t)(r->end - r->at)) return "an event is longer than the track";
    e->data = r->at;
    e->n = n;
    r->at += n;
    return NULL;
}

static const char *read_message(rest *r, io_midi_event *e) {
    bool two = e->kind != IO_MIDI_PROGRAM && e->kind != 0xD;
    if (r->end - r->at < 1 + two) return "the track ends within an event";
    e->a = *r->at++;
    e->b = two ? *r->at++ : 0;
    if ((e->a | e->b) & 0x80) return "a status byte where data should be";
    if (e->kind == IO_MIDI_ON && e->b == 0) e->kind = IO_MIDI_OFF;
    return NULL;
}

/* One event behind its delta; NULL if all is well. e->kind is 0 for one to be passed over. */
static const char *read_event(rest *r, int *running, io_midi_event *e) {
    if (r->at == r->end) return "the track ends within an event";
    int status = *r->at & 0x80 ? *r->at++ : *running;
    *e = (io_midi_event){ .tick = e->tick, .kind = status >> 4, .channel = status & 15 };
    if (status == 0) return "data without an event";
    if (status < 0xF0) {
        *running = status;
        return read_message(r, e);
    }
    if (status != 0xFF) e->kind = 0;
    if (status == 0xF0 || status == 0xF7) return read_data(r, e);
    if (status != 0xFF) return "a message that a file cannot hold";
    if (r->at == r->end) return "the track ends within an event";
    e->a = *r->at++;
    return read_data(r, e);
}

bool io_midi_next(const io_midi_file *f, io_midi_cursor *k, io_midi_event *e) {
    rest r = { f->bytes + f->at[k->track] + k->at, f->bytes + f->end[k->track] };
    do {
        uint32_t delta;
        if (r.at == r.end) return false;
        const char *fault = read_number(&r, &delta) ? NULL : "a time that does not end";
        e->tick = k->tick += fault ? 0 : delta;
        if (k->tick > IO_MIDI_TICKS) fault = "beyond 2^32 ticks";
        if (!fault) fault = read_event(&r, &k->status, e);
        if (fault) return fail(f, k->track, (size_t)(r.at - f->bytes), fault);
    } while (!e->kind);
    k->at = (size_t)(r.at - f->bytes) - f->at[k->track];
    return !(e->kind == IO_MIDI_META && e->a == 0x2F);   /* End of Track */
}
