/* sori/feat.h - librosa's features, number for number.
 *
 * Every call takes sound (y) or, where librosa takes S=, a spectrogram in the config's S field, and returns
 * [..., bin, frame] as librosa does. A config of NULL, or a field left zero, means librosa 0.11's default; booleans
 * are named so that false is that default. Sound may be [n] or [channels, n]; outputs gain the same leading axis.
 *
 * Two precisions of one code: float by default (log-mel within 1e-3 dB of librosa), .exact computes in double and
 * rounds at the end, as librosa does.
 */
#ifndef SORI_FEAT_H
#define SORI_FEAT_H

#include <sori/audio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number where 0 and "none" are both legal: left alone it is the default. */
typedef struct sori_opt {
    int mode;       /* 0: the default; 1: value; 2: none */
    double value;
} sori_opt;
#define SORI_VALUE(v) ((sori_opt){ 1, (v) })
#define SORI_NONE ((sori_opt){ 2, 0 })

/* How several values become one. Each config says which it knows, and which of them librosa's default is. */
typedef enum sori_aggregate {
    SORI_AGGREGATE_DEFAULT = 0, SORI_AGGREGATE_MEAN, SORI_AGGREGATE_MEDIAN, SORI_AGGREGATE_MIN, SORI_AGGREGATE_MAX,
    SORI_AGGREGATE_SUM,
    SORI_AGGREGATE_AVERAGE,  /* weighted */
    SORI_AGGREGATE_NONE      /* not at all */
} sori_aggregate;

/* --- the short-time Fourier transform ----------------------------------------------------------------------- */

typedef enum sori_pad_mode {
    SORI_PAD_CONSTANT = 0, /* zeros */
    SORI_PAD_EDGE, SORI_PAD_REFLECT, SORI_PAD_SYMMETRIC, SORI_PAD_LINEAR_RAMP, SORI_PAD_WRAP
} sori_pad_mode;

/* How sound is cut into frames; shared by every feature built on the STFT. */
typedef struct sori_stft_config {
    int n_fft;                        /* 2048 */
    int hop_length;                   /* 512; sori_stft, sori_istft: win_length / 4 */
    int win_length;                   /* n_fft; a shorter window is centred in zeros */
    const char *window;               /* "hann"; any name of SciPy's get_window, "kaiser(8.6)" with a parameter */
    const sori_array *window_values;  /* [win_length] f32 or f64, instead of window */
    bool uncentered;                  /* librosa center=False: frame t starts at t * hop */
    sori_pad_mode pad_mode;           /* SORI_PAD_CONSTANT; not WRAP */
    bool exact;                       /* compute in double */
    uint32_t reserved[4];
} sori_stft_config;

/* Complex spectrum of overlapping frames.                                                    librosa.stft
 *   y    [..., n] f32   ->   [..., 1 + n_fft/2, 1 + n/hop_length] c64  (uncentered: 1 + (n - n_fft)/hop)
 *   err  SORI_EINVAL n_fft or hop_length < 1, win_length > n_fft, n < n_fft uncentered, unknown window
 *   cost O(frames * n_fft log n_fft) */
SORI_API sori_array *sori_stft(sori_ctx *c, sori_audio y, const sori_stft_config *config);

typedef struct sori_istft_config {
    sori_stft_config stft;   /* n_fft 0: 2 * (bins - 1) */
    size_t length;           /* samples wanted; 0: as many as the frames cover */
    uint32_t reserved[4];
} sori_istft_config;

/* Sound from a complex spectrum, least-squares overlap-add.                                  librosa.istft
 *   D    [..., 1 + n_fft/2, frames] c64   ->   y [..., n] f32, at sampling rate sr */
SORI_API sori_audio sori_istft(sori_ctx *c, const sori_array *D, double sr, const sori_istft_config *config);

typedef struct sori_spectrogram_config {
    sori_stft_config stft;   /* of the sound */
    double power;            /* 1 (magnitude); 2 is power */
    uint32_t reserved[4];
} sori_spectrogram_config;

/* |STFT| ^ power.   [..., n] -> [..., 1 + n_fft/2, frames] f32                  librosa.core.spectrum._spectrogram */
SORI_API sori_array *sori_spectrogram(sori_ctx *c, sori_audio y, const sori_spectrogram_config *config);

/* Magnitude of a complex spectrum: numpy.abs.   c64 -> f32 */
SORI_API sori_array *sori_magnitude(sori_ctx *c, const sori_array *D);

/* --- mel ---------------------------------------------------------------------------------------------------- */

typedef enum sori_norm { SORI_NORM_SLANEY = 0, SORI_NORM_NONE, SORI_NORM_L1, SORI_NORM_L2, SORI_NORM_INF } sori_norm;

typedef struct sori_mel_config {
    sori_stft_config stft;   /* of the sound */
    const sori_array *S;     /* [..., 1 + n_fft/2, frames] f32 power spectrogram instead of sound */
    double power;            /* 2 */
    int n_mels;              /* 128 */
    double fmin, fmax;       /* Hz; 0 and sr/2 */
    bool htk;                /* HTK's mel formula instead of Slaney's */
    sori_norm norm;          /* SORI_NORM_SLANEY: each filter has area 1 */
    uint32_t reserved[4];
} sori_mel_config;

/* Mel spectrogram.                                                             librosa.feature.melspectrogram
 *   y    [..., n] f32   ->   [..., n_mels, frames] f32
 *   err  SORI_EINVAL fmax > sr/2, fmin >= fmax, n_mels < 1; as sori_stft */
SORI_API sori_array *sori_melspectrogram(sori_ctx *c, sori_audio y, const sori_mel_config *config);

/* The filter bank: [n_mels, 1 + n_fft/2] f32.                                              librosa.filters.mel */
SORI_API sori_array *sori_mel_filters(sori_ctx *c, double sr, const sori_mel_config *config);

typedef struct sori_mfcc_config {
    sori_mel_config mel;     /* S here is a log-power (dB) mel spectrogram, as librosa's S= */
    int n_mfcc;              /* 20 */
    int dct_type;            /* 2; also 3 */
    bool dct_unnormalized;   /* librosa norm=None instead of 'ortho' */
    double lifter;           /* 0: none */
    sori_opt top_db;         /* 80 below the maximum of the whole array */
    uint32_t reserved[4];
} sori_mfcc_config;

/* Mel-frequency cepstral coefficients.   [..., n] -> [..., n_mfcc, frames] f32          librosa.feature.mfcc */
SORI_API sori_array *sori_mfcc(sori_ctx *c, sori_audio y, const sori_mfcc_config *config);

typedef struct sori_mfcc_to_mel_config {
    int n_mels;              /* 128 */
    int dct_type;            /* 2 */
    bool dct_unnormalized;   /* librosa norm=None instead of 'ortho' */
    double ref;              /* 1: the power that is 0 dB */
    double lifter;           /* 0: none */
    uint32_t reserved[4];
} sori_mfcc_to_mel_config;

/* [..., n_mfcc, frames] -> [..., n_mels, frames] power.                  librosa.feature.inverse.mfcc_to_mel */
SORI_API sori_array *sori_mfcc_to_mel(sori_ctx *c, const sori_array *mfcc, const sori_mfcc_to_mel_config *config);

/* --- levels ------------------------------------------------------------------------------------------------- */

typedef struct sori_db_config {
    double ref;              /* 1: the value that becomes 0 dB */
    bool ref_max;            /* ref = the array's maximum (librosa ref=np.max) */
    double amin;             /* 1e-10 for power, 1e-5 for amplitude */
    sori_opt top_db;         /* 80 below the maximum; SORI_NONE for no floor */
    uint32_t reserved[4];
} sori_db_config;

/* 10 log10(max(S, amin) / ref), floored; f32 -> f32.   librosa.power_to_db, amplitude_to_db, and their inverses
 *   err  SORI_EINVAL amin < 0, top_db < 0, a value that is NaN or infinite */
SORI_API sori_array *sori_power_to_db(sori_ctx *c, const sori_array *S, const sori_db_config *config);
SORI_API sori_array *sori_amplitude_to_db(sori_ctx *c, const sori_array *S, const sori_db_config *config);
SORI_API sori_array *sori_db_to_power(sori_ctx *c, const sori_array *S_db, double ref);       /* ref 0: 1 */
SORI_API sori_array *sori_db_to_amplitude(sori_ctx *c, const sori_array *S_db, double ref);

typedef struct sori_rms_config {
    const sori_array *S;     /* [..., 1 + frame_length/2, frames] f32 magnitude spectrogram instead of sound */
    int frame_length;        /* 2048 */
    int hop_length;          /* 512 */
    bool uncentered;         /* librosa center=False: frame t starts at t * hop */
    sori_pad_mode pad_mode;  /* SORI_PAD_CONSTANT; any of numpy.pad's */
    uint32_t reserved[4];
} sori_rms_config;

/* Root mean square a frame.   [..., n] -> [..., 1, frames] f32                             librosa.feature.rms */
SORI_API sori_array *sori_rms(sori_ctx *c, sori_audio y, const sori_rms_config *config);

typedef struct sori_zcr_config {
    int frame_length, hop_length;   /* 2048, 512 */
    bool uncentered;                /* centred frames are padded with the edge value, as librosa */
    sori_opt threshold;             /* 1e-10: |y| up to this counts as zero */
    double ref_magnitude;           /* 1: a factor of threshold */
    bool zero_apart;                /* zero is a sign of its own (librosa zero_pos=False), not positive */
    bool pad;                       /* every frame's first sample counts as a crossing (librosa pad=True) */
    uint32_t reserved[4];
} sori_zcr_config;

/* Fraction of sign changes a frame.   [..., n] -> [..., 1, frames] f32      librosa.feature.zero_crossing_rate */
SORI_API sori_array *sori_zero_crossing_rate(sori_ctx *c, sori_audio y, const sori_zcr_config *config);

typedef struct sori_crossings_config {
    sori_opt threshold;      /* 1e-10: |y| up to this counts as zero */
    double ref_magnitude;    /* 1: a factor of threshold */
    bool unpadded;           /* librosa pad=False: the first value is no crossing */
    bool zero_apart;         /* zero is a sign of its own (librosa zero_pos=False), not positive */
    sori_opt axis;           /* -1 */
    uint32_t reserved[4];
} sori_crossings_config;

/* Where the sign differs from that of the value before.   any shape f32 -> the same u8, 1 or 0   librosa.zero_crossings
 *   err  SORI_EINVAL threshold < 0, a value that is not finite */
SORI_API sori_array *sori_zero_crossings(sori_ctx *c, const sori_array *y, const sori_crossings_config *config);

/* --- shape of the spectrum ---------------------------------------------------------------------------------- */

typedef struct sori_spectral_config {
    sori_stft_config stft;      /* of the sound */
    const sori_array *S;        /* [..., bins, frames] f32 magnitude, instead of sound; values >= 0 */
    const sori_array *freq;     /* [bins] f32 or f64, Hz; NULL: fft_frequencies */
    const sori_array *centroid; /* bandwidth: [..., 1, frames], NULL: computed */
    double p;                   /* bandwidth: 2 */
    bool unnormalized;          /* bandwidth: librosa norm=False */
    double roll_percent;        /* rolloff: 0.85 */
    double amin;                /* flatness: 1e-10 */
    double power;               /* flatness: 2 */
    double fmin;                /* contrast: 200 Hz */
    int n_bands;                /* contrast: 6 */
    double quantile;            /* contrast: 0.02 */
    bool linear;                /* contrast: difference instead of dB */
    uint32_t reserved[4];
} sori_spectral_config;

/* [..., n] -> [..., 1, frames] f32 (contrast: [..., n_bands + 1, frames]).   librosa.feature.spectral_* */
SORI_API sori_array *sori_spectral_centroid(sori_ctx *c, sori_audio y, const sori_spectral_config *config);
SORI_API sori_array *sori_spectral_bandwidth(sori_ctx *c, sori_audio y, const sori_spectral_config *config);
SORI_API sori_array *sori_spectral_rolloff(sori_ctx *c, sori_audio y, const sori_spectral_config *config);
SORI_API sori_array *sori_spectral_flatness(sori_ctx *c, sori_audio y, const sori_spectral_config *config);
SORI_API sori_array *sori_spectral_contrast(sori_ctx *c, sori_audio y, const sori_spectral_config *config);

typedef struct sori_poly_config {
    sori_stft_config stft;   /* of the sound */
    const sori_array *S;     /* [..., bins, frames] f32 magnitude, instead of sound */
    sori_opt order;          /* 1: the polynomial's degree, 0 to 15 */
    const sori_array *freq;  /* [bins], or [..., bins, frames] where centres move, f32 or f64; NULL: fft_frequencies */
    uint32_t reserved[4];
} sori_poly_config;

/* Coefficients of the polynomial in Hz that fits each frame's spectrum best, highest power first.
 *                                                                              librosa.feature.poly_features
 *   y    [..., n]   ->   [..., order + 1, frames] f32
 *   err  SORI_EINVAL order out of range, freq of another size; as sori_stft
 *   cost one STFT and (order + 1) * bins a frame; centres that move, 10 (order + 1)^2 * bins
 * Least squares by singular values, as numpy.polyfit, which leaves out those below bins * 2.2e-16 of the largest: also
 * where there are fewer bins than coefficients, or centres that coincide. */
SORI_API sori_array *sori_poly_features(sori_ctx *c, sori_audio y, const sori_poly_config *config);

/* --- over time ------------------------------------------------------------------------------------------------ */

typedef enum sori_delta_mode {
    SORI_DELTA_INTERP = 0, SORI_DELTA_MIRROR, SORI_DELTA_CONSTANT, SORI_DELTA_NEAREST, SORI_DELTA_WRAP
} sori_delta_mode;

typedef struct sori_delta_config {
    int width;               /* 9; odd, >= 3 */
    int order;               /* 1 */
    sori_delta_mode mode;    /* SORI_DELTA_INTERP, needs frames >= width */
    double cval;             /* constant mode's value */
    int polyorder;           /* order: the degree of the polynomial that is fitted */
    double spacing;          /* 1: frames are this far apart (SciPy's delta) */
    uint32_t reserved[4];
} sori_delta_config;

/* Savitzky-Golay derivative along the last axis.   [..., frames] -> the same f32        librosa.feature.delta
 *   err  SORI_EINVAL width even or < 3, order < 1, polyorder >= width, fewer frames than width in mode interp
 *   cost O(rows * frames * width) */
SORI_API sori_array *sori_delta(sori_ctx *c, const sori_array *a, const sori_delta_config *config);

typedef struct sori_memory_config {
    int n_steps;             /* 2 */
    int delay;               /* 1: frames from step to step; negative: into the future */
    sori_pad_mode mode;      /* what lies beyond the ends; SORI_PAD_CONSTANT */
    double constant_values;  /* 0: that of SORI_PAD_CONSTANT */
    uint32_t reserved[4];
} sori_memory_config;

/* Every frame with those before it, stacked.                                          librosa.feature.stack_memory
 *   data [..., bins, frames] f32 (or [frames])   ->   [..., n_steps * bins, frames]: rows of step s show data s * delay
 *        frames before
 *   err  SORI_EINVAL n_steps < 1, no frames, NaN
 *   cost a copy of n_steps * data */
SORI_API sori_array *sori_stack_memory(sori_ctx *c, const sori_array *data, const sori_memory_config *config);

typedef enum sori_fmt_kind { SORI_FMT_CUBIC = 0, SORI_FMT_LINEAR } sori_fmt_kind;

typedef struct sori_fmt_config {
    double t_min;            /* 0.5: the first place looked at, in samples; > 0 */
    int n_fmt;               /* places; 0: as many as keep all samples' detail */
    sori_fmt_kind kind;      /* between samples: a cubic spline (not-a-knot), or straight lines */
    sori_opt beta;           /* 0.5: the Mellin parameter; 0 is invariant to pitch, 0.5 to scale */
    double over_sample;      /* 1; >= 1 */
    sori_opt axis;           /* -1 */
    uint32_t reserved[4];
} sori_fmt_config;

/* Fast Mellin transform: the Fourier transform over the logarithm of time, whose magnitude does not change when the
 * signal is stretched.                                                                                      librosa.fmt
 *   y    any shape f32, n along axis   ->   c64, 1 + n_fmt/2 along axis
 *   err  SORI_EINVAL n < 3 (cubic: 4), t_min <= 0, n_fmt < 3, over_sample < 1, two places at the same time, NaN
 *   cost O(n_fmt log n_fmt) a line, in double
 * De Sena and Rocchesso, "A fast Mellin and scale transform", EURASIP J. Adv. Sig. Proc., 2007. */
SORI_API sori_array *sori_fmt(sori_ctx *c, const sori_array *y, const sori_fmt_config *config);

/* --- lengths -------------------------------------------------------------------------------------------------- */

/* A line cut into overlapping frames, copied.                                                       librosa.util.frame
 *   x    any shape f32, n along axis   ->   one axis more: [..., frame_length, frames, ...] where axis counts from the
 *        end (the default, -1), [..., frames, frame_length, ...] where it counts from the front; frames =
 *        1 + (n - frame_length) / hop_length
 *   err  SORI_EINVAL frame_length or hop_length < 1, n < frame_length */
SORI_API sori_array *sori_frame(sori_ctx *c, const sori_array *x, int frame_length, int hop_length, sori_opt axis);

typedef struct sori_length_config {
    sori_opt axis;           /* -1 */
    sori_pad_mode mode;      /* what lies beyond the ends; SORI_PAD_CONSTANT, zeros */
    uint32_t reserved[4];
} sori_length_config;

/* Lines of exactly size values, cut off or padded behind; or padded on both sides, one value more behind where that is
 * not even.                                                          librosa.util.fix_length, librosa.util.pad_center
 *   data any shape f32   ->   the same but size along axis
 *   err  SORI_EINVAL pad_center: size below what there is */
SORI_API sori_array *sori_fix_length(sori_ctx *c, const sori_array *data, size_t size,
                                     const sori_length_config *config);
SORI_API sori_array *sori_pad_center(sori_ctx *c, const sori_array *data, size_t size,
                                     const sori_length_config *config);

/* --- frequencies and times ------------------------------------------------------------------------------------ */

SORI_API double sori_hz_to_mel(double hz, bool htk);          /* htk: 2595 log10(1 + f/700) */
SORI_API double sori_mel_to_hz(double mel, bool htk);
SORI_API sori_array *sori_fft_frequencies(sori_ctx *c, double sr, int n_fft);                        /* f64 */
SORI_API sori_array *sori_mel_frequencies(sori_ctx *c, int n_mels, double fmin, double fmax, bool htk);  /* f64 */
/* frames are counted from 0; n_fft > 0 adds the n_fft/2 samples of uncentred frames, as librosa. */
SORI_API double sori_frames_to_time(double frame, double sr, int hop_length, int n_fft);
SORI_API int64_t sori_frames_to_samples(int64_t frame, int hop_length, int n_fft);
SORI_API int64_t sori_samples_to_frames(int64_t sample, int hop_length, int n_fft);
SORI_API int64_t sori_time_to_frames(double time_s, double sr, int hop_length, int n_fft);
SORI_API double sori_samples_to_time(int64_t sample, double sr);
SORI_API int64_t sori_time_to_samples(double time_s, double sr);

/* SciPy's get_window: [n] f64.  periodic (fftbins=True) unless symmetric.
 *   err SORI_EINVAL unknown name, a parameter missing or out of range */
SORI_API sori_array *sori_window(sori_ctx *c, const char *name, int n, bool symmetric);

/* --- features by name: many in one pass, whole or in blocks --------------------------------------------------- */

/* Everything a named feature may be given; fields as in the configs above. */
typedef struct sori_feature_config {
    sori_stft_config stft;
    double power;                /* 0: the feature's default */
    int n_mels;                  /* 128 */
    double fmin, fmax;           /* Hz; 0: the feature's own (mel: 0 and sr/2; CQT: C1; yin, pyin: C2 and C7) */
    bool htk;                    /* mel: HTK's formula */
    sori_norm mel_norm;          /* SORI_NORM_SLANEY */
    int n_mfcc;                  /* 20 */
    int dct_type;                /* mfcc: 2 */
    double lifter;               /* mfcc: 0, none */
    bool db;                     /* spectrogram, mel: in dB (ref 1), floored at top_db */
    sori_opt top_db;             /* 80 */
    double roll_percent;         /* rolloff: 0.85 */
    int n_bands;                 /* contrast: 6 */
    double quantile;             /* contrast: 0.02 */
    sori_opt tuning;             /* chroma, CQT: as their own; SORI_VALUE: known, in bins */
    int n_chroma;                /* 12 */
    int n_bins, bins_per_octave; /* CQT: 84, 12 (chroma_cqt: 36) */
    double start_bpm;            /* tempo, beats: 120 */
    uint32_t reserved[8];
} sori_feature_config;

/* What a named feature's result is. */
typedef enum sori_feature_kind {
    SORI_FEATURE_FRAMES = 0,     /* [..., rows, frames] */
    SORI_FEATURE_EVENTS,         /* [events] f64, seconds; of one channel */
    SORI_FEATURE_VALUE           /* [..., 1]: one number a channel */
} sori_feature_kind;

/* The table of named features: "stft", "spectrogram", "mel", "mfcc", "rms", "zcr", "centroid", ... */
typedef struct sori_feature_info {
    const char *name;            /* as on the command line */
    const char *librosa;         /* "librosa.feature.melspectrogram" */
    const char *summary;
    const char *unit;            /* of the values: "power", "dB", "Hz", "" */
    sori_feature_kind kind;
    bool whole;                  /* needs the whole sound: not for streams and live callbacks */
} sori_feature_info;
SORI_API const sori_feature_info *sori_feature_at(size_t i);             /* the i-th; NULL beyond the last */
SORI_API const sori_feature_info *sori_feature_find(const char *name);   /* NULL: no such feature */

/* Compute several features of one sound with one STFT: those of frames in the pass itself, those of the whole sound
 * from the spectrogram that the pass leaves for them. (.exact: the latter from the sound, because a spectrogram in
 * float would not do.) hop_length is 512 unless given, for all; envelopes and pitches over time are one row.
 *   names [n]   ->   out [n] arrays, each exactly what its own function returns
 *   err  SORI_EINVAL unknown name; events of several channels; as the features */
SORI_API sori_status sori_extract(sori_ctx *c, sori_audio y, const char *const *names, size_t n,
                                  const sori_feature_config *config, sori_array **out);

/* The same fed in blocks of any size: the numbers are those of sori_extract, bit for bit. Memory: the outputs, one
 * block and n_fft samples. Latency: a frame is ready when its last sample is in. */
typedef struct sori_stream sori_stream;
SORI_API sori_stream *sori_stream_new(sori_ctx *c, double sr, int channels, const char *const *names, size_t n,
                                      const sori_feature_config *config);
/* How many samples a channel will have, said before the first are pushed: results are then written to their place at
 * once, in half the memory. A wrong number costs memory and time, never a result. */
SORI_API void sori_stream_expect(sori_stream *s, uint64_t samples);
SORI_API sori_status sori_stream_push(sori_stream *s, const float *interleaved, size_t frames);
SORI_API sori_status sori_stream_finish(sori_stream *s, sori_array **out);   /* [n]; s may then only be freed */
SORI_API void sori_stream_free(sori_stream *s);

/* The same in an audio callback: sori_live_new takes all memory; after it no call allocates, locks, waits or calls the
 * system. Each call gives the frames that its samples complete, and the numbers are again those of sori_extract, bit
 * for bit. Latency: the time from a frame's centre to its last sample, n_fft / 2 (sori_live_latency), and the caller's
 * block. Cost: some 12 us a frame at n_fft 2048.
 *
 *     size_t frames = sori_live_process(l, block, 256), stride;
 *     const float *mel = sori_live_values(l, 0, 0, NULL, &stride);     row r of frame t: mel[r * stride + t]
 *
 *   max_block  the most samples (of each channel) a call may bring
 *   err        as sori_stream_new; SORI_EINVAL a feature in decibels with a floor below the loudest value of the whole
 *              sound (top_db must be SORI_NONE) */
typedef struct sori_live sori_live;
SORI_API sori_live *sori_live_new(sori_ctx *c, double sr, int channels, const char *const *names, size_t n,
                                  size_t max_block, const sori_feature_config *config);
/* n samples of every channel, interleaved -> frames completed, often 0. NaN and infinity become 0 and are counted.
 *   err  SORI_EINVAL n above max_block: nothing is taken */
SORI_API size_t sori_live_process(sori_live *l, const float *interleaved, size_t n);
/* The frames that still waited for the end of the sound. l may then only be read and freed. */
SORI_API size_t sori_live_finish(sori_live *l);
/* What the last call completed of names[feature]: row r of frame t at [r * stride + t]; complex values are pairs, and
 * the stride counts pairs. rows and stride may be NULL. */
SORI_API const float *sori_live_values(const sori_live *l, size_t feature, size_t channel, size_t *rows,
                                       size_t *stride);
SORI_API size_t sori_live_latency(const sori_live *l);      /* samples */
SORI_API uint64_t sori_live_nonfinite(const sori_live *l);  /* samples replaced by 0 so far */
SORI_API void sori_live_free(sori_live *l);

#ifdef __cplusplus
}
#endif
#endif
