/* reader.c - sound block by block, in constant memory: decode, mean over channels, resample.    librosa.load, stream
 *
 * The source is read, and soxr fed, in blocks of a fixed size whatever the caller asks for, so the samples do not
 * depend on how they are fetched; sori_load is a loop around this reader. The resampled length is known only at the
 * end of the file: it is librosa's ceil(frames * target / rate), reached by cutting or by adding zeros. */
#include "io/io.h"
#include <math.h>
#include <string.h>

#define BLOCK 16384                   /* frames read, and given to soxr, at once */
#define MAX_FRAMES (UINT64_C(1) << 40)

struct sori_reader {
    sori_ctx *c;
    io_source *source;
    sori_load_config config;
    double sr;                        /* of what is delivered */
    int channels;
    uint64_t wanted, taken;           /* file frames to read, and read */
    uint64_t given;                   /* frames delivered */
    io_resampler *resampler;          /* NULL: the file's own rate */
    float *in, *out;                  /* [BLOCK, source channels], mixed in place; [BLOCK, channels] */
    size_t in_at, in_n, out_at, out_n;
    bool source_ended, ended;
};

/* An exponent of all ones. Most blocks have none, which a loop without an exit finds out several values at a time. */
size_t io_nonfinite(const float *x, size_t n) {
    for (size_t first = 0; first < n; first += 4096) {
        size_t end = BASE_MIN(first + 4096, n);
        uint32_t found = 0;
        for (size_t i = first; i < end; i++) {
            uint32_t bits;
            memcpy(&bits, x + i, sizeof bits);
            found |= (bits & 0x7f800000) == 0x7f800000;
        }
        for (size_t i = first; found && i < end; i++)
            if (!isfinite(x[i])) return i;
    }
    return n;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static bool check_config(sori_ctx *c, const char *path, const sori_load_config *k) {
    if (!(k->sr == 0 || k->sr == SORI_SR_NATIVE || (k->sr >= 1 && k->sr <= IO_MAX_RATE)))
        sori_fail(c, SORI_EINVAL, "%s: target rate %g Hz is not within 1 to 2147483647", path, k->sr);
    else if (!(k->offset_s >= 0 && k->offset_s < 1e12) || !(k->duration_s >= 0 && k->duration_s < 1e12))
        sori_fail(c, SORI_EINVAL, "%s: offset %g s and duration %g s must not be negative", path, k->offset_s,
                  k->duration_s);
    return !base_failed(c);
}

static bool set_up(sori_reader *r) {
    const sori_load_config *k = &r->config;
    io_source *s = r->source;
    r->sr = k->sr == 0 ? 22050 : k->sr == SORI_SR_NATIVE ? s->sr : k->sr;
    r->channels = k->multichannel ? s->channels : 1;
    r->wanted = k->duration_s > 0 ? (uint64_t)(k->duration_s * s->sr) : UINT64_MAX;   /* int(), as librosa */
    if (!r->config.max_frames) r->config.max_frames = MAX_FRAMES;
    r->in = base_alloc_raw(r->c, (size_t)BLOCK * (size_t)s->channels, sizeof *r->in);
    r->out = base_alloc_raw(r->c, (size_t)BLOCK * (size_t)r->channels, sizeof *r->out);
    if (r->sr != s->sr) r->resampler = io_resampler_new(r->c, s->sr, r->sr, r->channels, k->res_type);
    uint64_t offset = (uint64_t)(k->offset_s * s->sr);
    if (!base_failed(r->c) && offset && !io_skip(s, offset))
        sori_fail(r->c, SORI_EINVAL, "%s: starts at %g s, but lasts only %g s", s->path, k->offset_s,
                  (double)s->position / s->sr);
    return !base_failed(r->c);
}

sori_reader *sori_reader_open(sori_ctx *c, const char *path, const sori_load_config *config) {
    static const sori_load_config defaults;
    if (!config) config = &defaults;
    if (base_failed(c) || !check_config(c, path ? path : "load", config)) return NULL;
    sori_reader *r = base_alloc(c, 1, sizeof *r);
    if (!r) return NULL;
    r->c = c;
    r->config = *config;
    r->source = io_open(c, path, config->strict);
    if (r->source && set_up(r)) return r;
    sori_reader_close(r);
    return NULL;
}

double sori_reader_sr(const sori_reader *r) { return r ? r->sr : 0; }
int sori_reader_channels(const sori_reader *r) { return r ? r->channels : 0; }
bool sori_reader_truncated(const sori_reader *r) { return r && r->source->truncated; }

void sori_reader_close(sori_reader *r) {
    if (!r) return;
    io_close(r->source);
    io_resampler_free(r->resampler);
    base_free(r->c, r->in);
    base_free(r->c, r->out);
    base_free(r->c, r);
}

/* At most 16 samples a byte: above what MP3 and Vorbis reach on real sound. Longer results grow as they are decoded. */
size_t io_reader_hint(const sori_reader *r) {
    const io_source *s = r->source;
    uint64_t frames = s->declared > s->position ? s->declared - s->position : 0;
    uint64_t plausible = s->header.bytes * 16 / (uint64_t)s->channels;
    frames = BASE_MIN(BASE_MIN(frames, plausible), BASE_MIN(r->wanted, r->config.max_frames));
    double n = ceil((double)frames * (r->sr / s->sr));
    return n < 0x1p40 ? (size_t)n : 0;
}

/* A promise of more than plausible, or one that is broken already, is none. */
uint64_t sori_reader_expected(const sori_reader *r) {
    const io_source *s = r ? r->source : NULL;
    if (!s || !s->header.exact || s->header.truncated || s->header.lengthless || s->declared <= s->position) return 0;
    uint64_t frames = BASE_MIN(s->declared - s->position, r->wanted);
    if (frames > s->header.bytes * 16 / (uint64_t)s->channels) return 0;
    return io_resampled_length(frames, s->sr, r->sr);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* librosa.to_mono: the mean in float, summed in channel order; in place. */
static void mix(float *x, size_t n, int channels) {
    for (size_t i = 0; i < n; i++) {
        const float *frame = x + i * (size_t)channels;
        float sum = frame[0];
        for (int ch = 1; ch < channels; ch++) sum += frame[ch];
        x[i] = sum / (float)channels;
    }
}

static bool check_block(sori_reader *r, size_t n) {
    const io_source *s = r->source;
    size_t values = n * (size_t)s->channels, bad = r->config.allow_nonfinite ? values : io_nonfinite(r->in, values);
    if (bad < values)
        sori_fail(r->c, SORI_EFORMAT, "%s: sample %llu is not a finite number", s->path,
                  (unsigned long long)(s->position - n + bad / (size_t)s->channels));
    else if (r->taken > r->config.max_frames)
        sori_fail(r->c, SORI_EFORMAT, "%s: longer than the limit of %llu frames", s->path,
                  (unsigned long long)r->config.max_frames);
    return !base_failed(r->c);
}

/* The next block of the file into r->in, mixed. */
static void fill_in(sori_reader *r) {
    size_t n = (size_t)BASE_MIN(r->wanted - r->taken, (uint64_t)BLOCK);
    r->in_at = r->in_n = 0;
    size_t got = n ? io_read(r->source, r->in, n) : 0;
    r->taken += got;
    r->source_ended = got < n || r->taken == r->wanted;
    if (base_failed(r->c) || !check_block(r, got)) return;
    if (r->channels < r->source->channels) mix(r->in, got, r->source->channels);
    r->in_n = got;
}

/* Once the file is over, its resampled length is known: cut there, or go on with zeros. */
static void fit_length(sori_reader *r) {
    uint64_t total = io_resampled_length(r->taken, r->source->sr, r->sr);
    uint64_t left = total > r->given ? total - r->given : 0;
    if (r->out_n == 0 && left > 0) {
        r->out_n = (size_t)BASE_MIN(left, (uint64_t)BLOCK);
        memset(r->out, 0, r->out_n * (size_t)r->channels * sizeof *r->out);
    }
    r->out_n = (size_t)BASE_MIN(left, (uint64_t)r->out_n);
    r->ended = r->out_n == left;
}

/* The next samples into r->out, at least one unless the end or an error is met. */
static void fill_out(sori_reader *r) {
    r->out_at = r->out_n = 0;
    while (r->out_n == 0 && !r->ended && !base_failed(r->c)) {
        if (r->in_at == r->in_n && !r->source_ended) fill_in(r);
        if (base_failed(r->c)) return;
        bool over = r->in_at == r->in_n && r->source_ended;
        size_t waiting = r->in_n - r->in_at, used = waiting;
        const float *in = r->in + r->in_at * (size_t)r->channels;
        if (r->resampler) {
            r->out_n = io_resampler_run(r->resampler, over ? NULL : in, waiting, &used, r->out, BLOCK);
        } else {
            memcpy(r->out, in, waiting * (size_t)r->channels * sizeof *in);
            r->out_n = waiting;
        }
        if (!over) r->in_at += used;
        if (over) fit_length(r);
    }
    r->given += r->out_n;
}

size_t sori_reader_read(sori_reader *r, float *out, size_t n) {
    size_t done = 0, width = r ? (size_t)r->channels : 0;
    while (r && done < n && !base_failed(r->c)) {
        if (r->out_at == r->out_n) {
            if (r->ended) break;
            fill_out(r);
            if (base_failed(r->c)) return 0;
        }
        size_t count = BASE_MIN(n - done, r->out_n - r->out_at);
        memcpy(out + done * width, r->out + r->out_at * width, count * width * sizeof *out);
        r->out_at += count;
        done += count;
    }
    return done;
}
