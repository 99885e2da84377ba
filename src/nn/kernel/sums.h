/* sums.h - sums over long rows of numbers, in double whatever the number type: a large mean then costs no digits.
 *
 * Eight sums run side by side and are added in a fixed tree, so the bits depend on the length only. */

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

/* The sum of x. */
static double total_of(const real *x, size_t n) {
    doubles a = { 0 }, b = { 0 };
    size_t i = 0;
    for (; i + 2 * WIDE <= n; i += 2 * WIDE) {
        a += load_wide(x + i);
        b += load_wide(x + i + WIDE);
    }
    for (; i + WIDE <= n; i += WIDE) a += load_wide(x + i);
    return add_up(a + b + load_wide_some(x + i, n - i, 0));
}

/* The sum of (x - center)^2. */
static double squares_from(const real *x, double center, size_t n) {
    doubles a = { 0 }, b = { 0 }, d;
    size_t i = 0;
    for (; i + 2 * WIDE <= n; i += 2 * WIDE) {
        d = load_wide(x + i) - center;
        a += d * d;
        d = load_wide(x + i + WIDE) - center;
        b += d * d;
    }
    for (; i + WIDE <= n; i += WIDE) {
        d = load_wide(x + i) - center;
        a += d * d;
    }
    d = load_wide_some(x + i, n - i, center) - center;
    return add_up(a + b + d * d);
}

/* The sum of x y. */
static double dot_of(const real *x, const real *y, size_t n) {
    doubles a = { 0 }, b = { 0 };
    size_t i = 0;
    for (; i + 2 * WIDE <= n; i += 2 * WIDE) {
        a += load_wide(x + i) * load_wide(y + i);
        b += load_wide(x + i + WIDE) * load_wide(y + i + WIDE);
    }
    for (; i + WIDE <= n; i += WIDE) a += load_wide(x + i) * load_wide(y + i);
    return add_up(a + b + load_wide_some(x + i, n - i, 0) * load_wide_some(y + i, n - i, 0));
}
