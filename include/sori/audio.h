/* sori/audio.h - sound in and out of files, and resampling. */
#ifndef SORI_AUDIO_H
#define SORI_AUDIO_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SORI_SR_NATIVE (-1.0)   /* sori_load_config.sr: keep the file's own rate */

/* Sound in memory, passed by value. A failed call returns y = NULL. */
typedef struct sori_audio {
    sori_array *y;   /* [n] mono or [channels, n], f32, nominally -1..1 */
    double sr;       /* sampling rate, Hz */
} sori_audio;

/* librosa's res_type names. Its sinc_best, sinc_medium and sinc_fastest, libsamplerate's own filters, are left out. */
typedef enum sori_res_type {
    SORI_SOXR_HQ = 0,              /* soxr's qualities: high */
    SORI_SOXR_VHQ,                 /* very high */
    SORI_SOXR_MQ,                  /* medium */
    SORI_SOXR_LQ,                  /* low */
    SORI_SOXR_QQ,                  /* quick: cubic interpolation, aliases */
    SORI_RES_KAISER_BEST,          /* resampy's filters, for models trained with librosa before 0.10 */
    SORI_RES_KAISER_FAST,
    SORI_RES_POLYPHASE,            /* scipy.signal.resample_poly: whole rates */
    SORI_RES_FFT,                  /* "fft", "scipy": scipy.signal.resample, periodic at the ends; whole sounds only */
    SORI_RES_LINEAR,               /* libsamplerate's linear interpolation, aliases; whole sounds only */
    SORI_RES_ZERO_ORDER_HOLD       /* libsamplerate's, aliases; whole sounds only */
} sori_res_type;

typedef struct sori_load_config {
    double sr;               /* target rate, Hz; 0: 22050; SORI_SR_NATIVE: the file's */
    bool multichannel;       /* keep channels; default: their mean (librosa mono=True), taken before resampling */
    double offset_s;         /* start reading here, seconds */
    double duration_s;       /* read this much; 0: to the end */
    sori_res_type res_type;  /* SORI_SOXR_HQ, as librosa */
    bool strict;             /* a truncated file is an error, not a warning */
    bool allow_nonfinite;    /* default: NaN or infinity in the file is an error */
    uint64_t max_frames;     /* refuse to decode more frames than this; 0: 2^40 */
    uint32_t reserved[8];
} sori_load_config;

/* A sound file as floats.                                        librosa.load
 *   path   WAV RF64 AIFF AU FLAC Ogg Opus MP3; others (m4a, video) through the ffmpeg program when installed
 *   ->     y [n] (or [channels, n]), sr = target rate; n = ceil(frames * sr / file rate)
 *   err    SORI_EIO cannot open; SORI_EFORMAT not sound, no channels or over 256, no frames, NaN, truncated+strict
 *   cost   memory: the result plus one block; a header's length is never trusted */
SORI_API sori_audio sori_load(sori_ctx *c, const char *path, const sori_load_config *config);

/* Wrap samples in memory: copies data [channels, n] (channels 1 gives [n]). */
SORI_API sori_audio sori_audio_from(sori_ctx *c, const float *data, size_t channels, size_t n, double sr);

/* What a sound file says of itself, and what its samples say (peak and RMS need a full decode). */
typedef struct sori_info {
    char format[32];         /* "WAV", "FLAC", "OGG/VORBIS", ... */
    char encoding[32];       /* "PCM 16 bit", "float 32 bit", ... */
    double sr;               /* Hz */
    int channels;
    uint64_t frames;         /* frames that could really be decoded */
    double duration_s;
    double peak;             /* max |sample| */
    double rms;              /* over all channels */
    bool truncated;          /* fewer frames than the header promised */
    uint64_t nonfinite;      /* NaN or infinite samples, left out of peak and rms */
} sori_info;

SORI_API sori_status sori_file_info(sori_ctx *c, const char *path, sori_info *info);

/* Reading block by block, at the file's rate and channels or resampled, in constant memory. */
typedef struct sori_reader sori_reader;
SORI_API sori_reader *sori_reader_open(sori_ctx *c, const char *path, const sori_load_config *config);
SORI_API double sori_reader_sr(const sori_reader *r);
SORI_API int sori_reader_channels(const sori_reader *r);
/* Frames it will deliver if the file keeps its header's promise; 0: there is none. For sori_stream_expect. */
SORI_API uint64_t sori_reader_expected(const sori_reader *r);
SORI_API bool sori_reader_truncated(const sori_reader *r);  /* known once the end is reached */
/* Up to n frames, interleaved, into out [n, channels]; returns the frames read, 0 at the end or on error. */
SORI_API size_t sori_reader_read(sori_reader *r, float *out, size_t n);
SORI_API void sori_reader_close(sori_reader *r);

typedef enum sori_subtype { SORI_PCM_16 = 0, SORI_PCM_24, SORI_FLOAT } sori_subtype;

/* Write a sound file; the name's ending (.wav, .flac) sets the format. Atomic. Samples beyond -1..1 are clipped
 * in PCM, with a warning.  RF64 replaces WAV above 4 GB.
 *   err SORI_EINVAL unknown ending, float in FLAC; SORI_EIO */
typedef struct sori_save_config {
    sori_subtype subtype;    /* SORI_PCM_16 */
    uint32_t reserved[4];
} sori_save_config;
SORI_API sori_status sori_save(sori_ctx *c, const char *path, sori_audio audio, const sori_save_config *config);

typedef struct sori_resample_config {
    sori_res_type res_type;  /* SORI_SOXR_HQ, as librosa */
    bool unfixed;            /* keep the method's own length (fix=False); default: ceil(n * target_sr / sr) */
    bool scale;              /* divide by sqrt(target_sr / sr), so that the energy is about the same */
    uint32_t reserved[4];
} sori_resample_config;

/* Another sampling rate.                                         librosa.resample
 *   audio  y [..., n] f32      ->  [..., ceil(n * target_sr / sr)] f32; config NULL: soxr_hq
 *   err    SORI_EINVAL rates not above 0; NaN or infinity; polyphase with rates that are not whole, or in no small
 *          ratio; an own length of 0 samples (kaiser_best, kaiser_fast)
 *   cost   kaiser_best, polyphase: taps * outputs multiplications, on all threads; memory: the result, fft: 60 bytes a
 *          sample
 * resampy rounds its filter's step to whole table entries; so does this. Smith, "Digital audio resampling". */
SORI_API sori_audio sori_resample(sori_ctx *c, sori_audio audio, double target_sr, const sori_resample_config *config);

/* librosa.to_mono: the mean over channels. */
SORI_API sori_audio sori_to_mono(sori_ctx *c, sori_audio audio);

#ifdef __cplusplus
}
#endif
#endif
