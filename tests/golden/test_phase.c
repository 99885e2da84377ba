/* Phase vocoder, stretching, shifting and Griffin-Lim against librosa. */
#include "golden/golden_stft.h"
#include <sori/fx.h>
#include <sori/phase.h>

static sori_array *run_magnitude(golden_call *g) {
    return sori_magphase(g->c, golden_array(g, "D"), golden_number(g, "power")).magnitude;
}

static sori_array *run_phase(golden_call *g) {
    return sori_magphase(g->c, golden_array(g, "D"), golden_number(g, "power")).phase;
}

/* hop_length and n_fft change nothing: see phase.h. */
static sori_array *run_vocoder(golden_call *g) {
    golden_arg(g, "hop_length");
    golden_arg(g, "n_fft");
    sori_phase_vocoder_config config = { .exact = g->exact };
    return sori_phase_vocoder(g->c, golden_array(g, "D"), golden_number(g, "rate"), &config);
}

static sori_array *run_stretch(golden_call *g) {
    char text[256];
    sori_stft_config config = golden_stft(g, text);
    return sori_time_stretch(g->c, golden_audio(g), golden_number(g, "rate"), &config).y;
}

static sori_array *run_shift(golden_call *g) {
    static const char *const types[] = { "soxr_hq", "soxr_vhq", "soxr_mq", "soxr_lq", "soxr_qq" };
    char text[256];
    sori_pitch_shift_config config = {
        .stft = golden_stft(g, text), .bins_per_octave = golden_int(g, "bins_per_octave"),
        .res_type = (sori_res_type)golden_choice(g, "res_type", types, 5), .scale = golden_unusual(g, "scale", false),
    };
    return sori_pitch_shift(g->c, golden_audio(g), golden_number(g, "n_steps"), &config).y;
}

static sori_array *run_griffinlim(golden_call *g) {
    char text[256];
    sori_griffinlim_config config = {
        .stft = golden_stft(g, text), .n_iter = golden_opt(g, "n_iter"), .momentum = golden_opt(g, "momentum"),
        .length = (size_t)golden_int(g, "length"), .random_state = (uint32_t)golden_int(g, "random_state"),
    };
    const json_t *init = golden_arg(g, "init");
    config.zero_phase = init && json_is_null(init);
    return sori_griffinlim(g->c, golden_array(g, "S"), 22050, &config).y;
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "magnitude_of", run_magnitude }, { "phase_of", run_phase }, { "phase_vocoder", run_vocoder },
        { "time_stretch", run_stretch }, { "pitch_shift", run_shift }, { "griffinlim", run_griffinlim },
    };
    return golden_main("phase", adapters, BASE_COUNT(adapters));
}
