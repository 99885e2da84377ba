/* gemm.h - matrix product of small and middle sizes: C = A B, or C += A B.
 *
 * A [m, k] is read through two strides, so A and its transpose cost the same. B [k, n] is used where it lies if its
 * rows are contiguous, else copied panel by panel. A tile of rows x vectors of C stays in registers over KC steps of k;
 * with 32 registers 6 x 4 or 12 x 2 vectors keep two multiply-adds a cycle busy. Every element of C is summed in the
 * order of k whatever tile it falls in, so a row's bits do not depend on the rows beside it.
 *
 * Reference: K. Goto, R. van de Geijn, "Anatomy of high-performance matrix multiplication", TOMS 34(3), 2008. */

#define KC 256            /* steps of k a tile makes: a panel of B, KC x 4 vectors, stays in the second-level cache */
#define PANEL 4           /* vectors of a panel at most */
#if VECTOR_BYTES == 64
#define ROWS_BY_4 6       /* rows of a tile 4, 2, 1 vectors wide */
#define ROWS_BY_2 12
#define ROWS_BY_1 16
#else
#define ROWS_BY_4 3       /* 16 registers */
#define ROWS_BY_2 5
#define ROWS_BY_1 8
#endif

typedef struct matrix {
    const real *p;
    size_t row, col;      /* strides, in elements */
} matrix;

/* c [rows, vectors * LANES] (+)= a [rows, k] b [k, vectors * LANES]; rows and vectors are constants. */
INLINE void tile(size_t k, matrix a, matrix b, real *c, size_t ldc, bool add, const int rows, const int vectors) {
    vec acc[ROWS_BY_1 > ROWS_BY_2 ? ROWS_BY_1 : ROWS_BY_2][PANEL];
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++)
            acc[i][j] = add ? load(c + (size_t)i * ldc + (size_t)j * LANES) : (vec){ 0 };
    for (size_t l = 0; l < k; l++) {
        vec w[PANEL];
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++) w[j] = load(b.p + l * b.row + (size_t)j * LANES);
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++) {
            real s = a.p[(size_t)i * a.row + l * a.col];
#pragma GCC unroll 4
            for (int j = 0; j < vectors; j++) acc[i][j] += s * w[j];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++) store(c + (size_t)i * ldc + (size_t)j * LANES, acc[i][j]);
}

INLINE void column(size_t m, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add, const int rows,
                   const int vectors) {
    size_t i = 0;
    for (; i + (size_t)rows <= m; i += (size_t)rows, a.p += (size_t)rows * a.row)
        tile(k, a, b, c + i * ldc, ldc, add, rows, vectors);
    for (; i + 2 <= m; i += 2, a.p += 2 * a.row) tile(k, a, b, c + i * ldc, ldc, add, 2, vectors);
    for (; i < m; i++, a.p += a.row) tile(k, a, b, c + i * ldc, ldc, add, 1, vectors);
}

/* One panel of whole vectors. */
static void panel_4(size_t m, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    column(m, k, a, b, c, ldc, add, ROWS_BY_4, 4);
}
static void panel_2(size_t m, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    column(m, k, a, b, c, ldc, add, ROWS_BY_2, 2);
}
static void panel_1(size_t m, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    column(m, k, a, b, c, ldc, add, ROWS_BY_1, 1);
}

/* The last n < LANES columns: computed on rows of one whole vector, of which n elements are copied back. */
static void panel_tail(size_t m, size_t n, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    for (size_t i = 0; i < m; i++, a.p += a.row) {
        real row[LANES] = { 0 };
        if (add) memcpy(row, c + i * ldc, n * sizeof *row);
        tile(k, a, b, row, LANES, true, 1, 1);
        memcpy(c + i * ldc, row, n * sizeof *row);
    }
}

/* b's [k, n] into packed [k, width], zeros behind column n. */
static matrix pack(size_t k, size_t n, size_t width, matrix b, real *packed) {
    for (size_t l = 0; l < k; l++) {
        real *to = packed + l * width;
        const real *from = b.p + l * b.row;
        for (size_t j = 0; j < n; j++) to[j] = from[j * b.col];
        for (size_t j = n; j < width; j++) to[j] = 0;
    }
    return (matrix){ packed, width, 1 };
}

static void product_panels(size_t m, size_t n, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    real packed[KC * PANEL * LANES];
    for (size_t j = 0; j < n;) {
        size_t vectors = (n - j) / LANES, width;
        vectors = vectors >= 4 ? 4 : vectors >= 2 ? 2 : vectors;
        width = vectors ? vectors * LANES : n - j;
        for (size_t l = 0; l < k; l += KC) {
            size_t steps = BASE_MIN((size_t)KC, k - l);
            matrix x = { a.p + l * a.col, a.row, a.col };
            matrix y = { b.p + l * b.row + j * b.col, b.row, b.col };
            if (b.col != 1 || vectors == 0) y = pack(steps, width, vectors ? width : LANES, y, packed);
            bool sum = add || l > 0;
            if (vectors == 4) panel_4(m, steps, x, y, c + j, ldc, sum);
            else if (vectors == 2) panel_2(m, steps, x, y, c + j, ldc, sum);
            else if (vectors == 1) panel_1(m, steps, x, y, c + j, ldc, sum);
            else panel_tail(m, width, steps, x, y, c + j, ldc, sum);
        }
        j += width;
    }
}

INLINE real lanes_sum(vec v) {
    real s = 0;
    for (size_t i = 0; i < LANES; i++) s += v[i];
    return s;
}

/* Few rows against a long transposed B: dot products along k, which is contiguous in both. */
static void product_dots(size_t m, size_t n, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    size_t whole = k / LANES * LANES;
    for (size_t j = 0; j < n; j++) {
        const real *y = b.p + j * b.col;
        for (size_t i = 0; i < m; i++) {
            const real *x = a.p + i * a.row;
            vec sum[4] = { 0 };
            size_t l = 0;
            for (; l + 4 * LANES <= whole; l += 4 * LANES)
#pragma GCC unroll 4
                for (size_t u = 0; u < 4; u++) sum[u] += load(x + l + u * LANES) * load(y + l + u * LANES);
            for (; l < whole; l += LANES) sum[0] += load(x + l) * load(y + l);
            real s = lanes_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
            for (; l < k; l++) s += x[l] * y[l];
            c[i * ldc + j] = add ? c[i * ldc + j] + s : s;
        }
    }
}

static void product_small(size_t m, size_t n, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            real s = add ? c[i * ldc + j] : 0;
            for (size_t l = 0; l < k; l++) s += a.p[i * a.row + l * a.col] * b.p[l * b.row + j * b.col];
            c[i * ldc + j] = s;
        }
}

/* c [m, n] = a [m, k] b [k, n], or += with add. Which way is taken depends on n and k alone, so that a sample's bits
 * are the same in any batch; only the dots ask for few rows, and they serve gradients. */
static void product(size_t m, size_t n, size_t k, matrix a, matrix b, real *c, size_t ldc, bool add) {
    if (n * k <= 64) product_small(m, n, k, a, b, c, ldc, add);
    else if (b.col != 1 && b.row == 1 && a.col == 1 && m <= 16 && k >= 128) product_dots(m, n, k, a, b, c, ldc, add);
    else product_panels(m, n, k, a, b, c, ldc, add);
}
