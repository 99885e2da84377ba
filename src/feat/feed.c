/* feed.c - sound in pieces to frames; see feed.h. */
#include "feat/feed.h"
#include <string.h>

#define SLACK 4096            /* samples taken in at a time, beyond what must wait */
#define UNKNOWN (INT64_MAX / 2)

/* --- set-up ------------------------------------------------------------------------------------------------- */

static bool check_channels(sori_ctx *c, const char *who, int channels) {
    if (channels < 1 || channels > 256) sori_fail(c, SORI_EINVAL, "%s: %d channels (1 to 256)", who, channels);
    return !base_failed(c);
}

static bool settle(sori_ctx *c, feat_feed *f, const char *who, double sr, int channels, const char *const *names,
                   const sori_feature_config *g) {
    if (!feat_input_settings(c, &f->in, who, sr, &g->stft) || !check_channels(c, who, channels)) return false;
    f->in.channels = (size_t)channels;
    f->in.lead = channels > 1;
    f->in.lead_shape[0] = (size_t)channels;
    f->in.window = feat_window(c, who, &g->stft, f->in.n_fft, f->in.win_length);
    if (!f->in.window || !feat_open_named(c, &f->in, f->uses, names, f->n_uses, g)) return false;
    f->in.who = who;   /* from here on messages are about the sound */
    return feat_pipeline_open(c, &f->p, &f->in, f->uses, f->n_uses);
}

bool feat_feed_open(sori_ctx *c, feat_feed *f, const char *who, double sr, int channels, const char *const *names,
                    size_t n, const sori_feature_config *config) {
    static const sori_feature_config defaults;
    *f = (feat_feed){ .n_uses = n };
    f->uses = base_alloc(c, n, sizeof *f->uses);
    f->sinks = base_alloc(c, n, sizeof *f->sinks);
    if (base_failed(c) || !settle(c, f, who, sr, channels, names, config ? config : &defaults)) return false;
    f->capacity = 2 * f->in.n_fft + f->p.group * f->in.hop + SLACK;
    f->y = base_alloc_raw(c, f->in.channels * f->capacity, sizeof *f->y);
    f->scratch = base_alloc_raw(c, f->p.scratch, 1);
    for (size_t i = 0; i < n; i++) feat_sink_clear(&f->sinks[i]);
    return !base_failed(c);
}

void feat_feed_close(sori_ctx *c, feat_feed *f) {
    feat_pipeline_close(c, &f->p);
    if (f->uses) feat_uses_close(c, f->uses, f->n_uses);
    feat_input_close(c, &f->in);
    base_free(c, f->sinks);
    base_free(c, f->scratch);
    base_free(c, f->uses);
    base_free(c, f->y);
}

/* --- samples ------------------------------------------------------------------------------------------------ */

void feat_feed_take(feat_feed *f, const float *interleaved, size_t n) {
    size_t channels = f->in.channels;
    for (size_t channel = 0; channel < channels; channel++) {
        float *y = f->y + channel * f->capacity + f->waiting;
        for (size_t i = 0; i < n; i++) y[i] = interleaved[i * channels + channel];
    }
    f->waiting += n;
}

static int64_t padding(const feat_feed *f) { return f->in.centered ? (int64_t)(f->in.n_fft / 2) : 0; }

/* Number of the sample where frame t starts; below 0 in the padding. */
static int64_t frame_start(const feat_feed *f, size_t t) { return (int64_t)(t * f->in.hop) - padding(f); }

static int64_t end_of(const feat_feed *f) { return f->start + (int64_t)f->waiting; }

void feat_feed_drop(feat_feed *f) {
    int64_t from = BASE_MIN(frame_start(f, f->next) - (int64_t)f->in.n_fft, end_of(f));
    if (from <= f->start) return;
    size_t gone = (size_t)(from - f->start);
    f->waiting -= gone;
    f->start = from;
    for (size_t channel = 0; channel < f->in.channels; channel++) {
        float *y = f->y + channel * f->capacity;
        memmove(y, y + gone, f->waiting * sizeof *y);
    }
}

/* --- frames ------------------------------------------------------------------------------------------------- */

size_t feat_feed_ready(const feat_feed *f) {
    int64_t over = end_of(f) - frame_start(f, f->next) - (int64_t)f->in.n_fft;
    return over < 0 ? 0 : (size_t)over / f->in.hop + 1;
}

/* The next frames of a sound of n samples, if that is known. */
static void compute(feat_feed *f, size_t frames, const feat_place *places, int64_t n, int64_t tail) {
    for (size_t channel = 0; channel < f->in.channels; channel++) {
        feat_sound sound = { .channel = channel, .y = f->y + channel * f->capacity, .start = f->start, .n = n,
                             .padding = padding(f), .tail = tail };
        for (size_t i = 0; i < f->n_uses; i++) {
            f->sinks[i].out = places[i].out + channel * places[i].channel_step;
            f->sinks[i].stride = places[i].stride;
        }
        feat_pipeline_sound(&f->p, &sound, f->next, frames, f->scratch, f->sinks);
    }
    f->next += frames;
}

void feat_feed_compute(feat_feed *f, size_t frames, const feat_place *places) {
    compute(f, frames, places, UNKNOWN, 0);
}

bool feat_feed_end(sori_ctx *c, feat_feed *f) {
    const char *who = f->in.who;
    f->in.n = (size_t)end_of(f);
    f->in.frames = feat_frames(f->in.n, f->in.n_fft, f->in.hop, f->in.centered);
    if (f->in.n == 0) sori_fail(c, SORI_EINVAL, "%s: the sound has no samples", who);
    else if (f->in.frames == 0)
        sori_fail(c, SORI_EINVAL, "%s: n_fft %zu is larger than the sound of %zu samples, and frames are not centred",
                  who, f->in.n_fft, f->in.n);
    return !base_failed(c);
}

void feat_feed_rest(feat_feed *f, size_t frames, const feat_place *places) {
    compute(f, frames, places, (int64_t)f->in.n, feat_tail((int64_t)f->in.n, f->in.n_fft, f->in.hop));
}
