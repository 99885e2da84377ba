/* Constant-Q transforms, the scales and filters behind them against librosa. */
#include "golden/golden_stft.h"
#include <sori/cqt.h>

/* librosa's norm: a number, None, or numpy's infinity. */
static sori_array *number(golden_call *g, double x) { return sori_array_from(g->c, SORI_F64, 0, NULL, &x); }

/* --- scales and filters ---------------------------------------------------------------------------------------- */

static sori_array *run_frequencies(golden_call *g) {
    return sori_cqt_frequencies(g->c, golden_int(g, "n_bins"), golden_number(g, "fmin"),
                                golden_int(g, "bins_per_octave"), golden_number(g, "tuning"));
}

static sori_array *run_intervals(golden_call *g) {
    sori_interval_config config = { .bins_per_octave = golden_int(g, "bins_per_octave"),
                                    .tuning = golden_number(g, "tuning"), .unsorted = golden_unusual(g, "sort", true) };
    if (json_is_string(golden_arg(g, "intervals"))) config.intervals = golden_string(g, "intervals");
    else config.ratios = golden_array(g, "intervals");
    return sori_interval_frequencies(g->c, golden_int(g, "n_bins"), golden_number(g, "fmin"), &config);
}

static sori_array *run_bandwidth(golden_call *g) {
    char text[256];
    (void)golden_int(g, "n");
    return number(g, sori_window_bandwidth(g->c, golden_window(g, "window", text, sizeof text)));
}

static sori_wavelet_config wavelet_args(golden_call *g, char *text) {
    return (sori_wavelet_config){
        .sr = golden_number(g, "sr"), .window = golden_window(g, "window", text, 256),
        .filter_scale = golden_number(g, "filter_scale"), .gamma = golden_opt(g, "gamma"),
        .alpha = golden_array(g, "alpha"), .norm = golden_opt(g, "norm"),
        .pad_exactly = golden_unusual(g, "pad_fft", true),
    };
}

static sori_array *run_wavelet(golden_call *g) {
    char text[256];
    sori_wavelet_config config = wavelet_args(g, text);
    return sori_wavelet(g->c, golden_array(g, "freqs"), &config);
}

static sori_array *run_lengths(golden_call *g) {
    char text[256];
    sori_wavelet_config config = wavelet_args(g, text);
    return sori_wavelet_lengths(g->c, golden_array(g, "freqs"), &config, NULL);
}

static sori_array *run_cutoff(golden_call *g) {
    char text[256];
    double cutoff;
    sori_wavelet_config config = wavelet_args(g, text);
    sori_wavelet_lengths(g->c, golden_array(g, "freqs"), &config, &cutoff);
    return number(g, cutoff);
}

static sori_array *run_constant_q_lengths(golden_call *g) {
    char text[256];
    sori_wavelet_config config = wavelet_args(g, text);
    int n_bins = golden_int(g, "n_bins");
    return sori_constant_q_lengths(g->c, golden_number(g, "fmin"), n_bins ? n_bins : 84,
                                   golden_int(g, "bins_per_octave"), &config);
}

/* --- transforms -------------------------------------------------------------------------------------------------- */

static sori_cqt_config cqt_args(golden_call *g, char *text) {
    return (sori_cqt_config){
        .hop_length = golden_int(g, "hop_length"), .fmin = golden_number(g, "fmin"), .n_bins = golden_int(g, "n_bins"),
        .bins_per_octave = golden_int(g, "bins_per_octave"), .tuning = golden_opt(g, "tuning"),
        .filter_scale = golden_number(g, "filter_scale"), .norm = golden_opt(g, "norm"),
        .sparsity = golden_opt(g, "sparsity"),
        .window = golden_window(g, "window", text, 256), .unscaled = golden_unusual(g, "scale", true),
        .pad_mode = (sori_pad_mode)golden_choice(g, "pad_mode", golden_pad_modes, 6), .exact = g->exact,
    };
}

static sori_array *run_cqt(golden_call *g) {
    char text[256];
    sori_cqt_config config = cqt_args(g, text);
    return sori_cqt(g->c, golden_audio(g), &config);
}

static sori_array *run_vqt(golden_call *g) {
    char text[256];
    sori_vqt_config config = { .cqt = cqt_args(g, text), .gamma = golden_opt(g, "gamma") };
    const json_t *intervals = golden_arg(g, "intervals");
    if (json_is_array(intervals)) config.ratios = golden_array(g, "intervals");
    else config.intervals = json_string_value(intervals);
    return sori_vqt(g->c, golden_audio(g), &config);
}

static sori_array *run_pseudo(golden_call *g) {
    char text[256];
    sori_cqt_config config = cqt_args(g, text);
    return sori_pseudo_cqt(g->c, golden_audio(g), &config);
}

static sori_array *run_hybrid(golden_call *g) {
    char text[256];
    sori_cqt_config config = cqt_args(g, text);
    return sori_hybrid_cqt(g->c, golden_audio(g), &config);
}

static sori_array *run_icqt(golden_call *g) {
    char text[256];
    sori_icqt_config config = { .cqt = cqt_args(g, text), .length = (size_t)golden_number(g, "length") };
    double sr = golden_number(g, "sr");
    return sori_icqt(g->c, golden_array(g, "C"), sr, &config).y;
}

static sori_array *run_griffinlim(golden_call *g) {
    static const char *const inits[] = { "random", "None" };
    char text[256];
    sori_griffinlim_cqt_config config = {
        .cqt = cqt_args(g, text), .n_iter = golden_opt(g, "n_iter"), .length = (size_t)golden_number(g, "length"),
        .momentum = golden_opt(g, "momentum"), .zero_phase = golden_choice(g, "init", inits, 2) == 1,
        .random_state = (uint32_t)golden_number(g, "random_state"),
    };
    double sr = golden_number(g, "sr");
    return sori_griffinlim_cqt(g->c, golden_array(g, "C"), sr, &config).y;
}

static sori_array *run_bank(golden_call *g) { return sori_semitone_filterbank(g->c, golden_number(g, "tuning")); }

static sori_array *run_iirt(golden_call *g) {
    sori_iirt_config config = {
        .win_length = golden_int(g, "win_length"), .hop_length = golden_int(g, "hop_length"),
        .uncentered = golden_unusual(g, "center", true), .tuning = golden_number(g, "tuning"),
        .pad_mode = (sori_pad_mode)golden_choice(g, "pad_mode", golden_pad_modes, 6),
    };
    return sori_iirt(g->c, golden_audio(g), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "cqt_frequencies", run_frequencies }, { "interval_frequencies", run_intervals },
        { "window_bandwidth", run_bandwidth }, { "wavelet", run_wavelet }, { "wavelet_lengths", run_lengths },
        { "wavelet_cutoff", run_cutoff }, { "constant_q_lengths", run_constant_q_lengths }, { "cqt", run_cqt },
        { "vqt", run_vqt }, { "icqt", run_icqt },
        { "griffinlim_cqt", run_griffinlim }, { "semitone_filterbank", run_bank }, { "iirt", run_iirt },
        { "pseudo_cqt", run_pseudo }, { "hybrid_cqt", run_hybrid },
    };
    return golden_main("cqt", adapters, BASE_COUNT(adapters));
}
