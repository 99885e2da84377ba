/* What onsets, tempo and beats refuse, and what they say of nothing: silence, one frame, no events. */
#include "test.h"
#include <sori/rhythm.h>

static const sori_audio none = { 0 };

static sori_array *filled(sori_ctx *c, int ndim, size_t a, size_t b, float value) {
    sori_array *x = sori_array_new(c, SORI_F32, ndim, (size_t[]){ a, b });
    for (size_t i = 0; i < x->size; i++) ((float *)x->data)[i] = value;
    return x;
}

static sori_array *doubles(sori_ctx *c, size_t n, double value) {
    sori_array *x = sori_array_new(c, SORI_F64, 1, &n);
    for (size_t i = 0; i < n; i++) ((double *)x->data)[i] = value;
    return x;
}

static sori_array *ints(sori_ctx *c, size_t n, const int64_t *values) {
    return sori_array_from(c, SORI_I64, 1, &n, values);
}

static void strength(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = { filled(c, 1, 3000, 0, 0.1f), 22050 }, empty = { filled(c, 1, 0, 0, 0), 22050 };
    sori_array *S = filled(c, 2, 8, 5, -3);
    REFUSES(c, sori_onset_strength(c, none, NULL), "onset_strength: no array given");
    REFUSES(c, sori_onset_strength(c, empty, NULL), "onset_strength: the sound has no samples");
    REFUSES(c, sori_onset_strength(c, y, &(sori_onset_config){ .lag = -1 }), "onset_strength: lag -1 is below 1");
    REFUSES(c, sori_onset_strength(c, y, &(sori_onset_config){ .max_size = -2 }),
            "onset_strength: max_size -2 is below 1");
    REFUSES(c, sori_onset_strength(c, y, &(sori_onset_config){ .aggregate = SORI_AGGREGATE_NONE }),
            "onset_strength: without an aggregate use onset_strength_multi");
    REFUSES(c, sori_onset_strength(c, y, &(sori_onset_config){ .channels = S }),
            "onset_strength: channels are for onset_strength_multi");
    REFUSES(c, sori_onset_strength(c, y, &(sori_onset_config){ .mel.fmax = 16000 }),
            "onset_strength: fmax 16000 Hz is above sr/2 11025 Hz");
    REFUSES(c, sori_onset_strength(c, none, &(sori_onset_config){ .mel.S = S, .ref = filled(c, 2, 8, 4, 0) }),
            "onset_strength: ref is [8, 4], not 8 bins of 5 frames as the spectrum");
    REFUSES(c, sori_onset_strength(c, none, &(sori_onset_config){ .mel.S = filled(c, 2, 2, 2, NAN) }),
            "onset_strength: value 0 of the input is not finite");
    sori_onset_config g = { .mel.S = S, .channels = S };
    REFUSES(c, sori_onset_strength_multi(c, none, &g),
            "onset_strength_multi: channels must be i64, [k + 1] edges or [k, 2] pairs");
    g.channels = ints(c, 3, (int64_t[]){ 0, 4, 9 });
    REFUSES(c, sori_onset_strength_multi(c, none, &g),
            "onset_strength_multi: channel 1, bands 4 to 9, is not within the 8 there are");
    g.channels = ints(c, 3, (int64_t[]){ 0, 4, 4 });
    REFUSES(c, sori_onset_strength_multi(c, none, &g),
            "onset_strength_multi: channel 1, bands 4 to 4, is not within the 8 there are");
    g.aggregate = (sori_aggregate)9;
    REFUSES(c, sori_onset_strength_multi(c, none, &g), "onset_strength_multi: there is no aggregate 9");
    sori_close(c);
}

/* Pairs of bands may overlap and come in any order. */
static void pairs_of_bands(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    int64_t pairs[] = { 2, 4, 0, 4 };
    float S[] = { 0, 8, 0, 4, 0, 2, 0, 6 };   /* [4 bands, 2 frames] */
    sori_onset_config g = { .mel.S = sori_array_from(c, SORI_F32, 2, (size_t[]){ 4, 2 }, S), .uncentered = true,
                            .channels = sori_array_from(c, SORI_I64, 2, (size_t[]){ 2, 2 }, pairs) };
    const sori_array *a = sori_onset_strength_multi(c, none, &g);
    assert_ok(c);
    assert_int_equal(a->shape[0], 2);
    const float want[] = { 0, 4, 0, 5 };
    assert_memory_equal(a->data, want, sizeof want);
    sori_close(c);
}

static void peaks(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = filled(c, 1, 9, 0, 1), *two = filled(c, 2, 2, 9, 1), *zeros = filled(c, 1, 9, 0, 0);
    sori_peak_pick_config g = { 0 };
    REFUSES(c, sori_peak_pick(c, x, NULL), "peak_pick: post_max 0 is below 1");
    g.post_max = 1;
    REFUSES(c, sori_peak_pick(c, x, &g), "peak_pick: post_avg 0 is below 1");
    g.post_avg = 1, g.pre_max = -1;
    REFUSES(c, sori_peak_pick(c, x, &g), "peak_pick: pre_max -1 is below 0");
    g.pre_max = 0, g.pre_avg = -3;
    REFUSES(c, sori_peak_pick(c, x, &g), "peak_pick: pre_avg -3 is below 0");
    g.pre_avg = 0, g.delta = -1;
    REFUSES(c, sori_peak_pick(c, x, &g), "peak_pick: delta -1 is below 0");
    g.delta = 0, g.wait = -1;
    REFUSES(c, sori_peak_pick(c, x, &g), "peak_pick: wait -1 is below 0");
    g.wait = 0;
    REFUSES(c, sori_peak_pick(c, two, &g), "peak_pick: 2 axes need dense results");
    REFUSES(c, sori_peak_pick(c, filled(c, 1, 3, 0, INFINITY), &g), "peak_pick: value 0 of the input is not finite");
    assert_int_equal(sori_peak_pick(c, filled(c, 1, 0, 0, 0), &g)->size, 0);
    REFUSES(c, sori_localmax(c, two, 2), "localmax: there is no axis 2 among 2");
    REFUSES(c, sori_localmin(c, two, -3), "localmin: there is no axis -3 among 2");
    assert_int_equal(*(uint8_t *)sori_localmax(c, filled(c, 1, 1, 0, 5), 0)->data, 0);
    REFUSES(c, sori_onset_backtrack(c, ints(c, 1, (int64_t[]){ -1 }), x), "onset_backtrack: event 0, -1, is below 0");
    REFUSES(c, sori_onset_backtrack(c, ints(c, 1, (int64_t[]){ 1 }), two), "onset_backtrack: energy has 2 axes, not 1");
    assert_int_equal(sori_onset_backtrack(c, ints(c, 0, NULL), x)->size, 0);
    sori_onset_detect_config d = { .onset_envelope = two };
    REFUSES(c, sori_onset_detect(c, none, &d), "onset_detect: 2 axes need dense results");
    d.dense = d.backtrack = true;
    REFUSES(c, sori_onset_detect(c, none, &d), "onset_detect: backtracking needs events, not dense flags");
    d = (sori_onset_detect_config){ .onset_envelope = x, .units = (sori_event_units)5 };
    REFUSES(c, sori_onset_detect(c, none, &d), "onset_detect: unknown units 5");
    d = (sori_onset_detect_config){ .onset_envelope = x, .wait = SORI_VALUE(-0.5), .delta = SORI_VALUE(-1) };
    REFUSES(c, sori_onset_detect(c, none, &d), "onset_detect: delta -1 is below 0");
    d = (sori_onset_detect_config){ .onset_envelope = x, .hop_length = -1 };
    REFUSES(c, sori_onset_detect(c, none, &d), "onset_detect: hop_length -1 is below 1");
    d = (sori_onset_detect_config){ .onset_envelope = zeros, .backtrack = true, .units = SORI_UNITS_TIME };
    const sori_array *nothing = sori_onset_detect(c, none, &d);
    assert_ok(c);
    assert_int_equal(nothing->size, 0);
    assert_int_equal(nothing->dtype, SORI_F64);
    sori_close(c);
}

static void tempograms(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = filled(c, 1, 50, 0, 1);
    sori_tempogram_config g = { .onset_envelope = x, .win_length = -1 };
    REFUSES(c, sori_tempogram(c, none, &g), "tempogram: win_length -1 is outside 1 to 1048576");
    REFUSES(c, sori_fourier_tempogram(c, none, &g), "fourier_tempogram: win_length -1 is outside 1 to 1048576");
    g.win_length = 60, g.uncentered = true;
    REFUSES(c, sori_tempogram(c, none, &g),
            "tempogram: win_length 60 is above the 50 frames there are, and windows are not centred");
    g.win_length = 10, g.norm = SORI_VALUE(-1);
    REFUSES(c, sori_tempogram(c, none, &g), "tempogram: norm -1 is neither 0, positive nor an infinity");
    g.norm = SORI_NONE, g.window = "hanning";
    REFUSES(c, sori_tempogram(c, none, &g), "tempogram: window 'hanning': there is no window of this name");
    g.onset_envelope = filled(c, 1, 0, 0, 0);
    REFUSES(c, sori_tempogram(c, none, &g), "tempogram: the onset envelope has no frames");
    g.onset_envelope = doubles(c, 3, 1);
    assert_null(sori_tempogram(c, none, &g));
    sori_clear(c);
    REFUSES(c, sori_tempo_frequencies(c, 0, 0, 0), "tempo_frequencies: n_bins 0 is below 1");
    REFUSES(c, sori_tempo_frequencies(c, 5, 0, -1), "tempo_frequencies: sampling rate -1 Hz is not positive");
    REFUSES(c, sori_fourier_tempo_frequencies(c, 0, 0, -5), "fourier_tempo_frequencies: hop_length -5 is below 1");
    REFUSES(c, sori_autocorrelate(c, NULL, NULL), "autocorrelate: no array given");
    REFUSES(c, sori_autocorrelate(c, ints(c, 1, (int64_t[]){ 1 }), NULL),
            "autocorrelate: int64 is neither real nor complex");
    REFUSES(c, sori_autocorrelate(c, x, &(sori_autocorrelate_config){ .max_size = -1 }),
            "autocorrelate: max_size -1 is below 1");
    sori_close(c);
}

static void tempo(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = filled(c, 1, 50, 0, 1), *tg = filled(c, 2, 30, 10, 1);
    sori_tempo_config g = { .onset_envelope = x, .start_bpm = -1 };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: start_bpm -1 is not above 0");
    g = (sori_tempo_config){ .onset_envelope = x, .std_bpm = -1 };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: std_bpm -1 is not above 0");
    g = (sori_tempo_config){ .onset_envelope = x, .ac_size = 0.01 };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: ac_size 0.01 s is 0 frames");
    g = (sori_tempo_config){ .onset_envelope = x, .max_tempo = SORI_VALUE(0) };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: max_tempo 0 is not above 0");
    g = (sori_tempo_config){ .tg = tg, .logprior = doubles(c, 29, 0) };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: logprior must be 30 values f64, one a lag");
    g.logprior = doubles(c, 30, NAN);
    REFUSES(c, sori_tempo(c, none, &g), "tempo: logprior 0 is NaN");
    g = (sori_tempo_config){ .tg = tg, .aggregate = (sori_aggregate)9 };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: there is no aggregate 9");
    g = (sori_tempo_config){ .tg = filled(c, 2, 5, 0, 0) };
    REFUSES(c, sori_tempo(c, none, &g), "tempo: the tempogram is empty");
    sori_tempogram_ratio_config r = { .tg = tg, .bpm = doubles(c, 9, 100) };
    REFUSES(c, sori_tempogram_ratio(c, none, &r), "tempogram_ratio: bpm must be f64, one for each of 10 frames");
    r = (sori_tempogram_ratio_config){ .tg = tg, .freqs = doubles(c, 29, 1) };
    REFUSES(c, sori_tempogram_ratio(c, none, &r), "tempogram_ratio: freqs must be 30 values f64");
    r.freqs = doubles(c, 30, 1);
    REFUSES(c, sori_tempogram_ratio(c, none, &r), "tempogram_ratio: frequency 1 BPM stands twice in freqs");
    r = (sori_tempogram_ratio_config){ .tg = tg, .kind = (sori_ratio_kind)4 };
    REFUSES(c, sori_tempogram_ratio(c, none, &r), "tempogram_ratio: unknown kind 4");
    r = (sori_tempogram_ratio_config){ .tg = tg, .factors = tg };
    REFUSES(c, sori_tempogram_ratio(c, none, &r), "tempogram_ratio: factors must be values f64 on one axis");
    sori_close(c);
}

static sori_array *beats(sori_ctx *c, const sori_beat_config *g) {
    sori_beat_result r = sori_beat_track(c, none, g);
    assert_true((r.tempo != NULL) == (r.beats != NULL));
    return r.beats;
}

static void beat(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = filled(c, 1, 50, 0, 1), *two = filled(c, 2, 2, 50, 1), *zeros = filled(c, 1, 50, 0, 0);
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = two }), "beat_track: 2 axes need dense results");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .units = (sori_event_units)-1 }),
            "beat_track: unknown units -1");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .tightness = -1 }),
            "beat_track: tightness -1 is not above 0");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .bpm = -5 }),
            "beat_track: bpm -5 is not a beat every 1 to 1048576 frames");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .bpm = 20000 }),
            "beat_track: bpm 20000 is not a beat every 1 to 1048576 frames");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .bpm_values = doubles(c, 49, 100) }),
            "beat_track: 49 bpm_values for 1 channels of 50 frames");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .bpm_values = x }),
            "beat_track: bpm_values must be f64");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = x, .start_bpm = -1 }),
            "beat_track: start_bpm -1 is not above 0");
    REFUSES(c, beats(c, &(sori_beat_config){ .onset_envelope = filled(c, 1, 3, 0, NAN) }),
            "beat_track: value 0 of the input is not finite");
    sori_beat_result r = sori_beat_track(c, none, &(sori_beat_config){ .onset_envelope = zeros });
    assert_int_equal(r.beats->size, 0);
    assert_true(*(double *)r.tempo->data == 0);
    r = sori_beat_track(c, none, &(sori_beat_config){ .onset_envelope = filled(c, 1, 1, 0, 3) });
    assert_int_equal(r.beats->size, 0);
    assert_true(*(double *)r.tempo->data > 100);
    r = sori_beat_track(c, none, &(sori_beat_config){ .onset_envelope = x, .bpm = 0.01 });   /* slower than it lasts */
    assert_ok(c);
    assert_true(r.beats->size <= 1);
    for (size_t i = 50; i < 100; i++) ((float *)two->data)[i] = 0;   /* one silent channel: no beats in it */
    r = sori_beat_track(c, none, &(sori_beat_config){ .onset_envelope = two, .dense = true });
    assert_ok(c);
    for (size_t i = 50; i < 100; i++) assert_int_equal(((uint8_t *)r.beats->data)[i], 0);
    sori_close(c);
}

static void pulse(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = filled(c, 1, 50, 0, 1);
    sori_plp_config g = { .onset_envelope = x, .tempo_min = SORI_VALUE(100), .tempo_max = SORI_VALUE(100) };
    REFUSES(c, sori_plp(c, none, &g), "plp: tempo_max 100 BPM is not above tempo_min 100 BPM");
    g = (sori_plp_config){ .onset_envelope = x, .win_length = -1 };
    REFUSES(c, sori_plp(c, none, &g), "plp: win_length -1 is below 1");
    g = (sori_plp_config){ .onset_envelope = x, .win_length = 10, .logprior = doubles(c, 5, 0) };
    REFUSES(c, sori_plp(c, none, &g), "plp: logprior must be 6 values f64, one a bin");
    g.logprior = doubles(c, 6, NAN);
    REFUSES(c, sori_plp(c, none, &g), "plp: logprior 0 is NaN");
    const sori_array *a = sori_plp(c, none, &(sori_plp_config){ .onset_envelope = filled(c, 1, 50, 0, 0) });
    assert_ok(c);
    for (size_t i = 0; i < a->size; i++) assert_true(((float *)a->data)[i] == 0);
    g = (sori_plp_config){ .onset_envelope = filled(c, 1, 1, 0, 2), .win_length = 1, .tempo_min = SORI_NONE };
    assert_int_equal(sori_plp(c, none, &g)->size, 1);
    assert_ok(c);
    sori_close(c);
}

/* A prior that allows one period only decides, whatever the envelope says. */
static void priors(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = filled(c, 1, 700, 0, 0), *prior = doubles(c, 344, -INFINITY);
    for (size_t i = 0; i < 700; i += 20) ((float *)x->data)[i] = 1;
    ((double *)prior->data)[31] = 0;
    sori_array *a = sori_tempo(c, none, &(sori_tempo_config){ .onset_envelope = x, .logprior = prior });
    assert_ok(c);
    assert_close(*(double *)a->data, 60.0 * 22050 / 512 / 31, 0, 1e-12);
    a = sori_tempo(c, none, &(sori_tempo_config){ .onset_envelope = x, .logprior = prior, .max_tempo = SORI_NONE });
    assert_close(*(double *)a->data, 60.0 * 22050 / 512 / 31, 0, 1e-12);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strength), cmocka_unit_test(pairs_of_bands), cmocka_unit_test(peaks),
        cmocka_unit_test(tempograms), cmocka_unit_test(tempo), cmocka_unit_test(beat), cmocka_unit_test(pulse),
        cmocka_unit_test(priors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
