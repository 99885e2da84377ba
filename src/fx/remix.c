/* remix.c - pieces of a sound put together anew, each cut where the sound changes sign, so that nothing clicks.
 *
 * An edge moves to the nearest crossing of the mean of all channels (the first sample and the end count as
 * crossings); of two as near, to the one on the right. librosa.effects.remix, util.match_events. */
#include "array/array.h"
#include "base/base.h"
#include <sori/fx.h>
#include <string.h>

/* The mean of all channels; y itself if there is one. */
static const sori_array *mean(sori_ctx *c, const sori_array *y) {
    size_t n = y->shape[y->ndim - 1], channels = y->size / n;
    if (channels == 1) return y;
    sori_array *out = array_new_raw(c, SORI_F32, 1, &n);
    for (size_t t = 0; out && t < n; t++) {
        double sum = 0;
        for (size_t i = 0; i < channels; i++) sum += (double)((const float *)y->data)[i * n + t];
        ((float *)out->data)[t] = (float)(sum / (double)channels);
    }
    return out;
}

/* Where cuts may be: ascending, from base_alloc. NULL on failure. */
static int64_t *find_places(sori_ctx *c, const sori_array *y, size_t *count) {
    int scope = sori_begin(c);
    const sori_array *mono = mean(c, y), *crossings = mono ? sori_zero_crossings(c, mono, NULL) : NULL;
    const uint8_t *at = crossings ? crossings->data : NULL;
    size_t n = 0;
    for (size_t i = 0; crossings && i < crossings->size; i++) n += at[i];
    int64_t *places = crossings ? base_alloc_raw(c, n + 1, sizeof *places) : NULL;
    *count = 0;
    for (size_t i = 0; places && i < crossings->size; i++)
        if (at[i]) places[(*count)++] = (int64_t)i;
    if (places) places[(*count)++] = (int64_t)crossings->size;
    sori_end(c, scope, NULL);
    return places;
}

static int64_t nearest(const int64_t *places, size_t n, int64_t x) {
    size_t low = 0, high = n - 1;   /* the first place that is not before x */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (places[middle] < x) low = middle + 1;
        else high = middle;
    }
    if (low > 0 && x - places[low - 1] < places[low] - x) low--;
    return places[low];
}

static bool check(sori_ctx *c, const sori_array *intervals, size_t n) {
    if (!array_check(c, "remix", intervals, SORI_I64, 2)) return false;
    if (intervals->ndim != 2 || intervals->shape[1] != 2 || intervals->size == 0) {
        sori_fail(c, SORI_EINVAL, "remix: intervals must be [m, 2], with m at least 1");
        return false;
    }
    const int64_t *edge = intervals->data;
    for (size_t i = 0; i < intervals->shape[0]; i++)
        if (edge[2 * i] < 0 || edge[2 * i + 1] < edge[2 * i] || edge[2 * i + 1] > (int64_t)n) {
            sori_fail(c, SORI_EINVAL, "remix: interval %zu, %lld to %lld, does not lie in the %zu samples", i,
                      (long long)edge[2 * i], (long long)edge[2 * i + 1], n);
            return false;
        }
    return true;
}

/* The pieces of one channel, one behind the other. */
static void join(const float *x, const int64_t *edge, size_t m, float *out) {
    for (size_t i = 0; i < m; i++) {
        size_t n = (size_t)(edge[2 * i + 1] - edge[2 * i]);
        memcpy(out, x + edge[2 * i], n * sizeof *out);
        out += n;
    }
}

static sori_array *joined(sori_ctx *c, const sori_array *y, const int64_t *edge, size_t m) {
    size_t n = y->shape[y->ndim - 1], total = 0;
    for (size_t i = 0; i < m; i++) total += (size_t)(edge[2 * i + 1] - edge[2 * i]);
    sori_array *out = array_new_lead(c, SORI_F32, y->ndim - 1, y->shape, 1, &total);
    for (size_t i = 0; out && out->size && i < y->size / n; i++)
        join((const float *)y->data + i * n, edge, m, (float *)out->data + i * total);
    return out;
}

sori_audio sori_remix(sori_ctx *c, sori_audio y, const sori_array *intervals, const sori_remix_config *config) {
    sori_audio out = { NULL, y.sr };
    size_t count = 0;
    if (base_failed(c) || !array_check(c, "remix", y.y, SORI_F32, 1)) return out;
    if (y.y->size == 0) sori_fail(c, SORI_EINVAL, "remix: the sound has no samples");
    if (base_failed(c) || !check(c, intervals, y.y->shape[y.y->ndim - 1])) return out;
    bool align = !config || !config->unaligned;
    int64_t *places = align ? find_places(c, y.y, &count) : NULL;
    int64_t *edge = base_alloc_raw(c, intervals->size, sizeof *edge);
    for (size_t i = 0; edge && i < intervals->size; i++) edge[i] = ((const int64_t *)intervals->data)[i];
    for (size_t i = 0; edge && places && i < intervals->size; i++) edge[i] = nearest(places, count, edge[i]);
    if (edge && !base_failed(c)) out.y = joined(c, y.y, edge, intervals->shape[0]);
    base_free(c, edge);
    base_free(c, places);
    return out;
}
