/* real.h - the number type and vectors of a kernel file, set by ops_f32.c and ops_f64.c before they include the rest.
 *
 * Vectors are GCC's: VECTOR_BYTES wide, one source for SSE, AVX2, AVX-512 and anything else the compiler knows. */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

typedef REAL real;
typedef REAL vec __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));

#define LANES (VECTOR_BYTES / sizeof(real))
#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const real *p) { return *(const vec *)p; }
INLINE void store(real *p, vec v) { *(vec *)p = v; }
