/* istft.c - sound from a complex spectrum by least-squares overlap-add.   librosa.istft
 *
 * Every frame is transformed back, windowed again and added where it was; dividing by the sum of the squared windows
 * there gives the sound whose STFT is nearest to D (Griffin and Lim, "Signal estimation from modified short-time
 * Fourier transform", IEEE Trans. ASSP 32, 1984).
 *
 * 16 frames are transformed at once. The sound is cut into shards; each computes all frames that reach into it, the few
 * at its edges again, and writes nothing outside. Frames are added in rising order everywhere, so the shards leave no
 * trace in the numbers. */
#include "feat/feat.h"
#include <float.h>
#include <stdatomic.h>
#include <string.h>

#define SHARD (1 << 17)   /* samples of a shard, about: 0.5 MB to add frames in */

typedef struct inverse {
    size_t n_fft, hop, bins, frames;     /* frames: those that are used */
    size_t stride;                       /* frames D has */
    size_t start;                        /* samples of padding left out in front */
    size_t n, channels;                  /* of the result */
    bool exact;
    const float *D;                      /* [channels][bins][stride] pairs */
    float *y;                            /* [channels][n] */
    const double *window;                /* [n_fft] */
    double *steady;                      /* [hop] the sum of squared windows where all frames exist that can */
    const num_kernels *k;
    num_fft *fft;
    size_t at_work, at_rows, at_frames, at_sum, scratch_size;   /* scratch of one thread, bytes */
    char *scratch;
    size_t shard, shards;                /* samples of one; number a channel */
    atomic_size_t next;
} inverse;

/* --- one block ---------------------------------------------------------------------------------------------- */

/* Frames [first, first + 16) of one channel as complex rows; zeros beyond the last. */
static void take_spectrum(const inverse *v, const float *D, size_t first, void *rows) {
    size_t lanes = BASE_MIN(v->frames - first, NUM_LANES);
    for (size_t k = 0; k < v->bins; k++) {
        const float *z = D + 2 * (k * v->stride + first);
        for (size_t m = 0; m < NUM_LANES; m++) {
            float re = m < lanes ? z[2 * m] : 0, im = m < lanes ? z[2 * m + 1] : 0;
            size_t at = k * NUM_ROW + m;
            if (v->exact) {
                ((double *)rows)[at] = (double)re;
                ((double *)rows)[at + NUM_LANES] = (double)im;
            } else {
                ((float *)rows)[at] = re;
                ((float *)rows)[at + NUM_LANES] = im;
            }
        }
    }
}

/* rows [n_fft][16] to frames [16][n_fft]. */
static void part_frames(const inverse *v, const void *rows, void *frames) {
    if (!v->exact) {
        v->k->transpose(NUM_LANES, v->n_fft, NUM_LANES, rows, v->n_fft, frames);
        return;
    }
    for (size_t i = 0; i < v->n_fft; i++)
        for (size_t m = 0; m < NUM_LANES; m++)
            ((double *)frames)[m * v->n_fft + i] = ((const double *)rows)[i * NUM_LANES + m];
}

/* Add frame t, windowed, to sum [from, to), samples counted with the padding. */
static void add_frame(const inverse *v, const void *frame, size_t t, size_t from, size_t to, void *sum) {
    size_t at = t * v->hop, begin = BASE_MAX(at, from), end = BASE_MIN(at + v->n_fft, to);
    for (size_t i = begin; i < end; i++) {
        double w = v->window[i - at] / (double)v->n_fft;
        if (v->exact) ((double *)sum)[i - from] += ((const double *)frame)[i - at] * w;
        else ((float *)sum)[i - from] += ((const float *)frame)[i - at] * (float)w;
    }
}

/* --- the sum of squared windows ----------------------------------------------------------------------------- */

/* At sample i, from the frames that exist. */
static double window_sum(const inverse *v, size_t i) {
    size_t last = BASE_MIN(i / v->hop, v->frames - 1), first = i < v->n_fft ? 0 : (i - v->n_fft) / v->hop + 1;
    double sum = 0;
    for (size_t t = first; t <= last; t++) sum += v->window[i - t * v->hop] * v->window[i - t * v->hop];
    return sum;
}

/* Divide where there is something to divide by: librosa leaves samples that no window covers as they are. */
static float divided(const inverse *v, double sum, size_t i) {
    bool steady = i >= v->n_fft && i < v->frames * v->hop;
    double squares = steady ? v->steady[i % v->hop] : i < (v->frames - 1) * v->hop + v->n_fft ? window_sum(v, i) : 0;
    return (float)(squares > (double)FLT_MIN ? sum / squares : sum);
}

/* --- shards ------------------------------------------------------------------------------------------------- */

/* Samples [from, to) of one channel, counted with the padding. */
static void run_shard(const inverse *v, size_t channel, size_t from, size_t to, char *scratch) {
    const float *D = v->D + 2 * channel * v->bins * v->stride;
    char *rows = scratch + v->at_rows, *frames = scratch + v->at_frames, *sum = scratch + v->at_sum;
    size_t first = from < v->n_fft ? 0 : (from - v->n_fft) / v->hop + 1, real = v->k->real_size;
    size_t end = BASE_MIN((to - 1) / v->hop + 1, v->frames);
    memset(sum, 0, (to - from) * real);
    for (size_t t = first; t < end; t += NUM_LANES) {
        take_spectrum(v, D, t, rows);
        v->k->fft_inverse(v->fft, rows, scratch + v->at_work, rows);
        part_frames(v, rows, frames);
        for (size_t m = 0; m < NUM_LANES && t + m < end; m++)
            add_frame(v, frames + m * v->n_fft * real, t + m, from, to, sum);
    }
    float *y = v->y + channel * v->n + (from - v->start);
    for (size_t i = 0; i < to - from; i++)
        y[i] = divided(v, v->exact ? ((double *)sum)[i] : (double)((float *)sum)[i], from + i);
}

static void worker(void *arg, size_t w) {
    inverse *v = arg;
    for (size_t i; (i = atomic_fetch_add(&v->next, 1)) < v->shards * v->channels;) {
        size_t from = v->start + i % v->shards * v->shard, to = BASE_MIN(from + v->shard, v->start + v->n);
        run_shard(v, i / v->shards, from, to, v->scratch + w * v->scratch_size);
    }
}

/* --- set-up ------------------------------------------------------------------------------------------------- */

static size_t aligned(size_t bytes) { return (bytes + BASE_ALIGN - 1) / BASE_ALIGN * BASE_ALIGN; }

/* The rows hold half spectra, and after the transform n_fft real rows in the same place. */
static void lay_out(inverse *v) {
    size_t real = v->k->real_size;
    v->at_rows = aligned(num_fft_work(v->fft));
    v->at_frames = v->at_rows + v->bins * NUM_ROW * real;
    v->at_sum = v->at_frames + aligned(v->n_fft * NUM_LANES * real);
    v->scratch_size = v->at_sum + aligned(v->shard * real);
}

static void fill_steady(inverse *v) {
    for (size_t i = 0; i < v->n_fft; i++) v->steady[i % v->hop] += v->window[i] * v->window[i];
}

static bool prepare(sori_ctx *c, inverse *v) {
    size_t workers = (size_t)sori_threads(c);
    v->k = num_kernels_find(NULL, v->exact);
    v->fft = num_fft_new(c, v->k, v->n_fft, true);
    v->steady = base_alloc(c, v->hop, sizeof *v->steady);
    if (!v->fft || !v->steady) return false;
    fill_steady(v);
    lay_out(v);
    v->shards = (v->n + v->shard - 1) / v->shard;
    v->scratch = base_alloc_raw(c, BASE_MAX(BASE_MIN(workers, v->shards * v->channels), 1), v->scratch_size);
    return v->scratch != NULL;
}

static bool check_spectrum(sori_ctx *c, const sori_array *D, const feat_input *in) {
    size_t bins = D->shape[D->ndim - 2];
    if (bins != in->bins)
        sori_fail(c, SORI_EINVAL, "istft: n_fft %zu has %zu bins, the spectrum %zu", in->n_fft, in->bins, bins);
    else if (D->shape[D->ndim - 1] == 0) sori_fail(c, SORI_EINVAL, "istft: the spectrum has no frames");
    return !base_failed(c);
}

/* Sizes as librosa's: frames beyond a given length are not used; without one, the padding is left out at both ends. */
static void measure(inverse *v, const feat_input *in, const sori_array *D, size_t length) {
    size_t padding = in->centered ? in->n_fft / 2 : 0;
    v->n_fft = in->n_fft;
    v->hop = in->hop;
    v->shard = BASE_MAX(SHARD / v->hop, 1) * v->hop;
    v->bins = in->bins;
    v->exact = in->exact;
    v->start = padding;
    v->stride = v->frames = D->shape[D->ndim - 1];
    if (length > 0) v->frames = BASE_MIN(v->frames, (length + 2 * padding + v->hop - 1) / v->hop);
    v->n = length > 0 ? length : v->n_fft + v->hop * (v->frames - 1) - 2 * padding;
    v->channels = 1;
    for (int i = 0; i < D->ndim - 2; i++) v->channels *= D->shape[i];
    v->D = D->data;
}

static sori_array *run(sori_ctx *c, inverse *v, const sori_array *D) {
    size_t shape[SORI_MAX_DIMS];
    memcpy(shape, D->shape, sizeof shape);
    shape[D->ndim - 2] = v->n;
    sori_array *y = array_new_raw(c, SORI_F32, D->ndim - 1, shape);
    if (y && prepare(c, v)) {
        v->y = y->data;
        base_parallel(c, BASE_MIN((size_t)sori_threads(c), v->shards * v->channels), worker, v);
    }
    base_free(c, v->scratch);
    base_free(c, v->steady);
    num_fft_free(c, v->fft);
    return base_failed(c) ? NULL : y;
}

sori_audio sori_istft(sori_ctx *c, const sori_array *D, double sr, const sori_istft_config *config) {
    static const sori_istft_config defaults;
    sori_audio none = { NULL, sr };
    if (!config) config = &defaults;
    if (!array_check(c, "istft", D, SORI_C64, 2)) return none;
    sori_stft_config g = config->stft;
    if (g.n_fft == 0) g.n_fft = 2 * ((int)BASE_MIN(D->shape[D->ndim - 2], (size_t)1 << 24) - 1);
    g = feat_stft_defaults(&g);
    feat_input in;
    if (!feat_input_settings(c, &in, "istft", sr, &g) || !check_spectrum(c, D, &in)) return none;
    inverse v = { .window = feat_window(c, "istft", &g, in.n_fft, in.win_length) };
    if (!v.window) return none;
    measure(&v, &in, D, config->length);
    none.y = run(c, &v, D);
    base_free(c, (void *)v.window);
    return none;
}
