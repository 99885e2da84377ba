/* PCEN, weightings, mu-law and normalisation against librosa. */
#include "golden/golden.h"
#include <sori/level.h>

static sori_pcen_config pcen_config(golden_call *g) {
    return (sori_pcen_config){
        .sr = golden_number(g, "sr"), .hop_length = golden_int(g, "hop_length"), .gain = golden_opt(g, "gain"),
        .bias = golden_opt(g, "bias"), .power = golden_opt(g, "power"), .eps = golden_number(g, "eps"),
        .time_constant = golden_number(g, "time_constant"), .b = golden_opt(g, "b"), .ref = golden_array(g, "ref"),
        .max_size = golden_int(g, "max_size"), .max_axis = golden_opt(g, "max_axis"), .axis = golden_opt(g, "axis"),
        .zi = golden_array(g, "zi"), .exact = g->exact,
    };
}

static sori_array *run_pcen(golden_call *g) {
    sori_pcen_config config = pcen_config(g);
    return sori_pcen(g->c, golden_array(g, "S"), &config);
}

static sori_array *run_pcen_zf(golden_call *g) {
    sori_pcen_config config = pcen_config(g);
    sori_array *zf;
    config.zf = &zf;
    sori_pcen(g->c, golden_array(g, "S"), &config);
    return zf;
}

static sori_array *weights(golden_call *g, sori_array *(*f)(sori_ctx *c, const sori_array *hz, sori_opt min_db)) {
    return f(g->c, golden_array(g, "frequencies"), golden_opt(g, "min_db"));
}

static sori_array *run_A(golden_call *g) { return weights(g, sori_A_weighting); }
static sori_array *run_B(golden_call *g) { return weights(g, sori_B_weighting); }
static sori_array *run_C(golden_call *g) { return weights(g, sori_C_weighting); }
static sori_array *run_D(golden_call *g) { return weights(g, sori_D_weighting); }
static sori_array *run_Z(golden_call *g) { return weights(g, sori_Z_weighting); }

static char kind_of(golden_call *g) {
    const char *kind = golden_string(g, "kind");
    return kind ? kind[0] : 0;
}

static sori_array *run_frequency_weighting(golden_call *g) {
    char kind = kind_of(g);
    return sori_frequency_weighting(g->c, golden_array(g, "frequencies"), kind, golden_opt(g, "min_db"));
}

static sori_array *run_multi_frequency_weighting(golden_call *g) {
    const char *kinds = golden_string(g, "kinds");
    return sori_multi_frequency_weighting(g->c, golden_array(g, "frequencies"), kinds, golden_opt(g, "min_db"));
}

static sori_array *run_perceptual_weighting(golden_call *g) {
    const json_t *ref = golden_arg(g, "ref");
    sori_perceptual_config config = { .kind = kind_of(g), .db = { .amin = golden_number(g, "amin"),
                                      .ref_max = json_is_string(ref), .top_db = golden_opt(g, "top_db") } };
    return sori_perceptual_weighting(g->c, golden_array(g, "S"), golden_array(g, "frequencies"), &config);
}

static sori_mu_config mu_config(golden_call *g) {
    return (sori_mu_config){ .mu = golden_number(g, "mu"), .continuous = golden_unusual(g, "quantize", true) };
}

static sori_array *run_mu_compress(golden_call *g) {
    sori_mu_config config = mu_config(g);
    return sori_mu_compress(g->c, golden_array(g, "x"), &config);
}

/* Numbers come as whole ones. */
static sori_array *run_mu_expand(golden_call *g) {
    sori_mu_config config = mu_config(g);
    sori_array *x = golden_array(g, "x");
    if (x && x->dtype == SORI_F64) x = sori_array_cast(g->c, x, SORI_I64);
    return sori_mu_expand(g->c, x, &config);
}

static sori_array *run_quantize(golden_call *g) {
    int bits = golden_int(g, "bits");
    return sori_quantize(g->c, golden_array(g, "x"), bits, false);
}

static sori_array *run_normalize(golden_call *g) {
    const json_t *fill = golden_arg(g, "fill");
    sori_normalize_config config = {
        .norm = golden_opt(g, "norm"), .axis = golden_opt(g, "axis"),
        .threshold = golden_number(g, "threshold"),
        .fill = json_is_boolean(fill) ? json_is_true(fill) ? SORI_FILL_ONE : SORI_FILL_ZERO : SORI_FILL_KEEP,
    };
    return sori_normalize(g->c, golden_array(g, "S"), &config);
}

static sori_array *run_normalize_peak(golden_call *g) {
    double peak = golden_number(g, "peak");
    return sori_normalize_peak(g->c, golden_audio(g), peak).y;
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "pcen", run_pcen }, { "pcen_zf", run_pcen_zf }, { "A_weighting", run_A }, { "B_weighting", run_B },
        { "C_weighting", run_C }, { "D_weighting", run_D }, { "Z_weighting", run_Z },
        { "frequency_weighting", run_frequency_weighting },
        { "multi_frequency_weighting", run_multi_frequency_weighting },
        { "perceptual_weighting", run_perceptual_weighting }, { "mu_compress", run_mu_compress },
        { "mu_expand", run_mu_expand }, { "quantize", run_quantize }, { "normalize", run_normalize },
        { "normalize_peak", run_normalize_peak },
    };
    return golden_main("level", adapters, BASE_COUNT(adapters));
}
