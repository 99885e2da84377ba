/* Chroma and what is made of it against librosa. */
#include "golden/golden_stft.h"
#include <sori/cqt.h>

/* librosa's norm: a number, None, or numpy's infinity, also as JSON has it. */
static sori_chroma_config chroma_args(golden_call *g, char *text) {
    return (sori_chroma_config){
        .stft = golden_stft(g, text), .norm = golden_opt(g, "norm"), .tuning = golden_opt(g, "tuning"),
        .n_chroma = golden_int(g, "n_chroma"), .ctroct = golden_opt(g, "ctroct"), .octwidth = golden_opt(g, "octwidth"),
        .base_a = golden_unusual(g, "base_c", true),
    };
}

static sori_array *run_filters(golden_call *g) {
    char text[256];
    double sr = golden_number(g, "sr");
    sori_chroma_config config = chroma_args(g, text);
    return sori_chroma_filters(g->c, sr, &config);
}

static sori_array *run_chroma_stft(golden_call *g) {
    char text[256];
    sori_chroma_config config = chroma_args(g, text);
    config.S = golden_array(g, "S");
    return sori_chroma_stft(g->c, golden_audio(g), &config);
}

static sori_array *run_cq_to_chroma(golden_call *g) {
    sori_cq_to_chroma_config config = {
        .bins_per_octave = golden_int(g, "bins_per_octave"), .n_chroma = golden_int(g, "n_chroma"),
        .fmin = golden_number(g, "fmin"), .window = golden_array(g, "window"),
        .base_a = golden_unusual(g, "base_c", true),
    };
    return sori_cq_to_chroma(g->c, golden_int(g, "n_input"), &config);
}

static sori_chroma_cqt_config cqt_args(golden_call *g) {
    static const char *const modes[] = { "full", "hybrid" };
    return (sori_chroma_cqt_config){
        .C = golden_array(g, "C"), .hop_length = golden_int(g, "hop_length"), .fmin = golden_number(g, "fmin"),
        .norm = golden_opt(g, "norm"), .tuning = golden_opt(g, "tuning"), .n_chroma = golden_int(g, "n_chroma"),
        .n_octaves = golden_int(g, "n_octaves"), .bins_per_octave = golden_int(g, "bins_per_octave"),
        .window = golden_array(g, "window"), .cqt_mode = (sori_cqt_mode)golden_choice(g, "cqt_mode", modes, 2),
        .exact = g->exact,
    };
}

static sori_array *run_chroma_cqt(golden_call *g) {
    sori_chroma_cqt_config config = cqt_args(g);
    config.threshold = golden_opt(g, "threshold");
    return sori_chroma_cqt(g->c, golden_audio(g), &config);
}

static sori_array *run_cens(golden_call *g) {
    char text[256];
    sori_chroma_cens_config config = { .cqt = cqt_args(g), .win_len_smooth = golden_opt(g, "win_len_smooth"),
                                       .smoothing_window = golden_window(g, "smoothing_window", text, 256) };
    return sori_chroma_cens(g->c, golden_audio(g), &config);
}

static sori_array *run_chroma_vqt(golden_call *g) {
    sori_chroma_vqt_config config = {
        .V = golden_array(g, "V"), .hop_length = golden_int(g, "hop_length"), .fmin = golden_number(g, "fmin"),
        .norm = golden_opt(g, "norm"), .threshold = golden_opt(g, "threshold"),
        .n_octaves = golden_int(g, "n_octaves"), .bins_per_octave = golden_int(g, "bins_per_octave"),
        .gamma = golden_opt(g, "gamma"), .exact = g->exact,
    };
    const json_t *intervals = golden_arg(g, "intervals");
    if (json_is_array(intervals)) config.ratios = golden_array(g, "intervals");
    else config.intervals = json_string_value(intervals);
    return sori_chroma_vqt(g->c, golden_audio(g), &config);
}

static sori_array *run_tonnetz(golden_call *g) {
    sori_tonnetz_config config = { .chroma = golden_array(g, "chroma"), .cqt = cqt_args(g) };
    return sori_tonnetz(g->c, golden_audio(g), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "chroma_filters", run_filters }, { "chroma_stft", run_chroma_stft }, { "cq_to_chroma", run_cq_to_chroma },
        { "chroma_cqt", run_chroma_cqt }, { "chroma_cens", run_cens }, { "chroma_vqt", run_chroma_vqt },
        { "tonnetz", run_tonnetz },
    };
    return golden_main("chroma", adapters, BASE_COUNT(adapters));
}
