/* The short-time Fourier transform and the magnitude spectrogram against librosa. */
#include "golden/golden_stft.h"

static sori_array *run_stft(golden_call *g) {
    char text[256];
    sori_stft_config config = golden_stft(g, text);
    return sori_stft(g->c, golden_audio(g), &config);
}

static sori_array *run_spectrogram(golden_call *g) {
    char text[256];
    sori_spectrogram_config config = { .stft = golden_stft(g, text), .power = golden_number(g, "power") };
    return sori_spectrogram(g->c, golden_audio(g), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "stft", run_stft }, { "spectrogram", run_spectrogram },
    };
    return golden_main("stft", adapters, BASE_COUNT(adapters));
}
