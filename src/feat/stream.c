/* stream.c - features of sound that arrives in pieces: the numbers of sori_extract, bit for bit.
 *
 * As soon as all samples of a group of frames are in, the pipeline runs it. Its results are kept in chunks of CHUNK
 * frames, a list for each feature, because neither the number of frames nor the loudest value is known before the end;
 * then the chunks are copied to their place, or go through post(), and are freed one by one. Where the length is
 * expected, results go to their place at once: an array of so many frames, made longer or cut at the end. */
#include "array/array.h"
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
    sori_array *whole;        /* or, instead of chunks: [lead..., rows, s->room] */
} store;

struct sori_stream {
    sori_ctx *c;
    feat_feed feed;
    store *stores;            /* [n_uses] */
    feat_place *places;       /* [n_uses] */
    size_t room;              /* frames of arrays that are written at once; 0: there are none */
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
    for (size_t i = 0; s->stores && i < s->feed.n_uses; i++) {
        sori_array_free(c, s->stores[i].whole);
        for (chunk *k = s->stores[i].first, *next; k; k = next) {
            next = k->next;
            free_chunk(c, k);
        }
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
        if (t->whole) continue;
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

/* An array of `room` frames that belongs to this stream, with what was written so far. */
static sori_array *longer(sori_stream *s, size_t use, size_t room) {
    feat_input *in = &s->feed.in;
    const feat_use *u = &s->feed.uses[use];
    sori_array *old = s->stores[use].whole;
    size_t known = in->frames, size = feat_floats(u) * sizeof(float);
    in->frames = room;
    sori_array *a = feat_new_result(s->c, in, u);
    in->frames = known;
    if (!a) return NULL;
    array_detach(s->c, a);
    for (size_t r = 0; old && r < in->channels * u->rows; r++)
        memcpy((char *)a->data + r * room * size, (char *)old->data + r * s->room * size, s->feed.next * size);
    sori_array_free(s->c, old);
    return a;
}

/* Room for `frames` more frames in the arrays that are written at once. */
static bool make_room(sori_stream *s, size_t frames) {
    if (!s->room || s->feed.next + frames <= s->room) return true;
    size_t room = s->feed.next + frames + s->room / 2;
    for (size_t i = 0; i < s->feed.n_uses; i++) {
        if (!s->stores[i].whole) continue;
        sori_array *a = longer(s, i, room);
        if (!a) return false;
        s->stores[i].whole = a;
    }
    s->room = room;
    return true;
}

void sori_stream_expect(sori_stream *s, uint64_t samples) {
    if (!s || base_failed(s->c) || s->room || s->feed.next || samples < 1 || samples > INT64_MAX / 2) return;
    const feat_input *in = &s->feed.in;
    s->room = feat_frames((size_t)samples, in->n_fft, in->hop, in->centered);
    for (size_t i = 0; i < s->feed.n_uses && s->room; i++)
        if (feat_in_place(&s->feed.uses[i])) s->stores[i].whole = longer(s, i, s->room);
    if (base_failed(s->c)) sori_clear(s->c);   /* too long for memory: chunks grow with what really comes */
}

/* Where the next `frames` frames go. */
static bool find_places(sori_stream *s, size_t frames) {
    size_t next = s->feed.next;
    if (!make_room(s, frames) || (next % CHUNK == 0 && !add_chunks(s))) return false;
    for (size_t i = 0; i < s->feed.n_uses; i++) {
        const feat_use *u = &s->feed.uses[i];
        const store *t = &s->stores[i];
        size_t stride = t->whole ? s->room : CHUNK, at = t->whole ? next : next % CHUNK;
        float *values = t->whole ? t->whole->data : t->last->values;
        s->places[i] = (feat_place){ .out = values + at * feat_floats(u), .stride = stride,
                                     .channel_step = feat_block_rows(u) * stride * feat_floats(u) };
        s->feed.sinks[i].bypass = t->whole && !u->stored && t->whole->size * sizeof(float) > FEAT_CACHE;
    }
    return true;
}

static bool run_ready(sori_stream *s) {
    size_t group = s->feed.p.group;
    bool any = false;
    for (; feat_feed_ready(&s->feed) >= group; any = true) {
        if (!find_places(s, group)) return false;
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
    for (size_t n; (n = BASE_MIN(f->in.frames - f->next, f->p.group)) > 0 && find_places(s, n);)
        feat_feed_rest(f, n, s->places);
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

/* Rows of s->room frames close up to those there are, and are finished in place. */
static sori_array *finish_whole(sori_stream *s, size_t use) {
    const feat_use *u = &s->feed.uses[use];
    sori_array *a = s->stores[use].whole;
    size_t total = s->feed.in.frames, rows = s->feed.in.channels * u->rows, size = feat_floats(u) * sizeof(float);
    for (size_t r = 1; total < s->room && r < rows; r++)
        memmove((char *)a->data + r * total * size, (char *)a->data + r * s->room * size, total * size);
    a->shape[a->ndim - 1] = total;
    a->size = rows * total;
    for (size_t channel = 0; u->stored && channel < s->feed.in.channels; channel++)
        for (size_t t = 0; t < total; t += NUM_LANES) {
            float *values = (float *)a->data + channel * u->rows * total + t;
            u->op->post(u, s->feed.sinks[use].peak, BASE_MIN(total - t, NUM_LANES), values, total,
                        s->feed.scratch + s->feed.p.at_use, values, total);
        }
    array_attach(s->c, a);
    s->stores[use].whole = NULL;
    return a;
}

static sori_array *assemble(sori_stream *s, size_t use) {
    const feat_input *in = &s->feed.in;
    const feat_use *u = &s->feed.uses[use];
    if (s->stores[use].whole) return finish_whole(s, use);
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
