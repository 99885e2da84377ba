/* save.c - sound to WAV, RF64 and FLAC.
 *
 * Samples become integers here, by round(x * 2^(bits-1)) cut to the range: the inverse of how integers are read, so
 * that loading and saving again gives the same samples (libsndfile's own scale, 2^(bits-1) - 1, does not). It only
 * lays out the file. No time stamp is written: equal sound gives equal bytes. */
#include "array/array.h"
#include "io/io.h"
#include <math.h>
#include <string.h>
#include <strings.h>

#ifdef SORI_WITH_SNDFILE
#include <sndfile.h>

#define BLOCK 4096                        /* frames written at once */
#define WAV_LIMIT UINT64_C(0xffff0000)    /* of sample data; a RIFF size is 32 bits and counts the header too */

typedef struct output {
    base_file *file;
    uint64_t clipped;
} output;

static sf_count_t vio_length(void *user) { return (sf_count_t)base_file_length(((output *)user)->file); }
static sf_count_t vio_tell(void *user) { return (sf_count_t)base_file_tell(((output *)user)->file); }

static sf_count_t vio_seek(sf_count_t offset, int whence, void *user) {
    sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? vio_tell(user) : vio_length(user);
    return base_file_seek(((output *)user)->file, (uint64_t)(from + offset)) ? from + offset : -1;
}

static sf_count_t vio_read(void *out, sf_count_t n, void *user) {
    return (sf_count_t)base_file_read(((output *)user)->file, out, (size_t)n);
}

static sf_count_t vio_write(const void *data, sf_count_t n, void *user) {
    return base_file_write(((output *)user)->file, data, (size_t)n) ? n : 0;
}

/* --- samples ---------------------------------------------------------------------------------------------------- */

/* x to an integer of that many bits, moved to the top of 32 as libsndfile's int interface wants it. Exactly +1 has
 * no integer either; it becomes the largest one without being called clipped. */
static int quantise(float x, int bits, uint64_t *clipped) {
    double scale = (double)(1 << (bits - 1)), v = rint((double)x * scale);
    *clipped += x > 1 || x < -1;
    v = v > scale - 1 ? scale - 1 : v < -scale ? -scale : v;
    return (int)v * (1 << (32 - bits));
}

static bool write_block(SNDFILE *f, const sori_array *y, size_t channels, size_t at, size_t n, int bits, output *o,
                        void *block) {
    size_t length = y->shape[y->ndim - 1];
    const float *x = y->data;
    for (size_t i = 0; i < n; i++)
        for (size_t ch = 0; ch < channels; ch++) {
            float v = x[ch * length + at + i];
            if (bits) ((int *)block)[i * channels + ch] = quantise(v, bits, &o->clipped);
            else ((float *)block)[i * channels + ch] = v;
        }
    sf_count_t done = bits ? sf_writef_int(f, block, (sf_count_t)n) : sf_writef_float(f, block, (sf_count_t)n);
    return done == (sf_count_t)n;
}

static bool write_samples(sori_ctx *c, SNDFILE *f, const char *path, const sori_array *y, int bits, output *o) {
    size_t channels = y->ndim == 2 ? y->shape[0] : 1, length = y->shape[y->ndim - 1];
    void *block = base_alloc_raw(c, BLOCK * channels, sizeof(int));
    bool ok = block;
    for (size_t at = 0; ok && at < length && !base_interrupted(c); at += BLOCK)
        ok = write_block(f, y, channels, at, BASE_MIN(length - at, (size_t)BLOCK), bits, o, block);
    base_free(c, block);
    if (!ok) sori_fail(c, SORI_EIO, "%s: cannot write: %s", path, sf_strerror(f));
    return ok && !base_failed(c);
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static int format_of(sori_ctx *c, const char *path, const sori_array *y, sori_subtype subtype) {
    static const int subtypes[] = { SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_FLOAT };
    const char *ext = base_path_ext(path);
    if ((unsigned)subtype >= BASE_COUNT(subtypes)) {
        sori_fail(c, SORI_EINVAL, "%s: unknown subtype %d", path, (int)subtype);
        return 0;
    }
    if (!strcasecmp(ext, "wav"))
        return subtypes[subtype] | ((uint64_t)y->size * 4 > WAV_LIMIT ? SF_FORMAT_RF64 : SF_FORMAT_WAV);
    if (strcasecmp(ext, "flac"))
        sori_fail(c, SORI_EINVAL, "%s: the name must end in .wav or .flac to be saved as sound", path);
    else if (subtype == SORI_FLOAT)
        sori_fail(c, SORI_EINVAL, "%s: FLAC holds integers: save 16 or 24 bits, or a .wav", path);
    return SF_FORMAT_FLAC | subtypes[subtype];
}

static bool check_audio(sori_ctx *c, const char *path, sori_audio a) {
    if (!path) sori_fail(c, SORI_EINVAL, "save: no path given");
    if (!array_check(c, "save", a.y, SORI_F32, 1)) return false;
    size_t channels = a.y->ndim == 2 ? a.y->shape[0] : 1;
    size_t bad = io_nonfinite(a.y->data, a.y->size);
    if (a.y->ndim > 2 || a.y->size == 0 || channels > IO_MAX_CHANNELS) {
        char text[128];
        sori_fail(c, SORI_EINVAL, "%s: cannot save sound of shape %s (needs [n] or [channels, n], 1 to %d channels)",
                  path, array_shape_text(a.y, text, sizeof text), IO_MAX_CHANNELS);
    } else if (!(a.sr >= 1 && a.sr <= IO_MAX_RATE) || a.sr != floor(a.sr)) {
        sori_fail(c, SORI_EINVAL, "%s: cannot save at %g Hz: a file's rate is a whole number", path, a.sr);
    } else if (bad < a.y->size) {
        sori_fail(c, SORI_EINVAL, "%s: cannot save: sample %zu is not a finite number", path,
                  bad % a.y->shape[a.y->ndim - 1]);
    }
    return !base_failed(c);
}

static bool write_sound(sori_ctx *c, const char *path, sori_audio a, int format, output *o) {
    SF_VIRTUAL_IO io = { vio_length, vio_seek, vio_read, vio_write, vio_tell };
    SF_INFO info = { .samplerate = (int)a.sr, .channels = a.y->ndim == 2 ? (int)a.y->shape[0] : 1, .format = format };
    int subtype = format & SF_FORMAT_SUBMASK;
    if (!sf_format_check(&info)) {
        sori_fail(c, SORI_EINVAL, "%s: this format cannot hold %d channels at %d Hz", path, info.channels,
                  info.samplerate);
        return false;
    }
    SNDFILE *f = sf_open_virtual(&io, SFM_WRITE, &info, o);
    if (!f) {
        sori_fail(c, SORI_EIO, "%s: cannot write: %s", path, sf_strerror(NULL));
        return false;
    }
    sf_command(f, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);   /* it holds the time of day */
    int bits = subtype == SF_FORMAT_PCM_16 ? 16 : subtype == SF_FORMAT_PCM_24 ? 24 : 0;
    bool ok = write_samples(c, f, path, a.y, bits, o);
    if (sf_close(f) != 0 && ok) sori_fail(c, SORI_EIO, "%s: cannot finish writing", path);
    return !base_failed(c);
}

sori_status sori_save(sori_ctx *c, const char *path, sori_audio audio, const sori_save_config *config) {
    if (base_failed(c) || !check_audio(c, path, audio)) return sori_error(c);
    int format = format_of(c, path, audio.y, config ? config->subtype : SORI_PCM_16);
    output o = { 0 };
    if (base_failed(c) || !(o.file = base_file_new(c, path))) return sori_error(c);
    if (!write_sound(c, path, audio, format, &o)) {
        base_file_abort(o.file);
        return sori_error(c);
    }
    if (o.clipped)
        base_warn(c, "%s: %llu samples beyond -1..1 were clipped", path, (unsigned long long)o.clipped);
    return base_file_commit(o.file);
}

#else
sori_status sori_save(sori_ctx *c, const char *path, sori_audio audio, const sori_save_config *config) {
    (void)audio, (void)config;
    return sori_fail(c, SORI_EUNSUP, "%s: cannot be written: sori was not built with libsndfile", path);
}
#endif
