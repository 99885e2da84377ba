/* real.h - the number type and vectors of a kernel file, set by ops_f32.c and ops_f64.c before they include the rest.
 *
 * Vectors are GCC's: VECTOR_BYTES wide, one source for SSE, AVX2, AVX-512 and anything else the compiler knows. */
#include "nn/nn.h"
#include <math.h>
#include <string.h>
#if VECTOR_BYTES == 64
#include <immintrin.h>
#endif

typedef REAL real;
typedef REAL vec __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));   /* in memory too */

#define LANES (VECTOR_BYTES / sizeof(real))
#define INLINE static inline __attribute__((always_inline))

typedef REAL vector __attribute__((vector_size(VECTOR_BYTES)));
typedef INT int_vector __attribute__((vector_size(VECTOR_BYTES)));
#include "num/elementary.h"

INLINE vec load(const real *p) { return *(const vec *)p; }
INLINE void store(real *p, vec v) { *(vec *)p = v; }

/* The first n < LANES values of a vector, zeros behind them. */
#if VECTOR_BYTES == 64
INLINE vec load_some(const real *p, size_t n) {
#if REAL_BYTES == 4
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
    return (vec)_mm512_maskz_loadu_pd((__mmask8)((1u << n) - 1), p);
#endif
}
INLINE void store_some(real *p, vec v, size_t n) {
#if REAL_BYTES == 4
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
    _mm512_mask_storeu_pd(p, (__mmask8)((1u << n) - 1), (__m512d)v);
#endif
}
#else
INLINE vec load_some(const real *p, size_t n) {
    vec v = { 0 };
    memcpy(&v, p, n * sizeof *p);
    return v;
}
INLINE void store_some(real *p, vec v, size_t n) { memcpy(p, &v, n * sizeof *p); }
#endif

/* a > b ? a : b; compilers do not see that this is one instruction. */
INLINE vec larger(vec a, vec b) {
#if VECTOR_BYTES == 64 && REAL_BYTES == 4
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif VECTOR_BYTES == 64
    return (vec)_mm512_max_pd((__m512d)a, (__m512d)b);
#else
    return (vec)choose((int_vector)(a > b), (vector)a, (vector)b);
#endif
}

/* f of n values, x to y; the last few go through a whole vector too, so that no value's bits depend on its place. */
#define EACH(n, x, y, f) do { \
        size_t each_i = 0; \
        for (; each_i + LANES <= (n); each_i += LANES) store((y) + each_i, f((vector)load((x) + each_i))); \
        if (each_i < (n)) \
            store_some((y) + each_i, f((vector)load_some((x) + each_i, (n) - each_i)), (n) - each_i); \
    } while (0)

/* The same of two: y = f(a, b), where y may be a or b. */
#define EACH2(n, a, b, y, f) do { \
        size_t each_i = 0; \
        for (; each_i + LANES <= (n); each_i += LANES) \
            store((y) + each_i, f((vector)load((a) + each_i), (vector)load((b) + each_i))); \
        if (each_i < (n)) \
            store_some((y) + each_i, f((vector)load_some((a) + each_i, (n) - each_i), \
                                       (vector)load_some((b) + each_i, (n) - each_i)), (n) - each_i); \
    } while (0)
