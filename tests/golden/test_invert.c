/* Back from mel, MFCC and instantaneous frequency, and reassignment, against librosa. */
#include "golden/golden_stft.h"
#include <sori/phase.h>

/* librosa's None is a norm here. */
static sori_norm norm_of(golden_call *g) {
    static const char *const norms[] = { "slaney", "None" };
    return (sori_norm)golden_choice(g, "norm", norms, 2);
}

static sori_mel_to_stft_config mel_config(golden_call *g) {
    return (sori_mel_to_stft_config){
        .power = golden_number(g, "power"), .fmin = golden_number(g, "fmin"), .fmax = golden_number(g, "fmax"),
        .htk = golden_unusual(g, "htk", false), .norm = norm_of(g),
    };
}

static sori_array *run_mel_to_stft(golden_call *g) {
    sori_mel_to_stft_config config = mel_config(g);
    config.n_fft = golden_int(g, "n_fft");
    config.clipped = golden_unusual(g, "clipped", false);
    return sori_mel_to_stft(g->c, golden_array(g, "M"), golden_number(g, "sr"), &config);
}

/* The bank times the bins: power is 2. */
static sori_array *run_mel_fit(golden_call *g) {
    sori_array *M = golden_array(g, "M"), *S = run_mel_to_stft(g);
    sori_mel_config bank = { .stft.n_fft = golden_int(g, "n_fft"), .n_mels = (int)M->shape[0], .norm = norm_of(g) };
    sori_array *A = sori_mel_filters(g->c, 22050, &bank);
    sori_array *fit = sori_array_new(g->c, SORI_F64, 2, M->shape);
    assert_ok(g->c);
    size_t bins = S->shape[0], frames = S->shape[1];
    for (size_t i = 0; i < fit->size; i++)
        for (size_t k = 0; k < bins; k++)
            ((double *)fit->data)[i] += (double)((float *)A->data)[i / frames * bins + k]
                                      * pow((double)((float *)S->data)[k * frames + i % frames], 2);
    return fit;
}

static sori_mel_to_audio_config audio_config(golden_call *g, char *text) {
    sori_mel_to_audio_config config = { .mel = mel_config(g) };
    config.griffinlim = (sori_griffinlim_config){
        .stft = golden_stft(g, text), .n_iter = golden_opt(g, "n_iter"), .length = (size_t)golden_int(g, "length"),
        .random_state = (uint32_t)golden_int(g, "random_state"),
    };
    return config;
}

static sori_array *run_mel_to_audio(golden_call *g) {
    char text[256];
    sori_mel_to_audio_config config = audio_config(g, text);
    return sori_mel_to_audio(g->c, golden_array(g, "M"), golden_number(g, "sr"), &config).y;
}

static sori_array *run_mfcc_to_audio(golden_call *g) {
    static const char *const norms[] = { "ortho", "None" };
    sori_mfcc_to_audio_config config = { .audio = { .griffinlim.n_iter = golden_opt(g, "n_iter") } };
    config.mfcc = (sori_mfcc_to_mel_config){
        .n_mels = golden_int(g, "n_mels"), .dct_type = golden_int(g, "dct_type"),
        .dct_unnormalized = golden_choice(g, "norm", norms, 2), .ref = golden_number(g, "ref"),
        .lifter = golden_number(g, "lifter"),
    };
    return sori_mfcc_to_audio(g->c, golden_array(g, "mfcc"), 22050, &config).y;
}

static sori_reassigned_result reassigned(golden_call *g) {
    char text[256];
    sori_reassigned_config config = {
        .stft = golden_stft(g, text), .ref_power = golden_opt(g, "ref_power"),
        .fixed_frequencies = golden_unusual(g, "reassign_frequencies", true),
        .fixed_times = golden_unusual(g, "reassign_times", true), .fill_nan = golden_unusual(g, "fill_nan", false),
        .unclipped = golden_unusual(g, "clip", true), .S = golden_array(g, "S"),
    };
    return sori_reassigned_spectrogram(g->c, golden_audio(g), &config);
}

static sori_array *run_freqs(golden_call *g) { return reassigned(g).freqs; }
static sori_array *run_times(golden_call *g) { return reassigned(g).times; }
static sori_array *run_mags(golden_call *g) { return reassigned(g).mags; }

static sori_if_result instantaneous(golden_call *g) {
    char text[256];
    sori_if_config config = { .stft = golden_stft(g, text) };
    return sori_instantaneous_frequency(g->c, golden_audio(g), &config);
}

static sori_array *run_turns(golden_call *g) { return instantaneous(g).frequency; }
static sori_array *run_log(golden_call *g) { return instantaneous(g).log_magnitude; }

int main(void) {
    static const golden_adapter adapters[] = {
        { "mel_to_stft", run_mel_to_stft }, { "mel_fit", run_mel_fit }, { "mel_to_audio", run_mel_to_audio },
        { "mfcc_to_audio", run_mfcc_to_audio }, { "reassigned_freqs", run_freqs }, { "reassigned_times", run_times },
        { "reassigned_mags", run_mags }, { "if_frequency", run_turns }, { "if_log_magnitude", run_log },
    };
    return golden_main("invert", adapters, BASE_COUNT(adapters));
}
