/* perform.c - a part of a song: all notes of an instrument through one FluidSynth, in one go.
 *
 * Notes become strokes (key down, key up) at borders of FluidSynth's blocks, sorted by time, ups first; between strokes
 * it renders. Every call has a FluidSynth of its own, because voices keep gains and filters of what they played before:
 * so a part's samples depend on its notes alone. */
#include "array/array.h"
#include "synth/synth.h"
#include <math.h>
#include <sori/score.h>
#include <stdlib.h>

#ifdef SORI_WITH_FLUIDSYNTH
#include "synth/fluid.h"

#define MAX_NOTES 65536
#define MAX_LENGTH_S 3600.0

typedef struct stroke {
    size_t block;
    int pitch, velocity;         /* velocity 0: up */
    size_t note;
} stroke;

static int by_block(const void *a, const void *b) {
    const stroke *x = a, *y = b;
    if (x->block != y->block) return x->block < y->block ? -1 : 1;
    if (!x->velocity != !y->velocity) return x->velocity ? 1 : -1;
    return x->note < y->note ? -1 : 1;
}

static bool check(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n, double length_s,
                  sori_note_config *k) {
    if (!synth_check_note(c, s, k)) return false;
    if (n > MAX_NOTES || (n && !notes)) sori_fail(c, SORI_EINVAL, "synth: %zu notes to play, above %d", n, MAX_NOTES);
    else if (!(length_s > 0 && length_s <= MAX_LENGTH_S))
        sori_fail(c, SORI_EINVAL, "synth: a part of %g s is not above 0 and at most %g", length_s, MAX_LENGTH_S);
    for (size_t i = 0; !base_failed(c) && i < n; i++) {
        const sori_score_note *x = &notes[i];
        if (x->pitch < 1 || x->pitch > 127 || x->velocity < 1 || x->velocity > 127)
            sori_fail(c, SORI_EINVAL, "synth: note %zu: pitch %d, velocity %d must be within 1 and 127", i, x->pitch,
                      x->velocity);
        else if (!(x->onset_s >= 0 && x->onset_s <= 2 * MAX_LENGTH_S && x->duration_s >= 0 && x->duration_s < 1e6))
            sori_fail(c, SORI_EINVAL, "synth: note %zu begins at %g s and lasts %g s", i, x->onset_s, x->duration_s);
    }
    return !base_failed(c);
}

/* notes [n] -> strokes [2 n]. A key is down for a block at least. */
static void make_strokes(const sori_score_note *notes, size_t n, stroke *out) {
    double rate = SYNTH_RATE / SYNTH_FLUID_BLOCK;
    for (size_t i = 0; i < n; i++) {
        size_t on = (size_t)rint(notes[i].onset_s * rate);
        size_t off = (size_t)rint((notes[i].onset_s + notes[i].duration_s) * rate);
        out[2 * i] = (stroke){ on, notes[i].pitch, notes[i].velocity, i };
        out[2 * i + 1] = (stroke){ BASE_MAX(off, on + 1), notes[i].pitch, 0, i };
    }
    if (n) qsort(out, 2 * n, sizeof *out, by_block);
}

static void render(fluid_synth_t *fluid, float *y, size_t frames, size_t from, size_t to) {
    for (size_t at = from * SYNTH_FLUID_BLOCK; at < to * SYNTH_FLUID_BLOCK; at += SYNTH_FLUID_BLOCK)
        fluid_synth_write_float(fluid, SYNTH_FLUID_BLOCK, y + at, 0, 1, y + frames + at, 0, 1);
}

/* strokes [n], keys moved by `keys`; y [2, frames], whole blocks. A key struck again is another note's from then on. */
static void run(fluid_synth_t *fluid, const stroke *strokes, size_t n, int keys, float *y, size_t frames) {
    size_t at = 0, blocks = frames / SYNTH_FLUID_BLOCK, holder[128] = { 0 };
    for (size_t i = 0; i < n && strokes[i].block < blocks; i++) {
        const stroke *x = &strokes[i];
        int pitch = BASE_MAX(0, BASE_MIN(127, x->pitch + keys));
        render(fluid, y, frames, at, x->block);
        at = x->block;
        if (x->velocity) {
            fluid_synth_noteon(fluid, 0, pitch, x->velocity);
            holder[x->pitch] = x->note;
        } else if (holder[x->pitch] == x->note) {
            fluid_synth_noteoff(fluid, 0, pitch);
        }
    }
    render(fluid, y, frames, at, blocks);
}

static sori_array *perform(sori_ctx *c, sori_synth *s, const stroke *strokes, size_t n, size_t frames,
                           sori_note_config *k) {
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, frames });
    fluid_synth_t *fluid = y ? new_fluid_synth(s->settings) : NULL;
    int font = fluid ? fluid_synth_sfload(fluid, s->path, 0) : FLUID_FAILED, pitch = k->pitch;
    if (y && font == FLUID_FAILED) sori_fail(c, SORI_ENOMEM, "synth: FluidSynth does not start");
    bool ok = font != FLUID_FAILED && synth_select(c, s, fluid, font, k) && synth_tune(c, fluid, k);
    if (ok) {
        fluid_synth_set_interp_method(fluid, -1, FLUID_INTERP_4THORDER);
        run(fluid, strokes, n, k->pitch - pitch, y->data, frames);
    }
    if (fluid) delete_fluid_synth(fluid);
    return ok ? y : NULL;
}

sori_audio sori_perform(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n, double length_s,
                        const sori_note_config *config) {
    sori_note_config k = config ? *config : (sori_note_config){ 0 };
    sori_audio out = { 0 };
    k.pitch = k.velocity = 64;
    if (base_failed(c) || !check(c, s, notes, n, length_s, &k)) return out;
    out.sr = k.sr;
    int scope = sori_begin(c);
    stroke *strokes = base_alloc_raw(c, 2 * n, sizeof *strokes);
    /* A block more than is heard: resampling must not end before the part does. */
    size_t frames = ((size_t)ceil(length_s * SYNTH_RATE / SYNTH_FLUID_BLOCK) + 1) * SYNTH_FLUID_BLOCK;
    if (strokes) make_strokes(notes, n, strokes);
    sori_array *y = strokes ? perform(c, s, strokes, 2 * n, frames, &k) : NULL;
    out.y = y ? synth_finish(c, &k, y, (size_t)ceil(length_s * k.sr)) : NULL;
    base_free(c, strokes);
    sori_end(c, scope, out.y);
    return out;
}

#else
sori_audio sori_perform(sori_ctx *c, sori_synth *s, const sori_score_note *notes, size_t n, double length_s,
                        const sori_note_config *config) {
    (void)s, (void)notes, (void)n, (void)length_s, (void)config;
    sori_fail(c, SORI_EUNSUP, "synth: sori was not built with FluidSynth");
    return (sori_audio){ 0 };
}
#endif
