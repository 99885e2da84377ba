/* Onsets, tempo and beats against librosa. */
#include "golden/golden.h"
#include <sori/rhythm.h>

static const char *const units[] = { "frames", "samples", "time" };

/* Numbers as i64. */
static sori_array *whole(golden_call *g, const char *name) {
    sori_array *a = golden_array(g, name);
    return a ? sori_array_cast(g->c, a, SORI_I64) : NULL;
}

/* --- onsets ---------------------------------------------------------------------------------------------------- */

static sori_array *run_strength(golden_call *g, bool multi) {
    sori_onset_config config = {
        .mel = { .stft = { .n_fft = golden_int(g, "n_fft"), .hop_length = golden_int(g, "hop_length"),
                           .exact = g->exact },
                 .S = golden_array(g, "S"), .power = golden_number(g, "power"), .n_mels = golden_int(g, "n_mels"),
                 .fmin = golden_number(g, "fmin"), .fmax = golden_number(g, "fmax"),
                 .htk = golden_unusual(g, "htk", false) },
        .lag = golden_int(g, "lag"), .max_size = golden_int(g, "max_size"), .ref = golden_array(g, "ref"),
        .detrend = golden_unusual(g, "detrend", false), .uncentered = golden_unusual(g, "center", true),
        .aggregate = golden_aggregate(g, "aggregate", SORI_AGGREGATE_DEFAULT), .channels = whole(g, "channels"),
    };
    sori_audio y = golden_audio(g);
    return multi ? sori_onset_strength_multi(g->c, y, &config) : sori_onset_strength(g->c, y, &config);
}

static sori_array *run_one(golden_call *g) { return run_strength(g, false); }
static sori_array *run_multi(golden_call *g) { return run_strength(g, true); }

static sori_array *run_detect(golden_call *g) {
    sori_onset_detect_config config = {
        .onset_envelope = golden_array(g, "onset_envelope"), .hop_length = golden_int(g, "hop_length"),
        .backtrack = golden_unusual(g, "backtrack", false), .energy = golden_array(g, "energy"),
        .unnormalized = golden_unusual(g, "normalize", true), .dense = golden_unusual(g, "sparse", true),
        .units = (sori_event_units)golden_choice(g, "units", units, 3), .pre_max = golden_opt(g, "pre_max"),
        .post_max = golden_opt(g, "post_max"), .pre_avg = golden_opt(g, "pre_avg"),
        .post_avg = golden_opt(g, "post_avg"), .wait = golden_opt(g, "wait"), .delta = golden_opt(g, "delta"),
        .exact = g->exact,
    };
    return sori_onset_detect(g->c, golden_audio(g), &config);
}

static sori_array *run_backtrack(golden_call *g) {
    return sori_onset_backtrack(g->c, whole(g, "events"), golden_array(g, "energy"));
}

static sori_array *run_peaks(golden_call *g) {
    sori_peak_pick_config config = {
        .pre_max = golden_int(g, "pre_max"), .post_max = golden_int(g, "post_max"),
        .pre_avg = golden_int(g, "pre_avg"), .post_avg = golden_int(g, "post_avg"),
        .delta = golden_number(g, "delta"), .wait = golden_int(g, "wait"),
        .dense = golden_unusual(g, "sparse", true),
    };
    return sori_peak_pick(g->c, golden_array(g, "x"), &config);
}

static sori_array *run_localmax(golden_call *g) {
    return sori_localmax(g->c, golden_array(g, "x"), golden_int(g, "axis"));
}

static sori_array *run_localmin(golden_call *g) {
    return sori_localmin(g->c, golden_array(g, "x"), golden_int(g, "axis"));
}

/* --- tempograms and tempo -------------------------------------------------------------------------------------- */

static sori_array *run_autocorrelate(golden_call *g) {
    return sori_autocorrelate(g->c, golden_array(g, "y"),
                              &(sori_autocorrelate_config){ .max_size = golden_int(g, "max_size") });
}

static sori_tempogram_config tempogram_of(golden_call *g, char *text, size_t size) {
    return (sori_tempogram_config){
        .onset_envelope = golden_array(g, "onset_envelope"), .hop_length = golden_int(g, "hop_length"),
        .win_length = golden_int(g, "win_length"), .uncentered = golden_unusual(g, "center", true),
        .window = golden_window(g, "window", text, size), .norm = golden_opt(g, "norm"), .exact = g->exact,
    };
}

static sori_array *run_tempogram(golden_call *g) {
    char text[64];
    sori_tempogram_config config = tempogram_of(g, text, sizeof text);
    return sori_tempogram(g->c, golden_audio(g), &config);
}

static sori_array *run_fourier(golden_call *g) {
    char text[64];
    sori_tempogram_config config = tempogram_of(g, text, sizeof text);
    return sori_fourier_tempogram(g->c, golden_audio(g), &config);
}

static sori_array *run_frequencies(golden_call *g) {
    int n = golden_int(g, "n_bins");
    sori_array *a = sori_tempo_frequencies(g->c, n, golden_int(g, "hop_length"), golden_number(g, "sr"));
    assert_ok(g->c);
    assert_true(((double *)a->data)[0] == INFINITY);
    return sori_array_from(g->c, SORI_F64, 1, (size_t[]){ (size_t)n - 1 }, (double *)a->data + 1);
}

static sori_array *run_fourier_frequencies(golden_call *g) {
    return sori_fourier_tempo_frequencies(g->c, golden_number(g, "sr"), golden_int(g, "win_length"),
                                          golden_int(g, "hop_length"));
}

/* The priors of reference_rhythm.py at x BPM, as logarithms of their densities. */
static double log_prior(const char *name, double x) {
    if (strcmp(name, "uniform") == 0) return x >= 30 && x <= 330 ? -log(300) : -INFINITY;
    assert_string_equal(name, "lognorm");
    double z = (x - log(120)) / 120;
    return z > 0 && isfinite(z) ? -log(z * 120 * sqrt(2 * acos(-1))) - log(z) * log(z) / 2 : -INFINITY;
}

/* librosa's prior= at these tempos; NULL for none. */
static sori_array *prior_of(golden_call *g, const sori_array *bpm) {
    const json_t *v = golden_arg(g, "prior");
    if (!json_is_string(v)) return NULL;
    sori_array *a = sori_array_new(g->c, SORI_F64, 1, &bpm->size);
    for (size_t i = 0; i < a->size; i++)
        ((double *)a->data)[i] = log_prior(json_string_value(v), ((double *)bpm->data)[i]);
    return a;
}

static sori_array *lag_prior(golden_call *g, double seconds, int lags) {
    double sr = golden_number(g, "sr");
    int hop = golden_int(g, "hop_length");
    if (!lags) lags = (int)sori_time_to_frames(seconds != 0 ? seconds : 8, sr, hop, 0);
    return prior_of(g, sori_tempo_frequencies(g->c, lags, hop, sr));
}

static sori_array *run_tempo(golden_call *g) {
    const json_t *v = golden_arg(g, "aggregate");
    sori_tempo_config config = {
        .onset_envelope = golden_array(g, "onset_envelope"), .tg = golden_array(g, "tg"),
        .hop_length = golden_int(g, "hop_length"), .start_bpm = golden_number(g, "start_bpm"),
        .std_bpm = golden_number(g, "std_bpm"), .ac_size = golden_number(g, "ac_size"),
        .max_tempo = golden_opt(g, "max_tempo"), .aggregate = golden_aggregate(g, "aggregate", SORI_AGGREGATE_NONE),
        .exact = g->exact,
    };
    if (v && json_is_null(v)) config.aggregate = SORI_AGGREGATE_NONE;
    config.logprior = lag_prior(g, config.ac_size, config.tg ? (int)config.tg->shape[config.tg->ndim - 2] : 0);
    return sori_tempo(g->c, golden_audio(g), &config);
}

static sori_array *run_ratio(golden_call *g) {
    static const char *const kinds[] = { "linear", "nearest", "previous", "next" };
    char text[64];
    sori_tempogram_ratio_config config = {
        .tempogram = tempogram_of(g, text, sizeof text), .tg = golden_array(g, "tg"), .bpm = golden_array(g, "bpm"),
        .start_bpm = golden_number(g, "start_bpm"), .std_bpm = golden_number(g, "std_bpm"),
        .max_tempo = golden_opt(g, "max_tempo"), .freqs = golden_array(g, "freqs"),
        .kind = (sori_ratio_kind)golden_choice(g, "kind", kinds, 4),
        .factors = golden_array(g, "factors"), .fill_value = golden_number(g, "fill_value"),
        .aggregate = golden_aggregate(g, "aggregate", SORI_AGGREGATE_DEFAULT),
    };
    config.logprior = lag_prior(g, 0, config.tempogram.win_length ? config.tempogram.win_length : 384);
    return sori_tempogram_ratio(g->c, golden_audio(g), &config);
}

/* --- beats ----------------------------------------------------------------------------------------------------- */

static sori_beat_result track(golden_call *g) {
    const json_t *bpm = golden_arg(g, "bpm");
    sori_beat_config config = {
        .onset_envelope = golden_array(g, "onset_envelope"), .hop_length = golden_int(g, "hop_length"),
        .start_bpm = golden_number(g, "start_bpm"), .tightness = golden_number(g, "tightness"),
        .untrimmed = golden_unusual(g, "trim", true), .bpm = json_is_number(bpm) ? json_number_value(bpm) : 0,
        .bpm_values = json_is_array(bpm) ? golden_array(g, "bpm") : NULL,
        .units = (sori_event_units)golden_choice(g, "units", units, 3), .dense = golden_unusual(g, "sparse", true),
        .exact = g->exact, .logprior = lag_prior(g, 0, 0),
    };
    return sori_beat_track(g->c, golden_audio(g), &config);
}

static sori_array *run_beats(golden_call *g) { return track(g).beats; }

/* A tempo that was given comes back from librosa as it is: a number has no axis. */
static sori_array *run_beat_tempo(golden_call *g) {
    sori_array *a = track(g).tempo;
    if (a && json_is_number(golden_arg(g, "bpm"))) return sori_array_from(g->c, SORI_F64, 0, NULL, a->data);
    return a;
}

static sori_array *run_pulse(golden_call *g, bool equal) {
    sori_plp_config config = {
        .onset_envelope = golden_array(g, "onset_envelope"), .hop_length = golden_int(g, "hop_length"),
        .win_length = golden_int(g, "win_length"), .tempo_min = golden_opt(g, "tempo_min"),
        .tempo_max = golden_opt(g, "tempo_max"), .equal_weights = equal, .exact = g->exact,
    };
    config.logprior = prior_of(g, sori_fourier_tempo_frequencies(g->c, golden_number(g, "sr"), config.win_length,
                                                                 config.hop_length));
    return sori_plp(g->c, golden_audio(g), &config);
}

static sori_array *run_plp(golden_call *g) { return run_pulse(g, false); }
static sori_array *run_plp_equal(golden_call *g) { return run_pulse(g, true); }

int main(void) {
    static const golden_adapter adapters[] = {
        { "onset_strength", run_one }, { "onset_strength_multi", run_multi }, { "onset_detect", run_detect },
        { "onset_backtrack", run_backtrack }, { "peak_pick", run_peaks }, { "localmax", run_localmax },
        { "localmin", run_localmin }, { "autocorrelate", run_autocorrelate }, { "tempogram", run_tempogram },
        { "fourier_tempogram", run_fourier }, { "tempo_frequencies", run_frequencies },
        { "fourier_tempo_frequencies", run_fourier_frequencies }, { "tempo", run_tempo },
        { "tempogram_ratio", run_ratio }, { "beats", run_beats }, { "beat_tempo", run_beat_tempo },
        { "plp", run_plp }, { "plp_equal", run_plp_equal },
    };
    return golden_main("rhythm", adapters, BASE_COUNT(adapters));
}
