/* The features of a spectrum's shape against librosa. */
#include "golden/golden_stft.h"

/* What all five take. */
static sori_spectral_config shape_args(golden_call *g, char *text) {
    return (sori_spectral_config){ .stft = golden_stft(g, text), .S = golden_array(g, "S") };
}

static sori_array *run_centroid(golden_call *g) {
    char text[256];
    sori_spectral_config config = shape_args(g, text);
    config.freq = golden_array(g, "freq");
    return sori_spectral_centroid(g->c, golden_audio(g), &config);
}

static sori_array *run_bandwidth(golden_call *g) {
    char text[256];
    sori_spectral_config config = shape_args(g, text);
    config.freq = golden_array(g, "freq");
    config.centroid = golden_array(g, "centroid");
    config.p = golden_number(g, "p");
    config.unnormalized = golden_unusual(g, "norm", true);
    return sori_spectral_bandwidth(g->c, golden_audio(g), &config);
}

static sori_array *run_rolloff(golden_call *g) {
    char text[256];
    sori_spectral_config config = shape_args(g, text);
    config.freq = golden_array(g, "freq");
    config.roll_percent = golden_number(g, "roll_percent");
    return sori_spectral_rolloff(g->c, golden_audio(g), &config);
}

static sori_array *run_flatness(golden_call *g) {
    char text[256];
    sori_spectral_config config = shape_args(g, text);
    config.amin = golden_number(g, "amin");
    config.power = golden_number(g, "power");
    return sori_spectral_flatness(g->c, golden_audio(g), &config);
}

static sori_array *run_contrast(golden_call *g) {
    char text[256];
    sori_spectral_config config = shape_args(g, text);
    config.freq = golden_array(g, "freq");
    config.fmin = golden_number(g, "fmin");
    config.n_bands = golden_int(g, "n_bands");
    config.quantile = golden_number(g, "quantile");
    config.linear = golden_unusual(g, "linear", false);
    return sori_spectral_contrast(g->c, golden_audio(g), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "centroid", run_centroid }, { "bandwidth", run_bandwidth }, { "rolloff", run_rolloff },
        { "flatness", run_flatness }, { "contrast", run_contrast },
    };
    return golden_main("shape", adapters, BASE_COUNT(adapters));
}
