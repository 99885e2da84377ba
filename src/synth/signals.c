/* signals.c - sounds to measure and to listen with: chirps, and clicks at events. */
#include "array/array.h"
#include <sori/synth.h>
#include <math.h>
#include <string.h>

static bool check_rate(sori_ctx *c, const char *who, double sr, double samples) {
    if (!(sr >= 1 && sr <= 1e9) || !(samples >= 1 && samples < 0x1p40))
        sori_fail(c, SORI_EINVAL, "%s: %g samples at %g Hz", who, samples, sr);
    return !base_failed(c);
}

/* --- chirps ------------------------------------------------------------------------------------------------------ */

/* Turns since the beginning, t of duration, seconds. */
static double chirp_turns(double fmin, double fmax, bool linear, double t, double duration) {
    if (linear || fmin == fmax) return fmin * t + (fmax - fmin) * t / duration * t / 2;
    double octaves = log(fmax / fmin);
    return duration * fmin / octaves * expm1(octaves * t / duration);
}

sori_audio sori_chirp(sori_ctx *c, double fmin, double fmax, const sori_chirp_config *config) {
    sori_chirp_config k = config ? *config : (sori_chirp_config){ 0 };
    sori_audio out = { .sr = k.sr != 0 ? k.sr : 22050 };
    double duration = k.length ? (double)k.length / out.sr : k.duration_s != 0 ? k.duration_s : 1;
    double n = k.length ? (double)k.length : floor(duration * out.sr), phi = k.phi.mode == 1 ? k.phi.value : -M_PI / 2;
    if (base_failed(c) || !check_rate(c, "chirp", out.sr, n)) return out;
    double low = k.linear ? 0 : 0x1p-1022, nyquist = out.sr / 2;
    if (!(fmin >= low && fmin <= nyquist && fmax >= low && fmax <= nyquist) || !isfinite(phi)) {
        sori_fail(c, SORI_EINVAL, "chirp: from %g to %g Hz, phase %g; sr/2 is %g Hz", fmin, fmax, phi, nyquist);
        return out;
    }
    out.y = array_new_raw(c, SORI_F32, 1, &(size_t){ (size_t)n });
    for (size_t i = 0; out.y && i < out.y->size; i++) {
        double turns = chirp_turns(fmin, fmax, k.linear, (double)i / out.sr, duration);
        ((float *)out.y->data)[i] = (float)cos(2 * M_PI * (turns - floor(turns)) + phi);
    }
    return out;
}

/* --- clicks ------------------------------------------------------------------------------------------------------ */

/* A sine that fades by 2^-10, or config's own click. NULL after an error. */
static const sori_array *click_of(sori_ctx *c, const sori_clicks_config *k, double sr) {
    if (k->click) return array_check(c, "clicks: click", k->click, SORI_F32, 1) ? k->click : NULL;
    double freq = k->click_freq != 0 ? k->click_freq : 1000;
    double n = floor(sr * (k->click_duration_s != 0 ? k->click_duration_s : 0.1));
    if (!check_rate(c, "clicks: a click", sr, n)) return NULL;
    if (!(freq > 0 && freq <= sr / 2)) {
        sori_fail(c, SORI_EINVAL, "clicks: click_freq %g Hz is not within 0 and sr/2, %g Hz", freq, sr / 2);
        return NULL;
    }
    sori_array *click = array_new_raw(c, SORI_F64, 1, &(size_t){ (size_t)n });
    for (size_t i = 0; click && i < click->size; i++) {
        double turns = freq * (double)i / sr, level = exp2(n > 1 ? -10 * (double)i / (n - 1) : 0);
        ((double *)click->data)[i] = level * sin(2 * M_PI * (turns - floor(turns)));
    }
    return click;
}

/* Where the clicks begin: [k] i64 samples. NULL after an error. */
static const sori_array *places_of(sori_ctx *c, const sori_array *times, const sori_clicks_config *k, double sr) {
    const sori_array *given = times ? times : k->frames;
    int hop = k->hop_length ? k->hop_length : 512;
    if (!given || hop < 1) {
        sori_fail(c, SORI_EINVAL, given ? "clicks: hop_length %d is below 1" : "clicks: neither times nor frames", hop);
        return NULL;
    }
    const sori_array *at = sori_array_cast(c, given, SORI_F64);
    sori_array *places = array_new_raw(c, SORI_I64, 1, &(size_t){ given->size });
    for (size_t i = 0; at && places && i < at->size; i++) {
        double x = ((double *)at->data)[i], place = times ? x * sr : trunc(x) * hop;
        if (!(place >= 0 && place < 0x1p40)) {
            sori_fail(c, SORI_EINVAL, "clicks: event %zu is at %g %s", i, x, times ? "s" : "frames");
            return NULL;
        }
        ((int64_t *)places->data)[i] = (int64_t)place;
    }
    return at ? places : NULL;
}

/* Samples wanted: as told, or until the last click ends. */
static size_t length_of(const sori_clicks_config *k, const sori_array *places, size_t click) {
    int64_t last = 0;
    for (size_t i = 0; i < places->size; i++) {
        int64_t place = ((int64_t *)places->data)[i];
        if (place > last) last = place;
    }
    return k->length ? k->length : (size_t)last + click;
}

/* Add row `row` of the click to y [n] at each of the places. */
static void add_clicks(float *y, size_t n, const sori_array *places, const sori_array *click, size_t row) {
    size_t m = click->shape[click->ndim - 1];
    for (size_t i = 0; i < places->size; i++) {
        size_t at = (size_t)((int64_t *)places->data)[i], count = at >= n ? 0 : n - at < m ? n - at : m;
        for (size_t j = 0; j < count; j++) {
            size_t from = row * m + j;
            y[at + j] += click->dtype == SORI_F64 ? (float)((double *)click->data)[from] : ((float *)click->data)[from];
        }
    }
}

sori_audio sori_clicks(sori_ctx *c, const sori_array *times, const sori_clicks_config *config) {
    static const sori_clicks_config defaults;
    const sori_clicks_config *k = config ? config : &defaults;
    sori_audio out = { .sr = k->sr != 0 ? k->sr : 22050 };
    int scope = sori_begin(c);
    const sori_array *click = base_failed(c) || !check_rate(c, "clicks", out.sr, 1) ? NULL : click_of(c, k, out.sr);
    const sori_array *places = click ? places_of(c, times, k, out.sr) : NULL;
    if (places && !places->size && !k->length) sori_fail(c, SORI_EINVAL, "clicks: no events, and no length");
    if (places && !base_failed(c)) {
        size_t shape[SORI_MAX_DIMS], m = click->shape[click->ndim - 1], n = length_of(k, places, m);
        memcpy(shape, click->shape, sizeof shape);
        shape[click->ndim - 1] = n;
        out.y = sori_array_new(c, SORI_F32, click->ndim, shape);
        for (size_t row = 0; out.y && m && row < click->size / m; row++)
            add_clicks((float *)out.y->data + row * n, n, places, click, row);
    }
    out.y = sori_end(c, scope, out.y);
    return out;
}
