/* arrays.h - arrays that several tests make, and what they compare of results. */
#ifndef TEST_ARRAYS_H
#define TEST_ARRAYS_H

#include "test.h"
#include "base/base.h"
#include <sori/array.h>

/* [rows, n] f32, all of one value. */
static inline sori_array *filled(sori_ctx *c, size_t rows, size_t n, float value) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ rows, n });
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = value;
    return a;
}

/* Of all bits; 0 for NULL. */
static inline uint64_t hash(const sori_array *a) {
    return a ? base_hash(BASE_HASH_START, a->data, a->size * sori_dtype_size(a->dtype)) : 0;
}

/* The same size and bits. */
static inline void assert_same(const sori_array *a, const sori_array *b) {
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->data, b->data, a->size * sori_dtype_size(a->dtype));
}

#endif
