/* soundfont.c - notes of sampled instruments: FluidSynth plays a SoundFont into memory.
 *
 * Rendering happens at 44100 Hz, the rate of the samples, and is resampled with soxr: FluidSynth's own interpolation
 * has no low-pass and would alias at lower rates. Reverb and chorus are off and one core is used. FluidSynth works in
 * blocks of 64 frames; notes begin and end on block borders and the voices are stopped between notes, so that a note's
 * samples do not depend on what was played before.
 *
 * FluidSynth logs through functions that belong to the process; they are set to none when a SoundFont is opened. The
 * call stores a pointer that is always the same, so threads that open SoundFonts at once do not disturb each other. */
#include "array/array.h"
#include "synth/synth.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

#ifdef SORI_WITH_FLUIDSYNTH
#include "synth/fluid.h"

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* The usual places of Debian's fluid-soundfont-gm and of its alternatives. */
static const char *usual_soundfont(void) {
    static const char *const places[] = {
        "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/default-GM.sf2",
        "/usr/share/sounds/sf3/default-GM.sf3",
    };
    for (size_t i = 0; i < BASE_COUNT(places); i++)
        if (access(places[i], R_OK) == 0) return places[i];
    return NULL;
}

static fluid_settings_t *new_settings(void) {
    for (int level = 0; level < LAST_LOG_LEVEL; level++) fluid_set_log_function(level, NULL, NULL);
    fluid_settings_t *s = new_fluid_settings();
    if (!s) return NULL;
    fluid_settings_setnum(s, "synth.sample-rate", SYNTH_RATE);
    fluid_settings_setnum(s, "synth.gain", SYNTH_GAIN);
    fluid_settings_setint(s, "synth.cpu-cores", 1);
    fluid_settings_setint(s, "synth.reverb.active", 0);
    fluid_settings_setint(s, "synth.chorus.active", 0);
    fluid_settings_setint(s, "synth.lock-memory", 0);
    fluid_settings_setint(s, "synth.dynamic-sample-loading", 1);
    fluid_settings_setint(s, "synth.min-note-length", 0);
    return s;
}

sori_synth *sori_synth_open(sori_ctx *c, const char *soundfont) {
    if (base_failed(c)) return NULL;
    if (!soundfont && !(soundfont = usual_soundfont())) {
        sori_fail(c, SORI_EIO, "synth: no SoundFont found: install the package fluid-soundfont-gm, or name an .sf2 "
                  "file (--soundfont)");
        return NULL;
    }
    if (!synth_check_soundfont(c, soundfont)) return NULL;
    sori_synth *s = base_alloc(c, 1, sizeof *s);
    if (!s) return NULL;
    s->c = c;
    s->path = base_strdup(c, soundfont);
    s->settings = s->path ? new_settings() : NULL;
    s->fluid = s->settings ? new_fluid_synth(s->settings) : NULL;
    if (!s->fluid) sori_fail(c, SORI_ENOMEM, "synth: FluidSynth does not start");
    else if ((s->font = fluid_synth_sfload(s->fluid, soundfont, 0)) == FLUID_FAILED)
        sori_fail(c, SORI_EFORMAT, "%s: a damaged SoundFont: FluidSynth cannot load it", soundfont);
    if (!base_failed(c)) {
        fluid_synth_set_interp_method(s->fluid, -1, FLUID_INTERP_HIGHEST);
        return s;
    }
    sori_synth_close(s);
    return NULL;
}

void sori_synth_close(sori_synth *s) {
    if (!s) return;
    if (s->fluid) delete_fluid_synth(s->fluid);
    if (s->settings) delete_fluid_settings(s->settings);
    base_free(s->c, s->path);
    base_free(s->c, s);
}

const char *synth_soundfont_path(const sori_synth *s) { return s->path; }

/* --- playing ---------------------------------------------------------------------------------------------------- */

/* frames is a multiple of SYNTH_FLUID_BLOCK; left and right [frames]. */
static void render(sori_synth *s, float *left, float *right, size_t frames) {
    for (size_t at = 0; at < frames; at += SYNTH_FLUID_BLOCK)
        fluid_synth_write_float(s->fluid, SYNTH_FLUID_BLOCK, left + at, 0, 1, right + at, 0, 1);
}

/* FluidSynth ramps the gain of a voice over its first block, from what the voice had when it was last used. The same
 * voices, played for a block at gain 0 and stopped, start from 0 again, as those of a fresh synthesiser do. */
static void settle(sori_synth *s, int pitch, int velocity) {
    float rest[2][SYNTH_FLUID_BLOCK];
    fluid_synth_set_gain(s->fluid, 0);
    fluid_synth_noteon(s->fluid, 0, pitch, velocity);
    render(s, rest[0], rest[1], SYNTH_FLUID_BLOCK);
    fluid_synth_all_sounds_off(s->fluid, 0);
    render(s, rest[0], rest[1], SYNTH_FLUID_BLOCK);
    fluid_synth_set_gain(s->fluid, SYNTH_GAIN);
}

static void play(sori_synth *s, const sori_note_config *k, float *left, float *right, size_t held, size_t frames) {
    float rest[2][SYNTH_FLUID_BLOCK];
    settle(s, k->pitch, k->velocity);
    fluid_synth_noteon(s->fluid, 0, k->pitch, k->velocity);
    render(s, left, right, held);
    fluid_synth_noteoff(s->fluid, 0, k->pitch);
    render(s, left + held, right + held, frames - held);
    fluid_synth_all_sounds_off(s->fluid, 0);
    render(s, rest[0], rest[1], SYNTH_FLUID_BLOCK);
}

/* Bank 128 holds drum kits (SoundFont 2.04, 7.2). */
bool synth_select(sori_ctx *c, sori_synth *s, fluid_synth_t *fluid, int font, const sori_note_config *k) {
    if (fluid_synth_program_select(fluid, 0, font, k->drums ? 128 : 0, k->program) == FLUID_OK) return true;
    if (k->drums) sori_fail(c, SORI_EINVAL, "synth: %s has no drum kit %d", s->path, k->program);
    else
        sori_fail(c, SORI_EINVAL, "synth: %s has no instrument %d (%s)", s->path, k->program,
                  sori_instrument_title(k->program));
    return false;
}

/* The nearest key, and what is missing as cents. A drum has no neighbour, and is tuned as it is. */
bool synth_tune(sori_ctx *c, fluid_synth_t *fluid, sori_note_config *k) {
    double cents = k->cents + 1200 * log2(k->a4_hz / 440);
    int keys = k->drums ? 0 : (int)rint(cents / 100);
    if (k->pitch + keys < 1 || k->pitch + keys > 127) {
        sori_fail(c, SORI_EINVAL, "synth: pitch %d, %g cents higher, is not within 1 and 127", k->pitch, cents);
        return false;
    }
    k->pitch += keys;
    fluid_synth_set_gen(fluid, 0, GEN_FINETUNE, (float)(cents - 100 * keys));
    return true;
}

static size_t blocks(double seconds) {
    return (size_t)ceil(seconds * SYNTH_RATE / SYNTH_FLUID_BLOCK) * SYNTH_FLUID_BLOCK;
}

sori_array *synth_finish(sori_ctx *c, const sori_note_config *k, sori_array *at_rate, size_t n) {
    const sori_array *y = sori_resample(c, (sori_audio){ at_rate, SYNTH_RATE }, k->sr, NULL).y;
    sori_array *out = y ? array_new_raw(c, SORI_F32, k->stereo ? 2 : 1, k->stereo ? (size_t[]){ 2, n } : &n) : NULL;
    if (!out) return NULL;
    size_t fade = (size_t)fmin((double)n, ceil(SYNTH_FADE_S * k->sr));
    const float *left = y->data, *right = left + y->shape[1];
    float *x = out->data;
    for (size_t i = 0; i < n; i++) {
        float gain = n - i <= fade ? (float)(n - i - 1) / (float)fade : 1;
        x[i] = k->stereo ? gain * left[i] : gain * (left[i] + right[i]) / 2;
        if (k->stereo) x[n + i] = gain * right[i];
    }
    return out;
}

sori_audio sori_note(sori_ctx *c, sori_synth *s, const sori_note_config *config) {
    sori_note_config k = config ? *config : (sori_note_config){ 0 };
    sori_audio out = { 0 };
    if (base_failed(c) || !synth_check_note(c, s, &k) || !synth_select(c, s, s->fluid, s->font, &k)
        || !synth_tune(c, s->fluid, &k)) return out;
    out.sr = k.sr;
    int scope = sori_begin(c);
    size_t n = synth_note_samples(&k), held = blocks(k.duration_s);
    size_t frames = held + blocks(k.release_s);
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 2, frames });
    if (y) {
        play(s, &k, y->data, (float *)y->data + frames, held, frames);
        bool silent = true;
        for (size_t i = 0; silent && i < y->size; i++) silent = ((float *)y->data)[i] == 0;
        char note[8];
        if (silent)
            sori_fail(c, SORI_EINVAL, "synth: %s has no sound for %s at %s", s->path,
                      k.drums ? "drums" : sori_instrument_name(k.program), sori_note_label(k.pitch, note));
    }
    out.y = base_failed(c) ? NULL : synth_finish(c, &k, y, n);
    sori_end(c, scope, out.y);
    return out;
}

#else
sori_synth *sori_synth_open(sori_ctx *c, const char *soundfont) {
    (void)soundfont;
    sori_fail(c, SORI_EUNSUP, "synth: sori was not built with FluidSynth");
    return NULL;
}
void sori_synth_close(sori_synth *s) { (void)s; }
const char *synth_soundfont_path(const sori_synth *s) {
    (void)s;
    return NULL;
}
sori_audio sori_note(sori_ctx *c, sori_synth *s, const sori_note_config *config) {
    (void)s, (void)config;
    sori_fail(c, SORI_EUNSUP, "synth: sori was not built with FluidSynth");
    return (sori_audio){ 0 };
}
#endif
