/* load.c - whole sounds: from files, from memory, and what a file holds.                          librosa.load */
#include "array/array.h"
#include "io/io.h"
#include <math.h>
#include <string.h>

#define BLOCK 8192   /* frames deinterleaved, or measured, at once */

/* --- loading ---------------------------------------------------------------------------------------------------- */

/* A [channels, n] array under construction: rows are `room` apart until the end is known. */
typedef struct growing {
    sori_array *a;
    size_t channels, room, n;
} growing;

static bool grow(sori_ctx *c, growing *g, size_t room) {
    sori_array *a = array_new_raw(c, SORI_F32, 2, (size_t[]){ g->channels, room });
    if (!a) return false;
    for (size_t ch = 0; g->a && ch < g->channels; ch++)
        memcpy((float *)a->data + ch * room, (float *)g->a->data + ch * g->room, g->n * sizeof(float));
    sori_array_free(c, g->a);
    g->a = a;
    g->room = room;
    return true;
}

static void append(growing *g, const float *block, size_t n) {
    for (size_t ch = 0; ch < g->channels; ch++) {
        float *row = (float *)g->a->data + ch * g->room + g->n;
        for (size_t i = 0; i < n; i++) row[i] = block[i * g->channels + ch];
    }
    g->n += n;
}

/* Close the gaps between rows. What stays unused behind them is given back only if it is much. */
static sori_array *trim(sori_ctx *c, growing *g, bool mono) {
    if (g->n < g->room - g->room / 8 && !grow(c, g, g->n)) return NULL;
    float *data = g->a->data;
    for (size_t ch = 1; ch < g->channels; ch++) memmove(data + ch * g->n, data + ch * g->room, g->n * sizeof *data);
    g->a->ndim = mono ? 1 : 2;
    g->a->shape[mono ? 0 : 1] = g->n;
    if (mono) g->a->shape[1] = 0;
    g->a->size = g->channels * g->n;
    return g->a;
}

static sori_array *read_all(sori_ctx *c, sori_reader *r, bool mono) {
    growing g = { .channels = (size_t)sori_reader_channels(r) };
    float *block = base_alloc_raw(c, BLOCK * g.channels, sizeof *block);
    size_t got;
    if (block && grow(c, &g, BASE_MAX(io_reader_hint(r), (size_t)BLOCK)))
        while ((got = sori_reader_read(r, block, BLOCK)) > 0) {
            if (g.n + got > g.room && !grow(c, &g, g.room + g.room / 2 + BLOCK)) break;
            append(&g, block, got);
        }
    base_free(c, block);
    sori_array *y = base_failed(c) ? NULL : trim(c, &g, mono);
    if (!y) sori_array_free(c, g.a);
    return y;
}

sori_audio sori_load(sori_ctx *c, const char *path, const sori_load_config *config) {
    sori_audio audio = { 0 };
    sori_reader *r = sori_reader_open(c, path, config);
    if (!r) return audio;
    audio.sr = sori_reader_sr(r);
    audio.y = read_all(c, r, sori_reader_channels(r) == 1);
    sori_reader_close(r);
    return audio;
}

/* --- from memory ------------------------------------------------------------------------------------------------ */

sori_audio sori_audio_from(sori_ctx *c, const float *data, size_t channels, size_t n, double sr) {
    sori_audio audio = { .sr = sr };
    if (base_failed(c)) return audio;
    if (!data || channels < 1 || channels > IO_MAX_CHANNELS || n < 1 || !(sr > 0) || !isfinite(sr)) {
        sori_fail(c, SORI_EINVAL, "audio: %zu channels of %zu samples at %g Hz", channels, n, sr);
        return audio;
    }
    bool mono = channels == 1;
    audio.y = sori_array_from(c, SORI_F32, mono ? 1 : 2, (size_t[]){ mono ? n : channels, n }, data);
    return audio;
}

sori_audio sori_to_mono(sori_ctx *c, sori_audio audio) {
    sori_audio out = { .sr = audio.sr };
    if (!array_check(c, "to_mono", audio.y, SORI_F32, 1)) return out;
    const sori_array *x = audio.y;
    if (x->ndim > 2 || x->shape[0] == 0) {
        char text[128];
        sori_fail(c, SORI_EINVAL, "to_mono: needs [n] or [channels, n], got shape %s",
                  array_shape_text(x, text, sizeof text));
        return out;
    }
    size_t n = x->shape[x->ndim - 1], channels = x->ndim == 2 ? x->shape[0] : 1;
    out.y = sori_array_from(c, SORI_F32, 1, &n, x->data);
    float *y = out.y ? out.y->data : NULL;
    for (size_t ch = 1; y && ch < channels; ch++)
        for (size_t i = 0; i < n; i++) y[i] += ((float *)x->data)[ch * n + i];
    for (size_t i = 0; y && channels > 1 && i < n; i++) y[i] /= (float)channels;
    return out;
}

/* --- what a file holds ------------------------------------------------------------------------------------------ */

typedef struct level {
    double peak, squares;
    uint64_t count, nonfinite;
} level;

static void measure(level *l, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double v = fabs((double)x[i]);
        if (!isfinite(v)) {
            l->nonfinite++;
            continue;
        }
        l->peak = fmax(l->peak, v);
        l->squares += v * v;
        l->count++;
    }
}

sori_status sori_file_info(sori_ctx *c, const char *path, sori_info *info) {
    memset(info, 0, sizeof *info);
    io_source *s = io_open(c, path, false);
    float *block = s ? base_alloc_raw(c, (size_t)BLOCK * (size_t)s->channels, sizeof *block) : NULL;
    level l = { 0 };
    if (block)
        for (size_t got; (got = io_read(s, block, BLOCK)) > 0;) measure(&l, block, got * (size_t)s->channels);
    base_free(c, block);
    if (!base_failed(c)) {
        memcpy(info->format, s->format, sizeof info->format);
        memcpy(info->encoding, s->encoding, sizeof info->encoding);
        info->sr = s->sr;
        info->channels = s->channels;
        info->frames = s->position;
        info->duration_s = (double)s->position / s->sr;
        info->peak = l.peak;
        info->rms = l.count ? sqrt(l.squares / (double)l.count) : 0;
        info->truncated = s->truncated;
        info->nonfinite = l.nonfinite;
    }
    io_close(s);
    return sori_error(c);
}
