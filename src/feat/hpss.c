/* hpss.c - harmonic and percussive parts of a spectrogram.                                 librosa.decompose.hpss
 *
 * The model: a tone is a horizontal line in a spectrogram, a stroke a vertical one. The median of a bin over time lets
 * lines pass and takes out what is short; the median of a frame over frequency does the opposite. Whichever is larger
 * at a place owns it, by a soft mask of both (Fitzgerald 2010; margins: Driedger, Müller and Disch 2014).
 *
 * How it works: the spectrogram is cut into tiles of about 200 bins and 256 frames. A tile takes the magnitudes it
 * needs with half a window around; medians over frequency run on 16 neighbouring frames side by side, those over time
 * on 16 neighbouring bins, which are transposed for that; masks and products follow while all of it is in the second
 * cache.
 * Nothing as large as the spectrogram is ever stored but the results. Tiles are independent, so the threads leave no
 * trace in the numbers. */
#include "feat/feat.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define TILE_BINS 256     /* at most; all tiles of a spectrogram are about alike */
#define TILE_FRAMES 256
#define MAX_KERNEL (1 << 20)

enum { HARMONIC, PERCUSSIVE };

typedef struct separation {
    const float *S;              /* [channels][bins][frames], or pairs */
    bool complex, mask;
    size_t channels, bins, frames;
    size_t window[2];            /* frames, bins */
    double margin[2], power;
    float *out[2];               /* like S (masks: real), or NULL: not wanted */
    const num_kernels *k;
    size_t tile_bins, tile_frames, rows, columns;      /* of a tile; tiles a channel, downwards and across */
    size_t line;                 /* values of a row for medians over time, a multiple of 16 */
    size_t at_list, at_upright, at_percussive, at_lines, at_turned, at_harmonic, at_mask, scratch_size;
    char *scratch;
    atomic_size_t next;
} separation;

typedef struct tile {
    size_t channel, bin, frame, bins, frames;          /* first bin and frame, how many */
    float *list, *upright, *percussive, *lines, *turned, *harmonic, *mask;
} tile;

/* --- input ---------------------------------------------------------------------------------------------------- */

/* The place that stands for place i of n values reflected at both ends, as often as need be. */
static size_t reflected(int64_t i, size_t n) {
    int64_t period = 2 * (int64_t)n, r = (i % period + period) % period;
    return (size_t)(r < (int64_t)n ? r : period - 1 - r);
}

static void magnitudes(const separation *h, size_t at, size_t n, float *out) {
    if (h->complex) h->k->magnitude(n, h->S + 2 * at, out);
    else memcpy(out, h->S + at, n * sizeof *out);
}

/* Magnitudes of n frames of a bin from frame `first` on, which may lie outside. */
static void take(const separation *h, size_t channel, size_t bin, int64_t first, size_t n, float *out) {
    size_t row = (channel * h->bins + bin) * h->frames, i = 0;
    for (; i < n && first + (int64_t)i < 0; i++)
        magnitudes(h, row + reflected(first + (int64_t)i, h->frames), 1, out + i);
    if (first + (int64_t)i < (int64_t)h->frames) {
        size_t from = (size_t)(first + (int64_t)i), inside = BASE_MIN(n - i, h->frames - from);
        magnitudes(h, row + from, inside, out + i);
        i += inside;
    }
    for (; i < n; i++) magnitudes(h, row + reflected(first + (int64_t)i, h->frames), 1, out + i);
}

/* --- medians --------------------------------------------------------------------------------------------------- */

/* Over frequency: upright [bins + window - 1][tile_frames] is what is seen, percussive [bins][tile_frames]. */
static void medians_over_frequency(const separation *h, const tile *t) {
    size_t window = h->window[PERCUSSIVE], stride = h->tile_frames;
    for (size_t r = 0; r < t->bins + window - 1; r++) {
        size_t bin = reflected((int64_t)(t->bin + r) - (int64_t)(window / 2), h->bins);
        take(h, t->channel, bin, (int64_t)t->frame, stride, t->upright + r * stride);
    }
    for (size_t m = 0; m < t->frames; m += NUM_LANES)
        h->k->median(t->bins, window, t->upright + m, stride, t->list, t->percussive + m, stride);
}

/* Over time, of the 16 bins from `first` of the tile on: harmonic [16][tile_frames]. The tile's own frames are taken
 * from upright, where they are already. */
static void medians_over_time(const separation *h, const tile *t, size_t first) {
    size_t window = h->window[HARMONIC], before = window / 2, stride = h->tile_frames;
    for (size_t m = 0; m < NUM_LANES; m++) {
        size_t b = BASE_MIN(first + m, t->bins - 1), bin = t->bin + b;
        float *line = t->lines + m * h->line;
        take(h, t->channel, bin, (int64_t)t->frame - (int64_t)before, before, line);
        memcpy(line + before, t->upright + (b + h->window[PERCUSSIVE] / 2) * stride, stride * sizeof *line);
        take(h, t->channel, bin, (int64_t)(t->frame + stride), window - 1 - before, line + before + stride);
    }
    h->k->transpose(h->line, NUM_LANES, h->line, t->lines, NUM_LANES, t->turned);
    h->k->median(t->frames, window, t->turned, NUM_LANES, t->list, t->lines, NUM_LANES);
    h->k->transpose(NUM_LANES, stride, NUM_LANES, t->lines, stride, t->harmonic);
}

/* --- tiles ------------------------------------------------------------------------------------------------------ */

/* One part of one bin of the tile, from the medians of both. */
static void separate(const separation *h, const tile *t, size_t bin, int part, const float *own, const float *other) {
    bool split = h->margin[HARMONIC] == 1 && h->margin[PERCUSSIVE] == 1;
    size_t at = (t->channel * h->bins + t->bin + bin) * h->frames + t->frame;
    float *out = h->out[part], *mask = h->mask ? out + at : t->mask;
    h->k->soft_mask(t->frames, own, other, h->margin[part], h->power, split ? 0.5 : 0, mask);
    if (h->mask) return;
    if (h->complex) h->k->mask_complex(t->frames, h->S + 2 * at, mask, out + 2 * at);
    else h->k->mask_real(t->frames, h->S + at, mask, out + at);
}

static void run_tile(const separation *h, size_t item, char *scratch) {
    tile t = {
        .channel = item / (h->rows * h->columns), .bin = item / h->columns % h->rows * h->tile_bins,
        .frame = item % h->columns * h->tile_frames, .list = (float *)(scratch + h->at_list),
        .upright = (float *)(scratch + h->at_upright), .percussive = (float *)(scratch + h->at_percussive),
        .lines = (float *)(scratch + h->at_lines), .turned = (float *)(scratch + h->at_turned),
        .harmonic = (float *)(scratch + h->at_harmonic), .mask = (float *)(scratch + h->at_mask),
    };
    t.bins = BASE_MIN(h->bins - t.bin, h->tile_bins);
    t.frames = BASE_MIN(h->frames - t.frame, h->tile_frames);
    medians_over_frequency(h, &t);
    for (size_t b = 0; b < t.bins; b++) {
        if (b % NUM_LANES == 0) medians_over_time(h, &t, b);
        const float *harmonic = t.harmonic + b % NUM_LANES * h->tile_frames;
        const float *percussive = t.percussive + b * h->tile_frames;
        if (h->out[HARMONIC]) separate(h, &t, b, HARMONIC, harmonic, percussive);
        if (h->out[PERCUSSIVE]) separate(h, &t, b, PERCUSSIVE, percussive, harmonic);
    }
}

static void worker(void *arg, size_t w) {
    separation *h = arg;
    size_t n = h->channels * h->rows * h->columns;
    for (size_t i; (i = atomic_fetch_add(&h->next, 1)) < n;) run_tile(h, i, h->scratch + w * h->scratch_size);
}

/* --- set-up ----------------------------------------------------------------------------------------------------- */

/* n cut into equal parts of at most `most`, each but the last a multiple of 16: how many, and how large. */
static size_t cut(size_t n, size_t most, size_t *part) {
    size_t parts = (n + most - 1) / most;
    *part = base_round_up((n + parts - 1) / parts, NUM_LANES);
    return (n + *part - 1) / *part;
}

/* Takes n rows of `values` floats of scratch, and says where. */
static size_t reserve(separation *h, size_t n, size_t values) {
    size_t at = h->scratch_size;
    h->scratch_size += n * base_round_up(values, NUM_LANES) * sizeof(float);
    return at;
}

static void lay_out(separation *h) {
    h->rows = cut(h->bins, TILE_BINS, &h->tile_bins);
    h->columns = cut(h->frames, TILE_FRAMES, &h->tile_frames);
    h->line = base_round_up(h->tile_frames + h->window[HARMONIC] - 1, NUM_LANES);
    h->at_list = reserve(h, BASE_MAX(h->window[HARMONIC], h->window[PERCUSSIVE]), NUM_LANES);
    h->at_upright = reserve(h, h->tile_bins + h->window[PERCUSSIVE] - 1, h->tile_frames);
    h->at_percussive = reserve(h, h->tile_bins, h->tile_frames);
    h->at_lines = reserve(h, NUM_LANES, h->line);
    h->at_turned = reserve(h, h->line, NUM_LANES);
    h->at_harmonic = reserve(h, NUM_LANES, h->tile_frames);
    h->at_mask = reserve(h, 1, h->tile_frames);
}

static void run(sori_ctx *c, separation *h) {
    lay_out(h);
    size_t tiles = h->channels * h->rows * h->columns, workers = BASE_MIN((size_t)sori_threads(c), tiles);
    h->scratch = base_alloc(c, workers, h->scratch_size);   /* zeroed: idle lanes must hold numbers */
    if (h->scratch) base_parallel(c, workers, worker, h);
    base_free(c, h->scratch);
}

/* --- the gates -------------------------------------------------------------------------------------------------- */

static bool take_settings(sori_ctx *c, const char *who, separation *h, const sori_hpss_config *g) {
    static const char *const parts[] = { "harmonic", "percussive" };
    h->power = g->power != 0 ? g->power : 2;
    h->mask = g->mask;
    if (!(h->power > 0)) sori_fail(c, SORI_EINVAL, "%s: power %g is not above 0", who, g->power);
    for (int i = 0; i < 2; i++) {
        int window = g->kernel_size[i] ? g->kernel_size[i] : g->kernel_size[0] ? g->kernel_size[0] : 31;
        h->margin[i] = g->margin[i] != 0 ? g->margin[i] : g->margin[0] != 0 ? g->margin[0] : 1;
        h->window[i] = (size_t)window;
        if (window < 1 || window > MAX_KERNEL)
            sori_fail(c, SORI_EINVAL, "%s: %s kernel_size %d is outside 1 to %d", who, parts[i], window, MAX_KERNEL);
        if (!(h->margin[i] >= 1) || !isfinite(h->margin[i]))
            sori_fail(c, SORI_EINVAL, "%s: %s margin %g is below 1", who, parts[i], h->margin[i]);
    }
    return !base_failed(c);
}

static bool take_input(sori_ctx *c, const char *who, separation *h, const sori_array *S) {
    h->complex = S && S->dtype == SORI_C64;
    if (!array_check(c, who, S, h->complex ? SORI_C64 : SORI_F32, 2)) return false;
    h->S = S->data;
    h->bins = S->shape[S->ndim - 2];
    h->frames = S->shape[S->ndim - 1];
    h->channels = S->size ? S->size / h->bins / h->frames : 0;
    return h->complex ? feat_check_finite(c, who, h->S, 2 * S->size) : feat_check_magnitude(c, who, h->S, S->size);
}

/* The results are made in the caller's scope. */
bool feat_hpss(sori_ctx *c, const char *who, const sori_array *S, const sori_hpss_config *config, sori_array **harmonic,
               sori_array **percussive) {
    static const sori_hpss_config defaults;
    sori_array **out[2] = { harmonic, percussive };
    separation h = { .k = num_kernels_find(NULL, false) };
    if (!take_settings(c, who, &h, config ? config : &defaults) || !take_input(c, who, &h, S)) return false;
    for (int i = 0; i < 2; i++) {
        if (!out[i]) continue;
        *out[i] = array_new_raw(c, h.mask ? SORI_F32 : S->dtype, S->ndim, S->shape);
        if (!*out[i]) return false;
        h.out[i] = (*out[i])->data;
    }
    if (S->size > 0) run(c, &h);
    return !base_failed(c);
}

sori_hpss_result sori_hpss(sori_ctx *c, const sori_array *S, const sori_hpss_config *config) {
    sori_hpss_result r = { NULL, NULL };
    if (base_failed(c)) return r;
    int scope = sori_begin(c);
    if (feat_hpss(c, "hpss", S, config, &r.harmonic, &r.percussive)) {
        sori_keep(c, r.harmonic);
        sori_keep(c, r.percussive);
    } else r = (sori_hpss_result){ NULL, NULL };
    sori_end(c, scope, NULL);
    return r;
}

sori_array *sori_softmask(sori_ctx *c, const sori_array *X, const sori_array *X_ref,
                          const sori_softmask_config *config) {
    sori_softmask_config g = config ? *config : (sori_softmask_config){ 0 };
    if (g.power == 0) g.power = 1;
    if (!array_check(c, "softmask", X, SORI_F32, 0) || !array_check(c, "softmask", X_ref, SORI_F32, 0)) return NULL;
    char a[128], b[128];
    if (X->ndim != X_ref->ndim || memcmp(X->shape, X_ref->shape, (size_t)X->ndim * sizeof *X->shape) != 0)
        sori_fail(c, SORI_EINVAL, "softmask: X is %s, X_ref %s", array_shape_text(X, a, sizeof a),
                  array_shape_text(X_ref, b, sizeof b));
    else if (!(g.power > 0)) sori_fail(c, SORI_EINVAL, "softmask: power %g is not above 0", g.power);
    if (base_failed(c) || !feat_check_magnitude(c, "softmask", X->data, X->size)
        || !feat_check_magnitude(c, "softmask", X_ref->data, X->size)) return NULL;
    sori_array *mask = array_new_raw(c, SORI_F32, X->ndim, X->shape);
    if (mask) num_kernels_find(NULL, false)->soft_mask(X->size, X->data, X_ref->data, 1, g.power,
                                                       g.split_zeros ? 0.5 : 0, mask->data);
    return mask;
}
