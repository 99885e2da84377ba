/* The inverse of the short-time Fourier transform against librosa. */
#include "golden/golden_stft.h"

static sori_array *run_istft(golden_call *g) {
    char text[256];
    sori_istft_config config = { .stft = golden_stft(g, text), .length = (size_t)golden_int(g, "length") };
    return sori_istft(g->c, golden_array(g, "stft_matrix"), 22050, &config).y;
}

int main(void) {
    static const golden_adapter adapters[] = { { "istft", run_istft } };
    return golden_main("istft", adapters, BASE_COUNT(adapters));
}
