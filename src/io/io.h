/* io/io.h - the inside of the sound-file room. Other rooms use <sori/audio.h>.
 *
 *   header.c    what a file says of itself: its kind, promised length, impossible values
 *   sndfile.c   decoding through libsndfile          ffmpeg.c   through the ffmpeg program
 *   source.c    one of the two behind one face: frames as floats, faults noticed once
 *   resample.c  arrays, by any method                resampler.c   pieces, through libsoxr or fir.c, weighted sums
 *   reader.c    source -> channel mean -> resampler, block by block
 *   load.c      whole files, info                    save.c     writing       mp3.c   a round trip in memory
 *   labels.c, labels_text.c, labels_jams.c: label files (labels.h)          midi*.c: MIDI files (midi.h) */
#ifndef IO_IO_H
#define IO_IO_H

#include "base/base.h"
#include <sori/audio.h>

#define IO_MAX_CHANNELS 256
#define IO_MAX_RATE 2147483647.0

/* --- header.c: the first look at a file ------------------------------------------------------------------------- */

typedef enum io_kind {
    IO_UNKNOWN = 0, IO_EMPTY, IO_TEXT, IO_WAV, IO_AIFF, IO_AU, IO_CAF, IO_FLAC, IO_OGG, IO_MPEG
} io_kind;

/* By its ending. */
bool io_is_sound(const char *name);

typedef struct io_header {
    io_kind kind;
    uint64_t bytes;              /* the file's length */
    const char *fault;           /* "declares 0 channels": the file cannot be read; NULL: none found */
    bool truncated;              /* fewer bytes than promised */
    bool exact;                  /* the frame count the decoder reports is a promise, not an estimate */
    bool lengthless;             /* WAV whose writer never filled in the size of the data */
    uint64_t data_offset;        /* the rest is for a lengthless WAV: where its samples start */
    uint64_t data_size;
    int tag, channels, sample_bytes;   /* WAVE_FORMAT_*, bytes of one sample of one channel */
    double rate;
    bool big_endian;
    unsigned char start[512];    /* the first bytes, to tell what else it may be */
    size_t start_size;
} io_header;

/* Look at the file open as fd. Never fails: what is odd is in the result. */
void io_look(int fd, io_header *h);

/* --- a decoder -------------------------------------------------------------------------------------------------- */

typedef struct io_source {
    sori_ctx *c;
    char *path;
    double sr;
    int channels;
    uint64_t declared;           /* frames the header promises; 0: unknown */
    uint64_t position;           /* frames given so far, with those skipped */
    bool strict, ended;
    bool truncated;
    char damage[160];            /* the decoder's reason for stopping early, "" if it had none */
    io_header header;
    char format[32], encoding[32];
    /* Up to n frames, interleaved; 0 at the end. */
    size_t (*read)(struct io_source *s, float *out, size_t n);
    /* Go to a frame, sample-exactly; NULL where that takes decoding all before it. */
    bool (*seek)(struct io_source *s, uint64_t frame);
    void (*close)(struct io_source *s);
    void *decoder;
    int fd;
} io_source;

/* Open with the decoder that knows the file. NULL after an error. */
io_source *io_open(sori_ctx *c, const char *path, bool strict);
/* Exactly n frames unless the end, or an error, comes before. At the end a shortfall is warned of once, or is an
 * error when strict. */
size_t io_read(io_source *s, float *out, size_t n);
/* Pass over n frames; false if the file ends before, or on error. */
bool io_skip(io_source *s, uint64_t n);
void io_close(io_source *s);      /* NULL is allowed */

/* True if it opened; else either an error is recorded, or reason says why this decoder does not know the file. */
bool io_sndfile_open(io_source *s, char *reason, size_t size);
/* Second choice: by its first bytes, is the file of a kind ffmpeg reads? reason is what the first choice said. */
bool io_ffmpeg_open(io_source *s, const char *reason);

/* --- resampling --------------------------------------------------------------------------------------------------- */

/* resampler.c: sound in pieces, through soxr or a fir. */
typedef struct io_resampler io_resampler;
io_resampler *io_resampler_new(sori_ctx *c, double from, double to, int channels, sori_res_type type);
/* Feed n frames (in NULL: the input is over), take up to room frames; *used is how many of n were eaten. */
size_t io_resampler_run(io_resampler *r, const float *in, size_t n, size_t *used, float *out, size_t room);
void io_resampler_free(io_resampler *r);   /* NULL is allowed */
/* librosa's length: ceil(n * (to / from)), computed in double as Python does. */
uint64_t io_resampled_length(uint64_t n, double from, double to);
/* The method's own. */
uint64_t io_own_length(sori_res_type type, uint64_t n, double from, double to);

/* fir.c: methods whose outputs are weighted sums of inputs, in blocks of io_fir_outputs. Read-only once made. */
typedef struct io_fir io_fir;
static inline bool io_is_fir(sori_res_type t) { return t >= SORI_RES_KAISER_BEST && t <= SORI_RES_POLYPHASE; }
io_fir *io_fir_new(sori_ctx *c, double from, double to, sori_res_type type);
void io_fir_free(io_fir *f);      /* NULL is allowed */
size_t io_fir_outputs(const io_fir *f);
size_t io_fir_inputs(const io_fir *f);                   /* samples a block reads, from this one on */
int64_t io_fir_from(const io_fir *f, size_t block);
size_t io_fir_scratch(const io_fir *f);                  /* bytes a thread needs, 64-byte aligned */
/* All outputs of a block into y. x holds input samples [start, start + held); all others are zero. */
void io_fir_block(const io_fir *f, const float *x, int64_t start, size_t held, size_t block, float *y, void *scratch);

/* mp3.c: y [channels][n] coded as MP3 and decoded into out, the same shape, not delayed; 1 or 2 channels, rate one that
 * MP3 has. quality below 0: a constant bit rate of bit_rate kbit/s, else a variable one. False after an error. */
bool io_mp3(sori_ctx *c, const float *y, size_t channels, size_t n, int rate, double bit_rate, double quality,
            float *out);

/* Index of the first value of x [n] that is NaN or infinite, n if none. */
size_t io_nonfinite(const float *x, size_t n);

/* What a reader expects to deliver, for a first allocation: bounded by the file's bytes, never by its header alone. */
size_t io_reader_hint(const sori_reader *r);

#endif
