/* num/kernel/kernel.h - the inside of a transform's plan, for the kernels. Private to num.
 *
 * The sources in this folder are compiled once per instruction set and precision: REAL is float or double, a vector
 * has VECTOR_BYTES bytes. Data pointers are void: they hold REAL unless said otherwise. Lanes never mix. */
#ifndef NUM_KERNEL_H
#define NUM_KERNEL_H

#include "num/num.h"

#define NUM_MAX_PASSES 64        /* more than log2 of any length */
#define NUM_MAX_RADIX 31         /* larger prime factors go through Bluestein's chirp transform */

/* One pass of a transform: every group of `length` rows becomes `radix` groups of `sub` rows. */
typedef struct num_pass {
    size_t radix, length, sub;   /* length = radix * sub */
    void *twiddle;               /* [sub][radix - 1] complex: w^(j p), w = exp(-2 pi i / length) */
    void *roots;                 /* [radix] complex: exp(-2 pi i p / radix) */
} num_pass;

/* One signal along the lanes: a table of `tall` rows and columns <= 16. See single.inc. */
typedef struct num_single {
    size_t columns, tall;        /* columns * tall = the transform's rows */
    num_fft *down, *across;      /* complex transforms of tall and of columns points */
    void *twiddle;               /* [tall] complex rows: w^(c k) in lane c, w = exp(-2 pi i / (columns * tall)) */
} num_single;

struct num_fft {
    const num_kernels *k;
    size_t n;                    /* points: real samples or complex values */
    size_t rows;                 /* complex rows of the block transformed: n, or n / 2 when packed */
    size_t work;                 /* rows of work space, >= rows */
    bool real, packed;           /* packed (real, n even): row j holds samples 2j (re) and 2j + 1 (im) */
    int passes;                  /* 0 with Bluestein */
    num_pass pass[NUM_MAX_PASSES];
    uint32_t *row_of;            /* [rows] the row where frequency k lies after the passes */
    void *unpack;                /* [n / 4 + 16] complex exp(-2 pi i k / n), when packed: whole vectors can be read */
    num_single single;           /* columns 0: there are none; see num_along_lanes */
    num_fft *inner;              /* Bluestein: complex transform of >= 2 rows - 1 points */
    void *chirp;                 /* [rows + 16] complex exp(-pi i j^2 / rows), zeros behind */
    void *chirp_spectrum;        /* [inner->rows] complex, already divided by their number */
};

/* Values of a planar signal, with at least 16 behind them, so that whole rows can be read. */
static inline size_t num_planar(const num_fft *f) { return base_round_up(f->rows + NUM_LANES, NUM_LANES); }

/* Whether one signal goes along the lanes, by columns or by the columns of Bluestein's inner transform. */
static inline bool num_along_lanes(const num_fft *f) {
    return f->single.columns || (f->inner && f->inner->single.columns);
}

/* fft.c: exp(-2 pi i k / n), k < n, from two tables of pairs; closed also after a failure. */
typedef struct num_roots { double *coarse, *fine; } num_roots;
bool num_roots_open(sori_ctx *c, num_roots *r, size_t n);
void num_roots_close(sori_ctx *c, num_roots *r);
void num_root(const num_roots *r, size_t k, double *re, double *im);

/* single.c: the plan's part for one signal; roots are those of f->n. */
size_t num_single_columns(size_t rows);   /* 0: none */
bool num_single_make(sori_ctx *c, num_fft *f, const num_roots *roots);
void num_single_free(sori_ctx *c, num_fft *f);

/* fft.c: as num_fft_new, without that part. */
num_fft *num_fft_new_block(sori_ctx *c, const num_kernels *k, size_t n);

#endif
