/* shape.c - the gate of the features of a spectrum's shape, and the moment two of them need.
 *
 * They read magnitudes, |X|, one block of 16 frames at a time, and add up in double: their arithmetic is light beside
 * the FFT's. librosa/feature/spectral.py. */
#include "feat/shape.h"
#include <float.h>
#include <math.h>

static bool check_not_negative(sori_ctx *c, const char *who, const sori_array *S) {
    const float *s = S->data;
    for (size_t i = 0; i < S->size; i++)
        if (s[i] < 0) {
            sori_fail(c, SORI_EINVAL, "%s: value %zu of the spectrogram is negative", who, i);
            return false;
        }
    return true;
}

bool feat_shape_input(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_spectral_config *config) {
    if (!feat_input_open(c, in, who, y, config->S, &config->stft)) return false;
    return !config->S || check_not_negative(c, who, config->S);
}

double *feat_bin_hz(sori_ctx *c, const feat_input *in, const sori_array *freq) {
    bool real = array_is_real(freq);
    if (freq && (!real || freq->ndim != 1 || freq->size != in->bins)) {
        sori_fail(c, SORI_EINVAL, "%s: freq must be %zu real numbers, one a bin", in->who, in->bins);
        return NULL;
    }
    if (!freq && in->n_fft == 0) {
        sori_fail(c, SORI_EINVAL, "%s: a spectrogram of one bin needs freq", in->who);
        return NULL;
    }
    double *hz = base_alloc_raw(c, in->bins, sizeof *hz), step = 1 / ((double)in->n_fft * (1 / in->sr));
    for (size_t k = 0; hz && k < in->bins; k++) {
        hz[k] = freq ? array_get(freq, k) : (double)k * step;
        if (isfinite(hz[k])) continue;
        sori_fail(c, SORI_EINVAL, "%s: value %zu of freq is not finite", in->who, k);
        base_free(c, hz);
        return NULL;
    }
    return hz;
}

void feat_moments(const feat_block *b, const double *hz, double sum[NUM_LANES], double centre[NUM_LANES]) {
    double row[NUM_LANES], weighted[NUM_LANES] = { 0 };
    for (int m = 0; m < NUM_LANES; m++) sum[m] = 0;
    for (size_t k = 0; k < b->bins; k++) {
        feat_row(b, k, row);
        for (int m = 0; m < NUM_LANES; m++) {
            sum[m] += row[m];
            weighted[m] += row[m] * hz[k];
        }
    }
    for (int m = 0; m < NUM_LANES; m++) {
        if (sum[m] < (double)FLT_MIN) sum[m] = 1;
        centre[m] = weighted[m] / sum[m];
    }
}
