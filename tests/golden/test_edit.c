/* Trimming, splitting, remixing, emphasis, linear prediction and zero crossings against librosa. */
#include "golden/golden.h"
#include <sori/fx.h>

/* librosa's ref: a number, or the largest RMS. */
static double reference(golden_call *g) {
    const json_t *ref = golden_arg(g, "ref");
    bool largest = json_is_string(ref) && strcmp(json_string_value(ref), "numpy.max") == 0;
    return largest ? 0 : golden_number(g, "ref");
}

static sori_silence_config silence_config(golden_call *g) {
    return (sori_silence_config){
        .top_db = golden_opt(g, "top_db"), .ref = reference(g), .hop_length = golden_int(g, "hop_length"),
        .frame_length = golden_int(g, "frame_length"),
        .aggregate = golden_aggregate(g, "aggregate", SORI_AGGREGATE_DEFAULT),
    };
}

static sori_trim_result trimmed(golden_call *g) {
    sori_silence_config config = silence_config(g);
    return sori_trim(g->c, golden_audio(g), &config);
}

static sori_array *run_trim_y(golden_call *g) { return trimmed(g).y.y; }
static sori_array *run_trim_index(golden_call *g) { return trimmed(g).index; }

static sori_array *run_split(golden_call *g) {
    sori_silence_config config = silence_config(g);
    return sori_split_silence(g->c, golden_audio(g), &config);
}

static sori_array *run_remix(golden_call *g) {
    const json_t *rows = golden_arg(g, "intervals");
    sori_array *intervals = sori_array_new(g->c, SORI_I64, 2, (size_t[]){ json_array_size(rows), 2 });
    for (size_t i = 0; i < intervals->size; i++) {
        const json_t *edge = json_array_get(json_array_get(rows, i / 2), i % 2);
        ((int64_t *)intervals->data)[i] = (int64_t)json_number_value(edge);
    }
    sori_remix_config config = { .unaligned = golden_unusual(g, "align_zeros", true) };
    return sori_remix(g->c, golden_audio(g), intervals, &config).y;
}

static sori_emphasis_config emphasis_config(golden_call *g) {
    sori_emphasis_config config = { .coef = golden_opt(g, "coef"), .zi = golden_array(g, "zi") };
    return config;
}

static sori_array *run_preemphasis(golden_call *g) {
    sori_emphasis_config config = emphasis_config(g);
    return sori_preemphasis(g->c, golden_audio(g), &config).y;
}

static sori_array *run_deemphasis(golden_call *g) {
    sori_emphasis_config config = emphasis_config(g);
    return sori_deemphasis(g->c, golden_audio(g), &config).y;
}

static sori_array *run_emphasis_zf(golden_call *g) {
    sori_emphasis_config config = emphasis_config(g);
    sori_array *zf;
    config.zf = &zf;
    if (golden_string(g, "effect")[0] == 'p') sori_preemphasis(g->c, golden_audio(g), &config);
    else sori_deemphasis(g->c, golden_audio(g), &config);
    return zf;
}

static sori_array *run_lpc(golden_call *g) {
    int order = golden_int(g, "order");
    return sori_lpc(g->c, golden_array(g, "y"), order, golden_opt(g, "axis"));
}

static sori_array *run_zero_crossings(golden_call *g) {
    sori_crossings_config config = {
        .threshold = golden_opt(g, "threshold"), .ref_magnitude = golden_number(g, "ref_magnitude"),
        .unpadded = golden_unusual(g, "pad", true), .zero_apart = golden_unusual(g, "zero_pos", true),
        .axis = golden_opt(g, "axis"),
    };
    return sori_zero_crossings(g->c, golden_array(g, "y"), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "trim_y", run_trim_y }, { "trim_index", run_trim_index }, { "split", run_split }, { "remix", run_remix },
        { "preemphasis", run_preemphasis }, { "deemphasis", run_deemphasis }, { "emphasis_zf", run_emphasis_zf },
        { "lpc", run_lpc }, { "zero_crossings", run_zero_crossings },
    };
    return golden_main("edit", adapters, BASE_COUNT(adapters));
}
