/* compose.c - a song from a seed: key, tempo, form and progressions are drawn, then the parts play over them.
 *
 * The form is the popular song's: A A B A in sections of 8 bars, each a progression of four chords, twice. A section's
 * notes are drawn with its letter, so that a tune comes back; how they are struck is drawn for each note. Progressions
 * are degrees of the scale, and one with a chord that has no perfect fifth in this scale is passed over. */
#include "synth/compose.h"
#include "array/array.h"
#include <math.h>
#include <sori/score.h>
#include <stdlib.h>
#include <string.h>

#define ONSET_S 0.006        /* deviation of onsets and of velocities */
#define VELOCITY 4.0

static const int progressions[][4] = {
    { 0, 4, 5, 3 }, { 0, 5, 3, 4 }, { 5, 3, 0, 4 }, { 0, 3, 0, 4 }, { 0, 2, 3, 4 }, { 1, 4, 0, 5 }, { 0, 3, 1, 4 },
    { 0, 5, 2, 6 }, { 0, 6, 5, 4 }, { 0, 3, 4, 0 }, { 0, 2, 6, 3 }, { 0, 6, 3, 0 }, { 0, 3, 6, 0 }, { 0, 1, 0, 6 },
};

typedef struct role {
    const char *name;
    void (*play)(compose_song *s, int part);
    bool drums;
    int programs[8], n_programs;
} role;

static const role roles[SORI_SONG_PARTS] = {
    { "melody", synth_compose_melody, false, { 73, 56, 65, 40, 71, 68, 80, 66 }, 8 },
    { "chords", synth_compose_chords, false, { 0, 4, 24, 25, 27, 16, 1, 5 }, 8 },
    { "bass", synth_compose_bass, false, { 32, 33, 34, 35, 38, 36 }, 6 },
    { "drums", synth_compose_drums, true, { 0, 8, 16, 0 }, 4 },
    { "pad", synth_compose_pad, false, { 48, 49, 52, 89, 50, 19 }, 6 },
    { "arpeggio", synth_compose_arpeggio, false, { 46, 12, 11, 24, 10, 6 }, 6 },
    { "counter melody", synth_compose_counter, false, { 42, 57, 60, 41, 70, 71 }, 6 },
    { "percussion", synth_compose_percussion, true, { 0 }, 1 },
};

/* --- what parts ask ----------------------------------------------------------------------------------------------- */

base_rng synth_compose_rng(const compose_song *s, int part, int section) {
    return base_rng_new(s->seed, BASE_RNG_SYNTH, SYNTH_DRAW_SONG + 4 * (uint32_t)part + (uint32_t)section, s->number);
}

int synth_compose_pitch(const compose_song *s, int degree) {
    return s->tonic + 12 * (degree / 7) + s->scale[degree % 7];
}

int synth_compose_degree(const compose_song *s, int pitch) {
    int degree = 0;
    while (synth_compose_pitch(s, degree) < pitch) degree++;
    return degree;
}

int synth_compose_chord(const compose_song *s, size_t bar) {
    return compose_last(s, bar) ? 0 : s->progression[compose_section(bar)][bar % 4];
}

/* Where straight time t, in beats, comes when eighths swing. */
static double swung(const compose_song *s, double t) {
    double beat = floor(t), half = 0.5 + s->swing / 6, phase = t - beat;
    return beat + (phase < 0.5 ? phase * half / 0.5 : half + (phase - 0.5) * (1 - half) / 0.5);
}

void synth_compose_add(compose_song *s, size_t bar, double beat, double beats, int pitch, int velocity) {
    compose_part *p = s->part;
    if (p->n == p->room) {
        size_t room = 2 * p->room + 256;
        sori_midi_note *notes = base_grow(s->c, p->notes, p->room, room, sizeof *notes);
        if (!notes) return;
        p->notes = notes;
        p->room = room;
    }
    double t = 4 * (double)bar + beat, on = swung(s, t), off = swung(s, t + beats);
    double late_s = ONSET_S * base_rng_normal(&p->players), louder = VELOCITY * base_rng_normal(&p->players);
    double onset_s = fmax(0, on * s->beat_s + fmin(fmax(late_s, -2 * ONSET_S), 2 * ONSET_S));
    p->notes[p->n++] = (sori_midi_note){ onset_s, (off - on) * s->beat_s, pitch,
                                         BASE_MAX(1, BASE_MIN(127, velocity + (int)rint(louder))) };
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

static bool has_fifths(const compose_song *s, const int progression[4]) {
    for (int i = 0; i < 4; i++)
        if (synth_compose_pitch(s, progression[i] + 4) - synth_compose_pitch(s, progression[i]) != 7) return false;
    return true;
}

static void choose_progressions(compose_song *s, base_rng *r) {
    const int *fit[BASE_COUNT(progressions)];
    uint32_t n = 0;
    for (size_t i = 0; i < BASE_COUNT(progressions); i++)
        if (has_fifths(s, progressions[i])) fit[n++] = progressions[i];
    if (n == 0) fit[n++] = progressions[0];
    uint32_t a = base_rng_below(r, n);
    s->progression[0] = fit[a];
    s->progression[1] = fit[n > 1 ? (a + 1 + base_rng_below(r, n - 1)) % n : a];
}

static bool choose_key(compose_song *s, base_rng *r, const char *key) {
    static const char *const modes[] = { "major", "major", "minor", "minor", "dorian", "mixolydian" };
    static const char *const tonics[] = { "C", "G", "D", "A", "E", "F", "Bb", "Eb", "B", "Ab", "F#", "Db" };
    char drawn[32];
    int pitches[SORI_SCALE_NOTES];
    const char *tonic = tonics[base_rng_below(r, 12)], *mode = modes[base_rng_below(r, 6)];
    base_format(drawn, sizeof drawn, "%s %s", tonic, mode);
    int n = sori_scale_pitches(s->c, key ? key : drawn, NULL, pitches);
    if (n > 0 && n != 8)
        sori_fail(s->c, SORI_EINVAL, "compose: the key \"%.100s\" has %d notes, not 7", key, n - 1);
    if (n != 8) return false;
    s->tonic = pitches[0] % 12;
    for (int i = 0; i < 7; i++) s->scale[i] = pitches[i] - pitches[0];
    return true;
}

static void choose_time(compose_song *s, base_rng *r, const sori_song_config *k) {
    double drawn = 72 + base_rng_below(r, 79), feel = base_rng_uniform(r);
    double bpm = k->tempo ? k->tempo : drawn, length_s = k->length_s ? k->length_s : 60;
    s->beat_s = 60 / bpm;
    s->swing = k->swing.mode == 1 ? k->swing.value : feel < 0.7 ? 0 : feel;
    s->bars = (size_t)fmax(2, rint(length_s / (4 * s->beat_s)));
}

/* --- the result --------------------------------------------------------------------------------------------------- */

static int by_onset(const void *a, const void *b) {
    const sori_midi_note *x = a, *y = b;
    if (x->onset_s != y->onset_s) return x->onset_s < y->onset_s ? -1 : 1;
    return x->pitch - y->pitch;
}

/* Sorted, and no key struck while it is down. */
static void tidy(compose_part *p) {
    size_t last[128];
    memset(last, 0xff, sizeof last);
    if (p->n) qsort(p->notes, p->n, sizeof *p->notes, by_onset);
    for (size_t i = 0; i < p->n; i++) {
        sori_midi_note *x = &p->notes[i], *before = last[x->pitch] == SIZE_MAX ? NULL : &p->notes[last[x->pitch]];
        if (before) before->duration_s = fmin(before->duration_s, x->onset_s - before->onset_s);
        last[x->pitch] = i;
    }
}

static sori_midi gather(compose_song *s, size_t n, const int *programs) {
    size_t notes_at = n * sizeof(sori_midi_track) + sizeof(sori_midi_tempo), bytes = notes_at;
    for (size_t i = 0; i < n; i++) bytes += s->parts[i].n * sizeof(sori_midi_note);
    sori_midi out = { .memory = base_failed(s->c) ? NULL : array_new_raw(s->c, SORI_U8, 1, &bytes) };
    if (!out.memory) return out;
    sori_midi_track *tracks = out.memory->data;
    sori_midi_tempo *tempo = (sori_midi_tempo *)(tracks + n);
    sori_midi_note *notes = (sori_midi_note *)(tempo + 1);
    *tempo = (sori_midi_tempo){ 0, 60 / s->beat_s };
    for (size_t i = 0; i < n; i++) {
        const compose_part *p = &s->parts[i];
        if (p->n) memcpy(notes, p->notes, p->n * sizeof *notes);
        tracks[i] = (sori_midi_track){ roles[i].name, programs[i], roles[i].drums, notes, p->n };
        notes += p->n;
    }
    out.tracks = tracks;
    out.n = n;
    out.tempos = tempo;
    out.n_tempos = 1;
    out.duration_s = 4 * s->beat_s * (double)s->bars;
    return out;
}

static bool check(sori_ctx *c, const sori_song_config *k) {
    if (base_failed(c)) return false;
    if (k->length_s != 0 && !(k->length_s >= 4 && k->length_s <= 3600))
        sori_fail(c, SORI_EINVAL, "compose: a song of %g s is not within 4 and 3600", k->length_s);
    else if (k->tempo != 0 && !(k->tempo >= 40 && k->tempo <= 240))
        sori_fail(c, SORI_EINVAL, "compose: a tempo of %g is not within 40 and 240", k->tempo);
    else if (k->instruments != 0 && (k->instruments < 2 || k->instruments > SORI_SONG_PARTS))
        sori_fail(c, SORI_EINVAL, "compose: %d instruments are not 2 to 8", k->instruments);
    else if (k->swing.mode == 1 && !(k->swing.value >= 0 && k->swing.value <= 1))
        sori_fail(c, SORI_EINVAL, "compose: swing %g is not within 0 and 1", k->swing.value);
    return !base_failed(c);
}

sori_midi sori_compose(sori_ctx *c, const sori_song_config *config) {
    sori_song_config k = config ? *config : (sori_song_config){ 0 };
    sori_midi out = { 0 };
    if (!check(c, &k)) return out;
    compose_song s = { .c = c, .seed = k.seed, .number = k.number };
    base_rng r = synth_compose_rng(&s, SORI_SONG_PARTS, 0);
    if (!choose_key(&s, &r, k.key)) return out;
    choose_time(&s, &r, &k);
    choose_progressions(&s, &r);
    size_t n = k.instruments ? (size_t)k.instruments : 4;
    int programs[SORI_SONG_PARTS];
    for (size_t i = 0; i < n; i++) {
        s.part = &s.parts[i];
        s.part->players = synth_compose_rng(&s, (int)i, 3);
        programs[i] = roles[i].programs[base_rng_below(&r, (uint32_t)roles[i].n_programs)];
        roles[i].play(&s, (int)i);
        tidy(s.part);
    }
    out = gather(&s, n, programs);
    for (size_t i = 0; i < n; i++) base_free(c, s.parts[i].notes);
    return out;
}
