/* sndfile.c - decoding through libsndfile.
 *
 * libsndfile reads through callbacks on our descriptor, so that names are any bytes, interrupted reads are taken up
 * again and a failing disk is told apart from a short file. A lengthless WAV of plain samples is opened behind its
 * header, as raw samples: its length is then the file's, also above 4 GB. */
#include "io/io.h"

#ifdef SORI_WITH_SNDFILE
#include <errno.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct decoder {
    io_source *s;
    SNDFILE *file;
    uint64_t base, length, position;   /* the part of the file libsndfile sees */
} decoder;

static sf_count_t vio_length(void *user) { return (sf_count_t)((decoder *)user)->length; }
static sf_count_t vio_tell(void *user) { return (sf_count_t)((decoder *)user)->position; }

static sf_count_t vio_seek(sf_count_t offset, int whence, void *user) {
    decoder *d = user;
    sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? vio_tell(d) : vio_length(d), to;
    if (__builtin_add_overflow(from, offset, &to) || to < 0) return -1;
    d->position = (uint64_t)to;
    return to;
}

static sf_count_t vio_read(void *out, sf_count_t n, void *user) {
    decoder *d = user;
    sf_count_t done = 0;
    n = d->position < d->length ? BASE_MIN(n, (sf_count_t)(d->length - d->position)) : 0;
    while (done < n) {
        ssize_t got = pread(d->s->fd, (char *)out + done, (size_t)(n - done), (off_t)(d->base + d->position));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) sori_fail(d->s->c, SORI_EIO, "%s: cannot read: %s", d->s->path, strerror(errno));
        if (got <= 0) break;
        done += got;
        d->position += (uint64_t)got;
    }
    return done;
}

static sf_count_t vio_write(const void *data, sf_count_t n, void *user) {
    (void)data, (void)n, (void)user;
    return 0;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* libsndfile's sentence, less its habit of opening with "Error : ", and of blaming pipes for broken MP3. */
static void give_reason(const char *text, char *reason, size_t size) {
    if (!strncmp(text, "Error : ", 8)) text += 8;
    if (!strncmp(text, "File does not exist", 19) || !strncmp(text, "Internal error", 14))
        text = "no frame of sound can be decoded";
    base_format(reason, size, "%s", text);
    size_t n = strlen(reason);
    if (n && reason[n - 1] == '.') reason[n - 1] = 0;
}

/* libsndfile ends an MP3 silently where its channels or rate change; what is left of the file betrays it. */
static size_t decode(io_source *s, float *out, size_t n) {
    decoder *d = s->decoder;
    sf_count_t got = sf_readf_float(d->file, out, (sf_count_t)n);
    if (got < (sf_count_t)n && sf_error(d->file) != SF_ERR_NO_ERROR && !s->damage[0])
        give_reason(sf_strerror(d->file), s->damage, sizeof s->damage);
    if (got == 0 && s->header.kind == IO_MPEG && d->length - d->position > d->length / 4)
        base_format(s->damage, sizeof s->damage, "decoding stops at byte %llu of %llu",
                    (unsigned long long)d->position, (unsigned long long)d->length);
    return got > 0 ? (size_t)got : 0;
}

static bool seek(io_source *s, uint64_t frame) {
    decoder *d = s->decoder;
    return frame <= INT64_MAX && sf_seek(d->file, (sf_count_t)frame, SEEK_SET) == (sf_count_t)frame;
}

static void close_decoder(io_source *s) {
    decoder *d = s->decoder;
    if (d && d->file) sf_close(d->file);
    base_free(s->c, d);
    s->decoder = NULL;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static int raw_subtype(const io_header *h) {
    int n = h->sample_bytes;
    if (h->tag == 1) return n == 1 ? SF_FORMAT_PCM_U8 : n == 2 ? SF_FORMAT_PCM_16 : n == 3 ? SF_FORMAT_PCM_24
                                                                           : n == 4 ? SF_FORMAT_PCM_32 : 0;
    if (h->tag == 3) return n == 4 ? SF_FORMAT_FLOAT : n == 8 ? SF_FORMAT_DOUBLE : 0;
    return n != 1 ? 0 : h->tag == 6 ? SF_FORMAT_ALAW : h->tag == 7 ? SF_FORMAT_ULAW : 0;
}

/* A lengthless WAV of plain samples: see nothing but the samples. */
static void open_behind_header(const io_header *h, decoder *d, SF_INFO *info) {
    int subtype = h->lengthless ? raw_subtype(h) : 0;
    if (!subtype) return;
    d->base = h->data_offset;
    d->length = h->data_size;
    *info = (SF_INFO){ .samplerate = (int)h->rate, .channels = h->channels,
                       .format = SF_FORMAT_RAW | subtype | (h->big_endian ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE) };
}

static bool exact_seek(int format) {
    int sub = format & SF_FORMAT_SUBMASK, major = format & SF_FORMAT_TYPEMASK;
    return sub == SF_FORMAT_VORBIS || major == SF_FORMAT_FLAC || (sub >= SF_FORMAT_PCM_S8 && sub <= SF_FORMAT_ALAW);
}

/* "WAV (Microsoft)" -> "WAV", "Signed 16 bit PCM" -> "PCM 16 bit", "32 bit float" -> "float 32 bit". */
static void describe(io_source *s, int format) {
    static const struct { int subtype; const char *name; } encodings[] = {
        { SF_FORMAT_PCM_S8, "PCM 8 bit" }, { SF_FORMAT_PCM_U8, "PCM 8 bit" }, { SF_FORMAT_PCM_16, "PCM 16 bit" },
        { SF_FORMAT_PCM_24, "PCM 24 bit" }, { SF_FORMAT_PCM_32, "PCM 32 bit" }, { SF_FORMAT_FLOAT, "float 32 bit" },
        { SF_FORMAT_DOUBLE, "float 64 bit" }, { SF_FORMAT_ULAW, "mu-law" }, { SF_FORMAT_ALAW, "A-law" },
        { SF_FORMAT_VORBIS, "Vorbis" }, { SF_FORMAT_OPUS, "Opus" }, { SF_FORMAT_MPEG_LAYER_I, "MPEG layer I" },
        { SF_FORMAT_MPEG_LAYER_II, "MPEG layer II" }, { SF_FORMAT_MPEG_LAYER_III, "MPEG layer III" },
    };
    SF_FORMAT_INFO i = { .format = format & SF_FORMAT_TYPEMASK };
    const char *name = sf_command(NULL, SFC_GET_FORMAT_INFO, &i, sizeof i) == 0 && i.name ? i.name : "unknown";
    int major = (int)strcspn(name, " ");
    if (s->header.kind == IO_WAV) base_format(s->format, sizeof s->format, "WAV");
    else base_format(s->format, sizeof s->format, "%.*s", BASE_MIN(major, 31), name);
    for (size_t k = 0; k < BASE_COUNT(encodings); k++)
        if (encodings[k].subtype == (format & SF_FORMAT_SUBMASK))
            base_format(s->encoding, sizeof s->encoding, "%s", encodings[k].name);
    i = (SF_FORMAT_INFO){ .format = format & SF_FORMAT_SUBMASK };
    if (!s->encoding[0] && sf_command(NULL, SFC_GET_FORMAT_INFO, &i, sizeof i) == 0 && i.name)
        base_format(s->encoding, sizeof s->encoding, "%.31s", i.name);
}

bool io_sndfile_open(io_source *s, char *reason, size_t size) {
    SF_VIRTUAL_IO io = { vio_length, vio_seek, vio_read, vio_write, vio_tell };
    SF_INFO info = { 0 };
    decoder *d = base_alloc(s->c, 1, sizeof *d);
    if (!d) return false;
    *d = (decoder){ .s = s, .length = s->header.bytes };
    open_behind_header(&s->header, d, &info);
    d->file = sf_open_virtual(&io, SFM_READ, &info, d);
    if (!d->file) {
        give_reason(sf_strerror(NULL), reason, size);
        base_free(s->c, d);
        return false;
    }
    s->decoder = d;
    s->read = decode;
    s->seek = exact_seek(info.format) ? seek : NULL;
    s->close = close_decoder;
    s->sr = info.samplerate;
    s->channels = info.channels;
    s->declared = info.frames > 0 && info.frames < INT64_MAX ? (uint64_t)info.frames : 0;
    describe(s, info.format);
    return true;
}

#else
bool io_sndfile_open(io_source *s, char *reason, size_t size) {
    (void)reason, (void)size;
    sori_fail(s->c, SORI_EUNSUP, "%s: cannot be read: sori was not built with libsndfile", s->path);
    return false;
}
#endif
