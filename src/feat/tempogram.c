/* tempogram.c - local autocorrelation of the onset envelope, and its short-time Fourier transform.
 *
 * Periodicity of the envelope is tempo. Around each frame win_length values are windowed and correlated with
 * themselves: transform forward, |.|^2, transform back (Wiener and Khinchin), with room for no lag to wrap around.
 *
 * 16 neighbouring frames are transformed side by side. As frames are one value apart, sample i of all 16 is just the 16
 * values from i on: the envelope itself is the layout that the FFT reads. Blocks are normalised in cache and stored by
 * groups of 64 frames. Grosche, Müller and Kurth, "Cyclic tempogram", ICASSP 2010.
 * librosa.feature.tempogram, fourier_tempogram; librosa.tempo_frequencies, fourier_tempo_frequencies. */
#include "feat/rhythm.h"
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_WIN (1 << 20)      /* 6 hours of frames; keeps offsets within 32 bits */
#define CACHE (1 << 21)        /* bytes: larger results are written past the caches */

/* --- the transform of 16 frames -------------------------------------------------------------------------------- */

/* One channel with numpy's linear ramp from 0 on both sides. */
static void pad(const feat_lags *l, const float *x, size_t n, size_t padding, void *out) {
    for (size_t i = 0; i < padding; i++) {
        double part = (double)i / (double)padding;
        num_put(l->k, out, i, (double)(float)((double)x[0] * part));
        num_put(l->k, out, 2 * padding + n - 1 - i, (double)(float)((double)x[n - 1] * part));
    }
    for (size_t i = 0; i < n; i++) num_put(l->k, out, padding + i, (double)x[i]);
}

static bool fill(sori_ctx *c, feat_lags *l, const feat_envelope *e, const sori_tempogram_config *g) {
    sori_stft_config stft = { .window = g->window, .window_values = g->window_values };
    double *window = feat_window(c, e->who, &stft, l->win, l->win);
    double scale = num_fft_window_scale(l->fft);
    for (size_t i = 0; window && i < l->n_fft; i++) {
        num_put(l->k, l->window, i, i < l->win ? window[i] * scale : 0);
        l->offset[i] = i < l->win ? (uint32_t)i : 0;
    }
    base_free(c, window);
    size_t padding = g->uncentered ? 0 : l->win / 2;
    for (size_t i = 0; i < l->channels; i++)
        pad(l, e->x + i * e->n, e->n, padding, (char *)l->x + i * l->stride * l->k->real_size);
    return window != NULL;
}

static bool check(sori_ctx *c, const feat_envelope *e, int win, bool uncentered) {
    if (win < 1 || win > MAX_WIN)
        sori_fail(c, SORI_EINVAL, "%s: win_length %d is outside 1 to %d", e->who, win, MAX_WIN);
    else if (uncentered && (size_t)win > e->n)
        sori_fail(c, SORI_EINVAL, "%s: win_length %d is above the %zu frames there are, and windows are not centred",
                  e->who, win, e->n);
    return !base_failed(c);
}

static void lay_out(feat_lags *l) {
    size_t real = l->k->real_size;
    l->at_power = base_aligned(num_fft_work(l->fft));
    l->at_spectrum = l->at_power + l->bins * NUM_LANES * real;
    l->at_lags = l->at_spectrum + l->bins * NUM_ROW * real;
    l->scratch = l->at_lags + l->n_fft * NUM_LANES * real;
}

bool feat_lags_open(sori_ctx *c, feat_lags *l, const feat_envelope *e, const sori_tempogram_config *g) {
    int win = g->win_length ? g->win_length : 384;
    *l = (feat_lags){ .k = num_kernels_find(NULL, g->exact), .win = (size_t)win, .channels = e->channels };
    if (!check(c, e, win, g->uncentered)) return false;
    l->n_fft = num_fft_length(2 * l->win, 2);   /* 2 win - 1 would do, but is odd */
    l->bins = l->n_fft / 2 + 1;
    l->frames = g->uncentered ? e->n - l->win + 1 : e->n;
    l->stride = base_aligned(e->n + l->win + 2 * NUM_LANES);
    l->fft = num_fft_new(c, l->k, l->n_fft, true);
    l->window = base_alloc_raw(c, l->n_fft, l->k->real_size);
    l->offset = base_alloc_raw(c, l->n_fft, sizeof *l->offset);
    size_t values = 0;
    if (base_mul_overflows(l->stride, l->channels, &values)) values = SIZE_MAX;
    l->x = base_alloc(c, values, l->k->real_size);
    bool ok = l->fft && l->window && l->offset && l->x && fill(c, l, e, g);
    if (ok) lay_out(l);
    else feat_lags_close(c, l);
    return ok;
}

void feat_lags_close(sori_ctx *c, feat_lags *l) {
    num_fft_free(c, l->fft);
    base_free(c, l->window);
    base_free(c, l->offset);
    base_free(c, l->x);
    *l = (feat_lags){ 0 };
}

void feat_lags_power(const feat_lags *l, size_t channel, size_t first, char *scratch) {
    const char *x = (const char *)l->x + (channel * l->stride + first) * l->k->real_size;
    l->k->fft_frames(l->fft, x, l->offset, l->window, scratch);
    l->k->fft_power(l->fft, scratch, scratch + l->at_power);
}

void feat_lags_back(const feat_lags *l, char *scratch) {
    size_t row = NUM_LANES * l->k->real_size;
    for (size_t k = 0; k < l->bins; k++)   /* the imaginary parts stay 0 */
        memcpy(scratch + l->at_spectrum + 2 * k * row, scratch + l->at_power + k * row, row);
    l->k->fft_inverse(l->fft, scratch + l->at_spectrum, scratch, scratch + l->at_lags);
}

/* --- the tempogram --------------------------------------------------------------------------------------------- */

typedef struct tempogram {
    feat_lags lags;
    double norm;                 /* NAN: none */
    size_t groups;               /* of NUM_GROUP frames, a channel */
    float *out;                  /* [channels][win][frames] */
    bool bypass;
    char *scratch;               /* [workers][scratch_size]: the lags' scratch, then floats [4][win][16] */
    size_t scratch_size;
    atomic_size_t next;
} tempogram;

/* The lags of a block as floats, normalised. librosa leaves frames without length as they are. */
static void finish(const tempogram *t, const char *scratch, float *rows) {
    const feat_lags *l = &t->lags;
    const float *f = (const float *)(scratch + l->at_lags);
    const double *d = (const double *)(scratch + l->at_lags);
    bool exact = l->k->real_size == sizeof(double);
    double length[NUM_LANES], n = (double)l->n_fft;
    float scale[NUM_LANES];
    for (size_t i = 0; i < l->win * NUM_LANES; i++) rows[i] = exact ? (float)(d[i] / n) : f[i] * (float)(1 / n);
    if (isnan(t->norm)) return;
    feat_norms(t->norm, l->win, NUM_LANES, NUM_LANES, rows, length);
    for (size_t m = 0; m < NUM_LANES; m++) scale[m] = length[m] < (double)FLT_MIN ? 1 : (float)(1 / length[m]);
    for (size_t j = 0; j < l->win; j++)
        for (size_t m = 0; m < NUM_LANES; m++) rows[j * NUM_LANES + m] *= scale[m];
}

static void worker(void *arg, size_t w) {
    tempogram *t = arg;
    const feat_lags *l = &t->lags;
    char *scratch = t->scratch + w * t->scratch_size;
    float *rows = (float *)(scratch + base_aligned(l->scratch));
    memset(scratch, 0, l->scratch);
    for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->groups * l->channels;) {
        size_t channel = i / t->groups, first = i % t->groups * NUM_GROUP, end = BASE_MIN(first + NUM_GROUP, l->frames);
        size_t block = l->win * NUM_LANES;
        for (size_t at = first; at < end; at += NUM_LANES) {
            feat_lags_power(l, channel, at, scratch);
            feat_lags_back(l, scratch);
            finish(t, scratch, rows + (at - first) / NUM_LANES * block);
        }
        num_kernels_find(NULL, false)->store(l->win, rows, block, end - first,
                                             t->out + channel * l->win * l->frames + first, l->frames, t->bypass);
    }
}

static sori_array *compute(sori_ctx *c, tempogram *t, const feat_envelope *e) {
    const feat_lags *l = &t->lags;
    sori_array *out = feat_envelope_result(c, e, SORI_F32, l->win, l->frames);
    if (!out) return NULL;
    t->out = out->data;
    t->bypass = out->size * sizeof(float) > CACHE;
    t->groups = (l->frames + NUM_GROUP - 1) / NUM_GROUP;
    t->scratch_size = base_aligned(l->scratch) + l->win * NUM_GROUP * sizeof(float);
    size_t workers = BASE_MIN((size_t)sori_threads(c), t->groups * l->channels);
    t->scratch = base_alloc_raw(c, workers, t->scratch_size);
    if (t->scratch) base_parallel(c, workers, worker, t);
    base_free(c, t->scratch);
    return t->scratch ? out : NULL;
}

sori_array *feat_tempogram(sori_ctx *c, const feat_envelope *e, const sori_tempogram_config *g) {
    tempogram t = { .bypass = false };
    if (!feat_take_norm(c, e->who, g->norm, INFINITY, &t.norm) || !feat_lags_open(c, &t.lags, e, g)) return NULL;
    sori_array *out = compute(c, &t, e);
    feat_lags_close(c, &t.lags);
    return out;
}

sori_array *sori_tempogram(sori_ctx *c, sori_audio y, const sori_tempogram_config *config) {
    static const sori_tempogram_config defaults;
    const sori_tempogram_config *g = config ? config : &defaults;
    feat_envelope e;
    feat_envelope_plan plan = { g->onset_envelope, g->hop_length, SORI_AGGREGATE_MEAN, g->exact };
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    return sori_end(c, scope, feat_envelope_open(c, &e, "tempogram", y, &plan) ? feat_tempogram(c, &e, g) : NULL);
}

/* --- the Fourier tempogram ------------------------------------------------------------------------------------- */

sori_array *sori_fourier_tempogram(sori_ctx *c, sori_audio y, const sori_tempogram_config *config) {
    static const sori_tempogram_config defaults;
    const sori_tempogram_config *g = config ? config : &defaults;
    const char *who = "fourier_tempogram";
    feat_envelope e;
    feat_envelope_plan plan = { g->onset_envelope, g->hop_length, SORI_AGGREGATE_MEAN, g->exact };
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    sori_array *out = NULL, *x = NULL;
    if (feat_envelope_open(c, &e, who, y, &plan) && check(c, &e, g->win_length ? g->win_length : 384, g->uncentered))
        x = feat_envelope_result(c, &e, SORI_F32, 0, e.n);
    if (x) {
        memcpy(x->data, e.x, x->size * sizeof *e.x);
        sori_stft_config stft = { .n_fft = g->win_length ? g->win_length : 384, .hop_length = 1, .window = g->window,
                                  .window_values = g->window_values, .uncentered = g->uncentered, .exact = g->exact };
        out = sori_stft(c, (sori_audio){ x, e.sr }, &stft);
    }
    return sori_end(c, scope, out);
}

/* --- bins as tempo --------------------------------------------------------------------------------------------- */

sori_array *sori_tempo_frequencies(sori_ctx *c, int n_bins, int hop_length, double sr) {
    if (base_failed(c) || !feat_check_clock(c, "tempo_frequencies", &sr, &hop_length)) return NULL;
    if (n_bins < 1) {
        sori_fail(c, SORI_EINVAL, "tempo_frequencies: n_bins %d is below 1", n_bins);
        return NULL;
    }
    sori_array *out = array_new_raw(c, SORI_F64, 1, (size_t[]){ (size_t)n_bins });
    for (int i = 0; out && i < n_bins; i++)
        ((double *)out->data)[i] = i ? 60 * sr / ((double)hop_length * i) : INFINITY;
    return out;
}

sori_array *sori_fourier_tempo_frequencies(sori_ctx *c, double sr, int win_length, int hop_length) {
    if (base_failed(c) || !feat_check_clock(c, "fourier_tempo_frequencies", &sr, &hop_length)) return NULL;
    return sori_fft_frequencies(c, sr * 60 / (double)hop_length, win_length ? win_length : 384);
}
