/* Harmonic and percussive parts, and soft masks, against librosa. */
#include "golden/golden_stft.h"
#include <sori/fx.h>

/* A number, or a pair of them. */
static void number_or_pair(golden_call *g, const char *name, double out[2]) {
    const json_t *v = golden_arg(g, name);
    for (size_t i = 0; i < 2; i++)
        out[i] = json_is_array(v) ? json_number_value(json_array_get(v, i)) : i == 0 && v ? json_number_value(v) : 0;
}

static sori_hpss_config separation(golden_call *g) {
    double size[2], margin[2];
    number_or_pair(g, "kernel_size", size);
    number_or_pair(g, "margin", margin);
    return (sori_hpss_config){ .kernel_size = { (int)size[0], (int)size[1] }, .margin = { margin[0], margin[1] },
                               .power = golden_number(g, "power"), .mask = golden_unusual(g, "mask", false) };
}

static sori_array *run_hpss_harmonic(golden_call *g) {
    sori_hpss_config config = separation(g);
    return sori_hpss(g->c, golden_array(g, "S"), &config).harmonic;
}

static sori_array *run_hpss_percussive(golden_call *g) {
    sori_hpss_config config = separation(g);
    return sori_hpss(g->c, golden_array(g, "S"), &config).percussive;
}

static sori_effects_hpss_config effect(golden_call *g, char *text) {
    return (sori_effects_hpss_config){ .hpss = separation(g), .stft = golden_stft(g, text) };
}

static sori_array *run_effects_harmonic(golden_call *g) {
    char text[256];
    sori_effects_hpss_config config = effect(g, text);
    return sori_effects_hpss(g->c, golden_audio(g), &config).harmonic.y;
}

static sori_array *run_effects_percussive(golden_call *g) {
    char text[256];
    sori_effects_hpss_config config = effect(g, text);
    return sori_effects_hpss(g->c, golden_audio(g), &config).percussive.y;
}

static sori_array *run_harmonic(golden_call *g) {
    char text[256];
    sori_effects_hpss_config config = effect(g, text);
    return sori_harmonic(g->c, golden_audio(g), &config).y;
}

static sori_array *run_percussive(golden_call *g) {
    char text[256];
    sori_effects_hpss_config config = effect(g, text);
    return sori_percussive(g->c, golden_audio(g), &config).y;
}

static sori_array *run_softmask(golden_call *g) {
    sori_softmask_config config = { .power = golden_number(g, "power"),
                                    .split_zeros = golden_unusual(g, "split_zeros", false) };
    return sori_softmask(g->c, golden_array(g, "X"), golden_array(g, "X_ref"), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "hpss_harmonic", run_hpss_harmonic }, { "hpss_percussive", run_hpss_percussive },
        { "effects_hpss_harmonic", run_effects_harmonic }, { "effects_hpss_percussive", run_effects_percussive },
        { "harmonic", run_harmonic }, { "percussive", run_percussive }, { "softmask", run_softmask },
    };
    return golden_main("hpss", adapters, BASE_COUNT(adapters));
}
