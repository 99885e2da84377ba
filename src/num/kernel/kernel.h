/* num/kernel/kernel.h - what a kernel object offers and what it is given. Private to num.
 *
 * Every kernel works on a block of NUM_LANES = 16 signals side by side: sample i of all of them is one row of 16
 * values, one row of a complex transform is 16 real parts and then 16 imaginary parts. So each arithmetic step is a
 * plain vector operation on neighbouring signals, and no kernel ever shuffles within a vector but transpose and
 * interleave, which are the doors in and out of that layout.
 *
 * The sources in this folder are compiled once per instruction set and precision: REAL is float or double, a vector
 * has VECTOR_BYTES bytes. Data pointers are void: they hold REAL unless said otherwise. Lanes never mix. */
#ifndef NUM_KERNEL_H
#define NUM_KERNEL_H

#include "num/num.h"

#define NUM_MAX_PASSES 64        /* more than log2 of any length */
#define NUM_MAX_RADIX 31         /* larger prime factors go through Bluestein's chirp transform */
#define NUM_ROW (2 * NUM_LANES)  /* values in a complex row */

/* One pass of a transform: every group of `length` rows becomes `radix` groups of `sub` rows. */
typedef struct num_pass {
    size_t radix, length, sub;   /* length = radix * sub */
    void *twiddle;               /* [sub][radix - 1] complex: w^(j p), w = exp(-2 pi i / length) */
    void *roots;                 /* [radix] complex: exp(-2 pi i p / radix) */
} num_pass;

struct num_fft {
    const num_kernels *k;
    size_t n;                    /* points: real samples or complex values */
    size_t rows;                 /* complex rows of the block transformed: n, or n / 2 when packed */
    size_t work;                 /* rows of work space, >= rows */
    bool real, packed;           /* packed (real, n even): row j holds samples 2j (re) and 2j + 1 (im) */
    int passes;                  /* 0 with Bluestein */
    num_pass pass[NUM_MAX_PASSES];
    uint32_t *row_of;            /* [rows] the row where frequency k lies after the passes */
    void *unpack;                /* [n / 4 + 1] complex exp(-2 pi i k / n), when packed */
    num_fft *inner;              /* Bluestein: complex transform of >= 2 rows - 1 points */
    void *chirp;                 /* [rows] complex exp(-pi i j^2 / rows) */
    void *chirp_spectrum;        /* [inner->rows] complex, already divided by their number */
};

struct num_kernels {
    const char *name;            /* the instruction set */
    size_t real_size;            /* 4 or 8 */

    /* t[r][m] = x[m * hop + r] for r < rows, m < columns. stride >= columns rounded up to 16, as are the writes.
     * x is always float. Reads exactly the x named. */
    void (*transpose)(size_t rows, size_t columns, size_t hop, const float *x, size_t stride, void *t);

    /* Windowed frames to complex rows, and the passes. Sample i of the 16 frames is the 16 values t + offset[i],
     * of any alignment. work [fft->work] complex rows; the result is in the order row_of. */
    void (*fft_frames)(const num_fft *fft, const void *t, const uint32_t *offset, const void *window, void *work);

    /* The passes alone, in place. */
    void (*fft_rows)(const num_fft *fft, void *work);

    /* Half spectrum of a real transform: x [n / 2 + 1] complex rows, or power [n / 2 + 1] rows of |x|^2. The window
     * of a packed transform must carry a factor 1/2: see unpack in fft.inc. */
    void (*fft_spectrum)(const num_fft *fft, const void *work, void *x);
    void (*fft_power)(const num_fft *fft, const void *work, void *power);

    /* Half spectra to real signals, not divided by n: x [n / 2 + 1] complex rows -> y [n] rows. */
    void (*fft_inverse)(const num_fft *fft, const void *x, void *work, void *y);

    /* In place square root of n values (a multiple of 16). */
    void (*sqrt)(size_t n, void *values);

    /* out[f * stride + m] = sum over i < count[f] of weight[..] * rows[start[f] + i][m], m < lanes; the weights of
     * the bands lie one after the other. out is float. */
    void (*bank)(size_t bands, const uint32_t *start, const uint32_t *count, const void *weight, const void *rows,
                 size_t lanes, float *out, size_t stride);

    /* The same with a full matrix: out[r] = sum over j < columns of matrix[r][j] * rows[j]. */
    void (*matrix)(size_t n, size_t columns, const void *matrix, const void *rows, size_t lanes, float *out,
                   size_t stride);

    /* rows[r][m] = max(10 log10(max(amin, in[r * stride + m])) , floor), 0 for m >= lanes. in is float. */
    void (*decibel)(size_t n, const float *in, size_t stride, size_t lanes, double amin, double floor, void *rows);

    /* out[r * stride + m] = value m of row r, as float; complex rows as pairs re, im. */
    void (*store)(size_t n, const void *rows, size_t lanes, float *out, size_t stride);
    void (*store_complex)(size_t n, const void *rows, size_t lanes, float *out, size_t stride);
};

#endif
