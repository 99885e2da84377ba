/* real.h - the number type and vectors of a kernel file, set by ops_f32.c and ops_f64.c before they include the rest.
 *
 * Vectors are GCC's: VECTOR_BYTES wide, one source for SSE, AVX2, AVX-512 and anything else the compiler knows. */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

typedef REAL real;
typedef REAL vec __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));   /* in memory too */

#define LANES (VECTOR_BYTES / sizeof(real))
#define INLINE static inline __attribute__((always_inline))

typedef REAL vector __attribute__((vector_size(VECTOR_BYTES)));
typedef INT int_vector __attribute__((vector_size(VECTOR_BYTES)));
#include "num/elementary.h"

INLINE vec load(const real *p) { return *(const vec *)p; }
INLINE void store(real *p, vec v) { *(vec *)p = v; }

/* f of n values, x to y; the last few go through a whole vector too, so that no value's bits depend on its place. */
#define EACH(n, x, y, f) do { \
        size_t each_i = 0; \
        for (; each_i + LANES <= (n); each_i += LANES) store((y) + each_i, f((vector)load((x) + each_i))); \
        if (each_i < (n)) { \
            real each_last[LANES] = { 0 }; \
            memcpy(each_last, (x) + each_i, ((n) - each_i) * sizeof(real)); \
            store(each_last, f((vector)load(each_last))); \
            memcpy((y) + each_i, each_last, ((n) - each_i) * sizeof(real)); \
        } \
    } while (0)

/* The same of two: y = f(a, b), where y may be a or b. */
#define EACH2(n, a, b, y, f) do { \
        size_t each_i = 0; \
        for (; each_i + LANES <= (n); each_i += LANES) \
            store((y) + each_i, f((vector)load((a) + each_i), (vector)load((b) + each_i))); \
        if (each_i < (n)) { \
            real each_a[LANES] = { 0 }, each_b[LANES] = { 0 }; \
            memcpy(each_a, (a) + each_i, ((n) - each_i) * sizeof(real)); \
            memcpy(each_b, (b) + each_i, ((n) - each_i) * sizeof(real)); \
            store(each_a, f((vector)load(each_a), (vector)load(each_b))); \
            memcpy((y) + each_i, each_a, ((n) - each_i) * sizeof(real)); \
        } \
    } while (0)
