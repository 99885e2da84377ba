/* place.c - where blocks and frames lie, in frames, samples and seconds. librosa/core/convert.py. */
#include "array/array.h"
#include "base/base.h"
#include <math.h>
#include <sori/feat.h>
#include <sori/notation.h>

int64_t sori_blocks_to_frames(int64_t block, int block_length) {
    int64_t r;
    if (!__builtin_mul_overflow(block, (int64_t)block_length, &r)) return r;
    return (block < 0) == (block_length < 0) ? INT64_MAX : INT64_MIN;
}

int64_t sori_blocks_to_samples(int64_t block, int block_length, int hop_length) {
    return sori_frames_to_samples(sori_blocks_to_frames(block, block_length), hop_length, 0);
}

double sori_blocks_to_time(int64_t block, int block_length, int hop_length, double sr) {
    return sori_samples_to_time(sori_blocks_to_samples(block, block_length, hop_length), sr);
}

static bool check_places(sori_ctx *c, const char *who, double sr, int hop_length, int n_fft) {
    if (base_failed(c)) return false;
    if (hop_length < 0) sori_fail(c, SORI_EINVAL, "%s: hop_length %d is below 1", who, hop_length);
    else if (n_fft < 0) sori_fail(c, SORI_EINVAL, "%s: n_fft %d is below 0", who, n_fft);
    else if (!(sr >= 0 && isfinite(sr))) sori_fail(c, SORI_EINVAL, "%s: sr %g Hz is not above 0", who, sr);
    return !base_failed(c);
}

sori_array *sori_samples_like(sori_ctx *c, size_t frames, int hop_length, int n_fft) {
    if (!check_places(c, "samples_like", 0, hop_length, n_fft)) return NULL;
    sori_array *out = array_new_raw(c, SORI_I64, 1, &frames);
    for (size_t i = 0; out && i < frames; i++)
        ((int64_t *)out->data)[i] = sori_frames_to_samples((int64_t)i, hop_length, n_fft);
    return out;
}

sori_array *sori_times_like(sori_ctx *c, size_t frames, double sr, int hop_length, int n_fft) {
    if (!check_places(c, "times_like", sr, hop_length, n_fft)) return NULL;
    sori_array *out = array_new_raw(c, SORI_F64, 1, &frames);
    for (size_t i = 0; out && i < frames; i++)
        ((double *)out->data)[i] = sori_frames_to_time((double)i, sr, hop_length, n_fft);
    return out;
}
