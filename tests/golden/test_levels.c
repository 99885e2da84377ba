/* Decibels and back, RMS and zero crossings against librosa. */
#include "golden/golden_stft.h"

typedef sori_array *db_function(sori_ctx *c, const sori_array *S, const sori_db_config *config);

static sori_array *decibels(golden_call *g, db_function *f) {
    const json_t *ref = golden_arg(g, "ref");
    sori_db_config config = { .amin = golden_number(g, "amin"), .top_db = golden_opt(g, "top_db") };
    if (json_is_string(ref)) assert_string_equal(json_string_value(ref), "numpy.max");
    config.ref_max = json_is_string(ref);
    if (json_is_number(ref)) config.ref = json_number_value(ref);
    return f(g->c, golden_array(g, "S"), &config);
}

static sori_array *run_power_to_db(golden_call *g) { return decibels(g, sori_power_to_db); }
static sori_array *run_amplitude_to_db(golden_call *g) { return decibels(g, sori_amplitude_to_db); }

static sori_array *run_db_to_power(golden_call *g) {
    return sori_db_to_power(g->c, golden_array(g, "S_db"), golden_number(g, "ref"));
}

static sori_array *run_db_to_amplitude(golden_call *g) {
    return sori_db_to_amplitude(g->c, golden_array(g, "S_db"), golden_number(g, "ref"));
}

static sori_array *run_rms(golden_call *g) {
    sori_rms_config config = {
        .frame_length = golden_int(g, "frame_length"), .hop_length = golden_int(g, "hop_length"),
        .uncentered = golden_unusual(g, "center", true),
        .pad_mode = (sori_pad_mode)golden_choice(g, "pad_mode", golden_pad_modes, 6), .S = golden_array(g, "S"),
    };
    return sori_rms(g->c, golden_audio(g), &config);
}

static sori_array *run_zcr(golden_call *g) {
    sori_zcr_config config = {
        .frame_length = golden_int(g, "frame_length"), .hop_length = golden_int(g, "hop_length"),
        .uncentered = golden_unusual(g, "center", true), .threshold = golden_opt(g, "threshold"),
        .ref_magnitude = golden_number(g, "ref_magnitude"), .zero_apart = golden_unusual(g, "zero_pos", true),
        .pad = golden_unusual(g, "pad", false),
    };
    return sori_zero_crossing_rate(g->c, golden_audio(g), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "power_to_db", run_power_to_db }, { "amplitude_to_db", run_amplitude_to_db },
        { "db_to_power", run_db_to_power }, { "db_to_amplitude", run_db_to_amplitude }, { "rms", run_rms },
        { "zcr", run_zcr },
    };
    return golden_main("levels", adapters, BASE_COUNT(adapters));
}
