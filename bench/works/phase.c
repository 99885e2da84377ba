/* phase.c - the phase vocoder and what is built on it, Griffin-Lim, reassignment. */
#include "works.h"

static sori_array *stretch(const work_input *in) {
    return sori_time_stretch(in->c, in->y, 0.8, &(sori_stft_config){ .exact = in->exact }).y;
}

static sori_array *pitch_shift(const work_input *in) {
    return sori_pitch_shift(in->c, in->y, 4, &(sori_pitch_shift_config){ .stft.exact = in->exact }).y;
}

static sori_array *magnitudes_of(const work_input *in) { return sori_spectrogram(in->c, in->y, NULL); }

/* In double, as librosa's is: phases of what is quiet hang on roundings. */
static sori_array *spectrum_of(const work_input *in) {
    return sori_stft(in->c, in->y, &(sori_stft_config){ .exact = true });
}

static sori_array *griffinlim(const work_input *in) {
    return sori_griffinlim(in->c, in->prepared, in->y.sr, &(sori_griffinlim_config){ .stft.exact = in->exact }).y;
}

static sori_array *phase_vocoder(const work_input *in) {
    return sori_phase_vocoder(in->c, in->prepared, 0.8, &(sori_phase_vocoder_config){ .exact = in->exact });
}

/* The times; frequencies and magnitudes are made as well. */
static sori_array *reassigned(const work_input *in) {
    sori_reassigned_config g = { .stft.exact = in->exact, .fill_nan = true };
    sori_reassigned_result r = sori_reassigned_spectrogram(in->c, in->y, &g);
    sori_array_free(in->c, r.times);
    sori_array_free(in->c, r.mags);
    return r.freqs;
}

static sori_array *mel_of(const work_input *in) { return sori_melspectrogram(in->c, in->y, NULL); }
static sori_array *mel_to_stft(const work_input *in) { return sori_mel_to_stft(in->c, in->prepared, in->y.sr, NULL); }

static sori_array *instantaneous(const work_input *in) {
    sori_if_result r = sori_instantaneous_frequency(in->c, in->y, NULL);
    sori_array_free(in->c, r.log_magnitude);
    return r.frequency;
}

const work works_phase[] = {
    { "stretch", stretch }, { "pitch_shift", pitch_shift }, { "griffinlim", griffinlim, magnitudes_of },
    { "phase_vocoder", phase_vocoder, spectrum_of }, { "reassigned", reassigned },
    { "mel_to_stft", mel_to_stft, mel_of }, { "instantaneous", instantaneous }, { NULL },
};
