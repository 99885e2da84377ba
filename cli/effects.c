/* effects.c - the effects by name: options to the library's configs. To add one: a function and a row. Those on samples
 * alone are in effects_wave.c. */
#include "effects.h"
#include <math.h>
#include <stdlib.h>

/* --- time and pitch -------------------------------------------------------------------------------------------- */

static sori_stft_config stft_of(const cli *k) {
    return (sori_stft_config){ .n_fft = (int)cli_int(k, "n_fft"), .hop_length = (int)cli_int(k, "hop_length") };
}

static sori_audio stretch(effects_run *r, sori_audio y) {
    sori_stft_config stft = stft_of(r->k);
    return sori_time_stretch(r->k->c, y, cli_number(r->k, "rate"), &stft);
}

static sori_audio pitch(effects_run *r, sori_audio y) {
    sori_pitch_shift_config config = { .stft = stft_of(r->k), .res_type = (sori_res_type)cli_choice(r->k, "res_type"),
                                       .bins_per_octave = (int)cli_int(r->k, "bins_per_octave") };
    return sori_pitch_shift(r->k->c, y, cli_number(r->k, "n_steps"), &config);
}

static sori_audio speed(effects_run *r, sori_audio y) {
    return sori_speed(r->k->c, y, cli_number(r->k, "factor"), (sori_res_type)cli_choice(r->k, "res_type"));
}

/* --- what lasts and what strikes ------------------------------------------------------------------------------- */

static sori_effects_hpss_config hpss_of(const cli *k) {
    return (sori_effects_hpss_config){ .stft = stft_of(k),
                                       .hpss = { .kernel_size = { (int)cli_int(k, "kernel_size") },
                                                 .power = cli_number(k, "power"),
                                                 .margin = { cli_number(k, "margin") } } };
}

static sori_audio harmonic(effects_run *r, sori_audio y) {
    sori_effects_hpss_config config = hpss_of(r->k);
    return sori_harmonic(r->k->c, y, &config);
}

static sori_audio percussive(effects_run *r, sori_audio y) {
    sori_effects_hpss_config config = hpss_of(r->k);
    return sori_percussive(r->k->c, y, &config);
}

static void hpss(effects_run *r, sori_audio y) {
    sori_effects_hpss_config config = hpss_of(r->k);
    sori_effects_hpss_result parts = sori_effects_hpss(r->k->c, y, &config);
    effects_write(r, "_harmonic", parts.harmonic);
    effects_write(r, "_percussive", parts.percussive);
}

/* --- silence and order ----------------------------------------------------------------------------------------- */

static sori_silence_config silence_of(const cli *k) {
    return (sori_silence_config){ .top_db = SORI_VALUE(cli_number(k, "top_db")),
                                  .frame_length = (int)cli_int(k, "frame_length"),
                                  .hop_length = (int)cli_int(k, "hop_length") };
}

static sori_audio trim(effects_run *r, sori_audio y) {
    sori_silence_config config = silence_of(r->k);
    return sori_trim(r->k->c, y, &config).y;
}

/* Numbers of n pieces are all as wide as the last, at least three digits, so that names sort as the pieces do. */
static void put_number(char *out, size_t size, size_t i, size_t n) {
    int width = snprintf(NULL, 0, "%zu", n ? n - 1 : 0);
    snprintf(out, size, "%0*zu", width < 3 ? 3 : width, i);
}

static void write_pieces(effects_run *r, sori_audio y, const sori_array *intervals) {
    const int64_t *ends = intervals->data;
    size_t n = intervals->shape[0];
    for (size_t i = 0; i < n && sori_error(r->k->c) == SORI_OK; i++) {
        char suffix[32] = "_";
        put_number(suffix + 1, sizeof suffix - 1, i, n);
        int scope = sori_begin(r->k->c);
        sori_array *one = sori_array_from(r->k->c, SORI_I64, 2, (size_t[]){ 1, 2 }, ends + 2 * i);
        effects_write(r, suffix, sori_remix(r->k->c, y, one, &(sori_remix_config){ .unaligned = true }));
        sori_end(r->k->c, scope, NULL);
    }
}

/* Times are the file's, also when reading began later. */
static void write_labels(effects_run *r, sori_audio y, const sori_array *intervals) {
    const int64_t *ends = intervals->data;
    size_t n = intervals->shape[0];
    double offset_s = r->job->load.offset_s;
    sori_label *labels = cli_alloc(n, sizeof *labels);
    char (*texts)[32] = cli_alloc(n, sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        put_number(texts[i], sizeof texts[i], i, n);
        labels[i] = (sori_label){ .start_s = offset_s + (double)ends[2 * i] / y.sr,
                                  .end_s = offset_s + (double)ends[2 * i + 1] / y.sr, .text = texts[i] };
    }
    sori_labels_config config = { .duration_s = offset_s + (double)y.y->shape[y.y->ndim - 1] / y.sr };
    char *path = effects_path(r, "");
    if (sori_save_labels(r->k->c, path, labels, n, &config) != SORI_OK) r->told = true;
    free(path);
    free(texts);
    free(labels);
}

static void split(effects_run *r, sori_audio y) {
    sori_silence_config config = silence_of(r->k);
    sori_array *intervals = sori_split_silence(r->k->c, y, &config);
    if (!intervals) return;
    (r->job->format >= EFFECTS_TXT ? write_labels : write_pieces)(r, y, intervals);
    if (intervals->shape[0] == 0) cli_say(r->k, "%s: silence, without pieces", r->path);
}

/* A label as samples. What lies beyond the sound by less than one is rounded into it. */
static bool interval_of(effects_run *r, const sori_label *l, sori_audio y, int64_t ends[2]) {
    size_t n = y.y->shape[y.y->ndim - 1];
    double offset_s = r->job->load.offset_s, at[2] = { (l->start_s - offset_s) * y.sr, (l->end_s - offset_s) * y.sr };
    if (!(at[0] > -1 && at[1] < (double)n + 1)) {
        sori_fail(r->k->c, SORI_EINVAL, "the label from %g to %g s does not lie in the sound, %g to %g s", l->start_s,
                  l->end_s, offset_s, offset_s + (double)n / y.sr);
        return false;
    }
    for (int i = 0; i < 2; i++) ends[i] = llrint(fmax(0, fmin(at[i], (double)n)));
    return true;
}

static sori_audio remix(effects_run *r, sori_audio y) {
    sori_audio none = { 0 };
    sori_labels labels = sori_load_labels(r->k->c, cli_text(r->k, "labels"), NULL);
    if (labels.memory && labels.n == 0)
        sori_fail(r->k->c, SORI_EFORMAT, "%s: there is no label in it", cli_text(r->k, "labels"));
    r->told = sori_error(r->k->c) != SORI_OK;
    if (r->told) return none;
    sori_array *intervals = sori_array_new(r->k->c, SORI_I64, 2, (size_t[]){ labels.n, 2 });
    for (size_t i = 0; intervals && i < labels.n; i++)
        if (!interval_of(r, &labels.items[i], y, (int64_t *)intervals->data + 2 * i)) return none;
    sori_remix_config config = { .unaligned = !cli_flag(r->k, "align_zeros") };
    return sori_remix(r->k->c, y, intervals, &config);
}

/* --- samples ---------------------------------------------------------------------------------------------------- */

static sori_audio preemphasis(effects_run *r, sori_audio y) {
    sori_emphasis_config config = { .coef = SORI_VALUE(cli_number(r->k, "coef")) };
    return sori_preemphasis(r->k->c, y, &config);
}

static sori_audio deemphasis(effects_run *r, sori_audio y) {
    sori_emphasis_config config = { .coef = SORI_VALUE(cli_number(r->k, "coef")) };
    return sori_deemphasis(r->k->c, y, &config);
}

static sori_audio resample(effects_run *r, sori_audio y) {
    sori_resample_config config = { .res_type = (sori_res_type)cli_choice(r->k, "res_type") };
    return sori_resample(r->k->c, y, (double)cli_int(r->k, "target_sr"), &config);
}

static sori_audio normalize(effects_run *r, sori_audio y) {
    return sori_normalize_peak(r->k->c, y, cli_number(r->k, "peak"));
}

static sori_audio quantize(effects_run *r, sori_audio y) {
    return (sori_audio){ sori_quantize(r->k->c, y.y, (int)cli_int(r->k, "bits"), false), y.sr };
}

/* --- tables ----------------------------------------------------------------------------------------------------- */

const effect effects[] = {
    { "stretch", "librosa.effects.time_stretch", "another length, the same pitch", "rate|n_fft|hop_length", "rate",
      .one = stretch },
    { "pitch", "librosa.effects.pitch_shift", "another pitch, the same length",
      "n_steps|bins_per_octave|n_fft|hop_length", "n_steps", .one = pitch },
    { "speed", "SoX's speed", "faster and higher, as a tape", "factor", "factor", .one = speed },
    { "harmonic", "librosa.effects.harmonic", "what lasts: melody and chords",
      "margin|kernel_size|power|n_fft|hop_length", .one = harmonic },
    { "percussive", "librosa.effects.percussive", "what strikes: drums",
      "margin|kernel_size|power|n_fft|hop_length", .one = percussive },
    { "hpss", "librosa.effects.hpss", "both, as NAME_harmonic and NAME_percussive",
      "margin|kernel_size|power|n_fft|hop_length", .several = hpss },
    { "trim", "librosa.effects.trim", "without the silence before and after", "top_db|frame_length|hop_length",
      .one = trim },
    { "split", "librosa.effects.split", "the pieces between silences, as NAME_000 and on, or their times",
      "top_db|frame_length|hop_length", .several = split, .labels = true },
    { "remix", "librosa.effects.remix", "the pieces that a label file names, in its order", "labels|align_zeros",
      "labels", .one = remix },
    { "preemphasis", "librosa.effects.preemphasis", "high frequencies raised", "coef", .one = preemphasis },
    { "deemphasis", "librosa.effects.deemphasis", "the inverse of preemphasis", "coef", .one = deemphasis },
    { "resample", "librosa.resample", "another sampling rate", "target_sr", "target_sr", .one = resample },
    { "normalize", "librosa.util.normalize", "as loud as can be, the balance of channels kept", "peak",
      .one = normalize },
    { "quantize", "", "rounded to fewer bits", "bits", "bits", .one = quantize },
    { "gain", "audiomentations Gain", "louder or softer", "gain_db", "gain_db", .one = effects_gain },
    { "noise", "audiomentations AddBackgroundNoise", "noise, or another sound, mixed in at a signal-to-noise ratio",
      "snr|color|noise", "snr", .one = effects_noise },
    { "shift", "audiomentations Shift", "later or earlier, the same length", "seconds|circular", "seconds",
      .one = effects_shift },
    { "polarity", "audiomentations PolarityInversion", "turned upside down", "", .one = effects_polarity },
    { "filter", "audiomentations LowPassFilter", "through one filter of second order", "kind|frequency|q|gain_db",
      "frequency", .one = effects_filter },
    { "equalize", "audiomentations SevenBandParametricEQ", "through several", "bands", "bands",
      .one = effects_equalize },
    { "compress", "pedalboard Compressor", "loud parts made quieter",
      "threshold_db|ratio|knee_db|attack|release|makeup_db|separate", .one = effects_compress },
    { "clip", "audiomentations ClippingDistortion", "distorted", "level|percentile|soft", .one = effects_clip },
    { "reverb", "pedalboard Reverb", "in a room", "decay|damping|room_size|wet|keep_tail", .one = effects_reverb },
    { "convolve", "audiomentations ApplyImpulseResponse", "through an impulse response", "ir|wet|keep_tail", "ir",
      .one = effects_convolve },
    { "mp3", "audiomentations Mp3Compression", "after a round trip through MP3", "bit_rate|quality",
      .one = effects_mp3 },
    { NULL }
};

static const cli_option options[] = {
    { "rate", 0, CLI_NUMBER, "R", NULL, "stretch: 2 is twice as fast", 1e-3, 1e3 },
    { "n_steps", 0, CLI_NUMBER, "N", NULL, "pitch: semitones up, or down if negative", -240, 240 },
    { "bins_per_octave", 0, CLI_INT, "N", "12", "pitch: steps in an octave", 1, 1200 },
    { "factor", 0, CLI_NUMBER, "F", NULL, "speed: 2 is twice as fast and an octave higher", 1e-2, 1e2 },
    { "margin", 0, CLI_NUMBER, "M", "1", "harmonic, percussive, hpss: how far a part must stand out", 1, 1e6 },
    { "kernel_size", 0, CLI_INT, "N", "31", "the same: frames and bins under the median", 1, 1 << 16 },
    { "power", 0, CLI_NUMBER, "P", "2", "the same: exponent of the masks", 1e-3, 1e3 },
    { "top_db", 0, CLI_NUMBER, "DB", "60", "trim, split: what lies this far below the loudest is silence", 0, 1e3 },
    { "frame_length", 0, CLI_INT, "N", "2048", "trim, split: samples in a frame", 1, 1 << 24 },
    { "n_fft", 0, CLI_INT, "N", "2048", "stretch, pitch, hpss: samples in a frame", 1, 1 << 24 },
    { "hop_length", 0, CLI_INT, "N", NULL,
      "samples from frame to frame; default: 512 (trim, split), n_fft / 4 (others)", 1, 1 << 24 },
    { "labels", 0, CLI_FILE, "FILE", NULL, "remix: .txt of Audacity, .csv or .jams" },
    { "align_zeros", 0, CLI_SWITCH, .standard = "yes", .help = "remix: cut where the sound crosses zero" },
    { "coef", 0, CLI_NUMBER, "C", "0.97", "preemphasis, deemphasis: how much of the sample before counts", -1e3, 1e3 },
    { "target_sr", 0, CLI_INT, "HZ", NULL, "resample: the new rate", 1, 2147483647 },
    { "peak", 0, CLI_NUMBER, "LEVEL", "1", "normalize: the largest sample afterwards", 1e-6, 1 },
    { "bits", 0, CLI_INT, "N", NULL, "quantize: bits of a sample", 2, 24 },
    { NULL }
};
const cli_group effects_group = { "Options of the effects, with librosa's names", options };
