/* sums.h - sums over long rows of numbers, in double whatever the number type: a large mean then costs no digits.
 *
 * Sums run side by side and are added in a fixed tree, so the bits depend on the length only. */

#define WIDE 8

typedef double doubles __attribute__((vector_size(WIDE * sizeof(double))));
typedef REAL reals __attribute__((vector_size(WIDE * REAL_BYTES), aligned(REAL_BYTES), may_alias));

INLINE doubles load_wide(const real *x) { return __builtin_convertvector(*(const reals *)x, doubles); }

/* The first n < WIDE values, and `other` behind them. */
INLINE doubles load_wide_some(const real *x, size_t n, double other) {
    doubles v = (doubles){ 0 } + other;
    for (size_t i = 0; i < n; i++) v[i] = (double)x[i];
    return v;
}

INLINE double add_up(doubles s) { return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])); }

/* The sum of term, a vector from place i on; STREAMS of them side by side, or each would wait for the last. */
#define STREAMS 4
#define SUM_OF(n, term, rest) do { \
        doubles sum_of[STREAMS] = { 0 }; \
        size_t i = 0; \
        for (; i + STREAMS * WIDE <= (n); ) \
            for (size_t stream = 0; stream < STREAMS; stream++, i += WIDE) sum_of[stream] += (term); \
        for (; i + WIDE <= (n); i += WIDE) sum_of[0] += (term); \
        return add_up((sum_of[0] + sum_of[2]) + (sum_of[1] + sum_of[3]) + (rest)); \
    } while (0)

INLINE doubles square(doubles d) { return d * d; }

/* The sum of x. */
static double total_of(const real *x, size_t n) { SUM_OF(n, load_wide(x + i), load_wide_some(x + i, n - i, 0)); }

/* The sum of (x - center)^2. */
static double squares_from(const real *x, double center, size_t n) {
    SUM_OF(n, square(load_wide(x + i) - center), square(load_wide_some(x + i, n - i, center) - center));
}

static double sum_squares(const void *x, size_t n) { return squares_from(x, 0, n); }

/* The sum of x y. */
static double dot_of(const real *x, const real *y, size_t n) {
    SUM_OF(n, load_wide(x + i) * load_wide(y + i), load_wide_some(x + i, n - i, 0) * load_wide_some(y + i, n - i, 0));
}
