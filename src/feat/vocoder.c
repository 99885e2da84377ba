/* vocoder.c - the phase vocoder: time is stretched, pitch stays.
 *
 * librosa adds up angles: the unwrapped difference of two frames, which is the expected advance of the bin plus a
 * deviation wrapped to -pi .. pi. But a phase counts modulo 2 pi, where that sum is the plain difference; so here a
 * phase is a unit vector, a turn is the product z[s+1] conj(z[s]) / |..|, and no angle is ever taken or unwrapped.
 * librosa's sum also lives in a float32 that grows by pi * hop a frame and loses its fraction (after ten minutes a
 * tone is 7 Hz off); a product on the circle keeps its accuracy for ever.
 *
 * Phases go from frame to frame, bins are independent: so 16 frames from the FFT are turned into columns of bins first.
 * The result is cut into shards of frames. A first pass over the input multiplies up the turns of each shard, a product
 * over those gives the phase at which each begins, and then shards run in any order, on any thread. */
#include "feat/vocoder.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define NOWHERE SIZE_MAX
#define COLUMNS (2 + 2 * NUM_LANES + 2 * 3 * NUM_LANES)   /* of [padded] values in a reader */

/* Where a reader stands. Behind it in memory: phase [2][padded], blend [16][2][padded], slots [2][16][3][padded], and
 * the source's scratch. */
typedef struct reader {
    size_t channel;
    size_t step;                    /* the phase is that of this frame of the result */
    size_t held[2];                 /* the block of 16 input frames in each slot */
} reader;

static size_t column_size(const feat_vocoder *v) { return v->padded * v->k->real_size; }

static char *phase_of(void *state) { return (char *)state + base_aligned(sizeof(reader)); }

static char *blends_of(const feat_vocoder *v, void *state) { return phase_of(state) + 2 * column_size(v); }

static char *slots_of(const feat_vocoder *v, void *state) {
    return blends_of(v, state) + 2 * NUM_LANES * column_size(v);
}

static char *scratch_of(const feat_vocoder *v, void *state) {
    return slots_of(v, state) + 2 * 3 * NUM_LANES * column_size(v);
}

/* --- columns of the input ------------------------------------------------------------------------------------- */

/* Zeros behind the last bin of a column's real and imaginary parts, up to a whole number of vectors. */
static void pad_column(const feat_vocoder *v, char *column) {
    size_t real = v->k->real_size, gap = (v->padded - v->bins) * real;
    memset(column + v->bins * real, 0, gap);
    memset(column + (v->padded + v->bins) * real, 0, gap);
}

static void fill_slot(const feat_vocoder *v, void *state, size_t block, char *slot) {
    reader *r = state;
    size_t first = block * NUM_LANES, column = 3 * column_size(v);
    size_t lanes = first < v->frames ? BASE_MIN(v->frames - first, NUM_LANES) : 0;
    if (lanes) {
        const void *rows = v->load(v->source, scratch_of(v, state), r->channel, first, lanes);
        v->k->to_columns(v->bins, rows, 3 * v->padded, v->padded, slot);
    }
    memset(slot + lanes * column, 0, (NUM_LANES - lanes) * column);
    for (size_t m = 0; m < NUM_LANES; m++) {
        pad_column(v, slot + m * column);
        v->k->unit(v->padded, slot + m * column);
    }
}

/* Input frame i: phase and magnitude. The two blocks used last are kept. */
static const void *column_at(const feat_vocoder *v, void *state, size_t i) {
    reader *r = state;
    size_t block = i / NUM_LANES, at = block % 2;
    char *slot = slots_of(v, state) + at * NUM_LANES * 3 * column_size(v);
    if (r->held[at] != block) {
        fill_slot(v, state, block, slot);
        r->held[at] = block;
    }
    return slot + i % NUM_LANES * 3 * column_size(v);
}

/* --- the result ----------------------------------------------------------------------------------------------- */

static void open_reader(void *state, size_t channel, size_t step) {
    reader *r = state;
    *r = (reader){ .channel = channel, .step = step, .held = { NOWHERE, NOWHERE } };
}

/* Go on by one frame; the one left goes to out [2][padded], unless that is NULL. */
static void step_reader(const feat_vocoder *v, void *state, void *out) {
    reader *r = state;
    double at = (double)r->step * v->rate, share = at - floor(at);
    const void *from = column_at(v, state, (size_t)at), *to = column_at(v, state, (size_t)at + 1);
    char *phase = phase_of(state);
    if (out) v->k->blend(v->padded, share, from, to, phase, out);
    v->k->turn(v->padded, from, to, phase);
    r->step++;
}

static char *phase_at(const feat_vocoder *v, size_t channel, size_t shard) {
    return v->phases + (channel * v->shards + shard) * 2 * column_size(v);
}

void feat_vocoder_begin(const void *vocoder, void *state, size_t channel, size_t shard, size_t first) {
    const feat_vocoder *v = vocoder;
    open_reader(state, channel, first);
    memcpy(phase_of(state), phase_at(v, channel, shard), 2 * column_size(v));
}

void feat_vocoder_read(const void *vocoder, void *state, size_t first, size_t lanes, void *rows) {
    const feat_vocoder *v = vocoder;
    char *blends = blends_of(v, state);
    size_t size = 2 * column_size(v), taken = first < v->steps ? BASE_MIN(lanes, v->steps - first) : 0;
    for (size_t m = 0; m < taken; m++) step_reader(v, state, blends + m * size);
    memset(blends + taken * size, 0, (NUM_LANES - taken) * size);
    v->k->from_columns(v->bins, blends, 2 * v->padded, v->padded, rows);
}

/* --- where shards begin ------------------------------------------------------------------------------------------ */

typedef struct survey {
    const feat_vocoder *v;
    char *states;                   /* one every `stride` bytes */
    size_t stride;
    void *one;                      /* [3][padded] the phase 0 */
    atomic_size_t next;
} survey;

/* The product of a shard's turns to the place of the next one's phase; to the first, the phase of the input's frame
 * 0. */
static void survey_worker(void *arg, size_t w) {
    survey *s = arg;
    const feat_vocoder *v = s->v;
    char *state = s->states + w * s->stride;
    size_t n = v->shards * v->channels;
    for (size_t i; (i = atomic_fetch_add(&s->next, 1)) < n;) {
        size_t channel = i / v->shards, shard = i % v->shards;
        open_reader(state, channel, v->first[shard]);
        if (shard == 0) memcpy(phase_at(v, channel, 0), column_at(v, state, 0), 2 * column_size(v));
        if (shard + 1 == v->shards) continue;
        memcpy(phase_of(state), s->one, 2 * column_size(v));
        while (((reader *)state)->step < v->first[shard + 1]) step_reader(v, state, NULL);
        memcpy(phase_at(v, channel, shard + 1), phase_of(state), 2 * column_size(v));
    }
}

bool feat_vocoder_prepare(sori_ctx *c, feat_vocoder *v, char *states, size_t stride, size_t workers) {
    survey s = { .v = v, .states = states, .stride = stride, .one = base_alloc(c, 3 * v->padded, v->k->real_size) };
    if (!s.one) return false;
    v->k->unit(v->padded, s.one);   /* of zeros: 1 */
    base_parallel(c, workers, survey_worker, &s);
    for (size_t i = 0; i < v->channels * v->shards; i++)
        if (i % v->shards) v->k->turn(v->padded, s.one, phase_at(v, 0, i - 1), phase_at(v, 0, i));
    base_free(c, s.one);
    return true;
}

/* --- set-up ------------------------------------------------------------------------------------------------------ */

void feat_vocoder_measure(feat_vocoder *v) {
    v->padded = base_round_up(v->bins, NUM_LANES);
    v->state_size = base_aligned(sizeof(reader)) + COLUMNS * column_size(v) + v->source_scratch;
}

bool feat_vocoder_open(sori_ctx *c, feat_vocoder *v) {
    size_t shards = 0;
    v->first = base_alloc(c, v->shards, sizeof *v->first);
    if (base_mul_overflows(v->shards, v->channels, &shards)) shards = SIZE_MAX;
    v->phases = base_alloc_raw(c, shards, 2 * column_size(v));
    return v->first && v->phases;
}

void feat_vocoder_close(sori_ctx *c, feat_vocoder *v) {
    base_free(c, v->first);
    base_free(c, v->phases);
}

size_t feat_vocoder_steps(sori_ctx *c, const char *who, size_t frames, double rate) {
    double steps = ceil((double)frames / rate);
    if (!(rate > 0) || !isfinite(rate)) sori_fail(c, SORI_EINVAL, "%s: rate %g is not above 0", who, rate);
    else if (!(steps < 1e12)) sori_fail(c, SORI_EINVAL, "%s: rate %g makes %g frames", who, rate, steps);
    return base_failed(c) ? 0 : (size_t)steps;
}
