/* resampler.c - changing the sampling rate of sound that comes in pieces: libsoxr, or fir.c in blocks.
 *
 * librosa's soxr_hq is soxr's 20-bit recipe in single precision. Streams, whole files and arrays all come through here,
 * soxr fed in the same block size, so that the three agree bit for bit. A fir's blocks wait until all their input is
 * there; its sums do not depend on where a block begins. */
#include "io/io.h"
#include <math.h>
#include <string.h>
#ifdef SORI_WITH_SOXR
#include <soxr.h>
#else
typedef void *soxr_t;
#endif

#define SLACK 16384   /* frames a fir takes in at a time, beyond what a block needs */

struct io_resampler {
    sori_ctx *c;
    soxr_t soxr;              /* NULL: a fir */
    io_fir *fir;
    sori_res_type type;
    double from, to;
    size_t channels, block;   /* the next block */
    float *held, *ready;      /* [channels][capacity] input that waits; [channels][outputs of a block] */
    void *scratch;
    size_t capacity, waiting, ready_at, ready_n;   /* of one channel */
    int64_t start;            /* number of the first sample that waits */
    uint64_t given;
};

uint64_t io_resampled_length(uint64_t n, double from, double to) {
    return from == to ? n : (uint64_t)ceil((double)n * (to / from));
}

uint64_t io_own_length(sori_res_type type, uint64_t n, double from, double to) {
    if (type <= SORI_SOXR_QQ) return (uint64_t)floor((double)n * (to / from) + 0.5);
    bool kaiser = type == SORI_RES_KAISER_BEST || type == SORI_RES_KAISER_FAST;
    return kaiser ? (uint64_t)((double)n * to / from) : io_resampled_length(n, from, to);
}

/* --- soxr -------------------------------------------------------------------------------------------------------- */

#ifdef SORI_WITH_SOXR
static bool open_soxr(io_resampler *r) {
    static const unsigned long recipes[] = { SOXR_HQ, SOXR_VHQ, SOXR_MQ, SOXR_LQ, SOXR_QQ };
    soxr_error_t error = NULL;
    soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    soxr_quality_spec_t quality = soxr_quality_spec(recipes[r->type], 0);
    soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    r->soxr = soxr_create(r->from, r->to, (unsigned)r->channels, &error, &io, &quality, &runtime);
    if (r->soxr && !error) return true;
    sori_fail(r->c, SORI_EINVAL, "resample: %g Hz to %g Hz: %s", r->from, r->to, soxr_strerror(error));
    return false;
}

static size_t run_soxr(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room) {
    size_t done = 0;
    soxr_error_t error = soxr_process(r->soxr, in, in ? n : 0, used, out, room, &done);
    if (!error) return done;
    sori_fail(r->c, SORI_ENOMEM, "resample: %s", soxr_strerror(error));
    *used = n;   /* nothing more to gain from this input */
    return 0;
}

static void close_soxr(io_resampler *r) {
    if (r->soxr) soxr_delete(r->soxr);
}
#else
static bool open_soxr(io_resampler *r) {
    sori_fail(r->c, SORI_EUNSUP, "resample: %g Hz to %g Hz: sori was not built with libsoxr", r->from, r->to);
    return false;
}
static size_t run_soxr(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room) {
    (void)r, (void)in, (void)out, (void)room;
    *used = n;
    return 0;
}
static void close_soxr(io_resampler *r) { (void)r; }
#endif

/* --- fir --------------------------------------------------------------------------------------------------------- */

static bool open_fir(io_resampler *r) {
    r->fir = io_fir_new(r->c, r->from, r->to, r->type);
    if (!r->fir) return false;
    size_t outputs = io_fir_outputs(r->fir);
    r->capacity = 2 * io_fir_inputs(r->fir) + SLACK;
    r->held = base_alloc_raw(r->c, r->channels * r->capacity, sizeof *r->held);
    r->ready = base_alloc_raw(r->c, r->channels * outputs, sizeof *r->ready);
    r->scratch = base_alloc_raw(r->c, io_fir_scratch(r->fir), 1);
    return !base_failed(r->c);
}

static int64_t end_of(const io_resampler *r) { return r->start + (int64_t)r->waiting; }

/* Up to n frames to those that wait; samples that no block needs any more are dropped first. */
static size_t hold(io_resampler *r, const float *in, size_t n) {
    int64_t from = BASE_MIN(io_fir_from(r->fir, r->block), end_of(r));
    size_t gone = from > r->start ? (size_t)(from - r->start) : 0;
    size_t taken = BASE_MIN(n, r->capacity - (r->waiting - gone));
    for (size_t ch = 0; ch < r->channels; ch++) {
        float *x = r->held + ch * r->capacity;
        if (gone) memmove(x, x + gone, (r->waiting - gone) * sizeof *x);
        x += r->waiting - gone;
        for (size_t i = 0; i < taken; i++) x[i] = in[i * r->channels + ch];
    }
    r->start += (int64_t)gone;
    r->waiting += taken - gone;
    return taken;
}

static void compute(io_resampler *r) {
    size_t outputs = io_fir_outputs(r->fir);
    for (size_t ch = 0; ch < r->channels; ch++)
        io_fir_block(r->fir, r->held + ch * r->capacity, r->start, r->waiting, r->block, r->ready + ch * outputs,
                     r->scratch);
    r->block++;
    r->ready_at = 0;
    r->ready_n = outputs;
}

static size_t give(io_resampler *r, float *out, size_t room) {
    size_t n = BASE_MIN(room, r->ready_n - r->ready_at), outputs = io_fir_outputs(r->fir);
    for (size_t ch = 0; ch < r->channels; ch++) {
        const float *y = r->ready + ch * outputs + r->ready_at;
        for (size_t i = 0; i < n; i++) out[i * r->channels + ch] = y[i];
    }
    r->ready_at += n;
    r->given += n;
    return n;
}

/* At the end of the input its own length is known. */
static size_t run_fir(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room) {
    size_t done = 0;
    *used = 0;
    uint64_t total = in ? UINT64_MAX : io_own_length(r->type, (uint64_t)end_of(r), r->from, r->to);
    while (done < room && r->given < total) {
        int64_t need = io_fir_from(r->fir, r->block) + (int64_t)io_fir_inputs(r->fir);
        if (r->ready_at < r->ready_n)
            done += give(r, out + done * r->channels, (size_t)BASE_MIN(room - done, total - r->given));
        else if (!in || need <= end_of(r)) compute(r);
        else if (*used < n) *used += hold(r, in + *used * r->channels, n - *used);
        else break;
    }
    return done;
}

/* --- either ------------------------------------------------------------------------------------------------------ */

io_resampler *io_resampler_new(sori_ctx *c, double from, double to, int channels, sori_res_type type) {
    io_resampler *r = base_alloc(c, 1, sizeof *r);
    if (!r) return NULL;
    *r = (io_resampler){ .c = c, .type = type, .from = from, .to = to, .channels = (size_t)channels };
    if (type < 0 || type > SORI_RES_POLYPHASE)
        sori_fail(c, SORI_EINVAL, "resample: this res_type needs the whole sound: load it at its own rate first");
    else if (io_is_fir(type) ? open_fir(r) : open_soxr(r)) return r;
    io_resampler_free(r);
    return NULL;
}

size_t io_resampler_run(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room) {
    return (r->fir ? run_fir : run_soxr)(r, in, n, used, out, room);
}

void io_resampler_free(io_resampler *r) {
    if (!r) return;
    close_soxr(r);
    io_fir_free(r->fir);
    base_free(r->c, r->held);
    base_free(r->c, r->ready);
    base_free(r->c, r->scratch);
    base_free(r->c, r);
}
