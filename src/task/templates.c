/* templates.c - what single notes look like: a few spectra for each.
 *
 * A note's spectrum changes most when it begins: the hammer or pick is in its first tenth of a second. So its frames,
 * from the first that is not 60 dB below the loudest, fall into parts that are four times as long each as the one
 * before, and every part gives its mean spectrum, louder frames counting more. Two parts (attack and the rest) let the
 * factorisation follow a note that fades, without the freedom to become another. */
#include "task/unmix.h"
#include "feat/feat.h"
#include <math.h>
#include <sori/score.h>
#include <string.h>

#define FIRST_S 0.1          /* of the first part; the next are 4 times as long each */
#define QUIET 1e-3           /* of the loudest frame: the note has not begun, or is over */
#define SILENT 1e-7          /* a mean magnitude a bin below it is nothing: of 24 bits the last is 1.2e-7 */

/* --- the transform ------------------------------------------------------------------------------------------------ */

bool task_unmix_transform_of(sori_ctx *c, const sori_templates_config *config, unmix_transform *f) {
    static const sori_templates_config defaults;
    if (!config) config = &defaults;
    *f = (unmix_transform){ .sr = config->sr, .power = config->power ? config->power : 1, .stft = config->stft,
                            .per_note = config->per_note ? config->per_note : 2,
                            .T = (size_t)(config->T ? config->T : 10) };
    if (!f->stft.n_fft) f->stft.n_fft = 4096;
    if (!f->stft.hop_length) f->stft.hop_length = 512;
    feat_input in;
    if (!feat_input_settings(c, &in, "templates", f->sr, &f->stft)) return false;
    f->sr = in.sr;
    f->bins = in.bins;
    f->hop = in.hop;
    if (f->stft.uncentered) sori_fail(c, SORI_EINVAL, "templates: the transform must be centred");
    else if (f->per_note < 1 || f->per_note > 8)
        sori_fail(c, SORI_EINVAL, "templates: per_note %d is outside 1 to 8", f->per_note);
    else if (config->T < 0 || f->T > 1024) sori_fail(c, SORI_EINVAL, "templates: T %d is outside 1 to 1024", config->T);
    else if (f->stft.n_fft < 64) sori_fail(c, SORI_EINVAL, "templates: n_fft %d is below 64", f->stft.n_fft);
    else feat_check_power(c, "templates", f->power);
    return !base_failed(c);
}

sori_array *task_unmix_spectrogram(sori_ctx *c, const unmix_transform *f, sori_audio y) {
    return sori_spectrogram(c, y, &(sori_spectrogram_config){ .stft = f->stft, .power = f->power });
}

/* --- the handle --------------------------------------------------------------------------------------------------- */

sori_templates *sori_templates_new(sori_ctx *c, const sori_templates_config *config) {
    unmix_transform f;
    if (base_failed(c) || !task_unmix_transform_of(c, config, &f)) return NULL;
    sori_templates *t = base_alloc(c, 1, sizeof *t);
    if (!t) return NULL;
    t->c = c;
    t->f = f;
    return t;
}

void sori_templates_free(sori_templates *t) {
    if (!t) return;
    base_free(t->c, t->columns);
    base_free(t->c, t->names);
    base_free(t->c, t->drums);
    base_free(t->c, t);
}

size_t sori_templates_count(const sori_templates *t) { return t ? t->count : 0; }
size_t sori_templates_drums(const sori_templates *t) { return t ? t->drum_count : 0; }
double sori_templates_sr(const sori_templates *t) { return t ? t->f.sr : 0; }

/* --- a note ------------------------------------------------------------------------------------------------------- */

static double frame_sum(const sori_array *S, size_t t) {
    double sum = 0;
    for (size_t i = 0; i < S->shape[0]; i++) sum += (double)((const float *)S->data)[i * S->shape[1] + t];
    return sum;
}

/* The frames of S that are heard: from the first to the last above QUIET. False if there are none. */
static bool heard(const sori_array *S, size_t *from, size_t *to) {
    double most = 0;
    size_t frames = S->shape[1];
    for (size_t t = 0; t < frames; t++) most = fmax(most, frame_sum(S, t));
    if (!(most > SILENT * (double)S->shape[0])) return false;
    for (*from = 0; frame_sum(S, *from) < QUIET * most;) ++*from;
    for (*to = frames; frame_sum(S, *to - 1) < QUIET * most;) --*to;
    return true;
}

/* The spectrum of frames [from, to), of sum 1, into out [bins]. */
static void mean_spectrum(const sori_array *S, size_t from, size_t to, float *out) {
    double sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < S->shape[0]; i++) {
            double v = 0;
            for (size_t t = from; t < to; t++) v += (double)((const float *)S->data)[i * S->shape[1] + t];
            if (pass == 0) sum += v;
            else out[i] = (float)(v / sum);
        }
}

static bool make_room(sori_templates *t, size_t more) {
    if (t->count + more <= t->room) return true;
    size_t room = BASE_MAX(2 * t->room, (size_t)64);
    float *columns = base_grow(t->c, t->columns, t->room * t->f.bins, room * t->f.bins, sizeof *columns);
    if (columns) t->columns = columns;
    unmix_name *names = columns ? base_grow(t->c, t->names, t->room, room, sizeof *names) : NULL;
    if (!names) return false;
    t->names = names;
    t->room = room;
    return true;
}

/* The instrument's number, a new one if it was never heard of; -1 after an error. */
static int part_of(sori_templates *t, const char *instrument) {
    for (size_t i = 0; i < t->parts; i++)
        if (!strcmp(t->instruments[i], instrument)) return (int)i;
    if (t->parts == UNMIX_MAX_PARTS)
        sori_fail(t->c, SORI_EINVAL, "templates: %s is one instrument more than %d", instrument, UNMIX_MAX_PARTS);
    const char *name = base_failed(t->c) ? NULL : base_intern(t->c, instrument);
    if (!name) return -1;
    t->instruments[t->parts] = name;
    return (int)t->parts++;
}

static sori_array *spectrogram_of(sori_templates *t, sori_audio y) {
    if (!array_check(t->c, "templates", y.y, SORI_F32, 1)) return NULL;
    if (y.y->ndim != 1) sori_fail(t->c, SORI_EINVAL, "templates: a note of %d axes, not one channel", y.y->ndim);
    else if (y.sr != t->f.sr) sori_fail(t->c, SORI_EINVAL, "templates: a note at %g Hz, not %g", y.sr, t->f.sr);
    return base_failed(t->c) ? NULL : task_unmix_spectrogram(t->c, &t->f, y);
}

static void add_parts(sori_templates *t, const sori_array *S, size_t from, size_t to, unmix_name name) {
    double frames = ceil(FIRST_S * t->f.sr / (double)t->f.hop);
    for (int i = 0; i < t->f.per_note && from < to; i++) {
        size_t length = i + 1 == t->f.per_note ? to - from : (size_t)fmin(frames, (double)(to - from));
        mean_spectrum(S, from, from + length, t->columns + t->count * t->f.bins);
        t->names[t->count++] = name;
        from += length;
        frames *= 4;
    }
}

sori_status sori_templates_add(sori_templates *t, const char *instrument, int pitch, sori_audio y) {
    if (!t) return SORI_EINVAL;
    if (base_failed(t->c)) return sori_error(t->c);
    if (!instrument || !*instrument) return sori_fail(t->c, SORI_EINVAL, "templates: a note of no instrument");
    if (pitch < 1 || pitch > 127) return sori_fail(t->c, SORI_EINVAL, "templates: pitch %d is outside 1 to 127", pitch);
    int scope = sori_begin(t->c);
    size_t from, to;
    sori_array *S = spectrogram_of(t, y);
    if (S && !heard(S, &from, &to)) sori_fail(t->c, SORI_EFORMAT, "templates: the note is silent");
    int part = base_failed(t->c) ? -1 : part_of(t, instrument);
    if (part >= 0 && make_room(t, (size_t)t->f.per_note)) add_parts(t, S, from, to, (unmix_name){ part, pitch });
    sori_end(t->c, scope, NULL);
    return sori_error(t->c);
}

/* --- a drum ------------------------------------------------------------------------------------------------------- */

static void add_drum(sori_templates *t, const sori_array *S, size_t from, int key) {
    size_t bins = t->f.bins, T = t->f.T, frames = S->shape[1];
    float *grown = base_grow(t->c, t->drums, t->drum_count * T * bins, (t->drum_count + 1) * T * bins, sizeof *grown);
    if (!grown) return;
    t->drums = grown;
    float *out = grown + t->drum_count * T * bins;
    double sum = 0;
    for (size_t i = 0; i < T && from + i < frames; i++) sum += frame_sum(S, from + i);
    for (size_t i = 0; i < T && from + i < frames; i++)
        for (size_t b = 0; b < bins; b++)
            out[i * bins + b] = (float)((double)((const float *)S->data)[b * frames + from + i] / sum);
    t->drum_keys[t->drum_count++] = key;
}

sori_status sori_templates_add_drum(sori_templates *t, int key, sori_audio y) {
    if (!t) return SORI_EINVAL;
    if (base_failed(t->c)) return sori_error(t->c);
    if (!sori_drum_name(key)) return sori_fail(t->c, SORI_EINVAL, "templates: %d is no drum's key", key);
    if (t->drum_count == UNMIX_MAX_DRUMS)
        return sori_fail(t->c, SORI_EINVAL, "templates: one drum more than %d", UNMIX_MAX_DRUMS);
    int scope = sori_begin(t->c);
    size_t from, to;
    sori_array *S = spectrogram_of(t, y);
    if (S && !heard(S, &from, &to)) sori_fail(t->c, SORI_EFORMAT, "templates: the drum is silent");
    if (!base_failed(t->c)) add_drum(t, S, from, key);
    sori_end(t->c, scope, NULL);
    return sori_error(t->c);
}

/* --- a spectrum nobody has a name for ----------------------------------------------------------------------------- */

/* Ten harmonics, each counting four fifths of the one below. */
int task_unmix_pitch_of(const unmix_transform *f, const float *spectrum, size_t step) {
    double best = -1, per_bin = f->sr / f->stft.n_fft;
    int pitch = 60;
    for (int p = 24; p <= 108; p++) {
        double sum = 0, weight = 1, hz = 440 * exp2((p - 69) / 12.0);
        for (int h = 1; h <= 10; h++, weight *= 0.8) {
            size_t bin = (size_t)rint(h * hz / per_bin);
            if (bin < f->bins) sum += weight * (double)spectrum[bin * step];
        }
        if (sum > best) {
            best = sum;
            pitch = p;
        }
    }
    return pitch;
}
