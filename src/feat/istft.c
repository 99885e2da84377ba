/* istft.c - sound from a complex spectrum by least-squares overlap-add.   librosa.istft
 *
 * Every frame is transformed back, windowed again and added where it was; dividing by the sum of the squared windows
 * there gives the sound whose STFT is nearest to D (Griffin and Lim, "Signal estimation from modified short-time
 * Fourier transform", IEEE Trans. ASSP 32, 1984).
 *
 * 16 frames are transformed at once and added in the layout of the pipeline, t[i % hop][t + i / hop], where 16
 * neighbouring frames meet 16 neighbouring places; there a row shares one sum of squared windows, too. At the end the
 * layout is transposed into sound. The sound is cut into shards of whole columns; each computes all frames that reach
 * into it, the few at its edges again, and writes nothing outside, so the threads leave no trace in the numbers. */
#include "feat/istft.h"
#include <float.h>
#include <stdatomic.h>
#include <string.h>

#define SHARD_BYTES (1 << 20)   /* of layout, about: half the second cache */

typedef struct inverse {
    size_t n_fft, hop, bins, frames;     /* frames: those that are used */
    size_t spectrum_stride;              /* frames D has */
    size_t start;                        /* samples of padding left out in front */
    size_t n, channels;                  /* of the result */
    bool exact;
    const float *D;                      /* [channels][bins][spectrum_stride] pairs */
    feat_fill *fill;                     /* instead of D, with arg */
    const void *arg;
    float *y;                            /* [channels][n] */
    const num_kernels *k;
    num_fft *fft;
    double *window;                      /* [n_fft] */
    void *scaled;                        /* [n_fft] window / n_fft, in the kernels' precision */
    double *squares;                     /* [rows] sum of squared windows where all frames exist that can */
    uint32_t *offset;                    /* [n_fft] where sample i of 16 frames lies in the layout */
    size_t over;                         /* columns a frame reaches beyond its own: (n_fft - 1) / hop */
    size_t rows, stride;                 /* of the layout: min(hop, n_fft) */
    size_t columns, shards;              /* of a shard; shards a channel */
    size_t at_rows, at_layout, at_floats, scratch_size;   /* scratch of one thread, bytes; work rows come first */
    char *scratch;
    atomic_size_t next;
} inverse;

/* --- the sum of squared windows ----------------------------------------------------------------------------- */

/* At sample i, counted with the padding, from the frames that exist. */
static double window_sum(const inverse *v, size_t i) {
    size_t last = BASE_MIN(i / v->hop, v->frames - 1), first = i < v->n_fft ? 0 : (i - v->n_fft) / v->hop + 1;
    double sum = 0;
    for (size_t t = first; t <= last; t++) {
        size_t at = i - t * v->hop;
        if (at < v->n_fft) sum += v->window[at] * v->window[at];
    }
    return sum;
}

/* librosa leaves samples that no window covers as they are. */
static double reciprocal(double squares) { return squares > (double)FLT_MIN ? 1 / squares : 1; }

/* --- shards --------------------------------------------------------------------------------------------------- */

/* Add all frames that reach into columns [from, to) to the layout, whose column 0 is `from - over`, or 0. */
static void add_all(const inverse *v, size_t channel, size_t from, size_t to, char *scratch) {
    size_t first = from < v->over ? 0 : from - v->over, end = BASE_MIN(to, v->frames), real = v->k->real_size;
    char *rows = scratch + v->at_rows, *layout = scratch + v->at_layout;
    const float *D = v->D ? v->D + 2 * channel * v->bins * v->spectrum_stride : NULL;
    memset(layout, 0, v->rows * v->stride * real);
    for (size_t t = first; t < end; t += NUM_LANES) {
        size_t lanes = BASE_MIN(end - t, NUM_LANES);
        if (v->fill) v->fill(v->arg, channel, t, lanes, rows);
        else v->k->load_complex(v->bins, D + 2 * t, v->spectrum_stride, lanes, rows);
        v->k->fft_inverse(v->fft, rows, scratch, rows);
        v->k->add_frames(v->n_fft, rows, v->offset, v->scaled, layout + (t - first) * real);
    }
}

/* Columns [from, from + n) of the layout, which lie at `at` in it, divided by the windows' squares, as floats. */
static void divide(const inverse *v, const char *layout, size_t at, size_t from, size_t n, float *out) {
    const double *d = (const double *)layout + at;
    const float *f = (const float *)layout + at;
    bool steady = from >= v->over && from + n <= v->frames;
    for (size_t r = 0; r < v->rows; r++) {
        double scale = reciprocal(v->squares[r]);
        for (size_t m = 0; m < n; m++) {
            if (!steady) scale = reciprocal(window_sum(v, (from + m) * v->hop + r));
            out[r * NUM_LANES + m] = v->exact ? (float)(d[r * v->stride + m] * scale)
                                              : f[r * v->stride + m] * (float)scale;
        }
    }
}

/* Columns [from, to), 16 at a time: divide, transpose, and keep what lies within the sound. */
static void write_all(const inverse *v, size_t from, size_t to, char *scratch, float *y) {
    size_t first = from < v->over ? 0 : from - v->over;
    float *columns = (float *)(scratch + v->at_floats), *sound = columns + v->rows * NUM_LANES;
    const num_kernels *k = num_kernels_find(NULL, false);
    for (size_t column = from; column < to; column += NUM_LANES) {
        size_t n = BASE_MIN(to - column, NUM_LANES), begin = column * v->hop, end = begin + n * v->hop;
        divide(v, scratch + v->at_layout, column - first, column, n, columns);
        if (v->rows < v->hop) memset(sound, 0, n * v->hop * sizeof *sound);
        k->transpose(n, v->rows, NUM_LANES, columns, v->hop, sound);
        size_t low = BASE_MAX(begin, v->start), high = BASE_MIN(end, v->start + v->n);
        if (low < high) memcpy(y + (low - v->start), sound + (low - begin), (high - low) * sizeof *y);
    }
}

static void worker(void *arg, size_t w) {
    inverse *v = arg;
    char *scratch = v->scratch + w * v->scratch_size;
    size_t first_column = v->start / v->hop, end_column = (v->start + v->n - 1) / v->hop + 1;
    for (size_t i; (i = atomic_fetch_add(&v->next, 1)) < v->shards * v->channels;) {
        size_t channel = i / v->shards, from = first_column + i % v->shards * v->columns;
        size_t to = BASE_MIN(from + v->columns, end_column);
        add_all(v, channel, from, to, scratch);
        write_all(v, from, to, scratch, v->y + channel * v->n);
    }
}

/* --- set-up --------------------------------------------------------------------------------------------------- */

static size_t aligned(size_t bytes) { return (bytes + BASE_ALIGN - 1) / BASE_ALIGN * BASE_ALIGN; }

/* Frames a shard takes, a multiple of 16: as many as fill SHARD_BYTES, but most of them must lie within it. */
static void lay_out(inverse *v) {
    size_t real = v->k->real_size, frames = SHARD_BYTES / real / v->rows;
    frames = BASE_MIN(BASE_MAX(frames, 4 * v->over + 1), 256 + 4 * v->over);
    frames = (frames + NUM_LANES - 1) / NUM_LANES * NUM_LANES;
    size_t first_column = v->start / v->hop, end_column = (v->start + v->n - 1) / v->hop + 1;
    v->columns = frames - v->over;
    v->shards = v->n ? (end_column - first_column + v->columns - 1) / v->columns : 0;
    v->stride = frames + v->over + NUM_LANES;
    v->at_rows = aligned(num_fft_work(v->fft));
    v->at_layout = v->at_rows + v->bins * NUM_ROW * real;   /* half spectra, and then n_fft rows in their place */
    v->at_floats = v->at_layout + aligned(v->rows * v->stride * real);
    v->scratch_size = v->at_floats + aligned((v->rows + v->hop) * NUM_LANES * sizeof(float));
}

static void fill_tables(inverse *v) {
    for (size_t i = 0; i < v->n_fft; i++) {
        double w = v->window[i] / (double)v->n_fft;
        if (v->exact) ((double *)v->scaled)[i] = w;
        else ((float *)v->scaled)[i] = (float)w;
        v->squares[i % v->hop] += v->window[i] * v->window[i];
        v->offset[i] = (uint32_t)(i % v->hop * v->stride + i / v->hop);
    }
}

static bool prepare(sori_ctx *c, inverse *v) {
    v->k = num_kernels_find(NULL, v->exact);
    v->over = (v->n_fft - 1) / v->hop;
    v->rows = BASE_MIN(v->hop, v->n_fft);
    v->fft = num_fft_new(c, v->k, v->n_fft, true);
    v->scaled = base_alloc_raw(c, v->n_fft, v->k->real_size);
    v->squares = base_alloc(c, v->rows, sizeof *v->squares);
    v->offset = base_alloc_raw(c, v->n_fft, sizeof *v->offset);
    if (!v->fft || !v->scaled || !v->squares || !v->offset) return false;
    lay_out(v);
    fill_tables(v);
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), v->shards * v->channels), 1);
    v->scratch = base_alloc_raw(c, workers, v->scratch_size);
    return v->scratch != NULL;
}

static void release(sori_ctx *c, inverse *v) {
    base_free(c, v->scratch);
    base_free(c, v->offset);
    base_free(c, v->squares);
    base_free(c, v->scaled);
    base_free(c, v->window);
    num_fft_free(c, v->fft);
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
    v->bins = in->bins;
    v->exact = in->exact;
    v->start = padding;
    v->spectrum_stride = v->frames = D->shape[D->ndim - 1];
    if (length > 0) v->frames = BASE_MIN(v->frames, (length + 2 * padding + v->hop - 1) / v->hop);
    v->n = length > 0 ? length : v->n_fft + v->hop * (v->frames - 1) - 2 * padding;
    v->channels = 1;
    for (int i = 0; i < D->ndim - 2; i++) v->channels *= D->shape[i];
    v->D = D->data;
}

void feat_overlap_add(sori_ctx *c, const feat_overlap *o, float *y) {
    inverse v = { .n_fft = o->n_fft, .hop = o->hop, .bins = o->n_fft / 2 + 1, .frames = o->frames, .fill = o->fill,
                  .arg = o->arg, .start = o->n_fft / 2, .n = o->n, .channels = o->channels, .exact = o->exact, .y = y };
    v.window = base_alloc_raw(c, o->n_fft, sizeof *v.window);
    for (size_t i = 0; v.window && i < o->n_fft; i++) v.window[i] = 1;
    if (v.window && prepare(c, &v))
        base_parallel(c, BASE_MIN((size_t)sori_threads(c), v.shards * v.channels), worker, &v);
    release(c, &v);
}

static sori_array *run(sori_ctx *c, inverse *v, const sori_array *D) {
    size_t shape[SORI_MAX_DIMS];
    memcpy(shape, D->shape, sizeof shape);
    shape[D->ndim - 2] = v->n;
    sori_array *y = array_new_raw(c, SORI_F32, D->ndim - 1, shape);
    if (!y || !prepare(c, v)) return NULL;
    v->y = y->data;
    base_parallel(c, BASE_MIN((size_t)sori_threads(c), v->shards * v->channels), worker, v);
    return y;
}

sori_audio sori_istft(sori_ctx *c, const sori_array *D, double sr, const sori_istft_config *config) {
    static const sori_istft_config defaults;
    sori_audio out = { NULL, sr };
    if (!config) config = &defaults;
    if (!array_check(c, "istft", D, SORI_C64, 2)) return out;
    sori_stft_config g = config->stft;
    if (g.n_fft == 0) g.n_fft = 2 * ((int)BASE_MIN(D->shape[D->ndim - 2], (size_t)1 << 24) - 1);
    g = feat_stft_defaults(&g);
    feat_input in;
    if (!feat_input_settings(c, &in, "istft", sr, &g) || !check_spectrum(c, D, &in)) return out;
    inverse v = { .window = feat_window(c, "istft", &g, in.n_fft, in.win_length) };
    if (!v.window) return out;
    measure(&v, &in, D, config->length);
    out.y = run(c, &v, D);
    release(c, &v);
    return out;
}
