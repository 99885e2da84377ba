/* io/midi.h - what the reader and the writer of MIDI files share. Private to io.
 *
 *   midi_event.c   bytes -> chunks -> events         midi_tempo.c   ticks <-> seconds
 *   midi.c         events -> notes of instruments    midi_save.c    and back */
#ifndef IO_MIDI_H
#define IO_MIDI_H

#include "base/base.h"
#include <sori/midi.h>

#define IO_MIDI_BYTES ((uint64_t)1 << 24)    /* of a file */
#define IO_MIDI_TRACKS 1024
#define IO_MIDI_TICKS ((uint64_t)1 << 32)
#define IO_MIDI_SECONDS 86400.0
#define IO_MIDI_NAME 127                     /* bytes read of a track's name; as UTF-8 twice that */
#define IO_MIDI_DRUMS 9                      /* channel 10, from 0 on */

/* --- midi_event.c ------------------------------------------------------------------------------------------------ */

typedef struct io_midi_file {
    sori_ctx *c;
    const char *path;
    uint8_t *bytes;              /* [n] */
    size_t n;
    int ticks_per_beat;          /* 0: time code, where tick_s is what a tick lasts */
    double tick_s;
    size_t tracks;
    size_t at[IO_MIDI_TRACKS], end[IO_MIDI_TRACKS];   /* where the events of each lie in bytes */
} io_midi_file;

/* Read and look through the outline. False after an error; closed either way by io_midi_close. */
bool io_midi_open(sori_ctx *c, io_midi_file *f, const char *path);
void io_midi_close(io_midi_file *f);

enum { IO_MIDI_OFF = 0x8, IO_MIDI_ON = 0x9, IO_MIDI_CONTROL = 0xB, IO_MIDI_PROGRAM = 0xC, IO_MIDI_META = 0xF };

typedef struct io_midi_event {
    uint64_t tick;
    int kind;                    /* the status byte's upper half; note-on of velocity 0 is off; no sysex */
    int channel;                 /* 0 .. 15 */
    int a, b;                    /* data bytes; meta events: a is the type */
    const uint8_t *data;         /* meta events: [n] */
    size_t n;
} io_midi_event;

/* The next event of a track, from a cursor that is 0 but for the track's number. False at the end, which is at the
 * cursor's tick, and on error. */
typedef struct io_midi_cursor {
    size_t track, at;            /* at: bytes eaten */
    uint64_t tick;
    int status;                  /* running */
} io_midi_cursor;
bool io_midi_next(const io_midi_file *f, io_midi_cursor *k, io_midi_event *e);

/* --- midi_tempo.c ------------------------------------------------------------------------------------------------ */

/* From tick on, which is at time_s, a tick lasts tick_s. */
typedef struct io_midi_span {
    uint64_t tick;
    double time_s, tick_s;
} io_midi_span;

typedef struct io_midi_clock {
    io_midi_span *spans;         /* [n] by tick, the first at 0 */
    size_t n, room;
} io_midi_clock;

/* Of a file: all its tempo events. Of a piece: its tempos, as the file will have them, us [n_tempos + 1] microseconds a
 * beat for each span. False after an error; freed either way. */
bool io_midi_clock_read(const io_midi_file *f, io_midi_clock *clock);
bool io_midi_clock_make(sori_ctx *c, io_midi_clock *clock, const sori_midi *m, int ticks_per_beat);
void io_midi_clock_free(sori_ctx *c, io_midi_clock *clock);

/* *at is the span looked at last: ticks rise from call to call. */
double io_midi_seconds(const io_midi_clock *clock, size_t *at, uint64_t tick);
/* The nearest tick. */
uint64_t io_midi_tick(const io_midi_clock *clock, double time_s);

#endif
