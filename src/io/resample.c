/* resample.c - changing the sampling rate with libsoxr, as librosa does.          librosa.resample
 *
 * librosa's soxr_hq is soxr's 20-bit recipe in single precision; the result is cut or zero-padded to
 * ceil(n * target / orig) samples. Streams, whole files and arrays all come through io_resampler, fed in the same
 * block size, so that the three agree bit for bit. */
#include "array/array.h"
#include "io/io.h"
#include <math.h>
#include <string.h>

#define BLOCK 16384   /* frames handed to soxr at once */

uint64_t io_resampled_length(uint64_t n, double from, double to) {
    return from == to ? n : (uint64_t)ceil((double)n * (to / from));
}

#ifdef SORI_WITH_SOXR
#include <soxr.h>

struct io_resampler {
    sori_ctx *c;
    soxr_t soxr;
};

static unsigned long recipe(sori_res_type type) {
    switch (type) {
    case SORI_SOXR_HQ: return SOXR_HQ;
    case SORI_SOXR_VHQ: return SOXR_VHQ;
    case SORI_SOXR_MQ: return SOXR_MQ;
    case SORI_SOXR_LQ: return SOXR_LQ;
    case SORI_SOXR_QQ: return SOXR_QQ;
    }
    return SOXR_HQ;
}

io_resampler *io_resampler_new(sori_ctx *c, double from, double to, int channels, sori_res_type type) {
    io_resampler *r = base_alloc(c, 1, sizeof *r);
    if (!r) return NULL;
    soxr_error_t error = NULL;
    soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    soxr_quality_spec_t quality = soxr_quality_spec(recipe(type), 0);
    soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    r->c = c;
    r->soxr = soxr_create(from, to, (unsigned)channels, &error, &io, &quality, &runtime);
    if (r->soxr && !error) return r;
    sori_fail(c, SORI_EINVAL, "resample: %g Hz to %g Hz: %s", from, to, soxr_strerror(error));
    io_resampler_free(r);
    return NULL;
}

size_t io_resampler_run(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room) {
    size_t done = 0;
    soxr_error_t error = soxr_process(r->soxr, in, in ? n : 0, used, out, room, &done);
    if (!error) return done;
    sori_fail(r->c, SORI_ENOMEM, "resample: %s", soxr_strerror(error));
    *used = n;   /* nothing more to gain from this input */
    return 0;
}

void io_resampler_free(io_resampler *r) {
    if (!r) return;
    if (r->soxr) soxr_delete(r->soxr);
    base_free(r->c, r);
}

#else
io_resampler *io_resampler_new(sori_ctx *c, double from, double to, int channels, sori_res_type type) {
    (void)channels, (void)type;
    sori_fail(c, SORI_EUNSUP, "resample: %g Hz to %g Hz: sori was not built with libsoxr", from, to);
    return NULL;
}
size_t io_resampler_run(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room) {
    (void)r, (void)in, (void)out, (void)room;
    *used = n;
    return 0;
}
void io_resampler_free(io_resampler *r) { (void)r; }
#endif

/* --- arrays ----------------------------------------------------------------------------------------------------- */

/* One channel x [n] -> y [m]; the tail soxr does not reach stays zero. */
static void resample_row(io_resampler *r, const float *x, size_t n, float *y, size_t m) {
    size_t at = 0, done = 0, used, got = 1;
    while (at < n && done < m) {
        done += io_resampler_run(r, x + at, BASE_MIN(n - at, (size_t)BLOCK), &used, y + done, m - done);
        at += used;
    }
    while (done < m && got > 0) done += got = io_resampler_run(r, NULL, 0, &used, y + done, m - done);
    memset(y + done, 0, (m - done) * sizeof *y);
}

sori_audio sori_resample(sori_ctx *c, sori_audio audio, double target_sr, sori_res_type res_type) {
    sori_audio out = { .sr = target_sr };
    if (!array_check(c, "resample", audio.y, SORI_F32, 1)) return out;
    if (!(target_sr > 0) || !(audio.sr > 0) || !isfinite(target_sr) || !isfinite(audio.sr)) {
        sori_fail(c, SORI_EINVAL, "resample: %g Hz to %g Hz: rates must be above 0", audio.sr, target_sr);
        return out;
    }
    const sori_array *x = audio.y;
    size_t last = (size_t)x->ndim - 1, n = x->shape[last], shape[SORI_MAX_DIMS];
    memcpy(shape, x->shape, sizeof shape);
    double length = ceil((double)n * (target_sr / audio.sr));
    if (length > (double)(SIZE_MAX / 8)) {
        sori_fail(c, SORI_EINVAL, "resample: %g Hz to %g Hz makes %g samples", audio.sr, target_sr, length);
        return out;
    }
    shape[last] = (size_t)io_resampled_length(n, audio.sr, target_sr);
    if (audio.sr == target_sr) {
        out.y = sori_array_from(c, SORI_F32, x->ndim, x->shape, x->data);
        return out;
    }
    sori_array *y = sori_array_new(c, SORI_F32, x->ndim, shape);
    for (size_t row = 0; y && n && row < x->size / n && !base_failed(c); row++) {
        io_resampler *r = io_resampler_new(c, audio.sr, target_sr, 1, res_type);
        if (r) resample_row(r, (float *)x->data + row * n, n, (float *)y->data + row * shape[last], shape[last]);
        io_resampler_free(r);
    }
    out.y = base_failed(c) ? NULL : y;
    return out;
}
