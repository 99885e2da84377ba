/* trim.c - where sound is silent: the frames whose level is top_db below a reference.
 *
 * A frame's level is its RMS in decibels, that of the loudest channel (or their mean, or the quietest). Frames are
 * centred, so frame t begins at sample t * hop_length, which is where librosa cuts. librosa.effects.trim, split. */
#include "feat/feat.h"
#include "array/array.h"
#include "base/base.h"
#include <math.h>
#include <sori/fx.h>
#include <string.h>

#define LEAST 1e-10   /* of power: librosa.amplitude_to_db's amin, squared */

static double decibels(double amplitude) { return 10 * log10(fmax(amplitude * amplitude, LEAST)); }

/* Level of frame t, dB. rms [channels][frames] */
static double level(const float *rms, size_t channels, size_t frames, size_t t, sori_aggregate how) {
    double result = decibels((double)rms[t]);
    for (size_t i = 1; i < channels; i++) {
        double db = decibels((double)rms[i * frames + t]);
        if (how == SORI_AGGREGATE_MEAN) result += db;
        else result = how == SORI_AGGREGATE_MIN ? fmin(result, db) : fmax(result, db);
    }
    return how == SORI_AGGREGATE_MEAN ? result / (double)channels : result;
}

static bool check(sori_ctx *c, const char *who, const sori_silence_config *g) {
    if (g->top_db.mode == 2 || (g->top_db.mode == 1 && isnan(g->top_db.value)))
        sori_fail(c, SORI_EINVAL, "%s: top_db must be a number", who);
    else if (!(g->ref >= 0 && isfinite(g->ref))) sori_fail(c, SORI_EINVAL, "%s: ref %g is below 0", who, g->ref);
    else if (g->frame_length < 0) sori_fail(c, SORI_EINVAL, "%s: frame_length %d is below 1", who, g->frame_length);
    else if (g->hop_length < 0) sori_fail(c, SORI_EINVAL, "%s: hop_length %d is below 1", who, g->hop_length);
    feat_aggregate(c, who, g->aggregate, SORI_AGGREGATE_MAX,
                   FEAT_AGGREGATE(MAX) | FEAT_AGGREGATE(MEAN) | FEAT_AGGREGATE(MIN));
    return !base_failed(c);
}

/* Which frames are heard: an array of bytes [frames], and its length; NULL on failure. From base_alloc. */
static uint8_t *heard(sori_ctx *c, const char *who, sori_audio y, const sori_silence_config *g, size_t *frames) {
    if (base_failed(c) || !array_check(c, who, y.y, SORI_F32, 1) || !check(c, who, g)) return NULL;
    sori_rms_config frames_of = { .frame_length = g->frame_length, .hop_length = g->hop_length };
    sori_array *rms = sori_rms(c, y, &frames_of);
    if (!rms) {
        base_fail_in(c, who);
        return NULL;
    }
    size_t n = *frames = rms->shape[rms->ndim - 1], channels = rms->size / n;
    const float *x = rms->data;
    double ref = g->ref, top_db = feat_option(g->top_db, 60, 60);
    for (size_t i = 0; g->ref == 0 && i < rms->size; i++) ref = fmax(ref, (double)x[i]);
    uint8_t *out = base_alloc_raw(c, n, 1);
    for (size_t t = 0; out && t < n; t++) out[t] = level(x, channels, n, t, g->aggregate) - decibels(ref) > -top_db;
    sori_array_free(c, rms);
    return out;
}

static int64_t samples(size_t frame, const sori_silence_config *g, size_t n) {
    size_t hop = g->hop_length ? (size_t)g->hop_length : 512;
    return (int64_t)BASE_MIN(frame * hop, n);
}

#define PIECE ((size_t)1 << 18)   /* samples a thread copies at a time, 1 MB */

typedef struct slicing {
    const float *from;        /* [channels][n], from the first sample that stays */
    float *to;                /* [channels][kept] */
    size_t n, kept, pieces;   /* pieces a channel */
} slicing;

static void copy_piece(void *arg, size_t i) {
    const slicing *s = arg;
    size_t channel = i / s->pieces, first = i % s->pieces * PIECE, count = BASE_MIN(s->kept - first, PIECE);
    memcpy(s->to + channel * s->kept + first, s->from + channel * s->n + first, count * sizeof *s->to);
}

/* Samples [start, end) of every channel. */
static sori_array *slice(sori_ctx *c, const sori_array *y, size_t start, size_t end) {
    size_t n = y->shape[y->ndim - 1], length = end - start;
    sori_array *out = array_new_lead(c, SORI_F32, y->ndim - 1, y->shape, 1, &length);
    if (!out || out->size == 0) return out;
    slicing s = { (const float *)y->data + start, out->data, n, length, (length + PIECE - 1) / PIECE };
    base_parallel(c, y->size / n * s.pieces, copy_piece, &s);
    return out;
}

sori_trim_result sori_trim(sori_ctx *c, sori_audio y, const sori_silence_config *config) {
    static const sori_silence_config defaults;
    sori_trim_result r = { { NULL, y.sr }, NULL };
    size_t frames, first = 0, last;
    if (!config) config = &defaults;
    uint8_t *loud = heard(c, "trim", y, config, &frames);
    if (!loud) return r;
    while (first < frames && !loud[first]) first++;
    for (last = frames; last > first && !loud[last - 1];) last--;
    size_t n = y.y->shape[y.y->ndim - 1];
    bool none = first == frames;
    int64_t index[2] = { none ? 0 : samples(first, config, n), none ? 0 : samples(last, config, n) };
    base_free(c, loud);
    r.y.y = slice(c, y.y, (size_t)index[0], (size_t)index[1]);
    r.index = r.y.y ? sori_array_from(c, SORI_I64, 1, (size_t[]){ 2 }, index) : NULL;
    if (r.index) return r;
    sori_array_free(c, r.y.y);
    r.y.y = NULL;
    return r;
}

sori_array *sori_split_silence(sori_ctx *c, sori_audio y, const sori_silence_config *config) {
    static const sori_silence_config defaults;
    size_t frames, intervals = 0;
    if (!config) config = &defaults;
    uint8_t *loud = heard(c, "split", y, config, &frames);
    if (!loud) return NULL;
    for (size_t t = 0; t < frames; t++) intervals += loud[t] && (t == 0 || !loud[t - 1]);
    sori_array *out = array_new_raw(c, SORI_I64, 2, (size_t[]){ intervals, 2 });
    int64_t *edge = out ? out->data : NULL;
    size_t n = y.y->shape[y.y->ndim - 1];
    for (size_t t = 0; out && t <= frames; t++) {
        bool now = t < frames && loud[t], before = t > 0 && loud[t - 1];
        if (now != before) *edge++ = samples(t, config, n);
    }
    base_free(c, loud);
    return out;
}
