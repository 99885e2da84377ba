/* array.c - making, converting and freeing arrays, and the scopes they belong to.
 *
 * Header and data are one allocation: [node][sori_array][padding][data], data 64-byte aligned for vector loads. */
#include "array/array.h"
#include "base/ctx.h"
#include <stdio.h>
#include <string.h>

/* Bytes from the allocation's start to the data. */
#define DATA_OFFSET ((sizeof(base_node) + sizeof(sori_array) + BASE_ALIGN - 1) / BASE_ALIGN * BASE_ALIGN)

size_t sori_dtype_size(sori_dtype dtype) {
    switch (dtype) {
    case SORI_F32: return 4;
    case SORI_F64: return 8;
    case SORI_C64: return 8;
    case SORI_C128: return 16;
    case SORI_I32: return 4;
    case SORI_I64: return 8;
    case SORI_U8: return 1;
    }
    return 0;
}

const char *sori_dtype_name(sori_dtype dtype) {
    switch (dtype) {
    case SORI_F32: return "float32";
    case SORI_F64: return "float64";
    case SORI_C64: return "complex64";
    case SORI_C128: return "complex128";
    case SORI_I32: return "int32";
    case SORI_I64: return "int64";
    case SORI_U8: return "uint8";
    }
    return "unknown";
}

bool array_size(sori_dtype dtype, int ndim, const size_t *shape, size_t *size) {
    size_t n = 1, bytes;
    for (int i = 0; i < ndim; i++)
        if (base_mul_overflows(n, shape[i], &n)) return false;
    *size = n;
    return !base_mul_overflows(n, sori_dtype_size(dtype), &bytes) && bytes <= SIZE_MAX / 2;
}

sori_array *array_new_raw(sori_ctx *c, sori_dtype dtype, int ndim, const size_t *shape) {
    size_t size = 0;
    if (base_failed(c)) return NULL;
    if (ndim < 0 || ndim > SORI_MAX_DIMS || !sori_dtype_size(dtype)) {
        sori_fail(c, SORI_EINVAL, "array: %d dimensions of dtype %d (at most %d)", ndim, (int)dtype, SORI_MAX_DIMS);
        return NULL;
    }
    if (!array_size(dtype, ndim, shape, &size)) {
        sori_fail(c, SORI_EINVAL, "array: the size of %d dimensions overflows", ndim);
        return NULL;
    }
    sori_array *a = base_scoped_alloc(c, DATA_OFFSET - sizeof(base_node) + size * sori_dtype_size(dtype));
    if (!a) return NULL;
    *a = (sori_array){ .dtype = dtype, .ndim = ndim, .size = size };
    a->data = (char *)a - sizeof(base_node) + DATA_OFFSET;
    for (int i = 0; i < ndim; i++) a->shape[i] = shape[i];
    return a;
}

sori_array *array_new_lead(sori_ctx *c, sori_dtype dtype, int lead, const size_t *lead_shape, int more,
                           const size_t *shape) {
    size_t all[2 * SORI_MAX_DIMS];
    for (int i = 0; i < lead; i++) all[i] = lead_shape[i];
    for (int i = 0; i < more; i++) all[lead + i] = shape[i];
    return array_new_raw(c, dtype, lead + more, all);
}

sori_array *sori_array_new(sori_ctx *c, sori_dtype dtype, int ndim, const size_t *shape) {
    sori_array *a = array_new_raw(c, dtype, ndim, shape);
    if (a) memset(a->data, 0, a->size * sori_dtype_size(dtype));
    return a;
}

sori_array *sori_array_from(sori_ctx *c, sori_dtype dtype, int ndim, const size_t *shape, const void *data) {
    sori_array *a = array_new_raw(c, dtype, ndim, shape);
    if (a && a->size) memcpy(a->data, data, a->size * sori_dtype_size(dtype));
    return a;
}

void sori_array_free(sori_ctx *c, sori_array *a) {
    if (c && a) base_scoped_free(c, a);
}

/* --- scopes ----------------------------------------------------------------------------------------------------- */

int sori_begin(sori_ctx *c) { return c ? (int)++c->depth : 0; }

sori_array *sori_end(sori_ctx *c, int scope, sori_array *keep) {
    if (!c || scope < 1 || (size_t)scope > c->depth) return keep;
    size_t outer = (size_t)scope - 1;
    if (keep) base_scoped_move(c, keep, outer);
    base_scope_close(c, outer);
    return keep;
}

void sori_keep(sori_ctx *c, sori_array *a) {
    if (c && a && c->depth > 0) base_scoped_move(c, a, c->depth - 1);
}

void array_detach(sori_ctx *c, sori_array *a) { base_scoped_place(c, a, 0); }
void array_attach(sori_ctx *c, sori_array *a) { base_scoped_place(c, a, c->depth); }

/* --- conversion: every value passes through a complex double, which holds all dtypes but large int64 exactly ---- */

static void read_value(const sori_array *a, size_t i, double *re, double *im) {
    *im = 0;
    switch (a->dtype) {
    case SORI_F32: *re = ((const float *)a->data)[i]; break;
    case SORI_F64: *re = ((const double *)a->data)[i]; break;
    case SORI_C64: *re = ((const float *)a->data)[2 * i]; *im = ((const float *)a->data)[2 * i + 1]; break;
    case SORI_C128: *re = ((const double *)a->data)[2 * i]; *im = ((const double *)a->data)[2 * i + 1]; break;
    case SORI_I32: *re = ((const int32_t *)a->data)[i]; break;
    case SORI_I64: *re = (double)((const int64_t *)a->data)[i]; break;
    case SORI_U8: *re = ((const uint8_t *)a->data)[i]; break;
    }
}

/* C leaves float to integer undefined outside the range, and for NaN: clamp, NaN becomes 0. */
static double clamp(double v, double lo, double hi) { return v >= hi ? hi : v > lo ? v : v <= lo ? lo : 0; }

static void write_value(sori_array *a, size_t i, double re, double im) {
    switch (a->dtype) {
    case SORI_F32: ((float *)a->data)[i] = (float)re; break;
    case SORI_F64: ((double *)a->data)[i] = re; break;
    case SORI_C64: ((float *)a->data)[2 * i] = (float)re; ((float *)a->data)[2 * i + 1] = (float)im; break;
    case SORI_C128: ((double *)a->data)[2 * i] = re; ((double *)a->data)[2 * i + 1] = im; break;
    case SORI_I32: ((int32_t *)a->data)[i] = (int32_t)clamp(re, INT32_MIN, INT32_MAX); break;
    case SORI_I64: ((int64_t *)a->data)[i] = (int64_t)clamp(re, -0x1p63, 0x1.fffffffffffffp62); break;
    case SORI_U8: ((uint8_t *)a->data)[i] = (uint8_t)clamp(re, 0, 255); break;
    }
}

static bool is_complex(sori_dtype d) { return d == SORI_C64 || d == SORI_C128; }

sori_array *sori_array_cast(sori_ctx *c, const sori_array *a, sori_dtype dtype) {
    if (base_failed(c) || !a) return NULL;
    if (is_complex(a->dtype) && !is_complex(dtype)) {
        sori_fail(c, SORI_EINVAL, "array: %s cannot become %s", sori_dtype_name(a->dtype), sori_dtype_name(dtype));
        return NULL;
    }
    if (dtype == a->dtype) return sori_array_from(c, dtype, a->ndim, a->shape, a->data);
    sori_array *b = array_new_raw(c, dtype, a->ndim, a->shape);
    for (size_t i = 0; b && i < a->size; i++) {
        double re = 0, im = 0;
        read_value(a, i, &re, &im);
        write_value(b, i, re, im);
    }
    return b;
}

/* --- checks ----------------------------------------------------------------------------------------------------- */

const char *array_shape_text(const sori_array *a, char *out, size_t size) {
    int n = base_format(out, size, "[");
    for (int i = 0; i < a->ndim && n > 0 && (size_t)n < size; i++)
        n += base_format(out + n, size - (size_t)n, i ? ", %zu" : "%zu", a->shape[i]);
    if (n > 0 && (size_t)n < size) base_format(out + n, size - (size_t)n, "]");
    return out;
}

bool array_check(sori_ctx *c, const char *who, const sori_array *a, sori_dtype dtype, int min_ndim) {
    char text[128];
    if (base_failed(c)) return false;
    if (!a) sori_fail(c, SORI_EINVAL, "%s: no array given", who);
    else if (a->dtype != dtype)
        sori_fail(c, SORI_EINVAL, "%s: needs %s, got %s", who, sori_dtype_name(dtype), sori_dtype_name(a->dtype));
    else if (a->ndim < min_ndim)
        sori_fail(c, SORI_EINVAL, "%s: needs at least %d dimensions, got shape %s", who, min_ndim,
                  array_shape_text(a, text, sizeof text));
    return !base_failed(c);
}
