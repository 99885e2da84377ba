/* spectrum.c - the transform and the features of one frame. */
#include "works.h"

static sori_array *extract(const work_input *in, const char *name, double power) {
    sori_feature_config g = { .stft = { .exact = in->exact }, .power = power };
    sori_array *out = NULL;
    sori_extract(in->c, in->y, &name, 1, &g, &out);
    return out;
}

static sori_array *stft(const work_input *in) { return extract(in, "stft", 0); }
static sori_array *power(const work_input *in) { return extract(in, "spectrogram", 2); }
static sori_array *mel(const work_input *in) { return extract(in, "mel", 0); }
static sori_array *centroid(const work_input *in) { return extract(in, "centroid", 0); }
static sori_array *rms(const work_input *in) { return extract(in, "rms", 0); }

static sori_array *mfcc(const work_input *in) {
    return sori_mfcc(in->c, in->y, &(sori_mfcc_config){ .n_mfcc = 13, .mel.stft.exact = in->exact });
}

static sori_array *spectrum_of(const work_input *in) { return sori_stft(in->c, in->y, NULL); }

static sori_array *istft(const work_input *in) {
    return sori_istft(in->c, in->prepared, in->y.sr, &(sori_istft_config){ .stft.exact = in->exact }).y;
}

const work works_spectrum[] = {
    { "stft", stft }, { "power", power }, { "mel", mel }, { "mfcc", mfcc }, { "centroid", centroid }, { "rms", rms },
    { "istft", istft, spectrum_of }, { NULL },
};
