/* mp3.c - sound through MP3 and back, in memory: libsndfile writes (by LAME) and reads (by mpg123).
 *
 * Coding and decoding delay sound by 1105 samples and fill the last frame up. LAME's tag in the first frame says by how
 * much, and mpg123 takes that off again, so what comes back is in its place; what is missing at the end is silence. */
#include "io/io.h"

#ifdef SORI_WITH_SNDFILE
#include <sndfile.h>
#include <string.h>

#define BLOCK 4608   /* frames coded at once: four of MP3's */

/* A file in memory. */
typedef struct memory {
    sori_ctx *c;
    char *data;
    size_t size, room, at;
} memory;

static sf_count_t vio_length(void *user) { return (sf_count_t)((memory *)user)->size; }
static sf_count_t vio_tell(void *user) { return (sf_count_t)((memory *)user)->at; }

static sf_count_t vio_seek(sf_count_t offset, int whence, void *user) {
    memory *m = user;
    sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? vio_tell(m) : vio_length(m), to;
    if (__builtin_add_overflow(from, offset, &to) || to < 0 || to > vio_length(m)) return -1;
    m->at = (size_t)to;
    return to;
}

static sf_count_t vio_read(void *out, sf_count_t n, void *user) {
    memory *m = user;
    size_t count = BASE_MIN((size_t)n, m->size - m->at);
    memcpy(out, m->data + m->at, count);
    m->at += count;
    return (sf_count_t)count;
}

static sf_count_t vio_write(const void *data, sf_count_t n, void *user) {
    memory *m = user;
    size_t end = m->at + (size_t)n;
    if (end > m->room) {
        size_t room = BASE_MAX(2 * m->room, end + 65536);
        char *more = base_grow(m->c, m->data, m->room, room, 1);
        if (!more) return 0;
        m->data = more;
        m->room = room;
    }
    memcpy(m->data + m->at, data, (size_t)n);
    m->at = end;
    m->size = BASE_MAX(m->size, end);
    return n;
}

/* --- there ------------------------------------------------------------------------------------------------------ */

/* libsndfile's scale of compression, 0 .. 1: of the bit rates a sampling rate has, from the highest to the lowest. */
static double compression_of(int rate, double bit_rate) {
    double most = rate >= 32000 ? 320 : rate >= 16000 ? 160 : 64, least = rate >= 32000 ? 32 : 8;
    double kbits = BASE_MAX(least, BASE_MIN(bit_rate, most));
    return (most - kbits) / (most - least);
}

static void set_quality(SNDFILE *f, int rate, double bit_rate, double quality) {
    int mode = quality >= 0 ? SF_BITRATE_MODE_VARIABLE : SF_BITRATE_MODE_CONSTANT;
    double level = quality >= 0 ? quality / 10 : compression_of(rate, bit_rate);
    sf_command(f, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
    sf_command(f, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level);
}

/* Frames [at, at + count) between [channels][n] and [count][channels]. */
static void interleave(const float *y, size_t channels, size_t n, size_t at, size_t count, float *block) {
    for (size_t i = 0; i < count; i++)
        for (size_t ch = 0; ch < channels; ch++) block[i * channels + ch] = y[ch * n + at + i];
}

static void part(const float *block, size_t channels, size_t n, size_t at, size_t count, float *out) {
    for (size_t i = 0; i < count; i++)
        for (size_t ch = 0; ch < channels; ch++) out[ch * n + at + i] = block[i * channels + ch];
}

static SNDFILE *open_coder(memory *m, size_t channels, int rate, int mode) {
    SF_VIRTUAL_IO io = { vio_length, vio_seek, vio_read, vio_write, vio_tell };
    SF_INFO info = { 0 };
    if (mode == SFM_WRITE)
        info = (SF_INFO){ .samplerate = rate, .channels = (int)channels,
                          .format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III };
    if (mode == SFM_WRITE && !sf_format_check(&info)) {
        sori_fail(m->c, SORI_EUNSUP, "mp3: libsndfile was not built with MP3");
        return NULL;
    }
    SNDFILE *f = sf_open_virtual(&io, mode, &info, m);
    if (f && info.samplerate == rate && info.channels == (int)channels) return f;
    sori_fail(m->c, SORI_EFORMAT, "mp3: cannot %s %zu channels at %d Hz: %s", mode == SFM_WRITE ? "code" : "decode",
              channels, rate, f ? "they come back as others" : sf_strerror(NULL));
    if (f) sf_close(f);
    return NULL;
}

static void code(memory *m, const float *y, size_t channels, size_t n, int rate, double bit_rate, double quality) {
    float block[BLOCK * 2];
    SNDFILE *f = open_coder(m, channels, rate, SFM_WRITE);
    if (!f) return;
    set_quality(f, rate, bit_rate, quality);
    bool ok = true;
    for (size_t at = 0; ok && at < n && !base_interrupted(m->c); at += BLOCK) {
        size_t count = BASE_MIN(n - at, (size_t)BLOCK);
        interleave(y, channels, n, at, count, block);
        ok = sf_writef_float(f, block, (sf_count_t)count) == (sf_count_t)count;
    }
    if (!ok) sori_fail(m->c, SORI_EIO, "mp3: cannot code: %s", sf_strerror(f));
    sf_close(f);
}

/* --- and back ---------------------------------------------------------------------------------------------------- */

static void decode(memory *m, size_t channels, size_t n, int rate, float *out) {
    float block[BLOCK * 2];
    m->at = 0;
    SNDFILE *f = open_coder(m, channels, rate, SFM_READ);
    size_t at = 0;
    for (sf_count_t got = 1; f && at < n && got > 0; at += (size_t)got) {
        got = sf_readf_float(f, block, (sf_count_t)BASE_MIN(n - at, (size_t)BLOCK));
        got = BASE_MAX(got, 0);
        part(block, channels, n, at, (size_t)got, out);
    }
    for (size_t ch = 0; ch < channels; ch++)
        for (size_t t = at; t < n; t++) out[ch * n + t] = 0;
    if (f) sf_close(f);
}

bool io_mp3(sori_ctx *c, const float *y, size_t channels, size_t n, int rate, double bit_rate, double quality,
            float *out) {
    memory m = { .c = c };
    code(&m, y, channels, n, rate, bit_rate, quality);
    if (!base_failed(c)) decode(&m, channels, n, rate, out);
    base_free(c, m.data);
    return !base_failed(c);
}

#else
bool io_mp3(sori_ctx *c, const float *y, size_t channels, size_t n, int rate, double bit_rate, double quality,
            float *out) {
    (void)y, (void)channels, (void)n, (void)rate, (void)bit_rate, (void)quality, (void)out;
    sori_fail(c, SORI_EUNSUP, "mp3: sori was not built with libsndfile");
    return false;
}
#endif
