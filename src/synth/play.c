/* play.c - notes played together, chords and scales among them.
 *
 * Sound adds: each note is made alone by sori_note, whose samples depend on that note only, and added where it begins.
 * So a chord is the sum of its notes, to the bit, and labels are exact to the sample. */
#include "array/array.h"
#include "synth/synth.h"
#include <math.h>
#include <sori/score.h>

#define MAX_NOTES 65536
#define MAX_ONSET_S 3600.0
#define KICK 36              /* General MIDI's Bass Drum 1 */

/* --- one note ---------------------------------------------------------------------------------------------------- */

bool synth_check_note(sori_ctx *c, const sori_synth *s, sori_note_config *k) {
    if (!s) sori_fail(c, SORI_EINVAL, "synth: no synthesiser given");
    if (k->instrument && !base_failed(c)) k->program = sori_instrument(c, k->instrument);
    if (!k->pitch) k->pitch = k->drums ? KICK : 60;
    if (!k->velocity) k->velocity = 100;
    if (!k->duration_s) k->duration_s = 1;
    if (!k->release_s) k->release_s = 0.25;
    if (!k->sr) k->sr = 22050;
    if (!k->a4_hz) k->a4_hz = 440;
    if (base_failed(c)) return false;
    if (k->program < 0 || k->program > 127 || k->pitch < 1 || k->pitch > 127 || k->velocity < 1 || k->velocity > 127)
        sori_fail(c, SORI_EINVAL, "synth: program %d, pitch %d, velocity %d must be within 0, 1, 1 to 127", k->program,
                  k->pitch, k->velocity);
    else if (!(k->duration_s > 0 && k->duration_s <= 3600) || !(k->release_s > 0 && k->release_s <= 3600))
        sori_fail(c, SORI_EINVAL, "synth: a note of %g + %g s (each above 0, at most 3600)", k->duration_s,
                  k->release_s);
    else if (!(k->sr >= 1000 && k->sr <= 768000))
        sori_fail(c, SORI_EINVAL, "synth: sampling rate %g Hz must be within 1000 and 768000", k->sr);
    else if (!(k->a4_hz >= 220 && k->a4_hz <= 880) || !(fabs(k->cents) <= 1200))
        sori_fail(c, SORI_EINVAL, "synth: A4 at %g Hz must be within 220 and 880, %g cents within -1200 and 1200",
                  k->a4_hz, k->cents);
    return !base_failed(c);
}

size_t synth_note_samples(const sori_note_config *k) { return (size_t)ceil((k->duration_s + k->release_s) * k->sr); }

/* --- many -------------------------------------------------------------------------------------------------------- */

static sori_note_config merged(const sori_score_note *note, const sori_note_config *config) {
    sori_note_config k = config ? *config : (sori_note_config){ 0 };
    if (note->pitch) k.pitch = note->pitch;
    if (note->velocity) k.velocity = note->velocity;
    if (note->duration_s) k.duration_s = note->duration_s;
    k.cents += note->cents;
    return k;
}

static size_t begins_at(const sori_score_note *note, double sr) { return (size_t)rint(note->onset_s * sr); }

/* The samples of all, 0 after an error: what is wrong with a note is said before the first is made. */
static size_t length_of(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n,
                        const sori_note_config *config) {
    size_t length = 0;
    if (!notes || n == 0 || n > MAX_NOTES)
        sori_fail(c, SORI_EINVAL, "synth: %zu notes to play, not 1 to %d", notes ? n : 0, MAX_NOTES);
    for (size_t i = 0; !base_failed(c) && i < n; i++) {
        sori_note_config k = merged(&notes[i], config);
        if (!(notes[i].onset_s >= 0 && notes[i].onset_s <= MAX_ONSET_S))
            sori_fail(c, SORI_EINVAL, "synth: note %zu begins at %g s, not within 0 and %g", i, notes[i].onset_s,
                      MAX_ONSET_S);
        else if (synth_check_note(c, s, &k))
            length = BASE_MAX(length, begins_at(&notes[i], k.sr) + synth_note_samples(&k));
    }
    return base_failed(c) ? 0 : length;
}

/* y [m] or [2, m] into the mix, from sample `at` on. */
static void add(sori_array *mix, const sori_array *y, size_t at) {
    size_t m = y->shape[y->ndim - 1], n = mix->shape[mix->ndim - 1];
    for (size_t row = 0; row * m < y->size; row++)
        for (size_t i = 0; i < m; i++)
            ((float *)mix->data)[row * n + at + i] += ((const float *)y->data)[row * m + i];
}

sori_audio sori_play(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n,
                     const sori_note_config *config) {
    sori_audio out = { 0 };
    size_t length = base_failed(c) ? 0 : length_of(c, s, notes, n, config);
    if (!length) return out;
    bool stereo = config && config->stereo;
    out.sr = config && config->sr ? config->sr : 22050;
    out.y = sori_array_new(c, SORI_F32, stereo ? 2 : 1, stereo ? (size_t[]){ 2, length } : &length);
    for (size_t i = 0; out.y && i < n; i++) {
        int scope = sori_begin(c);
        sori_note_config k = merged(&notes[i], config);
        sori_audio y = sori_note(c, s, &k);
        if (y.y) add(out.y, y.y, begins_at(&notes[i], out.sr));
        else out.y = NULL;
        sori_end(c, scope, NULL);
    }
    return out;
}

sori_audio sori_chord(sori_ctx *c, sori_synth *s, const char *name, const sori_chord_config *config,
                      const sori_note_config *note) {
    int pitches[SORI_CHORD_NOTES], n = sori_chord_pitches(c, name, config, pitches);
    sori_score_note notes[SORI_CHORD_NOTES] = { { 0 } };
    for (int i = 0; i < n; i++) notes[i].pitch = pitches[i];
    return n < 0 ? (sori_audio){ 0 } : sori_play(c, s, notes, (size_t)n, note);
}

sori_audio sori_scale(sori_ctx *c, sori_synth *s, const char *name, const sori_scale_config *config,
                      const sori_note_config *note) {
    int pitches[SORI_SCALE_NOTES], n = sori_scale_pitches(c, name, config, pitches);
    sori_score_note notes[SORI_SCALE_NOTES] = { { 0 } };
    double each_s = note && note->duration_s ? note->duration_s : 1;
    for (int i = 0; i < n; i++) notes[i] = (sori_score_note){ .onset_s = i * each_s, .pitch = pitches[i] };
    return n < 0 ? (sori_audio){ 0 } : sori_play(c, s, notes, (size_t)n, note);
}
