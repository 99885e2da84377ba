/* Mel filters, mel spectrograms, MFCC and the way back against librosa. */
#include "golden/golden_stft.h"

/* librosa's norm: "slaney", None, 1, 2 or numpy.inf. */
static sori_norm norm_arg(golden_call *g, const char *name) {
    const json_t *v = golden_arg(g, name);
    if (!v) return SORI_NORM_SLANEY;
    if (json_is_null(v)) return SORI_NORM_NONE;
    if (json_is_number(v)) return json_number_value(v) == 1 ? SORI_NORM_L1 : SORI_NORM_L2;
    return strcmp(json_string_value(v), "slaney") == 0 ? SORI_NORM_SLANEY : SORI_NORM_INF;
}

/* Everything of a mel spectrogram but y and S. */
static sori_mel_config mel_args(golden_call *g, const char *norm, char *text) {
    return (sori_mel_config){
        .stft = golden_stft(g, text), .power = golden_number(g, "power"), .n_mels = golden_int(g, "n_mels"),
        .fmin = golden_number(g, "fmin"), .fmax = golden_number(g, "fmax"), .htk = golden_unusual(g, "htk", false),
        .norm = norm_arg(g, norm),
    };
}

static sori_array *run_filters(golden_call *g) {
    char text[256];
    double sr = golden_number(g, "sr");
    sori_mel_config config = mel_args(g, "norm", text);
    return sori_mel_filters(g->c, sr, &config);
}

static sori_array *run_mel(golden_call *g) {
    char text[256];
    sori_mel_config config = mel_args(g, "norm", text);
    config.S = golden_array(g, "S");
    return sori_melspectrogram(g->c, golden_audio(g), &config);
}

static sori_array *run_logmel(golden_call *g) {
    sori_db_config config = { .top_db = golden_opt(g, "top_db") };
    sori_array *S = run_mel(g);
    return S ? sori_power_to_db(g->c, S, &config) : NULL;
}

static sori_array *run_mfcc(golden_call *g) {
    static const char *const norms[] = { "ortho", "None" };
    char text[256];
    sori_mfcc_config config = {
        .mel = mel_args(g, "mel_norm", text), .n_mfcc = golden_int(g, "n_mfcc"), .dct_type = golden_int(g, "dct_type"),
        .dct_unnormalized = golden_choice(g, "norm", norms, 2) == 1, .lifter = golden_number(g, "lifter"),
    };
    config.mel.S = golden_array(g, "S");
    return sori_mfcc(g->c, golden_audio(g), &config);
}

static sori_array *run_mfcc_to_mel(golden_call *g) {
    static const char *const norms[] = { "ortho", "None" };
    sori_mfcc_to_mel_config config = {
        .n_mels = golden_int(g, "n_mels"), .dct_type = golden_int(g, "dct_type"), .ref = golden_number(g, "ref"),
        .dct_unnormalized = golden_choice(g, "norm", norms, 2) == 1, .lifter = golden_number(g, "lifter"),
    };
    return sori_mfcc_to_mel(g->c, golden_array(g, "mfcc"), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "mel_filters", run_filters }, { "mel", run_mel }, { "logmel", run_logmel }, { "mfcc", run_mfcc },
        { "mfcc_to_mel", run_mfcc_to_mel },
    };
    return golden_main("mel", adapters, BASE_COUNT(adapters));
}
