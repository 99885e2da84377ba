/* single.c - transforms of one signal.
 *
 * A length with a divisor of 2 to 16 goes along the lanes, in about a tenth of the time of a block of 16 (kernel
 * single.inc), and so does one with a large prime factor, by Bluestein's chirp. What is left, short lengths and
 * products of primes from 17 to 31, is transformed in lane 0 of a block: with 15 lanes idle, that takes as many
 * instructions as scalar code would. */
#include "num/kernel/kernel.h"
#include <string.h>

#define SHORTEST 32   /* rows: below, the vectors from both ends of a half spectrum would leave it */

/* --- the plan ----------------------------------------------------------------------------------------------- */

size_t num_single_columns(size_t rows) {
    size_t columns = rows < SHORTEST ? 0 : NUM_LANES;
    while (columns && rows % columns) columns--;
    return columns > 1 ? columns : 0;
}

size_t num_fft_one_length(size_t n, bool real) {
    return num_fft_length(n, NUM_LANES * (real ? 2 : 1));
}

static bool make_twiddle(sori_ctx *c, num_fft *f, const num_roots *roots) {
    num_single *s = &f->single;
    size_t step = f->n / f->rows;   /* 2 if packed: every second root of n is one of rows */
    s->twiddle = base_alloc(c, s->tall * NUM_ROW, f->k->real_size);
    for (size_t k = 0; s->twiddle && k < s->tall; k++)
        for (size_t j = 0; j < s->columns; j++) {
            size_t at = k * NUM_ROW + j;
            double re, im;
            num_root(roots, step * j * k, &re, &im);
            num_put(f->k, s->twiddle, at, re);
            num_put(f->k, s->twiddle, at + NUM_LANES, im);
        }
    return s->twiddle != NULL;
}

bool num_single_make(sori_ctx *c, num_fft *f, const num_roots *roots) {
    num_single *s = &f->single;
    size_t columns = num_single_columns(f->rows);
    if (!columns) return true;
    *s = (num_single){ .columns = columns, .tall = f->rows / columns };
    s->down = num_fft_new_block(c, f->k, s->tall);
    s->across = num_fft_new_block(c, f->k, columns);
    return s->down && s->across && make_twiddle(c, f, roots);
}

void num_single_free(sori_ctx *c, num_fft *f) {
    num_fft_free(c, f->single.down);
    num_fft_free(c, f->single.across);
    base_free(c, f->single.twiddle);
}

/* A real transform in lane 0 also keeps the spectrum's or the signal's rows beside the work rows. */
static size_t block_work(const num_fft *f) {
    return (f->work + (f->real ? f->n / 2 + 1 : 0)) * NUM_ROW * f->k->real_size;
}

/* The planar signal; the rows of the columns' transforms and one tile, or what the inner transform needs. */
size_t num_fft_single_work(const num_fft *f) {
    if (!num_along_lanes(f)) return block_work(f);
    size_t planar = 2 * num_planar(f) * f->k->real_size;
    if (!f->single.columns) return planar + num_fft_single_work(f->inner);
    return planar + (f->single.down->work + NUM_LANES) * NUM_ROW * f->k->real_size;
}

size_t num_fft_work(const num_fft *f) { return BASE_MAX(block_work(f), num_fft_single_work(f)); }

/* --- lane 0 of a block ---------------------------------------------------------------------------------------- */

/* Lane 0 of row i, real (part 0) or imaginary (1), to and from value j of an array. */
static void put_lane(const num_fft *f, void *work, size_t i, int part, const void *in, size_t j) {
    size_t size = f->k->real_size, at = i * NUM_ROW + (size_t)part * NUM_LANES;
    memcpy((char *)work + at * size, (const char *)in + j * size, size);
}

static void get_lane(const num_fft *f, const void *work, size_t value, void *out, size_t j) {
    size_t size = f->k->real_size;
    memcpy((char *)out + j * size, (const char *)work + value * size, size);
}

/* The inverse is the forward transform with real and imaginary parts exchanged on the way in and out. */
static void block_one(const num_fft *f, bool inverse, const void *in, void *out, void *work) {
    memset(work, 0, block_work(f));
    for (size_t j = 0; j < f->rows; j++) {
        put_lane(f, work, j, inverse, in, 2 * j);
        put_lane(f, work, j, !inverse, in, 2 * j + 1);
    }
    f->k->fft_rows(f, work);
    for (size_t k = 0; k < f->rows; k++) {
        size_t value = f->row_of[k] * (size_t)NUM_ROW;
        get_lane(f, work, value + (inverse ? NUM_LANES : 0), out, 2 * k);
        get_lane(f, work, value + (inverse ? 0 : NUM_LANES), out, 2 * k + 1);
    }
}

static void halve(const num_fft *f, void *x, size_t n) {
    for (size_t i = 0; i < n; i++) num_put(f->k, x, i, 0.5 * num_get(f->k, x, i));
}

static void block_real(const num_fft *f, const void *x, void *spectrum, void *work) {
    char *half = (char *)work + f->work * NUM_ROW * f->k->real_size;
    memset(work, 0, block_work(f));
    for (size_t i = 0; i < f->n; i++) put_lane(f, work, f->packed ? i / 2 : i, f->packed && i % 2, x, i);
    f->k->fft_rows(f, work);
    f->k->fft_spectrum(f, work, half);
    for (size_t k = 0; k <= f->n / 2; k++) {
        get_lane(f, half, k * NUM_ROW, spectrum, 2 * k);
        get_lane(f, half, k * NUM_ROW + NUM_LANES, spectrum, 2 * k + 1);
    }
    if (f->packed) halve(f, spectrum, 2 * (f->n / 2 + 1));   /* the factor the window would have carried */
}

/* The signal's rows take the place of the half spectrum once it is loaded. */
static void block_inverse(const num_fft *f, const void *spectrum, void *x, void *work) {
    char *half = (char *)work + f->work * NUM_ROW * f->k->real_size;
    memset(work, 0, block_work(f));
    for (size_t k = 0; k <= f->n / 2; k++) {
        put_lane(f, half, k, 0, spectrum, 2 * k);
        put_lane(f, half, k, 1, spectrum, 2 * k + 1);
    }
    f->k->fft_inverse(f, half, work, half);
    for (size_t i = 0; i < f->n; i++) get_lane(f, half, i * NUM_LANES, x, i);
}

/* --- either way --------------------------------------------------------------------------------------------- */

void num_fft_one(const num_fft *f, bool inverse, const void *in, void *out, void *work) {
    (num_along_lanes(f) ? f->k->single_complex : block_one)(f, inverse, in, out, work);
}

void num_fft_real(const num_fft *f, const void *x, void *spectrum, void *work) {
    (num_along_lanes(f) ? f->k->single_real : block_real)(f, x, spectrum, work);
}

void num_fft_real_inverse(const num_fft *f, const void *spectrum, void *x, void *work) {
    (num_along_lanes(f) ? f->k->single_inverse : block_inverse)(f, spectrum, x, work);
}
