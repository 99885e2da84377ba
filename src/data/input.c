/* input.c - how a recording becomes a feature matrix, and the defaults of that.
 *
 * Training, evaluation and classification share data_features, so a model meets in use exactly what it was trained on.
 * The reasons for the defaults are measurements, see docs/training.md. */
#include "data/data.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PROBES 200          /* recordings looked at to find the commonest rate */
#define MAX_SR 22050.0      /* what lies above 11 kHz rarely decides a class, and costs as much again */
#define WINDOW_S 0.032      /* two pitch periods of a low voice; rounded to a power of two */
#define HOP_S 0.0125
#define LONG_S 2.0          /* segments beyond are looked at in frames twice as long */
#define MELS 64
#define RANGE_DB 60.0
#define SEGMENT_S 1.0
#define LONGEST_S 3600.0    /* segments beyond are a mistake of units */

/* --- defaults --------------------------------------------------------------------------------------------------- */

static int by_rate(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double commonest(double *rates, size_t n) {
    qsort(rates, n, sizeof *rates, by_rate);
    size_t best = 0, run = 0;
    double rate = 0;
    for (size_t i = 0; i < n; i++) {
        run = i && rates[i] == rates[i - 1] ? run + 1 : 1;
        if (run < best) continue;   /* of equals the higher */
        best = run;
        rate = rates[i];
    }
    return rate;
}

/* Rates of up to PROBES training recordings, evenly spread; a file that cannot be opened is left for the dataset to
 * report. */
static double commonest_rate(sori_ctx *c, const sori_list *list) {
    double rates[PROBES];
    size_t training = 0, found = 0, seen = 0;
    for (size_t i = 0; i < list->count; i++) training += list->items[i].split == SORI_TRAIN;
    size_t step = training / PROBES + 1;
    for (size_t i = 0; i < list->count && found < PROBES; i++) {
        if (list->items[i].split != SORI_TRAIN || seen++ % step) continue;
        sori_reader *r = sori_reader_open(c, list->items[i].path, &(sori_load_config){ .sr = SORI_SR_NATIVE });
        if (r) rates[found++] = sori_reader_sr(r);
        sori_reader_close(r);
        sori_status s = sori_error(c);
        if (s == SORI_EIO || s == SORI_EFORMAT || s == SORI_EUNSUP) sori_clear(c);
        if (base_failed(c)) return 0;
    }
    return found ? BASE_MIN(commonest(rates, found), MAX_SR) : MAX_SR;
}

bool data_is_waveform(const char *feature) { return !strcmp(feature, "waveform"); }

bool data_is_input(const char *feature) {
    const sori_feature_info *info = sori_feature_find(feature);
    return data_is_waveform(feature) || (info && info->kind == SORI_FEATURE_FRAMES);
}

static bool is_db(const char *feature) { return !strcmp(feature, "mel") || !strcmp(feature, "spectrogram"); }

static bool is_mel(const char *feature) { return !strcmp(feature, "mel") || !strcmp(feature, "mfcc"); }

static void resolve_feature(sori_feature_config *f, const char *feature, double sr, double segment_s) {
    double longer = segment_s > LONG_S ? 2 : 1;
    if (!f->stft.n_fft) f->stft.n_fft = 1 << (int)lround(log2(longer * WINDOW_S * sr));
    if (!f->stft.win_length) f->stft.win_length = f->stft.n_fft;
    if (!f->stft.hop_length) f->stft.hop_length = (int)BASE_MAX(lround(longer * HOP_S * sr), 1);
    if (!f->stft.window) f->stft.window = "hann";
    if (!f->n_mels) f->n_mels = MELS;
    if (!f->fmax && is_mel(feature)) f->fmax = sr / 2;
    if (!f->n_mfcc) f->n_mfcc = 20;
    if (!f->dct_type) f->dct_type = 2;
}

sori_status sori_input_resolve(sori_ctx *c, const sori_list *list, sori_input_config *input) {
    if (base_failed(c)) return sori_error(c);
    if (!input || (!list && input->sr == 0)) return sori_fail(c, SORI_EINVAL, "input: no list to find the rate from");
    sori_input_config in = *input;
    if (in.sr == 0) in.sr = commonest_rate(c, list);
    if (!base_failed(c) && !(in.sr >= 1 && in.sr <= 1e9))
        sori_fail(c, SORI_EINVAL, "input: sampling rate %g Hz is outside 1..1e9", in.sr);
    if (base_failed(c)) return sori_error(c);
    if (!in.feature) in.feature = "mel";
    if (!in.segment_s) in.segment_s = SEGMENT_S;
    resolve_feature(&in.config, in.feature, in.sr, in.segment_s);
    in.config.db = is_db(in.feature);
    in.config.top_db = SORI_NONE;
    if (!in.range_db) in.range_db = RANGE_DB;
    if (!in.hop_s) in.hop_s = in.segment_s / 2;
    in.feature = base_intern(c, in.feature);
    in.config.stft.window = base_intern(c, in.config.stft.window);
    if (!base_failed(c)) *input = in;
    return sori_error(c);
}

/* --- features --------------------------------------------------------------------------------------------------- */

sori_audio data_load(sori_ctx *c, const sori_input_config *input, const char *path) {
    return sori_load(c, path, &(sori_load_config){ .sr = input->sr });
}

/* NaN and infinity, from samples too large to square, must not reach the network. */
static bool is_finite(const sori_array *a) {
    const float *x = a->data;
    for (size_t i = 0; i < a->size; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

sori_array *data_features(sori_ctx *c, const sori_input_config *input, sori_audio y) {
    sori_array *a = NULL;
    const char *name = input->feature;
    if (data_is_waveform(name)) a = sori_array_from(c, SORI_F32, 2, (size_t[]){ 1, y.y->size }, y.y->data);
    else sori_extract(c, y, &name, 1, &input->config, &a);
    if (!a) return NULL;
    if (a->dtype != SORI_F32 || a->ndim != 2) {
        sori_fail(c, SORI_EINVAL, "input: feature \"%s\" of mono sound is no real matrix", name);
        return NULL;
    }
    if (!is_finite(a)) {
        sori_fail(c, SORI_EFORMAT, "%s: samples too large", name);
        return NULL;
    }
    return a;
}

/* --- geometry --------------------------------------------------------------------------------------------------- */

static bool check_input(sori_ctx *c, const sori_input_config *in) {
    if (base_failed(c)) return false;
    const char *feature = in->feature ? in->feature : "";
    if (!data_is_waveform(feature) && !sori_feature_find(feature))
        sori_fail(c, SORI_EINVAL, "input: no feature \"%.60s\"", feature);
    else if (!data_is_input(feature))
        sori_fail(c, SORI_EINVAL, "input: %s does not come in frames, as a network wants it", in->feature);
    else if (in->config.stft.window_values)
        sori_fail(c, SORI_EINVAL, "input: a window given by values cannot be stored with a model; name one");
    else if (!(in->sr >= 1 && in->sr <= 1e9)) sori_fail(c, SORI_EINVAL, "input: sampling rate %g Hz", in->sr);
    else if (in->config.stft.hop_length < 1)
        sori_fail(c, SORI_EINVAL, "input: hop_length %d is below 1", in->config.stft.hop_length);
    else if (!(in->segment_s > 0 && in->segment_s <= LONGEST_S))
        sori_fail(c, SORI_EINVAL, "input: segment of %g s is outside 0..%g", in->segment_s, LONGEST_S);
    else if (!(in->hop_s > 0 && in->hop_s <= LONGEST_S))
        sori_fail(c, SORI_EINVAL, "input: segment hop of %g s is outside 0..%g", in->hop_s, LONGEST_S);
    else if (!(fabs(in->range_db) <= 1000)) sori_fail(c, SORI_EINVAL, "input: range of %g dB", in->range_db);
    return !base_failed(c);
}

/* Frames in so many seconds, at least one. */
static size_t frames_in(const sori_input_config *in, double seconds) {
    double frames = round(seconds * in->sr / (data_is_waveform(in->feature) ? 1 : in->config.stft.hop_length));
    return frames < 1 ? 1 : (size_t)frames;
}

/* Which bins hold levels. The samples of a waveform all do, down to the range below full scale. An MFCC's first
 * coefficient is the sum of the mel bands' decibels over the root of their number (orthonormal DCT), so its range is
 * that many times larger. */
static void set_level(data_geometry *g) {
    const sori_input_config *in = &g->input;
    bool mfcc = !strcmp(in->feature, "mfcc");
    if (in->range_db < 0) return;
    if (g->waveform) g->level_bins = 1;
    if (is_db(in->feature)) g->level_bins = g->bins;
    else if (mfcc) g->level_bins = 1;
    g->range = (float)(mfcc ? in->range_db * sqrt(in->config.n_mels) : in->range_db);
    if (g->waveform) g->range = (float)pow(10, -in->range_db / 20);
}

/* The feature of zeros, long enough for a whole frame; a column from the middle. */
static void find_silence(sori_ctx *c, data_geometry *g) {
    const sori_input_config *in = &g->input;
    size_t n = 4 * (size_t)BASE_MAX(BASE_MAX(in->config.stft.n_fft, in->config.stft.hop_length), 1);
    int scope = sori_begin(c);
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), in->sr };
    sori_array *a = y.y ? data_features(c, in, y) : NULL;
    if (a) {
        size_t frames = a->shape[1];
        g->bins = a->shape[0];
        g->silence = base_alloc_raw(c, g->bins, sizeof *g->silence);
        for (size_t b = 0; g->silence && b < g->bins; b++)
            g->silence[b] = ((const float *)a->data)[b * frames + frames / 2];
    }
    sori_end(c, scope, NULL);
}

bool data_geometry_open(sori_ctx *c, data_geometry *g, const sori_input_config *input) {
    *g = (data_geometry){ .input = *input };
    if (!check_input(c, input)) return false;
    g->waveform = data_is_waveform(input->feature);
    g->frames = frames_in(input, input->segment_s);
    g->hop = frames_in(input, input->hop_s);
    find_silence(c, g);
    set_level(g);
    if (!base_failed(c) && g->bins * (double)g->frames > INT32_MAX)
        sori_fail(c, SORI_EINVAL, "input: segments of %zu x %zu values are too large", g->bins, g->frames);
    return !base_failed(c);
}

sori_shape data_geometry_shape(const data_geometry *g) {
    return g->waveform ? SORI_SHAPE((int)g->frames, 1) : SORI_SHAPE((int)g->bins, (int)g->frames, 1);
}

void data_geometry_close(sori_ctx *c, data_geometry *g) {
    base_free(c, g->silence);
    g->silence = NULL;
}

/* --- cache key -------------------------------------------------------------------------------------------------- */

char *data_input_key(sori_ctx *c, const sori_input_config *in) {
    const sori_feature_config *f = &in->config;
    const sori_stft_config *s = &f->stft;
    return base_printf(c,
                       "sori %s; feature %s sr %.17g n_fft %d hop %d win %d window %s uncentered %d pad %d exact %d "
                       "power %.17g n_mels %d fmin %.17g fmax %.17g htk %d norm %d n_mfcc %d dct %d lifter %.17g db %d "
                       "top_db %d %.17g roll %.17g bands %d quantile %.17g "
                       "tuning %d %.17g chroma %d bins %d %d bpm %.17g",
                       SORI_VERSION, in->feature, in->sr, s->n_fft, s->hop_length, s->win_length, s->window,
                       s->uncentered, (int)s->pad_mode, s->exact, f->power, f->n_mels, f->fmin, f->fmax, f->htk,
                       (int)f->mel_norm, f->n_mfcc, f->dct_type, f->lifter, f->db, f->top_db.mode, f->top_db.value,
                       f->roll_percent, f->n_bands, f->quantile, f->tuning.mode,
                       f->tuning.value, f->n_chroma, f->n_bins, f->bins_per_octave, f->start_bpm);
}
