/* phase_vocoder.c - the phase vocoder on spectra in memory, and on sound from end to end.
 *
 * librosa.phase_vocoder, librosa.effects.time_stretch. The method is in vocoder.c. On sound its input comes from the
 * STFT, 16 frames at a time, and its result goes straight into the inverse: no spectrum is ever written. That takes the
 * STFT twice, once to learn the phases at which shards begin, which is still cheaper than writing it once.
 *
 * On sound all is in double: where a bin is silent at first its phase is that of the transform's rounding, and it keeps
 * what it gathered there when it gets loud. In float the waveform then differs from librosa's by some per cent. */
#include "feat/inverse.h"
#include "feat/pipeline.h"
#include "feat/vocoder.h"
#include <math.h>
#include <sori/phase.h>
#include <string.h>

/* --- from an array to an array -------------------------------------------------------------------------------- */

#define SHARD 256   /* frames of the result */

typedef struct array_job {
    feat_vocoder v;
    const float *D;                 /* [channels][bins][frames] pairs */
    float *out;                     /* [channels][bins][steps] pairs */
    char *scratch;                  /* [workers]: rows of the result, then the reader's state */
    size_t rows_size;
    atomic_size_t next;
} array_job;

static const void *load_array(const void *source, char *scratch, size_t channel, size_t first, size_t lanes) {
    const array_job *j = source;
    const float *in = j->D + 2 * (channel * j->v.bins * j->v.frames + first);
    j->v.k->load_complex(j->v.bins, in, j->v.frames, lanes, scratch);
    return scratch;
}

static void array_worker(void *arg, size_t w) {
    array_job *j = arg;
    const feat_vocoder *v = &j->v;
    char *rows = j->scratch + w * (j->rows_size + v->state_size), *state = rows + j->rows_size;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < v->shards * v->channels;) {
        size_t channel = i / v->shards, shard = i % v->shards, end = BASE_MIN((shard + 1) * SHARD, v->steps);
        feat_vocoder_begin(v, state, channel, shard, shard * SHARD);
        for (size_t t = shard * SHARD; t < end; t += NUM_LANES) {
            feat_vocoder_read(v, state, t, NUM_LANES, rows);
            v->k->store_complex(v->bins, rows, 0, BASE_MIN(end - t, NUM_LANES),
                                j->out + 2 * (channel * v->bins * v->steps + t), v->steps, false);
        }
    }
}

static void run_array(sori_ctx *c, array_job *j) {
    feat_vocoder *v = &j->v;
    v->load = load_array;
    v->source = j;
    v->source_scratch = j->rows_size = v->bins * NUM_ROW * v->k->real_size;
    v->shards = (v->steps + SHARD - 1) / SHARD;
    feat_vocoder_measure(v);
    if (!feat_vocoder_open(c, v)) return;
    for (size_t i = 0; i < v->shards; i++) v->first[i] = i * SHARD;
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), v->shards * v->channels), 1);
    size_t stride = j->rows_size + v->state_size;
    j->scratch = base_alloc_raw(c, workers, stride);
    if (j->scratch && feat_vocoder_prepare(c, v, j->scratch + j->rows_size, stride, workers))
        base_parallel(c, workers, array_worker, j);
    base_free(c, j->scratch);
}

sori_array *sori_phase_vocoder(sori_ctx *c, const sori_array *D, double rate,
                               const sori_phase_vocoder_config *config) {
    if (!array_check(c, "phase_vocoder", D, SORI_C64, 2)) return NULL;
    size_t bins = D->shape[D->ndim - 2], frames = D->shape[D->ndim - 1];
    size_t steps = feat_vocoder_steps(c, "phase_vocoder", frames, rate);
    if (base_failed(c)) return NULL;
    sori_array *out = array_new_lead(c, SORI_C64, D->ndim - 1, D->shape, 1, &steps);
    if (!out || out->size == 0) return out;
    array_job j = { .D = D->data, .out = out->data,
                    .v = { .k = num_kernels_find(NULL, config && config->exact), .bins = bins, .frames = frames,
                           .channels = D->size / (bins * frames), .rate = rate, .steps = steps } };
    run_array(c, &j);
    feat_vocoder_close(c, &j.v);
    return base_failed(c) ? NULL : out;
}

/* --- from sound to sound -------------------------------------------------------------------------------------- */

/* The STFT as a source of frames. */
typedef struct sound_source {
    feat_input in;
    feat_pipeline pipeline;
    feat_use use;
} sound_source;

/* The spectrum is read where the pipeline leaves it. */
static void leave_spectrum(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    (void)u, (void)b, (void)scratch, (void)out, (void)stride;
}

static const feat_op leave_op = { .block = leave_spectrum };

static const void *load_sound(const void *source, char *scratch, size_t channel, size_t first, size_t lanes) {
    const sound_source *s = source;
    const feat_input *in = &s->in;
    feat_sound sound = { .channel = channel, .y = in->y + channel * in->n, .n = (int64_t)in->n,
                         .padding = in->centered ? (int64_t)(in->n_fft / 2) : 0,
                         .tail = feat_tail((int64_t)in->n, in->n_fft, in->hop) };
    feat_sink sink = { .out = NULL };
    feat_pipeline_sound(&s->pipeline, &sound, first, lanes, scratch, &sink);
    return scratch + s->use.at;
}

/* Vocoder and inverse share the cut into shards. */
static void run_stretch(sori_ctx *c, feat_vocoder *v, feat_inverse *inverse) {
    feat_vocoder_measure(v);
    inverse->begin = feat_vocoder_begin;
    inverse->load = feat_vocoder_read;
    inverse->source = v;
    inverse->state_size = v->state_size;
    if (!feat_inverse_open(c, inverse)) return;
    v->shards = inverse->shards;
    if (!feat_vocoder_open(c, v)) return;
    for (size_t i = 0; i < v->shards; i++) v->first[i] = feat_inverse_first(inverse, i);
    char *states = inverse->scratch + inverse->at_state;
    if (feat_vocoder_prepare(c, v, states, inverse->scratch_size, inverse->workers)) feat_inverse_run(c, inverse);
}

/* Room for the result, and the work. s->in is open. */
static sori_array *stretch(sori_ctx *c, sound_source *s, double rate, size_t length, double *window) {
    const feat_input *in = &s->in;
    feat_inverse inverse = { .channels = in->channels, .window = window };
    feat_vocoder v = { .bins = in->bins, .channels = in->channels, .frames = in->frames, .rate = rate };
    s->use = (feat_use){ .op = &leave_op, .domain = FEAT_X, .rows = in->bins };
    v.steps = feat_vocoder_steps(c, in->who, in->frames, rate);
    sori_array *y = window && v.steps ? feat_result(c, in, SORI_F32, 0, length) : NULL;
    if (y && feat_pipeline_open(c, &s->pipeline, in, &s->use, 1)) {
        v.k = s->pipeline.k;
        v.load = load_sound;
        v.source = s;
        v.source_scratch = s->pipeline.scratch;
        feat_inverse_measure(&inverse, in, v.steps, length);
        inverse.y = y->data;
        run_stretch(c, &v, &inverse);
    }
    feat_pipeline_close(c, &s->pipeline);
    feat_vocoder_close(c, &v);
    feat_inverse_close(c, &inverse);
    return base_failed(c) ? NULL : y;
}

sori_audio feat_time_stretch(sori_ctx *c, const char *who, sori_audio y, double rate, const sori_stft_config *config) {
    sori_stft_config g = feat_stft_defaults(config);
    sori_audio out = { NULL, y.sr };
    sound_source s = { .pipeline.in = NULL };
    g.exact = true;   /* see the head of this file */
    if (!base_failed(c) && !(rate > 0 && isfinite(rate)))
        sori_fail(c, SORI_EINVAL, "%s: rate %g is not above 0", who, rate);
    if (!feat_input_open(c, &s.in, who, y, NULL, &g)) return out;
    double length = rint((double)s.in.n / rate);   /* Python's round */
    if (!(length >= 1 && length < 1e15))
        sori_fail(c, SORI_EINVAL, "%s: rate %g makes %g samples of %zu", who, rate, length, s.in.n);
    else out.y = stretch(c, &s, rate, (size_t)length, feat_window(c, who, &g, s.in.n_fft, s.in.win_length));
    feat_input_close(c, &s.in);
    return out;
}
