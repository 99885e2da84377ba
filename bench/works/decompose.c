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

/* librosa's own choice of neighbours, so that the answers can be compared. */
static sori_array *nn_filter(const work_input *in) {
    return sori_nn_filter(in->c, in->prepared, &(sori_nn_filter_config){ .recurrence.first_k = true });
}

static sori_array *nn_filter_median(const work_input *in) {
    sori_nn_filter_config g = { .aggregate = SORI_AGGREGATE_MEDIAN,
                                .recurrence = { .metric = SORI_METRIC_COSINE, .k = 20, .width = 43, .first_k = true } };
    return sori_nn_filter(in->c, in->prepared, &g);
}

static sori_array *mfcc_of(const work_input *in) { return sori_mfcc(in->c, in->y, NULL); }

static sori_array *recurrence(const work_input *in) {
    return sori_recurrence_matrix(in->c, in->prepared, &(sori_recurrence_config){ .mode = SORI_RECURRENCE_AFFINITY });
}

const work works_decompose[] = {
    { "hpss", hpss, spectrum_of }, { "effects_hpss", effects_hpss }, { "harmonic", harmonic },
    { "nmf", nmf, magnitude_of }, { "nn_filter", nn_filter, magnitude_of },
    { "nn_filter_median", nn_filter_median, magnitude_of }, { "recurrence", recurrence, mfcc_of }, { NULL },
};
