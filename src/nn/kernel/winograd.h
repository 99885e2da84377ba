/* winograd.h - 3x3 convolutions with a quarter of the multiplications: F(4x4, 3x3).
 *
 *   Four by four outputs of one filter and channel are Y = A^T [(G g G^T) * (B^T d B)] A, with g the 3x3 kernel, d the
 *   6x6 values of the image they see, * element by element: 36 products instead of 144. Over all channels and filters
 *   each of the 36 elements is a matrix product, [tiles, channels] x [channels, filters]:
 *
 *     U[e] [c, filters]   of the weights, once a step          dU[e] += V[e]^T dM[e], then dW += G^T dU G
 *     V[e] [tiles, c]     of the image                         dM[e] = A dY A^T
 *     M[e] = V[e] U[e]    then Y = A^T M A
 *
 *   Channels lie in the lanes, so every transform is plain vector arithmetic, and a block of tiles stays in the
 *   second-level cache from one step to the next. Interpolation points 0, +-1, +-2, infinity: rounding is about six
 *   times that of direct sums (1e-6 of the largest value in float).
 *
 * A. Lavin, S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016. */

#define WINOGRAD_ELEMENTS 36
#define WINOGRAD_CACHE 81920   /* values of V and M together, 320 kB as float */

/* Tiles of a block: whole rows of the matrix product's registers. */
INLINE size_t winograd_block(size_t channels, size_t filters) {
    size_t row = WINOGRAD_ELEMENTS * (base_round_up(channels, NN_ROUND) + base_round_up(filters, NN_ROUND));
    return BASE_MAX(WINOGRAD_CACHE / row / 12 * 12, (size_t)12);
}

/* --- transforms along one axis ------------------------------------------------------------ */

INLINE void winograd_image(const vec d[6], vec t[6]) {   /* B^T d */
    vec even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], near = d[4] - d[2], far = 2 * (d[3] - d[1]);
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = near + far;
    t[4] = near - far;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

INLINE void winograd_output(const vec m[6], vec y[4]) {   /* A^T m */
    vec sum1 = m[1] + m[2], difference1 = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = m[0] + sum1 + sum2;
    y[1] = difference1 + 2 * difference2;
    y[2] = sum1 + 4 * sum2;
    y[3] = difference1 + 8 * difference2 + m[5];
}

INLINE void winograd_output_back(const vec y[4], vec m[6]) {   /* A y */
    vec even1 = y[0] + y[2], odd1 = y[1] + y[3], even2 = y[0] + 4 * y[2], odd2 = 2 * y[1] + 8 * y[3];
    m[0] = y[0];
    m[1] = even1 + odd1;
    m[2] = even1 - odd1;
    m[3] = even2 + odd2;
    m[4] = even2 - odd2;
    m[5] = y[3];
}

INLINE void winograd_weights(const vec g[3], vec u[6]) {   /* G g */
    vec outer = (g[0] + g[2]) / -6, middle = g[1] / 6, wide = g[0] / 24 + g[2] / 6, half = g[1] / 12;
    u[0] = g[0] / 4;
    u[1] = outer - middle;
    u[2] = outer + middle;
    u[3] = wide + half;
    u[4] = wide - half;
    u[5] = g[2];
}

INLINE void winograd_weights_back(const vec u[6], vec g[3]) {   /* G^T u */
    vec sum1 = (u[1] + u[2]) / -6, sum2 = u[3] + u[4];
    g[0] = u[0] / 4 + sum1 + sum2 / 24;
    g[1] = (u[2] - u[1]) / 6 + (u[3] - u[4]) / 12;
    g[2] = sum1 + sum2 / 6 + u[5];
}

/* --- weights ------------------------------------------------------------ */

INLINE vec winograd_load(const real *p, size_t lanes) { return lanes >= LANES ? load(p) : load_some(p, lanes); }

/* W [3, 3, rows, columns] -> U [36][rows][wide columns]. */
static void winograd_pack(const real *w, size_t rows, size_t columns, real *u) {
    size_t wide = slide_width(columns), tap = rows * columns, plane = rows * wide;
    for (size_t r = 0; r < rows; r++)
        for (size_t f = 0; f < columns; f += LANES) {
            vec g[3], down[6], t[6][3], line[6];
            for (size_t x = 0; x < 3; x++) {
                for (size_t y = 0; y < 3; y++)
                    g[y] = winograd_load(w + (3 * y + x) * tap + r * columns + f, columns - f);
                winograd_weights(g, down);
                for (size_t y = 0; y < 6; y++) t[y][x] = down[y];
            }
            for (size_t y = 0; y < 6; y++) {
                winograd_weights(t[y], line);
                for (size_t x = 0; x < 6; x++) store(u + (6 * y + x) * plane + r * wide + f, line[x]);
            }
        }
}

/* dW [3, 3, rows, columns] += of dU [36][rows][wide columns]. */
static void winograd_unpack(const real *u, size_t rows, size_t columns, real *dw) {
    size_t wide = slide_width(columns), tap = rows * columns, plane = rows * wide;
    for (size_t r = 0; r < rows; r++)
        for (size_t f = 0; f < columns; f += LANES) {
            vec line[6], across[3], t[3][6], g[3];
            for (size_t y = 0; y < 6; y++) {
                for (size_t x = 0; x < 6; x++) line[x] = load(u + (6 * y + x) * plane + r * wide + f);
                winograd_weights_back(line, across);
                for (size_t x = 0; x < 3; x++) t[x][y] = across[x];
            }
            for (size_t x = 0; x < 3; x++) {
                winograd_weights_back(t[x], g);
                for (size_t y = 0; y < 3; y++) {
                    real *to = dw + (3 * y + x) * tap + r * columns + f;
                    size_t lanes = BASE_MIN(LANES, columns - f);
                    if (lanes == LANES) store(to, load(to) + g[y]);
                    else store_some(to, load_some(to, lanes) + g[y], lanes);
                }
            }
        }
}

/* --- images ------------------------------------------------------------ */

/* An image cut into tiles of 4x4 outputs. */
typedef struct winograd_grid {
    size_t across, tiles;      /* tiles in a row; of all */
    size_t channels, filters;
    size_t row;                /* from a row of the framed image to the next, in values */
    size_t out[2];             /* the output's size: the last tiles may reach beyond it */
} winograd_grid;

/* V of tiles [first, first + count), [36][count][wide channels]. The framed image holds all that the tiles see. */
static void winograd_see(const winograd_grid *g, const real *framed, size_t first, size_t count, real *v) {
    size_t wide = slide_width(g->channels), plane = count * wide;
    for (size_t t = 0; t < count; t++) {
        size_t ty = (first + t) / g->across, tx = (first + t) % g->across;
        const real *image = framed + 4 * ty * g->row + 4 * tx * g->channels;
        for (size_t c = 0; c < g->channels; c += LANES) {
            vec d[6], down[6], line[6][6];
            for (size_t x = 0; x < 6; x++) {
#pragma GCC unroll 6
                for (size_t y = 0; y < 6; y++)
                    d[y] = winograd_load(image + y * g->row + x * g->channels + c, g->channels - c);
                winograd_image(d, down);
#pragma GCC unroll 6
                for (size_t y = 0; y < 6; y++) line[y][x] = down[y];
            }
            real *to = v + t * wide + c;
            for (size_t y = 0; y < 6; y++) {
                winograd_image(line[y], down);
#pragma GCC unroll 6
                for (size_t x = 0; x < 6; x++) store(to + (6 * y + x) * plane, down[x]);
            }
        }
    }
}

/* y of tiles [first, first + count) from M [36][count][wide filters], with bias (wide, or NULL) and ReLU. */
static void winograd_show(const winograd_grid *g, const real *m, size_t first, size_t count, const real *bias,
                          bool relu, real *y) {
    size_t wide = slide_width(g->filters), plane = count * wide;
    for (size_t t = 0; t < count; t++) {
        size_t oy = (first + t) / g->across * 4, ox = (first + t) % g->across * 4;
        size_t rows = BASE_MIN((size_t)4, g->out[0] - oy), columns = BASE_MIN((size_t)4, g->out[1] - ox);
        for (size_t f = 0; f < g->filters; f += LANES) {
            vec line[6], some[4], column[4][6], zero = { 0 };
            const real *from = m + t * wide + f;
            for (size_t i = 0; i < 6; i++) {
#pragma GCC unroll 6
                for (size_t j = 0; j < 6; j++) line[j] = load(from + (6 * i + j) * plane);
                winograd_output(line, some);
#pragma GCC unroll 4
                for (size_t j = 0; j < 4; j++) column[j][i] = some[j];
            }
            for (size_t j = 0; j < columns; j++) {
                winograd_output(column[j], some);
                for (size_t i = 0; i < rows; i++) {
                    vec value = some[i] + (bias ? load(bias + f) : zero);
                    real *to = y + ((oy + i) * g->out[1] + ox + j) * g->filters + f;
                    if (relu) value = (vec)positive((vector)value);
                    if (g->filters - f >= LANES) store(to, value);
                    else store_some(to, value, g->filters - f);
                }
            }
        }
    }
}

/* dM of tiles [first, first + count), [36][count][wide filters], from dy. */
static void winograd_show_back(const winograd_grid *g, const real *dy, size_t first, size_t count, real *m) {
    size_t wide = slide_width(g->filters), plane = count * wide;
    for (size_t t = 0; t < count; t++) {
        size_t oy = (first + t) / g->across * 4, ox = (first + t) % g->across * 4;
        size_t rows = BASE_MIN((size_t)4, g->out[0] - oy), columns = BASE_MIN((size_t)4, g->out[1] - ox);
        for (size_t f = 0; f < g->filters; f += LANES) {
            vec some[4], line[6], column[6][4];
            for (size_t j = 0; j < 4; j++) {
                for (size_t i = 0; i < 4; i++)
                    some[i] = i < rows && j < columns
                                  ? winograd_load(dy + ((oy + i) * g->out[1] + ox + j) * g->filters + f,
                                                  g->filters - f)
                                  : (vec){ 0 };
                winograd_output_back(some, line);
#pragma GCC unroll 6
                for (size_t i = 0; i < 6; i++) column[i][j] = line[i];
            }
            real *to = m + t * wide + f;
            for (size_t i = 0; i < 6; i++) {
                winograd_output_back(column[i], line);
#pragma GCC unroll 6
                for (size_t j = 0; j < 6; j++) store(to + (6 * i + j) * plane, line[j]);
            }
        }
    }
}

/* --- the convolution of one image ------------------------------------------------------------ */

/* Elements of scratch: V and M of a block, and dU. */
INLINE size_t winograd_work(size_t channels, size_t filters) {
    size_t c = base_round_up(channels, NN_ROUND), f = base_round_up(filters, NN_ROUND);
    return WINOGRAD_ELEMENTS * (winograd_block(channels, filters) * (c + f) + channels * f);
}

static void winograd_forward(const winograd_grid *g, const real *framed, const real *u, const real *bias, bool relu,
                             real *work, real *y) {
    size_t block = winograd_block(g->channels, g->filters), c = slide_width(g->channels), f = slide_width(g->filters);
    real *v = work, *m = v + WINOGRAD_ELEMENTS * block * c;
    for (size_t first = 0; first < g->tiles; first += block) {
        size_t count = BASE_MIN(block, g->tiles - first);
        winograd_see(g, framed, first, count, v);
        for (size_t e = 0; e < WINOGRAD_ELEMENTS; e++)
            product_panels(count, f, g->channels, (matrix){ v + e * count * c, c, 1 },
                           (matrix){ u + e * g->channels * f, f, 1 }, m + e * count * f, f, false);
        winograd_show(g, m, first, count, bias, relu, y);
    }
}

/* dU += of one image; winograd_unpack adds it to dW. */
static void winograd_gradient(const winograd_grid *g, const real *framed, const real *dy, real *work, real *du) {
    size_t block = winograd_block(g->channels, g->filters), c = slide_width(g->channels), f = slide_width(g->filters);
    real *v = work, *m = v + WINOGRAD_ELEMENTS * block * c;
    for (size_t first = 0; first < g->tiles; first += block) {
        size_t count = BASE_MIN(block, g->tiles - first);
        winograd_see(g, framed, first, count, v);
        winograd_show_back(g, dy, first, count, m);
        for (size_t e = 0; e < WINOGRAD_ELEMENTS; e++)
            product_panels(g->channels, f, count, (matrix){ v + e * count * c, 1, c },
                           (matrix){ m + e * count * f, f, 1 }, du + e * g->channels * f, f, true);
    }
}
