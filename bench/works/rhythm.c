/* rhythm.c - onsets, tempo, beats. */
#include "works.h"

static sori_array *onset_strength(const work_input *in) {
    return sori_onset_strength(in->c, in->y, &(sori_onset_config){ .mel.stft.exact = in->exact });
}

static sori_array *onset_detect(const work_input *in) {
    return sori_onset_detect(in->c, in->y, &(sori_onset_detect_config){ .exact = in->exact });
}

static sori_array *envelope_of(const work_input *in) { return sori_onset_strength(in->c, in->y, NULL); }

static sori_array *tempogram(const work_input *in) {
    return sori_tempogram(in->c, in->y, &(sori_tempogram_config){ .onset_envelope = in->prepared,
                                                                  .exact = in->exact });
}

static sori_array *tempo(const work_input *in) {
    return sori_tempo(in->c, in->y, &(sori_tempo_config){ .exact = in->exact });
}

static sori_array *beat_track(const work_input *in) {
    return sori_beat_track(in->c, in->y, &(sori_beat_config){ .exact = in->exact }).beats;
}

static sori_array *plp(const work_input *in) {
    return sori_plp(in->c, in->y, &(sori_plp_config){ .exact = in->exact });
}

static sori_array *autocorrelate(const work_input *in) {
    return sori_autocorrelate(in->c, in->y.y, &(sori_autocorrelate_config){ .exact = in->exact });
}

const work works_rhythm[] = {
    { "onset_strength", onset_strength }, { "onset_detect", onset_detect },
    { "tempogram", tempogram, envelope_of }, { "tempo", tempo },
    { "beat_track", beat_track }, { "plp", plp }, { "autocorrelate", autocorrelate }, { NULL },
};
