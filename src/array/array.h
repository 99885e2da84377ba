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

/* "[1025, 44]" into out. */
const char *array_shape_text(const sori_array *a, char *out, size_t size);

/* Record SORI_EINVAL unless a is non-NULL, of that dtype and of at least min_ndim dimensions. */
bool array_check(sori_ctx *c, const char *who, const sori_array *a, sori_dtype dtype, int min_ndim);

#endif
