/* header.c - what a sound file says of itself, before a decoder sees it.
 *
 * libsndfile is quiet about files that end early and vague about impossible headers, so the containers' outlines
 * are read here: chunk lists (RIFF, RIFX, RF64, AIFF, CAF), the Sun header, FLAC's STREAMINFO, Ogg's last page, the
 * Xing tag of MP3. Nothing here is trusted for memory; it only decides what to say and how to open.
 *
 * A recorder that dies leaves a WAV whose data size is 0 or all ones; some pipes write 0x7ffff000. Such a file is
 * `lengthless`: its samples run to the end of the file. */
#include "io/io.h"
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PLACEHOLDER 0x7ffff000u   /* sox's "length unknown"; also covers 0x7fffffff, 0x80000000 and 0xffffffff */
#define TAIL 131072               /* two Ogg pages of the largest size (65,307 bytes) */

static uint32_t le16(const unsigned char *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t le32(const unsigned char *p) { return le16(p) | le16(p + 2) << 16; }
static uint32_t be16(const unsigned char *p) { return p[1] | (uint32_t)p[0] << 8; }
static uint32_t be32(const unsigned char *p) { return be16(p) << 16 | be16(p + 2); }
static uint64_t be64(const unsigned char *p) { return (uint64_t)be32(p) << 32 | be32(p + 4); }

static size_t read_at(int fd, uint64_t position, void *out, size_t n) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, (char *)out + done, n - done, (off_t)(position + done));
        if (got <= 0) break;
        done += (size_t)got;
    }
    return done;
}

static const char *impossible(uint32_t channels, double rate) {
    if (channels == 0) return "declares 0 channels";
    if (channels > IO_MAX_CHANNELS) return "declares more than 256 channels";
    if (!(rate >= 1)) return "declares a sampling rate below 1 Hz";
    return rate > IO_MAX_RATE ? "declares a sampling rate above 2147483647 Hz" : NULL;
}

/* --- WAV -------------------------------------------------------------------------------------------------------- */

static void wav_format(io_header *h, const unsigned char *p, size_t n) {
    uint32_t (*u16)(const unsigned char *) = h->big_endian ? be16 : le16;
    h->tag = (int)u16(p);
    if (h->tag == 0xfffe && n >= 26) h->tag = (int)u16(p + 24);   /* extensible: the tag opens the sub-format's GUID */
    h->channels = (int)u16(p + 2);
    h->rate = h->big_endian ? be32(p + 4) : le32(p + 4);
    uint32_t align = u16(p + 12);
    h->sample_bytes = h->channels ? (int)(align / (uint32_t)h->channels) : 0;
    h->fault = impossible((uint32_t)h->channels, h->rate);
}

/* Whether [position, end of file) is a list of whole chunks with printable names. */
static bool chunks_follow(int fd, const io_header *h, uint64_t position) {
    unsigned char p[8];
    if (position == h->bytes) return true;
    for (int count = 0; count < 64 && position < h->bytes; count++) {
        if (read_at(fd, position, p, 8) < 8) return false;
        for (int i = 0; i < 4; i++)
            if (p[i] < 32 || p[i] > 126) return false;
        uint64_t size = h->big_endian ? be32(p + 4) : le32(p + 4);
        position += 8 + size + size % 2;
    }
    return position == h->bytes || position == h->bytes + 1;   /* the last pad byte is often left out */
}

static void wav_data(int fd, io_header *h, uint64_t position, uint64_t size, bool wide) {
    uint64_t there = h->bytes - position;
    h->data_offset = position;
    h->lengthless = !wide && (size == UINT32_MAX || (size >= PLACEHOLDER && size > there) ||
                              (size == 0 && !chunks_follow(fd, h, position)) ||
                              (there >= size && there - size >= UINT32_MAX));   /* a size that wrapped at 4 GB */
    h->data_size = h->lengthless || size > there ? there : size;
    h->truncated = !h->lengthless && size > there;
    h->exact = true;
}

static void look_wav(int fd, io_header *h) {
    unsigned char p[40];
    bool wide = !memcmp(h->start, "RF64", 4);
    h->big_endian = !memcmp(h->start, "RIFX", 4);
    uint64_t wide_size = 0, position = 12;
    for (int count = 0; count < 1024; count++) {
        if (read_at(fd, position, p, 8) < 8) return;
        uint64_t size = h->big_endian ? be32(p + 4) : le32(p + 4);
        position += 8;
        if (!memcmp(p, "data", 4)) {
            wav_data(fd, h, position, wide && size == UINT32_MAX ? wide_size : size, wide);
            return;
        }
        bool format = !memcmp(p, "fmt ", 4), lengths = !memcmp(p, "ds64", 4);
        size_t got = format || lengths ? read_at(fd, position, p, BASE_MIN(size, sizeof p)) : 0;
        if (format && got >= 16) wav_format(h, p, got);
        if (lengths && got >= 16) wide_size = le32(p + 8) | (uint64_t)le32(p + 12) << 32;
        position += size + size % 2;
    }
}

/* --- AIFF, AU, CAF ---------------------------------------------------------------------------------------------- */

/* AIFF keeps its rate as an 80-bit extended float: sign and exponent, then a mantissa with the leading one. */
static double extended(const unsigned char *p) {
    int exponent = (int)(be16(p) & 0x7fff) - 16383 - 63;
    double v = (double)be64(p + 2);
    for (; exponent > 0 && v < 1e30; exponent--) v *= 2;
    for (; exponent < 0 && v > 1e-30; exponent++) v /= 2;
    return p[0] & 0x80 ? -v : v;
}

static void look_aiff(int fd, io_header *h) {
    unsigned char p[26];
    uint64_t position = 12;
    for (int count = 0; count < 1024 && read_at(fd, position, p, 26) >= 8; count++) {
        uint64_t size = be32(p + 4);
        if (!memcmp(p, "COMM", 4) && size >= 18) h->fault = impossible(be16(p + 8), extended(p + 16));
        if (!memcmp(p, "SSND", 4)) {
            h->truncated = size > h->bytes - position - 8;
            h->exact = true;
        }
        position += 8 + size + size % 2;
    }
}

static void look_au(io_header *h) {
    if (h->start_size < 24) return;
    uint64_t offset = be32(h->start + 4), size = be32(h->start + 8);
    h->fault = impossible(be32(h->start + 20), be32(h->start + 16));
    h->truncated = size != UINT32_MAX && offset + size > h->bytes;
    h->exact = true;
}

static void look_caf(int fd, io_header *h) {
    unsigned char p[12];
    uint64_t position = 8;
    for (int count = 0; count < 1024 && read_at(fd, position, p, 12) == 12; count++) {
        uint64_t size = be64(p + 4);
        if (!memcmp(p, "data", 4)) {
            h->truncated = size != UINT64_MAX && size > h->bytes - position - 12;
            h->exact = true;
            return;
        }
        if (size > h->bytes) return;
        position += 12 + size;
    }
}

/* --- FLAC, Ogg, MPEG -------------------------------------------------------------------------------------------- */

static void look_flac(io_header *h) {
    const unsigned char *p = h->start + 8;   /* behind "fLaC" and the block's header */
    h->exact = true;
    if (h->start_size < 42 || (h->start[4] & 0x7f) != 0) return;
    uint32_t rate = be32(p + 10) >> 12;      /* 20 bits; then 3 bits of channels - 1 */
    h->fault = impossible((p[12] >> 1 & 7) + 1u, rate);
}

/* The last page of a whole Ogg file carries the end-of-stream flag (RFC 3533, bit 4 of byte 5). */
static void look_ogg(int fd, io_header *h) {
    static const unsigned char mark[4] = { 'O', 'g', 'g', 'S' };
    unsigned char block[4096 + 8];
    uint64_t position = h->bytes > TAIL ? h->bytes - TAIL : 0;
    h->truncated = true;
    for (; position < h->bytes; position += 4096) {
        size_t n = read_at(fd, position, block, sizeof block);
        for (size_t i = 0; i + 6 <= n; i++)
            if (!memcmp(block + i, mark, 4) && block[i + 5] & 4) h->truncated = false;
    }
}

/* Only a Xing (or Info) tag promises a length; without one libsndfile extrapolates from the first frames' bit rate. */
static void look_mpeg(int fd, io_header *h) {
    unsigned char block[4096];
    uint64_t position = 0;
    if (!memcmp(h->start, "ID3", 3) && h->start_size >= 10) {
        const unsigned char *p = h->start + 6;
        position = 10 + ((uint32_t)(p[0] & 127) << 21 | (uint32_t)(p[1] & 127) << 14 | (uint32_t)(p[2] & 127) << 7 |
                         (p[3] & 127));
    }
    size_t n = read_at(fd, position, block, sizeof block);
    for (size_t i = 0; i + 8 <= n && !h->exact; i++)
        h->exact = (!memcmp(block + i, "Xing", 4) || !memcmp(block + i, "Info", 4)) && block[i + 7] & 1;
}

/* --- what it is ------------------------------------------------------------------------------------------------- */

/* Text has no NUL and hardly any control characters; sound has both within 512 bytes. */
static bool is_text(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] < 32 && p[i] != '\t' && p[i] != '\n' && p[i] != '\r' && p[i] != '\f') return false;
    return true;
}

static io_kind kind_of(const unsigned char *p, size_t n) {
    if (n == 0) return IO_EMPTY;
    if (n >= 12 && (!memcmp(p, "RIFF", 4) || !memcmp(p, "RIFX", 4) || !memcmp(p, "RF64", 4)) &&
        !memcmp(p + 8, "WAVE", 4)) return IO_WAV;
    if (n >= 12 && !memcmp(p, "FORM", 4) && !memcmp(p + 8, "AIF", 3)) return IO_AIFF;
    if (n >= 4 && !memcmp(p, ".snd", 4)) return IO_AU;
    if (n >= 4 && !memcmp(p, "caff", 4)) return IO_CAF;
    if (n >= 4 && !memcmp(p, "fLaC", 4)) return IO_FLAC;
    if (n >= 4 && !memcmp(p, "OggS", 4)) return IO_OGG;
    if (n >= 3 && !memcmp(p, "ID3", 3)) return IO_MPEG;
    if (n >= 2 && p[0] == 0xff && (p[1] & 0xe0) == 0xe0) return IO_MPEG;
    return is_text(p, n) ? IO_TEXT : IO_UNKNOWN;
}

void io_look(int fd, io_header *h) {
    uint64_t bytes = h->bytes;
    memset(h, 0, sizeof *h);
    h->bytes = bytes;
    h->start_size = read_at(fd, 0, h->start, sizeof h->start);
    h->kind = kind_of(h->start, h->start_size);
    switch (h->kind) {
    case IO_WAV: look_wav(fd, h); break;
    case IO_AIFF: look_aiff(fd, h); break;
    case IO_AU: look_au(h); break;
    case IO_CAF: look_caf(fd, h); break;
    case IO_FLAC: look_flac(h); break;
    case IO_OGG: look_ogg(fd, h); break;
    case IO_MPEG: look_mpeg(fd, h); break;
    case IO_UNKNOWN: case IO_EMPTY: case IO_TEXT: break;
    }
}

bool io_is_sound(const char *name) {
    static const char *const endings[] = {
        "wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "snd", "caf", "w64", "rf64",
        "m4a", "mp4", "aac", "wma", "webm", "mkv", "mka", "mov",
    };
    const char *ext = base_path_ext(name);
    for (size_t i = 0; i < BASE_COUNT(endings); i++)
        if (!strcasecmp(ext, endings[i])) return true;
    return false;
}
