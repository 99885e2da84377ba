/* stream.c - features of sound that arrives in pieces: the numbers of sori_extract, bit for bit.
 *
 * Samples wait in a window that holds one group of frames and n_fft samples before it, which the end of the sound may
 * still need for padding. As soon as all samples of a group are in, the pipeline runs it. Its results are kept in
 * chunks of CHUNK frames, a list for each feature, because neither the number of frames nor the loudest value is known
 * before the end; then the chunks are copied to their place, or go through post(), and are freed one by one. Where the
 * length is expected, results go to their place at once: an array of so many frames, made longer or cut at the end. */
#include "feat/pipeline.h"
#include <math.h>
#include <string.h>

#define CHUNK 1024            /* frames; a multiple of every group */
#define SLACK 4096            /* samples taken in at a time, beyond what must wait */
#define UNKNOWN (INT64_MAX / 2)

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
    feat_input in;
    feat_use *uses;
    size_t n_uses;
    feat_pipeline p;
    char *scratch;
    feat_sink *sinks;
    store *stores;            /* [n_uses] */
    float *y;                 /* [channels][capacity] the samples that wait */
    size_t capacity, waiting; /* of one channel */
    int64_t start;            /* number of the first that waits */
    size_t next;              /* the next frame to compute */
    size_t room;              /* frames of arrays that are written at once; 0: there are none */
    bool finished;
};

/* --- set-up ------------------------------------------------------------------------------------------------- */

static bool check_channels(sori_ctx *c, int channels) {
    if (channels < 1 || channels > 256) sori_fail(c, SORI_EINVAL, "stream: %d channels (1 to 256)", channels);
    return !base_failed(c);
}

static bool settle(sori_ctx *c, sori_stream *s, double sr, int channels, const char *const *names,
                   const sori_feature_config *g) {
    if (!feat_input_settings(c, &s->in, "stream", sr, &g->stft) || !check_channels(c, channels)) return false;
    s->in.channels = (size_t)channels;
    s->in.lead = channels > 1;
    s->in.lead_shape[0] = (size_t)channels;
    s->in.window = feat_window(c, "stream", &g->stft, s->in.n_fft, s->in.win_length);
    if (!s->in.window || !feat_open_named(c, &s->in, s->uses, names, s->n_uses, g)) return false;
    return feat_pipeline_open(c, &s->p, &s->in, s->uses, s->n_uses);
}

sori_stream *sori_stream_new(sori_ctx *c, double sr, int channels, const char *const *names, size_t n,
                             const sori_feature_config *config) {
    static const sori_feature_config defaults;
    sori_stream *s = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *s);
    if (!s) return NULL;
    s->c = c;
    s->n_uses = n;
    s->uses = base_alloc(c, n, sizeof *s->uses);
    s->sinks = base_alloc(c, n, sizeof *s->sinks);
    s->stores = base_alloc(c, n, sizeof *s->stores);
    if (!base_failed(c) && settle(c, s, sr, channels, names, config ? config : &defaults)) {
        s->capacity = 2 * s->in.n_fft + s->p.group * s->in.hop + SLACK;
        s->y = base_alloc_raw(c, s->in.channels * s->capacity, sizeof *s->y);
        s->scratch = base_alloc_raw(c, s->p.scratch, 1);
        for (size_t i = 0; i < n; i++) feat_sink_clear(&s->sinks[i]);
    }
    if (!base_failed(c)) return s;
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
    for (size_t i = 0; s->stores && i < s->n_uses; i++) {
        sori_array_free(c, s->stores[i].whole);
        for (chunk *k = s->stores[i].first, *next; k; k = next) {
            next = k->next;
            free_chunk(c, k);
        }
    }
    feat_pipeline_close(c, &s->p);
    if (s->uses) feat_uses_close(c, s->uses, s->n_uses);
    feat_input_close(c, &s->in);
    base_free(c, s->stores);
    base_free(c, s->sinks);
    base_free(c, s->scratch);
    base_free(c, s->uses);
    base_free(c, s->y);
    base_free(c, s);
}

/* --- frames ------------------------------------------------------------------------------------------------- */

static int64_t padding(const sori_stream *s) { return s->in.centered ? (int64_t)(s->in.n_fft / 2) : 0; }

/* Number of the sample where frame t starts; below 0 in the padding. */
static int64_t frame_start(const sori_stream *s, size_t t) { return (int64_t)(t * s->in.hop) - padding(s); }

static size_t values_of(const sori_stream *s, const feat_use *u) {
    return s->in.channels * feat_block_rows(u) * CHUNK * feat_floats(u);
}

/* Room for the next frames' results of every feature. */
static bool add_chunks(sori_stream *s) {
    for (size_t i = 0; i < s->n_uses; i++) {
        store *t = &s->stores[i];
        if (t->whole) continue;
        chunk *k = base_alloc(s->c, 1, sizeof *k);
        if (!k) return false;
        k->values = base_alloc_raw(s->c, values_of(s, &s->uses[i]), sizeof(float));
        if (t->last) t->last->next = k;
        else t->first = k;
        t->last = k;
        if (!k->values) return false;
    }
    return true;
}

/* An array of `room` frames that belongs to this stream, with what was written so far. */
static sori_array *longer(sori_stream *s, size_t use, size_t room) {
    const feat_use *u = &s->uses[use];
    sori_array *old = s->stores[use].whole;
    size_t known = s->in.frames, size = feat_floats(u) * sizeof(float);
    s->in.frames = room;
    sori_array *a = feat_new_result(s->c, &s->in, u);
    s->in.frames = known;
    if (!a) return NULL;
    array_detach(s->c, a);
    for (size_t r = 0; old && r < s->in.channels * u->rows; r++)
        memcpy((char *)a->data + r * room * size, (char *)old->data + r * s->room * size, s->next * size);
    sori_array_free(s->c, old);
    return a;
}

/* Room for `frames` more frames in the arrays that are written at once. */
static bool make_room(sori_stream *s, size_t frames) {
    if (!s->room || s->next + frames <= s->room) return true;
    size_t room = s->next + frames + s->room / 2;
    for (size_t i = 0; i < s->n_uses; i++) {
        if (!s->stores[i].whole) continue;
        sori_array *a = longer(s, i, room);
        if (!a) return false;
        s->stores[i].whole = a;
    }
    s->room = room;
    return true;
}

void sori_stream_expect(sori_stream *s, uint64_t samples) {
    if (!s || base_failed(s->c) || s->room || s->next || samples < 1 || samples > UNKNOWN) return;
    s->room = feat_frames((size_t)samples, s->in.n_fft, s->in.hop, s->in.centered);
    for (size_t i = 0; i < s->n_uses && s->room; i++)
        if (feat_in_place(&s->uses[i])) s->stores[i].whole = longer(s, i, s->room);
    if (base_failed(s->c)) sori_clear(s->c);   /* too long for memory: chunks grow with what really comes */
}

/* Where feature `use` writes the next frames of a channel. */
static void aim(sori_stream *s, size_t use, size_t channel) {
    const feat_use *u = &s->uses[use];
    const store *t = &s->stores[use];
    size_t stride = t->whole ? s->room : CHUNK, at = t->whole ? s->next : s->next % CHUNK;
    float *values = t->whole ? t->whole->data : t->last->values;
    s->sinks[use].out = values + (channel * feat_block_rows(u) * stride + at) * feat_floats(u);
    s->sinks[use].stride = stride;
    s->sinks[use].bypass = t->whole && !u->stored && t->whole->size * sizeof(float) > FEAT_CACHE;
}

/* Compute the next `frames` frames; n is the sound's length, if known. */
static bool compute(sori_stream *s, size_t frames, int64_t n, int64_t tail) {
    if (!make_room(s, frames) || (s->next % CHUNK == 0 && !add_chunks(s))) return false;
    for (size_t channel = 0; channel < s->in.channels; channel++) {
        feat_sound sound = { .channel = channel, .y = s->y + channel * s->capacity, .start = s->start, .n = n,
                             .padding = padding(s), .tail = tail };
        for (size_t i = 0; i < s->n_uses; i++) aim(s, i, channel);
        feat_pipeline_sound(&s->p, &sound, s->next, frames, s->scratch, s->sinks);
    }
    s->next += frames;
    return true;
}

/* Forget samples that no frame to come, nor the padding behind the last, can reach. */
static void drop(sori_stream *s) {
    int64_t from = frame_start(s, s->next) - (int64_t)s->in.n_fft, end = s->start + (int64_t)s->waiting;
    from = BASE_MIN(from, end);
    if (from <= s->start) return;
    size_t gone = (size_t)(from - s->start);
    s->waiting -= gone;
    s->start = from;
    for (size_t channel = 0; channel < s->in.channels; channel++) {
        float *y = s->y + channel * s->capacity;
        memmove(y, y + gone, s->waiting * sizeof *y);
    }
}

static bool run_ready(sori_stream *s) {
    size_t group = s->p.group;
    bool any = false;
    while (frame_start(s, s->next + group - 1) + (int64_t)s->in.n_fft <= s->start + (int64_t)s->waiting) {
        if (!compute(s, group, UNKNOWN, 0)) return false;
        any = true;
    }
    if (any) drop(s);
    return true;
}

/* --- in and out --------------------------------------------------------------------------------------------- */

static bool take(sori_stream *s, const float *interleaved, size_t frames) {
    size_t channels = s->in.channels;
    for (size_t i = 0; i < frames * channels; i++)
        if (!isfinite(interleaved[i])) {
            sori_fail(s->c, SORI_EINVAL, "stream: sample %lld is not finite",
                      (long long)(s->start + (int64_t)(s->waiting + i / channels)));
            return false;
        }
    for (size_t channel = 0; channel < channels; channel++) {
        float *y = s->y + channel * s->capacity + s->waiting;
        for (size_t i = 0; i < frames; i++) y[i] = interleaved[i * channels + channel];
    }
    s->waiting += frames;
    return true;
}

sori_status sori_stream_push(sori_stream *s, const float *interleaved, size_t frames) {
    if (!s) return SORI_EINVAL;
    if (base_failed(s->c)) return sori_error(s->c);
    if (s->finished) return sori_fail(s->c, SORI_EINVAL, "stream: already finished");
    while (frames > 0) {
        size_t n = BASE_MIN(frames, s->capacity - s->waiting);
        if (!take(s, interleaved, n) || !run_ready(s)) break;
        drop(s);
        interleaved += n * s->in.channels;
        frames -= n;
    }
    return sori_error(s->c);
}

/* The frames that reach into the padding behind the sound. */
static bool run_rest(sori_stream *s) {
    int64_t n = s->start + (int64_t)s->waiting;
    s->in.n = (size_t)n;
    s->in.frames = feat_frames(s->in.n, s->in.n_fft, s->in.hop, s->in.centered);
    if (n == 0) sori_fail(s->c, SORI_EINVAL, "stream: the sound has no samples");
    else if (s->in.frames == 0)
        sori_fail(s->c, SORI_EINVAL, "stream: n_fft %zu is larger than the sound of %zu samples, and frames are not "
                  "centred", s->in.n_fft, s->in.n);
    while (!base_failed(s->c) && s->next < s->in.frames)
        compute(s, BASE_MIN(s->in.frames - s->next, s->p.group), n, feat_tail(n, s->in.n_fft, s->in.hop));
    return !base_failed(s->c);
}

/* `frames` frames of a chunk to their place, frame `first` on, in one channel of the result. */
static void place(const sori_stream *s, size_t use, const float *from, size_t first, size_t frames, float *out) {
    const feat_use *u = &s->uses[use];
    size_t floats = feat_floats(u), total = s->in.frames;
    if (!u->stored) {
        for (size_t r = 0; r < u->rows; r++)
            memcpy(out + (r * total + first) * floats, from + r * CHUNK * floats, frames * floats * sizeof *out);
        return;
    }
    for (size_t t = 0; t < frames; t += NUM_LANES)
        u->op->post(u, s->sinks[use].peak, BASE_MIN(frames - t, NUM_LANES), from + t, CHUNK, s->scratch + s->p.at_use,
                    out + first + t, total);
}

/* Rows of s->room frames close up to those there are, and are finished in place. */
static sori_array *finish_whole(sori_stream *s, size_t use) {
    const feat_use *u = &s->uses[use];
    sori_array *a = s->stores[use].whole;
    size_t total = s->in.frames, rows = s->in.channels * u->rows, size = feat_floats(u) * sizeof(float);
    for (size_t r = 1; total < s->room && r < rows; r++)
        memmove((char *)a->data + r * total * size, (char *)a->data + r * s->room * size, total * size);
    a->shape[a->ndim - 1] = total;
    a->size = rows * total;
    for (size_t channel = 0; u->stored && channel < s->in.channels; channel++)
        for (size_t t = 0; t < total; t += NUM_LANES) {
            float *values = (float *)a->data + channel * u->rows * total + t;
            u->op->post(u, s->sinks[use].peak, BASE_MIN(total - t, NUM_LANES), values, total,
                        s->scratch + s->p.at_use, values, total);
        }
    array_attach(s->c, a);
    s->stores[use].whole = NULL;
    return a;
}

static sori_array *assemble(sori_stream *s, size_t use) {
    const feat_use *u = &s->uses[use];
    if (s->stores[use].whole) return finish_whole(s, use);
    sori_array *a = feat_new_result(s->c, &s->in, u);
    size_t channel_in = feat_block_rows(u) * CHUNK * feat_floats(u);
    size_t channel_out = u->rows * s->in.frames * feat_floats(u);
    for (size_t first = 0; a && first < s->in.frames; first += CHUNK) {
        chunk *k = s->stores[use].first;
        for (size_t channel = 0; channel < s->in.channels; channel++)
            place(s, use, k->values + channel * channel_in, first, BASE_MIN(s->in.frames - first, CHUNK),
                  (float *)a->data + channel * channel_out);
        s->stores[use].first = k->next;
        free_chunk(s->c, k);
    }
    return a;
}

sori_status sori_stream_finish(sori_stream *s, sori_array **out) {
    if (!s) return SORI_EINVAL;
    for (size_t i = 0; i < s->n_uses; i++) out[i] = NULL;
    if (base_failed(s->c)) return sori_error(s->c);
    if (s->finished) return sori_fail(s->c, SORI_EINVAL, "stream: already finished");
    s->finished = true;
    if (run_rest(s))
        for (size_t i = 0; i < s->n_uses; i++) out[i] = assemble(s, i);
    return sori_error(s->c);
}
