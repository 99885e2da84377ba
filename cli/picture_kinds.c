/* picture_kinds.c - the table of pictures. A new one is a row, and a function where no other one's will do. */
#include "picture.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DARKEST 80           /* dB below the loudest, where --top_db says nothing */
#define PITCH_FMIN 65.4      /* Hz, where pyin looks for pitches: C2 to C7 */
#define PITCH_FMAX 2093
#define SLOW 30              /* BPM, slower than any tempo */
#define MOST_COMPARED 1500   /* frames of a similarity matrix; more are averaged in groups */

void picture_need(picture *p, const char *feature) {
    for (size_t i = 0; i < p->count; i++)
        if (!strcmp(p->names[i], feature)) return;
    p->names[p->count++] = feature;
}

sori_array *picture_feature(const picture *p, const char *name) {
    for (size_t i = 0; i < p->count; i++)
        if (!strcmp(p->names[i], name)) return p->arrays[i];
    return NULL;
}

double *picture_times(const picture *p, size_t n) {
    double *t = cli_alloc(n, sizeof *t), middle = p->config.stft.uncentered ? p->config.stft.n_fft / 2 : 0;
    for (size_t i = 0; i < n; i++)
        t[i] = p->start_s + (middle + (double)i * p->config.stft.hop_length) / p->mono.sr;
    return t;
}

/* --- sound itself ------------------------------------------------------------------------------------------------ */

static void add_waveform(cli *k, const picture *p, const picture_kind *kind) {
    (void)k;
    sori_plot_waveform(p->plot, p->y, &(sori_waveform_config){ .title = kind->title, .start_s = p->start_s });
}

static void add_spectrum(cli *k, const picture *p, const picture_kind *kind) {
    (void)k;
    sori_plot_spectrum(p->plot, p->mono,
                       &(sori_spectrum_config){ .title = kind->title, .linear = p->linear, .axis = p->axis });
}

/* --- matrices ---------------------------------------------------------------------------------------------------- */

static sori_matrix_config matrix_config(const picture *p, const picture_kind *kind) {
    bool banded = kind->rows == SORI_ROWS_MEL || kind->rows == SORI_ROWS_CQT;
    sori_matrix_config g = {
        .title = kind->title, .unit = kind->unit, .rows = kind->rows, .row_names = kind->row_names, .axis = p->axis,
        .start_s = p->start_s, .sr = p->mono.sr, .hop_length = p->config.stft.hop_length,
        .n_fft = p->config.stft.n_fft, .uncentered = p->config.stft.uncentered, .htk = p->config.htk,
        .fmin = banded ? p->config.fmin : 0, .fmax = kind->rows == SORI_ROWS_MEL ? p->config.fmax : 0,
        .bins_per_octave = p->config.bins_per_octave };
    if (kind->one_is_most) g.vmin = SORI_VALUE(0), g.vmax = SORI_VALUE(1);
    return g;
}

static double largest_of(const sori_array *S, size_t from) {
    float most = 0;
    for (size_t i = from; S && i < S->size; i++) most = fmaxf(most, ((const float *)S->data)[i]);
    return most;
}

/* In dB below the loudest value, as librosa's tutorials show spectrograms; or as it is, with its unit.
 * Silence has no loudest value, and is dark. */
static sori_array *shown(cli *k, const picture *p, const picture_kind *kind, sori_array *S, sori_matrix_config *g) {
    double power = kind->power_option && p->config.power ? p->config.power : kind->power;
    if (S && S->dtype == SORI_C64) S = sori_magnitude(k->c, S);
    if (kind->power == 0) return S;
    g->unit = !p->linear ? "dB" : power == 1 ? "amplitude" : "power";
    if (p->linear) return S;
    bool silent = !(largest_of(S, 0) > 0);
    sori_db_config config = { .ref_max = !silent, .top_db = cli_opt(k, "top_db") };
    if (silent) g->vmin = SORI_VALUE(-DARKEST), g->vmax = SORI_VALUE(0);
    return power == 1 ? sori_amplitude_to_db(k->c, S, &config) : sori_power_to_db(k->c, S, &config);
}

static void add_matrix(cli *k, const picture *p, const picture_kind *kind) {
    sori_matrix_config g = matrix_config(p, kind);
    sori_array *S = shown(k, p, kind, picture_feature(p, kind->features[0]), &g);
    sori_plot_matrix(p->plot, S, &g);
}

/* Of filters that stand at C1, C#1, ... whatever fmin is. */
static void add_semitones(cli *k, const picture *p, const picture_kind *kind) {
    sori_matrix_config g = matrix_config(p, kind);
    sori_array *S = shown(k, p, kind, picture_feature(p, kind->features[0]), &g);
    g.fmin = g.bins_per_octave = 0;
    sori_plot_matrix(p->plot, S, &g);
}

/* Colours as what is not below SLOW asks for: the mean and the slowest waves of the strength are larger, and no tempo.
 * n_fft is the number of frames under its window, which the rows tell. */
static void add_fourier_tempogram(cli *k, const picture *p, const picture_kind *kind) {
    sori_matrix_config g = matrix_config(p, kind);
    sori_array *S = shown(k, p, kind, picture_feature(p, kind->features[0]), &g);
    g.n_fft = 0;
    if (S && S->shape[0] > 1) {
        double step = 60 * p->mono.sr / p->config.stft.hop_length / (2 * (double)(S->shape[0] - 1));
        double most = largest_of(S, (size_t)ceil(SLOW / step) * S->shape[1]);
        if (most > 0) g.vmin = SORI_VALUE(0), g.vmax = SORI_VALUE(most);
    }
    sori_plot_matrix(p->plot, S, &g);
}

/* Both parts with the same colours, so that one sees which is the louder. */
static void add_hpss(cli *k, const picture *p, const picture_kind *kind) {
    static const char *const titles[] = { "Harmonic: what lasts", "Percussive: what strikes" };
    sori_array *parts[] = { picture_feature(p, kind->features[0]), picture_feature(p, kind->features[1]) };
    double most = fmax(largest_of(parts[0], 0), largest_of(parts[1], 0));
    sori_opt top_db = cli_opt(k, "top_db");
    double deepest = top_db.mode == 1 && top_db.value > 0 ? top_db.value : DARKEST;
    for (int i = 0; i < 2; i++) {
        sori_matrix_config g = matrix_config(p, kind);
        sori_db_config config = { .ref = most > 0 ? most : 1, .top_db = top_db };
        g.title = titles[i];
        g.unit = p->linear ? "amplitude" : "dB";
        if (p->linear) g.vmin = SORI_VALUE(0), g.vmax = SORI_VALUE(most > 0 ? most : 1);
        else g.vmin = SORI_VALUE(-deepest), g.vmax = SORI_VALUE(0);
        sori_plot_matrix(p->plot, p->linear ? parts[i] : sori_amplitude_to_db(k->c, parts[i], &config), &g);
        if (i == 0) picture_add_overlays(k, p, kind);
    }
}

/* Octaves from 200 Hz up, after one band of all that is below, as librosa's. */
static void add_contrast(cli *k, const picture *p, const picture_kind *kind) {
    enum { BANDS = 65 };
    char texts[BANDS][32];
    const char *names[BANDS];
    const sori_array *S = picture_feature(p, kind->features[0]);
    sori_matrix_config g = matrix_config(p, kind);
    (void)k;
    for (int i = 0; S && i < BANDS && (size_t)i < S->shape[0]; i++) {
        double lo = i ? 200 * exp2(i - 1) : 0, hi = (size_t)i + 1 < S->shape[0] ? 200 * exp2(i) : p->mono.sr / 2;
        if (lo >= 1000) snprintf(texts[i], sizeof texts[i], "%.3g–%.3g kHz", lo / 1000, hi / 1000);
        else snprintf(texts[i], sizeof texts[i], "%.0f–%.0f Hz", lo, hi);
        names[i] = texts[i];
    }
    g.row_names = names;
    sori_plot_matrix(p->plot, S, &g);
}

/* --- sound against itself ---------------------------------------------------------------------------------------- */

/* Means of `block` frames; of rows that are then, if `even`, moved and scaled to mean 0 and deviation 1. */
static sori_array *coarser(cli *k, const sori_array *S, size_t block, bool even) {
    size_t rows = S->shape[0], n = S->shape[1], cols = (n + block - 1) / block;
    sori_array *out = sori_array_new(k->c, SORI_F32, 2, (size_t[]){ rows, cols });
    for (size_t r = 0; out && r < rows; r++) {
        const float *from = (const float *)S->data + r * n;
        float *to = (float *)out->data + r * cols;
        double mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            size_t left = n - i / block * block;
            to[i / block] += from[i] / (float)(left < block ? left : block);
        }
        for (size_t i = 0; i < cols; i++) mean += to[i] / (double)cols;
        for (size_t i = 0; i < cols; i++) squares += (to[i] - mean) * (to[i] - mean) / (double)cols;
        for (size_t i = 0; even && i < cols; i++)
            to[i] = squares > 1e-12 ? (float)((to[i] - mean) / sqrt(squares)) : 0;
    }
    return out;
}

/* The cosine between any two frames' features. */
static void add_similarity(cli *k, const picture *p, const picture_kind *kind) {
    const sori_array *S = picture_feature(p, kind->features[0]);
    if (!S) return;
    size_t block = (S->shape[1] + MOST_COMPARED - 1) / MOST_COMPARED;
    sori_array *X = coarser(k, S, block, !kind->one_is_most);
    sori_array *R = sori_cross_similarity(k->c, X, X, &(sori_recurrence_config){
        .metric = SORI_METRIC_COSINE, .mode = SORI_RECURRENCE_DISTANCE, .full = true });
    for (size_t i = 0; R && i < R->size; i++) ((float *)R->data)[i] = 1 - ((float *)R->data)[i];
    sori_matrix_config g = matrix_config(p, kind);
    g.hop_length *= (int)block;
    g.start_s += (double)(block - 1) / 2 * p->config.stft.hop_length / p->mono.sr;
    g.height = p->height > 0 ? p->height : 0.85 * p->width;
    if (!kind->one_is_most) g.vmin = SORI_VALUE(-1), g.vmax = SORI_VALUE(1);
    sori_plot_matrix(p->plot, R, &g);
}

/* --- curves ------------------------------------------------------------------------------------------------------ */

/* [n] as doubles; freed by free(). */
static double *values_of(const sori_array *S, size_t n) {
    double *y = cli_alloc(n, sizeof *y);
    for (size_t i = 0; i < n; i++) y[i] = S->dtype == SORI_F64 ? ((double *)S->data)[i] : ((float *)S->data)[i];
    return y;
}

/* Over all of the sound. The y axis of a curve without any values is that of what was looked for. */
static void add_line(const picture *p, const picture_kind *kind, const char *title) {
    const sori_array *S = picture_feature(p, kind->features[0]);
    if (!S) return;
    size_t n = S->shape[S->ndim - 1];
    double *t = picture_times(p, n), *y = values_of(S, n), most = -INFINITY;
    for (size_t i = 0; i < n; i++) most = y[i] > most ? y[i] : most;
    sori_curves_config g = { .title = title, .y_label = kind->unit, .x = SORI_TIME, .log_y = kind->log_y,
                             .x_min = SORI_VALUE(p->start_s),
                             .x_max = SORI_VALUE(p->start_s + (double)p->mono.y->size / p->mono.sr) };
    if (kind->log_y && !isfinite(most)) {
        g.y_min = SORI_VALUE(p->config.fmin > 0 ? p->config.fmin : PITCH_FMIN);
        g.y_max = SORI_VALUE(p->config.fmax > 0 ? p->config.fmax : PITCH_FMAX);
    } else if (most == 0) g.y_min = SORI_VALUE(0);
    sori_plot_curves(p->plot, &(sori_series){ .x = t, .y = y, .n = n }, 1, &g);
    free(t);
    free(y);
}

static void add_curve(cli *k, const picture *p, const picture_kind *kind) {
    (void)k;
    add_line(p, kind, kind->title);
}

/* With how fast they come. */
static void add_beats(cli *k, const picture *p, const picture_kind *kind) {
    const sori_array *beats = picture_feature(p, "beats");
    size_t n = beats ? beats->size : 0;
    const double *t = n ? beats->data : NULL;
    (void)k;
    char *title = n > 1 ? cli_printf("%s: %.1f BPM", kind->title, 60 * (double)(n - 1) / (t[n - 1] - t[0]))
                        : cli_printf("%s: none found", kind->title);
    add_line(p, kind, title);
    free(title);
}

static void add_pitch(cli *k, const picture *p, const picture_kind *kind) {
    const sori_array *f0 = picture_feature(p, kind->features[0]);
    bool found = false;
    (void)k;
    for (size_t i = 0; f0 && i < f0->size; i++) found |= isfinite(((const double *)f0->data)[i]);
    char *title = cli_printf("%s%s", kind->title, found ? "" : ": none found");
    add_line(p, kind, title);
    free(title);
}

/* --- the table --------------------------------------------------------------------------------------------------- */

static const char *const tonnetz_names[] = { "Fifth x", "Fifth y", "Minor third x", "Minor third y", "Major third x",
                                             "Major third y" };

#define FREQUENCY "Frequency (Hz)"

static const picture_kind table[] = {
    { "waveform", "amplitude over time", add_waveform, .title = "Waveform" },
    { "spectrum", "level over frequency, of the whole sound", add_spectrum, .title = "Spectrum", .untimed = true },
    { "spectrogram", "level over time and frequency", add_matrix, { "spectrogram" }, "Spectrogram", .power = 1,
      .power_option = true, .hz = true },
    { "mel", "the same in mel bands", add_matrix, { "mel" }, "Mel spectrogram", .rows = SORI_ROWS_MEL, .power = 2,
      .power_option = true, .hz = true },
    { "mfcc", "mel-frequency cepstral coefficients", add_matrix, { "mfcc" }, "MFCC", "", SORI_ROWS_COEFF },
    { "pcen", "mel bands with gain control", add_matrix, { "pcen" }, "Mel spectrogram, per-channel energy normalised",
      "PCEN", SORI_ROWS_MEL, .hz = true },
    { "cqt", "constant-Q transform: level of the notes", add_matrix, { "cqt" }, "Constant-Q transform",
      .rows = SORI_ROWS_CQT, .power = 1, .hz = true },
    { "vqt", "variable-Q transform", add_matrix, { "vqt" }, "Variable-Q transform", .rows = SORI_ROWS_CQT, .power = 1,
      .hz = true },
    { "iirt", "energy of semitones, by filters", add_semitones, { "iirt" }, "Semitone filters", .rows = SORI_ROWS_CQT,
      .power = 2, .hz = true },
    { "chroma", "pitch classes, from the spectrogram", add_matrix, { "chroma" }, "Chroma", "of the largest",
      SORI_ROWS_CHROMA, .one_is_most = true },
    { "chroma_cqt", "pitch classes, from a constant-Q transform", add_matrix, { "chroma_cqt" },
      "Chroma (constant-Q)", "of the largest", SORI_ROWS_CHROMA, .one_is_most = true },
    { "chroma_cens", "pitch classes, smoothed", add_matrix, { "chroma_cens" }, "Chroma (energy normalised)", "strength",
      SORI_ROWS_CHROMA, .one_is_most = true },
    { "tonnetz", "place on the circles of fifths and thirds", add_matrix, { "tonnetz" }, "Tonnetz: tonal centroid", "",
      SORI_ROWS_COEFF, tonnetz_names },
    { "contrast", "peaks over valleys in octave bands", add_contrast, { "contrast" }, "Spectral contrast", "dB",
      SORI_ROWS_COEFF },
    { "hpss", "harmonic and percussive spectrogram, two panels", add_hpss, { "harmonic", "percussive" }, .hz = true },
    { "tempogram", "which tempo is heard when, by autocorrelation", add_matrix, { "tempogram" },
      "Tempogram: autocorrelation of the onset strength", "of the largest", SORI_ROWS_TEMPO, .one_is_most = true },
    { "fourier_tempogram", "the same by Fourier transform", add_fourier_tempogram, { "fourier_tempogram" },
      "Fourier tempogram: spectrum of the onset strength", "amplitude", SORI_ROWS_FOURIER_TEMPO },
    { "onset", "onset strength, and the onsets", add_curve, { "onset_strength", "onsets" }, "Onset strength",
      "Rise (dB)", .draws = DRAW_ONSETS },
    { "beats", "onset strength, the beats, and their tempo", add_beats, { "onset_strength", "beats" }, "Beats",
      "Rise (dB)", .draws = DRAW_BEATS },
    { "pulse", "predominant local pulse", add_curve, { "plp" }, "Predominant local pulse", "Pulse" },
    { "pitch", "fundamental frequency (pyin)", add_pitch, { "pyin" }, "Pitch", FREQUENCY, .log_y = true,
      .draws = DRAW_F0 },
    { "rms", "root mean square of the frames", add_curve, { "rms" }, "Root mean square", "RMS" },
    { "zcr", "zero crossings", add_curve, { "zcr" }, "Zero-crossing rate", "Share of samples" },
    { "centroid", "centre of gravity of the spectrum", add_curve, { "centroid" }, "Spectral centroid", FREQUENCY,
      .draws = DRAW_CENTROID },
    { "bandwidth", "spread of the spectrum", add_curve, { "bandwidth" }, "Spectral bandwidth", FREQUENCY },
    { "rolloff", "frequency below which most of the spectrum lies", add_curve, { "rolloff" }, "Spectral roll-off",
      FREQUENCY, .draws = DRAW_ROLLOFF },
    { "flatness", "how noise-like the spectrum is", add_curve, { "flatness" }, "Spectral flatness", "Flatness" },
    { "similarity", "which moments have the same harmony (CENS chroma)", add_similarity,
      { "chroma_cens" }, "Self-similarity of harmony (CENS chroma)", "cosine", SORI_ROWS_TIME, .one_is_most = true },
    { "similarity_mfcc", "which moments sound the same (MFCC)", add_similarity, { "mfcc" },
      "Self-similarity of timbre (MFCC)", "cosine", SORI_ROWS_TIME },
};

_Static_assert(CLI_COUNT(table) <= PICTURE_KINDS, "a picture has room for every kind");

const picture_kind *picture_kind_at(size_t i) { return i < CLI_COUNT(table) ? &table[i] : NULL; }

const picture_kind *picture_kind_find(const char *name) {
    for (size_t i = 0; i < CLI_COUNT(table); i++)
        if (!strcmp(table[i].name, name)) return &table[i];
    return NULL;
}
