/* slide.h - the three products of a convolution, straight from the image: nothing is gathered.
 *
 *   image [h, w, c], already with its zeros around it. Pixel p of the output sees runs of values behind in[p]; the runs
 *   one after the other, k = 0, 1, ..., are the rows of W
 *
 *   forward    y [pixels, filters]  = sum over k, l of in[p][offset(k) + l] W[k length + l, filters]
 *   gradient   dW[k length + l, filters] += sum over p of in[p][offset(k) + l] dy[p, filters]
 *
 * A kernel row of an image without dilation is one run of kw * c values, so a 3x3 convolution has three runs. Both are
 * the same tile in registers: SLIDE_ROWS values that are broadcast against two vectors of filters, 16 multiply-adds for
 * ten loads, which keeps both multipliers busy (over 95 % of the peak from 16 channels on).
 *
 * Filters are padded with zeros to whole vectors in the packed weights (slide_width); what lies behind the last filter
 * is computed and dropped. */

#if VECTOR_BYTES == 64
#define SLIDE_ROWS 8      /* of 32 registers: 16 sums, 2 weights, the rest for addresses of broadcasts */
#else
#define SLIDE_ROWS 4      /* of 16 */
#endif
#define SLIDE_SUMS 9      /* rows of a gradient's tile at most */
#define SLIDE_HALF (SLIDE_ROWS / 2)
#define SLIDE_BLOCK 96    /* pixels whose places are worked out at a time; a multiple of SLIDE_ROWS */

/* Keeps the compiler from giving every row of a tile an address of its own, stepped or spilled at every turn. */
#define SLIDE_OPAQUE(x) __asm__("" : "+r"(x))

typedef struct slide_runs {
    size_t down, across;            /* runs: kernel rows, and columns where a row is not one run */
    size_t down_step, across_step;  /* from one to the next, in values */
    size_t length;
} slide_runs;

/* Packed: rows of W, and the bias, `width` filters wide in whole vectors. */
typedef struct slide_weights {
    const real *w, *bias;   /* bias NULL: none */
    size_t width;
    bool relu;              /* what is negative becomes 0 */
} slide_weights;

INLINE size_t slide_width(size_t filters) { return (filters + LANES - 1) / LANES * LANES; }

INLINE size_t slide_offset(const slide_runs *t, size_t k) {
    return t->across == 1 ? k * t->down_step : k / t->across * t->down_step + k % t->across * t->across_step;
}

/* rows pixels, vectors of filters from f on; `columns` of them are stored to y, whose rows are ldy apart. */
INLINE void slide_tile(const slide_runs *t, const real *const *in, const slide_weights *k, size_t f, real *y,
                       size_t ldy, size_t columns, const int rows, const int vectors) {
    vec sum[SLIDE_ROWS][2], zero = { 0 };
    const real *w = k->w + f;
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++) sum[i][j] = k->bias ? load(k->bias + f + (size_t)j * LANES) : zero;
    for (size_t run = 0; run < t->down * t->across; run++) {
        size_t at = slide_offset(t, run), end = at + t->length;
        for (; at < end; at++, w += k->width) {
            vec v[2];
            SLIDE_OPAQUE(at);
#pragma GCC unroll 2
            for (int j = 0; j < vectors; j++) v[j] = load(w + (size_t)j * LANES);
#pragma GCC unroll 8
            for (int i = 0; i < rows; i++) {
                real s = in[i][at];
#pragma GCC unroll 2
                for (int j = 0; j < vectors; j++) sum[i][j] += s * v[j];
            }
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++) {
        real *to = y + (size_t)i * ldy;
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++)
            if (k->relu) sum[i][j] = (vec)positive((vector)sum[i][j]);
        size_t whole = columns / LANES, rest = columns % LANES;
#pragma GCC unroll 2
        for (size_t j = 0; j < (size_t)vectors; j++) {
            if (j < whole) store(to + j * LANES, sum[i][j]);
            else if (rest) store_some(to + j * LANES, sum[i][j], rest);
        }
    }
}

/* The last pixels go through a tile that begins before them: it writes the same again, faster than small ones. */
INLINE void slide_pixels(const slide_runs *t, const real *const *in, size_t pixels, const slide_weights *k, size_t f,
                         real *y, size_t ldy, size_t columns, const int vectors) {
    size_t p = 0;
    for (; p + SLIDE_ROWS <= pixels; p += SLIDE_ROWS)
        slide_tile(t, in + p, k, f, y + p * ldy, ldy, columns, SLIDE_ROWS, vectors);
    if (pixels - p > SLIDE_HALF && pixels >= SLIDE_ROWS) {
        p = pixels - SLIDE_ROWS;
        slide_tile(t, in + p, k, f, y + p * ldy, ldy, columns, SLIDE_ROWS, vectors);
        return;
    }
    for (; p < pixels && pixels >= SLIDE_HALF; p += SLIDE_HALF) {
        p = BASE_MIN(p, pixels - SLIDE_HALF);
        slide_tile(t, in + p, k, f, y + p * ldy, ldy, columns, SLIDE_HALF, vectors);
    }
    for (; p < pixels; p++) slide_tile(t, in + p, k, f, y + p * ldy, ldy, columns, 1, vectors);
}

static void slide_pixels_2(const slide_runs *t, const real *const *in, size_t pixels, const slide_weights *k,
                           size_t f, real *y, size_t ldy, size_t columns) {
    slide_pixels(t, in, pixels, k, f, y, ldy, columns, 2);
}
static void slide_pixels_1(const slide_runs *t, const real *const *in, size_t pixels, const slide_weights *k,
                           size_t f, real *y, size_t ldy, size_t columns) {
    slide_pixels(t, in, pixels, k, f, y, ldy, columns, 1);
}

/* y [pixels, filters], rows ldy apart, of pixels whose windows begin at in[p]. */
static void slide_forward(const slide_runs *t, const real *const *in, size_t pixels, const slide_weights *k,
                          size_t filters, real *y, size_t ldy) {
    for (size_t f = 0; f < filters;) {
        bool two = k->width - f >= 2 * LANES;
        size_t width = two ? 2 * LANES : LANES, columns = BASE_MIN(width, filters - f);
        (two ? slide_pixels_2 : slide_pixels_1)(t, in, pixels, k, f, y + f, ldy, columns);
        f += width;
    }
}

/* Rows of dW by vectors of filters: `length` at one place of each of `runs` runs, step apart. */
INLINE void slide_gradient_tile(const real *const *in, size_t at, size_t step, size_t pixels, const real *dy,
                                size_t filters, size_t columns, real *dw, const int runs, const int length,
                                const int vectors) {
    vec sum[SLIDE_SUMS][2];
    bool whole = columns == (size_t)vectors * LANES;
#pragma GCC unroll 9
    for (int i = 0; i < runs * length; i++)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++) sum[i][j] = (vec){ 0 };
    for (size_t p = 0; p < pixels; p++, dy += filters) {
        const real *x = in[p] + at;
        vec f[2];
        SLIDE_OPAQUE(x);
        if (whole) {
#pragma GCC unroll 2
            for (int j = 0; j < vectors; j++) f[j] = load(dy + (size_t)j * LANES);
        } else {
            f[0] = load_some(dy, columns);   /* one vector */
        }
#pragma GCC unroll 3
        for (int k = 0; k < runs; k++)
#pragma GCC unroll 8
            for (int i = 0; i < length; i++)
#pragma GCC unroll 2
                for (int j = 0; j < vectors; j++) sum[k * length + i][j] += x[(size_t)k * step + (size_t)i] * f[j];
    }
#pragma GCC unroll 9
    for (int i = 0; i < runs * length; i++) {
        real *to = dw + (size_t)i * filters;
        if (whole) {
#pragma GCC unroll 2
            for (int j = 0; j < vectors; j++)
                store(to + (size_t)j * LANES, load(to + (size_t)j * LANES) + sum[i][j]);
        } else {
            store_some(to, load_some(to, columns) + sum[i][0], columns);
        }
    }
}

INLINE void slide_gradient_run(const real *const *in, size_t at, size_t length, size_t pixels, const real *dy,
                               size_t filters, size_t columns, real *dw, const int vectors) {
    size_t l = 0;
    for (; l + SLIDE_ROWS <= length; l += SLIDE_ROWS)
        slide_gradient_tile(in, at + l, 0, pixels, dy, filters, columns, dw + l * filters, 1, SLIDE_ROWS, vectors);
    for (; l + 3 <= length; l += 3)
        slide_gradient_tile(in, at + l, 0, pixels, dy, filters, columns, dw + l * filters, 1, 3, vectors);
    for (; l < length; l++)
        slide_gradient_tile(in, at + l, 0, pixels, dy, filters, columns, dw + l * filters, 1, 1, vectors);
}

static void slide_gradient_run_2(const real *const *in, size_t at, size_t length, size_t pixels, const real *dy,
                                 size_t filters, real *dw) {
    slide_gradient_run(in, at, length, pixels, dy, filters, 2 * LANES, dw, 2);
}
static void slide_gradient_run_1(const real *const *in, size_t at, size_t length, size_t pixels, const real *dy,
                                 size_t filters, size_t columns, real *dw) {
    slide_gradient_run(in, at, length, pixels, dy, filters, columns, dw, 1);
}

/* A 3x3 kernel on one channel, whole. */
static void slide_gradient_nine(const slide_runs *t, const real *const *in, size_t pixels, const real *dy,
                                size_t filters, real *dw) {
    enum { VECTORS = SLIDE_ROWS / 4 };
    size_t f = 0;
    for (; f + VECTORS * LANES <= filters; f += VECTORS * LANES)
        slide_gradient_tile(in, 0, t->down_step, pixels, dy + f, filters, VECTORS * LANES, dw + f, 3, 3, VECTORS);
    for (; f < filters; f += LANES)
        slide_gradient_tile(in, 0, t->down_step, pixels, dy + f, filters, BASE_MIN(LANES, filters - f), dw + f, 3, 3,
                            1);
}

/* dW [runs * length, filters] += ... of pixels whose windows begin at in[p]. */
static void slide_gradient(const slide_runs *t, const real *const *in, size_t pixels, const real *dy, size_t filters,
                           real *dw) {
    if (t->down == 3 && t->across == 1 && t->length == 3) {
        slide_gradient_nine(t, in, pixels, dy, filters, dw);
        return;
    }
    for (size_t k = 0; k < t->down * t->across; k++) {
        real *to = dw + k * t->length * filters;
        size_t f = 0;
        for (; f + 2 * LANES <= filters; f += 2 * LANES)
            slide_gradient_run_2(in, slide_offset(t, k), t->length, pixels, dy + f, filters, to + f);
        for (; f < filters; f += LANES)
            slide_gradient_run_1(in, slide_offset(t, k), t->length, pixels, dy + f, filters,
                                 BASE_MIN(LANES, filters - f), to + f);
    }
}
