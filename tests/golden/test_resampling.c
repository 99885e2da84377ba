/* Sampling rates against librosa.resample, by every method (SciPy, resampy, libsamplerate, soxr). */
#include "golden/golden.h"

static sori_array *run_resample(golden_call *g) {
    static const char *const names[] = { "soxr_hq", "soxr_vhq", "soxr_mq", "soxr_lq", "soxr_qq", "kaiser_best",
                                         "kaiser_fast", "polyphase", "fft", "linear", "zero_order_hold" };
    const char *name = golden_string(g, "res_type");
    sori_resample_config config = { .unfixed = golden_unusual(g, "fix", true),
                                    .scale = golden_unusual(g, "scale", false) };
    if (name && !strcmp(name, "scipy")) config.res_type = SORI_RES_FFT;
    else config.res_type = (sori_res_type)golden_choice(g, "res_type", names, BASE_COUNT(names));
    sori_audio y = { golden_array(g, "y"), golden_number(g, "orig_sr") };
    return y.y ? sori_resample(g->c, y, golden_number(g, "target_sr"), &config).y : NULL;
}

int main(void) {
    static const golden_adapter adapters[] = { { "resample", run_resample } };
    return golden_main("resampling", adapters, BASE_COUNT(adapters));
}
