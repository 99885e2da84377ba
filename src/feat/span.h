/* feat/span.h - frame numbers and times given as arrays of any real type. Private to feat. */
#ifndef FEAT_SPAN_H
#define FEAT_SPAN_H

#include "array/array.h"
#include "base/base.h"
#include <sori/structure.h>

/* Record SORI_EINVAL unless a is float32 or float64 of at least min_ndim axes, without NaN or infinity. */
bool feat_check_real(sori_ctx *c, const char *who, const sori_array *a, int min_ndim);

/* Frame numbers as they stand, [a->size] from base_alloc; NULL with the error recorded unless all are whole, >= 0 and
 * below 2^53, and a has `ndim` axes. */
int64_t *feat_frame_numbers(sori_ctx *c, const char *who, const sori_array *a, int ndim);

/* Sort n frame numbers, drop repetitions and those outside low .. high; how many are left. */
size_t feat_unique_frames(int64_t *frames, size_t n, int64_t low, int64_t high);

#endif
