/* segment.c - a recording's features cut into network inputs.
 *
 * Segments are cut from the features of the whole recording, so a frame is computed once however much segments
 * overlap, and equals the frame a stream computes. */
#include "data/data.h"
#include <math.h>
#include <string.h>

/* Beyond the last whole hop, frames that another segment would add: left out below an eighth of a hop, since centred
 * features give even a recording of exactly one segment a frame more. */
static bool has_tail(const data_geometry *g, size_t frames) {
    size_t left = (frames - g->frames) % g->hop;
    return left > 0 && left >= g->hop / 8.0;
}

size_t data_segment_count(const data_geometry *g, size_t frames) {
    if (frames <= g->frames) return 1;
    return 1 + (frames - g->frames) / g->hop + has_tail(g, frames);
}

size_t data_segment_start(const data_geometry *g, size_t frames, size_t i) {
    return frames <= g->frames ? 0 : BASE_MIN(i * g->hop, frames - g->frames);
}

void data_segment_cut(const data_geometry *g, const float *features, size_t frames, size_t start, float *out) {
    size_t there = BASE_MIN(g->frames, frames - start);
    for (size_t b = 0; b < g->bins; b++, out += g->frames) {
        memcpy(out, features + b * frames + start, there * sizeof *out);
        for (size_t t = there; t < g->frames; t++) out[t] = g->silence[b];
    }
}

/* The loudest value, but at least the range above silence: near silence is left near silence, not amplified. */
float data_segment_level(const data_geometry *g, const float *x) {
    if (g->level_bins == 0) return g->waveform;
    float loudest = g->range;
    if (g->waveform) {
        for (size_t i = 0; i < g->frames; i++) loudest = BASE_MAX(loudest, fabsf(x[i]));
        return loudest;
    }
    loudest = g->silence[0] + g->range;
    for (size_t i = 0; i < g->level_bins * g->frames; i++) loudest = BASE_MAX(loudest, x[i]);
    return loudest;
}

void data_segment_normalise(const data_geometry *g, const float *mean, const float *scale, float *x) {
    float level = data_segment_level(g, x);
    if (g->waveform) {
        for (size_t t = 0; t < g->frames; t++) x[t] = (x[t] / level - mean[0]) * scale[0];
        return;
    }
    for (size_t b = 0; b < g->bins; b++, x += g->frames)
        for (size_t t = 0; t < g->frames; t++) x[t] = (data_relative(g, b, x[t], level) - mean[b]) * scale[b];
}

sori_array *data_segments(sori_ctx *c, const data_geometry *g, const sori_array *features, size_t first, size_t n,
                          const float *mean, const float *scale) {
    if (!array_check(c, "segments", features, SORI_F32, 2)) return NULL;
    size_t frames = features->shape[1], size = g->bins * g->frames;
    if (features->shape[0] != g->bins || frames == 0 || first + n > data_segment_count(g, frames)) {
        char text[64];
        sori_fail(c, SORI_EINVAL, "segments: features of shape %s, %zu bins are needed",
                  array_shape_text(features, text, sizeof text), g->bins);
        return NULL;
    }
    size_t image[4] = { n, g->bins, g->frames, 1 };
    sori_array *x = array_new_raw(c, SORI_F32, g->waveform ? 3 : 4, g->waveform ? (size_t[]){ n, size, 1 } : image);
    for (size_t i = 0; x && i < n; i++) {
        float *out = (float *)x->data + i * size;
        data_segment_cut(g, features->data, frames, data_segment_start(g, frames, first + i), out);
        data_segment_normalise(g, mean, scale, out);
    }
    return x;
}
