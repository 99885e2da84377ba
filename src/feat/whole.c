/* whole.c - the table of features that need the whole sound. A new one is a function here and its row.
 *
 * Each row calls the public function of that name with the settings a feature may be given by name, and hands it the
 * spectrogram that the pass of sori_extract left, so that ten features cost one STFT. What is one line over time
 * (an envelope, a pitch) becomes [..., 1, frames], as rms is. */
#include "feat/feat.h"
#include <sori/cqt.h>
#include <sori/decompose.h>
#include <sori/level.h>
#include <sori/phase.h>
#include <sori/pitch.h>
#include <sori/rhythm.h>
#include <string.h>

/* [..., frames] to [..., 1, frames]. */
static sori_array *as_row(sori_array *a) {
    if (!a) return NULL;
    a->shape[a->ndim] = a->shape[a->ndim - 1];
    a->shape[a->ndim - 1] = 1;
    a->ndim++;
    return a;
}

/* --- pitch classes and pitch ------------------------------------------------------------------------------------ */

static sori_array *run_tuning(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_tuning_config config = { .piptrack = { .stft = g->stft, .S = feat_shared_S(shared, FEAT_NEED_MAGNITUDE) },
                                  .bins_per_octave = g->bins_per_octave };
    double tuning = sori_estimate_tuning(c, y, &config);
    return base_failed(c) ? NULL : sori_array_from(c, SORI_F64, 1, (size_t[]){ 1 }, &tuning);
}

static sori_array *run_chroma(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_chroma_config config = { .stft = g->stft, .S = feat_shared_S(shared, FEAT_NEED_POWER), .tuning = g->tuning,
                                  .n_chroma = g->n_chroma };
    return sori_chroma_stft(c, y, &config);
}

static sori_chroma_cqt_config chroma_settings(const sori_feature_config *g) {
    return (sori_chroma_cqt_config){ .hop_length = g->stft.hop_length, .fmin = g->fmin, .tuning = g->tuning,
                                     .n_chroma = g->n_chroma, .bins_per_octave = g->bins_per_octave,
                                     .exact = g->stft.exact };
}

static sori_array *run_chroma_cqt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_chroma_cqt_config config = chroma_settings(g);
    (void)shared;
    return sori_chroma_cqt(c, y, &config);
}

static sori_array *run_chroma_cens(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    (void)shared;
    return sori_chroma_cens(c, y, &(sori_chroma_cens_config){ .cqt = chroma_settings(g) });
}

static sori_array *run_chroma_vqt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_chroma_vqt_config config = { .hop_length = g->stft.hop_length, .fmin = g->fmin,
                                      .bins_per_octave = g->bins_per_octave, .exact = g->stft.exact };
    (void)shared;
    return sori_chroma_vqt(c, y, &config);
}

static sori_array *run_tonnetz(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    (void)shared;
    return sori_tonnetz(c, y, &(sori_tonnetz_config){ .cqt = chroma_settings(g) });
}

static sori_array *run_pyin(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_pyin_config config = { .fmin = g->fmin, .fmax = g->fmax, .frame_length = g->stft.n_fft,
                                .hop_length = g->stft.hop_length, .uncentered = g->stft.uncentered,
                                .pad_mode = g->stft.pad_mode, .exact = g->stft.exact };
    (void)shared;
    return as_row(sori_pyin(c, y, &config).f0);
}

/* --- constant Q ------------------------------------------------------------------------------------------------- */

static sori_cqt_config cqt_settings(const sori_feature_config *g) {
    return (sori_cqt_config){ .hop_length = g->stft.hop_length, .fmin = g->fmin, .n_bins = g->n_bins,
                              .bins_per_octave = g->bins_per_octave, .tuning = g->tuning, .exact = g->stft.exact };
}

static sori_array *run_cqt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_cqt_config config = cqt_settings(g);
    (void)shared;
    return sori_cqt(c, y, &config);
}

static sori_array *run_vqt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    (void)shared;
    return sori_vqt(c, y, &(sori_vqt_config){ .cqt = cqt_settings(g) });
}

static sori_array *run_pseudo_cqt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_cqt_config config = cqt_settings(g);
    (void)shared;
    return sori_pseudo_cqt(c, y, &config);
}

static sori_array *run_hybrid_cqt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_cqt_config config = cqt_settings(g);
    (void)shared;
    return sori_hybrid_cqt(c, y, &config);
}

static sori_array *run_iirt(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    (void)shared;
    return sori_iirt(c, y, &(sori_iirt_config){ .hop_length = g->stft.hop_length });
}

/* --- spectra taken apart ---------------------------------------------------------------------------------------- */

static sori_array *run_hpss(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared,
                            bool harmonic) {
    const sori_array *S = feat_shared_S(shared, FEAT_NEED_MAGNITUDE);
    if (!S) S = sori_spectrogram(c, y, &(sori_spectrogram_config){ .stft = g->stft });
    sori_array *out = NULL;
    if (S) feat_hpss(c, harmonic ? "harmonic" : "percussive", S, &(sori_hpss_config){ .power = 0 },
                     harmonic ? &out : NULL, harmonic ? NULL : &out);
    return out;
}

static sori_array *run_harmonic(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    return run_hpss(c, y, g, shared, true);
}

static sori_array *run_percussive(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    return run_hpss(c, y, g, shared, false);
}

static sori_mel_config mel_settings(const sori_feature_config *g, double power) {
    return (sori_mel_config){ .stft = g->stft, .power = power, .n_mels = g->n_mels, .fmin = g->fmin, .fmax = g->fmax,
                              .htk = g->htk, .norm = g->mel_norm };
}

/* Of a mel spectrogram of magnitudes on the scale of 32-bit samples, as librosa's manual does. */
static sori_array *run_pcen(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_mel_config mel = mel_settings(g, 1);
    sori_array *S = sori_melspectrogram(c, y, &mel);
    (void)shared;
    for (size_t i = 0; S && i < S->size; i++) ((float *)S->data)[i] *= 0x1p31f;
    sori_pcen_config config = { .sr = y.sr, .hop_length = g->stft.hop_length, .max_axis = SORI_VALUE(-2),
                                .exact = g->stft.exact };
    return S ? sori_pcen(c, S, &config) : NULL;
}

static sori_array *run_if(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    (void)shared;
    return sori_instantaneous_frequency(c, y, &(sori_if_config){ .stft = g->stft }).frequency;
}

/* --- rhythm ------------------------------------------------------------------------------------------------------ */

/* The onset envelope, its bands made one by mean (onsets, tempo) or by median (beats). */
static sori_array *envelope(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared,
                            sori_aggregate aggregate) {
    sori_onset_config config = { .mel = mel_settings(g, 2), .aggregate = aggregate };
    config.mel.S = feat_shared_S(shared, FEAT_NEED_MEL_DB);
    return sori_onset_strength(c, y, &config);
}

static sori_array *run_onset_strength(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    return as_row(envelope(c, y, g, shared, SORI_AGGREGATE_MEAN));
}

static sori_array *run_tempogram(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_tempogram_config config = { .onset_envelope = envelope(c, y, g, shared, SORI_AGGREGATE_MEAN),
                                     .hop_length = g->stft.hop_length, .exact = g->stft.exact };
    return config.onset_envelope ? sori_tempogram(c, y, &config) : NULL;
}

static sori_array *run_fourier_tempogram(sori_ctx *c, sori_audio y, const sori_feature_config *g,
                                         feat_shared *shared) {
    sori_tempogram_config config = { .onset_envelope = envelope(c, y, g, shared, SORI_AGGREGATE_MEAN),
                                     .hop_length = g->stft.hop_length, .exact = g->stft.exact };
    return config.onset_envelope ? sori_fourier_tempogram(c, y, &config) : NULL;
}

static sori_array *run_plp(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_plp_config config = { .onset_envelope = envelope(c, y, g, shared, SORI_AGGREGATE_MEDIAN),
                               .hop_length = g->stft.hop_length, .exact = g->stft.exact };
    return config.onset_envelope ? as_row(sori_plp(c, y, &config)) : NULL;
}

static sori_array *run_tempo(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_tempo_config config = { .onset_envelope = envelope(c, y, g, shared, SORI_AGGREGATE_MEAN),
                                 .hop_length = g->stft.hop_length, .start_bpm = g->start_bpm,
                                 .exact = g->stft.exact };
    return config.onset_envelope ? sori_tempo(c, y, &config) : NULL;
}

static sori_array *run_onsets(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_onset_detect_config config = { .onset_envelope = envelope(c, y, g, shared, SORI_AGGREGATE_MEAN),
                                        .hop_length = g->stft.hop_length, .units = SORI_UNITS_TIME };
    return config.onset_envelope ? sori_onset_detect(c, y, &config) : NULL;
}

static sori_array *run_beats(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_beat_config config = { .onset_envelope = envelope(c, y, g, shared, SORI_AGGREGATE_MEDIAN),
                                .hop_length = g->stft.hop_length, .start_bpm = g->start_bpm,
                                .units = SORI_UNITS_TIME, .exact = g->stft.exact };
    return config.onset_envelope ? sori_beat_track(c, y, &config).beats : NULL;
}

/* --- the table --------------------------------------------------------------------------------------------------- */

#define FRAMES SORI_FEATURE_FRAMES, true
#define EVENTS SORI_FEATURE_EVENTS, true
#define VALUE SORI_FEATURE_VALUE, true

static const feat_whole table[] = {
    { { "chroma", "librosa.feature.chroma_stft", "strength of the twelve pitch classes, the largest 1", "", FRAMES },
      FEAT_NEED_POWER, run_chroma },
    { { "chroma_cqt", "librosa.feature.chroma_cqt", "chroma from a constant-Q transform", "", FRAMES },
      FEAT_NEED_SOUND, run_chroma_cqt },
    { { "chroma_cens", "librosa.feature.chroma_cens", "chroma in five steps, smoothed: for matching", "", FRAMES },
      FEAT_NEED_SOUND, run_chroma_cens },
    { { "chroma_vqt", "librosa.feature.chroma_vqt", "chroma from a variable-Q transform", "", FRAMES },
      FEAT_NEED_SOUND, run_chroma_vqt },
    { { "tonnetz", "librosa.feature.tonnetz", "place on the circles of fifths and thirds", "", FRAMES },
      FEAT_NEED_SOUND, run_tonnetz },
    { { "cqt", "librosa.cqt", "complex spectrum on a musical scale", "", FRAMES }, FEAT_NEED_SOUND, run_cqt },
    { { "vqt", "librosa.vqt", "the same with shorter windows for low tones", "", FRAMES }, FEAT_NEED_SOUND, run_vqt },
    { { "pseudo_cqt", "librosa.pseudo_cqt", "magnitudes on a musical scale from one STFT", "", FRAMES },
      FEAT_NEED_SOUND, run_pseudo_cqt },
    { { "hybrid_cqt", "librosa.hybrid_cqt", "pseudo_cqt where filters are short, else |cqt|", "", FRAMES },
      FEAT_NEED_SOUND, run_hybrid_cqt },
    { { "iirt", "librosa.iirt", "energy of semitones, by filters", "power", FRAMES }, FEAT_NEED_SOUND, run_iirt },
    { { "harmonic", "librosa.decompose.hpss", "the magnitudes that last", "", FRAMES },
      FEAT_NEED_MAGNITUDE, run_harmonic },
    { { "percussive", "librosa.decompose.hpss", "the magnitudes that strike", "", FRAMES },
      FEAT_NEED_MAGNITUDE, run_percussive },
    { { "pcen", "librosa.pcen", "mel bands, each with gain control and compression", "", FRAMES },
      FEAT_NEED_SOUND, run_pcen },
    { { "if", "", "instantaneous frequency: turn of the phase over pi (GANSynth)", "", FRAMES },
      FEAT_NEED_SOUND, run_if },
    { { "onset_strength", "librosa.onset.onset_strength", "how much louder bands have become", "dB", FRAMES },
      FEAT_NEED_MEL_DB, run_onset_strength },
    { { "tempogram", "librosa.feature.tempogram", "autocorrelation of the onset strength", "", FRAMES },
      FEAT_NEED_MEL_DB, run_tempogram },
    { { "fourier_tempogram", "librosa.feature.fourier_tempogram", "spectrum of the onset strength", "", FRAMES },
      FEAT_NEED_MEL_DB, run_fourier_tempogram },
    { { "plp", "librosa.beat.plp", "predominant local pulse", "", FRAMES }, FEAT_NEED_MEL_DB, run_plp },
    { { "pyin", "librosa.pyin", "fundamental frequency, nan where there is none", "Hz", FRAMES },
      FEAT_NEED_SOUND, run_pyin },
    { { "onsets", "librosa.onset.onset_detect", "times where notes begin", "s", EVENTS },
      FEAT_NEED_MEL_DB, run_onsets },
    { { "beats", "librosa.beat.beat_track", "times of beats", "s", EVENTS }, FEAT_NEED_MEL_DB, run_beats },
    { { "tempo", "librosa.feature.tempo", "beats a minute", "BPM", VALUE }, FEAT_NEED_MEL_DB, run_tempo },
    { { "tuning", "librosa.estimate_tuning", "deviation from A = 440 Hz", "bins", VALUE },
      FEAT_NEED_MAGNITUDE, run_tuning },
};

const feat_whole *feat_whole_at(size_t i) { return i < BASE_COUNT(table) ? &table[i] : NULL; }

const feat_whole *feat_whole_find(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(table); i++)
        if (name && !strcmp(table[i].info.name, name)) return &table[i];
    return NULL;
}
