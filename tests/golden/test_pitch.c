/* yin and pyin against librosa. */
#include "golden/golden_stft.h"
#include <sori/pitch.h>

static sori_pad_mode pad_mode(golden_call *g) {
    return (sori_pad_mode)golden_choice(g, "pad_mode", golden_pad_modes, 6);
}

static sori_array *run_yin(golden_call *g) {
    sori_yin_config config = {
        .fmin = golden_number(g, "fmin"), .fmax = golden_number(g, "fmax"), .exact = g->exact,
        .frame_length = golden_int(g, "frame_length"), .hop_length = golden_int(g, "hop_length"),
        .trough_threshold = golden_number(g, "trough_threshold"), .uncentered = golden_unusual(g, "center", true),
        .pad_mode = pad_mode(g),
    };
    return sori_yin(g->c, golden_audio(g), &config);
}

static void beta_parameters(golden_call *g, double out[2]) {
    const json_t *v = golden_arg(g, "beta_parameters");
    for (size_t i = 0; i < 2; i++) out[i] = json_number_value(json_array_get(v, i));
}

static sori_pyin_result pyin(golden_call *g) {
    sori_pyin_config config = {
        .fmin = golden_number(g, "fmin"), .fmax = golden_number(g, "fmax"), .exact = g->exact,
        .frame_length = golden_int(g, "frame_length"), .hop_length = golden_int(g, "hop_length"),
        .n_thresholds = golden_int(g, "n_thresholds"), .boltzmann_parameter = golden_number(g, "boltzmann_parameter"),
        .resolution = golden_number(g, "resolution"), .max_transition_rate = golden_number(g, "max_transition_rate"),
        .switch_prob = golden_opt(g, "switch_prob"), .no_trough_prob = golden_opt(g, "no_trough_prob"),
        .fill_na = golden_opt(g, "fill_na"), .uncentered = golden_unusual(g, "center", true), .pad_mode = pad_mode(g),
    };
    beta_parameters(g, config.beta_parameters);
    return sori_pyin(g->c, golden_audio(g), &config);
}

static sori_array *run_f0(golden_call *g) { return pyin(g).f0; }
static sori_array *run_flag(golden_call *g) { return pyin(g).voiced_flag; }
static sori_array *run_prob(golden_call *g) { return pyin(g).voiced_prob; }

int main(void) {
    static const golden_adapter adapters[] = {
        { "yin", run_yin }, { "pyin_f0", run_f0 }, { "pyin_flag", run_flag }, { "pyin_prob", run_prob },
    };
    return golden_main("pitch", adapters, BASE_COUNT(adapters));
}
