/* frames.h - sound to the spectra of its windowed frames, 16 frames at a time, and the adjoint; on num's transforms.
 *
 * Frame t begins at sample t * hop of a sound that has been padded already. A block of 16 frames lies in num's layout,
 * sample i of frame m at t[i % step][m + i / step], so that each sample is moved once and a vector register holds the
 * same sample of 16 frames. A spectrum is [bins] complex rows: 16 real parts, then 16 imaginary parts.
 *
 *   forward    X_k = sum_i window_i sound_i e^(-2 pi i k i / n_fft), k <= n_fft / 2
 *   back       sound_i += window_i y_i, with y = Re X_0 + (-1)^i Re X_(n_fft/2) + 2 Re sum_k X_k e^(2 pi i k i / n_fft)
 *
 * The second, with X the gradient and all bins but the two at the edges halved, is the adjoint of the first; the first,
 * with all bins but those doubled, is the adjoint of the second. */
#include "num/num.h"
#include <float.h>

#define FRAMES_MOST (1 << 20)   /* n_fft and hop_length at most: a table from a file must not ask for hours of sines */

typedef struct framing {
    const num_kernels *k;
    num_fft *fft;
    size_t n_fft, hop, bins;
    size_t step, columns, stride;        /* of the layout */
    size_t span;                         /* samples a block reads or adds to */
    size_t at_rows, at_columns, size;    /* scratch: numbers from its start; all of it. The layout lies at 0 */
    size_t at_work;
    real *window, *scaled;               /* [n_fft]; scaled as fft_frames wants it */
    uint32_t *offset;                    /* [n_fft] */
} framing;

static void frames_lay_out(framing *f) {
    size_t over = (f->n_fft - 1) / f->hop;
    f->bins = f->n_fft / 2 + 1;
    f->step = BASE_MIN(f->hop, f->n_fft);
    f->columns = NUM_LANES + over;
    f->stride = base_round_up(f->columns, NUM_LANES);
    f->span = (f->columns - 1) * f->hop + f->step;
    f->at_work = f->step * f->stride;
    f->at_rows = f->at_work + base_aligned(num_fft_work(f->fft)) / sizeof(real);
    f->at_columns = f->at_rows + f->bins * NUM_ROW;
    f->size = f->at_columns + base_round_up(f->columns * f->step, NN_ROUND);
}

static void frames_close(sori_ctx *c, framing *f) {
    num_fft_free(c, f->fft);
    base_free(c, f->window);
    base_free(c, f->scaled);
    base_free(c, f->offset);
}

/* A periodic Hann window of win_length samples in the middle of n_fft. Close it also after a failure. */
static bool frames_open(sori_ctx *c, framing *f, size_t n_fft, size_t hop, size_t win_length) {
    char why[128];
    *f = (framing){ .k = num_kernels_find(NULL, sizeof(real) == sizeof(double)), .n_fft = n_fft, .hop = hop };
    double *hann = base_alloc(c, n_fft, sizeof *hann);
    f->fft = num_fft_new(c, f->k, n_fft, true);
    f->window = base_alloc(c, n_fft, sizeof *f->window);
    f->scaled = base_alloc(c, n_fft, sizeof *f->scaled);
    f->offset = base_alloc(c, n_fft, sizeof *f->offset);
    bool ok = hann && f->fft && f->window && f->scaled && f->offset &&
              num_window("hann", win_length, false, hann + (n_fft - win_length) / 2, why, sizeof why);
    if (ok) frames_lay_out(f);
    for (size_t i = 0; ok && i < n_fft; i++) {
        f->window[i] = (real)hann[i];
        f->scaled[i] = (real)(hann[i] * num_fft_window_scale(f->fft));
        f->offset[i] = (uint32_t)(i % f->step * f->stride + i / f->step);
    }
    base_free(c, hann);
    return ok;
}

/* Samples of a padded sound that the blocks of `count` frames reach. */
static size_t frames_room(const framing *f, size_t count) {
    return (base_round_up(count, NUM_LANES) - NUM_LANES) * f->hop + f->span;
}

/* to[r * stride + m] = from[m * hop + r]; num's kernel reads floats only. */
static void frames_turn(const framing *f, size_t rows, size_t columns, size_t hop, const real *from, size_t stride,
                        real *to) {
    if (sizeof(real) == sizeof(float)) {
        f->k->transpose(rows, columns, hop, (const float *)(const void *)from, stride, to);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t m = 0; m < columns; m++) to[r * stride + m] = from[m * hop + r];
}

/* The transforms of the 16 frames at sound, before they are put in order. */
static void frames_transform(const framing *f, const real *sound, real *scratch) {
    frames_turn(f, f->step, f->columns, f->hop, sound, f->stride, scratch);
    f->k->fft_frames(f->fft, scratch, f->offset, f->scaled, scratch + f->at_work);
}

/* Their spectra, at scratch + at_rows. */
static real *frames_spectra(const framing *f, const real *sound, real *scratch) {
    frames_transform(f, sound, scratch);
    f->k->fft_spectrum(f->fft, scratch + f->at_work, scratch + f->at_rows);
    return scratch + f->at_rows;
}

/* The spectra at scratch + at_rows back into the sound. */
static void frames_back(const framing *f, real *scratch, real *sound) {
    real *rows = scratch + f->at_rows, *columns = scratch + f->at_columns;
    f->k->fft_inverse(f->fft, rows, scratch + f->at_work, rows);
    memset(scratch, 0, f->step * f->stride * sizeof *scratch);
    f->k->add_frames(f->n_fft, rows, f->offset, f->window, scratch);
    frames_turn(f, f->columns, f->step, f->stride, scratch, f->step, columns);
    for (size_t m = 0; m < f->columns; m++) add(sound + m * f->hop, columns + m * f->step, f->step);
}

static bool frames_edge(const framing *f, size_t bin) { return bin == 0 || 2 * bin == f->n_fft; }

/* The first `lanes` frames of a spectrum to pairs that lie `apart` numbers apart, bins `row` numbers apart; bins but
 * those at the edges times `inner`. */
INLINE void frames_store_pairs(const framing *f, const real *rows, real inner, size_t lanes, real *y, size_t row,
                               size_t apart) {
    for (size_t k = 0; k < f->bins; k++, rows += NUM_ROW, y += row) {
        real scale = frames_edge(f, k) ? 1 : inner;
        for (size_t m = 0; m < lanes; m++) {
            y[m * apart] = rows[m] * scale;
            y[m * apart + 1] = rows[NUM_LANES + m] * scale;
        }
    }
}

static void frames_store(const framing *f, const real *rows, real inner, size_t lanes, real *y, size_t row,
                         size_t apart) {
    if (lanes == NUM_LANES && apart == 2) frames_store_pairs(f, rows, inner, NUM_LANES, y, row, 2);
    else frames_store_pairs(f, rows, inner, lanes, y, row, apart);
}

/* And back; zeros in the other lanes. */
INLINE void frames_load_pairs(const framing *f, const real *x, real inner, size_t lanes, real *rows, size_t row,
                              size_t apart) {
    for (size_t k = 0; k < f->bins; k++, rows += NUM_ROW, x += row) {
        real scale = frames_edge(f, k) ? 1 : inner;
        for (size_t m = 0; m < lanes; m++) {
            rows[m] = x[m * apart] * scale;
            rows[NUM_LANES + m] = x[m * apart + 1] * scale;
        }
    }
}

static void frames_load(const framing *f, const real *x, real inner, size_t lanes, real *rows, size_t row,
                        size_t apart) {
    if (lanes < NUM_LANES) memset(rows, 0, f->bins * NUM_ROW * sizeof *rows);
    if (lanes == NUM_LANES && apart == 2) frames_load_pairs(f, x, inner, NUM_LANES, rows, row, 2);
    else frames_load_pairs(f, x, inner, lanes, rows, row, apart);
}

/* sound [room] = `before` zeros, then the n values of x that lie `apart` numbers apart, as many as there is room. */
static void frames_pad(const real *x, size_t n, size_t apart, size_t before, real *sound, size_t room) {
    size_t count = room > before ? BASE_MIN(n, room - before) : 0, first = BASE_MIN(before, room);
    memset(sound, 0, first * sizeof *sound);
    if (apart == 1) memcpy(sound + first, x, count * sizeof *x);
    else for (size_t i = 0; i < count; i++) sound[first + i] = x[i * apart];
    memset(sound + first + count, 0, (room - first - count) * sizeof *sound);
}

/* x = what of the sound lies behind `before`; zeros behind its end. */
static void frames_unpad(const real *sound, size_t room, size_t before, real *x, size_t n, size_t apart) {
    for (size_t i = 0; i < n; i++) x[i * apart] = before + i < room ? sound[before + i] : 0;
}

/* --- for shape functions of layers ------------------------------------------------------------ */

/* The row's n_fft and hop_length, with their defaults. */
static bool frames_numbers(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    if (l->n_fft == 0) l->n_fft = 2048;
    if (l->n_fft < 2 || l->n_fft > FRAMES_MOST)
        return nn_fail(c, n, "n_fft %d is outside 2..%d", l->n_fft, FRAMES_MOST);
    if (l->hop_length == 0) l->hop_length = BASE_MAX(l->n_fft / 4, 1);
    if (l->hop_length < 1 || l->hop_length > FRAMES_MOST)
        return nn_fail(c, n, "hop_length %d is outside 1..%d", l->hop_length, FRAMES_MOST);
    return true;
}

static size_t frames_padding(const nn_node *n) { return n->layer.uncentered ? 0 : (size_t)n->layer.n_fft / 2; }

/* How many frames `samples` give, as librosa counts. */
static bool frames_count(sori_ctx *c, const nn_node *n, size_t samples, size_t *count) {
    size_t n_fft = (size_t)n->layer.n_fft, hop = (size_t)n->layer.hop_length, padded = samples + 2 * frames_padding(n);
    if (padded < n_fft) return nn_fail(c, n, "%zu samples are shorter than n_fft %zu", samples, n_fft);
    *count = 1 + (padded - n_fft) / hop;
    return true;
}

/* Multiply-adds of a transform, about: 2.5 n log2 n operations and the way in and out. */
static double frames_cost(const nn_node *n, size_t count) {
    return (double)count * (double)n->layer.n_fft * (1.25 * log2((double)n->layer.n_fft) + 4);
}
