/* convert.c - frequencies, mels, frames, samples and seconds, and windows as arrays.
 *
 * Slaney's mel scale is linear up to 1000 Hz (200/3 Hz a mel) and logarithmic above, 27 mels to a factor of 6.4;
 * HTK's is 2595 log10(1 + f/700). Times: a frame begins at frame * hop_length samples, n_fft/2 later if frames are not
 * centred. A rate or hop left 0 is librosa's 22050 Hz or 512 samples. librosa/core/convert.py. */
#include "array/array.h"
#include "base/base.h"
#include "num/num.h"
#include <math.h>
#include <sori/feat.h>

/* --- mel -------------------------------------------------------------------------------------------------------- */

#define MEL_HZ (200.0 / 3)              /* Hz a mel, below the knee */
#define KNEE_HZ 1000.0
#define KNEE_MEL (KNEE_HZ / MEL_HZ)     /* 15 */

static double log_step(void) { return log(6.4) / 27; }

double sori_hz_to_mel(double hz, bool htk) {
    if (htk) return 2595 * log10(1 + hz / 700);
    return hz >= KNEE_HZ ? KNEE_MEL + log(hz / KNEE_HZ) / log_step() : hz / MEL_HZ;
}

double sori_mel_to_hz(double mel, bool htk) {
    if (htk) return 700 * (pow(10, mel / 2595) - 1);
    return mel >= KNEE_MEL ? KNEE_HZ * exp(log_step() * (mel - KNEE_MEL)) : MEL_HZ * mel;
}

/* Record SORI_EINVAL unless n is a length arrays may have. */
static bool check_length(sori_ctx *c, const char *who, const char *what, int n) {
    if (base_failed(c)) return false;
    if (n < 1) sori_fail(c, SORI_EINVAL, "%s: %s %d is below 1", who, what, n);
    return n >= 1;
}

sori_array *sori_mel_frequencies(sori_ctx *c, int n_mels, double fmin, double fmax, bool htk) {
    if (!check_length(c, "mel_frequencies", "n_mels", n_mels)) return NULL;
    if (!(isfinite(fmin) && isfinite(fmax) && fmin >= 0 && fmax >= 0)) {
        sori_fail(c, SORI_EINVAL, "mel_frequencies: fmin %g Hz or fmax %g Hz is not a frequency", fmin, fmax);
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_F64, 1, (size_t[]){ (size_t)n_mels });
    double lo = sori_hz_to_mel(fmin, htk), hi = sori_hz_to_mel(fmax, htk);
    double step = n_mels > 1 ? (hi - lo) / (n_mels - 1) : 0;
    for (int i = 0; out && i < n_mels; i++)
        ((double *)out->data)[i] = sori_mel_to_hz(i && i == n_mels - 1 ? hi : i * step + lo, htk);
    return out;
}

sori_array *sori_fft_frequencies(sori_ctx *c, double sr, int n_fft) {
    if (!check_length(c, "fft_frequencies", "n_fft", n_fft)) return NULL;
    if (!(sr > 0 && isfinite(sr))) {
        sori_fail(c, SORI_EINVAL, "fft_frequencies: sr %g Hz is not above 0", sr);
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_F64, 1, (size_t[]){ (size_t)(n_fft / 2 + 1) });
    double step = 1 / (n_fft * (1 / sr));   /* numpy.fft.rfftfreq's order of divisions, to the last bit */
    for (int k = 0; out && k <= n_fft / 2; k++) ((double *)out->data)[k] = k * step;
    return out;
}

sori_array *sori_window(sori_ctx *c, const char *name, int n, bool symmetric) {
    char why[160];
    if (!check_length(c, "window", "n", n)) return NULL;
    if (!name) {
        sori_fail(c, SORI_EINVAL, "window: no name given");
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_F64, 1, (size_t[]){ (size_t)n });
    if (!out || num_window(name, (size_t)n, symmetric, out->data, why, sizeof why)) return out;
    sori_array_free(c, out);
    sori_fail(c, SORI_EINVAL, "%s", why);
    return NULL;
}

/* --- frames, samples, seconds ----------------------------------------------------------------------------------- */

static double rate(double sr) { return sr > 0 ? sr : 22050; }
static int64_t hop(int hop_length) { return hop_length > 0 ? hop_length : 512; }
static int64_t offset(int n_fft) { return n_fft > 0 ? n_fft / 2 : 0; }

/* Towards zero, as NumPy's astype(int); the nearest int64 outside its range, 0 for NaN. */
static int64_t whole(double v) {
    if (v >= 0x1p63) return INT64_MAX;
    return v > -0x1p63 ? (int64_t)v : v <= -0x1p63 ? INT64_MIN : 0;
}

int64_t sori_frames_to_samples(int64_t frame, int hop_length, int n_fft) {
    int64_t r;
    bool overflows = __builtin_mul_overflow(frame, hop(hop_length), &r) || __builtin_add_overflow(r, offset(n_fft), &r);
    return !overflows ? r : frame < 0 ? INT64_MIN : INT64_MAX;
}

int64_t sori_samples_to_frames(int64_t sample, int hop_length, int n_fft) {
    int64_t h = hop(hop_length), d;
    if (__builtin_sub_overflow(sample, offset(n_fft), &d)) d = INT64_MIN;
    return d / h - (d % h < 0);   /* floor */
}

double sori_samples_to_time(int64_t sample, double sr) { return (double)sample / rate(sr); }
int64_t sori_time_to_samples(double time_s, double sr) { return whole(time_s * rate(sr)); }

double sori_frames_to_time(double frame, double sr, int hop_length, int n_fft) {
    double sample = trunc(frame * (double)hop(hop_length) + (double)offset(n_fft));   /* librosa's whole samples */
    return sample / rate(sr);
}

int64_t sori_time_to_frames(double time_s, double sr, int hop_length, int n_fft) {
    return sori_samples_to_frames(sori_time_to_samples(time_s, sr), hop_length, n_fft);
}
