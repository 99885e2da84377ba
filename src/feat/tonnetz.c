/* tonnetz.c - tonal centroids, and chroma energy normalized statistics: what is made of chroma.
 *
 * Tonnetz: every pitch class is a point on three circles, of fifths, minor thirds and major thirds; the share of each
 * class in a frame is its weight, and the frame's centroid is six numbers. A chord's notes lie close together.
 * CENS: a frame's shares are counted in four steps that are spaced as loudness is, and smoothed over time: what is left
 * is harmony, without dynamics, timbre or articulation.
 *
 * Harte, Sandler and Gasser, "Detecting harmonic change in musical audio", ACM Multimedia 2006; Müller and Ewert,
 * "Chroma toolbox", ISMIR 2011.   librosa.feature.tonnetz, chroma_cens */
#include "feat/cqt.h"
#include <math.h>

/* --- tonnetz -------------------------------------------------------------------------------------------------- */

#define TONAL 6

/* Rows: sine and cosine of each circle; a turn of 7/6, 3/2, 2/3 half turns a semitone; major thirds count half. */
static void fill_circles(size_t n, double *phi) {
    static const double turn[TONAL / 2] = { 7.0 / 6, 3.0 / 2, 2.0 / 3 }, radius[TONAL / 2] = { 1, 1, 0.5 };
    for (size_t r = 0; r < TONAL; r++)
        for (size_t i = 0; i < n; i++) {
            double semitone = 12 * (double)i / (double)n;
            double angle = turn[r / 2] * semitone - (r % 2 ? 0 : 0.5);
            phi[r * n + i] = radius[r / 2] * cos(3.14159265358979323846 * angle);
        }
}

/* Sums over the classes, and over the magnitudes, which divide them. */
static void tonnetz_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const double *phi = u->state;
    double row[NUM_LANES], sum[TONAL][NUM_LANES] = { { 0 } }, all[NUM_LANES] = { 0 };
    (void)scratch;
    for (size_t i = 0; i < b->bins; i++) {
        feat_row(b, i, row);
        for (size_t m = 0; m < NUM_LANES; m++) all[m] += fabs(row[m]);
        for (size_t r = 0; r < TONAL; r++)
            for (size_t m = 0; m < NUM_LANES; m++) sum[r][m] += phi[r * b->bins + i] * row[m];
    }
    for (size_t r = 0; r < TONAL; r++)
        for (size_t m = 0; m < b->frames; m++)
            out[r * stride + m] = (float)(sum[r][m] / (all[m] < 1.1754943508222875e-38 ? 1 : all[m]));
}

static const feat_op tonnetz_op = { .info = { "tonnetz", "", "", "" }, .block = tonnetz_block };

sori_array *sori_tonnetz(sori_ctx *c, sori_audio y, const sori_tonnetz_config *config) {
    static const sori_tonnetz_config defaults;
    feat_input in = { 0 };
    feat_use u = { .op = &tonnetz_op, .power = 1, .rows = TONAL };
    if (!config) config = &defaults;
    int scope = sori_begin(c);
    const sori_array *chroma = config->chroma;
    if (!chroma) chroma = sori_chroma_cqt(c, y, &config->cqt);
    if (!base_failed(c) && feat_input_open(c, &in, "tonnetz", (sori_audio){ 0 }, chroma, &(sori_stft_config){ 0 })) {
        u.state = base_alloc_raw(c, TONAL * in.bins, sizeof(double));
        if (u.state) fill_circles(in.bins, u.state);
    }
    return sori_end(c, scope, feat_run(c, &in, &u));
}

/* --- CENS ----------------------------------------------------------------------------------------------------- */

typedef struct smoother {
    const float *in;      /* [rows][frames] */
    float *out;
    size_t frames, taps;
    const double *window; /* [taps], sum 1 */
} smoother;

/* out[t] = sum of window[j] in[t + taps / 2 - j]: scipy.ndimage.convolve, zeros around. */
static void smooth_row(void *arg, size_t r) {
    const smoother *s = arg;
    const float *in = s->in + r * s->frames;
    for (size_t t = 0; t < s->frames; t++) {
        double sum = 0;
        for (size_t j = 0; j < s->taps; j++) {
            size_t at = t + s->taps / 2 - j;   /* wraps below 0 */
            if (at < s->frames) sum += s->window[j] * (double)in[at];
        }
        s->out[r * s->frames + t] = (float)sum;
    }
}

/* The symmetric window of length + 2 samples: its ends are zero. Freed by base_free. */
static double *smoothing(sori_ctx *c, const char *name, size_t taps) {
    double *w = base_alloc_raw(c, taps, sizeof *w), sum = 0;
    if (w && !feat_named_window(c, "chroma_cens", name, taps, true, w)) {
        base_free(c, w);
        w = NULL;
    }
    for (size_t i = 0; w && i < taps; i++) sum += w[i];
    for (size_t i = 0; w && i < taps; i++) w[i] /= sum;
    return w;
}

static void quantize(float *x, size_t n) {
    static const double step[] = { 0.4, 0.2, 0.1, 0.05 };
    for (size_t i = 0; i < n; i++) {
        float quarters = 0;
        for (size_t k = 0; k < BASE_COUNT(step); k++) quarters += (double)x[i] > step[k];
        x[i] = quarters / 4;
    }
}

static sori_array *smooth(sori_ctx *c, const sori_array *chroma, size_t length, const char *name) {
    double *window = smoothing(c, name, length + 2);
    sori_array *out = window ? array_new_raw(c, SORI_F32, chroma->ndim, chroma->shape) : NULL;
    size_t frames = chroma->shape[chroma->ndim - 1];
    smoother s = { chroma->data, out ? out->data : NULL, frames, length + 2, window };
    if (out) base_parallel(c, chroma->size / frames, smooth_row, &s);
    base_free(c, window);
    return out;
}

sori_array *sori_chroma_cens(sori_ctx *c, sori_audio y, const sori_chroma_cens_config *config) {
    static const sori_chroma_cens_config defaults;
    if (!config) config = &defaults;
    sori_opt length = config->win_len_smooth;
    double norm, frames = feat_option(length, 41, 0);
    if (base_failed(c) || !feat_take_norm(c, "chroma_cens", config->cqt.norm, 2, &norm)) return NULL;
    if (length.mode == 1 && !(frames >= 1 && frames <= 1 << 24 && frames == floor(frames))) {
        sori_fail(c, SORI_EINVAL, "chroma_cens: win_len_smooth %g is not a number of frames", frames);
        return NULL;
    }
    int scope = sori_begin(c);
    sori_array *a = feat_chroma_cqt(c, "chroma_cens", y, &config->cqt, 1, 0);
    if (a) quantize(a->data, a->size);
    if (a && frames > 0) a = smooth(c, a, (size_t)frames, config->smoothing_window);
    if (a) {
        size_t rows = a->shape[a->ndim - 2], n = a->shape[a->ndim - 1];
        feat_lines lines = { .outer = a->size / (rows * n), .n = rows, .inner = n };
        feat_normalize_lines(c, norm, &lines, a->data, a->data);
    }
    return sori_end(c, scope, a);
}
