/* elementary.h - exp, log and their like of a vector of numbers, for the kernels of num and of nn.
 *
 * Included by a kernel file that has defined REAL, REAL_BYTES, INT, INLINE, and the types vector and int_vector.
 *
 *     exp    x = k ln 2 + r, |r| <= ln(2) / 2: e^x = 2^k (1 + p(r)), p Taylor's series of e^r - 1. ln 2 is subtracted
 *            in two parts, the first with so few digits that k times it is exact (Cody and Waite)
 *     expm1  2^k p + (2^k - 1): no digits are lost near 0
 *     log    x = 2^e m: ln m by the series of artanh, e ln 2 in the same two parts
 *     log1p  of 1 + x = 2^e m; what the sum loses in rounding, x - ((1 + x) - 1), is added to m
 *     pow    e^(p ln x)
 *
 * Errors, tested in tests/law/test_explog.c: exp, expm1, log, log1p within 3 units in the last place, pow within
 * 3 + 2 |p ln x| of them. Cody and Waite, Software Manual for the Elementary Functions, 1980. */

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#if REAL_BYTES == 4
#define MANTISSA_BITS 23
#define SQRT_HALF_BITS 0x3f3504f3            /* sqrt(1/2) as float */
#define LOG_TERMS 5                          /* 0.172^11 / 11 = 3.5e-10 */
#define EXP_TERMS 7                          /* 0.347^8 / 8! = 5e-9 */
#define EXPONENT_BIAS 127
#define ROUND_MAGIC 0x1.8p23                 /* adding it leaves the nearest whole number in the low bits */
#define LN2_HIGH 0x1.62e4p-1                 /* 15 digits: times a whole number below 2^9 it is exact */
#define LN2_LOW 0x1.7f7d1cf79abcap-20
#define EXP_LOW -87.33                       /* -126 ln 2: smaller results are not normal */
#define EXP_HIGH 88.37                       /* 127.49 ln 2 */
#define SMALLEST_NORMAL 0x1p-126
#define SUBNORMAL_SCALE 0x1p24
#define SUBNORMAL_BITS 24
#else
#define MANTISSA_BITS 52
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcd    /* sqrt(1/2) as double */
#define LOG_TERMS 10                         /* 0.172^21 / 21 = 4e-18 */
#define EXP_TERMS 14                         /* 0.347^15 / 15! = 1e-19 */
#define EXPONENT_BIAS 1023
#define ROUND_MAGIC 0x1.8p52                 /* adding it leaves the nearest whole number in the low bits */
#define LN2_HIGH 0x1.62e42feep-1             /* 32 digits: times a whole number below 2^12 it is exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
#define EXP_LOW -708.39                      /* -1022 ln 2: smaller results are not normal */
#define EXP_HIGH 709.42                      /* 1023.49 ln 2 */
#define SMALLEST_NORMAL 0x1p-1022
#define SUBNORMAL_SCALE 0x1p54
#define SUBNORMAL_BITS 54
#endif

INLINE vector choose(int_vector mask, vector yes, vector no) {
    return (vector)((mask & (int_vector)yes) | (~mask & (int_vector)no));
}

/* x within low .. high; NaN stays. */
INLINE vector held(vector x, REAL low, REAL high) {
#if defined __AVX512F__ && REAL_BYTES == 4
    return (vector)_mm512_max_ps(_mm512_set1_ps(low), _mm512_min_ps(_mm512_set1_ps(high), (__m512)x));
#elif defined __AVX512F__
    return (vector)_mm512_max_pd(_mm512_set1_pd(low), _mm512_min_pd(_mm512_set1_pd(high), (__m512d)x));
#else
    x = choose((int_vector)(x > high), (vector){ 0 } + high, x);
    return choose((int_vector)(x < low), (vector){ 0 } + low, x);
#endif
}

/* 1 / i! */
static const REAL exp_inverse_factorial[] = {
    1, 1, 1 / (REAL)2, 1 / (REAL)6, 1 / (REAL)24, 1 / (REAL)120, 1 / (REAL)720, 1 / (REAL)5040, 1 / (REAL)40320,
    1 / (REAL)362880, 1 / (REAL)3628800, 1 / (REAL)39916800, 1 / (REAL)479001600, 1 / (REAL)6227020800,
    1 / (REAL)87178291200,
};

/* --- on a vector -------------------------------------------------------------------------------------------- */

/* x is within EXP_LOW .. EXP_HIGH. -> e^r - 1, and 2^k in scale. */
INLINE vector exp_parts(vector x, vector *scale) {
    vector shifted = x * (REAL)1.44269504088896340736 + (REAL)ROUND_MAGIC, k = shifted - (REAL)ROUND_MAGIC;
    vector r = (x - k * (REAL)LN2_HIGH) - k * (REAL)LN2_LOW;
    vector series = r * exp_inverse_factorial[EXP_TERMS] + exp_inverse_factorial[EXP_TERMS - 1];
    for (int i = EXP_TERMS - 2; i >= 1; i--) series = series * r + exp_inverse_factorial[i];
    *scale = (vector)(((int_vector)shifted + EXPONENT_BIAS) << MANTISSA_BITS);
    return series * r;
}

INLINE vector exp_limited(vector x, vector *scale, vector *limited) {
    *limited = held(x, (REAL)EXP_LOW, (REAL)EXP_HIGH);
    return exp_parts(*limited, scale);
}

/* 0 below e^EXP_LOW, infinity above e^EXP_HIGH; NaN stays. */
INLINE vector exp_vector(vector x) {
    vector scale, limited, p = exp_limited(x, &scale, &limited), zero = { 0 };
    vector result = choose((int_vector)(x < (REAL)EXP_LOW), zero, scale * p + scale);
    result = choose((int_vector)(x > (REAL)EXP_HIGH), zero + (REAL)INFINITY, result);
    return choose((int_vector)(x != x), x, result);
}

INLINE vector expm1_vector(vector x) {
    vector scale, limited, p = exp_limited(x, &scale, &limited), zero = { 0 };
    vector result = choose((int_vector)(x < (REAL)EXP_LOW), zero - 1, scale * p + (scale - 1));
    result = choose((int_vector)(x > (REAL)EXP_HIGH), zero + (REAL)INFINITY, result);
    return choose((int_vector)(x != x), x, result);
}

/* ln((1 + f) 2^e), 1 + f in sqrt 1/2 .. sqrt 2. */
INLINE vector log_parts(vector f, vector e) {
    vector s = f / (f + 2), s2 = s * s, series = s2 * 0 + (REAL)1 / (2 * LOG_TERMS - 1);
    for (int i = LOG_TERMS - 2; i >= 1; i--) series = series * s2 + (REAL)1 / (REAL)(2 * i + 1);
    return e * (REAL)LN2_HIGH + (2 * s + (e * (REAL)LN2_LOW + 2 * s * (s2 * series)));
}

/* The exponent e of a positive, finite and normal x = 2^e m, m in sqrt 1/2 .. sqrt 2; and m - 1. */
INLINE int_vector log_split(vector x, vector *f) {
    int_vector bits = (int_vector)x, e = (bits - SQRT_HALF_BITS) >> MANTISSA_BITS;
    *f = (vector)(bits - (e << MANTISSA_BITS)) - 1;
    return e;
}

/* -infinity at 0, NaN below; subnormal numbers are scaled up first. */
INLINE vector log_vector(vector x) {
    vector zero = { 0 }, f;
    int_vector small = (int_vector)(x < (REAL)SMALLEST_NORMAL);
    int_vector e = log_split(choose(small, x * (REAL)SUBNORMAL_SCALE, x), &f) - (small & SUBNORMAL_BITS);
    vector result = log_parts(f, __builtin_convertvector(e, vector));
    result = choose((int_vector)(x == 0), zero - (REAL)INFINITY, result);
    result = choose((int_vector)(x < 0), zero + (REAL)NAN, result);
    return choose((int_vector)(x != x) | (int_vector)(x == zero + (REAL)INFINITY), x, result);
}

/* x > -1, or infinity. What 1 + x lost in rounding comes back as a part of m. */
INLINE vector log1p_vector(vector x) {
    vector u = x + 1, lost = x - (u - 1), f;
    int_vector e = log_split(u, &f), down = EXPONENT_BIAS - e;
    down &= ~(down >> (8 * REAL_BYTES - 1));                       /* 2^-128 counts as 0 */
    f += lost * (vector)(down << MANTISSA_BITS);                   /* 2^-e */
    vector result = log_parts(f, __builtin_convertvector(e, vector));
    return choose((int_vector)(x - x == 0), result, x);
}

/* x >= 0. */
INLINE vector pow_vector(vector x, REAL p) { return exp_vector(log_vector(x) * p); }
