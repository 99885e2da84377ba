/* live.c - features in an audio callback: a block of samples in, the frames it completes out, at once.
 *
 * All memory is taken by sori_live_new. Processing a block then only copies samples and computes, on the caller's
 * thread: no allocation, no lock, no system call. A frame's work is done when its last sample arrives, in a block of
 * 16 lanes of which the others idle: some 12 us at n_fft 2048, where the next frame is 23 ms away. The numbers are
 * those of the whole sound, bit for bit, because frames never look at each other. Decibels below the loudest value of
 * the whole sound cannot be known yet: such features are refused unless that floor is switched off. */
#include "feat/feed.h"
#include <math.h>

#define MAX_BLOCK (1 << 24)

struct sori_live {
    sori_ctx *c;
    feat_feed feed;
    size_t max_block, frames; /* samples a call may bring; the most frames they can complete */
    float **out;              /* [n_uses][channels][rows][frames] what the last call completed */
    float **before;           /* [n_uses][channels][stored][frames] what post() reads; NULL without */
    feat_place *places;       /* [n_uses] */
    uint64_t nonfinite;
    bool finished;
};

/* --- set-up ------------------------------------------------------------------------------------------------- */

static bool knows_its_floor(sori_ctx *c, const feat_use *u) {
    if (!u->stored || isinf(u->top_db)) return true;
    sori_fail(c, SORI_EINVAL, "live: %s has a floor below the loudest value of the whole sound, which is not known "
              "yet; switch it off with top_db none", u->op->info.name);
    return false;
}

static bool make_room(sori_ctx *c, sori_live *l) {
    const feat_feed *f = &l->feed;
    size_t rest = 2 * (f->in.n_fft / f->in.hop + 1);   /* those that wait for the end of the sound */
    l->frames = BASE_MAX(l->max_block / f->in.hop + 1, rest);
    for (size_t i = 0; i < f->n_uses && !base_failed(c); i++) {
        const feat_use *u = &f->uses[i];
        size_t values = f->in.channels * l->frames;
        if (!knows_its_floor(c, u)) break;
        l->out[i] = base_alloc(c, values * u->rows, feat_floats(u) * sizeof(float));
        if (u->stored) l->before[i] = base_alloc(c, values * u->stored, sizeof(float));
    }
    return !base_failed(c);
}

sori_live *sori_live_new(sori_ctx *c, double sr, int channels, const char *const *names, size_t n, size_t max_block,
                         const sori_feature_config *config) {
    sori_live *l = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *l);
    if (!l) return NULL;
    l->c = c;
    l->max_block = max_block;
    l->out = base_alloc(c, n, sizeof *l->out);
    l->before = base_alloc(c, n, sizeof *l->before);
    l->places = base_alloc(c, n, sizeof *l->places);
    if (max_block < 1 || max_block > MAX_BLOCK)
        sori_fail(c, SORI_EINVAL, "live: max_block %zu is outside 1 to %d samples", max_block, MAX_BLOCK);
    if (feat_feed_open(c, &l->feed, "live", sr, channels, names, n, config) && make_room(c, l)) return l;
    sori_live_free(l);
    return NULL;
}

void sori_live_free(sori_live *l) {
    if (!l) return;
    for (size_t i = 0; i < l->feed.n_uses; i++) {
        if (l->out) base_free(l->c, l->out[i]);
        if (l->before) base_free(l->c, l->before[i]);
    }
    base_free(l->c, l->out);
    base_free(l->c, l->before);
    base_free(l->c, l->places);
    feat_feed_close(l->c, &l->feed);
    base_free(l->c, l);
}

/* --- frames ------------------------------------------------------------------------------------------------- */

static void find_places(sori_live *l, size_t done) {
    for (size_t i = 0; i < l->feed.n_uses; i++) {
        const feat_use *u = &l->feed.uses[i];
        float *first = u->stored ? l->before[i] : l->out[i];
        l->places[i] = (feat_place){ .out = first + done * feat_floats(u), .stride = l->frames,
                                     .channel_step = feat_block_rows(u) * l->frames * feat_floats(u) };
    }
}

/* Decibels without a floor: the loudest value does not matter. */
static void finish_use(sori_live *l, size_t use, size_t frames) {
    static const float no_peak[FEAT_PEAKS] = { 0 };
    const feat_feed *f = &l->feed;
    const feat_use *u = &f->uses[use];
    for (size_t channel = 0; u->stored && channel < f->in.channels; channel++)
        for (size_t t = 0; t < frames; t += NUM_LANES) {
            const float *from = l->before[use] + channel * u->stored * l->frames + t;
            float *to = l->out[use] + channel * u->rows * l->frames + t;
            u->op->post(u, no_peak, BASE_MIN(frames - t, NUM_LANES), from, l->frames, f->scratch + f->p.at_use, to,
                        l->frames);
        }
}

static size_t finish(sori_live *l, size_t frames) {
    for (size_t i = 0; i < l->feed.n_uses; i++) finish_use(l, i, frames);
    return frames;
}

static void take(sori_live *l, const float *interleaved, size_t n) {
    feat_feed *f = &l->feed;
    feat_feed_take(f, interleaved, n);
    for (size_t channel = 0; channel < f->in.channels; channel++) {
        float *y = f->y + channel * f->capacity + f->waiting - n;
        for (size_t i = 0; i < n; i++)
            if (!isfinite(y[i])) {
                y[i] = 0;
                l->nonfinite++;
            }
    }
}

size_t sori_live_process(sori_live *l, const float *interleaved, size_t n) {
    size_t done = 0;
    if (!l || base_failed(l->c)) return 0;
    if (n > l->max_block || l->finished) {
        if (l->finished) sori_fail(l->c, SORI_EINVAL, "live: already finished");
        else sori_fail(l->c, SORI_EINVAL, "live: %zu samples at once, max_block is %zu", n, l->max_block);
        return 0;
    }
    while (n > 0) {
        size_t taken = BASE_MIN(n, feat_feed_room(&l->feed));
        take(l, interleaved, taken);
        for (size_t ready; (ready = BASE_MIN(feat_feed_ready(&l->feed), l->feed.p.group)) > 0; done += ready) {
            find_places(l, done);
            feat_feed_compute(&l->feed, ready, l->places);
        }
        feat_feed_drop(&l->feed);
        interleaved += taken * l->feed.in.channels;
        n -= taken;
    }
    return finish(l, done);
}

size_t sori_live_finish(sori_live *l) {
    size_t done = 0;
    if (!l || base_failed(l->c)) return 0;
    if (l->finished) {
        sori_fail(l->c, SORI_EINVAL, "live: already finished");
        return 0;
    }
    l->finished = true;
    feat_feed *f = &l->feed;
    if (!feat_feed_end(l->c, f)) return 0;
    for (size_t n; (n = BASE_MIN(f->in.frames - f->next, f->p.group)) > 0; done += n) {
        find_places(l, done);
        feat_feed_rest(f, n, l->places);
    }
    return finish(l, done);
}

/* --- results ------------------------------------------------------------------------------------------------ */

const float *sori_live_values(const sori_live *l, size_t feature, size_t channel, size_t *rows, size_t *stride) {
    if (!l || feature >= l->feed.n_uses || channel >= l->feed.in.channels) return NULL;
    const feat_use *u = &l->feed.uses[feature];
    if (rows) *rows = u->rows;
    if (stride) *stride = l->frames;
    return l->out[feature] + channel * u->rows * l->frames * feat_floats(u);
}

size_t sori_live_latency(const sori_live *l) {
    if (!l) return 0;
    return l->feed.in.centered ? l->feed.in.n_fft - l->feed.in.n_fft / 2 : l->feed.in.n_fft;
}

uint64_t sori_live_nonfinite(const sori_live *l) { return l ? l->nonfinite : 0; }
