/* stream.c - features of sound that arrives in pieces: the numbers of sori_extract, bit for bit.
 *
 * As soon as all samples of a group of frames are in, the pipeline runs it. Its results are kept in chunks of CHUNK
 * frames, a list for each feature, because neither the number of frames nor the loudest value is known before the end;
 * then the chunks are copied to their place, or go through post(), and are freed one by one. */
#include "feat/feed.h"
#include <math.h>
#include <string.h>

#define CHUNK 1024            /* frames; a multiple of every group */

typedef struct chunk {
    struct chunk *next;
    float *values;            /* [channels][rows][CHUNK] */
} chunk;

typedef struct store {        /* the results of one feature */
    chunk *first, *last;
} store;

struct sori_stream {
    sori_ctx *c;
    feat_feed feed;
    store *stores;            /* [n_uses] */
    feat_place *places;       /* [n_uses] */
    bool finished;
};

/* --- set-up ------------------------------------------------------------------------------------------------- */

sori_stream *sori_stream_new(sori_ctx *c, double sr, int channels, const char *const *names, size_t n,
                             const sori_feature_config *config) {
    sori_stream *s = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *s);
    if (!s) return NULL;
    s->c = c;
    s->stores = base_alloc(c, n, sizeof *s->stores);
    s->places = base_alloc(c, n, sizeof *s->places);
    if (feat_feed_open(c, &s->feed, "stream", sr, channels, names, n, config)) return s;
    sori_stream_free(s);
    return NULL;
}

static void free_chunk(sori_ctx *c, chunk *k) {
    base_free(c, k->values);
    base_free(c, k);
}

void sori_stream_free(sori_stream *s) {
    if (!s) return;
    sori_ctx *c = s->c;
    for (size_t i = 0; s->stores && i < s->feed.n_uses; i++)
        for (chunk *k = s->stores[i].first, *next; k; k = next) {
            next = k->next;
            free_chunk(c, k);
        }
    feat_feed_close(c, &s->feed);
    base_free(c, s->stores);
    base_free(c, s->places);
    base_free(c, s);
}

/* --- frames ------------------------------------------------------------------------------------------------- */

static size_t values_of(const sori_stream *s, const feat_use *u) {
    return s->feed.in.channels * feat_block_rows(u) * CHUNK * feat_floats(u);
}

/* Room for the next frames' results of every feature. */
static bool add_chunks(sori_stream *s) {
    for (size_t i = 0; i < s->feed.n_uses; i++) {
        store *t = &s->stores[i];
        chunk *k = base_alloc(s->c, 1, sizeof *k);
        if (!k) return false;
        k->values = base_alloc_raw(s->c, values_of(s, &s->feed.uses[i]), sizeof(float));
        if (t->last) t->last->next = k;
        else t->first = k;
        t->last = k;
        if (!k->values) return false;
    }
    return true;
}

/* Where the next frames go. */
static bool find_places(sori_stream *s) {
    size_t at = s->feed.next % CHUNK;
    if (at == 0 && !add_chunks(s)) return false;
    for (size_t i = 0; i < s->feed.n_uses; i++) {
        size_t floats = feat_floats(&s->feed.uses[i]);
        s->places[i] = (feat_place){ .out = s->stores[i].last->values + at * floats, .stride = CHUNK,
                                     .channel_step = feat_block_rows(&s->feed.uses[i]) * CHUNK * floats };
    }
    return true;
}

static bool run_ready(sori_stream *s) {
    size_t group = s->feed.p.group;
    bool any = false;
    for (; feat_feed_ready(&s->feed) >= group; any = true) {
        if (!find_places(s)) return false;
        feat_feed_compute(&s->feed, group, s->places);
    }
    if (any) feat_feed_drop(&s->feed);
    return true;
}

/* --- in and out --------------------------------------------------------------------------------------------- */

static bool check_finite(sori_stream *s, const float *interleaved, size_t frames) {
    size_t channels = s->feed.in.channels;
    for (size_t i = 0; i < frames * channels; i++)
        if (!isfinite(interleaved[i])) {
            sori_fail(s->c, SORI_EINVAL, "stream: sample %lld is not finite",
                      (long long)(s->feed.start + (int64_t)(s->feed.waiting + i / channels)));
            return false;
        }
    return true;
}

sori_status sori_stream_push(sori_stream *s, const float *interleaved, size_t frames) {
    if (!s) return SORI_EINVAL;
    if (base_failed(s->c)) return sori_error(s->c);
    if (s->finished) return sori_fail(s->c, SORI_EINVAL, "stream: already finished");
    while (frames > 0) {
        size_t n = BASE_MIN(frames, feat_feed_room(&s->feed));
        if (!check_finite(s, interleaved, n)) break;
        feat_feed_take(&s->feed, interleaved, n);
        if (!run_ready(s)) break;
        feat_feed_drop(&s->feed);
        interleaved += n * s->feed.in.channels;
        frames -= n;
    }
    return sori_error(s->c);
}

/* The frames that reach into the padding behind the sound. */
static bool run_rest(sori_stream *s) {
    feat_feed *f = &s->feed;
    if (!feat_feed_end(s->c, f)) return false;
    while (f->next < f->in.frames && find_places(s))
        feat_feed_rest(f, BASE_MIN(f->in.frames - f->next, f->p.group), s->places);
    return !base_failed(s->c);
}

/* `frames` frames of a chunk to their place, frame `first` on, in one channel of the result. */
static void place(const sori_stream *s, size_t use, const float *from, size_t first, size_t frames, float *out) {
    const feat_use *u = &s->feed.uses[use];
    size_t floats = feat_floats(u), total = s->feed.in.frames;
    if (!u->stored) {
        for (size_t r = 0; r < u->rows; r++)
            memcpy(out + (r * total + first) * floats, from + r * CHUNK * floats, frames * floats * sizeof *out);
        return;
    }
    for (size_t t = 0; t < frames; t += NUM_LANES)
        u->op->post(u, s->feed.sinks[use].peak, BASE_MIN(frames - t, NUM_LANES), from + t, CHUNK,
                    s->feed.scratch + s->feed.p.at_use, out + first + t, total);
}

static sori_array *assemble(sori_stream *s, size_t use) {
    const feat_input *in = &s->feed.in;
    const feat_use *u = &s->feed.uses[use];
    sori_array *a = feat_new_result(s->c, in, u);
    size_t channel_in = feat_block_rows(u) * CHUNK * feat_floats(u);
    size_t channel_out = u->rows * in->frames * feat_floats(u);
    for (size_t first = 0; a && first < in->frames; first += CHUNK) {
        chunk *k = s->stores[use].first;
        for (size_t channel = 0; channel < in->channels; channel++)
            place(s, use, k->values + channel * channel_in, first, BASE_MIN(in->frames - first, CHUNK),
                  (float *)a->data + channel * channel_out);
        s->stores[use].first = k->next;
        free_chunk(s->c, k);
    }
    return a;
}

sori_status sori_stream_finish(sori_stream *s, sori_array **out) {
    if (!s) return SORI_EINVAL;
    for (size_t i = 0; i < s->feed.n_uses; i++) out[i] = NULL;
    if (base_failed(s->c)) return sori_error(s->c);
    if (s->finished) return sori_fail(s->c, SORI_EINVAL, "stream: already finished");
    s->finished = true;
    if (run_rest(s))
        for (size_t i = 0; i < s->feed.n_uses; i++) out[i] = assemble(s, i);
    return sori_error(s->c);
}
