/* decompose.c - spectrograms taken apart. */
#include "works.h"

static sori_array *spectrum_of(const work_input *in) { return sori_stft(in->c, in->y, NULL); }

static sori_array *hpss(const work_input *in) {
    sori_hpss_result r = sori_hpss(in->c, in->prepared, NULL);
    sori_array_free(in->c, r.percussive);
    return r.harmonic;
}

static sori_array *effects_hpss(const work_input *in) {
    sori_effects_hpss_result r = sori_effects_hpss(in->c, in->y, NULL);
    sori_array_free(in->c, r.percussive.y);
    return r.harmonic.y;
}

static sori_array *harmonic(const work_input *in) { return sori_harmonic(in->c, in->y, NULL).y; }

static sori_array *magnitude_of(const work_input *in) { return sori_spectrogram(in->c, in->y, NULL); }

static sori_array *nmf(const work_input *in) {
    sori_decompose_config g = { .n_components = 8, .exact = in->exact };
    sori_decompose_result r = sori_decompose(in->c, in->prepared, &g);
    sori_array_free(in->c, r.activations);
    return r.components;
}

const work works_decompose[] = {
    { "hpss", hpss, spectrum_of }, { "effects_hpss", effects_hpss }, { "harmonic", harmonic }, 
    { "nmf", nmf, magnitude_of }, { NULL },
};
