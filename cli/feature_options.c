/* feature_options.c - librosa's option names, shared by every command that loads sound or computes features. */
#include "cli.h"

#define RES_TYPES "soxr_hq|soxr_vhq|soxr_mq|soxr_lq|soxr_qq|kaiser_best|kaiser_fast|polyphase"

/* The words stand in the order of the library's enums, which cli_choice gives. */
static const cli_option load_options[] = {
    { "sr", 0, CLI_NUMBER, "HZ", "22050", "resample to this rate; 0: keep the file's own", 0, 2147483647 },
    { "mono", 0, CLI_SWITCH, .standard = "yes", .negative = "multichannel",
      .help = "average the channels, or keep them" },
    { "offset", 0, CLI_NUMBER, "SECONDS", "0", "start reading here", 0, 1e9 },
    { "duration", 0, CLI_NUMBER, "SECONDS", "0", "read only this much; 0: to the end", 0, 1e9 },
    { "res_type", 0, CLI_CHOICE, RES_TYPES, "soxr_hq", "how to resample" },
    { "strict", 0, CLI_FLAG, .help = "a truncated file is an error, not a warning" },
    { NULL }
};
const cli_group cli_load_group = { "Loading, as librosa.load", load_options };

static const cli_option sound_options[] = {
    { "sr", 0, CLI_NUMBER, "HZ", "0", "resample to this rate first; 0: keep the file's own", 0, 2147483647 },
    { "mono", 0, CLI_SWITCH, .standard = "no", .negative = "multichannel",
      .help = "average the channels, or keep them" },
    { "offset", 0, CLI_NUMBER, "SECONDS", "0", "start reading here", 0, 1e9 },
    { "duration", 0, CLI_NUMBER, "SECONDS", "0", "read only this much; 0: to the end", 0, 1e9 },
    { "res_type", 0, CLI_CHOICE, RES_TYPES "|fft|linear|zero_order_hold", "soxr_hq",
      "how to resample; the last three only by the effect resample" },
    { "strict", 0, CLI_FLAG, .help = "a truncated file is an error, not a warning" },
    { NULL }
};
const cli_group cli_sound_group = { "Loading", sound_options };

static const cli_option feature_options[] = {
    { "n_fft", 0, CLI_INT, "N", "2048", "samples in a frame", 1, 1 << 24 },
    { "hop_length", 0, CLI_INT, "N", "512", "samples from frame to frame", 1, 1 << 24 },
    { "win_length", 0, CLI_INT, "N", NULL, "samples under the window; default: n_fft", 1, 1 << 24 },
    { "window", 0, CLI_TEXT, "NAME", "hann", "a name SciPy's get_window knows: hamming, blackman, kaiser(8.6), ..." },
    { "center", 0, CLI_SWITCH, .standard = "yes",
      .help = "frame t is centred on sample t * hop_length, or begins there" },
    { "pad_mode", 0, CLI_CHOICE, "constant|edge|reflect|symmetric|linear_ramp|wrap", "constant",
      "what centred frames see beyond the ends" },
    { "power", 0, CLI_NUMBER, "P", NULL, "exponent of the magnitude; default: 1 (spectrogram), 2 (mel)", 1e-6, 100 },
    { "n_mels", 0, CLI_INT, "N", "128", "mel bands", 1, 1 << 16 },
    { "fmin", 0, CLI_NUMBER, "HZ", "0", "lowest frequency of the mel bands", 0, 1e9 },
    { "fmax", 0, CLI_NUMBER, "HZ", NULL, "highest frequency of the mel bands; default: sr / 2", 0, 1e9 },
    { "htk", 0, CLI_FLAG, .help = "HTK's mel formula instead of Slaney's" },
    { "norm", 0, CLI_CHOICE, "slaney|none|1|2|inf", "slaney", "how the mel filters are scaled" },
    { "n_mfcc", 0, CLI_INT, "N", "20", "cepstral coefficients", 1, 1 << 16 },
    { "dct_type", 0, CLI_INT, "2|3", "2", "type of the cosine transform", 2, 3 },
    { "lifter", 0, CLI_NUMBER, "L", "0", "cepstral lifter; 0: none", 0, 1e9 },
    { "top_db", 0, CLI_NUMBER_OR_NONE, "DB|none", "80", "floor of values in dB, below the maximum", 0, 1e9 },
    { "exact", 0, CLI_FLAG, .help = "compute in double precision, as librosa does" },
    { NULL }
};
const cli_group cli_feature_group = { "Features, with librosa's names", feature_options };

static const cli_option value_options[] = {
    { "db", 0, CLI_FLAG, .help = "spectrogram and mel in dB" },
    { "roll_percent", 0, CLI_NUMBER, "P", "0.85", "share of the energy below the roll-off frequency", 1e-9, 1 },
    { "tuning", 0, CLI_NUMBER_OR_NONE, "BINS|none", NULL,
      "how far all notes lie off, in bins; none: find out; default: 0 (CQT), none (chroma)", -1, 1 },
    { "n_chroma", 0, CLI_INT, "N", "12", "bins of a chroma", 1, 1 << 12 },
    { "n_bins", 0, CLI_INT, "N", "84", "bins of a CQT", 1, 1 << 12 },
    { "bins_per_octave", 0, CLI_INT, "N", NULL, "CQT: 12, chroma_cqt: 36 by default", 1, 1 << 12 },
    { "start_bpm", 0, CLI_NUMBER, "BPM", "120", "tempo and beats: where the search begins", 1e-3, 1e5 },
    { "n_bands", 0, CLI_INT, "N", "6", "bands of the spectral contrast", 1, 64 },
    { "quantile", 0, CLI_NUMBER, "Q", "0.02", "share of a band that is its peak and its valley", 1e-9, 0.5 },
    { NULL }
};
const cli_group cli_value_group = { "Values", value_options };

sori_load_config cli_load_config(const cli *k) {
    double sr = cli_number(k, "sr");
    return (sori_load_config){
        .sr = sr == 0 ? SORI_SR_NATIVE : sr,
        .multichannel = !cli_flag(k, "mono"),
        .offset_s = cli_number(k, "offset"),
        .duration_s = cli_number(k, "duration"),
        .res_type = (sori_res_type)cli_choice(k, "res_type"),
        .strict = cli_flag(k, "strict"),
    };
}

sori_feature_config cli_feature_config(const cli *k) {
    return (sori_feature_config){
        .stft = { .n_fft = (int)cli_int(k, "n_fft"),
                  .win_length = (int)cli_int(k, "win_length"),
                  .hop_length = (int)cli_int(k, "hop_length"),
                  .window = cli_text(k, "window"),
                  .uncentered = !cli_flag(k, "center"),
                  .pad_mode = (sori_pad_mode)cli_choice(k, "pad_mode"),
                  .exact = cli_flag(k, "exact") },
        .power = cli_number(k, "power"),
        .n_mels = (int)cli_int(k, "n_mels"),
        .fmin = cli_number(k, "fmin"),
        .fmax = cli_number(k, "fmax"),
        .htk = cli_flag(k, "htk"),
        .mel_norm = (sori_norm)cli_choice(k, "norm"),
        .n_mfcc = (int)cli_int(k, "n_mfcc"),
        .dct_type = (int)cli_int(k, "dct_type"),
        .lifter = cli_number(k, "lifter"),
        .db = cli_flag(k, "db"),
        .top_db = cli_opt(k, "top_db"),
        .roll_percent = cli_number(k, "roll_percent"),
        .n_bands = (int)cli_int(k, "n_bands"),
        .quantile = cli_number(k, "quantile"),
        .tuning = cli_opt(k, "tuning"),
        .n_chroma = (int)cli_int(k, "n_chroma"),
        .n_bins = (int)cli_int(k, "n_bins"),
        .bins_per_octave = (int)cli_int(k, "bins_per_octave"),
        .start_bpm = cli_number(k, "start_bpm"),
    };
}
