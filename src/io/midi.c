/* midi.c - the notes of a MIDI file, instrument by instrument.
 *
 * The file is gone through twice: once for the tempos of all tracks, then track by track for the notes. A part is what
 * one track plays on one channel with one program. A key that goes down opens a note; it is closed by the key going up,
 * if the sustain pedal is up, by the pedal, by the key struck again, by "all notes off", or by the track's end. */
#include "io/midi.h"
#include "array/array.h"
#include <math.h>
#include <string.h>

#define NONE UINT32_MAX
enum { CHANNELS = 16, KEYS = 128, PROGRAMS = 128 };
enum { PEDAL = 64, SOUND_OFF = 120, NOTES_OFF = 123 };

typedef struct part {
    size_t name, notes;          /* which name; how many notes */
    int program;
    bool drums;
} part;

typedef struct found_note {
    sori_midi_note note;
    uint32_t part;
} found_note;

typedef struct reading {
    sori_ctx *c;
    const io_midi_file *file;
    const io_midi_clock *clock;
    bool ignore_pedal;
    found_note *notes;
    part *parts;
    char *names;                 /* NUL-terminated, one behind the other */
    size_t n_notes, note_room, n_parts, part_room, name_bytes, name_room;
    double duration_s;
    int program[CHANNELS];
} reading;

/* What a track's keys do. */
typedef struct keys {
    uint32_t open[CHANNELS][KEYS];     /* the note that sounds, or NONE */
    bool down[CHANNELS][KEYS], pedal[CHANNELS];
    uint32_t part[CHANNELS][PROGRAMS]; /* or NONE */
    size_t name;                       /* where it begins in names */
} keys;

/* --- what is found ------------------------------------------------------------------------------------------------ */

/* p [n] with room for more elements of size; *room grows. */
static void *make_room(sori_ctx *c, void *p, size_t n, size_t more, size_t size, size_t *room) {
    if (*room - n >= more) return p;
    size_t wanted = *room + *room / 2 + more + 16;
    void *grown = base_grow(c, p, *room, wanted, size);
    if (grown) *room = wanted;
    return grown;
}

static bool add_part(reading *r, const keys *k, int channel, uint32_t *number) {
    part *grown = make_room(r->c, r->parts, r->n_parts, 1, sizeof *r->parts, &r->part_room);
    if (!grown) return false;
    r->parts = grown;
    *number = (uint32_t)r->n_parts;
    r->parts[r->n_parts++] = (part){ .name = k->name, .program = r->program[channel],
                                     .drums = channel == IO_MIDI_DRUMS };
    return true;
}

/* The track's name as UTF-8: text that is not is read as Latin-1, control characters as blanks. */
static bool add_name(reading *r, const uint8_t *text, size_t n) {
    char *grown = make_room(r->c, r->names, r->name_bytes, 2 * IO_MIDI_NAME + 1, 1, &r->name_room);
    if (!grown) return false;
    r->names = grown;
    char copy[IO_MIDI_NAME + 1] = "", *to = r->names + r->name_bytes;
    n = BASE_MIN(n, (size_t)IO_MIDI_NAME);
    if (n) memcpy(copy, text, n);
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)copy[i] < 32 || copy[i] == 127) copy[i] = ' ';
    const char *s = copy;
    while (base_utf8_length(s)) s += base_utf8_length(s);
    bool latin = *s != 0;
    for (s = copy; *s; s++) {
        bool wide = latin && (*s & 0x80);
        if (wide) *to++ = (char)(0xC0 | (uint8_t)*s >> 6);
        *to++ = wide ? (char)(0x80 | (*s & 0x3f)) : *s;
    }
    *to++ = 0;
    r->name_bytes = (size_t)(to - r->names);
    return true;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void let_go(reading *r, keys *k, int channel, int key, double time_s) {
    uint32_t *open = &k->open[channel][key];
    if (*open != NONE) r->notes[*open].note.duration_s = time_s - r->notes[*open].note.onset_s;
    *open = NONE;
    k->down[channel][key] = false;
}

static bool strike(reading *r, keys *k, const io_midi_event *e, double time_s) {
    uint32_t *number = &k->part[e->channel][r->program[e->channel]];
    found_note *grown = make_room(r->c, r->notes, r->n_notes, 1, sizeof *r->notes, &r->note_room);
    if (grown) r->notes = grown;
    if (!grown || (*number == NONE && !add_part(r, k, e->channel, number))) return false;
    let_go(r, k, e->channel, e->a, time_s);
    k->open[e->channel][e->a] = (uint32_t)r->n_notes;
    k->down[e->channel][e->a] = true;
    r->notes[r->n_notes++] = (found_note){ { time_s, 0, e->a, e->b }, *number };
    r->parts[*number].notes++;
    return true;
}

/* The keys of a channel: all, or only those that the pedal alone still holds. */
static void let_go_all(reading *r, keys *k, int channel, bool held_too, double time_s) {
    for (int key = 0; key < KEYS; key++)
        if (held_too || !k->down[channel][key]) let_go(r, k, channel, key, time_s);
}

static void control(reading *r, keys *k, const io_midi_event *e, double time_s) {
    if (e->a == PEDAL && !r->ignore_pedal) {
        k->pedal[e->channel] = e->b >= 64;
        if (e->b < 64) let_go_all(r, k, e->channel, false, time_s);
    } else if (e->a == SOUND_OFF || e->a >= NOTES_OFF) {
        let_go_all(r, k, e->channel, true, time_s);
    }
}

static bool take(reading *r, keys *k, const io_midi_event *e, double time_s) {
    switch (e->kind) {
    case IO_MIDI_ON: return strike(r, k, e, time_s);
    case IO_MIDI_OFF:
        k->down[e->channel][e->a] = false;
        if (!k->pedal[e->channel]) let_go(r, k, e->channel, e->a, time_s);
        return true;
    case IO_MIDI_CONTROL: control(r, k, e, time_s); return true;
    case IO_MIDI_PROGRAM: r->program[e->channel] = e->a; return true;
    default: return true;
    }
}

/* --- tracks ------------------------------------------------------------------------------------------------------- */

/* A name may stand behind the first notes, so it is looked for before. */
static bool find_name(reading *r, size_t track) {
    io_midi_cursor cursor = { .track = track };
    io_midi_event e;
    while (io_midi_next(r->file, &cursor, &e))
        if (e.kind == IO_MIDI_META && e.a == 0x03) return add_name(r, e.data, e.n);
    return !base_failed(r->c) && add_name(r, NULL, 0);
}

static bool read_track(reading *r, keys *k, size_t track) {
    io_midi_cursor cursor = { .track = track };
    io_midi_event e;
    size_t at = 0;
    memset(k, 0, sizeof *k);
    memset(k->open, 0xff, sizeof k->open);
    memset(k->part, 0xff, sizeof k->part);
    k->name = r->name_bytes;
    if (!find_name(r, track)) return false;
    while (io_midi_next(r->file, &cursor, &e))
        if (!take(r, k, &e, io_midi_seconds(r->clock, &at, e.tick))) return false;
    double end_s = io_midi_seconds(r->clock, &at, cursor.tick);
    for (int channel = 0; channel < CHANNELS; channel++) let_go_all(r, k, channel, true, end_s);
    r->duration_s = fmax(r->duration_s, end_s);
    if (end_s > IO_MIDI_SECONDS)
        sori_fail(r->c, SORI_EFORMAT, "%s: a MIDI file of more than 24 hours", r->file->path);
    return !base_failed(r->c);
}

/* --- the result --------------------------------------------------------------------------------------------------- */

/* tracks, tempos, notes by part, names: in one block. */
static sori_midi gather(const reading *r) {
    size_t n_tempos = r->file->ticks_per_beat ? r->clock->n : 0;
    size_t tempos_at = r->n_parts * sizeof(sori_midi_track), notes_at = tempos_at + n_tempos * sizeof(sori_midi_tempo);
    size_t names_at = notes_at + r->n_notes * sizeof(sori_midi_note), bytes = names_at + r->name_bytes;
    sori_midi out = { .memory = array_new_raw(r->c, SORI_U8, 1, &bytes) };
    if (!out.memory) return out;
    char *base = out.memory->data;
    sori_midi_track *tracks = (sori_midi_track *)(void *)base;
    sori_midi_tempo *tempos = (sori_midi_tempo *)(void *)(base + tempos_at);
    sori_midi_note *notes = (sori_midi_note *)(void *)(base + notes_at);
    if (r->name_bytes) memcpy(base + names_at, r->names, r->name_bytes);
    for (size_t i = 0; i < r->n_parts; i++) {
        const part *p = &r->parts[i];
        tracks[i] = (sori_midi_track){ base + names_at + p->name, p->program, p->drums, notes, 0 };
        notes += p->notes;
    }
    for (size_t i = 0; i < r->n_notes; i++) {
        sori_midi_track *t = &tracks[r->notes[i].part];
        ((sori_midi_note *)t->notes)[t->n++] = r->notes[i].note;
    }
    for (size_t i = 0; i < n_tempos; i++)
        tempos[i] = (sori_midi_tempo){ r->clock->spans[i].time_s,
                                       60 / (r->clock->spans[i].tick_s * r->file->ticks_per_beat) };
    out.tracks = tracks;
    out.n = r->n_parts;
    out.tempos = tempos;
    out.n_tempos = n_tempos;
    out.duration_s = r->duration_s;
    return out;
}

sori_midi sori_load_midi(sori_ctx *c, const char *path, const sori_midi_config *config) {
    sori_midi out = { 0 };
    if (base_failed(c)) return out;
    if (!path) sori_fail(c, SORI_EINVAL, "load_midi: no path given");
    io_midi_file file = { .c = c };
    io_midi_clock clock = { 0 };
    reading r = { .c = c, .file = &file, .clock = &clock, .ignore_pedal = config && config->ignore_pedal };
    keys *k = path ? base_alloc(c, 1, sizeof *k) : NULL;
    bool ok = k && io_midi_open(c, &file, path) && io_midi_clock_read(&file, &clock);
    for (size_t track = 0; ok && track < file.tracks; track++) ok = read_track(&r, k, track);
    if (ok) out = gather(&r);
    base_free(c, r.notes);
    base_free(c, r.parts);
    base_free(c, r.names);
    base_free(c, k);
    io_midi_clock_free(c, &clock);
    io_midi_close(&file);
    return out;
}
