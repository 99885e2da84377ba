/* resample.c - other sampling rates: the sound twice over, so that its seconds are those of 44.1 kHz. */
#include "works.h"
#include <string.h>

static sori_array *twice(const work_input *in) {
    size_t n = in->y.y->size, both = 2 * n;
    sori_array *y = sori_array_new(in->c, SORI_F32, 1, &both);
    if (!y) return NULL;
    memcpy(y->data, in->y.y->data, n * sizeof(float));
    memcpy((float *)y->data + n, in->y.y->data, n * sizeof(float));
    return y;
}

static sori_array *resample(const work_input *in, double target_sr, sori_res_type type) {
    sori_audio y = { in->prepared, 44100 };
    return sori_resample(in->c, y, target_sr, &(sori_resample_config){ .res_type = type }).y;
}

static sori_array *kaiser_best(const work_input *in) { return resample(in, 22050, SORI_RES_KAISER_BEST); }
static sori_array *kaiser_fast(const work_input *in) { return resample(in, 22050, SORI_RES_KAISER_FAST); }
static sori_array *kaiser_48k(const work_input *in) { return resample(in, 48000, SORI_RES_KAISER_BEST); }
static sori_array *polyphase(const work_input *in) { return resample(in, 22050, SORI_RES_POLYPHASE); }
static sori_array *fourier(const work_input *in) { return resample(in, 22050, SORI_RES_FFT); }
static sori_array *linear(const work_input *in) { return resample(in, 22050, SORI_RES_LINEAR); }
static sori_array *soxr_hq(const work_input *in) { return resample(in, 22050, SORI_SOXR_HQ); }

const work works_resample[] = {
    { "kaiser_best", kaiser_best, twice }, { "kaiser_fast", kaiser_fast, twice }, { "kaiser_48k", kaiser_48k, twice },
    { "polyphase", polyphase, twice }, { "fft_resample", fourier, twice }, { "linear", linear, twice },
    { "soxr_hq", soxr_hq, twice }, { NULL },
};
