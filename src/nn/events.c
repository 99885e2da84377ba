/* events.c - event files, which TensorBoard shows: scalars, histograms, pictures, sounds, texts.
 *
 * A file is a row of records, each
 *   u64 length | masked crc of these 8 bytes | length bytes: an Event | masked crc of them      all little endian
 * (TensorFlow's TFRecord). The crc is CRC-32C (Castagnoli, reflected 0x1EDC6F41 = 0x82F63B78), masked so that a crc
 * over data that holds crcs stays a good one: rotated right by 15 bits, plus 0xA282EAD8. An Event is a protocol buffer
 * (tensorflow/core/util/event.proto, framework/summary.proto); the field numbers below are theirs.
 *
 * The file grows in place, unlike all others the library writes: it is read while it is written. A record is one call
 * of write, so a killed process leaves whole records and at most one cut short, which readers pass over. */
#include "base/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sori/callbacks.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BINS 30                /* of a histogram, as TensorBoard's own */
#define MOST ((size_t)1 << 30) /* bytes of a record */

enum { EVENT_TIME = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION = 7 };
enum { SESSION_STATUS = 1, SESSION_START = 1 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SCALAR = 2, VALUE_IMAGE = 4, VALUE_HISTOGRAM = 5, VALUE_AUDIO = 6,
       VALUE_TENSOR = 8, VALUE_METADATA = 9 };

struct sori_events {
    sori_ctx *c;
    int fd;
    char *path;
    uint32_t crc[256];         /* of each byte */
    size_t summary, value;     /* messages begun */
};

/* --- records ------------------------------------------------------------------------------------------------------ */

static void make_crc_table(uint32_t table[256]) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t r = i;
        for (int bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ 0x82F63B78u : r >> 1;
        table[i] = r;
    }
}

static uint32_t masked_crc(const sori_events *e, const uint8_t *data, size_t n) {
    uint32_t r = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) r = e->crc[(r ^ data[i]) & 255] ^ r >> 8;
    r = ~r;
    return (r >> 15 | r << 17) + 0xA282EAD8u;
}

static void put_le(uint8_t *to, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) to[i] = (uint8_t)(v >> 8 * i);
}

static void write_all(sori_events *e, const uint8_t *data, size_t n) {
    while (n > 0) {
        ssize_t done = write(e->fd, data, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            sori_fail(e->c, SORI_EIO, "%s: cannot write: %s", e->path, strerror(errno));
            return;
        }
        data += done;
        n -= (size_t)done;
    }
}

static void write_record(sori_events *e, const base_proto *p) {
    if (p->size > MOST) sori_fail(e->c, SORI_EINVAL, "events: a record of %zu bytes, above 2^30", p->size);
    uint8_t *record = base_failed(e->c) ? NULL : base_alloc_raw(e->c, p->size + 16, 1);
    if (!record) return;
    put_le(record, p->size, 8);
    put_le(record + 8, masked_crc(e, record, 8), 4);
    memcpy(record + 12, p->data, p->size);
    put_le(record + 12 + p->size, masked_crc(e, p->data, p->size), 4);
    write_all(e, record, p->size + 16);
    base_free(e->c, record);
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static void begin_event(base_proto *p, int64_t step) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    base_proto_double(p, EVENT_TIME, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    base_proto_varint(p, EVENT_STEP, (uint64_t)step);
}

/* An Event with a Summary of one Value: its tag, and then what the caller writes before end_value. */
static bool begin_value(sori_events *e, base_proto *p, const char *tag, int64_t step) {
    if (!e || base_failed(e->c)) return false;
    if (!tag || !*tag) {
        sori_fail(e->c, SORI_EINVAL, "events: a value needs a tag");
        return false;
    }
    *p = (base_proto){ .c = e->c };
    begin_event(p, step);
    e->summary = base_proto_begin(p, EVENT_SUMMARY);
    e->value = base_proto_begin(p, SUMMARY_VALUE);
    base_proto_text(p, VALUE_TAG, tag);
    return true;
}

static sori_status end_value(sori_events *e, base_proto *p) {
    base_proto_end(p, e->value);
    base_proto_end(p, e->summary);
    write_record(e, p);
    base_proto_free(p);
    return sori_error(e->c);
}

static sori_status nothing(const sori_events *e) { return e ? sori_error(e->c) : SORI_EINVAL; }

sori_status sori_events_scalar(sori_events *e, const char *tag, int64_t step, double value) {
    base_proto p;
    if (!begin_value(e, &p, tag, step)) return nothing(e);
    base_proto_float(&p, VALUE_SCALAR, (float)value);
    return end_value(e, &p);
}

sori_status sori_events_text(sori_events *e, const char *tag, int64_t step, const char *text) {
    enum { PLUGIN_DATA = 1, PLUGIN_NAME = 1, DTYPE = 1, SHAPE = 2, STRING = 8, DIM = 2, SIZE = 1, DT_STRING = 7 };
    base_proto p;
    if (!begin_value(e, &p, tag, step)) return nothing(e);
    size_t metadata = base_proto_begin(&p, VALUE_METADATA), plugin = base_proto_begin(&p, PLUGIN_DATA);
    base_proto_text(&p, PLUGIN_NAME, "text");
    base_proto_end(&p, plugin);
    base_proto_end(&p, metadata);
    size_t tensor = base_proto_begin(&p, VALUE_TENSOR);
    base_proto_varint(&p, DTYPE, DT_STRING);
    size_t shape = base_proto_begin(&p, SHAPE), dim = base_proto_begin(&p, DIM);
    base_proto_varint(&p, SIZE, 1);
    base_proto_end(&p, dim);
    base_proto_end(&p, shape);
    base_proto_text(&p, STRING, text ? text : "");
    base_proto_end(&p, tensor);
    return end_value(e, &p);
}

/* --- histograms --------------------------------------------------------------------------------------------------- */

typedef struct histogram {
    double min, max, n, sum, squares;
    double limit[BINS], count[BINS];   /* right ends */
    size_t bins;
} histogram;

static double value_at(const sori_array *a, size_t i) {
    return a->dtype == SORI_F64 ? ((const double *)a->data)[i] : (double)((const float *)a->data)[i];
}

static void count_values(histogram *h, const sori_array *a) {
    *h = (histogram){ .min = INFINITY, .max = -INFINITY };
    for (size_t i = 0; i < a->size; i++) {
        double v = value_at(a, i);
        if (!isfinite(v)) continue;
        h->min = fmin(h->min, v);
        h->max = fmax(h->max, v);
        h->n++;
        h->sum += v;
        h->squares += v * v;
    }
    if (h->n == 0) h->min = h->max = 0;
    double width = h->max / BINS - h->min / BINS;
    h->bins = width > 0 ? BINS : 1;
    for (size_t b = 0; b < h->bins; b++) h->limit[b] = b + 1 == h->bins ? h->max : h->min + width * (double)(b + 1);
    for (size_t i = 0; i < a->size; i++) {
        double v = value_at(a, i);
        if (isfinite(v)) h->count[width > 0 ? (size_t)fmin((v - h->min) / width, BINS - 1) : 0]++;
    }
}

sori_status sori_events_histogram(sori_events *e, const char *tag, int64_t step, const sori_array *values) {
    enum { MIN = 1, MAX, NUM, SUM, SUM_SQUARES, LIMIT, COUNT };
    base_proto p;
    histogram h;
    if (!e || base_failed(e->c)) return nothing(e);
    if (!values || (values->dtype != SORI_F32 && values->dtype != SORI_F64))
        return sori_fail(e->c, SORI_EINVAL, "events: a histogram needs an array of f32 or f64");
    if (!begin_value(e, &p, tag, step)) return nothing(e);
    count_values(&h, values);
    size_t inner = base_proto_begin(&p, VALUE_HISTOGRAM);
    base_proto_double(&p, MIN, h.min);
    base_proto_double(&p, MAX, h.max);
    base_proto_double(&p, NUM, h.n);
    base_proto_double(&p, SUM, h.sum);
    base_proto_double(&p, SUM_SQUARES, h.squares);
    base_proto_doubles(&p, LIMIT, h.limit, h.bins);
    base_proto_doubles(&p, COUNT, h.count, h.bins);
    base_proto_end(&p, inner);
    return end_value(e, &p);
}

/* --- pictures and sounds ------------------------------------------------------------------------------------------ */

static uint32_t big_endian(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The size is in the first chunk: 8 bytes of signature, length, "IHDR", width, height, depth, kind of colour. */
sori_status sori_events_image(sori_events *e, const char *tag, int64_t step, const void *png, size_t size) {
    enum { HEIGHT = 1, WIDTH, COLORSPACE, ENCODED };
    static const int channels[] = { [0] = 1, [2] = 3, [3] = 3, [4] = 2, [6] = 4 };
    const uint8_t *b = png;
    base_proto p;
    if (!e || base_failed(e->c)) return nothing(e);
    if (!png || size < 29 || memcmp(b, "\x89PNG\r\n\x1a\n", 8) || memcmp(b + 12, "IHDR", 4) || b[25] > 6)
        return sori_fail(e->c, SORI_EINVAL, "events: the picture is not a PNG");
    if (!begin_value(e, &p, tag, step)) return nothing(e);
    size_t inner = base_proto_begin(&p, VALUE_IMAGE);
    base_proto_varint(&p, HEIGHT, big_endian(b + 20));
    base_proto_varint(&p, WIDTH, big_endian(b + 16));
    base_proto_varint(&p, COLORSPACE, (uint64_t)channels[b[25]]);
    base_proto_bytes(&p, ENCODED, png, size);
    base_proto_end(&p, inner);
    return end_value(e, &p);
}

/* A WAV of 16 bits: 44 bytes of header, then frames of one sample a channel. */
static uint8_t *make_wav(sori_ctx *c, const sori_array *y, size_t channels, size_t frames, uint32_t sr, size_t *size) {
    size_t bytes = 2 * channels * frames;
    uint8_t *wav = base_alloc_raw(c, 44 + bytes, 1);
    if (!wav) return NULL;
    memcpy(wav, "RIFF....WAVEfmt ....", 20);
    memcpy(wav + 36, "data", 4);
    put_le(wav + 4, 36 + bytes, 4);
    put_le(wav + 16, 16, 4);
    put_le(wav + 20, 1, 2);                       /* PCM */
    put_le(wav + 22, channels, 2);
    put_le(wav + 24, sr, 4);
    put_le(wav + 28, sr * 2 * channels, 4);       /* bytes a second */
    put_le(wav + 32, 2 * channels, 2);            /* bytes a frame */
    put_le(wav + 34, 16, 2);
    put_le(wav + 40, bytes, 4);
    for (size_t i = 0; i < channels * frames; i++) {
        float v = ((const float *)y->data)[i % channels * frames + i / channels];
        long s = isfinite(v) ? lrintf(fmaxf(-1, fminf(1, v)) * 32767) : 0;
        put_le(wav + 44 + 2 * i, (uint64_t)s, 2);
    }
    *size = 44 + bytes;
    return wav;
}

sori_status sori_events_audio(sori_events *e, const char *tag, int64_t step, const sori_array *y, double sr) {
    enum { SAMPLE_RATE = 1, NUM_CHANNELS, LENGTH_FRAMES, ENCODED, CONTENT_TYPE };
    base_proto p;
    size_t size = 0;
    if (!e || base_failed(e->c)) return nothing(e);
    if (!y || y->dtype != SORI_F32 || y->ndim < 1 || y->ndim > 2 || y->size == 0 || y->size > MOST / 2 ||
        (y->ndim == 2 && y->shape[0] > 8))
        return sori_fail(e->c, SORI_EINVAL, "events: sound must be [n] or [channels, n] f32, of 1 to 8 channels");
    if (!(sr >= 1 && sr <= 1 << 20))
        return sori_fail(e->c, SORI_EINVAL, "events: a sampling rate of %g Hz is outside 1 .. 2^20", sr);
    size_t channels = y->ndim == 2 ? y->shape[0] : 1, frames = y->size / channels;
    if (!begin_value(e, &p, tag, step)) return nothing(e);
    uint8_t *wav = make_wav(e->c, y, channels, frames, (uint32_t)lrint(sr), &size);
    size_t inner = base_proto_begin(&p, VALUE_AUDIO);
    base_proto_float(&p, SAMPLE_RATE, (float)sr);
    base_proto_varint(&p, NUM_CHANNELS, channels);
    base_proto_varint(&p, LENGTH_FRAMES, frames);
    if (wav) base_proto_bytes(&p, ENCODED, wav, size);
    base_proto_text(&p, CONTENT_TYPE, "audio/wav");
    base_proto_end(&p, inner);
    base_free(e->c, wav);
    return end_value(e, &p);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* TensorBoard reads files in the order of their names: seconds, then a number for those of the same second. */
static bool create(sori_events *e, const char *dir) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (int i = 0; i < 1000 && e->fd < 0 && !base_failed(e->c); i++) {
        base_free(e->c, e->path);
        e->path = base_printf(e->c, "%s/events.out.tfevents.%010lld.sori.%03d", dir, (long long)now.tv_sec, i);
        if (e->path) e->fd = open(e->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
        if (e->path && e->fd < 0 && errno != EEXIST) break;
    }
    if (e->fd < 0) sori_fail(e->c, SORI_EIO, "%s: cannot create: %s", e->path ? e->path : dir, strerror(errno));
    return e->fd >= 0;
}

/* The version first; then that a run starts here, whose steps replace older ones. */
static void write_start(sori_events *e, int64_t first_step) {
    base_proto version = { .c = e->c }, start = { .c = e->c };
    begin_event(&version, 0);
    base_proto_text(&version, EVENT_VERSION, "brain.Event:2");
    write_record(e, &version);
    begin_event(&start, first_step);
    size_t session = base_proto_begin(&start, EVENT_SESSION);
    base_proto_varint(&start, SESSION_STATUS, SESSION_START);
    base_proto_end(&start, session);
    write_record(e, &start);
    base_proto_free(&version);
    base_proto_free(&start);
}

sori_events *sori_events_new(sori_ctx *c, const char *dir, int64_t first_step) {
    if (base_failed(c)) return NULL;
    if (!dir) {
        sori_fail(c, SORI_EINVAL, "events: no folder to write to");
        return NULL;
    }
    sori_events *e = base_make_dirs(c, dir) == SORI_OK ? base_alloc(c, 1, sizeof *e) : NULL;
    if (!e) return NULL;
    e->c = c;
    e->fd = -1;
    make_crc_table(e->crc);
    if (create(e, dir)) write_start(e, first_step);
    if (!base_failed(c)) return e;
    sori_events_free(e);
    return NULL;
}

void sori_events_free(sori_events *e) {
    if (!e) return;
    if (e->fd >= 0) close(e->fd);
    base_free(e->c, e->path);
    base_free(e->c, e);
}
