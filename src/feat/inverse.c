/* inverse.c - least-squares overlap-add: every frame is transformed back, windowed again and added where it was;
 * dividing by the sum of the squared windows there gives the sound whose STFT is nearest to the frames (Griffin and
 * Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP 32, 1984).
 *
 * 16 frames are transformed at once and added in the layout of the pipeline, t[i % hop][t + i / hop], where 16
 * neighbouring frames meet 16 neighbouring places; there a row shares one sum of squared windows, too. At the end the
 * layout is transposed into sound. The sound is cut into shards of whole columns; each computes all frames that reach
 * into it, the few at its edges again, and writes nothing outside, so the threads leave no trace in the numbers. */
#include "feat/inverse.h"
#include <float.h>
#include <string.h>

#define SHARD_BYTES (1 << 20)   /* of layout, about: half the second cache */

/* --- the sum of squared windows ----------------------------------------------------------------------------- */

/* At sample i, counted with the padding, from the frames that exist. */
static double window_sum(const feat_inverse *v, size_t i) {
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

/* Where shard i begins: at the sound's first column, or the multiple of 16 before it. */
static size_t shard_start(const feat_inverse *v, size_t i) {
    size_t first = v->start / v->hop;
    return (v->aligned ? first / NUM_LANES * NUM_LANES : first) + i * v->columns;
}

static size_t end_column(const feat_inverse *v) { return (v->start + v->n - 1) / v->hop + 1; }

static size_t shard_end(const feat_inverse *v, size_t i) { return BASE_MIN(shard_start(v, i + 1), end_column(v)); }

size_t feat_inverse_first(const feat_inverse *v, size_t shard) {
    size_t from = shard_start(v, shard), first = from < v->over ? 0 : from - v->over;
    return v->aligned ? first / NUM_LANES * NUM_LANES : first;
}

size_t feat_inverse_end(const feat_inverse *v, size_t shard) { return BASE_MIN(shard_end(v, shard), v->frames); }

/* Add all frames that reach into the shard to the layout, whose column 0 is `first`. */
static void add_all(const feat_inverse *v, size_t first, size_t end, char *scratch) {
    size_t real = v->k->real_size;
    char *rows = scratch + v->at_rows, *layout = scratch + v->at_layout;
    memset(layout, 0, v->rows * v->stride * real);
    for (size_t t = first; t < end; t += NUM_LANES) {
        v->load(v->source, scratch + v->at_state, t, BASE_MIN(end - t, NUM_LANES), rows);
        v->k->fft_inverse(v->fft, rows, scratch, rows);
        v->k->add_frames(v->n_fft, rows, v->offset, v->scaled, layout + (t - first) * real);
    }
}

/* Columns [from, from + n) of the layout, which lie at `at` in it, divided by the windows' squares, as floats. */
static void divide(const feat_inverse *v, const char *layout, size_t at, size_t from, size_t n, float *out) {
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

/* Columns [from, to), 16 at a time: divide, transpose, and keep what lies within the sound. Column `first` is the
 * layout's column 0. */
static void write_all(const feat_inverse *v, size_t first, size_t from, size_t to, char *scratch, float *y) {
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
    feat_inverse *v = arg;
    char *scratch = v->scratch + w * v->scratch_size;
    for (size_t i; (i = atomic_fetch_add(&v->next, 1)) < v->shards * v->channels;) {
        size_t channel = i / v->shards, shard = i % v->shards, first = feat_inverse_first(v, shard);
        v->begin(v->source, scratch + v->at_state, channel, shard, first);
        add_all(v, first, feat_inverse_end(v, shard), scratch);
        write_all(v, first, shard_start(v, shard), shard_end(v, shard), scratch, v->y + channel * v->n);
    }
}

void feat_inverse_run(sori_ctx *c, feat_inverse *v) {
    atomic_store(&v->next, 0);
    base_parallel(c, v->workers, worker, v);
}

/* --- set-up --------------------------------------------------------------------------------------------------- */

/* Frames a shard takes, a multiple of 16: as many as fill SHARD_BYTES, but most of them must lie within it. */
static void lay_out(feat_inverse *v) {
    size_t real = v->k->real_size, frames = SHARD_BYTES / real / v->rows, over = v->over;
    if (v->aligned) over = base_round_up(over, NUM_LANES);
    frames = BASE_MIN(BASE_MAX(frames, 4 * over + 1), 256 + 4 * over);
    frames = base_round_up(frames, NUM_LANES);
    v->columns = frames - over;
    v->shards = v->n ? (end_column(v) - shard_start(v, 0) + v->columns - 1) / v->columns : 0;
    v->stride = frames + v->over + NUM_LANES;
    v->at_rows = base_aligned(num_fft_work(v->fft));
    v->at_layout = v->at_rows + v->bins * NUM_ROW * real;   /* half spectra, and then n_fft rows in their place */
    v->at_floats = v->at_layout + base_aligned(v->rows * v->stride * real);
    v->at_state = v->at_floats + base_aligned((v->rows + v->hop) * NUM_LANES * sizeof(float));
    v->scratch_size = v->at_state + v->state_size;
}

static void fill_tables(feat_inverse *v) {
    for (size_t i = 0; i < v->n_fft; i++) {
        double w = v->window[i] / (double)v->n_fft;
        if (v->exact) ((double *)v->scaled)[i] = w;
        else ((float *)v->scaled)[i] = (float)w;
        v->squares[i % v->hop] += v->window[i] * v->window[i];
        v->offset[i] = (uint32_t)(i % v->hop * v->stride + i / v->hop);
    }
}

void feat_inverse_measure(feat_inverse *v, const feat_input *in, size_t frames, size_t length) {
    size_t padding = in->centered ? in->n_fft / 2 : 0;
    v->n_fft = in->n_fft;
    v->hop = in->hop;
    v->bins = in->bins;
    v->exact = in->exact;
    v->start = padding;
    v->frames = frames;
    if (length > 0) v->frames = BASE_MIN(v->frames, (length + 2 * padding + v->hop - 1) / v->hop);
    v->n = length > 0 ? length : v->n_fft + v->hop * (v->frames - 1) - 2 * padding;
}

bool feat_inverse_open(sori_ctx *c, feat_inverse *v) {
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
    v->workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), v->shards * v->channels), 1);
    v->scratch = base_alloc_raw(c, v->workers, v->scratch_size);
    return v->scratch != NULL;
}

void feat_inverse_close(sori_ctx *c, feat_inverse *v) {
    base_free(c, v->scratch);
    base_free(c, v->offset);
    base_free(c, v->squares);
    base_free(c, v->scaled);
    base_free(c, v->window);
    num_fft_free(c, v->fft);
}
