/* Filters, convolution, clipping and compression against SciPy and the papers' equations. */
#include "golden/golden.h"
#include <sori/fx.h>

static sori_band band_of(golden_call *g) {
    static const char *const kinds[] = { "lowpass", "highpass", "bandpass", "notch", "peaking", "low_shelf",
                                         "high_shelf" };
    return (sori_band){ .kind = (sori_band_kind)golden_choice(g, "kind", kinds, BASE_COUNT(kinds)),
                        .frequency_hz = golden_number(g, "frequency_hz"), .q = golden_number(g, "q"),
                        .gain_db = golden_number(g, "gain_db") };
}

static sori_array *run_filter(golden_call *g) {
    sori_band band = band_of(g);
    return sori_filter(g->c, golden_audio(g), &band, NULL).y;
}

static sori_array *run_filter_sos(golden_call *g) {
    sori_band band = band_of(g);
    return sori_filter_sos(g->c, &band, 1, golden_number(g, "sr"));
}

/* Bands an octave apart from 100 Hz on, shelves at the ends. */
static sori_array *run_equalize(golden_call *g) {
    sori_band bands[16] = { { 0 } };
    sori_array *gains = golden_array(g, "gains");
    for (size_t i = 0; i < gains->size; i++)
        bands[i] = (sori_band){ .kind = i == 0 ? SORI_LOW_SHELF : i + 1 < gains->size ? SORI_PEAKING : SORI_HIGH_SHELF,
                                .frequency_hz = 100 * exp2((double)i), .q = 1,
                                .gain_db = ((double *)gains->data)[i] };
    return sori_equalize(g->c, golden_audio(g), bands, gains->size, NULL).y;
}

static sori_array *run_convolve(golden_call *g) {
    sori_convolve_config config = { .keep_tail = golden_unusual(g, "tail", false) };
    return sori_convolve(g->c, golden_audio(g), (sori_audio){ golden_array(g, "ir"), 22050 }, &config).y;
}

static sori_array *run_clip(golden_call *g) {
    sori_clip_config config = { .percentile = golden_number(g, "percentile") };
    return sori_clip(g->c, golden_audio(g), &config).y;
}

static sori_array *run_soft_clip(golden_call *g) {
    sori_clip_config config = { .level = golden_number(g, "level"), .soft = true };
    return sori_clip(g->c, golden_audio(g), &config).y;
}

static sori_array *run_compress(golden_call *g) {
    sori_compress_config config = {
        .threshold_db = golden_opt(g, "threshold_db"), .ratio = golden_number(g, "ratio"),
        .knee_db = golden_opt(g, "knee_db"), .attack_s = golden_opt(g, "attack_s"),
        .release_s = golden_opt(g, "release_s"), .makeup_db = golden_number(g, "makeup_db"),
    };
    return sori_compress(g->c, golden_audio(g), &config).y;
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "filter", run_filter }, { "filter_sos", run_filter_sos }, { "equalize", run_equalize },
        { "convolve", run_convolve }, { "clip", run_clip }, { "soft_clip", run_soft_clip },
        { "compress", run_compress },
    };
    return golden_main("effects", adapters, BASE_COUNT(adapters));
}
