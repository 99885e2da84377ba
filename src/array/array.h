/* array/array.h - what other rooms need of arrays beyond the public header. */
#ifndef ARRAY_ARRAY_H
#define ARRAY_ARRAY_H

#include "base/base.h"
#include <sori/array.h>

/* sori_array_new without the zeroing, for a caller who writes every element. */
sori_array *array_new_raw(sori_ctx *c, sori_dtype dtype, int ndim, const size_t *shape);

/* For an array that a handle holds while scopes open and close: out of its scope, and into the innermost one. */
void array_detach(sori_ctx *c, sori_array *a);
void array_attach(sori_ctx *c, sori_array *a);

/* The product of shape, or false if it or its bytes overflow. */
bool array_size(sori_dtype dtype, int ndim, const size_t *shape, size_t *size);

/* Not zeroed: `lead` first lengths of lead_shape, then `more` others. For results that keep an input's first axes. */
sori_array *array_new_lead(sori_ctx *c, sori_dtype dtype, int lead, const size_t *lead_shape, int more,
                           const size_t *shape);

/* Whether a, which may be NULL, holds float32 or float64. */
static inline bool array_is_real(const sori_array *a) { return a && (a->dtype == SORI_F32 || a->dtype == SORI_F64); }

/* Element i of any dtype but the complex ones. */
static inline double array_get(const sori_array *a, size_t i) {
    if (a->dtype == SORI_F32) return (double)((const float *)a->data)[i];
    if (a->dtype == SORI_F64) return ((const double *)a->data)[i];
    if (a->dtype == SORI_I32) return ((const int32_t *)a->data)[i];
    if (a->dtype == SORI_I64) return (double)((const int64_t *)a->data)[i];
    return a->dtype == SORI_U8 ? ((const uint8_t *)a->data)[i] : 0;
}

/* Element i of an array of float32 or float64. */
static inline void array_put(sori_array *a, size_t i, double v) {
    if (a->dtype == SORI_F64) ((double *)a->data)[i] = v;
    else ((float *)a->data)[i] = (float)v;
}

/* "[1025, 44]" into out. */
const char *array_shape_text(const sori_array *a, char *out, size_t size);

/* Record SORI_EINVAL unless a is non-NULL, of that dtype and of at least min_ndim dimensions. */
bool array_check(sori_ctx *c, const char *who, const sori_array *a, sori_dtype dtype, int min_ndim);

#endif
