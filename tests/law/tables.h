/* tables.h - for laws of kernels: every instruction set this machine has, in both precisions. */
#ifndef LAW_TABLES_H
#define LAW_TABLES_H

#include "test.h"
#include "num/num.h"

static inline void for_each_table(void (*check)(const num_kernels *k)) {
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    for (size_t s = 0; s < BASE_COUNT(isas); s++)
        for (int exact = 0; exact < 2; exact++) {
            const num_kernels *k = num_kernels_find(isas[s], exact);
            if (k) check(k);
        }
}

/* num_put, and what was stored after rounding. */
static inline double stored(const num_kernels *k, void *values, size_t i, double x) {
    num_put(k, values, i, x);
    return num_get(k, values, i);
}

#endif
