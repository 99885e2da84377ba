/* Spectral peaks and tuning against librosa. */
#include "golden/golden_stft.h"
#include <sori/pitch.h>

static sori_piptrack_config piptrack_args(golden_call *g, char *text) {
    const json_t *ref = golden_arg(g, "ref");
    return (sori_piptrack_config){
        .stft = golden_stft(g, text), .S = golden_array(g, "S"), .fmin = golden_opt(g, "fmin"),
        .fmax = golden_number(g, "fmax"), .threshold = golden_opt(g, "threshold"),
        .ref = json_is_number(ref) ? SORI_VALUE(json_number_value(ref)) : (sori_opt){ 0 },
    };
}

static sori_piptrack_result piptrack(golden_call *g) {
    char text[256];
    sori_piptrack_config config = piptrack_args(g, text);
    return sori_piptrack(g->c, golden_audio(g), &config);
}

static sori_array *run_pitches(golden_call *g) { return piptrack(g).pitches; }
static sori_array *run_magnitudes(golden_call *g) { return piptrack(g).magnitudes; }

static sori_array *scalar(golden_call *g, double x) { return sori_array_from(g->c, SORI_F64, 0, NULL, &x); }

static sori_array *run_pitch_tuning(golden_call *g) {
    sori_array *f = golden_array(g, "frequencies");
    sori_tuning_config config = { .resolution = golden_number(g, "resolution"),
                                  .bins_per_octave = golden_int(g, "bins_per_octave") };
    if (f && golden_unusual(g, "single", false)) f = sori_array_cast(g->c, f, SORI_F32);
    return scalar(g, sori_pitch_tuning(g->c, f, &config));
}

static sori_array *run_estimate_tuning(golden_call *g) {
    char text[256];
    sori_tuning_config config = { .piptrack = piptrack_args(g, text), .resolution = golden_number(g, "resolution"),
                                  .bins_per_octave = golden_int(g, "bins_per_octave") };
    return scalar(g, sori_estimate_tuning(g->c, golden_audio(g), &config));
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "piptrack_pitches", run_pitches }, { "piptrack_magnitudes", run_magnitudes },
        { "pitch_tuning", run_pitch_tuning }, { "estimate_tuning", run_estimate_tuning },
    };
    return golden_main("tuning", adapters, BASE_COUNT(adapters));
}
