/* pitch.c - spectral peaks, tuning, fundamental frequency. */
#include "works.h"

static sori_array *piptrack(const work_input *in) {
    sori_piptrack_result r = sori_piptrack(in->c, in->y, &(sori_piptrack_config){ .stft.exact = in->exact });
    sori_array_free(in->c, r.magnitudes);
    return r.pitches;
}

static sori_array *tuning(const work_input *in) {
    double x = sori_estimate_tuning(in->c, in->y, &(sori_tuning_config){ .piptrack.stft.exact = in->exact });
    return sori_array_from(in->c, SORI_F64, 0, NULL, &x);
}

static sori_array *yin(const work_input *in) {
    return sori_yin(in->c, in->y, &(sori_yin_config){ .exact = in->exact });
}

static sori_array *pyin(const work_input *in) {
    sori_pyin_result r = sori_pyin(in->c, in->y, &(sori_pyin_config){ .exact = in->exact, .fill_na = SORI_VALUE(0) });
    sori_array_free(in->c, r.voiced_flag);
    sori_array_free(in->c, r.voiced_prob);
    return r.f0;
}

const work works_pitch[] = {
    { "piptrack", piptrack }, { "estimate_tuning", tuning }, { "yin", yin }, { "pyin", pyin }, { NULL },
};
