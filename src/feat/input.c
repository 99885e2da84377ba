/* input.c - checking what features are computed from: the one gate of every feature on frames. */
#include "feat/pipeline.h"
#include <float.h>
#include <math.h>
#include <stdatomic.h>

#define MAX_N_FFT (1 << 24)   /* 12 minutes at 22050 Hz; keeps offsets within 32 bits */

/* --- checks ------------------------------------------------------------------------------------------------- */

/* True if all n values are finite: x * 0 is 0 for those, NaN for the others, and sums keep NaN. */
static bool all_finite(const float *x, size_t n) {
    float sums[16] = { 0 };
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (size_t m = 0; m < 16; m++) sums[m] += x[i + m] * 0;
    for (; i < n; i++) sums[0] += x[i] * 0;
    float sum = 0;
    for (size_t m = 0; m < 16; m++) sum += sums[m];
    return sum == 0;
}

/* True if all n values are finite and not negative. */
static bool all_magnitudes(const float *x, size_t n) {
    int wrong[16] = { 0 };
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (size_t m = 0; m < 16; m++) wrong[m] |= !(x[i + m] >= 0) | !(x[i + m] <= FLT_MAX);
    for (; i < n; i++) wrong[0] |= !(x[i] >= 0) | !(x[i] <= FLT_MAX);
    for (size_t m = 1; m < 16; m++) wrong[0] |= wrong[m];
    return !wrong[0];
}

#define PIECE ((size_t)1 << 18)   /* values a thread looks at, 1 MB */

typedef struct inspection {
    const float *x;
    size_t n;
    bool (*good)(const float *x, size_t n);
    atomic_bool all;
} inspection;

static void look_at_piece(void *arg, size_t i) {
    inspection *f = arg;
    if (!f->good(f->x + i * PIECE, BASE_MIN(f->n - i * PIECE, PIECE))) atomic_store(&f->all, false);
}

static bool inspect(sori_ctx *c, const float *x, size_t n, bool (*good)(const float *x, size_t n)) {
    inspection f = { .x = x, .n = n, .good = good, .all = true };
    base_parallel(c, (n + PIECE - 1) / PIECE, look_at_piece, &f);
    return atomic_load(&f.all);
}

bool feat_check_finite(sori_ctx *c, const char *who, const float *x, size_t n) {
    if (inspect(c, x, n, all_finite)) return true;
    size_t i = 0;
    while (isfinite(x[i])) i++;
    sori_fail(c, SORI_EINVAL, "%s: value %zu of the input is not finite", who, i);
    return false;
}

bool feat_are_magnitudes(sori_ctx *c, const float *x, size_t n) { return inspect(c, x, n, all_magnitudes); }

bool feat_check_magnitude(sori_ctx *c, const char *who, const float *x, size_t n) {
    if (feat_are_magnitudes(c, x, n)) return true;
    size_t i = 0;
    while (x[i] >= 0 && isfinite(x[i])) i++;
    if (x[i] < 0) sori_fail(c, SORI_EINVAL, "%s: value %zu of the spectrogram is negative", who, i);
    else sori_fail(c, SORI_EINVAL, "%s: value %zu of the input is not finite", who, i);
    return false;
}

sori_aggregate feat_aggregate(sori_ctx *c, const char *who, sori_aggregate asked, sori_aggregate usual,
                              unsigned known) {
    sori_aggregate a = asked ? asked : usual;
    if ((unsigned)a <= SORI_AGGREGATE_NONE && (known >> a & 1)) return a;
    sori_fail(c, SORI_EINVAL, "%s: there is no aggregate %d", who, (int)asked);
    return usual;
}

/* The leading axes, which the result keeps; their product is the number of channels. */
static void take_lead(feat_input *in, const sori_array *a, int last_axes) {
    in->lead = a->ndim - last_axes;
    in->channels = 1;
    for (int i = 0; i < in->lead; i++) {
        in->lead_shape[i] = a->shape[i];
        in->channels *= a->shape[i];
    }
}

static bool take_S(sori_ctx *c, feat_input *in, const sori_array *S) {
    if (!array_check(c, in->who, S, SORI_F32, 2)) return false;
    take_lead(in, S, 2);
    in->S = S->data;
    in->bins = S->shape[S->ndim - 2];
    in->frames = S->shape[S->ndim - 1];
    if (in->bins == 0 || in->frames == 0)
        sori_fail(c, SORI_EINVAL, "%s: the spectrogram has no %s", in->who, in->bins ? "frames" : "bins");
    else if (in->n_fft / 2 + 1 != in->bins) in->n_fft = 2 * (in->bins - 1);   /* librosa's guess */
    return !base_failed(c) && feat_check_finite(c, in->who, in->S, S->size);
}

static bool take_sound(sori_ctx *c, feat_input *in, sori_audio y) {
    if (!array_check(c, in->who, y.y, SORI_F32, 1)) return false;
    if (y.y->ndim + 1 > SORI_MAX_DIMS) {
        sori_fail(c, SORI_EINVAL, "%s: sound of %d axes (at most %d)", in->who, y.y->ndim, SORI_MAX_DIMS - 1);
        return false;
    }
    take_lead(in, y.y, 1);
    in->y = y.y->data;
    in->n = y.y->shape[y.y->ndim - 1];
    if (in->n == 0) sori_fail(c, SORI_EINVAL, "%s: the sound has no samples", in->who);
    else if (!in->centered && in->n < in->n_fft)
        sori_fail(c, SORI_EINVAL, "%s: n_fft %zu is larger than the sound of %zu samples, and frames are not centred",
                  in->who, in->n_fft, in->n);
    if (base_failed(c) || !feat_check_finite(c, in->who, in->y, y.y->size)) return false;
    in->frames = feat_frames(in->n, in->n_fft, in->hop, in->centered);
    return true;
}

bool feat_check_rate(sori_ctx *c, const char *who, double *sr) {
    if (*sr == 0) *sr = 22050;   /* librosa's default, for spectrograms given without a sound */
    if (*sr > 0 && isfinite(*sr)) return true;
    sori_fail(c, SORI_EINVAL, "%s: sampling rate %g Hz is not positive", who, *sr);
    return false;
}

/* --- the window --------------------------------------------------------------------------------------------- */

static bool copy_window(sori_ctx *c, const char *who, const sori_array *values, size_t n, double *out) {
    if (values->ndim != 1 || values->size != n || !array_is_real(values)) {
        sori_fail(c, SORI_EINVAL, "%s: window_values must be %zu real numbers, as win_length says", who, n);
        return false;
    }
    for (size_t i = 0; i < n; i++) out[i] = array_get(values, i);
    return true;
}

bool feat_named_window(sori_ctx *c, const char *who, const char *name, size_t n, bool symmetric, double *out) {
    char why[256];
    if (num_window(name ? name : "hann", n, symmetric, out, why, sizeof why)) return true;
    sori_fail(c, SORI_EINVAL, "%s: %s", who, why);
    return false;
}

double *feat_window(sori_ctx *c, const char *who, const sori_stft_config *g, size_t n_fft, size_t win_length) {
    double *window = base_alloc(c, n_fft, sizeof *window), *middle = window + (n_fft - win_length) / 2;
    if (!window) return NULL;
    bool ok = g->window_values ? copy_window(c, who, g->window_values, win_length, middle)
                               : feat_named_window(c, who, g->window, win_length, false, middle);
    if (ok) return window;
    base_free(c, window);
    return NULL;
}

/* --- the gates ---------------------------------------------------------------------------------------------- */

static bool check_framing(sori_ctx *c, const char *who, int n_fft, int win_length, int hop, sori_pad_mode pad) {
    if (n_fft < 1 || n_fft > MAX_N_FFT)
        sori_fail(c, SORI_EINVAL, "%s: n_fft %d is outside 1 to %d", who, n_fft, MAX_N_FFT);
    else if (win_length < 1 || win_length > n_fft)
        sori_fail(c, SORI_EINVAL, "%s: win_length %d is outside 1 to n_fft %d", who, win_length, n_fft);
    else if (hop < 1) sori_fail(c, SORI_EINVAL, "%s: hop_length %d is below 1", who, hop);
    else if (pad == SORI_PAD_WRAP) sori_fail(c, SORI_EINVAL, "%s: pad_mode wrap is not for frames, as in librosa", who);
    else if ((int)pad < 0 || pad > SORI_PAD_WRAP) sori_fail(c, SORI_EINVAL, "%s: unknown pad_mode %d", who, (int)pad);
    return !base_failed(c);
}

bool feat_input_settings(sori_ctx *c, feat_input *in, const char *who, double sr, const sori_stft_config *g) {
    int n_fft = g->n_fft ? g->n_fft : 2048, win_length = g->win_length ? g->win_length : n_fft;
    int hop = g->hop_length ? g->hop_length : 512;
    *in = (feat_input){ .who = who };
    if (base_failed(c) || !check_framing(c, who, n_fft, win_length, hop, g->pad_mode)) return false;
    in->n_fft = (size_t)n_fft;
    in->win_length = (size_t)win_length;
    in->hop = (size_t)hop;
    in->bins = in->n_fft / 2 + 1;
    in->centered = !g->uncentered;
    in->pad = g->pad_mode;
    in->exact = g->exact;
    in->sr = sr;
    return feat_check_rate(c, who, &in->sr);
}

bool feat_input_open(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_array *S,
                     const sori_stft_config *g) {
    if (!feat_input_settings(c, in, who, y.sr, g)) return false;
    if (S) return take_S(c, in, S);
    if (!take_sound(c, in, y)) return false;
    in->window = feat_window(c, who, g, in->n_fft, in->win_length);
    return in->window != NULL;
}

bool feat_input_frames(sori_ctx *c, feat_input *in, const char *who, sori_audio y, int frame_length, int hop_length,
                       bool uncentered, sori_pad_mode pad) {
    sori_pad_mode checked = pad == SORI_PAD_WRAP ? SORI_PAD_CONSTANT : pad;   /* numpy.pad, not librosa.stft: allowed */
    sori_stft_config g = { .n_fft = frame_length, .hop_length = hop_length, .uncentered = uncentered,
                           .pad_mode = checked };
    return feat_input_settings(c, in, who, y.sr, &g) && take_sound(c, in, y);
}

void feat_input_close(sori_ctx *c, feat_input *in) {
    base_free(c, in->window);
    in->window = NULL;
}

sori_array *feat_result(sori_ctx *c, const feat_input *in, sori_dtype dtype, size_t rows, size_t columns) {
    size_t shape[2] = { rows ? rows : columns, columns };
    return array_new_lead(c, dtype, in->lead, in->lead_shape, (rows != 0) + (columns != 0), shape);
}
