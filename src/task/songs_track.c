/* songs_track.c - a song whose parts are known: rendered, balanced, rounded, added.
 *
 *   notes -> sori_perform -> room -> w to the loudness of its role -> its stem      w = 10^((role - LUFS) / 20)
 *   mixture = the sum of the stems -> one gain for all: to the loudness asked for, less where a peak is above -1 dBFS
 *   stem = rint(gain x 2^23) / 2^23, mixture = the sum of these whole numbers
 *
 * Whole numbers below 2^24 are exact in float, and 24-bit files hold them, so the sum is exact from file to file. */
#include "task/songs.h"
#include "data/data.h"
#include <inttypes.h>
#include <math.h>
#include <sori/fx.h>
#include <sori/level.h>
#include <sori/score.h>
#include <string.h>

#define TAIL_S 2.0                 /* what the last notes have to fade */
#define MAX_LENGTH_S 3600.0
#define MAX_SAMPLES ((size_t)1 << 29)
#define WET 0.25                   /* share of the room in what is heard */
#define EXACT_DB 0.001
#define ROUNDS 6
#define FULL_SCALE 8388608.0       /* 2^23 */

static void *scoped(sori_ctx *c, size_t n, size_t size) {
    size_t bytes = 0;
    if (base_mul_overflows(n, size, &bytes)) return NULL;
    sori_array *memory = sori_array_new(c, SORI_U8, 1, (size_t[]){ BASE_MAX(bytes, 1) });
    return memory ? memory->data : NULL;
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

/* The parts of a composed song, in sori_compose's order, against its melody: dB of loudness. */
static const double composed_db[SORI_SONG_PARTS] = { 0, -5, -2, -1, -9, -6, -4, -9 };
static const double role_db[SONGS_ROLES] = { 0, -1, -2, -5 };
static const char *const role_names[SONGS_ROLES] = { "vocals", "drums", "bass", "other" };

static double mean_pitch(const sori_midi_track *t) {
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) sum += t->notes[i].pitch;
    return t->n ? sum / (double)t->n : 0;
}

/* Drums and bass are known by what plays them; the lead is the highest of the others. */
static void choose_roles(songs_track *t) {
    songs_part *lead = NULL;
    for (size_t i = 0; i < t->midi.n; i++) {
        songs_part *p = &t->parts[i];
        bool bass = p->track.program >= 32 && p->track.program < 40;
        p->role = p->track.drums ? SONGS_DRUMS : bass ? SONGS_BASS : SONGS_OTHER;
        if (p->role == SONGS_OTHER && (!lead || mean_pitch(&p->track) > mean_pitch(&lead->track))) lead = p;
    }
    if (!t->file) lead = &t->parts[0];
    if (lead) lead->role = SONGS_VOCALS;
    for (size_t i = 0; i < t->midi.n; i++) {
        t->parts[i].level_db = t->file ? role_db[t->parts[i].role] : composed_db[i];
        t->parts[i].stem = i;
    }
}

/* Pitch 0 is no key of an instrument (8 Hz); the others are copied. */
static bool copy_notes(sori_ctx *c, songs_part *p) {
    const sori_midi_track *from = &p->track;
    sori_midi_note *notes = scoped(c, from->n, sizeof *notes);
    size_t n = 0;
    for (size_t i = 0; notes && i < from->n; i++)
        if (from->notes[i].pitch > 0) notes[n++] = from->notes[i];
    p->track.notes = notes;
    p->track.n = n;
    return notes;
}

/* Tempos and names as sori_save_midi takes them: whole, and within its limits. */
static bool copy_midi(sori_ctx *c, songs_track *t, const sori_midi *m) {
    sori_midi_tempo *tempos = scoped(c, m->n_tempos, sizeof *tempos);
    t->midi = *m;
    t->midi.tempos = tempos;
    t->parts = tempos ? scoped(c, m->n, sizeof *t->parts) : NULL;
    for (size_t i = 0; tempos && i < m->n_tempos; i++)
        tempos[i] = (sori_midi_tempo){ m->tempos[i].time_s, fmin(fmax(m->tempos[i].bpm, 4), 1000) };
    for (size_t i = 0; t->parts && i < m->n; i++) {
        t->parts[i].track = m->tracks[i];
        if (strlen(m->tracks[i].name) > 254) t->parts[i].track.name = NULL;
        if (!copy_notes(c, &t->parts[i])) return false;
    }
    return t->parts;
}

/* --- stems -------------------------------------------------------------------------------------------------------- */

/* A stem a part; or one for each role, also for those that nobody plays. */
static bool open_stems(sori_ctx *c, const songs *s, songs_track *t) {
    bool roles = s->k.layout == SORI_MUSDB;
    t->stem_count = roles ? SONGS_ROLES : t->midi.n;
    t->stems = scoped(c, t->stem_count, sizeof *t->stems);
    size_t n = (size_t)ceil(t->duration_s * s->k.sr), each = n * s->channels;
    if (t->stems && each > MAX_SAMPLES / t->stem_count)
        sori_fail(c, SORI_EINVAL, "songs: %zu stem%s of %g s at %g Hz: more than %zu samples", t->stem_count,
                  t->stem_count == 1 ? "" : "s", t->duration_s, s->k.sr, MAX_SAMPLES);
    for (size_t i = 0; !base_failed(c) && i < t->stem_count; i++) {
        songs_stem *x = &t->stems[i];
        if (roles) base_format(x->name, sizeof x->name, "%s", role_names[i]);
        else base_format(x->name, sizeof x->name, "S%02u", (unsigned)(i & 0xff));
        x->y = s->channels == 1 ? sori_array_new(c, SORI_F32, 1, &n)
                                : sori_array_new(c, SORI_F32, 2, (size_t[]){ s->channels, n });
    }
    if (!base_failed(c)) t->mix = sori_array_new(c, SORI_F32, t->stems->y->ndim, t->stems->y->shape);
    for (size_t i = 0; roles && i < t->midi.n; i++) t->parts[i].stem = t->parts[i].role;
    return !base_failed(c);
}

static bool check(sori_ctx *c, const sori_midi *m) {
    size_t notes = 0;
    for (size_t i = 0; i < m->n; i++) notes += m->tracks[i].n;
    if (base_failed(c)) return false;
    if (notes == 0) sori_fail(c, SORI_EFORMAT, "has no notes");
    else if (m->n > SONGS_PARTS) sori_fail(c, SORI_EFORMAT, "has %zu instruments, above %d", m->n, SONGS_PARTS);
    else if (m->duration_s > MAX_LENGTH_S)
        sori_fail(c, SORI_EFORMAT, "lasts %.0f s, above %g", m->duration_s, MAX_LENGTH_S);
    return !base_failed(c);
}

/* What it is made from, as 32 digits: Slakh's are the MD5 of a MIDI file, and no more than a name. */
static bool identify(sori_ctx *c, const songs *s, songs_track *t) {
    uint64_t h[2];
    if (t->file) {
        if (!data_hash_file(c, t->file, h)) return false;
    } else {
        const uint64_t key[2] = { s->k.song.seed, t->number };
        h[0] = base_hash(BASE_HASH_START, key, sizeof key);
        h[1] = base_hash(h[0], key, sizeof key);
    }
    base_format(t->id, sizeof t->id, "%016" PRIx64 "%016" PRIx64, h[0], h[1]);
    return true;
}

bool task_songs_open(sori_ctx *c, const songs *s, songs_track *t) {
    t->file = s->k.n_files ? s->k.files[t->number] : NULL;
    base_format(t->name, sizeof t->name, "Track%05u", (unsigned)(t->number + 1) % 100000);
    sori_song_config song = s->k.song;
    song.number = (uint32_t)t->number;
    sori_midi m = t->file ? sori_load_midi(c, t->file, NULL) : sori_compose(c, &song);
    if (!check(c, &m) || !copy_midi(c, t, &m) || !identify(c, s, t)) return false;
    choose_roles(t);
    t->duration_s = fmin(m.duration_s + TAIL_S + s->k.room_s, MAX_LENGTH_S);
    return true;
}

/* --- sound -------------------------------------------------------------------------------------------------------- */

/* A kit that the SoundFont lacks is the standard one, as every player of MIDI files takes it. */
static sori_audio perform(sori_ctx *c, const songs *s, sori_synth *synth, songs_track *t, songs_part *p) {
    sori_audio y = { 0 };
    size_t n = p->track.n;
    sori_score_note *notes = scoped(c, n, sizeof *notes);
    for (size_t i = 0; notes && i < n; i++) {
        const sori_midi_note *x = &p->track.notes[i];
        notes[i] = (sori_score_note){ x->onset_s, x->duration_s, x->pitch, x->velocity, 0 };
    }
    sori_note_config k = { .program = p->track.program, .drums = p->track.drums, .sr = s->k.sr,
                           .stereo = s->channels == 2 };
    if (notes) y = sori_perform(c, synth, notes, n, t->duration_s, &k);
    if (p->track.drums && k.program && sori_error(c) == SORI_EINVAL) {
        sori_clear(c);
        p->track.program = k.program = 0;
        y = sori_perform(c, synth, notes, n, t->duration_s, &k);
    }
    return y;
}

static bool add_part(sori_ctx *c, const songs *s, sori_synth *synth, songs_track *t, songs_part *p) {
    int scope = sori_begin(c);
    sori_audio y = perform(c, s, synth, t, p);
    if (y.y && s->k.room_s)
        y = sori_reverb(c, y, &(sori_reverb_config){ .decay_s = s->k.room_s, .wet = SORI_VALUE(WET) });
    double loudness = sori_loudness(c, y);
    if (!base_failed(c)) {
        float w = isfinite(loudness) ? (float)pow(10, (s->loudness + p->level_db - loudness) / 20) : 1;
        float *to = t->stems[p->stem].y->data;
        const float *from = y.y->data;
        for (size_t i = 0; i < y.y->size; i++) to[i] += w * from[i];
    }
    sori_end(c, scope, NULL);
    return !base_failed(c) && !base_interrupted(c);
}

/* The sum, and the highest peak there is in it and in the stems. */
static double add_stems(songs_track *t) {
    float *mix = t->mix->data, peak = 0;
    for (size_t k = 0; k < t->stem_count; k++) {
        const float *y = t->stems[k].y->data;
        for (size_t i = 0; i < t->mix->size; i++) {
            mix[i] += y[i];
            peak = fmaxf(peak, fabsf(y[i]));
        }
    }
    for (size_t i = 0; i < t->mix->size; i++) peak = fmaxf(peak, fabsf(mix[i]));
    return peak;
}

/* Stems as whole numbers, and the mixture their sum. */
static void round_stems(songs_track *t, double gain) {
    float *mix = t->mix->data;
    for (size_t i = 0; i < t->mix->size; i++) {
        double sum = 0;
        for (size_t k = 0; k < t->stem_count; k++) {
            float *y = t->stems[k].y->data;
            double q = rint(y[i] * gain * FULL_SCALE);
            y[i] = (float)(q / FULL_SCALE);
            sum += q;
        }
        mix[i] = (float)(sum / FULL_SCALE);
    }
}

/* The gain that brings the mixture to the loudness asked for; mix is scaled. Loudness does not quite follow gain, as
 * blocks that come below -70 LUFS do not count any more: so it is measured again. */
static double find_gain(sori_ctx *c, const songs *s, sori_array *mix) {
    double gain = 1;
    for (int round = 0; round < ROUNDS; round++) {
        double miss = s->loudness - sori_loudness(c, (sori_audio){ mix, s->k.sr }), step = pow(10, miss / 20);
        if (!isfinite(miss) || fabs(miss) < EXACT_DB) break;
        for (size_t i = 0; i < mix->size; i++) ((float *)mix->data)[i] *= (float)step;
        gain *= step;
    }
    return gain;
}

/* Rounding can move the mixture by half a step a stem: the ceiling is that much lower. */
static bool mix_down(sori_ctx *c, const songs *s, songs_track *t) {
    double peak = add_stems(t), ceiling = pow(10, SONGS_CEILING_DB / 20) - (double)t->stem_count / FULL_SCALE;
    double gain = find_gain(c, s, t->mix);
    t->overall_gain = peak * gain > ceiling ? ceiling / (peak * gain) : 1;
    if (!base_failed(c)) round_stems(t, gain * t->overall_gain);
    t->loudness = sori_loudness(c, (sori_audio){ t->mix, s->k.sr });
    for (size_t k = 0; k < t->stem_count; k++)
        t->stems[k].loudness = sori_loudness(c, (sori_audio){ t->stems[k].y, s->k.sr });
    return !base_failed(c);
}

bool task_songs_render(sori_ctx *c, const songs *s, sori_synth *synth, songs_track *t) {
    if (!open_stems(c, s, t)) return false;
    for (size_t i = 0; i < t->midi.n; i++)
        if (!add_part(c, s, synth, t, &t->parts[i])) return false;
    return mix_down(c, s, t);
}
